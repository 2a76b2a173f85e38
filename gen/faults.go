package gen

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Faults is what goes wrong in the network and in the feed, where it is enabled.
// A cleaned feed has none of it, hence it is off by default; all rates are
// assumed. What happened is in the ground truth.
type Faults struct {
	Enabled     bool    `json:"enabled" yaml:"enabled" mapstructure:"enabled"`
	Duplicates  float64 `json:"duplicates" yaml:"duplicates" mapstructure:"duplicates"`          // chance of a record to be there twice
	Late        float64 `json:"late" yaml:"late" mapstructure:"late"`                            // chance of a record to arrive late
	LateMinS    float64 `json:"late_min_s" yaml:"late_min_s" mapstructure:"late_min_s"`          // delays are log-uniform between these, seconds
	LateMaxS    float64 `json:"late_max_s" yaml:"late_max_s" mapstructure:"late_max_s"`          //
	ProbeGaps   float64 `json:"probe_gaps" yaml:"probe_gaps" mapstructure:"probe_gaps"`          // a tracking area and day, in which nothing of it is recorded
	ProbeGapS   float64 `json:"probe_gap_s" yaml:"probe_gap_s" mapstructure:"probe_gap_s"`       // their mean length, seconds
	SiteOutages float64 `json:"site_outages" yaml:"site_outages" mapstructure:"site_outages"`    // a site and day
	OutageH     float64 `json:"site_outage_h" yaml:"site_outage_h" mapstructure:"site_outage_h"` // their mean length, hours
	Unknown     float64 `json:"unknown_cells" yaml:"unknown_cells" mapstructure:"unknown_cells"` // share of cells that the cell list lacks
	New         float64 `json:"new_sites" yaml:"new_sites" mapstructure:"new_sites"`             // share of macro sites that go on air within change_days
	Moved       float64 `json:"moved_sites" yaml:"moved_sites" mapstructure:"moved_sites"`       // share whose cells move to another mast
	Renumbered  float64 `json:"renumbered_sites" yaml:"renumbered_sites" mapstructure:"renumbered_sites"`
	ChangeDays  int     `json:"change_days" yaml:"change_days" mapstructure:"change_days"` // days after the first one on which cells change, however long the run is
}

func defaultFaults() Faults {
	return Faults{Duplicates: 0.003, Late: 0.005, LateMinS: 60, LateMaxS: 6 * 3600, ProbeGaps: 0.02, ProbeGapS: 1200,
		SiteOutages: 0.003, OutageH: 3, Unknown: 0.01, New: 0.01, Moved: 0.005, Renumbered: 0.01, ChangeDays: 30}
}

func (f *Faults) validate() error {
	if err := check("faults", []bound{
		{"duplicates", f.Duplicates, 0, 1}, {"late", f.Late, 0, 1},
		{"late_min_s", f.LateMinS, 1, 86400}, {"late_max_s", f.LateMaxS, f.LateMinS, 30 * 86400},
		{"probe_gaps", f.ProbeGaps, 0, 24}, {"probe_gap_s", f.ProbeGapS, 1, longestFaultS},
		{"site_outages", f.SiteOutages, 0, 24}, {"site_outage_h", f.OutageH, 0.01, longestFaultS / 3600},
		{"unknown_cells", f.Unknown, 0, 1}, {"new_sites", f.New, 0, 1}, {"moved_sites", f.Moved, 0, 1}, {"renumbered_sites", f.Renumbered, 0, 1},
		{"change_days", float64(f.ChangeDays), 1, 3660},
	}); err != nil {
		return err
	}
	if sum := f.New + f.Moved + f.Renumbered; sum > 1 {
		return fmt.Errorf("faults: new_sites + moved_sites + renumbered_sites = %g, must be at most 1", sum)
	}
	return nil
}

// longestFaultS bounds outages and gaps: one that begins on a day ends before the
// next day does.
const longestFaultS = 12 * 3600

// span is a time in which something is missing, the end exclusive.
type span struct {
	from, to uint32
	kind     spanKind
}

type spanKind uint8

const (
	notThere spanKind = iota // a site before it goes on air, or after it is taken down
	broken                   // an outage, a gap
)

// faults knows what goes wrong: a pure function of the seed, the network and the
// day. It is immutable.
type faults struct {
	cfg     *Faults
	outages uint64 // scopes
	gaps    uint64
	drawn   uint64 // of records
	masts   *masts
	near    [][]int    // per site: masts to turn to in its outage, the nearest first; the last never fails
	fixed   [][]span   // per site: when it is not there
	fails   []bool     // per site: may have outages
	area    []int32    // per cell: index of its tracking area
	tacs    []uint32   // by that index
	renamed []renaming // per cell of the city
	unknown []bool     // per row of the cell list
	rows    []dataset.Cell
	changes []dataset.CellChange
}

