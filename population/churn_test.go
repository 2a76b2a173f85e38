package population

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/network"
)

// Lines change hands as often as configured, for the reason that is told, and
// keep what that reason keeps.
func TestLines(t *testing.T) {
	city := town(t)
	cfg := DefaultConfig()
	cfg.SwapPerMonth, cfg.ChurnPerMonth, cfg.ChurnHorizonDays = 0.1, 0.3, 90
	p, err := Build(context.Background(), city, cfg, 4000, 0, 7, 2)
	if err != nil {
		t.Fatal(err)
	}
	lines, n := 0.0, map[Change]float64{}
	ported, renewed, alone, before9 := 0.0, 0.0, 0.0, 0
	inHandset := map[sigcity.UserID]int{} // lines that began in a handset
	for u := range p.SIMs {
		if p.SIMs[u].Initial() {
			lines++
			inHandset[p.SIMs[u].Device]++
		}
	}
	for u := range p.SIMs {
		s := &p.SIMs[u]
		if s.Use != Handset {
			if s.Previous != NoSIM || s.Next != NoSIM || s.From != 0 || s.To != 0 {
				t.Fatalf("machine %d: %+v", u, s)
			}
			continue
		}
		n[s.Change]++
		if s.Previous == NoSIM {
			if s.From != 0 || s.Change != NoChange {
				t.Fatalf("SIM %d: %+v", u, s)
			}
			continue
		}
		old := &p.SIMs[s.Previous]
		if old.Next != sigcity.UserID(u) || old.To != s.From || s.From <= old.From || s.To != 0 && s.To/daySeconds <= s.From/daySeconds {
			t.Fatalf("SIM %d from %d to %d follows %+v", u, s.From, s.To, old)
		}
		if s.From/daySeconds >= 90 {
			t.Fatalf("SIM %d begins on day %d, the horizon is 90", u, s.From/daySeconds)
		}
		if clock := s.From % daySeconds; clock < changeOpens || clock >= changeCloses {
			before9++
		}
		if s.Person != old.Person || s.Second != old.Second || s.Slot != old.Slot || s.IMSI == old.IMSI {
			t.Fatalf("SIM %d: %+v follows %+v", u, s, old)
		}
		switch s.Change {
		case Swap:
			if s.Operator != old.Operator || s.MSISDN != old.MSISDN || s.IMEI != old.IMEI || s.Device != old.Device {
				t.Fatalf("swap to %+v from %+v", s, old)
			}
		case Churn:
			if s.Operator == old.Operator {
				t.Fatalf("churn within operator %d", s.Operator)
			}
			if s.MSISDN == old.MSISDN {
				ported++
			}
			if first := p.FirstOf(sigcity.UserID(u)); inHandset[p.SIMs[first].Device] == 1 {
				alone++
				if s.Device != old.Device {
					renewed++
				}
			} else if s.Device != old.Device {
				t.Fatalf("SIM %d leaves a handset that another one is in", u)
			}
		default:
			t.Fatalf("SIM %d follows for no reason", u)
		}
		if (s.Device != old.Device) != (s.IMEI != old.IMEI) || luhn(s.IMEI/10) != s.IMEI%10 {
			t.Fatalf("SIM %d: IMEI %015d in handset %d after %015d in %d", u, s.IMEI, s.Device, old.IMEI, old.Device)
		}
	}
	if before9 > 0 {
		t.Errorf("%d SIMs are changed while shops are closed", before9)
	}
	// About 5,300 changes: five standard errors are 4 % at most; a false failure of
	// each has a probability below 1e-6. The rate is of days without a change.
	want := lines * (1 - math.Exp(-0.4/month)) * 90
	if got := n[Swap] + n[Churn]; math.Abs(got/want-1) > 0.08 {
		t.Errorf("%.0f changes, want about %.0f", got, want)
	}
	for _, c := range []struct {
		what      string
		got, want float64
		of        float64
	}{
		{"changes that are swaps", n[Swap], 0.25, n[Swap] + n[Churn]}, {"numbers kept", ported, cfg.ChurnPorted, n[Churn]},
		{"new handsets", renewed, cfg.ChurnNewHandset, alone},
	} {
		if se := math.Sqrt(c.want * (1 - c.want) / c.of); math.Abs(c.got/c.of-c.want) > 5*se {
			t.Errorf("%.3f of the %.0f %s, want %.3f", c.got/c.of, c.of, c.what, c.want)
		}
	}
}

// Changes are in order, one a day at most, and within a horizon those within
// any longer one that come before it.
func TestChangesPrefix(t *testing.T) {
	operators := []network.Operator{{MCC: "999", MNC: "01", Share: 0.7}, {MCC: "999", MNC: "02", Share: 0.3}}
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{SwapPerMonth: rapid.Float64Range(0, 10).Draw(t, "swap"), ChurnPerMonth: rapid.Float64Range(0, 10).Draw(t, "churn"),
			ChurnHorizonDays: rapid.IntRange(0, 400).Draw(t, "horizon")}
		longer := cfg
		longer.ChurnHorizonDays += rapid.IntRange(0, 400).Draw(t, "more")
		seed, person, nth := rapid.Uint64().Draw(t, "seed"), rapid.Uint32().Draw(t, "person"), rapid.Uint8().Draw(t, "nth")
		few := newIssuer(seed, operators, &cfg).changes(nil, person, nth)
		many := newIssuer(seed, operators, &longer).changes(nil, person, nth)
		if len(few) > len(many) || !slices.Equal(few, many[:len(few)]) {
			t.Fatalf("%v is no prefix of %v", few, many)
		}
		if len(many) > len(few) && int(many[len(few)].at)/daySeconds < cfg.ChurnHorizonDays {
			t.Fatalf("%v lacks %v", few, many[len(few)])
		}
		for i := 1; i < len(few); i++ {
			if few[i].at/daySeconds <= few[i-1].at/daySeconds {
				t.Fatalf("two changes on one day: %v", few)
			}
		}
	})
}

// The other operators share the subscribers that leave one by market share.
func TestOtherOperator(t *testing.T) {
	i := &issuer{shares: []float64{0.5, 0.3, 0.2}}
	for _, c := range []struct {
		but  uint8
		u    float64
		want uint8
	}{{0, 0, 1}, {0, 0.59, 1}, {0, 0.61, 2}, {0, 0.999999, 2}, {1, 0, 0}, {1, 0.72, 2}, {2, 0.62, 0}, {2, 0.63, 1}} {
		if got := i.other(c.but, c.u); got != c.want {
			t.Errorf("%g of those who leave %d: to %d, want %d", c.u, c.but, got, c.want)
		}
	}
}
