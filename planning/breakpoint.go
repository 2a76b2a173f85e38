package planning

import (
	"cmp"
	"math"
	"slices"
)

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

type ringPoints []ringPoint

// sort orders the points by distance.
func (p ringPoints) sort() {
	slices.SortStableFunc(p, func(a, b ringPoint) int { return cmp.Compare(a.km, b.km) })
}

// points are the rings with at least half a stay. Half a stay is added to
// those in the core and half to those elsewhere, since a share of 0 has no logarithm
// (Haldane 1956).
func (r *rings) points() ringPoints {
	var out ringPoints
	for i, z := range r.sum {
		if z.Stays >= 0.5 {
			out = append(out, ringPoint{(float64(i) + 0.5) * r.width, math.Log((z.Core + 0.5) / (z.Stays + 1)), z.Stays})
		}
	}
	return out
}

// knot is a breakpoint and how likely it is, relative to others of the same points.
type knot struct{ km, weight float64 }

// knots are the distances in km where two straight lines may meet that fit the
// logarithm of the share: between rings that leave at least three on either side,
// the second line the flatter one. By weighted least squares; n points are as likely as
// their residual to the power of −n/2 (the profile likelihood of normal errors), the
// best knot having 1.
func (p ringPoints) knots() (out []knot, best bentFit) {
	const side = 3
	best.residual = math.Inf(1)
	var fits []bentFit
	for i := side; i <= len(p)-side; i++ {
		if p[i-1].km == p[i].km {
			continue
		}
		km := (p[i-1].km + p[i].km) / 2
		if f := bent(p, km); f.bend > 0 {
			out, fits = append(out, knot{km: km}), append(fits, f)
			if f.residual < best.residual {
				best = f
			}
		}
	}
	for i, f := range fits {
		out[i].weight = f.likelihood(best, len(p))
	}
	return out, best
}

// likelihood of a fit beside that of another with a residual no larger.
func (f bentFit) likelihood(best bentFit, n int) float64 {
	if f.residual <= best.residual {
		return 1
	}
	return math.Pow(best.residual/f.residual, float64(n)/2)
}

// edge is the mean of the knots by likelihood: the best knot alone leaps from ring to
// ring with every household. There is none where there are no knots.
func (p ringPoints) edge() (float64, bool) {
	k, _ := p.knots()
	return meanKnot(k, knot{})
}

// ownEdge is the edge of a part of the region, between its own and that of the whole
// region by how much the points speak for either: knots of its own cost a
// parameter, which Schwarz's (1978) criterion sets at the root of the number of
// points. own is the weight of its own knots.
func (p ringPoints) ownEdge(whole float64) (km, own float64) {
	k, best := p.knots()
	if len(k) == 0 {
		return whole, 0
	}
	common := knot{km: whole}
	if f := bent(p, whole); f.residual <= best.residual {
		return whole, 0
	} else {
		common.weight = f.likelihood(best, len(p)) * math.Sqrt(float64(len(p)))
	}
	sum := 0.0
	for _, x := range k {
		sum += x.weight
	}
	// The knots share one prior: their mean likelihood is what speaks for them.
	common.weight *= float64(len(k))
	km, _ = meanKnot(k, common)
	return km, sum / (sum + common.weight)
}

// meanKnot is the mean of knots and one more by weight.
func meanKnot(k []knot, more knot) (float64, bool) {
	sum, km := more.weight, more.weight*more.km
	for _, x := range k {
		sum, km = sum+x.weight, km+float64(x.weight*x.km)
	}
	return ratio(km, sum), sum > 0
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
