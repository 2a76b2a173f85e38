package planning

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/recognition"
)

// roadEnv is cells 900 m apart along a trunk road of two carriageways that runs
// east, 10 km long, among streets: one beside it, 400 m north, and one across every
// kilometre.
func roadEnv(tb testing.TB) *Env {
	tb.Helper()
	proj := geo.NewProjection(orb.Point{10, 50})
	env := &Env{Proj: proj, Meta: &sigcity.Meta{}}
	edge := func(from, to int, class string, mps float64, back bool, line ...geo.XY) {
		e := dataset.RoadEdge{ID: uint32(len(env.Links)), FromNode: uint32(from), ToNode: uint32(to), Class: class, FreeMPS: mps, Lanes: 1, Modes: "car"}
		if back {
			e.LanesBack, e.ModesBack = 1, "car walk"
		}
		for i, p := range line {
			ll := proj.LonLat(p)
			e.Lon, e.Lat = append(e.Lon, ll[0]), append(e.Lat, ll[1])
			if i > 0 {
				e.LengthM += line[i-1].Dist(p)
			}
		}
		env.Links = append(env.Links, e)
	}
	at := func(i int) geo.XY { // nodes 0 … 10 on the trunk, 11 … 21 on the street
		return geo.XY{X: float64(i%11) * 1000, Y: float64(i/11) * 400}
	}
	for i := range 10 {
		a, b := at(i), at(i+1)
		edge(i, i+1, "trunk", 20, false, a, b)
		edge(i+1, i, "trunk", 20, false, b, geo.XY{X: (a.X + b.X) / 2, Y: -20}, a)
		edge(11+i, 12+i, "residential", 5, true, at(11+i), at(12+i))
	}
	for i := range 11 {
		edge(i, 11+i, "residential", 5, true, at(i), at(11+i))
	}
	for i := range 11 {
		p := at(i)
		p.Y += 100
		env.Areas = append(env.Areas, sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(p), Spacing: 900, Radius: 300})
	}
	return env
}

func TestRoadMatch(t *testing.T) {
	env := roadEnv(t)
	pool, err := env.roadMatchers(recognition.MatchParams{})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := env.roadMatchers(recognition.MatchParams{}); err != nil || again != pool {
		t.Fatalf("another pool, %v", err)
	}
	m := pool.Get().(*recognition.Matcher)
	for name, east := range map[string]bool{"east": true, "west": false} {
		trip := recognition.Trip{Start: 1000, End: 1400, From: 1, To: 9}
		var rows []sigcity.Record
		for k := range 7 {
			area := sigcity.AreaID(2 + k)
			if !east {
				area = sigcity.AreaID(8 - k)
			}
			rows = append(rows, sigcity.Record{Time: uint32(1025 + 50*k), Area: area, Type: sigcity.Handover})
		}
		if !east {
			trip.From, trip.To = 9, 1
		}
		var trunk []int32
		length := 0.0
		for _, p := range m.Match(trip, rows).Passages {
			if env.Links[p.Link/2].Class == "trunk" {
				trunk = append(trunk, p.Link)
				length += p.Metres
			}
		}
		// From within a link of the ends, along the right carriageway only.
		want := []int32{6, 12, 18, 24, 30, 36, 42}
		if !east {
			want = []int32{44, 38, 32, 26, 20, 14, 8}
		}
		i := slices.Index(trunk, want[0])
		if i < 0 || len(trunk) < i+len(want) || !slices.Equal(trunk[i:i+len(want)], want) || len(trunk) > 10 || length < 7000 {
			t.Errorf("%s: %g m on links %v of the trunk road, want %v in it", name, length, trunk, want)
		}
	}
}

// An area's spots are few, near it and on roads of every tier, and every worker
// finds the same.
func TestSpotsOfAnArea(t *testing.T) {
	env := roadEnv(t)
	net, err := env.roadNet()
	if err != nil {
		t.Fatal(err)
	}
	f, g := newRoadFinder(net), newRoadFinder(net)
	for a := range env.Areas {
		id := sigcity.AreaID(a)
		spots := f.of(id)
		tierOf := [tiers]int{}
		for i, s := range spots.group.Spots {
			tierOf[tier(net.graph.Class(network.Link(2*s.Edge)))]++
			if d := spots.pos[i].Dist(net.areas.Centers[a]); d > recognition.SpotRadius(net.areas, id) {
				t.Errorf("area %d: a spot %.0f m away", a, d)
			}
		}
		if tierOf[0] == 0 || tierOf[0] > 4 || tierOf[tiers-1] == 0 || tierOf[tiers-1] > 3 {
			t.Errorf("area %d: spots by tier %v", a, tierOf)
		}
		if g.of(id) != spots {
			t.Errorf("area %d: spots were found twice", a)
		}
	}
}

// Matchers side by side find what one finds alone: which of them looks for an
// area's spots first does not show.
func TestRoadMatchSideBySide(t *testing.T) {
	const trips = 60
	courses := func(workers int) [trips][]recognition.Passage {
		env := roadEnv(t)
		pool, err := env.roadMatchers(recognition.MatchParams{})
		if err != nil {
			t.Fatal(err)
		}
		var out [trips][]recognition.Passage
		err = parallel.For(t.Context(), workers, trips, 1, func(_, lo, hi int) error {
			m := pool.Get().(*recognition.Matcher)
			defer pool.Put(m)
			for i := lo; i < hi; i++ {
				from, to := sigcity.AreaID(i%4), sigcity.AreaID(5+i%6)
				rows := []sigcity.Record{{Time: 1100, Area: (from + to) / 2, Type: sigcity.Handover}}
				out[i] = slices.Clone(m.Match(recognition.Trip{Start: 1000, End: 1200 + uint32(i), From: from, To: to}, rows).Passages)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	alone, together := courses(1), courses(4)
	for i := range alone {
		if len(alone[i]) == 0 || !slices.Equal(alone[i], together[i]) {
			t.Errorf("trip %d: %v alone, %v side by side", i, alone[i], together[i])
		}
	}
}

func TestRoadMatchRefuses(t *testing.T) {
	env := roadEnv(t)
	env.Links[3].LengthM = math.NaN()
	for range 2 {
		if _, err := env.roadMatchers(recognition.MatchParams{}); err == nil || !strings.Contains(err.Error(), "row 3") {
			t.Errorf("error = %v, want the row in it", err)
		}
	}
	// Without roads there is no course.
	none := &Env{Proj: env.Proj, Areas: env.Areas}
	pool, err := none.roadMatchers(recognition.MatchParams{})
	if err != nil {
		t.Fatal(err)
	}
	got := pool.Get().(*recognition.Matcher).Match(recognition.Trip{Start: 1, End: 100, From: 1, To: 5}, nil)
	if len(got.Passages) != 0 || got.Left != 2 {
		t.Errorf("%d passages and %d left out without roads, want 0 and 2", len(got.Passages), got.Left)
	}
}

func BenchmarkRoadMatch(b *testing.B) {
	env := roadEnv(b)
	pool, err := env.roadMatchers(recognition.MatchParams{})
	if err != nil {
		b.Fatal(err)
	}
	m := pool.Get().(*recognition.Matcher)
	var rows []sigcity.Record
	for k := range 9 {
		rows = append(rows, sigcity.Record{Time: uint32(1025 + 50*k), Area: sigcity.AreaID(1 + k), Type: sigcity.Handover})
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Match(recognition.Trip{Start: 1000, End: 1500, From: 0, To: 10}, rows)
	}
}
