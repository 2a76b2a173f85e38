package synthcity

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// towards is the point d metres from p in direction a (radians).
func towards(p geo.XY, a, d float64) geo.XY {
	sin, cos := math.Sincos(a)
	return geo.XY{X: p.X + float64(d*cos), Y: p.Y + float64(d*sin)}
}

// railAngle is the azimuth of the ordinary railway at the main city: along the
// river, on the other side of the middle.
func (m *maker) railAngle() float64 { return math.Atan2(m.river.sin, m.river.cos) }

// railways lays the ordinary and the high-speed line through the region. Both
// pass the main city beside its middle and two towns on either side.
func (m *maker) railways() {
	main := m.towns[0]
	along := m.railAngle()
	station := towards(main.center, along-math.Pi/2, main.radius*0.62)
	pts := m.railLine(station, along, 0)
	nodes := m.place(pts)
	stops := m.railStops(pts, station, "Hauptbahnhof", "Bahnhof", float64(main.radius*0.4)+1500)
	ways := m.draw(nodes, m.overWater(pts), "railway", "rail", "usage", "main", "electrified", "contact_line", "maxspeed", "120", "gauge", "1435", "name", "Langtalbahn")
	m.clear(pts, 24)
	m.halts(pts, nodes, stops, "railway", "station", "public_transport", "station", "train", "yes")
	m.service("train", "R1", "Regional 1", nodes, stops, ways, "service", "regional")
	for _, s := range stops {
		m.stationHouse(pts, s.at, 30, 70, 18, s.name)
	}
	m.hubs = append(m.hubs, hub{"Hauptbahnhof", station, "station"})
	if !m.city.Preset.HighSpeed {
		return
	}
	station = towards(main.center, along+math.Pi/2, float64(main.radius*1.12)+600)
	if m.river.wet(station) {
		station = towards(station, along+math.Pi/2, 3*m.river.half)
	}
	pts = m.railLine(station, along+0.15, 2)
	nodes = m.place(pts)
	stops = m.railStops(pts, station, "Nordbahnhof", "Schnellbahnhof", 9000)
	ways = m.draw(nodes, func(int) []string { return []string{"bridge", "viaduct", "layer", "2"} },
		"railway", "rail", "highspeed", "yes", "usage", "main", "electrified", "contact_line", "maxspeed", "300", "gauge", "1435", "name", "Schnellbahn")
	m.clear(pts, 24)
	m.halts(pts, nodes, stops, "railway", "station", "public_transport", "station", "train", "yes", "highspeed", "yes")
	m.service("train", "G1", "High-speed 1", nodes, stops, ways, "service", "high_speed")
	for _, s := range stops {
		m.stationHouse(pts, s.at, 70, 180, 60, s.name)
	}
	m.hubs = append(m.hubs, hub{"Nordbahnhof", station, "highspeed"})
}

// railLine is a line through a station in a direction, on either side bent to
// the largest of the towns from rank first on that lies that way.
func (m *maker) railLine(station geo.XY, along float64, first int) []geo.XY {
	reach := m.city.Preset.ReachM
	half := func(dir float64) []geo.XY {
		out := []geo.XY{towards(station, dir, m.towns[0].radius*0.75)}
		end := towards(geo.XY{}, dir, reach)
		for _, t := range m.towns[1:] {
			turn := math.Abs(math.Remainder(math.Atan2(t.center.Y, t.center.X)-dir, 2*math.Pi))
			if t.id > first && turn < 0.45 && t.center.Dist(m.towns[0].center) > 2.2*m.towns[0].radius && t.center.Dist(geo.XY{}) < reach*0.9 {
				aside := towards(t.center, dir+math.Pi/2, float64(t.radius*1.05)+150) // past the town, not through it
				out = append(out, aside)
				break
			}
		}
		return append(out, end)
	}
	back, on := half(along+math.Pi), half(along)
	var through []geo.XY
	for i := len(back) - 1; i >= 0; i-- {
		through = append(through, back[i])
	}
	return curve(append(append(through, station), on...), 120)
}

// railStops are the main station and one at every town that the line passes.
func (m *maker) railStops(pts []geo.XY, station geo.XY, main, kind string, apart float64) []stop {
	at := nearest(pts, station)
	halt := map[int]string{at: m.towns[0].name + " " + main}
	for _, t := range m.towns[1:] {
		k := nearest(pts, t.center)
		if pts[k].Dist(t.center) < float64(1.3*t.radius)+800 && pts[k].Dist(station) > apart {
			halt[k] = t.name + " " + kind
		}
	}
	if len(halt) == 1 { // a line has two ends
		for _, k := range []int{len(pts) / 8, len(pts) - 1 - len(pts)/8} {
			halt[k] = numbered(m.towns[0].name+" Haltepunkt", 1+k/(len(pts)/2))
		}
	}
	var out []stop
	for i := range pts {
		if name := halt[i]; name != "" {
			out = append(out, stop{i, name})
		}
	}
	return out
}

