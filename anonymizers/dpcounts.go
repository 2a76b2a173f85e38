package anonymizers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "dp-counts",
		Doc:  "counts of SIMs per cell and hour, and home–work flows, with Laplace noise: differential privacy for a whole SIM",
		Params: []plugin.Param{
			{Name: "epsilon", Type: plugin.Float, Default: 1.0, Min: 0.0001, Max: 1000, Doc: "privacy budget of one SIM for the whole release"},
			{Name: "max_cell_hours", Type: plugin.Int, Default: 24, Min: 1, Max: 8784,
				Doc: "cell-hours one SIM may count in, a random choice of its own where it has more; noise grows with it, bias falls"},
			{Name: "od_share", Type: plugin.Float, Default: 0.2, Min: 0, Max: 0.9, Doc: "share of epsilon spent on home–work flows; 0 = none are released"},
			{Name: "od_space", Type: plugin.String, Default: "h3-7", Doc: "areas of the home–work flows: site, grid-2km, …, h3-0 … h3-15"},
			{Name: "clamp", Type: plugin.Bool, Default: true, Doc: "round to whole numbers and raise negative counts to 0; sums of many small counts then come out too high"},
		},
		Citation: "Wilson et al., Differentially Private SQL with Bounded User Contribution, PoPETs 2020; " +
			"home and work by Lin, Shen & Teng, IRSPSD 2021, §5.1",
		Guarantee: "ε-differential privacy per SIM over the whole release; expected absolute error before clamping max_cell_hours/ε₁ per " +
			"population count and 1/ε₂ per flow, where ε₂ = ε·od_share and ε₁ = ε − ε₂",
		Complexity: "O(n + cells·hours + areas²)",
		New:        newDPCounts,
	})
}

// maxPartitions bounds each table: partitions are public, so all are released.
const maxPartitions = 50_000_000

type dpCounts struct {
	epsilon, odShare float64
	maxCellHours     int
	odSpace          string
	clamp            bool
}

func newDPCounts(v plugin.Values) (Anonymizer, error) {
	m := dpCounts{v.Float("epsilon"), v.Float("od_share"), v.Int("max_cell_hours"), v.String("od_space"), v.Bool("clamp")}
	if m.odSpace != "site" {
		if _, err := geo.ParseZoning(m.odSpace, geo.Projection{}); err != nil {
			return nil, fmt.Errorf("od_space = %q, must be site, grid-2km, … or h3-0 … h3-15", m.odSpace)
		}
	}
	return m, nil
}

// Anonymize releases two tables over partitions that are public, the data set's
// cells and calendar, so that no partition tells of anybody:
//
//   - population: area = AreaID of a raw cell, hour = Unix seconds of its start (whole
//     hours from the first local midnight), count = SIMs present. A SIM is present in an
//     hour with records in the cell that has most of them (the lowest of equals).
//   - od: from, to = home and work area of od_space, each named by the raw AreaID of
//     its cell nearest to its centre; count = SIMs. Home is the cell with most records from
//     00:00 to 06:00 local time, work from 09:00 to 12:00 and 14:00 to 17:00 on weekdays.
//
// The bound on contributions makes the guarantee: a SIM adds 1 to at most
// max_cell_hours population counts (L1 sensitivity max_cell_hours) and to at most
// one flow (L1 sensitivity 1). Which of its cell-hours count is drawn from a
// stream of its own, whoever else is in the data.
//
// The bound makes totals too low: a SIM present in h > max_cell_hours hours counts in
// each with probability max_cell_hours/h, and h is not released. Whoever uses the
// table must expand it to a known population; SIMs seen in fewer hours then weigh
// more. Below h, a smaller bound lowers counts and noise alike: it gains
// nothing in the ratio of the two, and costs sampling error and that imbalance.
func (m dpCounts) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	if err := onePseudonym(in.Meta()); err != nil {
		return nil, fmt.Errorf("dp-counts: %w", err)
	}
	c, err := m.newCounter(in)
	if err != nil {
		return nil, fmt.Errorf("dp-counts: %w", err)
	}
	if err := c.count(ctx, in, env); err != nil {
		return nil, err
	}
	epsOD := m.epsilon * m.odShare
	epsPop := m.epsilon - epsOD
	pop, err := m.population(ctx, c, env, epsPop)
	if err != nil {
		return nil, fmt.Errorf("dp-counts: %w", err)
	}
	rel := &sigcity.Release{Kind: sigcity.Aggregate, Tables: []sigcity.Table{pop}}
	bound := fmt.Sprintf("population: at most %d cell-hours of 1 a SIM, ε %.4g, expected |error| %.4g before clamping",
		m.maxCellHours, epsPop, float64(m.maxCellHours)/epsPop)
	if epsOD > 0 {
		od, err := m.od(ctx, c, env, epsOD)
		if err != nil {
			return nil, fmt.Errorf("dp-counts: %w", err)
		}
		rel.Tables = append(rel.Tables, od)
		bound += fmt.Sprintf("; od: at most one flow of 1 a SIM, ε %.4g, expected |error| %.4g before clamping", epsOD, 1/epsOD)
	}
	if !env.noise().Secure() {
		bound += "; seeded noise: for benchmarks only, whoever knows the seed can take it off"
	}
	rel.Claims = []sigcity.Guarantee{{Kind: "differential-privacy", Unit: "SIM", Epsilon: m.epsilon, Bound: bound}}
	return rel, nil
}

