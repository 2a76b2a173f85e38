package diary

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/internal/svg"
)

// Day is a picture of one day: the true stays and ways on the map, the sites
// whose cells are in the records, and the hours below. What is true is in
// colour, what the network saw is grey.
type Day struct {
	*Diary
	Map   *dataset.Map
	Cells []dataset.Cell // by area
}

const (
	roadBudget = 70_000 // bytes of roads
	mapTop     = 54.0
	mapMost    = 620.0 // height
	aside      = 2.2   // by how much a way is drawn right of its line, so that there and back are two
)

// WriteSVG writes the picture.
func (p Day) WriteSVG(w io.Writer) error {
	picture, err := p.draw()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, picture)
	return err
}

func (p Day) draw() (string, error) {
	for _, r := range p.Records {
		if int(r.Area) >= len(p.Cells) {
			return "", fmt.Errorf("a record names cell %d of %d", r.Area, len(p.Cells))
		}
	}
	courses := make([][]dataset.Fix, len(p.Trips))
	for i := range p.Trips {
		var err error
		if courses[i], err = p.Roads.Course(nil, &p.Trips[i]); err != nil {
			return "", err
		}
	}
	f := p.frame(courses)
	strip := mapTop + f.H + 26
	keys := strip + 162
	c := p.newCanvas(0, "", "") // measures the legend
	signs := slices.Concat(c.modeSigns(), c.kindSigns(), p.networkSigns(f))
	date := p.local(p.Cal.Start(p.First)).Format("Monday 2006-01-02")
	c = p.newCanvas(c.signs(keys, signs, false)+2, date+": "+p.Who(), "Stays and ways on the map, sites whose cells are in the records, and the hours of the day")
	c.Text(12, 22, "h", date+": "+p.Who())
	c.Text(12, 42, "s", fmt.Sprintf("SIM %d: %d records in %d cells. Colours: the truth. Grey: what the network recorded.", p.User, len(p.Records), len(c.rank)))
	c.Open("svg", "x", "0", "y", svg.Num(mapTop), "width", svg.Num(f.W), "height", svg.Num(f.H), "viewBox", "0 0 "+svg.Num(f.W)+" "+svg.Num(f.H)) // cuts off what leaves the map
	c.Rect(0, 0, f.W, f.H, "paper")
	c.Open("g", "class", "base")
	f.LandUse(c.Drawing, p.Map)
	f.Roads(c.Drawing, p.Map, roadBudget)
	c.Close("g")
	if err := p.network(c, f); err != nil {
		return "", err
	}
	taken := p.ways(c, f, courses)
	p.places(c, f, taken)
	f.ScaleBar(c.Drawing)
	f.Credit(c.Drawing, p.Map)
	c.Rect(0.5, 0.5, f.W-1, f.H-1, "mapframe")
	c.Close("svg")
	p.hours(c, strip)
	c.signs(keys, signs, true)
	return string(c.Done()), nil
}

// frame is the map around where the person was, and the sites nearby.
func (p Day) frame(courses [][]dataset.Fix) citymap.Frame {
	proj := p.Map.Projection()
	var pts []geo.XY
	for _, a := range p.Activities {
		pts = append(pts, proj.XY(orb.Point{a.Lon, a.Lat}))
	}
	for _, course := range courses {
		for _, x := range course {
			pts = append(pts, proj.XY(x.Point))
		}
	}
	lo, hi := citymap.Around(pts, 0)
	near := max(400, 0.35*max(hi.X-lo.X, hi.Y-lo.Y))
	for _, r := range p.Records {
		q := proj.XY(p.Cells[r.Area].Antenna)
		if q.X > lo.X-near && q.X < hi.X+near && q.Y > lo.Y-near && q.Y < hi.Y+near {
			pts = append(pts, q)
		}
	}
	lo, hi = citymap.Around(pts, 0)
	lo, hi = citymap.Around(pts, max(150, 0.09*max(hi.X-lo.X, hi.Y-lo.Y)))
	return citymap.Fit(proj, lo, hi, width, mapMost)
}

