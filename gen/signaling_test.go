package gen

import (
	cmpop "cmp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// data tells the demands for a connection.
func (d demand) data() bool { return d.event()&^0x40 == sigcity.ServiceRequest }

// wanted is what demands want, data on its own.
func wanted(demands []demand) (w wants) {
	for _, d := range demands {
		if d.data() {
			w.data = append(w.data, d)
		} else {
			w.other = append(w.other, d)
		}
	}
	return w
}

// plainly lists all that is wanted in the order in which it is served: in a
// second what is not data first, reconnections last.
func plainly(w wants) []demand {
	out := slices.Concat(w.other, w.data)
	slices.SortStableFunc(out, func(a, b demand) int { return cmpop.Compare(a.time(), b.time()) })
	return out
}

// plainDay is signaling.day as one reads it in the standard, one connection after another.
func (g *signaling) plainDay(rec []sigcity.Record, p *phone, in serving, moves []move, demands []demand, to uint32) ([]sigcity.Record, []demand) {
	cell, why := in.cell, in.why
	emit := func(t uint32, e sigcity.Event) {
		if why != 0 {
			g.notes = append(g.notes, note{record: uint32(len(rec)), flags: why})
		}
		rec = append(rec, sigcity.Record{Time: t, Area: cell, Type: e})
	}
	for {
		const end, moved, due, on, asked = 0, 1, 2, 3, 4
		t, next := to, end
		sooner := func(at uint32, what int) {
			if at < t {
				t, next = at, what
			}
		}
		if len(moves) > 0 {
			sooner(moves[0].time, moved)
		}
		if p.on {
			sooner(p.timer, due)
		} else {
			sooner(p.wake, on)
		}
		if len(demands) > 0 {
			sooner(demands[0].time(), asked)
		}
		switch next {
		case end:
			return rec, demands
		case moved:
			m, before := moves[0], cell
			moves, cell = moves[1:], m.cell
			back := m.why
			if m.why&strayed == 0 {
				back |= why & strayed
			}
			why = back
			if p.on && cell != before {
				if t < p.connected && (g.ran || g.enbs[cell] != g.enbs[before]) {
					emit(t, sigcity.Handover)
				}
				if !slices.Contains(p.tais[:g.tais], g.tacs[cell]) {
					p.tais = [maxTAIs]uint32(append([]uint32{g.tacs[cell]}, append(slices.Clone(p.tais[:g.tais-1]), make([]uint32, maxTAIs)...)...))
					emit(t, sigcity.TrackingAreaUpdate)
					p.timer = max(p.connected, t) + g.t3412
				}
			}
			why = m.why
		case due:
			emit(t, sigcity.PeriodicUpdate)
			p.timer = t + g.t3412
		case on:
			e := sigcity.Attach
			if p.roams {
				e = sigcity.TrackingAreaUpdate
			}
			emit(t, e)
			p.on, p.roams, p.connected, p.tais, p.timer = true, false, 0, [maxTAIs]uint32{g.tacs[cell]}, t+g.t3412
		case asked:
			d := demands[0]
			demands = demands[1:]
			switch e := d.event(); {
			case e == sigcity.Detach || e == powerLoss || e == departure:
				if p.on && e == sigcity.Detach {
					emit(t, e)
				}
				p.off(t+d.seconds(), e == departure)
			case !p.on:
			case !d.data():
				emit(t, e)
				fallthrough
			default:
				if d.data() && t >= p.connected && (g.raw || e != reconnect) {
					emit(t, sigcity.ServiceRequest)
				}
				p.connected = max(p.connected, t+d.seconds()+g.inactivity)
				p.timer = p.connected + g.t3412
			}
		}
	}
}

// A day is what the procedures say of one demand after another: the same records,
// notes and state, whatever comes between, in both profiles, for any timers, and
// through midnight.
func TestDayIsItsProcedures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &signaling{tacs: []uint32{7, 7, 8, 9}, enbs: []uint32{1, 2, 3, 2}, tais: rapid.IntRange(1, maxTAIs).Draw(t, "tais"),
			t3412: rapid.SampledFrom([]uint32{40, 60, 300, 3240}).Draw(t, "t3412"), inactivity: rapid.SampledFrom([]uint32{0, 10, 40}).Draw(t, "inactivity"),
			raw: rapid.Bool().Draw(t, "raw"), ran: rapid.Bool().Draw(t, "ran")}
		plain := *g
		// Few seconds, so that much falls into one.
		const day = 3000
		dice := sigcity.SplitMix64(rapid.Uint64().Draw(t, "dice"))
		demands := func(name string, most int, second *rapid.Generator[uint32], events ...sigcity.Event) (out []demand) {
			for _, at := range rapid.SliceOfN(second, 0, most).Draw(t, name) {
				out = append(out, newDemand(at, events[dice.Uint64()%uint64(len(events))], uint32(1+dice.Uint64()%(1+dice.Uint64()%600))))
			}
			return out
		}
		p := phone{on: rapid.Bool().Draw(t, "on"), timer: 20, wake: rapid.Uint32Range(0, day).Draw(t, "wake"), roams: rapid.Bool().Draw(t, "roams"), tais: [maxTAIs]uint32{7}}
		q, in := p, serving{}
		var got, want []sigcity.Record
		for to := uint32(day); to <= 3*day; to += day {
			second := rapid.Uint32Range(to-day, to+200)
			w := wants{}
			w.keep(p.carry)
			w.data = append(w.data, demands("data", 60, second, sigcity.ServiceRequest, reconnect, reconnect)...)
			w.other = append(w.other, demands("other", 6, second, sigcity.CallIn, sigcity.CallOut, sigcity.SMSIn, sigcity.Detach, powerLoss, departure)...)
			slices.Sort(w.data)
			slices.Sort(w.other)
			var moves []move
			for _, at := range rapid.SliceOfNDistinct(rapid.Uint32Range(to-day, to-1), 0, 20, rapid.ID).Draw(t, "moves") {
				moves = append(moves, move{at, serving{sigcity.AreaID(dice.Uint64() % 4), []flags{0, 0, pingPong, drift}[dice.Uint64()%4]}})
			}
			slices.SortFunc(moves, func(a, b move) int { return cmpop.Compare(a.time, b.time) })
			var late []demand
			want, late = plain.plainDay(want, &q, in, moves, plainly(w), to)
			got = g.day(got, &p, in, moves, w, to)
			if !slices.Equal(want, got) {
				t.Fatal(cmp.Diff(want, got))
			}
			if !slices.Equal(plain.notes, g.notes) {
				t.Fatalf("notes %v, want %v", g.notes, plain.notes)
			}
			if left := plainly(p.carry); !slices.Equal(left, late) {
				t.Fatalf("carried %v, want %v", left, late)
			}
			a, b := p, q
			a.carry, b.carry = wants{}, wants{}
			if d := cmp.Diff(b, a, cmp.AllowUnexported(phone{}, camping{}, serving{}, user{}, wants{})); d != "" {
				t.Fatal(d)
			}
			if len(moves) > 0 {
				in = moves[len(moves)-1].serving
			}
		}
	})
}

