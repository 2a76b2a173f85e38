package gen

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// rough is a configuration in which much goes wrong, within a few days.
func rough(persons, days, workers int) Config {
	cfg := config(persons, days, workers)
	cfg.Faults = Faults{Enabled: true, Duplicates: 0.02, Late: 0.03, LateMinS: 30, LateMaxS: 7200, ProbeGaps: 1, ProbeGapS: 1800,
		SiteOutages: 0.5, OutageH: 4, Unknown: 0.1, New: 0.1, Moved: 0.2, Renumbered: 0.2, ChangeDays: 2}
	return cfg
}

// signaled runs all parts and days.
func signaled(t *testing.T, g *generator, f func(p *partRun, d day)) {
	t.Helper()
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := errors.Join(p.live(d), p.signal(d)); err != nil {
				t.Fatal(err)
			}
			f(p, d)
		}
	}
}

// flagged is the flags of each record of a SIM's day.
func flagged(p *partRun, sim int) []note {
	out := make([]note, len(p.rows[sim].Records))
	for i := range out {
		out[i].record = uint32(i)
	}
	for _, n := range p.notes[sim] {
		out[n.record] = n
	}
	return out
}

// beyond reports whether a count of n trials that succeed with p is so far from
// its mean that it happens by chance less often than in 1e-11 of cases: seven
// standard deviations of the normal that the binomial tends to.
func beyond(count, n int, p float64) bool {
	return math.Abs(float64(count)-float64(n)*p) > 7*math.Sqrt(float64(n)*p*(1-p))+7
}

// During a stay, a record without a flag is in the best cell of the place, one of
// ping-pong in another candidate, one of drift in a cell that is none; or it is
// the record of the way back.
func TestExcursionsAreFlagged(t *testing.T) {
	city := town(t)
	cfg := config(400, 2, 2)
	cfg.Phone.Fades, cfg.Phone.Drifts = 6, 0.5
	g := newGenerator(t, city, cfg)
	count := map[flags]int{}
	back := 0
	signaled(t, g, func(p *partRun, d day) {
		for sim, row := range p.rows {
			if p.owner[sim] < 0 {
				continue // a machine
			}
			segs := p.segs[p.owner[sim]]
			for i, n := range flagged(p, sim) {
				r := row.Records[i]
				k := slices.IndexFunc(segs, func(s Segment) bool { return s.Start <= r.Time && r.Time < s.End })
				if segs[k].Mode != Stay {
					continue
				}
				list := city.Camp(p.phones[sim].ue, segs[k].From)
				at := slices.IndexFunc(list, func(c network.Candidate) bool { return c.Cell == r.Area })
				count[n.flags]++
				if n.flags != 0 && at == 0 && (r.Type == sigcity.Handover || r.Type == sigcity.TrackingAreaUpdate) {
					back++
					continue
				}
				want := [...]flags{0, pingPong, drift}[min(at, 1)+max(0, -3*at)]
				if n.flags != want {
					t.Fatalf("%+v of SIM %d: flags %b, want %b: the cell is number %d of %d candidates", r, sim, n.flags, want, at, len(list))
				}
				if n.flags == drift {
					site, here := &city.Sites[city.Cells[r.Area].Site], &city.Sites[city.Cells[list[0].Cell].Site]
					if far := site.Pos.Dist(here.Pos) / here.Spacing; far < driftNear || far > driftFar {
						t.Fatalf("drift over %.1f site spacings", far)
					}
				}
			}
		}
	})
	if count[0] < 1000 || count[pingPong] < 500 || count[drift] < 100 || back < 50 {
		t.Errorf("too little to go by: %v, %d ways back", count, back)
	}
}

