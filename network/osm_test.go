package network

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// delawareHead is the beginning of the pbf extract of the OSM module.
func delawareHead(t testing.TB, n int) []byte {
	t.Helper()
	data, err := os.ReadFile(fixture.ModuleFile(t, "delaware-latest.osm.pbf"))
	if err != nil {
		t.Fatal(err)
	}
	return data[:n]
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every kind of bad input is an error that names the file and says what was
// wanted of it.
func TestLoadErrors(t *testing.T) {
	whole := gzipped(t, town(4))
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty.osm.pbf", nil, "the file is empty; want an OSM pbf"},
		{"empty.osm", nil, "the file is empty; want OSM XML"},
		{"text.osm.pbf", []byte("Dear all, this is no map.\n"), `begins with "Dear all`},
		{"xml.osm.pbf", []byte(town(2)), "holds XML; want an OSM pbf"},
		{"gzip.osm", whole, "holds gzip data; want OSM XML"},
		{"pbf.osm.bz2", delawareHead(t, 1000), "holds OSM pbf; want OSM XML in bzip2"},
		{"truncated.osm.pbf", delawareHead(t, 200_000), "the file is cut off"},
		{"truncated.osm.gz", whole[:len(whole)/2], "the file is cut off"},
		{"truncated.osm", []byte(town(4)[:2000]), "unexpected EOF"},
		{"truncated.osm.bz2", []byte("BZh91AY&SY"), "the file is cut off"},
		{"page.osm", []byte("<html><body>404</body></html>"), "without an <osm> root"},
		{"number.osm", []byte(`<osm><node id="x" lon="1" lat="2"/></osm>`), "parsing \"x\""},
		{"nodes.osm", []byte(`<osm><node id="1" lon="1" lat="2"/></osm>`), "no ways: the extract holds 1 nodes only"},
		{"nothing.osm", []byte(`<osm version="0.6"></osm>`), "no nodes and no ways"},
		{"road.osm", []byte(`<osm><node id="1" lon="1" lat="2"/><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>`),
			"no complete streets"},
		{"motorway.osm", []byte(`<osm><node id="1" lon="1" lat="2"/><node id="2" lon="1.1" lat="2"/><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="motorway"/></way></osm>`),
			"no dwellings"},
		{"map.geojson", []byte("{}"), "unknown kind of file; want an OpenStreetMap extract named *.osm.pbf"},
	} {
		path := write(t, tt.name, tt.data)
		c, err := Load(context.Background(), path, Options{})
		if err == nil || c != nil {
			t.Errorf("%s: loaded", tt.name)
			continue
		}
		if msg := err.Error(); !strings.Contains(msg, path) || !strings.Contains(msg, tt.want) {
			t.Errorf("%s: error %q, want the path and %q", tt.name, msg, tt.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing.osm.pbf")
	if _, err := Load(context.Background(), missing, Options{}); err == nil || !strings.Contains(err.Error(), missing) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "folder.osm")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(context.Background(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: %v", err)
	}
}

func TestNodesOnlyExtract(t *testing.T) {
	path := fixture.SharedFile(t, "osm/tokyo-center-northprint.osm.pbf")
	_, err := Load(context.Background(), path, Options{Workers: 2})
	if err == nil || !strings.Contains(err.Error(), "no ways") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that says no ways", err)
	}
}

// Plain and packed XML give the same city.
func TestFormats(t *testing.T) {
	text := town(6)
	plain := load(t, write(t, "town.osm", []byte(text)), Options{Seed: 1})
	packed := load(t, write(t, "town.osm.gz", gzipped(t, text)), Options{Seed: 1})
	if fingerprint(plain) != fingerprint(packed) {
		t.Error(".osm and .osm.gz of one town give two cities")
	}
}

func TestPBFWorkersDoNotShow(t *testing.T) {
	data := delawareHead(t, 7_812_234)
	read := func(workers int) *source {
		s, err := readSource(context.Background(), bytes.NewReader(data), extPBF, workers)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, b := read(1), read(5)
	if !slices.Equal(a.nodes, b.nodes) || !slices.Equal(a.refs, b.refs) || len(a.points) != len(b.points) || len(a.ways) != len(b.ways) {
		t.Error("5 workers read another source than 1")
	}
	if len(a.nodes) != 723_870 || len(a.ways) != 73_144 {
		t.Errorf("%d nodes and %d ways, want 723870 and 73144", len(a.nodes), len(a.ways))
	}
}

// pbf is a minimal file of one data block.
func pbf(block []byte) []byte {
	g := newPBFGuard(context.Background(), nil, nil)
	g.write("OSMHeader", nil)
	g.write("OSMData", block)
	return g.out.Bytes()
}

func field(num protowire.Number, data []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), data)
}

func packed(v ...uint64) (out []byte) {
	for _, x := range v {
		out = protowire.AppendVarint(out, x)
	}
	return out
}

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

func zigzag(v int64) uint64 { return protowire.EncodeZigZag(v) }

func table(s ...string) []byte {
	var b []byte
	for _, x := range s {
		b = append(b, field(1, []byte(x))...)
	}
	return field(1, b)
}

// Blocks that would crash the decoder are errors instead.
func TestPBFGuard(t *testing.T) {
	group := func(num protowire.Number, parts ...[]byte) []byte {
		return field(2, field(num, bytes.Join(parts, nil)))
	}
	strs := table("", "highway", "residential")
	for name, tt := range map[string]struct {
		block []byte
		want  string
	}{
		"a tag beyond the table":    {append(slices.Clone(strs), group(3, number(1, 7), field(2, packed(1)), field(3, packed(9)))...), "way 7: tags: list 3: string 9 of 3"},
		"a value without its key":   {append(slices.Clone(strs), group(3, number(1, 7), field(2, packed(1)), field(3, packed(2, 2)))...), "list 3 has 2 entries, want 1"},
		"a latitude missing":        {append(slices.Clone(strs), group(2, field(1, packed(2, 2)), field(8, packed(2)), field(9, packed(2, 2)))...), "list 8 has 1 entries, want 2"},
		"a dense tag cut off":       {append(slices.Clone(strs), group(2, field(1, packed(2)), field(8, packed(2)), field(9, packed(2)), field(10, packed(1)))...), "tags of 0 dense nodes, want 1"},
		"a role beyond the table":   {append(slices.Clone(strs), group(4, number(1, 8), field(8, packed(5)), field(9, packed(2)), field(10, packed(1)))...), "relation 8: roles: list 8: string 5 of 3"},
		"a member without its type": {append(slices.Clone(strs), group(4, number(1, 8), field(8, packed(0)), field(9, packed(2)), field(10, nil))...), "list 10 has 0 entries, want 1"},
		"a number for a list":       {append(slices.Clone(strs), group(3, number(2, 1))...), "field 2 of wire type 0, want 2"},
		"nodes twice":               {append(slices.Clone(strs), group(3, field(8, packed(2)), field(8, packed(2, 2)))...), "field 8 comes twice"},
		"a user beyond the table":   {append(slices.Clone(strs), group(3, field(4, number(5, 40)))...), "string 40 of 3"},
		"half a varint":             {append(slices.Clone(strs), group(3, field(8, []byte{0x80}))...), "unexpected EOF"},
	} {
		_, err := readSource(context.Background(), bytes.NewReader(pbf(tt.block)), extPBF, 2)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "block 1 at byte") {
			t.Errorf("%s: error %v, want %q with its block", name, err, tt.want)
		}
	}
}

