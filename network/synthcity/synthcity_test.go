package synthcity_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmxml"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

func makeCity(t testing.TB, name string, seed uint64) *synthcity.City {
	t.Helper()
	p, err := synthcity.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := synthcity.Make(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func xmlOf(t testing.TB, c *synthcity.City) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteXML(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func load(t testing.TB, c *synthcity.City, workers int) *network.City {
	t.Helper()
	out, err := network.LoadObjects(context.Background(), c.Objects(), network.Options{Name: c.Preset.Name, TimeZone: c.Preset.TimeZone,
		Attribution: synthcity.Attribution, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGolden: the bytes of the small city are fixed by its seed. Whoever
// changes the making of cities on purpose puts the new hash here.
func TestGolden(t *testing.T) {
	const want = "b2e05f5cdfffa91292d3a04779780f63abbabc02ddc44f7fa73c0d00e9ece613"
	sum := sha256.Sum256(xmlOf(t, makeCity(t, "small", 1)))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("SHA-256 of the small city with seed 1 is %s, want %s", got, want)
	}
	if bytes.Equal(xmlOf(t, makeCity(t, "small", 1)), xmlOf(t, makeCity(t, "small", 2))) {
		t.Error("seeds 1 and 2 give the same city")
	}
}

// TestIDs: positive and unique within a kind, ascending, nodes before ways
// before relations, and every reference leads somewhere.
func TestIDs(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		rank := map[osm.Type]int{osm.TypeNode: 0, osm.TypeWay: 1, osm.TypeRelation: 2}
		var last [3]int64
		at := 0
		for o := range makeCity(t, name, 1).Objects() {
			id := o.ObjectID()
			k := rank[id.Type()]
			if k < at || id.Ref() <= last[k] {
				t.Fatalf("%s: %v comes after %v", name, id, last)
			}
			at, last[k] = k, id.Ref()
			switch o := o.(type) {
			case *osm.Way:
				if len(o.Nodes) < 2 || len(o.Tags) == 0 {
					t.Errorf("%s: way %d has %d nodes and %d tags", name, o.ID, len(o.Nodes), len(o.Tags))
				}
				for i, n := range o.Nodes {
					if n.ID < 1 || int64(n.ID) > last[0] || i > 0 && n.ID == o.Nodes[i-1].ID {
						t.Errorf("%s: way %d leads to node %d", name, o.ID, n.ID)
					}
				}
			case *osm.Relation:
				for _, m := range o.Members {
					if m.Ref < 1 || m.Ref > last[rank[m.Type]] {
						t.Errorf("%s: relation %d has member %v", name, o.ID, m)
					}
				}
			}
		}
		if last[2] == 0 {
			t.Errorf("%s has no relations", name)
		}
	}
}

// TestXML: a reader of OpenStreetMap XML gets back the very objects.
func TestXML(t *testing.T) {
	c := makeCity(t, "small", 3)
	sc := osmxml.New(context.Background(), bytes.NewReader(xmlOf(t, c)))
	defer sc.Close()
	if !sc.Scan() || sc.Object().ObjectID().Type() != osm.TypeBounds {
		t.Fatal("the file does not begin with its bounds")
	}
	n := 0
	for want := range c.Objects() {
		if !sc.Scan() {
			t.Fatalf("the file ends after %d objects: %v", n, sc.Err())
		}
		n++
		if got := sc.Object(); plain(got) != plain(want) {
			t.Fatalf("read %s\nwant %s", plain(got), plain(want))
		}
	}
	if sc.Scan() || sc.Err() != nil {
		t.Errorf("after the last object: %v, %v", sc.Object(), sc.Err())
	}
}

// plain is what of an object must survive.
func plain(o osm.Object) string {
	switch o := o.(type) {
	case *osm.Node:
		return fmt.Sprintf("node %d %.7f %.7f %v", o.ID, o.Lon, o.Lat, []osm.Tag(o.Tags))
	case *osm.Way:
		return fmt.Sprintf("way %d %v %v", o.ID, o.Nodes.NodeIDs(), []osm.Tag(o.Tags))
	case *osm.Relation:
		return fmt.Sprintf("relation %d %v %v", o.ID, o.Members, []osm.Tag(o.Tags))
	}
	return fmt.Sprintf("%T", o)
}

// TestOsmium: the reference tool reads the file and misses nothing.
func TestOsmium(t *testing.T) {
	osmium, err := exec.LookPath("osmium")
	if err != nil {
		t.Skip("osmium is not installed (Debian: osmium-tool)")
	}
	path := filepath.Join(t.TempDir(), "city.osm")
	if err := os.WriteFile(path, xmlOf(t, makeCity(t, "medium", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"fileinfo", "-e", path}, {"check-refs", "-r", path}} {
		out, err := exec.Command(osmium, args...).CombinedOutput()
		if err != nil {
			t.Errorf("osmium %s: %v\n%s", args[0], err, out)
		}
		if args[0] == "fileinfo" && !strings.Contains(string(out), "Objects ordered (by type and id): yes") {
			t.Errorf("osmium finds no order:\n%s", out)
		}
	}
}

// TestInhabitants: the dwellings hold those of the preset within 15 %, and
// the map has places of every category and jobs of its own.
func TestInhabitants(t *testing.T) {
	names := []string{"small", "medium"}
	if !testing.Short() {
		names = append(names, "large")
	}
	for _, name := range names {
		for seed := range uint64(3) {
			if name == "large" && seed > 0 {
				continue // one says enough of what takes seconds
			}
			made := makeCity(t, name, seed)
			c := load(t, made, 2)
			got, want := float64(c.Report.Counts["inhabitants"]), float64(made.Preset.Inhabitants)
			if math.Abs(got-want) > 0.15*want {
				t.Errorf("%s, seed %d: dwellings for %.0f inhabitants, want %.0f ± 15 %%", name, seed, got, want)
			}
			have := map[dataset.Category]int{}
			for _, p := range c.Places {
				if !p.Estimated {
					have[p.Category]++
				}
			}
			for _, cat := range []dataset.Category{dataset.Kindergarten, dataset.School, dataset.University, dataset.Office, dataset.Industry,
				dataset.Shop, dataset.Salon, dataset.DepartmentStore, dataset.Restaurant, dataset.Hospital, dataset.Leisure, dataset.Worship,
				dataset.Station, dataset.Airport} {
				if have[cat] == 0 {
					t.Errorf("%s, seed %d: no %s", name, seed, cat)
				}
			}
			for k, n := range c.Report.Counts {
				if n > 0 && (strings.HasPrefix(k, "bad_") || strings.HasPrefix(k, "incomplete_") || strings.HasPrefix(k, "broken_") || k == "levels_estimated") {
					t.Errorf("%s, seed %d: %s = %d", name, seed, k, n)
				}
			}
			if c.Map().Attribution != synthcity.Attribution {
				t.Errorf("attribution %q", c.Map().Attribution)
			}
		}
	}
}

// TestSameAsFile: the objects in memory and the file make the same City, for
// any number of workers.
func TestSameAsFile(t *testing.T) {
	made := makeCity(t, "small", 5)
	path := filepath.Join(t.TempDir(), "small.osm")
	if err := os.WriteFile(path, xmlOf(t, made), 0o666); err != nil {
		t.Fatal(err)
	}
	file, err := network.Load(context.Background(), path, network.Options{Name: "small", TimeZone: made.Preset.TimeZone,
		Attribution: synthcity.Attribution, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 7} {
		c := load(t, made, workers)
		if d := cmp.Diff([]any{file.Buildings, file.Places, file.Roads, file.Lines, file.Stops, file.Hubs, file.Cells, file.Report},
			[]any{c.Buildings, c.Places, c.Roads, c.Lines, c.Stops, c.Hubs, c.Cells, c.Report}); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
	}
}

// TestContents: what the description of a region promises is there.
func TestContents(t *testing.T) {
	c := makeCity(t, "medium", 1)
	have := map[string]int{}
	populations := []float64{}
	for o := range c.Objects() {
		var tags osm.Tags
		switch o := o.(type) {
		case *osm.Node:
			tags = o.Tags
		case *osm.Way:
			tags = o.Tags
		case *osm.Relation:
			tags = o.Tags
			if tags.Find("type") == "route" {
				stops := 0
				for i, m := range o.Members {
					if m.Role == "stop" {
						if stops++; i >= stops {
							t.Errorf("%s: a stop after the ways", tags.Find("name"))
						}
					}
				}
				if stops < 2 || stops == len(o.Members) {
					t.Errorf("%s: %d stops of %d members", tags.Find("name"), stops, len(o.Members))
				}
			}
			if tags.Find("admin_level") == "8" {
				var n float64
				if _, err := fmt.Sscan(tags.Find("population"), &n); err != nil {
					t.Errorf("population of %s: %v", tags.Find("name"), err)
				}
				populations = append(populations, n)
			}
		}
		for _, tag := range tags {
			have[tag.Key+"="+tag.Value]++
			if tag.Value == "" {
				t.Errorf("%v: empty value of %s", o.ObjectID(), tag.Key)
			}
		}
		if tags.Find("railway") == "subway" && tags.Find("tunnel") == "yes" {
			have["metro tunnel"]++
		}
		if tags.Find("highway") == "primary" && tags.Find("bridge") == "yes" {
			have["road bridge"]++
		}
	}
	for _, want := range []string{"highway=motorway", "highway=motorway_link", "highway=primary", "highway=secondary", "highway=residential",
		"metro tunnel", "road bridge", "route=subway", "route=bus", "route=tram", "route=train", "highspeed=yes", "station=subway", "railway=tram_stop",
		"aeroway=aerodrome", "aeroway=terminal", "aeroway=runway", "natural=water", "natural=wood", "building=apartments", "building=detached",
		"building=house", "building=office", "building=industrial", "amenity=university", "amenity=kindergarten", "amenity=hospital", "shop=hairdresser",
		"shop=department_store", "leisure=park", "residential=gated", "place=hamlet", "boundary=administrative", "admin_level=6", "man_made=mast"} {
		if have[want] == 0 {
			t.Errorf("no %s", want)
		}
	}
	if len(populations) < 12 || populations[0] < 5*populations[len(populations)-1] {
		t.Errorf("towns of %v inhabitants: want at least 12 of heavy-tailed size", populations)
	}
}

// TestRoadsJoin: nearly all streets hang together.
func TestRoadsJoin(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		c := makeCity(t, name, 1)
		parent := make([]int32, c.Nodes()+1)
		for i := range parent {
			parent[i] = int32(i)
		}
		find := func(i int32) int32 {
			for parent[i] != i {
				parent[i] = parent[parent[i]]
				i = parent[i]
			}
			return i
		}
		var roads []*osm.Way
		for o := range c.Objects() {
			if w, ok := o.(*osm.Way); ok && w.Tags.Find("highway") != "" {
				roads = append(roads, w)
				for i := 1; i < len(w.Nodes); i++ {
					parent[find(int32(w.Nodes[i].ID))] = find(int32(w.Nodes[i-1].ID))
				}
			}
		}
		size := map[int32]int{}
		largest := 0
		for _, w := range roads {
			r := find(int32(w.Nodes[0].ID))
			size[r]++
			largest = max(largest, size[r])
		}
		if float64(largest) < 0.97*float64(len(roads)) {
			t.Errorf("%s: the largest part holds %d of %d roads", name, largest, len(roads))
		}
	}
}

func TestErrors(t *testing.T) {
	if _, err := synthcity.Find("huge"); err == nil || !strings.Contains(err.Error(), "small, medium, large, fuzhou-like") {
		t.Errorf("an unknown preset: %v", err)
	}
	p, err := synthcity.Find("small")
	if err != nil {
		t.Fatal(err)
	}
	few, odd := p, p
	few.Inhabitants, odd.RuralShare = 10, 0.5
	for _, bad := range []synthcity.Preset{few, odd} {
		if _, err := synthcity.Make(bad, 1); err == nil {
			t.Errorf("%+v makes a city", bad)
		}
	}
}

// TestPresets: the places of the presets do not reach beyond their region.
func TestPresets(t *testing.T) {
	for _, p := range synthcity.Presets()[:2] {
		b := makeCity(t, p.Name, 1).Bounds()
		if d := geo.Distance(b.Min, b.Max); d > 2.2*math.Sqrt2*p.ReachM || d < p.ReachM {
			t.Errorf("%s: %.0f m from corner to corner of a region of radius %.0f m", p.Name, d, p.ReachM)
		}
	}
}

func ExampleMake() {
	preset, err := synthcity.Find("small")
	if err != nil {
		fmt.Println(err)
		return
	}
	made, err := synthcity.Make(preset, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	city, err := network.LoadObjects(context.Background(), made.Objects(), network.Options{Name: "small", TimeZone: preset.TimeZone})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(city.TimeZone, len(city.Buildings) > 500)
	// Output: Asia/Shanghai true
}

// BenchmarkLarge measures a million inhabitants: making, and reading into a City.
func BenchmarkLarge(b *testing.B) {
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			makeCity(b, "large", 1)
		}
	})
	b.Run("load", func(b *testing.B) {
		c := makeCity(b, "large", 1)
		for b.Loop() {
			city := load(b, c, 2)
			b.ReportMetric(float64(len(city.Buildings)), "buildings")
			b.ReportMetric(float64(city.Report.Counts["inhabitants"]), "inhabitants")
		}
	})
}

// TestHighEnd: the communities that the city makes high-end, detached houses
// behind a gate, are read off the map as such.
func TestHighEnd(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		for seed := range uint64(2) {
			made := makeCity(t, name, seed+1)
			c := load(t, made, 2)
			centers := make([]geo.XY, len(c.Buildings))
			for i, b := range c.Buildings {
				centers[i] = b.Pos
			}
			index := geo.NewIndex(centers)
			pos := map[osm.NodeID]geo.XY{}
			byLevel, all := [6]float64{}, 0.0
			for o := range made.Objects() {
				switch o := o.(type) {
				case *osm.Node:
					pos[o.ID] = c.Proj.XY(orb.Point{o.Lon, o.Lat})
				case *osm.Way:
					if o.Tags.Find("building") != "detached" {
						continue
					}
					var ring []geo.XY
					for _, n := range o.Nodes[1:] {
						ring = append(ring, pos[n.ID])
					}
					i, d := index.Nearest(geo.RingCentroid(ring))
					if d > 1 || c.Buildings[i].Community < 0 {
						t.Fatalf("%s: way %d: the villa is %.0f m from the nearest building, community %d", name, o.ID, d, c.Buildings[i].Community)
					}
					byLevel[c.Communities[c.Buildings[i].Community].Affluence] += c.Buildings[i].Dwellings
					all += c.Buildings[i].Dwellings
				}
			}
			if all < 50 || byLevel[4]+byLevel[5] < 0.9*all {
				t.Errorf("%s, seed %d: villas by affluence %.0f of %.0f, want 90 %% at 4 and 5", name, seed+1, byLevel, all)
			}
		}
	}
}
