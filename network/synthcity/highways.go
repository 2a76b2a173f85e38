package synthcity

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// intercity is a road between settlements.
type intercity struct {
	name  string
	pts   []geo.XY
	nodes []int32
	ways  []int32
	bus   bool
}

// gate is the outermost lattice node of a town's middle lines that is nearest
// to q: where roads leave it.
func (m *maker) gate(t *town, q geo.XY) int32 {
	best, found := [2]int{}, false
	for _, dir := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		for d := t.half; d > 0; d-- {
			i, j := t.half+d*dir[0], t.half+d*dir[1]
			k := t.index(i, j)
			lit := t.on(i, j) || t.on(i-1, j) || t.on(i, j-1) || t.on(i-1, j-1)
			if t.wet[k] || !lit {
				continue
			}
			if !found || t.corner(i, j).Dist2(q) < t.corner(best[0], best[1]).Dist2(q) {
				best, found = [2]int{i, j}, true
			}
			break
		}
	}
	if !found {
		best = [2]int{t.half, t.half}
	}
	return m.lineNode(t, best[1], best[0], true)
}

// join builds a road between two nodes, bent a little.
func (m *maker) join(a, b int32, class, name string, bend float64, kv ...string) intercity {
	p, q := m.at(a), m.at(b)
	d := p.Dist(q)
	nx, ny := -(q.Y-p.Y)/math.Max(d, 1), (q.X-p.X)/math.Max(d, 1)
	steps := max(1, int(d/160))
	pts := make([]geo.XY, steps+1)
	for i := range pts {
		f := float64(i) / float64(steps)
		off := bend * d * math.Sin(math.Pi*f) * math.Cos(float64(7*f))
		c := p.Lerp(q, f)
		pts[i] = geo.XY{X: c.X + float64(off*nx), Y: c.Y + float64(off*ny)}
	}
	nodes := make([]int32, len(pts))
	nodes[0], nodes[steps] = a, b
	for i := 1; i < steps; i++ {
		nodes[i] = m.store.node(pts[i])
	}
	l := intercity{name: name, pts: pts, nodes: nodes}
	l.ways = m.draw(nodes, m.overWater(pts), append([]string{"highway", class, "name", name}, kv...)...)
	m.clear(pts, 14)
	return l
}

// highways joins every town to the nearest one that is joined already, from the
// main city on, builds the expressways, and leads roads to the hubs.
func (m *maker) highways() {
	r := m.seedFor("highways")
	order := slices.Clone(m.towns[1:])
	main := m.towns[0]
	slices.SortStableFunc(order, func(a, b *town) int {
		return cmp.Compare(a.center.Dist2(main.center), b.center.Dist2(main.center))
	})
	joined := []*town{main}
	for _, t := range order {
		to, least := main, math.Inf(1)
		for _, o := range joined {
			if d := o.center.Dist(t.center) - o.radius; d < least {
				to, least = o, d
			}
		}
		l := m.join(m.gate(to, t.center), m.gate(t, to.center), "primary", to.name+"er Straße nach "+t.name, 0.05*(r.Float64()-0.5), "maxspeed", "80")
		l.bus = true
		m.links = append(m.links, l)
		joined = append(joined, t)
	}
	m.expressways(r.Float64())
	for _, h := range m.hubs[1:] {
		g := m.gate(main, h.pos)
		m.links = append(m.links, m.join(g, m.store.node(towards(h.pos, 1, 60)), "secondary", h.name+" Zufahrt", 0.03, "maxspeed", "70"))
	}
}

// carriage is one carriageway of an expressway, in its direction of travel.
type carriage struct {
	pts   []geo.XY
	nodes []int32
}

// motorway builds both carriageways along the middle line.
func (m *maker) motorway(mid []geo.XY, ref string) [2]carriage {
	back := slices.Clone(mid)
	slices.Reverse(back)
	var out [2]carriage
	for k, line := range [][]geo.XY{mid, back} {
		pts := beside(line, -9)
		if mid[0] == mid[len(mid)-1] {
			pts[len(pts)-1] = pts[0]
		}
		nodes := m.place(pts)
		m.draw(nodes, m.overWater(pts), "highway", "motorway", "ref", ref, "oneway", "yes", "lanes", "3", "maxspeed", "100", "name", "Expressway "+ref)
		out[k] = carriage{pts, nodes}
	}
	m.clear(mid, 30)
	return out
}

