package network

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

const (
	maxCandidates = 6
	candidateDB   = 10.0 // cells weaker than the best by more are none
	sitesInReach  = 8    // nearest sites that are looked at for a tile
	blockM        = 1600.0
	maxLevel      = 5   // tiles of blockM/32 = 50 m
	maxBlocks     = 512 // per side; beyond, blocks grow
	attachScaleDB = 2.0 // of the error with which a phone compares two cells (assumed; TS 36.133 allows ± 3 dB)
	pocketPasses  = 8   // pockets are filled this many tiles deep
)

// coverage is a raster of candidates: square blocks, each cut into 4^level
// square tiles, small where sites are close.
type coverage struct {
	min        geo.XY
	block      float64 // side, m
	cols, rows int
	level      []uint8 // per block: log2 of the tiles along a side
	first      []int32 // per block and one more: its first tile
	start      []int32 // per tile and one more: its first candidate
	candidates []Candidate
}

// at are the candidates of a tile.
func (m *coverage) at(tile int) []Candidate {
	lo, hi := m.start[tile], m.start[tile+1]
	return m.candidates[lo:hi:hi]
}

// nobody is the best server of a tile without candidates.
const nobody = sigcity.AreaID(math.MaxUint32)

// best is the cell that serves a tile.
func (m *coverage) best(tile int) sigcity.AreaID {
	if list := m.at(tile); len(list) > 0 {
		return list[0].Cell
	}
	return nobody
}

// tile is where q lies; outside of the raster, the nearest at its border.
func (m *coverage) tile(q geo.XY) int {
	b, tx, ty := m.locate(q)
	return int(m.first[b]) + ty<<m.level[b] + tx
}

// locate is tile by block, column and row.
func (m *coverage) locate(q geo.XY) (b, tx, ty int) {
	x, y := (q.X-m.min.X)/m.block, (q.Y-m.min.Y)/m.block
	bx, by := min(max(int(x), 0), m.cols-1), min(max(int(y), 0), m.rows-1)
	b = by*m.cols + bx
	side := 1 << m.level[b]
	tx = min(max(int((x-float64(bx))*float64(side)), 0), side-1)
	ty = min(max(int((y-float64(by))*float64(side)), 0), side-1)
	return b, tx, ty
}

// tileSide is the side in metres of the tiles of a block.
func (m *coverage) tileSide(block int) float64 { return m.block / float64(int(1)<<m.level[block]) }

// center is the middle of the k-th tile of a block.
func (m *coverage) center(block, k int) geo.XY {
	side, size := 1<<m.level[block], m.tileSide(block)
	return geo.XY{
		X: m.min.X + float64(float64(block%m.cols)*m.block) + float64((float64(k%side)+0.5)*size),
		Y: m.min.Y + float64(float64(block/m.cols)*m.block) + float64((float64(k/side)+0.5)*size),
	}
}

// tiles calls f with every tile in order, its centre and its side.
func (m *coverage) tiles(f func(tile int, p geo.XY, size float64)) {
	for b := range m.level {
		size := m.tileSide(b)
		for k := range int(m.first[b+1] - m.first[b]) {
			f(int(m.first[b])+k, m.center(b, k), size)
		}
	}
}

// cover works out the rasters of every operator's macro and 5G sites, over the
// box from lo to hi and wherever else there are sites.
func (r *radio) cover(c *City, seed uint64, lo, hi geo.XY, workers int) {
	for _, s := range c.Sites {
		lo = geo.XY{X: math.Min(lo.X, s.Pos.X), Y: math.Min(lo.Y, s.Pos.Y)}
		hi = geo.XY{X: math.Max(hi.X, s.Pos.X), Y: math.Max(hi.Y, s.Pos.Y)}
	}
	networks := r.networks()
	for _, n := range networks {
		n.fill(c, seed, lo, hi, workers)
	}
	_ = parallel.For(context.Background(), workers, len(networks), 1, func(_, i, _ int) error { // the body has no error to return
		networks[i].coverage.fillPockets()
		return nil
	})
}

// networks are those that have sites, by operator.
func (r *radio) networks() (out []*network) {
	for op := range r.ops {
		for _, n := range []*network{&r.ops[op].macro, &r.ops[op].nr} {
			if len(n.antennas) > 0 {
				out = append(out, n)
			}
		}
	}
	return out
}

// fill works out the candidates of a network's tiles, block by block.
func (n *network) fill(c *City, seed uint64, lo, hi geo.XY, workers int) {
	n.coverage = coverage{}
	m := &n.coverage
	m.layout(n, lo, hi)
	loss := n.carrier.losses()
	walls := m.walls(c)
	common := sigcity.Hash(seed, "network.shadow.common")
	parts := make([]blockCandidates, len(m.level))
	shadows := make([]*shadowBlock, max(workers, 1))
	_ = parallel.For(context.Background(), workers, len(parts), 4, func(w, lo, hi int) error { // the body has no error to return
		if shadows[w] == nil {
			shadows[w] = newShadowBlock(n, common)
		}
		for b := lo; b < hi; b++ {
			parts[b] = n.block(b, shadows[w], walls, &loss)
		}
		return nil
	})
	m.start = make([]int32, 1, m.first[len(m.level)]+1)
	total := 0
	for _, p := range parts {
		total += len(p.candidates)
	}
	m.candidates = make([]Candidate, 0, total)
	for _, p := range parts {
		base := int32(len(m.candidates))
		m.candidates = append(m.candidates, p.candidates...)
		for _, end := range p.end {
			m.start = append(m.start, base+end)
		}
	}
}

