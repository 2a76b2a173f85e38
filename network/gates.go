package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// GateKind is how one leaves the city's area at a gate.
type GateKind uint8

const (
	RoadGate GateKind = iota
	RailGate
	AirGate
	gateKinds // how many there are
)

var gateKindNames = [gateKinds]string{"road", "rail", "air"}

// String is the kind in lower case.
func (k GateKind) String() string { return gateKindNames[k] }

// Gate is where people leave the city's area and come into it: where a main road
// runs out of the map, the last stop of a railway line that leads out, an airport
// (its terminal, where the map has one).
type Gate struct {
	Kind GateKind
	Name string // of the stop or airport; the class of the widest road
	Pos  geo.XY
	// Weight is how much of the traffic of its kind takes it, relative to other
	// gates of the kind: of a road the capacity outwards, vehicles an hour; of a
	// stop the trains an hour; of an airport its area in km² (assumed to go with
	// its passengers).
	Weight    float64
	HighSpeed bool  // rail: of a high-speed line
	Stop      int32 // rail: index into City.Stops; else −1
	Hub       int32 // air: index into City.Hubs; else −1
}

// How gates are found (assumed).
const (
	gateSideM    = 600.0  // exits so near to each other are carriageways of one road
	gateReachM   = 2000.0 // how far beyond an end of a road no city must lie
	gateConeCos  = 0.7    // of half the angle of the cone that is looked at
	gateBackM    = 250.0  // how far back the direction of a road at its end is taken
	minGateM     = 50.0   // how far the graph's nearest road may lie from an exit
	gateTurnM    = 2000.0 // how far outside the junction is at which one can turn
	gateBeyond   = 0.03   // largest share of the city's dwellings beyond the last stop of a line that leads out
	gateStopM    = 1500.0 // last stops so near to each other are one gate
	railConeCos  = 0.5
	leastAirKm2  = 0.5 // of an airport without an outline
	wholeHeadway = 3600.0
)

// exit is an end of a main road where the city ends too.
type exit struct {
	node    int32
	back    int32 // where its stretch begins
	pos     geo.XY
	road    road   // as seen by who leaves
	ahead   geo.XY // outwards, of length 1
	out, in bool   // cars can leave, come
	group   int
}

// exits finds the ends of roads open to cars of the highest classes that any is
// found of: motorways to primary roads, else secondary, then tertiary. An end is
// where no other road goes on and, in the direction of the road, hardly any road
// lies beyond.
func (b *builder) exits(pos []geo.XY, parts []stretch) []exit {
	var drivable []stretch
	var nodes []geo.XY
	seen := make([]bool, len(pos))
	for _, s := range parts {
		if s.road.modes[0].has(Car) || s.road.modes[1].has(Car) {
			drivable = append(drivable, s)
			for _, v := range [2]int32{s.a, s.b} {
				if !seen[v] {
					seen[v], nodes = true, append(nodes, pos[v])
				}
			}
		}
	}
	first, half := incidence(len(pos), drivable)
	index := geo.NewIndex(nodes)
	var ends []exit
	for v := range pos {
		if first[v+1]-first[v] != 1 {
			continue
		}
		h := half[first[v]]
		s := drivable[h/2]
		if h%2 == 0 { // so that it leads to the end
			s = s.turned()
		}
		if s.road.class > TertiaryLink {
			continue
		}
		ahead, ok := leadsOut(index, &s)
		if !ok {
			continue
		}
		ends = append(ends, exit{node: int32(v), back: s.a, pos: pos[v], road: s.road, ahead: ahead, out: s.road.modes[0].has(Car), in: s.road.modes[1].has(Car)})
	}
	worst := PrimaryLink
	for worst < TertiaryLink && !slices.ContainsFunc(ends, func(e exit) bool { return e.road.class <= worst }) {
		worst += 2 // the next class and its ramps
	}
	ends = slices.DeleteFunc(ends, func(e exit) bool { return e.road.class > worst })
	groupExits(ends)
	return ends
}

// leadsOut is the direction of a stretch at its end, and whether hardly any node
// lies beyond that, next to what lies behind it.
func leadsOut(nodes *geo.Index, s *stretch) (ahead geo.XY, ok bool) {
	end := s.line[len(s.line)-1]
	back := s.line[0]
	for i, left := len(s.line)-1, gateBackM; i > 0; i-- {
		d := s.line[i].Dist(s.line[i-1])
		if d >= left {
			back = s.line[i].Lerp(s.line[i-1], left/d)
			break
		}
		left -= d
	}
	d := back.Dist(end)
	if d == 0 {
		return geo.XY{}, false
	}
	u := geo.XY{X: (end.X - back.X) / d, Y: (end.Y - back.Y) / d}
	beyond, behind := cone(nodes, end, u)
	return u, beyond <= 2+behind/20
}

