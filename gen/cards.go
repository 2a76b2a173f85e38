package gen

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
)

// Buses and trams have readers on board, to tap in at. Of metros and trains the
// stations have gates, to tap in and out at; who changes between two of them at
// one station stays inside. So the log tells the vehicles of the street, and of
// rides by rail only where they began and ended, as in cities with such gates.

// gated reports whether a line is behind gates.
func gated(m network.LineMode) bool { return m >= network.Metro }

// taps appends the taps of the day of a person who has a card, filed by the day of the ride.
func (n *informants) taps(dst []dataset.CardTap, person uint32, segs []Segment) []dataset.CardTap {
	if !slices.ContainsFunc(segs, func(s Segment) bool { return s.Journey != nil }) {
		return dst
	}
	card, ok := n.cards.Entry(person)
	if !ok {
		return dst
	}
	for i := range segs {
		j := segs[i].Journey
		if j == nil {
			continue
		}
		stop := func(x *Ride, at int32) int32 { return j.lines[x.Line].Stops[at] }
		inside := false // came through from the ride before
		for k := range j.Rides {
			x := &j.Rides[k]
			mode := j.lines[x.Line].Mode
			if !gated(mode) {
				t := dataset.CardTap{Time: segs[i].Start + uint32(x.Start), Card: card, Tap: dataset.TapIn, Mode: mode.String(), Line: int64(x.Line),
					Stop: int64(stop(x, x.Board)), Hub: -1}
				dst = n.log(dst, t, person, uint64(x.Line)<<1)
				continue
			}
			if !inside {
				dst = n.log(dst, n.gate(card, dataset.TapIn, mode, stop(x, x.Board), segs[i].Start+uint32(x.Reach)), person, uint64(stop(x, x.Board))<<1|1)
			}
			if k+1 < len(j.Rides) {
				y := &j.Rides[k+1]
				inside = gated(j.lines[y.Line].Mode) && n.sameStation(stop(x, x.Alight), stop(y, y.Board))
			} else {
				inside = false
			}
			if !inside {
				dst = n.log(dst, n.gate(card, dataset.TapOut, mode, stop(x, x.Alight), segs[i].Start+uint32(x.End)), person, uint64(stop(x, x.Alight))<<1|1)
			}
		}
	}
	return dst
}

// gate is a tap at a gate: of the hub where the stop has one.
func (n *informants) gate(card uint32, tap string, mode network.LineMode, stop int32, at uint32) dataset.CardTap {
	t := dataset.CardTap{Time: at, Card: card, Tap: tap, Mode: mode.String(), Line: -1, Stop: int64(stop), Hub: int64(n.pop.City.Stops[stop].Hub)}
	if t.Hub >= 0 {
		t.Stop = -1
	}
	return t
}

// sameStation reports whether one gets from a stop to another without a gate.
func (n *informants) sameStation(a, b int32) bool {
	h := n.pop.City.Stops[a].Hub
	return a == b || h >= 0 && h == n.pop.City.Stops[b].Hub
}

// log appends a tap by its reader's clock, unless it was missed. The reader is
// that of a line's vehicles or of a stop; those of a hub share a clock.
func (n *informants) log(dst []dataset.CardTap, t dataset.CardTap, person uint32, reader uint64) []dataset.CardTap {
	if t.Hub >= 0 {
		reader = uint64(t.Hub)<<1 | 1 | 1<<40
	}
	h := sigcity.Mix(sigcity.Mix(n.scopes.missed, uint64(person)), uint64(t.Time))
	if t.Tap == dataset.TapOut {
		h = sigcity.Mix(h, 1)
	}
	if sigcity.Unit(h) < n.Cards.Missed {
		return dst
	}
	c := sigcity.Mix(n.scopes.clock, reader)
	// A standard normal deviate (Box and Muller 1958).
	z := math.Sqrt(-2*math.Log1p(-sigcity.Unit(c))) * math.Cos(2*math.Pi*sigcity.Unit(sigcity.Mix(c, 1)))
	t.Time = uint32(int64(t.Time) + int64(math.Round(n.Cards.ClockS*z)))
	return append(dst, t)
}
