package planning

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "airport-rail", ID: "T13",
		Doc:      "passengers of airports who come or go by rail",
		Citation: "our definition, named after the patent's title; not the patented method. Rides by P9",
		Params: []plugin.Param{
			{Name: "min_dwell", Type: plugin.Duration, Default: "30m", Min: 60, Max: 12 * 3600, Doc: "shortest time at the airport, in truth too"},
		},
		Complexity: "O(n) in records; rides as P9 for trips to and from airports",
		New: func(v plugin.Values) (Task, error) {
			return airportRailTask{uint32(v.Duration("min_dwell").Seconds())}, nil
		},
	})
}

// AirportRail is the answer of T13.
type AirportRail struct {
	Trips []AirportTrip `json:"trips"` // by user, then time
}

// AirportTrip is a trip to an airport or from it. Start and End are when the airport
// is reached or left.
type AirportTrip struct {
	AtHub
	To   bool `json:"to"` // the airport
	Rail bool `json:"rail"`
}

func (t *AirportTrip) like(o *AirportTrip) bool { return t.To == o.To }

func (t AirportTrip) compare(o AirportTrip) int {
	return cmp.Or(t.compareAt(o.AtHub), compareBool(t.To, o.To), compareBool(t.Rail, o.Rail))
}

type airportRailTask struct{ minS uint32 }

func (airportRailTask) Needs() Need { return Need{Horizon: Day} }

// Fold takes the times at airports that are long enough and not the staff's, and the
// trips at either end that no silence of a flight cuts off.
func (t airportRailTask) Fold(env *Env) Fold {
	stops := env.airportStops()
	return &rowFold[AirportTrip]{env: env, tag: "airport-rail/1", take: func(dst []AirportTrip, v *View) []AirportTrip {
		dwells := v.AirportDwells()
		if len(dwells) == 0 {
			return dst
		}
		staff := staffOf(dwells, env.Calendar)
		stays, _ := v.Stays(recognition.DefaultStayParams())
		for _, d := range dwells {
			if staff[d.Hub] || d.Leave-d.Enter < t.minS {
				continue
			}
			hub := uint32(d.Hub)
			if trip, ok := v.access(stays, d); ok {
				rides := v.move(trip).Rides
				rail := len(rides) > 0 && env.serves(stops[hub], rides[len(rides)-1].Line, rides[len(rides)-1].Alight)
				dst = append(dst, AirportTrip{AtHub{v.User, hub, d.Enter, d.Enter, 1}, true, rail})
			}
			if trip, ok := v.egress(stays, d); ok {
				rides := v.move(trip).Rides
				rail := len(rides) > 0 && env.serves(stops[hub], rides[0].Line, rides[0].Board)
				dst = append(dst, AirportTrip{AtHub{v.User, hub, d.Leave, d.Leave, 1}, false, rail})
			}
		}
		return dst
	}, answer: func(rows []AirportTrip) (Answer, error) { return &AirportRail{append([]AirportTrip{}, rows...)}, nil }}
}

// access is the trip from the last stay to a hub, if there is one.
func (v *View) access(stays []recognition.Stay, d recognition.HubDwell) (recognition.Trip, bool) {
	if d.From == 0 || d.Before > recognition.HubGapS {
		return recognition.Trip{}, false
	}
	trip := recognition.Trip{Start: v.Records[0].Time, End: d.First, From: v.Records[0].Area, To: d.Area}
	for _, s := range stays {
		if s.End <= d.First && s.End > trip.Start {
			trip.Start, trip.From = s.End, s.Area
		}
	}
	return trip, true
}

// egress is the trip from a hub to the next stay, if there is one.
func (v *View) egress(stays []recognition.Stay, d recognition.HubDwell) (recognition.Trip, bool) {
	if d.To == len(v.Records) || d.After > recognition.HubGapS {
		return recognition.Trip{}, false
	}
	last := v.Records[len(v.Records)-1]
	trip := recognition.Trip{Start: d.Last, End: last.Time, From: d.Area, To: last.Area}
	for _, s := range stays {
		if s.Start >= d.Last {
			trip.End, trip.To = s.Start, s.Area
			break
		}
	}
	return trip, true
}

// platformM is how far a stop may be beyond the grounds of the airport that it serves, m (assumed).
const platformM = 300.0

// airportStops are the ids of the stops at each airport.
func (e *Env) airportStops() map[uint32][]uint32 {
	out := map[uint32][]uint32{}
	for _, h := range e.hubsOf(airportHub) {
		hub := e.Map.Hubs[h]
		at := e.Proj.XY(orb.Point{hub.Lon, hub.Lat})
		for _, s := range e.Map.Stops {
			if s.Hub == int64(h) || e.Proj.XY(orb.Point{s.Lon, s.Lat}).Dist(at) <= hub.RadiusM+platformM {
				out[h] = append(out[h], s.ID)
			}
		}
	}
	return out
}

