package recognition_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// TestSurface: the weight is kept (to the grid's coarseness, below 2 %), the value
// at a point is the kernel's, and the grid does not depend on the points.
func TestSurface(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []geo.XY
		var weights []float64
		want := 0.0
		for range rapid.IntRange(1, 20).Draw(t, "points") {
			points = append(points, geo.XY{X: rapid.Float64Range(-5e3, 5e3).Draw(t, "x"), Y: rapid.Float64Range(-5e3, 5e3).Draw(t, "y")})
			w := float64(rapid.IntRange(0, 9).Draw(t, "w"))
			weights, want = append(weights, w), want+w
		}
		kernel := rapid.SampledFrom([]recognition.Kernel{recognition.Quartic, recognition.Gaussian}).Draw(t, "kernel")
		s, err := recognition.NewSurface(points, weights, recognition.SurfaceParams{Kernel: kernel})
		if want == 0 {
			if err == nil {
				t.Fatal("no weight at all is no error")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range s.V {
			sum += v * s.Size * s.Size / 1e6
		}
		if math.Abs(sum-want) > 0.02*want {
			t.Fatalf("weight on the grid %g, want %g", sum, want)
		}
		if c := s.At(0); math.Abs(math.Remainder(c.X, s.Size)) > 1e-6 || math.Abs(math.Remainder(c.Y, s.Size)) > 1e-6 {
			t.Fatalf("the grid begins at %v, want multiples of %g", c, s.Size)
		}
	})
}

func TestKernels(t *testing.T) {
	for _, c := range []struct {
		name   string
		kernel recognition.Kernel
		want   func(d float64) float64 // per km², bandwidth 0.8 km
	}{
		{"quartic", recognition.Quartic, func(d float64) float64 { return 3 / (math.Pi * 0.64) * math.Pow(max(0, 1-d*d/0.64), 2) }},
		{"Gaussian", recognition.Gaussian, func(d float64) float64 {
			if d >= 2.4 {
				return 0
			}
			return math.Exp(-d*d/(2*0.64)) / (2 * math.Pi * 0.64) / (1 - math.Exp(-4.5))
		}},
	} {
		s, err := recognition.NewSurface([]geo.XY{{}}, nil, recognition.SurfaceParams{Kernel: c.kernel})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range s.V {
			if d := s.At(i).Dist(geo.XY{}) / 1000; math.Abs(v-c.want(d)) > 1e-9 {
				t.Fatalf("%s at %g km: %g, want %g", c.name, d, v, c.want(d))
			}
		}
	}
	if _, err := recognition.NewSurface([]geo.XY{{}, {X: 1e9, Y: 1e9}}, nil, recognition.SurfaceParams{}); err == nil {
		t.Error("a grid across the world is no error")
	}
	if _, err := recognition.NewSurface([]geo.XY{{}}, nil, recognition.SurfaceParams{BandwidthM: math.NaN()}); err == nil {
		t.Error("a bandwidth that is no number is no error")
	}
}

// TestPeaks: three hills, of which one is below the threshold; a plateau is one peak.
func TestPeaks(t *testing.T) {
	var points []geo.XY
	for range 10 {
		points = append(points, geo.XY{X: 100, Y: 100})
	}
	for range 6 {
		points = append(points, geo.XY{X: 5000})
	}
	points = append(points, geo.XY{Y: 8000})
	s, err := recognition.NewSurface(points, nil, recognition.SurfaceParams{})
	if err != nil {
		t.Fatal(err)
	}
	peaks := s.Peaks(s.Threshold(1))
	// (100, 100) lies between four grid points: a plateau of four cells.
	if len(peaks) != 2 || peaks[0].At.Dist(geo.XY{X: 100, Y: 100}) > 150 || peaks[1].At.Dist(geo.XY{X: 5000}) > 1 {
		t.Errorf("peaks %v, want two: at (100, 100) and (5000, 0)", peaks)
	}
	if all := s.Peaks(0); len(all) != 3 || !slices.IsSortedFunc(all, func(a, b recognition.Peak) int { return int(math.Copysign(1, b.Value-a.Value)) }) {
		t.Errorf("all peaks %v, want three, highest first", all)
	}
}

func TestCommutingShed(t *testing.T) {
	// A row of zones 0 … 7; the core is 3. Zone 6 commutes, but 5 in between does not.
	share := []float64{0.05, 0.2, 0.3, 0.9, 0.1, 0.02, 0.5, 0}
	row := func(z int) []int {
		var out []int
		for _, n := range []int{z - 1, z + 1} {
			if n >= 0 && n < len(share) {
				out = append(out, n)
			}
		}
		return out
	}
	for _, c := range []struct {
		core  []int
		least float64
		want  []int
	}{{[]int{3}, 0.1, []int{1, 2, 3, 4}}, {[]int{3}, 0.5, []int{3}}, {[]int{3, 7}, 0.1, []int{1, 2, 3, 4, 6, 7}}, {nil, 0.1, nil}} {
		if got := recognition.CommutingShed(c.core, share, c.least, row); !slices.Equal(got, c.want) {
			t.Errorf("core %v at %g: %v, want %v", c.core, c.least, got, c.want)
		}
	}
}

// TestNaturalBreaks compares with every way to cut.
func TestNaturalBreaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []float64
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			values = append(values, float64(rapid.IntRange(-5, 30).Draw(t, "v"))+1e6)
		}
		x := slices.Clone(values)
		slices.Sort(x)
		different := len(slices.Compact(slices.Clone(x)))
		k := rapid.IntRange(1, 5).Draw(t, "k")
		b, err := recognition.NaturalBreaks(values, k)
		if k > different {
			if err == nil {
				t.Fatalf("%d classes of %d values is no error", k, different)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		within := func(part []float64) float64 {
			mean, sum := 0.0, 0.0
			for _, v := range part {
				mean += v / float64(len(part))
			}
			for _, v := range part {
				sum += (v - mean) * (v - mean)
			}
			return sum
		}
		var least func(from, k int) float64
		least = func(from, k int) float64 {
			if k == 1 {
				return within(x[from:])
			}
			best := math.Inf(1)
			for to := from + 1; to <= len(x)-k+1; to++ {
				best = min(best, within(x[from:to])+least(to, k-1))
			}
			return best
		}
		if want := least(0, k); math.Abs(b.Within-want) > 1e-6 {
			t.Fatalf("sum of squares %g, want %g", b.Within, want)
		}
		sum := 0.0
		for c := range k {
			var part []float64
			for i, v := range values {
				if b.Of[i] == c {
					part = append(part, v)
				}
			}
			if len(part) == 0 || slices.Max(part) != b.Upper[c] || c > 0 && slices.Min(part) <= b.Upper[c-1] {
				t.Fatalf("class %d is %v of %v", c, part, b)
			}
			sum += within(part)
		}
		if math.Abs(sum-b.Within) > 1e-6 || math.Abs(within(x)-b.Total) > 1e-6 {
			t.Fatalf("the classes' sums of squares are %g of %g, said %g of %g", sum, within(x), b.Within, b.Total)
		}
	})
	if _, err := recognition.NaturalBreaks([]float64{1, math.NaN()}, 1); err == nil {
		t.Error("NaN is no error")
	}
}

func BenchmarkNaturalBreaks(b *testing.B) {
	values := make([]float64, 10_000)
	for i := range values {
		values[i] = math.Mod(float64(i)*0.6180339887, 1)
	}
	for b.Loop() {
		if _, err := recognition.NaturalBreaks(values, 5); err != nil {
			b.Fatal(err)
		}
	}
}