// stationHouse stands beside the track.
func (m *maker) stationHouse(pts []geo.XY, at int, off, w, d float64, name string) {
	a, b := pts[max(at-1, 0)], pts[min(at+1, len(pts)-1)]
	l := math.Max(a.Dist(b), 0.1)
	ux, uy := (b.X-a.X)/l, (b.Y-a.Y)/l
	c := geo.XY{X: pts[at].X - float64(off*uy), Y: pts[at].Y + float64(off*ux)}
	m.solid(rectangle(c, ux, uy, w, d), "building", "train_station", "name", name, "building:levels", "2")
}

// rectangle is w along the unit vector (ux, uy) and d across, about c.
func rectangle(c geo.XY, ux, uy, w, d float64) []geo.XY {
	corner := func(x, y float64) geo.XY {
		return geo.XY{X: c.X + float64(x*ux) - float64(y*uy), Y: c.Y + float64(x*uy) + float64(y*ux)}
	}
	return []geo.XY{corner(-w/2, -d/2), corner(w/2, -d/2), corner(w/2, d/2), corner(-w/2, d/2)}
}

// solid builds a ring and keeps other buildings off it.
func (m *maker) solid(ring []geo.XY, kv ...string) {
	m.store.ring(ring, kv...)
	m.occupy(ring)
}

// occupy keeps buildings off the inside of a ring.
func (m *maker) occupy(ring []geo.XY) {
	q := quad{ring[0], ring[1], ring[2], ring[3]}
	w, h := q.size()
	rows, cols := int(h/(keepOutM/2))+1, int(w/(keepOutM/2))+1
	for a := range rows + 1 {
		for b := range cols + 1 {
			m.keepOut[keepOutTile(q.at(float64(b)/float64(cols), float64(a)/float64(rows)))] = true
		}
	}
}

// airport lays the airport on open land, with its railway from the main
// station where the city has a high-speed line; a small city has an airfield.
func (m *maker) airport() {
	p := m.city.Preset
	main := m.towns[0]
	r := m.seedFor("airport")
	best, gap := geo.XY{}, math.Inf(-1)
	for range 400 {
		q := towards(geo.XY{}, r.Float64()*2*math.Pi, float64(1.35*main.radius)+p.Airport+float64(r.Float64()*0.5*main.radius))
		g := math.Abs(m.river.side(q)) - float64(p.Airport*0.65)
		for _, t := range m.towns {
			g = math.Min(g, q.Dist(t.center)-float64(1.1*t.radius)-float64(p.Airport*0.6))
		}
		for _, h := range m.hubs {
			g = math.Min(g, q.Dist(h.pos)-float64(p.Airport*0.5))
		}
		// Off the railways: they pass the main city along the river.
		x := float64(q.X*m.river.cos) + float64(q.Y*m.river.sin)
		if math.Abs(x) > main.radius {
			g -= p.Airport
		}
		if g > gap {
			best, gap = q, g
		}
	}
	sin, cos := math.Sincos(m.railAngle() + 0.15)
	grounds := rectangle(best, cos, sin, p.Airport, p.Airport*0.42)
	kind := []string{"aeroway", "aerodrome", "name", main.name + " Airport"}
	m.ring(grounds, append(kind, "iata", "XXM")...)
	m.occupy(grounds)
	strip := func(off float64) {
		a := geo.XY{X: best.X - float64(off*sin), Y: best.Y + float64(off*cos)}
		m.way([]int32{m.store.node(geo.XY{X: a.X - float64(0.46*p.Airport*cos), Y: a.Y - float64(0.46*p.Airport*sin)}),
			m.store.node(geo.XY{X: a.X + float64(0.46*p.Airport*cos), Y: a.Y + float64(0.46*p.Airport*sin)})}, "aeroway", "runway", "surface", "asphalt")
	}
	strip(0.12 * p.Airport)
	if p.Airport > 3000 {
		strip(-0.16 * p.Airport)
	}
	terminal := best
	m.store.ring(rectangle(terminal, cos, sin, p.Airport*0.14, p.Airport*0.035), "aeroway", "terminal", "building", "transportation",
		"name", "Terminal 1", "building:levels", "3")
	m.hubs = append(m.hubs, hub{"Airport", terminal, "airport"})
	if !p.HighSpeed {
		return
	}
	from := m.hubs[0].pos
	out := towards(from, m.railAngle(), main.radius*0.5)
	if far := towards(from, m.railAngle(), -main.radius*0.5); far.Dist(best) < out.Dist(best) {
		out = far
	}
	pts := curve([]geo.XY{from, from.Lerp(out, 0.7), best.Lerp(out, 0.4), terminal}, 120)
	nodes := m.place(pts)
	mid := len(pts) / 2
	stops := []stop{{0, main.name + " Hauptbahnhof"}, {mid, main.name + " Flughafenstraße"}, {len(pts) - 1, "Airport"}}
	look := func(i int) []string {
		if pts[i].Dist(best) < p.Airport*0.5 {
			return []string{"tunnel", "yes", "layer", "-1"}
		}
		return []string{"bridge", "viaduct", "layer", "2"}
	}
	ways := m.draw(nodes, look, "railway", "rail", "electrified", "contact_line", "maxspeed", "140", "name", "Airport Express")
	m.clear(pts, 20)
	m.halts(pts, nodes, stops, "railway", "station", "public_transport", "station", "train", "yes")
	m.service("train", "AE", "Airport Express", nodes, stops, ways, "service", "airport")
}

