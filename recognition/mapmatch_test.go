package recognition_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// gridRoads is a square grid of two-way streets, a node every 500 m, with the
// nodes near an area as its spots. Streets of row 2 are twice as fast. Ways are
// found by Floyd and Warshall over seconds.
type gridRoads struct {
	side  int
	spots [][]int // per area: nodes
	pos   []geo.XY
	edges [][2]int
	next  [][]int     // link that leads from a node on to another, −1 = there
	dist  [][]float64 // m
	took  [][]float64 // s
}

const blockM = 500.0

func newGridRoads(side int, areas *geo.Areas, reach float64) *gridRoads {
	g := &gridRoads{side: side}
	n := side * side
	g.took = make([][]float64, n)
	seconds := g.took
	for i := range n {
		g.pos = append(g.pos, geo.XY{X: float64(i%side) * blockM, Y: float64(i/side) * blockM})
		seconds[i], g.next, g.dist = make([]float64, n), append(g.next, make([]int, n)), append(g.dist, make([]float64, n))
		for j := range n {
			seconds[i][j], g.dist[i][j], g.next[i][j] = math.Inf(1), math.Inf(1), -1
		}
		seconds[i][i], g.dist[i][i] = 0, 0
	}
	join := func(a, b int) {
		e := len(g.edges)
		g.edges = append(g.edges, [2]int{a, b})
		for dir, x := range [][2]int{{a, b}, {b, a}} {
			seconds[x[0]][x[1]], g.dist[x[0]][x[1]], g.next[x[0]][x[1]] = g.seconds(e), blockM, 2*e+dir
		}
	}
	for i := range n {
		if i%side+1 < side {
			join(i, i+1)
		}
		if i/side+1 < side {
			join(i, i+side)
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				if s := seconds[i][k] + seconds[k][j]; s < seconds[i][j] {
					seconds[i][j], g.dist[i][j], g.next[i][j] = s, g.dist[i][k]+g.dist[k][j], g.next[i][k]
				}
			}
		}
	}
	for a := range areas.Len() {
		var near []int
		for i, p := range g.pos {
			if p.Dist(areas.Centers[a]) <= reach {
				near = append(near, i)
			}
		}
		g.spots = append(g.spots, near)
	}
	return g
}

// seconds is what an edge takes in light traffic.
func (g *gridRoads) seconds(e int) float64 {
	if a, b := g.edges[e][0], g.edges[e][1]; a/g.side == 2 && b/g.side == 2 {
		return 25
	}
	return 50
}

func (g *gridRoads) Spots(a sigcity.AreaID) []geo.XY {
	var out []geo.XY
	for _, n := range g.spots[a] {
		out = append(out, g.pos[n])
	}
	return out
}

func (g *gridRoads) Ways(seconds, metres []float32, from, to sigcity.AreaID) {
	for i, a := range g.spots[from] {
		for j, b := range g.spots[to] {
			k := i*len(g.spots[to]) + j
			seconds[k], metres[k] = float32(g.took[a][b]), float32(g.dist[a][b])
		}
	}
}

func (g *gridRoads) Path(dst []recognition.Step, from sigcity.AreaID, i int, to sigcity.AreaID, j int) []recognition.Step {
	for n, end := g.spots[from][i], g.spots[to][j]; n != end; {
		l := g.next[n][end]
		dst = append(dst, recognition.Step{Link: int32(l), To: 1, Metres: blockM, Seconds: g.seconds(l / 2)})
		n = g.edges[l/2][1-l%2]
	}
	return dst
}

// ends are the nodes that a link leads from and to.
func (g *gridRoads) ends(l int32) (from, to int) { return g.edges[l/2][l%2], g.edges[l/2][1-l%2] }

// cellGrid is cells 1 km apart over a grid of roads, the first on its corner.
func cellGrid(side int) *geo.Areas {
	proj := geo.NewProjection(orb.Point{10, 0})
	areas := make([]sigcity.Area, side*side)
	for i := range areas {
		areas[i] = sigcity.Area{ID: sigcity.AreaID(i), Spacing: 900, Radius: 300,
			Center: proj.LonLat(geo.XY{X: float64(i%side) * 1000, Y: float64(i/side) * 1000})}
	}
	return geo.NewAreas(areas, proj)
}

