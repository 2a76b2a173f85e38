package gen

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// spots finds where points lie on the graph. It remembers those asked for last,
// as homes and shops are asked for again and again.
type spots struct {
	graph *network.Graph
	known []knownSpot
}

type knownSpot struct {
	at    geo.XY
	mode  network.Mode
	known bool
	ok    bool // there is one
	spot  network.Spot
}

// knownSpots is how many points a worker remembers: homes of some households, and
// most places of a city (2 MB).
const knownSpots = 1 << 15

func newSpots(g *network.Graph) spots { return spots{g, make([]knownSpot, knownSpots)} }

// snap is Graph.Snap.
func (s *spots) snap(m network.Mode, p geo.XY) (network.Spot, bool) {
	x := &s.known[sigcity.Mix(pointKey(p), uint64(m))%knownSpots]
	if !x.known || x.at != p || x.mode != m {
		*x = knownSpot{at: p, mode: m, known: true}
		x.spot, x.ok = s.graph.Snap(m, p)
	}
	return x.spot, x.ok
}
