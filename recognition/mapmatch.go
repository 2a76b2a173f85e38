package recognition

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Roads is what map matching asks of a road network: spots on roads, and the
// fastest ways between them in light traffic. Links come in pairs: 2 × edge in one
// direction, 2 × edge + 1 in the other. One per goroutine.
type Roads interface {
	// Spots are where on roads a phone in an area may be: few, the same at every
	// call, not to be changed. None where no road is near.
	Spots(area sigcity.AreaID) []geo.XY
	// Ways fills in seconds and metres of the fastest way from spot i of an area to
	// spot j of another at i × (spots of the other) + j, both +Inf where there is none.
	Ways(seconds, metres []float32, from, to sigcity.AreaID)
	// Path appends the fastest way from spot i of an area to spot j of another.
	Path(dst []Step, from sigcity.AreaID, i int, to sigcity.AreaID, j int) []Step
}

// Step is a stretch of a path along a link.
type Step struct {
	Link            int32
	From, To        float64 // shares of the link's length in its direction, From ≤ To
	Metres, Seconds float64 // of the whole link; seconds in light traffic
}

// MatchParams are the parameters of P8, docs/methods.md. Zero values take the
// defaults of DefaultMatchParams.
type MatchParams struct {
	Sigma    float64 // standard deviation of positions, in site spacings
	Beta     float64 // of the transition, in standard deviations of the two positions together
	MaxMPS   float64 // no way is faster, m/s
	SilenceS uint32  // a longer silence breaks the chain, seconds
}

// DefaultMatchParams are the cell-level defaults.
func DefaultMatchParams() MatchParams {
	return MatchParams{Sigma: 0.5, Beta: 1, MaxMPS: 50, SilenceS: 3600}
}

// SpotRadius is how far in metres from an area's centre its spots on roads may
// lie: two site spacings, or radii of an area larger than its spacing.
func SpotRadius(areas *geo.Areas, a sigcity.AreaID) float64 {
	return 2 * max(areas.Spacing(a), areas.Radius(a))
}

// Passage is a stretch of a link that a trip passed.
type Passage struct {
	Link            int32
	Part            int32   // unbroken parts of a match count from 0
	From, To        float64 // shares of the link's length in its direction
	Metres, Seconds float64 // of the stretch; seconds in light traffic
	Enter, Leave    float64 // Unix seconds
}

// Crossing is where and when a trip went from one area into another.
type Crossing struct {
	Part   int32
	Metres float64 // along the passages, from the first one on
	Sigma  float64 // standard deviation of positions in the two areas, m
	Time   float64 // Unix seconds
	Slack  float64 // the time may be off by so much, seconds
}

// Match is the course of a trip on the roads. Within a part the passages follow
// each other without a gap; between parts nothing is known.
type Match struct {
	Passages  []Passage
	Crossings []Crossing
	Left      int // runs of records that no part has: out of reach of what comes before, or alone
}

// Matcher finds the course of trips on roads: the hidden Markov model of Newson &
// Krumm (2009) at the scale of cells. Its states are spots on roads near the areas;
// a spot emits an area by a Gaussian of its distance from the area's centre, and
// follows another by an exponential of the difference between the length of the fastest
// way and the straight line between the two centres. A way that light traffic does
// not make in the time differs by what is left of it, too (time decides with place,
// as in Lou et al. 2009). The likeliest sequence is Viterbi's. It finds a course for any
// trip that it is given; it does not tell whether that was by car.
//
// A trip's observations are the stay that it leaves, its records, and the stay
// that it comes to. Records of one area in a row are one observation, for the
// phone reports an area when it comes into it. One that is closer to the one before
// than their standard deviations together makes no state, for the phone need not
// have moved (2 σ, in Newson & Krumm). One that cannot be reached (no way, or faster than
// MaxMPS beyond what areas leave open) is left out if a later one can, as Newson &
// Krumm heal breaks; else, and where records are more than SilenceS apart, the chain is
// broken and goes on as a new part.
//
// The spot of an observation is uncertain by hundreds of metres, so the ways to
// and from it may run into a side road and back: what is passed there and back at
// once, no farther than spots are sought, is taken out.
//
// Areas are passed at their border, which is where the distances from both
// centres, in standard deviations, are equal. A handover or a tracking-area update
// happens there; of others the border is passed half-way between the two
// records. Between borders the time is spent as in light traffic.
//
// A record with a span counts at the middle of its interval; speeds use the longest
// time that its interval leaves open. The matcher reuses its memory; one per goroutine.
type Matcher struct {
	areas *geo.Areas
	roads Roads
	p     MatchParams

	runs    []run
	layers  []layer
	score   []float64 // of all layers, one after the other
	back    []int32
	seconds []float32 // of ways
	metres  []float32
	steps   []Step // of a way
	path    path
	clock   clock
	out     Match
}

