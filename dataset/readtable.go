package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// ReadTable streams the rows of a table in the order of its files. A table
// that the folder does not have is an error.
func ReadTable[T any](ctx context.Context, f *Folder, table string) iter.Seq2[T, error] {
	return readFiles[T](ctx, f, table, func(int) bool { return true })
}

// readFiles is ReadTable of the files of the days that wanted names; files that
// are of no single day are always read.
func readFiles[T any](ctx context.Context, f *Folder, table string, wanted func(day int) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		files := f.tableFiles(table)
		if len(files) == 0 {
			var none T
			yield(none, fmt.Errorf("%s: no table %s", f.dir, table))
			return
		}
		for _, e := range files {
			if day := f.dayOf(e.Path); day >= 0 && !wanted(day) {
				continue
			}
			if !readFile(ctx, f, e, yield) {
				return
			}
		}
	}
}

// dayOf is the day of a path that has a date=… element, −1 of others.
func (f *Folder) dayOf(path string) int {
	_, rest, ok := strings.Cut(path, "/date=")
	if !ok {
		return -1
	}
	date, _, _ := strings.Cut(rest, "/")
	for d := range f.cal.Days() {
		if f.cal.Date(d) == date {
			return d
		}
	}
	return -1
}

// readFile streams one file of a table; false when the consumer stopped or an
// error was yielded.
func readFile[T any](ctx context.Context, f *Folder, e File, yield func(T, error) bool) bool {
	var none T
	fail := func(err error) bool {
		yield(none, err)
		return false
	}
	p, err := f.open(e)
	if err != nil {
		return fail(err)
	}
	defer p.close()
	var r *parquet.GenericReader[T]
	if err := guard(p.name, func() error {
		if err := sameColumns[T](p); err != nil {
			return err
		}
		r = parquet.NewGenericReader[T](p.File)
		return nil
	}); err != nil {
		return fail(err)
	}
	defer r.Close()
	rows := make([]T, 512)
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return fail(err)
		}
		clear(rows) // lists must not share memory with rows already handed out
		n := 0
		if err := guard(p.name, func() (err error) {
			n, err = r.Read(rows)
			if done = errors.Is(err, io.EOF); done {
				return nil
			}
			return err
		}); err != nil {
			return fail(err)
		}
		for _, row := range rows[:n] {
			if !yield(row, nil) {
				return false
			}
		}
	}
	return true
}

// sameColumns is an error where the file lacks a column of T or has it in
// another physical type: the library would fill in zeros or convert.
func sameColumns[T any](p *parquetFile) error {
	want := parquet.SchemaOf(*new(T))
	for _, path := range want.Columns() {
		a, _ := want.Lookup(path...)
		b, ok := p.Schema().Lookup(path...)
		switch {
		case !ok:
			return fmt.Errorf("no column %q", path[0])
		case a.Node.Type().Kind() != b.Node.Type().Kind():
			return fmt.Errorf("column %q is %s, want %s", path[0], b.Node.Type(), a.Node.Type())
		}
	}
	return nil
}
