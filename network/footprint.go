package network

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// footprints gives every cell the outline of the largest piece of its
// best-server area within range; a cell that is nowhere the best has its third
// of its site's Voronoi polygon instead.
func (r *radio) footprints(c *City, workers int) {
	networks := r.networks()
	all := make([]map[sigcity.AreaID][]square, len(networks))
	_ = parallel.For(context.Background(), workers, len(networks), 1, func(_, i, _ int) error { // the body has no error to return
		all[i] = networks[i].coverage.served(c)
		return nil
	})
	for k, n := range networks {
		served := all[k]
		each(len(n.antennas), workers, func(i int) {
			a := &n.antennas[i]
			var whole []geo.XY
			for sector, id := range a.cells {
				cell := &c.Cells[id]
				if cell.Ring = outline(served[id]); cell.Ring == nil {
					if whole == nil {
						whole = n.voronoi(a, cell.RangeM)
					}
					cell.Ring = a.wedge(sector, whole)
				}
				cell.settle(served[id])
			}
		})
	}
}

// settle works out the size and the centre of a cell's ring, which for a bent
// area is a place that the cell serves.
func (x *Cell) settle(served []square) {
	x.AreaM2 = geo.RingArea(x.Ring)
	x.Center = geo.RingCentroid(x.Ring)
	if len(served) > 0 && !geo.RingContains(x.Ring, x.Center) {
		x.Center = slices.MinFunc(served, func(p, q square) int {
			return cmp.Compare(p.mid.Dist2(x.Center), q.mid.Dist2(x.Center))
		}).mid
	}
}

// square is a tile on the plane.
type square struct {
	mid  geo.XY
	side float64
}

// served lists the tiles of the largest piece of each cell within its range,
// teeth evened out. The piece is made of the tiles in range alone.
func (m *coverage) served(c *City) map[sigcity.AreaID][]square {
	beside := m.beside()
	piece, largest := m.pieces(beside, m.areas())
	drawn := make([]sigcity.AreaID, len(piece)) // the cell whose outline has the tile
	size := map[sigcity.AreaID]int{}
	m.tiles(func(t int, p geo.XY, _ float64) {
		drawn[t] = nobody
		id := m.best(t)
		if id == nobody || piece[t] != largest[id] {
			return
		}
		if cell := &c.Cells[id]; c.Sites[cell.Site].Pos.Dist(p) <= cell.RangeM {
			drawn[t] = id
			size[id]++
		}
	})
	out := map[sigcity.AreaID][]square{}
	m.tiles(func(t int, p geo.XY, side float64) {
		id := drawn[t]
		if id == nobody {
			return
		}
		if size[id] >= leastSmoothed {
			id = tooth(drawn, id, beside[t])
		}
		out[id] = append(out[id], square{p, side})
	})
	return out
}

// leastSmoothed is how many tiles an area must have to be smoothed: of smaller
// ones, too much would be lost.
const leastSmoothed = 6

// tooth is the cell that a tile of cell id is drawn with: the one that has three
// of the tiles beside it, into which it sticks out, else id. Outlines alone
// follow it, not what serves, and what one of them loses its neighbour wins.
func tooth(drawn []sigcity.AreaID, id sigcity.AreaID, beside [4]int32) sigcity.AreaID {
	for k := range 2 { // three of four are the first or the second, or both
		other, n := drawn[beside[k]], 0
		for _, b := range beside {
			if drawn[b] == other {
				n++
			}
		}
		if n >= 3 && other != nobody {
			return other
		}
	}
	return id
}

// outline is the outer border of the largest connected set of the squares,
// without the stairs of the raster; nil if there are none. It departs from the
// border by less than the side of the squares there.
//
// A stair goes through the midpoints of its sides (as in marching squares,
// Lorensen and Cline 1987), other corners are cut off (Chaikin 1974), and what is
// left is simplified by less and less of a square's side until no two sides of
// the outline meet.
func outline(squares []square) []geo.XY {
	if len(squares) == 0 {
		return nil
	}
	g := newMask(squares)
	steps := g.border(g.largest())
	ring := make([]corner, 0, 2*len(steps))
	if len(squares) >= leastSmoothed {
		for i, s := range steps {
			before, after := steps[(i+len(steps)-1)%len(steps)].turn(s), s.turn(steps[(i+1)%len(steps)])
			at := [...]float64{cut, 1 - cut}
			if before*after < 0 { // of a stair
				at = [...]float64{0.5, 0.5}
			}
			for k, turn := range [...]int{before, after} {
				if turn != 0 && !(k > 0 && at[0] == at[1]) {
					x, y := float64(s.from[0]), float64(s.from[1])
					ring = append(ring, g.corner(x+float64(at[k]*(float64(s.to[0])-x)), y+float64(at[k]*(float64(s.to[1])-y)), s.side))
				}
			}
		}
		for _, tolerance := range [...]float64{0.2, 0.1, 0} {
			if r := simplified(ring, tolerance); simple(r) {
				return r
			}
		}
	}
	ring = ring[:0]
	for _, s := range steps {
		ring = append(ring, g.corner(float64(s.from[0]), float64(s.from[1]), s.side))
	}
	return simplified(ring, 0)
}

