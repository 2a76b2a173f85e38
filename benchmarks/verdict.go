package benchmarks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sigcity/sigcity/geo"
)

// facts are what a reader must know of the data.
func (r *runner) facts() DatasetFacts {
	c, m := r.city, r.city.manifest
	meta := c.data.Meta()
	f := DatasetFacts{Name: meta.Name, City: c.public.City, SHA256: c.hash, Persons: meta.Persons, Inhabitants: meta.Inhabitants, SIMs: c.phones(),
		Records: meta.Records, Days: meta.Days, Start: meta.Start, Cells: len(c.data.Areas()), AreaKm2: hullKm2(c.cells.Centers),
		Radio: m.Models.Radio, Movement: m.Models.Movement, Attribution: m.Attribution, Warnings: slices.Clone(m.Warnings)}
	if f.Persons == 0 {
		f.Persons = len(c.truth.Persons)
	}
	if f.AreaKm2 > 0 {
		f.SIMsPerKm2 = float64(f.SIMs) / f.AreaKm2
	}
	if f.Warnings == nil {
		f.Warnings = []string{}
	}
	return f
}

// hullKm2 is the area of the convex hull of points in metres.
func hullKm2(pts []geo.XY) float64 { return geo.RingArea(geo.Hull(pts)) / 1e6 }

// What the verdict calls useful and safe. Both bounds are this project's own:
// they only word the verdict; every figure stands beside it.
const (
	usefulFrom = 0.8  // lower bound of utility, over all informative tasks
	safeUpTo   = 0.05 // upper bound of risk
)

// verdict says in words what the marks say: what the raw data give away, of
// whom and how dense; whether a method is both useful and safe; the trades that
// no other beats; and what was not measured.
func verdict(s *Summary) string {
	var b strings.Builder
	for _, t := range s.SelfTests {
		if t.Run && !t.Pass {
			fmt.Fprintf(&b, "The self-test %q FAILED, so none of this may be relied on. ", t.Name)
		}
	}
	whole := slices.DeleteFunc(slices.Clone(s.Marks), func(m Mark) bool { return m.Subset != "" })
	d := s.Dataset
	crowd := fmt.Sprintf("%s persons with %s SIMs over %s", count(d.Persons), count(d.SIMs), plural(d.Days, "day"))
	if d.SIMsPerKm2 > 0 {
		crowd += fmt.Sprintf(" (%.3g SIMs per km²)", d.SIMsPerKm2)
	}
	if i := slices.IndexFunc(whole, func(m Mark) bool { return m.Method == "identity" && m.Risk != nil }); i >= 0 {
		m := whole[i]
		fmt.Fprintf(&b, "Raw records under a pseudonym give away %s of %s targets to the attack %s, among %s. ", percent(m.Risk), count(m.Risk.N), m.RiskBy, crowd)
	} else {
		fmt.Fprintf(&b, "On synthetic data of %s, the risk of raw records was not measured. ", crowd)
	}
	b.WriteString(tradeText(whole))
	b.WriteString(caveats(s.Marks))
	b.WriteString("Unicity falls and k-anonymity gets cheaper as N and density grow; this is one size, so no trend with N is shown.")
	return b.String()
}

// tradeText answers whether a method is both useful and safe, and lists the
// marks that no other beats on both axes, most useful first. Which of them to
// take is the reader's choice: utility and risk are never merged.
func tradeText(marks []Mark) string {
	methods := slices.DeleteFunc(slices.Clone(marks), func(m Mark) bool {
		return m.Control || m.Utility == nil || m.Risk == nil || m.Status != OK
	})
	if len(methods) == 0 {
		return "No method has both its utility and its risk measured on the whole data set. "
	}
	var both []string
	for _, m := range methods {
		if m.Answered == m.Informative && m.Utility.Lo >= usefulFrom && m.Risk.Hi <= safeUpTo {
			both = append(both, m.Label)
		}
	}
	bar := fmt.Sprintf("at least %.0f %% of the utility over all tasks at a risk of at most %.0f %%, by the bounds of their intervals", 100*usefulFrom, 100*safeUpTo)
	text := fmt.Sprintf("Of %s run on all data, none keeps %s. ", plural(len(methods), "setting"), bar)
	if len(both) > 0 {
		text = fmt.Sprintf("Of %s run on all data, %s keep %s. ", plural(len(methods), "setting"), strings.Join(both, ", "), bar)
	}
	front := slices.DeleteFunc(methods, func(m Mark) bool { return m.Dominated })
	slices.SortStableFunc(front, func(a, b Mark) int { return cmp.Compare(b.Utility.Value, a.Utility.Value) })
	var parts []string
	for _, m := range front {
		over := ""
		if m.Answered < m.Informative {
			over = fmt.Sprintf(" over only %d of %s", m.Answered, plural(m.Informative, "task"))
		}
		parts = append(parts, fmt.Sprintf("%s, utility %.0f %%%s, risk %.0f %%", m.Label, 100*m.Utility.Value, over, 100*m.Risk.Value))
	}
	return text + "The trades that no other beats: " + strings.Join(parts, "; ") + ". "
}

// caveats name what the marks do not show.
func caveats(marks []Mark) string {
	var b strings.Builder
	var broken, unmeasured, subset []string
	for _, m := range marks {
		if m.Audit == Broken {
			broken = append(broken, m.Label)
		}
		if m.Risk == nil && m.Status == OK {
			unmeasured = append(unmeasured, m.Label)
		}
		if m.Subset != "" && !m.Control {
			subset = append(subset, m.Label)
		}
	}
	if len(broken) > 0 {
		fmt.Fprintf(&b, "The claim of %s does not hold. ", strings.Join(broken, ", "))
	}
	if len(unmeasured) > 0 {
		fmt.Fprintf(&b, "The risk of %s is not measured, which does not mean that there is none. ", strings.Join(slices.Compact(unmeasured), ", "))
	}
	if len(subset) > 0 {
		fmt.Fprintf(&b, "Run on a subset only: %s. ", strings.Join(subset, ", "))
	}
	return b.String()
}

func percent(e *Estimate) string {
	return fmt.Sprintf("%.0f %% (95 %%: %.0f to %.0f)", 100*e.Value, 100*e.Lo, 100*e.Hi)
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// count writes 12345 as 12,345.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
