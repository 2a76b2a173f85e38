package recognition_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// marksOf is the marks of fixes and their areas.
func marksOf(fixes []recognition.Fix) (marks []recognition.Mark, areas []sigcity.AreaID) {
	for _, f := range fixes {
		marks, areas = append(marks, f.Mark), append(areas, f.Record.Area)
	}
	return marks, areas
}

func TestPingPong(t *testing.T) {
	// Two sectors of a site, two more cells, a distant one; spacing 800 m.
	areas := places(800, 200, 0, 400, 1100, 1800, 8000)
	min := func(rows ...[2]int) []sigcity.Record {
		for i := range rows {
			rows[i][0] *= 60
		}
		return at(rows...)
	}
	event := func(rows []sigcity.Record, i int, e sigcity.Event) []sigcity.Record {
		rows[i].Type = e
		return rows
	}
	flips := min([2]int{0, 0}, [2]int{5, 1}, [2]int{7, 0}, [2]int{12, 1}, [2]int{14, 0}, [2]int{20, 0})
	blurred := min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{34, 0}, [2]int{60, 0})
	blurred[3].Span = 3600
	for _, c := range []struct {
		name  string
		p     recognition.CorrectParams
		rows  []sigcity.Record
		marks []recognition.Mark
		areas []sigcity.AreaID
	}{
		{"none", recognition.CorrectParams{}, nil, nil, nil},
		{"an excursion to the next sector", recognition.CorrectParams{},
			min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{34, 0}, [2]int{60, 0}),
			[]recognition.Mark{0, 0, ping, 0, 0}, []sigcity.AreaID{0, 0, 0, 0, 0}},
		{"two sectors of one site, time and again", recognition.CorrectParams{}, flips,
			[]recognition.Mark{0, ping, 0, ping, 0, 0}, []sigcity.AreaID{0, 0, 0, 0, 0, 0}},
		{"the way back is part of it", recognition.CorrectParams{},
			event(event(min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{34, 0}, [2]int{60, 0}), 3, sigcity.Handover), 4, sigcity.Handover),
			[]recognition.Mark{0, 0, ping, ping, 0}, []sigcity.AreaID{0, 0, 0, 0, 0}},
		{"over two cells", recognition.CorrectParams{},
			min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{33, 2}, [2]int{34, 0}, [2]int{60, 0}),
			[]recognition.Mark{0, 0, ping, ping, 0, 0}, []sigcity.AreaID{0, 0, 0, 0, 0, 0}},
		{"an errand of twenty minutes is a trip", recognition.CorrectParams{},
			min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{52, 0}, [2]int{90, 0}),
			[]recognition.Mark{0, 0, 0, 0, 0}, []sigcity.AreaID{0, 0, 1, 0, 0}},
		{"unless asked for", recognition.CorrectParams{ReturnS: 1800},
			min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 1}, [2]int{52, 0}, [2]int{90, 0}),
			[]recognition.Mark{0, 0, ping, 0, 0}, []sigcity.AreaID{0, 0, 0, 0, 0}},
		{"to and fro on the way is no rest", recognition.CorrectParams{},
			min([2]int{0, 0}, [2]int{3, 1}, [2]int{4, 0}, [2]int{7, 2}, [2]int{8, 3}),
			[]recognition.Mark{0, 0, 0, 0, 0}, []sigcity.AreaID{0, 1, 0, 2, 3}},
		{"the cell with more dwell stays", recognition.CorrectParams{},
			min([2]int{0, 0}, [2]int{12, 1}, [2]int{26, 0}, [2]int{27, 1}, [2]int{60, 1}),
			[]recognition.Mark{0, 0, ping, 0, 0}, []sigcity.AreaID{0, 1, 1, 1, 1}},
		{"back for certain within the time, or not at all", recognition.CorrectParams{}, blurred,
			[]recognition.Mark{0, 0, 0, 0, 0}, []sigcity.AreaID{0, 0, 1, 0, 0}},
		// 1,800 m less the radii in a second.
		{"a leap, without return", recognition.CorrectParams{SpeedMS: 120 / 3.6},
			at([2]int{0, 0}, [2]int{1800, 0}, [2]int{1801, 3}, [2]int{1830, 3}, [2]int{1831, 2}),
			[]recognition.Mark{0, 0, ping, ping, 0}, []sigcity.AreaID{0, 0, 0, 0, 2}},
		{"a leap on the way", recognition.CorrectParams{SpeedMS: 120 / 3.6}, at([2]int{0, 0}, [2]int{60, 0}, [2]int{61, 3}, [2]int{90, 2}),
			[]recognition.Mark{0, 0, 0, 0}, []sigcity.AreaID{0, 0, 3, 2}},
		{"a leap, by default", recognition.CorrectParams{},
			at([2]int{0, 0}, [2]int{1800, 0}, [2]int{1801, 3}, [2]int{1830, 3}, [2]int{1831, 2}),
			[]recognition.Mark{0, 0, 0, 0, 0}, []sigcity.AreaID{0, 0, 3, 3, 2}},
		{"far away it is drift", recognition.CorrectParams{},
			event(min([2]int{0, 0}, [2]int{30, 0}, [2]int{32, 4}, [2]int{34, 0}, [2]int{60, 0}), 3, sigcity.TrackingAreaUpdate),
			[]recognition.Mark{0, 0, away, away, 0}, []sigcity.AreaID{0, 0, 0, 0, 0}},
	} {
		f := recognition.NewCorrector(areas, c.p)
		for range 2 { // the corrector's memory must not show
			marks, to := marksOf(f.Correct(nil, sigcity.Trajectory{Records: c.rows}))
			if diff := cmp.Diff(c.marks, marks); diff != "" {
				t.Errorf("%s: marks (-want +got)\n%s", c.name, diff)
			}
			if diff := cmp.Diff(c.areas, to); diff != "" {
				t.Errorf("%s: areas (-want +got)\n%s", c.name, diff)
			}
		}
	}
}

