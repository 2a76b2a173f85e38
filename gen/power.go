package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
)

// outage is a time for which a handset is off: the same for both of its SIMs.
type outage struct {
	start, end uint32 // end exclusive
	silent     bool   // no detach: an empty battery, no coverage
}

// longestOutageS bounds outages: one that begins on a day ends before the next day does.
const longestOutageS = 12 * 3600

// power tells when handsets are off. It is a pure function of the handset, by its key, and
// the day, so that whoever calls a phone knows whether it can be reached. One
// per worker.
type power struct {
	phone  *Phone
	scope  uint64
	stream sigcity.Stream
}

func newPower(seed uint64, phone *Phone) *power {
	return &power{phone: phone, scope: sigcity.Scope(seed, "gen.power")}
}

// nightOff reports whether a handset is switched off at night.
func (p *power) nightOff(device uint32) bool {
	return sigcity.Unit(sigcity.Mix(p.scope, uint64(device))) < p.phone.NightOff
}

// day appends the outages that begin on a day, in no order; they may overlap.
func (p *power) day(dst []outage, device uint32, d day) []outage {
	r := p.stream.Seed(sigcity.Mix(sigcity.Mix(p.scope, uint64(device)), uint64(d.index)))
	add := func(start, seconds float64, silent bool) {
		s := d.midnight + uint32(start)
		dst = append(dst, outage{s, s + uint32(min(max(seconds, 1), longestOutageS)), silent})
	}
	if p.nightOff(device) && r.Float64() < 0.85 {
		add(minutes(r, 23*60, 20), minutes(r, 7.6*60, 30), false)
	}
	if p.phone.Outages <= 0 {
		return dst
	}
	for v := r.ExpFloat64() / p.phone.Outages; v < 1; v += r.ExpFloat64() / p.phone.Outages {
		add(v*float64(d.length), 120+min(r.ExpFloat64()*2400, 20000), r.Float64() < p.phone.Silent)
	}
	return dst
}

// minutes draws a normal number of minutes, within two standard deviations, in seconds.
func minutes(r *rand.Rand, mean, sd float64) float64 {
	return (mean + float64(sd*min(max(r.NormFloat64(), -2), 2))) * 60
}

// around lists the outages that may touch a day: its own and those of the day before.
func (p *power) around(dst []outage, device uint32, before, d day) []outage {
	if before.index < d.index {
		dst = p.day(dst, device, before)
	}
	return p.day(dst, device, d)
}

// reach reports whether a phone is on at second t, and if so how long it
// stays so, at most until limit.
func reach(off []outage, t, limit uint32) (on bool, until uint32) {
	for _, o := range off {
		switch {
		case o.start <= t && t < o.end:
			return false, 0
		case o.start > t:
			limit = min(limit, o.start)
		}
	}
	return true, limit
}

// back is when a phone that is off at t is on again; t where it is on.
func back(off []outage, t uint32) uint32 {
	for again := true; again; {
		again = false
		for _, o := range off {
			if o.start <= t && t < o.end {
				t, again = o.end, true
			}
		}
	}
	return t
}
