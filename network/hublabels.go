package network

import "slices"

// hubLabels are hubs of every node of a hierarchy (Abraham, Delling, Goldberg &
// Werneck 2012): of the nodes to which it climbs, or of those from which one
// climbs down to it, the ones that are the most important of a fastest way. The
// most important node of the fastest ways from one node to another is a hub of
// both, so that they take the least sum over the hubs that both have: no search
// is needed.
type hubLabels struct {
	first []int32 // see of
	hubs  []hub   // of the most important node, and so on down; of each node by ascending rank
}

// hub is a node that is on the way from the one that lists it, or to it.
type hub struct {
	key uint32 // the hub's rank << arcBits | the place among the arcs of the node of that which leads to the hub, or from it
	ms  uint32
}

const (
	hubBytes = 8
	arcBits  = 12
	maxArcs  = 1 << arcBits
	maxHubs  = 1 << (32 - arcBits)
)

func (x hub) node() int32 { return int32(x.key >> arcBits) }
func (x hub) arc() int32  { return int32(x.key % maxArcs) }

// of is the hubs of node n.
func (l *hubLabels) of(n int32) []hub {
	i := len(l.first) - 2 - int(n)
	return l.hubs[l.first[i]:l.first[i+1]]
}

// arc is the place of the arc between node n and the way to a hub of it, or from it.
func (l *hubLabels) arc(n, to int32) int32 {
	hubs := l.of(n)
	lo, hi := 0, len(hubs)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; hubs[mid].node() <= to {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hubs[lo].arc()
}

// Label makes the hierarchy several times as fast by hub labels, unless they
// would take more than atMost bytes or the graph is too large for them: ways are
// searched then. Where ways take the same time, labels may lead along another
// one than a search. Nothing else may use the hierarchy meanwhile.
func (h *Hierarchy) Label(atMost int) {
	if h.out != nil && h.LabelBytes() <= atMost {
		return
	}
	h.out, h.in = nil, nil
	n := len(h.order)
	if n > maxHubs {
		return
	}
	const usual = 45 // hubs a node
	room := min(atMost/hubBytes, usual*n)
	x := labelling{best: make([]hub, n)}
	x.out = hubLabels{make([]int32, n+1), make([]hub, 0, room)}
	x.in = hubLabels{make([]int32, n+1), make([]hub, 0, room)}
	for i := range x.best {
		x.best[i].ms = closed
	}
	for v := int32(n) - 1; v >= 0; v-- {
		if max(len(h.up.of(v)), len(h.down.of(v))) > maxArcs {
			return
		}
		x.label(v, h.up.of(v), &x.out, &x.in)
		x.label(v, h.down.of(v), &x.in, &x.out)
		if hubBytes*(len(x.out.hubs)+len(x.in.hubs)) > atMost {
			return
		}
	}
	x.out.hubs, x.in.hubs = slices.Clone(x.out.hubs), slices.Clone(x.in.hubs) // without room to grow
	h.out, h.in = &x.out, &x.in
}

// searched is the hierarchy without labels.
func (h *Hierarchy) searched() *Hierarchy {
	x := *h
	x.out, x.in = nil, nil
	return &x
}

// LabelBytes is the memory of the hierarchy's hub labels, 0 = it has none.
func (h *Hierarchy) LabelBytes() int {
	if h.out == nil {
		return 0
	}
	return hubBytes * (len(h.out.hubs) + len(h.in.hubs))
}

// labelling finds the hubs of nodes, from the most important one down.
type labelling struct {
	out, in hubLabels
	best    []hub // by rank: the fastest way found from the node, or to it
	reached []int32
}

// label finds the hubs of a node whose arcs in one direction are given: among
// itself and the hubs at the other ends of the arcs. One goes that another one,
// more important, is as fast a way to.
func (x *labelling) label(v int32, arcs []shortcut, l, back *hubLabels) {
	x.best[v], x.reached = hub{}, append(x.reached[:0], v)
	for i := range arcs {
		for _, e := range l.of(arcs[i].to) {
			n, ms := e.node(), arcs[i].ms+e.ms
			if old := x.best[n].ms; ms < old {
				x.best[n] = hub{uint32(n)<<arcBits | uint32(i), ms}
				if old == closed {
					x.reached = append(x.reached, n)
				}
			}
		}
	}
	slices.Sort(x.reached)
	l.hubs = append(l.hubs, hub{uint32(v) << arcBits, 0})
	for _, n := range x.reached[1:] {
		if !x.passes(back.of(n), x.best[n].ms) {
			l.hubs = append(l.hubs, x.best[n])
		}
	}
	l.first[len(l.first)-1-int(v)] = int32(len(l.hubs))
	for _, n := range x.reached {
		x.best[n].ms = closed
	}
}

// passes tells whether a way to one of the hubs, which are more important than the
// end of the way but for the first, and on from there takes no longer than ms.
func (x *labelling) passes(hubs []hub, ms uint32) bool {
	for i := len(hubs) - 1; i > 0; i-- { // most ways pass the most important ones
		if uint64(x.best[hubs[i].node()].ms)+uint64(hubs[i].ms) <= uint64(ms) {
			return true
		}
	}
	return false
}

// end is a node where a way along the graph begins or ends, and the way from a
// spot to it, or from it.
type end struct {
	node int32 // by rank
	ms   uint32
	link Link
}

// ends are the nodes of the edge of a spot that its mode reaches, or those from
// which it reaches the spot; the farther one first.
func (h *Hierarchy) ends(s Spot, out bool) (list [2]end, n int) {
	for _, l := range [2]Link{Link(2 * s.Edge), Link(2*s.Edge + 1)} {
		ms := h.ms[l]
		if ms == closed {
			continue
		}
		node, to := h.g.Ends(l)
		share := s.on(l)
		if out {
			node, share = to, s.on(l.Turned())
		}
		list[n] = end{h.rank[node], part(share, ms), l}
		n++
	}
	if n == 2 && list[1].ms > list[0].ms {
		list[0], list[1] = list[1], list[0]
	}
	return list, n
}

// unmet is the time to nodes that are no hubs.
const unmet = uint64(1) << 62

// look appends the links of the fastest way between spots over a node, by hub
// labels, and returns its time; closed where there is none. Of equally fast ways
// it is the one that goes the farthest along the edges of the spots: whoever
// stands where an edge begins does not turn back to where it ends. Which ends
// of the edges a way takes are the last bits of its time.
func (r *Router) look(dst []Link, h *Hierarchy, from, to Spot) ([]Link, uint32) {
	begins, nb := h.ends(from, true)
	stops, ns := h.ends(to, false)
	for i, b := range begins[:nb] {
		base := uint64(b.ms)<<2 + uint64(i)<<1
		for _, e := range h.out.of(b.node) {
			r.ms[e.node()] = min(r.ms[e.node()], base+uint64(e.ms)<<2)
		}
	}
	best, meet := uint64(closed)<<2, int32(-1)
	for i, s := range stops[:ns] {
		base := uint64(s.ms)<<2 + uint64(i)
		for _, e := range h.in.of(s.node) {
			if ms := r.ms[e.node()] + uint64(e.ms)<<2 + base; ms < best {
				best, meet = ms, e.node()
			}
		}
	}
	for _, b := range begins[:nb] {
		for _, e := range h.out.of(b.node) {
			r.ms[e.node()] = unmet
		}
	}
	if meet < 0 {
		return dst, closed
	}
	begin, stop := &begins[best>>1&1], &stops[best&1]
	dst = append(dst, begin.link)
	for n := begin.node; n != meet; {
		a := &h.up.of(n)[h.out.arc(n, meet)]
		dst = h.unpack(dst, a)
		n = a.to
	}
	r.stepping = r.stepping[:0]
	for n := stop.node; n != meet; {
		i := h.down.first[n] + h.in.arc(n, meet)
		r.stepping = append(r.stepping, i)
		n = h.down.arcs[i].to
	}
	for _, i := range slices.Backward(r.stepping) {
		dst = h.unpack(dst, &h.down.arcs[i])
	}
	return append(dst, stop.link), uint32(best >> 2)
}
