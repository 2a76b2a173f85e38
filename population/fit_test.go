package population

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// The example of Ye et al. 2009, table 1 and the weights it ends with: eight
// households of two types with persons of three.
func TestIterativeProportionalUpdating(t *testing.T) {
	persons := [8][3]float64{{1, 1, 1}, {1, 0, 1}, {2, 1, 0}, {1, 0, 2}, {0, 2, 1}, {1, 1, 0}, {2, 1, 2}, {1, 1, 0}}
	controls := []control{
		{target: 35, ids: []uint32{0, 1, 2}, counts: []float64{1, 1, 1}},
		{target: 65, ids: []uint32{3, 4, 5, 6, 7}, counts: []float64{1, 1, 1, 1, 1}},
	}
	for k, target := range []float64{91, 65, 104} {
		c := control{target: target, persons: true}
		for i := range persons {
			if persons[i][k] > 0 {
				c.ids, c.counts = append(c.ids, uint32(i)), append(c.counts, persons[i][k])
			}
		}
		controls = append(controls, c)
	}
	w, iterations, worst := proportional(len(persons), controls)
	if worst >= converged || iterations >= maxIterations {
		t.Errorf("after %d iterations the worst cell is off by %g", iterations, worst)
	}
	for i, want := range []float64{1.36, 25.66, 7.98, 27.79, 18.45, 8.64, 1.47, 8.64} {
		if math.Abs(w[i]-want) > 0.1 {
			t.Errorf("weight of household %d: %.2f, want %.2f", i+1, w[i], want)
		}
	}
}

// Every margin of every profile is met, counted over the persons and
// households themselves. A cell of 20,000 persons and 7,600 households that were drawn at random
// would have standard errors up to 0.35 and 0.57 points; the systematic sample
// does better, so five of those are far off.
func TestMargins(t *testing.T) {
	city := town(t)
	for _, name := range Presets() {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Build(t.Context(), city, c.WithoutGuests(), 20000, 0, 7, 2)
		if err != nil {
			t.Fatal(err)
		}
		if f := p.Fit; f.Worst >= converged || len(f.Margins) != 9 {
			t.Errorf("%s: %d iterations leave a cell off by %g; %d margins", name, f.Iterations, f.Worst, len(f.Margins))
		}
		for _, m := range p.Fit.Margins {
			limit := 1.0
			if m.Persons {
				limit = 0.5
			}
			if m.Fit > 0.05 || m.Residual > limit || m.Cells < 2 {
				t.Errorf("%s, %s: %d cells, off by %.3f points as weights and %.3f as people (%s), want at most 0.05 and %g",
					name, m.Name, m.Cells, m.Fit, m.Residual, m.Cell, limit)
			}
		}
		persons, households := float64(len(p.Persons)), float64(len(p.Households))
		check := func(what string, got, want, by float64) {
			t.Helper()
			if !(math.Abs(got-want) <= by) {
				t.Errorf("%s, %s: %.4f, want %.4f ± %g", name, what, got, want, by)
			}
		}
		count := func(f func(*Person) bool) float64 {
			n := 0.0
			for i := range p.Persons {
				if f(&p.Persons[i]) {
					n++
				}
			}
			return n
		}
		for _, sex := range []Sex{Female, Male} {
			ages, employed := c.AgeFemale, c.EmployedFemale
			if sex == Male {
				ages, employed = c.AgeMale, c.EmployedMale
			}
			for band, want := range ages {
				got := count(func(p *Person) bool { return p.Sex == sex && min(int(p.Age)/5, 17) == band })
				check(fmt.Sprintf("%s, age band %d", sex, band), got/persons, want, 0.005)
			}
			for group, want := range employed {
				in := func(p *Person) bool {
					return p.Sex == sex && p.Age >= 15 && min((int(p.Age)-15)/10, 5) == group
				}
				works := count(func(p *Person) bool { return in(p) && p.Employment == Employed })
				check(fmt.Sprintf("%s, employment group %d", sex, group), works/count(in), want, 0.04)
			}
		}
		size, cars := make([]float64, len(c.HouseholdSizes)), make([]float64, len(c.Cars))
		income := make([]float64, 5)
		for i := range p.Households {
			hh := &p.Households[i]
			size[hh.Size-1] += 1 / households
			cars[hh.Cars] += 1 / households
			income[hh.Income-1] += 1 / households
		}
		for k, want := range c.HouseholdSizes {
			check(fmt.Sprintf("households of %d", k+1), size[k], want, 0.003)
		}
		for k, want := range c.Cars {
			check(fmt.Sprintf("households with %d cars", k), cars[k], want, 0.01)
		}
		for k := range income {
			check(fmt.Sprintf("income class %d", k+1), income[k], 0.2, 0.01)
		}
		small := func(p *Person) bool { return p.Age >= 3 && p.Age < 6 }
		check("enrolled at preschool", count(func(p *Person) bool { return p.Employment == Preschool })/count(small), c.PreschoolEnrolment, 0.03)
	}
}

