package population

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Change is why a SIM takes the place of another.
type Change uint8

const (
	NoChange Change = iota // it takes no other's
	Swap                   // a new card of the same subscription: lost, broken, of another size
	Churn                  // the subscriber goes to another operator
)

// String is the value in the ground truth.
func (c Change) String() string { return [...]string{"", dataset.ChangeSwap, dataset.ChangeChurn}[c] }

const (
	daySeconds = 24 * 3600
	// Cards are changed while shops are open (assumed).
	changeOpens, changeCloses = 9 * 3600, 20 * 3600
	// month is the mean of the Gregorian calendar, in days.
	month = 365.2425 / 12
)

// change is one of a line's.
type change struct {
	at   uint32 // seconds from the first midnight on
	what Change
}

// changes draws the days within the horizon on which a person's nth line gets
// another SIM, the first ones of a Poisson process, at most one a day. They
// depend on no number of days that is generated.
func (i *issuer) changes(dst []change, person uint32, nth uint8) []change {
	c := i.config
	rate := (c.SwapPerMonth + c.ChurnPerMonth) / month
	if rate <= 0 {
		return dst
	}
	h := sigcity.Mix(sigcity.Mix(i.change, uint64(person)), uint64(nth))
	for day, k := -1.0, uint64(0); ; k++ {
		u := sigcity.Unit(sigcity.Mix(h, 3*k))
		// Whole days between two changes: geometric, at least 1.
		day += 1 + math.Floor(-math.Log1p(-u)/rate)
		if day >= float64(c.ChurnHorizonDays) {
			return dst
		}
		at := changeOpens + float64(sigcity.Unit(sigcity.Mix(h, 3*k+1))*(changeCloses-changeOpens))
		what := Churn
		if sigcity.Unit(sigcity.Mix(h, 3*k+2))*(c.SwapPerMonth+c.ChurnPerMonth) < c.SwapPerMonth {
			what = Swap
		}
		if what == Churn && len(i.operators) == 1 {
			continue // there is nowhere to go
		}
		dst = append(dst, change{uint32(day)*daySeconds + uint32(at), what})
	}
}

// successor is the SIM that takes the place of another of the line, as user.
// alone says that no other SIM is in its handset, so that a new one may come
// with the new operator.
func (i *issuer) successor(old *SIM, from sigcity.UserID, user sigcity.UserID, c change, alone bool) SIM {
	s := *old
	s.Previous, s.Next, s.From, s.To, s.Change = from, NoSIM, c.at, 0, c.what
	if c.what == Churn {
		h := sigcity.Mix(i.change, 1<<63|uint64(user))
		s.Operator = i.other(old.Operator, sigcity.Unit(h))
		if sigcity.Unit(sigcity.Mix(h, 1)) >= i.config.ChurnPorted {
			s.MSISDN = i.msisdnOf(user)
		}
		if alone && sigcity.Unit(sigcity.Mix(h, 2)) < i.config.ChurnNewHandset {
			s.Device, s.IMEI, s.Radio = user, i.imeiOf(user, s.Slot), i.radioOf(user)
		}
	}
	s.IMSI = i.imsiOf(user, s.Operator)
	return s
}

// other draws an operator by market share among all but one.
func (i *issuer) other(but uint8, u float64) uint8 {
	total := 0.0
	for k, share := range i.shares {
		if k != int(but) {
			total += share
		}
	}
	last, left := but, u*total
	for k, share := range i.shares {
		if k == int(but) {
			continue
		}
		last = uint8(k)
		if left -= share; left < 0 {
			break
		}
	}
	return last
}

// FirstOf is the SIM with which the line of a SIM began.
func (p *Population) FirstOf(u sigcity.UserID) sigcity.UserID {
	for p.SIMs[u].Previous != NoSIM {
		u = p.SIMs[u].Previous
	}
	return u
}
