package anonymizers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "generalize",
		Doc:  "coarser places and times: cell → site, grid square or H3 hexagon; time → bin",
		Params: []plugin.Param{
			{Name: "space", Type: plugin.String, Default: "h3-7", Doc: "what cells become: cell (unchanged), site, grid-500m, grid-2km, …, h3-0 … h3-15"},
			{Name: "bin", Type: plugin.Duration, Default: "1h", Min: 1, Max: 86400, Doc: "length of a time bin from local midnight; 1s keeps times as they are"},
		},
		Citation:   "de Montjoye et al., Unique in the Crowd: the privacy bounds of human mobility, Scientific Reports 3:1376, 2013",
		Guarantee:  "none",
		Neutral:    plugin.Args{"space": "cell", "bin": "1s"},
		Complexity: "O(n)",
		New:        newGeneralize,
	})
}

func newGeneralize(v plugin.Values) (Anonymizer, error) {
	space, bin := v.String("space"), v.Duration("bin")
	if bin%time.Second != 0 {
		return nil, fmt.Errorf("bin = %v, must be a whole number of seconds", bin)
	}
	if space != "cell" && space != "site" {
		if _, err := geo.ParseZoning(space, geo.Projection{}); err != nil {
			return nil, fmt.Errorf("space = %q, must be cell, site, grid-500m, grid-2km, … or h3-0 … h3-15", space)
		}
	}
	return perUser{func(in sigcity.Dataset) (RecordFunc, []sigcity.Area, error) {
		cal, err := in.Meta().Calendar()
		if err != nil {
			return nil, nil, err
		}
		t, err := spaceOf(in.Areas(), space)
		if err != nil {
			return nil, nil, err
		}
		g := generalizer{bins: bins{cal, uint32(bin / time.Second)}}
		if t == nil {
			return g.apply, nil, nil
		}
		g.of = t.of
		return g.apply, t.areas, nil
	}}, nil
}

// spaceOf makes the tessellation that space names; nil for cell.
func spaceOf(cells []sigcity.Area, space string) (*tessellation, error) {
	switch space {
	case "cell":
		return nil, nil
	case "site":
		return newSites(cells), nil
	}
	zoning, err := geo.ParseZoning(space, planeOf(cells))
	if err != nil {
		return nil, err
	}
	return newTessellation(cells, zoning)
}

type generalizer struct {
	of   []sigcity.AreaID // nil = cells stay
	bins bins
}

// apply works in place. Records of one bin come out in order of content, since
// the order in which they happened would undo part of the blur.
func (g generalizer) apply(t sigcity.Trajectory, _ *rand.Rand) sigcity.Trajectory {
	rows := t.Records
	if g.of != nil {
		for i := range rows {
			rows[i].Area = g.of[rows[i].Area]
		}
	}
	if g.bins.size == 1 {
		return t
	}
	for i := range rows {
		r := &rows[i]
		first, last := g.bins.at(r.Time)
		if r.Span > 0 { // already an interval: all the bins that it touches
			_, last = g.bins.at(r.End())
		}
		r.Time, r.Span, r.Milli = first, last-first, 0
	}
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j].Time == rows[i].Time {
			j++
		}
		slices.SortFunc(rows[i:j], compareRecords)
		i = j
	}
	return t
}

// bins cuts every local day into bins of size seconds from midnight; the last
// bin of a day ends with it. Bins of 24 hours are days, however long: the 25th
// hour of one on which clocks go back would be a bin far finer than asked for.
type bins struct {
	cal  *sigcity.Calendar
	size uint32
}

// at is the first and the last second of the bin of t.
func (b bins) at(t uint32) (first, last uint32) {
	day := min(max(b.cal.Day(t), 0), b.cal.Days()-1)
	midnight, end := b.cal.Start(day), b.cal.Start(day+1)
	if t < midnight || t >= end { // outside the data set's days
		midnight, end = t-t%b.size, 1<<32-1
	}
	if b.size >= 86400 && end < 1<<32-1 {
		return midnight, end - 1
	}
	first = t - (t-midnight)%b.size
	return first, first + min(b.size, end-first) - 1
}
