package gen

import (
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// reach is what a phone at q can camp on at t: those of its candidates that are
// on the air, else the cells of the layer below (the surface for the tunnel, LTE
// for 5G), else the nearest mast that is on the air. until is how long that
// holds, at most to end.
func (c *camper) reach(ue network.UE, list []network.Candidate, q geo.XY, t, end uint32) (live []network.Candidate, why flags, until uint32) {
	live, until = c.onAir(list, t, end)
	if len(live) == len(list) {
		return live, 0, until
	}
	best := c.site[list[0].Cell]
	if s, dark := within(c.air.dark[best], t); dark && s.kind == broken {
		why = offAir
	}
	for len(live) == 0 && (ue.Medium != network.Surface || ue.SA) {
		if ue.Medium == network.Surface {
			ue.SA = false
		}
		ue.Medium = network.Surface
		live, until = c.onAir(c.radio.Camp(ue, q), t, until)
	}
	if len(live) > 0 {
		return live, why, until
	}
	for _, mast := range c.air.near[best] {
		until = c.air.steady(int32(mast), t, until)
		if _, dark := within(c.air.dark[mast], t); !dark {
			c.live = append(c.live[:0], network.Candidate{Cell: c.air.masts.facing(mast, q), Attach: 1})
			return c.live, why, until
		}
	}
	return list, why, until // of an operator without masts, whose sites never fail
}

// onAir is the part of a list that is on the air at t, and until when that is
// so. The slice is good until the next call.
func (c *camper) onAir(list []network.Candidate, t, end uint32) ([]network.Candidate, uint32) {
	calm := true
	for i := range list {
		calm = calm && len(c.air.dark[c.site[list[i].Cell]]) == 0
	}
	if calm {
		return list, end
	}
	c.live = c.live[:0]
	for i := range list {
		site := c.site[list[i].Cell]
		end = c.air.steady(site, t, end)
		if _, dark := within(c.air.dark[site], t); !dark {
			c.live = append(c.live, list[i])
		}
	}
	return c.live, end
}

// lose looks around where the cell of a phone on its way goes off the air, from
// one second up to another.
func (c *camper) lose(s *camping, seg *Segment, from, to uint32) {
	if c.air == nil {
		return
	}
	for {
		t := c.air.goesDark(c.site[s.cell], from, to)
		if t >= to {
			return
		}
		c.look(s, t, c.course.where(float64(t-seg.Start)))
		from = t + 1
	}
}

// where is the place on the course so many seconds from the start.
func (c *course) where(second float64) geo.XY {
	for i := 1; i < len(c.pts); i++ {
		if second < c.at[i] {
			return c.pts[i-1].Lerp(c.pts[i], (second-c.at[i-1])/(c.at[i]-c.at[i-1]))
		}
	}
	return c.pts[len(c.pts)-1]
}
