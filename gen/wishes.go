package gen

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// shift is when a person works.
type shift uint8

const (
	dayShift shift = iota
	earlyShift
	lateShift
	nightShift
)

var shiftNames = [...]string{"day", "early", "late", "night"}

// habits are what stays the same from day to day: pure functions of the person.
type habits struct {
	shift     shift
	partTime  bool
	weekends  bool         // works Saturdays and Sundays, rests on two weekdays
	restDay   time.Weekday // the first of these, Monday … Thursday
	desk      bool         // has an office-like job
	worships  bool
	workStart int32
	workDur   int32
}

// habitsOf draws the habits. Those who live
// with preschool children have day shifts: someone must bring and fetch them; so
// have those who come from outside (assumed).
func (p *planner) habitsOf(id uint32, who *population.Person) habits {
	l := p.life
	h := sigcity.Mix(p.scopes.trait, uint64(id)<<1)
	u := func(k uint64) float64 { return sigcity.Unit(sigcity.Mix(h, k)) }
	out := habits{worships: u(0) < l.Worshippers}
	if who.Employment != population.Employed {
		return out
	}
	part := l.PartTime
	if who.Sex == population.Male {
		part /= 4
	}
	out.partTime = u(1) < part
	out.weekends = u(2) < l.WeekendWork
	out.restDay = time.Monday + time.Weekday(u(3)*4)
	// A sum of uniform draws stands in for a normal one: no stream needed.
	z := func(k uint64) float64 { return (u(k) + u(k+1) + u(k+2) + u(k+3) - 2) * 1.7320508 }
	out.workStart = hours(l.WorkStartH + float64(l.WorkStartSDH*z(10)))
	out.workDur = hours(l.WorkHours + float64(l.WorkHoursSD*z(20)))
	if out.partTime {
		out.workDur = hours(4.5 + u(4))
	}
	out.desk = p.desk(who)
	if p.mayEscort(who) || p.pop.Guest(who.Household) != nil {
		out.weekends = false
		return out
	}
	switch s := u(5); {
	case s < l.EarlyShift:
		out.shift, out.workStart, out.workDur = earlyShift, hours(6), hours(8.1)
	case s < l.EarlyShift+l.LateShift:
		out.shift, out.workStart, out.workDur = lateShift, hours(13.8), hours(8.1)
	case s < l.EarlyShift+l.LateShift+l.NightShift:
		out.shift, out.workStart, out.workDur = nightShift, hours(21.8), hours(8.3)
	}
	return out
}

// desk tells office-like jobs.
func (p *planner) desk(who *population.Person) bool {
	if who.Main == population.None {
		return false
	}
	if who.Main < 0 {
		return p.pop.City.Buildings[^who.Main].Use == network.Commercial
	}
	return p.pop.City.Places[who.Main].Category == "office"
}

// mayEscort tells the adults who live with a preschool child.
func (p *planner) mayEscort(who *population.Person) bool {
	if who.Role == population.Child {
		return false
	}
	return withPreschooler(p.pop, who.Household)
}

// wishes fills p.stops with what the person wants to do today, in order.
func (p *planner) wishes(r *rand.Rand, m *member, d day, h uint32) {
	main := m.who.Main != population.None && !m.off
	free := d.kind != sigcity.Weekday
	switch m.who.Employment {
	case population.Employed:
		if main && p.works(r, m, d) {
			p.workday(r, m, d)
			return
		}
	case population.Pupil:
		if main && !free && r.Float64() >= p.life.ChildSick {
			p.school(r, m, d)
			return
		}
	case population.Student:
		if main && !free && r.Float64() < 0.85 {
			p.lectures(r, m, d)
			return
		}
	}
	p.freeDay(r, m, d, h)
}

// works says whether the person goes to work today.
func (p *planner) works(r *rand.Rand, m *member, d day) bool {
	off, remote := r.Float64() < p.life.DayOff, r.Float64() < p.life.HomeOffice
	if off || (remote && m.habits.desk) || d.kind == sigcity.Holiday && !m.habits.weekends {
		return false
	}
	if m.habits.weekends {
		return d.kind != sigcity.Weekday || (d.weekday != m.habits.restDay && d.weekday != m.habits.restDay+1)
	}
	return d.kind == sigcity.Weekday
}

