package citymap

import (
	"cmp"
	_ "embed" // the basemap's style sheet
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/simplify"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

// BaseStyle is the style sheet of what a Frame draws.
//
//go:embed base.css
var BaseStyle string

// Frame maps the city's plane to a picture, north up, at one scale.
type Frame struct {
	Proj  geo.Projection
	West  float64 // m, plane position of the left edge
	North float64 // m, of the upper edge
	Scale float64 // user units per metre
	W, H  float64 // user units
}

// Fit fits the plane rectangle lo … hi into a picture of the given width,
// whose height keeps the aspect within maxH. Very long shapes get air beside
// them rather than an endless picture.
func Fit(proj geo.Projection, lo, hi geo.XY, width, maxH float64) Frame {
	w, h := max(hi.X-lo.X, 1), max(hi.Y-lo.Y, 1)
	if least := 0.45 * w; h < least {
		lo.Y -= (least - h) / 2
		h = least
	}
	if most := w * maxH / width; h > most {
		wider := h * width / maxH
		lo.X -= (wider - w) / 2
		w = wider
	}
	s := width / w
	return Frame{Proj: proj, West: lo.X, North: lo.Y + h, Scale: s, W: width, H: math.Round(h * s)}
}

// FitSide fits the plane rectangle lo … hi into a picture whose longer side
// has the given length; the shorter is at least a third of it.
func FitSide(proj geo.Projection, lo, hi geo.XY, side float64) Frame {
	w, h := max(hi.X-lo.X, 1), max(hi.Y-lo.Y, 1)
	if least := max(w, h) / 3; w < least {
		lo.X -= (least - w) / 2
		w = least
	} else if h < least {
		lo.Y -= (least - h) / 2
		h = least
	}
	s := side / max(w, h)
	return Frame{Proj: proj, West: lo.X, North: lo.Y + h, Scale: s, W: math.Round(w * s), H: math.Round(h * s)}
}

// XY places a point of the plane in the picture.
func (f Frame) XY(p geo.XY) orb.Point {
	return orb.Point{float64((p.X - f.West) * f.Scale), float64((f.North - p.Y) * f.Scale)}
}

// At places a lon/lat point in the picture.
func (f Frame) At(ll orb.Point) orb.Point { return f.XY(f.Proj.XY(ll)) }

// bound is the picture with a margin, beyond which geometry is cut off.
func (f Frame) bound() orb.Bound {
	return orb.Bound{Min: orb.Point{-4, -4}, Max: orb.Point{f.W + 4, f.H + 4}}
}

// Ring adds a lon/lat ring to a path, cut to the picture and simplified.
func (f Frame) Ring(p *svg.Path, r orb.Ring) { f.ring(p, f.Proj.RingXY(r), tolerance) }

// ring adds a ring of the plane; tol is the simplification's tolerance in
// user units.
func (f Frame) ring(p *svg.Path, r []geo.XY, tol float64) {
	pts := make(orb.Ring, 0, len(r)+1)
	for _, q := range r {
		pts = append(pts, f.XY(q))
	}
	if len(pts) > 0 && pts[0] != pts[len(pts)-1] {
		pts = append(pts, pts[0])
	}
	if cut := clip.Ring(f.bound(), pts); len(cut) > 3 {
		p.Add(simplify.DouglasPeucker(tol).Ring(cut), true)
	}
}

// line adds a polyline of the plane, cut to the picture and simplified; tol is
// the simplification's tolerance in user units.
func (f Frame) line(p *svg.Path, l []geo.XY, tol float64) {
	pts := make(orb.LineString, len(l))
	for i, q := range l {
		pts[i] = f.XY(q)
	}
	for _, part := range clip.LineString(f.bound(), pts) {
		p.Add(simplify.DouglasPeucker(tol).LineString(part), false)
	}
}

// tolerance is by how much, in user units, simplification may move a line.
const tolerance = 0.4

// roadLevel is a rank of roads that is drawn alike.
type roadLevel struct {
	class   string // of the style sheet
	name    string // of the legend
	highway []string
}

// roadLevels are the ranks from the least to the most important, in the order
// they are painted. OSM values that are not listed are minor roads.
func roadLevels() []roadLevel {
	return []roadLevel{
		{"path", "paths and service ways", []string{"footway", "path", "track", "steps", "cycleway", "bridleway", "service", "corridor"}},
		{"minor", "streets", []string{"residential", "living_street", "unclassified", "pedestrian", "road"}},
		{"medium", "secondary and tertiary roads", []string{"tertiary", "tertiary_link", "secondary", "secondary_link"}},
		{"major", "motorways, trunk and primary roads", []string{"motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"}},
		{railClass, "railways", []string{"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail", "funicular"}},
	}
}

const railClass = "rail"

func levelOf(levels []roadLevel, class string) int {
	for i, l := range levels {
		if slices.Contains(l.highway, class) {
			return i
		}
	}
	return 1
}

// HasRails reports whether the map has railways.
func HasRails(m *dataset.Map) bool {
	levels := roadLevels()
	return slices.ContainsFunc(m.Roads, func(r dataset.Road) bool { return levels[levelOf(levels, r.Class)].class == railClass })
}

// landUses are drawn in this order; others are left white.
func landUses() []string {
	return []string{"green", "residential", "commercial", "retail", "industrial", "water"}
}

// LandUses lists the uses that the map has, in the order of drawing.
func LandUses(m *dataset.Map) []string {
	return slices.DeleteFunc(landUses(), func(use string) bool {
		return !slices.ContainsFunc(m.LandUse, func(l dataset.LandUse) bool { return l.Use == use })
	})
}

// LandUse draws the map's areas.
func (f Frame) LandUse(d *svg.Drawing, m *dataset.Map) {
	for _, use := range landUses() {
		var p svg.Path
		for _, l := range m.LandUse {
			if l.Use == use {
				f.Ring(&p, Ring(l.Lon, l.Lat))
			}
		}
		if !p.Empty() {
			d.El("path", "class", "lu-"+use, "d", p.String())
		}
	}
}

// Roads draws the street network in at most budget bytes of geometry.
func (f Frame) Roads(d *svg.Drawing, m *dataset.Map, budget int) {
	levels := roadLevels()
	for i, p := range f.roadPaths(m, budget) {
		if !p.Empty() {
			d.El("path", "class", "road "+levels[i].class, "d", p.String())
		}
	}
}

// roadPaths are the roads by level. Where those of a big city would not fit
// the budget, the least important ones are left out or simplified harder.
func (f Frame) roadPaths(m *dataset.Map, budget int) []svg.Path {
	levels := roadLevels()
	draw := func(only int, tol float64) []svg.Path {
		paths := make([]svg.Path, len(levels))
		for _, r := range m.Roads {
			if i := levelOf(levels, r.Class); only < 0 || i == only {
				f.line(&paths[i], f.Proj.RingXY(Ring(r.Lon, r.Lat)), tol)
			}
		}
		return paths
	}
	paths := draw(-1, tolerance)
	total := 0
	for i := range paths {
		total += paths[i].Len()
	}
	for i := range paths {
		if total <= budget {
			break
		}
		coarse := svg.Path{}
		if i > 0 { // paths go first, and altogether
			coarse = draw(i, 4*tolerance)[i]
		}
		total -= paths[i].Len() - coarse.Len()
		paths[i] = coarse
	}
	if total > budget {
		paths[1] = svg.Path{}
	}
	return paths
}

// Ring zips coordinates; a column that is longer than the other is cut.
func Ring(lon, lat []float64) orb.Ring {
	out := make(orb.Ring, min(len(lon), len(lat)))
	for i := range out {
		out[i] = orb.Point{lon[i], lat[i]}
	}
	return out
}

// Extent is the plane rectangle to show: the map's bounds, or all cell centres
// where it has none.
func Extent(m *dataset.Map, cells []dataset.Cell) (lo, hi geo.XY) {
	proj := m.Projection()
	if b := m.Bounds; b.Max[0] > b.Min[0] && b.Max[1] > b.Min[1] {
		return proj.XY(b.Min), proj.XY(b.Max)
	}
	pts := make([]geo.XY, len(cells))
	for i, c := range cells {
		pts[i] = proj.XY(c.Center)
	}
	return Around(pts, 500)
}

// Around is the rectangle around pts with a margin in metres.
func Around(pts []geo.XY, margin float64) (lo, hi geo.XY) {
	for i, p := range pts {
		if i == 0 {
			lo, hi = p, p
		}
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	return geo.XY{X: lo.X - margin, Y: lo.Y - margin}, geo.XY{X: hi.X + margin, Y: hi.Y + margin}
}

// bar is a round length that is about an eighth of the picture's width, and
// its name.
func (f Frame) bar() (metres float64, name string) {
	metres = svg.NiceStep(f.W / f.Scale / 8)
	if metres >= 1000 {
		return metres, svg.TickLabel(metres/1000) + " km"
	}
	return metres, svg.TickLabel(metres) + " m"
}

// ScaleBar draws a bar of a round length in the lower left corner.
func (f Frame) ScaleBar(d *svg.Drawing) {
	metres, name := f.bar()
	length, x, y := float64(metres*f.Scale), 16.0, f.H-18
	d.El("path", "class", "scale-bar", "d", "M"+svg.Num(x)+" "+svg.Num(y-5)+"V"+svg.Num(y)+"H"+svg.Num(x+length)+"V"+svg.Num(y-5))
	d.Text(x, y-9, "map-text", name)
}

// Credit writes the map's attribution into the lower right corner.
func (f Frame) Credit(d *svg.Drawing, m *dataset.Map) {
	d.Text(f.W-8, f.H-8, "map-text credit", cmp.Or(m.Attribution, network.Attribution), "text-anchor", "end")
}

// LargestOperator is the one with most cells (the first by name of equals);
// a data set's cells do not tell market shares.
func LargestOperator(cells []dataset.Cell) (name string, operators int) {
	n := map[string]int{}
	var names []string
	for _, c := range cells {
		if n[c.Operator]++; n[c.Operator] == 1 {
			names = append(names, c.Operator)
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
