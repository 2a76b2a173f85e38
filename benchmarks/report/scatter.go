package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity/internal/svg"
)

// mark is one method at one parameter setting, as the pictures show it.
type mark struct {
	N         int    // its number in tables and on small screens
	Method    string // decides the colour
	Label     string // method and parameters
	Subset    string // "" = the whole data set
	Tasks     string // "2 of 4 tasks" where it answers some only, else ""
	Scale     string // marks of one scale may be compared: same subset, same tasks
	Utility   interval
	Risk      interval
	Dominated bool // another mark on the same data is at least as good on both axes
	Aggregate bool // tables only: no linkage attack applies
	Control   bool // identity and random, the ends of the scale
	Color     string
}

// plot lays out one scatter plot.
type plot struct {
	*svg.Drawing
	x, y   scale
	area   box   // of the axes
	strip  *box  // of the aggregates, nil where there are none
	taken  []box // what labels should keep clear of
	size   float64
	narrow bool
}

// drawScatter is the report's first picture. Utility runs to the right, risk
// upwards, so the good corner is at the bottom right. Narrow pictures, for
// phones, number the marks instead of naming them.
func drawScatter(marks []mark, utilityAxis, riskAxis string, narrow bool) template.HTML {
	linked, aggregates := split(marks)
	p := newPlot(linked, len(aggregates) > 0, narrow)
	p.axes(utilityAxis, riskAxis)
	p.fronts(linked)
	for _, m := range linked {
		p.errorBars(m, p.x.at(m.Utility.V), p.y.at(m.Risk.V))
	}
	for _, m := range linked {
		p.mark(m, p.x.at(m.Utility.V), p.y.at(m.Risk.V))
	}
	p.labels(linked)
	p.aggregates(aggregates)
	return p.Done()
}

// split tells the marks that have both figures from the aggregates, which have
// no linkage risk; marks without a utility are in neither.
func split(marks []mark) (linked, aggregates []mark) {
	for _, m := range marks {
		switch {
		case !m.Utility.OK:
		case m.Risk.OK:
			linked = append(linked, m)
		case m.Aggregate:
			aggregates = append(aggregates, m)
		}
	}
	return linked, aggregates
}

func newPlot(linked []mark, strip, narrow bool) *plot {
	w, h, left, size := 960.0, 560.0, 70.0, 13.0
	if narrow {
		w, h, left, size = 380, 420, 46, 12
	}
	p := &plot{size: size, narrow: narrow, area: box{left, 16, w - left - 18, h - 16 - 58}}
	if strip {
		height := 62.0
		p.strip = &box{p.area.x, h + 2, p.area.w, height}
		h += height + 6
	}
	p.Drawing = svg.NewDrawing(w, h, "chart", "Utility against risk", "One mark per method and parameter setting; the table below holds the same numbers")
	top := 0.0
	for _, m := range linked {
		top = max(top, m.Risk.V, m.Risk.Hi)
	}
	step := svg.NiceStep(top / 6)
	top = min(1, max(0.05, float64(step*math.Ceil(float64(top*1.04)/step))))
	pad := float64(0.055 * p.area.w) // room for labels at either end
	p.x = scale{0, 1, p.area.x + 14, p.area.x + p.area.w - pad}
	p.y = scale{0, top, p.area.y + p.area.h - 14, p.area.y + 14}
	return p
}

