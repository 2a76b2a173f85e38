package recognition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// AnchorRule finds the home and the work place of one trajectory (P6). The
// weights it gives are in a unit of its own: compare them within a rule only. A
// rule reuses its memory; one per goroutine.
type AnchorRule interface {
	Find(t sigcity.Trajectory) Anchors
}

// The rules that NewAnchorRule knows.
const (
	// RuleLin is P6(a), the rule of Lin, Shen & Teng (2021): see [AnchorFinder].
	RuleLin = "lin"
	// RuleLinAtWork is the same, but for people who are mostly at home in the hours of
	// work: they have no work place, as the most active point of these hours is home.
	RuleLinAtWork = "lin-at-work"
	// RulePermanence is P6(b), multimno's permanence score: see [PermanenceFinder].
	RulePermanence = "permanence"
	// RuleScikitMobility is scikit-mobility's home_location: most records from
	// 22:00 to 07:00, without any there most records of all. No work.
	RuleScikitMobility = "scikit-mobility"
	// RuleBandicoot is bandicoot's recompute_home: of every half hour from 19:00 to
	// 07:00 the area with most records, and of these areas the most frequent. No work.
	RuleBandicoot = "bandicoot"
	// RuleMobilkit is mobilkit's home and work: most records from 21:00 to 07:00,
	// and from 09:00 to 17:00 on weekdays.
	RuleMobilkit = "mobilkit"
	// RuleFlowKit is FlowKit's meaningful locations: see [eventScoreRule].
	RuleFlowKit = "flowkit"
	// RuleFreq is trackintel's FREQ: home is the location with most time, work
	// that with second most (after Chen & Poorthuis 2021).
	RuleFreq = "freq"
	// RuleOSNA is trackintel's OSNA (Efstathiades et al. 2015): see [osnaScores].
	RuleOSNA = "osna"
)

// AnchorRules lists the names that NewAnchorRule knows, P6(a) first.
func AnchorRules() []string {
	return []string{RuleLin, RuleLinAtWork, RulePermanence, RuleScikitMobility, RuleBandicoot, RuleMobilkit, RuleFlowKit, RuleFreq, RuleOSNA}
}

// NewAnchorRule makes a rule by name, in local time of cal over the given areas.
//
// Rules over records count by stable point, as [AnchorFinder] does; those over
// stays (freq, osna) by the locations of P5, with the defaults of P4 and P5.
// trackintel leaves out locations with fewer than ten visits, which a week of
// signaling does not give: here none is left out.
func NewAnchorRule(name string, cal *sigcity.Calendar, areas *geo.Areas) (AnchorRule, error) {
	windows := func(home, work []window) *AnchorFinder {
		f := NewAnchorFinder(cal, areas)
		f.home, f.work = home, work
		return f
	}
	night := func(from, to uint32) []window { return []window{{0, to * hour}, {from * hour, 24 * hour}} }
	switch name {
	case RuleLin:
		return NewAnchorFinder(cal, areas), nil
	case RuleLinAtWork:
		f := NewAnchorFinder(cal, areas)
		f.atWork = true
		return f, nil
	case RulePermanence:
		return NewPermanenceFinder(cal, areas), nil
	case RuleScikitMobility:
		f := windows(night(22, 7), nil)
		f.anytime = true
		return f, nil
	case RuleBandicoot:
		return &halfHours{finder: windows(night(19, 7), nil)}, nil
	case RuleMobilkit:
		return windows(night(21, 7), []window{{9 * hour, 17 * hour}}), nil
	case RuleFlowKit:
		return &eventScoreRule{cal: cal, areas: areas, slot: make([]int32, areas.Len())}, nil
	case RuleFreq:
		return newLocationRule(cal, areas, freqScores)
	case RuleOSNA:
		return newLocationRule(cal, areas, osnaScores)
	}
	return nil, fmt.Errorf("anchor rule %q: want one of %s", name, strings.Join(AnchorRules(), ", "))
}

// halfHours gives a rule one record of every half hour: the first at the area
// with most (bandicoot's position binning); of equals the area seen first. A
// record with a span passes as it is.
type halfHours struct {
	finder AnchorRule
	rows   []sigcity.Record
	counts []place
}

func (h *halfHours) Find(t sigcity.Trajectory) Anchors {
	const bin = 30 * 60
	h.rows = h.rows[:0]
	for i := 0; i < len(t.Records); {
		r := t.Records[i]
		if r.Span > 0 {
			h.rows = append(h.rows, r)
			i++
			continue
		}
		h.counts = h.counts[:0]
		for ; i < len(t.Records) && t.Records[i].Span == 0 && t.Records[i].Time/bin == r.Time/bin; i++ {
			a := t.Records[i].Area
			k := slices.IndexFunc(h.counts, func(p place) bool { return p.area == a })
			if k < 0 {
				k = len(h.counts)
				h.counts = append(h.counts, place{area: a})
			}
			h.counts[k].weight++
		}
		best := h.counts[0]
		for _, c := range h.counts[1:] {
			if c.weight > best.weight {
				best = c
			}
		}
		r.Area = best.area
		h.rows = append(h.rows, r)
	}
	return h.finder.Find(sigcity.Trajectory{User: t.User, Records: h.rows})
}

// eventScoreRule is FlowKit's way to meaningful locations (after Isaacman et al.
// 2011): areas ranked by the days with records become clusters by Hartigan's
// leader rule, and every record scores +1 from 09:00 to 17:00, −1 from 20:00 to
// 08:00, else 0. The score of a cluster is the mean of its records' (FlowKit: of
// its sites', which on sectors gives those passed once as much say as the one that
// serves home). Of the clusters below 0 (evening) the one with most days is home,
// of those above 0 (day) the one with most days is work. The weights are sums of
// days, each area's counted by itself, as FlowKit's. A record with a span scores
// by the middle of it.
type eventScoreRule struct {
	cal   *sigcity.Calendar
	areas *geo.Areas
	slot  []int32
	sites []site
	lead  []leader
	marks []eventMark
}

