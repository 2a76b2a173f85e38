package realism

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// groups is into how many groups the households are cut, by a hash. Intervals
// draw groups again, not users: members of a household are not independent.
const groups = 40

// replicates is the number of bootstrap samples behind an interval.
const replicates = 200

// weights say how often each group of households counts.
type weights []float64

// whole counts everybody once.
func whole() weights {
	w := make(weights, groups)
	for g := range w {
		w[g] = 1
	}
	return w
}

// draws are the bootstrap samples: groups drawn with replacement, the same for
// every figure and every run.
func draws() []weights {
	out := make([]weights, replicates)
	for b := range out {
		r := sigcity.Rand(1, "realism.bootstrap", uint64(b))
		out[b] = make(weights, groups)
		for range groups {
			out[b][r.IntN(groups)]++
		}
	}
	return out
}

// estimate is a figure with its 95 % interval: the percentiles of the bootstrap
// (Efron & Tibshirani 1993, chapter 13) over groups of households. No interval
// where a sample in twenty has no figure.
func (s *survey) estimate(n int64, figure func(w weights) float64) value {
	out := value{v: figure(whole()), n: n}
	var got []float64
	for _, w := range s.draws {
		if v := figure(w); !math.IsNaN(v) && !math.IsInf(v, 0) {
			got = append(got, v)
		}
	}
	if len(got) < replicates*19/20 {
		return out
	}
	slices.Sort(got)
	at := func(q float64) float64 { return got[int(math.Round(q*float64(len(got)-1)))] }
	out.lo, out.hi = at(0.025), at(0.975)
	return out
}

// counts are whole numbers of width kinds by group of households.
type counts struct {
	n     []int64
	width int
}

func newCounts(width int) *counts { return &counts{make([]int64, groups*width), width} }

func (c *counts) add(group uint8, kind int, n int64) { c.n[int(group)*c.width+kind] += n }

// merge adds other to c.
func (c *counts) merge(other *counts) {
	for i, n := range other.n {
		c.n[i] += n
	}
}

// weighted sums up the groups.
func (c *counts) weighted(w weights) []float64 {
	out := make([]float64, c.width)
	for g, f := range w {
		if f == 0 {
			continue
		}
		for i, n := range c.n[g*c.width : (g+1)*c.width] {
			out[i] += float64(f * float64(n))
		}
	}
	return out
}

// at is the weighted number of one kind.
func (c *counts) at(w weights, kind int) float64 {
	sum := 0.0
	for g, f := range w {
		sum += float64(f * float64(c.n[g*c.width+kind]))
	}
	return sum
}

// total is the number of all kinds from lo to hi−1 over all groups.
func (c *counts) total(lo, hi int) int64 {
	sum := int64(0)
	for g := range groups {
		for _, n := range c.n[g*c.width+lo : g*c.width+hi] {
			sum += n
		}
	}
	return sum
}

// ratio is the estimate of the number of one kind over that of another.
func (s *survey) ratio(c *counts, above, below int, factor float64) value {
	return s.estimate(c.total(below, below+1), func(w weights) float64 { return factor * c.at(w, above) / c.at(w, below) })
}

// perUser is a number of each user, in order of value, with the user's group.
type perUser struct {
	v     []float64
	group []uint8
}

// newPerUser takes the users whose value is a number.
func newPerUser(s *survey, value func(u int) float64) *perUser {
	type pair struct {
		v float64
		g uint8
	}
	var pairs []pair
	for u := range s.meta.Users {
		if v := value(u); s.people.phone(sigcity.UserID(u)) && !math.IsNaN(v) {
			pairs = append(pairs, pair{v, s.people.group[u]})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return int(a.g) - int(b.g)
	})
	out := &perUser{make([]float64, len(pairs)), make([]uint8, len(pairs))}
	for i, p := range pairs {
		out.v[i], out.group[i] = p.v, p.g
	}
	return out
}

// quantile is the smallest value that a weighted share q does not exceed.
func (p *perUser) quantile(w weights, q float64) float64 {
	sum := 0.0
	for _, g := range p.group {
		sum += w[g]
	}
	if sum == 0 {
		return math.NaN()
	}
	left := q * sum
	for i, g := range p.group {
		if left -= w[g]; left <= 0 && w[g] > 0 {
			return p.v[i]
		}
	}
	return p.v[len(p.v)-1]
}

// quantileOf estimates a quantile over users.
func (s *survey) quantileOf(p *perUser, q float64) value {
	return s.estimate(int64(len(p.v)), func(w weights) float64 { return p.quantile(w, q) })
}

// mean is the mean of all users.
func (p *perUser) mean() float64 {
	sum := 0.0
	for _, v := range p.v {
		sum += v
	}
	return sum / float64(len(p.v))
}

// exponent is the exponent of a power law, as a figure to estimate: the law of a
// fit is fitted anew to the weighted histogram, within the fit's limits.
func (h histogram) exponent(f fitted) func(w weights) float64 {
	return func(w weights) float64 {
		if g, ok := fit(h.binned(w).between(f.lo, f.hi), f.shape); ok {
			return -g.theta[0]
		}
		return math.NaN()
	}
}
