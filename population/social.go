package population

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// Tie is what two people are to each other; where they are several things, the first of these.
type Tie uint8

const (
	Family    Tie = iota // of one household
	Relative             // of related households
	Colleague            // at one work place
	Classmate            // at one school or university
	Friend
)

var tieNames = [...]string{dataset.TieFamily, dataset.TieRelative, dataset.TieColleague, dataset.TieClassmate, dataset.TieFriend}

func (t Tie) String() string { return tieNames[t] }

// Contact is one of a person's ties. Weight is how often the two are in touch,
// relative to other ties; it is the same from both ends.
type Contact struct {
	Peer   uint32
	Tie    Tie
	Weight float32
}

// tieWeight is the median weight of the kinds of ties (assumed): people of one
// household call each other most. Within a kind weights are log-normal with
// tieSpread, for ties are heavy-tailed (Onnela et al. 2007, shape assumed).
var tieWeight = [...]float64{6, 2, 1, 1, 1}

const tieSpread = 1.0

// ties are all but those of households, which lie side by side: per person, by
// peer. An entry is peer·8 + tie: MaxPersons leaves room for it.
type ties struct {
	first []uint32 // of each person, in peers; one more at the end
	peers []uint32
}

const tieBits = 3

// AppendContacts appends a person's contacts, by peer, to dst; guests have none in
// the city, and those of a party need no phone to talk.
func (p *Population) AppendContacts(dst []Contact, person uint32) []Contact {
	if int(person) >= p.Residents {
		return dst
	}
	from := len(dst)
	first, limit := p.Members(p.Persons[person].Household)
	for i := first; i < limit; i++ {
		if i != person {
			dst = append(dst, Contact{Peer: i, Tie: Family})
		}
	}
	for _, e := range p.ties.peers[p.ties.first[person]:p.ties.first[person+1]] {
		dst = append(dst, Contact{Peer: uint32(e >> tieBits), Tie: Tie(e & (1<<tieBits - 1))})
	}
	scope := sigcity.Scope(p.Seed, "population.tie.weight")
	for i := range dst[from:] {
		c := &dst[from+i]
		h := sigcity.Mix(sigcity.Mix(scope, uint64(min(person, c.Peer))), uint64(max(person, c.Peer)))
		c.Weight = float32(tieWeight[c.Tie] * math.Exp(tieSpread*normal(h)))
	}
	slices.SortFunc(dst[from:], func(a, b Contact) int { return cmp.Compare(a.Peer, b.Peer) })
	return dst
}

// normal is a standard normal deviate from a hash (Box and Muller 1958).
func normal(h uint64) float64 {
	return math.Sqrt(-2*math.Log(1-sigcity.Unit(h))) * math.Cos(2*math.Pi*sigcity.Unit(sigcity.Mix(h, 1)))
}

// socialAge is from when on people have ties of their own.
const socialAge = 6

// edge is a proposed tie.
type edge struct {
	a, b uint32
	tie  Tie
}

// proposals runs propose over 0 … n−1 on the workers and returns what was
// proposed in the order of i, in pieces.
func (b *builder) proposals(n int, scope string, propose func(r *rand.Rand, out []edge, i int) []edge) ([][]edge, error) {
	const piece = 4096
	out := make([][]edge, (n+piece-1)/piece)
	streams := make([]sigcity.Stream, max(1, b.workers))
	seed := sigcity.Scope(b.Seed, scope)
	err := parallel.For(b.ctx, b.workers, len(out), 1, func(w, k, _ int) error {
		for i := k * piece; i < min((k+1)*piece, n); i++ {
			out[k] = propose(streams[w].Seed(sigcity.Mix(seed, uint64(i))), out[k], i)
		}
		return nil
	})
	return out, err
}

// befriend draws the social graph. A tie is proposed from one end, by the
// stream of the person or household that does, and holds from both.
func (b *builder) befriend() error {
	n := newNeighbours(b)
	var all [][]edge
	for _, draw := range []func() ([][]edge, error){
		func() ([][]edge, error) { return b.relatives(n) },
		b.comrades,
		func() ([][]edge, error) { return b.friends(n) },
	} {
		edges, err := draw()
		if err != nil {
			return err
		}
		all = append(all, edges...)
	}
	return b.tie(all)
}

