package benchmarks

import (
	"slices"
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

// Who moves within the data set is scored by the home of the window: the one
// that is valid longest in it.
func TestAnchorOfTheWindow(t *testing.T) {
	for _, c := range []struct {
		name   string
		subset Subset
		moved  float64 // share of the two days after which the person moves
		second bool    // lives at the second home longer
	}{
		{"early", Subset{}, 0.3, true}, {"late", Subset{}, 0.8, false},
		{"early on the first day", Subset{Days: 1}, 0.3, false}, // six tenths of that day
		{"at dawn of the first day", Subset{Days: 1}, 0.2, true},
		{"after the window", Subset{Days: 1}, 0.9, false},
	} {
		a := testArena(t, c.subset)
		cal, err := a.data.Meta().Calendar()
		if err != nil {
			t.Fatal(err)
		}
		begin, end := cal.Start(0), cal.Start(2)
		at := begin + uint32(c.moved*float64(end-begin))
		person := a.members[0]
		anchors := slices.Clone(a.anchors[person])
		i := slices.IndexFunc(anchors, func(x dataset.Anchor) bool { return x.Kind == dataset.ActHome })
		first, second := anchors[i], anchors[i]
		first.From, first.To = begin, at
		second.From, second.To, second.Lon = at, end, first.Lon+0.01
		anchors[i] = first
		a.anchors[person] = append(anchors, second)
		want := first
		if c.second {
			want = second
		}
		if got, ok := (&scorer{a: a}).anchor(person, dataset.ActHome); !ok || got != [2]float64{want.Lon, want.Lat} {
			t.Errorf("%s: home at %v, want %v, %v", c.name, got, want.Lon, want.Lat)
		}
		cut := cutTruth(&dataset.Truth{Persons: a.truth.Persons, Anchors: a.anchors[person]}, func(p uint32) bool { return p == person }, a.from, a.to)
		homes := 0
		for _, x := range cut.Anchors {
			if x.Kind == dataset.ActHome {
				homes++
			}
		}
		if want := map[bool]int{true: 2, false: 1}[at < a.to]; homes != want {
			t.Errorf("%s: %d homes in the window, want %d", c.name, homes, want)
		}
	}
}
