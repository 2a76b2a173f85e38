package gen

import (
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// Machines that stay in place are in one cell nearly always, report in time, are
// never off and have a row for each message; a car is where its driver's trips by car led, and
// reports on the way only.
func TestMachines(t *testing.T) {
	city := town(t)
	cfg := config(1500, 4, 2)
	cfg.Population.IoTPer100 = 30
	g := newGenerator(t, city, cfg)
	here, all, driven, moved := 0, 0, 0, 0
	reports, days := map[population.Use]int{}, map[population.Use]int{}
	count := map[sigcity.Event]int{}
	home := map[sigcity.UserID]sigcity.AreaID{}
	parked := map[sigcity.UserID]geo.XY{} // cars at midnight
	signaled(t, g, func(p *partRun, d day) {
		for i, row := range p.rows {
			if p.owner[i] >= 0 {
				continue
			}
			mc, sim := &p.machines[^p.owner[i]], &g.pop.SIMs[row.User]
			days[mc.use]++
			messages := 0
			for _, r := range row.Records {
				count[r.Type]++
				if r.Type == sigcity.SMSIn {
					messages++
				}
				if r.Type == sigcity.ServiceRequest {
					reports[mc.use]++
				}
			}
			if messages != len(p.talk[i]) {
				t.Fatalf("%d messages, %d rows", messages, len(p.talk[i]))
			}
			if mc.driver < 0 {
				best := city.Camp(p.phones[i].ue, mc.pos)[0].Cell
				home[row.User] = best
				for _, r := range row.Records {
					all++
					if r.Area == best {
						here++
					}
				}
				continue
			}
			at, ok := parked[row.User]
			if !ok {
				at = g.pop.Households[g.pop.Persons[sim.Host].Household].Pos
			}
			trips := slices.DeleteFunc(slices.Clone(p.segs[mc.driver]), func(s Segment) bool {
				if s.Mode != Car || s.From != at {
					return true
				}
				at = s.To
				return false
			})
			moved += len(trips)
			if at != mc.pos {
				t.Fatalf("the car of SIM %d is at %v after its trips, want %v", row.User, mc.pos, at)
			}
			parked[row.User] = at
			for _, r := range row.Records {
				if r.Type != sigcity.ServiceRequest {
					continue
				}
				if !slices.ContainsFunc(trips, func(s Segment) bool { return s.Start <= r.Time && r.Time <= s.End }) {
					t.Fatalf("SIM %d: %+v while the car is parked", row.User, r)
				}
				driven++
			}
		}
	})
	if len(home) < 300 || float64(here) < 0.99*float64(all) {
		t.Errorf("%d of %d records of %d machines in the cell of their place", here, all, len(home))
	}
	if moved < 50 || driven < 2*moved {
		t.Errorf("%d reports of cars on %d trips", driven, moved)
	}
	for e := range count {
		switch e {
		case sigcity.Attach, sigcity.PeriodicUpdate, sigcity.ServiceRequest, sigcity.SMSIn, sigcity.TrackingAreaUpdate, sigcity.Handover:
		default:
			t.Errorf("%d times %s", count[e], e)
		}
	}
	if count[sigcity.SMSIn] == 0 {
		t.Error("no message asks for a report")
	}
	// Reports a day: some are lost before the first attach, some fall into a
	// connection that lasts.
	for use, want := range map[population.Use][2]float64{
		population.Meter: {3.6, 4}, population.Alarm: {46, 48}, population.Vending: {18, 24}, population.Terminal: {44, 48},
		population.Camera: {29, 36}, population.Router: {65, 80},
	} {
		if got := float64(reports[use]) / float64(days[use]); got < want[0] || got > want[1] {
			t.Errorf("%.1f reports a day of %d %s-days, want %.0f to %.0f", got, days[use], use, want[0], want[1])
		}
	}
}

// A SIM leaves records while it is valid only; where one takes another's place,
// the old one signs off and the new one signs on, in the same cell or near it.
func TestChangesOfSIMs(t *testing.T) {
	cfg := config(1500, 5, 2)
	cfg.Population.SwapPerMonth, cfg.Population.ChurnPerMonth = 2, 2
	g := newGenerator(t, town(t), cfg)
	begins, ends := g.cal.Start(0), g.cal.Start(g.cal.Days())
	last, first := map[sigcity.UserID]sigcity.Record{}, map[sigcity.UserID]sigcity.Record{}
	signaled(t, g, func(p *partRun, d day) {
		for _, row := range p.rows {
			s := &g.pop.SIMs[row.User]
			for _, r := range row.Records {
				if r.Time < begins+s.From || s.To != 0 && r.Time >= begins+s.To {
					t.Fatalf("%+v of a SIM that is valid from %d to %d", r, begins+s.From, begins+s.To)
				}
				if _, ok := first[row.User]; !ok {
					first[row.User] = r
				}
				last[row.User] = r
			}
		}
	})
	changed, signedOff, signedOn := 0, 0, 0
	for u := range g.pop.SIMs {
		s := &g.pop.SIMs[u]
		if s.Use != population.Handset || s.To == 0 || begins+s.To+86400 > ends {
			continue
		}
		changed++
		if r := last[sigcity.UserID(u)]; r.Type == sigcity.Detach && r.Time == begins+s.To-1 {
			signedOff++
		}
		if r := first[s.Next]; r.Type == sigcity.Attach && r.Time == begins+s.To+switchS {
			signedOn++
		}
	}
	// One handset in fifty or so is off just then.
	if changed < 500 || float64(signedOff) < 0.95*float64(changed) || float64(signedOn) < 0.95*float64(changed) {
		t.Errorf("of %d changes %d old SIMs sign off, %d new ones sign on in time", changed, signedOff, signedOn)
	}
}

// With many changes and machines too, the files of the first days are those of
// a shorter run, for any number of workers; and consumers of the folder see
// the SIMs as they are.
func TestChangesKeepThePrefix(t *testing.T) {
	city := town(t)
	cfg := config(300, 2, 1)
	cfg.Population.SwapPerMonth, cfg.Population.ChurnPerMonth, cfg.Population.IoTPer100 = 3, 3, 30
	want := generate(t, city, cfg)
	first := hashes(want, all)
	for _, workers := range []int{2, 7} {
		cfg.Workers = workers
		got := hashes(generate(t, city, cfg), all)
		if len(got) != len(first) {
			t.Fatalf("%d files, want %d", len(got), len(first))
		}
		for path, sum := range first {
			if got[path] != sum {
				t.Errorf("%d workers: %s differs", workers, path)
			}
		}
	}
	cfg.Days, cfg.Workers = 4, 2
	longer := hashes(generate(t, city, cfg), all)
	for path, sum := range first {
		if strings.HasSuffix(path, ".parquet") && longer[path] != sum {
			t.Errorf("%s of 4 days is not that of 2", path)
		}
	}
	truth, err := dataset.LoadTruth(t.Context(), want, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := want.Manifest().Counts
	phones, machines, changes := 0, 0, 0
	cal, err := want.Meta().Calendar()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range truth.SIMs {
		switch {
		case !s.Phone():
			machines++
		case s.Previous < 0:
			phones++
		case s.Valid(cal.Start(0), cal.Start(2)):
			changes++
			if old := &truth.SIMs[s.Previous]; old.To != s.From || old.Person != s.Person {
				t.Errorf("%+v follows %+v", s, old)
			}
		}
	}
	if machines != 90 || int64(phones) != n["phone_sims"] || int64(machines) != n["iot_sims"] || int64(changes) != n["sim_changes"] || changes < 50 {
		t.Errorf("%d phones, %d machines, %d changes; the manifest counts %v", phones, machines, changes, n)
	}
}
