package realism

import (
	"github.com/sigcity/sigcity"
)

// volumeRows are how much a phone signals, and what.
func volumeRows(p place) []row {
	records := row{id: "R02", figure: "records", name: "records per phone and day, median", unit: "records",
		reference: "100 in a curated feed", low: 60, high: 150, source: "Lin, Shen & Teng 2021, section 3.2; yunshudu.com", calibrated: true, measure: recordsOfPhones}
	if p.profile == "raw" {
		records.reference, records.low, records.high = "300–500 in a raw feed", 250, 550
	}
	out := []row{records,
		{id: "R05", figure: "calls-sms", name: "calls and messages per phone and day, mean", unit: "events", reference: "2–10", low: 1, high: 20,
			calibrated: true, measure: func(s *survey) value {
				return s.meanPerDay("users", func(u *userFigures) float64 { return float64(u.talk) })
			}},
	}
	for _, c := range []struct {
		figure, name string
		ref          string
		types        []sigcity.Event
	}{
		{"data", "service requests", "45–60 %", []sigcity.Event{sigcity.ServiceRequest}},
		{"periodic", "periodic updates", "15–25 %", []sigcity.Event{sigcity.PeriodicUpdate}},
		{"mobility", "tracking-area updates", "8–15 %", []sigcity.Event{sigcity.TrackingAreaUpdate}},
		{"handover", "handovers", "8–20 %", []sigcity.Event{sigcity.Handover}},
		{"calls-sms", "calls and messages", "2–5 %", []sigcity.Event{sigcity.CallOut, sigcity.CallIn, sigcity.SMSOut, sigcity.SMSIn}},
		{"attach-detach", "attach and detach", "about 1 %", []sigcity.Event{sigcity.Attach, sigcity.Detach}},
	} {
		out = append(out, row{id: "R06", figure: c.figure, name: c.name, unit: "% of records", reference: c.ref + " (weak)", low: open, high: open,
			measure: func(s *survey) value {
				v := s.estimate(s.records, func(w weights) float64 {
					n := s.signals.types.weighted(w)
					some, all := 0.0, 0.0
					for _, v := range n {
						all += v
					}
					for _, e := range c.types {
						some += n[e]
					}
					return 100 * some / all
				})
				if c.figure == "data" {
					v.charts = []Chart{typesChart(s)}
				}
				return v
			}})
	}
	return out
}

func recordsOfPhones(s *survey) value {
	p := newPerUser(s, func(u int) float64 { return float64(s.users[u].records) / s.people.days(u, s.days) })
	v := s.quantileOf(p, 0.5)
	h := newHistogram(even(0, 10, 60))
	for i, x := range p.v {
		h.put(p.group[i], x)
	}
	v.note = "SIMs; mean " + figureText(p.mean())
	v.charts = []Chart{single("Records of a phone", "records a day", "share of SIMs per record", density("SIMs", h.binned(whole())))}
	return v
}

// meanPerDay is the mean over users of a number, by day.
func (s *survey) meanPerDay(what string, f func(u *userFigures) float64) value {
	const value, seconds, users = 0, 1, 2
	n := newCounts(3)
	for u := range s.users {
		if g := s.people.group[u]; s.people.phone(sigcity.UserID(u)) {
			n.add(g, value, int64(f(&s.users[u])))
			n.add(g, seconds, int64(24*3600*s.people.days(u, s.days)))
			n.add(g, users, 1)
		}
	}
	v := s.estimate(n.total(users, users+1), func(w weights) float64 { return n.at(w, value) / (n.at(w, seconds) / (24 * 3600)) })
	v.note = what
	return v
}

func typesChart(s *survey) Chart {
	n := s.signals.types.weighted(whole())
	var labels []string
	series := Series{Name: "records", Mark: Bars}
	for _, e := range sigcity.Events() {
		labels, series.Y = append(labels, e.String()), append(series.Y, 100*n[e]/float64(s.records))
	}
	return bars("Types of records", "% of records", labels, series)
}
