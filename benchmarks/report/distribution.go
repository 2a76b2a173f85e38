package report

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/realism"
)

// distribution lays out one chart of a scorecard. Its axes are linear or
// logarithmic; positions are computed from transformed values.
type distribution struct {
	*svg.Drawing
	c    *realism.Chart
	x, y scale
	area box
}

// Size of a chart in user units, about the width of a column.
const (
	chartW = 440.0
	chartH = 270.0
)

// drawDistribution draws a chart; colours go to its series in order.
func drawDistribution(c *realism.Chart) template.HTML {
	if len(c.Labels) > 0 {
		return drawBars(c)
	}
	d := &distribution{Drawing: svg.NewDrawing(chartW, chartH, "chart", c.Title, c.Y+" by "+c.X), c: c, area: box{54, 10, chartW - 54 - 12, chartH - 10 - 42}}
	if !d.fitScales() {
		return ""
	}
	d.axes()
	for i, s := range c.Series {
		d.series(s, strconv.Itoa(i%len(palette)))
	}
	return d.Done()
}

// value is a number on an axis; false where a logarithmic axis has no place for it.
func value(v float64, log bool) (float64, bool) {
	if log {
		if !(v > 0) {
			return 0, false
		}
		return math.Log10(v), true
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// decades is how many powers of ten a logarithmic y axis shows at most.
const decades = 8

// fitScales makes the scales hold what is drawn; false if that is nothing.
func (d *distribution) fitScales() bool {
	inf := math.Inf(1)
	lo, hi := [2]float64{inf, inf}, [2]float64{-inf, -inf}
	take := func(axis int, v float64, log bool) {
		if t, ok := value(v, log); ok {
			lo[axis], hi[axis] = min(lo[axis], t), max(hi[axis], t)
		}
	}
	for _, s := range d.c.Series {
		for i, y := range s.Y {
			if d.c.Every > 0 {
				take(0, math.Floor(s.X[i]), false) // hours begin and end on the axis
				take(0, math.Ceil(s.X[i]), false)
			}
			if y == 0 && s.Mark == realism.Steps {
				continue // empty bins at the ends do not widen the picture
			}
			take(1, y, d.c.LogY)
			take(0, s.X[i], d.c.LogX)
			if s.Mark == realism.Steps {
				take(0, s.X[i+1], d.c.LogX)
			}
		}
	}
	if !(lo[0] < hi[0]) || lo[1] > hi[1] {
		return false
	}
	if d.c.LogY {
		hi[1] = math.Ceil(hi[1] + 1e-9)
		lo[1] = max(math.Floor(lo[1]), hi[1]-decades)
	} else {
		lo[1], hi[1] = min(lo[1], 0), hi[1]+0.05*(hi[1]-min(lo[1], 0))
		if lo[1] == hi[1] {
			hi[1] = lo[1] + 1
		}
	}
	a := d.area
	d.x, d.y = scale{lo[0], hi[0], a.x, a.x + a.w}, scale{lo[1], hi[1], a.y + a.h, a.y}
	return true
}

// axes draws the reference range, grid, ticks and names.
func (d *distribution) axes() {
	a := d.area
	d.Rect(a.x, a.y, a.w, a.h, "plot-area")
	if low, ok := value(d.c.Low, d.c.LogX); ok {
		if high, ok := value(d.c.High, d.c.LogX); ok {
			from, to := d.x.at(low), d.x.at(high)
			d.Rect(from, a.y, to-from, a.h, "good-corner")
		}
	}
	for _, t := range axisTicks(d.x, d.c.LogX, 6, d.c.Every) {
		x := d.x.at(t.at)
		d.Line(x, a.y, x, a.y+a.h, "grid")
		d.Text(x, a.y+a.h+16, "tick", t.label, "text-anchor", "middle")
	}
	for _, t := range axisTicks(d.y, d.c.LogY, 5, 0) {
		y := d.y.at(t.at)
		d.Line(a.x, y, a.x+a.w, y, "grid")
		d.Text(a.x-5, y+4, "tick", t.label, "text-anchor", "end")
	}
	d.Text(a.x+a.w/2, chartH-6, "axis", d.c.X, "text-anchor", "middle")
}

type axisTick struct {
	at    float64
	label string
}

// axisTicks are about n round values, or those every so far apart: on a
// logarithmic axis powers of ten, or 1, 2, 5 times them where it spans few.
func axisTicks(s scale, log bool, n int, every float64) []axisTick {
	var out []axisTick
	switch {
	case log:
	case every > 0:
		for v := math.Ceil(s.lo/every) * every; v <= s.hi; v += every {
			out = append(out, axisTick{v, svg.TickLabel(v)})
		}
		return out
	default:
		for _, v := range s.ticks(n) {
			out = append(out, axisTick{v, svg.TickLabel(v)})
		}
		return out
	}
	steps := []float64{1}
	if s.hi-s.lo < 2.5 {
		steps = []float64{1, 2, 5}
	}
	skip := max(1, int(math.Ceil((s.hi-s.lo)/float64(n))))
	for k := int(math.Floor(s.lo)); k <= int(math.Ceil(s.hi)); k++ {
		if k%skip != 0 {
			continue
		}
		for _, m := range steps {
			if v := float64(k) + math.Log10(m); v >= s.lo-1e-9 && v <= s.hi+1e-9 {
				out = append(out, axisTick{v, powerLabel(m, k)})
			}
		}
	}
	return out
}

// powerLabel writes m × 10^k: plain where that is short.
func powerLabel(m float64, k int) string {
	if k >= -2 && k <= 4 {
		return svg.TickLabel(float64(m * math.Pow(10, float64(k))))
	}
	digits := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	power := "10" + digits.Replace(strconv.Itoa(k))
	if m != 1 {
		power = svg.TickLabel(m) + "·" + power
	}
	return power
}

// series draws one series in colour c.
func (d *distribution) series(s realism.Series, c string) {
	var p svg.Path
	var run []orb.Point
	flush := func() {
		p.Add(run, false)
		run = run[:0]
	}
	for i, y := range s.Y {
		v, ok := value(y, d.c.LogY)
		x, okX := value(s.X[i], d.c.LogX)
		if !ok || !okX {
			flush()
			continue
		}
		px, py := d.x.at(x), d.y.at(v)
		switch s.Mark {
		case realism.Points:
			d.Circle(px, py, 3.5, "dot c"+c)
		case realism.Steps:
			end, _ := value(s.X[i+1], d.c.LogX)
			run = append(run, orb.Point{px, py}, orb.Point{d.x.at(end), py})
		default:
			run = append(run, orb.Point{px, py})
		}
	}
	flush()
	if !p.Empty() {
		d.El("path", "class", "curve c"+c, "d", p.String())
	}
}

// drawBars draws named numbers as lines of bars; series of points mark them.
func drawBars(c *realism.Chart) template.HTML {
	const line = 21.0
	left := 60.0
	for _, l := range c.Labels {
		left = max(left, textWidth(l, 12)+10)
	}
	h := float64(len(c.Labels))*line + 46
	d := svg.NewDrawing(chartW, h, "chart", c.Title, c.Y)
	top := 0.0
	for _, s := range c.Series {
		top = max(top, slices.Max(s.Y))
	}
	if top == 0 {
		top = 1
	}
	x := scale{0, top, left, chartW - 62}
	for _, t := range axisTicks(x, false, 5, 0) {
		d.Line(x.at(t.at), 4, x.at(t.at), h-40, "grid")
		d.Text(x.at(t.at), h-24, "tick", t.label, "text-anchor", "middle")
	}
	for i, l := range c.Labels {
		y := 6 + float64(i)*line
		d.Text(left-6, y+12, "tick", l, "text-anchor", "end")
		for k, s := range c.Series {
			if s.Mark == realism.Points {
				d.Circle(x.at(s.Y[i]), y+8, 4, "dot c"+strconv.Itoa(k))
				continue
			}
			d.Rect(left, y, max(x.at(s.Y[i])-left, 0.5), 16, "fill c"+strconv.Itoa(k))
			if len(c.Series) == 1 {
				d.Text(x.at(s.Y[i])+5, y+12, "tick", share(s.Y[i]))
			}
		}
	}
	d.Text((left+chartW)/2, h-6, "axis", c.Y, "text-anchor", "middle")
	return d.Done()
}
