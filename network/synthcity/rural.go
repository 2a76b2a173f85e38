package synthcity

import (
	"math"
	"strconv"

	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

func count(people float64) string { return strconv.Itoa(int(math.Round(people))) }

// outline is a relation of ways that close to a ring.
func (m *maker) outline(ways []int32, kv ...string) {
	var members osm.Members
	for _, w := range ways {
		members = append(members, wayMember(w, "outer"))
	}
	m.relation(members, kv...)
}

// far reports whether a circle lies off all towns, the airport and the river.
func (m *maker) far(q geo.XY, radius float64) bool {
	for _, t := range m.towns {
		if q.Dist(t.center) < float64(1.12*t.radius)+radius+250 {
			return false
		}
	}
	for _, h := range m.hubs {
		if h.kind == "airport" && q.Dist(h.pos) < float64(m.city.Preset.Airport*0.6)+radius {
			return false
		}
	}
	return math.Abs(m.river.side(q)) > m.river.half+radius+40
}

// hamlets scatters villages over the open land, their sizes log-normal, each
// with a street or two, joined to the nearest road.
func (m *maker) hamlets() {
	m.rural = int32(len(m.built))
	r := m.seedFor("hamlets")
	p := m.city.Preset
	left := float64(p.Inhabitants) * p.RuralShare
	mean := 120 + float64(260*math.Min(1, float64(p.Inhabitants)/1e6))
	var ends []int32 // nodes that a village road can lead to
	var pts []geo.XY
	for _, l := range m.links {
		for i, n := range l.nodes {
			ends, pts = append(ends, n), append(pts, l.pts[i])
		}
	}
	for _, t := range m.towns {
		for k := range 4 {
			g := m.gate(t, towards(t.center, t.turn+float64(k)*math.Pi/2, 2*t.radius))
			ends, pts = append(ends, g), append(pts, m.at(g))
		}
	}
	var taken []geo.XY
	for n := 0; left > 0 && n < 100_000; n++ {
		people := math.Min(mean*math.Exp2(1.2*r.NormFloat64()), mean*4)
		q := towards(geo.XY{}, r.Float64()*2*math.Pi, p.ReachM*0.97*math.Sqrt(r.Float64()))
		length := 60 + 5.0*people/4.2
		ok := m.far(q, length/2)
		for _, o := range taken {
			ok = ok && o.Dist(q) > 900
		}
		if !ok {
			continue
		}
		taken = append(taken, q)
		name := numbered("Weiler", len(taken))
		mid := m.store.node(q, "place", "hamlet", "name", name, "population", count(people))
		to := ends[nearest(pts, q)]
		l := m.join(to, mid, "unclassified", name+"er Weg", 0.06*(r.Float64()-0.5), "maxspeed", "60")
		ends, pts = append(append(ends, l.nodes[len(l.nodes)/2]), mid), append(append(pts, l.pts[len(l.pts)/2]), q)
		left -= m.village(mid, q, r.Float64()*math.Pi, math.Min(people, left), length, name)
		if len(taken)%3 == 0 {
			m.store.node(towards(q, 1, 160), "man_made", "mast", "tower:type", "communication", "communication:mobile_phone", "yes")
		}
	}
}

// village builds streets crossing in the middle with houses on both sides, and
// is the number of inhabitants that fit.
func (m *maker) village(mid int32, q geo.XY, turn, people, length float64, name string) (housed float64) {
	arms := 2
	if people > 300 {
		arms = 4
	}
	arm := math.Max(60, length/float64(arms))
	m.store.ring(rectangle(q, math.Cos(turn), math.Sin(turn), float64(2*arm)+40, 90), "landuse", "residential", "name", name)
	for k := range arms {
		a := turn + float64(k)*2*math.Pi/float64(arms)
		sin, cos := math.Sincos(a)
		refs := []int32{mid}
		for d := 60.0; d < arm+60; d += 60 {
			refs = append(refs, m.store.node(towards(q, a+float64(0.03*math.Sin(d/70)), math.Min(d, arm))))
		}
		m.way(refs, "highway", "residential", "name", name+"er Gasse", "maxspeed", "30")
		for d := 22.0; d < arm; d += 17 {
			for _, side := range []float64{-1, 1} {
				if housed >= people {
					return housed
				}
				c := geo.XY{X: q.X + float64(d*cos) - float64(side*17*sin), Y: q.Y + float64(d*sin) + float64(side*17*cos)}
				x := building{base: 3, lo: 1, hi: 3, kind: house}
				if m.put(rectangle(c, cos, sin, 11, 10+float64(2*math.Sin(d))), x, "building", "house") {
					housed += float64(m.dwellings(&m.built[len(m.built)-1], 3) * householdSize)
				}
			}
		}
	}
	return housed
}

// woods covers part of the open land: irregular blobs off all settlements.
func (m *maker) woods() {
	r := m.seedFor("woods")
	reach := m.city.Preset.ReachM
	for range int(reach / 300) {
		radius := (0.01 + float64(0.035*r.Float64()*r.Float64())) * reach * 1.6
		q := towards(geo.XY{}, r.Float64()*2*math.Pi, (reach-radius)*math.Sqrt(r.Float64()))
		a, b := r.Float64()*6, r.Float64()*6
		if !m.far(q, radius*1.3) {
			continue
		}
		var ring []geo.XY
		const corners = 28
		for k := range corners {
			t := 2 * math.Pi * float64(k) / corners
			ring = append(ring, towards(q, t, radius*(1+float64(0.2*math.Sin(float64(3*t)+a))+float64(0.1*math.Sin(float64(5*t)+b)))))
		}
		m.store.ring(ring, "natural", "wood")
	}
}
