package network

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/osm"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

var delawareCity = sync.OnceValues(func() (*City, error) {
	path, err := fixture.ModulePath("delaware-latest.osm.pbf")
	if err != nil {
		return nil, err
	}
	return Load(context.Background(), path, Options{Seed: 1, Workers: 2})
})

func delaware(t testing.TB) *City {
	t.Helper()
	c, err := delawareCity()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// streets is an extract of nodes at (lon, lat) in units of 0.001° and of ways.
func streets(nodes [][2]float64, ways ...string) *source {
	s := &source{}
	for i, n := range nodes {
		s.addNode(int64(i+1), 13+n[0]*0.001, 53+n[1]*0.001)
	}
	for i, w := range ways {
		refs, rest, _ := strings.Cut(w, "|")
		x := way{id: int64(i + 1), first: len(s.refs)}
		for _, f := range strings.Fields(refs) {
			var id int64
			if _, err := fmt.Sscan(f, &id); err != nil {
				panic(err)
			}
			s.refs = append(s.refs, id)
		}
		x.end = len(s.refs)
		for _, kv := range strings.Fields(rest) {
			k, v, _ := strings.Cut(kv, "=")
			x.tags = append(x.tags, osm.Tag{Key: k, Value: v})
		}
		s.ways = append(s.ways, x)
	}
	return s
}

// graphOf makes the graph of a source alone, without a city around it.
func graphOf(t rapid.TB, s *source) *Graph {
	t.Helper()
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	b := &builder{src: s, opt: Options{Workers: 1}, city: &City{Report: Report{Counts: map[string]int64{}}}}
	b.city.Bounds.Min, b.city.Bounds.Max = [2]float64{12, 52}, [2]float64{14, 54}
	b.city.Proj = geo.NewProjection([2]float64{13, 53})
	if err := b.roads(); err != nil {
		t.Fatal(err)
	}
	return b.city.Graph()
}

func TestGraphOfStreets(t *testing.T) {
	square := [][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {2, 0}, {2, 0}, {3, 0}}
	for _, c := range []struct {
		name         string
		ways         []string
		nodes, edges int
		car          int // links open to cars
	}{
		{"a bend is no node", []string{"1 2 3|highway=residential"}, 2, 1, 2},
		{"two ways of one road are one edge", []string{"1 2|highway=residential", "3 2|highway=residential"}, 2, 1, 2},
		{"a change of class is a node", []string{"1 2|highway=residential", "2 3|highway=primary"}, 3, 2, 4},
		{"a one-way ring", []string{"1 2 3 4 1|highway=primary oneway=yes"}, 1, 1, 1},
		{"a ring of two ways, one against its nodes", []string{"1 2 3|highway=primary oneway=yes", "1 4 3|highway=primary oneway=-1"}, 1, 1, 1},
		{"a roundabout with two arms", []string{"1 2 3 4 1|highway=primary junction=roundabout", "2 5|highway=primary", "3 4|highway=footway"}, 4, 5, 5},
		{"a one-way dead end is closed to cars", []string{"1 2|highway=primary", "2 5|highway=primary oneway=yes", "2 3|highway=footway"}, 4, 3, 2},
		{"a motorway is closed to walkers, and alone to all", []string{"1 2|highway=motorway"}, 0, 0, 0},
		{"repeated nodes", []string{"1 1 2 2 2|highway=residential"}, 2, 1, 2},
		{"a node of the way is missing", []string{"1 99 2 3|highway=residential"}, 2, 1, 2},
		{"a second piece is dropped", []string{"1 2 3|highway=residential", "2 4|highway=residential", "5 7|highway=residential"}, 4, 3, 6},
		{"two nodes at one spot", []string{"5 6|highway=residential"}, 2, 1, 2},
		{"private", []string{"1 2|highway=residential", "2 3|highway=service access=private"}, 2, 1, 2},
		{"a private road open to walkers", []string{"1 2|highway=service access=private foot=yes"}, 2, 1, 0},
		{"a way of one node", []string{"1|highway=residential", "2 3|highway=residential"}, 2, 1, 2},
		{"no road", []string{"1 2|highway=construction", "2 3|highway=proposed", "3 4|railway=rail"}, 0, 0, 0},
		{"a loop at the end of a street", []string{"1 2 3 4 2|highway=residential"}, 2, 2, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := graphOf(t, streets(square, c.ways...))
			car := 0
			for l := range Link(g.Links()) {
				if g.Open(l, Car) {
					car++
				}
				if !(g.Length(l) >= minEdgeM) {
					t.Errorf("link %d: %g m", l, g.Length(l))
				}
			}
			if g.Nodes() != c.nodes || g.Edges() != c.edges || car != c.car {
				t.Errorf("%d nodes, %d edges, %d links for cars; want %d, %d, %d", g.Nodes(), g.Edges(), car, c.nodes, c.edges, c.car)
			}
		})
	}
}

