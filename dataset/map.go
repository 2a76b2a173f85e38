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
