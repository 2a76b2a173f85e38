package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// finestLevel is the level of the tiles of an overlay: 25 m where blocks have
// their usual size.
const finestLevel = maxLevel + 1

// besideDB is how much weaker than the serving cell of an overlay its
// neighbours are where both are heard (assumed: half of the candidates' range).
const besideDB = candidateDB / 2

// overlay builds the raster of cells that only parts of the city have: halls,
// tunnels, tracks. Its tiles are counted from the corner of the raster.
type overlay struct {
	coverage
	patches []patch
}

// patch is a tile with candidates.
type patch struct {
	tile tile
	list []Candidate
}

// newOverlay is an empty raster over the box from lo to hi.
func newOverlay(lo, hi geo.XY) *overlay {
	o := &overlay{}
	o.min = lo
	o.block = math.Max(blockM, math.Max(hi.X-lo.X, hi.Y-lo.Y)/maxBlocks)
	o.cols, o.rows = int((hi.X-lo.X)/o.block)+1, int((hi.Y-lo.Y)/o.block)+1
	return o
}

// unit is the side of its tiles in metres.
func (o *overlay) unit() float64 { return o.block / (1 << finestLevel) }

// within is the tile that holds q, and whether there is one.
func (o *overlay) within(q geo.XY) (tile, bool) {
	x, y := math.Floor((q.X-o.min.X)/o.unit()), math.Floor((q.Y-o.min.Y)/o.unit())
	return tile{int32(x), int32(y)}, x >= 0 && y >= 0 && x < float64(o.cols<<finestLevel) && y < float64(o.rows<<finestLevel)
}

// mid is the middle of a tile.
func (o *overlay) mid(t tile) geo.XY {
	return geo.XY{X: o.min.X + float64((float64(t.x)+0.5)*o.unit()), Y: o.min.Y + float64((float64(t.y)+0.5)*o.unit())}
}

// squares are tiles on the plane.
func (o *overlay) squares(tiles []tile) []square {
	out := make([]square, len(tiles))
	for i, t := range tiles {
		out[i] = square{o.mid(t), o.unit()}
	}
	return out
}

// add gives a tile its candidates, the serving cell first and the others
// weaker than it by besideDB. A tile has one list only.
func (o *overlay) add(t tile, cells ...sigcity.AreaID) {
	other := math.Exp(-besideDB / attachScaleDB)
	sum := 1 + float64(other*float64(len(cells)-1))
	list := make([]Candidate, len(cells))
	for i, id := range cells {
		list[i] = Candidate{id, besideDB, float32(other / sum)}
	}
	list[0] = Candidate{cells[0], 0, float32(1 / sum)}
	o.patches = append(o.patches, patch{t, list})
}

// finish is the raster of what was added.
func (o *overlay) finish() coverage {
	m := o.coverage
	block := func(t tile) int { return int(t.y>>finestLevel)*m.cols + int(t.x>>finestLevel) }
	m.level = make([]uint8, m.cols*m.rows)
	for _, p := range o.patches {
		m.level[block(p.tile)] = finestLevel
	}
	m.first = make([]int32, 1, len(m.level)+1)
	for b := range m.level {
		m.first = append(m.first, m.first[b]+1<<(2*m.level[b]))
	}
	number := func(t tile) int32 {
		const side = 1 << finestLevel
		return m.first[block(t)] + t.y%side*side + t.x%side
	}
	slices.SortFunc(o.patches, func(p, q patch) int { return cmp.Compare(number(p.tile), number(q.tile)) })
	m.start = make([]int32, 1, m.first[len(m.level)]+1)
	for _, p := range o.patches {
		for int32(len(m.start)) <= number(p.tile) {
			m.start = append(m.start, int32(len(m.candidates)))
		}
		m.candidates = append(m.candidates, p.list...)
		m.start = append(m.start, int32(len(m.candidates)))
	}
	for len(m.start) <= int(m.first[len(m.level)]) {
		m.start = append(m.start, int32(len(m.candidates)))
	}
	return m
}

// patch are the candidates that an overlay has at q, none outside of it.
func (m *coverage) patch(q geo.XY) []Candidate {
	if len(m.candidates) == 0 || !m.inside(q) {
		return nil
	}
	return m.at(m.tile(q))
}

// inside reports whether q lies in the box of the raster.
func (m *coverage) inside(q geo.XY) bool {
	x, y := q.X-m.min.X, q.Y-m.min.Y
	return x >= 0 && y >= 0 && x < float64(m.cols)*m.block && y < float64(m.rows)*m.block
}
