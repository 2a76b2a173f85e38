package synthcity

import (
	"math"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

// stamp is the time that every object bears; a clock would change the bytes.
const stamp = "2026-01-01T00:00:00Z"

// store keeps the objects compactly: 8 bytes a node, 4 a node of a way.
type store struct {
	proj     geo.Projection
	nodes    []position
	nodeTags map[int32]osm.Tags // looked up only: its order never shows
	ways     []wayRecord
	refs     []int32
	rels     []osm.Relation
}

// position is in units of 1e-7 degrees, as OpenStreetMap stores it.
type position struct{ lon, lat int32 }

func (p position) point() orb.Point { return orb.Point{float64(p.lon) / 1e7, float64(p.lat) / 1e7} }

type wayRecord struct {
	first, end int32 // its nodes are refs[first:end]
	tags       osm.Tags
}

func newStore(proj geo.Projection) store { return store{proj: proj, nodeTags: map[int32]osm.Tags{}} }

// pairs makes tags of keys and values in turn.
func pairs(kv []string) osm.Tags {
	out := make(osm.Tags, 0, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		out = append(out, osm.Tag{Key: kv[i], Value: kv[i+1]})
	}
	return out
}

// node adds a node and is its index; its id is one more.
func (s *store) node(p geo.XY, kv ...string) int32 {
	ll := s.proj.LonLat(p)
	s.nodes = append(s.nodes, position{int32(math.Round(ll[0] * 1e7)), int32(math.Round(ll[1] * 1e7))})
	id := int32(len(s.nodes) - 1)
	if len(kv) > 0 {
		s.nodeTags[id] = pairs(kv)
	}
	return id
}

// tagNode adds tags to a node, without touching keys that it has.
func (s *store) tagNode(id int32, kv ...string) {
	for _, t := range pairs(kv) {
		if s.nodeTags[id].Find(t.Key) == "" {
			s.nodeTags[id] = append(s.nodeTags[id], t)
		}
	}
}

func (s *store) at(id int32) geo.XY { return s.proj.XY(s.nodes[id].point()) }

// way adds a way and is its index; its id is one more.
func (s *store) way(refs []int32, kv ...string) int32 {
	first := int32(len(s.refs))
	s.refs = append(s.refs, refs...)
	s.ways = append(s.ways, wayRecord{first, int32(len(s.refs)), pairs(kv)})
	return int32(len(s.ways) - 1)
}

// ring adds a closed way with nodes of its own.
func (s *store) ring(pts []geo.XY, kv ...string) int32 {
	first := int32(len(s.refs))
	for _, p := range pts {
		s.refs = append(s.refs, s.node(p))
	}
	s.refs = append(s.refs, s.refs[first])
	s.ways = append(s.ways, wayRecord{first, int32(len(s.refs)), pairs(kv)})
	return int32(len(s.ways) - 1)
}

func (s *store) relation(members osm.Members, kv ...string) {
	t, _ := time.Parse(time.RFC3339, stamp) // a constant of that very form
	s.rels = append(s.rels, osm.Relation{ID: osm.RelationID(len(s.rels) + 1), Version: 1, Visible: true, Timestamp: t, Tags: pairs(kv), Members: members})
}

func wayMember(way int32, role string) osm.Member {
	return osm.Member{Type: osm.TypeWay, Ref: int64(way) + 1, Role: role}
}

func nodeMember(node int32, role string) osm.Member {
	return osm.Member{Type: osm.TypeNode, Ref: int64(node) + 1, Role: role}
}

func (s *store) node64(i int) *osm.Node {
	p := s.nodes[i].point()
	return &osm.Node{ID: osm.NodeID(i + 1), Lon: p[0], Lat: p[1], Version: 1, Visible: true, Tags: s.nodeTags[int32(i)]}
}

func (s *store) way64(i int) *osm.Way {
	w := &s.ways[i]
	nodes := make(osm.WayNodes, 0, w.end-w.first)
	for _, r := range s.refs[w.first:w.end] {
		nodes = append(nodes, osm.WayNode{ID: osm.NodeID(r) + 1})
	}
	return &osm.Way{ID: osm.WayID(i + 1), Version: 1, Visible: true, Nodes: nodes, Tags: w.tags}
}