func TestDecre(t *testing.T) {
	areas := places(800, 200, 0, 400, 1100, 1800, 5000)
	for _, c := range []struct {
		name  string
		rows  []sigcity.Record
		areas []sigcity.AreaID
	}{
		{"1: between two stable periods of one cell", at([2]int{0, 0}, [2]int{700, 0}, [2]int{740, 1}, [2]int{790, 0}, [2]int{1500, 0}), []sigcity.AreaID{0, 0, 0, 0, 0}},
		{"1: not if it lasts", at([2]int{0, 0}, [2]int{700, 0}, [2]int{900, 1}, [2]int{1100, 0}, [2]int{1800, 0}), []sigcity.AreaID{0, 0, 1, 0, 0}},
		// 3 is 1,800 m from the first stable cell: too near for heuristic 2, and the burst has no cycle.
		{"2: between stable periods of neighbours, near both", at([2]int{0, 0}, [2]int{700, 0}, [2]int{760, 3}, [2]int{800, 1}, [2]int{1500, 1}), []sigcity.AreaID{0, 0, 3, 1, 1}},
		// 1,400 m between the discs in 20 s, no three records in a minute.
		{"3: a leap, and the cycle closes after it", at([2]int{0, 0}, [2]int{20, 3}, [2]int{75, 0}), []sigcity.AreaID{0, 0, 0}},
		{"3: a leap, and the cycle begins before it", at([2]int{0, 0}, [2]int{55, 3}, [2]int{75, 0}), []sigcity.AreaID{0, 0, 0}},
		{"3: a leap, and the phone is back later", at([2]int{0, 0}, [2]int{20, 3}, [2]int{90, 0}), []sigcity.AreaID{0, 3, 0}},
		{"4: a burst that comes back", at([2]int{0, 0}, [2]int{500, 1}, [2]int{510, 2}, [2]int{520, 1}, [2]int{900, 3}), []sigcity.AreaID{0, 1, 1, 1, 3}},
		{"4: a burst that goes on", at([2]int{0, 0}, [2]int{500, 1}, [2]int{510, 2}, [2]int{520, 3}, [2]int{900, 3}), []sigcity.AreaID{0, 1, 2, 3, 3}},
		{"expand: the cycle closes a minute later", at([2]int{0, 0}, [2]int{500, 1}, [2]int{510, 2}, [2]int{515, 2}, [2]int{570, 1}, [2]int{571, 1}, [2]int{900, 3}), []sigcity.AreaID{0, 1, 1, 1, 1, 1, 3}},
		{"of equal counts, the one in the middle", at([2]int{500, 0}, [2]int{510, 2}, [2]int{520, 1}, [2]int{530, 2}, [2]int{540, 1}, [2]int{550, 0}), []sigcity.AreaID{1, 1, 1, 1, 1, 1}},
	} {
		f := recognition.NewCorrector(areas, recognition.CorrectParams{Method: recognition.DECRE})
		for range 2 {
			if _, got := marksOf(f.Correct(nil, sigcity.Trajectory{Records: c.rows})); !cmp.Equal(got, c.areas) {
				t.Errorf("%s: areas = %v, want %v", c.name, got, c.areas)
			}
		}
	}
}

