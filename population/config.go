package population

import (
	"fmt"
	"math"
	"slices"
)

// mostLagDays bounds the age of the register: ten years.
const mostLagDays = 3660

// MaxPersons bounds a population: subscriber numbers have 9 digits, and a
// person may hold up to 4 SIMs on average.
const MaxPersons = 250_000_000

// Config is what the population looks like. The values of the city profiles,
// and where each has its source, stand in cities/*.yaml. Shares add up to 1.
type Config struct {
	City string `json:"city" yaml:"-" mapstructure:"city"` // the profile that the other keys have their defaults from

	// Margins: what households and persons are fitted to.
	HouseholdSizes     []float64 `json:"household_sizes" yaml:"household_sizes" mapstructure:"household_sizes"` // shares of households of 1, 2, … persons
	HouseholdTypes     Types     `json:"household_types" yaml:"household_types" mapstructure:"household_types"`
	AgeMale            []float64 `json:"age_male" yaml:"age_male" mapstructure:"age_male"`                                  // shares of all persons: boys and men of 0 to 4, 5 to 9, … 85 and over
	AgeFemale          []float64 `json:"age_female" yaml:"age_female" mapstructure:"age_female"`                            // and girls and women; both together add up to 1
	PreschoolEnrolment float64   `json:"preschool_enrolment" yaml:"preschool_enrolment" mapstructure:"preschool_enrolment"` // of children of 3 to 5
	SchoolEnrolment    float64   `json:"school_enrolment" yaml:"school_enrolment" mapstructure:"school_enrolment"`          // of people of 15 to 17; younger ones all go to school
	UniversityShare    float64   `json:"university_share" yaml:"university_share" mapstructure:"university_share"`          // of people of 18 to 22
	EmployedMale       []float64 `json:"employed_male" yaml:"employed_male" mapstructure:"employed_male"`                   // of men of 15 to 24, 25 to 34, … 55 to 64, 65 and over
	EmployedFemale     []float64 `json:"employed_female" yaml:"employed_female" mapstructure:"employed_female"`             // and of women
	Cars               []float64 `json:"cars" yaml:"cars" mapstructure:"cars"`                                              // shares of households with 0, 1, … cars; income classes are quintiles by definition

	// Couplings: how attributes hang together in the seed sample, which the
	// fit keeps, and beyond it.
	EmployedMother      float64   `json:"employed_mother" yaml:"employed_mother" mapstructure:"employed_mother"`                      // employment of women with a child under 3, relative to others
	HomemakerFemale     float64   `json:"homemaker_female" yaml:"homemaker_female" mapstructure:"homemaker_female"`                   // of women under 60 without a job, the others seek one
	HomemakerMale       float64   `json:"homemaker_male" yaml:"homemaker_male" mapstructure:"homemaker_male"`                         // and of men
	CarIncomeOdds       float64   `json:"car_income_odds" yaml:"car_income_odds" mapstructure:"car_income_odds"`                      // odds ratio of owning a car from one income class to the next
	LicenceMale         float64   `json:"licence_male" yaml:"licence_male" mapstructure:"licence_male"`                               // of men of 18 to 79: may drive the household's car
	LicenceFemale       float64   `json:"licence_female" yaml:"licence_female" mapstructure:"licence_female"`                         // and of women
	IncomeFromWork      float64   `json:"income_from_work" yaml:"income_from_work" mapstructure:"income_from_work"`                   // standard deviations of a household's income between nobody and everybody employed
	IncomeFromCommunity float64   `json:"income_from_community" yaml:"income_from_community" mapstructure:"income_from_community"`    // share of households whose income class matches their neighbourhood's affluence by rank; the others live anywhere
	WhiteCollarByIncome []float64 `json:"white_collar_by_income" yaml:"white_collar_by_income" mapstructure:"white_collar_by_income"` // weight of office-like against other jobs, by income class

	CommuteMeanM       []float64 `json:"commute_mean_m" yaml:"commute_mean_m" mapstructure:"commute_mean_m"`          // mean straight way to work, metres, in cities of up to 3, up to 5, up to 10 and more million inhabitants
	CommuteTightness   float64   `json:"commute_tightness" yaml:"commute_tightness" mapstructure:"commute_tightness"` // and at most this share of the mean way to a job drawn blindly: small maps allow no more
	UniversityScaleM   float64   `json:"university_scale_m" yaml:"university_scale_m" mapstructure:"university_scale_m"`
	SchoolScaleM       float64   `json:"school_scale_m" yaml:"school_scale_m" mapstructure:"school_scale_m"`
	KindergartenScaleM float64   `json:"kindergarten_scale_m" yaml:"kindergarten_scale_m" mapstructure:"kindergarten_scale_m"`
	ErrandScaleM       float64   `json:"errand_scale_m" yaml:"errand_scale_m" mapstructure:"errand_scale_m"` // shops, restaurants, salons, …
	StoreScaleM        float64   `json:"store_scale_m" yaml:"store_scale_m" mapstructure:"store_scale_m"`    // department stores, hospitals

	Social  Social  `json:"social" yaml:"social" mapstructure:"social"`
	Consent Consent `json:"consent" yaml:"consent" mapstructure:"consent"`

	SIMsPer100    float64 `json:"sims_per_100" yaml:"sims_per_100" mapstructure:"sims_per_100"`
	DualSIM       float64 `json:"dual_sim" yaml:"dual_sim" mapstructure:"dual_sim"`                      // share of the second SIMs that sit in the handset of the first
	FirstPhoneAge int     `json:"first_phone_age" yaml:"first_phone_age" mapstructure:"first_phone_age"` // years
	PhoneTeen     float64 `json:"phone_teen" yaml:"phone_teen" mapstructure:"phone_teen"`                // share of those up to 14 with a SIM
	PhoneElder    float64 `json:"phone_elder" yaml:"phone_elder" mapstructure:"phone_elder"`             // share of people of 75 and over with a SIM
	Phone5G       float64 `json:"phone_5g" yaml:"phone_5g" mapstructure:"phone_5g"`                      // share of handsets that can 5G
	Phone5GSA     float64 `json:"phone_5g_sa" yaml:"phone_5g_sa" mapstructure:"phone_5g_sa"`             // … and of these, that have stand-alone 5G switched on

	IoTPer100 float64   `json:"iot_per_100" yaml:"iot_per_100" mapstructure:"iot_per_100"` // SIMs of machines, besides
	IoTShares IoTShares `json:"iot_shares" yaml:"iot_shares" mapstructure:"iot_shares"`

	SwapPerMonth     float64 `json:"swap_per_month" yaml:"swap_per_month" mapstructure:"swap_per_month"`             // new SIM cards a month and phone SIM
	ChurnPerMonth    float64 `json:"churn_per_month" yaml:"churn_per_month" mapstructure:"churn_per_month"`          // changes of operator a month and phone SIM
	ChurnPorted      float64 `json:"churn_ported" yaml:"churn_ported" mapstructure:"churn_ported"`                   // share of these that keep the number
	ChurnNewHandset  float64 `json:"churn_new_handset" yaml:"churn_new_handset" mapstructure:"churn_new_handset"`    // and that come with a new handset, where no other SIM is in the old one
	ChurnHorizonDays int     `json:"churn_horizon_days" yaml:"churn_horizon_days" mapstructure:"churn_horizon_days"` // no SIM is changed after so many days; the same for every number of days

	Moves    Moves    `json:"moves" yaml:"moves" mapstructure:"moves"`
	Guests   Guests   `json:"guests" yaml:"guests" mapstructure:"guests"`
	Register Register `json:"register" yaml:"register" mapstructure:"register"`

	// Households of a part, 0 = PartHouseholds. No user can set it: tests make
	// small cities of many parts.
	PartSize int `json:"-" yaml:"-" mapstructure:"-"`
}

