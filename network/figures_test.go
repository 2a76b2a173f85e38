package network

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// cpuSeconds is the processor time that the process has used, user and system.
func cpuSeconds(t testing.TB) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkCongest also gives the processor time and the percentages of
// arterial link-hours of a working day that are slow.
func BenchmarkCongest(b *testing.B) {
	for _, name := range figureCities {
		b.Run(name, func(b *testing.B) {
			c := figureCity(b, name)
			var x *Congestion
			cpu := cpuSeconds(b)
			for b.Loop() {
				x = congest(b, c, CongestionOptions{Workers: 2})
			}
			b.ReportMetric((cpuSeconds(b)-cpu)/float64(b.N), "cpu-s/op")
			b.ReportMetric(100*x.SlowArterials(0.7, 7, 9), "%<0.7@07-09")
			b.ReportMetric(100*x.SlowArterials(0.4, 7, 9), "%<0.4@07-09")
			b.ReportMetric(100*x.SlowArterials(0.7, 3, 4), "%<0.7@03")
			b.ReportMetric(float64(c.Report.Counts["inhabitants"]), "inhabitants")
			b.ReportMetric(float64(c.Graph().Nodes()), "nodes")
		})
	}
}

// In the large city, which no figure of the model was chosen by at first, the
// morning's queues are neither rare nor everywhere, and nights are free. The
// city and its trips are fixed: the test cannot fail by chance.
func TestCongestionOfLargeCity(t *testing.T) {
	if testing.Short() {
		t.Skip("a million inhabitants")
	}
	x := congest(t, figureCity(t, "synth-large"), CongestionOptions{Workers: 2})
	slow, jammed := x.SlowArterials(0.7, 7, 9), x.SlowArterials(0.4, 7, 9)
	t.Logf("at 07–09 %.2f %% of arterial link-hours are below 0.7 of the free speed, %.2f %% below 0.4", 100*slow, 100*jammed)
	if slow < 0.03 || slow > 0.15 || jammed < 0.01 {
		t.Errorf("at 07–09 %.2f %% of arterial link-hours below 0.7 of the free speed and %.2f %% below 0.4, want 3–15 and at least 1", 100*slow, 100*jammed)
	}
	if night := x.SlowArterials(0.7, 3, 4); night != 0 {
		t.Errorf("at 03 %.2f %% of arterial links are slow, want none", 100*night)
	}
}

// Subscribers a site are within half and twice the 198 to 244 of R40, which are
// those of all operators of a country together; each one's are logged.
func TestSubscribersOfSites(t *testing.T) {
	for _, name := range []string{"andorra-latest.osm.bz2", "neubrandenburg.osm.pbf", "synth-medium", "synth-large", "delaware-latest.osm.pbf"} {
		if testing.Short() && (name == "synth-large" || name == "delaware-latest.osm.pbf") {
			continue // a million inhabitants
		}
		c := figureCity(t, name)
		users := float64(c.Report.Counts["inhabitants"]) * subscriptions
		all := 0
		for op, o := range c.Operators {
			sites := len(sitesOf(c, op))
			all += sites
			t.Logf("%s, operator %d: %d sites, %.0f subscribers each", name, op, sites, o.Share*users/float64(sites))
		}
		each := users / float64(all)
		t.Logf("%s: %d sites, %.0f subscribers each", name, all, each)
		if each < 198/2 || each > 244*2 {
			t.Errorf("%s: %.0f subscribers a site, want 99 to 488 [R40]", name, each)
		}
	}
}

