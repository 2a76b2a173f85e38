package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// How a line is threaded through ways in no order, in metres (assumed): a stop
// lies at any point of them up to threadM farther than the nearest one, at a
// cost of offTrack metres of way for each metre aside.
const (
	threadM       = 60.0
	offTrack      = 3.0
	threadWork    = 4_000_000   // points × stops beyond which a route is not threaded
	maxAllThreads = 400_000_000 // and that of all routes
)

// thread is the shortest course over the pieces that passes the stops in
// order, each at one of the points about it; false where the pieces do not
// hang together so far. It serves routes that list their ways in no order, and
// those of railways that list both tracks: a stitched course would go to and
// fro on them.
func (b *builder) thread(pieces []piece, stops []geo.XY) (track, bool) {
	g := newPieceGraph(b, pieces)
	n := len(g.nodes)
	if n == 0 {
		return track{}, false
	}
	cost := make([]float64, n)
	via := make([]int32, n*len(stops)) // of each stop's search: the half-edge that leads to a node, −1 = it begins there
	start := make([]float64, n)        // of each node: the way so far; the first stop may be anywhere about it
	for k, p := range stops {
		nearest := math.Inf(1)
		for _, q := range g.pos {
			nearest = min(nearest, q.Dist(p))
		}
		for i, q := range g.pos {
			if d := q.Dist(p); d <= nearest+threadM {
				cost[i] = start[i] + float64(offTrack*d)
			} else {
				cost[i] = math.Inf(1)
			}
		}
		search := via[k*n : (k+1)*n]
		if k == len(stops)-1 {
			break
		}
		g.spread(cost, search)
		copy(start, cost)
	}
	end := 0
	for i := range cost {
		if cost[i] < cost[end] {
			end = i
		}
	}
	if math.IsInf(cost[end], 1) {
		return track{}, false
	}
	// From the last stop back: each search leads to a point of the stop before.
	var back []int32
	at := int32(end)
	for k := len(stops) - 2; k >= 0; k-- {
		for {
			h := via[k*n+int(at)]
			if h < 0 {
				break
			}
			back = append(back, h)
			at = g.from(h)
		}
	}
	t := track{nodes: []int32{g.nodes[at]}, steps: make([]step, 1)}
	for i := len(back) - 1; i >= 0; i-- {
		p := &pieces[g.edges[back[i]>>1].piece]
		t.nodes, t.steps = append(t.nodes, g.nodes[g.to(back[i])]), append(t.steps, step{p.kmh, p.highSpeed, false, p.medium})
	}
	return t, len(t.nodes) > 1
}

// pieceGraph is the points of pieces and the steps between them.
type pieceGraph struct {
	nodes       []int32 // indices into source.nodes
	pos         []geo.XY
	edges       []pieceEdge
	first, half []int32 // of node v: half-edges half[first[v]:first[v+1]]
}

type pieceEdge struct {
	a, b, piece int32
	length      float64
}

func newPieceGraph(b *builder, pieces []piece) *pieceGraph {
	g := &pieceGraph{}
	number := map[int32]int32{}
	seen := map[[2]int32]bool{}
	local := func(node int32) int32 {
		i, ok := number[node]
		if !ok {
			i = int32(len(g.nodes))
			number[node] = i
			g.nodes, g.pos = append(g.nodes, node), append(g.pos, b.city.Proj.XY(b.src.nodes[node].point()))
		}
		return i
	}
	for k := range pieces {
		for i := 1; i < len(pieces[k].nodes); i++ {
			u, v := local(pieces[k].nodes[i-1]), local(pieces[k].nodes[i])
			if key := [2]int32{min(u, v), max(u, v)}; !seen[key] {
				seen[key] = true
				g.edges = append(g.edges, pieceEdge{u, v, int32(k), g.pos[u].Dist(g.pos[v])})
			}
		}
	}
	parts := make([]stretch, len(g.edges))
	for i, e := range g.edges {
		parts[i] = stretch{a: e.a, b: e.b}
	}
	g.first, g.half = incidence(len(g.nodes), parts)
	return g
}

// from and to are the ends of a half-edge: 2 × edge from a to b, + 1 back.
func (g *pieceGraph) from(h int32) int32 {
	if h&1 == 1 {
		return g.edges[h>>1].b
	}
	return g.edges[h>>1].a
}

func (g *pieceGraph) to(h int32) int32 { return g.from(h ^ 1) }

// spread lowers the costs of all nodes to those of the shortest ways from the
// others (Dijkstra 1959) and tells the half-edges that lead there.
func (g *pieceGraph) spread(cost []float64, via []int32) {
	var heap minHeap
	for i := range cost {
		via[i] = -1
		if !math.IsInf(cost[i], 1) {
			heap.push(queued{float32(cost[i]), int32(i)})
		}
	}
	for len(heap) > 0 {
		q := heap.pop()
		if q.time != float32(cost[q.node]) {
			continue
		}
		for _, h := range g.half[g.first[q.node]:g.first[q.node+1]] {
			to := g.to(h)
			if c := cost[q.node] + g.edges[h>>1].length; c < cost[to] {
				cost[to], via[to] = c, h
				heap.push(queued{float32(c), to})
			}
		}
	}
}
