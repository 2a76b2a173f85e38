package citymap

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// TestNeighboursDiffer: areas made of a random map's Voronoi polygons on the
// raster hang together and are planar: no two that touch share a colour.
func TestNeighboursDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &raster{cols: 40, rows: 30, pixel: 1, area: make([]int32, 40*30)}
		n := rapid.IntRange(1, 60).Draw(t, "n")
		var sites [][2]int
		for range n {
			sites = append(sites, [2]int{rapid.IntRange(0, 39).Draw(t, "x"), rapid.IntRange(0, 29).Draw(t, "y")})
		}
		for i := range r.area {
			best := 0
			for k, s := range sites {
				d := func(s [2]int) int { return (s[0]-i%40)*(s[0]-i%40) + (s[1]-i/40)*(s[1]-i/40) }
				if d(s) < d(sites[best]) {
					best = k
				}
			}
			r.area[i] = int32(best)
		}
		beside := r.neighbours(n, func(a int32) int32 { return a })
		colour := colours(beside, shades)
		for i := range r.area {
			r.beside(i, func(k int) {
				if a, b := r.area[i], r.area[k]; a != b && colour[a] == colour[b] {
					t.Fatalf("areas %d and %d touch and share colour %d", a, b, colour[a])
				}
			})
		}
		order := smallestLast(beside)
		slices.Sort(order)
		for i, v := range order {
			if int(v) != i || len(order) != n {
				t.Fatalf("smallest last lists %v, want each of %d once", order, n)
			}
		}
	})
}

// TestTooFewColours: five that all touch each other get four colours, of which
// one is used twice.
func TestTooFewColours(t *testing.T) {
	all := make([][]int32, 5)
	for i := range all {
		for k := range int32(5) {
			if int(k) != i {
				all[i] = append(all[i], k)
			}
		}
	}
	used := make([]int, 4)
	for _, c := range colours(all, 4) {
		used[c]++
	}
	if slices.Sort(used); !slices.Equal(used, []int{1, 1, 1, 2}) {
		t.Errorf("colours are used %v times", used)
	}
}

// TestRaster: two squares with a gap of one pixel are neighbours; a third far
// away is not.
func TestRaster(t *testing.T) {
	f := Frame{W: rasterSide, H: rasterSide, Scale: 1}
	square := func(x, y float64) []orb.Ring { return []orb.Ring{{{x, y}, {x + 20, y}, {x + 20, y + 20}, {x, y + 20}}} }
	r := f.newRaster([][]orb.Ring{square(10, 10), square(31, 10), square(300, 300)})
	got := r.neighbours(3, func(a int32) int32 { return a })
	if !slices.Equal(got[0], []int32{1}) || !slices.Equal(got[1], []int32{0}) || len(got[2]) != 0 {
		t.Errorf("neighbours %v", got)
	}
	n := 0
	for _, a := range r.area {
		if a == 2 {
			n++
		}
	}
	// 20 × 20 and two rims without corners: 4 × 20, then 4 × (20 + 1).
	if n != 400+80+84 {
		t.Errorf("the square of 400 pixels, grown by 2, has %d", n)
	}
}
