package planning

import (
	"cmp"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// View is what a token left within one linkage period, in which it means one
// user, with what recognition finds in it. Each finding is worked out when a task
// first asks for it, once for all tasks of a pass; it is valid until the fold
// returns. One goroutine at a time.
type View struct {
	User    uint32
	Period  sigcity.Period // clipped to nothing: 0 … MaxUint32 where tokens never change
	Records []sigcity.Record

	env     *Env
	anchors *recognition.AnchorFinder
	home    lazy[recognition.Anchors]
	stays   []stayView              // one per parameters asked for
	modes   *recognition.ModeFinder // made when first asked for
	err     error                   // of what could not be worked out
	turn    uint64                  // of the view: what is from an earlier one is not valid
}

// lazy is a finding and the view that it is of.
type lazy[T any] struct {
	value T
	turn  uint64
}

// of is the finding, worked out by find if it is of an earlier view.
func (l *lazy[T]) of(v *View, find func() T) T {
	if l.turn != v.turn {
		l.value, l.turn = find(), v.turn
	}
	return l.value
}

// stayView is the stays and trips by one set of parameters.
type stayView struct {
	p      recognition.StayParams
	finder *recognition.StayFinder
	found  lazy[struct{}]
	stays  []recognition.Stay
	trips  []recognition.Trip

	driven    lazy[struct{}]
	drives    []drive
	passages  []recognition.Passage // of all drives
	crossings []recognition.Crossing

	moved lazy[struct{}]
	moves []recognition.Move
	rides []recognition.Ride // of all moves
}

func newView(e *Env) *View {
	return &View{env: e, anchors: recognition.NewAnchorFinder(e.Calendar, e.shared.areas)}
}

// view is a view to use; give it back to the pool.
func (e *Env) view() *View {
	e.init()
	return e.shared.views.Get().(*View)
}

// each shows a trajectory to add, linkage period by linkage period. Records
// outside every period belong to nobody.
func (v *View) each(t sigcity.Trajectory, add func(*View) error) error {
	show := func(p sigcity.Period, rows []sigcity.Record) error {
		v.User, v.Period, v.Records = uint32(t.User), p, rows
		v.turn++
		return cmp.Or(add(v), v.err)
	}
	if len(v.env.Meta.Periods) == 0 {
		return show(sigcity.Period{From: 0, To: math.MaxUint32}, t.Records)
	}
	for _, p := range v.env.Meta.Periods {
		if rows := dataset.Window(t.Records, p.From, p.To); len(rows) > 0 {
			if err := show(p, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// Trajectory is the records as a trajectory of their own.
func (v *View) Trajectory() sigcity.Trajectory {
	return sigcity.Trajectory{User: sigcity.UserID(v.User), Records: v.Records}
}

// Window is the time that the view can tell of: its period within the days of
// the calendar. It is empty, From = To, where the period lies outside.
func (v *View) Window() sigcity.Period {
	w := v.env.window()
	from, to := max(v.Period.From, w.From), min(v.Period.To, w.To)
	return sigcity.Period{From: from, To: max(from, to)}
}

// Anchors are home and work by P6(a).
func (v *View) Anchors() recognition.Anchors {
	return v.home.of(v, func() recognition.Anchors { return v.anchors.Find(v.Trajectory()) })
}

// Stays are the stays (P4) and the trips between them (P7), in order, within the
// window; of its bounds the first and the last stay know.
func (v *View) Stays(p recognition.StayParams) ([]recognition.Stay, []recognition.Trip) {
	s := v.stayView(p)
	s.found.of(v, func() struct{} {
		s.stays, s.trips = s.stays[:0], s.trips[:0]
		if w := v.Window(); w.From < w.To {
			s.finder.Bound(w.From, w.To)
			s.stays = s.finder.Find(s.stays, v.Trajectory())
			s.trips = s.finder.Trips(s.trips)
		}
		return struct{}{}
	})
	return s.stays, s.trips
}

// Modes tells how the trips of Stays(p) were made (P9): a move for each, in order.
func (v *View) Modes(p recognition.StayParams) []recognition.Move {
	_, trips := v.Stays(p)
	s := v.stayView(p)
	s.moved.of(v, func() struct{} {
		if v.modes == nil {
			v.modes = recognition.NewModeFinder(v.env.lines(), nil)
		}
		s.moves, s.rides = s.moves[:0], s.rides[:0]
		for _, t := range trips {
			m := v.modes.Find(t, v.Trajectory())
			n := len(s.rides)
			s.rides = append(s.rides, m.Rides...) // the finder's own last until its next trip
			m.Rides = s.rides[n:len(s.rides):len(s.rides)]
			s.moves = append(s.moves, m)
		}
		return struct{}{}
	})
	return s.moves
}

// stayView is the finder for some parameters. Tasks use few different ones.
func (v *View) stayView(p recognition.StayParams) *stayView {
	for i := range v.stays {
		if v.stays[i].p == p {
			return &v.stays[i]
		}
	}
	v.stays = append(v.stays, stayView{p: p, finder: recognition.NewStayFinder(v.env.areas(), nil, p)})
	return &v.stays[len(v.stays)-1]
}
