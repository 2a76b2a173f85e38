package recognition_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// stays makes stays of (from, to in hours since the start, area).
func stays(cal *sigcity.Calendar, at ...[3]float64) []recognition.Stay {
	var out []recognition.Stay
	second := func(h float64) uint32 { return cal.Start(0) + uint32(math.Round(h*3600)) }
	for _, s := range at {
		out = append(out, recognition.Stay{Start: second(s[0]), End: second(s[1]), Area: sigcity.AreaID(s[2]), Records: 1})
	}
	return out
}

func finder(tb testing.TB, areas *geo.Areas, p recognition.LocationParams) *recognition.LocationFinder {
	tb.Helper()
	f, err := recognition.NewLocationFinder(areas, p)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestLocations(t *testing.T) {
	cal := week(t)
	// Home with two sectors 600 m apart, a shop 1.3 km from the first of them (0.8 km
	// from their centroid, if both count alike), work 10 km away.
	areas := places(700, 200, 0, 600, 1300, 10_000)
	home := [][3]float64{{18, 32, 0}, {42, 56, 1}, {66, 80, 0}, {90, 104, 1}} // four nights, two at each sector
	for _, c := range []struct {
		name  string
		p     recognition.LocationParams
		stays [][3]float64
		want  []recognition.Location
		label []int32
	}{
		{"none", recognition.LocationParams{}, nil, nil, nil},
		// Days: 0–1, 1–2, 2–3, 3–4; each sector sees four of them, both together five.
		{"two sectors are one home", recognition.LocationParams{}, home,
			[]recognition.Location{{Center: geo.XY{X: 300}, Area: 0, Seconds: 4 * 14 * 3600, Days: 5, Nights: 4, Stays: 4}}, []int32{0, 0, 0, 0}},
		{"a shop within reach of the centroid, not of the leader", recognition.LocationParams{}, append(slices.Clone(home), [3]float64{110, 112, 2}),
			[]recognition.Location{{Center: geo.XY{X: (300*56 + 1300*2) / 58.}, Area: 0, Seconds: 58 * 3600, Days: 5, Nights: 4, Stays: 5}}, []int32{0, 0, 0, 0, 0}},
		{"out of reach", recognition.LocationParams{RadiusM: 650}, append(slices.Clone(home), [3]float64{110, 112, 2}),
			[]recognition.Location{{Center: geo.XY{X: 300}, Area: 0, Seconds: 4 * 14 * 3600, Days: 5, Nights: 4, Stays: 4},
				{Center: geo.XY{X: 1300}, Area: 2, Seconds: 2 * 3600, Days: 1, Stays: 1}}, []int32{0, 0, 0, 0, 1}},
		{"days rank before time", recognition.LocationParams{}, [][3]float64{{1, 20, 3}, {24, 25, 0}, {49, 50, 0}},
			[]recognition.Location{{Center: geo.XY{X: 0}, Area: 0, Seconds: 2 * 3600, Days: 2, Stays: 2},
				{Center: geo.XY{X: 10_000}, Area: 3, Seconds: 19 * 3600, Days: 1, Nights: 1, Stays: 1}}, []int32{1, 0, 0}},
		// By time of day: three afternoons at work, one visit elsewhere, one at work by night.
		{"ST-DBSCAN", recognition.LocationParams{Method: recognition.STDBSCAN}, [][3]float64{{14, 16, 3}, {26, 27, 3}, {39, 41, 3}, {50, 51, 0}, {63, 64, 3}},
			[]recognition.Location{{Center: geo.XY{X: 10_000}, Area: 3, Seconds: 5 * 3600, Days: 3, Stays: 3}}, []int32{0, -1, 0, -1, 0}},
	} {
		c.p.Calendar = cal
		f := finder(t, areas, c.p)
		for range 2 { // the finder's memory must not show
			got, label := f.Find(nil, nil, stays(cal, c.stays...))
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(recognition.Location{}, "First", "Last"), cmpopts.EquateApprox(0, 1), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", c.name, diff)
			}
			if !slices.Equal(label, c.label) {
				t.Errorf("%s: labels %v, want %v", c.name, label, c.label)
			}
		}
	}
}

