package planning

import (
	"cmp"
	"context"
	"fmt"
	"math"
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
		Name: "urban-hierarchy", ID: "U01",
		Doc:      "rank, tier and parent of every town, from the visits that people pay to other towns than their own",
		Citation: "Niu, Ding & Song 2017; tiers by Jenks 1977; largest flow after Nystuen & Dacey 1961",
		Params: []plugin.Param{
			{Name: "min_visit", Type: plugin.Duration, Default: "2h", Min: 1800, Max: 86400, Doc: "shortest stay that is a visit"},
			{Name: "tiers", Type: plugin.Int, Default: 4, Min: 1, Max: 10, Doc: "tiers of towns, fewer where fewer draw different numbers"},
		},
		Complexity: "O(n) in records, O(t²) in towns",
		New: func(v plugin.Values) (Task, error) {
			return hierarchyTask{uint32(v.Duration("min_visit").Seconds()), v.Int("tiers")}, nil
		},
	})
}

// Hierarchy is the answer of U01.
type Hierarchy struct {
	Zoning string `json:"zoning"` // of towns: of the map, whatever zoning others use
	Towns  []Town `json:"towns"`  // in order of zone
	Flows  []Flow `json:"flows"`  // visits a day from the town of home to another, in order of From, then To
}

// Town is one of an urban system.
type Town struct {
	Zone   geo.ZoneID `json:"zone,string"`
	Name   string     `json:"name"`
	Lon    float64    `json:"lon"`
	Lat    float64    `json:"lat"`
	Visits float64    `json:"visits"`        // a day, by those who live in other towns: its weighted in-degree
	Tier   int        `json:"tier"`          // 1 = the highest
	Parent geo.ZoneID `json:"parent,string"` // where its largest flow leads, if to a higher town; else −1
}

// hierarchyTask counts stays of people in towns other than that of their home.
type hierarchyTask struct {
	minVisit uint32
	tiers    int
}

func (hierarchyTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

func (h hierarchyTask) Fold(env *Env) Fold {
	return env.tieFold("urban-hierarchy/1", h.minVisit, func(ties []tallied[tie]) (Answer, error) {
		t, err := env.towns()
		if err != nil {
			return nil, err
		}
		days := int64(0)
		var keys []areaPair
		var counts []float64
		for _, k := range ties {
			switch k.key.Kind {
			case livesAt:
				days += k.count
			case visits, onWeekends:
				keys, counts = append(keys, areaPair{k.key.Home, k.key.At, true}), append(counts, float64(k.count))
			}
		}
		return h.answer(t, t.env.spreadPairs(keys, counts), env.factor(env.persons(days))/float64(env.Calendar.Days()))
	})
}

// towns are those of the map.
func (e *Env) towns() (*towns, error) {
	e.init()
	return e.shared.towns()
}

// FromTables takes the OD table for visits of workers on weekdays, the only ones
// that it tells.
func (h hierarchyTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	t, err := env.towns()
	if err != nil {
		return nil, err
	}
	keys, counts, err := commutes(tables, env)
	if err != nil {
		return nil, err
	}
	weekdays := 0
	for d := range env.Calendar.Days() {
		if env.Calendar.Kind(d) == sigcity.Weekday {
			weekdays++
		}
	}
	return h.answer(t, t.env.spreadPairs(keys, counts), env.working(counts)*float64(weekdays)/float64(env.Calendar.Days()))
}

// FromTruth counts the stays of residents with a SIM.
func (h hierarchyTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	t, err := env.towns()
	if err != nil {
		return nil, err
	}
	days, flows := int64(0), map[zonePair]float64{}
	err = env.trueTies(ctx, truth, h.minVisit, func(k tieKind, home, at orb.Point, n int64) {
		switch k {
		case livesAt:
			days += n
		case visits, onWeekends:
			flows[zonePair{t.env.Zoning.Zone(home), t.env.Zoning.Zone(at)}] += float64(n)
		}
	})
	if err != nil {
		return nil, err
	}
	return h.answer(t, sortedPairs(flows), env.factor(env.persons(days))/float64(env.Calendar.Days()))
}

// answer ranks the towns by flows between zones, in order of pair.
func (h hierarchyTask) answer(t *towns, flows []pairCount, factor float64) (*Hierarchy, error) {
	out := &Hierarchy{Zoning: t.env.Zoning.Name(), Towns: []Town{}, Flows: []Flow{}}
	for _, x := range t.list {
		c := t.env.Zoning.Center(x.id)
		out.Towns = append(out.Towns, Town{Zone: x.id, Name: x.name, Lon: c[0], Lat: c[1], Parent: geo.NoZone})
	}
	for _, f := range flows {
		i, okFrom := t.index(f.from)
		j, okTo := t.index(f.to)
		if f.from == f.to || !okFrom || !okTo || f.persons <= 0 {
			continue
		}
		a, b := &out.Towns[i], &out.Towns[j]
		b.Visits += f.persons * factor
		km := geo.Distance(orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat}) / 1000
		out.Flows = append(out.Flows, Flow{From: f.from, To: f.to, Persons: f.persons * factor, KM: km})
	}
	out.parents()
	return out, out.tier(h.tiers)
}

