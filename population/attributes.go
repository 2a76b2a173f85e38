package population

import (
	"cmp"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// AttributeTable is the table of quasi-identifiers that an attacker buys from a
// broker. All its figures are assumed.
type AttributeTable struct {
	Coverage ByAge   `json:"coverage" yaml:"coverage" mapstructure:"coverage"` // share of people of 18 and over in it
	Named    float64 `json:"named" yaml:"named" mapstructure:"named"`          // share of its rows with a name
	Error    float64 `json:"error" yaml:"error" mapstructure:"error"`          // chance that a field holds the value of another person
	Missing  float64 `json:"missing" yaml:"missing" mapstructure:"missing"`    // chance that income, car or work is not told
	Stale    float64 `json:"stale" yaml:"stale" mapstructure:"stale"`          // chance that the home is a former one, and that the work place is
}

// Validate names the first key, under a section, that is out of range.
func (c *AttributeTable) Validate(section string) error {
	return cmp.Or(c.Coverage.Validate(section+".coverage"), within(section+".named", c.Named, 0, 1), within(section+".error", c.Error, 0, 1),
		within(section+".missing", c.Missing, 0, 1), within(section+".stale", c.Stale, 0, 1))
}

// coarseZoning is the zoning of maps without administrative areas of use: hexagons of about 5 km².
const coarseZoning = "h3-7"

// bandFrom are the age bands of the table by their first year (assumed).
var bandFrom = [...]uint8{18, 25, 35, 45, 55, 65, 75}

// Attributes draws the table, by entry, and who its rows are.
func (p *Population) Attributes(c *AttributeTable) ([]dataset.AttributeEntry, []dataset.Identity, error) {
	share := c.Coverage
	share.Child = 0
	public := p.City.Map()
	zoning, err := public.Zoning("admin")
	if err != nil { // no such areas of use
		if zoning, err = public.Zoning(coarseZoning); err != nil {
			return nil, nil, err
		}
	}
	var identities []dataset.Identity
	for _, n := range p.NewSource(dataset.SourceAttributes, share).Identities() {
		if p.Persons[n.Person].Age >= adultFrom {
			identities = append(identities, n)
		}
	}
	out := make([]dataset.AttributeEntry, len(identities))
	d := broker{Population: p, AttributeTable: c, zoning: zoning}
	for i, n := range identities {
		out[i] = d.entry(n.Person)
		out[i].Entry = n.Entry
	}
	return out, identities, nil
}

// broker fills the table's rows.
type broker struct {
	*Population
	*AttributeTable
	zoning        geo.Zoning
	stream, names sigcity.Stream
}

func (d *broker) entry(person uint32) dataset.AttributeEntry {
	r := d.stream.Seed(sigcity.Hash(d.Seed, "population.attributes.row", uint64(person)))
	told := func() bool { return r.Float64() >= d.Missing }
	e := dataset.AttributeEntry{Zoning: d.zoning.Name(), WorkZone: int64(geo.NoZone)}
	if r.Float64() < d.Named {
		e.Name = d.Name(&d.names, person)
	}
	e.Sex = d.Persons[d.mixedUp(r, person)].Sex.String()
	e.AgeFrom = band(d.Persons[d.mixedUp(r, person)].Age)
	if who := d.mixedUp(r, person); told() {
		e.Income = int32(d.Households[d.Persons[who].Household].Income)
	}
	if who := d.mixedUp(r, person); told() {
		e.Car = "no"
		if d.Persons[who].Car {
			e.Car = "yes"
		}
	}
	home, work := d.mixedUp(r, person), d.mixedUp(r, person)
	if r.Float64() < d.Stale {
		home = d.other(r)
	}
	if r.Float64() < d.Stale {
		work = d.other(r)
	}
	e.HomeZone = d.zone(d.Households[d.Persons[home].Household].Pos)
	if who := &d.Persons[work]; told() && who.Employment == Employed && who.Main != None {
		e.WorkZone = d.zone(d.Pos(who.Main))
	}
	return e
}

func (d *broker) zone(q geo.XY) int64 { return int64(d.zoning.Zone(d.City.Proj.LonLat(q))) }

// mixedUp is the person, or by error another one.
func (d *broker) mixedUp(r *rand.Rand, person uint32) uint32 {
	if r.Float64() < d.Error {
		return d.other(r)
	}
	return person
}

// other is an adult drawn blindly: where errors take their values from. A
// population without any adults does not get here.
func (d *broker) other(r *rand.Rand) uint32 {
	for {
		if i := r.Uint32N(d.covered()); d.Persons[i].Age >= adultFrom {
			return i
		}
	}
}

// band is the first year of an adult's age band.
func band(age uint8) int32 {
	from := bandFrom[0]
	for _, b := range bandFrom {
		if age >= b {
			from = b
		}
	}
	return int32(from)
}
