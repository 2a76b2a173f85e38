package realism

import (
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

// Of several homes and work places those count that are valid longest, whatever
// home the household begins with.
func TestHomesOfMovers(t *testing.T) {
	c := city(4, 4)
	begin, end := c.Calendar.Start(0), c.Calendar.Start(4)
	var rows []dataset.Anchor
	for _, a := range c.Truth.Anchors {
		if a.Person > 1 || a.Kind != dataset.ActHome && a.Kind != dataset.ActWork {
			rows = append(rows, a)
			continue
		}
		other := a
		other.Cell, other.Lon = a.Cell^1, a.Lon+0.005
		at := begin + (end-begin)/4 // person 0 changes early, person 1 late
		if a.Person == 1 {
			at = end - (end-begin)/4
		}
		a.From, a.To, other.From, other.To = begin, at, at, end
		rows = append(rows, a, other)
	}
	truth := c.Truth.Anchors
	still, err := readPeople(t.Context(), c.Folder(t, nil), c.Map.Projection())
	if err != nil {
		t.Fatal(err)
	}
	c.Truth.Anchors = rows
	moved, err := readPeople(t.Context(), c.Folder(t, nil), c.Map.Projection())
	if err != nil {
		t.Fatal(err)
	}
	c.Truth.Anchors = truth
	for p, changed := range []bool{true, false, false, false} {
		if (moved.home[p] != still.home[p]) != changed || (moved.homeCell[p] != still.homeCell[p]) != changed ||
			(moved.work[p] != still.work[p]) != changed || (moved.workCell[p] != still.workCell[p]) != changed {
			t.Errorf("person %d: home %v in cell %d, work %v in cell %d; without moves %v, %d, %v, %d", p, moved.home[p], moved.homeCell[p],
				moved.work[p], moved.workCell[p], still.home[p], still.homeCell[p], still.work[p], still.workCell[p])
		}
	}
}
