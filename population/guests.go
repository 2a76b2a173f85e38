package population

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// Kind says whether a person lives in the city, and what else brings people into
// its network.
type Kind uint8

const (
	Resident Kind = iota
	Visitor       // a tourist or business guest
	Commuter      // lives outside and works here
	Passing       // goes through, from one gate to another
)

var personKinds = [...]string{dataset.KindResident, dataset.KindVisitor, dataset.KindCommuter, dataset.KindPassing}

// String is the value of truth/persons.kind.
func (k Kind) String() string { return personKinds[k] }

// Guest is a party of people who do not live in the city: a household of its
// own, after those of the residents. Where it is from is told by a gate; where it
// is in the city by the household's position: the hotel of visitors who stay the night, of all others
// the gate.
type Guest struct {
	Kind     Kind
	Gate     int32 // index into City.Gates: where it comes from and goes back to
	Exit     int32 // of through traffic, the gate at the other end; else −1
	Nights   uint8 // of visitors: 0 = they come for a day
	Business bool  // a visitor on business
	Foreign  uint8 // 1 + index into Config.Guests.ForeignPLMNs of the network at home, 0 = a network of the city
}

// Guests says how many people who do not live in the city are in its network.
// Parties are drawn once, whatever the number of days, and come again: a pool.
type Guests struct {
	Visitors    float64   `json:"visitors" yaml:"visitors" mapstructure:"visitors"`             // in the city on an average day, for each 1,000 residents
	EveryDays   int       `json:"every_days" yaml:"every_days" mapstructure:"every_days"`       // a party of visitors comes once in so many days
	Nights      []float64 `json:"nights" yaml:"nights" mapstructure:"nights"`                   // shares of parties that stay 0, 1, … nights
	PartySizes  []float64 `json:"party_sizes" yaml:"party_sizes" mapstructure:"party_sizes"`    // shares of parties of 1, 2, … persons
	Business    float64   `json:"business" yaml:"business" mapstructure:"business"`             // share of the parties of one that are on business
	Foreign     float64   `json:"foreign" yaml:"foreign" mapstructure:"foreign"`                // share of visiting parties with SIMs of foreign networks
	InCommuters float64   `json:"in_commuters" yaml:"in_commuters" mapstructure:"in_commuters"` // for each 1,000 residents
	Passing     float64   `json:"passing" yaml:"passing" mapstructure:"passing"`                // people who pass through on an average day, for each 1,000 residents
	PassingDays float64   `json:"passing_days" yaml:"passing_days" mapstructure:"passing_days"` // share of the days on which one of them passes
	PassingRail float64   `json:"passing_rail" yaml:"passing_rail" mapstructure:"passing_rail"` // share of them who go by rail, where a line crosses the city

	// ForeignPLMNs are the home networks of roaming SIMs, as MCC-MNC. The default
	// codes are of nobody: ITU-T E.212 gives the first digits 2 to 7 to
	// the regions of the world, 9 to worldwide networks, 0 to tests; no mobile country code
	// begins with 8.
	ForeignPLMNs []string `json:"foreign_plmns" yaml:"foreign_plmns" mapstructure:"foreign_plmns"`
}

const (
	maxNights    = 14
	maxParty     = 4
	maxForeign   = 200
	maxPerMille  = 2000 // of each kind of guests
	guestAdultTo = 65   // employed up to here (assumed)
)

func (g *Guests) validate() error {
	if err := shares("guests.nights", g.Nights, 1, maxNights+1); err != nil {
		return err
	}
	if err := shares("guests.party_sizes", g.PartySizes, 1, maxParty); err != nil {
		return err
	}
	for _, f := range []struct {
		key       string
		v, lo, hi float64
	}{
		{"visitors", g.Visitors, 0, maxPerMille}, {"every_days", float64(g.EveryDays), float64(len(g.Nights)), 366},
		{"business", g.Business, 0, 1}, {"foreign", g.Foreign, 0, 1}, {"in_commuters", g.InCommuters, 0, maxPerMille},
		{"passing", g.Passing, 0, maxPerMille}, {"passing_days", g.PassingDays, 0.01, 1}, {"passing_rail", g.PassingRail, 0, 1},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) {
			return fmt.Errorf("population.guests.%s = %g, must be from %g to %g", f.key, f.v, f.lo, f.hi)
		}
	}
	if len(g.ForeignPLMNs) > maxForeign || g.Foreign > 0 && len(g.ForeignPLMNs) == 0 {
		return fmt.Errorf("population.guests.foreign_plmns: %d networks, want 1 to %d", len(g.ForeignPLMNs), maxForeign)
	}
	for _, s := range g.ForeignPLMNs {
		if _, _, ok := splitPLMN(s); !ok {
			return fmt.Errorf("population.guests.foreign_plmns: %q, want MCC-MNC of 3 and 2 or 3 digits that begins with none of 0", s)
		}
	}
	return nil
}

