package planning

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "jobs-housing", ID: "U10",
		Doc:        "home–work flows between zones, self-containment and excess commuting",
		Citation:   "Yang et al. 2019; Zhang et al. 2016; anchors by Lin, Shen & Teng 2021 §5.1; excess commuting after White 1988",
		Complexity: "O(n) in records, O(z³) in zones for excess commuting (at most 256)",
		New:        func(plugin.Values) (Task, error) { return commutingTask{}, nil },
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
	KM      float64    `json:"km"` // between the centres; within a zone, between two points at random
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
type commutingTask struct{}

func (commutingTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

func (commutingTask) Fold(env *Env) Fold {
	return &commutingFold{env: env, flows: map[areaPair]uint64{}}
}

type areaPair struct{ home, work sigcity.AreaID }

func (p areaPair) compare(q areaPair) int {
	return cmp.Or(cmp.Compare(p.home, q.home), cmp.Compare(p.work, q.work))
}

type zonePair struct{ from, to geo.ZoneID }

func (p zonePair) compare(q zonePair) int {
	return cmp.Or(cmp.Compare(p.from, q.from), cmp.Compare(p.to, q.to))
}

// commutingFold counts phones by home and work area.
type commutingFold struct {
	env   *Env
	homes uint64 // phones with a home, with or without work
	flows map[areaPair]uint64
}

func (f *commutingFold) Add(t sigcity.Trajectory) error {
	for _, part := range f.env.pieces(t) {
		a := f.env.findAnchors(part)
		if a.HasHome {
			f.homes++
			if a.HasWork {
				f.flows[areaPair{a.Home, a.Work}]++
			}
		}
	}
	return nil
}

func (f *commutingFold) Merge(other Fold) error {
	o, ok := other.(*commutingFold)
	if !ok {
		return mergeable(f, other)
	}
	f.homes += o.homes
	for k, n := range o.flows {
		f.flows[k] += n
	}
	return nil
}

func (f *commutingFold) Next() (bool, error) { return false, nil }

func (f *commutingFold) sorted() []areaPair {
	keys := make([]areaPair, 0, len(f.flows))
	for k := range f.flows {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, areaPair.compare)
	return keys
}

func (f *commutingFold) Answer() (Answer, error) {
	keys := f.sorted()
	counts := make([]float64, len(keys))
	for i, k := range keys {
		counts[i] = float64(f.flows[k])
	}
	return f.env.commuting(f.env.spreadPairs(keys, counts), f.env.factor(float64(f.homes))), nil
}

// spreadPairs lays flows between areas on pairs of zones.
func (e *Env) spreadPairs(keys []areaPair, counts []float64) map[zonePair]float64 {
	out := map[zonePair]float64{}
	for i, k := range keys {
		for _, h := range e.shares(k.home) {
			for _, w := range e.shares(k.work) {
				out[zonePair{h.zone, w.zone}] += float64(counts[i] * h.share * w.share)
			}
		}
	}
	return out
}

// commuting makes the answer of flows between zones.
func (e *Env) commuting(flows map[zonePair]float64, factor float64) *Commuting {
	out := &Commuting{Zoning: e.Zoning.Name()}
	keys := make([]zonePair, 0, len(flows))
	for k, n := range flows {
		if n > 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, zonePair.compare)
	index := map[geo.ZoneID]int{}
	for _, k := range keys {
		index[k.from], index[k.to] = 0, 0
	}
	for _, z := range geo.SortedZones(index) {
		index[z] = len(out.Zones)
		c := e.Zoning.Center(z)
		out.Zones = append(out.Zones, JobsZone{Zone: z, Lon: c[0], Lat: c[1], InnerKM: e.zoneDistance(zonePair{z, z}) / 1000})
	}
	for _, k := range keys {
		n := flows[k] * factor
		from, to := &out.Zones[index[k.from]], &out.Zones[index[k.to]]
		from.Employed += n
		to.Jobs += n
		if from == to {
			from.Local += n
		}
		out.Flows = append(out.Flows, Flow{From: k.from, To: k.to, Persons: n, KM: e.zoneDistance(k) / 1000})
	}
	return out
}

// zoneDistance is the mean distance in metres of a commute between two zones:
// that of their centres, and within a zone that of two random points of a
// square of its area, 0.5214 sides (Santaló 1976).
func (e *Env) zoneDistance(k zonePair) float64 {
	if k.from == k.to {
		return 0.5214 * math.Sqrt(geo.RingArea(e.Proj.RingXY(e.Zoning.Outline(k.from))))
	}
	return geo.Distance(e.Zoning.Center(k.from), e.Zoning.Center(k.to))
}

const commutingTag = "jobs-housing/1"

func (f *commutingFold) AppendBinary(b []byte) ([]byte, error) {
	b = appendHeader(b, commutingTag)
	b = binary.AppendUvarint(b, f.homes)
	keys := f.sorted()
	b = binary.AppendUvarint(b, uint64(len(keys)))
	for _, k := range keys {
		b = binary.AppendUvarint(b, uint64(k.home))
		b = binary.AppendUvarint(b, uint64(k.work))
		b = binary.AppendUvarint(b, f.flows[k])
	}
	return b, nil
}

func (f *commutingFold) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, commutingTag)
	homes := d.uint()
	n := d.length(3)
	flows := make(map[areaPair]uint64, n)
	for range n {
		k := areaPair{d.area(f.env), d.area(f.env)}
		flows[k] = d.uint()
	}
	if err := d.done(); err != nil {
		return err
	}
	f.homes, f.flows = homes, flows
	return nil
}

