package attacks

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// habits is what a trace shows of its owner's week, before any map is looked at.
type habits struct {
	anchors  recognition.Anchors
	weekdays int          // with records in the escort windows
	stops    []stop       // short stops in the escort windows, away from the anchors
	errands  []outing     // stays by day away from the anchors
	office   officeRecord // where the office hours are spent
}

// stop is a place where somebody stops over on weekdays at the same time of day.
type stop struct {
	area    sigcity.AreaID
	window  int     // index into escortWindows
	days    int     // weekdays seen there
	weight  float64 // of these days: a single record may be a passage and counts half
	lastDay int
	dayBest float64
	clocks  int // sum over days of the first second of day
}

type outing struct {
	area  sigcity.AreaID
	clock int // second of day
}

// officeRecord counts records of weekdays in office hours.
type officeRecord struct{ all, atHome, atWork float64 }

const (
	shortStop = 3 * 60  // s: a longer run of records is no passage
	longStop  = 90 * 60 // s: a longer one is no escort (one hour bins make an hour of an instant)
	maxErrand = 4 * 3600
)

// escortWindows are when children are brought and fetched, seconds of day.
func escortWindows() [2][2]int {
	return [2][2]int{{7 * 3600, 9*3600 + 1800}, {15*3600 + 1800, 18*3600 + 1800}}
}

// observer reads habits out of trajectories; one per goroutine.
type observer struct {
	g      *ground
	anchor *recognition.AnchorFinder
	finder *recognition.StayFinder
	stays  []recognition.Stay
}

func newObserver(g *ground) *observer {
	spacing := make([]float64, g.areas.Len())
	for i := range spacing {
		spacing[i] = g.areas.Spacing(sigcity.AreaID(i))
	}
	return &observer{g: g, anchor: recognition.NewAnchorFinder(g.cal, g.areas),
		finder: recognition.NewStayFinder(g.areas, spacing, recognition.DefaultStayParams())}
}

// observe reads one trajectory.
func (o *observer) observe(t sigcity.Trajectory) habits {
	h := habits{anchors: o.anchor.Find(t)}
	escortDay := -1
	for i := 0; i < len(t.Records); {
		// A run of records in one area.
		j, end := i+1, t.Records[i].End()
		for ; j < len(t.Records) && t.Records[j].Area == t.Records[i].Area; j++ {
			end = max(end, t.Records[j].End())
		}
		o.countOffice(&h, t.Records[i:j])
		for _, r := range t.Records[i:j] {
			if day, _, ok := o.escortTime(r.Time); ok && day != escortDay {
				escortDay = day
				h.weekdays++
			}
		}
		r := t.Records[i]
		if day, window, ok := o.escortTime(r.Time); ok && end-r.Time <= longStop && !o.atAnchor(h.anchors, r.Area) {
			_, clock := o.g.cal.Clock(r.Time)
			weight := 0.5
			if end-r.Time >= shortStop {
				weight = 1
			}
			h.addStop(r.Area, window, day, clock, weight)
		}
		i = j
	}
	o.stays = o.finder.Find(o.stays[:0], t)
	for _, s := range o.stays {
		day, clock := o.g.cal.Clock(s.Start)
		if day >= 0 && clock >= 9*3600 && clock < 21*3600 && s.End-s.Start <= maxErrand && !o.atAnchor(h.anchors, s.Area) {
			h.errands = append(h.errands, outing{s.Area, clock})
		}
	}
	return h
}

// escortTime reports whether t is a weekday's escort time.
func (o *observer) escortTime(t uint32) (day, window int, ok bool) {
	day, clock := o.g.cal.Clock(t)
	if day < 0 || day >= o.g.cal.Days() || o.g.cal.Kind(day) != sigcity.Weekday {
		return 0, 0, false
	}
	for w, bounds := range escortWindows() {
		if clock >= bounds[0] && clock < bounds[1] {
			return day, w, true
		}
	}
	return 0, 0, false
}

func (h *habits) addStop(area sigcity.AreaID, window, day, clock int, weight float64) {
	for i := range h.stops {
		s := &h.stops[i]
		if s.area != area || s.window != window {
			continue
		}
		if s.lastDay != day {
			s.lastDay, s.dayBest = day, 0
			s.days++
			s.clocks += clock
		}
		if weight > s.dayBest {
			s.weight += weight - s.dayBest
			s.dayBest = weight
		}
		return
	}
	h.stops = append(h.stops, stop{area: area, window: window, days: 1, weight: weight, lastDay: day, dayBest: weight, clocks: clock})
}

// countOffice counts records of the paper's office hours, 09–12 and 14–17.
func (o *observer) countOffice(h *habits, run []sigcity.Record) {
	home := h.anchors.HasHome && o.near(h.anchors.Home, run[0].Area)
	work := h.anchors.HasWork && !home && o.near(h.anchors.Work, run[0].Area)
	for _, r := range run {
		day, clock := o.g.cal.Clock(r.Time)
		hour := clock / 3600
		if day < 0 || day >= o.g.cal.Days() || o.g.cal.Kind(day) != sigcity.Weekday || hour < 9 || hour == 12 || hour == 13 || hour >= 17 {
			continue
		}
		h.office.all++
		if home {
			h.office.atHome++
		}
		if work {
			h.office.atWork++
		}
	}
}

func (o *observer) atAnchor(a recognition.Anchors, area sigcity.AreaID) bool {
	return a.HasHome && o.near(a.Home, area) || a.HasWork && o.near(a.Work, area)
}

// near reports whether a phone at the anchor may be recorded in the area: the
// sectors around a place, as recognition groups them.
func (o *observer) near(anchor, area sigcity.AreaID) bool {
	return anchor == area || o.g.areas.Dist(anchor, area) <= math.Max(0.6*o.g.areas.Spacing(anchor), o.g.areas.Radius(anchor))
}
