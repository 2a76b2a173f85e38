package network

import (
	"strconv"

	"github.com/sigcity/sigcity/geo"
)

// Where buses of invented lines stop, in metres along the line (assumed; 300 to
// 500 m are usual in towns).
const (
	stopsFromM   = 400.0 // from one stop to the next, where people live or work
	stopsToM     = 500.0
	knownFromM   = 300.0 // … where another line or the map has a stop
	knownToM     = 600.0
	knownAsideM  = 30.0 // how far from the course such a stop may lie
	oneStopM     = 60.0 // how far apart stops of one name may lie to be one
	stopStepM    = 25.0 // the grid of places looked at
	leastAtStopN = 20.0 // people in the 600 m square around a stop
)

// ridden is the places and speeds of routes one after the other, and of each
// step whether a bus may stop on it: not on motorways nor in tunnels.
func (v *inventor) ridden(routes ...*Route) (c course, stops []bool) {
	most := Bus.facts().most
	var pts []geo.XY
	for _, r := range routes {
		for i, l := range r.Links {
			f, t := 0.0, 1.0
			if i == 0 {
				f = r.First
			}
			if i == len(r.Links)-1 {
				t = r.Last
			}
			class := v.g.Class(l)
			kmh := min(v.g.FreeSpeed(l)*3.6, most)
			ok := class >= Primary && !v.g.Tunnel(l)
			pts = v.g.Stretch(pts[:0], l, f, t)
			for _, p := range pts {
				if n := len(c.pts); n == 0 || c.pts[n-1] != p {
					c.pts, c.steps, stops = append(c.pts, p), append(c.steps, step{kmh: kmh}), append(stops, ok)
				}
			}
		}
	}
	c.measure()
	return c, stops
}

// mappedStops collects the bus stops that the map has although no line calls there.
func (v *inventor) mappedStops() {
	var pos []geo.XY
	for _, p := range v.src.points {
		if at := v.city.Proj.XY(p.pos); isStop(p.tags, Bus) && v.city.Bounds.Contains(p.pos) {
			v.named, pos = append(v.named, halt{pos: at, name: p.tags.get("name")}), append(pos, at)
		}
	}
	v.mapped = geo.NewIndex(pos)
}

// known is a stop of the map or of a line at p, with the name it has.
func (v *inventor) known(p geo.XY) (halt, bool) {
	best, bestD := -1, 0.0
	v.mapped.Within(p, knownAsideM, func(i int, d float64) {
		if best < 0 || d < bestD || d == bestD && i < best {
			best, bestD = i, d
		}
	})
	if best >= 0 {
		h := halt{pos: p, name: v.named[best].name}
		if s := v.stops.find(h); s >= 0 && v.stops.anchor[s].Dist(p) > oneStopM {
			h.name = "" // its namesake is farther up the street
		}
		return h, true
	}
	if s := v.stops.find(halt{pos: p}); s >= 0 {
		return halt{pos: p, name: v.stops.stops[s].Name}, true
	}
	return halt{}, false
}

// placeHalts is where a bus stops on a course, and how far along it: at both ends, at
// stops that are there already, else beside the most people.
func (v *inventor) placeHalts(c *course, stops []bool) (out []halt, at []float64) {
	add := func(h halt, m float64) { out, at = append(out, h), append(at, m) }
	look := func(m float64) (halt, bool) {
		p := c.point(m)
		if h, ok := v.known(p); ok {
			return h, true
		}
		return halt{pos: p, invented: true}, false
	}
	length := c.length()
	first, _ := look(0)
	add(first, 0)
	for length-at[len(at)-1] > knownToM {
		last := at[len(at)-1]
		best, bestM, bestN, isKnown := halt{}, -1.0, 0.0, false
		for k := 0; ; k++ {
			m := last + knownFromM + float64(float64(k)*stopStepM)
			if m > length-knownFromM || bestM >= 0 && m > last+knownToM || bestM >= 0 && !isKnown && m > last+stopsToM && bestM > last+stopsToM {
				break
			}
			n := v.people.around(c.point(m))
			if !stops[c.stepAt(m)] || n < leastAtStopN {
				continue
			}
			h, ok := look(m)
			near := m >= last+stopsFromM && (m <= last+stopsToM || bestM < 0)
			if ok && (!isKnown || n > bestN) || !ok && !isKnown && near && n > bestN {
				best, bestM, bestN, isKnown = h, m, n, ok
			}
		}
		if bestM < 0 {
			break
		}
		add(best, bestM)
	}
	end, _ := look(length)
	add(end, length)
	return out, at
}

// stepAt is the index of the step that a place along the course lies on.
func (c *course) stepAt(m float64) int {
	for i := 1; i < len(c.at); i++ {
		if c.at[i] >= m {
			return i
		}
	}
	return len(c.at) - 1
}

// invent adds the line of one direction over routes.
func (v *inventor) invent(routes []*Route, headway float64) {
	c, stops := v.ridden(routes...)
	halts, at := v.placeHalts(&c, stops)
	l := Line{Ref: strconv.Itoa(v.made), Mode: Bus, Shape: c.pts, Headway: headway, Estimated: true, Invented: true}
	var kept []halt
	for k, h := range halts {
		before := len(v.stops.stops)
		s := v.stops.of(h)
		if len(v.stops.stops) > before {
			v.stops.stops[s].Invented = h.invented
		}
		if n := len(kept) - 1; n >= 0 && l.Stops[n] == s { // round the block
			if k < len(halts)-1 {
				continue
			}
			kept, l.Stops, l.At = kept[:n], l.Stops[:n], l.At[:n] // it ends at the end
		}
		kept, l.Stops, l.At = append(kept, h), append(l.Stops, s), append(l.At, at[k])
	}
	l.Ride = c.rides(l.At, kept, Bus.facts())
	v.city.Lines = append(v.city.Lines, l)
}
