package dataset

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/sigcity/sigcity"
)

// Cell is a radio cell: the area it serves and the antenna that serves it.
type Cell struct {
	sigcity.Area
	ENB     uint32    // eNB or gNB id
	Sector  int       // index among the sectors of the site
	Site    int       // index of the site
	Radio   string    // 4G, 5G, …; empty = not told
	Antenna orb.Point // lon, lat of the mast or roof
	Azimuth float64   // degrees clockwise from north
	BeamDeg float64   // width of the beam in degrees, 360 = all around, 0 = not told
	RangeM  float64   // m
	Kind    string    // of the site: macro, indoor, metro, corridor; empty = not told
}

// CellOf makes a cell of an area whose antenna is not told: the CGI says the
// eNB and the sector, the antenna stands at the centre.
func CellOf(a sigcity.Area) Cell {
	c := Cell{Area: a, Antenna: a.Center, RangeM: a.Radius, Site: -1}
	if f := strings.Split(a.Name, "-"); len(f) == 3 {
		id, err := strconv.ParseUint(f[2], 10, 36)
		switch {
		case err != nil:
		case id < 1<<28:
			c.ENB, c.Sector, c.Radio = uint32(id>>8), int(id&0xff), "4G"
		default: // as in [sigcity.SiteOf]
			c.ENB, c.Sector, c.Radio = uint32(id>>12), int(id&0xfff), "5G"
		}
	}
	return c
}

// cellRow is a row of cells.parquet.
type cellRow struct {
	Cell       int32     `parquet:"cell"`
	CGI        string    `parquet:"cgi"`
	MCC        string    `parquet:"mcc,dict"`
	MNC        string    `parquet:"mnc,dict"`
	TAC        uint32    `parquet:"tac"`
	ENB        uint32    `parquet:"enb"`
	Sector     int32     `parquet:"sector"`
	Radio      string    `parquet:"radio,dict"`
	Lon        float64   `parquet:"lon"`
	Lat        float64   `parquet:"lat"`
	Azimuth    float64   `parquet:"azimuth"`
	Beam       float64   `parquet:"beam"`
	Range      float64   `parquet:"range"`
	Site       int32     `parquet:"site"`
	Kind       string    `parquet:"kind,dict"`
	Operator   string    `parquet:"operator,dict"`
	ValidFrom  uint32    `parquet:"valid_from"`
	ValidTo    uint32    `parquet:"valid_to"`
	CenterLon  float64   `parquet:"center_lon"`
	CenterLat  float64   `parquet:"center_lat"`
	Radius     float64   `parquet:"radius"`
	Spacing    float64   `parquet:"spacing"`
	OutlineLon []float64 `parquet:"footprint_lon,list"`
	OutlineLat []float64 `parquet:"footprint_lat,list"`
}

// areaRow is a row of areas.parquet.
type areaRow struct {
	Area       int32     `parquet:"area"`
	Name       string    `parquet:"name"`
	Lon        float64   `parquet:"lon"`
	Lat        float64   `parquet:"lat"`
	Radius     float64   `parquet:"radius"`
	Spacing    float64   `parquet:"spacing"`
	Operator   string    `parquet:"operator,dict"`
	TAC        uint32    `parquet:"tac"`
	ValidFrom  uint32    `parquet:"valid_from"`
	ValidTo    uint32    `parquet:"valid_to"`
	OutlineLon []float64 `parquet:"footprint_lon,list"`
	OutlineLat []float64 `parquet:"footprint_lat,list"`
}

// Areas writes the areas: cells.parquet and cells.geojson of raw data (the
// antennas as [CellOf] guesses them; use [Writer.Cells] where they are known),
// areas.parquet and areas.geojson of a release or imported data.
func (w *Writer) Areas(areas []sigcity.Area) error {
	if w.imsi != nil {
		cells := make([]Cell, len(areas))
		for i, a := range areas {
			cells[i] = CellOf(a)
		}
		return w.Cells(cells)
	}
	if err := checkAreas(areas); err != nil {
		return err
	}
	rows := make([]areaRow, len(areas))
	for i, a := range areas {
		lon, lat := splitRing(a.Footprint)
		rows[i] = areaRow{int32(a.ID), a.Name, a.Center[0], a.Center[1], a.Radius, a.Spacing, a.Operator, a.TAC, a.From, a.To, lon, lat}
	}
	if err := WriteTable(w, TableAreas, Whole, rows); err != nil {
		return err
	}
	w.areas.Store(int64(len(areas)))
	return w.geoJSON(TableAreas+".geojson", len(areas), func(i int) *geojson.Feature {
		a := areas[i]
		return feature(a, map[string]any{"area": a.ID, "name": a.Name, "radius": a.Radius, "spacing": a.Spacing})
	})
}

