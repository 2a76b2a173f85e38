package network

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// plainMs is the time of the fastest way by a plain search (Dijkstra 1959) over
// whole milliseconds, which float32 holds exactly below 2²⁴.
func plainMs(t rapid.TB, s *Search, h *Hierarchy, from, to Spot) uint32 {
	t.Helper()
	times := seconds(h)
	for l := range times {
		times[l] = float32(math.Round(float64(times[l]) * 1000))
	}
	var nodes []int32
	var starts []float32
	for _, l := range []Link{Link(2 * from.Edge), Link(2*from.Edge + 1)} {
		if _, to := h.g.Ends(l); h.ms[l] != closed {
			nodes, starts = append(nodes, int32(to)), append(starts, float32(part(1-from.on(l), h.ms[l])))
		}
	}
	s.begin(times, false)
	for i, n := range nodes {
		s.reach(n, starts[i], noLink)
	}
	s.grow()
	_, best := h.direct(from, to)
	for _, l := range []Link{Link(2 * to.Edge), Link(2*to.Edge + 1)} {
		if n, _ := h.g.Ends(l); h.ms[l] != closed && !math.IsInf(s.Time(n), 1) {
			best = min(best, uint32(s.Time(n))+part(to.on(l), h.ms[l]))
		}
	}
	if best != closed && best > 1<<24 {
		t.Fatalf("%d ms are more than float32 holds exactly", best)
	}
	return best
}

// seconds are the link times of a hierarchy.
func seconds(h *Hierarchy) []float32 {
	times := make([]float32, len(h.ms))
	for l, ms := range h.ms {
		if times[l] = float32(float64(ms) / 1000); ms == closed {
			times[l] = float32(math.Inf(1))
		}
	}
	return times
}

// checkFastest fails unless the way is the fastest one and hangs together.
func checkFastest(t rapid.TB, s *Search, r *Router, h *Hierarchy, from, to Spot) *Route {
	t.Helper()
	var way Route
	want := plainMs(t, s, h, from, to)
	if ok := r.Route(&way, h, from, to); !ok {
		if want != closed {
			t.Fatalf("no way from %v to %v, want %d ms", from, to, want)
		}
		return nil
	}
	if got := uint32(math.Round(way.Seconds * 1000)); got != want {
		t.Fatalf("from %v to %v in %d ms, want %d", from, to, got, want)
	}
	checkRoute(t, h.g, seconds(h), &way, from, to)
	return &way
}

func randomSpot(rng *rand.Rand, g *Graph, m Mode) Spot {
	for {
		e := rng.IntN(g.Edges())
		if g.Open(Link(2*e), m) || g.Open(Link(2*e+1), m) {
			return Spot{Edge: e, Share: rng.Float64()}
		}
	}
}

// On a real country, all modes and a congested car: to the millisecond what a
// plain search finds, also in the order of another hierarchy.
func TestHierarchyFindsTheFastestWay(t *testing.T) {
	c := andorra(t)
	g := c.Graph()
	slow, onFoot := slices.Clone(g.Times(Car)), slices.Clone(g.Times(Walk))
	rng := sigcity.Rand(1, "test.hierarchy")
	for l := range onFoot {
		onFoot[l] /= 8 // or the longest ways are beyond plainMs
	}
	for l := range slow {
		slow[l] *= float32(1 + 3*rng.Float64())
	}
	free := NewHierarchy(g, g.Times(Car), nil)
	s, r := NewSearch(g), NewRouter(g)
	for _, x := range []struct {
		name string
		mode Mode
		h    *Hierarchy
	}{
		{"car", Car, free}, {"slow car, its own order", Car, NewHierarchy(g, slow, nil)},
		{"slow car, the free order", Car, NewHierarchy(g, slow, free)},
		{"bike", Bike, NewHierarchy(g, g.Times(Bike), nil)}, {"walk", Walk, NewHierarchy(g, onFoot, nil)},
	} {
		t.Run(x.name, func(t *testing.T) {
			for range 150 {
				from := randomSpot(rng, g, x.mode)
				if way := checkFastest(t, s, r, x.h, from, randomSpot(rng, g, x.mode)); way == nil {
					t.Fatal("no way: a mode's links hang together")
				}
				near := from // on the same edge, both ways round
				near.Share = rng.Float64()
				checkFastest(t, s, r, x.h, from, near)
				checkFastest(t, s, r, x.h, from, from)
			}
			sameByLabels(t, r, x.h, func() (from, to Spot) { return randomSpot(rng, g, x.mode), randomSpot(rng, g, x.mode) })
		})
	}
}

