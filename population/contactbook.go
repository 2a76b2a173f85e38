package population

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// ContactBook is the contact graph that an attacker holds: address books, or
// the friends of a social network. All its figures are assumed.
type ContactBook struct {
	Coverage ByAge   `json:"coverage" yaml:"coverage" mapstructure:"coverage"` // share of people who are in it
	Recall   float64 `json:"recall" yaml:"recall" mapstructure:"recall"`       // share of the ties among these that it knows
	False    float64 `json:"false" yaml:"false" mapstructure:"false"`          // share of its edges that are no ties
}

// Validate names the first key, under a section, that is out of range.
func (c *ContactBook) Validate(section string) error {
	return cmp.Or(c.Coverage.Validate(section+".coverage"), within(section+".recall", c.Recall, 0, 1), within(section+".false", c.False, 0, 0.9))
}

// ContactBook draws the contact graph, by node and peer, and who its nodes are.
// A tie is known or not to both its ends at once. False edges join two nodes
// drawn blindly, as in the noise of Narayanan and Shmatikov (2009, §5).
func (p *Population) ContactBook(c *ContactBook) ([]dataset.ContactEdge, []dataset.Identity) {
	source := p.NewSource(dataset.SourceContactBook, c.Coverage)
	nodes := source.Identities()
	var out []dataset.ContactEdge
	add := func(a, b uint32) { out = append(out, dataset.ContactEdge{Node: min(a, b), Peer: max(a, b)}) }
	known := sigcity.Scope(p.Seed, "population.contacts.tie")
	var peers []uint32
	for _, n := range nodes {
		peers = p.appendPeers(peers[:0], n.Person)
		for _, peer := range peers {
			if peer < n.Person || sigcity.Unit(sigcity.Mix(sigcity.Mix(known, uint64(n.Person)), uint64(peer))) >= c.Recall {
				continue
			}
			if number, ok := source.Entry(peer); ok {
				add(n.Entry, number)
			}
		}
	}
	if len(nodes) > 1 {
		p.addFalse(nodes, int(math.Round(float64(len(out))*c.False/(1-c.False))), add)
	}
	slices.SortFunc(out, func(a, b dataset.ContactEdge) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Peer, b.Peer))
	})
	return out, nodes
}

// addFalse adds n edges between nodes without a tie, fewer where that many
// attempts twice do not find them: in a small graph there may be none.
func (p *Population) addFalse(nodes []dataset.Identity, n int, add func(a, b uint32)) {
	r := sigcity.Rand(p.Seed, "population.contacts.false")
	taken := make(map[[2]uint32]bool, n)
	for range 2 * n {
		if len(taken) == n {
			return
		}
		a, b := nodes[r.IntN(len(nodes))], nodes[r.IntN(len(nodes))]
		if a.Person > b.Person {
			a, b = b, a
		}
		if pair := [2]uint32{a.Person, b.Person}; a != b && !taken[pair] && !p.tied(a.Person, b.Person) {
			taken[pair] = true
			add(a.Entry, b.Entry)
		}
	}
}

// appendPeers appends all with whom a person has a tie: AppendContacts without their weights and order.
func (p *Population) appendPeers(dst []uint32, person uint32) []uint32 {
	first, limit := p.Members(p.Persons[person].Household)
	for i := first; i < limit; i++ {
		if i != person {
			dst = append(dst, i)
		}
	}
	for _, e := range p.ties.peers[p.ties.first[person]:p.ties.first[person+1]] {
		dst = append(dst, e>>tieBits)
	}
	return dst
}

// tied reports whether two different people have a tie.
func (p *Population) tied(a, b uint32) bool {
	if p.Persons[a].Household == p.Persons[b].Household {
		return true
	}
	_, found := slices.BinarySearchFunc(p.ties.peers[p.ties.first[a]:p.ties.first[a+1]], b, func(e, b uint32) int { return cmp.Compare(e>>tieBits, b) })
	return found
}
