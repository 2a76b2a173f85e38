package gen

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// day is the calendar's view of one day.
type day struct {
	index    int
	midnight uint32
	length   int32 // seconds
	kind     sigcity.DayKind
	weekday  time.Weekday
	sunday   bool // or a holiday: salons are closed, some worship
}

// at is the second at a share of the day; the rhythm of the day wraps around midnight.
func (d day) at(share float64) uint32 {
	share -= math.Floor(share)
	return d.midnight + uint32(share*float64(d.length))
}

func newDay(cal *sigcity.Calendar, i int) day {
	start := cal.Start(i)
	d := day{index: i, midnight: start, length: int32(cal.Start(i+1) - start), kind: cal.Kind(i)}
	d.weekday = time.Unix(int64(start), 0).In(cal.Location()).Weekday()
	d.sunday = d.kind == sigcity.Holiday || d.weekday == time.Sunday
	return d
}

// typicalDay is a day of a kind that is of no calendar: the traffic of a city
// does not depend on which days are generated.
func typicalDay(kind trafficDay) day {
	if kind == workingDay {
		return day{index: -1, length: 24 * 3600, kind: sigcity.Weekday, weekday: time.Wednesday}
	}
	return day{index: -2, length: 24 * 3600, kind: sigcity.Weekend, weekday: time.Saturday}
}

// planner plans the days of households. It keeps scratch memory: one per worker.
type planner struct {
	pop     *population.Population
	life    *Life
	ways    *wayfinder
	rider   *rider
	scopes  scopes
	venues  [errands]*population.Venues
	reach   population.Reach
	streams [3]sigcity.Stream // household, person, the person's memory
	stops   []stop
	family  []member

	timeline *population.Timeline // who moves home or changes jobs; nil = nobody
	day      int                  // being planned
	home     geo.XY               // of the household on that day
	altered  []population.Person  // its members as they are on that day, where they change

	contacts []population.Contact
	guests   guests
	passing  *diurnal
	stranger known     // of a guest, for a day
	absent   *absences // nil: nobody leaves the city
	gone     []absence // of the family today
}

type scopes struct{ household, person, trait, known, taste uint64 }

// newPlanner makes one whose people travel on the roads, straight where they are nil.
func newPlanner(pop *population.Population, life *Life, r *roads) *planner {
	s := func(name string) uint64 { return sigcity.Scope(pop.Seed, "gen."+name) }
	p := &planner{pop: pop, life: life, ways: newWayfinder(r, life), rider: newRider(pop.City, life, pop.Seed),
		guests: newGuests(pop, life), passing: newDiurnal(passByHour),
		scopes: scopes{s("household"), s("person"), s("trait"), s("known"), s("taste")}}
	for e := range errands {
		p.venues[e] = pop.Venues(lawOf(e).cat)
	}
	return p
}

// member is a person of the household being planned.
type member struct {
	id     uint32
	who    *population.Person
	known  *known
	habits habits
	escort escort
	off    bool      // does not work or learn today
	gone   []absence // that touch the day
}

// escort is a parent's errand with a preschool child.
type escort struct {
	bring, fetch     bool
	bringAt, fetchAt int32
	spot             population.Spot
}

