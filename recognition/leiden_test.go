package recognition_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"

	gonum "gonum.org/v1/gonum/graph"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// karate is the club of Zachary (1977): 34 members and 78 friendships, numbered from 1.
var karate = [][]int{
	1: {2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32}, 2: {3, 4, 8, 14, 18, 20, 22, 31}, 3: {4, 8, 9, 10, 14, 28, 29, 33},
	4: {8, 13, 14}, 5: {7, 11}, 6: {7, 11, 17}, 7: {17}, 9: {31, 33, 34}, 10: {34}, 14: {34}, 15: {33, 34}, 16: {33, 34}, 19: {33, 34},
	20: {34}, 21: {33, 34}, 23: {33, 34}, 24: {26, 28, 30, 33, 34}, 25: {26, 28, 32}, 26: {32}, 27: {30, 34}, 28: {34}, 29: {32, 34},
	30: {33, 34}, 31: {33, 34}, 32: {33, 34}, 33: {34},
}

func karateGraph(t *testing.T) (*recognition.Graph, []recognition.GraphEdge) {
	t.Helper()
	var edges []recognition.GraphEdge
	for a, row := range karate {
		for _, b := range row {
			edges = append(edges, recognition.GraphEdge{A: a - 1, B: b - 1, Weight: 1})
		}
	}
	if len(edges) != 78 {
		t.Fatalf("%d friendships, want 78", len(edges))
	}
	g, err := recognition.NewGraph(34, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g, edges
}

// TestLeidenKarate: the largest modularity there is, 0.4198 (Brandes et al. 2008),
// from most seeds; the worst must still beat the split that the club went through.
func TestLeidenKarate(t *testing.T) {
	g, _ := karateGraph(t)
	best, reached := 0.0, 0
	for seed := range uint64(20) {
		of, err := recognition.Leiden(g, recognition.LeidenParams{}, sigcity.Rand(seed, "test"))
		if err != nil {
			t.Fatal(err)
		}
		q := g.Modularity(of, 1)
		if q > 0.4197 {
			reached++
		}
		best = max(best, q)
		if q < 0.3715 {
			t.Errorf("seed %d: modularity %.4f, below that of the split", seed, q)
		}
		again, err := recognition.Leiden(g, recognition.LeidenParams{}, sigcity.Rand(seed, "test"))
		if err != nil || !slices.Equal(of, again) {
			t.Errorf("seed %d: another answer the second time", seed)
		}
	}
	if math.Abs(best-0.4198) > 5e-5 || reached < 10 {
		t.Errorf("best modularity %.5f, want 0.4198; reached from %d of 20 seeds, want 10", best, reached)
	}
}

// TestLeidenHolds: on any graph the modularity is gonum's, communities are
// connected, no single node gains by moving, and a ring of cliques falls into them.
func TestLeidenHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		var edges []recognition.GraphEdge
		w := simple.NewWeightedUndirectedGraph(0, 0)
		for v := range n {
			w.AddNode(simple.Node(v))
		}
		seen := map[[2]int]bool{}
		for range rapid.IntRange(0, 3*n).Draw(t, "edges") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
			if a == b || seen[[2]int{min(a, b), max(a, b)}] {
				continue
			}
			seen[[2]int{min(a, b), max(a, b)}] = true
			weight := float64(rapid.IntRange(1, 1000).Draw(t, "weight"))
			edges = append(edges, recognition.GraphEdge{A: a, B: b, Weight: weight})
			w.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(a), T: simple.Node(b), W: weight})
		}
		g, err := recognition.NewGraph(n, edges)
		if err != nil {
			t.Fatal(err)
		}
		resolution := rapid.SampledFrom([]float64{0.5, 1, 2}).Draw(t, "resolution")
		of, err := recognition.Leiden(g, recognition.LeidenParams{Resolution: resolution}, sigcity.Rand(rapid.Uint64().Draw(t, "seed"), "test"))
		if err != nil {
			t.Fatal(err)
		}
		members := make([][]gonum.Node, n)
		for v, c := range of {
			members[c] = append(members[c], simple.Node(v))
		}
		members = slices.DeleteFunc(members, func(m []gonum.Node) bool { return len(m) == 0 })
		q := g.Modularity(of, resolution)
		if len(edges) > 0 {
			if want := community.Q(w, members, resolution); math.Abs(q-want) > 1e-9 {
				t.Fatalf("modularity %g, gonum says %g", q, want)
			}
		}
		for c := range members {
			if !joined(of, c, edges) {
				t.Fatalf("community %d of %v is not connected by %v", c, of, edges)
			}
		}
		for v := range of {
			for c := range len(members) + 1 {
				moved := slices.Clone(of)
				moved[v] = c
				if x := g.Modularity(moved, resolution); x > q+1e-9 {
					t.Fatalf("node %d gains %g by moving from %d to %d", v, x-q, of[v], c)
				}
			}
		}
	})
}

