package network

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
	"github.com/paulmach/osm/osmxml"
)

// source is what an extract holds of interest to a City: the positions of all
// nodes (16 bytes each), the tagged nodes, all ways, the relations that may be
// areas or places, and the routes of public transport. Everything is in order
// of id once finish has run.
type source struct {
	nodes  []node
	points []tagged
	ways   []way
	refs   []int64 // node ids of all ways, one after the other
	rels   []relation
	routes []relation // of public transport

	implied        []node // positions that ways tell of their nodes
	badCoordinates int64  // nodes off the globe, left out
	repeated       int64  // objects whose id came before, left out
}

// node is a node's position in units of 1e-7 degrees, as OSM stores it.
type node struct {
	id       int64
	lon, lat int32
}

type tagged struct {
	id   int64
	pos  orb.Point
	tags tags
}

type way struct {
	id         int64
	first, end int // its nodes are refs[first:end]
	tags       tags
}

type relation struct {
	id      int64
	tags    tags
	members []member
}

type member struct {
	kind osm.Type
	ref  int64
	role memberRole
}

// tags are the tags of interest of one object; few, so a linear search wins.
type tags []osm.Tag

func (t tags) get(key string) string {
	for _, x := range t {
		if x.Key == key {
			return x.Value
		}
	}
	return ""
}

func (t tags) has(key string, values ...string) bool {
	v := t.get(key)
	return v != "" && slices.Contains(values, v)
}

// keepTag reports whether a City depends on the key.
func keepTag(key string) bool {
	switch key {
	case "access", "admin_level", "aeroway", "amenity", "area", "boundary", "building", "building:flats", "building:levels",
		"building:min_level", "building:part", "building:use", "capacity", "childcare", "communication", "craft", "healthcare",
		"height", "highway", "iata", "industrial", "landuse", "leisure", "man_made", "min_height", "name", "natural", "office", "operator",
		"place", "power", "public_transport", "railway", "residential", "roof:levels", "rooms", "service", "shop", "station", "tourism",
		"tower:type", "tunnel", "type", "waterway":
		return true
	}
	return strings.HasPrefix(key, "communication:")
}

// telling reports whether the key alone makes an object worth keeping.
func telling(key string) bool {
	switch key {
	case "access", "admin_level", "area", "boundary", "building:flats", "building:levels", "building:min_level", "building:use",
		"capacity", "height", "min_height", "name", "operator", "power", "roof:levels", "service", "station", "tunnel", "type",
		"residential", "highway", "natural", "waterway", "industrial", "iata":
		return false
	}
	return true
}

// interesting reports whether an object is worth keeping for its tags.
func interesting(all osm.Tags) bool {
	return slices.ContainsFunc(all, func(t osm.Tag) bool {
		return keepTag(t.Key) && telling(t.Key) || t.Key == "highway" && t.Value == "bus_stop"
	})
}

// keepRoadTag reports whether the road graph depends on the key of a highway.
func keepRoadTag(key string) bool {
	switch key {
	case "bicycle", "bridge", "cycleway", "foot", "junction", "lanes", "maxspeed", "motor_vehicle", "motorcar", "motorroad",
		"oneway", "oneway:bicycle", "vehicle":
		return true
	}
	return false
}

// keepRailTag reports whether tracks and stations depend on the key.
func keepRailTag(key string) bool {
	switch key {
	case "highspeed", "layer", "maxspeed", "subway", "usage":
		return true
	}
	return false
}

func pick(all osm.Tags) tags {
	road := slices.ContainsFunc(all, func(t osm.Tag) bool { return t.Key == "highway" })
	rail := slices.ContainsFunc(all, func(t osm.Tag) bool { return t.Key == "railway" })
	return pickKeys(all, func(key string) bool { return keepTag(key) || road && keepRoadTag(key) || rail && keepRailTag(key) })
}

