// Package network turns OpenStreetMap data into a City: buildings, places,
// land use, roads and the cells that cover them.
package network

import (
	"cmp"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// City is everything that the people and their phones live on. It is
// immutable once built. Positions are on the local plane of Proj, in metres.
type City struct {
	Name        string
	Proj        geo.Projection
	Bounds      orb.Bound // where the nodes of complete ways lie
	TimeZone    string    // IANA; guessed from the longitude unless configured
	Attribution string    // of map and cell data
	Buildings   []Building
	Places      []Place
	Hotels      []Hotel
	Communities []Community
	Roads       []Road
	LandUse     []LandUse
	Zones       []Zone      // administrative areas, by level and then size
	ZoneLevels  []ZoneLevel // of Zones, in order of level
	Lines       []Line
	Stops       []Stop
	Hubs        []Hub
	Gates       []Gate // roads first, then railways and airports
	Sites       []Site
	Cells       []Cell
	Operators   []Operator // in order of market share, largest first
	Report      Report

	radio   *radio
	graph   *Graph
	transit *Transit
	zones   map[int]zoneIndex // by level
}

// Use is what a building is used for.
type Use uint8

const (
	UnknownUse Use = iota
	Residential
	Commercial // offices, shops
	Industrial
	Public   // schools, hospitals, worship …
	OtherUse // garages, sheds, ruins: nobody lives or works there
)

// Building is a building, or a stretch of residential street or land that
// stands for the buildings the map lacks.
type Building struct {
	Pos       geo.XY
	Ring      []geo.XY // outline; nil for a stand-in
	Use       Use
	FloorM2   float64 // all levels together
	Levels    float64
	Dwellings float64 // households it holds
	Jobs      float64 // beyond those of the places in it; below 1, since places carry the city's jobs
	Community int32   // index into Communities, −1 = not residential
	Estimated bool    // use, levels or existence was estimated
}

// Place is somewhere people go to.
type Place struct {
	Category  dataset.Category
	Name      string
	Pos       geo.XY
	Capacity  float64 // pupils, visitors at a time or jobs: relative within a category
	Jobs      float64
	Estimated bool // the map has none; synthesised
}

// Community is a residential neighbourhood.
type Community struct {
	Pos       geo.XY
	RadiusM   float64
	Dwellings float64
	Affluence int // 1 … 5, quintiles of dwellings
}

// Road is a street, track or line.
type Road struct {
	Class     string // OSM highway=* or railway=* value
	Name      string
	Line      []geo.XY
	Tunnel    bool
	HighSpeed bool // railway for 200 km/h and more
}

// LandUse is a closed ring of one use.
type LandUse struct {
	Use  string // residential, commercial, retail, industrial, water, green
	Ring []geo.XY
}

// Operator runs sites and sells SIMs.
type Operator struct {
	SA       bool   // its 5G is stand-alone; else 5G cells only add to the LTE cell that a phone is on
	MCC, MNC string // of its subscribers, a test PLMN; MNC zero-padded to 2 or 3 digits
	Share    float64
	Network  string // MCC-MNC that its cells broadcast where a cell file names it; empty = PLMN

	file string // MCC-MNC in the cell file
}

// PLMN is MCC-MNC.
func (o Operator) PLMN() string { return o.MCC + "-" + o.MNC }

// broadcast is the MCC-MNC in the names of its cells.
func (o Operator) broadcast() string { return cmp.Or(o.Network, o.PLMN()) }

// SiteKind is what a site is there for.
type SiteKind uint8

const (
	MacroSite    SiteKind = iota
	IndoorSite            // within a station, terminal or mall
	MetroSite             // along a stretch of metro tunnel
	CorridorSite          // along a high-speed line
)

var siteKindNames = [...]string{"macro", "indoor", "metro", "corridor"}

// String is the kind in one lower-case word.
func (k SiteKind) String() string { return siteKindNames[k] }

// Site is a mast or roof with antennas, or what feeds a hall, a tunnel or a
// stretch of railway.
type Site struct {
	Pos       geo.XY
	Operator  int // index into Operators
	Kind      SiteKind
	Spacing   float64          // m; mean distance to the nearest six macro sites of the operator; of other kinds, that of the nearest macro site
	Synthetic bool             // neither a mast of the map nor of a cell file
	Cells     []sigcity.AreaID // 4G before 5G where both were laid out; those of one technology clockwise
}

// Cell is one sector; its AreaID is its index in City.Cells.
type Cell struct {
	CGI     string // MCC-MNC-ECI or MCC-MNC-NCI
	Site    int
	Sector  int     // index among the cells of the site
	ENB     uint32  // eNB or gNB
	Azimuth float64 // degrees; 0 where it has no direction
	BeamDeg float64 // width at −3 dB; 360 = omnidirectional, or a cable along a tunnel or track
	RangeM  float64
	TAC     uint32
	Radio   string   // 4G, 5G
	Center  geo.XY   // of the area served
	Ring    []geo.XY // outline of its largest piece within RangeM
	AreaM2  float64  // of the ring

	From, To uint32 // validity in Unix seconds, To exclusive; 0, 0 = always
}

// Report counts what the map gave and what had to be estimated: homes,
// homes_stand_in, inhabitants, jobs, jobs_estimated, buildings, buildings_USE,
// buildings_stand_in, building_parts, uses_estimated and levels_estimated (of
// buildings of the map), places_CATEGORY, places_estimated_CATEGORY,
// hotels, communities, zones_level_N, sites, sites_macro and of these sites_map,
// sites_file, sites_synthetic and sites_5g, sites_indoor, sites_metro,
// sites_corridor, cells, cells_5g, cells_indoor, cells_metro, cells_corridor,
// graph_nodes, graph_edges; and what was left out or mended:
// bad_coordinates (nodes), bad_levels and bad_flats (tags), bad_outlines
// (without area), looped_outlines (that meet or cross themselves),
// unclosed_outlines, broken_ways (that leap), incomplete_ways (without some of
// their nodes), short_ways (of fewer than two places), incomplete_relations,
// empty_relations, repeated_members (of relations), repeated_objects (whose id
// came before), building_parts_alone, zones_cut (by the extract's edge),
// zones_without_level, graph_cut_off (stretches of road that
// no mode reaches from the rest). Of public transport: lines_MODE, lines_airport
// (serve one), lines_invented, stops, stops_invented, hubs_KIND, airfields (aerodromes without a terminal or an
// IATA code, no hubs), headways_estimated (lines), durations_of_map (lines that
// keep the map's duration), lines_clipped (at the edge of the extract),
// lines_straight (no shape of ways that can be believed), line_gaps (bridged
// straight); and routes left out: routes_empty, routes_without_stops (fewer
// than two), routes_outside (fewer than two of their stops inside). Of a cell file: file_rows, and those left out:
// file_outside (of the city), file_bad_coordinates, file_bad_identities,
// file_placeholders (at points that stand for none), file_repeated,
// file_legacy (2G and 3G), file_stray_networks.
type Report struct {
	Counts   map[string]int64
	Warnings []string // one sentence each, for the manifest
}

// Options steer Load and Build.
type Options struct {
	Name        string
	TimeZone    string // empty = guessed
	Attribution string // of the map data; empty = OpenStreetMap's
	Seed        uint64
	Workers     int
	Cells       string // cell file to take sites and cells from: OpenCelliD's CSV, or a list of sites; empty = laid out
	TestPLMN    bool   // name the cells of a cell file by test PLMNs, not by those of the file
	InventLines bool   // lay out bus lines where the map has none
	Inhabitants int    // M, 0 = from the dwellings: sizes the network (R40: about 220 subscribers a site) and tops up dwellings
}
