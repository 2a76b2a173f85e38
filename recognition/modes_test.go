package recognition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// travel makes a trip's records: (seconds since it began, area), between stays in areas from and to.
func travel(from, to sigcity.AreaID, lasts uint32, at ...[2]uint32) (recognition.Trip, sigcity.Trajectory) {
	const start = 1_772_400_000
	t := sigcity.Trajectory{Records: []sigcity.Record{{Time: start - 600, Area: from}}}
	for _, r := range at {
		t.Records = append(t.Records, sigcity.Record{Time: start + r[0], Area: sigcity.AreaID(r[1])})
	}
	t.Records = append(t.Records, sigcity.Record{Time: start + lasts + 600, Area: to})
	return recognition.Trip{Start: start, End: start + lasts, From: from, To: to}, t
}

func TestModes(t *testing.T) {
	areas, m := strip()
	on := geo.NewAreas(areas, m.Projection())
	f := recognition.NewModeFinder(recognition.NewLineCells(m, areas, on, nil), nil)
	type ride = recognition.Ride
	for _, c := range []struct {
		name     string
		from, to sigcity.AreaID
		lasts    uint32
		at       [][2]uint32
		mode     string
		rides    []ride
	}{
		{"no record: the speed tells, on foot", 0, 2, 1000, nil, "walk", nil},
		{"by bike", 0, 8, 1400, nil, "bike", nil},
		{"by car", 0, 40, 3000, nil, "car", nil},
		// The bus of line 0 takes 250 s a hop, and stands 20 s: boarded at 5 min.
		{"bus", 0, 12, 1500, [][2]uint32{{100, 0}, {380, 1}, {460, 2}, {560, 3}, {650, 4}, {740, 5}, {840, 6}, {1010, 8}, {1290, 11}}, "bus", []ride{{Line: 0, Board: 0, Alight: 4}}},
		{"bus back", 12, 0, 1500, [][2]uint32{{100, 12}, {380, 11}, {460, 10}, {560, 9}, {650, 8}, {740, 7}, {840, 6}, {1010, 4}, {1290, 1}}, "bus", []ride{{Line: 1, Board: 0, Alight: 4}}},
		{"too fast for the bus", 0, 12, 600, [][2]uint32{{100, 1}, {150, 2}, {200, 3}, {250, 4}, {300, 5}, {350, 6}, {400, 8}, {500, 11}}, "car", nil},
		// One cell of the tunnel is enough: nobody else is there. An idle phone may have
		// ridden on to the stop next to where it turns up.
		{"metro, one cell", 15, 25, 900, [][2]uint32{{60, 15}, {300, 41}, {850, 25}}, "metro", []ride{{Line: 2, Board: 0, Alight: 4}}},
		{"metro, the whole line", 15, 25, 900, [][2]uint32{{60, 15}, {300, 41}, {480, 42}, {850, 25}}, "metro", []ride{{Line: 2, Board: 0, Alight: 4}}},
		{"above the tunnel by car", 15, 25, 700, [][2]uint32{{100, 16}, {200, 18}, {300, 20}, {400, 22}, {500, 24}}, "car", nil},
		{"metro, then train", 15, 40, 1500, [][2]uint32{{60, 15}, {300, 41}, {480, 42}, {900, 25}, {980, 28}, {1060, 31}, {1180, 34}, {1260, 38}, {1300, 40}}, "rail",
			[]ride{{Line: 2, Board: 0, Alight: 4}, {Line: 3, Board: 0, Alight: 2}}},
		{"high speed", 43, 63, 1000, [][2]uint32{{100, 43}, {170, 45}, {300, 49}, {430, 53}, {560, 57}, {690, 61}, {760, 63}}, "high_speed", []ride{{Line: 4, Board: 0, Alight: 1}}},
		{"the expressway along it", 43, 63, 1900, [][2]uint32{{100, 43}, {300, 45}, {700, 49}, {1000, 53}, {1300, 57}, {1600, 61}, {1750, 63}}, "car", nil},
		{"only along the track", 48, 58, 400, [][2]uint32{{20, 49}, {90, 51}, {160, 53}, {230, 55}, {300, 57}}, "car", nil},
	} {
		trip, tr := travel(c.from, c.to, c.lasts, c.at...)
		for range 2 { // the finder's memory must not show
			got := f.Find(trip, tr)
			if got.Mode != c.mode {
				t.Errorf("%s: by %s (score %.2f), want %s", c.name, got.Mode, got.Score, c.mode)
			}
			if diff := cmp.Diff(c.rides, got.Rides, cmpopts.IgnoreFields(ride{}, "Start", "End"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: rides (-want +got)\n%s", c.name, diff)
			}
		}
	}
}

// roads proposes the street of strip and a detour north of it.
type roads struct{}

func (roads) Routes(dst []recognition.Route, from, to geo.XY, _ uint32) []recognition.Route {
	path := func(north float64) (out []geo.XY) {
		for i := range 101 {
			p := from.Lerp(to, float64(i)/100)
			out = append(out, geo.XY{X: p.X, Y: p.Y + north})
		}
		return out
	}
	return append(dst, recognition.Route{Mode: recognition.Car, TimeS: 600, Path: path(5000)}, recognition.Route{Mode: recognition.Bike, TimeS: 900, Path: path(0)})
}

// Cells on the way outweigh a time that fits a little better.
func TestModesByRoute(t *testing.T) {
	areas, m := strip()
	m.Lines = nil
	f := recognition.NewModeFinder(recognition.NewLineCells(m, areas, geo.NewAreas(areas, m.Projection()), nil), roads{})
	trip, tr := travel(13, 18, 650, [2]uint32{150, 14}, [2]uint32{300, 15}, [2]uint32{450, 17})
	if got := f.Find(trip, tr); got.Mode != recognition.Bike || len(got.Rides) != 0 {
		t.Errorf("cells on the bike's route: %+v", got)
	}
	trip, tr = travel(13, 18, 600)
	if got := f.Find(trip, tr); got.Mode != recognition.Car || got.Score != 1 {
		t.Errorf("no cells, and the time of the car: %+v, want a car and a score of 1", got)
	}
}

// Whatever the records: a mode there is, rides are in order of the line and of time.
func TestModesHold(t *testing.T) {
	areas, m := strip()
	f := recognition.NewModeFinder(recognition.NewLineCells(m, areas, geo.NewAreas(areas, m.Projection()), nil), nil)
	known := map[string]bool{}
	for _, mode := range recognition.Modes() {
		known[mode] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.IntRange(0, len(areas)-1)
		var at [][2]uint32
		now, here := uint32(0), area.Draw(t, "from")
		for range rapid.IntRange(0, 60).Draw(t, "records") {
			now += uint32(rapid.IntRange(0, 300).Draw(t, "gap"))
			here = min(max(here+rapid.IntRange(-3, 4).Draw(t, "step"), 0), len(areas)-1)
			at = append(at, [2]uint32{now, uint32(here)})
		}
		trip, tr := travel(sigcity.AreaID(area.Draw(t, "from")), sigcity.AreaID(area.Draw(t, "to")), now+1, at...)
		got := f.Find(trip, tr)
		if !known[got.Mode] || got.Score < 0 || got.Score > 1+1e-9 {
			t.Fatalf("mode %q with score %v", got.Mode, got.Score)
		}
		for _, r := range got.Rides {
			if r.Board >= r.Alight || r.Alight >= len(m.Lines[r.Line].Stops) || r.Start >= r.End {
				t.Fatalf("ride %+v", r)
			}
		}
		again := got.Rides
		want := append([]recognition.Ride(nil), again...)
		if diff := cmp.Diff(want, f.Find(trip, tr).Rides, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("a second time: %s", diff)
		}
	})
}

