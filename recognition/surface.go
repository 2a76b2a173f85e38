package recognition

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// Kernel is the shape of a kernel density.
type Kernel uint8

const (
	// Quartic is Silverman's (1986, eq. 4.5) biweight: 3/π·(1 − u²)² for u < 1, of finite reach.
	Quartic Kernel = iota
	// Gaussian is the normal kernel with the bandwidth as its standard deviation,
	// cut off at 3 bandwidths and raised so that it still holds all of its weight.
	Gaussian
)

// SurfaceParams are the parameters of a density surface (P12). Zero values take
// the defaults in brackets.
type SurfaceParams struct {
	BandwidthM float64 // [800 m]
	CellM      float64 // side of a grid cell [a quarter of the bandwidth]
	Kernel     Kernel
}

// Surface is a density on a square grid: per km², in units of the weights.
type Surface struct {
	Min        geo.XY  // centre of the cell of column 0, row 0, m
	Size       float64 // side of a cell, m
	Cols, Rows int
	V          []float64 // by row, then column
}

// maxSurface bounds the cells of a surface: one point far away must not take all memory.
const maxSurface = 50_000_000

// NewSurface is the kernel density of weighted points, on a grid that reaches
// one kernel beyond them. Grid cells lie on whole multiples of their size, so that
// surfaces of other points of the same city can be laid over each other. A
// point's weight is preserved but for the grid's coarseness. weights nil = 1 each;
// those that are 0 or less do not count.
func NewSurface(points []geo.XY, weights []float64, p SurfaceParams) (*Surface, error) {
	p.BandwidthM = cmp.Or(p.BandwidthM, 800)
	p.CellM = cmp.Or(p.CellM, p.BandwidthM/4)
	switch {
	case !(p.BandwidthM > 0) || math.IsInf(p.BandwidthM, 1):
		return nil, fmt.Errorf("surface: bandwidth %g m, must be above 0", p.BandwidthM)
	case !(p.CellM > 0) || p.CellM > p.BandwidthM:
		return nil, fmt.Errorf("surface: cells of %g m, must be above 0 and no larger than the bandwidth, %g m", p.CellM, p.BandwidthM)
	case p.Kernel > Gaussian:
		return nil, fmt.Errorf("surface: kernel %d, want %d (quartic) or %d (Gaussian)", p.Kernel, Quartic, Gaussian)
	case weights != nil && len(weights) != len(points):
		return nil, fmt.Errorf("surface: %d weights for %d points", len(weights), len(points))
	}
	reach := p.BandwidthM
	if p.Kernel == Gaussian {
		reach *= 3
	}
	lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	for i, q := range points {
		if weights == nil || weights[i] > 0 {
			lo, hi = geo.XY{X: min(lo.X, q.X), Y: min(lo.Y, q.Y)}, geo.XY{X: max(hi.X, q.X), Y: max(hi.Y, q.Y)}
		}
	}
	if lo.X > hi.X {
		return nil, fmt.Errorf("surface: no point has a weight above 0")
	}
	first := func(v float64) float64 { return math.Floor((v-reach)/p.CellM) * p.CellM }
	s := &Surface{Min: geo.XY{X: first(lo.X), Y: first(lo.Y)}, Size: p.CellM}
	cols, rows := math.Ceil((hi.X+reach-s.Min.X)/p.CellM)+1, math.Ceil((hi.Y+reach-s.Min.Y)/p.CellM)+1
	if !(cols*rows <= maxSurface) {
		return nil, fmt.Errorf("surface: %.0f × %.0f cells of %g m, want at most %d in all: larger cells, or no points far away", cols, rows, p.CellM, maxSurface)
	}
	s.Cols, s.Rows = int(cols), int(rows)
	s.V = make([]float64, s.Cols*s.Rows)
	for i, q := range points {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if w > 0 {
			s.add(q, w, reach, p)
		}
	}
	return s, nil
}

