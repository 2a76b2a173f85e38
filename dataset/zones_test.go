package dataset

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// zoned is a map of two districts side by side, the first with a hole, in a
// country; one community in each district.
func zoned() *Map {
	m := &Map{Origin: orb.Point{9, 47}}
	ring := func(lon, lat, side float64) (x, y []float64) {
		return []float64{lon, lon + side, lon + side, lon, lon}, []float64{lat, lat, lat + side, lat + side, lat}
	}
	add := func(level int32, name string, parent int64, rings ...[3]float64) {
		z := Zone{ID: uint32(len(m.Zones)), Level: level, Name: name, Parent: parent}
		for _, r := range rings {
			x, y := ring(r[0], r[1], r[2])
			z.Corners, z.Lon, z.Lat = append(z.Corners, 5), append(z.Lon, x...), append(z.Lat, y...)
		}
		m.Zones = append(m.Zones, z)
	}
	add(2, "country", -1, [3]float64{9, 47, 0.2})
	add(8, "west", 0, [3]float64{9, 47, 0.1}, [3]float64{9.04, 47.04, 0.02})
	add(8, "east", 0, [3]float64{9.1, 47, 0.1})
	add(10, "quarter", 2, [3]float64{9.1, 47, 0.01})
	m.Communities = []Community{{ID: 0, Lon: 9.02, Lat: 47.02, Dwellings: 50}, {ID: 1, Lon: 9.15, Lat: 47.05, Dwellings: 40}, {ID: 2, Lon: 9.05, Lat: 47.05, Dwellings: 10}}
	return m
}

func TestMapZoning(t *testing.T) {
	m := zoned()
	for name, want := range map[string]string{"admin": "admin-8", "admin-2": "admin-2", "admin-10": "admin-10", "grid-1km": "grid-1km", "h3-8": "h3-8"} {
		z, err := m.Zoning(name)
		if err != nil || z.Name() != want {
			t.Errorf("zoning %s: %v, %v; want %s", name, z, err, want)
		}
	}
	z, err := m.Zoning("admin")
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[orb.Point]geo.ZoneID{{9.02, 47.02}: 1, {9.15, 47.05}: 2, {9.05, 47.05}: geo.NoZone, {8, 47}: geo.NoZone} {
		if got := z.Zone(p); got != want {
			t.Errorf("%v lies in zone %d, want %d", p, got, want)
		}
	}
	for name, want := range map[string]string{"admin-7": "levels [2 8 10] only", "admin8": "levels [2 8 10]", "admin-": "levels [2 8 10]", "county": "admin-1 … admin-12"} {
		if _, err := m.Zoning(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("zoning %s: error %v, want %q", name, err, want)
		}
	}
	m.Communities[1].Lon = 8 // nobody lives in the east
	if _, err := m.Zoning("admin"); err == nil || !strings.Contains(err.Error(), "no level of administrative areas") || !strings.Contains(err.Error(), "levels [2 8 10]") {
		t.Errorf("one inhabited zone: error %v", err)
	}
	for _, corners := range [][]int32{{9}, {3}, {-5}} {
		m.Zones[1].Corners = corners
		if _, err := m.Zoning("admin-8"); err == nil || !strings.Contains(err.Error(), "zone 1: ring") {
			t.Errorf("rings of %v corners: error %v", corners, err)
		}
	}
}

// What no map can have is told without one; what this one lacks, with its levels.
func TestCheckZoning(t *testing.T) {
	for _, name := range []string{"admin", "admin-1", "admin-12", "grid-1km", "h3-8"} {
		if err := CheckZoning(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"admin-0", "admin-13", "admin-", "admin8", "admin-08", "admin--8", "administrative", "county", "grid-x", ""} {
		if err := CheckZoning(name); err == nil || !strings.Contains(err.Error(), "admin-1 … admin-12") {
			t.Errorf("%q: error %v, want the zonings there are", name, err)
		}
	}
	if _, err := (&Map{}).Zoning("admin-8"); err == nil || !strings.Contains(err.Error(), "no administrative areas; want a grid or h3") {
		t.Errorf("a map without areas: error %v", err)
	}
}
