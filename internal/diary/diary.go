// Package diary shows days of one person: what a phone left in the feed beside
// what its owner truly did, as a map of a day, an actogram of several days and
// text; and finds persons by what they are and do.
package diary

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Diary is consecutive days of one SIM and of its person.
type Diary struct {
	Cal        *sigcity.Calendar
	User       sigcity.UserID
	First, N   int // local days
	Records    []sigcity.Record
	Areas      []sigcity.Area // that records name
	Machine    string         // what the SIM is in, of a machine that is nobody's
	HasTruth   bool           // a release, imported data and machines have none: what follows is empty then
	Person     dataset.Person
	Anchors    []dataset.Anchor
	Activities []dataset.Activity // cut to the days, by start
	Trips      []dataset.Trip     // likewise
	Roads      *dataset.Roads
}

// Load reads n days of a SIM from the day first on; days after the last one of
// the data set are left out.
func Load(ctx context.Context, f *dataset.Folder, user sigcity.UserID, first, n int) (*Diary, error) {
	cal, err := f.Meta().Calendar()
	if err != nil {
		return nil, err
	}
	if first < 0 || first >= cal.Days() || n < 1 {
		return nil, fmt.Errorf("%d days from day %d on: the data set has %d days", n, first, cal.Days())
	}
	d := &Diary{Cal: cal, User: user, First: first, N: min(n, cal.Days()-first), Areas: f.Areas()}
	from, to := d.Span()
	for t, err := range f.Users(ctx, sigcity.Range{First: user, Limit: user + 1, From: from, To: to}) {
		if err != nil {
			return nil, err
		}
		d.Records = append(d.Records, t.Records...)
	}
	if !f.HasTable(dataset.TableSIMs) {
		return d, nil
	}
	var owner int64 = -1
	for s, err := range dataset.ReadTable[dataset.SIM](ctx, f, dataset.TableSIMs) {
		if err != nil {
			return nil, err
		}
		if s.User == uint32(user) {
			owner, d.Machine = s.Person, s.Use
			break
		}
	}
	if owner < 0 { // nobody's
		return d, nil
	}
	t, err := dataset.LoadTruth(ctx, f, func(id uint32) bool { return int64(id) == owner }, from, to)
	if err != nil {
		return nil, err
	}
	if len(t.Persons) != 1 {
		return nil, fmt.Errorf("%s: %s names person %d, who is %d times in %s", f.Dir(), dataset.TableSIMs, owner, len(t.Persons), dataset.TablePersons)
	}
	d.HasTruth, d.Person, d.Anchors, d.Activities, d.Trips, d.Roads = true, t.Persons[0], t.Anchors, t.Activities, t.Trips, t.Roads
	return d, nil
}

// Span is the time from the first midnight to the last, Unix seconds.
func (d *Diary) Span() (from, to uint32) { return d.Cal.Start(d.First), d.Cal.Start(d.First + d.N) }

// Who is the person in words.
func (d *Diary) Who() string {
	p, kind := d.Person, ""
	if !p.Resident() {
		kind = p.Kind + ", "
	}
	return fmt.Sprintf("%s%s, %d, %s, income class %d", kind, p.Sex, p.Age, p.Employment, p.Income)
}

// At is where the person truly is at a time and what he or she does there: a
// stay or a trip, the other is nil. Without truth both are nil.
func (d *Diary) At(t uint32) (at orb.Point, stay *dataset.Activity, trip *dataset.Trip, err error) {
	if i := sort.Search(len(d.Activities), func(i int) bool { return d.Activities[i].End > t }); i < len(d.Activities) && d.Activities[i].Start <= t {
		a := &d.Activities[i]
		return orb.Point{a.Lon, a.Lat}, a, nil, nil
	}
	if i := sort.Search(len(d.Trips), func(i int) bool { return d.Trips[i].End > t }); i < len(d.Trips) && d.Trips[i].Start <= t {
		m := &d.Trips[i]
		at, err = d.Roads.At(m, t)
		return at, nil, m, err
	}
	return orb.Point{}, nil, nil, nil
}

// Clock is the local time of day, HH:MM:SS.
func (d *Diary) Clock(t uint32) string { return d.local(t).Format("15:04:05") }

func (d *Diary) local(t uint32) time.Time { return time.Unix(int64(t), 0).In(d.Cal.Location()) }

// span writes a time span within the days, "07:40–08:05"; what lasts to
// midnight ends at 24:00.
func (d *Diary) span(from, to uint32) string {
	end := d.Clock(to)[:5]
	if end == "00:00" && to > from {
		end = "24:00"
	}
	return d.Clock(from)[:5] + "–" + end
}

// CellUse is how often an area is in the records.
type CellUse struct {
	Area    sigcity.AreaID
	Records int
	Night   int // of them from 22:00 to 06:00 local
	Office  int // of them from 09:00 to 17:00 on working days
}

// Cells are the areas of the records, the most frequent first, of equals the
// one of the lower number; and the sums over all of them.
func (d *Diary) Cells() (cells []CellUse, all CellUse) {
	index := map[sigcity.AreaID]int{}
	for _, r := range d.Records {
		i, ok := index[r.Area]
		if !ok {
			i = len(cells)
			index[r.Area] = i
			cells = append(cells, CellUse{Area: r.Area})
		}
		hour := d.local(r.Time).Hour()
		for _, c := range []*CellUse{&cells[i], &all} {
			c.Records++
			switch {
			case hour >= 22 || hour < 6:
				c.Night++
			case hour >= 9 && hour < 17 && d.Cal.Kind(d.Cal.Day(r.Time)) == sigcity.Weekday:
				c.Office++
			}
		}
	}
	slices.SortFunc(cells, func(a, b CellUse) int {
		if a.Records != b.Records {
			return b.Records - a.Records
		}
		return int(a.Area) - int(b.Area)
	})
	return cells, all
}

// ranks is the place of each area in the order of Cells, from 1.
func ranks(cells []CellUse) map[sigcity.AreaID]int {
	out := make(map[sigcity.AreaID]int, len(cells))
	for i, c := range cells {
		out[c.Area] = i + 1
	}
	return out
}

// Describe is where the person truly is at a time, and the truth in words,
// empty where there is none.
func (d *Diary) Describe(t uint32) (at orb.Point, what string, err error) {
	at, stay, trip, err := d.At(t)
	what = d.Machine
	switch {
	case stay != nil:
		what = words(stay.Kind) + " " + d.span(stay.Start, stay.End)
	case trip != nil:
		what = fmt.Sprintf("%s to %s, %.1f km", words(trip.Mode), words(trip.Purpose), trip.DistanceM/1000)
	}
	return at, what, err
}
