package recognition

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Lattice of an area: at least so many points in its footprint, but never more
// than the most in its box.
const (
	minSamples = 144
	maxSamples = 2500
)

// maxOverlap is how many areas a place may be in for Bayes' rule, in the mean.
const maxOverlap = 100

// edgeReach is where an area's weight ends, in standard deviations of its edge.
const edgeReach = 3

// sampler measures what areas cover of zones.
type sampler struct {
	areas  *geo.Areas
	proj   geo.Projection
	zoning geo.Zoning
	p      AllocateParams
	grid   []lattice
	// Squares of the plane with the areas whose lattices touch them.
	origin geo.XY
	size   float64 // m
	nx, ny int
	first  []int32 // per square, its first entry in member; one more at the end
	member []sigcity.AreaID
}

// lattice is the points at which an area is looked at: the middles of nx × ny
// rectangles that fill a box around what it serves; none of an area without extent.
type lattice struct {
	lo             geo.XY
	stepX, stepY   float64 // m
	nx, ny         int
	weight         []float32 // per point, how strongly the area serves it
	extent, spread float64   // m²; m, the standard deviation of the edge
}

func (l *lattice) point(x, y int) geo.XY {
	return geo.XY{X: l.lo.X + float64((float64(x)+0.5)*l.stepX), Y: l.lo.Y + float64((float64(y)+0.5)*l.stepY)}
}

// at is the weight at the lattice's point nearest to q; 0 outside the box.
func (l *lattice) at(q geo.XY) float64 {
	x, y := q.X-l.lo.X, q.Y-l.lo.Y
	if !(x >= 0 && y >= 0) || x >= float64(l.nx)*l.stepX || y >= float64(l.ny)*l.stepY {
		return 0
	}
	return float64(l.weight[min(int(y/l.stepY), l.ny-1)*l.nx+min(int(x/l.stepX), l.nx-1)])
}

func newSampler(areas *geo.Areas, proj geo.Projection, zoning geo.Zoning, p AllocateParams) *sampler {
	s := &sampler{areas: areas, proj: proj, zoning: zoning, p: p, grid: make([]lattice, areas.Len())}
	for i := range s.grid {
		s.grid[i] = s.lay(sigcity.AreaID(i))
	}
	return s
}

// lay makes the lattice of an area, still without weights.
func (s *sampler) lay(id sigcity.AreaID) lattice {
	var l lattice
	var hi geo.XY
	if ring := s.areas.Ring(id); ring != nil {
		l.lo, hi, l.extent = ring[0], ring[0], geo.RingArea(ring)
		for _, p := range ring {
			l.lo = geo.XY{X: min(l.lo.X, p.X), Y: min(l.lo.Y, p.Y)}
			hi = geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
		}
	} else {
		c, r := s.areas.Centers[id], s.areas.Radius(id)
		l.lo, hi, l.extent = geo.XY{X: c.X - r, Y: c.Y - r}, geo.XY{X: c.X + r, Y: c.Y + r}, math.Pi*r*r
	}
	if !s.p.Uniform {
		l.spread = s.p.EdgeShare * s.areas.Spacing(id)
	}
	e := edgeReach * l.spread
	l.lo, hi = geo.XY{X: l.lo.X - e, Y: l.lo.Y - e}, geo.XY{X: hi.X + e, Y: hi.Y + e}
	w, h := hi.X-l.lo.X, hi.Y-l.lo.Y
	if !(l.extent > 0 && w > 0 && h > 0) {
		return l
	}
	step := math.Sqrt(l.extent / minSamples)
	if z := s.zoning.Zone(s.proj.LonLat(s.areas.Centers[id])); z != geo.NoZone {
		if zone := math.Sqrt(geo.RingArea(s.proj.RingXY(s.zoning.Outline(z)))); zone > 0 {
			step = min(step, zone/3)
		}
	}
	step = max(step, math.Sqrt(w*h/maxSamples))
	l.nx, l.ny = int(math.Ceil(w/step)), int(math.Ceil(h/step))
	l.stepX, l.stepY = w/float64(l.nx), h/float64(l.ny)
	return l
}

// weigh works out the weights of all lattices.
func (s *sampler) weigh() {
	for i := range s.grid {
		l := &s.grid[i]
		l.weight = make([]float32, l.nx*l.ny)
		for y := range l.ny {
			for x := range l.nx {
				l.weight[y*l.nx+x] = float32(s.weight(sigcity.AreaID(i), l.point(x, y)))
			}
		}
	}
}

