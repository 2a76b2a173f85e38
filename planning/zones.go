package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// minReachM is the distance that always counts as the same place
// (docs/methods.md, scoring: the same or a neighbouring cell, or 500 m).
const minReachM = 500

// Place is a position in degrees; ReachM is how far off an answer may be and
// still be right there: max(500 m, the local site spacing).
type Place struct {
	Lon    float64 `json:"lon"`
	Lat    float64 `json:"lat"`
	ReachM float64 `json:"reach_m"`
}

func (p Place) point() orb.Point { return orb.Point{p.Lon, p.Lat} }

// zoneShare is the share of an area's weight that a zone gets.
type zoneShare struct {
	zone  geo.ZoneID
	share float64
}

// Samples of a footprint: at least so many points, closer together than a
// third of a zone, but never more than the most.
const (
	minSamples = 144
	maxSamples = 2500
)

// shares spreads an area over the zones its footprint overlaps (P3, the
// baseline: weight uniform over the footprint). The overlap is measured by a
// lattice of points inside the footprint, or inside the disc of its radius
// where it has none; an area without extent falls into the zone of its centre.
// Shares are in order of zone and add up to 1; nil where no zone is.
func (e *Env) shares(id sigcity.AreaID) []zoneShare {
	e.init()
	if s := e.shared.zones[id].Load(); s != nil {
		return *s
	}
	s := e.sample(id)
	e.shared.zones[id].Store(&s) // a second goroutine stores the same
	return s
}

func (e *Env) sample(id sigcity.AreaID) []zoneShare {
	areas, counts, total := e.areas(), map[geo.ZoneID]int{}, 0
	count := func(q orb.Point) {
		if z := e.Zoning.Zone(q); z != geo.NoZone {
			counts[z]++
			total++
		}
	}
	lo, hi, extent := bounds(areas, id)
	if extent > 0 {
		zone := math.Sqrt(geo.RingArea(e.Proj.RingXY(e.Zoning.Outline(e.Zoning.Zone(e.Areas[id].Center)))))
		step := math.Sqrt(extent / minSamples)
		if zone > 0 {
			step = min(step, zone/3)
		}
		step = max(step, math.Sqrt((hi.X-lo.X)*(hi.Y-lo.Y)/maxSamples))
		nx, ny := math.Ceil((hi.X-lo.X)/step), math.Ceil((hi.Y-lo.Y)/step)
		for y := range int(ny) {
			for x := range int(nx) {
				q := geo.XY{X: lo.X + float64((float64(x)+0.5)/nx*(hi.X-lo.X)), Y: lo.Y + float64((float64(y)+0.5)/ny*(hi.Y-lo.Y))}
				if areas.Contains(id, q) {
					count(e.Proj.LonLat(q))
				}
			}
		}
	}
	if total == 0 {
		count(e.Areas[id].Center)
	}
	var out []zoneShare
	for _, z := range geo.SortedZones(counts) {
		out = append(out, zoneShare{z, float64(counts[z]) / float64(total)})
	}
	return out
}

// bounds is the bounding box and the extent in m² of an area.
func bounds(areas *geo.Areas, id sigcity.AreaID) (lo, hi geo.XY, extent float64) {
	ring := areas.Ring(id)
	if ring == nil {
		c, r := areas.Centers[id], areas.Radius(id)
		return geo.XY{X: c.X - r, Y: c.Y - r}, geo.XY{X: c.X + r, Y: c.Y + r}, math.Pi * r * r
	}
	lo, hi = ring[0], ring[0]
	for _, p := range ring {
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	return lo, hi, geo.RingArea(ring)
}

// ZoneCount is the number of persons in one zone; Lon and Lat are its centre.
type ZoneCount struct {
	Zone    geo.ZoneID `json:"zone,string"`
	Lon     float64    `json:"lon"`
	Lat     float64    `json:"lat"`
	Persons float64    `json:"persons"`
}

// zoneCounts lists the zones of a map in order, each count times factor.
func (e *Env) zoneCounts(m map[geo.ZoneID]float64, factor float64) []ZoneCount {
	out := make([]ZoneCount, 0, len(m))
	for _, z := range geo.SortedZones(m) {
		if m[z] > 0 {
			c := e.Zoning.Center(z)
			out = append(out, ZoneCount{Zone: z, Lon: c[0], Lat: c[1], Persons: m[z] * factor})
		}
	}
	return out
}

// spread lays counts per area on zones.
func (e *Env) spread(counts []areaCount) map[geo.ZoneID]float64 {
	out := map[geo.ZoneID]float64{}
	for _, c := range counts {
		for _, s := range e.shares(c.area) {
			out[s.zone] += float64(c.count * s.share)
		}
	}
	return out
}

// cells is the number of areas in each zone, each area in parts by its footprint.
func (e *Env) cells() map[geo.ZoneID]float64 {
	each := make([]areaCount, len(e.Areas))
	for i := range each {
		each[i] = areaCount{sigcity.AreaID(i), 1}
	}
	return e.spread(each)
}

// byCells is a population laid on zones in proportion to their cells: the floor
// that knows the network and nothing of the records. Networks are denser where
// people are, so this is far from even; it is what records with cells drawn at
// random come to.
func (e *Env) byCells(total float64) []ZoneCount {
	return e.zoneCounts(e.cells(), total/float64(max(1, len(e.Areas))))
}

// areaCount is a count of one area.
type areaCount struct {
	area  sigcity.AreaID
	count float64
}

// sortedAreas lists a map's counts in order of area.
func sortedAreas(m map[sigcity.AreaID]float64) []areaCount {
	out := make([]areaCount, 0, len(m))
	for a, n := range m {
		out = append(out, areaCount{a, n})
	}
	slices.SortFunc(out, func(a, b areaCount) int { return cmp.Compare(a.area, b.area) })
	return out
}

// total is the number of persons in all zones.
func total(zones []ZoneCount) float64 {
	sum := 0.0
	for _, z := range zones {
		sum += z.Persons
	}
	return sum
}
