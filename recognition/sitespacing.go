package recognition

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// nearestSites is over how many sites SiteSpacing takes the mean: a hexagonal
// layout has six neighbours.
const nearestSites = 6

// SiteSpacing is, for each cell, the mean distance in metres from its antenna to
// the six nearest other sites of its operator (as many as there are, if fewer;
// 0 where there is none). Antennas at one position are one site. It is the density
// that a roam radius follows with StayParams.Alpha.
func SiteSpacing(cells []dataset.Cell, proj geo.Projection) []float64 {
	out := make([]float64, len(cells))
	byOperator := map[string][]int{}
	for i, c := range cells {
		byOperator[c.Operator] = append(byOperator[c.Operator], i)
	}
	for _, mine := range byOperator { // each cell is of one operator: the order does not show
		sites := make([]geo.XY, len(mine))
		for k, i := range mine {
			sites[k] = proj.XY(cells[i].Antenna)
		}
		slices.SortFunc(sites, func(a, b geo.XY) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
		index := geo.NewIndex(slices.Compact(sites))
		var near []int
		for _, i := range mine {
			at := proj.XY(cells[i].Antenna)
			near = index.NearestN(near[:0], at, min(nearestSites+1, index.Len()))
			sum := 0.0
			for _, k := range near { // the site itself adds nothing
				sum += index.At(k).Dist(at)
			}
			out[i] = sum / float64(max(1, len(near)-1))
		}
	}
	return out
}
