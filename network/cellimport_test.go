package network

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// townCells is a cell file of the town's place: base stations of two networks
// on a grid, three cells each, looking north, south-east and south-west, and
// oddities.
func townCells() string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(headed, "\n", "\r\n"))
	row := func(radio string, net, area int, cell int64, lon, lat float64, reach, samples string) {
		fmt.Fprintf(&b, "%s,262,%d,%d,%d,,%.7f,%.7f,%s,%s,1,1459692342,1488347104,\r\n", radio, net, area, cell, lon, lat, reach, samples)
	}
	for i := range 8 {
		for j := range 5 {
			lon, lat := 13.002+float64(i)*0.0016, 53.001+float64(j)*0.0016
			for s, d := range [][2]float64{{0, 0.0006}, {0.00086, -0.0003}, {-0.00086, -0.0003}} {
				row("LTE", 1, 100+i/4, int64(1000+10*i+j)<<8+int64(s), lon+d[0], lat+d[1], "700", "3")
				if i < 4 {
					row("LTE", 2, 0, int64(1000+10*i+j)<<8+int64(s), lon+d[0]+0.0005, lat+d[1], "", "5")
				}
			}
		}
	}
	row("NR", 1, 300, 4_000_000<<12+5, 13.0028, 53.0018, "300", "9") // on a mast of its own
	row("LTE", 1, 100, 1000<<8, 13.0015, 53.0016, "700", "")         // a repeated cell, of fewer samples
	row("LTE", 9, 1, 77<<8, 13.004, 53.002, "700", "")               // a stray network
	row("GSM", 1, 1, 77, 13.004, 53.002, "700", "")                  // no phone camps there
	row("LTE", 1, 1, 78<<8, 23.004, 53.002, "700", "")               // elsewhere
	return b.String()
}

