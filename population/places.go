package population

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// spareShare is how much more than its share of jobs or seats a zone takes
// (assumed): where a map has more work and schools than homes, nobody crosses
// the region to fill the last of them.
const spareShare = 0.5

// sizeClasses are the inhabitants up to which the first size classes of
// cities reach (those of China's State Council 2014, from its large cities on).
var sizeClasses = [...]float64{3e6, 5e6, 10e6}

// Commute is how the way to work was calibrated, in metres as the crow flies.
type Commute struct {
	Wanted float64 // mean of the size class
	Target float64 // that, or what the map allows
	Mean   float64 // of the flows between zones that came out
	Scale  float64 // of the deterrence exp(−d/scale)
}

// placeMain gives workers a work place, and students, pupils and preschool
// children theirs. Children of one household share kindergarten and school.
func (b *builder) placeMain() error {
	c := &b.Config
	homes := b.homes()
	for _, m := range []struct {
		who      Employment
		what     string
		supplies []supply
		scale    float64 // 0 = by the mean way to work
		shared   bool    // by the household
	}{
		{Employed, "work place", b.jobs(), 0, false},
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
		f := newFurness(b.ctx, b.workers, homes, m.supplies, spareShare)
		var err error
		if m.scale > 0 {
			err = f.balance(m.scale)
		} else {
			err = b.commute(f)
		}
		if err != nil {
			return err
		}
		g, err := f.finish()
		if err != nil {
			return err
		}
		b.mains[m.who] = g
		scope := sigcity.Scope(b.Seed, "population.main."+m.what)
		err = b.each(len(who), func(_ *sigcity.Stream, k int) {
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

// commute calibrates the way to work to the mean of the city's size class. The
// size is that of the map, by its dwellings: a sample of few persons of a
// large city has its distances.
func (b *builder) commute(f *furness) error {
	size := 0.0
	for i, share := range b.Config.HouseholdSizes {
		size += float64(share * float64(i+1))
	}
	class := 0
	for class < len(sizeClasses) && f.sumO*size > sizeClasses[class] {
		class++
	}
	blind, err := f.mean(true)
	if err != nil {
		return err
	}
	c := Commute{Wanted: b.Config.CommuteMeanM[class]}
	c.Target = min(c.Wanted, b.Config.CommuteTightness*blind)
	if c.Target < c.Wanted {
		b.warn("the way to work is %.1f km on average, not %.1f: on this map a job drawn blindly is %.1f km away", c.Target/1000, c.Wanted/1000, blind/1000)
	}
	if c.Scale, c.Mean, err = f.calibrate(c.Target); err != nil {
		return err
	}
	if math.Abs(c.Mean/c.Target-1) > 0.05 {
		b.warn("the way to work is %.1f km on average, not %.1f: homes and jobs allow no other", c.Mean/1000, c.Target/1000)
	}
	b.Commute = c
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
			out = append(out, supply{pos: p.Pos, weight: p.Jobs, spot: Spot(i)})
		}
	}
	for i := range b.City.Buildings {
		if h := &b.City.Buildings[i]; h.Jobs > 0 {
			out = append(out, supply{pos: h.Pos, weight: h.Jobs, spot: BuildingSpot(i)})
		}
	}
	for i := range out {
		if b.officeLike(out[i].spot) {
			out[i].kind = 1
		}
	}
	return out
}

// officeLike tells the work places of white-collar workers.
func (p *Population) officeLike(s Spot) bool {
	if s < 0 {
		use := p.City.Buildings[^s].Use
		return use == network.Commercial || use == network.Public
	}
	switch p.City.Places[s].Category {
	case dataset.Office, dataset.University, dataset.School, dataset.Hospital:
		return true
	}
	return false
}

// WhiteCollar says whether a person works at an office, a school, a university
// or a hospital.
func (p *Population) WhiteCollar(who *Person) bool {
	return who.Employment == Employed && who.Main != None && p.officeLike(who.Main)
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

// choice is what people at one point choose among: the places nearest to it,
// with chances proportional to capacity · exp(−d/scale) (Huff 1963).
type choice struct {
	n    int
	spot [candidates]Spot
	cum  [candidates]float64
}

// at makes the choice for people at q.
func (e *errands) at(q geo.XY) (c choice) {
	if e.index == nil {
		return c
	}
	var ids [candidates]int
	found := e.all
	if found == nil {
		found = e.index.NearestN(ids[:0], q, candidates)
	}
	c.n = len(found)
	nearest := math.Inf(1)
	for i, k := range found {
		c.cum[i] = q.Dist(e.index.At(k))
		nearest = min(nearest, c.cum[i])
	}
	sum := 0.0
	for i, k := range found {
		c.spot[i] = Spot(e.ids[k])
		// Relative distances, so that nothing underflows far out.
		sum += float64(capacity(&e.city.Places[e.ids[k]]) * math.Exp((nearest-c.cum[i])/e.scale))
		c.cum[i] = sum
	}
	return c
}

// draw chooses by the uniform draw u; None where there is nothing to choose.
func (c *choice) draw(u float64) Spot {
	if c.n == 0 {
		return None
	}
	return c.spot[search(c.cum[:c.n], u*c.cum[c.n-1])]
}

// together lists ids in order of their keys, and where the runs of equal keys begin.
func together(n int, key func(i uint32) Spot, keep func(i uint32) bool) (ids []uint32, starts []int) {
	for i := range uint32(n) {
		if keep(i) {
			ids = append(ids, i)
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b)) })
	for k := range ids {
		if k == 0 || key(ids[k]) != key(ids[k-1]) {
			starts = append(starts, k)
		}
	}
	return ids, append(starts, len(ids))
}

// placeErrands gives everybody the places that they go to besides: favourites
// near home, the second shop and the lunch restaurant near the main place, or
// near home for those who have none. What there is to choose among is found
// once for all who live in a building or work at a place.
func (b *builder) placeErrands() error {
	c := &b.Config
	shop, salon := b.errands(dataset.Shop, c.ErrandScaleM), b.errands(dataset.Salon, c.ErrandScaleM)
	store := b.errands(dataset.DepartmentStore, c.StoreScaleM)
	restaurant, leisure := b.errands(dataset.Restaurant, c.ErrandScaleM), b.errands(dataset.Leisure, 2*c.ErrandScaleM)
	worship, hospital := b.errands(dataset.Worship, c.ErrandScaleM), b.errands(dataset.Hospital, c.StoreScaleM)
	b.venues = map[dataset.Category]*Venues{}
	for _, cat := range []dataset.Category{dataset.Shop, dataset.Salon, dataset.DepartmentStore, dataset.Restaurant, dataset.Leisure} {
		b.venues[cat] = newVenues(b.City, cat)
	}
	scope := sigcity.Scope(b.Seed, "population.errands")
	uniform := func(i uint32) func(k uint64) float64 {
		h := sigcity.Mix(scope, uint64(i))
		return func(k uint64) float64 { return sigcity.Unit(sigcity.Mix(h, k)) }
	}
	households, homes := together(len(b.Households), func(i uint32) Spot { return Spot(b.Households[i].Building) },
		func(uint32) bool { return true })
	err := b.each(len(homes)-1, func(_ *sigcity.Stream, k int) {
		q := b.City.Buildings[b.Households[households[homes[k]]].Building].Pos
		shops, salons, stores, restaurants := shop.at(q), salon.at(q), store.at(q), restaurant.at(q)
		leisures, worships, hospitals := leisure.at(q), worship.at(q), hospital.at(q)
		for _, h := range households[homes[k]:homes[k+1]] {
			for i, limit := b.Members(h); i < limit; i++ {
				p, u := &b.Persons[i], uniform(i)
				p.Shop = [2]Spot{shops.draw(u(0)), shops.draw(u(1))}
				p.Salon, p.Store = salons.draw(u(2)), stores.draw(u(3))
				p.Restaurant, p.Lunch = restaurants.draw(u(4)), restaurants.draw(u(5))
				p.Leisure, p.Worship, p.Hospital = leisures.draw(u(6)), worships.draw(u(7)), hospitals.draw(u(8))
			}
		}
	})
	if err != nil {
		return err
	}
	persons, mains := together(len(b.Persons), func(i uint32) Spot { return b.Persons[i].Main }, func(i uint32) bool { return b.Persons[i].Main != None })
	return b.each(len(mains)-1, func(_ *sigcity.Stream, k int) {
		q := b.Pos(b.Persons[persons[mains[k]]].Main)
		shops, restaurants := shop.at(q), restaurant.at(q)
		for _, i := range persons[mains[k]:mains[k+1]] {
			u := uniform(i)
			b.Persons[i].Shop[1], b.Persons[i].Lunch = shops.draw(u(1)), restaurants.draw(u(5))
		}
	})
}
