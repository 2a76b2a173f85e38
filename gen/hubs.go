package gen

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// hubs knows when people are at stations and airports.
type hubs struct {
	city     *network.City
	atPlace  []int32 // per place of the city: its hub, −1 = none
	airports []int32
}

func newHubs(city *network.City) *hubs {
	h := &hubs{city: city, atPlace: make([]int32, len(city.Places))}
	for i := range h.atPlace {
		h.atPlace[i] = -1
	}
	for i := range city.Hubs {
		if city.Hubs[i].Kind == network.AirportHub {
			h.airports = append(h.airports, int32(i))
		}
		if p := city.Hubs[i].Place; p >= 0 && h.atPlace[p] < 0 {
			h.atPlace[p] = int32(i)
		}
	}
	return h
}

// day appends the passages of a person's day, in order of arrival: rides that
// begin, end, change or pass at a hub, and stays at its place. It is a function
// of the segments alone.
func (h *hubs) day(dst []dataset.HubPassage, person uint32, segs []Segment) []dataset.HubPassage {
	for i := range segs {
		switch s := &segs[i]; {
		case s.Journey != nil:
			dst = h.journey(dst, person, s)
		case s.Mode == Stay && s.Kind == Airport && len(h.airports) > 0:
			purpose := dataset.PassArrive
			if i+1 < len(segs) && segs[i+1].Kind == Flown {
				purpose = dataset.PassDepart
			}
			dst = append(dst, dataset.HubPassage{Person: person, Hub: uint32(h.airport(s.From)), Arrive: s.Start, Leave: s.End, Purpose: purpose})
		case s.Mode == Stay && s.Place >= 0 && h.atPlace[s.Place] >= 0:
			purpose := dataset.PassVisit
			if s.Kind == Work {
				purpose = dataset.PassWork
			}
			dst = append(dst, dataset.HubPassage{Person: person, Hub: uint32(h.atPlace[s.Place]), Arrive: s.Start, Leave: s.End, Purpose: purpose})
		}
	}
	return dst
}

// airport is the one nearest to a position.
func (h *hubs) airport(p geo.XY) int32 {
	return slices.MinFunc(h.airports, func(a, b int32) int { return cmp.Compare(h.city.Hubs[a].Pos.Dist2(p), h.city.Hubs[b].Pos.Dist2(p)) })
}

// journey appends the passages of a trip by public transport.
func (h *hubs) journey(dst []dataset.HubPassage, person uint32, s *Segment) []dataset.HubPassage {
	j := s.Journey
	add := func(hub int32, arrive, leave uint32, purpose string) {
		dst = append(dst, dataset.HubPassage{Person: person, Hub: uint32(hub), Arrive: arrive, Leave: leave, Purpose: purpose})
	}
	before, from, last := s.Start, s.From, int32(-1) // where and when the walk began, and the hub there
	for k := range j.Rides {
		x := &j.Rides[k]
		l := &j.lines[x.Line]
		on, off := &h.city.Stops[l.Stops[x.Board]], &h.city.Stops[l.Stops[x.Alight]]
		reach, board, alight := s.Start+uint32(x.Reach), s.Start+uint32(x.Start), s.Start+uint32(x.End)
		switch {
		case on.Hub < 0:
		case on.Hub == last:
			add(on.Hub, before, board, dataset.PassTransfer)
		default:
			add(on.Hub, before+h.comes(on.Hub, from, on.Pos, reach-before), board, dataset.PassDepart)
		}
		h.through(l, x, s.Start, add)
		next, to := s.End, s.To
		if k+1 < len(j.Rides) {
			y := &j.Rides[k+1]
			stop := &h.city.Stops[j.lines[y.Line].Stops[y.Board]]
			next, to = s.Start+uint32(y.Reach), stop.Pos
			if stop.Hub >= 0 && stop.Hub == off.Hub { // a transfer
				before, from, last = alight, off.Pos, off.Hub
				continue
			}
		}
		if off.Hub >= 0 {
			add(off.Hub, alight, next-h.comes(off.Hub, to, off.Pos, next-alight), dataset.PassArrive)
		}
		before, from, last = alight, off.Pos, -1
	}
	return dst
}

// through tells the hubs that a ride passes, from arriving at the first stop
// there to leaving the last one. What it boards and alights at is not passed.
func (h *hubs) through(l *network.Line, x *Ride, start uint32, add func(hub int32, arrive, leave uint32, purpose string)) {
	n := int32(len(l.Stops))
	whole := l.Seconds(int(x.Board), int(x.Alight))
	pace := float64(x.End-x.Start) / max(whole, 1e-9) // whole seconds stretch the timetable a little
	own := [2]int32{h.city.Stops[l.Stops[x.Board]].Hub, h.city.Stops[l.Stops[x.Alight]].Hub}
	now, since, until := int32(-1), uint32(0), uint32(0)
	flush := func() {
		if now >= 0 && now != own[0] && now != own[1] {
			add(now, since, until, dataset.PassThrough)
		}
	}
	for k := x.Board + 1; k != x.Alight; k++ {
		if k == n { // of a loop line: its last stop is its first
			k = 0
			if k == x.Alight {
				break
			}
			continue
		}
		hub := h.city.Stops[l.Stops[k]].Hub
		if hub < 0 {
			continue
		}
		at := l.Seconds(int(x.Board), int(k))
		arrive := start + uint32(float64(x.Start)+float64(pace*at))
		leave := start + uint32(min(float64(x.Start)+float64(pace*(at+l.Mode.Dwell())), float64(x.End)))
		if hub != now {
			flush()
			now, since = hub, arrive
		}
		until = leave
	}
	flush()
}

// comes is when somebody who walks straight from one point to a stop of a hub,
// for so many seconds, enters its grounds; the end where the stop lies outside.
func (h *hubs) comes(hub int32, from, stop geo.XY, seconds uint32) uint32 {
	g := &h.city.Hubs[hub]
	r2 := g.RadiusM * g.RadiusM
	if stop.Dist2(g.Pos) >= r2 {
		return seconds
	}
	// |from + t·way − center|² = r² has one root from 0 to 1 if from lies outside.
	way, off := geo.XY{X: stop.X - from.X, Y: stop.Y - from.Y}, geo.XY{X: from.X - g.Pos.X, Y: from.Y - g.Pos.Y}
	a, b := float64(way.X*way.X)+float64(way.Y*way.Y), float64(way.X*off.X)+float64(way.Y*off.Y)
	c := float64(off.X*off.X) + float64(off.Y*off.Y) - r2
	if c <= 0 || a == 0 {
		return 0
	}
	t := (-b - math.Sqrt(max(float64(b*b)-float64(a*c), 0))) / a
	return uint32(float64(seconds) * min(max(t, 0), 1))
}
