// Package atlas writes the answers of planning tasks as files that planners use:
// tables as CSV, what lies somewhere as GeoJSON, maps and charts as SVG.
package atlas

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/planning"
)

// Write writes the sheets into dir, which it makes: NAME.csv, NAME.geojson where
// the rows have shapes, NAME.svg where there is a picture. It returns the paths.
func Write(dir string, sheets []planning.Sheet, m *dataset.Map) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var out []string
	put := func(name string, data []byte, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		path := filepath.Join(dir, name)
		out = append(out, path)
		return replace(path, data)
	}
	for i := range sheets {
		s := &sheets[i]
		text, err := table(s)
		if err := put(s.Name+".csv", text, err); err != nil {
			return out, err
		}
		if s.Shapes != nil {
			features, err := features(s)
			if err := put(s.Name+".geojson", features, err); err != nil {
				return out, err
			}
		}
		if s.Picture.Kind != planning.NoPicture && len(s.Rows) > 0 {
			picture, err := draw(s, m)
			if err := put(s.Name+".svg", []byte(picture), err); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// replace writes a file in one step: a killed run leaves the old one or the new one.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".atlas-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// table is a sheet as CSV.
func table(s *planning.Sheet) ([]byte, error) {
	var b buffer
	w := csv.NewWriter(&b)
	if err := w.Write(s.Columns); err != nil {
		return nil, err
	}
	cells := make([]string, len(s.Columns))
	for _, row := range s.Rows {
		for i, v := range row {
			cells[i] = text(v)
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b, w.Error()
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// text is a cell of a table.
func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// number is the numeric value of a cell; false where it is text.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case int:
		return float64(x), true
	case uint32:
		return float64(x), true
	case int64:
		return float64(x), true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// features is a sheet as GeoJSON: a feature for each row, its columns as properties.
func features(s *planning.Sheet) ([]byte, error) {
	c := geojson.NewFeatureCollection()
	for i, row := range s.Rows {
		f := geojson.NewFeature(rounded(s.Shapes[i]))
		for k, name := range s.Columns {
			f.Properties[name] = row[k]
		}
		c.Append(f)
	}
	return json.Marshal(c)
}

// rounded is a shape to a ten-millionth of a degree, about a centimetre: more
// digits say nothing.
func rounded(g orb.Geometry) orb.Geometry { return orb.Round(orb.Clone(g), 1e7) }
