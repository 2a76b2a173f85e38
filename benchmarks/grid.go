package benchmarks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

// Grid is what to run. Lists of parameter values expand to their product.
type Grid struct {
	Methods         []MethodGrid  `mapstructure:"methods" yaml:"methods" json:"methods"`
	Attacks         []AttackGrid  `mapstructure:"attacks" yaml:"attacks" json:"attacks"`
	Tasks           []string      `mapstructure:"tasks" yaml:"tasks" json:"tasks"`                                  // IDs or names
	Seeds           []uint64      `mapstructure:"seeds" yaml:"seeds" json:"seeds"`                                  // one run of everything each
	Zonings         []string      `mapstructure:"zonings" yaml:"zonings" json:"zonings"`                            // the first is the headline's
	Subset          Subset        `mapstructure:"subset" yaml:"subset" json:"subset"`                               // what superlinear methods run on
	Targets         int           `mapstructure:"targets" yaml:"targets" json:"targets"`                            // members attacked, and as many controls, at most
	ControlShare    float64       `mapstructure:"control_share" yaml:"control_share" json:"control_share"`          // of persons held out
	JackknifeGroups int           `mapstructure:"jackknife_groups" yaml:"jackknife_groups" json:"jackknife_groups"` // groups of persons
	IntervalZonings int           `mapstructure:"interval_zonings" yaml:"interval_zonings" json:"interval_zonings"` // at how many of the first zonings tasks get intervals
	Timeout         time.Duration `mapstructure:"timeout" yaml:"timeout" json:"timeout"`                            // per cell, 0 = none
	KeepReleases    bool          `mapstructure:"keep_releases" yaml:"keep_releases" json:"keep_releases"`          // leave releases/ on disk
}

// MethodGrid is one anonymizer with values or lists of values per parameter.
type MethodGrid struct {
	Method string         `mapstructure:"method" yaml:"method" json:"method"`
	Params map[string]any `mapstructure:"params" yaml:"params" json:"params,omitempty"`
}

// AttackGrid is one attack, its parameters and who mounts it.
type AttackGrid struct {
	Attack    string         `mapstructure:"attack" yaml:"attack" json:"attack"`
	Params    map[string]any `mapstructure:"params" yaml:"params" json:"params,omitempty"`
	Adversary Adversary      `mapstructure:"adversary" yaml:"adversary" json:"adversary"`
}

// Subset bounds the data that superlinear methods get.
type Subset struct {
	Persons int `mapstructure:"persons" yaml:"persons" json:"persons"`
	Days    int `mapstructure:"days" yaml:"days" json:"days"`
}

// Label is how rows and marks name the subset; the zero subset is all data.
func (s Subset) Label() string {
	if s == (Subset{}) {
		return ""
	}
	unit := "days"
	if s.Days == 1 {
		unit = "day"
	}
	return fmt.Sprintf("%d persons × %d %s", s.Persons, s.Days, unit)
}

// DefaultGrid holds the defaults of every field but methods, attacks and tasks.
func DefaultGrid() Grid {
	return Grid{Seeds: []uint64{1}, Zonings: []string{"grid-1km", "grid-500m"}, Subset: Subset{Persons: 300, Days: 1},
		Targets: 500, ControlShare: 0.1, JackknifeGroups: 40, IntervalZonings: 1}
}