// cone counts the points within reach of end that lie ahead and behind, seen in
// the direction u.
func cone(pts *geo.Index, end, u geo.XY) (ahead, behind int) {
	pts.Within(end, gateReachM, func(i int, d float64) {
		p := pts.At(i)
		along := float64((p.X-end.X)*u.X) + float64((p.Y-end.Y)*u.Y)
		switch {
		case d < 1:
		case along > float64(gateConeCos*d):
			ahead++
		case along < float64(-gateConeCos*d):
			behind++
		}
	})
	return ahead, behind
}

// groupExits numbers the roads that exits belong to, by single linkage.
func groupExits(ends []exit) {
	pts := make([]geo.XY, len(ends))
	for i := range ends {
		pts[i], ends[i].group = ends[i].pos, -1
	}
	index := geo.NewIndex(pts)
	groups := 0
	for i := range ends {
		if ends[i].group >= 0 {
			continue
		}
		ends[i].group = groups
		for stack := []int{i}; len(stack) > 0; {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			index.Within(pts[at], gateSideM, func(k int, _ float64) {
				if ends[k].group < 0 {
					ends[k].group = groups
					stack = append(stack, k)
				}
			})
		}
		groups++
	}
}

// joinExits ties the carriageways that leave at a gate to those that come in
// there: outside, the road goes on to a junction at which one can turn. Without
// that, a motorway beyond its last exit inside the map would lead nowhere and be
// closed.
func joinExits(parts []stretch, ends []exit) []stretch {
	for i := range ends {
		for k := range ends {
			from, to := &ends[i], &ends[k]
			if from.group != to.group || from.back == to.node || !from.out || from.in || !to.in || to.out {
				continue
			}
			r := from.road
			r.modes = [2]modeSet{onlyCar, 0}
			turn := geo.XY{X: from.pos.X + float64(gateTurnM*from.ahead.X), Y: from.pos.Y + float64(gateTurnM*from.ahead.Y)}
			line := []geo.XY{from.pos, turn, to.pos}
			parts = append(parts, stretch{from.node, to.node, r, line, polylineLength(line)})
		}
	}
	return parts
}

// gates makes the gates of the city.
func (b *builder) gates() error {
	b.roadGates()
	b.railGates()
	b.airGates()
	for _, g := range b.city.Gates {
		b.add("gates_"+g.Kind.String(), 1)
	}
	return nil
}

// roadGates: one for each road that leads out, in the middle of its exits.
func (b *builder) roadGates() {
	groups := 0
	for _, e := range b.ends {
		groups = max(groups, e.group+1)
	}
	for g := range groups {
		gate := Gate{Kind: RoadGate, Stop: -1, Hub: -1}
		best := RoadClass(math.MaxUint8)
		for _, e := range b.ends {
			if e.group != g {
				continue
			}
			if e.out || e.in {
				// Both directions are alike: half of what the exits hold.
				f := &classFacts[e.road.class]
				for dir, open := range [2]bool{e.out, e.in} {
					if open {
						gate.Weight += f.capacity * float64(e.road.lanes[dir]) / 2
					}
				}
			}
			if spot, ok := b.city.graph.Snap(Car, e.pos); !ok || spot.Dist > minGateM || e.road.class%2 == 1 && e.road.class < Tertiary {
				continue // it hangs together with no other road, or is a ramp
			}
			if e.road.class < best || e.road.class == best && e.out && !e.in {
				best, gate.Pos, gate.Name = e.road.class, e.pos, e.road.class.String()
			}
		}
		if gate.Name != "" {
			b.city.Gates = append(b.city.Gates, gate)
		}
	}
	if len(b.city.Gates) == 0 {
		b.outerGates()
	}
}

