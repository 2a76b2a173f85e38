package attacks

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// areasOf mixes discs and boxes from 20 m to 20 km, as releases do.
func areasOf(n int, seed uint64) ([]sigcity.Area, geo.Projection) {
	proj := geo.NewProjection(orb.Point{10, 50})
	rng := sigcity.Rand(seed, "attacks.test.areas")
	out := make([]sigcity.Area, n)
	for i := range out {
		c := geo.XY{X: 20000 * rng.Float64(), Y: 20000 * rng.Float64()}
		r := 20 * float64(int(1)<<rng.IntN(10))
		out[i] = sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(c), Radius: r}
		if i%2 == 0 {
			w := r * (0.2 + rng.Float64())
			out[i].Footprint = proj.Ring([]geo.XY{{X: c.X - w, Y: c.Y - r}, {X: c.X + w, Y: c.Y - r}, {X: c.X + w, Y: c.Y + r}, {X: c.X - w, Y: c.Y + r}})
		}
	}
	return out, proj
}

func TestLocatorIsExact(t *testing.T) {
	areas, proj := areasOf(400, 5)
	m := &dataset.Map{Origin: proj.Origin}
	g, err := newGround(&Release{Kind: sigcity.Boxes, Data: &dataset.Mem{Cells: areas}}, Knowledge{Map: m, Calendar: &sigcity.Calendar{}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	l := g.locateAll()
	rng := sigcity.Rand(6, "attacks.test.points")
	met := 0
	for range 300 {
		q := geo.XY{X: 26000*rng.Float64() - 3000, Y: 26000*rng.Float64() - 3000}
		reach := 3000 * rng.Float64() * float64(rng.IntN(2))
		var got, want []sigcity.AreaID
		l.near(q, reach, func(id sigcity.AreaID, gap float64) {
			got = append(got, id)
			if gap != g.areas.Gap(id, q) {
				t.Fatalf("gap of area %d = %g, want %g", id, gap, g.areas.Gap(id, q))
			}
		})
		for id := range sigcity.AreaID(len(areas)) {
			if g.areas.Gap(id, q) <= reach {
				want = append(want, id)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("areas within %.0f m of %v: %v, want %v", reach, q, got, want)
		}
		met += len(want)
	}
	if met < 1000 {
		t.Fatalf("only %d areas met: the test tests nothing", met)
	}
}

func TestCoveringPrefersTheNamedCell(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 50})
	at := func(x float64) orb.Point { return proj.LonLat(geo.XY{X: x}) }
	areas := []sigcity.Area{{Name: "a", Center: at(0), Radius: 500}, {Name: "b", Center: at(200), Radius: 500}, {Name: "c", Center: at(1500), Radius: 500}}
	g, err := newGround(&Release{Data: &dataset.Mem{Cells: areas}},
		Knowledge{Map: &dataset.Map{Origin: proj.Origin}, Calendar: &sigcity.Calendar{}, Cells: areas[:1]}, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, tolerance float64
		want         []sigcity.AreaID
	}{
		{0, 0, []sigcity.AreaID{0}},        // the centre names cell 0 although cell 1 covers it
		{0, 10, []sigcity.AreaID{0, 1}},    // with an error of its own the adversary cannot know
		{200, 0, []sigcity.AreaID{0, 1}},   // the centre of an area that is no cell names nothing
		{100, 0, []sigcity.AreaID{0, 1}},   // no centre: all that cover it
		{900, 0, nil},                      // nowhere
		{900, 150, []sigcity.AreaID{2}},    // 100 m from the edge of cell 2
		{900, 250, []sigcity.AreaID{1, 2}}, // and 200 m from that of cell 1
	} {
		if got := g.locateAll().covering(at(c.x), c.tolerance); !slices.Equal(got, c.want) {
			t.Errorf("covering(x = %g, tolerance %g) = %v, want %v", c.x, c.tolerance, got, c.want)
		}
	}
}
