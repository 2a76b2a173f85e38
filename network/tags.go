package network

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity/dataset"
)

// category is what a tagged object is for; false where people do not go to it
// for any of the purposes that City knows.
func category(t tags) (dataset.Category, bool) {
	switch t.get("amenity") {
	case "kindergarten", "childcare", "preschool":
		return dataset.Kindergarten, true
	case "school":
		return dataset.School, true
	case "university", "college":
		return dataset.University, true
	case "restaurant", "cafe", "fast_food", "bar", "pub", "food_court", "biergarten", "ice_cream":
		return dataset.Restaurant, true
	case "hospital", "clinic", "doctors":
		return dataset.Hospital, true
	case "place_of_worship":
		return dataset.Worship, true
	case "cinema", "theatre", "arts_centre", "nightclub", "library", "community_centre", "casino", "social_centre":
		return dataset.Leisure, true
	case "bank", "courthouse", "embassy", "fire_station", "police", "post_office", "public_building", "social_facility",
		"townhall", "nursing_home":
		return dataset.Office, true
	case "pharmacy", "marketplace", "fuel":
		return dataset.Shop, true
	case "bus_station":
		return dataset.Station, true
	}
	if t.has("childcare", "yes") {
		return dataset.Kindergarten, true
	}
	switch v := t.get("shop"); v {
	case "", "no", "vacant":
	case "hairdresser", "beauty", "massage", "nails":
		return dataset.Salon, true
	case "department_store", "mall":
		return dataset.DepartmentStore, true
	default:
		return dataset.Shop, true
	}
	if v := t.get("office"); v != "" && v != "no" && v != "vacant" {
		return dataset.Office, true
	}
	if t.has("healthcare", "hospital", "clinic", "doctor", "centre") {
		return dataset.Hospital, true
	}
	switch {
	case t.has("man_made", "works"), t.get("craft") != "" && !t.has("craft", "no"):
		return dataset.Industry, true
	case t.has("leisure", "park", "sports_centre", "stadium", "fitness_centre", "golf_course", "ice_rink", "marina",
		"bowling_alley", "water_park", "swimming_pool", "dance", "beach_resort", "garden") && !t.has("access", "private", "no"),
		t.has("tourism", "museum", "zoo", "theme_park", "gallery", "aquarium"):
		return dataset.Leisure, true
	case t.has("railway", "station", "halt"), t.has("public_transport", "station"):
		return dataset.Station, true
	case t.has("aeroway", "aerodrome"):
		return dataset.Airport, true
	}
	return "", false
}

// landUse is the class of land that an area is, "" where it is of none.
func landUse(t tags) string {
	switch t.get("landuse") {
	case "residential":
		return "residential"
	case "commercial":
		return "commercial"
	case "retail":
		return "retail"
	case "industrial", "port", "railway", "quarry", "landfill":
		return "industrial"
	case "reservoir", "basin":
		return "water"
	case "forest", "grass", "meadow", "recreation_ground", "village_green", "cemetery", "allotments", "orchard", "vineyard":
		return "green"
	}
	switch {
	case t.has("natural", "water", "bay"), t.has("waterway", "riverbank", "dock"):
		return "water"
	case t.has("natural", "wood", "scrub", "heath", "grassland", "wetland", "beach"),
		t.has("leisure", "park", "garden", "golf_course", "nature_reserve", "common"):
		return "green"
	}
	return ""
}

// roadClass is the class of a street or line, "" where the object is none.
func roadClass(t tags) string {
	switch v := t.get("highway"); v {
	case "", "proposed", "construction", "abandoned", "raceway", "platform", "services", "rest_area", "bus_stop", "elevator", "corridor":
	default:
		if !t.has("area", "yes") {
			return v
		}
	}
	if v := t.get("railway"); slices.Contains([]string{"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail"}, v) {
		return v
	}
	return ""
}

// isMast reports whether the object is a mast or tower that carries antennas
// of mobile networks, as far as OSM can say. What counts:
//   - man_made=communications_tower;
//   - any communication:SERVICE=yes (mobile_phone, gsm, radio, television …) on
//     whatever it is: who sends from there shares the mast (assumed);
//   - man_made=mast, tower or antenna with communication or cellular among the
//     values of tower:type;
//   - man_made=mast without tower:type: masts for light, sirens, wind and
//     power mostly say so (assumed).
//
// Towers without tower:type do not count: they are castles, look-outs, pylons.
// communication:mobile_phone=no rules any of these out.
func isMast(t tags) bool {
	if t.has("communication:mobile_phone", "no") {
		return false
	}
	if t.has("man_made", "communications_tower") {
		return true
	}
	for _, x := range t {
		if strings.HasPrefix(x.Key, "communication:") && x.Value == "yes" {
			return true
		}
	}
	if !t.has("man_made", "mast", "tower", "antenna") {
		return false
	}
	kind := t.get("tower:type")
	if kind == "" {
		return t.has("man_made", "mast") && t.get("power") == ""
	}
	return slices.ContainsFunc(strings.Split(kind, ";"), func(k string) bool {
		k = strings.TrimSpace(k)
		return k == "communication" || k == "cellular"
	})
}

