package planning

import (
	"context"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "rail-mode", ID: "T04",
		Doc:      "trips by metro or train, and the stations where they begin and end",
		Citation: "our definition, named after the patent's title; not the patented method. Order-preserving overlap with the cells of lines",
		Params: []plugin.Param{
			minStayParam,
		},
		Complexity: "O(n) in records; of a trip, O(lines × runs of cells³), at most 20 lines and 40 runs",
		New: func(v plugin.Values) (Task, error) {
			return railTask{stayParams(v)}, nil
		},
	})
}

// minStayParam is the parameter of the tasks on trips.
var minStayParam = plugin.Param{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay that ends a trip, in truth too"}

// stayParams are the default ones with the shortest stay that is asked for.
func stayParams(v plugin.Values) recognition.StayParams {
	return stayParamsOf(uint32(v.Duration("min_stay").Seconds()))
}

func stayParamsOf(minS uint32) recognition.StayParams {
	p := recognition.DefaultStayParams()
	p.MinS = minS
	return p
}

// RailTrips is the answer of T04.
type RailTrips struct {
	Trips []UserTrip[StopUse] `json:"trips"` // by user, then start
	near  *stations
}

// railTask finds the trips with a ride on rails: metro, rail or high-speed rail.
type railTask struct{ p recognition.StayParams }

func (railTask) Needs() Need { return Need{Horizon: Day} }

func (t railTask) Fold(env *Env) Fold {
	return tripFold(env, "rail-mode/1", t.p, func(v *View, i int, _ recognition.Trip) (StopUse, bool) {
		return env.use(foundRides(v.Modes(t.p)[i]), onRails)
	}, func(trips []UserTrip[StopUse]) (Answer, error) { return &RailTrips{trips, env.stations()}, nil })
}

// FromTruth lists the trips of people with a SIM that have a ride on rails.
func (t railTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	trips, err := trueTrips(ctx, truth, env, t.p.MinS, func(_ *life, x *trueTrip) (StopUse, bool) { return env.use(trueRides(x), onRails) })
	return &RailTrips{trips, env.stations()}, err
}

// Null says that nobody rides.
func (railTask) Null(env *Env) Answer { return &RailTrips{near: env.stations()} }

// Rekey: see rekeyTrips.
func (r *RailTrips) Rekey(who func(key, from, to uint32) []Share) Answer {
	return &RailTrips{rekeyTrips(r.Trips, who), r.near}
}

// Score is the F1 of trips.
func (railTask) Score(want, got Answer) float64 {
	w, g, ok := both[RailTrips](want, got)
	if !ok {
		return 0
	}
	return tripF1(w.Trips, g.Trips)
}

// Detail: of the stations of the trips that were found, the share that is right, and
// that is right or a neighbour on a line.
func (railTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[RailTrips](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{"trip_f1": tripF1(w.Trips, g.Trips)}
	all, exact, close, board, alight := 0.0, 0.0, 0.0, 0.0, 0.0
	count := func(weight float64, a, b uint32, side *float64) {
		all += weight
		if w.near.of(a) == w.near.of(b) {
			exact += weight
			*side += weight
		}
		if w.near.near(a, b) {
			close += weight
		}
	}
	wanted, gotten, both := 0.0, 0.0, 0.0
	pairTrips(w.Trips, g.Trips, func(a, b *UserTrip[StopUse]) {
		if a != nil {
			wanted++
		}
		if b != nil {
			gotten += b.Weight
		}
		if a != nil && b != nil {
			both += b.Weight
			count(b.Weight, a.Told.Board, b.Told.Board, &board)
			count(b.Weight, a.Told.Alight, b.Told.Alight, &alight)
		}
	})
	if wanted > 0 {
		out["recall"] = both / wanted
	}
	if gotten > 0 {
		out["precision"] = both / gotten
	}
	if all > 0 {
		out["station_exact"], out["station_within_one"] = exact/all, close/all
		out["board_exact"], out["alight_exact"] = 2*board/all, 2*alight/all
	}
	return out
}

// Sheets: passengers by station, and between stations.
func (r *RailTrips) Sheets(e *Env) []Sheet {
	return useSheets(e, r.Trips, func(u StopUse) StopUse { return u })
}
