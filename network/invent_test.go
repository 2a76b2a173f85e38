package network

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

// The invented lines of Andorra, which has none on this map: the same for any
// workers, both ways, in order, along main roads, and near most homes.
func TestInventedLines(t *testing.T) {
	path := fixture.ModuleFile(t, "andorra-latest.osm.bz2")
	c := load(t, path, Options{Seed: 1, Workers: 1, InventLines: true})
	if got := fingerprint(load(t, path, Options{Seed: 1, Workers: 3, InventLines: true})); got != fingerprint(c) {
		t.Error("three workers make another city than one")
	}
	if n := c.Report.Counts["lines_invented"]; n < 8 || int(n) != len(c.Lines) || c.Report.Counts["stops_invented"] == 0 {
		t.Fatalf("%d lines and %d stops of %d invented", n, c.Report.Counts["stops_invented"], len(c.Lines))
	}
	if !slices.ContainsFunc(c.Report.Warnings, func(w string) bool { return strings.Contains(w, "the map has no bus lines; ") }) {
		t.Errorf("no warning says so: %q", c.Report.Warnings)
	}
	checkPublicLines(t, c)
	shapes, onMain, all := map[string]bool{}, 0.0, 0.0
	var gaps []float64
	for i := range c.Lines {
		l := &c.Lines[i]
		checkLine(t, c, l)
		if back := &c.Lines[i^1]; !l.Invented || !l.Estimated || l.Mode != Bus || back.Ref != l.Ref ||
			c.Stops[l.Stops[0]].Pos.Dist(c.Stops[back.Stops[len(back.Stops)-1]].Pos) > oneStopM {
			t.Errorf("line %d: %s %s, invented %v; its way back is line %s", i, l.Mode, l.Ref, l.Invented, back.Ref)
		}
		for k, s := range l.Stops {
			line := course{pts: l.Shape, steps: make([]step, len(l.Shape))}
			line.measure()
			if d := line.point(l.At[k]).Dist(c.Stops[s].Pos); d > 1.5*oneStopM {
				t.Errorf("line %d: stop %d is %.0f m off", i, k, d)
			}
			if k > 0 {
				gaps = append(gaps, l.At[k]-l.At[k-1])
			}
		}
		key := ""
		for _, s := range l.Stops {
			key += c.Stops[s].Name + string(rune(s)) + " "
		}
		if shapes[key] {
			t.Errorf("line %d: the stops of another one", i)
		}
		shapes[key] = true
		walk(l.Shape, 50, func(p, _ geo.XY) {
			s, _ := c.graph.Snap(Car, p)
			if all += 50; mainStreet(c.graph.Class(Link(2*s.Edge))) || c.graph.Class(Link(2*s.Edge)) <= TrunkLink {
				onMain += 50
			}
		})
	}
	slices.Sort(gaps)
	if m := gaps[len(gaps)/2]; m < 350 || m > 550 {
		t.Errorf("stops lie %.0f m apart in the median, want 350 to 550", m)
	}
	if onMain < 0.75*all {
		t.Errorf("%.0f %% of the lines run on tertiary roads and above, want 75", 100*onMain/all)
	}
	near := homesNearStops(c, 500)
	t.Logf("%d lines, %d stops; %.0f %% of homes within 500 m of a stop; %.0f %% on main roads; stops %.0f m apart", len(c.Lines), len(c.Stops), 100*near, 100*onMain/all, gaps[len(gaps)/2])
	if near < 0.6 {
		t.Errorf("%.0f %% of homes lie within 500 m of a stop, want 60", 100*near)
	}
}

