package recognition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

func rule(tb testing.TB, name string, cal *sigcity.Calendar, areas *geo.Areas) recognition.AnchorRule {
	tb.Helper()
	r, err := recognition.NewAnchorRule(name, cal, areas)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestRulesOnFixture: in the tiny city, where people are at home or at work, every
// rule finds nearly every home, and the rules that know work nearly all work places.
func TestRulesOnFixture(t *testing.T) {
	c := fixture.New(200, 7, 1)
	areas := geo.NewAreas(c.Data.Areas(), c.Map.Projection())
	all := trajectories(t, c)
	for _, name := range recognition.AnchorRules() {
		r := rule(t, name, c.Calendar, areas)
		homes, works, employed := 0, 0, 0
		for _, tr := range all {
			home, work := sigcity.AreaID(c.Truth.Anchors[3*tr.User].Cell), sigcity.AreaID(c.Truth.Anchors[3*tr.User+1].Cell)
			a := r.Find(tr)
			if a.HasHome && areas.Dist(a.Home, home) < 1000 {
				homes++
			}
			if work != home {
				employed++
				if a.HasWork && areas.Dist(a.Work, work) < 1000 {
					works++
				}
			}
			if a.HasHome != (a.HomeWeight > 0) || a.HasWork != (a.WorkWeight > 0) {
				t.Errorf("%s, user %d: weights without an anchor or the reverse: %+v", name, tr.User, a)
			}
		}
		t.Logf("%-16s home %3d of %d, work %3d of %d", name, homes, len(all), works, employed)
		if homes < len(all)*9/10 {
			t.Errorf("%s finds %d homes of %d, want nine in ten", name, homes, len(all))
		}
		if name != recognition.RuleScikitMobility && name != recognition.RuleBandicoot && works < employed*9/10 {
			t.Errorf("%s finds %d work places of %d, want nine in ten", name, works, employed)
		}
	}
}

func TestRules(t *testing.T) {
	cal := week(t)
	areas := places(1000, 300, 0, 10_000, 20_000)
	for _, c := range []struct {
		name, rule string
		rows       [][2]float64
		want       recognition.Anchors
	}{
		{"scikit-mobility: the edges of the night", recognition.RuleScikitMobility, [][2]float64{{6.9, 0}, {7, 1}, {21.9, 1}, {22, 0}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 2}},
		{"scikit-mobility: by day alone", recognition.RuleScikitMobility, [][2]float64{{12, 1}, {13, 1}, {14, 2}},
			recognition.Anchors{Home: 1, HasHome: true, HomeWeight: 2}},
		{"mobilkit has no home by day", recognition.RuleMobilkit, [][2]float64{{12, 1}, {17, 2}, {21, 0}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1, Work: 1, HasWork: true, WorkWeight: 1}},
		{"lin takes what is left for work", recognition.RuleLin, [][2]float64{{2, 0}, {9.5, 0}, {10, 0}, {11, 1}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1, Work: 1, HasWork: true, WorkWeight: 1}},
		{"lin-at-work: at home in these hours", recognition.RuleLinAtWork, [][2]float64{{2, 0}, {9.5, 0}, {11, 1}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1}},
		{"lin-at-work: at work in these hours", recognition.RuleLinAtWork, [][2]float64{{2, 0}, {9.5, 0}, {11, 1}, {15, 1}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1, Work: 1, HasWork: true, WorkWeight: 2}},
		// Five records within one half hour count once.
		{"bandicoot: half hours", recognition.RuleBandicoot, [][2]float64{{20, 1}, {20.1, 1}, {20.2, 1}, {20.3, 1}, {20.4, 1}, {22, 0}, {23, 0}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 2}},
		{"bandicoot: of a half hour the area with most", recognition.RuleBandicoot, [][2]float64{{20, 1}, {20.1, 0}, {20.2, 0}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1}},
		{"flowkit", recognition.RuleFlowKit, [][2]float64{{1, 0}, {10, 1}, {18, 2}, {21, 0}, {25, 0}, {34, 1}},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 2, Work: 1, HasWork: true, WorkWeight: 2}},
		{"no records", recognition.RuleOSNA, nil, recognition.Anchors{}},
		// Home has most time of all, and rest and leisure too; work second.
		{"freq", recognition.RuleFreq, [][2]float64{{0, 0}, {8, 0}, {9, 1}, {17, 1}, {18, 0}, {23, 0}},
			recognition.Anchors{Home: 0, HasHome: true, Work: 1, HasWork: true}},
		{"osna", recognition.RuleOSNA, [][2]float64{{0, 0}, {8, 0}, {9, 1}, {17, 1}, {18, 0}, {23, 0}},
			recognition.Anchors{Home: 0, HasHome: true, Work: 1, HasWork: true}},
		{"osna: a weekend tells nothing", recognition.RuleOSNA, [][2]float64{{5*24 + 2, 0}, {5*24 + 12, 1}, {5*24 + 22, 0}, {6*24 + 12, 1}, {6*24 + 20, 0}},
			recognition.Anchors{}},
	} {
		r := rule(t, c.rule, cal, areas)
		for range 2 { // the rule's memory must not show
			got := r.Find(sigcity.Trajectory{Records: rows(cal, c.rows...)})
			if c.rule == recognition.RuleFreq || c.rule == recognition.RuleOSNA {
				got.HomeWeight, got.WorkWeight = 0, 0 // seconds of estimated stays: P4's
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", c.name, diff)
			}
		}
	}
	if _, err := recognition.NewAnchorRule("nearest", cal, areas); err == nil {
		t.Error("an unknown rule is no error")
	}
}