func TestRoadTags(t *testing.T) {
	for _, c := range []struct {
		tags string
		want road
	}{
		{"highway=motorway lanes=3", road{Motorway, false, false, 110, [2]uint8{3, 3}, [2]modeSet{onlyCar, 0}}},
		{"highway=primary maxspeed=50 lanes=4", road{Primary, false, false, 43, [2]uint8{2, 2}, [2]modeSet{anyMode, anyMode}}},
		{"highway=primary maxspeed=abc lanes=-2", road{Primary, false, false, 50, [2]uint8{1, 1}, [2]modeSet{anyMode, anyMode}}},
		{"highway=motorway_link maxspeed=35mph oneway=yes tunnel=yes", road{MotorwayLink, false, true, 56, [2]uint8{1, 1}, [2]modeSet{onlyCar, 0}}},
		{"highway=residential oneway=yes oneway:bicycle=no bridge=yes", road{ResidentialStreet, true, false, 25, [2]uint8{1, 1}, [2]modeSet{anyMode, bikes | feet}}},
		{"highway=residential oneway=-1", road{ResidentialStreet, false, false, 25, [2]uint8{1, 1}, [2]modeSet{feet, anyMode}}},
		{"highway=footway bicycle=yes access=yes", road{Footway, false, false, 10, [2]uint8{1, 1}, [2]modeSet{bikes | feet, bikes | feet}}},
	} {
		var tg tags
		for _, kv := range strings.Fields(c.tags) {
			k, v, _ := strings.Cut(kv, "=")
			tg = append(tg, osm.Tag{Key: k, Value: v})
		}
		if got, ok := roadOf(tg); !ok || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.tags, got, ok, c.want)
		}
	}
}

// randomStreets draws a small network with bends, one-ways and shared nodes.
func randomStreets(t *rapid.T) *source {
	n := rapid.IntRange(2, 14).Draw(t, "nodes")
	nodes := make([][2]float64, n)
	for i := range nodes {
		nodes[i] = [2]float64{float64(rapid.IntRange(0, 6).Draw(t, "x")), float64(rapid.IntRange(0, 6).Draw(t, "y"))}
	}
	var ways []string
	for range rapid.IntRange(1, 10).Draw(t, "ways") {
		refs := rapid.SliceOfN(rapid.IntRange(1, n), 2, 5).Draw(t, "refs")
		kind := rapid.SampledFrom([]string{"highway=residential", "highway=residential", "highway=residential oneway=yes",
			"highway=primary oneway=-1", "highway=footway"}).Draw(t, "kind")
		ways = append(ways, strings.Trim(fmt.Sprint(refs), "[]")+"|"+kind)
	}
	return streets(nodes, ways...)
}

