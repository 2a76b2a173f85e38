package geo

import "math"

// Index finds points near a point, exactly: a uniform grid in compressed rows,
// searched ring by ring. It is immutable and safe for concurrent use.
type Index struct {
	pts        []XY
	min        XY
	size       float64
	cols, rows int
	start      []int32 // per grid cell: first position in ids
	ids        []int32
}

// NewIndex indexes pts, which it keeps. About two points fall in a grid cell.
func NewIndex(pts []XY) *Index {
	x := &Index{pts: pts, size: 1, cols: 1, rows: 1}
	if len(pts) > 0 {
		lo, hi := pts[0], pts[0]
		for _, p := range pts {
			lo = XY{math.Min(lo.X, p.X), math.Min(lo.Y, p.Y)}
			hi = XY{math.Max(hi.X, p.X), math.Max(hi.Y, p.Y)}
		}
		w, h := hi.X-lo.X, hi.Y-lo.Y
		x.min = lo
		x.size = math.Max(1, math.Sqrt(w*h*2/float64(len(pts))))
		x.size = math.Max(x.size, math.Max(w, h)/4096) // thin strips stay small
		x.cols, x.rows = int(w/x.size)+1, int(h/x.size)+1
	}
	x.start = make([]int32, x.cols*x.rows+1)
	for _, p := range pts {
		x.start[x.cell(p)+1]++
	}
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	x.ids = make([]int32, len(pts))
	next := append([]int32(nil), x.start...)
	for i, p := range pts {
		c := x.cell(p)
		x.ids[next[c]] = int32(i)
		next[c]++
	}
	return x
}

func (x *Index) col(v float64) int { return min(max(int((v-x.min.X)/x.size), 0), x.cols-1) }
func (x *Index) row(v float64) int { return min(max(int((v-x.min.Y)/x.size), 0), x.rows-1) }
func (x *Index) cell(p XY) int     { return x.row(p.Y)*x.cols + x.col(p.X) }

// Len is the number of points.
func (x *Index) Len() int { return len(x.pts) }

// At is point i.
func (x *Index) At(i int) XY { return x.pts[i] }

// Nearest is the index of the point nearest to q (the lowest of equals) and its
// distance in metres; −1 where there are no points.
func (x *Index) Nearest(q XY) (int, float64) {
	best, at := math.Inf(1), -1
	x.rings(q, func(id int32, d2 float64) {
		if d2 < best || (d2 == best && int(id) < at) {
			best, at = d2, int(id)
		}
	}, func(reach float64) bool { return at >= 0 && float64(reach*reach) > best })
	return at, math.Sqrt(best)
}

// NearestN appends to dst the n points nearest to q, nearest first, of equals
// the lowest first.
func (x *Index) NearestN(dst []int, q XY, n int) []int {
	from := len(dst)
	d2s := make([]float64, 0, n+1)
	x.rings(q, func(id int32, d2 float64) {
		if len(d2s) == n && (n == 0 || d2 > d2s[n-1] || (d2 == d2s[n-1] && int(id) > dst[from+n-1])) {
			return
		}
		i := len(d2s)
		dst, d2s = append(dst, 0), append(d2s, 0)
		for ; i > 0 && (d2s[i-1] > d2 || (d2s[i-1] == d2 && dst[from+i-1] > int(id))); i-- {
			dst[from+i], d2s[i] = dst[from+i-1], d2s[i-1]
		}
		dst[from+i], d2s[i] = int(id), d2
		if len(d2s) > n {
			dst, d2s = dst[:from+n], d2s[:n]
		}
	}, func(reach float64) bool { return len(d2s) == n && (n == 0 || float64(reach*reach) > d2s[n-1]) })
	return dst
}

// Within calls f with every point no farther than radius metres from q.
func (x *Index) Within(q XY, radius float64, f func(i int, d float64)) {
	if len(x.pts) == 0 {
		return
	}
	r2 := radius * radius
	for r := x.row(q.Y - radius); r <= x.row(q.Y+radius); r++ {
		for c := x.col(q.X - radius); c <= x.col(q.X+radius); c++ {
			for _, id := range x.ids[x.start[r*x.cols+c]:x.start[r*x.cols+c+1]] {
				if d2 := x.pts[id].Dist2(q); d2 <= r2 {
					f(int(id), math.Sqrt(d2))
				}
			}
		}
	}
}

// rings visits the grid cells around q in growing squares until done(reach)
// says that nothing beyond reach metres can matter.
func (x *Index) rings(q XY, visit func(id int32, d2 float64), done func(reach float64) bool) {
	if len(x.pts) == 0 {
		return
	}
	qc, qr := x.col(q.X), x.row(q.Y)
	scan := func(c, r int) {
		for _, id := range x.ids[x.start[r*x.cols+c]:x.start[r*x.cols+c+1]] {
			visit(id, x.pts[id].Dist2(q))
		}
	}
	for ring := 0; ring <= max(x.cols, x.rows); ring++ {
		if ring == 0 {
			scan(qc, qr)
		} else {
			// No farther than the grid: strips are long.
			for _, r := range [2]int{qr - ring, qr + ring} {
				if r < 0 || r >= x.rows {
					continue
				}
				for c := max(qc-ring, 0); c <= min(qc+ring, x.cols-1); c++ {
					scan(c, r)
				}
			}
			for _, c := range [2]int{qc - ring, qc + ring} {
				if c < 0 || c >= x.cols {
					continue
				}
				for r := max(qr-ring+1, 0); r < min(qr+ring, x.rows); r++ {
					scan(c, r)
				}
			}
		}
		// The nearest unvisited point lies beyond the square just closed. A q
		// outside the grid only makes this bound smaller, never wrong.
		left := q.X - (x.min.X + float64(float64(qc-ring)*x.size))
		right := x.min.X + float64(float64(qc+ring+1)*x.size) - q.X
		low := q.Y - (x.min.Y + float64(float64(qr-ring)*x.size))
		high := x.min.Y + float64(float64(qr+ring+1)*x.size) - q.Y
		if done(max(0, min(left, right, low, high))) {
			return
		}
	}
}
