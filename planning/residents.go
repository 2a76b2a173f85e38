package planning

import (
	"cmp"
	"context"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "residential-population", ID: "U09",
		Doc:        "residents per zone, from the homes of phones expanded to the population",
		Citation:   "Becker et al. 2011, A Tale of One City; home rule of Lin, Shen & Teng 2021 §5.1",
		Params:     []plugin.Param{anchorRule(recognition.RuleLin)},
		Complexity: "O(n) in records",
		New:        func(v plugin.Values) (Task, error) { return residentsTask{v.String("rule")}, nil },
	})
}

// Residents is the answer of U09.
type Residents struct {
	Zoning string      `json:"zoning"`
	Zones  []ZoneCount `json:"zones"`           // in order of zone
	Homes  []Home      `json:"homes,omitempty"` // by user, then From
}

// Home is where one user lives from From to To (Unix seconds).
type Home struct {
	User   uint32  `json:"user"`
	From   uint32  `json:"from"`
	To     uint32  `json:"to"`
	Weight float64 `json:"weight"` // records behind it
	Place
}

// residentsTask finds the home of every phone (P6(a)), lays it on the zones
// that the home area covers (P3) and expands (P10).
type residentsTask struct{ rule string }

// anchorRule is the parameter by which tasks find homes and work places.
func anchorRule(usual string) plugin.Param {
	return plugin.Param{Name: "rule", Type: plugin.String, Default: usual, Choices: recognition.AnchorRules(), Doc: "how home and work are found (P6)"}
}

func (residentsTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

// Fold keeps one row per user and linkage period with a home.
func (r residentsTask) Fold(env *Env) Fold {
	return &rowFold[homeRow]{env: env, tag: "residential-population/2", take: func(dst []homeRow, v *View) []homeRow {
		if a := v.AnchorsBy(r.rule); a.HasHome {
			dst = append(dst, homeRow{v.User, v.Period, a.Home, a.HomeWeight})
		}
		return dst
	}, answer: env.residentsOf}
}

type homeRow struct {
	User   uint32
	Period sigcity.Period
	Area   sigcity.AreaID
	Weight float64
}

func (r homeRow) compare(o homeRow) int { return byUser(r.User, o.User, r.Period.From, o.Period.From) }

func (r homeRow) check(e *Env) error {
	return cmp.Or(e.checkArea(uint32(r.Area)), checkNumber(r.Weight))
}

func (e *Env) residentsOf(rows []homeRow) (Answer, error) {
	homes := make([]Home, len(rows))
	counts := map[sigcity.AreaID]float64{}
	for i, r := range rows {
		homes[i] = Home{User: r.User, From: r.Period.From, To: r.Period.To, Weight: r.Weight, Place: e.center(r.Area)}
		counts[r.Area]++
	}
	out := e.residents(e.spread(sortedAreas(counts)), e.factor(float64(len(rows))))
	out.Homes = homes
	return out, nil
}

// residents expands people counted by zone.
func (e *Env) residents(counts map[geo.ZoneID]float64, factor float64) *Residents {
	return &Residents{Zoning: e.Zoning.Name(), Zones: e.zoneCounts(counts, factor)}
}

// FromTables takes the people present in an area in the hours from 00:00 to
// 06:00 for its residents.
func (residentsTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	rows, err := population(tables, env)
	if err != nil {
		return nil, err
	}
	night := map[sigcity.AreaID]float64{}
	hours := map[uint32]bool{}
	for _, r := range rows {
		day, second := env.Calendar.Clock(r.hour)
		if day >= 0 && day < env.Calendar.Days() && second < 6*3600 {
			night[r.area] += r.count
			hours[r.hour] = true
		}
	}
	counts := sortedAreas(night)
	for i := range counts {
		counts[i].count /= float64(len(hours))
	}
	return env.residents(env.spreadNoisy(counts), env.factor(sumCounts(counts))), nil
}

// FromTruth counts persons, whatever SIMs they have, and tells the homes of
// those who have any.
func (residentsTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	places := anchorsOf(t, dataset.ActHome, env)
	counts := map[geo.ZoneID]float64{}
	for _, p := range t.Persons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if at, ok := places[p.ID]; ok {
			counts[env.Zoning.Zone(at.point())]++
		}
	}
	delete(counts, geo.NoZone)
	out := &Residents{Zoning: env.Zoning.Name(), Zones: env.zoneCounts(counts, env.factor(float64(t.Residents())))}
	span, phone := env.window(), withPhone(t)
	for _, p := range t.Persons {
		if at, ok := places[p.ID]; ok && phone[p.ID] {
			out.Homes = append(out.Homes, Home{User: p.ID, From: span.From, To: span.To, Weight: 1, Place: at})
		}
	}
	slices.SortFunc(out.Homes, func(a, b Home) int { return cmp.Compare(a.User, b.User) })
	return out, nil
}