func (p *plot) axes(utilityAxis, riskAxis string) {
	a := p.area
	p.Rect(a.x, a.y, a.w, a.h, "plot-area")
	good := box{a.x + float64(0.62*a.w), a.y + float64(0.6*a.h), 0.38 * a.w, 0.4 * a.h}
	p.El("path", "d", fmt.Sprintf("M%s %sV%sH%sA%s %s 0 0 1 %s %sz", svg.Num(good.x+good.w), svg.Num(good.y), svg.Num(good.y+good.h), svg.Num(good.x),
		svg.Num(good.w), svg.Num(good.h), svg.Num(good.x+good.w), svg.Num(good.y)), "class", "good-corner")
	p.Text(a.x+a.w-10, a.y+a.h-21, "good-text", p.goodText(), "text-anchor", "end")
	w := textWidth(p.goodText(), 12) + 12
	p.taken = append(p.taken, box{a.x + a.w - w, a.y + a.h - 36, w, 22})
	n := 5
	if p.narrow {
		n = 4
	}
	for _, v := range p.x.ticks(n) {
		p.Line(p.x.at(v), a.y, p.x.at(v), a.y+a.h, "grid")
		p.Text(p.x.at(v), a.y+a.h+18, "tick", svg.TickLabel(v), "text-anchor", "middle")
	}
	for _, v := range p.y.ticks(n) {
		p.Line(a.x, p.y.at(v), a.x+a.w, p.y.at(v), "grid")
		p.Text(a.x-8, p.y.at(v)+4, "tick", svg.TickLabel(v), "text-anchor", "end")
	}
	p.Text(a.x+a.w/2, a.y+a.h+42, "axis", utilityAxis, "text-anchor", "middle")
	x, y := svg.Num(14), svg.Num(a.y+a.h/2)
	p.Text(0, 0, "axis", riskAxis, "text-anchor", "middle", "transform", "translate("+x+" "+y+") rotate(-90)")
}

// goodText names the corner where a method should be.
func (p *plot) goodText() string {
	if p.narrow {
		return "good corner ↘"
	}
	return "good corner: useful and private ↘"
}

// fronts joins the marks that nothing dominates, as the staircase they attain.
// Only marks of one scale are comparable, so each scale has a front of its own;
// the controls are on none.
func (p *plot) fronts(marks []mark) {
	byScale := map[string][]mark{}
	var scales []string
	for _, m := range marks {
		if m.Dominated || m.Control {
			continue
		}
		if byScale[m.Scale] == nil {
			scales = append(scales, m.Scale)
		}
		byScale[m.Scale] = append(byScale[m.Scale], m)
	}
	for _, s := range scales {
		front := byScale[s]
		if len(front) < 2 {
			continue
		}
		slices.SortStableFunc(front, func(a, b mark) int { return cmp.Compare(a.Utility.V, b.Utility.V) })
		d, lastX, lastY := "", 0.0, 0.0
		for i, m := range front {
			x, y := p.x.at(m.Utility.V), p.y.at(m.Risk.V)
			if i == 0 {
				d = "M" + svg.Num(x) + " " + svg.Num(y)
			} else {
				d += "V" + svg.Num(y) + "H" + svg.Num(x)
				p.taken = append(p.taken, box{lastX - 1, min(y, lastY), 2, math.Abs(y - lastY)}, box{lastX, y - 1, x - lastX, 2})
			}
			lastX, lastY = x, y
		}
		class := "front"
		if front[0].Subset != "" {
			class = "front subset"
		}
		p.El("path", "d", d, "class", class)
	}
}

// errorBars draws the intervals of a mark at (x, y), on the axes that have one.
func (p *plot) errorBars(m mark, x, y float64) {
	const end = 3.5
	bar := func(x1, y1, x2, y2 float64) { p.Line(x1, y1, x2, y2, "bar", "stroke", p.color(m)) }
	if m.Utility.bounded() {
		lo, hi := p.x.at(m.Utility.Lo), p.x.at(m.Utility.Hi)
		bar(lo, y, hi, y)
		bar(lo, y-end, lo, y+end)
		bar(hi, y-end, hi, y+end)
	}
	if m.Risk.bounded() {
		lo, hi := p.y.at(m.Risk.Lo), p.y.at(m.Risk.Hi)
		bar(x, lo, x, hi)
		bar(x-end, lo, x+end, lo)
		bar(x-end, hi, x+end, hi)
	}
}

// color is the method's, or grey where the mark is dominated.
func (p *plot) color(m mark) string {
	if m.Dominated {
		return "#8A8F98"
	}
	return m.Color
}

// mark draws the sign itself: a diamond for the two controls, else a disc;
// hollow where the method ran on a subset.
func (p *plot) mark(m mark, x, y float64) {
	color, fill := p.color(m), p.color(m)
	if m.Subset != "" {
		fill = "#fff"
	}
	p.Open("g", "class", "mark")
	p.Tip(describe(m))
	r := p.radius()
	if m.Control {
		r *= 1.25
		p.El("path", "d", "M"+svg.Num(x)+" "+svg.Num(y-r)+"L"+svg.Num(x+r)+" "+svg.Num(y)+"L"+svg.Num(x)+" "+svg.Num(y+r)+"L"+svg.Num(x-r)+" "+svg.Num(y)+"z", "fill", fill, "stroke", color)
	} else {
		p.Circle(x, y, r, "dot", "fill", fill, "stroke", color)
	}
	p.Close("g")
}

