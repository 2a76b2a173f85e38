package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// ring is a line north, east and back again, in units of 0.001° near the
// equator: 100 s to each next stop, 20 s at each.
func ring() Line {
	return Line{Mode: "tram", Dwell: 20, Stops: []uint32{0, 1, 2, 0}, Ride: []float64{0, 100, 220, 340}, At: []uint32{0, 1, 3, 4},
		Lon: []float64{0, 0, 0.001, 0.001, 0}, Lat: []float64{0, 0.001, 0.001, 0, 0}}
}

func TestCourseOfRides(t *testing.T) {
	r := rideRoads(t)
	trip := func(rides ...Ride) Trip {
		return Trip{Start: 1000, End: 2000, RoadFrom: 1000, RoadTo: 2000, FromLon: -0.001, ToLon: 0.002, Hour: -1, Rides: rides}
	}
	for _, c := range []struct {
		name string
		trip Trip
		want [][3]float64 // s, units east, units north
	}{
		// The second hop turns its corner half way.
		{"two hops", trip(Ride{0, 0, 2, 1100, 1200, 1420}), [][3]float64{{1000, -1, 0}, {1100, 0, 0}, {1200, 0, 0}, {1300, 0, 1}, {1320, 0, 1}, {1370, 1, 1}, {1420, 1, 0}, {2000, 2, 0}}},
		{"late by a half", trip(Ride{0, 0, 1, 1100, 1200, 1350}), [][3]float64{{1000, -1, 0}, {1100, 0, 0}, {1200, 0, 0}, {1350, 0, 1}, {2000, 2, 0}}},
		{"past the end", trip(Ride{0, 2, 1, 1100, 1100, 1320}), [][3]float64{{1000, -1, 0}, {1100, 1, 0}, {1200, 0, 0}, {1220, 0, 0}, {1320, 0, 1}, {2000, 2, 0}}},
		{"two rides", trip(Ride{0, 0, 1, 1000, 1050, 1150}, Ride{0, 2, 3, 1300, 1350, 1450}), [][3]float64{{1000, -1, 0}, {1000, 0, 0}, {1050, 0, 0}, {1150, 0, 1},
			{1300, 1, 0}, {1350, 1, 0}, {1450, 0, 0}, {2000, 2, 0}}},
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
				if p := (orb.Point{w[1] / 1000, w[2] / 1000}); math.Abs(got[i].Time-w[0]) > 0.01 || apart(got[i].Point, p) > 1e-9 {
					t.Fatalf("fix %d is %v, want %v", i, got[i], w)
				}
			}
		})
	}
	for _, bad := range []Ride{{Line: -1, Alight: 1}, {Line: 1, Alight: 1}, {Board: -1, Alight: 1}, {Board: 3, Alight: 1}, {Board: 1, Alight: 0}, {Alight: 4}} {
		x := trip(bad)
		if got, err := r.Course(nil, &x); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%+v: %v, error %v", bad, got, err)
		}
	}
	r.lines[0].Stops[3] = 3 // no loop any more
	x := trip(Ride{0, 2, 1, 1100, 1100, 1320})
	if _, err := r.Course(nil, &x); err == nil {
		t.Error("backwards on a line that is no loop")
	}
	x = trip(Ride{0, 0, 1, 1100, 1200, 1300})
	if _, err := (*Roads)(nil).Course(nil, &x); err == nil {
		t.Error("a ride without lines")
	}
}

// rideRoads are roads read from a folder with the ring.
func rideRoads(t *testing.T) *Roads {
	t.Helper()
	f := withTables(t, func(w *Writer) []error {
		return []error{WriteTable(w, TableLinks, Whole, corner()), WriteTable(w, TableLinkSpeeds, Whole, []LinkSpeed{}), WriteTable(w, TableLines, Whole, []Line{ring()})}
	})
	r, err := LoadRoads(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLinesOfRoadsErrors(t *testing.T) {
	for want, change := range map[string]func(*Line){
		"row 0: line 7":      func(l *Line) { l.ID = 7 },
		"at least two stops": func(l *Line) { l.Ride = nil },
		"vertex 9":           func(l *Line) { l.At[3] = 9 },
		"in order":           func(l *Line) { l.At[1] = 4 },
	} {
		l := ring()
		change(&l)
		f := withTables(t, func(w *Writer) []error {
			return []error{WriteTable(w, TableLinks, Whole, corner()), WriteTable(w, TableLinkSpeeds, Whole, []LinkSpeed{}), WriteTable(w, TableLines, Whole, []Line{l})}
		})
		if _, err := LoadRoads(t.Context(), f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
