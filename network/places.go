package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// standard is what a place of a category is like where the map tells no size,
// and how size tells it. All figures are this project's assumptions.
type standard struct {
	capacity float64 // pupils, beds, visitors at a time
	jobs     float64
	floorM2  float64 // gross floor of one such place
	min, max float64 // bounds of the size factor
	perHead  float64 // inhabitants that one such place serves; 0 = not needed
}

func standardOf(c dataset.Category) standard {
	switch c {
	case dataset.Kindergarten:
		return standard{90, 12, 700, 0.4, 3, 2700}
	case dataset.School:
		return standard{450, 35, 4500, 0.2, 4, 3700}
	case dataset.University:
		return standard{3000, 400, 30000, 0.1, 8, 60000}
	case dataset.Office:
		return standard{20, 20, 500, 0.3, 100, 0}
	case dataset.Industry:
		return standard{30, 30, 2400, 0.2, 100, 0}
	case dataset.Shop:
		return standard{15, 5, 200, 0.4, 40, 300}
	case dataset.Salon:
		return standard{6, 3, 80, 0.5, 4, 1500}
	case dataset.DepartmentStore:
		return standard{600, 120, 8000, 0.2, 8, 50000}
	case dataset.Restaurant:
		return standard{50, 8, 200, 0.4, 8, 900}
	case dataset.Hospital:
		return standard{100, 40, 2500, 0.2, 60, 5000}
	case dataset.Leisure:
		return standard{100, 6, 1500, 0.2, 30, 3000}
	case dataset.Worship:
		return standard{150, 2, 600, 0.3, 6, 4000}
	case dataset.Station:
		return standard{400, 8, 1000, 0.2, 10, 0}
	}
	return standard{200, 20, 5000, 0.05, 200, 0} // an airport
}

// needed lists the categories that every population needs, in fixed order;
// work is looked after by jobs.
func needed() []dataset.Category {
	return []dataset.Category{dataset.Kindergarten, dataset.School, dataset.University, dataset.Shop, dataset.Salon,
		dataset.DepartmentStore, dataset.Restaurant, dataset.Hospital, dataset.Leisure, dataset.Worship}
}

// places merges the objects that are places, sizes them, and adds what the
// map lacks.
func (b *builder) places() error {
	spots := b.mergeSpots()
	var rings [][]geo.XY
	for _, a := range b.areas {
		rings = append(rings, a.ring)
	}
	inBuilding := newPolygons(rings)
	for _, s := range spots {
		p := Place{Category: s.category, Name: s.tags.get("name"), Pos: s.pos}
		house := inBuilding.at(s.pos, nil)
		p.Capacity, p.Jobs = b.size(&s, house)
		b.hall(&s, p.Capacity)
		if house >= 0 {
			// The place's workers are among those that the floor tells of.
			x := &b.city.Buildings[house]
			x.Jobs = math.Max(0, x.Jobs-p.Jobs)
			if s.building {
				x.Jobs = 0 // the place is the building
			}
		}
		b.city.Places = append(b.city.Places, p)
	}
	b.buildingPlaces(spots)
	for _, c := range needed() {
		b.synthesise(c)
	}
	b.workPlaces()
	slices.SortStableFunc(b.city.Places, func(p, q Place) int {
		return cmp.Compare(categoryRank(p.Category), categoryRank(q.Category))
	})
	return nil
}

func categoryRank(c dataset.Category) int { return slices.Index(dataset.Categories(), c) }

