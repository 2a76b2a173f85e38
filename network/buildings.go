package network

import (
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

var useNames = [...]string{"unknown", "residential", "commercial", "industrial", "public", "other"}

// String is the use in one lower-case word.
func (u Use) String() string { return useNames[u] }

// Sizes that decide what an untyped building is: assumptions.
const (
	shedM2       = 28.0  // a footprint below this is no dwelling
	outhouseM2   = 80.0  // … nor one below this beside a larger building
	outhouseGapM = 22.0  // … whose centre is no farther than this
	hallM2       = 1500  // an untyped footprint above this is no dwelling house,
	blockM2      = 3000  // and above this not even on residential land
	houseM2      = 260.0 // footprint up to which an untyped dwelling house holds one household or two
	levelReachM  = 300.0 // how far known storeys tell of unknown ones
)

// buildings makes the buildings of the map: use, storeys and floor area.
func (b *builder) buildings() error {
	parts := b.partsOf()
	n := len(b.areas)
	out := make([]Building, n)
	houses := make([]bool, n)
	bad := make([]bool, n)
	uses, useOfRing := b.zonedUses()
	spots := b.spotIndex()
	streets, classes := b.streetPoints()
	centers := make([]geo.XY, n)
	for i := range b.areas {
		centers[i] = b.areas[i].center
	}
	all := geo.NewIndex(centers)
	shared := make([]float64, n) // m² of floor that places take in residential buildings
	each(n, b.opt.Workers, func(i int) {
		a := &b.areas[i]
		x := Building{Pos: a.center, Ring: a.ring, Community: -1}
		x.Use, houses[i] = buildingUse(a.tags)
		if x.Use == UnknownUse {
			x.Estimated = true
			if x.Use = OtherUse; !b.outhouse(i, all) {
				x.Use = b.guessUse(a, uses, useOfRing, spots, streets, classes)
			}
			houses[i] = x.Use == Residential && a.m2 <= houseM2
		}
		x.Levels, bad[i] = levels(a.tags)
		if x.Use == Residential {
			shared[i] = b.shared(a, spots)
		}
		out[i] = x
	})
	b.partLevels(out, parts)
	missing := b.missingLevels(out, houses)
	for i := range out {
		x := &out[i]
		if bad[i] {
			b.add("bad_levels", 1)
		}
		if x.Estimated { // so far for its use alone
			b.add("uses_estimated", 1)
		}
		if x.Levels == 0 {
			x.Levels, x.Estimated = missing[i], true
			b.add("levels_estimated", 1)
		}
		x.FloorM2 = b.areas[i].m2 * x.Levels
		if x.Use == Residential {
			flats, ok, badFlats := flatsOf(b.areas[i].tags)
			if x.Dwellings = flats; !ok {
				x.Dwellings = dwellingsOf(x.FloorM2, b.areas[i].m2, shared[i], houses[i])
			}
			if badFlats {
				b.add("bad_flats", 1)
			}
		}
		x.Jobs = x.FloorM2 / floorPerJob(x.Use, b.areas[i].tags)
	}
	b.city.Buildings = out
	return nil
}

// zonedUses indexes the land that tells what an untyped building is for.
func (b *builder) zonedUses() (*polygons, []Use) {
	var rings [][]geo.XY
	var uses []Use
	for _, l := range b.city.LandUse {
		u := UnknownUse
		switch l.Use {
		case "residential":
			u = Residential
		case "commercial", "retail":
			u = Commercial
		case "industrial":
			u = Industrial
		default:
			continue
		}
		rings, uses = append(rings, l.Ring), append(uses, u)
	}
	for _, s := range b.spots { // school grounds, hospital grounds
		if s.ring != nil && !s.building && useOf(s.category) == Public && s.category != dataset.Leisure && s.category != dataset.Airport {
			rings, uses = append(rings, s.ring), append(uses, Public)
		}
	}
	return newPolygons(rings), uses
}

func (b *builder) spotIndex() *geo.Index {
	pts := make([]geo.XY, len(b.spots))
	for i, s := range b.spots {
		pts[i] = s.pos
	}
	return geo.NewIndex(pts)
}

// streetPoints samples the streets that name what lies along them.
func (b *builder) streetPoints() (*geo.Index, []string) {
	var pts []geo.XY
	var classes []string
	for _, r := range b.city.Roads {
		switch r.Class {
		case "residential", "living_street", "unclassified", "tertiary", "secondary", "primary", "pedestrian", "service":
			walk(r.Line, 40, func(p geo.XY, _ geo.XY) {
				pts, classes = append(pts, p), append(classes, r.Class)
			})
		}
	}
	return geo.NewIndex(pts), classes
}

// walk calls f every step metres along a line, half a step from its ends, with
// the point and the unit vector along the line.
func walk(line []geo.XY, step float64, f func(p, along geo.XY)) {
	at := step / 2 // distance to the next call
	for i := 1; i < len(line); i++ {
		d := line[i-1].Dist(line[i])
		for ; at < d; at += step {
			v := line[i].Sub(line[i-1])
			f(line[i-1].Lerp(line[i], at/d), geo.XY{X: v.X / d, Y: v.Y / d})
		}
		at -= d
	}
}

// outhouse reports whether an untyped building is a shed or garage by its size
// and its neighbours.
func (b *builder) outhouse(i int, all *geo.Index) bool {
	a := &b.areas[i]
	if a.m2 < shedM2 {
		return true
	}
	beside := false
	if a.m2 < outhouseM2 {
		all.Within(a.center, outhouseGapM, func(j int, _ float64) { beside = beside || b.areas[j].m2 > 1.3*a.m2 })
	}
	return beside
}

// guessUse tells the use of an untyped building from the land it stands on,
// from the places inside, from its size and from the nearest street.
func (b *builder) guessUse(a *area, zones *polygons, useOfRing []Use, spots, streets *geo.Index, classes []string) Use {
	zone := UnknownUse
	if i := zones.at(a.center, nil); i >= 0 {
		zone = useOfRing[i]
	}
	if zone == Public || zone == Industrial {
		return zone
	}
	// A place inside names a small building; a large one only if its land does
	// not say otherwise: flats stand above shops.
	lo, hi := box(a.ring)
	inside, n := UnknownUse, 0
	spots.Within(a.center, hi.Dist(lo)/2, func(i int, _ float64) {
		if geo.RingContains(a.ring, b.spots[i].pos) {
			n++
			if u := useOf(b.spots[i].category); inside == UnknownUse || u < inside {
				inside = u
			}
		}
	})
	switch {
	case inside == Public || inside == Industrial:
		return inside
	case inside == Commercial && (zone != Residential || n > 3):
		return Commercial
	case zone == Residential && a.m2 > blockM2:
		return Commercial
	case zone != UnknownUse:
		return zone
	case a.m2 > hallM2:
		return Industrial
	}
	if i, d := streets.Nearest(a.center); i >= 0 && d < 150 {
		switch classes[i] {
		case "primary", "secondary":
			if a.m2 > 800 {
				return Commercial
			}
		case "service":
			if a.m2 > 600 {
				return Commercial
			}
		}
	}
	return Residential
}

// missingLevels gives the storeys of buildings that lack them: the median of the five nearest
// buildings of the same use whose storeys are known, if there are three within
// levelReachM, else a standard by use and size.
func (b *builder) missingLevels(out []Building, houses []bool) []float64 {
	type kind struct {
		use   Use
		house bool
	}
	known := map[kind][]int{}
	for i, x := range out {
		if x.Levels > 0 {
			k := kind{x.Use, houses[i]}
			known[k] = append(known[k], i)
		}
	}
	index := map[kind]*geo.Index{}
	for k, ids := range known {
		pts := make([]geo.XY, len(ids))
		for j, i := range ids {
			pts[j] = out[i].Pos
		}
		index[k] = geo.NewIndex(pts)
	}
	missing := make([]float64, len(out))
	each(len(out), b.opt.Workers, func(i int) {
		x := &out[i]
		if x.Levels > 0 {
			return
		}
		k := kind{x.Use, houses[i]}
		missing[i] = standardLevels(x.Use, b.areas[i].m2, houses[i])
		if index[k] == nil {
			return
		}
		var near []float64
		for _, j := range index[k].NearestN(nil, x.Pos, 5) {
			if y := &out[known[k][j]]; y.Pos.Dist(x.Pos) <= levelReachM {
				near = append(near, y.Levels)
			}
		}
		if len(near) >= 3 {
			slices.Sort(near)
			missing[i] = near[len(near)/2]
		}
	})
	return missing
}

// standardLevels is an assumed number of storeys where the map tells nothing.
func standardLevels(u Use, m2 float64, house bool) float64 {
	switch {
	case u == Residential && house:
		return 2
	case u == Residential && m2 > 2*houseM2:
		return 4
	case u == Residential:
		return 3
	case u == Commercial && m2 < 800, u == Public:
		return 2
	case u == Commercial && m2 < 3000:
		return 3
	}
	return 1
}
