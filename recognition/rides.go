package recognition

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Ride is a part of a trip on board of a line.
type Ride struct {
	Line          int    // position in dataset.Map.Lines
	Board, Alight int    // positions in the line's stops, Board < Alight
	Start, End    uint32 // Unix seconds: the vehicle leaves the one and comes to the other
}

// Figures of the search for rides. The least share is that of P9; the others are assumed.

const (
	leastShare    = 0.6   // of the cells of a ride that the line must explain, in order
	leastStations = 3     // of a ride on rails: cells at its stations
	ownCells      = 3     // an area that serves a tunnel or track alone counts as so many cells
	mostSights    = 40    // runs of one area that are looked at in a trip; of more, an even sample
	mostLines     = 10    // candidate lines, those that share most areas with the trip
	slackS        = 180.0 // a vehicle may be so much off its time between two cells, seconds …
	slackRate     = 0.5   // … and so much of the time of riding
	leastCorridor = 3     // ordered cells of a high-speed line …
	fastMS        = 150 / 3.6
	fastestMS     = 350 / 3.6 // … and its speeds, m/s
	boardingCost  = 2.0       // cells that a further vehicle must explain to be worth it
)

// sight is a run of records of a trip in one area.
type sight struct {
	area        sigcity.AreaID
	first, last uint32 // moments
}

// rideSearch finds the rides in the cells of a trip.
type rideSearch struct {
	lines  *LineCells
	sights []sight
	votes  []int32 // per line
	voted  []int32 // the lines with votes
	cands  []int32
	own    []float64 // per sight: what it counts
	unit   []float64 // per number of sights: what they count
	served []int     // the sights that the areas of the line laid out serve,
	hits   [][]Hit   // and per sight where
	chain  []link    // per sight: the best chain that ends there
	// Possible rides, and per number of sights the best division of them.
	options []option
	best    []segment
}

// option is a ride that a line may explain.
type option struct {
	from, to int // sights
	line     int32
	score    float64
}

// link is the best chain of one line that starts at one sight and ends at another.
type link struct {
	weight float64
	from   int32 // the sight before, −1 = none
	hit    Hit
	ok     bool
}

// segment ends a division of the first sights of a trip into rides and walks.
type segment struct {
	score float64
	from  int   // its first sight
	line  int32 // −1 = off board
	hits  []Hit // of the sights that the line explains
	at    []int
}

// see makes the sights of records.
func (s *rideSearch) see(rows []sigcity.Record) {
	s.sights = s.sights[:0]
	for _, r := range rows {
		if n := len(s.sights); n > 0 && s.sights[n-1].area == r.Area {
			s.sights[n-1].last = max(s.sights[n-1].last, moment(r))
			continue
		}
		s.sights = append(s.sights, sight{r.Area, moment(r), moment(r)})
	}
	if n := len(s.sights); n > mostSights {
		for i := range mostSights {
			s.sights[i] = s.sights[i*(n-1)/(mostSights-1)]
		}
		s.sights = s.sights[:mostSights]
	}
}

// candidates are the lines that share two areas with the sights at least, or one
// of their own; of those on rails and of those on streets the ones that share most.
func (s *rideSearch) candidates() {
	s.voted, s.cands = s.voted[:0], s.cands[:0]
	for i, x := range s.sights {
		if slices.ContainsFunc(s.sights[:i], func(y sight) bool { return y.area == x.area }) {
			continue
		}
		last := int32(-1)
		for _, h := range s.lines.Of(x.area) {
			if h.Line == last {
				continue
			}
			last = h.Line
			if s.votes[h.Line] == 0 {
				s.voted = append(s.voted, h.Line)
			}
			s.votes[h.Line]++
			if s.lines.own[x.area] {
				s.votes[h.Line] += ownCells - 1
			}
		}
	}
	slices.SortFunc(s.voted, func(a, b int32) int { return cmp.Or(cmp.Compare(s.votes[b], s.votes[a]), cmp.Compare(a, b)) })
	rails, streets := 0, 0
	for _, l := range s.voted {
		taken := &streets
		if onRails(s.lines.lines[l].mode) {
			taken = &rails
		}
		if s.votes[l] >= 2 && *taken < mostLines {
			*taken++
			s.cands = append(s.cands, l)
		}
		s.votes[l] = 0
	}
}