// tier cuts the towns into at most so many tiers by natural breaks of their visits.
func (h *Hierarchy) tier(most int) error {
	if len(h.Towns) == 0 {
		return nil
	}
	visits := make([]float64, len(h.Towns))
	for i, t := range h.Towns {
		visits[i] = t.Visits
	}
	distinct := slices.Clone(visits)
	slices.Sort(distinct)
	k := min(most, len(slices.Compact(distinct)))
	b, err := recognition.NaturalBreaks(visits, k)
	if err != nil {
		return fmt.Errorf("tiers of towns: %w", err)
	}
	for i := range h.Towns {
		h.Towns[i].Tier = k - b.Of[i]
	}
	return nil
}

// parents finds of every town the one that its largest flow leads to, the first of
// equals; it is the parent if it draws more visits itself, else the town stands
// on its own.
func (h *Hierarchy) parents() {
	most := map[geo.ZoneID]Flow{}
	for _, f := range h.Flows {
		if b, ok := most[f.From]; !ok || f.Persons > b.Persons {
			most[f.From] = f
		}
	}
	for i := range h.Towns {
		t := &h.Towns[i]
		if f, ok := most[t.Zone]; ok {
			if p, ok := h.town(f.To); ok && p.Visits > t.Visits {
				t.Parent = p.Zone
			}
		}
	}
}

// town is the one of a zone; without it, one that draws nobody.
func (h *Hierarchy) town(z geo.ZoneID) (Town, bool) {
	i, ok := slices.BinarySearchFunc(h.Towns, z, func(t Town, z geo.ZoneID) int { return cmp.Compare(t.Zone, z) })
	if !ok {
		return Town{Zone: z, Parent: geo.NoZone}, false
	}
	return h.Towns[i], true
}

// Null knows the towns, which are on the map, and says that all draw alike.
func (h hierarchyTask) Null(env *Env) Answer {
	t, err := env.towns()
	if err != nil {
		return &Hierarchy{}
	}
	var flows []pairCount
	for _, a := range t.list {
		for _, b := range t.list {
			flows = append(flows, pairCount{zonePair{a.id, b.id}, 1})
		}
	}
	n := float64(max(1, len(flows)-len(t.list)))
	out, err := h.answer(t, flows, env.people()/n)
	if err != nil {
		return &Hierarchy{}
	}
	return out
}

// Score is the rank correlation τ_b of the towns by visits, at least 0.
func (hierarchyTask) Score(want, got Answer) float64 {
	w, g, ok := both[Hierarchy](want, got)
	if !ok || len(g.Towns) == 0 && len(w.Towns) > 0 {
		return 0
	}
	return max(0, w.rank(g))
}

func (h *Hierarchy) rank(got *Hierarchy) float64 {
	var x, y []float64
	for _, a := range h.Towns {
		b, _ := got.town(a.Zone)
		x, y = append(x, a.Visits), append(y, b.Visits)
	}
	return kendallTauB(x, y)
}

// Detail: over the towns of want.
func (hierarchyTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Hierarchy](want, got)
	if !ok {
		return nil
	}
	var a, b []int
	same := 0.0
	for _, t := range w.Towns {
		o, _ := g.town(t.Zone)
		a, b = append(a, t.Tier), append(b, o.Tier)
		if o.Parent == t.Parent {
			same++
		}
	}
	ari := recognition.AdjustedRandIndex(a, b)
	if math.IsNaN(ari) {
		ari = 1 // both put all towns into one tier, or each into its own
	}
	out := map[string]float64{"tau_b": w.rank(g), "tier_ari": ari, "cpc": cpc(w.Flows, g.Flows), "same_parent": 1}
	if n := len(w.Towns); n > 0 {
		out["same_parent"] = same / float64(n)
	}
	return out
}

// Sheets: the towns, the tree of largest flows, and all flows.
func (h *Hierarchy) Sheets(e *Env) []Sheet {
	list := Sheet{Name: "towns", Title: "Visits a day from other towns", Columns: []string{"zone", "name", "lon", "lat", "visits", "tier", "parent"},
		Picture: Picture{Kind: Points, Value: []string{"visits"}}}
	tree := Sheet{Name: "tree", Title: "Each town and the higher one that most of its visits go to", Columns: []string{"zone", "name", "parent", "parent_name", "visits"},
		Picture: Picture{Kind: Desire, Value: []string{"visits"}}}
	for _, t := range h.Towns {
		list.Rows = append(list.Rows, []any{zoneName(t.Zone), t.Name, t.Lon, t.Lat, t.Visits, t.Tier, t.parentName()})
		list.Shapes = append(list.Shapes, orb.Point{t.Lon, t.Lat})
		if p, ok := h.town(t.Parent); ok {
			i, _ := slices.BinarySearchFunc(h.Flows, Flow{From: t.Zone, To: p.Zone}, Flow.order)
			tree.Rows = append(tree.Rows, []any{zoneName(t.Zone), t.Name, zoneName(p.Zone), p.Name, h.Flows[i].Persons})
			tree.Shapes = append(tree.Shapes, orb.LineString{{t.Lon, t.Lat}, {p.Lon, p.Lat}})
		}
	}
	out := []Sheet{list, tree}
	if t, err := e.towns(); err == nil {
		out = append(out, t.env.desireSheet("visits", "Visits a day to other towns", "visits", h.Flows))
	}
	return out
}

// parentName is the parent's number, empty where there is none.
func (t Town) parentName() string {
	if t.Parent == geo.NoZone {
		return ""
	}
	return zoneName(t.Parent)
}
