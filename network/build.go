package network

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// area is a closed outline of the map with its tags, on the plane.
type area struct {
	tags   tags
	ring   []geo.XY // open: the first corner is not repeated
	center geo.XY
	m2     float64
}

// builder turns a source into a City, stage by stage.
type builder struct {
	city *City
	src  *source
	opt  Options

	lo, hi geo.XY // the city's bounds on the plane

	areas []area     // ways first, then relations, in order of id
	parts []area     // of buildings
	gated [][]geo.XY // residential areas behind a gate

	borders map[*way]bool // ways of administrative relations
	masts   []mast
	spots   []spot // objects that are places, before they are merged
	inns    []inn  // hotels that are points
	halls   []hall // what indoor cells serve
	ends    []exit // of the main roads

	residential *polygons // of land use residential
	inhabitants float64
}

type mast struct {
	pos      geo.XY
	operator string
}

// spot is one tagged object that is a place.
type spot struct {
	category dataset.Category
	tags     tags
	pos      geo.XY
	ring     []geo.XY // nil for a point
	m2       float64
	building bool
}

// householdSize is the mean number of persons a household, China 2020
// (1,292.81 M persons in 494.16 M households).
const householdSize = 2.62

// build makes the City of a source.
func build(ctx context.Context, src *source, opt Options) (*City, error) {
	opt.Workers = max(opt.Workers, 1)
	if opt.Inhabitants < 0 {
		return nil, fmt.Errorf("inhabitants = %d, must not be negative", opt.Inhabitants)
	}
	b := &builder{src: src, opt: opt, borders: map[*way]bool{}, city: &City{Name: opt.Name, Attribution: cmp.Or(opt.Attribution, Attribution), Report: Report{Counts: map[string]int64{}}}}
	for _, stage := range []func() error{
		b.shapes, b.zones, b.timeZone, b.roads, b.buildings, b.hotels, b.standIns, b.dwellings, b.communities, b.zoneLevels, b.places, b.transit, b.gates,
		func() error { return b.sites(ctx) }, b.cells,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := stage(); err != nil {
			return nil, err
		}
	}
	b.count()
	return b.city, nil
}

func (b *builder) warn(format string, args ...any) {
	b.city.Report.Warnings = append(b.city.Report.Warnings, fmt.Sprintf(format, args...))
}

func (b *builder) add(what string, n int64) { b.city.Report.Counts[what] += n }

// each calls f with every i below n on the given number of workers. f must
// write to what belongs to i only, so that the workers never show. It runs to
// its end: build looks for the end of its context between stages.
func each(n, workers int, f func(i int)) {
	_ = parallel.For(context.Background(), workers, n, 256, func(_, lo, hi int) error { // f has no error to return
		for i := lo; i < hi; i++ {
			f(i)
		}
		return nil
	})
}

// shapes resolves ways and relations, sets bounds and projection, and sorts
// the objects into roads, areas, masts and places.
func (b *builder) shapes() error {
	s, c := b.src, b.city
	lines := make([][]orb.Point, len(s.ways))
	broken := make([]bool, len(s.ways))
	each(len(s.ways), b.opt.Workers, func(i int) {
		if len(s.ways[i].tags) > 0 {
			lines[i], _ = s.line(&s.ways[i])
			broken[i] = leaps(lines[i])
		}
	})
	var lons, lats []float64
	for i, l := range lines {
		t := s.ways[i].tags
		switch {
		case broken[i]:
			b.add("broken_ways", 1)
			lines[i] = nil
			continue
		case len(t) > 0 && l == nil && s.ways[i].end > s.ways[i].first:
			b.add("incomplete_ways", 1)
		case len(t) > 0 && len(l) < 2:
			b.add("short_ways", 1)
		}
		if roadClass(t) == "" && t.get("building") == "" && landUse(t) == "" {
			continue // boundaries, ferries, pipelines: they leave the town
		}
		for _, p := range l {
			lons, lats = append(lons, p[0]), append(lats, p[1])
		}
	}
	if len(lons) == 0 {
		return errors.New("no complete streets, buildings or land use: want an extract whose ways have all their nodes")
	}
	c.Bounds = robustBound(lons, lats)
	c.Proj = geo.NewProjection(c.Bounds.Center())
	if span := geo.Distance(c.Bounds.Min, c.Bounds.Max); span > wideM {
		b.warn("extent: %.0f km from corner to corner; distances on the plane are good to 0.5 %% up to about %.0f km", span/1000, wideM/1000)
	}
	b.lo, b.hi = c.Proj.XY(c.Bounds.Min), c.Proj.XY(c.Bounds.Max)
	b.add("bad_coordinates", s.badCoordinates)

	b.add("repeated_objects", s.repeated)
	b.outlines(lines)
	for _, p := range s.points {
		if c.Bounds.Contains(p.pos) {
			b.point(p.tags, c.Proj.XY(p.pos))
		}
	}
	var res [][]geo.XY
	for _, l := range c.LandUse {
		if l.Use == "residential" {
			res = append(res, l.Ring)
		}
	}
	b.residential = newPolygons(res)
	return nil
}

