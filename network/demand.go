package network

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// The gravity demand by car. Everybody's trips lead from the dwelling to a
// place of work (or of what else jobs stand for: shops, schools, doctors) and
// back. All figures are this project's assumptions, of the size that household
// travel surveys find.
const (
	// detersPerMinute is the exponential decay of trips with minutes of travel.
	detersPerMinute = 0.1
	// longestMinutes is the longest trip at free speeds; deterrence leaves 1 in
	// 400 of those that would take longer. Searches need not look beyond.
	longestMinutes = 60.0
	// goods is all motor traffic against the inhabitants' cars: lorries and vans
	// drive 9 % of all vehicle-kilometres (FHWA Highway Statistics 2019, table
	// VM-1), assumed to be spread like the cars.
	goods = 1.1
	// accessNodes is over how many junctions the ends of a zone's trips spread.
	accessNodes = 32
	// connectorSpeed is that of the ways within a zone, m/s as the crow flies.
	connectorSpeed = 5
)

// The share of a day's trips that begin in each hour, in 1/1000: out from the
// dwelling and back to it. The peaks are at 7–9 and 16–19.
var (
	outByHour  = [24]float64{2, 1, 1, 2, 8, 30, 80, 160, 140, 80, 65, 55, 50, 55, 50, 45, 46, 46, 40, 26, 10, 5, 2, 1}
	backByHour = [24]float64{7, 3, 2, 2, 2, 4, 8, 15, 20, 25, 35, 55, 65, 50, 60, 85, 120, 145, 115, 75, 45, 35, 19, 8}
)

// zone is a compact part of the city with about the same weight as any other.
type zone struct {
	persons, jobs float64
	homes, works  []int32   // junctions where trips of its dwellings and jobs end
	gates         []int32   // both: where trips begin, at whichever is the best
	starts        []float32 // s from the zone's centre to each gate
}

// generator is a building or place that trips come from and go to.
type generator struct {
	pos           geo.XY
	persons, jobs float64
}

// trafficZones cuts the city into at most n zones of equal weight, persons and
// jobs counting half each: halves along the longer side again and again.
func (c *City) trafficZones(n int) []zone {
	var all []generator
	persons, jobs := 0.0, 0.0
	add := func(x generator) {
		if x.persons+x.jobs > 0 {
			all = append(all, x)
			persons += x.persons
			jobs += x.jobs
		}
	}
	for i := range c.Buildings {
		b := &c.Buildings[i]
		add(generator{b.Pos, b.Dwellings * householdSize, b.Jobs})
	}
	for i := range c.Places {
		add(generator{c.Places[i].Pos, 0, c.Places[i].Jobs})
	}
	if persons == 0 || jobs == 0 {
		return nil
	}
	weight := func(x generator) float64 { return x.persons/persons + x.jobs/jobs }
	var out []zone
	var split func(part []generator, n int)
	split = func(part []generator, n int) {
		if n == 1 || len(part) < 2 {
			if z, ok := c.trafficZone(part); ok {
				out = append(out, z)
			}
			return
		}
		sortLonger(part)
		total, sum, at := 0.0, 0.0, 1
		for _, x := range part {
			total += weight(x)
		}
		share := float64(n/2) / float64(n)
		for sum = weight(part[0]); at < len(part)-1 && sum+weight(part[at])/2 < share*total; at++ {
			sum += weight(part[at])
		}
		split(part[:at], n/2)
		split(part[at:], n-n/2)
	}
	split(all, max(n, 1))
	return out
}

// sortLonger sorts by the longer side of the box around all.
func sortLonger(part []generator) {
	lo, hi := part[0].pos, part[0].pos
	for _, x := range part {
		lo = geo.XY{X: min(lo.X, x.pos.X), Y: min(lo.Y, x.pos.Y)}
		hi = geo.XY{X: max(hi.X, x.pos.X), Y: max(hi.Y, x.pos.Y)}
	}
	wide := hi.X-lo.X > hi.Y-lo.Y
	slices.SortStableFunc(part, func(a, b generator) int {
		if wide {
			return cmp.Compare(a.pos.X, b.pos.X)
		}
		return cmp.Compare(a.pos.Y, b.pos.Y)
	})
}

