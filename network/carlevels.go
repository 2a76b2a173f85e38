package network

import (
	"math"
	"slices"
)

// never is a time in ms that stands for "there is no way": 12 days. Twice of it
// still fits.
const never = int32(1)<<30 - 1

// milliseconds rounds seconds, so that sums are the same in any order and a
// tree has no rounding that could lead it in circles; the shortest is one.
func milliseconds(s float64) int32 {
	return int32(min(max(math.Round(s*1000), 1), float64(never)))
}

// carLevels is a customisable contraction hierarchy (Dibbelt, Strasser, Wagner
// 2014): nodes are numbered in the order in which they are taken out of a
// network, each leaving its neighbours joined. Which edges that makes does not
// depend on the times of the arcs; what they take follows from new times
// in one pass over the triangles. A tree to all nodes is then two passes over
// the edges, up and down, without a queue (PHAST; Delling et al. 2011).
//
// An edge joins a node with a higher one. Its half-edge 2e leads up, 2e+1 down.
type carLevels struct {
	first []int32 // the edges from node v up are first[v] … first[v+1]−1
	head  []int32 // by edge: its higher node, in order within v's
	tail  []int32 // by edge: its lower node

	half      []int32 // by arc: the half-edge that it is
	triangles []triangle

	up, down []int32   // by edge: ms, in either direction
	made     []passing // by half-edge: of what its time comes
}

// triangle is an edge with two edges from a lower node to its ends: one to the
// edge's lower end, one to its higher.
type triangle struct{ edge, low, high int32 }

// passing is an arc, or −1 and the half-edges that are passed one after the other.
type passing struct{ arc, then, last int32 }

func (h *carLevels) nodes() int { return len(h.first) - 1 }

// newCarLevels orders n nodes by the least degree first, and returns the new
// number of each: after its neighbours are joined, a node of few neighbours
// leaves the fewest edges. ends are the nodes of the arcs.
func newCarLevels(n int, ends [][2]int32) (*carLevels, []int32) {
	beside := make([][]int32, n)
	for _, e := range ends {
		beside[e[0]] = append(beside[e[0]], e[1])
		beside[e[1]] = append(beside[e[1]], e[0])
	}
	for v := range beside {
		slices.Sort(beside[v])
		beside[v] = slices.Compact(beside[v])
	}
	order := eliminate(beside)
	rank := make([]int32, n)
	for r, v := range order {
		rank[v] = int32(r)
	}
	h := &carLevels{first: make([]int32, 1, n+1)}
	for r, v := range order {
		at := len(h.head)
		for _, u := range beside[v] {
			h.head, h.tail = append(h.head, rank[u]), append(h.tail, int32(r))
		}
		slices.Sort(h.head[at:])
		h.first = append(h.first, int32(len(h.head)))
	}
	h.up, h.down = make([]int32, len(h.head)), make([]int32, len(h.head))
	h.made = make([]passing, 2*len(h.head))
	for _, e := range ends {
		if a, b := rank[e[0]], rank[e[1]]; a < b {
			h.half = append(h.half, 2*h.edge(a, b))
		} else {
			h.half = append(h.half, 2*h.edge(b, a)+1)
		}
	}
	for v := range n {
		for i := h.first[v]; i < h.first[v+1]; i++ {
			e := h.first[h.head[i]]
			for j := i + 1; j < h.first[v+1]; j++ {
				for h.head[e] != h.head[j] { // it is there: v joined its neighbours
					e++
				}
				h.triangles = append(h.triangles, triangle{e, i, j})
			}
		}
	}
	return h, rank
}

// eliminate takes nodes out, the one with the fewest neighbours first (of equal
// ones the first), and returns their order. It leaves each node with the
// neighbours that it had when it went, all of which go later.
func eliminate(beside [][]int32) []int32 {
	var queue minHeap
	for v := range beside {
		queue.push(queued{float32(len(beside[v])), int32(v)})
	}
	order := make([]int32, 0, len(beside))
	gone := make([]bool, len(beside))
	var joined []int32
	for len(queue) > 0 {
		q := queue.pop()
		if v := q.node; !gone[v] && q.time == float32(len(beside[v])) { // else it was queued again
			gone[v] = true
			order = append(order, v)
			for _, u := range beside[v] {
				joined = union(joined[:0], beside[u], beside[v], u, v)
				if beside[u] = append(beside[u][:0], joined...); !gone[u] {
					queue.push(queued{float32(len(joined)), u})
				}
			}
		}
	}
	return order
}

// union appends the union of two sorted lists without two of their members.
func union(dst, a, b []int32, but, nor int32) []int32 {
	for len(a)+len(b) > 0 {
		var x int32
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			x, a = a[0], a[1:]
		case len(a) == 0 || b[0] < a[0]:
			x, b = b[0], b[1:]
		default:
			x, a, b = a[0], a[1:], b[1:]
		}
		if x != but && x != nor {
			dst = append(dst, x)
		}
	}
	return dst
}

