package benchmarks

import (
	"context"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/planning"
)

// MethodRaw is the method of rows that speak of the raw data themselves.
const MethodRaw = "raw"

// Judge scores single attacks and tasks on a release that was made outside a
// grid, with the links that its key file holds. Nobody is held out of such a
// release, so there are no controls.
type Judge struct {
	// Keep, where it is set, gets every answer of a task, by person where it
	// speaks of persons, with what it was answered over.
	Keep func(task, zoning string, answer planning.Answer, env *planning.Env) error

	a    *arena
	o    *opened
	cell Cell
	grid Grid
	code string
}

// NewJudge opens the release of a data set; nil stands for the raw data
// themselves. grid gives zonings, targets and
// jackknife groups; links say whom the release's tokens carry. Only releases
// that link nobody (tables, points, synthetic traces) can be judged without.
func NewJudge(ctx context.Context, data, release *dataset.Folder, links []sigcity.Link, grid Grid, seed uint64, code string) (*Judge, error) {
	info := &dataset.ReleaseInfo{Method: MethodRaw}
	if release != nil {
		info = release.Manifest().Release
	}
	if info == nil {
		return nil, fmt.Errorf("%s: is a data set, must be a release", release.Dir())
	}
	c, err := loadCity(ctx, data)
	if err != nil {
		return nil, err
	}
	grid.ControlShare = 0
	j := &Judge{grid: grid, code: code, cell: Cell{Method: info.Method, Params: info.Params, Seed: seed}}
	if j.a, err = newArena(ctx, c, grid, Subset{}, seed, true); err != nil {
		return nil, err
	}
	if release == nil {
		j.o = &opened{kind: sigcity.Trajectories, raw: true, data: j.a.raw, areas: j.a.raw.Areas()}
		return j, nil
	}
	rel, err := release.Release()
	if err != nil {
		return nil, err
	}
	j.o = &opened{kind: rel.Kind, claims: rel.Claims, edges: rel.Edges, tables: rel.Tables}
	if rel.Kind == sigcity.Aggregate {
		j.o.links = newLinkIndex(nil, 0, j.a)
		return j, nil
	}
	if rel.Kind.Linked() && len(links) == 0 {
		return nil, fmt.Errorf("%s: follows users (%s): the links from tokens to SIMs are needed to score it", release.Dir(), rel.Kind)
	}
	if err := checkRelease(rel, links, j.a.meta.Users); err != nil {
		return nil, err
	}
	j.o.data, j.o.areas = release, release.Areas()
	j.o.links = newLinkIndex(links, release.Meta().Users, j.a)
	j.o.scan, err = j.a.scanRelease(ctx, j.o)
	return j, err
}

// runner lends the Judge's grid the machinery of a run, without a journal.
func (j *Judge) runner(grid Grid) (*runner, error) {
	id, err := digest(Schema, j.a.hash, j.cell.Method, j.cell.Params, "", j.cell.Seed, j.code, grid.Targets, grid.ControlShare, grid.JackknifeGroups)
	if err != nil {
		return nil, err
	}
	r := &runner{grid: grid, opt: Options{Workers: 1, Code: j.code}, city: j.a.city, cells: []Cell{j.cell}, ids: []string{id}}
	if r.attacks, err = grid.attackJobs(); err != nil {
		return nil, err
	}
	r.tasks, err = grid.taskJobs()
	return r, err
}

// Attack mounts the attacks of specs, one adversary after the other.
func (j *Judge) Attack(ctx context.Context, specs []AttackGrid, workers int) ([]Result, error) {
	grid := j.grid
	grid.Attacks, grid.Tasks = specs, nil
	r, err := j.runner(grid)
	if err != nil {
		return nil, err
	}
	if j.a.targets, err = newTargetPool(ctx, j.a, grid.Targets); err != nil {
		return nil, err
	}
	b := r.bench(j.a, 0, workers)
	b.describe(j.o)
	var out []Result
	for _, s := range r.steps() {
		if s.adversary == "" {
			continue
		}
		rows, err := b.attackRows(ctx, ctx, j.o, s)
		if err != nil {
			return nil, err
		}
		if rows, err = b.complete(s, rows); err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Plan answers tasks, at every zoning of the grid.
func (j *Judge) Plan(ctx context.Context, tasks []string, workers int) ([]Result, error) {
	grid := j.grid
	grid.Attacks, grid.Tasks = nil, tasks
	r, err := j.runner(grid)
	if err != nil {
		return nil, err
	}
	if j.a.plan, err = newReference(ctx, j.a, grid, workers); err != nil {
		return nil, err
	}
	b := r.bench(j.a, 0, workers)
	b.keep = j.Keep
	b.describe(j.o)
	var out []Result
	err = b.eachTask(ctx, ctx, j.o, r.steps(), func(s step, rows []Result) error {
		rows, err := b.complete(s, rows)
		out = append(out, rows...)
		return err
	})
	return out, err
}
