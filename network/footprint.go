package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// footprints gives every cell the outline of the largest piece of its
// best-server area within range; a cell that is nowhere the best has its third
// of its site's Voronoi polygon instead.
func (r *radio) footprints(c *City, workers int) {
	for _, n := range r.networks() {
		served := n.coverage.served(c)
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

// served lists the tiles of the largest piece of each cell within its range.
// The piece is made of the tiles in range alone.
func (m *coverage) served(c *City) map[sigcity.AreaID][]square {
	piece, largest := m.pieces(m.beside(), m.areas())
	out := map[sigcity.AreaID][]square{}
	m.tiles(func(t int, p geo.XY, size float64) {
		id := m.best(t)
		if id == nobody {
			return
		}
		cell := &c.Cells[id]
		if piece[t] == largest[id] && c.Sites[cell.Site].Pos.Dist(p) <= cell.RangeM {
			out[id] = append(out[id], square{p, size})
		}
	})
	return out
}

// outline is the outer border of the largest connected set of the squares,
// simplified by less than one of the smallest; nil if there are none.
func outline(squares []square) []geo.XY {
	if len(squares) == 0 {
		return nil
	}
	unit := slices.MinFunc(squares, func(a, b square) int { return cmp.Compare(a.side, b.side) }).side
	g := newMask(squares, unit)
	corners := g.border(g.largest())
	ring := make([]geo.XY, len(corners))
	for i, k := range corners {
		ring[i] = geo.XY{X: g.min.X + float64(float64(k[0])*unit), Y: g.min.Y + float64(float64(k[1])*unit)}
	}
	if smooth := smoothed(ring, 0.75*unit); simple(smooth) {
		return smooth
	}
	return ring
}

// smoothed takes the stairs out of a ring (Douglas and Peucker 1973).
func smoothed(ring []geo.XY, tolerance float64) []geo.XY {
	line := make(orb.Ring, 0, len(ring)+1)
	for _, p := range ring {
		line = append(line, orb.Point{p.X, p.Y})
	}
	line = simplify.DouglasPeucker(tolerance).Ring(append(line, line[0]))
	out := make([]geo.XY, 0, len(line))
	for _, p := range line[:len(line)-1] {
		out = append(out, geo.XY{X: p[0], Y: p[1]})
	}
	return out
}

// simple reports whether a ring has at least three corners and no two of its
// sides cross or touch, neighbours apart.
func simple(ring []geo.XY) bool {
	n := len(ring)
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 {
				continue
			}
			a, b, c, d := ring[i], ring[i+1], ring[j], ring[(j+1)%n]
			ab, cd := b.Sub(a), d.Sub(c)
			if cross(ab, c.Sub(a))*cross(ab, d.Sub(a)) <= 0 && cross(cd, a.Sub(c))*cross(cd, b.Sub(c)) <= 0 {
				return false
			}
		}
	}
	return n >= 3
}

// mask is a bitmap of squares.
type mask struct {
	min        geo.XY
	cols, rows int
	on         []bool
}

func newMask(squares []square, unit float64) *mask {
	lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, s := range squares {
		lo = geo.XY{X: math.Min(lo.X, s.mid.X-s.side/2), Y: math.Min(lo.Y, s.mid.Y-s.side/2)}
		hi = geo.XY{X: math.Max(hi.X, s.mid.X+s.side/2), Y: math.Max(hi.Y, s.mid.Y+s.side/2)}
	}
	at := func(v float64) int { return int(math.Round(v / unit)) }
	g := &mask{min: lo, cols: at(hi.X - lo.X), rows: at(hi.Y - lo.Y)}
	g.on = make([]bool, g.cols*g.rows)
	for _, s := range squares {
		x0, y0, n := at(s.mid.X-s.side/2-lo.X), at(s.mid.Y-s.side/2-lo.Y), at(s.side)
		for y := y0; y < y0+n; y++ {
			for x := x0; x < x0+n; x++ {
				g.on[y*g.cols+x] = true
			}
		}
	}
	return g
}

// get is false outside.
func (g *mask) get(x, y int) bool {
	return x >= 0 && y >= 0 && x < g.cols && y < g.rows && g.on[y*g.cols+x]
}

// largest keeps the largest piece only, and gives its first pixel by row and
// column.
func (g *mask) largest() (x, y int) {
	seen := make([]bool, len(g.on))
	var best, stack []int
	for i, on := range g.on {
		if !on || seen[i] {
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
				if n := k + d[1]*g.cols + d[0]; g.get(x+d[0], y+d[1]) && !seen[n] {
					seen[n] = true
					stack = append(stack, n)
				}
			}
		}
		if len(piece) > len(best) {
			best = piece
		}
	}
	clear(g.on)
	for _, k := range best {
		g.on[k] = true
	}
	first := slices.Min(best)
	return first % g.cols, first / g.cols
}

// border walks round the piece whose first pixel is x, y with the piece on its
// left, and lists the corners at which the way turns, in pixels. Where two
// pixels touch at a corner only, it turns left and so keeps them apart.
func (g *mask) border(x, y int) [][2]int {
	// From the lower left corner of the first pixel eastward: nothing of the
	// piece lies below it.
	px, py, dx, dy := x, y, 1, 0
	var out [][2]int
	for {
		px, py = px+dx, py+dy
		// The pixels ahead, to the left and to the right of the way.
		left := g.get(px+(dx-dy-1)/2, py+(dx+dy-1)/2)
		right := g.get(px+(dx+dy-1)/2, py+(dy-dx-1)/2)
		switch {
		case !left:
			dx, dy = -dy, dx
			out = append(out, [2]int{px, py})
		case right:
			dx, dy = dy, -dx
			out = append(out, [2]int{px, py})
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
