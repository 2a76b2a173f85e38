package population

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// Move is a household's change of home. Days count from the first of the data
// set; earlier ones are below 0.
type Move struct {
	Household uint32
	Day       int32
	At        int32 // seconds of the local day when the household leaves the old home
	From, To  geo.XY

	from, to int32 // buildings
}

// Change is a person's change of the main place: of work on the morning of a
// day, of school or kindergarten with the home.
type Change struct {
	Person   uint32
	Day      int32
	At       int32 // seconds of the local day
	From, To Spot
	Reason   Reason
}

// Reason is why a main place changes.
type Reason uint8

const (
	NewJob     Reason = iota // by chance
	JobByMove                // some weeks after a move
	SchoolMove               // the new home is far from the old school
)

// Timeline is who moves home, changes jobs, kindergarten or school over some
// days. What it tells of a day does not depend on how many days it has. It takes
// some bytes for each household and person, and about 64 for each change. It is
// immutable once made; in a nil one no household Alters.
type Timeline struct {
	pop     *Population
	cal     *sigcity.Calendar
	moves   runs[Move]
	changes runs[Change]
	alters  []bool // per household: it moves, or one of its members changes
}

// runs are lists, one after the other, of several owners.
type runs[T any] struct {
	rows  []T
	first []uint32 // of each owner; one more at the end
}

func (r *runs[T]) of(owner uint32) []T { return r.rows[r.first[owner]:r.first[owner+1]] }

// newRuns joins rows that come in order of their owners.
func newRuns[T any](pieces [][]T, owners int, owner func(*T) uint32) runs[T] {
	out := runs[T]{rows: slices.Concat(pieces...), first: make([]uint32, owners+1)}
	for i := range out.rows {
		out.first[owner(&out.rows[i])+1]++
	}
	for i := range owners {
		out.first[i+1] += out.first[i]
	}
	return out
}

// How moves spread over the days (assumed): most move at the weekend, and around
// the end of the month, when leases end.
const (
	weekendMoves  = 4.0 // a Saturday's or Sunday's against another day's
	monthEndMoves = 2.0 // of the last three days of a month and the first two
	moveFromH     = 9.0 // households leave the old home from this hour on
	moveHours     = 4.0 // and within so many
)

// calmWeeks is within how many weeks after moving home those change jobs who do so for it (assumed).
const calmWeeks = 4

// mover draws the changes.
type mover struct {
	*Population
	from, to     int // the days that are wanted
	first        time.Time
	housing      *housing
	mean         float64 // of moverFactor over the households
	home, job    uint64  // scopes
	school, late uint64
}

