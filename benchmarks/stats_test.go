package benchmarks

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// The bounds are those printed by Newcombe, Two-sided confidence intervals for
// the single proportion, Statistics in Medicine 17, 1998, table I, method 3.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		hits, n int
		lo, hi  float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}} {
		centre, lo, hi := Wilson(float64(c.hits), c.n)
		if !near(lo, c.lo, 5e-5) || !near(hi, c.hi, 5e-5) || !near(centre, (lo+hi)/2, 1e-12) {
			t.Errorf("Wilson(%d, %d) = %.4f, %.4f … %.4f, want %.4f … %.4f", c.hits, c.n, centre, lo, hi, c.lo, c.hi)
		}
	}
	if c, lo, hi := Wilson(0, 0); c != 0.5 || lo != 0 || hi != 1 {
		t.Errorf("no trials: %g, %g … %g, want ½, 0 … 1", c, lo, hi)
	}
}

// For a mean with one value per group the jackknife is the classical t interval.
func TestJackknifeOfMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-100, 100), 3, 50).Draw(t, "values")
		n := float64(len(v))
		full, without := stat.Mean(v, nil), []float64{}
		for _, x := range v {
			without = append(without, (full*n-x)/(n-1))
		}
		half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * stat.StdDev(v, nil) / math.Sqrt(n)
		if lo, hi := Jackknife(full, without); !near(lo, full-half, 1e-6) || !near(hi, full+half, 1e-6) {
			t.Fatalf("%g … %g, want %g ± %g", lo, hi, full, half)
		}
	})
	if lo, hi := Jackknife(1, []float64{1}); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("one group: %g … %g, want no bounds", lo, hi)
	}
	if lo, hi := Jackknife(1, []float64{1, math.NaN(), 1}); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("an undefined replicate: %g … %g, want no bounds", lo, hi)
	}
}

func TestBinomialTail(t *testing.T) {
	for _, c := range []struct {
		n int
		p float64
	}{{1, 0.3}, {20, 0.5}, {500, 0.001}, {500, 0.37}} {
		d := distuv.Binomial{N: float64(c.n), P: c.p}
		sum := 0.0
		for k := c.n; k >= 0; k-- {
			sum += d.Prob(float64(k))
			if got := BinomialTail(k, c.n, c.p); math.Abs(got-sum) > 1e-9*sum+1e-300 && !near(got, sum, 1e-12) {
				t.Fatalf("P(X ≥ %d | %d, %g) = %g, want %g", k, c.n, c.p, got, sum)
			}
		}
	}
	for _, c := range []struct {
		k, n    int
		p, want float64
	}{{0, 5, 0.1, 1}, {6, 5, 0.9, 0}, {1, 5, 0, 0}, {5, 5, 1, 1}, {10, 10, 0.5, math.Pow(0.5, 10)}} {
		if got := BinomialTail(c.k, c.n, c.p); !near(got, c.want, 1e-12) {
			t.Errorf("P(X ≥ %d | %d, %g) = %g, want %g", c.k, c.n, c.p, got, c.want)
		}
	}
}

// Fisher's lady tasting tea: four of eight cups, 1/70 for all right.
func TestHypergeometricTail(t *testing.T) {
	for _, c := range []struct {
		k    int
		want float64
	}{{4, 1.0 / 70}, {3, 17.0 / 70}, {2, 53.0 / 70}, {0, 1}} {
		if got := HypergeometricTail(c.k, 4, 4, 4); !near(got, c.want, 1e-12) {
			t.Errorf("P(X ≥ %d) = %g, want %g", c.k, got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	v := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for q, want := range map[float64]float64{0: 1, 0.1: 1, 0.5: 5, 0.9: 9, 0.91: 10, 1: 10} {
		if got := Quantile(v, q); got != want {
			t.Errorf("quantile %g = %g, want %g", q, got, want)
		}
	}
	if Quantile(nil, 0.5) != 0 || median([]float64{4, 1, 3, 2}) != 2.5 || median([]float64{3, 1, 2}) != 2 {
		t.Error("medians of nothing, an even and an odd number are wrong")
	}
}

// Newcombe, Interval estimation for the difference between independent
// proportions, Statistics in Medicine 17, 1998, table II, method 10:
// 56/70 − 48/80 is 0.20, 0.0524 to 0.3339.
func TestResidual(t *testing.T) {
	r := residual(share{n: 70, expected: 56}, share{n: 80, expected: 48}, 0.5)
	if !near(r.Value, 0.2/0.4, 1e-12) || !near(r.Lo, 0.0524/0.4, 2e-4) || !near(r.Hi, 0.3339/0.4, 2e-4) {
		t.Errorf("residual %g, %g … %g, want 0.5, 0.131 … 0.835", r.Value, r.Lo, r.Hi)
	}
	if r := residual(share{n: 5, expected: 5}, share{n: 5, expected: 5}, 0.5); r.Status != NA || r.Error == "" {
		t.Errorf("an attack that is right about every control: %+v, want n/a", r)
	}
	if r := residual(share{}, share{n: 5}, 0.5); r.Status != NA {
		t.Errorf("no members: %+v, want n/a", r)
	}
}
