package anonymizers

import (
	"context"
	"iter"
	"math/rand/v2"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// RecordFunc changes one trajectory. It may change t.Records in place or return
// other records, in ascending time and within the days of the data set; no
// records = the user is suppressed. It is called concurrently for different
// users, so it may read but not change what it shares.
type RecordFunc = func(t sigcity.Trajectory, rng *rand.Rand) sigcity.Trajectory

// PerUser makes an anonymizer of a function of one trajectory. The release
// streams: nothing is computed before its data is read, and reading it twice
// computes it twice, to the same records. The stream rng hangs on the user's
// source key, so users may be permuted.
func PerUser(f RecordFunc) Anonymizer {
	return perUser{func(sigcity.Dataset) (RecordFunc, []sigcity.Area, error) { return f, nil, nil }}
}

// perUser prepares once on the public part of the data set (areas, calendar),
// then works per user. Areas nil = those of the input.
type perUser struct {
	prepare func(in sigcity.Dataset) (RecordFunc, []sigcity.Area, error)
}

func (p perUser) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, areas, err := p.prepare(in)
	if err != nil {
		return nil, err
	}
	if areas == nil {
		areas = in.Areas()
	}
	env.LinkSame(in.Meta().Users)
	return &sigcity.Release{Kind: sigcity.Trajectories, Claims: noClaims(), Data: &mapped{
		in: in, env: env, f: f, areas: areas, progress: newProgress(env, in.Meta().Users)}}, nil
}

// mapped is a data set seen through a function of each trajectory.
type mapped struct {
	in       sigcity.Dataset
	env      Env
	f        RecordFunc
	areas    []sigcity.Area
	progress *progress
}

func (m *mapped) Meta() *sigcity.Meta {
	meta := *m.in.Meta()
	meta.Records = -1
	return &meta
}
func (m *mapped) Areas() []sigcity.Area       { return m.areas }
func (m *mapped) Key(u sigcity.UserID) uint64 { return m.env.tokenKey(m.in.Key(u)) }

// Users reads whole users even where r asks for a window: a method may move
// records in time, into the window or out of it, and draws its noise record by
// record. The window is cut from what the method returns.
func (m *mapped) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		c := r.Clamp(m.in.Meta().Users)
		scope := m.env.Hash("user")
		var stream sigcity.Stream
		var buf []sigcity.Record
		next := c.First // first user not yet counted as done
		for t, err := range m.in.Users(ctx, sigcity.Range{First: r.First, Limit: r.Limit}) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(sigcity.Trajectory{}, err)
				return
			}
			buf = append(buf[:0], t.Records...)
			out := m.f(sigcity.Trajectory{User: t.User, Records: buf}, stream.Seed(sigcity.Mix(scope, m.in.Key(t.User))))
			m.progress.add(int(t.User-next) + 1)
			next = t.User + 1
			rows := dataset.Window(out.Records, c.From, c.To)
			if len(rows) > 0 && !yield(sigcity.Trajectory{User: t.User, Records: rows}, nil) {
				return
			}
		}
		if next < c.Limit {
			m.progress.add(int(c.Limit - next)) // users without records at the end
		}
	}
}

// progress counts users that concurrent readers have finished.
type progress struct {
	report func(done, total int)
	total  int
	done   atomic.Int64
}

func newProgress(env Env, total int) *progress {
	return &progress{report: env.Progress, total: total}
}

// add reports n more users; a second pass over the data stays at total.
func (p *progress) add(n int) {
	if p.report != nil {
		p.report(min(int(p.done.Add(int64(n))), p.total), p.total)
	}
}

// chunkUsers is how many users one task of eachChunk holds.
const chunkUsers = 256

// eachChunk calls f with disjoint runs of the n users, on env.Workers
// goroutines. What f computes must not depend on the order of calls.
func (e Env) eachChunk(ctx context.Context, n int, f func(ctx context.Context, first, limit int) error) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(max(1, e.Workers))
	for first := 0; first < n && inner.Err() == nil; first += chunkUsers {
		g.Go(func() error { return f(inner, first, min(first+chunkUsers, n)) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// eachUser calls f with every user that has records, concurrently, and reports
// progress. The trajectory is valid until f returns.
func (e Env) eachUser(ctx context.Context, in sigcity.Dataset, f func(t sigcity.Trajectory) error) error {
	n := in.Meta().Users
	p := newProgress(e, n)
	return e.eachChunk(ctx, n, func(ctx context.Context, first, limit int) error {
		for t, err := range in.Users(ctx, sigcity.Range{First: sigcity.UserID(first), Limit: sigcity.UserID(limit)}) {
			if err != nil {
				return err
			}
			if err := f(t); err != nil {
				return err
			}
		}
		p.add(limit - first)
		return ctx.Err()
	})
}