// Cells writes cells.parquet and cells.geojson.
func (w *Writer) Cells(cells []Cell) error {
	rows := make([]cellRow, len(cells))
	for i, c := range cells {
		if err := checkArea(c.Area, i); err != nil {
			return fmt.Errorf("cell %d (%s): %w", i, c.Name, err)
		}
		mcc, mnc, _ := strings.Cut(c.Operator, "-")
		lon, lat := splitRing(c.Footprint)
		rows[i] = cellRow{int32(c.ID), c.Name, mcc, mnc, c.TAC, c.ENB, int32(c.Sector), c.Radio, c.Antenna[0], c.Antenna[1], c.Azimuth, c.BeamDeg, c.RangeM,
			int32(c.Site), c.Kind, c.Operator, c.From, c.To, c.Center[0], c.Center[1], c.Radius, c.Spacing, lon, lat}
	}
	if err := WriteTable(w, TableCells, Whole, rows); err != nil {
		return err
	}
	w.areas.Store(int64(len(cells)))
	return w.geoJSON(TableCells+".geojson", len(cells), func(i int) *geojson.Feature {
		c := cells[i]
		return feature(c.Area, map[string]any{"cell": c.ID, "cgi": c.Name, "tac": c.TAC, "site": c.Site, "sector": c.Sector,
			"azimuth": c.Azimuth, "lon": c.Antenna[0], "lat": c.Antenna[1]})
	})
}

// feature is the area's footprint, or its centre where it is a disc.
func feature(a sigcity.Area, properties map[string]any) *geojson.Feature {
	var g orb.Geometry = a.Center
	if len(a.Footprint) > 0 {
		g = orb.Polygon{a.Footprint}
	}
	f := geojson.NewFeature(g)
	f.Properties = properties // written in order of key
	return f
}

// geoJSON writes a feature collection, a feature a line.
func (w *Writer) geoJSON(path string, n int, at func(i int) *geojson.Feature) error {
	return w.put(path, func(f *file) (int64, error) {
		b := []byte(`{"type":"FeatureCollection","features":[`)
		for i := range n {
			line, err := json.Marshal(at(i))
			if err != nil {
				return 0, err
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, '\n'), line...)
		}
		_, err := f.Write(append(b, "\n]}\n"...))
		return int64(n), err
	})
}

func splitRing(r orb.Ring) (lon, lat []float64) {
	for _, p := range r {
		lon, lat = append(lon, p[0]), append(lat, p[1])
	}
	return lon, lat
}

func joinRing(lon, lat []float64) (orb.Ring, error) {
	if len(lon) != len(lat) {
		return nil, fmt.Errorf("footprint of %d longitudes and %d latitudes", len(lon), len(lat))
	}
	var r orb.Ring
	for i := range lon {
		r = append(r, orb.Point{lon[i], lat[i]})
	}
	return r, nil
}

// readAreas reads whichever of the two tables is there; none in an aggregate release.
func (f *Folder) readAreas() ([]sigcity.Area, error) {
	ctx := context.Background()
	var out []sigcity.Area
	add := func(table string, id int32, a sigcity.Area, lon, lat []float64) error {
		ring, err := joinRing(lon, lat)
		a.ID, a.Footprint = sigcity.AreaID(id), ring
		if err == nil {
			err = checkArea(a, len(out))
		}
		if err != nil {
			return fmt.Errorf("%s: row %d: %w", f.path(table+".parquet"), len(out), err)
		}
		out = append(out, a)
		return nil
	}
	if f.HasTable(TableCells) {
		for r, err := range ReadTable[cellRow](ctx, f, TableCells) {
			if err != nil {
				return nil, err
			}
			a := sigcity.Area{Name: r.CGI, Center: orb.Point{r.CenterLon, r.CenterLat}, Radius: r.Radius, Spacing: r.Spacing, Operator: r.Operator,
				TAC: r.TAC, From: r.ValidFrom, To: r.ValidTo}
			if err := add(TableCells, r.Cell, a, r.OutlineLon, r.OutlineLat); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if !f.HasTable(TableAreas) {
		return nil, nil
	}
	for r, err := range ReadTable[areaRow](ctx, f, TableAreas) {
		if err != nil {
			return nil, err
		}
		a := sigcity.Area{Name: r.Name, Center: orb.Point{r.Lon, r.Lat}, Radius: r.Radius, Spacing: r.Spacing, Operator: r.Operator,
			TAC: r.TAC, From: r.ValidFrom, To: r.ValidTo}
		if err := add(TableAreas, r.Area, a, r.OutlineLon, r.OutlineLat); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Cells reads the antennas with their areas; raw data only.
func (f *Folder) Cells() ([]Cell, error) {
	var out []Cell
	for r, err := range ReadTable[cellRow](context.Background(), f, TableCells) {
		if err != nil {
			return nil, err
		}
		if len(out) >= len(f.areas) {
			return nil, fmt.Errorf("%s: more rows than before", f.path(TableCells+".parquet"))
		}
		out = append(out, Cell{Area: f.areas[len(out)], ENB: r.ENB, Sector: int(r.Sector), Site: int(r.Site), Radio: r.Radio,
			Antenna: orb.Point{r.Lon, r.Lat}, Azimuth: r.Azimuth, BeamDeg: r.Beam, RangeM: r.Range,
			Kind: r.Kind})
	}
	return out, nil
}