// joined reports whether a community's edges reach all of its nodes.
func joined(of []int, community int, edges []recognition.GraphEdge) bool {
	first := slices.Index(of, community)
	reached := map[int]bool{first: true}
	for grown := true; grown; {
		grown = false
		for _, e := range edges {
			if of[e.A] == community && of[e.B] == community && reached[e.A] != reached[e.B] {
				reached[e.A], reached[e.B], grown = true, true, true
			}
		}
	}
	for v, c := range of {
		if c == community && !reached[v] {
			return false
		}
	}
	return true
}

func TestLeidenCliques(t *testing.T) {
	const cliques, size = 12, 6
	var edges []recognition.GraphEdge
	for c := range cliques {
		for i := range size {
			for j := range i {
				edges = append(edges, recognition.GraphEdge{A: c*size + i, B: c*size + j, Weight: 1})
			}
		}
		edges = append(edges, recognition.GraphEdge{A: c * size, B: (c + 1) % cliques * size, Weight: 1})
	}
	g, err := recognition.NewGraph(cliques*size, edges)
	if err != nil {
		t.Fatal(err)
	}
	of, err := recognition.Leiden(g, recognition.LeidenParams{}, sigcity.Rand(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	for v, c := range of {
		if c != v/size {
			t.Fatalf("node %d is in community %d, want clique %d", v, c, v/size)
		}
	}
}

func TestLeidenRefuses(t *testing.T) {
	if _, err := recognition.NewGraph(2, []recognition.GraphEdge{{A: 0, B: 2, Weight: 1}}); err == nil {
		t.Error("a node beyond the graph is no error")
	}
	if _, err := recognition.NewGraph(2, []recognition.GraphEdge{{A: 0, B: 1, Weight: math.NaN()}}); err == nil {
		t.Error("a weight that is no number is no error")
	}
	g, err := recognition.NewGraph(3, nil)
	if err != nil {
		t.Fatal(err)
	}
	if of, err := recognition.Leiden(g, recognition.LeidenParams{}, sigcity.Rand(1, "test")); err != nil || !slices.Equal(of, []int{0, 1, 2}) {
		t.Errorf("without edges: %v, %v, want every node for itself", of, err)
	}
	if _, err := recognition.Leiden(g, recognition.LeidenParams{Resolution: -1}, sigcity.Rand(1, "test")); err == nil {
		t.Error("a negative resolution is no error")
	}
}

func BenchmarkLeiden(b *testing.B) {
	r := sigcity.Rand(1, "test")
	var edges []recognition.GraphEdge
	for range 20_000 {
		a := r.IntN(2000)
		edges = append(edges, recognition.GraphEdge{A: a, B: (a + 1 + r.IntN(40)) % 2000, Weight: r.Float64()})
	}
	g, err := recognition.NewGraph(2000, edges)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := recognition.Leiden(g, recognition.LeidenParams{}, sigcity.Rand(1, "test")); err != nil {
			b.Fatal(err)
		}
	}
}
