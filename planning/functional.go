package planning

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "functional-area", ID: "U05",
		Doc:      "what every zone is for, from how its people come and go over the day",
		Citation: "Jin 2018; profiles clustered as in Wang et al. 2015",
		Params: append(presenceParams(),
			plugin.Param{Name: "clusters", Type: plugin.Int, Default: 5, Min: 2, Max: 50, Doc: "groups of zones"},
			plugin.Param{Name: "restarts", Type: plugin.Int, Default: 20, Min: 1, Max: 1000, Doc: "k-means runs, of which the best counts"},
			plugin.Param{Name: "least", Type: plugin.Float, Default: 1.0, Min: 0, Max: 1e9, Doc: "phones present in the mean below which a zone has no profile"}),
		Complexity: "O(n + zones · clusters · restarts) in records",
		New: func(v plugin.Values) (Task, error) {
			return functionalTask{presenceRuleOf(v), v.Int("clusters"), v.Int("restarts"), v.Float("least")}, nil
		},
	})
}

// Functions of zones, of which every one has a template.
const (
	functionResidential = iota
	functionWork
	functionCommerce
	functions
)

var functionNames = [functions]string{"residential", "work", "commerce"}

// FunctionalAreas is the answer of U05.
type FunctionalAreas struct {
	Zoning string           `json:"zoning"`
	Least  float64          `json:"least"` // phones present below which a zone is not judged, and forms no cluster
	Zones  []FunctionalZone `json:"zones"` // in order of zone
}

// FunctionalZone is what a zone is for.
type FunctionalZone struct {
	Zone     geo.ZoneID `json:"zone,string"`
	Lon      float64    `json:"lon"`
	Lat      float64    `json:"lat"`
	Persons  float64    `json:"persons"`  // phones present, mean of all hours
	Function int        `json:"function"` // −1 = not told
	Cluster  int        `json:"cluster"`  // −1 = none
}

func (z FunctionalZone) order(o FunctionalZone) int { return cmp.Compare(z.Zone, o.Zone) }

type functionalTask struct {
	presenceRule
	clusters, restarts int
	least              float64
}

func (functionalTask) Needs() Need { return Need{Horizon: Snapshot, Aggregates: true} }

// Fold counts the same as U12.
func (t functionalTask) Fold(env *Env) Fold {
	return newTallyFold(env, "functional-area/1", t.bySlot, func(sums []tallied[slotArea]) (Answer, error) {
		return t.areas(env, bySlots(sums), env.spread)
	})
}

func (t functionalTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	counts, err := env.slotCounts(tables)
	if err != nil {
		return nil, err
	}
	return t.areas(env, counts, env.spreadNoisy)
}

// areas lays counts by slot on zones, clusters their profiles and names the clusters.
func (t functionalTask) areas(e *Env, counts [slots][]areaCount, spread func([]areaCount) map[geo.ZoneID]float64) (*FunctionalAreas, error) {
	var zones [slots]map[geo.ZoneID]float64
	for s := range counts {
		zones[s] = spread(counts[s])
	}
	out, profiles, err := t.cluster(e, zones)
	if err != nil {
		return nil, err
	}
	for c, f := range nearestTemplates(e, profiles) {
		for i := range out.Zones {
			if out.Zones[i].Cluster == c {
				out.Zones[i].Function = f
			}
		}
	}
	return out, nil
}

// cluster is P11 on the zones with enough people: zones by cluster, their
// functions not told yet, and the mean profile of every cluster. zones are sums over days.
func (t functionalTask) cluster(e *Env, zones [slots]map[geo.ZoneID]float64) (*FunctionalAreas, [][]float64, error) {
	days, hours := slotDays(e.moments()), float64(len(e.moments()))
	all := map[geo.ZoneID]float64{}
	for _, m := range zones {
		for z, n := range m { // one number a zone and slot: the order of zones does not matter
			all[z] += n
		}
	}
	out := &FunctionalAreas{Zoning: e.Zoning.Name(), Least: t.least}
	var profiles, many [][]float64 // of all zones; of those with enough people
	for _, z := range geo.SortedZones(all) {
		mean := all[z] / hours
		if mean == 0 {
			continue
		}
		var profile []float64
		for s, m := range zones {
			if days[s] > 0 {
				profile = append(profile, m[z]/days[s])
			}
		}
		recognition.Standardize(profile)
		c := e.Zoning.Center(z)
		profiles = append(profiles, profile)
		if mean >= t.least {
			many = append(many, profile)
		}
		out.Zones = append(out.Zones, FunctionalZone{Zone: z, Lon: c[0], Lat: c[1], Persons: mean, Function: unanswered, Cluster: unanswered})
	}
	if len(many) == 0 {
		many = profiles
	}
	if len(many) == 0 {
		return out, nil, nil
	}
	// The seed is a constant: the answer is a function of the records.
	found, err := recognition.KMeans(many, min(t.clusters, len(many)), t.restarts, sigcity.Rand(1, "planning.functional-area"))
	if err != nil {
		return nil, nil, fmt.Errorf("functional areas: %w", err)
	}
	for i, p := range profiles {
		out.Zones[i].Cluster = nearestProfile(p, found.Centers)
	}
	return out, found.Centers, nil
}

