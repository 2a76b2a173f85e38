package realism

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// figureText writes a number in at most four significant digits.
func figureText(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.01 || a == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// boundText writes an end of a tolerance without needless zeros.
func boundText(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// Bounds writes the tolerance: "60–150", "≥ 10", "≤ 500"; "" if there is none.
func (r *Result) Bounds() string {
	switch {
	case r.Low == nil && r.High == nil:
		return ""
	case r.High == nil:
		return "≥ " + boundText(*r.Low)
	case r.Low == nil:
		return "≤ " + boundText(*r.High)
	case *r.Low == *r.High:
		return "= " + boundText(*r.Low)
	}
	return boundText(*r.Low) + " to " + boundText(*r.High)
}

// Measured writes value and interval; "–" where nothing was measured.
func (r *Result) Measured() string {
	if r.Value == nil {
		return "–"
	}
	s := figureText(*r.Value)
	if r.Lo != nil {
		s += " [" + figureText(*r.Lo) + ", " + figureText(*r.Hi) + "]"
	}
	return s
}

// Verdict is "holds", "fails" or "" for none.
func (r *Result) Verdict() string {
	switch {
	case r.Pass == nil:
		return ""
	case *r.Pass:
		return "holds"
	}
	return "fails"
}

// Label is the row's id, with a star where it was calibrated but has no verdict
// by which the section could tell.
func (r *Result) Label() string {
	if r.Calibrated && r.Pass == nil {
		return r.ID + "*"
	}
	return r.ID
}

// Section is a part of the scorecard that is reported on its own.
type Section struct {
	Title   string
	Meaning string // why it stands apart
	Results []*Result
}

// Sections sorts the rows: those with a verdict that nobody tuned, those that
// were tuned or taken over, those without a verdict, those that were not measured.
func (c *Scorecard) Sections() []Section {
	out := []Section{
		{Title: "Untouched", Meaning: "the generator was not tuned to these"},
		{Title: "Calibrated", Meaning: "tuned to the figure or set from its source: agreement proves nothing"},
		{Title: "No verdict", Meaning: "no source, no tolerance, or another kind of city (* calibrated)"},
		{Title: "Not measured", Meaning: "too short a run, too few cases, or nothing of the kind in the data set (* calibrated)"},
	}
	for i := range c.Results {
		r := &c.Results[i]
		k := 2
		switch {
		case r.Value == nil:
			k = 3
		case r.Pass != nil && r.Calibrated:
			k = 1
		case r.Pass != nil:
			k = 0
		}
		out[k].Results = append(out[k].Results, r)
	}
	return out
}

// Passed counts verdicts: how many of the section's rows hold, of how many.
func (s *Section) Passed() (held, judged int) {
	for _, r := range s.Results {
		if r.Pass != nil {
			judged++
			if *r.Pass {
				held++
			}
		}
	}
	return held, judged
}

// Summary is one line on the data set.
func (c *Scorecard) Summary() string {
	kind := "no metropolis: metropolitan rows have no verdict"
	if c.Metropolis {
		kind = "a metropolis"
	}
	days := "1 day"
	if c.Days != 1 {
		days = fmt.Sprintf("%d days", c.Days)
	}
	records := fmt.Sprintf("%s: %d records of %d SIMs in %s", c.Name, c.Records, c.Users, days)
	if c.Inhabitants == 0 {
		return records + "; how large the city is was not told"
	}
	return fmt.Sprintf("%s; %d persons of a city of %.0f inhabitants, %.0f within 40 km of its centre, %s", records, c.Persons, c.Inhabitants, c.Around, kind)
}

// WriteText writes the scorecard for people. Columns are as wide as their
// widest entry; notes go below their rows if notes is set.
func (c *Scorecard) WriteText(w io.Writer, notes bool) error {
	var b strings.Builder
	fmt.Fprintln(&b, c.Summary())
	for _, s := range c.Sections() {
		if len(s.Results) == 0 {
			continue
		}
		title := s.Title + ": " + s.Meaning
		if held, judged := s.Passed(); judged > 0 {
			title += fmt.Sprintf("; %d of %d hold", held, judged)
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		table(&b, s.Results, notes)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// surprising rows explain themselves in any case: those without a value, those
// that fail, and those that hold by another law than the value's.
func (r *Result) surprising() bool {
	if r.Pass == nil {
		return r.Value == nil
	}
	inside := (r.Low == nil || *r.Value >= *r.Low) && (r.High == nil || *r.Value <= *r.High)
	return !*r.Pass || !inside
}

func table(b *strings.Builder, rows []*Result, notes bool) {
	head := []string{"", "row", "figure", "value [95 %]", "tolerance", "N"}
	lines := [][]string{head}
	for _, r := range rows {
		name := r.Name
		if !strings.HasPrefix(strings.ToLower(name), strings.ToLower(r.Unit)+" ") {
			name += " (" + r.Unit + ")"
		}
		n := ""
		if r.Value != nil && r.N > 0 {
			n = strconv.FormatInt(r.N, 10)
		}
		lines = append(lines, []string{map[string]string{"holds": "✓", "fails": "✗"}[r.Verdict()], r.Label(), name, r.Measured(), r.Bounds(), n})
	}
	wide := make([]int, len(head))
	for _, l := range lines {
		for i, cell := range l {
			wide[i] = max(wide[i], len([]rune(cell)))
		}
	}
	for i, l := range lines {
		line := ""
		for k, cell := range l {
			line += cell + strings.Repeat(" ", wide[k]-len([]rune(cell))+2)
		}
		fmt.Fprintln(b, strings.TrimRight(line, " "))
		if i > 0 && rows[i-1].Note != "" && (notes || rows[i-1].surprising()) {
			fmt.Fprintf(b, "       %s\n", rows[i-1].Note)
		}
	}
}
