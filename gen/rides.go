package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// Journey is the way of a trip by public transport: on foot to a stop, a wait, a
// ride, and so on, in the end on foot to the door. People walk straight, at an
// even pace that allows for the detour of streets.
type Journey struct {
	Rides   []Ride
	Length  float64 // m, with the detours of the walks
	Mode    Mode    // of the longest ride
	Seconds int32   // from door to door

	lines []network.Line // of the city
}

// Ride is a part of a journey on board. Times are seconds from its start.
type Ride struct {
	Line          int32 // index into City.Lines
	Board, Alight int32 // indices into Line.Stops
	Reach         int32 // coming to the stop,
	Start, End    int32 // leaving it on board, getting off
}

// describe adds the journey to the row of its trip, whose rides it appends to
// those of other trips.
func (j *Journey) describe(t *dataset.Trip, rides []dataset.Ride) []dataset.Ride {
	first := len(rides)
	for _, x := range j.Rides {
		rides = append(rides, dataset.Ride{Line: x.Line, Board: x.Board, Alight: x.Alight,
			Reach: t.Start + uint32(x.Reach), Start: t.Start + uint32(x.Start), End: t.Start + uint32(x.End)})
	}
	t.Rides = rides[first:]
	return rides
}

// rider finds journeys. One per worker; what it found is valid until it is reset.
type rider struct {
	lines  []network.Line
	scope  uint64
	detour float64
	search *network.Ride

	from, to geo.XY // what was weighed last, which is often asked again at once
	weighed  bool
	skim     network.Skim
	found    bool
	legs     []network.Leg

	rides    []Ride // of all journeys
	journeys []Journey
}

// newRider is nil where the city has no lines: nobody rides.
func newRider(city *network.City, life *Life, seed uint64) *rider {
	if len(city.Lines) == 0 {
		return nil
	}
	return &rider{lines: city.Lines, scope: sigcity.Scope(seed, "gen.wait"), detour: life.Detour,
		search: network.NewRide(city.Transit())}
}

// reset forgets all journeys.
func (r *rider) reset() {
	if r != nil {
		r.rides, r.journeys = r.rides[:0], r.journeys[:0]
	}
}

// weigh is what the fastest journey by waits of mean length costs; false where
// there are no lines, where no journey leads, or where it is faster on foot.
func (r *rider) weigh(from, to geo.XY) (network.Skim, bool) {
	if r == nil {
		return network.Skim{}, false
	}
	if !r.weighed || r.from != from || r.to != to {
		r.weighed, r.from, r.to = true, from, to
		r.skim, r.found = r.search.Skim(from, to)
	}
	return r.skim, r.found
}

// find is the legs of the journey that weigh weighs.
func (r *rider) find(from, to geo.XY) []network.Leg {
	skim, ok := r.weigh(from, to)
	if !ok {
		return nil
	}
	if r.legs, _, ok = r.search.Via(r.legs[:0], from, to, skim); !ok || len(r.legs) == 1 { // to the second, on foot is as fast
		return nil
	}
	return r.legs
}

// make makes the journey on a day. A wait is uniform between none and twice the
// mean one; it is the same for all who make the journey on that day, so that
// families stay together.
func (r *rider) make(from, to geo.XY, midnight uint32) *Journey {
	legs := r.find(from, to)
	if len(legs) == 0 {
		return nil
	}
	j := Journey{lines: r.lines}
	key := sigcity.Mix(sigcity.Mix(r.scope, pointKey(from)), sigcity.Mix(pointKey(to), uint64(midnight)))
	begin, now, longest := len(r.rides), 0.0, 0.0
	for k, leg := range legs {
		if leg.Line < 0 {
			now += leg.Seconds
			j.Length += float64(r.detour * leg.From.Dist(leg.To))
			continue
		}
		l := &r.lines[leg.Line]
		x := Ride{Line: leg.Line, Board: leg.Board, Alight: leg.Alight, Reach: seconds(now)}
		mean := l.Wait()
		now += leg.Wait - mean // the least time to change
		now += float64(2 * mean * sigcity.Unit(sigcity.Mix(key, uint64(k))))
		x.Start = seconds(now)
		now += leg.Seconds
		x.End = seconds(now)
		r.rides = append(r.rides, x)
		m := l.Metres(int(leg.Board), int(leg.Alight))
		j.Length += m
		if m > longest {
			j.Mode, longest = on(l.Mode), m
		}
	}
	j.Rides = r.rides[begin:len(r.rides):len(r.rides)]
	j.Seconds = max(leastTrip, seconds(now))
	if j.Mode == Stay { // between stops at one spot
		j.Mode = on(r.lines[j.Rides[0].Line].Mode)
	}
	r.journeys = append(r.journeys, j)
	return &r.journeys[len(r.journeys)-1]
}

func seconds(s float64) int32 { return int32(math.Round(s)) }

// pointKey tells points apart.
func pointKey(p geo.XY) uint64 { return sigcity.Mix(math.Float64bits(p.X), math.Float64bits(p.Y)) }

// journey lays out the walks, waits and rides of a journey but for its last walk.
func (c *course) journey(j *Journey) {
	for i := range j.Rides {
		x := &j.Rides[i]
		c.ride = j.lines[x.Line].Course(c.ride[:0], int(x.Board), int(x.Alight))
		c.add(c.ride[0].Pos, float64(x.Reach))
		// Whole seconds stretch the timetable a little.
		pace := float64(x.End-x.Start) / max(c.ride[len(c.ride)-1].Seconds, 1e-9)
		for k, p := range c.ride {
			c.add(p.Pos, min(float64(x.Start)+float64(pace*p.Seconds), float64(x.End)))
			for len(c.medium) < len(c.pts) {
				c.medium = append(c.medium, network.Surface)
			}
			if k > 0 {
				c.medium[len(c.pts)-1] = p.Medium
			}
		}
	}
}

// mediumTo is what is around the person on the way to point i.
func (c *course) mediumTo(i int) network.Medium {
	if i < len(c.medium) {
		return c.medium[i]
	}
	return network.Surface
}
