package dataset

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// everyRow has a column of every kind and encoding that rows may have.
type everyRow struct {
	Word   int32    `parquet:"word"`
	Delta  int32    `parquet:"delta,delta"`
	Kind   int32    `parquet:"kind,dict"`
	ID     uint32   `parquet:"id"`
	Start  uint32   `parquet:"start,delta"`
	Hub    uint32   `parquet:"hub,dict"`
	Place  int64    `parquet:"place"`
	Time   int64    `parquet:"time,delta,timestamp(millisecond)"`
	IMSI   int64    `parquet:"imsi,dict"`
	Lon    float64  `parquet:"lon"`
	Lat    float64  `parquet:"lat,dict"`
	Yes    bool     `parquet:"yes"`
	Name   string   `parquet:"name"`
	Mode   string   `parquet:"mode,dict"`
	Links  []int32  `parquet:"links,list"`
	Rides  []Ride   `parquet:"rides,list"`
	Titles []string `parquet:"titles,list"`
}

func writeRows[T any](t interface{ Fatal(...any) }, w *tableWriter, rows []T) []byte {
	l, err := new(layouts).of(*new(T))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := w.write(&out, l, columnOfRows(rows)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openRows(t interface{ Fatal(...any) }, file []byte) *parquet.File {
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The library reads any rows back, in the schema that it would write itself, and
// a writer that was used before writes the same bytes as a new one.
func TestRowsRoundTrip(t *testing.T) {
	var used tableWriter
	number := rapid.OneOf(rapid.Int64Range(-3, 70000), rapid.Int64())
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "car", "walk", "tram"}), rapid.StringN(0, 6, 24))
	rapid.Check(t, func(t *rapid.T) {
		some := func() int64 { return number.Draw(t, "number") }
		rows := make([]everyRow, rapid.IntRange(0, 60).Draw(t, "rows"))
		for i := range rows {
			r := &rows[i]
			r.Word, r.Delta, r.Kind = int32(some()), int32(some()), int32(some())
			r.ID, r.Start, r.Hub = uint32(some()), uint32(some()), uint32(some())
			r.Place, r.Time, r.IMSI = some(), some(), some()
			r.Lon, r.Lat = rapid.Float64().Draw(t, "lon"), float64(int8(some()))
			r.Yes, r.Name, r.Mode = some()%2 == 0, text.Draw(t, "name"), text.Draw(t, "mode")
			r.Links = rapid.SliceOfN(rapid.Int32(), 0, 5).Draw(t, "links")
			for k := range rapid.IntRange(0, 3).Draw(t, "rides") {
				r.Rides = append(r.Rides, Ride{Line: int32(k), Board: int32(some()), Reach: uint32(some()), End: 7})
			}
			r.Titles = rapid.SliceOfN(text, 0, 3).Draw(t, "titles")
		}
		file := writeRows(t, &used, rows)
		if !bytes.Equal(file, writeRows(t, new(tableWriter), rows)) {
			t.Fatal("other bytes by a writer that was used before")
		}
		f := openRows(t, file)
		if want := parquet.SchemaOf(everyRow{}).String(); f.Schema().String() != want {
			t.Fatalf("schema %s, want %s", f.Schema(), want)
		}
		got := make([]everyRow, len(rows)+1)
		n, err := parquet.NewGenericReader[everyRow](f).Read(got)
		if err != nil && !errors.Is(err, io.EOF) || n != len(rows) {
			t.Fatalf("%d rows, %v, want %d", n, err, len(rows))
		}
		for i, want := range rows {
			for _, r := range []*everyRow{&got[i], &want} { // a file knows no nil lists
				r.Links, r.Rides, r.Titles = slices.Clip(append([]int32{}, r.Links...)), append([]Ride{}, r.Rides...), append([]string{}, r.Titles...)
			}
			if !reflect.DeepEqual(got[i], want) {
				t.Fatalf("row %d: %+v, want %+v", i, got[i], want)
			}
		}
	})
}

