package recognition

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Stay is a run of records around one place.
type Stay struct {
	Start, End uint32         // Unix seconds; the estimated stay, Start ≤ t < End
	Area       sigcity.AreaID // the dominant area
	Records    int
}

// Trip is the move between two consecutive stays.
type Trip struct {
	Start, End uint32 // Unix seconds, Start ≤ End
	From, To   sigcity.AreaID
}

// StayParams are the parameters of P4, docs/methods.md. Zero values take the
// defaults of DefaultStayParams.
type StayParams struct {
	RadiusM float64 // roam radius; 0 = by local site spacing: clip(0.7 × spacing, 300 m, 2 km)
	MinS    uint32  // shortest stay, seconds
	GapS    uint32  // longest silence inside a stay or a trip, seconds
	ReturnS uint32  // the longest excursion that is taken for ping-pong, seconds
	SpeedMS float64 // straight-line speed door to door, m/s
	// From and To bound what is known, Unix seconds: the first and the last
	// stay reach out to them if they are no farther away than GapS. 0, 0 = no bounds.
	From, To uint32
}

// DefaultStayParams are the cell-level defaults. The speed is that of commuters
// in Guangzhou: 7.7 km in a straight line (2017 signaling data) in 39 minutes.
func DefaultStayParams() StayParams {
	return StayParams{MinS: 30 * 60, GapS: 12 * 3600, ReturnS: 5 * 60, SpeedMS: 3.3}
}

// StayFinder cuts trajectories into stays by incremental clustering (after
// Hariharan & Toyama 2004, with roam radius and gap rules at the scale of
// cells). A record joins the current cluster if its area is the cluster's
// dominant one, or its centre lies within the roam radius of the cluster's
// centroid, and the silence before it is no longer than GapS; so a periodic
// update keeps a stay alive. Records elsewhere do not end a cluster if the
// phone is back within ReturnS (ping-pong).
//
// When a cluster begins and ends is an estimate. Of the silence g between two
// clusters a distance d apart, the travel time d/SpeedMS is taken off; what is
// left goes half to either, the expectation when the moment of leaving is
// equally likely all over it. A cluster is a stay if it lasts MinS by this
// estimate. Others are way points, passed at the moment of their records: next
// to one a stay gets all that is left, and a way point nothing. Of a silence longer
// than GapS a stay gets GapS/2 at most, and there is no trip across it.
//
// A record with a span counts at the middle of its interval; silence is
// measured from the end of one interval to the start of the next. An area
// larger than the roam radius raises it to the area's own radius.
//
// The finder reuses its memory; one per goroutine.
type StayFinder struct {
	areas    *geo.Areas
	radius   []float64 // roam radius per area, m
	p        StayParams
	clusters []cluster
	count    []int32 // per area: records in the current cluster
}

// cluster is a run of records around one centroid.
type cluster struct {
	first, last uint32 // moments of the first and last record
	start, end  uint32 // drawn out
	center      geo.XY
	area        sigcity.AreaID
	records     int
	stay        bool
}