// What arrives is what the probes would have seen, without the gaps and with
// copies, and each difference is flagged. Rates are within seven standard
// deviations.
func TestFeedFaultsAreFlagged(t *testing.T) {
	city := town(t)
	cfg := rough(800, 3, 2)
	clean := cfg
	clean.Faults.Duplicates, clean.Faults.Late, clean.Faults.ProbeGaps, clean.Faults.Unknown = 0, 0, 0, 0
	var want [][]sigcity.Record // per day and SIM
	signaled(t, newGenerator(t, city, clean), func(p *partRun, d day) {
		for sim, row := range p.rows {
			for _, n := range p.notes[sim] {
				if n.flags&(duplicate|late|unknownID) != 0 {
					t.Fatalf("flag %b of a fault that is off", n.flags)
				}
			}
			want = append(want, slices.Clone(row.Records))
		}
	})
	seen, missing, twice, tardy, unknown := 0, 0, 0, 0, 0
	logs := 0.0
	signaled(t, newGenerator(t, city, cfg), func(p *partRun, d day) {
		for sim, row := range p.rows {
			left := want[0]
			want = want[1:]
			for i, n := range flagged(p, sim) {
				r := row.Records[i]
				if n.flags&duplicate != 0 {
					if twice++; i == 0 || row.Records[i-1] != r {
						t.Fatalf("record %d of SIM %d is flagged as a copy of %+v: %+v", i, sim, row.Records[i-1], r)
					}
					continue
				}
				for left[0] != r { // lost: fatal where it is not in a gap
					mustBeInGap(t, p, left[0])
					left, missing = left[1:], missing+1
				}
				left = left[1:]
				seen++
				if n.flags&late != 0 {
					tardy++
					logs += math.Log(float64(n.delay))
					if float64(n.delay) < cfg.Faults.LateMinS || float64(n.delay) > cfg.Faults.LateMaxS {
						t.Fatalf("late by %d s", n.delay)
					}
				} else if n.delay != 0 {
					t.Fatalf("delay of a record that is not late: %+v", n)
				}
				if (n.flags&unknownID != 0) != (p.faults.rows[r.Area].Kind == dataset.KindUnknown) {
					t.Fatalf("flags %b in a cell of kind %q", n.flags, p.faults.rows[r.Area].Kind)
				}
				if n.flags&unknownID != 0 {
					unknown++
				}
			}
			for _, r := range left {
				mustBeInGap(t, p, r)
				missing++
			}
		}
	})
	t.Logf("%d records, %d lost, %d copies, %d late, %d in unknown cells", seen, missing, twice, tardy, unknown)
	if beyond(twice, seen, cfg.Faults.Duplicates) || beyond(tardy, seen, cfg.Faults.Late) {
		t.Errorf("of %d records %d are there twice and %d late, want shares of %g and %g", seen, twice, tardy, cfg.Faults.Duplicates, cfg.Faults.Late)
	}
	// Log-uniform: mean and standard deviation of the logarithm.
	a, b := math.Log(cfg.Faults.LateMinS), math.Log(cfg.Faults.LateMaxS)
	if mean, sd := logs/float64(tardy), (b-a)/math.Sqrt(12*float64(tardy)); math.Abs(mean-(a+b)/2) > 7*sd {
		t.Errorf("mean logarithm of the delay %.3f, want %.3f ± %.3f", mean, (a+b)/2, sd)
	}
	if missing < 100 || unknown < 100 {
		t.Errorf("%d records lost in gaps, %d in unknown cells: too few to go by", missing, unknown)
	}
}

// mustBeInGap says that a record that is not there fell into a gap.
func mustBeInGap(t *testing.T, p *partRun, r sigcity.Record) {
	t.Helper()
	tac := p.faults.rows[r.Area].TAC
	if _, gap := within(p.air.holes[slices.Index(p.faults.tacs, tac)], r.Time); !gap {
		t.Fatalf("%+v is lost, and its tracking area %d has no gap then", r, tac)
	}
}

// Nobody is in a cell that is off the air or in a row of the cell list that is
// not valid, and those who are elsewhere than usual are flagged.
func TestNobodyIsInADarkCell(t *testing.T) {
	city := town(t)
	cfg := rough(400, 4, 2)
	cfg.Faults.ProbeGaps = 0
	g := newGenerator(t, city, cfg)
	moved, off, usual := 0, 0, 0
	signaled(t, g, func(p *partRun, d day) {
		for sim, row := range p.rows {
			if p.owner[sim] < 0 {
				continue // a machine
			}
			segs := p.segs[p.owner[sim]]
			for i, n := range flagged(p, sim) {
				r := row.Records[i]
				cell := &p.faults.rows[r.Area]
				if cell.To != 0 && (r.Time < cell.From || r.Time >= cell.To) {
					t.Fatalf("%+v in cell %s, valid from %d to %d", r, cell.Name, cell.From, cell.To)
				}
				if cell.From != 0 || cell.To != 0 {
					moved++
				}
				if op := city.Operators[p.phones[sim].ue.Operator].PLMN(); cell.Operator != op {
					t.Fatalf("%+v of a SIM of %s in a cell of %s", r, op, cell.Operator)
				}
				base := baseOf(p.faults, r.Area)
				if s, dark := within(p.air.dark[city.Cells[base].Site], r.Time); dark {
					t.Fatalf("%+v in a cell whose site is off the air from %d to %d", r, s.from, s.to)
				}
				k := slices.IndexFunc(segs, func(s Segment) bool { return s.Start <= r.Time && r.Time < s.End })
				if segs[k].Mode != Stay || n.flags&strayed != 0 {
					continue
				}
				best := city.Camp(p.phones[sim].ue, segs[k].From)[0].Cell
				s, dark := within(p.air.dark[city.Cells[best].Site], r.Time)
				switch {
				case (n.flags&offAir != 0) != (dark && s.kind == broken):
					t.Fatalf("%+v: flags %b, the best cell's site is off the air: %v %+v", r, n.flags, dark, s)
				case !dark && base != best:
					t.Fatalf("%+v in cell %d, the best is %d and on the air", r, base, best)
				case n.flags&offAir != 0:
					off++
				default:
					usual++
				}
			}
		}
	})
	t.Logf("%d records of cells that change, %d in another cell for an outage, %d in the best one", moved, off, usual)
	if moved < 1000 || off < 500 || usual < 1000 {
		t.Error("too few to go by")
	}
}

