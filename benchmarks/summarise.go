package benchmarks

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// InformativeSpan is the lower bound of ceiling − floor above which a task can
// tell good answers from bad ones.
const InformativeSpan = 0.05

// Summarise gathers the rows of a grid into marks, self-tests and a verdict.
//
// A mark's utility is the mean of the normalised scores of the informative
// tasks that the release answers, at the first zoning, each clipped to 0 … 1.
// Its half-width is the mean of the tasks' half-widths: right where their
// errors go together, else too wide. Its risk is one attack's figure, not a
// mean: of the realistic attacks' headlines the one whose lower bound is
// highest, so that noise in one of many attacks does not make the mark.
func Summarise(rows []Result, g Grid, facts DatasetFacts) *Summary {
	s := &Summary{Schema: SummarySchema, Synthetic: true, Dataset: facts, Counts: map[string]int{}, Problems: []Problem{}, Marks: []Mark{}}
	informative := informativeTasks(rows)
	byMark := map[string][]Result{}
	for _, r := range rows {
		s.Counts[r.Status]++
		if r.Status != OK && r.Status != NA {
			s.Problems = append(s.Problems, Problem{Label: markText(r), Probe: strings.TrimSpace(r.Probe + " " + r.Adversary + r.Zoning), Status: r.Status, Phase: r.Phase, Error: r.Error})
		}
		if !r.isSelfTest() {
			id := markID(r.Method, r.Params, r.Subset)
			byMark[id] = append(byMark[id], r)
		}
	}
	// The grid has been validated: Cells gives the order of marks.
	cells, _ := g.Cells()
	for _, c := range cells {
		if mine := byMark[c.id()]; len(mine) > 0 {
			s.Marks = append(s.Marks, newMark(c, mine, g, informative))
			delete(byMark, c.id())
		}
	}
	dominate(s.Marks)
	s.SelfTests = SelfTests(rows)
	s.Verdict = verdict(s)
	return s
}

// Failed is the number of rows that are neither ok nor n/a.
func (s *Summary) Failed() int {
	n := 0
	for status, k := range s.Counts {
		if status != OK && status != NA {
			n += k
		}
	}
	return n
}

// Sound reports whether every self-test that ran passed.
func (s *Summary) Sound() bool {
	return !slices.ContainsFunc(s.SelfTests, func(t SelfTest) bool { return t.Run && !t.Pass })
}

// taskKey names a task on one subset at one zoning.
type taskKey struct{ subset, probe, zoning string }