// Plain nodes, which the decoder lacks, arrive with tags and positions.
func TestPlainNodes(t *testing.T) {
	message := func(id, lon, lat int64, tags bool) []byte {
		b := append(number(1, zigzag(id)), number(8, zigzag(lat))...)
		b = append(b, number(9, zigzag(lon))...)
		if tags {
			b = append(append(b, field(2, packed(1))...), field(3, packed(2))...)
		}
		return field(1, b)
	}
	block := append(table("", "amenity", "school"), field(2, append(message(5, 130_000_000, 530_000_000, true), message(6, 130_000_100, 530_000_000, false)...))...)
	block = append(block, field(2, field(3, bytes.Join([][]byte{number(1, 9), field(8, packed(zigzag(5), zigzag(1)))}, nil)))...)
	s, err := readSource(context.Background(), bytes.NewReader(pbf(block)), extPBF, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := []node{{5, 130_000_000, 530_000_000}, {6, 130_000_100, 530_000_000}}; !slices.Equal(s.nodes, want) {
		t.Errorf("nodes %v, want %v", s.nodes, want)
	}
	if len(s.points) != 1 || s.points[0].tags.get("amenity") != "school" {
		t.Errorf("tagged nodes %v, want the school", s.points)
	}
	if line, ok := s.line(s.way(9)); !ok || len(line) != 2 {
		t.Errorf("way 9: %v", line)
	}
}

func TestMultipolygon(t *testing.T) {
	s := &source{}
	for i, p := range [][2]float64{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {1, 1}, {2, 1}, {2, 2}} {
		s.addNode(int64(i+1), p[0], p[1])
	}
	w := func(id int64, refs ...osm.NodeID) {
		x := &osm.Way{ID: osm.WayID(id)}
		for _, r := range refs {
			x.Nodes = append(x.Nodes, osm.WayNode{ID: r})
		}
		s.addWay(x)
	}
	w(1, 1, 2, 3)
	w(2, 1, 4, 3) // joins backwards
	w(3, 5, 6, 7, 5)
	w(4, 2, 6) // leads nowhere
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	rings := func(ids ...int64) ([]orb.Ring, bool) {
		var ways []*way
		for _, id := range ids {
			ways = append(ways, s.way(id))
		}
		return s.rings(ways)
	}
	if got, complete := rings(1, 2, 3); len(got) != 2 || len(got[0]) != 4 || len(got[1]) != 3 || !complete {
		t.Errorf("rings %v, complete %v; want one of four corners and one of three", got, complete)
	}
	if got, complete := rings(1, 4, 2, 3); len(got) != 2 || complete {
		t.Errorf("with a dead end: %d rings, complete %v; want two and false", len(got), complete)
	}
}

func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		levels, height string
		want           float64
		bad            bool
	}{
		{"3", "", 3, false}, {" 2 ", "", 2, false}, {"2,5", "", 2.5, false}, {"0.5", "", 1, false},
		{"abc", "", 0, true}, {"-2", "", 0, true}, {"0", "", 0, true}, {"9999", "", 0, true}, {"NaN", "", 0, true}, {"+Inf", "", 0, true},
		{"", "16 m", 5, false}, {"abc", "9.6", 3, true}, {"", "tall", 0, true}, {"", "32 ft", 3, false}, {"", "", 0, false},
	} {
		got, bad := levels(tags{{Key: "building:levels", Value: tt.levels}, {Key: "height", Value: tt.height}})
		if got != tt.want || bad != tt.bad {
			t.Errorf("levels %q, height %q: %g, %v; want %g, %v", tt.levels, tt.height, got, bad, tt.want, tt.bad)
		}
	}
}

