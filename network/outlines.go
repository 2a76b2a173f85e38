package network

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// outlined is a relation that is an area, put together.
type outlined struct {
	tags     tags
	polygons []polygon
}

// outlines files the streets and areas of the map: ways first, then relations,
// in order of id. Areas of relations are put together before, since their tags
// and those of their ways stand for one thing.
func (b *builder) outlines(lines [][]orb.Point) {
	s, c := b.src, b.city
	rels := b.relations()
	closed := make([]bool, len(lines))
	odd := make([]bool, len(lines)) // loops or crossing edges
	areas := make([][]polygon, len(lines))
	each(len(lines), b.opt.Workers, func(i int) {
		w := &s.ways[i]
		n := s.nodesOf(w)
		if closed[i] = len(lines[i]) > 3 && n[0] == n[len(n)-1]; !closed[i] || roadClass(w.tags) != "" || !outlinable(w.tags) ||
			!c.Bounds.Intersects(orb.LineString(lines[i]).Bound()) {
			return
		}
		loops, _ := loopsOf(n)
		kept := 0
		var rings [][]geo.XY
		for _, l := range loops {
			kept += len(l)
			if r, ok := s.ring(l); ok {
				rings = append(rings, c.Proj.RingXY(r))
			}
		}
		// Two equal nodes after each other are no loop.
		odd[i] = len(loops) > 1 || kept < len(slices.Compact(slices.Clone(n)))-1 || slices.ContainsFunc(rings, crosses)
		areas[i] = nest(rings)
	})
	for i, l := range lines {
		w := &s.ways[i]
		switch {
		case l == nil || !c.Bounds.Intersects(orb.LineString(l).Bound()):
		case roadClass(w.tags) != "" && len(l) > 1:
			c.Roads = append(c.Roads, Road{Class: roadClass(w.tags), Name: w.tags.get("name"), Line: c.Proj.RingXY(l),
				Tunnel: inTunnel(w.tags), HighSpeed: highSpeedTrack(w.tags)})
		case closed[i]:
			if odd[i] && areal(w.tags) {
				b.add("looped_outlines", 1)
			}
			if len(areas[i]) == 0 && areal(w.tags) {
				b.add("bad_outlines", 1)
			}
			for _, p := range areas[i] {
				b.area(w.tags, p)
			}
		default:
			// An open way may still be a place (a pier, a badly closed outline).
			if len(l) > 1 && (isBuilding(w.tags) || landUse(w.tags) != "") {
				b.add("unclosed_outlines", 1)
			}
			b.point(w.tags, geo.RingCentroid(c.Proj.RingXY(l)))
		}
	}
	for _, r := range rels {
		for _, p := range r.polygons {
			b.area(r.tags, p)
		}
	}
}

// relations puts together the areas that relations outline, the administrative
// ones apart, and takes what a relation says off the tags of its ways, so that
// nothing is there twice.
func (b *builder) relations() []outlined {
	var out []outlined
	taken := map[*way]tags{}
	for i := range b.src.rels {
		r := &b.src.rels[i]
		switch {
		case r.tags.has("type", "multilinestring"): // only a piece of others
		case len(r.members) == 0:
			b.add("empty_relations", 1)
		case r.tags.has("type", "site"):
			b.siteRelation(r)
		default:
			if administrative(r.tags) {
				b.zoneRelation(r)
			}
			if x := b.outline(r, taken); len(x.polygons) > 0 {
				out = append(out, x)
			}
		}
	}
	for i := range b.src.ways {
		if t, ok := taken[&b.src.ways[i]]; ok {
			b.src.ways[i].tags = t
		}
	}
	return out
}

// outline puts together the area of a relation; taken collects the tags that
// are left to its ways. A relation without tags of its own has those on which
// its outer ways agree, as was the custom until 2016.
func (b *builder) outline(r *relation, taken map[*way]tags) outlined {
	t := r.tags
	inherited := !interesting(osm.Tags(t))
	inner := r.innerWays()
	ways, missing, twice := b.src.waysOf(r)
	if inherited {
		t = nil
		for _, w := range ways {
			switch {
			case inner[w.id] || !interesting(osm.Tags(w.tags)):
			case t == nil:
				t = w.tags
			case !sameTags(t, w.tags):
				return outlined{} // the ways are areas of their own
			}
		}
	}
	if !outlinable(t) {
		return outlined{}
	}
	b.add("repeated_members", int64(twice))
	rings, complete := b.src.rings(ways)
	if missing > 0 || !complete {
		b.add("incomplete_relations", 1)
	}
	var xy [][]geo.XY
	for _, ring := range rings {
		xy = append(xy, b.city.Proj.RingXY(ring))
		if crosses(xy[len(xy)-1]) {
			b.add("looped_outlines", 1)
		}
	}
	x := outlined{t, slices.DeleteFunc(nest(xy), func(p polygon) bool { return !b.touches(p.ring) })}
	if len(x.polygons) == 0 {
		return x
	}
	for _, w := range ways {
		old, ok := taken[w]
		if !ok {
			old = w.tags
		}
		taken[w] = slices.DeleteFunc(slices.Clone(old), func(o osm.Tag) bool {
			v := t.get(o.Key)
			return v == o.Value || v != "" && !inner[w.id]
		})
	}
	if roadClass(t) != "" { // a pedestrian square
		x.tags = slices.DeleteFunc(slices.Clone(t), func(x osm.Tag) bool { return x.Key == "highway" || x.Key == "railway" })
	}
	return x
}

