package recognition

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Parameters of the permanence score: the defaults of Eurostat's multimno.
const (
	permSlots    = 24        // a day; a slot scores 1 at the place that holds more than half of it
	permSlot     = hour      // s
	permMove     = 50 / 3.6  // m/s; records passed faster are moves
	permGap      = 15 * 60   // s; the longest silence between two areas that counts as presence
	permGapDay   = 2 * hour  // s; within one area
	permGapNight = 8 * hour  // s; within one area, both records between 23:00 and 09:00
	permHush     = 23 * hour // s after midnight: begin of the long silences
	permWake     = 9 * hour  // s after midnight: their end
	permNight    = 18        // hour: night is 18–08
	permMorning  = 8         // hour: end of night and begin of work, which is 08–17
	permEvening  = 17        // hour: end of work
	permAnchor   = 80. / 100 // share of the score, or of the days, that makes an anchor
	permUsual    = 70. / 100 // share of the score that makes a usual environment
)

// PermanenceFinder finds home, work and the usual environment by the permanence
// score of Eurostat's multimno (daily permanence score and usual environment
// labelling; its default parameters).
//
// A record counts as presence in its area from half the silence before it to
// half the silence after it, as long as that silence is at most 15 minutes
// between different areas, 2 hours within one, and 8 hours within one between
// 23:00 and 09:00; beside a longer silence it counts 7.5 minutes. A record
// that is passed at more than 50 km/h is a move and counts nothing; distances
// are the shortest between two areas, times the longest between two records. Of
// the 24 slots of a local day each scores 1 at the place that holds more than
// half of it.
//
// Home is the place with 80 % of the score of all slots, else with 80 % of the
// score at night (18:00–08:00), else the one seen in 80 % of the nights; work,
// which is not home, has 80 % of the score of workdays from 08:00 to 17:00, or is
// seen then on 80 % of the workdays. All shares are of what was seen of the phone.
// Who reaches none has none: the rule says so rather than guess.
//
// Places are the stable points of [AnchorFinder], led by the area with most
// presence, where multimno takes the tiles of footprints; its cut at gaps of the
// score, made for tiles that overlap, has no use for places that do not. Weights
// are slots. Of n records with the same span, record i is put at (i − ½)/n of it.
//
// The finder reuses its memory; one per goroutine.
type PermanenceFinder struct {
	cal    *sigcity.Calendar
	areas  *geo.Areas
	slot   []int32 // per area: 1 + position in seen, 0 = not seen
	seen   []presence
	at     []uint32 // per record: where in time it is put
	dwells []dwell
	points []permanence
	total  permanence // of the phone, wherever it was
	held   []float64  // per point: seconds of the current slot
	in     []int32    // points of the current slot
}

// presence is one area.
type presence struct {
	area    sigcity.AreaID
	seconds float64
	point   int32
}

// dwell is an interval at an area.
type dwell struct {
	from, to uint32
	area     sigcity.AreaID
}

// permanence is the score of one stable point, in slots and days.
type permanence struct {
	leader             sigcity.AreaID
	all, night, work   int // slots
	nights, workdays   int
	lastNight, lastDay int
}

// NewPermanenceFinder works in local time of cal over the given areas.
func NewPermanenceFinder(cal *sigcity.Calendar, areas *geo.Areas) *PermanenceFinder {
	return &PermanenceFinder{cal: cal, areas: areas, slot: make([]int32, areas.Len())}
}

// Find labels the anchors of t.
func (f *PermanenceFinder) Find(t sigcity.Trajectory) Anchors {
	f.place(t.Records)
	f.dwell(t.Records)
	f.group()
	f.score()
	var out Anchors
	home, ok := f.best(-1, func(p *permanence) (int, int) { return p.all, p.night })
	if ok = ok && atLeast(permAnchor, f.points[home].all, f.total.all); !ok {
		home, ok = f.best(-1, func(p *permanence) (int, int) { return p.night, p.all })
		if ok = ok && atLeast(permAnchor, f.points[home].night, f.total.night); !ok {
			home, ok = f.best(-1, func(p *permanence) (int, int) { return p.nights, p.night })
			ok = ok && atLeast(permAnchor, f.points[home].nights, f.total.nights)
		}
	}
	if ok {
		out.HasHome, out.Home, out.HomeWeight = true, f.points[home].leader, float64(f.points[home].night)
	} else {
		home = -1
	}
	work, ok := f.best(home, func(p *permanence) (int, int) { return p.work, p.workdays })
	if ok = ok && atLeast(permAnchor, f.points[work].work, f.total.work); !ok {
		work, ok = f.best(home, func(p *permanence) (int, int) { return p.workdays, p.work })
		ok = ok && atLeast(permAnchor, f.points[work].workdays, f.total.workdays)
	}
	if ok {
		out.HasWork, out.Work, out.WorkWeight = true, f.points[work].leader, float64(f.points[work].work)
	}
	return out
}