// BenchmarkPhoneDay is what the day of a phone costs beside its way over the
// cells: talk, use and signaling, of a part's phones one after another.
func BenchmarkPhoneDay(b *testing.B) {
	city := town(b)
	for _, profile := range []string{Curated, Raw} {
		cfg := config(2000, 2, 1)
		cfg.Profile, cfg.Workers = profile, 1
		g := newGenerator(b, city, cfg)
		p := g.newPartRun(0)
		before, d := newDay(g.cal, 0), newDay(g.cal, 1)
		for _, err := range []error{p.live(before), p.signal(before), p.live(d)} {
			if err != nil {
				b.Fatal(err)
			}
		}
		type phoneDay struct {
			i     int
			in    serving
			moves []move
			talk  []demand
			off   []outage
			wants wants
		}
		var days []phoneDay
		t, end := &p.tools[0], d.midnight+uint32(d.length)
		for i := range p.phones {
			if p.owner[i] < 0 || gone(p.segs[p.owner[i]]) {
				continue
			}
			ph, segs, u := &p.phones[i], p.segs[p.owner[i]], p.first+sigcity.UserID(i)
			x := phoneDay{i: i, in: ph.serving, off: t.power.around(nil, g.callers.handset(u), before, d)}
			x.moves = slices.Clone(t.camper.day(t.stream.Seed(uint64(i)), &ph.camping, d, segs))
			talk, _ := t.talker.day(t.stream.Seed(uint64(i)), u, &ph.user, p.ties.of(i), before, d, x.off)
			x.talk = slices.Clone(talk)
			x.wants.keep(t.traffic.day(uint64(i), &ph.user, d, segs, &ph.carry, x.talk, x.off, nil))
			days = append(days, x)
		}
		run := func(name string, f func(x *phoneDay, ph *phone)) {
			b.Run(profile+"/"+name, func(b *testing.B) {
				begin, i := cpu(), 0
				for ; b.Loop(); i++ {
					x := &days[i%len(days)]
					f(x, &p.phones[x.i])
				}
				b.ReportMetric(float64((cpu()-begin).Nanoseconds())/float64(i), "cpu-ns/op")
			})
		}
		run("talk", func(x *phoneDay, ph *phone) {
			t.talker.day(t.stream.Seed(uint64(x.i)), p.first+sigcity.UserID(x.i), &ph.user, p.ties.of(x.i), before, d, x.off)
		})
		run("use", func(x *phoneDay, ph *phone) {
			t.traffic.day(uint64(x.i), &ph.user, d, p.segs[p.owner[x.i]], &ph.carry, x.talk, x.off, nil)
		})
		var rec []sigcity.Record
		var mine wants
		run("signaling", func(x *phoneDay, ph *phone) {
			again := *ph
			mine.keep(x.wants)
			t.signaling.notes = t.signaling.notes[:0]
			rec = t.signaling.day(rec[:0], &again, x.in, x.moves, mine, end)
		})
	}
}
