package network

import "github.com/sigcity/sigcity/geo"

// mediumOf is what surrounds passengers on a way, as trackCells has cells for it.
func mediumOf(t tags) Medium {
	switch {
	case inTunnel(t) && (t.has("railway", "subway") || t.has("railway", "light_rail")):
		return MetroTunnel
	case highSpeedTrack(t):
		return HighSpeedTrain
	}
	return Surface
}

// media are those of the steps; nil where all are on the surface.
func (c *course) media() []Medium {
	var out []Medium
	for i := range c.steps {
		if m := c.steps[i].medium; m != Surface {
			if out == nil {
				out = make([]Medium, len(c.steps))
			}
			out[i] = m
		}
	}
	return out
}

// RidePoint is where a vehicle is at a time.
type RidePoint struct {
	Pos     geo.XY
	Seconds float64 // from leaving the stop where one boards
	Medium  Medium  // of the way that leads here
	Arrives bool    // at a stop
}

// Course appends the ride from stop i to stop j to dst, where j ≤ i goes on past
// the end of a loop line: the shape at an even pace from stop to stop, with two
// points, of arriving and leaving, at each stop between. Its last point is
// Seconds(i, j) after its first.
func (l *Line) Course(dst []RidePoint, i, j int) []RidePoint {
	if j > i {
		return l.course(dst, i, j, 0)
	}
	last := len(l.Stops) - 1
	return l.course(l.course(dst, i, last, 0), 0, j, l.Seconds(i, last)+l.Mode.Dwell())
}

// course is Course for i < j; it leaves stop i at start.
func (l *Line) course(dst []RidePoint, i, j int, start float64) []RidePoint {
	start -= l.leaves(i)
	v, passed := 1, 0.0 // the vertex ahead, and m along the shape to the one before it
	for k := i; k < j; k++ {
		lo, hi := l.At[k], l.At[k+1]
		from, to := start+l.leaves(k), start+l.Ride[k+1]
		d := l.Shape[v-1].Dist(l.Shape[v])
		for ; v+1 < len(l.Shape) && passed+d < lo; d = l.Shape[v-1].Dist(l.Shape[v]) {
			passed += d
			v++
		}
		put := func(m, seconds float64) {
			p := l.Shape[v]
			if d > 0 {
				p = l.Shape[v-1].Lerp(p, min((m-passed)/d, 1))
			}
			medium := Surface
			if l.Media != nil {
				medium = l.Media[v]
			}
			dst = append(dst, RidePoint{Pos: p, Seconds: seconds, Medium: medium})
		}
		put(lo, from)
		for ; v+1 < len(l.Shape) && passed+d < hi; d = l.Shape[v-1].Dist(l.Shape[v]) {
			put(passed+d, from+float64((to-from)*((passed+d-lo)/(hi-lo))))
			passed += d
			v++
		}
		put(hi, to)
		dst[len(dst)-1].Arrives = true
	}
	return dst
}

// Metres is the way on board from stop i to stop j, where j ≤ i goes on past the
// end of a loop line.
func (l *Line) Metres(i, j int) float64 {
	if j > i {
		return l.At[j] - l.At[i]
	}
	return l.At[len(l.At)-1] - l.At[i] + l.At[j]
}