// Types are the shares of the kinds among households of two and more.
type Types struct {
	Couple          float64 `json:"couple" yaml:"couple" mapstructure:"couple"`                               // without children here
	Parents         float64 `json:"parents" yaml:"parents" mapstructure:"parents"`                            // a couple with children of any age
	LoneParent      float64 `json:"lone_parent" yaml:"lone_parent" mapstructure:"lone_parent"`                // with children of any age
	ThreeGeneration float64 `json:"three_generation" yaml:"three_generation" mapstructure:"three_generation"` // grandparents, parents and children
	Adults          float64 `json:"adults" yaml:"adults" mapstructure:"adults"`                               // siblings or flatmates
}

// Social is how many ties people have, on average, and how far they reach.
// Ties are between sampled persons: a thin sample has few colleagues.
type Social struct {
	Friends          float64 `json:"friends" yaml:"friends" mapstructure:"friends"`
	FriendsSpread    float64 `json:"friends_spread" yaml:"friends_spread" mapstructure:"friends_spread"`          // standard deviation of the logarithm between persons
	OwnAge           float64 `json:"own_age" yaml:"own_age" mapstructure:"own_age"`                               // share of friends sought among people of like age
	Colleagues       float64 `json:"colleagues" yaml:"colleagues" mapstructure:"colleagues"`                      // at the same work place
	Classmates       float64 `json:"classmates" yaml:"classmates" mapstructure:"classmates"`                      // of like age, at the same school or university
	Relatives        float64 `json:"relatives" yaml:"relatives" mapstructure:"relatives"`                         // related households, of each household
	DistanceExponent float64 `json:"distance_exponent" yaml:"distance_exponent" mapstructure:"distance_exponent"` // the chance of a tie falls as distance to this power
}

