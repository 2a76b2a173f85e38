package planning

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/recognition"
)

// trunkOnly is a task of T01 on the roads of roadEnv over a workday and a day off.
func trunkOnly(tb testing.TB, density float64) (roadStateTask, *Env) {
	tb.Helper()
	env := roadEnv(tb)
	cal, err := sigcity.NewCalendar("UTC", "2026-03-06", 2, nil) // Friday
	if err != nil {
		tb.Fatal(err)
	}
	env.Calendar, env.Meta = cal, &sigcity.Meta{Users: 10}
	for i := range env.Links {
		env.Links[i].Capacity = 1800
	}
	return roadStateTask{on: func(c network.RoadClass) bool { return c == network.Trunk }, slotS: 900, rule: recognition.DefaultLinkStateParams(), density: density}, env
}

// flowOf is probes on a link of 1 km at a share of the free speed.
func flowOf(link, slot int32, probes int64, share float64) recognition.LinkFlow {
	return recognition.LinkFlow{LinkSlot: recognition.LinkSlot{Link: link, Slot: slot}, Probes: probes,
		Decimetres: probes * 10000, FreeMillis: probes * 50000, Milliseconds: int64(float64(probes) * 50000 / share)}
}

func TestRoadReadings(t *testing.T) {
	// Links 0 and 2 are the trunk's eastern and western carriageway, 4 a street. The
	// critical density is 1800 / 36 = 50 cars a km; 5 cars in a quarter of an hour at half of
	// 72 km/h are 20/36 a km, 500 of them 55.6.
	for _, c := range []struct {
		name    string
		density float64
		flow    recognition.LinkFlow
		state   recognition.LinkState // Unknown = no reading
	}{
		{"free", 0, flowOf(0, 32, 5, 0.7), recognition.Free},
		{"faster than free", 0, flowOf(0, 32, 5, 1.25), recognition.Free},
		{"slow", 0, flowOf(2, 32, 5, 0.5), recognition.Slow},
		{"jam", 0, flowOf(2, 191, 5, 0.25), recognition.Jam},
		{"four probes", 0, flowOf(2, 32, 4, 0.5), recognition.Unknown},
		{"no day has the slot", 0, flowOf(2, 192, 5, 0.5), recognition.Unknown},
		{"another road", 0, flowOf(4, 32, 5, 0.5), recognition.Unknown},
		{"slow, but few", 0.25, flowOf(0, 32, 5, 0.5), recognition.Free},
		{"jam of few", 0.25, flowOf(0, 32, 5, 0.25), recognition.Slow},
		{"slow and many", 0.25, flowOf(0, 32, 500, 0.5), recognition.Slow},
	} {
		task, env := trunkOnly(t, c.density)
		s := newLinkStates(task.rule)
		s.Put(c.flow)
		a, err := task.read(env, s)
		if err != nil {
			t.Fatal(err)
		}
		got := a.(*RoadStates)
		if len(got.Roads) != 20 || got.Days != [2]int{1, 1} {
			t.Fatalf("%s: %d roads on days %v, want 20 on one of each", c.name, len(got.Roads), got.Days)
		}
		if c.state == recognition.Unknown {
			if len(got.Readings) != 0 {
				t.Errorf("%s: %v, want nothing", c.name, got.Readings)
			}
			continue
		}
		if len(got.Readings) != 1 || got.Readings[0].State != c.state || got.Readings[0].Ratio > 1 {
			t.Errorf("%s: %v, want %v", c.name, got.Readings, c.state)
		}
		if c.density > 0 && len(got.Readings) == 1 {
			want := float64(c.flow.Probes) * 4 / (got.Readings[0].Ratio * 72)
			if d := got.Readings[0].Density; math.Abs(d-want) > 1e-6*want {
				t.Errorf("%s: %g cars a km, want %g", c.name, d, want)
			}
		}
	}
}

