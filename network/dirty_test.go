package network

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// dirt is a town's objects that are odd, in XML; ids begin where town's end.
type dirt struct{ b strings.Builder }

func (d *dirt) node(id int, lon, lat string, kv ...string) *dirt {
	fmt.Fprintf(&d.b, `<node id="%d" lon="%s" lat="%s">%s</node>`, id, lon, lat, tagText(kv))
	return d
}

func (d *dirt) way(id int, refs []int, kv ...string) *dirt {
	fmt.Fprintf(&d.b, `<way id="%d">`, id)
	for _, r := range refs {
		fmt.Fprintf(&d.b, `<nd ref="%d"/>`, r)
	}
	d.b.WriteString(tagText(kv) + `</way>`)
	return d
}

// relation takes members as "way 7 outer".
func (d *dirt) relation(id int, members []string, kv ...string) *dirt {
	fmt.Fprintf(&d.b, `<relation id="%d">`, id)
	for _, m := range members {
		f := append(strings.Fields(m), "")
		fmt.Fprintf(&d.b, `<member type="%s" ref="%s" role="%s"/>`, f[0], f[1], f[2])
	}
	d.b.WriteString(tagText(kv) + `</relation>`)
	return d
}

func tagText(kv []string) (out string) {
	for i := 0; i < len(kv); i += 2 {
		out += fmt.Sprintf(`<tag k="%s" v="%s"/>`, kv[i], kv[i+1])
	}
	return out
}

// corners adds nodes 800001 … on a square of 16 × 11 m steps in an empty block
// of the town: node 800001 + 10·row + column.
func corners() *dirt {
	d := &dirt{}
	for r := range 10 {
		for c := range 10 {
			d.node(at(r, c), fmt.Sprintf("%.7f", 13.0045+float64(c)*0.00025), fmt.Sprintf("%.7f", 53.0033+float64(r)*0.0001))
		}
	}
	return d
}

func at(row, col int) int { return 800001 + 10*row + col }

// squareOf is the closed ring with the corners (r, c) and (r+n, c+n).
func squareOf(r, c, n int) []int {
	return []int{at(r, c), at(r, c+n), at(r+n, c+n), at(r+n, c), at(r, c)}
}

