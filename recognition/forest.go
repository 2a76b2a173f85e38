package recognition

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
)

// ForestParams are the parameters of a random forest. Zero values take the
// defaults in brackets, Breiman's (2001).
type ForestParams struct {
	Trees    int // [100]
	Features int // tried at each split [⌊√d⌋ of d features]
	MinLeaf  int // samples that a leaf holds at least [1: trees are grown in full]
}

// Forest is a random forest of classification trees (Breiman 2001): each is grown
// in full on a bootstrap sample, by the split of least Gini impurity among a few
// features drawn anew at every node (CART, Breiman et al. 1984), and votes for the
// majority of the leaf. It is immutable and safe for concurrent use.
type Forest struct {
	trees    [][]forestNode
	features int
	classes  int
	outOfBag float64
}

// forestNode is a split, or a leaf where feature is −1.
type forestNode struct {
	feature     int32
	left, right int32   // nodes of what is at most, and what is above cut
	class       int32   // of a leaf; of equals the lowest
	cut         float64 // a value that occurs in the data lies on either side
}

// TrainForest grows a forest on samples x of equal length and their classes y, from
// 0. Tree i draws from its own stream, so that the same seed gives the same forest.
func TrainForest(x [][]float64, y []int, p ForestParams, seed uint64) (*Forest, error) {
	if err := checkSamples(x, y); err != nil {
		return nil, err
	}
	f := &Forest{features: len(x[0]), classes: 1 + slices.Max(y)}
	if p.Trees == 0 {
		p.Trees = 100
	}
	if p.Features == 0 {
		p.Features = max(1, int(math.Sqrt(float64(f.features))))
	}
	if p.MinLeaf == 0 {
		p.MinLeaf = 1
	}
	if p.Trees < 1 || p.MinLeaf < 1 || p.Features < 1 || p.Features > f.features {
		return nil, fmt.Errorf("forest: trees = %d, features = %d, min leaf = %d, want at least 1 each and at most the %d features that samples have",
			p.Trees, p.Features, p.MinLeaf, f.features)
	}
	votes := make([]float64, len(x)*f.classes)
	g := &grower{x: x, y: y, p: p, classes: f.classes, taken: make([]bool, len(x))}
	for i := range p.Trees {
		g.r = sigcity.Rand(seed, "recognition.forest", uint64(i))
		tree := g.tree()
		for s, in := range g.taken {
			if !in {
				votes[s*f.classes+int(classOf(tree, x[s]))]++
			}
		}
		f.trees = append(f.trees, tree)
	}
	judged, wrong := 0, 0
	for s, want := range y {
		v := votes[s*f.classes : (s+1)*f.classes]
		if slices.Max(v) > 0 {
			judged++
			if most(v, -1) != want {
				wrong++
			}
		}
	}
	f.outOfBag = fractionOf(float64(wrong), float64(judged))
	return f, nil
}

func checkSamples(x [][]float64, y []int) error {
	if len(x) == 0 || len(x) != len(y) || len(x[0]) == 0 {
		return fmt.Errorf("forest: %d samples and %d classes, want as many of either, at least one, with a feature each", len(x), len(y))
	}
	for i, s := range x {
		if len(s) != len(x[0]) || y[i] < 0 {
			return fmt.Errorf("forest: sample %d has %d features and class %d, want %d features and a class from 0", i, len(s), y[i], len(x[0]))
		}
		if slices.ContainsFunc(s, math.IsNaN) {
			return fmt.Errorf("forest: sample %d has a feature that is no number", i)
		}
	}
	return nil
}

// OutOfBag is the error on the samples, each judged by the trees that were not
// grown on it: an estimate of the error on others.
func (f *Forest) OutOfBag() float64 { return f.outOfBag }

// Predict is the class that most trees vote for; of equals the lowest.
func (f *Forest) Predict(x []float64) (int, error) {
	votes, err := f.Votes(nil, x)
	if err != nil {
		return 0, err
	}
	return most(votes, -1), nil
}

// Votes appends to dst the share of trees that vote for each class.
func (f *Forest) Votes(dst []float64, x []float64) ([]float64, error) {
	if len(x) != f.features {
		return dst, fmt.Errorf("forest: %d features, want the %d it was grown on", len(x), f.features)
	}
	from := len(dst)
	for range f.classes {
		dst = append(dst, 0)
	}
	for _, t := range f.trees {
		dst[from+int(classOf(t, x))]++
	}
	for i := range dst[from:] {
		dst[from+i] /= float64(len(f.trees))
	}
	return dst, nil
}

