package planning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "bus-line", ID: "T10",
		Doc:        "which bus lines trips were made by: a ranked list for every trip, and the load of every line",
		Citation:   "our definition, named after the patent's title; not the patented method. Longest common subsequence with the cells of lines, in time",
		Params:     []plugin.Param{minStayParam},
		Complexity: "O(n) in records; of a trip, O(lines × runs of cells³), at most 10 lines and 40 runs",
		New: func(v plugin.Values) (Task, error) {
			return busTask{stayParams(v)}, nil
		},
	})
}

// noLine ends a list of lines.
const noLine = -1

// BusUse is the bus lines of a trip, positions in map/lines; −1 ends a list.
type BusUse struct {
	Lines  [5]int32 `json:"lines"`  // that it may have been, the likeliest first; in truth the one of the longest ride
	Ridden [3]int32 `json:"ridden"` // that it was, in order; none where it was no trip by bus
}

func (u BusUse) compare(o BusUse) int {
	return cmp.Or(slices.Compare(u.Lines[:], o.Lines[:]), slices.Compare(u.Ridden[:], o.Ridden[:]))
}

func (u BusUse) check(e *Env) error {
	for _, l := range slices.Concat(u.Lines[:], u.Ridden[:]) {
		if l < noLine || e.Map == nil || int(l) >= len(e.Map.Lines) {
			return fmt.Errorf("line %d, which the map does not have", l)
		}
	}
	return nil
}

// busUse fills the lists as far as they go.
func busUse(lines, ridden []int32) BusUse {
	u := BusUse{Lines: [5]int32{noLine, noLine, noLine, noLine, noLine}, Ridden: [3]int32{noLine, noLine, noLine}}
	copy(u.Lines[:], lines)
	copy(u.Ridden[:], ridden)
	return u
}

func (u BusUse) byBus() bool { return u.Ridden[0] != noLine }

// BusTrips is the answer of T10.
type BusTrips struct {
	Trips []UserTrip[BusUse] `json:"trips"` // that may have been by bus: by user, then start
	// Others is the list for every trip that Trips does not have: what a predictor says that
	// does not look at users.
	Others []int32 `json:"others,omitempty"`
}

type busTask struct{ p recognition.StayParams }

func (busTask) Needs() Need { return Need{Horizon: Day} }

// Fold ranks the lines for every trip. Where P9 finds rides by bus, the longest of
// them goes first.
func (t busTask) Fold(env *Env) Fold {
	return tripFold(env, "bus-line/1", t.p, func(v *View, i int, trip recognition.Trip) (BusUse, bool) {
		var list, ridden []int32
		longest := -1.0
		for _, r := range v.Modes(t.p)[i].Rides {
			if l := &env.Map.Lines[r.Line]; l.Mode == recognition.Bus {
				ridden = append(ridden, int32(r.Line))
				if d := l.Ride[r.Alight] - l.Ride[r.Board]; d > longest {
					longest, list = d, []int32{int32(r.Line)}
				}
			}
		}
		for _, r := range v.busLines(trip) {
			if !slices.Contains(list, int32(r.Line)) {
				list = append(list, int32(r.Line))
			}
		}
		return busUse(list, ridden), len(list) > 0
	}, func(trips []UserTrip[BusUse]) (Answer, error) { return &BusTrips{Trips: trips}, nil })
}

// FromTruth lists the trips by bus of people with a SIM, also those where the bus is but a part
// of the way.
func (t busTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	trips, err := trueTrips(ctx, truth, env, t.p.MinS, func(_ *life, x *trueTrip) (BusUse, bool) {
		var main, ridden []int32
		longest := uint32(0)
		for i := range x.legs {
			for _, r := range x.legs[i].Rides {
				if env.lineMode(int(r.Line)) != recognition.Bus {
					continue
				}
				ridden = append(ridden, r.Line)
				if d := r.End - r.Start; d > longest || main == nil {
					longest, main = d, []int32{r.Line}
				}
			}
		}
		return busUse(main, ridden), len(ridden) > 0
	})
	return &BusTrips{Trips: trips}, err
}

// lineMode is the mode of a line; empty where the map has none such.
func (e *Env) lineMode(line int) string {
	if e.Map == nil || line < 0 || line >= len(e.Map.Lines) {
		return ""
	}
	return e.Map.Lines[line].Mode
}

