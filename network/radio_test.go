package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Serving agrees with its definition by trigonometry: the nearest site of the
// operator, and the sector whose azimuth is nearest to the bearing.
func TestServingIsNearestSiteAndFacingSector(t *testing.T) {
	c := buildTown(t, town(12), Options{Seed: 3})
	rng := rand.New(rand.NewPCG(1, 2)) // a fixed draw: this test cannot fail by chance
	for range 3000 {
		q := geo.XY{X: (rng.Float64() - 0.5) * 4000, Y: (rng.Float64() - 0.5) * 4000}
		for op := range c.Operators {
			got := c.Cells[c.Serving(op, q)]
			best, at := math.Inf(1), -1
			for i, s := range c.Sites {
				if d := s.Pos.Dist2(q); s.Operator == op && d < best {
					best, at = d, i
				}
			}
			if got.Site != at {
				t.Fatalf("operator %d at %v: site %d, want %d", op, q, got.Site, at)
			}
			if d := turn(got.Azimuth, c.Sites[at].Pos.Azimuth(q)); d > 60+1e-6 {
				t.Fatalf("operator %d at %v: %g° off the azimuth, want at most 60", op, q, d)
			}
		}
	}
}

// turn is the angle between two bearings in degrees, 0 … 180.
func turn(a, b float64) float64 {
	d := math.Mod(math.Abs(a-b), 360)
	return math.Min(d, 360-d)
}

// A point inside a cell's ring, at least a centimetre from its border, is
// served by the cell; and a point served within range lies in the ring, but
// for the sagitta of the polygon that stands for the circle.
func TestFootprintAgreesWithServing(t *testing.T) {
	for name, c := range map[string]*City{"town": buildTown(t, town(15), Options{Seed: 1}), "andorra": andorra(t)} {
		rng := rand.New(rand.NewPCG(5, 6))
		inside := 0
		for id := range c.Cells {
			cell := &c.Cells[id]
			op := c.Sites[cell.Site].Operator
			if cell.AreaM2 <= 0 || len(cell.Ring) < 3 {
				t.Fatalf("%s: cell %d covers nothing", name, id)
			}
			if !geo.RingContains(cell.Ring, cell.Center) {
				t.Errorf("%s: cell %d: its centre lies outside", name, id)
			}
			lo, hi := box(cell.Ring)
			for range 20 {
				q := geo.XY{X: lo.X + rng.Float64()*(hi.X-lo.X), Y: lo.Y + rng.Float64()*(hi.Y-lo.Y)}
				serving := c.Serving(op, q) == sigcity.AreaID(id)
				if border(cell.Ring, q) < 0.01 {
					continue
				}
				if in := geo.RingContains(cell.Ring, q); in {
					inside++
					if !serving {
						t.Fatalf("%s: cell %d: %v lies in its ring but is served by %d", name, id, q, c.Serving(op, q))
					}
				} else if reach := cell.RangeM * math.Cos(math.Pi/circleCorners); serving && c.Sites[cell.Site].Pos.Dist(q) < reach-0.01 {
					t.Fatalf("%s: cell %d serves %v within range but outside its ring", name, id, q)
				}
			}
		}
		if inside < 5*len(c.Cells) {
			t.Errorf("%s: only %d points fell inside %d cells", name, inside, len(c.Cells))
		}
	}
}

func border(ring []geo.XY, q geo.XY) float64 {
	best := math.Inf(1)
	for i, p := range ring {
		r := ring[(i+1)%len(ring)]
		d := r.Sub(p)
		f := math.Max(0, math.Min(1, ((q.X-p.X)*d.X+(q.Y-p.Y)*d.Y)/math.Max(d.X*d.X+d.Y*d.Y, 1e-12)))
		best = math.Min(best, p.Lerp(r, f).Dist(q))
	}
	return best
}

func TestServingAllocatesNothing(t *testing.T) {
	c := buildTown(t, town(8), Options{})
	q := centerOf(c)
	var sink sigcity.AreaID
	if n := testing.AllocsPerRun(200, func() { sink += c.Serving(0, q); q.X += 7 }); n != 0 {
		t.Errorf("%v allocations a call, want 0", n)
	}
	_ = sink
}

