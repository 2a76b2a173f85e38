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
		Name: "jobs-housing", ID: "U10",
		Doc:        "home–work flows between zones, self-containment and excess commuting",
		Citation:   "Yang et al. 2019; Zhang et al. 2016; anchors by Lin, Shen & Teng 2021 §5.1; excess commuting after White 1988",
		Params:     []plugin.Param{anchorRule(recognition.RuleLinAtWork)},
		Complexity: "O(n) in records, O(z³) in zones for excess commuting (at most 256)",
		New:        func(v plugin.Values) (Task, error) { return commutingTask{v.String("rule")}, nil },
	})
}

// Commuting is the answer of U10.
type Commuting struct {
	Zoning string     `json:"zoning"`
	Flows  []Flow     `json:"flows"` // in order of From, then To
	Zones  []JobsZone `json:"zones"` // in order of zone
}

// Flow is the number of persons who live in one zone and work in another.
type Flow struct {
	From    geo.ZoneID `json:"from,string"`
	To      geo.ZoneID `json:"to,string"`
	Persons float64    `json:"persons"`
	KM      float64    `json:"km"` // between the centres, on the city's plane; within a zone, between two points at random
}

// JobsZone is the balance of one zone.
type JobsZone struct {
	Zone     geo.ZoneID `json:"zone,string"`
	Lon      float64    `json:"lon"`
	Lat      float64    `json:"lat"`
	Employed float64    `json:"employed"` // residents who work
	Jobs     float64    `json:"jobs"`     // people who work here
	Local    float64    `json:"local"`    // who do both
	InnerKM  float64    `json:"inner_km"` // mean distance of two random points of the zone
}

// Ratio is jobs per employed resident; 0 where nobody lives.
func (z JobsZone) Ratio() float64 { return ratio(z.Jobs, z.Employed) }

// SelfContainment is the share of the employed residents who work in their zone.
func (z JobsZone) SelfContainment() float64 { return ratio(z.Local, z.Employed) }

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// commutingTask labels the anchors of every phone (P6(a)), lays home and work
// on the zones that their areas cover, independently (P3), and expands by the
// homes found (P10).
type commutingTask struct{ rule string }

