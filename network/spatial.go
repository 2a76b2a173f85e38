package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// buckets tells whether any of the points added so far lies near a spot. Points
// are filed in two grids, a fine one for small radii and a coarse one.
type buckets struct {
	pts    []geo.XY
	levels [2]bucketGrid
}

type bucketGrid struct {
	min        geo.XY
	size       float64
	cols, rows int
	head       []int32 // per cell: last point, −1 = none
	next       []int32 // per point: the one before it in its cell
}

// newBuckets covers the box from lo to hi; points outside go to its border.
func newBuckets(lo, hi geo.XY) *buckets {
	b := &buckets{}
	for i, size := range []float64{minSpacingM, 6 * minSpacingM} {
		size = math.Max(size, math.Max(hi.X-lo.X, hi.Y-lo.Y)/4096)
		g := &b.levels[i]
		*g = bucketGrid{min: lo, size: size, cols: int((hi.X-lo.X)/size) + 1, rows: int((hi.Y-lo.Y)/size) + 1}
		g.head = make([]int32, g.cols*g.rows)
		g.clear()
	}
	return b
}

func (g *bucketGrid) clear() {
	for i := range g.head {
		g.head[i] = -1
	}
	g.next = g.next[:0]
}

func (g *bucketGrid) col(v float64) int { return min(max(int((v-g.min.X)/g.size), 0), g.cols-1) }
func (g *bucketGrid) row(v float64) int { return min(max(int((v-g.min.Y)/g.size), 0), g.rows-1) }

func (b *buckets) reset() {
	b.pts = b.pts[:0]
	for i := range b.levels {
		b.levels[i].clear()
	}
}

func (b *buckets) add(p geo.XY) {
	for i := range b.levels {
		g := &b.levels[i]
		cell := &g.head[g.row(p.Y)*g.cols+g.col(p.X)]
		g.next = append(g.next, *cell)
		*cell = int32(len(b.pts))
	}
	b.pts = append(b.pts, p)
}

// any reports whether a point lies closer to q than r.
func (b *buckets) any(q geo.XY, r float64) bool {
	g := &b.levels[0]
	if r > b.levels[1].size/2 {
		g = &b.levels[1]
	}
	for row := g.row(q.Y - r); row <= g.row(q.Y+r); row++ {
		for col := g.col(q.X - r); col <= g.col(q.X+r); col++ {
			for i := g.head[row*g.cols+col]; i >= 0; i = g.next[i] {
				if b.pts[i].Dist2(q) < r*r {
					return true
				}
			}
		}
	}
	return false
}

// spatialOrder orders points along a Morton curve, so that near sites have
// near numbers; equal codes go by index.
func spatialOrder(pts []geo.XY) []int {
	if len(pts) == 0 {
		return nil
	}
	lo, hi := box(pts)
	side := math.Max(math.Max(hi.X-lo.X, hi.Y-lo.Y), 1)
	code := make([]uint64, len(pts))
	order := make([]int, len(pts))
	for i, p := range pts {
		code[i] = spread(uint64((p.X-lo.X)/side*65535)) | spread(uint64((p.Y-lo.Y)/side*65535))<<1
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(code[i], code[j]) })
	return order
}

// spread puts the 16 low bits of v on the even places.
func spread(v uint64) uint64 {
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return (v | v<<1) & 0x55555555
}
