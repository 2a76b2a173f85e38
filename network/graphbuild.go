package network

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// minEdgeM is the least length of an edge: two nodes of the map may lie at the
// same spot, and a link that takes no time has no speed.
const minEdgeM = 0.1

// stretch is an edge in the making, between two junctions.
type stretch struct {
	a, b   int32
	road   road
	line   []geo.XY // from a to b
	length float64  // m
}

func (s *stretch) turned() stretch {
	line := slices.Clone(s.line)
	slices.Reverse(line)
	return stretch{s.b, s.a, s.road.turned(), line, s.length}
}

// roads makes the graph of the highways: ways are cut where they meet, what a
// mode cannot reach is closed to it, and nodes that only bend a road vanish
// into its shape.
func (b *builder) roads() error {
	pos, parts := b.cutWays()
	b.ends = b.exits(pos, parts)
	parts = joinExits(parts, b.ends)
	closeUnreachable(len(pos), parts)
	all := len(parts)
	parts = slices.DeleteFunc(parts, func(s stretch) bool { return s.road.modes[0]|s.road.modes[1] == 0 })
	b.add("graph_cut_off", int64(all-len(parts)))
	parts = contract(len(pos), parts)
	b.city.graph = newGraph(pos, parts)
	b.add("graph_nodes", int64(b.city.graph.Nodes()))
	b.add("graph_edges", int64(b.city.graph.Edges()))
	return nil
}

// Graph is the city's road network; it may be empty where the map has no
// roads that hang together, never nil.
func (c *City) Graph() *Graph { return c.graph }

// cutWays cuts the highways at the nodes that they share, at nodes that the
// extract lacks and at unbelievable leaps. Junctions are numbered in order of
// their OSM id.
func (b *builder) cutWays() (pos []geo.XY, parts []stretch) {
	s := b.src
	type lane struct {
		way  *way
		road road
	}
	var ways []lane
	for i := range s.ways {
		if r, ok := roadOf(s.ways[i].tags); ok {
			ways = append(ways, lane{&s.ways[i], r})
		}
	}
	runs := make([][][]int32, len(ways)) // per way: indices into s.nodes, unbroken
	each(len(ways), b.opt.Workers, func(i int) { runs[i] = b.runs(ways[i].way) })

	// A node is a junction where a run ends or where it is passed again.
	junction := make([]int32, len(s.nodes)) // passes; then the junction's number
	for _, rs := range runs {
		for _, r := range rs {
			for _, n := range r {
				junction[n]++
			}
			junction[r[0]] += 2
			junction[r[len(r)-1]] += 2
		}
	}
	for n, passes := range junction {
		junction[n] = -1
		if passes > 1 {
			junction[n] = int32(len(pos))
			pos = append(pos, b.city.Proj.XY(s.nodes[n].point()))
		}
	}
	for i, rs := range runs {
		for _, r := range rs {
			from := 0
			for k := 1; k < len(r); k++ {
				if junction[r[k]] < 0 {
					continue
				}
				line := make([]geo.XY, 0, k-from+1)
				for _, n := range r[from : k+1] {
					line = append(line, b.city.Proj.XY(s.nodes[n].point()))
				}
				parts = append(parts, stretch{junction[r[from]], junction[r[k]], ways[i].road, line, max(polylineLength(line), minEdgeM)})
				from = k
			}
		}
	}
	return pos, parts
}

// runs is the way's nodes as indices into the source's, without repetitions
// one after the other, in unbroken runs of two or more.
func (b *builder) runs(w *way) [][]int32 {
	s := b.src
	var out [][]int32
	var run []int32
	flush := func() {
		if len(run) > 1 && b.meetsBounds(run) {
			out = append(out, run)
		}
		run = nil
	}
	for _, id := range s.nodesOf(w) {
		i, ok := slices.BinarySearchFunc(s.nodes, id, func(n node, id int64) int { return cmp.Compare(n.id, id) })
		if !ok {
			flush()
			continue
		}
		if n := len(run); n > 0 {
			if run[n-1] == int32(i) {
				continue
			}
			if leaps([]orb.Point{s.nodes[run[n-1]].point(), s.nodes[i].point()}) {
				flush()
			}
		}
		run = append(run, int32(i))
	}
	flush()
	return out
}

func (b *builder) meetsBounds(run []int32) bool {
	bound := b.src.nodes[run[0]].point().Bound()
	for _, n := range run[1:] {
		bound = bound.Extend(b.src.nodes[n].point())
	}
	return b.city.Bounds.Intersects(bound)
}

