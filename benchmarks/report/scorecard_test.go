package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/realism"
)

// card is a scorecard with a row of each kind and hostile text.
func card() *realism.Scorecard {
	yes, no, v, lo, hi := true, false, 3.25, 3.0, 3.5
	nan := math.NaN()
	return &realism.Scorecard{Name: "<script>alert(1)</script>", Records: 10, Users: 2, Persons: 2, Days: 1, Results: []realism.Result{
		{ID: "R15", Figure: "a", Name: "jumps", Unit: "β", Value: &v, Lo: &lo, Hi: &hi, Low: &lo, High: &hi, Pass: &yes, N: 12345, Reference: "1.75", Source: "somebody", Charts: []realism.Chart{{
			Title: "Ways <b>", X: "m", Y: "share", LogX: true, LogY: true, Low: 10, High: 100, Series: []realism.Series{
				{Name: "ways", Mark: realism.Steps, X: []float64{1, 10, 100, 1000}, Y: []float64{0.1, 0, 1e-12}},
				{Name: "law", X: []float64{0, 5, 50}, Y: []float64{1, 0.05, 0.001}},
				{Name: "points", Mark: realism.Points, X: []float64{5}, Y: []float64{0.02}}}}}},
		{ID: "R06", Figure: "b", Name: "types", Unit: "%", Value: &v, Pass: &no, Calibrated: true, Reference: "weak", Charts: []realism.Chart{
			{Title: "Types", Y: "%", Labels: []string{"attach", "detach & off"}, Low: nan, High: nan, Series: []realism.Series{{Name: "n", Mark: realism.Bars, Y: []float64{0, 12}}}},
			{Title: "Nothing", X: "x", Y: "y", Low: nan, High: nan, Series: []realism.Series{{Name: "n", X: []float64{1}, Y: []float64{1}}}}}},
		{ID: "R12", Figure: "c", Name: "hours", Unit: "h", Value: &v, Reference: "11 h", Note: "no source, so no verdict", Charts: []realism.Chart{
			{Title: "Hours", X: "h", Y: "%", Every: 6, Low: nan, High: nan, Series: []realism.Series{{Name: "n", X: []float64{0.5, 11.5, 23.5}, Y: []float64{-1, 2, 0}}}}}},
		{ID: "R18", Figure: "d", Name: "growth", Unit: "μ", Reference: "0.6", Note: "needs 90 days, the data set has 1", DaysNeeded: 90},
	}}
}

// TestScorecard: every row is shown in its section, every chart with something
// in it is drawn, and text stays text.
func TestScorecard(t *testing.T) {
	var b strings.Builder
	if err := WriteScorecard(&b, card()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"&lt;script&gt;", "3.25 [3.00, 3.50]", `<span class="status good">holds</span>`, `<span class="status bad">fails</span>`,
		"needs 90 days, the data set has 1", "Ways &lt;b&gt;", "detach &amp; off", ">18<", "10⁻⁶"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "<figure>"); n != 3 {
		t.Errorf("%d pictures, want 3: that of a single point shows nothing", n)
	}
	for _, bad := range []string{"<script", "NaN", "Inf", "src=", "http://", "https://"} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for i, part := range strings.Split(page, "<svg ")[1:] {
		text, _, _ := strings.Cut(part, "</svg>")
		for d := xml.NewDecoder(strings.NewReader("<svg " + text + "</svg>")); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("picture %d: %v", i, err)
			}
		}
	}
	var again strings.Builder
	if err := WriteScorecard(&again, card()); err != nil || again.String() != page {
		t.Error("the same scorecard gave another page")
	}
}

func TestAxisTicks(t *testing.T) {
	for _, c := range []struct {
		s     scale
		log   bool
		every float64
		want  string
	}{
		{scale{lo: 0, hi: 24}, false, 6, "0 6 12 18 24"},
		{scale{lo: 1, hi: 9}, false, 0, "2 4 6 8"},
		{scale{lo: 0, hi: 2}, true, 0, "1 2 5 10 20 50 100"},
		{scale{lo: -8, hi: 0}, true, 0, "10⁻⁸ 10⁻⁶ 10⁻⁴ 0.01 1"},
		{scale{lo: 5, hi: 6}, true, 0, "10⁵ 2·10⁵ 5·10⁵ 10⁶"},
	} {
		var labels []string
		for _, tick := range axisTicks(c.s, c.log, 5, c.every) {
			labels = append(labels, tick.label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("ticks of %g to %g: %s, want %s", c.s.lo, c.s.hi, got, c.want)
		}
	}
}

// TestScorecardInChromium opens the page in a real browser.
func TestScorecardInChromium(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scorecard.html")
	var b strings.Builder
	if err := WriteScorecard(&b, card()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	dom := fixture.Chromium(t, "--dump-dom", "file://"+file)
	if n := strings.Count(dom, `class="chart"`); n != 3 || strings.Contains(dom, "<script") {
		t.Errorf("%d pictures in the browser's document, want 3, and no script", n)
	}
}
