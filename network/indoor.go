package network

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Halls with indoor cells. All figures are this project's assumptions.
const (
	mallM2       = 4000.0 // of ground: department stores below it do without
	stationM     = 80.0   // radius of the grounds of a station where the map has none …
	smallStation = 40.0   // … of a halt or bus station
	terminalM    = 200.0  // … of a terminal
	largestHall  = 4e5    // m²; larger outlines are airfields and yards, not halls
	airstrip     = 100.0  // passengers at a time: airports below it do without
	busyStation  = 200.0  // … of a station that most operators serve
)

// hall is what an indoor cell serves: the grounds of a station, a terminal or a
// mall.
type hall struct {
	ring  []geo.XY
	mid   geo.XY
	m2    float64
	share float64 // of operators by which it is served, beside the market share
}

// hall notes the grounds of a place that indoor cells may serve.
func (b *builder) hall(s *spot, capacity float64) {
	var radius, share float64
	switch {
	case s.category == dataset.Station && capacity < busyStation, s.tags.has("amenity", "bus_station"):
		radius, share = smallStation, 0
	case s.category == dataset.Station:
		radius, share = stationM, 0.5
	case s.category == dataset.Airport && capacity >= airstrip:
		radius, share = terminalM, 1
	case s.category == dataset.DepartmentStore && s.building && s.m2 >= mallM2:
		share = 0.3
	default:
		return
	}
	ring := s.ring
	if s.category == dataset.Airport {
		var pos geo.XY
		pos, ring = b.terminal(s)
		if ring == nil || geo.RingArea(ring) < math.Pi*stationM*stationM {
			ring = disc(pos, radius)
		}
	} else if ring == nil || s.m2 > largestHall || s.m2 < math.Pi*radius*radius {
		ring = disc(s.pos, radius)
	}
	b.halls = append(b.halls, hall{ring, geo.RingCentroid(ring), geo.RingArea(ring), share})
}

// roof is what one indoor cell serves: a hall with those that overlap it, such
// as the bus station before it and the metro station below.
type roof struct {
	mid   geo.XY // of the busiest
	share float64
	tiles []tile
}

// roofs joins the halls, the busiest and largest first.
func (b *builder) roofs(o *overlay) []roof {
	halls := slices.Clone(b.halls)
	slices.SortStableFunc(halls, func(x, y hall) int { return cmp.Or(cmp.Compare(y.share, x.share), cmp.Compare(y.m2, x.m2)) })
	var out []roof
	owner := map[tile]int{}
	for _, h := range halls {
		tiles := o.inRing(h.ring)
		r := len(out)
		for _, t := range tiles {
			if k, ok := owner[t]; ok {
				r = min(r, k)
			}
		}
		if r == len(out) {
			out = append(out, roof{mid: h.mid, share: h.share})
		}
		for _, t := range tiles {
			if _, ok := owner[t]; !ok {
				owner[t] = r
				out[r].tiles = append(out[r].tiles, t)
			}
		}
	}
	return slices.DeleteFunc(out, func(r roof) bool { return len(r.tiles) == 0 }) // beyond the raster
}

// terminal is the largest terminal of an airport, or its largest building; where
// the map has neither, only a place.
func (b *builder) terminal(s *spot) (geo.XY, []geo.XY) {
	var best *area
	rank := func(a *area) (named bool, m2 float64) { return a.tags.has("aeroway", "terminal"), a.m2 }
	for i := range b.areas {
		a := &b.areas[i]
		if s.ring == nil || !geo.RingContains(s.ring, a.center) || a.tags.has("aeroway", "hangar") {
			continue
		}
		if best != nil {
			named, m2 := rank(a)
			bestNamed, bestM2 := rank(best)
			if bestNamed && !named || bestNamed == named && m2 <= bestM2 {
				continue
			}
		}
		best = a
	}
	if best == nil {
		return s.pos, nil
	}
	return best.center, best.ring
}

// disc is the polygon that stands for a disc.
func disc(p geo.XY, radius float64) []geo.XY {
	ring := make([]geo.XY, circleCorners)
	for k := range ring {
		v := heading(float64(k) * 360 / circleCorners)
		ring[k] = geo.XY{X: p.X + float64(v.X*radius), Y: p.Y + float64(v.Y*radius)}
	}
	return ring
}

// indoorCells gives each roof a cell of every operator that serves it, by share:
// the low power of antennas under the ceiling, heard below it only.
func (b *builder) indoorCells() {
	c := b.city
	empty := newOverlay(b.lo, b.hi)
	roofs := b.roofs(empty)
	for op := range c.Operators {
		o := *empty
		m := &c.radio.ops[op].macro.coverage
		for _, r := range roofs {
			if b.draw("network.indoor."+c.Operators[op].PLMN(), r.mid) >= r.share+c.Operators[op].Share {
				continue
			}
			cell := b.special(IndoorSite, op, r.mid)
			squares := o.squares(r.tiles)
			cell.Ring = outline(squares)
			cell.settle(squares)
			cell.RangeM = math.Round(farthest(cell.Ring, r.mid))
			id := c.Sites[cell.Site].Cells[0]
			for _, t := range r.tiles {
				o.add(t, id, m.best(m.tile(o.mid(t))))
			}
		}
		c.radio.ops[op].indoor = o.finish()
	}
}

// inRing are the tiles of which a part lies within a ring, by row and column.
func (o *overlay) inRing(ring []geo.XY) (out []tile) {
	lo, hi := box(ring)
	from, _ := o.within(lo)
	to, _ := o.within(hi)
	for y := from.y; y <= to.y; y++ {
		for x := from.x; x <= to.x; x++ {
			t := tile{x, y}
			mid, step := o.mid(t), o.unit()/3
			if _, ok := o.within(mid); !ok {
				continue
			}
			touches := func() bool {
				for dy := -1.0; dy <= 1; dy++ {
					for dx := -1.0; dx <= 1; dx++ {
						if geo.RingContains(ring, geo.XY{X: mid.X + float64(dx*step), Y: mid.Y + float64(dy*step)}) {
							return true
						}
					}
				}
				return false
			}
			if touches() {
				out = append(out, t)
			}
		}
	}
	return out
}

// special makes a site at p with one 4G cell that has no direction. Its eNB
// follows the operator's last.
func (b *builder) special(kind SiteKind, op int, p geo.XY) *Cell {
	c := b.city
	enb := uint32(0)
	for i := range c.Cells {
		if x := &c.Cells[i]; x.Radio == "4G" && c.Sites[x.Site].Operator == op {
			enb = max(enb, x.ENB)
		}
	}
	enb++
	macro := &c.radio.ops[op].macro
	near, _ := macro.index.Nearest(p)
	c.Sites = append(c.Sites, Site{Pos: p, Operator: op, Kind: kind, Spacing: macro.antennas[near].spacing, Synthetic: true,
		Cells: []sigcity.AreaID{sigcity.AreaID(len(c.Cells))}})
	c.Cells = append(c.Cells, Cell{CGI: fmt.Sprintf("%s-%d", c.Operators[op].broadcast(), eci(enb, 0)), Site: len(c.Sites) - 1, ENB: enb,
		BeamDeg: 360, Radio: "4G"})
	return &c.Cells[len(c.Cells)-1]
}
