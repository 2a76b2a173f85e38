package network

import (
	"cmp"
	"math"
	"slices"
)

// HubLabels give the times and lengths of the fastest ways between groups of
// spots, all of one group to all of another, without a search: hub labels from a
// contraction hierarchy (Abraham, Delling, Goldberg & Werneck 2011). The label of
// a spot are the nodes that a climb up the hierarchy from it settles; the fastest
// way leads over a node that both ends have in common. It is immutable and safe for
// concurrent use.
type HubLabels struct {
	h        *Hierarchy
	up, down []float32 // m of each arc of the hierarchy
}

// SpotGroup is a few spots with their labels. It is immutable.
type SpotGroup struct {
	Spots   []Spot
	out, in []hub // by rank, then spot
}

// hub is a node on the ways from (or to) one spot of a group.
type hub struct {
	rank, spot int32
	ms, metres float32 // ms is whole, exact up to 4.6 h
}

// NewHubLabels measures the arcs of a hierarchy.
func NewHubLabels(h *Hierarchy) *HubLabels {
	x := &HubLabels{h, make([]float32, len(h.up.arcs)), make([]float32, len(h.down.arcs))}
	// What an arc bridges has a lesser rank than both of its ends.
	for n := range int32(len(h.order)) {
		for i := h.up.first[n]; i < h.up.first[n+1]; i++ {
			x.up[i] = x.length(n, h.up.arcs[i].to, h.up.arcs[i].via)
		}
		for i := h.down.first[n]; i < h.down.first[n+1]; i++ {
			x.down[i] = x.length(h.down.arcs[i].to, n, h.down.arcs[i].via)
		}
	}
	return x
}

// length is the length of the arc between two ranks.
func (x *HubLabels) length(from, to, via int32) float32 {
	if via >= 0 {
		return float32(x.h.g.Length(Link(via)))
	}
	at := func(s *star, other int32) int32 {
		first := s.first[^via]
		return first + int32(slices.IndexFunc(s.of(^via), func(a shortcut) bool { return a.to == other }))
	}
	return x.down[at(&x.h.down, from)] + x.up[at(&x.h.up, to)]
}

// Group labels some spots, using the memory of a router of the graph.
func (x *HubLabels) Group(r *Router, spots []Spot) *SpotGroup {
	s := &SpotGroup{Spots: spots}
	metres := make(map[int32]float32)
	for i, spot := range spots {
		r.begin(x.h, spot, spot)
		s.out = x.climb(s.out, int32(i), &r.out, metres, func(l Link) float64 { return 1 - spot.on(l) }, &x.h.up, &x.h.down, x.up)
		s.in = x.climb(s.in, int32(i), &r.in, metres, spot.on, &x.h.down, &x.h.up, x.down)
	}
	for _, label := range []*[]hub{&s.out, &s.in} {
		slices.SortFunc(*label, func(a, b hub) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.spot, b.spot)) })
		*label = slices.Clone(*label) // without room to grow: a city has many groups
	}
	return s
}

// climb appends the label of a spot whose edge's ends are reached; share is how
// much of its link lies between the spot and the end.
func (x *HubLabels) climb(dst []hub, spot int32, c *climb, metres map[int32]float32, share func(Link) float64, up, back *star, length []float32) []hub {
	clear(metres)
	for _, n := range c.touched {
		l := Link(c.marks[n].via)
		metres[n] = float32(share(l) * x.h.g.Length(l))
	}
	for len(c.heap) > 0 {
		t, n := c.heap.pop()
		if t > c.marks[n].ms || c.stalled(t, back.of(n)) {
			continue
		}
		m := metres[n]
		dst = append(dst, hub{n, spot, float32(t), m})
		for i := up.first[n]; i < up.first[n+1]; i++ {
			a := up.arcs[i]
			if ms := t + a.ms; ms < c.marks[a.to].ms {
				metres[a.to] = m + length[i]
				c.reach(a.to, mark{ms, n, a.via})
			}
		}
	}
	return dst
}

// Ways fills in seconds and metres of the fastest ways from spot i of a group to
// spot j of another at i × len(to.Spots) + j, both of them +Inf where there is none.
func (x *HubLabels) Ways(seconds, metres []float32, from, to *SpotGroup) {
	inf := float32(math.Inf(1))
	cols := int32(len(to.Spots))
	for i := range seconds {
		seconds[i], metres[i] = inf, inf
	}
	for a, b := from.out, to.in; len(a) > 0 && len(b) > 0; {
		switch rank := a[0].rank; {
		case rank < b[0].rank:
			a = a[1:]
		case rank > b[0].rank:
			b = b[1:]
		default:
			n := 1
			for n < len(b) && b[n].rank == rank {
				n++
			}
			for ; len(a) > 0 && a[0].rank == rank; a = a[1:] {
				row := a[0].spot * cols
				for _, h := range b[:n] {
					if ms := a[0].ms + h.ms; ms < seconds[row+h.spot] {
						seconds[row+h.spot], metres[row+h.spot] = ms, a[0].metres+h.metres
					}
				}
			}
			b = b[n:]
		}
	}
	for i := range seconds {
		f, t := from.Spots[i/int(cols)], to.Spots[i%int(cols)]
		if f.Edge == t.Edge {
			if l, ms := x.h.direct(f, t); ms != closed && float32(ms) <= seconds[i] {
				seconds[i], metres[i] = float32(ms), float32(math.Abs(t.Share-f.Share)*x.h.g.Length(l))
			}
		}
		seconds[i] /= 1000
	}
}
