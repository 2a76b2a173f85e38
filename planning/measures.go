package planning

import (
	"cmp"
	"math"
	"slices"
)

// Measures of agreement between two answers, want first. All are 1 for the same
// answer, also where there is nothing to compare, so that Score(x, x) = 1.

// kendallTauB is the rank correlation τ_b of Kendall (1945), with its correction for
// ties, of x[i] with y[i]: 1 = the same order, 0 on average for unrelated ones,
// −1 = the reverse. Where one side is all ties it says nothing of order: 1 if the other is
// too, else 0. By merge sort (Knight 1966): O(n log n).
func kendallTauB(x, y []float64) float64 {
	n := len(x)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(x[a], x[b]), cmp.Compare(y[a], y[b])) })
	tiedX := tiedPairs(n, func(i, j int) bool { return x[order[i]] == x[order[j]] })
	tiedBoth := tiedPairs(n, func(i, j int) bool { return x[order[i]] == x[order[j]] && y[order[i]] == y[order[j]] })
	ys := make([]float64, n)
	for i, o := range order {
		ys[i] = y[o]
	}
	discordant := inversions(ys, make([]float64, n)) // sorts ys
	tiedY := tiedPairs(n, func(i, j int) bool { return ys[i] == ys[j] })
	all := float64(n) * float64(n-1) / 2
	untiedX, untiedY := all-tiedX, all-tiedY
	if untiedX == 0 || untiedY == 0 {
		return sameTies(untiedX, untiedY)
	}
	concordant := all - tiedX - tiedY + tiedBoth - discordant
	// The root of the product is exact where both are the same; that of each is not.
	return (concordant - discordant) / math.Sqrt(untiedX*untiedY)
}

// sameTies is the agreement of two orders of which at least one is all ties.
func sameTies(spreadX, spreadY float64) float64 {
	if spreadX == 0 && spreadY == 0 {
		return 1
	}
	return 0
}

// tiedPairs counts the pairs within the runs of equal neighbours of n sorted items.
func tiedPairs(n int, equal func(i, j int) bool) float64 {
	sum, run := 0.0, 0.0
	for i := 1; i < n; i++ {
		if equal(i-1, i) {
			run++
			sum += run
		} else {
			run = 0
		}
	}
	return sum
}

// inversions sorts v, with help of a buffer of its length, and counts the pairs that were in the wrong order.
func inversions(v, buffer []float64) float64 {
	if len(v) < 2 {
		return 0
	}
	mid := len(v) / 2
	n := inversions(v[:mid], buffer) + inversions(v[mid:], buffer)
	out := buffer[:0]
	i, j := 0, mid
	for i < mid && j < len(v) {
		if v[j] < v[i] {
			n += float64(mid - i)
			out = append(out, v[j])
			j++
		} else {
			out = append(out, v[i])
			i++
		}
	}
	out = append(out, v[i:mid]...)
	copy(v, append(out, v[j:]...))
	return n
}

// spearman is the rank correlation ρ of Spearman (1904): Pearson's correlation of the
// ranks, ties at the mean of theirs. Where one side is all ties: as kendallTauB.
func spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	mean := float64(len(x)-1) / 2
	xx, yy, xy := 0.0, 0.0, 0.0
	for i := range a {
		dx, dy := a[i]-mean, b[i]-mean
		xx += float64(dx * dx)
		yy += float64(dy * dy)
		xy += float64(dx * dy)
	}
	if xx == 0 || yy == 0 {
		return sameTies(xx, yy)
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks from 0; equal values share the mean of their ranks.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, o := range order[i:j] {
			out[o] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

// jaccardTop compares the items with the highest values, a share (0 … 1) of all,
// rounded up: those in both tops over those in either. Of equal values the
// earlier item goes first; items of value 0 or less are in no top.
func jaccardTop(x, y []float64, share float64) float64 {
	k := int(math.Ceil(share * float64(len(x))))
	a, b := top(x, k), top(y, k)
	both, either := 0, 0
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			either++
		}
	}
	if either == 0 {
		return 1
	}
	return float64(both) / float64(either)
}

