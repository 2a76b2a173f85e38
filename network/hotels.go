package network

import (
	"strconv"

	"github.com/sigcity/sigcity/geo"
)

// Hotel is a house where visitors sleep.
type Hotel struct {
	Pos   geo.XY
	Rooms float64 // as the map tells, or estimated
}

// inn is a hotel that the map has as a point.
type inn struct {
	pos  geo.XY
	tags tags
}

// isHotel tells the houses where visitors sleep.
func isHotel(t tags) bool {
	return t.has("building", "hotel") || t.has("tourism", "hotel", "hostel", "motel", "guest_house")
}

// The rooms of hotels that the map tells no number of (assumed): a hotel has so
// much gross floor for each room, lobby and restaurant included; one that is
// only a point on the map has nodeRooms.
const (
	floorPerRoom = 50.0 // m²
	nodeRooms    = 20.0
	maxRooms     = 10_000 // the largest hotel of the world has some 7,000
)

// rooms is what the tags tell, false where they tell nothing that can be.
func rooms(t tags) (float64, bool) {
	n, err := strconv.ParseFloat(t.get("rooms"), 64)
	return n, err == nil && n >= 1 && n <= maxRooms
}

// hotels lists the hotels: buildings, and points in none of them. It needs the
// buildings.
func (b *builder) hotels() error {
	var rings [][]geo.XY
	for i := range b.areas {
		t := b.areas[i].tags
		if !isHotel(t) {
			continue
		}
		h := &b.city.Buildings[i]
		n, ok := rooms(t)
		if !ok {
			n = max(h.FloorM2/floorPerRoom, 1)
		}
		rings = append(rings, h.Ring)
		b.city.Hotels = append(b.city.Hotels, Hotel{Pos: h.Pos, Rooms: n})
	}
	houses := newPolygons(rings)
	for _, s := range b.inns {
		if houses.at(s.pos, func(int) bool { return true }) >= 0 {
			continue // the sign on the door of a hotel
		}
		n, ok := rooms(s.tags)
		if !ok {
			n = nodeRooms
		}
		b.city.Hotels = append(b.city.Hotels, Hotel{Pos: s.pos, Rooms: n})
	}
	b.add("hotels", int64(len(b.city.Hotels)))
	return nil
}
