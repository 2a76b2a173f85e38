package network

import (
	"context"
	"fmt"
	"math"

	"github.com/sigcity/sigcity/internal/parallel"
)

// CarTrip is a trip by car that begins in a local hour, 0 … 23.
type CarTrip struct {
	From, To Spot
	Hour     int
}

// Traffic is what cars meet on the links in each local hour of a day, and the
// fastest ways through it.
type Traffic struct {
	*Congestion
	ways [24]*Hierarchy
}

// Ways are the fastest ways by car of those who start in a local hour.
func (t *Traffic) Ways(hour int) *Hierarchy { return t.ways[hour] }

// easyWays is the part of their free travel time that all cars together may
// lose in an hour in which drivers take the ways of light traffic.
const easyWays = 0.01

// Assign puts the trips of a day on the graph, each for weight vehicles, and
// slows the links down as Congest does: each hour on ways near the user
// equilibrium, with the same volume-delay function. free are the ways of light
// traffic. A trip between spots that no way joins counts nowhere. The workers do
// not show in the result.
func Assign(ctx context.Context, free *Hierarchy, trips []CarTrip, weight float64, workers int) (*Traffic, error) {
	if !(weight > 0) || math.IsInf(weight, 1) {
		return nil, fmt.Errorf("weight = %g vehicles a trip, must be a positive number", weight)
	}
	var byHour [24][]CarTrip
	for i, x := range trips {
		if x.Hour < 0 || x.Hour >= len(byHour) {
			return nil, fmt.Errorf("trip %d: hour = %d, must be from 0 to 23", i, x.Hour)
		}
		byHour[x.Hour] = append(byHour[x.Hour], x)
	}
	g := free.g
	t := &Traffic{Congestion: &Congestion{g: g}}
	routers := make([]*Router, max(workers, 1))
	err := parallel.For(ctx, len(routers), len(byHour), 1, func(w, hour, _ int) error {
		if routers[w] == nil {
			routers[w] = NewRouter(g)
		}
		return t.fill(ctx, routers[w], free, hour, byHour[hour], weight)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// fill assigns the trips of an hour.
func (t *Traffic) fill(ctx context.Context, r *Router, free *Hierarchy, hour int, trips []CarTrip, weight float64) error {
	volume, other := make([]float64, t.g.Links()), make([]float64, t.g.Links())
	// Loads do not depend on whether there was room for labels.
	if err := r.allOrNothing(ctx, volume, free.searched(), trips, weight); err != nil {
		return err
	}
	t.ways[hour] = free
	t.set(hour, volume)
	if t.delay(hour) <= easyWays {
		return nil
	}
	times := make([]float32, t.g.Links())
	if t.delay(hour) > easy {
		for range roundsAtMost {
			times = t.g.loaded(times, volume)
			if err := r.allOrNothing(ctx, other, NewHierarchy(t.g, times, free), trips, weight); err != nil {
				return err
			}
			if relativeGap(times, volume, other) <= gapAtMost {
				break
			}
			step := t.g.bestStep(volume, other)
			for l := range volume {
				volume[l] += float64(step * (other[l] - volume[l]))
			}
		}
		t.set(hour, volume)
	}
	t.ways[hour] = NewHierarchy(t.g, t.Times(times, hour), free)
	return nil
}

// allOrNothing fills volume with the vehicles on each link when all trips take
// the fastest ways.
func (r *Router) allOrNothing(ctx context.Context, volume []float64, ways *Hierarchy, trips []CarTrip, weight float64) error {
	clear(volume)
	var way Route
	for i := range trips {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if r.Route(&way, ways, trips[i].From, trips[i].To) {
			for _, l := range way.Links {
				volume[l]++
			}
		}
	}
	for l := range volume {
		volume[l] *= weight
	}
	return nil
}
