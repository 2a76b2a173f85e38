package planning

import (
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Zones whose people come and go just as the templates say are named after them.
func TestFunctionsFromTemplates(t *testing.T) {
	e := daysEnv(t, 7) // five workdays, two of the weekend
	var counts [slots][]areaCount
	days := slotDays(e.moments())
	for f, values := range templateProfiles() {
		for k := range 3 {
			for s, v := range values {
				counts[s] = append(counts[s], areaCount{sigcity.AreaID(3*f + k), v * float64(10*(k+1)) * days[s]})
			}
		}
	}
	task := functionalTask{clusters: functions, restarts: 5, least: 1}
	got, err := task.areas(e, counts, e.spread)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Zones) != 3*functions {
		t.Fatalf("%d zones, want %d", len(got.Zones), 3*functions)
	}
	for i, z := range got.Zones {
		if z.Function != i/3 {
			t.Errorf("zone %d is %s, want %s", i, functionNames[z.Function], functionNames[i/3])
		}
	}
}

// A city of two zones with land, and one with places only.
func TestLandUse(t *testing.T) {
	e := daysEnv(t, 1)
	at := func(x, y float64) orb.Point { return e.Proj.LonLat(geo.XY{X: x, Y: y}) }
	use := func(kind string, x, y, side float64) dataset.LandUse {
		l := dataset.LandUse{Use: kind}
		for _, p := range [][2]float64{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}} {
			q := at(p[0], p[1])
			l.Lon, l.Lat = append(l.Lon, q[0]), append(l.Lat, q[1])
		}
		return l
	}
	shop := at(2500, 500)
	e.Map = &dataset.Map{LandUse: []dataset.LandUse{use("residential", 0, 0, 1000), use("residential", 1200, 200, 500), use("industrial", 1700, 0, 200), use("green", 2000, 0, 900)},
		Places: []dataset.Place{{Category: dataset.Shop, Lon: shop[0], Lat: shop[1]}, {Category: dataset.Worship, Lon: shop[0], Lat: shop[1]}}}
	got := e.landUse()
	zone := func(x float64) landUse { return got[e.Zoning.Zone(at(x, 500))] }
	// Residential: 1 km² and 0.25 km², of which the second zone has a fifth; all of the industry.
	for _, c := range []struct {
		x        float64
		want     landUse
		function int
	}{{500, landUse{0.8, 0, 0}, functionResidential}, {1500, landUse{0.2, 1, 0}, functionWork}, {2500, landUse{0, 0, 1}, functionCommerce}} {
		u := zone(c.x)
		for f := range u {
			if !near(u[f], c.want[f]) {
				t.Errorf("zone at %v has %v, want %v", c.x, u, c.want)
				break
			}
		}
		if u.function() != c.function {
			t.Errorf("zone at %v is %s, want %s", c.x, functionNames[u.function()], functionNames[c.function])
		}
	}
}

// Four zones, of which got has three, two of them right; one with too few people is not judged.
func TestFunctionalScore(t *testing.T) {
	areas := func(functions ...int) *FunctionalAreas {
		a := &FunctionalAreas{Least: 1}
		for i, f := range functions {
			if f != -2 {
				a.Zones = append(a.Zones, FunctionalZone{Zone: geo.ZoneID(i), Persons: 5, Function: f, Cluster: f})
			}
		}
		return a
	}
	want, got, task := areas(0, 0, 1, 2), areas(0, 1, 1, -2), functionalTask{}
	want.Zones = append(want.Zones, FunctionalZone{Zone: 9, Persons: 0.5, Function: 1, Cluster: 1})
	d := task.Detail(want, got)
	// Expected agreement: residential ½·¼, work ¼·½: ¼. κ = (½ − ¼)/(1 − ¼).
	if !near(d["accuracy"], 0.5) || !near(task.Score(want, got), 1./3) {
		t.Errorf("accuracy %v, κ %v, want 0.5 and 1/3", d["accuracy"], task.Score(want, got))
	}
	if s := task.Score(want, areas()); s != 0 {
		t.Errorf("an empty answer scores %v, want 0", s)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := areas(rapid.SliceOfN(rapid.IntRange(0, 2), 0, 8).Draw(t, "functions")...)
		d := task.Detail(a, a)
		if task.Score(a, a) != 1 || !near(d["ami"], 1) || !near(d["ari"], 1) || d["accuracy"] != 1 {
			t.Fatalf("against itself: %v, %v", task.Score(a, a), d)
		}
	})
}
