package planning

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "activity-space", ID: "T23",
		Doc:      "the places of each person, when they are at which, and how far their space reaches",
		Citation: "our definition, named after the patent's title; not the patented method. ST-DBSCAN: Birant & Kut 2007; leader rule: Isaacman et al. 2011; ellipse: Yuill 1971",
		Params: []plugin.Param{
			{Name: "method", Type: plugin.String, Default: leaderMethod, Choices: []string{leaderMethod, stDBSCANMethod}, Doc: "how stays become places"},
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay, in truth too"},
			{Name: "radius_m", Type: plugin.Float, Default: 1000.0, Min: 50, Max: 20000, Doc: "reach of a place by the leader rule; in space by ST-DBSCAN half of it (assumed)"},
		},
		Complexity: "O(n) in records, quadratic in the stays of one user",
		New: func(v plugin.Values) (Task, error) {
			t := spaceTask{stays: recognition.DefaultStayParams(), radiusM: v.Float("radius_m")}
			t.stays.MinS = uint32(v.Duration("min_stay").Seconds())
			t.places.RadiusM, t.places.EpsM = t.radiusM, t.radiusM/2
			if v.String("method") == stDBSCANMethod {
				t.places.Method = recognition.STDBSCAN
			}
			return t, nil
		},
	})
}

// Methods of T23.
const (
	leaderMethod   = "leader"
	stDBSCANMethod = "st-dbscan"
)

// ActivitySpaces is the answer of T23.
type ActivitySpaces struct {
	Spaces []ActivitySpace `json:"spaces"` // by user, then From

	env   *Env    // local time
	joinM float64 // places of different tokens of one person that are nearer are one
}

// ActivitySpace is that of one user from From to To (Unix seconds).
type ActivitySpace struct {
	User       uint32       `json:"user"`
	From       uint32       `json:"from"`
	To         uint32       `json:"to"`
	HullKM2    float64      `json:"hull_km2"`    // area of the convex hull of the places
	EllipseKM2 float64      `json:"ellipse_km2"` // area of the standard deviational ellipse, places by time
	Home       int          `json:"home"`        // position in Places, −1 = none: most time 00:00–06:00
	Work       int          `json:"work"`        // likewise: most time 09:00–12:00 and 14:00–17:00 on weekdays, other than home
	Places     []SpacePlace `json:"places"`
	Stays      []SpaceStay  `json:"stays"` // in order of time; they do not overlap
}

// SpacePlace is a place that somebody comes back to.
type SpacePlace struct {
	Place
	Seconds      float64 `json:"seconds"`       // spent there
	NightSeconds float64 `json:"night_seconds"` // of these in the hours of home
	WorkSeconds  float64 `json:"work_seconds"`  // and of work
}

// SpaceStay is a stay at a place.
type SpaceStay struct {
	Start uint32 `json:"start"` // Unix seconds, Start ≤ t < End
	End   uint32 `json:"end"`
	Place int32  `json:"place"` // position in Places
}

// spaceTask groups stays (P4) into places (P5) and labels home and work (P6(a), on
// stays) among them.
type spaceTask struct {
	stays   recognition.StayParams
	places  recognition.LocationParams
	radiusM float64
}

func (spaceTask) Needs() Need { return Need{Horizon: Week} }

// Fold keeps the space of every token. Stays that the clustering calls noise are at no
// place.
func (t spaceTask) Fold(env *Env) Fold {
	return &listFold[ActivitySpace]{env: env, tag: "activity-space/1", take: func(v *View) (ActivitySpace, bool) {
		places, label := v.Locations(t.stays, t.places)
		stays, _ := v.Stays(t.stays)
		b := spaceBuilder{}
		for i, l := range label {
			if l < 0 || stays[i].Start >= stays[i].End {
				continue
			}
			p := &places[l]
			at := env.Proj.LonLat(p.Center)
			b.add(0, l, Place{at[0], at[1], max(minReachM, env.Areas[p.Area].Spacing)}, env.timed(stays[i].Start, stays[i].End))
		}
		return b.space(v.User, v.Period), len(b.stays) > 0
	}, owner: func(s *ActivitySpace) (uint32, uint32) { return s.User, s.From }, write: appendSpace, read: readSpace,
		answer: func(spaces []ActivitySpace) (Answer, error) {
			return &ActivitySpaces{Spaces: spaces, env: env, joinM: t.radiusM}, nil
		}}
}