// eventMark is the score of one cluster.
type eventMark struct {
	score float64
	days  int
	first sigcity.AreaID // its leader
}

// eventScore is the score of an hour of day.
func eventScore(h int) float64 {
	switch {
	case h >= 9 && h <= 16:
		return 1
	case h >= 20 || h <= 7:
		return -1
	}
	return 0
}

// eventRadius is how far a site may lie from a cluster's centroid, m: P5.
const eventRadius = 1000

func (f *eventScoreRule) Find(t sigcity.Trajectory) Anchors {
	f.sites = f.sites[:0]
	for _, r := range t.Records {
		at := moment(r)
		day, second := f.cal.Clock(at)
		if day < 0 || day >= f.cal.Days() {
			continue
		}
		i := f.slot[r.Area]
		if i == 0 {
			f.sites = append(f.sites, site{area: r.Area, last: -1})
			i = int32(len(f.sites))
			f.slot[r.Area] = i
		}
		s := &f.sites[i-1]
		s.score += eventScore(second / hour)
		s.seconds++ // FlowKit ranks by days only: equals here by records
		if day != s.last {
			s.days, s.last = s.days+1, day
		}
	}
	for _, s := range f.sites {
		f.slot[s.area] = 0
	}
	rankSites(f.sites)
	f.lead = leaderRule(f.areas, f.sites, eventRadius, f.lead[:0])
	f.marks = f.marks[:0]
	for _, s := range f.sites {
		if int(s.cluster) == len(f.marks) {
			f.marks = append(f.marks, eventMark{first: s.area})
		}
		m := &f.marks[s.cluster]
		m.score += s.score
		m.days += s.days
	}
	var out Anchors
	for _, m := range f.marks {
		days := float64(m.days)
		switch { // the sign of the mean is that of the sum
		case m.score < 0 && days > out.HomeWeight:
			out.Home, out.HasHome, out.HomeWeight = m.first, true, days
		case m.score > 0 && days > out.WorkWeight:
			out.Work, out.HasWork, out.WorkWeight = m.first, true, days
		}
	}
	return out
}

// locationRule scores the locations of P5 as home and as work.
type locationRule struct {
	cal   *sigcity.Calendar
	stays *StayFinder
	find  *LocationFinder
	// scores adds to the score of every location, seconds, as home and work.
	scores func(cal *sigcity.Calendar, home, work []float64, stays []Stay, label []int32)

	rows       []Stay
	locations  []Location
	label      []int32
	home, work []float64
}

func newLocationRule(cal *sigcity.Calendar, areas *geo.Areas,
	scores func(cal *sigcity.Calendar, home, work []float64, stays []Stay, label []int32)) (AnchorRule, error) {
	find, err := NewLocationFinder(areas, LocationParams{Calendar: cal})
	if err != nil {
		return nil, err
	}
	p := DefaultStayParams()
	p.From, p.To = cal.Start(0), cal.Start(cal.Days())
	return &locationRule{cal: cal, stays: NewStayFinder(areas, nil, p), find: find, scores: scores}, nil
}

func (f *locationRule) Find(t sigcity.Trajectory) Anchors {
	f.rows = f.stays.Find(f.rows[:0], t)
	f.locations, f.label = f.find.Find(f.locations[:0], f.label[:0], f.rows)
	zeros := func(s []float64) []float64 {
		s = slices.Grow(s[:0], len(f.locations))[:len(f.locations)]
		clear(s)
		return s
	}
	f.home, f.work = zeros(f.home), zeros(f.work)
	f.scores(f.cal, f.home, f.work, f.rows, f.label)
	var out Anchors
	home := -1
	if home = most(f.home, -1); home >= 0 {
		out.Home, out.HasHome, out.HomeWeight = f.locations[home].Area, true, f.home[home]
	}
	// Where home has most work too, work is the second.
	if work := most(f.work, home); work >= 0 {
		out.Work, out.HasWork, out.WorkWeight = f.locations[work].Area, true, f.work[work]
	}
	return out
}

// most is the position of the largest positive value other than at skip, −1
// where there is none; of equals the first.
func most(v []float64, skip int) int {
	best := -1
	for i, x := range v {
		if i != skip && x > 0 && (best < 0 || x > v[best]) {
			best = i
		}
	}
	return best
}

func freqScores(_ *sigcity.Calendar, home, work []float64, stays []Stay, label []int32) {
	for i, s := range stays {
		v := float64(s.End - s.Start)
		home[label[i]] += v
		work[label[i]] += v
	}
}

// osnaScores are those of Efstathiades et al. (2015) as trackintel sums them: a
// weekday stay belongs to the time of its middle, and counts for home by 0.739 of
// its seconds at rest (02:00–08:00) and 0.358 at leisure (19:00–02:00), for work
// by all of them from 08:00 to 19:00.
func osnaScores(cal *sigcity.Calendar, home, work []float64, stays []Stay, label []int32) {
	for i, s := range stays {
		day, second := cal.Clock(s.Start + (s.End-s.Start)/2)
		if day < 0 || day >= cal.Days() || cal.Kind(day) != sigcity.Weekday {
			continue
		}
		v := float64(s.End - s.Start)
		switch h := second / hour; {
		case h >= 2 && h < 8:
			home[label[i]] += float64(0.739 * v)
		case h >= 8 && h < 19:
			work[label[i]] += v
		default:
			home[label[i]] += float64(0.358 * v)
		}
	}
}
