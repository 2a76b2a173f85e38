package network

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network/synthcity"
)

// madeCity is a procedural city.
func madeCity(t testing.TB, name string, workers int) *City {
	t.Helper()
	p, err := synthcity.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := synthcity.Make(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := LoadObjects(context.Background(), made.Objects(), Options{Name: name, TimeZone: p.TimeZone, Seed: 1, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kindOf is the kind of the site that serves a UE.
func (c *City) kindOf(ue UE, q geo.XY) SiteKind {
	return c.Sites[c.Cells[c.Camp(ue, q)[0].Cell].Site].Kind
}

// onTracks calls f every step metres of the roads that match, within the bounds.
func onTracks(c *City, match func(*Road) bool, step float64, f func(road int, p geo.XY)) {
	lo, hi := c.Proj.XY(c.Bounds.Min), c.Proj.XY(c.Bounds.Max)
	for i := range c.Roads {
		if match(&c.Roads[i]) {
			walk(c.Roads[i].Line, step, func(p, _ geo.XY) {
				if p.X > lo.X && p.Y > lo.Y && p.X < hi.X && p.Y < hi.Y {
					f(i, p)
				}
			})
		}
	}
}

func metroTunnel(r *Road) bool { return r.Tunnel && (r.Class == "subway" || r.Class == "light_rail") }
func fastTrack(r *Road) bool   { return r.HighSpeed }

// checkTracks holds the cells of one medium against what is asked of them: all
// of the tracks have them, in order, and they have tracking areas of their own.
func checkTracks(t *testing.T, c *City, medium Medium, kind SiteKind, match func(*Road) bool) {
	t.Helper()
	macro, own := map[uint32]bool{}, map[uint32]bool{}
	for i := range c.Cells {
		if x := &c.Cells[i]; c.Sites[x.Site].Kind == kind {
			own[x.TAC] = true
		} else {
			macro[x.TAC] = true
		}
	}
	for tac := range own {
		if macro[tac] {
			t.Errorf("%s: tracking area %d has other cells, too", kind, tac)
		}
	}
	used := map[sigcity.AreaID]bool{}
	for op := range c.Operators {
		points, returns := 0, 0
		road, now := -1, nobody
		var seen []sigcity.AreaID // of this way, in order
		onTracks(c, match, 20, func(i int, p geo.XY) {
			points++
			list := c.Camp(UE{Operator: op, Medium: medium}, p)
			id := list[0].Cell
			used[id] = true
			cell := &c.Cells[id]
			if s := &c.Sites[cell.Site]; s.Kind != kind || s.Operator != op {
				t.Fatalf("%s: operator %d: a train at %v is on %s of a %s site", kind, op, p, cell.CGI, s.Kind)
			}
			for _, sa := range []bool{false, true} {
				for _, x := range c.Camp(UE{Operator: op, SA: sa}, p) {
					if k := c.Sites[c.Cells[x.Cell].Site].Kind; k == MetroSite || k == CorridorSite {
						t.Fatalf("on the surface at %v a phone hears a %s cell", p, k)
					}
					if c.Cells[x.Cell].TAC == cell.TAC {
						t.Fatalf("tracking area %d is on the surface, too", cell.TAC)
					}
				}
			}
			switch {
			case i != road:
				road, seen = i, []sigcity.AreaID{id}
			case id != now && slices.Contains(seen, id):
				returns++
			case id != now:
				seen = append(seen, id)
			}
			now = id
		})
		if points < 50 {
			t.Fatalf("%s: %d points on tracks", kind, points)
		}
		// A way may end on the border of two sections.
		if returns > points/500 {
			t.Errorf("%s: operator %d: a train comes back to a cell %d times on %d points", kind, op, returns, points)
		}
	}
	for id := range c.Cells {
		if c.Sites[c.Cells[id].Site].Kind == kind && !used[sigcity.AreaID(id)] {
			t.Errorf("%s cell %s serves no train", kind, c.Cells[id].CGI)
		}
	}
}

// checkIndoor makes sure that indoor cells serve their grounds and nothing else.
func checkIndoor(t *testing.T, c *City) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1)) // a fixed draw: this test cannot fail by chance
	halls := 0
	for id := range c.Cells {
		cell := &c.Cells[id]
		s := &c.Sites[cell.Site]
		if s.Kind != IndoorSite {
			continue
		}
		halls++
		lo, hi := box(cell.Ring)
		inside, served := 0, 0
		for inside < 300 {
			q := geo.XY{X: lo.X + float64(rng.Float64()*(hi.X-lo.X)), Y: lo.Y + float64(rng.Float64()*(hi.Y-lo.Y))}
			if geo.RingContains(cell.Ring, q) {
				inside++
				if c.Serving(s.Operator, q) == sigcity.AreaID(id) {
					served++
				}
			}
		}
		if 10*served < 8*inside {
			t.Errorf("indoor cell %s serves %d of %d points of its grounds", cell.CGI, served, inside)
		}
		around := farthest(cell.Ring, cell.Center) + 100
		for k := range 360 {
			v := heading(float64(k))
			q := geo.XY{X: cell.Center.X + float64(v.X*around), Y: cell.Center.Y + float64(v.Y*around)}
			if slices.ContainsFunc(c.Candidates(s.Operator, q), func(x Candidate) bool { return x.Cell == sigcity.AreaID(id) }) {
				t.Fatalf("indoor cell %s is heard %.0f m off", cell.CGI, around)
			}
		}
	}
	if int64(halls) != c.Report.Counts["cells_indoor"] || halls == 0 {
		t.Errorf("%d indoor cells, the report says %d", halls, c.Report.Counts["cells_indoor"])
	}
}

// The procedural city has everything: tunnels, a high-speed line, stations, an
// airport, a dense core and the country.
func TestLayersOfMedium(t *testing.T) {
	c := madeCity(t, "medium", 2)
	checkTracks(t, c, MetroTunnel, MetroSite, metroTunnel)
	checkTracks(t, c, HighSpeedTrain, CorridorSite, fastTrack)
	checkIndoor(t, c)
	checkStandAlone(t, c)
	// The largest operator serves every railway station and the airport indoors.
	hubs := 0
	for _, p := range c.Places {
		if p.Category == dataset.Station && p.Capacity >= busyStation && !strings.Contains(p.Name, "bus_station") || p.Category == dataset.Airport {
			hubs++
			if c.kindOf(UE{}, p.Pos) != IndoorSite {
				t.Errorf("no indoor cell at %s %q", p.Category, p.Name)
			}
		}
	}
	if hubs < 10 {
		t.Errorf("%d stations and airports", hubs)
	}
	figures(c).check(t, "medium", c)
}

// checkStandAlone makes sure that phones of stand-alone 5G are on it in the
// dense core and on LTE in the country, and no others ever.
func checkStandAlone(t *testing.T, c *City) {
	t.Helper()
	var n, five [2]int // in the core, in the country
	for i := range c.Buildings {
		x := &c.Buildings[i]
		for op := range c.Operators {
			list := c.Camp(UE{Operator: op, SA: true}, x.Pos)
			cell := &c.Cells[list[0].Cell]
			if c.Cells[c.Serving(op, x.Pos)].Radio != "4G" {
				t.Fatalf("an LTE phone of operator %d is on 5G", op)
			}
			if cell.Radio == "5G" && (!c.Operators[op].SA || cell.TAC <= first5GTAC) {
				t.Fatalf("a phone of %s is on %+v", c.Operators[op].PLMN(), cell)
			}
			macro := &c.radio.ops[op].macro
			near, _ := macro.index.Nearest(x.Pos)
			k := -1
			switch s := macro.antennas[near].spacing; {
			case op > 0: // sparser networks
			case s < 600:
				k = 0
			case s > 2500:
				k = 1
			}
			if k < 0 || c.Sites[cell.Site].Kind == IndoorSite {
				continue
			}
			n[k]++
			if cell.Radio == "5G" {
				five[k]++
			}
		}
	}
	t.Logf("on 5G: %d of %d buildings of the core, %d of %d of the country", five[0], n[0], five[1], n[1])
	if n[0] < 100 || n[1] < 100 || 100*five[0] < 95*n[0] || 100*five[1] > 40*n[1] {
		t.Errorf("on 5G: %d of %d buildings of the core, want nearly all; %d of %d of the country, want few", five[0], n[0], five[1], n[1])
	}
}

// Real tunnels, double tracks and stations mapped beside them.
func TestLayersOfBaltimore(t *testing.T) {
	c := load(t, fixture.SharedFile(t, "osm/baltimore-valhalla.osm.pbf"), Options{Seed: 1, Workers: 2})
	checkTracks(t, c, MetroTunnel, MetroSite, metroTunnel)
	checkIndoor(t, c)
}

// A real line of 200 km/h with four tracks.
func TestLayersOfNewark(t *testing.T) {
	c := load(t, fixture.SharedFile(t, "osm/newark-de.osm.pbf"), Options{Seed: 1, Workers: 2})
	checkTracks(t, c, HighSpeedTrain, CorridorSite, fastTrack)
	checkIndoor(t, c)
}

// The data set's areas carry a cell's validity.
func TestAreasCarryValidity(t *testing.T) {
	c := buildTown(t, town(4), Options{})
	c.Cells[1].From, c.Cells[1].To = 1_700_000_000, 1_800_000_000
	for i, a := range c.Areas() {
		if a.From != c.Cells[i].From || a.To != c.Cells[i].To || i != 1 && (a.From != 0 || a.To != 0) {
			t.Errorf("cell %d is valid from %d to %d", i, a.From, a.To)
		}
	}
}

// Where a medium has no cells of its own, a phone is as on the surface.
func TestCampWithoutTracks(t *testing.T) {
	c := buildTown(t, town(8), Options{})
	for i := range c.Buildings {
		q := c.Buildings[i].Pos
		for _, m := range []Medium{MetroTunnel, HighSpeedTrain} {
			if got, want := c.Camp(UE{Operator: 1, Medium: m}, q)[0].Cell, c.Serving(1, q); got != want {
				t.Fatalf("medium %d: cell %d, on the surface %d", m, got, want)
			}
		}
	}
	far := geo.XY{X: 1e7, Y: -1e7}
	if n := len(c.Camp(UE{SA: true, Medium: MetroTunnel}, far)); n < 1 {
		t.Errorf("%d candidates far off", n)
	}
}

// A strip of two crossing lines: sections end at stops and at the longest
// length, and every tile has one.
func TestSections(t *testing.T) {
	o := newOverlay(geo.XY{}, geo.XY{X: 20_000, Y: 20_000})
	lines := [][]geo.XY{{{X: 1000, Y: 5000}, {X: 9000, Y: 5000}}, {{X: 1000, Y: 5005}, {X: 9000, Y: 5005}}, {{X: 15_000, Y: 15_000}, {X: 15_030, Y: 15_000}}}
	for _, c := range []struct {
		stops   []geo.XY
		longest float64
		want    int // and one for the stub at the end
	}{
		{nil, 1e6, 1}, {nil, 4500, 2}, {nil, 1000, 9},
		{[]geo.XY{{X: 5000, Y: 5100}}, 1e6, 2},
		{[]geo.XY{{X: 1000, Y: 5000}, {X: 5000, Y: 5000}, {X: 9000, Y: 5000}}, 1e6, 2}, // stops at the ends
		{[]geo.XY{{X: 5000, Y: 5400}}, 1e6, 1},                                         // too far off
		{[]geo.XY{{X: 15_015, Y: 15_000}}, 1e6, 1},
	} {
		s := newStrip(o, lines)
		got := s.sections(s.platforms(c.stops), c.longest)
		tiles := 0
		for _, x := range got {
			tiles += len(x.tiles)
			if len(x.tiles) == 0 || !slices.Contains(x.tiles, x.mid) {
				t.Fatalf("section %+v", x)
			}
		}
		if len(got) != c.want+1 || tiles != len(s.tiles) {
			t.Errorf("%v, longest %g: %d sections of %d tiles of %d, want %d sections of all", c.stops, c.longest, len(got), tiles, len(s.tiles), c.want+1)
		}
		if b := got[0].bearing; c.longest > 1e5 && len(c.stops) == 0 && math.Min(turn(b, 90), turn(b, 270)) > 2 {
			t.Errorf("bearing %g, want east or west", b)
		}
	}
}

// The overlays are the same for any number of workers.
func TestLayersAreDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("two cities")
	}
	if a, b := fingerprint(madeCity(t, "medium", 1)), fingerprint(madeCity(t, "medium", 3)); a != b {
		t.Errorf("fingerprints %x and %x", a, b)
	}
}

// Every kind of phone, over the tunnels of a town that has none and one that
// has: nothing is allocated.
func BenchmarkCamp(b *testing.B) {
	c := madeCity(b, "medium", 2)
	var tunnel geo.XY
	onTracks(c, metroTunnel, 100, func(_ int, p geo.XY) { tunnel = p })
	for _, x := range []struct {
		name string
		ue   UE
	}{{"lte", UE{}}, {"sa", UE{SA: true}}, {"tunnel", UE{Medium: MetroTunnel}}} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			q := tunnel
			for b.Loop() {
				c.Camp(x.ue, q)
				q.X = tunnel.X + math.Mod(q.X-tunnel.X+37, 300)
			}
		})
	}
}
