package planning

import (
	"context"
	"fmt"
	"math"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/recognition"
)

// RoadStates is the answer of T01 and T03.
type RoadStates struct {
	SlotS uint32        `json:"slot_s"` // seconds
	Days  [2]int        `json:"days"`   // workdays and days off in the data
	Roads []RoadSection `json:"roads"`  // all of the kind that is asked for, by link; public
	// Readings are by link, then slot. What none tells is in light traffic.
	Readings []RoadReading `json:"readings"`
}

// RoadSection is a link.
type RoadSection struct {
	Link    int32   `json:"link"`
	Metres  float64 `json:"metres"`
	FreeMPS float64 `json:"free_mps"`
}

// RoadReading is a link in a slot of the typical workday (from 0 on) or day off (after it).
type RoadReading struct {
	Link  int32                 `json:"link"`
	Slot  int32                 `json:"slot"`
	State recognition.LinkState `json:"state"` // 1 free, 2 slow, 3 jam
	Ratio float64               `json:"ratio"` // of the speed to that in light traffic, 1 at most
	// Density is in cars per km of lane, 0 where it is not asked for.
	Density float64 `json:"density,omitempty"`
}

// roadStateTask is what T01 and T03 have in common.
type roadStateTask struct {
	tag     string
	on      func(network.RoadClass) bool
	p       recognition.StayParams
	slotS   uint32
	rule    recognition.LinkStateParams
	density float64 // share of the critical density below which slow cars are no traffic; 0 = speed alone decides
}

