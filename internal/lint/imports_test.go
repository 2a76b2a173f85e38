package lint

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sigcity/sigcity"

// may lists, for every package, the packages of the project it may import
// directly. Each set is closed under what its members may import, so the rule
// holds transitively too (TestRulesAreClosed).
var may = map[string][]string{
	"":                  {},
	"geo":               {""},
	"internal/plugin":   {},
	"internal/parallel": {},
	"dataset":           {"", "geo"},
	"internal/fixture":  {"", "geo", "dataset"},
	"network":           cityRoom(),
	"network/synthcity": {"", "geo"},
	"population":        cityRoom("network"),
	"gen":               cityRoom("network", "population"),
	"recognition":       {"", "geo", "dataset"},
	"anonymizers":       methodRoom(),
	"attacks":           methodRoom("recognition"),
	"planning":          methodRoom("recognition", "network"),
	"benchmarks":        above(),
	"internal/svg":      {},
	"internal/citymap":  cityRoom("network", "internal/svg"),
	"internal/atlas":    above("internal/svg", "internal/citymap"),
	"internal/diary":    cityRoom("network", "internal/svg", "internal/citymap"),
	"realism":           {"", "geo", "dataset", "recognition", "internal/parallel"},
	"benchmarks/report": above("benchmarks", "realism", "internal/svg", "internal/citymap"),
	"configs":           above("benchmarks"),
	"internal/lint":     {},
	"cmd/sigcity":       above("benchmarks", "benchmarks/report", "realism", "configs", "network/synthcity", "internal/svg", "internal/citymap", "internal/diary", "internal/atlas"),
}

// cityRoom is a room between the map and the data set.
func cityRoom(more ...string) []string {
	return append([]string{"", "geo", "dataset", "internal/parallel"}, more...)
}

// methodRoom is a room of registered methods.
func methodRoom(more ...string) []string {
	return append([]string{"", "geo", "dataset", "internal/plugin", "internal/parallel"}, more...)
}

// above is a room that sees all of the former.
func above(more ...string) []string {
	return append([]string{"", "geo", "dataset", "network", "population", "gen", "recognition", "anonymizers", "attacks", "planning",
		"internal/plugin", "internal/parallel"}, more...)
}

// only lists who alone may import some outside packages.
var only = map[string][]string{
	"github.com/spf13/viper":     {"configs"},
	"github.com/spf13/cobra":     {"cmd/sigcity"},
	"github.com/uber/h3-go/v4":   {"geo"},
	"github.com/parquet-go":      {"dataset"},
	"github.com/paulmach/osm":    {"network", "network/synthcity"},
	"gonum.org/v1/plot":          {"benchmarks/report"},
	"github.com/vbauerster/mpb/": {"cmd/sigcity"},
}

type goPackage struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
	GoFiles      []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports,GoFiles", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func short(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

func TestImportRules(t *testing.T) {
	for _, p := range packages(t) {
		name := short(p.ImportPath)
		if strings.HasPrefix(name, "examples") {
			continue // examples are users: they may import what users may
		}
		allowed, known := may[name]
		if !known {
			t.Errorf("package %q has no import rule: add it to the table", name)
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module) && !slices.Contains(allowed, short(imp)) {
				t.Errorf("%s imports %s, which its rule does not allow", name, short(imp))
			}
			for outside, users := range only {
				if strings.HasPrefix(imp, outside) && !slices.Contains(users, name) {
					t.Errorf("%s imports %s, which only %v may", name, imp, users)
				}
			}
		}
	}
}

func TestRulesAreClosed(t *testing.T) {
	for name, allowed := range may {
		for _, dep := range allowed {
			for _, below := range may[dep] {
				if !slices.Contains(allowed, below) {
					t.Errorf("%q may import %q, and that %q, which %q may not", name, dep, below, name)
				}
			}
		}
	}
}
