package planning

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// road is a polyline on the plane.
func road(proj geo.Projection, class string, line ...geo.XY) dataset.Road {
	r := dataset.Road{Class: class}
	for _, q := range line {
		p := proj.LonLat(q)
		r.Lon, r.Lat = append(r.Lon, p[0]), append(r.Lat, p[1])
	}
	return r
}

func TestStreets(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 50})
	s := newStreets(proj, []dataset.Road{
		road(proj, "motorway", geo.XY{X: 0, Y: 300}, geo.XY{X: 900, Y: 300}),
		road(proj, "residential", geo.XY{X: 0, Y: 0}, geo.XY{X: 600, Y: 0}, geo.XY{X: 900, Y: 0}), // 900 m: two of 450 m
		road(proj, "primary", geo.XY{X: 0, Y: 80}, geo.XY{X: 400, Y: 80}),
		road(proj, "rail", geo.XY{X: 0, Y: 600}, geo.XY{X: 400, Y: 600}),
	}, 50, 500)
	if len(s.segments) != 3 || math.Abs(s.segments[0].m-450) > 1e-6 || s.segments[2].class != "primary" {
		t.Fatalf("segments %+v, want two of 450 m and one of 400 m", s.segments)
	}
	for _, c := range []struct {
		name string
		at   geo.XY
		want geo.ZoneID
	}{
		{"on the first half", geo.XY{X: 440}, 0},
		{"on the second", geo.XY{X: 460}, 1},
		{"nearer to the other street", geo.XY{X: 100, Y: 45}, 2},
		{"nearer to this one", geo.XY{X: 100, Y: 35}, 0},
		{"beyond the end, within the buffer", geo.XY{X: 940, Y: 0}, 1},
		{"too far", geo.XY{X: 960, Y: 0}, 3},
		{"on the motorway", geo.XY{X: 500, Y: 300}, 3},
	} {
		if got := s.Zone(proj.LonLat(c.at)); got != c.want {
			t.Errorf("%s: segment %d, want %d", c.name, got, c.want)
		}
	}
	if c := proj.XY(s.Center(0)); c.Dist(geo.XY{X: 225}) > 1e-3 {
		t.Errorf("middle of the first segment at %v, want 225, 0", c)
	}
}

// The squares find what a look at every segment finds.
func TestStreetsNearest(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 50})
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) geo.XY {
			return geo.XY{X: float64(rapid.IntRange(-900, 900).Draw(t, "x")), Y: float64(rapid.IntRange(-900, 900).Draw(t, "y"))}
		})
		var roads []dataset.Road
		for _, l := range rapid.SliceOfN(rapid.SliceOfN(point, 2, 4), 1, 6).Draw(t, "roads") {
			roads = append(roads, road(proj, "residential", l...))
		}
		s := newStreets(proj, roads, 50, 300)
		q := point.Draw(t, "q")
		// As Zone sees it, after the way to degrees and back.
		q = proj.XY(proj.LonLat(q))
		best, least := s.offStreet(), 2500.0
		for i, g := range s.segments {
			for k := range g.line[1:] {
				if d := geo.SegmentDist2(q, g.line[k], g.line[k+1]); d < least || (d == least && geo.ZoneID(i) < best) {
					best, least = geo.ZoneID(i), d
				}
			}
		}
		if got := s.Zone(proj.LonLat(q)); got != best {
			t.Fatalf("segment %d, want %d", got, best)
		}
		sum := 0.0
		for _, g := range s.segments {
			sum += g.m
			if g.m > 300+1e-3 {
				t.Fatalf("a segment of %v m", g.m)
			}
		}
	})
}

// Two streets of 1 km, cut in halves, on a workday: nobody on the first, 15 hours of daytime with one person in
// the first half of the other and 0 in the second but for one hour with 15.
func TestStreetLife(t *testing.T) {
	e := daysEnv(t, 1)
	m := &dataset.Map{Roads: []dataset.Road{
		road(e.Proj, "residential", geo.XY{X: 0, Y: 0}, geo.XY{X: 1000, Y: 0}),
		road(e.Proj, "residential", geo.XY{X: 0, Y: 500}, geo.XY{X: 1000, Y: 500})}}
	e.Map = m
	var zones [slots]map[geo.ZoneID]float64
	for s := range zones {
		zones[s] = map[geo.ZoneID]float64{2: 1, 4: 3} // 4 is off the streets
	}
	zones[12][3] = 15
	got := e.onStreets().streetLife(zones, 1)
	if got.Streets != 4 || len(got.Segments) != 2 {
		t.Fatalf("%+v, want life on two of four segments", got)
	}
	if a := got.Segments[0]; a.Segment != 2 || !near(a.Persons, 2) || !near(a.CV, 0) {
		t.Errorf("%+v, want 2 persons a km (one on 500 m), CV 0", a)
	}
	// One value of 15 and 14 of 0: mean 1, variance (14² + 14)/15 = 14.
	if b := got.Segments[1]; b.Segment != 3 || !near(b.Persons, 2) || !near(b.CV, math.Sqrt(14)) {
		t.Errorf("%+v, want 2 persons a km, CV √14", b)
	}
	task := vibrancyTask{}
	other := &Vibrancy{Streets: 4, Segments: slices.Clone(got.Segments[:1])}
	// Pairs of (0, 0, 2, 2) with (0, 0, 2, 0): concordant 2, tied in the first 2, in the second 3: 2/√(4·3).
	if s := task.Score(got, other); !near(s, 2/math.Sqrt(12)) {
		t.Errorf("score = %v, want %v", s, 2/math.Sqrt(12))
	}
}

func TestOutside(t *testing.T) {
	e := daysEnv(t, 1)
	e.Areas = []sigcity.Area{{Center: e.Proj.LonLat(geo.XY{}), Spacing: 1000}, {Center: e.Proj.LonLat(geo.XY{X: 590}), Spacing: 1000}, {Center: e.Proj.LonLat(geo.XY{X: 610}), Spacing: 1000}}
	if !e.samePoint(0, 1) || e.samePoint(0, 2) {
		t.Error("areas within 0.6 spacings are one stable point, and no others")
	}
}
