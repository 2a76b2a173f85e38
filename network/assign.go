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
// slows the links down as Congest does: each hour all-or-nothing to the fastest
// ways, up to three rounds averaged (method of successive averages, Sheffi 1985
// ch. 5), with the volume-delay function of the Bureau of Public Roads (1964).
// free are the ways of light traffic. A trip between spots that no way joins
// counts nowhere. The workers do not show in the result.
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
	unit := int64(math.Round(weight * tripUnits))
	routers := make([]*Router, max(workers, 1))
	err := parallel.For(ctx, len(routers), len(byHour), 1, func(w, hour, _ int) error {
		if routers[w] == nil {
			routers[w] = NewRouter(g)
		}
		return t.fill(ctx, routers[w], free, hour, byHour[hour], unit)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// fill assigns the trips of an hour, each for unit / tripUnits vehicles.
func (t *Traffic) fill(ctx context.Context, r *Router, free *Hierarchy, hour int, trips []CarTrip, unit int64) error {
	t.ways[hour] = free
	volume, next := make([]int64, t.g.Links()), make([]int64, t.g.Links())
	var times []float32
	var way Route
	for round := int64(1); round <= assignmentRounds; round++ {
		clear(next)
		for i := range trips {
			if i%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if r.Route(&way, t.ways[hour], trips[i].From, trips[i].To) {
				for _, l := range way.Links {
					next[l] += unit
				}
			}
		}
		for l := range volume {
			volume[l] = (volume[l]*(round-1) + next[l]) / round
		}
		t.set(hour, volume)
		if t.delay(hour) <= easyWays {
			return nil
		}
		times = t.Times(times, hour)
		t.ways[hour] = NewHierarchy(t.g, times, free)
		if t.delay(hour) <= easy {
			return nil
		}
	}
	return nil
}
