package network

import (
	"math"
	"strings"
	"testing"
)

// Homes, jobs and floor of one building of 48 × 33 m in an empty block.
func TestCapacities(t *testing.T) {
	const m2 = 4 * 186.0 // of squareOf(0, 0, 2)
	one := func(kv ...string) *dirt { return corners().way(90001, squareOf(0, 0, 2), kv...) }
	for _, tt := range []struct {
		name          string
		dirt          *dirt
		levels, homes float64
		jobs          float64 // of the building and the places in it
	}{
		{"flats told", one("building", "apartments", "building:levels", "4", "building:flats", "12"), 4, 12, 0},
		{"flats by floor", one("building", "apartments", "building:levels", "4"), 4, math.Round(4 * m2 / floorPerHome), 0},
		{"storeys under the roof", one("building", "apartments", "building:levels", "3", "roof:levels", "2"), 4, math.Round(4 * m2 / floorPerHome), 0},
		{"storeys below ground", one("building", "apartments", "building:levels", "4", "building:levels:underground", "3"), 4, math.Round(4 * m2 / floorPerHome), 0},
		{"height", one("building", "apartments", "height", "12.8 m"), 4, math.Round(4 * m2 / floorPerHome), 0},
		{"a shop under flats", one("building", "apartments", "building:levels", "4").node(1e6, "13.0047", "53.0034", "shop", "books"), 4, math.Round((4*m2 - 200) / floorPerHome), 5},
		{"used for the first of several", one("building", "yes", "building:use", "residential;office", "building:levels", "4"), 4, math.Round(4 * m2 / floorPerHome), 0},
		{"offices", one("building", "office", "building:levels", "4"), 4, 0, math.Round(4 * m2 / 35)},
		{"a warehouse", one("building", "warehouse", "building:levels", "2"), 2, 0, math.Round(2 * m2 / 100)},
		{"a factory", one("building", "factory", "building:levels", "2"), 2, 0, math.Round(2 * m2 / 80)},
		{"garages", one("building", "garages", "building:levels", "1"), 1, 0, 0},
		{"two halves of unlike height", one("building", "apartments", "building:levels", "2").
			way(90002, []int{at(0, 0), at(0, 1), at(2, 1), at(2, 0), at(0, 0)}, "building:part", "yes", "building:levels", "8"),
			5, math.Round(5 * m2 / floorPerHome), 0},
		{"a part on stilts", one("building", "apartments").
			way(90002, squareOf(0, 0, 2), "building:part", "yes", "building:levels", "8", "building:min_level", "3"), 5, math.Round(5 * m2 / floorPerHome), 0},
		{"a small part tells nothing of the rest", one("building", "apartments", "building:levels", "4").
			way(90002, squareOf(0, 0, 1), "building:part", "tower", "building:levels", "9"), 4, math.Round(4 * m2 / floorPerHome), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := buildTown(t, strings.Replace(town(8), "</osm>", tt.dirt.b.String()+"</osm>", 1), Options{})
			i := len(c.Buildings) - 1
			for c.Buildings[i].Ring == nil {
				i--
			}
			b := c.Buildings[i]
			if math.Abs(b.Levels-tt.levels) > 1e-6 || math.Abs(b.FloorM2-tt.levels*m2) > 0.02*tt.levels*m2 || math.Abs(b.Dwellings-tt.homes) > 1 {
				t.Errorf("%g storeys, %.0f m², %g homes; want %g, %.0f, %g", b.Levels, b.FloorM2, b.Dwellings, tt.levels, tt.levels*m2, tt.homes)
			}
			jobs := b.Jobs
			for _, p := range c.Places {
				if !p.Estimated && p.Pos.Dist(b.Pos) < 25 {
					jobs += p.Jobs
				}
			}
			if math.Abs(jobs-tt.jobs) > 1+0.02*tt.jobs {
				t.Errorf("%.0f jobs, want %.0f", jobs, tt.jobs)
			}
		})
	}
}

// The denser the streets, the narrower the fronts.
func TestFrontage(t *testing.T) {
	for _, tt := range []struct{ kmPerKM2, want float64 }{{0, frontageMax}, {4, 52}, {8, frontageM}, {16, 13}, {100, frontageMin}} {
		if got := frontage(tt.kmPerKM2 * thinCellM * thinCellM / 1000); math.Abs(got-tt.want) > 0.01 {
			t.Errorf("%g km of street a km²: %.1f m, want %g", tt.kmPerKM2, got, tt.want)
		}
	}
}
