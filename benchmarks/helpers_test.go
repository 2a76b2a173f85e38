package benchmarks

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// folder writes the fixture city with its truth and a register of everybody.
func folder(t testing.TB, users, days int, seed uint64) *dataset.Folder {
	t.Helper()
	return outside(t, fixture.New(users, days, seed))
}

// outside writes a city with a register of everybody.
func outside(t testing.TB, c *fixture.City) *dataset.Folder {
	t.Helper()
	var register []dataset.RegisterEntry
	var identities []dataset.Identity
	for i, p := range c.Truth.Persons {
		e := dataset.RegisterEntry{Entry: uint32(1000 + i), Name: "N. N."}
		for _, a := range c.Truth.Anchors {
			switch {
			case a.Person == p.ID && a.Kind == dataset.ActHome:
				e.HomeLon, e.HomeLat = a.Lon, a.Lat
			case a.Person == p.ID && a.Kind == dataset.ActWork:
				e.HasWork, e.WorkLon, e.WorkLat = true, a.Lon, a.Lat
			}
		}
		register, identities = append(register, e), append(identities, dataset.Identity{Entry: e.Entry, Person: p.ID})
	}
	return c.Folder(t, func(w *dataset.Writer) error {
		return errors.Join(dataset.WriteTable(w, dataset.TableRegister, dataset.Whole, register),
			dataset.WriteTable(w, dataset.TableIdentities, dataset.Whole, identities))
	})
}

// The broken methods that the harness must survive.
func init() {
	add := func(name string, m anonymizers.Anonymizer) {
		plugin.Add(plugin.Entry[anonymizers.Anonymizer]{Name: name, Doc: "a broken method for the tests", Citation: "none",
			New: func(plugin.Values) (anonymizers.Anonymizer, error) { return m, nil }})
	}
	add("test-panics", broken(func(context.Context, sigcity.Dataset, anonymizers.Env) (*sigcity.Release, error) {
		panic("out of luck")
	}))
	add("test-panics-late", anonymizers.PerUser(func(t sigcity.Trajectory, _ *rand.Rand) sigcity.Trajectory {
		if t.User == 7 {
			panic("out of luck, late")
		}
		return t
	}))
	add("test-fails", broken(func(context.Context, sigcity.Dataset, anonymizers.Env) (*sigcity.Release, error) {
		return nil, errors.New("no such luck")
	}))
	add("test-nothing", broken(func(context.Context, sigcity.Dataset, anonymizers.Env) (*sigcity.Release, error) { return nil, nil }))
	add("test-unsorted", anonymizers.PerUser(func(t sigcity.Trajectory, _ *rand.Rand) sigcity.Trajectory {
		t.Records[0], t.Records[len(t.Records)-1] = t.Records[len(t.Records)-1], t.Records[0]
		return t
	}))
	add("test-wrong-area", anonymizers.PerUser(func(t sigcity.Trajectory, _ *rand.Rand) sigcity.Trajectory {
		t.Records[0].Area = 1 << 20
		return t
	}))
	add("test-unlinked", broken(func(_ context.Context, in sigcity.Dataset, _ anonymizers.Env) (*sigcity.Release, error) {
		return &sigcity.Release{Kind: sigcity.Trajectories, Data: in}, nil
	}))
	add("test-false-links", broken(func(_ context.Context, in sigcity.Dataset, env anonymizers.Env) (*sigcity.Release, error) {
		env.Link(sigcity.Link{Token: 0, Source: 1 << 20, From: 0, To: 1 << 31})
		return &sigcity.Release{Kind: sigcity.Trajectories, Data: in}, nil
	}))
	add("test-false-claim", broken(func(_ context.Context, in sigcity.Dataset, env anonymizers.Env) (*sigcity.Release, error) {
		env.LinkSame(in.Meta().Users)
		return &sigcity.Release{Kind: sigcity.Trajectories, Data: in, Claims: []sigcity.Guarantee{{Kind: "k-anonymity", Unit: "SIM", K: 2}}}, nil
	}))
	add("test-stalls", broken(func(ctx context.Context, _ sigcity.Dataset, _ anonymizers.Env) (*sigcity.Release, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	plugin.Add(plugin.Entry[anonymizers.Anonymizer]{Name: "test-slow", Doc: "superlinear identity for the tests", Citation: "none", Superlinear: true,
		New: func(plugin.Values) (anonymizers.Anonymizer, error) {
			return broken(func(_ context.Context, in sigcity.Dataset, env anonymizers.Env) (*sigcity.Release, error) {
				env.LinkSame(in.Meta().Users)
				return &sigcity.Release{Kind: sigcity.Trajectories, Data: hide{in}}, nil
			}), nil
		}})
}

type broken func(context.Context, sigcity.Dataset, anonymizers.Env) (*sigcity.Release, error)

func (b broken) Anonymize(ctx context.Context, in sigcity.Dataset, env anonymizers.Env) (*sigcity.Release, error) {
	return b(ctx, in, env)
}

// hide suppresses every fourth user.
type hide struct{ sigcity.Dataset }

func (h hide) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		for t, err := range h.Dataset.Users(ctx, r) {
			if err == nil && t.User%4 == 0 {
				continue
			}
			if !yield(t, err) {
				return
			}
		}
	}
}
