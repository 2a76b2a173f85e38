package gen

import (
	"fmt"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/population"
)

// The profiles of volume [R02]. Behaviour and timers are the same: the curated
// rows of a seed are a subset of the raw ones.
const (
	Curated = "curated" // a cleaned feed, about 100 records per phone and day: of the connections of a session only the first
	Raw     = "raw"     // every connection, 300 to 500
)

// The probes: where on its way the signaling is recorded.
const (
	ProbeCore = "core" // S1-MME, N2: a handover within one eNB or gNB is not seen
	ProbeRAN  = "ran"  // every change of the cell of a connected phone
)

// Config says what to generate. Sources in brackets name the rows of the
// realism table in docs/realism.md; "assumed" has no source.
type Config struct {
	Profile     string            `json:"profile" yaml:"profile" mapstructure:"profile"`             // curated or raw
	Probe       string            `json:"probe" yaml:"probe" mapstructure:"probe"`                   // core or ran
	Persons     int               `json:"persons" yaml:"persons" mapstructure:"persons"`             // sampled persons
	Inhabitants int               `json:"inhabitants" yaml:"inhabitants" mapstructure:"inhabitants"` // persons the sample stands for, 0 = persons
	Days        int               `json:"days" yaml:"days" mapstructure:"days"`
	Start       string            `json:"start" yaml:"start" mapstructure:"start"`             // first local date, YYYY-MM-DD
	TimeZone    string            `json:"time_zone" yaml:"time_zone" mapstructure:"time_zone"` // IANA; empty = the city's
	Holidays    []string          `json:"holidays" yaml:"holidays" mapstructure:"holidays"`    // local dates
	Seed        uint64            `json:"seed" yaml:"seed" mapstructure:"seed"`
	Population  population.Config `json:"population" yaml:"population" mapstructure:"population"`
	Life        Life              `json:"life" yaml:"life" mapstructure:"life"`
	Phone       Phone             `json:"phone" yaml:"phone" mapstructure:"phone"`
	Machines    Machines          `json:"machines" yaml:"machines" mapstructure:"machines"`
	Faults      Faults            `json:"faults" yaml:"faults" mapstructure:"faults"`

	Workers int    `json:"-" yaml:"-" mapstructure:"-"` // goroutines, 0 = 1; never shows in the output
	Code    string `json:"-" yaml:"-" mapstructure:"-"` // version of the program, for the manifest
}