// counter holds the true counts.
type counter struct {
	method     dpCounts
	cal        *sigcity.Calendar
	from       uint32
	cells      int
	hours      int
	zones      *tessellation
	pop        []int32             // [cell*hours+hour]
	flows      []int32             // [home*areas+work]
	contribute func(cellHours int) // for tests: told what each SIM adds; nil otherwise
}

func (m dpCounts) newCounter(in sigcity.Dataset) (*counter, error) {
	cal, err := in.Meta().Calendar()
	if err != nil {
		return nil, err
	}
	c := &counter{method: m, cal: cal, from: cal.Start(0), cells: len(in.Areas())}
	c.hours = int(cal.Start(cal.Days())-c.from+3599) / 3600
	if c.cells*c.hours > maxPartitions {
		return nil, fmt.Errorf("%d cells × %d hours are more than %d counts", c.cells, c.hours, maxPartitions)
	}
	c.pop = make([]int32, c.cells*c.hours)
	if m.odShare > 0 {
		if c.zones, err = spaceOf(in.Areas(), m.odSpace); err != nil {
			return nil, err
		}
		n := len(c.zones.areas)
		if n*n > maxPartitions {
			return nil, fmt.Errorf("od_space = %q, must be coarser: it makes %d areas, at most %d flows are released", m.odSpace, n, maxPartitions)
		}
		c.flows = make([]int32, n*n)
	}
	return c, nil
}

// count folds over all users. Sums of whole numbers: their order does not matter.
func (c *counter) count(ctx context.Context, in sigcity.Dataset, env Env) error {
	pool := sync.Pool{New: func() any { return new(presence) }}
	scope := env.Hash("dp-counts.choice")
	return env.eachUser(ctx, in, func(t sigcity.Trajectory) error {
		p := pool.Get().(*presence)
		defer pool.Put(p)
		c.add(p, t, sigcity.Mix(scope, in.Key(t.User)))
		return nil
	})
}

// presence is one worker's memory.
type presence struct {
	slots      []int32 // positions in pop
	cells      []sigcity.AreaID
	home, work []sigcity.AreaID
	stream     sigcity.Stream
}

func (c *counter) add(p *presence, t sigcity.Trajectory, key uint64) {
	p.slots, p.home, p.work = p.slots[:0], p.home[:0], p.work[:0]
	for i := 0; i < len(t.Records); {
		hour := c.hour(t.Records[i].Time)
		p.cells = p.cells[:0]
		for ; i < len(t.Records) && c.hour(t.Records[i].Time) == hour; i++ {
			r := t.Records[i]
			p.cells = append(p.cells, r.Area)
			switch c.window(r.Time) {
			case atHome:
				p.home = append(p.home, r.Area)
			case atWork:
				p.work = append(p.work, r.Area)
			}
		}
		if cell, ok := mode(p.cells); ok && hour >= 0 && hour < c.hours {
			p.slots = append(p.slots, int32(int(cell)*c.hours+hour))
		}
	}
	for _, s := range p.choose(c.method.maxCellHours, key) {
		atomic.AddInt32(&c.pop[s], 1)
	}
	if c.contribute != nil {
		c.contribute(min(len(p.slots), c.method.maxCellHours))
	}
	home, hasHome := mode(p.home)
	work, hasWork := mode(p.work)
	if c.flows != nil && hasHome && hasWork {
		atomic.AddInt32(&c.flows[int(c.zones.of[home])*len(c.zones.areas)+int(c.zones.of[work])], 1)
	}
}

