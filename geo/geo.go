// Package geo is the geometry that every room shares: distances, a planar
// projection in metres, an exact nearest-point index, rings, and the zonings
// that planning results are reported on. It is the only importer of H3.
package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// EarthRadius is the mean radius in metres (IUGG).
const EarthRadius = 6371008.8

// XY is a point on the local plane, in metres east and north of its origin.
type XY struct{ X, Y float64 }

// Sub is the vector from q to p.
func (p XY) Sub(q XY) XY { return XY{p.X - q.X, p.Y - q.Y} }

// Dist is the distance to q in metres.
func (p XY) Dist(q XY) float64 { return math.Sqrt(p.Dist2(q)) }

// Dist2 is the squared distance to q.
func (p XY) Dist2(q XY) float64 {
	dx, dy := p.X-q.X, p.Y-q.Y
	return float64(dx*dx) + float64(dy*dy)
}

// Lerp is the point a share f of the way to q.
func (p XY) Lerp(q XY, f float64) XY {
	return XY{p.X + float64(f*(q.X-p.X)), p.Y + float64(f*(q.Y-p.Y))}
}

// Azimuth is the compass bearing from p to q in degrees, 0 ≤ a < 360.
func (p XY) Azimuth(q XY) float64 {
	a := math.Atan2(q.X-p.X, q.Y-p.Y) * 180 / math.Pi
	if a < 0 {
		a += 360
	}
	if a >= 360 { // a hair west of north
		a = 0
	}
	return a
}

// Distance is the great-circle distance of two lon/lat points in metres.
func Distance(a, b orb.Point) float64 {
	lat1, lat2 := a[1]*math.Pi/180, b[1]*math.Pi/180
	s := math.Sin((lat2 - lat1) / 2)
	t := math.Sin((b[0] - a[0]) * math.Pi / 360)
	h := float64(s*s) + float64(math.Cos(lat1)*math.Cos(lat2))*float64(t*t)
	return 2 * EarthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Projection maps lon/lat to a local plane (equirectangular about an origin).
// Within 60 km of the origin distances are good to 1 % up to 45° latitude (0.5 %
// within 30 km).
type Projection struct {
	Origin orb.Point
	kx, ky float64 // metres per degree
}

// NewProjection makes the plane whose origin is the lon/lat point o.
func NewProjection(o orb.Point) Projection {
	ky := EarthRadius * math.Pi / 180
	return Projection{Origin: o, kx: ky * math.Cos(o[1]*math.Pi/180), ky: ky}
}

// XY projects a lon/lat point.
func (p Projection) XY(ll orb.Point) XY {
	return XY{(ll[0] - p.Origin[0]) * p.kx, (ll[1] - p.Origin[1]) * p.ky}
}

// LonLat is the inverse of XY.
func (p Projection) LonLat(q XY) orb.Point {
	return orb.Point{p.Origin[0] + q.X/p.kx, p.Origin[1] + q.Y/p.ky}
}

// RingXY projects a ring.
func (p Projection) RingXY(r orb.Ring) []XY {
	out := make([]XY, len(r))
	for i, ll := range r {
		out[i] = p.XY(ll)
	}
	return out
}

// Ring is the inverse of RingXY; it closes an open ring.
func (p Projection) Ring(pts []XY) orb.Ring {
	out := make(orb.Ring, 0, len(pts)+1)
	for _, q := range pts {
		out = append(out, p.LonLat(q))
	}
	if len(out) > 0 && out[0] != out[len(out)-1] {
		out = append(out, out[0])
	}
	return out
}

// RingArea is the unsigned area of a planar ring in square metres; the ring
// may be open or closed.
func RingArea(r []XY) float64 { return math.Abs(signedArea(r)) }

func signedArea(r []XY) float64 {
	sum := 0.0
	for i, p := range r {
		q := r[(i+1)%len(r)]
		sum += float64(p.X*q.Y) - float64(q.X*p.Y)
	}
	return sum / 2
}

// RingCentroid is the area centroid of a planar ring, or the mean of its
// points where the area vanishes.
func RingCentroid(r []XY) XY {
	if len(r) == 0 {
		return XY{}
	}
	o := r[0] // relative to the first point: no cancellation far from the origin
	var c, mean XY
	area := 0.0
	for i := range r {
		p, q := r[i].Sub(o), r[(i+1)%len(r)].Sub(o)
		w := float64(p.X*q.Y) - float64(q.X*p.Y)
		area += w
		c.X += (p.X + q.X) * w
		c.Y += (p.Y + q.Y) * w
		mean.X += p.X
		mean.Y += p.Y
	}
	if math.Abs(area) < 1e-6 {
		n := float64(len(r))
		return XY{o.X + mean.X/n, o.Y + mean.Y/n}
	}
	return XY{o.X + c.X/(3*area), o.Y + c.Y/(3*area)}
}

// RingContains reports whether q lies inside a planar ring (even-odd rule).
func RingContains(r []XY, q XY) bool {
	in := false
	for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
		a, b := r[i], r[j]
		if (a.Y > q.Y) != (b.Y > q.Y) && q.X < (b.X-a.X)*(q.Y-a.Y)/(b.Y-a.Y)+a.X {
			in = !in
		}
	}
	return in
}