// Life is how people spend their days. Rates are chances per day. Everything
// without a source is assumed, such that trips per person and day are 2.2 to
// 2.7 on weekdays [R29] and about a fifth fewer on holidays [R32].
type Life struct {
	WorkStartH   float64 `json:"work_start_h" yaml:"work_start_h" mapstructure:"work_start_h"`          // usual start of a day worker's work, hours
	WorkStartSDH float64 `json:"work_start_sd_h" yaml:"work_start_sd_h" mapstructure:"work_start_sd_h"` // between persons
	WorkHours    float64 `json:"work_hours" yaml:"work_hours" mapstructure:"work_hours"`                // stay at work, break included [R33: 7–10 h]
	WorkHoursSD  float64 `json:"work_hours_sd" yaml:"work_hours_sd" mapstructure:"work_hours_sd"`
	PartTime     float64 `json:"part_time" yaml:"part_time" mapstructure:"part_time"`       // share of employed women who work half days, of men a quarter of it
	EarlyShift   float64 `json:"early_shift" yaml:"early_shift" mapstructure:"early_shift"` // shares of employed persons without preschool children
	LateShift    float64 `json:"late_shift" yaml:"late_shift" mapstructure:"late_shift"`
	NightShift   float64 `json:"night_shift" yaml:"night_shift" mapstructure:"night_shift"`
	WeekendWork  float64 `json:"weekend_work" yaml:"weekend_work" mapstructure:"weekend_work"` // share of employed persons who work Saturdays and Sundays, and rest two weekdays
	DayOff       float64 `json:"day_off" yaml:"day_off" mapstructure:"day_off"`                // sick or on leave
	HomeOffice   float64 `json:"home_office" yaml:"home_office" mapstructure:"home_office"`    // chance of working at home, on a working day of someone with an office-like job
	LunchOut     float64 `json:"lunch_out" yaml:"lunch_out" mapstructure:"lunch_out"`          // chance of a lunch away from the work place

	KindergartenHours float64 `json:"kindergarten_hours" yaml:"kindergarten_hours" mapstructure:"kindergarten_hours"` // [R33: 7–9 h]
	MotherEscorts     float64 `json:"mother_escorts" yaml:"mother_escorts" mapstructure:"mother_escorts"`             // chance that the mother is the usual escort where there are two parents
	OtherEscort       float64 `json:"other_escort" yaml:"other_escort" mapstructure:"other_escort"`                   // chance that another one picks up than brings
	ChildSick         float64 `json:"child_sick" yaml:"child_sick" mapstructure:"child_sick"`

	ShopBusy      float64   `json:"shop_busy" yaml:"shop_busy" mapstructure:"shop_busy"`          // daily shopping on a working day
	ShopFree      float64   `json:"shop_free" yaml:"shop_free" mapstructure:"shop_free"`          // and on a free one
	SalonFemale   float64   `json:"salon_female" yaml:"salon_female" mapstructure:"salon_female"` // beauty salon or hairdresser
	SalonMale     float64   `json:"salon_male" yaml:"salon_male" mapstructure:"salon_male"`
	StoreByIncome []float64 `json:"store_by_income" yaml:"store_by_income" mapstructure:"store_by_income"` // department store, by income class 1 … 5
	StoreFemale   float64   `json:"store_female" yaml:"store_female" mapstructure:"store_female"`          // factor for women
	StoreWeekend  float64   `json:"store_weekend" yaml:"store_weekend" mapstructure:"store_weekend"`       // factor for free days
	Restaurant    float64   `json:"restaurant" yaml:"restaurant" mapstructure:"restaurant"`
	Leisure       float64   `json:"leisure" yaml:"leisure" mapstructure:"leisure"`
	Visit         float64   `json:"visit" yaml:"visit" mapstructure:"visit"`                            // to another household
	Worshippers   float64   `json:"worshippers" yaml:"worshippers" mapstructure:"worshippers"`          // share of persons who go on Sundays and holidays
	Hospital      float64   `json:"hospital" yaml:"hospital" mapstructure:"hospital"`                   // of persons under 60; three times as often above
	Outing        float64   `json:"outing" yaml:"outing" mapstructure:"outing"`                         // of a family with children, on a free day
	Excursion     float64   `json:"excursion" yaml:"excursion" mapstructure:"excursion"`                // a trip of half a day or more, on a free day; a quarter of it on a working day of somebody who is free
	GoOn          float64   `json:"go_on" yaml:"go_on" mapstructure:"go_on"`                            // chance that an errand of a free afternoon leads on to a restaurant or shop
	StayInBusy    float64   `json:"stay_in_busy" yaml:"stay_in_busy" mapstructure:"stay_in_busy"`       // chance of a day at home, without work or lessons on a working day [R32]; 1.3 times as often from 75 on
	StayInFree    float64   `json:"stay_in_free" yaml:"stay_in_free" mapstructure:"stay_in_free"`       // and on a weekend or holiday
	Explore       float64   `json:"explore" yaml:"explore" mapstructure:"explore"`                      // ρ of the chance ρ S^−γ that an errand leads to a new place, S being those known for it [R19]
	ExploreFall   float64   `json:"explore_fall" yaml:"explore_fall" mapstructure:"explore_fall"`       // γ
	HolidayFactor float64   `json:"holiday_factor" yaml:"holiday_factor" mapstructure:"holiday_factor"` // on all rates on holidays [R32]

	Vacations      float64 `json:"vacations" yaml:"vacations" mapstructure:"vacations"`                   // of a household outside the city, a year
	ShortVacations float64 `json:"short_vacations" yaml:"short_vacations" mapstructure:"short_vacations"` // share of them that are a long weekend
	OutCommuters   float64 `json:"out_commuters" yaml:"out_commuters" mapstructure:"out_commuters"`       // share of those who work outside, of employed drivers who live near a road out and have no preschool child
	BusinessTrips  float64 `json:"business_trips" yaml:"business_trips" mapstructure:"business_trips"`    // of an employed person outside the city, a year

	Bike           float64 `json:"bike" yaml:"bike" mapstructure:"bike"`                   // share of persons from 7 years on who have a bicycle at hand
	WalkMaxM       float64 `json:"walk_max_m" yaml:"walk_max_m" mapstructure:"walk_max_m"` // straight-line distance up to which families walk to an outing, and a way that everybody would walk however winding
	Detour         float64 `json:"detour" yaml:"detour" mapstructure:"detour"`             // way along the streets over straight line
	WalkKmh        float64 `json:"walk_kmh" yaml:"walk_kmh" mapstructure:"walk_kmh"`
	BikeKmh        float64 `json:"bike_kmh" yaml:"bike_kmh" mapstructure:"bike_kmh"`
	CarKmh         float64 `json:"car_kmh" yaml:"car_kmh" mapstructure:"car_kmh"` // of trips off the roads, and the first guess of others
	TransitKmh     float64 `json:"transit_kmh" yaml:"transit_kmh" mapstructure:"transit_kmh"`
	OtherVehicles  float64 `json:"other_vehicles" yaml:"other_vehicles" mapstructure:"other_vehicles"`       // goods, service and passing vehicles for each car of an inhabitant on the roads
	CarAccessS     float64 `json:"car_access_s" yaml:"car_access_s" mapstructure:"car_access_s"`             // seconds to and from the car
	TransitAccessS float64 `json:"transit_access_s" yaml:"transit_access_s" mapstructure:"transit_access_s"` // seconds of walking and waiting: with transit_kmh, the first guess of a ride
}

