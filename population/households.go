package population

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// form cuts n persons into households and draws roles and ages.
func (b *builder) form(n int) error {
	scope := sigcity.Scope(b.Seed, "population.size")
	for left := n; left > 0; {
		u := sigcity.Unit(sigcity.Mix(scope, uint64(len(b.Households))))
		size := min(1+pick(b.Config.HouseholdSizes, u), left)
		b.Households = append(b.Households, Household{First: uint32(n - left), Size: uint8(size)})
		left -= size
	}
	b.Persons = make([]Person, n)
	members := sigcity.Scope(b.Seed, "population.members")
	return b.each(len(b.Households), func(s *sigcity.Stream, h int) {
		first, limit := b.Members(uint32(h))
		family := b.Persons[first:limit]
		for i := range family {
			family[i] = Person{Household: uint32(h), Main: None, Lunch: None, Shop: [2]Spot{None, None}, Salon: None,
				Store: None, Restaurant: None, Leisure: None, Worship: None, Hospital: None}
		}
		b.Config.compose(s.Seed(sigcity.Mix(members, uint64(h))), family)
	})
}

// compose draws who lives in a household and how old they are: adults first,
// then elders, then children, so that member 0 is always an adult.
func (c *Config) compose(r *rand.Rand, family []Person) {
	set := func(i int, role Role, age int) {
		family[i].Role, family[i].Age = role, uint8(min(max(age, 0), 99))
	}
	elder := func() int { return 60 + int(min(r.ExpFloat64()*9, 38)) }
	u := r.Float64()
	switch n := len(family); {
	case n == 1 && u < c.ElderlySingles:
		set(0, Single, elder())
	case n == 1:
		set(0, Single, 19+r.IntN(41))
	case n == 2 && u < c.ElderlyCouples:
		age := elder()
		set(0, Partner, age)
		set(1, Partner, max(60, age-3+r.IntN(7)))
	case n == 2 && u < c.ElderlyCouples+c.LoneParents:
		child := c.childAge(r)
		set(0, Single, min(child+20+r.IntN(16), 59))
		set(1, Child, child)
	case n == 2:
		age := 23 + r.IntN(36)
		set(0, Partner, age)
		set(1, Partner, min(max(20, age-4+r.IntN(9)), 59))
	default:
		elders := 0
		for range n - 3 { // one of the others is a child for sure
			if elders < 2 && r.Float64() < c.Grandparents {
				elders++
			}
		}
		child := c.childAge(r)
		parent := child + 21 + r.IntN(13)
		set(0, Partner, parent)
		set(1, Partner, parent-3+r.IntN(7))
		for i := range elders {
			set(2+i, Grandparent, max(60, parent+22+r.IntN(10)))
		}
		for i := 2 + elders; i < n; i++ {
			set(i, Child, child)
			child = max(0, child-1-r.IntN(4))
		}
	}
}

// childAge is the age of a family's eldest child who still lives there.
func (c *Config) childAge(r *rand.Rand) int {
	if r.Float64() < c.ChildrenUnder15 {
		return r.IntN(15)
	}
	return 15 + r.IntN(12)
}

// settle gives every household a home: a systematic sample of the dwellings,
// so that a building never holds more than its share, in random order.
func (b *builder) settle() error {
	cum := make([]float64, len(b.City.Buildings)+1)
	for i, building := range b.City.Buildings {
		cum[i+1] = cum[i] + max(building.Dwellings, 0)
	}
	total := cum[len(cum)-1]
	if total <= 0 {
		return fmt.Errorf("%d buildings, but none with a dwelling", len(b.City.Buildings))
	}
	n := len(b.Households)
	order := sigcity.NewPermutation(uint32(n), sigcity.Hash(b.Seed, "population.home.order"))
	phase := sigcity.Unit(sigcity.Hash(b.Seed, "population.home.phase"))
	scatter := sigcity.Scope(b.Seed, "population.home.scatter")
	communities := make([]geo.XY, len(b.City.Communities))
	for i, c := range b.City.Communities {
		communities[i] = c.Pos
	}
	near := geo.NewIndex(communities)
	return b.each(n, func(_ *sigcity.Stream, i int) {
		// Below total whatever the rounding: the last building may have no dwelling.
		at := min((float64(order.At(uint32(i)))+phase)/float64(n)*total, math.Nextafter(total, 0))
		k := sort.Search(len(b.City.Buildings), func(k int) bool { return cum[k+1] > at })
		building := &b.City.Buildings[k]
		hh := &b.Households[i]
		hh.Building, hh.Community, hh.Pos = int32(k), building.Community, building.Pos
		if building.Ring == nil {
			// A stand-in is a stretch of street or land: its homes do not share one point.
			h := sigcity.Mix(scatter, uint64(i))
			hh.Pos = hh.Pos.Lerp(geo.XY{X: hh.Pos.X + standInM, Y: hh.Pos.Y}, 2*sigcity.Unit(h)-1)
			hh.Pos = hh.Pos.Lerp(geo.XY{X: hh.Pos.X, Y: hh.Pos.Y + standInM}, 2*sigcity.Unit(sigcity.Mix(h, 1))-1)
		}
		if hh.Community < 0 { // lives outside the neighbourhoods: belongs to the nearest
			k, _ := near.Nearest(hh.Pos)
			hh.Community = int32(k)
		}
	})
}

