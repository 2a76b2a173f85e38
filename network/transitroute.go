package network

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/osm"
)

// memberRole is what a member is to its relation, as a set of bits. The roles
// of routes follow both public transport schemas of OpenStreetMap: stop,
// platform, stop_entry_only … of the second, forward, backward_stop,
// forward:stop:3 … of the first.
type memberRole uint8

const (
	innerRole memberRole = 1 << iota
	stopRole
	platformRole
	forwardRole
	backwardRole
	entryOnly
	exitOnly
	otherRole // named, but none of these
)

func roleOf(name string) memberRole {
	if name == "" || name == "outer" || name == "route" {
		return 0
	}
	if name == "inner" {
		return innerRole
	}
	var r memberRole
	for _, part := range strings.FieldsFunc(name, func(c rune) bool { return c == '_' || c == ':' || c == ' ' || c == ';' }) {
		switch part {
		case "stop", "stops":
			r |= stopRole
		case "platform":
			r |= platformRole
		case "forward":
			r |= forwardRole
		case "backward":
			r |= backwardRole
		case "entry":
			r |= entryOnly
		case "exit":
			r |= exitOnly
		}
	}
	if r == 0 {
		return otherRole
	}
	return r
}

// against reports whether the member is only of the direction opposite to the
// one asked for.
func (r memberRole) against(backward bool) bool {
	if backward {
		return r&(forwardRole|backwardRole) == forwardRole
	}
	return r&(forwardRole|backwardRole) == backwardRole
}

// keepRouteTag reports whether a line depends on the key of a route.
func keepRouteTag(key string) bool {
	switch key {
	case "duration", "from", "headway", "highspeed", "interval", "name", "network", "oneway", "operator", "passenger",
		"public_transport:version", "ref", "roundtrip", "route", "service", "state", "to":
		return true
	}
	return false
}

// routeMode is the mode of route=*; false where no passengers ride.
func routeMode(route string) (LineMode, bool) {
	switch route {
	case "bus", "trolleybus":
		return Bus, true
	case "tram":
		return Tram, true
	case "subway", "light_rail", "monorail":
		return Metro, true
	case "train", "railway":
		return Rail, true
	}
	return 0, false
}

// isRoute reports whether a relation is a route that passengers ride today.
// route=railway names a piece of infrastructure; it is kept for the few maps
// that give it stops and use it for the service.
func isRoute(all osm.Tags) bool {
	if all.Find("type") != "route" || all.Find("passenger") == "no" || all.Find("service") == "freight" {
		return false
	}
	switch all.Find("state") {
	case "proposed", "abandoned", "disused":
		return false
	}
	_, ok := routeMode(all.Find("route"))
	return ok
}

// inTunnel reports whether a street or track runs below the ground. Metro
// tracks on a negative layer do, though many maps do not say tunnel.
func inTunnel(t tags) bool {
	v := t.get("tunnel")
	return v != "" && v != "no" || v == "" && t.has("railway", "subway") && strings.HasPrefix(t.get("layer"), "-")
}

// highSpeedKmh is what makes an upgraded main line a high-speed line (Directive
// (EU) 2016/797, annex I).
const highSpeedKmh = 200

// highSpeedTrack reports whether trains may run at 200 km/h and more.
func highSpeedTrack(t tags) bool {
	if !t.has("railway", "rail") || t.has("highspeed", "no") {
		return false
	}
	v, ok := parseSpeed(t.get("maxspeed"))
	return t.has("highspeed", "yes") || ok && v >= highSpeedKmh && t.has("usage", "main") && t.get("maxspeed") != "none"
}

// lineFacts is how vehicles of a mode run where the map does not say. All
// figures are this project's assumptions, common values of planning practice.
type lineFacts struct {
	headway float64 // s between vehicles by day
	dwell   float64 // s at a stop
	kmh     float64 // between stops, where neither track nor street tells
	most    float64 // km/h that the vehicles can do
	accel   float64 // m/s², and the same for braking
	reach   float64 // m on foot, in a straight line, to board
}

