package planning

import (
	"context"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "street-vibrancy", ID: "U08",
		Doc:        "how many people are out on every street by day, who neither live nor work there",
		Citation:   "Long & Zhou 2016",
		Params:     presenceParams(),
		Complexity: "O(n + areas · 2500) in records",
		New: func(v plugin.Values) (Task, error) {
			return vibrancyTask{presenceRuleOf(v)}, nil
		},
	})
}

// Daytime is from 07:00 to 22:00 (assumed).
const (
	dayFrom = 7
	dayTo   = 22
)

// daySlot reports whether a slot is of the daytime.
func daySlot(s uint32) bool {
	h := s % (slots / 2)
	return h >= dayFrom && h < dayTo
}

// Vibrancy is the answer of U08.
type Vibrancy struct {
	Streets  int          `json:"streets"`  // segments of the map
	Segments []StreetLife `json:"segments"` // those with anybody on them, in order of number
}

// StreetLife is the life on one segment of a street.
type StreetLife struct {
	Segment geo.ZoneID `json:"segment"`
	Lon     float64    `json:"lon"`
	Lat     float64    `json:"lat"`
	Class   string     `json:"class"`
	LengthM float64    `json:"length_m"`
	Persons float64    `json:"persons_per_km"` // present, mean of the hours of the daytime
	CV      float64    `json:"cv"`             // standard deviation over the hours of the typical days, over their mean
}

type vibrancyTask struct{ presenceRule }

func (vibrancyTask) Needs() Need { return Need{Horizon: Day, Aggregates: true} }

// Fold counts the presence by day of phones that are neither at home nor at work (P6(a)).
func (t vibrancyTask) Fold(env *Env) Fold {
	return newTallyFold(env, "street-vibrancy/1", func(sums tally[slotArea], v *View) {
		area, out := sigcity.AreaID(0), false // of the presence before
		for i, x := range v.Presence(t.presenceRule) {
			if i == 0 || x.area != area {
				area, out = x.area, v.outside(x.area)
			}
			if out && daySlot(x.slot) {
				sums[slotArea{x.slot, x.area}] += x.weight
			}
		}
	}, func(sums []tallied[slotArea]) (Answer, error) {
		return env.vibrancy(bySlots(sums), (*Env).spread, float64(env.Meta.Users)), nil
	})
}

// vibrancy lays counts by slot, summed over days, on segments. people is how many phones
// or persons they are of.
func (e *Env) vibrancy(counts [slots][]areaCount, spread func(*Env, []areaCount) map[geo.ZoneID]float64, people float64) *Vibrancy {
	on := e.onStreets()
	var zones [slots]map[geo.ZoneID]float64
	for s := range counts {
		if daySlot(uint32(s)) {
			zones[s] = spread(on, counts[s])
		}
	}
	return on.streetLife(zones, people)
}

// streetLife is the answer of people by segment and slot, summed over days; the
// environment is on the streets.
func (e *Env) streetLife(zones [slots]map[geo.ZoneID]float64, people float64) *Vibrancy {
	net := e.Zoning.(*streets)
	days, factor := slotDays(e.moments()), e.factor(people)
	out := &Vibrancy{Streets: len(net.segments)}
	hours, seen := 0.0, map[geo.ZoneID]bool{}
	for s, m := range zones {
		if daySlot(uint32(s)) {
			hours += days[s]
		}
		for z := range m {
			seen[z] = true
		}
	}
	for _, z := range geo.SortedZones(seen) {
		if z == net.offStreet() {
			continue
		}
		sum, typical := 0.0, []float64(nil)
		for s, m := range zones {
			if daySlot(uint32(s)) && days[s] > 0 {
				sum += m[z]
				typical = append(typical, m[z]/days[s])
			}
		}
		if sum <= 0 {
			continue
		}
		c, g := e.Zoning.Center(z), &net.segments[z]
		out.Segments = append(out.Segments, StreetLife{z, c[0], c[1], g.class, g.m, sum / hours / (g.m / 1000) * factor, variation(typical)})
	}
	return out
}

// variation is the coefficient of variation, of the whole and not of a sample.
func variation(xs []float64) float64 {
	mean, square := 0.0, 0.0
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		square += float64((x - mean) * (x - mean))
	}
	return ratio(math.Sqrt(square/float64(len(xs))), mean)
}

