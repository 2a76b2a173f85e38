package dataset

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
)

// Slot says which file of a table rows go to. Day −1 = not split by day, Part
// −1 = not split by part.
type Slot struct{ Day, Part int }

// Whole is the slot of a table that is one file.
var Whole = Slot{-1, -1}

// Writer builds a data set folder beside its final place and moves it there
// when it is complete: a killed run leaves nothing that looks finished. It is
// safe for concurrent use on different slots.
type Writer struct {
	out     string // the data set, whose shard this may be
	dir     string // the final place
	tmp     string // where it is built
	made    []string
	m       Manifest
	cal     *sigcity.Calendar
	imsi    func(sigcity.UserID) int64
	workers int
	areas   atomic.Int64 // number of areas once written, 0 = not yet

	layouts  layouts
	encoders sync.Pool // of *encoder
	tables   sync.Pool // of *tableWriter

	mu      sync.Mutex
	journal *journal
	files   map[string]File // complete, by path
	resumed map[string]bool // of files: from an earlier run, not checked yet
}

// Create starts the folder dir. A half-made folder of the same configuration
// (ConfigSHA256, Code) is resumed, of another one started afresh; a finished
// data set is replaced; a folder that is not ours, and is not empty, is an error. imsi is nil
// for a release. m.Parts and m.Meta must be filled in. With m.Shard, the folder is
// that shard's, which lies beside dir.
func Create(dir string, m Manifest, imsi func(sigcity.UserID) int64, workers int) (*Writer, error) {
	return create(dir, m, imsi, workers, true)
}

func create(dir string, m Manifest, imsi func(sigcity.UserID) int64, workers int, resume bool) (_ *Writer, err error) {
	cal, err := m.Meta.Calendar()
	if err != nil {
		return nil, err
	}
	if err := checkParts(m.Parts, m.Meta.Users); err != nil {
		return nil, err
	}
	w := &Writer{out: filepath.Clean(dir), m: m, cal: cal, imsi: imsi, workers: max(1, workers), files: map[string]File{}, resumed: map[string]bool{}}
	w.encoders.New, w.tables.New = func() any { return new(encoder) }, func() any { return new(tableWriter) }
	w.dir = w.out
	if m.Shard != nil {
		if err := m.Shard.Validate(); err != nil {
			return nil, err
		}
		w.dir = m.Shard.Dir(w.out)
	}
	w.tmp = w.dir + partialSuffix
	w.m.FormatVersion = FormatVersion
	if err := recoverReplaced(w.dir); err != nil {
		return nil, err
	}
	if err := checkReplaceable(w.dir); err != nil {
		return nil, err
	}
	if err := checkPartial(w.tmp); err != nil {
		return nil, err
	}
	if w.made, err = makeParents(filepath.Dir(w.tmp)); err != nil {
		return nil, err
	}
	if err := w.openJournal(resume); err != nil {
		removeEmpty(w.made)
		return nil, err
	}
	return w, nil
}

// checkParts says whether the parts tile the users 0 … n−1 in order.
func checkParts(parts []Part, n int) error {
	next := 0
	for i, p := range parts {
		if int(p.First) != next || p.Users < 1 || p.Users > n-next {
			return fmt.Errorf("part %d: %d users from %d on, want the parts to tile the %d users in order", i, p.Users, p.First, n)
		}
		next += p.Users
	}
	if next != n {
		return fmt.Errorf("%d parts hold %d users, want all %d", len(parts), next, n)
	}
	return nil
}

// openJournal resumes what an earlier run left, or starts afresh.
func (w *Writer) openJournal(resume bool) (err error) {
	key := w.m.key()
	if resume {
		w.journal, w.files, err = resumeJournal(w.tmp, key)
		if err != nil {
			return err
		}
		for path := range w.files {
			w.resumed[path] = true
		}
	}
	if w.journal == nil {
		if err := removeOurs(w.tmp); err != nil {
			return err
		}
		if err := os.Mkdir(w.tmp, 0o777); err != nil {
			return err
		}
		w.files = map[string]File{}
		w.journal, err = startJournal(w.tmp, key)
	}
	return err
}

