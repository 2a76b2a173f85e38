package network

import (
	"math"
	"slices"
)

// Router finds fastest ways on the hierarchies of one graph. It keeps its
// memory from one to the next, so that a way allocates nothing beyond its
// links; it is for one goroutine at a time.
type Router struct {
	g        *Graph
	out, in  climb
	ms       []uint64 // by rank: the ways to the hubs of a spot, unmet but in look
	stepping []int32
}

// climb is the search up the hierarchy from one end of a way.
type climb struct {
	marks   []mark // by rank
	touched []int32
	heap    rankHeap
}

// mark is how a climb reached a node.
type mark struct {
	ms     uint32
	parent int32 // rank of the node before, −1 = the end itself
	via    int32 // place of the arc from there; at the end itself its link
}

// NewRouter makes a router for the hierarchies of a graph.
func NewRouter(g *Graph) *Router {
	r := &Router{g: g, ms: make([]uint64, g.Nodes())}
	for i := range r.ms {
		r.ms[i] = unmet
	}
	for _, c := range []*climb{&r.out, &r.in} {
		c.marks = make([]mark, g.Nodes())
		for i := range c.marks {
			c.marks[i].ms = closed
		}
	}
	return r
}

// part is a share of a link's time.
func part(share float64, ms uint32) uint32 { return uint32(math.Round(share * float64(ms))) }

// Route finds the fastest way from a spot to another, reusing the links of
// way; false where there is none.
func (r *Router) Route(way *Route, h *Hierarchy, from, to Spot) bool {
	var ms uint32
	if h.out != nil {
		way.Links, ms = r.look(way.Links[:0], h, from, to)
	} else {
		way.Links, ms = r.search(way.Links[:0], h, from, to)
	}
	if link, direct := h.direct(from, to); direct != closed && direct <= ms {
		way.Links, ms = append(way.Links[:0], link), direct
	} else if ms == closed {
		return false
	}
	way.Seconds = float64(ms) / 1000
	first, last := way.Links[0], way.Links[len(way.Links)-1]
	way.First, way.Last = from.on(first), to.on(last)
	way.Length = 0
	for _, l := range way.Links {
		way.Length += r.g.Length(l)
	}
	way.Length -= float64(way.First*r.g.Length(first)) + float64((1-way.Last)*r.g.Length(last))
	return true
}

// search appends the links of the fastest way between spots over a node, and
// returns its time; closed where there is none.
func (r *Router) search(dst []Link, h *Hierarchy, from, to Spot) ([]Link, uint32) {
	r.begin(h, from, to)
	meet, ms := r.meet(h)
	if ms == closed {
		return dst, closed
	}
	return r.links(dst, h, meet), ms
}

// begin reaches the ends of both spots' edges.
func (r *Router) begin(h *Hierarchy, from, to Spot) {
	r.out.clear()
	r.in.clear()
	begins, nb := h.ends(from, true)
	for _, e := range begins[:nb] {
		r.out.reach(e.node, mark{e.ms, -1, int32(e.link)})
	}
	stops, ns := h.ends(to, false)
	for _, e := range stops[:ns] {
		r.in.reach(e.node, mark{e.ms, -1, int32(e.link)})
	}
}

func (c *climb) clear() {
	for _, n := range c.touched {
		c.marks[n].ms = closed
	}
	c.touched, c.heap = c.touched[:0], c.heap[:0]
}

// reach offers a way to a node.
func (c *climb) reach(n int32, x mark) {
	old := &c.marks[n]
	if x.ms >= old.ms {
		return
	}
	if old.ms == closed {
		c.touched = append(c.touched, n)
	}
	*old = x
	c.heap.push(entry(x.ms, n))
}

// meet climbs from both ends until neither can find a faster way, and returns
// the most important node of the fastest one and its time; closed where there
// is none.
func (r *Router) meet(h *Hierarchy) (node int32, ms uint32) {
	node, ms = -1, closed
	here, there, up, down := &r.out, &r.in, &h.up, &h.down
	for len(here.heap) > 0 || len(there.heap) > 0 {
		if len(here.heap) == 0 || (len(there.heap) > 0 && there.heap[0] < here.heap[0]) {
			here, there, up, down = there, here, down, up
		}
		t, n := here.heap.pop()
		if t >= ms {
			break // both ends are as far
		}
		if t > here.marks[n].ms {
			continue
		}
		if x := there.marks[n].ms; x != closed && t+x < ms {
			node, ms = n, t+x
		}
		if here.stalled(t, down.of(n)) {
			continue
		}
		for i := up.first[n]; i < up.first[n+1]; i++ {
			here.reach(up.arcs[i].to, mark{t + up.arcs[i].ms, n, i})
		}
	}
	return node, ms
}

// stalled tells a node that is reached sooner by way of a more important one:
// no fastest way climbs through it.
func (c *climb) stalled(t uint32, back []shortcut) bool {
	for i := range back {
		if x := c.marks[back[i].to].ms; x != closed && x+back[i].ms < t {
			return true
		}
	}
	return false
}

// links appends the links of the way over the node where the climbs met.
func (r *Router) links(dst []Link, h *Hierarchy, meet int32) []Link {
	r.stepping = r.stepping[:0]
	for n := meet; n >= 0; n = r.out.marks[n].parent {
		r.stepping = append(r.stepping, n)
	}
	slices.Reverse(r.stepping)
	dst = append(dst, Link(r.out.marks[r.stepping[0]].via))
	for _, n := range r.stepping[1:] {
		dst = h.unpack(dst, &h.up.arcs[r.out.marks[n].via])
	}
	x := r.in.marks[meet]
	for ; x.parent >= 0; x = r.in.marks[x.parent] {
		dst = h.unpack(dst, &h.down.arcs[x.via])
	}
	return append(dst, Link(x.via))
}

// direct is the link between two spots of one edge and the time on it; closed
// where the way must leave the edge.
func (h *Hierarchy) direct(from, to Spot) (Link, uint32) {
	if from.Edge != to.Edge {
		return noLink, closed
	}
	link := Link(2 * from.Edge)
	if to.Share < from.Share || (to.Share == from.Share && h.ms[link] == closed) {
		link = link.Turned() // in one place, either direction will do
	}
	if h.ms[link] == closed {
		return noLink, closed
	}
	return link, part(math.Abs(to.Share-from.Share), h.ms[link])
}
