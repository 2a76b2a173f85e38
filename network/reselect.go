package network

import (
	"context"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// Holds reports whether a phone in the cell x keeps it where best is the first
// candidate: x is not weaker by the hysteresis.
func (x Candidate) Holds(best Candidate) bool { return x.BelowDB < best.BelowDB+HysteresisDB }

// Reselect is the cell that a phone in a cell goes for at q: its own where that
// is one of the candidates of Camp and holds, else the first of them. rank is its
// place among those that hold, 0 for the first. It allocates nothing.
func (c *City) Reselect(ue UE, q geo.XY, now sigcity.AreaID) (cell sigcity.AreaID, rank int) {
	h := &c.radio.ops[ue.Operator].holds[0]
	if ue.SA {
		h = &c.radio.ops[ue.Operator].holds[1]
	}
	if ue.Medium == Surface && h.inside(q) {
		list := h.at(h.tile(q))
		for i, id := range list {
			if id == now {
				return id, i
			}
		}
		return list[0], 0
	}
	list := c.Camp(ue, q)
	for i := range list {
		if list[i].Holds(list[0]) {
			if list[i].Cell == now {
				return now, rank
			}
			rank++
		}
	}
	return list[0].Cell, 0
}

// holds is what phones that move need of rasters, as they look up dozens of
// tiles a trip: of each tile the first candidate, then those that hold. With
// equal lists kept once it is a tenth of the candidates, which do not fit into a
// processor's cache. Four by four tiles are next to each other, on one of its
// lines, as phones move in any direction.
type holds struct {
	coverage          // its blocks
	lists    []uint32 // per tile: the first of its cells, and how many there are in the lowest three bits
	cells    []sigcity.AreaID
}

// tile is where q lies.
func (h *holds) tile(q geo.XY) int {
	b, tx, ty := h.locate(q)
	return int(h.first[b]) + squareOrder(tx, ty, h.level[b])
}

// squareOrder is the place in a block of its tile in column tx and row ty: squares
// of four by four tiles by row, or one smaller square, and within them by row.
func squareOrder(tx, ty int, level uint8) int {
	w := min(level, 2)
	mask := 1<<w - 1
	return ty>>w<<(level+w) | tx>>w<<(2*w) | ty&mask<<w | tx&mask
}

// inSquareOrder is the tile at a place, the inverse of squareOrder.
func inSquareOrder(k int, level uint8) (tx, ty int) {
	w := min(level, 2)
	mask := 1<<w - 1
	return k&(1<<(level+w)-1)>>(2*w)<<w | k&mask, k>>(level+w)<<w | k>>w&mask
}

// at are the cells of a tile.
func (h *holds) at(tile int) []sigcity.AreaID {
	first, n := h.lists[tile]>>3, h.lists[tile]&7
	return h.cells[first : first+n : first+n]
}

// reselections works out what phones that move on the surface need.
func (r *radio) reselections(workers int) {
	_ = parallel.For(context.Background(), workers, len(r.ops), 1, func(_, i, _ int) error { // the body has no error to return
		a := &r.ops[i]
		a.holds[0] = newHolds(&a.indoor, &a.macro.coverage)
		a.holds[1] = a.holds[0]
		if a.sa && len(a.nr.antennas) > 0 {
			a.holds[1] = newHolds(&a.indoor, &a.nr.coverage, &a.macro.coverage)
		}
		return nil
	})
}

// newHolds thins rasters: of each tile the candidates of the first that has any.
// Where their tiles differ in size it has the smaller ones. An overlay without
// candidates counts for nothing; where one with some has other blocks, as around
// sites outside of the map, the raster stays empty.
func newHolds(overlay *coverage, from ...*coverage) holds {
	base := from[0]
	h := holds{coverage: coverage{min: base.min, block: base.block, cols: base.cols, rows: base.rows, first: []int32{0}}}
	if len(overlay.candidates) > 0 {
		if overlay.min != base.min || overlay.block != base.block || overlay.cols != base.cols || overlay.rows != base.rows {
			return holds{}
		}
		from = append([]*coverage{overlay}, from...)
	}
	var list []sigcity.AreaID
	for b := range base.level {
		level := slices.MaxFunc(from, func(x, y *coverage) int { return int(x.level[b]) - int(y.level[b]) }).level[b]
		h.level = append(h.level, level)
		h.first = append(h.first, h.first[b]+1<<(2*level))
		for k := range 1 << (2 * level) {
			tx, ty := inSquareOrder(k, level)
			list = list[:0]
			for _, m := range from {
				coarser := level - m.level[b]
				found := m.at(int(m.first[b]) + ty>>coarser<<m.level[b] + tx>>coarser)
				for _, x := range found {
					if x.Holds(found[0]) {
						list = append(list, x.Cell)
					}
				}
				if len(found) > 0 {
					break
				}
			}
			h.add(list)
		}
	}
	return h
}

// add appends the list of the next tile: a new one, or that of the tile before it
// in the square, in the row before or at the end of the row in the square before.
func (h *holds) add(list []sigcity.AreaID) {
	for _, before := range [...]int{1, 4, 13} {
		if k := len(h.lists) - before; k >= 0 && slices.Equal(h.at(k), list) {
			h.lists = append(h.lists, h.lists[k])
			return
		}
	}
	h.lists = append(h.lists, uint32(len(h.cells)<<3|len(list)))
	h.cells = append(h.cells, list...)
}