// Every kind of dirty input, what it is counted as, and what is left of it in
// buildings, against the same town without it.
func TestDirtyInput(t *testing.T) {
	bld := func(kv ...string) []string { return append([]string{"building", "apartments"}, kv...) }
	rel := func(kv ...string) []string {
		return append([]string{"type", "multipolygon", "building", "apartments"}, kv...)
	}
	type want = map[string]int64
	for _, tt := range []struct {
		name      string
		dirt      *dirt
		counts    want
		buildings int64   // of the map, beyond the town's
		m2        float64 // of the footprint of the last of these
	}{
		{"coordinates off the globe", corners().node(1e6, "500", "53").node(1e6+1, "13", "-91").node(1e6+2, "NaN", "53").
			way(90001, []int{1e6, at(0, 0)}, "highway", "residential"), want{"bad_coordinates": 3, "incomplete_ways": 1}, 0, 0},
		{"a node across the sea", corners().node(1e6, "-20", "10").way(90001, []int{at(0, 0), 1e6}, "highway", "residential"), want{"broken_ways": 1}, 0, 0},
		{"missing nodes", corners().way(90001, []int{at(0, 0), at(0, 1), 777777, at(0, 0)}, bld()...), want{"incomplete_ways": 1}, 0, 0},
		{"a way without nodes", corners().way(90001, nil, "highway", "residential"), want{"short_ways": 1}, 0, 0},
		{"a way of one node", corners().way(90001, []int{at(0, 0)}, "highway", "residential"), want{"short_ways": 1}, 0, 0},
		{"a way on the spot", corners().way(90001, []int{at(0, 0), at(0, 0), at(0, 0), at(0, 0)}, bld()...), want{"short_ways": 1}, 0, 0},
		{"to and fro", corners().way(90001, []int{at(0, 0), at(0, 1), at(0, 2), at(0, 1), at(0, 0)}, bld()...), want{"looped_outlines": 1, "bad_outlines": 1}, 0, 0},
		{"a spike", corners().way(90001, []int{at(0, 0), at(0, 2), at(2, 2), at(4, 4), at(2, 2), at(2, 0), at(0, 0)}, bld()...), want{"looped_outlines": 1}, 1, 744},
		{"a loop in an eight", corners().way(90001, []int{at(0, 0), at(0, 2), at(2, 2), at(2, 4), at(4, 4), at(4, 2), at(2, 2), at(2, 0), at(0, 0)}, bld()...),
			want{"looped_outlines": 1}, 2, 744},
		{"a keyhole", corners().way(90001, []int{at(0, 0), at(1, 1), at(1, 2), at(2, 2), at(2, 1), at(1, 1), at(0, 0), at(0, 4), at(4, 4), at(4, 0), at(0, 0)}, bld()...),
			want{"looped_outlines": 1}, 1, 15 * 186},
		{"crossing edges", corners().way(90001, []int{at(0, 0), at(0, 4), at(4, 1), at(4, 2), at(0, 0)}, bld()...), want{"looped_outlines": 1}, 1, 0},
		{"an open outline", corners().way(90001, squareOf(0, 0, 2)[:4], bld()...), want{"unclosed_outlines": 1}, 0, 0},
		{"repeated nodes in a row", corners().way(90001, []int{at(0, 0), at(0, 0), at(0, 2), at(2, 2), at(2, 2), at(2, 0), at(0, 0)}, bld()...), want{"looped_outlines": 0}, 1, 744},
		{"negative storeys", corners().way(90001, squareOf(0, 0, 2), bld("building:levels", "-3")...), want{"bad_levels": 1}, 1, 744},
		{"storeys in words", corners().way(90001, squareOf(0, 0, 2), bld("building:levels", "abc")...), want{"bad_levels": 1}, 1, 744},
		{"a billion storeys", corners().way(90001, squareOf(0, 0, 2), bld("building:levels", "1e9")...), want{"bad_levels": 1}, 1, 744},
		{"storeys under the roof in words", corners().way(90001, squareOf(0, 0, 2), bld("roof:levels", "attic")...), want{"bad_levels": 1}, 1, 744},
		{"flats in words", corners().way(90001, squareOf(0, 0, 2), bld("building:flats", "many")...), want{"bad_flats": 1}, 1, 744},
		{"an id twice", corners().node(800001, "13.1", "53.1").way(90001, squareOf(0, 0, 2), bld()...).way(90001, squareOf(0, 0, 4), bld()...),
			want{"repeated_objects": 2}, 1, 744},
		{"an empty relation", corners().relation(90001, nil, rel()...), want{"empty_relations": 1}, 0, 0},
		{"a relation of what is not there", corners().relation(90001, []string{"way 777 outer"}, rel()...), want{"incomplete_relations": 1}, 0, 0},
		{"a relation of itself", corners().relation(90001, []string{"relation 90001 outer"}, rel()...), want{"repeated_members": 1}, 0, 0},
		{"an unclosed relation", corners().way(90001, squareOf(0, 0, 2)[:3]).relation(90001, []string{"way 90001 outer"}, rel()...), want{"incomplete_relations": 1}, 0, 0},
		{"roles left empty", corners().way(90001, squareOf(0, 0, 4)).way(90002, squareOf(1, 1, 1)).relation(90001, []string{"way 90001", "way 90002"}, rel()...),
			want{"incomplete_relations": 0}, 1, 15 * 186},
		{"roles mixed up", corners().way(90001, squareOf(0, 0, 4)).way(90002, squareOf(1, 1, 1)).relation(90001, []string{"way 90001 inner", "way 90002 outer"}, rel()...),
			want{"incomplete_relations": 0}, 1, 15 * 186},
		{"an island in a court", corners().way(90001, squareOf(0, 0, 8)).way(90002, squareOf(1, 1, 4)).way(90003, squareOf(2, 2, 2)).
			relation(90001, []string{"way 90001 outer", "way 90002 inner", "way 90003 outer"}, rel()...), want{"incomplete_relations": 0}, 2, 744},
		{"two outers, one member twice", corners().way(90001, squareOf(0, 0, 2)).way(90002, squareOf(4, 4, 2)).
			relation(90001, []string{"way 90001 outer", "way 90002 outer", "way 90001 outer"}, rel()...), want{"repeated_members": 1}, 2, 744},
		{"rings that touch", corners().way(90001, append(squareOf(0, 0, 2)[:3], at(2, 4))).way(90002, []int{at(2, 4), at(4, 4), at(4, 2), at(2, 2), at(2, 0), at(0, 0)}).
			relation(90001, []string{"way 90001 outer", "way 90002 outer"}, rel()...), want{"incomplete_relations": 0}, 2, 744},
		{"a dead end", corners().way(90001, squareOf(0, 0, 2)).way(90002, []int{at(0, 0), at(5, 5)}).
			relation(90001, []string{"way 90002 outer", "way 90001 outer"}, rel()...), want{"incomplete_relations": 1}, 1, 744},
		{"a way and its relation tell the same", corners().way(90001, squareOf(0, 0, 4), bld()...).way(90002, squareOf(1, 1, 1), bld()...).
			relation(90001, []string{"way 90001 outer", "way 90002 inner"}, rel()...), want{}, 1, 15 * 186},
		{"tags on the outer way", corners().way(90001, squareOf(0, 0, 4), bld()...).way(90002, squareOf(1, 1, 1)).
			relation(90001, []string{"way 90001 outer", "way 90002 inner"}, "type", "multipolygon"), want{}, 1, 15 * 186},
		{"a building in a hole", corners().way(90001, squareOf(0, 0, 8), "landuse", "residential").way(90002, squareOf(1, 1, 2), bld()...).
			relation(90001, []string{"way 90001 outer", "way 90002 inner"}, "type", "multipolygon", "landuse", "residential"), want{}, 1, 744},
		{"a relation in a relation", corners().way(90001, squareOf(0, 0, 2)).relation(90002, []string{"way 90001"}, "type", "multilinestring").
			relation(90001, []string{"relation 90002 outer"}, rel()...), want{"incomplete_relations": 0}, 1, 744},
		{"parts of a building", corners().way(90001, squareOf(0, 0, 4), bld()...).way(90002, squareOf(0, 0, 2), "building:part", "yes", "building:levels", "9").
			way(90003, squareOf(5, 5, 2), "building:part", "yes"), want{"building_parts": 1, "building_parts_alone": 1}, 1, 16 * 186},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := strings.Replace(town(8), "</osm>", corners().b.String()+"</osm>", 1)
			clean := buildTown(t, base, Options{})
			text := strings.Replace(town(8), "</osm>", tt.dirt.b.String()+"</osm>", 1)
			c := buildTown(t, text, Options{})
			check(t, c)
			for k, n := range tt.counts {
				if c.Report.Counts[k] != n {
					t.Errorf("%s = %d, want %d", k, c.Report.Counts[k], n)
				}
			}
			for k, n := range c.Report.Counts { // nothing else is amiss
				_, told := tt.counts[k]
				if bad := strings.HasPrefix(k, "bad_") || strings.Contains(k, "incomplete") || strings.Contains(k, "repeated") || strings.Contains(k, "outlines"); bad && !told && n > 0 {
					t.Errorf("%s = %d, want none", k, n)
				}
			}
			ofMap := func(c *City) (n int64, last *Building) {
				for i := range c.Buildings {
					if c.Buildings[i].Ring != nil {
						n, last = n+1, &c.Buildings[i]
					}
				}
				return n, last
			}
			got, last := ofMap(c)
			if before, _ := ofMap(clean); got-before != tt.buildings {
				t.Fatalf("%d more buildings than without, want %d", got-before, tt.buildings)
			}
			if m2 := last.FloorM2 / last.Levels; tt.m2 > 0 && math.Abs(m2-tt.m2) > 0.02*tt.m2 {
				t.Errorf("footprint of %.0f m², want %.0f", m2, tt.m2)
			}
		})
	}
}

