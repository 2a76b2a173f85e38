package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// coverage is what phones see of the network. network.City is it.
type coverage interface {
	Camp(ue network.UE, q geo.XY) []network.Candidate
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
	// phone there fades to another one.
	dense  []float64
	step   []float64 // m, per cell: how far to walk between two looks around
	course course
	out    []move
	before sigcity.AreaID // the cell before the last move
}

// stepShare is how far a phone goes, as a share of the site spacing, between
// two looks at the cells around.
const stepShare = 0.12

func newCamper(city *network.City, phone *Phone) *camper {
	c := &camper{radio: city, phone: phone, dense: make([]float64, len(city.Cells)), step: make([]float64, len(city.Cells)),
		course: course{graph: city.Graph()}}
	for i := range city.Cells {
		spacing := max(city.Sites[city.Cells[i].Site].Spacing, 50)
		c.dense[i] = min(max(800/spacing, 0.2), 2.5)
		c.step[i] = min(max(stepShare*spacing, 20), 500)
	}
	return c
}

// camping is the part of a phone's state that the camper carries on.
type camping struct {
	ue      network.UE
	cell    sigcity.AreaID
	base    sigcity.AreaID // best cell of the present stay
	fadeEnd uint32         // when a fade to a neighbour ends, 0 = none
}

// day lists the cell changes along the segments, in order.
func (c *camper) day(r *rand.Rand, s *camping, d day, segs []Segment) []move {
	c.out = c.out[:0]
	for i := range segs {
		if segs[i].Mode == Stay {
			c.stay(r, s, d, &segs[i])
		} else {
			c.trip(s, &segs[i])
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

// stay: the best cell of the place, and now and then a slow fade to another of
// its candidates, most often to the likeliest. Where there is but one, a phone
// does not fade: to and fro go those in overlaps.
func (c *camper) stay(r *rand.Rand, s *camping, d day, seg *Segment) {
	list := c.radio.Camp(s.ue, seg.From)
	s.base = list[0].Cell
	t := seg.Start
	if s.fadeEnd > t { // from before midnight
		if s.fadeEnd >= seg.End {
			return
		}
		t = s.fadeEnd
	}
	s.fadeEnd = 0
	c.take(s, t, s.base)
	others := list[1:]
	if len(others) == 0 {
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
		c.take(s, t, draw(others, r.Float64()))
		end := t + 5 + uint32(min(r.ExpFloat64()*c.phone.FadeMeanS, 4*3600))
		if end >= seg.End {
			s.fadeEnd = end
			return
		}
		t = end
		c.take(s, t, s.base)
	}
}

// draw is the cell that u in [0, 1) picks by the candidates' probabilities.
func draw(list []network.Candidate, u float64) sigcity.AreaID {
	sum := float32(0)
	for i := range list {
		sum += list[i].Attach
	}
	left := float32(u) * sum
	for i := range list[:len(list)-1] {
		if left -= list[i].Attach; left < 0 {
			return list[i].Cell
		}
	}
	return list[len(list)-1].Cell
}

// trip: look around at even steps along the course, and change to what reselect
// says.
func (c *camper) trip(s *camping, seg *Segment) {
	s.fadeEnd = 0
	c.course.lay(seg)
	pts, at := c.course.pts, c.course.at
	passed, next := 0.0, c.step[s.cell] // m from the start
	ue := s.ue
	for i := 1; i < len(pts); i++ {
		d := pts[i-1].Dist(pts[i])
		if m := c.course.mediumTo(i); m != ue.Medium { // in or out of a tunnel: at once
			ue.Medium, next = m, passed
		}
		for next < passed+d {
			f := (next - passed) / d
			if best := reselect(c.radio.Camp(ue, pts[i-1].Lerp(pts[i], f)), s.cell); best != s.cell {
				c.take(s, seg.Start+uint32(at[i-1]+float64(f*(at[i]-at[i-1]))), best)
			}
			next += c.step[s.cell]
		}
		passed += d
	}
}

// reselect is the cell that a phone in the cell now goes for: the best of the
// candidates, unless its own is among them and weaker by less than the hysteresis.
func reselect(list []network.Candidate, now sigcity.AreaID) sigcity.AreaID {
	for i := range list {
		if list[i].Cell == now && list[i].BelowDB < list[0].BelowDB+network.HysteresisDB {
			return now
		}
	}
	return list[0].Cell
}
