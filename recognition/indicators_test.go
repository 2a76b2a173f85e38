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
	fixes := map[string][]recognition.Fix{}
	for _, r := range table(t, points) {
		at, err := time.Parse(time.DateTime, r["datetime"])
		if err != nil {
			t.Fatal(err)
		}
		fixes[r["uid"]] = append(fixes[r["uid"]], recognition.Fix{Time: uint32(at.Unix()), At: orb.Point{number(t, r["lng"]), number(t, r["lat"])}})
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
		slices.SortStableFunc(x, func(a, b recognition.Fix) int { return int(int64(a.Time) - int64(b.Time)) })
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
