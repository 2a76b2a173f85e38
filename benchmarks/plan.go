package benchmarks

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/planning"
)

// replicated is something computed on everybody and without each jackknife
// group in turn.
type replicated[T any] struct {
	full    T
	without []T
}

// at is the value without group g, −1 = on everybody.
func (r *replicated[T]) at(g int) *T {
	if g < 0 {
		return &r.full
	}
	return &r.without[g]
}

// zip computes f on everybody and on each replicate.
func zip[S, T, R any](a replicated[S], b replicated[T], f func(S, T) R) replicated[R] {
	out := replicated[R]{full: f(a.full, b.full)}
	for g := range a.without {
		out.without = append(out.without, f(a.without[g], b.without[g]))
	}
	return out
}

// probe is one task at one zoning, with the answers that every release is
// compared with: computed once per arena.
type probe struct {
	job     taskJob
	zoning  geo.Zoning
	raw     replicated[planning.Answer] // by person
	truth   replicated[planning.Answer]
	null    planning.Answer
	ceiling replicated[float64] // C = s(RAW, GT)
	floor   replicated[float64] // N = s(null, GT)
	nullRaw float64             // s(null, RAW)
	err     error               // the task failed on raw or truth
	// unzoned: the answers are those of the first zoning, so zones play no part
	// in the task and one answer per release does for all zonings.
	unzoned bool
}

// reference is all probes of an arena: zoning by zoning, in the order of the grid.
type reference struct {
	probes  []*probe
	zonings []geo.Zoning
	jobs    []taskJob
}

func (r *reference) at(zoning, task int) *probe { return r.probes[zoning*len(r.jobs)+task] }

// newReference answers all tasks on raw data and on truth.
func newReference(ctx context.Context, a *arena, g Grid, workers int) (*reference, error) {
	jobs, err := g.taskJobs()
	if err != nil {
		return nil, err
	}
	r := &reference{jobs: jobs}
	for _, name := range g.Zonings {
		z, err := a.public.Zoning(name)
		if err != nil {
			return nil, err
		}
		r.zonings = append(r.zonings, z)
	}
	cuts := a.truthWithout()
	for z, zoning := range r.zonings {
		env := a.env(a.raw.Meta(), a.raw.Areas(), zoning)
		if z == g.IntervalZonings {
			cuts.without = nil // from here on no intervals
		}
		for i, f := range foldAll(ctx, jobs, a.raw, env, a.rawGroup, a.groups, workers) {
			p := &probe{job: jobs[i], zoning: zoning}
			p.err = p.answer(ctx, f, env, cuts, a, workers, r.first(z, i))
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			r.probes = append(r.probes, p)
		}
	}
	return r, nil
}

// first is a task's probe at the first zoning, nil for that itself.
func (r *reference) first(zoning, task int) *probe {
	if zoning == 0 {
		return nil
	}
	return r.at(0, task)
}

// answer fills in what every release is compared with. Where the answers on
// everybody are those of the first zoning, so are the replicates.
func (p *probe) answer(ctx context.Context, f folded, env *planning.Env, cuts replicated[*dataset.Truth], a *arena, workers int, first *probe) error {
	if f.err != nil {
		return f.err
	}
	if first != nil && first.err == nil {
		var raw, truth planning.Answer
		err := guard("answer", func() (err error) {
			if raw, err = f.without(-1, a.rawShares); err != nil {
				return err
			}
			truth, err = p.job.task.FromTruth(ctx, cuts.full, env)
			return err
		})
		if err != nil {
			return err
		}
		if reflect.DeepEqual(raw, first.raw.full) && reflect.DeepEqual(truth, first.truth.full) {
			zoning := p.zoning
			*p = *first
			p.zoning, p.unzoned = zoning, true
			return nil
		}
	}
	p.raw.without = make([]planning.Answer, len(cuts.without))
	err := eachReplicate(len(cuts.without), workers, func(g int) (err error) {
		*p.raw.at(g), err = f.without(g, a.rawShares)
		return err
	})
	if err != nil {
		return err
	}
	return p.scale(ctx, env, cuts, workers)
}

