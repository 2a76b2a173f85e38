package recognition

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Location is a place that somebody comes back to (P5): a cluster of stays.
type Location struct {
	Center      geo.XY         // mean of the stays' areas by time spent, m
	Area        sigcity.AreaID // the dominant area: most time spent
	Seconds     float64        // time spent
	Days        int            // local days with time spent there
	Nights      int            // functional midnights (04:00 local, multimno) spent there
	Stays       int            // stays, or records where records were clustered
	First, Last uint32         // Unix seconds: start of the first and end of the last stay
}

// LocationMethod is how stays become locations.
type LocationMethod uint8

const (
	// LeaderRule is Hartigan's (1975) leader algorithm over sites ranked by
	// active days, as Isaacman et al. (2011) apply it to cellular records and
	// FlowKit's HartiganCluster does.
	LeaderRule LocationMethod = iota
	// STDBSCAN is density-based clustering in space and time (Birant & Kut 2007).
	STDBSCAN
)

// LocationParams are the parameters of P5, docs/methods.md. Zero values take
// the defaults in brackets; Calendar has none.
type LocationParams struct {
	Calendar *sigcity.Calendar // local days
	Method   LocationMethod    // [LeaderRule]
	RadiusM  float64           // LeaderRule: reach of a cluster's centroid [1000 m]
	EpsM     float64           // STDBSCAN: reach in space [500 m]
	EpsS     uint32            // STDBSCAN: reach in time [1800 s]
	MinPts   int               // STDBSCAN: points within reach, itself included, that make a core [3]
}

// LocationFinder groups the stays of one trajectory into locations.
//
// LeaderRule: every area with stays is a site. By falling number of active
// days, then time spent, a site joins the cluster with the nearest centroid
// within RadiusM, or leads a new one; the centroid is the mean of its sites by
// active days.
//
// STDBSCAN: two stays are neighbours if their areas lie within EpsM and their
// times of day within EpsS (0 where they overlap). Time is that of day, because
// on absolute time no cluster would outlive a day and so none would be a place
// that somebody comes back to. FindRecords, which clusters records into single
// visits, takes absolute time. The third condition of the paper, that a value is
// near its cluster's mean, is not used: a stay may last any time.
//
// An area larger than RadiusM or EpsM reaches as far as its own radius.
//
// The finder reuses its memory; one per goroutine.
type LocationFinder struct {
	areas *geo.Areas
	p     LocationParams
	slot  []int32 // per area: 1 + its position in sites, 0 = none
	sites []site
	lead  []leader
	sums  []locationSum
	pts   []place // what was clustered: area and weight
	next  []int32 // per site: the entry of its area in another cluster, 0 = none
	order []int32
	rank  []int32
	st    stScan
}

// site is one area with what it saw.
type site struct {
	area    sigcity.AreaID
	days    int
	seconds float64
	score   float64 // sum of the event scores of FlowKit's rule
	last    int     // the last day counted
	cluster int32
}

// leader is a growing cluster of the leader rule.
type leader struct {
	sum    geo.XY // centres by weight
	weight float64
}

func (l leader) center() geo.XY { return geo.XY{X: l.sum.X / l.weight, Y: l.sum.Y / l.weight} }

// locationSum is a location in the making.
type locationSum struct {
	Location
	sum                geo.XY
	weight, best       float64 // of all areas, of the dominant one
	lastDay, lastNight int
}

// functionalMidnight is when multimno takes the place of a night, s after midnight.
const functionalMidnight = 4 * hour

