package recognition

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// LeidenParams are the parameters of Leiden. Zero values take the defaults in
// brackets.
type LeidenParams struct {
	Resolution float64 // γ of the modularity; more gives smaller communities [1]
	Theta      float64 // randomness of the refinement, in mean edge weights [0.01, that of the paper]
	Iterations int     // at most; it ends by itself when none improves the modularity [10, assumed]
}

// moveGain is the least gain, as a share of the graph's weight, for which a node
// moves: sums in another order must not move it back and forth.
const moveGain = 1e-12

// Leiden finds communities of high modularity (Traag, Waltman & van Eck 2019):
// nodes move to the best community beside them until none gains (fast local
// moving), each community is refined from single nodes into well-connected parts,
// merged at random by their gain, and the parts become the nodes of the next round,
// which starts from the communities. Rounds end when every community is one node;
// iterations start anew from the communities found. Every community is connected.
//
// The answer is the community of each node, numbered by first members, and the
// same for the same r.
func Leiden(g *Graph, p LeidenParams, r *rand.Rand) ([]int, error) {
	p.Resolution, p.Theta, p.Iterations = cmp.Or(p.Resolution, 1), cmp.Or(p.Theta, 0.01), cmp.Or(p.Iterations, 10)
	switch {
	case !(p.Resolution > 0) || math.IsInf(p.Resolution, 1):
		return nil, fmt.Errorf("leiden: resolution = %g, must be above 0", p.Resolution)
	case !(p.Theta > 0) || math.IsInf(p.Theta, 1):
		return nil, fmt.Errorf("leiden: theta = %g, must be above 0", p.Theta)
	case p.Iterations < 1:
		return nil, fmt.Errorf("leiden: iterations = %d, must be at least 1", p.Iterations)
	}
	of := make([]int, g.Len())
	for v := range of {
		of[v] = v
	}
	if g.total == 0 {
		return of, nil
	}
	best := g.Modularity(of, p.Resolution)
	for range p.Iterations {
		next := renumber(leidenOnce(g, of, p, r))
		q := g.Modularity(next, p.Resolution)
		if q <= best+moveGain {
			break
		}
		of, best = next, q
	}
	return renumber(of), nil
}

// leidenOnce is one iteration of all rounds, from the communities of.
func leidenOnce(g *Graph, of []int, p LeidenParams, r *rand.Rand) []int {
	node := make([]int, g.Len()) // of every node of g: its node in the current round
	for v := range node {
		node[v] = v
	}
	of = slices.Clone(of)
	out := make([]int, g.Len())
	for {
		l := newLeidenRound(g, of, p, r)
		l.move()
		for v := range out {
			out[v] = l.of[node[v]]
		}
		if l.communities() == g.Len() {
			return out
		}
		part := renumber(l.refine())
		parts := 1 + slices.Max(part)
		if parts == g.Len() {
			return out // no part has grown: another round would be this one again
		}
		of = make([]int, parts)
		for v, c := range part {
			of[c] = l.of[v]
		}
		of = renumber(of)
		g = g.merge(part, parts)
		for v := range node {
			node[v] = part[node[v]]
		}
	}
}

// merge makes each part one node.
func (g *Graph) merge(part []int, parts int) *Graph {
	half := make([]GraphEdge, 0, len(g.to)+g.Len())
	for v, c := range part {
		if g.self[v] > 0 {
			half = append(half, GraphEdge{c, c, g.self[v]})
		}
		to, weight := g.around(v)
		for i, u := range to {
			if d := part[u]; d != c {
				half = append(half, GraphEdge{c, d, weight[i]})
			} else if int(u) > v { // inside: once
				half = append(half, GraphEdge{c, c, weight[i]})
			}
		}
	}
	return compress(parts, half)
}

// leidenRound is one round on one graph.
type leidenRound struct {
	g        *Graph
	p        LeidenParams
	r        *rand.Rand
	of       []int     // community per node
	strength []float64 // per community
	size     []int     // nodes per community
	spare    []int     // empty communities
	to       []float64 // per community: weight from the node in hand
	near     []int     // communities with weight, in order of neighbours
}

func newLeidenRound(g *Graph, of []int, p LeidenParams, r *rand.Rand) *leidenRound {
	n := g.Len()
	l := &leidenRound{g: g, p: p, r: r, of: of, strength: make([]float64, n), size: make([]int, n), to: make([]float64, n)}
	for v, c := range of {
		l.strength[c] += g.strength[v]
		l.size[c]++
	}
	for c := n - 1; c >= 0; c-- {
		if l.size[c] == 0 {
			l.spare = append(l.spare, c)
		}
	}
	return l
}

