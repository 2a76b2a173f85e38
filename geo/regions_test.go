package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

func box(x, y, side float64) []geo.XY {
	return []geo.XY{{X: x, Y: y}, {X: x + side, Y: y}, {X: x + side, Y: y + side}, {X: x, Y: y + side}}
}

func TestRegions(t *testing.T) {
	proj := geo.NewProjection(orb.Point{9.5, 47.1})
	x := geo.NewRegions("admin-8", proj, []geo.Region{
		{ID: 7, Rings: [][]geo.XY{box(0, 0, 1000), box(200, 200, 600), box(400, 400, 200)}}, // an island in a hole
		{ID: 9, Rings: [][]geo.XY{box(200, 200, 100), box(2000, 0, 100)}},                   // an enclave and an exclave
		{ID: 5}, // nowhere
	})
	if x.Name() != "admin-8" {
		t.Errorf("name %q", x.Name())
	}
	for _, tt := range []struct {
		at   geo.XY
		want geo.ZoneID
	}{
		{geo.XY{X: 100, Y: 100}, 7}, {geo.XY{X: 350, Y: 350}, geo.NoZone}, {geo.XY{X: 500, Y: 500}, 7}, {geo.XY{X: 250, Y: 250}, 9},
		{geo.XY{X: 2050, Y: 50}, 9}, {geo.XY{X: 1500, Y: 50}, geo.NoZone}, {geo.XY{X: -9e6, Y: 9e6}, geo.NoZone},
	} {
		if got := x.Zone(proj.LonLat(tt.at)); got != tt.want {
			t.Errorf("%v lies in %d, want %d", tt.at, got, tt.want)
		}
	}
	for i, want := range []float64{1000*1000 - 600*600 + 200*200, 2 * 100 * 100, 0} {
		if got := x.M2(i); math.Abs(got-want) > 1 {
			t.Errorf("region %d has %.0f m², want %.0f", i, got, want)
		}
	}
	if c := proj.XY(x.Center(7)); c.Dist(geo.XY{X: 500, Y: 500}) > 0.01 {
		t.Errorf("centre %v", c)
	}
	if r := x.Outline(7); len(r) != 5 || r[0] != r[4] {
		t.Errorf("outline %v, want the largest ring, closed", r)
	}
	if len(x.Outline(5)) > 0 || len(x.Outline(4)) > 0 || x.Center(4) != (orb.Point{}) {
		t.Error("an outline of nothing")
	}
	if none := geo.NewRegions("", proj, nil); none.At(geo.XY{}, nil) != -1 || none.Zone(orb.Point{}) != geo.NoZone {
		t.Error("a place in no regions")
	}
}

// blob is a star-shaped ring of 4 to 200 corners around a point.
func blob(r *rand.Rand, at geo.XY, size float64) []geo.XY {
	ring := make([]geo.XY, 4+r.IntN(196))
	for i := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(ring)))
		d := size * (0.7 + 0.3*r.Float64())
		ring[i] = geo.XY{X: at.X + d*cos, Y: at.Y + d*sin}
	}
	return ring
}

// The grid finds what a walk over all regions finds.
func TestRegionsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		regions := make([]geo.Region, 1+r.IntN(40))
		for i := range regions {
			regions[i].ID = geo.ZoneID(i)
			for range 1 + r.IntN(3) {
				regions[i].Rings = append(regions[i].Rings, blob(r, geo.XY{X: r.NormFloat64() * 3000, Y: r.NormFloat64() * 900}, 1+r.ExpFloat64()*1500))
			}
		}
		x := geo.NewRegions("", geo.Projection{}, regions)
		for range 50 {
			q := geo.XY{X: r.NormFloat64() * 4000, Y: r.NormFloat64() * 1500}
			want := -1
			for i, z := range regions {
				if z.Contains(q) && (want < 0 || x.M2(i) < x.M2(want)) {
					want = i
				}
			}
			if got := x.At(q, nil); got != want {
				t.Fatalf("%v lies in region %d, want %d", q, got, want)
			}
		}
	})
}

func BenchmarkRegions(b *testing.B) {
	var regions []geo.Region
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 100 { // districts
		regions = append(regions, geo.Region{ID: geo.ZoneID(i), Rings: [][]geo.XY{blob(r, geo.XY{X: float64(i%10) * 10_000, Y: float64(i/10) * 10_000}, 6000)}})
	}
	state := make([]geo.XY, 20_000)
	for i := range state {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(state)))
		state[i] = geo.XY{X: 50_000 + 80_000*cos, Y: 50_000 + 80_000*sin}
	}
	x := geo.NewRegions("", geo.Projection{}, append(regions, geo.Region{ID: 100, Rings: [][]geo.XY{state}}))
	b.ReportAllocs()
	for b.Loop() {
		x.At(geo.XY{X: r.Float64() * 100_000, Y: r.Float64() * 100_000}, nil)
	}
}
