package recognition

import (
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Fix is a record as corrected: its area, and where it puts the phone.
type Fix struct {
	Record sigcity.Record // Area is the corrected one
	Mark   Mark
	At     geo.XY // the corrected position
}

// PingPongMethod is a way to find oscillations.
type PingPongMethod uint8

const (
	ReturnWindow PingPongMethod = iota // a return to the cell where the phone rests
	DECRE                              // detect, expand, check, remove (Wu et al. 2014)
)

var pingPongNames = [...]string{ReturnWindow: "window", DECRE: "decre"}

// String is the method's name as a parameter.
func (m PingPongMethod) String() string {
	if int(m) < len(pingPongNames) {
		return pingPongNames[m]
	}
	return fmt.Sprintf("method(%d)", uint8(m))
}

// ParsePingPongMethod reads what String writes.
func ParsePingPongMethod(s string) (PingPongMethod, error) {
	i := slices.Index(pingPongNames[:], s)
	if i < 0 {
		return 0, fmt.Errorf("ping-pong method %q, want one of %v", s, pingPongNames)
	}
	return PingPongMethod(i), nil
}

// CorrectParams are the parameters of P1 and P2, docs/methods.md. Zero values
// take the defaults of DefaultCorrectParams.
type CorrectParams struct {
	Method PingPongMethod
	// ReturnS is the longest excursion that is taken for ping-pong, s.
	ReturnS uint32
	// RestS is how long a phone dwells in a cell that it is taken to rest in, s:
	// what comes back to a cell that it only passes is a trip.
	RestS uint32
	// A change between cells nearer than NearM (m) that is faster than SpeedMS
	// (m/s) is ping-pong too; 0 = it is not.
	NearM, SpeedMS float64
	// A cell is distant if it lies farther away than DriftM and than twice the
	// local site spacing. Excursions to distant cells are drift, not ping-pong;
	// the records around them are at most DriftS apart.
	DriftM float64
	DriftS uint32
	Decre  DecreParams
}

// DefaultCorrectParams are the defaults. ReturnS is multimno's shortest stay:
// who is elsewhere for longer may have gone there. RestS is the stable period of
// Wu et al. (2014). DriftS is, in whole minutes, a little more than the time between two
// periodic updates (54 min): of the records around the only one of a drift, one is so
// near. The others are assumed. The rule of speed is off: 120 km/h, which is in use,
// takes phones in trains for ping-pong and finds little (docs/methods.md).
func DefaultCorrectParams() CorrectParams {
	return CorrectParams{Method: ReturnWindow, ReturnS: 15 * 60, RestS: 10 * 60, NearM: 5000,
		DriftM: 1000, DriftS: 60 * 60, Decre: DefaultDecreParams()}
}

// Corrector puts records back to where the phone was: first ping-pong (P1), then
// drift (P2). Every record stays; one that is marked gets the area, and the
// position, of the place that the phone did not leave.
//
// Ping-pong by ReturnWindow: records in one cell A, records in others, and A
// again, the first record elsewhere and the first one back no more than
// ReturnS apart. Returns that overlap form a chain. A run of records in between
// goes to A if over the chain the phone dwells in A for RestS at least, and longer
// than in the run's own cell. So two sectors of one site between which a phone
// flips are ping-pong, however often; a trip there and back is none, and nor are the
// cells on the way of a trip. With SpeedMS, of two runs whose change would be faster
// though the cells are near each other, that with less dwell goes to the other
// if the phone rests there.
//
// Handovers and tracking-area updates in the second in which a phone is back are the end of
// its excursion: they are marked as it is, and stay where they are.
//
// Records with a span: a return counts if it is within ReturnS even at the longest
// time between them; distances are the least between the discs of two areas, times the
// longest.
//
// The corrector reuses its memory; one per goroutine.
type Corrector struct {
	areas  *geo.Areas
	p      CorrectParams
	visits []visit
	points []point
	dwell  []float64 // per area: s in the chain at hand, 0 between chains
	linked []bool    // DECRE: per run, it and the next are suspicious
}

// visit is a run of records of one area.
type visit struct {
	area, to    sigcity.AreaID // recorded, corrected
	from, n     int            // records
	start       uint32         // s, start of the first record
	first, last uint32         // s, ends of the first record and of all
	dwell       float64        // s
	at          geo.XY
	mark, back  Mark // of its records; of those at its start that end an excursion
}

// NewCorrector works on the given areas.
func NewCorrector(areas *geo.Areas, p CorrectParams) *Corrector {
	def := DefaultCorrectParams()
	for _, v := range []struct{ p, def *uint32 }{{&p.ReturnS, &def.ReturnS}, {&p.RestS, &def.RestS}, {&p.DriftS, &def.DriftS}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	for _, v := range []struct{ p, def *float64 }{{&p.NearM, &def.NearM}, {&p.DriftM, &def.DriftM}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	p.Decre.fill(def.Decre)
	return &Corrector{areas: areas, p: p, dwell: make([]float64, areas.Len())}
}

// Correct appends to dst one fix for each record of t, in order.
func (c *Corrector) Correct(dst []Fix, t sigcity.Trajectory) []Fix {
	c.cut(t.Records)
	switch c.p.Method {
	case DECRE:
		c.decre(t.Records)
	default:
		c.returns()
		c.leaps()
	}
	for range driftPasses {
		c.drift()
	}
	for i := range c.visits {
		v := &c.visits[i]
		back := v.back
		for _, r := range t.Records[v.from : v.from+v.n] {
			if r.Time != v.start || r.Type != sigcity.Handover && r.Type != sigcity.TrackingAreaUpdate {
				back = 0
			}
			r.Area = v.to
			dst = append(dst, Fix{Record: r, Mark: v.mark | back, At: v.at})
		}
	}
	return dst
}

// cut makes the runs. A phone dwells where it was last seen until it is seen
// elsewhere, but for ReturnS at most.
func (c *Corrector) cut(rows []sigcity.Record) {
	c.visits = c.visits[:0]
	for i := 0; i < len(rows); {
		v := visit{area: rows[i].Area, to: rows[i].Area, from: i, start: rows[i].Time, first: rows[i].End(), at: c.areas.Centers[rows[i].Area]}
		for ; i < len(rows) && rows[i].Area == v.area; i++ {
			v.last = max(v.last, rows[i].End())
		}
		v.n = i - v.from
		until := float64(v.last) + float64(c.p.ReturnS)
		if i < len(rows) {
			until = min(until, float64(max(rows[i].Time, v.last)))
		}
		v.dwell = until - float64(v.start)
		c.visits = append(c.visits, v)
	}
}

// returns finds the chains of returns and puts right what they surround.
func (c *Corrector) returns() {
	for i := 0; i < len(c.visits); {
		end := i
		for k := i; k <= end; k++ {
			end = max(end, c.back(k))
		}
		if end > i {
			c.settle(i, end)
		}
		i = end + 1
	}
}

// back is the next run in the same cell as run k, −1 if there is none in time.
func (c *Corrector) back(k int) int {
	for j := k + 2; j < len(c.visits); j++ {
		v, left := &c.visits[j], c.visits[k+1].start
		if v.start-left > c.p.ReturnS {
			return -1
		}
		if v.area == c.visits[k].area {
			if v.first-left > c.p.ReturnS {
				return -1
			}
			return j
		}
	}
	return -1
}

// settle puts right the runs of the chain from i to end that lie within a
// return to a cell in which the phone rests, and dwells for longer. Of several
// such cells the run goes to that with most dwell.
func (c *Corrector) settle(i, end int) {
	for _, v := range c.visits[i : end+1] {
		c.dwell[v.area] += v.dwell
	}
	for k := i; k <= end; k++ {
		home := c.visits[k].area
		j := c.back(k)
		if j < 0 || c.dwell[home] < float64(c.p.RestS) {
			continue
		}
		for m := k + 1; m < j; m++ {
			v := &c.visits[m]
			if c.dwell[v.to] < c.dwell[home] && !c.distant(home, v.area) {
				c.move(v, &c.visits[k], MarkPingPong)
				c.visits[j].back = MarkPingPong
			}
		}
	}
	for _, v := range c.visits[i : end+1] {
		c.dwell[v.area] = 0
	}
}

// move puts a run to the area of another.
func (c *Corrector) move(v, home *visit, m Mark) {
	v.to, v.at, v.mark = home.area, c.areas.Centers[home.area], m
}

// distant reports whether a phone at home that is recorded in area a drifted.
func (c *Corrector) distant(home, a sigcity.AreaID) bool {
	return apart(c.areas, home, a) > math.Max(c.p.DriftM, 2*c.areas.Spacing(home))
}

// leaps puts right one of two runs between which no phone moves so fast.
func (c *Corrector) leaps() {
	if c.p.SpeedMS <= 0 {
		return
	}
	for i := 1; i < len(c.visits); i++ {
		a, b := &c.visits[i-1], &c.visits[i]
		if a.mark|b.mark != 0 || c.areas.Dist(a.area, b.area) >= c.p.NearM || c.distant(a.area, b.area) {
			continue
		}
		longest := max(b.first, a.last) - min(a.last, b.start)
		if apart(c.areas, a.area, b.area) <= c.p.SpeedMS*float64(longest) {
			continue
		}
		if a.dwell < b.dwell {
			a, b = b, a
		}
		if a.dwell >= float64(c.p.RestS) {
			c.move(b, a, MarkPingPong)
		}
	}
}