// divide finds the rides: the division of the
// sights into stretches on board and off it that explains most. A stretch on
// board counts the longest common subsequence of its cells with those of the line,
// in the order of riding and as far apart in time as a vehicle is, less what
// leastShare asks of all its cells. Exact, by dynamic programming over the
// sights: O(lines × sights³).
func (s *rideSearch) divide() []segment {
	s.candidates()
	s.weigh()
	n := len(s.sights)
	s.best = append(s.best[:0], segment{line: -1})
	for range n {
		s.best = append(s.best, segment{score: -1})
	}
	if len(s.cands) == 0 {
		return nil
	}
	s.options = s.options[:0]
	for _, line := range s.cands {
		s.lay(line)
		for k, i := range s.served {
			s.chains(k)
			for _, j := range s.served[k:] {
				c := &s.chain[j]
				if !c.ok {
					continue
				}
				all := s.unit[j+1] - s.unit[i]
				if score := c.weight - float64(leastShare*all); score >= 0 && c.weight > boardingCost && s.plausible(line, i, j) {
					s.options = append(s.options, option{i, j, line, score/(1-leastShare) - boardingCost})
				}
			}
		}
	}
	slices.SortFunc(s.options, func(a, b option) int {
		return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(b.score, a.score), cmp.Compare(a.from, b.from), cmp.Compare(a.line, b.line))
	})
	k := 0
	for j := range n {
		s.best[j+1] = segment{score: s.best[j].score, from: j, line: -1}
		for ; k < len(s.options) && s.options[k].to == j; k++ {
			r := s.options[k]
			if total := s.best[r.from].score + r.score; total > s.best[j+1].score {
				s.best[j+1] = segment{score: total, from: r.from, line: r.line}
			}
		}
	}
	var out []segment
	for j := n; j > 0; j = s.best[j].from {
		if b := s.best[j]; b.line >= 0 {
			out = append(out, s.explain(b, j-1))
		}
	}
	slices.Reverse(out)
	return s.joined(out)
}

// weigh tells what each sight counts.
func (s *rideSearch) weigh() {
	s.own, s.unit = s.own[:0], append(s.unit[:0], 0)
	for _, x := range s.sights {
		w := 1.0
		if s.lines.own[x.area] {
			w = ownCells
		}
		s.own, s.unit = append(s.own, w), append(s.unit, s.unit[len(s.unit)-1]+w)
	}
}

// joined makes one ride of two on the same line that could be one, if what lies
// between explains no more cells than both: a train does not turn on the way.
func (s *rideSearch) joined(rides []segment) []segment {
	out := rides[:0]
	for _, b := range rides {
		k, between := len(out)-1, 0
		for ; k >= 0 && out[k].line != b.line; k-- {
			between += len(out[k].at)
		}
		if k >= 0 && between <= len(out[k].at)+len(b.at) {
			a := &out[k]
			last := len(a.at) - 1
			if h := a.hits[last]; follows(h.From, h.To, b.hits[0], s.sights[a.at[last]], s.sights[b.at[0]]) {
				a.at, a.hits = append(a.at, b.at...), append(a.hits, b.hits...)
				out = out[:k+1]
				continue
			}
		}
		out = append(out, b)
	}
	return out
}

