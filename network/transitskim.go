package network

import (
	"math"
	"sync/atomic"

	"github.com/sigcity/sigcity/geo"
)

// Skim is what a traveller weighs of a journey: the entry of a skim matrix, as
// transport planners call it. Times are seconds, those between stops whole ones.
type Skim struct {
	Seconds float64 // from door to door
	Aboard  float64 // in vehicles; the rest is on foot and waiting
	Rides   int     // vehicles
	Board   int32   // the stop where the journey begins
}

// skims is the skim matrix between stops, row by row as it is asked for: 6 bytes
// a pair of stops. Its rows are the same whoever works them out.
type skims []atomic.Pointer[[]stopSkim]

// stopSkim is the fastest journey from one stop to another.
type stopSkim struct {
	seconds, aboard uint16
	rides           uint16 // 0 = none
}

// maxSkimS bounds the journeys of a skim matrix: longer ones do not fit.
const maxSkimS = math.MaxUint16

// Skim is the fastest journey by line from a position to another one; false
// where none leads, or where it is as fast on foot all the way. The first walk
// leads to the stop where one boards: nobody walks by way of one stop to another.
// From a stop that was asked for before, it takes a look at each pair of stops
// near the ends instead of a search.
func (r *Ride) Skim(from, to geo.XY) (Skim, bool) {
	t := r.t
	r.ends[0], r.ends[1] = t.near(r.ends[0][:0], from), t.near(r.ends[1][:0], to)
	best := Skim{Seconds: math.Inf(1)}
	if d := from.Dist(to); d <= maxDirectM {
		best.Seconds = d / metresASecond
	}
	for _, a := range r.ends[0] {
		if a.seconds >= best.Seconds {
			continue
		}
		row := r.row(a.stop)
		for _, b := range r.ends[1] {
			x := row[b.stop]
			if x.rides == 0 {
				continue
			}
			if s := a.seconds + b.seconds + float64(x.seconds); s < best.Seconds {
				best = Skim{Seconds: s, Aboard: float64(x.aboard), Rides: int(x.rides), Board: a.stop}
			}
		}
	}
	return best, best.Rides > 0
}

// Via appends the legs of a journey that was weighed, as To does: of the fastest
// one with as few vehicles that begins at the same stop.
func (r *Ride) Via(dst []Leg, from, to geo.XY, x Skim) (legs []Leg, seconds float64, ok bool) {
	begin := walkTo{x.Board, from.Dist(r.t.stops[x.Board].Pos) / metresASecond}
	r.ends[0], r.ends[1] = append(r.ends[0][:0], begin), r.t.near(r.ends[1][:0], to)
	r.search(from, r.ends[0], x.Rides, x.Seconds+1, r.ends[1]) // between stops a skim has whole seconds
	return r.to(dst, to, r.ends[1])
}

// row is a row of the skim matrix.
func (r *Ride) row(stop int32) []stopSkim {
	if row := r.t.skims[stop].Load(); row != nil {
		return *row
	}
	r.search(r.t.stops[stop].Pos, []walkTo{{stop: stop}}, Boardings, math.Inf(1), nil)
	row := make([]stopSkim, len(r.t.stops))
	for s, at := range r.rounds[r.last].rides {
		if at.boardings == 0 || math.Round(at.time) > maxSkimS {
			continue
		}
		x := stopSkim{seconds: uint16(math.Round(at.time))}
		aboard := 0.0
		for more := true; more; x.rides++ {
			aboard += r.t.lines[at.line].Seconds(int(at.board), int(at.alight))
			_, at, more = r.before(at)
		}
		x.aboard = min(uint16(math.Round(aboard)), x.seconds)
		row[s] = x
	}
	r.t.skims[stop].Store(&row)
	return row
}
