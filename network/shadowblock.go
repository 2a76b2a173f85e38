package network

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// shadowBlock is the shadowing of the sites of a network within a block of its
// coverage: the shadows themselves, but a knot is drawn once and not for each
// tile beside it. It is for one goroutine at a time.
type shadowBlock struct {
	n      *network
	all    uint64  // key of what all sites have in common
	slot   []int32 // by antenna, the common one last, and scenario: its lattice, −1 = none yet
	filled []int32 // the slots that have one
	grids  []lattice
	lo, hi geo.XY
}

const scenarios = int(ruralMacro) + 1

func newShadowBlock(n *network, common uint64) *shadowBlock {
	s := &shadowBlock{n: n, all: common, slot: make([]int32, (len(n.antennas)+1)*scenarios)}
	for i := range s.slot {
		s.slot[i] = -1
	}
	return s
}

// begin moves on to a block.
func (s *shadowBlock) begin(m *coverage, block int) {
	for _, i := range s.filled {
		s.slot[i] = -1
	}
	s.filled = s.filled[:0]
	first, last := m.center(block, 0), m.center(block, int(m.first[block+1]-m.first[block])-1)
	half := m.tileSide(block) / 2
	s.lo = geo.XY{X: first.X - half, Y: first.Y - half}
	s.hi = geo.XY{X: last.X + half, Y: last.Y + half}
}

// common is the shadow that all sites have in common.
func (s *shadowBlock) common(env scenario) *lattice {
	return s.lattice(len(s.n.antennas), s.all, env)
}

// own is that of a site alone.
func (s *shadowBlock) own(antenna int, env scenario) *lattice {
	return s.lattice(antenna, s.n.antennas[antenna].shadow, env)
}

func (s *shadowBlock) lattice(i int, key uint64, env scenario) *lattice {
	at := i*scenarios + int(env)
	if s.slot[at] < 0 {
		k := len(s.filled)
		s.slot[at] = int32(k)
		s.filled = append(s.filled, int32(at))
		if k == len(s.grids) {
			s.grids = append(s.grids, lattice{})
		}
		s.grids[k].begin(newShadow(key, env.decorrelation()), s.lo, s.hi)
	}
	return &s.grids[s.slot[at]]
}

// lattice is a shadow within a box, with the knots that it has drawn.
type lattice struct {
	shadow
	x, y       int64 // its first knot
	cols, rows int64
	values     []float64 // by row; NaN = not drawn yet
}

func (l *lattice) begin(f shadow, lo, hi geo.XY) {
	l.shadow = f
	l.x, l.y, _, _ = f.square(lo)
	x, y, _, _ := f.square(hi)
	l.cols, l.rows = x-l.x+2, y-l.y+2 // the knots on both sides
	l.values = l.values[:0]
	for range l.cols * l.rows {
		l.values = append(l.values, math.NaN())
	}
}

// mean is that of the shadow, over a square within the box.
func (l *lattice) mean(p geo.XY, side float64) float64 { return meanOver(p, side, l.knot, l.at) }

func (l *lattice) at(p geo.XY) float64 {
	x, y, u, v := l.square(p)
	i := (y-l.y)*l.cols + x - l.x
	low, high := l.values[i:i+2], l.values[i+l.cols:i+l.cols+2]
	if sum := low[0] + low[1] + high[0] + high[1]; math.IsNaN(sum) {
		l.draw(low, x, y)
		l.draw(high, x, y+1)
	}
	return between(u, v, low[0], low[1], high[0], high[1])
}

// draw fills in the missing ones of the knots from x on in a row.
func (l *lattice) draw(values []float64, x, y int64) {
	for k, v := range values {
		if math.IsNaN(v) {
			values[k] = l.value(x+int64(k), y)
		}
	}
}
