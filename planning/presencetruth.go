package planning

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// FromTables takes the table's hours as they are.
func (presenceTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	counts, err := env.slotCounts(tables)
	if err != nil {
		return nil, err
	}
	return env.presence(counts, env.spreadNoisy), nil
}

// slotCounts is the table of present people by slot, summed over the days.
func (e *Env) slotCounts(tables []sigcity.Table) (counts [slots][]areaCount, err error) {
	rows, err := population(tables, e)
	if err != nil {
		return counts, err
	}
	hours := map[uint32]uint32{} // start of the hour → slot
	for _, m := range e.moments() {
		hours[m.time-1800] = m.slot
	}
	var maps [slots]map[sigcity.AreaID]float64
	for _, r := range rows {
		s, ok := hours[r.hour]
		if !ok {
			continue // outside the calendar
		}
		if maps[s] == nil {
			maps[s] = map[sigcity.AreaID]float64{}
		}
		maps[s][r.area] += r.count
	}
	for s, m := range maps {
		counts[s] = sortedAreas(m)
	}
	return counts, nil
}

// bySlots sorts sums of wholes into counts by slot.
func bySlots(sums []tallied[slotArea]) (counts [slots][]areaCount) {
	for _, k := range sums {
		counts[k.key.Slot] = append(counts[k.key.Slot], areaCount{k.key.Area, float64(k.count) / whole})
	}
	return counts
}

// FromTruth places every person; who is away from the city is nowhere in it.
func (presenceTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	var counts [slots]map[geo.ZoneID]float64
	err := env.trulyPresent(ctx, t, func(p trulyPresent) {
		if counts[p.slot] == nil {
			counts[p.slot] = map[geo.ZoneID]float64{}
		}
		if z := env.Zoning.Zone(p.at); z != geo.NoZone {
			counts[p.slot][z]++
		}
	})
	if err != nil {
		return nil, err
	}
	days := slotDays(env.moments())
	factor := env.factor(float64(t.Residents()))
	out := &Presence{Zoning: env.Zoning.Name(), Slots: make([][]ZoneCount, slots)}
	for s, m := range counts {
		if days[s] > 0 {
			out.Slots[s] = env.zoneCounts(m, factor/days[s])
		}
	}
	return out, nil
}

// trulyPresent is where a person is at a moment.
type trulyPresent struct {
	hourMoment
	person uint32
	kind   string // of the activity; empty on the way
	at     orb.Point
}

// trulyPresent calls f with where everybody in the city is in the middle of
// every hour: first all activities, then all trips.
func (e *Env) trulyPresent(ctx context.Context, t *dataset.Truth, f func(trulyPresent)) error {
	return whereabouts(ctx, t, e.moments(), f)
}

// whereabouts calls f with where everybody in the city is at the moments: at
// activities and, between them, on the way of the trip.
func whereabouts(ctx context.Context, t *dataset.Truth, moments []hourMoment, f func(trulyPresent)) error {
	for _, a := range t.Activities {
		if err := ctx.Err(); err != nil {
			return err
		}
		if a.Kind == dataset.ActAway {
			continue
		}
		for _, m := range during(moments, a.Start, a.End) {
			f(trulyPresent{m, a.Person, a.Kind, orb.Point{a.Lon, a.Lat}})
		}
	}
	for i := range t.Trips {
		trip := &t.Trips[i]
		for _, m := range during(moments, trip.Start, trip.End) {
			p, err := t.Roads.At(trip, m.time)
			if err != nil {
				return err
			}
			f(trulyPresent{m, trip.Person, "", p})
		}
	}
	return ctx.Err()
}

// during are the moments with from ≤ time < to.
func during(moments []hourMoment, from, to uint32) []hourMoment {
	at := func(t uint32) int {
		i, _ := slices.BinarySearchFunc(moments, t, func(m hourMoment, t uint32) int { return int(m.time) - int(t) })
		return i
	}
	i := at(from)
	return moments[i:max(i, at(to))]
}

// Null spreads the population in proportion to the cells, the same in every hour.
func (presenceTask) Null(env *Env) Answer {
	zones := env.byCells(env.people())
	out := &Presence{Zoning: env.Zoning.Name(), Slots: make([][]ZoneCount, slots)}
	for s, n := range slotDays(env.moments()) {
		if n > 0 {
			out.Slots[s] = zones
		}
	}
	return out
}

// hourly is the mean of a measure over the slots that are wanted; a slot that
// got lacks counts as empty.
func hourly(w, g *Presence, f func(want, got []ZoneCount) float64) float64 {
	sum, n := 0.0, 0.0
	for s, want := range w.Slots {
		if want == nil {
			continue
		}
		var got []ZoneCount
		if s < len(g.Slots) {
			got = g.Slots[s]
		}
		sum += f(want, got)
		n++
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// Score is 1 − the mean hourly Jensen–Shannon divergence.
func (presenceTask) Score(want, got Answer) float64 {
	w, g, ok := both[Presence](want, got)
	if !ok {
		return 0
	}
	return 1 - hourly(w, g, jsd)
}

func (presenceTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Presence](want, got)
	if !ok {
		return nil
	}
	return map[string]float64{
		"jsd":    hourly(w, g, jsd),
		"wape":   hourly(w, g, wape),
		"emd_km": hourly(w, g, func(want, got []ZoneCount) float64 { return emdKM(want, got, 64) }),
	}
}
