package realism

import (
	"math"
	"sort"
)

// bins cut a scale into half-open intervals edges[i] ≤ v < edges[i+1].
type bins struct{ edges []float64 }

// geometric makes bins from lo to hi whose edges are whole numbers (of seconds
// or metres) about the factor step apart: whole-numbered values fall where they
// belong.
func geometric(lo, hi, step float64) bins {
	edges := []float64{lo}
	for at := lo; edges[len(edges)-1] < hi; {
		at *= step
		if e := math.Round(at); e > edges[len(edges)-1] {
			edges = append(edges, e)
		} else {
			at = max(at, edges[len(edges)-1])
		}
	}
	return bins{edges}
}

// even makes n bins of one width from lo.
func even(lo, width float64, n int) bins {
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = lo + float64(float64(i)*width)
	}
	return bins{edges}
}

func (b bins) len() int { return len(b.edges) - 1 }

// at is the bin of v, −1 outside.
func (b bins) at(v float64) int {
	if !(v >= b.edges[0]) || v >= b.edges[len(b.edges)-1] {
		return -1
	}
	return sort.Search(len(b.edges), func(i int) bool { return b.edges[i] > v }) - 1
}

// histogram counts values by group of households and bin.
type histogram struct {
	bins
	*counts
}

func newHistogram(b bins) histogram { return histogram{b, newCounts(b.len())} }

func (h histogram) put(group uint8, v float64) {
	if i := h.bins.at(v); i >= 0 {
		h.add(group, i, 1)
	}
}

// binned is what fits work on: the count of each interval.
type binned struct {
	edges []float64 // one more than counts
	n     []float64
}

// weighted is the histogram with the groups so weighted.
func (h histogram) binned(w weights) binned { return binned{h.edges, h.weighted(w)} }

// between is the part whose bins lie within lo … hi.
func (b binned) between(lo, hi float64) binned {
	i := sort.SearchFloat64s(b.edges, lo)
	j := sort.Search(len(b.edges), func(k int) bool { return b.edges[k] > hi }) - 1
	if i >= j {
		return binned{edges: []float64{lo}}
	}
	return binned{b.edges[i : j+1], b.n[i:j]}
}

func (b binned) total() float64 {
	sum := 0.0
	for _, n := range b.n {
		sum += n
	}
	return sum
}

// mid is where the values of a bin are put: the middle on the log scale where
// there is one.
func (b binned) mid(i int) float64 {
	if lo := b.edges[i]; lo > 0 {
		return math.Sqrt(lo * b.edges[i+1])
	}
	return (b.edges[i] + b.edges[i+1]) / 2
}

func (b binned) width(i int) float64 { return b.edges[i+1] - b.edges[i] }

// quantile is the value that a share q lies below, evenly spread within bins.
func (b binned) quantile(q float64) float64 {
	left := q * b.total()
	for i, n := range b.n {
		if n > 0 && left <= n {
			return b.edges[i] + float64(b.width(i)*left/n)
		}
		left -= n
	}
	return math.NaN()
}

// mean is the mean with the values in the middle of their bins.
func (b binned) mean() float64 {
	sum := 0.0
	for i, n := range b.n {
		sum += float64(n * (b.edges[i] + b.edges[i+1]) / 2)
	}
	return sum / b.total()
}

// below is the share of values below v, which should be an edge.
func (b binned) below(v float64) float64 {
	sum := 0.0
	for i, n := range b.n {
		if b.edges[i+1] <= v {
			sum += n
		}
	}
	return sum / b.total()
}

// rebin merges bins so that about n remain, for pictures.
func (b binned) rebin(n int) binned {
	k := max(1, (len(b.n)+n-1)/n)
	out := binned{edges: []float64{b.edges[0]}}
	for i := 0; i < len(b.n); i += k {
		j := min(i+k, len(b.n))
		sum := 0.0
		for _, v := range b.n[i:j] {
			sum += v
		}
		out.n, out.edges = append(out.n, sum), append(out.edges, b.edges[j])
	}
	return out
}