func appendSpace(b []byte, s *ActivitySpace) []byte {
	for _, x := range []uint32{s.User, s.From, s.To, uint32(s.Home + 1), uint32(s.Work + 1), uint32(len(s.Places)), uint32(len(s.Stays))} {
		b = binary.AppendUvarint(b, uint64(x))
	}
	b = appendFloat(appendFloat(b, s.HullKM2), s.EllipseKM2)
	for _, p := range s.Places {
		for _, x := range []float64{p.Lon, p.Lat, p.ReachM, p.Seconds, p.NightSeconds, p.WorkSeconds} {
			b = appendFloat(b, x)
		}
	}
	for _, x := range s.Stays {
		b = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(b, uint64(x.Start)), uint64(x.End)), uint64(x.Place))
	}
	return b
}

func readSpace(d *decoder) ActivitySpace {
	s := ActivitySpace{User: d.uint32(), From: d.uint32(), To: d.uint32(), Home: int(d.uint32()) - 1, Work: int(d.uint32()) - 1}
	places, stays := d.length(48), d.length(3)
	s.HullKM2, s.EllipseKM2 = d.float(), d.float()
	for ; places > 0 && d.err == nil; places-- {
		s.Places = append(s.Places, SpacePlace{Place: Place{d.float(), d.float(), d.float()}, Seconds: d.float(), NightSeconds: d.float(), WorkSeconds: d.float()})
	}
	for ; stays > 0 && d.err == nil; stays-- {
		x := SpaceStay{d.uint32(), d.uint32(), int32(d.uint32())}
		if x.Start >= x.End || x.Place < 0 || int(x.Place) >= len(s.Places) {
			d.fail("a stay from %d to %d at place %d of %d", x.Start, x.End, x.Place, len(s.Places))
		}
		s.Stays = append(s.Stays, x)
	}
	if n := len(s.Places); s.Home >= n || s.Work >= n {
		d.fail("home is place %d and work %d of %d", s.Home, s.Work, n)
	}
	return s
}

// timedStay is a stay and what of it falls into the hours of home and of work, s.
type timedStay struct {
	start, end  uint32
	night, work float64
}

// timed measures a stay.
func (e *Env) timed(start, end uint32) timedStay {
	s := timedStay{start: start, end: end}
	for d := max(0, e.Calendar.Day(start)); d < e.Calendar.Days() && e.Calendar.Start(d) < end; d++ {
		midnight, next := e.Calendar.Start(d), e.Calendar.Start(d+1)
		within := func(fromHour, toHour uint32) float64 {
			from, to := max(start, midnight+fromHour*3600), min(end, midnight+toHour*3600, next)
			return float64(max(from, to) - from)
		}
		s.night += within(0, 6)
		if e.Calendar.Kind(d) == sigcity.Weekday {
			s.work += within(9, 12) + within(14, 17)
		}
	}
	return s
}

// spaceBuilder lays out the space of one user from stays, those of one source after
// those of another.
type spaceBuilder struct {
	joinM  float64
	source int
	number map[int32]int32 // of the source's places, their positions
	old    int             // places of earlier sources
	places []SpacePlace
	stays  []SpaceStay
}

// add adds a stay. A place of another source than the first is the nearest of the
// earlier sources' that lies within joinM, if there is one.
func (b *spaceBuilder) add(source int, place int32, at Place, s timedStay) {
	if b.number == nil || b.source != source {
		b.source, b.number, b.old = source, map[int32]int32{}, len(b.places)
	}
	i, ok := b.number[place]
	if !ok {
		i = int32(len(b.places))
		least := b.joinM
		for k, p := range b.places[:b.old] {
			if d := geo.Distance(p.point(), at.point()); d < least {
				i, least = int32(k), d
			}
		}
		if int(i) == len(b.places) {
			b.places = append(b.places, SpacePlace{Place: at})
		}
		b.number[place] = i
	}
	p := &b.places[i]
	p.Seconds += float64(s.end - s.start)
	p.NightSeconds += s.night
	p.WorkSeconds += s.work
	b.stays = append(b.stays, SpaceStay{s.start, s.end, i})
}

