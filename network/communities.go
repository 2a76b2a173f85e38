package network

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// Communities are the squares of a grid that people live in, those behind gates
// (residential=gated) apart from the others; few households join the next
// community of their kind. Sizes and weights are this project's assumptions.
const (
	communityM       = 500.0
	minCommunity     = 25.0   // dwellings of a community of its own
	communityReachM  = 1500.0 // how far a few households join
	affluenceReachM  = 400.0
	weightFloor      = 1.0  // per doubling of floor area per dwelling
	weightHouse      = 0.8  // share of dwellings in buildings of at most two
	weightGated      = 1.0  // behind a gate
	weightGreen      = 0.5  // share of sampled points near that lie in green or at water
	weightNuisance   = -1.0 // share of sampled points near on industrial land
	weightLine       = -0.6 // railway, motorway or trunk road within affluenceReachM
	floorPerHomeNorm = 110.0
)

// dwellings sums up the homes, and tops them up where the configured
// inhabitants would not fit.
func (b *builder) dwellings() error {
	c := b.city
	homes := 0.0
	for _, x := range c.Buildings {
		homes += x.Dwellings
	}
	if homes == 0 {
		return errors.New("no dwellings: the extract has neither residential buildings nor residential streets")
	}
	b.inhabitants = homes * householdSize
	if b.opt.Inhabitants == 0 {
		return nil
	}
	if f := float64(b.opt.Inhabitants) / b.inhabitants; f > 1 {
		for i := range c.Buildings {
			if x := &c.Buildings[i]; x.Dwellings > 0 {
				x.Dwellings *= f
				x.Estimated = true
			}
		}
		b.warn("dwellings: the map holds about %.0f inhabitants; every building was given %.2f times its dwellings to hold %d",
			b.inhabitants, f, b.opt.Inhabitants)
	}
	b.inhabitants = float64(b.opt.Inhabitants)
	return nil
}

// communities groups residential buildings and ranks the groups by affluence.
func (b *builder) communities() error {
	c := b.city
	gates := newPolygons(b.gated)
	behind := make([]uint8, len(c.Buildings)) // a gate: 0 or 1
	each(len(behind), b.opt.Workers, func(i int) {
		if x := &c.Buildings[i]; x.Dwellings > 0 && gates.at(x.Pos, nil) >= 0 {
			behind[i] = 1
		}
	})
	var homes [2]*raster
	var index [2]map[tile]int32
	var gatesFrom, n int32
	for kind := range homes {
		gatesFrom = n
		homes[kind] = newRaster(communityM)
		for i := range c.Buildings {
			if x := &c.Buildings[i]; x.Dwellings > 0 && int(behind[i]) == kind {
				homes[kind].add(x.Pos, x.Dwellings)
			}
		}
		index[kind], n = grouped(homes[kind], n)
	}
	c.Communities = make([]Community, n)
	for i := range c.Buildings {
		x := &c.Buildings[i]
		if x.Dwellings <= 0 {
			continue
		}
		k := behind[i]
		x.Community = index[k][homes[k].tile(x.Pos)]
		m := &c.Communities[x.Community]
		m.Dwellings += x.Dwellings
		m.Pos.X += x.Pos.X * x.Dwellings
		m.Pos.Y += x.Pos.Y * x.Dwellings
	}
	for i := range c.Communities {
		m := &c.Communities[i]
		m.Pos = geo.XY{X: m.Pos.X / m.Dwellings, Y: m.Pos.Y / m.Dwellings}
	}
	for i := range c.Buildings {
		if x := &c.Buildings[i]; x.Community >= 0 {
			m := &c.Communities[x.Community]
			m.RadiusM = math.Max(m.RadiusM, x.Pos.Dist(m.Pos))
		}
	}
	b.affluence(gatesFrom)
	return nil
}

// grouped numbers the tiles that are communities, from first on, and gives the
// number after the last: tiles of few homes join the nearest of many.
func grouped(homes *raster, first int32) (index map[tile]int32, n int32) {
	tiles := homes.tiles()
	index = make(map[tile]int32, len(tiles))
	var large []geo.XY
	for _, t := range tiles {
		if homes.sum[t] >= minCommunity {
			index[t] = first + int32(len(large))
			large = append(large, homes.center(t))
		}
	}
	near := geo.NewIndex(large)
	n = first + int32(len(large))
	for _, t := range tiles {
		if homes.sum[t] >= minCommunity {
			continue
		}
		if i, d := near.Nearest(homes.center(t)); i >= 0 && d <= communityReachM {
			index[t] = first + int32(i)
			continue
		}
		index[t] = n
		n++
	}
	return index, n
}

// affluence ranks communities by a score that can be read off the map, and
// cuts the ranking into quintiles of dwellings. What the score weighs is an
// assumption: roomy dwellings, houses rather than blocks, a gate (communities
// from gated on have one), green and water near, no industry, railway or trunk
// road near.
func (b *builder) affluence(gated int32) {
	c := b.city
	floor := make([]float64, len(c.Communities))
	houses := make([]float64, len(c.Communities))
	for i := range c.Buildings {
		if x := &c.Buildings[i]; x.Community >= 0 {
			floor[x.Community] += x.FloorM2
			if x.Dwellings <= 2 {
				houses[x.Community] += x.Dwellings
			}
		}
	}
	var rings [2][][]geo.XY // green and water; industrial
	for _, l := range c.LandUse {
		switch l.Use {
		case "green", "water":
			rings[0] = append(rings[0], l.Ring)
		case "industrial":
			rings[1] = append(rings[1], l.Ring)
		}
	}
	green, industry := newPolygons(rings[0]), newPolygons(rings[1])
	var loud []geo.XY
	for _, r := range c.Roads {
		switch r.Class {
		case "rail", "light_rail", "motorway", "trunk":
			walk(r.Line, 100, func(p, _ geo.XY) { loud = append(loud, p) })
		}
	}
	noise := geo.NewIndex(loud)
	score := make([]float64, len(c.Communities))
	each(len(score), b.opt.Workers, func(i int) {
		m := &c.Communities[i]
		s := weightFloor*math.Log2(math.Max(floor[i], 1)/m.Dwellings/floorPerHomeNorm) + weightHouse*houses[i]/m.Dwellings
		if int32(i) >= gated {
			s += weightGated
		}
		const samples = 24
		for k := range samples { // a sunflower of points around the community
			r := affluenceReachM * math.Sqrt((float64(k)+0.5)/samples)
			sin, cos := math.Sincos(float64(k) * math.Pi * (3 - math.Sqrt(5)))
			q := geo.XY{X: m.Pos.X + float64(r*cos), Y: m.Pos.Y + float64(r*sin)}
			if green.at(q, nil) >= 0 {
				s += weightGreen / samples
			}
			if industry.at(q, nil) >= 0 {
				s += weightNuisance / samples
			}
		}
		if j, d := noise.Nearest(m.Pos); j >= 0 && d < affluenceReachM {
			s += weightLine * (1 - d/affluenceReachM)
		}
		// To 1e-6, so that the ranking hangs on no last bit; ties go by index.
		score[i] = math.Round(s*1e6) / 1e6
	})
	order := make([]int, len(score))
	total := 0.0
	for i := range order {
		order[i] = i
		total += c.Communities[i].Dwellings
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(score[i], score[j]) })
	below := 0.0
	for _, i := range order {
		m := &c.Communities[i]
		m.Affluence = min(1+int(5*(below+m.Dwellings/2)/total), 5)
		below += m.Dwellings
	}
}
