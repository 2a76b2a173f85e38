package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
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
func drawCity(m *dataset.Map, areas []sigcity.Area) *cityMap {
	proj := m.Projection()
	operator, operators := largestOperator(areas)
	c := &cityMap{Operator: operator, Others: operators - 1}
	var mine []sigcity.Area
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
func largestOperator(areas []sigcity.Area) (name string, operators int) {
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
func mapExtent(m *dataset.Map, proj geo.Projection, areas []sigcity.Area) (lo, hi geo.XY) {
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
func (f frame) cells(d *drawing, areas []sigcity.Area) {
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

// sitesOf places the sites of cells. A site's position is not a column of the
// areas, but the sectors of one base station (eNB, the CGI's cell identity
// without its last 8 bits) lie around it: it is the corner that all of its
// footprints share, as Voronoi wedges do, or else the middle of the cells, some
// way off the mast.
func sitesOf(areas []sigcity.Area, proj geo.Projection) []geo.XY {
	groups := map[string][]sigcity.Area{}
	var names []string
	for _, a := range areas {
		station := stationOf(a.Name)
		if groups[station] == nil {
			names = append(names, station)
		}
		groups[station] = append(groups[station], a)
	}
	out := make([]geo.XY, 0, len(names))
	for _, n := range names {
		out = append(out, sharedCorner(groups[n], proj))
	}
	return out
}

// stationOf is MCC-MNC-eNB of a CGI text MCC-MNC-ECI, or the name itself where
// it is no CGI.
func stationOf(cgi string) string {
	i := strings.LastIndexByte(cgi, '-')
	eci, err := strconv.ParseUint(cgi[i+1:], 10, 64)
	if i < 0 || err != nil {
		return cgi
	}
	return cgi[:i+1] + strconv.FormatUint(eci>>8, 10)
}

func sharedCorner(cells []sigcity.Area, proj geo.Projection) geo.XY {
	var mean geo.XY
	n := float64(len(cells))
	for _, c := range cells {
		p := proj.XY(c.Center)
		mean.X += p.X / n
		mean.Y += p.Y / n
	}
	if len(cells) < 2 {
		return mean
	}
	for _, corner := range cells[0].Footprint {
		p := proj.XY(corner)
		shared := true
		for _, c := range cells[1:] {
			shared = shared && slices.ContainsFunc(c.Footprint, func(q orb.Point) bool { return proj.XY(q).Dist(p) < 1 })
		}
		if shared {
			return p
		}
	}
	return mean
}