// cut is how far from its ends a square's side is cut off with the corner, as a
// share of the side.
const cut = 0.25

// corner of an outline, and the side in metres of the square at which it is.
type corner struct {
	geo.XY
	side float64
}

// corner is at x, y in pixels.
func (g *mask) corner(x, y, side float64) corner {
	return corner{geo.XY{X: g.min.X + float64(x*g.unit), Y: g.min.Y + float64(y*g.unit)}, side}
}

// simplified leaves out corners of a ring that lie off what is left by no more
// than the tolerance, in sides of their own squares (Douglas and Peucker 1973).
func simplified(ring []corner, tolerance float64) []geo.XY {
	farthest := func(from int) (far int) {
		for i, p := range ring {
			if p.Dist2(ring[from].XY) > ring[far].Dist2(ring[from].XY) {
				far = i
			}
		}
		return far
	}
	// Two ends of the ring stay for sure; it begins at the first of them.
	first := farthest(0)
	ring = slices.Concat(ring[first:], ring[:first], ring[first:first+1])
	keep := make([]bool, len(ring))
	keep[0] = true
	var halve func(from, to int)
	halve = func(from, to int) {
		worst, at := math.Max(tolerance, flat), -1
		for i := from + 1; i < to; i++ {
			if off := math.Sqrt(geo.SegmentDist2(ring[i].XY, ring[from].XY, ring[to].XY)) / ring[i].side; off > worst {
				worst, at = off, i
			}
		}
		if at >= 0 {
			keep[at] = true
			halve(from, at)
			halve(at, to)
		}
	}
	far := farthest(0)
	keep[far] = true
	halve(0, far)
	halve(far, len(ring)-1)
	var out []geo.XY
	for i, p := range ring {
		if keep[i] {
			out = append(out, p.XY)
		}
	}
	return out
}

// flat is how far off a straight side, in sides of a square, a corner is none.
const flat = 1e-6

// simple reports whether a ring has at least three corners and no two of its
// sides cross or touch, neighbours apart.
func simple(ring []geo.XY) bool {
	n := len(ring)
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 {
				continue
			}
			if touch(ring[i], ring[i+1], ring[j], ring[(j+1)%n]) {
				return false
			}
		}
	}
	return n >= 3
}

// touch reports whether the segments from a to b and from c to d have a point in
// common: their boxes do, and neither lies wholly on one side of the other. On
// a raster many lie on one line and yet apart, which the boxes tell.
func touch(a, b, c, d geo.XY) bool {
	ab, cd := b.Sub(a), d.Sub(c)
	return min(a.X, b.X) <= max(c.X, d.X) && min(c.X, d.X) <= max(a.X, b.X) &&
		min(a.Y, b.Y) <= max(c.Y, d.Y) && min(c.Y, d.Y) <= max(a.Y, b.Y) &&
		cross(ab, c.Sub(a))*cross(ab, d.Sub(a)) <= 0 && cross(cd, a.Sub(c))*cross(cd, b.Sub(c)) <= 0
}

// mask is a bitmap of squares. A pixel is as large as the smallest of them.
type mask struct {
	min        geo.XY
	unit       float64 // side of a pixel, m
	cols, rows int
	squares    []square
	at         []int // per pixel: 1 + the index of its square, 0 where there is none
}

func newMask(squares []square) *mask {
	unit := slices.MinFunc(squares, func(a, b square) int { return cmp.Compare(a.side, b.side) }).side
	lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, s := range squares {
		lo = geo.XY{X: math.Min(lo.X, s.mid.X-s.side/2), Y: math.Min(lo.Y, s.mid.Y-s.side/2)}
		hi = geo.XY{X: math.Max(hi.X, s.mid.X+s.side/2), Y: math.Max(hi.Y, s.mid.Y+s.side/2)}
	}
	at := func(v float64) int { return int(math.Round(v / unit)) }
	g := &mask{min: lo, unit: unit, cols: at(hi.X - lo.X), rows: at(hi.Y - lo.Y), squares: squares}
	g.at = make([]int, g.cols*g.rows)
	for i, s := range squares {
		x0, y0, n := at(s.mid.X-s.side/2-lo.X), at(s.mid.Y-s.side/2-lo.Y), at(s.side)
		for y := y0; y < y0+n; y++ {
			for x := x0; x < x0+n; x++ {
				g.at[y*g.cols+x] = i + 1
			}
		}
	}
	return g
}

// get is what at has of a pixel; 0 outside.
func (g *mask) get(x, y int) int {
	if x < 0 || y < 0 || x >= g.cols || y >= g.rows {
		return 0
	}
	return g.at[y*g.cols+x]
}

