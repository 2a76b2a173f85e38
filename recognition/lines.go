package recognition

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Figures of the lists, all assumed.
const (
	sampleM    = 100.0 // a line is looked at every so many metres, and at each stop
	reachShare = 0.5   // an area serves what lies within so many of its radii beyond its footprint: a neighbour counts
	hallM      = 200.0 // no larger area is a station's own
	hallReachM = 150.0 // between a station's own area and the middle of the track
	farCells   = 8     // where nothing is in reach, the nearest so many areas are looked at …
	farRatio   = 2.0   // … and serve that are no farther away than so many times the nearest: 10 dB of fading
	stripM     = 120.0 // half the width of what a tunnel's or a track's own area serves
	stripShare = 0.9   // of such an area's footprint within stripM
	stripRatio = 0.6   // the widest such an area is for its length; that of a disc is π/4
)

// LineCells is, for every line of public transport, the areas along its shape
// in the order of riding, and for every area the lines it serves. It is made once
// for a data set, immutable and safe for concurrent use.
type LineCells struct {
	areas *geo.Areas
	lines []lineTrack
	start []int32 // per area: its first position in hits
	hits  []Hit   // by area, then line, then From
	own   []bool  // per area: it serves the inside of a tunnel, or a track, and little else
}

// Hit is a stretch of a line that an area serves.
type Hit struct {
	Line        int32   // position in dataset.Map.Lines
	From, To    float32 // seconds since leaving the first stop: when a vehicle is in the stretch
	First, Last int32   // stops of the line in the stretch; none if First > Last
}

// lineTrack is a line on the plane.
type lineTrack struct {
	mode   string
	stops  []geo.XY
	ride   []float64 // of each stop: seconds from leaving the first one to arriving
	at     []float64 // and metres along the shape
	wait   float64   // half a headway, seconds
	hidden bool      // areas of its own serve most of it
}

// onRails says whether a mode of public transport has tracks of its own.
func onRails(mode string) bool { return mode == Metro || mode == Rail || mode == HighSpeed }

// NewLineCells makes the lists of the map's lines over the areas, which on has on
// the plane. kinds are those of the sites (dataset.Cell.Kind) by area, which tell
// the cells of tunnels and tracks; missing or empty where nobody does: then
// footprints do (see Own).
func NewLineCells(m *dataset.Map, areas []sigcity.Area, on *geo.Areas, kinds []string) *LineCells {
	l := &LineCells{areas: on, own: make([]bool, len(areas))}
	proj := m.Projection()
	at := make(map[uint32]geo.XY, len(m.Stops))
	for _, s := range m.Stops {
		at[s.ID] = proj.XY(orb.Point{s.Lon, s.Lat})
	}
	boxes := make([]box, len(areas))
	for i := range boxes {
		boxes[i] = boxOf(on, sigcity.AreaID(i))
	}
	tracks := make([]samples, len(m.Lines))
	for i := range m.Lines {
		line := &m.Lines[i]
		track := lineTrack{mode: line.Mode, ride: line.Ride, wait: line.Headway / 2}
		for _, s := range line.Stops {
			track.stops = append(track.stops, at[s])
		}
		tracks[i] = sampleLine(line, proj)
		track.at = tracks[i].stopAt
		l.lines = append(l.lines, track)
		if onRails(line.Mode) {
			l.findOwn(&tracks[i], boxes, kinds)
		}
	}
	ops := newOperators(areas, on, l.own)
	var found []areaHit
	for i := range tracks {
		found = append(found, stretches(l.along(nil, int32(i), &tracks[i], boxes, ops))...)
	}
	found = stretches(found)
	l.start = make([]int32, len(areas)+1)
	for _, f := range found {
		l.start[f.area+1]++
		l.hits = append(l.hits, f.hit)
	}
	for i := range areas {
		l.start[i+1] += l.start[i]
	}
	return l
}

// areaHit is a stretch of a line with the area that serves it.
type areaHit struct {
	area   sigcity.AreaID
	sample int32 // the last one
	hit    Hit
}

// findOwn marks the areas that serve a line on rails alone.
func (l *LineCells) findOwn(track *samples, boxes []box, kinds []string) {
	whole := boxAround(track.at)
	for a, b := range boxes {
		id := sigcity.AreaID(a)
		if l.own[a] || !b.meets(whole) {
			continue
		}
		covered := 0
		for _, q := range track.at {
			if b.holds(q) && l.areas.Contains(id, q) {
				covered++
			}
		}
		switch {
		case covered == 0:
		case a < len(kinds) && kinds[a] != "":
			l.own[a] = kinds[a] == "metro" || kinds[a] == "corridor"
		default:
			l.own[a] = isStrip(l.areas, id, track.at, float64(covered)*sampleM)
		}
	}
}

