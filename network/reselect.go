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
	a := &c.radio.ops[ue.Operator].holds
	list := a.over[ue.Medium].patch(q)
	if len(list) == 0 {
		ground := &a.lte
		if ue.SA {
			ground = &a.sa
		}
		list = ground.at(ground.tile(q))
	}
	for i, id := range list {
		if id == now {
			return id, i
		}
	}
	return list[0], 0
}

// holdings are what an operator's rasters come to for phones that move.
type holdings struct {
	over    [HighSpeedTrain + 1]holds // by medium: indoor, metro, corridor
	lte, sa holds
}

// holds is what phones that move need of rasters, as they look up dozens of
// tiles a trip: of each tile the first candidate, then those that hold. With
// equal lists kept once it is a tenth of the candidates, which do not fit into a
// processor's cache. Four by four tiles are next to each other, on one of its
// lines, as phones move in any direction.
type holds struct {
	coverage          // its blocks
	lists    []uint32 // per tile: the first of its cells, and how many there are in the lowest three bits
	some     []uint64 // a bit per tile: it has cells, which few do of halls and tunnels
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

// patch are the cells at q, none outside of the raster.
func (h *holds) patch(q geo.XY) []sigcity.AreaID {
	if len(h.cells) == 0 || !h.inside(q) {
		return nil
	}
	tile := h.tile(q)
	if h.some[tile/64]>>(tile%64)&1 == 0 {
		return nil
	}
	return h.at(tile)
}

// reselections works out what phones that move need.
func (r *radio) reselections(workers int) {
	_ = parallel.For(context.Background(), workers, len(r.ops), 1, func(_, i, _ int) error { // the body has no error to return
		a := &r.ops[i]
		a.holds.over = [...]holds{Surface: newHolds(&a.indoor), MetroTunnel: newHolds(&a.metro), HighSpeedTrain: newHolds(&a.corridor)}
		a.holds.lte = newHolds(&a.macro.coverage)
		a.holds.sa = a.holds.lte
		if a.sa && len(a.nr.antennas) > 0 {
			a.holds.sa = newHolds(&a.nr.coverage, &a.macro.coverage)
		}
		return nil
	})
}

// newHolds thins rasters of one box: of each tile the candidates of the first
// that has any. Where their tiles differ in size it has the smaller ones.
func newHolds(from ...*coverage) holds {
	h := holds{coverage: coverage{min: from[0].min, block: from[0].block, cols: from[0].cols, rows: from[0].rows, first: []int32{0}}}
	var list []sigcity.AreaID
	for b := range from[0].level {
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
	tile := len(h.lists)
	if tile%64 == 0 {
		h.some = append(h.some, 0)
	}
	if len(list) > 0 {
		h.some[tile/64] |= 1 << (tile % 64)
	}
	for _, before := range [...]int{1, 4, 13} {
		if k := tile - before; k >= 0 && slices.Equal(h.at(k), list) {
			h.lists = append(h.lists, h.lists[k])
			return
		}
	}
	h.lists = append(h.lists, uint32(len(h.cells)<<3|len(list)))
	h.cells = append(h.cells, list...)
}
