package planning

import (
	"math"
	"testing"
)

// One of two departures found 10 min off, an arrival in place of the other: F1 = 2·1/(2+2).
func TestFlightsScore(t *testing.T) {
	at := func(user, time uint32, departs bool) Flight {
		return Flight{AtHub: AtHub{user, 0, time, time, 1}, Departs: departs}
	}
	want := &AirPassengers{[]Flight{at(1, 10_000, true), at(2, 10_000, true)}}
	got := &AirPassengers{[]Flight{at(1, 10_600, true), at(2, 10_000, false)}}
	task := flightsTask{defaultFlights()}
	if s := task.Score(want, got); s != 0.5 {
		t.Errorf("score %v, want 0.5", s)
	}
	late := &AirPassengers{[]Flight{at(1, 10_901, true)}}
	if s := task.Score(want, late); s != 0 {
		t.Errorf("score of one 901 s late is %v, want 0", s)
	}
}

// Two phones of a person tell of one flight; the one with more weight counts.
func TestRekeyEvents(t *testing.T) {
	got := rekeyEvents([]Flight{{AtHub: AtHub{5, 0, 1000, 1000, 1}}, {AtHub: AtHub{6, 0, 1200, 1200, 1}}, {AtHub: AtHub{6, 0, 9000, 9000, 1}}},
		func(key, _, _ uint32) []Share { return []Share{{1, map[uint32]float64{5: 0.5, 6: 1}[key]}} })
	if len(got) != 2 || got[0].AtHub != (AtHub{1, 0, 1200, 1200, 1}) || got[1].Start != 9000 {
		t.Errorf("got %+v", got)
	}
}

// Half of a trip in the right zone: CPC = 2·0.5/(1+1).
func TestAirportODScore(t *testing.T) {
	trip := func(zones ...AccessZone) *AirportOD {
		return &AirportOD{Trips: []AirportAccess{{AtHub: AtHub{Weight: 1}, Departs: true, Zones: zones}}}
	}
	if s := (airportODTask{}).Score(trip(AccessZone{Zone: 3, Share: 1}), trip(AccessZone{Zone: 3, Share: 0.5}, AccessZone{Zone: 4, Share: 0.5})); s != 0.5 {
		t.Errorf("score %v, want 0.5", s)
	}
}

// Of two trips by rail one is found, of another mode none is asked; the shares are 2/3 and 1/3.
func TestAirportRailScore(t *testing.T) {
	at := func(user uint32, rail bool) AirportTrip {
		return AirportTrip{AtHub{user, 0, 10_000, 10_000, 1}, true, rail}
	}
	want := &AirportRail{[]AirportTrip{at(1, true), at(2, true), at(3, false)}}
	got := &AirportRail{[]AirportTrip{at(1, true), at(2, false), at(3, false)}}
	if s := (airportRailTask{}).Score(want, got); s != 2.0/3 {
		t.Errorf("score %v, want 2/3", s)
	}
	if e := (airportRailTask{}).Detail(want, got)["rail_share_error"]; math.Abs(e-1.0/3) > 1e-12 {
		t.Errorf("error of the share %v, want 1/3", e)
	}
}

// Departures right, an arrival told as a transfer: (1 + 0 + 0)/3.
func TestRailHubScore(t *testing.T) {
	at := func(user uint32, r HubRole) HubVisit { return HubVisit{AtHub{user, 0, 10_000, 10_060, 1}, r} }
	want := &HubPopulation{[]HubVisit{at(1, RoleDepart), at(2, RoleArrive)}}
	got := &HubPopulation{[]HubVisit{at(1, RoleDepart), at(2, RoleTransfer)}}
	if s := (railHubTask{}).Score(want, got); s != 1.0/3 {
		t.Errorf("score %v, want 1/3", s)
	}
}
