package planning

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Points on two lines that meet at 7 km have their edge there, whatever their weights;
// those on one line, or on two of which the farther is the steeper, have none.
func TestEdgeOfLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slope := -rapid.Float64Range(0.05, 1).Draw(t, "slope")
		bend := rapid.SampledFrom([]float64{-0.03, 0.03, 0.5}).Draw(t, "bend")
		var p ringPoints
		for i := range 20 {
			km := float64(i) + 0.5
			p = append(p, ringPoint{km, -0.5 + slope*km + bend*max(0, km-7), rapid.Float64Range(1, 100).Draw(t, "weight")})
		}
		km, ok := p.edge()
		if bend < 0 {
			if ok && math.Abs(km-7) < 1 {
				t.Fatalf("an edge at %v km where the share falls faster", km)
			}
			return
		}
		if !ok || math.Abs(km-7) > 1e-6 {
			t.Fatalf("edge at %v km (%v), want 7", km, ok)
		}
		if km, own := p.ownEdge(12); math.Abs(km-7) > 1e-6 || own < 0.999 {
			t.Fatalf("own edge at %v km, weight %v, want 7 and 1", km, own)
		}
		if km, own := p.ownEdge(7); km != 7 || own != 0 {
			t.Fatalf("own edge at %v km, weight %v, want that of the whole, 7, and 0", km, own)
		}
	})
}

// The overlap of stars is what a fine raster counts.
func TestStarsOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		star := func(label string) *MetropolitanEdge {
			m := &MetropolitanEdge{}
			for i := range edgeSectors {
				m.Sectors = append(m.Sectors, EdgeSector{Azimuth: sectorAzimuth(i), KM: rapid.Float64Range(1, 10).Draw(t, label)})
			}
			return m
		}
		a, b := star("a"), star("b")
		if s := a.iou(a); s != 1 {
			t.Fatalf("IoU with itself = %v", s)
		}
		if d := math.Abs(a.iou(b) - b.iou(a)); d > 1e-12 {
			t.Fatalf("IoU is not symmetric: %v", d)
		}
		e := &Env{Proj: geo.NewProjection([2]float64{})}
		ringA, ringB := a.ring(e), b.ring(e)
		both, either := 0.0, 0.0
		for x := -10000.0; x < 10000; x += 100 {
			for y := -10000.0; y < 10000; y += 100 {
				inA, inB := geo.RingContains(ringA, geo.XY{X: x + 50, Y: y + 50}), geo.RingContains(ringB, geo.XY{X: x + 50, Y: y + 50})
				if inA && inB {
					both++
				}
				if inA || inB {
					either++
				}
			}
		}
		if got := a.iou(b); math.Abs(got-both/either) > 0.02 {
			t.Fatalf("IoU = %v, by raster %v", got, both/either)
		}
	})
}

// region is a plane of 41 by 41 cells of 1 km around a core of one, with the OD table
// of 1000 commuters a cell, of whom a share that the distance tells works in the core.
func region(t *testing.T, share func(km float64) float64) (*Env, sigcity.Table) {
	t.Helper()
	const side, core = 41, 20*41 + 20
	var corners []geo.XY
	for i := range side * side {
		corners = append(corners, geo.XY{X: float64(i % side), Y: float64(i / side)})
	}
	_, _, e := handmade(t, corners, nil)
	e.place(core, 10)
	od := sigcity.Table{Name: sigcity.TableOD, Columns: []string{"from", "to", "count"}, Data: make([][]float64, 3)}
	row := func(from, to int, n float64) {
		for i, v := range []float64{float64(from), float64(to), n} {
			od.Data[i] = append(od.Data[i], v)
		}
	}
	for i := range corners {
		s := share(e.areas().Dist(sigcity.AreaID(i), core) / 1000)
		row(i, core, 1000*s)
		row(i, i, 1000*(1-s))
	}
	return e, od
}