// NewLocationFinder works on the given areas.
func NewLocationFinder(areas *geo.Areas, p LocationParams) (*LocationFinder, error) {
	switch {
	case p.Calendar == nil:
		return nil, fmt.Errorf("locations: no calendar, want one that tells local days")
	case p.Method > STDBSCAN:
		return nil, fmt.Errorf("locations: method %d, want %d (leader rule) or %d (ST-DBSCAN)", p.Method, LeaderRule, STDBSCAN)
	case !(p.RadiusM >= 0) || math.IsInf(p.RadiusM, 1):
		return nil, fmt.Errorf("locations: radius %g m, must not be negative", p.RadiusM)
	case !(p.EpsM >= 0) || math.IsInf(p.EpsM, 1):
		return nil, fmt.Errorf("locations: reach %g m, must not be negative", p.EpsM)
	case p.MinPts < 0:
		return nil, fmt.Errorf("locations: MinPts = %d, must be at least 1", p.MinPts)
	}
	p.RadiusM = cmp.Or(p.RadiusM, 1000)
	p.EpsM = cmp.Or(p.EpsM, 500)
	p.EpsS = cmp.Or(p.EpsS, 30*60)
	p.MinPts = cmp.Or(p.MinPts, 3)
	return &LocationFinder{areas: areas, p: p, slot: make([]int32, areas.Len())}, nil
}

// Find appends the locations of stays to dst and to label, for every stay, the
// position of its location among those appended; −1 where ST-DBSCAN calls it
// noise. Stays are in ascending time. Most active days come first, then most time.
func (f *LocationFinder) Find(dst []Location, label []int32, stays []Stay) ([]Location, []int32) {
	from := len(label)
	if f.p.Method == STDBSCAN {
		f.st.start(f.areas, f.p, true)
		for _, s := range stays {
			f.st.add(s.Start, s.End, s.Area)
		}
		label = f.st.label(label)
	} else {
		f.collect(stays)
		f.lead = leaderRule(f.areas, f.sites, f.p.RadiusM, f.lead[:0])
		for _, s := range stays {
			label = append(label, f.sites[f.slot[s.Area]-1].cluster)
		}
		for _, s := range f.sites {
			f.slot[s.area] = 0
		}
	}
	f.sums, f.pts = f.sums[:0], f.pts[:0]
	for i, s := range stays {
		f.sum(label[from+i], s.Start, s.End)
		f.pts = append(f.pts, place{s.Area, max(1, float64(s.End-s.Start))}) // a stay of no length is somewhere too
	}
	return f.finish(dst, label[from:]), label
}

// FindRecords clusters the records of t by ST-DBSCAN on absolute time, whatever
// the method: each cluster is one visit, and records on the move are noise (−1).
// A record with a span is near another if their intervals are.
func (f *LocationFinder) FindRecords(dst []Location, label []int32, t sigcity.Trajectory) ([]Location, []int32) {
	from := len(label)
	f.st.start(f.areas, f.p, false)
	for _, r := range t.Records {
		f.st.add(r.Time, r.End(), r.Area)
	}
	label = f.st.label(label)
	f.sums, f.pts = f.sums[:0], f.pts[:0]
	for i, r := range t.Records {
		f.sum(label[from+i], r.Time, r.End())
		f.pts = append(f.pts, place{r.Area, 1})
	}
	for i := range f.sums {
		f.sums[i].Seconds = float64(f.sums[i].Last - f.sums[i].First)
	}
	return f.finish(dst, label[from:]), label
}

// collect makes the sites of stays.
func (f *LocationFinder) collect(stays []Stay) {
	f.sites = f.sites[:0]
	for _, s := range stays {
		i := f.slot[s.Area]
		if i == 0 {
			f.sites = append(f.sites, site{area: s.Area, last: -1})
			i = int32(len(f.sites))
			f.slot[s.Area] = i
		}
		at := &f.sites[i-1]
		at.seconds += float64(s.End - s.Start)
		at.days, at.last = f.count(at.days, at.last, s.Start, s.End)
	}
	rankSites(f.sites)
	for i, s := range f.sites {
		f.slot[s.area] = int32(i + 1)
	}
}

// rankSites sorts by active days, then time spent, then area.
func rankSites(sites []site) {
	slices.SortFunc(sites, func(a, b site) int {
		return cmp.Or(cmp.Compare(b.days, a.days), cmp.Compare(b.seconds, a.seconds), cmp.Compare(a.area, b.area))
	})
}

