package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// Spot is a position on the graph: a share of the way along an edge's shape.
type Spot struct {
	Edge  int
	Share float64 // 0 … 1 from the edge's first node
	Dist  float64 // m from the point that was snapped
}

// on is the spot's share in the direction of a link of its edge.
func (s Spot) on(l Link) float64 {
	if l.dir() == 1 {
		return 1 - s.Share
	}
	return s.Share
}

// Snap is the spot nearest to p (of equals that of the lowest edge) among the
// edges open to the mode in either direction; false where there are none.
func (g *Graph) Snap(m Mode, p geo.XY) (Spot, bool) {
	return g.snap(p, func(r *road) bool { return (r.modes[0] | r.modes[1]).has(m) })
}

// SpotPos is where a spot lies.
func (g *Graph) SpotPos(s Spot) geo.XY { return g.At(Link(2*s.Edge), s.Share) }

func (g *Graph) snap(p geo.XY, wanted func(*road) bool) (Spot, bool) {
	best, at, d2 := -1, 0.0, math.Inf(1)
	x := &g.grid
	try := func(col, row int) {
		if col < 0 || row < 0 || col >= x.cols || row >= x.rows {
			return
		}
		for _, e := range x.edges[x.start[row*x.cols+col]:x.start[row*x.cols+col+1]] {
			if !wanted(&g.edges[e].road) || (int(e) == best) {
				continue
			}
			if m, d := nearestOn(g.shape(int(e)), p); d < d2 || (d == d2 && int(e) < best) {
				best, at, d2 = int(e), m, d
			}
		}
	}
	qc, qr := x.col(p.X), x.row(p.Y)
	for ring := range max(x.cols, x.rows) {
		if best >= 0 { // the next ring lies beyond the square closed so far
			left, right := p.X-x.min.X-float64(float64(qc-ring+1)*x.size), x.min.X+float64(float64(qc+ring)*x.size)-p.X
			low, high := p.Y-x.min.Y-float64(float64(qr-ring+1)*x.size), x.min.Y+float64(float64(qr+ring)*x.size)-p.Y
			if reach := max(0, min(left, right, low, high)); float64(reach*reach) > d2 {
				break
			}
		}
		for c := max(qc-ring, 0); c <= min(qc+ring, x.cols-1); c++ {
			try(c, qr-ring)
			if ring > 0 {
				try(c, qr+ring)
			}
		}
		for r := max(qr-ring+1, 0); r < min(qr+ring, x.rows); r++ {
			try(qc-ring, r)
			try(qc+ring, r)
		}
	}
	if best < 0 {
		return Spot{}, false
	}
	share := 0.0
	if m := polylineLength(g.shape(best)); m > 0 {
		share = min(at/m, 1)
	}
	return Spot{best, share, math.Sqrt(d2)}, true
}

// nearestOn is how many metres along a polyline its point nearest to p lies,
// and its squared distance.
func nearestOn(s []geo.XY, p geo.XY) (m, d2 float64) {
	d2 = math.Inf(1)
	passed := 0.0
	for i := 1; i < len(s); i++ {
		v, w := s[i].Sub(s[i-1]), p.Sub(s[i-1])
		length2, f := float64(v.X*v.X)+float64(v.Y*v.Y), 0.0
		if length2 > 0 {
			f = min(max((float64(v.X*w.X)+float64(v.Y*w.Y))/length2, 0), 1)
		}
		length := math.Sqrt(length2)
		if d := s[i-1].Lerp(s[i], f).Dist2(p); d < d2 {
			m, d2 = passed+float64(f*length), d
		}
		passed += length
	}
	return m, d2
}

// edgeGrid lists for the cells of a uniform grid the edges that pass them, in
// compressed rows.
type edgeGrid struct {
	min        geo.XY
	size       float64
	cols, rows int
	start      []int32
	edges      []int32
}

// edgeGridM is the side of a grid cell: a few streets.
const edgeGridM = 200.0

func newEdgeGrid(g *Graph) edgeGrid {
	x := edgeGrid{size: edgeGridM, cols: 1, rows: 1}
	if len(g.points) > 0 {
		lo, hi := box(g.points)
		x.min = lo
		x.size = max(x.size, max(hi.X-lo.X, hi.Y-lo.Y)/2048)
		x.cols, x.rows = int((hi.X-lo.X)/x.size)+1, int((hi.Y-lo.Y)/x.size)+1
	}
	x.start = make([]int32, x.cols*x.rows+1)
	x.visit(g, func(cell, _ int) { x.start[cell+1]++ })
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	x.edges = make([]int32, x.start[len(x.start)-1])
	next := append([]int32(nil), x.start...)
	x.visit(g, func(cell, e int) {
		x.edges[next[cell]] = int32(e)
		next[cell]++
	})
	return x
}

// visit calls f once for each cell that an edge may pass: the boxes of pieces
// of its segments no longer than a cell.
func (x *edgeGrid) visit(g *Graph, f func(cell, e int)) {
	seen := make([]int32, x.cols*x.rows) // the last edge, plus 1
	for e := range g.edges {
		s := g.shape(e)
		for i := 1; i < len(s); i++ {
			pieces := int(s[i-1].Dist(s[i])/x.size) + 1
			a := s[i-1]
			for k := 1; k <= pieces; k++ {
				b := s[i-1].Lerp(s[i], float64(k)/float64(pieces))
				for r := x.row(min(a.Y, b.Y)); r <= x.row(max(a.Y, b.Y)); r++ {
					for c := x.col(min(a.X, b.X)); c <= x.col(max(a.X, b.X)); c++ {
						if cell := r*x.cols + c; seen[cell] != int32(e)+1 {
							seen[cell] = int32(e) + 1
							f(cell, e)
						}
					}
				}
				a = b
			}
		}
	}
}

func (x *edgeGrid) col(v float64) int { return min(max(int((v-x.min.X)/x.size), 0), x.cols-1) }
func (x *edgeGrid) row(v float64) int { return min(max(int((v-x.min.Y)/x.size), 0), x.rows-1) }
