package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// raster sums weights in square cells of the plane; only touched cells exist.
type raster struct {
	size float64
	sum  map[tile]float64
}

// tile is a cell of a raster: column and row.
type tile struct{ x, y int32 }

func newRaster(size float64) *raster { return &raster{size, map[tile]float64{}} }

func (r *raster) tile(p geo.XY) tile {
	return tile{int32(math.Floor(p.X / r.size)), int32(math.Floor(p.Y / r.size))}
}

func (r *raster) add(p geo.XY, w float64) { r.sum[r.tile(p)] += w }

func (r *raster) at(p geo.XY) float64 { return r.sum[r.tile(p)] }

// around is the sum over the 3 × 3 cells around p.
func (r *raster) around(p geo.XY) float64 {
	t, s := r.tile(p), 0.0
	for dy := int32(-1); dy <= 1; dy++ {
		for dx := int32(-1); dx <= 1; dx++ {
			s += r.sum[tile{t.x + dx, t.y + dy}]
		}
	}
	return s
}

// center is the middle of a cell.
func (r *raster) center(t tile) geo.XY {
	return geo.XY{X: (float64(t.x) + 0.5) * r.size, Y: (float64(t.y) + 0.5) * r.size}
}

// tiles lists the touched cells by row, then column.
func (r *raster) tiles() []tile {
	out := make([]tile, 0, len(r.sum))
	for t := range r.sum {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b tile) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) })
	return out
}

// unitAt is a number in [0, 1) named by seed, scope and place (to 1 dm).
func unitAt(seed uint64, scope string, p geo.XY) float64 {
	return sigcity.Unit(sigcity.Hash(seed, scope, uint64(int64(math.Round(p.X*10))), uint64(int64(math.Round(p.Y*10)))))
}
