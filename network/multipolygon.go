package network

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

// polygon is one outer ring with its holes, on the plane; rings are open.
type polygon struct {
	ring  []geo.XY
	holes [][]geo.XY
	m2    float64 // without the holes
}

// maxNesting bounds how deep relations that are members of relations are
// followed; a ring of relations would else never end.
const maxNesting = 4

// waysOf lists the ways of a relation and of the relations that are its
// members, each once and in order of membership. It tells how many the extract
// lacks and how many members came twice.
func (s *source) waysOf(r *relation) (ways []*way, missing, twice int) {
	type object struct {
		kind osm.Type
		ref  int64
	}
	seen := map[object]bool{{osm.TypeRelation, r.id}: true}
	var add func(r *relation, depth int)
	add = func(r *relation, depth int) {
		for _, m := range r.members {
			if m.kind == osm.TypeNode {
				continue
			}
			if seen[object{m.kind, m.ref}] {
				twice++
				continue
			}
			seen[object{m.kind, m.ref}] = true
			if m.kind == osm.TypeRelation {
				if below := s.relation(m.ref); below != nil && depth < maxNesting {
					add(below, depth+1)
				} else {
					missing++
				}
				continue
			}
			if w := s.way(m.ref); w != nil && w.end-w.first > 1 {
				ways = append(ways, w)
			} else {
				missing++
			}
		}
	}
	add(r, 0)
	return ways, missing, twice
}

// rings joins ways end to end by node id into closed simple rings, without the
// closing corner. Ways that lead nowhere are left out before; a chain that
// meets itself is cut into the rings it is made of. complete tells whether all
// ways went into rings whose nodes are all there.
func (s *source) rings(ways []*way) (rings []orb.Ring, complete bool) {
	complete = true
	ends := map[int64][]int{} // node id → ways that begin or end there, in order; a closed way is there twice
	for i, w := range ways {
		n := s.nodesOf(w)
		ends[n[0]] = append(ends[n[0]], i)
		ends[n[len(n)-1]] = append(ends[n[len(n)-1]], i)
	}
	used := make([]bool, len(ways))
	for i := range ways { // a dead end may be a chain of ways: follow it inwards
		for j := i; j >= 0; {
			j = s.prune(ways, ends, used, j)
			complete = complete && j == -2
		}
	}
	for i := range ways {
		if used[i] {
			continue
		}
		used[i] = true
		chain := slices.Clone(s.nodesOf(ways[i]))
		for chain[0] != chain[len(chain)-1] {
			last := chain[len(chain)-1]
			k := slices.IndexFunc(ends[last], func(j int) bool { return !used[j] })
			if k < 0 {
				break
			}
			next := ends[last][k]
			used[next] = true
			n := s.nodesOf(ways[next])
			if n[0] != last {
				n = slices.Clone(n)
				slices.Reverse(n)
			}
			chain = append(chain, n[1:]...)
		}
		loops, closed := loopsOf(chain)
		complete = complete && closed
		for _, l := range loops {
			ring, ok := s.ring(l)
			if !ok {
				complete = false
				continue
			}
			rings = append(rings, ring)
		}
	}
	return rings, complete
}

// prune takes way i out if one of its ends is nobody else's. It gives the only
// way that is left at the other end, −1 where there is none and −2 where the
// way stays.
func (s *source) prune(ways []*way, ends map[int64][]int, used []bool, i int) int {
	n := s.nodesOf(ways[i])
	a, b := n[0], n[len(n)-1]
	if used[i] || a == b || len(ends[a]) > 1 && len(ends[b]) > 1 {
		return -2
	}
	used[i] = true
	for _, end := range []int64{a, b} {
		ends[end] = slices.DeleteFunc(ends[end], func(j int) bool { return j == i })
	}
	for _, end := range []int64{a, b} {
		if len(ends[end]) == 1 {
			return ends[end][0]
		}
	}
	return -1
}

