package recognition

import (
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// UserProfile is the feature vector of one trajectory (P14).
type UserProfile struct {
	Records  int
	Days     int     // local days with records or stays
	Weekdays int     // of these
	Hours    float64 // hours of day with a record, mean over Days

	Locations  int     // of P5, by the leader rule
	Nights     int     // functional midnights (04:00) at home
	AllNights  int     // functional midnights in any stay
	StaySec    float64 // time in stays, s
	LongestSec float64 // the longest stay, s
	HomeShare  float64 // share of StaySec at home; 0 without a home
	Top2Share  float64 // share of StaySec at the two locations with most time
	Moving     float64 // share of the time in stays and trips (P7) that is trips
	Gyration   float64 // km; root mean square distance of the time in stays from its mean

	Home, Work int // positions in Places, −1 = none. Home has most nights; work most time on weekdays from 08:00 to 18:00, other than home

	WorkSec      float64 // time at work on weekdays from 08:00 to 18:00, s, mean over Weekdays
	WorkDays     int     // weekdays with 3 hours of that or more
	MovingWork   float64 // share of the time in stays and trips on weekdays from 08:00 to 18:00 that is trips
	SchoolDays   int     // weekdays with a stay away from home that begins by 09:00 and ends from 14:00 to 16:30
	CarerDays    int     // weekdays with an outing from home of 90 minutes at most that is on its way between 07:00 and 09:30, and another between 15:00 and 18:00
	OutingDays   int     // weekdays on which home is left between 08:00 and 18:00
	HubSec       float64 // time in stays within HubReach of a hub, s
	HubVisits    int     // such stays
	HubDays      int     // days with one
	WeekdayHours [24]float64
	WeekendHours [24]float64 // share of records by hour of day, weekdays and other days; each sums to 1, or to 0 without any
}

// ProfileFeatures names what Vector returns, in order.
func ProfileFeatures() []string {
	out := []string{"records_per_day", "days", "hours", "locations", "nights", "all_nights", "stay_h", "longest_stay_h", "home_share", "top2_share",
		"moving", "gyration_km", "work_h", "work_days", "moving_at_work", "school_days", "carer_days", "outing_days", "hub_h", "hub_visits", "hub_days"}
	for _, kind := range []string{"weekday", "weekend"} {
		for h := range 24 {
			out = append(out, fmt.Sprintf("%s_%02d", kind, h))
		}
	}
	return out
}

// Vector appends the features as numbers, for [TrainForest] or [KMeans].
func (p *UserProfile) Vector(dst []float64) []float64 {
	n := func(v int) float64 { return float64(v) }
	dst = append(dst, n(p.Records)/max(1, n(p.Days)), n(p.Days), p.Hours, n(p.Locations), n(p.Nights), n(p.AllNights), p.StaySec/hour, p.LongestSec/hour, p.HomeShare, p.Top2Share,
		p.Moving, p.Gyration, p.WorkSec/hour, n(p.WorkDays), p.MovingWork, n(p.SchoolDays), n(p.CarerDays), n(p.OutingDays), p.HubSec/hour, n(p.HubVisits), n(p.HubDays))
	dst = append(dst, p.WeekdayHours[:]...)
	return append(dst, p.WeekendHours[:]...)
}

// HubReach is how near to a hub a stay's area is taken to be at it, m, or its
// own site spacing if that is more (assumed).
const HubReach = 1000

// Hours that the features look at, seconds after midnight (assumed).
const (
	officeFrom, officeTo   = 8 * hour, 18 * hour
	schoolBy               = 9 * hour
	schoolOver, schoolLast = 14 * hour, 16*hour + 1800
	bringFrom, bringTo     = 7 * hour, 9*hour + 1800
	fetchFrom, fetchTo     = 15 * hour, 18 * hour
	outingSec              = 90 * 60
	workDaySec             = 3 * hour
)

// profileGap is the longest silence of a phone that is still there, s. One that is
// on is heard every 54 minutes (T3412): after two updates missed it is off or has
// left. P4's 12 hours would let who works here and lives elsewhere sleep at work.
const profileGap = 2 * hour

// UserProfiler measures trajectories: stays by P4, with silences of 2 hours at
// most, trips by P7, locations by P5. A record with a span counts in the hour of its
// middle. It reuses its memory; one per goroutine.
type UserProfiler struct {
	cal       *sigcity.Calendar
	areas     *geo.Areas
	hub       []bool // per area: within reach of a hub
	stays     *StayFinder
	find      *LocationFinder
	rows      []Stay
	trips     []Trip
	locations []Location
	label     []int32
	office    []float64 // per location: time in office hours
	days      []dayMarks
}

// dayMarks is what a day saw.
type dayMarks struct {
	seen, brought, fetched, school, hub, out bool
	work                                     float64
	hours                                    uint32 // bits
}

// NewUserProfiler works in local time of cal over the given areas; hubs are
// stations and airports on the plane, if known.
func NewUserProfiler(cal *sigcity.Calendar, areas *geo.Areas, hubs []geo.XY) (*UserProfiler, error) {
	for i, h := range hubs {
		if math.IsNaN(h.X+h.Y) || math.IsInf(h.X+h.Y, 0) {
			return nil, fmt.Errorf("user profiles: hub %d at %v, want a point", i, h)
		}
	}
	find, err := NewLocationFinder(areas, LocationParams{Calendar: cal})
	if err != nil {
		return nil, err
	}
	p := DefaultStayParams()
	p.GapS, p.From, p.To = profileGap, cal.Start(0), cal.Start(cal.Days())
	u := &UserProfiler{cal: cal, areas: areas, hub: make([]bool, areas.Len()), stays: NewStayFinder(areas, nil, p), find: find,
		days: make([]dayMarks, cal.Days())}
	for i := range u.hub {
		id := sigcity.AreaID(i)
		reach := max(HubReach, areas.Spacing(id))
		u.hub[i] = slices.ContainsFunc(hubs, func(h geo.XY) bool { return areas.Centers[id].Dist(h) <= reach })
	}
	return u, nil
}

// Places is the locations of the trajectory last profiled; valid until the next.
func (u *UserProfiler) Places() []Location { return u.locations }

// Stays is its stays and the position in Places of each; valid until the next.
func (u *UserProfiler) Stays() ([]Stay, []int32) { return u.rows, u.label }

// Bound sets the time that the trajectories to come are known for, at first the
// days of the calendar; see [StayParams].
func (u *UserProfiler) Bound(from, to uint32) { u.stays.Bound(from, to) }

// Profile measures t.
func (u *UserProfiler) Profile(t sigcity.Trajectory) UserProfile {
	u.rows = u.stays.Find(u.rows[:0], t)
	u.trips = u.stays.Trips(u.trips[:0])
	u.locations, u.label = u.find.Find(u.locations[:0], u.label[:0], u.rows)
	clear(u.days)
	p := UserProfile{Records: len(t.Records), Locations: len(u.locations), Home: -1, Work: -1}
	u.rhythm(&p, t)
	u.anchors(&p)
	u.daily(&p)
	u.space(&p)
	for d, m := range u.days {
		if !m.seen {
			continue
		}
		p.Days++
		for bits := m.hours; bits > 0; bits &= bits - 1 {
			p.Hours++
		}
		if m.hub {
			p.HubDays++
		}
		if u.cal.Kind(d) != sigcity.Weekday {
			continue
		}
		p.Weekdays++
		p.WorkSec += m.work
		for _, c := range []struct {
			yes bool
			n   *int
		}{{m.work >= workDaySec, &p.WorkDays}, {m.school, &p.SchoolDays}, {m.brought && m.fetched, &p.CarerDays}, {m.out, &p.OutingDays}} {
			if c.yes {
				*c.n++
			}
		}
	}
	p.Hours /= float64(max(p.Days, 1))
	p.WorkSec /= float64(max(p.Weekdays, 1))
	return p
}

// rhythm counts records by day and hour.
func (u *UserProfiler) rhythm(p *UserProfile, t sigcity.Trajectory) {
	var n [2]float64
	for _, r := range t.Records {
		day, second := u.cal.Clock(moment(r))
		if day < 0 || day >= u.cal.Days() {
			continue
		}
		h := min(second/hour, 23)
		u.days[day].seen = true
		u.days[day].hours |= 1 << h
		if u.cal.Kind(day) == sigcity.Weekday {
			p.WeekdayHours[h]++
			n[0]++
		} else {
			p.WeekendHours[h]++
			n[1]++
		}
	}
	for h := range 24 {
		p.WeekdayHours[h] /= max(n[0], 1)
		p.WeekendHours[h] /= max(n[1], 1)
	}
}

// anchors finds home and work among the locations.
func (u *UserProfiler) anchors(p *UserProfile) {
	for i, l := range u.locations {
		p.AllNights += l.Nights
		if l.Nights > p.Nights || l.Nights > 0 && l.Nights == p.Nights && l.Seconds > u.locations[p.Home].Seconds {
			p.Home, p.Nights = i, l.Nights
		}
	}
	u.office = slices.Grow(u.office[:0], len(u.locations))[:len(u.locations)]
	clear(u.office)
	for i, s := range u.rows {
		for _, sec := range u.weekdays(s.Start, s.End, officeFrom, officeTo) {
			u.office[u.label[i]] += sec
		}
	}
	p.Work = most(u.office, p.Home)
}

// weekdays yields the weekdays that an interval touches and how many of its
// seconds lie between two hours of them.
func (u *UserProfiler) weekdays(start, end, from, to uint32) func(yield func(day int, seconds float64) bool) {
	return func(yield func(int, float64) bool) {
		for d := max(0, u.cal.Day(start)); d < u.cal.Days() && u.cal.Start(d) < end; d++ {
			if u.cal.Kind(d) != sigcity.Weekday {
				continue
			}
			a, b := max(start, u.cal.Start(d)+from), min(end, u.cal.Start(d)+to)
			if b > a && !yield(d, float64(b-a)) {
				return
			}
		}
	}
}

// daily looks at what each weekday is like.
func (u *UserProfiler) daily(p *UserProfile) {
	stayed, moved := 0.0, 0.0
	last := -1 // the last stay at home
	for i, s := range u.rows {
		at := int(u.label[i])
		p.StaySec += float64(s.End - s.Start)
		p.LongestSec = max(p.LongestSec, float64(s.End-s.Start))
		for d := max(0, u.cal.Day(s.Start)); d < u.cal.Days() && u.cal.Start(d) < s.End; d++ {
			u.days[d].seen = true
			u.days[d].hub = u.days[d].hub || u.hub[s.Area]
		}
		if u.hub[s.Area] {
			p.HubSec += float64(s.End - s.Start)
			p.HubVisits++
		}
		for d, sec := range u.weekdays(s.Start, s.End, officeFrom, officeTo) {
			stayed += sec
			if at == p.Work {
				u.days[d].work += sec
			}
			u.days[d].out = u.days[d].out || at != p.Home
		}
		if at != p.Home {
			for d := range u.weekdays(s.Start, s.End, schoolBy, schoolOver) {
				midnight := u.cal.Start(d)
				u.days[d].school = u.days[d].school || s.Start >= midnight && s.Start <= midnight+schoolBy &&
					s.End >= midnight+schoolOver && s.End <= midnight+schoolLast
			}
			continue
		}
		if last >= 0 {
			u.outing(u.rows[last].End, s.Start)
		}
		last = i
	}
	for _, t := range u.trips {
		moved += float64(t.End - t.Start)
	}
	p.Moving = fractionOf(moved, p.StaySec+moved)
	moved = 0
	for _, t := range u.trips {
		for _, sec := range u.weekdays(t.Start, t.End, officeFrom, officeTo) {
			moved += sec
		}
	}
	p.MovingWork = fractionOf(moved, stayed+moved)
}

// outing marks the time between two stays at home.
func (u *UserProfiler) outing(from, to uint32) {
	for d := range u.weekdays(from, to, officeFrom, officeTo) {
		u.days[d].out = true
	}
	if to-from > outingSec {
		return
	}
	for d := range u.weekdays(from, to, bringFrom, bringTo) {
		u.days[d].brought = true
	}
	for d := range u.weekdays(from, to, fetchFrom, fetchTo) {
		u.days[d].fetched = true
	}
}

// space measures how the time in stays is spread.
func (u *UserProfiler) space(p *UserProfile) {
	if p.StaySec == 0 {
		return
	}
	var mean geo.XY
	best, second := 0.0, 0.0
	for _, l := range u.locations {
		w := l.Seconds / p.StaySec
		mean = geo.XY{X: mean.X + float64(w*l.Center.X), Y: mean.Y + float64(w*l.Center.Y)}
		if l.Seconds > best {
			best, second = l.Seconds, best
		} else {
			second = max(second, l.Seconds)
		}
	}
	sum := 0.0
	for _, s := range u.rows {
		sum += float64(float64(s.End-s.Start) / p.StaySec * u.areas.Centers[s.Area].Dist2(mean))
	}
	p.Gyration = math.Sqrt(sum) / 1000
	p.Top2Share = (best + second) / p.StaySec
	if p.Home >= 0 {
		p.HomeShare = u.locations[p.Home].Seconds / p.StaySec
	}
}

// fractionOf is a share, 0 of nothing.
func fractionOf(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}
