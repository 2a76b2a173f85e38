package synthcity

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sigcity/sigcity/geo"
)

// quad is a block: four corners in turn.
type quad [4]geo.XY

// at is the point at shares f and g of the sides.
func (q quad) at(f, g float64) geo.XY {
	return q[0].Lerp(q[1], f).Lerp(q[3].Lerp(q[2], f), g)
}

// size is the mean length of its sides in metres.
func (q quad) size() (w, h float64) {
	return (q[0].Dist(q[1]) + q[3].Dist(q[2])) / 2, (q[0].Dist(q[3]) + q[1].Dist(q[2])) / 2
}

// inset is the block without the outer d metres.
func (q quad) inset(d float64) quad {
	w, h := q.size()
	f, g := math.Min(d/w, 0.45), math.Min(d/h, 0.45)
	return quad{q.at(f, g), q.at(1-f, g), q.at(1-f, 1-g), q.at(f, 1-g)}
}

func (q quad) ring() []geo.XY { return q[:] }

// slot is a rectangle of w × d metres about the share (f, g) of the block.
func (q quad) slot(f, g, w, d float64) []geo.XY {
	bw, bh := q.size()
	c := q.at(f, g)
	a, b := q.at(0, g), q.at(1, g)
	l := math.Max(a.Dist(b), 1)
	ux, uy := (b.X-a.X)/l, (b.Y-a.Y)/l
	w, d = math.Min(w, bw)/2, math.Min(d, bh)/2
	corner := func(x, y float64) geo.XY {
		return geo.XY{X: c.X + float64(x*ux) - float64(y*uy), Y: c.Y + float64(x*uy) + float64(y*ux)}
	}
	return []geo.XY{corner(-w, -d), corner(w, -d), corner(w, d), corner(-w, d)}
}

// building is one whose storeys are settled once all are known.
type building struct {
	way    int32
	m2     float64
	base   float64 // storeys before scaling
	lo, hi float64 // bounds of the storeys
	kind   kind
	levels float64
}

type kind uint8

const (
	flat  kind = iota // scaled until the town holds its inhabitants
	house             // storeys stay
	work              // scaled until the town has its jobs
	fixed
)

// plot is a cell with homes, as the amenities see it.
type plot struct {
	q      quad
	first  int32 // range of its buildings
	end    int32
	rho    float64
	center bool
}

// put builds on the ring if nothing keeps it out.
func (m *maker) put(ring []geo.XY, x building, kv ...string) bool {
	if !m.free(ring) {
		return false
	}
	x.way = m.store.ring(ring, kv...)
	x.m2 = geo.RingArea(ring)
	m.built = append(m.built, x)
	return true
}

// fill builds on every active cell of every town.
func (m *maker) fill() {
	for _, t := range m.towns {
		t.first = int32(len(m.built))
		t.grounds = m.grounds(t)
		for i := range 2 * t.half {
			for j := range 2 * t.half {
				if t.on(i, j) {
					m.fillCell(t, i, j)
				}
			}
		}
		t.end = int32(len(m.built))
	}
}

func (m *maker) fillCell(t *town, i, j int) {
	r := m.seedFor("cell", uint64(t.id), uint64(i), uint64(j))
	u, v := float64(i-t.half)+0.5, float64(j-t.half)+0.5
	p := plot{q: quad{t.corner(i, j), t.corner(i+1, j), t.corner(i+1, j+1), t.corner(i, j+1)}.inset(11), rho: t.rho(u, v), first: int32(len(m.built))}
	if w, h := p.q.size(); w < 30 || h < 30 {
		return
	}
	if m.ground(t, t.grounds[t.cell(i, j)], p) {
		return
	}
	switch t.zones[t.super(i, j)] {
	case center:
		p.center = true
		m.offices(t, r, p)
	case industry:
		m.halls(r, p)
	case campus:
		m.faculty(r, p)
	case green:
		return
	case villas:
		m.villas(r, p)
	default:
		m.homes(t, r, p)
	}
	if p.end = int32(len(m.built)); p.end > p.first {
		t.blocks = append(t.blocks, p)
	}
}

// tallness is how high a town builds at rho: high in the middle of large ones.
func tallness(t *town, rho float64) float64 {
	return 1 + float64(2.6*math.Max(0, 1-rho)*math.Min(1.5, t.people/400_000+0.25))
}

// homes builds a residential cell: a gated community of slabs, walk-ups along
// the streets, or dense low houses, by a draw that hangs on the distance.
func (m *maker) homes(t *town, r *rand.Rand, p plot) {
	w, h := p.q.size()
	draw := r.Float64()
	tall := tallness(t, p.rho) * math.Exp2(0.6*r.NormFloat64())
	slabs := 0.25 + float64(0.35*math.Min(t.people/300_000, 1))
	m.ring(p.q.ring(), "landuse", "residential")
	switch {
	case w*h > 6000 && draw < slabs: // point blocks and slabs around a garden
		rows, cols := max(1, int(h/36)), max(1, int(w/58))
		skip := r.IntN(rows * cols)
		for a := range rows {
			for b := range cols {
				g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
				if a*cols+b == skip && rows*cols > 3 {
					m.ring(p.q.slot(f, g, 36, 26), "leisure", "garden", "access", "private")
					continue
				}
				m.put(p.q.slot(f, g, math.Min(48, w/float64(cols)-10), 14), building{base: 3.2 * tall, lo: 2, hi: 40, kind: flat}, "building", "apartments")
			}
		}
	case draw < 0.8: // walk-ups
		rows, cols := max(1, int(h/30)), max(1, int(w/34))
		for a := range rows {
			for b := range cols {
				g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
				m.put(p.q.slot(f, g, math.Min(24, w/float64(cols)-5), 12), building{base: 1.7 * tall, lo: 1, hi: 8, kind: flat}, "building", "residential")
			}
		}
	default: // houses, shoulder to shoulder
		rows, cols := max(1, int(h/20)), max(1, int(w/15))
		for a := range rows {
			for b := range cols {
				if r.Float64() < 0.08 {
					continue
				}
				g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
				m.put(p.q.slot(f, g, 10+float64(2*r.Float64()), 10+float64(3*r.Float64())), building{base: 2 + float64(r.IntN(2)), lo: 1, hi: 4, kind: house}, "building", "house")
			}
		}
	}
}