// Rows of several pages and two row groups, with lists, come back, and the bounds
// are those of all pages of the group.
func TestRowsOfManyPages(t *testing.T) {
	type row struct {
		ID    uint32  `parquet:"id"`
		Far   int64   `parquet:"far,dict"`
		Lon   float64 `parquet:"lon"`
		Links []int32 `parquet:"links,list"`
	}
	rows := make([]row, groupRows+17)
	for i := range rows {
		rows[i] = row{ID: math.MaxUint32 - uint32(i), Far: int64(i%977) << 33, Lon: math.NaN()}
		if i%3 > 0 {
			rows[i].Lon, rows[i].Links = float64(i), []int32{int32(i), -1}
		}
	}
	f := openRows(t, writeRows(t, new(tableWriter), rows))
	got := make([]row, len(rows))
	if n, err := parquet.NewGenericReader[row](f).Read(got); n != len(rows) {
		t.Fatalf("%d rows, %v, want %d", n, err, len(rows))
	}
	for i, want := range rows {
		if got[i].ID != want.ID || got[i].Far != want.Far || math.Float64bits(got[i].Lon) != math.Float64bits(want.Lon) || !slices.Equal(got[i].Links, want.Links) {
			t.Fatalf("row %d: %+v, want %+v", i, got[i], want)
		}
	}
	if n := len(f.RowGroups()); n != 2 {
		t.Fatalf("%d row groups, want 2", n)
	}
	bounds := func(c int) (low, high parquet.Value) {
		low, high, ok := f.RowGroups()[0].ColumnChunks()[c].(*parquet.FileColumnChunk).Bounds()
		if !ok {
			t.Errorf("column %d: no bounds", c)
		}
		return low, high
	}
	last := uint32(groupRows - 1)
	if low, high := bounds(0); low.Uint32() != math.MaxUint32-last || high.Uint32() != math.MaxUint32 {
		t.Errorf("ids from %d to %d, want %d to %d", low.Uint32(), high.Uint32(), math.MaxUint32-last, uint32(math.MaxUint32))
	}
	if low, high := bounds(1); low.Int64() != 0 || high.Int64() != 976<<33 {
		t.Errorf("far from %d to %d, want 0 to %d", low.Int64(), high.Int64(), int64(976)<<33)
	}
	most := float64(last)
	if last%3 == 0 { // that one is no number
		most--
	}
	if low, high := bounds(2); low.Double() != 1 || high.Double() != most {
		t.Errorf("lon from %g to %g, want 1 to %g", low.Double(), high.Double(), most)
	}
}

func TestLayoutErrors(t *testing.T) {
	type nested struct {
		In struct{ X int32 } `parquet:"in"`
	}
	for _, row := range []any{nested{}, struct {
		X float32 `parquet:"x"`
	}{}, struct {
		X *int32 `parquet:"x,optional"`
	}{}} {
		if _, err := new(layouts).of(row); err == nil || !strings.Contains(err.Error(), "want a required value") {
			t.Errorf("%T: error %v, want one that tells what a column may be", row, err)
		}
	}
	if _, err := new(layouts).of(Ride{}, "speed"); err == nil || !strings.Contains(err.Error(), `"speed"`) {
		t.Errorf("error %v, want one that names the column", err)
	}
}

// A dictionary numbers values as a map would, by their first appearance, however
// large they are and whatever it held before.
func TestWords(t *testing.T) {
	var d words[int64]
	value := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(mostSmall-20, mostSmall+2000), rapid.Int64(), rapid.Just(int64(-1)))
	rapid.Check(t, func(t *rapid.T) {
		d.reset()
		numbers := map[int64]int32{}
		for range rapid.IntRange(1, 3).Draw(t, "pages") {
			values := rapid.SliceOfN(value, 0, 700).Draw(t, "values")
			for k, i := range d.index(nil, values) {
				want, ok := numbers[values[k]]
				if !ok {
					want = int32(len(numbers))
					numbers[values[k]] = want
				}
				if i != want || d.values[i] != values[k] {
					t.Fatalf("value %d: number %d, want %d", values[k], i, want)
				}
			}
		}
		if len(d.values) != len(numbers) {
			t.Fatalf("%d values, want %d", len(d.values), len(numbers))
		}
	})
}

// BenchmarkWriteTable is trips as they are in a city: rows per CPU-second.
func BenchmarkWriteTable(b *testing.B) {
	rows := make([]Trip, 25_000)
	for i := range rows {
		r := sigcity.Rand(1, "bench", uint64(i))
		at := uint32(1.7e9) + r.Uint32N(86400)
		rows[i] = Trip{Person: uint32(i / 3), Mode: []string{"walk", "car", "bus"}[r.IntN(3)], Purpose: "work", Start: at, End: at + r.Uint32N(3600),
			FromLon: r.Float64(), FromLat: r.Float64(), ToLon: r.Float64(), ToLat: r.Float64(), DistanceM: 1000 * r.Float64(), RoadFrom: at, RoadTo: at + 60, Hour: -1}
		first := r.Int32N(50_000)
		for k := range r.Int32N(40) {
			rows[i].Links = append(rows[i].Links, first+k*k)
		}
	}
	l, err := new(layouts).of(Trip{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	defer rate(b, int64(len(rows)))()
	var w tableWriter
	for b.Loop() {
		if err := w.write(io.Discard, l, columnOfRows(rows)); err != nil {
			b.Fatal(err)
		}
	}
}
