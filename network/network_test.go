package network

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

// andorraSource reads the extract that comes with the OSM module, once for all
// tests; a source does not change after it was read.
var andorraSource = sync.OnceValues(func() (*source, error) {
	path, err := fixture.ModulePath("andorra-latest.osm.bz2")
	if err != nil {
		return nil, err
	}
	return readFile(context.Background(), path, 2)
})

var andorraCity = sync.OnceValues(func() (*City, error) { return buildAndorra(2) })

func buildAndorra(workers int) (*City, error) {
	src, err := andorraSource()
	if err != nil {
		return nil, err
	}
	return build(context.Background(), src, Options{Name: "andorra", Seed: 1, Workers: workers})
}

func andorra(t testing.TB) *City {
	t.Helper()
	c, err := andorraCity()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func places(c *City) map[dataset.Category]int {
	out := map[dataset.Category]int{}
	for _, p := range c.Places {
		out[p.Category]++
	}
	return out
}

// check tests what must hold of any city.
func check(t *testing.T, c *City) {
	t.Helper()
	n := places(c)
	for _, cat := range append(needed(), dataset.Office, dataset.Industry) {
		if n[cat] == 0 {
			t.Errorf("no place of category %s", cat)
		}
	}
	homes, jobs := 0.0, 0.0
	for i, b := range c.Buildings {
		homes += b.Dwellings
		jobs += b.Jobs
		if !finite(b.Pos) || !(b.FloorM2 > 0) || b.Levels < 1 || b.Dwellings < 0 || b.Jobs < 0 || b.Use == UnknownUse {
			t.Fatalf("building %d: %+v", i, b)
		}
		if (b.Dwellings > 0) != (b.Community >= 0) {
			t.Fatalf("building %d: %g dwellings in community %d", i, b.Dwellings, b.Community)
		}
		if b.Ring == nil && !b.Estimated {
			t.Fatalf("building %d: a stand-in that is not flagged", i)
		}
	}
	for i, p := range c.Places {
		jobs += p.Jobs
		if !finite(p.Pos) || !(p.Capacity > 0) || !(p.Jobs > 0) {
			t.Fatalf("place %d: %+v", i, p)
		}
	}
	if homes < 500 {
		t.Errorf("%.0f dwellings, want at least 500", homes)
	}
	if share := jobs / (homes * householdSize); share < 0.45 {
		t.Errorf("%.2f jobs an inhabitant, want at least 0.45", share)
	}
	quintiles := map[int]float64{}
	sum := 0.0
	for _, m := range c.Communities {
		quintiles[m.Affluence] += m.Dwellings
		sum += m.Dwellings
	}
	if math.Abs(sum-homes) > 1e-6*homes {
		t.Errorf("communities hold %g dwellings, want all %g", sum, homes)
	}
	if len(c.Communities) >= 50 {
		for a := 1; a <= 5; a++ {
			if share := quintiles[a] / sum; share < 0.1 || share > 0.3 {
				t.Errorf("affluence %d has %.0f %% of dwellings, want about 20", a, share*100)
			}
		}
	}
	if g := c.Graph(); g.Edges() < 50 || g.Nodes() > 2*g.Edges() || int64(g.Edges()) != c.Report.Counts["graph_edges"] {
		t.Errorf("graph of %d nodes and %d edges, %d cut off", g.Nodes(), g.Edges(), c.Report.Counts["graph_cut_off"])
	}
	perOperator := make([]int, len(c.Operators))
	for i, s := range c.Sites {
		want := 1
		if s.Kind == MacroSite {
			perOperator[s.Operator]++
			want = sectorsPerSite
			if n := len(c.cellsOf(i, "5G")); n != 0 && n != want {
				t.Fatalf("site %d has %d cells of 5G", i, n)
			}
		}
		if !(s.Spacing > 0) || len(c.cellsOf(i, "4G")) != want {
			t.Fatalf("site %d: %+v", i, s)
		}
	}
	for op, n := range perOperator {
		if n < minSites {
			t.Errorf("operator %d has %d sites, want at least %d", op, n, minSites)
		}
	}
	if len(c.Areas()) != len(c.Cells) || len(c.CellRows()) != len(c.Cells) {
		t.Errorf("%d areas and %d cell rows, want %d", len(c.Areas()), len(c.CellRows()), len(c.Cells))
	}
	for _, w := range c.Report.Warnings {
		if strings.Contains(w, "NaN") || strings.Contains(w, "Inf") {
			t.Errorf("warning %q", w)
		}
	}
}

func summary(t *testing.T, c *City, took time.Duration) {
	t.Helper()
	r := c.Report.Counts
	t.Logf("%-28s %8d homes (%d stand-in) %8d inhabitants %7d jobs %4d kindergartens (%d estimated) %5d sites (%d of the map) %6d cells %5.1f s", c.Name,
		r["homes"], r["homes_stand_in"], r["inhabitants"], r["jobs"], r["places_kindergarten"], r["places_estimated_kindergarten"],
		r["sites"], r["sites_map"], r["cells"], took.Seconds())
}

func TestAndorra(t *testing.T) {
	c := andorra(t)
	check(t, c)
	summary(t, c, 0)
	if h := c.Report.Counts["homes"]; h < 15_000 || h > 60_000 { // 77 k inhabitants in 2018
		t.Errorf("%d homes", h)
	}
	if !slices.ContainsFunc(c.Report.Warnings, func(w string) bool { return strings.HasPrefix(w, "kindergarten:") }) {
		t.Errorf("one kindergarten for a country, and no warning: %q", c.Report.Warnings)
	}
}

func TestDelaware(t *testing.T) {
	if testing.Short() {
		t.Skip("a state")
	}
	start := time.Now()
	c := delaware(t)
	check(t, c)
	summary(t, c, time.Since(start))
	figures(c).check(t, "delaware", c)
	r := c.Report.Counts
	if r["homes"] < 250_000 || r["homes"] > 600_000 { // 426 k housing units in 2016
		t.Errorf("%d homes", r["homes"])
	}
	if r["places_kindergarten"] != r["places_estimated_kindergarten"] || r["places_kindergarten"] < 100 {
		t.Errorf("%d kindergartens, %d estimated: the map has none", r["places_kindergarten"], r["places_estimated_kindergarten"])
	}
	// R14: site counts in squares of a kilometre are over-dispersed.
	squares := newRaster(1000)
	for _, s := range c.Sites {
		squares.add(s.Pos, 1)
	}
	side := func(lo, hi float64) float64 { return math.Ceil((hi - lo) / 1000) }
	lo, hi := c.Proj.XY(c.Bounds.Min), c.Proj.XY(c.Bounds.Max)
	n, sum, sq := side(lo.X, hi.X)*side(lo.Y, hi.Y), 0.0, 0.0
	for _, v := range squares.sum {
		sum += v
		sq += v * v
	}
	mean := sum / n
	if ratio := (sq/n - mean*mean) / mean; ratio < 1.5 {
		t.Errorf("variance / mean of sites per km² = %.2f, want above 1.5", ratio)
	}
}

// Every extract at hand loads to a plausible city.
func TestExtracts(t *testing.T) {
	for _, name := range []string{"monaco-tilemaker.osm.pbf", "neubrandenburg.osm.pbf", "north-bayreuth-gh.osm.gz",
		"liechtenstein-2013-osm2pgsql.osm.pbf", "hsinchu-ntnunsl.osm", "lyon-villeurbanne-magnana.osm.gz",
		"baltimore-valhalla.osm.pbf", "columbus-otp.osm.pbf", "newark-de.osm.pbf", "wilmington-de.osm.pbf"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name > "n" {
				t.Skip("short: the first extracts do")
			}
			start := time.Now()
			c := figureCity(t, name)
			check(t, c)
			summary(t, c, time.Since(start))
		})
	}
}

