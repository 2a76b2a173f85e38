package planning

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "airport-od", ID: "T14",
		Doc:      "the zones from which passengers come to an airport and to which they go from it",
		Citation: "our definition, named after the patent's title (CN108961134B); not the patented method",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "1h", Min: 1800, Max: 86400, Doc: "shortest stay that is an origin or a destination, in truth too"},
			{Name: "horizon", Type: plugin.Duration, Default: "12h", Min: 3600, Max: 48 * 3600, Doc: "between that stay and the airport, at most; in truth too"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			return airportODTask{uint32(v.Duration("min_stay").Seconds()), uint32(v.Duration("horizon").Seconds())}, nil
		},
	})
}

// AirportOD is the answer of T14.
type AirportOD struct {
	Zoning string          `json:"zoning"`
	Trips  []AirportAccess `json:"trips"`           // by user, then time
	Flows  []AirportFlow   `json:"flows,omitempty"` // of a predictor that does not look at users
}

// AirportAccess is a trip to an airport for a flight, or from it after one. Start and End
// are when the phone is switched off or on.
type AirportAccess struct {
	AtHub
	Departs bool         `json:"departs"`
	Zones   []AccessZone `json:"zones"` // where the trip begins or ends: shares of a large area's
}

// AccessZone is a zone's share of a trip.
type AccessZone struct {
	Zone  geo.ZoneID `json:"zone,string"`
	Lon   float64    `json:"lon"` // of the zone's centre
	Lat   float64    `json:"lat"`
	Share float64    `json:"share"`
}

func (a *AirportAccess) like(o *AirportAccess) bool { return a.Departs == o.Departs }

// AirportFlow is a number of trips between an airport and a zone.
type AirportFlow struct {
	Hub     uint32     `json:"hub"`
	Departs bool       `json:"departs"` // from the zone to the airport
	Zone    geo.ZoneID `json:"zone,string"`
	Lon     float64    `json:"lon"`
	Lat     float64    `json:"lat"`
	Trips   float64    `json:"trips"`
}

func (f AirportFlow) order(o AirportFlow) int {
	return cmp.Or(cmp.Compare(f.Hub, o.Hub), compareBool(f.Departs, o.Departs), cmp.Compare(f.Zone, o.Zone))
}

func (f AirportFlow) count() float64 { return f.Trips }

type airportODTask struct{ minS, horizonS uint32 }

func (airportODTask) Needs() Need { return Need{Horizon: Day} }

// Fold looks for the flights of T18 and, for each, the stay before it or after it.
func (t airportODTask) Fold(env *Env) Fold {
	var found []flight
	return &rowFold[accessRow]{env: env, tag: "airport-od/1", take: func(dst []accessRow, v *View) []accessRow {
		found = defaultFlights().flights(found[:0], v)
		if len(found) == 0 {
			return dst
		}
		stays, _ := v.Stays(recognition.DefaultStayParams())
		for _, f := range found {
			if s := t.significant(stays, f, env.hubs().airports); s != nil {
				dst = append(dst, accessRow{v.User, f.moment(), f.departs, uint32(f.Hub), s.Area})
			}
		}
		return dst
	}, answer: func(rows []accessRow) (Answer, error) {
		out := &AirportOD{Zoning: env.Zoning.Name()}
		for _, r := range rows {
			trip := AirportAccess{AtHub: AtHub{r.User, r.Hub, r.At, r.At, 1}, Departs: r.Departs}
			for _, s := range env.shares(r.Area) {
				trip.Zones = append(trip.Zones, env.accessZone(s.zone, s.share))
			}
			out.Trips = append(out.Trips, trip)
		}
		return out, nil
	}}
}

func (e *Env) accessZone(zone geo.ZoneID, share float64) AccessZone {
	c := e.Zoning.Center(zone)
	return AccessZone{Zone: zone, Lon: c[0], Lat: c[1], Share: share}
}

// accessRow is a trip between an airport and an area.
type accessRow struct {
	User, At uint32
	Departs  bool
	Hub      uint32
	Area     sigcity.AreaID
}

func (r accessRow) compare(o accessRow) int {
	return cmp.Or(byUser(r.User, o.User, r.At, o.At), compareBool(r.Departs, o.Departs), cmp.Compare(r.Hub, o.Hub), cmp.Compare(r.Area, o.Area))
}

func (r accessRow) check(e *Env) error {
	return cmp.Or(e.checkHub(r.Hub), e.checkArea(uint32(r.Area)))
}

// significant is the last long stay elsewhere before a departure, the first after
// an arrival; nil where there is none.
func (t airportODTask) significant(stays []recognition.Stay, f flight, at *recognition.HubAreas) *recognition.Stay {
	var best *recognition.Stay
	for i := range stays {
		s := &stays[i]
		middle := s.Start + (s.End-s.Start)/2
		if s.End-s.Start < t.minS || at.Serves(s.Area, f.Hub) {
			continue
		}
		if f.departs && middle < f.Enter && s.End+t.horizonS >= f.Enter {
			best = s
		}
		if !f.departs && middle >= f.Leave {
			if s.Start <= f.Leave+t.horizonS {
				return s
			}
			break
		}
	}
	return best
}

// FromTruth takes the flights of T18, of everybody with a SIM.
func (t airportODTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := &AirportOD{Zoning: env.Zoning.Name()}
	err := env.trueFlights(ctx, truth, func(f *trueFlight) {
		at, ok := t.trueStay(f)
		if z := env.Zoning.Zone(at); ok && z != geo.NoZone && defaultFlights().holds(f) {
			moment := f.moment()
			out.Trips = append(out.Trips, AirportAccess{AtHub{f.person, f.hub, moment, moment, 1}, f.departs, []AccessZone{env.accessZone(z, 1)}})
		}
	})
	return out, err
}

