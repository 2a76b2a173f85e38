package realism

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
)

// anonymityRows are how far traces tell people apart (R24–R26).
func anonymityRows() []row {
	const zang = "Zang & Bolot 2011, abstract (thresholds: this project's)"
	return []row{
		{id: "R24", figure: "unicity", name: "SIMs told from all others by 4 hours and cells, at 4 records a day", unit: "share",
			reference: "0.95 of 1.5 million users in 15 months; 0.93 of 60 million", low: 0.85, high: open,
			source: "de Montjoye et al. 2013; Farzanehfar et al. 2021", days: 3, measure: unicity},
		{id: "R25", figure: "first-second", name: "SIMs that share the top cell, over those that share the top two", unit: "ratio", reference: "much more: 1 ≫ 2",
			low: 2, high: open, source: zang, days: 7, measure: func(s *survey) value { return s.topSets(0) }},
		{id: "R25", figure: "second-third", name: "SIMs that share the top two cells, over those that share the top three", unit: "ratio", reference: "more: 2 > 3",
			low: 1, high: open, source: zang, days: 7, measure: func(s *survey) value { return s.topSets(1) }},
		{id: "R26", figure: "risk-utility", name: "fit of utility = −a risk^b + c", unit: "R²", reference: "a law of risk and utility (Shenzhen)", low: 0.9, high: open,
			source: "Yin et al. 2015", measure: func(*survey) value {
				return missing("not applicable: a law of anonymizations of the data, which a data set alone does not have; sigcity bench measures risk and utility")
			}},
	}
}

func unicity(s *survey) value {
	n := s.crowd.unique(s.people.group)
	if asked := n.total(tAsked, tAsked+1); asked < 50 {
		return missing("%d SIMs have %d different hours and cells, want 50", asked, crowdPoints)
	}
	v := s.ratio(n, tUnique, tAsked, 1)
	quarter := n.at(whole(), tUniqueInQuarter) / n.at(whole(), tAsked)
	v.note = fmt.Sprintf("SIMs asked for, among %d; %.3f among a quarter of them", s.people.phones(), quarter)
	v.charts = []Chart{single("Unicity by the size of the crowd", "SIMs", "share told from all others",
		Series{Name: fmt.Sprintf("%d hours and cells", crowdPoints), Mark: Points, X: []float64{float64(s.people.phones()) / 4, float64(s.people.phones())}, Y: []float64{quarter, v.v}}).logX()}
	return v
}

// topSets compares how many SIMs a SIM shares its k+1 most frequent cells with,
// in any order, and its k+2.
func (s *survey) topSets(k int) value {
	type tuple [3]sigcity.AreaID
	size := [3]*counts{newCounts(pair), newCounts(pair), newCounts(pair)}
	var means [3]float64
	for top := range 3 {
		sets := map[tuple]int64{}
		key := func(u int) (t tuple, ok bool) {
			x := &s.users[u]
			if int(x.tops) <= top {
				return t, false
			}
			t = tuple{^sigcity.AreaID(0), ^sigcity.AreaID(0), ^sigcity.AreaID(0)}
			copy(t[:], x.top[:top+1])
			slices.SortFunc(t[:], func(a, b sigcity.AreaID) int { return cmp.Compare(a, b) })
			return t, true
		}
		for u := range s.users {
			if t, ok := key(u); ok {
				sets[t]++
			}
		}
		for u := range s.users {
			if t, ok := key(u); ok {
				size[top].add(s.people.group[u], some, sets[t])
				size[top].add(s.people.group[u], of, 1)
			}
		}
		means[top] = size[top].at(whole(), some) / size[top].at(whole(), of)
	}
	v := s.estimate(size[k+1].total(of, of+1), func(w weights) float64 {
		return size[k].at(w, some) / size[k].at(w, of) / (size[k+1].at(w, some) / size[k+1].at(w, of))
	})
	v.note = fmt.Sprintf("SIMs; with the same top cell %.1f, top two %.2f, top three %.2f in the mean", means[0], means[1], means[2])
	if k == 0 {
		v.charts = []Chart{bars("SIMs with the same most frequent cells", "SIMs, mean", []string{"top 1", "top 2", "top 3"},
			Series{Name: "SIMs", Mark: Bars, Y: means[:]})}
	}
	return v
}