// Validate checks the grid; errors name the key, the value and what was wanted.
func (g Grid) Validate() error {
	if len(g.Methods) == 0 {
		return fmt.Errorf("methods: is empty, must name at least one anonymizer")
	}
	if len(g.Attacks)+len(g.Tasks) == 0 {
		return fmt.Errorf("attacks and tasks: both are empty, must name at least one of either")
	}
	if len(g.Seeds) == 0 {
		return fmt.Errorf("seeds: is empty, must name at least one")
	}
	if err := distinct("seeds", g.Seeds); err != nil {
		return err
	}
	for _, b := range []struct {
		key    string
		value  float64
		lo, hi float64
	}{
		{"subset.persons", float64(g.Subset.Persons), 10, 1e9},
		{"subset.days", float64(g.Subset.Days), 1, 1e6},
		{"targets", float64(g.Targets), 1, 1e9},
		{"control_share", g.ControlShare, 0.001, 0.9},
		{"jackknife_groups", float64(g.JackknifeGroups), 2, 1000},
		{"interval_zonings", float64(g.IntervalZonings), 1, 1000},
		{"timeout", g.Timeout.Seconds(), 0, 1e9},
	} {
		if !(b.value >= b.lo && b.value <= b.hi) {
			return fmt.Errorf("%s = %g, must be from %g to %g", b.key, b.value, b.lo, b.hi)
		}
	}
	if len(g.Zonings) == 0 {
		return fmt.Errorf("zonings: is empty, must name at least one")
	}
	if err := distinct("zonings", g.Zonings); err != nil {
		return err
	}
	for i, z := range g.Zonings {
		if err := dataset.CheckZoning(z); err != nil {
			return fmt.Errorf("zonings[%d]: %w", i, err)
		}
	}
	if _, err := g.Cells(); err != nil {
		return err
	}
	if _, err := g.attackJobs(); err != nil {
		return err
	}
	_, err := g.taskJobs()
	return err
}

func distinct[T cmp.Ordered](key string, values []T) error {
	sorted := slices.Sorted(slices.Values(values))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return fmt.Errorf("%s: %v is listed twice", key, sorted[i])
		}
	}
	return nil
}

// Cell is one release to make: method × parameters × subset × seed.
type Cell struct {
	Method string
	Args   plugin.Args    // as given
	Params map[string]any // as resolved, defaults filled in; durations as text
	Text   string         // what differs from the defaults: "k=2"
	Subset Subset
	Seed   uint64
}

// Label names the cell's mark in reports: "glove k=2".
func (c Cell) Label() string { return strings.TrimSpace(c.Method + " " + c.Text) }

// Cells expands methods, subsets and seeds, in that order. Methods that grow
// faster than the number of users get the subset; identity and random, the
// ends of the scale, then run on it too.
func (g Grid) Cells() ([]Cell, error) {
	var marks []Cell
	subset := false
	for i, m := range g.Methods {
		entry, err := plugin.Find[anonymizers.Anonymizer](m.Method)
		if err != nil {
			return nil, fmt.Errorf("methods[%d].method: %w", i, err)
		}
		for _, args := range product(m.Params) {
			_, values, err := plugin.Make[anonymizers.Anonymizer](entry.Name, args)
			if err != nil {
				return nil, fmt.Errorf("methods[%d].params: %w", i, err)
			}
			c := Cell{Method: entry.Name, Args: args, Params: plain(values), Text: argsText(entry.Params, values, m.Params)}
			if entry.Superlinear {
				c.Subset, subset = g.Subset, true
			}
			marks = append(marks, c)
		}
	}
	if subset {
		for _, c := range slices.Clone(marks) {
			if control(c.Method) && c.Subset == (Subset{}) {
				c.Subset = g.Subset
				marks = append(marks, c)
			}
		}
	}
	var cells []Cell
	for _, c := range marks {
		for _, c.Seed = range g.Seeds {
			if slices.ContainsFunc(cells, func(o Cell) bool { return o.Seed == c.Seed && o.id() == c.id() }) {
				return nil, fmt.Errorf("methods: %s is listed twice", c.Label())
			}
			cells = append(cells, c)
		}
	}
	return cells, nil
}

// control reports whether a method is an end of the scale.
func control(method string) bool { return method == "identity" || method == "random" }

// id tells marks apart: method, parameters and subset.
func (c Cell) id() string { return markID(c.Method, c.Params, c.Subset.Label()) }

func markID(method string, params map[string]any, subset string) string {
	p, err := json.Marshal(params) // keys sorted
	if err != nil {
		p = fmt.Append(nil, err)
	}
	return method + "\x00" + string(p) + "\x00" + subset
}