// WithoutGuests is the configuration of a city where residents are alone.
func (c Config) WithoutGuests() Config {
	c.Guests.Visitors, c.Guests.InCommuters, c.Guests.Passing = 0, 0, 0
	return c
}

// splitPLMN takes MCC-MNC apart. Codes that begin with 0 are refused: numbers
// have no leading zeros.
func splitPLMN(s string) (mcc, mnc string, ok bool) {
	if len(s) < 6 || len(s) > 7 || s[3] != '-' || s[0] == '0' {
		return "", "", false
	}
	for i := range s {
		if i != 3 && (s[i] < '0' || s[i] > '9') {
			return "", "", false
		}
	}
	return s[:3], s[4:], true
}

// visitorPool is how many visitors there are to be, such that the wanted number
// is in the city on an average day: a party is there for a day more than
// nights, once in every so many days.
func (g *Guests) visitorPool() float64 {
	days := 0.0
	for nights, share := range g.Nights {
		days += float64(share * float64(nights+1))
	}
	return g.Visitors * float64(g.EveryDays) / days
}

// Guest is the party that household h is, nil for residents.
func (p *Population) Guest(h uint32) *Guest {
	if int(h) < p.Homes {
		return nil
	}
	return &p.Guests[int(h)-p.Homes]
}

// KindOf says whether a person lives in the city.
func (p *Population) KindOf(person uint32) Kind {
	if int(person) < p.Residents {
		return Resident
	}
	return p.Guest(p.Persons[person].Household).Kind
}

// invite draws the people who do not live in the city. It comes after all that
// is about residents, and takes nothing from their draws.
func (b *builder) invite() error {
	b.Residents, b.Homes = len(b.Persons), len(b.Households)
	g, n := &b.Config.Guests, float64(len(b.Persons))/1000
	if g.Visitors+g.InCommuters+g.Passing == 0 {
		return nil
	}
	if len(b.City.Gates) == 0 {
		b.warn("guests: the map has no gate to come in by: no visitors, no commuters from outside, no through traffic")
		return nil
	}
	i := &inviter{builder: b, scope: sigcity.Scope(b.Seed, "population.guest"), gates: newGateChoice(b.City)}
	i.visitors(wholeNumber(n * g.visitorPool()))
	i.commuters(wholeNumber(n * g.InCommuters))
	i.passing(wholeNumber(n * g.Passing / g.PassingDays))
	if len(b.Persons) > MaxPersons {
		return fmt.Errorf("%d persons with the guests, must be at most %d", len(b.Persons), MaxPersons)
	}
	return nil
}

