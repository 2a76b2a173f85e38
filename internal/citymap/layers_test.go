package citymap

import (
	"regexp"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// square is a closed ring of lon/lat around a point, half a side of d degrees.
func square(x, y, d float64) orb.Ring {
	return orb.Ring{{x - d, y - d}, {x + d, y - d}, {x + d, y + d}, {x - d, y + d}, {x - d, y - d}}
}

// layersScene has cells of every kind and radio at one place, and two zones.
func layersScene() Scene {
	m := &dataset.Map{City: "layers", Origin: orb.Point{9.5, 47.1}, Bounds: orb.Bound{Min: orb.Point{9.4, 47}, Max: orb.Point{9.6, 47.2}}}
	var cells []dataset.Cell
	for i, c := range []struct{ kind, radio string }{{"macro", "4G"}, {"macro", "5G"}, {"", "4G"}, {"indoor", "4G"}, {"indoor", "5G"}, {"metro", "4G"}, {"corridor", "4G"}, {"balloon", "4G"}} {
		at := orb.Point{9.45 + 0.01*float64(i), 47.1}
		cells = append(cells, dataset.Cell{Kind: c.kind, Radio: c.radio, Antenna: at, Area: sigcity.Area{ID: sigcity.AreaID(i), Name: c.kind + c.radio, Operator: "999-01",
			TAC: uint32(i / 2), Center: at, Footprint: square(at[0], at[1], 0.004), Spacing: 500}})
	}
	for i, z := range []struct {
		name  string
		level int32
		rings []orb.Ring
	}{
		{"Outer", 6, []orb.Ring{square(9.5, 47.1, 0.08)}},
		{"Ring & core", 8, []orb.Ring{square(9.48, 47.1, 0.03), square(9.48, 47.1, 0.005)}},
	} {
		row := dataset.Zone{ID: uint32(i), Level: z.level, Name: z.name, Parent: -1}
		for _, r := range z.rings {
			row.Corners = append(row.Corners, int32(len(r)))
			for _, q := range r {
				row.Lon, row.Lat = append(row.Lon, q[0]), append(row.Lat, q[1])
			}
		}
		m.Zones = append(m.Zones, row)
	}
	return Scene{Map: m, Cells: cells}
}

// TestLayers: cells of each kind and radio have a layer of their own, of which
// the first is shown; sites have a sign by kind; zones an outline and a name.
func TestLayers(t *testing.T) {
	p, err := layersScene().paint()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]layer{}
	for _, l := range p.layers {
		byID[l.ID] = l
	}
	for id, want := range map[string]struct {
		shapes int
		on     bool
	}{
		"cells-macro-4g": {2, true}, "cells-macro-5g": {1, false}, "cells-indoor-4g": {1, false}, "cells-indoor-5g": {1, false},
		"cells-metro-4g": {1, false}, "cells-corridor-4g": {1, false}, "cells-balloon-4g": {1, false},
		"tac-macro-4g": {2, false}, "tac-macro-5g": {1, false}, "zones-6": {2, false}, "zones-8": {2, false}, "sites-0": {8, true},
	} {
		l, ok := byID[id]
		if n := strings.Count(l.svg, "<path"); !ok || n != want.shapes || l.On != want.on {
			t.Errorf("layer %s: %d shapes, shown %t, want %+v", id, n, l.On, want)
		}
	}
	for _, kind := range []string{"macro", "indoor", "metro", "corridor", "balloon"} {
		if !strings.Contains(byID["sites-0"].svg, "<title>"+kind+" site of 999-01") {
			t.Errorf("no %s site", kind)
		}
	}
	names := regexp.MustCompile(`class="zone-name"[^>]*>([^<]*)<`).FindStringSubmatch(byID["zones-8"].svg)
	if len(names) != 2 || names[1] != "Ring &amp; core" {
		t.Errorf("names %q", names)
	}
	middle, width, ok := p.middle(p.Map.Zones[1])
	west, hole := p.At(orb.Point{9.45, 47.1}), p.At(orb.Point{9.475, 47.1})
	if !ok || middle[0] < west[0] || middle[0]+width/2 > hole[0]+1 && middle[0] < hole[0] {
		t.Errorf("the name of a ring stands at %v, %g wide: in its hole", middle, width)
	}
}

// TestBaseCover: what lies side by side, whatever the order of the cells.
func TestBaseCover(t *testing.T) {
	cells := layersScene().Cells
	var back []dataset.Cell
	for i := range cells {
		back = append(back, cells[len(cells)-1-i])
	}
	for _, list := range [][]dataset.Cell{cells, back} {
		got := BaseCover(list)
		if len(got) != 2 || got[0].Radio != "4G" || got[1].Radio != "4G" || got[0].ID+got[1].ID != 2 {
			t.Errorf("%d cells: %+v", len(got), got)
		}
	}
	if got := BaseCover(cells[1:2]); len(got) != 1 || got[0].Radio != "5G" {
		t.Errorf("5G alone: %+v", got)
	}
	if got := BaseCover(cells[3:]); got != nil {
		t.Errorf("no macro cells: %+v", got)
	}
}