// buildingUse is the use that a building's own tags tell, UnknownUse where
// they do not, and whether it is a house of one household or so.
func buildingUse(t tags) (use Use, house bool) {
	v := t.get("building")
	if v == "yes" {
		if u, _, _ := strings.Cut(t.get("building:use"), ";"); u != "" { // the first of several
			v = strings.TrimSpace(u)
		}
	}
	switch v {
	case "house", "detached", "semidetached_house", "bungalow", "terrace", "villa", "farm", "cabin", "static_caravan", "houseboat", "semi":
		return Residential, true
	case "residential", "apartments", "apartment", "dormitory", "flats":
		return Residential, false
	case "commercial", "office", "offices", "retail", "shop", "supermarket", "kiosk", "hotel", "store", "bank", "mall", "restaurant":
		return Commercial, false
	case "industrial", "warehouse", "factory", "manufacture", "works", "hangar":
		return Industrial, false
	case "school", "kindergarten", "university", "college", "hospital", "church", "chapel", "mosque", "temple", "synagogue", "cathedral",
		"public", "civic", "government", "train_station", "transportation", "religious", "shrine", "fire_station", "stadium", "museum", "library":
		return Public, false
	case "garage", "garages", "carport", "shed", "hut", "roof", "greenhouse", "barn", "farm_auxiliary", "stable", "cowshed", "ruins",
		"construction", "collapsed", "bunker", "service", "transformer_tower", "silo", "storage_tank", "tank", "parking", "bridge", "container", "sty":
		return OtherUse, false
	}
	if t.has("man_made", "works") {
		return Industrial, false
	}
	if c, ok := category(t); ok {
		return useOf(c), false
	}
	if isHotel(t) {
		return Commercial, false
	}
	if t.has("amenity", "parking", "shelter", "toilets") {
		return OtherUse, false
	}
	return UnknownUse, false
}

// useOf is the use of a building that is wholly a place of the category.
func useOf(c dataset.Category) Use {
	switch c {
	case dataset.Office, dataset.Shop, dataset.Salon, dataset.DepartmentStore, dataset.Restaurant:
		return Commercial
	case dataset.Industry:
		return Industrial
	}
	return Public
}

const (
	// maxLevels bounds believable storeys: the tallest building has 163.
	maxLevels = 163
	// levelM is the height of a storey in metres, for buildings that tell their
	// height only: between 2.8 m (GB 50096, dwellings) and 4 m (offices); assumed.
	levelM = 3.2
)

// levels reads building:levels and the storeys under the roof, else height. It
// is 0 where none is there; bad tells that a tag was there but unusable.
// Storeys below ground (building:levels:underground) do not count: nobody lives
// there, and work places in basements are few (assumed).
func levels(t tags) (n float64, bad bool) {
	roof, ok := storeys(t.get("roof:levels"))
	if !ok {
		roof, bad = 0, true
	}
	if v := t.get("building:levels"); v != "" {
		n, ok := storeys(v)
		if ok && n+roof > 0 {
			return math.Max(n+float64(roofShare*roof), 1), bad
		}
		bad = true
	}
	if v := t.get("height"); v != "" {
		m, ok := metres(v)
		if ok {
			return math.Max(math.Round(m/levelM), 1), bad
		}
		bad = true
	}
	return 0, bad
}

// storeys reads a number of storeys; nothing is none.
func storeys(v string) (float64, bool) {
	if v = strings.ReplaceAll(strings.TrimSpace(v), ",", "."); v == "" {
		return 0, true
	}
	n, err := strconv.ParseFloat(v, 64)
	return n, err == nil && n >= 0 && n <= maxLevels
}

// metres reads a height, in metres unless it says feet.
func metres(v string) (float64, bool) {
	v = strings.ReplaceAll(strings.TrimSpace(v), ",", ".")
	unit := 1.0
	if t, ok := strings.CutSuffix(v, "ft"); ok {
		v, unit = t, 0.3048
	} else {
		v = strings.TrimSuffix(v, "m")
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	n *= unit
	return n, err == nil && n > 0 && n <= maxLevels*5
}
