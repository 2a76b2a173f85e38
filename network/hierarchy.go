package network

import (
	"math"
	"slices"
)

// Hierarchy is a graph made ready for fast routing with one set of link times:
// a contraction hierarchy (Geisberger, Sanders, Schultes & Delling 2008). Nodes
// are taken out one after the other, the least important first, and shortcuts
// bridge the fastest ways over them; a fastest way then climbs to more
// important nodes from both of its ends. Times are whole milliseconds, so that
// sums are exact and the fastest way is the one that a plain search finds, to
// the millisecond. It is immutable and safe for concurrent use.
type Hierarchy struct {
	g     *Graph
	ms    []uint32 // of each link, closed where there is no way
	order []int32  // nodes by rank, the least important first
	rank  []int32  // of each node
	up    star     // by rank of the lower end: to more important nodes
	down  star     // by rank of the lower end: from more important nodes
	out   *hubLabels
	in    *hubLabels // to and from the hubs of each node, by rank; nil = not labelled
}

// closed is the time of a link that its mode may not use, and of nodes that
// nothing reaches.
const closed = math.MaxUint32

// star lists arcs by one of their ends: those of node n are
// arcs[first[n]:first[n+1]].
type star struct {
	first []int32
	arcs  []shortcut
}

func (s *star) of(n int32) []shortcut { return s.arcs[s.first[n]:s.first[n+1]] }

// shortcut is a link or a way over less important nodes.
type shortcut struct {
	to   int32 // the other end
	ms   uint32
	via  int32 // the link; or, of two arcs, the complement of the first one's place in down
	next int32 // of two arcs, the other one's place in up
}

// NewHierarchy contracts the graph where link l takes times[l] seconds (+Inf:
// closed), as Graph.Times or Congestion.Times give them. With like, a hierarchy
// of the same graph, nodes are taken out in its order: that is several times as
// fast, and the order serves similar times well.
func NewHierarchy(g *Graph, times []float32, like *Hierarchy) *Hierarchy {
	h := &Hierarchy{g: g, ms: make([]uint32, len(times))}
	for l, t := range times {
		h.ms[l] = closed
		if !math.IsInf(float64(t), 1) {
			h.ms[l] = uint32(max(1, math.Round(float64(t)*1000)))
		}
	}
	c := newContraction(h)
	if like == nil {
		h.order = c.inOrder()
		h.rank = make([]int32, len(h.order))
		for r, n := range h.order {
			h.rank[n] = int32(r)
		}
	} else {
		h.order, h.rank = like.order, like.rank
		for _, n := range h.order {
			c.take(n, c.bridges(n))
		}
	}
	h.up, h.down = h.stack(c.out), h.stack(c.in)
	for n := range int32(len(h.order)) {
		for i, a := range h.up.of(n) {
			h.halve(&h.up.of(n)[i], n, a.to)
		}
		for i, a := range h.down.of(n) {
			h.halve(&h.down.of(n)[i], a.to, n)
		}
	}
	return h
}

// stack numbers arcs by rank: nodes that a search passes together lie together.
func (h *Hierarchy) stack(arcs [][]joint) star {
	s := star{first: make([]int32, len(arcs)+1)}
	total := 0
	for _, a := range arcs {
		total += len(a)
	}
	s.arcs = make([]shortcut, 0, total)
	for r, n := range h.order {
		for _, a := range arcs[n] {
			if a.via < 0 {
				a.via = ^h.rank[^a.via]
			}
			s.arcs = append(s.arcs, shortcut{to: h.rank[a.to], ms: a.ms, via: a.via})
		}
		s.first[r+1] = int32(len(s.arcs))
	}
	return s
}

// halve finds the two arcs that a shortcut between two ranks stands for: to the
// node that it bridges and on from there.
func (h *Hierarchy) halve(a *shortcut, from, to int32) {
	if a.via < 0 {
		m := ^a.via
		a.via, a.next = ^h.down.find(m, from), h.up.find(m, to)
	}
}

// find is the place of the arc between node n and a more important one.
func (s *star) find(n, to int32) int32 {
	return s.first[n] + int32(slices.IndexFunc(s.of(n), func(a shortcut) bool { return a.to == to }))
}

// Shortcuts is the number of arcs up and down, the links among them included.
func (h *Hierarchy) Shortcuts() int { return len(h.up.arcs) + len(h.down.arcs) }

// unpack appends the links of an arc.
func (h *Hierarchy) unpack(dst []Link, a *shortcut) []Link {
	for a.via < 0 { // not a link yet
		dst = h.unpack(dst, &h.down.arcs[^a.via])
		a = &h.up.arcs[a.next]
	}
	return append(dst, Link(a.via))
}