// inside reports whether a point is on the map.
func inside(f citymap.Frame, q orb.Point) bool {
	return q[0] > 0 && q[1] > 0 && q[0] < f.W && q[1] < f.H
}

// network draws the cells of the records: outlines of what they serve, a line
// from each true position to the site, and a beam that grows with its records.
func (p Day) network(c *canvas, f citymap.Frame) error {
	cells, _ := p.Diary.Cells()
	for _, u := range cells {
		var path svg.Path
		f.Ring(&path, p.Cells[u.Area].Footprint)
		c.Shape("foot", "", &path)
	}
	type sight struct {
		from, to orb.Point
		n        int
	}
	type key struct {
		x, y int
		area sigcity.AreaID
	}
	index := map[key]int{}
	var sights []sight
	for _, r := range p.Records {
		at, stay, trip, err := p.At(r.Time)
		if err != nil {
			return err
		}
		if stay == nil && trip == nil {
			continue
		}
		q := f.At(at)
		k := key{int(math.Round(q[0])), int(math.Round(q[1])), r.Area}
		i, ok := index[k]
		if !ok {
			i = len(sights)
			index[k] = i
			sights = append(sights, sight{from: q, to: f.At(p.Cells[r.Area].Antenna)})
		}
		sights[i].n++
	}
	for _, s := range sights {
		c.Line(s.from[0], s.from[1], s.to[0], s.to[1], "sight", "stroke-width", svg.Num(min(0.7+0.35*math.Sqrt(float64(s.n-1)), 3)))
	}
	for _, u := range cells {
		cell := p.Cells[u.Area]
		var path svg.Path
		wedge(&path, f.At(cell.Antenna), cell.Azimuth, halfBeam(cell), beamLength(u.Records))
		c.Shape("beam", fmt.Sprintf("cell %d: %s, %d records", c.rank[u.Area], cell.Name, u.Records), &path)
	}
	for _, u := range cells {
		cell := p.Cells[u.Area]
		q := f.At(cell.Antenna)
		c.Circle(q[0], q[1], 2.4, "mast")
	}
	return nil
}

// beamLength makes the areas of beams grow with their records.
func beamLength(records int) float64 { return min(7*math.Sqrt(1+float64(records)), 64) }

func halfBeam(c dataset.Cell) float64 {
	if c.BeamDeg >= 360 {
		return 180
	}
	return max(c.BeamDeg/2, 12)
}

// wedge adds a slice of a disc around an azimuth in degrees.
func wedge(p *svg.Path, at orb.Point, azimuth, half, r float64) {
	const facets = 12
	var ring []orb.Point
	if half < 180 {
		ring = append(ring, at)
	}
	for k := range facets + 1 {
		sin, cos := math.Sincos((azimuth - half + float64(2*half*float64(k)/facets)) * math.Pi / 180)
		ring = append(ring, orb.Point{at[0] + float64(r*sin), at[1] - float64(r*cos)})
	}
	p.Add(ring, true)
}

// ways draws the true trips, each a little to the right of where it led, with
// an arrow; it returns what they cover.
func (p Day) ways(c *canvas, f citymap.Frame, courses [][]dataset.Fix) (taken []box) {
	lines := make([]orb.LineString, len(courses))
	for i, course := range courses {
		var line orb.LineString
		for _, x := range course {
			if q := f.At(x.Point); len(line) == 0 || q != line[len(line)-1] {
				line = append(line, q)
			}
		}
		lines[i] = beside(simplify.DouglasPeucker(0.6).LineString(line), aside)
		var path svg.Path
		path.Add(lines[i], false)
		c.Shape("casing", "", &path)
	}
	for i, m := range p.Trips {
		var path svg.Path
		path.Add(lines[i], false)
		c.Shape("trip "+modeClass(m.Mode), fmt.Sprintf("%s to %s %s, %.1f km", words(m.Mode), words(m.Purpose), p.span(m.Start, m.End), m.DistanceM/1000), &path)
		along(lines[i], 9, func(q, _ orb.Point) { taken = append(taken, box{q[0] - 3, q[1] - 3, 6, 6}) })
		length := 0.0
		along(lines[i], 1, func(orb.Point, orb.Point) { length++ })
		if length < 30 {
			continue
		}
		every := length / (1 + math.Floor(length/220))
		seen := 0
		along(lines[i], every/2, func(q, u orb.Point) {
			if seen++; seen%2 == 0 { // in the middle of each stretch
				arrow(c, q, u, "way "+modeClass(m.Mode))
			}
		})
	}
	return taken
}

