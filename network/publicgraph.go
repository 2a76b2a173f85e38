package network

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// PublicGraph is the road graph that a data set publishes in its table
// map/links, on the plane of the map: link 2 × id leads along the line of edge
// id, link 2 × id + 1 against it. Modes, classes, lanes, lengths and free speeds
// (to a whole km/h) are those of the table, so that its fastest ways are those
// on the graph of the generated city. Errors name the table and the row.
func PublicGraph(edges []dataset.RoadEdge, proj geo.Projection) (*Graph, error) {
	nodes := 0
	parts := make([]stretch, len(edges))
	for i := range edges {
		s, err := publicStretch(&edges[i], i, 2*len(edges), proj)
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", dataset.TableLinks, i, err)
		}
		parts[i], nodes = s, max(nodes, int(s.a)+1, int(s.b)+1)
	}
	g := &Graph{Pos: make([]geo.XY, nodes)}
	known := make([]bool, nodes)
	for i := range parts {
		s := &parts[i]
		for _, end := range []struct {
			node int32
			at   geo.XY
		}{{s.a, s.line[0]}, {s.b, s.line[len(s.line)-1]}} {
			switch pos := &g.Pos[end.node]; {
			case !known[end.node]:
				*pos, known[end.node] = end.at, true
			case pos.Dist(end.at) > 1:
				return nil, fmt.Errorf("%s: row %d: node %d lies %.0f m from where rows before have it", dataset.TableLinks, i, end.node, pos.Dist(end.at))
			}
		}
	}
	for n, ok := range known {
		if !ok {
			return nil, fmt.Errorf("%s: no edge has node %d of %d, want all numbers from 0 on", dataset.TableLinks, n, nodes)
		}
	}
	g.lay(parts)
	return g, nil
}

// publicStretch reads row i of the table; nodes must be fewer than limit.
func publicStretch(e *dataset.RoadEdge, i, limit int, proj geo.Projection) (stretch, error) {
	kmh := math.Round(e.FreeMPS * 3.6)
	switch {
	case int(e.ID) != i:
		return stretch{}, fmt.Errorf("id %d, want the row's number", e.ID)
	case int64(e.FromNode) >= int64(limit) || int64(e.ToNode) >= int64(limit):
		return stretch{}, fmt.Errorf("from node %d to %d, want less than two nodes an edge", e.FromNode, e.ToNode)
	case len(e.Lon) < 2 || len(e.Lon) != len(e.Lat):
		return stretch{}, fmt.Errorf("%d longitudes and %d latitudes, want a line", len(e.Lon), len(e.Lat))
	case !(e.LengthM > 0) || e.LengthM > math.MaxFloat32:
		return stretch{}, fmt.Errorf("length_m = %g, must be positive", e.LengthM)
	case !(kmh >= 1 && kmh <= math.MaxUint8):
		return stretch{}, fmt.Errorf("free_mps = %g, want a speed of 1 to %d km/h", e.FreeMPS, math.MaxUint8)
	}
	s := stretch{a: int32(e.FromNode), b: int32(e.ToNode), length: max(e.LengthM, minEdgeM)}
	s.road = road{bridge: e.Bridge, tunnel: e.Tunnel, kmh: uint8(kmh)}
	class, ok := roadClassOf(e.Class)
	if !ok {
		return stretch{}, fmt.Errorf("class %q, want a class of the graph's roads", e.Class)
	}
	s.road.class = class
	for dir, names := range []string{e.Modes, e.ModesBack} {
		for name := range strings.FieldsSeq(names) {
			m, ok := modeOf(name)
			if !ok {
				return stretch{}, fmt.Errorf("mode %q, want %s, %s or %s", name, Car, Bike, Walk)
			}
			s.road.modes[dir] |= 1 << m
		}
		lanes := []int32{e.Lanes, e.LanesBack}[dir]
		if lanes < 0 || lanes > math.MaxUint8 {
			return stretch{}, fmt.Errorf("%d lanes, want 0 to %d", lanes, math.MaxUint8)
		}
		s.road.lanes[dir] = uint8(lanes)
	}
	for k := range e.Lon {
		if !(math.Abs(e.Lon[k]) <= 180 && math.Abs(e.Lat[k]) <= 90) {
			return stretch{}, fmt.Errorf("point %g, %g, want degrees", e.Lon[k], e.Lat[k])
		}
		s.line = append(s.line, proj.XY(orb.Point{e.Lon[k], e.Lat[k]}))
	}
	return s, nil
}

func modeOf(name string) (Mode, bool) {
	for m := range modes {
		if m.String() == name {
			return m, true
		}
	}
	return 0, false
}

// roadClassOf is the class with a value of OSM's highway=*.
func roadClassOf(osm string) (RoadClass, bool) {
	for c := range classFacts {
		if classFacts[c].osm == osm {
			return RoadClass(c), true
		}
	}
	return 0, false
}
