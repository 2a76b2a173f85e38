package synthcity

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity/geo"
)

// index is that of a lattice node.
func (t *town) index(i, j int) int { return i*(2*t.half+1) + j }

// unit is the place of a lattice point (cells from the middle, may be between
// nodes) in the unit disc: a square lattice bent into a disc by the elliptical
// grid mapping, so that lines through the middle stay straight and concentric
// squares become rings.
func (t *town) unit(u, v float64) (x, y float64) {
	u, v = u/float64(t.half), v/float64(t.half)
	return u * math.Sqrt(1-v*v/2), v * math.Sqrt(1-u*u/2)
}

// place is where a lattice point lies: the disc stretched so that blocks grow
// outwards, bent by two waves and turned.
func (t *town) place(u, v float64) geo.XY {
	x, y := t.unit(u, v)
	f := 0.62 + float64(0.38*math.Sqrt(float64(x*x)+float64(y*y)))
	x, y = x*f, y*f
	dx := 0.030 * math.Sin(float64(3.1*y)+t.phase[0])
	dy := 0.030 * math.Sin(float64(2.7*x)+t.phase[1])
	sin, cos := math.Sincos(t.turn)
	x, y = x+dx, y+dy
	return geo.XY{X: t.center.X + float64(t.radius*1.08*(float64(x*cos)-float64(y*sin))),
		Y: t.center.Y + float64(t.radius*1.08*(float64(x*sin)+float64(y*cos)))}
}

// rim is how far the town reaches in a direction, as a share of its radius.
func (t *town) rim(x, y float64) float64 {
	a := math.Atan2(y, x)
	return 0.89 + float64(0.07*math.Sin(float64(3*a)+t.phase[2])) + float64(0.04*math.Sin(float64(7*a)+t.phase[3]))
}

// rho is the distance of a cell's middle from the town's, 0 … 1 at the rim.
func (t *town) rho(u, v float64) float64 {
	x, y := t.unit(u, v)
	return math.Sqrt(float64(x*x)+float64(y*y)) / t.rim(x, y)
}

// cell is the index of the cell with the lower corner (i, j).
func (t *town) cell(i, j int) int { return i*2*t.half + j }

func (t *town) on(i, j int) bool {
	return i >= 0 && j >= 0 && i < 2*t.half && j < 2*t.half && t.active[t.cell(i, j)]
}

// corner is where lattice node (i, j) is, whether it exists or not.
func (t *town) corner(i, j int) geo.XY { return t.place(float64(i-t.half), float64(j-t.half)) }

// lattices decides which cells of every town are built on, and which nodes of
// its lattice are dry.
func (m *maker) lattices() {
	for _, t := range m.towns {
		n := 2 * t.half
		t.nodes = make([]int32, (n+1)*(n+1))
		t.wet = make([]bool, (n+1)*(n+1))
		t.active = make([]bool, n*n)
		for i := range n + 1 {
			for j := range n + 1 {
				t.nodes[t.index(i, j)] = -1
				t.wet[t.index(i, j)] = math.Abs(m.river.side(t.corner(i, j))) < m.river.half+12
			}
		}
		for i := range n {
			for j := range n {
				u, v := float64(i-t.half)+0.5, float64(j-t.half)+0.5
				dry := !t.wet[t.index(i, j)] && !t.wet[t.index(i+1, j)] && !t.wet[t.index(i, j+1)] && !t.wet[t.index(i+1, j+1)] &&
					math.Abs(m.river.side(t.place(u, v))) > m.river.half+12
				t.active[t.cell(i, j)] = dry && t.rho(u, v) < 1
			}
		}
	}
}

// edge tells about a stretch of street between neighbouring lattice nodes.
type edge int

const (
	noEdge edge = iota
	street
	bridge // over the river
)

// edgeAt is what joins (i, j) to the next node along or across.
func (m *maker) edgeAt(t *town, i, j int, along bool) edge {
	k, l := i+1, j
	beside := [2]bool{t.on(i, j-1), t.on(i, j)}
	if !along {
		k, l = i, j+1
		beside = [2]bool{t.on(i-1, j), t.on(i, j)}
	}
	if t.wet[t.index(i, j)] || t.wet[t.index(k, l)] || m.river.wet(t.corner(i, j).Lerp(t.corner(k, l), 0.5)) {
		return bridge
	}
	if beside[0] || beside[1] {
		return street
	}
	return noEdge
}

