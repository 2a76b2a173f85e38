package population

import (
	"fmt"
	"math"
)

// MaxPersons bounds a population: subscriber numbers have 9 digits, and a
// person may hold up to 4 SIMs on average.
const MaxPersons = 250_000_000

// Config is what the population looks like. Sources in brackets name the rows
// of the realism table in docs/realism.md; "assumed" has no source and is a
// default, not a finding.
type Config struct {
	HouseholdSizes     []float64 `json:"household_sizes" yaml:"household_sizes" mapstructure:"household_sizes"`                   // shares of households of 1, 2, … persons [mean 2.62: R35; shape assumed]
	MalesPer100Females float64   `json:"males_per_100_females" yaml:"males_per_100_females" mapstructure:"males_per_100_females"` // [R34]
	ElderlySingles     float64   `json:"elderly_singles" yaml:"elderly_singles" mapstructure:"elderly_singles"`                   // share of one-person households of 60 and over; with the next four assumed, so that ages meet [R34]
	ElderlyCouples     float64   `json:"elderly_couples" yaml:"elderly_couples" mapstructure:"elderly_couples"`                   // share of two-person households
	LoneParents        float64   `json:"lone_parents" yaml:"lone_parents" mapstructure:"lone_parents"`                            // share of two-person households
	Grandparents       float64   `json:"grandparents" yaml:"grandparents" mapstructure:"grandparents"`                            // chance that a further member of a family is an elder, not a child
	ChildrenUnder15    float64   `json:"children_under_15" yaml:"children_under_15" mapstructure:"children_under_15"`             // share of families whose eldest child is under 15

	PreschoolEnrolment float64 `json:"preschool_enrolment" yaml:"preschool_enrolment" mapstructure:"preschool_enrolment"` // of children of 3 to 5 [R36: 2020]
	UniversityShare    float64 `json:"university_share" yaml:"university_share" mapstructure:"university_share"`          // of people of 18 to 22 without a partner; assumed
	EmployedMale       float64 `json:"employed_male" yaml:"employed_male" mapstructure:"employed_male"`                   // of men of 18 to 59 who do not study; with the next three so that 53 % are employed [R37]
	EmployedFemale     float64 `json:"employed_female" yaml:"employed_female" mapstructure:"employed_female"`
	EmployedMother     float64 `json:"employed_mother" yaml:"employed_mother" mapstructure:"employed_mother"`    // of women of a household with a child under 3
	EmployedElder      float64 `json:"employed_elder" yaml:"employed_elder" mapstructure:"employed_elder"`       // of people of 60 to 69
	HomemakerFemale    float64 `json:"homemaker_female" yaml:"homemaker_female" mapstructure:"homemaker_female"` // of women of 18 to 59 without a job, the others seek one; assumed
	HomemakerMale      float64 `json:"homemaker_male" yaml:"homemaker_male" mapstructure:"homemaker_male"`

	IncomeFromCommunity float64   `json:"income_from_community" yaml:"income_from_community" mapstructure:"income_from_community"`    // chance that a household's income class is its community's affluence, else any; assumed
	CarByIncome         []float64 `json:"car_by_income" yaml:"car_by_income" mapstructure:"car_by_income"`                            // chance of a car in the household, by income class 1 … 5; assumed
	SecondCar           float64   `json:"second_car" yaml:"second_car" mapstructure:"second_car"`                                     // chance of another one for a household of two or more adults with a car; assumed
	WhiteCollarByIncome []float64 `json:"white_collar_by_income" yaml:"white_collar_by_income" mapstructure:"white_collar_by_income"` // weight of office-like against other jobs, by income class; assumed

	CommuteScaleM      float64 `json:"commute_scale_m" yaml:"commute_scale_m" mapstructure:"commute_scale_m"`          // deterrence exp(−d/scale) of the way to work [mean 7.7 km in a metropolis: R27]
	UniversityScaleM   float64 `json:"university_scale_m" yaml:"university_scale_m" mapstructure:"university_scale_m"` // assumed, as the following
	SchoolScaleM       float64 `json:"school_scale_m" yaml:"school_scale_m" mapstructure:"school_scale_m"`
	KindergartenScaleM float64 `json:"kindergarten_scale_m" yaml:"kindergarten_scale_m" mapstructure:"kindergarten_scale_m"`
	ErrandScaleM       float64 `json:"errand_scale_m" yaml:"errand_scale_m" mapstructure:"errand_scale_m"` // shops, restaurants, salons, …
	StoreScaleM        float64 `json:"store_scale_m" yaml:"store_scale_m" mapstructure:"store_scale_m"`    // department stores, hospitals

	Consent Consent `json:"consent" yaml:"consent" mapstructure:"consent"`

	SIMsPer100    float64 `json:"sims_per_100" yaml:"sims_per_100" mapstructure:"sims_per_100"`          // [R01]
	FirstPhoneAge int     `json:"first_phone_age" yaml:"first_phone_age" mapstructure:"first_phone_age"` // years; assumed
	PhoneTeen     float64 `json:"phone_teen" yaml:"phone_teen" mapstructure:"phone_teen"`                // share of those up to 14 with a SIM; assumed
	PhoneElder    float64 `json:"phone_elder" yaml:"phone_elder" mapstructure:"phone_elder"`             // share of people of 75 and over with a SIM; assumed
	Phone5G       float64 `json:"phone_5g" yaml:"phone_5g" mapstructure:"phone_5g"`                      // share of people whose phone can 5G; assumed
	Phone5GSA     float64 `json:"phone_5g_sa" yaml:"phone_5g_sa" mapstructure:"phone_5g_sa"`             // … and of these, whose phone has stand-alone 5G switched on; assumed

	Register Register `json:"register" yaml:"register" mapstructure:"register"`
}

