package population

import (
	"math/rand/v2"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// OutsideRegister draws the identified register: some adults, with errors, in
// random order; and, apart from it, who they are. It is as old as the
// configuration says: who has moved since is in it with the former home or work
// place. The timeline must reach back so far.
func (p *Population) OutsideRegister(t *Timeline) ([]dataset.RegisterEntry, []dataset.Identity) {
	c := p.Config.Register
	var who []uint32
	chosen := sigcity.Scope(p.Seed, "population.register")
	for i := range p.Persons[:p.Residents] {
		if p.Persons[i].Age >= 18 && sigcity.Unit(sigcity.Mix(chosen, uint64(i))) < c.Coverage {
			who = append(who, uint32(i))
		}
	}
	entries, identities := make([]dataset.RegisterEntry, len(who)), make([]dataset.Identity, len(who))
	order := sigcity.NewPermutation(uint32(len(who)), sigcity.Hash(p.Seed, "population.register.order"))
	rows := sigcity.Scope(p.Seed, "population.register.row")
	var s sigcity.Stream
	for k, person := range who {
		id := order.At(uint32(k))
		entries[id] = p.registerEntry(s.Seed(sigcity.Mix(rows, uint64(person))), t, person)
		entries[id].Entry = id
		identities[id] = dataset.Identity{Source: dataset.SourceRegister, Entry: id, Person: person}
	}
	return entries, identities
}

func (p *Population) registerEntry(r *rand.Rand, t *Timeline, person uint32) dataset.RegisterEntry {
	c, who := p.Config.Register, &p.Persons[person]
	blur := func(q geo.XY, sigma float64) geo.XY {
		return geo.XY{X: q.X + float64(sigma*r.NormFloat64()), Y: q.Y + float64(sigma*r.NormFloat64())}
	}
	e := dataset.RegisterEntry{Name: name(r)}
	home := p.City.Proj.LonLat(blur(t.Home(who.Household, -c.LagDays-1), c.HomeErrorM))
	e.HomeLon, e.HomeLat = home[0], home[1]
	if who.Employment == Employed && who.Main != None && r.Float64() < c.WorkShare {
		work := p.City.Proj.LonLat(blur(p.Pos(t.Main(person, -c.LagDays-1)), c.WorkErrorM))
		e.HasWork, e.WorkLon, e.WorkLat = true, work[0], work[1]
	}
	return e
}

// name makes up a given name and a surname of invented syllables.
func name(r *rand.Rand) string {
	var b strings.Builder
	for part := range 2 {
		if part > 0 {
			b.WriteByte(' ')
		}
		for k := range 2 + r.IntN(2) {
			s := syllables[r.IntN(len(syllables))]
			if k == 0 {
				s = strings.ToUpper(s[:1]) + s[1:]
			}
			b.WriteString(s)
		}
	}
	return b.String()
}

var syllables = [...]string{"ba", "bel", "co", "dar", "du", "el", "fen", "ga", "hil", "ia", "jo", "ka", "lor", "ma",
	"mir", "na", "nou", "os", "pe", "qua", "ri", "sa", "sul", "ta", "tor", "ul", "va", "wen", "xi", "yor", "za", "zel"}
