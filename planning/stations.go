package planning

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// stations are the stops of the map by station: those of one hub are one station,
// others are their own.
type stations struct {
	stop map[uint32]*dataset.Stop
	next map[[2]int64]bool // neighbours on a line on rails, either way round
}

func newStations(e *Env) *stations {
	s := &stations{stop: map[uint32]*dataset.Stop{}, next: map[[2]int64]bool{}}
	if e.Map == nil {
		return s
	}
	for i := range e.Map.Stops {
		s.stop[e.Map.Stops[i].ID] = &e.Map.Stops[i]
	}
	for i := range e.Map.Lines {
		l := &e.Map.Lines[i]
		for k := 1; k < len(l.Stops) && onRails(l.Mode); k++ {
			a, b := s.of(l.Stops[k-1]), s.of(l.Stops[k])
			s.next[[2]int64{min(a, b), max(a, b)}] = true
		}
	}
	return s
}

// of is a number for the station of a stop.
func (s *stations) of(stop uint32) int64 {
	if x := s.stop[stop]; x != nil && x.Hub >= 0 {
		return -1 - x.Hub
	}
	return int64(stop)
}

// near reports whether two stops are of one station, or of neighbours on a line.
func (s *stations) near(a, b uint32) bool {
	x, y := s.of(a), s.of(b)
	return x == y || s.next[[2]int64{min(x, y), max(x, y)}]
}

// name of a stop; where it has none, its number.
func (s *stations) name(stop uint32) string {
	if x := s.stop[stop]; x != nil && x.Name != "" {
		return x.Name
	}
	return fmt.Sprint("stop ", stop)
}

// at is where a stop is.
func (s *stations) at(stop uint32) orb.Point {
	if x := s.stop[stop]; x != nil {
		return orb.Point{x.Lon, x.Lat}
	}
	return orb.Point{}
}

// onRails says whether a mode of public transport has tracks of its own.
func onRails(mode string) bool {
	return mode == recognition.Metro || mode == recognition.Rail || mode == recognition.HighSpeed
}

// stopOf is the id of the k-th stop of a line; false where the map has none such.
func (e *Env) stopOf(line, k int) (uint32, bool) {
	if e.Map == nil || line < 0 || line >= len(e.Map.Lines) || k < 0 || k >= len(e.Map.Lines[line].Stops) {
		return 0, false
	}
	return e.Map.Lines[line].Stops[k], true
}

// lineShape is a line's course.
func lineShape(l *dataset.Line) orb.LineString {
	out := make(orb.LineString, len(l.Lon))
	for i := range out {
		out[i] = orb.Point{l.Lon[i], l.Lat[i]}
	}
	return out
}

// checkStop is an error unless the map has the stop.
func (e *Env) checkStop(id uint32) error {
	if e.Map == nil || id >= uint32(len(e.Map.Stops)) {
		return fmt.Errorf("stop %d, which the map does not have", id)
	}
	return nil
}

// StopUse is where a trip gets on and off.
type StopUse struct {
	Board  uint32 `json:"board"`  // ids in map/stops
	Alight uint32 `json:"alight"` // likewise
}

func (u StopUse) compare(o StopUse) int {
	return cmp.Or(cmp.Compare(u.Board, o.Board), cmp.Compare(u.Alight, o.Alight))
}

func (u StopUse) check(e *Env) error { return cmp.Or(e.checkStop(u.Board), e.checkStop(u.Alight)) }

// rideOf is a ride, of records or of truth.
type rideOf struct{ line, board, alight int }

// foundRides are the rides of a move.
func foundRides(m recognition.Move) []rideOf {
	out := make([]rideOf, len(m.Rides))
	for i, r := range m.Rides {
		out[i] = rideOf{r.Line, r.Board, r.Alight}
	}
	return out
}

// trueRides are the rides of all legs.
func trueRides(t *trueTrip) []rideOf {
	var out []rideOf
	for i := range t.legs {
		for _, r := range t.legs[i].Rides {
			out = append(out, rideOf{int(r.Line), int(r.Board), int(r.Alight)})
		}
	}
	return out
}

// use is the first stop that rides on lines of the given kind board at, and the last
// one that they alight at; false where there is none.
func (e *Env) use(rides []rideOf, wanted func(mode string) bool) (StopUse, bool) {
	var u StopUse
	found := false
	for _, r := range rides {
		on, ok := e.stopOf(r.line, r.board)
		off, also := e.stopOf(r.line, r.alight)
		if !ok || !also || !wanted(e.Map.Lines[r.line].Mode) {
			continue
		}
		if !found {
			u.Board, found = on, true
		}
		u.Alight = off
	}
	return u, found
}

// useSheets lays out passengers by station and by pair of stations.
func useSheets[D told[D]](e *Env, trips []UserTrip[D], use func(D) StopUse) []Sheet {
	s := newStations(e)
	type pair struct{ from, to int64 }
	boards, alights, flows := map[int64]float64{}, map[int64]float64{}, map[pair]float64{}
	one := map[int64]uint32{} // the first stop of a station
	for _, t := range trips {
		u := use(t.Told)
		a, b := s.of(u.Board), s.of(u.Alight)
		for _, id := range []uint32{u.Board, u.Alight} {
			k := s.of(id)
			if first, ok := one[k]; !ok || id < first {
				one[k] = id
			}
		}
		boards[a] += t.Weight
		alights[b] += t.Weight
		flows[pair{a, b}] += t.Weight
	}
	points := Sheet{Name: "stations", Title: "Passengers by station", Columns: []string{"stop", "name", "lon", "lat", "boardings", "alightings"}, Picture: Picture{Kind: Points, Value: []string{"boardings"}}}
	keys := make([]int64, 0, len(one))
	for k := range one {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		p := s.at(one[k])
		points.Rows = append(points.Rows, []any{one[k], s.name(one[k]), p[0], p[1], boards[k], alights[k]})
		points.Shapes = append(points.Shapes, p)
	}
	lines := Sheet{Name: "station-pairs", Title: "Passengers between stations", Columns: []string{"from", "to", "passengers"}, Picture: Picture{Kind: Desire, Value: []string{"passengers"}}}
	pairs := make([]pair, 0, len(flows))
	for k := range flows {
		pairs = append(pairs, k)
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for _, k := range pairs {
		lines.Rows = append(lines.Rows, []any{s.name(one[k.from]), s.name(one[k.to]), flows[k]})
		lines.Shapes = append(lines.Shapes, orb.LineString{s.at(one[k.from]), s.at(one[k.to])})
	}
	return []Sheet{points, lines}
}
