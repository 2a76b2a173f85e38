package report

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// palette is Okabe and Ito's set (2008) of colours that stay apart for
// colour-blind readers, without yellow (too light on white) and black.
var palette = [...]string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A5195", "#5B4A3F"}

// drawing builds one SVG. Colours and type come from the page's style sheet
// through classes, so that every picture of the page looks alike and prints well.
type drawing struct {
	b    strings.Builder
	w, h float64
}

// newDrawing starts a picture of w × h user units; title and desc are what a
// screen reader says. It scales to the width of its container.
func newDrawing(w, h float64, class, title, desc string) *drawing {
	d := &drawing{w: w, h: h}
	d.b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + px(w) + ` ` + px(h) + `" class="` + class + `" role="img" aria-label="` + html.EscapeString(title+". "+desc) + `">`)
	return d
}

// open starts an element; attrs are names and values in turn.
func (d *drawing) open(name string, attrs ...string) {
	d.tag(name, attrs)
	d.b.WriteByte('>')
}

func (d *drawing) close(name string) { d.b.WriteString("</" + name + ">") }

// el writes an element without content.
func (d *drawing) el(name string, attrs ...string) {
	d.tag(name, attrs)
	d.b.WriteString("/>")
}

func (d *drawing) tag(name string, attrs []string) {
	d.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		d.b.WriteString(" " + attrs[i] + `="` + html.EscapeString(attrs[i+1]) + `"`)
	}
}

// text writes s, escaped, with its baseline at (x, y).
func (d *drawing) text(x, y float64, class, s string, attrs ...string) {
	d.open("text", append([]string{"x", px(x), "y", px(y), "class", class}, attrs...)...)
	d.b.WriteString(html.EscapeString(s))
	d.close("text")
}

// tip gives the element that is open a tooltip.
func (d *drawing) tip(s string) {
	d.b.WriteString("<title>" + html.EscapeString(s) + "</title>")
}

func (d *drawing) line(x1, y1, x2, y2 float64, class string, attrs ...string) {
	d.el("line", append([]string{"x1", px(x1), "y1", px(y1), "x2", px(x2), "y2", px(y2), "class", class}, attrs...)...)
}

func (d *drawing) rect(b box, class string, attrs ...string) {
	d.el("rect", append([]string{"x", px(b.x), "y", px(b.y), "width", px(b.w), "height", px(b.h), "class", class}, attrs...)...)
}

func (d *drawing) circle(x, y, r float64, class string, attrs ...string) {
	d.el("circle", append([]string{"cx", px(x), "cy", px(y), "r", px(r), "class", class}, attrs...)...)
}

// done closes the picture.
func (d *drawing) done() template.HTML { return template.HTML(d.b.String() + "</svg>") }

// px writes a coordinate to a tenth of a unit, in the fewest characters.
func px(v float64) string { return string(appendTenths(nil, tenths(v))) }

func tenths(v float64) int { return int(math.Round(v * 10)) }

func appendTenths(b []byte, t int) []byte {
	if t < 0 {
		b, t = append(b, '-'), -t
	}
	if t >= 10 || t == 0 {
		b = strconv.AppendInt(b, int64(t/10), 10)
	}
	if t%10 != 0 {
		b = append(b, '.', byte('0'+t%10))
	}
	return b
}

// path collects polylines as SVG path data: absolute starts, relative steps,
// tenths of a unit. Rounding never adds up: steps are differences of rounded
// positions.
type path struct {
	b    []byte
	x, y int
}

// add appends a polyline, closed where ring is set. Steps that round to
// nothing are dropped, and so is what then has no length.
func (p *path) add(pts []orb.Point, ring bool) {
	if len(pts) == 0 {
		return
	}
	mark, steps := len(p.b), 0
	p.x, p.y = tenths(pts[0][0]), tenths(pts[0][1])
	p.b = p.number(append(p.b, 'M'), p.x)
	p.b = p.number(p.b, p.y)
	for _, q := range pts[1:] {
		x, y := tenths(q[0]), tenths(q[1])
		if x == p.x && y == p.y {
			continue
		}
		if steps == 0 {
			p.b = append(p.b, 'l')
		}
		p.b = p.number(p.b, x-p.x)
		p.b = p.number(p.b, y-p.y)
		p.x, p.y = x, y
		steps++
	}
	switch {
	case steps == 0 || ring && steps < 2:
		p.b = p.b[:mark]
	case ring:
		p.b = append(p.b, 'z')
	}
}

func (p *path) number(b []byte, t int) []byte {
	if n := len(b); t >= 0 && n > 0 && (b[n-1] == '.' || b[n-1] >= '0' && b[n-1] <= '9') {
		b = append(b, ' ')
	}
	return appendTenths(b, t)
}

func (p *path) String() string { return string(p.b) }

// box is a rectangle in user units; y grows downwards.
type box struct{ x, y, w, h float64 }

// overlap is the area that two boxes share.
func (b box) overlap(o box) float64 {
	w := min(b.x+b.w, o.x+o.w) - max(b.x, o.x)
	h := min(b.y+b.h, o.y+o.h) - max(b.y, o.y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// grow is the box with a margin on all sides.
func (b box) grow(m float64) box { return box{b.x - m, b.y - m, b.w + 2*m, b.h + 2*m} }

// outside is the area of b that lies beyond o.
func (b box) outside(o box) float64 { return float64(b.w*b.h) - b.overlap(o) }

// textWidth estimates the width of s at a font size, on the wide side: the
// reader's system font is not known when the page is written.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("ijlI.,:;|!'()[]·ft r", r):
			w += 0.42
		case strings.ContainsRune("mwMW@%—=_+", r):
			w += 0.98
		case r >= 'A' && r <= 'Z':
			w += 0.75
		default:
			w += 0.67
		}
	}
	return w * size
}
