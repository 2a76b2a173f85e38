package network

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// Boardings is the number of vehicles that a journey takes at most.
const Boardings = 3

// How people walk and wait (assumed, but for the source given).
const (
	footDetour    = 1.3   // path over straight line
	transferM     = 400.0 // longest walk between two vehicles, in a straight line
	maxDirectM    = 3000.0
	transferS     = 60.0  // least time to change vehicles
	maxWaitS      = 600.0 // with a longer headway people come by the timetable (about 11 min: Fan & Machemehl 2009)
	metresASecond = walkSpeed / footDetour
)

// Transit is the network of lines that people ride, by frequency: who comes to
// a stop waits half a headway, at most maxWaitS. It is immutable and safe for
// concurrent use.
type Transit struct {
	lines []Line
	stops []Stop
	index *geo.Index
	reach []float64 // of each stop: m from which people walk to it
	far   float64   // the longest of them
	catch catchments

	first []int32 // the calls at stop s are calls[first[s]:first[s+1]]
	calls []call
	walkF []int32 // the walks from stop s are walks[walkF[s]:walkF[s+1]]
	walks []walkTo
	skims skims
}

// call is a line's stopping at a stop.
type call struct{ line, index int32 }

// walkTo is a stop near another one.
type walkTo struct {
	stop    int32
	seconds float64
}

func newTransit(lines []Line, stops []Stop) *Transit {
	t := &Transit{lines: lines, stops: stops, reach: make([]float64, len(stops)), first: make([]int32, len(stops)+1), walkF: make([]int32, len(stops)+1), skims: make(skims, len(stops))}
	pos := make([]geo.XY, len(stops))
	for i := range stops {
		pos[i] = stops[i].Pos
	}
	t.index = geo.NewIndex(pos)
	for i := range lines {
		for _, s := range lines[i].Stops {
			t.first[s+1]++
			t.reach[s] = max(t.reach[s], lines[i].Mode.facts().reach)
			t.far = max(t.far, t.reach[s])
		}
	}
	t.catch = newCatchments(t.index, t.reach, t.far)
	for s := range stops {
		t.first[s+1] += t.first[s]
	}
	t.calls = make([]call, t.first[len(stops)])
	next := slices.Clone(t.first)
	for i := range lines {
		for k, s := range lines[i].Stops {
			t.calls[next[s]] = call{int32(i), int32(k)}
			next[s]++
		}
	}
	for s := range stops {
		from := len(t.walks)
		t.index.Within(pos[s], transferM, func(i int, d float64) {
			if i != s && t.first[i] < t.first[i+1] {
				t.walks = append(t.walks, walkTo{int32(i), transferS + d/metresASecond})
			}
		})
		slices.SortFunc(t.walks[from:], func(a, b walkTo) int { return int(a.stop - b.stop) })
		t.walkF[s+1] = int32(len(t.walks))
	}
	return t
}

// Transit is the city's lines to ride on; never nil, empty where there are none.
func (c *City) Transit() *Transit { return c.transit }

// Wait is the mean seconds until a vehicle of the line comes.
func (l *Line) Wait() float64 { return min(l.Headway/2, maxWaitS) }

// loop reports whether the line ends where it begins, and goes on.
func (l *Line) loop() bool { return len(l.Stops) > 2 && l.Stops[0] == l.Stops[len(l.Stops)-1] }

// leaves is the seconds from leaving the first stop to leaving stop i.
func (l *Line) leaves(i int) float64 {
	if i == 0 {
		return 0
	}
	return l.Ride[i] + l.Mode.Dwell()
}

// Seconds is the time on board from stop i to stop j, where j ≤ i goes on past
// the end of a loop line.
func (l *Line) Seconds(i, j int) float64 {
	if j > i {
		return l.Ride[j] - l.leaves(i)
	}
	return l.Ride[len(l.Ride)-1] + l.Mode.Dwell() - l.leaves(i) + l.Ride[j]
}

