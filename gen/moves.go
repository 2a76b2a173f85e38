package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// homeOf is where a household lives on the day being planned.
func (p *planner) homeOf(h uint32) geo.XY {
	if p.timeline.Alters(h) {
		return p.timeline.Home(h, p.day)
	}
	return p.pop.Households[h].Pos
}

// alter makes the household being planned, in which something changes within
// the run, what it is on the day: its home, and the main places of its members.
// On the day of a change what a member knows is weighed anew.
func (p *planner) alter(h uint32, d day) {
	before, home := p.timeline.Home(h, d.index-1), p.timeline.Home(h, d.index)
	first, limit := p.pop.Members(h)
	p.altered = append(p.altered[:0], p.pop.Persons[first:limit]...)
	for i := range p.family {
		m := &p.family[i]
		m.who = &p.altered[i]
		m.who.Main = p.timeline.Main(m.id, d.index-1)
		if main := p.timeline.Main(m.id, d.index); home != before || main != m.who.Main {
			p.home = before
			old := p.centres(m)
			p.home, m.who.Main = home, main
			p.settleIn(m, old, d)
		}
		m.habits = p.habitsOf(m.id, m.who)
	}
	p.home = home
}

// centres are the points around which the places of each errand lie, which the
// person recalls at the last opportunity.
func (p *planner) centres(m *member) (at [errands]geo.XY) {
	for e := homeShop; e < errands; e++ {
		at[e] = p.around(m, e)
		if m.known.ever[e] == 0 && !small(m.who) {
			p.recall(m, e)
		}
	}
	return at
}

// newcomerVisits is how often who has moved home or changed jobs soon goes to
// the best of the places found there (assumed); further ones as in recall.
const newcomerVisits = 6

// settleIn weighs what a member knows by the centre of each errand, which was
// old before today: visits to a place count as often as its attraction by
// distance fell (population.Reach), never more than before; those that come to
// less than half of one are forgotten. Where the centre moved by more than the
// errand's scale some new places are found at once.
func (p *planner) settleIn(m *member, old [errands]geo.XY, d day) {
	if small(m.who) {
		return
	}
	var now [errands]geo.XY
	for e := homeShop; e < errands; e++ {
		now[e] = p.around(m, e)
	}
	m.known.weigh(func(e errand, s population.Spot) float64 {
		law, at := lawOf(e), p.pop.Pos(s)
		if law.far(now[e], at) {
			return 0
		}
		s2 := law.scaleM * law.scaleM
		return min(1, (old[e].Dist2(at)+s2)/(now[e].Dist2(at)+s2))
	})
	for e := homeShop; e < errands; e++ {
		law := lawOf(e)
		if old[e].Dist(now[e]) <= law.scaleM {
			continue
		}
		key := sigcity.Mix(sigcity.Mix(sigcity.Mix(p.scopes.known, uint64(m.id)), uint64(e)), uint64(d.index))
		r := p.streams[2].Seed(key)
		p.reach.Set(p.venues[e], now[e], law.scaleM)
		for rank := 1; rank <= (law.usual+1)/2; rank++ {
			if s := p.reach.Draw(r); s != population.None && !law.far(now[e], p.pop.Pos(s)) {
				m.known.visit(e, s, uint16(math.Round(newcomerVisits*math.Pow(float64(rank), -rankExponent))))
			}
		}
	}
}

// weigh multiplies the visits to each place by a share, and forgets the places
// that less than half a visit is left of.
func (k *known) weigh(share func(e errand, s population.Spot) float64) {
	n := uint8(0)
	for i := range int(k.n) {
		visits := uint16(math.Round(float64(k.visits[i]) * share(k.of[i], k.spots[i])))
		if visits == 0 {
			continue
		}
		k.spots[n], k.visits[n], k.of[n] = k.spots[i], visits, k.of[i]
		n++
	}
	k.n = n
}

// movesToday says whether the household being planned moves home today, and
// from which second of the day on: then, or when it could not on the day before.
func (p *planner) movesToday(h uint32, d day, here []whereabouts) (at int32, moves bool) {
	for _, x := range p.timeline.Moves(h) {
		if int(x.Day) == d.index {
			return x.At, true
		}
	}
	for i := range here {
		if here[i].kind == Home && here[i].pos != p.home {
			return hours(9), true
		}
	}
	return 0, false
}

// moveHouse is the day of a move: nobody works or learns; all who slept at the
// old home leave it together, by car or van or on foot next door, and sleep at
// the new one. Who spent the night elsewhere comes home to it.
func (p *planner) moveHouse(h uint32, d day, at int32, here []whereabouts, segs [][]Segment) {
	for i := range p.family {
		m := &p.family[i]
		r := p.streams[1].Seed(sigcity.Mix(sigcity.Mix(p.scopes.person, uint64(m.id)), uint64(d.index)))
		p.stops = p.stops[:0]
		if m.who.Age >= 16 {
			p.evening(r, m, d)
		}
		t := p.tour(r, m, h)
		t.begin(segs[i], here[i], d.midnight, d.length)
		if here[i].kind == Home && here[i].pos != p.home {
			mode := Car
			if here[i].pos.Dist(p.home) < p.life.WalkMaxM {
				mode = Walk
			}
			s := stop{pos: p.home, place: -1, kind: Home, mode: mode}
			s.at = at + t.start(at, p.home, mode).way
			t.add(s)
		}
		for k := range p.stops {
			if t.add(p.stops[k]) {
				p.went(m, &p.stops[k])
			}
		}
		segs[i], here[i] = t.end()
	}
}
