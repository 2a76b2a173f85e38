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

	// A uniform grid from min to max, in compressed rows: of each cell, the
	// regions that it meets, doubled, plus one where it lies wholly inside.
	min, max   XY
	size       float64
	cols, rows int
	start, ids []int32
}

// fewCorners is how many corners are tested one by one rather than spared by
// finding out which grid cells lie wholly inside.
const fewCorners = 32

// NewRegions indexes regions; those without a ring of three corners are in no
// place, but keep their index.
func NewRegions(name string, proj Projection, regions []Region) *Regions {
	x := &Regions{name: name, proj: proj, regions: regions, m2: make([]float64, len(regions)), byID: make(map[ZoneID]int, len(regions)), size: 1}
	lo, hi := XY{math.Inf(1), math.Inf(1)}, XY{math.Inf(-1), math.Inf(-1)}
	cells := len(regions)
	corners := 0
	for i, r := range regions {
		x.m2[i], x.byID[r.ID] = r.M2(), i
		a, b := r.box()
		lo, hi = XY{math.Min(lo.X, a.X), math.Min(lo.Y, a.Y)}, XY{math.Max(hi.X, b.X), math.Max(hi.Y, b.Y)}
		corners += r.corners()
	}
	w, h := hi.X-lo.X, hi.Y-lo.Y
	if !(w >= 0 && h >= 0) || math.IsInf(w+h, 0) {
		return x
	}
	// About as many grid cells as regions or half their corners, and no more
	// than 512 a side.
	cells = max(cells, corners/2)
	x.min, x.max = lo, hi
	x.size = math.Max(1, math.Max(math.Sqrt(w*h/float64(cells)), math.Max(w, h)/512))
	x.cols, x.rows = int(w/x.size)+1, int(h/x.size)+1
	type entry struct{ cell, id int32 }
	var entries []entry
	x.start = make([]int32, x.cols*x.rows+1)
	for i, r := range regions {
		x.meets(r, func(cell int, whole bool) {
			e := entry{int32(cell), int32(2 * i)}
			if whole {
				e.id++
			}
			entries = append(entries, e)
			x.start[cell+1]++
		})
	}
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	x.ids = make([]int32, len(entries))
	next := append([]int32(nil), x.start...)
	for _, e := range entries {
		x.ids[next[e.cell]] = e.id
		next[e.cell]++
	}
	return x
}

func (r Region) corners() (n int) {
	for _, ring := range r.Rings {
		n += len(ring)
	}
	return n
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

// meets calls f with the grid cells that the region meets; whole tells that
// the cell lies wholly inside.
func (x *Regions) meets(r Region, f func(cell int, whole bool)) {
	lo, hi := r.box()
	if !(lo.X <= hi.X) {
		return // no rings
	}
	row0, col0 := x.row(lo.Y), x.col(lo.X)
	rows, cols := x.row(hi.Y)-row0+1, x.col(hi.X)-col0+1
	crossed := make([]bool, rows*cols)
	if few := r.corners() <= fewCorners; few {
		for i := range crossed {
			crossed[i] = true
		}
	} else {
		for _, ring := range r.Rings {
			for i, p := range ring {
				q := ring[(i+1)%len(ring)]
				for row := x.row(math.Min(p.Y, q.Y)); row <= x.row(math.Max(p.Y, q.Y)); row++ {
					for col := x.col(math.Min(p.X, q.X)); col <= x.col(math.Max(p.X, q.X)); col++ {
						crossed[(row-row0)*cols+col-col0] = true
					}
				}
			}
		}
	}
	for row := range rows {
		inside, known := false, false // of the run of cells that no edge crosses
		for col := range cols {
			cell := (row0+row)*x.cols + col0 + col
			if crossed[row*cols+col] {
				known = false
				f(cell, false)
				continue
			}
			if !known {
				inside = r.Contains(XY{x.min.X + (float64(col0+col)+0.5)*x.size, x.min.Y + (float64(row0+row)+0.5)*x.size})
				known = true
			}
			if inside {
				f(cell, true)
			}
		}
	}
}

func (x *Regions) col(v float64) int { return min(max(int((v-x.min.X)/x.size), 0), x.cols-1) }
func (x *Regions) row(v float64) int { return min(max(int((v-x.min.Y)/x.size), 0), x.rows-1) }

// At is the index of the smallest region that contains q, −1 where none does.
// accept, if not nil, chooses among them.
func (x *Regions) At(q XY, accept func(i int) bool) int {
	best := -1
	if len(x.start) == 0 || !(q.X >= x.min.X && q.Y >= x.min.Y && q.X <= x.max.X && q.Y <= x.max.Y) {
		return best
	}
	cell := x.row(q.Y)*x.cols + x.col(q.X)
	for _, id := range x.ids[x.start[cell]:x.start[cell+1]] {
		i := int(id / 2)
		if best >= 0 && x.m2[i] >= x.m2[best] || accept != nil && !accept(i) {
			continue
		}
		if id%2 == 1 || x.regions[i].Contains(q) {
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