// The spacing of sites in towns (1,500 inhabitants a km² and more, the urban
// centre of the degree of urbanisation, Dijkstra and Poelman 2014) is within
// half and twice the 750 m of R39, that in the country (below 50) of its 7.5 km,
// and it grows as it gets thinner.
func TestSiteSpacingByClass(t *testing.T) {
	for _, name := range []string{"neubrandenburg.osm.pbf", "synth-medium", "synth-large", "delaware-latest.osm.pbf"} {
		if testing.Short() && (name == "synth-large" || name == "delaware-latest.osm.pbf") {
			continue // a million inhabitants
		}
		c := figureCity(t, name)
		near := newRaster(1000)
		for i := range c.Buildings {
			near.add(c.Buildings[i].Pos, c.Buildings[i].Dwellings*householdSize)
		}
		bounds := []float64{50, 300, 1500, math.Inf(1)} // inhabitants a km²
		for op := range c.Operators {
			spacing := make([][]float64, len(bounds))
			for i := range c.Sites {
				if s := &c.Sites[i]; s.Operator == op {
					people, at := 0.0, near.tile(s.Pos)
					for dy := int32(-1); dy <= 1; dy++ {
						for dx := int32(-1); dx <= 1; dx++ {
							people += near.sum[tile{at.x + dx, at.y + dy}]
						}
					}
					k := slices.IndexFunc(bounds, func(b float64) bool { return people/9 < b })
					spacing[k] = append(spacing[k], s.Spacing)
				}
			}
			last := math.Inf(1)
			for k, list := range spacing {
				if len(list) < 10 {
					continue // too few for a median
				}
				slices.Sort(list)
				median := list[len(list)/2]
				t.Logf("%s, operator %d, below %.0f inhabitants a km²: %d sites, median spacing %.0f m", name, op, bounds[k], len(list), median)
				if min(median, maxSpacingM) > 1.1*last { // none asks for more than maxSpacingM; medians of a dozen sites are good to a tenth
					t.Errorf("%s, operator %d: %.0f m apart below %.0f inhabitants a km², %.0f where it is thinner", name, op, median, bounds[k], last)
				}
				last = median
				if k == 0 && (median < 3750 || median > 15000) {
					t.Errorf("%s, operator %d: sites of the country are %.0f m apart, want 3750 to 15000 [R39]", name, op, median)
				}
				if math.IsInf(bounds[k], 1) && (median < 375 || median > 1500) {
					t.Errorf("%s, operator %d: sites of towns are %.0f m apart, want 375 to 1500 [R39]", name, op, median)
				}
			}
		}
	}
}

// The same City and Congestion, byte by byte, for any number of workers: of an
// extract and of a procedural city.
func TestSameForAnyWorkers(t *testing.T) {
	for _, name := range []string{"andorra-latest.osm.bz2", "synth-small"} {
		var want uint64
		for _, workers := range []int{1, 2, 7} {
			c := loadFigureCity(t, name, workers)
			x := congest(t, c, CongestionOptions{Zones: 24, Workers: workers})
			h := fnv.New64a()
			fmt.Fprint(h, fingerprint(c), x.volume, x.speed)
			if workers == 1 {
				want = h.Sum64()
			} else if got := h.Sum64(); got != want {
				t.Errorf("%s: %d workers make %x, one makes %x", name, workers, got, want)
			}
		}
	}
}

// BenchmarkLoad reads a city, with its graph and radio, on two workers. It also
// gives the processor time, the heap that the City keeps and, in a run of one
// city, the most memory that reading it took.
func BenchmarkLoad(b *testing.B) {
	for _, name := range figureCities {
		b.Run(name, func(b *testing.B) {
			var c *City
			cpu := cpuSeconds(b)
			for b.Loop() {
				c = loadFigureCity(b, name, 2)
			}
			b.ReportMetric((cpuSeconds(b)-cpu)/float64(b.N), "cpu-s/op")
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB-live")
			b.ReportMetric(float64(len(c.Cells)), "cells")
			var u syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(u.Maxrss)/1024, "MiB-peak-of-process") // of all cities so far: one a run tells
		})
	}
}

// BenchmarkCoverageFigures gives what a city's radio network is judged by.
func BenchmarkCoverageFigures(b *testing.B) {
	for _, name := range figureCities {
		b.Run(name, func(b *testing.B) {
			c := figureCity(b, name)
			var f coverageFigures
			for b.Loop() {
				f = figures(c)
			}
			b.ReportMetric(100*f.whole, "%whole")
			b.ReportMetric(f.errorM, "m-error")
			b.ReportMetric(100*f.overlap, "%overlap")
			b.ReportMetric(float64(f.nowhere), "cells-nowhere")
		})
	}
}

// BenchmarkCarTree grows one tree of the assignment over all zones.
func BenchmarkCarTree(b *testing.B) {
	for _, name := range []string{"delaware-latest.osm.pbf", "synth-large"} {
		b.Run(name, func(b *testing.B) {
			c := figureCity(b, name)
			a := newAssignment(c, c.trafficZones(DefaultZones), 1)
			a.net.setTimes(c.graph.Times(Car))
			s := newCarTree(a.net)
			i := 0
			cpu := cpuSeconds(b)
			for b.Loop() {
				z := &a.zones[i%len(a.zones)]
				s.from(z.gates, z.starts)
				i++
			}
			b.ReportMetric(float64(b.N)/(cpuSeconds(b)-cpu), "trees/cpu-s")
			b.ReportMetric(float64(len(s.time)), "nodes")
			b.ReportMetric(float64(len(a.net.levels.head)), "edges")
			b.ReportMetric(float64(len(a.net.levels.triangles)), "triangles")
		})
	}
}
