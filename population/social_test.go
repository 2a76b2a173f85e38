package population

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
)

// A tie holds both ways, with one weight, and is what its kind says.
func TestTies(t *testing.T) {
	p := build(t, town(t), 5000, 2)
	var kinds [5]int
	most, total := 0, 0
	var of []Contact
	for i := range p.Persons {
		me := &p.Persons[i]
		of = p.AppendContacts(of[:0], uint32(i))
		most, total = max(most, len(of)), total+len(of)
		if !slices.IsSortedFunc(of, func(a, b Contact) int { return int(a.Peer) - int(b.Peer) }) {
			t.Fatalf("contacts of %d are in no order", i)
		}
		for k, c := range of {
			they := &p.Persons[c.Peer]
			kinds[c.Tie]++
			if int(c.Peer) == i || (k > 0 && of[k-1].Peer == c.Peer) {
				t.Fatalf("person %d: contact %d is itself, or twice", i, c.Peer)
			}
			back := p.AppendContacts(nil, c.Peer)
			at := slices.IndexFunc(back, func(b Contact) bool { return int(b.Peer) == i })
			if at < 0 || back[at].Tie != c.Tie || back[at].Weight != c.Weight || !(c.Weight > 0) {
				t.Fatalf("%d is tied to %d as %+v, but not the other way", i, c.Peer, c)
			}
			ok := (me.Household == they.Household) == (c.Tie == Family)
			switch c.Tie {
			case Relative:
				ok = ok && me.Age >= 18 && they.Age >= 18
			case Colleague:
				ok = ok && me.Main == they.Main && me.Employment == Employed && they.Employment == Employed
			case Classmate:
				ok = ok && me.Main == they.Main && me.Age == they.Age && me.Employment != Employed
			case Friend:
				ok = ok && me.Age >= 6 && (me.Age < 18) == (they.Age < 18)
			}
			if !ok {
				t.Fatalf("%+v and %+v are tied as %s", *me, *they, c.Tie)
			}
		}
	}
	for k, n := range kinds {
		if n == 0 {
			t.Errorf("nobody is tied as %s", Tie(k))
		}
	}
	if most > 150 { // Dunbar 1993
		t.Errorf("someone has %d contacts", most)
	}
	if mean := float64(total) / float64(len(p.Persons)); mean < 10 || mean > 25 || float64(most) < 3*mean {
		t.Errorf("%.1f contacts on average, %d at most: want a mean of 10 to 25 and a heavy tail", mean, most)
	}
}

// checkFriendsByDistance: whoever seeks a friend finds them, of the people 3 to
// 24 km away, nearer than 8 km as often as numbers over squared distances say.
// (Over the whole city friendships fall more slowly: those in villages have to seek afar.)
// The share of some 10,000 draws has a standard error of 0.005; zones are 1.5 km wide.
func checkFriendsByDistance(t *testing.T, p *Population) {
	b := &builder{Population: p, ctx: t.Context(), workers: 2}
	n := newNeighbours(b)
	r := sigcity.Rand(1, "seek")
	var drawn, want [2]float64
	ring := func(d float64) int {
		switch {
		case d >= 3000 && d < 8000:
			return 0
		case d >= 8000 && d < 24000:
			return 1
		}
		return -1
	}
	for i := 0; i < len(p.Households); i += 100 {
		home := p.Households[i].Pos
		var mass [2]float64
		for j := range p.Persons {
			if d := home.Dist(p.Households[p.Persons[j].Household].Pos); p.Persons[j].Age >= socialAge && ring(d) >= 0 {
				mass[ring(d)] += 1 / (d * d)
			}
		}
		for range 3000 {
			if k := ring(home.Dist(p.Households[p.Persons[n.seek(r, home, -1)].Household].Pos)); k >= 0 {
				drawn[k]++
				want[0] += mass[0] / (mass[0] + mass[1])
				want[1] += mass[1] / (mass[0] + mass[1])
			}
		}
	}
	got, expected := drawn[0]/(drawn[0]+drawn[1]), want[0]/(want[0]+want[1])
	t.Logf("%.0f draws, %.3f of them near, expected %.3f", drawn[0]+drawn[1], got, expected)
	if drawn[0]+drawn[1] < 5000 || math.Abs(got-expected) > 0.04 {
		t.Errorf("%.3f of %.0f friends nearer than 8 km, want %.3f", got, drawn[0]+drawn[1], expected)
	}
}
