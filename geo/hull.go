package geo

import (
	"cmp"
	"slices"
)

// Hull is the convex hull of points, counter-clockwise, by the monotone chain (Andrew
// 1979): the corners only; fewer than three where all points lie on a line.
func Hull(pts []XY) []XY {
	pts = slices.Clone(pts)
	slices.SortFunc(pts, func(a, b XY) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
	pts = slices.Compact(pts)
	if len(pts) < 3 {
		return pts
	}
	var out []XY
	for range 2 {
		base := len(out)
		for _, p := range pts {
			for len(out) >= base+2 {
				a, b := out[len(out)-2], out[len(out)-1]
				if float64((b.X-a.X)*(p.Y-a.Y))-float64((b.Y-a.Y)*(p.X-a.X)) > 0 {
					break
				}
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		out = out[:len(out)-1]
		slices.Reverse(pts)
	}
	return out
}
