package attacks

import (
	"cmp"
	"context"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/plugin"
)

// maxPoints is how many points of a target fit into one word.
const maxPoints = 64

func init() {
	plugin.Add(plugin.Entry[Attack]{
		Name:     "unicity",
		Doc:      "finds the tokens that were at a few known places at known hours",
		Citation: "de Montjoye, Hidalgo, Verleysen & Blondel, Unique in the Crowd, Scientific Reports 3:1376, 2013",
		Params: []plugin.Param{
			{Name: "points", Type: plugin.Int, Default: 0, Min: 0, Max: maxPoints, Doc: "how many of the known points to use, the first in time; 0 = all, up to 64"},
			{Name: "resolution", Type: plugin.Duration, Default: "1h", Min: 1, Max: 86400, Doc: "slots of local time in which a point and a record are the same moment"},
			{Name: "tolerance_m", Type: plugin.Float, Default: 0.0, Min: 0, Max: 1e5, Doc: "how far from a point a record's area may lie, m"},
			{Name: "tolerance_time", Type: plugin.Duration, Default: "0s", Min: 0, Max: 86400 * 7, Doc: "how far from a point's slot a record may lie"},
			{Name: "misses", Type: plugin.Int, Default: 0, Min: 0, Max: 63, Doc: "points that a token may fail to meet and still be a worse candidate"},
		},
		Complexity: "O(n·(log q + m)) in records n, points q asked for, points met by a record m; memory O(T + q) in targets T",
		New: func(v plugin.Values) (Attack, error) {
			points := v.Int("points")
			if points == 0 {
				points = maxPoints
			}
			return unicity{points: points, resolution: int(v.Duration("resolution").Seconds()),
				toleranceM: v.Float("tolerance_m"), toleranceS: v.Duration("tolerance_time").Seconds(), misses: v.Int("misses")}, nil
		},
	})
}

// unicity answers with every token that is consistent with all known points.
// A token that lives for one linkage period only must meet the points of its
// period, and is the better the more these are.
type unicity struct {
	points     int
	resolution int // s
	toleranceM float64
	toleranceS float64
	misses     int
}

func (unicity) Needs() Need {
	return Need{Kinds: []sigcity.Kind{sigcity.Trajectories, sigcity.Boxes}, Knowledge: []Source{SomePoints}, Claims: []string{ClaimSameUser}}
}

// query asks whether somebody was in an area during from ≤ t < to.
type query struct {
	from, to int64 // Unix seconds, tolerance included
	target   int32 // position in Knowledge.Targets
	bit      uint8 // which of the target's points
}

// questions is all that is asked of a release: the index is laid over the
// points, not over the records, so one pass over a release of any size does.
type questions struct {
	byArea  [][]query // per area, by from
	longest int64     // s, of any query
	periods []sigcity.Period
	want    [][]uint64 // per period and target: the points that fall into it
}

func (a unicity) Guess(ctx context.Context, rel *Release, k Knowledge, rng *rand.Rand) ([]Guess, error) {
	g, err := newGround(rel, k, "unicity")
	if err != nil {
		return nil, err
	}
	meters, seconds := k.tolerance()
	a.toleranceM, a.toleranceS = max(a.toleranceM, meters), max(a.toleranceS, seconds)
	q, err := a.ask(ctx, g, k.Targets)
	if err != nil {
		return nil, err
	}
	seed := rng.Uint64()
	var searches []*search
	err = sweep(ctx, rel.Data, k.Workers, func() func(sigcity.Trajectory) {
		s := &search{q: q, targets: k.Targets, misses: a.misses, hold: !k.exact(), seed: seed, met: make([]uint64, len(k.Targets)), lists: make([]shortlist, len(k.Targets))}
		searches = append(searches, s)
		return s.visit
	})
	if err != nil {
		return nil, err
	}
	guesses := make([]Guess, len(k.Targets))
	for i, t := range k.Targets {
		var list shortlist
		for _, s := range searches {
			list.merge(&s.lists[i])
		}
		guesses[i] = list.guess(t.ID)
	}
	return guesses, nil
}