// eachReplicate calls f with −1 (everybody) and each of the groups that may be
// left out, on several goroutines.
func eachReplicate(groups, workers int, f func(g int) error) error {
	var eg errgroup.Group
	eg.SetLimit(max(1, workers))
	for g := -1; g < groups; g++ {
		eg.Go(func() error { return guard("answer", func() error { return f(g) }) })
	}
	return eg.Wait()
}

func (a *arena) rawGroup(u sigcity.UserID) int {
	if p := a.person[u]; p != nobody {
		return a.group(p)
	}
	return int(sigcity.Hash(2, "benchmarks.group", uint64(u)) % uint64(a.groups))
}

// truthWithout is the members' truth, and the same without each group.
func (a *arena) truthWithout() replicated[*dataset.Truth] {
	out := replicated[*dataset.Truth]{full: a.memTruth}
	for g := range a.groups {
		out.without = append(out.without, cutTruth(a.memTruth, func(p uint32) bool { return a.group(p) != g }, a.from, a.to))
	}
	return out
}

// scale answers the task on truth and by the null predictor: the ends of its scale.
func (p *probe) scale(ctx context.Context, env *planning.Env, cuts replicated[*dataset.Truth], workers int) error {
	p.truth.without = make([]planning.Answer, len(cuts.without))
	err := eachReplicate(len(cuts.without), workers, func(g int) (err error) {
		*p.truth.at(g), err = p.job.task.FromTruth(ctx, *cuts.at(g), env)
		return err
	})
	if err != nil {
		return err
	}
	return guard("score", func() error {
		p.null = p.job.task.Null(env)
		p.ceiling = zip(p.raw, p.truth, func(raw, gt planning.Answer) float64 { return p.job.task.Score(gt, raw) })
		p.floor = zip(p.truth, p.truth, func(gt, _ planning.Answer) float64 { return p.job.task.Score(gt, p.null) })
		p.nullRaw = p.job.task.Score(p.raw.full, p.null)
		return nil
	})
}

type shareFunc = func(key, from, to uint32) []planning.Share

// folded is a task's fold over a data set, or why there is none.
type folded struct {
	groups *planning.Groups
	err    error
}

// answered is a task's answer on a release and its scores, or why there are
// none. Of the replicates only the scores are kept: answers can be large.
type answered struct {
	full           planning.Answer
	vsRaw, vsTruth replicated[float64]
	err            error
}

// foldAll folds tasks over trajectories in one pass; one that fails does not
// take the others with it.
func foldAll(ctx context.Context, jobs []taskJob, data sigcity.Dataset, env *planning.Env, group func(sigcity.UserID) int, groups, workers int) []folded {
	out := make([]folded, len(jobs))
	if len(jobs) == 0 {
		return out
	}
	tasks := make([]planning.Task, len(jobs))
	for i, j := range jobs {
		tasks[i] = j.task
	}
	all, err := planning.RunGroups(ctx, tasks, data, env, group, groups, workers)
	if err != nil && len(jobs) > 1 && ctx.Err() == nil {
		for i := range jobs {
			out[i] = foldAll(ctx, jobs[i:i+1], data, env, group, groups, workers)[0]
		}
		return out
	}
	for i := range jobs {
		if err != nil {
			out[i].err = &failure{"answer", err}
		} else {
			out[i].groups = all[i]
		}
	}
	return out
}

// without is the answer, by person, without one group (−1 = with all).
func (f folded) without(group int, who shareFunc) (planning.Answer, error) {
	answer, err := f.groups.Without(group)
	if k, keyed := answer.(planning.Keyed); keyed && err == nil {
		answer = k.Rekey(who)
	}
	return answer, err
}

