package gen

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sigcity/sigcity"
)

// wants is what a phone is wanted for: data, and all else, both in order.
type wants struct{ data, other []demand }

// keep makes w a copy of what is left of a day.
func (w *wants) keep(left wants) {
	w.data, w.other = append(w.data[:0], left.data...), append(w.other[:0], left.other...)
}

// connect adds a connection for data.
func (w *wants) connect(at, seconds uint32) {
	w.data = append(w.data, newDemand(at, sigcity.ServiceRequest, seconds))
}

// merge puts what comes from an index on, in order, in its place among what comes
// before it, in order too, by way of a spare slice that it returns. What is added
// to a day begins, as a rule, not long before the end of what is there.
func merge(list []demand, from int, spare []demand) []demand {
	if from == 0 || from == len(list) || list[from-1] <= list[from] {
		return spare
	}
	last := len(list)
	for list[last-1] >= list[from-1] { // stay where they are
		last--
	}
	spare = append(spare[:0], list[from:last]...)
	i, k := from-1, last-1
	for _, x := range slices.Backward(spare) {
		for ; i >= 0 && list[i] > x; i, k = i-1, k-1 {
			list[k] = list[i]
		}
		list[k] = x
		k--
	}
	return spare
}

// traffic draws the data use of one SIM and day. One per worker.
type traffic struct {
	phone     *Phone
	rhythm    *diurnal
	streams   uint64    // share of sessions that are one, of 1<<chanceBits
	more      uint64    // chance that another session follows, of 1<<chanceBits
	reconnect uint64    // chance that another connection follows, of 1<<32
	gap       quantiles // between sessions, seconds
	stream    quantiles // length of one
	long      quantiles // of another connection
	pause     quantiles // between connections

	dice  sigcity.SplitMix64
	rng   *rand.Rand // of dice
	wants wants
	spare []demand
}

// chanceBits of a draw decide what has a chance, where the others pick quantiles.
const chanceBits = 32 - quantileBits

func newTraffic(p *Phone) *traffic {
	t := &traffic{phone: p, rhythm: newDiurnal(dataByHour),
		streams: uint64(p.Streams * (1 << chanceBits)), more: uint64(p.BurstMore * (1 << chanceBits)), reconnect: uint64(p.Reconnects * (1 << 32)),
		gap: newQuantiles(logUniform(p.GapMinS, p.GapMaxS)), pause: newQuantiles(logUniform(p.PauseMinS, p.PauseMaxS)),
		long:   newQuantiles(func(u float64) float64 { return 2 - p.ConnectionS*math.Log1p(-u) }),
		stream: newQuantiles(func(u float64) float64 { return min(p.StreamS*math.Exp(distuv.UnitNormal.Quantile(u)), maxStreamS) })}
	t.rng = rand.New(&t.dice)
	return t
}

// day puts together what a phone is wanted for from a day on: what earlier days
// left, the day's talk and outages, the payments by phone, and data use, which
// is drawn by the hash and depends on what the user is doing by the day's
// segments. Some may come after the day's end. All is good until the next call.
func (t *traffic) day(hash uint64, u *user, d day, segs []Segment, carry *wants, talk []demand, off []outage, bought []purchase) wants {
	w := &t.wants
	w.keep(*carry)
	w.other = append(w.other, talk...)
	for _, o := range off {
		e := sigcity.Detach
		if o.silent {
			e = powerLoss
		}
		if o.start >= d.midnight { // else the day before had it
			w.other = append(w.other, newDemand(o.start, e, o.end-o.start))
		}
	}
	slices.Sort(w.other)
	if u.data > 0 {
		t.dice = sigcity.SplitMix64(hash)
		t.use(u, d, segs)
	}
	for _, x := range bought {
		if x.mobile {
			w.connect(x.at, x.pays())
			t.settle(len(w.data) - 1)
		}
	}
	return *w
}

// settle puts the data from an index on in their place.
func (t *traffic) settle(from int) { t.spare = merge(t.wants.data, from, t.spare) }

// use draws the data use of a day: a Poisson process of episodes, in the user's
// rhythm, of which an appetite for them takes its share, and in between, at an
// even rate, what the phone does by itself.
func (t *traffic) use(u *user, d day, segs []Segment) {
	rate := t.phone.Background * min(u.data, 1) / 3600
	self := t.rng.ExpFloat64() / rate
	itself := func(until float64) {
		for ; self < until; self += t.rng.ExpFloat64() / rate {
			t.wants.connect(d.midnight+uint32(self), 4+uint32(t.rng.ExpFloat64()*6))
			t.settle(len(t.wants.data) - 1)
		}
	}
	mood := math.Exp(0.3*t.rng.NormFloat64() - 0.045) // some days are livelier
	mean := 1 / (t.phone.Bursts * u.data * mood)
	// From the share of the use that is done at midnight, round to it again.
	begin := t.rhythm.by(-u.shift - math.Floor(-u.shift))
	k, hunger := 0, appetite(&segs[0])
	for v := t.rng.ExpFloat64() * mean; v < 1; v += t.rng.ExpFloat64() * mean {
		done := begin + v
		if done >= 1 {
			done--
		}
		start := d.at(t.rhythm.at(done) + u.shift)
		if segs[k].End <= start && k+1 < len(segs) {
			for k+1 < len(segs) && segs[k].End <= start {
				k++
			}
			hunger = appetite(&segs[k])
		}
		if sigcity.Unit(t.dice.Uint64()) < hunger {
			itself(float64(start - d.midnight))
			from := len(t.wants.data)
			t.burst(start)
			t.settle(from)
		}
	}
	itself(float64(d.length))
}

// burst is an episode of use: a geometric number of data sessions, with gaps
// whose logarithm is uniform, so that their density falls as 1/gap. A session is
// one use of an app: a stream that keeps the phone connected (navigation, video,
// of heavy-tailed length), or a geometric number of short connections with pauses
// between in which the network releases the phone.
func (t *traffic) burst(at uint32) {
	dice, out := t.dice, t.wants.data
	for {
		u := dice.Uint64() // one draw: two chances and two quantiles
		streams, more := u&(1<<chanceBits-1) < t.streams, u>>chanceBits&(1<<chanceBits-1) < t.more
		if streams {
			long := t.stream.draw(u >> (2 * chanceBits))
			out = append(out, newDemand(at, sigcity.ServiceRequest, long))
			at += long
		} else {
			for e := sigcity.ServiceRequest; ; e = reconnect {
				u := dice.Uint64() // one draw: 32 bits for whether another follows, the rest for two quantiles
				long := t.long.draw(u >> 32)
				out = append(out, newDemand(at, e, long))
				at += long
				if u&(1<<32-1) >= t.reconnect {
					break
				}
				at += t.pause.draw(u >> (32 + quantileBits))
			}
		}
		if !more {
			break
		}
		at += t.gap.draw(u >> (2*chanceBits + quantileBits))
	}
	t.dice, t.wants.data = dice, out
}
