package planning

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "metropolitan-edge", ID: "U02",
		Doc:      "edge of the metropolis in 16 directions: where the share of stays in the core stops falling with distance as it did",
		Citation: "Zhao et al. 2019; two-piece regression after Muggeo 2003",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 1800, Max: 86400, Doc: "shortest stay outside home that counts"},
			{Name: "ring_km", Type: plugin.Float, Default: 1.0, Min: 0.1, Max: 20, Doc: "width of the rings of distance that zones are joined to"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			return edgeTask{uint32(v.Duration("min_stay").Seconds()), v.Float("ring_km")}, nil
		},
	})
}

// MetropolitanEdge is the answer of U02.
type MetropolitanEdge struct {
	Zoning  string       `json:"zoning"`
	Lon     float64      `json:"lon"` // of the core's centre
	Lat     float64      `json:"lat"`
	Sectors []EdgeSector `json:"sectors"` // clockwise from north; none where nothing is known of any
	Zones   []CoreZone   `json:"zones"`   // in order of zone
}

// EdgeSector is one direction.
type EdgeSector struct {
	Azimuth float64 `json:"azimuth"` // of its middle, degrees
	KM      float64 `json:"km"`      // from the centre to the edge
	Own     float64 `json:"own"`     // how far it is of its own, 0 … 1; the rest is that of all directions together
}

// CoreZone is a zone where people live who stay somewhere outside home.
type CoreZone struct {
	Zone  geo.ZoneID `json:"zone,string"`
	Stays float64    `json:"stays"` // outside home, of its residents
	Core  float64    `json:"core"`  // of these in the core
}

// edgeTask follows the share of outside-home stays in the core along 16 directions.
type edgeTask struct {
	minStay uint32
	ringKM  float64
}

func (edgeTask) Needs() Need { return Need{Horizon: Week, Aggregates: true} }

// coreSums counts by zone of home: all, and what is in the core.
type coreSums map[geo.ZoneID]CoreZone

func (s coreSums) add(z geo.ZoneID, all, core float64) {
	if z != geo.NoZone {
		c := s[z]
		s[z] = CoreZone{z, c.Stays + all, c.Core + core}
	}
}

// addAreas counts n ties of residents of an area to another, at.
func (s coreSums) addAreas(e *Env, home, at sigcity.AreaID, n float64) {
	part := e.part(at)
	for _, h := range e.shares(home) {
		s.add(h.zone, n*h.share, n*h.share*part)
	}
}

// addPoints does so for places.
func (s coreSums) addPoints(e *Env, home, at orb.Point, n float64) {
	in := 0.0
	if e.core().zones[e.Zoning.Zone(at)] {
		in = n
	}
	s.add(e.Zoning.Zone(home), n, in)
}

func (s coreSums) sorted() []CoreZone {
	out := []CoreZone{}
	for _, z := range geo.SortedZones(s) {
		if s[z].Stays > 0 {
			out = append(out, s[z])
		}
	}
	return out
}

func (t edgeTask) Fold(env *Env) Fold {
	return env.tieFold("metropolitan-edge/1", t.minStay, func(ties []tallied[tie]) (Answer, error) {
		sums := coreSums{}
		for _, k := range ties {
			if k.key.Kind == visits || k.key.Kind == onWeekends {
				sums.addAreas(env, k.key.Home, k.key.At, float64(k.count))
			}
		}
		return t.answer(env, sums), nil
	})
}

// FromTables takes the work places of the OD table for the stays outside home.
func (t edgeTask) FromTables(tables []sigcity.Table, env *Env) (Answer, error) {
	keys, counts, err := commutes(tables, env)
	if err != nil {
		return nil, err
	}
	sums := coreSums{}
	for i, k := range keys {
		if counts[i] > 0 {
			sums.addAreas(env, k.Home, k.Work, counts[i])
		}
	}
	return t.answer(env, sums), nil
}

// FromTruth counts the stays of residents with a SIM.
func (t edgeTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	sums := coreSums{}
	err := env.trueTies(ctx, truth, t.minStay, func(k tieKind, home, at orb.Point, n int64) {
		if k == visits || k == onWeekends {
			sums.addPoints(env, home, at, float64(n))
		}
	})
	if err != nil {
		return nil, err
	}
	return t.answer(env, sums), nil
}

const edgeSectors = 16

// sectorOf is the sector that a direction lies in.
func sectorOf(azimuth float64) int {
	return int(math.Round(azimuth/360*edgeSectors)) % edgeSectors
}

// answer finds the breakpoint of every sector. Zones of the core, which are the
// reference, take no part.
func (t edgeTask) answer(e *Env, sums coreSums) *MetropolitanEdge {
	out := &MetropolitanEdge{Zoning: e.Zoning.Name(), Sectors: []EdgeSector{}, Zones: sums.sorted()}
	c := e.core()
	center := e.Proj.LonLat(c.center)
	out.Lon, out.Lat = center[0], center[1]
	var bins [edgeSectors]rings
	for i := range bins {
		bins[i] = newRings(t.ringKM)
	}
	for _, z := range out.Zones {
		if !c.zones[z.Zone] {
			at := e.Proj.XY(e.Zoning.Center(z.Zone))
			bins[sectorOf(c.center.Azimuth(at))].add(c.center.Dist(at)/1000, z)
		}
	}
	var all ringPoints
	for i := range bins {
		all = append(all, bins[i].points()...)
	}
	all.sort()
	pooled, ok := all.edge()
	if !ok || len(c.zones) == 0 {
		return out
	}
	for i := range bins {
		s := EdgeSector{Azimuth: sectorAzimuth(i)}
		var near ringPoints
		for _, j := range []int{i + edgeSectors - 1, i, i + 1} {
			near = append(near, bins[j%edgeSectors].points()...)
		}
		near.sort()
		s.KM, s.Own = near.ownEdge(pooled)
		out.Sectors = append(out.Sectors, s)
	}
	return out
}

func sectorAzimuth(i int) float64 { return float64(i) * 360 / edgeSectors }