// floyd is the times between all nodes of a list of directed, timed arcs.
func floyd(n int, arcs func(yield func(from, to int, seconds float64))) [][]float64 {
	d := make([][]float64, n)
	for i := range d {
		d[i] = slices.Repeat([]float64{math.Inf(1)}, n)
		d[i][i] = 0
	}
	arcs(func(from, to int, s float64) { d[from][to] = min(d[from][to], s) })
	for k := range n {
		for i := range n {
			for j := range n {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

func near(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-4*(1+math.Abs(b)) }

// Trees, forward and reverse, agree with Floyd–Warshall, and their routes are
// unbroken, open, and as long and slow as they say.
func TestTreesAreShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphOf(t, randomStreets(t))
		mode := Mode(rapid.IntRange(0, int(modes)-1).Draw(t, "mode"))
		times := g.Times(mode)
		want := floyd(g.Nodes(), func(yield func(int, int, float64)) {
			for l := range Link(g.Links()) {
				from, to := g.Ends(l)
				yield(from, to, float64(times[l]))
			}
		})
		s := NewSearch(g)
		var open []int
		for e := range g.Edges() {
			if g.Open(Link(2*e), mode) || g.Open(Link(2*e+1), mode) {
				open = append(open, e)
			}
		}
		if len(open) == 0 {
			return
		}
		spot := func(name string) Spot {
			return Spot{Edge: rapid.SampledFrom(open).Draw(t, name), Share: rapid.SampledFrom([]float64{0, 0.25, 0.5, 1}).Draw(t, name+" share")}
		}
		a, b := spot("from"), spot("to")
		best := wayBetween(g, times, want, a, b)
		for _, reverse := range []bool{false, true} {
			from, to := a, b
			if reverse {
				from, to = b, a
			}
			s.Tree(times, from, reverse)
			for v := range g.Nodes() {
				w := math.Inf(1)
				for _, x := range s.seeds {
					if reverse {
						w = min(w, float64(x.time)+want[v][x.node])
					} else {
						w = min(w, float64(x.time)+want[x.node][v])
					}
				}
				if !near(s.Time(v), w) {
					t.Fatalf("reverse %v, node %d: %g s, want %g", reverse, v, s.Time(v), w)
				}
			}
			var r Route
			if ok := s.Route(&r, to); ok != !math.IsInf(best, 1) || ok && !near(r.Seconds, best) {
				t.Fatalf("reverse %v: route %v of %g s, want %g", reverse, ok, r.Seconds, best)
			} else if ok {
				checkRoute(t, g, times, &r, a, b)
			}
		}
	})
}

// wayBetween is the time between two spots, from the times between nodes.
func wayBetween(g *Graph, times []float32, d [][]float64, a, b Spot) float64 {
	best := math.Inf(1)
	for _, out := range []Link{Link(2 * a.Edge), Link(2*a.Edge + 1)} {
		fa := a.Share
		if out.dir() == 1 {
			fa = 1 - fa
		}
		if math.IsInf(float64(times[out]), 1) {
			continue
		}
		for _, in := range []Link{Link(2 * b.Edge), Link(2*b.Edge + 1)} {
			fb := b.Share
			if in.dir() == 1 {
				fb = 1 - fb
			}
			if math.IsInf(float64(times[in]), 1) {
				continue
			}
			if in == out && fb >= fa {
				best = min(best, (fb-fa)*float64(times[out]))
			}
			_, from := g.Ends(out)
			to, _ := g.Ends(in)
			best = min(best, (1-fa)*float64(times[out])+d[from][to]+fb*float64(times[in]))
		}
	}
	return best
}

func checkRoute(t rapid.TB, g *Graph, times []float32, r *Route, a, b Spot) {
	t.Helper()
	seconds := -r.First*float64(times[r.Links[0]]) - (1-r.Last)*float64(times[r.Links[len(r.Links)-1]])
	for i, l := range r.Links {
		seconds += float64(times[l])
		if i == 0 {
			continue
		}
		_, at := g.Ends(r.Links[i-1])
		if from, _ := g.Ends(l); from != at {
			t.Fatalf("route %v breaks before link %d", r.Links, l)
		}
	}
	if !near(seconds, r.Seconds) && math.Abs(seconds-r.Seconds) > 1.001e-3 { // hierarchies round both ends to milliseconds
		t.Fatalf("links take %g s, the route %g", seconds, r.Seconds)
	}
	line := g.Polyline(nil, r)
	if p, q := g.SpotPos(a), g.SpotPos(b); line[0].Dist(p) > 0.01 || line[len(line)-1].Dist(q) > 0.01 {
		t.Fatalf("the line runs %v … %v, want %v … %v", line[0], line[len(line)-1], p, q)
	}
	if m := polylineLength(line); math.Abs(m-r.Length) > 0.2+minEdgeM*float64(len(r.Links)) {
		t.Fatalf("the line is %g m long, the route %g", m, r.Length)
	}
}

// Contraction leaves the distances between the nodes that it keeps.
func TestContractionKeepsDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := randomStreets(t)
		if err := s.finish(); err != nil {
			t.Fatal(err)
		}
		b := &builder{src: s, opt: Options{Workers: 1}, city: &City{}}
		b.city.Bounds.Min, b.city.Bounds.Max = [2]float64{12, 52}, [2]float64{14, 54}
		b.city.Proj = geo.NewProjection([2]float64{13, 53})
		pos, parts := b.cutWays()
		lengths := func(parts []stretch, m Mode) [][]float64 {
			return floyd(len(pos), func(yield func(int, int, float64)) {
				for _, p := range parts {
					if p.road.modes[0].has(m) {
						yield(int(p.a), int(p.b), p.length)
					}
					if p.road.modes[1].has(m) {
						yield(int(p.b), int(p.a), p.length)
					}
				}
			})
		}
		short := contract(len(pos), slices.Clone(parts))
		var total, want float64
		for _, p := range parts {
			want += p.length
		}
		for _, p := range short {
			total += p.length
			if p.line[0] != pos[p.a] || p.line[len(p.line)-1] != pos[p.b] {
				t.Fatalf("an edge's shape does not run from node to node")
			}
		}
		if !near(total, want) {
			t.Fatalf("%g m of road after contraction, %g before", total, want)
		}
		for m := range modes {
			before, after := lengths(parts, m), lengths(short, m)
			for _, p := range short {
				for _, q := range short {
					if x, y := before[p.a][q.b], after[p.a][q.b]; !near(x, y) {
						t.Fatalf("%s: %g m from %d to %d after contraction, %g before", m, y, p.a, q.b, x)
					}
				}
			}
		}
	})
}

