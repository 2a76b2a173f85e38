package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/population"
)

// maxStreamS bounds a stream, seconds.
const maxStreamS = 4 * 3600

// A demand is something that the user, the network or fate wants of a phone at
// a second: data, a call, a message, or (Detach) to be off for a while. Packed
// so that plain order is order in time: second (32 bits), type (8), duration
// in seconds (24).
type demand uint64

// Demands beside those that are named as the event that they cause.
const (
	reconnect sigcity.Event = 0x40 | sigcity.ServiceRequest     // a further connection within a session
	powerLoss sigcity.Event = 0x40 | sigcity.Detach             // off without signaling: an empty battery, no coverage
	departure sigcity.Event = 0x40 | sigcity.TrackingAreaUpdate // into another network, which tells ours nothing that a probe on S1-MME sees
)

func newDemand(t uint32, e sigcity.Event, seconds uint32) demand {
	return demand(t)<<32 | demand(e)<<24 | demand(min(seconds, 1<<24-1))
}

func (d demand) time() uint32         { return uint32(d >> 32) }
func (d demand) event() sigcity.Event { return sigcity.Event(d >> 24 & 0xff) }
func (d demand) seconds() uint32      { return uint32(d & (1<<24 - 1)) }
func (d demand) first() int           { return int(^d >> 30 & 1) } // 0 for what is marked by 0x40, as a reconnection is

// diurnal is how use spreads over the day: a piecewise linear rate between
// hours, turned into a cumulative distribution at quarter hours.
type diurnal struct {
	done  [4*24 + 1]float64
	guide [512]uint8 // where to begin looking for a share, by its first bits
}

// The hourly rates of data use, calls and messages (assumed shapes; trough
// from 3 to 5 h, peaks near 11 and 18 to 21 h [R12]).
var (
	dataByHour = [24]float64{0.40, 0.22, 0.13, 0.09, 0.08, 0.12, 0.32, 0.62, 0.84, 1.00, 1.16, 1.24,
		1.08, 0.96, 0.92, 0.93, 0.98, 1.08, 1.20, 1.26, 1.26, 1.10, 0.84, 0.58}
	callsByHour = [24]float64{0.06, 0.03, 0.015, 0.01, 0.01, 0.03, 0.12, 0.40, 0.75, 1.00, 1.12, 1.15,
		1.05, 0.90, 0.92, 0.98, 1.08, 1.20, 1.28, 1.10, 0.80, 0.50, 0.26, 0.12}
	smsByHour = [24]float64{0.20, 0.10, 0.05, 0.03, 0.03, 0.05, 0.18, 0.45, 0.75, 0.92, 1.02, 1.05,
		1.02, 0.98, 0.95, 0.96, 1.00, 1.06, 1.12, 1.10, 1.00, 0.84, 0.62, 0.38}
)

func newDiurnal(rate [24]float64) *diurnal {
	d := new(diurnal)
	for q := range 4 * 24 {
		// Rates hold at the middle of their hour.
		x := (float64(q)+0.5)/4 - 0.5
		lo := math.Floor(x)
		a, b := rate[(int(lo)+24)%24], rate[(int(lo)+25)%24]
		d.done[q+1] = d.done[q] + a + float64((b-a)*(x-lo))
	}
	for q := range d.done {
		d.done[q] /= d.done[4*24]
	}
	d.done[4*24] = 1
	for k, q := 0, 0; k < len(d.guide); k++ {
		for d.done[q+1] <= float64(k)/float64(len(d.guide)) {
			q++
		}
		d.guide[k] = uint8(q)
	}
	return d
}

// at is the time of day, as a share of the day, at which the share u of the use is done.
func (d *diurnal) at(u float64) float64 {
	q := int(d.guide[int(u*float64(len(d.guide)))%len(d.guide)])
	for q < 4*24-1 && d.done[q+1] <= u {
		q++
	}
	return (float64(q) + (u-d.done[q])/(d.done[q+1]-d.done[q])) / (4 * 24)
}

// by is the share of the use that is done by a time of day, as a share of the day: the inverse of at.
func (d *diurnal) by(x float64) float64 {
	x *= 4 * 24
	q := min(int(x), 4*24-1)
	return d.done[q] + float64((x-float64(q))*(d.done[q+1]-d.done[q]))
}

// quantiles are a distribution as equally likely values, so that a draw costs
// neither a logarithm nor more than a few bits of chance.
type quantiles [1 << quantileBits]uint32

const quantileBits = 10

func newQuantiles(inverse func(u float64) float64) (q quantiles) {
	for i := range q {
		q[i] = uint32(math.Round(inverse((float64(i) + 0.5) / float64(len(q)))))
	}
	return q
}

// draw takes the value that the low bits of u pick.
func (q *quantiles) draw(u uint64) uint32 { return q[u%uint64(len(q))] }

// logUniform is the inverse distribution function of values between lo and hi
// whose density falls as one over the value.
func logUniform(lo, hi float64) func(float64) float64 {
	return func(u float64) float64 { return lo * math.Pow(hi/lo, u) }
}

// user is what stays the same about the use of one SIM.
type user struct {
	data  float64 // relative to the mean; 0 = no data
	calls float64
	sms   float64
	shift float64 // of the daily rhythm, as a share of a day
}

// newUser draws a SIM's use by its hash. Young people use more data and are up later.
func (p *Phone) newUser(who *population.Person, second bool, h uint64) user {
	r := sigcity.Rand(h, "gen.user")
	// A log-normal factor of mean 1.
	spread := math.Exp(float64(p.SpreadLog*r.NormFloat64()) - p.SpreadLog*p.SpreadLog/2)
	u := user{data: spread, calls: math.Exp(0.7*r.NormFloat64() - 0.245), sms: math.Exp(0.7*r.NormFloat64() - 0.245), shift: 0.03 * r.NormFloat64()}
	switch age := who.Age; {
	case age < 15:
		u.data, u.calls = 0.6*u.data, 0.4*u.calls
	case age < 30:
		u.data, u.calls, u.shift = 1.25*u.data, 0.9*u.calls, u.shift+0.03
	case age >= 70:
		u.data, u.calls, u.shift = 0.35*u.data, 0.8*u.calls, u.shift-0.03
	case age >= 60:
		u.data, u.shift = 0.6*u.data, u.shift-0.02
	}
	u.shift = min(max(u.shift, -0.1), 0.1)
	if r.Float64() < p.Quiet {
		u.data = 0
	}
	if second {
		u.data, u.calls, u.sms = u.data*p.SecondUse, u.calls*p.SecondUse, u.sms*p.SecondUse
	}
	return u
}

// appetite is the chance that an episode of use that the rhythm offers takes
// place, by what the person is doing (assumed).
func appetite(s *Segment) float64 {
	if s.Mode.rides() {
		return 1
	}
	switch s.Mode {
	case Walk:
		return 0.6
	case Car: // navigation, music
		return 0.8
	case Bike:
		return 0.3
	}
	switch s.Kind {
	case Work:
		return 0.65
	case Away, Flown:
		return 0
	case School:
		return 0.3
	case Worship, Hospital:
		return 0.4
	case Kindergarten, Shop, Salon, Store, Leisure, Restaurant:
		return 0.6
	}
	return 0.8
}
