package planning

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

const (
	// coreShare is the share of the map's places that the core of the city holds
	// (assumed).
	coreShare = 0.25
	// zoneGapM is how far apart two zones may lie and touch: rivers, parks and
	// motorways part no city (assumed).
	zoneGapM = 1000
)

// core is the centre of the city: from the zone where the map's places lie
// densest, the densest neighbouring zones until it has coreShare of all places. It
// is the same for all who have the map.
type core struct {
	zones  map[geo.ZoneID]bool
	center geo.XY // mean of its places
}

// newCore finds the core on the zones of the zoning; it is empty where the map has no places.
func newCore(e *Env) *core {
	out := &core{zones: map[geo.ZoneID]bool{}}
	if e.Map == nil {
		return out
	}
	count, sum := map[geo.ZoneID]float64{}, map[geo.ZoneID]geo.XY{}
	for _, p := range e.Map.Places {
		q := orb.Point{p.Lon, p.Lat}
		z, at := e.Zoning.Zone(q), e.Proj.XY(q)
		count[z]++
		sum[z] = geo.XY{X: sum[z].X + at.X, Y: sum[z].Y + at.Y}
	}
	delete(count, geo.NoZone)
	zones := geo.SortedZones(count)
	d := newDiscs(zoneGapM)
	density, all := make([]float64, len(zones)), 0.0
	for i, z := range zones {
		density[i] = ratio(count[z], d.addZone(e, z))
		all += count[z]
	}
	densest := func(a, b int) int { return cmp.Or(cmp.Compare(density[b], density[a]), cmp.Compare(a, b)) }
	var frontier []int
	seen := make([]bool, len(zones))
	for i := range zones {
		frontier = append(frontier, i)
	}
	in, at := 0.0, geo.XY{}
	for in < coreShare*all && len(frontier) > 0 {
		i := slices.MinFunc(frontier, densest)
		if in == 0 {
			frontier, seen[i] = nil, true
		}
		frontier = slices.DeleteFunc(frontier, func(j int) bool { return j == i })
		z := zones[i]
		out.zones[z] = true
		in, at = in+count[z], geo.XY{X: at.X + sum[z].X, Y: at.Y + sum[z].Y}
		for _, j := range d.around(i) {
			if !seen[j] {
				seen[j] = true
				frontier = append(frontier, j)
			}
		}
	}
	if in > 0 {
		out.center = geo.XY{X: at.X / in, Y: at.Y / in}
	}
	return out
}

// core is that of the environment's map and zoning.
func (e *Env) core() *core {
	e.init()
	return e.shared.core()
}

// part is the share of an area that lies in the core.
func (e *Env) part(id sigcity.AreaID) float64 {
	in := 0.0
	for _, s := range e.shares(id) {
		if e.core().zones[s.zone] {
			in += s.share
		}
	}
	return in
}
