package recognition

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// groundsM bounds the grounds that areas are looked for in, m around a hub's
// position: an airfield is larger than where its passengers are (assumed).
const groundsM = 200.0

// HubAreas knows which areas serve the hubs of some kinds. It is immutable and safe
// for concurrent use.
//
// An area serves a hub if it reaches its grounds, the disc of the hub's radius, of
// 200 m at most, around its position. Where an operator has no such area, the one
// whose footprint is nearest does. An operator's areas of no more than 200 m radius
// centred in the grounds are the hub's halls: where there are any, who shows up in the
// others alone is beside the hub and not in it.
type HubAreas struct {
	areas *geo.Areas
	hubs  []int32     // positions in dataset.Map.Hubs
	of    [][]hubArea // per area
}

// hubArea says that an area serves a hub.
type hubArea struct {
	hub  int32
	core bool // being in it is being at the hub
}

// NewHubAreas looks for the areas that serve the map's hubs of the given kinds.
func NewHubAreas(m *dataset.Map, areas []sigcity.Area, on *geo.Areas, kinds ...string) *HubAreas {
	h := &HubAreas{areas: on, of: make([][]hubArea, len(areas))}
	proj := m.Projection()
	for i, hub := range m.Hubs {
		if slices.Contains(kinds, hub.Kind) {
			h.hubs = append(h.hubs, int32(i))
			h.serve(int32(i), proj.XY(orb.Point{hub.Lon, hub.Lat}), min(hub.RadiusM, groundsM), areas)
		}
	}
	return h
}

// serve lists the areas of one hub.
func (h *HubAreas) serve(hub int32, at geo.XY, groundsM float64, areas []sigcity.Area) {
	type operator struct {
		reach   []sigcity.AreaID
		halls   bool
		nearest sigcity.AreaID
		gap     float64
	}
	ops := map[string]*operator{}
	hall := func(id sigcity.AreaID) bool {
		return h.areas.Radius(id) <= hallM && h.areas.Centers[id].Dist(at) <= groundsM
	}
	for i := range areas {
		id := sigcity.AreaID(i)
		op := ops[areas[i].Operator]
		if op == nil {
			op = &operator{gap: math.Inf(1)}
			ops[areas[i].Operator] = op
		}
		gap := h.areas.Gap(id, at)
		if gap < op.gap {
			op.nearest, op.gap = id, gap
		}
		if gap <= groundsM {
			op.reach, op.halls = append(op.reach, id), op.halls || hall(id)
		}
	}
	for _, op := range ops { // areas of different operators: in any order
		if len(op.reach) == 0 {
			op.reach = []sigcity.AreaID{op.nearest}
		}
		for _, id := range op.reach {
			h.of[id] = append(h.of[id], hubArea{hub, !op.halls || hall(id)})
		}
	}
}

// Len is the number of hubs.
func (h *HubAreas) Len() int { return len(h.hubs) }

// Serves reports whether an area serves a hub, a position in dataset.Map.Hubs.
func (h *HubAreas) Serves(id sigcity.AreaID, hub int) bool {
	return slices.ContainsFunc(h.of[id], func(x hubArea) bool { return int(x.hub) == hub })
}

// ServesAny reports whether an area serves any hub.
func (h *HubAreas) ServesAny(id sigcity.AreaID) bool { return len(h.of[id]) > 0 }

// HubDwell is a time at a hub.
type HubDwell struct {
	Hub          int            // position in dataset.Map.Hubs
	Area         sigcity.AreaID // where it was first seen in the hub
	Enter, Leave uint32         // Unix seconds, estimated
	First, Last  uint32         // moments of the first and the last record there
	From, To     int            // positions of these in the trajectory: From ≤ i < To
	Core         int            // records in the hub, not only beside it
	// Before and After are the silences at either end, seconds: to the neighbouring record or,
	// where there is none, to the bound.
	Before, After uint32
	InMS, OutMS   float64 // straight-line speeds to and from the records elsewhere next to it, m/s; 0 = none within the gap
	Attached      bool    // its first record is an attach, or of no known type
	Detached      bool    // its last record is a detach
}

// HubGapS is the longest silence inside a dwell, seconds: a phone that is on is heard
// every 54 min (T3412), one on board of an aircraft is not.
const HubGapS = 3600

// HubDwellParams are the parameters of dwells at hubs. Zero values take the defaults.
type HubDwellParams struct {
	GapS    uint32 // the longest silence inside a dwell, seconds; by default HubGapS
	ReturnS uint32 // the longest excursion that is no leaving, seconds; by default that of P4, 15 min
}

// HubDwellFinder finds when a phone is at hubs. A dwell is a run of records in the
// areas that serve one hub; records elsewhere do not end it if the phone is back within
// ReturnS, a silence longer than GapS does. It is one only if a record lies in a hall,
// where the phone's operator has any. When it begins and ends is estimated as P4 does:
// of the silence beside it the time of travel is taken off, half of the rest is dwell,
// none if the phone has just come in (a handover or an update of the tracking area), all
// if it has just come in elsewhere. Beside a silence longer than GapS, a dwell is as long
// as its records. Of dwells at several hubs at one time the one with most records
// in halls is left, of equals that of the first hub.
//
// The finder reuses its memory; one per goroutine.
type HubDwellFinder struct {
	areas *HubAreas
	p     HubDwellParams
	speed float64
	open  []HubDwell // one per hub, none where Core+To == 0
	found []HubDwell
}

