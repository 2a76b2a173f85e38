package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// Models of movement, as the manifest names them.
const (
	// RoutesModel: trips on foot, by bicycle and by car follow the fastest way
	// along the roads, cars in the traffic of the hour; who rides goes along the
	// lines. Trips off the roads go as in StraightModel.
	RoutesModel = "routes"
	// StraightModel: a trip but for rides is a straight line at an even pace, with
	// the time that a detour takes. The model of cities whose map has no roads.
	StraightModel = "straight-leg"
)

// MovementModel is the model of movement of a city.
func MovementModel(c *network.City) string {
	if c.Graph().Edges() == 0 {
		return StraightModel
	}
	return RoutesModel
}

// Kind is what a stay is for.
type Kind uint8

const (
	Home Kind = iota
	Work
	Visit // of another household
	Kindergarten
	School
	University
	Shop
	Salon
	Store
	Restaurant
	Leisure
	Worship
	Hospital
	Airport
	Away  // beyond a gate of the city, on the ground: the phone is in another network
	Flown // the same by air: the phone is off
)

var kindNames = [...]string{dataset.ActHome, dataset.ActWork, dataset.ActVisit, string(dataset.Kindergarten), string(dataset.School),
	string(dataset.University), string(dataset.Shop), string(dataset.Salon), string(dataset.DepartmentStore), string(dataset.Restaurant),
	string(dataset.Leisure), string(dataset.Worship), string(dataset.Hospital),
	string(dataset.Airport), dataset.ActAway, dataset.ActAway}

// String is the kind's name in the truth tables.
func (k Kind) String() string { return kindNames[k] }

// away tells stays outside the city.
func (k Kind) away() bool { return k >= Away }

// Segment is a stay or a trip of one person. The segments of a day tile it.
type Segment struct {
	Start, End uint32 // Unix seconds, End exclusive
	From, To   geo.XY // equal for a stay
	Place      int32  // index into City.Places, −1 = none
	DistanceM  float32
	Kind       Kind // of a trip: its purpose
	Mode       Mode
	Path       *Path    // of a trip along roads
	Journey    *Journey // of one by public transport; where both are nil it is straight
}

// stop is one wish of a day plan. Times are seconds of the local day.
type stop struct {
	pos       geo.XY
	place     int32
	kind      Kind
	errand    errand // which choice of a place it counts for
	mode      Mode   // Stay = choose
	at        int32
	dur       int32
	fixed     bool // ends at at+dur, however late one comes
	fromHome  bool // go there from home
	thenHome  bool // and home afterwards
	overnight bool // may end on the next day
}

// after is the at of a stop that follows the one before at once.
const after int32 = -1

// whereabouts is what a person is doing at midnight: a stay, until at least
// until (Unix seconds, 0 = not bound).
type whereabouts struct {
	pos   geo.XY
	until uint32
	place int32
	kind  Kind
}

func atHome(pos geo.XY) whereabouts { return whereabouts{pos: pos, place: -1, kind: Home} }

// tour turns the stops of one person's day into segments.
type tour struct {
	life  *Life
	ways  *wayfinder // nil: all trips are straight
	r     *rand.Rand
	home  geo.XY
	who   traveller
	rider *rider // nil: nobody rides

	segs     []Segment
	midnight uint32
	length   int32 // seconds of the day
	here     whereabouts
	since    int32 // start of the stay, seconds of the day
	free     int32 // earliest departure
	mode     Mode  // of the tour away from home
}

// begin starts a day of length seconds in the stay w.
func (t *tour) begin(segs []Segment, w whereabouts, midnight uint32, length int32) {
	t.segs, t.here, t.midnight, t.length = segs[:0], w, midnight, length
	t.since, t.free, t.mode = 0, 0, Stay
	if w.until > midnight {
		t.free = min(int32(w.until-midnight), length)
	}
	t.here.until = 0
}

// homeGap is the time, in seconds, that makes going home in between worthwhile.
const homeGap = 75 * 60

// latest is how long before midnight the day's last trip must have ended, so
// that no trip crosses midnight.
const latest = 60

// add makes the trip to the stop, by way of home where that is wanted; a stop
// that would not let the person be home by midnight is left out: false.
func (t *tour) add(s stop) bool {
	if s.at == after {
		s.at = t.free
	}
	if t.here.kind != Home && (s.fromHome || s.at-t.free > homeGap+2*t.travel(t.here.pos, t.home, t.mode)) {
		t.goHome()
	}
	mode := s.mode
	if mode == Stay {
		mode = t.choose(s.pos, max(t.free, s.at-t.travel(t.here.pos, s.pos, Car)))
	}
	l := t.inTime(s, mode)
	back := t.longestHome(s.pos, mode)
	if l.journey != nil {
		back = max(back, l.way)
	}
	arrive := l.depart + l.way
	limit := t.length - latest - back
	if s.overnight {
		limit = t.length + s.dur
	}
	if arrive+minStay > limit {
		return false
	}
	t.depart(l, s)
	t.free = arrive + s.dur
	if s.fixed {
		t.free = s.at + s.dur
	}
	t.free = min(max(t.free, arrive+minStay), limit)
	if s.thenHome {
		t.goHome()
	}
	return true
}

// leg is how a trip from here to a stop is made.
type leg struct {
	mode        Mode
	depart, way int32 // start, as a second of the day, and duration in seconds
	path        *Path
	journey     *Journey // where both are nil it is straight
}

