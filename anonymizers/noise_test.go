package anonymizers

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// kolmogorov is the distance between the empirical distribution of x and cdf,
// times √n. Under the right cdf it exceeds 2.7 with probability below 2·exp(−2·2.7²) = 1e-6
// (Dvoretzky–Kiefer–Wolfowitz, Massart's constant).
func kolmogorov(x []float64, cdf func(float64) float64) float64 {
	slices.Sort(x)
	n, worst := float64(len(x)), 0.0
	for i, v := range x {
		p := cdf(v)
		worst = max(worst, p-float64(i)/n, float64(i+1)/n-p)
	}
	return worst * math.Sqrt(n)
}

// TestLaplaceNoise tests both sources against the distribution they must have.
// False failure: 1e-6 for each of four cases, by kolmogorov.
func TestLaplaceNoise(t *testing.T) {
	for name, source := range map[string]Noise{"seeded": SeededNoise(11), "secure": SecureNoise()} {
		for _, c := range []struct {
			l0      int64
			epsilon float64
		}{{1, 1}, {24, 0.8}} {
			const n = 50000
			want := distuv.Laplace{Mu: 7, Scale: float64(c.l0) / c.epsilon}
			x := make([]float64, n)
			for i := range x {
				var err error
				if x[i], err = source.Laplace(7, c.l0, 1, c.epsilon, 3, uint64(i)); err != nil {
					t.Fatal(err)
				}
			}
			if d := kolmogorov(x, want.CDF); d > 2.7 {
				t.Errorf("%s, l0 = %d, ε = %g: Kolmogorov √n·D = %.2f, want at most 2.7", name, c.l0, c.epsilon, d)
			}
		}
	}
}

func TestSeededNoiseHangsOnKeys(t *testing.T) {
	draw := func(seed uint64, keys ...uint64) float64 {
		x, err := SeededNoise(seed).Laplace(0, 1, 1, 1, keys...)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	if draw(1, 2, 3) != draw(1, 2, 3) {
		t.Error("the same keys draw different noise")
	}
	for _, other := range []float64{draw(2, 2, 3), draw(1, 3, 2), draw(1, 2), draw(1, 2, 3, 0)} {
		if other == draw(1, 2, 3) {
			t.Error("different keys draw the same noise")
		}
	}
}

func TestNoiseRefusesBadScales(t *testing.T) {
	for name, source := range map[string]Noise{"seeded": SeededNoise(1), "secure": SecureNoise()} {
		for _, c := range []struct {
			l0        int64
			lInf, eps float64
		}{{0, 1, 1}, {-1, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, -1}, {1, 1, math.NaN()}, {1, math.Inf(1), 1}} {
			if x, err := source.Laplace(0, c.l0, c.lInf, c.eps); err == nil {
				t.Errorf("%s: %+v gives %g, want an error", name, c, x)
			}
		}
	}
}

// TestDisturbanceInTime tests the times of one record displaced often against
// the normal distribution, away from the ends. False failure: 1e-6.
func TestDisturbanceInTime(t *testing.T) {
	const sigma, n, length = 900.0, 20000, 10 * 86400
	d := disturber{sigmaS: sigma, from: 1000, to: 1000 + length}
	rng := NewEnv(1).Rand("test")
	x := make([]float64, n)
	for i := range x {
		// Rounding to a second moves mass by half a second at most.
		x[i] = float64(d.time(1000+length/2, rng)) + rng.Float64() - 0.5
	}
	want := distuv.Normal{Mu: 1000 + length/2, Sigma: math.Sqrt(sigma*sigma + 1.0/12)}
	if v := kolmogorov(x, want.CDF); v > 2.7 {
		t.Errorf("Kolmogorov √n·D = %.2f, want at most 2.7", v)
	}
}

func TestDisturbanceStaysWithinTheDays(t *testing.T) {
	d := disturber{sigmaS: 86400 * 3, from: 5000, to: 5000 + 86400}
	rng := NewEnv(2).Rand("test")
	half := 0
	for range 10000 {
		x := d.time(5000, rng)
		if x < d.from || x >= d.to {
			t.Fatalf("%d, must be from %d to %d", x, d.from, d.to-1)
		}
		if x < 5000+43200 {
			half++
		}
	}
	// Folded three days wide, the day is nearly evenly filled; off by 10 standard deviations of a fair coin.
	if half < 4500 || half > 5500 {
		t.Errorf("%d of 10000 in the first half of the day", half)
	}
}

// TestDisturbanceInSpace compares how often the record stays in its cell, a
// square of 1 km around its centre, with the normal distribution. False
// failure: 6 standard deviations, 2e-9.
func TestDisturbanceInSpace(t *testing.T) {
	const sigma, n = 600.0, 40000
	in := fixture.New(1, 1, 1).Data
	middle := sigcity.AreaID(fixture.Side*fixture.Side/2 + fixture.Side/2)
	rows := make([]sigcity.Record, n)
	for i := range rows {
		rows[i] = sigcity.Record{Time: in.Rows[0][0].Time, Area: middle, Type: sigcity.Attach}
	}
	in.Rows[0] = rows
	got := released(t, made(t, "noise", plugin.Args{"sigma_m": sigma, "sigma_min": 0}), in, 1)
	stayed := 0
	for _, r := range got.rows[0] {
		if r.Area == middle {
			stayed++
		}
		if r.Time != rows[0].Time || r.Type != sigcity.Attach {
			t.Fatal("more than the place changed")
		}
	}
	side := math.Erf(fixture.SpacingM / 2 / sigma / math.Sqrt2)
	p := side * side
	if got := float64(stayed) / n; math.Abs(got-p) > 6*math.Sqrt(p*(1-p)/n)+0.002 { // 0.002: cells are square only nearly
		t.Errorf("%.4f stay in their cell, want %.4f", got, p)
	}
}

func BenchmarkNoise(b *testing.B)      { benchmarkPerUser(b, "noise", nil) }
func BenchmarkGeneralize(b *testing.B) { benchmarkPerUser(b, "generalize", nil) }

// benchmarkPerUser reports the time per record.
func benchmarkPerUser(b *testing.B, name string, args plugin.Args) {
	in := fixture.New(200, 7, 1).Data
	rel, err := made(b, name, args).Anonymize(b.Context(), in, NewEnv(1))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range rel.Data.Users(b.Context(), sigcity.Range{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(in.Info.Records), "ns/record")
}
