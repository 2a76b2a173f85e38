package dataset

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// anyMem draws a small data set; records ascend.
func anyMem(t *rapid.T) *Mem {
	return sample(rapid.IntRange(1, 40).Draw(t, "users"), rapid.IntRange(0, 6).Draw(t, "per day"), rapid.IntRange(1, 3).Draw(t, "days"), rapid.Uint64().Draw(t, "seed"))
}

// What is written as CSV reads back the same.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMem(t)
		var events, areas bytes.Buffer
		if err := WriteEventsCSV(context.Background(), &events, m); err != nil {
			t.Fatal(err)
		}
		if err := WriteAreasCSV(&areas, m.Cells); err != nil {
			t.Fatal(err)
		}
		cells, err := ReadAreasCSV(&areas, "areas.csv")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m.Cells, cells, opts); d != "" {
			t.Fatalf("areas (-want +got):\n%s", d)
		}
		got, err := ReadEventsCSV(&events, "events.csv", cells, m.Info)
		if err != nil {
			t.Fatal(err)
		}
		if d := diffRecords(m, got); d != "" {
			t.Fatalf("records (-want +got):\n%s", d)
		}
	})
}

// In memory, as a folder and as CSV of every compression a data set is the same.
func TestFormatsAgree(t *testing.T) {
	for i, ext := range []string{"", ".gz", ".zst"} {
		m := sample(40*i+1, 6, 1+i, uint64(i))
		dir, ctx := t.TempDir(), context.Background()
		f, err := WriteDataset(ctx, filepath.Join(dir, "a"), m, Manifest{Code: "v0"}, 2)
		if err != nil {
			t.Fatal(err)
		}
		csv := filepath.Join(dir, "csv")
		if err := ExportCSV(ctx, csv, f, ext); err != nil {
			t.Fatal(err)
		}
		g, err := ImportCSV(ctx, filepath.Join(csv, "events.csv"+ext), filepath.Join(csv, "areas.csv"), filepath.Join(dir, "b"), m.Info)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []*Folder{f, g} {
			got := load(t, in, sigcity.Range{})
			sameRecords(t, m, got)
			if d := cmp.Diff(m.Cells, got.Cells, opts); d != "" {
				t.Errorf("areas differ (-want +got):\n%s", d)
			}
			if d := cmp.Diff(m.Info, got.Info, opts); d != "" {
				t.Errorf("meta differs (-want +got):\n%s", d)
			}
		}
	}
}

func TestReadEventsCSV(t *testing.T) {
	in := "\xef\xbb\xbfevent,area,time,user\r\nattach,1,1772406100,1\r\nhandover,0,1772406000,1\r\n\"sms-in\",0,1772492400,0\r\n"
	m, err := ReadEventsCSV(strings.NewReader(in), "x.csv", []sigcity.Area{testArea(0), testArea(1)}, sigcity.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]sigcity.Record{
		{{Time: 1772492400, Type: sigcity.SMSIn}},
		{{Time: 1772406000, Type: sigcity.Handover}, {Time: 1772406100, Area: 1, Type: sigcity.Attach}},
	}
	if d := cmp.Diff(want, m.Rows); d != "" {
		t.Errorf("records (-want +got):\n%s", d)
	}
	if d := cmp.Diff(sigcity.Meta{Users: 2, Records: 3, TimeZone: "Etc/UTC", Start: "2026-03-01", Days: 2}, m.Info); d != "" {
		t.Errorf("meta (-want +got):\n%s", d)
	}
}