// Line ends of any system give the same city.
func TestLineEnds(t *testing.T) {
	unix := strings.ReplaceAll(town(6), "><", ">\n<")
	dos := strings.ReplaceAll(unix, "\n", "\r\n")
	if fingerprint(buildTown(t, unix, Options{})) != fingerprint(buildTown(t, dos, Options{})) {
		t.Error("CRLF gives another city than LF")
	}
}

// peak is the most heap that f has in use, to a few milliseconds.
func peak(f func()) (mib float64) {
	done, out := make(chan bool), make(chan float64)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base := m.HeapAlloc
	// The cities that other tests keep put off the collector: garbage of f is
	// let grow by 48 MiB, as if they were not there.
	defer debug.SetGCPercent(debug.SetGCPercent(int(min(100, 1+100*(48<<20)/max(base, 1)))))
	go func() {
		most := uint64(0)
		for {
			select {
			case <-done:
				out <- float64(most) / (1 << 20)
				return
			default:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc-min(base, m.HeapAlloc))
			}
		}
	}()
	f()
	done <- true
	return <-out
}

// zeros reads as n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Files that would unpack to gigabytes are errors before they do.
func TestBombs(t *testing.T) {
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	if _, err := io.WriteString(z, "<osm>"); err != nil {
		t.Fatal(err)
	}
	node := bytes.Repeat([]byte(`<node id="1" lon="1" lat="1"/>`), 1<<15)
	for range 1 << 6 { // 64 MB of nodes
		if _, err := z.Write(node); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}

	packed := func(raw io.Reader) []byte { // a blob of zlib data, behind a header block
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		if _, err := io.Copy(w, raw); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		g := newPBFGuard(context.Background(), nil, nil)
		g.write("OSMHeader", nil)
		blob := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), b.Bytes())
		head := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "OSMData")
		head = protowire.AppendVarint(protowire.AppendTag(head, 3, protowire.VarintType), uint64(len(blob)))
		out := binary.BigEndian.AppendUint32(g.out.Bytes(), uint32(len(head)))
		return append(append(out, head...), blob...)
	}
	claims := func(n uint64) []byte { // a header that promises n bytes
		g := newPBFGuard(context.Background(), nil, nil)
		g.write("OSMHeader", nil)
		head := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "OSMData")
		head = protowire.AppendVarint(protowire.AppendTag(head, 3, protowire.VarintType), n)
		return append(binary.BigEndian.AppendUint32(g.out.Bytes(), uint32(len(head))), head...)
	}
	strs := table("", "highway")
	ways := append(bytes.Clone(strs), field(2, bytes.Repeat(field(3, number(1, 7)), maxBlockObjects+1))...)
	refs := append(bytes.Clone(strs), field(2, field(3, append(number(1, 7), field(8, make([]byte, maxBlockEntries+1))...)))...)
	for _, tt := range []struct {
		name, ext, want string
		data            []byte
		mib             float64 // bound on the heap; the pbf decoder has 32 MiB from the start
	}{
		{"gzip of one node again and again", extGz, "which no map does", gz.Bytes(), 128},
		{"zlib of nothing but zeros", extPBF, "unpacks to more than", packed(zeros(64 << 20)), 192},
		{"a block that claims 2 GB", extPBF, "block of 2000000000 bytes, want at most", claims(2_000_000_000), 48},
		{"a block that claims 30 MB and ends", extPBF, "cut off", claims(30_000_000), 48},
		{"very many ways", extPBF, "ways and relations in a block", pbf(ways), 160},
		{"a way without end", extPBF, "tags, nodes and members in a block", pbf(refs), 128},
	} {
		var err error
		mib := peak(func() { _, err = readSource(context.Background(), bytes.NewReader(tt.data), tt.ext, 2) })
		t.Logf("%s: %d kB of input, heap %.0f MiB: %v", tt.name, len(tt.data)/1000, mib, err)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		if mib > tt.mib {
			t.Errorf("%s: %.0f MiB of heap, want at most %.0f", tt.name, mib, tt.mib)
		}
	}
}
