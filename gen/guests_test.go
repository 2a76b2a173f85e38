package gen

import (
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// hosting is a configuration with more guests than usual.
func hosting(persons, days, workers int) Config {
	cfg := config(persons, days, workers)
	cfg.Population.Guests = population.DefaultConfig().Guests
	cfg.Population.Guests.Visitors, cfg.Population.Guests.InCommuters, cfg.Population.Guests.Passing = 40, 40, 40
	return cfg
}

// Guests' days tile, begin and end as the days around them say, and are as many
// as configured. What they do is what their kind does.
func TestDaysOfGuests(t *testing.T) {
	city, cfg := preset(t, "small"), hosting(1000, 20, 2)
	last := map[uint32]Segment{}
	here := map[population.Kind]int{} // person-days that touch the city
	nights, foreign := 0, 0
	pop := lived(t, city, cfg, func(p *partRun, d day, person uint32, segs []Segment) {
		party := p.pop.Guest(p.pop.Persons[person].Household)
		if party == nil {
			return
		}
		now, inside := d.midnight, false
		for i, s := range segs {
			if s.Start != now || s.End <= s.Start {
				t.Fatalf("person %d day %d: segment %d is %d to %d, want it to begin at %d", person, d.index, i, s.Start, s.End, now)
			}
			now = s.End
			if before, known := last[person]; known && before.To != s.From {
				t.Fatalf("person %d day %d: jumps from %v to %v", person, d.index, before.To, s.From)
			}
			if s.Mode != Stay && (i+1 == len(segs) || segs[i+1].Mode != Stay || segs[i+1].Kind != s.Kind) {
				t.Fatalf("person %d day %d: trip %d does not lead to its purpose", person, d.index, i)
			}
			if s.Mode == Stay && s.Kind.away() {
				gate := s.From == city.Gates[party.Gate].Pos || party.Exit >= 0 && s.From == city.Gates[party.Exit].Pos
				if !gate {
					t.Fatalf("person %d day %d: away at %v, at no gate of the party", person, d.index, s.From)
				}
			} else {
				inside = true
			}
			last[person] = s
		}
		if now != d.midnight+uint32(d.length) {
			t.Fatalf("person %d day %d: ends at %d", person, d.index, now)
		}
		if !inside {
			return
		}
		here[party.Kind]++
		end := segs[len(segs)-1]
		switch party.Kind {
		case population.Visitor:
			if end.Kind == Home {
				nights++
			} else if !end.Kind.away() {
				t.Fatalf("person %d day %d: sleeps at a %v", person, d.index, end.Kind)
			}
			if party.Foreign > 0 {
				foreign++
			}
		case population.Commuter:
			if d.kind != sigcity.Weekday || !end.Kind.away() {
				t.Fatalf("person %d day %d of kind %v: a commuter in town who ends the day at %v", person, d.index, d.kind, end.Kind)
			}
		case population.Passing:
			if len(segs) != 3 || segs[0].From == segs[2].From {
				t.Fatalf("person %d day %d: passes in %d segments", person, d.index, len(segs))
			}
		}
	})
	// The pools are small: parties of up to 4, so five standard errors of the
	// visitors' days, some 800 of parties of 2.7 days, are about a third.
	for kind, want := range map[population.Kind]float64{population.Visitor: 40 * 20, population.Passing: 40 * 20, population.Commuter: 40 * 14 * 0.92} {
		if got := float64(here[kind]); math.Abs(got/want-1) > 1.0/3 {
			t.Errorf("%v: %g days in the city, want about %g", kind, got, want)
		}
	}
	if nights == 0 || foreign == 0 {
		t.Errorf("%d nights in hotels, %d days of people with foreign SIMs", nights, foreign)
	}
	if len(pop.Persons) == pop.Residents {
		t.Fatal("no guests")
	}
}

// A phone leaves no record while its person is beyond a gate; who passes leaves
// them along the way; foreign SIMs show their own network's code.
func TestRecordsOfGuests(t *testing.T) {
	city, cfg := preset(t, "small"), hosting(1000, 3, 2)
	f := generate(t, city, cfg)
	truth, err := dataset.LoadTruth(t.Context(), f, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	away, ways := map[uint32][]dataset.Activity{}, map[uint32][]dataset.Trip{}
	for _, a := range truth.Activities {
		if a.Kind == dataset.ActAway {
			away[a.Person] = append(away[a.Person], a)
		}
	}
	for _, x := range truth.Trips {
		ways[x.Person] = append(ways[x.Person], x)
	}
	sims := map[uint32]dataset.SIM{}
	for _, s := range truth.SIMs {
		sims[s.User] = s
	}
	kinds, far, passed, roaming := map[string]int{}, 0, 0, 0
	cells := f.Areas()
	for tr, err := range f.Users(t.Context(), sigcity.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		s := sims[uint32(tr.User)]
		if !s.Phone() {
			continue
		}
		who := truth.Persons[s.Person]
		if (who.Kind == dataset.KindResident) != (int(who.ID) < cfg.Persons) {
			t.Fatalf("person %d is %s", who.ID, who.Kind)
		}
		if foreign := !strings.HasPrefix(s.Operator, "999-"); foreign {
			if code := s.IMSI / 1e12; code < 800 || code > 899 || who.Resident() {
				t.Fatalf("SIM %d of %s: IMSI %d of a %s", s.User, s.Operator, s.IMSI, who.Kind)
			}
			roaming += len(tr.Records)
		}
		if who.Resident() {
			continue
		}
		kinds[who.Kind] += len(tr.Records)
		for _, r := range tr.Records {
			for _, a := range away[who.ID] {
				if r.Time > a.Start && r.Time < a.End {
					t.Fatalf("%s %d: a record at %d, away from %d to %d", who.Kind, who.ID, r.Time, a.Start, a.End)
				}
			}
			if who.Kind != dataset.KindPassing {
				continue
			}
			for i := range ways[who.ID] {
				if x := &ways[who.ID][i]; r.Time >= x.Start && r.Time < x.End {
					at, err := truth.Roads.At(x, r.Time)
					if err != nil {
						t.Fatal(err)
					}
					passed++
					if geo.Distance(cells[r.Area].Center, at) > 3000 {
						far++
					}
				}
			}
		}
	}
	for _, kind := range []string{dataset.KindVisitor, dataset.KindCommuter, dataset.KindPassing} {
		if kinds[kind] == 0 {
			t.Errorf("no records of kind %s", kind)
		}
	}
	if passed < 100 || far > passed/20 || roaming == 0 {
		t.Errorf("of %d records of passing phones %d are 3 km off the way; %d records of roaming SIMs", passed, far, roaming)
	}
}

// Residents live and phone the same whether or not there are guests, and whoever
// they are the first days do not depend on the later ones, nor on the workers.
func TestGuestsChangeNobody(t *testing.T) {
	city := preset(t, "small")
	read := func(cfg Config) (residents map[uint32][]sigcity.Record, all map[uint32][]sigcity.Record) {
		f := generate(t, city, cfg)
		truth, err := dataset.LoadTruth(t.Context(), f, nil, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		cal, err := f.Meta().Calendar()
		if err != nil {
			t.Fatal(err)
		}
		residents, all = map[uint32][]sigcity.Record{}, map[uint32][]sigcity.Record{}
		person := map[uint32]int64{}
		for _, s := range truth.SIMs {
			person[s.User] = s.Person
		}
		for tr, err := range f.Users(t.Context(), sigcity.Range{To: cal.Start(2)}) {
			if err != nil {
				t.Fatal(err)
			}
			all[uint32(tr.User)] = append([]sigcity.Record(nil), tr.Records...)
			if p := person[uint32(tr.User)]; p >= 0 && int(p) < cfg.Persons {
				residents[uint32(p)] = append(residents[uint32(p)], tr.Records...)
			}
		}
		return residents, all
	}
	alone := hosting(300, 2, 1)
	alone.Population = alone.Population.WithoutGuests()
	want, _ := read(alone)
	got, all := read(hosting(300, 2, 1))
	if len(want) < 200 {
		t.Fatalf("%d residents with records", len(want))
	}
	for p := range want {
		// Of a person with several SIMs the order of these may differ.
		if len(want[p]) != len(got[p]) || sum(want[p]) != sum(got[p]) {
			t.Fatalf("person %d: other records with guests in the city", p)
		}
	}
	for _, cfg := range []Config{hosting(300, 2, 2), hosting(300, 2, 7), hosting(300, 4, 2)} {
		if _, again := read(cfg); !maps.EqualFunc(all, again, func(a, b []sigcity.Record) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%d days, %d workers: other records on the first two days", cfg.Days, cfg.Workers)
		}
	}
}

// sum is a hash of records in any order.
func sum(rows []sigcity.Record) (h uint64) {
	for _, r := range rows {
		h += sigcity.Hash(uint64(r.Time), "record", uint64(r.Area), uint64(r.Type), uint64(r.Milli))
	}
	return h
}
