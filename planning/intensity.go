package planning

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "activity-intensity", ID: "U07",
		Doc:      "phones per zone in every hour of every day, and where and when they are more or fewer than usual",
		Citation: "Ratti et al. 2006, Mobile Landscapes; Manfredini et al. 2014; residuals as in mobilkit's computeResiduals",
		Params: append(presenceParams(), plugin.Param{Name: "z", Type: plugin.Float, Default: 2.0, Min: 0.5, Max: 10,
			Doc: "standard deviations from the usual beyond which an hour is changed"}),
		Complexity: "O(n + zones · hours) in records",
		New: func(v plugin.Values) (Task, error) {
			return intensityTask{presenceRuleOf(v), v.Float("z")}, nil
		},
	})
}

// Intensity is the answer of U07: the cube of phones by zone and hour. What is
// usual and what has changed follows from it (usual, deviations).
type Intensity struct {
	Zoning string    `json:"zoning"`
	Weight float64   `json:"weight"` // people that one phone stands for
	Z      float64   `json:"z"`      // deviation beyond which an hour is changed
	Hours  []CubeRow `json:"zones"`  // in order of zone
	// Events are the records of all phones by hour; nil where there are none to
	// count: truth and tables have no records.
	Events []int64 `json:"events,omitempty"`
	days   []int32 // first hour of each day, and of the day after the last
	usual  [][]int // per day, the days that say what is usual then
	slot   []uint32
}

// CubeRow is the people present in a zone in the middle of every hour of the calendar.
type CubeRow struct {
	Zone    geo.ZoneID `json:"zone,string"`
	Lon     float64    `json:"lon"`
	Lat     float64    `json:"lat"`
	Persons []float32  `json:"persons"`
}

type intensityTask struct {
	presenceRule
	z float64
}

func (intensityTask) Needs() Need { return Need{Horizon: Snapshot, Aggregates: true} }

// Fold keeps the presence of phones as runs of hours in one area: a user of many weeks
// leaves thousands of hours and few runs, whatever group they are counted in.
func (t intensityTask) Fold(env *Env) Fold {
	return &cubeFold{env: env, task: t, events: make([]int64, len(env.moments()))}
}

// presentRun is a weight in an area in the hours From ≤ h < To of the calendar.
type presentRun struct {
	Area     sigcity.AreaID
	From, To int32
	Weight   uint32 // in wholes
}

func (r presentRun) compare(o presentRun) int {
	return cmp.Or(cmp.Compare(r.Area, o.Area), cmp.Compare(r.From, o.From), cmp.Compare(r.To, o.To), cmp.Compare(r.Weight, o.Weight))
}

func (r presentRun) check(e *Env) error {
	if hours := len(e.moments()); r.From < 0 || r.From >= r.To || int(r.To) > hours {
		return fmt.Errorf("hours %d … %d, there are %d", r.From, r.To, hours)
	}
	return e.checkArea(uint32(r.Area))
}

// appendRuns appends presence as runs.
func appendRuns(dst rows[presentRun], all []present) rows[presentRun] {
	open := len(dst) // runs before it cannot go on
	for _, x := range all {
		i := len(dst) - 1
		for ; i >= open; i-- {
			if r := &dst[i]; r.To == x.hour && r.Area == x.area && int64(r.Weight) == x.weight {
				r.To++
				break
			}
		}
		if i < open {
			dst = append(dst, presentRun{x.area, x.hour, x.hour + 1, uint32(x.weight)})
		}
		for open < len(dst)-1 && dst[open].To < x.hour {
			open++
		}
	}
	return dst
}

// cubeFold gathers runs, and counts events by hour.
type cubeFold struct {
	env    *Env
	task   intensityTask
	runs   rows[presentRun]
	events []int64
}

const cubeTag = "activity-intensity/1"