// Timeline works out what changes on the days of the calendar and on the days
// before them, as many as before says.
func (p *Population) Timeline(ctx context.Context, cal *sigcity.Calendar, before, workers int) (*Timeline, error) {
	first, err := time.Parse(sigcity.DateLayout, cal.Date(0))
	if err != nil {
		return nil, fmt.Errorf("first day: %w", err)
	}
	scope := func(name string) uint64 { return sigcity.Scope(p.Seed, "population.moves."+name) }
	m := &mover{Population: p, from: -before, to: cal.Days(), first: first, housing: newHousing(p),
		home: scope("home"), job: scope("job"), school: scope("school"), late: scope("after")}
	for h := range p.Homes {
		m.mean += p.moverFactor(uint32(h)) / float64(p.Homes)
	}
	const chunk = 256
	n := (p.Homes + chunk - 1) / chunk
	moves, changes := make([][]Move, n), make([][]Change, n)
	t := &Timeline{pop: p, cal: cal, alters: make([]bool, len(p.Households))}
	scratch := make([]drawing, max(1, workers))
	err = parallel.For(ctx, workers, p.Homes, chunk, func(w, lo, hi int) error {
		d, k := &scratch[w], lo/chunk
		for h := lo; h < hi; h++ {
			m.household(d, uint32(h))
			of, by := len(moves[k]), len(changes[k])
			moves[k] = appendWithin(moves[k], d.moves, func(x *Move) int32 { return x.Day }, m.from)
			for i, limit := p.Members(uint32(h)); i < limit; i++ {
				m.person(d, i)
				changes[k] = appendWithin(changes[k], d.changes, func(x *Change) int32 { return x.Day }, m.from)
			}
			t.alters[h] = len(moves[k]) > of || len(changes[k]) > by
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.moves = newRuns(moves, len(p.Households), func(x *Move) uint32 { return x.Household })
	t.changes = newRuns(changes, len(p.Persons), func(x *Change) uint32 { return x.Person })
	return t, nil
}

// appendWithin appends the rows that are not before a day.
func appendWithin[T any](dst, rows []T, day func(*T) int32, from int) []T {
	for i := range rows {
		if int(day(&rows[i])) >= from {
			dst = append(dst, rows[i])
		}
	}
	return dst
}

// drawing is a worker's scratch memory: the changes of one household, and of
// one of its members, by day.
type drawing struct {
	moves   []Move
	changes []Change
	days    []candidate
	cum     []float64
}

type candidate struct {
	day    int32
	reason Reason
}

// floorDiv is a/b rounded down.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// household draws the moves of a household, beginning somewhat before the days
// that are wanted: a change of job follows them. From the home that it has when the data begins
// it goes forward to later homes, and backward to earlier ones: the law of
// distance is the same in both directions.
func (m *mover) household(d *drawing, h uint32) {
	d.moves = d.moves[:0]
	hh := &m.Households[h]
	rate := m.Config.Moves.HomePerYear * m.moverFactor(h) / m.mean / mostPerYear
	if !(rate > 0) {
		return
	}
	key := sigcity.Mix(m.home, uint64(h))
	now := dwelling{hh.Building, hh.Pos}
	for w := floorDiv(m.from, windowDays) - 2; w*windowDays < m.to; w++ {
		if sigcity.Unit(sigcity.Mix(key, uint64(int64(w)))) < rate {
			if x := m.when(h, w); int(x.Day) < m.to {
				d.moves = append(d.moves, x)
			}
		}
	}
	past, _ := slices.BinarySearchFunc(d.moves, 0, func(x Move, day int) int { return int(x.Day) - day })
	at := now
	for i := past; i < len(d.moves); i++ {
		x := &d.moves[i]
		x.From, x.from = at.Pos, at.Building
		at = m.another(d, at, hh.Income, x)
		x.To, x.to = at.Pos, at.Building
	}
	at = now
	for i := past - 1; i >= 0; i-- {
		x := &d.moves[i]
		x.To, x.to = at.Pos, at.Building
		at = m.another(d, at, hh.Income, x)
		x.From, x.from = at.Pos, at.Building
	}
	d.moves = slices.DeleteFunc(d.moves, func(x Move) bool { return x.From == x.To })
}

// when draws the time of the move in window w.
func (m *mover) when(h uint32, w int) Move {
	key := sigcity.Mix(sigcity.Mix(m.home, uint64(h)), uint64(int64(w)))
	var cum [windowDays]float64
	sum := 0.0
	for k := range cum {
		date := m.first.AddDate(0, 0, w*windowDays+k)
		weight := 1.0
		if wd := date.Weekday(); wd == time.Saturday || wd == time.Sunday {
			weight = weekendMoves
		}
		if date.Day() <= 2 || date.AddDate(0, 0, 3).Day() <= 3 {
			weight *= monthEndMoves
		}
		sum += weight
		cum[k] = sum
	}
	day := w*windowDays + search(cum[:], sigcity.Unit(sigcity.Mix(key, 1))*sum)
	return Move{Household: h, Day: int32(day), At: int32((moveFromH + float64(moveHours*sigcity.Unit(sigcity.Mix(key, 2)))) * 3600)}
}

// another draws the home at the other end of a move; the same one where the
// city seems to have no other.
func (m *mover) another(d *drawing, at dwelling, income uint8, x *Move) dwelling {
	const tries = 8
	key := sigcity.Mix(sigcity.Mix(sigcity.Mix(m.home, uint64(x.Household)), uint64(int64(x.Day))), 3)
	for k := range tries {
		h := sigcity.Mix(key, uint64(k))
		var building int32
		if building, d.cum = m.housing.draw(m.City.Buildings[at.Building].Pos, income, h, d.cum); building != at.Building {
			return m.dwellingIn(building, sigcity.Mix(h, 2))
		}
	}
	return at
}

// homeOn is the building that the household whose moves were drawn lives in at
// the end of a day.
func (d *drawing) homeOn(hh *Household, day int32) int32 {
	home := hh.Building
	for i := range d.moves {
		switch x := &d.moves[i]; {
		case x.Day > day && x.Day < 0:
			return x.from
		case x.Day > day:
			return home
		default:
			home = x.to
		}
	}
	return home
}

// person draws the changes of the main place of a member of the household whose
// moves were drawn.
func (m *mover) person(d *drawing, person uint32) {
	who := &m.Persons[person]
	d.changes, d.days = d.changes[:0], d.days[:0]
	if who.Main == None || m.mains[who.Employment] == nil {
		return
	}
	switch who.Employment {
	case Employed:
		m.jobDays(d, person)
	case Pupil, Preschool:
		for i := range d.moves {
			d.days = append(d.days, candidate{d.moves[i].Day, SchoolMove})
		}
	}
	if len(d.days) == 0 {
		return
	}
	past, _ := slices.BinarySearchFunc(d.days, 0, func(x candidate, day int) int { return int(x.day) - day })
	at := who.Main
	for _, x := range d.days[past:] {
		if next := m.instead(d, person, x, at, false); next != at {
			d.changes = append(d.changes, Change{person, x.day, m.hour(d, x), at, next, x.reason})
			at = next
		}
	}
	at = who.Main
	for _, x := range slices.Backward(d.days[:past]) {
		if last := m.instead(d, person, x, at, true); last != at {
			d.changes = append(d.changes, Change{person, x.day, m.hour(d, x), last, at, x.reason})
			at = last
		}
	}
	slices.SortFunc(d.changes, func(a, b Change) int { return cmp.Compare(a.Day, b.Day) })
}

// jobDays lists the days on which a worker begins a new job: Mondays, by chance
// or some weeks after moving home.
func (m *mover) jobDays(d *drawing, person uint32) {
	c := &m.Config.Moves
	key := sigcity.Mix(m.job, uint64(person))
	monday := (8 - int(m.first.Weekday())) % 7 // the first
	for w := floorDiv(m.from, windowDays); w*windowDays < m.to; w++ {
		if h := sigcity.Mix(key, uint64(int64(w))); sigcity.Unit(h) < c.JobPerYear/mostPerYear {
			week := int(sigcity.Unit(sigcity.Mix(h, 1)) * (windowDays / 7))
			d.days = append(d.days, candidate{int32(w*windowDays + 7*week + monday), NewJob})
		}
	}
	after := sigcity.Mix(m.late, uint64(person))
	for i := range d.moves {
		if h := sigcity.Mix(after, uint64(int64(d.moves[i].Day))); sigcity.Unit(h) < c.JobAfterMove {
			day := int(d.moves[i].Day) + 1 + int(sigcity.Unit(sigcity.Mix(h, 1))*7*(calmWeeks-1))
			d.days = append(d.days, candidate{int32(7*floorDiv(day-monday+6, 7) + monday), JobByMove})
		}
	}
	slices.SortFunc(d.days, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.reason, b.reason)) })
	d.days = slices.CompactFunc(d.days, func(a, b candidate) bool { return a.day == b.day })
	d.days = slices.DeleteFunc(d.days, func(x candidate) bool { return int(x.day) < m.from || int(x.day) >= m.to })
}

