package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

// errInvalid marks a release that breaks the contract of releases.
var errInvalid = errors.New("invalid release")

// failure is a phase of a cell that did not end well.
type failure struct {
	phase string
	err   error
}

func (f *failure) Error() string { return f.phase + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// status maps an error to the status of its row.
func status(err error) Status {
	var broken *dataset.InvalidRelease
	switch {
	case errors.Is(err, errInvalid), errors.As(err, &broken):
		return Invalid
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return Failed
}

// guard runs one phase; a panic in it becomes an error. Panics in goroutines
// that a method starts itself are beyond reach.
func guard(phase string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &failure{phase, fmt.Errorf("panic: %v", p)}
		}
	}()
	if err := f(); err != nil {
		var inner *failure
		if errors.As(err, &inner) {
			return err
		}
		return &failure{phase, err}
	}
	return nil
}

// opened is a release as the scorer holds it: the re-opened files, which
// attacks and tasks get, and the links, which they do not.
type opened struct {
	kind   sigcity.Kind
	raw    bool            // it is the raw data themselves
	data   sigcity.Dataset // nil for aggregates
	areas  []sigcity.Area
	tables []sigcity.Table
	claims []sigcity.Guarantee
	edges  iter.Seq[sigcity.Edge]
	links  *linkIndex
	losses sigcity.Losses
	scan   *scan
}

// makeRelease anonymizes the arena's raw data, spools the release into dir
// under new names and opens it again.
func (a *arena) makeRelease(ctx context.Context, c Cell, dir string, workers int, code string) (*opened, error) {
	var method anonymizers.Anonymizer
	var rel *sigcity.Release
	var links []sigcity.Link
	if err := guard("make", func() (err error) {
		method, _, err = plugin.Make[anonymizers.Anonymizer](c.Method, c.Args)
		return err
	}); err != nil {
		return nil, err
	}
	if err := guard("anonymize", func() (err error) {
		env := anonymizers.NewEnv(c.seedOf("anonymize"))
		env.Workers, env.Subscriber = workers, a.subscriber
		var mu sync.Mutex
		env.Link = func(l sigcity.Link) {
			mu.Lock()
			links = append(links, l)
			mu.Unlock()
		}
		rel, err = method.Anonymize(ctx, a.raw, env)
		return err
	}); err != nil {
		return nil, err
	}
	if err := guard("check", func() error { return checkRelease(rel, links, a.meta.Users) }); err != nil {
		return nil, err
	}
	var folder *dataset.Folder
	o := &opened{kind: rel.Kind, claims: rel.Claims, edges: rel.Edges}
	if err := guard("spool", func() (err error) {
		shown := *rel
		if rel.Data != nil {
			shown.Data = &recovering{rel.Data}
		}
		info := dataset.ReleaseInfo{Method: c.Method, Params: c.Params, Kind: rel.Kind, Claims: rel.Claims}
		m := dataset.Manifest{FormatVersion: dataset.FormatVersion, Meta: a.meta, Code: code, Attribution: a.manifest.Attribution}
		folder, links, err = dataset.Spool(ctx, dir, &shown, info, m, links, c.seedOf("spool"), workers)
		return err
	}); err != nil {
		return nil, err
	}
	return o, guard("open", func() (err error) {
		if o.tables, err = folder.Tables(); err != nil {
			return err
		}
		if info := folder.Manifest().Release; info != nil {
			o.losses = info.Losses
		}
		if o.kind == sigcity.Aggregate {
			o.links = newLinkIndex(nil, 0, a)
			return nil
		}
		o.data, o.areas = folder, folder.Areas()
		o.links = newLinkIndex(links, folder.Meta().Users, a)
		o.scan, err = a.scanRelease(ctx, o)
		return err
	})
}

// subscriber is what the operator knows of the holder of a raw SIM.
func (a *arena) subscriber(u sigcity.UserID) (anonymizers.Subscriber, bool) {
	if int(u) >= len(a.person) || a.person[u] == nobody {
		return anonymizers.Subscriber{}, false
	}
	return anonymizers.SubscriberOf(a.truth.Persons[a.person[u]], a.meta.Start)
}

// checkRelease checks what spooling does not: that the kind fits the content
// and that the links name sources that exist.
func checkRelease(rel *sigcity.Release, links []sigcity.Link, sources int) error {
	switch {
	case rel == nil:
		return fmt.Errorf("%w: the method returned none and no error", errInvalid)
	case rel.Kind == sigcity.Aggregate && (rel.Data != nil || len(rel.Tables) == 0):
		return fmt.Errorf("%w: an aggregate release must have tables and no data", errInvalid)
	case rel.Data != nil && rel.Data.Meta() == nil:
		return fmt.Errorf("%w: the data must have a meta", errInvalid)
	}
	for i, l := range links {
		if int(l.Source) >= sources {
			return fmt.Errorf("%w: link %d names source %d, must be below %d", errInvalid, i, l.Source, sources)
		}
	}
	return nil
}

// recovering is a release's data that a method may compute while it is read,
// on whatever goroutine: a panic of the method becomes an error.
type recovering struct{ sigcity.Dataset }

func (d *recovering) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		reading := true // the method's code runs, not the reader's
		defer func() {
			if !reading {
				return // the reader's own panic goes on
			}
			if p := recover(); p != nil {
				yield(sigcity.Trajectory{}, fmt.Errorf("panic: %v", p))
			}
		}()
		for t, err := range d.Dataset.Users(ctx, r) {
			reading = false
			if !yield(t, err) || err != nil {
				return
			}
			reading = true
		}
	}
}

// releaseDir is the folder of a cell's release: its cell id, which tells nothing of people.
func releaseDir(out, cell string) string { return filepath.Join(out, "releases", cell[:16]) }

// reason is an error's text on one line, for rows.
func reason(err error) (phase, text string) {
	var f *failure
	if errors.As(err, &f) {
		phase, err = f.phase, f.err
	}
	return phase, strings.Join(strings.Fields(err.Error()), " ")
}
