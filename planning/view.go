package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
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
	anchors []anchorView // one per rule asked for
	stays   []stayView   // one per parameters asked for
	turn    uint64       // of the view: what is from an earlier one is not valid
	err     error        // of what could not be worked out

	profiler *recognition.UserProfiler
	profile  lazy[recognition.UserProfile]
	places   []placeView // one per parameters asked for
	hubs     hubView
	modes    *recognition.ModeFinder // made when first asked for
	ranked   []recognition.RankedLine

	present   lazy[[]present]
	presentBy presenceRule // the rule that present is by
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

// finder tells modes.
func (v *View) finder() *recognition.ModeFinder {
	if v.modes == nil {
		v.modes = recognition.NewModeFinder(v.env.lines(), nil)
	}
	return v.modes
}

// busLines are the bus lines that a trip of the view may have ridden on, the likeliest
// first; valid until it is asked again.
func (v *View) busLines(t recognition.Trip) []recognition.RankedLine {
	v.ranked = v.finder().RankLines(v.ranked[:0], t, v.Trajectory(), recognition.Bus)
	return v.ranked
}

func newView(e *Env) *View {
	return &View{env: e}
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

// anchorView is home and work by one rule.
type anchorView struct {
	rule   string
	finder recognition.AnchorRule
	found  lazy[recognition.Anchors]
}

// Anchors are home and work by P6(a).
func (v *View) Anchors() recognition.Anchors { return v.AnchorsBy(recognition.RuleLin) }

// AnchorsBy is home and work by a rule of recognition.AnchorRules.
func (v *View) AnchorsBy(rule string) recognition.Anchors {
	i := slices.IndexFunc(v.anchors, func(a anchorView) bool { return a.rule == rule })
	if i < 0 {
		finder, err := recognition.NewAnchorRule(rule, v.env.Calendar, v.env.areas())
		if err != nil {
			panic(err) // parameters are checked where they come in
		}
		i = len(v.anchors)
		v.anchors = append(v.anchors, anchorView{rule: rule, finder: finder})
	}
	a := &v.anchors[i]
	return a.found.of(v, func() recognition.Anchors { return a.finder.Find(v.Trajectory()) })
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
		finder := v.finder()
		s.moves, s.rides = s.moves[:0], s.rides[:0]
		for _, t := range trips {
			m := finder.Find(t, v.Trajectory())
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

// Profile is the feature vector of P14, and the locations (P5) that it rests on,
// most days first.
func (v *View) Profile() (recognition.UserProfile, []recognition.Location) {
	p := v.profile.of(v, func() recognition.UserProfile {
		if v.profiler == nil {
			hubs := make([]geo.XY, len(v.env.Map.Hubs))
			for i, h := range v.env.Map.Hubs {
				hubs[i] = v.env.Proj.XY(orb.Point{h.Lon, h.Lat})
			}
			if v.profiler, v.err = recognition.NewUserProfiler(v.env.Calendar, v.env.areas(), hubs); v.err != nil {
				return recognition.UserProfile{}
			}
		}
		w := v.Window()
		v.profiler.Bound(w.From, w.To)
		return v.profiler.Profile(v.Trajectory())
	})
	if v.profiler == nil {
		return p, nil
	}
	return p, v.profiler.Places()
}

// placeView is the locations by one set of parameters.
type placeView struct {
	stays  recognition.StayParams
	p      recognition.LocationParams
	finder *recognition.LocationFinder
	found  lazy[struct{}]
	places []recognition.Location
	label  []int32
}

// Locations are those of the stays by s (P5), and for every stay the position of its
// location, −1 for noise. The calendar of p is that of the environment.
func (v *View) Locations(s recognition.StayParams, p recognition.LocationParams) ([]recognition.Location, []int32) {
	p.Calendar = v.env.Calendar
	at := slices.IndexFunc(v.places, func(x placeView) bool { return x.stays == s && x.p == p })
	if at < 0 {
		finder, err := recognition.NewLocationFinder(v.env.areas(), p)
		if err != nil {
			v.err = err
			return nil, nil
		}
		at = len(v.places)
		v.places = append(v.places, placeView{stays: s, p: p, finder: finder})
	}
	x := &v.places[at]
	x.found.of(v, func() struct{} {
		stays, _ := v.Stays(s)
		x.places, x.label = x.finder.Find(x.places[:0], x.label[:0], stays)
		return struct{}{}
	})
	return x.places, x.label
}