// standInM is how far in each direction homes lie around a stand-in (assumed:
// half the usual distance of residential streets).
const standInM = 25.0

// describe draws sex, employment, income, cars and consent.
func (b *builder) describe() error {
	unpaired := make([]uint32, len(b.Persons)) // rank of each person among those without a partner
	n := uint32(0)
	for i := range b.Persons {
		unpaired[i] = n
		if b.Persons[i].Role != Partner {
			n++
		}
	}
	// A systematic sample in random order: the ratio is exact in small samples too.
	males := uint32(b.Config.maleShare(len(b.Persons)-int(n), len(b.Persons))*float64(n) + 0.5)
	order := sigcity.NewPermutation(n, sigcity.Hash(b.Seed, "population.sex"))
	scope := sigcity.Scope(b.Seed, "population.attributes")
	return b.each(len(b.Households), func(s *sigcity.Stream, h int) {
		hh := &b.Households[h]
		family := b.Persons[hh.First : hh.First+uint32(hh.Size)]
		r := s.Seed(sigcity.Mix(scope, uint64(h)))
		hh.Income = uint8(1 + r.IntN(5))
		if u := r.Float64(); hh.Community >= 0 && u < b.Config.IncomeFromCommunity {
			hh.Income = uint8(min(max(b.City.Communities[hh.Community].Affluence, 1), 5))
		}
		baby := slices.ContainsFunc(family, func(p Person) bool { return p.Age < 3 })
		for i := range family {
			p := &family[i]
			p.Sex = Female
			switch {
			case p.Role == Partner && i%2 == 1: // couples are drawn as a woman and a man, in either order
				p.Sex = 1 - family[i-1].Sex
			case p.Role == Partner:
				p.Sex = Sex(r.IntN(2))
			case order.At(unpaired[int(hh.First)+i]) < males:
				p.Sex = Male
			}
			p.Employment = b.Config.employment(r, p, baby)
			p.Consent = r.Float64() < b.Config.Consent.rate(p, hh.Income)
		}
		b.Config.handOutCars(r, hh, family)
	})
}

// maleShare is the chance that a person without a partner is male, such that
// the whole population has the wanted ratio although couples are balanced.
func (c *Config) maleShare(paired, n int) float64 {
	if paired == n {
		return 0.5
	}
	want := c.MalesPer100Females / (100 + c.MalesPer100Females) * float64(n)
	return min(max((want-float64(paired)/2)/float64(n-paired), 0), 1)
}

func (c *Config) employment(r *rand.Rand, p *Person, baby bool) Employment {
	u, v := r.Float64(), r.Float64() // always two draws: attributes of later members do not shift
	rate, homemaker := c.EmployedMale, c.HomemakerMale
	if p.Sex == Female {
		rate, homemaker = c.EmployedFemale, c.HomemakerFemale
		if baby && p.Role != Grandparent && p.Role != Child {
			rate = c.EmployedMother
		}
	}
	switch age := p.Age; {
	case age < 3 || age < 6 && u >= c.PreschoolEnrolment:
		return Infant
	case age < 6:
		return Preschool
	case age < 18:
		return Pupil
	case age <= 22 && p.Role != Partner && u < c.UniversityShare:
		return Student
	case age >= 60 && age < 70 && u < c.EmployedElder, age < 60 && v < rate:
		return Employed
	case age >= 60:
		return Retired
	case r.Float64() < homemaker:
		return Homemaker
	}
	return Unemployed
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

// handOutCars gives the household's cars to its adults, working ones first: a
// car has one driver.
func (c *Config) handOutCars(r *rand.Rand, hh *Household, family []Person) {
	adults := make([]int, 0, 8)
	for i := range family {
		if family[i].Age >= 18 && family[i].Age < 80 {
			adults = append(adults, i)
		}
	}
	u, v := r.Float64(), r.Float64()
	if len(adults) == 0 || u >= c.CarByIncome[hh.Income-1] {
		return
	}
	hh.Cars = 1
	if len(adults) > 1 && v < c.SecondCar {
		hh.Cars = 2
	}
	r.Shuffle(len(adults), func(i, j int) { adults[i], adults[j] = adults[j], adults[i] })
	slices.SortStableFunc(adults, func(i, j int) int {
		return int(min(family[i].Employment, 1)) - int(min(family[j].Employment, 1))
	})
	for _, i := range adults[:hh.Cars] {
		family[i].Car = true
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