// metro lays the lines under the arterials of the main city: the two through
// the middle, then parallels, then the ring. In the city they run in tunnels,
// towards the rim on viaducts.
func (m *maker) metro() {
	t := m.towns[0]
	for k := range m.city.Preset.Metro {
		m.urbanLine(t, k, "subway", numbered("Metro", k+1), 700)
	}
}

// trams run along the arterials beside the middle.
func (m *maker) trams() {
	for k := range m.city.Preset.Tram {
		m.urbanLine(m.towns[0], 2+k*2+m.city.Preset.Metro/2*2, "tram", numbered("Tram", k+1), 450)
	}
}

// latticeLine is the course of urban line k in lattice units: lines along and
// across in turn, from the middle outwards to either side.
func (t *town) latticeLine(k int) (line int, along bool) {
	rank := (k/2 + 1) / 2 * t.block
	if k/2%2 == 1 {
		rank = -rank
	}
	return t.half + 2*rank*max(1, t.half/t.block/6), k%2 == 0
}

func (m *maker) urbanLine(t *town, k int, kind, name string, spacing float64) {
	line, along := t.latticeLine(k)
	if line < 1 || line > 2*t.half-1 {
		return
	}
	at := func(pos float64) geo.XY {
		if along {
			return t.place(pos-float64(t.half), float64(line-t.half))
		}
		return t.place(float64(line-t.half), pos-float64(t.half))
	}
	rho := func(pos float64) float64 {
		if along {
			return t.rho(pos-float64(t.half), float64(line-t.half))
		}
		return t.rho(float64(line-t.half), pos-float64(t.half))
	}
	var pts []geo.XY
	var stops []stop
	var out []float64
	last := geo.XY{X: math.Inf(1)}
	for pos := 0; pos <= 2*t.half; pos++ {
		if rho(float64(pos)) > 1 {
			continue
		}
		p := at(float64(pos))
		pts, out = append(pts, p), append(out, rho(float64(pos)))
		if (pos-t.half)%t.block == 0 && !m.river.wet(p) && p.Dist(last) >= spacing {
			letter := "A"
			if along {
				letter = "B"
			}
			stops = append(stops, stop{len(pts) - 1, numbered(t.name+" "+letter+"-Platz", 1000*min(line, pos)+max(line, pos))})
			last = p
		}
	}
	if len(stops) < 2 {
		return
	}
	nodes := m.place(pts)
	look := func(i int) []string {
		switch {
		case kind == "tram":
			return m.overWater(pts)(i)
		case out[i] < 0.72 || m.overWater(pts)(i) != nil:
			return []string{"tunnel", "yes", "layer", "-2"}
		}
		return []string{"bridge", "viaduct", "layer", "2"}
	}
	ways := m.draw(nodes, look, "railway", kind, "electrified", "yes", "name", name)
	if kind == "tram" {
		m.halts(pts, nodes, stops, "railway", "tram_stop", "tram", "yes", "public_transport", "platform")
	} else {
		m.halts(pts, nodes, stops, "railway", "station", "station", "subway", "subway", "yes", "public_transport", "station")
	}
	m.service(kind, name, name, nodes, stops, ways)
}
