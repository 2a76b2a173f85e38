package dataset

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
)

// named fails the test where an error does not name the file.
func named(t *testing.T, err error, name string) {
	t.Helper()
	if err != nil && !strings.Contains(err.Error(), name) {
		t.Fatalf("error %v, want one that names %s", err, name)
	}
}

func FuzzReadEventsCSV(f *testing.F) {
	areas := []sigcity.Area{testArea(0), testArea(1)}
	var b bytes.Buffer
	m := sample(3, 1, 1, 1)
	for u := range m.Rows {
		for i := range m.Rows[u] {
			m.Rows[u][i].Area %= 2
		}
	}
	if err := WriteEventsCSV(context.Background(), &b, m); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add("user,time,area,event\n4000000000,4294967295,0,attach\n0,0,1,none\n")
	f.Add("event,area,time,user\r\n\"attach\",0,1,\"0\n")
	f.Fuzz(func(t *testing.T, in string) {
		m, err := ReadEventsCSV(strings.NewReader(in), "e.csv", areas, sigcity.Meta{})
		named(t, err, "e.csv")
		if err != nil {
			return
		}
		var out bytes.Buffer // what was accepted is written and read again the same
		if err := WriteEventsCSV(context.Background(), &out, m); err != nil {
			t.Fatal(err)
		}
		again, err := ReadEventsCSV(&out, "e.csv", areas, m.Info)
		if err != nil {
			t.Fatal(err)
		}
		if d := diffRecords(m, again); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzReadAreasCSV(f *testing.F) {
	var b bytes.Buffer
	if err := WriteAreasCSV(&b, []sigcity.Area{testArea(0), testArea(1)}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add("area,name,lon,lat,footprint\n0,\"a \"\"b\"\"\",0,-0,\"POLYGON ((0 0, 1 0, 1 1, 0 0))\"\n")
	f.Add("area,name,lon,lat,footprint\n0,,0,0,POLYGON EMPTY\n")
	f.Fuzz(func(t *testing.T, in string) {
		areas, err := ReadAreasCSV(strings.NewReader(in), "a.csv")
		named(t, err, "a.csv")
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteAreasCSV(&out, areas); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadAreasCSV(&out, "a.csv"); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "d")
	b, err := os.ReadFile(filepath.Join(rawFolder(f, dir, instants(sample(3, 1, 1, 1)), 2, 1).Dir(), ManifestName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format_version":1,"meta":{"users":1},"parts":[{"first":0,"users":1}],"files":[{"path":"../../etc/passwd"}]}`))
	m := instants(sample(9, 1, 1, 1))
	out := filepath.Join(f.TempDir(), "s")
	for i := range 2 {
		s := Shard{i, 2}
		writeShard(f, out, m, s, nil)
		b, err := os.ReadFile(filepath.Join(s.Dir(out), ManifestName))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"format_version":1,"shard":{"index":1,"of":0}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			return
		}
		if m.Shard != nil {
			if err := m.Shard.Validate(); err != nil {
				t.Fatalf("accepts %v", err)
			}
			for _, e := range m.Files {
				if !m.Shard.Has(partOf(e.Path)) {
					t.Fatalf("accepts %q of another shard than %s", e.Path, m.Shard)
				}
			}
		}
		for _, e := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(e.Path)) {
				t.Fatalf("accepts %q, which leads out of the folder", e.Path)
			}
		}
		users := 0
		for _, p := range m.Parts {
			users += p.Users
		}
		if users != m.Meta.Users {
			t.Fatalf("accepts parts of %d users for %d", users, m.Meta.Users)
		}
	})
}

// Whatever the bytes of an event file are, reading it ends in an error that
// names it, or in valid records.
func FuzzEventFile(f *testing.F) {
	for i, m := range []*Mem{sample(3, 3, 1, 1), instants(sample(600, 1, 1, 1))} {
		folder := rawOrRelease(f, m, i == 1)
		b, err := os.ReadFile(folder.path(folder.events[0][0].Path))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(dir, "e.parquet")
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
		p, err := openParquet(name, int64(len(b)), nil)
		named(t, err, "e.parquet")
		if err != nil {
			return
		}
		defer p.close()
		c, err := newCursor(p, 40, 0, 600)
		for err == nil {
			var u sigcity.UserID
			var ok bool
			if u, ok, err = c.user(); !ok || err != nil {
				break
			}
			var rows []sigcity.Record
			rows, err = c.take(nil, u)
			for _, r := range rows {
				if r.Area >= 40 || !r.Type.Valid() || u >= 600 {
					t.Fatalf("user %d: record %+v", u, r)
				}
			}
		}
		named(t, err, "e.parquet")
	})
}

func rawOrRelease(t testing.TB, m *Mem, raw bool) *Folder {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "d")
	if raw {
		return rawFolder(t, dir, m, m.Info.Users, 1)
	}
	f, err := WriteDataset(context.Background(), dir, m, Manifest{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
