package recognition

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// AllocateParams are the parameters of P3, docs/methods.md. Zero values take
// the defaults of DefaultAllocateParams.
type AllocateParams struct {
	// Uniform spreads the count of an area evenly over its footprint, the
	// Voronoi baseline, and leaves out all that follows.
	Uniform bool
	// EdgeShare is how far outside its footprint an area still serves, as the
	// standard deviation of a Gaussian edge in site spacings.
	EdgeShare float64
	// Layer is, per area, the layer within which it competes for a place, such
	// as its operator: see OperatorLayers. nil = all areas compete.
	Layer []int32
	// Prior is how many people are to be expected in a zone before anybody is
	// counted, in any unit: dwellings, built-up land. nil = in proportion to the ground. It
	// is asked once for each zone.
	Prior func(geo.ZoneID) float64
	// Iterations is the most rounds of Bayes' rule, 20 at most in multimno; 1 = the
	// posterior of the prior alone. It ends when the zones change by less than the
	// share Tolerance of all people in sum. 0 = 1 with a Prior, else the default.
	Iterations int
	Tolerance  float64
}

// DefaultAllocateParams are few rounds: more of them fit the noise of small
// counts, and wear a good prior away (docs/methods.md).
// The edge is the hysteresis of 3 dB: at the border of two sites, about half a
// spacing from either, 0.05 spacings change the difference of their levels by
// 3.4 dB at 39 dB a decade (TR 38.901, UMa without line of sight).
func DefaultAllocateParams() AllocateParams {
	return AllocateParams{EdgeShare: 0.05, Iterations: 3, Tolerance: 1e-3}
}

// OperatorLayers numbers the areas by their operators, in order of appearance.
func OperatorLayers(areas []sigcity.Area) []int32 {
	layers, seen := make([]int32, len(areas)), map[string]int32{}
	for i, a := range areas {
		n, ok := seen[a.Operator]
		if !ok {
			n = int32(len(seen))
			seen[a.Operator] = n
		}
		layers[i] = n
	}
	return layers
}

// Allocator lays counts of areas on the zones of a zoning (P3), as multimno
// does: the probability that a phone in a zone is connected to a cell, and then
// Bayes' rule, again and again, with what was found as the next prior
// (expectation maximisation for Poisson counts; Shepp & Vardi 1982, for cells
// van der Loo & Tennekes 2021). Nothing is known of signal strength: inside its footprint
// an area has the weight 1, outside a weight that falls with the distance in site
// spacings, and the probability at a point is the area's share of the weights of its
// layer there.
//
// What areas cover is measured on a lattice of points in each of them: at least 144 in
// the footprint, closer together than a third of a zone, 2,500 at most. This is
// done once; the allocator is then immutable and safe for concurrent use.
type Allocator struct {
	p     AllocateParams
	zones []geo.ZoneID
	prior []float64 // per zone, adding up to 1
	start []int     // per area, its first entry; one more at the end
	entry []entry
}

// entry is what an area covers of a zone.
type entry struct {
	zone  int     // index into zones
	cover float64 // m² that the area serves of it; shares where uniform
	prob  float64 // that a phone in the zone is connected to the area
}

// ZoneShare is the share of an area's people that a zone gets.
type ZoneShare struct {
	Zone  geo.ZoneID
	Share float64
}

// Allocation is people by zone.
type Allocation struct {
	People     []float64 // per zone of Allocator.Zones
	Iterations int       // rounds made; 0 = none needed
	Change     float64   // of the last round, as a share of all people
	Lost       float64   // people counted in areas that lie in no zone
}

// NewAllocator measures what the areas cover of the zoning on the plane of proj.
// It fails where the parameters are out of range, and where areas that do not
// compete for the ground, such as boxes that a release has grown, overlap more than
// a hundredfold: use Uniform there.
func NewAllocator(areas *geo.Areas, proj geo.Projection, zoning geo.Zoning, p AllocateParams) (*Allocator, error) {
	def := DefaultAllocateParams()
	if p.EdgeShare == 0 {
		p.EdgeShare = def.EdgeShare
	}
	if p.Iterations == 0 {
		p.Iterations = def.Iterations
		if p.Prior != nil {
			p.Iterations = 1
		}
	}
	if p.Tolerance == 0 {
		p.Tolerance = def.Tolerance
	}
	switch {
	case !(p.EdgeShare > 0 && p.EdgeShare <= 1):
		return nil, fmt.Errorf("edge share = %g, must be above 0 and at most 1", p.EdgeShare)
	case p.Iterations < 1:
		return nil, fmt.Errorf("iterations = %d, must be at least 1", p.Iterations)
	case !(p.Tolerance > 0 && p.Tolerance < 1):
		return nil, fmt.Errorf("tolerance = %g, must be above 0 and below 1", p.Tolerance)
	case p.Layer != nil && len(p.Layer) != areas.Len():
		return nil, fmt.Errorf("layers of %d areas, want %d", len(p.Layer), areas.Len())
	}
	s := newSampler(areas, proj, zoning, p)
	if !p.Uniform {
		if err := s.indexAreas(); err != nil {
			return nil, err
		}
	}
	s.weigh()
	a := &Allocator{p: p, start: make([]int, 1, areas.Len()+1)}
	number := map[geo.ZoneID]int{}
	for id := range areas.Len() {
		covers := s.sample(sigcity.AreaID(id))
		for _, z := range geo.SortedZones(covers) {
			n, ok := number[z]
			if !ok {
				n = len(a.zones)
				number[z], a.zones = n, append(a.zones, z)
			}
			a.entry = append(a.entry, entry{zone: n, cover: covers[z]})
		}
		a.start = append(a.start, len(a.entry))
	}
	a.sortZones(number)
	return a, a.learn()
}

