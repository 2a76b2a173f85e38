package synthcity

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// busLines makes lines along the arterials of every town, one for about so
// many inhabitants, and one along every road to a town.
func (m *maker) busLines() {
	const inhabitantsPerLine = 15_000 // assumed; the square root damps large cities
	number := 0
	for _, t := range m.towns {
		r := m.seedFor("bus", uint64(t.id))
		want := 2 + int(t.people/inhabitantsPerLine)
		arterials := 2*t.half/t.block + 1
		for tries := 0; want > 0 && tries < 20*want+60; tries++ {
			// Along one arterial, then across along another.
			a, b := r.IntN(arterials)*t.block, r.IntN(arterials)*t.block
			stops, ways := m.busPath(t, a, b, r.IntN(2) == 0, r.IntN(2) == 0)
			if len(stops) < 4 {
				continue
			}
			number++
			want--
			m.busRoute(number, t.name, stops, ways)
		}
	}
	for _, l := range m.links {
		if !l.bus {
			continue
		}
		number++
		var stops []int32
		for i := 0; i < len(l.nodes); i += 8 {
			stops = append(stops, l.nodes[i])
		}
		if last := l.nodes[len(l.nodes)-1]; stops[len(stops)-1] != last {
			stops = append(stops, last)
		}
		m.busRoute(number, l.name, stops, l.ways)
	}
}

func (m *maker) busRoute(number int, area string, stops, ways []int32) {
	for _, n := range stops {
		m.tagNode(n, "highway", "bus_stop", "public_transport", "stop_position", "bus", "yes", "name", numbered(area+" Halt", int(n)))
	}
	ref := numbered("Bus", number)
	m.relationPair("bus", ref, ref, stops, m.nodeTags[stops[0]].Find("name"), m.nodeTags[stops[len(stops)-1]].Find("name"), ways)
}

// busPath follows arterial line a from a rim to arterial b, and b to a rim.
func (m *maker) busPath(t *town, a, b int, up, left bool) (stops, ways []int32) {
	var nodes []int32
	at := func(i, j int) int32 { return t.nodes[t.index(i, j)] }
	step, from := t.block, 0
	if up {
		step, from = -t.block, 2*t.half
	}
	for i := from; ; i += step {
		nodes = append(nodes, at(i, a))
		if i == b {
			break
		}
		if i+step < 0 || i+step > 2*t.half {
			return nil, nil
		}
	}
	step = t.block
	if left {
		step = -t.block
	}
	for j := a + step; j >= 0 && j <= 2*t.half; j += step {
		nodes = append(nodes, at(b, j))
	}
	// The longest stretch without a gap.
	for i := 1; i < len(nodes); i++ {
		path := t.paths[[2]int32{nodes[i-1], nodes[i]}]
		switch {
		case nodes[i-1] >= 0 && nodes[i] >= 0 && len(path) > 0:
			if len(stops) == 0 {
				stops = append(stops, nodes[i-1])
			}
			stops, ways = append(stops, nodes[i]), append(ways, path[0])
		case len(stops) >= 4:
			return stops, ways
		default:
			stops, ways = nil, nil
		}
	}
	return stops, ways
}

// districts draws administrative boundaries: the region, its towns, and the
// districts of the main city: one within the ring road, four around it.
func (m *maker) districts() {
	boundary := func(level, name string, people float64, ways ...int32) {
		kv := []string{"type", "boundary", "boundary", "administrative", "admin_level", level, "name", name}
		if people > 0 {
			kv = append(kv, "population", count(people))
		}
		members := make([]int32, len(ways))
		copy(members, ways)
		m.outline(members, kv...)
	}
	arc := func(c geo.XY, radius, from, to float64, ends [2]int32) int32 {
		n := max(4, int((to-from)*16))
		refs := make([]int32, n+1)
		for i := range refs {
			switch {
			case i == 0 && ends[0] >= 0:
				refs[i] = ends[0]
			case i == n && ends[1] >= 0:
				refs[i] = ends[1]
			default:
				refs[i] = m.store.node(towards(c, from+(to-from)*float64(i)/float64(n), radius))
			}
		}
		return m.way(refs, "boundary", "administrative")
	}
	circle := func(c geo.XY, radius float64) int32 {
		start := m.store.node(towards(c, 0, radius))
		return arc(c, radius, 0, 2*math.Pi, [2]int32{start, start})
	}
	p, main := m.city.Preset, m.towns[0]
	boundary("5", main.name+" Prefecture", float64(p.Inhabitants), circle(main.center, p.ReachM))
	for _, t := range m.towns[1:] {
		boundary("8", t.name, t.people, circle(t.center, float64(1.35*t.radius)+300))
	}
	inner, outer := 0.5*main.radius, 1.3*main.radius
	var in, out [4]int32
	for k := range 4 {
		a := main.turn + math.Pi/4 + float64(k)*math.Pi/2
		in[k], out[k] = m.store.node(towards(main.center, a, inner)), m.store.node(towards(main.center, a, outer))
	}
	var arcs [4]int32
	var outs [4]int32
	var spokes [4]int32
	for k := range 4 {
		a := main.turn + math.Pi/4 + float64(k)*math.Pi/2
		next := (k + 1) % 4
		arcs[k] = arc(main.center, inner, a, a+math.Pi/2, [2]int32{in[k], in[next]})
		outs[k] = arc(main.center, outer, a, a+math.Pi/2, [2]int32{out[k], out[next]})
		spokes[k] = m.way([]int32{in[k], out[k]}, "boundary", "administrative")
	}
	boundary("6", "Mitte", 0, arcs[:]...)
	for k, name := range []string{"Oststadt", "Nordstadt", "Weststadt", "Südstadt"} {
		boundary("6", name, 0, arcs[k], spokes[(k+1)%4], outs[k], spokes[k])
	}
}
