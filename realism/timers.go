package realism

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// timerRows are what the network's timers and the states of a phone leave.
func timerRows(p place) []row {
	timer := cmp.Or(float64(p.timerS)/60, 54)
	return []row{
		{id: "R03", figure: "idle", name: "updates of a phone on a day without use, median", unit: "updates", reference: "26.7 (1440/54); at least 24 in hourly polled feeds",
			low: 22, high: 30, source: "derived from R04; mtoou.info", measure: func(s *survey) value {
				h := s.signals.idleDays
				n := h.total(0, h.width)
				if n < 30 {
					return missing("%d days of SIMs without use, want 30", n)
				}
				v := s.estimate(n, func(w weights) float64 { return math.Floor(h.binned(w).quantile(0.5)) })
				v.note = "days of SIMs; periodic and tracking-area updates"
				v.charts = []Chart{single("Updates of a phone on a day without use", "updates", "share of days per update",
					density("days", h.binned(whole()).between(0, 60))).between(22, 30)}
				return v
			}},
		{id: "R04", figure: "timer", name: "commonest time between two periodic updates in a row", unit: "min", reference: fmt.Sprintf("T3412 = %g min, exactly", timer),
			low: timer, high: timer, source: "3GPP TS 24.301, table 10.2.1", calibrated: true, measure: timerMode},
		{id: "R04", figure: "spike", name: "periodic updates in the minute of the timer, over minutes nearby", unit: "times", reference: "a spike",
			low: 10, high: open, source: "3GPP TS 24.301, section 5.3.5", calibrated: true,
			measure: func(s *survey) value { return timerSpike(s, int(timer)) }},
		{id: "R07", figure: "connected", name: "handovers of phones whose last use opened a connection", unit: "%", reference: "all: an idle phone makes none",
			low: 99, high: open, source: "Toril et al. 2009, abstract (threshold: this project's)", measure: func(s *survey) value {
				if s.signals.handovers.total(of, of+1) == 0 {
					return missing("no handovers")
				}
				return s.ratio(s.signals.handovers, some, of, 100)
			}},
		{id: "R07", figure: "idle", name: "arrivals beyond the registered tracking areas told by an update or handover", unit: "%",
			reference: "all: this is what an idle phone shows", low: 99, high: open, source: "Toril et al. 2009, abstract (threshold: this project's)",
			measure: func(s *survey) value {
				if s.signals.entries.total(of, of+1) == 0 {
					return missing("not applicable: nobody changes the tracking area")
				}
				return s.ratio(s.signals.entries, some, of, 100)
			}},
		{id: "R07", figure: "predicts", name: "handovers predict updates: correlation by tracking area less that by cell", unit: "difference of r",
			reference: "above 0: handovers predict updates in the mean, badly in detail", low: 0, high: open, source: "Toril et al. 2009, abstract", measure: borderCorrelation},
	}
}

func timerMode(s *survey) value {
	best, all := 0, int64(0)
	for gap, n := range s.signals.periods {
		all += n
		if n > s.signals.periods[best] {
			best = gap
		}
	}
	if all < 30 {
		return missing("%d pairs of periodic updates in a row, want 30", all)
	}
	return value{v: float64(best) / 60, n: all, note: fmt.Sprintf("pairs; %.1f %% of them at that second", 100*float64(s.signals.periods[best])/float64(all))}
}

func timerSpike(s *survey, minute int) value {
	m := s.signals.minutes
	all, near, k := int64(0), 0.0, 0.0
	for i, n := range m {
		all += n
		if d := i - minute; d >= -15 && d <= 20 && (d < -1 || d > 1) {
			near, k = near+float64(n), k+1
		}
	}
	if all < 100 || minute >= len(m) {
		return missing("%d periodic updates with a record before, want 100", all)
	}
	v := value{v: float64(m[minute]) / max(near/k, 1), n: all, note: "periodic updates; nearby: 2 to 15 minutes before, 2 to 20 after"}
	b := binned{edges: even(0, 1, len(m)).edges}
	for _, n := range m {
		b.n = append(b.n, float64(n))
	}
	c := single("Time between a periodic update and the record before", "min", "share of updates per minute", density("periodic updates", b.between(0, 120)))
	c.LogY = true
	v.charts = []Chart{c}
	return v
}

// minBorders is how many borders a correlation takes.
const minBorders = 4

// borderCorrelation compares handovers and updates over the borders of tracking
// areas: summed up by pair of areas, and by pair of cells.
func borderCorrelation(s *survey) value {
	keys := make([]uint64, 0, len(s.signals.borders))
	for k := range s.signals.borders {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var fine, coarse [2][]float64
	index := map[uint64]int{}
	n := int64(0)
	for _, k := range keys {
		b := s.signals.borders[k]
		from, to := s.cells[k>>32], s.cells[uint32(k)]
		if from.Operator != to.Operator {
			continue
		}
		n += b[0] + b[1]
		area := uint64(from.TAC)<<32 | uint64(to.TAC)
		i, ok := index[area]
		if !ok {
			i = len(coarse[0])
			index[area] = i
			coarse[0], coarse[1] = append(coarse[0], 0), append(coarse[1], 0)
		}
		for side := range 2 {
			fine[side] = append(fine[side], float64(b[side]))
			coarse[side][i] += float64(b[side])
		}
	}
	if len(coarse[0]) < minBorders {
		return missing("%d borders between tracking areas are crossed, want %d", len(coarse[0]), minBorders)
	}
	areas, cells := stat.Correlation(coarse[0], coarse[1], nil), stat.Correlation(fine[0], fine[1], nil)
	return value{v: areas - cells, n: n, note: fmt.Sprintf("crossings; r = %.2f between %d pairs of areas, %.2f between %d pairs of cells",
		areas, len(coarse[0]), cells, len(fine[0]))}
}
