package network

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// Near appends the point nearest to p of each edge that is open to the mode in
// either direction and comes within radius metres of p, in order of edges.
func (g *Graph) Near(dst []Spot, m Mode, p geo.XY, radius float64) []Spot {
	x := &g.grid
	var ids []int32
	for row := x.row(p.Y - radius); row <= x.row(p.Y+radius); row++ {
		first := row * x.cols
		ids = append(ids, x.edges[x.start[first+x.col(p.X-radius)]:x.start[first+x.col(p.X+radius)+1]]...)
	}
	slices.Sort(ids)
	for _, e := range slices.Compact(ids) {
		if r := &g.edges[e].road; !(r.modes[0] | r.modes[1]).has(m) {
			continue
		}
		s := g.shape(int(e))
		at, d2 := nearestOn(s, p)
		if d2 > float64(radius*radius) {
			continue
		}
		share := 0.0
		if length := polylineLength(s); length > 0 {
			share = min(at/length, 1)
		}
		dst = append(dst, Spot{int(e), share, math.Sqrt(d2)})
	}
	return dst
}
