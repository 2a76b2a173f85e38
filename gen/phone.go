package gen

import (
	"slices"

	"github.com/sigcity/sigcity"
)

// phone is the mobility-management state of one SIM (3GPP TS 24.301, EPS
// mobility management; in 5G cells TS 24.501, which does the same under other
// names), carried through midnight. The network records only what a real one
// sees: an idle phone that moves inside its list of tracking areas is silent.
type phone struct {
	camping
	user user

	on        bool
	connected uint32          // until when the connection lasts; idle from then on
	timer     uint32          // when the periodic update is due (T3412, runs while idle)
	wake      uint32          // when a phone that is off is switched on, or back in the network
	roams     bool            // it comes back from another network, and need not attach
	tais      [maxTAIs]uint32 // the registered list of tracking areas, the newest first; 0 = none
	carry     wants           // what is left at midnight
}

// off takes the phone out of the network until a second. Where it was out already,
// what lasts the longest decides how it comes back: with a tracking-area update
// from the network it roamed in, else with an attach.
func (p *phone) off(until uint32, roams bool) {
	if p.on || until > p.wake || until == p.wake && roams {
		p.wake, p.roams = until, roams
	}
	p.on, p.connected = false, 0
}

// maxTAIs bounds the list of tracking areas, of up to 16 in TS 24.301 §9.9.3.33.
const maxTAIs = 4

// enter registers a tracking area that the list lacks: the network assigns it
// together with the areas that the phone came from, so that a phone between two
// of them does not update to and fro. It reports whether the area was new.
func (p *phone) enter(tac uint32, n int) bool {
	if slices.Contains(p.tais[:n], tac) {
		return false
	}
	copy(p.tais[1:n], p.tais[:n-1])
	p.tais[0] = tac
	return true
}

// signaling turns cell changes and demands into records. One per worker.
type signaling struct {
	tacs, enbs []uint32 // per cell
	tais       int      // length of the list of tracking areas
	t3412      uint32
	inactivity uint32
	raw        bool // every connection leaves a record, not only the first of a session
	ran        bool // handovers within one eNB are seen too
	notes      []note
}

// serve lets a phone have the data that it is wanted for before a second and
// before it does anything else by itself, in one cell, and returns what is left.
func (g *signaling) serve(rec []sigcity.Record, p *phone, in serving, data []demand, until uint32) ([]sigcity.Record, []demand) {
	if !p.on {
		for until = min(until, p.wake); len(data) > 0 && data[0].time() < until; {
			data = data[1:]
		}
		return rec, data
	}
	room, n := rec[:cap(rec)], len(rec)
	every := 0 // 1 = each connection leaves a record
	if g.raw {
		every = 1
	}
	connected, timer := p.connected, p.timer
	i := 0
	for ; i < len(data); i++ {
		d := data[i]
		t := d.time()
		if t >= until || t >= timer {
			break
		}
		// Data of a connected phone needs no request. Whether it is cannot be foretold:
		// no branch, but a record that counts or is written over.
		if n == len(room) {
			room = append(room, sigcity.Record{})
			room = room[:cap(room)]
		}
		room[n] = sigcity.Record{Time: t, Area: in.cell, Type: sigcity.ServiceRequest}
		idle := int(uint64(int64(connected)-int64(t)-1) >> 63)
		n += idle & (d.first() | every)
		connected = max(connected, t+d.seconds()+g.inactivity)
		timer = connected + g.t3412
	}
	p.connected, p.timer = connected, timer
	if in.why != 0 {
		for k := len(rec); k < n; k++ {
			g.notes = append(g.notes, note{record: uint32(k), flags: in.why})
		}
	}
	return room[:n], data[i:]
}

// day appends the records of a phone, which is at first in the cell in, up to,
// and not including, the second to, and notes what is odd about them. moves and
// wants are in order; those from to on are carried over.
func (g *signaling) day(rec []sigcity.Record, p *phone, in serving, moves []move, w wants, to uint32) []sigcity.Record {
	cell, why := in.cell, in.why
	emit := func(t uint32, e sigcity.Event) {
		if why != 0 {
			g.notes = append(g.notes, note{record: uint32(len(rec)), flags: why})
		}
		rec = append(rec, sigcity.Record{Time: t, Area: cell, Type: e})
	}
	for {
		// Most of all is data, up to whatever else comes next.
		until := to
		if len(moves) > 0 {
			until = min(until, moves[0].time)
		}
		if len(w.other) > 0 {
			until = min(until, w.other[0].time())
		}
		if len(w.data) > 0 && w.data[0].time() < until {
			rec, w.data = g.serve(rec, p, serving{cell, why}, w.data, until)
		}
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
		if len(w.other) > 0 && w.other[0].time() < t {
			t, next = w.other[0].time(), 4
		}
		switch next {
		case 0:
			p.carry.keep(w)
			return rec
		case 1:
			before, now := cell, moves[0].why
			cell = moves[0].cell
			if now&strayed == 0 {
				why = now | why&strayed // the way back is a part of the excursion
			} else {
				why = now
			}
			moves = moves[1:]
			if p.on && cell != before {
				if t < p.connected && (g.ran || g.enbs[cell] != g.enbs[before]) {
					emit(t, sigcity.Handover)
				}
				if p.enter(g.tacs[cell], g.tais) {
					emit(t, sigcity.TrackingAreaUpdate)
					p.timer = max(p.connected, t) + g.t3412
				}
			}
			why = now
		case 2:
			emit(t, sigcity.PeriodicUpdate)
			p.timer = t + g.t3412
		case 3:
			p.on, p.connected, p.tais = true, 0, [maxTAIs]uint32{g.tacs[cell]}
			e := sigcity.Attach
			if p.roams {
				e = sigcity.TrackingAreaUpdate
			}
			p.roams = false
			emit(t, e)
			p.timer = t + g.t3412
		case 4:
			d := w.other[0]
			w.other = w.other[1:]
			e := d.event()
			if e == sigcity.Detach || e == powerLoss || e == departure {
				if p.on && e == sigcity.Detach {
					emit(t, e)
				}
				p.off(t+d.seconds(), e == departure)
				continue
			}
			if !p.on {
				continue
			}
			emit(t, e)
			p.connected = max(p.connected, t+d.seconds()+g.inactivity)
			p.timer = p.connected + g.t3412
		}
	}
}