// start is the leg to a place that begins at a second of the day.
func (t *tour) start(at int32, to geo.XY, m Mode) leg {
	if m == Transit {
		if j := t.rider.make(t.here.pos, to, t.midnight); j != nil {
			return leg{mode: j.Mode, depart: at, way: j.Seconds, journey: j}
		}
		m = Car // somebody drives
	}
	if path, way := t.ways.find(t.here.pos, to, m, hourOf(at)); path != nil {
		return leg{mode: m, depart: at, way: way, path: path}
	}
	return leg{mode: m, depart: at, way: t.travel(t.here.pos, to, m)}
}

// inTime is the leg to a stop that leads there just in time, if the person is
// free early enough. Where the departure that this takes falls into another hour
// than was thought, the traffic of that hour makes it somewhat early or late.
func (t *tour) inTime(s stop, m Mode) leg {
	l := t.start(max(t.free, s.at-t.travel(t.here.pos, s.pos, m)), s.pos, m)
	l.depart = max(t.free, s.at-l.way)
	if l.path != nil && m == Car && hourOf(l.depart) != l.path.Hour {
		l = t.start(l.depart, s.pos, m)
	}
	return l
}

// hourOf is the hour of a second of the day, 23 in the 25th too.
func hourOf(at int32) int { return int(min(max(at, 0)/3600, 23)) }

// longestHome estimates the time of the way home from a stop reached by mode m.
func (t *tour) longestHome(from geo.XY, m Mode) int32 {
	back := max(t.travel(from, t.home, Transit), t.travel(from, t.home, m))
	if from.Dist(t.home) < 2*t.life.WalkMaxM {
		back = max(back, t.travel(from, t.home, Walk))
	}
	if t.mode != Stay {
		back = max(back, t.travel(from, t.home, t.mode))
	}
	return back
}

const minStay = 5 * 60 // seconds

// depart closes the stay here and appends the trip to s.
func (t *tour) depart(l leg, s stop) {
	t.close(l.depart)
	if l.way > 0 {
		seg := Segment{Start: t.midnight + uint32(l.depart), End: t.midnight + uint32(l.depart+l.way), From: t.here.pos, To: s.pos,
			Place: s.place, Kind: s.kind, Mode: l.mode, Path: l.path, Journey: l.journey}
		switch {
		case l.path != nil:
			seg.DistanceM = float32(l.path.Length + l.path.from.Dist + l.path.to.Dist)
		case l.journey != nil:
			seg.DistanceM = float32(l.journey.Length)
		default:
			seg.DistanceM = float32(t.here.pos.Dist(s.pos) * t.life.Detour)
		}
		t.segs = append(t.segs, seg)
	}
	if t.here.kind == Home {
		t.mode = l.mode
	}
	t.here = whereabouts{pos: s.pos, place: s.place, kind: s.kind}
	t.since, t.free = l.depart+l.way, l.depart+l.way
	if s.kind == Home {
		t.mode = Stay
	}
}

// close appends the stay that ends at a second of the day.
func (t *tour) close(at int32) {
	if at > t.since {
		t.segs = append(t.segs, Segment{Start: t.midnight + uint32(t.since), End: t.midnight + uint32(at), From: t.here.pos, To: t.here.pos,
			Place: t.here.place, Kind: t.here.kind})
	}
}

// goHome ends the tour. Who could not be home before midnight stays the night.
func (t *tour) goHome() {
	if t.here.kind == Home {
		return
	}
	l := t.start(t.free, t.home, t.choose(t.home, t.free))
	if l.journey != nil && t.length-latest-l.way < t.since { // the last one that would do is gone
		l = t.start(t.free, t.home, Car)
	}
	if last := t.length - latest - l.way; l.depart > last { // a stay that was cut to the last minute
		l.depart = last
	}
	if l.depart < t.since {
		t.free = t.length
		return
	}
	t.depart(l, stop{pos: t.home, place: -1, kind: Home})
}

// end goes home, unless the last stop holds the person overnight, and closes
// the day at midnight.
func (t *tour) end() ([]Segment, whereabouts) {
	if t.free < t.length {
		t.goHome()
	} else {
		t.here.until = t.midnight + uint32(t.free)
	}
	t.close(t.length)
	return t.segs, t.here
}

// The way beyond cityM goes by motorway or rail, longTripPace times as fast as
// in town (assumed).
const (
	cityM        = 10_000.0
	longTripPace = 2.5
)

// travel is the time of a leg in seconds; at least a minute, but none for no way.
func (t *tour) travel(from, to geo.XY, m Mode) int32 {
	if from == to {
		return 0
	}
	d, l := from.Dist(to), t.life
	kmh, access := l.WalkKmh, 0.0
	switch m {
	case Walk:
	case Bike:
		kmh = l.BikeKmh
	case Car:
		kmh, access = l.CarKmh, l.CarAccessS
	default:
		kmh, access = l.TransitKmh, l.TransitAccessS
	}
	if far := d - cityM; far > 0 && (m == Car || m.rides()) {
		d -= float64(far * (1 - 1/longTripPace))
	}
	return int32(max(60, access+float64(d*l.Detour*3.6/kmh)))
}

// at makes a stop of a spot.
func (p *planner) at(s population.Spot, kind Kind, at, dur int32) stop {
	return stop{pos: p.pop.Pos(s), place: int32(s.Place()), kind: kind, at: at, dur: dur}
}