// along appends the stretches of a line that areas serve, sample by sample. Where a
// metro or a high-speed line has areas of its own, in a tunnel or along the track, no
// other serves the riders: those of the surface above do not count, but a station's
// own do. Trains that go along such a track without being of the line are served as
// all are. Where an operator has no area in reach, its nearest ones serve: phones
// hear farther than footprints tell.
func (l *LineCells) along(found []areaHit, line int32, track *samples, boxes []box, ops *operators) []areaHit {
	mode := l.lines[line].mode
	whole := boxAround(track.at)
	hidden := make([]bool, len(track.at))
	covered := make([]bool, len(track.at)*len(ops.index))
	hit := func(id sigcity.AreaID, k int) {
		h := Hit{Line: line, From: track.time[k], To: track.time[k], First: math.MaxInt32, Last: -1}
		if s := track.stop[k]; s >= 0 {
			h.First, h.Last = s, s
		}
		found = append(found, areaHit{id, int32(k), h})
	}
	for _, own := range []bool{true, false} {
		for a := range boxes {
			id := sigcity.AreaID(a)
			if own != l.own[a] || (own && !onRails(mode)) { // nobody on the road is in a tunnel of the metro
				continue
			}
			reach := reachShare * l.areas.Radius(id)
			hall := l.areas.Radius(id) <= hallM
			switch {
			case own:
				reach = sampleM / 2
			case hall:
				reach = max(reach, hallReachM)
			}
			b := boxes[a].grow(reach)
			if !b.meets(whole) {
				continue
			}
			for k, q := range track.at {
				if !b.holds(q) || (!own && !hall && hidden[k]) || l.areas.Gap(id, q) > reach {
					continue
				}
				hidden[k] = hidden[k] || (own && mode != Rail)
				covered[k*len(ops.index)+int(ops.of[a])] = true
				hit(id, k)
			}
		}
	}
	inside := 0
	for _, h := range hidden {
		if h {
			inside++
		}
	}
	l.lines[line].hidden = 2*inside > len(hidden)
	for k, q := range track.at {
		for op, index := range ops.index {
			if hidden[k] || covered[k*len(ops.index)+op] {
				continue
			}
			ops.near, ops.gaps = index.NearestN(ops.near[:0], q, min(farCells, index.Len())), ops.gaps[:0]
			least := math.Inf(1)
			for _, n := range ops.near {
				g := l.areas.Gap(ops.ids[op][n], q)
				ops.gaps = append(ops.gaps, g)
				least = min(least, g)
			}
			for i, n := range ops.near {
				if ops.gaps[i] <= farRatio*least {
					hit(ops.ids[op][n], k)
				}
			}
		}
	}
	return found
}

// operators are the areas by operator, those of tunnels and tracks left out.
type operators struct {
	of    []int32 // per area
	index []*geo.Index
	ids   [][]sigcity.AreaID // per operator, in the order of its index
	near  []int
	gaps  []float64
}

func newOperators(areas []sigcity.Area, on *geo.Areas, own []bool) *operators {
	o := &operators{of: make([]int32, len(areas))}
	number := map[string]int32{}
	var at [][]geo.XY
	for i, a := range areas {
		op, ok := number[a.Operator]
		if !ok {
			op = int32(len(o.ids))
			number[a.Operator] = op
			o.ids, at = append(o.ids, nil), append(at, nil)
		}
		o.of[i] = op
		if !own[i] {
			o.ids[op], at[op] = append(o.ids[op], sigcity.AreaID(i)), append(at[op], on.Centers[i])
		}
	}
	for _, pts := range at {
		o.index = append(o.index, geo.NewIndex(pts))
	}
	return o
}

// stretches joins samples of one area and line that follow each other.
func stretches(found []areaHit) []areaHit {
	slices.SortFunc(found, func(a, b areaHit) int {
		return cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.hit.Line, b.hit.Line), cmp.Compare(a.sample, b.sample))
	})
	out := found[:0]
	for _, f := range found {
		if n := len(out); n > 0 {
			if last := &out[n-1]; last.area == f.area && last.hit.Line == f.hit.Line && f.sample <= last.sample+1 {
				last.sample, last.hit.To = f.sample, f.hit.To
				last.hit.First, last.hit.Last = min(last.hit.First, f.hit.First), max(last.hit.Last, f.hit.Last)
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

// Of lists the stretches that an area serves, by line, then in order of riding.
// They must not be changed.
func (l *LineCells) Of(a sigcity.AreaID) []Hit { return l.hits[l.start[a]:l.start[a+1]] }

// Along lists the areas along a line in order of riding: by where they begin to
// serve it, then by where they cease.
func (l *LineCells) Along(line int) []sigcity.AreaID {
	type entry struct {
		area sigcity.AreaID
		hit  Hit
	}
	var all []entry
	for a := range l.areas.Len() {
		for _, h := range l.Of(sigcity.AreaID(a)) {
			if int(h.Line) == line {
				all = append(all, entry{sigcity.AreaID(a), h})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.hit.From, b.hit.From), cmp.Compare(a.hit.To, b.hit.To))
	})
	out := make([]sigcity.AreaID, len(all))
	for i, e := range all {
		out[i] = e.area
	}
	return out
}

// Own reports whether an area serves the inside of a tunnel or a track, and
// little beside: its footprint is a strip along a line on rails.
func (l *LineCells) Own(a sigcity.AreaID) bool { return l.own[a] }

// on lists the stretches of a line that an area serves.
func (l *LineCells) on(a sigcity.AreaID, line int32) []Hit {
	all := l.Of(a)
	i := sort.Search(len(all), func(i int) bool { return all[i].Line >= line })
	j := i
	for j < len(all) && all[j].Line == line {
		j++
	}
	return all[i:j]
}