// workday: escort, work with lunch, escort, errands on the way home, evening.
func (p *planner) workday(r *rand.Rand, m *member, d day) {
	start, dur := m.habits.workStart+jitter(r, 8), m.habits.workDur+jitter(r, 15)
	e := m.escort
	if e.bring {
		p.add(p.kindergarten(e.spot, e.bringAt, false))
		start = max(start, e.bringAt+minStay+int32(20*60))
	}
	if e.fetch {
		// Leave work in time, and begin earlier if nothing stands against it.
		end := e.fetchAt - int32(25*60)
		dur = min(dur, hours(8.2))
		if !e.bring {
			start = min(start, max(end-dur, hours(6.5)))
		}
		dur = max(min(dur, end-start), hours(2))
	}
	s := p.at(m.who.Main, Work, start, dur)
	s.fixed, s.overnight = true, m.habits.shift == nightShift
	if m.habits.shift == dayShift && !m.habits.partTime && r.Float64() < p.life.LunchOut {
		noon, long := hours(12)+jitter(r, 20), int32(30+r.IntN(25))*60
		back := noon + long + 10*60
		spot := p.choose(r, m, lunch)
		if spot != population.None && noon-start > 3600 && start+dur-back > 3600 {
			morning := s
			morning.dur = noon - start
			p.add(morning)
			p.add(p.errandAt(lunch, spot, noon, long))
			s.at, s.dur = back, start+dur-back
		}
	}
	p.add(s)
	if m.habits.shift == nightShift {
		return
	}
	if e.fetch {
		p.add(p.kindergarten(e.spot, e.fetchAt, true))
	} else {
		p.onTheWay(r, m, d)
	}
	p.evening(r, m, d)
}

func (p *planner) kindergarten(spot population.Spot, at int32, fetch bool) stop {
	s := p.at(spot, Kindergarten, at, minStay)
	s.fromHome, s.thenHome = !fetch, fetch
	return s
}

// school: a pupil's day, with something to do in some afternoons.
func (p *planner) school(r *rand.Rand, m *member, d day) {
	dur := hours(6.5)
	if m.who.Age >= 12 {
		dur = hours(7.8)
	}
	s := p.at(m.who.Main, School, hours(8)+jitter(r, 8), dur+jitter(r, 15))
	s.fixed = true
	p.add(s)
	if r.Float64() < p.life.Leisure*p.factor(d) {
		p.addErrand(r, m, leisure, hours(16.5)+jitter(r, 30), int32(60+r.IntN(60))*60)
	}
}

// lectures: a student's day.
func (p *planner) lectures(r *rand.Rand, m *member, d day) {
	s := p.at(m.who.Main, University, hours(8+2.5*r.Float64()), hours(4+4*r.Float64()))
	s.fixed = true
	p.add(s)
	p.onTheWay(r, m, d)
	p.evening(r, m, d)
}

// onTheWay: errands right after the main activity.
func (p *planner) onTheWay(r *rand.Rand, m *member, d day) {
	u, v := r.Float64(), r.Float64()
	if u < p.life.ShopBusy*p.factor(d) {
		e := wayShop
		if v < 0.4 {
			e = homeShop
		}
		p.addErrand(r, m, e, after, int32(15+r.IntN(40))*60)
		return
	}
	switch {
	case v < p.salonRate(m) && !d.sunday && m.habits.shift != lateShift:
		p.addErrand(r, m, salon, after, int32(35+r.IntN(70))*60)
	case v > 1-p.storeRate(m)/2: // department stores take time
		p.addErrand(r, m, store, after, int32(40+r.IntN(60))*60)
	}
}

// evening: out again, after a while at home or straight on.
func (p *planner) evening(r *rand.Rand, m *member, d day) {
	f := p.factor(d)
	u, w := r.Float64(), r.Float64()
	at := hours(18.7 + 1.3*w)
	if m.habits.shift == lateShift {
		return
	}
	switch l := p.life; {
	case u < l.Leisure*f:
		p.addErrand(r, m, leisure, at, int32(60+r.IntN(90))*60)
	case u < (l.Leisure+l.Restaurant)*f:
		p.addErrand(r, m, dinner, at, int32(50+r.IntN(70))*60)
	case u > 1-l.Visit*f/2:
		p.visit(r, m, at, int32(60+r.IntN(120))*60)
	}
}

// goOn adds an errand that follows another one at once: a bite, the shopping.
func (p *planner) goOn(r *rand.Rand, m *member) {
	u, v := r.Float64(), r.Float64()
	switch {
	case u >= p.life.GoOn || m.who.Age < 12:
	case v < 0.5:
		p.addErrand(r, m, dinner, after, int32(30+r.IntN(60))*60)
	default:
		p.addErrand(r, m, homeShop, after, int32(15+r.IntN(45))*60)
	}
}

// stayIn is the chance that somebody who neither works nor learns today spends
// the day at home.
func (p *planner) stayIn(m *member, d day) float64 {
	stay := p.life.StayInBusy
	if d.kind != sigcity.Weekday {
		stay = p.life.StayInFree
	}
	if m.who.Age >= 75 {
		stay = min(1, 1.3*stay) // assumed
	}
	return stay
}

