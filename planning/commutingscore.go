package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// cpc is the common part of commuters, 2·Σmin / (Σwant + Σgot) (Sørensen).
func cpc[C counted[C]](w, g []C) float64 {
	common, sum := 0.0, 0.0
	pairs(w, g, func(want, got float64) {
		common += math.Min(want, got)
		sum += want + got
	})
	if sum == 0 {
		return 1
	}
	return 2 * common / sum
}

// Score is the common part of commuters.
func (commutingTask) Score(want, got Answer) float64 {
	w, g, ok := both[Commuting](want, got)
	if !ok {
		return 0
	}
	return cpc(w.Flows, g.Flows)
}

func (commutingTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Commuting](want, got)
	if !ok {
		return nil
	}
	return map[string]float64{
		"cpc":                    cpc(w.Flows, g.Flows),
		"cpc_distance":           distanceCPC(w.Flows, g.Flows),
		"distance_w1_km":         wasserstein(lengths(w.Flows), lengths(g.Flows)),
		"self_containment_mae":   w.balance(g, JobsZone.SelfContainment),
		"jobs_ratio_mae":         w.balance(g, JobsZone.Ratio),
		"excess_commuting_error": math.Abs(w.ExcessCommuting() - g.ExcessCommuting()),
	}
}

// distanceCPC is the common part of commuters by distance, in bins of 2 km.
func distanceCPC(w, g []Flow) float64 {
	want, got := byDistance(w, 2, 0), byDistance(g, 2, 0)
	n := max(len(want), len(got))
	want, got = append(want, make([]float64, n-len(want))...), append(got, make([]float64, n-len(got))...)
	common, sum := 0.0, 0.0
	for k := range n {
		common += math.Min(want[k], got[k])
		sum += want[k] + got[k]
	}
	if sum == 0 {
		return 1
	}
	return 2 * common / sum
}

// byDistance counts the persons whose commute falls in bins of so many km; bin
// k begins at k − shift.
func byDistance(flows []Flow, km, shift float64) []float64 {
	var bins []float64
	for _, f := range flows {
		k := int(f.KM/km + shift)
		for len(bins) <= k {
			bins = append(bins, 0)
		}
		bins[k] += f.Persons
	}
	return bins
}

// lengths is the distribution of the commutes, rounded to 10 m: a noisy table
// has millions of flows, and a few metres change no distance of kilometres.
func lengths(flows []Flow) []weighted {
	const km = 0.01
	var out []weighted
	for k, n := range byDistance(flows, km, 0.5) {
		if n > 0 {
			out = append(out, weighted{float64(k) * km, n})
		}
	}
	return out
}

// balance is the mean absolute error of a zone's figure over the zones where
// employed people live; a zone that g lacks has 0.
func (c *Commuting) balance(g *Commuting, figure func(JobsZone) float64) float64 {
	sum, n := 0.0, 0.0
	for _, z := range c.Zones {
		if z.Employed == 0 {
			continue
		}
		got := 0.0
		if i, ok := slices.BinarySearchFunc(g.Zones, z.Zone, func(z JobsZone, id geo.ZoneID) int { return cmp.Compare(z.Zone, id) }); ok {
			got = figure(g.Zones[i])
		}
		sum += math.Abs(figure(z) - got)
		n++
	}
	return ratio(sum, n)
}

// ExcessCommuting is 1 − Cmin/Cobs: the share of the distance commuted that
// would be saved if people changed jobs among each other such that the total
// is least (a transportation problem). Above 256 zones, zones are joined to square
// blocks first, for both figures alike. 0 where nobody commutes.
func (c *Commuting) ExcessCommuting() float64 {
	at := make([]geo.XY, len(c.Zones))
	index := map[geo.ZoneID]int{}
	proj := geo.NewProjection(c.middle())
	for i, z := range c.Zones {
		index[z.Zone] = i
		at[i] = proj.XY(orb.Point{z.Lon, z.Lat})
	}
	block, mid := blocks(at, 256)
	square := make([]float64, len(mid)) // km²: inner distances grow with the root of the area
	for i, z := range c.Zones {
		square[block[i]] += float64(z.InnerKM * z.InnerKM)
	}
	cost := func(i, j int) float64 {
		if i == j {
			return math.Sqrt(square[i])
		}
		return mid[i].Dist(mid[j]) / 1000
	}
	supply, demand, observed := make([]float64, len(mid)), make([]float64, len(mid)), 0.0
	for _, f := range c.Flows {
		a, b := block[index[f.From]], block[index[f.To]]
		supply[a] += f.Persons
		demand[b] += f.Persons
		observed += float64(f.Persons * cost(a, b))
	}
	if observed == 0 {
		return 0
	}
	return 1 - transport(supply, demand, cost)/observed
}

// middle is a point amid the zones.
func (c *Commuting) middle() orb.Point {
	if len(c.Zones) == 0 {
		return orb.Point{}
	}
	b := orb.Point{c.Zones[0].Lon, c.Zones[0].Lat}.Bound()
	for _, z := range c.Zones {
		b = b.Extend(orb.Point{z.Lon, z.Lat})
	}
	return b.Center()
}