// follows fails unless passages of a part follow each other in place and time.
func follows(t rapid.TB, g *gridRoads, m *recognition.Match) {
	t.Helper()
	for k, p := range m.Passages {
		if p.Leave < p.Enter || p.From < 0 || p.To > 1 || p.To <= p.From || math.Abs(p.Metres-(p.To-p.From)*blockM) > 1e-6 {
			t.Fatalf("passage %d: %+v", k, p)
		}
		if k == 0 || m.Passages[k-1].Part != p.Part {
			continue
		}
		q := m.Passages[k-1]
		_, end := g.ends(q.Link)
		if begin, _ := g.ends(p.Link); q.To != 1 || p.From != 0 || begin != end || q.Leave > p.Enter+1e-3 {
			t.Fatalf("passage %d: %+v after %+v", k, p, q)
		}
	}
	for k, c := range m.Crossings {
		if k > 0 && (c.Part < m.Crossings[k-1].Part || c.Metres < m.Crossings[k-1].Metres-1e-6 || (c.Part == m.Crossings[k-1].Part && c.Time < m.Crossings[k-1].Time)) {
			t.Fatalf("crossing %+v after %+v", c, m.Crossings[k-1])
		}
	}
}

// A drive of 4 km along row 2, whose cells lie on it, with handovers half-way
// between them: the links of the row, passed at the even speed of the drive.
func TestMatchFindsTheRoad(t *testing.T) {
	areas := cellGrid(5) // cells 5 … 9 lie on row 2 of the roads
	g := newGridRoads(9, areas, 800)
	m := recognition.NewMatcher(areas, g, recognition.MatchParams{})
	var rows []sigcity.Record
	for k, a := range []sigcity.AreaID{6, 7, 8} {
		rows = append(rows, sigcity.Record{Time: uint32(10_050 + 100*k), Area: a, Type: sigcity.Handover})
	}
	trip := recognition.Trip{Start: 10_000, End: 10_400, From: 5, To: 9}
	for range 2 { // the matcher's memory must not show
		got := m.Match(trip, rows)
		follows(t, g, got)
		if len(got.Passages) != 8 || got.Left != 0 || len(got.Crossings) != 3 {
			t.Fatalf("%d passages, %d crossings, %d left out; want 8, 3, 0", len(got.Passages), len(got.Crossings), got.Left)
		}
		for k, p := range got.Passages {
			from, to := g.ends(p.Link)
			if from != 18+k || to != 19+k || math.Abs(p.Enter-float64(10_000+50*k)) > 1 || math.Abs(p.Leave-float64(10_050+50*k)) > 1 {
				t.Errorf("passage %d from node %d to %d, %.0f … %.0f", k, from, to, p.Enter, p.Leave)
			}
		}
		for k, c := range got.Crossings {
			if math.Abs(c.Metres-float64(500+1000*k)) > 1 || c.Slack != 0 || c.Time != float64(10_050+100*k) {
				t.Errorf("crossing %d: %+v", k, c)
			}
		}
	}
}

// Cells between a slow road and, a little farther off, a fast one: the pace tells which.
func TestMatchTellsRoadsByTime(t *testing.T) {
	proj := geo.NewProjection(orb.Point{10, 0})
	var cells []sigcity.Area
	for i := range 5 {
		cells = append(cells, sigcity.Area{ID: sigcity.AreaID(i), Spacing: 900, Radius: 300, Center: proj.LonLat(geo.XY{X: float64(i) * 1000, Y: 740})})
	}
	areas := geo.NewAreas(cells, proj)
	g := newGridRoads(9, areas, 300)
	for name, c := range map[string]struct {
		block uint32 // seconds
		row   int
	}{"fast": {25, 2}, "slow": {50, 1}} {
		var rows []sigcity.Record
		for k := range uint32(4) {
			rows = append(rows, sigcity.Record{Time: 1000 + (1+2*k)*c.block, Area: sigcity.AreaID(k + 1), Type: sigcity.Handover})
		}
		got := recognition.NewMatcher(areas, g, recognition.MatchParams{}).Match(recognition.Trip{Start: 1000, End: 1000 + 8*c.block, From: 0, To: 4}, rows)
		follows(t, g, got)
		on := 0
		for _, p := range got.Passages {
			if a, b := g.ends(p.Link); a/9 == c.row && b/9 == c.row {
				on++
			}
		}
		if on != 8 || len(got.Passages) != 8 {
			t.Errorf("%s: %d of %d passages on row %d, want 8 of 8", name, on, len(got.Passages), c.row)
		}
	}
}

