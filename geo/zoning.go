package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// ZoneID names a zone of one zoning; ids are stable for a city, whatever data
// is laid on it.
type ZoneID int64

// NoZone is the zone of nowhere.
const NoZone ZoneID = -1

// Zoning cuts the plane into zones. Results depend on it (the modifiable areal
// unit problem), so its name is part of every result.
type Zoning interface {
	Name() string
	Zone(orb.Point) ZoneID
	Center(ZoneID) orb.Point
	Outline(ZoneID) orb.Ring
}

// ParseZoning reads "grid-500m", "grid-1km" or "h3-8": square cells of that
// size on the plane of proj, or hexagons of that H3 resolution.
func ParseZoning(name string, proj Projection) (Zoning, error) {
	if s, ok := strings.CutPrefix(name, "h3-"); ok {
		res, err := strconv.Atoi(s)
		if err == nil && res >= 0 && res <= 15 {
			return Hexagons(res), nil
		}
	}
	if s, ok := strings.CutPrefix(name, "grid-"); ok {
		unit := 1.0
		if t, km := strings.CutSuffix(s, "km"); km {
			s, unit = t, 1000
		} else {
			s = strings.TrimSuffix(s, "m")
		}
		if size, err := strconv.ParseFloat(s, 64); err == nil && size > 0 && !math.IsInf(size*unit, 0) {
			return Grid{Proj: proj, Size: size * unit}, nil
		}
	}
	return nil, fmt.Errorf("zoning %q: want grid-500m, grid-1km, … or h3-0 … h3-15", name)
}

// Grid is a square grid on the local plane.
type Grid struct {
	Proj Projection
	Size float64 // m
}

const gridHalf = 1 << 20 // columns and rows are packed as 21-bit numbers

func (g Grid) Name() string {
	if g.Size >= 1000 {
		return fmt.Sprintf("grid-%gkm", g.Size/1000)
	}
	return fmt.Sprintf("grid-%gm", g.Size)
}

func (g Grid) Zone(p orb.Point) ZoneID {
	q := g.Proj.XY(p)
	c, r := math.Floor(q.X/g.Size)+gridHalf, math.Floor(q.Y/g.Size)+gridHalf
	if !(c >= 0 && r >= 0 && c < 2*gridHalf && r < 2*gridHalf) {
		return NoZone
	}
	return ZoneID(int64(r)*2*gridHalf + int64(c))
}

func (g Grid) corner(z ZoneID) XY {
	return XY{float64(int64(z)%(2*gridHalf)-gridHalf) * g.Size, float64(int64(z)/(2*gridHalf)-gridHalf) * g.Size}
}

func (g Grid) Center(z ZoneID) orb.Point {
	c := g.corner(z)
	return g.Proj.LonLat(XY{c.X + g.Size/2, c.Y + g.Size/2})
}

func (g Grid) Outline(z ZoneID) orb.Ring {
	c, s := g.corner(z), g.Size
	return g.Proj.Ring([]XY{c, {c.X + s, c.Y}, {c.X + s, c.Y + s}, {c.X, c.Y + s}})
}

// Hexagons is the H3 grid of one resolution, 0 … 15. Mean edge: 461 m at 8,
// 1.2 km at 7, 3.2 km at 6.
type Hexagons int

func (h Hexagons) Name() string { return fmt.Sprintf("h3-%d", int(h)) }

func (h Hexagons) Zone(p orb.Point) ZoneID {
	c, err := h3.LatLngToCell(h3.NewLatLng(p[1], p[0]), int(h))
	if err != nil {
		return NoZone
	}
	return ZoneID(c)
}

func (h Hexagons) Center(z ZoneID) orb.Point {
	ll, err := h3.CellToLatLng(h3.Cell(z))
	if err != nil {
		return orb.Point{}
	}
	return orb.Point{ll.Lng, ll.Lat}
}

func (h Hexagons) Outline(z ZoneID) orb.Ring {
	b, err := h3.CellToBoundary(h3.Cell(z))
	if err != nil {
		return nil
	}
	var r orb.Ring
	for _, ll := range b {
		r = append(r, orb.Point{ll.Lng, ll.Lat})
	}
	return append(r, r[0])
}

// SortedZones lists the keys of a map in order, so that nothing iterates a map
// into output.
func SortedZones[V any](m map[ZoneID]V) []ZoneID {
	out := make([]ZoneID, 0, len(m))
	for z := range m {
		out = append(out, z)
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}
