package gen

import (
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/population"
)

// partRun is the state of one part between its days.
type partRun struct {
	*generator
	part       int
	households []uint32
	offset     []int         // of the first member of each household below
	here       []whereabouts // per person
	memory     []known       // per person
	usual      []wonted      // per household
	segs       [][]Segment   // per person: the day

	first    sigcity.UserID
	owner    []int // per SIM: position of its person; of a machine the complement of its position below
	machines []machine
	phones   []phone
	ties     ties
	rows     []sigcity.Trajectory
	talk     [][]dataset.Contact
	notes    [][]note // on rows
	rest     *restOfPart
	air      *air                // nil = no faults
	begun    []dataset.FeedFault // on the day
	told     told

	planners []*planner
	tools    []tools
}

// told are rows of a day, whose memory the next one uses.
type told struct {
	contacts   []dataset.Contact
	flags      []dataset.EventFlag
	activities []dataset.Activity
	trips      []dataset.Trip
	links      []int32        // of all trips
	rides      []dataset.Ride // likewise
	purchases  []dataset.Purchase
	passages   []dataset.HubPassage
	taps       []dataset.CardTap
}

// tools are one worker's.
type tools struct {
	stream    sigcity.Stream
	power     *power
	off       []outage
	talker    *talker
	traffic   *traffic
	camper    *camper
	signaling *signaling
	machinery *machinery
	feed      *feed
}

// part generates one part, unless an earlier run completed it. State runs
// through midnight, so a part that lacks one file is run again from its first
// day; only the missing files are written.
func (g *generator) part(part int) error {
	members := g.members(part)
	if g.complete(part) {
		g.done += members * int64(g.cal.Days())
		g.progress(g.done, g.total)
		return nil
	}
	if err := g.people(part); err != nil {
		return err
	}
	p := g.newPartRun(part)
	for i := range g.cal.Days() {
		d := newDay(g.cal, i)
		if err := p.live(d); err != nil {
			return err
		}
		if err := p.signal(d); err != nil {
			return err
		}
		if err := p.write(d); err != nil {
			return err
		}
		g.done += members
		g.progress(g.done, g.total)
	}
	return nil
}

// members counts the people of a part.
func (g *generator) members(part int) int64 {
	n := int64(0)
	for _, h := range g.pop.PartHouseholds(part) {
		n += int64(g.pop.Households[h].Size)
	}
	return n
}

// people writes who lives in the part.
func (g *generator) people(part int) error {
	rows, slot := g.pop.Rows(part, g.cal.Start(0)), dataset.Slot{Day: -1, Part: part}
	habits := newPlanner(g.pop, &g.cfg.Life, nil)
	for i := range rows.Persons {
		row := &rows.Persons[i]
		who := &g.pop.Persons[row.ID]
		h := habits.habitsOf(row.ID, who)
		row.Worships = h.worships
		if who.Employment == population.Employed {
			row.Shift = shiftNames[h.shift]
		}
	}
	if err := dataset.WriteTable(g.out, dataset.TableHouseholds, slot, rows.Households); err != nil {
		return err
	}
	if err := dataset.WriteTable(g.out, dataset.TablePersons, slot, rows.Persons); err != nil {
		return err
	}
	if err := dataset.WriteTable(g.out, dataset.TableSIMs, slot, rows.SIMs); err != nil {
		return err
	}
	if err := dataset.WriteTable(g.out, dataset.TableAnchors, slot, slices.DeleteFunc(g.timeline.Anchors(part), g.absent.worksOutside)); err != nil {
		return err
	}
	if err := dataset.WriteTable(g.out, dataset.TableMoves, slot, g.timeline.MoveRows(part)); err != nil {
		return err
	}
	return dataset.WriteTable(g.out, dataset.TableSocial, slot, rows.Social)
}

