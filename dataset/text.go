package dataset

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const textBuffer = 1 << 18

// OpenText opens a text file for reading, plain or, by its name, .gz, .bz2 or
// .zst. Its errors, those of Read included, name the file.
func OpenText(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // names the path
	}
	t := &textReader{path: path, file: f, plain: true}
	raw := bufio.NewReaderSize(f, textBuffer)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		z, err := gzip.NewReader(raw)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: want a gzip file: %w", path, err)
		}
		t.r, t.plain, t.done = z, false, func() { z.Close() }
	case ".bz2":
		t.r, t.plain = bzip2.NewReader(raw), false
	case ".zst":
		z, err := zstd.NewReader(raw)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: want a zstd file: %w", path, err)
		}
		t.r, t.plain, t.done = z, false, z.Close
	default:
		t.r = raw
	}
	return t, nil
}

type textReader struct {
	path  string
	file  *os.File
	r     io.Reader
	plain bool
	done  func()
}

func (t *textReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && err != io.EOF {
		if !t.plain {
			err = fmt.Errorf("%s: damaged or truncated: %w", t.path, err)
		} else if _, named := err.(*fs.PathError); !named {
			err = fmt.Errorf("%s: %w", t.path, err)
		}
	}
	return n, err
}

func (t *textReader) Close() error {
	if t.done != nil {
		t.done()
	}
	return t.file.Close()
}

// CreateText creates a text file, plain or, by its name, .gz or .zst. The file
// appears under its name only on Close; after a failed Write, Close removes
// what was written and returns the error.
func CreateText(path string) (*TextWriter, error) {
	f, err := createFile(path)
	if err != nil {
		return nil, err
	}
	t := &TextWriter{file: f, buf: bufio.NewWriterSize(f, textBuffer)}
	t.w = t.buf
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		z := gzip.NewWriter(t.buf) // no name, no time: the bytes depend on the text alone
		t.w, t.z = z, z
	case ".bz2":
		f.abort()
		return nil, fmt.Errorf("%s: cannot write .bz2, want plain text, .gz or .zst", path)
	case ".zst":
		// One goroutine: the bytes must not depend on the machine.
		z, err := zstd.NewWriter(t.buf, zstd.WithEncoderConcurrency(1))
		if err != nil {
			f.abort()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		t.w, t.z = z, z
	}
	return t, nil
}

// TextWriter is a text file being written. Close it to publish it or Abort it;
// Abort after Close does nothing, so it may be deferred.
type TextWriter struct {
	file *file
	buf  *bufio.Writer
	w    io.Writer
	z    io.Closer // the compressor, or nil
	err  error
}

func (t *TextWriter) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	if err != nil && t.err == nil {
		t.err = err
	}
	return n, err
}

// Close makes the file durable and gives it its name.
func (t *TextWriter) Close() error {
	if t.z != nil {
		if err := t.z.Close(); err != nil && t.err == nil {
			t.err = err
		}
	}
	if err := t.buf.Flush(); err != nil && t.err == nil {
		t.err = err
	}
	if t.err != nil {
		t.file.abort()
		return t.err
	}
	return t.file.commit()
}

// Abort removes what was written.
func (t *TextWriter) Abort() { t.file.abort() }
