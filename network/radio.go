package network

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// RadioModel names how the serving cell is chosen: the strongest one by the
// propagation of 3GPP TR 38.901.
const RadioModel = "tr38901-best-server"

// HysteresisDB is by how much another cell must be stronger than the serving
// one for a phone to change to it (the usual A3 offset and hysteresis of 3 dB).
const HysteresisDB = 3.0

// Candidate is a cell that a phone at some place may be in.
type Candidate struct {
	Cell    sigcity.AreaID
	BelowDB float32 // how much weaker it is than the strongest cell of the place
	Attach  float32 // probability that a phone which arrives there takes it; a place's sum to 1
}

// Medium is what a phone is in. Tunnels and high-speed trains have cells of
// their own, which nobody outside hears.
type Medium uint8

const (
	Surface        Medium = iota
	MetroTunnel           // on an underground train
	HighSpeedTrain        // on a high-speed line
)

// UE is what decides, beside the place, which cells a phone camps on: user
// equipment, in 3GPP's words.
type UE struct {
	Operator int
	SA       bool // registers in 5GS on NR cells where its operator does (Operator.SA), else on LTE
	Medium   Medium
}

// radio answers which cell serves where. It is immutable.
type radio struct{ ops []layers }

// layers are one operator's radio access. A phone takes the candidates of the
// first raster of its medium that has any: indoor, metro or corridor, then nr
// where the phone and the operator are stand-alone, then macro, which has
// candidates everywhere.
type layers struct {
	macro                   network // the 4G sites, or those of 5G where there are no others
	nr                      network // the 5G sites: without candidates where they are too weak to camp on
	sa                      bool
	indoor, metro, corridor coverage
	holds                   [2]holds // what phones need that move on the surface: LTE ones, stand-alone ones
}

// network is one operator's sites of one radio technology and what they cover.
type network struct {
	carrier  carrier
	index    *geo.Index
	antennas []antenna // by position in index
	coverage coverage
}

// antenna is where a site's sectors begin. Sector k covers the compass angles
// from halfway to the sector before it up to, and without, halfway to the one
// after it; edge[k] is the unit vector of its first angle.
type antenna struct {
	site    int // index into City.Sites
	pos     geo.XY
	spacing float64
	cells   []sigcity.AreaID // clockwise
	edge    []geo.XY
	azimuth []float64 // degrees
	beam    []float64 // degrees
	shadow  uint64    // key of its shadowing
}

func newRadio(c *City, seed uint64) *radio {
	r := &radio{ops: make([]layers, len(c.Operators))}
	for op := range r.ops {
		a := &r.ops[op]
		a.sa = c.Operators[op].SA
		a.macro, a.nr = newNetwork(c, seed, op, "4G", lteCarrier()), newNetwork(c, seed, op, "5G", nrCarrier())
		if len(a.macro.antennas) == 0 {
			a.macro, a.nr = a.nr, network{}
			a.macro.carrier.campDBm, a.macro.carrier.reachM = 0, 0 // no choice
		}
	}
	return r
}

// newNetwork is an operator's macro sites with cells of a radio technology.
func newNetwork(c *City, seed uint64, op int, tech string, k carrier) network {
	n := network{carrier: k}
	var pts []geo.XY
	scope := sigcity.Scope(seed, "network.shadow")
	for i := range c.Sites {
		s := &c.Sites[i]
		cells := c.cellsOf(i, tech)
		if s.Operator != op || s.Kind != MacroSite || len(cells) == 0 {
			continue
		}
		a := antenna{site: i, pos: s.Pos, spacing: s.Spacing, cells: cells}
		// By place: operators who share a mast share its shadows, and so do
		// the technologies of a mast.
		a.shadow = sigcity.Mix(sigcity.Mix(scope, uint64(int64(math.Round(s.Pos.X*10)))), uint64(int64(math.Round(s.Pos.Y*10))))
		a.edge, a.azimuth, a.beam = make([]geo.XY, len(cells)), make([]float64, len(cells)), make([]float64, len(cells))
		for k := range a.edge {
			a.azimuth[k], a.beam[k] = c.Cells[cells[k]].Azimuth, c.Cells[cells[k]].BeamDeg
			before := c.Cells[cells[(k+len(cells)-1)%len(cells)]].Azimuth
			a.edge[k] = heading(a.azimuth[k] - math.Mod(a.azimuth[k]-before+360, 360)/2)
		}
		pts, n.antennas = append(pts, s.Pos), append(n.antennas, a)
	}
	n.index = geo.NewIndex(pts)
	return n
}

// cellsOf are the cells of a site of one radio technology, clockwise.
func (c *City) cellsOf(site int, tech string) (out []sigcity.AreaID) {
	for _, id := range c.Sites[site].Cells {
		if c.Cells[id].Radio == tech {
			out = append(out, id)
		}
	}
	return out
}

// heading is the unit vector of a compass bearing in degrees.
func heading(azimuth float64) geo.XY {
	sin, cos := math.Sincos(azimuth * math.Pi / 180)
	return geo.XY{X: sin, Y: cos}
}

// Serving is the cell that serves an LTE phone of an operator at q on the
// surface, by RadioModel: the first of its Candidates. Wherever q is, some cell
// serves it: the model knows no dead spots. It allocates nothing.
func (c *City) Serving(operator int, q geo.XY) sigcity.AreaID {
	return c.Candidates(operator, q)[0].Cell
}

// Candidates are the cells of an operator that an LTE phone at q on the surface
// may be in: Camp of a UE of which nothing else is known.
func (c *City) Candidates(operator int, q geo.XY) []Candidate {
	return c.Camp(UE{Operator: operator}, q)
}

// Camp lists the cells that a phone at q may be in, at least one and at most
// six: the serving cell first, then the others by strength. More than one make
// an overlap, where phones go to and fro. Where the medium has no cells of its
// own (a tunnel without metro cells, a line without corridor) the phone is as on
// the surface. It allocates nothing; the slice must not be changed.
func (c *City) Camp(ue UE, q geo.XY) []Candidate {
	a := &c.radio.ops[ue.Operator]
	over := &a.indoor
	switch ue.Medium {
	case MetroTunnel:
		over = &a.metro
	case HighSpeedTrain:
		over = &a.corridor
	}
	if list := over.patch(q); len(list) > 0 {
		return list
	}
	if ue.SA && a.sa && len(a.nr.antennas) > 0 {
		if list := a.nr.coverage.at(a.nr.coverage.tile(q)); len(list) > 0 {
			return list
		}
	}
	m := &a.macro.coverage
	return m.at(m.tile(q))
}
