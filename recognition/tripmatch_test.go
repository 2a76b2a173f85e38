package recognition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

func TestTrueTrips(t *testing.T) {
	act := func(kind string, start, end uint32, lon float64) dataset.Activity {
		return dataset.Activity{Kind: kind, Start: start, End: end, Lon: lon}
	}
	trip := func(start, end uint32, from, to float64) recognition.TrueTrip {
		return recognition.TrueTrip{Start: start, End: end, From: orb.Point{from, 0}, To: orb.Point{to, 0}}
	}
	for _, c := range []struct {
		name string
		acts []dataset.Activity
		want []recognition.TrueTrip
	}{
		{"nothing", nil, nil},
		{"one stay", []dataset.Activity{act("home", 0, 9000, 1)}, nil},
		{"two stays", []dataset.Activity{act("home", 0, 9000, 1), act("work", 10_000, 12_000, 2)}, []recognition.TrueTrip{trip(9000, 10_000, 1, 2)}},
		{"a stop on the way is travel", []dataset.Activity{act("home", 0, 9000, 1), act("shop", 9300, 9900, 3), act("work", 10_000, 12_000, 2)},
			[]recognition.TrueTrip{trip(9000, 10_000, 1, 2)}},
		{"midnight and another purpose at one place split no stay",
			[]dataset.Activity{act("home", 0, 1000, 1), act("home", 1000, 2000, 1), act("visit", 2000, 9000, 1), act("work", 10_000, 12_000, 2)},
			[]recognition.TrueTrip{trip(9000, 10_000, 1, 2)}},
		{"nothing leads out of the city", []dataset.Activity{act("home", 0, 9000, 1), act("away", 10_000, 20_000, 5), act("home", 21_000, 30_000, 1), act("work", 31_000, 40_000, 2)},
			[]recognition.TrueTrip{trip(30_000, 31_000, 1, 2)}},
	} {
		if diff := cmp.Diff(c.want, recognition.TrueTrips(nil, c.acts, 1800)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

// The greedy matching is as large as the largest there is.
func TestTripMatchIsLargest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (out [][2]uint32) {
			at := uint32(0)
			for range rapid.IntRange(0, 6).Draw(t, name) {
				start := at + uint32(rapid.IntRange(0, 900).Draw(t, "stay"))
				at = start + uint32(rapid.IntRange(0, 900).Draw(t, "trip"))
				out = append(out, [2]uint32{start, at})
			}
			return out
		}
		var want []recognition.TrueTrip
		var got []recognition.Trip
		for _, x := range draw("want") {
			want = append(want, recognition.TrueTrip{Start: x[0], End: x[1]})
		}
		for _, x := range draw("got") {
			got = append(got, recognition.Trip{Start: x[0], End: x[1]})
		}
		fits := func(i, j int) bool {
			near := func(a, b uint32) bool { return max(a, b)-min(a, b) <= 300 }
			return near(want[i].Start, got[j].Start) && near(want[i].End, got[j].End)
		}
		var most func(i int, taken uint) int // of want[i:], by trying everything
		most = func(i int, taken uint) int {
			if i == len(want) {
				return 0
			}
			best := most(i+1, taken)
			for j := range got {
				if taken>>j&1 == 0 && fits(i, j) {
					best = max(best, 1+most(i+1, taken|1<<j))
				}
			}
			return best
		}
		pairs := 0
		score := recognition.TripMatch(want, got, 300, func(i, j int) {
			pairs++
			if !fits(i, j) {
				t.Fatalf("%v and %v are no pair", want[i], got[j])
			}
		})
		if n := most(0, 0); score.Both != n || pairs != n {
			t.Fatalf("%d pairs (%d called), the most are %d", score.Both, pairs, n)
		}
		if score.F1() < min(score.Precision(), score.Recall()) || score.F1() > max(score.Precision(), score.Recall()) {
			t.Fatalf("F1 of %v is not between precision and recall", score)
		}
	})
}

// A hexagon of sites of one operator around another, and a site of someone else's.
func TestSiteSpacing(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 0})
	cell := func(operator string, x, y float64) dataset.Cell {
		return dataset.Cell{Area: sigcity.Area{Operator: operator}, Antenna: proj.LonLat(geo.XY{X: x, Y: y})}
	}
	const half = 866.0254037844386
	cells := []dataset.Cell{cell("a", 0, 0), cell("a", 0, 0), cell("b", 10, 10),
		cell("a", 1000, 0), cell("a", -1000, 0), cell("a", 500, half), cell("a", -500, half), cell("a", 500, -half), cell("a", -500, -half)}
	got := recognition.SiteSpacing(cells, proj)
	// From a corner: the centre and two neighbours at 1 km, two at √3, one at 2 km.
	corner := (3*1000 + 2*2*half + 2000) / 6
	want := []float64{1000, 1000, 0, corner, corner, corner, corner, corner, corner}
	for i := range want {
		if d := got[i] - want[i]; d > 1e-3 || d < -1e-3 {
			t.Errorf("cell %d: spacing = %v m, want %v", i, got[i], want[i])
		}
	}
}
