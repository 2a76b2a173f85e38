package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity"
)

// InvalidRelease says what is wrong with the release that a method made:
// records out of order, areas or tokens that do not exist, tables that do not
// fit. It is the method's mistake, not the disk's.
type InvalidRelease struct{ Reason string }

func (e *InvalidRelease) Error() string { return "invalid release: " + e.Reason }

func invalid(format string, args ...any) error {
	return &InvalidRelease{fmt.Sprintf(format, args...)}
}

// Spool writes a release as a folder: it renames tokens by a permutation that
// key names, re-sorts and re-shards by the new name, and returns the links in
// new names, by token and start. info's losses that need no truth are filled
// in: the mean time blur, the size on disk and, where info.Losses tells the
// users and records of the input, how many of them are not in the release. info.Kind,
// Claims and Tables are the release's; m.Meta is that of the released data, or m's own for an
// aggregate. Records within a second are put in order of their milliseconds.
// Memory is bounded by one day of one part. Anything wrong with the release is
// an [*InvalidRelease]; after any error nothing is left of dir's new content.
func Spool(ctx context.Context, dir string, rel *sigcity.Release, info ReleaseInfo, m Manifest, links []sigcity.Link, key uint64, workers int) (*Folder, []sigcity.Link, error) {
	if rel == nil || rel.Kind > sigcity.Aggregate {
		return nil, nil, invalid("no release or one of an unknown kind")
	}
	if rel.Data == nil && rel.Kind != sigcity.Aggregate {
		return nil, nil, invalid("kind %s without data", rel.Kind)
	}
	info.Kind, info.Claims = rel.Kind, rel.Claims
	if info.Claims == nil {
		info.Claims = []sigcity.Guarantee{}
	}
	info.Tables = nil
	for _, t := range rel.Tables {
		if err := checkTable(t); err != nil {
			return nil, nil, invalid("%v", err)
		}
		if slices.Contains(info.Tables, t.Name) {
			return nil, nil, invalid("two tables %q", t.Name)
		}
		info.Tables = append(info.Tables, t.Name)
	}
	m.Release, m.Seed = &info, nil
	if rel.Data != nil {
		m.Meta = *rel.Data.Meta()
		if _, err := m.Meta.Calendar(); err != nil {
			return nil, nil, invalid("%v", err)
		}
		if m.Meta.Users < 0 || m.Meta.Users > math.MaxInt32 {
			return nil, nil, invalid("%d tokens, want at most 2³¹−1", m.Meta.Users)
		}
	} else {
		m.Meta.Users = 0
	}
	m.Parts = PartsOf(m.Meta.Users)
	p := sigcity.NewPermutation(uint32(m.Meta.Users), key)
	rename := func(t sigcity.UserID) sigcity.UserID { return sigcity.UserID(p.At(uint32(t))) }
	renamed, err := renameLinks(links, m.Meta.Users, rename)
	if err != nil {
		return nil, nil, err
	}
	edges, err := renameEdges(rel, m.Meta.Users, rename)
	if err != nil {
		return nil, nil, err
	}
	f, err := write(ctx, dir, m, rel.Data, workers, rename, func(w *Writer, c copied) error {
		w.m.Release.Losses = c.losses(info, links)
		for _, t := range rel.Tables {
			if err := w.Table(t); err != nil {
				return err
			}
		}
		if rel.Edges != nil {
			return WriteTable(w, TableEdges, Whole, edges)
		}
		return nil
	})
	return f, renamed, err
}

// renameLinks checks the links and puts them in new names and in order.
func renameLinks(links []sigcity.Link, tokens int, rename func(sigcity.UserID) sigcity.UserID) ([]sigcity.Link, error) {
	out := slices.Clone(links)
	for i, l := range out {
		switch {
		case int64(l.Token) >= int64(tokens):
			return nil, invalid("link %d: token %d, want one below %d", i, l.Token, tokens)
		case l.To <= l.From:
			return nil, invalid("link %d of token %d: from %d to %d, want a time that ends after it begins", i, l.Token, l.From, l.To)
		}
		out[i].Token = rename(l.Token)
	}
	slices.SortFunc(out, func(a, b sigcity.Link) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.From, b.From), cmp.Compare(a.Source, b.Source), cmp.Compare(a.To, b.To))
	})
	return out, nil
}

// renameEdges puts the contact graph in new names and in an order that tells
// nothing: the lower name first, then by name.
func renameEdges(rel *sigcity.Release, tokens int, rename func(sigcity.UserID) sigcity.UserID) ([]edgeRow, error) {
	var out []edgeRow
	if rel.Edges == nil {
		return nil, nil
	}
	for e := range rel.Edges {
		if int64(max(e.A, e.B)) >= int64(tokens) {
			return nil, invalid("edge %d–%d: want tokens below %d", e.A, e.B, tokens)
		}
		a, b := uint32(rename(e.A)), uint32(rename(e.B))
		out = append(out, edgeRow{min(a, b), max(a, b), e.Weight})
	}
	slices.SortFunc(out, func(a, b edgeRow) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.Weight, b.Weight))
	})
	return out, nil
}

