package recognition_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

var plane = geo.NewProjection(orb.Point{10, 0})

// blocks makes rectangular areas of (x0, y0, x1, y1) in metres, with sharp edges.
func blocks(rects ...[4]float64) *geo.Areas {
	areas := make([]sigcity.Area, len(rects))
	for i, r := range rects {
		areas[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: plane.LonLat(geo.XY{X: (r[0] + r[2]) / 2, Y: (r[1] + r[3]) / 2}),
			Footprint: plane.Ring([]geo.XY{{X: r[0], Y: r[1]}, {X: r[2], Y: r[1]}, {X: r[2], Y: r[3]}, {X: r[0], Y: r[3]}})}
	}
	return geo.NewAreas(areas, plane)
}

var kilometre = geo.Grid{Proj: plane, Size: 1000}

// zoneAt is the zone of a point in metres.
func zoneAt(x, y float64) geo.ZoneID { return kilometre.Zone(plane.LonLat(geo.XY{X: x, Y: y})) }

func allocator(tb testing.TB, areas *geo.Areas, p recognition.AllocateParams) *recognition.Allocator {
	tb.Helper()
	a, err := recognition.NewAllocator(areas, plane, kilometre, p)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestAllocate(t *testing.T) {
	west, east := zoneAt(500, 500), zoneAt(1500, 500)
	two := blocks([4]float64{1, 1, 1999, 900}, [4]float64{1001, 1, 1999, 900})
	prior := func(z geo.ZoneID) float64 { return map[geo.ZoneID]float64{west: 3, east: 1}[z] }
	for _, c := range []struct {
		name       string
		areas      *geo.Areas
		p          recognition.AllocateParams
		counts     []float64
		west, east float64
	}{
		{"nobody", two, recognition.AllocateParams{}, []float64{0, 0}, 0, 0},
		{"evenly over the footprint", two, recognition.AllocateParams{Uniform: true}, []float64{10, 4}, 5, 9},
		// In the east, each area serves half: the first area has 2/3 of its ground in the west.
		{"one round", two, recognition.AllocateParams{Iterations: 1}, []float64{12, 4}, 8, 8},
		{"one round of a prior", two, recognition.AllocateParams{Iterations: 1, Prior: prior}, []float64{14, 4}, 12, 6},
		// The most likely people: those in the east are in either area alike, so ten there are
		// twenty in all, and nobody is left for the west.
		{"until it stands", two, recognition.AllocateParams{Iterations: 100_000, Tolerance: 1e-9}, []float64{10, 10}, 0, 20},
		{"layers do not compete", two, recognition.AllocateParams{Layer: []int32{0, 1}, Iterations: 1}, []float64{12, 4}, 6, 10},
		{"where nobody is expected", two, recognition.AllocateParams{Iterations: 1, Prior: func(geo.ZoneID) float64 { return 0 }}, []float64{12, 0}, 8, 4},
	} {
		a := allocator(t, c.areas, c.p)
		got, err := a.Allocate(c.counts)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]geo.ZoneID{west, east}, a.Zones()); diff != "" {
			t.Fatalf("%s: zones (-want +got)\n%s", c.name, diff)
		}
		// The lattice of the first area has 18 columns, 9 in either zone.
		if diff := cmp.Diff([]float64{c.west, c.east}, got.People, cmpopts.EquateApprox(1e-9, 0.001)); diff != "" {
			t.Errorf("%s: people (-want +got)\n%s", c.name, diff)
		}
		if got.Lost != 0 {
			t.Errorf("%s: %g are lost", c.name, got.Lost)
		}
	}
}

// An area's edge reaches into the next one: with a spacing of 1 km and 0.1 of it
// as deviation, the mass beyond the border follows from the weights alone.
func TestAllocateEdge(t *testing.T) {
	areas := make([]sigcity.Area, 2)
	for i := range areas {
		x := float64(i) * 1000
		areas[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: plane.LonLat(geo.XY{X: x + 500, Y: 500}), Spacing: 1000,
			Footprint: plane.Ring([]geo.XY{{X: x, Y: 0}, {X: x + 1000, Y: 0}, {X: x + 1000, Y: 1000}, {X: x, Y: 1000}})}
	}
	a := allocator(t, geo.NewAreas(areas, plane), recognition.AllocateParams{Iterations: 1, EdgeShare: 0.1})
	shares := a.Shares(nil, 0, nil)
	at := map[geo.ZoneID]float64{}
	for _, s := range shares {
		at[s.Zone] = s.Share
	}
	// At g metres beyond the border area 0 has w/(1+w), w = exp(−½(g/100)²), in sum
	// 76 m of ground, and lacks as much inside.
	within := 0.0
	for g := 0.5; g < 300; g++ {
		w := math.Exp(-0.5 * (g / 100) * (g / 100))
		within += w / (1 + w)
	}
	// The lattice has a step of 64 m: a quarter of what is sought may hang on a column.
	if got, want := at[zoneAt(1500, 500)]/at[zoneAt(500, 500)], within/(1000-within); math.Abs(got-want) > 0.02 {
		t.Errorf("beyond the border lies %.3f of what lies inside, want %.3f", got, want)
	}
}

func TestAllocateLost(t *testing.T) {
	// 40,000 km east there is no zone of the grid.
	a := allocator(t, blocks([4]float64{0, 0, 900, 900}, [4]float64{4e10, 0, 4e10 + 900, 900}), recognition.AllocateParams{Uniform: true})
	got, err := a.Allocate([]float64{3, 5})
	if err != nil {
		t.Fatal(err)
	}
	if got.Lost != 5 || len(got.People) != 1 || got.People[0] != 3 {
		t.Errorf("%g lost, people %v; want 5 and [3]", got.Lost, got.People)
	}
	if s := a.Shares(nil, 1, nil); len(s) != 0 {
		t.Errorf("an area in no zone has the shares %v", s)
	}
}

