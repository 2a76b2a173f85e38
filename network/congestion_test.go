package network

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func congest(t testing.TB, c *City, opt CongestionOptions) *Congestion {
	t.Helper()
	x, err := c.Congest(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Few zones: the laws hold for any number of them.
func TestCongestion(t *testing.T) {
	c := andorra(t)
	g := c.Graph()
	x := congest(t, c, CongestionOptions{Zones: 24, Workers: 2})
	for _, workers := range []int{1, 7} {
		if !reflect.DeepEqual(congest(t, c, CongestionOptions{Zones: 24, Workers: workers}), x) {
			t.Errorf("%d workers: another congestion than 2", workers)
		}
	}
	times := x.Times(nil, 8)
	for l := range Link(g.Links()) {
		if s := x.Share(l, 3); s < 0.7 {
			t.Fatalf("link %d (%s): %.2f of its free speed at 03, with %d cars of %.0f", l, g.Class(l), s, x.Volume(l, 3), g.Capacity(l))
		}
		if !g.Open(l, Car) {
			if x.Volume(l, 8) != 0 || !math.IsInf(float64(times[l]), 1) {
				t.Fatalf("link %d is closed to cars and has %d", l, x.Volume(l, 8))
			}
			continue
		}
		if want := bpr(float64(x.Volume(l, 8)) / g.Capacity(l)); math.Abs(x.Share(l, 8)-want) > 0.5/255+1e-9 {
			t.Fatalf("link %d: share %.3f for %d cars of %.0f, want %.3f", l, x.Share(l, 8), x.Volume(l, 8), g.Capacity(l), want)
		}
		if want := g.Length(l) / x.Speed(l, 8); !near(float64(times[l]), want) {
			t.Fatalf("link %d takes %g s, want %g", l, times[l], want)
		}
	}
	vehicleKm := func(hour int) (km float64) {
		for l := range Link(g.Links()) {
			km += float64(x.Volume(l, hour)) * g.Length(l) / 1000
		}
		return km
	}
	if am, noon, night := vehicleKm(7), vehicleKm(11), vehicleKm(3); am < 1.3*noon || noon < 5*night || night <= 0 {
		t.Errorf("%.0f vehicle-km at 07, %.0f at 11, %.0f at 03", am, noon, night)
	}
	if x.delay(7) <= x.delay(11) || x.delay(17) <= x.delay(11) {
		t.Errorf("delay %.3f at 07, %.3f at 11, %.3f at 17: want peaks", x.delay(7), x.delay(11), x.delay(17))
	}
	if many := congest(t, c, CongestionOptions{Zones: 24, Workers: 2, CarTrips: 6}); many.SlowArterials(0.7, 7, 9) <= x.SlowArterials(0.7, 7, 9) {
		t.Error("four times the cars, and no more congestion")
	}
}

// The morning's cars come from the dwellings, the evening's from the jobs: all
// trips end where demand puts them, and rows and columns of the demand add up.
func TestGravity(t *testing.T) {
	c := andorra(t)
	zones := c.trafficZones(16)
	if len(zones) != 16 {
		t.Fatalf("%d zones, want 16", len(zones))
	}
	persons, jobs := 0.0, 0.0
	for i := range zones {
		persons += zones[i].persons
		jobs += zones[i].jobs
	}
	for i := range zones { // equal but for the grain of buildings and places
		if w := zones[i].persons/persons + zones[i].jobs/jobs; w < 0.06 || w > 0.25 {
			t.Errorf("zone %d has weight %.3f, want about 0.125", i, w)
		}
	}
	trips, err := newAssignment(c, zones, 2).gravity(context.Background(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i := range zones {
		row, column := 0.0, 0.0
		for j := range zones {
			row += trips[i][j]
			column += trips[j][i]
		}
		if want := 1000 * zones[i].persons / persons; math.Abs(row-want) > 0.01*want+0.01 {
			t.Errorf("zone %d: %.2f trips out, want %.2f", i, row, want)
		}
		if want := 1000 * zones[i].jobs / jobs; math.Abs(column-want) > 0.05*want+0.05 {
			t.Errorf("zone %d: %.2f trips in, want %.2f", i, column, want)
		}
	}
}

// What an assignment carries, it carries from a beginning to an end: at every
// node as many cars leave as arrive, but for the trips that begin or end there.
func TestAssignmentKeepsCars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphOf(t, randomStreets(t))
		if g.Nodes() < 2 || !g.Open(g.arcs[0].link, Car) && !g.Open(g.arcs[0].link.Turned(), Car) {
			return
		}
		terminals := make([]bool, g.Nodes())
		for n := range terminals {
			terminals[n] = rapid.Bool().Draw(t, "terminal")
		}
		origin := int32(rapid.IntRange(0, g.Nodes()-1).Draw(t, "origin"))
		terminals[origin] = true
		net := newCarNet(g, terminals)
		net.setTimes(g.Times(Car))
		s := newCarTree(net)
		s.from([]int32{origin}, []float32{0})
		x := newTraffic(net)
		ends := make([][2]int64, len(s.time))
		for v := range ends {
			if s.time[v] < never {
				ends[v] = [2]int64{int64(rapid.IntRange(0, 50).Draw(t, "out")), int64(rapid.IntRange(0, 50).Draw(t, "back"))}
			}
		}
		copy(x.node, ends)
		x.collect(s)
		balance := make([][2]int64, len(s.time))
		for a, v := range net.levels.arcVolumes([]*traffic{x}, len(net.ends)) {
			for dir := range v {
				balance[net.ends[a][0]][dir] -= v[dir]
				balance[net.ends[a][1]][dir] += v[dir]
			}
		}
		for v, b := range balance {
			if int32(v) != net.node[origin] && b != ends[v] {
				t.Fatalf("node %d: %d more cars arrive than leave, want %d", v, b, ends[v])
			}
		}
	})
}

func TestCongestionOptions(t *testing.T) {
	c := andorra(t)
	for want, opt := range map[string]CongestionOptions{"car trips = -1": {CarTrips: -1}, "car trips = NaN": {CarTrips: math.NaN()}, "zones = -2": {Zones: -2}} {
		if _, err := c.Congest(context.Background(), opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", opt, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Congest(ctx, CongestionOptions{}); err == nil {
		t.Error("cancelled, and yet a congestion")
	}
	walkers := buildTown(t, strings.ReplaceAll(town(6), `v="residential"`, `v="footway"`), Options{Seed: 1})
	if _, err := walkers.Congest(context.Background(), CongestionOptions{}); err == nil || !strings.Contains(err.Error(), "cars reach no") {
		t.Errorf("a town without cars: %v", err)
	}
}

// BenchmarkCongestDelaware also gives the shares of arterial link-hours at 07–09.
func BenchmarkCongestDelaware(b *testing.B) {
	c := delaware(b)
	var x *Congestion
	for b.Loop() {
		x = congest(b, c, CongestionOptions{Workers: 2})
	}
	b.ReportMetric(100*x.SlowArterials(0.7, 7, 9), "%below0.7")
	b.ReportMetric(100*x.SlowArterials(0.4, 7, 9), "%below0.4")
	b.ReportMetric(100*x.SlowArterials(0.7, 3, 4), "%below0.7at03")
}
