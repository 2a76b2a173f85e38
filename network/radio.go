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

// radio answers which cell serves where. It is immutable.
type radio struct {
	ops   []network
	sites []antenna
	loss  [ruralMacro + 1]lossModel // by scenario
}

// network is one operator's sites and what they cover.
type network struct {
	index    *geo.Index
	site     []int32 // position in index → index into City.Sites
	coverage coverage
}

// antenna is where a site's sectors begin. Sector k covers the compass angles
// from halfway to the sector before it up to, and without, halfway to the one
// after it; edge[k] is the unit vector of its first angle.
type antenna struct {
	pos     geo.XY
	edge    []geo.XY
	azimuth []float64 // degrees
	shadow  uint64    // key of its shadowing
}

func newRadio(c *City, seed uint64) *radio {
	r := &radio{ops: make([]network, len(c.Operators)), sites: make([]antenna, len(c.Sites))}
	for s := range r.loss {
		r.loss[s] = newLossModel(scenario(s))
	}
	pts := make([][]geo.XY, len(c.Operators))
	scope := sigcity.Scope(seed, "network.shadow")
	for i, s := range c.Sites {
		a := &r.sites[i]
		a.pos = s.Pos
		// By place: operators who share a mast share its shadows.
		a.shadow = sigcity.Mix(sigcity.Mix(scope, uint64(int64(math.Round(s.Pos.X*10)))), uint64(int64(math.Round(s.Pos.Y*10))))
		a.edge, a.azimuth = make([]geo.XY, len(s.Cells)), make([]float64, len(s.Cells))
		for k := range a.edge {
			a.azimuth[k] = c.Cells[s.Cells[k]].Azimuth
			before := c.Cells[s.Cells[(k+len(s.Cells)-1)%len(s.Cells)]].Azimuth
			a.edge[k] = heading(a.azimuth[k] - math.Mod(a.azimuth[k]-before+360, 360)/2)
		}
		pts[s.Operator] = append(pts[s.Operator], s.Pos)
		r.ops[s.Operator].site = append(r.ops[s.Operator].site, int32(i))
	}
	for op := range r.ops {
		r.ops[op].index = geo.NewIndex(pts[op])
	}
	return r
}

// heading is the unit vector of a compass bearing in degrees.
func heading(azimuth float64) geo.XY {
	sin, cos := math.Sincos(azimuth * math.Pi / 180)
	return geo.XY{X: sin, Y: cos}
}

// Serving is the cell of an operator that serves a phone at q, by RadioModel:
// the first of its Candidates. Wherever q is, some cell serves it: the model
// knows no dead spots. It allocates nothing.
func (c *City) Serving(operator int, q geo.XY) sigcity.AreaID {
	return c.Candidates(operator, q)[0].Cell
}

// Candidates are the cells of an operator that a phone at q may be in, at
// least one and at most six: the serving cell first, then the others by
// strength. More than one make an overlap, where phones go to and fro. It
// allocates nothing; the slice must not be changed.
func (c *City) Candidates(operator int, q geo.XY) []Candidate {
	m := &c.radio.ops[operator].coverage
	return m.at(m.tile(q))
}
