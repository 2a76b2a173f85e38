package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// spacePiece is stays of a source, a token within a period, that stands for a person in them.
type spacePiece struct {
	person uint32
	source int // position in Spaces
	stays  []SpaceStay
}

// Rekey gives every person the stays of the tokens that stood for him at the time.
func (a *ActivitySpaces) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	var pieces []spacePiece
	for i := range a.Spaces {
		s := &a.Spaces[i]
		if person, ok := soleUser(who(s.User, s.From, s.To)); ok {
			pieces = append(pieces, spacePiece{person, i, s.Stays})
			continue
		}
		for k, stay := range s.Stays {
			for _, share := range who(s.User, stay.Start, stay.End) {
				if share.Weight > 0 {
					pieces = append(pieces, spacePiece{share.User, i, s.Stays[k : k+1]})
				}
			}
		}
	}
	// Those of one source stay in order; of several, what they hold decides, as the
	// names of tokens must not.
	slices.SortStableFunc(pieces, func(p, q spacePiece) int {
		return cmp.Or(cmp.Compare(p.person, q.person), a.Spaces[p.source].compare(&a.Spaces[q.source]), cmp.Compare(p.source, q.source))
	})
	out := &ActivitySpaces{env: a.env, joinM: a.joinM}
	for len(pieces) > 0 {
		n := countWhile(pieces, func(p spacePiece) bool { return p.person == pieces[0].person })
		out.Spaces = append(out.Spaces, a.join(pieces[:n]))
		pieces = pieces[n:]
	}
	return out
}

// compare orders spaces by time, stays and places, whoever they are of.
func (s *ActivitySpace) compare(o *ActivitySpace) int {
	return cmp.Or(cmp.Compare(s.From, o.From), slices.CompareFunc(s.Stays, o.Stays, func(a, b SpaceStay) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Place, b.Place))
	}), slices.CompareFunc(s.Places, o.Places, func(a, b SpacePlace) int {
		return cmp.Or(cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat))
	}))
}

// join makes the space of one person.
func (a *ActivitySpaces) join(pieces []spacePiece) ActivitySpace {
	space := a.Spaces[pieces[0].source]
	if len(pieces) == 1 && len(pieces[0].stays) == len(space.Stays) { // all of one token
		space.User = pieces[0].person
		return space
	}
	b := spaceBuilder{joinM: a.joinM}
	span := sigcity.Period{From: space.From, To: space.To}
	for _, p := range pieces {
		s := &a.Spaces[p.source]
		for _, stay := range p.stays {
			b.add(p.source, stay.Place, s.Places[stay.Place].Place, a.env.timed(stay.Start, stay.End))
		}
		span = sigcity.Period{From: min(span.From, s.From), To: max(span.To, s.To)}
	}
	return b.space(pieces[0].person, span)
}

// momentS is how far apart the moments are at which two answers are compared, s.
const momentS = 1800

// spaceScore gathers how two answers agree.
type spaceScore struct {
	users, found    float64 // wanted with two places at least; of these, those that got knows
	score, ari      float64 // sums over users, over found
	moments, both   float64 // in a stay; in both answers
	anchors, hits   float64
	spaces          float64 // with an extent in both answers
	hullE, ellipseE float64 // sums over spaces
}

// compare lays two answers over each other, person by person.
func (a *ActivitySpaces) compare(got *ActivitySpaces) spaceScore {
	var s spaceScore
	var wantOf, gotOf []int
	g := got.Spaces
	for i := range a.Spaces {
		w := &a.Spaces[i]
		g = g[countWhile(g, func(x ActivitySpace) bool { return x.User < w.User }):]
		var its *ActivitySpace
		if len(g) > 0 && g[0].User == w.User {
			its = &g[0]
		}
		s.anchor(w, its)
		moments := 0
		wantOf, gotOf, moments = momentLabels(wantOf[:0], gotOf[:0], w, its)
		s.moments += float64(moments)
		s.both += float64(len(wantOf))
		if len(w.Places) > 1 && moments > 0 {
			s.users++
			if len(wantOf) > 0 {
				// Both in one place all the time, as far as both tell: the same.
				ari := 1.0
				if x := recognition.AdjustedRandIndex(wantOf, gotOf); !math.IsNaN(x) {
					ari = x
				}
				s.found++
				s.ari += ari
				s.score += float64(max(0, ari) * (float64(len(wantOf)) / float64(moments)))
			}
		}
		if its != nil {
			s.spaces++
			s.hullE += logError(w.HullKM2, its.HullKM2)
			s.ellipseE += logError(w.EllipseKM2, its.EllipseKM2)
		}
	}
	return s
}