// Null spreads the population in proportion to the cells and knows nobody's
// home.
func (residentsTask) Null(env *Env) Answer {
	return &Residents{Zoning: env.Zoning.Name(), Zones: env.byCells(env.people())}
}

// Score is 1 − WAPE of residents per zone, at least 0.
func (residentsTask) Score(want, got Answer) float64 {
	w, g, ok := both[Residents](want, got)
	if !ok {
		return 0
	}
	return max(0, 1-wape(w.Zones, g.Zones))
}

// Detail: users of want without a home in got miss it; the median error is over
// those that have one.
func (residentsTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Residents](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{
		"wape":   wape(w.Zones, g.Zones),
		"nrmse":  nrmse(w.Zones, g.Zones),
		"jsd":    jsd(w.Zones, g.Zones),
		"emd_km": emdKM(w.Zones, g.Zones, 256),
	}
	wanted, found := majority(w.Homes), majority(g.Homes)
	if len(wanted) == 0 || g.Homes == nil {
		return out // an aggregate: nobody's home is known
	}
	var errors []float64
	hits, dense, near := 0, 0, 0
	for _, h := range wanted {
		if h.ReachM < 1000 { // sites are less than a kilometre apart
			dense++
		}
		i, ok := slices.BinarySearchFunc(found, h.User, func(h Home, user uint32) int { return cmp.Compare(h.User, user) })
		if !ok {
			continue
		}
		d := geo.Distance(h.point(), found[i].point())
		errors = append(errors, d)
		if d <= h.ReachM {
			hits++
		}
		if h.ReachM < 1000 && d <= 1000 {
			near++
		}
	}
	if dense > 0 {
		out["home_within_1km"] = float64(near) / float64(dense)
	}
	out["home_hit_rate"] = float64(hits) / float64(len(wanted))
	out["home_coverage"] = float64(len(errors)) / float64(len(wanted))
	if len(errors) > 0 {
		out["home_error_m"] = median(errors)
	}
	return out
}

// Rekey gives every user the homes of the tokens that stood for him.
func (r *Residents) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &Residents{Zoning: r.Zoning, Zones: r.Zones, Homes: r.Homes[:0:0]} // nil stays nil: a table's
	for _, h := range r.Homes {
		for _, s := range who(h.User, h.From, h.To) {
			mine := h
			mine.User, mine.Weight = s.User, h.Weight*s.Weight
			out.Homes = append(out.Homes, mine)
		}
	}
	slices.SortStableFunc(out.Homes, func(a, b Home) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.From, b.From))
	})
	return out
}

// majority leaves every user one home: the place with most weight, of equals
// the one with the smaller coordinates. homes are by user.
func majority(homes []Home) []Home {
	var out []Home
	for len(homes) > 0 {
		n := 1
		for n < len(homes) && homes[n].User == homes[0].User {
			n++
		}
		votes := map[Place]float64{}
		best := homes[0]
		for _, h := range homes[:n] {
			votes[h.Place] += h.Weight
		}
		for _, h := range homes[1:n] {
			if cmp.Or(cmp.Compare(votes[best.Place], votes[h.Place]), cmp.Compare(h.Lon, best.Lon), cmp.Compare(h.Lat, best.Lat)) < 0 {
				best = h
			}
		}
		best.Weight = votes[best.Place]
		out = append(out, best)
		homes = homes[n:]
	}
	return out
}