// edge is the edge from a node up to a neighbour.
func (h *carLevels) edge(v, to int32) int32 {
	i, _ := slices.BinarySearch(h.head[h.first[v]:h.first[v+1]], to)
	return h.first[v] + int32(i)
}

// customise takes over the seconds of the arcs.
func (h *carLevels) customise(seconds []float64) {
	for e := range h.up {
		h.up[e], h.down[e] = never, never
	}
	for a, s := range seconds {
		x := h.half[a]
		at := &h.up[x/2]
		if x%2 == 1 {
			at = &h.down[x/2]
		}
		if t := milliseconds(s); t < *at {
			*at, h.made[x] = t, passing{int32(a), 0, 0}
		}
	}
	for _, t := range h.triangles { // the lower node's first: its edges are settled
		if s := h.down[t.low] + h.up[t.high]; s < h.up[t.edge] {
			h.up[t.edge], h.made[2*t.edge] = s, passing{-1, 2*t.low + 1, 2 * t.high}
		}
		if s := h.down[t.high] + h.up[t.low]; s < h.down[t.edge] {
			h.down[t.edge], h.made[2*t.edge+1] = s, passing{-1, 2*t.high + 1, 2 * t.low}
		}
	}
}

// grow carries the times of some nodes on to all, and tells by which half-edge
// each of the others is reached: first up, then down.
func (h *carLevels) grow(time, via []int32) {
	for v, t := range time {
		if t == never {
			continue
		}
		for e := h.first[v]; e < h.first[v+1]; e++ {
			if to := h.head[e]; t+h.up[e] < time[to] {
				time[to], via[to] = t+h.up[e], 2*e
			}
		}
	}
	for v := len(time) - 1; v >= 0; v-- {
		lo, hi := h.first[v], h.first[v+1]
		head, down := h.head[lo:hi], h.down[lo:hi]
		best, by := time[v], via[v]
		for k, to := range head {
			if t := time[to] + down[k]; t < best {
				best, by = t, 2*(lo+int32(k))+1
			}
		}
		time[v], via[v] = best, by
	}
}

// direction is that of a trip.
type direction int

const (
	outward  direction = iota // from a dwelling
	homeward                  // to a dwelling
)

// traffic is the trips of a set of zones on the half-edges of a carNet, by
// direction, in 1/tripUnits.
type traffic struct {
	x    *carNet
	half [][2]int64
	node [][2]int64 // what ends at or passes the node; zero between trees
}

func newTraffic(x *carNet) *traffic {
	return &traffic{x, make([][2]int64, 2*len(x.levels.head)), make([][2]int64, x.levels.nodes())}
}

// end spreads trips over the nodes where they end.
func (x *traffic) end(nodes []int32, dir direction, trips float64) {
	if trips == 0 {
		return
	}
	each := int64(math.Round(trips * tripUnits / float64(len(nodes))))
	for _, n := range nodes {
		x.node[x.x.node[n]][dir] += each
	}
}

// collect carries what ends at the nodes of a tree back to its origins and
// counts it on the half-edges that it passes: against the order of growth, so
// that a node has all that passes it before it hands it on.
func (x *traffic) collect(s *carTree) {
	h := x.x.levels
	for v, by := range s.via {
		if by >= 0 && by%2 == 1 {
			x.hand(int32(v), h.head[by/2], by)
		}
	}
	for v := len(s.via) - 1; v >= 0; v-- {
		if by := s.via[v]; by >= 0 && by%2 == 0 {
			x.hand(int32(v), h.tail[by/2], by)
		}
	}
	clear(x.node)
}

// hand passes on what a node has to the node before it, over a half-edge.
func (x *traffic) hand(from, to, by int32) {
	v := x.node[from]
	if v == [2]int64{} {
		return // most nodes are on nobody's way
	}
	for dir := range v {
		x.half[by][dir] += v[dir]
		x.node[to][dir] += v[dir]
	}
}

// arcVolumes sums up traffic and unfolds it to the arcs, by direction.
func (h *carLevels) arcVolumes(parts []*traffic, arcs int) [][2]int64 {
	sum := make([][2]int64, len(h.made))
	for _, p := range parts {
		if p == nil {
			continue // a worker without a zone
		}
		for x := range sum {
			sum[x][outward] += p.half[x][outward]
			sum[x][homeward] += p.half[x][homeward]
		}
	}
	out := make([][2]int64, arcs)
	for x := len(sum) - 1; x >= 0; x-- { // what a half-edge is made of comes before it
		v := sum[x]
		if v == [2]int64{} {
			continue
		}
		by := h.made[x]
		for dir := range v {
			if by.arc >= 0 {
				out[by.arc][dir] += v[dir]
			} else {
				sum[by.then][dir] += v[dir]
				sum[by.last][dir] += v[dir]
			}
		}
	}
	return out
}
