package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/sigcity/sigcity"
)

// Folder is an open data set or release; it implements [sigcity.Dataset]. It
// keeps no file open and is safe for concurrent use.
type Folder struct {
	dir    string
	m      Manifest
	cal    *sigcity.Calendar
	areas  []sigcity.Area
	keys   []uint64                      // of raw data with IMSIs, by user
	files  map[string]File               // by path
	events [][]File                      // by part, then day; those without a file are left out
	wrap   func(io.ReaderAt) io.ReaderAt // for tests: counts what is read
}

// Open opens a finished folder: it reads the manifest, the areas and, in raw
// data, the IMSIs' keys, and looks that every file is there in its full size.
// [Folder.Verify] also reads and hashes them.
func Open(dir string) (*Folder, error) {
	m, err := ReadManifest(filepath.Join(dir, ManifestName))
	if errors.Is(err, os.ErrNotExist) {
		if _, e := os.Stat(dir); e != nil {
			return nil, e
		}
		return nil, fmt.Errorf("%s: no %s: not a finished data set", dir, ManifestName)
	}
	if err != nil {
		return nil, err
	}
	if m.Shard != nil {
		return nil, errShard(dir, *m.Shard)
	}
	f := &Folder{dir: dir, m: *m, files: map[string]File{}}
	if f.cal, err = m.Meta.Calendar(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path(ManifestName), err)
	}
	for _, e := range m.Files {
		f.files[e.Path] = e
		switch st, err := os.Stat(f.path(e.Path)); {
		case err != nil:
			return nil, err
		case st.Size() != e.Bytes:
			return nil, fmt.Errorf("%s: %d bytes, want %d: truncated or changed", f.path(e.Path), st.Size(), e.Bytes)
		}
	}
	if f.areas, err = f.readAreas(); err != nil {
		return nil, err
	}
	if err := f.readKeys(); err != nil {
		return nil, err
	}
	f.listEvents()
	return f, nil
}

// ReadManifest reads and checks a dataset.json.
func ReadManifest(name string) (*Manifest, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func parseManifest(b []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		var s *json.SyntaxError
		if errors.As(err, &s) {
			return nil, fmt.Errorf("byte %d: want JSON: %w", s.Offset, err)
		}
		return nil, err
	}
	if m.FormatVersion < 1 || m.FormatVersion > FormatVersion {
		return nil, fmt.Errorf("format_version = %d, want 1 to %d", m.FormatVersion, FormatVersion)
	}
	if m.Meta.Users < 0 {
		return nil, fmt.Errorf("meta.users = %d, must be at least 0", m.Meta.Users)
	}
	if err := checkParts(m.Parts, m.Meta.Users); err != nil {
		return nil, err
	}
	for i, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path {
			return nil, fmt.Errorf("file %q: want a path below the folder", f.Path)
		}
		if i > 0 && f.Path <= m.Files[i-1].Path {
			return nil, fmt.Errorf("file %q: want the files in order of path", f.Path)
		}
		if f.Bytes < 0 || f.Rows < 0 {
			return nil, fmt.Errorf("file %q: %d bytes and %d rows, want at least 0", f.Path, f.Bytes, f.Rows)
		}
	}
	if err := m.checkShard(); err != nil {
		return nil, err
	}
	return &m, nil
}

func (f *Folder) path(rel string) string { return filepath.Join(f.dir, filepath.FromSlash(rel)) }

// Dir is the folder's path.
func (f *Folder) Dir() string { return f.dir }

// Manifest is the folder's dataset.json; not to be changed.
func (f *Folder) Manifest() *Manifest { return &f.m }

// Meta describes the data set.
func (f *Folder) Meta() *sigcity.Meta { return &f.m.Meta }

// Areas are the cells of raw data or the areas of a release.
func (f *Folder) Areas() []sigcity.Area { return f.areas }

// Key is a hash of the user's IMSI in raw data that has truth/sims, a hash of
// the user id in other raw data, and the token itself in a release.
func (f *Folder) Key(u sigcity.UserID) uint64 {
	switch {
	case f.keys != nil:
		return f.keys[u]
	case f.m.Release != nil:
		return uint64(u)
	}
	return sigcity.Hash(0, "dataset.user", uint64(u))
}

func (f *Folder) readKeys() error {
	e, ok := f.files[TableSIMs+".parquet"]
	if !ok || f.m.Release != nil {
		return nil
	}
	users, imsis, err := f.readIMSIs(e)
	if err != nil {
		return err
	}
	f.keys = make([]uint64, f.m.Meta.Users)
	for u := range f.keys {
		f.keys[u] = sigcity.Hash(0, "dataset.user", uint64(u))
	}
	for i, u := range users {
		if uint(u) >= uint(len(f.keys)) {
			return fmt.Errorf("%s: row %d: user %d, want one below %d", f.path(e.Path), i, u, len(f.keys))
		}
		f.keys[u] = sigcity.Hash(0, "dataset.imsi", uint64(imsis[i]))
	}
	return nil
}

