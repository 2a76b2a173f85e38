package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// coverage is what phones see of the network. network.City is it.
type coverage interface {
	Serving(operator int, q geo.XY) sigcity.AreaID
	Neighbours(sigcity.AreaID) []sigcity.AreaID
}

// A move is a change of the cell a phone is in, connected or not.
type move struct {
	time uint32
	cell sigcity.AreaID
}

// camper follows the best cell along a person's day. One per worker.
type camper struct {
	radio coverage
	phone *Phone
	// dense is, per cell, how much more often than at 800 m site spacing a
	// phone there fades to a neighbour.
	dense  []float64
	step   []float64 // m, per cell: how far to walk between two looks around
	out    []move
	before sigcity.AreaID // the cell before the last move
}

// stepShare is how far a phone goes, as a share of the site spacing, between
// two looks at the cells around. A better cell must be better at two looks in
// a row to be taken: this is the hysteresis.
const stepShare = 0.12

func newCamper(city *network.City, phone *Phone) *camper {
	c := &camper{radio: city, phone: phone, dense: make([]float64, len(city.Cells)), step: make([]float64, len(city.Cells))}
	for i := range city.Cells {
		spacing := max(city.Sites[city.Cells[i].Site].Spacing, 50)
		c.dense[i] = min(max(800/spacing, 0.2), 2.5)
		c.step[i] = min(max(stepShare*spacing, 20), 500)
	}
	return c
}

// camping is the part of a phone's state that the camper carries on.
type camping struct {
	cell    sigcity.AreaID
	base    sigcity.AreaID // best cell of the present stay
	fadeEnd uint32         // when a fade to a neighbour ends, 0 = none
}

// day lists the cell changes along the segments, in order.
func (c *camper) day(r *rand.Rand, operator int, s *camping, d day, segs []Segment) []move {
	c.out = c.out[:0]
	for i := range segs {
		if segs[i].Mode == Stay {
			c.stay(r, operator, s, d, &segs[i])
		} else {
			c.trip(operator, s, &segs[i])
		}
	}
	return c.out
}

// take makes cell the serving one. Of several changes within a second, the
// resolution of a record, the last one stands.
func (c *camper) take(s *camping, t uint32, cell sigcity.AreaID) {
	if cell == s.cell {
		return
	}
	if n := len(c.out) - 1; n >= 0 && c.out[n].time == t {
		c.out = c.out[:n]
		if cell == c.before {
			s.cell = cell
			return
		}
	} else {
		c.before = s.cell
	}
	s.cell = cell
	c.out = append(c.out, move{t, cell})
}

// stay: the best cell of the place, and now and then a slow fade to one nearby.
func (c *camper) stay(r *rand.Rand, operator int, s *camping, d day, seg *Segment) {
	s.base = c.radio.Serving(operator, seg.From)
	t := seg.Start
	if s.fadeEnd > t { // from before midnight
		if s.fadeEnd >= seg.End {
			return
		}
		t = s.fadeEnd
	}
	s.fadeEnd = 0
	c.take(s, t, s.base)
	near := c.radio.Neighbours(s.base)
	if len(near) == 0 {
		return
	}
	day, night := c.phone.Fades*c.dense[s.base]/3600, c.phone.FadesNight*c.dense[s.base]/3600
	if day < night {
		day, night = night, day // the candidates below come at the higher rate
	}
	if day <= 0 {
		return
	}
	for {
		// Thinning (Lewis & Shedler 1979): candidates at the day's rate.
		gap := r.ExpFloat64() / day
		if gap >= float64(seg.End-t) {
			return
		}
		t += uint32(gap)
		rate := c.phone.Fades
		if t-d.midnight < 6*3600 {
			rate = c.phone.FadesNight
		}
		if r.Float64()*max(c.phone.Fades, c.phone.FadesNight) >= rate {
			continue
		}
		k := 0 // most often to the same one
		if r.Float64() < 0.35 {
			k = r.IntN(min(len(near), 4))
		}
		c.take(s, t, near[k])
		end := t + 5 + uint32(min(r.ExpFloat64()*c.phone.FadeMeanS, 4*3600))
		if end >= seg.End {
			s.fadeEnd = end
			return
		}
		t = end
		c.take(s, t, s.base)
	}
}

// trip: look around at even steps; a cell that is best at two looks in a row is taken.
func (c *camper) trip(operator int, s *camping, seg *Segment) {
	s.fadeEnd = 0
	length := seg.From.Dist(seg.To)
	seconds := float64(seg.End - seg.Start)
	better := s.cell
	for at := c.step[s.cell]; at < length; at += c.step[s.cell] {
		share := at / length
		best := c.radio.Serving(operator, seg.From.Lerp(seg.To, share))
		if best != s.cell && best == better {
			c.take(s, seg.Start+uint32(share*seconds), best)
		}
		better = best
	}
}
