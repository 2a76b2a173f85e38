package network

import (
	"math"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity/geo"
)

// Standards of gross floor area (outer walls, stairs and shared rooms
// included). docs/land.md has the sources in full.
const (
	// A dwelling has 109 m² gross: 41.76 m² a person × 2.62 persons (China,
	// census 2020), or 71 m² of utility floor in a multi-dwelling building
	// (Statistics Norway, 2008) over 0.65 net to gross (assumed). One in six is
	// vacant, a second home or no home at all (assumed): 130 m² a household.
	floorPerHome = 130.0
	// A detached house has 155 m² of utility floor (Statistics Norway, 2008),
	// over 0.82 net to gross (assumed).
	floorPerUnit = 190.0
	// A storey under the roof (roof:levels) counts as half a storey: assumed.
	roofShare = 0.5
	// Places take at most this share of a residential building: assumed.
	maxShared = 0.5
	// maxFlats bounds believable dwellings of a building; the largest
	// residential buildings have a few thousand.
	maxFlats = 5000
)

// dwellingsOf is how many households a residential building holds whose places
// take shared m² of its floor.
func dwellingsOf(floor, footprint, shared float64, house bool) float64 {
	switch {
	case footprint < shedM2:
		return 0
	case house:
		return min(max(math.Round(floor/floorPerUnit), 1), 6)
	}
	return math.Max(1, math.Round((floor-math.Min(shared, maxShared*floor))/floorPerHome))
}

// flatsOf reads building:flats; ok where it tells the dwellings, bad where it
// is there but unusable.
func flatsOf(t tags) (n float64, ok, bad bool) {
	v := t.get("building:flats")
	if v == "" {
		return 0, false, false
	}
	k, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || k < 1 || k > maxFlats {
		return 0, false, true
	}
	return float64(k), true, false
}

// shared is the floor that the places inside a building take: shops under
// flats, surgeries, offices.
func (b *builder) shared(a *area, spots *geo.Index) (m2 float64) {
	lo, hi := box(a.ring)
	spots.Within(a.center, hi.Dist(lo)/2, func(i int, _ float64) {
		if s := &b.spots[i]; s.ring == nil && geo.RingContains(a.ring, s.pos) {
			m2 += standardOf(s.category).floorM2
		}
	})
	return m2
}

// floorPerJob is the gross floor area of one worker in m². Nobody works in
// dwellings and sheds. The Employment Density Guide (Homes and Communities
// Agency, 3rd ed., 2015) has 12 m² net for offices, 15–20 m² net for shops, 36
// to 47 m² for industry and 70–95 m² for warehouses; the Commercial Buildings
// Energy Consumption Survey 2012 (EIA) some 56 m² gross for offices, 52 m² for
// clinics, 139 m² for warehouses and 232 m² for hotels. Each value is
// between the two; without a source: worship, and public use at large.
func floorPerJob(u Use, t tags) float64 {
	switch {
	case t.has("building", "warehouse", "hangar", "storage", "depot"):
		return 100
	case isHotel(t):
		return 150
	case t.has("building", "church", "chapel", "mosque", "temple", "synagogue", "cathedral", "religious", "shrine"):
		return 300
	}
	switch u {
	case Commercial:
		return 35
	case Industrial:
		return 80 // halls hold stores and works alike
	case Public:
		return 60
	}
	return math.Inf(1)
}

// partsOf gives, for each building, the parts of it that the map draws apart
// (building:part). A part with an outline of no building around it is a
// building itself if it is tagged as one, else it is left out and counted.
func (b *builder) partsOf() map[int][]int {
	if len(b.parts) == 0 {
		return nil
	}
	var rings [][]geo.XY
	for _, a := range b.areas {
		rings = append(rings, a.ring)
	}
	outlines := newPolygons(rings)
	out := map[int][]int{}
	for k := range b.parts {
		p := &b.parts[k]
		switch i := outlines.at(p.center, func(i int) bool { return b.areas[i].m2 >= p.m2*0.9 }); {
		case i >= 0:
			out[i] = append(out[i], k)
			b.add("building_parts", 1)
		case isBuilding(p.tags):
			b.areas = append(b.areas, *p)
		default:
			b.add("building_parts_alone", 1)
		}
	}
	return out
}

// partLevels gives buildings the mean storeys of their parts where these cover
// at least half of them and tell their storeys: floor once, whoever drew it.
// What the parts leave over has the storeys of the outline, or none.
func (b *builder) partLevels(out []Building, parts map[int][]int) {
	for i := range out {
		covered, floor := 0.0, 0.0
		for _, k := range parts[i] {
			p := &b.parts[k]
			n, bad := levels(p.tags)
			if bad {
				b.add("bad_levels", 1)
			}
			if n > 0 {
				covered += p.m2
				floor += float64(p.m2 * math.Max(n-belowPart(p.tags), 0))
			}
		}
		m2 := b.areas[i].m2
		if covered < m2/2-1 { // to a m²
			continue
		}
		floor += float64(math.Max(m2-covered, 0) * out[i].Levels)
		out[i].Levels = math.Min(math.Max(floor/m2, 1), maxLevels)
	}
}

// belowPart is the number of storeys that a part has air or other parts under.
func belowPart(t tags) float64 {
	if n, err := strconv.ParseFloat(strings.TrimSpace(t.get("building:min_level")), 64); err == nil && n >= 0 && n <= maxLevels {
		return n
	}
	if m, ok := metres(t.get("min_height")); ok {
		return math.Floor(m / levelM)
	}
	return 0
}
