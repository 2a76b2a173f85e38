package network

import "slices"

// witnessNodes is how many nodes a search for a way around a node settles. Where
// it gives up too early, a shortcut is kept that nobody needs.
const witnessNodes = 60

// contraction is a graph that loses its nodes. What is left of out and in of a
// node when it goes are its arcs to and from more important ones.
type contraction struct {
	out, in [][]joint
	level   []int32 // how many contracted nodes lie below each other under the node
	need    []bridge

	ms      []uint32 // of the witness search
	touched []int32
	heap    rankHeap
}

// joint is a link or a way over nodes that went.
type joint struct {
	to  int32 // the other end
	ms  uint32
	via int32 // the link, or the complement of the node that went last
}

// bridge is a shortcut that contracting a node asks for.
type bridge struct {
	from, to int32
	ms       uint32
}

func newContraction(h *Hierarchy) *contraction {
	n := h.g.Nodes()
	c := &contraction{out: make([][]joint, n), in: make([][]joint, n), level: make([]int32, n), ms: make([]uint32, n)}
	for i := range c.ms {
		c.ms[i] = closed
	}
	for l, ms := range h.ms {
		if from, to := h.g.Ends(Link(l)); ms != closed && from != to {
			c.join(int32(from), int32(to), ms, int32(l))
		}
	}
	return c
}

// join adds an arc, unless one as fast is there.
func (c *contraction) join(from, to int32, ms uint32, via int32) {
	c.out[from] = merge(c.out[from], joint{to, ms, via})
	c.in[to] = merge(c.in[to], joint{from, ms, via})
}

func merge(arcs []joint, a joint) []joint {
	for i := range arcs {
		if arcs[i].to == a.to {
			if a.ms < arcs[i].ms {
				arcs[i] = a
			}
			return arcs
		}
	}
	return append(arcs, a)
}

// bridges are the shortcuts that the graph needs without node n: those over it
// that no other way beats. They are valid until the next call.
func (c *contraction) bridges(n int32) []bridge {
	c.need = c.need[:0]
	longest := uint32(0)
	for _, b := range c.out[n] {
		longest = max(longest, b.ms)
	}
	for _, a := range c.in[n] {
		if len(c.out[n]) == 1 && c.out[n][0].to == a.to {
			continue
		}
		c.witness(a.to, n, a.ms+longest)
		for _, b := range c.out[n] {
			if ms := a.ms + b.ms; b.to != a.to && c.ms[b.to] > ms {
				c.need = append(c.need, bridge{a.to, b.to, ms})
			}
		}
	}
	return c.need
}

// witness searches from a node for ways around another one up to a time.
func (c *contraction) witness(from, without int32, limit uint32) {
	for _, n := range c.touched {
		c.ms[n] = closed
	}
	c.touched, c.heap = append(c.touched[:0], from), append(c.heap[:0], entry(0, from))
	c.ms[from] = 0
	for settled := 0; len(c.heap) > 0 && settled < witnessNodes; {
		ms, n := c.heap.pop()
		if ms > c.ms[n] {
			continue
		}
		if ms > limit {
			return
		}
		settled++
		for _, a := range c.out[n] {
			if t := ms + a.ms; a.to != without && t < c.ms[a.to] {
				if c.ms[a.to] == closed {
					c.touched = append(c.touched, a.to)
				}
				c.ms[a.to] = t
				c.heap.push(entry(t, a.to))
			}
		}
	}
}

// take contracts node n.
func (c *contraction) take(n int32, need []bridge) {
	for _, a := range c.out[n] {
		c.in[a.to] = without(c.in[a.to], n)
		c.level[a.to] = max(c.level[a.to], c.level[n]+1)
	}
	for _, a := range c.in[n] {
		c.out[a.to] = without(c.out[a.to], n)
		c.level[a.to] = max(c.level[a.to], c.level[n]+1)
	}
	for _, b := range need {
		c.join(b.from, b.to, b.ms, ^n)
	}
}

// without drops the arc to a node. The order of arcs tells nothing.
func without(arcs []joint, to int32) []joint {
	i := slices.IndexFunc(arcs, func(a joint) bool { return a.to == to })
	if i < 0 {
		return arcs
	}
	last := len(arcs) - 1
	arcs[i] = arcs[last]
	return arcs[:last]
}

// inOrder contracts all nodes and returns their order. Least important is what
// adds few shortcuts for the arcs it takes away and lies above few others
// (after Dibbelt, Strasser & Wagner 2016); of equals, the node of the least number.
func (c *contraction) inOrder() []int32 {
	n := len(c.out)
	order := make([]int32, 0, n)
	var queue rankHeap
	for v := range int32(n) {
		queue.push(entry(c.importance(v, len(c.bridges(v))), v))
	}
	for len(queue) > 0 {
		_, v := queue.pop()
		// What went since it was queued may have made it more important.
		need := c.bridges(v)
		if now := entry(c.importance(v, len(need)), v); len(queue) > 0 && now > queue[0] {
			queue.push(now)
			continue
		}
		c.take(v, need)
		order = append(order, v)
	}
	return order
}

func (c *contraction) importance(n int32, shortcuts int) uint32 {
	const scale = 1000
	arcs := len(c.out[n]) + len(c.in[n])
	return uint32(scale*int(c.level[n]) + scale*shortcuts/max(arcs, 1))
}

// rankHeap is a heap of four children a node, least key first, then least number.
type rankHeap []uint64

func entry(key uint32, n int32) uint64 { return uint64(key)<<32 | uint64(n) }

func (h *rankHeap) push(e uint64) {
	s := append(*h, e)
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 4
		if s[up] <= e {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
	*h = s
}

func (h *rankHeap) pop() (key uint32, n int32) {
	s := *h
	top, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	i := 0
	for {
		child := 4*i + 1
		if child >= len(s) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(s)); c++ {
			if s[c] < s[least] {
				least = c
			}
		}
		if s[least] >= last {
			break
		}
		s[i] = s[least]
		i = least
	}
	if len(s) > 0 {
		s[i] = last
	}
	*h = s
	return uint32(top >> 32), int32(uint32(top))
}