// mingle gives the grown-up guests SIMs and everybody a user id, such that neither
// it nor the part tells who lives here. Until now the SIMs are the residents' and
// the machines', and their user ids those of a city without guests: these stay as
// the keys that all draws hang on.
func (b *builder) mingle() error {
	for u := range b.SIMs {
		b.SIMs[u].Key = uint32(u)
	}
	n, parts := len(b.Guests), len(b.members)
	if n == 0 {
		return nil
	}
	order := sigcity.NewPermutation(uint32(n), sigcity.Hash(b.Seed, "population.part.guest"))
	for i := range n {
		part := i * parts / n
		b.members[part] = append(b.members[part], uint32(b.Homes)+order.At(uint32(i)))
	}
	issue, residents := newIssuer(b.Seed, b.City.Operators, &b.Config), b.SIMs
	user := make([]sigcity.UserID, len(residents)) // by key
	var all, guests []SIM
	key := len(residents)
	for part, households := range b.members {
		slices.Sort(households)
		guests = guests[:0]
		first, _ := slices.BinarySearch(households, uint32(b.Homes))
		for _, h := range households[first:] {
			for i, limit := b.Members(h); i < limit; i++ {
				if b.Persons[i].Age >= adultFrom {
					guests = append(guests, issue.guest(key, i, b.Guest(h)))
					key++
				}
			}
		}
		p := &b.Parts[part]
		shuffle := sigcity.NewPermutation(uint32(p.Users+len(guests)), sigcity.Hash(b.Seed, "population.user.guest", uint64(part)))
		begin := sigcity.UserID(len(all))
		all = append(all, make([]SIM, p.Users+len(guests))...)
		for k := range p.Users {
			u := begin + sigcity.UserID(shuffle.At(uint32(k)))
			from := int(p.First) + k
			all[u], user[from] = residents[from], u
		}
		for k := range guests {
			u := begin + sigcity.UserID(shuffle.At(uint32(p.Users+k)))
			all[u] = guests[k]
			all[u].Device = u
		}
		p.First, p.Users = begin, p.Users+len(guests)
	}
	if key > numbers {
		return fmt.Errorf("%d SIMs with those of guests, there are subscriber numbers for %d", key, numbers)
	}
	for u := range all {
		s := &all[u]
		if int(s.Key) >= len(residents) {
			continue
		}
		s.Device = user[s.Device]
		for _, other := range [2]*sigcity.UserID{&s.Previous, &s.Next} {
			if *other != NoSIM {
				*other = user[*other]
			}
		}
	}
	b.SIMs = all
	return nil
}

// guest is the SIM of a guest, of an operator of the city by market share. A foreign
// one is in that operator's network.
func (i *issuer) guest(key int, person uint32, g *Guest) SIM {
	s := i.sim(sigcity.UserID(key), sigcity.UserID(key), 0, person, 0)
	s.Key, s.Foreign = uint32(key), g.Foreign
	if g.Foreign > 0 {
		mcc, mnc, _ := splitPLMN(i.config.Guests.ForeignPLMNs[g.Foreign-1]) // Validate knows that it can be split
		s.IMSI = imsi(mcc, mnc, int64(i.imsi.At(uint32(key))))
	}
	return s
}

func wholeNumber(x float64) int { return int(x + 0.5) }

// inviter draws parties one after the other.
type inviter struct {
	*builder
	scope  uint64
	stream sigcity.Stream
	gates  gateChoice
}

// next is the stream of the next party.
func (i *inviter) next() *rand.Rand {
	return i.stream.Seed(sigcity.Mix(i.scope, uint64(len(i.Guests))))
}

// admit files a party of people at a position.
func (i *inviter) admit(r *rand.Rand, g Guest, at geo.XY, people []Person) {
	road := i.City.Gates[g.Gate].Kind == network.RoadGate
	hh := Household{Pos: at, First: uint32(len(i.Persons)), Building: -1, Community: -1, Size: uint8(len(people)), Income: uint8(1 + r.IntN(5))}
	if road {
		hh.Cars = 1
	}
	for k := range people {
		p := &people[k]
		p.Household, p.Car = uint32(len(i.Households)), road && k == 0
		p.Consent = r.Float64() < i.Config.Consent.rate(p, hh.Income)
	}
	i.Households, i.Persons, i.Guests = append(i.Households, hh), append(i.Persons, people...), append(i.Guests, g)
}

// grownUp is an adult of an age from lo to, and not including, hi.
func grownUp(r *rand.Rand, lo, hi int) Person {
	p := nowhere
	p.Age, p.Sex, p.Employment = uint8(lo+r.IntN(hi-lo)), Sex(r.IntN(2)), Employed
	if p.Age >= guestAdultTo {
		p.Employment = Retired
	}
	return p
}

// nowhere is a person without any place.
var nowhere = Person{Main: None, Lunch: None, Shop: [2]Spot{None, None}, Salon: None, Store: None, Restaurant: None, Leisure: None, Worship: None, Hospital: None}

