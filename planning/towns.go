package planning

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

const (
	// townLevel is the finest administrative level that is a town rather than a part
	// of one: 8 are municipalities in most countries (OpenStreetMap, admin_level).
	townLevel = 8
	// townGapM is how far apart two built-up areas may lie and be one town
	// (assumed; the United Nations' definition of an urban agglomeration has 200 m
	// between buildings, and communities are discs that do not fill their blocks).
	townGapM = 500
)

// towns are the settlements of the public map: those of its administrative areas
// that are towns or, where it has none of use, its contiguous built-up areas.
// They are the same for all who have the map.
type towns struct {
	env  *Env // on the towns as its zoning
	list []town
}

type town struct {
	id        geo.ZoneID
	name      string
	dwellings float64
}

// newTowns finds the towns of the map.
func newTowns(e *Env) (*towns, error) {
	if e.Map == nil {
		return nil, fmt.Errorf("towns: there is no map")
	}
	t, err := administrative(e)
	if t != nil || err != nil {
		return t, err
	}
	return builtUp(e), nil
}

// administrative takes for towns the administrative areas up to townLevel in which
// most dwellings lie in no smaller one: a county around its towns is none. nil
// where they are of no use as a zoning of the dwellings (dataset.UsefulZones).
func administrative(e *Env) (*towns, error) {
	zoning, err := e.Map.Finest(townLevel)
	if err != nil {
		return nil, fmt.Errorf("towns: %w", err)
	}
	own, all, every := map[int64]float64{}, map[int64]float64{}, 0.0
	for _, c := range e.Map.Communities {
		every += c.Dwellings
		own[int64(zoning.Zone(orb.Point{c.Lon, c.Lat}))] += c.Dwellings
	}
	var zones []dataset.Zone
	for _, z := range e.Map.Zones {
		if z.Level <= townLevel {
			zones = append(zones, z)
		}
	}
	slices.SortStableFunc(zones, func(a, b dataset.Zone) int { return cmp.Compare(b.Level, a.Level) }) // finest first
	for _, z := range zones {
		id := int64(z.ID)
		all[id] += own[id]
		all[z.Parent] += all[id]
	}
	out := &towns{}
	var in []float64
	for _, z := range zones {
		if n := own[int64(z.ID)]; n > 0 && n >= all[int64(z.ID)]/2 {
			out.list = append(out.list, town{geo.ZoneID(z.ID), z.Name, n})
			in = append(in, n)
		}
	}
	if _, useful := dataset.UsefulZones(in, every); !useful {
		return nil, nil
	}
	out.sort()
	out.env = e.on(zoning)
	return out, nil
}

// sort puts the towns in order of id.
func (t *towns) sort() {
	slices.SortFunc(t.list, func(a, b town) int { return cmp.Compare(a.id, b.id) })
}

// index is the place of a town in the list; none for another zone.
func (t *towns) index(z geo.ZoneID) (int, bool) {
	return slices.BinarySearchFunc(t.list, z, func(t town, z geo.ZoneID) int { return cmp.Compare(t.id, z) })
}