// leaderRule gives ranked sites their cluster.
func leaderRule(areas *geo.Areas, sites []site, radius float64, lead []leader) []leader {
	for i := range sites {
		s := &sites[i]
		at := areas.Centers[s.area]
		best, least := -1, max(radius, areas.Radius(s.area))
		for k, l := range lead {
			if d := l.center().Dist(at); d < least || d == least && best < 0 {
				best, least = k, d
			}
		}
		if best < 0 {
			best = len(lead)
			lead = append(lead, leader{})
		}
		l, w := &lead[best], float64(max(s.days, 1))
		l.sum = geo.XY{X: l.sum.X + float64(w*at.X), Y: l.sum.Y + float64(w*at.Y)}
		l.weight += w
		s.cluster = int32(best)
	}
	return lead
}

// count adds the days of the calendar from start to end that come after last.
func (f *LocationFinder) count(n, last int, start, end uint32) (days, day int) {
	cal := f.p.Calendar
	first := cal.Day(start)
	for d := max(first, last+1, 0); d < cal.Days() && (cal.Start(d) < end || d == first); d++ {
		n, last = n+1, d
	}
	return n, last
}

// sum adds a stay to its location.
func (f *LocationFinder) sum(cluster int32, start, end uint32) {
	if cluster < 0 {
		return
	}
	for len(f.sums) <= int(cluster) {
		f.sums = append(f.sums, locationSum{lastDay: -1, lastNight: -1, Location: Location{First: math.MaxUint32}})
	}
	s := &f.sums[cluster]
	s.Seconds += float64(end - start)
	s.Stays++
	s.First, s.Last = min(s.First, start), max(s.Last, end)
	s.Days, s.lastDay = f.count(s.Days, s.lastDay, start, end)
	cal := f.p.Calendar
	for d := max(cal.Day(start), s.lastNight+1, 0); d < cal.Days() && cal.Start(d) < end; d++ {
		if at := cal.Start(d) + functionalMidnight; start <= at && at < end {
			s.Nights, s.lastNight = s.Nights+1, d
		}
	}
}

// finish finds dominant areas and centres, ranks the locations and renumbers
// the labels.
func (f *LocationFinder) finish(dst []Location, label []int32) []Location {
	// The weight of each area within its cluster; areas are in one or two.
	f.sites, f.next = f.sites[:0], f.next[:0]
	for i, p := range f.pts {
		c := label[i]
		if c < 0 {
			continue
		}
		at, s := f.areas.Centers[p.area], &f.sums[c]
		s.sum = geo.XY{X: s.sum.X + float64(p.weight*at.X), Y: s.sum.Y + float64(p.weight*at.Y)}
		s.weight += p.weight
		k := f.slot[p.area]
		for k > 0 && f.sites[k-1].cluster != c {
			k = f.next[k-1]
		}
		if k == 0 {
			f.sites = append(f.sites, site{area: p.area, cluster: c})
			f.next = append(f.next, f.slot[p.area])
			k = int32(len(f.sites))
			f.slot[p.area] = k
		}
		f.sites[k-1].seconds += p.weight
	}
	for i := range f.sums {
		s := &f.sums[i]
		s.Center = geo.XY{X: s.sum.X / s.weight, Y: s.sum.Y / s.weight}
	}
	for _, s := range f.sites {
		f.slot[s.area] = 0
		if sum := &f.sums[s.cluster]; s.seconds > sum.best || s.seconds == sum.best && s.area < sum.Area {
			sum.best, sum.Area = s.seconds, s.area
		}
	}
	f.order = f.order[:0]
	for i := range f.sums {
		f.order = append(f.order, int32(i))
	}
	slices.SortFunc(f.order, func(i, j int32) int {
		a, b := &f.sums[i], &f.sums[j]
		return cmp.Or(cmp.Compare(b.Days, a.Days), cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.First, b.First), cmp.Compare(i, j))
	})
	f.rank = slices.Grow(f.rank[:0], len(f.order))[:len(f.order)]
	for rank, i := range f.order {
		dst = append(dst, f.sums[i].Location)
		f.rank[i] = int32(rank)
	}
	for i, c := range label {
		if c >= 0 {
			label[i] = f.rank[c]
		}
	}
	return dst
}