func (m LineMode) facts() lineFacts {
	switch m {
	case Bus:
		return lineFacts{15 * 60, 20, 30, 80, 1.0, 800}
	case Tram:
		return lineFacts{10 * 60, 20, 35, 70, 1.0, 800}
	case Metro:
		return lineFacts{5 * 60, 30, 70, 100, 1.0, 1200}
	case Rail:
		return lineFacts{30 * 60, 60, 90, 160, 0.5, 2000}
	}
	return lineFacts{60 * 60, 120, 230, 350, 0.4, 3000}
}

// Dwell is the seconds that a vehicle of the mode stands at a stop (assumed).
func (m LineMode) Dwell() float64 { return m.facts().dwell }

// margin is the share of running time that a timetable adds (UIC 451-1 gives
// 3–7 % for passenger trains; assumed of all modes).
const margin = 1.05

// trackShare is the share of the allowed speed that trains cruise at (assumed).
const trackShare = 0.9

// speedOn is the speed of the mode between stops on a way, in km/h.
func (m LineMode) speedOn(t tags) float64 {
	f := m.facts()
	if m == Bus {
		if r, ok := roadOf(t); ok {
			return min(float64(r.kmh), f.most)
		}
		return f.kmh
	}
	v, ok := parseSpeed(t.get("maxspeed"))
	switch {
	case ok && v >= 5:
		return min(v*trackShare, f.most)
	case m == Rail && t.has("service", "yard", "siding", "spur"):
		return 40
	}
	return f.kmh
}

// routeHeadway is the headway that the route's tags tell, in seconds; false
// where they tell none, or one beyond four hours.
func routeHeadway(t tags) (float64, bool) {
	for _, key := range []string{"interval", "headway"} {
		if s, ok := parseSpan(t.get(key)); ok && s >= 30 && s <= 4*3600 {
			return s, true
		}
	}
	return 0, false
}

// parseSpan reads a span of time: minutes, H:MM, H:MM:SS or ISO 8601 such as
// PT15M, in seconds. Of a range or list the first counts.
func parseSpan(v string) (float64, bool) {
	v = strings.TrimSpace(v)
	if i := strings.IndexAny(v, ";-/,"); i > 0 {
		v = strings.TrimSpace(v[:i])
	}
	if iso, ok := strings.CutPrefix(v, "PT"); ok {
		d, err := time.ParseDuration(strings.ToLower(iso))
		return d.Seconds(), err == nil && d > 0
	}
	v = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(v, "minutes"), "min"))
	parts := strings.Split(v, ":")
	if len(parts) > 3 {
		return 0, false
	}
	sum := 0.0
	for i, p := range parts {
		n, err := strconv.ParseFloat(p, 64)
		if err != nil || !(n >= 0 && n < 10_000) || i > 0 && n >= 60 {
			return 0, false
		}
		sum += float64(n * [...]float64{3600, 60, 1}[i])
	}
	if len(parts) == 1 {
		sum /= 60 // minutes
	}
	return sum, sum > 0
}

// bothWays reports whether a route stands for both directions: one of the
// first schema without a twin from its end to its beginning.
func (s *source) bothWays(r *relation, twins map[string]bool) bool {
	switch {
	case r.tags.has("route", "railway"): // infrastructure, ridden both ways
		return true
	case r.tags.has("public_transport:version", "2"), r.tags.has("roundtrip", "yes"), r.tags.has("oneway", "yes"):
		return false
	case r.tags.has("public_transport:version", "1"):
		return true
	case twins[twinKey(r.tags, true)]:
		return false
	}
	has := func(role memberRole) bool {
		return slices.ContainsFunc(r.members, func(m member) bool { return m.role&role != 0 })
	}
	if has(forwardRole | backwardRole) {
		return true
	}
	// Stops with their platforms, and both ends named: the second schema.
	return !(has(stopRole) && has(platformRole) && r.tags.get("from") != "" && r.tags.get("to") != "")
}

// twinKey names a route by its ends, turned round or not; "" where they are
// not both given, or equal.
func twinKey(t tags, turned bool) string {
	from, to := t.get("from"), t.get("to")
	if from == "" || to == "" || from == to {
		return ""
	}
	if turned {
		from, to = to, from
	}
	return strings.Join([]string{t.get("route"), t.get("ref"), from, to}, "\x00")
}
