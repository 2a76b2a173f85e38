package planning

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/sigcity/sigcity/geo"
)

// newYork reads the county-to-county commuting flows of the state of New York, in
// order of origin and destination.
func newYork(t *testing.T) []Flow {
	t.Helper()
	const path = "../../shared/data/mobility/NY_commuting_flows_2011.csv"
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip(path + " is not here")
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []Flow
	for _, r := range rows[1:] {
		var n [3]uint64
		for i := range n {
			if n[i], err = strconv.ParseUint(r[i], 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, Flow{Persons: float64(n[0]), From: geo.ZoneID(n[1]), To: geo.ZoneID(n[2])})
	}
	slices.SortFunc(out, Flow.order)
	return out
}

// gravity is the production-constrained gravity model without distance (the data
// name counties only): T_ij = O_i · D_j / Σ_k D_k over the counties that i's
// people may go to.
func gravity(flows []Flow, home bool) []Flow {
	out, in := map[geo.ZoneID]float64{}, map[geo.ZoneID]float64{}
	total := 0.0
	for _, f := range flows {
		out[f.From] += f.Persons
		in[f.To] += f.Persons
		total += f.Persons
	}
	var fit []Flow
	for _, i := range geo.SortedZones(out) {
		open := total
		if !home {
			open -= in[i]
		}
		for _, j := range geo.SortedZones(in) {
			if home || i != j {
				fit = append(fit, Flow{From: i, To: j, Persons: out[i] * in[j] / open})
			}
		}
	}
	return fit
}

// The expected values are exact rational arithmetic, made with Python's fractions.
func TestCPCOfNewYork(t *testing.T) {
	all := newYork(t)
	var across []Flow
	sum, between := 0.0, 0.0
	for _, f := range all {
		sum += f.Persons
		if f.From != f.To {
			across = append(across, f)
			between += f.Persons
		}
	}
	if len(all) != 1954 || sum != 8831941 || between != 2978046 {
		t.Fatalf("%d flows of %v commuters, %v between counties", len(all), sum, between)
	}
	for _, c := range []struct {
		name      string
		want, got []Flow
		cpc       float64
	}{
		{"itself", all, all, 1},
		{"nothing", all, nil, 0},
		{"gravity", all, gravity(all, true), 0.2841161862068709},
		{"gravity between counties", across, gravity(across, false), 0.5184133095068671},
		{"without those who stay", all, across, 2 * 2978046.0 / (8831941 + 2978046)},
	} {
		if got := cpc(c.want, c.got); math.Abs(got-c.cpc) > 1e-12 {
			t.Errorf("%s: CPC = %.16f, want %.16f", c.name, got, c.cpc)
		}
	}
}
