package geo

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHull(t *testing.T) {
	square := []XY{{0, 0}, {2, 0}, {2, 2}, {0, 2}}
	for _, c := range []struct {
		name string
		pts  []XY
		want int
		area float64
	}{
		{"nothing", nil, 0, 0}, {"one point, twice", []XY{{1, 1}, {1, 1}}, 1, 0}, {"a line", []XY{{0, 0}, {1, 1}, {2, 2}}, 2, 0},
		{"a square with its middle and an edge's", append([]XY{{1, 1}, {1, 0}}, square...), 4, 4},
	} {
		if got := Hull(c.pts); len(got) != c.want || RingArea(got) != c.area {
			t.Errorf("%s: %v, want %d corners and an area of %g", c.name, got, c.want, c.area)
		}
	}
}

// Every point lies to the left of every side, and the corners are among the points.
func TestHullHoldsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Map(rapid.IntRange(-8, 8), func(i int) float64 { return float64(i) })
		pts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) XY { return XY{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")} }), 0, 30).Draw(t, "points")
		h := Hull(pts)
		for i, a := range h {
			b := h[(i+1)%len(h)]
			for _, p := range pts {
				if len(h) > 2 && (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
					t.Fatalf("%v lies outside of %v", p, h)
				}
			}
		}
	})
}