// outerGates stands in where no road leads out: the outermost junction on the
// widest class of roads that there is, in each quarter of the sky.
func (b *builder) outerGates() {
	g := b.city.graph
	best := RoadClass(math.MaxUint8)
	for e := range g.Edges() {
		if l := Link(2 * e); g.Open(l, Car) || g.Open(l.Turned(), Car) {
			best = min(best, g.Class(l))
		}
	}
	at := [4]int{-1, -1, -1, -1}
	center := b.city.Proj.XY(b.city.Bounds.Center())
	for e := range g.Edges() {
		if g.Class(Link(2*e)) != best {
			continue
		}
		from, to := g.Ends(Link(2 * e))
		for _, n := range [2]int{from, to} {
			x, y := g.Pos[n].X-center.X, g.Pos[n].Y-center.Y
			q := 0 // east, north, west, south
			switch {
			case math.Abs(y) > math.Abs(x) && y > 0:
				q = 1
			case math.Abs(y) > math.Abs(x):
				q = 3
			case x < 0:
				q = 2
			}
			if at[q] < 0 || g.Pos[n].Dist(center) > g.Pos[at[q]].Dist(center) {
				at[q] = n
			}
		}
	}
	f := &classFacts[min(best, roadClasses-1)]
	for _, n := range at {
		if n >= 0 {
			b.city.Gates = append(b.city.Gates, Gate{Kind: RoadGate, Name: best.String(), Pos: g.Pos[n], Weight: f.capacity * float64(f.lanes), Stop: -1, Hub: -1})
		}
	}
	if len(b.city.Gates) > 0 {
		b.warn("gates: no main road runs out of the map; people leave at the outermost junctions of its %s roads", best)
	}
}

// railGates: the ends of railway lines beyond which hardly anybody lives; of the
// high-speed lines, where none has such an end, the end with the fewest beyond.
func (b *builder) railGates() {
	type end struct {
		stop   int32
		share  float64 // of the dwellings that lie beyond
		trains float64 // an hour
		fast   bool
	}
	var ends []end
	pos := make([]geo.XY, len(b.city.Buildings))
	total := 0.0
	for i := range b.city.Buildings {
		pos[i] = b.city.Buildings[i].Pos
		total += b.city.Buildings[i].Dwellings
	}
	beyond := func(back, at geo.XY) float64 {
		sum := 0.0
		for i := range pos {
			dx, dy := pos[i].X-at.X, pos[i].Y-at.Y
			along := float64(dx*(at.X-back.X)) + float64(dy*(at.Y-back.Y))
			if along > railConeCos*math.Hypot(dx, dy)*at.Dist(back) {
				sum += b.city.Buildings[i].Dwellings
			}
		}
		return sum / max(total, 1e-9)
	}
	for i := range b.city.Lines {
		l := &b.city.Lines[i]
		n := len(l.Stops)
		if l.Mode != Rail && l.Mode != HighSpeed || n < 2 || l.loop() {
			continue
		}
		trains := wholeHeadway / max(l.Headway, 60)
		for _, e := range [2][2]int{{0, 1}, {n - 1, n - 2}} {
			s := l.Stops[e[0]]
			at := slices.IndexFunc(ends, func(x end) bool { return x.stop == s })
			if at < 0 {
				at = len(ends)
				ends = append(ends, end{stop: s, share: 1})
			}
			x := &ends[at]
			x.share = min(x.share, beyond(b.city.Stops[l.Stops[e[1]]].Pos, b.city.Stops[s].Pos))
			x.trains += trains / 2 // half of them arrive
			x.fast = x.fast || l.Mode == HighSpeed
		}
	}
	slices.SortFunc(ends, func(x, y end) int { return cmp.Or(cmp.Compare(x.share, y.share), cmp.Compare(x.stop, y.stop)) })
	from := len(b.city.Gates)
	for k, x := range ends {
		if x.share > gateBeyond && (k > 0 || !x.fast) {
			continue
		}
		s := &b.city.Stops[x.stop]
		near := slices.IndexFunc(b.city.Gates[from:], func(g Gate) bool { return g.Pos.Dist(s.Pos) < gateStopM })
		if near < 0 {
			b.city.Gates = append(b.city.Gates, Gate{Kind: RailGate, Name: s.Name, Pos: s.Pos, Weight: x.trains, HighSpeed: x.fast, Stop: x.stop, Hub: -1})
			continue
		}
		g := &b.city.Gates[from+near]
		g.Weight += x.trains
		g.HighSpeed = g.HighSpeed || x.fast
	}
	slices.SortFunc(b.city.Gates[from:], func(x, y Gate) int { return cmp.Compare(x.Stop, y.Stop) })
}

// airGates: the airports, at their terminal.
func (b *builder) airGates() {
	terminals := b.terminals()
	for i := range b.city.Hubs {
		h := &b.city.Hubs[i]
		if h.Kind != AirportHub {
			continue
		}
		g := Gate{Kind: AirGate, Name: h.Name, Pos: h.Pos, Weight: leastAirKm2, Stop: -1, Hub: int32(i)}
		if h.Ring != nil {
			g.Weight = max(leastAirKm2, math.Pi*h.RadiusM*h.RadiusM/1e6)
		}
		for _, t := range terminals {
			if h.contains(t) {
				g.Pos = t
				break
			}
		}
		b.city.Gates = append(b.city.Gates, g)
	}
}
