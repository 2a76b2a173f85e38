package benchmarks

import (
	"cmp"
	"context"
	"reflect"
	"sync"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/planning"
)

// probe is one task at one zoning, with what every release is compared with.
type probe struct {
	job     taskJob
	zoning  geo.Zoning
	env     *planning.Env // of raw data
	raw     folded
	full    compared
	kept    []compared // without each group; nil = too large to keep, worked out again when asked for
	null    planning.Answer
	ceiling replicated[float64] // C = s(RAW, GT)
	floor   replicated[float64] // N = s(null, GT)
	nullRaw float64             // s(null, RAW)
	err     error               // the task failed on raw or truth
	// unzoned: the answers are those of the first zoning, so zones play no part
	// in the task and one answer per release does for all zonings.
	unzoned bool
}

// compared is the answers, by person, that a release's is compared with.
type compared struct{ raw, truth planning.Answer }

// keepBytes bounds what the replicates of all answers of an arena may take, by
// the size of the folds' states. What is kept is worked out once for all releases.
const keepBytes = 1 << 30

// reference is all probes of an arena: zoning by zoning, in the order of the grid.
type reference struct {
	probes  []*probe
	zonings []geo.Zoning
	jobs    []taskJob
	room    int // of keepBytes
}

func (r *reference) at(zoning, task int) *probe { return r.probes[zoning*len(r.jobs)+task] }

// newReference answers all tasks on raw data and on truth.
func newReference(ctx context.Context, a *arena, g Grid, workers int) (*reference, error) {
	jobs, err := g.taskJobs()
	if err != nil {
		return nil, err
	}
	r := &reference{jobs: jobs, room: keepBytes}
	for _, name := range g.Zonings {
		z, err := a.public.Zoning(name)
		if err != nil {
			return nil, err
		}
		r.zonings = append(r.zonings, z)
	}
	for z := range r.zonings {
		probes, err := r.answer(ctx, a, z, workers)
		if err != nil {
			return nil, err
		}
		r.probes = append(r.probes, probes...)
		if z < g.IntervalZonings { // in the others, no intervals
			if err := r.replicate(ctx, a, probes, workers); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// answer answers all tasks on everybody at a zoning.
func (r *reference) answer(ctx context.Context, a *arena, zoning, workers int) ([]*probe, error) {
	env := a.env(a.raw.Meta(), a.raw.Areas(), r.zonings[zoning])
	folds := foldAll(ctx, r.jobs, a.raw, env, a.rawGroup, a.groups, workers)
	out := make([]*probe, len(folds))
	err := parallel.For(ctx, workers, len(folds), 1, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			p := &probe{job: r.jobs[i], zoning: r.zonings[zoning], env: env, raw: folds[i]}
			p.err = p.answer(ctx, a)
			if zoning > 0 {
				p.sameAs(r.at(0, i))
			}
			out[i] = p
		}
		return nil
	})
	return out, cmp.Or(err, context.Cause(ctx))
}

// answer answers the task on everybody.
func (p *probe) answer(ctx context.Context, a *arena) error {
	if p.raw.err != nil {
		return p.raw.err
	}
	return guard("answer", func() (err error) {
		if p.full, err = p.replicate(ctx, a, -1, a.memTruth); err != nil {
			return err
		}
		p.null = p.job.task.Null(p.env)
		p.ceiling.full, p.floor.full = p.scores(p.full)
		p.nullRaw = p.job.task.Score(p.full.raw, p.null)
		return nil
	})
}

// sameAs takes over all from the probe of the first zoning where the answers are
// the same: then so are the replicates.
func (p *probe) sameAs(first *probe) {
	if p.err == nil && first.err == nil && reflect.DeepEqual(p.full, first.full) {
		zoning := p.zoning
		*p = *first
		p.zoning, p.unzoned = zoning, true
	}
}

// replicate is the answers without a group (−1 = on everybody), of whom truth is.
func (p *probe) replicate(ctx context.Context, a *arena, group int, truth *dataset.Truth) (c compared, err error) {
	if c.raw, err = p.raw.without(group, a.rawShares); err != nil {
		return c, err
	}
	c.truth, err = p.job.task.FromTruth(ctx, truth, p.env)
	return c, err
}

// scores are the ends of the scale: of raw and of the null predictor, against truth.
func (p *probe) scores(c compared) (ceiling, floor float64) {
	return p.job.task.Score(c.truth, c.raw), p.job.task.Score(c.truth, p.null)
}

// without is the answers without a group, as kept or worked out again. cut gives
// the truth without the group.
func (p *probe) without(ctx context.Context, a *arena, group int, cut func() *dataset.Truth) (compared, error) {
	if p.kept != nil {
		return p.kept[group], nil
	}
	return p.replicate(ctx, a, group, cut())
}

// replicate works out the scales of the probes without each group, and keeps the
// answers that are small enough.
func (r *reference) replicate(ctx context.Context, a *arena, probes []*probe, workers int) error {
	keep := make([][]compared, len(probes))
	for i, p := range probes {
		if p.err != nil || p.unzoned {
			continue
		}
		p.ceiling.without, p.floor.without = make([]float64, a.groups), make([]float64, a.groups)
		if size := 2 * a.groups * p.raw.size(); size <= r.room {
			r.room -= size
			keep[i] = make([]compared, a.groups)
		}
	}
	errs, err := a.eachGroup(ctx, len(probes), workers, func(i, group int, cut func() *dataset.Truth) error {
		p := probes[i]
		if p.err != nil || p.unzoned {
			return nil
		}
		c, err := p.without(ctx, a, group, cut)
		if err != nil {
			return err
		}
		p.ceiling.without[group], p.floor.without[group] = p.scores(c)
		if keep[i] != nil {
			keep[i][group] = c
		}
		return nil
	})
	for i, p := range probes {
		if !p.unzoned {
			p.err, p.kept = cmp.Or(p.err, errs[i]), keep[i]
		}
	}
	return err
}

// eachGroup calls f for each of n tasks and each group that is left out, groups on
// several goroutines, and returns what went wrong with each task first. Memory is
// that of the groups in work, not of all.
func (a *arena) eachGroup(ctx context.Context, n, workers int, f func(task, group int, cut func() *dataset.Truth) error) ([]error, error) {
	all := make([][]error, a.groups)
	err := parallel.For(ctx, workers, a.groups, 1, func(_, lo, hi int) error {
		for g := lo; g < hi; g++ {
			all[g] = make([]error, n)
			cut := sync.OnceValue(func() *dataset.Truth {
				return cutTruth(a.memTruth, func(p uint32) bool { return a.group(p) != g }, a.from, a.to)
			})
			for i := range n {
				all[g][i] = guard("answer", func() error { return f(i, g, cut) })
			}
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	errs := make([]error, n)
	for _, of := range all {
		for i := range of {
			errs[i] = cmp.Or(errs[i], of[i])
		}
	}
	return errs, err
}
