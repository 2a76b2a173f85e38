package planning

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "urban-structure", ID: "U04",
		Doc:      "centres of the city, and their levels, on the density of people by day, by night and on weekends",
		Citation: "Niu, Ding & Song 2014; kernel density after Silverman 1986; levels by Jenks 1977",
		Params: []plugin.Param{
			{Name: "bandwidth_m", Type: plugin.Float, Default: 800.0, Min: 100, Max: 20000, Doc: "of the kernel density"},
			{Name: "sigmas", Type: plugin.Float, Default: 2.0, Min: 0, Max: 10, Doc: "a centre rises so many standard deviations above the mean density of built-up land"},
			{Name: "levels", Type: plugin.Int, Default: 3, Min: 1, Max: 10, Doc: "levels of centres, fewer where there are fewer"},
		},
		Complexity: "O(n + hours) in records, O(zones) in the map's size",
		New: func(v plugin.Values) (Task, error) {
			p := presenceRule{3600, 12 * 3600} // as U12
			return structureTask{p, v.Float("bandwidth_m"), v.Float("sigmas"), v.Int("levels")}, nil
		},
	})
}

// surfaceZoneM is the side of the squares that areas are laid on before densities
// are drawn: half of the default bandwidth, which smooths them away.
const surfaceZoneM = 400

// The times of U04. By day: weekdays from 9 to 17; by night: weekdays from 0 to 6;
// weekend days and holidays from 9 to 21 (assumed).
const (
	byDay = iota
	byNight
	atWeekend
	structureTimes
)

// Structure is the answer of U04.
type Structure struct {
	Zoning string          `json:"zoning"`
	Times  []StructureTime `json:"times"` // weekday by day, weekday by night, weekend
}

// StructureTime is the structure at one of the times.
type StructureTime struct {
	Name    string   `json:"name"`
	Centres []Centre `json:"centres"` // densest first
	// Density is that at the middle of each zone with any, in Persons per km².
	Density []ZoneCount `json:"density"`
}

// Centre is a local maximum of the density.
type Centre struct {
	Lon     float64 `json:"lon"`
	Lat     float64 `json:"lat"`
	Density float64 `json:"density"` // persons per km²
	Level   int     `json:"level"`   // 1 = the highest
}

func newStructure(e *Env) *Structure {
	return &Structure{Zoning: e.Zoning.Name(), Times: []StructureTime{byDay: {Name: "weekday-day"}, byNight: {Name: "weekday-night"}, atWeekend: {Name: "weekend"}}}
}

// structureTask draws the density of people and finds its peaks.
type structureTask struct {
	presence          presenceRule
	bandwidth, sigmas float64
	levels            int
}

func (structureTask) Needs() Need { return Need{Horizon: Snapshot, Aggregates: true} }

// structureMoments are the middles of hours that the times hold, with the time as slot.
func (e *Env) structureMoments() []hourMoment {
	var out []hourMoment
	for _, m := range e.moments() {
		switch h := m.slot % (slots / 2); {
		case m.slot < slots/2 && h >= 9 && h < 17:
			m.slot = byDay
		case m.slot < slots/2 && h < 6:
			m.slot = byNight
		case m.slot >= slots/2 && h >= 9 && h < 21:
			m.slot = atWeekend
		default:
			continue
		}
		out = append(out, m)
	}
	return out
}

func (s structureTask) Fold(env *Env) Fold {
	moments := env.structureMoments()
	return newTallyFold(env, "urban-structure/1", func(t tally[slotArea], v *View) {
		for _, x := range s.presence.place(nil, v.Records, during(moments, v.Period.From, v.Period.To)) {
			t[slotArea{x.slot, x.area}] += x.weight
		}
	}, func(sums []tallied[slotArea]) (Answer, error) {
		var counts [structureTimes][]areaCount
		for _, k := range sums {
			if k.key.Slot < structureTimes {
				counts[k.key.Slot] = append(counts[k.key.Slot], areaCount{k.key.Area, float64(k.count) / whole})
			}
		}
		return s.ofAreas(env, counts, (*Env).spread)
	})
}

// fine is the environment on the zoning that areas are laid on for densities.
func (e *Env) fine() *Env {
	e.init()
	return e.shared.fine()
}

// ofAreas lays the counts on small squares, and expands them by one factor such
// that the mean number of people present is the population.
func (s structureTask) ofAreas(e *Env, counts [structureTimes][]areaCount, spread func(*Env, []areaCount) map[geo.ZoneID]float64) (Answer, error) {
	moments := e.structureMoments()
	sum := 0.0
	for _, c := range counts {
		sum += max(0, sumCounts(c))
	}
	factor := e.factor(sum / float64(max(1, len(moments))))
	fine := e.fine()
	var points [structureTimes][]weightedPoint
	for k, c := range counts {
		m := spread(fine, c)
		for _, z := range geo.SortedZones(m) {
			points[k] = append(points[k], weightedPoint{e.Proj.XY(fine.Zoning.Center(z)), m[z]})
		}
	}
	return s.answer(e, points, factor)
}

// FromTables takes the population table's hours as they are.
func (s structureTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	rows, err := population(tables, env)
	if err != nil {
		return nil, err
	}
	hours := map[uint32]uint32{} // start of the hour → time
	for _, m := range env.structureMoments() {
		hours[m.time-1800] = m.slot
	}
	var sums [structureTimes]map[sigcity.AreaID]float64
	for k := range sums {
		sums[k] = map[sigcity.AreaID]float64{}
	}
	for _, r := range rows {
		if k, ok := hours[r.hour]; ok {
			sums[k][r.area] += r.count
		}
	}
	var counts [structureTimes][]areaCount
	for k, m := range sums {
		counts[k] = sortedAreas(m)
	}
	return s.ofAreas(env, counts, (*Env).spreadNoisy)
}

