package synthcity_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

// TestLines: the reader finds every route that the city writes as a line, with
// its stops in order, on ways that hang together.
func TestLines(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		made := makeCity(t, name, 1)
		c := load(t, made, 2)
		checkLines(t, made, c)
		counts := c.Report.Counts
		for _, k := range []string{"lines_clipped", "lines_straight", "line_gaps", "routes_empty", "routes_without_stops", "routes_outside"} {
			if counts[k] != 0 {
				t.Errorf("%s: %s = %d", name, k, counts[k])
			}
		}
		if counts["lines_bus"] == 0 || counts["lines_rail"] == 0 || counts["hubs_station"] == 0 {
			t.Errorf("%s: %d bus lines, %d rail lines, %d stations", name, counts["lines_bus"], counts["lines_rail"], counts["hubs_station"])
		}
		if !made.Preset.HighSpeed {
			continue
		}
		for _, k := range []string{"lines_metro", "lines_high_speed", "lines_airport", "hubs_metro_station", "hubs_high_speed_station", "hubs_airport"} {
			if counts[k] == 0 {
				t.Errorf("%s: no %s", name, k)
			}
		}
	}
}

func checkLines(t *testing.T, made *synthcity.City, c *network.City) {
	t.Helper()
	names := map[osm.NodeID]string{}
	pos := map[osm.NodeID]geo.XY{}
	lines := map[string]*network.Line{}
	for i := range c.Lines {
		lines[c.Lines[i].Name] = &c.Lines[i]
	}
	routes := 0
	for o := range made.Objects() {
		switch o := o.(type) {
		case *osm.Node:
			if n := o.Tags.Find("name"); n != "" {
				names[o.ID], pos[o.ID] = n, c.Proj.XY(o.Point())
			}
		case *osm.Relation:
			if o.Tags.Find("type") != "route" {
				continue
			}
			routes++
			l := lines[o.Tags.Find("name")]
			if l == nil {
				t.Errorf("no line %q", o.Tags.Find("name"))
				continue
			}
			k := 0
			for _, m := range o.Members {
				if m.Role != "stop" {
					continue
				}
				id := osm.NodeID(m.Ref)
				if k >= len(l.Stops) || c.Stops[l.Stops[k]].Name != names[id] {
					t.Errorf("%s: stop %d of %d is not %q", l.Name, k, len(l.Stops), names[id])
					break
				}
				if at := pointAt(l, k); at.Dist(pos[id]) > 1 {
					t.Errorf("%s: %q lies %.0f m from its place on the line", l.Name, names[id], at.Dist(pos[id]))
				}
				if k > 0 && !(l.Ride[k] > l.Ride[k-1] && l.At[k] > l.At[k-1]) {
					t.Errorf("%s: %q is reached after %.0f s and %.0f m, the stop before after %.0f s and %.0f m", l.Name, names[id], l.Ride[k], l.At[k], l.Ride[k-1], l.At[k-1])
				}
				k++
			}
			if k != len(l.Stops) {
				t.Errorf("%s: %d stops, want %d", l.Name, len(l.Stops), k)
			}
			if kmh := 3.6 * l.At[len(l.At)-1] / l.Ride[len(l.Ride)-1]; kmh < 10 || kmh > 280 {
				t.Errorf("%s: %.0f km/h", l.Name, kmh)
			}
		}
	}
	if routes == 0 || routes != len(c.Lines) {
		t.Errorf("%d lines of %d routes", len(c.Lines), routes)
	}
}

// pointAt is where stop k lies on the line's shape.
func pointAt(l *network.Line, k int) geo.XY {
	if k == 0 {
		return l.Shape[0]
	}
	s := l.Stretch(nil, k-1, k)
	return s[len(s)-1]
}

// TestAirportJourney: from the main station the airport is reached by its
// railway, and a town on the high-speed line by that.
func TestAirportJourney(t *testing.T) {
	c := load(t, makeCity(t, "medium", 1), 2)
	r := network.NewRide(c.Transit())
	airport := slices.IndexFunc(c.Hubs, func(h network.Hub) bool { return h.Kind == network.AirportHub })
	station := slices.IndexFunc(c.Hubs, func(h network.Hub) bool { return strings.HasSuffix(h.Name, "Hauptbahnhof") })
	if airport < 0 || station < 0 {
		t.Fatalf("hubs %d and %d", airport, station)
	}
	r.From(c.Hubs[station].Pos)
	legs, seconds, ok := r.To(nil, c.Hubs[airport].Pos)
	if !ok || seconds > 3600 || !slices.ContainsFunc(legs, func(l network.Leg) bool { return l.Line >= 0 && c.Lines[l.Line].Airport }) {
		t.Errorf("to the airport in %.0f s by %v", seconds, legs)
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		if l.Mode != network.HighSpeed {
			continue
		}
		a, b := c.Stops[l.Stops[0]].Pos, c.Stops[l.Stops[len(l.Stops)-1]].Pos
		r.From(a)
		legs, _, ok := r.To(nil, b)
		if !ok || !slices.ContainsFunc(legs, func(l network.Leg) bool { return l.Line >= 0 && c.Lines[l.Line].Mode == network.HighSpeed }) {
			t.Errorf("%s: from end to end by %v", l.Name, legs)
		}
	}
}

func BenchmarkRide(b *testing.B) {
	for _, name := range []string{"medium", "large"} {
		b.Run(name, func(b *testing.B) {
			c := load(b, makeCity(b, name, 1), 2)
			ride := network.NewRide(c.Transit())
			rng := rand.New(rand.NewPCG(1, 2))
			homes := make([]geo.XY, 256)
			for i := range homes {
				homes[i] = c.Buildings[rng.IntN(len(c.Buildings))].Pos
			}
			var legs []network.Leg
			b.ReportAllocs()
			found, n := 0, 0
			for b.Loop() {
				ride.From(homes[n%256])
				n++
				for k := range 16 { // a tree serves many journeys
					var s float64
					var ok bool
					if legs, s, ok = ride.To(legs[:0], homes[(n+k*13)%256]); ok && !math.IsInf(s, 0) {
						found++
					}
				}
			}
			b.ReportMetric(float64(len(c.Lines)), "lines")
			b.ReportMetric(float64(len(c.Stops)), "stops")
			b.ReportMetric(float64(found)/float64(n)/16, "found")
		})
	}
}
