package recognition_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

// trajectories reads all users of a fixture.
func trajectories(tb testing.TB, c *fixture.City) []sigcity.Trajectory {
	tb.Helper()
	var out []sigcity.Trajectory
	for tr, err := range c.Data.Users(context.Background(), sigcity.Range{}) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, tr.Clone())
	}
	return out
}

// places makes areas at x metres east of a point.
func places(spacing, radius float64, x ...float64) *geo.Areas {
	proj := geo.NewProjection(orb.Point{10, 0})
	areas := make([]sigcity.Area, len(x))
	for i := range areas {
		areas[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(geo.XY{X: x[i]}), Spacing: spacing, Radius: radius}
	}
	return geo.NewAreas(areas, proj)
}

// week is a calendar from Monday 2026-03-02 in UTC.
func week(tb testing.TB) *sigcity.Calendar {
	tb.Helper()
	cal, err := sigcity.NewCalendar("Etc/UTC", "2026-03-02", 7, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return cal
}

// rows makes instants of (hours since the start, area).
func rows(cal *sigcity.Calendar, at ...[2]float64) []sigcity.Record {
	var out []sigcity.Record
	for _, r := range at {
		out = append(out, sigcity.Record{Time: cal.Start(0) + uint32(math.Round(r[0]*3600)), Area: sigcity.AreaID(r[1])})
	}
	return out
}

func TestAnchorsOfFixture(t *testing.T) {
	c := fixture.New(200, 7, 1)
	f := recognition.NewAnchorFinder(c.Calendar, geo.NewAreas(c.Data.Areas(), c.Map.Projection()))
	for _, tr := range trajectories(t, c) {
		home := sigcity.AreaID(c.Truth.Anchors[3*tr.User].Cell)
		work := sigcity.AreaID(c.Truth.Anchors[3*tr.User+1].Cell)
		a := f.Find(tr)
		if !a.HasHome || a.Home != home {
			t.Errorf("user %d: home = %v, want %d", tr.User, a, home)
		}
		if work != home && (!a.HasWork || a.Work != work) {
			t.Errorf("user %d: work = %v, want %d", tr.User, a, work)
		}
		if work == home && a.HasWork {
			t.Errorf("user %d works at home, got %v", tr.User, a)
		}
	}
}

func TestAnchors(t *testing.T) {
	cal := week(t)
	areas := places(1000, 300, 0, 500, 10_000, 10_400, 20_000)
	const day = 24.0
	span := func(hours float64, from float64, area int) sigcity.Record {
		r := rows(cal, [2]float64{from, float64(area)})[0]
		r.Span = uint32(hours * 3600)
		return r
	}
	for _, c := range []struct {
		name string
		rows []sigcity.Record
		want recognition.Anchors
	}{
		{"no records", nil, recognition.Anchors{}},
		{"only evenings", rows(cal, [2]float64{20, 0}, [2]float64{23.99, 0}), recognition.Anchors{}},
		{"the edges of the night", rows(cal, [2]float64{0, 0}, [2]float64{5.999, 0}, [2]float64{6, 2}),
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 2}},
		{"lunch is not work", rows(cal, [2]float64{12, 2}, [2]float64{13.5, 2}, [2]float64{14, 4}),
			recognition.Anchors{Work: 4, HasWork: true, WorkWeight: 1}},
		{"nobody works on Saturday", rows(cal, [2]float64{5*day + 10, 2}), recognition.Anchors{}},
		// Two sectors of one site outweigh a single cell elsewhere together.
		{"sectors of one site", rows(cal, [2]float64{1, 2}, [2]float64{1.5, 0}, [2]float64{2, 3}, [2]float64{2.5, 2}, [2]float64{3, 4}, [2]float64{3.5, 4}),
			recognition.Anchors{Home: 2, HasHome: true, HomeWeight: 3}},
		{"work next to home is home", rows(cal, [2]float64{1, 0}, [2]float64{10, 1}), recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1}},
		// 6 of its 24 hours are night, 6 are work, but not away from home.
		{"a box of a day", []sigcity.Record{span(24, 0, 4)}, recognition.Anchors{Home: 4, HasHome: true, HomeWeight: 0.25}},
		{"a short night beats a long box", []sigcity.Record{span(24, 0, 4), span(1, 2, 0)},
			recognition.Anchors{Home: 0, HasHome: true, HomeWeight: 1, Work: 4, HasWork: true, WorkWeight: 0.25}},
		// 12 of its 48 hours are night; Friday afternoon is work, but not away from home.
		{"a box over midnight and a weekend", []sigcity.Record{span(48, 4*day+12, 2)},
			recognition.Anchors{Home: 2, HasHome: true, HomeWeight: 12. / 48}},
		{"outside the calendar", rows(cal, [2]float64{-3, 0}, [2]float64{7*day + 1, 0}), recognition.Anchors{}},
	} {
		f := recognition.NewAnchorFinder(cal, areas)
		for range 2 { // the finder's memory must not show
			if diff := cmp.Diff(c.want, f.Find(sigcity.Trajectory{Records: c.rows})); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", c.name, diff)
			}
		}
	}
}

