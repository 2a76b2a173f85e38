package attacks

import (
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// occasion is a situation in which people go to places.
type occasion uint8

const (
	escort   occasion = iota // a short stop on the way, weekday mornings and afternoons
	errand                   // a stay of half an hour to some hours, by day, neither at home nor at work
	dayplace                 // where somebody spends the office hours
	numOccasions
)

// visitRates is how many visits a place of each category draws on each
// occasion, relative to one that draws 1, in the order of dataset.Categories;
// otherVisits is what draws people to an area without any place on the map:
// friends, passing through. Seen at the level of areas, a visit is evidence of
// a category only as far as its places outdraw the others there. All assumed.
func visitRates() [numOccasions][]float64 {
	return [numOccasions][]float64{
		//        kinder school univ office indus shop salon dept  rest  hosp  leis  worsh stat  airp
		escort:   {1.00, 0.60, 0.20, 0.10, 0.10, 0.15, 0.02, 0.10, 0.10, 0.30, 0.05, 0.02, 0.80, 0.50},
		errand:   {0.05, 0.20, 0.50, 0.30, 0.20, 1.00, 1.00, 12.0, 2.00, 4.00, 2.00, 0.30, 1.00, 4.00},
		dayplace: {0.70, 4.00, 20.0, 1.00, 2.00, 0.30, 0.20, 5.00, 0.50, 10.0, 0.30, 0.10, 1.00, 20.0},
	}
}

const otherVisits = 0.5

// highShare is the share of people in income classes 4 and 5 in a community by
// its affluence 1 … 5; the mean over the quintiles is 0.4 (assumed gradient).
func highShare(affluence int32) float64 {
	return [...]float64{0.12, 0.24, 0.38, 0.54, 0.72}[min(max(affluence, 1), 5)-1]
}

// townscape is the public map on the ground of a release. It is immutable.
type townscape struct {
	g           *ground
	categories  []dataset.Category
	rates       [numOccasions][]float64
	kind        []int // category of each place
	places      *geo.Index
	communities []dataset.Community
	centers     *geo.Index
	farthest    float64 // m, the largest community radius
	// mean is the share of each category among all visits on each occasion.
	mean [numOccasions][]float64
}

// newTownscape lays the map m (nil = none) on the ground. The city's mean
// shares are taken over its cells; without these, over the ground's own areas.
func newTownscape(g *ground, m *dataset.Map, cells []sigcity.Area) *townscape {
	s := &townscape{g: g, categories: dataset.Categories(), rates: visitRates()}
	var at, centers []geo.XY
	if m != nil {
		for _, p := range m.Places {
			if c := slices.Index(s.categories, p.Category); c >= 0 {
				at, s.kind = append(at, g.proj.XY([2]float64{p.Lon, p.Lat})), append(s.kind, c)
			}
		}
		s.communities = m.Communities
		for _, c := range m.Communities {
			centers = append(centers, g.proj.XY([2]float64{c.Lon, c.Lat}))
			s.farthest = max(s.farthest, c.RadiusM)
		}
	}
	s.places, s.centers = geo.NewIndex(at), geo.NewIndex(centers)
	reference := g.areas
	if len(cells) > 0 {
		reference = geo.NewAreas(cells, g.proj)
	}
	var total [numOccasions]float64
	for o := range s.mean {
		s.mean[o] = make([]float64, len(s.categories))
	}
	for id := range sigcity.AreaID(reference.Len()) {
		count := s.count(reference, id)
		for o := range s.mean {
			total[o] += otherVisits
			for c, k := range count {
				s.mean[o][c] += float64(k * s.rates[o][c])
				total[o] += float64(k * s.rates[o][c])
			}
		}
	}
	for o := range s.mean {
		for c := range s.mean[o] {
			s.mean[o][c] /= max(total[o], otherVisits)
		}
	}
	return s
}

// count is the number of places of each category inside an area.
func (s *townscape) count(areas *geo.Areas, id sigcity.AreaID) []float64 {
	count := make([]float64, len(s.categories))
	s.places.Within(areas.Centers[id], boundOf(areas, id), func(i int, _ float64) {
		if areas.Contains(id, s.places.At(i)) {
			count[s.kind[i]]++
		}
	})
	return count
}

// neighborhood is what the map shows in one area.
type neighborhood struct {
	share     [numOccasions][]float64 // by category: that a visit on the occasion is to it
	dwellings float64                 // of communities, by how much of them is near
	affluence float64                 // mean over these
	high      float64                 // share of people with high income there
}

// around looks at the map around one area. A community counts in full where
// the area contains its centre, and less with distance until its radius.
func (s *townscape) around(id sigcity.AreaID) *neighborhood {
	n := &neighborhood{}
	count := s.count(s.g.areas, id)
	center, bound := s.g.areas.Centers[id], s.g.bound[id]
	for o := range numOccasions {
		total := otherVisits
		n.share[o] = make([]float64, len(count))
		for c, k := range count {
			total += float64(k * s.rates[o][c])
		}
		for c, k := range count {
			n.share[o][c] = k * s.rates[o][c] / total
		}
	}
	s.centers.Within(center, bound+s.farthest, func(i int, _ float64) {
		c := s.communities[i]
		gap := s.g.areas.Gap(id, s.centers.At(i))
		if gap > c.RadiusM {
			return
		}
		w := max(1, c.Dwellings) * (1 - gap/(c.RadiusM+1))
		n.dwellings += w
		n.affluence += float64(w * float64(c.Affluence))
		n.high += float64(w * highShare(c.Affluence))
	})
	if n.dwellings > 0 {
		n.affluence /= n.dwellings
		n.high /= n.dwellings
	}
	return n
}
