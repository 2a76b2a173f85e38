package geo_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

func coordinate(t *rapid.T, label string, within float64) float64 {
	return rapid.Float64Range(-within, within).Draw(t, label)
}

func point(t *rapid.T, label string, within float64) geo.XY {
	return geo.XY{X: coordinate(t, label+".x", within), Y: coordinate(t, label+".y", within)}
}

func TestProjectionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := geo.NewProjection(orb.Point{coordinate(t, "lon", 179), coordinate(t, "lat", 80)})
		q := point(t, "q", 60_000)
		if back := p.XY(p.LonLat(q)); back.Dist(q) > 1e-4 {
			t.Fatalf("%v comes back as %v", q, back)
		}
	})
}

// The doc comment promises distances good to 1 % within 60 km up to 45°.
func TestProjectionDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := geo.NewProjection(orb.Point{10, coordinate(t, "lat", 45)})
		length := func(label string) geo.XY {
			r, a := rapid.Float64Range(0, 60_000).Draw(t, label+".r"), rapid.Float64Range(0, 2*math.Pi).Draw(t, label+".a")
			return geo.XY{X: r * math.Cos(a), Y: r * math.Sin(a)}
		}
		a, b := length("a"), length("b")
		flat, round := a.Dist(b), geo.Distance(p.LonLat(a), p.LonLat(b))
		if round > 1 && math.Abs(flat/round-1) > 0.01 {
			t.Fatalf("plane %v m, sphere %v m, off by %.3f %%", flat, round, 100*(flat/round-1))
		}
	})
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b orb.Point
		want float64 // m
	}{
		{"nowhere", orb.Point{10, 50}, orb.Point{10, 50}, 0},
		{"a degree of latitude", orb.Point{10, 50}, orb.Point{10, 51}, 111195.1},
		{"a degree of longitude at 60°", orb.Point{10, 60}, orb.Point{11, 60}, 55595.4},
		{"half the globe", orb.Point{0, 0}, orb.Point{180, 0}, math.Pi * geo.EarthRadius},
		{"across the date line", orb.Point{179.5, 0}, orb.Point{-179.5, 0}, 111195.1},
	} {
		if got := geo.Distance(c.a, c.b); math.Abs(got-c.want) > 1+1e-4*c.want {
			t.Errorf("%s: %v m, want %v", c.name, got, c.want)
		}
	}
}

func TestAzimuth(t *testing.T) {
	for _, c := range []struct {
		to   geo.XY
		want float64
	}{{geo.XY{X: 0, Y: 1}, 0}, {geo.XY{X: 1, Y: 1}, 45}, {geo.XY{X: 1, Y: 0}, 90}, {geo.XY{X: 0, Y: -1}, 180}, {geo.XY{X: -1, Y: 0}, 270}} {
		if got := (geo.XY{}).Azimuth(c.to); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("azimuth to %v = %v, want %v", c.to, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if a := point(t, "p", 1e5).Azimuth(point(t, "q", 1e5)); !(a >= 0 && a < 360) {
			t.Fatalf("azimuth %v, want 0 ≤ a < 360", a)
		}
	})
}

// star is a ring around c that is simple: its corners are by angle.
func star(t *rapid.T, c geo.XY) []geo.XY {
	n := rapid.IntRange(3, 12).Draw(t, "corners")
	ring := make([]geo.XY, n)
	for i := range ring {
		r, a := rapid.Float64Range(10, 1000).Draw(t, "r"), 2*math.Pi*float64(i)/float64(n)
		ring[i] = geo.XY{X: c.X + r*math.Cos(a), Y: c.Y + r*math.Sin(a)}
	}
	return ring
}

func TestRings(t *testing.T) {
	square := []geo.XY{{X: 0, Y: 0}, {X: 4, Y: 0}, {X: 4, Y: 2}, {X: 0, Y: 2}}
	closed := append(append([]geo.XY(nil), square...), square[0])
	for name, r := range map[string][]geo.XY{"open": square, "closed": closed} {
		if a := geo.RingArea(r); a != 8 {
			t.Errorf("%s: area = %v, want 8", name, a)
		}
		if c := geo.RingCentroid(r); c.Dist(geo.XY{X: 2, Y: 1}) > 1e-9 {
			t.Errorf("%s: centroid = %v, want {2 1}", name, c)
		}
		for _, q := range []geo.XY{{X: 1, Y: 1}, {X: 3.9, Y: 1.9}} {
			if !geo.RingContains(r, q) {
				t.Errorf("%s: %v is not inside", name, q)
			}
		}
		for _, q := range []geo.XY{{X: -1, Y: 1}, {X: 5, Y: 1}, {X: 2, Y: 3}, {X: 2, Y: -1}} {
			if geo.RingContains(r, q) {
				t.Errorf("%s: %v is inside", name, q)
			}
		}
	}
	if a, c := geo.RingArea(nil), geo.RingCentroid(nil); a != 0 || c != (geo.XY{}) {
		t.Errorf("no ring has area %v and centroid %v", a, c)
	}
	line := []geo.XY{{X: 0, Y: 0}, {X: 2, Y: 0}}
	if c := geo.RingCentroid(line); c != (geo.XY{X: 1}) {
		t.Errorf("centroid of a line = %v, want its middle", c)
	}
}

// Moving a ring moves its centroid and keeps its area; turning its order
// changes nothing.
func TestRingInvariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, by := point(t, "at", 1e5), point(t, "by", 1e5)
		r := star(t, at)
		moved, reversed := make([]geo.XY, len(r)), make([]geo.XY, len(r))
		for i, p := range r {
			moved[i], reversed[len(r)-1-i] = geo.XY{X: p.X + by.X, Y: p.Y + by.Y}, p
		}
		a, c := geo.RingArea(r), geo.RingCentroid(r)
		if b := geo.RingArea(moved); math.Abs(a-b) > 1e-2 {
			t.Fatalf("area %v, moved %v", a, b)
		}
		if d := geo.RingCentroid(moved); d.Dist(geo.XY{X: c.X + by.X, Y: c.Y + by.Y}) > 1e-3 {
			t.Fatalf("centroid %v, moved by %v is %v", c, by, d)
		}
		if b, d := geo.RingArea(reversed), geo.RingCentroid(reversed); math.Abs(a-b) > 1e-2 || c.Dist(d) > 1e-3 {
			t.Fatalf("area %v and centroid %v, reversed %v and %v", a, c, b, d)
		}
		if !geo.RingContains(r, at) {
			t.Fatalf("the star around %v does not contain it", at)
		}
		if geo.RingContains(r, geo.XY{X: at.X + 1001, Y: at.Y}) {
			t.Fatal("the star reaches beyond its corners")
		}
	})
}

func TestRingIsClosed(t *testing.T) {
	p := geo.NewProjection(orb.Point{10, 50})
	open := []geo.XY{{X: 0, Y: 0}, {X: 100, Y: 0}, {X: 0, Y: 100}}
	r := p.Ring(open)
	if len(r) != 4 || r[0] != r[3] {
		t.Errorf("ring = %v, want it closed", r)
	}
	if again := p.Ring(p.RingXY(r)); len(again) != 4 {
		t.Errorf("a closed ring becomes %v", again)
	}
	if r := p.Ring(nil); len(r) != 0 {
		t.Errorf("no points make %v", r)
	}
}

func ExampleDistance() {
	neubrandenburg, berlin := orb.Point{13.26, 53.56}, orb.Point{13.40, 52.52}
	fmt.Printf("%.0f km\n", geo.Distance(neubrandenburg, berlin)/1000)
	// Output: 116 km
}