func TestMatchBreaks(t *testing.T) {
	areas := cellGrid(5)
	g := newGridRoads(9, areas, 800)
	at := func(s uint32, a sigcity.AreaID) sigcity.Record {
		return sigcity.Record{Time: s, Area: a, Type: sigcity.ServiceRequest}
	}
	for _, c := range []struct {
		name  string
		trip  recognition.Trip
		rows  []sigcity.Record
		parts int32
		left  int
		slack float64 // of the only crossing, −1 = none
	}{
		{"nothing happened", recognition.Trip{Start: 100, End: 400, From: 5, To: 5}, nil, 0, 1, -1},
		{"only the ends", recognition.Trip{Start: 100, End: 400, From: 5, To: 9}, nil, 1, 0, -1},
		{"a record in between", recognition.Trip{Start: 100, End: 700, From: 5, To: 9}, []sigcity.Record{at(300, 6), at(400, 8)}, 1, 0, 50},
		// 4 km away and back within a few seconds.
		{"out of reach", recognition.Trip{Start: 100, End: 700, From: 5, To: 9}, []sigcity.Record{at(300, 6), at(301, 24), at(302, 6), at(400, 8)}, 1, 1, 49},
		{"a silence", recognition.Trip{Start: 100, End: 9000, From: 5, To: 9}, []sigcity.Record{at(300, 6), at(8000, 8)}, 2, 0, -1},
		{"records of other times", recognition.Trip{Start: 1000, End: 1400, From: 5, To: 9}, []sigcity.Record{at(300, 20), at(1200, 7), at(8000, 20)}, 1, 0, -1},
	} {
		m := recognition.NewMatcher(areas, g, recognition.MatchParams{})
		got := m.Match(c.trip, c.rows)
		follows(t, g, got)
		parts := int32(0)
		if n := len(got.Passages); n > 0 {
			parts = got.Passages[n-1].Part + 1
		}
		if parts != c.parts || got.Left != c.left {
			t.Errorf("%s: %d parts, %d left out; want %d, %d", c.name, parts, got.Left, c.parts, c.left)
		}
		slack := -1.0
		for _, x := range got.Crossings {
			slack = max(slack, x.Slack)
		}
		if slack != c.slack {
			t.Errorf("%s: crossings %+v, want one told to %g s", c.name, got.Crossings, c.slack)
		}
	}
}

// Far from any road there is no course, and spans may overlap.
func TestMatchBlurred(t *testing.T) {
	areas := places(900, 300, 0, 1000, 2000, 50_000)
	g := newGridRoads(5, areas, 800)
	m := recognition.NewMatcher(areas, g, recognition.MatchParams{})
	if got := m.Match(recognition.Trip{Start: 0, End: 100, From: 3, To: 3}, nil); len(got.Passages)+len(got.Crossings) != 0 {
		t.Errorf("a course %v without roads", got.Passages)
	}
	rows := []sigcity.Record{{Time: 0, Span: 3600, Area: 1}, {Time: 600, Span: 3600, Area: 2}, {Time: 1200, Span: 3600, Area: 1}}
	got := m.Match(recognition.Trip{Start: 0, End: 5000, From: 0, To: 2}, rows)
	follows(t, g, got)
	if len(got.Crossings) != 2 || got.Crossings[0].Slack != 300+3600 {
		t.Errorf("crossings %+v, want two, the first told to 3900 s", got.Crossings)
	}
}

// Whatever the records: passages follow each other, crossings are in order, and a
// matcher is the same twice.
func TestMatchHolds(t *testing.T) {
	areas := cellGrid(5)
	g := newGridRoads(9, areas, 900)
	rapid.Check(t, func(t *rapid.T) {
		var rows []sigcity.Record
		at := uint32(1000)
		cell := rapid.IntRange(0, areas.Len()-1)
		blur := rapid.SampledFrom([]int{0, 0, 600}).Draw(t, "blur")
		for range rapid.IntRange(0, 30).Draw(t, "records") {
			at += uint32(rapid.SampledFrom([]int{0, 20, 60, 300, 5000}).Draw(t, "gap"))
			rows = append(rows, sigcity.Record{Time: at, Span: uint32(rapid.IntRange(0, blur).Draw(t, "span")), Area: sigcity.AreaID(cell.Draw(t, "area")),
				Type: rapid.SampledFrom([]sigcity.Event{sigcity.Handover, sigcity.ServiceRequest}).Draw(t, "event")})
		}
		trip := recognition.Trip{Start: 900, End: at + uint32(rapid.IntRange(0, 600).Draw(t, "end")),
			From: sigcity.AreaID(cell.Draw(t, "from")), To: sigcity.AreaID(cell.Draw(t, "to"))}
		m := recognition.NewMatcher(areas, g, recognition.MatchParams{})
		first := *m.Match(trip, rows)
		first.Passages, first.Crossings = slices.Clone(first.Passages), slices.Clone(first.Crossings)
		follows(t, g, &first)
		if again := m.Match(trip, rows); !slices.Equal(first.Passages, again.Passages) || !slices.Equal(first.Crossings, again.Crossings) || first.Left != again.Left {
			t.Fatal("another course the second time")
		}
	})
}
