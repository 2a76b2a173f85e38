package network

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

// Administrative areas: relations and closed ways, holes, levels, what the
// extract cuts.
func TestZones(t *testing.T) {
	border := func(level string) []string {
		return []string{"type", "boundary", "boundary", "administrative", "admin_level", level, "name", "Z" + level}
	}
	d := corners().
		way(90001, squareOf(0, 0, 9)[:3]).way(90002, append([]int{at(0, 0)}, at(9, 0), at(9, 9))). // the country, in two pieces
		relation(90001, []string{"way 90001 outer", "way 90002 outer"}, border("2")...).
		way(90003, squareOf(0, 0, 4), "boundary", "administrative", "admin_level", "8", "name", "village"). // a way of its own
		way(90004, squareOf(5, 5, 4)).way(90005, squareOf(6, 6, 1)).
		relation(90002, []string{"way 90004 outer", "way 90005 inner", "node 800001 admin_centre", "relation 90001 subarea"}, border("8")...).
		way(90006, squareOf(0, 5, 2)[:3]).
		relation(90003, []string{"way 90006 outer", "way 777777 outer", "way 90005 inner"}, border("6")...). // cut: its hole is no area
		relation(90004, []string{"way 777777 outer"}, border("6")...).                                       // elsewhere
		relation(90005, []string{"way 90004 outer"}, border("x")...)
	c := buildTown(t, strings.Replace(town(10), "</osm>", d.b.String()+"</osm>", 1), Options{})
	check(t, c)
	var names []string
	for _, z := range c.Zones {
		names = append(names, z.Name)
	}
	if want := []string{"Z2", "village", "Z8"}; !slices.Equal(names, want) {
		t.Fatalf("zones %q, want %q", names, want)
	}
	if r := c.Report.Counts; r["zones_level_2"] != 1 || r["zones_level_8"] != 2 || r["zones_cut"] != 1 || r["zones_without_level"] != 1 || r["incomplete_relations"] != 0 {
		t.Errorf("counts %v", r)
	}
	xy := func(row, col float64) geo.XY {
		return c.Proj.XY([2]float64{13.0045 + col*0.00025, 53.0033 + row*0.0001})
	}
	for _, tt := range []struct {
		level int
		at    geo.XY
		want  int
	}{
		{2, xy(4.5, 4.5), 0}, {2, xy(-1, 4), -1}, {8, xy(2, 2), 1}, {8, xy(5.5, 5.5), 2}, {8, xy(6.5, 6.5), -1}, {8, xy(4.5, 4.5), -1}, {6, xy(1, 6), -1},
	} {
		if got := c.ZoneAt(tt.level, tt.at); got != tt.want {
			t.Errorf("level %d: zone %d, want %d", tt.level, got, tt.want)
		}
	}
	if z := c.Zones; z[0].Parent != -1 || z[1].Parent != 0 || z[2].Parent != 0 || len(z[2].Rings) != 2 || z[2].Cut || math.Abs(z[2].M2-15*186) > 60 {
		t.Errorf("zones %+v", z)
	}
}

// The municipalities of Liechtenstein are eleven, and cover it.
func TestZonesOfExtracts(t *testing.T) {
	c := load(t, fixture.SharedFile(t, "osm/liechtenstein-2013-osm2pgsql.osm.pbf"), Options{Seed: 1, Workers: 2})
	i := slices.IndexFunc(c.ZoneLevels, func(l ZoneLevel) bool { return l.Level == 8 })
	if i < 0 || !c.ZoneLevels[i].Useful || c.ZoneLevels[i].Share < 0.99 {
		t.Fatalf("levels %+v, want level 8 to cover the country", c.ZoneLevels)
	}
	km2, n := 0.0, 0
	for _, z := range c.Zones {
		if z.Level == 8 && !z.Cut {
			km2, n = km2+z.M2/1e6, n+1
			if p := z.Parent; p < 0 || c.Zones[p].Level != 6 {
				t.Errorf("%s lies in zone %d, want one of the two electoral districts", z.Name, p)
			}
		}
	}
	if n != 11 || math.Abs(km2-160.5) > 2 { // 160.475 km²
		t.Errorf("%d municipalities of %.1f km², want 11 of 160.5", n, km2)
	}
	m := c.Map()
	zoning, err := m.Zoning("admin")
	if err != nil || zoning.Name() != "admin-8" {
		t.Fatalf("zoning %v, %v; want the municipalities", zoning, err)
	}
	for i := range c.Buildings {
		if p := c.Buildings[i].Pos; int(zoning.Zone(c.Proj.LonLat(p))) != c.ZoneAt(8, p) {
			t.Fatalf("building %d lies in zone %d of the map and %d of the city", i, zoning.Zone(c.Proj.LonLat(p)), c.ZoneAt(8, p))
		}
	}
	if src, err := readFile(context.Background(), fixture.SharedFile(t, "osm/lyon-villeurbanne-magnana.osm.gz"), 2); err != nil {
		t.Fatal(err)
	} else if c, err := build(context.Background(), src, Options{Seed: 1}); err != nil || len(c.Zones) > 0 || c.ZoneAt(8, geo.XY{}) != -1 {
		t.Errorf("Lyon has %d zones, %v; the extract has none", len(c.Zones), err)
	}
}

// What is estimated is said in one sentence.
func TestSummarySentence(t *testing.T) {
	c := buildTown(t, town(12), Options{Seed: 4})
	all := c.Report.Warnings
	last := all[len(all)-1]
	for _, want := range []string{"estimated, as the map lacks them: ", "of homes (houses along streets", "100 % of the storeys of the map's buildings", "67 % of kindergartens", "100 % of schools", "99 % of jobs", "97 % of cell sites"} {
		if !strings.Contains(last, want) {
			t.Errorf("%q lacks %q", last, want)
		}
	}
	if strings.Contains(last, "their uses") { // the map tells them all
		t.Errorf("%q tells of estimated uses", last)
	}
}
