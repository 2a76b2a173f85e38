package network

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Distances about hubs in metres (assumed): grounds of stations without an
// outline, how far a stop of a line may lie from its hub, how far apart two
// objects of one station lie, and the walk to a terminal.
const (
	stationRadiusM   = 120.0
	metroRadiusM     = 80.0
	airportRadiusM   = 800.0
	hubReachM        = 200.0
	sameHubM         = 350.0
	terminalWalkM    = 500.0
	fastTrackM       = 100.0
	placeHubM        = 250.0
	leastAerodromeM2 = 1e4
)

// hubs makes hubs of the map's stations and airports, and links stops to them.
func (b *builder) hubs() {
	terminals := b.terminals()
	for i := range b.spots {
		s := &b.spots[i]
		switch {
		case s.tags.has("aeroway", "aerodrome"):
			b.airportHub(s, terminals)
		case s.tags.has("railway", "station", "halt"), s.tags.has("public_transport", "station"):
			b.stationHub(s)
		}
	}
	lines := make([][]int32, len(b.city.Stops)) // that call there
	for i := range b.city.Lines {
		l := &b.city.Lines[i]
		for _, s := range l.Stops {
			lines[s] = append(lines[s], int32(i))
			l.Airport = l.Airport || b.atAirport(b.city.Stops[s].Pos, terminals)
		}
	}
	b.linkStops(lines)
	b.hubKinds(lines)
	b.hubPlaces()
}

// terminals are the middles of the airports' terminals.
func (b *builder) terminals() (out []geo.XY) {
	for i := range b.src.ways {
		w := &b.src.ways[i]
		if !w.tags.has("aeroway", "terminal") {
			continue
		}
		if line, ok := b.src.line(w); ok && !leaps(line) && b.city.Bounds.Intersects(orb.LineString(line).Bound()) {
			out = append(out, geo.RingCentroid(b.city.Proj.RingXY(line)))
		}
	}
	for _, p := range b.src.points {
		if p.tags.has("aeroway", "terminal") && b.city.Bounds.Contains(p.pos) {
			out = append(out, b.city.Proj.XY(p.pos))
		}
	}
	for i := range b.src.rels {
		r := &b.src.rels[i]
		if !r.tags.has("aeroway", "terminal") {
			continue
		}
		ways, _, _ := b.src.waysOf(r)
		rings, _ := b.src.rings(ways)
		for _, ring := range rings {
			if b.city.Bounds.Intersects(ring.Bound()) {
				out = append(out, geo.RingCentroid(b.city.Proj.RingXY(ring)))
			}
		}
	}
	return out
}

// airportHub files an aerodrome that passengers use: one with a terminal or an
// IATA code. Others are air strips.
func (b *builder) airportHub(s *spot, terminals []geo.XY) {
	h := Hub{Kind: AirportHub, Name: s.tags.get("name"), Pos: s.pos, RadiusM: airportRadiusM, Ring: s.ring, Place: -1}
	if s.ring != nil {
		h.RadiusM = math.Sqrt(s.m2 / math.Pi)
	}
	served := s.tags.get("iata") != ""
	for _, t := range terminals {
		served = served || h.contains(t)
	}
	if !served || s.ring != nil && s.m2 < leastAerodromeM2 {
		b.add("airfields", 1)
		return
	}
	for i := range b.city.Hubs {
		if o := &b.city.Hubs[i]; o.Kind == AirportHub && (o.contains(h.Pos) || h.contains(o.Pos) || sameName(o.Name, h.Name) && o.Pos.Dist(h.Pos) < 5*airportRadiusM) {
			if o.Ring == nil && h.Ring != nil {
				*o = h
			}
			return
		}
	}
	b.city.Hubs = append(b.city.Hubs, h)
}

// contains reports whether a point lies on the hub's grounds.
func (h *Hub) contains(p geo.XY) bool {
	if h.Ring != nil {
		return geo.RingContains(h.Ring, p)
	}
	return h.Pos.Dist(p) <= h.RadiusM
}

func (b *builder) stationHub(s *spot) {
	h := Hub{Kind: StationHub, Name: s.tags.get("name"), Pos: s.pos, RadiusM: stationRadiusM, Ring: s.ring, Place: -1}
	switch {
	case s.tags.has("station", "subway", "light_rail", "monorail"), s.tags.has("subway", "yes"):
		h.Kind, h.RadiusM = MetroHub, metroRadiusM
	case s.tags.has("highspeed", "yes"):
		h.Kind = HighSpeedHub
	}
	if s.ring != nil {
		h.RadiusM = max(h.RadiusM, math.Sqrt(s.m2/math.Pi))
	}
	for i := range b.city.Hubs {
		o := &b.city.Hubs[i]
		if o.Kind == AirportHub {
			continue
		}
		same := sameName(o.Name, h.Name) && (o.Kind == MetroHub) == (h.Kind == MetroHub) && o.Pos.Dist(h.Pos) < sameHubM
		if same || (o.Name == "" || h.Name == "") && o.Kind == h.Kind && o.contains(h.Pos) {
			if o.Kind == StationHub {
				o.Kind = h.Kind
			}
			if o.Name == "" {
				o.Name = h.Name
			}
			if o.Ring == nil && h.Ring != nil {
				o.Ring, o.RadiusM = h.Ring, h.RadiusM
			}
			return
		}
	}
	b.city.Hubs = append(b.city.Hubs, h)
}

