package synthcity

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// maker makes one city, stage by stage. Its first town is the main city.
type maker struct {
	*store
	city    *City
	towns   []*town
	river   river
	keepOut map[[2]int32]bool // squares of keepOutM where no building may stand; looked up only
	built   []building
	hubs    []hub       // railway stations and the airport, where metro and roads lead to
	links   []intercity // roads between settlements
	rural   int32       // first index into built of the hamlets
}

// town is a settlement with streets of its own.
type town struct {
	id     int
	name   string
	center geo.XY
	turn   float64 // of its lattice, radians
	people float64
	radius float64 // m
	half   int     // cells of the lattice from the middle to a side
	block  int     // cells between arterials
	phase  [4]float64
	works  float64 // azimuth of its industry, radians from the x axis of the lattice

	nodes   []int32 // of the lattice, −1 where none
	wet     []bool  // lattice nodes in the river
	active  []bool  // cells that are built on
	zones   []zone  // by super-block of block × block cells
	paths   map[[2]int32][]int32
	grounds []ground // by cell
	blocks  []plot   // residential cells, for shops and schools
	first   int32    // range of its buildings
	end     int32
}

type hub struct {
	name string
	pos  geo.XY
	kind string // station, highspeed, airport
}

// seedFor is a generator that a scope and keys name.
func (m *maker) seedFor(scope string, keys ...uint64) *rand.Rand {
	return sigcity.Rand(m.city.Seed, "synthcity."+scope, keys...)
}

// densityOf is the mean number of inhabitants a km² of a settlement: larger
// ones are denser. Assumed.
func densityOf(people float64) float64 { return 3600 * math.Pow(people/1e4, 0.22) }

// plan places the settlements: the main city, and towns whose sizes fall by
// rank as Zipf's law has it (Gabaix 1999), far enough from each other.
func (m *maker) plan() {
	p := m.city.Preset
	r := m.seedFor("plan")
	all := float64(p.Inhabitants)
	m.addTown("Mittelburg", geo.XY{}, all*p.MainShare)
	main := m.towns[0]
	m.river = newRiver(r, main.radius, p.ReachM)
	total := 0.0
	for i := range p.Towns {
		total += math.Pow(float64(i)+1, -1.07)
	}
	for i := range p.Towns {
		people := all * (1 - p.MainShare - p.RuralShare) * math.Pow(float64(i)+1, -1.07) / total
		m.addTown(fmt.Sprintf("%sstadt", townNames(i)), m.freePlace(r, people), people)
	}
}

// townNames are made-up syllables.
func townNames(i int) string {
	a := [...]string{"Alt", "Berg", "Dorn", "Eich", "Feld", "Grün"}
	b := [...]string{"", "ober", "unter", "neu", "hinter"}
	return a[i%len(a)] + b[i/len(a)%len(b)]
}

func (m *maker) addTown(name string, at geo.XY, people float64) {
	t := &town{id: len(m.towns), name: name, center: at, people: people, paths: map[[2]int32][]int32{}}
	r := m.seedFor("town", uint64(t.id))
	t.radius = 1000 * math.Sqrt(people/densityOf(people)/math.Pi)
	t.turn = r.Float64() * math.Pi / 2
	t.works = (r.Float64() - 0.5) * 2 * math.Pi
	for i := range t.phase {
		t.phase[i] = r.Float64() * 2 * math.Pi
	}
	t.block = 4
	if people < 60_000 {
		t.block = 2
	}
	cell := 120 + float64(50*math.Min(people/1e6, 1)) // m, in the mean
	t.half = t.block * max(2, int(math.Round(t.radius/cell/float64(t.block))))
	m.towns = append(m.towns, t)
}

// freePlace throws until a town of that size has room: off the main city, off
// other towns and off the river.
func (m *maker) freePlace(r *rand.Rand, people float64) geo.XY {
	radius := 1000 * math.Sqrt(people/densityOf(people)/math.Pi)
	main := m.towns[0]
	best, bestGap := geo.XY{}, math.Inf(-1)
	for range 200 {
		d := float64(1.7*main.radius) + 3000
		d += float64((float64(m.city.Preset.ReachM*0.95) - radius - d) * math.Sqrt(r.Float64()))
		sin, cos := math.Sincos(r.Float64() * 2 * math.Pi)
		q := geo.XY{X: d * cos, Y: d * sin}
		gap := math.Abs(m.river.side(q)) - m.river.half - float64(1.2*radius) - 500
		for _, t := range m.towns {
			gap = math.Min(gap, q.Dist(t.center)-float64(1.5*(t.radius+radius))-1500)
		}
		if gap > bestGap {
			best, bestGap = q, gap
		}
		if gap > 0 {
			break
		}
	}
	return best
}