// Heuristic 2 takes what is farther from both cells than they may be apart; with
// distant cells left to P2 that needs a larger bound there.
func TestDecreFar(t *testing.T) {
	areas := places(800, 200, 0, 400, 5000, -2200)
	f := recognition.NewCorrector(areas, recognition.CorrectParams{Method: recognition.DECRE, DriftM: 10_000})
	for _, c := range []struct {
		name string
		rows []sigcity.Record
		to   sigcity.AreaID // of the third record
		mark recognition.Mark
	}{
		{"far from both", at([2]int{0, 0}, [2]int{700, 0}, [2]int{800, 2}, [2]int{815, 1}, [2]int{2500, 1}), 1, ping},
		{"far from one", at([2]int{0, 0}, [2]int{700, 0}, [2]int{750, 3}, [2]int{815, 1}, [2]int{2500, 1}), 3, 0},
		{"too long in between", at([2]int{0, 0}, [2]int{700, 0}, [2]int{800, 2}, [2]int{830, 1}, [2]int{2500, 1}), 2, 0},
	} {
		if got := f.Correct(nil, sigcity.Trajectory{Records: c.rows})[2]; got.Record.Area != c.to || got.Mark != c.mark {
			t.Errorf("%s: area %d, mark %d; want %d, %d", c.name, got.Record.Area, got.Mark, c.to, c.mark)
		}
	}
}

func TestDrift(t *testing.T) {
	// Home, its second sector, a cell near by, and two distant ones.
	areas := places(800, 200, 0, 500, 2400, 9000, 20_000)
	for _, c := range []struct {
		name  string
		p     recognition.CorrectParams
		rows  []sigcity.Record
		marks []recognition.Mark
		x     []float64      // m, corrected
		to    sigcity.AreaID // of the second record
	}{
		{"between two sectors of a site", recognition.CorrectParams{}, at([2]int{0, 0}, [2]int{600, 3}, [2]int{700, 3}, [2]int{1500, 1}, [2]int{1600, 1}),
			[]recognition.Mark{0, away, away, 0, 0}, []float64{0, 250, 250, 500, 500}, 1},
		{"not if the silence is long", recognition.CorrectParams{}, at([2]int{0, 0}, [2]int{600, 3}, [2]int{4000, 0}), []recognition.Mark{0, 0, 0}, []float64{0, 9000, 0}, 3},
		{"nor if the phone went elsewhere", recognition.CorrectParams{}, at([2]int{0, 0}, [2]int{600, 3}, [2]int{700, 2}), []recognition.Mark{0, 0, 0}, []float64{0, 9000, 2400}, 3},
		// 2,400 m less the radii are 2,000 m: more than 1 km and twice 800 m.
		{"near is not so near", recognition.CorrectParams{}, at([2]int{0, 0}, [2]int{600, 2}, [2]int{700, 0}), []recognition.Mark{0, away, 0}, []float64{0, 0, 0}, 0},
		// From the second sector it is 1,500 m.
		{"far from one sector, not from the other", recognition.CorrectParams{}, at([2]int{0, 0}, [2]int{600, 2}, [2]int{700, 1}), []recognition.Mark{0, 0, 0}, []float64{0, 2400, 500}, 2},
		{"3 km are asked for", recognition.CorrectParams{DriftM: 3000}, at([2]int{0, 0}, [2]int{1000, 2}, [2]int{2700, 0}), []recognition.Mark{0, 0, 0}, []float64{0, 2400, 0}, 2},
		{"the second pass sees what the first put right", recognition.CorrectParams{},
			at([2]int{0, 0}, [2]int{60, 3}, [2]int{120, 4}, [2]int{180, 3}, [2]int{240, 0}),
			[]recognition.Mark{0, away, away, away, 0}, []float64{0, 0, 0, 0, 0}, 0},
	} {
		f := recognition.NewCorrector(areas, c.p)
		fixes := f.Correct(nil, sigcity.Trajectory{Records: c.rows})
		marks, to := marksOf(fixes)
		if diff := cmp.Diff(c.marks, marks); diff != "" {
			t.Errorf("%s: marks (-want +got)\n%s", c.name, diff)
		}
		if to[1] != c.to {
			t.Errorf("%s: area %d, want %d", c.name, to[1], c.to)
		}
		for i, f := range fixes {
			if math.Abs(f.At.X-c.x[i]) > 1 {
				t.Errorf("%s: record %d is put to %.0f m, want %.0f", c.name, i, f.At.X, c.x[i])
			}
		}
	}
}

