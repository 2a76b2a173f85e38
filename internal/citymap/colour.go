package citymap

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Colours of neighbours. Areas that touch are found on a raster of the picture,
// and get different colours by the smallest-last order (Matula and Beck 1983,
// Smallest-last ordering and clustering and graph coloring algorithms): areas
// that hang together make a planar graph, for which six colours are enough.

const (
	rasterSide = 2048 // pixels along the longer side of the picture
	gapPixels  = 2    // simplified outlines leave gaps; neighbours are looked for across so many pixels
	noArea     = -1
)

// raster tells, by pixel, which area lies there.
type raster struct {
	cols, rows int
	pixel      float64 // user units a side
	area       []int32
}

// newRaster paints areas, one or more rings each, in order of their index; the
// rings are in user units, open or closed.
func (f Frame) newRaster(areas [][]orb.Ring) *raster {
	r := &raster{pixel: math.Max(f.W, f.H) / rasterSide}
	r.cols, r.rows = int(f.W/r.pixel)+1, int(f.H/r.pixel)+1
	r.area = make([]int32, r.cols*r.rows)
	for i := range r.area {
		r.area[i] = noArea
	}
	for i, rings := range areas {
		for _, ring := range rings {
			r.fill(ring, int32(i))
		}
	}
	for range gapPixels {
		r.grow()
	}
	return r
}

// fill paints the pixels whose centres lie inside a ring (even-odd rule).
func (r *raster) fill(ring orb.Ring, area int32) {
	if len(ring) < 3 {
		return
	}
	b := ring.Bound()
	first, last := max(int(b.Min[1]/r.pixel-0.5), 0), min(int(b.Max[1]/r.pixel+0.5), r.rows-1)
	var cuts []float64
	for row := first; row <= last; row++ {
		y := (float64(row) + 0.5) * r.pixel
		cuts = crossings(cuts[:0], ring, y)
		slices.Sort(cuts)
		for k := 0; k+1 < len(cuts); k += 2 {
			from := max(int(math.Ceil(cuts[k]/r.pixel-0.5)), 0)
			to := min(int(math.Ceil(cuts[k+1]/r.pixel-0.5)), r.cols)
			for col := from; col < to; col++ {
				r.area[row*r.cols+col] = area
			}
		}
	}
}

// crossings appends where a ring, open or closed, crosses the height y.
func crossings(cuts []float64, ring orb.Ring, y float64) []float64 {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		if (p[1] > y) != (q[1] > y) {
			cuts = append(cuts, p[0]+float64((y-p[1])/(q[1]-p[1])*(q[0]-p[0])))
		}
	}
	return cuts
}

// grow gives each empty pixel the least area of the four beside it.
func (r *raster) grow() {
	out := slices.Clone(r.area)
	for i, a := range r.area {
		if a != noArea {
			continue
		}
		best := int32(noArea)
		r.beside(i, func(n int) {
			if v := r.area[n]; v != noArea && (best == noArea || v < best) {
				best = v
			}
		})
		out[i] = best
	}
	r.area = out
}

// beside calls f with the pixels across the sides of pixel i.
func (r *raster) beside(i int, f func(n int)) {
	if i%r.cols > 0 {
		f(i - 1)
	}
	if i%r.cols < r.cols-1 {
		f(i + 1)
	}
	if i >= r.cols {
		f(i - r.cols)
	}
	if i < len(r.area)-r.cols {
		f(i + r.cols)
	}
}

// neighbours lists for each of n groups the groups beside it, ascending; group
// says which one an area is in.
func (r *raster) neighbours(n int, group func(area int32) int32) [][]int32 {
	var pairs [][2]int32
	for i, a := range r.area {
		for _, k := range [...]int{i + 1, i + r.cols} {
			if k >= len(r.area) || k == i+1 && k%r.cols == 0 || a == noArea || r.area[k] == noArea || r.area[k] == a {
				continue
			}
			if g, h := group(a), group(r.area[k]); g != h {
				pairs = append(pairs, [2]int32{min(g, h), max(g, h)})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y [2]int32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	out := make([][]int32, n)
	for _, p := range slices.Compact(pairs) {
		out[p[0]] = append(out[p[0]], p[1])
		out[p[1]] = append(out[p[1]], p[0])
	}
	return out
}

// colours gives each node one of n colours that none of its neighbours has, or,
// where n are not enough, the one that fewest of them have. Of several it takes
// the one that is least used so far.
func colours(beside [][]int32, n int) []int {
	out := make([]int, len(beside))
	for i := range out {
		out[i] = -1
	}
	used := make([]int, n)
	for _, v := range slices.Backward(smallestLast(beside)) {
		clash := make([]int, n)
		for _, w := range beside[v] {
			if out[w] >= 0 {
				clash[out[w]]++
			}
		}
		best := 0
		for c := range n {
			if cmp.Or(cmp.Compare(clash[c], clash[best]), cmp.Compare(used[c], used[best])) < 0 {
				best = c
			}
		}
		out[v] = best
		used[best]++
	}
	return out
}

// smallestLast takes away, one after the other, a node with the fewest
// neighbours left, and lists them in that order.
func smallestLast(beside [][]int32) []int32 {
	left := make([]int, len(beside))
	var buckets [][]int32 // nodes by neighbours left; outdated entries are skipped
	put := func(v int32) {
		for len(buckets) <= left[v] {
			buckets = append(buckets, nil)
		}
		buckets[left[v]] = append(buckets[left[v]], v)
	}
	for v := range beside {
		left[v] = len(beside[v])
		put(int32(v))
	}
	gone := make([]bool, len(beside))
	order := make([]int32, 0, len(beside))
	for k := 0; k < len(buckets); {
		last := len(buckets[k]) - 1
		if last < 0 {
			k++
			continue
		}
		v := buckets[k][last]
		buckets[k] = buckets[k][:last]
		if gone[v] || left[v] != k {
			continue
		}
		gone[v] = true
		order = append(order, v)
		for _, w := range beside[v] {
			if !gone[w] {
				left[w]--
				put(w)
			}
		}
		k = max(k-1, 0)
	}
	return order
}