// tie files edges under both ends, by peer, and of several between the same
// two keeps the first kind.
func (b *builder) tie(all [][]edge) error {
	persons := len(b.Persons)
	first := make([]uint32, persons+1)
	for _, edges := range all {
		for _, e := range edges {
			first[e.a+1]++
			first[e.b+1]++
		}
	}
	for i := range persons {
		first[i+1] += first[i]
	}
	peers := make([]uint32, first[persons])
	at := slices.Clone(first[:persons])
	for _, edges := range all {
		for _, e := range edges {
			peers[at[e.a]] = e.b<<tieBits | uint32(e.tie)
			peers[at[e.b]] = e.a<<tieBits | uint32(e.tie)
			at[e.a]++
			at[e.b]++
		}
	}
	kept := at // how many are left of each
	err := b.each(persons, func(_ *sigcity.Stream, i int) {
		own := peers[first[i]:first[i+1]]
		slices.Sort(own)
		kept[i] = uint32(len(slices.CompactFunc(own, func(x, y uint32) bool { return x>>tieBits == y>>tieBits })))
	})
	if err != nil {
		return err
	}
	to := uint32(0)
	for i := range persons {
		from := first[i]
		first[i] = to
		to += uint32(copy(peers[to:], peers[from:from+kept[i]]))
	}
	first[persons] = to
	b.ties = ties{first, slices.Clip(peers[:to])}
	return nil
}

// The groups of like age among which ties are sought: 6 to 17, 18 to 29, 30 to
// 44, 45 to 59, 60 and over.
const ageGroups = 5

func ageGroup(age uint8) int {
	switch {
	case age < 18:
		return 0
	case age < 30:
		return 1
	case age < 45:
		return 2
	case age < 60:
		return 3
	}
	return 4
}

// generation is the age group in which a grown-up's parents or children are sought.
var generation = [ageGroups]int{0, 3, 4, 1, 2}

// neighbours finds people by distance: the chance that someone of zone i seeks
// someone in zone j is their number there times distance to the power of
// −exponent (Lambiotte et al. 2008 found −2 between callers). Nearer than half a
// zone's side distance does not matter.
type neighbours struct {
	grid flatGrid
	zone []int32     // grid cell → zone with people, −1 = none
	cum  [][]float64 // per zone, over zones
	of   [][]uint32  // per zone and age group: the people
}

func newNeighbours(b *builder) *neighbours {
	homes := make([]geo.XY, len(b.Households))
	for i := range homes {
		homes[i] = b.Households[i].Pos
	}
	n := &neighbours{grid: newFlatGrid(homes)}
	n.zone = make([]int32, n.grid.cols*n.grid.rows)
	for i := range n.zone {
		n.zone[i] = -1
	}
	var center []geo.XY
	var count []float64
	for i := range b.Persons {
		p := &b.Persons[i]
		if p.Age < socialAge {
			continue
		}
		home := homes[p.Household]
		c := n.grid.cell(home)
		if n.zone[c] < 0 {
			n.zone[c] = int32(len(center))
			center, count = append(center, geo.XY{}), append(count, 0)
			n.of = append(n.of, make([][]uint32, ageGroups)...)
		}
		z := n.zone[c]
		count[z]++
		center[z] = center[z].Lerp(home, 1/count[z])
		k := int(z)*ageGroups + ageGroup(p.Age)
		n.of[k] = append(n.of[k], uint32(i))
	}
	exponent := b.Config.Social.DistanceExponent
	n.cum = make([][]float64, len(center))
	for i := range n.cum {
		n.cum[i] = make([]float64, len(center))
		sum := 0.0
		for j := range center {
			d := max(center[i].Dist(center[j])/n.grid.size, 0.5)
			sum += float64(count[j] * math.Exp(-exponent*math.Log(d)))
			n.cum[i][j] = sum
		}
	}
	return n
}

// seek draws someone for a person who lives at q: of the age group, or of any
// where group is negative or nobody there is of it.
func (n *neighbours) seek(r *rand.Rand, q geo.XY, group int) uint32 {
	cum := n.cum[n.zone[n.grid.cell(q)]]
	groups := n.of[search(cum, r.Float64()*cum[len(cum)-1])*ageGroups:][:ageGroups]
	if group >= 0 && len(groups[group]) > 0 {
		return groups[group][r.IntN(len(groups[group]))]
	}
	total := 0
	for _, g := range groups {
		total += len(g)
	}
	k := r.IntN(total)
	for _, g := range groups {
		if k < len(g) {
			return g[k]
		}
		k -= len(g)
	}
	return groups[0][0] // total > 0: not reached
}

