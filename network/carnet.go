package network

import (
	"math"
)

// carNet is the part of a Graph that cars need to go between some nodes, its
// terminals: without dead ends, and with the nodes where cars have no choice
// folded into chains. Its fastest ways between terminals are those of the graph, on
// about half of the nodes. It is immutable but for what setTimes sets.
type carNet struct {
	g     *Graph
	node  []int32 // of the graph → of the net, −1 = none
	first []int32 // the arcs of node n are arcs[first[n]:first[n+1]]
	arcs  []timedArc
	start []int32 // the links of arc a are links[start[a]:start[a+1]]
	links []Link
	from  []int32 // by arc
}

// timedArc is an arc with the time that it takes: what a search needs, side by side.
type timedArc struct {
	to   int32
	time float32
}

// newCarNet folds the graph; the terminals stay.
func newCarNet(g *Graph, terminals []bool) *carNet {
	kept := g.withChoice(terminals)
	x := &carNet{g: g, node: make([]int32, g.Nodes())}
	nodes := int32(0)
	for n := range kept {
		x.node[n] = -1
		if kept[n] == stays {
			x.node[n] = nodes
			nodes++
		}
	}
	x.first = make([]int32, 1, nodes+1)
	x.start = []int32{0}
	for n := range kept {
		if kept[n] != stays {
			continue
		}
		for _, a := range g.arcs[g.first[n]:g.first[n+1]] {
			if to, ok := x.chain(kept, a); ok && to != int32(n) {
				x.arcs = append(x.arcs, timedArc{to: x.node[to]})
				x.from = append(x.from, x.node[n])
				x.start = append(x.start, int32(len(x.links)))
			} else {
				x.links = x.links[:x.start[len(x.start)-1]]
			}
		}
		x.first = append(x.first, int32(len(x.arcs)))
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
	for a := range x.arcs {
		sum := 0.0
		for _, l := range x.links[x.start[a]:x.start[a+1]] {
			sum += float64(times[l])
		}
		x.arcs[a].time = float32(sum)
	}
}

// carTree grows trees on a carNet; it is for one goroutine at a time.
type carTree struct {
	x       *carNet
	at      []reached // by node
	settled []int32   // the nodes in order of time
	heap    minHeap
	wanted  []uint32 // by node: the tree that wants it
	tree    uint32   // of which this is the number
	missing int      // wanted nodes that are not settled
}

// reached is when and how a tree reaches a node.
type reached struct {
	time float32 // s, +Inf = not
	via  int32   // the arc, −1 = none: the tree begins there
}

func newCarTree(x *carNet) *carTree {
	n := len(x.first) - 1
	return &carTree{x: x, at: make([]reached, n), wanted: make([]uint32, n)}
}

// begin forgets the last tree and what it wanted.
func (s *carTree) begin() {
	s.tree++
	s.missing = 0
}

// want asks the next tree to reach terminals; it stops at the last of them.
func (s *carTree) want(nodes []int32) {
	for _, n := range nodes {
		if k := s.x.node[n]; s.wanted[k] != s.tree {
			s.wanted[k] = s.tree
			s.missing++
		}
	}
}

// from finds the fastest ways from several terminals, each with a start of some
// seconds, to those wanted.
func (s *carTree) from(nodes []int32, starts []float32) {
	s.settled, s.heap = s.settled[:0], s.heap[:0]
	for i := range s.at {
		s.at[i] = reached{float32(math.Inf(1)), -1}
	}
	for i, n := range nodes {
		if k := s.x.node[n]; starts[i] < s.at[k].time {
			s.at[k].time = starts[i]
			s.heap.push(queued{starts[i], k})
		}
	}
	at, first, arcs := s.at, s.x.first, s.x.arcs // not loaded again for each arc
	for len(s.heap) > 0 && s.missing > 0 {
		q := s.heap.pop()
		if q.time != at[q.node].time {
			continue // it was reached sooner after this was queued
		}
		s.settled = append(s.settled, q.node)
		if s.wanted[q.node] == s.tree {
			s.missing--
		}
		for a := first[q.node]; a < first[q.node+1]; a++ {
			to := arcs[a].to
			if t := q.time + arcs[a].time; t < at[to].time {
				at[to] = reached{t, a}
				s.heap.push(queued{t, to})
			}
		}
	}
}

// seconds is the time to a terminal that was wanted; +Inf where there is no way.
func (s *carTree) seconds(node int32) float64 { return float64(s.at[s.x.node[node]].time) }
