package realism

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

// TestGeometric: edges rise in whole numbers, and every value within falls into
// the one bin that holds it.
func TestGeometric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := float64(rapid.IntRange(1, 1000).Draw(t, "lo"))
		b := geometric(lo, lo*float64(rapid.IntRange(2, 10_000).Draw(t, "span")), rapid.Float64Range(1.01, 3).Draw(t, "step"))
		for i, e := range b.edges {
			if e != math.Round(e) || i > 0 && e <= b.edges[i-1] {
				t.Fatalf("edges %v", b.edges)
			}
		}
		v := rapid.Float64Range(lo-5, 2*b.edges[len(b.edges)-1]).Draw(t, "v")
		i := b.at(v)
		inside := v >= lo && v < b.edges[len(b.edges)-1]
		if inside != (i >= 0) || inside && !(b.edges[i] <= v && v < b.edges[i+1]) {
			t.Fatalf("%g is in bin %d of %v", v, i, b.edges)
		}
	})
}

func TestBinned(t *testing.T) {
	b := binned{edges: []float64{0, 10, 20, 40}, n: []float64{1, 2, 1}}
	for _, c := range []struct {
		name      string
		got, want float64
	}{{"median", b.quantile(0.5), 15}, {"lower quartile", b.quantile(0.25), 10}, {"mean", b.mean(), (5 + 30 + 30) / 4.}, {"below 20", b.below(20), 0.75},
		{"within 10 to 40", b.between(10, 40).total(), 3}, {"within 11 to 39", b.between(11, 39).total(), 0}, {"rebinned", b.rebin(2).n[0], 3}} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", c.name, c.got, c.want)
		}
	}
	if !math.IsNaN((binned{edges: []float64{0, 1}, n: []float64{0}}).quantile(0.5)) {
		t.Error("the median of nothing is a number")
	}
}

// TestHull: every point lies within, every corner is a point, and the diameter
// is the largest distance.
func TestHull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pts []geo.XY
		for range rapid.IntRange(1, 40).Draw(t, "n") {
			pts = append(pts, geo.XY{X: float64(rapid.IntRange(0, 9).Draw(t, "x")), Y: float64(rapid.IntRange(0, 9).Draw(t, "y"))})
		}
		corners, far := geo.Hull(pts), 0.0
		for _, p := range pts {
			for _, q := range pts {
				far = max(far, p.Dist(q))
			}
			for i, a := range corners {
				b := corners[(i+1)%len(corners)]
				if len(corners) > 2 && (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < -1e-9 {
					t.Fatalf("%v lies outside %v", p, corners)
				}
			}
		}
		for _, c := range corners {
			if !slices.Contains(pts, c) {
				t.Fatalf("corner %v is none of %v", c, pts)
			}
		}
		if got := diameter(pts); math.Abs(got-far) > 1e-9 {
			t.Fatalf("diameter %g, want %g", got, far)
		}
	})
}

// TestEstimate: the interval of a mean over groups is about as wide as the
// normal theory says, and there is none where samples lack the figure.
func TestEstimate(t *testing.T) {
	s := &survey{draws: draws()}
	c := newCounts(pair)
	for g := range groups {
		c.add(uint8(g), of, 100)
		c.add(uint8(g), some, int64(40+g%21))
	}
	v := s.ratio(c, some, of, 100)
	// Groups' shares spread by about 6 points: 1.96 · 6 / √40 = 1.9.
	if v.v < 49 || v.v > 51 || v.v-v.lo < 1 || v.v-v.lo > 3 || v.hi-v.v < 1 || v.hi-v.v > 3 {
		t.Errorf("%.2f [%.2f, %.2f], want about 50 ± 1.9", v.v, v.lo, v.hi)
	}
	if v := s.estimate(1, func(w weights) float64 {
		if w[0] != 1 {
			return math.NaN()
		}
		return 1
	}); v.lo != 0 || v.hi != 0 {
		t.Errorf("interval %g to %g of a figure that most samples lack", v.lo, v.hi)
	}
}