// incidence lists for each of n nodes the half-edges that leave it: 2i where
// stretch i begins there, 2i+1 where it ends there.
func incidence(n int, parts []stretch) (first, half []int32) {
	first = make([]int32, n+1)
	for i := range parts {
		first[parts[i].a+1]++
		first[parts[i].b+1]++
	}
	for i := range n {
		first[i+1] += first[i]
	}
	half = make([]int32, 2*len(parts))
	next := slices.Clone(first)
	put := func(node, h int32) {
		half[next[node]] = h
		next[node]++
	}
	for i := range parts {
		put(parts[i].a, int32(2*i))
		put(parts[i].b, int32(2*i+1))
	}
	return first, half
}

// contract joins stretches at the nodes that two equal roads meet at and
// nothing else. The distances between the nodes that are left stay as they are.
func contract(n int, parts []stretch) []stretch {
	first, half := incidence(n, parts)
	through := make([]bool, n)
	for v := range n {
		if h := half[first[v]:first[v+1]]; len(h) == 2 && h[0]/2 != h[1]/2 {
			through[v] = leaving(parts, h[0]).turned() == leaving(parts, h[1])
		}
	}
	used := make([]bool, len(parts))
	var out []stretch
	walk := func(h int32) {
		var chain stretch
		for begun := false; ; begun = true {
			s := parts[h/2]
			if h%2 == 1 {
				s = s.turned()
			}
			used[h/2] = true
			if !begun {
				chain = s
				chain.line = slices.Clip(chain.line) // appending must not write to what the parts share
			} else {
				chain.line = append(chain.line, s.line[1:]...)
				chain.length += s.length
				chain.b = s.b
			}
			if !through[s.b] {
				break
			}
			next := half[first[s.b]]
			if next/2 == h/2 {
				next = half[first[s.b]+1]
			}
			if used[next/2] { // once round a ring without junctions
				break
			}
			h = next
		}
		out = append(out, chain)
	}
	for v := range n {
		for _, h := range half[first[v]:first[v+1]] {
			if !through[v] && !used[h/2] {
				walk(h)
			}
		}
	}
	for i := range parts { // rings without junctions begin anywhere
		if !used[i] {
			walk(int32(2 * i))
		}
	}
	return out
}

// leaving is the road of a half-edge as seen from the node that it leaves.
func leaving(parts []stretch, h int32) road {
	if h%2 == 1 {
		return parts[h/2].road.turned()
	}
	return parts[h/2].road
}

// newGraph numbers the nodes along a Morton curve and the edges by their
// nodes, so that a search finds near things near in memory.
func newGraph(pos []geo.XY, parts []stretch) *Graph {
	number := make([]int32, len(pos))
	for i := range number {
		number[i] = -1
	}
	for i := range parts {
		number[parts[i].a], number[parts[i].b] = 0, 0
	}
	var kept []geo.XY
	var old []int
	for i, p := range pos {
		if number[i] == 0 {
			kept, old = append(kept, p), append(old, i)
		}
	}
	g := &Graph{}
	for rank, k := range spatialOrder(kept) {
		g.Pos = append(g.Pos, kept[k])
		number[old[k]] = int32(rank)
	}
	for i := range parts {
		parts[i].a, parts[i].b = number[parts[i].a], number[parts[i].b]
	}
	slices.SortStableFunc(parts, func(s, t stretch) int { return cmp.Or(cmp.Compare(s.a, t.a), cmp.Compare(s.b, t.b)) })
	g.lay(parts)
	return g
}

// lay makes the stretches, whose ends are nodes of the graph, its edges.
func (g *Graph) lay(parts []stretch) {
	total := 0
	for i := range parts {
		total += len(parts[i].line)
	}
	g.points = make([]geo.XY, 0, total)
	g.edges = make([]edge, len(parts))
	for i := range parts {
		s := &parts[i]
		at := int32(len(g.points))
		g.points = append(g.points, s.line...)
		g.edges[i] = edge{s.a, s.b, at, int32(len(g.points)), float32(s.length), s.road}
	}
	var half []int32
	g.first, half = incidence(len(g.Pos), parts)
	g.arcs = make([]arc, len(half))
	for i, h := range half {
		_, to := g.Ends(Link(h))
		g.arcs[i] = arc{int32(to), Link(h)}
	}
	g.setTimes()
	g.grid = newEdgeGrid(g)
}
