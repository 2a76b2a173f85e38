package network

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// piece is an unbroken run of a way that a line follows.
type piece struct {
	nodes     []int32 // indices into source.nodes
	kmh       float64 // of the line's vehicles between stops
	highSpeed bool
	medium    Medium // of who rides there
}

func (p *piece) first() int32 { return p.nodes[0] }
func (p *piece) last() int32  { return p.nodes[len(p.nodes)-1] }
func (p *piece) ring() bool   { return len(p.nodes) > 3 && p.first() == p.last() }

// touches reports whether a line can enter or leave the piece at the node: at
// an end, of a ring anywhere.
func (p *piece) touches(node int32) bool {
	return p.first() == node || p.last() == node || p.ring() && slices.Contains(p.nodes, node)
}

// track is the course of a line, stitched of pieces. The values of steps
// belong to the step that ends at the node of the same index.
type track struct {
	nodes []int32
	steps []step
}

type step struct {
	kmh       float64
	highSpeed bool
	gap       bool // between pieces that do not meet
	medium    Medium
}

// The most points that a line's course may have, and those of all lines
// together.
const (
	maxTrackPoints = 200_000
	maxAllPoints   = 20_000_000
)

// add appends nodes of a piece; a gap opens where they do not go on from the end.
func (t *track) add(p *piece, nodes ...int32) {
	for i, n := range nodes {
		if k := len(t.nodes); k > 0 && t.nodes[k-1] == n {
			continue
		}
		t.nodes = append(t.nodes, n)
		t.steps = append(t.steps, step{p.kmh, p.highSpeed, i == 0 && len(t.nodes) > 1, p.medium})
	}
}

// stitch joins pieces in their order, each turned so that it goes on from the
// one before. A roundabout is left where the next piece meets it.
func (b *builder) stitch(pieces []piece) track {
	var t track
	for i := range pieces {
		if len(t.nodes) > maxTrackPoints {
			break
		}
		p, end := &pieces[i], int32(-1)
		var next *piece
		if i+1 < len(pieces) {
			next = &pieces[i+1]
		}
		if k := len(t.nodes); k > 0 {
			end = t.nodes[k-1]
		}
		if p.ring() {
			t.add(p, aroundRing(p, end, next)...)
			continue
		}
		if b.turnPiece(p, end, next) {
			nodes := slices.Clone(p.nodes)
			slices.Reverse(nodes)
			t.add(p, nodes...)
		} else {
			t.add(p, p.nodes...)
		}
	}
	return t
}

// turnPiece reports whether the piece is ridden against the order of its nodes.
func (b *builder) turnPiece(p *piece, end int32, next *piece) bool {
	switch {
	case end >= 0 && p.first() == end:
		return false
	case end >= 0 && p.last() == end:
		return true
	case next != nil && next.touches(p.last()):
		return false
	case next != nil && next.touches(p.first()):
		return true
	case end >= 0: // over the gap to the nearer end
		at := b.src.nodes[end].point()
		return gapDegrees(at, b.src.nodes[p.last()].point()) < gapDegrees(at, b.src.nodes[p.first()].point())
	}
	return false
}

// gapDegrees compares short distances.
func gapDegrees(a, b [2]float64) float64 {
	x, y := (a[0]-b[0])*math.Cos(a[1]*math.Pi/180), a[1]-b[1]
	return float64(x*x) + float64(y*y)
}

// aroundRing is the nodes of a ring from where the line enters it to where the
// next piece leaves it, once round where that is the same or unknown.
func aroundRing(p *piece, end int32, next *piece) []int32 {
	n := len(p.nodes) - 1
	enter, exit := -1, -1
	if end >= 0 {
		enter = slices.Index(p.nodes[:n], end)
	}
	if next != nil {
		exit = slices.IndexFunc(p.nodes[:n], next.touches)
	}
	if enter < 0 { // it begins here: where it is left, once round
		enter = max(exit, 0)
	}
	if exit < 0 {
		exit = enter
	}
	out := []int32{p.nodes[enter]}
	for k := (enter + 1) % n; ; k = (k + 1) % n {
		out = append(out, p.nodes[k])
		if k == exit {
			return out
		}
	}
}

// course is a track on the plane.
type course struct {
	pts   []geo.XY
	steps []step
	at    []float64 // m from the first point
}

func (b *builder) course(t track) course {
	c := course{pts: make([]geo.XY, len(t.nodes)), steps: t.steps}
	for i, n := range t.nodes {
		c.pts[i] = b.city.Proj.XY(b.src.nodes[n].point())
	}
	c.measure()
	return c
}

func (c *course) measure() {
	c.at = make([]float64, len(c.pts))
	for i := 1; i < len(c.pts); i++ {
		c.at[i] = c.at[i-1] + c.pts[i-1].Dist(c.pts[i])
	}
}

func (c *course) length() float64 {
	if len(c.at) == 0 {
		return 0
	}
	return c.at[len(c.at)-1]
}

// gapM is the length of its gaps.
func (c *course) gapM() float64 {
	sum := 0.0
	for i, s := range c.steps {
		if s.gap {
			sum += c.at[i] - c.at[i-1]
		}
	}
	return sum
}

// turned is the course ridden the other way.
func (c course) turned() course {
	out := course{pts: slices.Clone(c.pts), steps: make([]step, len(c.steps))}
	slices.Reverse(out.pts)
	for i := 1; i < len(c.steps); i++ {
		out.steps[len(c.steps)-i] = c.steps[i]
	}
	out.measure()
	return out
}

