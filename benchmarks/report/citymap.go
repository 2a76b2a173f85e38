package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// cityMap is the map of the city and what its legend says.
type cityMap struct {
	Picture  template.HTML
	Operator string // whose cells are drawn
	Cells    int    // of that operator
	Sites    int    // of that operator
	Others   int    // operators that are not drawn
	LandUse  []string
	Rails    bool
}

// drawCity draws land use, roads, the cells of the largest operator tinted by
// tracking area, and their sites.
func drawCity(m *dataset.Map, areas []dataset.Cell) *cityMap {
	proj := m.Projection()
	operator, operators := largestOperator(areas)
	c := &cityMap{Operator: operator, Others: operators - 1}
	var mine []dataset.Cell
	for _, a := range areas {
		if a.Operator == operator {
			mine = append(mine, a)
		}
	}
	lo, hi := mapExtent(m, proj, mine)
	f := newFrame(proj, lo, hi, 960, 1000)
	d := newDrawing(f.w, f.h, "map", "Map of "+cmp.Or(m.City, "the city"), "Land use, roads, cells of operator "+operator+" and their sites")
	d.rect(box{0, 0, f.w, f.h}, "paper")
	f.landUse(d, m)
	f.cells(d, mine)
	f.roads(d, m)
	sites := sitesOf(mine, proj)
	f.sites(d, sites)
	f.scaleBar(d)
	f.credit(d, m)
	d.rect(box{0.5, 0.5, f.w - 1, f.h - 1}, "map-frame")
	c.Picture, c.Cells, c.Sites = d.done(), len(mine), len(sites)
	levels := roadLevels()
	c.Rails = slices.ContainsFunc(m.Roads, func(r dataset.Road) bool { return levels[levelOf(levels, r.Class)].class == "rail" })
	for _, use := range landUses() {
		if slices.ContainsFunc(m.LandUse, func(l dataset.LandUse) bool { return l.Use == use }) {
			c.LandUse = append(c.LandUse, use)
		}
	}
	return c
}

// largestOperator is the one with most cells (the first by name of equals);
// the data set's areas do not tell market shares.
func largestOperator(areas []dataset.Cell) (name string, operators int) {
	n := map[string]int{}
	var names []string
	for _, a := range areas {
		if n[a.Operator]++; n[a.Operator] == 1 {
			names = append(names, a.Operator)
		}
	}
	slices.Sort(names)
	for i, o := range names {
		if i == 0 || n[o] > n[name] {
			name = o
		}
	}
	return name, len(names)
}

// mapExtent is the plane rectangle to show: the map's bounds, or all cell
// centres where it has none.
func mapExtent(m *dataset.Map, proj geo.Projection, areas []dataset.Cell) (lo, hi geo.XY) {
	if b := m.Bounds; b.Max[0] > b.Min[0] && b.Max[1] > b.Min[1] {
		return proj.XY(b.Min), proj.XY(b.Max)
	}
	var pts []geo.XY
	for _, a := range areas {
		pts = append(pts, proj.XY(a.Center))
	}
	return extent(pts, 500)
}

// extent is the rectangle around pts with a margin in metres.
func extent(pts []geo.XY, margin float64) (lo, hi geo.XY) {
	for i, p := range pts {
		if i == 0 {
			lo, hi = p, p
		}
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	return geo.XY{X: lo.X - margin, Y: lo.Y - margin}, geo.XY{X: hi.X + margin, Y: hi.Y + margin}
}

// tints is how many colours the tracking areas take turns in.
const tints = 6

// cells draws the footprints, one path a tracking area.
func (f frame) cells(d *drawing, areas []dataset.Cell) {
	var tacs []uint32
	for _, a := range areas {
		tacs = append(tacs, a.TAC)
	}
	slices.Sort(tacs)
	tacs = slices.Compact(tacs)
	for i, tac := range tacs {
		var p path
		for _, a := range areas {
			if a.TAC == tac && len(a.Footprint) > 3 {
				f.ring(&p, a.Footprint)
			}
		}
		if len(p.b) > 0 {
			class := "cell tint-" + strconv.Itoa(i%tints)
			if len(areas) > 2000 {
				class += " dense"
			}
			d.el("path", "class", class, "d", p.String())
		}
	}
}

// sites draws a triangle each, smaller where there are many.
func (f frame) sites(d *drawing, sites []geo.XY) {
	const size, many = 4.5, 400
	r, class := size, "site"
	if n := len(sites); n > many {
		r, class = max(1.4, float64(size*math.Sqrt(many/float64(n)))), "site dense"
	}
	var p path
	for _, s := range sites {
		q := f.xy(s)
		base := q[1] + float64(0.7*r)
		p.add([]orb.Point{{q[0], q[1] - r}, {q[0] + r, base}, {q[0] - r, base}}, true)
	}
	d.el("path", "class", class, "d", p.String())
}

// sitesOf lists the places where antennas stand, in order of cell.
func sitesOf(cells []dataset.Cell, proj geo.Projection) []geo.XY {
	var out []geo.XY
	seen := map[orb.Point]bool{}
	for _, c := range cells {
		if !seen[c.Antenna] {
			seen[c.Antenna] = true
			out = append(out, proj.XY(c.Antenna))
		}
	}
	return out
}
