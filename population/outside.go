package population

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// ByAge is a share of people by age. Nobody under 6 counts.
type ByAge struct {
	Child  float64 `json:"child" yaml:"child" mapstructure:"child"`    // 6 to 13 years
	Young  float64 `json:"young" yaml:"young" mapstructure:"young"`    // 14 to 29
	Middle float64 `json:"middle" yaml:"middle" mapstructure:"middle"` // 30 to 59
	Elder  float64 `json:"elder" yaml:"elder" mapstructure:"elder"`    // 60 and over
}

// Of is the share at an age.
func (b *ByAge) Of(age uint8) float64 {
	switch {
	case age < socialAge:
		return 0
	case age < 14:
		return b.Child
	case age < 30:
		return b.Young
	case age < 60:
		return b.Middle
	}
	return b.Elder
}

// Validate names the first share under key that is out of range.
func (b *ByAge) Validate(key string) error {
	for _, x := range []struct {
		key string
		v   float64
	}{{"child", b.Child}, {"young", b.Young}, {"middle", b.Middle}, {"elder", b.Elder}} {
		if err := within(key+"."+x.key, x.v, 0, 1); err != nil {
			return err
		}
	}
	return nil
}

func within(key string, v, lo, hi float64) error {
	if !(v >= lo && v <= hi) {
		return fmt.Errorf("%s = %g, must be from %g to %g", key, v, lo, hi)
	}
	return nil
}

// Source is an outside source that knows some people under numbers of its own.
// Numbers are a keyed permutation of the people, with gaps where somebody is not
// known: neither a number nor the gaps tell anything.
type Source struct {
	pop    *Population
	name   string
	share  ByAge
	chosen uint64
	number sigcity.Permutation
}

// NewSource names a source that knows a share of the people.
func (p *Population) NewSource(name string, share ByAge) *Source {
	return &Source{p, name, share, sigcity.Scope(p.Seed, "population."+name),
		sigcity.NewPermutation(p.covered(), sigcity.Hash(p.Seed, "population."+name+".order"))}
}

// Entry is a person's number in the source, if it knows the person. It is a
// pure function of the seed and the person.
func (s *Source) Entry(person uint32) (uint32, bool) {
	if person >= s.pop.covered() {
		return 0, false
	}
	share := s.share.Of(s.pop.Persons[person].Age)
	if share == 0 || sigcity.Unit(sigcity.Mix(s.chosen, uint64(person))) >= share {
		return 0, false
	}
	return s.number.At(person), true
}

// Identities are all whom the source knows, by their number in it.
func (s *Source) Identities() []dataset.Identity {
	var out []dataset.Identity
	for i := range s.pop.covered() {
		if n, ok := s.Entry(i); ok {
			out = append(out, dataset.Identity{Source: s.name, Entry: n, Person: i})
		}
	}
	slices.SortFunc(out, func(a, b dataset.Identity) int { return cmp.Compare(a.Entry, b.Entry) })
	return out
}

// covered is the number of people whom outside sources may know, those below it:
// residents.
func (p *Population) covered() uint32 { return uint32(p.Residents) }

// Name is the person's name, the same in all sources. It is of nobody.
func (p *Population) Name(s *sigcity.Stream, person uint32) string {
	return name(s.Seed(sigcity.Mix(sigcity.Scope(p.Seed, "population.register.row"), uint64(person))))
}

// Handle is the name under which a person hides in a social network.
func (p *Population) Handle(s *sigcity.Stream, person uint32) string {
	r := s.Seed(sigcity.Hash(p.Seed, "population.handle", uint64(person)))
	return fmt.Sprintf("%s%s%s%d", syllables[r.IntN(len(syllables))], syllables[r.IntN(len(syllables))], syllables[r.IntN(len(syllables))], r.IntN(1000))
}
