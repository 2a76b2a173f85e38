// Package svg writes pictures as SVG: elements, paths in few bytes, round steps
// for axes and scale bars.
package svg

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// Drawing builds one SVG. Colours and type come from the page's style sheet
// through classes, so that every picture of the page looks alike and prints well.
type Drawing struct {
	b    strings.Builder
	w, h float64
}

// NewDrawing starts a picture of w × h user units; title and desc are what a
// screen reader says. It scales to the width of its container.
func NewDrawing(w, h float64, class, title, desc string) *Drawing {
	d := &Drawing{w: w, h: h}
	d.b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + Num(w) + ` ` + Num(h) + `" class="` + class + `" role="img" aria-label="` + html.EscapeString(title+". "+desc) + `">`)
	return d
}

// Open starts an element; attrs are names and values in turn.
func (d *Drawing) Open(name string, attrs ...string) {
	d.tag(name, attrs)
	d.b.WriteByte('>')
}

func (d *Drawing) Close(name string) { d.b.WriteString("</" + name + ">") }

// El writes an element without content.
func (d *Drawing) El(name string, attrs ...string) {
	d.tag(name, attrs)
	d.b.WriteString("/>")
}

func (d *Drawing) tag(name string, attrs []string) {
	d.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		d.b.WriteString(" " + attrs[i] + `="` + html.EscapeString(attrs[i+1]) + `"`)
	}
}

// Text writes s, escaped, with its baseline at (x, y).
func (d *Drawing) Text(x, y float64, class, s string, attrs ...string) {
	d.Open("text", append([]string{"x", Num(x), "y", Num(y), "class", class}, attrs...)...)
	d.b.WriteString(html.EscapeString(s))
	d.Close("text")
}

// Tip gives the element that is open a tooltip.
func (d *Drawing) Tip(s string) {
	d.b.WriteString("<title>" + html.EscapeString(s) + "</title>")
}

func (d *Drawing) Line(x1, y1, x2, y2 float64, class string, attrs ...string) {
	d.El("line", append([]string{"x1", Num(x1), "y1", Num(y1), "x2", Num(x2), "y2", Num(y2), "class", class}, attrs...)...)
}

func (d *Drawing) Rect(x, y, w, h float64, class string, attrs ...string) {
	d.El("rect", append([]string{"x", Num(x), "y", Num(y), "width", Num(w), "height", Num(h), "class", class}, attrs...)...)
}

func (d *Drawing) Circle(x, y, r float64, class string, attrs ...string) {
	d.El("circle", append([]string{"cx", Num(x), "cy", Num(y), "r", Num(r), "class", class}, attrs...)...)
}

// Done closes the picture.
func (d *Drawing) Done() template.HTML { return template.HTML(d.b.String() + "</svg>") }

// Num writes a coordinate to a tenth of a unit, in the fewest characters.
func Num(v float64) string { return string(appendTenths(nil, tenths(v))) }

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

// Path collects polylines as SVG path data: absolute starts, relative steps,
// tenths of a unit. Rounding never adds up: steps are differences of rounded
// positions.
type Path struct {
	b    []byte
	x, y int
}

// Add appends a polyline, closed where ring is set. Steps that round to
// nothing are dropped, and so is what then has no length.
func (p *Path) Add(pts []orb.Point, ring bool) {
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

func (p *Path) number(b []byte, t int) []byte {
	if n := len(b); t >= 0 && n > 0 && (b[n-1] == '.' || b[n-1] >= '0' && b[n-1] <= '9') {
		b = append(b, ' ')
	}
	return appendTenths(b, t)
}

func (p *Path) String() string { return string(p.b) }

// Empty reports whether nothing was added that has a length.
func (p *Path) Empty() bool { return len(p.b) == 0 }

// Len is the number of bytes of the path data.
func (p *Path) Len() int { return len(p.b) }

// NiceStep is the smallest of 1, 2, 5 × 10^k that is at least v.
func NiceStep(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 1
	}
	mag := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if float64(m*mag) >= v*(1-1e-9) {
			return m * mag
		}
	}
	return 10 * mag
}

// TickLabel writes a round value without needless zeros.
func TickLabel(v float64) string {
	if v == 0 {
		return "0" // also of −0
	}
	s := strconv.FormatFloat(v, 'g', 6, 64)
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		return "−" + rest
	}
	return s
}

// NewGroup starts a group, a part of a picture that is put together later.
func NewGroup(class string) *Drawing {
	d := &Drawing{}
	d.Open("g", "class", class)
	return d
}

// EndGroup closes a group and returns it.
func (d *Drawing) EndGroup() string { return d.b.String() + "</g>" }

// Len is the number of bytes drawn so far.
func (d *Drawing) Len() int { return d.b.Len() }

// Raw adds a finished group.
func (d *Drawing) Raw(group string) { d.b.WriteString(group) }

// Shape writes a path of a class with a tooltip, nothing where it is empty.
func (d *Drawing) Shape(class, tip string, p *Path) {
	switch {
	case p.Empty():
	case tip == "":
		d.El("path", "class", class, "d", p.String())
	default:
		d.Open("path", "class", class, "d", p.String())
		d.Tip(tip)
		d.Close("path")
	}
}

// Dot appends a point, which a stroke with round ends makes a disc.
func (p *Path) Dot(x, y float64) {
	p.b = p.number(append(p.b, 'M'), tenths(x))
	p.b = append(p.number(p.b, tenths(y)), 'h', '0')
}
