package dataset

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/sigcity/sigcity"
)

// Columns of an areas file.
const (
	arArea = iota
	arName
	arLon
	arLat
	arRadius
	arSpacing
	arOperator
	arTAC
	arFootprint
	arFrom
	arTo
)

var areaColumns = []string{"area", "name", "lon", "lat", "radius", "spacing", "operator", "tac", "footprint", "valid_from", "valid_to"}

// WriteAreasCSV writes area,name,lon,lat,radius,spacing,operator,tac,footprint,
// valid_from,valid_to rows, the footprint as WKT (POLYGON) or empty. Numbers
// are written so that they read back exactly.
func WriteAreasCSV(w io.Writer, areas []sigcity.Area) error {
	if err := checkAreas(areas); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(areaColumns); err != nil {
		return err
	}
	float := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	uint := func(v uint32) string { return strconv.FormatUint(uint64(v), 10) }
	for _, a := range areas {
		ring := ""
		if len(a.Footprint) > 0 {
			ring = wkt.MarshalString(orb.Polygon{a.Footprint})
		}
		if err := c.Write([]string{uint(uint32(a.ID)), a.Name, float(a.Center[0]), float(a.Center[1]), float(a.Radius), float(a.Spacing),
			a.Operator, uint(a.TAC), ring, uint(a.From), uint(a.To)}); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// ReadAreasCSV reads what WriteAreasCSV writes; name is the file's name in
// errors. Columns are found by name; only area, name, lon and lat are required.
// Rows may come in any order, but the ids must be 0 … n−1.
func ReadAreasCSV(r io.Reader, name string) ([]sigcity.Area, error) {
	t, err := openCSV(r, name, areaColumns[:arRadius], areaColumns[arRadius:])
	if err != nil {
		return nil, err
	}
	var rows []sigcity.Area
	var lines []int
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		a, err := t.area()
		if err != nil {
			return nil, err
		}
		line, _ := t.r.FieldPos(t.at[arArea])
		rows, lines = append(rows, a), append(lines, line)
	}
	out := make([]sigcity.Area, len(rows))
	seen := make([]bool, len(rows))
	for i, a := range rows {
		if int(a.ID) >= len(rows) {
			return nil, fmt.Errorf("%s:%d: area %d, want the ids 0 to %d of the file's %d areas", name, lines[i], a.ID, len(rows)-1, len(rows))
		}
		if seen[a.ID] {
			return nil, fmt.Errorf("%s:%d: area %d is there twice", name, lines[i], a.ID)
		}
		seen[a.ID], out[a.ID] = true, a
	}
	return out, nil
}

func (t *csvTable) area() (a sigcity.Area, err error) {
	uint := func(col int) uint32 {
		if err != nil {
			return 0
		}
		var v uint64
		v, err = t.uint(col, math.MaxUint32)
		return uint32(v)
	}
	float := func(col int, lo, hi float64) float64 {
		if err != nil {
			return 0
		}
		var v float64
		v, err = t.float(col, lo, hi)
		return v
	}
	a = sigcity.Area{ID: sigcity.AreaID(uint(arArea)), Name: t.cell(arName), Operator: t.cell(arOperator),
		Center: orb.Point{float(arLon, -180, 180), float(arLat, -90, 90)},
		Radius: float(arRadius, 0, math.Inf(1)), Spacing: float(arSpacing, 0, math.Inf(1)),
		TAC: uint(arTAC), From: uint(arFrom), To: uint(arTo)}
	if s := t.text(arFootprint); err == nil && s != "" {
		poly, e := wkt.UnmarshalPolygon(s)
		if e != nil || len(poly) != 1 {
			return a, t.errorf(arFootprint, "want POLYGON((lon lat,…)) of one ring, or nothing")
		}
		if e := checkRing(poly[0]); e != nil {
			return a, t.errorf(arFootprint, "%v", e)
		}
		a.Footprint = poly[0]
	}
	if err == nil {
		if e := checkArea(a, int(a.ID)); e != nil {
			return a, t.errorf(arArea, "%v", e)
		}
	}
	return a, err
}

// checkAreas says whether the areas can be written: their ids are their
// positions and their geometry is finite.
func checkAreas(areas []sigcity.Area) error {
	for i, a := range areas {
		if err := checkArea(a, i); err != nil {
			return fmt.Errorf("area %d (%s): %w", i, a.Name, err)
		}
	}
	return nil
}

func checkArea(a sigcity.Area, i int) error {
	switch {
	case int(a.ID) != i || i > math.MaxInt32:
		return fmt.Errorf("id = %d, want its position %d", a.ID, i)
	case !onEarth(a.Center):
		return fmt.Errorf("centre %v, want longitude and latitude in degrees", a.Center)
	case !(a.Radius >= 0) || math.IsInf(a.Radius, 0):
		return fmt.Errorf("radius = %g m, must be at least 0", a.Radius)
	case !(a.Spacing >= 0) || math.IsInf(a.Spacing, 0):
		return fmt.Errorf("spacing = %g m, must be at least 0", a.Spacing)
	case a.To < a.From:
		return fmt.Errorf("valid to %d, want a time from %d on", a.To, a.From)
	case len(a.Footprint) > 0:
		return checkRing(a.Footprint)
	}
	return nil
}

func checkRing(r orb.Ring) error {
	if len(r) < 4 || r[0] != r[len(r)-1] {
		return fmt.Errorf("footprint of %d points, want a closed ring of at least 4", len(r))
	}
	for _, p := range r {
		if !onEarth(p) {
			return fmt.Errorf("footprint through %v, want longitudes and latitudes in degrees", p)
		}
	}
	return nil
}

func onEarth(p orb.Point) bool {
	return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90 // false for NaN
}
