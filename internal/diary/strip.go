package diary

import (
	_ "embed" // the style sheet
	"fmt"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/internal/svg"
)

//go:embed style.css
var styleText string

// Measures of the pictures in user units.
const (
	width  = 760.0
	left   = 126.0 // of the time axes: room for the names of their rows
	right  = width - 12
	legend = 20.0 // height of a line of the legend
)

// canvas is a picture in the making.
type canvas struct {
	*svg.Drawing
	*Diary
	rank map[sigcity.AreaID]int
	long uint32 // seconds that the time axis is long
}

func (d *Diary) newCanvas(h float64, title, desc string) *canvas {
	cells, _ := d.Cells()
	c := &canvas{Drawing: svg.NewDrawing(width, h, "diary", title, desc), Diary: d, rank: ranks(cells)}
	for day := d.First; day < d.First+d.N; day++ {
		c.long = max(c.long, d.Cal.Start(day+1)-d.Cal.Start(day))
	}
	c.Open("style")
	c.Raw(citymap.BaseStyle + styleText)
	c.Close("style")
	c.Rect(0, 0, width, h, "sheet")
	return c
}

// x is where a time of a day lies on its axis.
func (c *canvas) x(day int, t uint32) float64 {
	return left + float64((right-left)*float64(t-c.Cal.Start(day))/float64(c.long))
}

// truth draws what the person did on a day as a bar; trips are lower.
func (c *canvas) truth(day int, y, h float64) {
	from, to := c.Cal.Start(day), c.Cal.Start(day+1)
	bar := func(s, e uint32, y, h float64, class, tip string) {
		if s, e = max(s, from), min(e, to); s >= e {
			return
		}
		x := c.x(day, s)
		c.Open("rect", "x", svg.Num(x), "y", svg.Num(y), "width", svg.Num(c.x(day, e)-x), "height", svg.Num(h), "class", class)
		c.Tip(tip)
		c.Close("rect")
	}
	for _, a := range c.Activities {
		l := lookOf(a.Kind)
		bar(a.Start, a.End, y, h, "stay k-"+l.class, words(a.Kind)+" "+c.span(a.Start, a.End))
		s, e := max(a.Start, from), min(a.End, to)
		if s >= e {
			continue
		}
		room, name := c.x(day, e)-c.x(day, s), words(a.Kind)
		if 1.15*textWidth(name, 12)+6 > room {
			name = string(l.letter)
		}
		if textWidth(name, 12)+1 < room {
			c.Text((c.x(day, s)+c.x(day, e))/2, y+h/2+4.3, "in k-"+l.class, name)
		}
	}
	for _, m := range c.Trips {
		bar(m.Start, m.End, y+0.3*h, 0.4*h, "way "+modeClass(m.Mode), words(m.Mode)+" to "+words(m.Purpose)+" "+c.span(m.Start, m.End))
	}
}

// ticks draws a tick for each record of a day with one of the events; nil = any.
func (c *canvas) ticks(day int, y, h float64, has func(sigcity.Event) bool) (n int) {
	var p svg.Path
	for _, r := range c.Records {
		if c.Cal.Day(r.Time) == day && has(r.Type) {
			x := c.x(day, r.Time)
			p.Add([]orb.Point{{x, y}, {x, y + h}}, false)
			n++
		}
	}
	c.Shape("tick", "", &p)
	return n
}

// cellClass is the grey of a cell by its rank.
func cellClass(rank int) string { return "c" + strconv.Itoa(min(rank, 5)) }

