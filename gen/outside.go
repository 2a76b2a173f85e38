package gen

import (
	"cmp"
	"math"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// Outside says what an attacker may hold beside the register. All its figures
// are assumed.
type Outside struct {
	Checkins   CheckinSource             `json:"checkins" yaml:"checkins" mapstructure:"checkins"`
	Cards      CardSource                `json:"transit_cards" yaml:"transit_cards" mapstructure:"transit_cards"`
	Contacts   population.ContactBook    `json:"contacts" yaml:"contacts" mapstructure:"contacts"`
	Attributes population.AttributeTable `json:"attributes" yaml:"attributes" mapstructure:"attributes"`
}

// CheckinSource is a social network whose posts tell places.
type CheckinSource struct {
	Coverage   population.ByAge `json:"coverage" yaml:"coverage" mapstructure:"coverage"`          // share of people with an account
	PerWeek    float64          `json:"per_week" yaml:"per_week" mapstructure:"per_week"`          // posts of somebody who goes out for leisure every day
	SpreadLog  float64          `json:"spread_log" yaml:"spread_log" mapstructure:"spread_log"`    // standard deviation of the logarithm of that between people
	Home       float64          `json:"home" yaml:"home" mapstructure:"home"`                      // share of posts from home
	Leisure    float64          `json:"leisure" yaml:"leisure" mapstructure:"leisure"`             // weights of the other stays of a day; where they add up to less than 1, some posts are not made
	Restaurant float64          `json:"restaurant" yaml:"restaurant" mapstructure:"restaurant"`    //
	Shopping   float64          `json:"shopping" yaml:"shopping" mapstructure:"shopping"`          // shops, department stores and salons
	Visit      float64          `json:"visit" yaml:"visit" mapstructure:"visit"`                   //
	Work       float64          `json:"work" yaml:"work" mapstructure:"work"`                      // and universities
	Named      float64          `json:"named" yaml:"named" mapstructure:"named"`                   // share of accounts under the true name
	ErrorM     float64          `json:"error_m" yaml:"error_m" mapstructure:"error_m"`             // standard deviation in each direction, metres
	Late       float64          `json:"late" yaml:"late" mapstructure:"late"`                      // share of posts that are made later
	LateMeanS  float64          `json:"late_mean_s" yaml:"late_mean_s" mapstructure:"late_mean_s"` // by so many seconds on average; exponential
}

// CardSource is the log of a card for public transport.
type CardSource struct {
	Coverage population.ByAge `json:"coverage" yaml:"coverage" mapstructure:"coverage"` // share of people who have one
	Missed   float64          `json:"missed" yaml:"missed" mapstructure:"missed"`       // share of taps that are not logged
	ClockS   float64          `json:"clock_s" yaml:"clock_s" mapstructure:"clock_s"`    // standard deviation of the error of a reader's clock, seconds, the same all the time
}

func defaultOutside() Outside {
	return Outside{
		Checkins: CheckinSource{Coverage: population.ByAge{Child: 0, Young: 0.3, Middle: 0.15, Elder: 0.04}, PerWeek: 2, SpreadLog: 1, Home: 0.05,
			Leisure: 1, Restaurant: 1, Shopping: 0.3, Visit: 0.2, Work: 0.1, Named: 0.4, ErrorM: 30, Late: 0.3, LateMeanS: 2 * 3600},
		Cards: CardSource{Coverage: population.ByAge{Child: 0.3, Young: 0.6, Middle: 0.6, Elder: 0.6}, Missed: 0.01, ClockS: 15},
		Contacts: population.ContactBook{Coverage: population.ByAge{Child: 0, Young: 0.6, Middle: 0.4, Elder: 0.15},
			Recall: 0.7, False: 0.05},
		Attributes: population.AttributeTable{Coverage: population.ByAge{Child: 0, Young: 0.3, Middle: 0.5, Elder: 0.4}, Named: 0.5, Error: 0.05,
			Missing: 0.2, Stale: 0.1},
	}
}

func (o *Outside) validate() error {
	c, t := &o.Checkins, &o.Cards
	return cmp.Or(c.Coverage.Validate("outside.checkins.coverage"), check("outside.checkins", []bound{
		{"per_week", c.PerWeek, 0, 700}, {"spread_log", c.SpreadLog, 0, 3}, {"home", c.Home, 0, 1}, {"leisure", c.Leisure, 0, 1},
		{"restaurant", c.Restaurant, 0, 1}, {"shopping", c.Shopping, 0, 1}, {"visit", c.Visit, 0, 1}, {"work", c.Work, 0, 1},
		{"named", c.Named, 0, 1}, {"error_m", c.ErrorM, 0, 1e5}, {"late", c.Late, 0, 1}, {"late_mean_s", c.LateMeanS, 0, 30 * 86400},
	}), t.Coverage.Validate("outside.transit_cards.coverage"), check("outside.transit_cards", []bound{
		{"missed", t.Missed, 0, 1}, {"clock_s", t.ClockS, 0, 3600},
	}), o.Contacts.Validate("outside.contacts"), o.Attributes.Validate("outside.attributes"))
}

// informants draw what the outside sources learn of a day. One per part: what
// they keep is scratch memory.
type informants struct {
	*Outside
	pop             *population.Population
	accounts, cards *population.Source
	weight          [Hospital + 1]float64 // of posts, by kind of stay
	scopes          struct{ posts, trait, missed, clock uint64 }
	stream, names   sigcity.Stream
	stays           []*Segment
	cum             []float64
}

func newInformants(pop *population.Population, o *Outside) *informants {
	n := &informants{Outside: o, pop: pop, accounts: pop.NewSource(dataset.SourceCheckins, o.Checkins.Coverage),
		cards: pop.NewSource(dataset.SourceCards, o.Cards.Coverage)}
	s := func(name string) uint64 { return sigcity.Scope(pop.Seed, "gen.outside."+name) }
	n.scopes.posts, n.scopes.trait, n.scopes.missed, n.scopes.clock = s("posts"), s("account"), s("missed"), s("clock")
	c := &o.Checkins
	for k, w := range map[Kind]float64{Leisure: c.Leisure, Restaurant: c.Restaurant, Shop: c.Shopping, Store: c.Shopping, Salon: c.Shopping,
		Visit: c.Visit, Work: c.Work, University: c.Work} {
		n.weight[k] = w
	}
	return n
}

// posts appends the posts about the day of a person who has an account.
func (n *informants) posts(dst []dataset.Checkin, person uint32, d day, segs []Segment) []dataset.Checkin {
	account, ok := n.accounts.Entry(person)
	if !ok {
		return dst
	}
	c := &n.Checkins
	r := n.stream.Seed(sigcity.Mix(n.scopes.trait, uint64(person)))
	rate := c.PerWeek / 7 * math.Exp(float64(c.SpreadLog*r.NormFloat64())-c.SpreadLog*c.SpreadLog/2) // a log-normal factor of mean 1
	named := r.Float64() < c.Named
	r = n.stream.Seed(sigcity.Mix(sigcity.Mix(n.scopes.posts, uint64(person)), uint64(d.index)))
	for v := r.ExpFloat64(); v < rate; v += r.ExpFloat64() {
		s := n.pick(r, segs)
		if s == nil {
			continue
		}
		from := max(s.Start, min(d.midnight+wakeS, s.End-1))
		at := from + uint32(r.Float64()*float64(s.End-from))
		if r.Float64() < c.Late {
			at += uint32(r.ExpFloat64() * c.LateMeanS)
		}
		q := n.pop.City.Proj.LonLat(geo.XY{X: s.From.X + float64(c.ErrorM*r.NormFloat64()), Y: s.From.Y + float64(c.ErrorM*r.NormFloat64())})
		row := dataset.Checkin{Time: at, Account: account, Kind: s.Kind.String(), Lon: q[0], Lat: q[1]}
		if named {
			row.Name = n.pop.Name(&n.names, person)
		} else {
			row.Name = n.pop.Handle(&n.names, person)
		}
		dst = append(dst, row)
	}
	return dst
}

// wakeS is the second of the day from which people post (assumed).
const wakeS = 7 * 3600

// pick draws the stay of a post: one at home, or one of the others by weight;
// nil where the day has none such, or none that is worth a post.
func (n *informants) pick(r *rand.Rand, segs []Segment) *Segment {
	home := r.Float64() < n.Checkins.Home
	n.stays, n.cum = n.stays[:0], n.cum[:0]
	sum := 0.0
	for i := range segs {
		s := &segs[i]
		if s.Mode != Stay || (s.Kind == Home) != home || int(s.Kind) >= len(n.weight) {
			continue
		}
		w := n.weight[s.Kind]
		if home {
			w = float64(s.End - s.Start)
		}
		if w > 0 {
			sum += w
			n.stays, n.cum = append(n.stays, s), append(n.cum, sum)
		}
	}
	if !home {
		sum = max(sum, 1)
	}
	u := r.Float64() * sum
	for i, c := range n.cum {
		if u < c {
			return n.stays[i]
		}
	}
	return nil
}