// mergeSpots drops repeated mappings of one place: an object inside the
// outline of another of its category, or of the same name within 200 m.
func (b *builder) mergeSpots() []spot {
	order := make([]int, len(b.spots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.spots[j].m2, b.spots[i].m2) }) // outlines first, largest first
	var out []spot
	var rings [][]geo.XY
	var owner []int
	type named struct {
		category dataset.Category
		name     string
	}
	byName := map[named][]geo.XY{}
	for _, i := range order {
		if s := &b.spots[i]; s.ring != nil {
			rings, owner = append(rings, s.ring), append(owner, i)
		}
	}
	outlines := newPolygons(rings)
	for _, i := range order {
		s := &b.spots[i]
		if s.category == dataset.Industry && s.ring != nil && !s.building && s.tags.get("landuse") != "" {
			continue // industrial land is no place: buildingPlaces and workPlaces fill it
		}
		inside := outlines.at(s.pos, func(k int) bool {
			o := &b.spots[owner[k]]
			return owner[k] != i && o.category == s.category && o.m2 > s.m2 && sameKind(o, s)
		})
		if inside >= 0 {
			continue
		}
		if name := s.tags.get("name"); name != "" {
			key := named{s.category, name}
			if slices.ContainsFunc(byName[key], func(p geo.XY) bool { return p.Dist(s.pos) < 200 }) {
				continue
			}
			byName[key] = append(byName[key], s.pos)
		}
		out = append(out, *s)
	}
	return out
}

// sameKind reports whether a place inside the outline o of its category is the
// same place: not so for shops, offices and restaurants, which share roofs,
// nor where both have names of their own in a park or on industrial land.
func sameKind(o, s *spot) bool {
	switch s.category {
	case dataset.Shop, dataset.Salon, dataset.Restaurant, dataset.Office:
		return false
	case dataset.Industry, dataset.Leisure:
		return o.tags.get("landuse") == "" && (s.tags.get("name") == "" || o.tags.get("name") == s.tags.get("name"))
	}
	return true
}

// size gives a place's capacity and jobs, from its own outline or the building
// it is in where it has that to itself.
func (b *builder) size(s *spot, house int) (capacity, jobs float64) {
	std := standardOf(s.category)
	f := 1.0
	switch {
	case s.building && house >= 0:
		f = b.city.Buildings[house].FloorM2 / std.floorM2
	case s.ring != nil && s.category == dataset.Airport:
		f = s.m2 / 250_000
		f *= f // large aerodromes are busier by area, too
	case s.ring != nil && s.category == dataset.Leisure:
		f = s.m2 / 20_000
	case s.ring != nil:
		f = s.m2 * 0.5 / std.floorM2 // grounds: half a m² of floor a m²
	case s.category == dataset.Airport:
		f = 0.05 // an airstrip
	case s.category == dataset.Hospital && s.tags.has("amenity", "doctors"), s.category == dataset.Hospital && s.tags.has("healthcare", "doctor"):
		f = 0.2
	case s.category == dataset.Hospital && s.tags.has("amenity", "hospital"):
		f = 8
	case s.tags.has("shop", "supermarket"):
		f = 6
	case s.category == dataset.Station && s.tags.has("railway", "halt"):
		f = 0.3
	}
	f = min(max(f, std.min), std.max)
	return math.Round(std.capacity * f), math.Max(1, math.Round(std.jobs*f))
}

// buildingPlaces makes work places of the commercial, industrial and public
// buildings of the map that hold more jobs than the places in them, so that
// the places carry all jobs of the city.
func (b *builder) buildingPlaces(spots []spot) {
	var grounds [][]geo.XY // of schools, hospitals …: the place has the jobs
	for _, s := range spots {
		if s.ring != nil && useOf(s.category) == Public && s.category != dataset.Leisure {
			grounds = append(grounds, s.ring)
		}
	}
	taken := newPolygons(grounds)
	for i := range b.areas {
		x := &b.city.Buildings[i]
		if x.Jobs > 0 && taken.at(x.Pos, nil) >= 0 {
			x.Jobs = 0
		}
		if x.Jobs < 1 {
			continue
		}
		c := dataset.Office
		if x.Use == Industrial {
			c = dataset.Industry
		}
		jobs := math.Round(x.Jobs)
		b.city.Places = append(b.city.Places, Place{Category: c, Name: b.areas[i].tags.get("name"), Pos: x.Pos, Capacity: jobs, Jobs: jobs})
		x.Jobs = 0
	}
}
