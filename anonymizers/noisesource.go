package anonymizers

import (
	"fmt"
	"math"

	"github.com/google/differential-privacy/go/v3/noise"

	"github.com/sigcity/sigcity"
)

// SeededNoise draws Laplace noise from keyed hashes: reproducible, for
// benchmarks. Whoever knows the seed can take it off again, and its floating-
// point values are not hardened against Mironov's attack (CCS 2012).
func SeededNoise(seed uint64) Noise { return seededNoise(seed) }

type seededNoise uint64

func (seededNoise) Secure() bool { return false }

// Laplace inverts the distribution function at one uniform number per draw.
func (s seededNoise) Laplace(x float64, l0 int64, lInf, epsilon float64, keys ...uint64) (float64, error) {
	if l0 < 1 || !(lInf > 0) || !(epsilon > 0) || math.IsInf(lInf, 0) || math.IsInf(epsilon, 0) {
		return 0, fmt.Errorf("laplace noise: l0 = %d, lInf = %g, epsilon = %g, all must be positive and finite", l0, lInf, epsilon)
	}
	// The middle of one of 2⁵³ bins: never 0 or 1, so never infinite.
	u := sigcity.Unit(sigcity.Hash(uint64(s), "noise.laplace", keys...)) + 1.0/(1<<54) - 0.5
	scale := float64(l0) * lInf / epsilon
	return x - float64(scale*math.Copysign(math.Log1p(-2*math.Abs(u)), u)), nil
}

// SecureNoise draws from the operating system's randomness through Google's
// differential-privacy library; it ignores the keys and cannot be reproduced.
func SecureNoise() Noise { return secureNoise{noise.Laplace()} }

type secureNoise struct{ mechanism noise.Noise }

func (secureNoise) Secure() bool { return true }

func (s secureNoise) Laplace(x float64, l0 int64, lInf, epsilon float64, _ ...uint64) (float64, error) {
	return s.mechanism.AddNoiseFloat64(x, l0, lInf, epsilon, 0)
}
