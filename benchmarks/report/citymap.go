package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/internal/svg"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// cityMap is the map of the city and what its legend says.
type cityMap struct {
	Picture  template.HTML
	Operator string // whose cells are drawn
	Radio    string // of those cells; empty = not told
	Cells    int    // drawn
	Sites    int    // of these cells
	Others   int    // operators that are not drawn
	LandUse  []string
	Rails    bool
}

// frame is a map of the report.
type frame struct{ citymap.Frame }

// roadBudget is the bytes of road geometry a map.
const roadBudget = 450_000

// drawCity draws land use, roads, the cells of the largest operator that lie
// side by side (of macro sites, and one radio) tinted by tracking area, and
// their sites.
func drawCity(m *dataset.Map, areas []dataset.Cell) *cityMap {
	proj := m.Projection()
	operator, operators := citymap.LargestOperator(areas)
	c := &cityMap{Operator: operator, Others: operators - 1}
	var mine []dataset.Cell
	for _, a := range areas {
		if a.Operator == operator {
			mine = append(mine, a)
		}
	}
	mine = citymap.BaseCover(mine)
	if len(mine) > 0 {
		c.Radio = mine[0].Radio
	}
	lo, hi := citymap.Extent(m, mine)
	f := frame{citymap.Fit(proj, lo, hi, 960, 1000)}
	d := svg.NewDrawing(f.W, f.H, "map", "Map of "+cmp.Or(m.City, "the city"), "Land use, roads, macro cells of operator "+operator+" and their sites")
	d.Rect(0, 0, f.W, f.H, "paper")
	f.LandUse(d, m)
	f.cells(d, mine)
	f.Roads(d, m, roadBudget)
	sites := sitesOf(mine, proj)
	f.sites(d, sites)
	f.ScaleBar(d)
	f.Credit(d, m)
	d.Rect(0.5, 0.5, f.W-1, f.H-1, "map-frame")
	c.Picture, c.Cells, c.Sites = d.Done(), len(mine), len(sites)
	c.Rails, c.LandUse = citymap.HasRails(m), citymap.LandUses(m)
	return c
}

// tints is how many colours the tracking areas take turns in.
const tints = 6

// cells draws the footprints, one path a tracking area.
func (f frame) cells(d *svg.Drawing, areas []dataset.Cell) {
	var tacs []uint32
	for _, a := range areas {
		tacs = append(tacs, a.TAC)
	}
	slices.Sort(tacs)
	tacs = slices.Compact(tacs)
	for i, tac := range tacs {
		var p svg.Path
		for _, a := range areas {
			if a.TAC == tac && len(a.Footprint) > 3 {
				f.Ring(&p, a.Footprint)
			}
		}
		if !p.Empty() {
			class := "cell tint-" + strconv.Itoa(i%tints)
			if len(areas) > 2000 {
				class += " dense"
			}
			d.El("path", "class", class, "d", p.String())
		}
	}
}

// sites draws a triangle each, smaller where there are many.
func (f frame) sites(d *svg.Drawing, sites []geo.XY) {
	const size, many = 4.5, 400
	r, class := size, "site"
	if n := len(sites); n > many {
		r, class = max(1.4, float64(size*math.Sqrt(many/float64(n)))), "site dense"
	}
	var p svg.Path
	for _, s := range sites {
		q := f.XY(s)
		base := q[1] + float64(0.7*r)
		p.Add([]orb.Point{{q[0], q[1] - r}, {q[0] + r, base}, {q[0] - r, base}}, true)
	}
	d.El("path", "class", class, "d", p.String())
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
