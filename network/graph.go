package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// Graph is the routable road network of a City for cars, bikes and walkers.
// Its nodes are junctions, dead ends and the places where a road changes; the
// bends between them are kept as shapes of edges. Each mode reaches from every
// link open to it every other one: what hangs together with the rest only one
// way, or not at all, is closed to the mode. It is immutable and safe for
// concurrent use.
type Graph struct {
	Pos []geo.XY // of the nodes, near nodes have near numbers

	edges  []edge
	points []geo.XY // shapes of all edges, one after the other
	first  []int32  // the arcs of node n are arcs[first[n]:first[n+1]]
	arcs   []arc
	times  [modes][]float32
	grid   edgeGrid
}

// edge is a stretch of road between two nodes.
type edge struct {
	from, to   int32
	first, end int32   // its shape is points[first:end], both nodes included
	length     float32 // m
	road       road
}

// arc leads from the node that lists it along a link. The same arcs, read as
// Link.Turned, are the links that lead to the node.
type arc struct {
	to   int32
	link Link
}

// Link is one direction of an edge: 2 × edge along its shape, 2 × edge + 1
// against it.
type Link int32

// Turned is the other direction of the link's edge.
func (l Link) Turned() Link { return l ^ 1 }

// Edge is the edge that the link is a direction of.
func (l Link) Edge() int { return int(l >> 1) }

func (l Link) dir() int { return int(l & 1) }

// Nodes, Edges and Links count; every edge has two links, one may be closed.
func (g *Graph) Nodes() int { return len(g.Pos) }
func (g *Graph) Edges() int { return len(g.edges) }
func (g *Graph) Links() int { return 2 * len(g.edges) }

// Ends are the nodes that a link leads from and to.
func (g *Graph) Ends(l Link) (from, to int) {
	e := &g.edges[l>>1]
	if l.dir() == 1 {
		return int(e.to), int(e.from)
	}
	return int(e.from), int(e.to)
}

// Length is the link's length in metres, at least minEdgeM.
func (g *Graph) Length(l Link) float64 { return float64(g.edges[l>>1].length) }

// Class is the class of the link's road.
func (g *Graph) Class(l Link) RoadClass { return g.edges[l>>1].road.class }

// Bridge and Tunnel tell whether the link's road is one.
func (g *Graph) Bridge(l Link) bool { return g.edges[l>>1].road.bridge }
func (g *Graph) Tunnel(l Link) bool { return g.edges[l>>1].road.tunnel }

// Lanes is the number of lanes in the link's direction.
func (g *Graph) Lanes(l Link) int { return int(g.edges[l>>1].road.lanes[l.dir()]) }

// Open reports whether the mode may use the link.
func (g *Graph) Open(l Link, m Mode) bool { return g.edges[l>>1].road.modes[l.dir()].has(m) }

// FreeSpeed is the speed of cars on the link in light traffic, in m/s.
func (g *Graph) FreeSpeed(l Link) float64 { return float64(g.edges[l>>1].road.kmh) / 3.6 }

// Times is the seconds that each link takes the mode in light traffic, +Inf
// where it is closed. It is shared: callers must not change it.
func (g *Graph) Times(m Mode) []float32 { return g.times[m] }

// Line appends the link's polyline to dst, in the link's direction.
func (g *Graph) Line(dst []geo.XY, l Link) []geo.XY { return g.Stretch(dst, l, 0, 1) }

func (g *Graph) shape(e int) []geo.XY { return g.points[g.edges[e].first:g.edges[e].end] }

// At is the point a share f (0 … 1) of the way along the link.
func (g *Graph) At(l Link, f float64) geo.XY {
	if l.dir() == 1 {
		f = 1 - f
	}
	s := g.shape(l.Edge())
	i, f := along(s, f)
	return pointOn(s, i, f)
}

// pointOn is the point at a share f of the i-th segment of a polyline; of its
// ends, exactly these.
func pointOn(s []geo.XY, i int, f float64) geo.XY {
	if f == 1 {
		return s[i+1]
	}
	return s[i].Lerp(s[i+1], f)
}

// along finds the segment that a share f of a polyline's length falls on, and
// the share of that segment.
func along(s []geo.XY, f float64) (int, float64) {
	if f >= 1 {
		return len(s) - 2, 1
	}
	left := float64(f * polylineLength(s))
	for i := range len(s) - 2 {
		d := s[i].Dist(s[i+1])
		if left < d {
			return i, max(left/d, 0)
		}
		left -= d
	}
	last := len(s) - 2
	d := s[last].Dist(s[last+1])
	if d == 0 {
		return last, 0
	}
	return last, min(max(left/d, 0), 1)
}

func polylineLength(s []geo.XY) float64 {
	sum := 0.0
	for i := 1; i < len(s); i++ {
		sum += s[i-1].Dist(s[i])
	}
	return sum
}

// Stretch appends the link's polyline from share f to share t to dst, in the
// link's direction; f must not exceed t. A first point that dst ends with is
// not repeated.
func (g *Graph) Stretch(dst []geo.XY, l Link, f, t float64) []geo.XY {
	add := func(p geo.XY) {
		if len(dst) == 0 || dst[len(dst)-1] != p {
			dst = append(dst, p)
		}
	}
	s := g.shape(l.Edge())
	if l.dir() == 0 {
		i, fi := along(s, f)
		j, tj := along(s, t)
		add(pointOn(s, i, fi))
		for k := i + 1; k <= j; k++ {
			add(s[k])
		}
		add(pointOn(s, j, tj))
		return dst
	}
	i, fi := along(s, 1-f)
	j, tj := along(s, 1-t)
	add(pointOn(s, i, fi))
	for k := i; k > j; k-- {
		add(s[k])
	}
	add(pointOn(s, j, tj))
	return dst
}

// setTimes fills the free times of all modes.
func (g *Graph) setTimes() {
	inf := float32(math.Inf(1))
	for m := range modes {
		t := make([]float32, g.Links())
		for l := range t {
			e := &g.edges[l>>1]
			speed := float64(e.road.kmh) / 3.6
			switch {
			case !e.road.modes[l&1].has(m):
				t[l] = inf
				continue
			case m == Bike:
				speed = bikeSpeed
			case m == Walk:
				speed = walkSpeed
			}
			t[l] = float32(float64(e.length) / speed)
		}
		g.times[m] = t
	}
}
