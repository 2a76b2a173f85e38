package population

import (
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// Margin is one distribution that the population was fitted to, and how well.
// Residuals are the largest over its cells, in percentage points of all
// households, or of all persons where Persons is set.
type Margin struct {
	Name     string
	Persons  bool
	Cells    int
	Fit      float64 // of the weighted sample
	Residual float64 // of the whole households that live in the city
	Cell     string  // where the latter is
}

// Fit is the report of the fit.
type Fit struct {
	Sample     int // households of the seed sample
	Iterations int
	Worst      float64 // relative residual of the worst cell after the last one
	Margins    []Margin
}

// control is one cell of a margin: how many a household holds of it.
type control struct {
	margin, cell string
	persons      bool
	target       float64 // per household
	ids          []uint32
	counts       []float64 // along ids
}

// sum is how many there are per household with the weights w.
func (c *control) sum(w []float64) float64 {
	s := 0.0
	for i, id := range c.ids {
		s += float64(w[id] * c.counts[i])
	}
	return s
}

// counter tells how many of a cell a household holds.
type counter func(h *specimen) int

// members counts the members that a condition holds for.
func members(f func(m *traits) bool) counter {
	return func(h *specimen) int {
		n := 0
		for i := range h.members {
			if f(&h.members[i]) {
				n++
			}
		}
		return n
	}
}

// controls lists all cells of all margins over the sample: those of persons
// first, so that an iteration ends with the households met exactly.
func (s *sampler) controls(sample []specimen) []control {
	c := s.c
	var out []control
	size := s.mean()
	add := func(margin, cell string, persons bool, target float64, count counter) {
		k := control{margin: margin, cell: cell, persons: persons, target: target}
		if persons {
			k.target *= size
		}
		for i := range sample {
			if n := count(&sample[i]); n > 0 {
				k.ids, k.counts = append(k.ids, uint32(i)), append(k.counts, float64(n))
			}
		}
		out = append(out, k)
	}
	for _, sex := range []Sex{Female, Male} {
		ages, employed := c.AgeFemale, c.EmployedFemale
		if sex == Male {
			ages, employed = c.AgeMale, c.EmployedMale
		}
		for group, rate := range employed {
			of := 0.0
			for band, share := range ages {
				if band >= optionalFrom/bandWide && workAge(uint8(band*bandWide)) == group {
					of += share
				}
			}
			add("employment", fmt.Sprintf("%s of %d and over", sex, 15+10*group), true, rate*of, members(func(m *traits) bool {
				return m.sex == sex && m.employment == Employed && workAge(m.age) == group
			}))
		}
		for band, share := range ages {
			add("age and sex", fmt.Sprintf("%s of %d and over", sex, band*bandWide), true, share, members(func(m *traits) bool {
				return m.sex == sex && ageBand(m.age) == band
			}))
		}
	}
	for _, e := range []struct {
		margin   string
		from, to int
		rate     float64
		what     Employment
	}{
		{"preschool", preschoolFrom, schoolFrom, c.PreschoolEnrolment, Preschool},
		{"school", optionalFrom, adultFrom, c.SchoolEnrolment, Pupil},
		{"university", adultFrom, graduateFrom, c.UniversityShare, Student},
	} {
		all := s.between(e.from, e.to)
		for _, in := range []bool{true, false} {
			cell, target := "enrolled", all*e.rate
			if !in {
				cell, target = "not enrolled", all-target
			}
			add(e.margin, cell, true, target, members(func(m *traits) bool {
				return int(m.age) >= e.from && int(m.age) < e.to && (m.employment == e.what) == in
			}))
		}
	}
	is := func(f func(h *specimen) bool) counter {
		return func(h *specimen) int {
			if f(h) {
				return 1
			}
			return 0
		}
	}
	for k := range 5 {
		add("income", fmt.Sprintf("class %d", k+1), false, 0.2, is(func(h *specimen) bool { return int(h.income) == k+1 }))
	}
	for k, share := range c.Cars {
		add("cars", fmt.Sprint(k), false, share, is(func(h *specimen) bool { return int(h.cars) == k }))
	}
	for k, share := range c.kindShares() {
		add("household type", kindNames[k], false, share, is(func(h *specimen) bool { return int(h.kind) == k }))
	}
	for k, share := range c.HouseholdSizes {
		add("household size", fmt.Sprint(k+1), false, share, is(func(h *specimen) bool { return len(h.members) == k+1 }))
	}
	return out
}

const (
	maxIterations = 400
	converged     = 1e-3 // relative, of the worst cell
	rareCell      = 1e-5 // per household: cells below have no say in convergence
)

// proportional is iterative proportional updating (Ye, Konduri, Pendyala, Sana
// and Waddell 2009): iterative proportional fitting of households and persons
// at once. Each cell in turn scales the weights of all households that hold any of it.
// It returns the weights, which add up to 1 household, the iterations made and the
// relative residual of the worst cell.
func proportional(n int, controls []control) (w []float64, iterations int, worst float64) {
	w = make([]float64, n)
	for i := range w {
		w[i] = 1 / float64(n)
	}
	for iterations < maxIterations {
		iterations++
		worst = 0
		for i := range controls {
			c := &controls[i]
			sum := c.sum(w)
			if c.target > rareCell {
				worst = max(worst, math.Abs(sum/c.target-1))
			}
			if sum <= 0 {
				continue // nobody to scale: the residual tells
			}
			f := c.target / sum
			for _, id := range c.ids {
				w[id] *= f
			}
		}
		if worst < converged {
			break
		}
	}
	return w, iterations, worst
}

// integerise turns weights into whole households of n persons in all: truncate,
// replicate, sample (Lovelace and Ballas 2013). The sample of what truncation
// leaves is systematic, along an order of like households, by the phase u.
func integerise(sample []specimen, w []float64, n int, u float64) []int {
	persons := 0.0
	for i := range sample {
		persons += float64(w[i] * float64(len(sample[i].members)))
	}
	out := make([]int, len(sample))
	rest, taken, have := u, 0.0, 0
	for i := range sample {
		want := w[i] * float64(n) / persons
		whole := math.Floor(want)
		out[i] = int(whole)
		rest += want - whole
		if k := math.Floor(rest); k > taken {
			out[i] += int(k - taken)
			taken = k
		}
		have += out[i] * len(sample[i].members)
	}
	return exactly(sample, w, out, have, n, u)
}

// exactly takes or adds the few households that are one too many or missing.
func exactly(sample []specimen, w []float64, out []int, have, n int, u float64) []int {
	start := int(u * float64(len(sample)))
	for k := 0; have > n; k++ {
		if i := (start + k) % len(sample); out[i] > 0 {
			out[i]--
			have -= len(sample[i].members)
		}
	}
	for have < n {
		best := -1
		for k := range sample {
			i := (start + k) % len(sample)
			size := len(sample[i].members)
			if size > n-have {
				continue
			}
			if best < 0 || size > len(sample[best].members) || (size == len(sample[best].members) && w[best] == 0 && w[i] > 0) {
				best = i
			}
		}
		out[best]++ // there are households of one in every sample
		have += len(sample[best].members)
		start++
	}
	return out
}

// fit makes the households: how many of each of the sample's.
func (b *builder) fit(persons int) (sample []specimen, counts []int) {
	s := newSampler(&b.Config)
	sample = s.sample(b.Seed)
	controls := s.controls(sample)
	w, iterations, worst := proportional(len(sample), controls)
	counts = integerise(sample, w, persons, sigcity.Unit(sigcity.Hash(b.Seed, "population.integerise")))
	b.Fit = Fit{Sample: len(sample), Iterations: iterations, Worst: worst}
	whole, households := make([]float64, len(counts)), 0.0
	for i, k := range counts {
		whole[i] = float64(k)
		households += whole[i]
	}
	weight := 0.0
	for i := range w {
		weight += w[i]
	}
	for i := range controls {
		c := &controls[i]
		at := slices.IndexFunc(b.Fit.Margins, func(m Margin) bool { return m.Name == c.margin })
		if at < 0 {
			at = len(b.Fit.Margins)
			b.Fit.Margins = append(b.Fit.Margins, Margin{Name: c.margin, Persons: c.persons})
		}
		m := &b.Fit.Margins[at]
		m.Cells++
		fitted, got, want := c.sum(w)/weight, c.sum(whole)/households, c.target
		if c.persons { // per household, as a share of persons
			size := float64(persons) / households
			mean := s.mean()
			fitted, got, want = fitted/mean, got/size, want/mean
		}
		m.Fit = max(m.Fit, 100*math.Abs(fitted-want))
		if r := 100 * math.Abs(got-want); r > m.Residual {
			m.Residual, m.Cell = r, c.cell
		}
	}
	for _, m := range b.Fit.Margins {
		// Whole households of a small sample cannot meet shares closely.
		if m.Residual > 1+150/math.Sqrt(households) {
			b.warn("margin %s of city %q is missed by %.1f points (%s)", m.Name, b.Config.City, m.Residual, m.Cell)
		}
	}
	if worst > 0.05 {
		b.warn("the margins of city %q contradict each other: after %d iterations one is missed by %.0f %%", b.Config.City, iterations, 100*worst)
	}
	return sample, counts
}

// mean is the mean size of a household in the margins.
func (s *sampler) mean() float64 {
	m := 0.0
	for i, share := range s.c.HouseholdSizes {
		m += float64(share * float64(i+1))
	}
	return m
}