// top marks the k items with the highest values above 0.
func top(x []float64, k int) []bool {
	order := make([]int, 0, len(x))
	for i, v := range x {
		if v > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
	out := make([]bool, len(x))
	for _, i := range order[:min(k, len(order))] {
		out[i] = true
	}
	return out
}

// wapeOf is the weighted absolute percentage error Σ|got[i] − want[i]| / Σ want[i]
// (want ≥ 0): 0 is perfect. Where nothing is wanted it is 0 for nothing and 1 for
// anything. wape does the same on ordered lists.
func wapeOf(want, got []float64) float64 {
	diff, sum := 0.0, 0.0
	for i, w := range want {
		diff += math.Abs(got[i] - w)
		sum += w
	}
	return weightedError(diff, sum)
}

// weightedError is diff as a share of what is wanted.
func weightedError(diff, wanted float64) float64 {
	switch {
	case diff == 0:
		return 0
	case wanted == 0:
		return 1
	}
	return diff / wanted
}

// unanswered is the class of an item that got says nothing of.
const unanswered = -1

// confusion counts items by the class that is wanted and the class that is got,
// classes from 0. An item that got has no class for stays in every denominator.
type confusion struct {
	classes int
	cell    []float64 // by want, then got; the last column is the unanswered
}

func newConfusion(classes int) *confusion {
	return &confusion{classes, make([]float64, classes*(classes+1))}
}

// add counts an item of some weight.
func (c *confusion) add(want, got int, weight float64) {
	if got == unanswered {
		got = c.classes
	}
	c.cell[want*(c.classes+1)+got] += weight
}

// sums are the totals of the wanted classes, of the got ones with the unanswered at the
// end, and of all.
func (c *confusion) sums() (want, got []float64, all float64) {
	want, got = make([]float64, c.classes), make([]float64, c.classes+1)
	for i, n := range c.cell {
		want[i/(c.classes+1)] += n
		got[i%(c.classes+1)] += n
		all += n
	}
	return want, got, all
}

// accuracy is the share of items whose class is right.
func (c *confusion) accuracy() float64 {
	right := 0.0
	for k := range c.classes {
		right += c.cell[k*(c.classes+1)+k]
	}
	if _, _, all := c.sums(); all > 0 {
		return right / all
	}
	return 1
}

// macroF1 is the mean of the F1 of the classes that are wanted or got.
func (c *confusion) macroF1() float64 {
	want, got, _ := c.sums()
	sum, n := 0.0, 0.0
	for k := range c.classes {
		if want[k]+got[k] > 0 {
			sum += f1(c.cell[k*(c.classes+1)+k], want[k], got[k])
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

// cohenKappa is the agreement beyond chance of Cohen (1960): 1 = perfect, 0 = that of
// classes drawn at random with the same totals. All in one class, rightly, is 1.
func (c *confusion) cohenKappa() float64 {
	return c.kappa(func(want, got int) float64 {
		if want == got {
			return 0
		}
		return 1
	})
}

// weightedKappa is that of Cohen (1968) for ordered classes: a disagreement counts
// the power (1 = linear, 2 = quadratic) of the number of classes between; the
// unanswered are as far off as classes can be.
func (c *confusion) weightedKappa(power float64) float64 {
	return c.kappa(func(want, got int) float64 {
		if got == c.classes {
			return 1
		}
		return math.Pow(math.Abs(float64(want-got))/float64(max(1, c.classes-1)), power)
	})
}

// kappa is 1 − the disagreement over that expected by chance.
func (c *confusion) kappa(disagreement func(want, got int) float64) float64 {
	want, got, all := c.sums()
	observed, expected := 0.0, 0.0
	for i, n := range c.cell {
		w, g := i/(c.classes+1), i%(c.classes+1)
		d := disagreement(w, g)
		observed += float64(d * n)
		expected += float64(d * (want[w] * got[g]))
	}
	if observed == 0 {
		return 1
	}
	return 1 - observed/(expected/all)
}
