package dataset

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// sample is a data set in memory: users with and without records, two users'
// records before and after the calendar, equal times, spans and milliseconds.
func sample(users, perDay, days int, seed uint64) *Mem {
	m := &Mem{Info: sigcity.Meta{Name: "sample", Users: users, TimeZone: "Europe/Berlin", Start: "2026-03-28", Days: days, Persons: users, Inhabitants: 10 * users}}
	for i := range 40 {
		m.Cells = append(m.Cells, testArea(i))
	}
	cal, err := m.Info.Calendar()
	if err != nil {
		panic(err)
	}
	for u := range users {
		r := sigcity.Rand(seed, "sample", uint64(u))
		var rows []sigcity.Record
		if u%11 != 3 {
			from, to := cal.Start(0), cal.Start(days)
			if u%17 == 5 {
				from, to = from-5000, to+5000
			}
			for range perDay * days {
				rec := sigcity.Record{Time: from + r.Uint32N(to-from), Area: sigcity.AreaID(r.IntN(len(m.Cells))), Type: sigcity.Event(r.IntN(11))}
				if r.IntN(3) == 0 {
					rec.Span, rec.Milli = r.Uint32N(7200), uint16(r.IntN(1000))
				}
				rows = append(rows, rec)
				if r.IntN(5) == 0 { // the same instant again
					rec.Area = sigcity.AreaID(r.IntN(len(m.Cells)))
					rows = append(rows, rec)
				}
			}
			slices.SortStableFunc(rows, compareTime)
		}
		m.Rows = append(m.Rows, rows)
		m.Info.Records += int64(len(rows))
	}
	return m
}

func testArea(i int) sigcity.Area {
	c := orb.Point{13.1 + float64(i)*0.0123456789, 53.5 + 1/float64(i+3)}
	a := sigcity.Area{ID: sigcity.AreaID(i), Name: fmt.Sprintf("999-01-%d", 256*(i+1)+i%3), Center: c, Radius: 100 / float64(i+1), Spacing: 987.6543210123 / 3,
		Operator: "999-01", TAC: uint32(i / 7), From: uint32(i % 2), To: uint32(i % 2 * 1e9)}
	if i%4 != 0 {
		a.Footprint = orb.Ring{{c[0] - 0.1, c[1]}, {c[0] + 1.0/3, c[1]}, {c[0], c[1] + 0.1}, {c[0] - 0.1, c[1]}}
	}
	return a
}

// instants is the sample as raw data can hold it: without spans.
func instants(m *Mem) *Mem {
	for _, rows := range m.Rows {
		for i := range rows {
			rows[i].Span = 0
		}
	}
	return m
}

var opts = cmp.Options{cmpopts.EquateEmpty()}

// load reads any data set into memory.
func load(t testing.TB, in sigcity.Dataset, r sigcity.Range) *Mem {
	t.Helper()
	m, err := NewMem(context.Background(), in, r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sameRecords(t testing.TB, want, got *Mem) {
	t.Helper()
	if d := diffRecords(want, got); d != "" {
		t.Fatalf("records differ (-want +got):\n%s", d)
	}
}

// diffRecords is cmp.Diff, asked only where there is a difference: it is slow.
func diffRecords(want, got *Mem) string {
	if slices.EqualFunc(want.Rows, got.Rows, slices.Equal[[]sigcity.Record]) {
		return ""
	}
	return cmp.Diff(want.Rows, got.Rows, opts)
}

// tree is the bytes of every file below dir.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		out[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameTree(t testing.TB, want, got map[string]string) {
	t.Helper()
	for name, b := range want {
		if got[name] != b {
			t.Errorf("%s differs or is missing", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is new", name)
		}
	}
}

func imsi(u sigcity.UserID) int64 { return 999010000000000 + 7*int64(u) }

func rawManifest(m *Mem, partUsers int) Manifest {
	out := Manifest{Meta: m.Info, Code: "v0", ConfigSHA256: "abc", Attribution: "© OpenStreetMap contributors", Counts: map[string]int64{"persons": 7},
		Warnings: []string{"levels estimated"}}
	for first := 0; first < m.Info.Users; first += partUsers {
		out.Parts = append(out.Parts, Part{First: sigcity.UserID(first), Users: min(partUsers, m.Info.Users-first)})
	}
	return out
}

// dayUsers are the records of one slot.
func dayUsers(w *Writer, m *Mem, s Slot) []sigcity.Trajectory {
	var out []sigcity.Trajectory
	p := w.m.Parts[s.Part]
	for u := p.First; int(u) < int(p.First)+p.Users; u++ {
		var rows []sigcity.Record
		for _, r := range m.Rows[u] {
			if clampDay(w.cal, r.Time) == s.Day {
				rows = append(rows, r)
			}
		}
		out = append(out, sigcity.Trajectory{User: u, Records: rows})
	}
	return out
}

// writeRaw writes m as raw data, skipping what is there already, and stops
// after limit files (0 = never): done tells which.
func writeRaw(t testing.TB, w *Writer, m *Mem, limit int) (done bool) {
	t.Helper()
	n := 0
	step := func(table string, s Slot, f func() error) bool {
		if w.Has(table, s) {
			return true
		}
		if n++; limit > 0 && n > limit {
			return false
		}
		if err := f(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if !step(TableCells, Whole, func() error { return w.Areas(m.Cells) }) {
		return false
	}
	sims := make([]SIM, m.Info.Users)
	for u := range sims {
		sims[u] = SIM{User: uint32(u), Kind: KindPhone, Person: int64(u), IMSI: imsi(sigcity.UserID(u)), Operator: "999-01"}
	}
	if !step(TableSIMs, Whole, func() error { return WriteTable(w, TableSIMs, Whole, sims) }) {
		return false
	}
	for d := range m.Info.Days {
		for p := range w.m.Parts {
			s := Slot{d, p}
			if !step(TableEvents, s, func() error { return w.Events(context.Background(), s, dayUsers(w, m, s)) }) {
				return false
			}
		}
	}
	return true
}

func rawFolder(t testing.TB, dir string, m *Mem, partUsers, workers int) *Folder {
	t.Helper()
	w, err := Create(dir, rawManifest(m, partUsers), imsi, workers)
	if err != nil {
		t.Fatal(err)
	}
	writeRaw(t, w, m, 0)
	f, err := w.Finish(map[string]int64{"sims": int64(m.Info.Users)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// anyRange draws a range of users and times of a data set.
func anyRange(t *rapid.T, m *Mem) sigcity.Range {
	cal, err := m.Info.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	at := rapid.Uint32Range(cal.Start(0)-9000, cal.Start(cal.Days())+9000)
	r := sigcity.Range{First: sigcity.UserID(rapid.IntRange(0, m.Info.Users).Draw(t, "first")), Limit: sigcity.UserID(rapid.IntRange(0, m.Info.Users+5).Draw(t, "limit"))}
	if rapid.Bool().Draw(t, "window") {
		r.From, r.To = at.Draw(t, "from"), at.Draw(t, "to")
	}
	return r
}

func readAll(r io.Reader, _ string) (string, error) {
	b, err := io.ReadAll(r)
	return string(b), err
}
