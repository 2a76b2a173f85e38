package realism

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// shape is a family of densities exp(base(x) + Σ θ_k stats_k(x)) / Z(θ) on a
// bounded interval: truncated power law, log-normal and gamma are such. Their
// likelihood is concave in θ, so Newton's method finds the one maximum.
type shape struct {
	name  string
	base  func(x float64) float64
	stats []func(x float64) float64
	// capped demands that the last θ is not positive: a cut-off that cuts, a
	// variance that is one. Where the data want it positive it is zero.
	capped bool
}

func zero(float64) float64       { return 0 }
func identity(x float64) float64 { return x }

// truncatedPower is (x + x0)^−β exp(−x/κ): θ = −β, −1/κ (González, Hidalgo &
// Barabási 2008, equation 1).
func truncatedPower(x0 float64) shape {
	return shape{"power law with cut-off", zero, []func(float64) float64{func(x float64) float64 { return math.Log(x + x0) }, identity}, true}
}

// purePower is x^−β: θ = −β.
func purePower() shape {
	return shape{"power law", zero, []func(float64) float64{math.Log}, false}
}

// exponential is exp(−x/κ): θ = −1/κ.
func exponential() shape {
	return shape{"exponential", zero, []func(float64) float64{identity}, true}
}

// logNormal has θ = μ/σ², −1/(2σ²).
func logNormal() shape {
	square := func(x float64) float64 { return math.Log(x) * math.Log(x) }
	return shape{"log-normal", func(x float64) float64 { return -math.Log(x) }, []func(float64) float64{math.Log, square}, true}
}

// fitted is a shape's maximum of likelihood on binned data.
type fitted struct {
	shape
	theta  []float64
	aic    float64 // 2 k − 2 log L (Akaike 1974)
	ks     float64 // largest distance of the cumulative distributions
	n      float64
	lo, hi float64
	p      []float64 // per bin
}

// fit maximises the likelihood of the bins' counts. False where fewer than
// three bins hold anything.
func fit(b binned, s shape) (fitted, bool) {
	f := fitted{shape: s, n: b.total()}
	filled := 0
	for _, n := range b.n {
		if n > 0 {
			filled++
		}
	}
	if filled < 3 {
		return f, false
	}
	f.lo, f.hi = b.edges[0], b.edges[len(b.edges)-1]
	m := newMaximiser(b, s)
	k := len(s.stats)
	theta, logLik, ok := m.climb(k)
	if ok && s.capped && theta[k-1] > 0 {
		theta, logLik, ok = m.climb(k - 1)
		theta = append(theta, 0)
	}
	if !ok {
		return f, false
	}
	f.aic = float64(2*k) - 2*logLik
	f.p = m.probabilities(theta)
	f.theta = m.unscale(theta)
	have, want := 0.0, 0.0
	for i, n := range b.n {
		have, want = have+n/f.n, want+f.p[i]
		f.ks = max(f.ks, math.Abs(have-want))
	}
	return f, true
}

// maximiser holds the statistics at the bins, standardised for a well-posed
// Newton step.
type maximiser struct {
	n     []float64
	total float64
	base  []float64 // log of base density times width
	t     [][]float64
	mean  []float64
	sd    []float64
	p     []float64
}

func newMaximiser(b binned, s shape) *maximiser {
	m := &maximiser{n: b.n, total: b.total(), base: make([]float64, len(b.n)), p: make([]float64, len(b.n))}
	for i := range b.n {
		m.base[i] = s.base(b.mid(i)) + math.Log(b.width(i))
	}
	for _, stat := range s.stats {
		t, mean, square := make([]float64, len(b.n)), 0.0, 0.0
		for i, n := range b.n {
			t[i] = stat(b.mid(i))
			mean += float64(n * t[i] / m.total)
		}
		for i, n := range b.n {
			t[i] -= mean
			square += float64(n * t[i] * t[i] / m.total)
		}
		sd := max(math.Sqrt(square), 1e-300)
		for i := range t {
			t[i] /= sd
		}
		m.t, m.mean, m.sd = append(m.t, t), append(m.mean, mean), append(m.sd, sd)
	}
	return m
}

// probabilities of the bins under the scaled theta, and the log-likelihood.
func (m *maximiser) logLik(theta []float64) float64 {
	top := math.Inf(-1)
	for i := range m.p {
		e := m.base[i]
		for k, v := range theta {
			e += float64(v * m.t[k][i])
		}
		m.p[i], top = e, max(top, e)
	}
	z := 0.0
	for _, e := range m.p {
		z += math.Exp(e - top)
	}
	logZ, sum := top+math.Log(z), 0.0
	for i, n := range m.n {
		if n > 0 {
			sum += float64(n * (m.p[i] - logZ))
		}
		m.p[i] = math.Exp(m.p[i] - logZ)
	}
	return sum
}

