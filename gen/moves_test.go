package gen

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/population"
)

// restless is a configuration in which much changes.
func restless(persons, days, workers int) Config {
	cfg := config(persons, days, workers)
	cfg.Population.Moves.HomePerYear, cfg.Population.Moves.JobPerYear, cfg.Population.Moves.JobAfterMove = 6, 4, 0.5
	return cfg
}

// People sleep at the old home before a move, at the new one after it, and are
// between the two on the day; they work and learn where they do at the time,
// and visit people where these live.
func TestMoversLiveWhereTheyMoved(t *testing.T) {
	city := town(t)
	moved, fresh, visits, movedHosts := 0, 0, 0, 0
	lived(t, city, restless(600, 20, 2), func(p *partRun, d day, person uint32, segs []Segment) {
		who := p.pop.Persons[person]
		before, home := p.timeline.Home(who.Household, d.index-1), p.timeline.Home(who.Household, d.index)
		main := p.timeline.Main(person, d.index)
		at := d.midnight
		for i := range segs {
			s := &segs[i]
			if s.Start != at || s.End <= s.Start || i > 0 && s.From != segs[i-1].To {
				t.Fatalf("person %d day %d: segment %d does not follow the one before", person, d.index, i)
			}
			at = s.End
			if s.Mode != Stay {
				continue
			}
			overnight := i == 0
			switch s.Kind {
			case Home:
				if s.From != home && (s.From != before || i > 0) {
					t.Fatalf("person %d day %d: home at %v, lives at %v, before at %v", person, d.index, s.From, home, before)
				}
			case Work, School:
				if main == population.None || s.From != p.pop.Pos(main) && !overnight {
					t.Fatalf("person %d day %d: %s at %v, not at spot %d", person, d.index, s.Kind, s.From, main)
				}
				if s.From != p.pop.Pos(who.Main) {
					fresh++
				}
			case Visit:
				visits++
				if hostOf(p, person, s.From, d.index) < 0 && !overnight {
					t.Fatalf("person %d day %d: visits nobody at %v", person, d.index, s.From)
				} else if !overnight && hostOf(p, person, s.From, -1) < 0 {
					movedHosts++
				}
			}
		}
		if at != d.midnight+uint32(d.length) {
			t.Fatalf("person %d day %d ends at %d", person, d.index, at)
		}
		if last := segs[len(segs)-1]; before != home && last.Kind == Home {
			moved++
			if last.From != home {
				t.Fatalf("person %d sleeps at %v after the move of day %d to %v", person, last.From, d.index, home)
			}
		}
	})
	if moved < 100 || fresh < 100 || visits < 50 || movedHosts == 0 {
		t.Errorf("%d moves of persons, %d stays at new work places and schools, %d visits, %d of them to people who moved", moved, fresh, visits, movedHosts)
	}
}

// hostOf is a relative or friend who lives at a point at the end of a day; −1 = none.
func hostOf(p *partRun, person uint32, at geo.XY, day int) int64 {
	for _, c := range p.pop.AppendContacts(nil, person) {
		if p.timeline.Home(p.pop.Persons[c.Peer].Household, day) == at {
			return int64(c.Peer)
		}
	}
	return -1
}

// With many movers too the bytes hang neither on the workers nor on later days.
func TestMoversAreDeterministic(t *testing.T) {
	city := town(t)
	short := generate(t, city, restless(300, 6, 1))
	if d := cmp.Diff(hashes(short, all), hashes(generate(t, city, restless(300, 6, 7)), all)); d != "" {
		t.Errorf("7 workers: %s", d)
	}
	want, long := hashes(short, ofDays), hashes(generate(t, city, restless(300, 9, 2)), ofDays)
	for path, sum := range want {
		if long[path] != sum {
			t.Errorf("%s differs in a longer run", path)
		}
	}
	if len(want) < 30 {
		t.Errorf("only %d files compared", len(want))
	}
}

// The anchors and moves of a longer run, cut where the shorter one ends, are
// those of the shorter one.
func TestAnchorsOfALongerRun(t *testing.T) {
	city := town(t)
	rows := func(days int) (anchors []dataset.Anchor, moves []dataset.Move) {
		t.Helper()
		f := generate(t, city, restless(300, days, 2))
		for a, err := range dataset.ReadTable[dataset.Anchor](t.Context(), f, dataset.TableAnchors) {
			if err != nil {
				t.Fatal(err)
			}
			anchors = append(anchors, a)
		}
		for m, err := range dataset.ReadTable[dataset.Move](t.Context(), f, dataset.TableMoves) {
			if err != nil {
				t.Fatal(err)
			}
			moves = append(moves, m)
		}
		return anchors, moves
	}
	cfg := restless(300, 5, 2)
	cal, err := sigcity.NewCalendar(city.TimeZone, cfg.Start, cfg.Days, nil)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := cal.Start(0), cal.Start(5)
	wantAnchors, wantMoves := rows(5)
	anchors, moves := rows(12)
	if len(wantMoves) == 0 || len(moves) <= len(wantMoves) {
		t.Fatalf("%d moves in 5 days, %d in 12", len(wantMoves), len(moves))
	}
	anchors = slices.DeleteFunc(anchors, func(a dataset.Anchor) bool { return a.From >= end })
	for i := range anchors {
		a := &anchors[i]
		if a.To = min(a.To, end); a.From == begin && a.To == end {
			a.From, a.To = 0, 0
		}
	}
	if d := cmp.Diff(wantAnchors, anchors); d != "" {
		t.Errorf("anchors: %s", d)
	}
	if d := cmp.Diff(wantMoves, slices.DeleteFunc(moves, func(m dataset.Move) bool { return m.Time >= end })); d != "" {
		t.Errorf("moves: %s", d)
	}
}

// Who has moved knows places around the new home soon, and forgets daily ones
// far off; a move next door changes little.
func TestSettlingIn(t *testing.T) {
	g := newGenerator(t, town(t), config(50, 1, 1))
	p := newPlanner(g.pop, &g.cfg.Life, nil)
	h := uint32(0)
	for g.pop.Persons[g.pop.Households[h].First].Age < 18 {
		h++
	}
	first := g.pop.Households[h].First
	for _, c := range []struct {
		name  string
		away  float64 // metres
		keeps bool    // most visits to the shops known
	}{{"next door", 40, true}, {"far", 60_000, false}} {
		var k known
		m := &member{id: first, who: &g.pop.Persons[first], known: &k}
		p.home = g.pop.Households[h].Pos
		old := p.centres(m)
		before := visitsOf(&k, homeShop)
		p.home.X += c.away
		p.settleIn(m, old, day{index: 3})
		after := visitsOf(&k, homeShop)
		if before == 0 || after == 0 || (float64(after) > 0.7*float64(before)) != c.keeps {
			t.Errorf("%s: %d visits to shops, before the move %d", c.name, after, before)
		}
		if p.choose(p.streams[0].Seed(1), m, homeShop) == population.None {
			t.Errorf("%s: knows no shop", c.name)
		}
	}
}

func visitsOf(k *known, e errand) (sum int) {
	for i := range int(k.n) {
		if k.of[i] == e {
			sum += int(k.visits[i])
		}
	}
	return sum
}
