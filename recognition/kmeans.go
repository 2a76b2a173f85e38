package recognition

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
)

// Clusters are the answer of KMeans.
type Clusters struct {
	Of      []int       // cluster per point, 0 … k−1
	Centers [][]float64 // mean per cluster
	Sum     float64     // squared distances of the points from their centres
}

// lloydRounds bounds one run of Lloyd's algorithm (assumed; it ends by itself
// long before).
const lloydRounds = 100

// KMeans groups points by Lloyd's algorithm from k-means++ seeds (Arthur &
// Vassilvitskii 2007), the best of restarts by sum of squares. P11 takes z-scored
// profiles (see [Standardize]), k = 5 and 20 restarts. The same r gives the same
// clusters.
func KMeans(points [][]float64, k, restarts int, r *rand.Rand) (Clusters, error) {
	switch {
	case k < 1 || k > len(points):
		return Clusters{}, fmt.Errorf("k-means: k = %d, must be at least 1 and at most the number of points, %d", k, len(points))
	case restarts < 1:
		return Clusters{}, fmt.Errorf("k-means: restarts = %d, must be at least 1", restarts)
	}
	for i, p := range points {
		if len(p) != len(points[0]) {
			return Clusters{}, fmt.Errorf("k-means: point %d has %d coordinates, want %d as point 0", i, len(p), len(points[0]))
		}
		for _, v := range p {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Clusters{}, fmt.Errorf("k-means: point %d has the coordinate %g, want a finite number", i, v)
			}
		}
	}
	best := Clusters{Sum: math.Inf(1)}
	for range restarts {
		if c := lloyd(points, kSeeds(points, k, r)); c.Sum < best.Sum {
			best = c
		}
	}
	return best, nil
}

func square(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64((v - b[i]) * (v - b[i]))
	}
	return sum
}

// kSeeds draws the first centres, each by its squared distance from the others.
func kSeeds(points [][]float64, k int, r *rand.Rand) [][]float64 {
	centers := [][]float64{append([]float64(nil), points[r.IntN(len(points))]...)}
	d := make([]float64, len(points))
	for i := range d {
		d[i] = math.Inf(1)
	}
	for len(centers) < k {
		sum := 0.0
		for i, p := range points {
			d[i] = min(d[i], square(p, centers[len(centers)-1]))
			sum += d[i]
		}
		at, left := 0, r.Float64()*sum
		for at < len(points)-1 && left >= d[at] {
			left -= d[at]
			at++
		}
		centers = append(centers, append([]float64(nil), points[at]...))
	}
	return centers
}

func lloyd(points, centers [][]float64) Clusters {
	of := make([]int, len(points))
	n := make([]float64, len(centers))
	for round := 0; ; round++ {
		sum := 0.0
		moved := round == 0
		for i, p := range points {
			best, least := 0, math.Inf(1)
			for c := range centers {
				if d := square(p, centers[c]); d < least {
					best, least = c, d
				}
			}
			moved = moved || of[i] != best
			of[i], sum = best, sum+least
		}
		if !moved || round == lloydRounds {
			return Clusters{of, centers, sum}
		}
		for c := range centers {
			n[c] = 0
			clear(centers[c])
		}
		for i, p := range points {
			n[of[i]]++
			for j, v := range p {
				centers[of[i]][j] += v
			}
		}
		for c := range centers {
			if n[c] == 0 { // an empty cluster starts anew at the first point
				copy(centers[c], points[0])
				continue
			}
			for j := range centers[c] {
				centers[c][j] /= n[c]
			}
		}
	}
}

// Standardize turns a profile into its z-scores, in place: mean 0 and standard
// deviation 1 (of the sample); all 0 where the values do not differ.
func Standardize(profile []float64) {
	mean, sd := stat.MeanStdDev(profile, nil)
	if !(sd > 0) {
		clear(profile)
		return
	}
	for i := range profile {
		profile[i] = (profile[i] - mean) / sd
	}
}

// Silhouette is the mean silhouette width of clustered points (Rousseeuw 1987):
// 1 for clusters far apart, 0 where they touch, below 0 where points are nearer to
// another cluster than to their own. A point alone in its cluster counts 0; NaN
// for fewer than two clusters. Quadratic in the number of points.
func Silhouette(points [][]float64, of []int) float64 {
	var sizes []int
	for _, c := range of {
		sizes = tally(sizes, c)
	}
	used := 0
	for _, n := range sizes {
		if n > 0 {
			used++
		}
	}
	if used < 2 {
		return math.NaN()
	}
	total := 0.0
	sums := make([]float64, len(sizes))
	for i, p := range points {
		clear(sums)
		for j, q := range points {
			sums[of[j]] += math.Sqrt(square(p, q))
		}
		if sizes[of[i]] == 1 {
			continue
		}
		own, other := sums[of[i]]/float64(sizes[of[i]]-1), math.Inf(1)
		for c, n := range sizes {
			if c != of[i] && n > 0 {
				other = min(other, sums[c]/float64(n))
			}
		}
		if most := max(own, other); most > 0 {
			total += (other - own) / most
		}
	}
	return total / float64(len(points))
}
