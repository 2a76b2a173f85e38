package atlas

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/planning"
)

// sheets is one sheet of every kind of picture, and one without.
func sheets() []planning.Sheet {
	at := orb.Point{7.42, 43.73}
	square := orb.Polygon{{{7.42, 43.73}, {7.43, 43.73}, {7.43, 43.74}, {7.42, 43.74}, {7.42, 43.73}}}
	line := orb.LineString{at, {7.43, 43.74}}
	rows := [][]any{{"a", 1, 2.5, true}, {"b, \"c\"", 3, 0.1234567891234, false}}
	columns := []string{"name", "n", "value", "open"}
	of := func(name string, kind planning.PictureKind, label string, g orb.Geometry, value ...string) planning.Sheet {
		s := planning.Sheet{Name: name, Title: "Title <of> " + name, Columns: columns, Rows: rows, Picture: planning.Picture{Kind: kind, Label: label, Value: value}}
		if g != nil {
			s.Shapes = []orb.Geometry{g, g}
		}
		return s
	}
	return []planning.Sheet{
		of("areas", planning.Areas, "", square, "value"), of("classes", planning.Areas, "", orb.MultiPolygon{square}, "name"),
		of("desire", planning.Desire, "", line, "n"), of("points", planning.Points, "", at, "value"), of("homes", planning.Points, "", at),
		of("curves", planning.Curves, "n", nil, "value", "open"), of("columns", planning.Columns, "name", nil, "value"), of("plain", planning.NoPicture, "", nil),
	}
}

func cityMap() *dataset.Map {
	return &dataset.Map{City: "Town", Origin: orb.Point{7.42, 43.73}, Bounds: orb.Bound{Min: orb.Point{7.41, 43.72}, Max: orb.Point{7.44, 43.75}}, Attribution: "nobody"}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	paths, err := Write(filepath.Join(dir, "new"), sheets(), cityMap())
	if err != nil {
		t.Fatal(err)
	}
	again, err := Write(filepath.Join(dir, "again"), sheets(), cityMap())
	if err != nil || len(again) != len(paths) {
		t.Fatalf("%d files, then %d (%v)", len(paths), len(again), err)
	}
	kinds := map[string]int{}
	for i, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(again[i])
		if err != nil || !bytes.Equal(data, other) {
			t.Errorf("%s: other bytes the second time (%v)", p, err)
		}
		kinds[filepath.Ext(p)]++
		switch filepath.Ext(p) {
		case ".csv":
			rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			if err != nil || len(rows) != 3 || rows[2][0] != `b, "c"` || rows[2][2] != "0.1234567891234" || rows[1][3] != "true" {
				t.Errorf("%s: %v (%v)", p, rows, err)
			}
		case ".geojson":
			c, err := geojson.UnmarshalFeatureCollection(data)
			if err != nil || len(c.Features) != 2 || c.Features[0].Properties["n"] != 1.0 {
				t.Errorf("%s: %s (%v)", p, data, err)
			}
		case ".svg":
			checkXML(t, p, data)
			if !strings.Contains(string(data), "Title &lt;of&gt;") {
				t.Errorf("%s: no title", p)
			}
		}
	}
	if kinds[".csv"] != 8 || kinds[".geojson"] != 5 || kinds[".svg"] != 7 {
		t.Errorf("files by kind: %v", kinds)
	}
}

func checkXML(t *testing.T, path string, data []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Errorf("%s: %v", path, err)
			return
		}
	}
}

func TestErrors(t *testing.T) {
	for want, change := range map[string]func(s *planning.Sheet){
		`no column "nothing"`: func(s *planning.Sheet) { s.Picture.Value = []string{"nothing"} },
		"series, want 1 to 6": func(s *planning.Sheet) { s.Picture.Kind, s.Picture.Value = planning.Curves, nil },
		`of kind "oil"`:       func(s *planning.Sheet) { s.Picture.Kind = "oil" },
	} {
		s := sheets()[:1]
		change(&s[0])
		if _, err := Write(t.TempDir(), s, cityMap()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(file, sheets(), cityMap()); err == nil {
		t.Error("a file is taken for a directory")
	}
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		values []float64
		class  []int
		names  []string
	}{
		{nil, nil, nil},
		{[]float64{5, 5, 5}, []int{0, 0, 0}, []string{"5"}},
		{[]float64{4, 1, 3, 2}, []int{1, 0, 1, 0}, []string{"1 – 2", "3 – 4"}},
		{[]float64{0, 0, 0, 9}, []int{0, 0, 0, 1}, []string{"0", "9"}},
	} {
		class, names := classes(c.values, 2)
		if !slices.Equal(class, c.class) || !slices.Equal(names, c.names) {
			t.Errorf("%v: %v %v, want %v %v", c.values, class, names, c.class, c.names)
		}
	}
}