// Which tags make a cell site; most combinations are those of real extracts.
func TestMasts(t *testing.T) {
	for _, tt := range []struct {
		tags string
		want bool
	}{
		{"man_made=tower tower:type=communication", true}, {"man_made=mast tower:type=communication", true},
		{"man_made=communications_tower", true}, {"man_made=mast communication:radio=yes", true}, {"man_made=antenna communication:radio=yes", true},
		{"power=tower man_made=tower tower:type=communication", true}, {"man_made=mast", true},
		{"building=yes communication:mobile_phone=yes", true}, {"man_made=tower tower:type=lighting;communication", true},
		{"man_made=tower", false}, {"man_made=tower historic=castle", false}, {"man_made=tower tower:type=radar", false},
		{"man_made=mast tower:type=lighting", false}, {"man_made=mast power=tower", false}, {"building=yes tower:type=bell_tower", false},
		{"man_made=mast tower:type=communication communication:mobile_phone=no", false}, {"man_made=mast communication:radio=no tower:type=siren", false},
		{"man_made=chimney tower:type=communication", false},
	} {
		var all osm.Tags
		for _, kv := range strings.Fields(tt.tags) {
			k, v, _ := strings.Cut(kv, "=")
			all = append(all, osm.Tag{Key: k, Value: v})
		}
		if got := isMast(pick(all)); got != tt.want {
			t.Errorf("%s: mast %v, want %v", tt.tags, got, tt.want)
		}
	}
}

