package realism

import (
	"math"
	"math/rand/v2"
)

// kMeans groups points by Lloyd's algorithm from k-means++ seeds (Arthur &
// Vassilvitskii 2007), the best of restarts by sum of squares.
func kMeans(points [][]float64, k, restarts int, r *rand.Rand) []int {
	var best []int
	least := math.Inf(1)
	for range restarts {
		if of, sum := lloyd(points, seeds(points, k, r)); sum < least {
			best, least = of, sum
		}
	}
	return best
}

func square(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64((v - b[i]) * (v - b[i]))
	}
	return sum
}

// seeds draws the first centres, each by its squared distance from the others.
func seeds(points [][]float64, k int, r *rand.Rand) [][]float64 {
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

func lloyd(points, centers [][]float64) (of []int, sum float64) {
	of = make([]int, len(points))
	n := make([]float64, len(centers))
	for round := 0; ; round++ {
		sum = 0
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
		if !moved || round == 100 {
			return of, sum
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

// adjustedMutualInformation compares two labelings, labels from 0: 1 for the
// same partition, 0 on average for unrelated ones (Vinh, Epps & Bailey 2010,
// with the exact expectation under permutations and the mean of the entropies
// as the upper bound). NaN where both put everything into one class.
func adjustedMutualInformation(a, b []int) float64 {
	n := len(a)
	var sizeA, sizeB []int
	for i := range a {
		sizeA, sizeB = tally(sizeA, a[i]), tally(sizeB, b[i])
	}
	joint := make([]int, len(sizeA)*len(sizeB))
	for i := range a {
		joint[a[i]*len(sizeB)+b[i]]++
	}
	total := float64(n)
	entropy := func(sizes []int) float64 {
		h := 0.0
		for _, s := range sizes {
			if s > 0 {
				h -= float64(float64(s) / total * math.Log(float64(s)/total))
			}
		}
		return h
	}
	mutual, expected := 0.0, 0.0
	for i, x := range sizeA {
		for j, y := range sizeB {
			if x == 0 || y == 0 {
				continue
			}
			if c := float64(joint[i*len(sizeB)+j]); c > 0 {
				mutual += float64(c / total * math.Log(total*c/float64(x)/float64(y)))
			}
			// Hypergeometric chance that the two classes share c.
			for c := max(1, x+y-n); c <= min(x, y); c++ {
				p := math.Exp(logFactorial(x) + logFactorial(y) + logFactorial(n-x) + logFactorial(n-y) -
					logFactorial(n) - logFactorial(c) - logFactorial(x-c) - logFactorial(y-c) - logFactorial(n-x-y+c))
				expected += float64(p * float64(c) / total * math.Log(total*float64(c)/float64(x)/float64(y)))
			}
		}
	}
	upper := (entropy(sizeA) + entropy(sizeB)) / 2
	if upper-expected < 1e-12 {
		return math.NaN()
	}
	return (mutual - expected) / (upper - expected)
}

func tally(sizes []int, class int) []int {
	for len(sizes) <= class {
		sizes = append(sizes, 0)
	}
	sizes[class]++
	return sizes
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n + 1))
	return v
}
