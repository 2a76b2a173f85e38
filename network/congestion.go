package network

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// CongestionOptions steer Congest; the zero value takes the defaults.
type CongestionOptions struct {
	CarTrips float64 // by car, an inhabitant and day; 0 = DefaultCarTrips
	Zones    int     // of the demand; 0 = DefaultZones
	Workers  int
}

const (
	// DefaultCarTrips is the trips by car as the driver that an inhabitant makes
	// on a working day (assumed; from 0.5 in dense Asian cities to 2 in car-bound ones).
	DefaultCarTrips = 1.5
	// DefaultZones is the number of zones that demand runs between.
	DefaultZones = 128

	assignmentRounds = 3
	// tripUnits are the fractions that vehicles are counted in, so that sums are
	// the same in any order.
	tripUnits = 1_000_000
	// slowest is the least share of the free speed: queues creep, they do not stop.
	slowest = 0.05
	// easy is the part of their free travel time that all cars together may lose
	// in an hour before some of them look for other routes.
	easy = 0.15
)

// Congestion is how fast cars are on each link in each local hour of a working day.
type Congestion struct {
	g      *Graph
	volume [24][]int32 // vehicles an hour, by link
	speed  [24][]uint8 // share of the free speed, in 1/255
}

// Congest loads the graph with the trips by car of a working day and slows its
// links down accordingly. Demand is a gravity model between zones, expanded to
// the inhabitants; each hour is assigned all-or-nothing to the fastest routes,
// three rounds averaged (method of successive averages, Sheffi 1985 ch. 5); the
// speed is v0 / (1 + 0.15 (V/C)⁴) (Bureau of Public Roads 1964). The same City
// and options give the same Congestion, whatever the workers.
func (c *City) Congest(ctx context.Context, opt CongestionOptions) (*Congestion, error) {
	if opt.CarTrips < 0 || math.IsNaN(opt.CarTrips) || math.IsInf(opt.CarTrips, 0) {
		return nil, fmt.Errorf("car trips = %g, must be a number of at least 0", opt.CarTrips)
	}
	if opt.Zones < 0 {
		return nil, fmt.Errorf("zones = %d, must not be negative", opt.Zones)
	}
	if opt.CarTrips == 0 {
		opt.CarTrips = DefaultCarTrips
	}
	if opt.Zones == 0 {
		opt.Zones = DefaultZones
	}
	opt.Workers = max(opt.Workers, 1)
	zones := c.trafficZones(opt.Zones)
	if len(zones) == 0 {
		return nil, errors.New("congestion: cars reach no dwellings or no jobs of the city; want streets that hang together")
	}
	trips := float64(c.Report.Counts["inhabitants"]) * opt.CarTrips / 2 // half of them lead out, half back
	t, err := c.gravity(ctx, zones, trips, opt.Workers)
	if err != nil {
		return nil, err
	}
	a := &assignment{city: c, zones: zones, trips: t, workers: opt.Workers}
	return a.run(ctx)
}

// assignment puts trips between zones on links.
type assignment struct {
	city    *City
	zones   []zone
	trips   [][]float64
	workers int
}

// traffic is the trips of a set of zones on the links, in 1/tripUnits.
type traffic struct {
	link []int64
	node []int64 // what ends at or passes the node; zero between trees
}

func (a *assignment) run(ctx context.Context) (*Congestion, error) {
	g := a.city.graph
	out := &Congestion{g: g}
	// At first all hours take the free routes: what differs is how many go.
	free := g.Times(Car)
	allOut, err := a.allOrNothing(ctx, free, 1, 0)
	if err != nil {
		return nil, err
	}
	allBack, err := a.allOrNothing(ctx, free, 0, 1)
	if err != nil {
		return nil, err
	}
	volume := make([]int64, g.Links())
	times := make([]float32, g.Links())
	for hour := range 24 {
		fo, fb := hourShares(hour)
		for l := range volume {
			volume[l] = int64(math.Round(float64(fo*float64(allOut[l])) + float64(fb*float64(allBack[l]))))
		}
		out.set(hour, volume)
		for round := int64(2); round <= assignmentRounds && out.delay(hour) > easy; round++ {
			next, err := a.allOrNothing(ctx, out.Times(times, hour), fo, fb)
			if err != nil {
				return nil, err
			}
			for l := range volume {
				volume[l] = (volume[l]*(round-1) + next[l]) / round
			}
			out.set(hour, volume)
		}
	}
	return out, nil
}

// hourShares are the shares of the day's trips out and back in an hour.
func hourShares(hour int) (out, back float64) {
	sumOut, sumBack := 0.0, 0.0
	for h := range 24 {
		sumOut += outByHour[h]
		sumBack += backByHour[h]
	}
	return outByHour[hour] / sumOut, backByHour[hour] / sumBack
}

