package population

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// spareShare is how much more than its share of jobs or seats a zone takes
// (assumed): where a map has more work and schools than homes, nobody crosses
// the region to fill the last of them.
const spareShare = 0.5

// placeMain gives workers a work place, and students, pupils and preschool
// children theirs. Children of one household share kindergarten and school.
func (b *builder) placeMain() error {
	c := &b.Config
	homes := b.homes()
	for _, m := range []struct {
		who      Employment
		what     string
		supplies []supply
		scale    float64
		shared   bool // by the household
	}{
		{Employed, "work place", b.jobs(), c.CommuteScaleM, false},
		{Student, "university", b.capacities(dataset.University), c.UniversityScaleM, false},
		{Pupil, "school", b.capacities(dataset.School), c.SchoolScaleM, true},
		{Preschool, "kindergarten", b.capacities(dataset.Kindergarten), c.KindergartenScaleM, true},
	} {
		var who []uint32
		for i := range b.Persons {
			if b.Persons[i].Employment == m.who {
				who = append(who, uint32(i))
			}
		}
		if len(who) == 0 {
			continue
		}
		if len(m.supplies) == 0 {
			b.warn("no %s for %d persons: they stay at home", m.what, len(who))
			continue
		}
		g := newGravity(homes, m.supplies, m.scale, spareShare)
		scope := sigcity.Scope(b.Seed, "population.main."+m.what)
		err := b.each(len(who), func(_ *sigcity.Stream, k int) {
			p := &b.Persons[who[k]]
			key := uint64(who[k])
			if m.shared {
				key = uint64(p.Household)
			}
			h := sigcity.Mix(scope, key)
			home := &b.Households[p.Household]
			prefer := c.WhiteCollarByIncome[home.Income-1]
			p.Main = g.draw(b.City.Buildings[home.Building].Pos, sigcity.Unit(h), sigcity.Unit(sigcity.Mix(h, 1)), prefer)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// homes lists where demand comes from: all dwellings of the city, not those of
// the sample. A few sampled children would else be shared out over all its
// kindergartens, however far.
func (b *builder) homes() []origin {
	var out []origin
	for i := range b.City.Buildings {
		if h := &b.City.Buildings[i]; h.Dwellings > 0 {
			out = append(out, origin{h.Pos, h.Dwellings})
		}
	}
	return out
}

// jobs lists the work places; kind 1 is office-like.
func (b *builder) jobs() []supply {
	var out []supply
	for i := range b.City.Places {
		if p := &b.City.Places[i]; p.Jobs > 0 {
			s := supply{pos: p.Pos, weight: p.Jobs, spot: Spot(i)}
			switch p.Category {
			case dataset.Office, dataset.University, dataset.School, dataset.Hospital:
				s.kind = 1
			}
			out = append(out, s)
		}
	}
	for i := range b.City.Buildings {
		if h := &b.City.Buildings[i]; h.Jobs > 0 {
			s := supply{pos: h.Pos, weight: h.Jobs, spot: BuildingSpot(i)}
			if h.Use == network.Commercial || h.Use == network.Public {
				s.kind = 1
			}
			out = append(out, s)
		}
	}
	return out
}

// capacities lists the places of a category by capacity.
func (b *builder) capacities(cat dataset.Category) []supply {
	var out []supply
	for i := range b.City.Places {
		if p := &b.City.Places[i]; p.Category == cat {
			out = append(out, supply{pos: p.Pos, weight: capacity(p), spot: Spot(i)})
		}
	}
	return out
}

// capacity is a place's attraction; a map that tells none still leaves it open.
func capacity(p *network.Place) float64 { return max(p.Capacity, 1) }

// errands finds the places of one category near a point.
type errands struct {
	city  *network.City
	ids   []int
	index *geo.Index
	all   []int // every position in index, where they are no more than candidates
	scale float64
}

// candidates is how many of the nearest places a choice is made among.
const candidates = 8

func (b *builder) errands(cat dataset.Category, scale float64) *errands {
	e := &errands{city: b.City, scale: scale}
	var pts []geo.XY
	for i := range b.City.Places {
		if p := &b.City.Places[i]; p.Category == cat {
			e.ids, pts = append(e.ids, i), append(pts, p.Pos)
		}
	}
	if len(pts) == 0 {
		b.warn("no %s on the map: nobody visits one", cat)
		return e
	}
	e.index = geo.NewIndex(pts)
	if len(pts) <= candidates {
		for k := range pts {
			e.all = append(e.all, k)
		}
	}
	return e
}

// near chooses one of the places nearest to q, with chances proportional to
// capacity · exp(−d/scale) (Huff 1963), by the uniform draw u.
func (e *errands) near(q geo.XY, u float64) Spot {
	if e.index == nil {
		return None
	}
	var ids [candidates]int
	found := e.all
	if found == nil {
		found = e.index.NearestN(ids[:0], q, candidates)
	}
	var cum [candidates]float64
	nearest := math.Inf(1)
	for i, k := range found {
		cum[i] = q.Dist(e.index.At(k))
		nearest = min(nearest, cum[i])
	}
	sum := 0.0
	for i, k := range found {
		// Relative distances, so that nothing underflows far out.
		sum += float64(capacity(&e.city.Places[e.ids[k]]) * math.Exp((nearest-cum[i])/e.scale))
		cum[i] = sum
	}
	return Spot(e.ids[found[search(cum[:len(found)], u*sum)]])
}

// placeErrands gives everybody the places that they go to besides: favourites
// near home, the second shop and the lunch restaurant near the main place.
func (b *builder) placeErrands() error {
	c := &b.Config
	shop, salon := b.errands(dataset.Shop, c.ErrandScaleM), b.errands(dataset.Salon, c.ErrandScaleM)
	store := b.errands(dataset.DepartmentStore, c.StoreScaleM)
	restaurant, leisure := b.errands(dataset.Restaurant, c.ErrandScaleM), b.errands(dataset.Leisure, 2*c.ErrandScaleM)
	worship, hospital := b.errands(dataset.Worship, c.ErrandScaleM), b.errands(dataset.Hospital, c.StoreScaleM)
	scope := sigcity.Scope(b.Seed, "population.errands")
	return b.each(len(b.Persons), func(_ *sigcity.Stream, i int) {
		p := &b.Persons[i]
		h := sigcity.Mix(scope, uint64(i))
		u := func(k uint64) float64 { return sigcity.Unit(sigcity.Mix(h, k)) }
		home := b.Households[p.Household].Pos
		day := home
		if p.Main != None {
			day = b.Pos(p.Main)
		}
		p.Shop = [2]Spot{shop.near(home, u(0)), shop.near(day, u(1))}
		p.Salon, p.Store = salon.near(home, u(2)), store.near(home, u(3))
		p.Restaurant, p.Lunch = restaurant.near(home, u(4)), restaurant.near(day, u(5))
		p.Leisure, p.Worship, p.Hospital = leisure.near(home, u(6)), worship.near(home, u(7)), hospital.near(home, u(8))
	})
}
