package benchmarks

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// z95 is the two-sided 95 % quantile of the normal distribution.
const z95 = 1.959963984540054

// Wilson is the centre and the bounds of the 95 % score interval of a share
// (Wilson 1927): the centre (h + z²/2) / (n + z²) is the estimate that the
// reports print. hits may be fractional (expected hits under ties). No trials
// = no knowledge: centre ½, bounds 0 and 1.
func Wilson(hits float64, n int) (centre, lo, hi float64) {
	if n == 0 {
		return 0.5, 0, 1
	}
	m, z2 := float64(n), float64(z95*z95)
	p := hits / m
	centre = (hits + z2/2) / (m + z2)
	half := z95 * math.Sqrt(p*(1-p)/m+z2/(4*m*m)) / (1 + z2/m)
	return centre, math.Max(0, centre-half), math.Min(1, centre+half)
}

// Jackknife is the delete-a-group interval of an estimate: full is computed on
// everybody, without[g] on everybody but group g. Variance is
// (G−1)/G · Σ (without[g] − mean)², its quantile Student's t with G−1 degrees
// of freedom. Replicates that are not finite (an empty group emptied the
// answer) are an unbounded interval.
func Jackknife(full float64, without []float64) (lo, hi float64) {
	g := float64(len(without))
	if len(without) < 2 {
		return math.Inf(-1), math.Inf(1)
	}
	mean := 0.0
	for _, v := range without {
		mean += v / g
	}
	sum := 0.0
	for _, v := range without {
		sum += float64((v - mean) * (v - mean))
	}
	half := math.Sqrt(sum*(g-1)/g) * distuv.StudentsT{Sigma: 1, Nu: g - 1}.Quantile(0.975)
	if math.IsNaN(half) {
		half = math.Inf(1)
	}
	return full - half, full + half
}

// BinomialTail is P(X ≥ k) of n trials with success probability p, exact
// through the regularised incomplete beta function.
func BinomialTail(k, n int, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n || p <= 0:
		return 0
	case p >= 1:
		return 1
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), p)
}

// HypergeometricTail is P(X ≥ k) where X counts the successes among n1 of
// n1 + n2 draws when successes in all are spread at random: Fisher's exact
// one-sided test of two shares.
func HypergeometricTail(k, n1, successes, n2 int) float64 {
	n := n1 + n2
	hi := min(n1, successes)
	sum := 0.0
	for x := hi; x >= max(k, successes-n2, 0); x-- {
		sum += math.Exp(lchoose(successes, x) + lchoose(n-successes, n1-x) - lchoose(n, n1))
	}
	return math.Min(1, sum)
}

func lchoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// Quantile is the smallest value that at least a share q of the sorted values
// do not exceed; 0 of no values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// median sorts the values in place.
func median(values []float64) float64 {
	slices.Sort(values)
	if n := len(values); n > 0 && n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return Quantile(values, 0.5)
}

// finite keeps what JSON can hold: an unbounded interval is written as the
// metric's own bounds.
func finite(v, bound float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return bound
	}
	return v
}
