package population

import (
	"math"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// venueCity has n shops of many sizes, half of them in a centre of 1 km, half
// anywhere within 40 km, and one salon.
func venueCity(n int) *network.City {
	r := sigcity.Rand(5, "venues")
	city := &network.City{}
	for i := range n {
		spread := 1000.0
		if i%2 > 0 {
			spread = 20_000
		}
		city.Places = append(city.Places, network.Place{Category: dataset.Shop, Capacity: math.Exp(r.NormFloat64()),
			Pos: geo.XY{X: spread * (2*r.Float64() - 1), Y: spread * (2*r.Float64() - 1)}})
	}
	city.Places = append(city.Places, network.Place{Category: dataset.Salon, Pos: geo.XY{X: 1}})
	return city
}

// Draws follow the law: in the rings around a point in the middle and one at the
// edge of town. The statistic of each of the four cases has a chi-square
// distribution with at most five degrees of freedom, which exceeds 40 with a
// probability below 2e-7; the seed is fixed.
func TestReachIsGravity(t *testing.T) {
	city := venueCity(2000)
	v, r := newVenues(city, dataset.Shop), sigcity.Rand(6, "draws")
	rings := []float64{500, 2000, 5000, 10_000, 20_000, 80_000}
	ring := func(d float64) (k int) {
		for rings[k] < d {
			k++
		}
		return k
	}
	var g Reach
	for _, q := range []geo.XY{{}, {X: 15_000, Y: -9000}} {
		for _, scale := range []float64{300, 15_000} {
			want, got := make([]float64, len(rings)), make([]float64, len(rings))
			total := 0.0
			for _, s := range v.spots {
				p := &city.Places[s]
				d := q.Dist(p.Pos)
				w := capacity(p) / (d*d + scale*scale)
				want[ring(d)] += w
				total += w
			}
			const draws = 200_000
			g.Set(v, q, scale)
			for range draws {
				got[ring(q.Dist(city.Places[g.Draw(r)].Pos))]++
			}
			chi2 := 0.0
			for k := range rings {
				if w := want[k] / total * draws; w > 0 {
					chi2 += (got[k] - w) * (got[k] - w) / w
				} else if got[k] > 0 {
					t.Errorf("from %v: %.0f draws in a ring without places", q, got[k])
				}
			}
			t.Logf("from %v, scale %.0f m: chi-square %.1f, %d groups", q, scale, chi2, len(g.groups))
			if chi2 > 40 {
				t.Errorf("from %v, scale %.0f m: chi-square %.1f of %v, want %v of %g", q, scale, chi2, got, want, total)
			}
		}
	}
}

func TestFewVenues(t *testing.T) {
	city, r := venueCity(3), sigcity.Rand(7, "draws")
	var g Reach
	if s := g.Draw(r); s != None {
		t.Errorf("the zero value draws %d", s)
	}
	g.Set(newVenues(city, dataset.Salon), geo.XY{X: 1}, 1)
	if s := g.Draw(r); s != 3 {
		t.Errorf("one place: %d, want 3", s)
	}
	g.Set(newVenues(city, dataset.Leisure), geo.XY{}, 1)
	if s := g.Draw(r); s != None {
		t.Errorf("no places: %d", s)
	}
	city.Places[1].Pos = city.Places[0].Pos // a box without extent
	seen := map[Spot]int{}
	g.Set(newVenues(city, dataset.Shop), city.Places[0].Pos, 1e6)
	for range 1000 {
		seen[g.Draw(r)]++
	}
	if len(seen) != 3 || seen[0] == 0 || seen[1] == 0 || seen[2] == 0 {
		t.Errorf("draws of three places: %v", seen)
	}
}

func BenchmarkReach(b *testing.B) {
	v, r := newVenues(venueCity(20_000), dataset.Shop), sigcity.Rand(8, "draws")
	var g Reach
	b.ReportAllocs()
	for b.Loop() {
		g.Set(v, geo.XY{X: 3000}, 500)
		g.Draw(r)
	}
}
