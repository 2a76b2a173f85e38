package synthcity_test

import (
	"testing"

	"github.com/sigcity/sigcity/geo"
)

// TestBuildingsStandFree: no building stands in the river or in another, and
// hardly any on a street or track.
func TestBuildingsStandFree(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		c := load(t, makeCity(t, name, 1), 2)
		var street []geo.XY
		for _, r := range c.Roads {
			for i := 1; i < len(r.Line) && r.Class != "subway"; i++ {
				a, b := r.Line[i-1], r.Line[i]
				for s := 0.0; s < a.Dist(b); s += 5 {
					street = append(street, a.Lerp(b, s/a.Dist(b)))
				}
			}
		}
		centers := make([]geo.XY, len(c.Buildings))
		for i, b := range c.Buildings {
			centers[i] = b.Pos
		}
		streets, others := geo.NewIndex(street), geo.NewIndex(centers)
		crossed := 0
		for i, b := range c.Buildings {
			hit := false
			streets.Within(b.Pos, 80, func(k int, _ float64) { hit = hit || geo.RingContains(b.Ring, street[k]) })
			if hit {
				crossed++
			}
			others.Within(b.Pos, 80, func(k int, _ float64) {
				if k != i && geo.RingContains(b.Ring, centers[k]) {
					t.Errorf("%s: two buildings at %v", name, b.Pos)
				}
			})
			for _, l := range c.LandUse {
				if l.Use == "water" && geo.RingContains(l.Ring, b.Pos) {
					t.Errorf("%s: a building in the river at %v", name, b.Pos)
				}
			}
		}
		if share := float64(crossed) / float64(len(c.Buildings)); share > 0.005 {
			t.Errorf("%s: %d of %d buildings stand on a street", name, crossed, len(c.Buildings))
		}
		t.Logf("%s: %d of %d buildings touch a street", name, crossed, len(c.Buildings))
	}
}