func (f *cubeFold) Add(v *View) error {
	f.runs = appendRuns(f.runs, v.Presence(f.task.presenceRule))
	moments, h := f.env.moments(), 0
	for _, r := range v.Records {
		middle := r.Time + r.Span/2
		for h < len(moments) && moments[h].time+1800 <= middle {
			h++
		}
		for h > 0 && moments[min(h, len(moments)-1)].time > middle+1800 { // spans are not in order of their middles
			h--
		}
		if h < len(moments) && moments[h].time <= middle+1800 {
			f.events[h]++
		}
	}
	return nil
}

func (f *cubeFold) Merge(other Fold) error {
	o, ok := other.(*cubeFold)
	if !ok {
		return mergeable(f, other)
	}
	f.runs = append(f.runs, o.runs...)
	for h, n := range o.events {
		f.events[h] += n
	}
	return nil
}

func (f *cubeFold) Next() (bool, error) { return false, nil }

func (f *cubeFold) AppendBinary(b []byte) ([]byte, error) {
	b, err := rows[presentRun](f.runs.sorted()).append(appendHeader(b, cubeTag))
	for _, n := range f.events {
		b = appendFloat(b, float64(n))
	}
	return b, err
}

func (f *cubeFold) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, cubeTag)
	got := readRows[presentRun](d, f.env)
	events := make([]int64, len(f.events))
	for h := range events {
		if events[h] = int64(d.float()); events[h] < 0 {
			d.fail("%d events in hour %d", events[h], h)
		}
	}
	if err := d.done(); err != nil {
		return err
	}
	f.runs, f.events = got, events
	return nil
}

// Answer sums the runs in whole numbers, in whatever order they are.
func (f *cubeFold) Answer() (Answer, error) {
	hours := len(f.env.moments())
	byArea := make([][]int64, len(f.env.Areas))
	for _, r := range f.runs {
		if byArea[r.Area] == nil {
			byArea[r.Area] = make([]int64, hours)
		}
		for h := r.From; h < r.To; h++ {
			byArea[r.Area][h] += int64(r.Weight)
		}
	}
	zones := map[geo.ZoneID][]float64{}
	for a, row := range byArea {
		if row == nil {
			continue
		}
		for _, s := range f.env.shares(sigcity.AreaID(a)) {
			if zones[s.zone] == nil {
				zones[s.zone] = make([]float64, hours)
			}
			for h, n := range row {
				zones[s.zone][h] += float64(float64(n) / whole * s.share)
			}
		}
		byArea[a] = nil
	}
	out := f.task.cube(f.env, zones)
	out.Events = slices.Clone(f.events)
	return out, nil
}

// cube makes the answer of people by zone and hour: one factor makes the mean
// number present the population.
func (t intensityTask) cube(e *Env, zones map[geo.ZoneID][]float64) *Intensity {
	sum, ids := 0.0, geo.SortedZones(zones)
	for _, z := range ids {
		for _, n := range zones[z] {
			sum += n
		}
	}
	out := &Intensity{Zoning: e.Zoning.Name(), Weight: e.factor(sum / float64(len(e.moments()))), Z: t.z}
	out.calendar(e)
	for _, z := range ids {
		row := make([]float32, len(zones[z]))
		for h, n := range zones[z] {
			row[h] = float32(n * out.Weight)
		}
		c := e.Zoning.Center(z)
		out.Hours = append(out.Hours, CubeRow{z, c[0], c[1], row})
	}
	return out
}

// FromTables takes the table of present people as the cube.
func (t intensityTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	rows, err := population(tables, env)
	if err != nil {
		return nil, err
	}
	moments := env.moments()
	hourOf := make(map[uint32]int32, len(moments))
	for _, m := range moments {
		hourOf[m.time-1800] = m.hour
	}
	counts := make([]map[sigcity.AreaID]float64, len(moments))
	for _, r := range rows {
		h, ok := hourOf[r.hour]
		if !ok {
			continue // outside the calendar
		}
		if counts[h] == nil {
			counts[h] = map[sigcity.AreaID]float64{}
		}
		counts[h][r.area] += r.count
	}
	zones := map[geo.ZoneID][]float64{}
	for h, m := range counts {
		for z, n := range env.spreadNoisy(sortedAreas(m)) {
			if n == 0 {
				continue
			}
			if zones[z] == nil {
				zones[z] = make([]float64, len(moments))
			}
			zones[z][h] = n
		}
	}
	return t.cube(env, zones), nil
}

