package recognition

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// driftPasses is how often drift is sought: what one pass puts right shows what
// lay beside it.
const driftPasses = 2

// point is consecutive runs that are at one place after correction.
type point struct {
	first, last int // runs
	area        sigcity.AreaID
	at          geo.XY
	dwell       float64
}

// drift marks and puts right the points that lie far from both neighbours in
// time, which are themselves of one place (P2): the position is the median, for
// two the middle, of theirs, the area that with the longer dwell.
func (c *Corrector) drift() {
	c.points = c.points[:0]
	for i := range c.visits {
		v := &c.visits[i]
		if n := len(c.points) - 1; n >= 0 && c.points[n].area == v.to {
			c.points[n].last = i
			c.points[n].dwell += v.dwell
			continue
		}
		c.points = append(c.points, point{i, i, v.to, v.at, v.dwell})
	}
	for i := 1; i+1 < len(c.points); i++ {
		a, p, b := &c.points[i-1], &c.points[i], &c.points[i+1]
		if !c.distant(a.area, p.area) || !c.distant(b.area, p.area) || a.at.Dist(b.at) > c.areas.Spacing(a.area) {
			continue
		}
		left, back := c.visits[a.last].last, &c.visits[b.first]
		if back.first > left && back.first-left > c.p.DriftS {
			continue
		}
		area := a.area
		if b.dwell > a.dwell {
			area = b.area
		}
		at := a.at.Lerp(b.at, 0.5)
		for j := p.first; j <= p.last; j++ {
			v := &c.visits[j]
			v.to, v.at, v.mark = area, at, MarkDrift
		}
		back.back = MarkDrift
		// The next point has no neighbour any more to be judged by.
		p.area, p.at = area, at
	}
}
