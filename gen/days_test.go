package gen

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// lived calls f with every person's segments of every day.
func lived(t *testing.T, city *network.City, cfg Config, f func(p *partRun, d day, person uint32, segs []Segment)) *population.Population {
	t.Helper()
	return livedBy(t, newGenerator(t, city, cfg), f)
}

func livedBy(t *testing.T, g *generator, f func(p *partRun, d day, person uint32, segs []Segment)) *population.Population {
	t.Helper()
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := p.live(d); err != nil {
				t.Fatal(err)
			}
			at := 0
			for _, h := range p.households {
				for person, limit := g.pop.Members(h); person < limit; person++ {
					f(p, d, person, p.segs[at])
					at++
				}
			}
		}
	}
	return g.pop
}

// newRoads makes the roads of a city with the cars of its inhabitants.
func newRoads(ctx context.Context, city *network.City, cfg *Config, inhabitants int) (*roads, error) {
	r, err := lightRoads(ctx, city.Graph(), cfg.Workers)
	if err != nil || r == nil {
		return nil, err
	}
	return r, r.congest(ctx, city, cfg, inhabitants)
}

// newGenerator makes one that writes nothing.
func newGenerator(t testing.TB, city *network.City, cfg Config) *generator {
	t.Helper()
	r, err := newRoads(t.Context(), city, &cfg, 2*cfg.Persons)
	if err != nil {
		t.Fatal(err)
	}
	return newGeneratorOn(t, city, cfg, r)
}

// newGeneratorOn makes one whose people travel on the roads; nil = straight.
func newGeneratorOn(t testing.TB, city *network.City, cfg Config, r *roads) *generator {
	t.Helper()
	pop, err := population.Build(t.Context(), city, cfg.Population, cfg.Persons, 0, cfg.Seed, cfg.Workers)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := sigcity.NewCalendar(city.TimeZone, cfg.Start, cfg.Days, cfg.Holidays)
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{ctx: t.Context(), cfg: &cfg, city: city, pop: pop, cal: cal, roads: r, progress: func(done, total int64) {}}
	g.absent = newAbsences(pop, &cfg.Life, cal, cfg.Holidays)
	if g.timeline, err = pop.Timeline(t.Context(), cal, cfg.Population.Register.LagDays, cfg.Workers); err != nil {
		t.Fatal(err)
	}
	if g.callers, err = newCallers(g); err != nil {
		t.Fatal(err)
	}
	if err := g.survey(); err != nil {
		t.Fatal(err)
	}
	return g
}

// Over the change of clocks of 29 March 2026 too: a person is always somewhere.
func TestDaysTile(t *testing.T) {
	city := town(t)
	cfg := often(config(600, 9, 2))
	cfg.Start = "2026-03-23"
	last := map[uint32]Segment{}
	nights := 0
	pop := lived(t, city, cfg, func(p *partRun, d day, person uint32, segs []Segment) {
		now, end := d.midnight, d.midnight+uint32(d.length)
		for i, s := range segs {
			if s.Start != now || s.End <= s.Start {
				t.Fatalf("person %d day %d: segment %d is %d to %d, want it to begin at %d", person, d.index, i, s.Start, s.End, now)
			}
			now = s.End
			before, known := last[person]
			if known && before.To != s.From {
				t.Fatalf("person %d day %d: jumps from %v to %v", person, d.index, before.To, s.From)
			}
			switch {
			case s.Mode == Stay && s.From != s.To:
				t.Fatalf("person %d day %d: a stay that moves", person, d.index)
			case s.Mode != Stay && (s.From == s.To || s.DistanceM <= 0 || s.End-s.Start < 60):
				t.Fatalf("person %d day %d: a trip to nowhere: %+v", person, d.index, s)
			case s.Mode != Stay && s.End >= end:
				t.Fatalf("person %d day %d: a trip crosses midnight", person, d.index)
			case s.Mode != Stay && (i+1 == len(segs) || segs[i+1].Mode != Stay || segs[i+1].Kind != s.Kind || segs[i+1].Place != s.Place):
				t.Fatalf("person %d day %d: trip %d does not lead to its purpose", person, d.index, i)
			}
			if s.Place >= 0 && s.Mode == Stay && city.Places[s.Place].Pos != s.From {
				t.Fatalf("person %d day %d: not at place %d", person, d.index, s.Place)
			}
			last[person] = s
		}
		if now != end {
			t.Fatalf("person %d day %d: ends at %d, midnight is at %d", person, d.index, now, end)
		}
		if segs[len(segs)-1].Kind == Work {
			nights++
		}
	})
	if len(last) != len(pop.Persons) {
		t.Errorf("%d persons lived, want %d", len(last), len(pop.Persons))
	}
	if nights == 0 {
		t.Error("nobody works at night: shifts over midnight are not tested")
	}
}

