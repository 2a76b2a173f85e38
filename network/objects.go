package network

import (
	"context"
	"iter"

	"github.com/paulmach/osm"
)

// LoadObjects builds the City of OpenStreetMap objects that are in memory, as
// Load does of a file. opt.Name should be given: there is no file to name it.
func LoadObjects(ctx context.Context, objects iter.Seq[osm.Object], opt Options) (*City, error) {
	s := &source{}
	n := 0
	for o := range objects {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.addObject(o)
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	return build(ctx, s, opt)
}

// addObject files a node, way or relation; other objects are of no interest.
func (s *source) addObject(o osm.Object) {
	switch o := o.(type) {
	case *osm.Node:
		s.addNode(int64(o.ID), o.Lon, o.Lat)
		if interesting(o.Tags) {
			s.addPoint(int64(o.ID), o.Lon, o.Lat, o.Tags)
		}
	case *osm.Way:
		s.addWay(o)
	case *osm.Relation:
		s.addRelation(o)
	}
}
