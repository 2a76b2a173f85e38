package network

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// rings assembles the closed outer or inner rings of a multipolygon relation:
// its ways of that role, joined end to end by node id. Ways that the extract
// lacks, and chains that never close, give no ring; complete tells whether all
// closed.
func (s *source) rings(r *relation, inner bool) (rings []orb.Ring, complete bool) {
	var ways []*way
	complete = true
	for _, m := range r.members {
		if m.kind != osm.TypeWay || (m.role == innerRole) != inner {
			continue
		}
		if w := s.way(m.ref); w != nil && w.end-w.first > 1 {
			ways = append(ways, w)
		} else {
			complete = false
		}
	}
	ends := map[int64][]int{} // node id → ways that begin or end there, in member order
	for i, w := range ways {
		n := s.nodesOf(w)
		ends[n[0]] = append(ends[n[0]], i)
		ends[n[len(n)-1]] = append(ends[n[len(n)-1]], i)
	}
	used := make([]bool, len(ways))
	for i := range ways {
		if used[i] {
			continue
		}
		used[i] = true
		chain := append([]int64(nil), s.nodesOf(ways[i])...)
		for chain[0] != chain[len(chain)-1] {
			last := chain[len(chain)-1]
			next := -1
			for _, j := range ends[last] {
				if !used[j] {
					next = j
					break
				}
			}
			if next < 0 {
				break
			}
			used[next] = true
			n := s.nodesOf(ways[next])
			if n[0] == last {
				chain = append(chain, n[1:]...)
				continue
			}
			for k := len(n) - 2; k >= 0; k-- {
				chain = append(chain, n[k])
			}
		}
		ring, ok := s.ring(chain)
		if !ok {
			complete = false
			continue
		}
		rings = append(rings, ring)
	}
	return rings, complete
}

// ring gives the positions of a closed chain of at least three corners,
// without the closing point; false where a node is missing or it is open.
func (s *source) ring(chain []int64) (orb.Ring, bool) {
	if len(chain) < 4 || chain[0] != chain[len(chain)-1] {
		return nil, false
	}
	out := make(orb.Ring, 0, len(chain)-1)
	for _, id := range chain[:len(chain)-1] {
		p, ok := s.node(id)
		if !ok {
			return nil, false
		}
		out = append(out, p)
	}
	return out, len(out) > 2
}
