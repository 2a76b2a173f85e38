package planning

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// All values by hand.
func TestRankMeasures(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name     string
		x, y     []float64
		tau, rho float64
		top      float64 // Jaccard of the upper 40 %; NaN = not asked
	}{
		{"nothing", nil, nil, 1, 1, 1},
		{"one", []float64{3}, []float64{4}, 1, 1, 1},
		{"same", []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, 4, 5}, 1, 1, 1},
		{"reverse", []float64{1, 2, 3, 4, 5}, []float64{5, 4, 3, 2, 1}, -1, -1, 0},
		{"one swap", []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, 5, 4}, 0.8, 0.9, 1},
		{"all tied", []float64{2, 2, 2}, []float64{2, 2, 2}, 1, 1, nan},
		{"one side tied", []float64{1, 2, 3}, []float64{2, 2, 2}, 0, 0, nan},
		// 10 pairs, 1 tied in x, 2 in y: 7 concordant, 0 discordant; 7/√(9·8).
		{"ties", []float64{1, 1, 2, 3, 4}, []float64{1, 2, 2, 3, 3}, 7 / math.Sqrt(72), 8.25 / math.Sqrt(85.5), nan},
		{"zeros in no top", []float64{1, 0, 0, 0, 0}, []float64{0, 0, 0, 0, 0}, 0, 0, 0},
	} {
		if got := kendallTauB(c.x, c.y); math.Abs(got-c.tau) > 1e-12 {
			t.Errorf("%s: τ_b = %.12f, want %.12f", c.name, got, c.tau)
		}
		if got := spearman(c.x, c.y); math.Abs(got-c.rho) > 1e-12 {
			t.Errorf("%s: ρ = %.12f, want %.12f", c.name, got, c.rho)
		}
		if got := jaccardTop(c.x, c.y, 0.4); !math.IsNaN(c.top) && got != c.top {
			t.Errorf("%s: top Jaccard = %g, want %g", c.name, got, c.top)
		}
	}
	if got := wapeOf([]float64{2, 0, 2}, []float64{1, 1, 2}); got != 0.5 {
		t.Errorf("WAPE = %g, want 0.5", got)
	}
}

// The fast τ_b is the one that counts every pair.
func TestKendallAgainstPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "n")
		values := rapid.SliceOfN(rapid.Float64Range(0, 6), n, n)
		x, y := values.Draw(t, "x"), values.Draw(t, "y")
		for i := range x { // ties
			x[i], y[i] = math.Floor(x[i]), math.Floor(y[i])
		}
		sum, ux, uy := 0.0, 0.0, 0.0
		sign := func(d float64) float64 { return max(-1, min(1, d)) }
		for i := range n {
			for j := range i {
				a, b := sign(x[i]-x[j]), sign(y[i]-y[j])
				sum, ux, uy = sum+a*b, ux+a*a, uy+b*b
			}
		}
		want := sameTies(ux, uy)
		if ux > 0 && uy > 0 {
			want = sum / math.Sqrt(ux*uy)
		}
		if got := kendallTauB(x, y); math.Abs(got-want) > 1e-12 {
			t.Fatalf("τ_b = %g, by pairs %g", got, want)
		}
		if kendallTauB(x, x) != 1 || spearman(x, x) != 1 {
			t.Fatal("x does not agree with itself")
		}
	})
}

func TestConfusion(t *testing.T) {
	c := newConfusion(3)
	if c.macroF1() != 1 || c.cohenKappa() != 1 || c.accuracy() != 1 {
		t.Error("nothing wanted and nothing got must agree")
	}
	// want 0: 4 right, 1 taken for 1; want 1: 3 right, 1 taken for 2, 1 unanswered; class 2 is never wanted.
	for _, x := range []struct {
		want, got int
		n         float64
	}{{0, 0, 4}, {0, 1, 1}, {1, 1, 3}, {1, 2, 1}, {1, unanswered, 1}} {
		c.add(x.want, x.got, x.n)
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s = %.12f, want %.12f", name, got, want)
		}
	}
	near("accuracy", c.accuracy(), 0.7)
	near("macro-F1", c.macroF1(), (8.0/9+6.0/9+0)/3)
	near("κ", c.cohenKappa(), (0.7-0.4)/(1-0.4)) // by chance 0.5·0.4 + 0.5·0.4
	// Linear: observed (1·½ + 1·½ + 1)/10; by chance 5·(4·½+1·1+1)/100 + 5·(4·½+1·½+1)/100.
	near("linear κ", c.weightedKappa(1), 1-0.2/(0.05*(4+3.5)))
	near("quadratic κ", c.weightedKappa(2), 1-0.15/(0.05*(3+2.25)))
}
