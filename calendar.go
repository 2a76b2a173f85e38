package sigcity

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// DateLayout is how local dates are written everywhere.
const DateLayout = "2006-01-02"

// Meta describes a data set or release.
type Meta struct {
	Name        string   `json:"name"`
	Users       int      `json:"users"`       // SIMs, or tokens in a release
	Records     int64    `json:"records"`     // −1 = not counted yet
	TimeZone    string   `json:"time_zone"`   // IANA name
	Start       string   `json:"start"`       // first local date, YYYY-MM-DD
	Days        int      `json:"days"`        // local days from Start
	Holidays    []string `json:"holidays"`    // local dates that are neither weekday nor weekend
	Periods     []Period `json:"periods"`     // linkage periods: a token means one user only within one; empty = one period
	Persons     int      `json:"persons"`     // sampled persons, 0 = not told
	Inhabitants int      `json:"inhabitants"` // persons the sample stands for, 0 = not told
}

// Period is a half-open interval of Unix seconds, From ≤ t < To.
type Period struct {
	From uint32 `json:"from"`
	To   uint32 `json:"to"`
}

// Weight is how many inhabitants one sampled person stands for.
func (m *Meta) Weight() float64 {
	if m.Persons == 0 || m.Inhabitants == 0 {
		return 1
	}
	return float64(m.Inhabitants) / float64(m.Persons)
}

// Calendar builds the local calendar of the data set.
func (m *Meta) Calendar() (*Calendar, error) {
	return NewCalendar(m.TimeZone, m.Start, m.Days, m.Holidays)
}

// DayKind tells weekdays, weekends and holidays apart.
type DayKind uint8

const (
	Weekday DayKind = iota
	Weekend
	Holiday
)

func (k DayKind) String() string { return [...]string{"weekday", "weekend", "holiday"}[k] }

// Calendar maps Unix seconds to local days and times of day over a span of
// days. It is immutable and safe for concurrent use.
type Calendar struct {
	loc   *time.Location
	dates []string
	kinds []DayKind
	start []uint32 // local midnight of day i, and of the day after the last
}

// NewCalendar lays out days local days from start (YYYY-MM-DD) in the IANA
// time zone; holidays are dates in the same layout.
func NewCalendar(zone, start string, days int, holidays []string) (*Calendar, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", zone, err)
	}
	first, err := time.ParseInLocation(DateLayout, start, loc)
	if err != nil {
		return nil, fmt.Errorf("start date %q: want YYYY-MM-DD", start)
	}
	if days < 1 {
		return nil, fmt.Errorf("days = %d, must be at least 1", days)
	}
	c := &Calendar{loc: loc}
	for i := range days + 1 {
		day := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, loc)
		if day.Unix() < 0 || day.Unix() > 1<<32-1 {
			return nil, fmt.Errorf("start date %q: want a date from 1970 to 2106", start)
		}
		c.start = append(c.start, uint32(day.Unix()))
		if i == days {
			break
		}
		date, kind := day.Format(DateLayout), Weekday
		switch wd := day.Weekday(); {
		case slices.Contains(holidays, date):
			kind = Holiday
		case wd == time.Saturday || wd == time.Sunday:
			kind = Weekend
		}
		c.dates = append(c.dates, date)
		c.kinds = append(c.kinds, kind)
	}
	return c, nil
}

// Days is the number of days.
func (c *Calendar) Days() int { return len(c.dates) }

// Location is the local time zone.
func (c *Calendar) Location() *time.Location { return c.loc }

// Date is the local date of day i.
func (c *Calendar) Date(day int) string { return c.dates[day] }

// Kind is the kind of day i.
func (c *Calendar) Kind(day int) DayKind { return c.kinds[day] }

// Start is the Unix second of local midnight at the beginning of day i;
// Start(Days()) is the end of the last.
func (c *Calendar) Start(day int) uint32 { return c.start[day] }

// Day is the day that t falls in: below 0 before the first, Days() or more
// after the last.
func (c *Calendar) Day(t uint32) int {
	if t < c.start[0] {
		return -1
	}
	i := int(t-c.start[0]) / 86400
	if i >= len(c.dates) {
		i = len(c.dates) - 1
	}
	// A change of clocks moves midnight by an hour or so: settle by search.
	if t >= c.start[i] && t < c.start[i+1] {
		return i
	}
	return sort.Search(len(c.start), func(j int) bool { return c.start[j] > t }) - 1
}

// Clock is the local day and the seconds since its local midnight (on days
// when clocks change this is elapsed time, not the wall clock).
func (c *Calendar) Clock(t uint32) (day int, second int) {
	day = c.Day(t)
	if day < 0 {
		return day, int(t) - int(c.start[0])
	}
	return day, int(t - c.start[day])
}