// sameByLabels fails unless hub labels lead along the ways that a search finds; all
// but a few may pass other links in the same time where the spots lie at nodes.
func sameByLabels(t *testing.T, r *Router, h *Hierarchy, pair func() (from, to Spot)) {
	t.Helper()
	const n = 500
	var pairs [n][2]Spot
	var want [n]Route
	for i := range pairs {
		pairs[i][0], pairs[i][1] = pair()
		if !r.Route(&want[i], h, pairs[i][0], pairs[i][1]) {
			t.Fatal("no way: a mode's links hang together")
		}
	}
	if h.Label(math.MaxInt); h.LabelBytes() == 0 {
		t.Fatal("no labels")
	}
	other := 0
	for i := range pairs {
		var got Route
		if ok := r.Route(&got, h, pairs[i][0], pairs[i][1]); !ok || got.Seconds != want[i].Seconds || math.Abs(got.Length-want[i].Length) > 1 {
			t.Fatalf("from %v to %v by labels %v s and %v m (%v), want %v s and %v m", pairs[i][0], pairs[i][1], got.Seconds, got.Length, ok, want[i].Seconds, want[i].Length)
		}
		if !slices.Equal(got.Links, want[i].Links) {
			other++
		}
	}
	if other > n/50 {
		t.Errorf("%d of %d ways pass other links by labels", other, n)
	}
}

// Labels that do not fit are none; others can be dropped again.
func TestLabelsWithinMemory(t *testing.T) {
	g := andorra(t).Graph()
	h := NewHierarchy(g, g.Times(Bike), nil)
	h.Label(math.MaxInt)
	whole := h.LabelBytes()
	for _, x := range []struct{ atMost, want int }{{0, 0}, {whole - 1, 0}, {whole, whole}, {whole / 2, 0}} {
		if h.Label(x.atMost); h.LabelBytes() != x.want {
			t.Errorf("of %d bytes at most: %d, want %d", x.atMost, h.LabelBytes(), x.want)
		}
	}
	if perNode := whole / g.Nodes(); perNode < 2*hubBytes || perNode > 100*hubBytes {
		t.Errorf("%d bytes a node", perNode)
	}
}

// On graphs of any shape, with equal ways, parallel edges, loops, one-way
// links and closed ones.
func TestHierarchyOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 14).Draw(t, "nodes")
		var pos []geo.XY
		for i := range n {
			pos = append(pos, geo.XY{X: float64(100 * (i % 4)), Y: float64(100 * (i / 4))})
		}
		var parts []stretch
		for range rapid.IntRange(1, 40).Draw(t, "edges") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			line := []geo.XY{pos[a], pos[b]}
			if a == b {
				line = []geo.XY{pos[a], pos[a].Sub(geo.XY{X: 30}), pos[a]}
			}
			parts = append(parts, stretch{int32(a), int32(b), road{modes: [2]modeSet{anyMode, anyMode}, kmh: 30}, line, max(polylineLength(line), minEdgeM)})
		}
		g := newGraph(pos, parts)
		times := make([]float32, g.Links())
		for l := range times {
			if times[l] = float32(rapid.IntRange(0, 12).Draw(t, "s")); times[l] > 10 {
				times[l] = float32(math.Inf(1))
			}
		}
		h, s, r := NewHierarchy(g, times, nil), NewSearch(g), NewRouter(g)
		for i := range 20 {
			if i == 10 {
				h.Label(math.MaxInt)
			}
			spot := func() Spot {
				return Spot{Edge: rapid.IntRange(0, g.Edges()-1).Draw(t, "edge"), Share: rapid.SampledFrom([]float64{0, 0.25, 0.5, 1}).Draw(t, "share")}
			}
			from, to := spot(), spot()
			checkFastest(t, s, r, h, from, to)
		}
	})
}

