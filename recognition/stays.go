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
	DistanceM  float64 // straight line between the centroids of the stays, m
}

// StayParams are the parameters of P4, docs/methods.md. Zero values take the
// defaults of DefaultStayParams.
type StayParams struct {
	RadiusM float64 // roam radius; 0 = by local site spacing: clip(0.7 × spacing, 300 m, 2 km)
	Alpha   float64 // > 0: the roam radius is Alpha × spacing instead, unclipped (see SiteSpacing)
	MinS    uint32  // shortest stay, seconds
	GapS    uint32  // longest silence inside a stay or a trip, seconds
	ReturnS uint32  // the longest excursion that is no stay elsewhere, seconds
	AccessS uint32  // of a move's time, what no distance explains: from and to the vehicle, seconds
	SpeedMS float64 // straight-line speed in between, m/s
	// From and To bound what is known, Unix seconds: the first and the last
	// stay reach out to them if they are no farther away than GapS. 0, 0 = no bounds.
	From, To uint32
}

// DefaultStayParams are the cell-level defaults. Nothing shorter than 15 minutes
// is a stay elsewhere (multimno's shortest stay). Commuters in Guangzhou need 39
// minutes for 7.7 km in a straight line (2017 signaling data): at 4.4 m/s and
// 10 minutes at the ends (assumed).
func DefaultStayParams() StayParams {
	return StayParams{MinS: 30 * 60, GapS: 12 * 3600, ReturnS: 15 * 60, AccessS: 10 * 60, SpeedMS: 4.4}
}

// StayFinder cuts trajectories into stays by incremental clustering (after
// Hariharan & Toyama 2004, with roam radius and gap rules at the scale of
// cells). A record joins the current cluster if its area is the cluster's
// dominant one, or its centre lies within the roam radius of the cluster's
// centroid, and the silence before it is no longer than GapS; so a periodic
// update keeps a stay alive. Records elsewhere do not end a cluster if the
// phone is back within ReturnS, or within MinS where all their areas touch the
// dominant one (ping-pong). At either end of a cluster, records in areas that have
// less than a tenth of the dominant one's are way points: who leaves is still near.
//
// When a cluster begins and ends is an estimate. Of the silence g between two
// clusters a distance d apart, the travel time is taken off: d/SpeedMS, and half
// of AccessS at a stay. What is left goes half to either, the expectation when
// the moment of leaving is equally likely all over it; all of it to the
// stay before if the record after the silence is a handover or an update of the
// tracking area, for then the phone has just come in. A cluster is a stay if it
// lasts MinS by this estimate. Others are way points, passed at the moment of
// their records: next to one a stay gets all that is left, and a way point nothing. Of
// a silence longer than GapS a stay gets GapS/2 at most, and there is no trip
// across it. Two stays at one place with a single record elsewhere between them, or
// none, are one if a second record could still be missing: a stray record is no
// trip there and back.
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
	sure        bool // it lasts long enough whatever its neighbours are
	entered     bool // its first record tells of a move: a handover or an update of the tracking area
}

// NewStayFinder works on the given areas; spacing is per area, in metres (nil
// = as the areas say).
func NewStayFinder(areas *geo.Areas, spacing []float64, p StayParams) *StayFinder {
	def := DefaultStayParams()
	for _, v := range []struct{ p, def *uint32 }{{&p.MinS, &def.MinS}, {&p.GapS, &def.GapS}, {&p.ReturnS, &def.ReturnS}, {&p.AccessS, &def.AccessS}} {
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
		s := areas.Spacing(id)
		if spacing != nil {
			s = spacing[i]
		}
		switch {
		case p.Alpha > 0:
			roam = p.Alpha * s
		case roam == 0:
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
	f.join()
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
			a := &f.clusters[from]
			dst = append(dst, Trip{Start: a.end, End: c.start, From: a.area, To: c.area, DistanceM: a.center.Dist(c.center)})
		}
		from = i
	}
	return dst
}