// Stretch appends the line's shape from stop i to stop j to dst, where j ≤ i
// goes on past the end of a loop line. A first point that dst ends with is not
// repeated.
func (l *Line) Stretch(dst []geo.XY, i, j int) []geo.XY {
	if j <= i {
		return l.Stretch(l.Stretch(dst, i, len(l.Stops)-1), 0, j)
	}
	add := func(p geo.XY) {
		if len(dst) == 0 || dst[len(dst)-1] != p {
			dst = append(dst, p)
		}
	}
	passed, lo, hi := 0.0, l.At[i], l.At[j]
	for k := 1; k < len(l.Shape) && passed < hi; k++ {
		a, b := l.Shape[k-1], l.Shape[k]
		d := a.Dist(b)
		if passed+d > lo && d > 0 {
			if passed <= lo {
				add(a.Lerp(b, (lo-passed)/d))
			}
			add(a.Lerp(b, min((hi-passed)/d, 1)))
		}
		passed += d
	}
	if len(dst) == 0 { // nothing between, at either end
		dst = append(dst, l.Shape[0])
		if lo > 0 {
			dst[0] = l.Shape[len(l.Shape)-1]
		}
	}
	return dst
}

// Leg is a part of a journey: a walk or a ride.
type Leg struct {
	Line          int32 // index into City.Lines, −1 = on foot
	Board, Alight int32 // of a ride: indices into Line.Stops
	From, To      geo.XY
	Wait          float64 // s before it
	Seconds       float64 // under way
}

// Ride searches journeys. It keeps its memory from one search to the next, so
// that a search allocates nothing; it is for one goroutine at a time.
type Ride struct {
	t       *Transit
	origin  geo.XY
	rounds  [Boardings + 1]round
	marked  []int32 // stops reached sooner than in the round before
	landed  []int32 // stops reached on board sooner than in the round before
	isNew   []bool
	queue   []int32     // lines to scan
	from    []int32     // of each line: the first index of Stops to board at, −1 = none
	serves  []bool      // of each line: it calls near the destination
	last    int         // the last round of the search
	limit   float64     // s: what takes longer is not followed
	reached []int32     // stops with a label
	has     []bool      // of each stop: it is among them
	ends    [2][]walkTo // the stops near the ends of a skim
}

// round is what is reached with so many boardings or fewer.
type round struct {
	rides []label // on board
	best  []label // on board or with a walk after it; of round 0 a walk
}

// label is how a stop is reached: by a line, or on foot from the stop where
// one got off.
type label struct {
	time          float64
	boardings     int32
	line          int32 // −1 on foot
	board, alight int32 // indices of Line.Stops
	walked        int32 // the stop from which one walks; −1 from the origin
}

// NewRide makes a search of the lines.
func NewRide(t *Transit) *Ride {
	r := &Ride{t: t, isNew: make([]bool, len(t.stops)), has: make([]bool, len(t.stops)), from: make([]int32, len(t.lines)), serves: make([]bool, len(t.lines))}
	for k := range r.rounds {
		r.rounds[k] = round{make([]label, len(t.stops)), make([]label, len(t.stops))}
		for s := range t.stops {
			r.rounds[k].rides[s], r.rounds[k].best[s] = unreached, unreached
		}
	}
	for i := range r.from {
		r.from[i] = -1
	}
	return r
}

// From finds the fastest journeys from a position to all stops, with 1 to
// Boardings vehicles, in rounds (RAPTOR: Delling, Pajor & Werneck 2012, on
// lines by frequency instead of trips by timetable).
func (r *Ride) From(origin geo.XY) {
	r.ends[0] = r.t.near(r.ends[0][:0], origin)
	r.search(origin, r.ends[0], Boardings, math.Inf(1), nil)
}

