package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// tempSuffix marks a file that is still being written.
const tempSuffix = ".tmp"

// file is a file that appears under its name only when it is complete and on
// disk, and knows its hash and size by then.
type file struct {
	f     *os.File
	path  string
	hash  hash.Hash
	bytes int64
	done  bool
}

func createFile(path string) (*file, error) {
	f, err := os.Create(path + tempSuffix)
	if err != nil {
		return nil, err // names the path
	}
	return &file{f: f, path: path, hash: sha256.New()}, nil
}

func (t *file) Write(p []byte) (int, error) {
	n, err := t.f.Write(p)
	t.hash.Write(p[:n])
	t.bytes += int64(n)
	return n, err // of os.File: names the path
}

// commit is fsync, rename, fsync of the folder.
func (t *file) commit() error {
	if t.done {
		return nil
	}
	t.done = true
	err := t.f.Sync()
	if e := t.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(t.f.Name(), t.path)
	}
	if err != nil {
		os.Remove(t.f.Name())
		return err
	}
	return syncDir(filepath.Dir(t.path))
}

func (t *file) abort() {
	if t.done {
		return
	}
	t.done = true
	t.f.Close()
	os.Remove(t.f.Name())
}

func (t *file) sum() string { return hex.EncodeToString(t.hash.Sum(nil)) }

// syncDir makes renames in a folder durable. Not every file system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// hashFile is the SHA-256 in hex and the size of a file.
func hashFile(path string) (sum string, bytes int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// checkFile compares a file with what the manifest says of it.
func checkFile(path string, want File) error {
	sum, n, err := hashFile(path)
	switch {
	case err != nil:
		return err
	case n != want.Bytes:
		return fmt.Errorf("%s: %d bytes, want %d", path, n, want.Bytes)
	case sum != want.SHA256:
		return fmt.Errorf("%s: SHA-256 is %.12s…, want %.12s…: the file was changed", path, sum, want.SHA256)
	}
	return nil
}
