package benchmarks

import (
	"slices"

	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/dataset"
)

// attributeTruth gives a person's true value of an attribute.
type attributeTruth func(c *city, person uint32) string

// majority is the share of the commonest value among persons with a SIM: the
// best that public statistics alone give.
func majority(c *city, truth attributeTruth) float64 {
	counts, n := map[string]int{}, 0
	for _, p := range c.holders() {
		if c.truth.Persons[p].Age >= AdultAge {
			counts[truth(c, p)]++
			n++
		}
	}
	most := 0
	for _, k := range counts {
		most = max(most, k)
	}
	return float64(most) / float64(max(n, 1))
}

func yesNo(b bool) string {
	if b {
		return attacks.Yes
	}
	return attacks.No
}

// attributeOf is how truth answers an attribute that attacks claim; nil where
// truth knows nothing of it.
func attributeOf(name string) attributeTruth {
	switch name {
	case attacks.AttrSex:
		return func(c *city, p uint32) string { return c.truth.Persons[p].Sex }
	case attacks.AttrPreschool:
		return func(c *city, p uint32) string { return yesNo(c.hasPreschool(p)) }
	case attacks.AttrIncome:
		return func(c *city, p uint32) string {
			if c.truth.Persons[p].Income >= 4 {
				return attacks.HighIncome
			}
			return attacks.OtherIncome
		}
	case attacks.AttrEmployment:
		return func(c *city, p uint32) string {
			switch c.truth.Persons[p].Employment {
			case dataset.Employed:
				return attacks.EmployedValue
			case dataset.Student:
				return attacks.StudentValue
			}
			return attacks.OtherValue
		}
	}
	return nil
}

// hasPreschool says whether the person lives with a child at preschool age.
func (c *city) hasPreschool(person uint32) bool {
	return slices.ContainsFunc(c.households[c.truth.Persons[person].Household], func(p dataset.Person) bool { return p.Employment == dataset.Preschool })
}