// loopsOf cuts a chain of nodes where it meets itself: closed loops of at least
// three corners, without the closing one. What remains is a way to and fro, or
// open: then closed is false.
func loopsOf(chain []int64) (loops [][]int64, closed bool) {
	at := make(map[int64]int, len(chain))
	var stack []int64
	for _, n := range chain {
		if i, ok := at[n]; ok {
			if len(stack)-i >= 3 {
				loops = append(loops, slices.Clone(stack[i:]))
			}
			for _, m := range stack[i+1:] {
				delete(at, m)
			}
			stack = stack[:i+1]
			continue
		}
		at[n] = len(stack)
		stack = append(stack, n)
	}
	return loops, len(stack) == 1
}

// ring gives the positions of a loop of nodes; false where a node is missing or
// fewer than three corners differ.
func (s *source) ring(loop []int64) (orb.Ring, bool) {
	out := make(orb.Ring, 0, len(loop))
	for _, id := range loop {
		p, ok := s.node(id)
		if !ok {
			return nil, false
		}
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	if len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	return out, len(out) > 2
}

// nest sorts rings into polygons by which lies in which, whatever role the
// relation gave them, as most mistakes are in the roles: a ring inside an odd
// number of others is a hole of the smallest of them, any other is an outer
// ring (also an island in a hole).
func nest(rings [][]geo.XY) []polygon {
	type info struct {
		m2     float64
		lo, hi geo.XY
		depth  int
		in     int // the smallest ring around it
	}
	all := make([]info, len(rings))
	for i, r := range rings {
		all[i] = info{m2: geo.RingArea(r), in: -1}
		all[i].lo, all[i].hi = box(r)
	}
	for i, r := range rings {
		x := &all[i]
		for j := range rings {
			y := &all[j]
			if i == j || y.m2 <= x.m2 || x.lo.X < y.lo.X || x.lo.Y < y.lo.Y || x.hi.X > y.hi.X || x.hi.Y > y.hi.Y || !ringIn(r, rings[j]) {
				continue
			}
			x.depth++
			if x.in < 0 || y.m2 < all[x.in].m2 {
				x.in = j
			}
		}
	}
	at := make([]int, len(rings))
	var out []polygon
	for i, r := range rings {
		if all[i].depth%2 == 0 {
			at[i] = len(out)
			out = append(out, polygon{ring: r, m2: all[i].m2})
		}
	}
	for i, r := range rings {
		if all[i].depth%2 == 1 {
			p := &out[at[all[i].in]]
			p.holes = append(p.holes, r)
			p.m2 -= all[i].m2
		}
	}
	return out
}

// ringIn reports whether ring r lies inside ring around: more of its corners
// and middles of edges inside than out, since rings may touch. Of large rings a
// few dozen corners are asked.
func ringIn(r, around []geo.XY) bool {
	in := 0
	for i := 0; i < len(r); i += 1 + len(r)/32 {
		for _, q := range []geo.XY{r[i], r[i].Lerp(r[(i+1)%len(r)], 0.5)} {
			if geo.RingContains(around, q) {
				in++
			} else {
				in--
			}
		}
	}
	return in > 0
}

// maxCrossing is how many corners of an outline are tested for crossing edges:
// as many nodes as OpenStreetMap lets a way have.
const maxCrossing = 2000

// crosses reports whether two edges of a ring of up to maxCrossing corners
// cross each other.
func crosses(r []geo.XY) bool {
	if len(r) < 4 || len(r) > maxCrossing {
		return false
	}
	side := func(a, b, p geo.XY) float64 { return float64((b.X-a.X)*(p.Y-a.Y)) - float64((b.Y-a.Y)*(p.X-a.X)) }
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		for j := i + 2; j < len(r); j++ {
			c, d := r[j], r[(j+1)%len(r)]
			if max(a.X, b.X) < min(c.X, d.X) || max(c.X, d.X) < min(a.X, b.X) || max(a.Y, b.Y) < min(c.Y, d.Y) || max(c.Y, d.Y) < min(a.Y, b.Y) {
				continue
			}
			if side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
				return true
			}
		}
	}
	return false
}
