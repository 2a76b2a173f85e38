package recognition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

func TestStays(t *testing.T) {
	cal := week(t)
	// Home with two sectors 400 m apart, work 21.6 km east: an hour at 6 m/s. A way point between.
	areas := places(1000, 300, 0, 400, 21_600, 10_800)
	type stay struct {
		start, end float64 // hours
		area       sigcity.AreaID
		records    int
	}
	for _, c := range []struct {
		name  string
		rows  [][2]float64
		bound bool
		want  []stay
		trips [][2]float64
	}{
		{"none", nil, true, nil, nil},
		{"one record", [][2]float64{{10, 0}}, false, nil, nil},
		{"one record, bounded: the phone is there as far as silence carries", [][2]float64{{10, 0}}, true, []stay{{0, 10, 0, 1}}, nil},
		// g = 4 h, travel 1 h: 1.5 h to either side.
		{"home, work", [][2]float64{{0, 0}, {6, 0}, {10, 2}, {16, 2}}, false,
			[]stay{{0, 7.5, 0, 2}, {8.5, 16, 2, 2}}, [][2]float64{{7.5, 8.5}}},
		{"sectors flip, one stay", [][2]float64{{0, 0}, {1, 1}, {2, 0}, {3, 1}, {4, 0}}, false, []stay{{0, 4, 0, 5}}, nil},
		// Half an hour each way to the way point: what is left is the stays'.
		{"a way point gets nothing", [][2]float64{{0, 0}, {6, 0}, {6.6, 3}, {7.2, 2}, {9, 2}}, false,
			[]stay{{0, 6.1, 0, 2}, {7.1, 9, 2, 2}}, [][2]float64{{6.1, 7.1}}},
		{"ping-pong does not end a stay", [][2]float64{{0, 0}, {1, 0}, {1.01, 2}, {1.05, 0}, {2, 0}}, false, []stay{{0, 2, 0, 4}}, nil},
		{"an excursion does", [][2]float64{{0, 0}, {1, 0}, {3, 2}, {5, 0}, {6, 0}}, false,
			[]stay{{0, 1.5, 0, 2}, {2.5, 3.5, 2, 1}, {4.5, 6, 0, 2}}, [][2]float64{{1.5, 2.5}, {3.5, 4.5}}},
		{"a periodic update keeps the stay alive", [][2]float64{{0, 0}, {11, 0}, {22, 0}}, false, []stay{{0, 22, 0, 3}}, nil},
		// 23 h of silence: 12 h are believed, no trip crosses it.
		{"a long silence", [][2]float64{{0, 0}, {1, 0}, {24, 0}, {25, 0}}, false, []stay{{0, 7, 0, 2}, {18, 25, 0, 2}}, nil},
		{"too short", [][2]float64{{0, 0}, {0.4, 0}}, false, nil, nil},
	} {
		p := recognition.DefaultStayParams()
		p.SpeedMS, p.AccessS = 6, 1
		if c.bound {
			p.From, p.To = cal.Start(0), cal.Start(1)
		}
		f := recognition.NewStayFinder(areas, nil, p)
		for range 2 { // the finder's memory must not show
			var got []stay
			hours := func(s uint32) float64 { return float64(int(s)-int(cal.Start(0))) / 3600 }
			for _, s := range f.Find(nil, sigcity.Trajectory{Records: rows(cal, c.rows...)}) {
				got = append(got, stay{hours(s.Start), hours(s.End), s.Area, s.Records})
			}
			close := cmp.Comparer(func(a, b float64) bool { return a-b < 0.002 && b-a < 0.002 })
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(stay{}), close); diff != "" {
				t.Errorf("%s: stays (-want +got)\n%s", c.name, diff)
			}
			var trips [][2]float64
			for _, s := range f.Trips(nil) {
				trips = append(trips, [2]float64{hours(s.Start), hours(s.End)})
			}
			if diff := cmp.Diff(c.trips, trips, close); diff != "" {
				t.Errorf("%s: trips (-want +got)\n%s", c.name, diff)
			}
		}
	}
}

// Whatever the records: stays and trips are in order, do not overlap, are as
// long as they must be, stay in bounds, and a finder is the same twice.
func TestStaysHold(t *testing.T) {
	cal := week(t)
	x := make([]float64, 40)
	for i := range x {
		x[i] = float64(i) * 450
	}
	areas := places(700, 250, x...)
	rapid.Check(t, func(t *rapid.T) {
		p := recognition.DefaultStayParams()
		p.From, p.To = cal.Start(0), cal.Start(cal.Days())
		var tr sigcity.Trajectory
		at := cal.Start(0)
		blur := rapid.SampledFrom([]int{0, 0, 3600, 86400}).Draw(t, "blur")
		for range rapid.IntRange(0, 120).Draw(t, "records") {
			at += uint32(rapid.IntRange(0, 20_000).Draw(t, "gap"))
			if at >= p.To {
				break
			}
			tr.Records = append(tr.Records, sigcity.Record{Time: at, Span: uint32(rapid.IntRange(0, blur).Draw(t, "span")),
				Area: sigcity.AreaID(rapid.IntRange(0, len(x)-1).Draw(t, "area"))})
		}
		f := recognition.NewStayFinder(areas, nil, p)
		stays := f.Find(nil, tr)
		trips := f.Trips(nil)
		last, n := uint32(0), 0
		for i, s := range stays {
			if s.Start < last || s.End-s.Start < p.MinS-2 || s.End <= s.Start {
				t.Fatalf("stay %d: %d … %d after %d", i, s.Start, s.End, last)
			}
			last = s.End
			n += s.Records
		}
		if n > len(tr.Records) {
			t.Fatalf("%d records make stays of %d", len(tr.Records), n)
		}
		if len(trips) > max(0, len(stays)-1) {
			t.Fatalf("%d trips between %d stays", len(trips), len(stays))
		}
		for _, trip := range trips {
			if trip.Start > trip.End {
				t.Fatalf("trip %v ends before it begins", trip)
			}
			for _, s := range stays {
				if s.Start < trip.End && trip.Start < s.End {
					t.Fatalf("trip %v within stay %v", trip, s)
				}
			}
		}
		if diff := cmp.Diff(stays, f.Find(nil, tr)); diff != "" {
			t.Fatalf("a second time: %s", diff)
		}
	})
}