// A child of kindergarten age goes nowhere alone: each of its trips is, to the
// second, one of an adult or a pupil of the household.
func TestSmallChildrenAreTaken(t *testing.T) {
	city := town(t)
	cfg := config(3000, 7, 2)
	type leg struct {
		household  uint32
		start, end uint32
	}
	others := map[leg]bool{}
	var own []leg
	enrolled, went, gone := map[uint32]bool{}, map[uint32]int{}, map[uint32]bool{}
	pop := lived(t, city, cfg, func(p *partRun, d day, person uint32, segs []Segment) {
		who := &p.pop.Persons[person]
		if who.Employment == population.Preschool {
			enrolled[person] = true
		}
		for _, s := range segs {
			l := leg{who.Household, s.Start, s.End}
			switch {
			case s.Mode == Stay && s.Kind == Kindergarten && small(who):
				if h := float64(s.End-s.Start) / 3600; h < 6.5 || h > 10.5 {
					t.Errorf("child %d: %.1f hours in the kindergarten", person, h)
				}
				went[person]++
				if d.kind != sigcity.Weekday {
					t.Errorf("child %d: in the kindergarten on a %s", person, d.kind)
				}
			case s.Mode == Stay && s.Kind.away():
				gone[person] = true
			case s.Mode != Stay && small(who):
				own = append(own, l)
			case s.Mode != Stay:
				others[l] = true
			}
		}
	})
	alone := 0
	for _, l := range own {
		if !others[l] {
			alone++
		}
	}
	if len(own) < 100 || alone > 0 {
		t.Errorf("%d of %d trips of small children without company", alone, len(own))
	}
	for c := range enrolled {
		if went[c] == 0 && !gone[c] { // sick on all five days: 0.04^5 a child
			t.Errorf("child %d of household %d never went to its kindergarten", c, pop.Persons[c].Household)
		}
	}
}

// Figures over 3,000 persons and 14 days. Over 24 other seeds every figure lay
// at least 4 of its standard deviations inside its bound (the ratio of visits to
// department stores is the nearest), so another seed fails with a probability of
// about 3e-5 by the normal approximation; the seed is fixed.
func TestDaysAreLikely(t *testing.T) {
	city := town(t)
	cfg := config(3000, 14, 2)
	cfg.Holidays = []string{"2026-03-05", "2026-03-11"}
	var trips, days [3]float64
	work := map[[2]uint32]float64{}
	salon, store, weight := [2]float64{}, [6]float64{}, [6]float64{}
	pop := lived(t, city, cfg, func(p *partRun, d day, person uint32, segs []Segment) {
		who := &p.pop.Persons[person]
		income := p.pop.Households[who.Household].Income
		days[d.kind]++
		weight[income]++
		for _, s := range segs {
			if s.Mode != Stay {
				trips[d.kind]++
				continue
			}
			switch s.Kind {
			case Work:
				work[[2]uint32{person, uint32(d.index)}] += float64(s.End-s.Start) / 3600
			case Salon:
				salon[who.Sex]++
				if d.weekday == time.Sunday || d.kind == sigcity.Holiday {
					t.Errorf("person %d: at the salon on a %s", person, d.kind)
				}
			case Store:
				store[income]++
			}
		}
	})
	perDay := [3]float64{trips[0] / days[0], trips[1] / days[1], trips[2] / days[2]}
	t.Logf("trips per person: weekday %.2f, weekend %.2f, holiday %.2f", perDay[0], perDay[1], perDay[2])
	if mean := (trips[0] + trips[1]) / (days[0] + days[1]); mean < 2.2 || mean > 2.75 {
		t.Errorf("%.2f trips per person and day, want 2.2 to 2.7 [R29]", mean)
	}
	if r := perDay[2] / perDay[0]; r < 0.68 || r > 0.9 {
		t.Errorf("holiday to weekday trips %.2f, want about 0.8 [R32]", r)
	}
	if perDay[1] >= perDay[0] {
		t.Error("as many trips on weekends as on weekdays")
	}
	long, full := 0.0, 0.0
	for key, h := range work {
		who := &pop.Persons[key[0]]
		hab := newPlanner(pop, &cfg.Life, nil).habitsOf(key[0], who)
		if hab.shift == dayShift && !hab.partTime {
			full++
			if h >= 6.5 && h <= 10.5 {
				long++
			}
		}
	}
	if long/full < 0.9 {
		t.Errorf("%.2f of full working days last about 7 to 10 hours [R33]", long/full)
	}
	if salon[population.Female] < 1.7*salon[population.Male] {
		t.Errorf("salon visits of women %g, of men %g", salon[population.Female], salon[population.Male])
	}
	if store[5]/weight[5] < 2*store[1]/weight[1] {
		t.Errorf("department store visits a day: class 5 %.4f, class 1 %.4f", store[5]/weight[5], store[1]/weight[1])
	}
}