// Phone is how phones signal.
type Phone struct {
	T3412S       int     `json:"t3412_s" yaml:"t3412_s" mapstructure:"t3412_s"`                // periodic update timer, seconds [R04: 54 min]
	InactivityS  int     `json:"inactivity_s" yaml:"inactivity_s" mapstructure:"inactivity_s"` // seconds until an idle connection is released; assumed
	TAIList      int     `json:"tai_list" yaml:"tai_list" mapstructure:"tai_list"`             // tracking areas in a phone's list: the one it is in and those it came from; assumed
	Bursts       float64 `json:"bursts" yaml:"bursts" mapstructure:"bursts"`                   // episodes of use a day, of a main SIM; with the next three so that a phone leaves about 100 records a day [R02]
	BurstMore    float64 `json:"burst_more" yaml:"burst_more" mapstructure:"burst_more"`       // chance that another data session follows within an episode
	GapMinS      float64 `json:"gap_min_s" yaml:"gap_min_s" mapstructure:"gap_min_s"`          // gaps within an episode are log-uniform between these [R10: inter-event exponent 1]
	GapMaxS      float64 `json:"gap_max_s" yaml:"gap_max_s" mapstructure:"gap_max_s"`
	Streams      float64 `json:"streams" yaml:"streams" mapstructure:"streams"`                // share of sessions that keep the phone connected: video, navigation; assumed, as the next five
	StreamS      float64 `json:"stream_s" yaml:"stream_s" mapstructure:"stream_s"`             // their median length, seconds; log-normal, σ 1
	Reconnects   float64 `json:"reconnects" yaml:"reconnects" mapstructure:"reconnects"`       // chance that a further connection follows within another session, such that the raw profile has 300 to 500 records a day [R02]
	ConnectionS  float64 `json:"connection_s" yaml:"connection_s" mapstructure:"connection_s"` // mean length of a connection beyond 2 s, seconds
	PauseMinS    float64 `json:"pause_min_s" yaml:"pause_min_s" mapstructure:"pause_min_s"`    // pauses between connections are log-uniform between these
	PauseMaxS    float64 `json:"pause_max_s" yaml:"pause_max_s" mapstructure:"pause_max_s"`
	Background   float64 `json:"background" yaml:"background" mapstructure:"background"`          // data sessions an hour without the user; assumed
	SpreadLog    float64 `json:"spread_log" yaml:"spread_log" mapstructure:"spread_log"`          // standard deviation of the logarithm of use between persons; assumed
	Calls        float64 `json:"calls" yaml:"calls" mapstructure:"calls"`                         // a day, in each direction [R05: 2–10 calls and SMS a day]
	SMS          float64 `json:"sms" yaml:"sms" mapstructure:"sms"`                               // a day, in each direction
	OutsideCalls float64 `json:"outside_calls" yaml:"outside_calls" mapstructure:"outside_calls"` // share of a main SIM's calls and messages that is with numbers outside the data set; assumed
	Unanswered   float64 `json:"unanswered" yaml:"unanswered" mapstructure:"unanswered"`          // share of calls that ring and are not taken; assumed
	SecondUse    float64 `json:"second_use" yaml:"second_use" mapstructure:"second_use"`          // use of a further SIM relative to the main one; assumed
	Quiet        float64 `json:"quiet" yaml:"quiet" mapstructure:"quiet"`                         // share of main SIMs without data use; assumed
	NightOff     float64 `json:"night_off" yaml:"night_off" mapstructure:"night_off"`             // share of phones switched off at night; assumed
	Outages      float64 `json:"outages" yaml:"outages" mapstructure:"outages"`                   // a day: battery, flight mode, no coverage; assumed
	Silent       float64 `json:"silent" yaml:"silent" mapstructure:"silent"`                      // share of outages without a detach: an empty battery, no coverage; assumed
	Fades        float64 `json:"fades" yaml:"fades" mapstructure:"fades"`                         // slow fades to a neighbour cell an hour during a stay by day, at 800 m site spacing; denser more [R08]; assumed
	FadesNight   float64 `json:"fades_night" yaml:"fades_night" mapstructure:"fades_night"`       // and between 0 and 6 h
	FadeMeanS    float64 `json:"fade_mean_s" yaml:"fade_mean_s" mapstructure:"fade_mean_s"`       // their mean duration, seconds; assumed
	Drifts       float64 `json:"drifts" yaml:"drifts" mapstructure:"drifts"`                      // drifts to a distant cell an hour during a stay; assumed
	DriftMeanS   float64 `json:"drift_mean_s" yaml:"drift_mean_s" mapstructure:"drift_mean_s"`    // their mean duration, seconds; assumed
}

