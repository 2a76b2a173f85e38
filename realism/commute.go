package realism

import "fmt"

// commuteClass is what is published about the ways to work in cities of a size.
type commuteClass struct {
	name    string
	from    float64 // inhabitants
	km      float64 // mean straight way, 44 cities, 2021
	below5  float64 // % of workers with less than 5 km, 45 cities, 2022
	min     float64 // mean time, 2022
	over60  float64 // % of more than an hour, 2022
	upto45  [2]float64
	upto45s string
}

// commuteClassOf is the class of a city: the State Council's of 2014, in which the
// reports on commuting in China's main cities sum up. The smaller the city, the
// shorter and quicker the ways: figures of Shanghai say nothing of a city of a million.
func commuteClassOf(inhabitants float64) commuteClass {
	// Of ways up to 45 minutes only the two largest classes are published; in smaller cities
	// they are more.
	class := commuteClass{"of 1 to 3 million", 1e6, 7.6, 55, 32, 8, [2]float64{72, open}, "77 % in cities of 5 to 10 million; smaller ones have more"}
	for _, c := range []commuteClass{
		{"of 3 to 5 million", 3e6, 7.8, 53, 34, 8, class.upto45, class.upto45s},
		{"of 5 to 10 million", 5e6, 8.7, 50, 36, 11, [2]float64{72, 82}, "77 % in cities of 5 to 10 million"},
		{"of 10 million and more", 10e6, 9.4, 46, 40, 17, [2]float64{51, 82}, "69 % in cities of 10 million and more: Guangzhou 71, Beijing 56, Shenzhen 77 (2022)"},
	} {
		if inhabitants >= c.from {
			class = c
		}
	}
	return class
}

// commuteRows are the ways to work (R27, R28): figures of metropolises, by size class.
func commuteRows(p place) []row {
	c := commuteClassOf(p.inhabitants)
	below7 := [2]float64{open, open} // nothing is published for smaller cities than Guangzhou
	if p.inhabitants >= 10e6 {
		below7 = [2]float64{51, 69}
	}
	const shine, caupd = "SHINE, Yicai (44 cities, 2021)", "CAUPD, Monitoring Report on Commuting in China's Major Cities 2023 (45 cities, 2022), press"
	return []row{
		{id: "R27", figure: "mean", name: "straight way to work, mean", unit: "km", reference: fmt.Sprintf("%.1f km in cities %s; Guangzhou 7.7, Beijing 11.3", c.km, c.name),
			low: c.km * 0.85, high: c.km * 1.15, source: shine, scope: metropolis, calibrated: true, measure: commuteMean},
		{id: "R27", figure: "below-5", name: "workers with a way of less than 5 km", unit: "%", reference: fmt.Sprintf("%.0f %% in cities %s", c.below5, c.name),
			low: c.below5 * 0.85, high: c.below5 * 1.15, source: caupd, scope: metropolis,
			measure: func(s *survey) value { return s.commutesBelow(5000) }},
		{id: "R27", figure: "below-7", name: "workers with a way of less than 7 km", unit: "%", reference: "60 % (Guangzhou, signaling, 2017: 15 million inhabitants)", low: below7[0], high: below7[1], source: "ifeng", scope: metropolis,
			measure: func(s *survey) value { return s.commutesBelow(7000) }},
		{id: "R28", figure: "mean", name: "time from home straight to work, mean", unit: "min", reference: fmt.Sprintf("%.0f in cities %s", c.min, c.name), low: c.min - 4, high: c.min + 4,
			source: caupd, scope: metropolis,
			measure: func(s *survey) value { return s.commuteTime(func(b binned) float64 { return b.mean() }, true) }},
		{id: "R28", figure: "over-60", name: "ways to work of more than an hour", unit: "%", reference: fmt.Sprintf("%.0f %% in cities %s", c.over60, c.name), low: c.over60 - 5, high: c.over60 + 5,
			source: caupd, scope: metropolis, measure: func(s *survey) value {
				return s.commuteTime(func(b binned) float64 { return 100 * (1 - b.below(60)) }, false)
			}},
		{id: "R28", figure: "upto-45", name: "ways to work of up to 45 min", unit: "%", reference: c.upto45s, low: c.upto45[0], high: c.upto45[1], source: caupd, scope: metropolis,
			measure: func(s *survey) value {
				return s.commuteTime(func(b binned) float64 { return 100 * b.below(45) }, false)
			}},
	}
}

// minWays is how many ways to work a figure takes.
const minWays = 50

func commuteMean(s *survey) value {
	if s.people.persons == 0 {
		return missing(truthless)
	}
	sum, n := newCounts(1), int64(0)
	for i := range s.people.persons {
		if s.people.worker[i] {
			sum.add(s.people.pgroup[i], 0, int64(s.people.work[i].Dist(s.people.home[i])))
			n++
		}
	}
	if n < minWays {
		return missing("%d persons with a work place, want %d", n, minWays)
	}
	count := newCounts(1)
	for i := range s.people.persons {
		if s.people.worker[i] {
			count.add(s.people.pgroup[i], 0, 1)
		}
	}
	v := s.estimate(n, func(w weights) float64 { return sum.at(w, 0) / count.at(w, 0) / 1000 })
	all := s.people.commutes.binned(whole())
	v.note = fmt.Sprintf("workers; median %.1f km", all.quantile(0.5)/1000)
	v.charts = []Chart{single("Straight way to work", "m", "share of workers per m", density("workers", all.between(100, 1e5).rebin(50))).logX()}
	return v
}

func (s *survey) commutesBelow(m float64) value {
	if s.people.persons == 0 {
		return missing(truthless)
	}
	n := newCounts(pair)
	for i := range s.people.persons {
		if !s.people.worker[i] {
			continue
		}
		n.add(s.people.pgroup[i], of, 1)
		if s.people.work[i].Dist(s.people.home[i]) < m {
			n.add(s.people.pgroup[i], some, 1)
		}
	}
	if n.total(of, of+1) < minWays {
		return missing("%d persons with a work place, want %d", n.total(of, of+1), minWays)
	}
	v := s.ratio(n, some, of, 100)
	v.note = "workers"
	return v
}

func (s *survey) commuteTime(figure func(b binned) float64, chart bool) value {
	if s.lives == nil {
		return missing(truthless)
	}
	h := s.lives.commutes
	n := h.total(0, h.width)
	if n < minWays {
		return missing("%d trips from home straight to work, want %d", n, minWays)
	}
	v := s.estimate(n, func(w weights) float64 { return figure(h.binned(w)) })
	v.note = "trips from home straight to work"
	if chart {
		v.charts = []Chart{single("Time from home straight to work", "min", "share of trips per minute", density("trips", h.binned(whole()).between(0, 120).rebin(40)))}
	}
	return v
}
