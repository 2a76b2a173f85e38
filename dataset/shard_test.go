package dataset

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
)

func TestParseShard(t *testing.T) {
	for _, c := range []struct {
		text, want string
		shard      Shard
	}{
		{"0/1", "", Shard{0, 1}}, {"3/4", "", Shard{3, 4}}, {"15/16", "", Shard{15, 16}},
		{"4/4", "shard 4, want one of 0 to 3", Shard{}}, {"-1/2", "shard -1, want one of 0 to 1", Shard{}},
		{"0/0", "0 shards, want 1 to", Shard{}}, {"1/-2", "-2 shards, want 1 to", Shard{}}, {"0/70000", "70000 shards, want 1 to", Shard{}},
		{"x/3", `shard "x/3", want i/n`, Shard{}}, {"1", "want i/n", Shard{}}, {"", "want i/n", Shard{}}, {"1/2/3", "want i/n", Shard{}}, {"1 /2", "want i/n", Shard{}},
	} {
		s, err := ParseShard(c.text)
		if c.want == "" {
			if err != nil || s != c.shard || s.String() != c.text {
				t.Errorf("%s: %v, %v", c.text, s, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.want)
		}
	}
}

// Each part is of one shard, and the shards are as good as of one size.
func TestShardHas(t *testing.T) {
	for _, of := range []int{1, 3, 16} {
		for _, parts := range []int{0, 1, 5, 95} {
			sum := 0
			for i := range of {
				s, n := Shard{i, of}, 0
				for p := range parts {
					if s.Has(p) {
						n++
					}
				}
				if n != s.Parts(parts) || n < parts/of || n > parts/of+1 {
					t.Errorf("shard %s has %d of %d parts, counts %d", s, n, parts, s.Parts(parts))
				}
				if s.Has(-1) != (i == 0) {
					t.Errorf("shard %s has the common files: %v", s, s.Has(-1))
				}
				sum += n
			}
			if sum != parts {
				t.Errorf("%d shards have %d of %d parts", of, sum, parts)
			}
		}
	}
	if got := (Shard{3, 16}).Dir("a/b/"); got != filepath.Join("a", "b.shard-03-of-16") {
		t.Errorf("folder %s", got)
	}
}

// writeShard writes a shard of m as raw data, in parts of 300 users.
func writeShard(t testing.TB, out string, m *Mem, s Shard, change func(*Manifest)) {
	t.Helper()
	man := rawManifest(m, 300)
	man.Shard = &s
	if change != nil {
		change(&man)
	}
	w, err := Create(out, man, imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]int64
	if w.Wants(-1) {
		if err := w.Areas(m.Cells); err != nil {
			t.Fatal(err)
		}
		counts = map[string]int64{"sims": int64(m.Info.Users)}
	}
	for p, part := range w.m.Parts {
		if !w.Wants(p) {
			continue
		}
		var sims []SIM
		for u := range part.Users {
			user := part.First + sigcity.UserID(u)
			sims = append(sims, SIM{User: uint32(user), Person: int64(user), IMSI: imsi(user), Operator: "999-01"})
		}
		if err := WriteTable(w, TableSIMs, Slot{-1, p}, sims); err != nil {
			t.Fatal(err)
		}
		for d := range m.Info.Days {
			if err := w.Events(context.Background(), Slot{d, p}, dayUsers(w, m, Slot{d, p})); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(counts); err != nil {
		t.Fatal(err)
	}
}

func writeShards(t testing.TB, out string, m *Mem, of int) {
	t.Helper()
	for i := range of {
		writeShard(t, out, m, Shard{i, of}, nil)
	}
}

func shardSample() *Mem { return instants(sample(900, 2, 2, 3)) }

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// One, two or five shards of three parts are merged into the same bytes, and nothing else is left.
func TestMerge(t *testing.T) {
	m := shardSample()
	var want map[string]string
	for _, of := range []int{1, 2, 5} {
		dir := filepath.Join(t.TempDir(), "d")
		writeShards(t, dir, m, of)
		if _, err := Open((Shard{0, of}).Dir(dir)); err == nil || !strings.Contains(err.Error(), "sigcity merge "+dir) {
			t.Errorf("a shard opened: %v", err)
		}
		seen := int64(0)
		f, err := Merge(t.Context(), dir, MergeOptions{Progress: func(done, total int64) {
			if done > total || total == 0 {
				t.Errorf("%d of %d bytes", done, total)
			}
			seen = max(seen, done)
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		sameRecords(t, m, load(t, f, sigcity.Range{}))
		if seen == 0 || f.Manifest().Counts["sims"] != 900 || f.Manifest().Shard != nil {
			t.Errorf("%d bytes merged, manifest %+v", seen, f.Manifest())
		}
		if want == nil {
			want = tree(t, dir)
		}
		sameTree(t, want, tree(t, dir))
		if names, err := listDir(filepath.Dir(dir)); err != nil || !cmp.Equal(names, []string{"d"}) {
			t.Errorf("left: %v, %v", names, err)
		}
		if _, err := Merge(t.Context(), dir, MergeOptions{}); err != nil { // again: it is done
			t.Error(err)
		}
	}
}

// Shards that are named may lie anywhere, and Keep leaves them there.
func TestMergeNamed(t *testing.T) {
	m := shardSample()
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	writeShard(t, a, m, Shard{0, 2}, nil)
	writeShard(t, b, m, Shard{1, 2}, nil)
	dirs := []string{(Shard{1, 2}).Dir(b), (Shard{0, 2}).Dir(a)}
	out := filepath.Join(t.TempDir(), "out")
	if _, err := Merge(t.Context(), out, MergeOptions{Shards: dirs, Keep: true, Workers: 3}); err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if _, err := Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	}
	want := tree(t, out)
	if _, err := Merge(t.Context(), out, MergeOptions{Shards: dirs}); err != nil {
		t.Fatal(err)
	}
	sameTree(t, want, tree(t, out))
	if exists(dirs[0]) || exists(dirs[1]) {
		t.Error("the shards are there still")
	}
}

// A merge that was cut off at any point is repeated and ends in the same bytes.
func TestMergeRepeated(t *testing.T) {
	m := shardSample()
	whole := filepath.Join(t.TempDir(), "d")
	writeShards(t, whole, m, 2)
	if _, err := Merge(t.Context(), whole, MergeOptions{}); err != nil {
		t.Fatal(err)
	}
	want := tree(t, whole)
	again := func(t *testing.T, dir string) {
		t.Helper()
		if _, err := Merge(t.Context(), dir, MergeOptions{}); err != nil {
			t.Fatal(err)
		}
		sameTree(t, want, tree(t, dir))
		if names, err := listDir(filepath.Dir(dir)); err != nil || !cmp.Equal(names, []string{"d"}) {
			t.Errorf("left: %v, %v", names, err)
		}
	}
	t.Run("while files are taken over", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "d")
		writeShards(t, dir, m, 2)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Merge(ctx, dir, MergeOptions{Progress: func(done, total int64) {
			if done > total/3 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) || exists(dir) || !exists(filepath.Join(dir+partialSuffix, journalName)) {
			t.Fatalf("error %v, finished %v", err, exists(dir))
		}
		appendTo(t, filepath.Join(dir+partialSuffix, journalName), `{"path":"truth/per`)
		again(t, dir)
	})
	t.Run("while shards are removed", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "d")
		writeShards(t, dir, m, 2)
		if _, err := Merge(t.Context(), dir, MergeOptions{Keep: true}); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll((Shard{0, 2}).Dir(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join((Shard{1, 2}).Dir(dir), "events")); err != nil {
			t.Fatal(err)
		}
		again(t, dir)
	})
	t.Run("but not into a damaged folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "d")
		writeShards(t, dir, m, 2)
		if _, err := Merge(t.Context(), dir, MergeOptions{Keep: true}); err != nil {
			t.Fatal(err)
		}
		// A changed file is replaced: it must not be a link to the shard's.
		name := filepath.Join(dir, "cells.parquet")
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		again(t, dir)
	})
}

func TestMergeErrors(t *testing.T) {
	m := shardSample()
	events := filepath.Join("events", "date=2026-03-28", "part-0001.parquet") // of shard 1 of 2
	for name, c := range map[string]struct {
		make   func(t *testing.T, dir string)
		shards func(dir string) []string
		want   []string
	}{
		"no shards": {make: func(*testing.T, string) {}, want: []string{"no finished shard", ".shard-i-of-n"}},
		"one missing": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 3}, nil)
			writeShard(t, dir, m, Shard{2, 3}, nil)
		}, want: []string{"2 of 3 shards", "missing: 1/3"}},
		"one half-made": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 2}, nil)
			man := rawManifest(m, 300)
			man.Shard = &Shard{1, 2}
			w, err := Create(dir, man, imsi, 1)
			if err = errors.Join(err, w.Keep()); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"missing: 1/2 (half-made)"}},
		"other seed": {make: func(t *testing.T, dir string) {
			for i := range 2 {
				writeShard(t, dir, m, Shard{i, 2}, func(m *Manifest) {
					m.Config, m.ConfigSHA256 = []byte(`{"days":2,"life":{"bike":0.5,"walk":1},"seed":3}`), "a"
					if i == 1 {
						m.Config, m.ConfigSHA256 = []byte(`{"days":2,"life":{"bike":0.7,"walk":1},"seed":4}`), "b"
					}
				})
			}
		}, want: []string{"life.bike = 0.5", "has 0.7"}},
		"other code": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 2}, nil)
			writeShard(t, dir, m, Shard{1, 2}, func(m *Manifest) { m.Code = "v1" })
		}, want: []string{"code = v0", "has v1"}},
		"other warnings": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 2}, nil)
			writeShard(t, dir, m, Shard{1, 2}, func(m *Manifest) { m.Warnings = nil })
		}, want: []string{"other manifests"}},
		"of two splits": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 2}, nil)
			writeShard(t, dir, m, Shard{1, 3}, nil)
		}, want: []string{"shards = 2", "has 3"}},
		"given twice": {make: func(t *testing.T, dir string) {
			writeShards(t, dir, m, 2)
			if err := os.CopyFS(dir+"-copy", os.DirFS((Shard{1, 2}).Dir(dir))); err != nil {
				t.Fatal(err)
			}
		}, shards: func(dir string) []string {
			return []string{(Shard{0, 2}).Dir(dir), (Shard{1, 2}).Dir(dir), dir + "-copy"}
		}, want: []string{"shard 1/2 is there twice", "d-copy"}},
		"damaged": {make: func(t *testing.T, dir string) {
			writeShards(t, dir, m, 2)
			name := filepath.Join((Shard{1, 2}).Dir(dir), events)
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(name, b, 0o666); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"shard 1/2", filepath.Base(events), "SHA-256"}},
		"a file gone": {make: func(t *testing.T, dir string) {
			writeShards(t, dir, m, 2)
			if err := os.Remove(filepath.Join((Shard{1, 2}).Dir(dir), events)); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"shard 1/2", filepath.Base(events)}},
		"a file of somebody": {make: func(t *testing.T, dir string) {
			writeShards(t, dir, m, 2)
			if err := os.WriteFile(filepath.Join((Shard{0, 2}).Dir(dir), "thesis.tex"), []byte("mine"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"thesis.tex is no part"}},
		"not a shard": {make: func(t *testing.T, dir string) { rawFolder(t, dir+"-whole", m, 300, 1) },
			shards: func(dir string) []string { return []string{dir + "-whole"} }, want: []string{"a whole data set"}},
		"not there": {make: func(*testing.T, string) {}, shards: func(dir string) []string { return []string{dir + "-none"} },
			want: []string{"d-none", "not a finished shard"}},
		"a part not listed": {make: func(t *testing.T, dir string) {
			writeShard(t, dir, m, Shard{0, 2}, nil)
			man := rawManifest(m, 300)
			man.Shard = &Shard{1, 2}
			w, err := Create(dir, man, imsi, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(nil); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"no events/date=2026-03-28/part-0001.parquet", "shard 1/2"}},
		"another's folder": {make: func(t *testing.T, dir string) {
			writeShards(t, dir, m, 1)
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("mine"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, want: []string{"not a data set, choose another folder"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "d")
			c.make(t, dir)
			before := list(t, filepath.Dir(dir))
			opt := MergeOptions{}
			if c.shards != nil {
				opt.Shards = c.shards(dir)
			}
			f, err := Merge(t.Context(), dir, opt)
			if err == nil {
				t.Fatalf("merged: %+v", f.Manifest())
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q, want %q", err, w)
				}
			}
			if d := cmp.Diff(before, list(t, filepath.Dir(dir))); d != "" {
				t.Errorf("files came or went: %s", d)
			}
		})
	}
}

// list names all files below dir.
func list(t *testing.T, dir string) (out []string) {
	t.Helper()
	if err := walkFiles(dir, func(rel string) error { out = append(out, rel); return nil }); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

// A half-made shard is no reason to take an older data set for the merged one.
func TestMergeNotYet(t *testing.T) {
	m := shardSample()
	dir := filepath.Join(t.TempDir(), "d")
	rawFolder(t, dir, m, 300, 1)
	man := rawManifest(m, 300)
	man.Shard, man.Code = &Shard{0, 1}, "v1"
	w, err := Create(dir, man, imsi, 1)
	if err = errors.Join(err, w.Keep()); err != nil {
		t.Fatal(err)
	}
	if _, err := Merge(t.Context(), dir, MergeOptions{}); err == nil || !strings.Contains(err.Error(), "no finished shard") {
		t.Errorf("error %v", err)
	}
}

// Where files cannot be linked they are copied, and compared on the way.
func TestAdoptByCopy(t *testing.T) {
	m := shardSample()
	dir := filepath.Join(t.TempDir(), "d")
	writeShards(t, dir, m, 1)
	set, err := readShards([]string{(Shard{0, 1}).Dir(dir)})
	if err != nil {
		t.Fatal(err)
	}
	w, err := Create(dir, set[0].m.whole(), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := set[0].m.Files[0]
	from := filepath.Join(set[0].dir, filepath.FromSlash(f.Path))
	if err := w.copyFile(from, f); err != nil {
		t.Fatal(err)
	}
	if got := w.files[f.Path]; got != f {
		t.Errorf("copied %+v, want %+v", got, f)
	}
	if err := checkFile(w.path(f.Path), f); err != nil {
		t.Error(err)
	}
	other := f
	other.SHA256 = strings.Repeat("0", 64)
	if err := w.copyFile(from, other); err == nil || !strings.Contains(err.Error(), "changed while it was copied") {
		t.Errorf("error %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
}

// A shard takes no file of another one.
func TestShardRefusesOthers(t *testing.T) {
	m := shardSample()
	man := rawManifest(m, 300)
	man.Shard = &Shard{1, 2}
	w, err := Create(filepath.Join(t.TempDir(), "d"), man, imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, err := range []error{w.Areas(m.Cells), WriteTable(w, TableSIMs, Whole, []SIM{{}}), w.Events(t.Context(), Slot{0, 2}, nil)} {
		if err == nil || !strings.Contains(err.Error(), "is not of shard 1/2") {
			t.Errorf("error %v", err)
		}
	}
	if err := w.Events(t.Context(), Slot{0, 1}, nil); err != nil {
		t.Error(err)
	}
	man.Shard = &Shard{2, 2}
	if _, err := Create(filepath.Join(t.TempDir(), "d"), man, imsi, 1); err == nil {
		t.Error("shard 2/2 begun")
	}
}

// Runs of two shards share a preparation, other configurations do not; a whole
// run keeps its own in the half-made folder.
func TestPrepared(t *testing.T) {
	m := shardSample()
	dir := filepath.Join(t.TempDir(), "d")
	begin := func(s *Shard, code string) *Writer {
		t.Helper()
		man := rawManifest(m, 300)
		man.Shard, man.Code = s, code
		w, err := Create(dir, man, imsi, 1)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	a, b, other, whole := begin(&Shard{0, 2}, "v0"), begin(&Shard{1, 2}, "v0"), begin(&Shard{2, 3}, "v1"), begin(nil, "v0")
	text := strings.Repeat("speeds ", 1000)
	if a.Prepared() != nil {
		t.Error("prepared before it was")
	}
	if err := a.SavePrepared([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if string(a.Prepared()) != text || string(b.Prepared()) != text || other.Prepared() != nil || whole.Prepared() != nil {
		t.Error("not the preparation that was saved")
	}
	if err := whole.SavePrepared([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := whole.Keep(); err != nil {
		t.Fatal(err)
	}
	if whole = begin(nil, "v0"); string(whole.Prepared()) != text {
		t.Error("a resumed run lacks its preparation")
	}
	name := dir + preparedSuffix
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		bad := append([]byte{}, good...)
		bad[at] ^= 1
		if parsePrepared(bad, a.preparedKey()) != nil && !strings.EqualFold(string(bad), string(good)) { // JSON keys match in any case
			t.Errorf("byte %d changed, and taken", at)
		}
		if parsePrepared(good[:at], a.preparedKey()) != nil {
			t.Errorf("cut at %d, and taken", at)
		}
	}
	if err := os.WriteFile(name+"-x"+tempSuffix, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := RemovePreparation(dir); err != nil || exists(name) || exists(name+"-x"+tempSuffix) {
		t.Errorf("a preparation is left: %v", err)
	}
	if err := os.WriteFile(name, []byte("my notes"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := a.SavePrepared(nil); err == nil || !strings.Contains(err.Error(), "not a preparation of ours") {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(name); RemovePreparation(dir) != nil || string(b) != "my notes" || !exists(name) {
		t.Errorf("somebody's file: %q, %v, there %v", b, err, exists(name))
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(RemovePreparation(dir), a.Abort(), b.Abort(), other.Abort(), whole.Abort()); err != nil {
		t.Error(err)
	}
	if left := list(t, filepath.Dir(dir)); left != nil {
		t.Errorf("left: %v", left)
	}
}

func FuzzPrepared(f *testing.F) {
	m := shardSample()
	w, err := Create(filepath.Join(f.TempDir(), "d"), rawManifest(m, 300), imsi, 1)
	if err != nil {
		f.Fatal(err)
	}
	if err := w.SavePrepared([]byte("speeds")); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(w.preparedPath())
	if err != nil {
		f.Fatal(err)
	}
	key := w.preparedKey()
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := parsePrepared(b, key); got != nil && !strings.Contains(string(b), key) {
			t.Fatalf("%q taken without the key", got)
		}
	})
}