// sortZones puts the zones into order.
func (a *Allocator) sortZones(number map[geo.ZoneID]int) {
	sorted := geo.SortedZones(number)
	to := make([]int, len(sorted))
	for i, z := range sorted {
		to[number[z]] = i
	}
	a.zones = sorted
	for i := range a.entry {
		a.entry[i].zone = to[a.entry[i].zone]
	}
}

// learn makes probabilities and the prior of what the areas cover.
func (a *Allocator) learn() error {
	ground := make([]float64, len(a.zones)) // m², once for each layer there
	for _, e := range a.entry {
		ground[e.zone] += e.cover
	}
	for i := range a.entry {
		e := &a.entry[i]
		e.prob = e.cover / ground[e.zone]
	}
	a.prior = ground
	if a.p.Prior != nil {
		for i, z := range a.zones {
			if a.prior[i] = a.p.Prior(z); !(a.prior[i] >= 0) || math.IsInf(a.prior[i], 0) {
				return fmt.Errorf("prior of zone %d = %g, must be at least 0", z, a.prior[i])
			}
		}
	}
	total := 0.0
	for _, v := range a.prior {
		total += v
	}
	if total > 0 { // else every area falls back on what it covers
		for i := range a.prior {
			a.prior[i] /= total
		}
	}
	return nil
}

// Zones lists the zones that areas cover, in order. It must not be changed.
func (a *Allocator) Zones() []geo.ZoneID { return a.zones }

// row is what an area covers.
func (a *Allocator) row(id int) []entry { return a.entry[a.start[id]:a.start[id+1]] }

// posterior appends Bayes' rule for one area: where its people are, if so many
// are in each zone. Where it expects nobody, they are spread over what it covers.
func (a *Allocator) posterior(dst []float64, row []entry, people []float64) []float64 {
	from, sum := len(dst), 0.0
	for _, e := range row {
		v := e.cover
		if !a.p.Uniform {
			v = people[e.zone] * e.prob
		}
		dst = append(dst, v)
		sum += v
	}
	if sum <= 0 {
		for i, e := range row {
			dst[from+i] = e.cover
			sum += e.cover
		}
	}
	for i := range dst[from:] {
		dst[from+i] /= sum
	}
	return dst
}

// Allocate lays counts per area, in order of area, on the zones.
func (a *Allocator) Allocate(counts []float64) (Allocation, error) {
	if len(counts) != len(a.start)-1 {
		return Allocation{}, fmt.Errorf("counts of %d areas, want %d", len(counts), len(a.start)-1)
	}
	var out Allocation
	total := 0.0
	for i, n := range counts {
		if !(n >= 0) || math.IsInf(n, 0) {
			return Allocation{}, fmt.Errorf("count of area %d = %g, must be at least 0", i, n)
		}
		if len(a.row(i)) == 0 {
			out.Lost += n
		}
		total += n
	}
	located := total - out.Lost
	out.People = make([]float64, len(a.zones))
	for i, v := range a.prior {
		out.People[i] = v * located
	}
	rounds := a.p.Iterations
	if a.p.Uniform {
		rounds = 1
	}
	next, shares := make([]float64, len(a.zones)), []float64(nil)
	for located > 0 && out.Iterations < rounds {
		clear(next)
		for i, n := range counts {
			row := a.row(i)
			if n == 0 || len(row) == 0 {
				continue
			}
			shares = a.posterior(shares[:0], row, out.People)
			for k, e := range row {
				next[e.zone] += float64(n * shares[k])
			}
		}
		change := 0.0
		for i := range next {
			change += math.Abs(next[i] - out.People[i])
		}
		out.People, next = next, out.People
		out.Iterations++
		if out.Change = change / located; out.Change < a.p.Tolerance {
			break
		}
	}
	return out, nil
}

// Shares appends to dst where the people of an area are, if so many people are in each
// zone (Allocation.People; nil = by the prior), in order of zone. The shares add
// up to 1; there are none where the area lies in no zone.
func (a *Allocator) Shares(dst []ZoneShare, id sigcity.AreaID, people []float64) []ZoneShare {
	if people == nil {
		people = a.prior
	}
	row := a.row(int(id))
	for k, s := range a.posterior(nil, row, people) {
		if s > 0 {
			dst = append(dst, ZoneShare{a.zones[row[k].zone], s})
		}
	}
	return dst
}

// Expected is how many people are counted in an area, if so many are in each zone.
func (a *Allocator) Expected(id sigcity.AreaID, people []float64) float64 {
	sum := 0.0
	for _, e := range a.row(int(id)) {
		sum += float64(people[e.zone] * e.prob)
	}
	return sum
}
