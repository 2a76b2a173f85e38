package dataset

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/sigcity/sigcity"
)

// tablesDir holds the aggregates of a release, NAME.parquet each.
const tablesDir = "tables/"

// TableEdges is the contact graph of a release.
const TableEdges = "edges"

// edgeRow is a row of edges.parquet.
type edgeRow struct {
	A      uint32  `parquet:"a,delta"`
	B      uint32  `parquet:"b,delta"`
	Weight float64 `parquet:"weight"`
}

var columnName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkTable says whether an aggregate can be written.
func checkTable(t sigcity.Table) error {
	switch {
	case !tableName.MatchString(t.Name):
		return fmt.Errorf("table name %q: want lower-case letters, digits, _ and -", t.Name)
	case len(t.Columns) == 0 || len(t.Columns) != len(t.Data):
		return fmt.Errorf("table %s: %d column names for %d columns, want as many and at least one", t.Name, len(t.Columns), len(t.Data))
	}
	for c, name := range t.Columns {
		switch {
		case !columnName.MatchString(name):
			return fmt.Errorf("table %s: column name %q: want letters, digits and _", t.Name, name)
		case slices.Index(t.Columns, name) < c:
			return fmt.Errorf("table %s: column %q is there twice", t.Name, name)
		case len(t.Data[c]) != t.Rows():
			return fmt.Errorf("table %s: column %q has %d rows, want %d", t.Name, name, len(t.Data[c]), t.Rows())
		}
	}
	return nil
}

// Table writes an aggregate: all columns are doubles, in the table's order.
func (w *Writer) Table(t sigcity.Table) error {
	if err := checkTable(t); err != nil {
		return err
	}
	// A struct type keeps the order of the columns, which a group would sort.
	var fields []reflect.StructField
	for c, name := range t.Columns {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("C%d", c), Type: reflect.TypeFor[float64](),
			Tag: reflect.StructTag(fmt.Sprintf("parquet:%q", name))})
	}
	l, err := w.layouts.of(reflect.Zero(reflect.StructOf(fields)).Interface())
	if err != nil {
		return err
	}
	return w.put(tablesDir+t.Name+".parquet", func(f *file) (int64, error) {
		p := w.tables.Get().(*tableWriter)
		defer w.tables.Put(p)
		return int64(t.Rows()), p.columns(f, l, t.Rows(), func(c, from, to int) error { return p.group.doubles(c, t.Data[c][from:to], nil) })
	})
}

// Tables reads the aggregates of a release; none for raw data.
func (f *Folder) Tables() ([]sigcity.Table, error) {
	if f.m.Release == nil {
		return nil, nil
	}
	var out []sigcity.Table
	for _, name := range f.m.Release.Tables {
		t, err := f.table(name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func (f *Folder) table(name string) (sigcity.Table, error) {
	t := sigcity.Table{Name: name}
	e, ok := f.files[tablesDir+name+".parquet"]
	if !ok {
		return t, fmt.Errorf("%s: no file of table %q, which the manifest names", f.dir, name)
	}
	p, err := f.open(e)
	if err != nil {
		return t, err
	}
	defer p.close()
	err = guard(p.name, func() error {
		for _, path := range p.Schema().Columns() {
			col, err := p.column(path[0], parquet.Double)
			if err != nil {
				return err
			}
			var data []float64
			for _, g := range p.RowGroups() {
				part, err := readColumn[float64](nil, g, col)
				if err != nil {
					return err
				}
				data = append(data, part...)
			}
			t.Columns, t.Data = append(t.Columns, path[0]), append(t.Data, data)
		}
		return nil
	})
	return t, err
}

// Edges reads the contact graph of a release; nil where it carries none.
func (f *Folder) Edges() ([]sigcity.Edge, error) {
	if !f.HasTable(TableEdges) {
		return nil, nil
	}
	var out []sigcity.Edge
	for r, err := range ReadTable[edgeRow](context.Background(), f, TableEdges) {
		if err != nil {
			return nil, err
		}
		out = append(out, sigcity.Edge{A: sigcity.UserID(r.A), B: sigcity.UserID(r.B), Weight: r.Weight})
	}
	return out, nil
}

// Release is the release as the world sees it: what is in the folder.
func (f *Folder) Release() (*sigcity.Release, error) {
	info := f.m.Release
	if info == nil {
		return nil, fmt.Errorf("%s: raw data, want a release", f.dir)
	}
	rel := &sigcity.Release{Kind: info.Kind, Claims: slices.Clone(info.Claims), Losses: info.Losses}
	if info.Kind != sigcity.Aggregate {
		rel.Data = f
	}
	var err error
	if rel.Tables, err = f.Tables(); err != nil {
		return nil, err
	}
	edges, err := f.Edges()
	if err != nil {
		return nil, err
	}
	if edges != nil {
		rel.Edges = slices.Values(edges)
	}
	return rel, nil
}