func pickKeys(all osm.Tags, keep func(key string) bool) tags {
	n := 0
	for _, t := range all {
		if keep(t.Key) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make(tags, 0, n)
	for _, t := range all {
		if keep(t.Key) {
			// Cloned: a value must not pin the string table of its block.
			out = append(out, osm.Tag{Key: strings.Clone(t.Key), Value: strings.Clone(t.Value)})
		}
	}
	return out
}

func (s *source) readPBF(ctx context.Context, r io.Reader, workers int) error {
	var mu sync.Mutex // nodes come from the reading and from every decoding goroutine
	guard := newPBFGuard(ctx, r, func(n plainNode) {
		mu.Lock()
		defer mu.Unlock()
		s.addNode(n.id, n.lon, n.lat)
		if interesting(n.tags) {
			s.addPoint(n.id, n.lon, n.lat, n.tags)
		}
	})
	sc := osmpbf.New(ctx, guard, workers)
	defer sc.Close()
	sc.FilterNode = func(n *osm.Node) bool {
		mu.Lock()
		defer mu.Unlock()
		s.addNode(int64(n.ID), n.Lon, n.Lat)
		return interesting(n.Tags)
	}
	for sc.Scan() {
		mu.Lock()
		switch o := sc.Object().(type) {
		case *osm.Node:
			s.addPoint(int64(o.ID), o.Lon, o.Lat, o.Tags)
		case *osm.Way:
			s.addWay(o)
		case *osm.Relation:
			s.addRelation(o)
		}
		mu.Unlock()
	}
	err := sc.Err()
	sc.Close() // waits for the goroutine that uses the guard
	// The guard's error says more than the decoder's, which may only see its end.
	return cmp.Or(guard.err, err)
}

func (s *source) readXML(ctx context.Context, r io.Reader) error {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Contains(head, []byte("<osm")) {
		return fmt.Errorf("XML without an <osm> root; want %s", describe(extXML))
	}
	// Decompression and parsing share the two ends of a pipe.
	pr, pw := io.Pipe()
	go func() {
		_, err := io.CopyBuffer(pw, struct{ io.Reader }{b}, make([]byte, 1<<17))
		pw.CloseWithError(err)
	}()
	defer pr.Close() // stops the copying goroutine whatever happens here
	sc := osmxml.New(ctx, bufio.NewReaderSize(pr, 1<<17))
	defer sc.Close()
	for sc.Scan() {
		s.addObject(sc.Object())
	}
	return sc.Err()
}

func (s *source) addNode(id int64, lon, lat float64) {
	if !onGlobe(lon, lat) {
		s.badCoordinates++
		return
	}
	s.nodes = append(s.nodes, nodeAt(id, lon, lat))
}

func nodeAt(id int64, lon, lat float64) node {
	return node{id, int32(math.Round(lon * 1e7)), int32(math.Round(lat * 1e7))}
}

func onGlobe(lon, lat float64) bool {
	return math.Abs(lon) <= 180 && math.Abs(lat) <= 90 // false for NaN
}

func (s *source) addPoint(id int64, lon, lat float64, all osm.Tags) {
	if onGlobe(lon, lat) {
		s.points = append(s.points, tagged{id, orb.Point{lon, lat}, pick(all)})
	}
}

func (s *source) addWay(w *osm.Way) {
	first := len(s.refs)
	for _, n := range w.Nodes {
		s.refs = append(s.refs, int64(n.ID))
		if (n.Lon != 0 || n.Lat != 0) && onGlobe(n.Lon, n.Lat) { // extracts with positions on ways may lack the nodes
			s.implied = append(s.implied, nodeAt(int64(n.ID), n.Lon, n.Lat))
		}
	}
	s.ways = append(s.ways, way{int64(w.ID), first, len(s.refs), pick(w.Tags)})
}

// addRelation keeps the relations that are areas, and those that areas may be
// made of: multipolygons whose tags are on their ways, and pieces of borders.
func (s *source) addRelation(r *osm.Relation) {
	if isRoute(r.Tags) {
		s.routes = append(s.routes, relation{int64(r.ID), pickKeys(r.Tags, keepRouteTag), membersOf(r, osm.TypeNode, osm.TypeWay)})
		return
	}
	t := pick(r.Tags)
	switch t.get("type") {
	case "multipolygon", "multilinestring":
	case "boundary":
		if !administrative(t) && !interesting(osm.Tags(t)) {
			return
		}
	case "site":
		if !interesting(osm.Tags(t)) {
			return
		}
	default:
		return
	}
	members := membersOf(r, osm.TypeWay, osm.TypeRelation)
	if t.has("type", "site") {
		members = membersOf(r, osm.TypeNode, osm.TypeWay, osm.TypeRelation)
	}
	s.rels = append(s.rels, relation{int64(r.ID), t, members})
}

// membersOf is the relation's members of some types, in order, without the
// areas below an area, which are no part of its outline.
func membersOf(r *osm.Relation, types ...osm.Type) []member {
	var out []member
	for _, m := range r.Members {
		if slices.Contains(types, m.Type) && m.Role != "subarea" {
			out = append(out, member{m.Type, m.Ref, roleOf(m.Role)})
		}
	}
	return out
}

// finish sorts everything by id, so that neither the order of the file nor of
// the decoding workers shows, drops repeated objects and checks that there is
// enough for a city.
func (s *source) finish() error {
	s.nodes = s.distinct(s.nodes)
	if len(s.implied) > 0 {
		given := s.nodes
		s.implied = slices.DeleteFunc(s.implied, func(n node) bool { return has(given, n.id) })
		before := s.repeated
		s.nodes = s.distinct(append(s.nodes, s.implied...))
		s.repeated, s.implied = before, nil // many ways tell of one node
	}
	s.points = sortByID(s.points, func(p tagged) int64 { return p.id }, new(int64)) // counted as nodes
	s.ways = sortByID(s.ways, func(w way) int64 { return w.id }, &s.repeated)
	s.rels = sortByID(s.rels, func(r relation) int64 { return r.id }, &s.repeated)
	s.routes = sortByID(s.routes, func(r relation) int64 { return r.id }, &s.repeated)
	switch {
	case len(s.nodes) == 0 && len(s.ways) == 0:
		return errors.New("no nodes and no ways: want an extract with streets and buildings")
	case len(s.ways) == 0:
		return fmt.Errorf("no ways: the extract holds %d nodes only; want streets and buildings, which are ways", len(s.nodes))
	}
	return nil
}

// distinct sorts nodes by id and drops, and counts, those whose id came before.
func (s *source) distinct(nodes []node) []node {
	byNode := func(a, b node) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.lon, b.lon), cmp.Compare(a.lat, b.lat))
	}
	if !slices.IsSortedFunc(nodes, byNode) {
		slices.SortFunc(nodes, byNode)
	}
	n := len(nodes)
	nodes = slices.CompactFunc(nodes, func(a, b node) bool { return a.id == b.id })
	s.repeated += int64(n - len(nodes))
	return nodes
}

