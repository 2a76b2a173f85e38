package population

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/sigcity/sigcity"
)

// The age bands of the margins: 0 to 4, 5 to 9, … 85 and over.
const (
	ageBands = 18
	bandWide = 5
	oldest   = 100 // ages are below
)

func ageBand(age uint8) int { return min(int(age)/bandWide, ageBands-1) }

// The age groups of employment: 15 to 24, … 55 to 64, 65 and over.
const workAges = 6

// workAge is the age group of employment; age is at least 15.
func workAge(age uint8) int { return min((int(age)-15)/10, workAges-1) }

// The ages of the schooling margins, the ends exclusive.
const (
	preschoolFrom, schoolFrom  = 3, 6
	optionalFrom, adultFrom    = 15, 18 // school beyond compulsory age
	graduateFrom, retiredAfter = 23, 60
)

// kind is the make-up of a household.
type kind uint8

const (
	single kind = iota
	couple
	parents
	loneParent
	threeGeneration
	adults
	kinds int = iota
)

var kindNames = [kinds]string{"single", "couple", "parents", "lone parent", "three generations", "adults"}

// shares lists the shares of the kinds in order, among all households.
func (c *Config) kindShares() [kinds]float64 {
	t, more := &c.HouseholdTypes, 1-c.HouseholdSizes[0]
	return [kinds]float64{c.HouseholdSizes[0], more * t.Couple, more * t.Parents, more * t.LoneParent, more * t.ThreeGeneration, more * t.Adults}
}

// holds says whether a household of the kind may have so many members.
func (k kind) holds(size int) bool {
	switch k {
	case single:
		return size == 1
	case couple:
		return size == 2
	case parents:
		return size >= 3
	case loneParent:
		return size >= 2 && size <= 4
	case threeGeneration:
		return size >= 3
	}
	return size >= 2 && size <= 4
}

// traits are what the seed sample says of a person.
type traits struct {
	age        uint8
	sex        Sex
	role       Role
	employment Employment
}

// specimen is a household of the seed sample.
type specimen struct {
	kind    kind
	income  uint8 // class 1 … 5
	cars    uint8
	members []traits // an adult first
}

// sampleSize is how many households the seed sample has, about. More would
// make the fit slower and not better: its residuals are below the noise of whole persons.
const sampleSize = 6000

// sampler draws the seed sample: plausible households of every size and make-up
// that the margins know. Who lives with whom, and what hangs together with
// what, is decided here; how often each occurs is the fit's. The spans between
// the ages of partners, parents and children are assumed.
type sampler struct {
	c      *Config
	r      *rand.Rand
	byYear [oldest]float64 // share of the persons of each year of age, within bands even
	cum    [oldest + 1]float64
	child  [oldest + 1]float64 // cumulative, of those who live with parents
}

func newSampler(c *Config) *sampler {
	s := &sampler{c: c}
	tail := 0.0 // from 85 on every year has 0.8 of the one before
	for age, w := (ageBands-1)*bandWide, 1.0; age < oldest; age, w = age+1, w*0.8 {
		s.byYear[age] = w
		tail += w
	}
	for age := range s.byYear {
		band := ageBand(uint8(age))
		share := c.AgeMale[band] + c.AgeFemale[band]
		if band == ageBands-1 {
			s.byYear[age] *= share / tail
		} else {
			s.byYear[age] = share / bandWide
		}
		s.cum[age+1] = s.cum[age] + s.byYear[age]
		s.child[age+1] = s.child[age] + float64((s.byYear[age]+1e-6)*athome(age))
	}
	return s
}

// athome is the share of people who live with their parents (assumed).
func athome(age int) float64 {
	switch {
	case age < 18:
		return 1
	case age < 30:
		return 1 - float64(float64(age-17)*0.06)
	case age < 46:
		return 0.1
	}
	return 0
}

// between is the share of persons of from ≤ age < to.
func (s *sampler) between(from, to int) float64 { return s.cum[to] - s.cum[from] }

// age draws an age from the margins, from ≤ age < to.
func (s *sampler) age(cum *[oldest + 1]float64, from, to int) int {
	lo, hi := cum[from], cum[to]
	if hi <= lo { // nobody of that age in the margins
		return from + s.r.IntN(to-from)
	}
	x := lo + float64((hi-lo)*s.r.Float64())
	return min(from+sort.SearchFloat64s(cum[from+1:to], x), to-1)
}

// sample draws the seed sample, by size, then kind.
func (s *sampler) sample(seed uint64) []specimen {
	const least = 40 // of a size, however rare
	var stream sigcity.Stream
	scope := sigcity.Scope(seed, "population.sample")
	target := s.c.kindShares()
	var out []specimen
	for i, share := range s.c.HouseholdSizes {
		size, n := i+1, max(least, int(share*sampleSize))
		weights, sum := [kinds]float64{}, 0.0
		for k := range weights {
			if kind(k).holds(size) {
				weights[k] = max(target[k], 0.01)
				sum += weights[k]
			}
		}
		for j := range n {
			s.r = stream.Seed(sigcity.Mix(scope, uint64(len(out))))
			u, k := float64((float64(j)+0.5)/float64(n)*sum), 0
			for ; k < kinds-1 && u >= weights[k]; k++ {
				u -= weights[k]
			}
			out = append(out, s.household(kind(k), size))
		}
	}
	// Like households side by side: a systematic sample then has all of them in proportion.
	slices.SortStableFunc(out, func(a, b specimen) int {
		return cmp.Or(cmp.Compare(len(a.members), len(b.members)), cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.members[0].age, b.members[0].age), cmp.Compare(a.income, b.income))
	})
	return out
}

