package network

import (
	"fmt"
	"math"
	"strings"

	"github.com/sigcity/sigcity/dataset"
)

// count fills the report's figures of the finished city.
func (b *builder) count() {
	c := b.city
	homes, jobs, estimated, invented := 0.0, 0.0, 0.0, 0.0
	for i := range c.Buildings {
		x := &c.Buildings[i]
		homes += x.Dwellings
		jobs += x.Jobs
		b.add("buildings", 1)
		b.add("buildings_"+strings.ToLower(x.Use.String()), 1)
		if x.Ring == nil {
			b.add("buildings_stand_in", 1)
			estimated += x.Dwellings
		}
	}
	for _, p := range c.Places {
		jobs += p.Jobs
		b.add("places_"+string(p.Category), 1)
		if p.Estimated {
			invented += p.Jobs
			b.add("places_estimated_"+string(p.Category), 1)
		}
	}
	b.add("homes", int64(math.Round(homes)))
	b.add("homes_stand_in", int64(math.Round(estimated)))
	b.add("jobs", int64(math.Round(jobs)))
	b.add("jobs_estimated", int64(math.Round(invented)))
	b.add("inhabitants", int64(math.Round(b.inhabitants)))
	b.add("communities", int64(len(c.Communities)))
	b.add("cells", int64(len(c.Cells)))
	for i := range c.Cells {
		if c.Cells[i].Radio == "5G" {
			b.add("cells_5g", 1)
		}
		if kind := c.Sites[c.Cells[i].Site].Kind; kind != MacroSite {
			b.add("cells_"+kind.String(), 1)
		}
	}
	for i, s := range c.Sites {
		b.add("sites", 1)
		b.add("sites_"+s.Kind.String(), 1)
		if s.Kind != MacroSite {
			continue
		}
		if len(c.cellsOf(i, "5G")) > 0 {
			b.add("sites_5g", 1)
		}
		switch {
		case s.Synthetic:
			b.add("sites_synthetic", 1)
		case b.opt.Cells != "":
			b.add("sites_file", 1)
		default:
			b.add("sites_map", 1)
		}
	}
	b.summary()
}

// summary says in one sentence how much of the city is estimated: whoever uses
// it should know before anything else.
func (b *builder) summary() {
	n := b.city.Report.Counts
	var parts []string
	part := func(what string, some, all int64) {
		if some > 0 && all > 0 {
			// Rounded so that only what is whole is called so.
			p := min(max(int64(math.Round(100*float64(some)/float64(all))), 1), 99)
			if some == all {
				p = 100
			}
			parts = append(parts, fmt.Sprintf("%d %% of %s", p, what))
		}
	}
	mapped := n["buildings"] - n["buildings_stand_in"]
	part("homes (houses along streets without buildings)", n["homes_stand_in"], n["homes"])
	part("the storeys of the map's buildings", n["levels_estimated"], mapped)
	part("their uses", n["uses_estimated"], mapped)
	part("jobs", n["jobs_estimated"], n["jobs"])
	for _, c := range dataset.Categories() {
		part(placesNamed(c), n["places_estimated_"+string(c)], n["places_"+string(c)])
	}
	part("cell sites", n["sites_synthetic"], n["sites_macro"])
	if len(parts) > 0 {
		b.warn("estimated, as the map lacks them: %s", strings.Join(parts, ", "))
	}
}

// placesNamed is the plural of a category's name.
func placesNamed(c dataset.Category) string {
	switch c {
	case dataset.University:
		return "universities"
	case dataset.Industry:
		return "plants"
	case dataset.Leisure:
		return "leisure places"
	case dataset.Worship:
		return "places of worship"
	}
	return strings.ReplaceAll(string(c), "_", " ") + "s"
}