// DefaultConfig is the configuration that the realism report is about. The
// start is a Monday.
func DefaultConfig() Config {
	return Config{
		Profile: Curated, Probe: ProbeCore, Persons: 2000, Days: 7, Start: "2026-03-02", Holidays: []string{}, Seed: 1,
		Population: population.DefaultConfig(),
		Life: Life{
			WorkStartH: 8.4, WorkStartSDH: 0.6, WorkHours: 8.7, WorkHoursSD: 0.5, PartTime: 0.2,
			EarlyShift: 0.05, LateShift: 0.05, NightShift: 0.02, WeekendWork: 0.12, DayOff: 0.08, HomeOffice: 0.12, LunchOut: 0.22,
			KindergartenHours: 8.2, MotherEscorts: 0.65, OtherEscort: 0.25, ChildSick: 0.04,
			ShopBusy: 0.36, ShopFree: 0.65, SalonFemale: 0.05, SalonMale: 0.015,
			StoreByIncome: []float64{0.01, 0.018, 0.03, 0.05, 0.08}, StoreFemale: 1.5, StoreWeekend: 2,
			Restaurant: 0.1, Leisure: 0.24, Visit: 0.05, Worshippers: 0.12, Hospital: 0.006, Outing: 0.2, HolidayFactor: 1,
			Excursion: 0.1, GoOn: 0.45, StayInBusy: 0.5, StayInFree: 0.38, Explore: 0.6, ExploreFall: 0.21,
			Vacations: 2.5, ShortVacations: 0.6, BusinessTrips: 1.5, OutCommuters: 0.05,
			Bike: 0.4, WalkMaxM: 600, Detour: 1.3, WalkKmh: 4.7, BikeKmh: 14, CarKmh: 32, TransitKmh: 22, OtherVehicles: 0.1,
			CarAccessS: 180, TransitAccessS: 480,
		},
		Phone: Phone{
			T3412S: 54 * 60, InactivityS: 10, TAIList: 2,
			Bursts: 56, BurstMore: 0.68, GapMinS: 12, GapMaxS: 1200, Background: 0.4, SpreadLog: 0.5,
			Streams: 0.3, StreamS: 180, Reconnects: 0.84, ConnectionS: 6, PauseMinS: 12, PauseMaxS: 90,
			Calls: 1.1, SMS: 0.8, OutsideCalls: 0.4, Unanswered: 0.15, SecondUse: 0.35, Quiet: 0.04,
			NightOff: 0.04, Outages: 0.1, Silent: 0.5, Fades: 3, FadesNight: 0.2, FadeMeanS: 150,
			Drifts: 0.01, DriftMeanS: 240,
		},
		Machines: defaultMachines(),
		Faults:   defaultFaults(),
	}
}

