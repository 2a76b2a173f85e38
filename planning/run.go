package planning

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sigcity/sigcity"
)

// chunks is the number of user ranges that a pass is cut into. It is fixed, so
// that no result depends on the number of workers.
const chunks = 64

// Run answers a task on a data set with the given number of workers.
func Run(ctx context.Context, task Task, in sigcity.Dataset, env *Env, workers int) (Answer, error) {
	groups, err := RunGroups(ctx, []Task{task}, in, env, func(sigcity.UserID) int { return 0 }, 1, workers)
	if err != nil {
		return nil, err
	}
	return groups[0].All()
}

// Groups is a finished fold of one task, kept apart by group of users: for
// intervals by a delete-a-group jackknife without another pass over the data.
type Groups struct {
	task  Task
	env   *Env
	start []byte // prepared state of the last pass; nil = it was the first
	folds []Fold // per group
}

// RunGroups folds several tasks over a data set in one pass (more only for
// tasks that want more). group maps a user to 0 … n−1; it is called concurrently.
// The result has one entry per task, in the order of tasks.
//
// A task of several passes prepares the next from all users, in Without too.
func RunGroups(ctx context.Context, tasks []Task, in sigcity.Dataset, env *Env, group func(sigcity.UserID) int, n, workers int) ([]*Groups, error) {
	if n < 1 {
		return nil, fmt.Errorf("groups = %d, must be at least 1", n)
	}
	out := make([]*Groups, len(tasks))
	for i, t := range tasks {
		out[i] = &Groups{task: t, env: env}
	}
	for open := slices.Clone(out); len(open) > 0; {
		if err := pass(ctx, open, in, group, n, workers); err != nil {
			return nil, err
		}
		var next []*Groups
		for _, g := range open {
			more, err := g.next()
			if err != nil {
				return nil, err
			}
			if more {
				next = append(next, g)
			}
		}
		open = next
	}
	return out, nil
}

// All is the answer over all users.
func (g *Groups) All() (Answer, error) { return g.Without(-1) }

// Without is the answer over all users but those of one group.
func (g *Groups) Without(group int) (Answer, error) {
	f, err := g.merged(group)
	if err != nil {
		return nil, err
	}
	return f.Answer()
}

// Fold is the merged fold over all users, for its state.
func (g *Groups) Fold() (Fold, error) { return g.merged(-1) }

func (g *Groups) merged(without int) (Fold, error) {
	all, err := g.begin()
	if err != nil {
		return nil, err
	}
	for i, f := range g.folds {
		if i == without || f == nil {
			continue
		}
		if err := all.Merge(f); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// begin is an empty fold at the start of the current pass.
func (g *Groups) begin() (Fold, error) {
	f := g.task.Fold(g.env)
	if g.start == nil {
		return f, nil
	}
	return f, f.UnmarshalBinary(g.start)
}

// next prepares another pass if the task wants one.
func (g *Groups) next() (bool, error) {
	all, err := g.merged(-1)
	if err != nil {
		return false, err
	}
	more, err := all.Next()
	if err != nil || !more {
		return false, err
	}
	g.start, err = all.AppendBinary(nil)
	return true, err
}

// pass folds all users once. Workers take chunks of users as they come; the
// folds of the chunks are merged in the order of the chunks.
func pass(ctx context.Context, open []*Groups, in sigcity.Dataset, group func(sigcity.UserID) int, n, workers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, g := range open {
		g.folds = make([]Fold, n)
	}
	users := in.Meta().Users
	work := make(chan int)
	results := make([]chan [][]Fold, chunks)
	for i := range results {
		results[i] = make(chan [][]Fold, 1)
	}
	// A chunk is handed out only when the ones far before it are merged, so
	// that a slow chunk does not pile up the folds of all others.
	ahead := make(chan struct{}, 2*max(1, workers))
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(work)
		for c := range chunks {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case work <- c:
			case <-ctx.Done():
				return
			}
		}
	})
	for range max(1, workers) {
		wg.Go(func() {
			for c := range work {
				folds, err := chunk(ctx, open, in, rangeOf(c, users), group, n)
				if err != nil {
					cancel(err)
					return
				}
				results[c] <- folds
			}
		})
	}
	err := collect(ctx, open, results, ahead)
	if err != nil {
		cancel(err)
	}
	wg.Wait()
	return err
}

// rangeOf is chunk c of all users; First = Limit where it is empty.
func rangeOf(c, users int) sigcity.Range {
	return sigcity.Range{First: sigcity.UserID(c * users / chunks), Limit: sigcity.UserID((c + 1) * users / chunks)}
}

// chunk folds the users of one range: a fold per task and group, nil where
// the group has no user.
func chunk(ctx context.Context, open []*Groups, in sigcity.Dataset, r sigcity.Range, group func(sigcity.UserID) int, n int) ([][]Fold, error) {
	folds := make([][]Fold, len(open))
	for i := range folds {
		folds[i] = make([]Fold, n)
	}
	if r.First == r.Limit {
		return folds, nil
	}
	env := open[0].env
	view := env.view()
	defer env.shared.views.Put(view)
	for t, err := range in.Users(ctx, r) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		g := group(t.User)
		if g < 0 || g >= n {
			return nil, fmt.Errorf("user %d is in group %d, want 0 … %d", t.User, g, n-1)
		}
		for i := range open {
			if folds[i][g] == nil {
				if folds[i][g], err = open[i].begin(); err != nil {
					return nil, err
				}
			}
		}
		err := view.each(t, func(v *View) error {
			for i := range open {
				if err := folds[i][g].Add(v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("user %d: %w", t.User, err)
		}
	}
	return folds, nil
}

// collect merges the folds of the chunks in order.
func collect(ctx context.Context, open []*Groups, results []chan [][]Fold, ahead <-chan struct{}) error {
	for _, result := range results {
		var folds [][]Fold
		select {
		case folds = <-result:
			<-ahead
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for i, g := range open {
			for j, f := range folds[i] {
				switch {
				case f == nil:
				case g.folds[j] == nil:
					g.folds[j] = f
				default:
					if err := g.folds[j].Merge(f); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
