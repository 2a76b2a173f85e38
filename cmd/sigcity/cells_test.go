package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

// andorraCells is an OpenCelliD file over Andorra: two networks of 40 and 20
// eNBs in the main valley, three cells each.
func andorraCells(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\r\n")
	for net, stations := range map[int]int{3: 40, 4: 20} {
		for i := range stations {
			lon, lat := 1.49+float64(i%8)*0.008+float64(net)*0.001, 42.48+float64(i/8)*0.012
			for s, d := range [][2]float64{{0, 0.002}, {0.002, -0.001}, {-0.002, -0.001}} {
				fmt.Fprintf(&b, "LTE,213,%d,%d,%d,,%.6f,%.6f,,4,1,1459692342,1488347104,\r\n", net, 700+net, (500+i)<<8+s, lon+d[0], lat+d[1])
			}
		}
	}
	return write(t, filepath.Join(t.TempDir(), "213.csv"), b.String())
}

// A data set on imported cells: real names of cells, test networks for the
// subscribers, and the attribution that the file asks for.
func TestGenerateOnImportedCells(t *testing.T) {
	out := filepath.Join(t.TempDir(), "data")
	ok(t, "generate", "--osm", fixture.ModuleFile(t, "andorra-latest.osm.bz2"), "--time-zone", "Europe/Andorra", "--persons", "100", "--days", "1",
		"--cells", andorraCells(t), "--out", out)
	f, err := dataset.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	m := f.Manifest()
	if !strings.Contains(m.Attribution, network.Attribution) || !strings.Contains(m.Attribution, network.CellAttribution) {
		t.Errorf("attribution %q lacks a source", m.Attribution)
	}
	if m.Counts["cells"] != 180 || m.Counts["sites_file"] != 60 || m.Counts["file_rows"] != 180 {
		t.Errorf("counts %v, want 180 cells of 60 sites", m.Counts)
	}
	cells, err := f.Cells()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range cells {
		if !strings.HasPrefix(c.Name, "213-0") || !strings.HasPrefix(c.Operator, "999-0") || c.TAC < 703 || c.TAC > 704 {
			t.Fatalf("cell %s of %s, tracking area %d", c.Name, c.Operator, c.TAC)
		}
	}
	for r, err := range dataset.ReadTable[dataset.SIM](t.Context(), f, dataset.TableSIMs) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(fmt.Sprintf("%015d", r.IMSI), "999") {
			t.Fatalf("IMSI %d is not of a test network", r.IMSI)
		}
		used[r.Operator] = true
	}
	if len(used) != 2 { // 112 SIMs, each of the smaller network with 1/3: all of one, 2e-20
		t.Errorf("SIMs of %v, want both networks", used)
	}
}

func TestBadCellFile(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path  string
		words []string
	}{
		{filepath.Join(dir, "none.csv"), []string{"none.csv", "no such file"}},
		{write(t, filepath.Join(dir, "events.csv"), "user,time,area,event\n"), []string{"events.csv:1", "mcc, net", "site_id"}},
		{write(t, filepath.Join(dir, "far.csv"), "mcc,mnc,tac,cid,lat,lon\n404,5,1,700000,20,70\n"), []string{"far.csv", "none of its 1 rows is a cell or site in the city"}},
		{dir, []string{dir, "directory"}},
	} {
		leavesNothing(t, exitUsage, func(out string) []string {
			return []string{"generate", "--osm", townFile(t), "--cells", c.path, "--out", out}
		}, c.words...)
	}
}