// momentLabels are the places of a person at the moments at which both answers have him in a
// stay; moments counts those at which the wanted one does.
func momentLabels(wantOf, gotOf []int, w, g *ActivitySpace) ([]int, []int, int) {
	moments, k := 0, 0
	for _, s := range w.Stays {
		for t := (s.Start + momentS - 1) / momentS * momentS; t < s.End; t += momentS {
			moments++
			if g == nil {
				continue
			}
			for k < len(g.Stays) && g.Stays[k].End <= t {
				k++
			}
			if k < len(g.Stays) && g.Stays[k].Start <= t {
				wantOf, gotOf = append(wantOf, int(s.Place)), append(gotOf, int(g.Stays[k].Place))
			}
		}
	}
	return wantOf, gotOf, moments
}

// anchor counts home and work and whether they are where they are wanted.
func (s *spaceScore) anchor(w, g *ActivitySpace) {
	for _, home := range []bool{true, false} {
		at := func(x *ActivitySpace) int {
			if home {
				return x.Home
			}
			return x.Work
		}
		i := at(w)
		if i < 0 {
			continue
		}
		s.anchors++
		if g == nil {
			continue
		}
		if k := at(g); k >= 0 && geo.Distance(w.Places[i].point(), g.Places[k].point()) <= w.Places[i].ReachM {
			s.hits++
		}
	}
}

// logError is the difference of the logarithms of two areas, each 1 km² larger, so that
// the space of somebody with one or two places, which has no area, counts too.
func logError(want, got float64) float64 { return math.Abs(math.Log((1 + got) / (1 + want))) }

// Score is the mean, over the persons with two places or more, of the adjusted Rand index
// of the places at half hours in stays of both answers, at least 0, times the share of
// the wanted half hours that are such. Who is missing counts 0.
func (spaceTask) Score(want, got Answer) float64 {
	w, g, ok := both[ActivitySpaces](want, got)
	if !ok {
		return 0
	}
	s := w.compare(g)
	if s.users == 0 {
		return 1
	}
	return s.score / s.users
}

// Detail: the index alone, the share of the time in stays that got knows, the share of
// homes and works that are where they are wanted, and the mean errors of the logarithms of the areas.
func (spaceTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[ActivitySpaces](want, got)
	if !ok {
		return nil
	}
	s := w.compare(g)
	out := map[string]float64{"users_found": ratio(s.found, s.users), "stay_coverage": ratio(s.both, s.moments), "anchor_hit_rate": ratio(s.hits, s.anchors)}
	if s.found > 0 {
		out["ari"] = s.ari / s.found
	}
	if s.spaces > 0 {
		out["hull_log_error"], out["ellipse_log_error"] = s.hullE/s.spaces, s.ellipseE/s.spaces
	}
	return out
}

// Sheets: how large spaces are, the spaces, and their places.
func (a *ActivitySpaces) Sheets(*Env) []Sheet {
	sizes := newDistribution("ellipse_km2", 5, 100)
	spaces := Sheet{Name: "spaces", Title: "Activity spaces", Columns: []string{"user", "from", "to", "places", "hull_km2", "ellipse_km2"}}
	places := Sheet{Name: "places", Title: "Places by time spent", Columns: []string{"user", "from", "lon", "lat", "hours", "anchor"}, Picture: Picture{Kind: Points, Value: []string{"hours"}}}
	for i := range a.Spaces {
		s := &a.Spaces[i]
		sizes.Count[sizes.bin(s.EllipseKM2)]++
		spaces.Rows = append(spaces.Rows, []any{s.User, s.From, s.To, len(s.Places), s.HullKM2, s.EllipseKM2})
		for k := range s.Places {
			anchor := ""
			switch k {
			case s.Home:
				anchor = "home"
			case s.Work:
				anchor = "work"
			}
			places.Rows = append(places.Rows, []any{s.User, s.From, s.Places[k].Lon, s.Places[k].Lat, s.Places[k].Seconds / 3600, anchor})
			places.Shapes = append(places.Shapes, orb.Geometry(s.Places[k].point()))
		}
	}
	return []Sheet{sizes.sheet("Areas of activity spaces, km²"), places, spaces}
}
