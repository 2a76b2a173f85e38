package network

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/internal/fixture"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestRealLines: the lines of real extracts, with the stops and minutes of
// the longest of each, are those that were looked at.
func TestRealLines(t *testing.T) {
	for _, name := range []string{"liechtenstein-2013-osm2pgsql.osm.pbf", "lyon-villeurbanne-magnana.osm.gz", "monaco-tilemaker.osm.pbf",
		"neubrandenburg.osm.pbf", "north-bayreuth-gh.osm.gz", "hsinchu-ntnunsl.osm"} {
		t.Run(name, func(t *testing.T) {
			c := load(t, fixture.SharedFile(t, "osm/"+name), Options{TimeZone: "UTC", Workers: 2})
			for i := range c.Lines {
				checkLine(t, c, &c.Lines[i])
			}
			checkPublicLines(t, c)
			golden := filepath.Join("testdata", "lines", strings.SplitN(name, ".", 2)[0]+".txt")
			got := lineSummary(c)
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got; -update rewrites it):\n%s", golden, d)
			}
		})
	}
}

// lineSummary is the counts of public transport, a line of each line, and the
// stops of the one with most of them.
func lineSummary(c *City) string {
	var b strings.Builder
	var keys []string
	for k, n := range c.Report.Counts {
		if n > 0 && slices.ContainsFunc([]string{"line", "stops", "hubs", "routes", "headways", "airfields", "durations"}, func(p string) bool { return strings.HasPrefix(k, p) }) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, "%s %d\n", k, c.Report.Counts[k])
	}
	most := 0
	for i := range c.Lines {
		l := &c.Lines[i]
		last := len(l.Stops) - 1
		fmt.Fprintf(&b, "%s %s: %s – %s, %d stops, %.1f km, %.0f min, every %.0f min\n", l.Mode, l.Ref, c.Stops[l.Stops[0]].Name,
			c.Stops[l.Stops[last]].Name, len(l.Stops), l.At[last]/1000, l.Ride[last]/60, l.Headway/60)
		if len(l.Stops) > len(c.Lines[most].Stops) {
			most = i
		}
	}
	if len(c.Lines) > 0 {
		l := &c.Lines[most]
		fmt.Fprintf(&b, "%s %s\n", l.Mode, l.Ref)
		for k, s := range l.Stops {
			fmt.Fprintf(&b, "  %5.1f min %6.2f km %s\n", l.Ride[k]/60, l.At[k]/1000, c.Stops[s].Name)
		}
	}
	return b.String()
}

// checkPublicLines: the stops of the public map's lines are vertices of their
// simplified shapes.
func checkPublicLines(t *testing.T, c *City) {
	t.Helper()
	m := c.Map()
	if len(m.Lines) != len(c.Lines) || len(m.Stops) != len(c.Stops) || len(m.Hubs) != len(c.Hubs) {
		t.Fatalf("public map with %d lines, %d stops, %d hubs", len(m.Lines), len(m.Stops), len(m.Hubs))
	}
	for i, p := range m.Lines {
		l := &c.Lines[i]
		if len(p.At) != len(l.Stops) || len(p.Lon) != len(p.Lat) || int(p.At[len(p.At)-1]) != len(p.Lon)-1 || p.At[0] != 0 {
			t.Fatalf("line %d: vertices %v of %d", i, p.At, len(p.Lon))
		}
		for k := range p.At {
			want := l.Shape[0]
			if k > 0 {
				s := l.Stretch(nil, k-1, k)
				want = s[len(s)-1]
			}
			got := c.Proj.XY([2]float64{p.Lon[p.At[k]], p.Lat[p.At[k]]})
			if got.Dist(want) > 0.01 {
				t.Errorf("line %d: stop %d at %v, want %v", i, k, got, want)
			}
		}
	}
}
