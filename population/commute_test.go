package population

import (
	"context"
	"math"
	"testing"

	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

func procedural(t testing.TB, name string) *network.City {
	t.Helper()
	preset, err := synthcity.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := synthcity.Make(preset, 1)
	if err != nil {
		t.Fatal(err)
	}
	city, err := network.LoadObjects(context.Background(), made.Objects(), network.Options{Name: name, TimeZone: preset.TimeZone, Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// What distances decide needs a city with some.
func TestProceduralCities(t *testing.T) {
	names := []string{"small", "medium"}
	if !testing.Short() {
		names = append(names, "large")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			p := build(t, procedural(t, name), 20000, 2)
			checkCommute(t, p)
			checkCapacity(t, p)
			if name == "medium" {
				checkFriendsByDistance(t, p)
			}
		})
	}
}

// checkCommute: where the map is large enough the mean way to work is that of
// the city's size class within the 15 % of [R27]. Where it is not, the bound holds.
func checkCommute(t *testing.T, p *Population) {
	sum, n, near := 0.0, 0.0, 0.0
	for i := range p.Persons {
		if who := &p.Persons[i]; who.Employment == Employed {
			d := p.Households[who.Household].Pos.Dist(p.Pos(who.Main))
			sum += d
			n++
			if d < 5000 {
				near++
			}
		}
	}
	mean := sum / n
	t.Logf("mean %.0f m, %.0f %% below 5 km; %+v", mean, 100*near/n, p.Commute)
	if bounded := p.Commute.Target < p.Commute.Wanted; bounded != (len(p.Warnings) > 0) {
		t.Errorf("%+v, warnings %q", p.Commute, p.Warnings)
	}
	if math.Abs(p.Commute.Mean/p.Commute.Target-1) > 0.02 || math.Abs(mean/p.Commute.Target-1) > 0.1 {
		t.Errorf("mean way to work %.0f m, between zones %.0f, want %.0f", mean, p.Commute.Mean, p.Commute.Target)
	}
	if p.City.Name != "small" && math.Abs(mean/7600-1) > 0.15 {
		t.Errorf("mean way to work %.0f m, [R27] has 7600 ± 15 %%", mean)
	}
}

// checkCapacity: no zone has more workers than its jobs and the spare allow.
func checkCapacity(t *testing.T, p *Population) {
	b := &builder{Population: p, ctx: t.Context(), workers: 2}
	f := newFurness(t.Context(), 2, b.homes(), b.jobs(), spareShare)
	zone := map[Spot]int{}
	for j := range f.g.supplies {
		for k := range f.g.supplies[j].kinds {
			for _, s := range f.g.supplies[j].kinds[k].spots {
				zone[s] = j
			}
		}
	}
	load, workers := make([]float64, len(f.g.supplies)), 0.0
	for i := range p.Persons {
		if who := &p.Persons[i]; who.Employment == Employed {
			load[zone[who.Main]]++
			workers++
		}
	}
	for j, got := range load {
		most := f.g.supplies[j].total / f.sumD * workers * (1 + spareShare)
		// Six standard errors of a Poisson count (for hundreds of zones 1e-6 in all),
		// and the 5 % that the iterations leave at most.
		if got > 1.05*most+6*math.Sqrt(most)+6 {
			t.Errorf("zone %d: %.0f workers, its jobs and the spare are for %.1f", j, got, most)
		}
	}
}
