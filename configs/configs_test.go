package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/sigcity/sigcity/anonymizers"
	_ "github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/configs"
	_ "github.com/sigcity/sigcity/planning"
	"github.com/sigcity/sigcity/population"
)

func source(yaml string) configs.Source { return configs.Source{Name: "my.yaml", YAML: []byte(yaml)} }

func origins(settings []configs.Setting) map[string]string {
	out := map[string]string{}
	for _, s := range settings {
		out[s.Key] = fmt.Sprintf("%v from %s", s.Value, s.Origin)
	}
	return out
}

// TestPrecedence: flag > environment > file > default, and each is named.
func TestPrecedence(t *testing.T) {
	yaml := "persons: 10\ndays: 10\nseed: 10\nlife: {work_hours: 6}\nholidays: [2026-03-03, \"2026-03-04\"]\n"
	t.Setenv("SIGCITY_DAYS", "20")
	t.Setenv("SIGCITY_SEED", "20")
	t.Setenv("SIGCITY_LIFE_DAY_OFF", "0.25")
	c, settings, err := configs.Load(configs.DefaultGenerate(), source(yaml), map[string]any{"seed": "30", "name": "x"})
	if err != nil {
		t.Fatal(err)
	}
	def := configs.DefaultGenerate()
	got := origins(settings)
	for key, want := range map[string]string{
		"seed":               "30 from flag",
		"name":               "x from flag",
		"days":               "20 from environment SIGCITY_DAYS",
		"life.day_off":       "0.25 from environment SIGCITY_LIFE_DAY_OFF",
		"persons":            "10 from my.yaml",
		"life.work_hours":    "6 from my.yaml",
		"holidays":           "[2026-03-03 2026-03-04] from my.yaml",
		"start":              def.Start + " from default",
		"life.work_hours_sd": fmt.Sprint(def.Life.WorkHoursSD) + " from default",
	} {
		if got[key] != want {
			t.Errorf("%s = %q, want %q", key, got[key], want)
		}
	}
	if !slices.IsSortedFunc(settings, func(a, b configs.Setting) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("settings are in no order")
	}
	want := def
	want.Seed, want.Name, want.Days, want.Life.DayOff, want.Persons, want.Life.WorkHours = 30, "x", 20, 0.25, 10, 6
	want.Holidays = []string{"2026-03-03", "2026-03-04"}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("loaded %+v\nwant %+v", c, want)
	}
}

// TestDefaults: an empty file is the defaults, to the last key.
func TestDefaults(t *testing.T) {
	for _, yaml := range []string{"", "# nothing\n", "{}\n"} {
		g, settings, err := configs.Load(configs.DefaultGenerate(), source(yaml), nil)
		if err != nil || !reflect.DeepEqual(g, configs.DefaultGenerate()) {
			t.Errorf("%q: %+v, %v; want the defaults", yaml, g, err)
		}
		for _, s := range settings {
			if s.Origin != "default" {
				t.Errorf("%s is from %s", s.Key, s.Origin)
			}
		}
		b, _, err := configs.Load(configs.DefaultBench(), source(yaml), nil)
		if err != nil || fmt.Sprintf("%+v", b) != fmt.Sprintf("%+v", configs.DefaultBench()) {
			t.Errorf("%q: %+v, %v; want the defaults", yaml, b, err)
		}
	}
}