// innerWays are the ways that the relation says are holes.
func (r *relation) innerWays() map[int64]bool {
	inner := map[int64]bool{}
	for _, m := range r.members {
		if m.role == innerRole && m.kind == osm.TypeWay {
			inner[m.ref] = true
		}
	}
	return inner
}

func sameTags(a, b tags) bool {
	sorted := func(t tags) tags {
		return slices.SortedFunc(slices.Values(t), func(a, b osm.Tag) int { return cmp.Compare(a.Key, b.Key) })
	}
	return slices.Equal(sorted(a), sorted(b))
}

// touches reports whether the box of a ring meets the city's.
func (b *builder) touches(ring []geo.XY) bool {
	lo, hi := box(ring)
	return lo.X <= b.hi.X && lo.Y <= b.hi.Y && hi.X >= b.lo.X && hi.Y >= b.lo.Y
}

// areal reports whether tags make a closed outline an area of interest.
func areal(t tags) bool {
	_, place := category(t)
	return place || isBuilding(t) || landUse(t) != ""
}

// outlinable reports whether the outline of an object with the tags is needed.
func outlinable(t tags) bool { return areal(t) || isPart(t) || isMast(t) }

func isBuilding(t tags) bool { return t.get("building") != "" && !t.has("building", "no") }

// isPart reports whether the object is a part of a building with levels of its own.
func isPart(t tags) bool { return t.get("building:part") != "" && !t.has("building:part", "no") }

// area files a polygon. Holes count for its size only: a ring says where
// something lies, not what it excludes.
func (b *builder) area(t tags, p polygon) {
	a := area{tags: t, ring: p.ring, center: geo.RingCentroid(p.ring), m2: p.m2}
	if !outlinable(t) {
		return
	}
	if !(a.m2 >= 1) || !finite(a.center) {
		b.add("bad_outlines", 1)
		return
	}
	if landUse(t) == "" && !b.inside(a.center) {
		return
	}
	if use := landUse(t); use != "" {
		b.city.LandUse = append(b.city.LandUse, LandUse{Use: use, Ring: p.ring})
		if use == "residential" && t.has("residential", "gated") {
			b.gated = append(b.gated, p.ring)
		}
	}
	if isMast(t) {
		b.masts = append(b.masts, mast{a.center, t.get("operator")})
	}
	switch {
	case isPart(t):
		b.parts = append(b.parts, a)
	case isBuilding(t):
		b.areas = append(b.areas, a)
	}
	if cat, ok := category(t); ok {
		b.spots = append(b.spots, spot{cat, t, a.center, p.ring, a.m2, isBuilding(t) && !isPart(t)})
	} else if t.has("landuse", "industrial", "port") {
		b.spots = append(b.spots, spot{dataset.Industry, t, a.center, p.ring, a.m2, false})
	}
}

// siteRelation files a place that is spread over several objects.
func (b *builder) siteRelation(r *relation) {
	var bound orb.Bound
	n := 0
	for _, m := range r.members {
		if p, ok := b.position(m); ok {
			if n == 0 {
				bound = p.Bound()
			}
			bound = bound.Extend(p)
			n++
		}
	}
	if n > 0 && b.city.Bounds.Contains(bound.Center()) {
		b.point(r.tags, b.city.Proj.XY(bound.Center()))
	}
}

// position is where a member of a relation lies: a node, or the first node of a way.
func (b *builder) position(m member) (orb.Point, bool) {
	if m.kind == osm.TypeNode {
		return b.src.node(m.ref)
	}
	if m.kind != osm.TypeWay {
		return orb.Point{}, false
	}
	if w := b.src.way(m.ref); w != nil && w.end > w.first {
		return b.src.node(b.src.refs[w.first])
	}
	return orb.Point{}, false
}