// FromTruth counts every person with a phone who is in the city.
func (t intensityTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	zones, phone := map[geo.ZoneID][]float64{}, withPhone(truth)
	err := env.trulyPresent(ctx, truth, func(p trulyPresent) {
		z := env.Zoning.Zone(p.at)
		if z == geo.NoZone || !phone[p.person] {
			return
		}
		if zones[z] == nil {
			zones[z] = make([]float64, len(env.moments()))
		}
		zones[z][p.hour]++
	})
	if err != nil {
		return nil, err
	}
	return t.cube(env, zones), nil
}

// Null spreads the population in proportion to the cells, the same in every
// hour: nothing ever changes.
func (t intensityTask) Null(env *Env) Answer {
	zones := map[geo.ZoneID][]float64{}
	for _, z := range env.byCells(env.people()) {
		zones[z.Zone] = slices.Repeat([]float64{z.Persons}, len(env.moments()))
	}
	return t.cube(env, zones)
}

// calendar notes which days say what is usual on each day: the same weekday of up to
// four other weeks, the nearest ones, holidays left out; where there are fewer than
// three, up to four other days of the same kind (Saturdays, Sundays and holidays
// are one). Fewer than two say nothing.
func (x *Intensity) calendar(e *Env) {
	cal := e.Calendar
	x.days = make([]int32, cal.Days()+1)
	for _, m := range e.moments() {
		x.slot = append(x.slot, m.slot)
		d, _ := cal.Clock(m.time)
		x.days[d+1] = m.hour + 1
	}
	x.usual = make([][]int, cal.Days())
	for d := range x.usual {
		days := nearestDays(d, cal.Days(), func(o int) bool { return (o-d)%7 == 0 && cal.Kind(o) != sigcity.Holiday })
		if len(days) < 3 {
			days = nearestDays(d, cal.Days(), func(o int) bool { return (cal.Kind(o) == sigcity.Weekday) == (cal.Kind(d) == sigcity.Weekday) })
		}
		if len(days) >= 2 {
			x.usual[d] = days
		}
	}
}

// nearestDays are up to four days beside d that fit, the nearest; of two as near the
// earlier one first.
func nearestDays(d, days int, fits func(int) bool) []int {
	var out []int
	for off := 1; off < days && len(out) < 4; off++ {
		for _, o := range []int{d - off, d + off} {
			if o >= 0 && o < days && len(out) < 4 && fits(o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// deviations calls f with every hour of a zone of which something usual is
// known: the usual number of people, the mean of the usual days, and how far the hour is
// from it in their standard deviation (of the sample), but at least that of a
// count of independent phones (Poisson) and of one phone. Four days that happen to be
// alike would otherwise make a change of every phone.
func (x *Intensity) deviations(persons []float32, f func(hour int, usual, z float64)) {
	for d, refs := range x.usual {
		if refs == nil {
			continue
		}
		first, n := x.days[d], float64(len(refs))
		for h := first; h < x.days[d+1]; h++ {
			sum, square := 0.0, 0.0
			at := func(o int) float64 { // the same hour; days when clocks change are shorter or longer
				return float64(persons[min(x.days[o]+h-first, x.days[o+1]-1)])
			}
			for _, o := range refs {
				sum += at(o)
			}
			mean := sum / n
			for _, o := range refs {
				square += float64((at(o) - mean) * (at(o) - mean))
			}
			sd := math.Sqrt(max(square/(n-1), x.Weight*x.Weight))
			f(int(h), mean, (float64(persons[h])-mean)/sd)
		}
	}
}
