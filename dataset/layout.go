package dataset

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

// layout is what a Parquet file of rows of one struct type looks like.
type layout struct {
	footer  format.FileMetaData // of a file without rows
	fields  []field             // the columns, in the order of the file
	sorting []format.SortingColumn
}

// field is a column: where its values are in a row, and how they are encoded.
type field struct {
	path     []string
	kind     reflect.Kind // of the value: Bool, Int32, Uint32, Int64, Float64 or String
	physical parquet.Kind
	encoding encoding.Encoding
	dict     bool // the encoding is of indexes into a dictionary
	delta    bool

	offset  uintptr // in the row: of the value, or of the list that has it
	list    bool
	stride  uintptr // of a list: the size of an element,
	element uintptr // and where the value is in it
}

// layouts are the layouts of row types, each worked out once.
type layouts struct{ byType sync.Map }

func (l *layouts) of(row any, sorting ...string) (*layout, error) {
	t := reflect.TypeOf(row)
	if found, ok := l.byType.Load(t); ok {
		return found.(*layout), nil
	}
	made, err := newLayout(parquet.SchemaOf(row), t, sorting)
	if err != nil {
		return nil, err
	}
	l.byType.Store(t, made)
	return made, nil
}

// newLayout is the layout of rows of a struct type; sorting are the columns that
// they are sorted by, ascending.
func newLayout(schema *parquet.Schema, t reflect.Type, sorting []string) (*layout, error) {
	// The library says how a footer tells the schema, by a file without rows.
	var empty bytes.Buffer
	if err := parquet.NewGenericWriter[any](&empty, schema, createdBy).Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, err
	}
	l := &layout{footer: *f.Metadata(), fields: make([]field, len(schema.Columns()))}
	for i := range t.NumField() {
		if err := l.add(schema, t.Field(i)); err != nil {
			return nil, fmt.Errorf("row type %s: %w", t, err)
		}
	}
	for _, name := range sorting {
		leaf, ok := schema.Lookup(name)
		if !ok {
			return nil, fmt.Errorf("row type %s: no column %q to sort by", t, name)
		}
		l.sorting = append(l.sorting, format.SortingColumn{ColumnIdx: int32(leaf.ColumnIndex)})
	}
	return l, nil
}

// add adds the columns of a field of the row type: one, or those of a list of structs.
func (l *layout) add(schema *parquet.Schema, f reflect.StructField) error {
	column := field{path: []string{columnOf(f)}, offset: f.Offset}
	if f.Type.Kind() != reflect.Slice {
		return l.leaf(schema, column, f.Type)
	}
	of := f.Type.Elem()
	column.list, column.stride = true, of.Size()
	column.path = append(column.path, "list", "element")
	if of.Kind() != reflect.Struct {
		return l.leaf(schema, column, of)
	}
	for i := range of.NumField() {
		in := of.Field(i)
		part := column
		part.path, part.element = append(column.path[:3:3], columnOf(in)), in.Offset
		if err := l.leaf(schema, part, in.Type); err != nil {
			return err
		}
	}
	return nil
}

// leaf adds a column of values of a type.
func (l *layout) leaf(schema *parquet.Schema, c field, of reflect.Type) error {
	leaf, ok := schema.Lookup(c.path...)
	levels := 0
	if c.list {
		levels = 1
	}
	c.kind = of.Kind()
	switch c.kind {
	case reflect.Bool, reflect.Int32, reflect.Uint32, reflect.Int64, reflect.Float64, reflect.String:
	default:
		ok = false
	}
	if !ok || leaf.MaxDefinitionLevel != levels || leaf.MaxRepetitionLevel != levels {
		return fmt.Errorf("column %s of %s: want a required value, or a list of such, of bool, int32, uint32, int64, float64 or string",
			strings.Join(c.path, "."), of)
	}
	c.physical, c.encoding = leaf.Node.Type().Kind(), leaf.Node.Encoding()
	if c.encoding == nil {
		c.encoding = &parquet.Plain
	}
	c.dict = c.encoding.Encoding() == format.RLEDictionary
	c.delta = c.encoding.Encoding() == format.DeltaBinaryPacked
	l.fields[leaf.ColumnIndex] = c
	return nil
}

// columnOf is the name in a field's parquet tag.
func columnOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	return name
}
