package dataset

import (
	"encoding/binary"
	"io"
	"reflect"
	"unsafe"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// magic begins and ends a Parquet file.
const magic = "PAR1"

// rowFile writes a Parquet file, row group by row group, and each in one go.
type rowFile struct {
	out    io.Writer
	footer format.FileMetaData
	buf    []byte // not written yet
	offset int64  // of buf
}

// begin starts a file of a layout.
func (f *rowFile) begin(out io.Writer, l *layout) {
	f.out, f.footer, f.buf, f.offset = out, l.footer, append(f.buf[:0], magic...), 0
	f.footer.RowGroups = nil
}

// add writes a row group.
func (f *rowFile) add(g *rowGroup) (err error) {
	var meta format.RowGroup
	if f.buf, meta, err = g.finish(f.buf, f.offset); err != nil {
		return err
	}
	meta.Ordinal = int16(len(f.footer.RowGroups))
	f.footer.RowGroups = append(f.footer.RowGroups, meta)
	f.footer.NumRows += meta.NumRows
	return f.flush()
}

// close writes the footer.
func (f *rowFile) close() error {
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &f.footer)
	if err != nil {
		return err
	}
	f.buf = append(f.buf, footer...)
	f.buf = binary.LittleEndian.AppendUint32(f.buf, uint32(len(footer)))
	f.buf = append(f.buf, magic...)
	return f.flush()
}

func (f *rowFile) flush() error {
	n, err := f.out.Write(f.buf)
	f.offset, f.buf = f.offset+int64(n), f.buf[:0]
	return err
}

// tableWriter writes files of rows. It is used again for the next one.
type tableWriter struct {
	file  rowFile
	group rowGroup

	// The values of a page of a column.
	words   []int32
	longs   []int64
	reals   []float64
	strings []string
	bools   []bool
	levels  levels
}

// groupRows is how many rows of a table make a row group; events have row
// groups by users. It is part of the format's determinism.
const groupRows = 1 << 18

// write writes a file of rows of the layout's type.
func (t *tableWriter) write(out io.Writer, l *layout, rows column) error {
	return t.columns(out, l, rows.n, func(c, from, to int) error { return t.page(c, &l.fields[c], rows.slice(from, to)) })
}

// columns writes a file of n rows; page encodes the ones from ≤ i < to of a column.
func (t *tableWriter) columns(out io.Writer, l *layout, n int, page func(column, from, to int) error) error {
	t.file.begin(out, l)
	for first := 0; first < n; first += groupRows {
		end := min(first+groupRows, n)
		t.group.begin(l)
		t.group.rows = int64(end - first)
		for from := first; from < end; from += pageRows {
			for c := range l.fields {
				if err := page(c, from, min(from+pageRows, end)); err != nil {
					return err
				}
			}
		}
		if err := t.file.add(&t.group); err != nil {
			return err
		}
	}
	return t.file.close()
}

// page encodes a page of a column.
func (t *tableWriter) page(c int, f *field, rows column) error {
	var l *levels
	if f.list {
		l = &t.levels
		l.of(rows, f.offset)
	}
	switch f.kind {
	case reflect.Int32, reflect.Uint32:
		t.words = pick(t.words[:0], rows, f)
		return t.group.int32s(c, t.words, l)
	case reflect.Int64:
		t.longs = pick(t.longs[:0], rows, f)
		return t.group.int64s(c, t.longs, l)
	case reflect.Float64:
		t.reals = pick(t.reals[:0], rows, f)
		return t.group.doubles(c, t.reals, l)
	case reflect.Bool:
		t.bools = pick(t.bools[:0], rows, f)
		return t.group.bools(c, t.bools, l)
	default:
		t.strings = pick(t.strings[:0], rows, f)
		defer clear(t.strings) // they are not kept
		return t.group.strings(c, t.strings, l)
	}
}

// column is equal fields of equal structs, one after another in memory.
type column struct {
	first  unsafe.Pointer
	stride uintptr
	n      int
}

// columnOfRows is rows as a whole.
func columnOfRows[T any](rows []T) column {
	return column{unsafe.Pointer(unsafe.SliceData(rows)), unsafe.Sizeof(*new(T)), len(rows)}
}

func (c column) at(i int, offset uintptr) unsafe.Pointer {
	return unsafe.Add(c.first, uintptr(i)*c.stride+offset)
}

func (c column) slice(from, to int) column { return column{c.at(from, 0), c.stride, to - from} }

// sliceHead is how a slice lies in memory.
type sliceHead struct {
	data     unsafe.Pointer
	len, cap int
}

// pick appends the values of a field of rows, of a list all of it.
func pick[V any](dst []V, rows column, f *field) []V {
	if !f.list {
		for i := range rows.n {
			dst = append(dst, *(*V)(rows.at(i, f.offset)))
		}
		return dst
	}
	for i := range rows.n {
		l := (*sliceHead)(rows.at(i, f.offset))
		if f.stride == unsafe.Sizeof(*new(V)) { // no structs
			dst = append(dst, unsafe.Slice((*V)(l.data), l.len)...)
			continue
		}
		elements := column{l.data, f.stride, l.len}
		for k := range l.len {
			dst = append(dst, *(*V)(elements.at(k, f.element)))
		}
	}
	return dst
}

// of sets the levels of lists at an offset of rows.
func (l *levels) of(rows column, offset uintptr) {
	l.rep, l.def, l.rows, l.nulls = l.rep[:0], l.def[:0], rows.n, 0
	for i := range rows.n {
		n := (*sliceHead)(rows.at(i, offset)).len
		l.rep = append(l.rep, 0)
		if n == 0 {
			l.def, l.nulls = append(l.def, 0), l.nulls+1
			continue
		}
		for len(l.ones) < n {
			l.ones = append(l.ones, 1)
		}
		l.rep, l.def = append(l.rep, l.ones[:n-1]...), append(l.def, l.ones[:n]...)
	}
}
