package network

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/geo"
)

func load(t testing.TB, path string, opt Options) *City {
	t.Helper()
	c, err := Load(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fingerprint hashes everything of a City.
func fingerprint(c *City) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%v %v %v %v", c.Name, c.Proj, c.Bounds, c.TimeZone)
	for _, part := range []any{c.Buildings, c.Places, c.Communities, c.Roads, c.LandUse, c.Lines, c.Stops, c.Hubs, c.Sites, c.Cells, c.Operators, c.Report} {
		fmt.Fprintf(h, "%v", part)
	}
	g := c.Graph()
	for _, part := range []any{g.Pos, g.edges, g.points, g.first, g.arcs, g.times} {
		fmt.Fprintf(h, "%v", part)
	}
	for _, m := range c.coverages() {
		fmt.Fprint(h, m.min, m.block, m.cols, m.level, m.start, m.candidates)
	}
	return h.Sum64()
}

// coverages are all rasters of a city.
func (c *City) coverages() (out []*coverage) {
	for op := range c.radio.ops {
		a := &c.radio.ops[op]
		out = append(out, &a.macro.coverage, &a.nr.coverage, &a.indoor, &a.metro, &a.corridor)
	}
	return out
}

// town is a small town as OSM XML: a grid of side × side residential streets
// 100 m apart, about a square kilometre for side 10, with a house every 25 m
// along the first of them, a kindergarten and a mast.
func town(side int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><osm version="0.6">`)
	const lon, lat, step = 13.0, 53.0, 0.001
	id := func(i, j int) int { return i*(side+1) + j + 1 }
	for i := range side + 1 {
		for j := range side + 1 {
			fmt.Fprintf(&b, `<node id="%d" lon="%.6f" lat="%.6f"/>`, id(i, j), lon+float64(i)*step*1.6, lat+float64(j)*step)
		}
	}
	node := (side + 1) * (side + 1)
	way := 0
	street := func(n1, n2 int) {
		way++
		fmt.Fprintf(&b, `<way id="%d"><nd ref="%d"/><nd ref="%d"/><tag k="highway" v="residential"/></way>`, way, n1, n2)
	}
	var ways strings.Builder
	for i := range side * 4 {
		x, y := lon+float64(i)*step*0.4+0.0001, lat+0.0002
		fmt.Fprintf(&ways, `<way id="%d">`, 10_000+i)
		for k, d := range [][2]float64{{0, 0}, {0.00016, 0}, {0.00016, 0.0001}, {0, 0.0001}} {
			fmt.Fprintf(&b, `<node id="%d" lon="%.7f" lat="%.7f"/>`, node+4*i+k+1, x+d[0], y+d[1])
			fmt.Fprintf(&ways, `<nd ref="%d"/>`, node+4*i+k+1)
		}
		fmt.Fprintf(&ways, `<nd ref="%d"/><tag k="building" v="house"/></way>`, node+4*i+1)
	}
	fmt.Fprintf(&b, `<node id="900001" lon="%.6f" lat="%.6f"><tag k="amenity" v="kindergarten"/><tag k="name" v="Spatzen"/></node>`, lon+step, lat+step)
	fmt.Fprintf(&b, `<node id="900002" lon="%.6f" lat="%.6f"><tag k="man_made" v="mast"/><tag k="tower:type" v="communication"/></node>`, lon+2*step, lat+2*step)
	for i := range side {
		for j := range side + 1 {
			street(id(i, j), id(i+1, j))
			street(id(j, i), id(j, i+1))
		}
	}
	b.WriteString(ways.String())
	b.WriteString(`</osm>`)
	return b.String()
}

func buildTown(t testing.TB, text string, opt Options) *City {
	t.Helper()
	src, err := readSource(context.Background(), strings.NewReader(text), extXML, 1)
	if err != nil {
		t.Fatal(err)
	}
	c, err := build(context.Background(), src, opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func centerOf(c *City) geo.XY { return c.Proj.XY(c.Bounds.Center()) }
