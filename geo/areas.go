package geo

import (
	"math"

	"github.com/sigcity/sigcity"
)

// Areas answers questions about a data set's areas on the local plane. It is
// immutable and safe for concurrent use.
type Areas struct {
	Centers []XY
	rings   [][]XY
	radius  []float64
	spacing []float64
	index   *Index
}

// NewAreas projects the areas; an area's position in the slice is its AreaID.
func NewAreas(areas []sigcity.Area, proj Projection) *Areas {
	a := &Areas{Centers: make([]XY, len(areas)), rings: make([][]XY, len(areas)),
		radius: make([]float64, len(areas)), spacing: make([]float64, len(areas))}
	for i, s := range areas {
		a.Centers[i], a.radius[i], a.spacing[i] = proj.XY(s.Center), s.Radius, s.Spacing
		if len(s.Footprint) > 3 {
			a.rings[i] = proj.RingXY(s.Footprint)
		}
	}
	a.index = NewIndex(a.Centers)
	return a
}

// Len is the number of areas.
func (a *Areas) Len() int { return len(a.Centers) }

// Radius is the radius in metres of the disc with the area's extent.
func (a *Areas) Radius(id sigcity.AreaID) float64 { return a.radius[id] }

// Spacing is the mean distance in metres to the neighbouring sites; 0 where
// nobody told.
func (a *Areas) Spacing(id sigcity.AreaID) float64 { return a.spacing[id] }

// Ring is the footprint on the plane; nil where the area is a disc. It must
// not be changed.
func (a *Areas) Ring(id sigcity.AreaID) []XY { return a.rings[id] }

// Dist is the distance in metres between the centres of two areas.
func (a *Areas) Dist(p, q sigcity.AreaID) float64 { return a.Centers[p].Dist(a.Centers[q]) }

// Contains reports whether the area covers q: inside its footprint, or inside
// the disc of its radius where it has none.
func (a *Areas) Contains(id sigcity.AreaID, q XY) bool {
	if r := a.rings[id]; r != nil {
		return RingContains(r, q)
	}
	return a.Centers[id].Dist(q) <= a.radius[id]
}

// Gap is the distance in metres from q to the area: 0 inside it.
func (a *Areas) Gap(id sigcity.AreaID, q XY) float64 {
	if a.Contains(id, q) {
		return 0
	}
	r := a.rings[id]
	if r == nil {
		return a.Centers[id].Dist(q) - a.radius[id]
	}
	best := math.Inf(1)
	for i, p := range r {
		best = math.Min(best, SegmentDist2(q, p, r[(i+1)%len(r)]))
	}
	return math.Sqrt(best)
}

// SegmentDist2 is the square of the distance of q from the segment from a to b.
func SegmentDist2(q, a, b XY) float64 {
	d := b.Sub(a)
	t := 0.0
	if l := float64(d.X*d.X) + float64(d.Y*d.Y); l > 0 {
		t = math.Max(0, math.Min(1, (float64((q.X-a.X)*d.X)+float64((q.Y-a.Y)*d.Y))/l))
	}
	return q.Dist2(a.Lerp(b, t))
}

// Nearest is the area whose centre is nearest to q, and the distance.
func (a *Areas) Nearest(q XY) (sigcity.AreaID, float64) {
	i, d := a.index.Nearest(q)
	return sigcity.AreaID(max(i, 0)), d
}

// Within calls f with every area whose centre lies within radius metres of q.
func (a *Areas) Within(q XY, radius float64, f func(id sigcity.AreaID, d float64)) {
	a.index.Within(q, radius, func(i int, d float64) { f(sigcity.AreaID(i), d) })
}
