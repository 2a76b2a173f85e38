package network

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

const headed = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"

var globe = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

func readText(t testing.TB, text string, box orb.Bound) (*cellFile, error) {
	t.Helper()
	return readCells(context.Background(), strings.NewReader(text), "c.csv", box)
}

// Every way to write the same two cells reads the same.
func TestCellFileVariants(t *testing.T) {
	const rows = "LTE,262,1,4711,35000577,0,13.4,53.5,1200,17,1,1459692342,1488347104,-95\n" +
		"GSM,262,2,12,4711,,13.5,53.6,800,3,1,1459692342,1488347104,\n"
	want, err := readText(t, headed+rows, globe)
	if err != nil {
		t.Fatal(err)
	}
	first := fileCell{plmn: plmn{262, 1}, gen: lte, area: 4711, id: 35000577, pos: orb.Point{13.4, 53.5}, rangeM: 1200, azimuth: -1, samples: 17, updated: 1488347104}
	if len(want.cells) != 2 || want.cells[0] != first || want.cells[1].gen != legacy {
		t.Fatalf("read %+v, want %+v and a legacy cell", want.cells, first)
	}
	for name, text := range map[string]string{
		"no header":     rows,
		"CR LF":         strings.ReplaceAll(headed+rows, "\n", "\r\n"),
		"mark":          "\ufeff" + headed + rows,
		"mark, no head": "\ufeff" + rows,
		"no last end":   strings.TrimSuffix(headed+rows, "\n"),
		"blank lines":   headed + "\n" + rows + "\r\n\n",
		"capitals":      strings.ToUpper(headed) + strings.ToLower(rows),
		"quotes":        headed + strings.ReplaceAll(rows, "13.4", `"13.4"`),
		"spaces":        headed + strings.ReplaceAll(rows, ",", " , "),
		"other order":   "lat,lon,tac,mnc,mcc,cid,radio,updated,samples,range,note\n53.5,13.4,4711,1,262,35000577,LTE,1488347104,17,1200,x\n53.6,13.5,12,2,262,4711,GSM,1488347104,3,800,\n",
	} {
		got, err := readText(t, text, globe)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fmt.Sprint(got.cells) != fmt.Sprint(want.cells) || got.counts["file_rows"] != 2 {
			t.Errorf("%s: %+v, want %+v", name, got.cells, want.cells)
		}
	}
}

// What real files contain is tolerated and counted.
func TestCellFileTolerates(t *testing.T) {
	row := func(radio, net, area, cell, lon, lat, reach, samples string) string {
		return strings.Join([]string{radio, "262", net, area, cell, "", lon, lat, reach, samples, "1", "", "", ""}, ",") + "\n"
	}
	f, err := readText(t, headed+
		row("LTE", "1", "", "300", "13", "53", "", "")+ // empty fields
		row("LTE", "1", "65534", "301", "13", "53", "-5", "0")+ // no TAC, no range
		row("LTE", "1", "9", "302", "13", "53", "0", "2")+
		row("LTE", "1", "9", "303", "13", "53", "9e9", "2")+
		row("LTE", "1", "9", "304", "213", "53", "1", "2")+ // impossible
		row("LTE", "1", "9", "305", "13", "-91", "1", "2")+
		row("LTE", "1", "9", "306", "0", "0", "1", "2")+
		row("LTE", "1", "9", "307", "", "", "1", "2")+
		row("LTE", "1", "9", "308", "14", "53", "1", "2")+ // outside
		row("LTE", "1", "9", "268435455", "13", "53", "1", "2")+ // ECI of ones
		row("NR", "1", "9", "68719476735", "13", "53", "1", "2")+
		row("LTE", "-1", "9", "7", "13", "53", "1", "2")+
		row("LTE", "1", "9", "-1", "13", "53", "1", "2")+
		row("NR", "1", "70000", "21250493441", "13", "53", "1", "2"), // fine
		orb.Bound{Min: orb.Point{12.9, 52.9}, Max: orb.Point{13.1, 53.1}})
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int64{"file_rows": 14, "file_bad_coordinates": 4, "file_outside": 1, "file_bad_identities": 4} {
		if got := f.counts[what]; got != want {
			t.Errorf("%s = %d, want %d", what, got, want)
		}
	}
	if len(f.cells) != 5 {
		t.Fatalf("%d cells, want 5", len(f.cells))
	}
	for i, x := range f.cells[:4] {
		if x.rangeM != 0 || x.samples < 1 {
			t.Errorf("cell %d: range %g and %g samples, want none and at least 1", i, x.rangeM, x.samples)
		}
	}
	if a, b, c := f.cells[0].area, f.cells[1].area, f.cells[4].area; a != 0 || b != 0 || c != 70000 {
		t.Errorf("areas %d, %d, %d, want 0, 0, 70000", a, b, c)
	}
}

