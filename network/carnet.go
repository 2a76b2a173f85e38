package network

import (
	"math"
)

// carNet is the part of a Graph that cars need to go between some nodes, its
// terminals: without dead ends, and with the nodes where cars have no choice
// folded into chains. Its fastest ways between terminals are those of the graph, on
// about half of the nodes. It is immutable but for what setTimes sets.
type carNet struct {
	g      *Graph
	node   []int32    // of the graph → of the net, −1 = none
	ends   [][2]int32 // by arc: the nodes that it leads from and to
	start  []int32    // the links of arc a are links[start[a]:start[a+1]]
	links  []Link
	levels *carLevels // by which its nodes are numbered
}

// newCarNet folds the graph; the terminals stay.
func newCarNet(g *Graph, terminals []bool) *carNet {
	kept := g.withChoice(terminals)
	x := &carNet{g: g, node: make([]int32, g.Nodes()), start: []int32{0}}
	nodes := 0
	for n := range kept {
		x.node[n] = -1
		if kept[n] == stays {
			x.node[n] = int32(nodes)
			nodes++
		}
	}
	for n := range kept {
		if kept[n] != stays {
			continue
		}
		for _, a := range g.arcs[g.first[n]:g.first[n+1]] {
			if to, ok := x.chain(kept, a); ok && to != int32(n) {
				x.ends = append(x.ends, [2]int32{x.node[n], x.node[to]})
				x.start = append(x.start, int32(len(x.links)))
			} else {
				x.links = x.links[:x.start[len(x.start)-1]]
			}
		}
	}
	var rank []int32
	x.levels, rank = newCarLevels(nodes, x.ends)
	for n, v := range x.node {
		if v >= 0 {
			x.node[n] = rank[v]
		}
	}
	for a, e := range x.ends {
		x.ends[a] = [2]int32{rank[e[0]], rank[e[1]]}
	}
	return x
}

// chain appends the links from an arc on to the next node that stays; false
// where it leads into a dead end or is closed to cars on the way.
func (x *carNet) chain(kept []fate, a arc) (int32, bool) {
	g := x.g
	for {
		if !g.Open(a.link, Car) || kept[a.to] == deadEnd {
			return 0, false
		}
		x.links = append(x.links, a.link)
		if kept[a.to] == stays {
			return a.to, true
		}
		on := -1
		for k, b := range g.arcs[g.first[a.to]:g.first[a.to+1]] {
			if b.link != a.link.Turned() && g.drivable(b.link) && kept[b.to] != deadEnd {
				on = k
			}
		}
		if on < 0 {
			return 0, false
		}
		a = g.arcs[g.first[a.to]+int32(on)]
	}
}

// drivable reports whether cars may use the link's edge in either direction.
func (g *Graph) drivable(l Link) bool { return g.Open(l, Car) || g.Open(l.Turned(), Car) }

// fate is what becomes of a node of the graph.
type fate uint8

const (
	stays fate = iota
	folded
	deadEnd
)

// withChoice decides what becomes of each node: those that cars can only turn
// round at are dead ends, those that they can only pass are folded.
func (g *Graph) withChoice(terminals []bool) []fate {
	degree := make([]int32, g.Nodes())
	var ends []int32
	for n := range degree {
		for _, a := range g.arcs[g.first[n]:g.first[n+1]] {
			if g.drivable(a.link) {
				degree[n]++
			}
		}
		if degree[n] <= 1 && !terminals[n] {
			ends = append(ends, int32(n))
		}
	}
	out := make([]fate, g.Nodes())
	for len(ends) > 0 {
		n := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		out[n] = deadEnd
		for _, a := range g.arcs[g.first[n]:g.first[n+1]] {
			if g.drivable(a.link) && out[a.to] != deadEnd {
				if degree[a.to]--; degree[a.to] == 1 && !terminals[a.to] {
					ends = append(ends, a.to)
				}
			}
		}
	}
	for n := range out {
		if out[n] == stays && degree[n] == 2 && !terminals[n] {
			out[n] = folded
		}
	}
	return out
}

// setTimes takes over the seconds of each link of the graph.
func (x *carNet) setTimes(times []float32) {
	arcs := make([]float64, len(x.ends))
	for a := range arcs {
		for _, l := range x.links[x.start[a]:x.start[a+1]] {
			arcs[a] += float64(times[l])
		}
	}
	x.levels.customise(arcs)
}

// carTree grows trees on a carNet; it is for one goroutine at a time.
type carTree struct {
	x    *carNet
	time []int32 // by node, ms; never = there is no way
	via  []int32 // by node: the half-edge that leads to it, −1 = none
}

func newCarTree(x *carNet) *carTree {
	n := x.levels.nodes()
	return &carTree{x, make([]int32, n), make([]int32, n)}
}

// from finds the fastest ways to all nodes from several terminals, each with a
// start of some seconds.
func (s *carTree) from(nodes []int32, starts []float32) {
	for v := range s.time {
		s.time[v], s.via[v] = never, -1
	}
	for i, n := range nodes {
		v := s.x.node[n]
		s.time[v] = min(s.time[v], milliseconds(float64(starts[i])))
	}
	s.x.levels.grow(s.time, s.via)
}

// seconds is the time to a terminal; +Inf where there is no way.
func (s *carTree) seconds(node int32) float64 {
	if t := s.time[s.x.node[node]]; t < never {
		return float64(t) / 1000
	}
	return math.Inf(1)
}