// A work place on land with a dock stands ashore.
func TestInRingAvoids(t *testing.T) {
	square := func(lo, hi float64) []geo.XY {
		return []geo.XY{{X: lo, Y: lo}, {X: hi, Y: lo}, {X: hi, Y: hi}, {X: lo, Y: hi}}
	}
	port, dock := square(0, 100), square(0, 60)
	wet := newPolygons([][]geo.XY{dock})
	// A place gets wet only if 16 throws all do (0.36^16 = 8e-8 each).
	for h := range uint64(1000) {
		if q := inRing(port, sigcity.Mix(7, h), wet); wet.at(q, nil) >= 0 || !geo.RingContains(port, q) {
			t.Fatalf("%v lies in the dock or outside the port", q)
		}
	}
}

// readable runs a reader over arbitrary bytes: no panic, no endless work, and a
// source or an error.
func readable(t *testing.T, data []byte, ext string) {
	slow := time.AfterFunc(20*time.Second, func() { panic("no end after 20 s") })
	defer slow.Stop()
	s, err := readSource(context.Background(), bytes.NewReader(data), ext, 2)
	if err != nil {
		return
	}
	if len(s.ways) == 0 {
		t.Fatal("a source without ways and without an error")
	}
	if len(s.nodes)+len(s.refs) > 1<<20 {
		return // enough was read; a city of it takes long
	}
	if c, err := build(context.Background(), s, Options{Workers: 2}); err == nil && len(c.Cells) == 0 {
		t.Fatal("a city without cells and without an error")
	}
}

func FuzzXML(f *testing.F) {
	f.Add([]byte(town(3)))
	f.Add([]byte(`<osm><node id="1" lon="1e300" lat="-91"/><way id="1"><nd ref="1"/></way></osm>`))
	f.Add([]byte(`<osm><relation id="1"><member type="way" ref="1" role="outer"/><tag k="type" v="multipolygon"/></relation>`))
	f.Add([]byte(strings.Replace(town(3), "</osm>", `<relation id="1"><member type="node" ref="1" role="stop"/><member type="node" ref="9" role="stop_exit_only"/>`+
		`<member type="way" ref="1" role="forward"/><member type="way" ref="3" role=""/><tag k="type" v="route"/><tag k="route" v="bus"/><tag k="interval" v="00:10"/></relation>`+
		`<relation id="2"><member type="way" ref="5" role="backward"/><member type="relation" ref="2" role=""/><tag k="type" v="route"/><tag k="route" v="train"/></relation></osm>`, 1)))
	f.Fuzz(func(t *testing.T, data []byte) { readable(t, data, extXML) })
}

// FuzzPacked reads bytes as gzip and as bzip2: as they are, and as the content
// of a whole gzip file.
func FuzzPacked(f *testing.F) {
	f.Add(gzipped(f, town(2)))
	bz, err := os.ReadFile(fixture.ModuleFile(f, "andorra-latest.osm.bz2"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bz[:20_000])
	f.Add([]byte(town(2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		readable(t, data, extGz)
		readable(t, data, extBz2)
		readable(t, gzipped(t, string(data)), extGz)
	})
}

func FuzzPBF(f *testing.F) {
	f.Add(delawareHead(f, 30_000))
	strs := table("", "highway", "residential")
	dense := field(2, field(2, bytes.Join([][]byte{field(1, packed(2, 2)), field(8, packed(2, 20_000)), field(9, packed(2, 2))}, nil)))
	way := field(2, field(3, bytes.Join([][]byte{number(1, 7), field(2, packed(1)), field(3, packed(2)), field(8, packed(2, 2))}, nil)))
	f.Add(pbf(bytes.Join([][]byte{strs, dense, way}, nil)))
	f.Fuzz(func(t *testing.T, data []byte) { readable(t, data, extPBF) })
}