// A tour fills the day whatever is wished for.
func TestTourTiles(t *testing.T) {
	life := DefaultConfig().Life
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) geo.XY {
			return geo.XY{X: rapid.Float64Range(-30000, 30000).Draw(t, "x"), Y: rapid.Float64Range(-30000, 30000).Draw(t, "y")}
		})
		length := rapid.SampledFrom([]int32{23 * 3600, 24 * 3600, 25 * 3600}).Draw(t, "length")
		const midnight = 1_000_000
		u := tour{life: &life, r: sigcity.Rand(rapid.Uint64().Draw(t, "seed"), "test"), home: point.Draw(t, "home"), who: traveller{car: rapid.Bool().Draw(t, "car"), bike: rapid.Bool().Draw(t, "bike")}}
		w := whereabouts{pos: u.home, place: -1}
		if rapid.Bool().Draw(t, "on shift") {
			w = whereabouts{pos: point.Draw(t, "work"), place: -1, kind: Work, until: midnight + uint32(rapid.IntRange(-100, 8*3600).Draw(t, "until"))}
		}
		u.begin(nil, w, midnight, length)
		at := int32(0)
		for range rapid.IntRange(0, 8).Draw(t, "stops") {
			at += int32(rapid.IntRange(0, 5*3600).Draw(t, "gap"))
			s := stop{pos: point.Draw(t, "stop"), kind: Shop, place: -1, at: at, dur: int32(rapid.IntRange(60, 9*3600).Draw(t, "dur")),
				fixed: rapid.Bool().Draw(t, "fixed"), fromHome: rapid.Bool().Draw(t, "from home"), thenHome: rapid.Bool().Draw(t, "then home")}
			if rapid.Bool().Draw(t, "after") {
				s.at = after
			}
			u.add(s)
		}
		segs, here := u.end()
		now, pos := uint32(midnight), w.pos
		for i, s := range segs {
			if s.Start != now || s.End <= s.Start || s.From != pos {
				t.Fatalf("segment %d: %+v after %d at %v", i, s, now, pos)
			}
			if s.Mode != Stay && s.End >= midnight+uint32(length) {
				t.Fatalf("trip %d crosses midnight: %+v", i, s)
			}
			now, pos = s.End, s.To
		}
		if now != midnight+uint32(length) || here.kind != Home || pos != u.home {
			t.Fatalf("the day ends at %d as %+v", now, here)
		}
	})
}

// Visits go to the household of a relative or friend, and rather to a near one;
// small children have neither, and who is alone in the city stays.
func TestVisitsGoNear(t *testing.T) {
	city := town(t)
	for _, persons := range []int{1, 600} {
		p := newPlanner(newGenerator(t, city, config(persons, 1, 1)).pop, &Life{}, nil)
		visits, near, all := 0.0, 0.0, 0.0
		r := sigcity.Rand(1, "visits")
		for id := range p.pop.Persons {
			who := &p.pop.Persons[id]
			home := p.pop.Households[who.Household].Pos
			p.stops = p.stops[:0]
			p.visit(r, &member{id: uint32(id), who: who}, hours(15), hours(1))
			for _, s := range p.stops {
				if s.kind != Visit {
					t.Fatalf("a visit is a %s", s.kind)
				}
				visits++
				near += s.pos.Dist(home)
				all += p.pop.Households[r.IntN(len(p.pop.Households))].Pos.Dist(home)
			}
		}
		if len(p.pop.Households) == 1 && visits != 0 {
			t.Error("a visit to the only household")
		}
		// 6 % are younger than 6, and a few more know nobody. The mean of 500 distances is good to about 4 %.
		if persons > 1 && (visits < 510 || visits > 585 || near > 0.75*all) {
			t.Errorf("%.0f visits of %d persons, on average to %.0f m; strangers live %.0f m away", visits, persons, near/visits, all/visits)
		}
	}
}

