package realism_test

import (
	"fmt"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/realism"
)

// A scorecard is read section by section.
func ExampleScorecard_Sections() {
	value, pass := 112.9, true
	card := realism.Scorecard{Results: []realism.Result{
		{ID: "R01", Name: "SIMs per 100 persons", Value: &value, Pass: &pass, Calibrated: true},
		{ID: "R18", Name: "growth of places", Note: "needs 90 days, the data set has 7"},
	}}
	for _, s := range card.Sections() {
		for _, r := range s.Results {
			fmt.Println(s.Title+":", r.ID, r.Name, r.Measured(), r.Verdict()+r.Note)
		}
	}
	// Output:
	// Calibrated: R01 SIMs per 100 persons 112.9 holds
	// Not measured: R18 growth of places – needs 90 days, the data set has 7
}

// BenchmarkMeasure reads 0.34 million records; it tells records per second.
func BenchmarkMeasure(b *testing.B) {
	f := fixture.New(1000, 7, 1).Folder(b, nil)
	for b.Loop() {
		if _, err := realism.Measure(b.Context(), f, realism.Options{Workers: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(f.Meta().Records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
