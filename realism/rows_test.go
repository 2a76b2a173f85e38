package realism

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestRows: the rows of the realism table are all there, once, and say what
// they are.
func TestRows(t *testing.T) {
	var want []string
	for i := 1; i <= 41; i++ {
		if i < 20 || i > 22 { // the table has no R20 to R22
			want = append(want, fmt.Sprintf("R%02d", i))
		}
	}
	want = append(want, "X01", "X02", "X03")
	// Without a source in the table ([U]): never a verdict.
	unsourced := []string{"R05", "R06", "R16", "R17", "R18", "R23", "R35", "R37"}
	// Tuned, or set from the source: docs/realism.md.
	calibrated := []string{"R01", "R02", "R04", "R05", "R08", "R14", "R18", "R19 rho", "R19 gamma", "R29", "R32", "R34", "R35", "R36", "R37", "R38", "R39", "R40", "R41 cell"}
	for _, p := range []place{{}, {around: 2e6, inhabitants: 2e6, profile: "raw", timerS: 3240}, {inhabitants: 12e6, around: 12e6}} {
		var ids, figures []string
		for _, r := range rows(p) {
			name := r.id + " " + r.figure
			if slices.Contains(figures, name) {
				t.Errorf("%s is there twice", name)
			}
			figures, ids = append(figures, name), append(ids, r.id)
			if r.figure == "" || r.name == "" || r.unit == "" || r.reference == "" || r.measure == nil {
				t.Errorf("%s: name %q, unit %q, reference %q: want all of them and a measure", name, r.name, r.unit, r.reference)
			}
			if r.low > r.high {
				t.Errorf("%s: tolerance from %g to %g", name, r.low, r.high)
			}
			if slices.Contains(unsourced, r.id) && r.source != "" {
				t.Errorf("%s has the source %q, the table none", name, r.source)
			}
			if r.id != "R12" && r.id != "R27" && r.calibrated != (slices.Contains(calibrated, r.id) || slices.Contains(calibrated, name)) {
				t.Errorf("%s: calibrated = %v, want %v", name, r.calibrated, !r.calibrated)
			}
		}
		if got := slices.Compact(ids); !slices.Equal(got, want) {
			t.Errorf("rows %v, want %v", got, want)
		}
	}
	var tuned []string
	for _, r := range slices.Concat(rhythmRows(), commuteRows(place{})) {
		if r.calibrated {
			tuned = append(tuned, r.id+" "+r.figure)
		}
	}
	// The scale of ways to work is fitted to their mean, not to their shape.
	if want := []string{"R12 trough", "R12 trough-hour", "R12 morning-peak", "R27 mean"}; !slices.Equal(tuned, want) {
		t.Errorf("calibrated of R12, R27 and R28: %v, want %v", tuned, want)
	}
}

// TestVerdict: when a row says yes, no, or nothing.
func TestVerdict(t *testing.T) {
	yes, no := true, false
	base := row{id: "R99", figure: "f", low: 1, high: 2, source: "somebody"}
	with := func(change func(r *row)) row {
		r := base
		change(&r)
		return r
	}
	town, metro := place{around: 1e4}, place{around: 1e6}
	for _, c := range []struct {
		name  string
		row   row
		place place
		value value
		want  *bool
		note  string
	}{
		{"inside", base, town, value{v: 1.5}, &yes, ""},
		{"at the edge", base, town, value{v: 2}, &yes, ""},
		{"above", base, town, value{v: 2.1}, &no, ""},
		{"above, but not surely", base, town, value{v: 2.1, lo: 1.9, hi: 2.3}, &no, "the interval reaches the tolerance: too few persons to be sure"},
		{"another law", base, town, value{v: 9, alternative: true}, &yes, ""},
		{"no upper bound", with(func(r *row) { r.high = open }), town, value{v: 1e9}, &yes, ""},
		{"no source", with(func(r *row) { r.source = "" }), town, value{v: 1.5}, nil, "no source, so no verdict"},
		{"no tolerance", with(func(r *row) { r.low, r.high = open, open }), town, value{v: 1.5, note: "users"}, nil, "users; the table gives no tolerance"},
		{"metropolis", with(func(r *row) { r.scope = metropolis }), metro, value{v: 1.5}, &yes, ""},
		{"no metropolis", with(func(r *row) { r.scope = metropolis }), town, value{v: 1.5}, nil, "describes cities of a million and more, this one has 10000 inhabitants within 40 km"},
		{"too large", with(func(r *row) { r.scope = smaller }), metro, value{v: 1.5}, nil, "describes smaller cities"},
		{"too short", with(func(r *row) { r.days = 90 }), town, value{v: 1.5}, nil, "needs 90 days, the data set has 7"},
		{"nothing there", base, town, missing("no %s", "trains"), nil, "no trains"},
		{"not a number", base, town, value{v: math.NaN(), n: 3}, nil, "not to be measured on 3 cases"},
	} {
		c.row.measure = func(*survey) value { return c.value }
		got := c.row.result(&survey{place: c.place, days: 7})
		switch {
		case (got.Pass == nil) != (c.want == nil), got.Pass != nil && *got.Pass != *c.want:
			t.Errorf("%s: verdict %q", c.name, got.Verdict())
		case got.Note != c.note:
			t.Errorf("%s: note %q, want %q", c.name, got.Note, c.note)
		case got.Pass != nil && got.Value == nil:
			t.Errorf("%s: a verdict without a value", c.name)
		}
	}
}
