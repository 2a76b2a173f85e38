package planning

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// landUse is what a zone has for each function that the map knows of, as shares of
// what the city has of it.
type landUse [functions]float64

// function is the one of which the zone has the largest part of the city's (the largest
// location quotient), of equals the first.
func (u landUse) function() int {
	best := 0
	for f, v := range u {
		if v > u[best] {
			best = f
		}
	}
	return best
}

// landFunction is the function of a land use; −1 = none: water and green.
func landFunction(use string) int {
	switch use {
	case "residential":
		return functionResidential
	case "commercial", "industrial":
		return functionWork
	case "retail":
		return functionCommerce
	}
	return unanswered
}

// placeFunction is the function of a category of places; −1 = none.
func placeFunction(c dataset.Category) int {
	switch c {
	case dataset.Office, dataset.Industry, dataset.Kindergarten, dataset.School, dataset.University, dataset.Hospital:
		return functionWork
	case dataset.Shop, dataset.Salon, dataset.DepartmentStore, dataset.Restaurant, dataset.Leisure:
		return functionCommerce
	}
	return unanswered
}

// landUse is what the map says zones are for, from the ground of land uses, and from
// dwellings and places by number; each has half of the say where the city has both.
func (e *Env) landUse() map[geo.ZoneID]landUse {
	land, places := map[geo.ZoneID]landUse{}, map[geo.ZoneID]landUse{}
	var landSum, placeSum landUse
	add := func(m map[geo.ZoneID]landUse, sum *landUse, f int, p orb.Point, v float64) {
		z := e.Zoning.Zone(p)
		if f == unanswered || z == geo.NoZone || v <= 0 {
			return
		}
		u := m[z]
		u[f] += v
		m[z], sum[f] = u, sum[f]+v
	}
	for _, l := range e.Map.LandUse {
		if f := landFunction(l.Use); f != unanswered {
			e.sampleRing(l, func(p orb.Point, m2 float64) { add(land, &landSum, f, p, m2) })
		}
	}
	for _, c := range e.Map.Communities {
		at := e.Proj.XY(orb.Point{c.Lon, c.Lat})
		const side = 5 // points across the neighbourhood
		for i := range side * side {
			q := geo.XY{X: at.X + float64(c.RadiusM*(float64(i%side)-side/2)/side), Y: at.Y + float64(c.RadiusM*(float64(i/side)-side/2)/side)}
			add(places, &placeSum, functionResidential, e.Proj.LonLat(q), c.Dwellings/(side*side))
		}
	}
	for _, p := range e.Map.Places {
		add(places, &placeSum, placeFunction(p.Category), orb.Point{p.Lon, p.Lat}, 1)
	}
	out := map[geo.ZoneID]landUse{}
	for _, part := range []struct {
		zones      map[geo.ZoneID]landUse
		sum, other landUse
	}{{land, landSum, placeSum}, {places, placeSum, landSum}} {
		for _, z := range geo.SortedZones(part.zones) {
			u := out[z]
			for f, v := range part.zones[z] {
				share := ratio(v, part.sum[f])
				if part.other[f] > 0 {
					share /= 2
				}
				u[f] += share
			}
			out[z] = u
		}
	}
	return out
}

// sampleRing calls f with points of a land use and the ground in m² that each stands for:
// a lattice of 50 m at most, finer where the land is small.
func (e *Env) sampleRing(l dataset.LandUse, f func(orb.Point, float64)) {
	ring := make([]geo.XY, len(l.Lon))
	for i := range ring {
		ring[i] = e.Proj.XY(orb.Point{l.Lon[i], l.Lat[i]})
	}
	area := geo.RingArea(ring)
	if len(ring) < 3 || area == 0 {
		return
	}
	lo, hi := ring[0], ring[0]
	for _, p := range ring {
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	step := min(50, math.Sqrt(area)/4)
	var in []geo.XY
	for y := lo.Y + step/2; y < hi.Y; y += step {
		for x := lo.X + step/2; x < hi.X; x += step {
			if q := (geo.XY{X: x, Y: y}); geo.RingContains(ring, q) {
				in = append(in, q)
			}
		}
	}
	if len(in) == 0 {
		in = append(in, geo.RingCentroid(ring))
	}
	for _, q := range in {
		f(e.Proj.LonLat(q), area/float64(len(in)))
	}
}
