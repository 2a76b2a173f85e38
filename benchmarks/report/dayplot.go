package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/internal/svg"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// stop is a place of one person's day with all the stays there.
type stop struct {
	Numbers string // of the stays, in order of the day: "1, 5"
	Kind    string
	Times   string // "00:00–07:40, 17:30–24:00"
	Group   string // of kinds, which decides the colour
	at      geo.XY
}

// kindGroup sorts activity kinds into the few colours of the day's pictures.
func kindGroup(kind string) string {
	switch dataset.Category(kind) {
	case dataset.ActHome, dataset.ActWork:
		return kind
	case dataset.Kindergarten, dataset.School, dataset.University:
		return "learning"
	case dataset.Shop, dataset.DepartmentStore, dataset.Salon:
		return "errand"
	}
	return "other"
}

// words turns an identifier of the data into words.
func words(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }

// until is the local time at which a stay ends; the day ends at 24:00.
func until(a benchmarks.ExampleActivity) string {
	if a.To == "00:00" && a.End > a.Start {
		return "24:00"
	}
	return a.To
}

// samePlace is how far apart in metres stays may lie to be one stop on the map.
const samePlace = 40

// stops gathers the stays of a day by place, in order of first arrival.
func stops(acts []benchmarks.ExampleActivity, proj geo.Projection) []stop {
	var out []stop
	for i, a := range acts {
		at, number, times := proj.XY(orb.Point{a.Lon, a.Lat}), strconv.Itoa(i+1), a.From+"–"+until(a)
		j := slices.IndexFunc(out, func(s stop) bool { return s.Kind == words(a.Kind) && s.at.Dist(at) < samePlace })
		if j < 0 {
			out = append(out, stop{number, words(a.Kind), times, kindGroup(a.Kind), at})
			continue
		}
		out[j].Numbers += ", " + number
		out[j].Times += ", " + times
	}
	return out
}

// drawDay is one person's day on the map (Lin, Shen & Teng 2021, figure 2):
// the true trips between numbered stays, and the cells that the network saw.
func drawDay(m *dataset.Map, e *benchmarks.Example) (template.HTML, []stop) {
	proj := m.Projection()
	list := stops(e.Activities, proj)
	var pts []geo.XY
	for _, s := range list {
		pts = append(pts, s.at)
	}
	for _, ev := range e.Events {
		pts = append(pts, proj.XY(orb.Point{ev.Lon, ev.Lat}))
	}
	lo, hi := citymap.Around(pts, 0)
	margin := max(300, 0.14*max(hi.X-lo.X, hi.Y-lo.Y))
	lo, hi = citymap.Around(pts, margin)
	f := frame{citymap.Fit(proj, lo, hi, 560, 560)}
	d := svg.NewDrawing(f.W, f.H, "map day", "One synthetic person's day", "Numbered stays, true trips, and the cells that recorded the phone")
	d.Rect(0, 0, f.W, f.H, "paper")
	d.Open("g", "class", "faded")
	f.LandUse(d, m)
	f.Roads(d, m, roadBudget)
	d.Close("g")
	f.sightings(d, e.Events)
	f.stops(d, list, f.trips(d, e.Trips))
	f.ScaleBar(d)
	f.Credit(d, m)
	d.Rect(0.5, 0.5, f.W-1, f.H-1, "map-frame")
	return d.Done(), list
}

// sightings draws what the network saw: the serving cells' centres in order,
// each a disc whose area grows with its number of records.
func (f frame) sightings(d *svg.Drawing, events []benchmarks.ExampleEvent) {
	var line []orb.Point
	var cells []orb.Point
	var n []int
	for _, ev := range events {
		q := f.At(orb.Point{ev.Lon, ev.Lat})
		line = append(line, q)
		if i := slices.Index(cells, q); i >= 0 {
			n[i]++
			continue
		}
		cells, n = append(cells, q), append(n, 1)
	}
	var p svg.Path
	p.Add(line, false)
	if !p.Empty() {
		d.El("path", "class", "seen", "d", p.String())
	}
	for i, q := range cells {
		d.Open("circle", "cx", svg.Num(q[0]), "cy", svg.Num(q[1]), "r", svg.Num(2.5+math.Sqrt(float64(n[i]))), "class", "seen-cell")
		d.Tip(fmt.Sprintf("%d records", n[i]))
		d.Close("circle")
	}
}

