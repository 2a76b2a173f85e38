package population

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

func town(t testing.TB) *network.City {
	t.Helper()
	city, err := network.Load(context.Background(), fixture.TownFile(t), network.Options{Name: "town", TimeZone: "Europe/Berlin", Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// build is a city without guests, who have tests of their own.
func build(t testing.TB, city *network.City, persons, workers int) *Population {
	t.Helper()
	p, err := Build(context.Background(), city, DefaultConfig().WithoutGuests(), persons, 0, 7, workers)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSameForAnyWorkers(t *testing.T) {
	city := town(t)
	want := build(t, city, 3000, 1)
	for _, workers := range []int{0, 2, 7} {
		if got := build(t, city, 3000, workers); !reflect.DeepEqual(want, got) {
			t.Errorf("%d workers: another population than with one", workers)
		}
	}
}

func TestEverybodyHasTheirPlaces(t *testing.T) {
	city := town(t)
	p := build(t, city, 3000, 2)
	// The town is some 3 km wide.
	if len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0], "the way to work is 0.8 km on average, not 7.6: on this map") {
		t.Errorf("warnings: %q", p.Warnings)
	}
	want := map[Employment]dataset.Category{Student: dataset.University, Pupil: dataset.School, Preschool: dataset.Kindergarten}
	for i := range p.Persons {
		who := &p.Persons[i]
		if cat, ok := want[who.Employment]; ok {
			if who.Main < 0 || city.Places[who.Main].Category != cat {
				t.Fatalf("person %d, %s: main place %d is no %s", i, who.Employment, who.Main, cat)
			}
		}
		if who.Employment == Employed && who.Main == None {
			t.Fatalf("person %d works nowhere", i)
		}
		for _, f := range []struct {
			s   Spot
			cat dataset.Category
		}{{who.Shop[0], dataset.Shop}, {who.Shop[1], dataset.Shop}, {who.Salon, dataset.Salon}, {who.Store, dataset.DepartmentStore},
			{who.Restaurant, dataset.Restaurant}, {who.Lunch, dataset.Restaurant}, {who.Leisure, dataset.Leisure},
			{who.Worship, dataset.Worship}, {who.Hospital, dataset.Hospital}} {
			if f.s < 0 || city.Places[f.s].Category != f.cat {
				t.Fatalf("person %d: %d is no %s", i, f.s, f.cat)
			}
		}
	}
	for h := range p.Households {
		hh := &p.Households[h]
		if b := city.Buildings[hh.Building]; b.Dwellings <= 0 || hh.Pos.Dist(b.Pos) > 2*standInM {
			t.Fatalf("household %d lives at %v, in a building at %v with %g dwellings", h, hh.Pos, b.Pos, b.Dwellings)
		}
		first, limit := p.Members(uint32(h))
		main := map[Employment]Spot{}
		for i := first; i < limit; i++ {
			who := &p.Persons[i]
			if int(who.Household) != h {
				t.Fatalf("person %d belongs to household %d and %d", i, h, who.Household)
			}
			if who.Employment == Preschool || who.Employment == Pupil {
				if s, ok := main[who.Employment]; ok && s != who.Main {
					t.Fatalf("household %d: its children go to different places", h)
				}
				main[who.Employment] = who.Main
			}
		}
		if p.Persons[first].Age < 18 {
			t.Fatalf("household %d has no adult", h)
		}
	}
}

// An attack on portraits needs something true to find. With 30,000 persons,
// some 11,000 households, the differences below are known to 0.01 or so: 10 and more
// standard errors lie between what is wanted and what is found.
func TestAttributesHangTogether(t *testing.T) {
	city := town(t)
	p := build(t, city, 30000, 2)
	type share struct{ yes, all float64 }
	count := func(s *share, yes bool) {
		s.all++
		if yes {
			s.yes++
		}
	}
	of := func(s share) float64 { return s.yes / s.all }
	var car [6]share
	var collar [6]share
	var match, consentYoung, consentOld, drivesHe, drivesShe, mother, childless share
	for h := range p.Households {
		hh := &p.Households[h]
		count(&match, int(hh.Income) == city.Communities[hh.Community].Affluence)
		count(&car[hh.Income], hh.Cars > 0)
		first, limit := p.Members(uint32(h))
		baby, drivers := false, 0
		for i := first; i < limit; i++ {
			baby = baby || p.Persons[i].Age < 3
			if p.Persons[i].Car {
				drivers++
			}
		}
		if drivers > int(hh.Cars) || (hh.Cars > 0) != (drivers > 0) {
			t.Fatalf("household %d has %d cars and %d drivers", h, hh.Cars, drivers)
		}
		for i := first; i < limit; i++ {
			who := &p.Persons[i]
			if who.Employment == Employed {
				count(&collar[hh.Income], p.WhiteCollar(who))
			}
			switch {
			case who.Sex == Female && who.Role == Partner && who.Age >= 22 && who.Age < 40 && baby:
				count(&mother, who.Employment == Employed)
			case who.Sex == Female && who.Age >= 22 && who.Age < 40:
				count(&childless, who.Employment == Employed)
			}
			switch {
			case who.Age >= 60:
				count(&consentOld, who.Consent)
			case who.Age >= 18 && who.Age < 30:
				count(&consentYoung, who.Consent)
			}
			if who.Role == Partner && who.Sex == Male {
				count(&drivesHe, who.Car)
			} else if who.Role == Partner {
				count(&drivesShe, who.Car)
			}
		}
	}
	for _, c := range []struct {
		what      string
		got       float64
		low, high float64
	}{
		// 0.6 + 0.4 / 5 of the households have their community's class.
		{"households with the income class of their community", of(match), 0.64, 0.72},
		{"car ownership of class 5 over class 1", of(car[5]) - of(car[1]), 0.35, 0.65},
		{"car ownership of class 4 over class 2", of(car[4]) - of(car[2]), 0.15, 0.40},
		{"white-collar work of class 5 over class 1", of(collar[5]) - of(collar[1]), 0.10, 0.60},
		{"consent of the young over the old", of(consentYoung) - of(consentOld), 0.15, 0.35},
		{"husbands who drive over wives", of(drivesHe) - of(drivesShe), 0.20, 0.60},
		{"employment of other women over mothers of small children", of(childless) - of(mother), 0.08, 0.50},
	} {
		if !(c.got >= c.low && c.got <= c.high) {
			t.Errorf("%s: %.3f, want from %g to %g", c.what, c.got, c.low, c.high)
		}
	}
}

func TestWorkFollowsDistanceAndCapacity(t *testing.T) {
	city := town(t)
	p := build(t, city, 30000, 2)
	jobs, sum := 0.0, 0.0
	kind := map[Spot]int{}
	for _, s := range (&builder{Population: p}).jobs() {
		sum += s.weight
		kind[s.spot] = s.kind
		if s.kind == 0 {
			jobs += s.weight
		}
	}
	d, null, n, plain := 0.0, 0.0, 0.0, 0.0
	for i := range p.Persons {
		who := &p.Persons[i]
		if who.Employment != Employed {
			continue
		}
		home := p.Households[who.Household].Pos
		d += home.Dist(p.Pos(who.Main))
		other := &p.Persons[(i*7919+13)%len(p.Persons)]
		null += p.Households[other.Household].Pos.Dist(p.Pos(who.Main))
		if k, ok := kind[who.Main]; !ok {
			t.Fatalf("person %d works at %d, which has no jobs", i, who.Main)
		} else if k == 0 {
			plain++
		}
		n++
	}
	if d >= null {
		t.Errorf("mean way to work %.0f m, not shorter than to a stranger's, %.0f m", d/n, null/n)
	}
	// Preference by income moves jobs within zones only; capacity holds roughly.
	if got, want := plain/n, jobs/sum; math.Abs(got-want) > 0.12 {
		t.Errorf("%.2f of workers in plain jobs, the city has %.2f", got, want)
	}
}

func TestUserIDs(t *testing.T) {
	city := town(t)
	p := build(t, city, 17000, 2) // two parts
	if len(p.Parts) < 2 {
		t.Fatalf("%d parts, want several", len(p.Parts))
	}
	next := 0
	household := func(s *SIM) (uint32, bool) {
		switch {
		case s.Use == Handset:
			return p.Persons[s.Person].Household, true
		case s.Use == Telematics:
			return p.Persons[s.Host].Household, true
		}
		return s.Host, s.Use.AtHome()
	}
	seen := map[string]bool{}
	part := map[uint32]int{}
	for k, q := range p.Parts {
		if int(q.First) != next || q.Users < 1 {
			t.Fatalf("part %d starts at %d with %d users, want at %d", k, q.First, q.Users, next)
		}
		next += q.Users
		for _, h := range p.PartHouseholds(k) {
			if _, twice := part[h]; twice {
				t.Fatalf("household %d is in two parts", h)
			}
			part[h] = k
		}
	}
	if next != len(p.SIMs) || len(part) != len(p.Households) {
		t.Fatalf("parts hold %d users of %d and %d households of %d", next, len(p.SIMs), len(part), len(p.Households))
	}
	neighbours, dual, seconds := 0, 0.0, 0.0
	for u := range p.SIMs {
		s := &p.SIMs[u]
		if h, ok := household(s); ok {
			if q := p.Parts[part[h]]; u < int(q.First) || u >= int(q.First)+q.Users {
				t.Fatalf("user %d is outside part %d of its household", u, part[h])
			}
			if u > 0 {
				if before, ok := household(&p.SIMs[u-1]); ok && before == h {
					neighbours++
				}
			}
		}
		op := city.Operators[s.Operator]
		ids := []string{fmt.Sprint("imsi", s.IMSI)}
		if s.Previous == NoSIM || s.MSISDN != p.SIMs[s.Previous].MSISDN {
			ids = append(ids, fmt.Sprint("msisdn", s.MSISDN))
		}
		if s.Previous == NoSIM || s.Device != p.SIMs[s.Previous].Device {
			ids = append(ids, fmt.Sprint("imei", s.IMEI))
		}
		for _, id := range ids {
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
		if got := fmt.Sprint(s.IMSI); len(got) != 15 || !strings.HasPrefix(got, op.MCC+op.MNC) || op.MCC != "999" {
			t.Fatalf("IMSI %s of operator %s", got, op.PLMN())
		}
		main := &p.SIMs[s.Device]
		heir := s.Previous != NoSIM && s.Device == p.SIMs[s.Previous].Device
		if main.Person != s.Person || main.Slot != 0 || s.Slot > 1 || !heir && (s.Slot == 0) != (int(s.Device) == u) {
			t.Fatalf("user %d, slot %d of handset %d of person %d", u, s.Slot, s.Device, main.Person)
		}
		if s.Second && s.Initial() {
			seconds++
			if s.Slot == 1 {
				dual++
				if s.IMEI/1e7 != main.IMEI/1e7 || s.IMEI/10 != main.IMEI/10+1 {
					t.Fatalf("IMEIs %015d and %015d in one handset", main.IMEI, s.IMEI)
				}
			}
		}
		if luhn(s.IMEI/10) != s.IMEI%10 {
			t.Fatalf("IMEI %015d: check digit", s.IMEI)
		}
		if s.Use == Handset && p.Persons[s.Person].Age < 10 {
			t.Fatalf("user %d is %d years old", u, p.Persons[s.Person].Age)
		}
	}
	// In a random order a SIM has one of its household's two or three others next
	// to it about two or three times a part; household order would do it some
	// 10,000 times. Poisson: more than 30 has a probability below 1e-9.
	if neighbours > 30 {
		t.Errorf("%d neighbouring user ids share a household", neighbours)
	}
	// Some 3,400 second SIMs: five standard errors are 0.04.
	if got := dual / seconds; math.Abs(got-p.Config.DualSIM) > 0.04 {
		t.Errorf("%.3f of the second SIMs sit in the first one's handset, want %.2f", got, p.Config.DualSIM)
	}
	shares := make([]float64, len(city.Operators))
	for u := range p.SIMs {
		shares[p.SIMs[u].Operator] += 1 / float64(len(p.SIMs))
	}
	// What a handset can is the same for both of its SIMs, and by the shares.
	radios := map[Radio]float64{}
	byHandset := map[sigcity.UserID]Radio{}
	for _, s := range p.SIMs {
		if r, ok := byHandset[s.Device]; ok && r != s.Radio {
			t.Fatalf("the SIMs of handset %d are in one of %s and of %s", s.Device, r, s.Radio)
		} else if !ok && s.Use == Handset {
			byHandset[s.Device] = s.Radio
			radios[s.Radio]++
		}
	}
	n := float64(len(byHandset))
	for r, want := range map[Radio]float64{LTE: 0.4, NSA: 0.12, SA: 0.48} { // five standard errors: 6e-7 each
		if got := radios[r] / n; math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/n) {
			t.Errorf("%.3f of the phones are %s, want %.3f", got, r, want)
		}
	}
	for i, o := range city.Operators { // five standard errors: 6e-7 each
		if math.Abs(shares[i]-o.Share) > 5*math.Sqrt(o.Share*(1-o.Share)/float64(len(p.SIMs))) {
			t.Errorf("operator %s has %.3f of the SIMs, want %.3f", o.PLMN(), shares[i], o.Share)
		}
	}
}

func TestLuhn(t *testing.T) {
	// The example of 3GPP TS 23.003 annex B and well-known test numbers.
	for n, want := range map[int64]int64{26053179311383: 7, 49015420323751: 8, 35209900176148: 1} {
		if got := luhn(n); got != want {
			t.Errorf("luhn(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestIMSI(t *testing.T) {
	for _, c := range []struct {
		mcc, mnc string
		msin     int64
		want     int64
	}{{"999", "01", 42, 999010000000042}, {"999", "123", 999_999_999, 999123999999999}} {
		if got := imsi(c.mcc, c.mnc, c.msin); got != c.want {
			t.Errorf("imsi(%s, %s, %d) = %d, want %d", c.mcc, c.mnc, c.msin, got, c.want)
		}
	}
}

func TestRegister(t *testing.T) {
	p := build(t, town(t), 5000, 2)
	life := timeline(t, p, 30, p.Config.Register.LagDays, 2)
	entries, identities := p.OutsideRegister(life)
	again, _ := p.OutsideRegister(life)
	if !reflect.DeepEqual(entries, again) {
		t.Error("another register on the second call")
	}
	if len(entries) != len(identities) || len(entries) == 0 {
		t.Fatalf("%d entries, %d identities", len(entries), len(identities))
	}
	adults, sorted := 0, 0
	for i := range p.Persons {
		if p.Persons[i].Age >= 18 {
			adults++
		}
	}
	seen := map[uint32]bool{}
	d2 := 0.0
	for i, e := range entries {
		id := identities[i]
		if e.Entry != uint32(i) || id.Entry != e.Entry || seen[id.Person] {
			t.Fatalf("row %d: entry %d, identity %v", i, e.Entry, id)
		}
		seen[id.Person] = true
		who := &p.Persons[id.Person]
		if who.Age < 18 || e.HasWork && who.Employment != Employed || e.Name == "" {
			t.Fatalf("entry %+v of a %s of %d years", e, who.Employment, who.Age)
		}
		home := p.City.Proj.XY([2]float64{e.HomeLon, e.HomeLat})
		d2 += home.Dist2(life.Home(who.Household, -p.Config.Register.LagDays-1))
		if i > 0 && id.Person > identities[i-1].Person {
			sorted++
		}
	}
	n := float64(len(entries))
	// Binomial and chi-square within five standard errors: below 1e-6 each.
	if got, want := n/float64(adults), p.Config.Register.Coverage; math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/float64(adults)) {
		t.Errorf("coverage %.3f, want %.3f", got, want)
	}
	want := 2 * p.Config.Register.HomeErrorM * p.Config.Register.HomeErrorM
	if got := d2 / n; math.Abs(got-want) > 5*want/math.Sqrt(n) {
		t.Errorf("mean squared home error %.0f m², want %.0f", got, want)
	}
	if got := float64(sorted) / n; math.Abs(got-0.5) > 5*math.Sqrt(1.0/12/n) {
		t.Errorf("%.3f of the entries ascend in person: their order tells", got)
	}
}

func TestBadInput(t *testing.T) {
	city := town(t)
	for _, c := range []struct {
		persons, inhabitants int
		change               func(*Config)
		want                 string
	}{
		{0, 0, nil, "persons = 0, must be at least 1"},
		{-3, 0, nil, "persons = -3"},
		{10, 5, nil, "inhabitants = 5, must be at least persons = 10"},
		{10, 0, func(c *Config) { c.HouseholdSizes = []float64{0.5, 0.4} }, "population.household_sizes"},
		{10, 0, func(c *Config) { c.HouseholdSizes = nil }, "population.household_sizes"},
		{10, 0, func(c *Config) { c.HouseholdTypes.Couple = 0.9 }, "population.household_types: shares add up to"},
		{10, 0, func(c *Config) { c.AgeMale = c.AgeMale[1:] }, "population.age_male and age_female: 35 values"},
		{10, 0, func(c *Config) { c.AgeMale, c.AgeFemale = c.AgeMale[1:], append(c.AgeFemale, c.AgeMale[0]) }, "population.age_male: 17 values"},
		{10, 0, func(c *Config) { c.EmployedMale = []float64{1} }, "population.employed_male: 1 values"},
		{10, 0, func(c *Config) { c.Cars = nil }, "population.cars"},
		{10, 0, func(c *Config) { c.WhiteCollarByIncome[2] = 2000 }, "population.white_collar_by_income"},
		{10, 0, func(c *Config) { c.CommuteMeanM[3] = 0 }, "population.commute_mean_m"},
		{10, 0, func(c *Config) { c.City = "metropolis" }, `population.city = "metropolis", must be one of metro, car-city, fuzhou-like`},
		{10, 0, func(c *Config) { c.Social.OwnAge = 2 }, "population.social.own_age"},
		{10, 0, func(c *Config) { c.SIMsPer100 = math.NaN() }, "population.sims_per_100"},
		{10, 0, func(c *Config) { c.IoTPer100 = -1 }, "population.iot_per_100"},
		{10, 0, func(c *Config) { c.IoTShares.Camera = 0.9 }, "population.iot_shares: shares add up to"},
		{10, 0, func(c *Config) { c.ChurnPerMonth = 11 }, "population.churn_per_month"},
		{10, 0, func(c *Config) { c.ChurnPorted = -0.1 }, "population.churn_ported"},
		{10, 0, func(c *Config) { c.ChurnHorizonDays = -1 }, "population.churn_horizon_days"},
		{10, 0, func(c *Config) { c.Consent.Base = 1.5 }, "population.consent.base"},
		{10, 0, func(c *Config) { c.Register.Coverage = -1 }, "population.register.coverage"},
	} {
		cfg := DefaultConfig()
		if c.change != nil {
			c.change(&cfg)
		}
		if _, err := Build(t.Context(), city, cfg, c.persons, c.inhabitants, 1, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	empty := &network.City{Name: "void", Operators: city.Operators, Proj: city.Proj}
	if _, err := Build(t.Context(), empty, DefaultConfig(), 10, 0, 1, 1); err == nil || !strings.Contains(err.Error(), "none with a dwelling") {
		t.Errorf("a city without dwellings: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, city, DefaultConfig(), 1000, 0, 1, 1); err == nil {
		t.Error("a canceled context: no error")
	}
}

// Margins that leave something out still make people.
func TestOneSidedMargins(t *testing.T) {
	city := town(t)
	for name, change := range map[string]func(*Config){
		"only singles": func(c *Config) { c.HouseholdSizes = []float64{1} },
		"no singles":   func(c *Config) { c.HouseholdSizes = []float64{0, 0.5, 0.5} },
		"no cars":      func(c *Config) { c.Cars = []float64{1} },
		"only couples": func(c *Config) { c.HouseholdSizes, c.HouseholdTypes = []float64{0.5, 0.5}, Types{Couple: 1} },
		"no ties":      func(c *Config) { c.Social = Social{} },
		"no men":       func(c *Config) { c.AgeFemale, c.AgeMale = sum(c.AgeFemale, c.AgeMale), make([]float64, ageBands) },
	} {
		c := DefaultConfig()
		change(&c)
		for _, n := range []int{1, 2, 3, 500} {
			p, err := Build(t.Context(), city, c.WithoutGuests(), n, 0, 7, 2)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(p.Persons) != n || len(p.SIMs) == 0 {
				t.Errorf("%s: %d persons with %d SIMs, want %d", name, len(p.Persons), len(p.SIMs), n)
			}
			for h := range p.Households {
				hh := &p.Households[h]
				if len(c.Cars) == 1 && hh.Cars > 0 || len(c.HouseholdSizes) == 1 && hh.Size > 1 || int(hh.Size) > len(c.HouseholdSizes) {
					t.Errorf("%s: a household of %d with %d cars", name, hh.Size, hh.Cars)
				}
			}
		}
	}
}

func sum(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] + b[i]
	}
	return out
}

func TestTinyPopulations(t *testing.T) {
	city := town(t)
	for n := 1; n < 40; n++ {
		p, err := Build(t.Context(), city, DefaultConfig().WithoutGuests(), n, 5000, uint64(n), 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Persons) != n || len(p.SIMs) == 0 {
			t.Fatalf("%d persons: got %d with %d SIMs", n, len(p.Persons), len(p.SIMs))
		}
	}
}

func balancedAt(t interface{ Fatal(...any) }, origins []origin, supplies []supply, scale, spare float64) *gravity {
	f := newFurness(context.Background(), 2, origins, supplies, spare)
	if err := f.balance(scale); err != nil {
		t.Fatal(err)
	}
	g, err := f.finish()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A gravity choice leaves every zone with its share of the trips.
func TestGravityBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := rapid.Custom(func(t *rapid.T) geo.XY {
			return geo.XY{X: rapid.Float64Range(-9000, 9000).Draw(t, "x"), Y: rapid.Float64Range(-9000, 9000).Draw(t, "y")}
		})
		var origins []origin
		demand := 0.0
		for _, q := range rapid.SliceOfN(point, 1, 60).Draw(t, "origins") {
			origins = append(origins, origin{q, rapid.Float64Range(0.1, 50).Draw(t, "demand")})
			demand += origins[len(origins)-1].weight
		}
		var supplies []supply
		total := 0.0
		for i, q := range rapid.SliceOfN(point, 1, 20).Draw(t, "supplies") {
			w := rapid.Float64Range(0.5, 100).Draw(t, "weight")
			supplies = append(supplies, supply{pos: q, weight: w, spot: Spot(i), kind: i % 2})
			total += w
		}
		g := balancedAt(t, origins, supplies, 3000, 0)
		got := make([]float64, len(g.supplies))
		for _, o := range origins {
			cum := g.cum[g.row[g.grid.cell(o.pos)]]
			last := 0.0
			for j, c := range cum {
				got[j] += (c - last) / cum[len(cum)-1] * o.weight / demand
				last = c
			}
		}
		for j, d := range g.supplies {
			// The last step balances destinations; origins are then off by little.
			if math.Abs(got[j]-d.total/total) > 0.05 {
				t.Fatalf("zone %d gets %.3f of the trips, has %.3f of the supply", j, got[j], d.total/total)
			}
		}
		u := rapid.Float64Range(0, 0.999999)
		s := g.draw(origins[0].pos, u.Draw(t, "u"), u.Draw(t, "v"), rapid.SampledFrom([]float64{0, 0.5, 1, 4}).Draw(t, "prefer"))
		if s < 0 || int(s) >= len(supplies) {
			t.Fatalf("drew %d of %d supplies", s, len(supplies))
		}
	})
}

// Seats are not filled by force: two towns 12 km apart with like schools and
// unlike numbers of children keep their own, as far as a school has room.
func TestGravitySpareSeats(t *testing.T) {
	for _, c := range []struct {
		name           string
		west, east     float64 // children
		spare, eastern float64 // want: share of the west's children who go east
	}{
		{"all seats filled", 60, 40, 0, 1.0 / 6},
		{"room for all", 60, 40, 0.5, 0},
		{"overfull", 90, 10, 0.5, 1.0 / 6}, // a school takes 75 of 100
	} {
		west, east := geo.XY{}, geo.XY{X: 12_000}
		g := balancedAt(t, []origin{{west, c.west}, {east, c.east}}, []supply{{pos: west, weight: 10, spot: 0}, {pos: east, weight: 10, spot: 1}}, 3000, c.spare)
		cum := g.cum[g.row[g.grid.cell(west)]]
		if got := 1 - cum[0]/cum[1]; math.Abs(got-c.eastern) > 0.02 {
			t.Errorf("%s: %.3f of the west's children go 12 km east, want %.3f", c.name, got, c.eastern)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	city := town(b)
	for _, persons := range []int{20_000, 1_000_000} {
		b.Run(fmt.Sprint(persons), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				build(b, city, persons, 2)
			}
			b.ReportMetric(float64(persons)*float64(b.N)/b.Elapsed().Seconds(), "persons/s")
		})
	}
}
