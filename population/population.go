// Package population settles people in a city: households with their members,
// attributes that hang together as they do in life, the places they keep
// coming back to, the SIMs they carry, and the outside register that an
// attacker may hold about them.
//
// Persons are a sample of the city's inhabitants. Everything is a pure function
// of the city, the configuration, the counts and the seed: the number of
// workers never shows.
package population

import (
	"context"
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/network"
)

// PartHouseholds is the number of households whose SIMs share the files of one
// part. It is part of the format: another value gives other bytes.
const PartHouseholds = 4096

// Population is the people of a city and their SIMs. It is immutable once built.
type Population struct {
	City        *network.City
	Config      Config
	Seed        uint64
	Inhabitants int // persons that the sample stands for

	// Residents come first, parties of guests after them.
	Households []Household
	Persons    []Person // the members of a household lie side by side
	Residents  int      // of Persons
	Homes      int      // of Households
	Guests     []Guest  // of the other Households
	SIMs       []SIM    // by UserID
	Parts      []dataset.Part
	Fit        Fit
	Commute    Commute
	Warnings   []string // what the city could not offer

	mains  [Infant + 1]*gravity // who chooses a main place how, nil = nobody
	ties   ties
	venues map[dataset.Category]*Venues

	members [][]uint32 // per part: its households, ascending
}

// Household is a group of people who share a home.
type Household struct {
	Pos       geo.XY
	First     uint32 // index of the first member in Persons
	Building  int32  // index into City.Buildings; −1 = guests
	Community int32  // index into City.Communities, the nearest where the building is in none; −1 = the city has none
	Size      uint8
	Income    uint8 // class 1 … 5
	Cars      uint8
}

// Sex of a person.
type Sex uint8

const (
	Female Sex = iota
	Male
)

func (s Sex) String() string { return [...]string{dataset.SexFemale, dataset.SexMale}[s] }

// Employment is what a person does on a weekday.
type Employment uint8

const (
	Employed Employment = iota
	Unemployed
	Homemaker
	Retired
	Student
	Pupil
	Preschool
	Infant
)

var employmentNames = [...]string{dataset.Employed, dataset.Unemployed, dataset.Homemaker, dataset.Retired,
	dataset.Student, dataset.Pupil, dataset.Preschool, dataset.Infant}

func (e Employment) String() string { return employmentNames[e] }

// Role is a person's place in the household.
type Role uint8

const (
	Single      Role = iota // adult without a partner here (lone parents included)
	Partner                 // one of a couple
	Grandparent             // elder who lives with a younger family
	Child                   // of any age, living with parents
)

// Person is one sampled inhabitant, or a guest. Spots are None where the person has no such place.
type Person struct {
	Household  uint32
	Age        uint8
	Sex        Sex
	Employment Employment
	Role       Role
	Car        bool // has a car to drive
	Consent    bool

	Main       Spot // work place, university, school or kindergarten
	Lunch      Spot // restaurant near the main place
	Shop       [2]Spot
	Salon      Spot
	Store      Spot // department store
	Restaurant Spot
	Leisure    Spot
	Worship    Spot
	Hospital   Spot
}

// Spot is somewhere in the city: a place (its index in City.Places) or, where
// negative, a building (the complement of its index in City.Buildings).
type Spot int32

// None is no spot.
const None Spot = math.MinInt32

// BuildingSpot is the spot of building i.
func BuildingSpot(i int) Spot { return ^Spot(i) }

// Place is the index into City.Places, −1 where the spot is no place.
func (s Spot) Place() int64 {
	if s < 0 {
		return -1
	}
	return int64(s)
}

// Pos is where spot s lies; s must not be None.
func (p *Population) Pos(s Spot) geo.XY {
	if s >= 0 {
		return p.City.Places[s].Pos
	}
	return p.City.Buildings[^s].Pos
}