// What is no cell file is refused, by file and line.
func TestCellFileRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":          {"", []string{"c.csv: empty"}},
		"other file":     {"user,time,area,event\n1,2,3,4\n", []string{"c.csv:1", "no cell file", "mcc, net", "lon", "site_id"}},
		"a column short": {"radio,mcc,net,cell,lon\n", []string{"c.csv:1", "no column lat"}},
		"coordinates":    {"name,lat,lon\nx,1,2\n", []string{"c.csv:1", "no column mcc, net, cell", "site_id"}},
		"twice":          {"mcc,net,mnc,cell,lon,lat\n", []string{"c.csv:1", `"net" and "mnc"`}},
		"radio":          {headed + "5G2,262,1,1,1,0,13,53,1,1,1,1,1,0\n", []string{"c.csv:2", `radio "5G2"`, "LTE"}},
		"no radio":       {headed + ",262,1,1,1,0,13,53,1,1,1,1,1,0\n", []string{"c.csv:2", `radio ""`}},
		"lon":            {headed + "LTE,262,1,1,1,0,east,53,1,1,1,1,1,0\n", []string{"c.csv:2", `lon "east"`, "number"}},
		"NaN":            {headed + "LTE,262,1,1,1,0,NaN,53,1,1,1,1,1,0\n", []string{"c.csv:2", `lon "NaN"`}},
		"cell":           {headed + "\nLTE,262,1,1,1.5,0,13,53,1,1,1,1,1,0\n", []string{"c.csv:3", `cell "1.5"`, "whole"}},
		"mcc":            {headed + "LTE,,1,1,1,0,13,53,1,1,1,1,1,0\n", []string{"c.csv:2", `mcc ""`}},
		"short row":      {headed + "LTE,262,1\n", []string{"c.csv:2", "3 fields, want 14"}},
		"quote":          {headed + "LTE,262,\"1\n", []string{"c.csv:2", "quote"}},
		"no end":         {headed + strings.Repeat("x", maxLine+1), []string{"c.csv:2", "line of more than"}},
	} {
		_, err := readText(t, c.text, globe)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v; want %q in it", name, err, w)
			}
		}
	}
}

func TestDistinctCells(t *testing.T) {
	a := fileCell{plmn: plmn{262, 1}, gen: lte, id: 300, samples: 2, updated: 5}
	b, c := a, a
	b.samples, b.area = 7, 3
	c.samples, c.area, c.updated = 7, 4, 9
	other := a
	other.plmn.mnc = 2
	got, n := distinct([]fileCell{a, other, b, c})
	if n != 2 || len(got) != 2 || got[0] != c || got[1] != other {
		t.Errorf("%+v, %d dropped; want the one of most samples updated last, and the other network's", got, n)
	}
	old := a
	old.gen = legacy
	if got, n := distinct([]fileCell{old, old}); len(got) != 2 || n != 0 {
		t.Errorf("%d legacy cells, %d dropped; want both", len(got), n)
	}
}

func TestPlaceholders(t *testing.T) {
	f := &cellFile{counts: map[string]int64{}}
	add := func(n int, gen generation, mnc int64, pos orb.Point) {
		for i := range n {
			f.cells = append(f.cells, fileCell{plmn: plmn{262, mnc}, gen: gen, id: int64(5000+i) << 8, pos: pos, samples: 1})
		}
	}
	point, other := orb.Point{13, 53}, orb.Point{13, 53.0001}
	add(maxStations+1, lte, 1, point) // dropped
	add(maxStations, lte, 2, point)
	add(maxStations, lte, 1, other)
	add(50, legacy, 1, point)
	for s := range 50 { // one station of many cells
		f.cells = append(f.cells, fileCell{plmn: plmn{262, 3}, gen: lte, id: 77<<8 + int64(s), pos: point, samples: 1})
	}
	want := len(f.cells) - maxStations - 1
	f.placeholders()
	if len(f.cells) != want || f.counts["file_placeholders"] != maxStations+1 {
		t.Errorf("%d cells left, %d dropped; want %d, %d", len(f.cells), f.counts["file_placeholders"], want, maxStations+1)
	}
	for _, x := range f.cells {
		if x.gen == lte && x.plmn.mnc == 1 && x.pos == point {
			t.Errorf("kept %+v", x)
		}
	}
}

