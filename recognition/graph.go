package recognition

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// GraphEdge is an undirected edge between two nodes, such as the people who
// commute between two zones in either direction.
type GraphEdge struct {
	A, B   int
	Weight float64
}

// Graph is an undirected weighted graph in compressed rows.
type Graph struct {
	start    []int32
	to       []int32 // neighbours, ascending, self-loops excluded
	weight   []float64
	self     []float64 // weight of each node's loop
	strength []float64 // summed weight of a node's edges, its loop counted twice
	total    float64   // weight of all edges: half the sum of the strengths
}

// NewGraph makes the graph of n nodes; edges between the same nodes add up, and
// those of weight 0 are dropped.
func NewGraph(n int, edges []GraphEdge) (*Graph, error) {
	half := make([]GraphEdge, 0, 2*len(edges))
	for i, e := range edges {
		switch {
		case e.A < 0 || e.A >= n || e.B < 0 || e.B >= n:
			return nil, fmt.Errorf("graph: edge %d joins %d and %d, want nodes from 0 to %d", i, e.A, e.B, n-1)
		case !(e.Weight >= 0) || math.IsInf(e.Weight, 1):
			return nil, fmt.Errorf("graph: edge %d has the weight %g, must not be negative", i, e.Weight)
		case e.Weight == 0:
			continue
		}
		half = append(half, e)
		if e.A != e.B {
			half = append(half, GraphEdge{e.B, e.A, e.Weight})
		}
	}
	return compress(n, half), nil
}

// compress makes the graph of half-edges: each edge in both directions, loops once.
func compress(n int, half []GraphEdge) *Graph {
	slices.SortStableFunc(half, func(a, b GraphEdge) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
	g := &Graph{start: make([]int32, n+1), self: make([]float64, n), strength: make([]float64, n)}
	for i, e := range half {
		switch {
		case e.A == e.B:
			g.self[e.A] += e.Weight
			g.strength[e.A] += 2 * e.Weight
			continue
		case i > 0 && half[i-1].A == e.A && half[i-1].B == e.B:
			g.weight[len(g.weight)-1] += e.Weight
		default:
			g.to, g.weight = append(g.to, int32(e.B)), append(g.weight, e.Weight)
		}
		g.strength[e.A] += e.Weight
		g.start[e.A+1] = int32(len(g.to))
	}
	for v := range n {
		g.start[v+1] = max(g.start[v+1], g.start[v])
	}
	for _, s := range g.strength {
		g.total += s / 2
	}
	return g
}

// Len is the number of nodes.
func (g *Graph) Len() int { return len(g.self) }

// around is the neighbours of v and the weights of the edges to them.
func (g *Graph) around(v int) ([]int32, []float64) {
	return g.to[g.start[v]:g.start[v+1]], g.weight[g.start[v]:g.start[v+1]]
}

// Modularity of a partition (Newman & Girvan 2004) at a resolution γ (Reichardt &
// Bornholdt 2006): Σ over communities of the share of edge weight inside less γ
// times the square of the share of strength. 0 for a graph without edges.
func (g *Graph) Modularity(of []int, resolution float64) float64 {
	if g.total == 0 {
		return 0
	}
	inside, strength := make([]float64, len(of)), make([]float64, len(of))
	number := renumber(of)
	for v, c := range number {
		strength[c] += g.strength[v]
		inside[c] += 2 * g.self[v]
		to, weight := g.around(v)
		for i, u := range to {
			if number[u] == c {
				inside[c] += weight[i]
			}
		}
	}
	q := 0.0
	for c := range inside {
		share := strength[c] / (2 * g.total)
		q += inside[c]/(2*g.total) - float64(resolution*share*share)
	}
	return q
}

// renumber names the classes of a labeling, labels from 0, by order of their first members.
func renumber(of []int) []int {
	out := make([]int, len(of))
	var name []int
	next := 0
	for i, c := range of {
		for len(name) <= c {
			name = append(name, -1)
		}
		if name[c] < 0 {
			name[c] = next
			next++
		}
		out[i] = name[c]
	}
	return out
}