func classOf(tree []forestNode, x []float64) int32 {
	n := tree[0]
	for n.feature >= 0 {
		if x[n.feature] <= n.cut {
			n = tree[n.left]
		} else {
			n = tree[n.right]
		}
	}
	return n.class
}

// grower grows trees one after the other.
type grower struct {
	x       [][]float64
	y       []int
	p       ForestParams
	classes int
	r       *rand.Rand
	taken   []bool // per sample: in the current bootstrap sample
	nodes   []forestNode
	left    []float64 // class counts on either side of a cut
	right   []float64
	sorted  []labelled
}

// labelled is one sample's value of a feature and its class.
type labelled struct {
	v float64
	y int
}

func (g *grower) tree() []forestNode {
	clear(g.taken)
	samples := make([]int32, len(g.x))
	for i := range samples {
		samples[i] = int32(g.r.IntN(len(g.x)))
		g.taken[samples[i]] = true
	}
	g.nodes = nil
	g.grow(samples)
	return g.nodes
}

// grow makes the node of samples, then those below it, and says which it is.
func (g *grower) grow(samples []int32) int32 {
	at := int32(len(g.nodes))
	g.nodes = append(g.nodes, forestNode{feature: -1})
	g.right = append(g.right[:0], make([]float64, g.classes)...)
	for _, s := range samples {
		g.right[g.y[s]]++
	}
	class := most(g.right, -1)
	g.nodes[at].class = int32(class)
	if g.right[class] == float64(len(samples)) {
		return at
	}
	feature, cut := g.split(samples)
	if feature < 0 {
		return at
	}
	// Samples at most the cut come first.
	n := 0
	for i, s := range samples {
		if g.x[s][feature] <= cut {
			samples[i], samples[n] = samples[n], s
			n++
		}
	}
	left := g.grow(samples[:n])
	right := g.grow(samples[n:])
	g.nodes[at] = forestNode{feature: int32(feature), left: left, right: right, class: int32(class), cut: cut}
	return at
}

// split finds the cut of least impurity among the drawn features, drawing more
// where none of them tells the samples apart; −1 where no feature does.
func (g *grower) split(samples []int32) (feature int, cut float64) {
	feature = -1
	best := math.Inf(-1)
	for tried, c := range g.r.Perm(len(g.x[0])) {
		if tried >= g.p.Features && feature >= 0 {
			break
		}
		if gain, v := g.cut(samples, c); gain > best {
			feature, cut, best = c, v, gain
		}
	}
	return feature, cut
}

// cut finds the best cut of one feature. Least Gini impurity is most of
// Σ n_k²/n left plus right.
func (g *grower) cut(samples []int32, feature int) (gain, cut float64) {
	g.sorted = g.sorted[:0]
	for _, s := range samples {
		g.sorted = append(g.sorted, labelled{g.x[s][feature], g.y[s]})
	}
	slices.SortFunc(g.sorted, func(a, b labelled) int { return cmp.Compare(a.v, b.v) })
	g.left = append(g.left[:0], make([]float64, g.classes)...)
	g.right = append(g.right[:0], make([]float64, g.classes)...)
	for _, s := range samples {
		g.right[g.y[s]]++
	}
	var squaresLeft, squaresRight float64
	for _, n := range g.right {
		squaresRight += n * n
	}
	gain = math.Inf(-1)
	for i, s := range g.sorted[:len(g.sorted)-1] {
		k := s.y
		squaresLeft += 2*g.left[k] + 1
		squaresRight -= 2*g.right[k] - 1
		g.left[k]++
		g.right[k]--
		below, above := s.v, g.sorted[i+1].v
		n, rest := i+1, len(g.sorted)-i-1
		if below == above || min(n, rest) < g.p.MinLeaf {
			continue
		}
		if v := squaresLeft/float64(n) + squaresRight/float64(rest); v > gain {
			gain, cut = v, below+(above-below)/2
			if !(cut < above) || math.IsInf(cut, 0) { // no number between the two, or too far apart
				cut = below
			}
		}
	}
	return gain, cut
}
