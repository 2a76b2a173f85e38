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
// neither a user id nor a part tells who belongs together.
func (b *builder) subscribe() error {
	n := len(b.Households)
	order := sigcity.NewPermutation(uint32(n), sigcity.Hash(b.Seed, "population.part"))
	// A small remainder joins the last part, so that no part is without SIMs.
	b.members = make([][]uint32, max(1, (n+PartHouseholds/2)/PartHouseholds))
	for i := range n {
		part := min(i/PartHouseholds, len(b.members)-1)
		b.members[part] = append(b.members[part], order.At(uint32(i)))
	}
	counts, err := b.simCounts()
	if err != nil {
		return err
	}
	partOf := make([]int32, n) // of a household
	for part, households := range b.members {
		slices.Sort(households)
		for _, h := range households {
			partOf[h] = int32(part)
		}
	}
	machines := b.machines(func(h uint32) int { return int(partOf[h]) })
	issue := newIssuer(b.Seed, b.City.Operators, &b.Config)
	total := 0
	var later []change
	for part, households := range b.members {
		users := len(machines[part])
		for _, h := range households {
			for person, limit := b.Members(h); person < limit; person++ {
				for nth := range counts[person] {
					later = issue.changes(later[:0], person, nth)
					users += 1 + len(later)
				}
			}
		}
		b.Parts = append(b.Parts, dataset.Part{First: sigcity.UserID(total), Users: users})
		total += users
	}
	if total > numbers {
		return fmt.Errorf("%d SIMs, there are subscriber numbers for %d: lower population.sims_per_100, iot_per_100, churn_per_month or swap_per_month", total, numbers)
	}
	b.SIMs = make([]SIM, total)
	return b.each(len(b.members), func(_ *sigcity.Stream, part int) {
		p := b.Parts[part]
		shuffle := sigcity.NewPermutation(uint32(p.Users), sigcity.Hash(b.Seed, "population.user", uint64(part)))
		k := uint32(0)
		next := func() sigcity.UserID {
			k++
			return p.First + sigcity.UserID(shuffle.At(k-1))
		}
		var later []change
		for _, h := range b.members[part] {
			for person, limit := b.Members(h); person < limit; person++ {
				handset := sigcity.UserID(0)
				dual := counts[person] > 1 && issue.dual(person)
				for nth := range counts[person] {
					user, slot := next(), uint8(0)
					if nth == 1 && dual {
						slot = 1
					} else {
						handset = user
					}
					b.SIMs[user] = issue.sim(user, handset, slot, person, nth)
					later = issue.changes(later[:0], person, nth)
					for _, c := range later {
						old := user
						user = next()
						b.SIMs[old].Next, b.SIMs[old].To = user, c.at
						b.SIMs[user] = issue.successor(&b.SIMs[old], old, user, c, !dual || nth > 1)
					}
				}
			}
		}
		for _, m := range machines[part] {
			user := next()
			b.SIMs[user] = issue.machine(user, m)
		}
	})
}

// simCounts says how many SIMs each person carries: a first one by age, and
// further ones for adults so that the wanted number per 100 persons is met.
func (b *builder) simCounts() ([]uint8, error) {
	c := &b.Config
	counts := make([]uint8, len(b.Persons))
	firsts, adults := 0, 0
	scope := sigcity.Scope(b.Seed, "population.phone")
	for i := range b.Persons {
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
	more := max(0, (c.SIMsPer100/100*float64(len(b.Persons))-float64(firsts))/float64(adults))
	second := sigcity.Scope(b.Seed, "population.phone.more")
	for i := range b.Persons {
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
	moduleIMEI   = 103_000_000_000 // 14 digits 00 1030 00 … and on: 1,000 of those for each use of a machine
)

// issuer numbers SIMs by permuted user ids: no two numbers are equal and their
// order tells nothing.
type issuer struct {
	operators            []network.Operator
	shares               []float64
	choice, both, radio  uint64
	change, thing        uint64
	config               *Config
	imsi, msisdn, device sigcity.Permutation
}

func newIssuer(seed uint64, operators []network.Operator, c *Config) *issuer {
	permute := func(what string) sigcity.Permutation {
		return sigcity.NewPermutation(numbers, sigcity.Hash(seed, "population."+what))
	}
	i := &issuer{operators: operators, config: c, choice: sigcity.Scope(seed, "population.operator"),
		both: sigcity.Scope(seed, "population.handset"), radio: sigcity.Scope(seed, "population.radio"),
		change: sigcity.Scope(seed, "population.change"), thing: sigcity.Scope(seed, "population.machine.operator"),
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
func (i *issuer) radioOf(handset sigcity.UserID) Radio {
	switch u := sigcity.Unit(sigcity.Mix(i.radio, uint64(handset))); {
	case u < i.config.Phone5G*i.config.Phone5GSA:
		return SA
	case u < i.config.Phone5G:
		return NSA
	}
	return LTE
}

// sim is a person's nth subscription, of an operator drawn by market share, in
// a slot of a handset. The slots of one handset have IMEIs of their own that
// share its type allocation code.
func (i *issuer) sim(user, handset sigcity.UserID, slot uint8, person uint32, nth uint8) SIM {
	u := sigcity.Unit(sigcity.Mix(sigcity.Mix(i.choice, uint64(person)), uint64(nth)))
	op := pick(i.shares, u)
	return SIM{
		Person: person, Spot: None, Device: handset, Slot: slot, Operator: uint8(op), Second: nth > 0, Radio: i.radioOf(handset),
		Previous: NoSIM, Next: NoSIM, IMSI: i.imsiOf(user, uint8(op)), MSISDN: i.msisdnOf(user), IMEI: i.imeiOf(handset, slot),
	}
}

// imsiOf, msisdnOf and imeiOf are the numbers of a SIM, and of a slot of a handset.
func (i *issuer) imsiOf(user sigcity.UserID, op uint8) int64 {
	return imsi(i.operators[op].MCC, i.operators[op].MNC, int64(i.imsi.At(uint32(user))))
}

func (i *issuer) msisdnOf(user sigcity.UserID) int64 {
	return msisdnPrefix + int64(i.msisdn.At(uint32(user)))
}

func (i *issuer) imeiOf(handset sigcity.UserID, slot uint8) int64 {
	imei := imeiPrefix + 2*int64(i.device.At(uint32(handset))) + int64(slot)
	return imei*10 + luhn(imei)
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