// Validate names the first key that is out of range.
func (c *Config) Validate() error {
	if c.Profile != Curated && c.Profile != Raw {
		return fmt.Errorf("profile %q: want %s or %s", c.Profile, Curated, Raw)
	}
	if c.Probe != ProbeCore && c.Probe != ProbeRAN {
		return fmt.Errorf("probe %q: want %s or %s", c.Probe, ProbeCore, ProbeRAN)
	}
	if c.Persons < 1 || c.Persons > population.MaxPersons {
		return fmt.Errorf("persons = %d, must be from 1 to %d", c.Persons, population.MaxPersons)
	}
	if c.Inhabitants != 0 && c.Inhabitants < c.Persons {
		return fmt.Errorf("inhabitants = %d, must be 0 or at least persons = %d", c.Inhabitants, c.Persons)
	}
	if c.Days < 1 || c.Days > 3660 {
		return fmt.Errorf("days = %d, must be from 1 to 3660", c.Days)
	}
	zone := c.TimeZone
	if zone == "" {
		zone = "Etc/UTC"
	}
	if _, err := sigcity.NewCalendar(zone, c.Start, c.Days, c.Holidays); err != nil {
		return err
	}
	for _, h := range c.Holidays {
		if _, err := time.Parse(sigcity.DateLayout, h); err != nil {
			return fmt.Errorf("holidays: %q, want dates as YYYY-MM-DD", h)
		}
	}
	if err := c.Population.Validate(); err != nil {
		return err
	}
	if err := c.Life.validate(); err != nil {
		return err
	}
	if err := c.Phone.validate(); err != nil {
		return err
	}
	if err := c.Machines.validate(); err != nil {
		return err
	}
	return c.Faults.validate()
}

type bound struct {
	key       string
	v, lo, hi float64
}

func check(section string, bounds []bound) error {
	for _, b := range bounds {
		if !(b.v >= b.lo && b.v <= b.hi) {
			return fmt.Errorf("%s.%s = %g, must be from %g to %g", section, b.key, b.v, b.lo, b.hi)
		}
	}
	return nil
}

