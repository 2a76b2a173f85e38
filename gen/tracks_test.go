package gen

import (
	"slices"
	"testing"

	"github.com/sigcity/sigcity/network"
)

// What is known of links, and the raster of phones that move, say the same as
// going along with the candidates of each place, as is done where sites may be off
// the air; and so they do when they are asked again.
func TestTracks(t *testing.T) {
	cities := map[string]*network.City{"town": town(t)}
	if !testing.Short() {
		cities["medium"] = preset(t, "medium") // people ride there
	}
	for name, city := range cities {
		phone := DefaultConfig().Phone
		known, plain := newCamper(city, &phone, nil, newTracks(city)), newCamper(city, &phone, nil, nil)
		plain.air = &air{dark: make([][]span, len(city.Sites))} // and all stay on it
		paths, rides, moves := 0, 0, 0
		lived(t, city, config(600, 2, 2), func(p *partRun, d day, person uint32, segs []Segment) {
			for i := range segs {
				s := &segs[i]
				if s.Mode == Stay {
					continue
				}
				if s.Path != nil {
					paths++
				}
				if s.Journey != nil {
					rides++
				}
				for op := range city.Operators {
					ue := network.UE{Operator: op, SA: person%2 == 1}
					begin := camping{ue: ue, serving: serving{cell: city.Camp(ue, s.From)[0].Cell}}
					if person%5 == 0 { // in an excursion, whose flag goes on to the trip
						begin.why = pingPong
					}
					a, b := begin, begin
					known.out, plain.out = known.out[:0], plain.out[:0]
					known.trip(&a, s)
					plain.trip(&b, s)
					if a != b || !slices.Equal(known.out, plain.out) {
						t.Fatalf("%s: person %d, operator %d: %+v\n%v, want\n%+v\n%v", name, person, op, a, known.out, b, plain.out)
					}
					moves += len(known.out)
				}
			}
		})
		if paths < 500 || moves < paths || name == "medium" && rides < 100 {
			t.Errorf("%s: %d trips along roads and %d by public transport with %d changes: too few to say anything", name, paths, rides, moves)
		}
	}
}

// Ways that are remembered are those that are found.
func TestWonted(t *testing.T) {
	city := town(t)
	g := newGenerator(t, city, config(300, 5, 1))
	plain := g.newPartRun(0)
	for i := range plain.usual {
		plain.usual[i] = wonted{} // no room
	}
	p, again, ways := g.newPartRun(0), 0, 0
	for i := range g.cal.Days() {
		d := newDay(g.cal, i)
		for _, x := range []*partRun{p, plain} {
			if err := x.live(d); err != nil {
				t.Fatal(err)
			}
		}
		for k := range p.segs {
			if len(p.segs[k]) != len(plain.segs[k]) {
				t.Fatalf("day %d, person %d: %d segments, want %d", i, k, len(p.segs[k]), len(plain.segs[k]))
			}
			for j := range p.segs[k] {
				a, b := p.segs[k][j], plain.segs[k][j]
				if (a.Path == nil) != (b.Path == nil) || a.Path != nil && (!slices.Equal(a.Path.Links, b.Path.Links) || a.Path.Hour != b.Path.Hour || a.Path.traffic != b.Path.traffic) {
					t.Fatalf("day %d, person %d: path %v, want %v", i, k, a.Path, b.Path)
				}
				if a.Path, b.Path = nil, nil; a != b {
					t.Fatalf("day %d, person %d: %+v, want %+v", i, k, a, b)
				}
			}
		}
	}
	for _, u := range p.usual {
		for _, x := range u.ways {
			if ways++; x.used == 5 {
				again++
			}
		}
	}
	if ways < 1000 || again < 100 {
		t.Errorf("%d ways remembered, %d used on the last day", ways, again)
	}
}
