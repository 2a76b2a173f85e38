package recognition

import (
	"fmt"
	"math"
	"slices"
)

// Breaks are natural breaks: classes of a one-dimensional sample.
type Breaks struct {
	Of     []int     // class per value, 0 = lowest
	Upper  []float64 // the largest value of each class
	Within float64   // sum of squared deviations from the class means
	Total  float64   // from the mean of all
}

// GoodnessOfFit is Jenks' goodness of variance fit, 1 − Within/Total; 1 where
// all values are equal.
func (b Breaks) GoodnessOfFit() float64 {
	if b.Total == 0 {
		return 1
	}
	return 1 - b.Within/b.Total
}

// NaturalBreaks cuts values into k classes with the least sum of squared
// deviations from the class means (Fisher 1958; Jenks 1977), exactly: dynamic
// programming over the sorted values, each row by divide and conquer, since the
// best last cut never moves back (Ckmeans.1d.dp, Wang & Song 2011): O(k·n·log n).
// Equal values share a class; k must not be larger than the number of different
// values.
func NaturalBreaks(values []float64, k int) (Breaks, error) {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Breaks{}, fmt.Errorf("natural breaks: value %d is %g, want a finite number", i, v)
		}
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	j := newJenks(sorted)
	if k < 1 || k > len(j.x) {
		return Breaks{}, fmt.Errorf("natural breaks: k = %d, must be at least 1 and at most the number of different values, %d", k, len(j.x))
	}
	n := len(j.x)
	cost := make([]float64, n) // of the best cut of the first i + 1 different values
	for i := range n {
		cost[i] = j.within(0, i)
	}
	next := make([]float64, n)
	from := make([][]int32, k) // per class: where it starts if it ends at i
	from[0] = make([]int32, n)
	for c := 1; c < k; c++ {
		from[c] = make([]int32, n)
		j.row(cost, next, from[c], c, n-1, c, n-1)
		cost, next = next, cost
	}
	out := Breaks{Of: make([]int, len(values)), Upper: make([]float64, k), Total: j.within(0, n-1)}
	end := n - 1
	for c := k - 1; c >= 0; c-- {
		out.Upper[c] = j.x[end]
		start := int(from[c][end])
		out.Within += j.within(start, end)
		end = start - 1
	}
	for i, v := range values {
		out.Of[i], _ = slices.BinarySearch(out.Upper, v)
	}
	return out, nil
}

// jenks holds the different values, about their median, with running sums.
type jenks struct {
	x             []float64
	n, sum, power []float64 // before value i: how many, their sum, their squares
}

func newJenks(sorted []float64) *jenks {
	j := &jenks{n: []float64{0}, sum: []float64{0}, power: []float64{0}}
	if len(sorted) == 0 {
		return j
	}
	middle := sorted[len(sorted)/2] // keeps the sums of squares small beside their differences
	for i := 0; i < len(sorted); {
		c := i
		for c < len(sorted) && sorted[c] == sorted[i] {
			c++
		}
		k, count, d := len(j.x), float64(c-i), sorted[i]-middle
		j.x = append(j.x, sorted[i])
		j.n = append(j.n, j.n[k]+count)
		j.sum = append(j.sum, j.sum[k]+float64(count*d))
		j.power = append(j.power, j.power[k]+float64(count*float64(d*d)))
		i = c
	}
	return j
}

// within is the sum of squared deviations of the different values a … b.
func (j *jenks) within(a, b int) float64 {
	if a == b {
		return 0
	}
	n, sum := j.n[b+1]-j.n[a], j.sum[b+1]-j.sum[a]
	return max(0, j.power[b+1]-j.power[a]-float64(sum*sum/n))
}

// row fills next[lo … hi], the best cost with one class more, whose last class
// starts between first and last.
func (j *jenks) row(cost, next []float64, from []int32, lo, hi, first, last int) {
	if lo > hi {
		return
	}
	mid := (lo + hi) / 2
	best, at := math.Inf(1), first
	for s := first; s <= min(mid, last); s++ {
		if v := cost[s-1] + j.within(s, mid); v < best {
			best, at = v, s
		}
	}
	next[mid], from[mid] = best, int32(at)
	j.row(cost, next, from, lo, mid-1, first, at)
	j.row(cost, next, from, mid+1, hi, at, last)
}