// plausible applies the rules of modes to the chain from sight i to j. In a metro
// with cells of its own a ride shows one. A high-speed train passes three cells of the
// corridor in order at 150 to 350 km/h; cars on an expressway along the track are
// slower (see also calls).
func (s *rideSearch) plausible(line int32, i, j int) bool {
	t := &s.lines.lines[line]
	cells, own := 0, false
	for k := j; k >= 0; k = int(s.chain[k].from) {
		cells++
		own = own || s.lines.own[s.sights[k].area]
	}
	if t.mode != HighSpeed {
		return own || t.mode != Metro || !t.hidden
	}
	if t.ride[len(t.ride)-1] <= 0 {
		return false
	}
	first, last := s.chain[i].hit, s.chain[j].hit
	length := t.at[len(t.at)-1] * (float64(last.From+last.To) - float64(first.From+first.To)) / 2 / t.ride[len(t.ride)-1]
	speed := length / max(1, float64(s.sights[j].first)-float64(s.sights[i].last))
	return cells >= leastCorridor && speed >= fastMS && speed <= fastestMS
}

// calls reports whether a high-speed train may have been boarded or left where the
// trip begins or ends: its first or last cell, or that of a stay at either end, is
// at a stop of the line. Who only goes along the track is on no such train.
func (s *rideSearch) calls(b segment, trip Trip) bool {
	if s.lines.lines[b.line].mode != HighSpeed {
		return true
	}
	at := func(h Hit) bool { return h.First <= h.Last }
	return at(b.hits[0]) || at(b.hits[len(b.hits)-1]) ||
		slices.ContainsFunc(s.lines.on(trip.From, b.line), at) || slices.ContainsFunc(s.lines.on(trip.To, b.line), at)
}

// lay looks up which sights a line's areas serve, and where.
func (s *rideSearch) lay(line int32) {
	s.served, s.hits = s.served[:0], s.hits[:0]
	for i, x := range s.sights {
		h := s.lines.on(x.area, line)
		s.hits = append(s.hits, h)
		if len(h) > 0 {
			s.served = append(s.served, i)
		}
	}
}

// chains fills s.chain with the best chains of the line laid out that start at
// its k-th sight.
func (s *rideSearch) chains(k int) {
	n, i := len(s.sights), s.served[k]
	s.chain = slices.Grow(s.chain[:0], n)[:n]
	for _, j := range s.served[k:] {
		s.chain[j] = link{}
	}
	first := s.hits[i]
	s.chain[i] = link{s.own[i], -1, first[0], true}
	for e, j := range s.served[k+1:] {
		for _, h := range s.hits[j] {
			for _, m := range s.served[k : k+1+e] {
				c := &s.chain[m]
				if !c.ok {
					continue
				}
				from, to := c.hit.From, c.hit.To
				if m == i { // where the line passes the first area twice: the latest that fits
					for _, x := range first[1:] {
						if x.From <= h.To {
							from, to = x.From, x.To
						}
					}
				}
				// No chain through m can be better by more than this sight.
				if s.chain[j].ok && c.weight+s.own[j] <= s.chain[j].weight || !follows(from, to, h, s.sights[m], s.sights[j]) {
					continue
				}
				w := c.weight
				if !s.seen(m, s.sights[j].area) {
					w += s.own[j]
				}
				if !s.chain[j].ok || w > s.chain[j].weight {
					next := h
					next.From = max(next.From, from)
					s.chain[j] = link{w, int32(m), next, true}
				}
			}
		}
	}
}

// seen reports whether the chain to k has the area: a cell counts once.
func (s *rideSearch) seen(k int, area sigcity.AreaID) bool {
	for ; k >= 0; k = int(s.chain[k].from) {
		if s.sights[k].area == area {
			return true
		}
	}
	return false
}

// follows reports whether a vehicle that is between from and to at the one sight can be
// in the stretch h at the other.
func follows(from, to float32, h Hit, a, b sight) bool {
	if h.To < from {
		return false
	}
	least, most := max(0, float64(h.From-to)), float64(h.To-from)
	// The phone was in the first area until a.last at least, in the second from
	// b.first on: between the first and the last moments of both.
	short, long := float64(b.first)-float64(a.last), float64(b.last)-float64(a.first)
	return long >= least-slackS-float64(slackRate*least) && short <= most+slackS+float64(slackRate*most)
}

