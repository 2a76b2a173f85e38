package anonymizers

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// planeOf is the local plane of a data set's areas, about the middle of their
// bounding box: public, and the same whoever is in the data.
func planeOf(areas []sigcity.Area) geo.Projection {
	if len(areas) == 0 {
		return geo.NewProjection(orb.Point{})
	}
	b := orb.Bound{Min: areas[0].Center, Max: areas[0].Center}
	for _, a := range areas {
		b = b.Extend(a.Center)
	}
	return geo.NewProjection(b.Center())
}

// tessellation groups cells into larger areas.
type tessellation struct {
	of     []sigcity.AreaID // per cell: its tessella
	areas  []sigcity.Area   // the tessellae
	middle []sigcity.AreaID // per tessella: its cell nearest to its centre, the lowest of equals
}

// add makes the tessella a of the given cells.
func (t *tessellation) add(a sigcity.Area, cells []sigcity.Area, members []int) {
	a.ID = sigcity.AreaID(len(t.areas))
	middle := members[0]
	for _, i := range members {
		t.of[i] = a.ID
		if geo.Distance(a.Center, cells[i].Center) < geo.Distance(a.Center, cells[middle].Center) {
			middle = i
		}
	}
	t.areas, t.middle = append(t.areas, a), append(t.middle, sigcity.AreaID(middle))
}

// newTessellation groups cells by the zone of zoning that their centre lies in.
// A tessella has the zone's outline; only zones with cells are made.
func newTessellation(cells []sigcity.Area, zoning geo.Zoning) (*tessellation, error) {
	members := map[geo.ZoneID][]int{}
	for i, c := range cells {
		z := zoning.Zone(c.Center)
		if z == geo.NoZone {
			return nil, fmt.Errorf("area %d (%s): its centre %v lies outside the zoning %s", i, c.Name, c.Center, zoning.Name())
		}
		members[z] = append(members[z], i)
	}
	t := &tessellation{of: make([]sigcity.AreaID, len(cells))}
	for _, z := range geo.SortedZones(members) {
		a := sigcity.Area{Name: fmt.Sprintf("%s/%x", zoning.Name(), int64(z)), Center: zoning.Center(z), Footprint: zoning.Outline(z)}
		size := geo.RingArea(geo.NewProjection(a.Center).RingXY(a.Footprint))
		a.Radius, a.Spacing = math.Sqrt(size/math.Pi), math.Sqrt(size)
		t.add(a, cells, members[z])
	}
	return t, nil
}

// newSites groups cells by the site that their CGI names. A site's area is the
// disc about the mean centre of its cells that is as large as they are together.
func newSites(cells []sigcity.Area) *tessellation {
	proj := planeOf(cells)
	members := map[string][]int{}
	for i, c := range cells {
		s, ok := sigcity.SiteOf(c.Name)
		if s = "site/" + s; !ok {
			s = c.Name // no CGI: its own site
		}
		members[s] = append(members[s], i)
	}
	names := make([]string, 0, len(members))
	for s := range members {
		names = append(names, s)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(members[a][0], members[b][0]) })
	t := &tessellation{of: make([]sigcity.AreaID, len(cells))}
	for _, name := range names {
		first := cells[members[name][0]]
		a := sigcity.Area{Name: name, Operator: first.Operator, TAC: first.TAC}
		var sum geo.XY
		square, n := 0.0, float64(len(members[name]))
		for _, i := range members[name] {
			c := cells[i]
			p := proj.XY(c.Center)
			sum.X, sum.Y = sum.X+p.X, sum.Y+p.Y
			square += float64(c.Radius * c.Radius)
			a.Spacing = max(a.Spacing, c.Spacing)
			if c.TAC != a.TAC {
				a.TAC = 0
			}
		}
		a.Center, a.Radius = proj.LonLat(geo.XY{X: sum.X / n, Y: sum.Y / n}), math.Sqrt(square)
		t.add(a, cells, members[name])
	}
	return t
}