func (f *Folder) readIMSIs(e File) (users []int32, imsis []int64, err error) {
	p, err := f.open(e)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	err = guard(p.name, func() error {
		user, err := p.column("user", parquet.Int32)
		if err != nil {
			return err
		}
		imsi, err := p.column("imsi", parquet.Int64)
		if err != nil {
			return err
		}
		for _, g := range p.RowGroups() {
			u, err := readColumn[int32](nil, g, user)
			if err != nil {
				return err
			}
			i, err := readColumn[int64](nil, g, imsi)
			if err != nil {
				return err
			}
			users, imsis = append(users, u...), append(imsis, i...)
		}
		return nil
	})
	return users, imsis, err
}

func (f *Folder) open(e File) (*parquetFile, error) {
	return openParquet(f.path(e.Path), e.Bytes, f.wrap)
}

// listEvents sorts the event files by part and day.
func (f *Folder) listEvents() {
	f.events = make([][]File, len(f.m.Parts))
	for p := range f.events {
		f.events[p] = make([]File, f.cal.Days())
		for d := range f.cal.Days() {
			name, err := slotPath(f.cal, len(f.m.Parts), TableEvents, Slot{d, p})
			if err == nil { // it cannot fail: day and part are in range
				f.events[p][d] = f.files[name]
			}
		}
	}
}

// Verify reads every file and compares its size and hash with the manifest.
func (f *Folder) Verify(ctx context.Context) error { return verify(ctx, f.dir, f.m.Files) }

// Users yields the users of r that have records in it, in ascending id, merged
// from the day files of their part. It reads only the days, and of them only
// the row groups, that may hold such records, and decodes one row group per day
// at a time.
func (f *Folder) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	r = r.Clamp(f.m.Meta.Users)
	return func(yield func(sigcity.Trajectory, error) bool) {
		if r.To <= r.From {
			return
		}
		for i, p := range f.m.Parts {
			first, limit := max(r.First, p.First), min(r.Limit, p.First+sigcity.UserID(p.Users))
			if first >= limit {
				continue
			}
			r := sigcity.Range{First: first, Limit: limit, From: r.From, To: r.To}
			more, err := f.part(ctx, i, r, yield)
			if err != nil {
				yield(sigcity.Trajectory{}, err)
				return
			}
			if !more {
				return
			}
		}
	}
}

// part yields the users of one part; more is false when the consumer stopped.
func (f *Folder) part(ctx context.Context, part int, r sigcity.Range, yield func(sigcity.Trajectory, error) bool) (more bool, err error) {
	cursors, err := f.cursors(ctx, part, r)
	defer func() {
		for _, c := range cursors {
			c.file.close()
		}
	}()
	if err != nil {
		return false, err
	}
	var buf []sigcity.Record
	for steps := 0; ; steps++ {
		if steps%64 == 0 {
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
		least, found := sigcity.UserID(0), false
		for _, c := range cursors {
			u, ok, err := c.user()
			if err != nil {
				return false, err
			}
			if ok && (!found || u < least) {
				least, found = u, true
			}
		}
		if !found {
			return true, nil
		}
		buf = buf[:0]
		for _, c := range cursors { // in order of days
			if buf, err = c.take(buf, least); err != nil {
				return false, err
			}
		}
		if rows := Window(buf, r.From, r.To); len(rows) > 0 && !yield(sigcity.Trajectory{User: least, Records: rows}, nil) {
			return false, nil
		}
	}
}

// cursors opens the day files that may hold records of r.
func (f *Folder) cursors(ctx context.Context, part int, r sigcity.Range) ([]*cursor, error) {
	var out []*cursor
	for d := clampDay(f.cal, r.From); d <= clampDay(f.cal, r.To-1); d++ {
		e := f.events[part][d]
		if e.Path == "" || e.Rows == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
		p, err := f.open(e)
		if err != nil {
			return out, err
		}
		c, err := newCursor(p, len(f.areas), r.First, r.Limit)
		if err != nil {
			p.close()
			return out, err
		}
		out = append(out, c)
	}
	return out, nil
}

// tableFiles are the files of a table in order of path.
func (f *Folder) tableFiles(table string) []File {
	var out []File
	for _, e := range f.m.Files {
		if e.Path == table+".parquet" || (strings.HasPrefix(e.Path, table+"/") && strings.HasSuffix(e.Path, ".parquet")) {
			out = append(out, e)
		}
	}
	return out
}

// HasTable says whether the folder has files of a table.
func (f *Folder) HasTable(table string) bool { return len(f.tableFiles(table)) > 0 }
