package benchmarks

import (
	"maps"
	"math"
	"slices"
)

// scoreTask turns an answer into rows; the headline comes last.
func (a *arena) scoreTask(p *probe, o *opened, got answered) (rows []Result, err error) {
	warnings := []string{}
	switch {
	case len(p.ceiling.without) == 0:
		warnings = append(warnings, "no interval at this zoning (interval_zonings)")
	case len(got.vsRaw.without) == 0:
		warnings = append(warnings, "no sampling interval: a table cannot be split by person")
	}
	err = guard("score", func() error {
		norm := replicated[float64]{full: normalised(got.vsTruth.full, p.floor.full, p.ceiling.full)}
		for g, v := range got.vsTruth.without {
			norm.without = append(norm.without, normalised(v, p.floor.without[g], p.ceiling.without[g]))
		}
		span := zip(p.ceiling, p.floor, func(c, n float64) float64 { return c - n })
		row := func(metric, unit string, v replicated[float64], baseline float64) Result {
			r := Result{Metric: metric, Unit: unit, Goal: "max", Value: v.full, Baseline: finite(baseline, 0), Warnings: warnings}
			if math.IsNaN(v.full) {
				return Result{Metric: metric, Unit: unit, Goal: "max", Status: NA, Error: "not defined here: nothing to divide by"}
			}
			r.Lo, r.Hi = r.Value, r.Value
			if len(v.without) > 1 {
				lo, hi := Jackknife(v.full, v.without)
				r.Lo, r.Hi = finite(lo, -1), finite(hi, 1)
			}
			return r
		}
		detail := p.job.task.Detail(p.full.truth, got.full)
		for _, name := range slices.Sorted(maps.Keys(detail)) {
			r := row(name, "", replicated[float64]{full: detail[name]}, 0)
			r.Goal, r.Warnings = "", append(slices.Clone(warnings), "against truth; no interval")
			rows = append(rows, r)
		}
		rows = append(rows,
			row(MetricCeiling, "score of raw against truth", p.ceiling, p.floor.full),
			row(MetricFloor, "score of the null predictor against truth", p.floor, p.floor.full),
			row(MetricSpan, "ceiling less floor", span, 0),
			row(MetricUtilityGT, "score against truth", got.vsTruth, p.floor.full),
			row(MetricUtilityNorm, "(score − floor) / (ceiling − floor)", norm, 0),
			row(MetricUtility, "score against raw", got.vsRaw, p.nullRaw))
		return nil
	})
	for i := range rows {
		rows[i].N, rows[i].Coverage, rows[i].Headline = a.activePersons(), a.coverage(o), i == len(rows)-1
	}
	return rows, err
}

// normalised is U, unclipped; where raw is no better than the null predictor
// there is no scale and U is not a number.
func normalised(score, floor, ceiling float64) float64 {
	if ceiling-floor <= 0 {
		return math.NaN()
	}
	return (score - floor) / (ceiling - floor)
}

func (a *arena) activePersons() int {
	n := 0
	for _, in := range a.active {
		if in {
			n++
		}
	}
	return n
}

// coverage is the share of members with raw records who have some in the
// release; tables speak of everybody.
func (a *arena) coverage(o *opened) float64 {
	if o.scan == nil {
		return 1
	}
	n, got := 0, 0
	for p, in := range a.active {
		if in {
			n++
			if o.scan.covered[p] || !o.kind.Linked() {
				got++
			}
		}
	}
	return float64(got) / float64(max(n, 1))
}