func (p *plot) radius() float64 {
	if p.narrow {
		return 5
	}
	return 6
}

// describe is a mark's tooltip.
func describe(m mark) string {
	s := m.Label + ": utility " + m.Utility.String() + ", risk " + m.Risk.String()
	if m.Subset != "" {
		s += "; ran on " + m.Subset
	}
	if m.Tasks != "" {
		s += "; utility over " + m.Tasks
	}
	if m.Dominated {
		s += "; dominated"
	}
	return s
}

// text is the lines of a mark's label.
func (p *plot) lines(m mark) []string {
	if p.narrow {
		return []string{strconv.Itoa(m.N)}
	}
	out := []string{m.Label}
	for _, s := range []string{m.Subset, m.Tasks} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (p *plot) labels(marks []mark) {
	var labels []label
	obstacles := p.taken
	r := p.radius()
	for _, m := range marks {
		x, y := p.x.at(m.Utility.V), p.y.at(m.Risk.V)
		labels = append(labels, label{lines: p.lines(m), size: p.size, x: x, y: y, gap: r + 3})
		obstacles = append(obstacles, box{x - r - 1, y - r - 1, 2*r + 2, 2*r + 2})
		if m.Utility.bounded() {
			lo, hi := p.x.at(m.Utility.Lo), p.x.at(m.Utility.Hi)
			obstacles = append(obstacles, box{lo, y - 2, hi - lo, 4})
		}
		if m.Risk.bounded() {
			lo, hi := p.y.at(m.Risk.Lo), p.y.at(m.Risk.Hi)
			obstacles = append(obstacles, box{x - 2, hi, 4, lo - hi})
		}
	}
	a := p.area
	inside := box{a.x + 3, a.y + 3, a.w - 6, a.h - 6}
	for i, b := range placeLabels(labels, obstacles, inside) {
		p.label(marks[i], labels[i], b)
	}
}

func (p *plot) label(m mark, l label, b box) {
	if x, y, need := leader(l, b); need {
		p.Line(l.x, l.y, x, y, "leader")
	}
	x, anchor := b.x, "start"
	if b.x+b.w <= l.x { // left of its point: flush with the side that faces it
		x, anchor = b.x+b.w, "end"
	}
	class := "label"
	if m.Dominated {
		class = "label dominated"
	}
	for i, s := range l.lines {
		if i > 0 {
			class = "label sub"
		}
		p.Text(x, b.y+float64(0.95*l.size)+float64(1.1*l.size*float64(i)), class, s, "text-anchor", anchor)
	}
}

// aggregates draws a strip of its own below the plot on the same utility axis:
// tables have no linkage risk to show, which is not a risk of zero.
func (p *plot) aggregates(marks []mark) {
	if p.strip == nil {
		return
	}
	s := *p.strip
	p.Rect(s.x, s.y, s.w, s.h, "plot-area strip")
	note := "aggregates: linkage risk n/a, which is not 0"
	p.Text(s.x+8, s.y+15, "note", note)
	y := s.y + s.h - 20
	var labels []label
	var obstacles []box
	for _, m := range marks {
		x := p.x.at(m.Utility.V)
		p.errorBars(m, x, y)
		p.mark(m, x, y)
		name := p.lines(m)
		if len(name) > 1 { // the strip has room for one line
			name = []string{strings.Join(name, ", ")}
		}
		labels = append(labels, label{lines: name, size: p.size, x: x, y: y, gap: p.radius() + 3})
		obstacles = append(obstacles, box{x - 7, y - 7, 14, 14})
	}
	obstacles = append(obstacles, box{s.x, s.y, textWidth(note, 12) + 12, 18})
	for i, b := range placeLabels(labels, obstacles, box{s.x + 3, s.y + 3, s.w - 6, s.h - 6}) {
		p.label(marks[i], labels[i], b)
	}
}
