package network

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

// halt is a stop of a route before stops of the same name are merged.
type halt struct {
	pos      geo.XY
	name     string
	missing  bool // not in the extract, or outside the city
	platform bool
	invented bool // of an invented line, where there is no stop yet
	use      CallUse
}

// Distances of merging, in metres (assumed): of a stop position and its
// platform within one route; of stops of one name, across a wide street or a
// square; and of a stop without a name from any other.
const (
	platformM = 120.0
	sameNameM = 220.0
	unnamedM  = 30.0
)

// halts is the stops of a route in order of riding: those of its stop roles
// and of platforms far from them, else its platforms, else its nodes without a
// role. Of a route that stands for both directions, those of one.
func (b *builder) halts(r *relation, both, backward bool) (out []halt) {
	roles, nodes := []halt{}, []halt{}
	stops, lastStop, firstPlatform := 0, -1, len(r.members)
	for i, m := range r.members {
		switch {
		case both && m.role.against(backward):
		case m.role&(stopRole|platformRole) != 0:
			h := b.halt(m)
			h.platform = m.role&stopRole == 0
			roles = append(roles, h)
			if h.platform {
				firstPlatform = min(firstPlatform, i)
			} else {
				stops, lastStop = stops+1, i
			}
		case m.kind == osm.TypeNode && m.role&^(forwardRole|backwardRole) == 0:
			nodes = append(nodes, b.halt(m))
		}
	}
	switch {
	case stops >= 2:
		out = joinPlatforms(roles, firstPlatform < lastStop)
	case len(roles) >= 2:
		out = roles
	case len(nodes) >= 2:
		out = nodes
	}
	if backward && !slices.ContainsFunc(r.members, func(m member) bool { return m.role&(stopRole|platformRole) != 0 && m.role&backwardRole != 0 }) {
		slices.Reverse(out)
	}
	return out
}

// joinPlatforms names stops without a name by their platforms. Platforms far
// from every stop are stops of their own where the route lists both in turn;
// else their place in the order is unknown and they are left out.
func joinPlatforms(roles []halt, inTurn bool) []halt {
	var out []halt
	keep := make([]bool, len(roles))
	for i, p := range roles {
		if !p.platform {
			keep[i] = true
			continue
		}
		if p.missing {
			continue
		}
		keep[i] = inTurn
		for k := range roles {
			s := &roles[k]
			if s.platform || s.missing {
				continue
			}
			if d := s.pos.Dist(p.pos); d < platformM || sameName(s.name, p.name) && d < sameNameM {
				keep[i] = false
				if s.name == "" && d < platformM {
					s.name = p.name
				}
				s.use = max(s.use, p.use)
			}
		}
	}
	for i, h := range roles {
		if keep[i] {
			out = append(out, h)
		}
	}
	return out
}

func sameName(a, b string) bool { return a != "" && foldName(a) == foldName(b) }

func foldName(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// halt is where a member of a route is: a node, or the middle of a way.
func (b *builder) halt(m member) halt {
	h := halt{missing: true}
	var t tags
	if m.kind == osm.TypeNode {
		if p, ok := b.src.node(m.ref); ok {
			h.pos, h.missing, t = b.city.Proj.XY(p), false, b.src.pointTags(m.ref)
		}
	} else if w := b.src.way(m.ref); w != nil {
		if line, ok := b.src.line(w); ok && !leaps(line) {
			lo, hi := box(b.city.Proj.RingXY(line))
			h.pos, h.missing, t = lo.Lerp(hi, 0.5), false, w.tags
		}
	}
	h.missing = h.missing || !finite(h.pos) || !b.inside(h.pos)
	h.name = t.get("name")
	switch {
	case m.role&entryOnly != 0:
		h.use = BoardOnly
	case m.role&exitOnly != 0:
		h.use = AlightOnly
	}
	return h
}

// pointTags are the tags of a node, nil where it has none of interest.
func (s *source) pointTags(id int64) tags {
	if i, ok := slices.BinarySearchFunc(s.points, id, func(p tagged, id int64) int { return int(min(max(p.id-id, -1), 1)) }); ok {
		return s.points[i].tags
	}
	return nil
}

// haltsAlong is the nodes of a track that are tagged as stops of the mode.
func (b *builder) haltsAlong(t track, mode LineMode) (out []halt) {
	for i, n := range t.nodes {
		x := b.src.nodes[n]
		tags := b.src.pointTags(x.id)
		if !isStop(tags, mode) || i > 0 && len(out) > 0 && sameName(out[len(out)-1].name, tags.get("name")) {
			continue
		}
		p := b.city.Proj.XY(x.point())
		out = append(out, halt{pos: p, name: tags.get("name"), missing: !b.inside(p)})
	}
	return out
}

func isStop(t tags, mode LineMode) bool {
	if t.has("public_transport", "stop_position") {
		return true
	}
	switch mode {
	case Bus:
		return t.has("highway", "bus_stop")
	case Tram:
		return t.has("railway", "tram_stop")
	}
	return t.has("railway", "station", "halt", "stop")
}

// insideRun is the longest run of halts inside the city; false where some are not.
func insideRun(halts []halt) ([]halt, bool) {
	var best []halt
	whole := true
	for i := 0; i < len(halts); {
		if halts[i].missing {
			whole = false
			i++
			continue
		}
		k := i
		for k < len(halts) && !halts[k].missing {
			k++
		}
		if k-i > len(best) {
			best = halts[i:k]
		}
		i = k
	}
	return best, whole
}

// stopSet merges halts to the city's stops. Each stop lies in the middle of
// its halts, but only its first one draws others.
type stopSet struct {
	stops  []Stop
	anchor []geo.XY  // the first halt of each
	halts  []float64 // how many
	named  map[string][]int32
	grid   map[[2]int32][]int32
}

func newStopSet() *stopSet {
	return &stopSet{named: map[string][]int32{}, grid: map[[2]int32][]int32{}}
}

func (s *stopSet) cell(p geo.XY) [2]int32 {
	return [2]int32{int32(math.Floor(p.X / unnamedM)), int32(math.Floor(p.Y / unnamedM))}
}

// find is the stop that a halt belongs to, −1 = none is near.
func (s *stopSet) find(h halt) int32 {
	best, bestD := int32(-1), math.Inf(1)
	offer := func(list []int32, within float64) {
		for _, i := range list {
			if d := s.anchor[i].Dist(h.pos); d <= within && d < bestD {
				best, bestD = i, d
			}
		}
	}
	if h.name != "" {
		offer(s.named[foldName(h.name)], sameNameM)
	} else {
		c := s.cell(h.pos)
		for x := c[0] - 1; x <= c[0]+1; x++ {
			for y := c[1] - 1; y <= c[1]+1; y++ {
				offer(s.grid[[2]int32{x, y}], unnamedM)
			}
		}
	}
	return best
}

// of is the stop of a halt, a new one where none is near.
func (s *stopSet) of(h halt) int32 {
	best := s.find(h)
	if best < 0 {
		best = int32(len(s.stops))
		s.stops, s.anchor, s.halts = append(s.stops, Stop{Pos: h.pos, Name: h.name, Hub: -1}), append(s.anchor, h.pos), append(s.halts, 0)
		s.grid[s.cell(h.pos)] = append(s.grid[s.cell(h.pos)], best)
		if h.name != "" {
			s.named[foldName(h.name)] = append(s.named[foldName(h.name)], best)
		}
	}
	x := &s.stops[best]
	s.halts[best]++
	x.Pos = x.Pos.Lerp(h.pos, 1/s.halts[best])
	return best
}
