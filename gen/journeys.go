package gen

import (
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/network"
)

// Times about a journey out of the city, in seconds (assumed).
const (
	lateStart   = 6 * 3600  // of who could not leave on the day that was meant
	packing     = 90 * 60   // at home before leaving
	checkInMinS = 45 * 60   // at the airport before the flight …
	checkInMaxS = 180 * 60  // …
	arrivalMinS = 20 * 60   // and after it
	arrivalMaxS = 40 * 60   //
	leastAwayS  = 60 * 60   // who would be back sooner does not go
	restS       = 20 * 60   // at home after work outside, before going out again
	halfDay     = 12 * 3600 // who leaves later lives the day as usual until then
)

// absences looks up which members of the family are away, leave or come back
// today.
func (p *planner) absences(d day) {
	p.gone = p.gone[:0]
	for i := range p.family {
		from := len(p.gone)
		p.gone = p.absent.of(p.gone, p.family[i].id, d, d)
		p.family[i].gone = p.gone[from:len(p.gone):len(p.gone)]
	}
}

// travels lives the day of a member with an absence: away, coming back, leaving,
// or all of it, within a tour that was begun. Small children leave with the others
// of the family, whose day segs has.
func (p *planner) travels(r *rand.Rand, t *tour, m *member, d day, h uint32, segs [][]Segment) {
	if t.here.kind.away() {
		var x *absence
		for i := range m.gone {
			if m.gone[i].leave < d.midnight {
				x = &m.gone[i]
				break
			}
		}
		if x == nil || x.back >= d.midnight+uint32(d.length) {
			t.free = t.length
			return
		}
		p.comeBack(t, x)
		return
	}
	x := &m.gone[0]
	at := int32(lateStart)
	if x.leave >= d.midnight {
		at = int32(x.leave - d.midnight)
	}
	if small(m.who) {
		if at = p.departure(x, segs); at < 0 {
			return
		}
	} else if at > halfDay {
		p.wishes(r, m, d, h)
		for k := range p.stops {
			if s := p.stops[k]; !s.overnight && s.at != after && s.at+s.dur+packing < at && t.add(s) {
				p.went(m, &s)
			}
		}
	}
	t.goHome()
	if t.here.kind != Home || !p.leave(t, x, max(t.free, at)) {
		return // where it was not possible: tomorrow
	}
	if x.back < d.midnight+uint32(d.length) {
		p.comeBack(t, x)
		if x.commute && t.here.kind == Home {
			t.free = min(t.free+restS, t.length)
			p.stops = p.stops[:0]
			p.evening(r, m, d)
			for k := range p.stops {
				if s := p.stops[k]; s.at >= t.free && t.add(s) {
					p.went(m, &s)
				}
			}
		}
	}
}

// departure is when another member of the family leaves for the gate of an
// absence, a second of the day; −1 = nobody does.
func (p *planner) departure(x *absence, segs [][]Segment) int32 {
	for i := range p.family {
		m := &p.family[i]
		if small(m.who) || !slices.Contains(m.gone, *x) {
			continue
		}
		for k := range segs[i] {
			if s := &segs[i][k]; s.Mode != Stay && (s.Kind == Away || s.Kind == Airport) {
				return int32(s.Start - segs[i][0].Start)
			}
		}
	}
	return -1
}

// between is a time that the family spends together, drawn for the absence.
func (p *planner) between(t *tour, x *absence, lo, hi float64, which uint64) int32 {
	key := sigcity.Mix(sigcity.Mix(p.scopes.household, pointKey(t.home)), uint64(x.leave)<<1|which)
	return int32(lo + float64((hi-lo)*sigcity.Unit(key)))
}

// leave goes from home to the gate and out; false where that would not be done by
// midnight or not be worthwhile.
func (p *planner) leave(t *tour, x *absence, at int32) bool {
	g := &p.pop.City.Gates[x.gate]
	l := t.start(at, g.Pos, x.mode)
	out := l.depart + l.way
	if g.Kind == network.AirGate {
		out += p.between(t, x, checkInMinS, checkInMaxS, 0)
	}
	if out > t.length-latest || t.midnight+uint32(out)+leastAwayS > x.back {
		return false
	}
	t.depart(l, atGate(g))
	t.close(out)
	t.here, t.since, t.free = outside(g), out, t.length
	return true
}

// atGate is the stop at a gate: the hall of an airport, else the way out.
func atGate(g *network.Gate) stop {
	s := stop{pos: g.Pos, place: -1, kind: Away}
	if g.Kind == network.AirGate {
		s.kind = Airport
	}
	return s
}

// comeBack comes in through the gate and goes home. Who cannot be there by
// midnight spends the night near the gate.
func (p *planner) comeBack(t *tour, x *absence) {
	g := &p.pop.City.Gates[x.gate]
	in := int32(x.back - t.midnight)
	t.close(in)
	t.since, t.free, t.mode = in, in, Stay
	t.here = whereabouts{pos: g.Pos, place: -1, kind: Visit}
	if g.Kind == network.AirGate {
		t.here.kind = Airport
		t.free = min(in+p.between(t, x, arrivalMinS, arrivalMaxS, 1), t.length)
	}
	if l := t.start(t.free, t.home, x.mode); l.depart+l.way <= t.length-latest {
		t.depart(l, stop{pos: t.home, place: -1, kind: Home})
		return
	}
	t.free = t.length
}

// someAway tells whether a member of the family is away for a part of the day.
func (p *planner) someAway() bool {
	return slices.ContainsFunc(p.family, func(m member) bool { return len(m.gone) > 0 })
}

// atFirst is where a person is when the data begins: outside, where an absence
// began before; else home.
func (a *absences) atFirst(person uint32, d day, home whereabouts) whereabouts {
	var found [maxAbsences]absence
	for _, x := range a.of(found[:0], person, d, d) {
		if x.leave < d.midnight && x.back > d.midnight {
			return outside(&a.pop.City.Gates[x.gate])
		}
	}
	return home
}

// outside is a stay beyond a gate.
func outside(g *network.Gate) whereabouts {
	w := whereabouts{pos: g.Pos, place: -1, kind: Away}
	if g.Kind == network.AirGate {
		w.kind = Flown
	}
	return w
}