// hour is the second of the day from when on the change holds: children change
// with the home.
func (m *mover) hour(d *drawing, x candidate) int32 {
	if x.reason == SchoolMove {
		i := slices.IndexFunc(d.moves, func(v Move) bool { return v.Day == x.day })
		return d.moves[i].At
	}
	return 0
}

// instead draws the main place after a change, or before it: the one given where
// nothing changes. Work is drawn as it was at first, by the way from the home of
// the time; people stay with office-like jobs or others. Children of a household
// change together.
func (m *mover) instead(d *drawing, person uint32, x candidate, now Spot, before bool) Spot {
	const tries = 64
	who, c := &m.Persons[person], &m.Config
	hh := &m.Households[who.Household]
	g, day := m.mains[who.Employment], x.day
	if before {
		day--
	}
	home := m.City.Buildings[d.homeOn(hh, day)].Pos
	key := sigcity.Mix(sigcity.Mix(m.job, uint64(person)), uint64(int64(x.day)))
	if x.reason == SchoolMove {
		other := m.City.Buildings[d.homeOn(hh, 2*x.day-1-day)].Pos
		reach := c.SchoolScaleM
		if who.Employment == Preschool {
			reach = c.KindergartenScaleM
		}
		if far := home.Dist(m.Pos(now)); far <= max(c.Moves.SchoolReach*reach, other.Dist(m.Pos(now))) {
			return now
		}
		key = sigcity.Mix(sigcity.Mix(sigcity.Mix(m.school, uint64(who.Household)), uint64(int64(x.day))), uint64(who.Employment))
	}
	for k := range uint64(tries) {
		h := sigcity.Mix(key, k)
		s := g.draw(home, sigcity.Unit(h), sigcity.Unit(sigcity.Mix(h, 1)), c.WhiteCollarByIncome[hh.Income-1])
		if s != now && m.officeLike(s) == m.officeLike(now) {
			return s
		}
	}
	return now
}

// Alters says whether anything changes in household h: for most nothing does,
// and they need not be asked further.
func (t *Timeline) Alters(h uint32) bool { return t != nil && t.alters[h] }

// Moves lists the moves of household h, by day.
func (t *Timeline) Moves(h uint32) []Move { return t.moves.of(h) }

