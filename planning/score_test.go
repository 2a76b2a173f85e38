package planning

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

// line puts persons into zones that lie 1 km apart on the equator.
func line(persons ...float64) []ZoneCount {
	proj := geo.NewProjection(orb.Point{10, 0})
	var out []ZoneCount
	for i, n := range persons {
		if n != 0 {
			p := proj.LonLat(geo.XY{X: 1000 * float64(i)})
			out = append(out, ZoneCount{Zone: geo.ZoneID(i), Lon: p[0], Lat: p[1], Persons: n})
		}
	}
	return out
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		name                 string
		want, got            []ZoneCount
		wape, nrmse, jsd, km float64
	}{
		{"the same", line(1, 2, 3), line(1, 2, 3), 0, 0, 0, 0},
		{"nothing and nothing", nil, nil, 0, 0, 0, 0},
		{"twice as many", line(1, 3), line(2, 6), 1, math.Sqrt(5) / 2, 0, 0},
		{"all one zone further", line(4, 0), line(0, 4), 2, math.Sqrt(16) / 2, 1, 1},
		{"half of them two further", line(4, 0, 0), line(2, 0, 2), 1, math.Sqrt(4) / 2, 0.311278, 1},
		{"nothing found", line(0, 4, 0, 4), nil, 1, 1, 1, 2},
		{"nothing wanted", nil, line(4, 0, 4), 1, 1, 1, 2},
	} {
		got := []float64{wape(c.want, c.got), nrmse(c.want, c.got), jsd(c.want, c.got), emdKM(c.want, c.got, 100)}
		for i, want := range []float64{c.wape, c.nrmse, c.jsd, c.km} {
			if !near(got[i], want) {
				t.Errorf("%s: %s = %v, want %v", c.name, []string{"WAPE", "NRMSE", "JSD", "EMD"}[i], got[i], want)
			}
		}
	}
}

func TestCPC(t *testing.T) {
	flow := func(from, to int, n, km float64) Flow {
		return Flow{From: geo.ZoneID(from), To: geo.ZoneID(to), Persons: n, KM: km}
	}
	want := []Flow{flow(1, 1, 4, 0.5), flow(1, 2, 6, 3), flow(2, 1, 2, 3)}
	for _, c := range []struct {
		name          string
		got           []Flow
		cpc, distance float64
		w1            float64
	}{
		{"the same", want, 1, 1, 0},
		{"none", nil, 0, 0, 4./12*0.5 + 8./12*3},
		{"another way, as far", []Flow{flow(1, 1, 4, 0.5), flow(1, 3, 8, 3)}, 2 * 4. / 24, 1, 0},
		{"half", []Flow{flow(1, 1, 2, 0.5), flow(1, 2, 3, 3), flow(2, 1, 1, 3)}, 2 * 6. / 18, 2 * 6. / 18, 0},
	} {
		if got := cpc(want, c.got); !near(got, c.cpc) {
			t.Errorf("%s: CPC = %v, want %v", c.name, got, c.cpc)
		}
		if got := distanceCPC(want, c.got); !near(got, c.distance) {
			t.Errorf("%s: CPC by distance = %v, want %v", c.name, got, c.distance)
		}
		if got := wasserstein(lengths(want), lengths(c.got)); !near(got, c.w1) {
			t.Errorf("%s: W1 = %v, want %v", c.name, got, c.w1)
		}
	}
	if got := cpc[Flow](nil, nil); got != 1 {
		t.Errorf("CPC of nothing and nothing = %v, want 1", got)
	}
}