// complete says whether all files of the part are there.
func (g *generator) complete(part int) bool {
	for _, table := range []string{dataset.TableHouseholds, dataset.TablePersons, dataset.TableSIMs, dataset.TableAnchors, dataset.TableMoves, dataset.TableSocial} {
		if !g.out.Has(table, dataset.Slot{Day: -1, Part: part}) {
			return false
		}
	}
	for d := range g.cal.Days() {
		if g.faults != nil && part == 0 && !g.out.Has(dataset.TableFeedFaults, dataset.Slot{Day: d, Part: -1}) {
			return false
		}
		for _, table := range []string{dataset.TableEvents, dataset.TableContacts, dataset.TableActivities, dataset.TableTrips, dataset.TableEventFlags,
			dataset.TablePurchases, dataset.TableHubPassages, dataset.TableCheckins, dataset.TableCards} {
			if !g.out.Has(table, dataset.Slot{Day: d, Part: part}) {
				return false
			}
		}
	}
	return true
}

func (g *generator) newPartRun(part int) *partRun {
	p := &partRun{generator: g, part: part, households: g.pop.PartHouseholds(part), first: g.pop.Parts[part].First}
	position := map[uint32]int{}
	parties, first := newGuests(g.pop, &g.cfg.Life), newDay(g.cal, 0)
	for _, h := range p.households {
		p.offset = append(p.offset, len(p.here))
		p.usual = append(p.usual, newWonted(int(g.pop.Households[h].Size)))
		for i, limit := g.pop.Members(h); i < limit; i++ {
			position[i] = len(p.here)
			if g.pop.Guest(h) != nil {
				p.here = append(p.here, parties.before(h, first))
			} else {
				p.here = append(p.here, g.absent.atFirst(i, first, atHome(g.pop.Households[h].Pos)))
			}
		}
	}
	p.segs, p.memory = make([][]Segment, len(p.here)), make([]known, len(p.here))

	users := g.pop.Parts[part].Users
	p.owner, p.phones, p.rows = make([]int, users), make([]phone, users), make([]sigcity.Trajectory, users)
	p.talk, p.notes = make([][]dataset.Contact, users), make([][]note, users)
	scope := sigcity.Scope(g.cfg.Seed, "gen.sim")
	for i := range users {
		u := p.first + sigcity.UserID(i)
		sim, ph := &g.pop.SIMs[u], &p.phones[i]
		ph.ue = ueOf(sim)
		p.rows[i].User = u
		at := geo.XY{}
		if sim.Use == population.Handset {
			who := &g.pop.Persons[sim.Person]
			// Habits stay with the line.
			ph.user = g.cfg.Phone.newUser(who, sim.Second, sigcity.Mix(scope, uint64(g.pop.SIMs[g.pop.FirstOf(u)].Key)))
			p.owner[i], at = position[sim.Person], g.pop.Households[who.Household].Pos
		} else {
			p.owner[i] = ^len(p.machines)
			p.machines = append(p.machines, g.newMachine(u, position))
			at = p.machines[len(p.machines)-1].pos
		}
		ph.cell = g.city.Camp(ph.ue, at)[0].Cell
		switch begins := g.callers.attached(u); {
		case p.owner[i] >= 0 && p.here[p.owner[i]].kind.away():
			ph.wake = begins + 1 // not before the first second, which tells how long
		case sim.Previous != population.NoSIM:
			ph.wake = begins
		default: // it has long been on: only the phase of its periodic updates is open
			t3412 := g.cfg.Phone.T3412S
			if sim.Use != population.Handset {
				t3412 = g.cfg.Machines.T3412S
			}
			ph.on, ph.timer, ph.tais[0] = true, g.callers.firstUpdate(u, t3412), g.city.Cells[ph.cell].TAC
		}
	}
	p.ties = g.callers.tiesOf(p.first, users)
	p.rest = newRestOfPart(p)
	tacs, enbs := make([]uint32, len(g.city.Cells)), make([]uint32, len(g.city.Cells))
	for i := range tacs {
		tacs[i], enbs[i] = g.city.Cells[i].TAC, g.city.Cells[i].ENB
	}
	p.tools = make([]tools, max(1, g.cfg.Workers))
	for w := range p.tools {
		planner := newPlanner(g.pop, &g.cfg.Life, g.roads)
		planner.timeline = g.timeline
		planner.absent = g.absent
		p.planners = append(p.planners, planner)
		p.tools[w].power = newPower(g.cfg.Seed, &g.cfg.Phone)
		p.tools[w].talker = newTalker(g.callers, p.tools[w].power, g.absent)
		p.tools[w].traffic, p.tools[w].camper = newTraffic(&g.cfg.Phone), newCamper(g.city, &g.cfg.Phone, g.distant, g.tracks)
		p.tools[w].signaling = &signaling{tacs: tacs, enbs: enbs, tais: g.cfg.Phone.TAIList, t3412: uint32(g.cfg.Phone.T3412S),
			inactivity: uint32(g.cfg.Phone.InactivityS), raw: g.cfg.Profile == Raw, ran: g.cfg.Probe == ProbeRAN}
		p.tools[w].machinery = newMachinery(g, p.tools[w].camper, p.tools[w].signaling)
		p.tools[w].feed = &feed{faults: g.faults}
	}
	return p
}

