package benchmarks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sigcity/sigcity/planning"
)

const probeRelease = "release"

func (r Result) isSelfTest() bool { return strings.HasPrefix(r.Probe, "selftest/") }

// step is one probe of one cell.
type step struct {
	probe, zoning, adversary string
	at, task                 int // position of zoning and task, or of the attack
}

// steps lists all probes of a cell; the release's own figures come first.
func (r *runner) steps() []step {
	out := []step{{probe: probeRelease}}
	for z, zoning := range r.grid.Zonings {
		for t, job := range r.tasks {
			out = append(out, step{probe: "plan/" + job.id, zoning: zoning, at: z, task: t})
		}
	}
	for i, job := range r.attacks {
		out = append(out, step{probe: job.probe(), adversary: job.who.name, at: i})
	}
	return out
}

// missing lists the probes of a cell that no earlier run completed.
func (r *runner) missing(i int) []step {
	return slices.DeleteFunc(r.steps(), func(s step) bool { return r.journal.has(r.ids[i], s.probe, s.zoning, s.adversary) })
}

// blank is a row with what all rows of the run share.
func (r *runner) blank() Result {
	return Result{Schema: Schema, Dataset: r.city.hash, Params: map[string]any{}, Status: OK, Warnings: []string{}, Code: r.opt.Code}
}

// bench is the work on one cell.
type bench struct {
	*runner
	a       *arena
	cell    Cell
	id      string
	workers int
	base    Result // what all rows of the cell share
	peak    float64
	keep    func(task, zoning string, answer planning.Answer, env *planning.Env) error // nil = answers are not kept
}

func (r *runner) bench(a *arena, i, workers int) *bench {
	b := &bench{runner: r, a: a, cell: r.cells[i], id: r.ids[i], workers: workers, base: r.blank()}
	b.base.Cell, b.base.Method, b.base.Params = b.id, b.cell.Method, b.cell.Params
	b.base.Subset, b.base.Seed = b.cell.Subset.Label(), b.cell.Seed
	return b
}

// describe puts what the release is and claims into all further rows.
func (b *bench) describe(o *opened) (least crowd, counted bool) {
	b.base.Kind = o.kind.String()
	b.base.Claim, b.base.Audit, least, counted = b.a.audit(o)
	return least, counted
}

// cell makes one release and runs the missing probes on it. Only an error of
// the run itself comes back; what the method, an attack or a task does wrong
// becomes rows.
func (r *runner) cell(ctx context.Context, a *arena, i, workers int) error {
	b := r.bench(a, i, workers)
	outer := ctx
	if r.grid.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.grid.Timeout)
		defer cancel()
	}
	dir := releaseDir(r.out, b.id)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	begun := b.now()
	o, err := a.makeRelease(ctx, b.cell, dir, workers, r.opt.Code)
	if outer.Err() != nil {
		return outer.Err()
	}
	if errors.Is(err, syscall.ENOSPC) { // nobody's method's fault, and true of all cells to come
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		row := b.failed(err)
		row.Metric, row.Seconds = "released", b.since(begun)
		return errors.Join(b.write(step{probe: probeRelease}, []Result{row}), os.RemoveAll(dir))
	}
	least, counted := b.describe(o)
	made := b.since(begun)
	missing := r.missing(i)
	for _, s := range missing {
		if s.probe == probeRelease {
			if err := b.write(s, timed(b.releaseRows(o, least, counted), made)); err != nil {
				return err
			}
		}
	}
	if err := b.eachTask(ctx, outer, o, missing, b.write); err != nil {
		return err
	}
	for _, s := range missing {
		if !strings.HasPrefix(s.probe, "attack/") {
			continue
		}
		rows, err := b.attackRows(ctx, outer, o, s)
		if err != nil {
			return err
		}
		if err := b.write(s, rows); err != nil {
			return err
		}
	}
	if r.grid.KeepReleases {
		return nil
	}
	return os.RemoveAll(dir)
}

