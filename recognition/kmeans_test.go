package recognition_test

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// TestMutualInformation compares the expected mutual information with the mean
// over all permutations, and checks the ends of the scale.
func TestMutualInformation(t *testing.T) {
	a, b := []int{0, 0, 1, 1, 2, 2, 0}, []int{0, 1, 1, 1, 0, 0, 0}
	if got := recognition.AdjustedMutualInformation(a, a); math.Abs(got-1) > 1e-12 {
		t.Errorf("the same partition: %g, want 1", got)
	}
	if got, other := recognition.AdjustedMutualInformation(a, b), recognition.AdjustedMutualInformation(b, a); math.Abs(got-other) > 1e-12 {
		t.Errorf("%g one way, %g the other", got, other)
	}
	if got := recognition.AdjustedMutualInformation([]int{2, 2, 0, 0, 1, 1}, []int{0, 0, 1, 1, 2, 2}); math.Abs(got-1) > 1e-12 {
		t.Errorf("renamed classes: %g, want 1", got)
	}
	// The score is linear in the mutual information with sizes fixed, and 0 at
	// its mean over permutations: so the scores' mean is 0.
	sum, n := 0.0, 0
	var permute func(k int, p []int)
	permute = func(k int, p []int) {
		if k == len(p) {
			sum, n = sum+recognition.AdjustedMutualInformation(a, p), n+1
			return
		}
		for i := k; i < len(p); i++ {
			p[k], p[i] = p[i], p[k]
			permute(k+1, p)
			p[k], p[i] = p[i], p[k]
		}
	}
	permute(0, slices.Clone(b))
	if n != 5040 || math.Abs(sum/float64(n)) > 1e-9 {
		t.Errorf("mean score of %d permutations %g, want 0", n, sum/float64(n))
	}
	if !math.IsNaN(recognition.AdjustedMutualInformation([]int{0, 0}, []int{0, 0})) {
		t.Error("one class on both sides has a score")
	}
}

func TestKMeans(t *testing.T) {
	r := sigcity.Rand(9, "test")
	var points [][]float64
	var want []int
	for i := range 300 {
		k := i % 5
		points = append(points, []float64{10*float64(k) + r.Float64(), 5*float64(k*k) + r.Float64()})
		want = append(want, k)
	}
	c, err := recognition.KMeans(points, 5, 20, sigcity.Rand(10, "test"))
	if err != nil {
		t.Fatal(err)
	}
	if got := recognition.AdjustedMutualInformation(c.Of, want); got < 1-1e-12 {
		t.Errorf("five clouds far apart: AMI %g, want 1", got)
	}
	if s := recognition.Silhouette(points, c.Of); s < 0.8 {
		t.Errorf("five clouds far apart: silhouette %g, want near 1", s)
	}
	// The sum is that of the labels, and no single move of a point lowers it.
	sum := 0.0
	for i, p := range points {
		d := func(k int) float64 { return math.Hypot(p[0]-c.Centers[k][0], p[1]-c.Centers[k][1]) }
		sum += d(c.Of[i]) * d(c.Of[i])
		for k := range 5 {
			if d(k) < d(c.Of[i])-1e-9 {
				t.Errorf("point %d is nearer to centre %d than to its own", i, k)
			}
		}
	}
	if math.Abs(sum-c.Sum) > 1e-9 {
		t.Errorf("sum of squares %g, want %g", c.Sum, sum)
	}
	again, err := recognition.KMeans(points, 5, 20, sigcity.Rand(10, "test"))
	if err != nil || !slices.Equal(again.Of, c.Of) {
		t.Errorf("the same stream gives other clusters: %v", err)
	}
}

func TestKMeansRefuses(t *testing.T) {
	r := sigcity.Rand(1, "test")
	points := [][]float64{{0, 1}, {1, 2}, {2, 3}}
	for name, call := range map[string]func() error{
		"k of 0":        func() error { _, err := recognition.KMeans(points, 0, 1, r); return err },
		"k too large":   func() error { _, err := recognition.KMeans(points, 4, 1, r); return err },
		"no restart":    func() error { _, err := recognition.KMeans(points, 2, 0, r); return err },
		"ragged points": func() error { _, err := recognition.KMeans([][]float64{{1}, {1, 2}}, 1, 1, r); return err },
		"not a number":  func() error { _, err := recognition.KMeans([][]float64{{1}, {math.NaN()}}, 1, 1, r); return err },
	} {
		if call() == nil {
			t.Errorf("%s is no error", name)
		}
	}
	// More clusters than different points: all the same, no panic.
	c, err := recognition.KMeans([][]float64{{1}, {1}, {1}}, 2, 3, r)
	if err != nil || c.Sum != 0 {
		t.Errorf("three equal points: %v, %v", c, err)
	}
}

func TestStandardize(t *testing.T) {
	p := []float64{1, 2, 3, 4}
	recognition.Standardize(p)
	sum, squares := 0.0, 0.0
	for _, v := range p {
		sum, squares = sum+v, squares+v*v
	}
	if math.Abs(sum) > 1e-12 || math.Abs(squares-3) > 1e-12 {
		t.Errorf("%v: sum %g and squares %g, want 0 and n − 1 = 3", p, sum, squares)
	}
	q := []float64{5, 5}
	if recognition.Standardize(q); q[0] != 0 || q[1] != 0 {
		t.Errorf("a flat profile becomes %v, want zeros", q)
	}
}

// TestAdjustedRand takes the example of Hubert & Arabie's formula by hand: pairs
// together in both 1, in one 2 and 4 of 15.
func TestAdjustedRand(t *testing.T) {
	a, b := []int{0, 0, 1, 1, 2, 3}, []int{0, 0, 0, 1, 1, 2}
	want := (1. - 2.*4/15) / (3 - 2.*4/15)
	if got := recognition.AdjustedRandIndex(a, b); math.Abs(got-want) > 1e-12 {
		t.Errorf("got %g, want %g", got, want)
	}
	if got := recognition.AdjustedRandIndex(a, []int{3, 3, 0, 0, 1, 2}); math.Abs(got-1) > 1e-12 {
		t.Errorf("renamed classes: %g, want 1", got)
	}
	if got := recognition.AdjustedRandIndex([]int{0, 0}, []int{1, 1}); !math.IsNaN(got) {
		t.Errorf("one class on both sides: %g", got)
	}
}
