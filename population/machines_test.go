package population

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

// There are as many machines of each use as configured; each is where such
// machines are, and one home, car or place has two of a use only when all have one.
func TestMachines(t *testing.T) {
	city := town(t)
	cfg := DefaultConfig()
	cfg.IoTPer100, cfg.ChurnPerMonth, cfg.SwapPerMonth = 20, 0, 0
	p, err := Build(context.Background(), city, cfg, 6000, 0, 7, 2)
	if err != nil {
		t.Fatal(err)
	}
	n, on := map[Use]int{}, map[string]int{}
	tacs := map[int64]Use{}
	for part := range p.Parts {
		for _, row := range p.Rows(part, 1000).SIMs {
			s := &p.SIMs[row.User]
			n[s.Use]++
			tac := s.IMEI / 1e7
			if use, ok := tacs[tac]; ok && use != s.Use {
				t.Fatalf("type allocation code %08d of %q and %q", tac, use, s.Use)
			}
			tacs[tac] = s.Use
			if s.Use == Handset {
				if row.Kind != dataset.KindPhone || row.Person != int64(s.Person) || row.Household != -1 || row.Place != -1 || row.Use != "" {
					t.Fatalf("phone %+v", row)
				}
				continue
			}
			if row.Kind != dataset.KindIoT || row.Person != -1 || row.Use != s.Use.String() || row.From != 0 || row.To != 0 || row.Previous != -1 {
				t.Fatalf("machine %+v", row)
			}
			where := fmt.Sprint(s.Use, s.Host, s.Spot)
			on[where]++
			switch {
			case s.Use.AtHome():
				if row.Household != int64(s.Host) || row.Place != -1 || on[where] > 1 {
					t.Fatalf("%d machines at home: %+v", on[where], row)
				}
			case s.Use == Telematics:
				driver := &p.Persons[s.Host]
				if !driver.Car || row.Household != int64(driver.Household) || p.Households[driver.Household].Cars == 0 || on[where] > 1 {
					t.Fatalf("%d machines in the car of %+v: %+v", on[where], driver, row)
				}
			default:
				if s.Spot < 0 || row.Place != int64(s.Spot) || row.Household != -1 {
					t.Fatalf("machine at a place: %+v", row)
				}
				venue := false
				for _, cat := range venuesOf[s.Use] {
					venue = venue || city.Places[s.Spot].Category == cat
				}
				if !venue {
					t.Fatalf("a %s at a %s", s.Use, city.Places[s.Spot].Category)
				}
			}
		}
	}
	total := 0
	for k, share := range cfg.IoTShares.list() {
		total += n[Use(k+1)]
		if math.Abs(float64(n[Use(k+1)])-1200*share) > 1 {
			t.Errorf("%d machines of use %s, want %.0f", n[Use(k+1)], Use(k+1), 1200*share)
		}
	}
	if total != 1200 {
		t.Errorf("%d machines, want 1200", total)
	}
}

// A city without the places that machines stand in puts them into its
// buildings, and there are no more cars with machines than cars with drivers.
func TestMachinesWithoutPlaces(t *testing.T) {
	city := *town(t)
	city.Places = nil
	cfg := DefaultConfig()
	cfg.IoTPer100 = 400
	p, err := Build(context.Background(), &city, cfg, 300, 0, 7, 2)
	if err != nil {
		t.Fatal(err)
	}
	n, drivers := map[Use]int{}, map[uint32]int{}
	for u := range p.SIMs {
		s := &p.SIMs[u]
		n[s.Use]++
		if s.Use.AtPlace() && s.Spot >= 0 {
			t.Fatalf("machine at place %d of none", s.Spot)
		}
		if s.Use == Telematics {
			drivers[s.Host]++
		}
	}
	if n[Terminal] != 144 || len(drivers) != n[Telematics] || n[Telematics] > 240 {
		t.Errorf("%v, %d cars", n, len(drivers))
	}
	if warned := strings.Contains(strings.Join(p.Warnings, "\n"), "of telematics"); warned != (n[Telematics] < 240) {
		t.Errorf("%d of 240 cars, warnings %q", n[Telematics], p.Warnings)
	}
}