// renaming gives a cell another row of the cell list from a second on; 0 = never.
type renaming struct {
	at  uint32
	row sigcity.AreaID
}

// nearMasts is how many masts around a site take its phones over (assumed to be
// more than ever are off the air together; behind them is one that never is).
const nearMasts = 8

func newFaults(g *generator, m *masts) *faults {
	scope := func(name string) uint64 { return sigcity.Scope(g.cfg.Seed, name) }
	city := g.city
	f := &faults{cfg: &g.cfg.Faults, outages: scope("gen.outage"), gaps: scope("gen.gap"), drawn: scope("gen.fault"), masts: m,
		near: make([][]int, len(city.Sites)), fixed: make([][]span, len(city.Sites)), fails: make([]bool, len(city.Sites)),
		area: make([]int32, len(city.Cells)), renamed: make([]renaming, len(city.Cells))}
	for i := range city.Sites {
		s := &city.Sites[i]
		all := m.sites[s.Operator]
		if len(all) == 0 {
			continue
		}
		for _, k := range m.index[s.Operator].NearestN(nil, s.Pos, nearMasts+1) {
			if all[k] != i && all[k] != all[0] && len(f.near[i]) < nearMasts {
				f.near[i] = append(f.near[i], all[k])
			}
		}
		f.near[i] = append(f.near[i], all[0])
		f.fails[i] = i != all[0]
	}
	for i := range city.Cells {
		k := slices.Index(f.tacs, city.Cells[i].TAC)
		if k < 0 {
			k, f.tacs = len(f.tacs), append(f.tacs, city.Cells[i].TAC)
		}
		f.area[i] = int32(k)
	}
	f.change(g)
	return f
}

// air is what is missing on a day.
type air struct {
	*faults
	dark  [][]span // per site
	holes [][]span // per tracking area: what its probe misses
}

// day works out a day; before is the one before it, or the same where it is the
// first. It also lists what begins on the day.
func (f *faults) day(before, d day) (*air, []dataset.FeedFault) {
	a := &air{faults: f, dark: slices.Clone(f.fixed), holes: make([][]span, len(f.tacs))}
	var rows []dataset.FeedFault
	var stream sigcity.Stream
	for i := range a.dark {
		if !f.fails[i] {
			continue
		}
		a.dark[i] = around(slices.Clip(a.dark[i]), &stream, sigcity.Mix(f.outages, uint64(i)), f.cfg.SiteOutages, f.cfg.OutageH*3600, before, d, func(s span) {
			rows = append(rows, dataset.FeedFault{Kind: dataset.FaultSiteOutage, Site: int32(i), From: s.from, To: s.to})
		})
	}
	for i, tac := range f.tacs {
		a.holes[i] = around(nil, &stream, sigcity.Mix(f.gaps, uint64(tac)), f.cfg.ProbeGaps, f.cfg.ProbeGapS, before, d, func(s span) {
			rows = append(rows, dataset.FeedFault{Kind: dataset.FaultProbeGap, Site: -1, TAC: tac, From: s.from, To: s.to})
		})
	}
	return a, rows
}

// around appends the times that may touch a day: its own, which begins is
// told of, and those of the day before. They come at the rate a day and last an
// exponential time.
func around(dst []span, stream *sigcity.Stream, key uint64, rate, meanS float64, before, d day, begins func(span)) []span {
	if rate <= 0 {
		return dst
	}
	draw := func(d day, each func(span)) {
		var r *rand.Rand = stream.Seed(sigcity.Mix(key, uint64(d.index)))
		for v := r.ExpFloat64() / rate; v < 1; v += r.ExpFloat64() / rate {
			from := d.midnight + uint32(v*float64(d.length))
			s := span{from, from + 1 + uint32(min(r.ExpFloat64()*meanS, longestFaultS)), broken}
			dst = append(dst, s)
			each(s)
		}
	}
	if before.index < d.index {
		draw(before, func(span) {})
	}
	draw(d, begins)
	return dst
}

// within is the first of the spans that covers t.
func within(list []span, t uint32) (span, bool) {
	for _, s := range list {
		if s.from <= t && t < s.to {
			return s, true
		}
	}
	return span{}, false
}

// goesDark is when a site that a phone is on at from is next off the air; to
// where it is not before.
func (a *air) goesDark(site int32, from, to uint32) uint32 {
	for _, s := range a.dark[site] {
		if s.to > from {
			to = min(to, max(s.from, from))
		}
	}
	return to
}

// steady is how long after t nothing changes about a site; end where it lasts longer.
func (a *air) steady(site int32, t, end uint32) uint32 {
	for _, s := range a.dark[site] {
		if s.from > t {
			end = min(end, s.from)
		} else if s.to > t {
			end = min(end, s.to)
		}
	}
	return end
}
