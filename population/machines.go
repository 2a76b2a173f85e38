package population

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Use is what a SIM sits in.
type Use uint8

const (
	Handset    Use = iota // a person's phone
	Meter                 // of electricity or gas, at a home
	Alarm                 // an alarm panel or lift telephone, at a home
	Router                // fixed wireless access, at a home
	Terminal              // for payments, in a shop
	Vending               // a vending machine
	Camera                // at a shop or work place
	Telematics            // the communication unit of a car
	uses
)

// String is the value in the ground truth.
func (u Use) String() string {
	return [...]string{"", "meter", "alarm", "router", "terminal", "vending", "camera", "telematics"}[u]
}

// AtHome tells the machines of households that stay where they are.
func (u Use) AtHome() bool { return u >= Meter && u <= Router }

// AtPlace tells the machines of shops and work places.
func (u Use) AtPlace() bool { return u >= Terminal && u <= Camera }

// NoPerson is the person of a machine's SIM.
const NoPerson = math.MaxUint32

// IoTShares are the shares of the uses among IoT SIMs.
type IoTShares struct {
	Meter      float64 `json:"meter" yaml:"meter" mapstructure:"meter"`
	Alarm      float64 `json:"alarm" yaml:"alarm" mapstructure:"alarm"`
	Router     float64 `json:"router" yaml:"router" mapstructure:"router"`
	Terminal   float64 `json:"terminal" yaml:"terminal" mapstructure:"terminal"`
	Vending    float64 `json:"vending" yaml:"vending" mapstructure:"vending"`
	Camera     float64 `json:"camera" yaml:"camera" mapstructure:"camera"`
	Telematics float64 `json:"telematics" yaml:"telematics" mapstructure:"telematics"`
}

func (s *IoTShares) list() []float64 {
	return []float64{s.Meter, s.Alarm, s.Router, s.Terminal, s.Vending, s.Camera, s.Telematics}
}

// machine is one that has a SIM.
type machine struct {
	use  Use
	host uint32 // household at home, driver of a car
	spot Spot   // else
}

// venuesOf are the categories of places where machines stand, by use.
var venuesOf = map[Use][]dataset.Category{
	Terminal: {dataset.Shop, dataset.Salon, dataset.DepartmentStore, dataset.Restaurant},
	Vending:  {dataset.Station, dataset.Hospital, dataset.University, dataset.Office, dataset.Leisure, dataset.Airport},
	Camera:   {dataset.Shop, dataset.DepartmentStore, dataset.Office, dataset.Industry, dataset.Station},
}

// machines lists the machines of each part, in order of use: at homes and in
// cars of the part's households, and of the places that a hash gives to it.
// Every home, place and car has one of a use before any has two.
func (b *builder) machines(partOf func(household uint32) int) [][]machine {
	out := make([][]machine, len(b.members))
	total := b.Config.IoTPer100 / 100 * float64(len(b.Persons))
	sum, made := 0.0, 0
	for k, share := range b.Config.IoTShares.list() {
		use := Use(k + 1)
		// Rounded sums: together they are as many as wanted.
		sum += share
		n := int(math.Round(total*sum)) - made
		made += n
		if n <= 0 {
			continue
		}
		key := sigcity.Hash(b.Seed, "population.machine", uint64(use))
		switch {
		case use.AtHome():
			homes := uint32(len(b.Households))
			order := sigcity.NewPermutation(homes, key)
			for i := range n {
				h := order.At(uint32(i) % homes)
				out[partOf(h)] = append(out[partOf(h)], machine{use: use, host: h, spot: None})
			}
		case use == Telematics:
			drivers := b.drivers()
			if n > len(drivers) {
				b.warn("%d cars with a driver: no more of the %d of telematics", len(drivers), n)
				n = len(drivers)
			}
			if n == 0 {
				continue
			}
			order := sigcity.NewPermutation(uint32(len(drivers)), key)
			for i := range n {
				driver := drivers[order.At(uint32(i))]
				part := partOf(b.Persons[driver].Household)
				out[part] = append(out[part], machine{use: use, host: driver, spot: None})
			}
		default:
			spots := b.hosts(use)
			if len(spots) == 0 {
				b.warn("no place for %d machines of use %s", n, use)
				continue
			}
			order := sigcity.NewPermutation(uint32(len(spots)), key)
			parts := sigcity.Scope(b.Seed, "population.machine.part")
			for i := range n {
				s := spots[order.At(uint32(i)%uint32(len(spots)))]
				part := int(sigcity.Mix(parts, uint64(uint32(s))) % uint64(len(out)))
				out[part] = append(out[part], machine{use: use, spot: s})
			}
		}
	}
	return out
}

// drivers lists who drives a car of the household, as many of each as it has
// cars: the first ones, in order of its members.
func (b *builder) drivers() []uint32 {
	var out []uint32
	for h := range b.Households {
		cars := int(b.Households[h].Cars)
		first, limit := b.Members(uint32(h))
		for i := first; i < limit && cars > 0; i++ {
			if b.Persons[i].Car {
				out = append(out, i)
				cars--
			}
		}
	}
	return out
}

// hosts lists the places where machines of a use stand; where the map has none,
// the buildings with jobs, and where it has none of these either, all.
func (b *builder) hosts(use Use) []Spot {
	var out []Spot
	for _, cat := range venuesOf[use] {
		for i := range b.City.Places {
			if b.City.Places[i].Category == cat {
				out = append(out, Spot(i))
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for i := range b.City.Buildings {
		if b.City.Buildings[i].Jobs > 0 {
			out = append(out, BuildingSpot(i))
		}
	}
	if len(out) > 0 {
		return out
	}
	for i := range b.City.Buildings {
		out = append(out, BuildingSpot(i))
	}
	return out
}

// machine is the SIM of one, of an operator by market share.
func (i *issuer) machine(user sigcity.UserID, m machine) SIM {
	op := uint8(pick(i.shares, sigcity.Unit(sigcity.Mix(i.thing, uint64(user)))))
	imei := moduleIMEI + int64(m.use-1)*numbers + int64(i.device.At(uint32(user)))
	return SIM{
		Use: m.use, Person: NoPerson, Host: m.host, Spot: m.spot, Device: user, Operator: op, Radio: LTE, Previous: NoSIM, Next: NoSIM,
		IMSI: i.imsiOf(user, op), MSISDN: i.msisdnOf(user), IMEI: imei*10 + luhn(imei),
	}
}