// A share that falls to a half every 2 km up to 9 km and hardly beyond has its edge there,
// in every direction: within the width of a ring, into which zones are joined.
func TestEdgeFromTables(t *testing.T) {
	e, od := region(t, func(km float64) float64 {
		return 0.9 * math.Pow(0.5, min(km, 9)/2+max(0, km-9)/40)
	})
	task := edgeTask{1800, 1}
	a, err := task.FromTables([]sigcity.Table{od}, e)
	if err != nil {
		t.Fatal(err)
	}
	got := a.(*MetropolitanEdge)
	if len(got.Sectors) != edgeSectors {
		t.Fatalf("%d sectors, want %d", len(got.Sectors), edgeSectors)
	}
	want := &MetropolitanEdge{Lon: got.Lon, Lat: got.Lat}
	for i, s := range got.Sectors {
		if math.Abs(s.KM-9) > 0.75 {
			t.Errorf("azimuth %v: edge at %.2f km, want 9", s.Azimuth, s.KM)
		}
		want.Sectors = append(want.Sectors, EdgeSector{Azimuth: sectorAzimuth(i), KM: 9})
	}
	if s := task.Score(want, got); s < 0.9 {
		t.Errorf("IoU with the true edge = %.3f", s)
	}
	for i := range want.Sectors {
		want.Sectors[i].KM = 2 * got.Sectors[i].KM
	}
	d := task.Detail(want, got)
	if math.Abs(d["iou"]-0.25) > 1e-9 || math.Abs(d["edge_error_km"]-9) > 0.75 || d["edge_error_km_p90"] < d["edge_error_km"] {
		t.Errorf("against an edge twice as far: %v", d)
	}
	if n := task.Score(want, task.Null(e)); n > 0.8 {
		t.Errorf("everything scores %.3f", n)
	}
}

