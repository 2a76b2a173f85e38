package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// pairs walks two ordered lists side by side; what one list lacks counts 0 there.
func pairs[C counted[C]](want, got []C, f func(want, got float64)) {
	for len(want) > 0 || len(got) > 0 {
		order := 0
		switch {
		case len(want) == 0:
			order = 1
		case len(got) == 0:
			order = -1
		default:
			order = want[0].order(got[0])
		}
		switch {
		case order < 0:
			f(want[0].count(), 0)
			want = want[1:]
		case order > 0:
			f(0, got[0].count())
			got = got[1:]
		default:
			f(want[0].count(), got[0].count())
			want, got = want[1:], got[1:]
		}
	}
}

// counted is a number of persons somewhere; lists of it are in order.
type counted[C any] interface {
	order(C) int
	count() float64
}

func (z ZoneCount) order(o ZoneCount) int { return cmp.Compare(z.Zone, o.Zone) }
func (z ZoneCount) count() float64        { return z.Persons }

func (f Flow) order(o Flow) int {
	return zonePair{f.From, f.To}.compare(zonePair{o.From, o.To})
}
func (f Flow) count() float64 { return f.Persons }

// wape is wapeOf on two ordered lists.
func wape[C counted[C]](want, got []C) float64 {
	diff, sum := 0.0, 0.0
	pairs(want, got, func(w, g float64) {
		diff += math.Abs(g - w)
		sum += w
	})
	return weightedError(diff, sum)
}

// nrmse is the root mean square error over the zones of either list, over the
// mean wanted count.
func nrmse(want, got []ZoneCount) float64 {
	square, sum, n := 0.0, 0.0, 0.0
	pairs(want, got, func(w, g float64) {
		square += float64((g - w) * (g - w))
		sum += w
		n++
	})
	switch {
	case square == 0:
		return 0
	case sum == 0:
		return 1
	}
	return math.Sqrt(square/n) / (sum / n)
}

// jsd is the Jensen–Shannon divergence of the two distributions, base 2:
// 0 = the same, 1 = nothing in common. An empty list has nothing in common
// with any but another empty one.
func jsd(want, got []ZoneCount) float64 {
	sw, sg := total(want), total(got)
	if sw <= 0 || sg <= 0 {
		if sw <= 0 && sg <= 0 {
			return 0
		}
		return 1
	}
	sum := 0.0
	pairs(want, got, func(w, g float64) {
		p, q := w/sw, g/sg
		m := (p + q) / 2
		if p > 0 {
			sum += float64(p * math.Log2(p/m))
		}
		if q > 0 {
			sum += float64(q * math.Log2(q/m))
		}
	})
	return min(max(sum/2, 0), 1)
}

// emdKM is the earth mover's distance in km between the two distributions over
// zone centres: the mean way that mass has to go to turn one into the other.
// It is exact up to most zones; above that, zones are first joined to square
// blocks. An empty list is as far away as the zones lie apart.
func emdKM(want, got []ZoneCount, most int) float64 {
	sw, sg := total(want), total(got)
	if sw <= 0 && sg <= 0 {
		return 0
	}
	var mass []float64 // want − got, per place
	var at []geo.XY
	proj := geo.NewProjection(midpoint(want, got))
	add := func(zones []ZoneCount, sum, sign float64) {
		for _, z := range zones {
			at = append(at, proj.XY(orb.Point{z.Lon, z.Lat}))
			mass = append(mass, sign*z.Persons/sum)
		}
	}
	if sw > 0 {
		add(want, sw, 1)
	}
	if sg > 0 {
		add(got, sg, -1)
	}
	if sw <= 0 || sg <= 0 {
		return diameter(at) / 1000
	}
	block, mid := blocks(at, most)
	net := make([]float64, len(mid))
	for i, m := range mass {
		net[block[i]] += m
	}
	var supply, demand []float64
	var from, to []geo.XY
	for i, m := range net {
		if m > 0 {
			supply, from = append(supply, m), append(from, mid[i])
		} else if m < 0 {
			demand, to = append(demand, -m), append(to, mid[i])
		}
	}
	return transport(supply, demand, func(i, j int) float64 { return from[i].Dist(to[j]) }) / 1000
}

