package planning

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Three towns 20 km apart: two people of B work in A, one of C works in B, one of
// A spends weekends in B, and one of A never leaves it.
func TestHierarchyByHand(t *testing.T) {
	const a, b, c = 0, 1, 2
	mem, truth, e := handmade(t, []geo.XY{{}, {X: 20}, {Y: 20}},
		[]dweller{{b, a, b}, {b, a, b}, {c, b, c}, {a, a, b}, {a, a, a}})
	for cell, n := range []float64{300, 200, 100} {
		e.community(cell, n)
	}
	near := cmpopts.EquateApprox(0, 1e-9)
	want := []Town{
		{Zone: 0, Name: "settlement 1", Visits: 10.0 / 7, Tier: 1, Parent: geo.NoZone}, // its flow leads to B, which is lower
		{Zone: 1, Name: "settlement 2", Visits: 1, Tier: 2, Parent: 0},
		{Zone: 2, Name: "settlement 3", Visits: 0, Tier: 3, Parent: 1},
	}
	task := hierarchyTask{7200, 4}
	raw, exact := bothWays[Hierarchy](t, task, mem, truth, e)
	for name, got := range map[string]*Hierarchy{"records": raw, "truth": exact} {
		if diff := cmp.Diff(want, got.Towns, near, cmpopts.IgnoreFields(Town{}, "Lon", "Lat")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if s := task.Score(exact, got); s != 1 {
			t.Errorf("%s score %v, want 1", name, s)
		}
	}
	// The commuters alone: B and A change places if one more of C works in B and nobody in A.
	od := sigcity.Table{Name: sigcity.TableOD, Columns: []string{"from", "to", "count"}, Data: [][]float64{{c}, {b}, {3}}}
	got, err := task.FromTables([]sigcity.Table{od}, e)
	if err != nil {
		t.Fatal(err)
	}
	if n := got.(*Hierarchy).Towns[1].Visits; math.Abs(n-3*5.0/7) > 1e-9 {
		t.Errorf("three commuters make %v visits a day, want 15/7", n)
	}
	// Pairs of towns: A>B against B>A, A>C against A=C, B>C against B>C: (1 − 1)/√(3·2) = 0.
	if s := task.Score(exact, got); s != 0 {
		t.Errorf("score of the table = %v, want 0", s)
	}
	d := task.Detail(exact, got)
	// Common: C→B 5/7 of 5/7 + 10/7 + 2/7 wanted and 15/7 got. Parents: of C only.
	if diff := cmp.Diff(map[string]float64{"tau_b": 0, "cpc": 2 * 5.0 / (17 + 15), "same_parent": 2.0 / 3, "tier_ari": 0}, d, near); diff != "" {
		t.Error(diff)
	}
}

// Administrative areas are the towns where they hold most dwellings; a county around
// them is none.
func TestTownsOfMap(t *testing.T) {
	_, _, e := handmade(t, []geo.XY{{}, {X: 2}, {X: 6}}, nil)
	e.community(0, 50)
	e.community(1, 30)
	e.community(2, 10)
	square := func(id uint32, level int32, parent int64, x0, x1 float64) dataset.Zone {
		z := dataset.Zone{ID: id, Level: level, Name: "zone", Parent: parent, Corners: []int32{5}}
		for _, c := range [][2]float64{{x0, 0}, {x1, 0}, {x1, 1}, {x0, 1}, {x0, 0}} {
			p := e.Proj.LonLat(geo.XY{X: 1000 * c[0], Y: 1000 * c[1]})
			z.Lon, z.Lat = append(z.Lon, p[0]), append(z.Lat, p[1])
		}
		return z
	}
	ids := func(e *Env) (out []geo.ZoneID) {
		towns, err := newTowns(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range towns.list {
			out = append(out, x.id)
		}
		return out
	}
	// Discs of 500 m at 0.5, 2.5 and 6.5 km: gaps of 1 and 3 km part them.
	if diff := cmp.Diff([]geo.ZoneID{0, 1, 2}, ids(e)); diff != "" {
		t.Error("built-up: ", diff)
	}
	e.Map.Communities[0].RadiusM = 1000 // 500 m are left
	if diff := cmp.Diff([]geo.ZoneID{0, 2}, ids(e)); diff != "" {
		t.Error("joined: ", diff)
	}
	e.Map.Zones = []dataset.Zone{square(7, 6, -1, -1, 9), square(8, 8, 7, 0, 1), square(9, 8, 7, 2, 3), square(10, 9, 8, 0, 0.6)}
	if diff := cmp.Diff([]geo.ZoneID{8, 9}, ids(e)); diff != "" {
		t.Error("administrative: ", diff)
	}
	e.Map.Zones = e.Map.Zones[:2] // one town of 50 in a county with 40 more of its own: not half of its 90
	if diff := cmp.Diff([]geo.ZoneID{0, 2}, ids(e)); diff != "" {
		t.Error("one town is no system: ", diff)
	}
	e.Map.Zones[0].Corners[0] = 6
	if _, err := newTowns(e); err == nil {
		t.Error("a zone with a corner too few is taken")
	}
}
