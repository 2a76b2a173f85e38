package network

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/osm"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
)

// townWith is town(10) with more objects. Its streets are the ways east(i, j)
// from (i, j) to (i+1, j) and north(i, j) from (i, j) to (i, j+1), each about
// 107 m or 111 m long.
func townWith(extra string) string {
	return strings.Replace(town(10), "</osm>", extra+"</osm>", 1)
}

func east(i, j int) int  { return 2*(11*i+j) + 1 }
func north(i, j int) int { return 2*(11*j+i) + 2 }

// stopNode is a stop beside grid node (i, j), 10 m off.
func stopNode(id int, i, j float64, kv ...string) string {
	if len(kv) == 2 && kv[0] == "name" {
		kv = append(kv, "public_transport", "stop_position")
	}
	return fmt.Sprintf(`<node id="%d" lon="%.7f" lat="%.7f">%s</node>`, id, 13+i*0.0016, 53+j*0.001+0.00009, tagsXML(kv))
}

func tagsXML(kv []string) string {
	var b strings.Builder
	for i := 0; i+1 < len(kv); i += 2 {
		fmt.Fprintf(&b, `<tag k=%q v=%q/>`, kv[i], kv[i+1])
	}
	return b.String()
}

// relationXML is a route of members such as "node 3 stop" or "way 7".
func relationXML(id int, members []string, kv ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<relation id="%d">`, id)
	for _, m := range members {
		f := strings.SplitN(m+"  ", " ", 3)
		fmt.Fprintf(&b, `<member type=%q ref=%q role=%q/>`, f[0], f[1], strings.TrimSpace(f[2]))
	}
	return b.String() + tagsXML(append([]string{"type", "route"}, kv...)) + `</relation>`
}

// streetsOf is the streets of row j from column a to b, in riding order.
func streetsOf(j, a, b int, role string) (out []string) {
	for i := a; i < b; i++ {
		out = append(out, fmt.Sprintf("way %d %s", east(i, j), role))
	}
	return out
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// describe is a line as "mode ref: stop@metres …".
func describeLine(c *City, l *Line) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", l.Mode, l.Ref)
	for k, s := range l.Stops {
		fmt.Fprintf(&b, " %s@%.0f", c.Stops[s].Name, l.At[k]/100)
	}
	return b.String()
}

func TestRoutes(t *testing.T) {
	four := stopNode(800001, 0, 5, "name", "A", "highway", "bus_stop") + stopNode(800002, 3, 5, "name", "B") +
		stopNode(800003, 6, 5, "name", "C") + stopNode(800004, 10, 5, "name", "D")
	stops := []string{"node 800001 stop", "node 800002 stop", "node 800003 stop", "node 800004 stop"}
	far := []string{"node 800001 stop", "node 777 stop", "node 800003 stop", "node 800004 stop"}
	v2 := []string{"route", "bus", "ref", "7", "public_transport:version", "2"}
	bus := []string{"route", "bus", "ref", "7"}
	forth, back := "bus 7: A@0 B@3 C@6 D@11", "bus 7: D@0 C@4 B@7 A@11"
	for _, x := range []struct {
		name   string
		extra  string
		want   []string
		counts map[string]int64
	}{
		{"second schema, there and back", four + relationXML(1, join(stops, streetsOf(5, 0, 10, "")), v2...) +
			relationXML(2, join(reversed(stops), reversed(streetsOf(5, 0, 10, ""))), v2...), []string{forth, back}, map[string]int64{"lines_bus": 2, "stops": 4, "headways_estimated": 2}},
		{"ways listed the other way round", four + relationXML(1, join(stops, reversed(streetsOf(5, 0, 10, ""))), v2...), []string{forth}, nil},
		{"ways in no order", four + relationXML(1, join(stops, streetsOf(5, 5, 10, ""), streetsOf(5, 0, 5, "")), v2...), []string{forth}, map[string]int64{"line_gaps": 0, "lines_straight": 0}},
		{"first schema", four + relationXML(1, join(stops, streetsOf(5, 0, 10, "")), bus...), []string{forth, back}, nil},
		{"first schema, stops in no order", four + relationXML(1, join([]string{stops[2], stops[0], stops[3], stops[1]}, streetsOf(5, 0, 10, "")), bus...), []string{forth, back}, nil},
		{"twins without a version", four + relationXML(1, join(stops, streetsOf(5, 0, 10, "")), append(bus, "from", "A", "to", "D")...) +
			relationXML(2, join(reversed(stops), reversed(streetsOf(5, 0, 10, ""))), append(bus, "from", "D", "to", "A")...), []string{forth, back}, nil},
		{"second schema with old roles", four + relationXML(1, join([]string{"node 800001 forward_stop"}, stops[1:3], []string{"node 800004 backward_stop"},
			streetsOf(5, 0, 5, "backward"), streetsOf(5, 5, 10, "hail_and_ride")), v2...), []string{forth}, map[string]int64{"line_gaps": 0, "lines_straight": 0}},
		{"a twin never turned round", four + relationXML(1, join(stops, streetsOf(5, 0, 10, "")), append(bus, "from", "A", "to", "D")...) +
			relationXML(2, join(stops, streetsOf(5, 0, 10, "")), append(bus, "from", "D", "to", "A")...), []string{forth, back}, nil},
		{"both ways round a block", four + relationXML(1, join(stops, streetsOf(5, 0, 6, ""),
			[]string{fmt.Sprintf("way %d forward", north(6, 5))}, streetsOf(6, 6, 9, "forward"), []string{fmt.Sprintf("way %d forward", north(9, 5))},
			streetsOf(5, 6, 9, "backward"), streetsOf(5, 9, 10, "")), bus...), []string{"bus 7: A@0 B@3 C@7 D@13", back}, nil},
		{"platforms only", four + relationXML(1, join([]string{"node 800001 platform", "node 800002 platform_entry_only", "node 800004 platform"}, streetsOf(5, 0, 10, "")), v2...),
			[]string{"bus 7: A@0 B@3 D@11"}, nil},
		{"stops and platforms in turn", four + stopNode(800005, 0.2, 5, "name", "a") + stopNode(800006, 8, 5, "name", "E") +
			relationXML(1, join([]string{stops[0], "node 800005 platform", stops[1], stops[2], "node 800006 platform", stops[3]}, streetsOf(5, 0, 10, "")), v2...),
			[]string{"bus 7: A@0 B@3 C@6 E@9 D@11"}, nil},
		{"nodes without a role", four + relationXML(1, join([]string{"node 800001", "node 800003", "node 800004"}, streetsOf(5, 0, 10, "")), v2...),
			[]string{"bus 7: A@0 C@6 D@11"}, nil},
		{"stops on the ways", stopNode(800001, 1, 1, "highway", "bus_stop", "name", "A") + stopNode(800002, 2, 1) + stopNode(800003, 3, 1, "public_transport", "stop_position", "name", "B") +
			`<way id="900"><nd ref="800001"/><nd ref="800002"/><nd ref="800003"/><tag k="highway" v="residential"/></way>` + relationXML(1, []string{"way 900"}, v2...),
			[]string{"bus 7: A@0 B@2"}, nil},
		{"loop", four + stopNode(800005, 3, 8, "name", "E") + relationXML(1, join([]string{stops[1], stops[2], "node 800005 stop", stops[1]},
			[]string{fmt.Sprintf("way %d", north(3, 6)), fmt.Sprintf("way %d", north(3, 5))}, streetsOf(5, 3, 6, ""),
			[]string{fmt.Sprintf("way %d", north(6, 5)), fmt.Sprintf("way %d", north(6, 6)), fmt.Sprintf("way %d", north(6, 7))}, reversed(streetsOf(8, 3, 6, "")),
			[]string{fmt.Sprintf("way %d", north(3, 7))}), append(v2, "roundtrip", "yes")...), []string{"bus 7: B@0 C@3 E@10 B@13"}, nil},
		{"no ways", four + relationXML(1, stops, v2...), []string{forth}, map[string]int64{"lines_straight": 1}},
		{"ways elsewhere", four + relationXML(1, join(stops, streetsOf(0, 0, 2, "")), v2...), []string{forth}, map[string]int64{"lines_straight": 1}},
		{"a gap", four + relationXML(1, join(stops, streetsOf(5, 0, 4, ""), streetsOf(5, 5, 10, "")), v2...), []string{forth}, map[string]int64{"line_gaps": 1}},
		{"a way that the extract lacks", four + relationXML(1, join(stops, streetsOf(5, 0, 4, ""), []string{"way 777"}, streetsOf(5, 5, 10, "")), v2...), []string{forth}, map[string]int64{"line_gaps": 1}},
		{"stops that the extract lacks", four + relationXML(1, join(far, streetsOf(5, 0, 10, "")), v2...), []string{"bus 7: C@0 D@4"}, map[string]int64{"lines_clipped": 1}},
		{"a stop far outside", four + stopNode(800009, 400, 5, "name", "Z") + relationXML(1, join(stops, []string{"node 800009 stop"}, streetsOf(5, 0, 10, "")), v2...), []string{forth}, map[string]int64{"lines_clipped": 1}},
		{"a repeated stop", four + relationXML(1, join(stops[:2], stops[1:], streetsOf(5, 0, 10, "")), v2...), []string{forth}, nil},
		{"empty", relationXML(1, nil, v2...), nil, map[string]int64{"routes_empty": 1}},
		{"nothing there", relationXML(1, []string{"node 1001 stop", "node 1002 stop", "way 1003"}, v2...), nil, map[string]int64{"routes_outside": 1}},
		{"ways without stops", relationXML(1, streetsOf(5, 0, 10, ""), v2...), nil, map[string]int64{"routes_without_stops": 1}},
		{"itself and other relations", four + relationXML(1, join(stops[:2], []string{"relation 1", "relation 9"}), v2...), []string{"bus 7: A@0 B@3"}, nil},
		{"not ridden", four + relationXML(1, stops, append(v2, "state", "proposed")...) + relationXML(2, stops, "route", "hiking") +
			relationXML(3, stops, "route", "train", "service", "freight") + relationXML(4, streetsOf(5, 0, 10, ""), "route", "railway"), nil, nil},
		{"modes", four + relationXML(1, stops, "route", "trolleybus", "public_transport:version", "2") + relationXML(2, stops, "route", "tram", "public_transport:version", "2") +
			relationXML(3, stops, "route", "light_rail", "public_transport:version", "2") + relationXML(4, stops, "route", "train", "public_transport:version", "2") +
			relationXML(5, stops, "route", "train", "service", "high_speed", "public_transport:version", "2"), []string{"bus : A@0 B@3 C@6 D@11",
			"tram : A@0 B@3 C@6 D@11", "metro : A@0 B@3 C@6 D@11", "rail : A@0 B@3 C@6 D@11", "high_speed : A@0 B@3 C@6 D@11"},
			map[string]int64{"lines_bus": 1, "lines_tram": 1, "lines_metro": 1, "lines_rail": 1, "lines_high_speed": 1}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := buildTown(t, townWith(x.extra), Options{TimeZone: "UTC"})
			var got []string
			for i := range c.Lines {
				got = append(got, describeLine(c, &c.Lines[i]))
				checkLine(t, c, &c.Lines[i])
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("lines %q,\nwant  %q", got, x.want)
			}
			for k, n := range x.counts {
				if c.Report.Counts[k] != n {
					t.Errorf("%s = %d, want %d", k, c.Report.Counts[k], n)
				}
			}
			warned := slices.ContainsFunc(c.Report.Warnings, func(w string) bool { return strings.HasPrefix(w, "public transport: the map has no lines") })
			if warned != (len(x.want) == 0) {
				t.Errorf("%d lines and the warnings %q", len(got), c.Report.Warnings)
			}
		})
	}
}

// checkLine is what holds of every line.
func checkLine(t *testing.T, c *City, l *Line) {
	t.Helper()
	n := len(l.Stops)
	if n < 2 || len(l.At) != n || len(l.Ride) != n || len(l.Shape) < 2 || !(l.Headway >= 30) {
		t.Errorf("%s %s: %d stops, %d places, %d times, %d points, headway %v", l.Mode, l.Name, n, len(l.At), len(l.Ride), len(l.Shape), l.Headway)
		return
	}
	if m := polylineLength(l.Shape); l.At[0] != 0 || math.Abs(l.At[n-1]-m) > 1e-6 || l.Ride[0] != 0 {
		t.Errorf("%s %s: from %v at %v s to %v of %v m", l.Mode, l.Name, l.At[0], l.Ride[0], l.At[n-1], m)
	}
	for k := 1; k < n; k++ {
		if !(l.At[k] >= l.At[k-1] && l.Ride[k] > l.Ride[k-1] && l.Stops[k] != l.Stops[k-1]) {
			t.Errorf("%s %s: stop %d at %v m, %v s after %v m, %v s", l.Mode, l.Name, k, l.At[k], l.Ride[k], l.At[k-1], l.Ride[k-1])
		}
	}
}

func TestHeadwaysAndDurations(t *testing.T) {
	for v, want := range map[string]float64{"10": 600, "7.5": 450, "00:10": 600, "0:07:30": 450, "PT15M": 900, "20 min": 1200, "10-20": 600, "5;10": 300} {
		if got, ok := parseSpan(v); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", v, got, ok, want)
		}
	}
	for _, v := range []string{"", "often", "-5", "0", "1:2:3:4", "00:99", "NaN", "1e9", "PTx", "::"} {
		if got, ok := parseSpan(v); ok {
			t.Errorf("%q: %v", v, got)
		}
	}
	stops := stopNode(800001, 0, 5, "name", "A") + stopNode(800002, 10, 5, "name", "B")
	c := buildTown(t, townWith(stops+relationXML(1, join([]string{"node 800001 stop", "node 800002 stop"}, streetsOf(5, 0, 10, "")), "route", "bus",
		"public_transport:version", "2", "interval", "00:20", "duration", "00:03")), Options{TimeZone: "UTC"})
	l := &c.Lines[0]
	if l.Headway != 1200 || l.Estimated || math.Abs(l.Ride[1]-180) > 1e-9 || c.Report.Counts["durations_of_map"] != 1 {
		t.Errorf("headway %v (estimated: %v), ride %v, want 1200 and 180 of the map", l.Headway, l.Estimated, l.Ride)
	}
}

// TestCallUse: the second schema tells where nobody gets on or off.
func TestCallUse(t *testing.T) {
	text := stopNode(800001, 0, 5, "name", "A") + stopNode(800002, 4, 5, "name", "B") + stopNode(800003, 8, 5, "name", "C") +
		relationXML(1, join([]string{"node 800001 stop_entry_only", "node 800002 stop", "node 800003 stop_exit_only"}, streetsOf(5, 0, 10, "")), "route", "bus", "public_transport:version", "2")
	c := buildTown(t, townWith(text), Options{TimeZone: "UTC"})
	if got := c.Lines[0].Calls; !slices.Equal(got, []CallUse{BoardOnly, BothUse, AlightOnly}) {
		t.Errorf("calls %v", got)
	}
}

// TestRails: tunnels, high-speed tracks and lines, stations, airports.
func TestRails(t *testing.T) {
	node := func(id int, i, j float64, kv ...string) string { return stopNode(id, i, j, kv...) }
	track := func(id, a, b int, kv ...string) string {
		return fmt.Sprintf(`<way id="%d"><nd ref="%d"/><nd ref="%d"/>%s</way>`, id, a, b, tagsXML(append(kv, "railway", "rail")))
	}
	text := node(800001, 0, 2, "name", "West") + node(800002, 5, 2, "name", "Mitte") + node(800003, 10, 2, "name", "Airport") +
		node(800011, 0, 2.1, "railway", "station", "name", "West") + node(800012, 5, 2.1, "railway", "station", "name", "Mitte", "subway", "yes") +
		node(800013, 10, 2.1, "railway", "halt", "name", "Airport") + node(800014, 10, 2.4, "aeroway", "terminal") +
		node(800021, 9, 1.5) + node(800022, 10.5, 1.5) + node(800023, 10.5, 4) + node(800024, 9, 4) +
		`<way id="903"><nd ref="800021"/><nd ref="800022"/><nd ref="800023"/><nd ref="800024"/><nd ref="800021"/>` + tagsXML([]string{"aeroway", "aerodrome", "name", "Big"}) + `</way>` + node(800016, 1, 9, "aeroway", "aerodrome", "name", "Strip") +
		track(900, 800001, 800002, "highspeed", "yes", "usage", "main", "maxspeed", "250", "tunnel", "yes") + track(901, 800002, 800003, "maxspeed", "160") +
		relationXML(1, []string{"node 800001 stop", "node 800002 stop", "node 800003 stop", "way 900", "way 901"}, "route", "train", "ref", "AE", "public_transport:version", "2") +
		relationXML(2, []string{"node 800001 stop", "node 800002 stop", "way 900"}, "route", "train", "ref", "HS", "public_transport:version", "2") +
		relationXML(3, []string{"node 800001 stop", "node 800002 stop", "way 900"}, "route", "train", "ref", "RE", "service", "regional", "public_transport:version", "2")
	c := buildTown(t, townWith(text), Options{TimeZone: "UTC"})
	tunnels, fast := 0, 0
	for _, r := range c.Roads {
		if r.Tunnel {
			tunnels++
		}
		if r.HighSpeed {
			fast++
		}
	}
	if tunnels != 1 || fast != 1 {
		t.Errorf("%d tunnels and %d high-speed tracks, want 1 and 1", tunnels, fast)
	}
	if len(c.Lines) != 3 || c.Lines[1].Mode != HighSpeed || c.Lines[2].Mode != Rail || !c.Lines[0].Airport || c.Lines[1].Airport {
		t.Fatalf("lines %+v", c.Lines)
	}
	if fast, slow := c.Lines[1].Ride[1], c.Lines[2].Ride[1]; fast >= slow*1.2 {
		t.Errorf("high-speed %v s, regional %v s", fast, slow)
	}
	kinds := map[string]HubKind{}
	for _, h := range c.Hubs {
		kinds[h.Name] = h.Kind
		if h.Place < 0 || c.Places[h.Place].Name != h.Name {
			t.Errorf("%s: place %d", h.Name, h.Place)
		}
	}
	want := map[string]HubKind{"West": HighSpeedHub, "Mitte": HighSpeedHub, "Airport": StationHub, "Big": AirportHub}
	if fmt.Sprint(kinds) != fmt.Sprint(want) || c.Report.Counts["airfields"] != 1 {
		t.Errorf("hubs %v, want %v; %d airfields", kinds, want, c.Report.Counts["airfields"])
	}
	for i, name := range []string{"West", "Mitte", "Airport"} {
		if s := c.Stops[c.Lines[0].Stops[i]]; s.Hub < 0 || c.Hubs[s.Hub].Name != name {
			t.Errorf("%s belongs to hub %d", s.Name, s.Hub)
		}
	}
}

func TestTrackTags(t *testing.T) {
	for _, x := range []struct {
		tags         string
		tunnel, fast bool
	}{
		{"railway=rail highspeed=yes", false, true},
		{"railway=rail highspeed=no maxspeed=250 usage=main", false, false},
		{"railway=rail maxspeed=200 usage=main", false, true},
		{"railway=rail maxspeed=200", false, false},
		{"railway=rail maxspeed=none usage=main", false, false},
		{"railway=rail maxspeed=125mph usage=main tunnel=yes", true, true},
		{"railway=rail maxspeed=160 usage=main layer=-1", false, false},
		{"railway=subway layer=-2 highspeed=yes", true, false},
		{"railway=subway layer=1", false, false},
		{"railway=subway layer=-1 tunnel=no", false, false},
		{"highway=primary tunnel=building_passage", true, false},
		{"highway=primary layer=-1", false, false},
	} {
		var all tags
		for _, kv := range strings.Fields(x.tags) {
			k, v, _ := strings.Cut(kv, "=")
			all = append(all, osm.Tag{Key: k, Value: v})
		}
		if tunnel, fast := inTunnel(pick(osm.Tags(all))), highSpeedTrack(pick(osm.Tags(all))); tunnel != x.tunnel || fast != x.fast {
			t.Errorf("%s: tunnel %v, high-speed %v", x.tags, tunnel, fast)
		}
	}
}

// TestProject: places never go back and lie on the course; of stops on a
// course that does not come near itself each is found where it is.
func TestProject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := course{}
		free := rapid.Bool().Draw(t, "free")
		x := 0.0
		for range rapid.IntRange(2, 30).Draw(t, "points") {
			x += rapid.Float64Range(1, 300).Draw(t, "dx")
			p := geo.XY{X: x, Y: rapid.Float64Range(-50, 50).Draw(t, "y")}
			if free {
				p.X = rapid.Float64Range(-2000, 2000).Draw(t, "x")
			}
			c.pts, c.steps = append(c.pts, p), append(c.steps, step{kmh: 30})
		}
		c.measure()
		n := rapid.IntRange(2, 12).Draw(t, "stops")
		var stops []geo.XY
		want := make([]float64, n)
		for i := range want {
			want[i] = c.length() * rapid.Float64Range(0, 1).Draw(t, "at")
		}
		slices.Sort(want)
		for _, m := range want {
			p := c.point(m)
			if free {
				p = geo.XY{X: p.X + rapid.Float64Range(-500, 500).Draw(t, "off"), Y: p.Y}
			}
			stops = append(stops, p)
		}
		at, rms := c.project(stops)
		for i, m := range at {
			if !(m >= 0 && m <= c.length()) || i > 0 && m < at[i-1] {
				t.Fatalf("places %v of a course of %v m", at, c.length())
			}
			if !free && c.point(m).Dist(stops[i]) > 15 {
				t.Fatalf("stop %d at %v m, want %v", i, m, want[i])
			}
		}
		if !free && rms > 15 {
			t.Fatalf("root mean square %v m", rms)
		}
		cut := c.cut(at[0], at[n-1])
		if math.Abs(cut.length()-(at[n-1]-at[0])) > 1e-6*(1+c.length()) {
			t.Fatalf("cut to %v m, want %v", cut.length(), at[n-1]-at[0])
		}
	})
}