// Consent is how many agree to their data being shared: a rate for a man of 30
// to 59 of income class 3, and what is added to it. All assumed.
type Consent struct {
	Base      float64 `json:"base" yaml:"base" mapstructure:"base"`
	Young     float64 `json:"young" yaml:"young" mapstructure:"young"` // aged 18 to 29
	Elder     float64 `json:"elder" yaml:"elder" mapstructure:"elder"` // aged 60 and over
	Minor     float64 `json:"minor" yaml:"minor" mapstructure:"minor"` // under 18, by a guardian
	Female    float64 `json:"female" yaml:"female" mapstructure:"female"`
	PerIncome float64 `json:"per_income" yaml:"per_income" mapstructure:"per_income"` // for each income class above 3
}

// Register is the identified outside source that an attacker holds: people of
// 18 and over with the position of home and perhaps of work. All assumed.
type Register struct {
	Coverage   float64 `json:"coverage" yaml:"coverage" mapstructure:"coverage"`             // share of adults in it
	WorkShare  float64 `json:"work_share" yaml:"work_share" mapstructure:"work_share"`       // share of its employed people whose work place it knows
	HomeErrorM float64 `json:"home_error_m" yaml:"home_error_m" mapstructure:"home_error_m"` // standard deviation in each direction, metres
	WorkErrorM float64 `json:"work_error_m" yaml:"work_error_m" mapstructure:"work_error_m"`
}

// DefaultConfig is the configuration that the realism report is about.
func DefaultConfig() Config {
	return Config{
		HouseholdSizes:     []float64{0.25, 0.29, 0.21, 0.14, 0.07, 0.04},
		MalesPer100Females: 105.07,
		ElderlySingles:     0.36, ElderlyCouples: 0.39, LoneParents: 0.10, Grandparents: 0.43, ChildrenUnder15: 0.61,
		PreschoolEnrolment: 0.852, UniversityShare: 0.45,
		EmployedMale: 0.93, EmployedFemale: 0.84, EmployedMother: 0.55, EmployedElder: 0.20,
		HomemakerFemale: 0.65, HomemakerMale: 0.10,
		IncomeFromCommunity: 0.6,
		CarByIncome:         []float64{0.30, 0.45, 0.60, 0.75, 0.90}, SecondCar: 0.25,
		WhiteCollarByIncome: []float64{0.4, 0.7, 1, 1.6, 2.5},
		CommuteScaleM:       4000, UniversityScaleM: 6000, SchoolScaleM: 1200, KindergartenScaleM: 700,
		ErrandScaleM: 800, StoreScaleM: 4000,
		Consent:    Consent{Base: 0.45, Young: 0.10, Elder: -0.15, Minor: -0.25, Female: -0.04, PerIncome: -0.04},
		SIMsPer100: 112.2, FirstPhoneAge: 10, PhoneTeen: 0.6, PhoneElder: 0.8, Phone5G: 0.6, Phone5GSA: 0.8,
		Register: Register{Coverage: 0.6, WorkShare: 0.8, HomeErrorM: 50, WorkErrorM: 100},
	}
}

