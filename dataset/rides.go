package dataset

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// loadLines reads the lines that trips ride on; none in folders without.
func (r *Roads) loadLines(ctx context.Context, f *Folder) (err error) {
	if !f.HasTable(TableLines) {
		return nil
	}
	if r.lines, err = gather(ReadTable[Line](ctx, f, TableLines), nil); err != nil {
		return err
	}
	for i := range r.lines {
		l := &r.lines[i]
		if err := l.check(math.MaxInt); err != nil {
			return fmt.Errorf("%s: %s: %w", f.dir, TableLines, err)
		}
		if int(l.ID) != i {
			return fmt.Errorf("%s: %s: row %d: line %d, want ids in order", f.dir, TableLines, i, l.ID)
		}
	}
	if len(r.edges) == 0 && len(r.lines) > 0 {
		r.proj = geo.NewProjection(orb.Point{r.lines[0].Lon[0], r.lines[0].Lat[0]})
	}
	return nil
}

// ride appends a ride: coming to the stop, waiting there, and the way along the
// line, where vehicles go from stop to stop at an even pace and stand at each
// one between.
func (r *Roads) ride(dst []Fix, x *Ride) ([]Fix, error) {
	if r == nil || x.Line < 0 || int(x.Line) >= len(r.lines) {
		return nil, fmt.Errorf("ride on line %d, want one of %s", x.Line, TableLines)
	}
	l := &r.lines[x.Line]
	n := len(l.Stops)
	loop := n > 2 && l.Stops[0] == l.Stops[n-1]
	if x.Board < 0 || int(x.Board) >= n-1 || x.Alight < 1 || int(x.Alight) >= n || x.Alight <= x.Board && !loop {
		return nil, fmt.Errorf("ride on line %d from stop %d to %d, want two of its %d in order", x.Line, x.Board, x.Alight, n)
	}
	dst = append(dst, Fix{float64(x.Reach), l.point(int(l.At[x.Board]))})
	i, j, last := int(x.Board), int(x.Alight), n-1
	whole := l.Ride[j] - l.leaves(i)
	if j <= i {
		whole = l.Ride[last] - l.leaves(i) + l.Dwell + l.Ride[j]
	}
	start := float64(x.Start)
	pace := (float64(x.End) - start) / max(whole, 1e-9) // whole seconds stretch it a little
	passed := 0.0                                       // s of the timetable
	for k := i; ; {
		if k == last { // of a loop line
			k = 0
		}
		from, to := passed, passed+l.Ride[k+1]-l.leaves(k)
		dst = r.hop(dst, l, k, start+float64(pace*from), start+float64(pace*to))
		if k++; k == j {
			return dst, nil
		}
		passed = to + l.Dwell
	}
}

// leaves is the seconds from leaving the first stop to leaving stop i.
func (l *Line) leaves(i int) float64 {
	if i == 0 {
		return 0
	}
	return l.Ride[i] + l.Dwell
}

// point is a vertex of the line's shape.
func (l *Line) point(i int) orb.Point { return orb.Point{l.Lon[i], l.Lat[i]} }

// hop appends the way from stop k to the next one, between two times.
func (r *Roads) hop(dst []Fix, l *Line, k int, from, to float64) []Fix {
	a, b := int(l.At[k]), int(l.At[k+1])
	metres := func(v int) float64 { return r.proj.XY(l.point(v - 1)).Dist(r.proj.XY(l.point(v))) }
	whole, passed := 0.0, 0.0
	for v := a + 1; v <= b; v++ {
		whole += metres(v)
	}
	dst = append(dst, Fix{from, l.point(a)})
	for v := a + 1; v < b; v++ {
		passed += metres(v)
		dst = append(dst, Fix{from + float64((to-from)*(passed/max(whole, 1e-9))), l.point(v)})
	}
	return append(dst, Fix{to, l.point(b)})
}
