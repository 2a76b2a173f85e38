package network

import (
	"math"
	"strconv"
	"strings"
)

// Mode is a way of moving on the road graph.
type Mode uint8

const (
	Car Mode = iota
	Bike
	Walk
	modes // how many there are
)

// String is the mode in one lower-case word.
func (m Mode) String() string { return [...]string{"car", "bike", "walk"}[m] }

// modeSet is a set of modes, one bit each.
type modeSet uint8

const (
	onlyCar modeSet = 1 << Car
	bikes   modeSet = 1 << Bike
	feet    modeSet = 1 << Walk
	anyMode         = onlyCar | bikes | feet
)

func (s modeSet) has(m Mode) bool { return s>>m&1 == 1 }

// Speeds off the car, in metres a second (assumed: common planning values).
const (
	bikeSpeed = 4.2
	walkSpeed = 1.3
)

// RoadClass is the class of a link of the graph, a value of OSM's highway=*.
type RoadClass uint8

const (
	Motorway RoadClass = iota
	MotorwayLink
	Trunk
	TrunkLink
	Primary
	PrimaryLink
	Secondary
	SecondaryLink
	Tertiary
	TertiaryLink
	Unclassified
	ResidentialStreet
	LivingStreet
	ServiceRoad
	Track
	Pedestrian
	Cycleway
	Path
	Footway
	Steps
	roadClasses // how many there are
)

// classFacts are the defaults of a class: free speed including the time lost
// at junctions in light traffic, lanes a direction, and capacity a lane. They
// are this project's assumptions, round values of assignment practice: 2,000
// vehicles an hour and lane where nothing interrupts the flow (Highway Capacity
// Manual), that times the green share at signals elsewhere.
var classFacts = [roadClasses]struct {
	osm      string
	kmh      float64
	lanes    uint8
	capacity float64 // vehicles an hour and lane
	modes    modeSet
}{
	Motorway:          {"motorway", 110, 2, 2000, onlyCar},
	MotorwayLink:      {"motorway_link", 60, 1, 1500, onlyCar},
	Trunk:             {"trunk", 75, 2, 1500, anyMode},
	TrunkLink:         {"trunk_link", 45, 1, 1300, anyMode},
	Primary:           {"primary", 50, 1, 1200, anyMode},
	PrimaryLink:       {"primary_link", 40, 1, 1000, anyMode},
	Secondary:         {"secondary", 45, 1, 1000, anyMode},
	SecondaryLink:     {"secondary_link", 35, 1, 900, anyMode},
	Tertiary:          {"tertiary", 40, 1, 800, anyMode},
	TertiaryLink:      {"tertiary_link", 30, 1, 700, anyMode},
	Unclassified:      {"unclassified", 35, 1, 600, anyMode},
	ResidentialStreet: {"residential", 25, 1, 600, anyMode},
	LivingStreet:      {"living_street", 10, 1, 300, anyMode},
	ServiceRoad:       {"service", 15, 1, 300, anyMode},
	Track:             {"track", 15, 1, 200, bikes | feet},
	Pedestrian:        {"pedestrian", 10, 1, 0, feet},
	Cycleway:          {"cycleway", 10, 1, 0, bikes | feet},
	Path:              {"path", 10, 1, 0, bikes | feet},
	Footway:           {"footway", 10, 1, 0, feet},
	Steps:             {"steps", 10, 1, 0, feet},
}

// String is the value of OSM's highway=*.
func (c RoadClass) String() string { return classFacts[c].osm }

// Arterial reports whether the class carries traffic across a city: motorways
// to secondary roads, without ramps.
func (c RoadClass) Arterial() bool {
	return c == Motorway || c == Trunk || c == Primary || c == Secondary
}

// routeClass is the class of a way in the graph; false where none can move on
// it (construction, platforms, areas).
func routeClass(t tags) (RoadClass, bool) {
	v := t.get("highway")
	if v == "" || t.has("area", "yes") {
		return 0, false
	}
	switch v {
	case "road":
		return Unclassified, true
	case "bridleway":
		return Path, true
	}
	return roadClassOf(v)
}

// road is what a stretch of way is like, in the direction of its nodes [0] and
// against it [1]. Stretches of equal roads can become one edge.
type road struct {
	class          RoadClass
	bridge, tunnel bool
	kmh            uint8 // free speed by car
	lanes          [2]uint8
	modes          [2]modeSet
}

