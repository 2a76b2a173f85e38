package realism

import (
	"math"
	"slices"
)

// minIntervals is how many inter-call times of a user a fit takes (assumed).
const minIntervals = 20

// weibullWins says whether a Weibull distribution describes the positive
// values better than a power law from their least on, both by maximum
// likelihood and judged by Akaike's criterion (two parameters each: the least
// value is the power law's second). ok is false where all values are equal.
func weibullWins(values []float64) (wins, ok bool) {
	least := slices.Min(values)
	n, sumLog := float64(len(values)), 0.0
	for _, v := range values {
		sumLog += math.Log(v)
	}
	excess := sumLog - float64(n*math.Log(least))
	if excess <= 0 {
		return false, false
	}
	// Clauset, Shalizi & Newman 2009, equation B.17: α = 1 + n / Σ ln(x / x_min).
	alpha := 1 + n/excess
	power := float64(n*math.Log((alpha-1)/least)) - float64(alpha*excess)
	k, scale := weibullFit(values)
	weibull := float64(n*math.Log(k/scale)) + float64((k-1)*(sumLog-float64(n*math.Log(scale))))
	for _, v := range values {
		weibull -= math.Pow(v/scale, k)
	}
	return weibull > power, true
}

// weibullFit solves the likelihood equation of the Weibull shape k,
// 1/k = Σ x^k ln x / Σ x^k − mean ln x, by bisection, and gives the scale with it.
func weibullFit(values []float64) (k, scale float64) {
	top := slices.Max(values)
	meanLog := 0.0
	for _, v := range values {
		meanLog += math.Log(v/top) / float64(len(values))
	}
	sums := func(k float64) (s, l float64) {
		for _, v := range values {
			p := math.Pow(v/top, k)
			s, l = s+p, l+float64(p*math.Log(v/top))
		}
		return s, l
	}
	lo, hi := 1e-3, 1e3
	for range 60 {
		k = math.Sqrt(lo * hi)
		if s, l := sums(k); l/s-meanLog < 1/k {
			lo = k
		} else {
			hi = k
		}
	}
	s, _ := sums(k)
	return k, top * math.Pow(s/float64(len(values)), 1/k)
}

// burstiness is (σ − μ)/(σ + μ) of intervals (Goh & Barabási 2008) with the
// correction for few events of Kim & Jo (2016, equation 22): −1 regular, 0
// Poisson, 1 extremely bursty.
func burstiness(values []float64) float64 {
	n, mean, square := float64(len(values)), 0.0, 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		square += float64((v - mean) * (v - mean) / n)
	}
	if mean == 0 {
		return math.NaN()
	}
	r := math.Sqrt(square) / mean
	// n intervals are n + 1 events.
	a, b := math.Sqrt(n+2), math.Sqrt(n)
	return (float64(a*r) - b) / (float64((a-2)*r) + b)
}