func (m *maximiser) probabilities(theta []float64) []float64 {
	m.logLik(theta)
	return append([]float64(nil), m.p...)
}

// climb finds the maximum over the first k parameters, the others zero.
func (m *maximiser) climb(k int) (theta []float64, logLik float64, ok bool) {
	theta = make([]float64, k)
	now := m.logLik(theta)
	for range 200 {
		// Under the data every standardised statistic has mean zero: the
		// gradient is minus its mean under the model.
		var mean [2]float64
		var cov [2][2]float64
		for i, p := range m.p {
			for a := range k {
				mean[a] += float64(p * m.t[a][i])
				for b := range a + 1 {
					cov[a][b] += float64(p * m.t[a][i] * m.t[b][i])
				}
			}
		}
		for a := range k {
			for b := range a + 1 {
				cov[a][b] -= float64(mean[a] * mean[b])
			}
		}
		step, gain := newton(k, mean, cov)
		if !(gain > 1e-12) {
			return theta, now, gain >= 0
		}
		next := make([]float64, k)
		for scale := 1.0; ; scale /= 2 {
			if scale < 1e-12 {
				return theta, now, true
			}
			for a := range k {
				next[a] = theta[a] + float64(scale*step[a])
			}
			if l := m.logLik(next); l > now {
				now = l
				break
			}
		}
		theta = next
	}
	return theta, now, false
}

// newton solves cov · step = −mean; gain is half the expected rise per value.
func newton(k int, mean [2]float64, cov [2][2]float64) (step [2]float64, gain float64) {
	switch k {
	case 0:
		return step, 0
	case 1:
		step[0] = -mean[0] / max(cov[0][0], 1e-12)
	default:
		det := float64(cov[0][0]*cov[1][1]) - float64(cov[1][0]*cov[1][0])
		if det < 1e-14 {
			det = 1e-14
		}
		step[0] = -(float64(cov[1][1]*mean[0]) - float64(cov[1][0]*mean[1])) / det
		step[1] = -(float64(cov[0][0]*mean[1]) - float64(cov[1][0]*mean[0])) / det
	}
	for a := range k {
		gain -= float64(step[a] * mean[a])
	}
	return step, gain / 2
}

func (m *maximiser) unscale(theta []float64) []float64 {
	out := make([]float64, len(theta))
	for k := range theta {
		out[k] = theta[k] / m.sd[k]
	}
	return out
}

// tail chooses where a law begins as Clauset, Shalizi & Newman (2009, section
// 3.3) do: at the lower bound, of those up to last, from which the fit's
// Kolmogorov–Smirnov distance is least, while share of the values remains.
func tail(b binned, first, last, hi, share float64, s shape) (fitted, bool) {
	all := b.between(first, hi).total()
	var best fitted
	found := false
	for _, lo := range b.edges {
		if lo < first || lo > last {
			continue
		}
		part := b.between(lo, hi)
		if part.total() < share*all {
			break
		}
		if f, ok := fit(part, s); ok && (!found || f.ks < best.ks) {
			best, found = f, true
		}
	}
	return best, found
}

// gammaFit is the gamma distribution of most likelihood: shape and mean of
// values with this mean and mean logarithm.
func gammaFit(mean, meanLog float64) (k float64) {
	s := math.Log(mean) - meanLog // > 0 unless all values are equal
	if !(s > 1e-9) {
		return 1e9
	}
	k = (3 - s + math.Sqrt((s-3)*(s-3)+24*s)) / (12 * s) // Minka 2002, then Newton
	for range 50 {
		d := (math.Log(k) - mathext.Digamma(k) - s) / (1/k - trigamma(k))
		if k -= d; math.Abs(d) < 1e-12*k {
			break
		}
	}
	return k
}

// trigamma is the derivative of the digamma function, by recurrence and the
// asymptotic series (Abramowitz & Stegun 6.4.12).
func trigamma(x float64) float64 {
	sum := 0.0
	for ; x < 10; x++ {
		sum += 1 / (x * x)
	}
	y := 1 / (x * x)
	return sum + 1/x + y/2 + y/x*(1./6-y*(1./30-y*(1./42-y/30)))
}
