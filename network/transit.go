package network

import (
	"cmp"
	"slices"

	"github.com/paulmach/osm"

	"github.com/sigcity/sigcity/geo"
)

// lineMaker turns routes into lines.
type lineMaker struct {
	*builder
	runsOf map[int64][][]int32 // of ways seen so far
	stops  *stopSet
	points int // stitched of all lines so far
	work   int // of threading so far, points × stops
	twins  map[string]bool
	ends   map[string][2]geo.XY // of the routes so far, by twinKey
}

// transit makes the lines, stops and hubs of the map's routes. It invents
// lines only where the options ask for it: else a map without routes has none,
// and the report says so.
func (b *builder) transit() error {
	m := &lineMaker{builder: b, runsOf: map[int64][][]int32{}, stops: newStopSet(), twins: map[string]bool{}, ends: map[string][2]geo.XY{}}
	for i := range b.src.routes {
		if k := twinKey(b.src.routes[i].tags, false); k != "" {
			m.twins[k] = true
		}
	}
	for i := range b.src.routes {
		m.route(&b.src.routes[i])
	}
	if b.opt.InventLines {
		if err := m.inventLines(); err != nil {
			return err
		}
	}
	b.city.Stops = m.stops.stops
	b.hubs()
	b.city.transit = newTransit(b.city.Lines, b.city.Stops)
	for _, l := range b.city.Lines {
		b.add("lines_"+l.Mode.String(), 1)
		if l.Estimated {
			b.add("headways_estimated", 1)
		}
		if l.Airport {
			b.add("lines_airport", 1)
		}
	}
	b.add("stops", int64(len(b.city.Stops)))
	for _, s := range b.city.Stops {
		if s.Invented {
			b.add("stops_invented", 1)
		}
	}
	for _, h := range b.city.Hubs {
		b.add("hubs_"+h.Kind.String(), 1)
	}
	switch n := len(b.city.Lines); {
	case n == 0:
		b.warn("public transport: the map has no lines (%d routes, none with two stops inside); nobody rides", len(b.src.routes))
	case b.city.Report.Counts["headways_estimated"] > b.city.Report.Counts["lines_invented"]:
		n -= int(b.city.Report.Counts["lines_invented"])
		b.warn("public transport: headways of %d of %d lines are standards of their mode, the map tells none",
			b.city.Report.Counts["headways_estimated"]-b.city.Report.Counts["lines_invented"], n)
	}
	return nil
}

// route makes the line of a route, or its two.
func (m *lineMaker) route(r *relation) {
	if len(r.members) == 0 {
		m.add("routes_empty", 1)
		return
	}
	mode, _ := routeMode(r.tags.get("route"))
	if !m.src.bothWays(r, m.twins) {
		m.direction(r, mode, false, false)
		return
	}
	m.direction(r, mode, true, false)
	m.direction(r, mode, true, true)
}

// direction makes the line of one direction of a route. Of a route that
// stands for both, members of the other direction are left out and the order
// of its stops is not relied on.
func (m *lineMaker) direction(r *relation, mode LineMode, both, backward bool) {
	pieces, lost := m.pieces(r, mode, both, backward)
	halts := m.halts(r, both, backward)
	loose, cutOff := both, false
	if len(halts) < 2 && r.tags.get("route") != "railway" {
		halts = m.haltsAlong(m.stitched(pieces), mode)
		loose, cutOff = false, lost > 0
	}
	if len(halts) < 2 {
		if !backward {
			m.add("routes_without_stops", 1)
		}
		return
	}
	halts, whole := insideRun(halts)
	if len(halts) < 2 {
		if !backward {
			m.add("routes_outside", 1)
		}
		return
	}
	if cutOff || !whole {
		m.add("lines_clipped", 1)
	}
	halts = slices.Clone(halts)
	if !both && m.likeTwin(r.tags, halts) {
		slices.Reverse(pieces)
		slices.Reverse(halts)
	}
	m.line(r, mode, pieces, halts, loose, whole && lost == 0)
}

