package network

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Zone is an administrative area of the map: boundary=administrative.
type Zone struct {
	Level  int // OSM admin_level, 1 … 12: the higher, the smaller
	Name   string
	Rings  [][]geo.XY // outlines and holes, open: inside is what an odd number of them hold
	M2     float64
	Parent int32 // index of the smallest zone of a lower level around it, −1 = none
	Cut    bool  // the extract lacks some of its outline: only the rings that are whole are here
}

// ZoneLevel is one level of administrative areas.
type ZoneLevel struct {
	Level int
	Zones int     // of the level
	Share float64 // of the city's dwellings that lie in one of them
	// Useful tells that the level is a zoning of the city: see dataset.UsefulZones.
	Useful bool
}

// ZoneAt is the index in Zones of the administrative area of a level that q
// lies in, −1 where it lies in none.
func (c *City) ZoneAt(level int, q geo.XY) int {
	x := c.zones[level]
	if x.regions == nil {
		return -1
	}
	if i := x.regions.At(q, nil); i >= 0 {
		return int(x.first) + i
	}
	return -1
}

// zoneIndex finds the zones of a level, which are Zones[first:first+n].
type zoneIndex struct {
	first   int
	regions *geo.Regions
}

// administrative reports whether the object is an administrative area.
func administrative(t tags) bool { return t.has("boundary", "administrative") }

// adminLevel is the level of an administrative area; false where it has none.
func adminLevel(t tags) (int, bool) {
	n, err := strconv.Atoi(t.get("admin_level"))
	return n, err == nil && n >= 1 && n <= 12
}

// zoneRelation files an administrative area that a relation outlines. Outlines
// that the extract cuts are not made up: an area without a whole ring is left
// out and counted.
func (b *builder) zoneRelation(r *relation) {
	ways, missing, twice := b.src.waysOf(r)
	if len(ways) == 0 {
		return // somewhere else altogether
	}
	b.add("repeated_members", int64(twice))
	for _, w := range ways {
		b.borders[w] = true
	}
	if missing > 0 { // a hole whose outline is missing would pass for an area
		inner := r.innerWays()
		ways = slices.DeleteFunc(ways, func(w *way) bool { return inner[w.id] })
	}
	rings, complete := b.src.rings(ways)
	level, ok := adminLevel(r.tags)
	if !ok {
		b.add("zones_without_level", 1)
		return
	}
	z := Zone{Level: level, Name: r.tags.get("name"), Cut: missing > 0 || !complete}
	if z.Cut {
		b.add("zones_cut", 1)
	}
	for _, ring := range rings {
		z.Rings = append(z.Rings, b.city.Proj.RingXY(ring))
	}
	b.zone(z)
}

func (b *builder) zone(z Zone) {
	if !slices.ContainsFunc(z.Rings, b.touches) {
		return
	}
	if z.M2 = (geo.Region{Rings: z.Rings}).M2(); z.M2 < 1 {
		b.add("bad_outlines", 1)
		return
	}
	b.city.Zones = append(b.city.Zones, z)
}

// zones adds the administrative areas that are closed ways of their own, and
// nests all: by level, then size, largest first.
func (b *builder) zones() error {
	s, c := b.src, b.city
	for i := range s.ways {
		w := &s.ways[i]
		n := s.nodesOf(w)
		if !administrative(w.tags) || b.borders[w] || len(n) < 4 || n[0] != n[len(n)-1] {
			continue // an open way is a piece of a border
		}
		level, ok := adminLevel(w.tags)
		if !ok {
			b.add("zones_without_level", 1)
			continue
		}
		rings, complete := s.rings([]*way{w})
		z := Zone{Level: level, Name: w.tags.get("name"), Cut: !complete}
		if z.Cut {
			b.add("zones_cut", 1)
		}
		for _, ring := range rings {
			z.Rings = append(z.Rings, c.Proj.RingXY(ring))
		}
		b.zone(z)
	}
	slices.SortStableFunc(c.Zones, func(x, y Zone) int { return cmp.Or(cmp.Compare(x.Level, y.Level), cmp.Compare(y.M2, x.M2)) })
	c.zones = map[int]zoneIndex{}
	for first := 0; first < len(c.Zones); {
		level, n := c.Zones[first].Level, 0
		var regions []geo.Region
		for _, z := range c.Zones[first:] {
			if z.Level != level {
				break
			}
			regions = append(regions, geo.Region{ID: geo.ZoneID(first + n), Rings: z.Rings})
			n++
		}
		c.zones[level] = zoneIndex{first, geo.NewRegions("", c.Proj, regions)}
		b.add("zones_level_"+strconv.Itoa(level), int64(n))
		first += n
	}
	for i := range c.Zones {
		z := &c.Zones[i]
		z.Parent = -1
		inside := insideOf(z.Rings)
		for level := z.Level - 1; level > 0 && z.Parent < 0; level-- {
			z.Parent = int32(c.ZoneAt(level, inside))
		}
	}
	return nil
}

// insideOf is a point inside the largest of some rings, well off its edges:
// the middle of the widest stretch on the horizontal through its centroid.
func insideOf(rings [][]geo.XY) geo.XY {
	r := slices.MaxFunc(rings, func(a, b []geo.XY) int { return cmp.Compare(geo.RingArea(a), geo.RingArea(b)) })
	c := geo.RingCentroid(r)
	var cuts []float64
	for i, p := range r {
		q := r[(i+1)%len(r)]
		if (p.Y > c.Y) != (q.Y > c.Y) {
			cuts = append(cuts, p.X+float64((q.X-p.X)*(c.Y-p.Y))/(q.Y-p.Y))
		}
	}
	slices.Sort(cuts)
	wide := -1.0
	for i := 1; i < len(cuts); i += 2 {
		if d := cuts[i] - cuts[i-1]; d > wide {
			wide, c.X = d, (cuts[i]+cuts[i-1])/2
		}
	}
	return c
}

// zoneLevels tells which levels of administrative areas are a zoning of the city.
func (b *builder) zoneLevels() error {
	c := b.city
	levels := make([]int, 0, len(c.zones))
	for l := range c.zones {
		levels = append(levels, l)
	}
	slices.Sort(levels)
	zone := make([]int32, len(c.Buildings))
	for _, l := range levels {
		each(len(zone), b.opt.Workers, func(i int) { zone[i] = int32(c.ZoneAt(l, c.Buildings[i].Pos)) })
		in, total := make([]float64, len(c.Zones)), 0.0
		for i, z := range zone {
			dwellings := c.Buildings[i].Dwellings
			total += dwellings
			if z >= 0 {
				in[z] += dwellings
			}
		}
		level := ZoneLevel{Level: l, Zones: int(b.city.Report.Counts["zones_level_"+strconv.Itoa(l)])}
		level.Share, level.Useful = dataset.UsefulZones(in, total)
		c.ZoneLevels = append(c.ZoneLevels, level)
	}
	return nil
}