// space finishes it. Where stays of two sources overlap, the earlier one goes on.
func (b *spaceBuilder) space(user uint32, span sigcity.Period) ActivitySpace {
	out := ActivitySpace{User: user, From: span.From, To: span.To, Home: -1, Work: -1, Places: b.places}
	slices.SortStableFunc(b.stays, func(x, y SpaceStay) int { return cmp.Compare(x.Start, y.Start) })
	for _, s := range b.stays {
		if k := len(out.Stays) - 1; k >= 0 {
			s.Start = max(s.Start, out.Stays[k].End)
		}
		if s.Start < s.End {
			out.Stays = append(out.Stays, s)
		}
	}
	out.Home = mostOf(b.places, -1, func(p *SpacePlace) float64 { return p.NightSeconds })
	out.Work = mostOf(b.places, out.Home, func(p *SpacePlace) float64 { return p.WorkSeconds })
	out.HullKM2, out.EllipseKM2 = spaceExtent(b.places)
	return out
}

// mostOf is the place other than not with the largest value above 0, −1 if there is none;
// of equals the first.
func mostOf(places []SpacePlace, not int, value func(*SpacePlace) float64) int {
	best, most := -1, 0.0
	for i := range places {
		if v := value(&places[i]); i != not && v > most {
			best, most = i, v
		}
	}
	return best
}

// spaceExtent is the areas in km² of the convex hull of places and of their standard
// deviational ellipse (Lefever 1926; Yuill 1971), weighted by time: π times the standard deviations
// along its axes, which is the root of the determinant of the covariances.
func spaceExtent(places []SpacePlace) (hull, ellipse float64) {
	if len(places) == 0 {
		return 0, 0
	}
	proj := geo.NewProjection(places[0].point())
	pts := make([]geo.XY, len(places))
	var mean geo.XY
	all := 0.0
	for i := range places {
		pts[i] = proj.XY(places[i].point())
		w := places[i].Seconds
		mean, all = geo.XY{X: mean.X + float64(w*pts[i].X), Y: mean.Y + float64(w*pts[i].Y)}, all+w
	}
	mean = geo.XY{X: ratio(mean.X, all), Y: ratio(mean.Y, all)}
	var xx, yy, xy float64
	for i, p := range pts {
		w, d := ratio(places[i].Seconds, all), p.Sub(mean)
		xx += float64(w * d.X * d.X)
		yy += float64(w * d.Y * d.Y)
		xy += float64(w * d.X * d.Y)
	}
	return geo.RingArea(geo.Hull(pts)) / 1e6, math.Pi * math.Sqrt(max(0, float64(xx*yy)-float64(xy*xy))) / 1e6
}

// FromTruth takes the places where everybody with a SIM stays for min_stay at least.
func (t spaceTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := &ActivitySpaces{env: env, joinM: t.radiusM}
	span := env.window()
	err := env.lives(ctx, truth, t.stays.MinS, func(l *life) error {
		b := spaceBuilder{}
		number := map[orb.Point]int32{}
		for _, s := range l.stays {
			start, end := max(s.start, span.From), min(s.end, span.To)
			if start >= end {
				continue
			}
			if _, ok := number[s.point]; !ok {
				number[s.point] = int32(len(number))
			}
			b.add(0, number[s.point], env.located(s.point[0], s.point[1]), env.timed(start, end))
		}
		if len(b.stays) > 0 {
			out.Spaces = append(out.Spaces, b.space(l.person.ID, span))
		}
		return nil
	})
	return out, err
}

// Null knows nobody's places.
func (t spaceTask) Null(env *Env) Answer { return &ActivitySpaces{env: env, joinM: t.radiusM} }
