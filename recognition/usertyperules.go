package recognition

// PopulationType is who a phone belongs to, by its ties to the city (T08).
type PopulationType uint8

const (
	PasserBy PopulationType = iota // stays nowhere for three hours
	Visitor                        // stays, but neither lives nor works here
	Worker                         // works here and sleeps elsewhere
	Resident                       // sleeps here
	numPopulationTypes
)

// PopulationTypes lists the types of T08 in order of their numbers.
func PopulationTypes() []PopulationType {
	return []PopulationType{PasserBy, Visitor, Worker, Resident}
}

func (p PopulationType) String() string {
	return [numPopulationTypes]string{"passer-by", "visitor", "worker", "resident"}[p]
}

// CrowdType is what the days of a person look like (T20).
type CrowdType uint8

const (
	OtherCrowd CrowdType = iota // none of the others
	Tourist                     // a visitor
	Driver                      // on the move for most of the hours of work
	Student                     // away from home from morning to afternoon
	Commuter                    // works away from home on most weekdays
	Carer                       // brings and fetches a child
	Elderly                     // at home by day, near home else
	numCrowdTypes
)

// CrowdTypes lists the types of T20 in order of their numbers.
func CrowdTypes() []CrowdType {
	return []CrowdType{OtherCrowd, Tourist, Driver, Student, Commuter, Carer, Elderly}
}

func (c CrowdType) String() string {
	return [numCrowdTypes]string{"other", "tourist", "driver", "student", "commuter", "carer", "elderly"}[c]
}

// TypeRules are the thresholds of the rules. They are assumed, but for VisitSec:
// multimno's shortest stay of a tourist.
type TypeRules struct {
	VisitSec       float64 // s; shortest of the longest stay of who is no passer-by [3 h]
	ResidentNights float64 // nights at home, share of the days of the calendar [0.5]
	WorkShare      float64 // weekdays at work, share of the weekdays seen [0.5]
	SchoolShare    float64 // weekdays at school, share of the weekdays seen [0.5]
	CarerShare     float64 // weekdays of bringing and fetching, share of the weekdays seen [0.4]
	DriverMoving   float64 // share of the hours of work on the move [0.5]
	ElderlyHome    float64 // share of the time in stays at home [0.7]
	ElderlyKM      float64 // km; largest radius of gyration [3]
}

// DefaultTypeRules are the thresholds in brackets.
func DefaultTypeRules() TypeRules {
	return TypeRules{VisitSec: 3 * hour, ResidentNights: 0.5, WorkShare: 0.5, SchoolShare: 0.5, CarerShare: 0.4, DriverMoving: 0.5, ElderlyHome: 0.7, ElderlyKM: 3}
}

// Population is the type of T08 of a phone in a data set of the given days: a
// resident sleeps at home in enough of its nights (at least two, for those of
// short data sets too); a worker is at the place of work on enough of the weekdays
// (at least two) without that; a visitor has one stay that is long enough.
func (r TypeRules) Population(p UserProfile, days int) PopulationType {
	// Nights end on the days of the calendar: the last one is of the next day.
	enough := max(2, r.ResidentNights*float64(days))
	switch {
	case float64(p.Nights) >= enough || days < 2 && p.Nights >= 1:
		return Resident
	case p.WorkDays >= 2 && float64(p.WorkDays) >= r.WorkShare*float64(p.Weekdays) && p.Nights < p.WorkDays:
		return Worker
	case p.LongestSec >= r.VisitSec:
		return Visitor
	}
	return PasserBy
}

// Crowd is the type of T20, the first that fits: tourist (a visitor of T08),
// driver, student, carer, commuter, elderly. Phones of passers-by are other. What the
// rules cannot see: the age of a person, and who brings a child on the way to work.
// Elderly therefore holds everybody who is mostly at home.
func (r TypeRules) Crowd(p UserProfile, days int) CrowdType {
	of := func(n int) float64 { return fractionOf(float64(n), float64(p.Weekdays)) }
	switch population := r.Population(p, days); {
	case population == PasserBy:
		return OtherCrowd
	case population == Visitor:
		return Tourist
	case p.MovingWork >= r.DriverMoving:
		return Driver
	case p.Weekdays > 0 && of(p.SchoolDays) >= r.SchoolShare:
		return Student
	case p.Weekdays > 0 && of(p.CarerDays) >= r.CarerShare:
		return Carer
	case p.Weekdays > 0 && of(p.WorkDays) >= r.WorkShare:
		return Commuter
	case p.HomeShare >= r.ElderlyHome && p.Gyration <= r.ElderlyKM:
		return Elderly
	}
	return OtherCrowd
}
