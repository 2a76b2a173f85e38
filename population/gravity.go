package population

import (
	"math"
	"sort"

	"github.com/sigcity/sigcity/geo"
)

// supply is a destination that a gravity choice hands out.
type supply struct {
	pos    geo.XY
	weight float64 // capacity
	spot   Spot
	kind   int // 0 or 1; see gravity.draw
}

// gravity is a doubly constrained gravity model between zones (Wilson 1967):
// the flow from zone i to zone j is A_i O_i B_j D_j f(d_ij) with
// f = exp(−d/scale), and the balancing factors are such that every zone sends
// its demand O_i and every zone takes its share D_j of the supply, or, with
// spare seats, at most so much more. It costs O(zones²) once and O(log zones) a
// person.
//
// The demand is the whole city's, not the sample's: were the few people of a
// small sample to fill every zone exactly, many would have to go far for it.
type gravity struct {
	grid     flatGrid
	row      []int32     // grid cell → origin zone, −1 = none
	cum      [][]float64 // per origin zone: cumulative probability over destination zones
	supplies []destinationZone
}

type destinationZone struct {
	pos   geo.XY // weighted mean
	total float64
	kinds [2]roulette
}

// roulette draws a spot by weight.
type roulette struct {
	cum   []float64
	spots []Spot
}

func (r *roulette) add(s Spot, w float64) {
	r.cum = append(r.cum, r.total()+w)
	r.spots = append(r.spots, s)
}

func (r *roulette) total() float64 {
	if len(r.cum) == 0 {
		return 0
	}
	return r.cum[len(r.cum)-1]
}

func (r *roulette) draw(u float64) Spot {
	return r.spots[search(r.cum, u*r.total())]
}

// search is the first index whose cumulative weight exceeds x.
func search(cum []float64, x float64) int {
	return min(sort.Search(len(cum), func(i int) bool { return cum[i] > x }), len(cum)-1)
}

// flatGrid cuts the city into at most about maxZones square zones.
type flatGrid struct {
	min        geo.XY
	size       float64
	cols, rows int
}

const (
	maxZones  = 1600
	minZoneM  = 250.0 // finer is no use: choices are made within a zone too
	balancing = 40    // Furness iterations; the margins are then good to some per cent
)

func newFlatGrid(pts []geo.XY) flatGrid {
	lo, hi := pts[0], pts[0]
	for _, p := range pts {
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	w, h := hi.X-lo.X, hi.Y-lo.Y
	size := max(minZoneM, math.Sqrt(w*h/maxZones), max(w, h)/maxZones)
	return flatGrid{min: lo, size: size, cols: int(w/size) + 1, rows: int(h/size) + 1}
}

func (g flatGrid) cell(p geo.XY) int {
	c := min(max(int((p.X-g.min.X)/g.size), 0), g.cols-1)
	r := min(max(int((p.Y-g.min.Y)/g.size), 0), g.rows-1)
	return r*g.cols + c
}

// origin is where demand comes from.
type origin struct {
	pos    geo.XY
	weight float64 // demand, in any unit
}

// newGravity balances the demand at the origins with the supplies; both must
// not be empty, and all weights positive. With spare = 0 every zone takes its
// share of the demand; else it takes what comes by weight and distance, up to
// 1 + spare times its share.
func newGravity(origins []origin, supplies []supply, scale, spare float64) *gravity {
	pts := make([]geo.XY, 0, len(origins)+len(supplies))
	for _, o := range origins {
		pts = append(pts, o.pos)
	}
	for _, s := range supplies {
		pts = append(pts, s.pos)
	}
	g := &gravity{grid: newFlatGrid(pts)}
	n := g.grid.cols * g.grid.rows
	column := make([]int32, n)
	g.row = make([]int32, n)
	for i := range n {
		g.row[i], column[i] = -1, -1
	}

	var from []geo.XY // mean position of the demand of each origin zone
	var demand []float64
	for _, o := range origins {
		c := g.grid.cell(o.pos)
		if g.row[c] < 0 {
			g.row[c] = int32(len(from))
			from, demand = append(from, geo.XY{}), append(demand, 0)
		}
		z := g.row[c]
		demand[z] += o.weight
		from[z] = from[z].Lerp(o.pos, o.weight/demand[z])
	}
	for _, s := range supplies {
		c := g.grid.cell(s.pos)
		if column[c] < 0 {
			column[c] = int32(len(g.supplies))
			g.supplies = append(g.supplies, destinationZone{})
		}
		d := &g.supplies[column[c]]
		d.total += s.weight
		d.pos = d.pos.Lerp(s.pos, s.weight/d.total)
		d.kinds[s.kind].add(s.spot, s.weight)
	}
	g.balance(from, demand, scale, spare)
	return g
}

// balance runs the Furness iterations and turns the flows of each origin into
// cumulative probabilities.
func (g *gravity) balance(from []geo.XY, demand []float64, scale, spare float64) {
	nj := len(g.supplies)
	sumD, sumO := 0.0, 0.0
	for _, d := range g.supplies {
		sumD += d.total
	}
	g.cum = make([][]float64, len(from))
	for i := range g.cum {
		sumO += demand[i]
		g.cum[i] = make([]float64, nj)
		nearest := math.Inf(1)
		for j := range nj {
			d := max(from[i].Dist(g.supplies[j].pos), g.grid.size/3)
			g.cum[i][j] = d
			nearest = min(nearest, d)
		}
		for j, d := range g.cum[i] {
			// A factor of the whole row cancels out: relative distances leave the
			// order far out, where exp underflows. The floor keeps zones reachable.
			g.cum[i][j] = max(math.Exp((nearest-d)/scale), 1e-12)
		}
	}
	weight := make([]float64, nj) // B_j D_j
	got := make([]float64, nj)
	for j := range nj {
		weight[j] = g.supplies[j].total / sumD
	}
	for range balancing {
		clear(got)
		for i, f := range g.cum {
			a := 0.0
			for j, w := range weight {
				a += float64(w * f[j])
			}
			a = demand[i] / a
			for j, w := range weight {
				got[j] += float64(a * float64(w*f[j]))
			}
		}
		for j := range weight {
			share := g.supplies[j].total / sumD
			weight[j] *= share * sumO * (1 + spare) / got[j]
			if spare > 0 { // B_j ≤ 1: room is no attraction
				weight[j] = min(weight[j], share)
			}
		}
	}
	for _, f := range g.cum {
		sum := 0.0
		for j, w := range weight {
			sum += float64(w * f[j])
			f[j] = sum
		}
	}
}

// draw chooses a destination for someone from the origin at q by two uniform
// draws.
// prefer weighs destinations of kind 1 against those of kind 0 within the zone.
func (g *gravity) draw(q geo.XY, u, v, prefer float64) Spot {
	cum := g.cum[g.row[g.grid.cell(q)]]
	d := &g.supplies[search(cum, u*cum[len(cum)-1])]
	w0, w1 := d.kinds[0].total(), prefer*d.kinds[1].total()
	v *= w0 + w1
	if v < w0 || w1 == 0 {
		if w0 == 0 { // prefer = 0, yet nothing else is there
			return d.kinds[1].draw(v)
		}
		return d.kinds[0].draw(min(v/w0, 1))
	}
	return d.kinds[1].draw((v - w0) / w1)
}
