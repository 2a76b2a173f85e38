package recognition

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// stScan is DBSCAN in space and time over intervals at areas (ST-DBSCAN, Birant
// & Kut 2007). It reuses its memory.
type stScan struct {
	areas   *geo.Areas
	p       LocationParams
	daily   bool // time is that of day
	pts     []stPoint
	longest uint32
	of      []int32 // cluster per point; unseen or noise below 0
	queue   []int32
	near    []int32
}

// stPoint is an interval at an area. With daily time from is seconds since
// local midnight.
type stPoint struct {
	from, length uint32
	area         sigcity.AreaID
}

const (
	stUnseen = -2
	stNoise  = -1
)

func (s *stScan) start(areas *geo.Areas, p LocationParams, daily bool) {
	s.areas, s.p, s.daily, s.pts, s.longest = areas, p, daily, s.pts[:0], 0
}

func (s *stScan) add(from, to uint32, area sigcity.AreaID) {
	length := to - from
	if s.daily {
		from = timeOfDay(s.p.Calendar, from)
	}
	s.pts = append(s.pts, stPoint{from, length, area})
	s.longest = max(s.longest, length)
}

// label appends the cluster of every point, in order of their first points; −1
// is noise.
func (s *stScan) label(dst []int32) []int32 {
	s.of = s.of[:0]
	for range s.pts {
		s.of = append(s.of, stUnseen)
	}
	clusters := int32(0)
	for i := range s.pts {
		if s.of[i] != stUnseen {
			continue
		}
		if s.neighbours(i); len(s.near) < s.p.MinPts {
			s.of[i] = stNoise
			continue
		}
		s.of[i] = clusters
		s.queue = append(s.queue[:0], s.near...)
		for len(s.queue) > 0 {
			j := s.queue[len(s.queue)-1]
			s.queue = s.queue[:len(s.queue)-1]
			seen := s.of[j]
			if seen >= 0 {
				continue
			}
			s.of[j] = clusters
			if seen == stNoise { // known to be no core: a point of the border
				continue
			}
			if s.neighbours(int(j)); len(s.near) >= s.p.MinPts {
				s.queue = append(s.queue, s.near...)
			}
		}
		clusters++
	}
	return append(dst, s.of...)
}

// neighbours fills near with the points within reach of i, itself included.
func (s *stScan) neighbours(i int) {
	s.near = s.near[:0]
	p := s.pts[i]
	if s.daily {
		for j, q := range s.pts {
			if clockGap(p, q) <= s.p.EpsS && s.reaches(p, q) {
				s.near = append(s.near, int32(j))
			}
		}
		return
	}
	// Points are in order of from: backwards as far as the longest interval can reach.
	first := i
	for first > 0 && uint64(s.pts[first-1].from)+uint64(s.longest)+uint64(s.p.EpsS) >= uint64(p.from) {
		first--
	}
	for j := first; j < len(s.pts); j++ {
		q := s.pts[j]
		if uint64(q.from) > uint64(p.from)+uint64(p.length)+uint64(s.p.EpsS) {
			break
		}
		if uint64(q.from)+uint64(q.length)+uint64(s.p.EpsS) >= uint64(p.from) && s.reaches(p, q) {
			s.near = append(s.near, int32(j))
		}
	}
}

func (s *stScan) reaches(p, q stPoint) bool {
	return p.area == q.area || s.areas.Dist(p.area, q.area) <= max(s.p.EpsM, s.areas.Radius(p.area), s.areas.Radius(q.area))
}

const secondsOfDay = 24 * hour

// timeOfDay is the local time of day in seconds, also of moments outside the
// calendar's days.
func timeOfDay(cal *sigcity.Calendar, t uint32) uint32 {
	_, second := cal.Clock(t)
	return uint32((second%secondsOfDay + secondsOfDay) % secondsOfDay)
}

// clockGap is the time between two intervals on the clock of a day, s.
func clockGap(p, q stPoint) uint32 {
	forth := (q.from + secondsOfDay - p.from) % secondsOfDay
	back := (p.from + secondsOfDay - q.from) % secondsOfDay
	if forth <= p.length || back <= q.length {
		return 0
	}
	return min(forth-p.length, back-q.length)
}