// Consent is how many agree to their data being shared: a rate for a man of 30
// to 59 of income class 3, and what is added to it.
type Consent struct {
	Base      float64 `json:"base" yaml:"base" mapstructure:"base"`
	Young     float64 `json:"young" yaml:"young" mapstructure:"young"` // aged 18 to 29
	Elder     float64 `json:"elder" yaml:"elder" mapstructure:"elder"` // aged 60 and over
	Minor     float64 `json:"minor" yaml:"minor" mapstructure:"minor"` // under 18, by a guardian
	Female    float64 `json:"female" yaml:"female" mapstructure:"female"`
	PerIncome float64 `json:"per_income" yaml:"per_income" mapstructure:"per_income"` // for each income class above 3
}

// Register is the identified outside source that an attacker holds: people of
// 18 and over with the position of home and perhaps of work.
type Register struct {
	Coverage   float64 `json:"coverage" yaml:"coverage" mapstructure:"coverage"`             // share of adults in it
	WorkShare  float64 `json:"work_share" yaml:"work_share" mapstructure:"work_share"`       // share of its employed people whose work place it knows
	HomeErrorM float64 `json:"home_error_m" yaml:"home_error_m" mapstructure:"home_error_m"` // standard deviation in each direction, metres
	WorkErrorM float64 `json:"work_error_m" yaml:"work_error_m" mapstructure:"work_error_m"`
	LagDays    int     `json:"lag_days" yaml:"lag_days" mapstructure:"lag_days"` // how old it is: it tells home and work place of so many days before the first day
}

