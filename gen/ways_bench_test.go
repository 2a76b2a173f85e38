package gen

import (
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

// BenchmarkDelaware is the days of 20,000 persons on real roads: planning with
// routes, and phones.
func BenchmarkDelaware(b *testing.B) {
	city, err := network.Load(b.Context(), fixture.ModuleFile(b, "delaware-latest.osm.pbf"), network.Options{Seed: 1, Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	g := newGenerator(b, city, config(20_000, 1, 1))
	p := g.newPartRun(0)
	d := newDay(g.cal, 0)
	b.Run("plans", func(b *testing.B) { benchmarkPlans(b, p, d) })
	b.Run("phones", func(b *testing.B) {
		events := 0
		for b.Loop() {
			if err := p.signal(d); err != nil {
				b.Fatal(err)
			}
			for _, r := range p.rows {
				events += len(r.Records)
			}
		}
		b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("truth", func(b *testing.B) {
		for b.Loop() {
			p.truth()
		}
	})
}

// BenchmarkRoadsDelaware is what a run does once, whatever its size.
func BenchmarkRoadsDelaware(b *testing.B) {
	city, err := network.Load(b.Context(), fixture.ModuleFile(b, "delaware-latest.osm.pbf"), network.Options{Seed: 1, Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	cfg := config(10_000, 1, 2)
	for b.Loop() {
		r, err := newRoads(b.Context(), city, &cfg, int(city.Report.Counts["inhabitants"]))
		if err != nil {
			b.Fatal(err)
		}
		busy := 0
		for _, t := range r.car {
			for hour := range 24 {
				if t.Ways(hour) != r.free {
					busy++
				}
			}
		}
		b.ReportMetric(float64(busy), "busy-hours")
	}
}

// BenchmarkMetropolis is the planning of a day of 20,000 persons in a city with
// lines of all kinds: choices of mode, ways and journeys.
func BenchmarkMetropolis(b *testing.B) {
	g := newGenerator(b, preset(b, "medium"), config(20_000, 1, 1))
	p := g.newPartRun(0)
	d := newDay(g.cal, 0)
	benchmarkPlans(b, p, d)
}

// benchmarkPlans is the planning of a day of a part.
func benchmarkPlans(b *testing.B, p *partRun, d day) {
	trips := 0
	for b.Loop() {
		if err := p.live(d); err != nil {
			b.Fatal(err)
		}
		for _, segs := range p.segs {
			trips += len(segs) / 2
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(trips), "µs/trip")
}