// TestPermanence: the cascade of the permanence score.
func TestPermanence(t *testing.T) {
	cal := week(t)
	areas := places(1000, 300, 0, 10_000, 20_000)
	// hourly leaves a record at every half past of the hours from … to − 1.
	hourly := func(day, from, to int, area float64) [][2]float64 {
		var out [][2]float64
		for h := from; h < to; h++ {
			out = append(out, [2]float64{float64(24*day+h) + 0.5, area})
		}
		return out
	}
	var worker, home, shifts [][2]float64
	for d := range 5 {
		worker = append(worker, hourly(d, 0, 8, 0)...)
		worker = append(worker, hourly(d, 8, 17, 1)...)
		worker = append(worker, hourly(d, 17, 24, 0)...)
		home = append(home, hourly(d, 0, 24, 0)...)
		// Away in half of the evenings' hours: 80 % of neither score, but of the nights.
		shifts = append(shifts, hourly(d, 0, 8, 0)...)
		shifts = append(shifts, hourly(d, 8, 24, 2)...)
	}
	for _, c := range []struct {
		name string
		rows [][2]float64
		want recognition.Anchors
		ue   []sigcity.AreaID
	}{
		{"nobody", nil, recognition.Anchors{}, nil},
		{"one record is no presence", [][2]float64{{12, 0}}, recognition.Anchors{}, nil},
		// A record at half past holds its hour: half of the silence to the one, 7.5 minutes of that to the other area.
		{"worker", worker, recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 5 * 14, Work: 1, HasWork: true, WorkWeight: 5 * 9}, []sigcity.AreaID{0, 1}},
		{"at home all day", home, recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 5 * 14}, []sigcity.AreaID{0}},
	} {
		f := recognition.NewPermanenceFinder(cal, areas)
		for range 2 {
			if diff := cmp.Diff(c.want, f.Find(sigcity.Trajectory{Records: rows(cal, c.rows...)})); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", c.name, diff)
			}
			if diff := cmp.Diff(c.ue, f.UsualEnvironment(nil)); diff != "" {
				t.Errorf("%s: usual environment (-want +got)\n%s", c.name, diff)
			}
		}
	}
	f := recognition.NewPermanenceFinder(cal, areas)
	if got := f.Find(sigcity.Trajectory{Records: rows(cal, shifts...)}); !got.HasHome || got.Home != 0 || got.HomeWeight != 5*8 {
		t.Errorf("away in the evenings: %+v, want the home of five nights of six, 8 slots each", got)
	}
	// A silence of seven hours counts by night, one of three by day does not.
	if got := f.Find(sigcity.Trajectory{Records: rows(cal, [2]float64{23.5, 0}, [2]float64{30.5, 0})}); got.HomeWeight != 8 {
		t.Errorf("a night's silence: %+v, want eight slots, the first and the last for 37.5 minutes", got)
	}
	if got := f.Find(sigcity.Trajectory{Records: rows(cal, [2]float64{9.5, 0}, [2]float64{12.5, 0})}); got.HasHome || got.HasWork {
		t.Errorf("three hours of silence by day: %+v, want nothing", got)
	}
	// Passed at 100 km/h: no presence, though records follow each other closely.
	var ride [][2]float64
	for i := range 60 {
		ride = append(ride, [2]float64{1 + 0.1*float64(i), []float64{0, 1, 2, 1}[i%4]})
	}
	if got := f.Find(sigcity.Trajectory{Records: rows(cal, ride...)}); got.HasHome {
		t.Errorf("a ride up and down all night: %+v, want no home", got)
	}
}