// The two SIMs of one handset are switched off at the same seconds; those of
// two handsets are not.
func TestHandsetsSharePower(t *testing.T) {
	cfg := config(600, 3, 2)
	cfg.Phone.Outages, cfg.Phone.NightOff = 2, 0.5
	cfg.Population.SwapPerMonth, cfg.Population.ChurnPerMonth = 0, 0
	g := newGenerator(t, town(t), cfg)
	offs := make([][]uint32, len(g.pop.SIMs)) // by user: detaches from the second day on, when all are attached
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := p.live(d); err != nil {
				t.Fatal(err)
			}
			if err := p.signal(d); err != nil {
				t.Fatal(err)
			}
			for k := range p.rows {
				for _, r := range p.rows[k].Records {
					if i > 0 && r.Type == sigcity.Detach {
						offs[p.rows[k].User] = append(offs[p.rows[k].User], r.Time)
					}
				}
			}
		}
	}
	main := map[uint32]int{} // the first SIM of each person
	for u := range g.pop.SIMs {
		if g.pop.SIMs[u].Initial() && !g.pop.SIMs[u].Second {
			main[g.pop.SIMs[u].Person] = u
		}
	}
	same, other, alike := 0, 0, 0
	for u := range g.pop.SIMs {
		s := &g.pop.SIMs[u]
		switch m := main[s.Person]; {
		case !s.Second:
		case s.Slot == 1:
			same++
			if !slices.Equal(offs[u], offs[m]) || int(s.Device) != m {
				t.Errorf("SIM %d is off at %d, SIM %d of the same handset at %d", u, offs[u], m, offs[m])
			}
		default:
			other++
			if len(offs[u]) > 0 && slices.Equal(offs[u], offs[m]) {
				alike++
			}
		}
	}
	if same < 50 || other < 10 || alike > 0 {
		t.Errorf("%d second SIMs share a handset, %d have their own, %d of which go off with the first", same, other, alike)
	}
}

// The table of persons tells the habits that the days have.
func TestHabitsAreTold(t *testing.T) {
	f := generate(t, town(t), config(600, 1, 2))
	count := map[string]int{}
	for p, err := range dataset.ReadTable[dataset.Person](t.Context(), f, dataset.TablePersons) {
		if err != nil {
			t.Fatal(err)
		}
		if (p.Shift == "") != (p.Employment != dataset.Employed) || p.WhiteCollar && p.Employment != dataset.Employed {
			t.Errorf("person %d, %s: shift %q, white collar %t", p.ID, p.Employment, p.Shift, p.WhiteCollar)
		}
		count[p.Shift]++
		if p.Worships {
			count["worships"]++
		}
		if p.WhiteCollar {
			count["white collar"]++
		}
	}
	for _, what := range []string{"day", "early", "late", "night", "worships", "white collar"} {
		if count[what] == 0 {
			t.Errorf("nobody: %s; counts %v", what, count)
		}
	}
}

func TestTravelTimes(t *testing.T) {
	life := DefaultConfig().Life
	u := tour{life: &life}
	for _, c := range []struct {
		m    Mode
		d    float64
		want float64
	}{{Walk, 0, 0}, {Walk, 10, 60}, {Walk, 1000, 1000 * 1.3 * 3.6 / 4.7}, {Bike, 3000, 3000 * 1.3 * 3.6 / 14},
		{Car, 10000, 180 + 10000*1.3*3.6/32}, {Transit, 10000, 480 + 10000*1.3*3.6/22},
		{Transit, 60000, 480 + (10000+50000/2.5)*1.3*3.6/22}, {Bike, 20000, 20000 * 1.3 * 3.6 / 14}} {
		if got := u.travel(geo.XY{}, geo.XY{X: c.d}, c.m); math.Abs(float64(got)-c.want) > 1 {
			t.Errorf("%s over %.0f m takes %d s, want %.0f", c.m, c.d, got, c.want)
		}
	}
}
