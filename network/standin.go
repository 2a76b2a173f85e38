package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// Where the map lacks buildings, stand-ins line the streets. The figures are
// this project's assumptions.
const (
	frontageM   = 26.0 // street front of one house where there are frontageAt km of residential street a km²,
	frontageAt  = 8.0
	frontageMin = 9.0   // … of a row house, where streets are denser,
	frontageMax = 140.0 // … and where they are sparse
	setbackM    = 16.0  // from the middle of the street to the house
	builtM2     = 8.0   // footprint a metre of residential street where the map is complete: 120 m² each side every 30 m
	thinShare   = 0.3   // a place with less than this share of builtM2 lacks buildings
	thinCellM   = 250.0 // … within the 3 × 3 cells of this size around it
	houseFloor  = 180.0 // m² of floor of a stand-in
)

// standIns lines residential streets with estimated houses where the map has
// no or hardly any buildings.
func (b *builder) standIns() error {
	c := b.city
	built, street := newRaster(thinCellM), newRaster(thinCellM)
	pts := make([]geo.XY, len(c.Buildings))
	for i, x := range c.Buildings {
		built.add(x.Pos, b.areas[i].m2)
		pts[i] = x.Pos
	}
	real := geo.NewIndex(pts)
	taken := func(q geo.XY) (yes bool) {
		real.Within(q, frontageM, func(int, float64) { yes = true })
		return yes
	}
	for _, r := range c.Roads {
		if homely(r.Class) {
			walk(r.Line, 20, func(p, _ geo.XY) { street.add(p, 20) })
		}
	}
	lots := make([][]Building, len(c.Roads))
	each(len(c.Roads), b.opt.Workers, func(i int) {
		r := &c.Roads[i]
		if !homely(r.Class) && r.Class != "unclassified" && r.Class != "tertiary" {
			return
		}
		walk(r.Line, frontageM, func(p, along geo.XY) {
			if !b.inside(p) || !homely(r.Class) && b.residential.at(p, nil) < 0 {
				return
			}
			length := street.around(p)
			if built.around(p) > thinShare*builtM2*length {
				return
			}
			front := frontage(length / 9)
			keep, homes := frontageM/front, math.Max(1, frontageM/front) // a stand-in of several homes is a row of houses
			for side := range 2 {
				v := geo.XY{X: -along.Y * setbackM, Y: along.X * setbackM}
				if side == 1 {
					v = geo.XY{X: -v.X, Y: -v.Y}
				}
				q := geo.XY{X: p.X + v.X, Y: p.Y + v.Y}
				if taken(q) || b.draw("network.standin", q) >= keep {
					continue
				}
				floor := homes * (houseFloor * (0.7 + float64(0.6*b.draw("network.standin.floor", q))))
				lots[i] = append(lots[i], Building{Pos: q, Use: Residential, FloorM2: floor, Levels: 2, Dwellings: homes,
					Community: -1, Estimated: true})
			}
		})
	})
	mine := newRaster(frontageM / 2) // one stand-in a cell: parallel streets share their backs
	for _, lot := range lots {
		for _, x := range lot {
			if mine.at(x.Pos) == 0 {
				mine.add(x.Pos, 1)
				c.Buildings = append(c.Buildings, x)
			}
		}
	}
	if n := len(c.Buildings) - len(pts); n > 0 {
		b.warn("buildings: the map has %d; %d houses were estimated along residential streets without buildings", len(pts), n)
	}
	return nil
}

// homely reports whether houses line a street of the class.
func homely(class string) bool { return class == "residential" || class == "living_street" }

// frontage is the street front of one house in metres where m metres of
// residential street lie in a cell of thinCellM: dense streets are built up.
func frontage(m float64) float64 {
	density := m / thinCellM * (1000 / thinCellM) // km of street per km²
	return min(max(frontageM*frontageAt/math.Max(density, 0.1), frontageMin), frontageMax)
}

// draw is a number in [0, 1) that hangs on the seed and the place alone.
func (b *builder) draw(scope string, p geo.XY) float64 {
	return unitAt(b.opt.Seed, scope, p)
}
