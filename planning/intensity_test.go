package planning

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
)

// daysEnv is an environment of so many days from Monday 2026-03-02, with no areas.
func daysEnv(t *testing.T, days int, holidays ...string) *Env {
	t.Helper()
	cal, err := sigcity.NewCalendar("Etc/UTC", "2026-03-02", days, holidays)
	if err != nil {
		t.Fatal(err)
	}
	e := testEnv(t)
	return &Env{Meta: e.Meta, Areas: e.Areas, Calendar: cal, Map: e.Map, Proj: e.Proj, Zoning: e.Zoning}
}

func TestUsualDays(t *testing.T) {
	for _, c := range []struct {
		name      string
		days, day int
		holidays  []string
		want      []int
	}{
		{"nearest four of six Mondays", 42, 14, nil, []int{7, 21, 0, 28}},
		{"Saturdays of five weeks", 35, 5, nil, []int{12, 19, 26, 33}},
		{"two other Mondays are too few: weekdays", 21, 7, nil, []int{8, 9, 4, 10}},
		{"one week: the other weekdays", 7, 0, nil, []int{1, 2, 3, 4}},
		{"one week: a Sunday alone says nothing", 7, 5, nil, nil},
		{"a holiday is usual for no Monday", 35, 0, []string{"2026-03-09"}, []int{14, 21, 28}},
		{"one day", 1, 0, nil, nil},
	} {
		var x Intensity
		x.calendar(daysEnv(t, c.days, c.holidays...))
		if !slices.Equal(x.usual[c.day], c.want) {
			t.Errorf("%s: usual days of day %d are %v, want %v", c.name, c.day, x.usual[c.day], c.want)
		}
	}
}

// By hand: the first of five Mondays has 10 people at 08:00, the others 2, 4, 4 and 6: mean 4,
// sample deviation √(8/3), z = 6/√(8/3) = 3.674. The last, with 6, is compared with 10, 2, 4 and 4:
// mean 5, deviation √(36/3) = 3.464, z = 1/3.464. At 09:00 all have 3 but the first, 4: one phone is
// the least deviation, z = 1.
func TestDeviations(t *testing.T) {
	var x Intensity
	x.calendar(daysEnv(t, 35))
	x.Weight = 1
	row := make([]float32, 35*24)
	for week, n := range []float32{10, 2, 4, 4, 6} {
		row[week*7*24+8], row[week*7*24+9] = n, 3
	}
	row[9] = 4
	got := map[int][2]float64{}
	x.deviations(row, func(h int, usual, z float64) { got[h] = [2]float64{usual, z} })
	for h, want := range map[int][2]float64{
		8: {4, 6 / math.Sqrt(8./3)}, 4*7*24 + 8: {5, 1 / math.Sqrt(12)}, 9: {3, 1}, 10: {0, 0}, 4*7*24 + 9: {3.25, -0.25},
	} {
		if g := got[h]; !near(g[0], want[0]) || !near(g[1], want[1]) {
			t.Errorf("hour %d: usual and z are %v, want %v", h, g, want)
		}
	}
	if len(got) != len(row) {
		t.Errorf("%d hours of %d are judged", len(got), len(row))
	}
}

// One zone with one change: missing it, finding another, and getting it all wrong.
func TestIntensityScore(t *testing.T) {
	e, task := daysEnv(t, 35), intensityTask{z: 2}
	answer := func(set map[int]float32) *Intensity {
		x := &Intensity{Weight: 1, Z: 2}
		x.calendar(e)
		row := make([]float32, 35*24)
		for h := range row {
			row[h] = float32(h%24) / 4
		}
		for h, n := range set {
			row[h] = n
		}
		x.Hours = []CubeRow{{Zone: 7, Persons: row}}
		return x
	}
	want := answer(map[int]float32{8: 10})
	for _, c := range []struct {
		name string
		got  *Intensity
		f1   float64
	}{
		{"the same", want, 1},
		{"missed", answer(nil), 0},
		{"and another", answer(map[int]float32{8: 10, 5 * 24: 10}), 2. / 3},
		{"the other way", answer(map[int]float32{8: -10}), 0},
	} {
		if got := task.Detail(want, c.got)["changed_f1"]; !near(got, c.f1) {
			t.Errorf("%s: F1 of changes = %v, want %v", c.name, got, c.f1)
		}
	}
	// 840 hours of which one differs by 8 (10 against 2): RMSE = 8/√840.
	if got := task.Detail(want, answer(nil))["nrmse"]; !near(got, 8/math.Sqrt(840)/((840*11.5/4+8)/840)) {
		t.Errorf("NRMSE = %v", got)
	}
	if s := task.Score(want, &Intensity{}); s != 0 {
		t.Errorf("an empty answer scores %v, want 0", s)
	}
}

func TestRuns(t *testing.T) {
	at := func(h int32, area sigcity.AreaID, w int64) present { return present{hourMoment{hour: h}, area, w} }
	got := appendRuns(rows[presentRun]{{Area: 1, From: 0, To: 1, Weight: whole}}, []present{
		at(1, 1, whole), at(2, 1, whole), at(3, 1, whole/2), at(3, 2, whole/2), at(4, 1, whole/2), at(4, 2, whole/2), at(6, 2, whole/2)})
	want := rows[presentRun]{{1, 0, 1, whole}, // another user's: it does not go on
		{1, 1, 3, whole}, {1, 3, 5, whole / 2}, {2, 3, 5, whole / 2}, {2, 6, 7, whole / 2}}
	if !slices.Equal(got, want) {
		t.Errorf("runs %v, want %v", got, want)
	}
}