// Validate names the first key that is out of range.
func (c *Config) Validate() error {
	if !slices.Contains(Presets(), c.City) {
		_, err := Preset(c.City)
		return err
	}
	t := &c.HouseholdTypes
	for _, s := range []struct {
		key    string
		v      []float64
		lo, hi int // number of values
	}{
		{"household_sizes", c.HouseholdSizes, 1, 12},
		{"household_types", []float64{t.Couple, t.Parents, t.LoneParent, t.ThreeGeneration, t.Adults}, 5, 5},
		{"age_male and age_female", slices.Concat(c.AgeMale, c.AgeFemale), 2 * ageBands, 2 * ageBands},
		{"cars", c.Cars, 1, 5},
		{"iot_shares", c.IoTShares.list(), int(uses) - 1, int(uses) - 1},
	} {
		if err := shares(s.key, s.v, s.lo, s.hi); err != nil {
			return err
		}
	}
	for _, l := range []struct {
		key    string
		v      []float64
		n      int
		each   string
		lo, hi float64
	}{
		{"age_male", c.AgeMale, ageBands, "of the 18 age bands", 0, 1},
		{"employed_male", c.EmployedMale, workAges, "of the 6 age groups", 0, 1},
		{"employed_female", c.EmployedFemale, workAges, "of the 6 age groups", 0, 1},
		{"white_collar_by_income", c.WhiteCollarByIncome, 5, "of the 5 income classes", 0, 1000},
		{"commute_mean_m", c.CommuteMeanM, len(sizeClasses) + 1, "of the 4 size classes", 1, 1e6},
	} {
		if len(l.v) != l.n {
			return fmt.Errorf("population.%s: %d values, want one for each %s", l.key, len(l.v), l.each)
		}
		for _, x := range l.v {
			if !(x >= l.lo && x <= l.hi) {
				return fmt.Errorf("population.%s: %g, must be from %g to %g", l.key, x, l.lo, l.hi)
			}
		}
	}
	for _, b := range append(c.Moves.bounds(), []bound{
		{"preschool_enrolment", c.PreschoolEnrolment, 0, 1},
		{"school_enrolment", c.SchoolEnrolment, 0, 1},
		{"university_share", c.UniversityShare, 0, 1},
		{"employed_mother", c.EmployedMother, 0, 1},
		{"homemaker_female", c.HomemakerFemale, 0, 1},
		{"homemaker_male", c.HomemakerMale, 0, 1},
		{"car_income_odds", c.CarIncomeOdds, 0.01, 100},
		{"licence_male", c.LicenceMale, 0, 1},
		{"licence_female", c.LicenceFemale, 0, 1},
		{"income_from_work", c.IncomeFromWork, -5, 5},
		{"income_from_community", c.IncomeFromCommunity, 0, 1},
		{"commute_tightness", c.CommuteTightness, 0.05, 1},
		{"university_scale_m", c.UniversityScaleM, 1, 1e6},
		{"school_scale_m", c.SchoolScaleM, 1, 1e6},
		{"kindergarten_scale_m", c.KindergartenScaleM, 1, 1e6},
		{"errand_scale_m", c.ErrandScaleM, 1, 1e6},
		{"store_scale_m", c.StoreScaleM, 1, 1e6},
		{"social.friends", c.Social.Friends, 0, 50},
		{"social.friends_spread", c.Social.FriendsSpread, 0, 2},
		{"social.own_age", c.Social.OwnAge, 0, 1},
		{"social.colleagues", c.Social.Colleagues, 0, 50},
		{"social.classmates", c.Social.Classmates, 0, 50},
		{"social.relatives", c.Social.Relatives, 0, 10},
		{"social.distance_exponent", c.Social.DistanceExponent, 0, 10},
		{"consent.base", c.Consent.Base, 0, 1},
		{"consent.young", c.Consent.Young, -1, 1},
		{"consent.elder", c.Consent.Elder, -1, 1},
		{"consent.minor", c.Consent.Minor, -1, 1},
		{"consent.female", c.Consent.Female, -1, 1},
		{"consent.per_income", c.Consent.PerIncome, -1, 1},
		{"sims_per_100", c.SIMsPer100, 1, 400},
		{"dual_sim", c.DualSIM, 0, 1},
		{"first_phone_age", float64(c.FirstPhoneAge), 0, 18},
		{"phone_teen", c.PhoneTeen, 0, 1},
		{"phone_elder", c.PhoneElder, 0, 1},
		{"phone_5g", c.Phone5G, 0, 1},
		{"phone_5g_sa", c.Phone5GSA, 0, 1},
		{"iot_per_100", c.IoTPer100, 0, 400},
		{"swap_per_month", c.SwapPerMonth, 0, 10},
		{"churn_per_month", c.ChurnPerMonth, 0, 10},
		{"churn_ported", c.ChurnPorted, 0, 1},
		{"churn_new_handset", c.ChurnNewHandset, 0, 1},
		{"churn_horizon_days", float64(c.ChurnHorizonDays), 0, 3660},
		{"register.coverage", c.Register.Coverage, 0, 1},
		{"register.work_share", c.Register.WorkShare, 0, 1},
		{"register.home_error_m", c.Register.HomeErrorM, 0, 1e5},
		{"register.work_error_m", c.Register.WorkErrorM, 0, 1e5},
		{"register.lag_days", float64(c.Register.LagDays), 0, mostLagDays},
	}...) {
		if err := b.check(); err != nil {
			return err
		}
	}
	return c.Guests.validate()
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