// baseOf is the cell of the city that a row of the cell list names.
func baseOf(f *faults, row sigcity.AreaID) sigcity.AreaID {
	if int(row) < len(f.renamed) {
		return row
	}
	return sigcity.AreaID(slices.IndexFunc(f.renamed, func(r renaming) bool { return r.row == row }))
}

// Outages and gaps come at their rates: over 500 days, within seven standard
// deviations of a Poisson number; they last as long as they should.
func TestOutagesAndGapsComeAtTheirRates(t *testing.T) {
	cfg := rough(10, 1, 1)
	cfg.Faults.SiteOutages, cfg.Faults.OutageH, cfg.Faults.ProbeGaps, cfg.Faults.ProbeGapS = 0.1, 2, 0.3, 900
	g := newGenerator(t, town(t), cfg)
	count, seconds := map[string]float64{}, map[string]float64{}
	const days = 500
	for i := range days {
		d := day{index: i, midnight: uint32(1_772_000_000 + 86400*i), length: 86400}
		before := day{index: max(i-1, 0), midnight: d.midnight - 86400, length: 86400}
		air, rows := g.faults.day(before, d)
		for _, r := range rows {
			count[r.Kind]++
			seconds[r.Kind] += float64(r.To - r.From)
			if r.From < d.midnight || r.From >= d.midnight+86400 || r.To <= r.From {
				t.Fatalf("fault %+v filed under the day from %d", r, d.midnight)
			}
		}
		if i%100 == 1 { // what began the day before is known on this one
			_, yesterday := g.faults.day(before, before)
			for _, r := range yesterday {
				if r.Kind == dataset.FaultSiteOutage && !slices.Contains(air.dark[r.Site], span{r.From, r.To, broken}) {
					t.Fatalf("%+v is forgotten on the next day", r)
				}
			}
		}
	}
	fails := 0.0
	for _, may := range g.faults.fails {
		if may {
			fails++
		}
	}
	for kind, want := range map[string][2]float64{dataset.FaultSiteOutage: {days * fails * 0.1, 7200}, dataset.FaultProbeGap: {days * float64(len(g.faults.tacs)) * 0.3, 900}} {
		n, mean := count[kind], seconds[kind]/count[kind]
		if want[0] < 100 || math.Abs(n-want[0]) > 7*math.Sqrt(want[0]) {
			t.Errorf("%g of %s, want about %g", n, kind, want[0])
		}
		if math.Abs(mean-want[1]) > 7*want[1]/math.Sqrt(n)+0.01*want[1] {
			t.Errorf("%s lasts %.0f s on average, want about %g", kind, mean, want[1])
		}
	}
}

