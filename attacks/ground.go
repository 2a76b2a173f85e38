package attacks

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// ground is what a release and the public map give every attack: the plane,
// the local calendar and the geometry of the release's areas.
type ground struct {
	data  sigcity.Dataset
	cal   *sigcity.Calendar
	proj  geo.Projection
	areas *geo.Areas
	bound []float64 // m, per area: from its centre to its farthest point
	cell  []bool    // per area: it is a cell of the operator, under its own name
}

func newGround(rel *Release, k Knowledge, method string) (*ground, error) {
	if rel.Data == nil || !rel.Kind.Linked() {
		return nil, fmt.Errorf("%s on a release of kind %s: want trajectories or boxes", method, rel.Kind)
	}
	g := &ground{data: rel.Data, cal: k.Calendar}
	if g.cal == nil {
		cal, err := rel.Data.Meta().Calendar()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		g.cal = cal
	}
	areas := rel.Data.Areas()
	switch {
	case k.Map != nil:
		g.proj = k.Map.Projection()
	case len(areas) > 0:
		g.proj = geo.NewProjection(areas[0].Center)
	}
	g.areas = geo.NewAreas(areas, g.proj)
	cells := map[string]bool{}
	for _, c := range k.Cells {
		cells[c.Name] = true
	}
	g.bound, g.cell = make([]float64, len(areas)), make([]bool, len(areas))
	for i := range areas {
		g.cell[i] = cells[areas[i].Name]
		g.bound[i] = boundOf(g.areas, sigcity.AreaID(i))
	}
	return g, nil
}

// boundOf is the distance in metres from an area's centre to its farthest point.
func boundOf(areas *geo.Areas, id sigcity.AreaID) float64 {
	ring := areas.Ring(id)
	if ring == nil {
		return areas.Radius(id)
	}
	bound := 0.0
	for _, p := range ring {
		bound = max(bound, areas.Centers[id].Dist(p))
	}
	return bound
}

// extent is the area in square metres of the box around all areas, at least
// one square kilometre: the size of the city to one who knows only the release.
func (g *ground) extent() float64 {
	if g.areas.Len() == 0 {
		return 1e6
	}
	lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	for i, c := range g.areas.Centers {
		b := g.bound[i]
		lo = geo.XY{X: min(lo.X, c.X-b), Y: min(lo.Y, c.Y-b)}
		hi = geo.XY{X: max(hi.X, c.X+b), Y: max(hi.Y, c.Y+b)}
	}
	return max(1e6, (hi.X-lo.X)*(hi.Y-lo.Y))
}

// locator finds the areas near a point exactly, however different their sizes:
// areas are kept by size class, each with its own index of centres.
type locator struct {
	g       *ground
	classes []sizeClass
}

type sizeClass struct {
	ids   []sigcity.AreaID
	bound float64 // the largest of the class
	index *geo.Index
}

// locate indexes some areas of the ground.
func (g *ground) locate(ids []sigcity.AreaID) *locator {
	byClass := map[int][]sigcity.AreaID{}
	for _, id := range ids {
		c := math.Ilogb(max(1, g.bound[id]))
		byClass[c] = append(byClass[c], id)
	}
	l := &locator{g: g}
	for c := range 64 {
		members := byClass[c]
		if len(members) == 0 {
			continue
		}
		class := sizeClass{ids: members}
		centers := make([]geo.XY, len(members))
		for i, id := range members {
			centers[i] = g.areas.Centers[id]
			class.bound = max(class.bound, g.bound[id])
		}
		class.index = geo.NewIndex(centers)
		l.classes = append(l.classes, class)
	}
	return l
}

// locateAll indexes every area of the release.
func (g *ground) locateAll() *locator {
	ids := make([]sigcity.AreaID, g.areas.Len())
	for i := range ids {
		ids[i] = sigcity.AreaID(i)
	}
	return g.locate(ids)
}

// near calls f with every indexed area at most reach metres away from q, and
// the gap: 0 where the area contains q.
func (l *locator) near(q geo.XY, reach float64, f func(id sigcity.AreaID, gap float64)) {
	for _, c := range l.classes {
		c.index.Within(q, reach+c.bound, func(i int, d float64) {
			id := c.ids[i]
			if d > reach+l.g.bound[id] {
				return
			}
			if gap := l.g.areas.Gap(id, q); gap <= reach {
				f(id, gap)
			}
		})
	}
}

// samePoint is the distance in metres below which two published positions are
// the same place: rounding of coordinates, no more.
const samePoint = 1.0

// covering lists, in ascending order, the areas that a person known to be at
// place can be recorded in: every area that contains the place or lies within
// tolerance metres of it. But where the release names the operator's cells and
// the place is the very centre of one, an adversary without error knows the
// serving cell: then only the cells with that centre count.
func (l *locator) covering(place orb.Point, tolerance float64) []sigcity.AreaID {
	q := l.g.proj.XY(place)
	var named, all []sigcity.AreaID
	// A centre may lie outside its own, crooked footprint: look at centres too.
	for _, c := range l.classes {
		c.index.Within(q, samePoint, func(i int, _ float64) {
			if l.g.cell[c.ids[i]] {
				named = append(named, c.ids[i])
			}
		})
	}
	if tolerance == 0 && len(named) > 0 {
		slices.Sort(named)
		return named
	}
	l.near(q, tolerance, func(id sigcity.AreaID, _ float64) { all = append(all, id) })
	all = append(all, named...)
	slices.Sort(all)
	return slices.Compact(all)
}
