package citymap

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/svg"
)

// Size of a zone's name in user units on a page of 1,280 pixels: whether names
// lie on each other is decided for that.
const (
	nameHeight = 60.0
	nameWidth  = 30.0 // a character
)

// zones draws the administrative areas by level: outlines, and the names that
// have room.
func (p *painter) zones() {
	var levels []int32
	for _, z := range p.Map.Zones {
		levels = append(levels, z.Level)
	}
	slices.Sort(levels)
	for _, level := range slices.Compact(levels) {
		zones := slices.DeleteFunc(slices.Clone(p.Map.Zones), func(z dataset.Zone) bool { return z.Level != level })
		p.add(fmt.Sprintf("zones-%d", level), fmt.Sprintf("Administrative areas of level %d (%d)", level, len(zones)), false,
			[]key{{"line", "zone zone-line", "outline"}}, func(d *svg.Drawing) {
				var all svg.Path
				paths := make([]svg.Path, len(zones))
				for i, z := range zones {
					for _, r := range outlines(z) {
						p.Ring(&paths[i], r)
						p.Ring(&all, r)
					}
				}
				d.Shape("zone zone-under", "", &all)
				for i, z := range zones {
					tip := fmt.Sprintf("%s, level %d", cmp.Or(z.Name, "no name"), z.Level)
					if z.Cut {
						tip += ", cut by the edge of the map's data"
					}
					d.Shape("zone zone-line", tip, &paths[i])
				}
				p.zoneNames(d, zones)
			})
	}
}

// zoneNames writes the names, of the largest zones first, that lie on no other.
func (p *painter) zoneNames(d *svg.Drawing, zones []dataset.Zone) {
	type label struct {
		zone  int
		at    orb.Point
		width float64 // of the zone there
	}
	var labels []label
	for i, z := range zones {
		if at, width, ok := p.middle(z); ok && z.Name != "" {
			labels = append(labels, label{i, at, width})
		}
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(b.width, a.width) })
	var taken []orb.Bound
	for _, l := range labels {
		name := zones[l.zone].Name
		half := nameWidth / 2 * float64(utf8.RuneCountInString(name))
		box := orb.Bound{Min: orb.Point{l.at[0] - half, l.at[1] - nameHeight/2}, Max: orb.Point{l.at[0] + half, l.at[1] + nameHeight/2}}
		inside := box.Min[0] >= 0 && box.Max[0] <= p.W && box.Min[1] >= 0 && box.Max[1] <= p.H
		if !inside || slices.ContainsFunc(taken, box.Intersects) {
			continue
		}
		taken = append(taken, box)
		d.Text(l.at[0], l.at[1], "zone-name", name)
	}
}

// middle is the middle of the widest stretch of a zone, within the picture, at
// half its height there.
func (p *painter) middle(z dataset.Zone) (at orb.Point, width float64, ok bool) {
	low, high := p.H, 0.0
	var rings []orb.Ring
	for _, r := range outlines(z) {
		ring := make(orb.Ring, len(r))
		for i, ll := range r {
			ring[i] = p.At(ll)
			low, high = min(low, ring[i][1]), max(high, ring[i][1])
		}
		rings = append(rings, ring)
	}
	y := (max(low, 0) + min(high, p.H)) / 2
	var cuts []float64
	for _, r := range rings {
		cuts = crossings(cuts, r, y)
	}
	slices.Sort(cuts)
	for k := 0; k+1 < len(cuts); k += 2 {
		from, to := max(cuts[k], 0), min(cuts[k+1], p.W)
		if to-from > width {
			at, width, ok = orb.Point{(from + to) / 2, y}, to-from, true
		}
	}
	return at, width, ok
}

// outlines are the rings of a zone, lon/lat.
func outlines(z dataset.Zone) []orb.Ring {
	all := Ring(z.Lon, z.Lat)
	var out []orb.Ring
	for _, n := range z.Corners {
		n := min(max(int(n), 0), len(all))
		out, all = append(out, all[:n]), all[n:]
	}
	return out
}
