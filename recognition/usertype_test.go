package recognition_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// life is a week in which every day of the given ones runs alike: pieces of
// (from, to in hours, area), a record every quarter of an hour.
func life(cal *sigcity.Calendar, days []int, pieces ...[3]float64) sigcity.Trajectory {
	var at [][2]float64
	for _, d := range days {
		for _, p := range pieces {
			for h := p[0]; h < p[1]-1e-9; h += 0.25 {
				at = append(at, [2]float64{float64(24*d) + h, p[2]})
			}
		}
	}
	return sigcity.Trajectory{Records: rows(cal, at...)}
}

func TestUserTypes(t *testing.T) {
	cal := week(t)
	// Home, a kindergarten 2 km away, work or school 10 km away, then a road with a cell every 3 km.
	x := []float64{0, 2000, 10_000}
	for i := range 20 {
		x = append(x, 20_000+3000*float64(i))
	}
	areas := places(1000, 300, x...)
	all, week5 := []int{0, 1, 2, 3, 4, 5, 6}, []int{0, 1, 2, 3, 4}
	var road [][3]float64
	for i := range 40 {
		road = append(road, [3]float64{8 + float64(i)/4, 8 + float64(i+1)/4, float64(3 + min(i%38, 38-i%38))})
	}
	shuttle := append(append([][3]float64{{0, 8, 0}}, road...), [3]float64{18, 24, 0})
	for _, c := range []struct {
		name       string
		tr         sigcity.Trajectory
		population recognition.PopulationType
		crowd      recognition.CrowdType
	}{
		{"nothing", sigcity.Trajectory{}, recognition.PasserBy, recognition.OtherCrowd},
		{"a commuter", life(cal, all, [3]float64{0, 8.5, 0}, [3]float64{8.5, 17.5, 2}, [3]float64{17.5, 24, 0}), recognition.Resident, recognition.Commuter},
		{"who lives elsewhere", life(cal, week5, [3]float64{8.5, 17.5, 2}), recognition.Worker, recognition.Commuter},
		{"who drives through", life(cal, []int{2}, [3]float64{8, 8.25, 3}, [3]float64{8.25, 8.5, 4}, [3]float64{8.5, 8.75, 5}), recognition.PasserBy, recognition.OtherCrowd},
		{"two days and a night", life(cal, []int{3}, [3]float64{10, 14, 2}, [3]float64{14, 34, 1}, [3]float64{34, 40, 8}), recognition.Visitor, recognition.Tourist},
		{"a pupil", life(cal, all, [3]float64{0, 7.5, 0}, [3]float64{7.5, 15.5, 2}, [3]float64{15.5, 24, 0}), recognition.Resident, recognition.Student},
		{"who brings a child", life(cal, all, [3]float64{0, 8, 0}, [3]float64{8, 8.75, 1}, [3]float64{8.75, 16, 0}, [3]float64{16, 16.75, 1}, [3]float64{16.75, 24, 0}),
			recognition.Resident, recognition.Carer},
		{"at home", life(cal, all, [3]float64{0, 9, 0}, [3]float64{9, 10, 1}, [3]float64{10, 24, 0}), recognition.Resident, recognition.Elderly},
		{"who drives all day", life(cal, all, shuttle...), recognition.Resident, recognition.Driver},
	} {
		u, err := recognition.NewUserProfiler(cal, areas, nil)
		if err != nil {
			t.Fatal(err)
		}
		rules := recognition.DefaultTypeRules()
		for range 2 { // the profiler's memory must not show
			p := u.Profile(c.tr)
			if got := rules.Population(p, cal.Days()); got != c.population {
				t.Errorf("%s: %v, want %v: %+v", c.name, got, c.population, p)
			}
			if got := rules.Crowd(p, cal.Days()); got != c.crowd {
				t.Errorf("%s: %v, want %v: %+v", c.name, got, c.crowd, p)
			}
		}
	}
}

