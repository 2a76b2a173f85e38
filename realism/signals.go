package realism

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/recognition"
)

// Classes of records whose hours are counted.
const (
	cAll = iota
	cCalls
	cSMS
	cData
	classes
)

func classOf(e sigcity.Event) int {
	switch e {
	case sigcity.CallOut, sigcity.CallIn:
		return cCalls
	case sigcity.SMSOut, sigcity.SMSIn:
		return cSMS
	case sigcity.ServiceRequest:
		return cData
	}
	return cAll
}

// Pairs of counts: how many of how many.
const (
	some = iota
	of
	pair
)

const (
	hoursOfWeek = 7 * 24
	longestGap  = 5 * 3600 // of a periodic update after the record before, s
	maxPlaces   = 64       // places of a user that are told apart in laws of visitation
)

// signals is what is counted over all records: whole numbers only, so that the
// order in which workers' counts are added does not show.
type signals struct {
	types     *counts   // by event type
	hours     *counts   // by class, kind of day, hour
	week      []int64   // by class and hour of the week from Monday
	cellHours []int64   // by cell, kind of day, hour
	pingPong  *counts   // pair: records in excursions of at most five minutes, all
	cellFlips []int64   // by cell: records of such excursions into it
	minutes   []int64   // by minute: gaps between a periodic update and the record before
	periods   []int64   // by second: gaps between two periodic updates in a row
	idleDays  histogram // updates on a day without any use
	handovers *counts   // pair: those of a connected phone, all
	entries   *counts   // pair: first records in another tracking area that may be that, all
	borders   map[uint64][2]int64
	night     *counts   // pair: consecutive records in one cell, all, 0 to 6 h
	nightly   histogram // cells a night
	jumps     histogram // m between records of use
	sent      histogram // s between calls and messages that a phone sends
	used      histogram // s between records of use
	calls     histogram // s between calls that a phone makes
	grown     *counts   // by day: places seen by then for the first time
	seen      int64     // users with a stay
	chances   *counts   // by places known so far: moves to a place
	news      *counts   // and those to a new one
	visits    *counts   // by rank of the place among the user's
	support   *counts   // visits by number of the user's places
}

func newSignals(cells, days int) *signals {
	seconds := geometric(1, 1e8, 1.05)
	return &signals{types: newCounts(len(sigcity.Events()) + 1), hours: newCounts(classes * dayKinds * 24), week: make([]int64, classes*hoursOfWeek),
		cellHours: make([]int64, cells*dayKinds*24), pingPong: newCounts(pair), cellFlips: make([]int64, cells),
		minutes: make([]int64, longestGap/60), periods: make([]int64, longestGap), idleDays: newHistogram(even(0, 1, 400)),
		handovers: newCounts(pair), entries: newCounts(pair), borders: map[uint64][2]int64{}, night: newCounts(pair),
		nightly: newHistogram(even(0, 1, 64)), jumps: newHistogram(geometric(50, 1e6, 1.05)), sent: newHistogram(seconds), used: newHistogram(seconds),
		calls: newHistogram(seconds), grown: newCounts(days), chances: newCounts(maxPlaces), news: newCounts(maxPlaces),
		visits: newCounts(maxPlaces), support: newCounts(maxPlaces)}
}

// merge adds the counts of another worker.
func (s *signals) merge(o *signals) {
	for _, c := range [][2]*counts{{s.types, o.types}, {s.hours, o.hours}, {s.pingPong, o.pingPong}, {s.idleDays.counts, o.idleDays.counts},
		{s.handovers, o.handovers}, {s.entries, o.entries}, {s.night, o.night}, {s.nightly.counts, o.nightly.counts}, {s.jumps.counts, o.jumps.counts},
		{s.sent.counts, o.sent.counts}, {s.used.counts, o.used.counts}, {s.calls.counts, o.calls.counts}, {s.chances, o.chances}, {s.news, o.news},
		{s.visits, o.visits}, {s.support, o.support}, {s.grown, o.grown}} {
		c[0].merge(c[1])
	}
	for _, c := range [][2][]int64{{s.week, o.week}, {s.cellHours, o.cellHours}, {s.cellFlips, o.cellFlips}, {s.minutes, o.minutes},
		{s.periods, o.periods}} {
		for i, n := range c[1] {
			c[0][i] += n
		}
	}
	for k, n := range o.borders {
		s.borders[k] = [2]int64{s.borders[k][0] + n[0], s.borders[k][1] + n[1]}
	}
	s.seen += o.seen
}

