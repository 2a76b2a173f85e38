package planning

import "math"

// rings are sums by distance from the core.
type rings struct {
	width float64 // km
	sum   []CoreZone
}

func newRings(km float64) rings { return rings{width: km} }

func (r *rings) add(km float64, z CoreZone) {
	i := int(km / r.width)
	for len(r.sum) <= i {
		r.sum = append(r.sum, CoreZone{})
	}
	r.sum[i].Stays += z.Stays
	r.sum[i].Core += z.Core
}

// ringPoint is what a ring says: the logarithm of its share at its distance, as
// precise as it has stays.
type ringPoint struct{ km, log, weight float64 }

// points are the rings with at least half a stay. Half a stay is added to
// those in the core and half to those elsewhere, since a share of 0 has no logarithm
// (Haldane 1956).
func (r *rings) points() []ringPoint {
	var out []ringPoint
	for i, z := range r.sum {
		if z.Stays >= 0.5 {
			out = append(out, ringPoint{(float64(i) + 0.5) * r.width, math.Log((z.Core + 0.5) / (z.Stays + 1)), z.Stays})
		}
	}
	return out
}

// edge is the distance in km where two straight lines that meet there fit the
// logarithm of the share best, by least squares over all breakpoints between rings that
// leave at least three on either side; the second line must be flatter. There is none
// where no breakpoint does.
func (r *rings) edge() (float64, bool) {
	const side = 3
	p := r.points()
	best, at := math.Inf(1), 0.0
	for i := side; i <= len(p)-side; i++ {
		km := (p[i-1].km + p[i].km) / 2
		if fit := bent(p, km); fit.residual < best && fit.bend > 0 {
			best, at = fit.residual, km
		}
	}
	return at, !math.IsInf(best, 1)
}

// ownEdge is the edge of a part of the region, unless that of the whole region fits it
// about as well: one more parameter must lower the information criterion of
// Schwarz (1978), or few homes would make an edge of noise.
func (r *rings) ownEdge(whole float64) (float64, bool) {
	at, ok := r.edge()
	if !ok {
		return 0, false
	}
	p := r.points()
	n, common, own := float64(len(p)), bent(p, whole).residual, bent(p, at).residual
	return at, own < common*math.Exp(-math.Log(n)/n)
}

// bentFit is a fit of a + slope·x + bend·max(0, x − knot).
type bentFit struct{ slope, bend, residual float64 }

// bent fits by weighted least squares: the normal equations about the weighted
// means, which leaves two unknowns.
func bent(p []ringPoint, knot float64) bentFit {
	var w, x, h, y float64
	hinge := func(q ringPoint) float64 { return max(0, q.km-knot) }
	for _, q := range p {
		w += q.weight
		x += float64(q.weight * q.km)
		h += float64(q.weight * hinge(q))
		y += float64(q.weight * q.log)
	}
	x, h, y = x/w, h/w, y/w
	var xx, xh, hh, xy, hy, yy float64
	for _, q := range p {
		dx, dh, dy := q.km-x, hinge(q)-h, q.log-y
		xx += float64(q.weight * dx * dx)
		xh += float64(q.weight * dx * dh)
		hh += float64(q.weight * dh * dh)
		xy += float64(q.weight * dx * dy)
		hy += float64(q.weight * dh * dy)
		yy += float64(q.weight * dy * dy)
	}
	det := float64(xx*hh) - float64(xh*xh)
	if !(det > 1e-9*xx*hh) { // no point, or all, beyond the knot: one line
		return bentFit{slope: ratio(xy, xx), residual: max(0, yy-float64(ratio(xy, xx)*xy))}
	}
	f := bentFit{slope: (float64(xy*hh) - float64(hy*xh)) / det, bend: (float64(hy*xx) - float64(xy*xh)) / det}
	f.residual = max(0, yy-float64(f.slope*xy)-float64(f.bend*hy))
	return f
}
