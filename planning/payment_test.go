package planning

import (
	"math"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

func TestPaymentScore(t *testing.T) {
	task, stay := paymentTask{till: 300}, recognition.Stay{Start: 10000, End: 12000}
	data := func(at ...uint32) (rows []sigcity.Record) {
		for _, a := range at {
			rows = append(rows, sigcity.Record{Time: a, Type: sigcity.ServiceRequest})
		}
		return rows
	}
	chance := math.Exp(-0.001 * 300)
	for _, c := range []struct {
		name string
		rows []sigcity.Record
		want float64
	}{
		{"a burst at the till", data(10100, 11800), chance},
		{"the last record, whenever", data(10100, 11000), chance},
		{"two in a minute are a longer use", append(data(11800, 11830), sigcity.Record{Time: 11900, Type: sigcity.Handover}), chance},
		{"a burst that goes on, then none", append(data(11800), sigcity.Record{Time: 11830, Type: sigcity.Handover}), 0},
		{"too early", append(data(10100), sigcity.Record{Time: 11900, Type: sigcity.PeriodicUpdate}), 0},
		{"types that a release dropped", []sigcity.Record{{Time: 11900}}, 0},
		{"nothing", nil, 0},
	} {
		if got := task.score(c.rows, stay, 0.001); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPaymentsFromTruth(t *testing.T) {
	e := daysEnv(t, 1)
	at := func(h float64) uint32 { return e.Calendar.Start(0) + uint32(h*3600) }
	truth := &dataset.Truth{SIMs: []dataset.SIM{{User: 0, Person: 1}, {User: 1, Person: 3}, {User: 2, Person: -1}},
		Activities: []dataset.Activity{{Person: 1, Kind: "home", Start: at(0), End: at(9)}, {Person: 1, Kind: "shop", Start: at(9), End: at(10)},
			{Person: 1, Kind: "restaurant", Start: at(12), End: at(13)}, {Person: 2, Kind: "shop", Start: at(9), End: at(10)}, {Person: 3, Kind: "shop", Start: at(9), End: at(10)}},
		Purchases: []dataset.Purchase{{Person: 1, Time: at(9.9)}, {Person: 1, Time: at(12.9), Mobile: true}, {Person: 2, Time: at(9.9), Mobile: true}, {Person: 3, Time: at(10), Mobile: true}}}
	a, err := paymentTask{}.FromTruth(t.Context(), truth, e)
	if err != nil {
		t.Fatal(err)
	}
	want := []ShopStay{{1, at(9), at(10), false, 0}, {1, at(12), at(13), true, 1}, {3, at(9), at(10), true, 1}}
	got := a.(*Payments).Stays
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

// Of two payments one is found, and one stay without is taken for one: F1 = 2·1/(2+2). Scores of those
// paid are 0.9 and 0, of the others 0.6 and 0: of four pairs 2 are right and one is a tie.
func TestPaymentAgreement(t *testing.T) {
	stay := func(user, start uint32, paid bool, score float64) ShopStay {
		return ShopStay{user, start, start + 1000, paid, score}
	}
	want := &Payments{[]ShopStay{stay(1, 10000, true, 1), stay(1, 20000, false, 0), stay(2, 10000, true, 1), stay(3, 10000, false, 0)}}
	got := &Payments{[]ShopStay{stay(1, 10800, true, 0.9), stay(1, 20100, true, 0.6)}}
	task := paymentTask{}
	d := task.Detail(want, got)
	if s := task.Score(want, got); !near(s, 0.5) || !near(d["auc"], 2.5/4) || !near(d["stays_found"], 0.5) {
		t.Errorf("F1 %v, %v; want 0.5, an AUC of 0.625 and half of the stays", s, d)
	}
	if s := task.Score(want, want); s != 1 {
		t.Errorf("against itself %v", s)
	}
	// Two tokens that speak for one user: both are kept, and one of them is right once.
	both := got.Rekey(func(key, _, _ uint32) []Share { return []Share{{User: 1, Weight: 0.5}, {User: 9, Weight: 0.5}} }).(*Payments)
	if len(both.Stays) != 4 || both.Stays[0].User != 1 || both.Stays[3].User != 9 {
		t.Errorf("re-keyed %+v", both.Stays)
	}
}