// closed reports whether the course is a ring.
func (c *course) closed() bool { n := len(c.pts); return n > 3 && c.pts[0] == c.pts[n-1] }

// from is a closed course begun at the vertex nearest to p.
func (c course) from(p geo.XY) course {
	n, best := len(c.pts)-1, 0
	for i := range n {
		if c.pts[i].Dist2(p) < c.pts[best].Dist2(p) {
			best = i
		}
	}
	var out course
	for i := range n + 1 {
		k := best + i
		if k > n {
			k -= n
		}
		out.pts, out.steps = append(out.pts, c.pts[k]), append(out.steps, c.steps[k])
	}
	out.steps[0].gap = false
	out.measure()
	return out
}

// point is the place at metres along the course.
func (c *course) point(m float64) geo.XY {
	i, found := slices.BinarySearch(c.at, m)
	switch {
	case found || i == 0:
		return c.pts[i]
	case i == len(c.at):
		return c.pts[i-1]
	}
	return c.pts[i-1].Lerp(c.pts[i], (m-c.at[i-1])/(c.at[i]-c.at[i-1]))
}

// project finds for each stop, in order, how many metres along the course it
// lies, never going back, with the least sum of squared distances: a dynamic
// programme over points about every 20 m, each then moved to the nearest spot
// within half a step. It returns the root of the mean squared distance as well.
func (c *course) project(stops []geo.XY) (at []float64, rms float64) {
	const sampleM, most, work = 20.0, 8192, 4_000_000
	n := int(min(max(c.length()/sampleM, 1), float64(min(most, max(256, work/len(stops)))))) + 1
	samples := make([]geo.XY, n)
	place := func(i int) float64 { return c.length() * float64(i) / float64(n-1) }
	for i := range samples {
		samples[i] = c.point(place(i))
	}
	cost := make([]float64, n) // of the stops so far, the last of them at sample ≤ i
	from := make([]int32, n*len(stops))
	for k, p := range stops {
		best, bestI := math.Inf(1), int32(0)
		for i, q := range samples {
			own := cost[i] + q.Dist2(p)
			if own < best {
				best, bestI = own, int32(i)
			}
			cost[i], from[k*n+i] = best, bestI
		}
	}
	at = make([]float64, len(stops))
	i := int32(n - 1)
	for k := len(stops) - 1; k >= 0; k-- {
		i = from[k*n+int(i)]
		at[k] = place(int(i))
	}
	half := c.length() / float64(n-1) / 2
	sum, floor := 0.0, 0.0
	for k, p := range stops {
		at[k] = max(c.near(p, at[k]-half, at[k]+half), floor)
		floor = at[k]
		sum += c.point(at[k]).Dist2(p)
	}
	return at, math.Sqrt(sum / float64(len(stops)))
}

// near is the place nearest to p between two places of the course.
func (c *course) near(p geo.XY, lo, hi float64) float64 {
	lo, hi = max(lo, 0), min(hi, c.length())
	best, bestD := lo, c.point(lo).Dist2(p)
	if d := c.point(hi).Dist2(p); d < bestD {
		best, bestD = hi, d
	}
	i, _ := slices.BinarySearch(c.at, lo)
	for i = max(i, 1); i < len(c.pts) && c.at[i-1] <= hi; i++ {
		m, _ := nearestOn(c.pts[i-1:i+1], p)
		m = min(max(c.at[i-1]+m, lo), hi)
		if d := c.point(m).Dist2(p); d < bestD {
			best, bestD = m, d
		}
	}
	return best
}

// cut is the course between two places, which it begins and ends with.
func (c *course) cut(lo, hi float64) course {
	out := course{pts: []geo.XY{c.point(lo)}, steps: []step{{}}}
	add := func(p geo.XY, s step) {
		if out.pts[len(out.pts)-1] != p {
			out.pts, out.steps = append(out.pts, p), append(out.steps, s)
		}
	}
	i, _ := slices.BinarySearch(c.at, lo)
	for ; i < len(c.at) && c.at[i] < hi; i++ {
		if c.at[i] > lo {
			add(c.pts[i], c.steps[i])
		}
	}
	if i < len(c.pts) {
		add(c.point(hi), c.steps[i])
	}
	if len(out.pts) == 1 { // two stops at one spot
		out.pts, out.steps = append(out.pts, out.pts[0]), append(out.steps, step{kmh: 1})
	}
	out.measure()
	return out
}

// straight is the course of straight pieces between stops.
func straight(stops []geo.XY, kmh float64) course {
	var c course
	for _, p := range stops {
		c.pts, c.steps = append(c.pts, p), append(c.steps, step{kmh: kmh})
	}
	c.measure()
	return c
}

// running is the seconds from a halt to the next between two places: at the
// speeds of the steps, with the time lost starting and braking.
func (c *course) running(lo, hi float64, f lineFacts) float64 {
	i, _ := slices.BinarySearch(c.at, lo)
	cruise := 0.0
	for ; i < len(c.at); i++ {
		a := lo
		if i > 0 {
			a = max(lo, c.at[i-1])
		}
		if m := min(hi, c.at[i]) - a; m > 0 {
			kmh := c.steps[i].kmh
			if !(kmh > 0) {
				kmh = f.kmh
			}
			cruise += m / (kmh / 3.6)
		}
		if c.at[i] >= hi {
			break
		}
	}
	d := hi - lo
	if !(cruise > 0) {
		return 0
	}
	v := d / cruise
	if d < float64(v*v)/f.accel { // never up to speed
		return margin * 2 * math.Sqrt(d/f.accel)
	}
	return margin * (cruise + v/f.accel)
}
