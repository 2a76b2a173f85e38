package recognition

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// samples are points along a line with the time of riding, in seconds, and the
// stop that each is (−1 = none).
type samples struct {
	at     []geo.XY
	time   []float32
	stop   []int32
	stopAt []float64 // per stop: metres along the shape
}

// sampleLine walks along a line's shape. Between stops a vehicle goes at an even pace.
func sampleLine(line *dataset.Line, proj geo.Projection) samples {
	var out samples
	add := func(q geo.XY, time float64, stop int) {
		out.at, out.time, out.stop = append(out.at, q), append(out.time, float32(time)), append(out.stop, int32(stop))
	}
	vertex := func(i uint32) geo.XY { return proj.XY(orb.Point{line.Lon[i], line.Lat[i]}) }
	for s := range line.Stops {
		if s == 0 {
			add(vertex(line.At[0]), 0, 0)
			out.stopAt = append(out.stopAt, 0)
			continue
		}
		from, to := line.At[s-1], line.At[s]
		length := 0.0
		for v := from; v < to; v++ {
			length += vertex(v).Dist(vertex(v + 1))
		}
		out.stopAt = append(out.stopAt, out.stopAt[s-1]+length)
		leave := line.Ride[s-1]
		if s > 1 {
			leave += line.Dwell
		}
		gone := 0.0
		for v := from; v < to; v++ {
			p, q := vertex(v), vertex(v+1)
			d := p.Dist(q)
			for x := sampleM * math.Ceil(gone/sampleM); x < gone+d; x += sampleM {
				if x > 0 {
					add(p.Lerp(q, (x-gone)/d), leave+float64((line.Ride[s]-leave)*x/length), -1)
				}
			}
			gone += d
		}
		add(vertex(to), line.Ride[s], s)
	}
	return out
}

// isStrip reports whether an area that covers a length of a line in metres is narrow
// and lies along it.
func isStrip(areas *geo.Areas, id sigcity.AreaID, line []geo.XY, length float64) bool {
	r := areas.Radius(id)
	if length <= 0 || math.Pi*r*r/length > stripRatio*length {
		return false
	}
	ring := areas.Ring(id)
	if ring == nil {
		return false // a disc is no strip
	}
	b := boxOf(areas, id).grow(2 * sampleM)
	var close []geo.XY
	for _, q := range line {
		if b.holds(q) {
			close = append(close, q)
		}
	}
	index := geo.NewIndex(close)
	const lattice = 16
	inside, near := 0, 0
	b = boxOf(areas, id)
	for i := range lattice {
		for j := range lattice {
			q := geo.XY{X: b.min.X + (b.max.X-b.min.X)*(float64(i)+0.5)/lattice, Y: b.min.Y + (b.max.Y-b.min.Y)*(float64(j)+0.5)/lattice}
			if !geo.RingContains(ring, q) {
				continue
			}
			inside++
			if _, d := index.Nearest(q); d <= math.Hypot(stripM, sampleM/2) {
				near++
			}
		}
	}
	return inside > 0 && float64(near) >= stripShare*float64(inside)
}

// box is a rectangle on the plane.
type box struct{ min, max geo.XY }

func boxAround(pts []geo.XY) box {
	b := box{geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}}
	for _, p := range pts {
		b.min = geo.XY{X: min(b.min.X, p.X), Y: min(b.min.Y, p.Y)}
		b.max = geo.XY{X: max(b.max.X, p.X), Y: max(b.max.Y, p.Y)}
	}
	return b
}

func boxOf(areas *geo.Areas, id sigcity.AreaID) box {
	if r := areas.Ring(id); r != nil {
		return boxAround(r)
	}
	c := areas.Centers[id]
	return box{c, c}.grow(areas.Radius(id))
}

func (b box) grow(m float64) box {
	return box{geo.XY{X: b.min.X - m, Y: b.min.Y - m}, geo.XY{X: b.max.X + m, Y: b.max.Y + m}}
}

func (b box) holds(q geo.XY) bool {
	return q.X >= b.min.X && q.X <= b.max.X && q.Y >= b.min.Y && q.Y <= b.max.Y
}

func (b box) meets(c box) bool {
	return b.min.X <= c.max.X && c.min.X <= b.max.X && b.min.Y <= c.max.Y && c.min.Y <= b.max.Y
}