// ramp is a link between two nodes in that direction.
func (m *maker) ramp(a, b int32) {
	m.way([]int32{a, m.store.node(m.at(a).Lerp(m.at(b), 0.5)), b}, "highway", "motorway_link", "oneway", "yes", "maxspeed", "50")
}

// expressways builds a ring around the main city and radials to the largest
// towns; a small city without towns has one expressway that passes it.
func (m *maker) expressways(turn float64) {
	main := m.towns[0]
	reach := m.city.Preset.ReachM
	if len(m.towns) == 1 {
		dir := m.railAngle()
		c := towards(main.center, dir-math.Pi/2, float64(main.radius*1.5)+350)
		mid := curve([]geo.XY{towards(c, dir+0.1, -reach), c, towards(c, dir-0.1, reach)}, 200)
		both := m.motorway(mid, "S1")
		g := m.gate(main, c)
		end := m.store.node(towards(c, dir-math.Pi/2, 150))
		road := m.join(g, end, "primary", main.name+" Zubringer", 0, "maxspeed", "60")
		m.links = append(m.links, road)
		m.interchange(both, road)
		return
	}
	var ring []geo.XY
	const corners = 96
	for k := range corners {
		a := 2 * math.Pi * float64(k) / corners
		ring = append(ring, towards(main.center, a, float64(main.radius*(1.10+float64(0.05*math.Sin(float64(3*a)+float64(6*turn)))))+200))
	}
	ring = append(ring, ring[0])
	around := m.motorway(ring, "S0")
	for _, l := range m.links {
		m.interchange(around, l)
	}
	for k, t := range m.towns[1:min(len(m.towns), 7)] {
		a := math.Atan2(t.center.Y, t.center.X)
		end := t.center.Lerp(main.center, (float64(1.35*t.radius)+400)/t.center.Dist(main.center))
		start := towards(main.center, a+0.22, float64(main.radius*1.25)+350)
		both := m.motorway(curve([]geo.XY{start, start.Lerp(end, 0.5), end}, 220), "S"+string(rune('1'+k)))
		// Out: from both ways of the ring; in: to both ways of it.
		for _, c := range around {
			i := nearest(c.pts, start)
			n := len(c.nodes) - 1
			m.ramp(c.nodes[(i+n-2)%n], both[0].nodes[0])
			m.ramp(both[1].nodes[len(both[1].nodes)-1], c.nodes[(i+2)%n])
		}
		g := m.gate(t, end)
		road := m.join(g, m.store.node(end.Lerp(m.at(g), 0.25)), "trunk", t.name+" Zubringer", 0, "maxspeed", "70")
		far := road.nodes[len(road.nodes)-1]
		m.ramp(both[0].nodes[len(both[0].nodes)-1], far)
		m.ramp(far, both[1].nodes[0])
		m.links = append(m.links, road)
	}
}

// interchange joins a road to an expressway where they cross, or where the
// road ends at it: every carriageway has an exit before and an entry behind.
func (m *maker) interchange(both [2]carriage, l intercity) {
	best, at, to := math.Inf(1), 0, 0
	for i, p := range l.pts {
		k := nearest(both[0].pts, p)
		if d := both[0].pts[k].Dist(p); d < best {
			best, at, to = d, i, k
		}
	}
	if best > 260 {
		return
	}
	where := both[0].pts[to]
	node := l.nodes[min(at+1, len(l.nodes)-1)]
	if node == l.nodes[at] && at > 0 {
		node = l.nodes[at]
	}
	for _, c := range both {
		i, n := nearest(c.pts, where), len(c.nodes)-1
		if c.nodes[0] == c.nodes[n] {
			m.ramp(c.nodes[(i+n-2)%n], node)
			m.ramp(node, c.nodes[(i+2)%n])
		} else if i >= 2 && i+2 <= n {
			m.ramp(c.nodes[i-2], node)
			m.ramp(node, c.nodes[i+2])
		}
	}
}
