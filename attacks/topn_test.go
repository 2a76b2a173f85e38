package attacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

// visits makes records: three of the first area, two of the second, one of the third …
func visits(areas ...sigcity.AreaID) (out []sigcity.Record) {
	for i, a := range areas {
		for range len(areas) - i {
			out = append(out, sigcity.Record{Time: 1772409600 + uint32(60*len(out)), Area: a})
		}
	}
	return out
}

func TestTopNMatching(t *testing.T) {
	s := identityScene(1, 7, 1, 0)
	// Cells 0, 1 and 2 are side by side; CGIs make 3 and 4 one site.
	mem := &dataset.Mem{Info: s.city.Data.Info, Cells: slices.Clone(s.city.Data.Cells)}
	mem.Cells[3].Name, mem.Cells[4].Name = "999-01-90113", "999-01-90114"
	mem.Rows = [][]sigcity.Record{
		visits(0, 50, 99), visits(50, 0, 99), visits(0, 50, 98), visits(0), visits(3, 50, 99), visits(4, 50, 99), nil,
	}
	mem.Info.Users = len(mem.Rows)
	s.rel.Data, s.know.Cells = mem, mem.Cells
	at := func(cells ...int) (out []orb.Point) {
		for _, c := range cells {
			out = append(out, mem.Cells[c].Center)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		args   plugin.Args
		places []orb.Point
		want   []sigcity.UserID
	}{
		{"ordered top 3", nil, at(0, 50, 99), []sigcity.UserID{0}},
		{"unordered top 3", plugin.Args{"ordered": false}, at(0, 50, 99), []sigcity.UserID{0, 1}},
		{"ordered top 2", plugin.Args{"n": 2}, at(0, 50, 99), []sigcity.UserID{0, 2}},
		{"unordered top 2", plugin.Args{"n": 2, "ordered": false}, at(0, 50, 99), []sigcity.UserID{0, 1, 2}},
		{"top 1", plugin.Args{"n": 1}, at(0, 50, 99), []sigcity.UserID{0, 2, 3}},
		{"only one place known", nil, at(50), []sigcity.UserID{1}},
		{"sectors are told apart", nil, at(3, 50, 99), []sigcity.UserID{4}},
		{"sites are not", plugin.Args{"level": "site"}, at(3, 50, 99), []sigcity.UserID{4, 5}},
		{"coarse grid", plugin.Args{"level": "grid-5km"}, at(0, 50, 99), []sigcity.UserID{0, 2, 4, 5}},
		{"nobody", nil, at(7, 50, 99), nil},
		{"nothing known", nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.know.Targets = []Target{{Places: c.places}}
			var got []sigcity.UserID
			for _, a := range run(t, "top-n", c.args, s)[0].Answers {
				got = append(got, a.Token)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("tokens %v, want %v", got, c.want)
			}
		})
	}
}

// The more top places are known, the more tokens stand alone: top-1 mostly
// hides its owner, top-3 seldom (Zang & Bolot).
func TestMoreTopPlacesMakeUnique(t *testing.T) {
	const users = 600
	s := identityScene(users, 7, 3, 0)
	for u := range s.know.Targets {
		s.know.Targets[u].Places = nil
		for _, v := range recognition.Top(sigcity.Trajectory{Records: s.city.Data.Rows[u]}, 3) {
			s.know.Targets[u].Places = append(s.know.Targets[u].Places, s.city.Data.Cells[v.Area].Center)
		}
	}
	last := -1.0
	for n, most := range []float64{0.05, 1, 1} {
		alone := 0.0
		for _, g := range run(t, "top-n", plugin.Args{"n": n + 1}, s) {
			if len(g.Answers) == 1 {
				alone += hit(g, s.owners[g.Target])
			}
		}
		alone /= users
		t.Logf("top-%d: %.3f unique", n+1, alone)
		if alone <= last || alone > most {
			t.Errorf("top-%d: %.3f unique, want more than %.3f and at most %.2f", n+1, alone, last, most)
		}
		last = alone
	}
}

func TestTopNLevelErrors(t *testing.T) {
	_, _, err := plugin.Make[Attack]("top-n", plugin.Args{"level": "district"})
	if err == nil || !strings.Contains(err.Error(), `level = "district"`) {
		t.Errorf("error %v, want one that names level and its value", err)
	}
}

func TestOneToOne(t *testing.T) {
	type z = geo.ZoneID
	for _, c := range []struct {
		top  []z
		sets [][]z
		want bool
	}{
		{[]z{1, 2}, [][]z{{1, 2}, {1}}, true}, // the first set must give way
		{[]z{1, 2}, [][]z{{1}, {1}}, false},
		{[]z{1, 2, 3}, [][]z{{2, 3}, {3}, {1, 2}}, true},
		{[]z{1, 2, 3}, [][]z{{2, 3}, {3}, {2}}, false},
	} {
		if got := oneToOne(c.top, c.sets, 0); got != c.want {
			t.Errorf("oneToOne(%v, %v) = %t, want %t", c.top, c.sets, got, c.want)
		}
	}
}