// live plans and lives a day of everybody in the part.
func (p *partRun) live(d day) error {
	for _, planner := range p.planners {
		planner.ways.reset()
		planner.rider.reset()
	}
	before := p.before(d)
	return parallel.For(p.ctx, p.cfg.Workers, len(p.households), 64, func(w, lo, hi int) error {
		for i := lo; i < hi; i++ {
			from := p.offset[i]
			to := from + int(p.pop.Households[p.households[i]].Size)
			p.planners[w].plan(p.households[i], d, p.here[from:to], p.memory[from:to], &p.usual[i], p.segs[from:to])
			p.rest.buy(&p.tools[w], from, to, before, d)
		}
		return nil
	})
}

// signal runs the phones of the part through a day that was lived.
func (p *partRun) signal(d day) error {
	scope := sigcity.Mix(sigcity.Scope(p.cfg.Seed, "gen.phone"), uint64(d.index))
	end, before := d.midnight+uint32(d.length), p.before(d)
	if p.faults != nil {
		p.air, p.begun = p.faults.day(before, d)
	}
	return parallel.For(p.ctx, p.cfg.Workers, len(p.phones), 64, func(w, lo, hi int) error {
		t := &p.tools[w]
		t.camper.air = p.air
		for i := lo; i < hi; i++ {
			ph, u := &p.phones[i], p.first+sigcity.UserID(i)
			sim := &p.pop.SIMs[u]
			if !p.callers.validOn(sim, d) {
				p.silence(i)
				continue
			}
			hash := sigcity.Mix(scope, uint64(sim.Key))
			r := t.stream.Seed(hash)
			if p.owner[i] < 0 {
				records, notes, messages := t.machinery.day(p.rows[i].Records[:0], r, &p.machines[^p.owner[i]], ph, p.air, d, p.segs)
				p.talk[i] = append(p.talk[i][:0], messages...)
				p.keep(t, i, records, notes)
				continue
			}
			segs := p.segs[p.owner[i]]
			if gone(segs) {
				ph.off(end+1, segs[0].Kind == Away)
				ph.carry.keep(wants{})
				ph.fadeEnd = 0
				p.silence(i)
				continue
			}
			in := ph.serving
			moves := t.camper.day(r, &ph.camping, d, segs)
			t.off = p.callers.retire(t.power.around(t.off[:0], p.callers.handset(u), before, d), sim)
			if from := p.callers.attached(u); sim.From != 0 && from >= d.midnight { // its first day
				ph.wake = back(t.off, from)
			}
			off := len(t.off)
			if p.pop.KindOf(sim.Person) == population.Resident {
				t.off = t.talker.absent.around(t.off, sim.Person, before, d)
			} else {
				t.off = elsewhere(t.off, segs)
			}
			talk, contacts := t.talker.day(r, u, &ph.user, p.ties.of(i), before, d, t.off)
			t.off = t.off[:off] // the segments tell when exactly a person is away
			talk = departures(talk, d, segs)
			p.talk[i] = append(p.talk[i][:0], contacts...)
			bought := p.rest.bought[p.owner[i]]
			if p.rest.wallet[p.owner[i]] != int32(p.pop.FirstOf(u)-p.first) {
				bought = nil
			}
			wants := t.traffic.day(sigcity.Mix(hash, 1), &ph.user, d, segs, &ph.carry, talk, t.off, bought)
			t.signaling.notes = t.signaling.notes[:0]
			records := t.signaling.day(p.rows[i].Records[:0], ph, in, moves, wants, end)
			p.keep(t, i, records, t.signaling.notes)
		}
		return nil
	})
}