// UsualEnvironment appends to dst the leading areas of the usual environment of
// the trajectory last given to Find: the places with 70 % of the score of all
// slots, of the nights, or of the hours of work.
func (f *PermanenceFinder) UsualEnvironment(dst []sigcity.AreaID) []sigcity.AreaID {
	for _, p := range f.points {
		if atLeast(permUsual, p.all, f.total.all) || atLeast(permUsual, p.night, f.total.night) || atLeast(permUsual, p.work, f.total.work) {
			dst = append(dst, p.leader)
		}
	}
	return dst
}

func atLeast(share float64, part, whole int) bool {
	return part > 0 && float64(part) >= share*float64(whole)
}

// best is the point with most by the first key, then the second, other than
// home; of equals the one with most presence.
func (f *PermanenceFinder) best(home int, key func(*permanence) (int, int)) (int, bool) {
	best, most, second := -1, 0, 0
	for i := range f.points {
		a, b := key(&f.points[i])
		if i == home || a == 0 {
			continue
		}
		if best < 0 || a > most || a == most && b > second {
			best, most, second = i, a, b
		}
	}
	return best, best >= 0
}

// place puts every record at a moment, in ascending order.
func (f *PermanenceFinder) place(rows []sigcity.Record) {
	f.at = f.at[:0]
	last := uint32(0)
	for i := 0; i < len(rows); {
		n := 1
		for i+n < len(rows) && rows[i].Span > 0 && rows[i+n].Time == rows[i].Time && rows[i+n].Span == rows[i].Span {
			n++
		}
		for k := range n {
			last = max(last, rows[i].Time+uint32(uint64(rows[i].Span)*uint64(2*k+1)/uint64(2*n)))
			f.at = append(f.at, last)
		}
		i += n
	}
}

// dwell turns records into intervals of presence.
func (f *PermanenceFinder) dwell(rows []sigcity.Record) {
	f.dwells = f.dwells[:0]
	// before is how long the next record is present before its moment.
	before := uint32(permGap / 2)
	for i, r := range rows {
		after, next := uint32(permGap/2), uint32(permGap/2)
		if i+1 < len(rows) {
			if gap := f.at[i+1] - f.at[i]; silence(r, rows[i+1]) <= f.patience(i, r.Area == rows[i+1].Area) {
				after, next = gap/2, gap-gap/2
			}
		}
		if !f.moves(rows, i) {
			d := dwell{f.at[i] - min(f.at[i], before), f.at[i] + after, r.Area}
			if k := len(f.dwells) - 1; k >= 0 && f.dwells[k].area == d.area && f.dwells[k].to >= d.from {
				f.dwells[k].to = max(f.dwells[k].to, d.to)
			} else {
				if k >= 0 { // middles of long spans may be out of order: dwells are not
					d.from = max(d.from, f.dwells[k].to)
				}
				if d.from < d.to {
					f.dwells = append(f.dwells, d)
				}
			}
		}
		before = next
	}
}

// patience is the longest silence after record i that counts as presence, s.
func (f *PermanenceFinder) patience(i int, same bool) uint32 {
	if !same {
		return permGap
	}
	// Both within 23:00–09:00 of one night: seen from 23:00, the clock has not
	// gone beyond ten hours by the second.
	since := (timeOfDay(f.cal, f.at[i]) + secondsOfDay - permHush) % secondsOfDay
	if since+f.at[i+1]-f.at[i] <= permWake+secondsOfDay-permHush {
		return permGapNight
	}
	return permGapDay
}

