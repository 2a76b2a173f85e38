package recognition_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// strip is a town along a straight street from west to east: discs of 300 m
// every 500 m are areas 0 … 40, at 0 … 20 km; a tunnel below it from 8 to
// 12 km has areas of its own, 41 (8 to 10 km) and 42. Far north of it a
// high-speed line has discs of 1 km every 2 km, areas 43 … 63, at 0 … 40 km.
func strip() (areas []sigcity.Area, m *dataset.Map) {
	m = &dataset.Map{Origin: orb.Point{10, 0}}
	proj := m.Projection()
	add := func(x, y, radius float64, ring ...geo.XY) {
		a := sigcity.Area{ID: sigcity.AreaID(len(areas)), Center: proj.LonLat(geo.XY{X: x, Y: y}), Radius: radius, Spacing: 1000}
		if ring != nil {
			a.Footprint = proj.Ring(ring)
		}
		areas = append(areas, a)
	}
	for i := range 41 {
		add(float64(i)*500, 0, 300)
	}
	for _, x := range []float64{8000, 10_000} {
		add(x+1000, 0, 357, geo.XY{X: x, Y: -100}, geo.XY{X: x + 2000, Y: -100}, geo.XY{X: x + 2000, Y: 100}, geo.XY{X: x, Y: 100})
	}
	for i := range 21 {
		add(float64(i)*2000, 20_000, 1000)
	}
	stop := func(x, y float64) uint32 {
		id := uint32(len(m.Stops))
		ll := proj.LonLat(geo.XY{X: x, Y: y})
		m.Stops = append(m.Stops, dataset.Stop{ID: id, Lon: ll[0], Lat: ll[1], Hub: -1})
		return id
	}
	line := func(mode string, mps, y float64, x ...float64) {
		l := dataset.Line{ID: uint32(len(m.Lines)), Mode: mode, Headway: 600, Dwell: 20}
		at := 0.0
		for i, x1 := range x {
			if i > 0 {
				at += max(x1-x[i-1], x[i-1]-x1) / mps
				if i > 1 {
					at += l.Dwell
				}
			}
			ll := proj.LonLat(geo.XY{X: x1, Y: y})
			l.Stops, l.Ride, l.At = append(l.Stops, stop(x1, y)), append(l.Ride, at), append(l.At, uint32(i))
			l.Lon, l.Lat = append(l.Lon, ll[0]), append(l.Lat, ll[1])
		}
		m.Lines = append(m.Lines, l)
	}
	line("bus", 6, 0, 0, 1500, 3000, 4500, 6000)             // 0
	line("bus", 6, 0, 6000, 4500, 3000, 1500, 0)             // 1: back
	line("metro", 14, 0, 8000, 9000, 10_000, 11_000, 12_000) // 2
	line("rail", 20, 0, 12_000, 16_000, 20_000)              // 3
	line("high_speed", 60, 20_000, 0, 40_000)                // 4
	return areas, m
}

func TestLineCells(t *testing.T) {
	areas, m := strip()
	on := geo.NewAreas(areas, m.Projection())
	l := recognition.NewLineCells(m, areas, on, nil)
	between := func(from, to sigcity.AreaID) (out []sigcity.AreaID) {
		for a := from; a <= to; a++ {
			out = append(out, a)
		}
		return out
	}
	reversed := between(0, 12)
	slices.Reverse(reversed)
	for line, want := range [][]sigcity.AreaID{between(0, 12), reversed, {41, 42}, append([]sigcity.AreaID{42}, between(24, 40)...), between(43, 63)} {
		if got := l.Along(line); !cmp.Equal(got, want) {
			t.Errorf("along line %d (%s) are %v, want %v", line, m.Lines[line].Mode, got, want)
		}
	}
	for a := range areas {
		if got, want := l.Own(sigcity.AreaID(a)), a == 41 || a == 42; got != want {
			t.Errorf("area %d serves a tunnel alone: %v, want %v", a, got, want)
		}
	}
	// Area 3 at 1.5 km reaches 450 m (at samples of 100 m): the second stop, at 250 s.
	want := []recognition.Hit{{Line: 0, First: 1, Last: 1}, {Line: 1, First: 3, Last: 3}}
	got := slices.Clone(l.Of(3))
	for i := range got {
		if d := got[i].To - got[i].From; d < 120 || d > 180 {
			t.Errorf("a bus is in area 3 for %v s, want 800 m at 6 m/s and a stop", d)
		}
		got[i].From, got[i].To = 0, 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("area 3 (-want +got)\n%s", diff)
	}
	// Who knows the kinds need not guess: then discs may serve a tunnel alone.
	kinds := make([]string, len(areas))
	for i := range kinds {
		kinds[i] = "macro"
	}
	kinds[18] = "metro"
	told := recognition.NewLineCells(m, areas, on, kinds)
	if !told.Own(18) || told.Own(41) {
		t.Errorf("told that area 18 is a tunnel's and 41 none: %v, %v", told.Own(18), told.Own(41))
	}
}

// Beyond all coverage the nearest areas serve, of each operator.
func TestLineCellsBeyondCoverage(t *testing.T) {
	areas, m := strip()
	var some []sigcity.Area
	for _, a := range []int{0, 1, 20, 40} {
		x := areas[a]
		x.ID, x.Operator = sigcity.AreaID(len(some)), []string{"a", "b"}[len(some)/3]
		some = append(some, x)
	}
	l := recognition.NewLineCells(m, some, geo.NewAreas(some, m.Projection()), nil)
	// Of operator a areas 0 and 1 reach to 950 m, of b one is at 20 km. Area 2 is at
	// 10 km; seen from 20 km area 1 is just within twice its distance.
	for line, want := range map[int][]sigcity.AreaID{0: {0, 1, 2, 3}, 3: {1, 2, 3}} {
		got := l.Along(line)
		slices.Sort(got)
		got = slices.Compact(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("line %d (-want +got)\n%s", line, diff)
		}
	}
}
