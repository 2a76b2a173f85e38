package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// catchments lists for the cells of a grid the stops to which people walk from
// there, in compressed rows: where lines of a long reach are among others, that
// is far fewer stops than lie as near as the longest reach.
type catchments struct {
	min        geo.XY
	size       float64
	cols, rows int
	start      []int32
	stops      []int32 // of a cell in the order of the index
}

// catchmentM is the side of a cell: small against the reach of a stop.
const catchmentM = 400.0

// newCatchments takes the longest reach, in m, as far.
func newCatchments(index *geo.Index, reach []float64, far float64) catchments {
	x := catchments{size: catchmentM}
	if index.Len() == 0 {
		return x
	}
	pts := make([]geo.XY, index.Len())
	for s := range pts {
		pts[s] = index.At(s)
	}
	lo, hi := box(pts)
	x.min = geo.XY{X: lo.X - far, Y: lo.Y - far}
	w, h := hi.X-lo.X+2*far, hi.Y-lo.Y+2*far
	x.size = max(x.size, max(w, h)/2048)
	x.cols, x.rows = int(w/x.size)+1, int(h/x.size)+1
	x.start = make([]int32, x.cols*x.rows+1)
	each := func(f func(cell int, s int32)) {
		index.Within(lo, 1+lo.Dist(hi), func(s int, _ float64) { x.reached(pts[s], reach[s], func(cell int) { f(cell, int32(s)) }) })
	}
	each(func(cell int, _ int32) { x.start[cell+1]++ })
	for c := 1; c < len(x.start); c++ {
		x.start[c] += x.start[c-1]
	}
	x.stops = make([]int32, x.start[len(x.start)-1])
	end := append([]int32(nil), x.start...)
	each(func(cell int, s int32) {
		x.stops[end[cell]] = s
		end[cell]++
	})
	return x
}

// reached calls f with the cells of which a part may be within reach of p.
func (x *catchments) reached(p geo.XY, reach float64, f func(cell int)) {
	const slack = 1 // m, far beyond what rounding does
	at := p.Sub(x.min)
	reach += slack
	for r := max(int((at.Y-reach)/x.size), 0); r <= min(int((at.Y+reach)/x.size), x.rows-1); r++ {
		for c := max(int((at.X-reach)/x.size), 0); c <= min(int((at.X+reach)/x.size), x.cols-1); c++ {
			left, low := float64(float64(c)*x.size), float64(float64(r)*x.size)
			dx, dy := max(left-at.X, at.X-left-x.size, 0), max(low-at.Y, at.Y-low-x.size, 0)
			if float64(dx*dx)+float64(dy*dy) <= float64(reach*reach) {
				f(r*x.cols + c)
			}
		}
	}
}

// of is the stops that may be within reach of p, among them all that are.
func (x *catchments) of(p geo.XY) []int32 {
	c, r := math.Floor((p.X-x.min.X)/x.size), math.Floor((p.Y-x.min.Y)/x.size)
	if !(c >= 0 && r >= 0 && c < float64(x.cols) && r < float64(x.rows)) {
		return nil
	}
	cell := int(r)*x.cols + int(c)
	return x.stops[x.start[cell]:x.start[cell+1]]
}

// near appends the stops that people walk to from a position, with the time that takes.
func (t *Transit) near(dst []walkTo, p geo.XY) []walkTo {
	for _, s := range t.catch.of(p) {
		if d := t.stops[s].Pos.Dist(p); d <= t.reach[s] {
			dst = append(dst, walkTo{s, d / metresASecond})
		}
	}
	return dst
}
