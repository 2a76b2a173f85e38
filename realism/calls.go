package realism

import (
	"fmt"
)

// minCallers is how many users with enough calls a share of them takes.
const minCallers = 30

// callRows are the times between what users do.
func callRows() []row {
	const jo = "Jo, Karsai, Kertész & Kaski 2012"
	return []row{
		{id: "R09", figure: "weibull", name: "SIMs whose times between calls are Weibull rather than a power law", unit: "%",
			reference: "73 % Weibull, 3 % power law (100,000 most active users, China)", low: 50, high: open, source: "Jiang et al. 2013", days: 14,
			measure: func(s *survey) value {
				n := newCounts(pair)
				for u := range s.users {
					if w := s.users[u].weibull; w >= 0 {
						n.add(s.people.group[u], of, 1)
						n.add(s.people.group[u], some, int64(w))
					}
				}
				if n.total(of, of+1) < minCallers {
					return missing("%d SIMs make %d calls and more, want %d SIMs", n.total(of, of+1), minIntervals+1, minCallers)
				}
				v := s.ratio(n, some, of, 100)
				v.note = fmt.Sprintf("SIMs with more than %d calls made; maximum likelihood, Akaike's criterion", minIntervals)
				return v
			}},
		{id: "R09", figure: "bursty", name: "burstiness of calls made, without the hours of the week, median", unit: "B", reference: "above 0: the heavy tail is not the rhythm's",
			low: 0, high: open, source: jo, days: 14, measure: func(s *survey) value {
				p := newPerUser(s, func(u int) float64 { return float64(s.users[u].bursty) })
				if len(p.v) < minCallers {
					return missing("%d SIMs make %d calls and more, want %d SIMs", len(p.v), minIntervals+1, minCallers)
				}
				v := s.quantileOf(p, 0.5)
				v.note = fmt.Sprintf("SIMs with more than %d calls made", minIntervals)
				return v
			}},
		{id: "R09", figure: "population", name: "exponent of the times between calls made, all SIMs together", unit: "γ", reference: "power law with exponential cut-off",
			low: open, high: open, source: "Jiang et al. 2013", days: 4, measure: func(s *survey) value { return s.gapLaw(s.signals.calls, "calls made") }},
		{id: "R10", figure: "sent", name: "exponent of the times between calls and messages sent", unit: "γ", reference: "0.7–1.0", low: 0.5, high: 1.2, source: jo, days: 4,
			measure: func(s *survey) value { return s.gapLaw(s.signals.sent, "calls and messages sent") }},
		{id: "R10", figure: "used", name: "exponent of the times between records of use, background included", unit: "γ", reference: "0.7–1.0 for what users do", low: open, high: open, source: jo,
			days: 4, measure: func(s *survey) value { return s.gapLaw(s.signals.used, "records of use") }},
	}
}

// longestLaw is how long gaps are fitted, s: beyond a day they follow the
// calendar, and the value would depend on the length of the data set.
const longestLaw = 86400

// gapLaw fits a power law with exponential cut-off to gaps of up to a day, from
// where it holds best between 10 s and an hour.
func (s *survey) gapLaw(h histogram, what string) value {
	all, hi := h.binned(whole()), longestLaw*1.0
	law := truncatedPower(0)
	f, ok := tail(all, 10, 3600, hi, 0.5, law)
	if !ok || f.n < 500 {
		return missing("%.0f times between %s, want 500", f.n, what)
	}
	v := s.estimate(int64(f.n), h.exponent(f))
	part := all.between(f.lo, f.hi)
	cut := "no cut-off"
	if f.theta[1] < 0 {
		cut = fmt.Sprintf("cut-off %.1f h", -1/f.theta[1]/3600)
	}
	v.note = fmt.Sprintf("gaps of %s to %s, %s, KS %.3f", seconds(f.lo), seconds(f.hi), cut, f.ks)
	for _, other := range []shape{purePower(), exponential(), logNormal()} {
		if g, ok := fit(part, other); ok {
			v.note += fmt.Sprintf("; AIC of %s %+.0f", other.name, g.aic-f.aic)
		}
	}
	v.charts = []Chart{single("Time between "+what, "s", "share of gaps per second", density("gaps", all.between(1, hi).rebin(60)),
		curve("power law with cut-off", f, part, f.n/all.between(1, hi).total())).logLog()}
	return v
}

// seconds writes a time in the unit that suits it.
func seconds(v float64) string {
	switch {
	case v < 120:
		return fmt.Sprintf("%.0f s", v)
	case v < 7200:
		return fmt.Sprintf("%.0f min", v/60)
	case v < 2*86400:
		return fmt.Sprintf("%.0f h", v/3600)
	}
	return fmt.Sprintf("%.1f days", v/86400)
}