// roadStateParams are the parameters of both tasks.
func roadStateParams() []plugin.Param {
	return []plugin.Param{
		{Name: "slot", Type: plugin.Duration, Default: "15m", Min: 300, Max: 3600, Doc: "length of a slot of time; it must divide an hour"},
		{Name: "min_probes", Type: plugin.Int, Default: 5, Min: 1, Max: 1000, Doc: "cars on a link in a slot, all days of a kind together; fewer tell nothing"},
		{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay; shorter stops are part of a trip"},
	}
}

func newRoadStateTask(v plugin.Values, tag string, on func(network.RoadClass) bool) (roadStateTask, error) {
	t := roadStateTask{tag: tag, on: on, p: drivesOf(v), slotS: uint32(v.Duration("slot").Seconds()), rule: recognition.DefaultLinkStateParams()}
	t.rule.MinProbes = v.Int("min_probes")
	if 3600%t.slotS != 0 {
		return t, fmt.Errorf("slot = %d s, must divide an hour", t.slotS)
	}
	return t, nil
}

func (t roadStateTask) Needs() Need { return Need{Horizon: Day} }

func (t roadStateTask) Fold(env *Env) Fold {
	slots := slotting{t.slotS, env}
	return &linkFold{env: env, tag: t.tag, p: t.p, slot: slots.of, states: newLinkStates(t.rule), answer: func(s *recognition.LinkStates) (Answer, error) {
		return t.read(env, s)
	}}
}

// newLinkStates starts P13. The tasks derive their parameters from its defaults.
func newLinkStates(p recognition.LinkStateParams) *recognition.LinkStates {
	s, err := recognition.NewLinkStates(p)
	if err != nil {
		panic(err) // unreachable: the ranges of the tasks' parameters hold
	}
	return s
}

// empty is an answer without readings: all roads of the kind in light traffic.
func (t roadStateTask) empty(env *Env) (*RoadStates, error) {
	out := &RoadStates{SlotS: t.slotS, Days: env.days(), Roads: []RoadSection{}, Readings: []RoadReading{}}
	net, err := env.roadNet()
	if err != nil {
		return nil, err
	}
	for l := range network.Link(net.graph.Links()) {
		if net.graph.Open(l, network.Car) && t.on(net.graph.Class(l)) {
			e := &env.Links[l.Edge()]
			out.Roads = append(out.Roads, RoadSection{int32(l), e.LengthM, e.FreeMPS})
		}
	}
	return out, nil
}

// read makes readings of the links with enough probes.
func (t roadStateTask) read(env *Env, s *recognition.LinkStates) (Answer, error) {
	out, err := t.empty(env)
	if err != nil {
		return nil, err
	}
	flows := s.Flows()
	day := int32(86400 / t.slotS)
	factor := env.factor(float64(env.Meta.Users))
	for _, road := range out.Roads {
		flows = flows[countWhile(flows, func(f recognition.LinkFlow) bool { return f.Link < road.Link }):]
		n := countWhile(flows, func(f recognition.LinkFlow) bool { return f.Link == road.Link })
		for _, f := range flows[:n] {
			if s.State(f) == recognition.Unknown || f.Slot >= 2*day || out.Days[f.Slot/day] == 0 {
				continue
			}
			hours := float64(out.Days[f.Slot/day]) * float64(t.slotS) / 3600
			out.Readings = append(out.Readings, t.reading(env, road, f.Slot, f.Ratio(), factor*float64(f.Probes)/hours))
		}
		flows = flows[n:]
	}
	return out, nil
}

// reading says how a link is on which cars go at a share of the free speed, so many of them
// an hour.
func (t roadStateTask) reading(env *Env, road RoadSection, slot int32, share, volume float64) RoadReading {
	r := RoadReading{Link: road.Link, Slot: slot, Ratio: min(1, share), State: recognition.Slow}
	switch {
	case r.Ratio >= t.rule.FreeShare:
		r.State = recognition.Free
	case r.Ratio < t.rule.JamShare:
		r.State = recognition.Jam
	}
	if t.density == 0 {
		return r
	}
	e := &env.Links[road.Link/2]
	lanes, capacity := e.Lanes, e.Capacity
	if road.Link&1 == 1 {
		lanes, capacity = e.LanesBack, e.CapacityBack
	}
	perKM := volume / (r.Ratio * road.FreeMPS * 3.6)
	r.Density = perKM / float64(max(1, lanes))
	// At capacity cars go at half the free speed (docs/methods.md, roads and congestion).
	if critical := capacity / (road.FreeMPS * 3.6 / 2); r.State > recognition.Free && perKM < t.density*critical {
		r.State--
	}
	return r
}

// leastSlow is the share of the free speed from which on truth is not listed.
const leastSlow = 0.99

// FromTruth reads the speeds that cars truly had.
func (t roadStateTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, err := t.empty(env)
	if err != nil || truth.Roads == nil {
		return out, err
	}
	hourSlots := int32(3600 / t.slotS)
	for _, road := range out.Roads {
		for kind, name := range []string{dataset.DayWorking, dataset.DayFree} {
			for hour := range int32(24) {
				share := truth.Roads.Speed(road.Link, hour, name) / road.FreeMPS
				if out.Days[kind] == 0 || share >= leastSlow {
					continue
				}
				r := t.reading(env, road, 0, share, float64(truth.Roads.Volume(road.Link, hour, name)))
				for k := range hourSlots {
					r.Slot = (int32(kind)*24+hour)*hourSlots + k
					out.Readings = append(out.Readings, r)
				}
			}
		}
	}
	return out, nil
}

// Null says that all roads are in light traffic.
func (t roadStateTask) Null(env *Env) Answer {
	out, err := t.empty(env)
	if err != nil { // no roads to speak of; folds and truth report what is wrong with them
		return &RoadStates{SlotS: t.slotS}
	}
	return out
}

// pairStates calls f with every slot of every wanted road, and its length; slots that neither
// answer lists come as one of all their length. What an answer does not list has link −1.
func pairStates(want, got *RoadStates, f func(metres float64, road RoadSection, w, g RoadReading)) {
	light := RoadReading{Link: -1, State: recognition.Free, Ratio: 1}
	day := int32(0)
	if want.SlotS > 0 {
		day = int32(86400 / want.SlotS)
	}
	kinds := int32(0)
	for _, n := range want.Days {
		kinds += int32(min(n, 1))
	}
	ws, gs := want.Readings, got.Readings
	for _, road := range want.Roads {
		before := func(r RoadReading) bool { return r.Link < road.Link }
		here := func(r RoadReading) bool { return r.Link == road.Link }
		ws, gs = ws[countWhile(ws, before):], gs[countWhile(gs, before):]
		w, g := ws[:countWhile(ws, here)], gs[:countWhile(gs, here)]
		ws, gs = ws[len(w):], gs[len(g):]
		rest := kinds * day
		for len(w) > 0 || len(g) > 0 {
			a, b, slot := light, light, int32(math.MaxInt32)
			if len(w) > 0 {
				slot = w[0].Slot
			}
			if len(g) > 0 {
				slot = min(slot, g[0].Slot)
			}
			if len(w) > 0 && w[0].Slot == slot {
				a, w = w[0], w[1:]
			}
			if len(g) > 0 && g[0].Slot == slot {
				b, g = g[0], g[1:]
			}
			if day > 0 && slot < 2*day && want.Days[slot/day] > 0 { // else a slot that is not wanted
				f(road.Metres, road, a, b)
				rest--
			}
		}
		f(road.Metres*float64(rest), road, light, light)
	}
}

// stateConfusion counts the states of wanted roads by length.
func stateConfusion(w, g *RoadStates) *confusion {
	c := newConfusion(3)
	pairStates(w, g, func(m float64, _ RoadSection, a, b RoadReading) {
		c.add(int(a.State-recognition.Free), int(b.State-recognition.Free), m)
	})
	return c
}

// Detail of both tasks.
func (t roadStateTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[RoadStates](want, got)
	if !ok {
		return nil
	}
	c := stateConfusion(w, g)
	known, all, off, speed, ratioOff, busy, busyOff := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	pairStates(w, g, func(m float64, road RoadSection, a, b RoadReading) {
		d := math.Abs(a.Ratio - b.Ratio)
		all += m
		off += float64(m * (road.FreeMPS * d))
		speed += float64(m * (road.FreeMPS * a.Ratio))
		ratioOff += float64(m * d)
		if a.State != recognition.Free {
			busy += m
			busyOff += float64(m * d)
			if b.Link >= 0 {
				known += m
			}
		}
	})
	out := map[string]float64{"weighted_kappa": c.weightedKappa(1), "macro_f1": c.macroF1(), "accuracy": c.accuracy(), "speed_wape": weightedError(off, speed),
		"ratio_mae": ratio(ratioOff, all), "wanted_not_free": ratio(busy, all), "known_of_not_free": 1}
	if busy > 0 {
		out["known_of_not_free"] = known / busy
		out["ratio_mae_of_not_free"] = busyOff / busy
	}
	return out
}

// slotName is the local time at which a slot begins.
func (r *RoadStates) slotName(slot int32) (day, clock string) {
	per := int32(86400 / max(1, r.SlotS))
	day = "workday"
	if slot >= per {
		day = "day_off"
	}
	s := slot % per * int32(r.SlotS)
	return day, fmt.Sprintf("%02d:%02d", s/3600, s%3600/60)
}

// Sheets: a map of the roads at eight on a workday, the length of slow and jammed
// roads through the workday, and all readings.
func (r *RoadStates) Sheets(e *Env) []Sheet {
	morning := Sheet{Name: "morning", Title: "Delay on the roads at 08:00 of a workday, share of the speed that is lost", Columns: []string{"link", "class", "state", "speed_lost"},
		Picture: Picture{Kind: Desire, Value: []string{"speed_lost"}}}
	list := Sheet{Name: "readings", Title: "Readings", Columns: []string{"link", "day", "from", "state", "ratio", "density"}}
	lengths := Sheet{Name: "workday", Title: "Length of slow and jammed roads on a workday, km", Columns: []string{"hour", "slow_km", "jam_km"},
		Picture: Picture{Kind: Curves, Label: "hour", Value: []string{"slow_km", "jam_km"}}}
	metres := map[int32]float64{}
	for _, s := range r.Roads {
		metres[s.Link] = s.Metres
	}
	perHour := 3600 / float64(max(1, r.SlotS))
	var km [24][2]float64
	for _, x := range r.Readings {
		day, clock := r.slotName(x.Slot)
		list.Rows = append(list.Rows, []any{int(x.Link), day, clock, x.State.String(), x.Ratio, x.Density})
		hour := int(x.Slot) * int(r.SlotS) / 3600
		if hour < 24 && x.State > recognition.Free {
			km[hour][x.State-recognition.Slow] += metres[x.Link] / 1000 / perHour
		}
		if hour == 8 && x.Slot*int32(r.SlotS)%3600 == 0 && int(x.Link) < 2*len(e.Links) {
			morning.Rows = append(morning.Rows, []any{int(x.Link), e.Links[x.Link/2].Class, x.State.String(), 1 - x.Ratio})
			morning.Shapes = append(morning.Shapes, linkShape(e.Links, x.Link))
		}
	}
	for h, n := range km {
		lengths.Rows = append(lengths.Rows, []any{h, n[0], n[1]})
	}
	return []Sheet{morning, lengths, list}
}