// trips draws the true movements with an arrow at the middle of each, and
// returns what they cover.
func (f frame) trips(d *svg.Drawing, trips []benchmarks.ExampleTrip) (taken []box) {
	for _, t := range trips {
		a, b := f.At(orb.Point{t.FromLon, t.FromLat}), f.At(orb.Point{t.ToLon, t.ToLat})
		dx, dy := b[0]-a[0], b[1]-a[1]
		length := math.Hypot(dx, dy)
		if length < 1 {
			continue
		}
		// A return trip runs beside the trip out: both bend to their right.
		bend := min(18, 0.12*length)
		ux, uy := dx/length, dy/length
		cx, cy := (a[0]+b[0])/2-float64(uy*2*bend), (a[1]+b[1])/2+float64(ux*2*bend)
		d.Open("path", "class", "trip", "d", "M"+svg.Num(a[0])+" "+svg.Num(a[1])+"Q"+svg.Num(cx)+" "+svg.Num(cy)+" "+svg.Num(b[0])+" "+svg.Num(b[1]))
		d.Tip(words(t.Mode) + " to " + words(t.Purpose))
		d.Close("path")
		for s := 0.0; s <= 1; s += 10 / max(length, 20) {
			u := 1 - s
			x := float64(u*u*a[0]) + float64(2*u*s*cx) + float64(s*s*b[0])
			y := float64(u*u*a[1]) + float64(2*u*s*cy) + float64(s*s*b[1])
			taken = append(taken, box{x - 3, y - 3, 6, 6})
		}
		if length > 24 {
			mx, my := (a[0]+b[0])/2-float64(uy*bend), (a[1]+b[1])/2+float64(ux*bend)
			at := func(along, across float64) string {
				return svg.Num(mx+float64(ux*along)-float64(uy*across)) + " " + svg.Num(my+float64(uy*along)+float64(ux*across))
			}
			d.El("path", "class", "arrow", "d", "M"+at(6, 0)+"L"+at(-4, 4.5)+"L"+at(-4, -4.5)+"z")
		}
	}
	return taken
}

// stops draws the numbered places of the day with their names and times,
// which keep clear of what is taken. Number plates of neighbouring places move
// apart; a dot then marks the place itself.
func (f frame) stops(d *svg.Drawing, list []stop, taken []box) {
	plates := make([]box, len(list))
	for i, s := range list {
		q, w := f.XY(s.at), max(20, textWidth(s.Numbers, 12)+10)
		plates[i] = box{q[0] - w/2, q[1] - 10, w, 20}
	}
	spread(plates, box{4, 4, f.W - 8, f.H - 8})
	obstacles := append(taken, plates...)
	obstacles = append(obstacles, box{0, f.H - 48, 150, 48}, box{f.W - 230, f.H - 24, 230, 24})
	var labels []label
	for i, s := range list {
		p := plates[i]
		labels = append(labels, label{lines: []string{s.Kind, s.Times}, size: 14.5, x: p.x + p.w/2, y: p.y + 10, gap: p.w/2 + 3})
		if q := f.XY(s.at); math.Hypot(q[0]-p.x-p.w/2, q[1]-p.y-10) > 3 {
			d.Line(q[0], q[1], p.x+p.w/2, p.y+10, "leader dark")
			d.Circle(q[0], q[1], 3, "place k-"+s.Group)
		}
	}
	places := placeLabels(labels, obstacles, box{4, 4, f.W - 8, f.H - 8})
	for i, b := range places {
		if x, y, need := leader(labels[i], b); need {
			d.Line(labels[i].x, labels[i].y, x, y, "leader dark")
		}
	}
	for i, s := range list {
		p, b := plates[i], places[i]
		d.Rect(p.x, p.y, p.w, p.h, "badge k-"+s.Group, "rx", "10")
		d.Text(p.x+p.w/2, p.y+14.2, "badge-text", s.Numbers, "text-anchor", "middle")
		d.Text(b.x, b.y+13.5, "stop-name", s.Kind)
		d.Text(b.x, b.y+28.5, "stop-times", s.Times)
	}
}

// drawStrip is the day as a band of activities with a tick for every record
// below: when the phone spoke.
func drawStrip(e *benchmarks.Example) template.HTML {
	midnight, ok := midnightOf(e)
	if !ok {
		return ""
	}
	const w, left = 560.0, 4.0
	d := svg.NewDrawing(w, 92, "strip", "The day hour by hour", "Activities above, one tick for every signaling record below")
	x := scale{0, 86400, left, w - left}
	at := func(t uint32) float64 { return x.at(float64(t) - float64(midnight)) }
	for _, a := range e.Activities {
		from, to := at(a.Start), at(a.End)
		if to-from < 0.1 {
			continue
		}
		d.Open("g")
		d.Tip(words(a.Kind) + " " + a.From + "–" + until(a))
		d.Rect(from, 6, to-from, 30, "act k-"+kindGroup(a.Kind))
		if name := words(a.Kind); textWidth(name, 12) < to-from-6 {
			d.Text((from+to)/2, 25, "act-text", name, "text-anchor", "middle")
		}
		d.Close("g")
	}
	var ticks svg.Path
	for _, ev := range e.Events {
		ticks.Add([]orb.Point{{at(ev.Time), 44}, {at(ev.Time), 58}}, false)
	}
	d.El("path", "class", "event-tick", "d", ticks.String())
	d.Line(left, 64, w-left, 64, "axis-line")
	for h := 0; h <= 24; h += 3 {
		v := x.at(float64(h) * 3600)
		d.Line(v, 64, v, 69, "axis-line")
		if h%6 != 0 {
			continue
		}
		anchor := "middle"
		switch h {
		case 0:
			anchor = "start"
		case 24:
			anchor = "end"
		}
		d.Text(v, 83, "tick", fmt.Sprintf("%02d:00", h), "text-anchor", anchor)
	}
	return d.Done()
}

// midnightOf is the Unix second at which the example's local day began, from
// the first record or stay whose local clock is told.
func midnightOf(e *benchmarks.Example) (uint32, bool) {
	for _, ev := range e.Events {
		var h, m, s uint32
		if n, _ := fmt.Sscanf(ev.Clock, "%d:%d:%d", &h, &m, &s); n == 3 && h*3600+m*60+s <= ev.Time {
			return ev.Time - h*3600 - m*60 - s, true
		}
	}
	return 0, false
}