// informativeTasks is fixed once per data set, subset and zoning over all seeds.
func informativeTasks(rows []Result) map[taskKey]bool {
	lows := map[taskKey][]float64{}
	for _, r := range rows {
		if r.Metric == MetricSpan && r.Status == OK {
			k := taskKey{r.Subset, r.Probe, r.Zoning}
			lows[k] = append(lows[k], r.Lo)
		}
	}
	out := map[taskKey]bool{}
	for k, v := range lows {
		out[k] = mean(v) > InformativeSpan
	}
	return out
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// average joins the same figure of several seeds: the mean of values and of
// bounds, which the same persons make anything but independent.
func average(rows []Result) *Estimate {
	e := &Estimate{N: math.MaxInt}
	for _, r := range rows {
		e.Value += r.Value / float64(len(rows))
		e.Lo += r.Lo / float64(len(rows))
		e.Hi += r.Hi / float64(len(rows))
		e.N = min(e.N, r.N)
	}
	return e
}

func newMark(c Cell, rows []Result, g Grid, informative map[taskKey]bool) Mark {
	m := Mark{Method: c.Method, Params: c.Params, Label: c.Label(), Subset: c.Subset.Label(), Seeds: g.Seeds, Control: control(c.Method),
		Tasks: []TaskMark{}, Attacks: []HitMark{}, Status: OK, Audit: NoClaim, Notes: []string{}}
	for _, r := range rows {
		m.Kind, m.Seconds, m.PeakMiB = r.Kind, math.Max(m.Seconds, r.Seconds), math.Max(m.PeakMiB, r.PeakMiB)
		if r.Probe != probeRelease {
			continue
		}
		m.Claim, m.Audit = r.Claim, worstAudit(m.Audit, r.Audit)
		if r.Headline && r.Status != OK {
			m.Status = r.Status
			m.Notes = append(m.Notes, fmt.Sprintf("seed %d: %s in %s: %s", r.Seed, r.Status, r.Phase, r.Error))
		}
	}
	for metric, into := range map[string]*float64{"displacement_m": &m.DisplacementM, "displacement_p90_m": &m.DisplacementP90M,
		"time_blur_min": &m.TimeBlurMin, "suppressed_users": &m.SuppressedUsers, "suppressed_records": &m.SuppressedRows} {
		if found := pick(rows, func(r Result) bool { return r.Probe == probeRelease && r.Metric == metric }); len(found) > 0 {
			*into = average(found).Value
		}
	}
	if m.Subset != "" {
		m.Notes = append(m.Notes, "ran on "+m.Subset+" only: not to be compared with marks of the whole data set")
	}
	m.addTasks(rows, g, informative)
	m.addAttacks(rows)
	return m
}

// worstAudit keeps the worse of two verdicts of seeds.
func worstAudit(a, b string) string {
	order := []string{NoClaim, Holds, Unchecked, Broken}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

func pick(rows []Result, f func(Result) bool) []Result {
	var out []Result
	for _, r := range rows {
		if r.Status == OK && f(r) {
			out = append(out, r)
		}
	}
	return out
}

func (m *Mark) addTasks(rows []Result, g Grid, informative map[taskKey]bool) {
	var norms, raws []*Estimate
	for _, zoning := range g.Zonings {
		for _, head := range headlines(rows, "plan/") {
			if head.Zoning != zoning {
				continue
			}
			of := func(metric string) []Result {
				return pick(rows, func(r Result) bool { return r.Probe == head.Probe && r.Zoning == zoning && r.Metric == metric })
			}
			t := TaskMark{Task: strings.TrimPrefix(head.Probe, "plan/"), Zoning: zoning, Status: head.Status, Error: head.Error,
				Coverage: head.Coverage, Informative: informative[taskKey{m.Subset, head.Probe, zoning}]}
			if v := of(MetricUtility); len(v) > 0 {
				t.Raw = average(v)
			}
			if v := of(MetricUtilityNorm); len(v) > 0 {
				t.Norm = average(v)
			}
			if v := of(MetricCeiling); len(v) > 0 {
				t.Ceiling = average(v).Value
			}
			if v := of(MetricFloor); len(v) > 0 {
				t.Floor = average(v).Value
			}
			m.Tasks = append(m.Tasks, t)
			if zoning != g.Zonings[0] || !t.Informative {
				continue
			}
			m.Informative++
			if t.Norm != nil && t.Raw != nil {
				m.Answered++
				norms, raws = append(norms, clipped(t.Norm)), append(raws, t.Raw)
			}
		}
	}
	m.Utility, m.UtilityRaw = meanOf(norms), meanOf(raws)
	if m.Answered < m.Informative {
		m.Notes = append(m.Notes, fmt.Sprintf("utility over %d of %d informative tasks: the others cannot be answered from this release", m.Answered, m.Informative))
	}
	if m.Utility == nil && m.Status == OK && len(m.Tasks) > 0 {
		m.Notes = append(m.Notes, "no informative task can be answered from this release")
	}
}

func clipped(e *Estimate) *Estimate {
	clip := func(v float64) float64 { return math.Min(1, math.Max(0, v)) }
	return &Estimate{clip(e.Value), clip(e.Lo), clip(e.Hi), e.N}
}

func meanOf(all []*Estimate) *Estimate {
	if len(all) == 0 {
		return nil
	}
	out := &Estimate{N: math.MaxInt}
	for _, e := range all {
		out.Value += e.Value / float64(len(all))
		out.Lo += e.Lo / float64(len(all))
		out.Hi += e.Hi / float64(len(all))
		out.N = min(out.N, e.N)
	}
	return out
}

// headlines lists one headline row per probe, zoning and adversary, the worst
// status of the seeds first in line.
func headlines(rows []Result, prefix string) []Result {
	var out []Result
	for _, r := range rows {
		if !r.Headline || !strings.HasPrefix(r.Probe, prefix) {
			continue
		}
		i := slices.IndexFunc(out, func(o Result) bool {
			return o.Probe == r.Probe && o.Zoning == r.Zoning && o.Adversary == r.Adversary
		})
		switch {
		case i < 0:
			out = append(out, r)
		case out[i].Status == OK && r.Status != OK:
			out[i] = r
		}
	}
	return out
}

func (m *Mark) addAttacks(rows []Result) {
	type key struct{ probe, adversary, metric string }
	var order []key
	found := map[key][]Result{}
	for _, r := range rows {
		if !strings.HasPrefix(r.Probe, "attack/") || !(r.Headline || headlineRisk(r)) {
			continue
		}
		k := key{r.Probe, r.Adversary, r.Metric}
		if _, seen := found[k]; !seen {
			order = append(order, k)
		}
		found[k] = append(found[k], r)
	}
	for _, k := range order {
		all := found[k]
		h := HitMark{Attack: strings.TrimPrefix(k.probe, "attack/"), Adversary: k.adversary, Claim: claimOf(k.metric), Metric: k.metric,
			UpperBound: strings.HasPrefix(k.adversary, SameRecord), Headline: headlineRisk(all[0]), Status: all[0].Status, Error: all[0].Error,
			Control: all[0].Control, Baseline: all[0].Baseline, Coverage: all[0].Coverage}
		if ok := pick(all, func(Result) bool { return true }); len(ok) > 0 {
			h.Value, h.Status, h.Error = average(ok), OK, ""
		}
		m.Attacks = append(m.Attacks, h)
		if h.Value == nil || !h.Headline {
			continue
		}
		by := h.Attack + ", " + h.Adversary
		if h.Claim != "same-user" {
			by += ", " + h.Claim
		}
		if riskier(h.Value, m.RiskUpper) {
			m.RiskUpper, m.RiskUpperBy = h.Value, by
		}
		if !h.UpperBound && riskier(h.Value, m.Risk) {
			m.Risk, m.RiskBy, m.Baseline = h.Value, by, h.Baseline
		}
	}
	if m.Risk == nil && m.Status == OK {
		m.Notes = append(m.Notes, "no realistic attack of this grid applies: the risk is not measured, which is not the same as none")
	}
}

// claimOf reads the claim off a metric's name.
func claimOf(metric string) string {
	if claim, _, ok := strings.Cut(metric, " "); ok {
		return claim
	}
	return "same-user"
}

// riskier orders by what is sure: the lower bound, then the value.
func riskier(a, b *Estimate) bool {
	return b == nil || a.Lo > b.Lo || (a.Lo == b.Lo && a.Value > b.Value)
}

// dominate marks what another mark of the same subset beats or equals on both
// axes and beats on one, by the values. Utilities over different tasks are not
// compared. The controls show the scale: they dominate nobody.
func dominate(marks []Mark) {
	for i := range marks {
		for j := range marks {
			a, b := &marks[i], &marks[j]
			if i == j || a.Dominated || !sameScale(a, b) {
				continue
			}
			u, r := b.Utility.Value-a.Utility.Value, a.Risk.Value-b.Risk.Value
			if u >= 0 && r >= 0 && (u > 0 || r > 0) {
				a.Dominated, a.DominatedBy = true, b.Label
			}
		}
	}
}

func sameScale(a, b *Mark) bool {
	if a.Control || b.Control || a.Subset != b.Subset || a.Utility == nil || b.Utility == nil || a.Risk == nil || b.Risk == nil {
		return false
	}
	answered := func(m *Mark) (out []string) {
		for _, t := range m.Tasks {
			if t.Informative && t.Norm != nil {
				out = append(out, t.Task+" "+t.Zoning)
			}
		}
		return out
	}
	return slices.Equal(answered(a), answered(b))
}

// markText names a row's mark where the grid is not at hand.
func markText(r Result) string {
	if len(r.Params) == 0 {
		return r.Method
	}
	var parts []string
	for n, v := range r.Params {
		parts = append(parts, fmt.Sprintf("%s=%v", n, v))
	}
	slices.Sort(parts)
	return r.Method + " " + strings.Join(parts, " ")
}