func TestRouterAllocatesNothing(t *testing.T) {
	g := andorra(t).Graph()
	h, r := NewHierarchy(g, g.Times(Car), nil), NewRouter(g)
	rng := sigcity.Rand(2, "test.hierarchy")
	from, to := randomSpot(rng, g, Car), randomSpot(rng, g, Car)
	var way Route
	run := func() {
		if !r.Route(&way, h, from, to) {
			t.Fatal("no way")
		}
	}
	for _, labels := range []int{0, math.MaxInt} {
		h.Label(labels)
		run()
		if n := testing.AllocsPerRun(10, run); n != 0 {
			t.Errorf("%g allocations a way, with %d bytes of labels", n, h.LabelBytes())
		}
	}
}

// The fastest way through a town of streets 100 m apart, as Search finds it.
func ExampleRouter() {
	src, err := readSource(context.Background(), strings.NewReader(town(6)), extXML, 1)
	if err != nil {
		panic(err)
	}
	city, err := build(context.Background(), src, Options{Seed: 1})
	if err != nil {
		panic(err)
	}
	g := city.Graph()
	from, _ := g.Snap(Car, g.Pos[0])
	to, _ := g.Snap(Car, geo.XY{X: g.Pos[0].X + 300, Y: g.Pos[0].Y})
	ways := NewHierarchy(g, g.Times(Car), nil) // once
	router := NewRouter(g)                     // one a goroutine
	var way Route
	ok := router.Route(&way, ways, from, to)
	fmt.Printf("%v, %.0f m in %.0f s\n", ok, way.Length, way.Seconds)
	// Output: true, 300 m in 43 s
}

func BenchmarkHierarchyDelaware(b *testing.B) {
	g := delaware(b).Graph()
	car := NewHierarchy(g, g.Times(Car), nil)
	for _, x := range []struct {
		name string
		mode Mode
		like *Hierarchy
	}{{"car", Car, nil}, {"walk", Walk, nil}, {"car, in the order of another", Car, car}} {
		b.Run(x.name, func(b *testing.B) {
			shortcuts := 0
			for b.Loop() {
				shortcuts = NewHierarchy(g, g.Times(x.mode), x.like).Shortcuts()
			}
			b.ReportMetric(float64(shortcuts), "arcs")
		})
	}
	for _, m := range []Mode{Car, Walk} {
		h := NewHierarchy(g, g.Times(m), nil)
		b.Run("labels of "+m.String(), func(b *testing.B) {
			for b.Loop() {
				h.Label(0)
				h.Label(math.MaxInt)
			}
			b.ReportMetric(float64(h.LabelBytes())/(1<<20), "MB")
		})
	}
}

// BenchmarkRouterDelaware is a way between two homes.
func BenchmarkRouterDelaware(b *testing.B) {
	c := delaware(b)
	g := c.Graph()
	for _, m := range []Mode{Car, Walk} {
		h := NewHierarchy(g, g.Times(m), nil)
		for i := range 4 {
			near, labels := i%2 == 0, i >= 2
			b.Run(m.String()+map[bool]string{true: " 1 km", false: " far"}[near]+map[bool]string{true: ", labels"}[labels], func(b *testing.B) {
				if h.Label(0); labels {
					h.Label(math.MaxInt)
				}
				var pairs [][2]Spot
				rng := sigcity.Rand(1, "bench")
				for len(pairs) < 5000 {
					p, q := c.Buildings[rng.IntN(len(c.Buildings))].Pos, c.Buildings[rng.IntN(len(c.Buildings))].Pos
					if near {
						q = p.Sub(geo.XY{X: 600, Y: 800})
					}
					from, _ := g.Snap(m, p)
					to, _ := g.Snap(m, q)
					pairs = append(pairs, [2]Spot{from, to})
				}
				r := NewRouter(g)
				var way Route
				links, i := 0, 0
				for b.Loop() {
					p := &pairs[i%len(pairs)]
					if !r.Route(&way, h, p[0], p[1]) {
						b.Fatal("no way")
					}
					links += len(way.Links)
					i++
				}
				b.ReportMetric(float64(links)/float64(b.N), "links/way")
			})
		}
	}
}
