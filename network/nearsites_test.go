package network

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

// The nearest of the sites around a block are the nearest of all, anywhere in it.
func TestNearSites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(what string, from, to float64) geo.XY {
			return geo.XY{X: float64(rapid.IntRange(int(from), int(to)).Draw(t, what)), Y: float64(rapid.IntRange(int(from), int(to)).Draw(t, what))}
		}
		var n network
		var pts []geo.XY
		for range rapid.IntRange(1, 60).Draw(t, "sites") {
			pts = append(pts, at("site", -5000, 5000))
			n.antennas = append(n.antennas, antenna{pos: pts[len(pts)-1]})
		}
		n.index = geo.NewIndex(pts)
		side := float64(rapid.SampledFrom([]int{50, 100, 1600}).Draw(t, "side"))
		low := at("block", -6000, 6000)
		first := geo.XY{X: low.X + side/2, Y: low.Y + side/2}
		last := geo.XY{X: low.X + blockM - side/2, Y: low.Y + blockM - side/2}
		sites := n.sitesAround(first, last, side)
		for range 5 {
			p := at("point", 0, blockM)
			p = geo.XY{X: low.X + p.X, Y: low.Y + p.Y}
			if got, want := sites.nearest(nil, p), n.index.NearestN(nil, p, sitesInReach); !slices.Equal(got, want) {
				t.Fatalf("nearest to %v: %v, want %v", p, got, want)
			}
		}
	})
}

// A lattice is its shadow, whatever it has drawn before.
func TestLatticeIsItsShadow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, lo := rapid.Uint64().Draw(t, "key"), rapid.Float64Range(-1e5, 1e5).Draw(t, "corner")
		f := newShadow(key, rapid.SampledFrom([]float64{50, 120}).Draw(t, "decorrelation"))
		var l lattice
		l.begin(newShadow(key+1, 50), geo.XY{}, geo.XY{X: 500, Y: 500}) // what is used again forgets
		l.mean(geo.XY{X: 100, Y: 100}, 50)
		l.begin(f, geo.XY{X: lo, Y: -lo}, geo.XY{X: lo + blockM, Y: blockM - lo})
		for range 20 {
			side := rapid.SampledFrom([]float64{50, 200, 800}).Draw(t, "side")
			p := geo.XY{
				X: lo + rapid.Float64Range(side/2, blockM-side/2).Draw(t, "x"),
				Y: -lo + rapid.Float64Range(side/2, blockM-side/2).Draw(t, "y"),
			}
			if got, want := l.mean(p, side), f.mean(p, side); got != want {
				t.Fatalf("mean at %v over %g m: %g, want %g", p, side, got, want)
			}
		}
	})
}
