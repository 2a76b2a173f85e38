package realism

import (
	"strings"
	"testing"
)

// TestMarkdown: rows with a source are in the table, failing ones explained below it.
func TestMarkdown(t *testing.T) {
	low, good, bad := 2.0, 3.0, 1.0
	yes, no := true, false
	card := &Scorecard{Name: "x", Results: []Result{
		{ID: "R90", Name: "what holds", Unit: "km", Value: &good, Low: &low, Pass: &yes, Source: "somebody", Calibrated: true},
		{ID: "R91", Name: "what fails", Unit: "min", Value: &bad, Low: &low, Pass: &no, Source: "somebody", Note: "too low"},
		{ID: "R92", Name: "what nobody published", Unit: "%", Value: &bad},
		{ID: "R93", Name: "what takes longer", Unit: "%", Source: "somebody", Note: "needs 90 days"},
	}}
	var b strings.Builder
	if err := card.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| R90 | what holds (km) | 3.00 | ≥ 2 | holds | calibrated |\n", "| R91 | what fails (min) | 1.00 | ≥ 2 | **fails** | untouched |\n",
		"| R93 | what takes longer (%) | – |  | not measured: needs 90 days | untouched |\n", "\n\n- R91, what fails: too low.\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "R92") {
		t.Error("a row without a source is in the table")
	}
}
