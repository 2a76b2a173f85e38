package planning

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
)

// hubsOf are the positions of the map's hubs of a kind.
func (e *Env) hubsOf(kind string) []uint32 {
	var out []uint32
	for i := range e.Map.Hubs {
		if e.Map.Hubs[i].Kind == kind {
			out = append(out, uint32(i))
		}
	}
	return out
}

// checkHub is an error unless the map has the hub.
func (e *Env) checkHub(id uint32) error {
	if id >= uint32(len(e.Map.Hubs)) {
		return fmt.Errorf("hub %d, there are %d", id, len(e.Map.Hubs))
	}
	return nil
}

// phones is the number of people in the data, as far as that is public: not
// expanded. Where nobody tells it is that of the phones.
func (e *Env) phones() float64 {
	if e.Meta.Persons > 0 {
		return float64(e.Meta.Persons)
	}
	return float64(e.Meta.Users)
}

// trueFlight is a flight that somebody truly takes.
type trueFlight struct {
	person, hub  uint32
	departs      bool
	enter, leave uint32             // at the airport; guests are taken straight from the aircraft, and to it
	acts         []dataset.Activity // of the person
	trips        []dataset.Trip     // of the person
}

// moment is when the phone is switched off or on for it.
func (f *trueFlight) moment() uint32 {
	if f.departs {
		return f.leave
	}
	return f.enter
}

// trueFlights calls f with the flights of everybody who has a SIM, in order of person and
// time: the ends of absences by air within the days of the data.
func (e *Env) trueFlights(ctx context.Context, t *dataset.Truth, f func(*trueFlight)) error {
	hub := map[orb.Point]uint32{}
	for _, g := range e.Map.Gates {
		if g.Hub >= 0 && g.Hub < int64(len(e.Map.Hubs)) {
			hub[orb.Point{g.Lon, g.Lat}] = uint32(g.Hub)
		}
	}
	return e.eachPerson(ctx, t, func(person uint32, acts []dataset.Activity, trips []dataset.Trip) {
		airport := func(i int) bool { return i >= 0 && i < len(acts) && acts[i].Kind == string(dataset.Airport) }
		for i := 0; i < len(acts); i++ {
			h, ok := hub[orb.Point{acts[i].Lon, acts[i].Lat}]
			if !ok || acts[i].Kind != dataset.ActAway {
				continue
			}
			first := i
			for i+1 < len(acts) && acts[i+1].Kind == dataset.ActAway && acts[i+1].Start == acts[i].End {
				i++
			}
			x := trueFlight{person: person, hub: h, departs: true, enter: acts[first].Start, leave: acts[first].Start, acts: acts, trips: trips}
			for k := first - 1; airport(k) && acts[k].End == x.enter; k-- {
				x.enter = acts[k].Start
			}
			if first > 0 {
				f(&x)
			}
			x.departs, x.enter, x.leave = false, acts[i].End, acts[i].End
			for k := i + 1; airport(k) && acts[k].Start == x.leave; k++ {
				x.leave = acts[k].End
			}
			if i+1 < len(acts) {
				f(&x)
			}
		}
	})
}
