package dataset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJoinStays(t *testing.T) {
	home := func(person, from, to uint32) Activity {
		return Activity{Person: person, Kind: ActHome, Place: -1, Start: from, End: to}
	}
	elsewhere := home(1, 50, 60)
	elsewhere.Lon = 1
	got := JoinStays([]Activity{home(1, 0, 10), home(1, 10, 20), home(1, 20, 30), home(1, 40, 50), elsewhere, home(2, 60, 70)})
	want := []Activity{home(1, 0, 30), home(1, 40, 50), elsewhere, home(2, 60, 70)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := JoinStays(nil); len(got) != 0 {
		t.Errorf("JoinStays(nil) = %v", got)
	}
}