// river is a winding band through the region, past the middle of the main city.
type river struct {
	sin, cos float64 // of its direction
	off      float64
	amp, len [2]float64
	phase    [2]float64
	half     float64 // width, m
	reach    float64
}

func newRiver(r *rand.Rand, radius, reach float64) river {
	v := river{off: radius * (0.30 + float64(0.1*r.Float64())), half: 30 + float64(radius*0.018), reach: reach}
	v.sin, v.cos = math.Sincos((r.Float64() - 0.5) * 1.2)
	v.amp = [2]float64{radius * 0.16, radius * 0.5}
	v.len = [2]float64{radius * 0.42, radius * 2.1}
	v.phase = [2]float64{r.Float64() * 6, r.Float64() * 0.6}
	return v
}

// mid is the middle of the river at x along its direction.
func (v river) mid(x float64) float64 {
	return v.off + float64(v.amp[0]*math.Sin(x/v.len[0]+v.phase[0])) + float64(v.amp[1]*math.Sin(x/v.len[1]+v.phase[1])*math.Min(1, math.Abs(x)/(4*v.off)))
}

// side is how far q lies beside the middle, about, signed, in metres.
func (v river) side(q geo.XY) float64 {
	x := float64(q.X*v.cos) + float64(q.Y*v.sin)
	y := float64(q.Y*v.cos) - float64(q.X*v.sin)
	slope := (v.mid(x+20) - v.mid(x-20)) / 40
	return (y - v.mid(x)) / math.Sqrt(1+float64(slope*slope))
}

func (v river) wet(q geo.XY) bool { return math.Abs(v.side(q)) < v.half }

func (v river) point(x, beside float64) geo.XY {
	y := v.mid(x) + beside
	return geo.XY{X: float64(x*v.cos) - float64(y*v.sin), Y: float64(x*v.sin) + float64(y*v.cos)}
}

// water draws the river as a line and as reaches of water of some kilometres.
func (m *maker) water() {
	v := m.river
	var line []int32
	const step = 100.0
	n := int(v.reach / step)
	for i := -n; i <= n; i++ {
		line = append(line, m.node(v.point(float64(i)*step, 0)))
	}
	m.way(line, "waterway", "river", "name", "Lang")
	const reach = 30 // steps a polygon
	width := func(i int) float64 {
		x := float64(i) * step
		slope := (v.mid(x+20) - v.mid(x-20)) / 40
		return v.half * math.Sqrt(1+float64(slope*slope))
	}
	for i := -n; i < n; i += reach {
		var ring []geo.XY
		for j := i; j <= min(i+reach, n); j++ {
			ring = append(ring, v.point(float64(j)*step, -width(j)))
		}
		for j := min(i+reach, n); j >= i; j-- {
			ring = append(ring, v.point(float64(j)*step, width(j)))
		}
		m.ring(ring, "natural", "water", "water", "river", "name", "Lang")
	}
}

const keepOutM = 20.0

func keepOutTile(q geo.XY) [2]int32 {
	return [2]int32{int32(math.Floor(q.X / keepOutM)), int32(math.Floor(q.Y / keepOutM))}
}

// clear keeps buildings from a strip along a line.
func (m *maker) clear(pts []geo.XY, half float64) {
	for i := 1; i < len(pts); i++ {
		a, b := pts[i-1], pts[i]
		d := math.Max(a.Dist(b), 0.1)
		nx, ny := -(b.Y-a.Y)/d, (b.X-a.X)/d
		for s := 0.0; s <= d; s += keepOutM / 2 {
			q := a.Lerp(b, s/d)
			for w := -half; w <= half; w += keepOutM / 2 {
				m.keepOut[keepOutTile(geo.XY{X: q.X + float64(nx*w), Y: q.Y + float64(ny*w)})] = true
			}
		}
	}
}

// free reports whether a building may stand on the ring.
func (m *maker) free(ring []geo.XY) bool {
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		if m.keepOut[keepOutTile(p)] || m.keepOut[keepOutTile(p.Lerp(q, 0.5))] || m.river.wet(p) {
			return false
		}
	}
	return !m.keepOut[keepOutTile(geo.RingCentroid(ring))]
}
