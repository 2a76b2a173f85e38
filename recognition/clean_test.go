package recognition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

const (
	dup  = recognition.MarkDuplicate
	bad  = recognition.MarkIncorrect
	odd  = recognition.MarkSuspicious
	ping = recognition.MarkPingPong
	away = recognition.MarkDrift
)

// at makes instants of (second, area), all of them service requests.
func at(rows ...[2]int) []sigcity.Record {
	out := make([]sigcity.Record, len(rows))
	for i, r := range rows {
		out[i] = sigcity.Record{Time: 1_000_000 + uint32(r[0]), Area: sigcity.AreaID(r[1]), Type: sigcity.ServiceRequest}
	}
	return out
}

func TestClean(t *testing.T) {
	// Areas 0 and 1 are 11 km apart, 2 lies 9 km from 0, 3 is unknown.
	areas := places(1000, 0, 0, 11_000, 9000, 50_000)
	unknown := recognition.UnknownAreas([]dataset.Cell{{}, {}, {}, {Kind: dataset.KindUnknown}})
	spans := at([2]int{0, 0}, [2]int{0, 0})
	spans[0].Span, spans[1].Span = 60, 60
	long := at([2]int{0, 0}, [2]int{100, 1}, [2]int{200, 0})
	long[1].Span = 150
	for _, c := range []struct {
		name  string
		speed float64
		rows  []sigcity.Record
		want  []recognition.Mark
	}{
		{"none", 0, nil, []recognition.Mark{}},
		{"a copy of the record before", 0, at([2]int{0, 0}, [2]int{0, 0}, [2]int{1, 0}), []recognition.Mark{0, dup, 0}},
		{"a copy with another record in between", 0, at([2]int{0, 0}, [2]int{0, 2}, [2]int{0, 0}), []recognition.Mark{0, 0, dup}},
		{"two boxes that look alike are two events", 0, spans, []recognition.Mark{0, 0}},
		{"unknown areas are dropped and are nobody's neighbour", 0, at([2]int{0, 0}, [2]int{10, 3}, [2]int{20, 0}), []recognition.Mark{0, bad, 0}},
		// 11 km in 100 s are 110 m/s.
		{"out of reach on both sides", 0, at([2]int{0, 0}, [2]int{100, 1}, [2]int{200, 0}), []recognition.Mark{odd, bad, odd}},
		{"not by high-speed rail", recognition.MaxRailSpeedMS, at([2]int{0, 0}, [2]int{100, 1}, [2]int{200, 0}), []recognition.Mark{0, 0, 0}},
		{"a leap out of reach on one side", 0, at([2]int{0, 0}, [2]int{100, 1}, [2]int{900, 0}), []recognition.Mark{odd, odd, 0}},
		{"55 m/s exactly are within reach", 0, at([2]int{0, 0}, [2]int{200, 1}), []recognition.Mark{0, 0}},
		{"10 km at least, however fast", 0, at([2]int{0, 0}, [2]int{1, 2}, [2]int{2, 0}), []recognition.Mark{0, 0, 0}},
		{"a copy is no neighbour", 0, at([2]int{0, 0}, [2]int{100, 1}, [2]int{100, 1}, [2]int{200, 0}), []recognition.Mark{odd, bad, dup, odd}},
		// The box ends 250 s after the first record begins: 44 m/s; it begins 100 s before the last.
		{"a box is as slow as it can be", 0, long, []recognition.Mark{0, odd, odd}},
	} {
		cl := recognition.NewCleaner(areas, recognition.CleanParams{MaxSpeedMS: c.speed, Unknown: unknown})
		rows, marks := cl.Clean(nil, []recognition.Mark{}, sigcity.Trajectory{Records: c.rows})
		if diff := cmp.Diff(c.want, marks); diff != "" {
			t.Errorf("%s: marks (-want +got)\n%s", c.name, diff)
		}
		var kept []sigcity.Record
		for i, r := range c.rows {
			if c.want[i]&(dup|bad) == 0 {
				kept = append(kept, r)
			}
		}
		if diff := cmp.Diff(kept, rows); diff != "" {
			t.Errorf("%s: records (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestUnknownAreas(t *testing.T) {
	if got := recognition.UnknownAreas([]dataset.Cell{{}, {Kind: "macro"}}); got != nil {
		t.Errorf("unknown areas of known cells are %v", got)
	}
}

// Large areas are as near as their discs: 11 km between centres, 1.2 km of radius in all.
func TestCleanDiscs(t *testing.T) {
	cl := recognition.NewCleaner(places(1000, 600, 0, 11_000), recognition.CleanParams{})
	if _, marks := cl.Clean(nil, nil, sigcity.Trajectory{Records: at([2]int{0, 0}, [2]int{100, 1})}); marks[0]|marks[1] != 0 {
		t.Errorf("marks = %v, want none: the discs lie 9.8 km apart", marks)
	}
}

// tracks draws records among areas 450 m apart, in bursts and silences.
func tracks(t *rapid.T, areas int, types []sigcity.Event) []sigcity.Record {
	var rows []sigcity.Record
	now := uint32(1_000_000)
	blur := rapid.SampledFrom([]int{0, 0, 0, 600, 86_400}).Draw(t, "blur")
	for range rapid.IntRange(0, 100).Draw(t, "records") {
		now += uint32(rapid.IntRange(0, rapid.SampledFrom([]int{1, 100, 3000}).Draw(t, "pace")).Draw(t, "gap"))
		rows = append(rows, sigcity.Record{Time: now, Span: uint32(rapid.IntRange(0, blur).Draw(t, "span")),
			Area: sigcity.AreaID(rapid.IntRange(0, areas-1).Draw(t, "area")), Type: rapid.SampledFrom(types).Draw(t, "type")})
	}
	return rows
}

// Whatever the records: one mark each, what is dropped is marked, what stays is
// in order, and what is clean is clean of copies.
func TestCleanHolds(t *testing.T) {
	x := make([]float64, 60)
	for i := range x {
		x[i] = float64(i) * 450
	}
	cl := recognition.NewCleaner(places(700, 250, x...), recognition.CleanParams{Unknown: []bool{true}})
	rapid.Check(t, func(t *rapid.T) {
		in := tracks(t, len(x), []sigcity.Event{sigcity.ServiceRequest})
		rows, marks := cl.Clean(nil, nil, sigcity.Trajectory{Records: in})
		if len(marks) != len(in) {
			t.Fatalf("%d marks of %d records", len(marks), len(in))
		}
		k := 0
		for i, m := range marks {
			if m&(dup|bad) != 0 {
				continue
			}
			if k == len(rows) || rows[k] != in[i] {
				t.Fatalf("record %d, marked %d, is not among those that stay", i, m)
			}
			k++
		}
		if k != len(rows) {
			t.Fatalf("%d records stay, want %d", len(rows), k)
		}
		if _, again := cl.Clean(nil, nil, sigcity.Trajectory{Records: rows}); len(again) != len(rows) {
			t.Fatalf("%d marks of %d records", len(again), len(rows))
		} else {
			for i, m := range again {
				if m&dup != 0 {
					t.Fatalf("record %d is a copy still", i)
				}
			}
		}
	})
}

func BenchmarkClean(b *testing.B) {
	t, _, areas := phone(6000)
	cl := recognition.NewCleaner(areas, recognition.CleanParams{})
	var rows []sigcity.Record
	var marks []recognition.Mark
	b.ReportAllocs()
	for b.Loop() {
		rows, marks = cl.Clean(rows[:0], marks[:0], t)
	}
	b.ReportMetric(float64(b.N)*6000/b.Elapsed().Seconds(), "records/s")
}