// plan writes the segments of every member of household h on the day, in the
// order of its members, and moves their whereabouts and what they know on to
// the next midnight. usual, which may be nil, saves looking for ways that the
// household went before.
func (p *planner) plan(h uint32, d day, here []whereabouts, memory []known, usual *wonted, segs [][]Segment) {
	if p.pop.Guest(h) != nil {
		p.host(h, d, here, usual, segs)
		return
	}
	r := p.streams[0].Seed(sigcity.Mix(sigcity.Mix(p.scopes.household, uint64(h)), uint64(d.index)))
	p.ways.on(d, usual)
	first, limit := p.pop.Members(h)
	p.day, p.home = d.index, p.pop.Households[h].Pos
	p.family = p.family[:0]
	for i := first; i < limit; i++ {
		who := &p.pop.Persons[i]
		p.family = append(p.family, member{id: i, who: who, known: &memory[i-first], habits: p.habitsOf(i, who)})
	}
	p.absences(d)
	if p.timeline.Alters(h) {
		p.alter(h, d)
		if at, moves := p.movesToday(h, d, here); moves && !slices.ContainsFunc(here, outsideNow) {
			p.moveHouse(h, d, at, here, segs)
			return
		}
	}
	free := d.kind != sigcity.Weekday
	bring, fetch := -1, -1
	if !free {
		bring, fetch = p.escorts(r, h)
	}
	outing, out := p.outing(r, h, d)
	companion := -1
	for i := range p.family {
		m := &p.family[i]
		if small(m.who) {
			continue // they follow the others
		}
		pr := p.streams[1].Seed(sigcity.Mix(sigcity.Mix(p.scopes.person, uint64(m.id)), uint64(d.index)))
		p.stops = p.stops[:0]
		if len(m.gone) > 0 {
			t := p.tour(pr, m, h)
			t.begin(segs[i], here[i], d.midnight, d.length)
			p.travels(pr, &t, m, d, h, nil)
			segs[i], here[i] = t.end()
			continue
		}
		p.wishes(pr, m, d, h)
		if out && (companion < 0 || pr.Float64() < 0.85) && p.join(outing) && companion < 0 {
			companion = i // the small children go with this one
		}
		t := p.tour(pr, m, h)
		t.begin(segs[i], here[i], d.midnight, d.length)
		for i := range p.stops {
			if t.add(p.stops[i]) {
				p.went(m, &p.stops[i])
			}
		}
		segs[i], here[i] = t.end()
	}
	for i := range p.family {
		m := &p.family[i]
		if !small(m.who) {
			continue
		}
		t := p.tour(r, m, h)
		t.begin(segs[i], here[i], d.midnight, d.length)
		switch {
		case len(m.gone) > 0:
			p.travels(r, &t, m, d, h, segs)
		case bring >= 0 && m.who.Employment == population.Preschool && m.who.Main != population.None && !m.off:
			t.follow(segs[bring], segs[fetch], Kindergarten, true)
		case out && companion >= 0:
			t.follow(segs[companion], segs[companion], outing.kind, false)
		}
		segs[i], here[i] = t.end()
	}
}

// small children go nowhere alone.
func small(who *population.Person) bool {
	return who.Employment == population.Infant || who.Employment == population.Preschool
}

func (p *planner) tour(r *rand.Rand, m *member, h uint32) tour {
	return tour{life: p.life, ways: p.ways, rider: p.rider, r: r, home: p.home, who: p.traveller(m, h)}
}

// follow takes a child along: out on the first trip of the kind among there's
// segments, and home on a trip home from such a stay among back's: the first
// one after that, or the last of the day.
func (t *tour) follow(there, back []Segment, kind Kind, last bool) {
	out, home := -1, -1
	for i := range there {
		if there[i].Mode != Stay && there[i].Kind == kind && there[i].From == t.home {
			out = i
			break
		}
	}
	if out < 0 {
		return
	}
	for i := 1; i < len(back) && (home < 0 || last); i++ {
		if back[i].Mode != Stay && back[i].Kind == Home && back[i].From == there[out].To && back[i].Start > there[out].End {
			home = i
		}
	}
	if home < 0 {
		return
	}
	o, h := &there[out], &back[home]
	t.close(int32(o.Start - t.midnight))
	t.segs = append(t.segs, *o, Segment{Start: o.End, End: h.Start, From: o.To, To: o.To, Place: o.Place, Kind: kind}, *h)
	t.since = int32(h.End - t.midnight)
	t.free = t.since
}

