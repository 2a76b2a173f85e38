package network

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Radio propagation after 3GPP TR 38.901 (Study on channel model for
// frequencies from 0.5 to 100 GHz, release 16). Levels are those of one resource
// element, as phones report them (RSRP).
const (
	phoneM       = 1.5  // height of a phone outdoors
	smallCellDB  = -5.0 // 41 dBm where sites stand as close as small cells
	beamDeg      = 65.0 // width of a sector's beam at −3 dB
	frontToBack  = 30.0 // dB
	siteShare    = 0.5  // of the shadowing's variance is a site's own; the rest is common to all sites
	minLevelDBm  = -120 // below it a phone does not camp on a cell (Q-RxLevMin, operators set −130 … −110)
	indoorDepthM = 25.0 / 3
)

// carrier is the part of the spectrum that a network of one technology is on.
type carrier struct {
	ghz        float64
	antennaDBi float64 // gain of a sector antenna
	elementDBm float64 // power of a resource element
	campDBm    float64 // phones camp where the best cell is at least as strong; 0 = anywhere
	reachM     float64 // no site farther than this is strong enough to camp on; 0 = any may be

	tilesOfSpacing float64 // tiles are at most this part of the site spacing, if maxLevel allows
}

// outOfReach reports whether nobody camps on a site at d metres.
func (k *carrier) outOfReach(d float64) bool { return k.reachM > 0 && d > k.reachM }

// lteCarrier is a 4G macro layer on band 3: 17 dBi (TR 36.942: 15 to 18) and
// 46 dBm over the 1,200 elements of 20 MHz (TR 36.814, table A.2.1.1-2).
func lteCarrier() carrier {
	return carrier{ghz: 1.8, antennaDBi: 17, elementDBm: 15.2, tilesOfSpacing: 8}
}

// nrCarrier is the mid-band of 5G, n78: 53 dBm over the 3,276 elements of
// 100 MHz at 30 kHz (TS 38.101-1, table 5.3.2-1: 273 blocks of 12), 24 dBi of a
// panel with beams; phones prefer it down to −110 dBm (priority and threshold
// of TS 38.304 §5.2.4.5). Power, gain,
// threshold and reach are assumed. Its tiles are coarser: not every site has it.
func nrCarrier() carrier {
	return carrier{ghz: 3.5, antennaDBi: 24, elementDBm: 17.8, campDBm: -110, reachM: 3000, tilesOfSpacing: 4}
}

// losses are the loss models of a carrier by scenario.
type losses [ruralMacro + 1]lossModel

func (k *carrier) losses() (out losses) {
	for s := range out {
		out[s] = newLossModel(scenario(s), k.ghz)
	}
	return out
}

// scenario is the kind of surroundings of a phone. It follows the spacing of
// the sites around, as the layouts of TR 38.901 do (200, 500, 1732 m).
type scenario uint8

const (
	streetCanyon scenario = iota // UMi
	urbanMacro                   // UMa
	ruralMacro                   // RMa
)

const (
	streetCanyonM = 350.0  // UMi below this site spacing
	ruralM        = 1500.0 // RMa from this one on
)

func scenarioOf(spacing float64) scenario {
	switch {
	case spacing < streetCanyonM:
		return streetCanyon
	case spacing < ruralM:
		return urbanMacro
	}
	return ruralMacro
}

// mast is the height of the antennas in metres, TR 38.901 table 7.4.1-1.
func (s scenario) mast() float64 { return [...]float64{10, 25, 35}[s] }

// shadowing is the standard deviation in dB of the log-normal shadowing with
// and without line of sight (table 7.4.1-1; RMa up to the break point).
func (s scenario) shadowing() (los, nlos float64) {
	return [...]float64{4, 4, 4}[s], [...]float64{7.82, 6, 8}[s]
}

// decorrelation is the distance in metres at which the shadowing's correlation
// is 1/e (table 7.5-6, no line of sight; UMi's 13 m is below what a tile
// resolves, and UMa's is taken).
func (s scenario) decorrelation() float64 { return [...]float64{50, 50, 120}[s] }

// lineOfSight is the probability of line of sight at d metres on the ground
// (table 7.4.2-1, for phones below 13 m).
func (s scenario) lineOfSight(d float64) float64 {
	decay := 36.0
	switch s {
	case ruralMacro:
		return math.Exp(-math.Max(d-10, 0) / 1000)
	case urbanMacro:
		decay = 63
	}
	if d <= 18 {
		return 1
	}
	return 18/d + float64(math.Exp(-d/decay)*(1-18/d))
}

// lossModel is the path loss of a scenario as lines over the log10 of the
// distance in space, with what does not hang on the distance worked out.
type lossModel struct {
	scenario   scenario
	rise2      float64 // square of the height difference, m²
	breakpoint float64 // m on the ground
	near, far  line    // with line of sight, before and after the break point
	perMetre   float64 // RMa: dB a metre, before the break point
	without    line    // no line of sight
}

// line is at + slope × log10(distance), in dB.
type line struct{ at, slope float64 }

func (l line) loss(log10 float64) float64 { return l.at + float64(l.slope*log10) }

// newLossModel takes the formulas of table 7.4.1-1. RMa is with buildings of
// 5 m and streets of 20 m, its defaults. ghz is the carrier.
func newLossModel(s scenario, ghz float64) lossModel {
	const lightM = 0.299792458 // of one period at 1 GHz
	h := s.mast()
	m := lossModel{scenario: s, rise2: (h - phoneM) * (h - phoneM)}
	f := 20 * math.Log10(ghz)
	if s == ruralMacro {
		const building, street = 5.0, 20.0
		b := math.Pow(building, 1.72)
		m.breakpoint = 2 * math.Pi * h * phoneM * ghz / lightM
		m.near = line{20*math.Log10(40*math.Pi*ghz/3) - min(0.044*b, 14.77), 20 + min(0.03*b, 10)}
		m.perMetre = 0.002 * math.Log10(building)
		at := math.Log10(m.breakpoint)
		m.far = line{m.near.loss(at) + float64(m.perMetre*m.breakpoint) - float64(40*at), 40}
		a := math.Log10(11.75 * phoneM)
		m.without.slope = 43.42 - float64(3.1*math.Log10(h))
		m.without.at = 161.04 - float64(7.1*math.Log10(street)) + float64(7.5*math.Log10(building)) -
			float64((24.37-float64(3.7*(building/h)*(building/h)))*math.Log10(h)) -
			float64(3*m.without.slope) + f - (float64(3.2*a*a) - 4.97)
		return m
	}
	m.breakpoint = 4 * (h - 1) * (phoneM - 1) * ghz / lightM // with the effective height of 1 m
	beyond := math.Log10(float64(m.breakpoint*m.breakpoint) + m.rise2)
	if s == streetCanyon {
		m.near, m.far = line{32.4 + f, 21}, line{32.4 + f - float64(9.5*beyond), 40}
		m.without = line{22.4 + float64(21.3*math.Log10(ghz)), 35.3}
	} else {
		m.near, m.far = line{28 + f, 22}, line{28 + f - float64(9*beyond), 40}
		m.without = line{13.54 + f, 39.08}
	}
	return m
}

// pathLoss is the loss in dB at d metres on the ground with and without line
// of sight. The formulas hold from 10 m to 5 km, RMa with line of sight to
// 10 km. Nearer than 10 m the loss is that of 10 m; farther out they are
// extended, which bears on the open country only, where no cell is nearer.
func (m *lossModel) pathLoss(d float64) (los, nlos float64) {
	d = math.Max(d, 10)
	space2 := float64(d*d) + m.rise2
	log := math.Log10(space2) / 2
	if d <= m.breakpoint {
		los = m.near.loss(log) + float64(m.perMetre*math.Sqrt(space2))
	} else {
		los = m.far.loss(log)
	}
	return los, math.Max(los, m.without.loss(log))
}

// expected is the loss and the deviation of the shadowing, in dB, in the mean
// over places with and without line of sight at d metres.
func (m *lossModel) expected(d float64) (loss, sigma float64) {
	p := m.scenario.lineOfSight(d)
	los, nlos := m.pathLoss(d)
	sl, sn := m.scenario.shadowing()
	return float64(p*los) + float64((1-p)*nlos), float64(p*sl) + float64((1-p)*sn)
}

// antennaLoss is what a sector antenna gives less than in its main direction,
// in dB, off degrees beside it, by the width of its beam in degrees (TR 38.901
// table 7.3-1, horizontal cut); 360 is an omnidirectional one.
func antennaLoss(off, beam float64) float64 {
	if beam >= 360 {
		return 0
	}
	for off > 180 {
		off -= 360
	}
	for off < -180 {
		off += 360
	}
	return min(12*(off/beam)*(off/beam), frontToBack)
}

// penetration is the mean loss in dB at a carrier from outdoors into a building of the use
// (clause 7.4.3): dwellings and sheds have plain glass (the low-loss model),
// offices, shops, works and public buildings coated glass (high-loss) except in
// the country, where the low-loss model alone applies. It includes the mean
// depth of a phone indoors.
func penetration(s scenario, u Use, ghz float64) float64 {
	glass, coated, concrete := 2+0.2*ghz, 23+0.3*ghz, 5+4*ghz
	gain := func(db float64) float64 { return math.Pow(10, -db/10) }
	inside := 0.5 * indoorDepthM
	if s == ruralMacro {
		inside = 0.5 * 10 / 3
	}
	if s == ruralMacro || u == Residential || u == OtherUse || u == UnknownUse {
		return 5 - 10*math.Log10(float64(0.3*gain(glass))+float64(0.7*gain(concrete))) + inside
	}
	return 5 - 10*math.Log10(float64(0.7*gain(coated))+float64(0.3*gain(concrete))) + inside
}

// shadow is a random function of place with mean 0 and deviation 1: values drawn
// for the knots of a square lattice, interpolated bilinearly and scaled to the
// same deviation everywhere. It needs no memory, and no order of asking.
type shadow struct {
	key  uint64
	knot float64 // distance between knots
}

// knotsPerDecorrelation: the correlation of a bilinear lattice field, averaged
// over the place, falls to 1/e at 0.92 knots.
const knotsPerDecorrelation = 1 / 0.92

func newShadow(key uint64, decorrelation float64) shadow {
	return shadow{key, decorrelation * knotsPerDecorrelation}
}

// square is the knot below and left of p, and how far p is beyond it, in knots.
func (f shadow) square(p geo.XY) (x0, y0 int64, u, v float64) {
	x, y := p.X/f.knot, p.Y/f.knot
	fx, fy := math.Floor(x), math.Floor(y)
	return int64(fx), int64(fy), x - fx, y - fy
}

// value is that of a knot.
func (f shadow) value(x, y int64) float64 {
	return normal(sigcity.Mix(sigcity.Mix(f.key, uint64(x)), uint64(y)))
}

// between interpolates the values at the corners of a square of knots.
func between(u, v, lowLeft, lowRight, highLeft, highRight float64) float64 {
	wl, wr := 1-u, u
	a := float64(wl*lowLeft) + float64(wr*lowRight)
	b := float64(wl*highLeft) + float64(wr*highRight)
	scale := (float64(wl*wl) + float64(wr*wr)) * (float64((1-v)*(1-v)) + float64(v*v))
	return (float64((1-v)*a) + float64(v*b)) / math.Sqrt(scale)
}

func (f shadow) at(p geo.XY) float64 {
	x, y, u, v := f.square(p)
	return between(u, v, f.value(x, y), f.value(x+1, y), f.value(x, y+1), f.value(x+1, y+1))
}

// mean is the field's mean over a square of the side around p: over points no
// farther apart than the knots.
func (f shadow) mean(p geo.XY, side float64) float64 { return meanOver(p, side, f.knot, f.at) }

func meanOver(p geo.XY, side, knot float64, at func(geo.XY) float64) float64 {
	if side <= knot {
		return at(p)
	}
	n := math.Ceil(side / knot)
	sum := 0.0
	for i := range int(n) {
		for j := range int(n) {
			sum += at(geo.XY{X: p.X + float64(((float64(i)+0.5)/n-0.5)*side), Y: p.Y + float64(((float64(j)+0.5)/n-0.5)*side)})
		}
	}
	return sum / float64(n*n)
}

// normal turns a hash into a nearly normal number of mean 0 and deviation 1:
// the sum of its four 16-bit parts (Irwin and Hall).
func normal(h uint64) float64 {
	sum := h&0xffff + h>>16&0xffff + h>>32&0xffff + h>>48
	return (float64(sum)/65535 - 2) * math.Sqrt(3)
}
