package gen

import (
	"cmp"
	"context"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// trafficPersons is the most persons whose days load the roads. The sample is
// the same for any number of generated persons, and expanded to the inhabitants.
const trafficPersons = 100_000

// roads is what trips on foot, by bicycle and by car run on: prepared once, then
// shared and never changed.
type roads struct {
	graph            *network.Graph
	walk, bike, free *network.Hierarchy // free: cars in light traffic
	car              [trafficDays]*network.Traffic
}

// trafficDay is a day whose traffic is told apart.
type trafficDay uint8

const (
	workingDay trafficDay = iota
	freeDay               // weekend or holiday
	trafficDays
)

// String is the day's name in truth/link_speeds.
func (d trafficDay) String() string { return [...]string{dataset.DayWorking, dataset.DayFree}[d] }

func (d day) traffic() trafficDay {
	if d.kind == sigcity.Weekday {
		return workingDay
	}
	return freeDay
}

// congest loads the roads with the cars of a sample of the inhabitants.
func (r *roads) congest(ctx context.Context, city *network.City, cfg *Config, inhabitants int) error {
	n := min(inhabitants, trafficPersons)
	// Guests are among the other vehicles.
	pop, err := population.Build(ctx, city, cfg.Population.WithoutGuests(), n, inhabitants, cfg.Seed, cfg.Workers)
	if err != nil {
		return err
	}
	return r.load(ctx, pop, cfg, float64(inhabitants)/float64(n))
}

// lightRoads are roads in light traffic.
func lightRoads(ctx context.Context, g *network.Graph, workers int) (*roads, error) {
	if g.Edges() == 0 {
		return nil, nil
	}
	r := &roads{graph: g}
	modes := []struct {
		mode network.Mode
		to   **network.Hierarchy
	}{{network.Walk, &r.walk}, {network.Bike, &r.bike}, {network.Car, &r.free}}
	err := parallel.For(ctx, workers, len(modes), 1, func(_, i, _ int) error {
		*modes[i].to = network.NewHierarchy(g, g.Times(modes[i].mode), nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	light, err := network.Assign(ctx, r.free, nil, 1, workers)
	if err != nil {
		return nil, err
	}
	r.car = [trafficDays]*network.Traffic{light, light}
	return r, r.label(ctx, workers, labelBytes)
}

// labelBytes is the most memory of hub labels: enough for a city of ten
// thousand junctions in all hours, or for one of a hundred thousand on foot, by
// bicycle and in light traffic.
const labelBytes = 192 << 20

// label makes the ways faster to find, as far as so many bytes go: on foot, by
// bicycle and in light traffic first, then those of the hours with most cars. It
// depends on the roads alone which ways get labels.
func (r *roads) label(ctx context.Context, workers, atMost int) error {
	ways := r.busiest([]*network.Hierarchy{r.walk, r.bike, r.free})
	for chunk := range slices.Chunk(ways, max(workers, 1)) {
		// Each may take all that is left. Those from the first on that does not fit get none.
		most := atMost
		err := parallel.For(ctx, workers, len(chunk), 1, func(_, i, _ int) error {
			chunk[i].Label(most)
			return nil
		})
		if err != nil {
			return err
		}
		for _, x := range chunk {
			if bytes := x.LabelBytes(); bytes > 0 && bytes <= atMost {
				atMost -= bytes
			} else {
				x.Label(0)
				atMost = 0
			}
		}
	}
	return nil
}

// busiest appends the ways of cars that are not among others, those of the hours
// with most cars first.
func (r *roads) busiest(others []*network.Hierarchy) []*network.Hierarchy {
	type hour struct {
		ways *network.Hierarchy
		cars int
	}
	var hours []hour
	for h := range 24 {
		for _, t := range r.car {
			x := hour{ways: t.Ways(h)}
			if slices.Contains(others, x.ways) {
				continue
			}
			for l := range network.Link(r.graph.Links()) {
				x.cars += t.Volume(l, h)
			}
			hours = append(hours, x)
		}
	}
	slices.SortStableFunc(hours, func(a, b hour) int { return cmp.Compare(b.cars, a.cars) })
	for _, x := range hours {
		if !slices.Contains(others, x.ways) {
			others = append(others, x.ways)
		}
	}
	return others
}

// load puts the trips of those who drive on the roads, each for weight cars and
// the other vehicles that go with them.
// They plan with the times of light traffic and walk as the crow flies: what
// matters here is who drives where in which hour.
func (r *roads) load(ctx context.Context, pop *population.Population, cfg *Config, weight float64) error {
	light := &roads{graph: r.graph, car: r.car}
	for kind := range trafficDays {
		trips, err := light.carTrips(ctx, pop, cfg, kind)
		if err != nil {
			return err
		}
		if r.car[kind], err = network.Assign(ctx, r.free, trips, weight*(1+cfg.Life.OtherVehicles), cfg.Workers); err != nil {
			return err
		}
	}
	return r.label(ctx, cfg.Workers, labelBytes)
}

// carTrips are the trips of everybody who drives on a day of the kind.
func (r *roads) carTrips(ctx context.Context, pop *population.Population, cfg *Config, kind trafficDay) ([]network.CarTrip, error) {
	const chunk = 64
	out := make([][]network.CarTrip, (len(pop.Households)+chunk-1)/chunk)
	d := typicalDay(kind)
	type scratch struct {
		planner *planner
		here    []whereabouts
		memory  []known
		segs    [][]Segment
	}
	workers := make([]scratch, max(cfg.Workers, 1))
	err := parallel.For(ctx, len(workers), len(pop.Households), chunk, func(w, lo, hi int) error {
		s := &workers[w]
		if s.planner == nil {
			s.planner = newPlanner(pop, &cfg.Life, r)
		}
		for h := lo; h < hi; h++ {
			first, limit := pop.Members(uint32(h))
			size := int(limit - first)
			s.here, s.memory = s.here[:0], s.memory[:0]
			for range size {
				s.here, s.memory = append(s.here, atHome(pop.Households[h].Pos)), append(s.memory, known{})
			}
			for len(s.segs) < size {
				s.segs = append(s.segs, nil)
			}
			s.planner.ways.reset()
			s.planner.rider.reset()
			s.planner.plan(uint32(h), d, s.here, s.memory, nil, s.segs[:size])
			for i, segs := range s.segs[:size] {
				if !pop.Persons[int(first)+i].Car {
					continue // a passenger
				}
				for k := range segs {
					if p := segs[k].Path; p != nil && segs[k].Mode == Car {
						out[lo/chunk] = append(out[lo/chunk], network.CarTrip{From: p.from, To: p.to, Hour: p.Hour})
					}
				}
			}
		}
		return nil
	})
	var all []network.CarTrip
	for _, trips := range out {
		all = append(all, trips...)
	}
	return all, err
}

// cutOff counts the households that no road is near enough to walk to: all their
// trips are straight lines.
func (r *roads) cutOff(pop *population.Population) int64 {
	if r == nil {
		return int64(pop.Homes)
	}
	n := int64(0)
	for i := range pop.Homes {
		if spot, ok := r.graph.Snap(network.Walk, pop.Households[i].Pos); !ok || spot.Dist > offRoadM {
			n++
		}
	}
	return n
}

// write writes the road graph and the speeds on it.
func (r *roads) write(out *dataset.Writer, city *network.City) error {
	var speeds []dataset.LinkSpeed
	if r != nil {
		for day := range trafficDays {
			speeds = r.car[day].AppendRows(speeds, day.String())
		}
	}
	if err := dataset.WriteTable(out, dataset.TableLinks, dataset.Whole, city.Links()); err != nil {
		return err
	}
	return dataset.WriteTable(out, dataset.TableLinkSpeeds, dataset.Whole, speeds)
}