// Changes lists the changes of a person's main place, by day.
func (t *Timeline) Changes(person uint32) []Change { return t.changes.of(person) }

// Home is where household h lives at the end of a day.
func (t *Timeline) Home(h uint32, day int) geo.XY {
	return after(t.moves.of(h), day, t.pop.Households[h].Pos, func(x *Move) (int32, geo.XY, geo.XY) { return x.Day, x.From, x.To })
}

// Main is the main place of a person at the end of a day.
func (t *Timeline) Main(person uint32, day int) Spot {
	return after(t.changes.of(person), day, t.pop.Persons[person].Main, func(x *Change) (int32, Spot, Spot) { return x.Day, x.From, x.To })
}

// after is what changes, by day, leave of what was there on the first day.
func after[C, V any](changes []C, day int, first V, of func(*C) (at int32, from, to V)) V {
	for i := range changes {
		at, from, to := of(&changes[i])
		if int(at) > day {
			if at < 0 {
				return from
			}
			break
		}
		first = to
	}
	return first
}

// moment is a second of a day as Unix time.
func (t *Timeline) moment(day, at int32) uint32 { return t.cal.Start(int(day)) + uint32(at) }

// MoveRows are the moves of a part's households within the calendar, for the ground truth.
func (t *Timeline) MoveRows(part int) []dataset.Move {
	var out []dataset.Move
	for _, h := range t.pop.PartHouseholds(part) {
		for _, x := range t.Moves(h) {
			if x.Day < 0 {
				continue
			}
			from, to := t.pop.City.Proj.LonLat(x.From), t.pop.City.Proj.LonLat(x.To)
			out = append(out, dataset.Move{Household: h, Time: t.moment(x.Day, x.At), FromLon: from[0], FromLat: from[1],
				ToLon: to[0], ToLat: to[1], DistanceM: x.From.Dist(x.To)})
		}
	}
	return out
}

// Anchors lists home, main place and favourites of a part's people. A home or
// main place that changes within the calendar has a row for each that the
// person has, valid from the one change to the next; they tile the calendar.
func (t *Timeline) Anchors(part int) []dataset.Anchor {
	var out []dataset.Anchor
	for _, h := range t.pop.PartHouseholds(part) {
		for i, limit := t.pop.Members(h); i < limit; i++ {
			out = t.appendAnchors(out, i)
		}
	}
	return out
}

func (t *Timeline) appendAnchors(dst []dataset.Anchor, person uint32) []dataset.Anchor {
	p, begin, end := t.pop, t.cal.Start(0), t.cal.Start(t.cal.Days())
	who := &p.Persons[person]
	row := func(kind string, pos geo.XY, place int64) {
		ll := p.City.Proj.LonLat(pos)
		dst = append(dst, dataset.Anchor{Person: person, Kind: kind, Place: place, Cell: uint32(p.City.Serving(0, pos)), Lon: ll[0], Lat: ll[1]})
	}
	// next ends the validity of the last row at a time and begins that of a new one.
	next := func(at uint32, kind string, pos geo.XY, place int64) {
		if at == begin { // the one before is not met
			dst = dst[:len(dst)-1]
			row(kind, pos, place)
			return
		}
		last := &dst[len(dst)-1]
		if last.To == 0 {
			last.From = begin
		}
		last.To = at
		row(kind, pos, place)
		dst[len(dst)-1].From, dst[len(dst)-1].To = at, end
	}
	if g := p.Guest(who.Household); g == nil || g.Nights > 0 { // of guests, the hotel
		row(dataset.ActHome, p.Households[who.Household].Pos, -1)
	}
	for _, x := range t.Moves(who.Household) {
		if x.Day >= 0 {
			next(t.moment(x.Day, x.At), dataset.ActHome, x.To, -1)
		}
	}
	if who.Main != None {
		row(who.Employment.MainKind(), p.Pos(who.Main), who.Main.Place())
		for _, x := range t.Changes(person) {
			if x.Day >= 0 {
				next(t.moment(x.Day, x.At), who.Employment.MainKind(), p.Pos(x.To), x.To.Place())
			}
		}
	}
	for _, a := range []struct {
		kind string
		spot Spot
	}{
		{string(dataset.Shop), who.Shop[0]}, {string(dataset.Shop), who.Shop[1]},
		{string(dataset.Salon), who.Salon}, {string(dataset.DepartmentStore), who.Store},
		{string(dataset.Restaurant), who.Restaurant}, {string(dataset.Leisure), who.Leisure},
		{string(dataset.Worship), who.Worship},
	} {
		if a.spot != None {
			row(a.kind, p.Pos(a.spot), a.spot.Place())
		}
	}
	return dst
}
