package synthcity

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"github.com/paulmach/osm"
)

// WriteXML writes the city as OpenStreetMap XML 0.6: bounds, then nodes, ways
// and relations by ascending id, every version and time stamp the same.
func (c *City) WriteXML(w io.Writer) error {
	x := xmlWriter{w: bufio.NewWriterSize(w, 1<<16)}
	b := c.Bounds()
	x.text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<osm version=\"0.6\" generator=\"sigcity\">\n")
	x.text(fmt.Sprintf("<bounds minlat=\"%.7f\" minlon=\"%.7f\" maxlat=\"%.7f\" maxlon=\"%.7f\"/>\n", b.Min[1], b.Min[0], b.Max[1], b.Max[0]))
	for i, n := range c.nodes {
		x.open("node", i)
		x.text("\" lat=\"")
		x.degrees(n.lat)
		x.text("\" lon=\"")
		x.degrees(n.lon)
		tags := c.nodeTags[int32(i)]
		if len(tags) == 0 {
			x.text("\"/>\n")
			continue
		}
		x.text("\">\n")
		x.close("node", tags)
	}
	for i := range c.ways {
		w := &c.ways[i]
		x.open("way", i)
		x.text("\">\n")
		for _, r := range c.refs[w.first:w.end] {
			x.text("<nd ref=\"")
			x.number(int64(r) + 1)
			x.text("\"/>\n")
		}
		x.close("way", w.tags)
	}
	for i := range c.rels {
		x.open("relation", i)
		x.text("\">\n")
		for _, m := range c.rels[i].Members {
			x.text("<member type=\"" + string(m.Type) + "\" ref=\"")
			x.number(m.Ref)
			x.text("\" role=\"" + m.Role + "\"/>\n")
		}
		x.close("relation", c.rels[i].Tags)
	}
	x.text("</osm>\n")
	return x.w.Flush()
}

// xmlWriter leaves errors to the last Flush, which reports the first of them.
type xmlWriter struct {
	w   *bufio.Writer
	buf []byte
}

func (x *xmlWriter) text(s string) { _, _ = x.w.WriteString(s) }

func (x *xmlWriter) number(n int64) {
	x.buf = strconv.AppendInt(x.buf[:0], n, 10)
	_, _ = x.w.Write(x.buf)
}

// degrees writes 1e-7 degrees with all seven decimals, exactly.
func (x *xmlWriter) degrees(v int32) {
	n := int64(v)
	if n < 0 {
		x.text("-")
		n = -n
	}
	x.number(n / 1e7)
	x.buf = strconv.AppendInt(x.buf[:0], 1e7+n%1e7, 10)
	x.buf[0] = '.'
	_, _ = x.w.Write(x.buf)
}

func (x *xmlWriter) open(kind string, index int) {
	x.text("<" + kind + " id=\"")
	x.number(int64(index) + 1)
	x.text("\" version=\"1\" timestamp=\"" + stamp)
}

func (x *xmlWriter) close(kind string, tags osm.Tags) {
	for _, t := range tags {
		x.text("<tag k=\"")
		_ = xml.EscapeText(x.w, []byte(t.Key))
		x.text("\" v=\"")
		_ = xml.EscapeText(x.w, []byte(t.Value))
		x.text("\"/>\n")
	}
	x.text("</" + kind + ">\n")
}