func TestWasserstein(t *testing.T) {
	for _, c := range []struct {
		a, b []weighted
		want float64
	}{
		{[]weighted{{1, 1}}, []weighted{{4, 9}}, 3},
		{[]weighted{{0, 1}, {2, 1}}, []weighted{{1, 1}}, 1},
		{[]weighted{{0, 3}, {10, 1}}, []weighted{{0, 1}, {10, 1}}, 2.5},
		{nil, nil, 0},
	} {
		if got := wasserstein(c.a, c.b); !near(got, c.want) {
			t.Errorf("W1(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestF1(t *testing.T) {
	for _, c := range []struct{ both, want, got, f1 float64 }{{0, 0, 0, 1}, {0, 5, 0, 0}, {5, 5, 5, 1}, {2, 4, 8, 1. / 3}} {
		if got := f1(c.both, c.want, c.got); !near(got, c.f1) {
			t.Errorf("F1 of %v in %v and %v = %v, want %v", c.both, c.want, c.got, got, c.f1)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.xs); got != c.want {
			t.Errorf("median = %v, want %v", got, c.want)
		}
	}
}

func zoneCounts(t *rapid.T, label string) []ZoneCount {
	return line(rapid.SliceOfN(rapid.Float64Range(0, 100), 0, 12).Draw(t, label)...)
}

// Every measure is 0 between a thing and itself, bounded, and in the
// measures that are distances the same both ways.
func TestMeasureProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := zoneCounts(t, "a"), zoneCounts(t, "b")
		for name, f := range map[string]func(a, b []ZoneCount) float64{"wape": wape[ZoneCount], "nrmse": nrmse, "jsd": jsd,
			"emd": func(a, b []ZoneCount) float64 { return emdKM(a, b, 100) }} {
			if d := f(a, a); d > 1e-9 {
				t.Fatalf("%s of a thing and itself = %v", name, d)
			}
			d := f(a, b)
			if math.IsNaN(d) || math.IsInf(d, 0) || d < 0 {
				t.Fatalf("%s = %v", name, d)
			}
			if e := f(b, a); (name == "jsd" || name == "emd") && math.Abs(d-e) > 1e-6 {
				t.Fatalf("%s one way %v, the other %v", name, d, e)
			}
		}
		if d := jsd(a, b); d > 1 {
			t.Fatalf("JSD = %v, want 1 at most", d)
		}
	})
}

// On a line the earth mover's distance is the 1-Wasserstein distance, which is
// computed quite differently.
func TestTransportOnALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := zoneCounts(t, "a"), zoneCounts(t, "b")
		if total(a) < 1 || total(b) < 1 {
			return
		}
		km := func(zones []ZoneCount) (out []weighted) {
			for _, z := range zones {
				out = append(out, weighted{float64(z.Zone), z.Persons})
			}
			return out
		}
		want := wasserstein(km(a), km(b))
		if got := emdKM(a, b, 100); math.Abs(got-want) > 1e-5*(1+want) {
			t.Fatalf("EMD = %v, W1 = %v", got, want)
		}
	})
}

// Against all assignments of small problems with unit supplies.
func TestTransportAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		cost := rapid.SliceOfN(rapid.Float64Range(0, 10), n*n, n*n).Draw(t, "cost")
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		best := math.Inf(1)
		var try func(i int, used uint, sum float64)
		try = func(i int, used uint, sum float64) {
			if i == n {
				best = math.Min(best, sum)
				return
			}
			for j := range n {
				if used>>j&1 == 0 {
					try(i+1, used|1<<j, sum+cost[i*n+j])
				}
			}
		}
		try(0, 0, 0)
		if got := transport(ones, ones, func(i, j int) float64 { return cost[i*n+j] }); math.Abs(got-best) > 1e-9 {
			t.Fatalf("cost = %v, best = %v", got, best)
		}
	})
}

// Above the bound zones become blocks: the distance stays near the exact one.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10, 60).Draw(t, "zones")
		draw := func(label string) []ZoneCount {
			return line(rapid.SliceOfN(rapid.Float64Range(1, 10), n, n).Draw(t, label)...)
		}
		a, b := draw("a"), draw("b")
		exact, rough := emdKM(a, b, n), emdKM(a, b, 8)
		if math.Abs(exact-rough) > 16 { // blocks are at most 16 km wide here
			t.Fatalf("EMD = %v km, in blocks %v", exact, rough)
		}
	})
	if block, mid := blocks([]geo.XY{{X: 1}, {X: 5}, {X: 1}}, 4); len(mid) != 2 || block[0] != block[2] || block[0] == block[1] {
		t.Errorf("equal places make blocks %v at %v", block, mid)
	}
}

