package anonymizers

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// sample is a box in space and time, all ends inclusive: metres on the local
// plane and Unix seconds. Whole numbers, so that costs are exact and content
// has an order.
type sample struct {
	x0, x1, y0, y1 int32
	t0, t1         uint32
}

func compareSamples(a, b sample) int {
	if a.t0 != b.t0 {
		return cmp.Compare(a.t0, b.t0)
	}
	return cmp.Or(cmp.Compare(a.t1, b.t1), cmp.Compare(a.x0, b.x0), cmp.Compare(a.y0, b.y0), cmp.Compare(a.x1, b.x1), cmp.Compare(a.y1, b.y1))
}

// union is the smallest box around both.
func (s sample) union(o sample) sample {
	return sample{min(s.x0, o.x0), max(s.x1, o.x1), min(s.y0, o.y0), max(s.y1, o.y1), min(s.t0, o.t0), max(s.t1, o.t1)}
}

// sides is width plus height, m.
func (s *sample) sides() int64 { return int64(s.x1) - int64(s.x0) + int64(s.y1) - int64(s.y0) }

// fingerprint is the merged trace of a group of users, sorted by compareSamples.
type fingerprint struct {
	users   []int32
	samples []sample
}

// gloveCaps are the stretches in space (m) and time (s) beyond which a merge is
// worth nothing; the paper sets 20 km and 8 h.
type gloveCaps struct{ spaceM, timeS float64 }

// stretch is δ between samples of a group of na users and samples of one of nb.
type stretch struct {
	na, nb     int64
	perM, perS float64 // what one metre or second of summed growth costs
}

// fixedPoint is 1.0 in the whole numbers that sums of δ are kept in: their sum
// does not depend on the order of its terms.
const fixedPoint = 1 << 32

func (c gloveCaps) stretch(na, nb int) stretch {
	n := float64(na + nb)
	s := stretch{na: int64(na), nb: int64(nb), perM: fixedPoint / 2 / (c.spaceM * n), perS: fixedPoint / 2 / (c.timeS * n)}
	return s
}

// delta is δ(a,b) = ½·min(1, φσ/cap) + ½·min(1, φτ/cap) in fixed point, where φ is how much
// a and b grow until they are one box, averaged over their users. L_ab + R_ab of
// the paper is the union's side minus that of a.
func (s *stretch) delta(a, b *sample) uint64 {
	w := int64(max(a.x1, b.x1)) - int64(min(a.x0, b.x0)) + int64(max(a.y1, b.y1)) - int64(min(a.y0, b.y0))
	d := int64(max(a.t1, b.t1)) - int64(min(a.t0, b.t0))
	space := s.na*(w-a.sides()) + s.nb*(w-b.sides())
	time := s.na*(d-int64(a.t1)+int64(a.t0)) + s.nb*(d-int64(b.t1)+int64(b.t0))
	return half(float64(space)*s.perM) + half(float64(time)*s.perS)
}

func half(x float64) uint64 { return uint64(min(x, fixedPoint/2)) }

// nearest is the sample of set cheapest to merge with a, the first of equals,
// and its δ. at is any position in set: the first with t0 ≥ a.t0 makes it fast.
// A sample that starts d later must grow by d to reach a, and one that starts d
// earlier makes a grow by d: sorted by start, the rest of set is cut off as soon
// as that alone costs more than the best found.
func (s *stretch) nearest(a *sample, set []sample, at int) (int, uint64) {
	best, cost := -1, uint64(math.MaxUint64)
	for j := at; j < len(set); j++ {
		b := &set[j]
		if b.t0 > a.t0 && half(float64(s.nb*int64(b.t0-a.t0))*s.perS) > cost {
			break
		}
		if d := s.delta(a, b); d < cost {
			best, cost = j, d
		}
	}
	for j := at - 1; j >= 0; j-- {
		b := &set[j]
		if a.t0 > b.t0 && half(float64(s.na*int64(a.t0-b.t0))*s.perS) > cost {
			break
		}
		if d := s.delta(a, b); d <= cost { // earlier in set: wins ties
			best, cost = j, d
		}
	}
	return best, cost
}

// startIn is the first position of set with t0 ≥ t.
func startIn(set []sample, t uint32) int {
	return sort.Search(len(set), func(i int) bool { return set[i].t0 >= t })
}