// serves reports whether a line on rails stops at one of the stops as its k-th.
func (e *Env) serves(stops []uint32, line, k int) bool {
	l := &e.Map.Lines[line]
	return onRails(l.Mode) && slices.Contains(stops, l.Stops[k])
}

// FromTruth takes the flights of everybody with a SIM and the trips to and from the airport for
// them: by rail if the ride next to the airport is on a line on rails.
func (t airportRailTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := &AirportRail{}
	stops := env.airportStops()
	err := env.trueFlights(ctx, truth, func(f *trueFlight) {
		if f.leave-f.enter < t.minS {
			return
		}
		for i := range f.trips {
			trip := &f.trips[i]
			n := len(trip.Rides)
			switch {
			case f.departs && trip.End == f.enter:
				rail := n > 0 && env.serves(stops[f.hub], int(trip.Rides[n-1].Line), int(trip.Rides[n-1].Alight))
				out.Trips = append(out.Trips, AirportTrip{AtHub{f.person, f.hub, f.enter, f.enter, 1}, true, rail})
			case !f.departs && trip.Start == f.leave:
				rail := n > 0 && env.serves(stops[f.hub], int(trip.Rides[0].Line), int(trip.Rides[0].Board))
				out.Trips = append(out.Trips, AirportTrip{AtHub{f.person, f.hub, f.leave, f.leave, 1}, false, rail})
			}
		}
	})
	return out, err
}

// Null says that nobody goes to an airport.
func (airportRailTask) Null(*Env) Answer { return &AirportRail{} }

func (a *AirportRail) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	return &AirportRail{rekeyEvents(a.Trips, who)}
}

// Score is F1 of the trips by rail: one is found if its user, airport and direction are
// right, and the time at which the airport is reached or left is within 15 min.
func (airportRailTask) Score(want, got Answer) float64 {
	w, g, ok := both[AirportRail](want, got)
	if !ok {
		return 0
	}
	return w.f1(g, func(t *AirportTrip) bool { return t.Rail })
}

// f1 of the trips that ok holds for.
func (a *AirportRail) f1(got *AirportRail, ok func(*AirportTrip) bool) float64 {
	both := 0.0
	matched(a.Trips, got.Trips, func(w, g *AirportTrip, weight float64) {
		if ok(w) && ok(g) {
			both += weight
		}
	})
	return f1(both, weightOf(a.Trips, ok), weightOf(got.Trips, ok))
}

// railShare is the share of trips that are by rail; 0 where there are none.
func (a *AirportRail) railShare() float64 {
	return ratio(weightOf(a.Trips, func(t *AirportTrip) bool { return t.Rail }), weightOf(a.Trips, func(*AirportTrip) bool { return true }))
}

// Detail: the shares of rail and their difference, and F1 of the trips whatever the mode.
func (airportRailTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[AirportRail](want, got)
	if !ok {
		return nil
	}
	return map[string]float64{
		"rail_share_error":  math.Abs(w.railShare() - g.railShare()),
		"rail_share_wanted": w.railShare(),
		"rail_share_got":    g.railShare(),
		"f1_all_trips":      w.f1(g, func(*AirportTrip) bool { return true }),
	}
}

// Sheets: the trips by mode and direction, and a list.
func (a *AirportRail) Sheets(*Env) []Sheet {
	chart := Sheet{Name: "airport-access", Title: "Trips to and from airports", Columns: []string{"trips", "rail", "other"},
		Picture: Picture{Kind: Columns, Label: "trips", Value: []string{"rail", "other"}}}
	for _, to := range []bool{true, false} {
		rail := weightOf(a.Trips, func(t *AirportTrip) bool { return t.To == to && t.Rail })
		all := weightOf(a.Trips, func(t *AirportTrip) bool { return t.To == to })
		chart.Rows = append(chart.Rows, []any{toward(to), rail, all - rail})
	}
	list := Sheet{Name: "airport-rail-trips", Title: "Trips to and from airports", Columns: []string{"user", "hub", "direction", "at", "rail", "weight"}}
	for _, t := range a.Trips {
		list.Rows = append(list.Rows, []any{t.User, t.Hub, toward(t.To), t.Start, t.Rail, t.Weight})
	}
	return []Sheet{chart, list}
}

func toward(to bool) string {
	if to {
		return "to"
	}
	return "from"
}