// cellBar draws which cell was the last in the records, from the first record
// of a day to the last.
func (c *canvas) cellBar(day int, y, h float64) {
	from, to := c.Cal.Start(day), c.Cal.Start(day+1)
	var run []sigcity.Record // the first record of the run and the last of the day so far
	flush := func(end uint32) {
		if len(run) == 0 {
			return
		}
		a, k := run[0], c.rank[run[0].Area]
		x, e := c.x(day, a.Time), c.x(day, end)
		c.Open("rect", "x", svg.Num(x), "y", svg.Num(y), "width", svg.Num(max(e-x, 0.6)), "height", svg.Num(h), "class", "cell "+cellClass(k))
		c.Tip(fmt.Sprintf("cell %d: %s, %s", k, c.Areas[a.Area].Name, c.span(a.Time, end)))
		c.Close("rect")
		if name := strconv.Itoa(k); h > 10 && k <= topCells && textWidth(name, 12)+3 < e-x {
			c.Text((x+e)/2, y+h/2+4.3, "in "+cellClass(k), name)
		}
	}
	var last uint32
	for _, r := range c.Records {
		if r.Time < from || r.Time >= to {
			continue
		}
		if len(run) == 0 || run[0].Area != r.Area {
			flush(r.Time)
			run = append(run[:0], r)
		}
		last = r.Time
	}
	flush(last)
}

// axis draws the hours of the days below y; lines reach up to top.
func (c *canvas) axis(top, y float64) {
	for h := uint32(0); h <= c.long/3600; h += 3 {
		x := c.x(c.First, c.Cal.Start(c.First)+h*3600)
		c.Line(x, top, x, y, "rule")
		c.Line(x, y, x, y+4, "axis")
		c.Text(x, y+17, "s", strconv.Itoa(int(h)), "text-anchor", "middle")
	}
	c.Line(left, y, right, y, "axis")
}

// sign is an entry of a legend.
type sign struct {
	shape string // area, way, tick, beam, sight, dot, foot
	class string
	text  string
}

// signs draws a legend that flows over lines from y on, and returns its end;
// with draw unset it only measures.
func (c *canvas) signs(y float64, list []sign, draw bool) float64 {
	x := 12.0
	for _, s := range list {
		w := 34 + textWidth(s.text, 13) + 16
		if x+w > width && x > 12 {
			x, y = 12, y+legend
		}
		if draw {
			c.sign(x, y, s)
			c.Text(x+34, y+4.5, "", s.text)
		}
		x += w
	}
	return y + legend
}

func (c *canvas) sign(x, y float64, s sign) {
	switch s.shape {
	case "area":
		c.Rect(x+4, y-6, 22, 12, s.class)
	case "way":
		c.Line(x+2, y, x+28, y, s.class)
	case "tick":
		for i := range 4 {
			c.Line(x+7+float64(i)*5, y-6, x+7+float64(i)*5, y+6, s.class)
		}
	case "beam":
		var p svg.Path
		wedge(&p, orb.Point{x + 6, y}, 90, 32, 18)
		c.Shape("beam", "", &p)
		c.Circle(x+6, y, 2.4, "mast")
	case "sight":
		c.Line(x+2, y+5, x+28, y-5, "sight", "stroke-width", "1.6")
	case "foot":
		c.Rect(x+3, y-7, 24, 14, "foot")
	}
}

// kindSigns and modeSigns are the parts of the legend about the truth: only
// what is in the days.
func (c *canvas) kindSigns() (out []sign) {
	at := map[string]int{}
	for _, l := range c.usedKinds() {
		name := fmt.Sprintf("%c %s", l.letter, words(l.kind))
		if i, ok := at[l.class]; ok {
			out[i].text += ", " + name
			continue
		}
		at[l.class] = len(out)
		out = append(out, sign{"area", "stay k-" + l.class, name})
	}
	return out
}

func (c *canvas) modeSigns() (out []sign) {
	at := map[string]int{}
	seen := map[string]bool{}
	for _, m := range c.Trips {
		if seen[m.Mode] {
			continue
		}
		seen[m.Mode] = true
		class := modeClass(m.Mode)
		if i, ok := at[class]; ok {
			out[i].text += ", " + words(m.Mode)
			continue
		}
		at[class] = len(out)
		out = append(out, sign{"way", "trip " + class, words(m.Mode)})
	}
	return out
}

// textWidth is about the width of a text in a sans-serif face.
func textWidth(s string, size float64) float64 { return 0.55 * size * float64(len([]rune(s))) }