// Every mode reaches from each of its links every other.
func TestGraphHangsTogether(t *testing.T) {
	g := andorra(t).Graph()
	s := NewSearch(g)
	for m := range modes {
		times := g.Times(m)
		start := slices.IndexFunc(times, func(t float32) bool { return !math.IsInf(float64(t), 1) })
		for _, reverse := range []bool{false, true} {
			s.Tree(times, Spot{Edge: start / 2, Share: 0.5}, reverse)
			for l := range times {
				from, to := g.Ends(Link(l))
				if !math.IsInf(float64(times[l]), 1) && math.IsInf(s.Time(from)+s.Time(to), 1) {
					t.Fatalf("%s, reverse %v: link %d is open and out of reach", m, reverse, l)
				}
			}
		}
	}
}

func TestSnap(t *testing.T) {
	g := andorra(t).Graph()
	rng := sigcity.Rand(1, "test.snap")
	lo, hi := box(g.Pos)
	for range 200 {
		p := geo.XY{X: lo.X + (rng.Float64()*1.2-0.1)*(hi.X-lo.X), Y: lo.Y + (rng.Float64()*1.2-0.1)*(hi.Y-lo.Y)}
		for m := range modes {
			best, at := math.Inf(1), -1
			for e := range g.Edges() {
				if !g.Open(Link(2*e), m) && !g.Open(Link(2*e+1), m) {
					continue
				}
				if _, d2 := nearestOn(g.shape(e), p); d2 < best {
					best, at = d2, e
				}
			}
			got, ok := g.Snap(m, p)
			if !ok || got.Edge != at || got.Dist != math.Sqrt(best) {
				t.Fatalf("%v: %s snapped to edge %d at %g m, want %d at %g", p, m, got.Edge, got.Dist, at, math.Sqrt(best))
			}
			if d := g.SpotPos(got).Dist(p); math.Abs(d-got.Dist) > 1e-6*(1+d) {
				t.Fatalf("the spot lies %g m off, said %g", d, got.Dist)
			}
		}
	}
	if _, ok := graphOf(t, streets([][2]float64{{0, 0}, {1, 0}}, "1 2|highway=footway")).Snap(Car, geo.XY{}); ok {
		t.Error("a car on a footway")
	}
}