// atAirport reports whether a stop lies on the grounds of an airport or within
// a walk of one of its terminals.
func (b *builder) atAirport(p geo.XY, terminals []geo.XY) bool {
	for i := range b.city.Hubs {
		if h := &b.city.Hubs[i]; h.Kind == AirportHub && h.contains(p) {
			return true
		}
	}
	for _, t := range terminals {
		if t.Dist(p) > terminalWalkM {
			continue
		}
		for i := range b.city.Hubs { // of an airport, not of an air strip
			if h := &b.city.Hubs[i]; h.Kind == AirportHub && (h.contains(t) || h.Pos.Dist(t) < h.RadiusM+terminalWalkM) {
				return true
			}
		}
	}
	return false
}

// linkStops gives each stop the nearest hub that it belongs to: a station of
// its name or beside it, of the metro if only metro lines call; else the
// airport whose grounds it lies on.
func (b *builder) linkStops(lines [][]int32) {
	hubs := b.city.Hubs
	pos := make([]geo.XY, len(hubs))
	reach := 0.0
	for i := range hubs {
		pos[i] = hubs[i].Pos
		reach = max(reach, hubs[i].RadiusM)
	}
	index := geo.NewIndex(pos)
	for s := range b.city.Stops {
		stop := &b.city.Stops[s]
		train, metro := false, false
		for _, l := range lines[s] {
			m := b.city.Lines[l].Mode
			train, metro = train || m == Rail || m == HighSpeed, metro || m == Metro
		}
		best := math.Inf(1)
		index.Within(stop.Pos, reach+sameHubM, func(i int, d float64) {
			h := &hubs[i]
			var rank float64
			switch {
			case h.Kind == AirportHub:
				if !h.contains(stop.Pos) {
					return
				}
				rank = 2e6 + d
			case sameName(h.Name, stop.Name) && d < h.RadiusM+sameHubM:
				rank = d
			case d < h.RadiusM+hubReachM && (train || metro) || h.contains(stop.Pos):
				rank = 1e6 + d
			default:
				return
			}
			if (train || metro) && h.Kind != AirportHub && (h.Kind == MetroHub) != (metro && !train) {
				rank += 5e5 // the wrong railway's station of the same name
			}
			if rank < best || rank == best && int32(i) < stop.Hub {
				best, stop.Hub = rank, int32(i)
			}
		})
	}
}

// hubKinds tells stations apart by the lines that call: a high-speed line, or
// none but metro lines. Without any high-speed line the tracks tell where the
// map has no train that calls.
func (b *builder) hubKinds(lines [][]int32) {
	modes := make([][HighSpeed + 1]bool, len(b.city.Hubs))
	highSpeed := false
	for s, list := range lines {
		for _, l := range list {
			m := b.city.Lines[l].Mode
			highSpeed = highSpeed || m == HighSpeed
			if h := b.city.Stops[s].Hub; h >= 0 {
				modes[h][m] = true
			}
		}
	}
	for i := range b.city.Hubs {
		h := &b.city.Hubs[i]
		switch m := modes[i]; {
		case h.Kind == AirportHub:
		case m[HighSpeed]:
			h.Kind = HighSpeedHub
		case h.Kind == StationHub && m[Metro] && !m[Rail]:
			h.Kind = MetroHub
		}
	}
	if highSpeed {
		return
	}
	for i := range b.city.Roads {
		r := &b.city.Roads[i]
		if !r.HighSpeed || len(r.Line) < 2 {
			continue
		}
		lo, hi := box(r.Line)
		for k := range b.city.Hubs {
			h := &b.city.Hubs[k]
			if h.Kind != StationHub || modes[k][Rail] || h.Pos.X < lo.X-fastTrackM || h.Pos.Y < lo.Y-fastTrackM || h.Pos.X > hi.X+fastTrackM || h.Pos.Y > hi.Y+fastTrackM {
				continue
			}
			if _, d2 := nearestOn(r.Line, h.Pos); d2 < fastTrackM*fastTrackM {
				h.Kind = HighSpeedHub
			}
		}
	}
}

// hubPlaces finds the place of each hub: the nearest of its category.
func (b *builder) hubPlaces() {
	for i := range b.city.Hubs {
		h := &b.city.Hubs[i]
		want := dataset.Station
		if h.Kind == AirportHub {
			want = dataset.Airport
		}
		best := max(placeHubM, h.RadiusM)
		for k := range b.city.Places {
			if p := &b.city.Places[k]; p.Category == want && !p.Estimated {
				if d := p.Pos.Dist(h.Pos); d < best {
					best, h.Place = d, int32(k)
				}
			}
		}
	}
}
