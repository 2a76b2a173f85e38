package gen

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

func purchasesHappen(t *testing.T, f *dataset.Folder) {
	c := DefaultConfig().Purchases
	stays := staysOf(t, f)
	age := map[uint32]int32{}
	for _, p := range rows[dataset.Person](t, f, dataset.TablePersons) {
		age[p.ID] = p.Age
	}
	bought, all := map[string]int{}, map[string]int{}
	for person, of := range stays {
		for _, a := range of {
			if age[person] >= buyersFrom {
				all[a.Kind]++
			}
		}
	}
	paid := map[uint32][]dataset.Purchase{}
	for _, p := range rows[dataset.Purchase](t, f, dataset.TablePurchases) {
		if !slices.ContainsFunc(stays[p.Person], func(a dataset.Activity) bool {
			return a.Kind == p.Kind && a.Place == p.Place && a.Start <= p.Time && p.Time < a.End
		}) || age[p.Person] < buyersFrom {
			t.Fatalf("purchase %+v in no stay of a person of %d years", p, age[p.Person])
		}
		bought[p.Kind]++
		paid[p.Person] = append(paid[p.Person], p)
	}
	for _, k := range []struct {
		kind   Kind
		chance float64
	}{{Shop, c.Shop}, {Store, c.Store}, {Restaurant, c.Restaurant}, {Salon, c.Salon}, {Leisure, c.Leisure}} {
		n, name := float64(all[k.kind.String()]), k.kind.String()
		// Six deviations, a false failure in 5·10⁸, and the few stays that run through midnight.
		if d := float64(bought[name]) - n*k.chance; math.Abs(d) > 6*math.Sqrt(n*k.chance*(1-k.chance))+0.01*n+2 || n == 0 {
			t.Errorf("%d purchases on %.0f stays at a %s, want a share of %g", bought[name], n, name, k.chance)
		}
	}
	// Who pays by phone asks for data at that second, or is connected.
	request := map[[2]uint32]bool{}
	owner := map[sigcity.UserID]uint32{}
	for _, s := range rows[dataset.SIM](t, f, dataset.TableSIMs) {
		owner[sigcity.UserID(s.User)] = s.Person
	}
	for tr, err := range f.Users(t.Context(), sigcity.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range tr.Records {
			if r.Type == sigcity.ServiceRequest {
				request[[2]uint32{owner[tr.User], r.Time}] = true
			}
		}
	}
	n, hits := map[bool]int{}, map[bool]int{}
	for person, list := range paid {
		for _, p := range list {
			n[p.Mobile]++
			if request[[2]uint32{person, p.Time}] {
				hits[p.Mobile]++
			}
		}
	}
	if rate := func(m bool) float64 { return float64(hits[m]) / float64(n[m]) }; n[true] < 200 || rate(true) < 0.6 || rate(false) > 0.1 {
		t.Errorf("a request at the second of %d of %d mobile and %d of %d other purchases", hits[true], n[true], hits[false], n[false])
	}
}
