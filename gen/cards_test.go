package gen

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/dataset"
)

// expectedTaps are the taps of all rides: on board of buses and trams, at the
// gates of the rest, but for changes behind them.
func expectedTaps(t *testing.T, f *dataset.Folder) []dataset.CardTap {
	lines, stops := rows[dataset.Line](t, f, dataset.TableLines), rows[dataset.Stop](t, f, dataset.TableStops)
	card := map[uint32]uint32{}
	for number, person := range standsFor(t, f, dataset.SourceCards) {
		card[person] = number
	}
	station := func(stop uint32) string { // what one does not leave without a gate
		if h := stops[stop].Hub; h >= 0 {
			return fmt.Sprint("hub ", h)
		}
		return fmt.Sprint("stop ", stop)
	}
	var out []dataset.CardTap
	for _, trip := range rows[dataset.Trip](t, f, dataset.TableTrips) {
		number, ok := card[trip.Person]
		if !ok {
			continue
		}
		street := func(k int) bool {
			return lines[trip.Rides[k].Line].Mode == "bus" || lines[trip.Rides[k].Line].Mode == "tram"
		}
		for k, x := range trip.Rides {
			l := &lines[x.Line]
			on, off := l.Stops[x.Board], l.Stops[x.Alight]
			tap := dataset.CardTap{Time: x.Start, Card: number, Tap: "in", Mode: l.Mode, Line: int64(x.Line), Stop: int64(on), Hub: -1}
			if street(k) {
				out = append(out, tap)
				continue
			}
			gate := func(how string, stop uint32, at uint32) {
				g := dataset.CardTap{Time: at, Card: number, Tap: how, Mode: l.Mode, Line: -1, Stop: int64(stop), Hub: stops[stop].Hub}
				if g.Hub >= 0 {
					g.Stop = -1
				}
				out = append(out, g)
			}
			if k == 0 || street(k-1) || station(lines[trip.Rides[k-1].Line].Stops[trip.Rides[k-1].Alight]) != station(on) {
				gate("in", on, x.Reach)
			}
			if k == len(trip.Rides)-1 || street(k+1) || station(lines[trip.Rides[k+1].Line].Stops[trip.Rides[k+1].Board]) != station(off) {
				gate("out", off, x.End)
			}
		}
	}
	dataset.SortCardTaps(out)
	return out
}

func tapsAreRides(t *testing.T, f *dataset.Folder) {
	got, err := dataset.CardTaps(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := expectedTaps(t, f)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%d taps, want %d: %s", len(got), len(want), d)
	}
	modes := map[string]int{}
	for _, x := range got {
		modes[x.Mode+" "+x.Tap]++
	}
	for _, m := range []string{"bus in", "tram in", "metro in", "metro out", "rail in", "rail out"} {
		if modes[m] == 0 {
			t.Errorf("no tap %s: %v", m, modes)
		}
	}
}
