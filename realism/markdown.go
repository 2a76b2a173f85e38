package realism

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the rows that have a source as a table for documents,
// those that fail with a line on how they were measured below it.
func (c *Scorecard) WriteMarkdown(w io.Writer) error {
	var b, failing strings.Builder
	fmt.Fprintf(&b, "%s.\n\n| row | figure | value (95 %%) | tolerance | verdict | |\n|---|---|---|---|---|---|\n", c.Summary())
	for i := range c.Results {
		r := &c.Results[i]
		if r.Source == "" {
			continue
		}
		verdict, tuned := r.Verdict(), "untouched"
		if r.Calibrated {
			tuned = "calibrated"
		}
		switch {
		case r.Value == nil:
			verdict = "not measured: " + r.Note
		case r.Pass == nil:
			verdict = "none"
		case !*r.Pass:
			verdict = "**fails**"
			fmt.Fprintf(&failing, "- %s, %s: %s.\n", r.ID, r.Name, r.Note)
		}
		fmt.Fprintf(&b, "| %s | %s (%s) | %s | %s | %s | %s |\n", r.ID, r.Name, r.Unit, r.Measured(), r.Bounds(), verdict, tuned)
	}
	if failing.Len() > 0 {
		fmt.Fprintf(&b, "\n%s", failing.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
