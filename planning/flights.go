package planning

import (
	"cmp"
	"context"
	"fmt"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	def := defaultFlights()
	plugin.Add(plugin.Entry[Task]{
		Name: "airport-passengers", ID: "T18",
		Doc:      "who departs by air and who arrives, and when",
		Citation: "our definition, named after the patent's title; not the patented method",
		Params: []plugin.Param{
			{Name: "min_dwell", Type: plugin.Duration, Default: "45m", Min: 60, Max: 12 * 3600, Doc: "shortest time at the airport before a departure"},
			{Name: "max_dwell", Type: plugin.Duration, Default: "4h", Min: 600, Max: 24 * 3600, Doc: "longest time at the airport"},
			{Name: "silence", Type: plugin.Duration, Default: "1h", Min: 600, Max: 24 * 3600, Doc: "shortest silence on board"},
			{Name: "far_km", Type: plugin.Float, Default: def.farM / 1000, Min: 10, Max: 20000, Doc: "who reappears farther away has flown, however short the silence"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			r := flightRule{uint32(v.Duration("min_dwell").Seconds()), uint32(v.Duration("max_dwell").Seconds()), uint32(v.Duration("silence").Seconds()), v.Float("far_km") * 1000}
			if r.minS > r.maxS {
				return nil, fmt.Errorf("min_dwell = %ds, want no more than max_dwell, %ds", r.minS, r.maxS)
			}
			return flightsTask{r}, nil
		},
	})
}

// AirPassengers is the answer of T18.
type AirPassengers struct {
	Flights []Flight `json:"flights"` // by user, then time
}

// Flight is a departure or an arrival of one user by air. Start and End are when the
// phone is switched off or on.
type Flight struct {
	AtHub
	Departs bool    `json:"departs"`
	Hour    int32   `json:"hour"` // local
	Dwell   float64 `json:"dwell_min"`
}

func (f *Flight) like(o *Flight) bool { return f.Departs == o.Departs }

func (f Flight) compare(o Flight) int {
	return cmp.Or(f.compareAt(o.AtHub), compareBool(f.Departs, o.Departs), cmp.Compare(f.Dwell, o.Dwell), cmp.Compare(f.Hour, o.Hour))
}

func (f Flight) check(e *Env) error {
	if f.Hour < 0 || f.Hour > 23 {
		return fmt.Errorf("hour %d, want 0 to 23", f.Hour)
	}
	return cmp.Or(f.AtHub.check(e), checkNumber(f.Dwell))
}

type flightsTask struct{ rule flightRule }

func (flightsTask) Needs() Need { return Need{Horizon: Day} }

func (t flightsTask) Fold(env *Env) Fold {
	var found []flight
	return &rowFold[Flight]{env: env, tag: "airport-passengers/1", take: func(dst []Flight, v *View) []Flight {
		found = t.rule.flights(found[:0], v)
		for _, f := range found {
			dst = append(dst, env.flight(v.User, uint32(f.Hub), f.moment(), f.departs, f.Leave-f.Enter))
		}
		return dst
	}, answer: func(rows []Flight) (Answer, error) { return &AirPassengers{append([]Flight{}, rows...)}, nil }}
}

func (e *Env) flight(user, hub, at uint32, departs bool, dwellS uint32) Flight {
	return Flight{AtHub{user, hub, at, at, 1}, departs, hourOf(e.Calendar, at), float64(dwellS) / 60}
}

// FromTruth takes the ends of absences by air, of everybody with a SIM; departures
// after a time at the airport as the rule has it.
func (t flightsTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := &AirPassengers{}
	err := env.trueFlights(ctx, truth, func(f *trueFlight) {
		if t.rule.holds(f) {
			out.Flights = append(out.Flights, env.flight(f.person, f.hub, f.moment(), f.departs, f.leave-f.enter))
		}
	})
	return out, err
}

// Null says that nobody flies, as of most people on most days is true.
func (flightsTask) Null(*Env) Answer { return &AirPassengers{} }

func (p *AirPassengers) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	return &AirPassengers{rekeyEvents(p.Flights, who)}
}

// Score is F1: a flight is found if its user, airport and direction are right, and its
// time within 15 min.
func (flightsTask) Score(want, got Answer) float64 {
	w, g, ok := both[AirPassengers](want, got)
	if !ok {
		return 0
	}
	return w.f1(g, func(*Flight) bool { return true })
}

// f1 of the flights that ok holds for.
func (p *AirPassengers) f1(got *AirPassengers, ok func(*Flight) bool) float64 {
	both := 0.0
	matched(p.Flights, got.Flights, func(w, _ *Flight, weight float64) {
		if ok(w) {
			both += weight
		}
	})
	return f1(both, weightOf(p.Flights, ok), weightOf(got.Flights, ok))
}

// Detail: F1 of either direction, the error of passengers by direction and hour of day,
// and the distance of the distributions of the time at the airport.
func (flightsTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[AirPassengers](want, got)
	if !ok {
		return nil
	}
	departs := func(f *Flight) bool { return f.Departs }
	arrives := func(f *Flight) bool { return !f.Departs }
	hours := func(p *AirPassengers) []float64 {
		d, a := p.byHour()
		return append(d[:], a[:]...)
	}
	return map[string]float64{
		"f1_departures":           w.f1(g, departs),
		"f1_arrivals":             w.f1(g, arrives),
		"hourly_wape":             wapeOf(hours(w), hours(g)),
		"w1_dwell_departures_min": wasserstein(w.dwells(departs), g.dwells(departs)),
		"w1_dwell_arrivals_min":   wasserstein(w.dwells(arrives), g.dwells(arrives)),
	}
}

// byHour counts departing and arriving passengers by hour of day.
func (p *AirPassengers) byHour() (departs, arrives [24]float64) {
	for _, f := range p.Flights {
		if f.Departs {
			departs[f.Hour] += f.Weight
		} else {
			arrives[f.Hour] += f.Weight
		}
	}
	return departs, arrives
}

// dwells are the times at the airport of the flights that ok holds for, minutes.
func (p *AirPassengers) dwells(ok func(*Flight) bool) []weighted {
	var out []weighted
	for i := range p.Flights {
		if f := &p.Flights[i]; ok(f) {
			out = append(out, weighted{f.Dwell, f.Weight})
		}
	}
	return out
}

// Sheets: passengers by hour of day, the time they spend at the airport, and a list.
func (p *AirPassengers) Sheets(e *Env) []Sheet {
	departs, arrives := p.byHour()
	hours := Sheet{Name: "airport-hours", Title: "Passengers of airports by hour of day", Columns: []string{"hour", "departing", "arriving"},
		Picture: Picture{Kind: Columns, Label: "hour", Value: []string{"departing", "arriving"}}}
	for h := range 24 {
		hours.Rows = append(hours.Rows, []any{h, departs[h], arrives[h]})
	}
	dwell := newDistribution("dwell_before_departure_min", 15, 240)
	list := Sheet{Name: "flights", Title: "Passengers of airports", Columns: []string{"user", "hub", "direction", "at", "dwell_min", "weight"}}
	for _, f := range p.Flights {
		if f.Departs {
			dwell.Count[dwell.bin(f.Dwell)] += f.Weight
		}
		list.Rows = append(list.Rows, []any{f.User, f.Hub, direction(f.Departs), f.Start, f.Dwell, f.Weight})
	}
	return []Sheet{hours, dwell.sheet("Time at the airport before departure, min"), list}
}
