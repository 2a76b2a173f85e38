package network

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Cells along tracks. All figures are this project's assumptions.
const (
	changeM       = 75.0   // metro cells change within this distance of a stop
	stopOffM      = 150.0  // a stop farther from a tunnel is none of it
	metroCellM    = 3000.0 // longest stretch of tunnel with one cell
	corridorCellM = 6000.0 // of high-speed line with one cell: remote radio heads every 1.2 km, five of them one cell
	bandTiles     = 3      // tiles on either side of a track are with it
	mixTiles      = 4      // … and this far around a border both cells are heard
	splinterM     = 150.0  // shorter stretches join their neighbours
)

// trackCells lays the cells of metro tunnels and of high-speed lines, the same
// for every operator: who shares a tunnel shares its cables (assumed).
func (b *builder) trackCells() {
	var metro, corridor [][]geo.XY
	for _, r := range b.city.Roads {
		switch {
		case r.Tunnel && (r.Class == "subway" || r.Class == "light_rail"):
			metro = append(metro, r.Line)
		case r.HighSpeed:
			corridor = append(corridor, r.Line)
		}
	}
	var stops []geo.XY
	for i := range b.spots {
		if s := &b.spots[i]; s.category == dataset.Station && !s.tags.has("amenity", "bus_station") {
			stops = append(stops, s.pos)
		}
	}
	b.chain(MetroSite, metro, stops, metroCellM, func(a *layers) *coverage { return &a.metro })
	b.chain(CorridorSite, corridor, nil, corridorCellM, func(a *layers) *coverage { return &a.corridor })
}

// chain gives each operator a chain of cells along tracks: one for each stretch
// between the stops, which no cell is longer than, or of equal length.
func (b *builder) chain(kind SiteKind, lines [][]geo.XY, stops []geo.XY, longest float64, of func(*layers) *coverage) {
	o := newOverlay(b.lo, b.hi)
	s := newStrip(o, lines)
	if len(s.tiles) == 0 {
		return
	}
	sections := s.sections(s.platforms(stops), longest)
	heard := s.heard()
	for op := range b.city.Operators {
		ids := make([]sigcity.AreaID, len(sections))
		for k, x := range sections {
			cell := b.special(kind, op, o.mid(s.tiles[x.mid]))
			tiles := make([]tile, len(x.tiles))
			for i, t := range x.tiles {
				tiles[i] = s.tiles[t]
			}
			squares := o.squares(tiles)
			cell.Ring = outline(squares)
			cell.settle(squares)
			reach := 0.0
			for _, q := range squares {
				reach = math.Max(reach, q.mid.Dist(b.city.Sites[cell.Site].Pos))
			}
			cell.RangeM = math.Round(reach)
			if kind == CorridorSite {
				cell.Azimuth = x.bearing
			}
			ids[k] = b.city.Sites[cell.Site].Cells[0]
		}
		p := *o
		for t, near := range heard {
			cells := make([]sigcity.AreaID, len(near))
			for i, k := range near {
				cells[i] = ids[k]
			}
			p.add(s.tiles[t], cells...)
		}
		*of(&b.city.radio.ops[op]) = p.finish()
	}
}

// strip is the band of tiles along tracks. Tiles hang together over sides and
// corners.
type strip struct {
	o       *overlay
	tiles   []tile // by row and column
	at      map[tile]int
	section []int // per tile
}

// newStrip takes the tiles within bandTiles of the lines.
func newStrip(o *overlay, lines [][]geo.XY) *strip {
	s := &strip{o: o, at: map[tile]int{}}
	band := newRaster(o.unit())
	for _, line := range lines {
		walk(line, o.unit(), func(p, _ geo.XY) {
			t, _ := o.within(p)
			for dy := int32(-bandTiles); dy <= bandTiles; dy++ {
				for dx := int32(-bandTiles); dx <= bandTiles; dx++ {
					near := tile{t.x + dx, t.y + dy}
					if _, ok := o.within(o.mid(near)); ok && dx*dx+dy*dy <= bandTiles*bandTiles {
						band.sum[near] = 1
					}
				}
			}
		})
	}
	s.tiles = band.tiles()
	for i, t := range s.tiles {
		s.at[t] = i
	}
	s.section = make([]int, len(s.tiles))
	return s
}

// around lists the tiles of the strip at most n rows and columns away.
func (s *strip) around(i int, n int32) (out []int) {
	t := s.tiles[i]
	for dy := -n; dy <= n; dy++ {
		for dx := -n; dx <= n; dx++ {
			if k, ok := s.at[tile{t.x + dx, t.y + dy}]; ok && k != i {
				out = append(out, k)
			}
		}
	}
	return out
}

// heard lists, per tile, its section and the others within mixTiles.
func (s *strip) heard() [][]int {
	out := make([][]int, len(s.tiles))
	for t := range out {
		list := []int{s.section[t]}
		for _, n := range s.around(t, mixTiles) {
			if k := s.section[n]; len(list) < maxCandidates && !slices.Contains(list, k) {
				list = append(list, k)
			}
		}
		out[t] = list
	}
	return out
}

// platforms marks the tiles around stops, of which none belongs to a section
// at first.
func (s *strip) platforms(stops []geo.XY) []bool {
	mids := make([]geo.XY, len(s.tiles))
	for i, t := range s.tiles {
		mids[i] = s.o.mid(t)
	}
	index := geo.NewIndex(mids)
	out := make([]bool, len(s.tiles))
	for _, p := range stops {
		if i, d := index.Nearest(p); d <= stopOffM {
			index.Within(mids[i], changeM+bandTiles*s.o.unit(), func(k int, _ float64) { out[k] = true })
		}
	}
	return out
}

