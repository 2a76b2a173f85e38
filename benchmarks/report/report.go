// Package report turns a finished benchmark into one self-contained HTML page:
// the verdict, utility against risk, the tables behind it, a map of the city
// with its cells, and one synthetic person's day beside what an attacker read
// from it. The page loads nothing, from the network or from beside it; the same
// input gives the same bytes.
package report

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/dataset"
)

// Input is everything that the page shows. Only Summary is needed: what else
// is missing is left out, and the page says so.
type Input struct {
	Title   string // "" = made of the city's name
	Results []benchmarks.Result
	Summary benchmarks.Summary
	Run     json.RawMessage     // run.json: resolved configuration and versions; nil = not told
	Example *benchmarks.Example // one person's day; nil = none
	Map     *dataset.Map        // the public city; nil = no maps
	Cells   []dataset.Cell      // the operator's cells; nil = none drawn
	Command string              // the line that made the benchmark, as a user types it
}

// Load reads a benchmark folder. data is the data set it ran on, whose public
// map and cells are drawn; nil = no maps. A missing summary.json is an error,
// other files may be absent.
func Load(dir string, data *dataset.Folder) (Input, error) {
	var in Input
	if err := readJSON(filepath.Join(dir, benchmarks.SummaryName), &in.Summary); err != nil {
		return in, err
	}
	if s := in.Summary.Schema; s != benchmarks.SummarySchema {
		return in, fmt.Errorf("%s: schema %q, want %q", filepath.Join(dir, benchmarks.SummaryName), s, benchmarks.SummarySchema)
	}
	if err := optional(readJSON(filepath.Join(dir, benchmarks.RunName), &in.Run)); err != nil {
		return in, err
	}
	if in.Run != nil {
		var run struct{ Command string }
		if err := json.Unmarshal(in.Run, &run); err != nil {
			return in, fmt.Errorf("%s: %w", filepath.Join(dir, benchmarks.RunName), err)
		}
		in.Command = run.Command
	}
	var example benchmarks.Example
	switch err := readJSON(filepath.Join(dir, benchmarks.ExampleName), &example); {
	case err == nil:
		in.Example = &example
	case optional(err) != nil:
		return in, err
	}
	var err error
	if in.Results, _, err = benchmarks.ReadResults(filepath.Join(dir, benchmarks.ResultsName)); optional(err) != nil {
		return in, err
	}
	if data == nil {
		return in, nil
	}
	if in.Map, err = data.Map(); err != nil {
		return in, fmt.Errorf("%s: map: %w", data.Dir(), err)
	}
	if in.Cells, err = data.Cells(); err != nil {
		return in, fmt.Errorf("%s: cells: %w", data.Dir(), err)
	}
	return in, nil
}

// optional forgives a file that is not there.
func optional(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func readJSON(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

//go:embed page.html.tmpl
var pageText string

//go:embed style.css
var styleText string

// Write writes the page.
func Write(w io.Writer, in Input) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := t.Execute(out, newPage(in)); err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return out.Flush()
}