// explain gives a ride its sights and stretches.
func (s *rideSearch) explain(b segment, last int) segment {
	s.lay(b.line)
	s.chains(slices.Index(s.served, b.from))
	for k := last; k >= 0; k = int(s.chain[k].from) {
		b.at, b.hits = append(b.at, k), append(b.hits, s.chain[k].hit)
	}
	slices.Reverse(b.at)
	slices.Reverse(b.hits)
	return b
}

// evidence counts the cells of rides at stations of the line; one of a tunnel's
// or track's own is at both ends of it, and one between stations counts half.
func (s *rideSearch) evidence(rides []segment) (stations float64, own bool) {
	for _, b := range rides {
		for i, h := range b.hits {
			switch {
			case s.lines.own[s.sights[b.at[i]].area]:
				stations += ownCells
				own = true
			case h.First <= h.Last:
				stations++
			default:
				stations += 0.5
			}
		}
	}
	return stations, own
}

// ride tells where one gets on and off: of the stops that the first and the last
// cell leave possible, those nearest to where the phone was before and is after. An
// idle phone tells of no cell within its tracking area: it may have been on board
// for as long before and after as there is no other record.
func (s *rideSearch) ride(b segment, trip Trip) (Ride, bool) {
	t := &s.lines.lines[b.line]
	end := b.at[len(b.at)-1]
	first, last := b.hits[0], b.hits[len(b.hits)-1]
	from, to := s.lines.areas.Centers[trip.From], s.lines.areas.Centers[trip.To]
	before, after := trip.Start, trip.End
	if b.from > 0 {
		x := s.sights[b.from-1]
		from, before = s.lines.areas.Centers[x.area], x.last
	}
	if end+1 < len(s.sights) {
		x := s.sights[end+1]
		to, after = s.lines.areas.Centers[x.area], x.first
	}
	silent := func(from, to uint32) float64 { return max(0, float64(to)-float64(from)) }
	lo := s.stopBefore(t, float64(first.From)-silent(before, s.sights[b.from].first))
	board := nearestStop(t.stops, from, lo, max(lo, min(s.stopBefore(t, float64(first.To)), len(t.stops)-2)))
	until := s.stopBefore(t, float64(last.To)+silent(s.sights[end].last, after))
	if until+1 < len(t.stops) && t.ride[until] < float64(last.To) {
		until++
	}
	alight := nearestStop(t.stops, to, max(board+1, s.stopBefore(t, float64(last.From))), max(board+1, until))
	if alight >= len(t.stops) || board >= alight {
		return Ride{}, false
	}
	// The vehicle's clock: the mean over the cells.
	sum := 0.0
	for i, h := range b.hits {
		x := s.sights[b.at[i]]
		sum += float64(x.first)/2 + float64(x.last)/2 - (float64(h.From)+float64(h.To))/2
	}
	sum /= float64(len(b.hits))
	clock := func(ride float64) uint32 { return uint32(max(0, sum+ride)) }
	return Ride{Line: int(b.line), Board: board, Alight: alight, Start: clock(t.ride[board]), End: clock(t.ride[alight])}, true
}

// stopBefore is the last stop that a vehicle has come to at a time of riding.
func (s *rideSearch) stopBefore(t *lineTrack, time float64) int {
	i, found := slices.BinarySearch(t.ride, time+1)
	if found {
		return i
	}
	return max(0, i-1)
}

// nearestStop is the stop of lo … hi nearest to q, of equals the first.
func nearestStop(stops []geo.XY, q geo.XY, lo, hi int) int {
	best := lo
	for i := lo + 1; i <= min(hi, len(stops)-1); i++ {
		if stops[i].Dist2(q) < stops[best].Dist2(q) {
			best = i
		}
	}
	return best
}