// nearestTemplates names mean profiles by the nearest template, both in standard
// deviations.
func nearestTemplates(e *Env, profiles [][]float64) []int {
	days := slotDays(e.moments())
	var templates [][]float64
	for _, values := range templateProfiles() {
		var like []float64
		for s, v := range values {
			if days[s] > 0 {
				like = append(like, v)
			}
		}
		recognition.Standardize(like)
		templates = append(templates, like)
	}
	out := make([]int, len(profiles))
	for i, p := range profiles {
		p = slices.Clone(p)
		recognition.Standardize(p)
		out[i] = nearestProfile(p, templates)
	}
	return out
}

// nearestProfile is the nearest of several profiles, of equals the first.
func nearestProfile(p []float64, of [][]float64) int {
	best, least := 0, math.Inf(1)
	for i, q := range of {
		d := 0.0
		for k, v := range q {
			d += float64((v - p[k]) * (v - p[k]))
		}
		if d < least {
			best, least = i, d
		}
	}
	return best
}

// templateProfiles are the people in a zone of each function by slot, as shares of the
// most (assumed, after the types of Wang et al. 2015).
func templateProfiles() [functions][slots]float64 {
	var out [functions][slots]float64
	set := func(function, day int, values [24]float64) { copy(out[function][day*24:], values[:]) }
	set(functionResidential, 0, [24]float64{1, 1, 1, 1, 1, 1, 1, 0.85, 0.6, 0.45, 0.4, 0.4, 0.42, 0.42, 0.4, 0.4, 0.45, 0.55, 0.7, 0.8, 0.87, 0.93, 0.98, 1})
	set(functionResidential, 1, [24]float64{1, 1, 1, 1, 1, 1, 1, 0.97, 0.92, 0.85, 0.78, 0.74, 0.74, 0.74, 0.72, 0.72, 0.74, 0.76, 0.78, 0.82, 0.87, 0.93, 0.98, 1})
	set(functionWork, 0, [24]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.12, 0.3, 0.7, 0.95, 1, 1, 0.95, 0.97, 1, 1, 0.9, 0.65, 0.4, 0.28, 0.2, 0.16, 0.13, 0.1})
	set(functionWork, 1, [24]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.12, 0.17, 0.24, 0.28, 0.3, 0.3, 0.3, 0.3, 0.3, 0.28, 0.26, 0.22, 0.2, 0.17, 0.14, 0.12, 0.1})
	set(functionCommerce, 0, [24]float64{0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.2, 0.35, 0.5, 0.6, 0.65, 0.6, 0.6, 0.6, 0.65, 0.75, 0.9, 0.95, 0.8, 0.5, 0.25, 0.1})
	set(functionCommerce, 1, [24]float64{0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.2, 0.45, 0.7, 0.85, 0.9, 0.9, 1, 1, 1, 1, 0.95, 0.85, 0.7, 0.45, 0.25, 0.1})
	return out
}

// FromTruth tells the land use of the map where people with a phone truly are; the
// clusters are those of their true presence.
func (t functionalTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	var zones [slots]map[geo.ZoneID]float64
	for s := range zones {
		zones[s] = map[geo.ZoneID]float64{}
	}
	phone := withPhone(truth)
	err := env.trulyPresent(ctx, truth, func(p trulyPresent) {
		if z := env.Zoning.Zone(p.at); z != geo.NoZone && phone[p.person] {
			zones[p.slot][z]++
		}
	})
	if err != nil {
		return nil, err
	}
	out, _, err := t.cluster(env, zones)
	if err != nil {
		return nil, err
	}
	use := env.landUse()
	for i := range out.Zones {
		if u, ok := use[out.Zones[i].Zone]; ok {
			out.Zones[i].Function = u.function()
		}
	}
	return out, nil
}