// add lays one point's kernel on the grid.
func (s *Surface) add(q geo.XY, w, reach float64, p SurfaceParams) {
	h2 := p.BandwidthM * p.BandwidthM
	col0, row0 := max(0, int((q.X-reach-s.Min.X)/s.Size)), max(0, int((q.Y-reach-s.Min.Y)/s.Size))
	for row := row0; row < s.Rows; row++ {
		dy := s.Min.Y + float64(float64(row)*s.Size) - q.Y
		if dy > reach {
			break
		}
		for col := col0; col < s.Cols; col++ {
			dx := s.Min.X + float64(float64(col)*s.Size) - q.X
			if dx > reach {
				break
			}
			d2 := float64(dx*dx) + float64(dy*dy)
			if d2 >= reach*reach {
				continue
			}
			v := 0.0
			if u2 := d2 / h2; p.Kernel == Quartic {
				v = 3 / math.Pi * (1 - u2) * (1 - u2)
			} else {
				v = math.Exp(-u2/2) / (2 * math.Pi * (1 - math.Exp(-4.5))) // e^−4.5 of a plane normal lies beyond 3σ
			}
			s.V[row*s.Cols+col] += float64(w * v / h2 * 1e6)
		}
	}
}

// At is the centre of cell i on the plane.
func (s *Surface) At(i int) geo.XY {
	return geo.XY{X: s.Min.X + float64(float64(i%s.Cols)*s.Size), Y: s.Min.Y + float64(float64(i/s.Cols)*s.Size)}
}

// Threshold is the mean plus sigmas standard deviations of the cells above 0: the
// margin around the points says nothing about them.
func (s *Surface) Threshold(sigmas float64) float64 {
	n, sum := 0.0, 0.0
	for _, v := range s.V {
		if v > 0 {
			n, sum = n+1, sum+v
		}
	}
	mean, squares := sum/n, 0.0
	for _, v := range s.V {
		if v > 0 {
			squares += float64((v - mean) * (v - mean))
		}
	}
	return mean + float64(sigmas*math.Sqrt(squares/n))
}

// Peak is a local maximum of a surface.
type Peak struct {
	At    geo.XY
	Cell  int
	Value float64
}

// Peaks are the local maxima of at least the given value, highest first (of
// equals the lower cell): plateaus of equal cells, side by side or corner to corner,
// with no higher cell beside them, each at its lowest cell. U04 takes the mean plus
// two standard deviations, Threshold(2).
func (s *Surface) Peaks(least float64) []Peak {
	var out []Peak
	seen := make([]bool, len(s.V))
	var plateau []int
	for i, v := range s.V {
		if seen[i] || v < least || v <= 0 {
			continue
		}
		top := true
		plateau = append(plateau[:0], i)
		seen[i] = true
		for k := 0; k < len(plateau); k++ {
			for j := range s.around(plateau[k]) {
				switch {
				case s.V[j] > v:
					top = false
				case s.V[j] == v && !seen[j]:
					seen[j] = true
					plateau = append(plateau, j)
				}
			}
		}
		if top {
			out = append(out, Peak{s.At(i), i, v})
		}
	}
	slices.SortFunc(out, func(a, b Peak) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Cell, b.Cell)) })
	return out
}

// around yields the up to eight cells beside cell i.
func (s *Surface) around(i int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		col, row := i%s.Cols, i/s.Cols
		for r := max(0, row-1); r <= min(s.Rows-1, row+1); r++ {
			for c := max(0, col-1); c <= min(s.Cols-1, col+1); c++ {
				if j := r*s.Cols + c; j != i && !yield(j) {
					return
				}
			}
		}
	}
}

// CommutingShed is the contiguous region whose people work in the core: the
// core itself and every zone with at least the given share of its employed
// residents working there that can be reached from the core over such zones.
// neighbours yields the zones beside a zone; share is per zone. The answer is in
// ascending order. (U03: Wang 2018, at 10 %.)
func CommutingShed(core []int, share []float64, least float64, neighbours func(zone int) []int) []int {
	in := make([]bool, len(share))
	var out []int
	for _, z := range core {
		if !in[z] {
			in[z] = true
			out = append(out, z)
		}
	}
	for k := 0; k < len(out); k++ {
		for _, z := range neighbours(out[k]) {
			if !in[z] && share[z] >= least {
				in[z] = true
				out = append(out, z)
			}
		}
	}
	slices.Sort(out)
	return out
}
