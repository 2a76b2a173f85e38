package synthcity

import (
	"math"
	"strconv"

	"github.com/paulmach/osm"
)

// How a City reads dwellings and jobs off a building; the same assumptions as
// package network makes, so that what is built holds whom it is built for.
const (
	householdSize = 2.62
	floorPerHome  = 130.0 // gross m² per dwelling in blocks of flats
	floorPerUnit  = 190.0 // … in houses
	workerShare   = 0.53  // of inhabitants
	buildingJobs  = 0.80  // of all jobs, in offices, works and stores; the rest in places of their own
)

// floorPerJob is the floor of one worker by kind of building, m².
func (m *maker) floorPerJob(x *building) float64 {
	switch m.ways[x.way].tags.Find("building") {
	case "industrial", "warehouse":
		return 80
	}
	return 35
}

func (x *building) settled(scale float64) float64 {
	if x.kind == house || x.kind == fixed {
		return math.Round(x.base)
	}
	return math.Max(1, math.Min(math.Max(math.Round(x.base*scale), x.lo), x.hi))
}

func (m *maker) dwellings(x *building, levels float64) float64 {
	switch floor := x.m2 * levels; {
	case x.kind == flat, m.ways[x.way].tags.Find("building") == "dormitory":
		return math.Max(1, math.Round(floor/floorPerHome))
	case x.kind == house:
		return math.Min(math.Max(math.Round(floor/floorPerUnit), 1), 6)
	}
	return 0
}

// levels settles the storeys of every town: the scale of its flats is the one
// at which its dwellings hold its inhabitants, that of its work places the one
// at which they have the jobs, each found by halving.
func (m *maker) levels() {
	for _, t := range m.towns {
		built := m.built[t.first:t.end]
		homes := halve(t.people/householdSize, func(scale float64) (sum float64) {
			for i := range built {
				sum += m.dwellings(&built[i], built[i].settled(scale))
			}
			return sum
		})
		jobs := halve(t.people*workerShare*buildingJobs, func(scale float64) (sum float64) {
			for i := range built {
				if x := &built[i]; x.kind == work {
					sum += x.m2 * x.settled(scale) / m.floorPerJob(x)
				}
			}
			return sum
		})
		for i := range built {
			if built[i].kind == work {
				built[i].levels = built[i].settled(jobs)
			} else {
				built[i].levels = built[i].settled(homes)
			}
		}
	}
	for i := range m.built {
		x := &m.built[i]
		if i >= int(m.rural) {
			x.levels = x.settled(1)
		}
		w := &m.ways[x.way]
		w.tags = append(w.tags, osm.Tag{Key: "building:levels", Value: strconv.Itoa(int(x.levels))})
	}
}

// halve finds the scale at which a growing sum reaches what is wanted.
func halve(want float64, sum func(scale float64) float64) float64 {
	lo, hi := 0.02, 50.0
	for range 24 {
		mid := math.Sqrt(lo * hi)
		if sum(mid) < want {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Sqrt(lo * hi)
}
