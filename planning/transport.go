package planning

import "math"

// tiny is the mass below which a supply counts as used up, as a share of all.
const tiny = 1e-12

// transport is the least total cost of bringing supply to demand (the
// transportation problem), cost(i, j) ≥ 0 per unit from i to j. Supply and demand
// should add up to the same; what is over on one side stays. Successive
// shortest paths with potentials (Edmonds & Karp 1972), O((n+m)²) for each of
// about n+m paths: for a few hundred places.
func transport(supply, demand []float64, cost func(i, j int) float64) float64 {
	n, m := len(supply), len(demand)
	p := &transporter{n: n, m: m, cost: make([]float64, n*m), flow: make([]float64, n*m),
		supply: append([]float64(nil), supply...), demand: append([]float64(nil), demand...),
		potential: make([]float64, n+m), dist: make([]float64, n+m), via: make([]int, n+m), done: make([]bool, n+m)}
	sum := 0.0
	for i, s := range supply {
		sum += s
		for j := range demand {
			p.cost[i*m+j] = cost(i, j)
		}
	}
	p.eps = tiny * sum
	for {
		sink := p.shortest()
		if sink < 0 {
			break
		}
		p.augment(sink)
	}
	total := 0.0
	for k, f := range p.flow {
		total += float64(f * p.cost[k])
	}
	return total
}

// transporter is the state of one problem. Nodes 0 … n−1 are sources, n …
// n+m−1 sinks; via is the node before on the shortest path, −1 at its start.
type transporter struct {
	n, m           int
	eps            float64
	cost, flow     []float64 // [i*m+j]
	supply, demand []float64 // what is left
	potential      []float64
	dist           []float64
	via            []int
	done           []bool
}

// shortest finds the cheapest way from any source with supply to any sink with
// demand by Dijkstra's algorithm over reduced costs, and updates the
// potentials. It returns the sink's node, −1 where there is none.
func (p *transporter) shortest() int {
	for v := range p.dist {
		p.dist[v], p.via[v], p.done[v] = math.Inf(1), -1, false
		if v < p.n && p.supply[v] > p.eps {
			p.dist[v] = 0
		}
	}
	for {
		v := -1
		for u, d := range p.dist {
			if !p.done[u] && !math.IsInf(d, 1) && (v < 0 || d < p.dist[v]) {
				v = u
			}
		}
		if v < 0 {
			return -1
		}
		p.done[v] = true
		if v >= p.n && p.demand[v-p.n] > p.eps {
			p.reprice(p.dist[v])
			return v
		}
		p.relax(v)
	}
}

// relax tries the arcs that leave v.
func (p *transporter) relax(v int) {
	try := func(u int, cost float64) {
		// Rounding may leave a reduced cost a hair below 0.
		if d := p.dist[v] + max(0, cost+p.potential[v]-p.potential[u]); !p.done[u] && d < p.dist[u] {
			p.dist[u], p.via[u] = d, v
		}
	}
	if v < p.n {
		for j := range p.m {
			try(p.n+j, p.cost[v*p.m+j])
		}
		return
	}
	for i := range p.n {
		if k := i*p.m + v - p.n; p.flow[k] > p.eps {
			try(i, -p.cost[k])
		}
	}
}

// reprice keeps reduced costs from going below 0 after a path of length d.
func (p *transporter) reprice(d float64) {
	for v := range p.potential {
		p.potential[v] += min(p.dist[v], d)
	}
}

// augment sends as much as fits along the path to the sink.
func (p *transporter) augment(sink int) {
	amount := p.demand[sink-p.n]
	v := sink
	for ; p.via[v] >= 0; v = p.via[v] {
		if v < p.n { // reached backwards from the sink before
			amount = min(amount, p.flow[v*p.m+p.via[v]-p.n])
		}
	}
	amount = min(amount, p.supply[v])
	p.supply[v] -= amount
	p.demand[sink-p.n] -= amount
	for v := sink; p.via[v] >= 0; v = p.via[v] {
		if v < p.n {
			p.flow[v*p.m+p.via[v]-p.n] -= amount
		} else {
			p.flow[p.via[v]*p.m+v-p.n] += amount
		}
	}
}