// The cell list of many draws: a name stands for one cell at a time, who takes
// another's place begins when it ends, and as many sites change as should, within
// seven standard deviations.
func TestCellChanges(t *testing.T) {
	city := town(t)
	cfg := rough(10, 4, 1)
	cfg.Faults.New, cfg.Faults.Moved, cfg.Faults.Renumbered, cfg.Faults.Unknown = 0.1, 0.03, 0.2, 0.05
	g := newGenerator(t, city, cfg)
	sites, cells := 0, 0
	got := map[string]map[[2]int]bool{}
	for seed := range uint64(100) {
		g.cfg.Seed = seed
		if err := g.survey(); err != nil {
			t.Fatal(err)
		}
		f := g.faults
		for i, may := range f.fails {
			if may && city.Sites[i].Kind == network.MacroSite {
				sites++
			}
		}
		cells += len(city.Cells)
		for i, row := range f.rows {
			if int(row.ID) != i {
				t.Fatalf("row %d is cell %d", i, row.ID)
			}
			for _, o := range f.rows[:i] {
				if o.Name == row.Name && (o.To == 0 || row.To == 0 || max(o.From, row.From) < min(o.To, row.To)) {
					t.Fatalf("seed %d: cells %d and %d are both %s", seed, o.ID, row.ID, row.Name)
				}
			}
			if station, ok := sigcity.SiteOf(row.Name); !ok {
				t.Fatalf("cell %q is no CGI", station)
			}
		}
		for _, c := range f.changes {
			row := f.rows[c.Cell]
			unit := [2]int{int(seed), city.Cells[baseOf(f, sigcity.AreaID(c.Cell))].Site}
			if c.Kind == dataset.CellUnknown {
				unit[1] = int(baseOf(f, sigcity.AreaID(c.Cell)))
				if row.Kind != dataset.KindUnknown || row.Site != -1 || row.Footprint != nil || !(row.Radius > 0) {
					t.Fatalf("unknown cell %+v", row)
				}
				if far := geo.Distance(row.Center, city.Proj.LonLat(city.Cells[baseOf(f, row.ID)].Center)); far > row.Radius {
					t.Fatalf("unknown cell %d is %.0f m off, its circle has %.0f m", row.ID, far, row.Radius)
				}
			} else {
				if row.From != c.Time || row.To != dataset.OpenEnd || (c.Instead >= 0 && f.rows[c.Instead].To != c.Time) {
					t.Fatalf("change %+v of cell %+v", c, row)
				}
				day, second := g.cal.Clock(c.Time)
				if second != changeHour*3600 || c.Time < g.cal.Start(day) || c.Time <= g.cal.Start(1) {
					t.Fatalf("change at second %d of a day", second)
				}
			}
			switch o := max(c.Instead, 0); {
			case c.Kind == dataset.CellMoved && f.rows[o].Name != row.Name, c.Kind == dataset.CellRenumbered && f.rows[o].Name == row.Name:
				t.Fatalf("%+v: from %s to %s", c, f.rows[o].Name, row.Name)
			case c.Kind == dataset.CellRenumbered && row.Kind != dataset.KindUnknown && (f.rows[o].Antenna != row.Antenna || f.rows[o].TAC != row.TAC):
				t.Fatalf("%+v: another antenna", c)
			}
			if got[c.Kind] == nil {
				got[c.Kind] = map[[2]int]bool{}
			}
			got[c.Kind][unit] = true
		}
	}
	for kind, p := range map[string]float64{dataset.CellNew: 0.1, dataset.CellRenumbered: 0.2} {
		if beyond(len(got[kind]), sites, p) {
			t.Errorf("%d of %d sites are %s, want a share of %g", len(got[kind]), sites, kind, p)
		}
	}
	if beyond(len(got[dataset.CellUnknown]), cells, 0.05) {
		t.Errorf("%d of %d cells are unknown, want a share of 0.05", len(got[dataset.CellUnknown]), cells)
	}
	if n := len(got[dataset.CellMoved]); n == 0 || n > int(0.03*float64(sites)+7*math.Sqrt(0.03*float64(sites))) {
		t.Errorf("%d of %d sites moved, want some, and a share of 0.03 at most", n, sites)
	}
}

// With faults too, the bytes hang neither on the workers nor on the days after;
// the cell list hangs on no days at all.
func TestFaultsAreDeterministic(t *testing.T) {
	city := town(t)
	want := generate(t, city, rough(300, 2, 1))
	for _, workers := range []int{2, 7} {
		if d := cmp.Diff(hashes(want, all), hashes(generate(t, city, rough(300, 2, workers)), all)); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
	}
	first := hashes(want, func(path string) bool {
		return ofDays(path) || strings.HasPrefix(path, "cells") && strings.HasSuffix(path, ".parquet")
	})
	long := hashes(generate(t, city, rough(300, 4, 2)), func(path string) bool { _, ok := first[path]; return ok })
	if d := cmp.Diff(first, long); d != "" {
		t.Errorf("the first days of a longer run: %s", d)
	}
}