func has(nodes []node, id int64) bool {
	_, ok := slices.BinarySearchFunc(nodes, id, func(n node, id int64) int { return cmp.Compare(n.id, id) })
	return ok
}

func sortByID[T any](s []T, id func(T) int64, repeated *int64) []T {
	slices.SortStableFunc(s, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
	n := len(s)
	s = slices.CompactFunc(s, func(a, b T) bool { return id(a) == id(b) })
	*repeated += int64(n - len(s))
	return s
}

// node finds the position of a node.
func (s *source) node(id int64) (orb.Point, bool) {
	i, ok := slices.BinarySearchFunc(s.nodes, id, func(n node, id int64) int { return cmp.Compare(n.id, id) })
	if !ok {
		return orb.Point{}, false
	}
	return s.nodes[i].point(), true
}

func (n node) point() orb.Point { return orb.Point{float64(n.lon) / 1e7, float64(n.lat) / 1e7} }

// way finds a way by id; nil where the extract lacks it.
func (s *source) way(id int64) *way {
	i, ok := slices.BinarySearchFunc(s.ways, id, func(w way, id int64) int { return cmp.Compare(w.id, id) })
	if !ok {
		return nil
	}
	return &s.ways[i]
}

// relation finds a relation by id; nil where the extract lacks it.
func (s *source) relation(id int64) *relation {
	i, ok := slices.BinarySearchFunc(s.rels, id, func(r relation, id int64) int { return cmp.Compare(r.id, id) })
	if !ok {
		return nil
	}
	return &s.rels[i]
}

func (s *source) nodesOf(w *way) []int64 { return s.refs[w.first:w.end] }

// line is the way's polyline; false where the extract lacks one of its nodes
// or it has none.
func (s *source) line(w *way) ([]orb.Point, bool) {
	out := make([]orb.Point, 0, w.end-w.first)
	for _, id := range s.nodesOf(w) {
		p, ok := s.node(id)
		if !ok {
			return nil, false
		}
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, false
	}
	return out, true
}
