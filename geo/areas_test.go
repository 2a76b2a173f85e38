package geo_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

func someAreas(t *rapid.T, proj geo.Projection) []sigcity.Area {
	out := make([]sigcity.Area, rapid.IntRange(1, 20).Draw(t, "areas"))
	for i := range out {
		c := point(t, "center", 5000)
		out[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(c), Spacing: float64(100 * i),
			Radius: rapid.Float64Range(0, 2000).Draw(t, "radius")}
		if rapid.Bool().Draw(t, "ring") {
			out[i].Footprint = proj.Ring(star(t, c))
		}
	}
	return out
}

func TestAreas(t *testing.T) {
	proj := geo.NewProjection(orb.Point{13.26, 53.56})
	rapid.Check(t, func(t *rapid.T) {
		areas := someAreas(t, proj)
		a := geo.NewAreas(areas, proj)
		if a.Len() != len(areas) {
			t.Fatalf("%d areas, want %d", a.Len(), len(areas))
		}
		q := point(t, "q", 8000)
		order := byDistance(a.Centers, q)
		if id, d := a.Nearest(q); int(id) != order[0] || d != a.Centers[order[0]].Dist(q) {
			t.Fatalf("nearest = %d at %v, want %d", id, d, order[0])
		}
		for i := range areas {
			id := sigcity.AreaID(i)
			if a.Spacing(id) != areas[i].Spacing || a.Radius(id) != areas[i].Radius || (a.Ring(id) == nil) != (areas[i].Footprint == nil) {
				t.Fatalf("area %d is told wrong", i)
			}
			if !a.Contains(id, a.Centers[i]) {
				t.Fatalf("area %d does not contain its centre", i)
			}
			// The gap is 0 just inside and, going straight home, never more than the way to the centre.
			gap := a.Gap(id, q)
			if (gap == 0) != a.Contains(id, q) {
				t.Fatalf("area %d: gap %v but contains = %v", i, gap, a.Contains(id, q))
			}
			if d := a.Centers[i].Dist(q); gap > d {
				t.Fatalf("area %d: gap %v beyond the centre, %v", i, gap, d)
			}
			// No point of the area is nearer than the gap: try along the line to the centre.
			for f := range 100 {
				p := q.Lerp(a.Centers[i], float64(f)/100)
				if a.Contains(id, p) && p.Dist(q) < gap-1e-6 {
					t.Fatalf("area %d: gap %v, but %v is inside at %v", i, gap, p, p.Dist(q))
				}
			}
		}
		radius := rapid.Float64Range(0, 10_000).Draw(t, "within")
		var got, want []sigcity.AreaID
		a.Within(q, radius, func(id sigcity.AreaID, _ float64) { got = append(got, id) })
		for i, c := range a.Centers {
			if c.Dist2(q) <= radius*radius {
				want = append(want, sigcity.AreaID(i))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("within %v: %v, want %v", radius, got, want)
		}
	})
}

func TestGapOfSquare(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 0})
	ring := proj.Ring([]geo.XY{{X: 0, Y: 0}, {X: 100, Y: 0}, {X: 100, Y: 100}, {X: 0, Y: 100}})
	a := geo.NewAreas([]sigcity.Area{{Center: proj.LonLat(geo.XY{X: 50, Y: 50}), Footprint: ring}}, proj)
	for _, c := range []struct {
		q    geo.XY
		want float64
	}{{geo.XY{X: 50, Y: 50}, 0}, {geo.XY{X: 150, Y: 50}, 50}, {geo.XY{X: 103, Y: 104}, 5}, {geo.XY{X: 50, Y: -20}, 20}} {
		if got := a.Gap(0, c.q); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("gap to %v = %v, want %v", c.q, got, c.want)
		}
	}
	if d := a.Dist(0, 0); d != 0 {
		t.Errorf("distance to itself = %v", d)
	}
}