// The folder reads back: flags name records, contacts have theirs.
func TestFaultsReadBack(t *testing.T) {
	f := generate(t, town(t), rough(300, 2, 2))
	if err := f.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	cells, err := f.Cells()
	if err != nil || f.Manifest().Counts["cells"] != int64(len(cells)) {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	cal, err := f.Meta().Calendar()
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		user, time uint32
		event      int32
	}
	talk := map[event]int{}
	flags := map[string]int{}
	for d := range cal.Days() {
		for u, err := range f.Users(t.Context(), sigcity.Range{From: cal.Start(d), To: cal.Start(d + 1)}) {
			if err != nil {
				t.Fatal(err)
			}
			list, err := dataset.FlagsOf(t.Context(), f, u.User, d)
			if err != nil {
				t.Fatal(err)
			}
			copies := map[uint32]bool{}
			for _, x := range list {
				if flags[x.Flag]++; u.Records[x.Record].Time != x.Time || x.User != uint32(u.User) {
					t.Fatalf("%+v is about %+v", x, u.Records[x.Record])
				}
				if (x.Flag == dataset.FlagLate) != (x.DelayS > 0) {
					t.Fatalf("delay of %+v", x)
				}
				copies[x.Record] = copies[x.Record] || x.Flag == dataset.FlagDuplicate
			}
			for i, r := range u.Records {
				if r.Type >= sigcity.CallOut && r.Type <= sigcity.SMSIn && !copies[uint32(i)] {
					talk[event{uint32(u.User), r.Time, int32(r.Type)}]++
				}
			}
		}
	}
	for c, err := range dataset.ReadTable[dataset.Contact](t.Context(), f, dataset.TableContacts) {
		if err != nil {
			t.Fatal(err)
		}
		talk[event{c.User, c.Time, c.Event}]--
	}
	for e, n := range talk {
		if n != 0 {
			t.Errorf("%+v: %d more records than contacts", e, n)
		}
	}
	for _, name := range flagNames {
		if flags[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
	for x, err := range dataset.ReadTable[dataset.FeedFault](t.Context(), f, dataset.TableFeedFaults) {
		if err != nil || (x.Kind == dataset.FaultSiteOutage) != (x.Site >= 0 && x.TAC == 0) {
			t.Fatalf("%+v, %v", x, err)
		}
	}
	n := 0
	for x, err := range dataset.ReadTable[dataset.CellChange](t.Context(), f, dataset.TableCellChanges) {
		if n++; err != nil || int(x.Cell) >= len(cells) {
			t.Fatalf("%+v, %v", x, err)
		}
	}
	if n == 0 || len(talk) < 100 {
		t.Errorf("%d changes, %d calls and messages", n, len(talk))
	}
}

// Where nothing goes wrong nothing is flagged, and no table of faults is there.
func TestNothingIsFlagged(t *testing.T) {
	city := town(t)
	cfg := config(200, 1, 2)
	cfg.Phone.Fades, cfg.Phone.FadesNight, cfg.Phone.Drifts = 0, 0, 0
	f := generate(t, city, cfg)
	for x, err := range dataset.ReadTable[dataset.EventFlag](t.Context(), f, dataset.TableEventFlags) {
		t.Fatalf("%+v, %v", x, err)
	}
	for _, table := range []string{dataset.TableFeedFaults, dataset.TableCellChanges} {
		if f.HasTable(table) {
			t.Errorf("there is %s", table)
		}
	}
	// Enabled, with all rates 0, faults change no record.
	cfg.Faults = Faults{Enabled: true, LateMinS: 1, LateMaxS: 1, ProbeGapS: 1, OutageH: 1, ChangeDays: 1}
	events := func(path string) bool {
		return strings.HasPrefix(path, "events/") || strings.HasPrefix(path, "contacts/") || path == "cells.parquet"
	}
	if d := cmp.Diff(hashes(f, events), hashes(generate(t, city, cfg), events)); d != "" {
		t.Error(d)
	}
}

func TestFaultsValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*Faults)
		want   string
	}{
		{func(f *Faults) { f.Duplicates = 1.5 }, "faults.duplicates = 1.5, must be from 0 to 1"},
		{func(f *Faults) { f.Late = math.NaN() }, "faults.late = NaN"},
		{func(f *Faults) { f.LateMaxS = 1 }, "faults.late_max_s = 1, must be from 60"},
		{func(f *Faults) { f.ProbeGapS = 0 }, "faults.probe_gap_s"},
		{func(f *Faults) { f.OutageH = 13 }, "faults.site_outage_h = 13, must be from 0.01 to 12"},
		{func(f *Faults) { f.SiteOutages = -1 }, "faults.site_outages"},
		{func(f *Faults) { f.New, f.Renumbered = 0.6, 0.6 }, "new_sites + moved_sites + renumbered_sites = 1.2"},
		{func(f *Faults) { f.ChangeDays = 0 }, "faults.change_days = 0"},
	} {
		cfg := config(20, 1, 1)
		c.change(&cfg.Faults)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}
