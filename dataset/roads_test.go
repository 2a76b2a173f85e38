package dataset

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// corner is two edges near the equator, in units of 0.001°: two east, with a
// vertex in the middle, and one north from there.
func corner() []RoadEdge {
	const unit = 111.19
	return []RoadEdge{
		{ID: 0, FromNode: 0, ToNode: 1, Class: "primary", LengthM: 2 * unit, FreeMPS: 10, Modes: "car", ModesBack: "car", Lon: []float64{0, 0.001, 0.002}, Lat: []float64{0, 0, 0}},
		{ID: 1, FromNode: 1, ToNode: 2, Class: "residential", LengthM: unit, FreeMPS: 5, Modes: "car", ModesBack: "car", Lon: []float64{0.002, 0.002}, Lat: []float64{0, 0.001}},
	}
}

// withRoads is a folder with a road graph.
func withRoads(t testing.TB, edges []RoadEdge, speeds []LinkSpeed) *Folder {
	t.Helper()
	return withTables(t, func(w *Writer) []error {
		return []error{WriteTable(w, TableLinks, Whole, edges), WriteTable(w, TableLinkSpeeds, Whole, speeds)}
	})
}

// withTables is a folder with what write writes.
func withTables(t testing.TB, write func(w *Writer) []error) *Folder {
	t.Helper()
	m := instants(sample(2, 1, 1, 1))
	w, err := Create(filepath.Join(t.TempDir(), "d"), rawManifest(m, 2), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range append([]error{w.Areas(m.Cells)}, write(w)...) {
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCourse(t *testing.T) {
	// The east-bound link is slow at 8 on working days: both edges at 5 m/s.
	r, err := LoadRoads(t.Context(), withRoads(t, corner(), []LinkSpeed{{Link: 0, Day: DayWorking, Hour: 8, MPS: 5, Volume: 900}}))
	if err != nil {
		t.Fatal(err)
	}
	trip := func(day string, hour int32, links ...int32) Trip {
		return Trip{Person: 1, Start: 1000, End: 1060, RoadFrom: 1010, RoadTo: 1050, FromLon: 0.0005, FromLat: -0.0001, ToLon: 0.0021, ToLat: 0.0005,
			First: 0.25, Last: 0.5, Day: day, Hour: hour, Links: links}
	}
	back := trip("", -1, 3, 1)
	back.First, back.Last = 0.5, 0.75
	for _, c := range []struct {
		name string
		trip Trip
		want [][3]float64 // time, lon, lat, in 0.001°
	}{
		// 1.5 and 0.5 units at 5 m/s each: 30 and 10 of the 40 s.
		{"slow", trip(DayWorking, 8, 0, 2), [][3]float64{{1000, 0.5, -0.1}, {1010, 0.5, 0}, {1020, 1, 0}, {1040, 2, 0}, {1050, 2, 0.5}, {1060, 2.1, 0.5}}},
		// 1.5 units at 10 m/s and 0.5 at 5: 24 and 16 s.
		{"free hour", trip(DayWorking, 9, 0, 2), [][3]float64{{1000, 0.5, -0.1}, {1010, 0.5, 0}, {1018, 1, 0}, {1034, 2, 0}, {1050, 2, 0.5}, {1060, 2.1, 0.5}}},
		{"free day", trip(DayFree, 8, 0, 2), [][3]float64{{1000, 0.5, -0.1}, {1010, 0.5, 0}, {1018, 1, 0}, {1034, 2, 0}, {1050, 2, 0.5}, {1060, 2.1, 0.5}}},
		{"no car: by length", back, [][3]float64{{1000, 0.5, -0.1}, {1010, 2, 0.5}, {1020, 2, 0}, {1040, 1, 0}, {1050, 0.5, 0}, {1060, 2.1, 0.5}}},
		{"no links", Trip{Start: 1000, End: 1060, RoadFrom: 1000, RoadTo: 1060, ToLon: 0.003, Hour: -1}, [][3]float64{{1000, 0, 0}, {1060, 3, 0}}},
		{"no links, cut", Trip{Start: 1020, End: 1040, RoadFrom: 1000, RoadTo: 1060, ToLon: 0.003, Hour: -1}, [][3]float64{{1000, 0, 0}, {1060, 3, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Course(nil, &c.trip)
			if err != nil {
				t.Fatal(err)
			}
			got = slices.CompactFunc(got, func(a, b Fix) bool { return math.Abs(a.Time-b.Time) < 1e-6 && apart(a.Point, b.Point) < 1e-9 })
			if len(got) != len(c.want) {
				t.Fatalf("%v, want %v", got, c.want)
			}
			for i, w := range c.want {
				p := orb.Point{w[1] / 1000, w[2] / 1000}
				if math.Abs(got[i].Time-w[0]) > 1e-6 || apart(got[i].Point, p) > 1e-9 {
					t.Fatalf("fix %d is %v, want %v", i, got[i], w)
				}
				at, err := r.At(&c.trip, uint32(w[0]))
				if err != nil || apart(at, p) > 1e-9 {
					t.Errorf("at %g s in %v, want %v; error %v", w[0], at, p, err)
				}
			}
		})
	}
	if p, err := (*Roads)(nil).At(&Trip{Start: 10, End: 20, ToLon: 1}, 15); err != nil || p != (orb.Point{0.5, 0}) {
		t.Errorf("halfway without roads is %v, error %v", p, err)
	}
}

func apart(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

func TestCourseErrors(t *testing.T) {
	r, err := LoadRoads(t.Context(), withRoads(t, corner(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Trip{{Links: []int32{4}}, {Links: []int32{-1}}, {Links: []int32{0}, Hour: 24}} {
		if got, err := r.Course(nil, &c); err == nil || !strings.Contains(err.Error(), "want a link of map/links") {
			t.Errorf("%+v: %v, error %v", c, got, err)
		}
	}
	if _, err := (*Roads)(nil).Course(nil, &Trip{Links: []int32{0}}); err == nil {
		t.Error("links without roads")
	}
}

func TestRoadsErrors(t *testing.T) {
	if r, err := LoadRoads(t.Context(), rawFolder(t, filepath.Join(t.TempDir(), "d"), instants(sample(2, 1, 1, 1)), 2, 1)); r != nil || err != nil {
		t.Errorf("roads %v of a folder without, error %v", r, err)
	}
	change := func(f func(e []RoadEdge)) []RoadEdge {
		e := corner()
		f(e)
		return e
	}
	for name, c := range map[string]struct {
		edges  []RoadEdge
		speeds []LinkSpeed
		want   string
	}{
		"order":    {change(func(e []RoadEdge) { e[1].ID = 2 }), nil, "map/links: row 1: edge 2"},
		"no line":  {change(func(e []RoadEdge) { e[0].Lon = e[0].Lon[:1] }), nil, "map/links: row 0"},
		"no speed": {change(func(e []RoadEdge) { e[0].FreeMPS = 0 }), nil, "0 m/s"},
		"length":   {change(func(e []RoadEdge) { e[0].LengthM = math.NaN() }), nil, "NaN m"},
		"link":     {corner(), []LinkSpeed{{Link: 4, Day: DayFree, MPS: 1}}, "truth/link_speeds: link 4 of 4"},
		"hour":     {corner(), []LinkSpeed{{Link: 3, Day: DayFree, Hour: 24, MPS: 1}}, "in hour 24"},
		"stopped":  {corner(), []LinkSpeed{{Link: 3, Day: DayFree}}, "at 0 m/s"},
		"day":      {corner(), []LinkSpeed{{Link: 3, Day: "sunday", MPS: 1}}, `day "sunday"`},
	} {
		if _, err := LoadRoads(context.Background(), withRoads(t, c.edges, c.speeds)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
