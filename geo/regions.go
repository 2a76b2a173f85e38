package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Region is an area of any shape on the local plane: rings of outlines and
// holes alike, open, a point being inside where an odd number of them hold it.
type Region struct {
	ID    ZoneID
	Rings [][]XY
}

// M2 is the area in m², with holes and islands at any depth told apart by which
// ring lies in which.
func (r Region) M2() float64 {
	if len(r.Rings) == 1 {
		return RingArea(r.Rings[0])
	}
	boxes := make([][2]XY, len(r.Rings))
	for i, ring := range r.Rings {
		boxes[i][0], boxes[i][1] = Region{Rings: [][]XY{ring}}.box()
	}
	sum := 0.0
	for i, ring := range r.Rings {
		q := ring[0].Lerp(ring[1], 0.5) // of the edge, as rings may touch at corners
		sign := 1.0
		for j, other := range r.Rings {
			lo, hi := boxes[j][0], boxes[j][1]
			if i != j && q.X >= lo.X && q.Y >= lo.Y && q.X <= hi.X && q.Y <= hi.Y && RingContains(other, q) {
				sign = -sign
			}
		}
		sum += float64(sign * RingArea(ring))
	}
	return sum
}

// Contains reports whether q lies in the region.
func (r Region) Contains(q XY) bool {
	in := false
	for _, ring := range r.Rings {
		if RingContains(ring, q) {
			in = !in
		}
	}
	return in
}

// Regions is a zoning by given regions, such as administrative areas. They
// should not overlap; where they do, the smallest wins. It is immutable and
// safe for concurrent use.
type Regions struct {
	name    string
	proj    Projection
	regions []Region
	m2      []float64
	byID    map[ZoneID]int

	// A uniform grid over the bounding boxes, in compressed rows.
	min        XY
	size       float64
	cols, rows int
	start, ids []int32
}

// NewRegions indexes regions; those without a ring of three corners are in no
// place, but keep their index.
func NewRegions(name string, proj Projection, regions []Region) *Regions {
	x := &Regions{name: name, proj: proj, regions: regions, m2: make([]float64, len(regions)), byID: make(map[ZoneID]int, len(regions)), size: 1}
	lo, hi := XY{math.Inf(1), math.Inf(1)}, XY{math.Inf(-1), math.Inf(-1)}
	for i, r := range regions {
		x.m2[i], x.byID[r.ID] = r.M2(), i
		a, b := r.box()
		lo, hi = XY{math.Min(lo.X, a.X), math.Min(lo.Y, a.Y)}, XY{math.Max(hi.X, b.X), math.Max(hi.Y, b.Y)}
	}
	w, h := hi.X-lo.X, hi.Y-lo.Y
	if !(w >= 0 && h >= 0) || math.IsInf(w+h, 0) {
		return x
	}
	// About as many grid cells as regions, and no more than 512 a side.
	x.min = lo
	x.size = math.Max(1, math.Max(math.Sqrt(w*h/float64(len(regions))), math.Max(w, h)/512))
	x.cols, x.rows = int(w/x.size)+1, int(h/x.size)+1
	x.start = make([]int32, x.cols*x.rows+1)
	for _, r := range regions {
		x.each(r, func(cell int) { x.start[cell+1]++ })
	}
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	x.ids = make([]int32, x.start[len(x.start)-1])
	next := append([]int32(nil), x.start...)
	for i, r := range regions {
		x.each(r, func(cell int) {
			x.ids[next[cell]] = int32(i)
			next[cell]++
		})
	}
	return x
}

func (r Region) box() (lo, hi XY) {
	lo, hi = XY{math.Inf(1), math.Inf(1)}, XY{math.Inf(-1), math.Inf(-1)}
	for _, ring := range r.Rings {
		for _, p := range ring {
			lo, hi = XY{math.Min(lo.X, p.X), math.Min(lo.Y, p.Y)}, XY{math.Max(hi.X, p.X), math.Max(hi.Y, p.Y)}
		}
	}
	return lo, hi
}

// each calls f with every grid cell that the region's box touches.
func (x *Regions) each(r Region, f func(cell int)) {
	lo, hi := r.box()
	if !(lo.X <= hi.X) {
		return // no rings
	}
	for row := x.row(lo.Y); row <= x.row(hi.Y); row++ {
		for col := x.col(lo.X); col <= x.col(hi.X); col++ {
			f(row*x.cols + col)
		}
	}
}

func (x *Regions) col(v float64) int { return min(max(int((v-x.min.X)/x.size), 0), x.cols-1) }
func (x *Regions) row(v float64) int { return min(max(int((v-x.min.Y)/x.size), 0), x.rows-1) }

// At is the index of the smallest region that contains q, −1 where none does.
// accept, if not nil, chooses among them.
func (x *Regions) At(q XY, accept func(i int) bool) int {
	best := -1
	if len(x.start) == 0 {
		return best
	}
	cell := x.row(q.Y)*x.cols + x.col(q.X)
	for _, id := range x.ids[x.start[cell]:x.start[cell+1]] {
		i := int(id)
		if best >= 0 && x.m2[i] >= x.m2[best] || accept != nil && !accept(i) {
			continue
		}
		if x.regions[i].Contains(q) {
			best = i
		}
	}
	return best
}

// M2 is the area of region i in m².
func (x *Regions) M2(i int) float64 { return x.m2[i] }

func (x *Regions) Name() string { return x.name }

func (x *Regions) Zone(p orb.Point) ZoneID {
	if i := x.At(x.proj.XY(p), nil); i >= 0 {
		return x.regions[i].ID
	}
	return NoZone
}

// largest is the ring of a region that encloses most; nil of no region.
func (x *Regions) largest(z ZoneID) []XY {
	i, ok := x.byID[z]
	if !ok {
		return nil
	}
	var ring []XY
	for _, r := range x.regions[i].Rings {
		if ring == nil || RingArea(r) > RingArea(ring) {
			ring = r
		}
	}
	return ring
}

// Center is the centroid of the region's largest ring.
func (x *Regions) Center(z ZoneID) orb.Point {
	ring := x.largest(z)
	if ring == nil {
		return orb.Point{}
	}
	return x.proj.LonLat(RingCentroid(ring))
}

// Outline is the region's largest ring, closed.
func (x *Regions) Outline(z ZoneID) orb.Ring { return x.proj.Ring(x.largest(z)) }