// The same City for any number of workers, and another for another seed.
func TestWorkersDoNotShow(t *testing.T) {
	path := fixture.SharedFile(t, "osm/monaco-tilemaker.osm.pbf")
	want := fingerprint(load(t, path, Options{Seed: 1, Workers: 1}))
	for _, w := range []int{2, 7} {
		if got := fingerprint(load(t, path, Options{Seed: 1, Workers: w})); got != want {
			t.Errorf("%d workers: another city than 1 worker", w)
		}
	}
	if got := fingerprint(load(t, path, Options{Seed: 2, Workers: 2})); got == want {
		t.Error("seed 2: the same city as seed 1")
	}
}

func TestAndorraWorkersDoNotShow(t *testing.T) {
	want := fingerprint(andorra(t))
	for _, w := range []int{1, 7} {
		c, err := buildAndorra(w)
		if err != nil {
			t.Fatal(err)
		}
		if fingerprint(c) != want {
			t.Errorf("%d workers: another city than 2 workers", w)
		}
	}
}

func TestInhabitants(t *testing.T) {
	few, many := buildTown(t, town(10), Options{Inhabitants: 100}), buildTown(t, town(10), Options{Inhabitants: 50_000})
	homes := func(c *City) (n float64) {
		for _, b := range c.Buildings {
			n += b.Dwellings
		}
		return n
	}
	if got := homes(many) * householdSize; math.Abs(got-50_000) > 1 {
		t.Errorf("room for %.0f inhabitants, want 50000", got)
	}
	if base := homes(buildTown(t, town(10), Options{})); homes(few) != base {
		t.Errorf("%g dwellings for few inhabitants, want the map's %g", homes(few), base)
	}
	if len(many.Sites) <= len(few.Sites) {
		t.Errorf("%d sites for 50000 inhabitants, %d for 100", len(many.Sites), len(few.Sites))
	}
	if !slices.ContainsFunc(many.Report.Warnings, func(w string) bool { return strings.HasPrefix(w, "dwellings:") }) {
		t.Error("dwellings topped up without a warning")
	}
	if _, err := build(context.Background(), &source{}, Options{Inhabitants: -1}); err == nil || !strings.Contains(err.Error(), "inhabitants = -1") {
		t.Errorf("inhabitants -1: %v", err)
	}
}