// largest keeps the largest piece only, and gives its first pixel by row and
// column.
func (g *mask) largest() (x, y int) {
	seen := make([]bool, len(g.at))
	var best, stack []int
	for i, square := range g.at {
		if square == 0 || seen[i] {
			continue
		}
		var piece []int
		seen[i] = true
		stack = append(stack[:0], i)
		for len(stack) > 0 {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			piece = append(piece, k)
			x, y := k%g.cols, k/g.cols
			for _, d := range [...][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				if n := k + d[1]*g.cols + d[0]; g.get(x+d[0], y+d[1]) > 0 && !seen[n] {
					seen[n] = true
					stack = append(stack, n)
				}
			}
		}
		if len(piece) > len(best) {
			best = piece
		}
	}
	kept := make([]int, len(g.at))
	for _, k := range best {
		kept[k] = g.at[k]
	}
	g.at = kept
	first := slices.Min(best)
	return first % g.cols, first / g.cols
}

// borderSide is a part of a border along one square, in pixels.
type borderSide struct {
	from, to [2]int
	side     float64 // of the square, m
}

// turn is positive where the way turns left from s to t, 0 where it goes straight on.
func (s borderSide) turn(t borderSide) int {
	return (s.to[0]-s.from[0])*(t.to[1]-t.from[1]) - (s.to[1]-s.from[1])*(t.to[0]-t.from[0])
}

// border walks round the piece whose first pixel is x, y with the piece on its
// left, in steps that end where the way turns or the square changes. Where two
// pixels touch at a corner only, it turns left and so keeps them apart.
func (g *mask) border(x, y int) []borderSide {
	// From the lower left corner of the first pixel eastward: nothing of the
	// piece lies below it.
	px, py, dx, dy := x, y, 1, 0
	from, square := [2]int{x, y}, g.get(x, y)
	var out []borderSide
	for {
		px, py = px+dx, py+dy
		turned := true
		// The pixels ahead, to the left and to the right of the way.
		left := g.get(px+(dx-dy-1)/2, py+(dx+dy-1)/2)
		right := g.get(px+(dx+dy-1)/2, py+(dy-dx-1)/2)
		switch {
		case left == 0:
			dx, dy = -dy, dx
		case right > 0:
			dx, dy = dy, -dx
		default:
			turned = false
		}
		next := g.get(px+(dx-dy-1)/2, py+(dx+dy-1)/2)
		if turned || next != square {
			out = append(out, borderSide{from, [2]int{px, py}, g.squares[square-1].side})
			from, square = [2]int{px, py}, next
		}
		if px == x && py == y {
			return out
		}
	}
}

// cross is positive where v lies clockwise (to the right) of u.
func cross(u, v geo.XY) float64 { return float64(u.Y*v.X) - float64(u.X*v.Y) }

// circleCorners of the polygon that stands for the circle of a cell's range.
const circleCorners = 36

// voronoi is the site's Voronoi polygon among the network's sites, cut to
// the range: a convex ring.
func (n *network) voronoi(a *antenna, reach float64) []geo.XY {
	ring := make([]geo.XY, circleCorners)
	for k := range ring {
		v := heading(float64(k) * 360 / circleCorners)
		ring[k] = geo.XY{X: a.pos.X + float64(v.X*reach), Y: a.pos.Y + float64(v.Y*reach)}
	}
	// Only sites within twice the farthest corner can cut it; as it shrinks,
	// fewer can. Nearest first, in growing batches.
	done := 1 // the site itself is its own nearest
	for k := 16; ; k *= 2 {
		near := n.index.NearestN(nil, a.pos, k)
		for ; done < len(near); done++ {
			p := n.index.At(near[done])
			if p.Dist(a.pos) > 2*farthest(ring, a.pos) {
				return ring
			}
			mid := a.pos.Lerp(p, 0.5)
			ring = clip(ring, mid, p.Sub(a.pos))
		}
		if len(near) < k {
			return ring
		}
	}
}

func farthest(ring []geo.XY, p geo.XY) float64 {
	d := 0.0
	for _, q := range ring {
		d = math.Max(d, q.Dist(p))
	}
	return d
}

// wedge cuts one sector, of at most 180° where there are several, out of a
// site's footprint.
func (a *antenna) wedge(sector int, whole []geo.XY) []geo.XY {
	if len(a.edge) == 1 {
		return whole
	}
	first, last := a.edge[sector], a.edge[(sector+1)%len(a.edge)]
	// Inside is clockwise of the first edge and counter-clockwise of the last.
	ring := clip(whole, a.pos, geo.XY{X: -first.Y, Y: first.X})
	return clip(ring, a.pos, geo.XY{X: last.Y, Y: -last.X})
}

// clip keeps the part of a convex ring where (p − at)·normal ≤ 0 (Sutherland
// and Hodgman 1974).
func clip(ring []geo.XY, at, normal geo.XY) []geo.XY {
	out := make([]geo.XY, 0, len(ring)+1)
	side := func(p geo.XY) float64 {
		v := p.Sub(at)
		return float64(v.X*normal.X) + float64(v.Y*normal.Y)
	}
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		dp, dq := side(p), side(q)
		if dp <= 0 {
			out = append(out, p)
		}
		if (dp < 0 && dq > 0) || (dp > 0 && dq < 0) {
			out = append(out, p.Lerp(q, dp/(dp-dq)))
		}
	}
	return out
}
