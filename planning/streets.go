package planning

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// streets is the street segments of the map as a zoning: a place belongs to the nearest
// segment within the buffer, of equals the first, and to offStreet where there is none.
type streets struct {
	proj     geo.Projection
	buffer   float64 // m
	segments []segment
	size     float64 // m, of the squares
	square   map[[2]int32][]chord
}

// segment is a piece of a street.
type segment struct {
	class string
	line  []geo.XY
	m     float64
}

// chord is a straight part of a segment.
type chord struct {
	segment int32
	a, b    geo.XY
}

// street reports whether a road class is a street that people are on for its own sake:
// no motorway, no trunk road, no ramp, no railway.
func street(class string) bool {
	return slices.Contains([]string{"primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian", "road"}, class)
}

// newStreets cuts the streets of roads into segments of equal length, at most so many metres.
func newStreets(proj geo.Projection, roads []dataset.Road, buffer, most float64) *streets {
	s := &streets{proj: proj, buffer: buffer, size: 2 * buffer, square: map[[2]int32][]chord{}}
	for _, r := range roads {
		if !street(r.Class) || len(r.Lon) < 2 {
			continue
		}
		line := make([]geo.XY, len(r.Lon))
		for i := range line {
			line[i] = proj.XY(orb.Point{r.Lon[i], r.Lat[i]})
		}
		for _, part := range cutEvenly(line, most) {
			if m := lengthOf(part); m > 0 {
				s.add(segment{r.Class, part, m})
			}
		}
	}
	return s
}

func (s *streets) add(g segment) {
	id := int32(len(s.segments))
	s.segments = append(s.segments, g)
	for i, b := range g.line[1:] {
		a := g.line[i]
		x0, y0 := s.at(geo.XY{X: min(a.X, b.X) - s.buffer, Y: min(a.Y, b.Y) - s.buffer})
		x1, y1 := s.at(geo.XY{X: max(a.X, b.X) + s.buffer, Y: max(a.Y, b.Y) + s.buffer})
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				middle := geo.XY{X: (float64(x) + 0.5) * s.size, Y: (float64(y) + 0.5) * s.size}
				// A square that the buffer does not reach: long chords cross few of those in their box.
				if reach := s.buffer + s.size*math.Sqrt2/2; geo.SegmentDist2(middle, a, b) <= reach*reach {
					k := [2]int32{x, y}
					s.square[k] = append(s.square[k], chord{id, a, b})
				}
			}
		}
	}
}

func (s *streets) at(q geo.XY) (x, y int32) {
	return int32(math.Floor(q.X / s.size)), int32(math.Floor(q.Y / s.size))
}

func lengthOf(line []geo.XY) float64 {
	sum := 0.0
	for i := range line[1:] {
		sum += line[i].Dist(line[i+1])
	}
	return sum
}

// cutEvenly cuts a line into the fewest pieces of equal length that are no longer than most.
func cutEvenly(line []geo.XY, most float64) [][]geo.XY {
	total := lengthOf(line)
	n := int(math.Ceil(total/most - 1e-6)) // a micro-part longer is no longer
	if n <= 1 {
		return [][]geo.XY{line}
	}
	piece := total / float64(n)
	var out [][]geo.XY
	part, run := []geo.XY{line[0]}, 0.0 // run: the length of part
	for i, b := range line[1:] {
		a := line[i]
		for d := a.Dist(b); len(out) < n-1 && run+d > piece; d = a.Dist(b) {
			a = a.Lerp(b, (piece-run)/d)
			out = append(out, append(part, a))
			part, run = []geo.XY{a}, 0
		}
		part, run = append(part, b), run+a.Dist(b)
	}
	return append(out, part)
}

// offStreet is the zone of what is on no street.
func (s *streets) offStreet() geo.ZoneID { return geo.ZoneID(len(s.segments)) }

func (s *streets) Name() string { return "streets" }

func (s *streets) Zone(p orb.Point) geo.ZoneID {
	q := s.proj.XY(p)
	x, y := s.at(q)
	best, least := s.offStreet(), s.buffer*s.buffer
	for _, c := range s.square[[2]int32{x, y}] {
		if d := geo.SegmentDist2(q, c.a, c.b); d < least || (d == least && geo.ZoneID(c.segment) < best) {
			best, least = geo.ZoneID(c.segment), d
		}
	}
	return best
}

// Center is the middle of a segment.
func (s *streets) Center(z geo.ZoneID) orb.Point {
	if z < 0 || z >= s.offStreet() {
		return s.proj.Origin
	}
	g := &s.segments[z]
	left := g.m / 2
	for i, b := range g.line[1:] {
		a := g.line[i]
		if d := a.Dist(b); d >= left && d > 0 {
			return s.proj.LonLat(a.Lerp(b, left/d))
		} else {
			left -= d
		}
	}
	return s.proj.LonLat(g.line[len(g.line)-1])
}

// Outline is a square three buffers wide around the middle, whatever the zone: it tells how fine
// footprints must be sampled, a point a buffer.
func (s *streets) Outline(z geo.ZoneID) orb.Ring {
	c, h := s.proj.XY(s.Center(z)), 1.5*s.buffer
	return s.proj.Ring([]geo.XY{{X: c.X - h, Y: c.Y - h}, {X: c.X + h, Y: c.Y - h}, {X: c.X + h, Y: c.Y + h}, {X: c.X - h, Y: c.Y + h}})
}

// shape is a segment as a line on the map.
func (s *streets) shape(z geo.ZoneID) orb.Geometry {
	var out orb.LineString
	for _, p := range s.segments[z].line {
		out = append(out, s.proj.LonLat(p))
	}
	return out
}

// onStreets is the environment on the street segments of its map.
func (e *Env) onStreets() *Env {
	e.init()
	return e.shared.streets()
}

// Streets: segments are cut at 500 m (assumed), and what is within 50 m of one is on it
// (Long & Zhou 2016 as the task is defined).
const (
	streetBufferM  = 50
	streetSegmentM = 500
)

func newOnStreets(e *Env) *Env {
	var roads []dataset.Road
	if e.Map != nil {
		roads = e.Map.Roads
	}
	return e.on(newStreets(e.Proj, roads, streetBufferM, streetSegmentM))
}

// outside reports whether an area is neither the home nor the work place of anchors.
func (v *View) outside(area sigcity.AreaID) bool {
	a := v.Anchors()
	return !(a.HasHome && v.env.samePoint(a.Home, area)) && !(a.HasWork && v.env.samePoint(a.Work, area))
}

// samePoint reports whether an area belongs to the stable point of an anchor, as P6(a) draws it.
func (e *Env) samePoint(anchor, area sigcity.AreaID) bool {
	areas := e.areas()
	return anchor == area || areas.Dist(anchor, area) <= max(0.6*areas.Spacing(anchor), areas.Radius(anchor))
}
