package synthcity

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// zone is what a super-block, the cells between arterials, is for.
type zone uint8

const (
	none zone = iota
	homes
	villas
	center // offices and malls
	industry
	campus
	green
)

// super is the index of the super-block of a cell.
func (t *town) super(i, j int) int { return i/t.block*(2*t.half/t.block) + j/t.block }

// closed reports whether the street from lattice node (i, j) lies inside a
// super-block without through streets.
func (t *town) closed(i, j int) bool {
	z := t.zones[t.super(min(i, 2*t.half-1), min(j, 2*t.half-1))]
	return z == green || z == campus
}

// planZones zones a town: offices in the middle, works in one sector and
// downwind, a university across from them, villas by the water and at the rim,
// parks among the rest. Quotas go by inhabitants.
func (m *maker) planZones(t *town) {
	n := 2 * t.half / t.block
	t.zones = make([]zone, n*n)
	r := m.seedFor("zones", uint64(t.id))
	type candidate struct {
		k        int
		rho, arc float64 // arc from the middle of the works
		side     float64 // m from the river
		dice     float64
	}
	var all []candidate
	for a := range n {
		for b := range n {
			u := float64((float64(a)+0.5)*float64(t.block)) - float64(t.half)
			v := float64((float64(b)+0.5)*float64(t.block)) - float64(t.half)
			used := 0
			for i := range t.block {
				for j := range t.block {
					if t.on(a*t.block+i, b*t.block+j) {
						used++
					}
				}
			}
			dice := r.Float64()
			if used*2 < t.block*t.block {
				if used > 0 {
					t.zones[a*n+b] = homes
				}
				continue
			}
			t.zones[a*n+b] = homes
			all = append(all, candidate{a*n + b, t.rho(u, v), math.Abs(math.Remainder(math.Atan2(v, u)-t.works, 2*math.Pi)),
				math.Abs(m.river.side(t.place(u, v))) - m.river.half, dice})
		}
	}
	// choose gives the zone to the best of the homes, the least of score first.
	choose := func(z zone, want float64, score func(c candidate) float64) {
		for range int(math.Round(want)) {
			best, least := -1, 0.9
			for i, c := range all {
				if s := score(c); t.zones[c.k] == homes && s < least {
					best, least = i, s
				}
			}
			if best < 0 {
				return
			}
			t.zones[all[best].k] = z
		}
	}
	total := float64(len(all))
	main := t.id == 0
	choose(center, math.Max(1, 0.055*total), func(c candidate) float64 { return c.rho + float64(0.12*c.dice) })
	choose(industry, math.Max(1, 0.15*total), func(c candidate) float64 {
		return c.arc/2.2 + float64(0.9*math.Max(0, 0.75-c.rho)) + float64(0.1*c.dice)
	})
	if main || t.people > 60_000 {
		choose(campus, math.Max(1, t.people/55_000), func(c candidate) float64 {
			return math.Abs(c.rho-0.62) + 0.25*(math.Pi-c.arc)/math.Pi + float64(0.3*c.dice)
		})
	}
	choose(villas, math.Max(1, 0.06*total), func(c candidate) float64 {
		return float64(0.7*math.Abs(c.rho-0.75)) + math.Min(c.side/2500, 0.3) + float64(0.15*(math.Pi-c.arc)) + float64(0.25*c.dice)
	})
	choose(green, math.Max(1, 0.05*total), func(c candidate) float64 { return float64(0.35*math.Abs(c.rho-0.5)) + float64(0.6*c.dice) })
}

// zone fills the open grounds: parks and campuses are one area a super-block,
// cells of industry and offices get their land use with the buildings.
func (m *maker) zone() {
	for _, t := range m.towns {
		n := 2 * t.half / t.block
		parks, schools := 0, 0
		for a := range n {
			for b := range n {
				z := t.zones[a*n+b]
				if z != green && z != campus {
					continue
				}
				ring := t.outline(a*t.block, b*t.block)
				if ring == nil {
					continue
				}
				switch z {
				case green:
					parks++
					m.ring(ring, "leisure", "park", "name", numbered(t.name+" Park", parks))
				case campus:
					schools++
					m.ring(ring, "amenity", "university", "name", numbered("University of "+t.name, schools))
				}
			}
		}
	}
}

// outline is the edge of a super-block drawn in from its streets, nil where
// part of it is not built on.
func (t *town) outline(i, j int) []geo.XY {
	for a := range t.block {
		for b := range t.block {
			if !t.on(i+a, j+b) {
				return nil
			}
		}
	}
	q := quad{t.corner(i, j), t.corner(i+t.block, j), t.corner(i+t.block, j+t.block), t.corner(i, j+t.block)}
	const steps = 4
	e := 12 / math.Max(q[0].Dist(q[1]), 50)
	lo, hi := e, 1-e
	var out []geo.XY
	for k := range steps {
		f := lo + (hi-lo)*float64(k)/steps
		out = append(out, t.inside(i, j, f, lo))
	}
	for k := range steps {
		out = append(out, t.inside(i, j, hi, lo+(hi-lo)*float64(k)/steps))
	}
	for k := range steps {
		out = append(out, t.inside(i, j, hi-(hi-lo)*float64(k)/steps, hi))
	}
	for k := range steps {
		out = append(out, t.inside(i, j, lo, hi-(hi-lo)*float64(k)/steps))
	}
	return out
}

// inside is a point of a super-block by shares of its sides.
func (t *town) inside(i, j int, f, g float64) geo.XY {
	return t.place(float64(i-t.half)+float64(f*float64(t.block)), float64(j-t.half)+float64(g*float64(t.block)))
}