func cellFileOf(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkImported makes sure that imported cells fit together and serve.
func checkImported(t testing.TB, c *City) {
	t.Helper()
	names := map[string]bool{}
	for id := range c.Cells {
		cell := &c.Cells[id]
		op := c.Sites[cell.Site].Operator
		if names[cell.CGI] {
			t.Fatalf("CGI %s twice", cell.CGI)
		}
		names[cell.CGI] = true
		if !strings.HasPrefix(cell.CGI, c.Operators[op].broadcast()+"-") || c.Sites[cell.Site].Cells[cell.Sector] != sigcity.AreaID(id) {
			t.Fatalf("cell %d is %+v of %+v", id, cell, c.Sites[cell.Site])
		}
		if !(cell.AreaM2 > 0) || !(cell.RangeM >= 1) || cell.TAC == 0 || !(cell.Azimuth >= 0 && cell.Azimuth < 360) {
			t.Fatalf("cell %d: %+v", id, cell)
		}
	}
	serves := map[sigcity.AreaID]bool{}
	for _, n := range c.radio.networks() {
		m := &n.coverage
		m.tiles(func(tile int, _ geo.XY, _ float64) { serves[m.best(tile)] = true })
	}
	delete(serves, nobody)
	// Carriers of one direction at one mast shade each other: a few serve nowhere.
	if n := len(serves); 10*n < 9*len(c.Cells) {
		t.Errorf("%d of %d cells serve somewhere, want nine in ten", n, len(c.Cells))
	}
	share := 0.0
	for _, o := range c.Operators {
		share += o.Share
		if o.MCC != "999" {
			t.Errorf("subscribers of %s, want a test network", o.PLMN())
		}
	}
	if math.Abs(share-1) > 1e-9 {
		t.Errorf("shares sum to %g", share)
	}
}

func TestImportedCells(t *testing.T) {
	c := buildTown(t, town(10), Options{Cells: cellFileOf(t, "town.csv", townCells())})
	checkImported(t, c)
	for what, want := range map[string]int64{"cells": 181, "sites": 61, "sites_file": 61, "sites_synthetic": 0, "sites_map": 0, "file_rows": 185,
		"file_outside": 1, "file_repeated": 1, "file_legacy": 1, "file_stray_networks": 1} {
		if got := c.Report.Counts[what]; got != want {
			t.Errorf("%s = %d, want %d", what, got, want)
		}
	}
	if len(c.Operators) != 2 || c.Operators[0].Network != "262-01" || math.Abs(c.Operators[0].Share-121.0/181) > 1e-12 {
		t.Fatalf("operators %+v, want 262-01 with 121 of 181 cells, then 262-02", c.Operators)
	}
	five := 0
	for _, cell := range c.Cells {
		s := &c.Sites[cell.Site]
		if cell.Radio == "5G" {
			five++
			if cell.CGI != "262-01-16384000005" || cell.ENB != 4_000_000 || cell.TAC != 300 || cell.RangeM != 300 || cell.Azimuth != 0 || len(s.Cells) != 1 {
				t.Errorf("5G cell %+v", cell)
			}
			continue
		}
		n := int(cell.ENB - 1000)
		lon, lat := 13.002+float64(n/10)*0.0016, 53.001+float64(n%10)*0.0016
		if s.Operator == 1 {
			lon += 0.0005
		}
		if d := s.Pos.Dist(c.Proj.XY([2]float64{lon, lat})); d > 1 {
			t.Errorf("eNB %d stands %.1f m off", cell.ENB, d)
		}
		// Cells of one file position are in order of identity, so the identity
		// tells where the cell looked.
		var id int
		if _, err := fmt.Sscanf(cell.CGI[7:], "%d", &id); err != nil {
			t.Fatal(err)
		}
		if d := turn(cell.Azimuth, float64(id%256)*120); d > 3 {
			t.Errorf("%s looks to %.0f°, want about %d°", cell.CGI, cell.Azimuth, id%256*120)
		}
		if s.Operator == 0 && (cell.TAC != uint32(100+n/40) || cell.RangeM != 700) || s.Operator == 1 && cell.TAC <= 300 {
			t.Errorf("%s: tracking area %d, range %g m", cell.CGI, cell.TAC, cell.RangeM)
		}
	}
	if five != 1 {
		t.Errorf("%d 5G cells, want 1", five)
	}
	if got := c.Map().Attribution; got != Attribution+"; "+CellAttribution {
		t.Errorf("attribution %q", got)
	}
}

// Neither compression nor the number of workers nor the order of rows shows.
func TestImportIsDeterministic(t *testing.T) {
	text := townCells()
	path := cellFileOf(t, "town.csv", text)
	want := fingerprint(buildTown(t, town(10), Options{Cells: path, Workers: 1}))
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\r\n"), "\r\n")
	lines[len(lines)-1] += "\r\n"
	slices.Reverse(lines[1:])
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if fingerprint(buildTown(t, town(10), Options{Cells: path, Workers: 4})) != want {
		t.Error("another order of rows and number of workers makes another city")
	}
	zipped := filepath.Join(t.TempDir(), "town.csv.gz")
	w, err := dataset.CreateText(zipped)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := buildTown(t, town(10), Options{Cells: zipped})
	if c.Report.Counts["cells"] != 181 {
		t.Errorf("%d cells of the compressed file, want 181", c.Report.Counts["cells"])
	}
}

// Test networks instead of real ones, on demand and where identities are made up.
func TestImportWithTestNetworks(t *testing.T) {
	c := buildTown(t, town(10), Options{Cells: cellFileOf(t, "town.csv", townCells()), TestPLMN: true})
	checkImported(t, c)
	for _, cell := range c.Cells {
		if !strings.HasPrefix(cell.CGI, "999-0") {
			t.Fatalf("cell %s, want a test network's", cell.CGI)
		}
	}
	for name, text := range map[string]string{
		"sites.csv":  "\ufeffSITE_ID,LATITUDE,LONGITUDE,NAME\r\n1,53.002,13.004,\"Here, there\"\r\n2,53.006,13.01,x\r\n3,53.00600,13.01001,same mast\r\n",
		"legacy.csv": "mcc,mnc,tac,cid,lat,lon\n404,5,221,2171,53.002,13.004\n404,5,221,2172,53.002,13.004\n404,5,22,9,53.006,13.01\n",
	} {
		c := buildTown(t, town(10), Options{Cells: cellFileOf(t, name, text)})
		checkImported(t, c)
		if len(c.Sites) != 2 || len(c.Cells) != 6 || len(c.Operators) != 1 {
			t.Errorf("%s: %d sites, %d cells, %d operators; want 2, 6, 1", name, len(c.Sites), len(c.Cells), len(c.Operators))
		}
		for _, cell := range c.Cells {
			if !strings.HasPrefix(cell.CGI, "999-01-") {
				t.Errorf("%s: made-up cell %s, want a test network's", name, cell.CGI)
			}
		}
	}
}

// Errors of a cell file name it and not the extract.
func TestImportErrors(t *testing.T) {
	extract := cellFileOf(t, "town.osm", town(5))
	missing := filepath.Join(t.TempDir(), "none.csv")
	for _, c := range []struct{ path, want string }{
		{missing, "none.csv"},
		{cellFileOf(t, "far.csv", headed+"LTE,262,1,1,300,0,50,10,1,1,1,1,1,0\n"), "far.csv: none of its 1 rows is a cell or site in the city"},
		{cellFileOf(t, "bad.csv", headed+"LTE,262,1,1,x,0,50,10,1,1,1,1,1,0\n"), "bad.csv:2: cell"},
		{cellFileOf(t, "bad.csv.gz", "no gzip"), "bad.csv.gz: want a gzip file"},
	} {
		_, err := Load(context.Background(), extract, Options{Cells: c.path})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "town.osm") {
			t.Errorf("error %v, want %q and not the extract", err, c.want)
		}
	}
}

