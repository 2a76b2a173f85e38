package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// AtHub is a user at a hub at some time.
type AtHub struct {
	User   uint32  `json:"user"`
	Hub    uint32  `json:"hub"`   // position in the map's hubs
	Start  uint32  `json:"start"` // Unix seconds
	End    uint32  `json:"end"`
	Weight float64 `json:"weight"` // 1, less where a token stands for several users
}

func (a *AtHub) atHub() *AtHub { return a }

func (a AtHub) compareAt(o AtHub) int {
	return cmp.Or(byUser(a.User, o.User, a.Start, o.Start), cmp.Compare(a.End, o.End), cmp.Compare(a.Hub, o.Hub), cmp.Compare(a.Weight, o.Weight))
}

func (a AtHub) check(e *Env) error { return cmp.Or(e.checkHub(a.Hub), checkNumber(a.Weight)) }

// gap is the time between two, 0 where they overlap, seconds.
func (a *AtHub) gap(o *AtHub) uint32 {
	return max(a.Start, o.Start) - min(min(a.End, o.End), max(a.Start, o.Start))
}

// hubEvent is something that a user does at a hub.
type hubEvent[E any] interface {
	*E
	atHub() *AtHub
	like(*E) bool // of one kind, whoever does it, wherever and whenever
}

// sameEventS is how far apart two phones of a person may tell of one event, and
// eventS how far off its time an event may be told, seconds. The first is assumed;
// the second is the tolerance of all scores.
const (
	sameEventS = 3600
	eventS     = 15 * 60
)

// isSame reports whether two events are one, but for so many seconds.
func isSame[E any, P hubEvent[E]](a, b P, seconds uint32) bool {
	x, y := a.atHub(), b.atHub()
	return x.User == y.User && x.Hub == y.Hub && a.like(b) && x.gap(y) <= seconds
}

// rekeyEvents gives every user the events of the tokens that stood for him at the time.
// Of events that two tokens tell of, no more than an hour apart, the one with more
// weight counts, of equals the first.
func rekeyEvents[E any, P hubEvent[E]](events []E, who func(key uint32, from, to uint32) []Share) []E {
	var all []E
	for _, e := range events {
		at := P(&e).atHub()
		for _, s := range who(at.User, at.Start, at.End+1) {
			if s.Weight > 0 {
				mine := e
				m := P(&mine).atHub()
				m.User, m.Weight = s.User, at.Weight*s.Weight
				all = append(all, mine)
			}
		}
	}
	sortEvents[E, P](all)
	out := all[:0]
	for i := range all {
		e := P(&all[i])
		same := -1
		for k := len(out) - 1; k >= 0 && P(&out[k]).atHub().User == e.atHub().User; k-- {
			if isSame(P(&out[k]), e, sameEventS) {
				same = k
				break
			}
		}
		switch {
		case same < 0:
			out = append(out, *e)
		case e.atHub().Weight > P(&out[same]).atHub().Weight:
			out[same] = *e
		}
	}
	sortEvents[E, P](out)
	return out
}

func sortEvents[E any, P hubEvent[E]](all []E) {
	slices.SortStableFunc(all, func(a, b E) int { return P(&a).atHub().compareAt(*P(&b).atHub()) })
}

// matched pairs events, both by user, one to one, each wanted one with the first that
// is left, and calls f with the weight of each pair.
func matched[E any, P hubEvent[E]](want, got []E, f func(want, got *E, weight float64)) {
	for len(want) > 0 {
		user := P(&want[0]).atHub().User
		mine := func(e E) bool { return P(&e).atHub().User == user }
		n := countWhile(want, mine)
		got = got[countWhile(got, func(e E) bool { return P(&e).atHub().User < user }):]
		m := countWhile(got, mine)
		taken := make([]bool, m)
		for i := range want[:n] {
			for j := range got[:m] {
				if w, g := P(&want[i]), P(&got[j]); !taken[j] && isSame(w, g, eventS) {
					taken[j] = true
					f(&want[i], &got[j], math.Min(w.atHub().Weight, g.atHub().Weight))
					break
				}
			}
		}
		want, got = want[n:], got[m:]
	}
}

// weightOf is the weight of the events that ok holds for.
func weightOf[E any, P hubEvent[E]](events []E, ok func(*E) bool) float64 {
	sum := 0.0
	for i := range events {
		if e := P(&events[i]); ok(e) {
			sum += e.atHub().Weight
		}
	}
	return sum
}

// hourOf is the local hour of day of a time.
func hourOf(cal *sigcity.Calendar, t uint32) int32 {
	_, second := cal.Clock(t)
	return int32(min(second/3600, 23))
}