func TestTown(t *testing.T) {
	c := buildTown(t, town(12), Options{Seed: 4})
	check(t, c)
	r := c.Report.Counts
	if r["places_kindergarten"]-r["places_estimated_kindergarten"] != 1 {
		t.Errorf("%d kindergartens, %d estimated; the map has one", r["places_kindergarten"], r["places_estimated_kindergarten"])
	}
	if r["sites_map"] < 1 {
		t.Error("the mast of the map carries no site")
	}
	if r["buildings_stand_in"] == 0 {
		t.Error("streets without houses got none")
	}
	var houses, standIns []geo.XY
	for _, b := range c.Buildings {
		if b.Ring != nil {
			houses = append(houses, b.Pos)
		} else {
			standIns = append(standIns, b.Pos)
		}
	}
	if len(houses) != 48 {
		t.Errorf("%d houses of the map, want 48", len(houses))
	}
	for _, p := range standIns {
		if slices.ContainsFunc(houses, func(q geo.XY) bool { return p.Dist(q) < frontageM }) {
			t.Fatalf("a stand-in at %v, where the map has a house", p)
		}
	}
}

func TestTimeZone(t *testing.T) {
	shift := func(lon string) string { return strings.ReplaceAll(town(6), `lon="13.`, `lon="`+lon+`.`) }
	for lon, want := range map[string]string{"13": "Etc/GMT-1", "0": "Etc/GMT", "120": "Etc/GMT-8", "-74": "Etc/GMT+5"} {
		c := buildTown(t, shift(lon), Options{})
		if c.TimeZone != want {
			t.Errorf("longitude %s: %s, want %s", lon, c.TimeZone, want)
		}
		if _, err := time.LoadLocation(c.TimeZone); err != nil {
			t.Errorf("longitude %s: %v", lon, err)
		}
		if len(c.Report.Warnings) == 0 || !strings.HasPrefix(c.Report.Warnings[0], "time zone: guessed") {
			t.Errorf("longitude %s: a guess without a warning", lon)
		}
	}
	if c := buildTown(t, town(6), Options{TimeZone: "Europe/Berlin"}); c.TimeZone != "Europe/Berlin" {
		t.Errorf("configured zone became %s", c.TimeZone)
	}
}

func TestMap(t *testing.T) {
	c := andorra(t)
	m := c.Map()
	if m.Attribution != Attribution || m.City != c.Name || len(m.Places) != len(c.Places) || len(m.Communities) != len(c.Communities) {
		t.Fatalf("map of %q with %d places and %d communities", m.City, len(m.Places), len(m.Communities))
	}
	full, thin := 0, 0
	for _, r := range c.Roads {
		if !minor(r.Class) {
			full += len(r.Line)
		}
	}
	for _, r := range m.Roads {
		if len(r.Lon) < 2 || len(r.Lon) != len(r.Lat) {
			t.Fatalf("road of %d points", len(r.Lon))
		}
		thin += len(r.Lon)
	}
	if thin >= full || thin < full/20 {
		t.Errorf("%d of %d points of roads kept", thin, full)
	}
	for _, l := range m.LandUse {
		if n := len(l.Lon); n < 4 || l.Lon[0] != l.Lon[n-1] || l.Lat[0] != l.Lat[n-1] {
			t.Fatalf("land use ring of %d points is not closed", n)
		}
	}
	if got := m.Projection().XY(c.Proj.LonLat(geo.XY{X: 100, Y: 200})); got.Dist(geo.XY{X: 100, Y: 200}) > 1e-6 {
		t.Errorf("the map's plane is not the city's: %v", got)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, fixture.ModuleFile(t, "delaware-latest.osm.pbf"), Options{}); err == nil {
		t.Error("a cancelled load gave a city")
	}
	if _, err := Load(ctx, fixture.ModuleFile(t, "andorra-latest.osm.bz2"), Options{}); err == nil {
		t.Error("a cancelled load gave a city")
	}
}

func BenchmarkLoadDelaware(b *testing.B) {
	path := fixture.ModuleFile(b, "delaware-latest.osm.pbf")
	for b.Loop() {
		load(b, path, Options{Workers: 2})
	}
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "network")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "seaside.osm")
	if err := os.WriteFile(path, []byte(town(10)), 0o600); err != nil {
		panic(err)
	}
	city, err := Load(context.Background(), path, Options{Seed: 1, Workers: 2, TimeZone: "Europe/Berlin"})
	if err != nil {
		panic(err)
	}
	home := city.Buildings[0]
	cell := city.Cells[city.Serving(0, home.Pos)]
	fmt.Println(city.Name, len(city.Operators), "operators,", cell.CGI)
	// Output: seaside 3 operators, 999-01-257
}