func TestNoAllocationPerRecord(t *testing.T) {
	tr, cal, areas := phone(2000)
	anchors := recognition.NewAnchorFinder(cal, areas)
	stays := recognition.NewStayFinder(areas, nil, recognition.DefaultStayParams())
	var dst []recognition.Stay
	n := testing.AllocsPerRun(20, func() {
		anchors.Find(tr)
		dst = stays.Find(dst[:0], tr)
	})
	if n > 10 {
		t.Errorf("%v allocations for 2000 records, want a few per trajectory at most", n)
	}
}

// What events, neighbours and single records tell of departures and arrivals.
func TestStaysByEvents(t *testing.T) {
	cal := week(t)
	// Home and a neighbour that touches it, 800 m apart (beyond the roam radius of 700 m), and work 21.6 km east.
	areas := places(1000, 450, 0, 800, 21_600, 600)
	p := recognition.DefaultStayParams()
	p.SpeedMS, p.AccessS = 6, 1
	for _, c := range []struct {
		name  string
		rows  [][2]float64
		event map[int]sigcity.Event // of rows, where it matters
		want  [][2]float64          // stays, hours
	}{
		// An hour of travel before the update at work, none after it.
		{"an update on arriving", [][2]float64{{0, 0}, {6, 0}, {10, 2}, {16, 2}}, map[int]sigcity.Event{2: sigcity.TrackingAreaUpdate}, [][2]float64{{0, 9}, {10, 16}}},
		{"a handover on arriving", [][2]float64{{0, 0}, {6, 0}, {10, 2}, {16, 2}}, map[int]sigcity.Event{2: sigcity.Handover}, [][2]float64{{0, 9}, {10, 16}}},
		{"a request tells nothing", [][2]float64{{0, 0}, {6, 0}, {10, 2}, {16, 2}}, map[int]sigcity.Event{2: sigcity.ServiceRequest}, [][2]float64{{0, 7.5}, {8.5, 16}}},
		{"25 min in a cell that touches home's", [][2]float64{{0, 0}, {1, 0}, {1.1, 1}, {1.5, 0}, {3, 0}}, nil, [][2]float64{{0, 3}}},
		{"a stray record is no trip there and back", [][2]float64{{0, 0}, {1, 0}, {1.7, 2}, {2.5, 0}, {3, 0}}, nil, [][2]float64{{0, 3}}},
		// Area 3 is within the roam radius of home, but has one record in twelve: a way point, 100 s from home.
		{"who leaves is still near", [][2]float64{{0, 0}, {.1, 0}, {.2, 0}, {.3, 0}, {.4, 0}, {.5, 0}, {.6, 0}, {.7, 0}, {.8, 0}, {.9, 0}, {1, 0}, {1.1, 3}, {2.2, 2}, {4, 2}}, nil,
			[][2]float64{{0, 1.072}, {2.072, 4}}},
	} {
		tr := sigcity.Trajectory{Records: rows(cal, c.rows...)}
		for i, e := range c.event {
			tr.Records[i].Type = e
		}
		var got [][2]float64
		for _, s := range recognition.NewStayFinder(areas, nil, p).Find(nil, tr) {
			got = append(got, [2]float64{float64(s.Start-cal.Start(0)) / 3600, float64(s.End-cal.Start(0)) / 3600})
		}
		close := cmp.Comparer(func(a, b float64) bool { return a-b < 0.002 && b-a < 0.002 })
		if diff := cmp.Diff(c.want, got, close); diff != "" {
			t.Errorf("%s: stays (-want +got)\n%s", c.name, diff)
		}
	}
}

// A radius by the density of sites: two cells 800 m apart are one place for α × spacing = 1 km, not for 500 m.
func TestStaysByDensity(t *testing.T) {
	cal := week(t)
	areas := places(400, 100, 0, 800)
	tr := sigcity.Trajectory{Records: rows(cal, [2]float64{0, 0}, [2]float64{2, 0}, [2]float64{4, 1}, [2]float64{6, 1})}
	for alpha, want := range map[float64]int{1: 1, 0.5: 2} {
		p := recognition.DefaultStayParams()
		p.Alpha = alpha
		if got := recognition.NewStayFinder(areas, []float64{1000, 1000}, p).Find(nil, tr); len(got) != want {
			t.Errorf("α = %v: %d stays, want %d", alpha, len(got), want)
		}
	}
}