// section is what one cell serves.
type section struct {
	tiles   []int // ascending
	mid     int   // its tile half way along
	bearing float64
}

// sections cuts the strip at the marked tiles and into lengths of at most longest
// metres, equal between two cuts. Marked tiles and splinters go to the nearest
// section, or, where none hangs together with them, are sections of their own.
func (s *strip) sections(cut []bool, longest float64) []section {
	for i := range s.section {
		s.section[i] = nowhere
	}
	n := s.divide(0, longest, splinterM, func(i int) bool { return !cut[i] })
	s.spread()
	n = s.divide(n, longest, 0, func(i int) bool { return s.section[i] == nowhere })
	out := make([]section, n)
	for i, k := range s.section {
		out[k].tiles = append(out[k].tiles, i)
	}
	for k := range out {
		out[k].measure(s)
	}
	return out
}

// nowhere marks tiles without a section.
const nowhere = -1

// divide numbers, from n on, the sections of the open tiles, without those that
// are shorter than shortest metres. It returns the next number.
func (s *strip) divide(n int, longest, shortest float64, open func(i int) bool) int {
	part := make([]int, len(s.tiles)) // of the piece that the tile is in; 0 = not open
	for i := range part {
		if open(i) {
			part[i] = 1
		}
	}
	seen := make([]bool, len(s.tiles))
	for i := range s.tiles {
		if seen[i] || part[i] == 0 {
			continue
		}
		piece := s.piece(i, part, seen)
		at, length := s.along(piece)
		parts := math.Ceil(length / longest)
		for k, t := range piece {
			part[t] = 2 + int(float64(at[k]*parts)/(length+1))
		}
		done := make([]bool, len(s.tiles))
		for _, t := range piece {
			if done[t] {
				continue
			}
			mine := s.piece(t, part, done)
			if _, length := s.along(mine); length < shortest {
				continue
			}
			for _, k := range mine {
				s.section[k] = n
			}
			n++
		}
	}
	return n
}

// piece lists the tiles of one part that hang together with a tile, and marks
// them.
func (s *strip) piece(from int, part []int, seen []bool) []int {
	seen[from] = true
	out := []int{from}
	for k := 0; k < len(out); k++ {
		for _, i := range s.around(out[k], 1) {
			if !seen[i] && part[i] == part[from] {
				seen[i] = true
				out = append(out, i)
			}
		}
	}
	return out
}

// spread gives tiles without a section to the one nearest along the strip.
func (s *strip) spread() {
	var queue []int
	for i, k := range s.section {
		if k != nowhere {
			queue = append(queue, i)
		}
	}
	for k := 0; k < len(queue); k++ {
		for _, i := range s.around(queue[k], 1) {
			if s.section[i] == nowhere {
				s.section[i] = s.section[queue[k]]
				queue = append(queue, i)
			}
		}
	}
}

// measure finds the middle and the bearing of a section.
func (x *section) measure(s *strip) {
	at, length := s.along(x.tiles)
	first, last := 0, 0
	var half []int // tiles half way along, across the band
	for j := range at {
		if math.Abs(at[j]-length/2) <= s.o.unit() {
			half = append(half, x.tiles[j])
		}
		if at[j] < at[first] {
			first = j
		}
		if at[j] > at[last] {
			last = j
		}
	}
	var sum geo.XY
	for _, i := range half {
		p := s.o.mid(s.tiles[i])
		sum = geo.XY{X: sum.X + p.X, Y: sum.Y + p.Y}
	}
	mean := geo.XY{X: sum.X / float64(len(half)), Y: sum.Y / float64(len(half))}
	x.mid = slices.MinFunc(half, func(i, j int) int {
		return cmp.Compare(s.o.mid(s.tiles[i]).Dist2(mean), s.o.mid(s.tiles[j]).Dist2(mean))
	})
	way := s.o.mid(s.tiles[x.tiles[first]]).Azimuth(s.o.mid(s.tiles[x.tiles[last]]))
	x.bearing = math.Mod(math.Round(way)+360, 360)
}

// along measures connected tiles from one of their ends: per tile how far it is,
// in metres over sides and corners, and how far the farthest is.
func (s *strip) along(tiles []int) (at []float64, length float64) {
	local := map[int]int{}
	for k, i := range tiles {
		local[i] = k
	}
	measure := func(from int) []int {
		dist := make([]int, len(tiles)) // one more than in fifths of a tile; 0 = not yet
		dist[from] = 1
		due := [][]int{1: {from}}
		for d := 1; d < len(due); d++ {
			for _, k := range due[d] {
				if dist[k] < d {
					continue
				}
				t := s.tiles[tiles[k]]
				for _, i := range s.around(tiles[k], 1) {
					j, ok := local[i]
					if !ok {
						continue
					}
					step := 5
					if u := s.tiles[i]; u.x != t.x && u.y != t.y {
						step = 7
					}
					if dist[j] == 0 || d+step < dist[j] {
						dist[j] = d + step
						for len(due) <= d+step {
							due = append(due, nil)
						}
						due[d+step] = append(due[d+step], j)
					}
				}
			}
		}
		return dist
	}
	end := func(dist []int) (far int) {
		for k := range dist {
			if dist[k] > dist[far] {
				far = k
			}
		}
		return far
	}
	dist := measure(end(measure(0)))
	at = make([]float64, len(tiles))
	for k, d := range dist {
		at[k] = float64(d-1) / 5 * s.o.unit()
		length = math.Max(length, at[k])
	}
	return at, length
}