// trueStay is the stay that is looked for, as significant does. Who comes from outside
// the city before a flight, or goes there after it, has none.
func (t airportODTask) trueStay(f *trueFlight) (at orb.Point, ok bool) {
	for i := 0; i < len(f.acts); {
		a := f.acts[i]
		end := a.End
		for i++; i < len(f.acts) && f.acts[i].Start == end && f.acts[i].Lon == a.Lon && f.acts[i].Lat == a.Lat; i++ {
			end = f.acts[i].End
		}
		switch before, after := end <= f.enter, a.Start >= f.leave; {
		case before && f.departs && a.Kind == dataset.ActAway:
			ok = false
		case before && f.departs && end-a.Start >= t.minS:
			at, ok = orb.Point{a.Lon, a.Lat}, end+t.horizonS >= f.enter
		case after && !f.departs && a.Kind == dataset.ActAway:
			return at, false
		case after && !f.departs && end-a.Start >= t.minS:
			return orb.Point{a.Lon, a.Lat}, a.Start <= f.leave+t.horizonS
		}
	}
	return at, ok
}

// tripsToAirports is how often a person leaves by air in a year, and comes: 1.35 billion
// passengers of the airports of China in 2019, those who leave and those who come, over its
// 1.4 billion people (assumed for every city).
const tripsToAirports = 0.48

// Null spreads the passengers that airports have by the statistics in proportion to
// the cells, the same number to each airport.
func (t airportODTask) Null(env *Env) Answer {
	out := &AirportOD{Zoning: env.Zoning.Name()}
	airports := env.hubsOf(airportHub)
	each := env.phones() * tripsToAirports * float64(env.Calendar.Days()) / 365 / float64(max(1, len(airports)))
	for _, h := range airports {
		for _, departs := range []bool{false, true} {
			for _, z := range env.byCells(each) {
				out.Flows = append(out.Flows, AirportFlow{Hub: h, Departs: departs, Zone: z.Zone, Lon: z.Lon, Lat: z.Lat, Trips: z.Persons})
			}
		}
	}
	return out
}

// flows adds the trips up, in order.
func (a *AirportOD) flows() []AirportFlow {
	out := slices.Clone(a.Flows)
	for _, x := range a.Trips {
		for _, z := range x.Zones {
			out = append(out, AirportFlow{Hub: x.Hub, Departs: x.Departs, Zone: z.Zone, Lon: z.Lon, Lat: z.Lat, Trips: x.Weight * z.Share})
		}
	}
	slices.SortStableFunc(out, AirportFlow.order)
	sum := out[:0]
	for _, f := range out {
		if n := len(sum); n > 0 && sum[n-1].order(f) == 0 {
			sum[n-1].Trips += f.Trips
		} else {
			sum = append(sum, f)
		}
	}
	return sum
}

func (a *AirportOD) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	return &AirportOD{Zoning: a.Zoning, Trips: rekeyEvents(a.Trips, who), Flows: a.Flows}
}

// Score is the common part of the flows between airports and zones.
func (airportODTask) Score(want, got Answer) float64 {
	w, g, ok := both[AirportOD](want, got)
	if !ok {
		return 0
	}
	return cpc(w.flows(), g.flows())
}

// Detail: errors of the trips by zone, and how many there are.
func (airportODTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[AirportOD](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{"wape": wape(w.flows(), g.flows())}
	for name, departs := range map[string]bool{"origins": true, "destinations": false} {
		a, b := w.toward(departs), g.toward(departs)
		out["wape_"+name], out["cpc_"+name] = wape(a, b), cpc(a, b)
	}
	trips := func(a *AirportOD) float64 {
		sum := 0.0
		for _, f := range a.flows() {
			sum += f.Trips
		}
		return sum
	}
	out["trips_wanted"], out["trips_got"] = trips(w), trips(g)
	return out
}

// toward are the flows of one direction.
func (a *AirportOD) toward(departs bool) []AirportFlow {
	return slices.DeleteFunc(a.flows(), func(f AirportFlow) bool { return f.Departs != departs })
}

// Sheets: desire lines between zones and airports, and the trips.
func (a *AirportOD) Sheets(e *Env) []Sheet {
	lines := Sheet{Name: "airport-flows", Title: "Trips between airports and zones", Columns: []string{"hub", "direction", "zone", "lon", "lat", "trips"},
		Picture: Picture{Kind: Desire, Value: []string{"trips"}}}
	for _, f := range a.flows() {
		h := e.Map.Hubs[f.Hub]
		lines.Rows = append(lines.Rows, []any{f.Hub, direction(f.Departs), zoneName(f.Zone), f.Lon, f.Lat, f.Trips})
		lines.Shapes = append(lines.Shapes, orb.LineString{{f.Lon, f.Lat}, {h.Lon, h.Lat}})
	}
	list := Sheet{Name: "airport-trips", Title: "Trips of passengers", Columns: []string{"user", "at", "direction", "hub", "zone", "share"}}
	for _, x := range a.Trips {
		for _, z := range x.Zones {
			list.Rows = append(list.Rows, []any{x.User, x.Start, direction(x.Departs), x.Hub, zoneName(z.Zone), x.Weight * z.Share})
		}
	}
	return []Sheet{lines, list}
}

func direction(departs bool) string {
	if departs {
		return "departs"
	}
	return "arrives"
}
