package realism

import "fmt"

// commuteRows are the ways to work (R27, R28): figures of metropolises.
func commuteRows(p place) []row {
	// 44 cities by inhabitants (2021): over 10, 5 to 10, 3 to 5, 1 to 3 million.
	mean := 7.6
	switch {
	case p.inhabitants >= 10e6:
		mean = 9.4
	case p.inhabitants >= 5e6:
		mean = 8.7
	case p.inhabitants >= 3e6:
		mean = 7.8
	}
	const shine, caupd = "SHINE, Yicai (44 cities, 2021)", "CAUPD, press"
	return []row{
		{id: "R27", figure: "mean", name: "straight way to work, mean", unit: "km", reference: fmt.Sprintf("%.1f km in cities of this size class; Guangzhou 7.7, Beijing 11.3", mean),
			low: mean * 0.85, high: mean * 1.15, source: shine, scope: metropolis, calibrated: true, measure: commuteMean},
		{id: "R27", figure: "below-5", name: "workers with a way of less than 5 km", unit: "%", reference: "about 50 %", low: 42.5, high: 57.5, source: shine, scope: metropolis,
			measure: func(s *survey) value { return s.commutesBelow(5000) }},
		{id: "R27", figure: "below-7", name: "workers with a way of less than 7 km", unit: "%", reference: "60 % (Guangzhou, signaling, 2017)", low: 51, high: 69, source: "ifeng", scope: metropolis,
			measure: func(s *survey) value { return s.commutesBelow(7000) }},
		{id: "R28", figure: "mean", name: "time from home straight to work, mean", unit: "min", reference: "Shanghai 40 (2021), Guangzhou 39", low: 36, high: 44, source: caupd, scope: metropolis,
			measure: func(s *survey) value { return s.commuteTime(func(b binned) float64 { return b.mean() }, true) }},
		{id: "R28", figure: "over-60", name: "ways to work of more than an hour", unit: "%", reference: "18 % (Shanghai)", low: 13, high: 23, source: caupd, scope: metropolis,
			measure: func(s *survey) value {
				return s.commuteTime(func(b binned) float64 { return 100 * (1 - b.below(60)) }, false)
			}},
		{id: "R28", figure: "upto-45", name: "ways to work of up to 45 min", unit: "%", reference: "Guangzhou 71, Beijing 56, Shenzhen 77 % (2022)", low: 51, high: 82, source: caupd, scope: metropolis,
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