// The rows of the realism table that the default profile is set from.
func TestMetroIsTheRealismTables(t *testing.T) {
	p := build(t, town(t), 20000, 2)
	share := func(f func(*Person) bool) float64 {
		n := 0.0
		for i := range p.Persons {
			if f(&p.Persons[i]) {
				n++
			}
		}
		return 100 * n / float64(len(p.Persons))
	}
	males := share(func(p *Person) bool { return p.Sex == Male })
	phones := 0
	for u := range p.SIMs {
		if p.SIMs[u].Initial() {
			phones++
		}
	}
	for _, c := range []struct {
		what          string
		got, want, by float64
	}{
		{"household size [R35]", float64(len(p.Persons)) / float64(len(p.Households)), 2.62, 0.02},
		{"SIMs per 100 [R01]", 100 * float64(phones) / float64(len(p.Persons)), 112.2, 1.5},
		{"% under 15 [R34]", share(func(p *Person) bool { return p.Age < 15 }), 17.95, 0.5},
		{"% of 60 and over [R34]", share(func(p *Person) bool { return p.Age >= 60 }), 18.7, 0.5},
		{"males per 100 females [R34]", 100 * males / (100 - males), 105.07, 1},
		{"% employed [R37]", share(func(p *Person) bool { return p.Employment == Employed }), 53, 0.5},
	} {
		if math.Abs(c.got-c.want) > c.by {
			t.Errorf("%s: %.2f, want %.2f ± %.2f", c.what, c.got, c.want, c.by)
		}
	}
}

func TestContradictingMargins(t *testing.T) {
	cfg := DefaultConfig()
	cfg.UniversityShare, cfg.EmployedFemale[0], cfg.EmployedMale[0] = 0.9, 0.6, 0.6 // students have no jobs
	p, err := Build(t.Context(), town(t), cfg.WithoutGuests(), 2000, 0, 7, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(p.Warnings, "\n"), `the margins of city "metro" contradict each other`) {
		t.Errorf("warnings %q", p.Warnings)
	}
}

// Whole households: the number of persons exactly, and each composition as
// often as its weight says, but for truncation and the few that make the total.
func TestIntegerise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3000).Draw(t, "persons")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 60).Draw(t, "sizes")
		sample := []specimen{{members: make([]traits, 1)}}
		w := []float64{rapid.Float64Range(0.01, 1).Draw(t, "w")}
		mean := w[0]
		for i, size := range sizes {
			sample = append(sample, specimen{members: make([]traits, size)})
			w = append(w, rapid.Float64Range(0, 1).Draw(t, fmt.Sprint("w", i)))
			mean += w[i+1] * float64(size)
		}
		got := integerise(sample, w, n, rapid.Float64Range(0, 0.999).Draw(t, "u"))
		persons, off := 0, 0.0
		for i, k := range got {
			if k < 0 {
				t.Fatalf("%d households of composition %d", k, i)
			}
			persons += k * len(sample[i].members)
			off += max(math.Abs(float64(k)-w[i]*float64(n)/mean)-1, 0)
		}
		if persons != n {
			t.Fatalf("%d persons, want %d", persons, n)
		}
		// Rounding errs by less than 7 persons a composition; the rest is what exactly moved.
		if off > float64(7*len(sample)+7) {
			t.Fatalf("compositions are off by %.0f households", off)
		}
	})
}

// Every figure of a profile has a source, or says that it is assumed.
func TestFiguresHaveSources(t *testing.T) {
	source := regexp.MustCompile(`\[[^\]]*(R\d\d|\d{4})[^\]]*\]|\bassumed\b`)
	for _, name := range Presets() {
		text, err := cities.ReadFile("cities/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		figures := 0
		var walk func(path string, n *yaml.Node)
		walk = func(path string, n *yaml.Node) {
			for i := 0; i+1 < len(n.Content); i += 2 {
				key, value := n.Content[i], n.Content[i+1]
				if value.Kind == yaml.MappingNode {
					walk(path+key.Value+".", value)
					continue
				}
				figures++
				if comment := value.LineComment + key.LineComment; !source.MatchString(comment) {
					t.Errorf("%s: %s%s has the comment %q, want a source in brackets or \"assumed\"", name, path, key.Value, comment)
				}
			}
		}
		walk("", doc.Content[0])
		if figures < 4 {
			t.Errorf("%s: %d figures", name, figures)
		}
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil || c.City != name {
			t.Errorf("%s: %v; city %q", name, err, c.City)
		}
	}
	if _, err := Preset("nowhere"); err == nil || !strings.Contains(err.Error(), "must be one of metro") {
		t.Errorf("an unknown profile: %v", err)
	}
}
