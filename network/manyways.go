package network

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// ManyWays gives the times and lengths of the fastest ways between groups of
// spots, all of one group to all of another, without a search: each spot knows
// the hubs of the ends of its edge (Abraham, Delling, Goldberg & Werneck 2012), and
// the fastest way leads over one that both have. It is immutable and safe for
// concurrent use.
type ManyWays struct {
	h        *Hierarchy
	up, down []float32 // m of each arc of the hierarchy
}

// SpotGroup is a few spots with their hubs. It is immutable.
type SpotGroup struct {
	Spots   []Spot
	out, in []spotHub // by rank, then spot
}

// spotHub is a hub on the ways from (or to) one spot of a group.
type spotHub struct {
	rank, spot int32
	ms, metres float32 // ms is whole, exact up to 4.6 h
}

// NewManyWays labels a hierarchy and measures its arcs. It fails on graphs that
// are too large for labels.
func NewManyWays(h *Hierarchy) (*ManyWays, error) {
	h.Label(math.MaxInt)
	if h.out == nil {
		return nil, errors.New("the road graph is too large for hub labels")
	}
	x := &ManyWays{h, make([]float32, len(h.up.arcs)), make([]float32, len(h.down.arcs))}
	// What an arc bridges has a lesser rank than both of its ends.
	for n := range int32(len(h.order)) {
		for i := h.up.first[n]; i < h.up.first[n+1]; i++ {
			x.up[i] = x.length(&h.up.arcs[i])
		}
		for i := h.down.first[n]; i < h.down.first[n+1]; i++ {
			x.down[i] = x.length(&h.down.arcs[i])
		}
	}
	return x, nil
}

func (x *ManyWays) length(a *shortcut) float32 {
	if a.via >= 0 {
		return float32(x.h.g.Length(Link(a.via)))
	}
	return x.down[^a.via] + x.up[a.next]
}

// Group finds the hubs of some spots.
func (x *ManyWays) Group(spots []Spot) *SpotGroup {
	s := &SpotGroup{Spots: spots}
	h := x.h
	for i, spot := range spots {
		begins, nb := h.ends(spot, true)
		for _, b := range begins[:nb] {
			first := float32(spot.on(b.link.Turned()) * h.g.Length(b.link))
			for _, e := range h.out.of(b.node) {
				m := first
				for n := b.node; n != e.node(); {
					k := h.up.first[n] + h.out.arc(n, e.node())
					m, n = m+x.up[k], h.up.arcs[k].to
				}
				s.out = append(s.out, spotHub{e.node(), int32(i), float32(b.ms + e.ms), m})
			}
		}
		stops, ns := h.ends(spot, false)
		for _, b := range stops[:ns] {
			last := float32(spot.on(b.link) * h.g.Length(b.link))
			for _, e := range h.in.of(b.node) {
				m := last
				for n := b.node; n != e.node(); {
					k := h.down.first[n] + h.in.arc(n, e.node())
					m, n = m+x.down[k], h.down.arcs[k].to
				}
				s.in = append(s.in, spotHub{e.node(), int32(i), float32(b.ms + e.ms), m})
			}
		}
	}
	s.out, s.in = fastest(s.out), fastest(s.in)
	return s
}

// fastest leaves one entry of each hub and spot, in order.
func fastest(hubs []spotHub) []spotHub {
	slices.SortFunc(hubs, func(a, b spotHub) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.spot, b.spot), cmp.Compare(a.ms, b.ms), cmp.Compare(a.metres, b.metres))
	})
	hubs = slices.CompactFunc(hubs, func(a, b spotHub) bool { return a.rank == b.rank && a.spot == b.spot })
	return slices.Clone(hubs) // without room to grow: a city has many groups
}

// Ways fills in seconds and metres of the fastest ways from spot i of a group to
// spot j of another at i × len(to.Spots) + j, both of them +Inf where there is none.
func (x *ManyWays) Ways(seconds, metres []float32, from, to *SpotGroup) {
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
