package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity/dataset"
)

// Files beside results.jsonl.
const (
	RunName     = "run.json"
	SummaryName = "summary.json"
	ExampleName = "example.json"
)

// Options say how to run, never what comes out: rows are the same for any of
// them, but for seconds and peak_mib.
type Options struct {
	Workers  int                                 // goroutines; below 1 = 1
	Progress func(done, total int, label string) // cells; nil = silent; called from several goroutines, one at a time
	Code     string                              // version of the program, part of every key
	Command  string                              // the line that started the run, for run.json
	Clock    func() time.Time                    // nil = seconds stay 0
	Retry    bool                                // run failed and timed-out cells of an earlier run again
}

// runner is one run of a grid.
type runner struct {
	grid    Grid
	opt     Options
	out     string
	city    *city
	journal *journal
	attacks []attackJob
	tasks   []taskJob
	cells   []Cell
	ids     []string // cell ids, in the order of cells
	done    atomic.Int64
}

// Run runs a grid on a generated data set. Rows go to out/results.jsonl as
// they come; a run that was killed goes on where it stopped. Cells that fail
// become typed rows and stop nothing: the summary counts them. The error is
// for what concerns the whole run: a bad grid, an unreadable data set, a full
// disk, a cancelled ctx.
func Run(ctx context.Context, grid Grid, data *dataset.Folder, out string, opt Options) (*Summary, error) {
	if err := grid.Validate(); err != nil {
		return nil, err
	}
	if err := ownFolder(out); err != nil {
		return nil, err
	}
	c, err := loadCity(ctx, data)
	if err != nil {
		return nil, err
	}
	return runGrid(ctx, grid, c, out, opt)
}

func runGrid(ctx context.Context, grid Grid, c *city, out string, opt Options) (*Summary, error) {
	opt.Workers = max(1, opt.Workers)
	r := &runner{grid: grid, opt: opt, out: out, city: c}
	if err := r.plan(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(out, "releases"), 0o755); err != nil {
		return nil, err
	}
	if err := writeJSON(filepath.Join(out, RunName), r.describe()); err != nil {
		return nil, err
	}
	var err error
	if r.journal, err = openJournal(filepath.Join(out, ResultsName), opt.Retry); err != nil {
		return nil, err
	}
	if err = r.arenas(ctx); err == nil {
		err = r.journal.add(selfTestRows(r.rows(), r.blank()))
	}
	if err != nil {
		return nil, errors.Join(err, r.journal.file.Close())
	}
	if err := r.journal.finish(r.rank); err != nil {
		return nil, err
	}
	s := Summarise(r.rows(), r.grid, r.facts())
	s.Code = opt.Code
	return s, writeJSON(filepath.Join(out, SummaryName), s)
}

// ownFolder refuses a folder that holds something else than a benchmark and
// the data set that it was made for (data).
func ownFolder(out string) error {
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	foreign := ""
	for _, e := range entries {
		switch name := e.Name(); {
		case name == RunName || name == ResultsName || strings.HasPrefix(name, RunName+".tmp-"):
			return nil
		case name != "data" && name != "releases":
			foreign = name
		}
	}
	if foreign != "" {
		return fmt.Errorf("%s: holds %s and no %s of a benchmark: name another output folder", out, foreign, RunName)
	}
	return nil
}

// plan expands the grid and names its cells.
func (r *runner) plan() (err error) {
	if r.cells, err = r.grid.Cells(); err != nil {
		return err
	}
	if r.attacks, err = r.grid.attackJobs(); err != nil {
		return err
	}
	if r.tasks, err = r.grid.taskJobs(); err != nil {
		return err
	}
	for _, c := range r.cells {
		id, err := digest(Schema, r.city.hash, c.Method, c.Params, c.Subset.Label(), c.Seed, r.opt.Code,
			r.grid.Targets, r.grid.ControlShare, r.grid.JackknifeGroups, r.grid.IntervalZonings)
		if err != nil {
			return err
		}
		r.ids = append(r.ids, id)
	}
	return nil
}

