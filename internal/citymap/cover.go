package citymap

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

// shades is how many colours neighbours take turns in.
const shades = 7

// radios lists the operator's radios, in alphabetical order.
func (p *painter) radios() []string {
	var out []string
	for _, c := range p.mine {
		if !slices.Contains(out, c.Radio) {
			out = append(out, c.Radio)
		}
	}
	slices.Sort(out)
	return out
}

// cellsOf are the operator's cells of a radio that have a footprint, and the
// outlines in user units.
func (p *painter) cellsOf(radio string) (cells []dataset.Cell, rings [][]orb.Ring) {
	for _, c := range p.mine {
		if c.Radio != radio || len(c.Footprint) < 4 {
			continue
		}
		ring := make(orb.Ring, len(c.Footprint))
		for i, ll := range c.Footprint {
			ring[i] = p.At(ll)
		}
		cells, rings = append(cells, c), append(rings, []orb.Ring{ring})
	}
	return cells, rings
}

// footprint adds the outline of a cell's area.
func (p *painter) footprint(path *svg.Path, c dataset.Cell) {
	p.ring(path, p.Proj.RingXY(c.Footprint), p.cellTolerance)
}

// fitFootprints chooses how hard the outlines are simplified: until those of
// all cells of the operator fit.
func (p *painter) fitFootprints() {
	for p.cellTolerance = tolerance; ; p.cellTolerance *= 1.5 {
		var all svg.Path
		for _, c := range p.mine {
			p.footprint(&all, c)
		}
		if all.Len() <= cellBytes {
			return
		}
	}
}

// bestServers draws where each cell of the operator serves best, a layer a
// radio.
func (p *painter) bestServers() {
	for i, radio := range p.radios() {
		cells, rings := p.cellsOf(radio)
		colour := colours(p.newRaster(rings).neighbours(len(cells), func(a int32) int32 { return a }), shades)
		name := fmt.Sprintf("Best-server areas of %s", p.Operator)
		if radio != "" {
			name += ", " + radio
		}
		p.group(fmt.Sprintf("cells-%d", i), name, i == 0, density(len(cells)),
			[]key{{"area", "cell sh-0", "largest piece of a cell's area; neighbours differ"}}, func(d *svg.Drawing) {
				for k, c := range cells {
					var path svg.Path
					p.footprint(&path, c)
					d.Shape(fmt.Sprintf("cell sh-%d", colour[k]), fmt.Sprintf("cell %s %s, tracking area %d, azimuth %.0f°, %s km²",
						c.Name, c.Radio, c.TAC, c.Azimuth, km2(geo.RingArea(p.Proj.RingXY(c.Footprint)))), &path)
				}
			})
	}
}

