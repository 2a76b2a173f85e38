package recognition

import (
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// TrueTrip is a move between two true stays.
type TrueTrip struct {
	Start, End uint32    // Unix seconds: the person leaves the first stay and comes to the second
	From, To   orb.Point // of the stays, lon/lat
}

// DistanceM is the straight line between the stays, in metres.
func (t TrueTrip) DistanceM() float64 { return geo.Distance(t.From, t.To) }

// TrueTrips appends to dst the moves between consecutive stays of at least minS
// seconds of one person, acts by start. Rows that midnight or a change of
// purpose splits at one place are one stay; shorter stays are stops on the
// way. Nothing leads to or from outside the city, of which no record tells.
func TrueTrips(dst []TrueTrip, acts []dataset.Activity, minS uint32) []TrueTrip {
	var last dataset.Activity // the last stay
	known := false
	for i := 0; i < len(acts); {
		stay := acts[i]
		for i++; i < len(acts) && acts[i].Start == stay.End && acts[i].Lon == stay.Lon && acts[i].Lat == stay.Lat; i++ {
			stay.End = acts[i].End
		}
		switch {
		case stay.Kind == dataset.ActAway:
			known = false
		case stay.End-stay.Start >= minS:
			if known {
				dst = append(dst, TrueTrip{Start: last.End, End: stay.Start,
					From: orb.Point{last.Lon, last.Lat}, To: orb.Point{stay.Lon, stay.Lat}})
			}
			last, known = stay, true
		}
	}
	return dst
}

// TripScore counts trips that were wanted, were found, and are both.
type TripScore struct{ Want, Got, Both int }

// Add adds the counts of other users.
func (s *TripScore) Add(t TripScore) {
	s.Want, s.Got, s.Both = s.Want+t.Want, s.Got+t.Got, s.Both+t.Both
}

// Recall is the share of the wanted trips that were found; 1 where none were wanted.
func (s TripScore) Recall() float64 { return share(s.Both, s.Want) }

// Precision is the share of the found trips that were wanted; 1 where none were found.
func (s TripScore) Precision() float64 { return share(s.Both, s.Got) }

// F1 is the harmonic mean of precision and recall; 1 where there is nothing to find
// and nothing was found.
func (s TripScore) F1() float64 { return share(2*s.Both, s.Want+s.Got) }

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// TripMatch pairs the true trips of one person with those found, one to one, as
// many as possible: a pair starts and ends within tolerance seconds. Both are by
// start, and the trips of either do not overlap. It is called with the
// pairs (positions in want and got) if pair is not nil.
//
// Taking for each wanted trip the first free one that fits is the largest
// matching: both starts and ends ascend, so what fits one trip is a run, and
// the runs of later trips begin and end no earlier.
func TripMatch(want []TrueTrip, got []Trip, tolerance uint32, pair func(want, got int)) TripScore {
	score := TripScore{Want: len(want), Got: len(got)}
	near := func(a, b uint32) bool { return max(a, b)-min(a, b) <= tolerance }
	next := 0
	for i, w := range want {
		k := slices.IndexFunc(got[next:], func(g Trip) bool { return near(w.Start, g.Start) && near(w.End, g.End) })
		if k < 0 {
			continue
		}
		if pair != nil {
			pair(i, next+k)
		}
		score.Both++
		next += k + 1
	}
	return score
}
