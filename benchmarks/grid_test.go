package benchmarks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/internal/plugin"
)

func TestProduct(t *testing.T) {
	got := product(map[string]any{"k": []any{2, 5}, "cap": "8h", "on": []any{true, false}})
	want := []plugin.Args{{"cap": "8h", "k": 2, "on": true}, {"cap": "8h", "k": 2, "on": false}, {"cap": "8h", "k": 5, "on": true}, {"cap": "8h", "k": 5, "on": false}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]plugin.Args{{}}, product(nil)); d != "" {
		t.Errorf("of nothing (-want +got):\n%s", d)
	}
}

func TestValidate(t *testing.T) {
	if err := testGrid("identity").Validate(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		edit func(*Grid)
		want []string
	}{
		{func(g *Grid) { g.Methods = nil }, []string{"methods", "empty"}},
		{func(g *Grid) { g.Methods[0].Method = "identiti" }, []string{"methods[0].method", `did you mean "identity"`}},
		{func(g *Grid) { g.Methods = append(g.Methods, g.Methods[0]) }, []string{"methods", "identity", "twice"}},
		{func(g *Grid) { g.Methods[0] = MethodGrid{"glove", map[string]any{"k": []any{2, 1}}} }, []string{"methods[0].params", "k = 1", "at least 2"}},
		{func(g *Grid) { g.Methods[0].Params = map[string]any{"q": 1} }, []string{"methods[0].params", `"q"`}},
		{func(g *Grid) { g.Attacks, g.Tasks = nil, nil }, []string{"attacks and tasks"}},
		{func(g *Grid) { g.Attacks[0].Attack = "unicty" }, []string{"attacks[0].attack", `"unicity"`}},
		{func(g *Grid) { g.Attacks[0].Adversary.Kinds = []string{"weird"} }, []string{"attacks[0].adversary.kinds[0]", "realistic"}},
		{func(g *Grid) { g.Attacks[0].Adversary.Points = []int{0} }, []string{"attacks[0].adversary.points = 0"}},
		{func(g *Grid) { g.Attacks[1].Adversary.Points = []int{2} }, []string{"attacks[1].adversary.points", "no points"}},
		{func(g *Grid) { g.Attacks[0].Adversary.NoiseM = -1 }, []string{"attacks[0].adversary.noise_m = -1"}},
		{func(g *Grid) { g.Attacks[0].Adversary.TimeErr = 48 * time.Hour }, []string{"attacks[0].adversary.time_error"}},
		{func(g *Grid) { g.Attacks = append(g.Attacks, g.Attacks[0]) }, []string{"attacks[4]", "twice"}},
		{func(g *Grid) { g.Tasks = []string{"U99"} }, []string{"tasks[0]", "U99"}},
		{func(g *Grid) { g.Tasks = []string{"U09", "residential-population"} }, []string{"tasks[1]", "U09", "twice"}},
		{func(g *Grid) { g.Seeds = nil }, []string{"seeds"}},
		{func(g *Grid) { g.Seeds = []uint64{1, 1} }, []string{"seeds", "twice"}},
		{func(g *Grid) { g.Zonings = []string{"county"} }, []string{"zonings[0]", "county"}},
		{func(g *Grid) { g.Subset.Days = 0 }, []string{"subset.days = 0", "from 1"}},
		{func(g *Grid) { g.Subset.Persons = 2 }, []string{"subset.persons = 2"}},
		{func(g *Grid) { g.Targets = 0 }, []string{"targets = 0"}},
		{func(g *Grid) { g.ControlShare = 1 }, []string{"control_share = 1"}},
		{func(g *Grid) { g.JackknifeGroups = 1 }, []string{"jackknife_groups = 1"}},
		{func(g *Grid) { g.Timeout = -time.Second }, []string{"timeout = -1"}},
	} {
		g := testGrid("identity")
		c.edit(&g)
		err := g.Validate()
		if err == nil {
			t.Errorf("no error, want one with %q", c.want)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q lacks %q", err, w)
			}
		}
	}
}

func TestAdversaries(t *testing.T) {
	g := DefaultGrid()
	g.Attacks = []AttackGrid{{Attack: "unicity", Adversary: Adversary{Points: []int{2, 4}}}, {Attack: "top-n"}, {Attack: "home-work", Adversary: Adversary{Kinds: []string{Realistic, Adaptive}}}}
	jobs, err := g.attackJobs()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range jobs {
		got = append(got, j.probe()+": "+j.who.name)
	}
	want := []string{"attack/unicity: same-record 2 points", "attack/unicity: same-record 4 points", "attack/unicity: realistic 2 points",
		"attack/unicity: realistic 4 points", "attack/top-n: realistic top 3", "attack/home-work: realistic register", "attack/home-work: adaptive register"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func ExampleGrid_Cells() {
	g := DefaultGrid()
	g.Methods = []MethodGrid{{Method: "identity"}, {Method: "glove", Params: map[string]any{"k": []any{2, 5}}}}
	cells, err := g.Cells()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cells {
		fmt.Printf("%s, seed %d; on %q\n", c.Label(), c.Seed, c.Subset.Label())
	}
	// Output:
	// identity, seed 1; on ""
	// glove k=2, seed 1; on "300 persons × 1 day"
	// glove k=5, seed 1; on "300 persons × 1 day"
	// identity, seed 1; on "300 persons × 1 day"
}