// midpoint is a point amid the zones, for a local plane.
func midpoint(lists ...[]ZoneCount) orb.Point {
	var b orb.Bound
	first := true
	for _, l := range lists {
		for _, z := range l {
			p := orb.Point{z.Lon, z.Lat}
			if first {
				b, first = p.Bound(), false
			}
			b = b.Extend(p)
		}
	}
	return b.Center()
}

// diameter is the diagonal of the box around the points.
func diameter(at []geo.XY) float64 {
	if len(at) == 0 {
		return 0
	}
	lo, hi := at[0], at[0]
	for _, p := range at {
		lo = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	return lo.Dist(hi)
}

// blocks joins equal places and, where more than most (at least 4) are left,
// the places of square blocks, the smallest of 1, 2, 4, … km that do. It gives
// the block of every place and the middle (the mean of the places) of every block.
func blocks(at []geo.XY, most int) (block []int, mid []geo.XY) {
	block = make([]int, len(at))
	for size := 0.0; ; size = max(1000, 2*size) {
		index := map[geo.XY]int{}
		var n []float64
		mid = mid[:0]
		for i, p := range at {
			k := p
			if size > 0 {
				k = geo.XY{X: math.Floor(p.X / size), Y: math.Floor(p.Y / size)}
			}
			j, ok := index[k]
			if !ok {
				j = len(mid)
				index[k] = j
				mid, n = append(mid, geo.XY{}), append(n, 0)
			}
			block[i] = j
			mid[j] = geo.XY{X: mid[j].X + p.X, Y: mid[j].Y + p.Y}
			n[j]++
		}
		if len(mid) <= most {
			for j := range mid {
				mid[j] = geo.XY{X: mid[j].X / n[j], Y: mid[j].Y / n[j]}
			}
			return block, mid
		}
	}
}

// weighted is one value of a distribution.
type weighted struct{ value, weight float64 }

// wasserstein is the 1-Wasserstein distance of two distributions on the line,
// in the unit of their values; each is taken as shares of its total. NaN-free:
// an empty one is taken as all at 0.
func wasserstein(a, b []weighted) float64 {
	type step struct{ value, jump float64 }
	var steps []step
	add := func(d []weighted, sign float64) {
		sum := 0.0
		for _, w := range d {
			sum += w.weight
		}
		if sum <= 0 {
			steps = append(steps, step{0, sign})
			return
		}
		for _, w := range d {
			steps = append(steps, step{w.value, sign * w.weight / sum})
		}
	}
	add(a, 1)
	add(b, -1)
	slices.SortFunc(steps, func(p, q step) int { return cmp.Or(cmp.Compare(p.value, q.value), cmp.Compare(p.jump, q.jump)) })
	gap, sum := 0.0, 0.0
	for i, s := range steps {
		if i > 0 {
			sum += float64(math.Abs(gap) * (s.value - steps[i-1].value))
		}
		gap += s.jump
	}
	return sum
}

// f1 is 2·both / (want + got); 1 where there is nothing at all.
func f1(both, want, got float64) float64 {
	if want+got == 0 {
		return 1
	}
	return 2 * both / (want + got)
}

// median of xs, which it sorts; 0 where there are none.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	slices.Sort(xs)
	if n := len(xs); n%2 == 0 {
		return (xs[n/2-1] + xs[n/2]) / 2
	}
	return xs[len(xs)/2]
}

// both are two answers of the type that a task makes.
func both[T any](want, got Answer) (w, g *T, ok bool) {
	w, okW := want.(*T)
	g, okG := got.(*T)
	return w, g, okW && okG && w != nil && g != nil
}