// TestLocationsHold: time, visits and labels add up, locations come in order and
// lie within their areas' bounds, and labels continue what they are appended to.
func TestLocationsHold(t *testing.T) {
	cal := week(t)
	x := make([]float64, 30)
	for i := range x {
		x[i] = float64(i) * 400
	}
	areas := places(700, 200, x...)
	rapid.Check(t, func(t *rapid.T) {
		var rows [][3]float64
		at := rapid.Float64Range(-30, 10).Draw(t, "first")
		for range rapid.IntRange(0, 60).Draw(t, "stays") {
			end := at + rapid.Float64Range(0, 30).Draw(t, "length")
			rows = append(rows, [3]float64{at, end, float64(rapid.IntRange(0, len(x)-1).Draw(t, "area"))})
			at = end + rapid.Float64Range(0, 10).Draw(t, "gap")
		}
		p := recognition.LocationParams{Calendar: cal, Method: rapid.SampledFrom([]recognition.LocationMethod{recognition.LeaderRule, recognition.STDBSCAN}).Draw(t, "method")}
		f, err := recognition.NewLocationFinder(areas, p)
		if err != nil {
			t.Fatal(err)
		}
		in := stays(cal, rows...)
		got, label := f.Find(make([]recognition.Location, 2), []int32{7, 7, 7}, in)
		got, label = got[2:], label[3:]
		if len(label) != len(in) {
			t.Fatalf("%d labels of %d stays", len(label), len(in))
		}
		want := make([]recognition.Location, len(got))
		for i, s := range in {
			if label[i] < -1 || int(label[i]) >= len(got) || label[i] < 0 && p.Method == recognition.LeaderRule {
				t.Fatalf("label %d among %d locations", label[i], len(got))
			}
			if label[i] >= 0 {
				w := &want[label[i]]
				w.Seconds += float64(s.End - s.Start)
				w.Stays++
			}
		}
		for i, l := range got {
			if l.Stays != want[i].Stays || math.Abs(l.Seconds-want[i].Seconds) > 1e-6 || l.Stays == 0 {
				t.Fatalf("location %d: %d stays of %g s, want %d of %g s", i, l.Stays, l.Seconds, want[i].Stays, want[i].Seconds)
			}
			if l.Days > cal.Days() || l.Nights > l.Days || l.First > l.Last || l.Center.X < -1 || l.Center.X > x[len(x)-1]+1 {
				t.Fatalf("location %d: %+v", i, l)
			}
			if i > 0 && got[i-1].Days < l.Days {
				t.Fatalf("location %d has %d days, the one before it %d", i, l.Days, got[i-1].Days)
			}
		}
	})
}

// TestFindRecords: a visit is a cluster, the way is noise, and a second visit is another.
func TestFindRecords(t *testing.T) {
	cal := week(t)
	areas := places(700, 200, 0, 400, 5000, 10_000)
	tr := sigcity.Trajectory{Records: rows(cal, [2]float64{8, 0}, [2]float64{8.2, 1}, [2]float64{8.5, 0}, [2]float64{8.9, 2},
		[2]float64{9, 3}, [2]float64{9.4, 3}, [2]float64{9.9, 3}, [2]float64{10.3, 3}, [2]float64{20, 0}, [2]float64{20.1, 0}, [2]float64{20.2, 1})}
	got, label := finder(t, areas, recognition.LocationParams{Calendar: cal}).FindRecords(nil, nil, tr)
	if want := []int32{1, 1, 1, -1, 0, 0, 0, 0, 2, 2, 2}; !slices.Equal(label, want) {
		t.Errorf("labels %v, want %v", label, want)
	}
	if len(got) != 3 || got[0].Area != 3 || got[0].Stays != 4 || math.Abs(got[0].Seconds-1.3*3600) > 2 {
		t.Errorf("locations %+v, want the longest visit first: 1.3 h at 3", got)
	}
	// An hour's span reaches what lies within half an hour of it.
	long := sigcity.Trajectory{Records: []sigcity.Record{{Time: cal.Start(0), Span: 3600, Area: 0}, {Time: cal.Start(0) + 5000, Area: 1}, {Time: cal.Start(0) + 5400, Area: 0}}}
	if _, label := finder(t, areas, recognition.LocationParams{Calendar: cal}).FindRecords(nil, nil, long); !slices.Equal(label, []int32{0, 0, 0}) {
		t.Errorf("labels %v of records with a span, want one visit", label)
	}
}

func TestLocationParams(t *testing.T) {
	cal, areas := week(t), places(700, 200, 0)
	for _, p := range []recognition.LocationParams{{}, {Calendar: cal, Method: 2}, {Calendar: cal, RadiusM: -1}, {Calendar: cal, EpsM: math.NaN()},
		{Calendar: cal, RadiusM: math.Inf(1)}, {Calendar: cal, MinPts: -1}} {
		if _, err := recognition.NewLocationFinder(areas, p); err == nil {
			t.Errorf("%+v is no error", p)
		}
	}
}

func BenchmarkLocations(b *testing.B) {
	t, cal, areas := phone(3000)
	in := recognition.NewStayFinder(areas, nil, recognition.DefaultStayParams()).Find(nil, t)
	for _, m := range []struct {
		name   string
		method recognition.LocationMethod
	}{{"leader", recognition.LeaderRule}, {"st-dbscan", recognition.STDBSCAN}} {
		b.Run(m.name, func(b *testing.B) {
			f := finder(b, areas, recognition.LocationParams{Calendar: cal, Method: m.method})
			var dst []recognition.Location
			var label []int32
			for b.Loop() {
				dst, label = f.Find(dst[:0], label[:0], in)
			}
			perRecord(b, len(t.Records))
		})
	}
	b.Run("records", func(b *testing.B) {
		f := finder(b, areas, recognition.LocationParams{Calendar: cal})
		var dst []recognition.Location
		var label []int32
		for b.Loop() {
			dst, label = f.FindRecords(dst[:0], label[:0], t)
		}
		perRecord(b, len(t.Records))
	})
}
