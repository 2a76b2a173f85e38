package dataset

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"golang.org/x/exp/mmap"
)

// createdBy is what Parquet files say of their maker. It is fixed so that the
// bytes depend on the rows alone; the program's version is in the manifest.
var createdBy = parquet.CreatedBy("sigcity", "1", "")

// codec is zstd level 1.
var codec = zstd.Codec{Level: zstd.SpeedFastest}

// guard runs f and makes an error that names the file of whatever goes wrong
// in it: the Parquet library panics on some damaged files, and reading a mapped
// file that somebody cuts short is a fault.
func guard(name string, f func() error) (err error) {
	defer func(old bool) {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: damaged Parquet file: %v", name, p)
		}
	}(debug.SetPanicOnFault(true))
	if err := f(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("truncated: %w", err)
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// parquetFile is an open, memory-mapped Parquet file.
type parquetFile struct {
	*parquet.File
	name string // for errors
	m    *mmap.ReaderAt
	r    io.ReaderAt
}

// openParquet opens a file; want > 0 is the size it should have. wrap, if not
// nil, stands between the file and its reader.
func openParquet(name string, want int64, wrap func(io.ReaderAt) io.ReaderAt) (*parquetFile, error) {
	m, err := mmap.Open(name)
	if err != nil {
		return nil, err
	}
	p := &parquetFile{name: name, m: m, r: m}
	if wrap != nil {
		p.r = wrap(m)
	}
	err = guard(name, func() (err error) {
		if want > 0 && int64(m.Len()) != want {
			return fmt.Errorf("%d bytes, want %d: truncated or changed", m.Len(), want)
		}
		// Pages are found from the footer; the page index is not needed.
		p.File, err = parquet.OpenFile(p.r, int64(m.Len()), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		m.Close()
		return nil, err
	}
	return p, nil
}

func (p *parquetFile) close() { p.m.Close() }

// column is the index of a top-level required column of a physical type.
func (p *parquetFile) column(name string, kind parquet.Kind) (int, error) {
	leaf, ok := p.Schema().Lookup(name)
	switch {
	case !ok:
		return 0, fmt.Errorf("no column %q", name)
	case leaf.Node.Type().Kind() != kind || leaf.MaxDefinitionLevel > 0 || leaf.MaxRepetitionLevel > 0:
		return 0, fmt.Errorf("column %q is %s, want required %s", name, leaf.Node, kind)
	}
	return leaf.ColumnIndex, nil
}

// number is a physical type of numeric columns.
type number interface{ int32 | int64 | float64 }

// readColumn appends the values of a column of a row group to dst, page by
// page, looking dictionary indexes up.
func readColumn[T number](dst []T, rg parquet.RowGroup, col int) ([]T, error) {
	pages := rg.ColumnChunks()[col].Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			break
		}
		if err != nil {
			return dst, err
		}
		dst, err = appendPage(dst, page)
		parquet.Release(page)
		if err != nil {
			return dst, err
		}
	}
	if n := rg.NumRows(); int64(len(dst)) != n {
		return dst, fmt.Errorf("column %d has %d values, want %d", col, len(dst), n)
	}
	return dst, nil
}

func appendPage[T number](dst []T, page parquet.Page) ([]T, error) {
	dict := page.Dictionary()
	if dict == nil {
		return append(dst, slice[T](page)...), nil
	}
	values := slice[T](dict.Page())
	data := page.Data()
	for _, i := range data.Int32() {
		if uint(i) >= uint(len(values)) {
			return dst, fmt.Errorf("dictionary index %d, want one below %d", i, len(values))
		}
		dst = append(dst, values[i])
	}
	return dst, nil
}

// slice is the page's values, not copied.
func slice[T number](page parquet.Page) []T {
	data := page.Data()
	var v any
	switch any(*new(T)).(type) {
	case int32:
		v = data.Int32()
	case int64:
		v = data.Int64()
	case float64:
		v = data.Double()
	}
	return v.([]T)
}
