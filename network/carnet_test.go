package network

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The folded net has the graph's fastest ways between terminals: against
// Bellman and Ford's algorithm on all links, with times that hours change.
func TestCarNetKeepsWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphOf(t, randomStreets(t))
		if g.Nodes() < 2 {
			return
		}
		terminals := make([]bool, g.Nodes())
		for n := range terminals {
			terminals[n] = rapid.IntRange(0, 2).Draw(t, "terminal") == 0
		}
		origin := rapid.IntRange(0, g.Nodes()-1).Draw(t, "origin")
		terminals[origin] = true
		times := append([]float32(nil), g.Times(Car)...)
		for l := range times {
			times[l] *= float32(rapid.IntRange(1, 20).Draw(t, "slower"))
		}
		want := make([]float64, g.Nodes())
		for n := range want {
			want[n] = math.Inf(1)
		}
		want[origin] = 0
		for range g.Nodes() {
			for l := range Link(g.Links()) {
				from, to := g.Ends(l)
				want[to] = min(want[to], want[from]+float64(times[l]))
			}
		}
		net := newCarNet(g, terminals)
		net.setTimes(times)
		s := newCarTree(net)
		s.from([]int32{int32(origin)}, []float32{0})
		for n, v := range want {
			if terminals[n] && s.seconds(int32(n)) != v && math.Abs(s.seconds(int32(n))-v) > 1e-4*v+1e-3*float64(g.Nodes()) { // an arc is off by at most half a ms
				t.Fatalf("node %d: %g s, want %g", n, s.seconds(int32(n)), v)
			}
		}
	})
}
