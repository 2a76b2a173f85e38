package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// guests tells on which days the parties of people who do not live in the city
// come: a pure function of the party and the day, quick to tell, for on most
// days most do not.
type guests struct {
	pop   *population.Population
	life  *Life
	scope uint64
}

func newGuests(pop *population.Population, life *Life) guests {
	return guests{pop, life, sigcity.Scope(pop.Seed, "gen.guest")}
}

// call is what a day of a party's is like.
type call struct{ present, arrives, leaves bool }

// on is the day of the party of household h.
func (g guests) on(h uint32, d day) call {
	party, key := g.pop.Guest(h), sigcity.Mix(g.scope, uint64(h))
	c := &g.pop.Config.Guests
	switch party.Kind {
	case population.Visitor:
		// Once in each span of days, whose first one differs from party to party.
		at := d.index + int(sigcity.Mix(key, 0)%uint64(c.EveryDays))
		span, day := at/c.EveryDays, at%c.EveryDays
		first := int(sigcity.Unit(sigcity.Mix(key, 1+uint64(span))) * float64(c.EveryDays-int(party.Nights)))
		last := first + int(party.Nights)
		return call{first <= day && day <= last, day == first, day == last}
	case population.Commuter:
		works := d.kind == sigcity.Weekday && sigcity.Unit(sigcity.Mix(key, uint64(d.index))) >= g.life.DayOff
		return call{works, works, works}
	default:
		passes := sigcity.Unit(sigcity.Mix(key, uint64(d.index))) < c.PassingDays
		return call{passes, passes, passes}
	}
}

// before is where a party is when a day begins, told without the days before it.
func (g guests) before(h uint32, d day) whereabouts {
	if now := g.on(h, d); now.present && !now.arrives {
		return atHome(g.pop.Households[h].Pos)
	}
	return g.beyond(g.pop.Guest(h).Gate)
}

// beyond is being away beyond a gate.
func (g guests) beyond(gate int32) whereabouts { return outside(&g.pop.City.Gates[gate]) }

// way is how people go to and from a gate: from an airport those who have no
// better way are driven.
func (g guests) way(gate int32) Mode {
	if g.pop.City.Gates[gate].Kind == network.RoadGate {
		return Car
	}
	return Transit
}

// host is [planner.plan] for a party of guests, who go together.
func (p *planner) host(h uint32, d day, here []whereabouts, usual *wonted, segs [][]Segment) {
	now := p.guests.on(h, d)
	if !now.present && here[0].kind.away() {
		for i, w := range here {
			segs[i] = append(segs[i][:0], Segment{Start: d.midnight, End: d.midnight + uint32(d.length), From: w.pos, To: w.pos, Place: -1, Kind: w.kind})
		}
		return
	}
	party, first := p.pop.Guest(h), p.pop.Households[h].First
	who := &p.pop.Persons[first]
	p.ways.on(d, usual)
	t := tour{life: p.life, ways: p.ways, rider: p.rider, home: p.pop.Households[h].Pos,
		r:   p.streams[0].Seed(sigcity.Mix(sigcity.Mix(p.scopes.household, uint64(h)), uint64(d.index))),
		who: traveller{car: who.Car, taste: sigcity.Mix(p.scopes.taste, uint64(first))}}
	t.begin(segs[0], here[0], d.midnight, d.length)
	switch party.Kind {
	case population.Visitor:
		p.stay(&t, party, who, now)
	case population.Commuter:
		p.commute(&t, party, first, who, now)
	default:
		p.pass(&t, party, here[0].pos)
	}
	t.close(t.length)
	segs[0], here[0] = t.segs, t.here
	for i := range segs[1:] {
		segs[i+1], here[i+1] = append(segs[i+1][:0], segs[0]...), here[0]
	}
}

// The hours of guests (assumed).
const (
	overslept = 8.0  // who missed the way out goes at this hour
	bedtime   = 23.0 // the latest end of an evening
)