// userFigures are what is kept of one user.
type userFigures struct {
	records  int32
	talk     int32   // calls and messages
	gyration float32 // radius, m; NaN = no records
	homeErr  float32 // m from the true home to the found one; NaN = not found or not in town
	workErr  float32
	bursty   float32           // burstiness of calls made, hours of the day taken out; NaN = too few
	weibull  int8              // 1 = Weibull, 0 = power law, −1 = too few calls
	top      [3]sigcity.AreaID // most frequent cells, ascending among the first one, two, three
	tops     uint8
}

// townSpacing is the site spacing below which a place counts as town where
// positioning errors are measured, m (assumed).
const townSpacing = 1000

// useChunk is how many users a worker takes at a time: a row group's.
const useChunk = 512

// span is a run of users of one part.
type span struct{ first, limit sigcity.UserID }

// spans cuts the users into runs within parts.
func spans(f *dataset.Folder) []span {
	var out []span
	for _, p := range f.Manifest().Parts {
		end := p.First + sigcity.UserID(p.Users)
		for at := p.First; at < end; at += useChunk {
			out = append(out, span{at, min(at+useChunk, end)})
		}
	}
	return out
}

// observe reads the records: once for all counts, once more for what needs the
// results of the first time (hours of calls, the crowd around sampled points).
func (s *survey) observe(ctx context.Context, f *dataset.Folder, o Options) error {
	s.users = make([]userFigures, s.meta.Users)
	for u := range s.users {
		nan := float32(math.NaN())
		s.users[u] = userFigures{gyration: nan, homeErr: nan, workErr: nan, bursty: nan, weibull: -1}
	}
	s.crowd = newCrowd(s.meta.Users, s.people.phone, s.days, f.Key)
	list := spans(f)
	var read atomic.Int64
	pass := func(visit func(worker int, t sigcity.Trajectory)) error {
		return parallel.For(ctx, o.Workers, len(list), 1, func(w, lo, hi int) error {
			for _, sp := range list[lo:hi] {
				for t, err := range f.Users(ctx, sigcity.Range{First: sp.first, Limit: sp.limit}) {
					if err != nil {
						return err
					}
					if s.people.phone(t.User) {
						visit(w, t)
					}
				}
				o.Progress(read.Add(int64(sp.limit-sp.first)), int64(2*s.meta.Users))
			}
			return nil
		})
	}
	observers := make([]*observer, o.Workers)
	for w := range observers {
		observers[w] = newObserver(s)
	}
	if err := pass(func(w int, t sigcity.Trajectory) { observers[w].visit(t) }); err != nil {
		return err
	}
	s.signals = observers[0].n
	for _, x := range observers[1:] {
		s.signals.merge(x.n)
	}
	for u := range s.users {
		s.records += int64(s.users[u].records)
	}
	s.crowd.seal(o.Workers)
	seasons := newSeasons(s.cal, s.signals)
	var scratch = make([][]float64, o.Workers)
	return pass(func(w int, t sigcity.Trajectory) {
		scratch[w] = seasons.judge(&s.users[t.User], t.Records, scratch[w][:0])
		s.crowd.meet(w, t)
	})
}

// observer is one worker's view of users, one after the other.
type observer struct {
	*survey
	n      *signals
	tacs   []uint32
	home   *recognition.AnchorFinder
	finder *recognition.StayFinder
	stays  []recognition.Stay
	places []visited
	night  []sigcity.AreaID
	dates  []dateFacts
	list   []uint32 // of tracking areas, scratch
}

// dateFacts are what of a local day the loop over records needs.
type dateFacts struct {
	start, end uint32
	kind       int
	week       int // hour of the week at which it begins
}

func newObserver(s *survey) *observer {
	o := &observer{survey: s, n: newSignals(len(s.cells), s.days), home: recognition.NewAnchorFinder(s.cal, s.areas),
		finder: recognition.NewStayFinder(s.areas, nil, recognition.DefaultStayParams())}
	for _, c := range s.cells {
		o.tacs = append(o.tacs, c.TAC)
	}
	for d := range s.days {
		o.dates = append(o.dates, dateFacts{s.cal.Start(d), s.cal.Start(d + 1), kindOfDay(s.cal, d), 24 * weekdayOf(s.cal, d)})
	}
	return o
}

// visit counts one user.
func (o *observer) visit(t sigcity.Trajectory) {
	g, u := o.people.group[t.User], &o.users[t.User]
	o.hoursOf(g, u, t.Records)
	o.cellsOf(g, t.Records)
	o.arrivalsOf(g, t.Records)
	o.timersOf(g, t.Records)
	o.gapsOf(g, t.Records)
	o.nightsOf(g, t.Records)
	o.placesOf(g, t)
	u.records = int32(min(len(t.Records), math.MaxInt32))
	u.gyration = float32(o.gyration(t.Records))
	top := recognition.Top(t, len(u.top))
	for i, v := range top {
		u.top[i] = v.Area
	}
	u.tops = uint8(len(top))
	o.anchorsOf(u, t)
	o.crowd.choose(t)
}

