package attacks

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity/internal/plugin"
)

// Attributes that the portrait infers, and their values. A claim is
// ClaimAttribute + the attribute's name.
const (
	AttrSex        = "sex"             // SexFemale, SexMale of dataset
	AttrPreschool  = "preschool_child" // lives with a child at preschool age: Yes, No
	AttrIncome     = "income"          // HighIncome = classes 4 and 5, else OtherIncome
	AttrEmployment = "employment"      // EmployedValue, StudentValue, else OtherValue

	Female, Male                            = "female", "male"
	Yes, No                                 = "yes", "no"
	HighIncome, OtherIncome                 = "high", "other"
	EmployedValue, StudentValue, OtherValue = "employed", "student", "other"
)

// attribute is one line of the portrait; its values' probabilities lie side by
// side in a posterior, from first on.
type attribute struct {
	name   string
	first  int
	values []string
}

const posteriorLen = 9

func attributes() []attribute {
	return []attribute{
		{AttrSex, 0, []string{Female, Male}},
		{AttrPreschool, 2, []string{Yes, No}},
		{AttrIncome, 4, []string{HighIncome, OtherIncome}},
		{AttrEmployment, 6, []string{EmployedValue, StudentValue, OtherValue}},
	}
}

// posterior holds the probabilities of all values of all attributes.
type posterior [posteriorLen]float64

// multiply puts a factor on the odds of one value against the others.
func (p *posterior) multiply(attr, value string, factor float64) {
	for _, a := range attributes() {
		if a.name != attr {
			continue
		}
		sum := 0.0
		for i, v := range a.values {
			if v == value {
				p[a.first+i] *= factor
			}
			sum += p[a.first+i]
		}
		for i := range a.values {
			p[a.first+i] /= sum
		}
	}
}

// answers lists the values of one attribute, most probable first.
func (p *posterior) answers(a attribute) []Answer {
	out := make([]Answer, len(a.values))
	for i, v := range a.values {
		out[i] = Answer{Value: v, Score: p[a.first+i]}
	}
	slices.SortStableFunc(out, func(x, y Answer) int { return cmp.Compare(y.Score, x.Score) })
	return out
}

// PortraitParams are the public statistics that a portrait starts from, and how
// much it believes its evidence.
type PortraitParams struct {
	Female    float64 // share of women, as all that follow among adults
	Preschool float64 // share who live with a child at kindergarten
	High      float64 // share in income classes 4 and 5
	Employed  float64
	Student   float64
	Strength  float64 // exponent on every factor: 0 = evidence ignored, 1 = as documented
}

// portraitParams declares the parameters. A portrait is of an adult: registers
// list adults, and phones are theirs. Sources: China 2020 census, 105.07 men to
// 100 women and 17.95 % aged 0–14, so with those of 15 to 17 (3/15 of as many)
// 21.5 % are no adults; 85.2 % of three-year cohorts enrolled in preschool
// (Ministry of Education, 2020). 3/15 of the young × 0.852 = 3.1 % of all people
// are at a kindergarten; at about 2.3 adults per such household (assumed), 9 %
// of adults live with one. Quintiles 4 and 5 are 40 % by definition. Of all
// people 53 % have a job and 3 % study (assumed), nearly all of them adults: 67
// and 4 % of these.
func portraitParams() []plugin.Param {
	share := func(name string, value float64, doc string) plugin.Param {
		return plugin.Param{Name: name, Type: plugin.Float, Default: value, Min: 0.001, Max: 0.999, Doc: doc}
	}
	return []plugin.Param{
		share("prior_female", 0.4876, "share of women (China 2020: 105.07 men to 100 women)"),
		share("prior_preschool", 0.09, "share of adults living with a child at kindergarten (derived from census and enrolment)"),
		share("prior_high", 0.4, "share of adults in income classes 4 and 5 (quintiles)"),
		share("prior_employed", 0.67, "share of adults with a job (assumed)"),
		share("prior_student", 0.04, "share of adults at a university (assumed)"),
		{Name: "strength", Type: plugin.Float, Default: 1.0, Min: 0, Max: 3, Doc: "exponent on the odds of all evidence: 0 ignores it, 1 is as documented"},
	}
}

func newPortraitParams(v plugin.Values) PortraitParams {
	return PortraitParams{Female: v.Float("prior_female"), Preschool: v.Float("prior_preschool"), High: v.Float("prior_high"),
		Employed: v.Float("prior_employed"), Student: v.Float("prior_student"), Strength: v.Float("strength")}
}

// DefaultPortraitParams are the documented defaults.
func DefaultPortraitParams() PortraitParams {
	v, err := plugin.Resolve(portraitParams(), nil)
	if err != nil {
		panic(err) // the defaults above
	}
	return newPortraitParams(v)
}

func (p PortraitParams) prior() posterior {
	return posterior{p.Female, 1 - p.Female, p.Preschool, 1 - p.Preschool, p.High, 1 - p.High,
		p.Employed, p.Student, max(0, 1-p.Employed-p.Student)}
}
