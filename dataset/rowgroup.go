package dataset

import (
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"reflect"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pageRows is how many rows make a page. It is part of the format's determinism.
const pageRows = 1 << 15

// rowGroup encodes one row group into memory: pages of values go in column by
// column. It is used again for the next one, of whatever layout.
type rowGroup struct {
	layout *layout
	rows   int64
	chunks []chunk // by column

	index    []int32 // scratch: into a dictionary
	body     []byte  // the values of a page
	packed   []byte  // compressed
	rep, def []byte  // encoded levels
}

// chunk is a column of a row group.
type chunk struct {
	*field
	pages         []byte // data pages, with their headers
	values, nulls int64
	unpacked      int64 // bytes of the pages before compression
	dataPages     int32
	whole         bounds[int64]
	reals         bounds[float64]
	words         words[int32]
	longs         words[int64]
	names         names
}

// levels tell which values of a list column are of which row: a value that
// begins a row repeats at 0, and an empty list is defined at 0.
type levels struct {
	rep, def []byte
	rows     int
	nulls    int    // empty lists
	ones     []byte // to copy
}

// begin starts a row group.
func (g *rowGroup) begin(l *layout) {
	g.layout, g.rows = l, 0
	for len(g.chunks) < len(l.fields) {
		g.chunks = append(g.chunks, chunk{})
	}
	for i := range l.fields {
		c := &g.chunks[i]
		c.field, c.pages = &l.fields[i], c.pages[:0]
		c.whole.known, c.reals.known = false, false
		c.values, c.nulls, c.unpacked, c.dataPages = 0, 0, 0, 0
		switch {
		case !c.dict:
		case c.physical == parquet.Int32:
			c.words.reset()
		case c.kind == reflect.String:
			c.names.reset()
		default:
			c.longs.reset()
		}
	}
}

// int32s adds a page of a column of int32 or, by their bits, uint32.
func (g *rowGroup) int32s(column int, values []int32, l *levels) (err error) {
	c := &g.chunks[column]
	if c.dict {
		g.index = c.words.index(g.index, values)
		return g.indexed(c, len(c.words.values), l)
	}
	c.bound32(values)
	if g.body, err = c.encoding.EncodeInt32(g.body[:0], values); err != nil {
		return err
	}
	return g.page(c, len(values), l)
}

// int64s adds a page of a column of int64.
func (g *rowGroup) int64s(column int, values []int64, l *levels) (err error) {
	c := &g.chunks[column]
	if c.dict {
		g.index = c.longs.index(g.index, values)
		return g.indexed(c, len(c.longs.values), l)
	}
	c.whole.widen(extent(values))
	if g.body, err = c.encoding.EncodeInt64(g.body[:0], values); err != nil {
		return err
	}
	return g.page(c, len(values), l)
}

// doubles adds a page of a column of float64.
func (g *rowGroup) doubles(column int, values []float64, l *levels) (err error) {
	c := &g.chunks[column]
	if c.dict { // by their bits
		g.index = c.longs.index(g.index, cast[int64](values))
		return g.indexed(c, len(c.longs.values), l)
	}
	c.reals.widen(extent(values))
	if g.body, err = c.encoding.EncodeDouble(g.body[:0], values); err != nil {
		return err
	}
	return g.page(c, len(values), l)
}

// strings adds a page of a column of strings.
func (g *rowGroup) strings(column int, values []string, l *levels) error {
	c := &g.chunks[column]
	if c.dict {
		g.index = c.names.index(g.index, values)
		return g.indexed(c, len(c.names.values), l)
	}
	g.body = appendStrings(g.body[:0], values)
	return g.page(c, len(values), l)
}

// bools adds a page of a column of truth values.
func (g *rowGroup) bools(column int, values []bool, l *levels) error {
	g.body = g.body[:0]
	for i, v := range values {
		g.body = plain.AppendBoolean(g.body, i, v)
	}
	return g.page(&g.chunks[column], len(values), l)
}

// indexed adds the page of the indexes into a dictionary of a size.
func (g *rowGroup) indexed(c *chunk, size int, l *levels) error {
	width := bits.Len(uint(max(size-1, 0)))
	g.body = append(g.body[:0], byte(width))
	packed, err := (&rle.Encoding{BitWidth: width}).EncodeInt32(g.body[1:], g.index)
	if err != nil {
		return err
	}
	g.body = append(g.body, packed...) // in place, mostly
	return g.page(c, len(g.index), l)
}

// page adds the page whose encoded values are in the body.
func (g *rowGroup) page(c *chunk, values int, l *levels) error {
	header := format.DataPageHeaderV2{NumValues: int32(values), NumRows: int32(values), Encoding: c.encoding.Encoding()}
	g.rep, g.def = g.rep[:0], g.def[:0]
	if l != nil {
		if values+l.nulls != len(l.rep) {
			return fmt.Errorf("column %v: %d values and %d nulls for %d levels", c.path, values, l.nulls, len(l.rep))
		}
		header.NumValues, header.NumNulls, header.NumRows = int32(len(l.rep)), int32(l.nulls), int32(l.rows)
		var err error
		packed := rle.Encoding{BitWidth: 1}
		if g.rep, err = packed.EncodeLevels(g.rep, l.rep); err != nil {
			return err
		}
		if g.def, err = packed.EncodeLevels(g.def, l.def); err != nil {
			return err
		}
	}
	header.RepetitionLevelsByteLength, header.DefinitionLevelsByteLength = int32(len(g.rep)), int32(len(g.def))
	body, err := g.compress(c, g.body, values)
	if err != nil {
		return err
	}
	header.IsCompressed = thrift.New(len(body) < len(g.body))
	c.values, c.nulls, c.dataPages = c.values+int64(header.NumValues), c.nulls+int64(header.NumNulls), c.dataPages+1
	return c.add(format.PageHeader{Type: format.DataPageV2, DataPageHeaderV2: thrift.New(header)}, len(g.rep)+len(g.def)+len(g.body), g.rep, g.def, body)
}

// compress is the body compressed, or the body itself where that does not make
// it smaller. Packed deltas of half a byte a value or more, of times say, hold
// nothing that another pass finds.
func (g *rowGroup) compress(c *chunk, body []byte, values int) (_ []byte, err error) {
	if c.delta && 2*len(body) >= values {
		return body, nil
	}
	if g.packed, err = codec.Encode(g.packed, body); err != nil || len(g.packed) >= len(body) {
		return body, err
	}
	return g.packed, nil
}

// add adds a page of a header, which it completes, and parts, of so many bytes
// before compression.
func (c *chunk) add(h format.PageHeader, unpacked int, parts ...[]byte) error {
	pages, head, err := framePage(c.pages, h, unpacked, parts...)
	if err != nil {
		return fmt.Errorf("column %v: %w", c.path, err)
	}
	c.pages, c.unpacked = pages, c.unpacked+int64(head+unpacked)
	return nil
}

// framePage appends a page, and returns the size of its header too.
func framePage(dst []byte, h format.PageHeader, unpacked int, parts ...[]byte) (_ []byte, head int, err error) {
	if unpacked > math.MaxInt32 {
		return dst, 0, fmt.Errorf("page of %d bytes, want less than 2³¹", unpacked)
	}
	size, sum := 0, uint32(0)
	for _, p := range parts {
		size, sum = size+len(p), crc32.Update(sum, crc32.IEEETable, p)
	}
	h.UncompressedPageSize, h.CompressedPageSize, h.CRC = int32(unpacked), int32(size), int32(sum)
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
	if err != nil {
		return dst, 0, err
	}
	dst = append(dst, b...)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst, len(b), nil
}

// finish appends the column chunks to dst, which begins at an offset of the
// file, and says what they are.
func (g *rowGroup) finish(dst []byte, offset int64) ([]byte, format.RowGroup, error) {
	out := format.RowGroup{NumRows: g.rows, SortingColumns: g.layout.sorting, FileOffset: offset + int64(len(dst))}
	for i := range g.layout.fields {
		c, begin := &g.chunks[i], int64(len(dst))
		encoding := c.encoding.Encoding()
		meta := format.ColumnMetaData{Type: format.Type(c.physical), Encoding: []format.Encoding{encoding}, PathInSchema: c.path,
			Codec: format.Zstd, NumValues: c.values}
		if c.list {
			meta.Encoding = append(meta.Encoding, format.RLE) // of the levels
		}
		if c.dict {
			var err error
			if dst, err = g.dictionary(dst, c); err != nil {
				return dst, out, err
			}
			meta.DictionaryPageOffset = offset + begin
			meta.Encoding = append(meta.Encoding, format.Plain)
			meta.EncodingStats = append(meta.EncodingStats, format.PageEncodingStats{PageType: format.DictionaryPage, Encoding: format.Plain, Count: 1})
		}
		meta.DataPageOffset = offset + int64(len(dst))
		dst = append(dst, c.pages...)
		meta.EncodingStats = append(meta.EncodingStats, format.PageEncodingStats{PageType: format.DataPageV2, Encoding: encoding, Count: c.dataPages})
		meta.TotalUncompressedSize, meta.TotalCompressedSize = c.unpacked, int64(len(dst))-begin
		meta.Statistics = c.statistics()
		out.Columns = append(out.Columns, format.ColumnChunk{MetaData: meta})
		out.TotalByteSize += meta.TotalUncompressedSize
		out.TotalCompressedSize += meta.TotalCompressedSize
	}
	return dst, out, nil
}

// dictionary appends the page of the chunk's dictionary, whose values bound it.
func (g *rowGroup) dictionary(dst []byte, c *chunk) (_ []byte, err error) {
	n := 0
	switch c.kind {
	case reflect.String:
		n, g.body = len(c.names.values), appendStrings(g.body[:0], c.names.values)
	case reflect.Int32, reflect.Uint32:
		n = len(c.words.values)
		c.bound32(c.words.values)
		g.body, err = parquet.Plain.EncodeInt32(g.body[:0], c.words.values)
	default:
		n = len(c.longs.values)
		if c.kind == reflect.Float64 {
			c.reals.widen(extent(cast[float64](c.longs.values)))
		} else {
			c.whole.widen(extent(c.longs.values))
		}
		g.body, err = parquet.Plain.EncodeInt64(g.body[:0], c.longs.values)
	}
	if err != nil {
		return dst, err
	}
	if g.packed, err = codec.Encode(g.packed, g.body); err != nil { // such a page cannot say that it is not compressed
		return dst, err
	}
	header := format.DictionaryPageHeader{NumValues: int32(n), Encoding: format.Plain}
	dst, head, err := framePage(dst, format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(header)}, len(g.body), g.packed)
	c.unpacked += int64(head + len(g.body))
	return dst, err
}