func (l *leidenRound) communities() int {
	n := 0
	for _, s := range l.size {
		if s > 0 {
			n++
		}
	}
	return n
}

// weigh sums the weights from v to the classes around it; forget clears them.
func (l *leidenRound) weigh(v int, class []int, in func(u int) bool) {
	to, weight := l.g.around(v)
	for i, u := range to {
		if !in(int(u)) {
			continue
		}
		c := class[u]
		if l.to[c] == 0 {
			l.near = append(l.near, c)
		}
		l.to[c] += weight[i]
	}
}

func (l *leidenRound) forget() {
	for _, c := range l.near {
		l.to[c] = 0
	}
	l.near = l.near[:0]
}

// expected is the weight that chance puts between two sets of these strengths.
func (l *leidenRound) expected(a, b float64) float64 {
	return l.p.Resolution * a * b / (2 * l.g.total)
}

// move is the fast local moving: a queue of the nodes whose neighbourhood has changed.
func (l *leidenRound) move() {
	queue := l.r.Perm(l.g.Len())
	waiting := make([]bool, len(queue))
	for v := range waiting {
		waiting[v] = true
	}
	for k := 0; k < len(queue); k++ {
		v := queue[k]
		waiting[v] = false
		own := l.of[v]
		l.weigh(v, l.of, func(int) bool { return true })
		l.strength[own] -= l.g.strength[v]
		l.size[own]--
		least := moveGain * l.g.total
		best, gain := own, l.to[own]-l.expected(l.g.strength[v], l.strength[own])
		for _, c := range l.near {
			if x := l.to[c] - l.expected(l.g.strength[v], l.strength[c]); x > gain+least {
				best, gain = c, x
			}
		}
		if n := len(l.spare); n > 0 && -gain > least { // alone: no weight, nothing expected
			best, l.spare = l.spare[n-1], l.spare[:n-1]
		}
		l.forget()
		l.of[v] = best
		l.strength[best] += l.g.strength[v]
		l.size[best]++
		if best == own {
			continue
		}
		if l.size[own] == 0 {
			l.strength[own] = 0
			l.spare = append(l.spare, own)
		}
		to, _ := l.g.around(v)
		for _, u := range to {
			if l.of[u] != best && !waiting[u] {
				waiting[u] = true
				queue = append(queue, int(u))
			}
		}
	}
}

// refine parts every community into well-connected pieces: the part of each node.
func (l *leidenRound) refine() []int {
	n := l.g.Len()
	part := make([]int, n)
	size, strength, cut := make([]int, n), slices.Clone(l.g.strength), make([]float64, n)
	for v := range part {
		part[v], size[v] = v, 1
		to, weight := l.g.around(v)
		for i, u := range to { // towards the rest of the community
			if l.of[u] == l.of[v] {
				cut[v] += weight[i]
			}
		}
	}
	// Enough of the weight that chance would put between a part and the rest.
	connected := func(c, community int) bool {
		return cut[c] >= l.expected(strength[c], l.strength[community]-strength[c])
	}
	scale := l.p.Theta * l.g.total / float64(max(1, len(l.g.to)/2))
	var choice []int
	var gains []float64
	for _, v := range l.r.Perm(n) {
		community := l.of[v]
		if size[part[v]] != 1 || !connected(part[v], community) {
			continue
		}
		l.weigh(v, part, func(u int) bool { return l.of[u] == community })
		choice, gains = append(choice[:0], part[v]), append(gains[:0], 0)
		for _, c := range l.near {
			if !connected(c, community) {
				continue
			}
			if x := l.to[c] - l.expected(l.g.strength[v], strength[c]); x >= 0 {
				choice, gains = append(choice, c), append(gains, x)
			}
		}
		if c := choice[l.draw(gains, scale)]; c != part[v] {
			own := part[v]
			cut[c] += cut[own] - 2*l.to[c]
			strength[c] += l.g.strength[v]
			size[c]++
			size[own], strength[own], cut[own] = 0, 0, 0
			part[v] = c
		}
		l.forget()
	}
	return part
}

// draw picks a position with a chance in proportion to exp(gain/scale).
func (l *leidenRound) draw(gains []float64, scale float64) int {
	top, sum := slices.Max(gains), 0.0
	for i, x := range gains {
		gains[i] = math.Exp((x - top) / scale)
		sum += gains[i]
	}
	left := l.r.Float64() * sum
	for i, x := range gains {
		if left -= x; left < 0 {
			return i
		}
	}
	return len(gains) - 1
}
