package network

import "testing"

func BenchmarkCover(b *testing.B) {
	c := load(b, moduleFile(b, "delaware-latest.osm.pbf"), Options{Seed: 1, Workers: 2})
	lo, hi := c.Proj.XY(c.Bounds.Min), c.Proj.XY(c.Bounds.Max)
	for b.Loop() {
		for op := range c.Operators {
			c.radio.ops[op].coverage = coverage{}
			c.radio.cover(c, op, 1, lo, hi, 2)
		}
	}
}