func TestSpeedClass(t *testing.T) {
	for _, c := range []struct {
		kmh  float64
		want string
	}{{0, "slow_mobility"}, {14.9, "slow_mobility"}, {15.1, "motorized_mobility"}, {99, "motorized_mobility"}, {101, "fast_mobility"}} {
		if got := recognition.SpeedClass(c.kmh / 3.6); got != c.want {
			t.Errorf("%v km/h: %s, want %s", c.kmh, got, c.want)
		}
	}
}

func BenchmarkModes(b *testing.B) {
	areas, m := strip()
	f := recognition.NewModeFinder(recognition.NewLineCells(m, areas, geo.NewAreas(areas, m.Projection()), nil), nil)
	trip, tr := travel(0, 12, 1500, [][2]uint32{{100, 0}, {380, 1}, {460, 2}, {560, 3}, {650, 4}, {740, 5}, {840, 6}, {1010, 8}, {1290, 11}}...)
	b.ReportAllocs()
	for b.Loop() {
		f.Find(trip, tr)
	}
}

// The line that explains most cells in its direction goes first; the line back is no candidate.
func TestRankLines(t *testing.T) {
	areas, m := strip()
	f := recognition.NewModeFinder(recognition.NewLineCells(m, areas, geo.NewAreas(areas, m.Projection()), nil), nil)
	trip, tr := travel(0, 12, 1500, [][2]uint32{{100, 0}, {380, 1}, {460, 2}, {560, 3}, {650, 4}, {740, 5}, {840, 6}, {1010, 8}, {1290, 11}}...)
	got := f.RankLines(nil, trip, tr, recognition.Bus)
	if len(got) == 0 || got[0].Line != 0 || got[0].Score < 6 {
		t.Errorf("lines: %+v, want line 0 first with at least 6 cells", got)
	}
	for _, r := range got[min(1, len(got)):] {
		if r.Score >= got[0].Score {
			t.Errorf("line %d scores %v as well", r.Line, r.Score)
		}
	}
	if got := f.RankLines(nil, trip, tr, recognition.Tram); len(got) != 0 {
		t.Errorf("trams: %+v, there are none", got)
	}
}