// NewStayFinder works on the given areas; spacing is per area, in metres (nil
// = as the areas say).
func NewStayFinder(areas *geo.Areas, spacing []float64, p StayParams) *StayFinder {
	def := DefaultStayParams()
	for _, v := range []struct{ p, def *uint32 }{{&p.MinS, &def.MinS}, {&p.GapS, &def.GapS}, {&p.ReturnS, &def.ReturnS}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	if p.SpeedMS == 0 {
		p.SpeedMS = def.SpeedMS
	}
	f := &StayFinder{areas: areas, p: p, radius: make([]float64, areas.Len()), count: make([]int32, areas.Len())}
	for i := range f.radius {
		id := sigcity.AreaID(i)
		roam := p.RadiusM
		if roam == 0 {
			s := areas.Spacing(id)
			if spacing != nil {
				s = spacing[i]
			}
			roam = min(max(0.7*s, 300), 2000)
		}
		f.radius[i] = max(roam, areas.Radius(id))
	}
	return f
}

// Bound sets the bounds From and To for the trajectories to come.
func (f *StayFinder) Bound(from, to uint32) { f.p.From, f.p.To = from, to }

// Find appends the stays of t to dst, in ascending time. Stays do not overlap.
func (f *StayFinder) Find(dst []Stay, t sigcity.Trajectory) []Stay {
	f.clusters = f.clusters[:0]
	for i := 0; i < len(t.Records); {
		i = f.grow(t.Records, i)
	}
	f.label()
	f.drawOut()
	for _, c := range f.clusters {
		if c.stay {
			dst = append(dst, Stay{Start: c.start, End: c.end, Area: c.area, Records: c.records})
		}
	}
	return dst
}

// Trips appends to dst the trips (P7) of the trajectory last given to Find:
// between two consecutive stays with no silence longer than GapS.
func (f *StayFinder) Trips(dst []Trip) []Trip {
	from := -1 // the last stay, while no silence has cut it off
	for i, c := range f.clusters {
		if i > 0 && f.left(i) > float64(f.p.GapS) {
			from = -1
		}
		if !c.stay {
			continue
		}
		if from >= 0 {
			dst = append(dst, Trip{Start: f.clusters[from].end, End: c.start, From: f.clusters[from].area, To: c.area})
		}
		from = i
	}
	return dst
}

// moment is where in time a record is put: the middle of its interval.
func moment(r sigcity.Record) uint32 { return r.Time + r.Span/2 }

// silence is the time between two records in which nothing is known.
func silence(a, b sigcity.Record) uint32 {
	if end := a.End(); b.Time > end {
		return b.Time - end
	}
	return 0
}

// grow makes a cluster that begins with record i and says where the next begins.
func (f *StayFinder) grow(rows []sigcity.Record, i int) int {
	var (
		sum   geo.XY
		n     float64
		begin = i
		best  = rows[i].Area
		last  = i // last record of the cluster
		reach = f.radius[best]
	)
	take := func(j int) {
		a := rows[j].Area
		c := f.areas.Centers[a]
		sum, n, last = geo.XY{X: sum.X + c.X, Y: sum.Y + c.Y}, n+1, j
		f.count[a]++
		if f.count[a] > f.count[best] {
			best = a
		}
	}
	near := func(a sigcity.AreaID) bool {
		return a == best || f.areas.Centers[a].Dist(geo.XY{X: sum.X / n, Y: sum.Y / n}) <= max(reach, f.radius[a])
	}
	take(i)
	for i++; i < len(rows) && silence(rows[last], rows[i]) <= f.p.GapS; i++ {
		if !near(rows[i].Area) {
			back := i + 1
			for back < len(rows) && rows[back].Time-rows[i].Time <= f.p.ReturnS && !near(rows[back].Area) {
				back++
			}
			if back == len(rows) || rows[back].Time-rows[i].Time > f.p.ReturnS {
				break
			}
			i = back
		}
		take(i)
	}
	for _, r := range rows[begin : last+1] {
		f.count[r.Area] = 0
	}
	// Middles of long spans may be out of order: clusters are not.
	from := moment(rows[begin])
	if k := len(f.clusters); k > 0 {
		from = max(from, f.clusters[k-1].last)
	}
	f.clusters = append(f.clusters, cluster{first: from, last: max(from, moment(rows[last])),
		center: geo.XY{X: sum.X / n, Y: sum.Y / n}, area: best, records: int(n)})
	return last + 1
}

// left is the silence before cluster i less the travel across it, in seconds.
func (f *StayFinder) left(i int) float64 {
	a, b := &f.clusters[i-1], &f.clusters[i]
	return max(0, float64(b.first-a.last)-a.center.Dist(b.center)/f.p.SpeedMS)
}

// outer is how far the first and the last cluster reach out to the bounds.
func (f *StayFinder) outer() (before, after uint32) {
	if f.p.To == 0 {
		return 0, 0
	}
	if d := f.clusters[0].first; d > f.p.From && d-f.p.From <= f.p.GapS {
		before = d - f.p.From
	}
	if d := f.clusters[len(f.clusters)-1].last; d < f.p.To && f.p.To-d <= f.p.GapS {
		after = f.p.To - d
	}
	return before, after
}

// label decides which clusters are stays.
func (f *StayFinder) label() {
	if len(f.clusters) == 0 {
		return
	}
	before, after := f.outer()
	prev := float64(before)
	for i := range f.clusters {
		c := &f.clusters[i]
		next := float64(after)
		if i+1 < len(f.clusters) {
			next = min(f.left(i+1), float64(f.p.GapS)) / 2
		}
		c.stay = prev+float64(c.last-c.first)+next >= float64(f.p.MinS)
		prev = next
	}
}

// drawOut estimates when clusters begin and end.
func (f *StayFinder) drawOut() {
	for i := range f.clusters {
		c := &f.clusters[i]
		c.start, c.end = c.first, c.last
		if i == 0 {
			continue
		}
		prev, left := &f.clusters[i-1], f.left(i)
		half := uint32(min(left, float64(f.p.GapS)) / 2)
		switch {
		case prev.stay && c.stay:
			prev.end, c.start = prev.end+half, c.start-half
		case left > float64(f.p.GapS) && prev.stay:
			prev.end += half
		case left > float64(f.p.GapS) && c.stay:
			c.start -= half
		case prev.stay:
			prev.end += uint32(left)
		case c.stay:
			c.start -= uint32(left)
		}
	}
	if n := len(f.clusters); n > 0 {
		before, after := f.outer()
		if f.clusters[0].stay {
			f.clusters[0].start -= before
		}
		if f.clusters[n-1].stay {
			f.clusters[n-1].end += after
		}
	}
}