// escorts decides who brings the household's preschool children to the
// kindergarten and who fetches them, and gives these the errand. −1 = nobody
// goes; a sick child keeps the usual escort at home.
func (p *planner) escorts(r *rand.Rand, h uint32) (bring, fetch int) {
	child, candidates := -1, make([]int, 0, 4)
	for i := range p.family {
		switch m := &p.family[i]; {
		case m.who.Employment == population.Preschool && m.who.Main != population.None:
			child = i
		case m.who.Role != population.Child && len(m.gone) == 0:
			candidates = append(candidates, i)
		}
	}
	if child < 0 || len(candidates) == 0 || len(p.family[child].gone) > 0 {
		return -1, -1
	}
	// Parents come first in a household. The usual escort is a matter of habit.
	usual := candidates[0]
	trait := sigcity.Mix(p.scopes.trait, uint64(h)<<1|1)
	if len(candidates) > 1 && p.family[candidates[1]].who.Role == population.Partner {
		mother := 0
		if p.family[usual].who.Sex != population.Female {
			mother = 1
		}
		usual = candidates[mother]
		if sigcity.Unit(trait) >= p.life.MotherEscorts {
			usual = candidates[1-mother]
		}
	}
	bring, fetch = usual, usual
	if len(candidates) > 1 && r.Float64() < p.life.OtherEscort {
		fetch = candidates[r.IntN(len(candidates))]
	}
	if r.Float64() < p.life.ChildSick {
		p.family[usual].off = true
		for i := range p.family {
			p.family[i].off = p.family[i].off || p.family[i].who.Employment == population.Preschool
		}
		return -1, -1
	}
	at := hours(7.7) + int32(sigcity.Unit(sigcity.Mix(trait, 1))*45*60) + jitter(r, 6)
	spot := p.family[child].who.Main
	p.family[bring].escort.bring, p.family[bring].escort.bringAt = true, at
	p.family[fetch].escort.fetch = true
	p.family[fetch].escort.fetchAt = at + hours(p.life.KindergartenHours) + jitter(r, 15)
	p.family[bring].escort.spot, p.family[fetch].escort.spot = spot, spot
	return bring, fetch
}

// outing draws a joint trip of a family with children on a free day.
func (p *planner) outing(r *rand.Rand, h uint32, d day) (stop, bool) {
	u, v, w, x := r.Float64(), r.Float64(), r.Float64(), r.Float64()
	if d.kind == sigcity.Weekday || p.someAway() || u >= p.life.Outing*p.factor(d) {
		return stop{}, false
	}
	lead, children, car := &p.family[0], false, false
	for i := range p.family {
		children = children || p.family[i].who.Age < 15
		car = car || p.family[i].who.Car
	}
	if !children {
		return stop{}, false
	}
	e, at, dur := leisure, hours(10)+int32(w*5*3600), hours(1)+int32(x*2*3600)
	switch {
	case v < 0.25:
		e = store
	case v < 0.35:
		e = dinner
	case v < 0.5:
		e = homeShop
	case v < 0.7:
		e, at, dur = excursion, hours(9)+int32(w*2*3600), hours(2.5)+int32(x*4*3600)
	}
	spot := p.choose(r, lead, e)
	if spot == population.None {
		return stop{}, false
	}
	s := p.errandAt(e, spot, at, dur)
	s.fromHome, s.thenHome = true, true
	switch dist := p.home.Dist(s.pos); {
	case dist < p.life.WalkMaxM:
		s.mode = Walk
	case car:
		s.mode = Car
	default:
		s.mode = Transit
	}
	return s, true
}

// join puts the joint stop among the person's own, in place of those that
// would make the person late for it or keep it from lasting; not if the person
// has to work.
func (p *planner) join(s stop) bool {
	const margin = 100 * 60
	clash := func(o stop) bool {
		return o.at == after || (o.at < s.at+s.dur+margin && o.at+o.dur > s.at-margin)
	}
	if slices.ContainsFunc(p.stops, func(o stop) bool { return o.fixed && clash(o) }) {
		return false
	}
	p.stops = slices.DeleteFunc(p.stops, clash)
	i := slices.IndexFunc(p.stops, func(o stop) bool { return o.at > s.at })
	if i < 0 {
		i = len(p.stops)
	}
	p.stops = slices.Insert(p.stops, i, s)
	return true
}

// factor is what a day does to the rates of errands.
func (p *planner) factor(d day) float64 {
	if d.kind == sigcity.Holiday {
		return p.life.HolidayFactor
	}
	return 1
}

// hours is h hours in seconds.
func hours(h float64) int32 { return int32(h * 3600) }

// jitter is a normal deviate of so many minutes, in seconds, cut at two deviations.
func jitter(r *rand.Rand, minutes float64) int32 {
	return int32(min(max(r.NormFloat64(), -2), 2) * minutes * 60)
}
