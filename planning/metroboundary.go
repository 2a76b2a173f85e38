package planning

import (
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
		Name: "metropolitan-boundary", ID: "U03",
		Doc:      "boundary of the metropolis: the contiguous zones whose working residents commute to the core, or nearly so and go there on weekends",
		Citation: "Wang et al. 2018 (criteria; thresholds assumed)",
		Params: []plugin.Param{
			{Name: "least_share", Type: plugin.Float, Default: 0.10, Min: 0.01, Max: 1, Doc: "least share of a zone's working residents who work in the core"},
			{Name: "smooth_m", Type: plugin.Float, Default: 2000.0, Min: 0, Max: 20000, Doc: "a zone's shares are those of the residents within, by a quartic kernel; 0 = of the zone alone"},
			{Name: "least_persons", Type: plugin.Float, Default: 3.0, Min: 0, Max: 1000, Doc: "working residents (phones, in kernel weight) without whom a zone's share says nothing"},
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 1800, Max: 86400, Doc: "shortest stay on a weekend that counts"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			return boundaryTask{v.Float("least_share"), v.Float("smooth_m"), v.Float("least_persons"), uint32(v.Duration("min_stay").Seconds())}, nil
		},
	})
}

// Boundary is the answer of U03.
type Boundary struct {
	Zoning string         `json:"zoning"`
	Zones  []BoundaryZone `json:"zones"` // in order of zone: those with enough working residents, and the core
}

// BoundaryZone is one zone.
type BoundaryZone struct {
	Zone     geo.ZoneID `json:"zone,string"`
	KM2      float64    `json:"km2"`
	Workers  float64    `json:"workers"`  // expanded working residents, smoothed
	Commute  float64    `json:"commute"`  // share of them who work in the core
	Weekend  float64    `json:"weekend"`  // share of the weekend stays outside home that are in the core; 0 where none are known
	Core     bool       `json:"core"`     // belongs to the core
	Boundary float64    `json:"boundary"` // the largest least_share by which the zone is within the boundary; 0 = none of the sweep
}

// boundaryTask finds the commuting shed of the core.
type boundaryTask struct {
	least, smoothM, persons float64
	minStay                 uint32
}

func (boundaryTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

func (b boundaryTask) Fold(env *Env) Fold {
	return env.tieFold("metropolitan-boundary/1", b.minStay, func(ties []tallied[tie]) (Answer, error) {
		work, weekend, days := coreSums{}, coreSums{}, int64(0)
		for _, k := range ties {
			switch k.key.Kind {
			case livesAt:
				days += k.count
			case worksAt:
				work.addAreas(env, k.key.Home, k.key.At, env.persons(k.count))
			case onWeekends:
				weekend.addAreas(env, k.key.Home, k.key.At, float64(k.count))
			}
		}
		return b.answer(env, work, weekend, env.factor(env.persons(days))), nil
	})
}

// FromTables reads commuters from the OD table; of weekends it tells nothing.
func (b boundaryTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	keys, counts, err := commutes(tables, env)
	if err != nil {
		return nil, err
	}
	work := coreSums{}
	for i, k := range keys {
		if counts[i] > 0 {
			work.addAreas(env, k.Home, k.Work, counts[i])
		}
	}
	return b.answer(env, work, coreSums{}, env.working(counts)), nil
}

// FromTruth takes the anchors and weekend stays of residents with a SIM.
func (b boundaryTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	work, weekend, days := coreSums{}, coreSums{}, int64(0)
	err := env.trueTies(ctx, truth, b.minStay, func(k tieKind, home, at orb.Point, n int64) {
		switch k {
		case livesAt:
			days += n
		case worksAt:
			work.addPoints(env, home, at, env.persons(n))
		case onWeekends:
			weekend.addPoints(env, home, at, float64(n))
		}
	})
	if err != nil {
		return nil, err
	}
	return b.answer(env, work, weekend, env.factor(env.persons(days))), nil
}

// sweep are the thresholds at which boundaries are drawn beside the task's own.
func (b boundaryTask) sweep() []float64 {
	out := []float64{0.05, 0.10, 0.15, 0.20, 0.25, b.least}
	slices.Sort(out)
	return slices.Compact(out)
}

// answer draws the boundaries on the zones that cells cover.
func (b boundaryTask) answer(e *Env, work, weekend coreSums, factor float64) *Boundary {
	out := &Boundary{Zoning: e.Zoning.Name(), Zones: []BoundaryZone{}}
	candidates := e.cells()
	for z := range e.core().zones {
		candidates[z] = 0
	}
	works, weekends := b.smooth(e, work), b.smooth(e, weekend)
	d := newDiscs(zoneGapM)
	var core []int
	for _, z := range geo.SortedZones(candidates) {
		at := e.Proj.XY(e.Zoning.Center(z))
		n, inCore := works.at(z, at), e.core().zones[z]
		if n.Stays < b.persons && !inCore || n.Stays == 0 && !inCore {
			continue
		}
		w := weekends.at(z, at)
		if inCore {
			core = append(core, len(out.Zones))
		}
		out.Zones = append(out.Zones, BoundaryZone{Zone: z, KM2: d.addZone(e, z), Workers: n.Stays * factor,
			Commute: ratio(n.Core, n.Stays), Weekend: ratio(w.Core, w.Stays), Core: inCore})
	}
	if works.empty() {
		out.Zones = out.Zones[:0] // a core alone is no metropolis
		return out
	}
	for _, least := range b.sweep() {
		for _, i := range recognition.CommutingShed(core, out.pull(least), least, d.around) {
			out.Zones[i].Boundary = least // rising: a shed lies within that of a smaller share
		}
	}
	return out
}

// pull is the share by which zones are drawn to the core: that of commuters or,
// where it reaches at least half of what is wanted, that of weekend stays if it is
// more: consumption is auxiliary to work (Wang et al. 2018).
func (b *Boundary) pull(least float64) []float64 {
	out := make([]float64, len(b.Zones))
	for i, z := range b.Zones {
		out[i] = z.Commute
		if z.Commute >= least/2 {
			out[i] = max(z.Commute, z.Weekend)
		}
	}
	return out
}

// smoothed is sums around zones by a kernel.
type smoothed struct {
	sums  coreSums
	reach float64
	zones []CoreZone
	index *geo.Index
}

func (b boundaryTask) smooth(e *Env, sums coreSums) *smoothed {
	s := &smoothed{sums: sums, reach: b.smoothM, zones: sums.sorted()}
	at := make([]geo.XY, len(s.zones))
	for i, z := range s.zones {
		at[i] = e.Proj.XY(e.Zoning.Center(z.Zone))
	}
	s.index = geo.NewIndex(at)
	return s
}

func (s *smoothed) empty() bool { return len(s.zones) == 0 }

// at is the sums around a zone: each counts (1 − d²/reach²)², one at the zone itself.
func (s *smoothed) at(z geo.ZoneID, at geo.XY) CoreZone {
	if s.reach == 0 {
		return s.sums[z]
	}
	var near []int
	s.index.Within(at, s.reach, func(i int, _ float64) { near = append(near, i) })
	slices.Sort(near)
	out := CoreZone{Zone: z}
	for _, i := range near {
		u := s.index.At(i).Dist2(at) / (s.reach * s.reach)
		k := (1 - u) * (1 - u)
		out.Stays += float64(k * s.zones[i].Stays)
		out.Core += float64(k * s.zones[i].Core)
	}
	return out
}