func (l *Life) validate() error {
	if len(l.StoreByIncome) != 5 {
		return fmt.Errorf("life.store_by_income: %d values, want one for each of the 5 income classes", len(l.StoreByIncome))
	}
	for _, v := range l.StoreByIncome {
		if err := check("life", []bound{{"store_by_income", v, 0, 1}}); err != nil {
			return err
		}
	}
	return check("life", []bound{
		{"work_start_h", l.WorkStartH, 5, 12}, {"work_start_sd_h", l.WorkStartSDH, 0, 3},
		{"work_hours", l.WorkHours, 4, 12}, {"work_hours_sd", l.WorkHoursSD, 0, 2},
		{"part_time", l.PartTime, 0, 1}, {"early_shift", l.EarlyShift, 0, 1},
		{"late_shift", l.LateShift, 0, 1 - l.EarlyShift}, {"night_shift", l.NightShift, 0, 1 - l.EarlyShift - l.LateShift},
		{"weekend_work", l.WeekendWork, 0, 1}, {"day_off", l.DayOff, 0, 1}, {"home_office", l.HomeOffice, 0, 1},
		{"lunch_out", l.LunchOut, 0, 1}, {"kindergarten_hours", l.KindergartenHours, 3, 10},
		{"mother_escorts", l.MotherEscorts, 0, 1}, {"other_escort", l.OtherEscort, 0, 1}, {"child_sick", l.ChildSick, 0, 1},
		{"shop_busy", l.ShopBusy, 0, 1}, {"shop_free", l.ShopFree, 0, 1},
		{"salon_female", l.SalonFemale, 0, 1}, {"salon_male", l.SalonMale, 0, 1},
		{"store_female", l.StoreFemale, 0, 100}, {"store_weekend", l.StoreWeekend, 0, 100},
		{"restaurant", l.Restaurant, 0, 1}, {"leisure", l.Leisure, 0, 1}, {"visit", l.Visit, 0, 1},
		{"worshippers", l.Worshippers, 0, 1}, {"hospital", l.Hospital, 0, 0.3}, {"outing", l.Outing, 0, 1},
		{"excursion", l.Excursion, 0, 1}, {"go_on", l.GoOn, 0, 1}, {"stay_in_busy", l.StayInBusy, 0, 1}, {"stay_in_free", l.StayInFree, 0, 1},
		{"explore", l.Explore, 0, 1}, {"explore_fall", l.ExploreFall, 0, 2},
		{"holiday_factor", l.HolidayFactor, 0, 2}, {"vacations", l.Vacations, 0, 8}, {"short_vacations", l.ShortVacations, 0, 1}, {"business_trips", l.BusinessTrips, 0, 20}, {"out_commuters", l.OutCommuters, 0, 1},
		{"bike", l.Bike, 0, 1}, {"walk_max_m", l.WalkMaxM, 0, 1e4},
		{"detour", l.Detour, 1, 5}, {"walk_kmh", l.WalkKmh, 1, 10}, {"bike_kmh", l.BikeKmh, 2, 50},
		{"car_kmh", l.CarKmh, 5, 150}, {"transit_kmh", l.TransitKmh, 5, 150},
		{"other_vehicles", l.OtherVehicles, 0, 100}, {"car_access_s", l.CarAccessS, 0, 3600}, {"transit_access_s", l.TransitAccessS, 0, 3600},
	})
}

func (p *Phone) validate() error {
	return check("phone", []bound{
		{"t3412_s", float64(p.T3412S), 60, 86400}, {"inactivity_s", float64(p.InactivityS), 0, 3600}, {"tai_list", float64(p.TAIList), 1, maxTAIs},
		{"bursts", p.Bursts, 0, 1000}, {"burst_more", p.BurstMore, 0, 0.99},
		{"gap_min_s", p.GapMinS, 1, 3600}, {"gap_max_s", p.GapMaxS, p.GapMinS, 86400},
		{"streams", p.Streams, 0, 1}, {"stream_s", p.StreamS, 1, 3600}, {"reconnects", p.Reconnects, 0, 0.99},
		{"connection_s", p.ConnectionS, 0, 600}, {"pause_min_s", p.PauseMinS, 1, 3600}, {"pause_max_s", p.PauseMaxS, p.PauseMinS, 3600},
		{"background", p.Background, 0, 100}, {"spread_log", p.SpreadLog, 0, 3},
		{"calls", p.Calls, 0, 200}, {"sms", p.SMS, 0, 1000}, {"outside_calls", p.OutsideCalls, 0, 1}, {"unanswered", p.Unanswered, 0, 1}, {"second_use", p.SecondUse, 0, 10}, {"quiet", p.Quiet, 0, 1},
		{"night_off", p.NightOff, 0, 1}, {"outages", p.Outages, 0, 50}, {"silent", p.Silent, 0, 1},
		{"fades", p.Fades, 0, 100}, {"fades_night", p.FadesNight, 0, 100}, {"fade_mean_s", p.FadeMeanS, 1, 7200},
		{"drifts", p.Drifts, 0, 100}, {"drift_mean_s", p.DriftMeanS, 1, 7200},
	})
}
