package planning

import (
	"cmp"
	"context"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// life is what one person truly did, in the terms of P4 and P7: stays of at
// least some time, and the trips between two consecutive ones. Shorter stops are
// part of a trip. Who is outside the city is unknown there: no trip leads into
// such a time or out of it.
type life struct {
	person *dataset.Person
	stays  []trueStay
	trips  []trueTrip
}

// trueStay is a stay at one place, whatever is done there.
type trueStay struct {
	start, end uint32
	kind       string // of the longest of its activities
	place      int64  // likewise
	at         geo.XY
	point      orb.Point
}

// trueTrip leads from a stay to the next. Its legs are the trips of truth, one
// and, where there were short stops on the way, more; they share truth's memory.
type trueTrip struct {
	start, end uint32
	from, to   int // stays
	legs       []dataset.Trip
}

// main is the leg that leads the farthest.
func (t *trueTrip) main() *dataset.Trip {
	best := 0
	for i := range t.legs {
		if t.legs[i].DistanceM > t.legs[best].DistanceM {
			best = i
		}
	}
	return &t.legs[best]
}

// eachPerson calls f with the activities and trips of everybody who has a SIM, in
// order of person; they share truth's memory.
func (e *Env) eachPerson(ctx context.Context, t *dataset.Truth, f func(person uint32, acts []dataset.Activity, trips []dataset.Trip)) error {
	phone := withPhone(t)
	trips := t.Trips
	for acts := t.Activities; len(acts) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := acts[0].Person
		n := countWhile(acts, func(a dataset.Activity) bool { return a.Person == id })
		trips = trips[countWhile(trips, func(t dataset.Trip) bool { return t.Person < id }):]
		m := countWhile(trips, func(t dataset.Trip) bool { return t.Person == id })
		if phone[id] {
			f(id, acts[:n], trips[:m])
		}
		acts, trips = acts[n:], trips[m:]
	}
	return ctx.Err()
}

// lives calls f with the life of everybody who has a SIM, in order of person; it
// is valid until f returns.
func (e *Env) lives(ctx context.Context, t *dataset.Truth, minS uint32, f func(*life) error) error {
	persons := t.Persons
	var l life
	var failed error
	err := e.eachPerson(ctx, t, func(id uint32, acts []dataset.Activity, trips []dataset.Trip) {
		persons = persons[countWhile(persons, func(p dataset.Person) bool { return p.ID < id }):]
		if failed == nil && len(persons) > 0 && persons[0].ID == id {
			l.person = &persons[0]
			l.live(e, acts, trips, minS)
			failed = f(&l)
		}
	})
	return cmp.Or(failed, err)
}

// live lays out the stays of one person, and the trips between them.
func (l *life) live(e *Env, acts []dataset.Activity, trips []dataset.Trip, minS uint32) {
	l.stays, l.trips = l.stays[:0], l.trips[:0]
	linked := false // nothing but trips and short stops since the last stay
	for i := 0; i < len(acts); {
		a := acts[i]
		longest, end := a.End-a.Start, a.End
		for i++; i < len(acts) && acts[i].Start == end && acts[i].Lon == a.Lon && acts[i].Lat == a.Lat; i++ {
			if d := acts[i].End - acts[i].Start; d > longest {
				longest, a.Kind, a.Place = d, acts[i].Kind, acts[i].Place
			}
			end = acts[i].End
		}
		switch {
		case a.Kind == dataset.ActAway:
			linked = false
			continue
		case end-a.Start < minS:
			continue
		}
		p := orb.Point{a.Lon, a.Lat}
		l.stays = append(l.stays, trueStay{start: a.Start, end: end, kind: a.Kind, place: a.Place, at: e.Proj.XY(p), point: p})
		if k := len(l.stays) - 1; linked {
			from := l.stays[k-1].end
			trips = trips[countWhile(trips, func(t dataset.Trip) bool { return t.Start < from }):]
			if legs := countWhile(trips, func(t dataset.Trip) bool { return t.Start < a.Start }); legs > 0 {
				l.trips = append(l.trips, trueTrip{start: from, end: a.Start, from: k - 1, to: k, legs: trips[:legs]})
			}
		}
		linked = true
	}
}