func TestRoadStateScores(t *testing.T) {
	roads := []RoadSection{{Link: 0, Metres: 1000, FreeMPS: 20}, {Link: 2, Metres: 3000, FreeMPS: 10}}
	make := func(r ...RoadReading) *RoadStates {
		return &RoadStates{SlotS: 43200, Days: [2]int{3, 0}, Roads: roads, Readings: r} // two slots a day
	}
	jam, slow := recognition.Jam, recognition.Slow
	want := make(RoadReading{Link: 0, Slot: 0, State: jam, Ratio: 0.25}, RoadReading{Link: 2, Slot: 1, State: slow, Ratio: 0.5})
	got := make(RoadReading{Link: 0, Slot: 0, State: slow, Ratio: 0.5}, RoadReading{Link: 0, Slot: 3, State: jam, Ratio: 0.1})
	// Kilometres: 1 jam seen as slow, 3 slow as free, 1 + 3 free. F1: free 2·4/(4+7), slow and jam 0.
	if s := (urbanRoadTask{}).Score(want, got); math.Abs(s-8./33) > 1e-12 {
		t.Errorf("macro-F1 = %g, want 8/33", s)
	}
	// Disagreement ½·1 + ½·3 = 2; by chance, of totals (4, 3, 1) and (7, 1, 0): (½·4·1 + ½·3·7 + 1·7 + ½·1)/8 = 20/8.
	if s := (expresswayTask{}).Score(want, got); math.Abs(s-0.2) > 1e-12 {
		t.Errorf("κ = %g, want 1 − 2/2.5", s)
	}
	d := expresswayTask{}.Detail(want, got)
	// Speeds lost: 1 km · 20 · 0.25 + 3 km · 10 · 0.5 = 20 of 1·20·0.25 + 3·10·0.5 + 20 + 30 = 70.
	for name, v := range map[string]float64{"speed_wape": 20. / 70, "ratio_mae": 1.75 / 8, "wanted_not_free": 0.5, "known_of_not_free": 0.25} {
		if math.Abs(d[name]-v) > 1e-12 {
			t.Errorf("%s = %g, want %g", name, d[name], v)
		}
	}
	if s := (expresswayTask{}).Score(want, make()); s != 0 {
		t.Errorf("all free scores %g, want 0", s)
	}
}

func TestPathScore(t *testing.T) {
	paths := func(trips ...Path) *Paths {
		return &Paths{Trips: trips, Metres: []float32{100, 200, 300}, Workdays: 1, Factor: 60}
	}
	want := paths(Path{1, 100, 200, 8, []int32{0, 2}}, Path{1, 300, 400, 8, []int32{4}}, Path{3, 100, 200, -1, []int32{0}})
	got := paths(Path{1, 150, 350, 8, []int32{2, 4}}, Path{1, 390, 500, 8, []int32{4}}, Path{2, 100, 200, 8, []int32{1}})
	// The trip at 150 shares 50 s with both wanted ones, and goes to the first; that at 390 is the
	// best for nobody but itself. Both: 200; either: 100 + 200 + 300, 300, 300, 100, 100.
	if s := (pathTask{}).Score(want, got); math.Abs(s-200./1400) > 1e-12 {
		t.Errorf("Jaccard = %g, want 200/1400", s)
	}
	// Of links 0, 1, 2 and 4 at 8 h, 60:0, 0:60, 60:60 and 60:120 cars, one has a GEH below 5; of 60:120 it is √(2·60²/180) = 6.3.
	d := pathTask{}.Detail(want, got)
	for name, v := range map[string]float64{"trips_found": 1. / 3, "trip_jaccard_mean": 200. / 600, "trips_wanted": 3, "geh_below_5": 1. / 4} {
		if math.Abs(d[name]-v) > 1e-12 {
			t.Errorf("%s = %g, want %g", name, d[name], v)
		}
	}
}

// Two SIMs of one person, and a third that is nobody's.
func TestRekeyPaths(t *testing.T) {
	p := &Paths{Trips: []Path{{1, 100, 200, 8, []int32{0}}, {1, 500, 600, 8, []int32{2}}, {2, 90, 210, 8, []int32{1}}, {3, 100, 200, 8, []int32{3}}}}
	got := p.Rekey(func(key, _, _ uint32) []Share {
		if key == 3 {
			return nil
		}
		return []Share{{User: 7, Weight: 1}}
	}).(*Paths).Trips
	want := []Path{{7, 90, 210, 8, []int32{1}}, {7, 500, 600, 8, []int32{2}}}
	if !slices.EqualFunc(got, want, func(a, b Path) bool { return a.order(b) == 0 }) {
		t.Errorf("%v, want %v", got, want)
	}
}
