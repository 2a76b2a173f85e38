package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// RadioModel names how the serving cell is chosen: the operator's nearest
// site, and of its sectors the one that faces the phone.
const RadioModel = "nearest-sector"

const maxNeighbours = 8

// radio answers which cell serves where. It is immutable.
type radio struct {
	ops   []network
	sites []antenna
	near  [][]sigcity.AreaID // per cell
}

// network is one operator's sites.
type network struct {
	index *geo.Index
	site  []int32 // position in index → index into City.Sites
}

// antenna is where a site's sectors begin. Sector k covers the compass angles
// from halfway to the sector before it up to, and without, halfway to the one
// after it; edge[k] is the unit vector of its first angle.
type antenna struct {
	pos   geo.XY
	edge  []geo.XY
	local int32 // position in its network's index
}

func newRadio(c *City) *radio {
	r := &radio{ops: make([]network, len(c.Operators)), sites: make([]antenna, len(c.Sites))}
	pts := make([][]geo.XY, len(c.Operators))
	for i, s := range c.Sites {
		a := &r.sites[i]
		a.pos = s.Pos
		a.local = int32(len(pts[s.Operator]))
		a.edge = make([]geo.XY, len(s.Cells))
		for k := range a.edge {
			here, before := c.Cells[s.Cells[k]].Azimuth, c.Cells[s.Cells[(k+len(s.Cells)-1)%len(s.Cells)]].Azimuth
			a.edge[k] = heading(here - math.Mod(here-before+360, 360)/2)
		}
		pts[s.Operator] = append(pts[s.Operator], s.Pos)
		r.ops[s.Operator].site = append(r.ops[s.Operator].site, int32(i))
	}
	for op := range r.ops {
		r.ops[op].index = geo.NewIndex(pts[op])
	}
	return r
}

// heading is the unit vector of a compass bearing in degrees.
func heading(azimuth float64) geo.XY {
	sin, cos := math.Sincos(azimuth * math.Pi / 180)
	return geo.XY{X: sin, Y: cos}
}

// cross is positive where v lies clockwise (to the right) of u.
func cross(u, v geo.XY) float64 { return float64(u.Y*v.X) - float64(u.X*v.Y) }

// sector is the sector of the site that faces q, without trigonometry: q lies
// clockwise of the sector's first edge and not of the next one's.
func (a *antenna) sector(q geo.XY) int {
	v := q.Sub(a.pos)
	last := len(a.edge) - 1
	for k := range last {
		if cross(a.edge[k], v) >= 0 && cross(a.edge[k+1], v) < 0 {
			return k
		}
	}
	return last
}

// Serving is the cell of an operator that serves a phone at q, by RadioModel.
// Wherever q is, some cell serves it: the model knows no dead spots. It
// allocates nothing.
func (c *City) Serving(operator int, q geo.XY) sigcity.AreaID {
	n := &c.radio.ops[operator]
	i, _ := n.index.Nearest(q)
	site := n.site[i]
	return c.Sites[site].Cells[c.radio.sites[site].sector(q)]
}

// Neighbours are the cells around a cell that a phone may see too, at most
// eight, nearest (by centre) first: the other sectors of its site and, of the
// sites around, the sectors that face it. The slice must not be changed.
func (c *City) Neighbours(a sigcity.AreaID) []sigcity.AreaID { return c.radio.near[a] }

// neighbours precomputes what Neighbours returns.
func (r *radio) neighbours(c *City, workers int) {
	r.near = make([][]sigcity.AreaID, len(c.Cells))
	each(len(c.Cells), workers, func(id int) {
		cell := &c.Cells[id]
		op := &r.ops[c.Sites[cell.Site].Operator]
		var out []sigcity.AreaID
		for _, other := range c.Sites[cell.Site].Cells {
			if other != sigcity.AreaID(id) {
				out = append(out, other)
			}
		}
		// The sites around the area served, not around the mast.
		for _, j := range op.index.NearestN(nil, cell.Center, maxNeighbours+1) {
			if site := int(op.site[j]); site != cell.Site {
				out = append(out, c.Sites[site].Cells[r.sites[site].sector(cell.Center)])
			}
		}
		slices.SortStableFunc(out, func(p, q sigcity.AreaID) int {
			return cmp.Compare(c.Cells[p].Center.Dist2(cell.Center), c.Cells[q].Center.Dist2(cell.Center))
		})
		r.near[id] = slices.Clip(out[:min(len(out), maxNeighbours)])
	})
}

// circleCorners of the polygon that stands for the circle of a cell's range.
const circleCorners = 36

// footprint is the site's Voronoi polygon among its operator's sites, cut to
// the reach: a convex ring.
func (r *radio) footprint(c *City, site int, reach float64) []geo.XY {
	a := &r.sites[site]
	ring := make([]geo.XY, circleCorners)
	for k := range ring {
		v := heading(float64(k) * 360 / circleCorners)
		ring[k] = geo.XY{X: a.pos.X + float64(v.X*reach), Y: a.pos.Y + float64(v.Y*reach)}
	}
	// Only sites within twice the farthest corner can cut it; as it shrinks,
	// fewer can. Nearest first, in growing batches.
	op := &r.ops[c.Sites[site].Operator]
	done := 1 // the site itself is its own nearest
	for n := 16; ; n *= 2 {
		near := op.index.NearestN(nil, a.pos, n)
		for ; done < len(near); done++ {
			p := op.index.At(near[done])
			if p.Dist(a.pos) > 2*farthest(ring, a.pos) {
				return ring
			}
			mid := a.pos.Lerp(p, 0.5)
			ring = clip(ring, mid, p.Sub(a.pos))
		}
		if len(near) < n {
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
func (r *radio) wedge(site, sector int, whole []geo.XY) []geo.XY {
	a := &r.sites[site]
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