// km2 writes an area with two digits that say something.
func km2(m2 float64) string {
	v := m2 / 1e6
	if v >= 10 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// trackingAreas draws the cells of each tracking area of the operator as one.
func (p *painter) trackingAreas() {
	var cells []dataset.Cell
	var rings [][]orb.Ring
	for _, radio := range p.radios() {
		c, r := p.cellsOf(radio)
		cells, rings = append(cells, c...), append(rings, r...)
	}
	var codes []uint32
	for _, c := range cells {
		codes = append(codes, c.TAC)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	group := make([]int32, len(cells))
	for i, c := range cells {
		k, _ := slices.BinarySearch(codes, c.TAC)
		group[i] = int32(k)
	}
	colour := colours(p.newRaster(rings).neighbours(len(codes), func(a int32) int32 { return group[a] }), shades)
	p.add("tac", fmt.Sprintf("Tracking areas of %s (%d)", p.Operator, len(codes)), false,
		[]key{{"area", "tac sh-1", "cells of one tracking area; neighbours differ"}}, func(d *svg.Drawing) {
			for k, code := range codes {
				var path svg.Path
				n := 0
				for i, c := range cells {
					if group[i] == int32(k) {
						p.footprint(&path, c)
						n++
					}
				}
				d.Shape(fmt.Sprintf("tac sh-%d", colour[k]), fmt.Sprintf("tracking area %d: %d cells", code, n), &path)
			}
		})
}

// overlaps draws where a second cell of the operator is weaker than the best
// by no more than the hysteresis: there phones go to and fro.
func (p *painter) overlaps() {
	if p.City == nil {
		return
	}
	op := slices.IndexFunc(p.City.Operators, func(o network.Operator) bool { return o.PLMN() == p.Operator })
	if op < 0 {
		return
	}
	// The radio model has tiles of 50 m and more.
	for step := max(8, 50*p.Scale); ; step *= 1.25 { // user units a side of a sample
		var path svg.Path
		cols, rows := int(p.W/step), int(p.H/step)
		for row := range rows {
			for col := 0; col < cols; {
				from := col
				for col < cols && p.overlapAt(op, (float64(col)+0.5)*step, (float64(row)+0.5)*step) {
					col++
				}
				if col == from {
					col++
					continue
				}
				x0, x1, y := float64(from)*step, float64(col)*step, float64(row)*step
				path.Add([]orb.Point{{x0, y}, {x1, y}, {x1, y + step}, {x0, y + step}}, true)
			}
		}
		if path.Len() > overlapBytes {
			continue
		}
		p.add("overlap", fmt.Sprintf("Overlap of cells of %s", p.Operator), false,
			[]key{{"area", "overlap", fmt.Sprintf("second cell at most %.0f dB weaker; sampled every %.0f m", network.HysteresisDB, step/p.Scale)}},
			func(d *svg.Drawing) { d.Shape("overlap", "", &path) })
		return
	}
}

// overlapAt reports whether a place of the picture lies in an overlap.
func (p *painter) overlapAt(op int, x, y float64) bool {
	q := geo.XY{X: p.West + float64(x/p.Scale), Y: p.North - float64(y/p.Scale)}
	list := p.City.Candidates(op, q)
	return len(list) > 1 && slices.ContainsFunc(list[1:], func(c network.Candidate) bool { return c.BelowDB <= network.HysteresisDB })
}

// mast is a place with antennas of one operator.
type mast struct {
	operator string
	at       orb.Point // lon, lat
	cells    []dataset.Cell
}

// masts lists them by operator, in the order of their cells.
func masts(cells []dataset.Cell) map[string][]mast {
	type place struct {
		operator string
		at       orb.Point
	}
	index := map[place]int{}
	out := map[string][]mast{}
	for _, c := range cells {
		k := place{c.Operator, c.Antenna}
		i, ok := index[k]
		if !ok {
			i = len(out[c.Operator])
			index[k] = i
			out[c.Operator] = append(out[c.Operator], mast{operator: c.Operator, at: c.Antenna})
		}
		m := &out[c.Operator][i]
		m.cells = append(m.cells, c)
	}
	return out
}

// sites draws masts with a petal for each direction, a layer an operator.
func (p *painter) sites() {
	all := masts(p.Cells)
	names := operators(p.Cells)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(len(all[b]), len(all[a])) })
	for i, name := range names {
		class := fmt.Sprintf("op-%d", i%operatorColours)
		p.group(fmt.Sprintf("sites-%d", i), fmt.Sprintf("Sites of %s (%d)", cmp.Or(name, "(no name)"), len(all[name])), name == p.Operator, density(len(all[name])),
			[]key{{"site", "site " + class, "site with its sectors"}}, func(d *svg.Drawing) {
				for _, m := range all[name] {
					tip := fmt.Sprintf("site of %s: %d cells, spacing %.0f m", name, len(m.cells), m.cells[0].Spacing)
					path := p.petals(m)
					d.Shape("site "+class, tip, &path)
				}
			})
	}
}

// operatorColours is how many colours operators take turns in.
const operatorColours = 4

// petals are the sectors of a site as slices of a disc; a site with one cell
// is a disc.
func (p *painter) petals(m mast) svg.Path {
	const (
		part   = 0.2 // of the site spacing: how long petals are
		least  = 3.5 // user units
		most   = 36.0
		half   = 27.0 // degrees to either side
		facets = 4
	)
	var path svg.Path
	q := p.At(m.at)
	r := min(max(m.cells[0].Spacing*part*p.Scale, least), most)
	corner := func(azimuth, r float64) orb.Point {
		sin, cos := math.Sincos(azimuth * math.Pi / 180)
		return orb.Point{q[0] + float64(r*sin), q[1] - float64(r*cos)}
	}
	var drawn []float64
	for _, c := range m.cells {
		if slices.Contains(drawn, c.Azimuth) { // several carriers look the same way
			continue
		}
		drawn = append(drawn, c.Azimuth)
	}
	if len(drawn) == 1 {
		var disc []orb.Point
		for k := range 10 {
			disc = append(disc, corner(float64(k)*36, 0.6*r))
		}
		path.Add(disc, true)
		return path
	}
	for _, a := range drawn {
		petal := []orb.Point{q}
		for k := range facets + 1 {
			petal = append(petal, corner(a-half+float64(2*half*float64(k)/facets), r))
		}
		path.Add(petal, true)
	}
	return path
}