// hour is the hour of t from the first local midnight; out of range outside
// the data set's days.
func (c *counter) hour(t uint32) int {
	if t < c.from {
		return -1
	}
	return int(t-c.from) / 3600
}

const (
	atHome = iota + 1
	atWork
)

// window says which of the windows of the home–work rule t lies in, 0 = none.
func (c *counter) window(t uint32) int {
	day, s := c.cal.Clock(t)
	switch h := s / 3600; {
	case day < 0 || day >= c.cal.Days():
		return 0
	case h < 6:
		return atHome
	case c.cal.Kind(day) == sigcity.Weekday && (h >= 9 && h < 12 || h >= 14 && h < 17):
		return atWork
	}
	return 0
}

// choose is at most n of the slots, drawn without replacement.
func (p *presence) choose(n int, key uint64) []int32 {
	if len(p.slots) <= n {
		return p.slots
	}
	rng := p.stream.Seed(key)
	for i := range n {
		j := i + rng.IntN(len(p.slots)-i)
		p.slots[i], p.slots[j] = p.slots[j], p.slots[i]
	}
	return p.slots[:n]
}

// mode is the most frequent area, the lowest of equals. It sorts ids.
func mode(ids []sigcity.AreaID) (best sigcity.AreaID, ok bool) {
	slices.Sort(ids)
	most := 0
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		if j-i > most {
			most, best = j-i, ids[i]
		}
		i = j
	}
	return best, most > 0
}

// Tables draw from different keys.
const (
	keyPopulation = 1
	keyOD         = 2
)

func (m dpCounts) population(ctx context.Context, c *counter, env Env, epsilon float64) (sigcity.Table, error) {
	t := newTable(sigcity.TablePopulation, len(c.pop), "area", "hour", "count")
	err := m.noisy(ctx, c.pop, int64(m.maxCellHours), epsilon, keyPopulation, env, t.Data[2])
	for i := range c.pop {
		t.Data[0][i], t.Data[1][i] = float64(i/c.hours), float64(c.from)+float64(i%c.hours)*3600
	}
	return t, err
}

func (m dpCounts) od(ctx context.Context, c *counter, env Env, epsilon float64) (sigcity.Table, error) {
	t := newTable(sigcity.TableOD, len(c.flows), "from", "to", "count")
	err := m.noisy(ctx, c.flows, 1, epsilon, keyOD, env, t.Data[2])
	n, names := len(c.zones.areas), c.zones.middle
	for i := range c.flows {
		t.Data[0][i], t.Data[1][i] = float64(names[i/n]), float64(names[i%n])
	}
	return t, err
}

func newTable(name string, rows int, columns ...string) sigcity.Table {
	t := sigcity.Table{Name: name, Columns: columns}
	for range columns {
		t.Data = append(t.Data, make([]float64, rows))
	}
	return t
}

// noisy writes counts with noise to out, on all workers.
func (m dpCounts) noisy(ctx context.Context, counts []int32, l0 int64, epsilon float64, table uint64, env Env, out []float64) error {
	noise := env.noise()
	return env.eachChunk(ctx, len(counts), func(ctx context.Context, first, limit int) error {
		for i := first; i < limit; i++ {
			x, err := noise.Laplace(float64(counts[i]), l0, 1, epsilon, table, uint64(i))
			if err != nil {
				return err
			}
			if m.clamp {
				x = max(0, math.Round(x))
			}
			out[i] = x
		}
		return ctx.Err()
	})
}
