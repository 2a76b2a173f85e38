package planning

import (
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// facilityEnv has a school in area 0, a department store and a shop in area 1, an office in area 2; areas
// of 1 km side by side, as the fixture's.
func facilityEnv(t *testing.T) *Env {
	e := daysEnv(t, 7)
	e.Population = 20
	e.Map = &dataset.Map{}
	for i, p := range []struct {
		c dataset.Category
		x float64
	}{{dataset.School, 500}, {dataset.DepartmentStore, 1500}, {dataset.Shop, 1600}, {dataset.Office, 2500}} {
		at := e.Proj.LonLat(geo.XY{X: p.x, Y: 500})
		e.Map.Places = append(e.Map.Places, dataset.Place{ID: uint32(i), Category: p.c, Lon: at[0], Lat: at[1]})
	}
	return e
}

// Two users live in area 1, one of them goes to work in area 0; the one of area 3 visits area 1
// ten times: four fifths of them are visits of the store.
func TestFacilitiesFromAreas(t *testing.T) {
	e := facilityEnv(t)
	count := func(kind, users uint32, area, home sigcity.AreaID, n int64) tallied[visitKey] {
		return tallied[visitKey]{visitKey{kind, users, area, home}, n}
	}
	a, err := e.facilitiesOf([]tallied[visitKey]{count(visitWork, 0, 0, 1, 5), count(visitWork, 1, 0, 1, 1),
		count(visitOther, 0, 1, 3, 10), count(visitOther, 1, 1, 3, 1), count(visitNone, 1, 1, 1, 2), count(visitNone, 1, 3, 3, 1)})
	if err != nil {
		t.Fatal(err)
	}
	got := a.(*Facilities).Facilities
	if len(got) != 2 || got[0].Category != "school" || got[1].Category != "department_store" {
		t.Fatalf("%+v, want a school and a store", got)
	}
	school, store := got[0], got[1]
	if !near(school.Visits, 5*20/3.) || !near(school.Visitors, 20/3.) || !near(school.RadiusKM, 1) || !near(school.VisitsPerNearby, 2.5) {
		t.Errorf("school %+v, want 5 visits of one who lives 1 km away, of two within 1 km", school)
	}
	if !near(store.Visits, 8*20/3.) || !near(store.Visitors, 0.8*20/3.) || !near(store.RadiusKM, 2) || !near(store.VisitsPerNearby, 0) {
		t.Errorf("store %+v, want 8 visits of 0.8 visitors from 2 km", store)
	}
}

func TestFacilitiesFromTruth(t *testing.T) {
	e := facilityEnv(t)
	truth := &dataset.Truth{}
	for i, x := range []float64{500, 1500, 4500} {
		p := e.Proj.LonLat(geo.XY{X: x, Y: 500})
		truth.Persons = append(truth.Persons, dataset.Person{ID: uint32(i), Household: uint32(i)})
		truth.Households = append(truth.Households, dataset.Household{ID: uint32(i), Lon: p[0], Lat: p[1]})
		truth.SIMs = append(truth.SIMs, dataset.SIM{User: uint32(i), Person: int64(i)})
		for d := range 2 {
			start := e.Calendar.Start(d) + 36000
			truth.Activities = append(truth.Activities, dataset.Activity{Person: uint32(i), Kind: "school", Place: 0, Start: start, End: start + 3600},
				dataset.Activity{Person: uint32(i), Kind: "work", Place: 0, Start: start + 3600, End: start + 7200},
				dataset.Activity{Person: uint32(i), Kind: "department_store", Place: 1, Start: start + 9000, End: start + 9000 + uint32(600*i)})
		}
	}
	a, err := facilitiesTask{recognition.StayParams{MinS: 900}}.FromTruth(t.Context(), truth, e)
	if err != nil {
		t.Fatal(err)
	}
	x := a.(*Facilities)
	school, store := x.Facilities[0], x.Facilities[1]
	// The work at the school is no visit, and 10 minutes in a store are none. 20 persons for three phones.
	if !near(school.Visits, 40) || !near(school.Visitors, 20) || !near(school.RadiusKM, 4) || !near(school.VisitsPerNearby, 2) {
		t.Errorf("school %+v", school)
	}
	if !near(store.Visitors, 20./3) || !near(store.RadiusKM, 3) || len(x.Homes) != 4 {
		t.Errorf("store %+v, homes %+v", store, x.Homes)
	}
	task := facilitiesTask{}
	if s := task.Score(x, x); !near(s, 1) {
		t.Errorf("against itself %v", s)
	}
	if s := task.Score(x, &Facilities{}); s != 0 {
		t.Errorf("an empty answer scores %v", s)
	}
}