// TestListsReplace: a list of the file is the whole list, be it shorter than the default.
func TestListsReplace(t *testing.T) {
	if n := len(configs.DefaultBench().Grid.Zonings); n < 2 {
		t.Fatalf("%d default zonings: too few for this test", n)
	}
	b, _, err := configs.Load(configs.DefaultBench(), source(`
generate: {life: {store_by_income: [1, 2, 3, 4, 5]}}
grid:
  zonings: [h3-8]
  timeout: 90s
  tasks: U09
  methods:
    - {method: noise, params: {sigma_m: [500, 2000]}}
    - {method: identity}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Grid.Zonings, []string{"h3-8"}) || !slices.Equal(b.Grid.Tasks, []string{"U09"}) || b.Grid.Timeout != 90*time.Second {
		t.Errorf("zonings %v, tasks %v, timeout %v", b.Grid.Zonings, b.Grid.Tasks, b.Grid.Timeout)
	}
	if got := b.Generate.Life.StoreByIncome; !slices.Equal(got, []float64{1, 2, 3, 4, 5}) {
		t.Errorf("store_by_income %v", got)
	}
	m := b.Grid.Methods
	if len(m) != 2 || m[0].Method != "noise" || fmt.Sprint(m[0].Params["sigma_m"]) != "[500 2000]" || len(m[1].Params) > 0 {
		t.Errorf("methods %+v", m)
	}
	t.Setenv("SIGCITY_GRID_ZONINGS", "grid-1km,h3-7")
	b, _, err = configs.Load(configs.DefaultBench(), source(""), nil)
	if err != nil || !slices.Equal(b.Grid.Zonings, []string{"grid-1km", "h3-7"}) {
		t.Errorf("from the environment: %v, %v", b.Grid.Zonings, err)
	}
}

func TestWrongValues(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"persons: abc", "my.yaml: persons = abc, must be a whole number"},
		{"persons: [1]", "my.yaml: persons = [1], must be a whole number"},
		{"persons: {a: 1}", `my.yaml: unknown key "persons.a"`},
		{"persons: true", "my.yaml: persons = true, must be a whole number"},
		{"persons: 1e300", "my.yaml: persons = 1e+300, must be a whole number"},
		{"persons: .nan", "my.yaml: persons = NaN, must be a whole number"},
		{"days: 1.5", "my.yaml: days = 1.5, must be a whole number"},
		{`days: "1.5"`, "my.yaml: days = 1.5, must be a whole number"},
		{"seed: -1", "my.yaml: seed = -1, must be a whole number of at least 0"},
		{"life: {work_hours: long}", "my.yaml: life.work_hours = long, must be a number"},
		{"life: {work_hours: true}", "my.yaml: life.work_hours = true, must be a number"},
		{"life: {work_hours: .inf}", "my.yaml: life.work_hours = +Inf, must be a number"},
		{"life: {work_hours: yes}", "my.yaml: life.work_hours = yes, must be a number"},
		{"life: {store_by_income: [1, x]}", "my.yaml: life.store_by_income = [1 x], must be a list, each item a number"},
		{"life: 3", "my.yaml: life is a section and takes no value: want keys below it such as life."},
		{"name: [a, b]", "my.yaml: name = [a b], must be text"},
		{"lief: {}", ""}, // an empty section sets nothing
		{"lief: {work_hours: 8}", `my.yaml: unknown key "lief.work_hours", did you mean "life.work_hours"?`},
		{"persns: 3", `my.yaml: unknown key "persns", did you mean "persons"?`},
		{"zzz: 3", `my.yaml: unknown key "zzz"`},
		{"persons: [1", "my.yaml: While parsing config"},
		{"- 1", "my.yaml: While parsing config"},
		{"persons: 1\npersons: 2", "my.yaml: While parsing config"},
	} {
		_, _, err := configs.Load(configs.DefaultGenerate(), source(c.yaml), nil)
		wantError(t, c.yaml, err, c.want)
	}
	for _, c := range []struct{ yaml, want string }{
		{"grid: {timeout: 5}", "my.yaml: grid.timeout = 5, must be a duration such as 90s or 15m"},
		{"grid: {timeout: soon}", "my.yaml: grid.timeout = soon, must be a duration such as 90s or 15m"},
		{"grid: {keep_releases: 1}", "my.yaml: grid.keep_releases = 1, must be true or false"},
		{"grid: {methods: noise}", "my.yaml: grid.methods"},
		{"grid: {methods: [noise]}", "my.yaml: grid.methods[0] = noise, must have keys: method, params"},
		{"grid: {methods: [{method: noise}, {metod: noise}]}", `my.yaml: grid.methods[1]: unknown key "metod", did you mean "method"?`},
		{"grid: {attacks: [{attack: top-n, adversary: {tiem: []}}]}", "my.yaml: grid.attacks"},
		{"generate: {persons: x}", "my.yaml: generate.persons = x, must be a whole number"},
		{"persons: 3", `my.yaml: unknown key "persons"`},
	} {
		_, _, err := configs.Load(configs.DefaultBench(), source(c.yaml), nil)
		wantError(t, c.yaml, err, c.want)
	}
	t.Setenv("SIGCITY_PERSONS", "many")
	_, _, err := configs.Load(configs.DefaultGenerate(), source("persons: 3"), nil)
	wantError(t, "environment", err, "environment SIGCITY_PERSONS: persons = many, must be a whole number")
}

// wantError wants an [configs.Error] of one line that begins so; "" wants none.
func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v, want no error", what, err)
		}
		return
	}
	if _, ours := err.(*configs.Error); !ours || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %v\nwant %s", what, err, want)
	}
}

func TestUnknownFlag(t *testing.T) {
	if _, _, err := configs.Load(configs.DefaultGenerate(), source(""), map[string]any{"nokey": 1}); err == nil || !strings.Contains(err.Error(), "nokey") {
		t.Errorf("a flag that sets no key: %v", err)
	}
}

// TestPresets: every preset loads, its grid validates, and what it generates can be.
func TestPresets(t *testing.T) {
	names := configs.Presets()
	if !slices.Contains(names, "quickstart") {
		t.Fatalf("presets %v lack quickstart", names)
	}
	for _, name := range names {
		src, err := configs.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		b, settings, err := configs.Load(configs.DefaultBench(), src, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := b.Grid.Validate(); err != nil {
			t.Errorf("%s: grid: %v", name, err)
		}
		if cells, err := b.Grid.Cells(); err != nil || len(cells) == 0 {
			t.Errorf("%s: %d cells, %v", name, len(cells), err)
		}
		if err := b.Generate.Validate(); err != nil {
			t.Errorf("%s: generate: %v", name, err)
		}
		if !slices.ContainsFunc(settings, func(s configs.Setting) bool { return s.Origin == "preset "+name }) {
			t.Errorf("%s sets nothing", name)
		}
	}
}

// TestFind: a file goes before a preset of its name.
func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	if src, err := configs.Find("quickstart"); err != nil || src.Name != "preset quickstart" || len(src.YAML) == 0 {
		t.Errorf("%s, %v", src.Name, err)
	}
	if err := os.WriteFile("quickstart", []byte("persons: 3"), 0o666); err != nil {
		t.Fatal(err)
	}
	if src, err := configs.Find("quickstart"); err != nil || src.Name != "quickstart" || string(src.YAML) != "persons: 3" {
		t.Errorf("%+v, %v", src, err)
	}
	_, err := configs.Find("quikstart")
	wantError(t, "quikstart", err, `config "quikstart": no such file, and no preset, did you mean "quickstart"?`)
	_, err = configs.Find(filepath.Join("..", "nowhere", "x.yaml"))
	wantError(t, "x.yaml", err, `config "../nowhere/x.yaml"`)
	_, err = configs.Find(".")
	wantError(t, ".", err, "config ")
}

// FuzzLoad: no text makes Load panic, and what it takes has the types of the keys.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"persons: 3", "persons: [1", "grid: {methods: [{method: noise}]}", "life:\n  work_hours: .nan", "a: &a [*a]", "holidays: 2026-03-03", "? [1]: 2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		if _, _, err := configs.Load(configs.DefaultGenerate(), source(yaml), nil); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %q", err)
		}
		_, _, _ = configs.Load(configs.DefaultBench(), source(yaml), nil)
	})
}

func ExampleLoad() {
	src := configs.Source{Name: "mine.yaml", YAML: []byte("persons: 500\n")}
	_, settings, err := configs.Load(configs.DefaultGenerate(), src, map[string]any{"days": "2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range settings {
		if s.Origin != "default" {
			fmt.Println(s.Key, "=", s.Value, "from", s.Origin)
		}
	}
	src.YAML = []byte("persns: 500\n")
	_, _, err = configs.Load(configs.DefaultGenerate(), src, nil)
	fmt.Println(err)
	// Output:
	// days = 2 from flag
	// persons = 500 from mine.yaml
	// mine.yaml: unknown key "persns", did you mean "persons"?
}

func TestUnknownEnvironment(t *testing.T) {
	t.Setenv("SIGCITY_GRID_TARGETS", "3") // of another command: fine
	load := func() error {
		_, _, err := configs.Load(configs.DefaultGenerate(), configs.Source{Name: "none"}, nil)
		return err
	}
	if err := load(); err != nil {
		t.Errorf("a variable of another command: %v", err)
	}
	t.Setenv("SIGCITY_PERSONZ", "3")
	if err := load(); err == nil || !strings.Contains(err.Error(), `SIGCITY_PERSONZ: no key of that name, did you mean "SIGCITY_PERSONS"?`) {
		t.Errorf("error %v, want one that names the variable and the nearest known one", err)
	}
}

// TestCityProfile: the chosen profile's figures are the defaults, below those
// of the file, and say where they are from.
func TestCityProfile(t *testing.T) {
	c, settings, err := configs.Load(configs.DefaultGenerate(), source("population: {city: car-city, dual_sim: 0.5}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := population.Preset("car-city")
	if err != nil {
		t.Fatal(err)
	}
	want.DualSIM = 0.5
	if !reflect.DeepEqual(c.Population, want) {
		t.Errorf("loaded %+v\nwant %+v", c.Population, want)
	}
	got := origins(settings)
	for key, want := range map[string]string{
		"population.city":           "car-city from my.yaml",
		"population.dual_sim":       "0.5 from my.yaml",
		"population.licence_male":   fmt.Sprint(want.LicenceMale) + " from city profile car-city",
		"population.social.friends": fmt.Sprint(want.Social.Friends) + " from city profile car-city",
		"life.day_off":              fmt.Sprint(configs.DefaultGenerate().Life.DayOff) + " from default",
	} {
		if got[key] != want {
			t.Errorf("%s = %q, want %q", key, got[key], want)
		}
	}
	t.Setenv("SIGCITY_GENERATE_POPULATION_CITY", "fuzhou-like")
	b, _, err := configs.Load(configs.DefaultBench(), source(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := population.Preset("fuzhou-like"); err != nil || !reflect.DeepEqual(b.Generate.Population, want) {
		t.Errorf("bench: %+v, %v", b.Generate.Population, err)
	}
	_, _, err = configs.Load(configs.DefaultGenerate(), source("population: {city: metropolis}"), nil)
	wantError(t, "metropolis", err, `my.yaml: population.city = "metropolis", must be one of metro, car-city, fuzhou-like`)
}
