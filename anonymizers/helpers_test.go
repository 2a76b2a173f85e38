package anonymizers

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// rangeOf selects one user.
func rangeOf(u int) sigcity.Range {
	return sigcity.Range{First: sigcity.UserID(u), Limit: sigcity.UserID(u) + 1}
}

func made(t testing.TB, name string, args plugin.Args) Anonymizer {
	t.Helper()
	m, _, err := plugin.Make[Anonymizer](name, args)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// result is a release in memory.
type result struct {
	kind   sigcity.Kind
	meta   sigcity.Meta
	areas  []sigcity.Area
	rows   [][]sigcity.Record // per token
	keys   []uint64
	tables []sigcity.Table
	claims []sigcity.Guarantee
	losses sigcity.Losses
	links  []sigcity.Link
}

// collect runs m and reads its release on workers goroutines over disjoint ranges.
func collect(ctx context.Context, m Anonymizer, in sigcity.Dataset, workers int) (*result, error) {
	env := NewEnv(42)
	env.Workers = workers
	out := &result{}
	env.Link = func(l sigcity.Link) { out.links = append(out.links, l) }
	rel, err := m.Anonymize(ctx, in, env)
	if err != nil {
		return nil, err
	}
	out.kind, out.tables, out.claims, out.losses = rel.Kind, rel.Tables, rel.Claims, rel.Losses
	if rel.Data == nil {
		return out, nil
	}
	out.meta, out.areas = *rel.Data.Meta(), rel.Data.Areas()
	n := out.meta.Users
	out.rows, out.keys = make([][]sigcity.Record, n), make([]uint64, n)
	for u := range out.keys {
		out.keys[u] = rel.Data.Key(sigcity.UserID(u))
	}
	var g errgroup.Group
	for w := range workers {
		lo, hi := n*w/workers, n*(w+1)/workers
		if lo == hi {
			continue
		}
		g.Go(func() error {
			for t, err := range rel.Data.Users(ctx, sigcity.Range{First: sigcity.UserID(lo), Limit: sigcity.UserID(hi)}) {
				if err != nil {
					return err
				}
				out.rows[t.User] = slices.Clone(t.Records)
			}
			return nil
		})
	}
	return out, g.Wait()
}

func released(t testing.TB, m Anonymizer, in sigcity.Dataset, workers int) *result {
	t.Helper()
	out, err := collect(t.Context(), m, in, workers)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// of is what the release says, by its links, of a user of the input.
func (r *result) of(source sigcity.UserID) []sigcity.Record {
	var own []sigcity.Link
	for _, l := range r.links {
		if l.Source == source {
			own = append(own, l)
		}
	}
	slices.SortFunc(own, func(a, b sigcity.Link) int { return cmp.Compare(a.From, b.From) })
	var rows []sigcity.Record
	for _, l := range own {
		rows = append(rows, dataset.Window(r.rows[l.Token], l.From, l.To)...)
	}
	return rows
}

// secrets lists what no release of the city may hold: IMSIs and source keys.
func secrets(c *fixture.City) []string {
	var out []string
	for _, s := range c.Truth.SIMs {
		out = append(out, fmt.Sprint(s.IMSI))
	}
	for _, k := range c.Data.Keys {
		out = append(out, fmt.Sprint(k), fmt.Sprintf("%x", k))
	}
	return out
}

// cancelling is a data set that calls cancel when its third user is read.
type cancelling struct {
	*dataset.Mem
	cancel context.CancelFunc
	mu     sync.Mutex
	seen   int
}

func (c *cancelling) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		for t, err := range c.Mem.Users(ctx, r) {
			c.mu.Lock()
			if c.seen++; c.seen == 3 {
				c.cancel()
			}
			c.mu.Unlock()
			if !yield(t, err) {
				return
			}
		}
	}
}
