package gen

import (
	"errors"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// often makes people travel as often as they may.
func often(cfg Config) Config {
	cfg.Life.Vacations, cfg.Life.BusinessTrips, cfg.Life.OutCommuters = 8, 20, 0.3
	return cfg
}

// returns adds when a person comes in through a gate by the segments of a day;
// a stay that goes on through midnight has no return on it.
func returns(dst map[uint32]bool, segs []Segment) map[uint32]bool {
	for i := range segs[:len(segs)-1] {
		if segs[i].Mode == Stay && segs[i].Kind.away() {
			if dst == nil {
				dst = map[uint32]bool{}
			}
			dst[segs[i].End] = true
		}
	}
	return dst
}

// Nobody's phone signals while away; the absence that callers ask for covers the
// stays outside; who comes back over land shows a tracking-area update first, who
// comes back by air an attach, after a detach before the flight.
func TestAwayPhonesAreSilent(t *testing.T) {
	city := *town(t)
	if len(city.Gates) < 2 {
		t.Fatalf("%d gates in the town, want 2 at least", len(city.Gates))
	}
	city.Gates = slices.Clone(city.Gates) // the town has no airport: take one for it
	city.Gates[0].Kind = network.AirGate
	g := newGenerator(t, &city, often(config(1500, 9, 2)))
	count := map[string]int{}
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		before := newDay(g.cal, 0)
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := errors.Join(p.live(d), p.signal(d)); err != nil {
				t.Fatal(err)
			}
			for k, tr := range p.rows {
				person := g.pop.SIMs[tr.User].Person
				if person == population.NoPerson {
					continue
				}
				windows := g.absent.around(nil, person, before, d)
				for _, s := range p.segs[p.owner[k]] {
					if s.Mode != Stay || !s.Kind.away() {
						continue
					}
					count["stays "+s.Kind.String()]++
					covered := false
					for _, w := range windows {
						covered = covered || w.start <= s.Start && s.End <= w.end
					}
					if !covered {
						t.Fatalf("day %d, person %d: away from %d to %d, known are %v", i, person, s.Start, s.End, windows)
					}
					last := sigcity.NoEvent
					for _, r := range tr.Records {
						switch {
						case r.Time < s.Start:
							last = r.Type
						case r.Time == s.Start && s.Kind == Flown && r.Type == sigcity.Detach:
							count["detached"]++
						case r.Time > s.Start && r.Time < s.End:
							t.Fatalf("day %d, SIM %d: %s at %d, away from %d to %d", i, tr.User, r.Type, r.Time, s.Start, s.End)
						case r.Time == s.End:
							count[map[Kind]string{Away: "over land", Flown: "by air"}[s.Kind]+" back with "+r.Type.String()]++
							if want := map[Kind]sigcity.Event{Away: sigcity.TrackingAreaUpdate, Flown: sigcity.Attach}[s.Kind]; last != sigcity.NoEvent && r.Type != want {
								t.Fatalf("day %d, SIM %d: back from %d with %s, want %s", i, tr.User, s.End, r.Type, want)
							}
						}
						if r.Time >= s.End {
							break
						}
					}
				}
			}
			before = d
		}
	}
	t.Log(count)
	for _, want := range []string{"detached", "over land back with tracking-area-update", "by air back with attach"} {
		if count[want] == 0 {
			t.Errorf("none %s", want)
		}
	}
}

// An absence is the same from whatever day one looks at it, and no two of a
// person overlap.
func TestAbsencesArePure(t *testing.T) {
	g := newGenerator(t, town(t), often(config(800, 40, 1)))
	nights, n := 0.0, 0
	for person := range uint32(len(g.pop.Persons)) {
		seen := map[absence]bool{}
		var last absence
		for i := 1; i < g.cal.Days(); i++ {
			before, d := newDay(g.cal, i-1), newDay(g.cal, i)
			list := g.absent.of(nil, person, before, d)
			if len(list) > maxAbsences {
				t.Fatalf("person %d, day %d: %d absences, want %d at most", person, i, len(list), maxAbsences)
			}
			for _, x := range list {
				if x.leave >= x.back {
					t.Fatalf("person %d: back before leaving: %+v", person, x)
				}
				if !seen[x] && x.leave < last.back {
					t.Fatalf("person %d: %+v overlaps %+v", person, x, last)
				}
				if !seen[x] {
					nights, n = nights+float64(x.back-x.leave)/86400, n+1
				}
				seen[x], last = true, x
			}
			// What began or was seen on days before and still goes on must be there.
			for x := range seen {
				if x.leave < d.midnight+uint32(d.length) && x.back > before.midnight {
					found := false
					for _, y := range list {
						found = found || x == y
					}
					if !found {
						t.Fatalf("person %d: %+v is unknown on day %d", person, x, i)
					}
				}
			}
		}
	}
	t.Logf("%d absences of %.1f days on average", n, nights/float64(n))
	if n < 500 {
		t.Errorf("%d absences, want more to look at", n)
	}
}

// Who works outside goes there on working days only, and no anchor tells a work
// place inside.
func TestCommutersLeave(t *testing.T) {
	cfg := config(1500, 7, 1) // from a Monday on
	cfg.Life.OutCommuters, cfg.Life.Vacations, cfg.Life.BusinessTrips, cfg.Life.DayOff = 1, 0, 0, 0
	g := newGenerator(t, town(t), cfg)
	n := 0
	for person := range uint32(len(g.pop.Persons)) {
		commutes := g.absent.commutes(person)
		if commutes {
			n++
		}
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			list := g.absent.of(nil, person, d, d)
			if want := commutes && d.kind == sigcity.Weekday; want != (len(list) == 1) || want && !list[0].commute {
				t.Fatalf("person %d, who commutes: %v, on day %d (%s): %+v", person, commutes, i, d.kind, list)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d commuters, want more to look at", n)
	}
	for part := range g.pop.Parts {
		anchors := g.timeline.Anchors(part)
		for _, a := range slices.DeleteFunc(anchors, g.absent.worksOutside) {
			if a.Kind == dataset.ActWork && g.absent.commutes(a.Person) {
				t.Fatalf("person %d works outside and at %d", a.Person, a.Place)
			}
		}
	}
}