// How visitors come, and who they are (assumed).
var (
	domesticWays = [...]float64{network.RoadGate: 0.55, network.RailGate: 0.35, network.AirGate: 0.10}
	foreignWays  = [...]float64{network.RoadGate: 0.25, network.RailGate: 0.25, network.AirGate: 0.50}
	commuterWays = [...]float64{network.RoadGate: 0.7, network.RailGate: 0.3, network.AirGate: 0}
)

const childShare = 0.6 // of the third and fourth of a party who are children

// visitors draws parties of n visitors in all.
func (i *inviter) visitors(n int) {
	c := &i.Config.Guests
	hotels, offices := i.hotels(n), newRaffle(i.jobs(), func(s *supply) float64 {
		if s.kind == 1 { // office-like
			return s.weight
		}
		return 0
	})
	for left := n; left > 0; {
		r := i.next()
		g := Guest{Kind: Visitor, Exit: -1, Nights: uint8(pick(c.Nights, r.Float64()))}
		size := min(1+pick(c.PartySizes, r.Float64()), left)
		ways := &domesticWays
		if r.Float64() < c.Foreign {
			g.Foreign, ways = uint8(1+r.IntN(len(c.ForeignPLMNs))), &foreignWays
		}
		g.Gate = i.gates.draw(r, ways[:])
		g.Business = size == 1 && r.Float64() < c.Business && len(offices.of) > 0
		var people []Person
		for k := range size {
			p := grownUp(r, 20, 78)
			switch {
			case k >= 2 && r.Float64() < childShare:
				p.Age, p.Employment, p.Role = uint8(6+r.IntN(12)), Pupil, Child
			case size > 1:
				p.Role = Partner
			}
			if g.Business {
				p.Age, p.Employment, p.Main = uint8(25+r.IntN(40)), Employed, offices.draw(r).spot
			}
			people = append(people, p)
		}
		at := i.City.Gates[g.Gate].Pos
		if g.Nights > 0 {
			at = *hotels.draw(r)
		}
		i.admit(r, g, at, people)
		left -= size
	}
}

// hotels are where visitors sleep: the hotels of the map by their rooms; where
// it has none, commercial buildings by their floor, else homes.
func (i *inviter) hotels(guests int) raffle[geo.XY] {
	pos := func(s *supply) float64 { return s.weight }
	var all []supply
	for _, h := range i.City.Hotels {
		all = append(all, supply{pos: h.Pos, weight: h.Rooms})
	}
	if len(all) == 0 && guests > 0 {
		what := "commercial buildings"
		for _, h := range i.City.Buildings {
			if h.Use == network.Commercial {
				all = append(all, supply{pos: h.Pos, weight: h.FloorM2})
			}
		}
		if len(all) == 0 {
			what = "homes"
			for _, h := range i.City.Buildings {
				all = append(all, supply{pos: h.Pos, weight: max(h.Dwellings, 0)})
			}
		}
		i.warn("guests: the map has no hotel: visitors sleep in %s", what)
	}
	drum := newRaffle(all, pos)
	out := raffle[geo.XY]{cum: drum.cum}
	for k := range drum.of {
		out.of = append(out.of, drum.of[k].pos)
	}
	return out
}

// nearJobM is from where on jobs attract commuters as one over their distance
// from the gate (assumed).
const nearJobM = 2000.0

// commuters draws n people who live outside and work in the city.
func (i *inviter) commuters(n int) {
	jobs := i.jobs()
	if n > 0 && (len(jobs) == 0 || !i.gates.any(commuterWays[:])) {
		i.warn("guests: no gate by road or rail or no work place: no commuters from outside")
		return
	}
	near := map[int32]raffle[supply]{}
	for range n {
		r := i.next()
		g := Guest{Kind: Commuter, Exit: -1, Gate: i.gates.draw(r, commuterWays[:])}
		at := i.City.Gates[g.Gate].Pos
		if _, ok := near[g.Gate]; !ok {
			near[g.Gate] = newRaffle(jobs, func(s *supply) float64 { return s.weight / max(at.Dist(s.pos), nearJobM) })
		}
		p := grownUp(r, 20, guestAdultTo)
		p.Main = near[g.Gate].draw(r).spot
		i.admit(r, g, at, []Person{p})
	}
}