// NewHubDwellFinder works on the given hubs.
func NewHubDwellFinder(areas *HubAreas, p HubDwellParams) *HubDwellFinder {
	def := DefaultStayParams()
	if p.GapS == 0 {
		p.GapS = HubGapS
	}
	if p.ReturnS == 0 {
		p.ReturnS = def.ReturnS
	}
	return &HubDwellFinder{areas: areas, p: p, speed: def.SpeedMS}
}

// Find appends the dwells of t to dst, in ascending time. from and to bound what is
// known, Unix seconds.
func (f *HubDwellFinder) Find(dst []HubDwell, t sigcity.Trajectory, from, to uint32) []HubDwell {
	f.open, f.found = f.open[:0], f.found[:0]
	rows := t.Records
	for i, r := range rows {
		for _, x := range f.areas.of[r.Area] {
			k := slices.IndexFunc(f.open, func(d HubDwell) bool { return d.Hub == int(x.hub) })
			if k >= 0 && !f.continues(rows, &f.open[k], i) {
				f.close(rows, f.open[k], from, to)
				f.open = slices.Delete(f.open, k, k+1)
				k = -1
			}
			if k < 0 {
				k = len(f.open)
				f.open = append(f.open, HubDwell{Hub: int(x.hub), Area: r.Area, From: i})
			}
			d := &f.open[k]
			d.To = i + 1
			if x.core {
				if d.Core == 0 {
					d.Area = r.Area
				}
				d.Core++
			}
		}
	}
	for _, d := range f.open {
		f.close(rows, d, from, to)
	}
	return append(dst, f.alone()...)
}

// continues reports whether record i goes on with the dwell.
func (f *HubDwellFinder) continues(rows []sigcity.Record, d *HubDwell, i int) bool {
	if i > d.To && silence(rows[d.To-1], rows[i]) > f.p.ReturnS {
		return false
	}
	for k := d.To; k <= i; k++ {
		if silence(rows[k-1], rows[k]) > f.p.GapS {
			return false
		}
	}
	return true
}

// close measures a run and keeps it if it is a dwell.
func (f *HubDwellFinder) close(rows []sigcity.Record, d HubDwell, from, to uint32) {
	if d.Core == 0 {
		return
	}
	first, last := rows[d.From], rows[d.To-1]
	d.First, d.Last = moment(first), moment(last)
	d.Enter, d.Leave = d.First, d.Last
	d.Before, d.After = first.Time-min(first.Time, from), to-min(to, last.End())
	d.Attached, d.Detached = first.Type == sigcity.Attach || first.Type == sigcity.NoEvent, last.Type == sigcity.Detach
	if d.From > 0 {
		r := rows[d.From-1]
		d.Before = silence(r, first)
		if gap := d.First - min(d.First, moment(r)); d.Before <= f.p.GapS {
			far := f.areas.areas.Dist(r.Area, first.Area)
			d.InMS = far / float64(max(1, gap))
			if !entered(first) {
				d.Enter -= f.waited(gap, far) / 2
			}
		}
	}
	if d.To < len(rows) {
		r := rows[d.To]
		d.After = silence(last, r)
		if gap := moment(r) - d.Last; d.After <= f.p.GapS {
			far := f.areas.areas.Dist(last.Area, r.Area)
			d.OutMS = far / float64(max(1, gap))
			rest := f.waited(gap, far)
			if !entered(r) {
				rest /= 2
			}
			d.Leave += rest
		}
	}
	f.found = append(f.found, d)
}

// waited is what the time of travel leaves of a silence, seconds.
func (f *HubDwellFinder) waited(gap uint32, far float64) uint32 {
	return uint32(max(0, float64(gap)-far/f.speed))
}

// entered reports whether a phone has just come into the area of a record.
func entered(r sigcity.Record) bool {
	return r.Type == sigcity.Handover || r.Type == sigcity.TrackingAreaUpdate
}

// alone leaves one of the dwells found of each time, in order.
func (f *HubDwellFinder) alone() []HubDwell {
	slices.SortFunc(f.found, func(a, b HubDwell) int {
		if a.Core != b.Core {
			return b.Core - a.Core
		}
		if a.Hub != b.Hub {
			return a.Hub - b.Hub
		}
		return a.From - b.From
	})
	kept := f.found[:0]
	for _, d := range f.found {
		if !slices.ContainsFunc(kept, func(o HubDwell) bool { return d.First <= o.Last && o.First <= d.Last }) {
			kept = append(kept, d)
		}
	}
	slices.SortFunc(kept, func(a, b HubDwell) int { return a.From - b.From })
	return kept
}