// Validate names the first key that is out of range.
func (c *Config) Validate() error {
	if err := shares("household_sizes", c.HouseholdSizes, 1, 20); err != nil {
		return err
	}
	for _, f := range []struct {
		key    string
		v      float64
		lo, hi float64
	}{
		{"males_per_100_females", c.MalesPer100Females, 1, 10000},
		{"elderly_singles", c.ElderlySingles, 0, 1},
		{"elderly_couples", c.ElderlyCouples, 0, 1},
		{"lone_parents", c.LoneParents, 0, 1 - c.ElderlyCouples},
		{"grandparents", c.Grandparents, 0, 1},
		{"children_under_15", c.ChildrenUnder15, 0, 1},
		{"preschool_enrolment", c.PreschoolEnrolment, 0, 1},
		{"university_share", c.UniversityShare, 0, 1},
		{"employed_male", c.EmployedMale, 0, 1},
		{"employed_female", c.EmployedFemale, 0, 1},
		{"employed_mother", c.EmployedMother, 0, 1},
		{"employed_elder", c.EmployedElder, 0, 1},
		{"homemaker_female", c.HomemakerFemale, 0, 1},
		{"homemaker_male", c.HomemakerMale, 0, 1},
		{"income_from_community", c.IncomeFromCommunity, 0, 1},
		{"second_car", c.SecondCar, 0, 1},
		{"commute_scale_m", c.CommuteScaleM, 1, 1e6},
		{"university_scale_m", c.UniversityScaleM, 1, 1e6},
		{"school_scale_m", c.SchoolScaleM, 1, 1e6},
		{"kindergarten_scale_m", c.KindergartenScaleM, 1, 1e6},
		{"errand_scale_m", c.ErrandScaleM, 1, 1e6},
		{"store_scale_m", c.StoreScaleM, 1, 1e6},
		{"consent.base", c.Consent.Base, 0, 1},
		{"consent.young", c.Consent.Young, -1, 1},
		{"consent.elder", c.Consent.Elder, -1, 1},
		{"consent.minor", c.Consent.Minor, -1, 1},
		{"consent.female", c.Consent.Female, -1, 1},
		{"consent.per_income", c.Consent.PerIncome, -1, 1},
		{"sims_per_100", c.SIMsPer100, 1, 400},
		{"first_phone_age", float64(c.FirstPhoneAge), 0, 18},
		{"phone_teen", c.PhoneTeen, 0, 1},
		{"phone_elder", c.PhoneElder, 0, 1},
		{"phone_5g", c.Phone5G, 0, 1},
		{"phone_5g_sa", c.Phone5GSA, 0, 1},
		{"register.coverage", c.Register.Coverage, 0, 1},
		{"register.work_share", c.Register.WorkShare, 0, 1},
		{"register.home_error_m", c.Register.HomeErrorM, 0, 1e5},
		{"register.work_error_m", c.Register.WorkErrorM, 0, 1e5},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) {
			return fmt.Errorf("population.%s = %g, must be from %g to %g", f.key, f.v, f.lo, f.hi)
		}
	}
	if err := perIncome("car_by_income", c.CarByIncome, 1); err != nil {
		return err
	}
	return perIncome("white_collar_by_income", c.WhiteCollarByIncome, 1000)
}

// shares checks that v holds from lo to hi shares, not negative, with sum 1.
func shares(key string, v []float64, lo, hi int) error {
	if len(v) < lo || len(v) > hi {
		return fmt.Errorf("population.%s: %d values, want %d to %d", key, len(v), lo, hi)
	}
	sum := 0.0
	for _, x := range v {
		if !(x >= 0) {
			return fmt.Errorf("population.%s: %g, must be at least 0", key, x)
		}
		sum += x
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Errorf("population.%s: shares add up to %g, want 1", key, sum)
	}
	return nil
}

// perIncome checks a value for each of the five income classes.
func perIncome(key string, v []float64, hi float64) error {
	if len(v) != 5 {
		return fmt.Errorf("population.%s: %d values, want one for each of the 5 income classes", key, len(v))
	}
	for _, x := range v {
		if !(x >= 0 && x <= hi) {
			return fmt.Errorf("population.%s: %g, must be from 0 to %g", key, x, hi)
		}
	}
	return nil
}