// trafficZone sums up one zone; false where cars cannot reach it.
func (c *City) trafficZone(part []generator) (zone, bool) {
	var z zone
	var sum geo.XY
	for _, x := range part {
		z.persons += x.persons
		z.jobs += x.jobs
		sum.X, sum.Y = sum.X+x.pos.X, sum.Y+x.pos.Y
	}
	center := geo.XY{X: sum.X / float64(len(part)), Y: sum.Y / float64(len(part))}
	z.homes = c.accessOf(part, z.persons, func(x generator) float64 { return x.persons })
	z.works = c.accessOf(part, z.jobs, func(x generator) float64 { return x.jobs })
	z.gates = slices.Concat(z.homes, z.works)
	for _, n := range z.gates {
		z.starts = append(z.starts, float32(center.Dist(c.graph.Pos[n])/connectorSpeed))
	}
	return z, len(z.gates) > 0
}

// accessOf picks accessNodes junctions, one for each equal share of a weight.
func (c *City) accessOf(part []generator, total float64, weight func(generator) float64) []int32 {
	if !(total > 0) {
		return nil
	}
	g := c.graph
	var out []int32
	sum := 0.0
	for _, x := range part {
		sum += weight(x)
		for len(out) < accessNodes && sum*accessNodes >= (float64(len(out))+0.5)*total {
			spot, ok := g.Snap(Car, x.pos)
			if !ok {
				return nil
			}
			node := g.edges[spot.Edge].from
			if spot.Share > 0.5 {
				node = g.edges[spot.Edge].to
			}
			out = append(out, node)
		}
	}
	return out
}

// gravity is the trips out of each zone's dwellings to each zone's jobs, a row
// a zone, summing to trips: doubly constrained (Wilson 1967), balanced in turns
// (Furness 1965) and deterred exponentially by the free time by car.
func (a *assignment) gravity(ctx context.Context, trips float64) ([][]float64, error) {
	const rounds = 30
	zones := a.zones
	n := len(zones)
	t := make([][]float64, n)
	a.net.setTimes(a.city.graph.Times(Car))
	err := a.forZones(ctx, func(_ int, s *carTree, i int) {
		t[i] = make([]float64, n)
		if len(zones[i].homes) == 0 {
			return
		}
		s.from(zones[i].gates, zones[i].starts)
		for j := range zones {
			if len(zones[j].works) == 0 {
				continue
			}
			sum := 0.0
			for _, v := range zones[j].works {
				sum += s.seconds(v)
			}
			if minutes := sum / 60 / float64(len(zones[j].works)); minutes <= longestMinutes || i == j {
				t[i][j] = math.Exp(-detersPerMinute * minutes)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	persons, jobs := 0.0, 0.0
	for i := range zones {
		if len(zones[i].homes) > 0 {
			persons += zones[i].persons
		}
		if len(zones[i].works) > 0 {
			jobs += zones[i].jobs
		}
	}
	for range rounds {
		for j := range n {
			sum := 0.0
			for i := range n {
				sum += t[i][j]
			}
			scale(zones[j].jobs/jobs*trips, sum, func(f float64) {
				for i := range n {
					t[i][j] *= f
				}
			})
		}
		for i := range n {
			sum := 0.0
			for _, v := range t[i] {
				sum += v
			}
			scale(zones[i].persons/persons*trips, sum, func(f float64) {
				for j := range n {
					t[i][j] *= f
				}
			})
		}
	}
	return t, nil
}

func scale(want, have float64, by func(f float64)) {
	if have > 0 {
		by(want / have)
	}
}

// forZones calls f for each zone, with a tree a worker.
func (a *assignment) forZones(ctx context.Context, f func(worker int, s *carTree, i int)) error {
	trees := make([]*carTree, max(a.workers, 1))
	return parallel.For(ctx, len(trees), len(a.zones), 1, func(w, lo, hi int) error {
		if trees[w] == nil {
			trees[w] = newCarTree(a.net)
		}
		for i := lo; i < hi; i++ {
			f(w, trees[w], i)
		}
		return nil
	})
}