// longer orders two fingerprints by length; of equals the first counts as longer.
func longer(a, b *fingerprint) (long, short *fingerprint) {
	if len(b.samples) > len(a.samples) {
		return b, a
	}
	return a, b
}

// cost is Δ of the paper, the mean over the samples of the longer fingerprint of the
// least δ to the shorter, in fixed point. As soon as it is sure to exceed limit
// it gives up and returns what is sure, exact = false.
func (c gloveCaps) cost(a, b *fingerprint, limit float64) (cost float64, exact bool) {
	long, short := longer(a, b)
	s, m := c.stretch(len(long.users), len(short.users)), float64(len(long.samples))
	stop := uint64(math.MaxUint64)
	if l := limit * m; l < 1<<62 {
		stop = uint64(l) + 2 // the next whole number and one for rounding
	}
	sum, at := uint64(0), 0
	for i := range long.samples {
		a := &long.samples[i]
		for at < len(short.samples) && short.samples[at].t0 < a.t0 {
			at++
		}
		_, d := s.nearest(a, short.samples, at)
		if sum += d; sum > stop {
			return float64(sum) / m, false
		}
	}
	return float64(sum) / m, true
}

// merge makes one fingerprint of two. Stage 1: each sample of the longer joins
// its nearest of the shorter. Stage 2: samples of the shorter that nobody joined
// join the nearest box of stage 1. Last, overlaps in time are split.
func (c gloveCaps) merge(a, b *fingerprint) *fingerprint {
	long, short := longer(a, b)
	s := c.stretch(len(long.users), len(short.users))
	boxes, joined := slices.Clone(short.samples), make([]bool, len(short.samples))
	for i := range long.samples {
		a := &long.samples[i]
		j, _ := s.nearest(a, short.samples, startIn(short.samples, a.t0))
		boxes[j], joined[j] = boxes[j].union(*a), true
	}
	var stage1, left []sample
	for j, ok := range joined {
		if ok {
			stage1 = append(stage1, boxes[j])
		} else {
			left = append(left, boxes[j])
		}
	}
	slices.SortFunc(stage1, compareSamples)
	out := &fingerprint{users: slices.Concat(a.users, b.users), samples: slices.Clone(stage1)}
	s = c.stretch(len(short.users), len(out.users))
	for i := range left {
		j, _ := s.nearest(&left[i], stage1, startIn(stage1, left[i].t0))
		out.samples[j] = out.samples[j].union(left[i])
	}
	slices.Sort(out.users)
	out.samples = split(out.samples)
	return out
}

// split cuts boxes that overlap in time: every moment gets one box, around all
// the boxes that hold it.
func split(boxes []sample) []sample {
	var cuts []int64
	for _, b := range boxes {
		cuts = append(cuts, int64(b.t0), int64(b.t1)+1)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	sorted := slices.SortedFunc(slices.Values(boxes), compareSamples)
	var out, active []sample
	for i := range len(cuts) - 1 {
		t0, t1 := uint32(cuts[i]), uint32(cuts[i+1]-1)
		for len(sorted) > 0 && sorted[0].t0 <= t0 {
			active, sorted = append(active, sorted[0]), sorted[1:]
		}
		active = slices.DeleteFunc(active, func(b sample) bool { return b.t1 < t0 })
		if len(active) == 0 {
			continue
		}
		box := active[0]
		for _, b := range active[1:] {
			box = box.union(b)
		}
		box.t0, box.t1 = t0, t1
		out = append(out, box)
	}
	return out
}

// coalesce makes one box of neighbours in time of the same space. Done last,
// it loses nothing; between merges it would leave less to choose from.
func coalesce(boxes []sample) []sample {
	var out []sample
	for _, b := range boxes {
		if n := len(out); n > 0 && int64(out[n-1].t1)+1 == int64(b.t0) && sameSpace(out[n-1], b) {
			out[n-1].t1 = b.t1
		} else {
			out = append(out, b)
		}
	}
	return out
}

func sameSpace(a, b sample) bool {
	return a.x0 == b.x0 && a.x1 == b.x1 && a.y0 == b.y0 && a.y1 == b.y1
}
