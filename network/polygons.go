package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// polygons answers which of many rings contain a point.
type polygons struct{ *geo.Regions }

func newPolygons(rings [][]geo.XY) *polygons {
	regions := make([]geo.Region, len(rings))
	for i, r := range rings {
		regions[i] = geo.Region{ID: geo.ZoneID(i), Rings: [][]geo.XY{r}}
	}
	return &polygons{geo.NewRegions("", geo.Projection{}, regions)}
}

// at is the smallest ring that contains q, −1 where none does. accept, if not
// nil, chooses among them.
func (x *polygons) at(q geo.XY, accept func(i int) bool) int { return x.At(q, accept) }

// box is the bounding box of a ring.
func box(r []geo.XY) (lo, hi geo.XY) {
	lo, hi = r[0], r[0]
	for _, p := range r {
		lo = geo.XY{X: math.Min(lo.X, p.X), Y: math.Min(lo.Y, p.Y)}
		hi = geo.XY{X: math.Max(hi.X, p.X), Y: math.Max(hi.Y, p.Y)}
	}
	return lo, hi
}