// key names what the files depend on.
func (m *Manifest) key() string {
	key, err := json.Marshal(struct {
		Config, Code string
		Format       int
		Meta         sigcity.Meta
		Parts        []Part
		Shard        *Shard `json:",omitempty"`
	}{m.ConfigSHA256, m.Code, FormatVersion, m.Meta, m.Parts, m.Shard})
	if err != nil { // strings, integers and a Meta of these
		panic(err)
	}
	return string(key)
}

// Wants says whether the files of a part are to be written: of a whole data set
// all, of a shard its own. Part −1 stands for the files that belong to no part.
func (w *Writer) Wants(part int) bool { return w.m.Shard == nil || w.m.Shard.Has(part) }

// Has says whether a file of an earlier, killed run, or of this one, is there
// and sound: of the size and hash it was written with.
func (w *Writer) Has(table string, s Slot) bool {
	path, err := slotPath(w.cal, len(w.m.Parts), table, s)
	return err == nil && w.has(path) == nil
}

func (w *Writer) has(path string) error {
	w.mu.Lock()
	f, ok := w.files[path]
	check := w.resumed[path]
	w.mu.Unlock()
	if !ok {
		return fmt.Errorf("%s: not there", path)
	}
	if !check {
		return nil
	}
	err := checkFile(w.path(path), f)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.resumed, path)
	if err != nil {
		delete(w.files, path)
	}
	return err
}

func (w *Writer) path(rel string) string { return filepath.Join(w.tmp, filepath.FromSlash(rel)) }

// put writes a file of the folder: fill gets a file that hashes what is
// written and returns the number of rows.
func (w *Writer) put(path string, fill func(*file) (rows int64, err error)) error {
	if !w.Wants(partOf(path)) {
		return fmt.Errorf("%s: is not of shard %s", path, w.m.Shard)
	}
	full := w.path(path)
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return err
	}
	f, err := createFile(full)
	if err != nil {
		return err
	}
	defer f.abort()
	rows, err := fill(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := f.commit(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return w.keep(File{Path: path, SHA256: f.sum(), Bytes: f.bytes, Rows: rows})
}

// keep enters a complete file.
func (w *Writer) keep(f File) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[f.Path] = f
	delete(w.resumed, f.Path)
	return w.journal.add(f)
}

// Events writes the records of one local day of one part: trajectories in
// ascending user, records in ascending time. The first and the last day also
// take the records before and after the calendar. An error names the file and
// the first record that is out of place.
func (w *Writer) Events(ctx context.Context, s Slot, users []sigcity.Trajectory) error {
	path, err := slotPath(w.cal, len(w.m.Parts), TableEvents, s)
	if err != nil {
		return err
	}
	if s.Day < 0 || s.Part < 0 {
		return fmt.Errorf("events: slot %+v, want a day and a part", s)
	}
	check := w.eventCheck(s)
	if err := check.order(users); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	l, err := w.layouts.eventLayout(w.imsi != nil)
	if err != nil {
		return err
	}
	return w.put(path, func(f *file) (int64, error) {
		e := w.encoders.Get().(*encoder)
		defer w.encoders.Put(e)
		return e.write(ctx, f, l, w.imsi, check, w.workers, users)
	})
}

// WriteTable writes rows as one file of a table; T is a struct with parquet tags.
func WriteTable[T any](w *Writer, table string, s Slot, rows []T) error {
	path, err := slotPath(w.cal, len(w.m.Parts), table, s)
	if err != nil {
		return err
	}
	l, err := w.layouts.of(*new(T))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return w.put(path, func(f *file) (int64, error) {
		t := w.tables.Get().(*tableWriter)
		defer w.tables.Put(t)
		return int64(len(rows)), t.write(f, l, columnOfRows(rows))
	})
}