// weightedPoint is a number of people at a place, summed over moments.
type weightedPoint struct {
	at     geo.XY
	people float64
}

// FromTruth takes everybody where they are.
func (s structureTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	var sums [structureTimes]map[orb.Point]float64
	for k := range sums {
		sums[k] = map[orb.Point]float64{}
	}
	err := whereabouts(ctx, truth, env.structureMoments(), func(p trulyPresent) { sums[p.slot][p.at]++ })
	if err != nil {
		return nil, err
	}
	var points [structureTimes][]weightedPoint
	for k, m := range sums {
		for p, n := range m {
			points[k] = append(points[k], weightedPoint{env.Proj.XY(p), n})
		}
		slices.SortFunc(points[k], func(a, b weightedPoint) int { return cmpXY(a.at, b.at) })
	}
	return s.answer(env, points, env.factor(float64(truth.Residents())))
}

// answer draws a surface for each time; points are in an order that does not
// depend on how they were found.
func (s structureTask) answer(e *Env, points [structureTimes][]weightedPoint, factor float64) (Answer, error) {
	out := newStructure(e)
	var n [structureTimes]float64
	for _, m := range e.structureMoments() {
		n[m.slot]++
	}
	for k, p := range points {
		var at []geo.XY
		var weight []float64
		for _, q := range p {
			if q.people > 0 {
				at, weight = append(at, q.at), append(weight, q.people*factor/n[k])
			}
		}
		if len(at) == 0 {
			continue
		}
		surface, err := s.surface(at, weight)
		if err != nil {
			return nil, fmt.Errorf("density of %s: %w", out.Times[k].Name, err)
		}
		builtUp, err := s.builtUp(e, surface)
		if err != nil {
			return nil, fmt.Errorf("density of the map's places: %w", err)
		}
		if out.Times[k].Centres, err = s.centres(e, surface, builtUp); err != nil {
			return nil, err
		}
		out.Times[k].Density = e.densities(surface, builtUp)
	}
	return out, nil
}

// centres are the peaks, with their levels.
func (s structureTask) centres(e *Env, surface, builtUp *recognition.Surface) ([]Centre, error) {
	var out []Centre
	var height []float64
	for _, p := range surface.Peaks(s.threshold(surface, builtUp)) {
		ll := e.Proj.LonLat(p.At)
		out, height = append(out, Centre{Lon: ll[0], Lat: ll[1], Density: p.Value}), append(height, p.Value)
	}
	if len(out) == 0 {
		return nil, nil
	}
	distinct := slices.Clone(height)
	slices.Sort(distinct)
	k := min(s.levels, len(slices.Compact(distinct)))
	b, err := recognition.NaturalBreaks(height, k)
	if err != nil {
		return nil, fmt.Errorf("levels of centres: %w", err)
	}
	for i := range out {
		out[i].Level = k - b.Of[i]
	}
	return out, nil
}

// threshold is the mean and some standard deviations of the density over the
// built-up land of the map. Over all of the surface it would depend on how far
// footprints blur people into the empty country.
func (s structureTask) threshold(surface, builtUp *recognition.Surface) float64 {
	n, sum, squares := 0.0, 0.0, 0.0
	for i, b := range builtUp.V {
		if b > 0 {
			v := densityAt(surface, builtUp.At(i))
			n, sum, squares = n+1, sum+v, squares+float64(v*v)
		}
	}
	mean := sum / n
	return mean + float64(s.sigmas*math.Sqrt(max(0, squares/n-float64(mean*mean))))
}

// builtUp is the surface of the map's places and communities, which is above 0
// within a bandwidth of any: land that is public and the same for all. Where the map has
// none it is the surface itself.
func (s structureTask) builtUp(e *Env, surface *recognition.Surface) (*recognition.Surface, error) {
	if e.Map == nil || len(e.Map.Places)+len(e.Map.Communities) == 0 {
		return surface, nil
	}
	var at []geo.XY
	for _, p := range e.Map.Places {
		at = append(at, e.Proj.XY(orb.Point{p.Lon, p.Lat}))
	}
	for _, c := range e.Map.Communities {
		at = append(at, e.Proj.XY(orb.Point{c.Lon, c.Lat}))
	}
	return s.surface(at, nil)
}

func (s structureTask) surface(at []geo.XY, weight []float64) (*recognition.Surface, error) {
	return recognition.NewSurface(at, weight, recognition.SurfaceParams{BandwidthM: s.bandwidth})
}

// densityAt is that of the cell around a place, 0 beyond the surface.
func densityAt(s *recognition.Surface, q geo.XY) float64 {
	col, row := math.Round((q.X-s.Min.X)/s.Size), math.Round((q.Y-s.Min.Y)/s.Size)
	if !(col >= 0 && row >= 0 && col < float64(s.Cols) && row < float64(s.Rows)) {
		return 0
	}
	return s.V[int(row)*s.Cols+int(col)]
}

// leastDensity in persons per km² is what counts as somebody: the rims of footprints
// and kernels tail off into nothing.
const leastDensity = 1e-3

// densities are those at the middles of the zones on built-up land that cells cover.
func (e *Env) densities(surface, builtUp *recognition.Surface) []ZoneCount {
	m := map[geo.ZoneID]float64{}
	for z := range e.cells() {
		q := e.Proj.XY(e.Zoning.Center(z))
		if v := densityAt(surface, q); densityAt(builtUp, q) > 0 && v >= leastDensity {
			m[z] = v
		}
	}
	return e.zoneCounts(m, 1)
}
