// Package citymap draws a city: its land, roads and lines, and the radio
// network that covers it. It is the one place that knows how a map looks; the
// benchmark report and `sigcity inspect --map` draw theirs with it.
package citymap

import (
	"fmt"
	"strings"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

// Scene is what a map shows. Map and Cells are public and in every data set;
// the rest is left out where it is nil.
type Scene struct {
	Map        *dataset.Map
	Cells      []dataset.Cell
	Operator   string // whose best-server and tracking areas are drawn; empty = that with most cells
	City       *network.City
	Congestion *network.Congestion
	Facts      []Fact   // for the side of the page
	Notes      []string // what was estimated, a sentence each
}

// Fact is a named figure.
type Fact struct{ Name, Value string }

// layer is a part of the map that can be shown and hidden.
type layer struct {
	ID   string
	Name string
	On   bool // shown at first
	Keys []key
	svg  string
}

// key is a line of the legend.
type key struct {
	Kind string // line, dot, ring, area, site, or a kind of site that is not macro
	Look string // class of the style sheet
	Name string
}

// side is the longer side of the picture in user units; with coordinates to a
// tenth of one, a map of 100 km is drawn to 2.5 m.
const side = 4000

// Bytes of geometry that a layer may take; what would be more is simplified
// harder, and the smallest things are left out.
const (
	roadBytes     = 3_000_000
	buildingBytes = 3_500_000
	overlapBytes  = 1_000_000
	cellBytes     = 1_000_000 // of the best-server areas, and again of the tracking areas
	tipLimit      = 4000      // objects of a layer with a tooltip each; of more, one for all of a kind
)

// painter draws the layers of a scene.
type painter struct {
	Frame
	Scene
	mine   []dataset.Cell // of the operator
	layers []layer

	cellTolerance float64 // user units, for the outlines of cells
}

func (s Scene) paint() (*painter, error) {
	most, _ := LargestOperator(s.Cells)
	if s.Operator == "" {
		s.Operator = most
	}
	lo, hi := Extent(s.Map, s.Cells)
	p := &painter{Frame: FitSide(s.Map.Projection(), lo, hi, side), Scene: s}
	for _, c := range s.Cells {
		if c.Operator == s.Operator {
			p.mine = append(p.mine, c)
		}
	}
	if len(p.mine) == 0 && len(s.Cells) > 0 {
		return nil, fmt.Errorf("operator %q has no cells; there are %s", s.Operator, strings.Join(operators(s.Cells), ", "))
	}
	p.fitFootprints()
	p.land()
	p.trackingAreas()
	p.bestServers()
	p.overlaps()
	p.buildings()
	p.roads()
	p.congestion()
	p.communities()
	p.lines()
	p.places()
	p.hubs()
	p.sites()
	p.zones() // names are not to be hidden
	return p, nil
}

// add appends a layer unless draw writes nothing.
func (p *painter) add(id, name string, on bool, keys []key, draw func(d *svg.Drawing)) {
	p.group(id, name, on, "", keys, draw)
}

// manyThings is how many things of a kind are drawn more quietly.
const manyThings = 1000

// density is the class of a layer of n things.
func density(n int) string {
	if n > manyThings {
		return " dense"
	}
	return ""
}

// group is add with a class for the whole layer.
func (p *painter) group(id, name string, on bool, class string, keys []key, draw func(d *svg.Drawing)) {
	d := svg.NewGroup("layer l-" + id + class)
	empty := d.Len()
	draw(d)
	if d.Len() > empty {
		p.layers = append(p.layers, layer{ID: id, Name: name, On: on, Keys: keys, svg: d.EndGroup()})
	}
}

// operators lists the operators of cells in the order of their cells.
func operators(cells []dataset.Cell) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range cells {
		if !seen[c.Operator] {
			seen[c.Operator] = true
			out = append(out, c.Operator)
		}
	}
	return out
}

// words writes a name of the code for readers.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
