package planning

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/plugin"
)

// presenceRule says where a phone is in the middle of an hour: several tasks ask.
type presenceRule struct{ window, carry uint32 }

// presenceParams are the rule's parameters, the same for every task.
func presenceParams() []plugin.Param {
	return []plugin.Param{
		{Name: "window", Type: plugin.Duration, Default: "1h", Min: 60, Max: 12 * 3600,
			Doc: "a record this near places the phone, whatever the silence around it"},
		{Name: "carry", Type: plugin.Duration, Default: "12h", Min: 60, Max: 48 * 3600,
			Doc: "in a silence no longer than this the phone is where its nearest record is"},
	}
}

func presenceRuleOf(v plugin.Values) presenceRule {
	return presenceRule{uint32(v.Duration("window").Seconds()), uint32(v.Duration("carry").Seconds())}
}

// hourMoment is the middle of an hour of the calendar.
type hourMoment struct {
	time uint32
	slot uint32 // of slots
	hour int32  // its position in Env.moments
}

// moments lists the middles of the calendar's hours. It must not be changed.
func (e *Env) moments() []hourMoment {
	e.init()
	return e.shared.moments()
}

func hourMoments(cal *sigcity.Calendar) []hourMoment {
	var out []hourMoment
	for d := range cal.Days() {
		first := uint32(0)
		if cal.Kind(d) != sigcity.Weekday {
			first = slots / 2
		}
		for h := uint32(0); ; h++ {
			t := cal.Start(d) + h*3600 + 1800
			if t >= cal.Start(d+1) {
				break
			}
			out = append(out, hourMoment{t, first + min(h, 23), int32(len(out))}) // the 25th hour of a long day counts as its 24th
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

// whole is the weight of one phone in the sums: they are integers, so that
// no order of adding changes them.
const whole = 1 << 24

// present says that a phone, or a part of it in wholes, is in an area at a moment.
type present struct {
	hourMoment
	area   sigcity.AreaID
	weight int64
}

// Presence is where the phone is in the middle of every hour of the period, in
// order of time; silent hours are missing.
func (v *View) Presence(p presenceRule) []present {
	if v.present.turn != v.turn || v.presentBy != p {
		v.presentBy = p
		v.present.value = p.place(v.present.value[:0], v.Records, during(v.env.moments(), v.Period.From, v.Period.To))
		v.present.turn = v.turn
	}
	return v.present.value
}

// bySlot counts the presence by slot and area.
func (p presenceRule) bySlot(t tally[slotArea], v *View) {
	for _, x := range v.Presence(p) {
		t[slotArea{x.slot, x.area}] += x.weight
	}
}

// place appends where a phone is at every moment. A record whose span covers the moment
// counts with the density 1/span; if none does, the nearer of the two records
// around the moment tells the place, if it lies within window or the silence
// between the two is no longer than carry.
func (p presenceRule) place(dst []present, rows []sigcity.Record, moments []hourMoment) []present {
	longest := uint32(0)
	for _, r := range rows {
		longest = max(longest, r.Span)
	}
	next := 0 // first record that starts after the moment
	for _, m := range moments {
		for next < len(rows) && rows[next].Time <= m.time {
			next++
		}
		n := len(dst)
		if dst = covered(dst, rows[:next], m, longest); len(dst) > n {
			continue
		}
		if a, ok := p.nearest(rows, next, m.time); ok {
			dst = append(dst, present{m, a, whole})
		}
	}
	return dst
}

// covered appends the records whose span covers the moment, an entry an area.
func covered(dst []present, before []sigcity.Record, m hourMoment, longest uint32) []present {
	if longest == 0 {
		return dst
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
		return dst
	}
	from := len(dst)
	each(func(r sigcity.Record) {
		weight := int64(math.Round(whole / float64(r.Span) / density))
		for i := range dst[from:] {
			if dst[from+i].area == r.Area {
				dst[from+i].weight += weight
				return
			}
		}
		dst = append(dst, present{m, r.Area, weight})
	})
	return dst
}

// nearest is the area of the record nearest to the moment t, which lies
// before record next.
func (p presenceRule) nearest(rows []sigcity.Record, next int, t uint32) (sigcity.AreaID, bool) {
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
