package gen

import (
	"math"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// offRoadM is how far from a road somebody may be to use it; who is farther off
// goes straight (assumed).
const offRoadM = 1000

// Path is the way of a trip along the road graph. Before and after it lies the
// access: the way between the door and the road, and to a car and from it.
type Path struct {
	network.Route
	Access, Egress int32 // seconds before and after the links
	Hour           int   // by car: the local hour whose traffic it meets; else −1

	from, to network.Spot
	day      trafficDay
	traffic  *network.Traffic // nil except by car
}

// describe adds the path to the row of its trip, whose links it appends to those
// of other trips.
func (x *Path) describe(t *dataset.Trip, links []int32) []int32 {
	t.RoadFrom, t.RoadTo = t.Start+uint32(x.Access), t.End-uint32(x.Egress)
	t.First, t.Last = x.First, x.Last
	if x.traffic != nil {
		t.Day, t.Hour = x.day.String(), int32(x.Hour)
	}
	first := len(links)
	for _, l := range x.Links {
		links = append(links, int32(l))
	}
	t.Links = links[first:]
	return links
}

// wayfinder finds the ways of trips. One per worker; what it found is valid
// until it is reset.
type wayfinder struct {
	roads  *roads
	life   *Life
	router *network.Router
	spots  spots
	kind   trafficDay
	day    int     // index
	wonted *wonted // of the household; nil = remembers nothing

	route network.Route
	links []network.Link // of all paths
	paths []Path
	last  struct { // what was asked last, which is often asked again at once
		from, to geo.XY
		mode     Mode
		hour     int
		path     *Path
		way      int32
	}
}

func newWayfinder(r *roads, life *Life) *wayfinder {
	if r == nil {
		return nil
	}
	return &wayfinder{roads: r, life: life, router: network.NewRouter(r.graph), spots: newSpots(r.graph)}
}

// reset forgets all paths.
func (w *wayfinder) reset() {
	if w != nil {
		w.links, w.paths, w.last.mode = w.links[:0], w.paths[:0], Stay
	}
}

// on sets the day whose traffic cars meet, and the household that goes.
func (w *wayfinder) on(d day, usual *wonted) {
	if w != nil {
		w.kind, w.day, w.wonted, w.last.mode = d.traffic(), d.index, usual, Stay
	}
}

// find is the fastest way by a mode in the traffic of an hour, and the seconds
// from door to door; nil where there are no ways for the mode or where the road
// is farther than the destination.
func (w *wayfinder) find(from, to geo.XY, m Mode, hour int) (*Path, int32) {
	if w == nil {
		return nil, 0
	}
	if m != Car {
		hour = -1
	}
	l := &w.last
	if l.mode != m || l.hour != hour || l.from != from || l.to != to {
		l.from, l.to, l.mode, l.hour = from, to, m, hour
		l.path, l.way = w.again(from, to, m, hour)
	}
	return l.path, l.way
}

// again is a way that the household went before, or one that is searched.
func (w *wayfinder) again(from, to geo.XY, m Mode, hour int) (*Path, int32) {
	if w.wonted == nil {
		return w.search(from, to, m, hour)
	}
	key := wayKey{from: from, to: to, mode: m, hour: int8(hour)}
	if m == Car {
		key.kind = w.kind
	}
	x, known := w.wonted.find(&key, w.day)
	switch {
	case x == nil:
		return w.search(from, to, m, hour)
	case !known:
		path, way := w.search(from, to, m, hour)
		x.keep(&key, path, way)
	}
	if !x.leads {
		return nil, 0
	}
	return &x.path, x.seconds
}

func (w *wayfinder) search(from, to geo.XY, m Mode, hour int) (*Path, int32) {
	x := Path{Hour: hour}
	var mode network.Mode
	var ways *network.Hierarchy
	switch m {
	case Walk:
		mode, ways = network.Walk, w.roads.walk
	case Bike:
		mode, ways = network.Bike, w.roads.bike
	case Car:
		x.day, x.traffic = w.kind, w.roads.car[w.kind]
		mode, ways = network.Car, x.traffic.Ways(hour)
	}
	if ways == nil {
		return nil, 0
	}
	var ok [2]bool
	x.from, ok[0] = w.spots.snap(mode, from)
	x.to, ok[1] = w.spots.snap(mode, to)
	if !ok[0] || !ok[1] || max(x.from.Dist, x.to.Dist) > offRoadM || x.from.Dist+x.to.Dist >= from.Dist(to) {
		return nil, 0
	}
	if !w.router.Route(&w.route, ways, x.from, x.to) {
		return nil, 0
	}
	begin := len(w.links)
	w.links = append(w.links, w.route.Links...)
	x.Route = w.route
	x.Links = w.links[begin:len(w.links):len(w.links)]
	w.time(&x, m)
	w.paths = append(w.paths, x)
	return &w.paths[len(w.paths)-1], max(leastTrip, x.Access+int32(math.Round(x.Seconds))+x.Egress)
}

// leastTrip is the seconds that any trip takes.
const leastTrip = 60

// time sets how long the links and the access take. Bicycles are wheeled to the
// road; cars stand at it.
func (w *wayfinder) time(x *Path, m Mode) {
	l := w.life
	least := 0.0
	switch m {
	case Walk:
		x.Seconds = x.Length * 3.6 / l.WalkKmh
	case Bike:
		x.Seconds = x.Length * 3.6 / l.BikeKmh
	case Car:
		x.Seconds, least = 0, l.CarAccessS/2
		for i := range x.Links {
			x.Seconds += x.seconds(w.roads.graph, i)
		}
	}
	access := func(s network.Spot) int32 { return int32(math.Round(max(least, s.Dist*3.6/l.WalkKmh))) }
	x.Access, x.Egress = access(x.from), access(x.to)
}

// seconds is how long the i-th link takes.
func (x *Path) seconds(g *network.Graph, i int) float64 {
	f, t := x.stretch(i)
	l := x.Links[i]
	m := float64((t - f) * g.Length(l))
	if x.traffic != nil {
		return m / x.traffic.Speed(l, x.Hour)
	}
	return m * x.Seconds / max(x.Length, 1e-9)
}

// stretch is the part of the i-th link that belongs to the way.
func (x *Path) stretch(i int) (from, to float64) {
	to = 1
	if i == 0 {
		from = x.First
	}
	if i == len(x.Links)-1 {
		to = x.Last
	}
	return from, to
}

// course is a trip as a polyline with a time at each of its points. It keeps
// its memory from trip to trip.
type course struct {
	graph  *network.Graph
	pts    []geo.XY
	at     []float64        // s from the start of the trip
	medium []network.Medium // of the way to each point; Surface beyond its end
	turns  []int            // the points where the access ends and where links do, in order
	ride   []network.RidePoint
}

// lay lays the segment out: the way to the road, the links at their paces, the
// way from the road; or walks and rides; of other trips, a straight line at an
// even pace.
func (c *course) lay(s *Segment) {
	total := float64(s.End - s.Start)
	c.begin(s.From, 0)
	if s.Journey != nil {
		c.journey(s.Journey)
	}
	if p := s.Path; p != nil {
		c.add(c.graph.SpotPos(p.from), float64(p.Access))
		c.turn()
		t, pace := float64(p.Access), p.pace(total)
		for i := range p.Links {
			end := min(t+float64(pace*p.seconds(c.graph, i)), total-float64(p.Egress))
			c.link(p, i, t, end)
			c.turn()
			t = end
		}
		c.add(c.graph.SpotPos(p.to), total-float64(p.Egress))
	}
	c.add(s.To, total)
}

// begin starts a course anew.
func (c *course) begin(p geo.XY, at float64) {
	c.pts, c.at, c.medium, c.turns = append(c.pts[:0], p), append(c.at[:0], at), c.medium[:0], c.turns[:0]
}

// turn marks the last point as one where a link ends.
func (c *course) turn() { c.turns = append(c.turns, len(c.pts)-1) }

// pace is how much longer than told the links take: whole seconds, and the least
// time of a trip, stretch them a little.
func (x *Path) pace(total float64) float64 {
	return (total - float64(x.Access+x.Egress)) / max(x.Seconds, 1e-9)
}

// link appends the i-th link of a path, passed from the second t to end.
func (c *course) link(p *Path, i int, t, end float64) {
	from, to := p.stretch(i)
	c.between(p.Links[i], from, to, t, end)
}

// between appends a part of a link, passed from the second t to end.
func (c *course) between(l network.Link, from, to, t, end float64) {
	n := len(c.pts)
	c.pts = c.graph.Stretch(c.pts, l, from, to)
	whole := 0.0
	for k := n; k < len(c.pts); k++ {
		whole += c.pts[k-1].Dist(c.pts[k])
	}
	passed := 0.0
	for k := n; k < len(c.pts); k++ {
		passed += c.pts[k-1].Dist(c.pts[k])
		at := end
		if whole > 0 {
			at = t + float64((end-t)*(passed/whole))
		}
		c.at = append(c.at, at)
	}
}

// add appends a point; at the point before, it waits.
func (c *course) add(p geo.XY, at float64) {
	at = max(at, c.at[len(c.at)-1]) // where rounding would turn time back
	c.pts, c.at = append(c.pts, p), append(c.at, at)
}
