package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// Null takes everything that cells cover for the metropolis.
func (edgeTask) Null(env *Env) Answer {
	c := env.core()
	center := env.Proj.LonLat(c.center)
	out := &MetropolitanEdge{Zoning: env.Zoning.Name(), Lon: center[0], Lat: center[1], Sectors: []EdgeSector{}, Zones: []CoreZone{}}
	if len(c.zones) == 0 || len(env.Areas) == 0 {
		return out
	}
	var far [edgeSectors]float64
	most := 0.0
	for i := range env.Areas {
		at := env.areas().Centers[i]
		s := sectorOf(c.center.Azimuth(at))
		km := c.center.Dist(at) / 1000
		far[s], most = max(far[s], km), max(most, km)
	}
	for i, km := range far {
		if km == 0 {
			km = most
		}
		out.Sectors = append(out.Sectors, EdgeSector{Azimuth: sectorAzimuth(i), KM: km})
	}
	return out
}

// Score is the intersection over union of the two polygons.
func (edgeTask) Score(want, got Answer) float64 {
	w, g, ok := both[MetropolitanEdge](want, got)
	if !ok {
		return 0
	}
	return w.iou(g)
}

// comparable says whether both have edges around the same centre.
func (m *MetropolitanEdge) comparable(o *MetropolitanEdge) bool {
	return m.Lon == o.Lon && m.Lat == o.Lat && len(m.Sectors) == len(o.Sectors)
}

// iou is exact: both polygons are stars around the same centre, with corners in
// the same directions, so that they can be laid over each other wedge by wedge.
// Two without an edge agree, unless o knows of no stays at all; another centre has
// nothing in common.
func (m *MetropolitanEdge) iou(o *MetropolitanEdge) float64 {
	switch {
	case len(o.Sectors) == 0 && len(o.Zones) == 0 && len(m.Zones) > 0:
		return 0
	case len(m.Sectors) == 0 && len(o.Sectors) == 0:
		return 1
	case !m.comparable(o):
		return 0
	}
	common, either := 0.0, 0.0
	for i := range m.Sectors {
		j := (i + 1) % len(m.Sectors)
		// All areas in units of half the sine of the angle between the two directions.
		a, b := m.Sectors[i].KM*m.Sectors[j].KM, o.Sectors[i].KM*o.Sectors[j].KM
		c := wedge(m.Sectors[i].KM, m.Sectors[j].KM, o.Sectors[i].KM, o.Sectors[j].KM)
		common += c
		either += a + b - c
	}
	if either == 0 {
		return 1
	}
	return common / either
}

// wedge is what two triangles have in common that share a corner and the directions
// of its sides, which are a1 and a2, b1 and b2 long; in units of half the sine of
// the angle between the sides.
func wedge(a1, a2, b1, b2 float64) float64 {
	if a1 > b1 {
		a1, a2, b1, b2 = b1, b2, a1, a2
	}
	if a2 <= b2 {
		return a1 * a2
	}
	// The third sides cross. With u and v along the sides: u/a1 + v/a2 = 1 = u/b1 + v/b2.
	det := 1/(a1*b2) - 1/(a2*b1)
	u, v := (1/b2-1/a2)/det, (1/a1-1/b1)/det
	return float64(a1*v) + float64(u*b2)
}

// Detail: errors of the edge over the directions.
func (edgeTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[MetropolitanEdge](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{"iou": w.iou(g)}
	if !w.comparable(g) || len(w.Sectors) == 0 {
		return out
	}
	var errors []float64
	sum := 0.0
	for i, s := range w.Sectors {
		d := math.Abs(s.KM - g.Sectors[i].KM)
		errors, sum = append(errors, d), sum+d
	}
	out["edge_error_km"] = sum / float64(len(errors))
	out["edge_error_km_p90"] = quantile(errors, 0.9)
	return out
}

// Sheets: the edge, the directions, and the zones' shares.
func (m *MetropolitanEdge) Sheets(e *Env) []Sheet {
	edge := Sheet{Name: "edge", Title: "Edge of the metropolis", Columns: []string{"km2"}, Picture: Picture{Kind: Areas, Value: []string{"km2"}}}
	sectors := Sheet{Name: "sectors", Title: "Edge by direction, km", Columns: []string{"azimuth", "km", "own"},
		Picture: Picture{Kind: Columns, Label: "azimuth", Value: []string{"km"}}}
	zones := Sheet{Name: "zones", Title: "Share of stays outside home that are in the core", Columns: []string{"zone", "lon", "lat", "stays", "core_share"},
		Picture: Picture{Kind: Areas, Value: []string{"core_share"}}}
	for _, s := range m.Sectors {
		sectors.Rows = append(sectors.Rows, []any{s.Azimuth, s.KM, s.Own})
	}
	if len(m.Sectors) > 0 {
		ring := m.ring(e)
		edge.Rows = append(edge.Rows, []any{geo.RingArea(ring) / 1e6})
		edge.Shapes = append(edge.Shapes, orb.Polygon{e.Proj.Ring(ring)})
	}
	for _, z := range m.Zones {
		if z.Stays < 0.5 {
			continue // the rim of a footprint: half a stay says nothing of a share
		}
		c := e.Zoning.Center(z.Zone)
		zones.Rows = append(zones.Rows, []any{zoneName(z.Zone), c[0], c[1], z.Stays, ratio(z.Core, z.Stays)})
		zones.Shapes = append(zones.Shapes, e.zoneShape(z.Zone))
	}
	return []Sheet{edge, sectors, zones}
}

// ring is the polygon of the edge on the plane.
func (m *MetropolitanEdge) ring(e *Env) []geo.XY {
	var ring []geo.XY
	c := e.Proj.XY(orb.Point{m.Lon, m.Lat})
	for _, s := range m.Sectors {
		sin, cos := math.Sincos(s.Azimuth * math.Pi / 180)
		ring = append(ring, geo.XY{X: c.X + float64(1000*s.KM*sin), Y: c.Y + float64(1000*s.KM*cos)})
	}
	return ring
}

// quantile q of xs, which it sorts: the smallest value that a share q of them does
// not exceed; 0 where there are none.
func quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	slices.SortFunc(xs, cmp.Compare)
	return xs[max(0, int(math.Ceil(q*float64(len(xs))))-1)]
}