// eachTask answers and scores the missing tasks, zoning by zoning, and hands
// on the rows of each. ctx bounds the cell, outer the run.
func (b *bench) eachTask(ctx, outer context.Context, o *opened, missing []step, done func(step, []Result) error) error {
	var first map[int]answered // at the first zoning
	for z := range b.grid.Zonings {
		var todo []step
		var fit []int
		for _, s := range missing {
			if !strings.HasPrefix(s.probe, "plan/") || s.at != z {
				continue
			}
			todo = append(todo, s)
			p := b.a.plan.at(z, s.task)
			if p.err == nil && b.a.applies(p.job.task.Needs(), p.job.task, o) == "" {
				fit = append(fit, s.task)
			}
		}
		begun := b.now()
		answers := b.a.answerRelease(ctx, o, z, fit, first, b.workers)
		if z == 0 {
			first = answers
		}
		if outer.Err() != nil {
			return outer.Err()
		}
		share := b.since(begun) / float64(max(1, len(fit))) // one pass answers all
		for _, s := range todo {
			begun := b.now()
			rows := b.taskRows(o, s, answers)
			if got, ok := answers[s.task]; ok && got.err == nil && b.keep != nil {
				if err := b.keep(b.a.plan.at(z, s.task).job.id, s.zoning, got.full, b.a.envOf(o, b.a.plan.zonings[z])); err != nil {
					return err
				}
			}
			if err := done(s, timed(rows, share+b.since(begun))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) taskRows(o *opened, s step, answers map[int]answered) []Result {
	p := b.a.plan.at(s.at, s.task)
	got, ok := answers[s.task]
	switch {
	case p.err != nil:
		return b.one(MetricUtility, b.failed(p.err))
	case !ok:
		return b.one(MetricUtility, b.inapplicable(b.a.applies(p.job.task.Needs(), p.job.task, o)))
	case got.err != nil:
		return b.one(MetricUtility, b.failed(got.err))
	}
	rows, err := b.a.scoreTask(p, o, got)
	if err != nil {
		return b.one(MetricUtility, b.failed(err))
	}
	return rows
}

// attackRows mounts and scores one attack.
func (b *bench) attackRows(ctx, outer context.Context, o *opened, s step) ([]Result, error) {
	job := b.attacks[s.at]
	begun := b.now()
	var rows []Result
	if kinds := job.attack.Needs().Kinds; !slices.Contains(kinds, o.kind) {
		rows = b.one(MetricHit1, b.inapplicable(fmt.Sprintf("the attack does not apply to a release of kind %s: this says nothing about its safety", o.kind)))
	} else {
		guesses, who, err := b.a.mount(ctx, job, b.cell, o, b.workers)
		if outer.Err() != nil {
			return nil, outer.Err()
		}
		if err == nil {
			rows, err = b.a.scoreAttack(job, b.cell, o, guesses, who)
		}
		if err != nil {
			rows = b.one(MetricHit1, b.failed(err))
		}
	}
	return timed(rows, b.since(begun)), nil
}

func (b *bench) one(metric string, r Result) []Result {
	r.Metric, r.Headline = metric, true
	return []Result{r}
}

func (b *bench) failed(err error) Result {
	r := Result{Status: status(err)}
	r.Phase, r.Error = reason(err)
	return r
}

func (b *bench) inapplicable(why string) Result { return Result{Status: NA, Error: why} }

// releaseRows are what the release cost the data, and its audit.
func (b *bench) releaseRows(o *opened, least crowd, counted bool) []Result {
	l := o.losses
	figure := func(metric, unit, goal string, v float64) Result {
		r := Result{Metric: metric, Unit: unit, Goal: goal, Value: v, Lo: v, Hi: v, N: b.a.activeSIMs, Coverage: b.a.coverage(o)}
		if math.IsNaN(v) {
			r = Result{Metric: metric, Unit: unit, Goal: goal, Status: NA, Error: "the release links nobody"}
		}
		return r
	}
	var rows []Result
	if o.scan != nil {
		rows = append(rows,
			figure("displacement_m", "mean m at raw record times", "min", l.DisplacementM),
			figure("displacement_p90_m", "90th percentile, m", "min", l.DisplacementP90M),
			figure("time_blur_min", "mean span of a record, min", "min", l.TimeBlurMin))
		if o.kind.Linked() {
			rows = append(rows,
				figure("suppressed_users", "share of SIMs with records", "min", float64(l.SuppressedUsers)/float64(max(l.Users, 1))))
		}
		rows = append(rows, figure("suppressed_records", "share of records", "min", float64(l.SuppressedRecords)/float64(max(l.Records, 1))))
	}
	if counted {
		rows = append(rows, figure("k_sims", "SIMs behind the least crowded sequence", "max", float64(least.sims)),
			figure("k_persons", "persons behind the least crowded sequence", "max", float64(least.persons)))
	}
	rows = append(rows, figure("bytes", "bytes on disk", "", float64(l.Bytes)))
	released, unit := 0, "records"
	if o.scan != nil {
		released = int(o.scan.sum)
	} else {
		unit = "table rows"
		for _, t := range o.tables {
			released += t.Rows()
		}
	}
	last := figure("released", unit, "", float64(released))
	last.Headline = true
	return append(rows, last)
}

// write appends the rows of one probe in one write.
func (b *bench) write(s step, rows []Result) error {
	rows, err := b.complete(s, rows)
	if err != nil {
		return err
	}
	return b.journal.add(rows)
}

// complete fills in what the rows of a probe share.
func (b *bench) complete(s step, rows []Result) ([]Result, error) {
	b.peak = math.Max(b.peak, memoryMiB())
	for i := range rows {
		r := &rows[i]
		r.Schema, r.Cell, r.Dataset, r.Method, r.Params, r.Kind = Schema, b.id, b.base.Dataset, b.base.Method, b.base.Params, b.base.Kind
		r.Subset, r.Seed, r.Claim, r.Audit, r.Code = b.base.Subset, b.base.Seed, b.base.Claim, b.base.Audit, b.base.Code
		r.Probe, r.Zoning, r.Adversary, r.PeakMiB = s.probe, s.zoning, s.adversary, b.peak
		r.Status, r.Audit = cmp.Or(r.Status, OK), cmp.Or(r.Audit, NoClaim)
		if r.Warnings == nil {
			r.Warnings = []string{}
		}
		if r.Probe == probeRelease && r.Status != OK && len(rows) == 1 {
			r.Headline = true
		}
		var err error
		if r.Key, err = digest(b.id, s.probe, s.zoning, s.adversary, r.Metric); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func timed(rows []Result, seconds float64) []Result {
	for i := range rows {
		rows[i].Seconds = seconds
	}
	return rows
}

func (b *bench) now() time.Time {
	if b.opt.Clock == nil {
		return time.Time{}
	}
	return b.opt.Clock()
}

func (b *bench) since(t time.Time) float64 { return b.now().Sub(t).Seconds() }

// memoryMiB is what the Go runtime holds from the operating system now, for
// all cells that run side by side.
func memoryMiB() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return float64(s[0].Value.Uint64()-s[1].Value.Uint64()) / (1 << 20)
}