// times is a whole number of mean x.
func times(r *rand.Rand, x float64) int { return int(float64(x) + r.Float64()) }

// relatives links households: half of the time to the generation of the
// parents or of the grown-up children, else to that of brothers and sisters.
// All their grown-ups are then relatives of each other.
func (b *builder) relatives(n *neighbours) ([][]edge, error) {
	return b.proposals(len(b.Households), "population.relatives", func(r *rand.Rand, out []edge, h int) []edge {
		hh := &b.Households[h]
		head := ageGroup(b.Persons[hh.First].Age)
		for range times(r, b.Config.Social.Relatives/2) {
			group := head
			if r.IntN(2) == 0 {
				group = generation[head]
			}
			peer := b.Persons[n.seek(r, hh.Pos, group)].Household
			if int(peer) == h {
				continue
			}
			first, limit := b.Members(peer)
			for i := hh.First; i < hh.First+uint32(hh.Size); i++ {
				for j := first; j < limit; j++ {
					if b.Persons[i].Age >= adultFrom && b.Persons[j].Age >= adultFrom {
						out = append(out, edge{i, j, Relative})
					}
				}
			}
		}
		return out
	})
}

// team is among how many of a large work place or school ties are sought (assumed).
const team = 20

// comrades ties colleagues of a work place, and pupils and students of a
// school or university of one age.
func (b *builder) comrades() ([][]edge, error) {
	type place struct {
		key  uint64 // spot and age
		rank uint64
		id   uint32
	}
	var all []place
	scope := sigcity.Scope(b.Seed, "population.team")
	for i := range b.Persons {
		p := &b.Persons[i]
		if p.Main == None || p.Employment == Preschool {
			continue
		}
		key := uint64(uint32(p.Main)) << 8
		if p.Employment != Employed {
			key |= uint64(p.Age)
		}
		all = append(all, place{key, sigcity.Mix(scope, uint64(i)), uint32(i)})
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.rank, b.rank))
	})
	limits := make([][2]int32, len(all)) // of everyone's place
	for lo := 0; lo < len(all); {
		hi := lo + 1
		for hi < len(all) && all[hi].key == all[lo].key {
			hi++
		}
		for i := lo; i < hi; i++ {
			limits[i] = [2]int32{int32(lo), int32(hi)}
		}
		lo = hi
	}
	return b.proposals(len(all), "population.comrades", func(r *rand.Rand, out []edge, i int) []edge {
		lo, hi := int(limits[i][0]), int(limits[i][1])
		me := &b.Persons[all[i].id]
		mean, tie := b.Config.Social.Classmates, Classmate
		if me.Employment == Employed {
			mean, tie = b.Config.Social.Colleagues, Colleague
		}
		for range times(r, mean/2) {
			if hi-lo < 2 {
				break
			}
			k := lo + (i-lo+1+r.IntN(min(hi-lo-1, team)))%(hi-lo)
			if peer := all[k].id; b.Persons[peer].Household != me.Household {
				out = append(out, edge{all[i].id, peer, tie})
			}
		}
		return out
	})
}

// mostFriends bounds what one person proposes, so that nobody has more than
// some 150 ties (Dunbar 1993).
const mostFriends = 60

// friends ties people by distance and age.
func (b *builder) friends(n *neighbours) ([][]edge, error) {
	c := &b.Config.Social
	return b.proposals(len(b.Persons), "population.friends", func(r *rand.Rand, out []edge, i int) []edge {
		me := &b.Persons[i]
		if me.Age < socialAge {
			return out
		}
		// A log-normal factor of mean 1.
		spread := math.Exp(float64(c.FriendsSpread*r.NormFloat64()) - c.FriendsSpread*c.FriendsSpread/2)
		own := ageGroup(me.Age)
		for range min(times(r, c.Friends/2*spread), mostFriends) {
			group := -1
			if own == 0 || r.Float64() < c.OwnAge {
				group = own
			}
			peer := n.seek(r, b.Households[me.Household].Pos, group)
			if minor := own == 0; minor != (b.Persons[peer].Age < adultFrom) {
				// Grown-ups and children are no friends. A child alone in its zone has none there.
				if peer = n.seek(r, b.Households[me.Household].Pos, own); minor != (b.Persons[peer].Age < adultFrom) {
					continue
				}
			}
			if b.Persons[peer].Household != me.Household {
				out = append(out, edge{uint32(i), peer, Friend})
			}
		}
		return out
	})
}