// product expands lists of values: {k: [2, 5], x: 1} is {k: 2, x: 1}, {k: 5, x: 1}.
func product(params map[string]any) []plugin.Args {
	names := make([]string, 0, len(params))
	for n := range params {
		names = append(names, n)
	}
	slices.Sort(names)
	out := []plugin.Args{{}}
	for _, n := range names {
		values, list := params[n].([]any)
		if !list {
			values = []any{params[n]}
		}
		var next []plugin.Args
		for _, base := range out {
			for _, v := range values {
				a := plugin.Args{n: v}
				for k, b := range base {
					a[k] = b
				}
				next = append(next, a)
			}
		}
		out = next
	}
	return out
}

// plain turns values into what JSON reads back equal to itself.
func plain(values plugin.Values) map[string]any {
	out := make(map[string]any, len(values))
	for n, v := range values {
		if d, ok := v.(time.Duration); ok {
			v = shortDuration(d)
		}
		out[n] = v
	}
	return out
}

// argsText lists the parameters that the user set or that differ from the default.
func argsText(params []plugin.Param, values plugin.Values, given map[string]any) string {
	var parts []string
	for _, p := range params {
		if _, set := given[p.Name]; !set {
			continue
		}
		v := values[p.Name]
		if d, ok := v.(time.Duration); ok {
			v = shortDuration(d)
		}
		parts = append(parts, fmt.Sprintf("%s=%v", p.Name, v))
	}
	return strings.Join(parts, " ")
}

// shortDuration is 24h for what time.Duration prints as 24h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// taskJob is one task to answer.
type taskJob struct {
	id   string // U09
	task planning.Task
}

func (g Grid) taskJobs() ([]taskJob, error) {
	var jobs []taskJob
	for i, name := range g.Tasks {
		entry, err := plugin.Find[planning.Task](name)
		if err != nil {
			return nil, fmt.Errorf("tasks[%d]: %w", i, err)
		}
		task, _, err := plugin.Make[planning.Task](entry.Name, nil)
		if err != nil {
			return nil, fmt.Errorf("tasks[%d]: %w", i, err)
		}
		id := cmp.Or(entry.ID, entry.Name)
		if slices.ContainsFunc(jobs, func(j taskJob) bool { return j.id == id }) {
			return nil, fmt.Errorf("tasks[%d]: %s is listed twice", i, id)
		}
		jobs = append(jobs, taskJob{id, task})
	}
	return jobs, nil
}

// attackJob is one attack by one adversary.
type attackJob struct {
	name   string
	label  string // of the probe: the name and the parameters set
	attack attacks.Attack
	who    adversary
}

func (j attackJob) probe() string { return "attack/" + j.label }

func (g Grid) attackJobs() ([]attackJob, error) {
	var jobs []attackJob
	for i, a := range g.Attacks {
		entry, err := plugin.Find[attacks.Attack](a.Attack)
		if err != nil {
			return nil, fmt.Errorf("attacks[%d].attack: %w", i, err)
		}
		for _, args := range product(a.Params) {
			attack, values, err := plugin.Make[attacks.Attack](entry.Name, args)
			if err != nil {
				return nil, fmt.Errorf("attacks[%d].params: %w", i, err)
			}
			who, err := a.Adversary.expand(attack.Needs().Knowledge)
			if err != nil {
				return nil, fmt.Errorf("attacks[%d].adversary.%w", i, err)
			}
			for _, w := range who {
				label := strings.TrimSpace(entry.Name + " " + argsText(entry.Params, values, a.Params))
				if slices.ContainsFunc(jobs, func(j attackJob) bool { return j.label == label && j.who.name == w.name }) {
					return nil, fmt.Errorf("attacks[%d]: %s by %q is listed twice", i, label, w.name)
				}
				jobs = append(jobs, attackJob{entry.Name, label, attack, w})
			}
		}
	}
	return jobs, nil
}

// seedOf derives the seed of one part of a cell from everything that names it.
func (c Cell) seedOf(scope string) uint64 {
	return sigcity.Hash(c.Seed, "benchmarks."+scope, sigcity.Scope(0, c.id()))
}
