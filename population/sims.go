package population

import (
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
)

// subscribe hands out SIMs and user ids. Households go to parts by a keyed
// permutation and the SIMs of a part to its user ids by another one, so that
// neither a user id nor a part tells who belongs together, or who lives here. What
// residents get does not depend on the guests but for the user ids.
func (b *builder) subscribe() error {
	parts := max(1, (b.Homes+PartHouseholds/2)/PartHouseholds)
	b.members = make([][]uint32, parts)
	order := sigcity.NewPermutation(uint32(b.Homes), sigcity.Hash(b.Seed, "population.part"))
	for i := range b.Homes {
		// A small remainder joins the last part, so that no part is without SIMs.
		part := min(i/PartHouseholds, parts-1)
		b.members[part] = append(b.members[part], order.At(uint32(i)))
	}
	if n := len(b.Guests); n > 0 {
		order = sigcity.NewPermutation(uint32(n), sigcity.Hash(b.Seed, "population.part.guest"))
		for i := range n {
			part := i * parts / n
			b.members[part] = append(b.members[part], uint32(b.Homes)+order.At(uint32(i)))
		}
	}
	counts, err := b.simCounts()
	if err != nil {
		return err
	}
	sims := func(households []uint32) (n int) {
		for _, h := range households {
			for i, limit := b.Members(h); i < limit; i++ {
				n += int(counts[i])
			}
		}
		return n
	}
	total, home := 0, 0
	residents := make([]int, parts) // SIMs of theirs
	for part, households := range b.members {
		slices.Sort(households)
		guests, _ := slices.BinarySearch(households, uint32(b.Homes))
		users := sims(households)
		residents[part] = sims(households[:guests])
		b.Parts = append(b.Parts, dataset.Part{First: sigcity.UserID(total), Users: users})
		total, home = total+users, home+residents[part]
	}
	b.SIMs = make([]SIM, total)
	// Keys: the user ids that residents had without guests, and then the guests'.
	ofHomes, ofGuests := make([]uint32, parts), make([]uint32, parts)
	for part, before := 0, 0; part < parts; part++ {
		ofHomes[part], ofGuests[part] = uint32(before), uint32(home+int(b.Parts[part].First)-before)
		before += residents[part]
	}
	issue := newIssuer(b.Seed, b.City.Operators, &b.Config)
	return b.each(parts, func(_ *sigcity.Stream, part int) {
		p, n := b.Parts[part], uint32(residents[part])
		scope := sigcity.Hash(b.Seed, "population.user", uint64(part))
		shuffle, alone := sigcity.NewPermutation(uint32(p.Users), scope), sigcity.NewPermutation(n, scope)
		k := uint32(0)
		for _, h := range b.members[part] {
			guest := b.Guest(h)
			first, limit := b.Members(h)
			for person := first; person < limit; person++ {
				var handset *SIM
				for nth := range counts[person] {
					key := ofGuests[part] + k - n
					if guest == nil {
						key = ofHomes[part] + alone.At(k)
					}
					user := p.First + sigcity.UserID(shuffle.At(k))
					sim := &b.SIMs[user]
					sim.Key, sim.Person, sim.Device, sim.Second = key, person, user, nth > 0
					if nth == 1 && issue.dual(person) {
						sim.Slot, sim.Device = 1, handset.Device
					} else {
						handset = sim
					}
					if guest != nil {
						sim.Foreign = guest.Foreign
					}
					issue.fill(sim, handset.Key, nth)
					k++
				}
			}
		}
	})
}

// simCounts says how many SIMs each person carries: a first one by age, and
// further ones for adults so that the wanted number per 100 persons is met. Adult
// guests have one.
func (b *builder) simCounts() ([]uint8, error) {
	c := &b.Config
	counts := make([]uint8, len(b.Persons))
	for i := b.Residents; i < len(b.Persons); i++ {
		if b.Persons[i].Age >= adultFrom {
			counts[i] = 1
		}
	}
	firsts, adults := 0, 0
	scope := sigcity.Scope(b.Seed, "population.phone")
	for i := range b.Persons[:b.Residents] {
		age, rate := int(b.Persons[i].Age), 1.0
		switch {
		case age < c.FirstPhoneAge:
			rate = 0
		case age < 15:
			rate = c.PhoneTeen
		case age >= 75:
			rate = c.PhoneElder
		}
		if sigcity.Unit(sigcity.Mix(scope, uint64(i))) < rate {
			counts[i] = 1
			firsts++
			if age >= 18 {
				adults++
			}
		}
	}
	if firsts == 0 { // a handful of children and elders: one of them has a phone
		counts[0] = 1
		return counts, nil
	}
	if adults == 0 {
		return counts, nil
	}
	// The expected number of further SIMs of an adult who has one.
	more := max(0, (c.SIMsPer100/100*float64(b.Residents)-float64(firsts))/float64(adults))
	second := sigcity.Scope(b.Seed, "population.phone.more")
	for i := range b.Persons[:b.Residents] {
		if counts[i] == 0 || b.Persons[i].Age < 18 {
			continue
		}
		k := int(more)
		if sigcity.Unit(sigcity.Mix(second, uint64(i))) < more-float64(k) {
			k++
		}
		if k > 9 {
			return nil, fmt.Errorf("population.sims_per_100 = %g makes %d SIMs for one person, want at most 10", c.SIMsPer100, k+1)
		}
		counts[i] += uint8(k)
	}
	return counts, nil
}

