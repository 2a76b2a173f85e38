package gen

import "github.com/sigcity/sigcity"

// departures adds to a day's talk that the person is away by its segments: by road and rail the phone is taken over by
// the next network, and comes back from there; by air it is switched off. A stay
// that the next day continues ends, for the phone, a second after midnight, when
// the next day's is known.
func departures(talk []demand, d day, segs []Segment) []demand {
	end := d.midnight + uint32(d.length)
	for i := range segs {
		s := &segs[i]
		if s.Mode != Stay || !s.Kind.away() {
			continue
		}
		e := departure
		if s.Kind == Flown {
			e = sigcity.Detach
		}
		long := s.End - s.Start
		if s.End == end {
			long++
		}
		talk = append(talk, newDemand(s.Start, e, long))
	}
	return talk
}

// away camps on no cell, and comes back in the best one at the gate.
func (c *camper) away(s *camping, d day, seg *Segment) {
	s.fadeEnd = 0
	if seg.End == d.midnight+uint32(d.length) {
		return
	}
	list, why := c.radio.Camp(s.ue, seg.From), flags(0)
	if c.air != nil {
		list, why, _ = c.reach(s.ue, list, seg.From, seg.End, seg.End)
	}
	s.base = serving{list[0].Cell, why}
	c.take(s, seg.End, s.base)
}