// scored compares the answer and its replicates with those of the probe.
func (f folded) scored(p *probe, workers int, who shareFunc) (out answered) {
	if f.err != nil {
		return answered{err: f.err}
	}
	groups := len(p.raw.without)
	out.vsRaw.without, out.vsTruth.without = make([]float64, groups), make([]float64, groups)
	out.err = eachReplicate(groups, workers, func(g int) error {
		answer, err := f.without(g, who)
		if err != nil {
			return err
		}
		if g < 0 {
			out.full = answer
		}
		*out.vsRaw.at(g) = p.job.task.Score(*p.raw.at(g), answer)
		*out.vsTruth.at(g) = p.job.task.Score(*p.truth.at(g), answer)
		return nil
	})
	return out
}

// applies says why a task cannot be answered from a release; "" = it can.
func (a *arena) applies(need planning.Need, task planning.Task, o *opened) string {
	if o.kind == sigcity.Aggregate {
		if _, ok := task.(planning.FromTables); !ok || !need.Aggregates {
			return "the release has tables only and the task cannot be answered from tables"
		}
		return ""
	}
	if need.Horizon == planning.Snapshot {
		return ""
	}
	if o.kind == sigcity.Points {
		return "the release does not link records and the task follows users for a " + string(need.Horizon)
	}
	days := map[planning.Horizon]float64{planning.Day: 1, planning.Week: 5, planning.Months: 56}[need.Horizon]
	want := min(days*86400, float64(a.to-a.from))
	longest := float64(a.to - a.from)
	if periods := o.data.Meta().Periods; len(periods) > 0 {
		longest = 0
		for _, p := range periods {
			longest = math.Max(longest, float64(min(p.To, a.to))-float64(max(p.From, a.from)))
		}
	}
	// A day on which clocks change is an hour short.
	if longest < want-3600 {
		return fmt.Sprintf("tokens follow a user for %.3g h at most and the task needs a %s", longest/3600, need.Horizon)
	}
	return ""
}

// envOf is what a task knows beside a release. Tables speak of the raw areas.
func (a *arena) envOf(o *opened, zoning geo.Zoning) *planning.Env {
	if o.kind == sigcity.Aggregate {
		return a.env(nil, a.raw.Areas(), zoning)
	}
	return a.env(o.data.Meta(), o.areas, zoning)
}

// answerRelease answers the wanted tasks on a release at one zoning. known are
// the answers at the first zoning, which do for tasks without zones.
func (a *arena) answerRelease(ctx context.Context, o *opened, zoning int, wanted []int, known map[int]answered, workers int) map[int]answered {
	out := map[int]answered{}
	if o.raw { // answered already: they are what others are compared with
		for _, i := range wanted {
			p := a.plan.at(zoning, i)
			same := func(float64, float64) float64 { return 1 }
			out[i] = answered{full: p.raw.full, vsTruth: p.ceiling, vsRaw: zip(p.ceiling, p.ceiling, same)}
		}
		return out
	}
	var open []int
	for _, i := range wanted {
		if old, ok := known[i]; ok && a.plan.at(zoning, i).unzoned {
			out[i] = old
		} else {
			open = append(open, i)
		}
	}
	z := a.plan.zonings[zoning]
	if o.kind == sigcity.Aggregate {
		env := a.envOf(o, z)
		for _, i := range open {
			var r answered
			r.err = guard("answer", func() (err error) {
				p := a.plan.at(zoning, i)
				if r.full, err = p.job.task.(planning.FromTables).FromTables(o.tables, env); err != nil {
					return err
				}
				r.vsRaw.full, r.vsTruth.full = p.job.task.Score(p.raw.full, r.full), p.job.task.Score(p.truth.full, r.full)
				return nil
			})
			out[i] = r
		}
		return out
	}
	var jobs []taskJob
	for _, i := range open {
		jobs = append(jobs, a.plan.jobs[i])
	}
	env := a.envOf(o, z)
	for k, f := range foldAll(ctx, jobs, o.data, env, o.links.group, a.groups, workers) {
		out[open[k]] = f.scored(a.plan.at(zoning, open[k]), workers, o.links.shares)
	}
	return out
}
