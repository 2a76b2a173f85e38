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
	to  int32 // the other end
	ms  uint32
	via int32 // the link, or the complement of the node that is bridged
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
	return h
}

// stack numbers arcs by rank: nodes that a search passes together lie together.
func (h *Hierarchy) stack(arcs [][]shortcut) star {
	s := star{first: make([]int32, len(arcs)+1)}
	total := 0
	for _, a := range arcs {
		total += len(a)
	}
	s.arcs = make([]shortcut, 0, total)
	for r, n := range h.order {
		for _, a := range arcs[n] {
			a.to = h.rank[a.to]
			if a.via < 0 {
				a.via = ^h.rank[^a.via]
			}
			s.arcs = append(s.arcs, a)
		}
		s.first[r+1] = int32(len(s.arcs))
	}
	return s
}

// Shortcuts is the number of arcs up and down, the links among them included.
func (h *Hierarchy) Shortcuts() int { return len(h.up.arcs) + len(h.down.arcs) }

// unpack appends the links of an arc between two ranks.
func (h *Hierarchy) unpack(dst []Link, from, to int32, via int32) []Link {
	for via < 0 { // not a link yet
		m := ^via
		a := find(h.down.of(m), from)
		dst = h.unpack(dst, from, m, a)
		from, via = m, find(h.up.of(m), to)
	}
	return append(dst, Link(via))
}

// find is the via of the arc to an end that is among the arcs.
func find(arcs []shortcut, to int32) int32 {
	return arcs[slices.IndexFunc(arcs, func(a shortcut) bool { return a.to == to })].via
}
