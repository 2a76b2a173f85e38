package recognition_test

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

// table reads a CSV file with a header as rows by column name.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, v := range r {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestIndicatorsOracle compares all users and all columns with scikit-mobility.
func TestIndicatorsOracle(t *testing.T) {
	points := fixture.SharedFile(t, "oracle/cdr60.csv")
	want := table(t, fixture.SharedFile(t, "oracle/skmob_indicators60.csv"))
	fixes := map[string][]recognition.PositionFix{}
	for _, r := range table(t, points) {
		at, err := time.Parse(time.DateTime, r["datetime"])
		if err != nil {
			t.Fatal(err)
		}
		fixes[r["uid"]] = append(fixes[r["uid"]], recognition.PositionFix{Time: uint32(at.Unix()), At: orb.Point{number(t, r["lng"]), number(t, r["lat"])}})
	}
	cal, err := sigcity.NewCalendar("Etc/UTC", "2021-03-01", 8, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 60 || len(fixes) != 60 {
		t.Fatalf("%d users in the oracle and %d in its input, want 60", len(want), len(fixes))
	}
	f := recognition.NewIndicatorFinder(cal, 2)
	for _, w := range want {
		x := fixes[w["uid"]]
		slices.SortStableFunc(x, func(a, b recognition.PositionFix) int { return int(int64(a.Time) - int64(b.Time)) })
		got := f.Find(x)
		for _, c := range []struct {
			column string
			got    float64
		}{
			{"radius_of_gyration", got.Gyration}, {"2k_radius_of_gyration", got.KGyration},
			{"random_entropy", got.RandomEntropy}, {"uncorrelated_entropy", got.UncorrelatedEntropy}, {"real_entropy", got.RealEntropy},
			{"number_of_locations", float64(got.Locations)}, {"number_of_visits", float64(got.Visits)},
			{"max_distance_from_home", got.FromHome}, {"maximum_distance", got.MaxJump}, {"distance_straight_line", got.Straight},
			{"home_lat", got.Home[1]}, {"home_lng", got.Home[0]},
		} {
			if v := number(t, w[c.column]); !(math.Abs(c.got-v) <= 1e-3) {
				t.Errorf("user %s: %s = %.6f, want %.6f", w["uid"], c.column, c.got, v)
			}
		}
	}
}

// TestIndicators: by hand. Along a meridian a thousandth of a degree is 111.2 m.
func TestIndicators(t *testing.T) {
	cal := week(t)
	at := func(h float64, lat float64) recognition.PositionFix {
		return recognition.PositionFix{Time: cal.Start(0) + uint32(h*3600), At: orb.Point{10, lat}}
	}
	f := recognition.NewIndicatorFinder(cal, 1)
	if got := f.Find(nil); got != (recognition.Indicators{}) {
		t.Errorf("of nothing: %+v", got)
	}
	if got := f.Find([]recognition.PositionFix{at(1, 5)}); got != (recognition.Indicators{Visits: 1, Locations: 1, Home: orb.Point{10, 5}}) {
		t.Errorf("of one fix: %+v", got)
	}
	const km = 6371.0088 * math.Pi / 180
	got := f.Find([]recognition.PositionFix{at(12, 1), at(13, 1), at(23, 0), at(36, 1)})
	want := recognition.Indicators{Visits: 4, Locations: 2, Gyration: km * math.Sqrt(3) / 4, RandomEntropy: 1,
		UncorrelatedEntropy: 0.25*2 + 0.75*math.Log2(4./3),
		// 1 | 1 is known: 2 with the one beyond it | 0 is new: 1 | 1 is known: 2.
		RealEntropy: 4 * 2 / (1. + 2 + 1 + 2),
		Home:        orb.Point{10, 0}, FromHome: km, MaxJump: km, Straight: 2 * km}
	close := func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
	if got.Home != want.Home || got.Visits != want.Visits || got.Locations != want.Locations || !close(got.Gyration, want.Gyration) ||
		got.KGyration != 0 || !close(got.RandomEntropy, want.RandomEntropy) || !close(got.UncorrelatedEntropy, want.UncorrelatedEntropy) ||
		!close(got.RealEntropy, want.RealEntropy) || !close(got.FromHome, want.FromHome) || !close(got.MaxJump, want.MaxJump) || !close(got.Straight, want.Straight) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Stays and records become the same fixes where they say the same.
	areas := []sigcity.Area{{Center: orb.Point{10, 0}}, {Center: orb.Point{10, 1}}}
	s := recognition.FixesOfStays(nil, []recognition.Stay{{Start: 5, End: 9, Area: 1}}, areas)
	r := recognition.FixesOfRecords(nil, []sigcity.Record{{Time: 3, Span: 4, Area: 1}}, areas)
	if !slices.Equal(s, r) || s[0] != (recognition.PositionFix{Time: 5, At: orb.Point{10, 1}}) {
		t.Errorf("fixes %v of a stay and %v of a record", s, r)
	}
}

// TestRealEntropy compares with the definition: the shortest sequence from i on
// that does not occur before i.
func TestRealEntropy(t *testing.T) {
	cal := week(t)
	f := recognition.NewIndicatorFinder(cal, 2)
	rapid.Check(t, func(t *rapid.T) {
		seq := rapid.SliceOfN(rapid.IntRange(0, 3), 2, 40).Draw(t, "sequence")
		var fixes []recognition.PositionFix
		for i, v := range seq {
			fixes = append(fixes, recognition.PositionFix{Time: cal.Start(0) + uint32(i), At: orb.Point{float64(v), 0}})
		}
		sum := 0
		for i := range seq {
			n := 1
			for ; i+n <= len(seq); n++ {
				found := false
				for p := 0; p+n <= i; p++ {
					found = found || slices.Equal(seq[p:p+n], seq[i:i+n])
				}
				if !found {
					break
				}
			}
			sum += n
		}
		n := float64(len(seq))
		if got, want := f.Find(fixes).RealEntropy, n*math.Log2(n)/float64(sum); math.Abs(got-want) > 1e-9 {
			t.Fatalf("real entropy of %v: %g, want %g", seq, got, want)
		}
	})
}

func BenchmarkIndicators(b *testing.B) {
	t, cal, _ := phone(3000)
	areas := make([]sigcity.Area, 5000)
	for i := range areas {
		areas[i].Center = orb.Point{119 + float64(i%70)*0.01, 26 + float64(i/70)*0.01}
	}
	f := recognition.NewIndicatorFinder(cal, 2)
	var fixes []recognition.PositionFix
	for b.Loop() {
		fixes = recognition.FixesOfRecords(fixes[:0], t.Records, areas)
		f.Find(fixes)
	}
	perRecord(b, len(t.Records))
}