// household draws one household.
func (s *sampler) household(k kind, size int) specimen {
	h := specimen{kind: k, members: make([]traits, 0, size)}
	add := func(role Role, sex Sex, age int) {
		h.members = append(h.members, traits{age: uint8(min(max(age, 0), oldest-1)), sex: sex, role: role})
	}
	r := s.r
	sex := func() Sex { return Sex(r.IntN(2)) }
	pair := func(role Role, hers int) { // husbands are two years older on average
		add(role, Female, hers)
		add(role, Male, max(hers-2+r.IntN(9), 18))
	}
	lead := func(role Role, age int) {
		who := Female
		if r.Float64() < 0.2 {
			who = Male
		}
		add(role, who, age)
	}
	switch child := s.age(&s.child, 0, oldest); k {
	case single:
		add(Single, sex(), s.age(&s.cum, adultFrom, oldest))
	case couple:
		pair(Partner, s.age(&s.cum, 20, oldest))
	case adults:
		age := s.age(&s.cum, adultFrom, oldest)
		for range size {
			add(Single, sex(), max(age-6+r.IntN(13), adultFrom))
		}
	default:
		mother := child + 20 + r.IntN(17)
		if k == loneParent || (k == threeGeneration && size == 3) {
			lead(Single, mother)
		} else {
			pair(Partner, mother)
		}
		if k == threeGeneration {
			elder := max(mother+20+r.IntN(16), retiredAfter)
			if size-len(h.members) > 2 && r.IntN(2) == 0 {
				pair(Grandparent, elder)
			} else {
				lead(Grandparent, elder)
			}
		}
		for len(h.members) < size {
			add(Child, sex(), child)
			child = max(0, child-1-r.IntN(4))
		}
	}
	s.occupy(&h)
	return h
}

// occupy gives the members their occupations, and the household income and cars.
func (s *sampler) occupy(h *specimen) {
	c, r := s.c, s.r
	baby, working, drivers := false, 0.0, 0
	for i := range h.members {
		baby = baby || h.members[i].age < preschoolFrom
	}
	for i := range h.members {
		m := &h.members[i]
		m.employment = s.employment(m, baby)
		if m.employment == Employed {
			working++
		}
		if m.mayDrive() {
			drivers++
		}
	}
	latent := r.NormFloat64() + float64(c.IncomeFromWork*(working/float64(len(h.members))-0.5))
	h.income = 1
	for _, cut := range [...]float64{-0.84, -0.25, 0.25, 0.84} { // quintiles of the normal distribution
		if latent > cut {
			h.income++
		}
	}
	odds := 1.0
	for range h.income {
		odds *= c.CarIncomeOdds
	}
	odds /= c.CarIncomeOdds * c.CarIncomeOdds * c.CarIncomeOdds // class 3 has the margins' odds
	for int(h.cars) < len(c.Cars)-1 && int(h.cars) <= drivers && drivers > 0 {
		rest := 0.0 // of the households with so many cars, those that have more
		for _, share := range c.Cars[h.cars:] {
			rest += share
		}
		if rest <= 0 {
			break
		}
		p := min(max(1-c.Cars[h.cars]/rest, 0.02), 0.98)
		if r.Float64() >= float64(p*odds)/(1-p+float64(p*odds)) {
			break
		}
		h.cars++
	}
}

// mayDrive tells who is of an age to drive.
func (m *traits) mayDrive() bool { return m.age >= adultFrom && m.age < 80 }

// employment draws what a member does. Every outcome of a margin has a chance
// here, or the fit could not reach it.
func (s *sampler) employment(m *traits, baby bool) Employment {
	c, u, v := s.c, s.r.Float64(), s.r.Float64() // always two: attributes of later members do not shift
	chance := func(p float64) bool { return u < min(max(p, 0.03), 0.97) }
	switch {
	case m.age < preschoolFrom:
		return Infant
	case m.age < schoolFrom:
		if chance(c.PreschoolEnrolment) {
			return Preschool
		}
		return Infant
	case m.age < optionalFrom:
		return Pupil
	case m.age < adultFrom:
		if chance(c.SchoolEnrolment) {
			return Pupil
		}
		return Unemployed
	case m.age < graduateFrom && m.role != Partner && chance(c.UniversityShare):
		return Student
	}
	rate, homemaker := c.EmployedMale[workAge(m.age)], c.HomemakerMale
	if m.sex == Female {
		rate, homemaker = c.EmployedFemale[workAge(m.age)], c.HomemakerFemale
		if baby && m.role != Grandparent && m.role != Child {
			rate *= c.EmployedMother
		}
	}
	switch {
	case v < min(max(rate, 0.03), 0.97):
		return Employed
	case m.age >= retiredAfter:
		return Retired
	case s.r.Float64() < homemaker:
		return Homemaker
	}
	return Unemployed
}
