package plugin

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type tool struct{ k int }

func entry(name string) Entry[*tool] {
	return Entry[*tool]{Name: name, ID: "X" + name, Doc: "a tool", Citation: "this test", Complexity: "O(1)",
		Params: []Param{{Name: "k", Type: Int, Doc: "how many", Default: 2, Min: 2, Max: 9}},
		New:    func(v Values) (*tool, error) { return &tool{v.Int("k")}, nil }}
}

func TestRegistry(t *testing.T) {
	Add(entry("saw"))
	Add(entry("axe"))
	all := All[*tool]()
	if len(all) != 2 || all[0].Name != "axe" || all[1].Name != "saw" {
		t.Fatalf("entries %v, want axe and saw", all)
	}
	made, values, err := Make[*tool]("xSAW", Args{"k": "3"})
	if err != nil || made.k != 3 || values.Text() != "k=3" {
		t.Fatalf("made %v with %v, %v", made, values, err)
	}
	for _, c := range []struct {
		name string
		args Args
		want string
	}{
		{"sew", nil, `no method "sew", did you mean "saw"?; there are axe, saw`},
		{"saw", Args{"q": 1}, `saw: unknown parameter "q"`},
		{"saw", Args{"k": 1}, "saw: k = 1, must be at least 2"},
		{"saw", Args{"k": 2.5}, "k = 2.5, must be a whole number"},
	} {
		if _, _, err := Make[*tool](c.name, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error %v, want one with %q", c.name, c.args, err, c.want)
		}
	}
}

func TestAddPanics(t *testing.T) {
	type other struct{}
	good := Entry[other]{Name: "good", Doc: "d", Citation: "c", New: func(Values) (other, error) { return other{}, nil }}
	Add(good)
	for name, change := range map[string]func(*Entry[other]){
		"twice":       func(*Entry[other]) {},
		"no name":     func(e *Entry[other]) { e.Name = "" },
		"no citation": func(e *Entry[other]) { e.Name, e.Citation = "a", "" },
		"no New":      func(e *Entry[other]) { e.Name, e.New = "a", nil },
		"bad default": func(e *Entry[other]) { e.Name, e.Params = "a", []Param{{Name: "x", Type: Int, Default: "many"}} },
		"refused": func(e *Entry[other]) {
			e.Name, e.New = "a", func(Values) (other, error) { return other{}, errors.New("no") }
		},
		"unknown type":   func(e *Entry[other]) { e.Name, e.Params = "a", []Param{{Name: "x", Type: "complex", Default: 1}} },
		"default beyond": func(e *Entry[other]) { e.Name, e.Params = "a", []Param{{Name: "x", Type: Int, Default: 5, Max: 4}} },
	} {
		t.Run(name, func(t *testing.T) {
			e := good
			change(&e)
			defer func() {
				if recover() == nil {
					t.Error("Add took it")
				}
			}()
			Add(e)
		})
	}
}

func TestResolve(t *testing.T) {
	params := []Param{
		{Name: "k", Type: Int, Default: 2, Min: 1, Max: 10},
		{Name: "x", Type: Float, Default: 0.5},
		{Name: "on", Type: Bool, Default: true},
		{Name: "mode", Type: String, Default: "a", Choices: []string{"a", "b"}},
		{Name: "bin", Type: Duration, Default: "15m", Min: 1, Max: 3600},
	}
	v, err := Resolve(params, Args{"x": 1, "mode": "b", "bin": "1h"})
	if err != nil {
		t.Fatal(err)
	}
	if v.Int("k") != 2 || v.Float("x") != 1 || !v.Bool("on") || v.String("mode") != "b" || v.Duration("bin") != time.Hour {
		t.Errorf("resolved %v", v)
	}
	for _, c := range []struct {
		args Args
		want string
	}{
		{Args{"k": 11}, "k = 11, must be at most 10"},
		{Args{"k": "abc"}, "k = abc, must be a whole number"},
		{Args{"x": "NaN"}, "x = NaN, must be a number"},
		{Args{"on": "maybe"}, "on = maybe, must be true or false"},
		{Args{"mode": "c"}, "mode = c, must be one of a, b"},
		{Args{"bin": "15"}, "must be a duration such as 15m"},
		{Args{"bin": "2h"}, "must be at most 3600 s"},
		{Args{"mod": "a"}, `unknown parameter "mod", did you mean "mode"?`},
	} {
		if _, err := Resolve(params, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.args, err, c.want)
		}
	}
	if _, err := Resolve(nil, Args{"k": 1}); err == nil || !strings.Contains(err.Error(), "the method has none") {
		t.Errorf("a parameter too many: %v", err)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"persons", "population.car_by_income", "days"}
	for name, want := range map[string]string{"person": "persons", "day": "days", "pop": "population.car_by_income", "zzz": ""} {
		got := Suggest(name, known)
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("suggestion for %q is %q, want %q", name, got, want)
		}
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct {
		p    Param
		want string
	}{
		{Param{Type: Int}, "any"},
		{Param{Type: Int, Min: 1, Max: 3}, "1 … 3"},
		{Param{Type: String, Choices: []string{"a", "b"}}, "a | b"},
		{Param{Type: Duration, Min: 60, Max: 3600}, "1m0s … 1h0m0s"},
	} {
		if got := c.p.Range(); got != c.want {
			t.Errorf("range %q, want %q", got, c.want)
		}
	}
}
