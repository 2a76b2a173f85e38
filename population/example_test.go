package population

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

// settled is 500 people of a small town, who stand for 20,000.
func settled(ctx context.Context) (*Population, error) {
	dir, err := os.MkdirTemp("", "population")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	osm := filepath.Join(dir, "town.osm")
	if err := os.WriteFile(osm, fixture.TownOSM(), 0o600); err != nil {
		return nil, err
	}
	city, err := network.Load(ctx, osm, network.Options{Name: "town", TimeZone: "Europe/Berlin", Seed: 1})
	if err != nil {
		return nil, err
	}
	return Build(ctx, city, DefaultConfig(), 500, 20000, 1, 2)
}

func ExampleBuild() {
	p, err := settled(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	works := 0
	for i := range p.Residents {
		if p.Persons[i].Employment == Employed {
			works++
		}
	}
	fmt.Println(p.Residents, "of", p.Inhabitants, works > 200, len(p.SIMs) > 500)
	// Output: 500 of 20000 true true
}

func ExamplePopulation_AppendContacts() {
	p, err := settled(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	family := p.Households[0]
	for _, c := range p.AppendContacts(nil, family.First) {
		if c.Peer == family.First+1 {
			fmt.Println(c.Tie, c.Weight > 0)
		}
	}
	// Output: household true
}

func ExamplePreset() {
	c, err := Preset("car-city")
	fmt.Println(c.Cars, err)
	_, err = Preset("village")
	fmt.Println(err)
	// Output:
	// [0.17 0.36 0.3 0.17] <nil>
	// population.city = "village", must be one of metro, car-city, fuzhou-like
}
