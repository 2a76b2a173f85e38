package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// polygons answers which of many rings contain a point, by a uniform grid over
// their bounding boxes in compressed rows.
type polygons struct {
	rings      [][]geo.XY
	m2         []float64
	min        geo.XY
	size       float64
	cols, rows int
	start      []int32
	ids        []int32
}

func newPolygons(rings [][]geo.XY) *polygons {
	x := &polygons{rings: rings, m2: make([]float64, len(rings)), size: 1}
	lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	for i, r := range rings {
		x.m2[i] = geo.RingArea(r)
		a, b := box(r)
		lo = geo.XY{X: math.Min(lo.X, a.X), Y: math.Min(lo.Y, a.Y)}
		hi = geo.XY{X: math.Max(hi.X, b.X), Y: math.Max(hi.Y, b.Y)}
	}
	if len(rings) == 0 {
		return x
	}
	// About as many grid cells as rings, and no more than 512 a side.
	w, h := hi.X-lo.X, hi.Y-lo.Y
	x.min = lo
	x.size = math.Max(1, math.Max(math.Sqrt(w*h/float64(len(rings))), math.Max(w, h)/512))
	x.cols, x.rows = int(w/x.size)+1, int(h/x.size)+1
	x.start = make([]int32, x.cols*x.rows+1)
	for _, r := range rings {
		x.each(r, func(cell int) { x.start[cell+1]++ })
	}
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	x.ids = make([]int32, x.start[len(x.start)-1])
	next := append([]int32(nil), x.start...)
	for i, r := range rings {
		x.each(r, func(cell int) {
			x.ids[next[cell]] = int32(i)
			next[cell]++
		})
	}
	return x
}

// each calls f with every grid cell that the ring's box touches.
func (x *polygons) each(r []geo.XY, f func(cell int)) {
	lo, hi := box(r)
	for row := x.row(lo.Y); row <= x.row(hi.Y); row++ {
		for col := x.col(lo.X); col <= x.col(hi.X); col++ {
			f(row*x.cols + col)
		}
	}
}

func (x *polygons) col(v float64) int { return min(max(int((v-x.min.X)/x.size), 0), x.cols-1) }
func (x *polygons) row(v float64) int { return min(max(int((v-x.min.Y)/x.size), 0), x.rows-1) }

// at is the smallest ring that contains q, −1 where none does. accept, if not
// nil, chooses among them.
func (x *polygons) at(q geo.XY, accept func(i int) bool) int {
	best := -1
	if len(x.rings) == 0 {
		return best
	}
	cell := x.row(q.Y)*x.cols + x.col(q.X)
	for _, id := range x.ids[x.start[cell]:x.start[cell+1]] {
		i := int(id)
		if best >= 0 && x.m2[i] >= x.m2[best] || accept != nil && !accept(i) {
			continue
		}
		if geo.RingContains(x.rings[i], q) {
			best = i
		}
	}
	return best
}

// box is the bounding box of a ring.
func box(r []geo.XY) (lo, hi geo.XY) {
	lo, hi = r[0], r[0]
	for _, p := range r {
		lo = geo.XY{X: math.Min(lo.X, p.X), Y: math.Min(lo.Y, p.Y)}
		hi = geo.XY{X: math.Max(hi.X, p.X), Y: math.Max(hi.Y, p.Y)}
	}
	return lo, hi
}