// TestRulesHold: whatever the records, a rule names areas that occur, home and
// work differ, and asking again or in between of others changes nothing.
func TestRulesHold(t *testing.T) {
	cal := week(t)
	x := make([]float64, 25)
	for i := range x {
		x[i] = float64(i) * 400
	}
	areas := places(700, 250, x...)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(recognition.AnchorRules()).Draw(t, "rule")
		r, err := recognition.NewAnchorRule(name, cal, areas)
		if err != nil {
			t.Fatal(err)
		}
		draw := func(name string) sigcity.Trajectory {
			var tr sigcity.Trajectory
			at := cal.Start(0) - 100_000
			blur := rapid.SampledFrom([]int{0, 0, 3600, 86400}).Draw(t, "blur")
			for range rapid.IntRange(0, 80).Draw(t, name) {
				at += uint32(rapid.IntRange(0, 20_000).Draw(t, "gap"))
				tr.Records = append(tr.Records, sigcity.Record{Time: at, Span: uint32(rapid.IntRange(0, blur).Draw(t, "span")),
					Area: sigcity.AreaID(rapid.IntRange(0, len(x)-1).Draw(t, "area"))})
			}
			return tr
		}
		tr := draw("records")
		got := r.Find(tr)
		occurs := map[sigcity.AreaID]bool{}
		for _, v := range tr.Records {
			occurs[v.Area] = true
		}
		if got.HasHome && !occurs[got.Home] || got.HasWork && !occurs[got.Work] || got.HasHome && got.HasWork && got.Home == got.Work {
			t.Fatalf("%s: %+v", name, got)
		}
		r.Find(draw("others"))
		if diff := cmp.Diff(got, r.Find(tr)); diff != "" {
			t.Fatalf("%s, a second time: %s", name, diff)
		}
	})
}

func BenchmarkRules(b *testing.B) {
	t, cal, areas := phone(3000)
	for _, name := range recognition.AnchorRules() {
		b.Run(name, func(b *testing.B) {
			r := rule(b, name, cal, areas)
			for b.Loop() {
				r.Find(t)
			}
			perRecord(b, len(t.Records))
		})
	}
}

func TestRulesDoNotAllocatePerRecord(t *testing.T) {
	tr, cal, areas := phone(2000)
	var dst []recognition.Location
	var label []int32
	find := finder(t, areas, recognition.LocationParams{Calendar: cal})
	u, err := recognition.NewUserProfiler(cal, areas, nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(){
		"visits":  func() { dst, label = find.FindRecords(dst[:0], label[:0], tr) },
		"profile": func() { u.Profile(tr) },
	}
	for _, name := range recognition.AnchorRules() {
		r := rule(t, name, cal, areas)
		calls[name] = func() { r.Find(tr) }
	}
	for name, call := range calls {
		if n := testing.AllocsPerRun(20, call); n > 10 {
			t.Errorf("%s: %v allocations for 2000 records, want a few per trajectory at most", name, n)
		}
	}
}
