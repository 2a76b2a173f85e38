// Package synthcity makes procedural cities of any size as OpenStreetMap
// objects, for when no extract is at hand and for scale. The objects go
// through the same code as an extract (network.LoadObjects) or into a file
// that any OpenStreetMap tool reads (City.WriteXML).
//
// Preset and seed fix every byte. A settlement is a square lattice bent into a
// disc: its blocks are small in the middle and large at the edge, concentric
// squares of the lattice become ring roads, and every few lines an arterial.
// All shares, sizes and rates are assumptions of this project, listed in
// docs/synthcity.md; none is measured at a real place.
package synthcity

import (
	"fmt"
	"iter"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

// Attribution is what data made from a procedural city say of their map.
const Attribution = "procedural city by sigcity: no real place, no map data of others"

// Preset is the outline of a city.
type Preset struct {
	Name        string
	Inhabitants int       // that its dwellings hold, towns and hamlets with it
	Center      orb.Point // assumed; nothing of the real place is used
	TimeZone    string
	ReachM      float64 // radius of the region
	Towns       int     // satellite towns
	MainShare   float64 // of the inhabitants, in the main city
	RuralShare  float64 // of the inhabitants, in hamlets
	Metro, Tram int     // lines
	Airport     float64 // length of its grounds, m
	HighSpeed   bool    // a high-speed line with stations
}

// Presets lists the cities by size. The places are fictitious: the presets
// stand in hills at 118° E, 26° N, and only fuzhou-like is put where Fuzhou
// lies, of which it takes the size and nothing else.
func Presets() []Preset {
	somewhere, fuzhou := orb.Point{118, 26}, orb.Point{119.3, 26.08}
	const zone = "Asia/Shanghai"
	return []Preset{
		{"small", 10_000, somewhere, zone, 7_000, 0, 0.94, 0.06, 0, 0, 1_500, false},
		{"medium", 100_000, somewhere, zone, 30_000, 12, 0.60, 0.10, 1, 1, 2_600, true},
		{"large", 1_000_000, somewhere, zone, 42_000, 16, 0.66, 0.09, 4, 1, 3_600, true},
		{"fuzhou-like", 4_000_000, fuzhou, zone, 42_000, 24, 0.66, 0.07, 7, 1, 4_200, true},
	}
}

// Find is the preset of a name.
func Find(name string) (Preset, error) {
	names := ""
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
		names += ", " + p.Name
	}
	return Preset{}, fmt.Errorf("city %q: want one of %s", name, names[2:])
}

// City is a made city: OpenStreetMap objects with ids counted from 1.
type City struct {
	Preset Preset
	Seed   uint64
	store
}

// Make makes the city of a preset and seed. It takes one core: about a second
// for a million inhabitants.
func Make(p Preset, seed uint64) (*City, error) {
	if p.Inhabitants < 1000 || p.Inhabitants > 50_000_000 {
		return nil, fmt.Errorf("inhabitants = %d, must be from 1000 to 50000000", p.Inhabitants)
	}
	if p.MainShare <= 0 || p.RuralShare < 0 || p.MainShare+p.RuralShare > 1 {
		return nil, fmt.Errorf("shares = %g in the main city and %g in hamlets, must be positive and at most 1 together", p.MainShare, p.RuralShare)
	}
	c := &City{Preset: p, Seed: seed, store: newStore(geo.NewProjection(p.Center))}
	m := &maker{city: c, store: &c.store, keepOut: map[[2]int32]bool{}}
	for _, stage := range []func(){
		m.plan, m.lattices, m.water, m.railways, m.airport, m.highways, m.streets, m.metro, m.trams, m.busLines, m.zone,
		m.fill, m.hamlets, m.levels, m.amenities, m.woods, m.districts,
	} {
		stage()
	}
	return c, nil
}

// Bounds is the box of all nodes.
func (c *City) Bounds() orb.Bound {
	lo, hi := orb.Point{math.Inf(1), math.Inf(1)}, orb.Point{math.Inf(-1), math.Inf(-1)}
	for _, n := range c.nodes {
		p := n.point()
		lo = orb.Point{min(lo[0], p[0]), min(lo[1], p[1])}
		hi = orb.Point{max(hi[0], p[0]), max(hi[1], p[1])}
	}
	return orb.Bound{Min: lo, Max: hi}
}

// Objects yields nodes, ways and relations, each in order of id. An object is
// the caller's to keep; its tags are shared and must not be changed.
func (c *City) Objects() iter.Seq[osm.Object] {
	return func(yield func(osm.Object) bool) {
		for i := range c.nodes {
			if !yield(c.node64(i)) {
				return
			}
		}
		for i := range c.ways {
			if !yield(c.way64(i)) {
				return
			}
		}
		for i := range c.rels {
			r := c.rels[i]
			if !yield(&r) {
				return
			}
		}
	}
}

// Nodes is the number of nodes.
func (c *City) Nodes() int { return len(c.nodes) }

// Ways is the number of ways.
func (c *City) Ways() int { return len(c.ways) }

// Relations is the number of relations.
func (c *City) Relations() int { return len(c.rels) }
