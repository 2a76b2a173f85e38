package network

import "github.com/sigcity/sigcity/geo"

// LineMode is what runs on a line.
type LineMode uint8

const (
	Bus LineMode = iota
	Tram
	Metro // subway, light rail and monorail with platforms of their own
	Rail
	HighSpeed
)

var lineModeNames = [...]string{"bus", "tram", "metro", "rail", "high_speed"}

// String is the mode in one lower-case word.
func (m LineMode) String() string { return lineModeNames[m] }

// Line is a public transport line in one direction.
type Line struct {
	Ref, Name string
	Mode      LineMode
	Airport   bool      // serves an airport's hub
	Stops     []int32   // indices into City.Stops, in order of riding
	Calls     []CallUse // what each stop is for; nil = all are for both
	Shape     []geo.XY  // from the first stop to the last
	Media     []Medium  // of who rides to each point of Shape from the one before; nil = all Surface
	At        []float64 // of each stop: m along Shape
	Ride      []float64 // of each stop: seconds from leaving the first to arriving
	Headway   float64   // seconds between vehicles by day
	Estimated bool      // the headway is a standard of the mode, not the map's
	Invented  bool      // the map has no such line (Options.InventLines)
}

// CallUse is what a line calls at a stop for.
type CallUse uint8

const (
	BothUse    CallUse = iota
	BoardOnly          // nobody gets off
	AlightOnly         // nobody gets on
)

// boards and alights report whether one gets on and off at stop i.
func (l *Line) boards(i int) bool  { return l.Calls == nil || l.Calls[i] != AlightOnly }
func (l *Line) alights(i int) bool { return l.Calls == nil || l.Calls[i] != BoardOnly }

// Stop is where a line is boarded.
type Stop struct {
	Pos      geo.XY
	Name     string
	Hub      int32 // index into City.Hubs, −1 = none
	Invented bool  // the map has no such stop
}

// HubKind is what kind of hub it is.
type HubKind uint8

const (
	StationHub HubKind = iota
	MetroHub
	HighSpeedHub
	AirportHub
)

var hubKindNames = [...]string{"station", "metro_station", "high_speed_station", "airport"}

// String is the kind in lower case.
func (k HubKind) String() string { return hubKindNames[k] }

// Hub is a station or an airport.
type Hub struct {
	Kind    HubKind
	Name    string
	Pos     geo.XY
	RadiusM float64  // of the grounds around Pos
	Ring    []geo.XY // outline of the grounds where the map has one
	Place   int32    // index into City.Places, −1 = none
}