// ask files the targets' points under the areas that can answer them.
func (a unicity) ask(ctx context.Context, g *ground, targets []Target) (*questions, error) {
	q := &questions{byArea: make([][]query, g.areas.Len()), periods: g.data.Meta().Periods}
	q.want = make([][]uint64, max(1, len(q.periods)))
	for p := range q.want {
		q.want[p] = make([]uint64, len(targets))
	}
	where := g.locateAll()
	known := map[orb.Point][]sigcity.AreaID{} // many points share a cell's centre
	for i, t := range targets {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b, point := range t.Points[:min(a.points, len(t.Points))] {
			period := q.period(point.Time)
			if period < 0 {
				continue
			}
			q.want[period][i] |= 1 << b
			areas, ok := known[point.Place]
			if !ok {
				areas = where.covering(point.Place, a.toleranceM)
				known[point.Place] = areas
			}
			from, to := a.slot(g.cal, point.Time)
			from, to = from-int64(a.toleranceS), to+int64(a.toleranceS)
			q.longest = max(q.longest, to-from)
			for _, id := range areas {
				q.byArea[id] = append(q.byArea[id], query{from, to, int32(i), uint8(b)})
			}
		}
	}
	for _, list := range q.byArea {
		slices.SortStableFunc(list, func(x, y query) int { return cmp.Compare(x.from, y.from) })
	}
	return q, nil
}

// slot is the interval of local time that t falls in: slots start anew at
// midnight.
func (a unicity) slot(cal *sigcity.Calendar, t uint32) (from, to int64) {
	length := int64(a.resolution)
	start, end := int64(0), int64(1)<<32
	if day := cal.Day(t); day >= 0 && day < cal.Days() {
		start, end = int64(cal.Start(day)), int64(cal.Start(day+1))
	}
	from = start + (int64(t)-start)/length*length
	return from, min(from+length, end)
}

// period is the linkage period of a moment, −1 outside all of them.
func (q *questions) period(t uint32) int {
	if len(q.periods) == 0 {
		return 0
	}
	return slices.IndexFunc(q.periods, func(p sigcity.Period) bool { return p.From <= t && t < p.To })
}

// search is one worker's search.
type search struct {
	q       *questions
	targets []Target
	misses  int
	hold    bool // a phone seen twice in a row in an area was there in between
	seed    uint64
	met     []uint64 // per target: points that the current token meets
	touched []int32
	lists   []shortlist
}

// longestSilence is how long a phone may be silent, in seconds, and still be
// taken to be where it was before and after: two periods of the longest usual
// timer of periodic updates (T3412, some three hours; assumed).
const longestSilence = 6 * 3600

func (s *search) visit(t sigcity.Trajectory) {
	// Blurred times may cross a boundary: the middle of a trace says best which
	// period its token belongs to.
	period := s.q.period(t.Records[len(t.Records)/2].Time)
	if period < 0 {
		return
	}
	for i, r := range t.Records {
		list := s.q.byArea[r.Area]
		from, to := int64(r.Time), int64(r.Time)+int64(r.Span)
		if s.hold && i+1 < len(t.Records) {
			if next := t.Records[i+1]; next.Area == r.Area && int64(next.Time)-to <= longestSilence {
				to = max(to, int64(next.Time))
			}
		}
		j := sort.Search(len(list), func(j int) bool { return list[j].from > from-s.q.longest })
		for ; j < len(list) && list[j].from <= to; j++ {
			if q := list[j]; q.to > from {
				if s.met[q.target] == 0 {
					s.touched = append(s.touched, q.target)
				}
				s.met[q.target] |= 1 << q.bit
			}
		}
	}
	for _, i := range s.touched {
		want := s.q.want[period][i]
		met := bits.OnesCount64(s.met[i] & want)
		if met > 0 && met >= bits.OnesCount64(want)-s.misses {
			s.lists[i].add(newLots(s.seed, s.targets[i].ID).candidate(t.User, float64(met)))
		}
		s.met[i] = 0
	}
	s.touched = s.touched[:0]
}