// The synthetic subscriber numbers. MCC 999 is for private networks and tests
// (ITU-T E.212), so no IMSI can be somebody's; +999 is no assigned country code
// (ITU-T E.164), so no MSISDN is; and type allocation codes that begin with 00
// are test equipment's, so no IMEI is. An IMEI has 15 digits, leading zeros
// included.
const (
	numbers      = 1_000_000_000 // 9 digits: the shortest MSIN, after a 3-digit MNC
	msisdnPrefix = 999_000_000_000_000
	imeiPrefix   = 100_200_000_000 // 14 digits 00 1002 00 …: 2,000 imaginary type allocation codes of a million each
)

// issuer numbers SIMs by permuted keys: no two numbers are equal and their
// order tells nothing.
type issuer struct {
	operators            []network.Operator
	shares               []float64
	choice, both, radio  uint64
	config               *Config
	imsi, msisdn, device sigcity.Permutation
}

func newIssuer(seed uint64, operators []network.Operator, c *Config) *issuer {
	permute := func(what string) sigcity.Permutation {
		return sigcity.NewPermutation(numbers, sigcity.Hash(seed, "population."+what))
	}
	i := &issuer{operators: operators, config: c, choice: sigcity.Scope(seed, "population.operator"),
		both: sigcity.Scope(seed, "population.handset"), radio: sigcity.Scope(seed, "population.radio"),
		imsi: permute("imsi"), msisdn: permute("msisdn"), device: permute("imei")}
	for _, o := range operators {
		i.shares = append(i.shares, o.Share)
	}
	return i
}

// dual says whether a person's second SIM sits in the first one's handset.
func (i *issuer) dual(person uint32) bool {
	return sigcity.Unit(sigcity.Mix(i.both, uint64(person))) < i.config.DualSIM
}

// radioOf is what a handset can, the same for both SIMs in it.
func (i *issuer) radioOf(handset uint32) Radio {
	switch u := sigcity.Unit(sigcity.Mix(i.radio, uint64(handset))); {
	case u < i.config.Phone5G*i.config.Phone5GSA:
		return SA
	case u < i.config.Phone5G:
		return NSA
	}
	return LTE
}

// fill numbers the nth SIM of a person, of an operator drawn by market share. The
// slots of one handset, named by the key of its first SIM, have IMEIs of their own
// that share its type allocation code. A foreign SIM is in the network of the
// operator that is drawn.
func (i *issuer) fill(s *SIM, handset uint32, nth uint8) {
	u := sigcity.Unit(sigcity.Mix(sigcity.Mix(i.choice, uint64(s.Person)), uint64(nth)))
	op := pick(i.shares, u)
	mcc, mnc := i.operators[op].MCC, i.operators[op].MNC
	if s.Foreign > 0 {
		mcc, mnc, _ = splitPLMN(i.config.Guests.ForeignPLMNs[s.Foreign-1])
	}
	imei := imeiPrefix + 2*int64(i.device.At(handset)) + int64(s.Slot)
	s.Operator, s.Radio = uint8(op), i.radioOf(handset)
	s.IMSI = imsi(mcc, mnc, int64(i.imsi.At(s.Key)))
	s.MSISDN = msisdnPrefix + int64(i.msisdn.At(s.Key))
	s.IMEI = imei*10 + luhn(imei)
}

// imsi puts a 15-digit IMSI together: MCC, MNC and the subscriber number
// (MSIN) in the digits that remain.
func imsi(mcc, mnc string, msin int64) int64 {
	prefix, width := int64(0), 0
	for _, d := range mcc + mnc {
		prefix = prefix*10 + int64(d-'0')
		width++
	}
	for range 15 - width {
		prefix *= 10
	}
	return prefix + msin
}

// luhn is the check digit of an IMEI's first 14 digits (3GPP TS 23.003 annex B).
func luhn(n int64) int64 {
	sum := int64(0)
	for double := true; n > 0; n, double = n/10, !double {
		d := n % 10
		if double {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return (10 - sum%10) % 10
}
