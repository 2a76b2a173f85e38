package dataset

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMapLines: lines that name what is not there are an error; a folder
// without tables of lines is read.
func TestMapLines(t *testing.T) {
	line := func() *Map {
		return &Map{Stops: []Stop{{ID: 0, Hub: -1}, {ID: 1, Hub: -1}},
			Lines: []Line{{Stops: []uint32{0, 1}, Ride: []float64{0, 60}, At: []uint32{0, 1}, Lon: []float64{1, 2}, Lat: []float64{3, 4}}}}
	}
	for name, x := range map[string]struct {
		spoil func(*Map)
		want  string
	}{
		"sound":        {func(*Map) {}, ""},
		"one stop":     {func(m *Map) { m.Lines[0].Stops = m.Lines[0].Stops[:1] }, "at least two stops"},
		"missing stop": {func(m *Map) { m.Lines[0].Stops[1] = 2 }, "stop 2"},
		"no times":     {func(m *Map) { m.Lines[0].Ride = nil }, "0 times"},
		"vertex":       {func(m *Map) { m.Lines[0].At[1] = 2 }, "vertex 2"},
		"hub":          {func(m *Map) { m.Stops[1].Hub = 0 }, "hub 0"},
	} {
		m := line()
		x.spoil(m)
		f := mapFolder(t, m)
		got, err := f.Map()
		switch {
		case x.want == "" && (err != nil || len(got.Lines) != 1 || len(got.Stops) != 2):
			t.Errorf("%s: %v", name, err)
		case x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)):
			t.Errorf("%s: error %v, want one with %q", name, err, x.want)
		}
	}
	f := mapFolder(t, &Map{City: "old"})
	f.m.Files = slices.DeleteFunc(f.m.Files, func(e File) bool {
		return slices.Contains([]string{TableLines + ".parquet", TableStops + ".parquet", TableHubs + ".parquet"}, e.Path)
	})
	m, err := f.Map()
	if err != nil || m.City != "old" || m.Lines != nil || m.Stops != nil || m.Hubs != nil {
		t.Errorf("a folder without lines: %+v, %v", m, err)
	}
}

func mapFolder(t *testing.T, m *Map) *Folder {
	t.Helper()
	data := instants(sample(2, 1, 1, 9))
	w, err := Create(filepath.Join(t.TempDir(), "d"), rawManifest(data, 2), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Map(m); err != nil {
		t.Fatal(err)
	}
	f, err := w.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