func arrow(c *canvas, q, u orb.Point, class string) {
	at := func(along, across float64) orb.Point {
		return orb.Point{q[0] + float64(u[0]*along) - float64(u[1]*across), q[1] + float64(u[1]*along) + float64(u[0]*across)}
	}
	var p svg.Path
	p.Add([]orb.Point{at(8, 0), at(-4, 5.5), at(-4, -5.5)}, true)
	c.Shape(class, "", &p)
}

// beside moves a line to its right (y grows downwards).
func beside(line orb.LineString, by float64) orb.LineString {
	out := make(orb.LineString, len(line))
	for i := range line {
		a, b := line[max(i-1, 0)], line[min(i+1, len(line)-1)]
		n := max(math.Hypot(b[0]-a[0], b[1]-a[1]), 1e-9)
		out[i] = orb.Point{line[i][0] - float64(by*(b[1]-a[1])/n), line[i][1] + float64(by*(b[0]-a[0])/n)}
	}
	return out
}

// along calls f every so many units along a line with the point and the
// direction there.
func along(line orb.LineString, step float64, f func(q, u orb.Point)) {
	next := 0.0
	passed := 0.0
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := math.Hypot(b[0]-a[0], b[1]-a[1])
		if d == 0 {
			continue
		}
		u := orb.Point{(b[0] - a[0]) / d, (b[1] - a[1]) / d}
		for ; next <= passed+d; next += step {
			f(orb.Point{a[0] + float64(u[0]*(next-passed)), a[1] + float64(u[1]*(next-passed))}, u)
		}
		passed += d
	}
}

// hours draws the time strip.
func (p Day) hours(c *canvas, y float64) {
	c.axis(y-4, y+124)
	c.Text(12, y+18, "", "truth")
	c.truth(p.First, y, 28)
	y += 38
	for _, l := range lanes() {
		n := c.ticks(p.First, y, 11, func(e sigcity.Event) bool { return slices.Contains(l.events, e) })
		c.Text(12, y+9.5, "s", fmt.Sprintf("%s (%d)", l.name, n))
		y += 15
	}
	c.Text(12, y+17, "", "cell")
	c.cellBar(p.First, y+3, 20)
}

// networkSigns is the part of the legend about the records.
func (p Day) networkSigns(f citymap.Frame) []sign {
	out := []sign{
		{"beam", "", "site and sector in the records, area by their number (1 = most)"},
		{"sight", "", "from where the person was to the site"}, {"foot", "", "area where the cell is the strongest"},
	}
	off := 0
	for _, r := range p.Records {
		if !inside(f, f.At(p.Cells[r.Area].Antenna)) {
			off++
		}
	}
	if off > 0 {
		out = append(out, sign{"", "", fmt.Sprintf("%d records are of sites off the map", off)})
	}
	return out
}

// stop is a place of the day with all stays there.
type stop struct {
	look
	name  string
	at    orb.Point
	times []string
}

// samePlace is how far apart in user units stays of a kind are one stop.
const samePlace = 4

// stops are the places of the day in order of first arrival.
func (p Day) stops(f citymap.Frame) []stop {
	var out []stop
	for _, a := range p.Activities {
		q, name, time := f.At(orb.Point{a.Lon, a.Lat}), words(a.Kind), p.span(a.Start, a.End)
		i := slices.IndexFunc(out, func(s stop) bool {
			return s.name == name && math.Hypot(s.at[0]-q[0], s.at[1]-q[1]) < samePlace
		})
		if i < 0 {
			out = append(out, stop{lookOf(a.Kind), name, q, []string{time}})
			continue
		}
		out[i].times = append(out[i].times, time)
	}
	return out
}

