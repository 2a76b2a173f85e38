package attacks

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// scene is a release of the fixture, what the adversary knows, and the truth.
type scene struct {
	city *fixture.City
	rel  *Release
	know Knowledge
	// owners lists, per target, the tokens that are theirs.
	owners [][]sigcity.UserID
}

// identityScene releases the fixture as it is; target i is user i, known with
// an error of errorM metres per axis.
func identityScene(users, days int, seed uint64, errorM float64) *scene {
	c := fixture.New(users, days, seed)
	s := &scene{city: c, rel: &Release{Kind: sigcity.Trajectories, Data: c.Data},
		know: Knowledge{Map: c.Map, Cells: c.Data.Cells, Calendar: c.Calendar, ErrorM: errorM}}
	proj := c.Map.Projection()
	rng := sigcity.Rand(seed, "attacks.test")
	blur := func(p orb.Point) orb.Point {
		q := proj.XY(p)
		return proj.LonLat(geo.XY{X: q.X + errorM*rng.NormFloat64(), Y: q.Y + errorM*rng.NormFloat64()})
	}
	for u := range users {
		anchors := map[string]orb.Point{}
		for _, a := range c.Truth.Anchors[3*u : 3*u+3] {
			anchors[a.Kind] = orb.Point{a.Lon, a.Lat}
		}
		home, work, shop := anchors[dataset.ActHome], anchors[dataset.ActWork], anchors[string(dataset.Shop)]
		t := Target{ID: TargetID(u), Home: blur(home), Work: blur(work), HasWork: true,
			Places: []orb.Point{blur(home), blur(work), blur(shop)}}
		rows := c.Data.Rows[u]
		for range 4 {
			r := rows[rng.IntN(len(rows))]
			t.Points = append(t.Points, Point{Time: r.Time, Place: blur(c.Data.Cells[r.Area].Center)})
		}
		s.know.Targets = append(s.know.Targets, t)
		s.owners = append(s.owners, []sigcity.UserID{sigcity.UserID(u)})
	}
	return s
}

// rewrite replaces the release's data by a changed copy.
func (s *scene) rewrite(f func(m *dataset.Mem)) *scene {
	m := *s.city.Data
	m.Rows = slices.Clone(m.Rows)
	for u := range m.Rows {
		m.Rows[u] = slices.Clone(m.Rows[u])
	}
	f(&m)
	s.rel.Data = &m
	return s
}

func run(t testing.TB, name string, args plugin.Args, s *scene) []Guess {
	t.Helper()
	a, _, err := plugin.Make[Attack](name, args)
	if err != nil {
		t.Fatal(err)
	}
	g, err := a.Guess(context.Background(), s.rel, s.know, newRand())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func newRand() *rand.Rand { return sigcity.Rand(7, "attacks.test.rng") }

// hit is the expected success at rank 1 of one guess, ties resolved by chance.
func hit(g Guess, owners []sigcity.UserID) float64 {
	if len(g.Answers) == 0 {
		return 0
	}
	best, tied, right := g.Answers[0].Score, 0, 0
	for _, a := range g.Answers {
		if a.Score == best {
			tied++
			if slices.Contains(owners, a.Token) {
				right++
			}
		}
	}
	if tied == 0 {
		return 0
	}
	return float64(right) / float64(tied)
}

// hits is the mean of hit over all targets, abstentions included.
func hits(guesses []Guess, owners [][]sigcity.UserID) float64 {
	sum := 0.0
	for _, g := range guesses {
		sum += hit(g, owners[g.Target])
	}
	return sum / float64(len(owners))
}
