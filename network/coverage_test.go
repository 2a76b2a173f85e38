package network

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

// coverageFigures are what a city's coverage is judged by.
type coverageFigures struct {
	whole   float64 // share of cells whose largest piece is at least 70 % of their area
	nowhere int     // cells that are nowhere the best
	errorM  float64 // median positioning error where sites stand closer than 1 km
	inside  float64 // share of homes and jobs in the footprint of the cell that serves there
	overlap float64 // share of homes and jobs with more than one candidate
}

func figures(c *City) (f coverageFigures) {
	cells := 0
	for op := range c.Operators {
		m := &c.radio.ops[op].macro.coverage
		piece, largest := m.pieces(m.beside(), m.areas())
		all, main := map[sigcity.AreaID]float64{}, map[sigcity.AreaID]float64{}
		m.tiles(func(t int, p geo.XY, size float64) {
			id := m.at(t)[0].Cell
			if c.Sites[c.Cells[id].Site].Pos.Dist(p) > c.Cells[id].RangeM {
				return
			}
			all[id] += size * size
			if largest[id] == piece[t] {
				main[id] += size * size
			}
		})
		for _, a := range c.radio.ops[op].macro.antennas {
			for _, id := range a.cells {
				if all[id] == 0 {
					f.nowhere++
					continue
				}
				cells++
				if main[id] >= 0.7*all[id] {
					f.whole++
				}
			}
		}
	}
	f.whole /= float64(cells)
	type sample struct{ d, w float64 }
	var errs []sample
	total, several, inside := 0.0, 0.0, 0.0
	for i := range c.Buildings {
		x := &c.Buildings[i]
		w := x.Dwellings*householdSize + x.Jobs
		for op := range c.Operators {
			list := c.Candidates(op, x.Pos)
			total += w
			if len(list) > 1 {
				several += w
			}
			cell := &c.Cells[list[0].Cell]
			if geo.RingContains(cell.Ring, x.Pos) {
				inside += w
			}
			if c.Sites[cell.Site].Spacing < 1000 {
				errs = append(errs, sample{cell.Center.Dist(x.Pos), w})
			}
		}
	}
	f.overlap, f.inside = several/total, inside/total
	slices.SortFunc(errs, func(a, b sample) int { return cmp.Compare(a.d, b.d) })
	half := 0.0
	for _, e := range errs {
		half += e.w / 2
	}
	for _, e := range errs {
		if half -= e.w; half <= 0 {
			f.errorM = e.d
			break
		}
	}
	return f
}

// check holds the figures of a real city's coverage against what is asked of it.
func (f coverageFigures) check(t *testing.T, name string, c *City) {
	t.Helper()
	t.Logf("%s: %d sites, %+v", name, len(c.Sites), f)
	if f.whole < 0.8 {
		t.Errorf("%s: the largest piece is at least 70 %% of the area of %.0f %% of cells, want 80", name, f.whole*100)
	}
	if f.nowhere > len(c.Cells)/200 {
		t.Errorf("%s: %d of %d cells serve nowhere", name, f.nowhere, len(c.Cells))
	}
	if f.errorM < 100 || f.errorM > 600 {
		t.Errorf("%s: median positioning error %.0f m where sites are close, want 100 to 600 [R41]", name, f.errorM)
	}
	if f.inside < 0.88 {
		t.Errorf("%s: %.1f %% of homes and jobs lie in the footprint of the cell that serves there, want 88", name, f.inside*100)
	}
	if f.overlap < 0.2 || f.overlap > 0.8 {
		t.Errorf("%s: %.0f %% of homes and jobs lie in overlaps", name, f.overlap*100)
	}
}

func TestCoverageFigures(t *testing.T) {
	c := andorra(t)
	figures(c).check(t, "andorra", c)
	for _, name := range []string{"neubrandenburg.osm.pbf", "lyon-villeurbanne-magnana.osm.gz", "synth-large"} {
		if testing.Short() && name == "synth-large" {
			continue // a million inhabitants
		}
		c := figureCity(t, name)
		figures(c).check(t, name, c)
	}
}