// passing draws n people who go through.
func (i *inviter) passing(n int) {
	if n == 0 {
		return
	}
	road, rail := i.crossings()
	share := i.Config.Guests.PassingRail
	switch {
	case len(road.of)+len(rail.of) == 0:
		i.warn("guests: no two gates that one road or line joins: no through traffic")
		return
	case len(rail.of) == 0:
		share = 0
	case len(road.of) == 0:
		share = 1
	}
	for range n {
		r := i.next()
		from := &road
		if r.Float64() < share {
			from = &rail
		}
		ends := *from.draw(r)
		if r.IntN(2) == 1 {
			ends[0], ends[1] = ends[1], ends[0]
		}
		g := Guest{Kind: Passing, Gate: ends[0], Exit: ends[1]}
		if c := &i.Config.Guests; r.Float64() < c.Foreign*passingForeign {
			g.Foreign = uint8(1 + r.IntN(len(c.ForeignPLMNs)))
		}
		i.admit(r, g, i.City.Gates[g.Gate].Pos, []Person{grownUp(r, 20, guestAdultTo)})
	}
}

// passingForeign is how often through traffic has a foreign SIM, relative to visitors (assumed).
const passingForeign = 0.5

// sameEndM is how far the end of a line may lie from the gate that it makes.
const sameEndM = 1500.0

// crossings are the pairs of gates that people pass between: by road any two,
// the more the wider the roads and the farther apart their ends (assumed); by
// rail those that one line joins, by its trains.
func (i *inviter) crossings() (road, rail raffle[[2]int32]) {
	gates := i.City.Gates
	for a := range gates {
		for b := range a {
			if x, y := &gates[a], &gates[b]; x.Kind == network.RoadGate && y.Kind == network.RoadGate {
				road.add([2]int32{int32(b), int32(a)}, x.Weight*y.Weight*x.Pos.Dist(y.Pos))
			}
		}
	}
	end := func(q geo.XY) int {
		return slices.IndexFunc(gates, func(g network.Gate) bool { return g.Kind == network.RailGate && g.Pos.Dist(q) <= sameEndM })
	}
	for k := range i.City.Lines {
		l := &i.City.Lines[k]
		if n := len(l.Stops); (l.Mode == network.Rail || l.Mode == network.HighSpeed) && n >= 2 {
			a, b := end(i.City.Stops[l.Stops[0]].Pos), end(i.City.Stops[l.Stops[n-1]].Pos)
			if a >= 0 && b >= 0 && a != b {
				rail.add([2]int32{int32(a), int32(b)}, 1/max(l.Headway, 60))
			}
		}
	}
	return road, rail
}

// gateChoice draws gates: first how, then which.
type gateChoice [3]raffle[int32] // by kind

func newGateChoice(city *network.City) (c gateChoice) {
	for k, g := range city.Gates {
		c[g.Kind].add(int32(k), g.Weight)
	}
	return c
}

// any says whether there is a gate of a kind that has a share.
func (c *gateChoice) any(ways []float64) bool {
	for kind := range c {
		if len(c[kind].of) > 0 && ways[kind] > 0 {
			return true
		}
	}
	return false
}

// draw is a gate: of the kinds that there are by their shares, then by weight.
// Where the city has gates of no kind with a share, it is any.
func (c *gateChoice) draw(r *rand.Rand, ways []float64) int32 {
	var kinds raffle[int]
	for kind := range c {
		if len(c[kind].of) > 0 {
			kinds.add(kind, ways[kind]+1e-9)
		}
	}
	return *c[*kinds.draw(r)].draw(r)
}

// raffle draws things by weight.
type raffle[T any] struct {
	of  []T
	cum []float64
}

func newRaffle[T any](all []T, weight func(*T) float64) (out raffle[T]) {
	for i := range all {
		out.add(all[i], weight(&all[i]))
	}
	return out
}

// add puts a thing in, unless its weight is none.
func (x *raffle[T]) add(v T, weight float64) {
	if !(weight > 0) {
		return
	}
	if n := len(x.cum); n > 0 {
		weight += x.cum[n-1]
	}
	x.of, x.cum = append(x.of, v), append(x.cum, weight)
}

// draw is one of the things; there must be some.
func (x raffle[T]) draw(r *rand.Rand) *T {
	return &x.of[search(x.cum, r.Float64()*x.cum[len(x.cum)-1])]
}