func (commutingTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

// Fold counts phones by home and work area, those with a home and no work too.
func (t commutingTask) Fold(env *Env) Fold {
	return newTallyFold(env, "jobs-housing/2", func(n tally[areaPair], v *View) {
		if a := v.AnchorsBy(t.rule); a.HasHome && a.HasWork {
			n[areaPair{Home: a.Home, Work: a.Work, Works: true}]++
		} else if a.HasHome {
			n[areaPair{}]++
		}
	}, env.commutingOf)
}

// areaPair is the home and work of somebody; where Works is false it stands for
// all who have a home and no work, wherever.
type areaPair struct {
	Home, Work sigcity.AreaID
	Works      bool
}

func (p areaPair) compare(q areaPair) int {
	return cmp.Or(cmp.Compare(p.Home, q.Home), cmp.Compare(p.Work, q.Work), compareBool(p.Works, q.Works))
}

func (p areaPair) check(e *Env) error {
	return cmp.Or(e.checkArea(uint32(p.Home)), e.checkArea(uint32(p.Work)))
}

func (e *Env) commutingOf(pairs []tallied[areaPair]) (Answer, error) {
	homes := int64(0)
	var keys []areaPair
	var counts []float64
	for _, p := range pairs {
		homes += p.count
		if p.key.Works {
			keys, counts = append(keys, p.key), append(counts, float64(p.count))
		}
	}
	return e.commuting(e.spreadPairs(keys, counts), e.factor(float64(homes))), nil
}

type zonePair struct{ from, to geo.ZoneID }

func (p zonePair) compare(q zonePair) int {
	return cmp.Or(cmp.Compare(p.from, q.from), cmp.Compare(p.to, q.to))
}

// pairCount is a number of persons on one pair of zones.
type pairCount struct {
	zonePair
	persons float64
}

// sortedPairs lists a map's counts in order of pair.
func sortedPairs(m map[zonePair]float64) []pairCount {
	out := make([]pairCount, 0, len(m))
	for k, n := range m {
		out = append(out, pairCount{k, n})
	}
	slices.SortFunc(out, func(a, b pairCount) int { return a.compare(b.zonePair) })
	return out
}

// spreadPairs lays flows between areas on pairs of zones, in order of pair. A
// wide cell covers hundreds of zones and a pair of them ten thousands of pairs,
// so it works row by row on a dense row of sums instead of a map of pairs.
func (e *Env) spreadPairs(keys []areaPair, counts []float64) []pairCount {
	type part struct { // of flow key, from one zone
		key   int
		share float64
	}
	rows := map[geo.ZoneID][]part{}
	column := map[geo.ZoneID]int{}
	for i, k := range keys {
		for _, h := range e.shares(k.Home) {
			rows[h.zone] = append(rows[h.zone], part{i, h.share})
		}
		for _, w := range e.shares(k.Work) {
			column[w.zone] = 0
		}
	}
	to := geo.SortedZones(column)
	for c, z := range to {
		column[z] = c
	}
	works := map[sigcity.AreaID][]int{} // columns of an area's zones, beside its shares
	for _, k := range keys {
		if _, ok := works[k.Work]; !ok {
			cols := []int{}
			for _, w := range e.shares(k.Work) {
				cols = append(cols, column[w.zone])
			}
			works[k.Work] = cols
		}
	}
	var out []pairCount
	sum := make([]float64, len(to))
	for _, from := range geo.SortedZones(rows) {
		for _, p := range rows[from] {
			k := keys[p.key]
			cols, n := works[k.Work], float64(counts[p.key]*p.share)
			for c, w := range e.shares(k.Work) {
				sum[cols[c]] += float64(n * w.share)
			}
		}
		for c, n := range sum {
			if n > 0 {
				out = append(out, pairCount{zonePair{from, to[c]}, n})
			}
		}
		clear(sum)
	}
	return out
}

// commuting makes the answer of flows between zones, which are in order of pair.
func (e *Env) commuting(flows []pairCount, factor float64) *Commuting {
	out := &Commuting{Zoning: e.Zoning.Name(), Flows: make([]Flow, 0, len(flows))}
	index := map[geo.ZoneID]int{}
	for _, k := range flows {
		if k.persons > 0 {
			index[k.from], index[k.to] = 0, 0
		}
	}
	var centers []geo.XY
	for _, z := range geo.SortedZones(index) {
		index[z] = len(out.Zones)
		c := e.Zoning.Center(z)
		centers = append(centers, e.Proj.XY(c))
		out.Zones = append(out.Zones, JobsZone{Zone: z, Lon: c[0], Lat: c[1], InnerKM: e.innerDistance(z) / 1000})
	}
	for _, k := range flows {
		if k.persons <= 0 {
			continue
		}
		n := k.persons * factor
		f, t := index[k.from], index[k.to]
		from, to := &out.Zones[f], &out.Zones[t]
		from.Employed += n
		to.Jobs += n
		km := from.InnerKM
		if f == t {
			from.Local += n
		} else {
			km = centers[f].Dist(centers[t]) / 1000
		}
		out.Flows = append(out.Flows, Flow{From: k.from, To: k.to, Persons: n, KM: km})
	}
	return out
}

// innerDistance is the mean distance in metres of a commute within a zone: that
// of two random points of a square of its area, 0.5214 sides (Santaló 1976).
func (e *Env) innerDistance(z geo.ZoneID) float64 {
	return 0.5214 * math.Sqrt(geo.RingArea(e.Proj.RingXY(e.Zoning.Outline(z))))
}

// FromTables reads the OD table. Its total is taken for the working people of
// the released phones, known to make workingShare of a population.
func (commutingTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	keys, counts, err := commutes(tables, env)
	if err != nil {
		return nil, err
	}
	return env.commuting(env.spreadPairs(keys, counts), env.working(counts)), nil
}

// commutes reads the OD table, its noise cleaned.
func commutes(tables []sigcity.Table, env *Env) ([]areaPair, []float64, error) {
	cols, err := table(tables, sigcity.TableOD, "from", "to", "count")
	if err != nil {
		return nil, nil, err
	}
	keys := make([]areaPair, len(cols[0]))
	for i := range keys {
		home, err := env.area(cols[0][i])
		if err != nil {
			return nil, nil, fmt.Errorf("table %q, row %d, from: %w", sigcity.TableOD, i, err)
		}
		work, err := env.area(cols[1][i])
		if err != nil {
			return nil, nil, fmt.Errorf("table %q, row %d, to: %w", sigcity.TableOD, i, err)
		}
		keys[i] = areaPair{home, work, true}
	}
	counts := slices.Clone(cols[2])
	nonNegative(counts)
	return keys, counts, nil
}

// working is the factor that expands the working people of a table.
func (e *Env) working(counts []float64) float64 {
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	return e.factor(sum / workingShare)
}

// workingShare is the share of a population that works where nothing tells it
// (about 53 % of the population of China, no source; docs/methods.md).
const workingShare = 0.53

// FromTruth counts persons with a home and a work place.
func (commutingTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	homes, works := anchorsOf(t, dataset.ActHome, env), anchorsOf(t, dataset.ActWork, env)
	flows := map[zonePair]float64{}
	for _, p := range t.Persons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		home, okHome := homes[p.ID]
		work, okWork := works[p.ID]
		if okHome && okWork {
			k := zonePair{env.Zoning.Zone(home.point()), env.Zoning.Zone(work.point())}
			if k.from != geo.NoZone && k.to != geo.NoZone {
				flows[k]++
			}
		}
	}
	return env.commuting(sortedPairs(flows), env.factor(float64(t.Residents()))), nil
}

// gravityZones bounds the pairs of the null predictor.
const gravityZones = 300

// Null is the gravity model: flows in proportion to the cells in either zone
// and inversely to the distance, among the zones with most cells. The network
// is public; nothing of it is a record.
func (commutingTask) Null(env *Env) Answer {
	cells := env.cells()
	zones := geo.SortedZones(cells)
	slices.SortStableFunc(zones, func(a, b geo.ZoneID) int { return cmp.Compare(cells[b], cells[a]) })
	zones = zones[:min(len(zones), gravityZones)]
	slices.Sort(zones) // sums in the order of zones
	centers, inner := make([]geo.XY, len(zones)), make([]float64, len(zones))
	for i, z := range zones {
		centers[i], inner[i] = env.Proj.XY(env.Zoning.Center(z)), env.innerDistance(z)
	}
	var flows []pairCount
	sum := 0.0
	for i, a := range zones {
		for j, b := range zones {
			d := inner[i]
			if i != j {
				d = centers[i].Dist(centers[j])
			}
			n := cells[a] * cells[b] / max(d, 1)
			flows = append(flows, pairCount{zonePair{a, b}, n})
			sum += n
		}
	}
	if sum == 0 {
		return env.commuting(nil, 1)
	}
	return env.commuting(flows, env.people()*workingShare/sum)
}