// write makes a folder of a data set (nil = none) under new names, and of what
// more adds. On an error it leaves nothing.
func write(ctx context.Context, dir string, m Manifest, data sigcity.Dataset, workers int, rename func(sigcity.UserID) sigcity.UserID, more func(*Writer, copied) error) (_ *Folder, err error) {
	w, err := create(dir, m, nil, workers, false)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Abort())
		}
	}()
	var c copied
	if data != nil {
		if c, err = w.copy(ctx, data, rename); err != nil {
			return nil, err
		}
	}
	if err := more(w, c); err != nil {
		return nil, err
	}
	return w.Finish(nil)
}

// copied is what was met on the way.
type copied struct {
	spans, records int64  // sum of the spans in seconds, number of records
	active         []bool // by the token's old name: it has records
}

// losses adds to what info tells of the input what of it was not met: records
// that are fewer, be it that they were dropped or merged, and, where tokens
// follow users, users whom no token with records carries.
func (c copied) losses(info ReleaseInfo, links []sigcity.Link) sigcity.Losses {
	l := info.Losses
	if c.records > 0 {
		l.TimeBlurMin = float64(c.spans) / 60 / float64(c.records)
	}
	if info.Kind != sigcity.Aggregate {
		l.SuppressedRecords = max(0, l.Records-c.records)
	}
	if info.Kind.Linked() {
		carried := map[sigcity.UserID]struct{}{}
		for _, k := range links {
			if c.active[k.Token] {
				carried[k.Source] = struct{}{}
			}
		}
		l.SuppressedUsers = max(0, l.Users-int64(len(carried)))
	}
	return l
}

// copy writes the areas and the records of a data set under new names.
func (w *Writer) copy(ctx context.Context, data sigcity.Dataset, rename func(sigcity.UserID) sigcity.UserID) (copied, error) {
	areas := data.Areas()
	if err := checkAreas(areas); err != nil {
		return copied{}, invalid("%v", err)
	}
	if err := w.Areas(areas); err != nil {
		return copied{}, err
	}
	b, err := newBuckets(filepath.Join(w.tmp, ".spool"), w.cal, w.m.Parts)
	if err != nil {
		return copied{}, err
	}
	c, err := b.fill(ctx, data, len(areas), w.workers, rename)
	if err != nil {
		return c, err
	}
	return c, b.writeTo(ctx, w)
}

// spoolUsers is how many tokens a worker takes at a time.
const spoolUsers = 256

// fill sorts all records into the buckets, side by side over disjoint ranges of
// tokens, and returns what it met.
func (b *buckets) fill(ctx context.Context, data sigcity.Dataset, areas, workers int, rename func(sigcity.UserID) sigcity.UserID) (copied, error) {
	users := data.Meta().Users
	active := make([]bool, users)
	var sum, count atomic.Int64 // of integers: the order does not matter
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			for {
				first := int(next.Add(spoolUsers)) - spoolUsers
				if first >= users {
					return nil
				}
				r := sigcity.Range{First: sigcity.UserID(first), Limit: sigcity.UserID(min(users, first+spoolUsers))}
				last := int64(first) - 1
				for t, err := range data.Users(ctx, r) {
					if err != nil {
						return err
					}
					if int64(t.User) <= last || t.User >= r.Limit {
						return invalid("token %d after token %d, want ascending tokens below %d", t.User, last, r.Limit)
					}
					last = int64(t.User)
					s, err := checkReleased(t, areas)
					if err != nil {
						return err
					}
					sum.Add(s)
					count.Add(int64(len(t.Records)))
					active[t.User] = len(t.Records) > 0
					if err := b.add(rename(t.User), t.Records); err != nil {
						return err
					}
				}
				if err := ctx.Err(); err != nil {
					return err
				}
			}
		})
	}
	err := g.Wait()
	return copied{sum.Load(), count.Load(), active}, err
}

// checkReleased says whether a released trajectory is one, and sums its spans.
func checkReleased(t sigcity.Trajectory, areas int) (spans int64, err error) {
	prev := uint32(0)
	for i := range t.Records {
		r := &t.Records[i]
		switch {
		case r.Time < prev:
			return 0, invalid("token %d: record %d at %d after one at %d, want ascending time", t.User, i, r.Time, prev)
		case int64(r.Area) >= int64(areas):
			return 0, invalid("token %d: record %d in area %d, want one below %d", t.User, i, r.Area, areas)
		case !r.Type.Valid():
			return 0, invalid("token %d: record %d of %s, want one of the list", t.User, i, r.Type)
		case r.Milli > 999:
			return 0, invalid("token %d: record %d of %d ms, want 0 to 999", t.User, i, r.Milli)
		case r.Span > math.MaxInt32:
			return 0, invalid("token %d: record %d of span %d s, want one below 2³¹", t.User, i, r.Span)
		}
		prev = r.Time
		spans += int64(r.Span)
	}
	return spans, nil
}
