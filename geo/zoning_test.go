package geo_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

func zonings(t testing.TB) []geo.Zoning {
	t.Helper()
	proj := geo.NewProjection(orb.Point{13.26, 53.56})
	var out []geo.Zoning
	for _, name := range []string{"grid-500m", "grid-1km", "grid-3km", "h3-6", "h3-8"} {
		z, err := geo.ParseZoning(name, proj)
		if err != nil {
			t.Fatal(err)
		}
		if z.Name() != name {
			t.Errorf("zoning %q calls itself %q", name, z.Name())
		}
		out = append(out, z)
	}
	return out
}

// Every zone owns its centre, its outline closes around it, and the outline
// contains what the zone does.
func TestZonings(t *testing.T) {
	proj := geo.NewProjection(orb.Point{13.26, 53.56})
	all := zonings(t)
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(all).Draw(t, "zoning")
		p := proj.LonLat(point(t, "p", 40_000))
		id := z.Zone(p)
		if id == geo.NoZone {
			t.Fatalf("%s: %v lies nowhere", z.Name(), p)
		}
		if got := z.Zone(z.Center(id)); got != id {
			t.Fatalf("%s: the centre of zone %d lies in %d", z.Name(), id, got)
		}
		outline := z.Outline(id)
		if len(outline) < 4 || outline[0] != outline[len(outline)-1] {
			t.Fatalf("%s: outline %v, want a closed ring", z.Name(), outline)
		}
		// An H3 edge is an arc: a point next to it may fall on either side on the plane.
		if ring := proj.RingXY(outline); !geo.RingContains(ring, proj.XY(p)) && gap(ring, proj.XY(p)) > 5 {
			t.Fatalf("%s: zone %d does not contain %v", z.Name(), id, p)
		}
	})
}

// gap is the distance from q to the ring's corners and edges, sampled.
func gap(ring []geo.XY, q geo.XY) float64 {
	best := math.Inf(1)
	for i := range len(ring) - 1 {
		for f := range 1000 {
			best = math.Min(best, ring[i].Lerp(ring[i+1], float64(f)/1000).Dist(q))
		}
	}
	return best
}

func TestGridSize(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 50})
	g := geo.Grid{Proj: proj, Size: 500}
	area := geo.RingArea(proj.RingXY(g.Outline(g.Zone(proj.LonLat(geo.XY{X: -1, Y: -1})))))
	if math.Abs(area-250_000) > 1e-2 {
		t.Errorf("area = %v m², want 250000", area)
	}
	if a, b := g.Zone(proj.LonLat(geo.XY{X: -1, Y: 1})), g.Zone(proj.LonLat(geo.XY{X: 1, Y: 1})); a == b {
		t.Error("the axis does not part zones")
	}
	if z := g.Zone(orb.Point{math.NaN(), 0}); z != geo.NoZone {
		t.Errorf("zone of NaN = %d, want none", z)
	}
}

func TestParseZoningRefuses(t *testing.T) {
	for _, name := range []string{"", "grid", "grid-", "grid-0m", "grid--5m", "grid-infkm", "grid-1e400m", "grid-NaNm", "h3-", "h3-16", "h3--1", "h3-8.5", "taz"} {
		if z, err := geo.ParseZoning(name, geo.Projection{}); err == nil {
			t.Errorf("%q is taken for %s", name, z.Name())
		}
	}
}

func FuzzParseZoning(f *testing.F) {
	for _, s := range []string{"grid-500m", "grid-1km", "h3-8", "grid-0.25km"} {
		f.Add(s)
	}
	proj := geo.NewProjection(orb.Point{10, 50})
	f.Fuzz(func(t *testing.T, name string) {
		z, err := geo.ParseZoning(name, proj)
		if err != nil {
			return
		}
		again, err := geo.ParseZoning(z.Name(), proj)
		if err != nil || again.Name() != z.Name() {
			t.Errorf("%q calls itself %q, which is not taken for the same: %v", name, z.Name(), err)
		}
	})
}

func TestSortedZones(t *testing.T) {
	got := geo.SortedZones(map[geo.ZoneID]int{9: 1, -1: 1, 4: 1})
	if !slices.Equal(got, []geo.ZoneID{-1, 4, 9}) {
		t.Errorf("got %v", got)
	}
}

func ExampleParseZoning() {
	proj := geo.NewProjection(orb.Point{13.26, 53.56})
	z, err := geo.ParseZoning("grid-1km", proj)
	if err != nil {
		fmt.Println(err)
		return
	}
	home := proj.LonLat(geo.XY{X: 1234, Y: 5678})
	fmt.Println(z.Name(), proj.XY(z.Center(z.Zone(home))).Dist(geo.XY{X: 1500, Y: 5500}) < 0.01)
	// Output: grid-1km true
}

func BenchmarkZone(b *testing.B) {
	for _, z := range zonings(b) {
		b.Run(z.Name(), func(b *testing.B) {
			p := orb.Point{13.3, 53.5}
			b.ReportAllocs()
			for b.Loop() {
				z.Zone(p)
			}
		})
	}
}