// stay is a day of visitors. Who could not leave on the last day, for the way
// was too long, does so in the morning of the next.
func (p *planner) stay(t *tour, party *population.Guest, who *population.Person, now call) {
	r, gate, way := t.r, p.guests.beyond(party.Gate), p.guests.way(party.Gate)
	if !now.present {
		t.leave(gate, hours(overslept), way)
		return
	}
	come, go_ := hours(10+9*r.Float64()), hours(9+9*r.Float64())
	if party.Nights == 0 {
		come, go_ = hours(8+3.5*r.Float64()), hours(16+5.5*r.Float64())
	}
	until := hours(bedtime)
	if now.leaves {
		until = go_
	}
	hotel := atHome(t.home)
	if now.arrives && party.Nights > 0 && !t.reach(hotel, come, way) {
		return // comes on another day
	}
	p.stops = p.stops[:0]
	if party.Business {
		p.business(r, who)
	} else {
		p.sights(r, t.home, party.Nights == 0)
	}
	for _, s := range p.stops {
		if t.here.kind.away() {
			s.mode = way
			s.dur, s.at = s.dur-max(0, come-s.at), max(s.at, come)
		} else if t.here.kind != Home {
			switch gap := s.at - t.free; {
			case s.kind != Restaurant: // nobody waits for the next sight
				s.at = min(s.at, t.free+hours(0.4))
			case gap > homeGap && party.Nights > 0: // or long for dinner
				t.reach(hotel, t.free, Stay)
			}
		}
		t.visit(s, until)
	}
	if party.Nights > 0 && t.here.kind != Home {
		t.reach(hotel, t.free, Stay)
	}
	if now.leaves {
		t.leave(gate, go_, way)
	}
}

// sights fills p.stops with a day of tourists: what there is to see, the shops,
// a restaurant, around the hotel; for those who come for the day, around the
// first sight, which is anywhere in the city. The shape of the day is assumed.
func (p *planner) sights(r *rand.Rand, around geo.XY, anywhere bool) {
	const near, far = 2500.0, 50_000.0 // m, of the gravity of places
	add := func(chance float64, e errand, scale, at, dur float64) {
		if r.Float64() >= chance {
			return
		}
		p.reach.Set(p.venues[e], around, scale)
		s := p.reach.Draw(r)
		if s == population.None {
			return
		}
		p.add(p.at(s, lawOf(e).kind, hours(at), hours(dur)))
		if scale == far {
			around = p.pop.Pos(s)
		}
	}
	scale, chance := near, 0.9
	if anywhere {
		scale, chance = far, 1
	}
	u := r.Float64()
	add(chance, leisure, scale, 9+1.5*u, 1+1.5*r.Float64())
	add(0.6, dinner, near/5, 12+u, 0.6+0.6*r.Float64())
	if r.Float64() < 0.4 {
		add(1, store, near, 13.7+u, 0.7+1.3*r.Float64())
	} else {
		add(0.8, leisure, near, 13.7+u, 1+1.5*r.Float64())
	}
	add(0.3, homeShop, near/5, 16.8+u, 0.3+0.5*r.Float64())
	add(0.75, dinner, near/5, 18.3+u, 1+r.Float64())
	add(0.2, leisure, near/2, 20.3+u, 1+r.Float64())
}

// business fills p.stops with a day of work elsewhere.
func (p *planner) business(r *rand.Rand, who *population.Person) {
	office := p.pop.Pos(who.Main)
	eat := func(at, dur float64) {
		p.reach.Set(p.venues[dinner], office, 500)
		if s := p.reach.Draw(r); s != population.None {
			p.add(p.at(s, Restaurant, hours(at), hours(dur)))
		}
	}
	noon := 12 + 0.7*r.Float64()
	p.add(p.at(who.Main, Work, hours(8.7+0.8*r.Float64()), hours(noon-9.1)))
	if r.Float64() < 0.6 {
		eat(noon+0.1, 0.8)
	}
	p.add(p.at(who.Main, Work, hours(noon+1.1), hours(3.5+1.2*r.Float64())))
	if r.Float64() < 0.7 {
		eat(18.5+1.3*r.Float64(), 1+0.8*r.Float64())
	}
}

