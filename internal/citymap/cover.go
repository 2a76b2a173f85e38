package citymap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

// shades is how many colours neighbours take turns in.
const shades = 7

// cover is the cells of an operator that share a task and a radio: they lie
// beside each other, covers on each other.
type cover struct {
	kind, radio string
	cells       []dataset.Cell
	rings       [][]orb.Ring // outlines in user units
}

// compareKinds puts kinds of sites into the order of their layers; kinds that
// this version does not know come last.
func compareKinds(a, b string) int {
	known := []string{network.MacroSite.String(), network.CorridorSite.String(), network.MetroSite.String(), network.IndoorSite.String()}
	rank := func(kind string) int {
		if i := slices.Index(known, kind); i >= 0 {
			return i
		}
		return len(known)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// kindOf is the kind of a cell's site; what is not told is macro.
func kindOf(c dataset.Cell) string { return cmp.Or(c.Kind, network.MacroSite.String()) }

// covers lists what the operator's cells cover, by kind and then radio.
func (p *painter) covers() []cover {
	var out []cover
	for _, c := range p.mine {
		if len(c.Footprint) < 4 {
			continue
		}
		i := slices.IndexFunc(out, func(v cover) bool { return v.kind == kindOf(c) && v.radio == c.Radio })
		if i < 0 {
			i = len(out)
			out = append(out, cover{kind: kindOf(c), radio: c.Radio})
		}
		ring := make(orb.Ring, len(c.Footprint))
		for k, ll := range c.Footprint {
			ring[k] = p.At(ll)
		}
		out[i].cells, out[i].rings = append(out[i].cells, c), append(out[i].rings, []orb.Ring{ring})
	}
	slices.SortFunc(out, func(a, b cover) int {
		return cmp.Or(compareKinds(a.kind, b.kind), cmp.Compare(a.radio, b.radio))
	})
	return out
}

// id names a cover in the page.
func (v cover) id() string {
	return strings.ToLower(v.kind + "-" + cmp.Or(v.radio, "any"))
}

// BaseCover lists those of cells that lie side by side on the ground: of macro
// sites, and of one radio, 4G where there is any.
func BaseCover(cells []dataset.Cell) []dataset.Cell {
	var out []dataset.Cell
	for _, c := range cells {
		if kindOf(c) != network.MacroSite.String() {
			continue
		}
		if len(out) > 0 && c.Radio < out[0].Radio {
			out = out[:0]
		}
		if len(out) == 0 || c.Radio == out[0].Radio {
			out = append(out, c)
		}
	}
	return out
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
// kind of site and radio; the first is shown.
func (p *painter) bestServers() {
	for i, v := range p.covers() {
		colour := colours(p.newRaster(v.rings).neighbours(len(v.cells), func(a int32) int32 { return a }), shades)
		name, sign := fmt.Sprintf("Best-server areas of %s", p.Operator), "largest piece of a cell's area; neighbours differ"
		if v.radio != "" {
			name += ", " + v.radio
		}
		if v.kind != network.MacroSite.String() {
			name, sign = fmt.Sprintf("%s (%d)", strings.TrimSpace(fmt.Sprintf("Cells of %s, %s %s", p.Operator, words(v.kind), v.radio)), len(v.cells)), "area of a cell"
		}
		p.group("cells-"+v.id(), name, i == 0, density(len(v.cells)), []key{{"area", "cell sh-0", sign}}, func(d *svg.Drawing) {
			for k, c := range v.cells {
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

// trackingAreas draws the macro cells of each tracking area of the operator as
// one, a layer a radio.
func (p *painter) trackingAreas() {
	for _, v := range p.covers() {
		if v.kind != network.MacroSite.String() {
			continue
		}
		var codes []uint32
		for _, c := range v.cells {
			codes = append(codes, c.TAC)
		}
		slices.Sort(codes)
		codes = slices.Compact(codes)
		group := make([]int32, len(v.cells))
		paths, n := make([]svg.Path, len(codes)), make([]int, len(codes))
		for i, c := range v.cells {
			k, _ := slices.BinarySearch(codes, c.TAC)
			group[i] = int32(k)
			p.footprint(&paths[k], c)
			n[k]++
		}
		colour := colours(p.newRaster(v.rings).neighbours(len(codes), func(a int32) int32 { return group[a] }), shades)
		name := strings.TrimSpace(fmt.Sprintf("Tracking areas of %s %s", p.Operator, v.radio))
		p.group("tac-"+v.id(), fmt.Sprintf("%s (%d)", name, len(codes)), false, " l-tac",
			[]key{{"area", "tac sh-1", "macro cells of one tracking area; neighbours differ"}}, func(d *svg.Drawing) {
				for k, code := range codes {
					d.Shape(fmt.Sprintf("tac sh-%d", colour[k]), fmt.Sprintf("tracking area %d: %d cells", code, n[k]), &paths[k])
				}
			})
	}
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
