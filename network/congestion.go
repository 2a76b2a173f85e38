package network

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
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

	// gapAtMost is the relative gap at which routes count as settled: the part of
	// their time that cars would save on the fastest routes. Planning practice
	// wants 10⁻⁴; the demand is known far worse than to this.
	gapAtMost = 0.05
	// roundsAtMost are the rounds of an hour; it begins with the routes of the one before.
	roundsAtMost = 8
	// tripUnits are the fractions that vehicles are counted in, so that sums are
	// the same in any order.
	tripUnits = 1_000_000
	// slowest is the least share of the free speed: queues creep, they do not stop.
	slowest = 0.05
	// easy is the part of their free travel time that all cars together may lose
	// in an hour before some of them look for other routes.
	easy = 0.05
)

// Congestion is how fast cars are on each link in each local hour of a working day.
type Congestion struct {
	g      *Graph
	volume [24][]int32 // vehicles an hour, by link
	speed  [24][]uint8 // share of the free speed, in 1/255
}

// Congest loads the graph with the trips by car of a working day and slows its
// links down accordingly. Demand is a gravity model between zones, expanded to
// the inhabitants; each hour is assigned to routes near the user equilibrium
// (Frank and Wolfe's algorithm, LeBlanc et al. 1975, to a relative gap of 5 % or
// eight rounds). The speed is v0 / (1 + (V/C)⁴): the form of the Bureau of Public
// Roads 1964 with the factor for C the most that a link carries, at which it
// takes twice the free time (Spiess 1990; Horowitz 1991, Delay-Volume Relations
// for Travel Forecasting, ch. 4; the 0.15 of 1964 goes with level of service C).
// The same City and options give the same Congestion, whatever the workers.
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
	a := newAssignment(c, zones, opt.Workers)
	trips := float64(c.Report.Counts["inhabitants"]) * opt.CarTrips * goods / 2 // half of them lead out, half back
	var err error
	if a.trips, err = a.gravity(ctx, trips); err != nil {
		return nil, err
	}
	return a.run(ctx)
}

// assignment puts trips between zones on links.
type assignment struct {
	city    *City
	zones   []zone
	net     *carNet     // with the zones' junctions for terminals
	trips   [][]float64 // out of the dwellings of one zone to the jobs of another
	workers int
}

func newAssignment(c *City, zones []zone, workers int) *assignment {
	terminals := make([]bool, c.graph.Nodes())
	for i := range zones {
		for _, n := range zones[i].gates {
			terminals[n] = true
		}
	}
	return &assignment{city: c, zones: zones, net: newCarNet(c.graph, terminals), workers: workers}
}

// loads are what the links carry in a day, in vehicles: of all trips out of
// the dwellings and of all trips back, on the routes of some hour.
type loads struct{ out, back []float64 }

// at fills dst with the vehicles of an hour, for its shares of trips out and back.
func (x *loads) at(dst []float64, fo, fb float64) {
	for l := range dst {
		dst[l] = float64(fo*x.out[l]) + float64(fb*x.back[l])
	}
}

// toward moves the share f of the cars to other routes.
func (x *loads) toward(y *loads, f float64) {
	for l := range x.out {
		x.out[l] += float64(f * (y.out[l] - x.out[l]))
		x.back[l] += float64(f * (y.back[l] - x.back[l]))
	}
}

func (a *assignment) run(ctx context.Context) (*Congestion, error) {
	g := a.city.graph
	x := &Congestion{g: g}
	free, err := a.allOrNothing(ctx, g.Times(Car))
	if err != nil {
		return nil, err
	}
	routes := &loads{slices.Clone(free.out), slices.Clone(free.back)}
	volume, other := make([]float64, g.Links()), make([]float64, g.Links())
	times := make([]float32, g.Links())
	for hour := range 24 {
		fo, fb := hourShares(hour)
		free.at(volume, fo, fb)
		if x.set(hour, volume); x.delay(hour) <= easy {
			continue
		}
		for range roundsAtMost {
			routes.at(volume, fo, fb)
			next, err := a.allOrNothing(ctx, g.loaded(times, volume))
			if err != nil {
				return nil, err
			}
			next.at(other, fo, fb)
			if relativeGap(times, volume, other) <= gapAtMost {
				break
			}
			routes.toward(next, g.bestStep(volume, other))
		}
		routes.at(volume, fo, fb)
		x.set(hour, volume)
	}
	return x, nil
}

