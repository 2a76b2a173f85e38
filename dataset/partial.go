package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A data set DIR is built in DIR.partial; while a finished one is being
// replaced the old one is called DIR.sigcity-replaced for a moment.
const (
	partialSuffix  = ".partial"
	replacedSuffix = ".sigcity-replaced"
	journalName    = ".progress.jsonl"
)

// journal lists the complete files of a half-made folder, one JSON line each
// after a first line with the key of the configuration. A kill may tear the
// last line, which is then ignored: a listed file is trusted by its hash only.
type journal struct{ f *os.File }

type journalHead struct {
	Sigcity int    `json:"sigcity_partial"`
	Key     string `json:"key"`
}

func startJournal(dir, key string) (*journal, error) {
	f, err := os.OpenFile(filepath.Join(dir, journalName), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	j := &journal{f}
	return j, j.line(journalHead{FormatVersion, key})
}

// resumeJournal opens the journal of an earlier run of the same key; nil where
// there is none.
func resumeJournal(dir, key string) (*journal, map[string]File, error) {
	name := filepath.Join(dir, journalName)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1]
	lines := bytes.Split(whole, []byte{'\n'})
	var head journalHead
	if json.Unmarshal(lines[0], &head) != nil || head != (journalHead{FormatVersion, key}) {
		return nil, nil, nil
	}
	files := map[string]File{}
	for _, l := range lines[1 : len(lines)-1] {
		var f File
		if json.Unmarshal(l, &f) != nil || !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, nil, nil // not as we write it: start afresh
		}
		files[f.Path] = f
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Truncate(int64(len(whole))); err != nil {
		f.Close()
		return nil, nil, err
	}
	if _, err := f.Seek(0, 2); err != nil {
		f.Close()
		return nil, nil, err
	}
	return &journal{f}, files, nil
}

func (j *journal) add(f File) error { return j.line(f) }

func (j *journal) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.f.Write(append(b, '\n'))
	return err
}

func (j *journal) close() error {
	if err := j.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (j *journal) remove() error {
	if err := j.close(); err != nil {
		return err
	}
	return os.Remove(j.f.Name())
}

// walkFiles calls f with the slash-separated relative path of every file below dir.
func walkFiles(dir string, f func(rel string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return f(filepath.ToSlash(rel))
	})
}

// checkReplaceable is an error unless dir is missing, empty, or a data set of
// ours and nothing else, so that nobody's files are ever destroyed.
func checkReplaceable(dir string) error {
	names, err := listDir(dir)
	if err != nil || len(names) == 0 {
		return err
	}
	if !slices.Contains(names, ManifestName) {
		return fmt.Errorf("%s: the folder holds %s but no %s: not a data set, choose another folder", dir, names[0], ManifestName)
	}
	m, err := ReadManifest(filepath.Join(dir, ManifestName))
	if err != nil {
		return fmt.Errorf("%s: not a data set of ours, choose another folder: %w", dir, err)
	}
	known := map[string]bool{ManifestName: true}
	for _, f := range m.Files {
		known[f.Path] = true
	}
	return walkFiles(dir, func(rel string) error {
		if !known[rel] {
			return fmt.Errorf("%s: %s is no part of the data set there; move it away or choose another folder", dir, rel)
		}
		return nil
	})
}

// checkPartial is an error if dir.partial is somebody else's.
func checkPartial(tmp string) error {
	names, err := listDir(tmp)
	if err != nil || len(names) == 0 || slices.Contains(names, journalName) || slices.Contains(names, ManifestName) {
		return err
	}
	return fmt.Errorf("%s: the folder holds %s but is no half-made data set, move it away", tmp, names[0])
}

// CheckOutput says early, before hours of work, what would keep a folder from
// being written as dir: a folder there that is not ours, or a place that nothing
// can be written to. It leaves nothing behind.
func CheckOutput(dir string) error {
	dir = filepath.Clean(dir)
	if err := checkReplaceable(dir); err != nil {
		return err
	}
	if err := checkPartial(dir + partialSuffix); err != nil {
		return err
	}
	made, err := makeParents(filepath.Dir(dir))
	defer removeEmpty(made)
	if err != nil {
		return err
	}
	probe, err := os.MkdirTemp(filepath.Dir(dir), ".sigcity-*")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// listDir names what is in dir; nothing where it does not exist.
func listDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, nil
}

// moveIntoPlace renames a complete folder to dir. The old data set there stays
// whole until the new one has the name.
func moveIntoPlace(tmp, dir string) error {
	if err := checkReplaceable(dir); err != nil { // again: hours may have passed
		return err
	}
	old := dir + replacedSuffix
	switch err := os.Rename(dir, old); {
	case errors.Is(err, fs.ErrNotExist):
		old = ""
	case err != nil:
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		if old != "" {
			os.Rename(old, dir)
		}
		return err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if old == "" {
		return nil
	}
	return removeOurs(old)
}

// removeOurs removes a folder of ours. What tells that it is ours goes last, so
// that a kill on the way leaves a folder that is still known.
func removeOurs(dir string) error {
	names, err := listDir(dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n != journalName && n != ManifestName {
			if err := os.RemoveAll(filepath.Join(dir, n)); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(dir)
}

// recoverReplaced undoes or completes a replacement that was cut off.
func recoverReplaced(dir string) error {
	old := dir + replacedSuffix
	if _, err := os.Stat(filepath.Join(old, ManifestName)); err != nil {
		return nil // none, or not ours
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return removeOurs(old)
}

// makeParents makes dir and returns the folders made, outermost first.
func makeParents(dir string) (made []string, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = append(made, d)
	}
	slices.Reverse(made)
	return made, os.MkdirAll(dir, 0o777)
}

// removeEmpty removes folders that nothing was put in, innermost first.
func removeEmpty(made []string) {
	for _, d := range slices.Backward(made) {
		os.Remove(d)
	}
}