// hoursOf counts types and hours.
func (o *observer) hoursOf(g uint8, u *userFigures, rows []sigcity.Record) {
	d := 0
	for i := range rows {
		r := &rows[i]
		o.n.types.add(g, int(r.Type), 1)
		for d < len(o.dates)-1 && r.Time >= o.dates[d].end {
			d++
		}
		day := &o.dates[d]
		class := classOf(r.Type)
		if class == cCalls || class == cSMS {
			u.talk++
		}
		if r.Time < day.start || r.Time >= day.end {
			continue // outside the calendar
		}
		// A day on which clocks change has 23 or 25 hours: the last takes the rest.
		hour := min(int(r.Time-day.start)/3600, 23)
		at := day.kind*24 + hour
		o.n.cellHours[int(r.Area)*dayKinds*24+at]++
		o.n.hours.add(g, cAll*dayKinds*24+at, 1)
		o.n.week[cAll*hoursOfWeek+day.week+hour]++
		if class != cAll {
			o.n.hours.add(g, class*dayKinds*24+at, 1)
			o.n.week[class*hoursOfWeek+day.week+hour]++
		}
	}
}

// gyration is the root mean square distance of the records' cells from their mean, m.
func (o *observer) gyration(rows []sigcity.Record) float64 {
	var sum geo.XY
	for i := range rows {
		c := o.areas.Centers[rows[i].Area]
		sum.X, sum.Y = sum.X+c.X, sum.Y+c.Y
	}
	n := float64(len(rows))
	mean, d2 := geo.XY{X: sum.X / n, Y: sum.Y / n}, 0.0
	for i := range rows {
		d2 += o.areas.Centers[rows[i].Area].Dist2(mean)
	}
	return math.Sqrt(d2 / n)
}

// anchorsOf compares found homes and work places with the true ones.
func (o *observer) anchorsOf(u *userFigures, t sigcity.Trajectory) {
	p := o.people
	if p.of == nil {
		return
	}
	person := p.of[t.User]
	found := o.home.Find(t)
	town := func(cell int32) bool { return cell >= 0 && o.areas.Spacing(sigcity.AreaID(cell)) < townSpacing }
	if found.HasHome && town(p.homeCell[person]) {
		u.homeErr = float32(o.areas.Centers[found.Home].Dist(p.home[person]))
	}
	if found.HasWork && p.worker[person] && town(p.workCell[person]) {
		u.workErr = float32(o.areas.Centers[found.Work].Dist(p.work[person]))
	}
}

// weekdayOf is the day of the week from Monday = 0.
func weekdayOf(cal *sigcity.Calendar, day int) int {
	noon := time.Unix(int64(cal.Start(day))+12*3600, 0).In(cal.Location())
	return (int(noon.Weekday()) + 6) % 7
}

// visited is a place of one user: the leader of a cluster of stays.
type visited struct {
	area   sigcity.AreaID
	visits int64
}

// placesOf follows the stays of a user: places are clusters of stays whose
// cells lie within the roam radius of the first (P5, Hartigan's leader rule).
func (o *observer) placesOf(g uint8, t sigcity.Trajectory) {
	o.stays = o.finder.Find(o.stays[:0], t)
	if len(o.stays) == 0 {
		return
	}
	o.n.seen++
	o.places = o.places[:0]
	last := -1
	for _, s := range o.stays {
		known := len(o.places)
		at := slices.IndexFunc(o.places, func(v visited) bool { return o.samePlace(v.area, s.Area) })
		if at < 0 {
			at = known
			o.places = append(o.places, visited{area: s.Area})
			if d := o.cal.Day(s.Start); d < o.days {
				o.n.grown.add(g, max(d, 0), 1)
			}
		}
		if at == last {
			continue // the same stay, cut in two
		}
		if last >= 0 && known < maxPlaces {
			o.n.chances.add(g, known, 1)
			if at == known {
				o.n.news.add(g, known, 1)
			}
		}
		o.places[at].visits++
		last = at
	}
	slices.SortFunc(o.places, func(a, b visited) int { return int(b.visits - a.visits) })
	total := int64(0)
	for k, v := range o.places[:min(len(o.places), maxPlaces-1)] {
		o.n.visits.add(g, k+1, v.visits)
		total += v.visits
	}
	o.n.support.add(g, min(len(o.places), maxPlaces-1), total)
}
