package planning

import (
	"cmp"
	"fmt"
)

// Null takes everything that cells cover for the metropolis, its people in
// proportion to the cells.
func (b boundaryTask) Null(env *Env) Answer {
	out := &Boundary{Zoning: env.Zoning.Name(), Zones: []BoundaryZone{}}
	if len(env.core().zones) == 0 {
		return out
	}
	d, all := newDiscs(zoneGapM), b.sweep()
	for _, z := range env.byCells(env.people()) {
		out.Zones = append(out.Zones, BoundaryZone{Zone: z.Zone, KM2: d.addZone(env, z.Zone), Workers: z.Persons,
			Core: env.core().zones[z.Zone], Boundary: all[len(all)-1]})
	}
	return out
}

// Score is the mean of the intersections over unions by area and by people.
func (b boundaryTask) Score(want, got Answer) float64 {
	w, g, ok := both[Boundary](want, got)
	if !ok {
		return 0
	}
	area, people := w.iou(g, b.least)
	return (area + people) / 2
}

// iou compares the zones within the boundaries at a threshold, by area and by
// the working residents of want (of got, where want has none there). The core is in
// both by definition: it tells nothing and does not count. Two that are a core alone
// agree, unless o knows of no zone at all.
func (b *Boundary) iou(o *Boundary, least float64) (area, people float64) {
	if len(o.Zones) == 0 && len(b.Zones) > 0 {
		return 0, 0
	}
	var both, either struct{ km2, people float64 }
	add := func(z BoundaryZone, inWant, inGot bool) {
		if z.Core || !inWant && !inGot {
			return
		}
		either.km2 += z.KM2
		either.people += z.Workers
		if inWant && inGot {
			both.km2 += z.KM2
			both.people += z.Workers
		}
	}
	w, g := b.Zones, o.Zones
	for len(w) > 0 || len(g) > 0 {
		order := 0
		switch {
		case len(w) == 0:
			order = 1
		case len(g) == 0:
			order = -1
		default:
			order = cmp.Compare(w[0].Zone, g[0].Zone)
		}
		switch {
		case order < 0:
			add(w[0], w[0].Boundary >= least, false)
			w = w[1:]
		case order > 0:
			add(g[0], false, g[0].Boundary >= least)
			g = g[1:]
		default:
			add(w[0], w[0].Boundary >= least, g[0].Boundary >= least)
			w, g = w[1:], g[1:]
		}
	}
	share := func(both, either float64) float64 {
		if either == 0 {
			return 1
		}
		return both / either
	}
	return share(both.km2, either.km2), share(both.people, either.people)
}

// Detail: both parts of the score at every threshold of the sweep.
func (b boundaryTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Boundary](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{}
	out["iou_area"], out["iou_population"] = w.iou(g, b.least)
	for _, percent := range []int{5, 10, 15, 20, 25} {
		area, people := w.iou(g, float64(percent)/100)
		out[fmt.Sprintf("iou_area_at_%d", percent)], out[fmt.Sprintf("iou_population_at_%d", percent)] = area, people
	}
	return out
}

// Sheets: the zones, and those within the boundary.
func (b *Boundary) Sheets(e *Env) []Sheet {
	columns := []string{"zone", "lon", "lat", "km2", "workers", "commute_share", "weekend_share", "core", "boundary"}
	within := Sheet{Name: "boundary", Title: "Zones within the boundary, by the largest threshold that holds them", Columns: columns, Picture: Picture{Kind: Areas, Value: []string{"boundary"}}}
	all := Sheet{Name: "zones", Title: "Share of the working residents who work in the core", Columns: columns, Picture: Picture{Kind: Areas, Value: []string{"commute_share"}}}
	for _, z := range b.Zones {
		c := e.Zoning.Center(z.Zone)
		row := []any{zoneName(z.Zone), c[0], c[1], z.KM2, z.Workers, z.Commute, z.Weekend, z.Core, z.Boundary}
		shape := e.zoneShape(z.Zone)
		all.Rows, all.Shapes = append(all.Rows, row), append(all.Shapes, shape)
		if z.Boundary > 0 {
			within.Rows, within.Shapes = append(within.Rows, row), append(within.Shapes, shape)
		}
	}
	return []Sheet{within, all}
}
