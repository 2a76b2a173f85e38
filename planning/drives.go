package planning

import (
	"context"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// drive is a trip by car and its course on the roads.
type drive struct {
	trip   recognition.Trip
	course recognition.Match
}

// Drives are the trips by car (P9) among those of Stays(p) with their courses (P8), in
// order. A trip of which no course is found has no passages.
func (v *View) Drives(p recognition.StayParams) []drive {
	moves := v.Modes(p)
	s := v.stayView(p)
	s.driven.of(v, func() struct{} {
		s.drives, s.passages, s.crossings = s.drives[:0], s.passages[:0], s.crossings[:0]
		if !slices.ContainsFunc(moves, func(m recognition.Move) bool { return m.Mode == recognition.Car }) {
			return struct{}{}
		}
		pool, err := v.env.roadMatchers(recognition.DefaultMatchParams())
		if err != nil {
			v.err = err
			return struct{}{}
		}
		m := pool.Get().(*recognition.Matcher)
		defer pool.Put(m)
		for i, move := range moves {
			if move.Mode != recognition.Car {
				continue
			}
			got := *m.Match(s.trips[i], v.Records) // the matcher's own until its next trip
			n, k := len(s.passages), len(s.crossings)
			s.passages, s.crossings = append(s.passages, got.Passages...), append(s.crossings, got.Crossings...)
			got.Passages = s.passages[n:len(s.passages):len(s.passages)]
			got.Crossings = s.crossings[k:len(s.crossings):len(s.crossings)]
			s.drives = append(s.drives, drive{s.trips[i], got})
		}
		return struct{}{}
	})
	return s.drives
}

// trueDrives calls f with every trip whose main leg is by car, of everybody who has a SIM,
// and with the links that its legs by car pass, in order of time; both are valid
// until f returns. None where the truth has no roads.
func (e *Env) trueDrives(ctx context.Context, t *dataset.Truth, minS uint32, f func(l *life, trip *trueTrip, passes []dataset.LinkPass)) error {
	if t.Roads == nil {
		return ctx.Err()
	}
	var passes []dataset.LinkPass
	return e.lives(ctx, t, minS, func(l *life) error {
		for i := range l.trips {
			trip := &l.trips[i]
			if trip.main().Mode != recognition.Car {
				continue
			}
			passes = passes[:0]
			for k := range trip.legs {
				if trip.legs[k].Mode != recognition.Car {
					continue
				}
				var err error
				if passes, err = t.Roads.Passes(passes, &trip.legs[k]); err != nil {
					return err
				}
			}
			if len(passes) > 0 {
				f(l, trip, passes)
			}
		}
		return nil
	})
}