// FromTables reads the OD table. Its total is taken for the working people of
// the released phones, known to make workingShare of a population.
func (commutingTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	cols, err := table(tables, sigcity.TableOD, "from", "to", "count")
	if err != nil {
		return nil, err
	}
	keys := make([]areaPair, len(cols[0]))
	for i := range keys {
		home, err := env.area(cols[0][i])
		if err != nil {
			return nil, fmt.Errorf("table %q, row %d, from: %w", sigcity.TableOD, i, err)
		}
		work, err := env.area(cols[1][i])
		if err != nil {
			return nil, fmt.Errorf("table %q, row %d, to: %w", sigcity.TableOD, i, err)
		}
		keys[i] = areaPair{home, work}
	}
	counts := slices.Clone(cols[2])
	nonNegative(counts)
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	return env.commuting(env.spreadPairs(keys, counts), env.factor(sum/workingShare)), nil
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
	return env.commuting(flows, env.factor(float64(len(t.Persons)))), nil
}

// gravityZones bounds the pairs of the null predictor.
const gravityZones = 300

// Null is the gravity model: flows in proportion to the cells in either zone
// and inversely to the distance, among the zones with most cells. The network
// is public; nothing of it is a record.
func (commutingTask) Null(env *Env) Answer {
	cells := map[geo.ZoneID]float64{}
	for i := range env.Areas {
		for _, s := range env.shares(sigcity.AreaID(i)) {
			cells[s.zone] += s.share
		}
	}
	zones := geo.SortedZones(cells)
	slices.SortStableFunc(zones, func(a, b geo.ZoneID) int { return cmp.Compare(cells[b], cells[a]) })
	zones = zones[:min(len(zones), gravityZones)]
	slices.Sort(zones) // sums in the order of zones
	flows, sum := map[zonePair]float64{}, 0.0
	for _, a := range zones {
		for _, b := range zones {
			k := zonePair{a, b}
			flows[k] = cells[a] * cells[b] / max(env.zoneDistance(k), 1)
			sum += flows[k]
		}
	}
	if sum == 0 {
		return env.commuting(nil, 1)
	}
	return env.commuting(flows, env.people()*workingShare/sum)
}
