package population

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// Venues are the places of one category, in a balanced k-d tree to draw from.
// The zero value has none.
type Venues struct {
	nodes []venueNode // node i has the halves 2i and 2i + 1, the root is 1
	spots []Spot      // of the leaves, from left to right
}

// venueNode is a group of places.
type venueNode struct {
	least, most geo.XY  // the box around them
	weight      float64 // their capacity
	lo, hi      int32   // their range in spots
}

func (n *venueNode) leaf() bool { return n.hi-n.lo == 1 }

// Venues are the shops, salons, department stores, restaurants or places of
// leisure; nil for other categories.
func (p *Population) Venues(cat dataset.Category) *Venues { return p.venues[cat] }

// newVenues lists the places of a category.
func newVenues(city *network.City, cat dataset.Category) *Venues {
	v := &Venues{}
	for i := range city.Places {
		if city.Places[i].Category == cat {
			v.spots = append(v.spots, Spot(i))
		}
	}
	if len(v.spots) > 0 {
		v.build(city, 1, 0, int32(len(v.spots)))
	}
	return v
}

// build makes node i of the places from lo to hi, cut where their box is longer.
func (v *Venues) build(city *network.City, i int, lo, hi int32) {
	if need := i + 1 - len(v.nodes); need > 0 {
		v.nodes = append(v.nodes, make([]venueNode, need)...)
	}
	at := func(s Spot) geo.XY { return city.Places[s].Pos }
	spots := v.spots[lo:hi]
	n := venueNode{least: at(spots[0]), most: at(spots[0]), lo: lo, hi: hi}
	for _, s := range spots {
		p := at(s)
		n.least = geo.XY{X: min(n.least.X, p.X), Y: min(n.least.Y, p.Y)}
		n.most = geo.XY{X: max(n.most.X, p.X), Y: max(n.most.Y, p.Y)}
		n.weight += capacity(&city.Places[s])
	}
	v.nodes[i] = n
	if n.leaf() {
		return
	}
	along := func(p geo.XY) float64 { return p.X }
	if n.most.Y-n.least.Y > n.most.X-n.least.X {
		along = func(p geo.XY) float64 { return p.Y }
	}
	slices.SortFunc(spots, func(a, b Spot) int { return cmp.Or(cmp.Compare(along(at(a)), along(at(b))), cmp.Compare(a, b)) })
	middle := lo + (hi-lo)/2
	v.build(city, 2*i, lo, middle)
	v.build(city, 2*i+1, middle, hi)
}

// Reach draws venues by gravity: with chances proportional to capacity / (d² +
// scale²), d being the distance from a point, as new places are chosen in the
// density-EPR model (Pappalardo et al. 2015, exponent 2). The tail is heavy;
// nothing but the edge of the map ends it.
//
// Draws are exact, by rejection: a group of places has a bound on its
// attraction, by the nearest point of its box; one is drawn by its bound, then
// a half of it by theirs, and so on, where the bounds of the halves together
// fall short of the whole's, the draw starts again. The groups to begin with are
// so small for their distance that at least one attempt in nine succeeds. Both
// steps cost O(log places) for places spread evenly.
//
// The zero value draws nothing. It keeps its memory from one point to the next.
type Reach struct {
	venues *Venues
	from   geo.XY
	scale2 float64
	groups []int32
	cum    []float64 // bounds of the groups, summed up
}

// Set aims at the venues from a point; scale, in metres, is positive.
func (g *Reach) Set(v *Venues, from geo.XY, scale float64) {
	g.venues, g.from, g.scale2, g.groups, g.cum = v, from, scale*scale, g.groups[:0], g.cum[:0]
	if len(v.spots) > 0 {
		g.open(1)
	}
}

// open takes node i for a group, or its halves if its box is too large for its distance.
func (g *Reach) open(i int32) {
	n := &g.venues.nodes[i]
	if r2 := g.near2(n); !n.leaf() && n.least.Dist2(n.most) > 4*r2 {
		g.open(2 * i)
		g.open(2*i + 1)
		return
	}
	sum := g.bound(i)
	if len(g.cum) > 0 {
		sum += g.cum[len(g.cum)-1]
	}
	g.groups, g.cum = append(g.groups, i), append(g.cum, sum)
}

// near2 is d² + scale² of the nearest point of the box of n.
func (g *Reach) near2(n *venueNode) float64 {
	p := geo.XY{X: min(max(g.from.X, n.least.X), n.most.X), Y: min(max(g.from.Y, n.least.Y), n.most.Y)}
	return g.from.Dist2(p) + g.scale2
}

// bound is the most that the places of node i can attract: of one, what it does.
func (g *Reach) bound(i int32) float64 {
	n := &g.venues.nodes[i]
	return n.weight / g.near2(n)
}

// Draw chooses a venue, None where there is none.
func (g *Reach) Draw(r *rand.Rand) Spot {
	if len(g.groups) == 0 {
		return None
	}
	for {
		i := g.groups[search(g.cum, r.Float64()*g.cum[len(g.cum)-1])]
		for most := g.bound(i); !g.venues.nodes[i].leaf(); {
			first := g.bound(2 * i)
			u := r.Float64() * most
			if i, most = 2*i, first; u >= first {
				i, most = i+1, g.bound(i+1)
				if u >= first+most {
					i = 0
					break
				}
			}
		}
		if i > 0 {
			return g.venues.spots[g.venues.nodes[i].lo]
		}
	}
}