// Whatever the records: one fix each, of which only the area may differ; what
// is not marked keeps its area, and none other than areas of the track come up.
func TestCorrectHolds(t *testing.T) {
	x := make([]float64, 30)
	for i := range x {
		x[i] = float64(i*i) * 90
	}
	areas := places(700, 100, x...)
	types := []sigcity.Event{sigcity.ServiceRequest, sigcity.Handover, sigcity.TrackingAreaUpdate}
	for _, m := range []recognition.PingPongMethod{recognition.ReturnWindow, recognition.DECRE} {
		f := recognition.NewCorrector(areas, recognition.CorrectParams{Method: m, SpeedMS: 33})
		rapid.Check(t, func(t *rapid.T) {
			in := tracks(t, rapid.IntRange(1, len(x)).Draw(t, "areas"), types)
			seen := map[sigcity.AreaID]bool{}
			for _, r := range in {
				seen[r.Area] = true
			}
			out := f.Correct(nil, sigcity.Trajectory{Records: in})
			if len(out) != len(in) {
				t.Fatalf("%d fixes of %d records", len(out), len(in))
			}
			for i, fix := range out {
				r := fix.Record
				r.Area = in[i].Area
				if r != in[i] || !seen[fix.Record.Area] {
					t.Fatalf("record %d, %v, became %v", i, in[i], fix.Record)
				}
				if fix.Mark == 0 && (fix.Record.Area != in[i].Area || fix.At != areas.Centers[in[i].Area]) {
					t.Fatalf("record %d moved without a mark: %v", i, fix)
				}
				if fix.Mark&^(ping|away) != 0 {
					t.Fatalf("record %d has the mark %d", i, fix.Mark)
				}
			}
			if diff := cmp.Diff(out, recognition.NewCorrector(areas, recognition.CorrectParams{Method: m, SpeedMS: 33}).Correct(nil, sigcity.Trajectory{Records: in})); diff != "" {
				t.Fatalf("a used corrector differs (-used +new)\n%s", diff)
			}
		})
	}
}

func TestPingPongMethod(t *testing.T) {
	for _, m := range []recognition.PingPongMethod{recognition.ReturnWindow, recognition.DECRE} {
		if got, err := recognition.ParsePingPongMethod(m.String()); err != nil || got != m {
			t.Errorf("%q is read as %v, %v", m, got, err)
		}
	}
	if _, err := recognition.ParsePingPongMethod("median"); err == nil || err.Error() != `ping-pong method "median", want one of [window decre]` {
		t.Errorf("error = %v", err)
	}
	if got := fmt.Sprint(recognition.PingPongMethod(9)); got != "method(9)" {
		t.Errorf("an unknown method prints as %q", got)
	}
}

func BenchmarkCorrect(b *testing.B) {
	t, _, areas := phone(6000)
	for _, m := range []recognition.PingPongMethod{recognition.ReturnWindow, recognition.DECRE} {
		b.Run(m.String(), func(b *testing.B) {
			f := recognition.NewCorrector(areas, recognition.CorrectParams{Method: m})
			var fixes []recognition.Fix
			b.ReportAllocs()
			for b.Loop() {
				fixes = f.Correct(fixes[:0], t)
			}
			b.ReportMetric(float64(b.N)*6000/b.Elapsed().Seconds(), "records/s")
		})
	}
}