// layout decides the size of the tiles of every block by the closest sites in
// it, or by the one nearest to its middle.
func (m *coverage) layout(n *network, lo, hi geo.XY) {
	m.min = lo
	m.block = math.Max(blockM, math.Max(hi.X-lo.X, hi.Y-lo.Y)/maxBlocks)
	m.cols, m.rows = int((hi.X-lo.X)/m.block)+1, int((hi.Y-lo.Y)/m.block)+1
	spacing := make([]float64, m.cols*m.rows)
	m.level = make([]uint8, len(spacing))
	for b := range spacing {
		i, d := n.index.Nearest(m.center(b, 0)) // level 0: its only tile is the block
		spacing[b] = n.antennas[i].spacing
		if n.carrier.outOfReach(d - m.block/math.Sqrt2) {
			spacing[b] = math.Inf(1)
		}
	}
	for i := range n.antennas {
		a := &n.antennas[i]
		b := min(int((a.pos.Y-lo.Y)/m.block), m.rows-1)*m.cols + min(int((a.pos.X-lo.X)/m.block), m.cols-1)
		spacing[b] = min(spacing[b], a.spacing)
	}
	m.first = make([]int32, 1, len(spacing)+1)
	for b, s := range spacing {
		for m.level[b] < maxLevel && m.tileSide(b) > s/n.carrier.tilesOfSpacing {
			m.level[b]++
		}
		m.first = append(m.first, m.first[b]+1<<(2*m.level[b]))
	}
}

// walls is, per tile, the use that most of its floor area has; OtherUse where
// there are no buildings.
func (m *coverage) walls(c *City) []Use {
	floor := make([][Public + 1]float32, m.first[len(m.level)])
	for i := range c.Buildings {
		if x := &c.Buildings[i]; x.Use <= Public {
			floor[m.tile(x.Pos)][x.Use] += float32(x.FloorM2)
		}
	}
	out := make([]Use, len(floor))
	for i, f := range floor {
		out[i] = OtherUse
		best := float32(0)
		for u, m2 := range f {
			if m2 > best {
				best, out[i] = m2, Use(u)
			}
		}
	}
	return out
}

// blockCandidates are the candidates of a block's tiles and where they end.
type blockCandidates struct {
	candidates []Candidate
	end        []int32
}

// signal is a cell and its level at a tile in dBm.
type signal struct {
	cell sigcity.AreaID
	dBm  float64
}

// block works out the candidates of one block. Where most of a tile's floor is
// that of a building use, phones are indoors and its walls weaken every cell.
func (n *network) block(b int, shadows *shadowBlock, walls []Use, loss *losses) blockCandidates {
	m := &n.coverage
	size := m.tileSide(b)
	tiles := int(m.first[b+1] - m.first[b])
	out := blockCandidates{end: make([]int32, 0, tiles)}
	var near []int
	var heard []signal
	shadows.begin(m, b)
	sites := n.sitesAround(m.center(b, 0), m.center(b, tiles-1), size)
	for k := range tiles {
		p := m.center(b, k)
		near = sites.nearest(near[:0], p)
		if n.carrier.outOfReach(n.antennas[near[0]].pos.Dist(p)) {
			out.end = append(out.end, int32(len(out.candidates)))
			continue
		}
		env := scenarioOf(n.antennas[near[0]].spacing)
		indoors := 0.0
		if use := walls[int(m.first[b])+k]; use != OtherUse {
			indoors = penetration(env, use, n.carrier.ghz)
		}
		shared := shadows.common(env).mean(p, size)
		heard = heard[:0]
		for _, j := range near {
			if n.carrier.outOfReach(n.antennas[j].pos.Dist(p)) {
				break // as the farther ones are
			}
			heard = n.levels(heard, j, &loss[env], p, shadows.own(j, env).mean(p, size), shared)
		}
		out.candidates = attach(out.candidates, heard, indoors, n.carrier.campDBm)
		out.end = append(out.end, int32(len(out.candidates)))
	}
	return out
}

// levels appends the levels of the cells of the i-th site in the mean over a
// tile around p: of one element of the carrier, outdoors, in dBm. Its cells
// share the path and the shadowing: its own, and the part that all sites have
// in common.
func (n *network) levels(dst []signal, i int, model *lossModel, p geo.XY, own, shared float64) []signal {
	a := &n.antennas[i]
	d := a.pos.Dist(p)
	loss, sigma := model.expected(d)
	level := n.carrier.elementDBm + n.carrier.antennaDBi - loss + float64(sigma*(float64(math.Sqrt(siteShare)*own)+float64(math.Sqrt(1-siteShare)*shared)))
	if a.spacing < streetCanyonM {
		level += smallCellDB
	}
	bearing := a.pos.Azimuth(p)
	for k, id := range a.cells {
		dst = append(dst, signal{id, level - antennaLoss(bearing-a.azimuth[k], a.beam[k])})
	}
	return dst
}

