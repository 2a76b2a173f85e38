package recognition

import (
	"math"
	"slices"
	"sort"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Modes of trips; those of public transport are the modes of lines.
const (
	Walk      = "walk"
	Bike      = "bike"
	Car       = "car"
	Bus       = "bus"
	Tram      = "tram"
	Metro     = "metro"
	Rail      = "rail"
	HighSpeed = "high_speed"
)

// Modes lists them in a fixed order.
func Modes() []string { return []string{Walk, Bike, Car, Bus, Tram, Metro, Rail, HighSpeed} }

// Move is how a trip was made.
type Move struct {
	Mode  string  // by public transport that of the longest ride
	Rides []Ride  // in order; none on foot, by bike or by car. Valid until the next Find
	Score float64 // overlap × likelihood of the time, 0 … 1; of a trip on rails the share of its cells that the lines explain
}

// Route is one way to make a trip by road.
type Route struct {
	Mode  string   // walk, bike or car
	TimeS float64  // door to door, seconds
	Path  []geo.XY // dense enough that no cell is leapt over
}

// Router proposes routes between two points for a departure in Unix seconds: any
// number for each of walk, bike and car. It appends them to dst.
type Router interface {
	Routes(dst []Route, from, to geo.XY, depart uint32) []Route
}

// Figures of the road modes, assumed.
const (
	detour = 1.3  // length of the way over the straight line
	walkMS = 1.25 // m/s
	bikeMS = 4.0  // m/s
	carMS  = 9.0  // m/s, in a city
	bikeS  = 120  // to and from the bike, seconds
	carS   = 240  // to and from the car, seconds
	spread = 0.4  // standard deviation of the logarithm of a time of travel
	floorS = 300  // no time is known better than this
)

// ModeFinder tells how trips were made (P9, docs/methods.md). The cells of a trip
// are divided into rides and the rest by their order-preserving overlap with those of
// the lines. A cell of a tunnel or a track of its own decides for its line.
// Otherwise the lines must explain 0.6 of the trip's cells, three of them at stations
// (two between stations stand for one), and are then one more candidate beside walk,
// bike and car: overlap × likelihood of the time from door to door decides.
//
// It reuses its memory; one per goroutine.
type ModeFinder struct {
	search rideSearch
	areas  *geo.Areas
	router Router
	rides  []Ride
	routes []Route
	line   []geo.XY
	count  []int
}

// NewModeFinder works on the lines of a data set. Without a router (nil) the
// times by road are those of the straight line at the speed of the mode.
func NewModeFinder(lines *LineCells, router Router) *ModeFinder {
	return &ModeFinder{search: rideSearch{lines: lines, votes: make([]int32, len(lines.lines))}, areas: lines.areas, router: router}
}

// Find tells how the trip of t was made.
func (f *ModeFinder) Find(trip Trip, t sigcity.Trajectory) Move {
	rows := t.Records
	i := sort.Search(len(rows), func(i int) bool { return moment(rows[i]) >= trip.Start })
	j := i + sort.Search(len(rows)-i, func(j int) bool { return moment(rows[i+j]) > trip.End })
	f.search.see(rows[i:j])
	rides := slices.DeleteFunc(f.search.divide(), func(b segment) bool { return !f.search.calls(b, trip) })
	from, to := f.areas.Centers[trip.From], f.areas.Centers[trip.To]
	f.rides = f.rides[:0]
	explained, all := 0, len(f.search.sights)
	for _, b := range rides {
		explained += len(b.at)
		if r, ok := f.search.ride(b, trip); ok {
			f.rides = append(f.rides, r)
		}
	}
	public := Move{Rides: f.rides, Score: float64(explained) / float64(max(1, all))}
	if len(f.rides) == 0 {
		return f.byRoad(trip)
	}
	public.Mode = f.longest()
	stations, own := f.search.evidence(rides)
	if own { // nobody but riders is served by the cells of a tunnel or track
		return public
	}
	road := f.byRoad(trip)
	if stations < leastStations || public.Score < leastShare {
		return road
	}
	if public.Score *= likelihood(float64(trip.End-trip.Start), f.door(from, to)); public.Score > road.Score {
		return public
	}
	return road
}

// SpeedClass is the baseline of P9: the class of a trip by its mean speed in m/s, as
// trackintel's predict_transport_mode with the method simple-coarse has them:
// slow_mobility below 15 km/h, motorized_mobility below 100 km/h, else fast_mobility.
func SpeedClass(mps float64) string {
	switch {
	case mps < 15/3.6:
		return "slow_mobility"
	case mps < 100/3.6:
		return "motorized_mobility"
	}
	return "fast_mobility"
}

// longest is the mode of the longest ride in metres.
func (f *ModeFinder) longest() string {
	best, mode := -1.0, ""
	for _, r := range f.rides {
		t := &f.search.lines.lines[r.Line]
		if d := t.at[r.Alight] - t.at[r.Board]; d > best {
			best, mode = d, t.mode
		}
	}
	return mode
}

// byRoad chooses between walk, bike and car by overlap × likelihood.
func (f *ModeFinder) byRoad(trip Trip) Move {
	from, to := f.areas.Centers[trip.From], f.areas.Centers[trip.To]
	best := Move{Score: -1}
	consider := func(mode string, overlap, time float64) {
		if score := overlap * likelihood(float64(trip.End-trip.Start), time); score > best.Score {
			best = Move{Mode: mode, Score: score}
		}
	}
	if f.router != nil {
		f.routes = f.router.Routes(f.routes[:0], from, to, trip.Start)
		for _, r := range f.routes {
			consider(r.Mode, f.overlap(r.Path), r.TimeS)
		}
	}
	if best.Score < 0 {
		overlap, way := f.straight(from, to), detour*from.Dist(to)
		consider(Walk, overlap, way/walkMS)
		consider(Bike, overlap, bikeS+way/bikeMS)
		consider(Car, overlap, carS+way/carMS)
	}
	return best
}

// door is the time of the rides from door to door: on foot to, between and from the
// stops, half a headway of waiting at each, and on board.
func (f *ModeFinder) door(from, to geo.XY) float64 {
	time := 0.0
	for _, r := range f.rides {
		t := &f.search.lines.lines[r.Line]
		time += detour*from.Dist(t.stops[r.Board])/walkMS + t.wait + t.ride[r.Alight] - t.ride[r.Board]
		from = t.stops[r.Alight]
	}
	return time + detour*from.Dist(to)/walkMS
}

// likelihood of a time of travel where another was expected: log-normal, 1 where
// they are equal.
func likelihood(took, expected float64) float64 {
	z := math.Log((took+floorS)/(expected+floorS)) / spread
	return math.Exp(-z * z / 2)
}

// straight is the overlap with the straight line between two points.
func (f *ModeFinder) straight(from, to geo.XY) float64 {
	n := int(from.Dist(to)/sampleM) + 1
	f.line = f.line[:0]
	for i := range n + 1 {
		f.line = append(f.line, from.Lerp(to, float64(i)/float64(n)))
	}
	return f.overlap(f.line)
}

// overlap is the longest common subsequence of the cells with a path, as a
// share of the cells: each cell in turn is on it, no farther back than the one
// before. LCSS of Vlachos et al. 2002; a point matches where the cell, as a disc, reaches it.
func (f *ModeFinder) overlap(path []geo.XY) float64 {
	s := &f.search
	if len(s.sights) == 0 {
		return 1
	}
	// longest[k] = cells in order that end at point k of the path or before.
	longest := slices.Grow(f.count[:0], len(path))[:len(path)]
	clear(longest)
	f.count = longest
	for _, x := range s.sights {
		c, reach := f.areas.Centers[x.area], (1+reachShare)*f.areas.Radius(x.area)
		run, now := 0, 0 // the best before this cell, and with it, up to here
		for k, q := range path {
			run = max(run, longest[k])
			if c.Dist2(q) <= reach*reach {
				now = max(now, run+1)
			}
			longest[k] = max(longest[k], now)
		}
	}
	return float64(slices.Max(longest)) / float64(len(s.sights))
}
