package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/simplify"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// frame maps lon/lat to a picture, north up.
type frame struct {
	proj  geo.Projection
	west  float64 // m, plane position of the left edge
	north float64 // m, of the upper edge
	scale float64 // user units per metre
	w, h  float64 // user units
}

// newFrame fits the plane rectangle lo … hi into a picture of the given width,
// whose height keeps the aspect within maxH.
func newFrame(proj geo.Projection, lo, hi geo.XY, width, maxH float64) frame {
	w, h := max(hi.X-lo.X, 1), max(hi.Y-lo.Y, 1)
	// Very long shapes get air beside them rather than an endless picture.
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
	return frame{proj: proj, west: lo.X, north: lo.Y + h, scale: s, w: width, h: math.Round(h * s)}
}

// xy places a point of the plane in the picture.
func (f frame) xy(p geo.XY) orb.Point {
	return orb.Point{float64((p.X - f.west) * f.scale), float64((f.north - p.Y) * f.scale)}
}

// at places a lon/lat point in the picture.
func (f frame) at(ll orb.Point) orb.Point { return f.xy(f.proj.XY(ll)) }

// bound is the picture with a margin, beyond which geometry is cut off.
func (f frame) bound() orb.Bound {
	return orb.Bound{Min: orb.Point{-4, -4}, Max: orb.Point{f.w + 4, f.h + 4}}
}

// ring adds a lon/lat ring to a path, cut to the picture and simplified.
func (f frame) ring(p *path, r orb.Ring) {
	pts := make(orb.Ring, len(r))
	for i, ll := range r {
		pts[i] = f.at(ll)
	}
	if cut := clip.Ring(f.bound(), pts); len(cut) > 3 {
		p.add(simplify.DouglasPeucker(tolerance).Ring(cut), true)
	}
}

// line adds a lon/lat polyline to a path, cut to the picture and simplified;
// tol is the simplification's tolerance in user units.
func (f frame) line(p *path, l orb.LineString, tol float64) {
	pts := make(orb.LineString, len(l))
	for i, ll := range l {
		pts[i] = f.at(ll)
	}
	for _, part := range clip.LineString(f.bound(), pts) {
		p.add(simplify.DouglasPeucker(tol).LineString(part), false)
	}
}

const (
	tolerance  = 0.4     // user units that simplification may move a line
	roadBudget = 450_000 // bytes of road geometry per map
)

// roadLevel is a rank of roads that is drawn alike.
type roadLevel struct {
	class   string // of the style sheet
	highway []string
}

// roadLevels are the ranks from the least to the most important, in the order
// they are painted. OSM values that are not listed are minor roads.
func roadLevels() []roadLevel {
	return []roadLevel{
		{"path", []string{"footway", "path", "track", "steps", "cycleway", "bridleway", "service", "corridor"}},
		{"minor", []string{"residential", "living_street", "unclassified", "pedestrian", "road"}},
		{"medium", []string{"tertiary", "tertiary_link", "secondary", "secondary_link"}},
		{"major", []string{"motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"}},
		{"rail", []string{"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail", "funicular"}},
	}
}

// landUses are drawn in this order; others are left white.
func landUses() []string {
	return []string{"green", "residential", "commercial", "retail", "industrial", "water"}
}

// landUse draws the map's areas.
func (f frame) landUse(d *drawing, m *dataset.Map) {
	for _, use := range landUses() {
		var p path
		for _, l := range m.LandUse {
			if l.Use == use {
				f.ring(&p, ring(l.Lon, l.Lat))
			}
		}
		if len(p.b) > 0 {
			d.el("path", "class", "lu-"+use, "d", p.String())
		}
	}
}

// roads draws the street network. Where that of a big city would not fit the
// budget, the least important roads are left out or simplified harder.
func (f frame) roads(d *drawing, m *dataset.Map) {
	levels := roadLevels()
	paths := make([]path, len(levels))
	for _, r := range m.Roads {
		paths[levelOf(levels, r.Class)].road(f, r, tolerance)
	}
	total := 0
	for i := range paths {
		total += len(paths[i].b)
	}
	for i := range paths {
		if total <= roadBudget {
			break
		}
		coarse := path{}
		for _, r := range m.Roads {
			if i > 0 && levelOf(levels, r.Class) == i { // paths go first, and altogether
				coarse.road(f, r, 4*tolerance)
			}
		}
		total -= len(paths[i].b) - len(coarse.b)
		paths[i] = coarse
	}
	for i, level := range levels {
		if total > roadBudget && i < 2 {
			continue
		}
		if len(paths[i].b) > 0 {
			d.el("path", "class", "road "+level.class, "d", paths[i].String())
		}
	}
}

func (p *path) road(f frame, r dataset.Road, tol float64) {
	f.line(p, orb.LineString(ring(r.Lon, r.Lat)), tol)
}

func levelOf(levels []roadLevel, class string) int {
	for i, l := range levels {
		if slices.Contains(l.highway, class) {
			return i
		}
	}
	return 1
}

// ring zips coordinates; a column that is longer than the other is cut.
func ring(lon, lat []float64) orb.Ring {
	out := make(orb.Ring, min(len(lon), len(lat)))
	for i := range out {
		out[i] = orb.Point{lon[i], lat[i]}
	}
	return out
}

// scaleBar draws a bar of a round length in the lower left corner.
func (f frame) scaleBar(d *drawing) {
	metres := niceStep(f.w / f.scale / 8)
	length, x, y := float64(metres*f.scale), 16.0, f.h-18
	name := tickLabel(metres) + " m"
	if metres >= 1000 {
		name = tickLabel(metres/1000) + " km"
	}
	d.el("path", "class", "scale-bar", "d", "M"+px(x)+" "+px(y-5)+"V"+px(y)+"H"+px(x+length)+"V"+px(y-5))
	d.text(x, y-9, "map-text", name)
}

// openStreetMap is the attribution of a map that carries none.
const openStreetMap = "© OpenStreetMap contributors, ODbL 1.0"

// credit writes the map's attribution into the lower right corner.
func (f frame) credit(d *drawing, m *dataset.Map) {
	d.text(f.w-8, f.h-8, "map-text credit", cmp.Or(m.Attribution, openStreetMap), "text-anchor", "end")
}
