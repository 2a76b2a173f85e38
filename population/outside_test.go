package population

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// share fails where k of n is not a binomial draw of chance p: six standard
// deviations, a false failure in 5·10⁸ for each call.
func share(t *testing.T, what string, k, n int, p float64) {
	t.Helper()
	if n == 0 {
		t.Fatalf("%s: none to count", what)
	}
	if d := float64(k) - p*float64(n); math.Abs(d) > 6*math.Sqrt(float64(n)*p*(1-p))+1 {
		t.Errorf("%s: %d of %d, want a share of %.3f", what, k, n, p)
	}
}

// disorder fails where two orders of n things hang together: the correlation of
// ranks drawn blindly has the standard deviation 1/√n; at six of them a false
// failure in 5·10⁸.
func disorder(t *testing.T, what string, a, b []float64) {
	t.Helper()
	rank := func(v []float64) []float64 {
		at := make([]int, len(v))
		for i := range at {
			at[i] = i
		}
		slices.SortFunc(at, func(i, j int) int {
			if v[i] < v[j] {
				return -1
			}
			return 1
		})
		out := make([]float64, len(v))
		for r, i := range at {
			out[i] = float64(r) - float64(len(v)-1)/2
		}
		return out
	}
	x, y := rank(a), rank(b)
	xy, xx := 0.0, 0.0
	for i := range x {
		xy += x[i] * y[i]
		xx += x[i] * x[i]
	}
	if r := xy / xx; math.Abs(r) > 6/math.Sqrt(float64(len(a))) {
		t.Errorf("%s: correlation %.3f of %d", what, r, len(a))
	}
}

// A source knows the share of each age that it should, under numbers that tell
// neither the person nor the number in another source.
func TestSource(t *testing.T) {
	p := build(t, town(t), 5000, 2)
	want := ByAge{Child: 0.2, Young: 0.9, Middle: 0.5, Elder: 0}
	a, b := p.NewSource("one", want), p.NewSource("another", ByAge{1, 1, 1, 1})
	known, all := map[float64]int{}, map[float64]int{}
	seen := map[uint32]bool{}
	var persons, numbers, others []float64
	for i := range p.Persons {
		s := want.Of(p.Persons[i].Age)
		all[s]++
		n, ok := a.Entry(uint32(i))
		if !ok {
			continue
		}
		known[s]++
		if seen[n] || int(n) >= len(p.Persons) {
			t.Fatalf("number %d of person %d is taken or too large", n, i)
		}
		seen[n] = true
		m, _ := b.Entry(uint32(i))
		persons, numbers, others = append(persons, float64(i)), append(numbers, float64(n)), append(others, float64(m))
	}
	if known[0] > 0 || all[0] == 0 {
		t.Errorf("%d of %d people known that no source should know", known[0], all[0])
	}
	for _, s := range []float64{0.2, 0.9, 0.5} {
		share(t, "known", known[s], all[s], s)
	}
	disorder(t, "numbers and persons", persons, numbers)
	disorder(t, "numbers of two sources", numbers, others)
	identities := a.Identities()
	if len(identities) != len(persons) {
		t.Errorf("%d identities of %d people", len(identities), len(persons))
	}
	for i, x := range identities {
		if n, ok := a.Entry(x.Person); !ok || n != x.Entry || x.Source != "one" || i > 0 && x.Entry <= identities[i-1].Entry {
			t.Fatalf("identity %+v of a person with number %d", x, n)
		}
	}
}

// TestContactBook: coverage, recall and precision are as configured.
func TestContactBook(t *testing.T) {
	p := build(t, town(t), 5000, 2)
	c := ContactBook{Coverage: ByAge{0, 0.8, 0.5, 0.3}, Recall: 0.6, False: 0.2}
	edges, nodes := p.ContactBook(&c)
	if again, _ := p.ContactBook(&c); !reflect.DeepEqual(edges, again) {
		t.Error("another graph on the second call")
	}
	person := map[uint32]uint32{}
	in := make([]bool, len(p.Persons))
	for _, n := range nodes {
		person[n.Entry], in[n.Person] = n.Person, true
	}
	ties, wrong := 0, 0
	var contacts []Contact
	isTie := map[[2]uint32]bool{}
	for i := range uint32(len(p.Persons)) {
		contacts = p.AppendContacts(contacts[:0], i)
		for _, k := range contacts {
			if i < k.Peer && in[i] && in[k.Peer] {
				ties++
				isTie[[2]uint32{i, k.Peer}] = true
			}
		}
	}
	for i, e := range edges {
		a, okA := person[e.Node]
		b, okB := person[e.Peer]
		if !okA || !okB || e.Node >= e.Peer || i > 0 && (e.Node < edges[i-1].Node || e.Node == edges[i-1].Node && e.Peer <= edges[i-1].Peer) {
			t.Fatalf("edge %d: %+v after %+v, want edges between nodes, each once and in order", i, e, edges[max(i, 1)-1])
		}
		if !isTie[[2]uint32{min(a, b), max(a, b)}] {
			wrong++
		}
	}
	share(t, "ties known", len(edges)-wrong, ties, c.Recall)
	if got := float64(wrong) / float64(len(edges)); math.Abs(got-c.False) > 0.001 {
		t.Errorf("%.4f of the edges are false, want %g", got, c.False)
	}
	for _, c := range []ContactBook{{}, {Coverage: ByAge{1, 1, 1, 1}, False: 0.9}} {
		if edges, _ := p.ContactBook(&c); len(edges) > 0 {
			t.Errorf("%d edges of a book without ties", len(edges))
		}
	}
	alone := build(t, town(t), 2, 1) // where there may be no two without a tie
	alone.ContactBook(&ContactBook{Coverage: ByAge{1, 1, 1, 1}, Recall: 1, False: 0.5})
}

