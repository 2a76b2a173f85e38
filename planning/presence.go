package planning

import (
	"cmp"
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "dynamic-population", ID: "U12",
		Doc:      "people present per zone in every hour of a typical workday and weekend day",
		Citation: "Zhong et al. 2017; presence as in multimno's PresentPopulation",
		Params: []plugin.Param{
			{Name: "window", Type: plugin.Duration, Default: "1h", Min: 60, Max: 12 * 3600,
				Doc: "a record this near places the phone, whatever the silence around it"},
			{Name: "carry", Type: plugin.Duration, Default: "12h", Min: 60, Max: 48 * 3600,
				Doc: "in a silence no longer than this the phone is where its nearest record is"},
		},
		Complexity: "O(n + hours) in records",
		New: func(v plugin.Values) (Task, error) {
			return presenceTask{uint32(v.Duration("window").Seconds()), uint32(v.Duration("carry").Seconds())}, nil
		},
	})
}

// slots is the number of hours that U12 tells apart: 24 of a workday, then 24
// of a weekend day or holiday.
const slots = 48

// Presence is the answer of U12: the mean number of people present in the
// middle of each hour of day.
type Presence struct {
	Zoning string        `json:"zoning"`
	Slots  [][]ZoneCount `json:"slots"` // 24 of a workday, 24 of a weekend day; nil = the data has no such day
}

// presenceTask asks where every phone is in the middle of every hour.
type presenceTask struct{ window, carry uint32 }

func (presenceTask) Needs() Need { return Need{Horizon: Snapshot, Aggregates: true} }

func (p presenceTask) Fold(env *Env) Fold {
	moments := env.moments()
	return newTallyFold(env, "dynamic-population/2", func(t tally[slotArea], v *View) {
		p.place(t, v.Records, during(moments, v.Period.From, v.Period.To))
	}, env.presenceOf)
}

// moment is the middle of an hour of the calendar.
type hourMoment struct {
	time uint32
	slot uint32
}

// moments lists the middles of the calendar's hours.
func (e *Env) moments() []hourMoment {
	var out []hourMoment
	for d := range e.Calendar.Days() {
		first := uint32(0)
		if e.Calendar.Kind(d) != sigcity.Weekday {
			first = slots / 2
		}
		for h := uint32(0); ; h++ {
			t := e.Calendar.Start(d) + h*3600 + 1800
			if t >= e.Calendar.Start(d+1) {
				break
			}
			out = append(out, hourMoment{t, first + min(h, 23)}) // the 25th hour of a long day counts as its 24th
		}
	}
	return out
}

// slotDays is how many moments each slot has.
func slotDays(moments []hourMoment) [slots]float64 {
	var n [slots]float64
	for _, m := range moments {
		n[m.slot]++
	}
	return n
}

type slotArea struct {
	Slot uint32
	Area sigcity.AreaID
}

func (k slotArea) compare(o slotArea) int {
	return cmp.Or(cmp.Compare(k.Slot, o.Slot), cmp.Compare(k.Area, o.Area))
}

func (k slotArea) check(e *Env) error {
	if k.Slot >= slots {
		return fmt.Errorf("slot %d, there are %d", k.Slot, slots)
	}
	return e.checkArea(uint32(k.Area))
}

// whole is the weight of one phone in the sums: they are integers, so that
// no order of adding changes them.
const whole = 1 << 24

// place counts where a phone is at every moment. A record whose span covers the moment
// counts with the density 1/span; if none does, the nearer of the two records
// around the moment tells the place, if it lies within window or the silence
// between the two is no longer than carry.
func (p presenceTask) place(sums tally[slotArea], rows []sigcity.Record, moments []hourMoment) {
	longest := uint32(0)
	for _, r := range rows {
		longest = max(longest, r.Span)
	}
	next := 0 // first record that starts after the moment
	for _, m := range moments {
		for next < len(rows) && rows[next].Time <= m.time {
			next++
		}
		if !covered(sums, rows[:next], m, longest) {
			if a, ok := p.nearest(rows, next, m.time); ok {
				sums[slotArea{m.slot, a}] += whole
			}
		}
	}
}

// covered counts the records whose span covers the moment, if there are any.
func covered(sums tally[slotArea], before []sigcity.Record, m hourMoment, longest uint32) bool {
	if longest == 0 {
		return false
	}
	density := 0.0
	each := func(visit func(sigcity.Record)) {
		for i := len(before) - 1; i >= 0 && m.time-before[i].Time <= longest; i-- {
			if r := before[i]; r.Span > 0 && m.time-r.Time < r.Span {
				visit(r)
			}
		}
	}
	each(func(r sigcity.Record) { density += 1 / float64(r.Span) })
	if density == 0 {
		return false
	}
	each(func(r sigcity.Record) {
		sums[slotArea{m.slot, r.Area}] += int64(math.Round(whole / float64(r.Span) / density))
	})
	return true
}

// nearest is the area of the record nearest to the moment t, which lies
// before record next.
func (p presenceTask) nearest(rows []sigcity.Record, next int, t uint32) (sigcity.AreaID, bool) {
	const never = math.MaxUint32
	before, after := uint32(never), uint32(never)
	if next > 0 {
		before = t - min(t, rows[next-1].End())
	}
	if next < len(rows) {
		after = rows[next].Time - t
	}
	near := min(before, after)
	silent := uint64(before)+uint64(after) > uint64(p.carry)
	if near == never || (near > p.window && silent) {
		return 0, false
	}
	if before <= after {
		return rows[next-1].Area, true
	}
	return rows[next].Area, true
}

func (e *Env) presenceOf(sums []tallied[slotArea]) (Answer, error) {
	var counts [slots][]areaCount
	for _, k := range sums {
		counts[k.key.Slot] = append(counts[k.key.Slot], areaCount{k.key.Area, float64(k.count) / whole})
	}
	return e.presence(counts, e.spread), nil
}

// presence turns sums over the days into the mean day, on zones, expanded by
// one factor such that the mean number of people present is the population.
// spread lays a slot's counts on zones.
func (e *Env) presence(counts [slots][]areaCount, spread func([]areaCount) map[geo.ZoneID]float64) *Presence {
	days := slotDays(e.moments())
	sum, moments := 0.0, 0.0
	for s := range counts {
		sum += max(0, sumCounts(counts[s]))
		moments += days[s]
	}
	factor := e.factor(sum / moments)
	out := &Presence{Zoning: e.Zoning.Name(), Slots: make([][]ZoneCount, slots)}
	for s := range counts {
		if days[s] > 0 {
			out.Slots[s] = e.zoneCounts(spread(counts[s]), factor/days[s])
		}
	}
	return out
}