func TestTreeAllocatesNothing(t *testing.T) {
	g := andorra(t).Graph()
	s := NewSearch(g)
	var r Route
	from, _ := g.Snap(Car, g.Pos[0])
	to, _ := g.Snap(Car, g.Pos[g.Nodes()/2])
	run := func() {
		s.Tree(g.Times(Car), from, false)
		if !s.Route(&r, to) {
			t.Fatal("no route")
		}
	}
	run()
	if n := testing.AllocsPerRun(3, run); n != 0 {
		t.Errorf("%g allocations a tree", n)
	}
}

// detours are route length over straight line by car between random homes 1 to
// 20 km apart.
func detours(t *testing.T, c *City, n int) []float64 {
	g := c.Graph()
	s := NewSearch(g)
	rng := sigcity.Rand(1, "test.detour")
	var homes []geo.XY
	for _, b := range c.Buildings {
		if b.Dwellings > 0 {
			homes = append(homes, b.Pos)
		}
	}
	var out []float64
	var r Route
	for range n {
		p := homes[rng.IntN(len(homes))]
		from, _ := g.Snap(Car, p)
		s.Tree(g.Times(Car), from, false)
		for range 50 {
			q := homes[rng.IntN(len(homes))]
			if d := p.Dist(q); d >= 1000 && d <= 20_000 {
				to, _ := g.Snap(Car, q)
				if !s.Route(&r, to) {
					t.Fatalf("no route from %v to %v", p, q)
				}
				out = append(out, r.Length/g.SpotPos(from).Dist(g.SpotPos(to)))
			}
		}
	}
	slices.Sort(out)
	return out
}

// The band holds for these fixed draws; about 1,000 pairs put the median within
// ±0.02 of the population's, so another seed would not leave it either.
func TestDetourFactor(t *testing.T) {
	if testing.Short() {
		t.Skip("a state")
	}
	for name, c := range map[string]func() *City{
		"delaware": func() *City { return delaware(t) },
		"neubrandenburg": func() *City {
			return figureCity(t, "neubrandenburg.osm.pbf")
		},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			f := detours(t, c(), 200)
			n := len(f)
			t.Logf("%d pairs: detour 10 %% %.2f, median %.2f, 90 %% %.2f; %.1f s", n, f[n/10], f[n/2], f[n*9/10], time.Since(start).Seconds())
			if m := f[n/2]; m < 1.2 || m > 1.5 {
				t.Errorf("median detour %.2f, want 1.2–1.5", m)
			}
		})
	}
}

// The fastest way through a town of streets 100 m apart is one of its streets.
func ExampleSearch() {
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
	s := NewSearch(g)
	s.Tree(g.Times(Car), from, false)
	var r Route
	ok := s.Route(&r, to)
	fmt.Printf("%v, %.0f m in %.0f s on %v streets\n", ok, r.Length, r.Seconds, g.Class(r.Links[0]))
	// Output: true, 300 m in 43 s on residential streets
}

func BenchmarkTreeDelaware(b *testing.B) {
	c := delaware(b)
	g := c.Graph()
	b.Logf("%d nodes, %d edges", g.Nodes(), g.Edges())
	s := NewSearch(g)
	i := 0
	for b.Loop() {
		spot, _ := g.Snap(Car, c.Buildings[i*7919%len(c.Buildings)].Pos)
		s.Tree(g.Times(Car), spot, i%2 == 1)
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "trees/s")
}

func BenchmarkGraphDelaware(b *testing.B) {
	src, err := readFile(context.Background(), fixture.ModuleFile(b, "delaware-latest.osm.pbf"), 2)
	if err != nil {
		b.Fatal(err)
	}
	x := &builder{src: src, opt: Options{Workers: 2}, city: &City{Report: Report{Counts: map[string]int64{}}}}
	if err := x.shapes(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := x.roads(); err != nil {
			b.Fatal(err)
		}
	}
}
