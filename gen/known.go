package gen

import (
	"math"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// errand is an occasion to go to one of many places. Each has its own favourites:
// the restaurants of lunch are not those of the evening.
type errand uint8

const (
	noErrand errand = iota
	homeShop        // daily shopping near home
	wayShop         // and on the way from work or lessons
	salon
	store
	dinner
	lunch
	leisure
	excursion
	errands
)

// errandLaw is where people go for an errand (assumed).
type errandLaw struct {
	kind   Kind
	cat    dataset.Category
	scaleM float64 // of the gravity of places not yet known; see population.Reach
	usual  int     // places known when the data begins, at most
	mostM  float64 // how far other places than the favourite lie, 0 = no bound
	loyal  float64 // share of the chance of a new place that does not apply
}

// lawOf lists the errands. The shop around the corner is a matter of some
// hundred metres; on an excursion all within some ten kilometres are near; lunch
// must fit into the break.
func lawOf(e errand) errandLaw {
	switch e {
	case homeShop:
		return errandLaw{Shop, dataset.Shop, 500, 6, 0, 0}
	case wayShop:
		return errandLaw{Shop, dataset.Shop, 300, 5, 0, 0}
	case salon:
		return errandLaw{Salon, dataset.Salon, 1000, 3, 0, 0.7}
	case store:
		return errandLaw{Store, dataset.DepartmentStore, 4000, 4, 0, 0}
	case dinner:
		return errandLaw{Restaurant, dataset.Restaurant, 1000, 8, 0, 0}
	case lunch:
		return errandLaw{Restaurant, dataset.Restaurant, 300, 6, 1500, 0}
	case leisure:
		return errandLaw{Leisure, dataset.Leisure, 1500, 10, 0, 0}
	case excursion:
		return errandLaw{Leisure, dataset.Leisure, 15_000, 6, 0, 0}
	}
	return errandLaw{}
}

func (l *errandLaw) far(from, to geo.XY) bool { return l.mostM > 0 && from.Dist(to) > l.mostM }

// maxKnown bounds the places that a person remembers: a person's memory is 468
// bytes, on whatever day.
const maxKnown = 64

// known is what a person remembers of places: how often each was visited, in the
// order of becoming known. It is the state of exploration and preferential
// return (Song, Koren, Wang & Barabási 2010): the next place of an errand is a
// new one with the chance ρ S^−γ, S being the places that the person ever knew for
// the errand, else a known one in proportion to past visits. The zero value is a person who has
// yet to remember.
type known struct {
	spots  [maxKnown]population.Spot
	visits [maxKnown]uint16
	of     [maxKnown]errand
	ever   [errands]uint16 // S of each errand; 0 = its usual places were not yet recalled
	n      uint8
}

// visit counts a visit. Who knows too many places forgets the one least visited,
// of several the one longest known.
func (k *known) visit(e errand, s population.Spot, times uint16) {
	for i := range int(k.n) {
		if k.spots[i] == s && k.of[i] == e {
			k.visits[i] += min(times, math.MaxUint16-k.visits[i])
			return
		}
	}
	if k.n == maxKnown {
		least := 0
		for i := range k.visits {
			if k.visits[i] < k.visits[least] {
				least = i
			}
		}
		copy(k.spots[least:], k.spots[least+1:])
		copy(k.visits[least:], k.visits[least+1:])
		copy(k.of[least:], k.of[least+1:])
		k.n--
	}
	k.spots[k.n], k.visits[k.n], k.of[k.n] = s, times, e
	k.n++
	k.ever[e] += min(1, math.MaxUint16-k.ever[e])
}

// found says that a place is known for an errand.
func (k *known) found(e errand, s population.Spot) bool {
	for i := range int(k.n) {
		if k.spots[i] == s && k.of[i] == e {
			return true
		}
	}
	return false
}

// again draws a known place of an errand by visits; None where there is none.
func (k *known) again(r *rand.Rand, e errand) population.Spot {
	total := 0
	for i := range int(k.n) {
		if k.of[i] == e {
			total += int(k.visits[i])
		}
	}
	if total == 0 {
		return population.None
	}
	u := r.IntN(total)
	for i := range int(k.n) {
		if k.of[i] != e {
			continue
		}
		if u -= int(k.visits[i]); u < 0 {
			return k.spots[i]
		}
	}
	return population.None
}

// Visits to the usual places when the data begins: those to the favourite, and
// how they fall with the rank (ζ = 1 + γ, Song et al. 2010).
const (
	favouriteVisits = 24 // assumed
	rankExponent    = 1.2
)

// recall fills in the usual places of an errand, as if the person had long lived
// here: the population's favourite, then others by gravity. They are a pure function
// of the person, so that they can wait until the errand comes up.
func (p *planner) recall(m *member, e errand) {
	k := m.known
	law, from, r := lawOf(e), p.around(m, e), p.streams[2].Seed(sigcity.Mix(sigcity.Mix(p.scopes.known, uint64(m.id)), uint64(e)))
	p.reach.Set(p.venues[e], from, law.scaleM)
	for rank := 1; rank <= law.usual; rank++ {
		s := p.favourite(m, e)
		if rank > 1 || s == population.None {
			if s = p.reach.Draw(r); s != population.None && law.far(from, p.pop.Pos(s)) {
				continue
			}
		}
		if s != population.None && !k.found(e, s) {
			k.visit(e, s, uint16(math.Round(favouriteVisits*math.Pow(float64(rank), -rankExponent))))
		}
	}
}

// favourite is the place for an errand that the population tells.
func (p *planner) favourite(m *member, e errand) population.Spot {
	switch who := m.who; e {
	case homeShop:
		return who.Shop[0]
	case wayShop:
		return who.Shop[1]
	case salon:
		return who.Salon
	case store:
		return who.Store
	case dinner:
		return who.Restaurant
	case lunch:
		return who.Lunch
	case leisure:
		return who.Leisure
	}
	return population.None
}

// around is the point around which an errand's places lie.
func (p *planner) around(m *member, e errand) geo.XY {
	if (e == wayShop || e == lunch) && m.who.Main != population.None {
		return p.pop.Pos(m.who.Main)
	}
	return p.home
}

// newTries is how often who wants a new place looks for one: a small town has few.
const newTries = 4

// choose is the place of an errand; None where the city has none.
func (p *planner) choose(r *rand.Rand, m *member, e errand) population.Spot {
	k, law := m.known, lawOf(e)
	if k.ever[e] == 0 {
		if p.recall(m, e); k.ever[e] == 0 {
			return population.None
		}
	}
	if r.Float64() < (1-law.loyal)*p.life.Explore*math.Pow(float64(k.ever[e]), -p.life.ExploreFall) {
		from := p.around(m, e)
		p.reach.Set(p.venues[e], from, law.scaleM)
		for range newTries {
			if s := p.reach.Draw(r); !k.found(e, s) && !law.far(from, p.pop.Pos(s)) {
				return s
			}
		}
	}
	return k.again(r, e)
}

// went remembers a stop that was made.
func (p *planner) went(m *member, s *stop) {
	if s.errand == noErrand {
		return
	}
	if m.known.ever[s.errand] == 0 {
		p.recall(m, s.errand) // another one of the household chose
	}
	m.known.visit(s.errand, population.Spot(s.place), 1)
}

// addErrand adds the stop of an errand.
func (p *planner) addErrand(r *rand.Rand, m *member, e errand, at, dur int32) {
	if s := p.choose(r, m, e); s != population.None {
		p.add(p.errandAt(e, s, at, dur))
	}
}

func (p *planner) errandAt(e errand, spot population.Spot, at, dur int32) stop {
	s := p.at(spot, lawOf(e).kind, at, dur)
	s.errand = e
	return s
}
