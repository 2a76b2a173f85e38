// Package configs is the typed configuration of every command, its defaults,
// and the presets that are built into the program. It is the only reader of
// configuration files: flag > SIGCITY_* environment > file > default.
package configs

import (
	"embed"
	"strings"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/gen"
)

// Generate configures `sigcity generate`.
type Generate struct {
	OSM         string `mapstructure:"osm"`             // extract: .osm.pbf, .osm, .osm.gz or .osm.bz2
	City        string `mapstructure:"city"`            // procedural city instead of an extract: small, medium, large or fuzhou-like
	Cells       string `mapstructure:"cells"`           // cell file: OpenCelliD's CSV, or a list of sites; empty = sites are laid out
	TestPLMN    bool   `mapstructure:"cells_test_plmn"` // name the cells of a cell file by test PLMNs
	InventLines bool   `mapstructure:"invent_lines"`    // lay out bus lines where the map has none
	Name        string `mapstructure:"name"`            // of the city; empty = the file's
	gen.Config  `mapstructure:",squash"`
}

// DefaultGenerate is what an empty configuration means.
func DefaultGenerate() Generate { return Generate{Config: gen.DefaultConfig()} }

// Bench configures `sigcity bench`: the data set, generated or given, and the grid.
type Bench struct {
	Dataset  string          `mapstructure:"dataset"` // a finished data set; empty = generate one
	Generate Generate        `mapstructure:"generate"`
	Grid     benchmarks.Grid `mapstructure:"grid"`
}

// DefaultBench has an empty grid: methods, attacks and tasks are the user's choice.
func DefaultBench() Bench {
	return Bench{Generate: DefaultGenerate(), Grid: benchmarks.DefaultGrid()}
}

//go:embed *.yaml
var presets embed.FS

// Presets lists the names of the built-in configurations.
func Presets() []string {
	entries, err := presets.ReadDir(".")
	if err != nil {
		return nil // the folder is part of the program
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return out
}