func TestAllocateErrors(t *testing.T) {
	one := blocks([4]float64{0, 0, 900, 900})
	same := make([][4]float64, 101)
	for i := range same {
		same[i] = [4]float64{0, 0, 900, 900}
	}
	for _, c := range []struct {
		areas *geo.Areas
		p     recognition.AllocateParams
		want  string
	}{
		{one, recognition.AllocateParams{EdgeShare: -1}, "edge share = -1, must be above 0 and at most 1"},
		{one, recognition.AllocateParams{EdgeShare: math.NaN()}, "edge share = NaN, must be above 0 and at most 1"},
		{one, recognition.AllocateParams{Iterations: -1}, "iterations = -1, must be at least 1"},
		{one, recognition.AllocateParams{Tolerance: 1}, "tolerance = 1, must be above 0 and below 1"},
		{one, recognition.AllocateParams{Layer: []int32{1, 2}}, "layers of 2 areas, want 1"},
		{one, recognition.AllocateParams{Prior: func(geo.ZoneID) float64 { return -1 }}, "= -1, must be at least 0"},
		{blocks(same...), recognition.AllocateParams{}, "areas overlap 101-fold, want areas that compete for the ground"},
	} {
		if _, err := recognition.NewAllocator(c.areas, plane, kilometre, c.p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error = %v, want … %s", err, c.want)
		}
	}
	a := allocator(t, one, recognition.AllocateParams{})
	for want, counts := range map[string][]float64{
		"counts of 2 areas, want 1":                 {1, 2},
		"count of area 0 = -2, must be at least 0":  {-2},
		"count of area 0 = NaN, must be at least 0": {math.NaN()},
	} {
		if _, err := a.Allocate(counts); err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}

func TestOperatorLayers(t *testing.T) {
	got := recognition.OperatorLayers([]sigcity.Area{{Operator: "460-00"}, {Operator: "460-01"}, {}, {Operator: "460-00"}})
	if diff := cmp.Diff([]int32{0, 1, 2, 0}, got); diff != "" {
		t.Errorf("layers (-want +got)\n%s", diff)
	}
}

// On overlapping blocks: nobody is lost or made, people are the posterior of
// themselves once it stands, shares add up to 1, and no round makes the counts less likely.
func TestAllocateHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "areas")
		rects, counts, total := make([][4]float64, n), make([]float64, n), 0.0
		for i := range rects {
			x, y := rapid.Float64Range(0, 3000).Draw(t, "x"), rapid.Float64Range(0, 3000).Draw(t, "y")
			rects[i] = [4]float64{x, y, x + rapid.Float64Range(1, 4000).Draw(t, "w"), y + rapid.Float64Range(1, 4000).Draw(t, "h")}
			counts[i] = float64(rapid.IntRange(0, 50).Draw(t, "count"))
			total += counts[i]
		}
		areas := blocks(rects...)
		last := math.Inf(-1)
		for rounds := range 6 {
			a, err := recognition.NewAllocator(areas, plane, kilometre, recognition.AllocateParams{Iterations: rounds + 1, Tolerance: 1e-12})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Allocate(counts)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0.0
			for _, v := range got.People {
				sum += v
			}
			if math.Abs(sum-total) > 1e-9*(1+total) {
				t.Fatalf("%g people, want %g", sum, total)
			}
			like := 0.0
			for i := range counts {
				s, all := a.Expected(sigcity.AreaID(i), got.People), 0.0
				for _, z := range a.Shares(nil, sigcity.AreaID(i), got.People) {
					all += z.Share
				}
				if math.Abs(all-1) > 1e-9 {
					t.Fatalf("shares of area %d add up to %g", i, all)
				}
				if counts[i] > 0 {
					like += counts[i] * math.Log(s)
				}
			}
			if like < last-1e-6 {
				t.Fatalf("round %d takes the log-likelihood from %g to %g", rounds+1, last, like)
			}
			last = like
		}
	})
}

// The fixture's cells are the kilometre grid of its zoning: every count is in its zone.
func TestAllocateFixture(t *testing.T) {
	c := fixture.New(1, 1, 1)
	proj := c.Map.Projection()
	areas := geo.NewAreas(c.Data.Areas(), proj)
	zoning := geo.Grid{Proj: proj, Size: 1000}
	a, err := recognition.NewAllocator(areas, proj, zoning, recognition.AllocateParams{Uniform: true})
	if err != nil {
		t.Fatal(err)
	}
	for id := range areas.Len() {
		counts := make([]float64, areas.Len())
		counts[id] = 7
		got, err := a.Allocate(counts)
		if err != nil {
			t.Fatal(err)
		}
		home := zoning.Zone(proj.LonLat(areas.Centers[id]))
		for i, z := range a.Zones() {
			if z == home && got.People[i] < 6.5 {
				t.Errorf("of 7 in cell %d, %g are in its zone", id, got.People[i])
			}
		}
	}
}

func BenchmarkAllocate(b *testing.B) {
	c := fixture.New(1, 1, 1)
	proj := c.Map.Projection()
	areas := geo.NewAreas(c.Data.Areas(), proj)
	a, err := recognition.NewAllocator(areas, proj, geo.Grid{Proj: proj, Size: 500}, recognition.AllocateParams{})
	if err != nil {
		b.Fatal(err)
	}
	counts := make([]float64, areas.Len())
	for i := range counts {
		counts[i] = float64(i % 17)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Allocate(counts); err != nil {
			b.Fatal(err)
		}
	}
}