func TestExcessCommuting(t *testing.T) {
	env := testEnv(t)
	zone := func(i int) geo.ZoneID {
		return env.Zoning.Zone(env.Proj.LonLat(geo.XY{X: 500 + 1000*float64(i), Y: 500}))
	}
	// Two zones 3 km apart, each other's workers: all of the way but the
	// inner distances could be saved.
	swapped := env.commuting([]pairCount{{zonePair{zone(0), zone(3)}, 10}, {zonePair{zone(3), zone(0)}, 10}}, 1)
	if got, want := swapped.ExcessCommuting(), 1-0.5214/3; math.Abs(got-want) > 1e-3 {
		t.Errorf("excess commuting of a swap = %v, want %v", got, want)
	}
	// One-way flows leave no choice.
	if got := env.commuting([]pairCount{{zonePair{zone(0), zone(3)}, 10}}, 1).ExcessCommuting(); math.Abs(got) > 1e-9 {
		t.Errorf("excess commuting without a choice = %v, want 0", got)
	}
	if got := env.commuting(nil, 1).ExcessCommuting(); got != 0 {
		t.Errorf("excess commuting of nobody = %v", got)
	}
	z := swapped.Zones[0]
	if z.Employed != 10 || z.Jobs != 10 || z.Local != 0 || z.Ratio() != 1 || z.SelfContainment() != 0 {
		t.Errorf("zone = %+v", z)
	}
}

func TestSegmentMatching(t *testing.T) {
	seg := func(user, start, end uint32, stay bool) Segment { return Segment{user, start, end, stay} }
	want := &Timelines{Segments: []Segment{seg(1, 0, 100, true), seg(1, 100, 120, false), seg(1, 120, 200, true), seg(2, 0, 50, true)}}
	for _, c := range []struct {
		name                  string
		got                   []Segment
		stay, travel, segment float64
	}{
		{"the same", want.Segments, 1, 1, 1},
		{"nothing", nil, 0, 0, 0},
		{"others", []Segment{seg(7, 0, 100, true)}, 0, 0, 0},
		// User 2 is missing: 180 of 230 seconds of stay.
		{"one user", want.Segments[:3], 2 * 180. / 410, 1, 2 * 3. / 7},
		{"always stay", []Segment{seg(1, 0, 200, true), seg(2, 0, 50, true)}, 2 * 230. / 480, 0, 2 * 2. / 6},
		{"labels swapped", []Segment{seg(1, 0, 100, false), seg(1, 100, 120, true)}, 0, 0, 0},
		// 60 of 110 is more than half; 40 of 100 is not.
		{"shifted", []Segment{seg(1, 40, 110, true)}, 2 * 60. / 300, 0, 2 * 1. / 5},
		{"a part", []Segment{seg(1, 0, 40, true)}, 2 * 40. / 270, 0, 0},
	} {
		got := &Timelines{Segments: c.got}
		stay, travel := want.compare(got)
		d := travelStayTask{}.Detail(want, got)
		if !near(stay.minutes().value, c.stay) || !near(travel.minutes().value, c.travel) || !near(d["segment_f1"], c.segment) {
			t.Errorf("%s: stay %v, travel %v, segments %v, want %v, %v, %v", c.name,
				stay.minutes().value, travel.minutes().value, d["segment_f1"], c.stay, c.travel, c.segment)
		}
	}
}

func TestNonNegative(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{3, 1, 0}, []float64{3, 1, 0}},
		{[]float64{5, -1, -1}, []float64{3, 0, 0}},
		{[]float64{5, 4, -3}, []float64{3.5, 2.5, 0}},
		{[]float64{1, -2}, []float64{0, 0}},
		{nil, nil},
	} {
		got := append([]float64(nil), c.in...)
		nonNegative(got)
		for i := range got {
			if !near(got[i], c.want[i]) {
				t.Errorf("%v becomes %v, want %v", c.in, got, c.want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOf(rapid.Float64Range(-100, 100)).Draw(t, "counts")
		before, after := 0.0, 0.0
		for _, x := range xs {
			before += x
		}
		nonNegative(xs)
		for _, x := range xs {
			if x < 0 {
				t.Fatalf("count %v", x)
			}
			after += x
		}
		if math.Abs(after-math.Max(0, before)) > 1e-6 {
			t.Fatalf("total %v becomes %v", before, after)
		}
	})
}