func TestPLMNText(t *testing.T) {
	for p, want := range map[plmn]string{{262, 1}: "262-01", {310, 4}: "310-004", {405, 805}: "405-805", {460, 11}: "460-11", {1, 1}: "001-01"} {
		if p.String() != want {
			t.Errorf("%+v is %q, want %q", p, p, want)
		}
	}
}

// sharedCells opens a cell file beside the checkout, or skips by its name.
func sharedCells(t testing.TB, name string) io.Reader {
	t.Helper()
	r, err := dataset.OpenText(fixture.SharedFile(t, "cells/"+name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// Real files with some of the columns.
func TestRealCellFiles(t *testing.T) {
	for name, want := range map[string]struct{ cells, modern, sites int }{
		"opencellid_munich_2231_reduced.csv": {2231, 1724, 0},
		"india_tower_sample_ocid_subset.csv": {49, 0, 0},
		"acma_optus_melbcbd_sites.csv":       {0, 0, 125},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := readCells(context.Background(), sharedCells(t, name), name, globe)
			if err != nil {
				t.Fatal(err)
			}
			modern := 0
			for _, x := range f.cells {
				if x.gen != legacy {
					modern++
				}
			}
			if len(f.cells) != want.cells || modern != want.modern || len(f.sites) != want.sites {
				t.Errorf("%d cells, %d of 4G and 5G, %d sites; want %+v", len(f.cells), modern, len(f.sites), want)
			}
		})
	}
}

func FuzzCells(f *testing.F) {
	f.Add([]byte(headed + "LTE,262,1,4711,35000577,0,13.4,53.5,1200,17,1,1459692342,1488347104,-95\r\n"))
	f.Add([]byte(townCells()))
	f.Add([]byte("GSM,262,2,12,4711,,13.5,53.6,800,3,1,1459692342,1488347104,\n"))
	f.Add([]byte("\ufeffSITE_ID,LATITUDE,LONGITUDE\n1,\"-37.8\",144.9\n"))
	f.Add([]byte(",lon,lat,mcc,range,net,cell,averageSignal\n1,1e300,NaN,262,-1,0x1,9223372036854775808,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := readCells(context.Background(), strings.NewReader(string(data)), "c.csv", globe)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "c.csv:") {
				t.Fatalf("error %q names no file", err)
			}
			return
		}
		if n := len(file.cells) + len(file.sites); int64(n) > file.counts["file_rows"] || n > len(data) {
			t.Fatalf("%d rows of %d", n, file.counts["file_rows"])
		}
		for _, x := range file.cells {
			if !globe.Contains(x.pos) || math.IsNaN(x.rangeM+x.samples) || x.rangeM < 0 || x.samples < 1 || x.id < 0 {
				t.Fatalf("read %+v", x)
			}
		}
		b := &builder{city: &City{Proj: geo.NewProjection(orb.Point{13, 53}), Bounds: orb.Bound{Min: orb.Point{12.9, 52.9}, Max: orb.Point{13.1, 53.1}},
			Report: Report{Counts: map[string]int64{}}}}
		near := slices.DeleteFunc(file.cells, func(x fileCell) bool { return !b.city.Bounds.Contains(x.pos) })
		if len(near) == 0 {
			return
		}
		part := &cellFile{cells: near, counts: map[string]int64{}}
		part.placeholders()
		if len(part.cells) == 0 {
			return
		}
		b.importCells(part, "c.csv")
		b.spacings()
		if err := b.cells(); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, cell := range b.city.Cells {
			if names[cell.CGI] || !finite(cell.Center) || !(cell.Azimuth >= 0 && cell.Azimuth < 360) || !(cell.RangeM > 0) {
				t.Fatalf("made %+v", cell)
			}
			names[cell.CGI] = true
		}
	})
}

func BenchmarkReadCells(b *testing.B) {
	text := headed + strings.Repeat("LTE,262,1,4711,35000577,0,13.4,53.5,1200,17,1,1459692342,1488347104,-95\n", 1000)
	box := orb.Bound{Min: orb.Point{50, 10}, Max: orb.Point{51, 11}} // elsewhere: what nearly all rows of a country's file are
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readCells(b.Context(), strings.NewReader(text), "c.csv", box); err != nil {
			b.Fatal(err)
		}
	}
}