// FromTables takes for people who are out those in an area beyond the number that is
// there at night, from 02:00 to 05:00 of workdays (else of weekends): a table does not tell who works.
func (vibrancyTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	counts, err := env.slotCounts(tables)
	if err != nil {
		return nil, err
	}
	days := slotDays(env.moments())
	night, nights := map[sigcity.AreaID]float64{}, 0.0
	for _, first := range []int{0, slots / 2} {
		for s := first + 2; s < first+5 && (first == 0 || nights == 0); s++ {
			nights += days[s]
			for _, c := range counts[s] {
				night[c.area] += c.count
			}
		}
	}
	var out [slots][]areaCount
	for s := range counts {
		if !daySlot(uint32(s)) || days[s] == 0 {
			continue
		}
		excess := map[sigcity.AreaID]float64{}
		for a, n := range night { // an area is in both at most once: the order does not matter
			excess[a] = -ratio(n, nights) * days[s]
		}
		for _, c := range counts[s] {
			excess[c.area] += c.count
		}
		for a, n := range excess {
			excess[a] = max(0, n)
		}
		out[s] = sortedAreas(excess)
	}
	return env.vibrancy(out, (*Env).spread, env.people()), nil
}

// studies are the activities that P6(a) takes for work: it cannot tell them apart.
func studies(kind string) bool {
	return kind == dataset.ActWork || slices.Contains([]dataset.Category{dataset.Kindergarten, dataset.School, dataset.University}, dataset.Category(kind))
}

// FromTruth counts everybody with a phone who is in the city, neither at home nor at work
// or school, on the segment that is the nearest.
func (vibrancyTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	on, phone := env.onStreets(), withPhone(truth)
	var zones [slots]map[geo.ZoneID]float64
	for s := range zones {
		zones[s] = map[geo.ZoneID]float64{}
	}
	err := env.trulyPresent(ctx, truth, func(p trulyPresent) {
		if daySlot(p.slot) && phone[p.person] && p.kind != dataset.ActHome && !studies(p.kind) {
			zones[p.slot][on.Zoning.Zone(p.at)]++
		}
	})
	if err != nil {
		return nil, err
	}
	return on.streetLife(zones, float64(len(phone))), nil
}

// Null puts as many people into every cell, at every hour.
func (vibrancyTask) Null(env *Env) Answer {
	each := make([]areaCount, len(env.Areas))
	for i := range each {
		each[i] = areaCount{sigcity.AreaID(i), env.people() / float64(len(each))}
	}
	on, days := env.onStreets(), slotDays(env.moments())
	spread := on.spread(each)
	var zones [slots]map[geo.ZoneID]float64
	for s := range zones {
		zones[s] = map[geo.ZoneID]float64{}
		if daySlot(uint32(s)) {
			for z, n := range spread {
				zones[s][z] = float64(n * days[s])
			}
		}
	}
	return on.streetLife(zones, env.people())
}

// dense is one number for every segment of the map, 0 where nobody is.
func (a *Vibrancy) dense(streets int, value func(StreetLife) float64) []float64 {
	out := make([]float64, streets)
	for _, s := range a.Segments {
		if s.Segment >= 0 && int(s.Segment) < streets {
			out[s.Segment] = value(s)
		}
	}
	return out
}

func perKM(s StreetLife) float64 { return s.Persons }

// Score is Kendall's τ_b of the segments, at least 0.
func (vibrancyTask) Score(want, got Answer) float64 {
	w, g, ok := both[Vibrancy](want, got)
	if !ok || (len(g.Segments) == 0 && len(w.Segments) > 0) {
		return 0
	}
	return max(0, kendallTauB(w.dense(w.Streets, perKM), g.dense(w.Streets, perKM)))
}

// Detail: the error of the CV is the mean over the segments where people are in both.
func (vibrancyTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Vibrancy](want, got)
	if !ok {
		return nil
	}
	x, y := w.dense(w.Streets, perKM), g.dense(w.Streets, perKM)
	out := map[string]float64{"tau_b": kendallTauB(x, y), "top_decile_jaccard": jaccardTop(x, y, 0.1), "wape": wapeOf(x, y)}
	cv := func(s StreetLife) float64 { return s.CV }
	wanted, found := w.dense(w.Streets, cv), g.dense(w.Streets, cv)
	sum, n := 0.0, 0.0
	for i, v := range wanted {
		if x[i] > 0 && y[i] > 0 {
			sum += math.Abs(found[i] - v)
			n++
		}
	}
	if n > 0 {
		out["cv_error"] = sum / n
	}
	return out
}

// Sheets: the segments.
func (a *Vibrancy) Sheets(e *Env) []Sheet {
	net := e.onStreets().Zoning.(*streets)
	out := Sheet{Name: "streets", Title: "People out on the street by day, per km", Columns: []string{"segment", "lon", "lat", "class", "length_m", "persons_per_km", "cv"},
		Picture: Picture{Kind: Desire, Value: []string{"persons_per_km"}}}
	for _, s := range a.Segments {
		if s.Segment < net.offStreet() {
			out.Rows = append(out.Rows, []any{int64(s.Segment), s.Lon, s.Lat, s.Class, s.LengthM, s.Persons, s.CV})
			out.Shapes = append(out.Shapes, net.shape(s.Segment))
		}
	}
	return []Sheet{out}
}