// box is a rectangle of the picture.
type box struct{ x, y, w, h float64 }

// overlap is the area that two have in common.
func (b box) overlap(o box) float64 {
	w, h := min(b.x+b.w, o.x+o.w)-max(b.x, o.x), min(b.y+b.h, o.y+o.h)-max(b.y, o.y)
	return max(w, 0) * max(h, 0)
}

// places draws the stops with names and times and the numbers of cells, each
// where it covers least.
func (p Day) places(c *canvas, f citymap.Frame, taken []box) {
	stops := p.stops(f)
	taken = append(taken, box{0, f.H - 46, 270, 46}, box{f.W - 260, f.H - 22, 260, 22})
	for _, s := range stops {
		taken = append(taken, box{s.at[0] - 8, s.at[1] - 8, 16, 16})
	}
	cells, _ := p.Diary.Cells()
	cells = cells[:min(len(cells), topCells)]
	numbers := make([]box, len(cells))
	for i, u := range cells { // on the beam, where they cover least
		cell := p.Cells[u.Area]
		sin, cos := math.Sincos(cell.Azimuth * math.Pi / 180)
		q, r := f.At(cell.Antenna), 0.7*beamLength(u.Records)
		numbers[i] = place(orb.Point{q[0] + float64(r*sin), q[1] - float64(r*cos)}, 9, 13, f, taken, 0, 6, 13)
		taken = append(taken, numbers[i])
	}
	labels := make([]box, len(stops))
	for i, s := range stops {
		w := textWidth(s.name, 14)
		for _, t := range s.times {
			w = max(w, textWidth(t, 13))
		}
		labels[i] = place(s.at, w, 16*float64(len(s.times)+1)+2, f, taken, 11, 24, 44, 70)
		taken = append(taken, labels[i])
	}
	for i, s := range stops {
		b := labels[i]
		x, y := min(max(s.at[0], b.x), b.x+b.w), min(max(s.at[1], b.y), b.y+b.h)
		if math.Hypot(x-s.at[0], y-s.at[1]) > 12 {
			c.Line(s.at[0], s.at[1], x, y, "lead")
		}
	}
	for i, s := range stops {
		c.Circle(s.at[0], s.at[1], 8.5, "place k-"+s.class)
		c.Text(s.at[0], s.at[1]+4, "letter k-"+s.class, string(s.letter))
		b := labels[i]
		c.Text(b.x, b.y+13, "halo name", s.name)
		for k, t := range s.times {
			c.Text(b.x, b.y+13+16*float64(k+1), "halo", t)
		}
	}
	for i, b := range numbers {
		c.Text(b.x+b.w/2, b.y+11, "rank", strconv.Itoa(i+1))
	}
}

// place finds the box of w × h around a point that covers least of what is
// taken, of equals the nearest and first; gaps are the distances to try.
func place(at orb.Point, w, h float64, f citymap.Frame, taken []box, gaps ...float64) box {
	type option struct {
		box
		cost float64
	}
	var all []option
	for ring, gap := range gaps {
		for k := range 16 {
			sin, cos := math.Sincos(float64(k)*math.Pi/8 + math.Pi/2)
			b := box{at[0] + float64((gap+w/2)*sin) - w/2, at[1] - float64((gap+h/2)*cos) - h/2, w, h}
			cost := float64(ring) * 40
			for _, t := range taken {
				cost += b.overlap(t)
			}
			out := max(4-b.x, 0) + max(b.x+w-f.W+4, 0) + max(4-b.y, 0) + max(b.y+h-f.H+4, 0)
			all = append(all, option{b, cost + out*1000})
		}
	}
	return slices.MinFunc(all, func(a, b option) int { return cmp.Compare(a.cost, b.cost) }).box
}
