package synthcity

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

func numbered(name string, n int) string { return fmt.Sprintf("%s %d", name, n) }

// curve is a smooth line through the points, a point about every step metres:
// a centripetal Catmull-Rom spline, which makes no loops (Yuksel et al. 2011).
func curve(through []geo.XY, step float64) []geo.XY {
	n := len(through)
	at := func(i int) geo.XY {
		switch { // the ends are drawn on straight
		case i < 0:
			return through[1].Lerp(through[0], 2)
		case i >= n:
			return through[n-2].Lerp(through[n-1], 2)
		}
		return through[i]
	}
	var out []geo.XY
	for i := range n - 1 {
		p := [4]geo.XY{at(i - 1), at(i), at(i + 1), at(i + 2)}
		var t [4]float64 // knots: square roots of the chords
		for k := 1; k < 4; k++ {
			t[k] = t[k-1] + math.Sqrt(math.Max(p[k-1].Dist(p[k]), 1))
		}
		parts := max(1, int(math.Round(p[1].Dist(p[2])/step)))
		for k := range parts {
			x := t[1] + (t[2]-t[1])*float64(k)/float64(parts)
			mix := func(a, b geo.XY, lo, hi float64) geo.XY { return a.Lerp(b, (x-lo)/(hi-lo)) }
			a, b, c := mix(p[0], p[1], t[0], t[1]), mix(p[1], p[2], t[1], t[2]), mix(p[2], p[3], t[2], t[3])
			out = append(out, mix(mix(a, b, t[0], t[2]), mix(b, c, t[1], t[3]), t[1], t[2]))
		}
	}
	return append(out, through[n-1])
}

// beside is the line moved d metres to its left.
func beside(pts []geo.XY, d float64) []geo.XY {
	out := make([]geo.XY, len(pts))
	for i, p := range pts {
		a, b := pts[max(i-1, 0)], pts[min(i+1, len(pts)-1)]
		if pts[0] == pts[len(pts)-1] { // closed: look past the seam
			n := len(pts) - 1
			a, b = pts[(i+n-1)%n], pts[(i+1)%n]
		}
		l := math.Max(a.Dist(b), 0.1)
		out[i] = geo.XY{X: p.X - float64(d*(b.Y-a.Y)/l), Y: p.Y + float64(d*(b.X-a.X)/l)}
	}
	return out
}

// draw makes the ways of a line: split where the look of its stretches changes.
// look gives the tags of the stretch from point i on beyond those of the line.
func (m *maker) draw(nodes []int32, look func(i int) []string, kv ...string) (ways []int32) {
	from := 0
	for i := 1; i < len(nodes); i++ {
		if i+1 == len(nodes) || strings.Join(look(i), " ") != strings.Join(look(i-1), " ") {
			ways = append(ways, m.way(nodes[from:i+1], append(append([]string(nil), kv...), look(i-1)...)...))
			from = i
		}
	}
	return ways
}

// overWater is the look of a line on the ground: a bridge over the river.
func (m *maker) overWater(pts []geo.XY) func(i int) []string {
	return func(i int) []string {
		a, b := pts[i], pts[min(i+1, len(pts)-1)]
		if m.river.wet(a) || m.river.wet(b) || m.river.wet(a.Lerp(b, 0.5)) {
			return []string{"bridge", "yes", "layer", "1"}
		}
		return nil
	}
}

// place makes nodes of points.
func (m *maker) place(pts []geo.XY) []int32 {
	out := make([]int32, len(pts))
	for i, p := range pts {
		if i > 0 && i == len(pts)-1 && p == pts[0] {
			out[i] = out[0]
			continue
		}
		out[i] = m.store.node(p)
	}
	return out
}

// stop is where a line halts: an index of its points.
type stop struct {
	at   int
	name string
}

// service makes the two route relations of a line, there and back: stops in
// order of travel, then the ways.
func (m *maker) service(route, ref, name string, nodes []int32, stops []stop, ways []int32, kv ...string) {
	ids := make([]int32, len(stops))
	for i, s := range stops {
		ids[i] = nodes[s.at]
	}
	m.relationPair(route, ref, name, ids, stops[0].name, stops[len(stops)-1].name, ways, kv...)
}

func (m *maker) relationPair(route, ref, name string, stops []int32, from, to string, ways []int32, kv ...string) {
	for dir := range 2 {
		var members osm.Members
		for i := range stops {
			if dir == 1 {
				i = len(stops) - 1 - i
			}
			members = append(members, nodeMember(stops[i], "stop"))
		}
		for i := range ways {
			if dir == 1 {
				i = len(ways) - 1 - i
			}
			members = append(members, wayMember(ways[i], ""))
		}
		a, b := from, to
		if dir == 1 {
			a, b = to, from
		}
		tags := append([]string{"type", "route", "route", route, "public_transport:version", "2", "ref", ref,
			"name", name + ": " + a + " – " + b, "from", a, "to", b}, kv...)
		m.relation(members, tags...)
	}
}

// halts tags the stops of a line: a stop on the track, a station beside it.
// kv are tags of the station.
func (m *maker) halts(pts []geo.XY, nodes []int32, stops []stop, kv ...string) {
	side := beside(pts, 28)
	for _, s := range stops {
		m.tagNode(nodes[s.at], "railway", "stop", "public_transport", "stop_position", "name", s.name)
		m.store.node(side[s.at], append([]string{"name", s.name}, kv...)...)
	}
}

// nearest is the index of the point next to q.
func nearest(pts []geo.XY, q geo.XY) int {
	best := 0
	for i, p := range pts {
		if p.Dist2(q) < pts[best].Dist2(q) {
			best = i
		}
	}
	return best
}
