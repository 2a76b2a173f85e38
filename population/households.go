package population

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// form makes n persons in households, fitted to the margins, in random order.
func (b *builder) form(n int) error {
	sample, counts := b.fit(n)
	var made []uint32 // which of the sample each household is
	for i, k := range counts {
		for range k {
			made = append(made, uint32(i))
		}
	}
	order := sigcity.NewPermutation(uint32(len(made)), sigcity.Hash(b.Seed, "population.order"))
	b.Households = make([]Household, len(made))
	b.Persons = make([]Person, n)
	first := uint32(0)
	for h := range b.Households {
		of := &sample[made[order.At(uint32(h))]]
		b.Households[h] = Household{First: first, Size: uint8(len(of.members)), Income: of.income, Cars: of.cars}
		for _, m := range of.members {
			b.Persons[first] = Person{Household: uint32(h), Age: m.age, Sex: m.sex, Employment: m.employment, Role: m.role,
				Main: None, Lunch: None, Shop: [2]Spot{None, None}, Salon: None, Store: None, Restaurant: None, Leisure: None,
				Worship: None, Hospital: None}
			first++
		}
	}
	return nil
}

// ranked is something to be matched by rank.
type ranked struct {
	rank float64
	id   uint32
}

func byRank(a, b ranked) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id)) }

// settle gives every household a home. The homes are a systematic sample of
// the dwellings, so that a building never holds more than its share; richer
// households get those of more affluent neighbourhoods: both are ordered, with
// so much noise as the configuration says, and matched by rank.
func (b *builder) settle() error {
	city := b.City
	total := 0.0
	for i := range city.Buildings {
		total += max(city.Buildings[i].Dwellings, 0)
	}
	if total <= 0 {
		return fmt.Errorf("%d buildings, but none with a dwelling", len(city.Buildings))
	}
	n := len(b.Households)
	phase := sigcity.Unit(sigcity.Hash(b.Seed, "population.home.phase"))
	building := make([]int32, n) // of each home
	k, upto, last := -1, 0.0, 0
	for i := range building {
		at := (float64(i) + phase) / float64(n) * total
		for k+1 < len(city.Buildings) && upto <= at {
			k++
			if d := city.Buildings[k].Dwellings; d > 0 {
				upto += d
				last = k
			}
		}
		building[i] = int32(last)
	}

	communities := make([]geo.XY, len(city.Communities))
	for i, c := range city.Communities {
		communities[i] = c.Pos
	}
	near := geo.NewIndex(communities)
	community := make([]int32, n) // of each home; outside the neighbourhoods, the nearest
	homes, households := make([]ranked, n), make([]ranked, n)
	rank := sigcity.Scope(b.Seed, "population.home.rank")
	err := b.each(n, func(_ *sigcity.Stream, i int) {
		home := &city.Buildings[building[i]]
		community[i] = home.Community
		if home.Community < 0 {
			k, _ := near.Nearest(home.Pos)
			community[i] = int32(k)
		}
		affluence := b.affluence(community[i])
		h := sigcity.Mix(rank, uint64(i))
		u := sigcity.Unit(h)
		homes[i] = ranked{float64(affluence) + u, uint32(i)}
		class := 1 + float64(5*sigcity.Unit(sigcity.Mix(h, 1))) // lives anywhere
		if sigcity.Unit(sigcity.Mix(h, 2)) < b.Config.IncomeFromCommunity {
			class = float64(b.Households[i].Income) + sigcity.Unit(sigcity.Mix(h, 3))
		}
		households[i] = ranked{class, uint32(i)}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(homes, byRank)
	slices.SortFunc(households, byRank)
	scatter := sigcity.Scope(b.Seed, "population.home.scatter")
	return b.each(n, func(_ *sigcity.Stream, i int) {
		home, id := homes[i].id, households[i].id
		hh := &b.Households[id]
		d := b.dwellingIn(building[home], sigcity.Mix(scatter, uint64(id)))
		hh.Building, hh.Community, hh.Pos = d.Building, community[home], d.Pos
	})
}

// standInM is how far in each direction homes lie around a stand-in (assumed:
// half the usual distance of residential streets).
const standInM = 25.0

// describe draws who drives the household's cars, and who consents.
func (b *builder) describe() error {
	scope := sigcity.Scope(b.Seed, "population.attributes")
	return b.each(len(b.Households), func(s *sigcity.Stream, h int) {
		hh := &b.Households[h]
		family := b.Persons[hh.First : hh.First+uint32(hh.Size)]
		r := s.Seed(sigcity.Mix(scope, uint64(h)))
		for i := range family {
			family[i].Consent = r.Float64() < b.Config.Consent.rate(&family[i], hh.Income)
		}
		b.Config.handOutCars(r, hh, family)
	})
}

// rate is the chance that p agrees.
func (c *Consent) rate(p *Person, income uint8) float64 {
	rate := c.Base + float64(c.PerIncome*(float64(income)-3))
	switch {
	case p.Age < 18:
		rate += c.Minor
	case p.Age < 30:
		rate += c.Young
	case p.Age >= 60:
		rate += c.Elder
	}
	if p.Sex == Female {
		rate += c.Female
	}
	return min(max(rate, 0), 1)
}

// handOutCars gives the household's cars to its drivers, working ones first: a
// car has one driver, and a household with a car has one who may drive it.
func (c *Config) handOutCars(r *rand.Rand, hh *Household, family []Person) {
	type driver struct {
		member int
		order  float64
	}
	drivers := make([]driver, 0, 8)
	for i := range family {
		p := &family[i]
		if p.Age < adultFrom || p.Age >= 80 {
			continue
		}
		rate := c.LicenceFemale
		if p.Sex == Male {
			rate = c.LicenceMale
		}
		d := driver{i, r.Float64()}
		if r.Float64() >= rate {
			d.order += 2
		}
		if p.Employment != Employed {
			d.order++
		}
		drivers = append(drivers, d)
	}
	slices.SortFunc(drivers, func(a, b driver) int { return cmp.Compare(a.order, b.order) })
	for k, d := range drivers[:min(int(hh.Cars), len(drivers))] {
		if k > 0 && d.order >= 2 {
			break // no licence: the further car has no driver of its own
		}
		family[d.member].Car = true
	}
}

// pick is the index that u in [0, 1) falls on when the weights, which add up
// to 1, lie side by side.
func pick(weights []float64, u float64) int {
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}
