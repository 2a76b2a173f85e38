package dataset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

func TestRawRoundTrip(t *testing.T) {
	m := instants(sample(1300, 3, 3, 1))
	f := rawFolder(t, filepath.Join(t.TempDir(), "a", "b"), m, 700, 2)
	sameRecords(t, m, load(t, f, sigcity.Range{}))
	if d := cmp.Diff(m.Cells, f.Areas(), opts); d != "" {
		t.Errorf("areas differ (-want +got):\n%s", d)
	}
	counts := f.Manifest().Counts
	if counts["events"] != m.Info.Records || counts["sims"] != 1300 || counts["persons"] != 7 || f.Meta().Records != m.Info.Records {
		t.Errorf("counts = %v, meta.records = %d, want %d events", counts, f.Meta().Records, m.Info.Records)
	}
	if err := f.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	if f.Key(3) != sigcity.Hash(0, "dataset.imsi", uint64(imsi(3))) {
		t.Error("key is no hash of the IMSI")
	}
	card, err := os.ReadFile(filepath.Join(f.Dir(), "README.md"))
	if err != nil || !strings.Contains(string(card), "ODbL") || !strings.Contains(string(card), "levels estimated") {
		t.Errorf("card %q, %v: want the attribution and the warnings", card, err)
	}
}