// TestUserProfile checks figures that can be told by hand.
func TestUserProfile(t *testing.T) {
	cal := week(t)
	areas := places(1000, 300, 0, 10_000)
	u, err := recognition.NewUserProfiler(cal, areas, []geo.XY{{X: 10_500}})
	if err != nil {
		t.Fatal(err)
	}
	p := u.Profile(life(cal, []int{0, 1, 2, 3, 4, 5, 6}, [3]float64{0, 9, 0}, [3]float64{9, 17, 1}, [3]float64{17, 24, 0}))
	if p.Days != 7 || p.Weekdays != 5 || p.Hours != 24 || p.Records != 7*96 || p.Locations != 2 || p.Nights != 7 || p.AllNights != 7 {
		t.Errorf("counts: %+v", p)
	}
	if p.WorkDays != 5 || p.OutingDays != 5 || p.HubDays != 7 || p.HubVisits != 7 || p.SchoolDays != 0 || p.CarerDays != 0 {
		t.Errorf("days: %+v", p)
	}
	// The way of 10 km at 3.3 m/s does not fit into a quarter of an hour: all of it is travel.
	if math.Abs(p.Moving-14*0.25/168) > 2e-3 || math.Abs(p.WorkSec-7.75*3600) > 1 || math.Abs(p.HubSec-7*7.75*3600) > 1 {
		t.Errorf("times: %+v", p)
	}
	// A third of the time is 10 km away: rg = 10·√(w(1 − w)).
	w := p.HubSec / p.StaySec
	if math.Abs(p.Gyration-10*math.Sqrt(w*(1-w))) > 1e-3 || math.Abs(p.HomeShare-(1-w)) > 1e-9 || p.Top2Share != 1 {
		t.Errorf("space: %+v", p)
	}
	for h := range 24 {
		if math.Abs(p.WeekdayHours[h]-1./24) > 1e-12 || math.Abs(p.WeekendHours[h]-1./24) > 1e-12 {
			t.Errorf("hour %d: %g and %g, want 1/24", h, p.WeekdayHours[h], p.WeekendHours[h])
		}
	}
	v, names := p.Vector(nil), recognition.ProfileFeatures()
	if len(v) != len(names) {
		t.Fatalf("%d features with %d names", len(v), len(names))
	}
	for name, want := range map[string]float64{"records_per_day": 96, "gyration_km": p.Gyration, "carer_days": 0, "hub_days": 7, "weekday_00": 1. / 24, "weekend_23": 1. / 24} {
		if got := v[slices.Index(names, name)]; got != want {
			t.Errorf("feature %s = %g, want %g", name, got, want)
		}
	}
	if _, err := recognition.NewUserProfiler(cal, areas, []geo.XY{{X: math.NaN()}}); err == nil {
		t.Error("a hub nowhere is no error")
	}
}

// TestUserProfilesHold: shares are shares whatever the records, and the profiler's
// memory does not show.
func TestUserProfilesHold(t *testing.T) {
	cal := week(t)
	x := make([]float64, 20)
	for i := range x {
		x[i] = float64(i) * 700
	}
	areas := places(900, 250, x...)
	rapid.Check(t, func(t *rapid.T) {
		u, err := recognition.NewUserProfiler(cal, areas, []geo.XY{{X: 3000}})
		if err != nil {
			t.Fatal(err)
		}
		draw := func() sigcity.Trajectory {
			var tr sigcity.Trajectory
			at := cal.Start(0) - 50_000
			blur := rapid.SampledFrom([]int{0, 3600, 86400}).Draw(t, "blur")
			for range rapid.IntRange(0, 100).Draw(t, "records") {
				at += uint32(rapid.IntRange(0, 12_000).Draw(t, "gap"))
				tr.Records = append(tr.Records, sigcity.Record{Time: at, Span: uint32(rapid.IntRange(0, blur).Draw(t, "span")),
					Area: sigcity.AreaID(rapid.IntRange(0, len(x)-1).Draw(t, "area"))})
			}
			return tr
		}
		tr := draw()
		p := u.Profile(tr)
		for name, v := range map[string]float64{"home": p.HomeShare, "top 2": p.Top2Share, "moving": p.Moving, "moving at work": p.MovingWork} {
			if !(v >= 0 && v <= 1+1e-9) {
				t.Fatalf("%s: share %g of %+v", name, v, p)
			}
		}
		if p.Days > cal.Days() || p.Weekdays > p.Days || p.Nights > p.AllNights || p.AllNights > cal.Days() || max(p.WorkDays, p.SchoolDays, p.CarerDays, p.OutingDays) > p.Weekdays {
			t.Fatalf("days: %+v", p)
		}
		if p.Home >= 0 && p.Home == p.Work || max(p.Home, p.Work) >= p.Locations {
			t.Fatalf("places: %+v", p)
		}
		u.Profile(draw())
		if diff := cmp.Diff(p, u.Profile(tr)); diff != "" {
			t.Fatalf("a second time: %s", diff)
		}
	})
}

func TestTypeNames(t *testing.T) {
	var names []string
	for _, p := range recognition.PopulationTypes() {
		names = append(names, p.String())
	}
	for _, c := range recognition.CrowdTypes() {
		names = append(names, c.String())
	}
	slices.Sort(names)
	if len(names) != 11 || len(slices.Compact(names)) != 11 {
		t.Errorf("names %v, want eleven different ones", names)
	}
}

func BenchmarkUserProfile(b *testing.B) {
	t, cal, areas := phone(3000)
	u, err := recognition.NewUserProfiler(cal, areas, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		u.Profile(t)
	}
	perRecord(b, len(t.Records))
}