// A large town without lines on its map.
func TestInventedLinesOfColumbus(t *testing.T) {
	c := load(t, fixture.SharedFile(t, "osm/columbus-otp.osm.pbf"), Options{Seed: 1, Workers: 2, InventLines: true})
	for i := range c.Lines {
		checkLine(t, c, &c.Lines[i])
	}
	checkPublicLines(t, c)
	lines := len(c.Lines) / 2
	most := int(c.Report.Counts["inhabitants"] / inventPerBranch)
	if near := homesNearStops(c, 500); lines < most/3 || lines > most || near < 0.6 {
		t.Errorf("%d lines for %d inhabitants, %.0f %% of homes within 500 m of a stop; want %d to %d, and 60", lines, c.Report.Counts["inhabitants"], 100*near, most/3, most)
	}
	if !slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Airport }) {
		t.Error("no line leads to the airport")
	}
}

// homesNearStops is the share of homes with a stop within metres.
func homesNearStops(c *City, within float64) float64 {
	near, all := 0.0, 0.0
	for i := range c.Buildings {
		b := &c.Buildings[i]
		all += b.Dwellings
		if slices.ContainsFunc(c.Stops, func(s Stop) bool { return s.Pos.Dist(b.Pos) <= within }) {
			near += b.Dwellings
		}
	}
	return near / all
}

// Bus lines of the map stay what they are, and none is added.
func TestInventsNoneBesideLinesOfMap(t *testing.T) {
	path := fixture.SharedFile(t, "osm/monaco-tilemaker.osm.pbf")
	plain, asked := load(t, path, Options{Seed: 1, Workers: 2}), load(t, path, Options{Seed: 1, Workers: 2, InventLines: true})
	if len(plain.Lines) == 0 || !reflect.DeepEqual(plain.Lines, asked.Lines) || !reflect.DeepEqual(plain.Stops, asked.Stops) {
		t.Errorf("%d lines become %d", len(plain.Lines), len(asked.Lines))
	}
	if n := asked.Report.Counts["lines_invented"]; n != 0 || !slices.ContainsFunc(asked.Report.Warnings, func(w string) bool { return strings.Contains(w, "none was invented") }) {
		t.Errorf("%d invented; warnings %q", n, asked.Report.Warnings)
	}
}

// Where the option is not given no line is invented; where it is, those of a town
// of nothing but residential streets run on these, and call at the stops of the
// map by their names.
func TestInventedLinesOfTown(t *testing.T) {
	var named strings.Builder
	for i := range 21 {
		for j := range 21 {
			named.WriteString(stopNode(800001+21*i+j, float64(2*i), float64(2*j), "name", fmt.Sprintf("Stop %d/%d", i, j), "highway", "bus_stop"))
		}
	}
	text := strings.Replace(town(40), "</osm>", named.String()+"</osm>", 1)
	if c := buildTown(t, text, Options{Seed: 1}); len(c.Lines) > 0 || len(c.Stops) > 0 || c.Report.Counts["lines_invented"] != 0 {
		t.Errorf("%d lines invented unasked", len(c.Lines))
	}
	c := buildTown(t, text, Options{Seed: 1, InventLines: true})
	if c.Report.Counts["lines_invented"] == 0 {
		t.Fatalf("no lines; warnings %q", c.Report.Warnings)
	}
	for i := range c.Lines {
		checkLine(t, c, &c.Lines[i])
	}
	mapped := 0
	for _, s := range c.Stops {
		if s.Invented && s.Name != "" {
			t.Errorf("stop %q: invented %v", s.Name, s.Invented)
		}
		if !s.Invented {
			mapped++
		}
	}
	if mapped == 0 || int(c.Report.Counts["stops_invented"]) != len(c.Stops)-mapped || !slices.ContainsFunc(c.Stops, func(s Stop) bool { return s.Name != "" }) {
		t.Errorf("%d of %d stops are the map's, %d invented", mapped, len(c.Stops), c.Report.Counts["stops_invented"])
	}
	small := buildTown(t, town(2), Options{Seed: 1, InventLines: true})
	if len(small.Lines) > 0 || !slices.ContainsFunc(small.Report.Warnings, func(w string) bool { return strings.Contains(w, "no bus line could be invented") }) {
		t.Errorf("a hamlet: %d lines, warnings %q", len(small.Lines), small.Report.Warnings)
	}
}