// likeTwin reports whether the route back lists its stops in the same order as
// the route there: a copy that was never turned round.
func (m *lineMaker) likeTwin(t tags, halts []halt) bool {
	key := twinKey(t, false)
	if key == "" {
		return false
	}
	ends := [2]geo.XY{halts[0].pos, halts[len(halts)-1].pos}
	m.ends[key] = ends
	twin, ok := m.ends[twinKey(t, true)]
	return ok && twin == ends && ends[0] != ends[1]
}

// pieces is what the extract has of the ways of a route, and how many ways it lacks.
func (m *lineMaker) pieces(r *relation, mode LineMode, both, backward bool) (out []piece, lost int) {
	for _, x := range r.members {
		if x.kind != osm.TypeWay || x.role&(stopRole|platformRole|innerRole) != 0 || both && x.role.against(backward) {
			continue
		}
		w := m.src.way(x.ref)
		if w == nil {
			lost++
			continue
		}
		if w.tags.get("public_transport") == "platform" || w.tags.has("highway", "platform") || w.tags.has("railway", "platform") {
			continue
		}
		runs, seen := m.runsOf[w.id]
		if !seen {
			runs = m.runs(w)
			m.runsOf[w.id] = runs
		}
		if len(runs) == 0 {
			lost++
		}
		kmh, fast := mode.speedOn(w.tags), w.tags.has("highspeed", "yes")
		medium := mediumOf(w.tags)
		for _, run := range runs {
			out = append(out, piece{run, kmh, fast, medium})
		}
	}
	if backward {
		slices.Reverse(out)
	}
	return out, lost
}

// Bounds of what is believed of a shape, in metres: how far from it its stops
// may lie (root of the mean square), and the longest gap that a straight
// stretch bridges without a count. Above all, no more than half of a shape may
// be gaps, and it may be no more than four times as long as the straight
// pieces between its stops (all assumed).
const (
	shapeFarM = 200.0
	shapeGapM = 20.0
)

// line finishes a line: its shape, the places of its stops on it, times and headway.
func (m *lineMaker) line(r *relation, mode LineMode, pieces []piece, halts []halt, loose, whole bool) {
	halts = m.distinct(halts)
	if len(halts) < 2 {
		m.add("routes_without_stops", 1)
		return
	}
	c, at, halts := m.shape(mode, pieces, halts, loose)
	fast := 0.0
	for i := 1; i < len(c.pts); i++ {
		if c.steps[i].highSpeed {
			fast += c.at[i] - c.at[i-1]
		}
		if c.steps[i].gap && c.at[i]-c.at[i-1] > shapeGapM {
			m.add("line_gaps", 1)
		}
	}
	service := r.tags.get("service")
	if mode == Rail && (service == "high_speed" || r.tags.has("highspeed", "yes") ||
		fast > c.length()/2 && service != "regional" && service != "commuter") {
		mode = HighSpeed
	}
	f := mode.facts()
	l := Line{Ref: r.tags.get("ref"), Name: r.tags.get("name"), Mode: mode, Shape: c.pts, Media: c.media(), At: at, Ride: c.rides(at, halts, f)}
	if d, ok := parseSpan(r.tags.get("duration")); ok && whole {
		m.scale(l.Ride, d)
	}
	var told bool
	if l.Headway, told = routeHeadway(r.tags); !told {
		l.Headway, l.Estimated = f.headway, true
	}
	for _, h := range halts {
		l.Stops = append(l.Stops, m.stops.of(h))
	}
	if slices.ContainsFunc(halts, func(h halt) bool { return h.use != BothUse }) {
		for _, h := range halts {
			l.Calls = append(l.Calls, h.use)
		}
	}
	m.city.Lines = append(m.city.Lines, l)
}

// rides is the seconds from leaving the first halt to arriving at each.
func (c *course) rides(at []float64, halts []halt, f lineFacts) []float64 {
	out := make([]float64, len(at))
	for i := 1; i < len(at); i++ {
		direct := straight([]geo.XY{halts[i-1].pos, halts[i].pos}, f.kmh) // counts where a stop lies off the shape
		out[i] = out[i-1] + max(c.running(at[i-1], at[i], f), direct.running(0, direct.length(), f)/2)
		if i > 1 {
			out[i] += f.dwell
		}
	}
	return out
}