func appendStrings(dst []byte, values []string) []byte {
	for _, v := range values {
		dst = plain.AppendByteArrayString(dst, v)
	}
	return dst
}

// bounds are the least and the greatest value of a column chunk.
type bounds[V int64 | float64] struct {
	low, high V
	known     bool
}

func (b *bounds[V]) widen(low, high V, known bool) {
	switch {
	case !known:
	case !b.known:
		*b = bounds[V]{low, high, true}
	default:
		b.low, b.high = min(b.low, low), max(b.high, high)
	}
}

// extent is the least and the greatest of some values, of which a NaN is neither.
func extent[V int32 | uint32 | int64 | float64](values []V) (low, high V, known bool) {
	for i, v := range values {
		if v == v {
			low, high, known, values = v, v, true, values[i:]
			break
		}
	}
	for _, v := range values { // no comparison with a NaN is true
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return low, high, known
}

// bound32 widens the bounds by values of 32 bits.
func (c *chunk) bound32(values []int32) {
	if c.kind == reflect.Uint32 {
		low, high, known := extent(cast[uint32](values))
		c.whole.widen(int64(low), int64(high), known)
		return
	}
	low, high, known := extent(values)
	c.whole.widen(int64(low), int64(high), known)
}

// statistics are the bounds of numbers, by which readers skip row groups, and
// the number of empty lists.
func (c *chunk) statistics() format.Statistics {
	s := format.Statistics{NullCount: c.nulls}
	switch {
	case c.whole.known && c.physical == parquet.Int32:
		s.MinValue, s.MaxValue = plain.Int32(int32(c.whole.low)), plain.Int32(int32(c.whole.high))
	case c.whole.known:
		s.MinValue, s.MaxValue = plain.Int64(c.whole.low), plain.Int64(c.whole.high)
	case c.reals.known: // zeros of either sign are in them
		s.MinValue, s.MaxValue = plain.Double(c.reals.low), plain.Double(c.reals.high)
		if c.reals.low == 0 {
			s.MinValue = plain.Double(math.Copysign(0, -1))
		}
		if c.reals.high == 0 {
			s.MaxValue = plain.Double(0)
		}
	}
	return s
}

// cast is a slice of numbers as ones of another type of the same size.
func cast[To, From int32 | uint32 | int64 | float64](v []From) []To {
	return unsafe.Slice((*To)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}
