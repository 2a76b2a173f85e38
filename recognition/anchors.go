package recognition

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Anchors are the home and the work place of one trajectory.
type Anchors struct {
	Home, Work       sigcity.AreaID
	HasHome, HasWork bool
	HomeWeight       float64 // records (by weight) in the home window at the home place
	WorkWeight       float64 // records (by weight) in the work windows at the work place
}

// AnchorFinder applies the rule of Lin, Shen & Teng (2021) §5.1: home is the
// most active stable point from 00:00 to 06:00, work the most active from
// 09:00 to 12:00 and 14:00 to 17:00 on weekdays, local time.
//
// A phone that lies still flips between the sectors that serve its place, so a
// stable point is a group of areas: taken by falling weight, each area joins
// the heaviest group whose leader's centre lies within max(0.6 × site spacing,
// radius) of its own, or leads a group (0.6, because the centres of two sectors
// of one site lie half a spacing apart). The answer is the leader of the
// heaviest group. Work is not sought within that reach of home.
//
// A record with a span counts by the share of its span inside the windows.
// Records outside the calendar's days count nothing.
//
// The finder reuses its memory; one per goroutine.
type AnchorFinder struct {
	cal        *sigcity.Calendar
	areas      *geo.Areas
	home, work []window
	atWork     bool    // work is nowhere where home is the most active in its hours too
	anytime    bool    // without a record in the home window, all records tell home
	slot       []int32 // per area: 1 + its position in seen, 0 = not seen
	seen       []activity
	rank       []place
	today      day
}

// activity is the weight of one area in the windows.
type activity struct {
	area             sigcity.AreaID
	night, work, all float64
}

// place is one area as candidate, then one group under its leader.
type place struct {
	area   sigcity.AreaID
	weight float64
}

// day caches the local day of the last record.
type day struct {
	from, to uint32
	weekday  bool
}

// window is a daily interval in seconds since local midnight.
type window struct{ from, to uint32 }

const hour = 3600

// NewAnchorFinder works in local time of cal over the given areas.
func NewAnchorFinder(cal *sigcity.Calendar, areas *geo.Areas) *AnchorFinder {
	return &AnchorFinder{
		cal: cal, areas: areas, slot: make([]int32, areas.Len()),
		home: []window{{0, 6 * hour}},
		work: []window{{9 * hour, 12 * hour}, {14 * hour, 17 * hour}},
	}
}

// Find labels the anchors of t.
func (f *AnchorFinder) Find(t sigcity.Trajectory) Anchors {
	f.seen = f.seen[:0]
	for _, r := range t.Records {
		var night, work float64
		if r.Span == 0 {
			night, work = f.instant(r.Time)
		} else {
			night, work = f.spread(r)
		}
		if night > 0 || work > 0 || f.anytime {
			a := f.at(r.Area)
			a.night += night
			a.work += work
			a.all++
		}
	}
	for _, a := range f.seen {
		f.slot[a.area] = 0
	}
	var out Anchors
	home, ok := f.heaviest(func(a activity) float64 { return a.night })
	if !ok && f.anytime {
		home, ok = f.heaviest(func(a activity) float64 { return a.all })
	}
	if ok {
		out.Home, out.HomeWeight, out.HasHome = home.area, home.weight, true
	}
	work, ok := f.heaviest(func(a activity) float64 {
		if out.HasHome && f.samePlace(out.Home, a.area) {
			return 0
		}
		return a.work
	})
	if ok && f.atWork && out.HasHome {
		atHome := 0.0
		for _, a := range f.seen {
			if f.samePlace(out.Home, a.area) {
				atHome += a.work
			}
		}
		ok = work.weight > atHome
	}
	if ok {
		out.Work, out.WorkWeight, out.HasWork = work.area, work.weight, true
	}
	return out
}

func (f *AnchorFinder) at(area sigcity.AreaID) *activity {
	i := f.slot[area]
	if i == 0 {
		f.seen = append(f.seen, activity{area: area})
		i = int32(len(f.seen))
		f.slot[area] = i
	}
	return &f.seen[i-1]
}

// instant weighs one moment.
func (f *AnchorFinder) instant(t uint32) (night, work float64) {
	if t < f.today.from || t >= f.today.to {
		d := f.cal.Day(t)
		if d < 0 || d >= f.cal.Days() {
			return 0, 0
		}
		f.enter(d)
	}
	return f.today.inside(t, 1, f.home), f.working(t, 1)
}

// working is what of an interval falls into today's hours of work.
func (f *AnchorFinder) working(t, span uint32) float64 {
	if !f.today.weekday {
		return 0
	}
	return f.today.inside(t, span, f.work)
}

func (f *AnchorFinder) enter(d int) {
	f.today = day{f.cal.Start(d), f.cal.Start(d + 1), f.cal.Kind(d) == sigcity.Weekday}
}

// spread weighs an interval: the shares of it that fall into the windows.
func (f *AnchorFinder) spread(r sigcity.Record) (night, work float64) {
	end := uint64(r.Time) + uint64(r.Span)
	for d := max(0, f.cal.Day(r.Time)); d < f.cal.Days() && uint64(f.cal.Start(d)) < end; d++ {
		f.enter(d)
		night += f.today.inside(r.Time, r.Span, f.home)
		work += f.working(r.Time, r.Span)
	}
	return night / float64(r.Span), work / float64(r.Span)
}

// inside is how many seconds of the interval of span seconds from t fall into
// the windows of the day.
func (d day) inside(t, span uint32, windows []window) float64 {
	sum := 0.0
	for _, w := range windows {
		from := max(t, d.from+w.from)
		to := min(uint64(t)+uint64(span), uint64(min(d.from+w.to, d.to)))
		if to > uint64(from) {
			sum += float64(to - uint64(from))
		}
	}
	return sum
}

// samePlace reports whether a belongs to the stable point that leader leads.
func (f *AnchorFinder) samePlace(leader, a sigcity.AreaID) bool {
	return SameStablePoint(f.areas, leader, a)
}

// SameStablePoint reports whether an area belongs to the stable point that leader
// leads (P6a).
func SameStablePoint(areas *geo.Areas, leader, a sigcity.AreaID) bool {
	return leader == a || areas.Dist(leader, a) <= math.Max(0.6*areas.Spacing(leader), areas.Radius(leader))
}

// heaviest groups the seen areas into stable points and finds the heaviest.
func (f *AnchorFinder) heaviest(weight func(activity) float64) (place, bool) {
	f.rank = f.rank[:0]
	for _, a := range f.seen {
		if w := weight(a); w > 0 {
			f.rank = append(f.rank, place{a.area, w})
		}
	}
	if len(f.rank) == 0 {
		return place{}, false
	}
	// Of equal weights the smaller area says more; then the lower number.
	slices.SortFunc(f.rank, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(f.areas.Radius(a.area), f.areas.Radius(b.area)), cmp.Compare(a.area, b.area))
	})
	groups := f.rank[:0] // never overtakes the loop below
	for _, p := range f.rank {
		i := slices.IndexFunc(groups, func(g place) bool { return f.samePlace(g.area, p.area) })
		if i < 0 {
			groups = append(groups, p)
		} else {
			groups[i].weight += p.weight
		}
	}
	best := groups[0]
	for _, g := range groups[1:] {
		if g.weight > best.weight {
			best = g
		}
	}
	return best, true
}
