package gen

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// Spots that are remembered are those that are found.
func TestSpots(t *testing.T) {
	city := town(t)
	g, rng := city.Graph(), rand.New(rand.NewPCG(1, 2))
	s, at := newSpots(g), make([]geo.XY, 300)
	for i := range at {
		at[i] = g.Pos[rng.IntN(g.Nodes())].Sub(geo.XY{X: 100 * rng.NormFloat64(), Y: 100 * rng.NormFloat64()})
	}
	for range 5000 {
		p, m := at[rng.IntN(len(at))], network.Mode(rng.IntN(3))
		got, ok := s.snap(m, p)
		if want, some := g.Snap(m, p); got != want || ok != some {
			t.Fatalf("%v by %v: %v (%v), want %v (%v)", p, m, got, ok, want, some)
		}
	}
}

// Which ways get labels depends on the memory, not on the workers: on foot, by
// bicycle and in light traffic, then as many hours as fit.
func TestLabelsOfTheBusiestHours(t *testing.T) {
	city := town(t)
	cfg := config(300, 1, 1)
	r, err := lightRoads(t.Context(), city.Graph(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.load(t.Context(), newGeneratorOn(t, city, cfg, nil).pop, &cfg, 500); err != nil { // far too many for the town's streets
		t.Fatal(err)
	}
	ways := r.busiest([]*network.Hierarchy{r.walk, r.bike, r.free})
	bytes := func() (all []int) {
		for _, x := range ways {
			all = append(all, x.LabelBytes())
		}
		return all
	}
	all, whole := bytes(), 0
	for _, b := range all {
		whole += b
	}
	if len(ways) < 6 || slices.Contains(all, 0) {
		t.Fatalf("labels of %v bytes, want some of all of 6 ways and more", all)
	}
	for _, atMost := range []int{0, all[0], all[0] + all[1] + all[2] + all[3]/2, whole - 1, whole} {
		var want []int
		for left := atMost; len(want) < len(all); {
			b := all[len(want)]
			if left -= b; left < 0 {
				b, left = 0, -1
			}
			want = append(want, b)
		}
		for workers := range 4 {
			if err := r.label(t.Context(), workers+1, atMost); err != nil {
				t.Fatal(err)
			}
			if got := bytes(); !slices.Equal(got, want) {
				t.Errorf("%d workers, %d bytes: labels of %v bytes, want %v", workers+1, atMost, got, want)
			}
		}
	}
}
