package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// Mode is how a trip is made.
type Mode uint8

const (
	Stay Mode = iota // no trip
	Walk
	Bike
	Car // as its driver or a passenger
	Bus // this and the next ones: what one rides the farthest on a journey by public transport
	Tram
	Metro
	Rail
	HighSpeed
	Transit // a wish: by any line
)

var modeNames = [...]string{"", "walk", "bike", "car", "bus", "tram", "metro", "rail", "high_speed", "transit"}

func (m Mode) String() string { return modeNames[m] }

// on is the mode of who rides on a line.
func on(m network.LineMode) Mode { return Bus + Mode(m) }

// rides tells the modes of public transport.
func (m Mode) rides() bool { return m >= Bus }

// The choice of mode is a multinomial logit (McFadden 1974): each mode has a
// utility and a Gumbel-distributed taste, and the best one is taken. A minute in
// a vehicle counts as the guidelines of the Federal Transit Administration have
// it (−0.02 to −0.03; a minute of walking and waiting for it 2 to 3 times as much),
// a change of vehicles as 10 minutes on board (5 to 15 are usual). All else is
// assumed. Fares, fuel and parking are in the constants.
const (
	rideMin    = -0.025 // a minute on board or at the wheel
	accessMin  = -0.05  // a minute on foot to and from the vehicle, or waiting
	changeCost = -0.25  // a change of vehicles
	walkMin    = -0.08  // a minute of a trip on foot
	bikeMin    = -0.06  // a minute of a trip by bicycle

	walkConst      = 1.5 // these are relative to driving one's own car
	bikeConst      = -1.0
	passengerConst = -2.0 // driven by somebody else of the household
	liftConst      = -3.5 // by a neighbour or colleague, or in a taxi
	lineConst      = -0.5

	habit = 0.8 // chance that a person's taste for a way is the usual one
)

// Vehicles run in these hours (assumed): who would set out in others goes
// otherwise.
const firstServiceH, lastServiceH = 5, 24

// Bounds of what a vehicle can do: no utility is above that of going straight so
// fast (km/h).
const (
	carBoundKmh  = 130
	rideBoundKmh = 350
)

// traveller is who chooses.
type traveller struct {
	car    bool   // can drive
	driven bool   // somebody else of the household can
	bike   bool   // has a bicycle
	taste  uint64 // key of usual tastes
}

// choose is the mode of a trip from here that begins at a second of the day. A
// car or bicycle taken from home stays with the tour.
func (t *tour) choose(to geo.XY, at int32) Mode {
	if t.here.kind != Home && (t.mode == Car || t.mode == Bike) {
		return t.mode
	}
	// Usual tastes are those of the way, there and back.
	key := sigcity.Mix(t.who.taste, pointKey(geo.XY{X: t.here.pos.X + to.X, Y: t.here.pos.Y + to.Y}))
	if u, fresh := t.r.Float64(), t.r.Uint64(); u >= habit {
		key = fresh
	}
	m := t.best(to, at, key, true)
	if m == Walk && t.longWalk(to) {
		m = t.best(to, at, key, false)
	}
	return m
}

// best is the mode of the highest utility. A way is searched only where the mode
// could be the best if it led straight and fast.
func (t *tour) best(to geo.XY, at int32, key uint64, onFoot bool) Mode {
	d := t.here.pos.Dist(to)
	taste := func(m Mode) float64 {
		return -math.Log(-math.Log(sigcity.Unit(sigcity.Mix(key, uint64(m))) + 1e-12))
	}
	best, most := Car, math.Inf(-1)
	offer := func(m Mode, u float64) {
		if u > most {
			best, most = m, u
		}
	}
	if onFoot {
		offer(Walk, taste(Walk)+walkConst+float64(walkMin*inMinutes(t.travel(t.here.pos, to, Walk))))
	}
	if t.who.bike && t.here.kind == Home {
		offer(Bike, taste(Bike)+bikeConst+float64(bikeMin*inMinutes(t.travel(t.here.pos, to, Bike))))
	}
	car, access := taste(Car), float64(accessMin*t.life.CarAccessS/60)
	switch {
	case t.who.car && t.here.kind == Home:
	case t.who.driven:
		car += passengerConst
	default:
		car += liftConst
	}
	if car+access+float64(rideMin*(d*0.06/carBoundKmh)) > most {
		way := inMinutes(t.start(at, to, Car).way) - t.life.CarAccessS/60
		offer(Car, car+access+float64(rideMin*way))
	}
	line, fastest := taste(Transit)+lineConst, float64(rideMin*(d*0.06/rideBoundKmh))
	if h := hourOf(at); h >= firstServiceH && h < lastServiceH && line+fastest > most {
		if skim, ok := t.rider.weigh(t.here.pos, to); ok {
			offer(Transit, line+rideUtility(skim))
		}
	}
	return best
}

func inMinutes(s int32) float64 { return float64(s) / 60 }

// rideUtility is that of the times and changes of a journey.
func rideUtility(s network.Skim) float64 {
	return float64(rideMin*s.Aboard/60) + float64(accessMin*(s.Seconds-s.Aboard)/60) + float64(changeCost*float64(s.Rides-1))
}

// longWalk tells a way on foot that is far longer than streets make it, as to the
// other side of a motorway: nobody walks it.
func (t *tour) longWalk(to geo.XY) bool {
	const far = 1.5 // assumed
	path, _ := t.ways.find(t.here.pos, to, Walk, 0)
	return path != nil && path.Length > float64(far*t.life.Detour*t.here.pos.Dist(to)) && path.Length > t.life.WalkMaxM
}

// traveller is what a member of household h has at hand.
func (p *planner) traveller(m *member, h uint32) traveller {
	w := traveller{car: m.who.Car, taste: sigcity.Mix(p.scopes.taste, uint64(m.id))}
	w.bike = m.who.Age >= 7 && sigcity.Unit(w.taste) < p.life.Bike
	for i := range p.family {
		w.driven = w.driven || p.family[i].who.Car && p.family[i].id != m.id
	}
	return w
}
