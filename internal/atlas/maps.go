package atlas

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/planning"
)

const (
	mapSide    = 1000.0 // user units
	panel      = 190.0  // of the legend beside it
	roadBudget = 60_000 // bytes
	mostLines  = 600    // desire lines drawn, those of the largest values
	titleH     = 34.0
)

// ramp is the colours of five classes from low to high: ColorBrewer's YlGnBu,
// readable without colour vision.
var ramp = [...]string{"#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"}

const style = `.fill{stroke:#5558;stroke-width:.4;fill-opacity:.82}
.flow{fill:none;stroke:#253494;stroke-linecap:round;stroke-opacity:.55}
.dot{fill:#2c7fb8;fill-opacity:.55;stroke:#fff;stroke-width:.5}
svg text{font:13px system-ui,sans-serif;fill:#1b1f24}
svg text.h{font-size:17px;font-weight:650}
.axis{stroke:#1b1f24;stroke-width:1}.grid{stroke:#d8d4cc;stroke-width:.7}
.s0{stroke:#2c7fb8;fill:#2c7fb8}.s1{stroke:#d95f02;fill:#d95f02}.s2{stroke:#1b9e77;fill:#1b9e77}.s3{stroke:#7570b3;fill:#7570b3}.s4{stroke:#e7298a;fill:#e7298a}.s5{stroke:#66a61e;fill:#66a61e}
path.curve{fill:none;stroke-width:2}
`

// draw is the picture of a sheet.
func draw(s *planning.Sheet, m *dataset.Map) (string, error) {
	switch s.Picture.Kind {
	case planning.Areas, planning.Desire, planning.Points:
		return drawMap(s, m)
	case planning.Curves, planning.Columns:
		return drawChart(s)
	}
	return "", fmt.Errorf("a picture of kind %q", s.Picture.Kind)
}

