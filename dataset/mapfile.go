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
	if err := WriteTable(w, TableLines, Whole, m.Lines); err != nil {
		return err
	}
	if err := WriteTable(w, TableStops, Whole, m.Stops); err != nil {
		return err
	}
	if err := WriteTable(w, TableHubs, Whole, m.Hubs); err != nil {
		return err
	}
	if err := WriteTable(w, TableGates, Whole, m.Gates); err != nil {
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
		if m.Zones, err = gather(ReadTable[Zone](ctx, f, TableZones), nil); err != nil {
			return nil, err
		}
	}
	if f.HasTable(TableGates) { // as before
		if m.Gates, err = gather(ReadTable[Gate](ctx, f, TableGates), nil); err != nil {
			return nil, err
		}
	}
	if !f.HasTable(TableLines) { // an older folder
		return m, nil
	}
	if m.Lines, err = gather(ReadTable[Line](ctx, f, TableLines), nil); err != nil {
		return nil, err
	}
	if m.Stops, err = gather(ReadTable[Stop](ctx, f, TableStops), nil); err != nil {
		return nil, err
	}
	if m.Hubs, err = gather(ReadTable[Hub](ctx, f, TableHubs), nil); err != nil {
		return nil, err
	}
	return m, m.check(f.dir)
}

// check is an error where a line or stop names what is not there: a reader
// would else index beyond the end.
func (m *Map) check(dir string) error {
	for i := range m.Lines {
		if err := m.Lines[i].check(len(m.Stops)); err != nil {
			return fmt.Errorf("%s: %s: %w", dir, TableLines, err)
		}
	}
	for _, s := range m.Stops {
		if s.Hub < -1 || s.Hub >= int64(len(m.Hubs)) {
			return fmt.Errorf("%s: %s: stop %d: hub %d, want -1 to %d", dir, TableStops, s.ID, s.Hub, len(m.Hubs)-1)
		}
	}
	return nil
}

// check is an error where the line's lists do not go together, or name one of so
// many stops that is not there.
func (l *Line) check(stops int) error {
	if len(l.Stops) < 2 || len(l.Ride) != len(l.Stops) || len(l.At) != len(l.Stops) || len(l.Lon) != len(l.Lat) {
		return fmt.Errorf("line %d: %d stops, %d times, %d vertices, %d and %d coordinates, want at least two stops and as many of each",
			l.ID, len(l.Stops), len(l.Ride), len(l.At), len(l.Lon), len(l.Lat))
	}
	for k, s := range l.Stops {
		if int(s) >= stops || int(l.At[k]) >= len(l.Lon) || k > 0 && l.At[k] < l.At[k-1] {
			return fmt.Errorf("line %d: stop %d at vertex %d, want below %d and %d, in order", l.ID, s, l.At[k], stops, len(l.Lon))
		}
	}
	return nil
}
