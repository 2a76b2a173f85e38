package citymap

import (
	"cmp"
	_ "embed" // the page's template, style sheet and script
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// page is what the template prints.
type page struct {
	Title       string
	Style       template.CSS
	Script      template.JS
	Picture     template.HTML
	W, H        int     // user units
	PerUnit     float64 // m
	Bar         string  // name of the scale bar
	BarPercent  float64 // of the picture's width
	Layers      []layer
	Facts       []Fact
	Notes       []string
	Attribution string
	OSM         bool // the attribution names OpenStreetMap
}

// WriteHTML writes the map as one page that loads nothing: layers to show and
// hide, tooltips, a legend; with scripts, the wheel zooms and the pointer drags.
// Without them the picture stands still. The same scene gives the same bytes.
func (s Scene) WriteHTML(w io.Writer) error {
	p, err := s.paint()
	if err != nil {
		return err
	}
	t, err := template.New("map").Parse(pageText)
	if err != nil {
		return err
	}
	metres, name := p.bar()
	style := BaseStyle + pageStyle
	for _, l := range p.layers {
		style += fmt.Sprintf("body:has(#t-%s:not(:checked)) .l-%s{display:none}\n", l.ID, l.ID)
	}
	d := svg.NewDrawing(p.W, p.H, "map", p.title(), p.describe())
	d.Rect(0, 0, p.W, p.H, "paper")
	for _, l := range p.layers {
		d.Raw(l.svg)
	}
	return t.Execute(w, page{
		Title: p.title(), Style: template.CSS(style), Script: template.JS(pageScript), Picture: d.Done(), W: int(p.W), H: int(p.H), PerUnit: 1 / p.Scale,
		Bar: name, BarPercent: 100 * metres * p.Scale / p.W, Layers: p.layers, Facts: s.Facts, Notes: s.Notes, Attribution: p.attribution(),
		OSM: strings.Contains(p.attribution(), "OpenStreetMap"),
	})
}

func (p *painter) title() string { return "Map of " + cmp.Or(p.Map.City, "the city") }

func (p *painter) describe() string {
	var names []string
	for _, l := range p.layers {
		names = append(names, l.Name)
	}
	return strings.Join(names, "; ")
}

func (p *painter) attribution() string { return cmp.Or(p.Map.Attribution, network.Attribution) }

// WriteSVG writes the layers that WriteHTML shows at first as a picture by
// itself, with the legend to its right.
func (s Scene) WriteSVG(w io.Writer) error {
	p, err := s.paint()
	if err != nil {
		return err
	}
	const (
		gap   = 60.0
		panel = 1450.0 // user units of the legend
		line  = 74.0
		text  = 46.0
	)
	h := max(p.H, float64(p.legendLines()+6)*line)
	d := svg.NewDrawing(p.W+gap+panel, h, "map", p.title(), p.describe())
	d.Open("style")
	d.Raw(BaseStyle + pageStyle + fmt.Sprintf("svg text{font:%.0fpx system-ui,sans-serif;fill:#1b1f24}svg text.h{font-weight:650}\n", text))
	d.Close("style")
	d.Rect(0, 0, p.W+gap+panel, h, "margin")
	d.Open("svg", "width", svg.Num(p.W), "height", svg.Num(p.H), "viewBox", "0 0 "+svg.Num(p.W)+" "+svg.Num(p.H)) // cuts off what leaves the map
	d.Rect(0, 0, p.W, p.H, "paper")
	for _, l := range p.layers {
		if l.On {
			d.Raw(l.svg)
		}
	}
	d.Close("svg")
	x, y := p.W+gap, line
	d.Text(x, y, "h", p.title())
	d.Open("g", "class", "sign")
	for _, l := range p.layers {
		if !l.On {
			continue
		}
		y += 1.25 * line
		d.Text(x, y, "h", l.Name)
		for _, k := range l.Keys {
			y += line
			k.draw(d, x, y-0.3*text, 3)
			d.Text(x+110, y, "", k.Name)
		}
	}
	metres, name := p.bar()
	y += 2 * line
	d.El("path", "class", "scale-bar", "d", "M"+svg.Num(x)+" "+svg.Num(y-16)+"V"+svg.Num(y)+"H"+svg.Num(x+metres*p.Scale)+"V"+svg.Num(y-16))
	d.Text(x, y-30, "", name)
	y += line
	for _, part := range strings.Split(p.attribution(), "; ") {
		d.Text(x, y, "", part)
		y += line
	}
	d.Close("g")
	_, err = io.WriteString(w, string(d.Done()))
	return err
}

// legendLines is how many lines the legend of the layers shown takes.
func (p *painter) legendLines() int {
	n := 0
	for _, l := range p.layers {
		if l.On {
			n += 2 + len(l.Keys)
		}
	}
	return n
}

// draw draws the sign of a line of the legend, 28 × 14 times s, its left edge
// at x and its middle at the height y.
func (k key) draw(d *svg.Drawing, x, y, s float64) {
	at := func(dx, dy float64) orb.Point { return orb.Point{x + float64(dx*s), y + float64(dy*s)} }
	var p svg.Path
	switch k.Kind {
	case "area":
		p.Add([]orb.Point{at(3, -6), at(25, -6), at(25, 6), at(3, 6)}, true)
	case "line":
		p.Add([]orb.Point{at(2, 0), at(26, 0)}, false)
	case "dot":
		p.Dot(at(14, 0)[0], y)
	case "ring":
		d.Circle(at(14, 0)[0], y, 6*s, "aff "+k.Look)
	case "site":
		p.Add([]orb.Point{at(14, 0), at(9, -6), at(19, -6)}, true)
		p.Add([]orb.Point{at(14, 0), at(22, 0), at(18, 6)}, true)
		p.Add([]orb.Point{at(14, 0), at(6, 0), at(10, 6)}, true)
	default:
		sign(&p, k.Kind, at(14, 0), 5*s)
	}
	d.Shape(k.Look, "", &p)
}

// Sign is the sign of a line of the legend as a picture of its own.
func (k key) Sign() template.HTML {
	d := svg.NewDrawing(28, 14, "sign", k.Name, "sign of the legend")
	k.draw(d, 0, 7, 1)
	return d.Done()
}
