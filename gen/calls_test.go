package gen

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/population"
)

// Both ends of an answered call log it, alike; whoever is called without a
// phone on knows nothing of it; every row has its event, in a cell of the
// moment; and people call as often as configured. Each SIM draws its talk for
// itself, so that parts and shards make no difference. It is the same where SIMs
// take the place of others every few days.
func TestBothEndsLogCalls(t *testing.T) {
	changing := config(1500, 3, 2)
	changing.Population.SwapPerMonth, changing.Population.ChurnPerMonth, changing.Population.ChurnNewHandset = 5, 5, 0.5
	t.Run("at home", func(t *testing.T) { bothEnds(t, config(1500, 3, 2), 0, true) })
	t.Run("many changes", func(t *testing.T) { bothEnds(t, changing, 1000, true) })
	t.Run("often away", func(t *testing.T) { bothEnds(t, often(config(1500, 3, 2)), 0, false) })
}

// bothEnds wants at least so many answered ends at SIMs that took another's place,
// and looks at the rates of calls only where people are there to make them.
func bothEnds(t *testing.T, cfg Config, heirs int, rates bool) {
	city := town(t)
	g := newGenerator(t, city, cfg)
	type key struct {
		from, to sigcity.UserID
		time     uint32
		event    sigcity.Event
	}
	calls := map[key]int32{}
	count := map[sigcity.Event]float64{}
	mains, answered, outside := 0, 0, 0
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		for _, sim := range g.pop.SIMs {
			if sim.Initial() && !sim.Second {
				mains++
			}
		}
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := errors.Join(p.live(d), p.signal(d)); err != nil {
				t.Fatal(err)
			}
			for k, rows := range p.talk {
				u := p.first + sigcity.UserID(k)
				recs := p.rows[k].Records
				at := map[sigcity.Record]int{}
				for _, r := range recs {
					at[sigcity.Record{Time: r.Time, Type: r.Type}]++
				}
				for _, c := range rows {
					e := sigcity.Event(c.Event)
					if r := (sigcity.Record{Time: c.Time, Type: e}); at[r] == 0 {
						t.Fatalf("day %d, SIM %d: %+v has no event", i, u, c)
					} else {
						at[r]--
					}
					if s := &g.pop.SIMs[u]; s.Use == population.Handset && !s.Second {
						count[e]++
					}
					if c.Peer < 0 {
						outside++
						continue
					}
					if g.pop.SIMs[u].Second {
						t.Fatalf("a further SIM talks with SIM %d", c.Peer)
					}
					calls[key{u, sigcity.UserID(c.Peer), c.Time, e}] = c.DurationS
				}
				for r, n := range at {
					if n > 0 && (r.Type == sigcity.CallOut || r.Type == sigcity.CallIn || r.Type == sigcity.SMSOut || r.Type == sigcity.SMSIn) {
						t.Fatalf("day %d, SIM %d: %s at %d has no row", i, u, r.Type, r.Time)
					}
				}
			}
		}
	}
	unreached := 0
	for k, long := range calls {
		other := map[sigcity.Event]sigcity.Event{sigcity.CallOut: sigcity.CallIn, sigcity.CallIn: sigcity.CallOut}[k.event]
		if other == sigcity.NoEvent {
			continue
		}
		if long > 0 {
			if g.pop.SIMs[k.to].Previous != population.NoSIM {
				heirs--
			}
			answered++
		}
		got, ok := calls[key{k.to, k.from, k.time, other}]
		switch {
		case !ok && long == 0 && k.event == sigcity.CallOut:
			unreached++
		case !ok || got != long:
			t.Fatalf("%+v of %d s: the other end has %d s, %v", k, long, got, ok)
		}
	}
	if answered < 1000 || unreached == 0 || outside == 0 {
		t.Errorf("%d answered ends, %d calls that found the phone off, %d with the world outside", answered, unreached, outside)
	}
	if heirs > 0 {
		t.Errorf("%d answered ends too few at SIMs that took another's place", heirs)
	}
	if !rates {
		return
	}
	// 1,400 main SIMs, three days, 1.1 a day each way, in bunches of 4/3 and with a spread between people: 3 % is one standard deviation.
	for e, want := range map[sigcity.Event]float64{sigcity.CallOut: cfg.Phone.Calls, sigcity.SMSOut: cfg.Phone.SMS} {
		if got := count[e] / float64(mains*g.cal.Days()); math.Abs(got/want-1) > 0.15 {
			t.Errorf("%.2f of %s a day and main SIM, want about %.2f", got, e, want)
		}
	}
}

// A phone is off from when an outage starts until just before it ends, and
// outages that overlap are one.
func TestReach(t *testing.T) {
	off := []outage{{start: 100, end: 200}, {start: 400, end: 500}, {start: 480, end: 600}}
	for _, c := range []struct {
		t, until, back uint32
		on             bool
	}{{99, 100, 99, true}, {100, 0, 200, false}, {199, 0, 200, false}, {200, 400, 200, true}, {450, 0, 600, false}, {600, 900, 600, true}} {
		on, until := reach(off, c.t, 900)
		if on != c.on || on && until != c.until || back(off, c.t) != c.back {
			t.Errorf("at %d: on %v until %d, back at %d, want %+v", c.t, on, until, back(off, c.t), c)
		}
	}
}

// A tie is the same from both ends: the pair's hash and how often the two talk.
func TestTiesHoldFromBothEnds(t *testing.T) {
	g := newGenerator(t, town(t), config(400, 1, 2))
	all := g.callers.tiesOf(0, len(g.pop.SIMs))
	n := 0
	for u := range g.pop.SIMs {
		me := g.pop.SIMs[u].Person
		for _, a := range all.of(u) {
			back := all.of(int(g.callers.voices[a.peer].sim))
			i := slices.IndexFunc(back, func(b tie) bool { return b.peer == me })
			if i < 0 || back[i].pair != a.pair || back[i].rate != a.rate || a.rate == [2]float64{} {
				t.Fatalf("SIM %d of person %d: %+v, which person %d has not", u, me, a, a.peer)
			}
			n++
		}
	}
	if n < 400 {
		t.Errorf("%d ties, want some for each", n)
	}
}