// column finds a column of the sheet.
func column(s *planning.Sheet, name string) (int, error) {
	if i := slices.Index(s.Columns, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("it has no column %q", name)
}

// values is a column's numbers; text counts as its rank among the column's texts.
func values(s *planning.Sheet, name string) ([]float64, error) {
	k, err := column(s, name)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, row := range s.Rows {
		if w, ok := row[k].(string); ok {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	out := make([]float64, len(s.Rows))
	for i, row := range s.Rows {
		var ok bool
		if out[i], ok = number(row[k]); !ok {
			out[i] = float64(slices.Index(words, row[k].(string)))
		}
	}
	return out, nil
}

// drawMap draws the shapes over the city's land and roads.
func drawMap(s *planning.Sheet, m *dataset.Map) (string, error) {
	var vs []float64
	if len(s.Picture.Value) > 0 {
		var err error
		if vs, err = values(s, s.Picture.Value[0]); err != nil {
			return "", err
		}
	}
	lo, hi := citymap.Extent(m, nil)
	f := citymap.FitSide(m.Projection(), lo, hi, mapSide)
	d := svg.NewDrawing(f.W+panel, f.H+titleH, "answer", s.Title, fmt.Sprintf("%d rows", len(s.Rows)))
	d.Open("style")
	d.Raw(citymap.BaseStyle + style)
	d.Close("style")
	d.Rect(0, 0, f.W+panel, f.H+titleH, "paper")
	d.Text(10, 23, "h", s.Title)
	d.Open("svg", "y", svg.Num(titleH), "width", svg.Num(f.W), "height", svg.Num(f.H), "viewBox", "0 0 "+svg.Num(f.W)+" "+svg.Num(f.H))
	d.Rect(0, 0, f.W, f.H, "paper")
	f.LandUse(d, m)
	f.Roads(d, m, roadBudget)
	var legend []mark
	switch s.Picture.Kind {
	case planning.Areas:
		legend = fill(d, f, s, vs)
	case planning.Desire:
		legend = flows(d, f, s, vs)
	case planning.Points:
		legend = dots(d, f, s, vs)
	}
	f.ScaleBar(d)
	f.Credit(d, m)
	d.Close("svg")
	drawLegend(d, f.W+14, titleH+20, s, legend)
	return string(d.Done()), nil
}

// mark is a line of the legend.
type mark struct {
	colour string
	width  float64 // of a flow; 0 = a filled square
	text   string
}

func drawLegend(d *svg.Drawing, x, y float64, s *planning.Sheet, legend []mark) {
	if len(s.Picture.Value) > 0 {
		d.Text(x, y, "", strings.ReplaceAll(s.Picture.Value[0], "_", " "))
	}
	for _, k := range legend {
		y += 24
		if k.width > 0 {
			d.Line(x, y-5, x+26, y-5, "flow", "stroke-width", svg.Num(k.width))
		} else {
			d.Rect(x, y-13, 16, 16, "fill", "fill", k.colour)
		}
		d.Text(x+34, y, "", k.text)
	}
}

// tip is what a shape says under the pointer.
func tip(s *planning.Sheet, row []any) string {
	parts := make([]string, len(row))
	for i, v := range row {
		if x, ok := v.(float64); ok {
			parts[i] = s.Columns[i] + " " + short(x)
		} else {
			parts[i] = s.Columns[i] + " " + text(v)
		}
	}
	return strings.Join(parts, ", ")
}

// short is a number in four digits.
func short(x float64) string { return fmt.Sprintf("%.4g", x) }

// fill fills polygons by class of value: the classes hold equally many of them.
func fill(d *svg.Drawing, f citymap.Frame, s *planning.Sheet, vs []float64) []mark {
	var legend []mark
	class, bounds := classes(vs, len(ramp))
	for c, b := range bounds {
		legend = append(legend, mark{colour: ramp[c*(len(ramp)-1)/max(1, len(bounds)-1)], text: b})
	}
	for i, g := range s.Shapes {
		var p svg.Path
		for _, ring := range rings(g) {
			f.Ring(&p, ring)
		}
		if p.Empty() {
			continue
		}
		colour := ramp[len(ramp)/2]
		if vs != nil {
			colour = legend[class[i]].colour
		}
		d.Open("path", "class", "fill", "fill", colour, "fill-rule", "evenodd", "d", p.String())
		d.Tip(tip(s, s.Rows[i]))
		d.Close("path")
	}
	return legend
}

// rings lists the outlines of polygons.
func rings(g orb.Geometry) []orb.Ring {
	switch x := g.(type) {
	case orb.Polygon:
		return x
	case orb.MultiPolygon:
		var out []orb.Ring
		for _, p := range x {
			out = append(out, p...)
		}
		return out
	case orb.Ring:
		return []orb.Ring{x}
	}
	return nil
}

// classes cuts values into at most n classes of about equal numbers, and says
// which values each has.
func classes(vs []float64, n int) (class []int, names []string) {
	if len(vs) == 0 {
		return nil, nil
	}
	sorted := slices.Sorted(slices.Values(vs))
	uppers := []float64{}
	for c := 1; c <= n; c++ {
		upper := sorted[(c*len(sorted)-1)/n]
		if len(uppers) == 0 || upper > uppers[len(uppers)-1] {
			uppers = append(uppers, upper)
		}
	}
	class = make([]int, len(vs))
	for i, v := range vs {
		class[i], _ = slices.BinarySearch(uppers, v)
	}
	low := sorted[0]
	for _, u := range uppers {
		name := short(low) + " – " + short(u)
		if low == u {
			name = short(u)
		}
		names = append(names, name)
		if k, _ := slices.BinarySearch(sorted, math.Nextafter(u, math.Inf(1))); k < len(sorted) {
			low = sorted[k]
		}
	}
	return class, names
}

// flows draws lines, wider where the value is larger: those of the largest values.
func flows(d *svg.Drawing, f citymap.Frame, s *planning.Sheet, vs []float64) []mark {
	order := make([]int, len(s.Rows))
	for i := range order {
		order[i] = i
	}
	most := 0.0
	if vs != nil {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case vs[a] > vs[b]:
				return -1
			case vs[a] < vs[b]:
				return 1
			}
			return 0
		})
		most = vs[order[0]]
	}
	width := func(v float64) float64 {
		if most <= 0 {
			return 1
		}
		return max(0.3, 7*math.Sqrt(max(0, v)/most))
	}
	order = order[:min(len(order), mostLines)]
	for k := len(order) - 1; k >= 0; k-- { // the widest on top
		i := order[k]
		line, ok := s.Shapes[i].(orb.LineString)
		if !ok {
			continue
		}
		pts := make([]orb.Point, len(line))
		for j, q := range line {
			pts[j] = f.At(q)
		}
		var p svg.Path
		p.Add(pts, false)
		if p.Empty() {
			continue // from a zone to itself
		}
		w := 1.0
		if vs != nil {
			w = width(vs[i])
		}
		d.Open("path", "class", "flow", "stroke-width", svg.Num(w), "d", p.String())
		d.Tip(tip(s, s.Rows[i]))
		d.Close("path")
	}
	var legend []mark
	for _, share := range []float64{1, 0.25, 0.05} {
		if vs != nil && most > 0 {
			legend = append(legend, mark{width: width(share * most), text: short(share * most)})
		}
	}
	if len(order) < len(s.Rows) {
		legend = append(legend, mark{colour: "none", text: fmt.Sprintf("largest %d of %d", len(order), len(s.Rows))})
	}
	return legend
}

// dots draws points as discs whose area grows with the value.
func dots(d *svg.Drawing, f citymap.Frame, s *planning.Sheet, vs []float64) []mark {
	most := 0.0
	for _, v := range vs {
		most = max(most, v)
	}
	for i, g := range s.Shapes {
		q, ok := g.(orb.Point)
		if !ok {
			continue
		}
		r := 2.0
		if most > 0 {
			r = max(1, 12*math.Sqrt(max(0, vs[i])/most))
		}
		p := f.At(q)
		d.Open("circle", "class", "dot", "cx", svg.Num(p[0]), "cy", svg.Num(p[1]), "r", svg.Num(r))
		d.Tip(tip(s, s.Rows[i]))
		d.Close("circle")
	}
	if most > 0 {
		return []mark{{colour: "#2c7fb8", text: "largest: " + short(most)}}
	}
	return nil
}