// Any range of users and times gives what filtering in memory gives, for raw
// data and for releases, whose records may lie outside the calendar.
func TestUsersRange(t *testing.T) {
	m := sample(1300, 1, 4, 2)
	rel, err := WriteDataset(context.Background(), filepath.Join(t.TempDir(), "rel"), m, Manifest{Code: "v0"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	raw := instants(sample(1300, 1, 4, 2))
	folder := rawFolder(t, filepath.Join(t.TempDir(), "raw"), raw, 600, 2)
	rapid.Check(t, func(t *rapid.T) {
		r := anyRange(t, m)
		for _, c := range []struct {
			want *Mem
			got  sigcity.Dataset
		}{{m, rel}, {raw, folder}} {
			want, err := NewMem(context.Background(), c.want, r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := NewMem(context.Background(), c.got, r)
			if err != nil {
				t.Fatal(err)
			}
			if d := diffRecords(want, got); d != "" {
				t.Fatalf("%+v (-want +got):\n%s", r, d)
			}
		}
	})
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	m := instants(sample(2000, 3, 2, 3))
	want := tree(t, rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 1500, 1).Dir())
	for _, workers := range []int{2, 7} {
		sameTree(t, want, tree(t, rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 1500, workers).Dir()))
	}
}

func TestResume(t *testing.T) {
	m := instants(sample(900, 3, 2, 4))
	want := tree(t, rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 500, 1).Dir())
	for _, damage := range []string{"", "events/date=2026-03-28/part-0000.parquet", journalName} {
		dir := filepath.Join(t.TempDir(), "d")
		w, err := Create(dir, rawManifest(m, 500), imsi, 2)
		if err != nil {
			t.Fatal(err)
		}
		if writeRaw(t, w, m, 4) {
			t.Fatal("four files were all")
		}
		if err := w.Keep(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, ManifestName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a half-made folder looks finished: %v", err)
		}
		switch damage { // what a kill may leave
		case "":
		case journalName:
			appendTo(t, filepath.Join(dir+partialSuffix, journalName), `{"path":"truth/per`)
			if err := os.WriteFile(filepath.Join(dir+partialSuffix, "torn.parquet.tmp"), []byte("x"), 0o666); err != nil {
				t.Fatal(err)
			}
		default:
			appendTo(t, filepath.Join(dir+partialSuffix, damage), "x")
		}
		w, err = Create(dir, rawManifest(m, 500), imsi, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !w.Has(TableSIMs, Whole) {
			t.Error("a file of the first run is not found again")
		}
		if w.Has(TableEvents, Slot{1, 1}) {
			t.Error("a file that was never written is found")
		}
		if got := w.Has(TableEvents, Slot{0, 0}); got != (damage == "" || damage == journalName) {
			t.Errorf("damage to %q: sound = %v", damage, got)
		}
		writeRaw(t, w, m, 0)
		if _, err := w.Finish(map[string]int64{"sims": 900}); err != nil {
			t.Fatal(err)
		}
		sameTree(t, want, tree(t, dir))
	}
}

func appendTo(t *testing.T, name, s string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(s); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherConfigurationStartsAfresh(t *testing.T) {
	m := instants(sample(100, 2, 1, 4))
	dir := filepath.Join(t.TempDir(), "d")
	w, err := Create(dir, rawManifest(m, 500), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	writeRaw(t, w, m, 2)
	w.Keep()
	other := rawManifest(m, 500)
	other.ConfigSHA256 = "def"
	if w, err = Create(dir, other, imsi, 1); err != nil {
		t.Fatal(err)
	}
	if w.Has(TableSIMs, Whole) {
		t.Error("another configuration's file is taken over")
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) > 0 {
		t.Errorf("abort left %v", left)
	}
}

// A damaged file that the second run never asks for is not let through, and the
// third run makes it anew.
func TestFinishChecksResumedFiles(t *testing.T) {
	m := instants(sample(100, 2, 1, 4))
	dir := filepath.Join(t.TempDir(), "d")
	create := func() *Writer {
		t.Helper()
		w, err := Create(dir, rawManifest(m, 500), imsi, 1)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := create()
	writeRaw(t, w, m, 0)
	w.Keep()
	appendTo(t, filepath.Join(dir+partialSuffix, TableSIMs+".parquet"), "x")
	w = create()
	if _, err := w.Finish(nil); err == nil || !strings.Contains(err.Error(), "sims.parquet") {
		t.Errorf("error %v, want one that names the damaged file", err)
	}
	w = create()
	if w.Has(TableSIMs, Whole) || !w.Has(TableCells, Whole) {
		t.Error("want the damaged file forgotten and the others kept")
	}
	writeRaw(t, w, m, 0)
	if _, err := w.Finish(nil); err != nil {
		t.Error(err)
	}
}

// A replacement cut off half-way is undone or completed by the next run.
func TestCutOffReplacement(t *testing.T) {
	m := instants(sample(20, 2, 1, 4))
	dir := filepath.Join(t.TempDir(), "d")
	old := tree(t, rawFolder(t, dir, m, 20, 1).Dir())
	if err := os.Rename(dir, dir+replacedSuffix); err != nil {
		t.Fatal(err)
	}
	w, err := Create(dir, rawManifest(m, 20), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	sameTree(t, old, tree(t, dir)) // put back
	w.Abort()
	rawFolder(t, dir+replacedSuffix, m, 20, 1)
	if w, err = Create(dir, rawManifest(m, 20), imsi, 1); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if _, err := os.Stat(dir + replacedSuffix); err == nil {
		t.Error("the replaced data set is still there")
	}
	sameTree(t, old, tree(t, dir))
}

func TestCreateRefuses(t *testing.T) {
	m := instants(sample(50, 2, 1, 5))
	base := t.TempDir()
	mk := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(base, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(base, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mk("photos/me.jpg", "x")
	mk("other/dataset.json", `{"name":"somebody's"}`)
	mk("file", "x")
	mk("half.partial/thesis.tex", "x")
	rawFolder(t, filepath.Join(base, "mixed"), m, 50, 1)
	mk("mixed/notes.txt", "x")
	before := tree(t, base)
	for _, c := range []struct{ dir, want string }{
		{"photos", "me.jpg"}, {"other", "format_version"}, {"file", "file"}, {"half", "thesis.tex"}, {"mixed", "notes.txt"},
	} {
		_, err := Create(filepath.Join(base, c.dir), rawManifest(m, 50), imsi, 1)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that names %s", c.dir, err, c.want)
		}
	}
	sameTree(t, before, tree(t, base))

	os.Mkdir(filepath.Join(base, "empty"), 0o777)
	rawFolder(t, filepath.Join(base, "empty"), m, 50, 1) // is fine
	os.Remove(filepath.Join(base, "mixed", "notes.txt"))
	f := rawFolder(t, filepath.Join(base, "mixed"), instants(sample(60, 2, 1, 5)), 50, 1) // replaces
	if f.Meta().Users != 60 {
		t.Errorf("users = %d, want the new data set's 60", f.Meta().Users)
	}
	if _, err := os.Stat(filepath.Join(base, "mixed"+replacedSuffix)); err == nil {
		t.Error("the replaced data set is left behind")
	}
}

func TestBadManifests(t *testing.T) {
	m := instants(sample(50, 2, 1, 5))
	for _, c := range []struct {
		change func(*Manifest)
		want   string
	}{
		{func(m *Manifest) { m.Meta.TimeZone = "Mars/Base" }, "Mars/Base"},
		{func(m *Manifest) { m.Parts = m.Parts[:0] }, "0 parts"},
		{func(m *Manifest) { m.Parts = []Part{{0, 60}} }, "part 0"},
		{func(m *Manifest) { m.Parts = []Part{{0, 20}, {25, 25}} }, "part 1"},
	} {
		man := rawManifest(m, 50)
		c.change(&man)
		if _, err := Create(filepath.Join(t.TempDir(), "d"), man, imsi, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

func TestEventsRefuses(t *testing.T) {
	m := instants(sample(50, 2, 2, 5))
	w, err := Create(filepath.Join(t.TempDir(), "d"), rawManifest(m, 30), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if err := w.Areas(m.Cells); err != nil {
		t.Fatal(err)
	}
	day := w.cal.Start(0)
	one := func(u sigcity.UserID, r ...sigcity.Record) []sigcity.Trajectory {
		return []sigcity.Trajectory{{User: u, Records: r}}
	}
	for _, c := range []struct {
		name  string
		slot  Slot
		users []sigcity.Trajectory
		want  string
	}{
		{"part", Slot{0, 1}, one(3), "user 3, want one of part 1"},
		{"slot", Slot{-1, 0}, nil, "want a day and a part"},
		{"day", Slot{7, 0}, nil, "day 7"},
		{"order of users", Slot{0, 0}, append(one(3), one(2)...), "user 2 after user 3"},
		{"wrong day", Slot{1, 0}, one(3, sigcity.Record{Time: day, Type: 1}), "want a time of 2026-03-29"},
		{"order of records", Slot{0, 0}, one(3, sigcity.Record{Time: day + 1, Milli: 5}, sigcity.Record{Time: day + 1, Milli: 4}), "ascending time"},
		{"area", Slot{0, 0}, one(3, sigcity.Record{Time: day, Area: 40}), "area 40"},
		{"event", Slot{0, 0}, one(3, sigcity.Record{Time: day, Type: 99}), "known event"},
		{"span", Slot{0, 0}, one(3, sigcity.Record{Time: day, Span: 1}), "span 1 s"},
	} {
		if err := w.Events(context.Background(), c.slot, c.users); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	if n := len(w.files); n != 2 { // cells and their GeoJSON
		t.Errorf("%d files, want the 2 of the cells", n)
	}
}