// builtUp joins communities whose discs lie within townGapM of each other. Whoever
// lives elsewhere belongs to the town of the nearest community. A town's number is
// that of its first community.
func builtUp(e *Env) *towns {
	k := e.Map.Communities
	d := newDiscs(townGapM)
	for _, c := range k {
		d.add(e.Proj.XY(orb.Point{c.Lon, c.Lat}), c.RadiusM)
	}
	z := &builtUpZoning{proj: e.Proj, of: make([]geo.ZoneID, len(k)), town: map[geo.ZoneID]builtUpTown{}}
	for i := range z.of {
		z.of[i] = geo.NoZone
	}
	out := &towns{}
	for i := range k {
		if z.of[i] != geo.NoZone {
			continue
		}
		id := geo.ZoneID(i)
		z.of[i] = id
		t := town{id: id, name: fmt.Sprintf("settlement %d", len(out.list)+1)}
		at, m2 := geo.XY{}, 0.0
		for reached := []int{i}; len(reached) > 0; {
			j := reached[0]
			reached = reached[1:]
			w := math.Pi * float64(d.radius[j]*d.radius[j])
			at, m2 = geo.XY{X: at.X + float64(w*d.at[j].X), Y: at.Y + float64(w*d.at[j].Y)}, m2+w
			t.dwellings += k[j].Dwellings
			for _, n := range d.around(j) {
				if z.of[n] == geo.NoZone {
					z.of[n] = id
					reached = append(reached, n)
				}
			}
		}
		if m2 > 0 {
			at = geo.XY{X: at.X / m2, Y: at.Y / m2}
		} else {
			at = d.at[i]
		}
		z.town[id] = builtUpTown{at, max(100, math.Sqrt(m2/math.Pi))}
		out.list = append(out.list, t)
	}
	z.nearest = geo.NewIndex(d.at)
	out.env = e.on(z)
	return out
}

// builtUpZoning is the zoning by built-up areas.
type builtUpZoning struct {
	proj    geo.Projection
	nearest *geo.Index   // of communities
	of      []geo.ZoneID // town of each community
	town    map[geo.ZoneID]builtUpTown
}

type builtUpTown struct {
	at     geo.XY
	radius float64 // of a disc as large as its communities
}

func (z *builtUpZoning) Name() string { return "built-up" }

func (z *builtUpZoning) Zone(p orb.Point) geo.ZoneID {
	if z.nearest.Len() == 0 {
		return geo.NoZone
	}
	i, _ := z.nearest.Nearest(z.proj.XY(p))
	return z.of[i]
}

func (z *builtUpZoning) Center(id geo.ZoneID) orb.Point { return z.proj.LonLat(z.town[id].at) }

// Outline is the disc as large as the town's communities: their union has any
// shape, and holes.
func (z *builtUpZoning) Outline(id geo.ZoneID) orb.Ring {
	t, ok := z.town[id]
	if !ok {
		return nil
	}
	var ring []geo.XY
	for i := range 32 {
		sin, cos := math.Sincos(float64(i) / 32 * 2 * math.Pi)
		ring = append(ring, geo.XY{X: t.at.X + float64(t.radius*cos), Y: t.at.Y + float64(t.radius*sin)})
	}
	return z.proj.Ring(ring)
}

// discs are places of some radius; two are neighbours if they lie no more than
// a gap apart. Zones of any zoning are so, as discs of their area: those of a grid
// are the neighbours of the eight around them with any gap from 0.29 sides.
type discs struct {
	gap    float64
	at     []geo.XY
	radius []float64
	most   float64
	index  *geo.Index // built when first asked
}

func newDiscs(gap float64) *discs { return &discs{gap: gap} }

func (d *discs) add(at geo.XY, radius float64) {
	d.at, d.radius, d.most = append(d.at, at), append(d.radius, radius), max(d.most, radius)
}

// addZone adds a zone as a disc of its area, in km², which it returns.
func (d *discs) addZone(e *Env, z geo.ZoneID) float64 {
	m2 := geo.RingArea(e.Proj.RingXY(e.Zoning.Outline(z)))
	d.add(e.Proj.XY(e.Zoning.Center(z)), math.Sqrt(m2/math.Pi))
	return m2 / 1e6
}

// around lists the neighbours of disc i, in order. None may be added after the first call.
func (d *discs) around(i int) []int {
	if d.index == nil {
		d.index = geo.NewIndex(d.at)
	}
	var out []int
	d.index.Within(d.at[i], d.radius[i]+d.most+d.gap, func(j int, m float64) {
		if j != i && m <= d.radius[i]+d.radius[j]+d.gap {
			out = append(out, j)
		}
	})
	slices.Sort(out)
	return out
}