// Null takes every zone for residential, the majority.
func (t functionalTask) Null(env *Env) Answer {
	out := &FunctionalAreas{Zoning: env.Zoning.Name(), Least: t.least}
	for _, z := range env.byCells(float64(env.Meta.Users)) {
		out.Zones = append(out.Zones, FunctionalZone{z.Zone, z.Lon, z.Lat, z.Persons, functionResidential, 0})
	}
	return out
}

// match calls f with every zone of want that is judged and what got says of it.
func (a *FunctionalAreas) match(got *FunctionalAreas, f func(want, got FunctionalZone)) {
	for _, w := range a.Zones {
		if w.Persons < a.Least {
			continue
		}
		g := FunctionalZone{Function: unanswered, Cluster: unanswered}
		if i, ok := slices.BinarySearchFunc(got.Zones, w, FunctionalZone.order); ok {
			g = got.Zones[i]
		}
		f(w, g)
	}
}

// functions counts the zones of which want knows the function.
func (a *FunctionalAreas) functions(got *FunctionalAreas) *confusion {
	c := newConfusion(functions)
	a.match(got, func(w, g FunctionalZone) {
		if w.Function != unanswered {
			c.add(w.Function, g.Function, 1)
		}
	})
	return c
}

// Score is Cohen's κ of the functions, at least 0.
func (functionalTask) Score(want, got Answer) float64 {
	w, g, ok := both[FunctionalAreas](want, got)
	if !ok || (len(g.Zones) == 0 && len(w.Zones) > 0) {
		return 0
	}
	return max(0, w.functions(g).cohenKappa())
}

// Detail compares the clusters, too; zones that got lacks are a cluster of their own there.
func (functionalTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[FunctionalAreas](want, got)
	if !ok {
		return nil
	}
	c := w.functions(g)
	var a, b []int
	w.match(g, func(x, y FunctionalZone) {
		if x.Cluster != unanswered {
			a, b = append(a, x.Cluster+1), append(b, y.Cluster+1)
		}
	})
	return map[string]float64{
		"accuracy": c.accuracy(),
		"kappa":    c.cohenKappa(),
		"macro_f1": c.macroF1(),
		"ami":      orSame(recognition.AdjustedMutualInformation(a, b), a, b),
		"ari":      orSame(recognition.AdjustedRandIndex(a, b), a, b),
	}
}

// orSame is v or, where it is undefined because there is but one class, whether both
// labelings are the same.
func orSame(v float64, a, b []int) float64 {
	if !math.IsNaN(v) {
		return v
	}
	if len(a) > 0 && (slices.Max(a) != slices.Min(a)) != (slices.Max(b) != slices.Min(b)) {
		return 0
	}
	return 1
}

// Sheets: the zones by function.
func (a *FunctionalAreas) Sheets(e *Env) []Sheet {
	zones := Sheet{Name: "functions", Title: "Functional areas: 0 residential, 1 work, 2 commerce, 3 transport, 4 mixed",
		Columns: []string{"zone", "lon", "lat", "persons", "function", "class", "cluster"}, Picture: Picture{Kind: Areas, Value: []string{"class"}}}
	var n [functions]int
	for _, z := range a.Zones {
		name := ""
		if z.Function != unanswered {
			name = functionNames[z.Function]
			n[z.Function]++
		}
		zones.Rows = append(zones.Rows, []any{zoneName(z.Zone), z.Lon, z.Lat, z.Persons, name, z.Function, z.Cluster})
		zones.Shapes = append(zones.Shapes, e.zoneShape(z.Zone))
	}
	count := Sheet{Name: "count", Title: "Zones by function", Columns: []string{"function", "zones"}, Picture: Picture{Kind: Columns, Label: "function", Value: []string{"zones"}}}
	for f, name := range functionNames {
		count.Rows = append(count.Rows, []any{name, n[f]})
	}
	return []Sheet{zones, count}
}
