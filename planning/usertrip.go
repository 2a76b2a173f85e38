package planning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// UserTrip is a trip of one user and what a task tells of it.
type UserTrip[D told[D]] struct {
	User   uint32  `json:"user"`
	Start  uint32  `json:"start"` // Unix seconds: leaving one stay
	End    uint32  `json:"end"`   // and coming to the next
	Weight float64 `json:"weight"`
	Told   D       `json:"told"`
}

// told is what a task tells of a trip: a struct of numbers in exported fields, of
// fixed size, in a total order.
type told[D any] interface{ row[D] }

func (t UserTrip[D]) compare(o UserTrip[D]) int {
	return cmp.Or(cmp.Compare(t.User, o.User), cmp.Compare(t.Start, o.Start), cmp.Compare(t.End, o.End), cmp.Compare(t.Weight, o.Weight), t.Told.compare(o.Told))
}

func (t UserTrip[D]) check(e *Env) error {
	if t.Start > t.End {
		return fmt.Errorf("a trip ends at %d, before its start, %d", t.End, t.Start)
	}
	return cmp.Or(checkNumber(t.Weight), t.Told.check(e))
}

// tripFold gathers the trips (P7) of every view, as far as tell tells of them; it gets
// their number among Stays(p) and Modes(p).
func tripFold[D told[D]](env *Env, tag string, p recognition.StayParams, tell func(v *View, i int, trip recognition.Trip) (D, bool), answer func([]UserTrip[D]) (Answer, error)) Fold {
	return &rowFold[UserTrip[D]]{env: env, tag: tag, take: func(dst []UserTrip[D], v *View) []UserTrip[D] {
		_, trips := v.Stays(p)
		for i, t := range trips {
			if d, ok := tell(v, i, t); ok {
				dst = append(dst, UserTrip[D]{User: v.User, Start: t.Start, End: t.End, Weight: 1, Told: d})
			}
		}
		return dst
	}, answer: answer}
}

// trueTrips are the trips of everybody with a SIM, between stays of minS at least, as
// far as tell tells of them. In order.
func trueTrips[D told[D]](ctx context.Context, t *dataset.Truth, e *Env, minS uint32, tell func(l *life, t *trueTrip) (D, bool)) ([]UserTrip[D], error) {
	var out []UserTrip[D]
	err := e.lives(ctx, t, minS, func(l *life) error {
		for i := range l.trips {
			x := &l.trips[i]
			if d, ok := tell(l, x); ok {
				out = append(out, UserTrip[D]{User: l.person.ID, Start: x.start, End: x.end, Weight: 1, Told: d})
			}
		}
		return nil
	})
	return out, err
}

// rekeyTrips gives trips to those whom a key stands for, by their shares. Where
// several tokens or SIMs tell of overlapping trips of one person, the one with the most
// weight counts, of equals the first.
func rekeyTrips[D told[D]](trips []UserTrip[D], who func(key, from, to uint32) []Share) []UserTrip[D] {
	var all []UserTrip[D]
	for _, t := range trips {
		for _, s := range who(t.User, t.Start, t.End) {
			if s.Weight > 0 {
				mine := t
				mine.User, mine.Weight = s.User, t.Weight*s.Weight
				all = append(all, mine)
			}
		}
	}
	slices.SortFunc(all, UserTrip[D].compare)
	out := all[:0]
	for _, t := range all {
		if k := len(out) - 1; k >= 0 && out[k].User == t.User && t.Start < out[k].End {
			if t.Weight > out[k].Weight {
				out[k] = t
			}
			continue
		}
		out = append(out, t)
	}
	return out
}

// pairTrips pairs the wanted trips with those got, both in order, one to one: to
// each wanted trip in turn goes the free trip of its user that it shares most time
// with, if that is half of the shorter one at least. Every trip is shown once, those
// without partner with nil for it.
func pairTrips[A told[A], B told[B]](want []UserTrip[A], got []UserTrip[B], show func(w *UserTrip[A], g *UserTrip[B])) {
	taken := make([]bool, len(got))
	lo := 0 // of the trips got that may still overlap
	for i := range want {
		w := &want[i]
		for lo < len(got) && (got[lo].User < w.User || got[lo].User == w.User && got[lo].End < w.Start) {
			lo++
		}
		best, most := -1, int64(-1)
		for j := lo; j < len(got) && got[j].User == w.User && got[j].Start <= w.End; j++ {
			g := &got[j]
			shared := int64(min(w.End, g.End)) - int64(max(w.Start, g.Start))
			if shorter := int64(min(w.End-w.Start, g.End-g.Start)); !taken[j] && 2*shared >= shorter && shared > most {
				best, most = j, shared
			}
		}
		if best < 0 {
			show(w, nil)
			continue
		}
		taken[best] = true
		show(w, &got[best])
	}
	for j := range got {
		if !taken[j] {
			show(nil, &got[j])
		}
	}
}

// tripF1 is the F1 of the wanted trips, by weight.
func tripF1[A told[A], B told[B]](want []UserTrip[A], got []UserTrip[B]) float64 {
	var w, g, n float64
	pairTrips(want, got, func(a *UserTrip[A], b *UserTrip[B]) {
		if a != nil {
			w++
		}
		if b != nil {
			g += b.Weight
			if a != nil {
				n += b.Weight
			}
		}
	})
	return f1(n, w, g)
}
