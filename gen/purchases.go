package gen

import (
	"cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/population"
)

// Purchases says what people buy on their stays, and how they pay. All its
// figures are assumed.
type Purchases struct {
	Shop       float64          `json:"shop" yaml:"shop" mapstructure:"shop"` // chance that somebody of 14 and over buys something on a stay
	Store      float64          `json:"store" yaml:"store" mapstructure:"store"`
	Restaurant float64          `json:"restaurant" yaml:"restaurant" mapstructure:"restaurant"`
	Salon      float64          `json:"salon" yaml:"salon" mapstructure:"salon"`
	Leisure    float64          `json:"leisure" yaml:"leisure" mapstructure:"leisure"`
	Payers     population.ByAge `json:"payers" yaml:"payers" mapstructure:"payers"` // share of people with a phone and data who pay by phone at all
	Mobile     float64          `json:"mobile" yaml:"mobile" mapstructure:"mobile"` // share of their purchases that they pay so
}

func defaultPurchases() Purchases {
	return Purchases{Shop: 0.92, Store: 0.6, Restaurant: 0.95, Salon: 1, Leisure: 0.3,
		Payers: population.ByAge{Child: 0, Young: 0.75, Middle: 0.6, Elder: 0.25}, Mobile: 0.6}
}

func (c *Purchases) validate() error {
	return cmp.Or(c.Payers.Validate("purchases.payers"), check("purchases", []bound{
		{"shop", c.Shop, 0, 1}, {"store", c.Store, 0, 1}, {"restaurant", c.Restaurant, 0, 1}, {"salon", c.Salon, 0, 1},
		{"leisure", c.Leisure, 0, 1}, {"mobile", c.Mobile, 0, 1},
	}))
}

// purchase is something that a person buys.
type purchase struct {
	at     uint32
	kind   Kind
	place  int32
	mobile bool
}

// buyersFrom is the age from which people buy for themselves (assumed).
const buyersFrom = 14

// buyers draw purchases: a pure function of the person's stay.
type buyers struct {
	chance      [Hospital + 1]float64 // by kind of stay
	payers      population.ByAge
	mobile      float64
	stay, payer uint64
}

func newBuyers(seed uint64, c *Purchases) *buyers {
	b := &buyers{payers: c.Payers, mobile: c.Mobile, stay: sigcity.Scope(seed, "gen.purchase"), payer: sigcity.Scope(seed, "gen.payer")}
	b.chance[Shop], b.chance[Store], b.chance[Restaurant], b.chance[Salon], b.chance[Leisure] = c.Shop, c.Store, c.Restaurant, c.Salon, c.Leisure
	return b
}

// paysByPhone reports whether a person who can pays by phone at all.
func (b *buyers) paysByPhone(person uint32, age uint8) bool {
	return sigcity.Unit(sigcity.Mix(b.payer, uint64(person))) < b.payers.Of(age)
}

// day appends what a person of an age buys on a day. A stay through midnight is
// of the day on which it began. Those who let one in pay on entering, the others
// when they leave, at most some minutes before; mobile purchases may turn out to
// be none where the phone is off.
func (b *buyers) day(dst []purchase, person uint32, age uint8, phone bool, d day, segs []Segment) []purchase {
	if age < buyersFrom {
		return dst
	}
	for i := range segs {
		s := &segs[i]
		if s.Mode != Stay || int(s.Kind) >= len(b.chance) || b.chance[s.Kind] == 0 || s.Start == d.midnight && d.index > 0 {
			continue
		}
		h := sigcity.Mix(sigcity.Mix(b.stay, uint64(person)), uint64(s.Start))
		if sigcity.Unit(h) >= b.chance[s.Kind] {
			continue
		}
		margin := min(uint32(tillS), s.End-s.Start)
		into := uint32(sigcity.Unit(sigcity.Mix(h, 1)) * float64(margin))
		at := s.End - margin + into
		if s.Kind == Leisure {
			at = s.Start + into
		}
		dst = append(dst, purchase{at, s.Kind, s.Place, phone && sigcity.Unit(sigcity.Mix(h, 2)) < b.mobile})
	}
	return dst
}

// tillS is how long before leaving one pays at most, seconds (assumed); payS how
// long paying keeps the phone busy with data at least and at most (assumed).
const (
	tillS   = 300
	payMinS = 2
	payMaxS = 8
)

// pays is how long a payment by phone keeps it busy, seconds.
func (x *purchase) pays() uint32 { return payMinS + x.at%(payMaxS-payMinS+1) }

// row is the purchase's row.
func (x *purchase) row(person uint32) dataset.Purchase {
	return dataset.Purchase{Person: person, Kind: x.kind.String(), Place: int64(x.place), Time: x.at, Mobile: x.mobile}
}