// search finds the fastest journeys that begin with one of the walks, with so
// many vehicles at most, as far as the limit of seconds: those to all stops, or
// only those that end at one of the stops given.
func (r *Ride) search(origin geo.XY, walks []walkTo, vehicles int, limit float64, toward []walkTo) {
	for _, s := range r.reached {
		for k := range r.last + 1 {
			r.rounds[k].rides[s], r.rounds[k].best[s] = unreached, unreached
		}
		r.has[s] = false
	}
	r.reached = r.reached[:0]
	r.origin, r.last, r.limit, r.marked = origin, vehicles, limit, r.marked[:0]
	for _, w := range walks {
		r.rounds[0].best[w.stop] = label{time: w.seconds, line: -1, walked: -1}
		r.mark(w.stop)
	}
	slices.Sort(r.marked)
	for k := 1; k < r.last; k++ {
		r.ride(k, false)
		r.walk(k)
	}
	if toward == nil {
		r.ride(r.last, false)
		r.walk(r.last)
	} else {
		r.serve(toward, true)
		r.ride(r.last, true)
		r.serve(toward, false)
	}
	r.unmark()
}

// serve notes whether the lines that call at the stops are those to take in the end.
func (r *Ride) serve(stops []walkTo, yes bool) {
	t := r.t
	for _, w := range stops {
		for _, c := range t.calls[t.first[w.stop]:t.first[w.stop+1]] {
			r.serves[c.line] = yes
		}
	}
}

// unreached is the label of a stop to which no journey leads.
var unreached = label{time: math.Inf(1)}

// mark notes that a stop has a new label.
func (r *Ride) mark(s int32) {
	r.reach(s)
	if !r.isNew[s] {
		r.isNew[s] = true
		r.marked = append(r.marked, s)
	}
}

// reach notes that a stop has a label.
func (r *Ride) reach(s int32) {
	if !r.has[s] {
		r.has[s] = true
		r.reached = append(r.reached, s)
	}
}

func (r *Ride) unmark() {
	for _, s := range r.marked {
		r.isNew[s] = false
	}
	r.marked = r.marked[:0]
}

// ride scans the lines at the marked stops, each once; in the end only those
// that serve the destination.
func (r *Ride) ride(k int, end bool) {
	t := r.t
	r.queue = r.queue[:0]
	for _, s := range r.marked {
		for _, c := range t.calls[t.first[s]:t.first[s+1]] {
			switch i := r.from[c.line]; {
			case end && !r.serves[c.line]:
			case i < 0:
				r.queue = append(r.queue, c.line)
				r.from[c.line] = c.index
			case c.index < i:
				r.from[c.line] = c.index
			}
		}
	}
	r.unmark()
	r.landed = r.landed[:0]
	for _, s := range r.reached { // a journey with fewer vehicles serves as well
		r.rounds[k].best[s], r.rounds[k].rides[s] = r.rounds[k-1].best[s], r.rounds[k-1].rides[s]
	}
	for _, line := range r.queue {
		r.scan(k, line)
		r.from[line] = -1
	}
}

// scan rides one line from the first stop where boarding may pay. The best
// vehicle is the one that leaves the first stop the earliest.
func (r *Ride) scan(k int, line int32) {
	l, before, now := &r.t.lines[line], &r.rounds[k-1], &r.rounds[k]
	n := len(l.Stops)
	start, board := math.Inf(1), -1
	alight := func(i int, at float64) {
		s := l.Stops[i]
		if at >= now.rides[s].time || at > r.limit {
			return
		}
		r.reach(s)
		if now.rides[s].boardings != int32(k) {
			r.landed = append(r.landed, s)
		}
		now.rides[s] = label{at, int32(k), line, int32(board), int32(i), -1}
		if at < now.best[s].time { // else one is there sooner on foot, but cannot walk on
			now.best[s] = now.rides[s]
			r.mark(s)
		}
	}
	for i := int(r.from[line]); i < n; i++ {
		if board >= 0 && l.alights(i) {
			alight(i, start+l.Ride[i])
		}
		if i == n-1 {
			break
		}
		if !l.boards(i) {
			continue
		}
		if b := &before.best[l.Stops[i]]; b.time < math.Inf(1) {
			if v := b.time + l.waitAfter(b.boardings > 0 && b.walked < 0) - l.leaves(i); v < start {
				start, board = v, i
			}
		}
	}
	if l.loop() { // past the end, up to where one got on
		lap := start + l.Ride[n-1] + l.Mode.Dwell()
		for i := 1; i < board; i++ {
			if l.alights(i) {
				alight(i, lap+l.Ride[i])
			}
		}
	}
}