// villas builds a high-end community: detached houses, a park in the middle.
func (m *maker) villas(r *rand.Rand, p plot) {
	w, h := p.q.size()
	m.ring(p.q.ring(), "landuse", "residential", "residential", "gated")
	rows, cols := max(1, int(h/32)), max(1, int(w/28))
	park := rows > 2 && cols > 2
	if park {
		m.ring(p.q.slot(0.5, 0.5, w/float64(cols)*1.9, h/float64(rows)*1.4), "leisure", "park", "access", "permissive")
	}
	for a := range rows {
		for b := range cols {
			g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
			if park && math.Abs(f-0.5)*float64(cols) < 1.4 && math.Abs(g-0.5)*float64(rows) < 1.1 {
				continue
			}
			m.put(p.q.slot(f, g, 13+float64(2*r.Float64()), 10+r.Float64()), building{base: 2, lo: 2, hi: 2, kind: house}, "building", "detached")
		}
	}
}

// offices builds the business district: towers, malls, hotels and some flats.
func (m *maker) offices(t *town, r *rand.Rand, p plot) {
	w, h := p.q.size()
	tall := 5 * tallness(t, p.rho) * math.Exp2(0.8*r.NormFloat64())
	if r.Float64() < 0.12 && w > 60 && h > 60 { // a mall; its place is an amenity
		m.ring(p.q.ring(), "landuse", "retail")
		m.put(p.q.slot(0.5, 0.5, math.Min(w-16, 130), math.Min(h-16, 95)), building{base: 5, lo: 3, hi: 7, kind: fixed},
			"building", "retail", "shop", "mall", "name", fmt.Sprintf("%s Galerie %d", t.name, len(m.built)))
		return
	}
	m.ring(p.q.ring(), "landuse", "commercial")
	rows, cols := max(1, int(h/36)), max(1, int(w/36))
	for a := range rows {
		for b := range cols {
			g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
			side := math.Min(26+float64(10*r.Float64()), math.Min(w/float64(cols), h/float64(rows))-8)
			switch d := r.Float64(); {
			case d < 0.62:
				m.put(p.q.slot(f, g, side, side), building{base: tall, lo: 2, hi: 70, kind: work}, "building", "office", "office", "company")
			case d < 0.70:
				m.put(p.q.slot(f, g, side, side*0.7), building{base: tall, lo: 3, hi: 40, kind: work}, "building", "hotel", "tourism", "hotel")
			case d < 0.78:
				m.put(p.q.slot(f, g, side, side), building{base: 3, lo: 2, hi: 5, kind: work}, "building", "commercial")
			default:
				m.put(p.q.slot(f, g, side, 14), building{base: 3.5 * tallness(t, p.rho), lo: 2, hi: 45, kind: flat}, "building", "apartments")
			}
		}
	}
}

// halls builds a cell of an industrial park.
func (m *maker) halls(r *rand.Rand, p plot) {
	w, h := p.q.size()
	m.ring(p.q.ring(), "landuse", "industrial")
	rows, cols := max(1, int(h/(70+float64(30*r.Float64())))), max(1, int(w/(60+float64(60*r.Float64()))))
	for a := range rows {
		for b := range cols {
			g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
			kv := []string{"building", "industrial"}
			switch d := r.Float64(); {
			case d < 0.1:
				continue
			case d < 0.3:
				kv[1] = "warehouse"
			case d < 0.42:
				kv = append(kv, "man_made", "works")
			}
			m.put(p.q.slot(f, g, w/float64(cols)-20, h/float64(rows)-20), building{base: 1.3 + r.Float64(), lo: 1, hi: 8, kind: work}, kv...)
		}
	}
}

// faculty builds a cell of a campus: lecture halls, and rooms for students.
func (m *maker) faculty(r *rand.Rand, p plot) {
	w, h := p.q.size()
	rows, cols := max(1, int(h/60)), max(1, int(w/80))
	for a := range rows {
		for b := range cols {
			g, f := (float64(a)+0.5)/float64(rows), (float64(b)+0.5)/float64(cols)
			if d := r.Float64(); d < 0.25 {
				m.put(p.q.slot(f, g, 50, 15), building{base: 6, lo: 3, hi: 8, kind: fixed}, "building", "dormitory")
			} else if d < 0.8 {
				m.put(p.q.slot(f, g, 40+float64(25*r.Float64()), 22), building{base: 4, lo: 3, hi: 7, kind: fixed}, "building", "university")
			}
		}
	}
}