// turned is the road seen against the direction of its nodes.
func (r road) turned() road {
	r.lanes[0], r.lanes[1] = r.lanes[1], r.lanes[0]
	r.modes[0], r.modes[1] = r.modes[1], r.modes[0]
	return r
}

// roadOf reads a way's tags; false where nobody may move on it.
func roadOf(t tags) (road, bool) {
	class, ok := routeClass(t)
	if !ok {
		return road{}, false
	}
	facts := &classFacts[class]
	allowed := access(t, facts.modes)
	r := road{class: class, bridge: t.get("bridge") != "" && !t.has("bridge", "no"), tunnel: inTunnel(t)}
	r.kmh = freeSpeed(t, class)
	along, against := oneWay(t, class)
	for dir, open := range [2]bool{along, against} {
		r.modes[dir] = allowed
		if !open {
			r.modes[dir] &^= onlyCar
			if !contraflow(t) {
				r.modes[dir] &^= bikes
			}
		}
		r.lanes[dir] = lanes(t, facts.lanes, along != against)
	}
	return r, r.modes[0]|r.modes[1] != 0
}

// access narrows or widens the modes of a class: a key for one mode wins over
// one for several. Private roads are closed: they carry no through traffic.
func access(t tags, s modeSet) modeSet {
	if t.has("motorroad", "yes") {
		s = onlyCar
	}
	for _, rule := range []struct {
		key   string
		modes modeSet
	}{{"access", anyMode}, {"vehicle", onlyCar | bikes}, {"motor_vehicle", onlyCar}, {"motorcar", onlyCar}, {"bicycle", bikes}, {"foot", feet}} {
		switch t.get(rule.key) {
		case "no", "private", "dismount", "use_sidepath", "agricultural", "forestry", "delivery", "emergency", "military":
			s &^= rule.modes
		case "yes", "designated", "permissive", "destination", "official":
			if rule.key != "access" && rule.key != "vehicle" { // access=yes on a footway lets no cars in
				s |= rule.modes
			}
		}
	}
	return s
}

// oneWay tells in which directions of its nodes vehicles may go. Roundabouts
// and motorways are one-way unless they say no.
func oneWay(t tags, class RoadClass) (along, against bool) {
	switch t.get("oneway") {
	case "yes", "true", "1":
		return true, false
	case "-1", "reverse":
		return false, true
	case "no", "false", "0":
		return true, true
	}
	implied := class == Motorway || t.has("junction", "roundabout", "circular")
	return true, !implied
}

func contraflow(t tags) bool {
	return t.has("oneway:bicycle", "no") || strings.HasPrefix(t.get("cycleway"), "opposite")
}

// lanes is the number of lanes of one direction.
func lanes(t tags, normal uint8, oneWay bool) uint8 {
	n, err := strconv.ParseFloat(strings.TrimSpace(t.get("lanes")), 64)
	if err != nil || !(n >= 1 && n <= 16) {
		return normal
	}
	if !oneWay {
		n /= 2
	}
	return uint8(max(math.Floor(n), 1))
}

// junctionLoss is the share of the allowed speed that is left after the waits
// at junctions in light traffic (assumed).
const junctionLoss = 0.85

// freeSpeed is the speed of cars in light traffic in km/h: what maxspeed
// allows, less the junctions where there are any, else that of the class.
func freeSpeed(t tags, class RoadClass) uint8 {
	normal := classFacts[class].kmh
	v, ok := parseSpeed(t.get("maxspeed"))
	switch {
	case !ok:
		return uint8(normal)
	case class == ServiceRoad || class >= Track: // nobody drives a yard at what the town allows
		v = min(v, normal)
	case class != Motorway && class != MotorwayLink:
		v *= junctionLoss
	}
	return uint8(min(max(math.Round(v), 5), 130))
}

// parseSpeed reads maxspeed=*: km/h, mph, knots, walk, none. Zones such as
// DE:urban and lists are left to the class.
func parseSpeed(v string) (kmh float64, ok bool) {
	switch v = strings.TrimSpace(v); v {
	case "none":
		return 130, true
	case "walk":
		return 7, true
	}
	unit := 1.0
	if rest, found := strings.CutSuffix(v, "mph"); found {
		v, unit = rest, 1.609344
	} else if rest, found := strings.CutSuffix(v, "knots"); found {
		v, unit = rest, 1.852
	}
	v = strings.TrimSpace(strings.TrimSuffix(v, "km/h"))
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n > 0 && n < 500) {
		return 0, false
	}
	return n * unit, true
}
