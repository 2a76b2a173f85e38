package gen

import (
	"context"
	"fmt"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
)

// congested makes the roads of the city ready and loads them with a day's trips
// by car of its inhabitants; nil where its map has no roads that hang together.
// What an earlier run of the same data set saved is read, or else saved: other
// shards and resumed runs need not assign the traffic again. All else that is
// prepared takes about as long to read as to make, and is made.
func (g *generator) congested() (*roads, error) {
	r, err := lightRoads(g.ctx, g.city.Graph(), g.cfg.Workers)
	if err != nil || r == nil {
		return nil, err
	}
	if !dataset.OneState(g.cfg.Code) {
		return r, r.assign(g)
	}
	if b := g.out.Prepared(); b != nil && r.restore(g.ctx, b, g.cfg.Workers) == nil {
		g.cfg.Say("traffic of %d links, as an earlier run worked it out", r.graph.Links())
		return r, nil
	}
	if err := r.assign(g); err != nil {
		return nil, err
	}
	return r, g.out.SavePrepared(r.appendBinary(nil))
}

func (r *roads) assign(g *generator) error {
	g.cfg.Say("traffic: assigning the cars of %d inhabitants to %d links", g.drivers, r.graph.Links())
	return r.congest(g.ctx, g.city, g.cfg, g.drivers)
}

// appendBinary appends the traffic of both days.
func (r *roads) appendBinary(b []byte) []byte {
	for _, t := range r.car {
		b = t.AppendBinary(b, r.free)
	}
	return b
}

// restore loads the roads with what appendBinary wrote; after an error they are
// those of light traffic still.
func (r *roads) restore(ctx context.Context, b []byte, workers int) (err error) {
	var car [trafficDays]*network.Traffic
	for day := range car {
		if car[day], b, err = network.LoadTraffic(ctx, b, r.free, workers); err != nil {
			return err
		}
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes after the traffic", len(b))
	}
	r.car = car
	return r.label(ctx, workers, labelBytes)
}
