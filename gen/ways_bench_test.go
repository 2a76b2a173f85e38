package gen

import (
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

// BenchmarkRoadsDelaware is what a run does once, whatever its size.
func BenchmarkRoadsDelaware(b *testing.B) {
	city, err := network.Load(b.Context(), fixture.ModuleFile(b, "delaware-latest.osm.pbf"), network.Options{Seed: 1, Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	cfg := config(10_000, 1, 2)
	for b.Loop() {
		if _, err := newRoads(b.Context(), city, &cfg, int(city.Report.Counts["inhabitants"])); err != nil {
			b.Fatal(err)
		}
	}
}