// silence files a day without records of SIM i.
func (p *partRun) silence(i int) {
	p.rows[i].Records, p.talk[i], p.notes[i] = p.rows[i].Records[:0], p.talk[i][:0], p.notes[i][:0]
}

// keep files the day of SIM i, as the feed brings it.
func (p *partRun) keep(t *tools, i int, records []sigcity.Record, notes []note) {
	if p.air != nil {
		records, notes = t.feed.day(p.air, p.pop.SIMs[int(p.first)+i].Key, records, notes, &p.talk[i])
	}
	kept := append(p.notes[i][:0], notes...)
	for k := range kept {
		kept[k].time = records[kept[k].record].Time
	}
	p.rows[i].Records, p.notes[i] = records, kept
}

// before is the day before, of the first one itself.
func (g *generator) before(d day) day {
	if d.index == 0 {
		return d
	}
	return newDay(g.cal, d.index-1)
}

// write writes the files of a day that an earlier run did not.
func (p *partRun) write(d day) error {
	slot := dataset.Slot{Day: d.index, Part: p.part}
	if !p.out.Has(dataset.TableEvents, slot) {
		if err := p.out.Events(p.ctx, slot, p.rows); err != nil {
			return err
		}
	}
	if !p.out.Has(dataset.TableContacts, slot) {
		rows := p.told.contacts[:0]
		for i, talk := range p.talk {
			for _, c := range talk {
				c.User = uint32(p.first) + uint32(i)
				rows = append(rows, c)
			}
		}
		p.told.contacts = rows
		if err := dataset.WriteTable(p.out, dataset.TableContacts, slot, rows); err != nil {
			return err
		}
	}
	if !p.out.Has(dataset.TableEventFlags, slot) {
		p.told.flags = p.flagRows(p.told.flags[:0])
		if err := dataset.WriteTable(p.out, dataset.TableEventFlags, slot, p.told.flags); err != nil {
			return err
		}
	}
	if p.air != nil && p.part == 0 {
		if err := writeMissing(p.out, dataset.TableFeedFaults, dataset.Slot{Day: d.index, Part: -1}, p.begun); err != nil {
			return err
		}
	}
	if err := p.rest.write(d); err != nil {
		return err
	}
	if p.out.Has(dataset.TableActivities, slot) && p.out.Has(dataset.TableTrips, slot) {
		return nil
	}
	p.truth()
	if err := dataset.WriteTable(p.out, dataset.TableActivities, slot, p.told.activities); err != nil {
		return err
	}
	return dataset.WriteTable(p.out, dataset.TableTrips, slot, p.told.trips)
}

// truth tells what describes the day, by person, then start.
func (p *partRun) truth() {
	activities, trips, links, rides := p.told.activities[:0], p.told.trips[:0], p.told.links[:0], p.told.rides[:0]
	at := 0
	for _, h := range p.households {
		for person, limit := p.pop.Members(h); person < limit; person++ {
			for i := range p.segs[at] {
				s := &p.segs[at][i]
				from := p.city.Proj.LonLat(s.From)
				if s.Mode == Stay {
					activities = append(activities, dataset.Activity{Person: person, Kind: s.Kind.String(), Place: int64(s.Place),
						Start: s.Start, End: s.End, Lon: from[0], Lat: from[1]})
					continue
				}
				to := p.city.Proj.LonLat(s.To)
				trips = append(trips, dataset.Trip{Person: person, Mode: s.Mode.String(), Purpose: s.Kind.String(), Start: s.Start, End: s.End,
					FromLon: from[0], FromLat: from[1], ToLon: to[0], ToLat: to[1], DistanceM: float64(s.DistanceM), RoadFrom: s.Start, RoadTo: s.End, Hour: -1})
				if s.Path != nil {
					links = s.Path.describe(&trips[len(trips)-1], links)
				}
				if s.Journey != nil {
					rides = s.Journey.describe(&trips[len(trips)-1], rides)
				}
			}
			at++
		}
	}
	p.told.activities, p.told.trips, p.told.links, p.told.rides = activities, trips, links, rides
}
