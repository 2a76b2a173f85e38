package gen

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/population"
)

// callers knows who calls and writes to whom, and when. What a pair says on a
// day is a pure function of the pair, the day and the power of both handsets:
// each end draws it for itself, and both draw the same, whatever part or
// machine makes them.
type callers struct {
	pop    *population.Population
	phone  *Phone
	voices []voice // by person: of the main SIM
	begins uint32  // midnight of the first day

	rates [2]float64 // calls and messages a day between two average people with a tie of weight 1
	scope [2]uint64
	phase uint64
	hours [2]*diurnal
}

// voice is what calls need of a person's main SIM.
type voice struct {
	sim   sigcity.UserID // the first of the line, population.NoSIM = has none
	use   [2]float32     // calls and messages, relative to the mean
	shift float32        // of the daily rhythm, as a share of a day
}

// The two kinds of talk.
const (
	voiceCall = iota
	message
)

// strengthSample is the number of people whose ties set the scale of the rates.
const strengthSample = 4096

func newCallers(g *generator) (*callers, error) {
	s := func(name string) uint64 { return sigcity.Scope(g.cfg.Seed, name) }
	c := &callers{pop: g.pop, phone: &g.cfg.Phone, voices: make([]voice, len(g.pop.Persons)), begins: g.cal.Start(0),
		scope: [2]uint64{s("gen.pair.call"), s("gen.pair.message")}, phase: s("gen.sim"), hours: [2]*diurnal{newDiurnal(callsByHour), newDiurnal(smsByHour)}}
	for i := range c.voices {
		c.voices[i].sim = population.NoSIM
	}
	err := parallel.For(g.ctx, g.cfg.Workers, len(g.pop.SIMs), 4096, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			sim := &g.pop.SIMs[i]
			if sim.Second || !sim.Initial() {
				continue
			}
			u := g.cfg.Phone.newUser(&g.pop.Persons[sim.Person], false, sigcity.Mix(c.phase, uint64(sim.Key)))
			c.voices[sim.Person] = voice{sigcity.UserID(i), [2]float32{float32(u.calls), float32(u.sms)}, float32(u.shift)}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.scale()
	return c, nil
}

// scale finds the rates at which people call as often as configured, on the
// average over an even sample of them.
func (c *callers) scale() {
	residents := c.voices[:c.pop.Residents]
	step := max(1, len(residents)/strengthSample)
	var strength [2]float64
	n := 0.0
	var contacts []population.Contact
	for a := 0; a < len(residents); a += step {
		if c.voices[a].sim == population.NoSIM {
			continue
		}
		n++
		contacts = c.pop.AppendContacts(contacts[:0], uint32(a))
		for _, k := range contacts {
			for kind := range strength {
				strength[kind] += c.affinity(kind, uint32(a), k)
			}
		}
	}
	for kind, perDay := range [2]float64{c.phone.Calls, c.phone.SMS} {
		if strength[kind] > 0 {
			c.rates[kind] = 2 * (1 - c.phone.OutsideCalls) * (1 - follow) * perDay * n / strength[kind]
		}
	}
}

// affinity is how often two people talk, relative to two average ones with a tie of weight 1.
func (c *callers) affinity(kind int, a uint32, k population.Contact) float64 {
	x, y := &c.voices[a], &c.voices[k.Peer]
	if x.sim == population.NoSIM || y.sim == population.NoSIM {
		return 0
	}
	return float64(k.Weight) * math.Sqrt(float64(x.use[kind])*float64(y.use[kind]))
}

// attached is when a SIM is on for the first time, if its handset is not off:
// when the data begin, or when it takes another's place.
func (c *callers) attached(sim sigcity.UserID) uint32 {
	if s := &c.pop.SIMs[sim]; s.Previous != population.NoSIM {
		return c.begins + s.From + switchS
	}
	return c.begins
}

// firstUpdate is when the first periodic update of a SIM would be due, whose
// timer of so many seconds runs when the data begin.
func (c *callers) firstUpdate(sim sigcity.UserID, t3412 int) uint32 {
	return c.begins + uint32(sigcity.Unit(sigcity.Mix(sigcity.Mix(c.phase, uint64(c.pop.SIMs[sim].Key)), 1))*float64(t3412))
}

// talker draws the calls and messages of one SIM and day. One per worker.
type talker struct {
	*callers
	power   *power
	absent  *absences
	stream  sigcity.Stream
	myOff   []outage
	peerOff []outage

	demands []demand
	rows    []dataset.Contact
}

func newTalker(c *callers, p *power, a *absences) *talker {
	return &talker{callers: c, power: p, absent: a}
}

// follow is the chance that a call or message is followed by another one soon (assumed).
const follow = 0.25

// day draws what a SIM says and hears on a day, given its ties and when its handset is off;
// the slices are good until the next call. Of a main SIM's talk, a share is
// with numbers outside the data set, of a further SIM's all.
func (t *talker) day(r *rand.Rand, user sigcity.UserID, u *user, with []tie, before, d day, off []outage) ([]demand, []dataset.Contact) {
	t.demands, t.rows = t.demands[:0], t.rows[:0]
	sim := &t.pop.SIMs[user]
	end := d.midnight + uint32(d.length)
	me := party{sim: user, next: population.NoSIM, off: off, since: t.attached(user)}
	outside := 1.0
	if t.talksInside(sim) {
		if t.changesOn(sim, d) {
			me = t.line(t.myOff[:0], t.voices[sim.Person].sim, before, d)
			t.myOff = me.off
		}
		outside = t.phone.OutsideCalls
		for k := range with {
			pair := &with[k]
			for kind, rate := range pair.rate {
				hash, first, ok := pair.talk(kind, d)
				if !ok {
					continue
				}
				other := t.line(t.peerOff[:0], t.voices[pair.peer].sim, before, d)
				t.peerOff = other.off
				caller, callee := &me, &other
				if sim.Person > pair.peer {
					caller, callee = callee, caller
				}
				shift := float64(t.voices[sim.Person].shift+t.voices[pair.peer].shift) / 2
				pr := t.stream.Seed(hash)
				for v := first; v < rate; v += pr.ExpFloat64() {
					t.exchange(pr, kind, caller, callee, user, d.at(t.hours[kind].at(v/rate)+shift), end)
				}
			}
		}
	}
	for kind, mean := range [2]float64{t.phone.Calls * u.calls, t.phone.SMS * u.sms} {
		rate := 2 * outside * (1 - follow) * mean
		for v := r.ExpFloat64(); v < rate; v += r.ExpFloat64() {
			stranger := party{sim: population.NoSIM, next: population.NoSIM}
			t.exchange(r, kind, &me, &stranger, user, d.at(t.hours[kind].at(v/rate)+u.shift), end)
		}
	}
	slices.SortStableFunc(t.rows, func(a, b dataset.Contact) int { return cmp.Compare(a.Time, b.Time) })
	return t.demands, t.rows
}

// party is one end of a call: a SIM, and the one that takes its place on the day.
type party struct {
	sim, next sigcity.UserID // population.NoSIM = none
	switched  uint32         // when next takes over
	off       []outage
	since     uint32 // attached
}

// reach is [reach] after the first attach.
func (p *party) reach(t, limit uint32) (bool, uint32) {
	if t < p.since {
		return false, 0
	}
	return reach(p.off, t, limit)
}

// exchange draws a call or message, and those that follow it within the day,
// and keeps what the SIM of user sees of them. A phone that talks can take
// another call (call waiting, TS 24.615).
func (t *talker) exchange(r *rand.Rand, kind int, a, b *party, user sigcity.UserID, at, end uint32) {
	for {
		from, to := a, b
		if r.Uint64()&1 == 1 {
			from, to = b, a
		}
		long := uint32(1)
		if kind == message {
			t.message(from, to, user, at, end)
		} else {
			long = 5 + uint32(min(60*math.Exp(r.NormFloat64()), 7200)) // log-normal, mean about 100 s
			picked := r.Float64() >= t.phone.Unanswered
			t.call(from, to, user, at, long, picked)
		}
		if r.Float64() >= follow {
			return
		}
		if at += long + 20 + uint32(60*math.Exp(1.2*r.NormFloat64())); at >= end {
			return // talk ends with the day
		}
	}
}

// ringS is how long an unanswered call keeps the phones connected (assumed).
const ringS = 25

// call files a call of long seconds at most. It is cut when either phone goes
// off; the callee sees nothing of one that finds it off.
func (t *talker) call(from, to *party, user sigcity.UserID, at, long uint32, picked bool) {
	on, until := from.reach(at, at+long)
	if !on {
		return
	}
	reached, until := to.reach(at, until)
	talk, busy := uint32(0), uint32(ringS)
	if reached && picked {
		talk, busy = until-at, until-at
	}
	switch {
	case from.at(at) == user:
		t.keep(at, sigcity.CallOut, busy, to.at(at), talk)
	case reached && to.at(at) == user:
		t.keep(at, sigcity.CallIn, busy, from.at(at), talk)
	}
}

// message files a message; one to a phone that is off waits until it is on, or
// is lost where that is on another day.
func (t *talker) message(from, to *party, user sigcity.UserID, at, end uint32) {
	if on, _ := from.reach(at, at); !on {
		return
	}
	sender := from.at(at)
	if sender == user {
		t.keep(at, sigcity.SMSOut, 1, to.at(at), 0)
		return
	}
	if at = back(to.off, max(at, to.since)); at < end && to.at(at) == user {
		t.keep(at, sigcity.SMSIn, 1, sender, 0)
	}
}

func (t *talker) keep(at uint32, e sigcity.Event, busy uint32, peer sigcity.UserID, talk uint32) {
	t.demands = append(t.demands, newDemand(at, e, busy))
	row := dataset.Contact{Time: at, Event: int32(e), Peer: -1, DurationS: int32(talk)}
	if peer != population.NoSIM {
		row.Peer = int64(peer)
	}
	t.rows = append(t.rows, row)
}