// relativeGap is the part of their time that cars save on the other routes, at
// the times of the present ones.
func relativeGap(times []float32, present, other []float64) float64 {
	spent, saved := 0.0, 0.0
	for l, v := range present {
		if v > 0 || other[l] > 0 {
			t := float64(times[l])
			spent += float64(v * t)
			saved += float64((v - other[l]) * t)
		}
	}
	return saved / max(spent, 1)
}

// bestStep is the share of cars, 0 … 1, that best moves from the present to the
// other routes: where those would no longer save time, by bisection.
func (g *Graph) bestStep(present, other []float64) float64 {
	lo, hi := 0.0, 1.0
	for range 8 {
		mid, saved := (lo+hi)/2, 0.0
		for l, v := range present {
			if d := other[l] - v; d != 0 {
				saved -= float64(d * g.loadedTime(Link(l), v+float64(mid*d)))
			}
		}
		if saved > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// loadedTime is the seconds that the link takes at a volume of vehicles an hour.
func (g *Graph) loadedTime(l Link, volume float64) float64 {
	return float64(g.times[Car][l]) / bpr(volume/g.Capacity(l))
}

// loaded fills dst with the seconds that each link takes at volumes.
func (g *Graph) loaded(dst []float32, volume []float64) []float32 {
	copy(dst, g.times[Car])
	for l, v := range volume {
		if v > 0 {
			dst[l] = float32(g.loadedTime(Link(l), v))
		}
	}
	return dst
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

// allOrNothing puts all trips of a day on the fastest routes.
func (a *assignment) allOrNothing(ctx context.Context, times []float32) (*loads, error) {
	x := a.net
	x.setTimes(times)
	parts := make([]*traffic, max(a.workers, 1))
	err := a.forZones(ctx, func(w int, s *carTree, i int) {
		if parts[w] == nil {
			parts[w] = newTraffic(x)
		}
		s.from(a.zones[i].gates, a.zones[i].starts)
		for j := range a.zones {
			parts[w].end(a.zones[j].works, outward, a.trips[i][j])
			parts[w].end(a.zones[j].homes, homeward, a.trips[j][i])
		}
		parts[w].collect(s)
	})
	if err != nil {
		return nil, err
	}
	units := x.levels.arcVolumes(parts, len(x.ends))
	sum := func(dir direction) []float64 {
		out := make([]float64, a.city.graph.Links())
		for k := range units {
			for _, l := range x.links[x.start[k]:x.start[k+1]] {
				out[l] += float64(units[k][dir]) / tripUnits // a link is in one arc of its direction
			}
		}
		return out
	}
	return &loads{sum(outward), sum(homeward)}, nil
}

// set fills an hour from volumes of vehicles.
func (x *Congestion) set(hour int, volume []float64) {
	if x.volume[hour] == nil {
		x.volume[hour], x.speed[hour] = make([]int32, len(volume)), make([]uint8, len(volume))
	}
	for l, v := range volume {
		v = math.Round(v)
		x.volume[hour][l] = int32(v)
		x.speed[hour][l] = uint8(math.Round(255 * bpr(v/x.g.Capacity(Link(l)))))
	}
}

// bpr is the share of the free speed that is left at a ratio of volume and
// capacity.
func bpr(load float64) float64 {
	square := float64(load * load)
	return max(1/(1+float64(square*square)), slowest)
}

// Capacity is the most vehicles an hour that the link carries.
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
