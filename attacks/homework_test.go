package attacks

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func TestHomeWorkLinksUniquePairs(t *testing.T) {
	s := identityScene(200, 7, 3, 200)
	pairs := map[[2]uint32][]sigcity.UserID{}
	pairOf := func(u int) [2]uint32 {
		return [2]uint32{s.city.Truth.Anchors[3*u].Cell, s.city.Truth.Anchors[3*u+1].Cell}
	}
	for u := range s.owners {
		pairs[pairOf(u)] = append(pairs[pairOf(u)], sigcity.UserID(u))
	}
	unique, right, shared := 0, 0.0, 0
	for _, g := range run(t, "home-work", nil, s) {
		u := int(g.Target)
		if len(pairs[pairOf(u)]) == 1 {
			unique++
			right += hit(g, s.owners[u])
			continue
		}
		shared++
		if got := hit(g, s.owners[u]); got > 1/float64(len(pairs[pairOf(u)]))+1e-9 {
			t.Errorf("target %d hit with %.2f though %d tokens have the same pair of cells", u, got, len(pairs[pairOf(u)]))
		}
	}
	if unique < 150 || shared == 0 {
		t.Fatalf("%d unique, %d shared pairs: the fixture has changed, choose another seed", unique, shared)
	}
	if right/float64(unique) < 0.8 {
		t.Errorf("%.3f of %d unique pairs linked at rank 1, want at least 0.8", right/float64(unique), unique)
	}
}

func TestHomeWorkAbstains(t *testing.T) {
	s := identityScene(20, 7, 3, 0)
	far := s.know.Targets[0].Home
	far[1] += 1 // 111 km north of the city
	s.know.Targets = []Target{
		{ID: 0, Home: far, Work: s.know.Targets[0].Work, HasWork: true},
		{ID: 1, Home: s.know.Targets[1].Home, Work: far, HasWork: true},
		{ID: 2, Home: s.know.Targets[2].Home},
	}
	loose, strict := run(t, "home-work", nil, s), run(t, "home-work", plugin.Args{"outlier": 0}, s)
	if len(loose[0].Answers) != 0 || len(strict[0].Answers) != 0 {
		t.Error("a home far from all tokens is answered")
	}
	if len(loose[1].Answers) == 0 || len(strict[1].Answers) != 0 {
		t.Errorf("work far from all: %d answers by default, %d with outlier = 0; want some and none", len(loose[1].Answers), len(strict[1].Answers))
	}
	if len(loose[2].Answers) == 0 {
		t.Error("a target without a work place is not answered by home")
	}
}

// With min_posterior the attack answers only of whom it is that sure: never
// of one of two equals.
func TestHomeWorkThreshold(t *testing.T) {
	s := identityScene(1000, 5, 3, 300) // a register so poor that rivals fit as well
	all := run(t, "home-work", nil, s)
	rank1 := func(guesses []Guess) (right, answered float64) {
		for _, g := range guesses {
			if len(g.Answers) > 0 {
				answered++
				right += hit(g, s.owners[g.Target])
			}
		}
		return right, answered
	}
	right, answered := rank1(all)
	if answered < 990 {
		t.Fatalf("%v of 1000 answered without a threshold", answered)
	}
	last := right / answered
	for _, least := range []float64{0.5, 0.9} {
		guesses := run(t, "home-work", plugin.Args{"min_posterior": least}, s)
		for _, g := range guesses {
			if n := len(g.Answers); least > 0.5 && n > 1 && g.Answers[0].Score == g.Answers[1].Score {
				t.Errorf("target %d: answered with a tie at a posterior of %.1f", g.Target, least)
			}
		}
		r, n := rank1(guesses)
		t.Logf("posterior %.1f: %.3f of %v right; before %.3f", least, r/n, n, last)
		if n == 0 || n >= answered || r/n <= last || r/n < least {
			t.Errorf("posterior %.1f: %.3f of %v right, want fewer answers and more right ones than %.3f, and at least %.1f", least, r/n, n, last, least)
		}
		answered, last = n, r/n
	}
}

// Tokens that share the home differ only by work; a target without work ties them.
func TestHomeOnlyTies(t *testing.T) {
	g, proj := grid(t)
	link := newLinker(g, []recognition.Anchors{
		{Home: 0, HasHome: true, Work: 1, HasWork: true}, {Home: 0, HasHome: true, Work: 2, HasWork: true}, {Home: 0, HasHome: true}, {},
	}, linkage{homeM: 100, workM: 100, reach: 3, outlier: 0.05})
	scores := func(x Target) map[sigcity.UserID]float64 {
		out := map[sigcity.UserID]float64{}
		link.candidates(x, link.scratch(), func(g *anchorGroup, score float64) {
			for _, token := range g.tokens {
				out[token] = score
			}
		})
		return out
	}
	home := scores(Target{Home: proj.LonLat(geo.XY{})})
	if len(home) != 3 || home[0] != home[1] || home[1] != home[2] {
		t.Errorf("home only: %v, want tokens 0, 1 and 2 in a tie", home)
	}
	both := scores(Target{Home: proj.LonLat(geo.XY{}), Work: proj.LonLat(geo.XY{X: 1000}), HasWork: true})
	if !(both[0] > both[1]) || both[1] != both[2] {
		t.Errorf("home and work: %v, want token 0 above 1 and 2, which say nothing of this work place", both)
	}
}

// grid is three discs of 300 m, 1 km apart on a line.
func grid(t *testing.T) (*ground, geo.Projection) {
	proj := geo.NewProjection(orb.Point{10, 50})
	var areas []sigcity.Area
	for i := range 3 {
		areas = append(areas, sigcity.Area{ID: sigcity.AreaID(i), Center: proj.LonLat(geo.XY{X: 1000 * float64(i)}), Radius: 300, Spacing: 1000})
	}
	g, err := newGround(&Release{Data: &dataset.Mem{Cells: areas}}, Knowledge{Map: &dataset.Map{Origin: proj.Origin}, Calendar: &sigcity.Calendar{}}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return g, proj
}

// The density around an area integrates to one: a score is a likelihood, so
// small and large areas can be compared.
func TestAreaDensityIntegratesToOne(t *testing.T) {
	for _, c := range []struct{ radius, spacing, register float64 }{{0, 0, 200}, {500, 0, 1}, {500, 1000, 200}, {5000, 750, 100}} {
		s := linkage{servingM: 0.35}.around(c.register, c.radius, c.spacing)
		const steps = 200_000
		reach := c.radius + 12*s.sigma
		dr, sum := reach/steps, 0.0
		for i := range steps {
			r := (float64(i) + 0.5) * dr
			sum += 2 * math.Pi * r * math.Exp(s.logDensity(max(0, r-c.radius))) * dr
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("radius %g, spacing %g, register %g: integral %.6f, want 1", c.radius, c.spacing, c.register, sum)
		}
	}
}
