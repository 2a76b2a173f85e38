package population

import (
	"context"
	"math"
	"sort"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
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
	balancing = 40    // Furness iterations at most; the margins are then good to some per cent
	balanced  = 1e-3  // they end when no zone's weight changes by more than this share
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

// furness is a gravity model in the making: it balances the demand at the
// origins with the supplies. With spare = 0 every zone takes its share of the
// demand; else it takes what comes by weight and distance, up to 1 + spare
// times its share.
type furness struct {
	ctx     context.Context
	workers int
	g       *gravity
	spare   float64
	from    []geo.XY // mean position of the demand of each origin zone
	demand  []float64
	sumO    float64
	sumD    float64
	weight  []float64   // B_j D_j
	partial [][]float64 // arrivals from each run of origins
	ways    []float64   // and the sum of their ways
}

// chunkRows is how many origins are summed up together: sums over runs of
// fixed length, in order, do not depend on the number of workers.
const chunkRows = 32

// newFurness sorts origins and supplies into zones; both must not be empty, and
// all weights positive.
func newFurness(ctx context.Context, workers int, origins []origin, supplies []supply, spare float64) *furness {
	pts := make([]geo.XY, 0, len(origins)+len(supplies))
	for _, o := range origins {
		pts = append(pts, o.pos)
	}
	for _, s := range supplies {
		pts = append(pts, s.pos)
	}
	g := &gravity{grid: newFlatGrid(pts)}
	b := &furness{ctx: ctx, workers: workers, g: g, spare: spare}
	n := g.grid.cols * g.grid.rows
	column := make([]int32, n)
	g.row = make([]int32, n)
	for i := range n {
		g.row[i], column[i] = -1, -1
	}
	for _, o := range origins {
		c := g.grid.cell(o.pos)
		if g.row[c] < 0 {
			g.row[c] = int32(len(b.from))
			b.from, b.demand = append(b.from, geo.XY{}), append(b.demand, 0)
		}
		z := g.row[c]
		b.demand[z] += o.weight
		b.from[z] = b.from[z].Lerp(o.pos, o.weight/b.demand[z])
		b.sumO += o.weight
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
		b.sumD += s.weight
	}
	g.cum = make([][]float64, len(b.from))
	for i := range g.cum {
		g.cum[i] = make([]float64, len(g.supplies))
	}
	b.weight = make([]float64, len(g.supplies))
	for j := range b.weight {
		b.weight[j] = g.supplies[j].total / b.sumD
	}
	chunks := (len(b.from) + chunkRows - 1) / chunkRows
	b.partial, b.ways = make([][]float64, chunks), make([]float64, chunks)
	for k := range b.partial {
		b.partial[k] = make([]float64, len(g.supplies))
	}
	return b
}

// rows runs body over the origins, in runs of fixed length.
func (b *furness) rows(body func(chunk, i int)) error {
	return parallel.For(b.ctx, b.workers, len(b.partial), 1, func(_, lo, _ int) error {
		for i := lo * chunkRows; i < min((lo+1)*chunkRows, len(b.from)); i++ {
			body(lo, i)
		}
		return nil
	})
}

// way is the mean way, in metres, from origin zone i to destination zone j.
// Within a square zone it is half its side.
func (b *furness) way(i, j int) float64 {
	return max(b.from[i].Dist(b.g.supplies[j].pos), b.g.grid.size/2)
}

// balance runs the Furness iterations for a scale, from the weights that an
// earlier one left.
func (b *furness) balance(scale float64) error {
	g, nj := b.g, len(b.g.supplies)
	err := b.rows(func(_, i int) {
		f := g.cum[i]
		nearest := math.Inf(1)
		for j := range nj {
			f[j] = b.way(i, j)
			nearest = min(nearest, f[j])
		}
		for j, d := range f {
			// A factor of the whole row cancels out: relative distances leave the
			// order far out, where exp underflows. The floor keeps zones reachable.
			f[j] = max(math.Exp((nearest-d)/scale), 1e-12)
		}
	})
	if err != nil {
		return err
	}
	for range balancing {
		err := b.rows(func(chunk, i int) {
			got := b.partial[chunk]
			if i%chunkRows == 0 {
				clear(got)
			}
			f, a := g.cum[i], b.out(i)
			for j, w := range b.weight {
				got[j] += float64(a * float64(w*f[j]))
			}
		})
		if err != nil {
			return err
		}
		worst := 0.0
		for j, w := range b.weight {
			got := 0.0
			for _, p := range b.partial {
				got += p[j]
			}
			share := g.supplies[j].total / b.sumD
			next := w * share * b.sumO * (1 + b.spare) / got
			if b.spare > 0 { // B_j ≤ 1: room is no attraction
				next = min(next, share)
			}
			worst = max(worst, math.Abs(next/w-1))
			b.weight[j] = next
		}
		if worst < balanced {
			break
		}
	}
	return nil
}

// out is A_i O_i: what makes the flows of origin i add up to its demand.
func (b *furness) out(i int) float64 {
	a := 0.0
	for j, w := range b.weight {
		a += float64(w * b.g.cum[i][j])
	}
	return b.demand[i] / a
}

// mean is the mean way of the flows; blind is that of people who do not mind
// distance.
func (b *furness) mean(blind bool) (float64, error) {
	clear(b.ways)
	err := b.rows(func(chunk, i int) {
		a, f := 0.0, b.g.cum[i]
		if !blind {
			a = b.out(i)
		}
		sum := 0.0
		for j, w := range b.weight {
			if blind {
				sum += float64(b.g.supplies[j].total / b.sumD * b.demand[i] * b.way(i, j))
			} else {
				sum += float64(a * float64(w*f[j]) * b.way(i, j))
			}
		}
		b.ways[chunk] += sum
	})
	total := 0.0
	for _, w := range b.ways {
		total += w
	}
	return total / b.sumO, err
}

// calibrate finds the scale that gives the flows the mean way want, in metres
// (Hyman 1969: first in proportion, then along the secant), and balances for
// it. It returns the scale and the mean reached: a map may not allow the one wanted.
func (b *furness) calibrate(want float64) (scale, mean float64, err error) {
	const (
		tries            = 12
		close            = 0.01
		shortest, widest = 50.0, 1e6
	)
	scale = want / 2
	var last, lastMean float64
	for k := range tries {
		if err := b.balance(scale); err != nil {
			return 0, 0, err
		}
		if mean, err = b.mean(false); err != nil {
			return 0, 0, err
		}
		if math.Abs(mean/want-1) < close || k == tries-1 {
			break
		}
		next := scale * want / mean
		if k > 0 && math.Abs(mean-lastMean) > 1e-6*mean {
			slope := (math.Log(mean) - math.Log(lastMean)) / (math.Log(scale) - math.Log(last))
			next = scale * math.Exp(min(max((math.Log(want)-math.Log(mean))/max(slope, 0.1), -1.5), 1.5))
		}
		next = min(max(next, shortest), widest)
		if next == scale {
			break // at a bound
		}
		last, lastMean, scale = scale, mean, next
	}
	return scale, mean, nil
}

// finish turns the flows of each origin into cumulative probabilities.
func (b *furness) finish() (*gravity, error) {
	err := b.rows(func(_, i int) {
		f, sum := b.g.cum[i], 0.0
		for j, w := range b.weight {
			sum += float64(w * f[j])
			f[j] = sum
		}
	})
	return b.g, err
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
