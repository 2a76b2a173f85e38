package network

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// The published graph is the city's: nodes, arcs in the same order, links and what
// they are like. Searches see nothing else, so their ways are the same too.
func TestPublicGraphIsTheCitys(t *testing.T) {
	c := delaware(t)
	g := c.Graph()
	p, err := PublicGraph(c.Links(), c.Proj)
	if err != nil {
		t.Fatal(err)
	}
	if p.Nodes() != g.Nodes() || p.Links() != g.Links() || !slices.Equal(p.first, g.first) || !slices.Equal(p.arcs, g.arcs) {
		t.Fatalf("%d nodes and %d links, want %d and %d with the same arcs", p.Nodes(), p.Links(), g.Nodes(), g.Links())
	}
	for n := range g.Pos {
		if d := g.Pos[n].Dist(p.Pos[n]); d > 1e-4 {
			t.Fatalf("node %d is %g m off", n, d)
		}
	}
	for l := range Link(g.Links()) {
		if p.Class(l) != g.Class(l) || p.Length(l) != g.Length(l) || p.FreeSpeed(l) != g.FreeSpeed(l) || p.Bridge(l) != g.Bridge(l) || p.Tunnel(l) != g.Tunnel(l) {
			t.Fatalf("link %d is another road", l)
		}
		if g.Open(l, Car) && (p.Lanes(l) != g.Lanes(l) || p.Capacity(l) != g.Capacity(l)) {
			t.Fatalf("link %d has %d lanes for %g cars, want %d for %g", l, p.Lanes(l), p.Capacity(l), g.Lanes(l), g.Capacity(l))
		}
	}
	for m := range modes {
		if !slices.Equal(p.Times(m), g.Times(m)) {
			t.Errorf("times by %s differ", m)
		}
	}
}

func TestPublicGraphRefuses(t *testing.T) {
	good := func() []dataset.RoadEdge {
		e := dataset.RoadEdge{FromNode: 0, ToNode: 1, Class: "primary", LengthM: 100, FreeMPS: 12.5, Lanes: 1, LanesBack: 1,
			Modes: "car bike", ModesBack: "car", Lon: []float64{13, 13.001}, Lat: []float64{53, 53}}
		f := e
		f.ID, f.FromNode, f.ToNode, f.Lon = 1, 1, 2, []float64{13.001, 13.002}
		return []dataset.RoadEdge{e, f}
	}
	proj := geo.NewProjection(orb.Point{13, 53})
	if g, err := PublicGraph(good(), proj); err != nil || g.Nodes() != 3 || !g.Open(0, Bike) || g.Open(1, Bike) {
		t.Fatalf("a good graph: %v", err)
	}
	if g, err := PublicGraph(nil, proj); err != nil || g.Nodes() != 0 {
		t.Fatalf("no roads: %v", err)
	}
	for want, spoil := range map[string]func(e []dataset.RoadEdge){
		"row 1: id 7":           func(e []dataset.RoadEdge) { e[1].ID = 7 },
		"row 1: from node 1 to": func(e []dataset.RoadEdge) { e[1].ToNode = 1 << 31 },
		"want a line":           func(e []dataset.RoadEdge) { e[0].Lon = e[0].Lon[:1] },
		"length_m = NaN":        func(e []dataset.RoadEdge) { e[0].LengthM = math.NaN() },
		"free_mps = 0":          func(e []dataset.RoadEdge) { e[0].FreeMPS = 0 },
		`class "canal"`:         func(e []dataset.RoadEdge) { e[0].Class = "canal" },
		`mode "ship"`:           func(e []dataset.RoadEdge) { e[0].ModesBack = "car ship" },
		"-1 lanes":              func(e []dataset.RoadEdge) { e[0].LanesBack = -1 },
		"want degrees":          func(e []dataset.RoadEdge) { e[0].Lat[1] = math.Inf(1) },
		"node 1 lies":           func(e []dataset.RoadEdge) { e[1].Lat[0] = 53.1 },
		"no edge has node 2":    func(e []dataset.RoadEdge) { e[1].ToNode = 3 },
	} {
		edges := good()
		spoil(edges)
		if _, err := PublicGraph(edges, proj); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), dataset.TableLinks) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

