package network

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// Search grows shortest-path trees on a graph. It keeps its memory from one
// tree to the next, so that a tree allocates nothing; it is for one goroutine
// at a time.
type Search struct {
	g       *Graph
	times   []float32
	reverse bool
	origin  Spot
	seeds   [2]seed // the ends of the origin's edge

	time    []float32 // s from the origin (reverse: to it), +Inf = not reached
	via     []Link    // the tree's link at the node, −1 = none
	heap    minHeap
	settled []int32 // the nodes in order of time
}

// queued is a node with the time it was queued for.
type queued struct {
	time float32
	node int32
}

// seed is a node that is reached straight from the origin.
type seed struct {
	node int32
	time float32
	link Link
}

const noLink Link = -1

// NewSearch makes a search of the graph.
func NewSearch(g *Graph) *Search {
	return &Search{g: g, time: make([]float32, g.Nodes()), via: make([]Link, g.Nodes())}
}

// Tree finds the fastest ways from a spot to all nodes, or with reverse from
// all nodes to the spot, where link l takes times[l] seconds (+Inf: closed), as
// Graph.Times or Congestion.Times give them (Dijkstra 1959).
func (s *Search) Tree(times []float32, origin Spot, reverse bool) {
	s.begin(times, reverse)
	s.origin = origin
	along := Link(2 * origin.Edge)
	e := &s.g.edges[origin.Edge]
	f := float32(origin.Share)
	s.seeds = [2]seed{{e.to, share(1-f, times[along]), along}, {e.from, share(f, times[along.Turned()]), along.Turned()}}
	if reverse { // arriving along the shape begins at its first node
		s.seeds = [2]seed{{e.from, share(f, times[along]), along}, {e.to, share(1-f, times[along.Turned()]), along.Turned()}}
	}
	for _, x := range s.seeds {
		s.reach(x.node, x.time, x.link)
	}
	s.grow()
}

// share is a share of a link's time; a closed link stays closed, 0 × Inf too.
func share(f, time float32) float32 {
	if math.IsInf(float64(time), 1) {
		return time
	}
	return float32(f * time)
}

func (s *Search) begin(times []float32, reverse bool) {
	s.times, s.reverse = times, reverse
	s.heap, s.settled = s.heap[:0], s.settled[:0]
	inf := float32(math.Inf(1))
	for i := range s.time {
		s.time[i] = inf
	}
}

// reach offers a way to a node.
func (s *Search) reach(node int32, time float32, via Link) {
	if time < s.time[node] {
		s.time[node], s.via[node] = time, via
		s.heap.push(queued{time, node})
	}
}

func (s *Search) grow() {
	g, turn := s.g, Link(0)
	if s.reverse {
		turn = 1
	}
	time, via, times := s.time, s.via, s.times // not loaded again for each arc
	for len(s.heap) > 0 {
		q := s.heap.pop()
		if q.time != time[q.node] {
			continue // it was reached sooner after this was queued
		}
		s.settled = append(s.settled, q.node)
		for _, a := range g.arcs[g.first[q.node]:g.first[q.node+1]] {
			link := a.link ^ turn
			if t := q.time + times[link]; t < time[a.to] {
				time[a.to], via[a.to] = t, link
				s.heap.push(queued{t, a.to})
			}
		}
	}
}

// minHeap is a heap of four children a node, least time first.
type minHeap []queued

func (x *minHeap) push(q queued) {
	h := append(*x, q)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 4
		if h[up].time <= q.time {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = q
	*x = h
}

func (x *minHeap) pop() queued {
	h := *x
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c].time < h[least].time {
				least = c
			}
		}
		if h[least].time >= last.time {
			break
		}
		h[i] = h[least]
		i = least
	}
	if len(h) > 0 {
		h[i] = last
	}
	*x = h
	return top
}

// Time is the seconds from the tree's origin to a node (reverse: from the node
// to the origin); +Inf where there is no way.
func (s *Search) Time(node int) float64 { return float64(s.time[node]) }

// Route is a way on the graph from one spot to another: the links in order, the
// first from share First of its length on, the last up to share Last.
type Route struct {
	Links       []Link
	First, Last float64
	Seconds     float64
	Length      float64 // m
}