func TestReadEventsCSVErrors(t *testing.T) {
	const head = "user,time,milli,span,area,event\n"
	for _, c := range []struct{ in, want string }{
		{"", "x.csv:1: empty file, want a header line"},
		{"user,time,area\n", `x.csv:1: no column "event"`},
		{"user,time,area,event,colour\n", `x.csv:1: unknown column "colour"`},
		{"user,user,time,area,event\n", `x.csv:1: column "user" is there twice`},
		{head + "0,1,0,0,0,attach\n0,x,0,0,0,attach\n", `x.csv:3: time "x": want a whole number`},
		{head + "0,1,0,0,2,attach\n", `x.csv:2: area "2": want a whole number from 0 to 1`},
		{head + "9,1,0,0,0,attach\n", `x.csv:2: user "9": want a whole number from 0 to 4`},
		{head + "0,1,1000,0,0,attach\n", `x.csv:2: milli "1000": want a whole number from 0 to 999`},
		{head + "0,1,0,-1,0,attach\n", `x.csv:2: span "-1"`},
		{head + "0,1,0,0,0,walk\n", `x.csv:2: event "walk": `},
		{head + "0,1,0,0,attach\n", "x.csv:2: wrong number of fields"},
		{head + "0,1,0,0,\"0,attach\n", "x.csv:2: extraneous or missing \" in quoted-field"},
	} {
		_, err := ReadEventsCSV(strings.NewReader(c.in), "x.csv", []sigcity.Area{testArea(0), testArea(1)}, sigcity.Meta{Users: 5})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s…", c.in, err, c.want)
		}
	}
	_, err := ReadEventsCSV(strings.NewReader(head+"2000000000,1,0,0,0,attach\n"), "x.csv", []sigcity.Area{testArea(0)}, sigcity.Meta{})
	if err == nil || !strings.Contains(err.Error(), "numbered from 0") {
		t.Errorf("a wild user id: error %v", err)
	}
}

func TestReadAreasCSVErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"area,name,lon\n", `y.csv:1: no column "lat"`},
		{"area,name,lon,lat\n1,a,0,0\n", "y.csv:2: area 1, want the ids 0 to 0"},
		{"area,name,lon,lat\n0,a,0,0\n0,b,0,0\n", "y.csv:3: area 0 is there twice"},
		{"area,name,lon,lat\n0,a,181,0\n", `y.csv:2: lon "181": want a number from -180 to 180`},
		{"area,name,lon,lat\n0,a,0,NaN\n", `y.csv:2: lat "NaN"`},
		{"area,name,lon,lat,radius\n0,a,0,0,inf\n", `y.csv:2: radius "inf": want a number of at least 0`},
		{"area,name,lon,lat,footprint\n0,a,0,0,POINT(1 2)\n", `y.csv:2: footprint "POINT(1 2)": want POLYGON`},
		{"area,name,lon,lat,footprint\n0,a,0,0,\"POLYGON((0 0,1 0,1 1))\"\n", "y.csv:2: footprint"},
	} {
		_, err := ReadAreasCSV(strings.NewReader(c.in), "y.csv")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s…", c.in, err, c.want)
		}
	}
}

func TestText(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("a line of text\n", 50000)
	for _, name := range []string{"a.csv", "a.csv.gz", "a.csv.zst"} {
		path := filepath.Join(dir, name)
		w, err := CreateText(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is there before Close", name)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w.Abort() // does nothing any more
		got, err := readText(path, readAll)
		if err != nil || got != text {
			t.Errorf("%s: %d bytes, error %v, want the %d written", name, len(got), err, len(text))
		}
		if name == "a.csv" {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b[:len(b)-9], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := readText(path, readAll); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("truncated %s: error %v, want one that names it", name, err)
		}
	}
	w, err := CreateText(filepath.Join(dir, "b.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("x"))
	w.Abort()
	if left, _ := filepath.Glob(filepath.Join(dir, "b.csv*")); len(left) > 0 {
		t.Errorf("abort left %v", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.gz"), []byte("no gzip"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenText(filepath.Join(dir, "c.gz")); err == nil || !strings.Contains(err.Error(), "c.gz: want a gzip file") {
		t.Errorf("error %v, want one that names the file", err)
	}
}

func TestImportLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	var areas bytes.Buffer
	if err := WriteAreasCSV(&areas, []sigcity.Area{testArea(0)}); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "areas.csv"), areas.Bytes(), 0o666)
	os.WriteFile(filepath.Join(dir, "events.csv"), []byte("user,time,area,event\n0,1,0,attach\n0,2,7,attach\n"), 0o666)
	_, err := ImportCSV(context.Background(), filepath.Join(dir, "events.csv"), filepath.Join(dir, "areas.csv"), filepath.Join(dir, "out"), sigcity.Meta{})
	if err == nil || !strings.Contains(err.Error(), "events.csv:3: area \"7\"") {
		t.Errorf("error %v, want one that names file and line", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "out*")); len(left) > 0 {
		t.Errorf("a failed import left %v", left)
	}
}
