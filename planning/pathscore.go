package planning

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
)

// pathPairs calls f for the trips of either side with their counterparts of the other:
// the trip of the same user that it has the most time in common with, if that
// holds the other way round too, and none (−1) else.
func pathPairs(want, got []Path, f func(want, got int)) {
	for i, j := 0, 0; i < len(want) || j < len(got); {
		var user uint32
		switch {
		case i == len(want):
			user = got[j].User
		case j == len(got):
			user = want[i].User
		default:
			user = min(want[i].User, got[j].User)
		}
		w := countWhile(want[i:], func(p Path) bool { return p.User == user })
		g := countWhile(got[j:], func(p Path) bool { return p.User == user })
		toGot, toWant := counterparts(want[i:i+w], got[j:j+g]), counterparts(got[j:j+g], want[i:i+w])
		for a, b := range toGot {
			if b >= 0 && toWant[b] == a {
				f(i+a, j+b)
			} else {
				f(i+a, -1)
			}
		}
		for b, a := range toWant {
			if a < 0 || toGot[a] != b {
				f(-1, j+b)
			}
		}
		i, j = i+w, j+g
	}
}

// counterparts gives for each path the one of others with most time in common, the
// first of equals, −1 where none has any. Both are in order of time.
func counterparts(paths, others []Path) []int {
	out := make([]int, len(paths))
	first := 0
	for i, p := range paths {
		out[i] = -1
		most := uint32(0)
		for first < len(others) && others[first].End <= p.Start {
			first++
		}
		for k := first; k < len(others) && others[k].Start < p.End; k++ {
			if from, to := max(p.Start, others[k].Start), min(p.End, others[k].End); to > from && to-from > most {
				most, out[i] = to-from, k
			}
		}
	}
	return out
}

// metres is the length of link l; 0 of one that is not on the map.
func (p *Paths) metres(l int32) float64 {
	if int(l/2) >= len(p.Metres) {
		return 0
	}
	return float64(p.Metres[l/2])
}

// overlap is the length of the links of both paths, and of either.
func (p *Paths) overlap(a, b []int32) (both, either float64) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			either += p.metres(a[0])
			a = a[1:]
		case len(a) == 0 || b[0] < a[0]:
			either += p.metres(b[0])
			b = b[1:]
		default:
			both += p.metres(a[0])
			either += p.metres(a[0])
			a, b = a[1:], b[1:]
		}
	}
	return both, either
}

// pathAgreement is what two answers have in common.
type pathAgreement struct {
	both, either float64   // metres, over all trips
	wanted       int       // trips
	found        int       // trips that have a counterpart
	jaccard      []float64 // of these
}

func agreePaths(w, g *Paths) pathAgreement {
	a := pathAgreement{wanted: len(w.Trips)}
	pathPairs(w.Trips, g.Trips, func(i, j int) {
		var x, y []int32
		if i >= 0 {
			x = w.Trips[i].Links
		}
		if j >= 0 {
			y = g.Trips[j].Links
		}
		both, either := w.overlap(x, y)
		a.both, a.either = a.both+both, a.either+either
		if i >= 0 && j >= 0 {
			a.found++
			a.jaccard = append(a.jaccard, ratio(both, either))
		}
	})
	return a
}

// Score is the Jaccard index of links weighted by length over all trips: what both
// answers have of a trip over what either has. A trip that the other lacks is in
// neither's common part.
func (pathTask) Score(want, got Answer) float64 {
	w, g, ok := both[Paths](want, got)
	if !ok {
		return 0
	}
	return shareOr1(agreePaths(w, g))
}

func shareOr1(a pathAgreement) float64 {
	if a.either == 0 {
		return 1
	}
	return a.both / a.either
}

// Detail: the Jaccard index of the trips that both have, the share of wanted
// trips that have a counterpart, and the share of links and hours of a
// mean workday on which GEH is below 5.
func (pathTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Paths](want, got)
	if !ok {
		return nil
	}
	a := agreePaths(w, g)
	out := map[string]float64{"jaccard": shareOr1(a), "trips_wanted": float64(a.wanted), "trips_found": 1, "geh_below_5": gehBelow5(w, g)}
	if a.wanted > 0 {
		out["trips_found"] = float64(a.found) / float64(a.wanted)
	}
	if a.found > 0 {
		sum := 0.0
		for _, j := range a.jaccard {
			sum += j
		}
		out["trip_jaccard_mean"] = sum / float64(a.found)
		out["trip_jaccard_median"] = median(a.jaccard)
	}
	return out
}

// gehBelow5 is the share of links and hours with cars in either answer on which the GEH
// statistic of hourly volumes, √(2(m−c)²/(m+c)), is below 5 (UK Department for Transport,
// TAG unit M3.1). Volumes are those of a mean workday; both are expanded by want's factor.
func gehBelow5(w, g *Paths) float64 {
	type place struct{ link, hour int32 }
	volumes := map[place][2]float64{}
	for k, p := range []*Paths{w, g} {
		for _, t := range p.Trips {
			if t.Hour < 0 {
				continue
			}
			for _, l := range t.Links {
				v := volumes[place{l, t.Hour}]
				v[k] += w.Factor / float64(max(1, w.Workdays))
				volumes[place{l, t.Hour}] = v
			}
		}
	}
	below := 0
	for _, v := range volumes { // a count: in any order
		if d := v[0] - v[1]; math.Sqrt(2*d*d/(v[0]+v[1])) < 5 {
			below++
		}
	}
	if len(volumes) == 0 {
		return 1
	}
	return float64(below) / float64(len(volumes))
}

// linkShape is a link's line in its direction.
func linkShape(edges []dataset.RoadEdge, l int32) orb.LineString {
	e := &edges[l/2]
	out := make(orb.LineString, len(e.Lon))
	for i := range out {
		out[i] = orb.Point{e.Lon[i], e.Lat[i]}
	}
	if l&1 == 1 {
		slices.Reverse(out)
	}
	return out
}

// Sheets: cars by link on a mean workday, and the paths.
func (p *Paths) Sheets(e *Env) []Sheet {
	trips := Sheet{Name: "paths", Title: "Trips by car", Columns: []string{"user", "start", "end", "links", "length_km"}}
	volume := make([]int, 2*len(e.Links))
	for _, t := range p.Trips {
		length := 0.0
		for _, l := range t.Links {
			length += p.metres(l)
			if t.Hour >= 0 && int(l) < len(volume) {
				volume[l]++
			}
		}
		trips.Rows = append(trips.Rows, []any{t.User, t.Start, t.End, len(t.Links), length / 1000})
	}
	flows := Sheet{Name: "volumes", Title: "Cars by link on a workday", Columns: []string{"link", "class", "cars"}, Picture: Picture{Kind: Desire, Value: []string{"cars"}}}
	for l, n := range volume {
		if n > 0 {
			flows.Rows = append(flows.Rows, []any{l, e.Links[l/2].Class, p.Factor * float64(n) / float64(max(1, p.Workdays))})
			flows.Shapes = append(flows.Shapes, linkShape(e.Links, int32(l)))
		}
	}
	return []Sheet{flows, trips}
}
