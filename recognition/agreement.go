package recognition

import "math"

// AdjustedMutualInformation compares two labelings, labels from 0: 1 for the
// same partition, 0 on average for unrelated ones (Vinh, Epps & Bailey 2010,
// with the exact expectation under permutations and the mean of the entropies
// as the upper bound). NaN where both put everything into one class.
func AdjustedMutualInformation(a, b []int) float64 {
	n := len(a)
	sizeA, sizeB, joint := contingency(a, b)
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

// AdjustedRandIndex compares two labelings, labels from 0: 1 for the same
// partition, 0 on average for unrelated ones (Hubert & Arabie 1985). NaN where
// both put everything into one class, or nothing together.
func AdjustedRandIndex(a, b []int) float64 {
	sizeA, sizeB, joint := contingency(a, b)
	pairs := func(sizes []int) float64 {
		sum := 0.0
		for _, s := range sizes {
			sum += float64(s) * float64(s-1) / 2
		}
		return sum
	}
	n := float64(len(a))
	ofA, ofB, both := pairs(sizeA), pairs(sizeB), pairs(joint)
	expected, upper := ofA*ofB/(n*(n-1)/2), (ofA+ofB)/2
	if !(upper-expected > 1e-12) {
		return math.NaN()
	}
	return (both - expected) / (upper - expected)
}

// contingency counts the classes of two labelings and, row by row, their pairs.
func contingency(a, b []int) (sizeA, sizeB, joint []int) {
	for i := range a {
		sizeA, sizeB = tally(sizeA, a[i]), tally(sizeB, b[i])
	}
	joint = make([]int, len(sizeA)*len(sizeB))
	for i := range a {
		joint[a[i]*len(sizeB)+b[i]]++
	}
	return sizeA, sizeB, joint
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
