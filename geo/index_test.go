package geo_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

// points draws clouds of several shapes: spread, on a line, on few positions.
func points(t *rapid.T, least int) []geo.XY {
	n := rapid.IntRange(least, 200).Draw(t, "n")
	shape := rapid.SampledFrom([]string{"spread", "line", "lattice", "one"}).Draw(t, "shape")
	out := make([]geo.XY, n)
	for i := range out {
		switch p := point(t, "p", 20_000); shape {
		case "spread":
			out[i] = p
		case "line":
			out[i] = geo.XY{X: p.X, Y: 7}
		case "lattice":
			out[i] = geo.XY{X: float64(rapid.IntRange(0, 5).Draw(t, "x")) * 500, Y: float64(rapid.IntRange(0, 5).Draw(t, "y")) * 500}
		case "one":
			out[i] = geo.XY{X: 3, Y: 4}
		}
	}
	return out
}

// byDistance is the brute force: all points, nearest first, ties by number.
func byDistance(pts []geo.XY, q geo.XY) []int {
	out := make([]int, len(pts))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int {
		switch da, db := pts[a].Dist2(q), pts[b].Dist2(q); {
		case da < db:
			return -1
		case da > db:
			return 1
		}
		return 0
	})
	return out
}

func TestIndexAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pts := points(t, 1)
		x := geo.NewIndex(pts)
		// Queries inside, far outside, and exactly on a point.
		q := point(t, "q", rapid.SampledFrom([]float64{3000, 20_000, 200_000}).Draw(t, "reach"))
		if rapid.Bool().Draw(t, "on a point") {
			q = pts[rapid.IntRange(0, len(pts)-1).Draw(t, "which")]
		}
		want := byDistance(pts, q)
		if i, d := x.Nearest(q); i != want[0] || d != pts[want[0]].Dist(q) {
			t.Fatalf("nearest to %v = %d at %v m, want %d at %v m", q, i, d, want[0], pts[want[0]].Dist(q))
		}
		n := rapid.IntRange(0, len(pts)+3).Draw(t, "how many")
		if got := x.NearestN(nil, q, n); !slices.Equal(got, want[:min(n, len(pts))]) {
			t.Fatalf("nearest %d of %v = %v, want %v", n, q, got, want[:min(n, len(pts))])
		}
		radius := rapid.Float64Range(0, 30_000).Draw(t, "radius")
		var got []int
		x.Within(q, radius, func(i int, d float64) {
			if d != pts[i].Dist(q) {
				t.Fatalf("point %d is told to be %v m off, it is %v", i, d, pts[i].Dist(q))
			}
			got = append(got, i)
		})
		slices.Sort(got)
		var inside []int
		for i, p := range pts {
			if p.Dist2(q) <= radius*radius {
				inside = append(inside, i)
			}
		}
		if !slices.Equal(got, inside) {
			t.Fatalf("within %v m of %v: %v, want %v", radius, q, got, inside)
		}
	})
}

func TestNearestNAppends(t *testing.T) {
	x := geo.NewIndex([]geo.XY{{X: 1}, {X: 5}, {X: 9}})
	if got := x.NearestN([]int{42}, geo.XY{X: 8}, 2); !slices.Equal(got, []int{42, 2, 1}) {
		t.Errorf("got %v, want [42 2 1]", got)
	}
}

func TestEmptyIndex(t *testing.T) {
	x := geo.NewIndex(nil)
	if i, _ := x.Nearest(geo.XY{}); i != -1 {
		t.Errorf("nearest of nothing = %d, want -1", i)
	}
	if got := x.NearestN(nil, geo.XY{}, 3); len(got) != 0 {
		t.Errorf("nearest three of nothing = %v", got)
	}
	x.Within(geo.XY{}, 1e9, func(i int, _ float64) { t.Errorf("point %d of nothing", i) })
}

func ExampleIndex() {
	x := geo.NewIndex([]geo.XY{{X: 0, Y: 0}, {X: 500, Y: 0}, {X: 0, Y: 900}})
	i, d := x.Nearest(geo.XY{X: 450, Y: 30})
	fmt.Printf("point %d, %.0f m\n", i, d)
	// Output: point 1, 58 m
}

// cloud is a city of sites: dense in the middle.
func cloud(n int) []geo.XY {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]geo.XY, n)
	for i := range out {
		out[i] = geo.XY{X: r.NormFloat64() * 8000, Y: r.NormFloat64() * 8000}
	}
	return out
}

func BenchmarkNearest(b *testing.B) {
	pts, queries := cloud(5000), cloud(4096)
	x := geo.NewIndex(pts)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.Nearest(queries[i%len(queries)])
	}
}

func BenchmarkNewIndex(b *testing.B) {
	pts := cloud(5000)
	for b.Loop() {
		geo.NewIndex(pts)
	}
}
