package gen

import (
	"github.com/sigcity/sigcity"
)

// phone is the mobility-management state of one SIM (3GPP TS 24.301, EPS
// mobility management; in 5G cells TS 24.501, which does the same under other
// names), carried through midnight. The network records only
// what a real one sees: an idle phone that moves inside its tracking area is
// silent. The list of tracking areas holds one (assumed).
type phone struct {
	camping
	user user

	on        bool
	connected uint32 // until when the connection lasts; idle from then on
	talking   uint32 // until when the voice call lasts
	timer     uint32 // when the periodic update is due (T3412, runs while idle)
	wake      uint32 // when a phone that is off is switched on
	tac       uint32 // registered tracking area
	carry     []demand
}

// signaling turns cell changes and demands into records. One per worker.
type signaling struct {
	tacs       []uint32 // per cell
	t3412      uint32
	inactivity uint32
}

// day appends the records of a phone up to, and not including, the second to.
// moves and demands are in order; demands from to on are carried over.
func (g *signaling) day(rec []sigcity.Record, p *phone, cell sigcity.AreaID, moves []move, demands []demand, to uint32) []sigcity.Record {
	emit := func(t uint32, e sigcity.Event) {
		rec = append(rec, sigcity.Record{Time: t, Area: cell, Type: e})
	}
	for {
		t, next := to, 0
		if len(moves) > 0 && moves[0].time < t {
			t, next = moves[0].time, 1
		}
		if p.on && p.timer < t {
			t, next = p.timer, 2
		}
		if !p.on && p.wake < t {
			t, next = p.wake, 3
		}
		if len(demands) > 0 && demands[0].time() < t {
			t, next = demands[0].time(), 4
		}
		switch next {
		case 0:
			p.carry = append(p.carry[:0], demands...)
			return rec
		case 1:
			cell = moves[0].cell
			moves = moves[1:]
			if !p.on {
				continue
			}
			if t < p.connected {
				emit(t, sigcity.Handover)
			}
			if g.tacs[cell] != p.tac {
				p.tac = g.tacs[cell]
				emit(t, sigcity.TrackingAreaUpdate)
				p.timer = max(p.connected, t) + g.t3412
			}
		case 2:
			emit(t, sigcity.PeriodicUpdate)
			p.timer = t + g.t3412
		case 3:
			p.on, p.connected, p.tac = true, 0, g.tacs[cell]
			emit(t, sigcity.Attach)
			p.timer = t + g.t3412
		case 4:
			d := demands[0]
			demands = demands[1:]
			if !p.on {
				continue
			}
			switch e := d.event(); {
			case e == sigcity.Detach:
				emit(t, e)
				p.on, p.connected, p.talking, p.wake = false, 0, 0, t+max(d.seconds(), 1)
				continue
			case e == sigcity.CallOut || e == sigcity.CallIn:
				if t < p.talking {
					continue // the line is busy
				}
				p.talking = t + d.seconds()
				emit(t, e)
			case e != sigcity.ServiceRequest || t >= p.connected: // data of a connected phone needs no request
				emit(t, e)
			}
			p.connected = max(p.connected, t+d.seconds()+g.inactivity)
			p.timer = p.connected + g.t3412
		}
	}
}