// Two of three people of B, next to the core A, and one of two of C, next to B, stay
// in A on weekdays or weekends; all of D, which lies apart, do.
func TestMetropolisByHand(t *testing.T) {
	const a, b, c, d, f = 0, 1, 2, 3, 4
	mem, truth, e := handmade(t, []geo.XY{{}, {X: 2}, {X: 4}, {X: 30}, {X: 6}}, []dweller{
		{b, a, b}, {b, a, b}, {b, c, b},
		{c, a, a}, {c, b, c},
		{d, a, a},
		{f, c, f}})
	e.place(a, 10)
	task := boundaryTask{least: 0.6, persons: 0.5, minStay: 1800}
	raw, exact := bothWays[Boundary](t, task, mem, truth, e)
	zone := func(cell int) geo.ZoneID { return e.Zoning.Zone(e.Areas[cell].Center) }
	want := []BoundaryZone{
		{Zone: zone(a), KM2: 1, Core: true, Boundary: 0.6},
		{Zone: zone(b), KM2: 1, Workers: 3, Commute: 2.0 / 3, Boundary: 0.6},
		{Zone: zone(c), KM2: 1, Workers: 2, Commute: 0.5, Weekend: 1, Boundary: 0.6}, // by its weekends
		{Zone: zone(f), KM2: 1, Workers: 1},                                          // next to C, and works there
		{Zone: zone(d), KM2: 1, Workers: 1, Commute: 1, Weekend: 1},                  // out of reach
	}
	near := cmpopts.EquateApprox(0, 1e-6)
	for name, got := range map[string]*Boundary{"records": raw, "truth": exact} {
		if diff := cmp.Diff(want, got.Zones, near); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if s := task.Score(exact, raw); s != 1 {
		t.Errorf("records score %v, want 1", s)
	}
	// Everything: B and C of four zones, with five of seven working people.
	null := task.Null(e)
	if diff := cmp.Diff(0.5*(0.5+5.0/7), task.Score(exact, null), near); diff != "" {
		t.Error("null: ", diff)
	}
	if got := task.Detail(exact, null)["iou_area_at_5"]; math.Abs(got-0.5) > 1e-6 {
		t.Errorf("area at 5 %% = %v, want 0.5", got)
	}
	// Of the stays outside home in the core: 10 of 15 of B, 5 + 2 of 12 of C.
	edge, exactEdge := bothWays[MetropolitanEdge](t, edgeTask{1800, 1}, mem, truth, e)
	stays := []CoreZone{{zone(b), 15, 10}, {zone(c), 12, 7}, {zone(f), 5, 0}, {zone(d), 7, 7}}
	for name, got := range map[string]*MetropolitanEdge{"records": edge, "truth": exactEdge} {
		if diff := cmp.Diff(stays, got.Zones, near); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(got.Sectors) != 0 {
			t.Errorf("%s: an edge out of three points", name)
		}
	}
}

// Where half of a zone's people work in the core up to 10 km and none beyond, the
// boundary at any threshold is the disc.
func TestBoundaryFromTables(t *testing.T) {
	e, od := region(t, func(km float64) float64 {
		if km < 10.2 {
			return 0.5
		}
		return 0
	})
	task := boundaryTask{least: 0.1, persons: 3, minStay: 1800}
	a, err := task.FromTables([]sigcity.Table{od}, e)
	if err != nil {
		t.Fatal(err)
	}
	in := 0
	for _, z := range a.(*Boundary).Zones {
		km := e.Proj.XY(e.Zoning.Center(z.Zone)).Dist(e.core().center) / 1000
		if (z.Boundary == 0.25) != (km < 10.2) || z.Boundary != 0 && z.Boundary != 0.25 {
			t.Errorf("a zone %.2f km off is within the boundary at %v", km, z.Boundary)
		}
		if z.Boundary > 0 {
			in++
		}
	}
	if in < 300 {
		t.Errorf("%d zones, want the 300 and more of a disc", in)
	}
}

// Half of 12 places lie in one zone, the others in the zone beside and far away: the core
// is the densest until it has a quarter.
func TestCore(t *testing.T) {
	_, _, e := handmade(t, []geo.XY{{}, {X: 1}, {X: 20}}, nil)
	if n := len(newCore(e).zones); n != 0 {
		t.Errorf("a core of %d zones without places", n)
	}
	e.place(0, 2)
	e.place(1, 3)
	e.place(2, 25) // dense, and enough by itself
	if got := newCore(e).zones; len(got) != 1 || !got[e.Zoning.Zone(e.Areas[2].Center)] {
		t.Errorf("core = %v, want the zone with 25 of 30 places", got)
	}
	e.Map.Places = nil
	e.place(0, 2)
	e.place(1, 3)
	for x := range 10 {
		p := e.Proj.LonLat(geo.XY{X: 1000*float64(40+3*x) + 500, Y: 500})
		e.place(0, 1)
		e.Map.Places[len(e.Map.Places)-1].Lon = p[0]
	}
	// 15 places: a quarter is 3.75.
	if got := geo.SortedZones(newCore(e).zones); !slices.Equal(got, []geo.ZoneID{e.Zoning.Zone(e.Areas[0].Center), e.Zoning.Zone(e.Areas[1].Center)}) {
		t.Errorf("core = %v, want the two zones side by side", got)
	}
}

// Four people are at A by day and live at B, one stays at C: A is the centre by day, B by
// night and on weekends.
func TestStructureByHand(t *testing.T) {
	const a, b, c = 0, 1, 2
	mem, truth, e := handmade(t, []geo.XY{{}, {X: 10}, {Y: 10}}, []dweller{{b, a, b}, {b, a, b}, {b, a, b}, {b, a, b}, {c, c, c}})
	for _, cell := range []int{a, b, c} {
		e.community(cell, 1)
	}
	task := structureTask{presenceRule{3600, 12 * 3600}, 800, 2, 3}
	raw, exact := bothWays[Structure](t, task, mem, truth, e)
	for name, got := range map[string]*Structure{"records": raw, "truth": exact} {
		for k, cell := range []int{byDay: a, byNight: b, atWeekend: b} {
			x := got.Times[k]
			if len(x.Centres) != 1 || x.Centres[0].Level != 1 {
				t.Fatalf("%s, %s: centres %v, want one", name, x.Name, x.Centres)
			}
			at := e.Proj.XY([2]float64{x.Centres[0].Lon, x.Centres[0].Lat})
			if d := at.Dist(e.areas().Centers[cell]); d > 300 {
				t.Errorf("%s, %s: centre %.0f m off", name, x.Name, d)
			}
		}
	}
	// From 10 to 16 of 9 to 17 h four people, so three in the mean: 3/π a bandwidth² each. The
	// nearest cell of the surface may lie 141 m off, where the kernel is lower.
	peak := 3 * 3 / math.Pi / 0.64
	if got := exact.Times[byDay].Centres[0].Density; got > peak || got < peak*math.Pow(1-0.02/0.64, 2)-1e-9 {
		t.Errorf("density at the centre = %.3f, want %.3f or somewhat less", got, peak)
	}
	if s := task.Score(exact, raw); s != 1 {
		t.Errorf("records score %v, want 1", s)
	}
	if s := task.Score(exact, task.Null(e)); s != 0 {
		t.Errorf("no centres score %v, want 0", s)
	}
}

// Each centre is matched once, and as many are as can be.
func TestMatchCentres(t *testing.T) {
	e := &Env{Proj: geo.NewProjection([2]float64{10, 50})}
	at := func(xs ...float64) (out []Centre) {
		for _, x := range xs {
			p := e.Proj.LonLat(geo.XY{X: x})
			out = append(out, Centre{Lon: p[0], Lat: p[1]})
		}
		return out
	}
	for _, c := range []struct {
		want, got []Centre
		n         int
	}{
		{nil, at(0), 0},
		{at(0), at(999), 1},
		{at(0), at(1005), 0},
		{at(0, 100), at(50), 1},
		{at(0, 900), at(800, 1700), 2}, // the nearer of the first is the only one of neither
		{at(900, 0), at(800, 1700), 2},
	} {
		if got := len(matchCentres(c.want, c.got)); got != c.n {
			t.Errorf("%d of %d and %d centres match, want %d", got, len(c.want), len(c.got), c.n)
		}
	}
}