// describe is run.json: what was run, with what.
func (r *runner) describe() any {
	type module struct {
		Path, Version, Sum string
	}
	modules := []module{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			modules = append(modules, module{m.Path, m.Version, m.Sum})
		}
	}
	return map[string]any{"schema": "sigcity.run/1", "command": r.opt.Command, "grid": r.grid, "dataset": r.city.hash, "dataset_name": r.city.data.Meta().Name,
		"code": r.opt.Code, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "modules": modules}
}

// arenas runs the cells, one arena (subset and seed) after the other: its
// split, targets and reference answers serve all its cells.
func (r *runner) arenas(ctx context.Context) error {
	type place struct {
		subset Subset
		seed   uint64
	}
	var order []place
	members := map[place][]int{}
	for i, c := range r.cells {
		at := place{c.Subset, c.Seed}
		if _, seen := members[at]; !seen {
			order = append(order, at)
		}
		members[at] = append(members[at], i)
	}
	for _, at := range order {
		var open []int
		for _, i := range members[at] {
			if len(r.missing(i)) > 0 {
				open = append(open, i)
			} else {
				r.progress(i)
			}
		}
		wantExample := at.subset == (Subset{}) && at.seed == r.grid.Seeds[0] && !exists(filepath.Join(r.out, ExampleName))
		if len(open) == 0 && !wantExample {
			continue
		}
		if err := r.arena(ctx, at.subset, at.seed, open, wantExample); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (r *runner) arena(ctx context.Context, subset Subset, seed uint64, open []int, wantExample bool) error {
	a, err := newArena(ctx, r.city, r.grid, subset, seed, false)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		if a.plan, err = newReference(ctx, a, r.grid, r.opt.Workers); err != nil {
			return err
		}
		if a.targets, err = newTargetPool(ctx, a, r.grid.Targets); err != nil {
			return err
		}
	}
	side := min(r.opt.Workers, max(1, len(open))) // cells side by side
	eg, inner := errgroup.WithContext(ctx)        // ends with Wait
	eg.SetLimit(side)
	for _, i := range open {
		eg.Go(func() error {
			if err := inner.Err(); err != nil {
				return err
			}
			defer r.progress(i)
			return r.cell(inner, a, i, max(1, r.opt.Workers/side))
		})
	}
	if err := eg.Wait(); err != nil {
		return err
	}
	if !wantExample {
		return nil
	}
	return a.writeExample(ctx, filepath.Join(r.out, ExampleName))
}

func (r *runner) progress(i int) {
	n := r.done.Add(1)
	if r.opt.Progress != nil {
		r.opt.Progress(int(n), len(r.cells), fmt.Sprintf("%s, seed %d", r.cells[i].Label(), r.cells[i].Seed))
	}
}

// rows are the rows that belong to this grid, in canonical order.
func (r *runner) rows() []Result {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	var out []Result
	for _, row := range r.journal.rows {
		if r.rank(row) < len(r.cells)+2 && r.wanted(row) {
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b Result) int { return r.rank(a) - r.rank(b) })
	return out
}

// rank orders rows: cells in the order of the grid, then self-tests, then rows
// of other grids in the same folder.
func (r *runner) rank(row Result) int {
	if i := slices.Index(r.ids, row.Cell); i >= 0 {
		return i
	}
	if row.isSelfTest() {
		return len(r.cells) + 1
	}
	return len(r.cells) + 2
}

// wanted tells the rows of this grid's probes from others of the same cells.
func (r *runner) wanted(row Result) bool {
	switch {
	case row.Probe == probeRelease || row.isSelfTest():
		return true
	case strings.HasPrefix(row.Probe, "plan/"):
		return slices.Contains(r.grid.Zonings, row.Zoning) && slices.ContainsFunc(r.tasks, func(t taskJob) bool { return row.Probe == "plan/"+t.id })
	}
	return slices.ContainsFunc(r.attacks, func(j attackJob) bool { return j.probe() == row.Probe && j.who.name == row.Adversary })
}
