package benchmarks

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
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

func (a *arena) rawGroup(u sigcity.UserID) int {
	if p := a.person[u]; p != nobody {
		return a.group(p)
	}
	return int(sigcity.Hash(2, "benchmarks.group", uint64(u)) % uint64(a.groups))
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

// size is about how many bytes the answer of a fold takes: those of its state.
func (f folded) size() int {
	fold, err := f.groups.Fold()
	if err != nil {
		return math.MaxInt32
	}
	b, err := fold.AppendBinary(nil)
	if err != nil {
		return math.MaxInt32
	}
	return len(b)
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
			out[i] = answered{full: p.full.raw, vsTruth: p.ceiling, vsRaw: zip(p.ceiling, p.ceiling, same)}
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
				r.vsRaw.full, r.vsTruth.full = p.job.task.Score(p.full.raw, r.full), p.job.task.Score(p.full.truth, r.full)
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
	folds := foldAll(ctx, jobs, o.data, a.envOf(o, z), o.links.group, a.groups, workers)
	got := a.scored(ctx, zoning, open, folds, o.links.shares, workers)
	for k, i := range open {
		out[i] = got[k]
	}
	return out
}

// scored compares answers, and their replicates, with those of the probes.
func (a *arena) scored(ctx context.Context, zoning int, tasks []int, folds []folded, who shareFunc, workers int) []answered {
	out := make([]answered, len(tasks))
	score := func(k, group int, with func(*probe) (compared, error)) (planning.Answer, error) {
		p := a.plan.at(zoning, tasks[k])
		answer, err := folds[k].without(group, who)
		if err != nil {
			return nil, err
		}
		c, err := with(p)
		if err != nil {
			return nil, err
		}
		*out[k].vsRaw.at(group), *out[k].vsTruth.at(group) = p.job.task.Score(c.raw, answer), p.job.task.Score(c.truth, answer)
		return answer, nil
	}
	err := parallel.For(ctx, workers, len(tasks), 1, func(_, lo, hi int) error {
		for k := lo; k < hi; k++ {
			if out[k].err = folds[k].err; out[k].err != nil {
				continue
			}
			out[k].err = guard("answer", func() (err error) {
				out[k].full, err = score(k, -1, func(p *probe) (compared, error) { return p.full, nil })
				return err
			})
			groups := len(a.plan.at(zoning, tasks[k]).ceiling.without)
			out[k].vsRaw.without, out[k].vsTruth.without = make([]float64, groups), make([]float64, groups)
		}
		return nil
	})
	if err == nil && slices.ContainsFunc(out, func(x answered) bool { return len(x.vsRaw.without) > 0 }) {
		var errs []error
		errs, err = a.eachGroup(ctx, len(tasks), workers, func(k, group int, cut func() *dataset.Truth) error {
			if out[k].err != nil || len(out[k].vsRaw.without) == 0 {
				return nil
			}
			_, err := score(k, group, func(p *probe) (compared, error) { return p.without(ctx, a, group, cut) })
			return err
		})
		for k := range out {
			out[k].err = cmp.Or(out[k].err, errs[k])
		}
	}
	for k := range out {
		out[k].err = cmp.Or(out[k].err, err)
	}
	return out
}
