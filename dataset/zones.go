package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// Zone is a row of map/zones.parquet: an administrative area. Its rings follow
// each other in Lon and Lat, closed; ring i has Corners[i] of them. Inside is
// what an odd number of rings hold: holes are rings like any other.
type Zone struct {
	ID      uint32    `parquet:"id"`
	Level   int32     `parquet:"level"` // OSM admin_level: the higher, the smaller
	Name    string    `parquet:"name"`
	Parent  int64     `parquet:"parent"` // id of the smallest zone of a lower level around it, −1 = none
	Cut     bool      `parquet:"cut"`    // the map lacks some of its outline
	Corners []int32   `parquet:"corners,list"`
	Lon     []float64 `parquet:"lon,list"`
	Lat     []float64 `parquet:"lat,list"`
}

// UsefulZones is the share of all dwellings that lie in zones of a level, given
// how many lie in each, and whether the level is of use as a zoning: at least
// half of the dwellings lie in one of its zones, and at least two hold some.
// Both bounds are assumptions.
func UsefulZones(in []float64, all float64) (share float64, useful bool) {
	zones := 0
	for _, n := range in {
		share += n
		if n > 0 {
			zones++
		}
	}
	if all > 0 {
		share /= all
	}
	return share, share >= 0.5 && zones >= 2
}

// CheckZoning is an error where no map has a zoning of the name; whether one has
// the administrative level only Map.Zoning can tell.
func CheckZoning(name string) error {
	if text, ok := strings.CutPrefix(name, "admin"); ok {
		if text == "" {
			return nil
		}
		if l, err := strconv.Atoi(strings.TrimPrefix(text, "-")); err == nil && text == "-"+strconv.Itoa(l) && l >= 1 && l <= 12 {
			return nil
		}
		return fmt.Errorf("zoning %q: want admin or admin-1 … admin-12", name)
	}
	if _, err := geo.ParseZoning(name, geo.Projection{}); err != nil {
		return fmt.Errorf("%w, admin, admin-1 … admin-12", err)
	}
	return nil
}

// Zoning reads the name of a zoning: those of geo.ParseZoning, "admin-8" for
// the administrative areas of a level, or "admin" for those of the finest
// level that is of use (UsefulZones, by the dwellings of the communities).
// Zone ids are those of Zones.
func (m *Map) Zoning(name string) (geo.Zoning, error) {
	text, ok := strings.CutPrefix(name, "admin")
	if !ok {
		z, err := geo.ParseZoning(name, m.Projection())
		if err != nil {
			return nil, fmt.Errorf("%w, admin, admin-1 … admin-12", err)
		}
		return z, nil
	}
	levels := map[int][]geo.Region{}
	for i := range m.Zones {
		z := &m.Zones[i]
		r, err := z.region(m.Projection())
		if err != nil {
			return nil, err
		}
		levels[int(z.Level)] = append(levels[int(z.Level)], r)
	}
	names := make([]int, 0, len(levels))
	for l := range levels {
		names = append(names, l)
	}
	slices.SortFunc(names, func(a, b int) int { return cmp.Compare(b, a) }) // finest first
	if len(names) == 0 {
		return nil, fmt.Errorf("zoning %q: the map has no administrative areas; want a grid or h3", name)
	}
	zoning := func(l int) *geo.Regions {
		return geo.NewRegions("admin-"+strconv.Itoa(l), m.Projection(), levels[l])
	}
	if text != "" {
		l, err := strconv.Atoi(strings.TrimPrefix(text, "-"))
		if err != nil || text[0] != '-' || len(levels[l]) == 0 {
			slices.Reverse(names)
			return nil, fmt.Errorf("zoning %q: the map has administrative areas of levels %v only", name, names)
		}
		return zoning(l), nil
	}
	for _, l := range names {
		x := zoning(l)
		in, all := map[geo.ZoneID]float64{}, 0.0
		for _, k := range m.Communities {
			all += k.Dwellings
			if z := x.Zone(orb.Point{k.Lon, k.Lat}); z != geo.NoZone {
				in[z] += k.Dwellings
			}
		}
		var dwellings []float64
		for _, z := range geo.SortedZones(in) {
			dwellings = append(dwellings, in[z])
		}
		if _, useful := UsefulZones(dwellings, all); useful {
			return x, nil
		}
	}
	slices.Reverse(names)
	return nil, fmt.Errorf("zoning %q: the map has no level of administrative areas that covers the city, but levels %v; want one of them by name, a grid or h3", name, names)
}

// Finest is the zoning by the administrative areas of a level and all below it
// in number: a point belongs to the smallest that holds it. Zone ids are those of
// Zones.
func (m *Map) Finest(level int32) (*geo.Regions, error) {
	var regions []geo.Region
	for i := range m.Zones {
		if m.Zones[i].Level > level {
			continue
		}
		r, err := m.Zones[i].region(m.Projection())
		if err != nil {
			return nil, err
		}
		regions = append(regions, r)
	}
	return geo.NewRegions(fmt.Sprintf("admin-to-%d", level), m.Projection(), regions), nil
}

// region puts a zone on the plane.
func (z *Zone) region(proj geo.Projection) (geo.Region, error) {
	r := geo.Region{ID: geo.ZoneID(z.ID)}
	at := 0
	for _, n := range z.Corners {
		end := at + int(n)
		if n < 4 || end > len(z.Lon) || end > len(z.Lat) {
			return r, fmt.Errorf("zone %d: ring of %d corners in %d coordinates, want closed rings of at least 4", z.ID, n, len(z.Lon))
		}
		ring := []geo.XY{}
		for i := at; i < end-1; i++ { // without the closing corner
			ring = append(ring, proj.XY(orb.Point{z.Lon[i], z.Lat[i]}))
		}
		r.Rings = append(r.Rings, ring)
		at = end
	}
	if at != len(z.Lon) || at != len(z.Lat) {
		return r, fmt.Errorf("zone %d: rings of %d corners in %d and %d coordinates, want as many", z.ID, at, len(z.Lon), len(z.Lat))
	}
	return r, nil
}