// The candidates of a place keep their promises, and the first is the
// strongest cell of the whole city at the middle of its tile, or weaker by less
// than the hysteresis.
func TestCandidates(t *testing.T) {
	c := andorra(t)
	r := c.radio
	rng := rand.New(rand.NewPCG(1, 2)) // a fixed draw: this test cannot fail by chance
	common := sigcity.Hash(1, "network.shadow.common")
	missed, n := 0, 0
	for op := range c.Operators {
		net := &r.ops[op].macro
		m := &net.coverage
		loss := net.carrier.losses()
		m.tiles(func(tile int, p geo.XY, size float64) {
			if rng.IntN(100) > 0 {
				return
			}
			if got := m.tile(p); got != tile {
				t.Fatalf("the middle of tile %d lies in tile %d", tile, got)
			}
			list := m.at(tile)
			if len(list) < 1 || len(list) > maxCandidates || list[0].BelowDB > HysteresisDB {
				t.Fatalf("candidates %+v", list)
			}
			sum, seen := 0.0, map[sigcity.AreaID]bool{}
			for i, x := range list {
				sum += float64(x.Attach)
				if seen[x.Cell] || c.Sites[c.Cells[x.Cell].Site].Operator != op || x.BelowDB < 0 || x.BelowDB > candidateDB || i > 1 && x.BelowDB < list[i-1].BelowDB {
					t.Fatalf("candidates %+v", list)
				}
				seen[x.Cell] = true
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Fatalf("the probabilities of %+v add up to %g", list, sum)
			}
			near, d := net.index.Nearest(p)
			if d > net.antennas[near].spacing {
				return // out in the open all sites of a town are about as far, and the nearest few are not enough
			}
			env := scenarioOf(net.antennas[near].spacing)
			var heard []signal
			shared := newShadow(common, env.decorrelation()).mean(p, size)
			for i := range net.antennas {
				heard = net.levels(heard, i, &loss[env], p, newShadow(net.antennas[i].shadow, env.decorrelation()).mean(p, size), shared)
			}
			best := slices.MaxFunc(heard, func(x, y signal) int { return cmp.Compare(x.dBm, y.dBm) })
			n++
			if i := slices.IndexFunc(list, func(x Candidate) bool { return x.BelowDB == 0 }); i < 0 || list[i].Cell != best.cell {
				missed++
			}
		})
	}
	if n < 300 || missed > n/50 { // in valleys the strongest site may be none of the nearest eight
		t.Errorf("the strongest of all cells is not a candidate in %d of %d tiles", missed, n)
	}
}

// Wherever a phone is, a cell serves it.
func TestServingFarOff(t *testing.T) {
	c := buildTown(t, town(8), Options{})
	for _, q := range []geo.XY{{X: 1e6}, {X: -1e6, Y: 1e6}, {Y: -1e7}} {
		if n := len(c.Candidates(0, q)); n < 1 {
			t.Errorf("%d candidates at %v", n, q)
		}
	}
}

// A pocket within the hysteresis goes to the cell around it, another stays.
func TestFillPockets(t *testing.T) {
	for _, c := range []struct {
		below float32
		want  sigcity.AreaID
	}{{HysteresisDB - 0.1, 1}, {HysteresisDB + 0.1, 2}} {
		// 16 tiles: cell 2 has the first row, and one tile in the third.
		m := &coverage{block: blockM, cols: 1, rows: 1, level: []uint8{2}, first: []int32{0, 16}, start: []int32{0}}
		for i := range 16 {
			list := []Candidate{{1, 0, 0.6}, {2, c.below, 0.4}}
			if i < 4 || i == 10 {
				list = []Candidate{{2, 0, 0.6}, {1, c.below, 0.4}}
			}
			m.candidates = append(m.candidates, list...)
			m.start = append(m.start, int32(len(m.candidates)))
		}
		m.fillPockets()
		for i := range 16 {
			want := sigcity.AreaID(1)
			if i < 4 {
				want = 2
			} else if i == 10 {
				want = c.want
			}
			if got := m.at(i)[0].Cell; got != want {
				t.Errorf("%g dB below: tile %d is served by %d, want %d", c.below, i, got, want)
			}
		}
	}
}

// ueOf is a phone that a cell is there for; false for 5G cells of an operator
// without stand-alone 5G, which only add to others.
func ueOf(c *City, id sigcity.AreaID) (UE, bool) {
	cell := &c.Cells[id]
	s := &c.Sites[cell.Site]
	ue := UE{Operator: s.Operator, SA: cell.Radio == "5G"}
	switch s.Kind {
	case MetroSite:
		ue.Medium = MetroTunnel
	case CorridorSite:
		ue.Medium = HighSpeedTrain
	}
	return ue, !ue.SA || c.Operators[s.Operator].SA
}

