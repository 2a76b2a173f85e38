package gen

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

// On the streets of a country: between its access ways a trip lies on roads that
// its mode may use, its time never turns back, and it takes what its links take.
func TestTripsFollowRoads(t *testing.T) {
	city, err := network.Load(t.Context(), fixture.ModuleFile(t, "andorra-latest.osm.bz2"), network.Options{Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	g := city.Graph()
	on, straight := map[Mode]int{}, map[Mode]int{}
	c := course{graph: g}
	modes := map[Mode]network.Mode{Walk: network.Walk, Bike: network.Bike, Car: network.Car}
	lived(t, city, config(400, 2, 2), func(p *partRun, d day, person uint32, segs []Segment) {
		for i := range segs {
			s := &segs[i]
			if s.Mode == Stay {
				continue
			}
			x := s.Path
			if x == nil {
				straight[s.Mode]++
				if want := float32(s.From.Dist(s.To) * p.cfg.Life.Detour); s.DistanceM != want {
					t.Fatalf("a straight trip of %g m, want %g", s.DistanceM, want)
				}
				continue
			}
			on[s.Mode]++
			if x.Hour >= 0 != (s.Mode == Car) {
				t.Fatalf("%s in the traffic of hour %d", s.Mode, x.Hour)
			}
			links := 0.0
			for k := range x.Links {
				links += x.seconds(g, k)
				if !g.Open(x.Links[k], modes[s.Mode]) {
					t.Fatalf("%s on a link that is closed to it", s.Mode)
				}
			}
			if got, want := float64(s.End-s.Start), max(leastTrip, float64(x.Access+x.Egress)+links); math.Abs(got-want) > 0.6 {
				t.Fatalf("person %d: %s of %g s, its links and access take %g", person, s.Mode, got, want)
			}
			c.lay(s)
			if c.pts[0] != s.From || c.pts[len(c.pts)-1] != s.To || c.at[0] != 0 || c.at[len(c.at)-1] != float64(s.End-s.Start) {
				t.Fatalf("the course does not join the ends of %+v", s)
			}
			length := 0.0
			for k := 1; k < len(c.pts); k++ {
				length += c.pts[k-1].Dist(c.pts[k])
				if c.at[k] < c.at[k-1] {
					t.Fatalf("person %d: time turns back at point %d", person, k)
				}
				if k < len(c.pts)-1 {
					if spot, _ := g.Snap(modes[s.Mode], c.pts[k]); spot.Dist > 0.1 {
						t.Fatalf("person %d: point %d of the %s lies %.1f m off the road", person, k, s.Mode, spot.Dist)
					}
				}
			}
			if math.Abs(length-float64(s.DistanceM)) > 1+0.1*float64(len(x.Links)) {
				t.Fatalf("the course is %.1f m long, the trip %.1f", length, s.DistanceM)
			}
		}
	})
	t.Logf("along roads %v, straight %v", on, straight)
	for m, least := range map[Mode]int{Walk: 300, Bike: 15, Car: 100} {
		if on[m] < least || straight[m] > on[m]/5 {
			t.Errorf("%d trips by %s along roads, %d straight, want %d at least and few", on[m], m, straight[m], least)
		}
	}
}

// What a reader makes of the truth on disk is where people were.
func TestTruthTellsTheCourse(t *testing.T) {
	city := town(t)
	cfg := config(400, 2, 2)
	cfg.Inhabitants = 4000 // enough cars to slow some links down
	truth, err := dataset.LoadTruth(t.Context(), generate(t, city, cfg), nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[[2]uint32]*dataset.Trip{}
	for i := range truth.Trips {
		rows[[2]uint32{truth.Trips[i].Person, truth.Trips[i].Start}] = &truth.Trips[i]
	}
	seen, cars := 0, 0
	c := course{graph: city.Graph()}
	g := newGenerator(t, city, cfg)
	if g.roads, err = newRoads(t.Context(), city, &cfg, cfg.Inhabitants); err != nil {
		t.Fatal(err)
	}
	livedBy(t, g, func(p *partRun, d day, person uint32, segs []Segment) {
		for i := range segs {
			s := &segs[i]
			if s.Mode == Stay {
				continue
			}
			row := rows[[2]uint32{person, s.Start}]
			if row == nil || row.End != s.End || len(row.Links) > 0 != (s.Path != nil) {
				t.Fatalf("person %d: no row of the trip at %d, or another one: %+v", person, s.Start, row)
			}
			c.lay(s)
			for k := range c.pts {
				if at := s.Start + uint32(c.at[k]); at < s.End {
					got, err := truth.Roads.At(row, at)
					if err != nil {
						t.Fatal(err)
					}
					if off := city.Proj.XY(got).Dist(c.position(float64(at - s.Start))); off > 0.5 {
						t.Fatalf("person %d at %d: %.2f m off: %+v", person, at, off, row)
					}
				}
			}
			seen++
			if row.Hour >= 0 {
				cars++
			}
		}
	})
	if seen != len(truth.Trips) || cars < 50 {
		t.Errorf("%d of %d trips seen, %d by car", seen, len(truth.Trips), cars)
	}
}

// position is where the course leads at a second of the trip.
func (c *course) position(second float64) geo.XY {
	for i := 1; i < len(c.pts); i++ {
		if second <= c.at[i] {
			if c.at[i] == c.at[i-1] {
				return c.pts[i]
			}
			return c.pts[i-1].Lerp(c.pts[i], (second-c.at[i-1])/(c.at[i]-c.at[i-1]))
		}
	}
	return c.pts[len(c.pts)-1]
}

// Two ways of the same trip, in the morning and at night.
func TestMorningsAreSlow(t *testing.T) {
	city := town(t)
	cfg := config(2000, 1, 2)
	g := newGenerator(t, city, cfg)
	r, err := lightRoads(t.Context(), city.Graph(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.load(t.Context(), g.pop, &cfg, 500); err != nil { // far too many for the town's streets
		t.Fatal(err)
	}
	w := newWayfinder(r, &cfg.Life)
	slower, pairs := 0, 0
	working, free := int32(0), int32(0) // s of all trips
	for i := range 200 {
		from, to := city.Buildings[i*7%len(city.Buildings)].Pos, city.Buildings[(i*13+101)%len(city.Buildings)].Pos
		if from.Dist(to) < 1000 {
			continue
		}
		w.on(typicalDay(workingDay), nil)
		night, atNight := w.find(from, to, Car, 3)
		_, morning := w.find(from, to, Car, 8)
		w.on(typicalDay(freeDay), nil)
		_, sunday := w.find(from, to, Car, 8)
		if night == nil || morning < atNight || sunday < atNight {
			t.Fatalf("from %v to %v: %d s at 3, %d at 8, %d at 8 of a free day", from, to, atNight, morning, sunday)
		}
		pairs++
		working, free = working+morning, free+sunday
		if float64(morning) > 1.2*float64(atNight) {
			slower++
		}
	}
	if free > working {
		t.Errorf("all trips at 8 take %d s on a working day, %d on a free one", working, free)
	}
	if pairs < 50 || slower < pairs/2 {
		t.Errorf("%d of %d trips take over 1.2 times as long in the morning", slower, pairs)
	}
}

// A map without roads: everybody goes straight, and the manifest says so.
func TestCityWithoutRoads(t *testing.T) {
	text := regexp.MustCompile(`<tag k="highway" v="[^"]*"/>`).ReplaceAll(fixture.TownOSM(), nil)
	if bytes.Contains(text, []byte("highway")) {
		t.Fatal("the town still has roads")
	}
	path := filepath.Join(t.TempDir(), "town.osm")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	city, err := network.Load(t.Context(), path, network.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := generate(t, city, config(100, 1, 2))
	m := f.Manifest()
	if m.Models.Movement != StraightModel || m.Counts["homes_off_road"] != m.Counts["households"] {
		t.Errorf("movement %q, %d of %d homes off the road", m.Models.Movement, m.Counts["homes_off_road"], m.Counts["households"])
	}
	if last := m.Warnings[len(m.Warnings)-1]; !regexp.MustCompile("straight").MatchString(last) {
		t.Errorf("the last warning is %q", last)
	}
	truth, err := dataset.LoadTruth(t.Context(), f, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range truth.Trips {
		trip := &truth.Trips[i]
		p, err := truth.Roads.At(trip, trip.Start)
		if err != nil || len(trip.Links) > 0 || p[0] != trip.FromLon || p[1] != trip.FromLat {
			t.Fatalf("%+v begins at %v, error %v", trip, p, err)
		}
	}
	if len(truth.Trips) < 100 {
		t.Errorf("%d trips", len(truth.Trips))
	}
}

func TestCourseAllocatesNothing(t *testing.T) {
	city := town(t)
	var long Segment
	g := newGenerator(t, city, config(200, 1, 1))
	livedBy(t, g, func(p *partRun, d day, person uint32, segs []Segment) {
		for _, s := range segs {
			if s.Path != nil && s.DistanceM > long.DistanceM {
				long = s
			}
		}
	})
	c := course{graph: city.Graph()}
	c.lay(&long)
	if n := testing.AllocsPerRun(10, func() { c.lay(&long) }); n != 0 || len(long.Path.Links) < 3 {
		t.Errorf("%g allocations a course of %d links", n, len(long.Path.Links))
	}
}
