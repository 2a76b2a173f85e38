package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/benchmarks"
)

// markRow is a line of the main table and the fold behind it.
type markRow struct {
	N                             int
	Label, Color, Kind, Subset    string
	Partial                       string // "2 of 4 tasks"
	Utility, UtilityRaw, Answered string
	Risk, RiskBy, RiskUpper       string
	RiskUpperBy, Baseline         string
	RiskNA                        bool
	Claim, Audit                  string
	Displacement, Blur            string
	SuppressedUsers, SuppressedRows,
	Status string
	OK, Dominated, Control, Hollow bool
	DominatedBy                    string
	Tasks                          []taskRow
	Attacks                        []attackRow
	Notes                          []string
}

type taskRow struct {
	Task, Zoning, Raw, Norm, Ceiling, Floor, Coverage, Status, Error string
	Informative                                                      bool
}

type attackRow struct {
	Attack, Adversary, Claim, Metric, Value, Control, Baseline, Coverage, Status, Error string
	UpperBound, Headline                                                                bool
}

func newMarkRow(m benchmarks.Mark, d mark) markRow {
	r := markRow{
		N: d.N, Label: m.Label, Color: d.Color, Kind: m.Kind, Subset: m.Subset, Hollow: m.Subset != "", Partial: d.Tasks,
		Utility: d.Utility.String(), UtilityRaw: estimate(m.UtilityRaw).String(), Answered: fmt.Sprintf("%d of %d", m.Answered, m.Informative),
		Risk: d.Risk.String(), RiskBy: m.RiskBy, RiskUpper: estimate(m.RiskUpper).String(), RiskUpperBy: m.RiskUpperBy,
		RiskNA: !d.Risk.OK, Baseline: share(m.Baseline), Claim: cmp.Or(m.Claim, "none"), Audit: cmp.Or(m.Audit, "none"),
		Displacement: metres(m.DisplacementM, m.DisplacementP90M), Blur: quantity(m.TimeBlurMin) + " min",
		SuppressedUsers: percent(m.SuppressedUsers), SuppressedRows: percent(m.SuppressedRows),
		Status: cmp.Or(m.Status, benchmarks.OK), Dominated: m.Dominated, DominatedBy: m.DominatedBy, Control: m.Control, Notes: m.Notes,
	}
	r.OK = r.Status == benchmarks.OK
	if d.Aggregate || !r.OK {
		r.Displacement, r.Blur, r.SuppressedUsers, r.SuppressedRows = "n/a", "n/a", "n/a", "n/a"
	}
	if r.RiskNA {
		r.Baseline = "n/a"
	}
	for _, t := range m.Tasks {
		r.Tasks = append(r.Tasks, taskRow{t.Task, t.Zoning, estimate(t.Raw).String(), estimate(t.Norm).String(), share(t.Ceiling), share(t.Floor),
			percent(t.Coverage), t.Status, t.Error, t.Informative})
	}
	for _, a := range m.Attacks {
		r.Attacks = append(r.Attacks, attackRow{a.Attack, a.Adversary, a.Claim, words(a.Metric), figure(estimate(a.Value)), quantity(a.Control),
			quantity(a.Baseline), percent(a.Coverage), a.Status, a.Error, a.UpperBound, a.Headline})
	}
	return r
}

// figure writes an estimate of any size: shares as shares.
func figure(i interval) string {
	if math.Abs(i.V) <= 1 && math.Abs(i.Hi) <= 10 {
		return i.String()
	}
	return i.with(quantity)
}

// metres is a mean with its 90th percentile.
func metres(mean, p90 float64) string {
	if mean == 0 && p90 == 0 {
		return "0 m"
	}
	return quantity(mean) + " m (" + quantity(p90) + ")"
}

func percent(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v != 0 && math.Abs(v) < 0.0995:
		return minus(fmt.Sprintf("%.1f %%", v*100))
	}
	return minus(fmt.Sprintf("%.0f %%", v*100))
}

// matrix is a table of marks against probes.
type matrix struct {
	Columns []column
	Rows    []matrixRow
}

type column struct {
	Name, Claim, Sub string
	Faint            bool   // shown but not counted
	Note             string // why it is faint
}

type matrixRow struct {
	N                    int
	Label, Color, Subset string
	Hollow, Control      bool
	Cells                []matrixCell
}

// matrixCell is a figure, tinted by its value.
type matrixCell struct {
	Value, Interval, Sub string
	Tint                 int // 0 … 9
	Missing              bool
	Why                  string
}