// Finish writes the card and the manifest and moves the folder into place.
// counts are figures for the manifest; the writer adds its own: events, files.
// After an error the folder is as Keep leaves it.
func (w *Writer) Finish(counts map[string]int64) (*Folder, error) {
	if err := w.Close(counts); err != nil {
		return nil, err
	}
	return Open(w.dir)
}

// Close is Finish without opening the folder, for shards too, which only Merge
// opens. Merge adds up the counts of shards: what they have in common is counted
// by shard 0 alone.
func (w *Writer) Close(counts map[string]int64) error {
	err := w.finish(counts)
	if err != nil {
		w.journal.close()
	}
	return err
}

func (w *Writer) finish(counts map[string]int64) error {
	// What an earlier run wrote and this one never asked for is checked too.
	for _, path := range slices.Sorted(maps.Keys(w.resumed)) {
		if err := w.has(path); err != nil {
			if e := w.rewriteJournal(); e != nil {
				return e
			}
			return fmt.Errorf("a file of an earlier run is damaged: %w; run again to make it anew", err)
		}
	}
	m := w.manifest(counts)
	if m.Shard == nil {
		if err := w.put(cardName, func(f *file) (int64, error) { _, err := f.Write(card(&m)); return 0, err }); err != nil {
			return err
		}
		m = w.manifest(counts) // with the card
	}
	if err := w.removeStrays(); err != nil {
		return err
	}
	f, err := createFile(w.path(ManifestName))
	if err != nil {
		return err
	}
	defer f.abort()
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", ManifestName, err)
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return err
	}
	if err := f.commit(); err != nil {
		return err
	}
	if err := w.journal.remove(); err != nil {
		return err
	}
	return moveIntoPlace(w.tmp, w.dir)
}

// rewriteJournal forgets the files that proved damaged.
func (w *Writer) rewriteJournal() error {
	w.journal.close()
	j, err := startJournal(w.tmp, w.m.key())
	if err != nil {
		return err
	}
	w.journal = j
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		if err := w.journal.add(w.files[path]); err != nil {
			return err
		}
	}
	return nil
}

// manifest is dataset.json of the files so far.
func (w *Writer) manifest(counts map[string]int64) Manifest {
	m := w.m
	m.Files = slices.SortedFunc(maps.Values(w.files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	m.Counts = map[string]int64{}
	if w.Wants(-1) {
		maps.Copy(m.Counts, w.m.Counts)
	}
	maps.Copy(m.Counts, counts)
	events, bytes := int64(0), int64(0)
	for _, f := range m.Files {
		if strings.HasPrefix(f.Path, TableEvents+"/") {
			events += f.Rows
		}
		bytes += f.Bytes
	}
	m.Counts["events"], m.Counts["files"] = events, int64(len(m.Files))
	m.Meta.Records = events
	if m.Release != nil {
		r := *m.Release
		r.Losses.Bytes = bytes
		m.Release, m.Seed = &r, nil
	}
	m.Warnings = slices.Clip(append([]string{}, m.Warnings...)) // [] rather than null
	m.Parts = append([]Part{}, m.Parts...)
	return m
}

// removeStrays deletes what is in the folder but in no list: files cut off by
// a kill and scratch space.
func (w *Writer) removeStrays() error {
	return walkFiles(w.tmp, func(rel string) error {
		if _, ok := w.files[rel]; ok || rel == journalName {
			return nil
		}
		return os.Remove(w.path(rel))
	})
}

// Abort removes what was written.
func (w *Writer) Abort() error {
	w.journal.close()
	err := removeOurs(w.tmp)
	removeEmpty(w.made)
	return err
}

// Keep closes the writer but leaves what was written, for a later run to resume.
func (w *Writer) Keep() error { return w.journal.close() }