// A cell's ring holds its centre, and most of a ring is served by its cell.
func TestFootprintAgreesWithServing(t *testing.T) {
	for name, c := range map[string]*City{"town": buildTown(t, town(15), Options{Seed: 1}), "andorra": andorra(t)} {
		rng := rand.New(rand.NewPCG(5, 6))
		inside, served := 0, 0
		for id := range c.Cells {
			cell := &c.Cells[id]
			ue, serves := ueOf(c, sigcity.AreaID(id))
			if cell.AreaM2 <= 0 || len(cell.Ring) < 3 {
				t.Fatalf("%s: cell %d covers nothing", name, id)
			}
			if !geo.RingContains(cell.Ring, cell.Center) {
				t.Errorf("%s: cell %d: its centre lies outside", name, id)
			}
			lo, hi := box(cell.Ring)
			for range 40 {
				q := geo.XY{X: lo.X + rng.Float64()*(hi.X-lo.X), Y: lo.Y + rng.Float64()*(hi.Y-lo.Y)}
				if serves && geo.RingContains(cell.Ring, q) {
					inside++
					if c.Camp(ue, q)[0].Cell == sigcity.AreaID(id) {
						served++
					}
				}
			}
		}
		if share := float64(served) / float64(inside); inside < 5*len(c.Cells) || share < 0.85 {
			t.Errorf("%s: %.1f %% of %d points in rings are served by the ring's cell, want 85", name, share*100, inside)
		}
	}
}

// Outlines by hand, in units of a square's side.
func TestMaskBorder(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []string // from the lowest
		want float64  // area within the border
		n    int      // corners
	}{
		{"one", []string{"#"}, 1, 4},
		{"an L", []string{"##", "#."}, 3, 6},
		{"a hole is filled", []string{"###", "#.#", "###"}, 9, 4},
		{"touching at a corner: the larger one", []string{"##.", "..#"}, 2, 4},
		{"a ring closed at a corner", []string{".##", "#.#", "###"}, 7, 10},
	} {
		var squares []square
		for y, row := range c.rows {
			for x, r := range row {
				if r == '#' {
					squares = append(squares, square{geo.XY{X: float64(x) + 0.5, Y: float64(y) + 0.5}, 1})
				}
			}
		}
		g := newMask(squares)
		steps := g.border(g.largest())
		corners := make([]corner, len(steps))
		for i, s := range steps {
			corners[i] = g.corner(float64(s.from[0]), float64(s.from[1]), s.side)
		}
		ring := simplified(corners, 0)
		if area := geo.RingArea(ring); area != c.want || len(ring) != c.n {
			t.Errorf("%s: area %g with %d corners, want %g with %d: %v", c.name, area, len(ring), c.want, c.n, ring)
		}
	}
}

// Segments on one line that do not reach each other do not touch: of those a
// raster has many.
func TestTouch(t *testing.T) {
	at := func(x, y float64) geo.XY { return geo.XY{X: x, Y: y} }
	for _, c := range []struct {
		name       string
		a, b, c, d geo.XY
		want       bool
	}{
		{"crossing", at(0, 0), at(2, 2), at(0, 2), at(2, 0), true},
		{"end on the other", at(0, 0), at(2, 0), at(1, 0), at(1, 3), true},
		{"on one line, over each other", at(0, 0), at(2, 0), at(1, 0), at(3, 0), true},
		{"on one line, apart", at(0, 0), at(1, 0), at(2, 0), at(3, 0), false},
		{"side by side", at(0, 0), at(2, 0), at(0, 1), at(2, 1), false},
		{"boxes meet, segments do not", at(0, 0), at(2, 2), at(1, 0), at(2, 0.5), false},
	} {
		if got := touch(c.a, c.b, c.c, c.d); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// An outline is free of stairs, and its own sides do not meet: a slope of tiles
// becomes one of few corners that keeps its area.
func TestOutlineOfSlope(t *testing.T) {
	var squares []square
	const n = 20
	for y := range n {
		for x := range n - y {
			squares = append(squares, square{geo.XY{X: float64(x) + 0.5, Y: float64(y) + 0.5}, 1})
		}
	}
	ring := outline(squares)
	if area := geo.RingArea(ring); len(ring) > 9 || math.Abs(area-n*(n+1)/2) > 5 || !simple(ring) {
		t.Errorf("%d corners, area %g, want at most 9 and about %d: %v", len(ring), area, n*(n+1)/2, ring)
	}
}

// The raster of a state, on two workers.
func BenchmarkCover(b *testing.B) {
	c := load(b, fixture.ModuleFile(b, "delaware-latest.osm.pbf"), Options{Seed: 1, Workers: 2})
	for b.Loop() {
		c.radio.cover(c, 1, c.Proj.XY(c.Bounds.Min), c.Proj.XY(c.Bounds.Max), 2)
	}
}
