package network

import (
	"slices"
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

// TestSummary: the figures by subject add up to the report's, on a real city.
func TestSummary(t *testing.T) {
	c, err := andorraCity()
	if err != nil {
		t.Fatal(err)
	}
	s, n := c.Summary(), c.Report.Counts
	sum := map[string]int64{}
	homes := 0.0
	for _, b := range s.Buildings {
		sum["buildings"] += int64(b.Buildings)
		sum["buildings_"+b.Use] += int64(b.Buildings)
		homes += b.Dwellings
		if b.Estimated > b.Buildings {
			t.Errorf("%s: %d of %d estimated", b.Use, b.Estimated, b.Buildings)
		}
	}
	for _, p := range s.Places {
		sum["places_"+string(p.Category)] += int64(p.Places)
		if p.Estimated > 0 {
			sum["places_estimated_"+string(p.Category)] += int64(p.Estimated)
		}
	}
	for _, k := range s.Communities {
		sum["communities"] += int64(k.Communities)
		homes -= k.Dwellings
	}
	if homes > 1e-3 || homes < -1e-3 {
		t.Errorf("buildings hold %g homes more than communities", homes)
	}
	spaced := 0
	for _, k := range s.Spacing {
		spaced += k.Sites
		if !slices.Contains(densityClasses(), k.Class) || !(0 < k.P10 && k.P10 <= k.P50 && k.P50 <= k.P90) {
			t.Errorf("spacing %+v", k)
		}
	}
	for _, o := range s.Operators {
		sum["sites"] += int64(o.Sites)
		sum["cells"] += int64(o.Cells)
		sites, cells := 0, 0
		for _, k := range o.Kinds {
			sites, cells = sites+k.Sites, cells+k.Cells
			sum["sites_"+k.Kind] += int64(k.Sites)
			if k.Kind == MacroSite.String() {
				sum["sites_synthetic"] += int64(k.Synthetic)
			} else {
				sum["cells_"+k.Kind] += int64(k.Cells)
			}
			radios := 0
			for _, r := range k.Radios {
				radios += r.Cells
				if r.Radio == "5G" {
					sum["cells_5g"] += int64(r.Cells)
				}
			}
			if radios != k.Cells || k.Synthetic > k.Sites {
				t.Errorf("operator %s: %+v", o.PLMN, k)
			}
		}
		if sites != o.Sites || cells != o.Cells || o.TrackingAreas == 0 {
			t.Errorf("operator %+v", o)
		}
	}
	if int64(spaced) != n["sites_macro"] {
		t.Errorf("spacing of %d sites, there are %d macro sites", spaced, n["sites_macro"])
	}
	for name, got := range sum {
		if got != n[name] {
			t.Errorf("%s: %d in the summary, %d in the report", name, got, n[name])
		}
	}
	if len(sum) < len(dataset.Categories()) || s.JobsEstimated <= 0 || s.JobsEstimated >= s.Jobs {
		t.Errorf("%d counts, %d of %d jobs estimated", len(sum), s.JobsEstimated, s.Jobs)
	}
	edges := 0
	for _, k := range s.Roads.Classes {
		edges += k.Edges
		if k.ByCar > k.Km {
			t.Errorf("%s: %g of %g km by car", k.Class, k.ByCar, k.Km)
		}
	}
	if edges != s.Roads.Edges || edges != c.Graph().Edges() {
		t.Errorf("%d edges by class, %d in all", edges, s.Roads.Edges)
	}
	if s.WidthKm < 20 || s.WidthKm > 50 || s.HeightKm < 20 || s.HeightKm > 50 {
		t.Errorf("%g × %g km", s.WidthKm, s.HeightKm)
	}
}

func TestIsExtract(t *testing.T) {
	for name, want := range map[string]bool{"a.osm.pbf": true, "x/a.pbf": true, "a.osm": true, "A.OSM.GZ": true, "a.osm.bz2": true, "data": false, "a.csv": false, "osm": false} {
		if got := IsExtract(name); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}