// freeDay: a day without work or lessons, at home or out.
func (p *planner) freeDay(r *rand.Rand, m *member, d day, h uint32) {
	l, f := p.life, p.factor(d)
	e := m.escort
	if e.bring {
		p.add(p.kindergarten(e.spot, e.bringAt, false))
	}
	if r.Float64() < p.stayIn(m, d) {
		if e.fetch {
			p.add(p.kindergarten(e.spot, e.fetchAt, true))
		}
		return
	}
	rested := m.who.Age < 60
	at := hours(9) + int32(r.IntN(90))*60
	if d.kind != sigcity.Weekday && rested {
		at += 45 * 60
	}
	if m.habits.worships && d.sunday && m.who.Worship != population.None {
		p.add(p.at(m.who.Worship, Worship, at, int32(50+r.IntN(40))*60))
	}
	hospital := l.Hospital
	if m.who.Age >= 60 {
		hospital *= 3
	}
	if d.kind == sigcity.Weekday && r.Float64() < hospital*4 && m.who.Hospital != population.None {
		p.add(p.at(m.who.Hospital, Hospital, at, int32(60+r.IntN(150))*60))
	} else if m.who.Age >= 12 && r.Float64() < l.ShopFree*f {
		p.addErrand(r, m, homeShop, at+int32(r.IntN(60))*60, int32(15+r.IntN(60))*60)
	}
	if m.who.Age >= 16 && !e.fetch && r.Float64() < p.excursionRate(d) {
		p.addErrand(r, m, excursion, hours(10)+int32(r.IntN(180))*60, hours(2)+int32(r.IntN(240))*60)
		p.goOn(r, m)
	} else {
		p.afternoon(r, m, d)
	}
	if e.fetch {
		p.add(p.kindergarten(e.spot, e.fetchAt, true))
	}
	if m.who.Age >= 16 {
		p.evening(r, m, d)
	}
}

// afternoon: at most one longer errand of a free day, over before children are
// fetched.
func (p *planner) afternoon(r *rand.Rand, m *member, d day) {
	l, f := p.life, p.factor(d)
	at := hours(13) + int32(r.IntN(80))*60
	stores, salons := p.storeRate(m), 2*p.salonRate(m)
	if d.kind != sigcity.Weekday {
		stores *= l.StoreWeekend
	}
	u := r.Float64()
	dur := func(from, to int) int32 { return int32(from+r.IntN(to-from)) * 60 }
	for _, c := range []struct {
		rate     float64
		errand   errand
		from, to int // minutes
		closed   bool
	}{
		{stores * f, store, 45, 150, m.who.Age < 12},
		{salons * f, salon, 40, 110, d.sunday},
		{1.6 * l.Leisure * f, leisure, 50, 150, false},
		{0.5 * l.Restaurant * f, dinner, 45, 100, m.who.Age < 12},
	} {
		if u -= c.rate; u < 0 {
			if !c.closed {
				p.addErrand(r, m, c.errand, at, dur(c.from, c.to))
				p.goOn(r, m)
			}
			return
		}
	}
	if u < l.Visit*f {
		p.visit(r, m, at, dur(50, 170))
	}
}

// excursionRate is the chance of a trip out that takes half the day or more;
// on working days those who are free make few.
func (p *planner) excursionRate(d day) float64 {
	if d.kind == sigcity.Weekday {
		return p.life.Excursion / 4
	}
	return p.life.Excursion * p.factor(d)
}

// salonRate is the chance of a visit a day; children are taken along rarely.
func (p *planner) salonRate(m *member) float64 {
	if m.who.Sex == population.Female && m.who.Age >= 16 {
		return p.life.SalonFemale
	}
	return p.life.SalonMale
}

func (p *planner) storeRate(m *member) float64 {
	rate := p.life.StoreByIncome[p.pop.Households[m.who.Household].Income-1]
	if m.who.Sex == population.Female {
		rate *= p.life.StoreFemale
	}
	return rate
}

// visit goes to a relative's or a friend's home, drawn by how often the two are
// in touch; people without any stay.
func (p *planner) visit(r *rand.Rand, m *member, at, dur int32) {
	p.contacts = p.pop.AppendContacts(p.contacts[:0], m.id)
	p.contacts = slices.DeleteFunc(p.contacts, func(c population.Contact) bool {
		return c.Tie != population.Relative && c.Tie != population.Friend
	})
	total := 0.0
	for _, c := range p.contacts {
		total += float64(c.Weight)
	}
	u := float64(r.Float64() * total)
	for i, c := range p.contacts {
		if u -= float64(c.Weight); u < 0 || i == len(p.contacts)-1 {
			p.add(stop{pos: p.homeOf(p.pop.Persons[c.Peer].Household), place: -1, kind: Visit, at: at, dur: dur})
			return
		}
	}
}

func (p *planner) add(s stop) { p.stops = append(p.stops, s) }
