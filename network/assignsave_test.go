package network

import (
	"slices"
	"strings"
	"testing"
)

// Traffic that was saved is the traffic: volumes, speeds, and the ways through it.
func TestSavedTraffic(t *testing.T) {
	g := andorra(t).Graph()
	free := NewHierarchy(g, g.Times(Car), nil)
	want, err := Assign(t.Context(), free, rushHour(g, 1000), 20, 2)
	if err != nil {
		t.Fatal(err)
	}
	b := want.AppendBinary([]byte("before"), free)[len("before"):]
	for _, workers := range []int{1, 2} {
		got, rest, err := LoadTraffic(t.Context(), append(slices.Clone(b), "after"...), free, workers)
		if err != nil || string(rest) != "after" {
			t.Fatalf("rest %q, error %v", rest, err)
		}
		busy := 0
		for hour := range 24 {
			if !slices.Equal(got.volume[hour], want.volume[hour]) || !slices.Equal(got.speed[hour], want.speed[hour]) {
				t.Fatalf("another hour %d", hour)
			}
			x, y := got.Ways(hour), want.Ways(hour)
			if (x == free) != (y == free) {
				t.Fatalf("hour %d: light ways %v, want %v", hour, x == free, y == free)
			}
			if x != free {
				busy++
			}
			if !slices.Equal(x.ms, y.ms) || !slices.Equal(x.up.arcs, y.up.arcs) || !slices.Equal(x.down.arcs, y.down.arcs) || !slices.Equal(x.rank, y.rank) {
				t.Fatalf("hour %d: other ways", hour)
			}
		}
		if busy == 0 {
			t.Error("no hour has ways of its own: nothing compared")
		}
	}
	for _, n := range []int{0, 1, 2, len(b) / 2, len(b) - 1} {
		if _, _, err := LoadTraffic(t.Context(), b[:n], free, 1); err == nil || !strings.Contains(err.Error(), "traffic of hour") {
			t.Errorf("%d of %d bytes: error %v", n, len(b), err)
		}
	}
}

// Whatever the bytes are, they are an error or traffic that is written as it was read.
func FuzzLoadTraffic(f *testing.F) {
	g := graphOf(f, streets([][2]float64{{0, 0}, {100, 0}, {100, 100}}, "1 2|highway=primary", "2 3|highway=residential"))
	free := NewHierarchy(g, g.Times(Car), nil)
	light, err := Assign(f.Context(), free, nil, 1, 1)
	if err != nil {
		f.Fatal(err)
	}
	b := light.AppendBinary(nil, free)
	f.Add(b)
	busy := slices.Clone(b)
	busy[0], busy[1] = 1, 127
	f.Add(busy)
	f.Add(b[:len(b)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		x, rest, err := LoadTraffic(t.Context(), b, free, 1)
		if err != nil {
			return
		}
		again, _, err := LoadTraffic(t.Context(), append(x.AppendBinary(nil, free), rest...), free, 1)
		if err != nil {
			t.Fatal(err)
		}
		for hour := range 24 {
			if !slices.Equal(x.volume[hour], again.volume[hour]) || !slices.Equal(x.speed[hour], again.speed[hour]) || (x.Ways(hour) == free) != (again.Ways(hour) == free) {
				t.Fatalf("hour %d reads otherwise again", hour)
			}
		}
	})
}