// waitAfter is the time from coming to a stop to leaving it, with the least
// time to change vehicles where one comes by another one.
func (l *Line) waitAfter(ride bool) float64 {
	if ride {
		return l.Wait() + transferS
	}
	return l.Wait()
}

// walk changes lines on foot from the stops that this round's rides reach
// sooner than those of the rounds before.
func (r *Ride) walk(k int) {
	t, now := r.t, &r.rounds[k]
	slices.Sort(r.landed)
	for _, s := range r.landed {
		at := now.rides[s].time
		for _, w := range t.walks[t.walkF[s]:t.walkF[s+1]] {
			if at := at + w.seconds; at < now.best[w.stop].time && at <= r.limit {
				now.best[w.stop] = label{time: at, boardings: int32(k), line: -1, walked: s}
				r.mark(w.stop)
			}
		}
	}
	slices.Sort(r.marked)
}

// Time is the seconds from the origin of From to being at a stop, on board or
// on foot; +Inf where no journey leads.
func (r *Ride) Time(stop int) float64 { return r.rounds[r.last].best[stop].time }

// To appends the legs of the fastest journey from the origin of From to a
// position and gives its seconds: by lines, or on foot all the way where that
// is as fast. False where there is none. Waits and seconds of the legs add up
// to the whole.
func (r *Ride) To(dst []Leg, p geo.XY) (legs []Leg, seconds float64, ok bool) {
	r.ends[1] = r.t.near(r.ends[1][:0], p)
	return r.to(dst, p, r.ends[1])
}

// to is To with the stops near the position.
func (r *Ride) to(dst []Leg, p geo.XY, near []walkTo) (legs []Leg, seconds float64, ok bool) {
	t := r.t
	best, stop, boardings := math.Inf(1), int32(-1), int32(0)
	rides := r.rounds[r.last].rides
	for _, w := range near {
		k, at := rides[w.stop].boardings, rides[w.stop].time+w.seconds
		if at < best || at == best && (k < boardings || k == boardings && w.stop < stop) {
			best, stop, boardings = at, w.stop, k
		}
	}
	if d := r.origin.Dist(p); d <= maxDirectM && d/metresASecond <= best {
		return append(dst, onFoot(r.origin, p)), d / metresASecond, true
	}
	if stop < 0 || math.IsInf(best, 1) {
		return dst, math.Inf(1), false
	}
	from := len(dst)
	dst = append(dst, onFoot(t.stops[stop].Pos, p))
	for at, more := rides[stop], true; more; {
		l := &t.lines[at.line]
		on := t.stops[l.Stops[at.board]].Pos
		ride := Leg{Line: at.line, Board: at.board, Alight: at.alight, From: on, To: t.stops[l.Stops[at.alight]].Pos, Seconds: l.Seconds(int(at.board), int(at.alight))}
		var walked int32
		walked, at, more = r.before(at)
		ride.Wait = l.waitAfter(more)
		dst = append(dst, ride)
		if walked >= 0 {
			dst = append(dst, onFoot(t.stops[walked].Pos, on))
		} else if !more {
			dst = append(dst, onFoot(r.origin, on))
		}
	}
	slices.Reverse(dst[from:])
	return dst, best, true
}

// before is the ride before that of a label, if there is one, and the stop from
// which one walks to board, −1 = none but the origin.
func (r *Ride) before(at label) (walked int32, ride label, more bool) {
	b := r.rounds[at.boardings-1].best[r.t.lines[at.line].Stops[at.board]]
	switch {
	case b.boardings == 0:
		return -1, label{}, false
	case b.walked >= 0:
		return b.walked, r.rounds[b.boardings].rides[b.walked], true
	}
	return -1, b, true
}

func onFoot(a, b geo.XY) Leg {
	return Leg{Line: -1, From: a, To: b, Seconds: a.Dist(b) / metresASecond}
}