// run is what is observed in a row in one area.
type run struct {
	area        sigcity.AreaID
	first, last uint32 // moments
	open        uint32 // seconds by which the first and the last one may be off
	openLast    uint32
	atBorder    bool // the first record was left on coming into the area
	// estimated moments are those of stays, not of records
	firstEstimated, lastEstimated bool
}

// layer is an observation in the chain: score[at:at+n] and back[at:at+n] are of
// its spots.
type layer struct {
	run, at, n int
	lost       bool // the run before it was left out
}

// NewMatcher matches records of the areas on the roads.
func NewMatcher(areas *geo.Areas, roads Roads, p MatchParams) *Matcher {
	def := DefaultMatchParams()
	for _, v := range []struct{ p, def *float64 }{{&p.Sigma, &def.Sigma}, {&p.Beta, &def.Beta}, {&p.MaxMPS, &def.MaxMPS}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	if p.SilenceS == 0 {
		p.SilenceS = def.SilenceS
	}
	return &Matcher{areas: areas, roads: roads, p: p}
}

// Match finds the course of a trip that is one of rows, a user's records in
// order of time. It is empty where nothing is known between two areas. It is valid until
// the next call.
func (m *Matcher) Match(trip Trip, rows []sigcity.Record) *Match {
	m.out = Match{Passages: m.out.Passages[:0], Crossings: m.out.Crossings[:0]}
	m.observe(trip, rows)
	along, part := 0.0, int32(0)
	for k := 0; k < len(m.runs); {
		next := m.chain(k)
		if len(m.layers) < 2 {
			m.out.Left++
		} else {
			m.trace()
			along = m.emit(part, along)
			part++
		}
		k = next
	}
	return &m.out
}

// observe lays out the trip's runs.
func (m *Matcher) observe(trip Trip, rows []sigcity.Record) {
	m.runs = append(m.runs[:0], run{area: trip.From, first: trip.Start, last: trip.Start, firstEstimated: true, lastEstimated: true})
	i, _ := slices.BinarySearchFunc(rows, trip.Start, func(r sigcity.Record, t uint32) int {
		if r.Time < t {
			return -1
		}
		return 1
	})
	for i > 0 && moment(rows[i-1]) >= trip.Start {
		i--
	}
	for ; i < len(rows) && rows[i].Time <= trip.End; i++ {
		r := rows[i]
		at := moment(r)
		if at < trip.Start || at > trip.End {
			continue
		}
		if last := &m.runs[len(m.runs)-1]; last.area == r.Area {
			last.last, last.openLast, last.lastEstimated = max(last.last, at), r.Span/2, false
		} else {
			at = max(at, last.last)
			border := r.Span == 0 && (r.Type == sigcity.Handover || r.Type == sigcity.TrackingAreaUpdate)
			m.runs = append(m.runs, run{area: r.Area, first: at, last: at, open: r.Span / 2, openLast: r.Span / 2, atBorder: border})
		}
	}
	if last := &m.runs[len(m.runs)-1]; last.area == trip.To {
		last.last = max(last.last, trip.End)
	} else {
		at := max(trip.End, last.last)
		m.runs = append(m.runs, run{area: trip.To, first: at, last: at, firstEstimated: true, lastEstimated: true})
	}
}

// sigma is the standard deviation of positions in a run's area, m: a share of the
// site spacing, or the radius of a larger area.
func (m *Matcher) sigma(r int) float64 {
	a := m.runs[r].area
	return max(m.p.Sigma*m.areas.Spacing(a), m.areas.Radius(a), 1)
}

// chain makes layers from run k on as far as they hang together, and says with
// which run the next part begins.
func (m *Matcher) chain(k int) (next int) {
	m.layers, m.score, m.back = m.layers[:0], m.score[:0], m.back[:0]
	if !m.begin(k) {
		return k + 1
	}
	last, lost, r := k, 0, k+1
	for ; r < len(m.runs) && m.runs[r].first-m.runs[r-1].last <= m.p.SilenceS; r++ {
		switch from, to := &m.runs[last], &m.runs[r]; {
		case lost > 0 && from.area == to.area: // what is left out was no leaving
			to.first, to.open, to.atBorder, to.firstEstimated = from.first, from.open, from.atBorder, from.firstEstimated
			m.layers[len(m.layers)-1].run = r
		case lost == 0 && r+1 < len(m.runs) && m.areas.Dist(from.area, to.area) < m.sigma(last)+m.sigma(r):
			continue
		case !m.step(last, r, lost > 0):
			lost++
			continue
		}
		m.out.Left += lost
		last, lost = r, 0
	}
	return r - lost
}

// begin makes the first layer.
func (m *Matcher) begin(r int) bool {
	spots := m.roads.Spots(m.runs[r].area)
	m.layers = append(m.layers, layer{run: r, n: len(spots)})
	for _, p := range spots {
		m.score, m.back = append(m.score, m.emission(r, p)), append(m.back, -1)
	}
	if len(spots) == 0 {
		m.layers = m.layers[:0]
	}
	return len(spots) > 0
}

// emission is the log likelihood of being seen in a run's area at a spot.
func (m *Matcher) emission(r int, p geo.XY) float64 {
	z := p.Dist(m.areas.Centers[m.runs[r].area]) / m.sigma(r)
	return -z * z / 2
}

// border is when the trip came into the area of run r > 0.
func (m *Matcher) border(r int) float64 {
	if m.runs[r].atBorder {
		return float64(m.runs[r].first)
	}
	return (float64(m.runs[r-1].last) + float64(m.runs[r].first)) / 2
}

// middle is when the trip was in the middle of a run's area: half-way between
// coming into it and into the next; at the stays, when it leaves and arrives.
func (m *Matcher) middle(r int) float64 {
	switch {
	case r == 0:
		return float64(m.runs[0].first)
	case r+1 == len(m.runs):
		return float64(m.runs[r].last)
	}
	return (m.border(r) + m.border(r+1)) / 2
}

// step adds the layer of run r after run q; false where r cannot be reached.
func (m *Matcher) step(q, r int, lost bool) bool {
	from, to := &m.runs[q], &m.runs[r]
	spots := m.roads.Spots(to.area)
	prev := m.layers[len(m.layers)-1]
	if len(spots) == 0 {
		return false
	}
	ways := prev.n * len(spots)
	m.seconds, m.metres = slices.Grow(m.seconds[:0], ways)[:ways], slices.Grow(m.metres[:0], ways)[:ways]
	m.roads.Ways(m.seconds, m.metres, from.area, to.area)
	elapsed := m.middle(r) - m.middle(q)
	straight := m.areas.Dist(from.area, to.area)
	sq, sr := m.sigma(q), m.sigma(r)
	beta := m.p.Beta * math.Sqrt(float64(sq*sq)+float64(sr*sr))
	seconds := float64(to.first+to.open+from.openLast) - float64(from.last)
	reach := float64(m.p.MaxMPS*max(seconds, 0)) + 2*(sq+sr)
	at, found := len(m.score), false
	for j, p := range spots {
		best, via := math.Inf(-1), int32(-1)
		for i, s := range m.score[prev.at : prev.at+prev.n] {
			d := float64(m.metres[i*len(spots)+j])
			if d > reach {
				continue
			}
			odd := math.Abs(d - straight)
			if free := float64(m.seconds[i*len(spots)+j]); free > elapsed {
				odd += float64(d * (1 - elapsed/free)) // what light traffic does not make in the time
			}
			if s -= odd / beta; s > best {
				best, via = s, int32(i)
			}
		}
		found = found || via >= 0
		m.score, m.back = append(m.score, best+m.emission(r, p)), append(m.back, via)
	}
	if !found {
		m.score, m.back = m.score[:at], m.back[:at]
		return false
	}
	m.layers = append(m.layers, layer{run: r, at: at, n: len(spots), lost: lost})
	return true
}

// trace lays the path over the likeliest spots of the layers, and the marks of
// the observations on it.
func (m *Matcher) trace() {
	last := m.layers[len(m.layers)-1]
	best := 0
	for j, s := range m.score[last.at : last.at+last.n] {
		if s > m.score[last.at+best] {
			best = j
		}
	}
	m.path.reset()
	for k := len(m.layers) - 1; k >= 0; k-- {
		m.path.marks = append(m.path.marks, mark{spot: best})
		best = int(m.back[m.layers[k].at+best])
	}
	slices.Reverse(m.path.marks)
	for k := range m.layers[1:] {
		from, to := m.layers[k].run, m.layers[k+1].run
		m.steps = m.roads.Path(m.steps[:0], m.runs[from].area, m.path.marks[k].spot, m.runs[to].area, m.path.marks[k+1].spot)
		m.path.extend(m.steps, k+1, SpotRadius(m.areas, m.runs[from].area))
	}
}

// emit appends the part that trace has laid, along metres after the first
// passage of the match, and returns where it ends.
func (m *Matcher) emit(part int32, along float64) float64 {
	first, last := &m.runs[m.layers[0].run], &m.runs[m.layers[len(m.layers)-1].run]
	m.clock.reset(0, float64(first.last))
	if first.firstEstimated {
		m.clock.reset(0, float64(first.first))
	}
	for k := range m.layers[1:] {
		if c, ok := m.crossing(k); ok {
			m.clock.set(c.Metres, c.Time)
			c.Part, c.Metres = part, c.Metres+along
			m.out.Crossings = append(m.out.Crossings, c)
		}
	}
	m.clock.set(m.path.metres, float64(last.last))
	m.clock.pace(m.path.steps)
	free := 0.0
	for _, s := range m.path.steps {
		share := s.To - s.From
		p := Passage{Link: s.Link, Part: part, From: s.From, To: s.To, Metres: share * s.Metres, Seconds: share * s.Seconds}
		p.Enter = m.clock.at(free, true)
		free += p.Seconds
		p.Leave = m.clock.at(free, false)
		m.out.Passages = append(m.out.Passages, p)
	}
	return along + m.path.metres
}

// crossing is where the path comes into the area of layer k + 1, from that of the
// run before; false where only an estimated end of the trip would tell the time.
func (m *Matcher) crossing(k int) (Crossing, bool) {
	rr := m.layers[k+1].run
	qr := rr - 1
	if m.layers[k+1].lost {
		qr = m.layers[k].run
	}
	q, r := &m.runs[qr], &m.runs[rr]
	sq, sr := m.sigma(qr), m.sigma(rr)
	a, b := m.path.marks[k], m.path.marks[k+1]
	farther := func(p geo.XY) float64 { // from the first area's centre than from the second's
		return p.Dist(m.areas.Centers[q.area])/sq - p.Dist(m.areas.Centers[r.area])/sr
	}
	share := 0.0
	fa := min(farther(m.roads.Spots(m.runs[m.layers[k].run].area)[a.spot]), 0)
	if fb := max(farther(m.roads.Spots(r.area)[b.spot]), 0); fb > fa {
		share = fa / (fa - fb)
	}
	c := Crossing{Metres: a.metres + float64(share*(b.metres-a.metres)), Sigma: (sq + sr) / 2}
	if r.atBorder && !m.layers[k+1].lost {
		c.Metres = max(c.Metres, b.metres-2*sr) // areas in between left no record
		c.Time = float64(r.first)
		return c, true
	}
	c.Time = (float64(q.last) + float64(r.first)) / 2
	c.Slack = (float64(r.first)-float64(q.last))/2 + float64(q.openLast) + float64(r.open)
	return c, !q.lastEstimated && !r.firstEstimated
}