// scale stretches the times to the duration that the map tells, where that is
// within half and twice of what was reckoned.
func (m *lineMaker) scale(ride []float64, duration float64) {
	last := ride[len(ride)-1]
	if f := duration / last; f > 0.5 && f < 2 {
		for i := range ride {
			ride[i] *= f
		}
		m.add("durations_of_map", 1)
	}
}

// distinct drops a halt that repeats the one before it: a stop and its
// platform, or two positions of one station.
func (m *lineMaker) distinct(halts []halt) []halt {
	return slices.CompactFunc(halts, func(a, b halt) bool {
		d := a.pos.Dist(b.pos)
		return sameName(a.name, b.name) && d < sameNameM || d < unnamedM && (a.name == "" || b.name == "")
	})
}

// shape is the course of a line through its halts and where on it they lie;
// straight pieces where the ways give none that can be believed.
func (m *lineMaker) shape(mode LineMode, pieces []piece, halts []halt, loose bool) (course, []float64, []halt) {
	spots := func() []geo.XY {
		out := make([]geo.XY, len(halts))
		for i, h := range halts {
			out[i] = h.pos
		}
		return out
	}
	direct := straight(spots(), mode.facts().kmh)
	if t := m.stitched(pieces); len(t.nodes) > 1 {
		c := m.course(t)
		if c.closed() {
			c = c.from(halts[0].pos)
		}
		at, rms := c.project(spots())
		if rms > shapeFarM/4 { // the ways may be listed the other way round
			turned := c.turned()
			if at2, rms2 := turned.project(spots()); rms2 < rms {
				c, at, rms = turned, at2, rms2
			}
		}
		if rms > shapeFarM/2 && loose { // nor need the stops be in order
			before := halts
			halts = inOrder(halts, &c)
			if at2, rms2 := c.project(spots()); rms2 < rms/2 {
				at, rms = at2, rms2
			} else {
				halts = before
			}
		}
		if c.gapM() > shapeGapM || loose || rms > shapeFarM/2 {
			if t, ok := m.threaded(pieces, spots()); ok {
				d := m.course(t)
				at2, rms2 := d.project(spots())
				last, tidy := len(at)-1, rms2 <= rms+shapeFarM/4
				if tidy && (c.gapM() > shapeGapM || rms2 < rms/2 || at2[last]-at2[0] < 0.85*(at[last]-at[0])) {
					c, at, rms = d, at2, rms2
				}
			}
		}
		if last := len(at) - 1; rms <= shapeFarM && at[last] > at[0] {
			cut := c.cut(at[0], at[last])
			for i := last; i >= 0; i-- {
				at[i] = min(at[i]-at[0], cut.length())
			}
			if at[last] = cut.length(); cut.gapM() <= cut.length()/2 && cut.length() <= 4*direct.length() && len(cut.pts) <= maxTrackPoints {
				return cut, at, halts
			}
		}
	}
	m.add("lines_straight", 1)
	return direct, slices.Clone(direct.at), halts
}

// stitched is the track of pieces; empty once all lines together have more
// points than a map can have: a file may name one way a million times.
func (m *lineMaker) stitched(pieces []piece) track {
	if m.points > maxAllPoints {
		return track{}
	}
	t := m.stitch(pieces)
	m.points += len(t.nodes)
	return t
}

// threaded is the track threaded through pieces, within bounds of work for
// each line and for all of them.
func (m *lineMaker) threaded(pieces []piece, stops []geo.XY) (track, bool) {
	points := 0
	for i := range pieces {
		points += len(pieces[i].nodes)
	}
	work := points * len(stops)
	if work > threadWork || m.work > maxAllThreads {
		return track{}, false
	}
	m.work += work
	return m.thread(pieces, stops)
}

// inOrder is the halts in order of their nearest points along the course.
func inOrder(halts []halt, c *course) []halt {
	at := func(h halt) float64 {
		m, _ := nearestOn(c.pts, h.pos)
		return m
	}
	out := slices.Clone(halts)
	slices.SortStableFunc(out, func(a, b halt) int { return cmp.Compare(at(a), at(b)) })
	return out
}