func TestNeighbours(t *testing.T) {
	c := buildTown(t, town(15), Options{})
	for id := range c.Cells {
		near := c.Neighbours(sigcity.AreaID(id))
		if len(near) < sectorsPerSite-1 || len(near) > maxNeighbours {
			t.Fatalf("cell %d has %d neighbours, want 2 to %d", id, len(near), maxNeighbours)
		}
		if slices.Contains(near, sigcity.AreaID(id)) {
			t.Fatalf("cell %d is its own neighbour", id)
		}
		last := -1.0
		seen := map[sigcity.AreaID]bool{}
		for _, n := range near {
			if seen[n] {
				t.Fatalf("cell %d has neighbour %d twice", id, n)
			}
			seen[n] = true
			if c.Sites[c.Cells[n].Site].Operator != c.Sites[c.Cells[id].Site].Operator {
				t.Fatalf("cell %d has a neighbour of another operator", id)
			}
			d := c.Cells[n].Center.Dist(c.Cells[id].Center)
			if d < last {
				t.Fatalf("neighbours of cell %d are not in order of distance", id)
			}
			last = d
		}
	}
}

func TestCellIdentities(t *testing.T) {
	c := andorra(t)
	names := map[string]bool{}
	sizes := map[uint32]int{}
	owner := map[uint32]int{}
	for id, cell := range c.Cells {
		if names[cell.CGI] {
			t.Fatalf("CGI %s twice", cell.CGI)
		}
		names[cell.CGI] = true
		site := c.Sites[cell.Site]
		f := strings.Split(cell.CGI, "-")
		n, err := strconv.ParseUint(f[len(f)-1], 10, 28)
		if err != nil || len(f) != 3 || uint32(n>>8) != cell.ENB || int(n&0xff) != cell.Sector {
			t.Fatalf("CGI %s: want MCC-MNC-ECI of eNB %d, sector %d", cell.CGI, cell.ENB, cell.Sector)
		}
		if f[0]+"-"+f[1] != c.Operators[site.Operator].PLMN() {
			t.Fatalf("CGI %s is not of %s", cell.CGI, c.Operators[site.Operator].PLMN())
		}
		if site.Cells[cell.Sector] != sigcity.AreaID(id) {
			t.Fatalf("cell %d is not sector %d of its site", id, cell.Sector)
		}
		sizes[cell.TAC]++
		if op, ok := owner[cell.TAC]; ok && op != site.Operator {
			t.Fatalf("tracking area %d is of two operators", cell.TAC)
		}
		owner[cell.TAC] = site.Operator
	}
	for tac, n := range sizes {
		if tac == 0 || n > sitesPerTAC*sectorsPerSite {
			t.Errorf("tracking area %d has %d cells, want at most %d", tac, n, sitesPerTAC*sectorsPerSite)
		}
	}
}

// Tracking areas are compact: sites of one area lie much closer to its centre
// than random groups of the same sizes would.
func TestTrackingAreasAreCompact(t *testing.T) {
	c := andorra(t)
	groups := map[uint32][]geo.XY{}
	var all []geo.XY
	for _, s := range c.Sites {
		if s.Operator == 0 {
			tac := c.Cells[s.Cells[0]].TAC
			groups[tac] = append(groups[tac], s.Pos)
			all = append(all, s.Pos)
		}
	}
	if len(groups) < 4 {
		t.Fatalf("%d tracking areas, want some to compare", len(groups))
	}
	spread := func(g []geo.XY) (sum float64) {
		var m geo.XY
		for _, p := range g {
			m = geo.XY{X: m.X + p.X/float64(len(g)), Y: m.Y + p.Y/float64(len(g))}
		}
		for _, p := range g {
			sum += p.Dist2(m)
		}
		return sum
	}
	within := 0.0
	for _, g := range groups {
		within += spread(g)
	}
	if share := within / spread(all); share > 0.25 {
		t.Errorf("%.0f %% of the sites' variance lies within %d tracking areas, want at most 25", share*100, len(groups))
	}
}

func TestECI(t *testing.T) {
	if got := eci(1, 2); got != 258 {
		t.Errorf("eci(1, 2) = %d, want 258", got)
	}
}

func BenchmarkServing(b *testing.B) {
	c := buildTown(b, town(30), Options{Inhabitants: 200_000})
	b.ReportAllocs()
	var q geo.XY
	for b.Loop() {
		c.Serving(0, q)
		q.X = math.Mod(q.X+137, 3000)
	}
}

func ExampleCity_Serving() {
	// One site at the origin whose first sector looks east.
	c := &City{Operators: []Operator{{MCC: "999", MNC: "01", Share: 1}}, Sites: []Site{{Cells: []sigcity.AreaID{0, 1, 2}}},
		Cells: []Cell{{Azimuth: 90}, {Azimuth: 210}, {Azimuth: 330}}}
	c.radio = newRadio(c)
	for _, q := range []geo.XY{{X: 100}, {X: -50, Y: -80}, {X: -50, Y: 80}} {
		fmt.Println(c.Serving(0, q))
	}
	// Output:
	// 0
	// 1
	// 2
}