// Half hours never straddle the edge of a window, so blurring times to them
// changes no weight.
func TestBlurKeepsAnchors(t *testing.T) {
	c := fixture.New(50, 7, 3)
	areas := geo.NewAreas(c.Data.Areas(), c.Map.Projection())
	f, g := recognition.NewAnchorFinder(c.Calendar, areas), recognition.NewAnchorFinder(c.Calendar, areas)
	for _, tr := range trajectories(t, c) {
		want := f.Find(tr)
		blurred := tr.Clone()
		for i := range blurred.Records {
			blurred.Records[i].Time -= blurred.Records[i].Time % 1800
			blurred.Records[i].Span = 1800
		}
		got := g.Find(blurred)
		if got.Home != want.Home || got.Work != want.Work || math.Abs(got.HomeWeight-want.HomeWeight) > 1e-9 {
			t.Errorf("user %d: %v, blurred to half hours %v", tr.User, want, got)
		}
	}
}

func TestTop(t *testing.T) {
	cal := week(t)
	tr := sigcity.Trajectory{Records: rows(cal, [2]float64{0, 7}, [2]float64{1, 7}, [2]float64{2, 3}, [2]float64{3, 7}, [2]float64{4, 5}, [2]float64{5, 3}, [2]float64{6, 9}, [2]float64{7, 7})}
	all := []recognition.Visit{{Area: 7, Share: 0.5}, {Area: 3, Share: 0.25}, {Area: 5, Share: 0.125}, {Area: 9, Share: 0.125}}
	for n := range 6 {
		if diff := cmp.Diff(all[:min(n, len(all))], recognition.Top(tr, n), equateEmpty); diff != "" {
			t.Errorf("top %d: (-want +got)\n%s", n, diff)
		}
	}
	if got := recognition.Top(sigcity.Trajectory{}, 3); got != nil {
		t.Errorf("no records have the top areas %v", got)
	}
}

var equateEmpty = cmp.Transformer("len", func(v []recognition.Visit) []recognition.Visit {
	return append([]recognition.Visit{}, v...)
})

func ExampleAnchorFinder() {
	city := fixture.New(1, 7, 1)
	areas := geo.NewAreas(city.Data.Areas(), city.Map.Projection())
	finder := recognition.NewAnchorFinder(city.Calendar, areas)
	for t, err := range city.Data.Users(context.Background(), sigcity.Range{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		a := finder.Find(t)
		home, work := city.Truth.Anchors[0].Cell, city.Truth.Anchors[1].Cell
		fmt.Println("home found:", a.HasHome && uint32(a.Home) == home, "work found:", a.HasWork && uint32(a.Work) == work)
	}
	// Output: home found: true work found: true
}

// phone is n records, about 100 a day, over cells around two anchors.
func phone(n int) (sigcity.Trajectory, *sigcity.Calendar, *geo.Areas) {
	cal, err := sigcity.NewCalendar("Asia/Shanghai", "2026-03-02", 60, nil)
	if err != nil {
		panic(err) // constants above
	}
	r := rand.New(rand.NewPCG(1, 2))
	proj := geo.NewProjection(orb.Point{119, 26})
	areas := make([]sigcity.Area, 5000)
	for i := range areas {
		areas[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(geo.XY{X: r.Float64() * 30_000, Y: r.Float64() * 30_000}), Spacing: 700, Radius: 220}
	}
	t := sigcity.Trajectory{}
	at := cal.Start(0)
	for range n {
		at += uint32(r.ExpFloat64() * 860)
		area := sigcity.AreaID(10 + r.IntN(3))
		if h := at / 3600 % 24; h > 1 && h < 9 {
			area = sigcity.AreaID(20 + r.IntN(3))
		} else if h == 1 || h == 9 {
			area = sigcity.AreaID(r.IntN(5000))
		}
		t.Records = append(t.Records, sigcity.Record{Time: at, Area: area})
	}
	return t, cal, geo.NewAreas(areas, proj)
}

func perRecord(b *testing.B, n int) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportAllocs()
}

func BenchmarkAnchors(b *testing.B) {
	t, cal, areas := phone(3000)
	f := recognition.NewAnchorFinder(cal, areas)
	for b.Loop() {
		f.Find(t)
	}
	perRecord(b, len(t.Records))
}

func BenchmarkTop(b *testing.B) {
	t, _, _ := phone(3000)
	for b.Loop() {
		recognition.Top(t, 3)
	}
	perRecord(b, len(t.Records))
}

func BenchmarkStays(b *testing.B) {
	t, _, areas := phone(3000)
	f := recognition.NewStayFinder(areas, nil, recognition.DefaultStayParams())
	var stays []recognition.Stay
	for b.Loop() {
		stays = f.Find(stays[:0], t)
	}
	perRecord(b, len(t.Records))
}