// wideM is the extent beyond which the local plane distorts distances.
const wideM = 120_000.0

// maxLeapM is the longest believable step between two nodes of a way; a node
// far off its place would else drag streets across the globe.
const maxLeapM = 50_000

func leaps(l []orb.Point) bool {
	for i := 1; i < len(l); i++ {
		if math.Abs(l[i][1]-l[i-1][1])+math.Abs(l[i][0]-l[i-1][0]) > 0.2 && geo.Distance(l[i-1], l[i]) > maxLeapM {
			return true
		}
	}
	return false
}

// robustBound is the box of the points without the far strays: complete ways
// of members of relations can lie many towns away. A point strays if it lies
// outside the 1st–99th percentile of a side by more than a quarter of that span.
func robustBound(lons, lats []float64) orb.Bound {
	side := func(v []float64) (lo, hi float64) {
		slices.Sort(v)
		n := len(v) - 1
		p1, p99 := v[n/100], v[n-n/100]
		reach := math.Max((p99-p1)/4, 1e-3)
		i, _ := slices.BinarySearch(v, p1-reach)
		j, _ := slices.BinarySearch(v, p99+reach)
		return v[i], v[max(j-1, i)]
	}
	var bd orb.Bound
	bd.Min[0], bd.Max[0] = side(lons)
	bd.Min[1], bd.Max[1] = side(lats)
	return bd
}

// inside reports whether p lies within the bounds; long ways leave them.
func (b *builder) inside(p geo.XY) bool {
	return p.X >= b.lo.X && p.Y >= b.lo.Y && p.X <= b.hi.X && p.Y <= b.hi.Y
}

func finite(p geo.XY) bool {
	return !math.IsNaN(p.X+p.Y) && !math.IsInf(p.X+p.Y, 0)
}

func (b *builder) point(t tags, p geo.XY) {
	if isMast(t) {
		b.masts = append(b.masts, mast{p, t.get("operator")})
	}
	if isHotel(t) && b.inside(p) {
		b.inns = append(b.inns, inn{p, t})
	}
	if cat, ok := category(t); ok {
		b.spots = append(b.spots, spot{category: cat, tags: t, pos: p})
	}
}

// timeZone takes the configured zone or guesses the nautical one: 15° of
// longitude an hour. The names of Etc have their sign turned round.
func (b *builder) timeZone() error {
	if b.city.TimeZone = b.opt.TimeZone; b.city.TimeZone != "" {
		return nil
	}
	hours := int(math.Round(b.city.Bounds.Center()[0] / 15))
	switch {
	case hours == 0:
		b.city.TimeZone = "Etc/GMT"
	case hours > 0:
		b.city.TimeZone = fmt.Sprintf("Etc/GMT-%d", hours)
	default:
		b.city.TimeZone = fmt.Sprintf("Etc/GMT+%d", -hours)
	}
	b.warn("time zone: guessed %s from the longitude, without summer time; set the IANA zone to be right", b.city.TimeZone)
	return nil
}
