package anonymizers

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "random",
		Doc: "the control: every record's area and time is an independent uniform draw, its type a draw from all types, " +
			"and a token has the record count of a random user: no attack may beat chance",
		Citation:   "this project: the negative control of the benchmark",
		Guarantee:  "none formal; a token says nothing of its user beyond the pooled counts",
		Complexity: "O(n log n)",
		New:        func(plugin.Values) (Anonymizer, error) { return random{}, nil },
	})
}

type random struct{}

// Anonymize reads the input once, for the number of records of every user and
// the frequency of every event type. The counts go to users by a keyed
// permutation, so how much a token does says nothing of its user; whether it
// has records at all says nothing either.
func (random) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	from, to, err := daySpan(in.Meta())
	if err != nil {
		return nil, err
	}
	if len(in.Areas()) == 0 && in.Meta().Users > 0 {
		return nil, fmt.Errorf("random: the data set has no areas to draw from")
	}
	n := in.Meta().Users
	counts := make([]uint32, n)
	var types [256]atomic.Int64
	total := atomic.Int64{}
	err = env.eachUser(ctx, in, func(t sigcity.Trajectory) error {
		counts[t.User] = uint32(len(t.Records))
		total.Add(int64(len(t.Records)))
		var local [256]int64
		for _, r := range t.Records {
			local[r.Type]++
		}
		for e, c := range local {
			if c > 0 {
				types[e].Add(c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := &uniform{in: in, env: env, from: from, to: to, counts: make([]uint32, n), total: total.Load()}
	givers, takers := keyedOrder(in, env, "random.give"), keyedOrder(in, env, "random.take")
	for i := range n {
		d.counts[takers[i]] = counts[givers[i]]
	}
	sum := int64(0)
	for e := range types {
		if c := types[e].Load(); c > 0 {
			sum += c
			d.types = append(d.types, typeShare{sigcity.Event(e), sum})
		}
	}
	env.LinkSame(n)
	return &sigcity.Release{Kind: sigcity.Trajectories, Claims: noClaims(), Data: d}, nil
}

// keyedOrder lists the users in an order that hangs on their source keys only.
func keyedOrder(in sigcity.Dataset, env Env, scope string) []sigcity.UserID {
	type ranked struct {
		hash uint64
		user sigcity.UserID
	}
	all := make([]ranked, in.Meta().Users)
	base := env.Hash(scope)
	for u := range all {
		all[u] = ranked{sigcity.Mix(base, in.Key(sigcity.UserID(u))), sigcity.UserID(u)}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.user, b.user))
	})
	out := make([]sigcity.UserID, len(all))
	for i, r := range all {
		out[i] = r.user
	}
	return out
}

// typeShare is an event type with the number of records of it and of the
// types before it.
type typeShare struct {
	event      sigcity.Event
	cumulative int64
}

// uniform is a data set of uniform draws, made while it is read.
type uniform struct {
	in       sigcity.Dataset
	env      Env
	from, to uint32
	counts   []uint32
	types    []typeShare
	total    int64
}

func (d *uniform) Meta() *sigcity.Meta {
	meta := *d.in.Meta()
	meta.Records = d.total
	return &meta
}
func (d *uniform) Areas() []sigcity.Area       { return d.in.Areas() }
func (d *uniform) Key(u sigcity.UserID) uint64 { return d.env.tokenKey(d.in.Key(u)) }

func (d *uniform) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		r := r.Clamp(len(d.counts))
		scope, areas := d.env.Hash("user"), uint32(len(d.in.Areas()))
		var stream sigcity.Stream
		var rows []sigcity.Record
		for u := r.First; u < r.Limit; u++ {
			if err := ctx.Err(); err != nil {
				yield(sigcity.Trajectory{}, err)
				return
			}
			rng := stream.Seed(sigcity.Mix(scope, d.in.Key(u)))
			rows = rows[:0]
			for range d.counts[u] {
				rows = append(rows, d.draw(rng, areas))
			}
			slices.SortFunc(rows, compareRecords)
			kept := dataset.Window(rows, r.From, r.To)
			if len(kept) > 0 && !yield(sigcity.Trajectory{User: u, Records: kept}, nil) {
				return
			}
		}
	}
}

func (d *uniform) draw(rng *rand.Rand, areas uint32) sigcity.Record {
	rec := sigcity.Record{Time: d.from + rng.Uint32N(d.to-d.from), Area: sigcity.AreaID(rng.Uint32N(areas))}
	at := rng.Int64N(d.total)
	for _, s := range d.types {
		if at < s.cumulative {
			rec.Type = s.event
			break
		}
	}
	return rec
}