// A file's azimuths and beams are taken, unless two cells of a technology look
// the same way or one does not tell.
func TestImportedAzimuths(t *testing.T) {
	const head = "radio,mcc,net,area,cell,lon,lat,azimuth,beam\n"
	for _, c := range []struct {
		rows    string
		azimuth []float64
		beam    []float64
	}{
		{"LTE,262,1,7,256001,13.004,53.002,200,30\nLTE,262,1,7,256002,13.004,53.002,20,\nNR,262,1,7,16384000005,13.004,53.002,200,\n",
			[]float64{20, 200, 200}, []float64{65, 30, 360}},
		{"LTE,262,1,7,256001,13.004,53.002,400,0\nLTE,262,1,7,256002,13.004,53.002,20,90\n", nil, nil},
		{"LTE,262,1,7,256001,13.004,53.002,20,\nLTE,262,1,7,256002,13.004,53.002,20,\n", nil, nil},
	} {
		city := buildTown(t, town(4), Options{Cells: cellFileOf(t, "town.csv", head+c.rows)})
		if c.azimuth == nil { // observed at one point: they divide the circle
			if d := turn(city.Cells[0].Azimuth, city.Cells[1].Azimuth); math.Abs(d-180) > 1e-6 {
				t.Errorf("%s: the cells look %g° apart, want 180", c.rows, d)
			}
			continue
		}
		for i, x := range city.Cells {
			if x.Azimuth != c.azimuth[i] || x.BeamDeg != c.beam[i] {
				t.Errorf("%s: azimuth %g, beam %g; want %g and %g", x.CGI, x.Azimuth, x.BeamDeg, c.azimuth[i], c.beam[i])
			}
		}
		if s := city.Sites[0]; len(city.Sites) != 1 || len(s.Cells) != 3 || !city.Operators[0].SA {
			t.Errorf("sites %+v of %+v", city.Sites, city.Operators)
		}
		q := centerOf(city)
		for sa, want := range map[bool]string{false: "4G", true: "5G"} {
			if got := city.Cells[city.Camp(UE{SA: sa}, q)[0].Cell].Radio; got != want {
				t.Errorf("stand-alone %v: on %s, want %s", sa, got, want)
			}
		}
	}
}

func TestDirections(t *testing.T) {
	at := func(degrees ...float64) (out []geo.XY) {
		for _, d := range degrees {
			v := heading(d)
			out = append(out, geo.XY{X: 100 + v.X*300, Y: 50 + v.Y*300})
		}
		return out
	}
	site := geo.XY{X: 100, Y: 50}
	for _, c := range []struct {
		centers []geo.XY
		order   []int
		want    []float64
	}{
		{at(77), []int{0}, []float64{0}},
		{at(240, 0, 120), []int{1, 2, 0}, []float64{0, 120, 240}},
		{at(300, 60), []int{1, 0}, []float64{67.5, 292.5}}, // gaps 240 and 120 become 225 and 135
		{[]geo.XY{site, site, site}, []int{0, 1, 2}, []float64{10, 130, 250}},
		{at(90, 90), []int{0, 1}, []float64{67.5, 112.5}}, // two carriers
	} {
		order, got := directions(site, c.centers, 10)
		if !slices.Equal(order, c.order) {
			t.Errorf("%v: order %v, want %v", c.centers, order, c.order)
		}
		for k := range got {
			if turn(got[k], c.want[k]) > 1e-6 {
				t.Errorf("%v: azimuths %v, want %v", c.centers, got, c.want)
				break
			}
		}
	}
}

// turn is the angle between two bearings, in degrees.
func turn(a, b float64) float64 {
	d := math.Mod(math.Abs(a-b), 360)
	return math.Min(d, 360-d)
}