// Route finds the fastest way between the tree's origin and a spot (reverse:
// from the spot to the origin), reusing the links of r; false where there is none.
func (s *Search) Route(r *Route, to Spot) bool {
	e := &s.g.edges[to.Edge]
	along := Link(2 * to.Edge)
	f := float32(to.Share)
	// At the spot, the last link (reverse: the first) is one of two.
	viaFrom := s.time[e.from] + share(f, s.times[along])
	viaTo := s.time[e.to] + share(1-f, s.times[along.Turned()])
	if s.reverse {
		viaFrom = s.time[e.from] + share(f, s.times[along.Turned()])
		viaTo = s.time[e.to] + share(1-f, s.times[along])
	}
	r.Links = r.Links[:0]
	if link, seconds, ok := s.direct(to); ok && seconds <= float64(min(viaFrom, viaTo)) {
		r.Links = append(r.Links, link)
		r.First, r.Last = s.origin.on(link), to.on(link)
		if s.reverse {
			r.First, r.Last = r.Last, r.First
		}
		r.Seconds = seconds
		r.Length = (r.Last - r.First) * s.g.Length(link)
		return true
	}
	node, link, seconds := e.from, along, viaFrom
	if viaTo < viaFrom {
		node, link, seconds = e.to, along.Turned(), viaTo
	}
	if math.IsInf(float64(seconds), 1) {
		return false
	}
	if s.reverse {
		link = link.Turned()
	}
	r.Seconds = float64(seconds)
	r.Links = s.path(append(r.Links, link), int(node))
	if !s.reverse {
		slices.Reverse(r.Links)
	}
	first, last := r.Links[0], r.Links[len(r.Links)-1]
	if r.First, r.Last = s.origin.on(first), to.on(last); s.reverse {
		r.First, r.Last = to.on(first), s.origin.on(last)
	}
	r.Length = 0
	for _, l := range r.Links {
		r.Length += s.g.Length(l)
	}
	r.Length -= float64(r.First*s.g.Length(first)) + float64((1-r.Last)*s.g.Length(last))
	return true
}

// direct is the link that leads from the origin to a spot on the same edge
// (reverse: from the spot to the origin) without leaving it.
func (s *Search) direct(to Spot) (Link, float64, bool) {
	if to.Edge != s.origin.Edge {
		return noLink, 0, false
	}
	link := Link(2 * to.Edge)
	if (to.Share < s.origin.Share) != s.reverse {
		link = link.Turned()
	}
	t := float64(s.times[link])
	if to.Share == s.origin.Share && math.IsInf(t, 1) { // it is there already, in either direction
		link = link.Turned()
		t = float64(s.times[link])
	}
	if math.IsInf(t, 1) {
		return noLink, 0, false
	}
	return link, float64(math.Abs(to.Share-s.origin.Share) * t), true
}

// path appends the tree's links between a node and the origin, from the node
// on, the origin's own link included. At a node that was reached straight from
// the origin, the tree's link is the origin's.
func (s *Search) path(dst []Link, node int) []Link {
	for s.via[node] != noLink {
		l := s.via[node]
		dst = append(dst, l)
		if s.seeded(node, l) {
			break
		}
		from, to := s.g.Ends(l)
		if node = from; s.reverse {
			node = to
		}
	}
	return dst
}

// seeded reports whether the node was reached from the origin over a part of
// link l: over the whole of it would have taken no less.
func (s *Search) seeded(node int, l Link) bool {
	for _, x := range s.seeds {
		if x.link == l && x.node == int32(node) && x.time == s.time[node] {
			return true
		}
	}
	return false
}

// Polyline appends the route's points to dst.
func (g *Graph) Polyline(dst []geo.XY, r *Route) []geo.XY {
	for i, l := range r.Links {
		f, t := 0.0, 1.0
		if i == 0 {
			f = r.First
		}
		if i == len(r.Links)-1 {
			t = r.Last
		}
		dst = g.Stretch(dst, l, f, t)
	}
	return dst
}
