package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// How people commute out of the city (assumed).
const (
	nearGateM     = 20_000.0 // straight; those who live farther from all roads out work inside
	gateScaleM    = 5_000.0  // of the choice of a gate by distance
	commuteLeaveH = 6.3      // the earliest; within the next two hours
	commuteHours  = 9.5      // the shortest from leaving home to coming in again; up to two more
)

// commutes tells who works outside: employed persons who drive, live near a road
// gate and bring no child to the kindergarten. It stays so.
func (a *absences) commutes(person uint32) bool {
	if a == nil || int(person) >= a.pop.Residents || sigcity.Unit(sigcity.Mix(a.commute, uint64(person))) >= a.life.OutCommuters {
		return false
	}
	who := &a.pop.Persons[person]
	if who.Employment != population.Employed || !who.Car || withPreschooler(a.pop, who.Household) {
		return false
	}
	home := a.pop.Households[who.Household].Pos
	for _, g := range a.gates[network.RoadGate] {
		if home.Dist(a.pop.City.Gates[g].Pos) < nearGateM {
			return true
		}
	}
	return false
}

// withPreschooler tells households with a preschool child.
func withPreschooler(pop *population.Population, h uint32) bool {
	for i, limit := pop.Members(h); i < limit; i++ {
		if pop.Persons[i].Employment == population.Preschool {
			return true
		}
	}
	return false
}

// commuteOn is a commuter's way to work and back on a day of the epoch: on working
// days, unless sick or on leave.
func (a *absences) commuteOn(person uint32, on int) (absence, bool) {
	key := sigcity.Mix(a.commute, uint64(person))
	today := sigcity.Mix(sigcity.Mix(key, 1), uint64(on))
	if a.free(on) || sigcity.Unit(today) < a.life.DayOff {
		return absence{}, false
	}
	u := func(i uint64) float64 { return sigcity.Unit(sigcity.Mix(key, i)) }
	v := func(i uint64) float64 { return sigcity.Unit(sigcity.Mix(today, i)) }
	leave := (commuteLeaveH + 2*u(2)) * 3600
	back := leave + (commuteHours+2*u(3))*3600
	midnight := a.midnight(on)
	return absence{leave: midnight + uint32(leave+600*v(1)), back: midnight + uint32(back+1200*v(2)),
		gate: a.gateNear(a.pop.Persons[person].Household, u(4)), mode: Car, commute: true}, true
}

// gateNear draws a road gate near home: the weights fall with the distance.
func (a *absences) gateNear(h uint32, u float64) int32 {
	home := a.pop.Households[h].Pos
	list := a.gates[network.RoadGate]
	weight := func(g int32) float64 {
		x := &a.pop.City.Gates[g]
		return x.Weight * math.Exp(-home.Dist(x.Pos)/gateScaleM)
	}
	sum := 0.0
	for _, g := range list {
		sum += weight(g)
	}
	left := float64(u * sum)
	for _, g := range list {
		if left -= weight(g); left < 0 {
			return g
		}
	}
	return list[len(list)-1]
}

// forgetWork takes the work places inside the city from those who work outside.
func (a *absences) forgetWork(register []dataset.RegisterEntry, identities []dataset.Identity) {
	for i, x := range identities {
		if a.commutes(x.Person) {
			register[i].HasWork, register[i].WorkLon, register[i].WorkLat = false, 0, 0
		}
	}
}

// worksOutside tells the anchors of work places that nobody goes to.
func (a *absences) worksOutside(x dataset.Anchor) bool {
	return x.Kind == dataset.ActWork && a.commutes(x.Person)
}
