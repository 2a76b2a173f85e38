package planning

import (
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

// Short stops belong to the trip, time outside the city cuts it off, stays at one
// place are one, and people without a SIM have no life.
func TestLives(t *testing.T) {
	env := testEnv(t)
	begin := env.Calendar.Start(0)
	act := func(person uint32, kind string, from, to uint32, lon float64) dataset.Activity {
		return dataset.Activity{Person: person, Kind: kind, Place: int64(from), Start: begin + from*60, End: begin + to*60, Lon: lon, Lat: 1}
	}
	trip := func(person, from, to uint32, m float64) dataset.Trip {
		return dataset.Trip{Person: person, Start: begin + from*60, End: begin + to*60, DistanceM: m}
	}
	truth := &dataset.Truth{
		Persons: []dataset.Person{{ID: 0}, {ID: 1}, {ID: 2}},
		SIMs:    []dataset.SIM{{User: 0, Person: 0}, {User: 1, Person: 2}, {User: 2, Person: -1}},
		Activities: []dataset.Activity{
			act(0, "home", 0, 400, 1), act(0, "shop", 410, 420, 2), act(0, "work", 440, 500, 3), act(0, "restaurant", 500, 530, 3),
			act(0, "away", 560, 700, 9), act(0, "home", 730, 900, 1), act(0, "home", 900, 1440, 1),
			act(1, "home", 0, 1440, 1), act(2, "home", 0, 1440, 1)},
		Trips: []dataset.Trip{trip(0, 400, 410, 900), trip(0, 420, 440, 2000), trip(0, 530, 560, 9000), trip(0, 700, 730, 9000)},
	}
	var persons []uint32
	err := env.lives(t.Context(), truth, 30*60, func(l *life) error {
		persons = append(persons, l.person.ID)
		if l.person.ID != 0 {
			if len(l.stays) != 1 || len(l.trips) != 0 {
				t.Errorf("person %d: %d stays, %d trips", l.person.ID, len(l.stays), len(l.trips))
			}
			return nil
		}
		if len(l.stays) != 3 || l.stays[1].kind != "work" || l.stays[1].end != begin+530*60 || l.stays[2].end != begin+1440*60 {
			t.Errorf("stays: %+v", l.stays)
		}
		if len(l.trips) != 1 || len(l.trips[0].legs) != 2 || l.trips[0].start != begin+400*60 || l.trips[0].end != begin+440*60 || l.trips[0].main().DistanceM != 2000 {
			t.Errorf("trips: %+v", l.trips)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(persons) != 2 || persons[0] != 0 || persons[1] != 2 {
		t.Errorf("lives of %v, want those of 0 and 2", persons)
	}
}