// class is the highway=* of a lattice line by its distance from the middle.
func (t *town) class(line int) string {
	d := line - t.half
	switch ring := t.ring(); {
	case d == 0 || d == ring || d == -ring:
		return "primary"
	case d%(2*t.block) == 0:
		return "secondary"
	case d%t.block == 0:
		return "tertiary"
	}
	return "residential"
}

// ring is the lattice square that is the town's ring road.
func (t *town) ring() int {
	return max(1, int(math.Round(float64(t.half)*0.55/float64(t.block)))) * t.block
}

// streets makes the ways of every lattice: an arterial is cut at each
// crossing with another, so that bus lines can be made of its ways.
func (m *maker) streets() {
	for _, t := range m.towns {
		m.planZones(t)
		for line := range 2*t.half + 1 {
			m.line(t, line, true)
			m.line(t, line, false)
		}
	}
}

// lineNode is the node at position pos of a lattice line.
func (m *maker) lineNode(t *town, line, pos int, along bool) int32 {
	i, j := pos, line
	if !along {
		i, j = line, pos
	}
	k := t.index(i, j)
	if t.nodes[k] < 0 {
		t.nodes[k] = m.store.node(t.corner(i, j))
	}
	return t.nodes[k]
}

func (m *maker) line(t *town, line int, along bool) {
	class := t.class(line)
	arterial := (line-t.half)%t.block == 0
	letter := "Straße"
	if !along {
		letter = "Weg"
	}
	name := fmt.Sprintf("%s %s %d", t.name, letter, line+1)
	at := func(pos int) (edge, bool) {
		i, j := pos, line
		if !along {
			i, j = line, pos
		}
		e := m.edgeAt(t, i, j, along)
		return e, e == street && !arterial && t.closed(i, j)
	}
	var refs []int32
	flush := func() {
		if len(refs) > 1 {
			w := m.way(refs, streetTags(class, name)...)
			if arterial {
				m.addPath(t, refs[0], refs[len(refs)-1], w)
			}
		}
		refs = nil
	}
	for pos := 0; pos < 2*t.half; pos++ {
		e, closed := at(pos)
		if e != street || closed {
			flush()
			continue
		}
		if refs == nil {
			refs = append(refs, m.lineNode(t, line, pos, along))
		}
		refs = append(refs, m.lineNode(t, line, pos+1, along))
		if (pos+1-t.half)%t.block == 0 {
			flush()
		}
	}
	flush()
	if arterial {
		m.bridges(t, line, along, class, name)
	}
}

// streetTags are those of a street of a class, on land and over water.
func streetTags(class, name string) []string {
	kv := []string{"highway", class, "name", name}
	switch class {
	case "primary":
		return append(kv, "lanes", "6", "maxspeed", "60")
	case "secondary":
		return append(kv, "lanes", "4", "maxspeed", "50")
	case "tertiary":
		return append(kv, "maxspeed", "40")
	}
	return append(kv, "maxspeed", "30")
}

// bridges joins the banks where an arterial meets the river.
func (m *maker) bridges(t *town, line int, along bool, class, name string) {
	edges := make([]edge, 2*t.half)
	for pos := range edges {
		if along {
			edges[pos] = m.edgeAt(t, pos, line, along)
		} else {
			edges[pos] = m.edgeAt(t, line, pos, along)
		}
	}
	last := -1 // position of the last dry node with a street
	for pos := 0; pos < len(edges); pos++ {
		if edges[pos] != street {
			continue
		}
		if gap := pos - last; last >= 0 && gap > 0 && gap <= 6 && wetBetween(edges[last:pos]) {
			a, b := m.lineNode(t, line, last, along), m.lineNode(t, line, pos, along)
			mid := m.store.node(m.at(a).Lerp(m.at(b), 0.5))
			w := m.way([]int32{a, mid, b}, append(streetTags(class, name), "bridge", "yes", "layer", "1")...)
			m.addPath(t, a, b, w)
		}
		last = pos + 1
	}
}

func wetBetween(edges []edge) bool {
	for _, e := range edges {
		if e == bridge {
			return true
		}
	}
	return false
}

func (m *maker) addPath(t *town, a, b, way int32) {
	t.paths[[2]int32{a, b}] = append(t.paths[[2]int32{a, b}], way)
	t.paths[[2]int32{b, a}] = append(t.paths[[2]int32{b, a}], way)
}
