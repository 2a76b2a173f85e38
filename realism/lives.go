package realism

import (
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Kinds of days, and what is counted of each.
const (
	weekdays = iota
	freeDays // weekends and holidays
	dayKinds
)

// lives is what the truth says of stays and trips.
type lives struct {
	people *people
	cal    *sigcity.Calendar
	proj   geo.Projection
	days   [dayKinds]int

	trips    *counts // by kind of day
	out      *counts // persons and days with a trip, by kind of day
	gone     *counts // persons and days wholly outside the city, by kind of day
	modes    []string
	byMode   *counts // trips by position in modes
	metres   *counts // 0 = sum over trips
	lengths  histogram
	commutes histogram // minutes of trips from home straight to work
	hours    *counts   // seconds of persons with a work place: all, home, work
	work     histogram // hours a person is at work on a day on which it is
	nursery  histogram // the same at a kindergarten, h
	shop     histogram // h, a visit to a shop
	pauses   histogram // s, any stay
	lastOut  []int16   // per person: the last day with a trip
	duty     []duty    // per person: the present day
	staying  []stay    // per person: the stay that may go on
}

// Seconds of persons with a work place.
const (
	hAll = iota
	hHome
	hWork
	hKinds
)

// duty is how long a person was at work (or in a kindergarten) on a day.
type duty struct {
	day     int16
	nursery bool
	seconds int32
}

// stay is the last stay of a person, which the next row may continue.
type stay struct {
	start, end uint32
	lon, lat   float64
	kind       uint8
}

// Kinds of stays that are told apart.
const (
	kOther = iota
	kHome
	kWork
	kNursery
	kShop
	kAway
)

func kindOf(kind string) uint8 {
	switch kind {
	case dataset.ActHome:
		return kHome
	case dataset.ActWork:
		return kWork
	case string(dataset.Kindergarten):
		return kNursery
	case string(dataset.Shop):
		return kShop
	case dataset.ActAway:
		return kAway
	}
	return kOther
}

// maxModes is how many modes of travel a data set may have.
const maxModes = 64

// nearHome is how far from home a trip may begin and yet begin there, m.
const nearHome = 30

func readLives(ctx context.Context, f *dataset.Folder, cal *sigcity.Calendar, proj geo.Projection, p *people) (*lives, error) {
	hours := even(0, 1./60, 24*60)
	l := &lives{people: p, cal: cal, proj: proj, trips: newCounts(dayKinds), gone: newCounts(dayKinds), out: newCounts(dayKinds), byMode: newCounts(maxModes), metres: newCounts(1),
		lengths: newHistogram(geometric(10, 1e6, 1.05)), commutes: newHistogram(even(0, 1, 300)), hours: newCounts(hKinds),
		work: newHistogram(hours), nursery: newHistogram(hours), shop: newHistogram(hours), pauses: newHistogram(geometric(60, 1e7, 1.05)),
		lastOut: make([]int16, p.persons), duty: make([]duty, p.persons), staying: make([]stay, p.persons)}
	for d := range cal.Days() {
		l.days[kindOfDay(cal, d)]++
	}
	for i := range l.lastOut {
		l.lastOut[i], l.duty[i].day = -1, -1
	}
	if err := l.readTrips(ctx, f); err != nil {
		return nil, err
	}
	return l, l.readStays(ctx, f)
}

func kindOfDay(cal *sigcity.Calendar, day int) int {
	if cal.Kind(day) == sigcity.Weekday {
		return weekdays
	}
	return freeDays
}

func (l *lives) readTrips(ctx context.Context, f *dataset.Folder) error {
	for t, err := range dataset.ReadTable[dataset.Trip](ctx, f, dataset.TableTrips) {
		if err != nil {
			return err
		}
		if l.people.guest(t.Person) {
			continue
		}
		day := l.cal.Day(t.Start)
		if int(t.Person) >= l.people.persons || day < 0 || day >= l.cal.Days() || t.End < t.Start {
			return fmt.Errorf("%s: %s: trip of person %d from %d to %d, want persons below %d and times within the calendar", f.Dir(),
				dataset.TableTrips, t.Person, t.Start, t.End, l.people.persons)
		}
		g, kind := l.people.pgroup[t.Person], kindOfDay(l.cal, day)
		if l.people.worker[t.Person] {
			l.hours.add(g, hAll, int64(t.End-t.Start))
		}
		l.trips.add(g, kind, 1)
		if l.lastOut[t.Person] != int16(day) {
			l.lastOut[t.Person] = int16(day)
			l.out.add(g, kind, 1)
		}
		mode := slices.Index(l.modes, t.Mode)
		if mode < 0 {
			if mode = len(l.modes); mode == maxModes {
				return fmt.Errorf("%s: %s: more than %d modes", f.Dir(), dataset.TableTrips, maxModes)
			}
			l.modes = append(l.modes, t.Mode)
		}
		l.byMode.add(g, mode, 1)
		l.metres.add(g, 0, int64(t.DistanceM))
		l.lengths.put(g, t.DistanceM)
		if t.Purpose == dataset.ActWork && l.proj.XY([2]float64{t.FromLon, t.FromLat}).Dist(l.people.home[t.Person]) < nearHome {
			l.commutes.put(g, float64(t.End-t.Start)/60)
		}
	}
	return nil
}

func (l *lives) readStays(ctx context.Context, f *dataset.Folder) error {
	for a, err := range dataset.ReadTable[dataset.Activity](ctx, f, dataset.TableActivities) {
		if err != nil {
			return err
		}
		if l.people.guest(a.Person) {
			continue
		}
		if int(a.Person) >= l.people.persons || a.End < a.Start {
			return fmt.Errorf("%s: %s: stay of person %d from %d to %d, want persons below %d and the end after the start", f.Dir(),
				dataset.TableActivities, a.Person, a.Start, a.End, l.people.persons)
		}
		kind, long := kindOf(a.Kind), int64(a.End-a.Start)
		if d := l.cal.Day(a.Start); kind == kAway && d >= 0 && d < l.cal.Days() && a.Start == l.cal.Start(d) && a.End == l.cal.Start(d+1) {
			l.gone.add(l.people.pgroup[a.Person], kindOfDay(l.cal, d), 1)
		}
		if g := l.people.pgroup[a.Person]; l.people.worker[a.Person] && kind != kAway {
			l.hours.add(g, hAll, long)
			switch kind {
			case kHome:
				l.hours.add(g, hHome, long)
			case kWork:
				l.hours.add(g, hWork, long)
			}
		}
		if kind == kWork || kind == kNursery && l.people.nursery[a.Person] { // not the parents who bring a child
			l.serve(a.Person, int16(l.cal.Day(a.Start)), kind == kNursery, long)
		}
		// Rows are by day: a stay through midnight is whole when the next begins.
		s := &l.staying[a.Person]
		if s.end == a.Start && s.end > 0 && s.kind == kind && s.lon == a.Lon && s.lat == a.Lat {
			s.end = a.End
			continue
		}
		l.closeStay(a.Person)
		*s = stay{a.Start, a.End, a.Lon, a.Lat, kind}
	}
	for person := range l.people.persons {
		l.closeStay(uint32(person))
		l.serve(uint32(person), -1, false, 0)
	}
	return nil
}

// serve adds time at work or in a kindergarten; another day closes the one before.
func (l *lives) serve(person uint32, day int16, nursery bool, seconds int64) {
	d := &l.duty[person]
	if d.day != day || d.nursery != nursery {
		if d.day >= 0 {
			h := l.work
			if d.nursery {
				h = l.nursery
			}
			h.put(l.people.pgroup[person], float64(d.seconds)/3600)
		}
		*d = duty{day: day, nursery: nursery}
	}
	d.seconds += int32(seconds)
}

// closeStay counts the last stay of a person, if it both began and ended
// within the data set: of others the length is not known.
func (l *lives) closeStay(person uint32) {
	s := l.staying[person]
	if s.end == 0 || s.kind == kAway || s.start <= l.cal.Start(0) || s.end >= l.cal.Start(l.cal.Days()) {
		return
	}
	g := l.people.pgroup[person]
	l.pauses.put(g, float64(s.end-s.start))
	if s.kind == kShop {
		l.shop.put(g, float64(s.end-s.start)/3600)
	}
}