// TestAttributes: fields are right as often as configured.
func TestAttributes(t *testing.T) {
	p := build(t, town(t), 5000, 2)
	c := AttributeTable{Coverage: ByAge{1, 0.7, 0.7, 0.7}, Named: 0.4, Error: 0.2, Missing: 0.3, Stale: 0.25}
	rows, who, err := p.Attributes(&c)
	if err != nil {
		t.Fatal(err)
	}
	if again, _, _ := p.Attributes(&c); !reflect.DeepEqual(rows, again) {
		t.Error("another table on the second call")
	}
	zoning, err := p.City.Map().Zoning(rows[0].Zoning)
	if err != nil {
		t.Fatal(err)
	}
	home := func(i uint32) int64 {
		return int64(zoning.Zone(p.City.Proj.LonLat(p.Households[p.Persons[i].Household].Pos)))
	}
	// Errors take the value of an adult: by chance the right one.
	adults, same := 0, struct{ sex, age, income, home map[any]float64 }{map[any]float64{}, map[any]float64{}, map[any]float64{}, map[any]float64{}}
	for i := range uint32(len(p.Persons)) {
		if x := &p.Persons[i]; x.Age >= adultFrom {
			adults++
			same.sex[x.Sex.String()]++
			same.age[band(x.Age)]++
			same.income[int32(p.Households[x.Household].Income)]++
			same.home[home(i)]++
		}
	}
	share(t, "rows", len(rows), adults, 0.7)
	n := struct{ sex, age, income, told, car, cars, home, named, work, workTold int }{}
	var sex, age, income, homes float64
	var byPerson, byEntry []float64
	for i, e := range rows {
		x := &p.Persons[who[i].Person]
		if who[i].Entry != e.Entry || who[i].Source != dataset.SourceAttributes || x.Age < adultFrom || e.Zoning != zoning.Name() {
			t.Fatalf("row %+v of person %+v", e, who[i])
		}
		byPerson, byEntry = append(byPerson, float64(who[i].Person)), append(byEntry, float64(e.Entry))
		count := func(k *int, ok bool) {
			if ok {
				*k++
			}
		}
		trueIncome := int32(p.Households[x.Household].Income)
		count(&n.sex, e.Sex == x.Sex.String())
		count(&n.age, e.AgeFrom == band(x.Age))
		count(&n.income, e.Income == trueIncome)
		count(&n.told, e.Income > 0)
		count(&n.car, e.Car != "")
		count(&n.home, e.HomeZone == home(who[i].Person))
		count(&n.named, e.Name != "")
		if x.Employment == Employed && x.Main != None {
			n.workTold++
			count(&n.work, e.WorkZone != int64(geo.NoZone))
		}
		sex += same.sex[x.Sex.String()] / float64(adults)
		age += same.age[band(x.Age)] / float64(adults)
		income += same.income[trueIncome] / float64(adults)
		homes += same.home[home(who[i].Person)] / float64(adults)
	}
	all := float64(len(rows))
	share(t, "names", n.named, len(rows), c.Named)
	share(t, "incomes told", n.told, len(rows), 1-c.Missing)
	share(t, "cars told", n.car, len(rows), 1-c.Missing)
	share(t, "sex", n.sex, len(rows), 1-c.Error*(1-sex/all))
	share(t, "age", n.age, len(rows), 1-c.Error*(1-age/all))
	share(t, "income", n.income, len(rows), (1-c.Missing)*(1-c.Error*(1-income/all)))
	share(t, "home", n.home, len(rows), 1-(1-(1-c.Error)*(1-c.Stale))*(1-homes/all))
	if n.work == 0 || n.work > n.workTold {
		t.Errorf("%d work zones of %d employed", n.work, n.workTold)
	}
	disorder(t, "entries and persons", byPerson, byEntry)
}

// A name is the same in all sources, or one could not be joined to another by it.
func TestNames(t *testing.T) {
	p := build(t, town(t), 2000, 2)
	register, who := p.OutsideRegister(timeline(t, p, 1, p.Config.Register.LagDays, 2))
	names := map[uint32]string{}
	for i, e := range register {
		names[who[i].Person] = e.Name
	}
	rows, of, err := p.Attributes(&AttributeTable{Coverage: ByAge{1, 1, 1, 1}, Named: 1})
	if err != nil {
		t.Fatal(err)
	}
	both := 0
	for i, e := range rows {
		if name, ok := names[of[i].Person]; ok {
			both++
			if e.Name != name {
				t.Fatalf("%q in the register is %q in the table", name, e.Name)
			}
		}
	}
	if both < 100 {
		t.Errorf("%d people in both", both)
	}
}