// commute is a working day of somebody who lives outside.
func (p *planner) commute(t *tour, party *population.Guest, id uint32, who *population.Person, now call) {
	r, gate, way := t.r, p.guests.beyond(party.Gate), p.guests.way(party.Gate)
	if now.present {
		habits := p.habitsOf(id, who)
		s := p.at(who.Main, Work, habits.workStart+jitter(r, 8), habits.workDur+jitter(r, 15))
		s.mode = way
		m := member{id: id, who: who, known: &p.stranger, habits: habits}
		*m.known = known{}
		noon, long := hours(12)+jitter(r, 20), int32(30+r.IntN(25))*60
		eats, shops := r.Float64() < p.life.LunchOut, r.Float64() < p.life.ShopBusy/2 // the other half shops at home
		if spot := p.choose(r, &m, lunch); eats && spot != population.None && s.at < noon-hours(1) && s.at+s.dur > noon+hours(2) {
			morning := s
			morning.dur = noon - s.at
			t.visit(morning, t.length)
			t.visit(p.errandAt(lunch, spot, noon, long), t.length)
			s.dur, s.at, s.mode = s.at+s.dur-(noon+long+600), noon+long+600, Stay
		}
		t.visit(s, t.length)
		if spot := p.choose(r, &m, wayShop); shops && spot != population.None && !t.here.kind.away() {
			t.visit(p.errandAt(wayShop, spot, t.free, int32(10+r.IntN(30))*60), t.length)
		}
	}
	t.leave(gate, max(t.free, hours(overslept)), way)
}

// pass is a day on which somebody goes through, to the gate that is not here.
func (p *planner) pass(t *tour, party *population.Guest, here geo.XY) {
	to := p.guests.beyond(party.Exit)
	if to.pos == here {
		to = p.guests.beyond(party.Gate)
	}
	at := int32(p.passing.at(t.r.Float64()) * float64(t.length))
	t.reach(to, at, p.guests.way(party.Gate))
}

// passByHour is when people pass (assumed).
var passByHour = [24]float64{0.25, 0.18, 0.16, 0.18, 0.28, 0.50, 0.80, 1.05, 1.10, 1.10, 1.12, 1.12,
	1.10, 1.12, 1.15, 1.20, 1.25, 1.25, 1.10, 0.90, 0.70, 0.55, 0.45, 0.35}

// visit makes the trip to a stop, as late as will do, and stays; false where
// nothing would be left of the stop, or the way home after it would end after
// until.
func (t *tour) visit(s stop, until int32) bool {
	end := s.at + s.dur
	mode := s.mode
	if mode == Stay {
		mode = t.choose(s.pos, max(t.free, s.at-t.travel(t.here.pos, s.pos, Car)))
	}
	l := t.inTime(s, mode)
	limit := min(until, t.length-latest) - max(t.longestHome(s.pos, mode), l.way)
	arrive := l.depart + l.way
	if arrive+minStay > min(limit, end) {
		return false
	}
	t.drive(l, s)
	t.free = min(max(end, arrive+minStay), limit)
	return true
}

// drive is depart; a car that comes from outside stays with the tour.
func (t *tour) drive(l leg, s stop) {
	from := t.here.kind
	t.depart(l, s)
	if from.away() && !s.kind.away() && s.kind != Home && l.mode == Car {
		t.mode = Car
	}
}

// reach goes to where somebody stays, not before a second of the day; Stay leaves
// the mode open. It reports whether that is possible before midnight.
func (t *tour) reach(w whereabouts, at int32, m Mode) bool {
	at = max(at, t.free)
	if m == Stay {
		m = t.choose(w.pos, at)
	}
	l := t.start(at, w.pos, m)
	l.depart = min(l.depart, t.length-latest-l.way)
	if l.depart < t.free {
		return false
	}
	t.drive(l, stop{pos: w.pos, place: w.place, kind: w.kind})
	t.free += minStay
	return true
}

// leave goes out of the city by a gate, unless the party is out. Who cannot be
// there by midnight stays for the night.
func (t *tour) leave(gate whereabouts, at int32, m Mode) {
	if !t.here.kind.away() {
		t.reach(gate, at, m)
	}
}

// elsewhere appends the times for which the segments have somebody outside the
// city.
func elsewhere(dst []outage, segs []Segment) []outage {
	for i := range segs {
		if s := &segs[i]; s.Mode == Stay && s.Kind.away() {
			dst = append(dst, outage{start: s.Start, end: s.End, silent: true})
		}
	}
	return dst
}

// gone tells a day that is spent outside the city: the phone leaves nothing.
func gone(segs []Segment) bool { return len(segs) == 1 && segs[0].Mode == Stay && segs[0].Kind.away() }