// moves reports whether record i is passed at more than 50 km/h between its
// neighbours. A record without one of them is no move.
func (f *PermanenceFinder) moves(rows []sigcity.Record, i int) bool {
	if i == 0 || i+1 == len(rows) {
		return false
	}
	p, q, r := rows[i-1], rows[i], rows[i+1]
	if p.Area == q.Area && q.Area == r.Area {
		return false
	}
	way := max(f.apart(p.Area, q.Area)+f.apart(q.Area, r.Area), f.apart(p.Area, r.Area))
	return way > permMove*float64(r.End()-p.Time)
}

// apart is the shortest distance between two areas taken as discs, m.
func (f *PermanenceFinder) apart(a, b sigcity.AreaID) float64 {
	if a == b {
		return 0
	}
	return max(0, f.areas.Dist(a, b)-f.areas.Radius(a)-f.areas.Radius(b))
}

// group makes stable points of the areas with presence, most first.
func (f *PermanenceFinder) group() {
	f.seen = f.seen[:0]
	for _, d := range f.dwells {
		i := f.slot[d.area]
		if i == 0 {
			f.seen = append(f.seen, presence{area: d.area})
			i = int32(len(f.seen))
			f.slot[d.area] = i
		}
		f.seen[i-1].seconds += float64(d.to - d.from)
	}
	slices.SortFunc(f.seen, func(a, b presence) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), cmp.Compare(f.areas.Radius(a.area), f.areas.Radius(b.area)), cmp.Compare(a.area, b.area))
	})
	f.points = f.points[:0]
	for i := range f.seen {
		s := &f.seen[i]
		k := slices.IndexFunc(f.points, func(p permanence) bool { return SameStablePoint(f.areas, p.leader, s.area) })
		if k < 0 {
			k = len(f.points)
			f.points = append(f.points, permanence{leader: s.area, lastNight: -2, lastDay: -1})
		}
		s.point = int32(k)
		f.slot[s.area] = int32(i + 1)
	}
	f.held = slices.Grow(f.held[:0], len(f.points))[:len(f.points)]
	clear(f.held)
}

// score fills slots from dwells, which are in ascending time.
func (f *PermanenceFinder) score() {
	f.total = permanence{lastNight: -2, lastDay: -1}
	f.in = f.in[:0]
	day, slot := -1, -1
	for _, d := range f.dwells {
		point := f.seen[f.slot[d.area]-1].point
		for at := max(d.from, f.cal.Start(0)); at < d.to; {
			if k := f.cal.Day(at); k != day {
				f.close(day, slot)
				if day, slot = k, -1; day >= f.cal.Days() {
					break
				}
			}
			// A day of 23 or 25 hours has as many slots; what is beyond the 24th is its last.
			hours := int(at-f.cal.Start(day)) / permSlot
			if k := min(hours, permSlots-1); k != slot {
				f.close(day, slot)
				slot = k
			}
			end := min(d.to, f.cal.Start(day)+uint32(hours+1)*permSlot, f.cal.Start(day+1))
			if f.held[point] == 0 {
				f.in = append(f.in, point)
			}
			f.held[point] += float64(end - at)
			at = end
		}
	}
	f.close(day, slot)
	for _, s := range f.seen {
		f.slot[s.area] = 0
	}
}

// close scores a slot and begins the next.
func (f *PermanenceFinder) close(day, slot int) {
	sum := 0.0
	for _, i := range f.in {
		if slot >= 0 && 2*f.held[i] > permSlot {
			f.tally(&f.points[i], day, slot)
		}
		sum += f.held[i]
		f.held[i] = 0
	}
	if slot >= 0 && 2*sum > permSlot {
		f.tally(&f.total, day, slot)
	}
	f.in = f.in[:0]
}

func (f *PermanenceFinder) tally(p *permanence, day, slot int) {
	p.all++
	if slot >= permNight || slot < permMorning {
		night := day
		if slot < permMorning {
			night--
		}
		p.night++
		if night != p.lastNight {
			p.nights, p.lastNight = p.nights+1, night
		}
	}
	if slot >= permMorning && slot < permEvening && f.cal.Kind(day) == sigcity.Weekday {
		p.work++
		if day != p.lastDay {
			p.workdays, p.lastDay = p.workdays+1, day
		}
	}
}
