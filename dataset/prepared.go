package dataset

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// What a run works out before the first file is kept for later runs of the same
// data set: in the half-made folder or, for the runs that make its shards, in
// OUT.prepared beside it.
const (
	preparedSuffix = ".prepared"
	preparedMost   = 1 << 31 // bytes unpacked: no city comes near it
)

// preparedHead begins the file, a JSON line; the packed bytes follow.
type preparedHead struct {
	Sigcity int    `json:"sigcity_prepared"`
	Key     string `json:"key"`    // of the configuration
	SHA256  string `json:"sha256"` // of what follows
}

// checkPrepared is an error if a file is there that is somebody else's.
func checkPrepared(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !bytes.HasPrefix(b, []byte(`{"sigcity_prepared":`)) {
		err = fmt.Errorf("%s: not a preparation of ours, move it away or choose another folder", path)
	}
	return err
}

func (w *Writer) preparedPath() string {
	if w.m.Shard == nil {
		return filepath.Join(w.tmp, preparedSuffix)
	}
	return w.out + preparedSuffix
}

// preparedKey names what a preparation depends on: the same for all shards.
func (w *Writer) preparedKey() string {
	m := w.m
	m.Shard = nil
	sum := sha256.Sum256([]byte(m.key()))
	return fmt.Sprintf("%x", sum)
}

// Prepared is what SavePrepared kept; nil where there is nothing, or of another
// configuration, or damaged.
func (w *Writer) Prepared() []byte {
	b, err := os.ReadFile(w.preparedPath())
	if err != nil {
		return nil
	}
	return parsePrepared(b, w.preparedKey())
}

func parsePrepared(b []byte, key string) []byte {
	at := 0
	for at < len(b) && b[at] != '\n' {
		at++
	}
	var head preparedHead
	if at == len(b) || json.Unmarshal(b[:at], &head) != nil {
		return nil
	}
	packed := b[at+1:]
	if head != (preparedHead{FormatVersion, key, fmt.Sprintf("%x", sha256.Sum256(packed))}) {
		return nil
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(preparedMost), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil
	}
	defer d.Close()
	out, err := d.DecodeAll(packed, nil)
	if err != nil {
		return nil
	}
	return out
}

// SavePrepared keeps a preparation for later runs. Runs of several shards may do
// so at the same time: they write the same.
func (w *Writer) SavePrepared(b []byte) (err error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer e.Close()
	packed := e.EncodeAll(b, nil)
	head, err := json.Marshal(preparedHead{FormatVersion, w.preparedKey(), fmt.Sprintf("%x", sha256.Sum256(packed))})
	if err != nil {
		return err
	}
	path := w.preparedPath()
	if err := checkPrepared(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path+"-"+rand.Text()+tempSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(append(append(head, '\n'), packed...)); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path) // no fsync: what a crash damages is made anew
}

// RemovePreparation removes what the runs of the shards of a data set kept, and
// what a kill left of it. A file of that name that is not ours stays.
func RemovePreparation(out string) error {
	path := filepath.Clean(out) + preparedSuffix
	if checkPrepared(path) != nil {
		return nil
	}
	names, err := listDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, n := range names {
		rest, ok := strings.CutPrefix(n, filepath.Base(path))
		if !ok || rest != "" && !(strings.HasPrefix(rest, "-") && strings.HasSuffix(rest, tempSuffix)) {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
