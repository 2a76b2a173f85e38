package planning

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/dataset"
)

// railTown has a metro of four stops, the second and third of one hub, and two bus lines.
func railTown(t *testing.T) *Env {
	e := testEnv(t)
	m := *e.Map
	m.Stops = []dataset.Stop{{ID: 0, Hub: -1}, {ID: 1, Hub: 7}, {ID: 2, Hub: 7}, {ID: 3, Hub: -1}}
	line := func(id uint32, mode string, headway float64, stops ...uint32) dataset.Line {
		l := dataset.Line{ID: id, Mode: mode, Headway: headway, Stops: stops}
		for i := range stops {
			l.Ride, l.At = append(l.Ride, float64(60*i)), append(l.At, uint32(i))
			l.Lon, l.Lat = append(l.Lon, float64(i)/100), append(l.Lat, 0)
		}
		return l
	}
	m.Lines = []dataset.Line{line(0, "metro", 300, 0, 1, 3), line(1, "bus", 900, 0, 1), line(2, "bus", 600, 2, 3)}
	return &Env{Meta: e.Meta, Areas: e.Areas, Calendar: e.Calendar, Map: &m, Proj: e.Proj, Zoning: e.Zoning}
}

func use(user, start, end, board, alight uint32) UserTrip[StopUse] {
	return UserTrip[StopUse]{User: user, Start: start, End: end, Weight: 1, Told: StopUse{board, alight}}
}

func TestRailTripsScore(t *testing.T) {
	e := railTown(t)
	want := &RailTrips{[]UserTrip[StopUse]{use(1, 0, 100, 0, 1), use(1, 500, 600, 1, 3), use(2, 0, 100, 0, 3)}, e.stations()}
	// The first shares half of the shorter and gets off at the other stop of the hub,
	// the second is off by a station, user 2 has none, user 3 has one too many.
	got := &RailTrips{[]UserTrip[StopUse]{use(1, 50, 150, 0, 2), use(1, 500, 600, 0, 3), use(3, 0, 100, 0, 3)}, e.stations()}
	task := railTask{}
	if s := task.Score(want, got); s != 2.0/3 {
		t.Errorf("score = %v, want 2/3", s)
	}
	wanted := map[string]float64{"trip_f1": 2.0 / 3, "precision": 2.0 / 3, "recall": 2.0 / 3, "station_exact": 0.75, "station_within_one": 1, "board_exact": 0.5, "alight_exact": 1}
	if d := cmp.Diff(wanted, task.Detail(want, got)); d != "" {
		t.Error(d)
	}
}

// A trip belongs to those whom its token stands for; two SIMs of one person tell it once.
func TestRekeyTrips(t *testing.T) {
	got := rekeyTrips([]UserTrip[StopUse]{use(10, 0, 100, 0, 1), use(11, 20, 90, 0, 3), use(12, 0, 50, 1, 3)}, func(key, _, _ uint32) []Share {
		switch key {
		case 10:
			return []Share{{User: 1, Weight: 0.25}, {User: 2, Weight: 0.75}}
		case 11:
			return []Share{{User: 1, Weight: 1}}
		}
		return nil
	})
	second := use(2, 0, 100, 0, 1)
	second.Weight = 0.75
	if d := cmp.Diff([]UserTrip[StopUse]{use(1, 20, 90, 0, 3), second}, got); d != "" {
		t.Error(d)
	}
}

func TestRailTripsOfTruth(t *testing.T) {
	e := railTown(t)
	begin := e.Calendar.Start(0)
	truth := &dataset.Truth{Persons: []dataset.Person{{ID: 0}}, SIMs: []dataset.SIM{{Person: 0}},
		Activities: []dataset.Activity{{Kind: "home", Start: begin, End: begin + 4000, Lon: 1}, {Kind: "work", Start: begin + 5000, End: begin + 9000, Lon: 2}},
		Trips: []dataset.Trip{{Mode: "metro", Start: begin + 4000, End: begin + 5000, DistanceM: 9, Rides: []dataset.Ride{
			{Line: 1, Board: 0, Alight: 1, Start: begin + 4100, End: begin + 4200}, {Line: 0, Board: 1, Alight: 2, Start: begin + 4300, End: begin + 4900}}}}}
	rail, err := railTask{stayParamsOf(1800)}.FromTruth(t.Context(), truth, e)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]UserTrip[StopUse]{use(0, begin+4000, begin+5000, 1, 3)}, rail.(*RailTrips).Trips); d != "" {
		t.Error(d)
	}
	bus, err := busTask{stayParamsOf(1800)}.FromTruth(t.Context(), truth, e)
	if err != nil {
		t.Fatal(err)
	}
	w := bus.(*BusTrips)
	if len(w.Trips) != 1 || w.Trips[0].Told != busUse([]int32{1}, []int32{1}) {
		t.Fatalf("bus trips: %+v", w.Trips)
	}
	// The null predictor lists line 2, which runs more often, before line 1.
	null := busTask{}.Null(e)
	if d := cmp.Diff(map[string]float64{"mrr": 0.5, "listed": 1, "line_load_wape": 1, "bus_trip_f1": 0}, busTask{}.Detail(w, null)); d != "" {
		t.Error(d)
	}
	if s := (busTask{}).Score(w, null); s != 0 {
		t.Errorf("null scores %v, want 0", s)
	}
	if s := (busTask{}).Score(w, w); s != 1 {
		t.Errorf("truth against itself: %v, want 1", s)
	}
}