// Null lists the lines that run most often.
func (busTask) Null(env *Env) Answer {
	out := &BusTrips{}
	if env.Map == nil {
		return out
	}
	for i := range env.Map.Lines {
		if env.Map.Lines[i].Mode == recognition.Bus {
			out.Others = append(out.Others, int32(i))
		}
	}
	slices.SortStableFunc(out.Others, func(a, b int32) int { return cmp.Compare(env.Map.Lines[a].Headway, env.Map.Lines[b].Headway) })
	out.Others = out.Others[:min(len(out.Others), len(BusUse{}.Lines))]
	return out
}

// Rekey: see rekeyTrips.
func (b *BusTrips) Rekey(who func(key, from, to uint32) []Share) Answer {
	return &BusTrips{rekeyTrips(b.Trips, who), b.Others}
}

// Score is the share of the trips by bus whose likeliest line is right.
func (busTask) Score(want, got Answer) float64 {
	w, g, ok := both[BusTrips](want, got)
	if !ok {
		return 0
	}
	return w.ranks(g, func(rank int) float64 {
		if rank == 1 {
			return 1
		}
		return 0
	})
}

// ranks is the mean of a function of the rank of the right line, over the wanted
// trips by bus; what is not listed has none and counts 0.
func (b *BusTrips) ranks(got *BusTrips, f func(rank int) float64) float64 {
	sum, n := 0.0, 0.0
	pairTrips(b.Trips, got.Trips, func(w, g *UserTrip[BusUse]) {
		if w == nil || !w.Told.byBus() {
			return
		}
		n++
		list, weight := got.Others, 1.0
		if g != nil {
			list, weight = g.Told.Lines[:], g.Weight
		}
		if k := slices.Index(list, w.Told.Lines[0]); k >= 0 {
			sum += float64(weight * f(k+1))
		}
	})
	if n == 0 {
		return 1
	}
	return sum / n
}

// load is the passengers of each line.
func (b *BusTrips) load(lines int) []float64 {
	out := make([]float64, lines)
	for _, t := range b.Trips {
		for _, l := range t.Told.Ridden {
			if l != noLine {
				out[l] += t.Weight
			}
		}
	}
	return out
}

// most is one more than the highest line.
func (b *BusTrips) most() int {
	n := int32(0)
	for _, t := range b.Trips {
		for _, l := range t.Told.Ridden {
			n = max(n, l+1)
		}
	}
	return int(n)
}

// Detail: mean reciprocal rank, the share in the list at all, the WAPE of the lines'
// loads, and how well trips by bus are told from others.
func (busTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[BusTrips](want, got)
	if !ok {
		return nil
	}
	lines := max(w.most(), g.most())
	byBus := func(b *BusTrips) (out []UserTrip[BusUse]) {
		for _, t := range b.Trips {
			if t.Told.byBus() {
				out = append(out, t)
			}
		}
		return out
	}
	return map[string]float64{
		"mrr":            w.ranks(g, func(rank int) float64 { return 1 / float64(rank) }),
		"listed":         w.ranks(g, func(int) float64 { return 1 }),
		"line_load_wape": wapeOf(w.load(lines), g.load(lines)),
		"bus_trip_f1":    tripF1(byBus(w), byBus(g)),
	}
}

// Sheets: the passengers of each line, on the map, and by hour.
func (b *BusTrips) Sheets(e *Env) []Sheet {
	load := b.load(len(e.Map.Lines))
	lines := Sheet{Name: "line-load", Title: "Passengers by bus line", Columns: []string{"line", "ref", "name", "passengers"}, Picture: Picture{Kind: Desire, Value: []string{"passengers"}}}
	for i, n := range load {
		if l := &e.Map.Lines[i]; l.Mode == recognition.Bus && n > 0 {
			lines.Rows = append(lines.Rows, []any{l.ID, l.Ref, l.Name, n})
			lines.Shapes = append(lines.Shapes, lineShape(l))
		}
	}
	hours := Sheet{Name: "boardings-by-hour", Title: "Trips by bus by the hour they begin", Columns: []string{"hour", "trips"}, Picture: Picture{Kind: Columns, Label: "hour", Value: []string{"trips"}}}
	var count [24]float64
	for _, t := range b.Trips {
		if _, second := e.Calendar.Clock(t.Start); t.Told.byBus() {
			count[min(second/3600, 23)] += t.Weight
		}
	}
	for h, n := range count {
		hours.Rows = append(hours.Rows, []any{h, n})
	}
	return []Sheet{lines, hours}
}
