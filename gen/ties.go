package gen

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/population"
)

// tie is what a day asks of a person's tie with another one who has a phone:
// prepared, since most pairs are silent on most days.
type tie struct {
	pair [2]uint64  // by kind of talk: hash of the two
	rate [2]float64 // calls and messages a day
	peer uint32
}

// ties are those of the people of a part, by SIM: of lines that talk inside the data set.
type ties struct {
	first []int // of each SIM of the part, in all; one more at the end
	all   []tie
}

// tiesOf prepares the ties of a part's SIMs from the first on.
func (c *callers) tiesOf(first sigcity.UserID, users int) ties {
	t := ties{first: make([]int, 1, users+1)}
	var contacts []population.Contact
	for u := first; u < first+sigcity.UserID(users); u++ {
		if sim := &c.pop.SIMs[u]; c.talksInside(sim) {
			contacts = c.pop.AppendContacts(contacts[:0], sim.Person)
			for _, k := range contacts {
				if x := c.tie(sim.Person, k); x.rate[voiceCall] > 0 || x.rate[message] > 0 {
					t.all = append(t.all, x)
				}
			}
		}
		t.first = append(t.first, len(t.all))
	}
	return t
}

// of are the ties of SIM i of the part.
func (t *ties) of(i int) []tie { return t.all[t.first[i]:t.first[i+1]] }

// talksInside tells the main phones of residents: others talk to numbers outside
// the data set only.
func (c *callers) talksInside(sim *population.SIM) bool {
	return sim.Use == population.Handset && !sim.Second && c.pop.KindOf(sim.Person) == population.Resident
}

func (c *callers) tie(person uint32, k population.Contact) tie {
	t := tie{peer: k.Peer}
	a, b := min(person, k.Peer), max(person, k.Peer)
	for kind, scope := range c.scope {
		t.pair[kind] = sigcity.Mix(sigcity.Mix(scope, uint64(a)), uint64(b))
		t.rate[kind] = c.rates[kind] * c.affinity(kind, person, k)
	}
	return t
}

// talk is whether the two talk on a day, in a way: by a Poisson process of which the
// first event comes at first, before the rate, and hash begins the others.
func (t *tie) talk(kind int, d day) (hash uint64, first float64, ok bool) {
	hash = sigcity.Mix(t.pair[kind], uint64(d.index))
	// The first comes after −log(1 − x) ≥ x: most days have none.
	x := sigcity.Unit(hash)
	if x >= t.rate[kind] {
		return 0, 0, false
	}
	first = -math.Log1p(-x)
	return hash, first, first < t.rate[kind]
}
