package benchmarks

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sigcity/sigcity/dataset"
)

// ResultsName is the file of rows in a benchmark's output folder.
const ResultsName = "results.jsonl"

// ReadResults reads a file of rows. A last line without its newline is a write
// that was torn by a kill: it is left out and its offset returned as good, the
// length of the sound part. Any other malformed line is an error that names it.
func ReadResults(path string) (rows []Result, good int64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	for line := 1; len(text) > 0; line++ {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			break // torn
		}
		r, err := parseResult(text[:end])
		if err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w", path, line, err)
		}
		rows = append(rows, r)
		text, good = text[end+1:], good+int64(end)+1
	}
	return rows, good, nil
}

func parseResult(line []byte) (Result, error) {
	var r Result
	dec := json.NewDecoder(bytes.NewReader(line))
	if err := dec.Decode(&r); err != nil {
		return r, fmt.Errorf("not a result row: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return r, fmt.Errorf("not a result row: text after the closing brace")
	}
	if r.Schema != Schema {
		return r, fmt.Errorf("schema %q, must be %q", r.Schema, Schema)
	}
	if r.Key == "" || r.Probe == "" || r.Status == "" {
		return r, fmt.Errorf("key, probe and status must all be there")
	}
	return r, nil
}

// journal is the open results file: rows are appended and synced, so that a
// killed run loses at most the line it was writing.
type journal struct {
	mu   sync.Mutex
	path string
	file *os.File
	rows []Result
	have map[string]bool // by key
	done map[string]bool // probes whose headline row is there
	dead map[string]bool // cells whose release could not be made
}

// openJournal reads what an earlier run left and cuts a torn last line off.
// retry forgets rows that failed or timed out, so that they run again.
func openJournal(path string, retry bool) (*journal, error) {
	j := &journal{path: path, have: map[string]bool{}, done: map[string]bool{}, dead: map[string]bool{}}
	rows, good, err := ReadResults(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, r := range rows {
		if r.isSelfTest() {
			continue // made anew from all rows
		}
		if !(retry && (r.Status == Failed || r.Status == Timeout || r.Status == OOM)) {
			j.note(r)
		}
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return nil, err
	}
	if err = j.file.Truncate(good); err == nil {
		_, err = j.file.Seek(good, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, j.file.Close())
	}
	return j, nil
}

func (j *journal) note(r Result) {
	if j.have[r.Key] {
		return
	}
	j.rows = append(j.rows, r)
	j.have[r.Key] = true
	if r.Headline {
		j.done[probeKey(r.Cell, r.Probe, r.Zoning, r.Adversary)] = true
	}
	if r.Probe == probeRelease && r.Status != OK {
		j.dead[r.Cell] = true
	}
}

// has says whether a probe of a cell is complete.
func (j *journal) has(cell, probe, zoning, adversary string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dead[cell] || j.done[probeKey(cell, probe, zoning, adversary)]
}

// add appends the rows that are not there yet and syncs.
func (j *journal) add(rows []Result) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var buf bytes.Buffer
	for _, r := range rows {
		if j.have[r.Key] {
			continue
		}
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("%s: %s %s: %w", j.path, r.Probe, r.Metric, err)
		}
		buf.Write(line)
		buf.WriteByte('\n')
		j.note(r)
	}
	if _, err := j.file.Write(buf.Bytes()); err != nil {
		return err
	}
	return j.file.Sync()
}

// finish rewrites the file in canonical order, so that finished runs are equal
// line by line whatever the number of workers, and closes it.
func (j *journal) finish(rank func(Result) int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.file.Close(); err != nil {
		return err
	}
	slices.SortStableFunc(j.rows, func(a, b Result) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Cell, b.Cell))
	})
	var buf bytes.Buffer
	for _, r := range j.rows {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		buf.Write(append(line, '\n'))
	}
	return writeFile(j.path, buf.Bytes())
}

// writeFile replaces a file in one step: temporary file, sync, rename.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeFile(path, append(text, '\n'))
}

// digest is the SHA-256 of the JSON of its parts (object keys sorted).
func digest(parts ...any) (string, error) {
	text, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// manifestHash names the content of a data set: the hashes of its files.
func manifestHash(m *dataset.Manifest) (string, error) {
	return digest(m.Meta, m.Files)
}

func probeKey(parts ...string) string {
	key := ""
	for _, p := range parts {
		key += p + "\x00"
	}
	return key
}
