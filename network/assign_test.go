package network

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
)

// rushHour is trips between random spots of the country by car, most of them at 8.
func rushHour(g *Graph, n int) []CarTrip {
	rng := sigcity.Rand(1, "test.assign")
	var out []CarTrip
	for i := range n {
		hour := 8
		if i%10 == 0 {
			hour = 3
		}
		out = append(out, CarTrip{randomSpot(rng, g, Car), randomSpot(rng, g, Car), hour})
	}
	return out
}

func TestAssign(t *testing.T) {
	g := andorra(t).Graph()
	free := NewHierarchy(g, g.Times(Car), nil)
	trips := rushHour(g, 1000)
	want, err := Assign(t.Context(), free, trips, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(trips)
	slices.Reverse(other) // sums do not depend on the order either
	for _, workers := range []int{0, 2, 7} {
		got, err := Assign(t.Context(), free, other, 20, workers)
		if err != nil {
			t.Fatal(err)
		}
		for hour := range 24 {
			if !slices.Equal(got.volume[hour], want.volume[hour]) || !slices.Equal(got.speed[hour], want.speed[hour]) {
				t.Fatalf("%d workers: another hour %d", workers, hour)
			}
		}
	}
	if d := want.delay(8); d < easy {
		t.Errorf("18,000 cars in an hour lose %.3f of their time, want %g at least", d, easy)
	}
	if want.delay(8) <= want.delay(3) || want.delay(12) != 0 || want.Ways(12) != free || want.Ways(8) == free {
		t.Errorf("lost time at 8, 3 and 12: %g, %g, %g", want.delay(8), want.delay(3), want.delay(12))
	}
	// Nobody can be faster than alone, and the times of an hour are its speeds'.
	var way Route
	r := NewRouter(g)
	slower := 0
	for _, x := range trips[:200] {
		r.Route(&way, free, x.From, x.To)
		alone := way.Seconds
		r.Route(&way, want.Ways(8), x.From, x.To)
		sum := 0.0
		for i, l := range way.Links {
			share := 1.0
			switch {
			case len(way.Links) == 1:
				share = way.Last - way.First
			case i == 0:
				share = 1 - way.First
			case i == len(way.Links)-1:
				share = way.Last
			}
			sum += share * g.Length(l) / want.Speed(l, 8)
		}
		// Each time on a link is rounded to a millisecond.
		if off := math.Abs(sum - way.Seconds); off > 0.0006*float64(len(way.Links)+2) {
			t.Fatalf("%d links take %.3f s, the way %.3f", len(way.Links), sum, way.Seconds)
		}
		if way.Seconds < alone-0.01 {
			t.Fatalf("%.2f s in traffic, %.2f alone", way.Seconds, alone)
		}
		if way.Seconds > 1.1*alone {
			slower++
		}
	}
	if slower < 20 {
		t.Errorf("%d of 200 trips are slower by a tenth in the rush hour", slower)
	}
}

// In the first round every car of a trip is on all links of its way.
func TestAssignCountsCars(t *testing.T) {
	g := andorra(t).Graph()
	free := NewHierarchy(g, g.Times(Car), nil)
	trips := rushHour(g, 2)
	traffic, err := Assign(t.Context(), free, trips, 7, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]map[Link]int{}
	var way Route
	r := NewRouter(g)
	for _, x := range trips {
		r.Route(&way, free, x.From, x.To)
		want[x.Hour] = map[Link]int{}
		for _, l := range way.Links {
			want[x.Hour][l] += 7
		}
	}
	for hour := range 24 {
		for l := range Link(g.Links()) {
			if got := traffic.Volume(l, hour); got != want[hour][l] {
				t.Fatalf("%d cars on link %d at %d, want %d", got, l, hour, want[hour][l])
			}
		}
	}
}

func TestAssignErrors(t *testing.T) {
	g := andorra(t).Graph()
	free := NewHierarchy(g, g.Times(Car), nil)
	for _, x := range []struct {
		weight float64
		hour   int
		want   string
	}{{0, 0, "weight = 0"}, {-1, 0, "weight = -1"}, {math.NaN(), 0, "weight = NaN"}, {math.Inf(1), 0, "weight = +Inf"}, {1, 24, "hour = 24"}, {1, -1, "hour = -1"}} {
		if _, err := Assign(t.Context(), free, []CarTrip{{Hour: x.hour}}, x.weight, 1); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("weight %g, hour %d: error %v, want %q", x.weight, x.hour, err, x.want)
		}
	}
}

// The public table has every edge, and the speeds' rows are those of arterials
// with cars and of slow links.
func TestRoadTables(t *testing.T) {
	c := andorra(t)
	g := c.Graph()
	traffic, err := Assign(t.Context(), NewHierarchy(g, g.Times(Car), nil), rushHour(g, 500), 20, 2)
	if err != nil {
		t.Fatal(err)
	}
	edges := c.Links()
	if len(edges) != g.Edges() {
		t.Fatalf("%d rows, want %d", len(edges), g.Edges())
	}
	for i, e := range edges {
		if int(e.ID) != i || len(e.Lon) != len(g.shape(i)) || strings.Contains(e.Modes, "car") != g.Open(Link(2*i), Car) || (e.CapacityBack > 0) != g.Open(Link(2*i+1), Car) {
			t.Fatalf("row %d: %+v", i, e)
		}
	}
	rows := traffic.AppendRows(nil, "weekday")
	seen := map[[2]int]bool{}
	for _, r := range rows {
		seen[[2]int{int(r.Link), int(r.Hour)}] = true
		if r.MPS > edges[r.Link/2].FreeMPS || (r.Volume == 0) {
			t.Fatalf("%+v on a link with %g m/s", r, edges[r.Link/2].FreeMPS)
		}
	}
	for hour := range 24 {
		for l := range Link(g.Links()) {
			if want := traffic.Share(l, hour) < 1 || (g.Class(l).Arterial() && traffic.Volume(l, hour) > 0); want != seen[[2]int{int(l), hour}] {
				t.Fatalf("link %d in hour %d: row %v, want %v", l, hour, !want, want)
			}
		}
	}
	if len(rows) < 100 {
		t.Errorf("%d rows", len(rows))
	}
}