// SIM is one subscription.
type SIM struct {
	IMSI, MSISDN, IMEI int64
	Key                uint32         // what all that is drawn for the SIM hangs on: the user id that it had without guests; theirs follow
	Person             uint32         // NoPerson = a machine's
	Host               uint32         // of a machine at home: the household; in a car: who drives it
	Spot               Spot           // of another machine: where it stands; else None
	Device             sigcity.UserID // the handset or machine, named by its first SIM
	Previous, Next     sigcity.UserID // before and after it on the person's line, NoSIM = none
	From, To           uint32         // validity in seconds from the first midnight on; To = 0: to the end
	Operator           uint8          // index into City.Operators: whose cells it is in
	Foreign            uint8          // 1 + index into Config.Guests.ForeignPLMNs where its own network is another one
	Slot               uint8          // of the handset: 0, or 1 in one for two SIMs
	Second             bool           // not the person's main SIM
	Radio              Radio          // of the handset
	Use                Use
	Change             Succession // why it takes the place of Previous
}

// Initial reports whether it is a phone's SIM that is valid from the beginning on.
func (s *SIM) Initial() bool { return s.Use == Handset && s.Previous == NoSIM }

// NoSIM is no SIM.
const NoSIM = sigcity.UserID(math.MaxUint32)

// Radio is the newest radio access of a phone.
type Radio uint8

const (
	LTE Radio = iota
	NSA       // 5G beside an LTE cell, which it is on
	SA        // 5G on its own, LTE where there is none
)

// String is the value in the ground truth.
func (r Radio) String() string {
	return [...]string{dataset.RadioLTE, dataset.RadioNSA, dataset.RadioSA}[r]
}

// Members are the persons of household h, as indices First ≤ i < Limit.
func (p *Population) Members(h uint32) (first, limit uint32) {
	hh := &p.Households[h]
	return hh.First, hh.First + uint32(hh.Size)
}

// PartHouseholds lists the households of a part, ascending.
func (p *Population) PartHouseholds(part int) []uint32 { return p.members[part] }

// builder holds what only Build needs.
type builder struct {
	*Population
	ctx     context.Context
	workers int
}

// each runs body over 0 … n−1 on the workers, with a stream per worker.
func (b *builder) each(n int, body func(s *sigcity.Stream, i int)) error {
	streams := make([]sigcity.Stream, max(1, b.workers))
	return parallel.For(b.ctx, b.workers, n, 256, func(w, lo, hi int) error {
		for i := lo; i < hi; i++ {
			body(&streams[w], i)
		}
		return nil
	})
}

// Build settles persons people, who stand for inhabitants (0 = just themselves).
func Build(ctx context.Context, city *network.City, cfg Config, persons, inhabitants int, seed uint64, workers int) (*Population, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if persons < 1 {
		return nil, fmt.Errorf("persons = %d, must be at least 1", persons)
	}
	if persons > MaxPersons {
		return nil, fmt.Errorf("persons = %d, must be at most %d", persons, MaxPersons)
	}
	if inhabitants == 0 {
		inhabitants = persons
	}
	if inhabitants < persons {
		return nil, fmt.Errorf("inhabitants = %d, must be at least persons = %d", inhabitants, persons)
	}
	if len(city.Operators) == 0 || len(city.Operators) > math.MaxUint8 {
		return nil, fmt.Errorf("city %q: %d operators, want 1 to %d", city.Name, len(city.Operators), math.MaxUint8)
	}
	b := &builder{Population: &Population{City: city, Config: cfg, Seed: seed, Inhabitants: inhabitants}, ctx: ctx, workers: workers}
	for _, step := range []func() error{
		func() error { return b.form(persons) }, b.settle, b.describe, b.placeMain, b.placeErrands, b.befriend, b.subscribe, b.invite, b.mingle,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("population of %q: %w", city.Name, err)
		}
	}
	return b.Population, nil
}

func (b *builder) warn(format string, args ...any) {
	b.Warnings = append(b.Warnings, fmt.Sprintf(format, args...))
}