// tint grades a share from 0 to 9.
func tint(v float64) int { return int(math.Round(9 * max(0, min(1, v)))) }

func (i interval) cell(sub string) matrixCell {
	f := i.share()
	c := matrixCell{Value: f(i.V), Tint: tint(i.V), Sub: sub}
	if i.bounded() {
		c.Interval = "[" + f(i.Lo) + ", " + f(i.Hi) + "]"
	}
	return c
}

// missing is a cell without a figure.
func missing(status, why string) matrixCell {
	return matrixCell{Value: cmp.Or(strings.TrimPrefix(status, benchmarks.OK), "–"), Missing: true, Why: why}
}

// probe is one figure of a mark on its way into a matrix.
type probe struct {
	key   string // of its column
	group string // of the columns that a figure which is missing speaks for
	column
	cell matrixCell
}

// gather lays the probes of every mark out in columns, in order of first
// appearance. A probe without a figure fills all columns of its group, and has
// one of its own only where the group has none.
func gather(list []benchmarks.Mark, colors map[string]string, probes func(benchmarks.Mark) []probe) *matrix {
	out := &matrix{}
	at := map[string]int{}
	groups := map[string][]int{}
	all := make([][]probe, len(list))
	for _, absent := range []bool{false, true} { // figures first: they name the columns
		for n, m := range list {
			all[n] = probes(m)
			for _, p := range all[n] {
				i, known := at[p.key]
				switch {
				case p.cell.Missing != absent || absent && groups[p.group] != nil:
				case known:
					out.Columns[i].Faint = out.Columns[i].Faint && p.Faint
				default:
					at[p.key] = len(out.Columns)
					groups[p.group] = append(groups[p.group], len(out.Columns))
					out.Columns = append(out.Columns, p.column)
				}
			}
		}
	}
	if len(out.Columns) == 0 {
		return nil
	}
	for n, m := range list {
		row := matrixRow{N: n + 1, Label: m.Label, Color: colors[m.Method], Subset: m.Subset, Hollow: m.Subset != "", Control: m.Control, Cells: make([]matrixCell, len(out.Columns))}
		for i := range row.Cells {
			row.Cells[i] = missing(m.Status, "not run")
		}
		for _, p := range all[n] {
			if i, ok := at[p.key]; ok {
				row.Cells[i] = p.cell
				continue
			}
			for _, i := range groups[p.group] {
				row.Cells[i] = p.cell
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// taskMatrix is marks against planning tasks.
func taskMatrix(list []benchmarks.Mark, colors map[string]string) *matrix {
	return gather(list, colors, func(m benchmarks.Mark) []probe {
		var out []probe
		for _, t := range m.Tasks {
			p := probe{key: t.Task + "\x00" + t.Zoning, group: t.Task, column: column{Name: t.Task, Sub: t.Zoning, Faint: !t.Informative}}
			if p.Faint {
				p.Note = "raw data hardly beats the null predictor: left out of means"
			}
			norm, raw := estimate(t.Norm), estimate(t.Raw)
			switch {
			case t.Status != benchmarks.OK || !norm.OK && !raw.OK:
				p.cell = missing(t.Status, t.Error)
			case !norm.OK:
				p.cell = matrixCell{Value: "–", Sub: "raw " + raw.String()}
			case !raw.OK:
				p.cell = norm.cell("")
			default:
				p.cell = norm.cell("raw " + raw.String())
			}
			out = append(out, p)
		}
		return out
	})
}

// attackMatrix is marks against the headlines of the attacks: a column for each
// attack, adversary and claim.
func attackMatrix(list []benchmarks.Mark, colors map[string]string) *matrix {
	return gather(list, colors, func(m benchmarks.Mark) []probe {
		var out []probe
		for _, a := range m.Attacks {
			v := estimate(a.Value)
			ok := a.Status == benchmarks.OK && v.OK
			if !a.Headline && ok {
				continue
			}
			p := probe{key: a.Attack + "\x00" + a.Adversary + "\x00" + a.Metric, group: a.Attack, column: column{Name: a.Attack, Sub: a.Adversary, Faint: a.UpperBound}}
			if a.Claim != "" && a.Claim != attacks.ClaimSameUser {
				p.Claim = words(strings.TrimPrefix(a.Claim, attacks.ClaimAttribute))
			}
			if p.Faint {
				p.Note = "upper bound"
			}
			if p.cell = missing(a.Status, a.Error); ok {
				p.cell = v.cell("control " + share(a.Control) + " · chance " + share(a.Baseline))
			}
			out = append(out, p)
		}
		return out
	})
}