// Whatever a row says, it is taken or refused.
func FuzzPublicGraph(f *testing.F) {
	f.Add(uint32(1), uint32(2), "primary", "car walk", "", 100., 12.5, int32(1), 13.001, 53.)
	f.Add(uint32(0), uint32(0), "steps", "walk", "walk", 0.001, 70.8, int32(255), -180., 90.)
	f.Add(uint32(9), uint32(1), "", "boat", " ", math.Inf(1), -1., int32(-7), math.NaN(), 1e300)
	f.Fuzz(func(t *testing.T, from, to uint32, class, out, back string, length, mps float64, lanes int32, lon, lat float64) {
		edges := []dataset.RoadEdge{
			{FromNode: 0, ToNode: 1, Class: "primary", LengthM: 100, FreeMPS: 12.5, Lanes: 1, Modes: "car", Lon: []float64{13, 13.001}, Lat: []float64{53, 53}},
			{ID: 1, FromNode: from, ToNode: to, Class: class, LengthM: length, FreeMPS: mps, Lanes: lanes, Modes: out, ModesBack: back, Lon: []float64{13.001, lon}, Lat: []float64{53, lat}},
		}
		g, err := PublicGraph(edges, geo.NewProjection(orb.Point{13, 53}))
		if err != nil {
			return
		}
		if g.Links() != 4 || g.Nodes() > 4 || !(g.Length(2) >= minEdgeM) || !(g.FreeSpeed(3) > 0) {
			t.Errorf("%d links, %d nodes, %g m at %g m/s", g.Links(), g.Nodes(), g.Length(2), g.FreeSpeed(3))
		}
		g.Near(nil, Car, geo.XY{}, 500)
	})
}

// The router finds the same ways, one by one.
func TestManyWaysAreTheFastest(t *testing.T) {
	g := delaware(t).Graph()
	h := NewHierarchy(g, g.Times(Car), nil)
	x, err := NewManyWays(h)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRouter(g)
	rng := rand.New(rand.NewPCG(1, 2))
	var way Route
	for range 20 {
		var spots [2][]Spot
		for i := range spots {
			near := g.Near(nil, Car, g.SpotPos(randomSpot(rng, g, Car)), 300)
			spots[i] = near[:min(len(near), 12)]
		}
		a, b := x.Group(spots[0]), x.Group(spots[1])
		for _, to := range []*SpotGroup{a, b} { // ways within a group stay on edges too
			seconds, metres := make([]float32, len(a.Spots)*len(to.Spots)), make([]float32, len(a.Spots)*len(to.Spots))
			x.Ways(seconds, metres, a, to)
			for k := range seconds {
				from, to := a.Spots[k/len(to.Spots)], to.Spots[k%len(to.Spots)]
				if !r.Route(&way, h, from, to) {
					t.Fatalf("no way from %v to %v", from, to)
				}
				if float32(way.Seconds) != seconds[k] {
					t.Fatalf("from %v to %v in %g s, want %g", from, to, seconds[k], way.Seconds)
				}
				// Another way may be as fast; the difference is then small.
				if d := math.Abs(way.Length - float64(metres[k])); d > 1+0.02*way.Length {
					t.Errorf("from %v to %v: %g m, want %g", from, to, metres[k], way.Length)
				}
			}
		}
	}
}

func TestNear(t *testing.T) {
	g := delaware(t).Graph()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		p := g.SpotPos(randomSpot(rng, g, Car))
		p.X += 700 * rng.Float64()
		radius := 50 + 1500*rng.Float64()
		got := g.Near(nil, Car, p, radius)
		want := 0
		for e := range g.Edges() {
			if l := Link(2 * e); g.Open(l, Car) || g.Open(l.Turned(), Car) {
				if _, d2 := nearestOn(g.shape(e), p); d2 <= radius*radius {
					want++
				}
			}
		}
		if len(got) != want {
			t.Errorf("%d edges within %g m, want %d", len(got), radius, want)
		}
		nearest, _ := g.Snap(Car, p)
		for i, s := range got {
			if d := g.SpotPos(s).Dist(p); math.Abs(d-s.Dist) > 1e-6 || d > radius+1e-6 || (i > 0 && got[i-1].Edge >= s.Edge) || s.Dist < nearest.Dist {
				t.Errorf("spot %v lies %g m away", s, d)
			}
		}
	}
}

func BenchmarkManyWays(b *testing.B) {
	g := delaware(b).Graph()
	x, err := NewManyWays(NewHierarchy(g, g.Times(Car), nil))
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	at := randomSpot(rng, g, Car)
	group := func(p geo.XY) *SpotGroup {
		near := g.Near(nil, Car, p, 800)
		return x.Group(near[:min(len(near), 16)])
	}
	from := group(g.SpotPos(at))
	to := group(g.SpotPos(at).Lerp(centerOf(delaware(b)), 0.02))
	n := len(from.Spots) * len(to.Spots)
	seconds, metres := make([]float32, n), make([]float32, n)
	b.ReportMetric(float64(len(from.out)), "hubs")
	b.ResetTimer()
	for b.Loop() {
		x.Ways(seconds, metres, from, to)
	}
	b.ReportMetric(float64(n), "ways")
}
