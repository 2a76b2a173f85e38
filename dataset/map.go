package dataset

import (
	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// Category is what a place is for.
type Category string

const (
	Kindergarten    Category = "kindergarten"
	School          Category = "school"
	University      Category = "university"
	Office          Category = "office"
	Industry        Category = "industry"
	Shop            Category = "shop"
	Salon           Category = "salon"            // hairdresser, beauty
	DepartmentStore Category = "department_store" // and malls
	Restaurant      Category = "restaurant"
	Hospital        Category = "hospital"
	Leisure         Category = "leisure"
	Worship         Category = "worship"
	Station         Category = "station"
	Airport         Category = "airport"
)

// Categories lists all of them, in a fixed order.
func Categories() []Category {
	return []Category{Kindergarten, School, University, Office, Industry, Shop, Salon, DepartmentStore,
		Restaurant, Hospital, Leisure, Worship, Station, Airport}
}

// Map is what is public about the city: everybody may use it, attackers too.
type Map struct {
	City        string
	Origin      orb.Point // of the local plane, lon/lat
	Bounds      orb.Bound
	Attribution string
	Places      []Place
	Communities []Community
	Roads       []Road
	LandUse     []LandUse
	Lines       []Line // of public transport; none in folders written before there were any
	Stops       []Stop
	Hubs        []Hub
	Gates       []Gate
	Zones       []Zone
}

// Projection is the city's local plane.
func (m *Map) Projection() geo.Projection { return geo.NewProjection(m.Origin) }

// Place is a row of map/places.parquet.
type Place struct {
	ID        uint32   `parquet:"id"`
	Category  Category `parquet:"category,dict"`
	Name      string   `parquet:"name"`
	Lon       float64  `parquet:"lon"`
	Lat       float64  `parquet:"lat"`
	Estimated bool     `parquet:"estimated"` // synthesised, not on the map
}

// Community is a row of map/communities.parquet: a residential neighbourhood
// whose affluence can be read from the map.
type Community struct {
	ID        uint32  `parquet:"id"`
	Lon       float64 `parquet:"lon"`
	Lat       float64 `parquet:"lat"`
	RadiusM   float64 `parquet:"radius_m"`
	Dwellings float64 `parquet:"dwellings"`
	Affluence int32   `parquet:"affluence"` // 1 (modest) … 5 (high-end), quintiles of dwellings
}

// Road is a row of map/roads.parquet: a polyline.
type Road struct {
	Class string    `parquet:"class,dict"` // OSM highway or railway value
	Lon   []float64 `parquet:"lon,list"`
	Lat   []float64 `parquet:"lat,list"`
}

// LandUse is a row of map/land_use.parquet: a closed ring.
type LandUse struct {
	Use string    `parquet:"use,dict"` // residential, commercial, retail, industrial, water, green
	Lon []float64 `parquet:"lon,list"`
	Lat []float64 `parquet:"lat,list"`
}

// Line is a row of map/lines.parquet: a public transport line in one direction.
type Line struct {
	ID        uint32    `parquet:"id"`
	Ref       string    `parquet:"ref"` // its number
	Name      string    `parquet:"name"`
	Mode      string    `parquet:"mode,dict"`   // bus, tram, metro, rail, high_speed
	Airport   bool      `parquet:"airport"`     // serves one
	Headway   float64   `parquet:"headway_s"`   // seconds between vehicles by day
	Estimated bool      `parquet:"estimated"`   // the headway is a standard of the mode
	Invented  bool      `parquet:"invented"`    // the map has no such line: it was laid out
	Dwell     float64   `parquet:"dwell_s"`     // seconds that a vehicle stands at a stop
	Stops     []uint32  `parquet:"stops,list"`  // ids of stops, in order of riding
	Ride      []float64 `parquet:"ride_s,list"` // of each stop: seconds from leaving the first to arriving
	At        []uint32  `parquet:"vertex,list"` // of each stop: its vertex of the shape
	Lon       []float64 `parquet:"lon,list"`    // the shape, a polyline
	Lat       []float64 `parquet:"lat,list"`
}

// Stop is a row of map/stops.parquet.
type Stop struct {
	ID       uint32  `parquet:"id"`
	Name     string  `parquet:"name"`
	Lon      float64 `parquet:"lon"`
	Lat      float64 `parquet:"lat"`
	Hub      int64   `parquet:"hub"`      // id of its hub, −1 = none
	Invented bool    `parquet:"invented"` // the map has no such stop
}

// Hub is a row of map/hubs.parquet: a station or an airport.
type Hub struct {
	ID      uint32  `parquet:"id"`
	Kind    string  `parquet:"kind,dict"` // station, metro_station, high_speed_station, airport
	Name    string  `parquet:"name"`
	Lon     float64 `parquet:"lon"`
	Lat     float64 `parquet:"lat"`
	RadiusM float64 `parquet:"radius_m"` // of its grounds
	Place   int64   `parquet:"place"`    // id of its place, −1 = none
}

// Gate is a row of map/gates.parquet: where people leave the city's area and come
// into it.
type Gate struct {
	ID        uint32  `parquet:"id"`
	Kind      string  `parquet:"kind,dict"` // road, rail, air
	Name      string  `parquet:"name"`      // of the stop or airport; the class of the road
	Lon       float64 `parquet:"lon"`
	Lat       float64 `parquet:"lat"`
	Weight    float64 `parquet:"weight"`     // relative to other gates of the kind: vehicles an hour, trains an hour, km²
	HighSpeed bool    `parquet:"high_speed"` // of a high-speed line
	Stop      int64   `parquet:"stop"`       // of a railway: id of the stop, −1 = none
	Hub       int64   `parquet:"hub"`        // of an airport: id of the hub, −1 = none
}
