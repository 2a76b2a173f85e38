package gen

import (
	"math"
	"slices"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// absence is a journey out of the city. It is for callers that its person cannot
// be reached from leave on, although the phone leaves the network only at the
// gate, until back, when the person comes in through the gate.
type absence struct {
	leave, back uint32 // Unix seconds; leaving for the gate, coming in through it
	gate        int32  // index into City.Gates
	mode        Mode   // to the gate: Car, or Transit (walk, ride or be driven)
	commute     bool   // to work outside
}

// absences tells when people are away: a pure function of the person and the day,
// which whoever calls them can ask as well as they themselves. It is immutable.
//
// A household goes on vacation, a person on a business trip, within a block of
// days that is drawn for: no absence reaches beyond its block, so that a look at
// the blocks of two days finds all that touches them. Blocks begin on different
// days for different people.
type absences struct {
	pop      *population.Population
	life     *Life
	loc      *time.Location
	year     int // of the first day, as the next two
	month    time.Month
	date     int
	epoch    int // days from 1970-01-01 to the first day
	holidays map[string]bool
	gates    [3][]int32 // by kind
	weights  [3]float64
	vacation uint64 // scopes
	business uint64
	commute  uint64
}

// The blocks, in days, and the longest journeys in nights.
const (
	vacationBlock = 28
	businessBlock = 14
	longestStay   = 16
)

// newAbsences is nil where the city has no gates: nobody leaves it.
func newAbsences(pop *population.Population, life *Life, cal *sigcity.Calendar, holidays []string) *absences {
	if len(pop.City.Gates) == 0 {
		return nil
	}
	first := time.Unix(int64(cal.Start(0)), 0).In(cal.Location())
	a := &absences{pop: pop, life: life, loc: cal.Location(), holidays: map[string]bool{},
		vacation: sigcity.Scope(pop.Seed, "gen.vacation"), business: sigcity.Scope(pop.Seed, "gen.business"), commute: sigcity.Scope(pop.Seed, "gen.commute")}
	a.year, a.month, a.date = first.Date()
	a.epoch = int(time.Date(a.year, a.month, a.date, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	for _, h := range holidays {
		a.holidays[h] = true
	}
	for i, g := range pop.City.Gates {
		a.gates[g.Kind] = append(a.gates[g.Kind], int32(i))
		a.weights[g.Kind] += g.Weight
	}
	return a
}

// midnight is the local midnight that a day of the epoch begins with.
func (a *absences) midnight(day int) uint32 {
	return uint32(time.Date(a.year, a.month, a.date+day-a.epoch, 0, 0, 0, 0, a.loc).Unix())
}

// free tells weekends and holidays.
func (a *absences) free(day int) bool {
	w := weekdayOf(day)
	if w == time.Saturday || w == time.Sunday {
		return true
	}
	return len(a.holidays) > 0 && a.holidays[time.Date(a.year, a.month, a.date+day-a.epoch, 0, 0, 0, 0, time.UTC).Format(sigcity.DateLayout)]
}

func weekdayOf(day int) time.Weekday { return time.Weekday((day + int(time.Thursday)) % 7) }

// around appends the times at which a person may not be reached for being away
// that touch a day or the day before.
func (a *absences) around(dst []outage, person uint32, before, d day) []outage {
	var found [maxAbsences]absence
	for _, x := range a.of(found[:0], person, before, d) {
		dst = append(dst, outage{start: x.leave, end: x.back, silent: true})
	}
	return dst
}

// maxAbsences is the most that two days can touch: a vacation and a business trip
// of each of two blocks, or vacations and a commute on each day.
const maxAbsences = 4

// of appends the absences of a person that touch a day or the day before, by the
// time of leaving. No two overlap: who is on vacation is not on business.
func (a *absences) of(dst []absence, person uint32, before, d day) []absence {
	if a == nil || d.index < 0 || int(person) >= a.pop.Residents {
		return dst
	}
	end, begin := d.midnight+uint32(d.length), before.midnight
	touches := func(x absence) bool { return x.leave < end && x.back > begin }
	from := len(dst)
	h := a.pop.Persons[person].Household
	hash := sigcity.Mix(a.vacation, uint64(h))
	lo, hi := a.blocks(hash, vacationBlock, before, d)
	for k := lo; k <= hi; k++ {
		if x, ok := a.vacationIn(h, hash, k, a.epoch+before.index, a.epoch+d.index); ok && touches(x) {
			dst = append(dst, x)
		}
	}
	switch who := &a.pop.Persons[person]; {
	case a.commutes(person):
		for _, x := range [2]day{before, d} {
			if c, ok := a.commuteOn(person, a.epoch+x.index); ok && touches(c) && !a.holidaysClash(h, c) {
				dst = append(dst, c)
			}
			if before.index == d.index {
				break
			}
		}
	case who.Employment == population.Employed:
		hash := sigcity.Mix(a.business, uint64(person))
		lo, hi := a.blocks(hash, businessBlock, before, d)
		for k := lo; k <= hi; k++ {
			x, ok := a.businessIn(person, hash, k)
			if ok && touches(x) && !a.holidaysClash(h, x) {
				dst = append(dst, x)
			}
		}
	}
	slices.SortFunc(dst[from:], func(x, y absence) int { return int(int64(x.leave) - int64(y.leave)) })
	return dst
}

// phase is the day of the epoch, below the block's length, that a block begins on.
func phase(hash uint64, block int) int { return int(sigcity.Mix(hash, 0) % uint64(block)) }

// blocks are the numbers of the blocks that two days lie in.
func (a *absences) blocks(hash uint64, block int, before, d day) (lo, hi int) {
	p := phase(hash, block)
	return (a.epoch + before.index + p) / block, (a.epoch + d.index + p) / block
}

// vacationIn is the vacation of a household in a block of days, if it touches days
// of the epoch from one to another.
func (a *absences) vacationIn(h uint32, hash uint64, k, from, to int) (absence, bool) {
	key := sigcity.Mix(hash, uint64(k)+1)
	home := &a.pop.Households[h]
	// Those who have more travel more: 0.4 to 1.6 of the mean (assumed).
	rate := a.life.Vacations * (0.1 + 0.3*float64(home.Income)) * vacationBlock / 365
	if sigcity.Unit(key) >= rate {
		return absence{}, false
	}
	u := func(i uint64) float64 { return sigcity.Unit(sigcity.Mix(key, i)) }
	begin := k*vacationBlock - phase(hash, vacationBlock)
	limit := begin + vacationBlock - 1 // the last day to be back on
	nights := 1 + int(3*u(1))          // a long weekend
	if u(2) >= a.life.ShortVacations {
		nights = 5 + int((longestStay-4)*u(3)*u(3))
	}
	// The weekends of the block, of which one beside a holiday is preferred.
	leaveDay := time.Saturday
	evening := nights <= 3 && u(4) < 0.5
	if evening {
		leaveDay = time.Friday
	}
	first := begin + int(leaveDay-weekdayOf(begin)+7)%7
	weeks := (limit-nights-first)/7 + 1
	start := first + 7*int(u(5)*float64(weeks))
	for w := range weeks {
		if s := first + 7*w; a.free(s+nights+1) && !a.free(start+nights+1) {
			start = s
			break
		}
	}
	for a.free(start+nights+1) && nights < longestStay && start+nights < limit {
		nights++
	}
	if start > to || start+nights < from { // what it would be costs more than all the above
		return absence{}, false
	}
	leave := 6 + 5*u(6)
	if evening {
		leave = 16.5 + 3*u(6)
	}
	return a.journey(key, start, nights, leave, 11+9.5*u(7), a.travelsByCar(h))
}

// businessIn is the business trip of a person in a block of days: on working
// days, of somebody who leaves no child alone.
func (a *absences) businessIn(person uint32, hash uint64, k int) (absence, bool) {
	key := sigcity.Mix(hash, uint64(k)+1)
	if sigcity.Unit(key) >= a.life.BusinessTrips*businessBlock/365 {
		return absence{}, false
	}
	who := &a.pop.Persons[person]
	children, adults := false, 0
	for i, limit := a.pop.Members(who.Household); i < limit; i++ {
		if m := &a.pop.Persons[i]; m.Age < 15 {
			children = true
		} else if m.Age >= 18 && i != person {
			adults++
		}
	}
	if who.Age < 18 || children && adults == 0 {
		return absence{}, false
	}
	u := func(i uint64) float64 { return sigcity.Unit(sigcity.Mix(key, i)) }
	begin := k*businessBlock - phase(hash, businessBlock)
	nights := int(4 * u(1) * u(1)) // many are back in the evening
	start := begin + int(time.Monday-weekdayOf(begin)+7)%7
	start += int(u(2) * float64(5-nights)) // Monday … Friday
	if start+nights >= begin+businessBlock || a.free(start) || a.free(start+nights) {
		return absence{}, false
	}
	return a.journey(key, start, nights, 5.5+3.5*u(6), 16+5*u(7), who.Car)
}

// holidaysClash tells a business trip on, or less than a day from, a vacation of
// the household.
func (a *absences) holidaysClash(h uint32, x absence) bool {
	hash := sigcity.Mix(a.vacation, uint64(h))
	p := phase(hash, vacationBlock)
	day := int(x.leave / 86400)
	for k := (day - 2 + p) / vacationBlock; k <= (day+7+p)/vacationBlock; k++ {
		if v, ok := a.vacationIn(h, hash, k, math.MinInt, math.MaxInt); ok && v.leave < x.back+86400 && v.back+86400 > x.leave {
			return true
		}
	}
	return false
}

func (a *absences) travelsByCar(h uint32) bool {
	for i, limit := a.pop.Members(h); i < limit; i++ {
		if a.pop.Persons[i].Car {
			return true
		}
	}
	return false
}

// How far a journey leads decides how it is made (assumed): some 300 km and 1000 km
// part the classes. Shares of journeys by class, and within a class by car of those
// who have one, and by rail of the others; the rest flies.
var distanceClasses = [...]struct{ share, car, rail float64 }{
	{0.60, 0.80, 1}, {0.28, 0.45, 0.75}, {0.12, 0.05, 0.05},
}

// journey makes an absence of so many nights: who travels leaves at an hour of
// the first day and is back at the gate at an hour of the last.
func (a *absences) journey(key uint64, start, nights int, leaveH, backH float64, car bool) (absence, bool) {
	u := func(i uint64) float64 { return sigcity.Unit(sigcity.Mix(key, 100+i)) }
	class, v := 0, u(0)
	for class < len(distanceClasses)-1 && v >= distanceClasses[class].share {
		v -= distanceClasses[class].share
		class++
	}
	c := distanceClasses[class]
	kind := network.AirGate
	switch {
	case car && u(1) < c.car:
		kind = network.RoadGate
	case u(2) < c.rail:
		kind = network.RailGate
	}
	// Where there is no such gate, by road: a coach, a train from the next town.
	for len(a.gates[kind]) == 0 {
		kind = (kind + 1) % network.GateKind(len(a.gates))
	}
	x := absence{gate: a.gate(kind, u(3)), mode: Car}
	if kind == network.RailGate || kind == network.AirGate && (!car || u(4) < 0.4) {
		x.mode = Transit
	}
	x.leave = a.midnight(start) + uint32(leaveH*3600)
	x.back = a.midnight(start+nights) + uint32(backH*3600)
	if x.back < x.leave+4*3600 { // a day's trip is one of four hours at least
		x.back = x.leave + 4*3600
	}
	return x, true
}

// gate draws one of a kind by weight.
func (a *absences) gate(kind network.GateKind, u float64) int32 {
	left := float64(u * a.weights[kind])
	list := a.gates[kind]
	for _, g := range list {
		if left -= a.pop.City.Gates[g].Weight; left < 0 {
			return g
		}
	}
	return list[len(list)-1]
}
