package anonymizers

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
)

// TestRandomIsUniform tests areas and times against the uniform distribution.
// False failure: 1e-6 for areas (χ²), 1e-6 for times (kolmogorov).
func TestRandomIsUniform(t *testing.T) {
	c := fixture.New(300, 3, 5)
	r := released(t, made(t, "random", nil), c.Data, 2)
	areas := make([]float64, len(c.Data.Cells))
	var times []float64
	from, to := float64(c.Calendar.Start(0)), float64(c.Calendar.Start(3))
	for _, rows := range r.rows {
		for _, rec := range rows {
			areas[rec.Area]++
			times = append(times, (float64(rec.Time)+0.5-from)/(to-from))
		}
	}
	expected, chi2 := float64(len(times))/float64(len(areas)), 0.0
	for _, n := range areas {
		chi2 += (n - expected) * (n - expected) / expected
	}
	if limit := (distuv.ChiSquared{K: float64(len(areas) - 1)}).Quantile(1 - 1e-6); chi2 > limit {
		t.Errorf("areas: χ² = %.1f, want at most %.1f", chi2, limit)
	}
	if d := kolmogorov(times, func(x float64) float64 { return x }); d > 2.7 {
		t.Errorf("times: Kolmogorov √n·D = %.2f, want at most 2.7", d)
	}
}

// TestRandomCountsTellNothing gives every user another number of records: they
// must be dealt out anew. A random permutation of 400 leaves 15 or more in place
// with probability below 1e-12 (Poisson with mean 1).
func TestRandomCountsTellNothing(t *testing.T) {
	in := fixture.New(400, 9, 5).Data
	var before, after []int
	for u, rows := range in.Rows {
		in.Rows[u] = rows[:u]
		for i := range in.Rows[u] { // one type a user
			in.Rows[u][i].Type = sigcity.Events()[u%3]
		}
		before = append(before, u)
	}
	r := released(t, made(t, "random", nil), in, 2)
	fixed, oneType := 0, 0
	for u, rows := range r.rows {
		after = append(after, len(rows))
		if len(rows) == u {
			fixed++
		}
		if u >= 50 && len(rows) >= 50 && !slices.ContainsFunc(rows, func(x sigcity.Record) bool { return x.Type != rows[0].Type }) {
			oneType++
		}
	}
	if fixed >= 15 {
		t.Errorf("%d of 400 users keep their number of records", fixed)
	}
	if oneType > 0 { // (about ⅓)⁴⁹ each
		t.Errorf("%d users keep one type of event", oneType)
	}
	slices.Sort(after)
	if !slices.Equal(before, after) {
		t.Error("the numbers of records are not those of the input")
	}
}
