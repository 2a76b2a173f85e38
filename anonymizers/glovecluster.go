package anonymizers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// clustering is the greedy of GLOVE: merge the cheapest pair of all, again and
// again; a group of k users retires. Each unordered pair belongs to the row of
// its higher group, which knows the cheapest of its pairs, so the cheapest of
// all is the cheapest of the rows. A cost is computed only as far as needed to
// see that it is not the row's least; what is known of it is kept.
//
// Groups are numbered by creation, the users in order of content: breaking ties
// by number breaks them by content.
type clustering struct {
	caps    gloveCaps
	k       int
	workers int
	groups  []*fingerprint
	rows    []costRow // of live groups
	live    []int     // ascending
	retired []int
}

// costRow is what is known of the costs between group i and the groups j < i.
type costRow struct {
	known []float64 // cost, or less
	exact []bool    // it is the cost
	best  int       // cheapest live j, the lowest of equals; −1 = none
	cost  float64   // of best
}

// glove partitions fingerprints into groups of at least k users. progress is
// told the number of users in retired groups.
func glove(ctx context.Context, users []*fingerprint, k int, caps gloveCaps, workers int, progress func(done int)) ([]*fingerprint, error) {
	if len(users) < k {
		return nil, fmt.Errorf("k = %d, must be at most the number of users with records, %d", k, len(users))
	}
	c := &clustering{caps: caps, k: k, workers: max(1, workers)}
	for _, u := range users {
		c.add(u)
	}
	tasks := make([]rowTask, len(users))
	for i := range users { // the longest first
		tasks[i] = rowTask{len(users) - 1 - i, 0, len(users) - 1 - i}
	}
	if err := c.scan(ctx, tasks); err != nil {
		return nil, err
	}
	done := 0
	for len(c.live) > 1 {
		i := c.cheapest()
		j := c.rows[i].best
		merged := c.caps.merge(c.groups[j], c.groups[i])
		c.drop(i)
		c.drop(j)
		id := c.add(merged)
		if len(merged.users) >= k {
			c.drop(id)
			c.retired = append(c.retired, id)
			done += len(merged.users)
			progress(done)
		}
		if err := c.scan(ctx, c.stale(i, j)); err != nil {
			return nil, err
		}
	}
	if len(c.live) == 1 && !c.placeLeftover(c.live[0]) {
		return nil, fmt.Errorf("k = %d, must be at most the number of users with records, %d", k, len(users))
	}
	progress(len(users))
	out := make([]*fingerprint, len(c.retired))
	for i, id := range c.retired {
		out[i] = &fingerprint{c.groups[id].users, coalesce(c.groups[id].samples)}
	}
	return out, nil
}

func (c *clustering) add(f *fingerprint) int {
	i := len(c.groups)
	c.groups = append(c.groups, f)
	c.rows = append(c.rows, costRow{known: make([]float64, i), exact: make([]bool, i), best: -1, cost: math.Inf(1)})
	c.live = append(c.live, i)
	return i
}

func (c *clustering) drop(i int) {
	at, _ := slices.BinarySearch(c.live, i)
	c.live = slices.Delete(c.live, at, at+1)
	c.rows[i] = costRow{best: -1}
}

// cheapest is the row of the cheapest pair, the lowest of equals.
func (c *clustering) cheapest() int {
	best := -1
	for _, i := range c.live {
		if r := &c.rows[i]; r.best >= 0 && (best < 0 || r.cost < c.rows[best].cost) {
			best = i
		}
	}
	return best
}

// rowTask scans the groups lo ≤ j < hi of row i.
type rowTask struct{ i, lo, hi int }

// stale lists what to scan after groups a and b went: the rows whose cheapest
// they were, and the row of the group that they became, if it lives on.
func (c *clustering) stale(a, b int) []rowTask {
	var tasks []rowTask
	for _, i := range c.live {
		r := &c.rows[i]
		if r.best != a && r.best != b && i != len(c.groups)-1 {
			continue
		}
		r.best, r.cost = -1, math.Inf(1)
		if i < 128 {
			tasks = append(tasks, rowTask{i, 0, i})
			continue
		}
		for w := range c.workers {
			tasks = append(tasks, rowTask{i, i * w / c.workers, i * (w + 1) / c.workers})
		}
	}
	return tasks
}

// scan runs tasks on all workers and settles the rows that they belong to. How
// the work is cut decides which costs are computed in full, never which is least.
func (c *clustering) scan(ctx context.Context, tasks []rowTask) error {
	found := make([]candidate, len(tasks))
	var next atomic.Int64
	work := func() error {
		for {
			n := int(next.Add(1)) - 1
			if n >= len(tasks) {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			found[n] = c.scanPart(tasks[n])
		}
	}
	if workers := min(c.workers, len(tasks)); workers > 1 {
		var g errgroup.Group
		for range workers {
			g.Go(work)
		}
		if err := g.Wait(); err != nil {
			return err
		}
	} else if err := work(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for n, t := range tasks {
		if r := &c.rows[t.i]; found[n].before(candidate{r.best, r.cost}) {
			r.best, r.cost = found[n].j, found[n].cost
		}
	}
	return nil
}

// candidate is the cheapest partner found so far; j < 0 = none.
type candidate struct {
	j    int
	cost float64
}

func (a candidate) before(b candidate) bool {
	return a.j >= 0 && (b.j < 0 || a.cost < b.cost || (a.cost == b.cost && a.j < b.j))
}

func (c *clustering) scanPart(t rowTask) candidate {
	r := &c.rows[t.i]
	lo, _ := slices.BinarySearch(c.live, t.lo)
	hi, _ := slices.BinarySearch(c.live, t.hi)
	part := c.live[lo:hi]
	best := candidate{-1, math.Inf(1)}
	for _, j := range part { // what is known sets the bar
		if o := (candidate{j, r.known[j]}); r.exact[j] && o.before(best) {
			best = o
		}
	}
	for n := len(part) - 1; n >= 0; n-- { // neighbours in content first
		j := part[n]
		if r.exact[j] || r.known[j] > best.cost {
			continue
		}
		r.known[j], r.exact[j] = c.caps.cost(c.groups[j], c.groups[t.i], best.cost)
		if o := (candidate{j, r.known[j]}); r.exact[j] && o.before(best) {
			best = o
		}
	}
	return best
}

// placeLeftover joins the last group, too small to retire, to the retired one
// that takes it most cheaply, the first of equals.
func (c *clustering) placeLeftover(i int) bool {
	best := candidate{-1, math.Inf(1)}
	for n, id := range c.retired {
		cost, exact := c.caps.cost(c.groups[id], c.groups[i], best.cost)
		if o := (candidate{n, cost}); exact && o.before(best) {
			best = o
		}
	}
	if best.j < 0 {
		return false
	}
	id := c.retired[best.j]
	c.groups[id] = c.caps.merge(c.groups[id], c.groups[i])
	c.live = nil
	return true
}