// allOrNothing puts a share of the trips out and of those back on the fastest
// routes; the result is in 1/tripUnits vehicles by link.
func (a *assignment) allOrNothing(ctx context.Context, times []float32, out, back float64) ([]int64, error) {
	g := a.city.graph
	loads := make([]traffic, a.workers)
	err := forZones(ctx, g, a.workers, len(a.zones), func(w int, s *Search, i int) {
		if loads[w].link == nil {
			loads[w] = traffic{make([]int64, g.Links()), make([]int64, g.Nodes())}
		}
		s.from(times, a.zones[i].gates, a.zones[i].starts)
		for j := range a.zones {
			loads[w].end(a.zones[j].works, float64(out*a.trips[i][j]))
			loads[w].end(a.zones[j].homes, float64(back*a.trips[j][i]))
		}
		loads[w].collect(s)
	})
	if err != nil {
		return nil, err
	}
	sum := make([]int64, g.Links())
	for _, x := range loads {
		for l, v := range x.link {
			sum[l] += v
		}
	}
	return sum, nil
}

// end spreads trips over the nodes where they end.
func (x *traffic) end(nodes []int32, trips float64) {
	for _, n := range nodes {
		x.node[n] += int64(math.Round(trips * tripUnits / float64(len(nodes))))
	}
}

// collect carries what ends at the nodes of a tree back to its origins, the
// farthest node first, and counts it on the links that it passes.
func (x *traffic) collect(s *Search) {
	for k := len(s.settled) - 1; k >= 0; k-- {
		n := s.settled[k]
		v := x.node[n]
		x.node[n] = 0
		if l := s.via[n]; v > 0 && l != noLink {
			x.link[l] += v
			from, _ := s.g.Ends(l)
			x.node[from] += v
		}
	}
}

// set fills an hour from volumes in 1/tripUnits.
func (x *Congestion) set(hour int, volume []int64) {
	if x.volume[hour] == nil {
		x.volume[hour], x.speed[hour] = make([]int32, len(volume)), make([]uint8, len(volume))
	}
	for l, v := range volume {
		x.volume[hour][l] = int32((v + tripUnits/2) / tripUnits)
		x.speed[hour][l] = uint8(math.Round(255 * bpr(float64(x.volume[hour][l])/x.g.Capacity(Link(l)))))
	}
}

// bpr is the share of the free speed that is left at a ratio of volume and
// capacity (Bureau of Public Roads 1964).
func bpr(load float64) float64 {
	square := float64(load * load)
	return max(1/(1+float64(0.15*float64(square*square))), slowest)
}

// Capacity is the vehicles an hour that the link carries.
func (g *Graph) Capacity(l Link) float64 {
	const least = 200.0 // ways that are open to cars against their class
	return max(classFacts[g.Class(l)].capacity, least) * float64(g.Lanes(l))
}

// delay is the time that all cars lose in an hour, as a part of what they would
// take at free speed.
func (x *Congestion) delay(hour int) float64 {
	free, lost := 0.0, 0.0
	for l, v := range x.volume[hour] {
		if v > 0 {
			t := float64(float64(v) * float64(x.g.Times(Car)[l]))
			free += t
			lost += float64(t * (255/float64(x.speed[hour][l]) - 1))
		}
	}
	return lost / max(free, 1)
}

// Volume is the cars on the link in a local hour, 0 … 23.
func (x *Congestion) Volume(l Link, hour int) int { return int(x.volume[hour][l]) }

// Share is the speed on the link in a local hour as a share of the free speed.
func (x *Congestion) Share(l Link, hour int) float64 { return float64(x.speed[hour][l]) / 255 }

// Speed is the speed on the link in a local hour, in m/s.
func (x *Congestion) Speed(l Link, hour int) float64 { return x.Share(l, hour) * x.g.FreeSpeed(l) }

// Times fills dst with the seconds that each link takes a car in a local hour,
// for Search.Tree; dst grows as needed.
func (x *Congestion) Times(dst []float32, hour int) []float32 {
	free := x.g.Times(Car)
	dst = append(dst[:0], free...)
	for l, s := range x.speed[hour] {
		dst[l] = float32(float64(free[l]) * 255 / float64(s))
	}
	return dst
}

// SlowArterials is the share of link-hours of arterial roads, from one hour up
// to before another, whose speed is below a share of the free speed; 0 where
// the city has none.
func (x *Congestion) SlowArterials(below float64, from, to int) float64 {
	slow, all := 0, 0
	for hour := from; hour < to; hour++ {
		for l := range Link(x.g.Links()) {
			if x.g.Class(l).Arterial() && x.g.Open(l, Car) {
				all++
				if x.Share(l, hour) < below {
					slow++
				}
			}
		}
	}
	return float64(slow) / float64(max(all, 1))
}