// attach appends the candidates among the cells heard, strongest first: those
// that are neither much weaker than the best nor too weak to camp on. A phone
// takes the cell that it measures strongest; with errors of the extreme value
// distribution its choice is a logit (McFadden 1974). Where the best is weaker
// than camp, a level in dBm, there are none; a camp of 0 asks for nothing. It
// reorders heard.
func attach(dst []Candidate, heard []signal, indoors, camp float64) []Candidate {
	byStrength := func(x, y signal) int { return cmp.Or(cmp.Compare(y.dBm, x.dBm), cmp.Compare(x.cell, y.cell)) }
	best := slices.MinFunc(heard, byStrength)
	if camp < 0 && best.dBm-indoors < camp {
		return dst
	}
	heard = slices.DeleteFunc(heard, func(h signal) bool {
		return h.cell != best.cell && (h.dBm < best.dBm-candidateDB || h.dBm-indoors < minLevelDBm)
	})
	slices.SortFunc(heard, byStrength)
	heard = heard[:min(len(heard), maxCandidates)]
	sum := 0.0
	for _, h := range heard {
		sum += math.Exp((h.dBm - best.dBm) / attachScaleDB)
	}
	for _, h := range heard {
		below := best.dBm - h.dBm
		dst = append(dst, Candidate{h.cell, float32(below), float32(math.Exp(-below/attachScaleDB) / sum)})
	}
	return dst
}

// fillPockets gives pockets to the cells around them. A pocket is a piece of a
// cell's best-server area apart from its largest one; a phone that comes in
// keeps the cell from outside as long as that is weaker by less than the
// hysteresis. So the tiles of pockets, from their rims, go to the strongest
// such cell next to them, which becomes their first candidate.
func (m *coverage) fillPockets() {
	beside := m.beside()
	m2 := m.areas()
	for range pocketPasses {
		piece, largest := m.pieces(beside, m2)
		changed := false
		for t := range piece {
			list := m.at(t)
			if len(list) == 0 || largest[list[0].Cell] == piece[t] {
				continue
			}
			for k, x := range list[1:] {
				if x.BelowDB > HysteresisDB {
					break
				}
				if slices.ContainsFunc(beside[t][:], func(n int32) bool { return m.best(int(n)) == x.Cell && piece[n] == largest[x.Cell] }) {
					copy(list[1:k+2], list[:k+1])
					list[0] = x
					changed = true
					break
				}
			}
		}
		if !changed {
			return
		}
	}
}

// beside are, per tile, the four tiles across the middles of its sides; at the
// border of the raster, the tile itself.
func (m *coverage) beside() [][4]int32 {
	out := make([][4]int32, len(m.start)-1)
	m.tiles(func(t int, p geo.XY, size float64) {
		reach := size/2 + m.block/(2<<maxLevel)
		for k, v := range [...]geo.XY{{X: -reach}, {X: reach}, {Y: -reach}, {Y: reach}} {
			out[t][k] = int32(m.tile(geo.XY{X: p.X + v.X, Y: p.Y + v.Y}))
		}
	})
	return out
}

// areas are those of the tiles, m².
func (m *coverage) areas() []float64 {
	out := make([]float64, len(m.start)-1)
	m.tiles(func(t int, _ geo.XY, size float64) { out[t] = size * size })
	return out
}

// pieces numbers the connected pieces of the best-server areas, per tile, and
// gives each cell's largest; tiles hang together over their sides.
// m2 is the area of each tile.
func (m *coverage) pieces(beside [][4]int32, m2 []float64) (piece []int32, largest map[sigcity.AreaID]int32) {
	piece = make([]int32, len(beside))
	best := make([]sigcity.AreaID, len(beside))
	for i := range piece {
		piece[i], best[i] = int32(i), m.best(i)
	}
	root := func(i int32) int32 {
		for piece[i] != i {
			piece[i] = piece[piece[i]]
			i = piece[i]
		}
		return i
	}
	for t := range beside {
		for _, n := range beside[t] {
			if best[n] == best[t] && piece[n] != piece[t] {
				a, b := root(int32(t)), root(n)
				piece[max(a, b)] = min(a, b)
			}
		}
	}
	area := make([]float64, len(piece))
	for t := range piece {
		piece[t] = root(int32(t))
		area[piece[t]] += m2[t]
	}
	largest = map[sigcity.AreaID]int32{}
	for t, p := range piece {
		if int32(t) != p {
			continue
		}
		if at, ok := largest[best[t]]; !ok || area[p] > area[at] {
			largest[best[t]] = p
		}
	}
	return piece, largest
}
