package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// MovementModel is the model of movement, as the manifest names it: a trip is
// a straight line at an even pace, with the time that a detour takes.
const MovementModel = "straight-leg"

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
)

var kindNames = [...]string{dataset.ActHome, dataset.ActWork, dataset.ActVisit, string(dataset.Kindergarten), string(dataset.School),
	string(dataset.University), string(dataset.Shop), string(dataset.Salon), string(dataset.DepartmentStore), string(dataset.Restaurant),
	string(dataset.Leisure), string(dataset.Worship), string(dataset.Hospital)}

// String is the kind's name in the truth tables.
func (k Kind) String() string { return kindNames[k] }

// Mode is how a trip is made.
type Mode uint8

const (
	Stay Mode = iota // no trip
	Walk
	Bike
	Car
	Transit
)

var modeNames = [...]string{"", "walk", "bike", "car", "transit"}

func (m Mode) String() string { return modeNames[m] }

// Segment is a stay or a trip of one person. The segments of a day tile it.
type Segment struct {
	Start, End uint32 // Unix seconds, End exclusive
	From, To   geo.XY // equal for a stay
	Place      int32  // index into City.Places, −1 = none
	DistanceM  float32
	Kind       Kind // of a trip: its purpose
	Mode       Mode
}

// At is the position at time t.
func (s *Segment) At(t uint32) geo.XY {
	if s.Mode == Stay {
		return s.From
	}
	return s.From.Lerp(s.To, float64(t-s.Start)/float64(s.End-s.Start))
}

// stop is one wish of a day plan. Times are seconds of the local day.
type stop struct {
	pos       geo.XY
	place     int32
	kind      Kind
	mode      Mode // Stay = choose
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

// tour turns the stops of one person's day into segments.
type tour struct {
	life *Life
	r    *rand.Rand
	home geo.XY
	car  bool // can drive

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
// that would not let the person be home by midnight is left out.
func (t *tour) add(s stop) {
	if s.at == after {
		s.at = t.free
	}
	if t.here.kind != Home && (s.fromHome || s.at-t.free > homeGap+2*t.travel(t.here.pos, t.home, t.mode)) {
		t.goHome()
	}
	mode := s.mode
	if mode == Stay {
		mode = t.choose(t.here.pos, s.pos)
	}
	way := t.travel(t.here.pos, s.pos, mode)
	back := t.longestHome(s.pos, mode)
	depart := max(t.free, s.at-way)
	arrive := depart + way
	limit := t.length - latest - back
	if s.overnight {
		limit = t.length + s.dur
	}
	if arrive+minStay > limit {
		return
	}
	t.depart(depart, s, mode)
	t.free = arrive + s.dur
	if s.fixed {
		t.free = s.at + s.dur
	}
	t.free = min(max(t.free, arrive+minStay), limit)
	if s.thenHome {
		t.goHome()
	}
}

// longestHome bounds the time of the way home from a stop reached by mode m.
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
func (t *tour) depart(at int32, s stop, mode Mode) {
	way := t.travel(t.here.pos, s.pos, mode)
	t.close(at)
	if way > 0 {
		t.segs = append(t.segs, Segment{Start: t.midnight + uint32(at), End: t.midnight + uint32(at+way), From: t.here.pos, To: s.pos,
			Place: s.place, Kind: s.kind, Mode: mode, DistanceM: float32(t.here.pos.Dist(s.pos) * t.life.Detour)})
	}
	if t.here.kind == Home {
		t.mode = mode
	}
	t.here = whereabouts{pos: s.pos, place: s.place, kind: s.kind}
	t.since, t.free = at+way, at+way
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

// goHome ends the tour.
func (t *tour) goHome() {
	if t.here.kind == Home {
		return
	}
	mode := t.choose(t.here.pos, t.home)
	way := t.travel(t.here.pos, t.home, mode)
	// The bound only bites for a stay that was cut to the last minute.
	at := max(min(t.free, t.length-latest-way), t.since)
	t.depart(at, stop{pos: t.home, place: -1, kind: Home}, mode)
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

// choose is the mode of a leg. A car or bicycle taken from home stays with the
// tour; without one, short legs are walked and long ones ridden.
func (t *tour) choose(from, to geo.XY) Mode {
	d := from.Dist(to)
	u := t.r.Float64()
	if t.here.kind != Home && (t.mode == Car || t.mode == Bike) {
		return t.mode
	}
	// Walking fades out between the limit and twice the limit.
	if d < t.life.WalkMaxM*(1+u) {
		return Walk
	}
	fresh := t.here.kind == Home
	u = t.r.Float64()
	switch {
	case fresh && t.car && u < 0.9:
		return Car
	case fresh && d < 6000 && u < t.life.Bike:
		return Bike
	}
	return Transit
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
	case Bike:
		kmh = l.BikeKmh
	case Car:
		kmh, access = l.CarKmh, l.CarAccessS
	case Transit:
		kmh, access = l.TransitKmh, l.TransitAccessS
	}
	if far := d - cityM; far > 0 && (m == Car || m == Transit) {
		d -= float64(far * (1 - 1/longTripPace))
	}
	return int32(max(60, access+float64(d*l.Detour*3.6/kmh)))
}

// at makes a stop of a spot.
func (p *planner) at(s population.Spot, kind Kind, at, dur int32) stop {
	return stop{pos: p.pop.Pos(s), place: int32(s.Place()), kind: kind, at: at, dur: dur}
}
