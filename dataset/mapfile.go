package dataset

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/paulmach/orb"
)

// mapInfo is map/map.json.
type mapInfo struct {
	City        string    `json:"city"`
	Origin      orb.Point `json:"origin"` // lon, lat
	Min         orb.Point `json:"min"`    // corners of the bounds, lon, lat
	Max         orb.Point `json:"max"`
	Attribution string    `json:"attribution,omitempty"`
}

// Map writes the public map.
func (w *Writer) Map(m *Map) error {
	if err := WriteTable(w, TablePlaces, Whole, m.Places); err != nil {
		return err
	}
	if err := WriteTable(w, TableCommunities, Whole, m.Communities); err != nil {
		return err
	}
	if err := WriteTable(w, TableRoads, Whole, m.Roads); err != nil {
		return err
	}
	if err := WriteTable(w, TableLandUse, Whole, m.LandUse); err != nil {
		return err
	}
	if err := WriteTable(w, TableZones, Whole, m.Zones); err != nil {
		return err
	}
	return w.put(mapFile, func(f *file) (int64, error) {
		b, err := json.MarshalIndent(mapInfo{m.City, m.Origin, m.Bounds.Min, m.Bounds.Max, m.Attribution}, "", "  ")
		if err != nil {
			return 0, err
		}
		_, err = f.Write(append(b, '\n'))
		return 0, err
	})
}

// Map reads the public map.
func (f *Folder) Map() (*Map, error) {
	b, err := os.ReadFile(f.path(mapFile))
	if err != nil {
		return nil, err
	}
	var info mapInfo
	if err := json.Unmarshal(b, &info); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path(mapFile), err)
	}
	m := &Map{City: info.City, Origin: info.Origin, Bounds: orb.Bound{Min: info.Min, Max: info.Max}, Attribution: info.Attribution}
	ctx := context.Background()
	if m.Places, err = gather(ReadTable[Place](ctx, f, TablePlaces), nil); err != nil {
		return nil, err
	}
	if m.Communities, err = gather(ReadTable[Community](ctx, f, TableCommunities), nil); err != nil {
		return nil, err
	}
	if m.Roads, err = gather(ReadTable[Road](ctx, f, TableRoads), nil); err != nil {
		return nil, err
	}
	if m.LandUse, err = gather(ReadTable[LandUse](ctx, f, TableLandUse), nil); err != nil {
		return nil, err
	}
	if f.HasTable(TableZones) { // folders of before lack it
		m.Zones, err = gather(ReadTable[Zone](ctx, f, TableZones), nil)
	}
	return m, err
}
