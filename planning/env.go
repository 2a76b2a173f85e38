package planning

import (
	"cmp"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// shared is what all folds of an environment use: built once, then read by
// every goroutine. Views have finders with memory of their own.
type shared struct {
	once  sync.Once
	areas *geo.Areas
	zones []atomic.Pointer[[]zoneShare] // per area, filled when asked for
	views sync.Pool
	towns func() (*towns, error) // of the map
	core  func() *core           // of the map, on the zoning
	fine  func() *Env            // the same, on the zoning of surfaces
	roads roadShared
	hubs  sharedHubs
	lines func() *recognition.LineCells // of the map
	stops func() *stations              // of the map

	moments func() []hourMoment
	streets func() *Env    // on the streets of the map
	places  func() [][]int // by area
}

func (e *Env) init() {
	e.shared.once.Do(func() {
		e.shared.areas = geo.NewAreas(e.Areas, e.Proj)
		e.shared.zones = make([]atomic.Pointer[[]zoneShare], len(e.Areas))
		e.shared.lines = sync.OnceValue(func() *recognition.LineCells {
			return recognition.NewLineCells(cmp.Or(e.Map, &dataset.Map{}), e.Areas, e.shared.areas, e.Kinds)
		})
		e.shared.stops = sync.OnceValue(func() *stations { return newStations(e) })
		e.shared.moments = sync.OnceValue(func() []hourMoment { return hourMoments(e.Calendar) })
		e.shared.streets = sync.OnceValue(func() *Env { return newOnStreets(e) })
		e.shared.places = sync.OnceValue(func() [][]int { return placesByArea(e) })
		e.shared.views.New = func() any { return newView(e) }
		e.shared.towns = sync.OnceValues(func() (*towns, error) { return newTowns(e) })
		e.shared.core = sync.OnceValue(func() *core { return newCore(e) })
		e.shared.fine = sync.OnceValue(func() *Env { return e.on(geo.Grid{Proj: e.Proj, Size: surfaceZoneM}) })
	})
}

// on is the same environment on another zoning.
func (e *Env) on(z geo.Zoning) *Env {
	return &Env{Meta: e.Meta, Areas: e.Areas, Calendar: e.Calendar, Map: e.Map, Taps: e.Taps, Proj: e.Proj, Zoning: z, Population: e.Population, Links: e.Links, Kinds: e.Kinds}
}

// areas is the environment's areas on the plane.
func (e *Env) areas() *geo.Areas {
	e.init()
	return e.shared.areas
}

// lines are the lines of the map over the areas.
func (e *Env) lines() *recognition.LineCells {
	e.init()
	return e.shared.lines()
}

// stations are the map's stops.
func (e *Env) stations() *stations {
	e.init()
	return e.shared.stops()
}

// window is the span of the calendar's days.
func (e *Env) window() sigcity.Period {
	return sigcity.Period{From: e.Calendar.Start(0), To: e.Calendar.Start(e.Calendar.Days())}
}

// area checks an area id that came from a table or a saved state.
func (e *Env) area(v float64) (sigcity.AreaID, error) {
	if !(v >= 0 && v < float64(len(e.Areas))) || v != math.Trunc(v) {
		return 0, fmt.Errorf("area %g, want a whole number below %d", v, len(e.Areas))
	}
	return sigcity.AreaID(v), nil
}

// factor is P10, the weight that expands found to the population.
func (e *Env) factor(found float64) float64 {
	if e.Population <= 0 || found <= 0 {
		return 1
	}
	return e.Population / found
}

// located is a position that truth gives, with how far off still counts as hit.
func (e *Env) located(lon, lat float64) Place {
	p := Place{Lon: lon, Lat: lat, ReachM: minReachM}
	if len(e.Areas) > 0 {
		id, _ := e.areas().Nearest(e.Proj.XY(p.point()))
		p.ReachM = max(minReachM, e.Areas[id].Spacing)
	}
	return p
}

// center is an area's centre as a place.
func (e *Env) center(id sigcity.AreaID) Place {
	a := e.Areas[id]
	return Place{Lon: a.Center[0], Lat: a.Center[1], ReachM: max(minReachM, a.Spacing)}
}

// people is the size of the population an answer speaks of: what it is
// expanded to or, without expansion, the phones.
func (e *Env) people() float64 {
	if e.Population > 0 {
		return e.Population
	}
	return float64(e.Meta.Users)
}
