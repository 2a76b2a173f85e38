package citymap

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

// mast is a place with antennas of one operator.
type mast struct {
	kind  string
	at    orb.Point // lon, lat
	cells []dataset.Cell
}

// masts lists them by operator, in the order of their cells.
func masts(cells []dataset.Cell) map[string][]mast {
	type place struct {
		operator, kind string
		at             orb.Point
	}
	index := map[place]int{}
	out := map[string][]mast{}
	for _, c := range cells {
		k := place{c.Operator, kindOf(c), c.Antenna}
		i, ok := index[k]
		if !ok {
			i = len(out[c.Operator])
			index[k] = i
			out[c.Operator] = append(out[c.Operator], mast{kind: k.kind, at: c.Antenna})
		}
		m := &out[c.Operator][i]
		m.cells = append(m.cells, c)
	}
	return out
}

// sites draws masts with a petal for each direction, and those of other kinds
// with a sign each, a layer an operator.
func (p *painter) sites() {
	all := masts(p.Cells)
	names := operators(p.Cells)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(len(all[b]), len(all[a])) })
	for i, name := range names {
		colour := fmt.Sprintf("op-%d", i%operatorColours)
		n := map[string]int{}
		for _, m := range all[name] {
			n[m.kind]++
		}
		var keys []key
		kinds := slices.SortedFunc(maps.Keys(n), compareKinds)
		for _, kind := range kinds {
			if kind == network.MacroSite.String() {
				keys = append(keys, key{"site", "site " + colour, fmt.Sprintf("macro site with its sectors (%d)", n[kind])})
			} else {
				keys = append(keys, key{kind, "site special " + colour, fmt.Sprintf("%s site (%d)", words(kind), n[kind])})
			}
		}
		p.group(fmt.Sprintf("sites-%d", i), fmt.Sprintf("Sites of %s (%d)", cmp.Or(name, "(no name)"), len(all[name])), name == p.Operator, density(len(all[name])),
			keys, func(d *svg.Drawing) {
				for _, kind := range kinds { // special ones on top
					for _, m := range all[name] {
						if m.kind == kind {
							p.mast(d, m, name, colour)
						}
					}
				}
			})
	}
}

// mast draws one. The page draws it smaller, about its place, the further it
// zooms in.
func (p *painter) mast(d *svg.Drawing, m mast, operator, colour string) {
	tip := fmt.Sprintf("%s site of %s: %d cells, spacing %.0f m", m.kind, operator, len(m.cells), m.cells[0].Spacing)
	q := p.At(m.at)
	class, path := "site "+colour, svg.Path{}
	if m.kind == network.MacroSite.String() {
		path = p.petals(m)
	} else {
		const size = 17.0 // user units, from the middle
		class = "site special " + colour
		sign(&path, m.kind, q, size)
	}
	d.Open("path", "class", class, "style", fmt.Sprintf("transform-origin:%.0fpx %.0fpx", q[0], q[1]), "d", path.String())
	d.Tip(tip)
	d.Close("path")
}

// sign adds the sign of a site that is not macro: a square indoors, a diamond
// along a railway, a hexagon in a metro tunnel.
func sign(path *svg.Path, kind string, q orb.Point, r float64) {
	corners, turn := 4, math.Pi/4
	switch kind {
	case network.CorridorSite.String():
		turn = 0
	case network.MetroSite.String():
		corners, turn = 6, 0
	}
	var ring []orb.Point
	for k := range corners {
		sin, cos := math.Sincos(turn + float64(2*math.Pi*float64(k)/float64(corners)))
		ring = append(ring, orb.Point{q[0] + float64(r*sin), q[1] - float64(r*cos)})
	}
	path.Add(ring, true)
}

// operatorColours is how many colours operators take turns in.
const operatorColours = 4

// petals are the sectors of a site as slices of a disc; a site with one cell
// is a disc.
func (p *painter) petals(m mast) svg.Path {
	const (
		part   = 0.2 // of the site spacing: how long petals are
		least  = 3.5 // user units
		most   = 28.0
		half   = 27.0 // degrees to either side
		facets = 4
	)
	var path svg.Path
	q := p.At(m.at)
	r := min(max(m.cells[0].Spacing*part*p.Scale, least), most)
	corner := func(azimuth, r float64) orb.Point {
		sin, cos := math.Sincos(azimuth * math.Pi / 180)
		return orb.Point{q[0] + float64(r*sin), q[1] - float64(r*cos)}
	}
	var drawn []float64
	for _, c := range m.cells {
		if slices.Contains(drawn, c.Azimuth) { // several carriers look the same way
			continue
		}
		drawn = append(drawn, c.Azimuth)
	}
	if len(drawn) == 1 {
		var disc []orb.Point
		for k := range 10 {
			disc = append(disc, corner(float64(k)*36, 0.6*r))
		}
		path.Add(disc, true)
		return path
	}
	for _, a := range drawn {
		petal := []orb.Point{q}
		for k := range facets + 1 {
			petal = append(petal, corner(a-half+float64(2*half*float64(k)/facets), r))
		}
		path.Add(petal, true)
	}
	return path
}
