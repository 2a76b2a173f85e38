package report

import (
	"math"
	"strings"
)

// label is a text block that wants to stand near a point.
type label struct {
	lines []string
	size  float64 // of the first line; further lines are set at 0.85 of it
	x, y  float64 // the point
	gap   float64 // distance that keeps clear of the point's mark
}

func (l label) extent() (w, h float64) {
	for i, s := range l.lines {
		size := l.size
		if i > 0 {
			size = 0.85 * l.size
		}
		w = max(w, textWidth(s, size))
		h += float64(1.2 * size)
	}
	return w, h
}

// placeLabels finds a box for every label inside frame: greedily in order, then
// each label again, given where the others stand, until none moves. Covering
// another label costs most, then leaving the frame, covering marks and error
// bars (obstacles), a long way or a line across obstacles to the point. The same
// input gives the same places.
func placeLabels(labels []label, obstacles []box, frame box) []box {
	placed := make([]box, len(labels))
	for pass := range 6 {
		moved := false
		for i, l := range labels {
			others := placed[:i:i]
			if pass > 0 {
				others = append(others, placed[i+1:]...)
			}
			b := l.place(others, obstacles, frame)
			moved = moved || b != placed[i]
			placed[i] = b
		}
		if !moved {
			break
		}
	}
	return placed
}

// place is the candidate box that costs least.
func (l label) place(others, obstacles []box, frame box) box {
	w, h := l.extent()
	best, at := math.Inf(1), box{}
	for step, reach := range []float64{0, 7, 16, 28, 42, 58, 76, 96} {
		for i, dir := range directions {
			b := dir.box(l.x, l.y, l.gap+reach, w, h)
			cost := float64(10*step) + float64(i)/2 + float64(25*l.crossings(b, obstacles)) + float64(8*b.outside(frame))
			for _, o := range others {
				cost += float64(6 * b.grow(3).overlap(o))
			}
			for _, o := range obstacles {
				cost += float64(3 * b.overlap(o))
			}
			if cost < best {
				best, at = cost, b
			}
		}
	}
	return at
}

// direction is where a label may stand, seen from its point; the first are
// preferred.
type direction struct{ dx, dy float64 }

var directions = [...]direction{
	{1, -0.7}, {1, 0.7}, {-1, -0.7}, {-1, 0.7}, {1, 0}, {-1, 0}, {0, -1}, {0, 1},
	{0.6, -1}, {0.6, 1}, {-0.6, -1}, {-0.6, 1},
}

// box puts a w × h block at the given distance from (x, y).
func (d direction) box(x, y, reach, w, h float64) box {
	x += float64(d.dx * reach)
	y += float64(d.dy * reach)
	// The block's side that faces the point sits at the anchor.
	return box{x + float64((d.dx-1)/2*w), y + float64((d.dy-1)/2*h), w, h}
}

// crossings counts how often the line from the label's point to its box runs
// over obstacles that are not the point's own.
func (l label) crossings(b box, obstacles []box) int {
	x, y, need := leader(l, b)
	if !need {
		return 0
	}
	n := 0
	for i := 1; i <= 8; i++ {
		f := float64(i) / 8
		p := box{l.x + float64(f*(x-l.x)) - 0.5, l.y + float64(f*(y-l.y)) - 0.5, 1, 1}
		if math.Hypot(p.x-l.x, p.y-l.y) < l.gap+4 {
			continue
		}
		for _, o := range obstacles {
			if p.overlap(o) > 0 {
				n++
			}
		}
	}
	return n
}

// leader is where a line from a label's point meets its box, and whether the
// box is far enough away to need one.
func leader(l label, b box) (x, y float64, need bool) {
	x = max(b.x, min(l.x, b.x+b.w))
	y = max(b.y, min(l.y, b.y+b.h))
	return x, y, math.Hypot(x-l.x, y-l.y) > l.gap+9
}

// spread pushes boxes apart until none overlap, or nearly: each pair that does
// moves along the line between their centres, by equal parts. frame holds them in.
func spread(boxes []box, frame box) {
	for range 60 {
		moved := false
		for i := range boxes {
			for j := range i {
				moved = boxes[i].push(&boxes[j]) || moved
			}
		}
		for i := range boxes {
			b := &boxes[i]
			b.x = max(frame.x, min(b.x, frame.x+frame.w-b.w))
			b.y = max(frame.y, min(b.y, frame.y+frame.h-b.h))
		}
		if !moved {
			return
		}
	}
}

// push moves two overlapping boxes apart a little, and reports whether it had to.
func (b *box) push(o *box) bool {
	if b.overlap(*o) < 0.01 {
		return false
	}
	dx, dy := b.x+b.w/2-o.x-o.w/2, b.y+b.h/2-o.y-o.h/2
	if length := math.Hypot(dx, dy); length > 0.01 {
		dx, dy = dx/length, dy/length
	} else {
		dx, dy = 1, 0
	}
	b.x, b.y = b.x+dx, b.y+dy
	o.x, o.y = o.x-dx, o.y-dy
	return true
}

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
