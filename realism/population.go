package realism

import "fmt"

// populationRows are who lives there, with what SIMs.
func populationRows() []row {
	ofPeople := func(f func(s *survey) value) func(*survey) value {
		return func(s *survey) value {
			if s.people.persons == 0 {
				return missing(truthless)
			}
			return f(s)
		}
	}
	share := func(above, below int) func(*survey) value {
		return ofPeople(func(s *survey) value { return s.ratio(s.people.n, above, below, 100) })
	}
	operator := func(rank int) func(*survey) value {
		return ofPeople(func(s *survey) value {
			if rank >= len(s.people.operators) {
				return missing("not applicable: no SIM belongs to a further operator")
			}
			v := s.estimate(s.people.byOp.total(0, s.people.byOp.width), func(w weights) float64 {
				all := 0.0
				for i := range s.people.operators {
					all += s.people.byOp.at(w, i)
				}
				return 100 * s.people.byOp.at(w, rank) / all
			})
			v.note = s.people.operators[rank]
			return v
		})
	}
	const reuters = "Reuters, January 2014 (shares from counts)"
	return []row{
		{id: "R01", figure: "sims", name: "SIMs per 100 persons", unit: "SIMs", reference: "112.2 (1.57 billion, end of 2018)",
			low: 110.2, high: 114.2, source: "MIIT; Lin, Shen & Teng 2021", calibrated: true, measure: share(pSIMs, pPersons)},
		{id: "R34", figure: "sex", name: "males per 100 females", unit: "males", reference: "105.07 (China 2020)", low: 104.07, high: 106.07,
			source: "census 2020, Xinhua", calibrated: true, measure: share(pMale, pFemale)},
		{id: "R34", figure: "young", name: "persons under 15", unit: "%", reference: "17.95 %", low: 16.95, high: 18.95,
			source: "census 2020, Xinhua", calibrated: true, measure: ofPeople(func(s *survey) value {
				v := s.ratio(s.people.n, pUnder15, pPersons, 100)
				v.charts = []Chart{agesChart(s)}
				return v
			})},
		{id: "R34", figure: "old", name: "persons of 60 and over", unit: "%", reference: "18.7 %", low: 17.7, high: 19.7,
			source: "census 2020, Xinhua", calibrated: true, measure: share(pFrom60, pPersons)},
		{id: "R35", figure: "household", name: "persons per household", unit: "persons", reference: "2.62", low: 2.52, high: 2.72,
			calibrated: true, measure: ofPeople(func(s *survey) value {
				v := s.ratio(s.people.n, pPersons, pHouseholds, 1)
				v.charts = []Chart{sizesChart(s)}
				return v
			})},
		{id: "R36", figure: "preschool", name: "children of 3 to 5 in a kindergarten", unit: "%", reference: "85.2 % (2020; 83.4 in 2019, 81.7 in 2018)",
			low: 82.2, high: 88.2, source: "Ministry of Education", calibrated: true, measure: share(pPreschool, pAge3to5)},
		{id: "R37", figure: "employed", name: "employed persons", unit: "% of persons", reference: "about 53 %", low: 49, high: 57,
			calibrated: true, measure: share(pEmployed, pPersons)},
		{id: "R38", figure: "first", name: "share of the largest operator", unit: "% of SIMs", reference: "62.2 %", low: 59.2, high: 65.2,
			source: reuters, calibrated: true, measure: operator(0)},
		{id: "R38", figure: "second", name: "share of the second operator", unit: "% of SIMs", reference: "22.9 %", low: 19.9, high: 25.9,
			source: reuters, calibrated: true, measure: operator(1)},
		{id: "R38", figure: "third", name: "share of the third operator", unit: "% of SIMs", reference: "14.9 %", low: 11.9, high: 17.9,
			source: reuters, calibrated: true, measure: operator(2)},
	}
}

func agesChart(s *survey) Chart {
	b := binned{edges: even(0, 1, maxAge+1).edges, n: s.people.ages.weighted(whole())}.between(0, 100)
	return single("Age", "years", "share of persons per year", density("persons", b.rebin(20)))
}

func sizesChart(s *survey) Chart {
	n := s.people.sizes.weighted(whole())
	sum := 0.0
	for _, v := range n {
		sum += v
	}
	var labels []string
	series := Series{Name: "households", Mark: Bars}
	for size := 1; size <= 8; size++ {
		labels, series.Y = append(labels, fmt.Sprint(size)), append(series.Y, 100*n[size]/sum)
	}
	return bars("Persons in a household", "% of households", labels, series)
}