// weight is how strongly an area serves a point: 1 in its footprint.
func (s *sampler) weight(id sigcity.AreaID, q geo.XY) float64 {
	if s.p.Uniform {
		if s.areas.Contains(id, q) {
			return 1
		}
		return 0
	}
	gap := s.areas.Gap(id, q)
	if gap == 0 {
		return 1
	}
	spread := s.grid[id].spread
	if gap >= edgeReach*spread {
		return 0
	}
	return math.Exp(-0.5 * float64(gap/spread) * float64(gap/spread))
}

// sample is the ground in m² that an area covers of each zone.
func (s *sampler) sample(id sigcity.AreaID) map[geo.ZoneID]float64 {
	l := &s.grid[id]
	covers := map[geo.ZoneID]float64{}
	for y := range l.ny {
		for x := range l.nx {
			own := float64(l.weight[y*l.nx+x])
			if own == 0 {
				continue
			}
			q := l.point(x, y)
			if z := s.zoning.Zone(s.proj.LonLat(q)); z != geo.NoZone {
				covers[z] += float64(own / s.all(id, q, own) * l.stepX * l.stepY)
			}
		}
	}
	if len(covers) == 0 { // a point, or too thin for the lattice
		if z := s.zoning.Zone(s.proj.LonLat(s.areas.Centers[id])); z != geo.NoZone {
			covers[z] = max(1, l.extent)
		}
	}
	return covers
}

// all is the sum of the weights at q of the areas that compete with one whose
// own weight is there; where uniform there is no competition.
func (s *sampler) all(id sigcity.AreaID, q geo.XY, own float64) float64 {
	if s.p.Uniform {
		return 1
	}
	x, y := s.square(q)
	i := y*s.nx + x
	for _, other := range s.member[s.first[i]:s.first[i+1]] {
		if other != id && (s.p.Layer == nil || s.p.Layer[other] == s.p.Layer[id]) {
			own += s.grid[other].at(q)
		}
	}
	return own
}

func (s *sampler) square(q geo.XY) (x, y int) {
	return min(max(int((q.X-s.origin.X)/s.size), 0), s.nx-1), min(max(int((q.Y-s.origin.Y)/s.size), 0), s.ny-1)
}

// indexAreas lays the squares, of about the middle size of the areas, but no more than
// 16 for each area.
func (s *sampler) indexAreas() error {
	n := len(s.grid)
	lo := geo.XY{X: math.Inf(1), Y: math.Inf(1)}
	hi := geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
	sides, ground := 0.0, 0.0
	for i := range s.grid {
		l := &s.grid[i]
		h := l.point(l.nx, l.ny) // half a step beyond the box
		lo = geo.XY{X: min(lo.X, l.lo.X), Y: min(lo.Y, l.lo.Y)}
		hi = geo.XY{X: max(hi.X, h.X), Y: max(hi.Y, h.Y)}
		ground += float64((h.X - l.lo.X) * (h.Y - l.lo.Y))
		sides += math.Sqrt((h.X - l.lo.X) * (h.Y - l.lo.Y))
	}
	if n == 0 {
		lo, hi = geo.XY{}, geo.XY{}
	}
	s.origin = lo
	wide, high := max(hi.X-lo.X, 1), max(hi.Y-lo.Y, 1)
	if over := ground / (wide * high); over > maxOverlap {
		return fmt.Errorf("areas overlap %.0f-fold, want areas that compete for the ground", over)
	}
	s.size = max(sides/float64(max(n, 1)), math.Sqrt(wide*high/float64(16*n+16)), wide/4096, high/4096)
	s.nx, s.ny = int(wide/s.size)+1, int(high/s.size)+1
	s.first = make([]int32, s.nx*s.ny+1)
	each := func(f func(id sigcity.AreaID, square int)) {
		for i := range s.grid {
			l := &s.grid[i]
			x0, y0 := s.square(l.lo)
			x1, y1 := s.square(l.point(l.nx, l.ny))
			for y := y0; y <= y1; y++ {
				for x := x0; x <= x1; x++ {
					f(sigcity.AreaID(i), y*s.nx+x)
				}
			}
		}
	}
	each(func(_ sigcity.AreaID, i int) { s.first[i+1]++ })
	for i := range s.nx * s.ny {
		s.first[i+1] += s.first[i]
	}
	s.member = make([]sigcity.AreaID, s.first[s.nx*s.ny])
	at := append([]int32(nil), s.first...)
	each(func(id sigcity.AreaID, i int) {
		s.member[at[i]] = id
		at[i]++
	})
	return nil
}
