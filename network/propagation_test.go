package network

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// The formulas of TR 38.901, table 7.4.1-1, written out with the numbers of
// each case: 1.8 GHz, masts of 10, 25 and 35 m, a phone at 1.5 m.
func TestPathLoss(t *testing.T) {
	f := 20 * math.Log10(1.8)
	for _, c := range []struct {
		s         scenario
		d         float64
		los, nlos func(r float64) float64 // r: distance in space
	}{
		{streetCanyon, 50, func(r float64) float64 { return 32.4 + 21*math.Log10(r) + f },
			func(r float64) float64 { return 35.3*math.Log10(r) + 22.4 + 21.3*math.Log10(1.8) }},
		{streetCanyon, 600, func(r float64) float64 {
			bp := 4 * 9 * 0.5 * 1.8e9 / 299792458.0
			return 32.4 + 40*math.Log10(r) + f - 9.5*math.Log10(bp*bp+8.5*8.5)
		}, func(r float64) float64 { return 35.3*math.Log10(r) + 22.4 + 21.3*math.Log10(1.8) }},
		{urbanMacro, 200, func(r float64) float64 { return 28 + 22*math.Log10(r) + f },
			func(r float64) float64 { return 13.54 + 39.08*math.Log10(r) + f }},
		{urbanMacro, 1500, func(r float64) float64 {
			bp := 4 * 24 * 0.5 * 1.8e9 / 299792458.0
			return 28 + 40*math.Log10(r) + f - 9*math.Log10(bp*bp+23.5*23.5)
		}, func(r float64) float64 { return 13.54 + 39.08*math.Log10(r) + f }},
		{ruralMacro, 1000, func(r float64) float64 {
			h := math.Pow(5, 1.72)
			return 20*math.Log10(40*math.Pi*r*1.8/3) + math.Min(0.03*h, 10)*math.Log10(r) - math.Min(0.044*h, 14.77) + 0.002*math.Log10(5)*r
		}, func(r float64) float64 {
			return 161.04 - 7.1*math.Log10(20) + 7.5*math.Log10(5) - (24.37-3.7*25/1225)*math.Log10(35) +
				(43.42-3.1*math.Log10(35))*(math.Log10(r)-3) + f - (3.2*math.Pow(math.Log10(11.75*1.5), 2) - 4.97)
		}},
	} {
		m := newLossModel(c.s, 1.8)
		r := math.Hypot(c.d, c.s.mast()-phoneM)
		los, nlos := m.pathLoss(c.d)
		wantLOS := c.los(r)
		wantNLOS := math.Max(wantLOS, c.nlos(r))
		if math.Abs(los-wantLOS) > 1e-9 || math.Abs(nlos-wantNLOS) > 1e-9 {
			t.Errorf("scenario %d at %g m: %.6f and %.6f dB, want %.6f and %.6f", c.s, c.d, los, nlos, wantLOS, wantNLOS)
		}
	}
}

// Every scenario: the loss grows with the distance, without a jump at the break
// point, and lies between those with and without line of sight.
func TestExpectedLossGrows(t *testing.T) {
	for s := range ruralMacro + 1 {
		m := newLossModel(s, 1.8)
		last, _ := m.expected(10)
		for d := 11.0; d < 20_000; d *= 1.01 {
			loss, sigma := m.expected(d)
			los, nlos := m.pathLoss(d)
			if loss < last || loss-last > 4 || loss < los || loss > nlos || sigma < 4 || sigma > 8 {
				t.Fatalf("scenario %d at %.0f m: %.2f dB after %.2f, between %.2f and %.2f; σ %.2f", s, d, loss, last, los, nlos, sigma)
			}
			last = loss
		}
	}
}

func TestLineOfSight(t *testing.T) {
	for _, c := range []struct {
		s       scenario
		d, want float64
	}{
		{streetCanyon, 18, 1}, {urbanMacro, 10, 1}, {ruralMacro, 10, 1},
		{streetCanyon, 100, 0.18 + math.Exp(-100.0/36)*0.82},
		{urbanMacro, 100, 0.18 + math.Exp(-100.0/63)*0.82},
		{ruralMacro, 1010, math.Exp(-1)},
	} {
		if got := c.s.lineOfSight(c.d); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("scenario %d at %g m: %g, want %g", c.s, c.d, got, c.want)
		}
	}
}

func TestAntennaLoss(t *testing.T) {
	for _, c := range [][2]float64{{0, 0}, {32.5, 3}, {-32.5, 3}, {65, 12}, {180, 30}, {-170, 30}, {359, 12.0 / 65 / 65}, {-327.5, 3}} {
		if got := antennaLoss(c[0], beamDeg); math.Abs(got-c[1]) > 1e-9 {
			t.Errorf("%g° off: %g dB, want %g", c[0], got, c[1])
		}
	}
}

// Coated glass costs about ten dB more than plain glass, in town only.
func TestPenetration(t *testing.T) {
	plain, coated := penetration(urbanMacro, Residential, 1.8), penetration(urbanMacro, Commercial, 1.8)
	if math.Abs(plain-15.8) > 0.1 || math.Abs(coated-25.9) > 0.1 {
		t.Errorf("plain %.2f, coated %.2f dB, want 15.8 and 25.9", plain, coated)
	}
	if a, b := penetration(ruralMacro, Residential, 1.8), penetration(ruralMacro, Commercial, 1.8); a != b || a >= plain {
		t.Errorf("in the country %.2f and %.2f dB, want the same, below %.2f", a, b, plain)
	}
}

// A shadowing field has mean 0 and deviation 1, is correlated by 1/e at its
// decorrelation distance and by nothing far off, hangs on the place alone, and
// two sites' fields have nothing to do with each other. The draws are fixed:
// this test cannot fail by chance.
func TestShadow(t *testing.T) {
	const n, decorrelation = 200_000, 50.0
	f, other := newShadow(sigcity.Hash(1, "a"), decorrelation), newShadow(sigcity.Hash(2, "a"), decorrelation)
	rng := rand.New(rand.NewPCG(7, 8))
	var sum, sq, near, close, far, between float64
	for range n {
		p := geo.XY{X: (rng.Float64() - 0.5) * 100_000, Y: (rng.Float64() - 0.5) * 100_000}
		v := f.at(p)
		sum, sq = sum+v, sq+v*v
		close += v * f.at(geo.XY{X: p.X + 1, Y: p.Y})
		near += v * f.at(geo.XY{X: p.X, Y: p.Y - decorrelation})
		far += v * f.at(geo.XY{X: p.X + 4*decorrelation, Y: p.Y})
		between += v * other.at(p)
	}
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{{"mean", sum / n, 0, 0.02}, {"variance", sq / n, 1, 0.02}, {"correlation at 1 m", close / n, 1, 0.02},
		{"at the decorrelation distance", near / n, math.Exp(-1), 0.02},
		{"far off", far / n, 0, 0.02}, {"between sites", between / n, 0, 0.02}} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s: %.3f, want %.3f ± %.2f", c.name, c.got, c.want, c.tol)
		}
	}
	// The mean over a square varies less, the more so the larger it is.
	variance := func(side float64) (sum float64) {
		for range 5000 {
			v := f.mean(geo.XY{X: rng.Float64() * 100_000, Y: rng.Float64() * 100_000}, side)
			sum += v * v / 5000
		}
		return sum
	}
	if a, b := variance(100), variance(400); a > 0.8 || b > 0.3*a {
		t.Errorf("variance of the mean over 100 m: %.2f, over 400 m: %.2f", a, b)
	}
}

// Two sites' shadowing is correlated by one half at the same place, as TR
// 38.901's predecessor 36.814 has it, and a site's cells share theirs.
func TestShadowingOfTwoSites(t *testing.T) {
	c := buildTown(t, town(8), Options{Seed: 4})
	net := newRadio(c, 4).ops[0].macro
	model := newLossModel(urbanMacro, net.carrier.ghz)
	rng := rand.New(rand.NewPCG(3, 4))
	common := sigcity.Hash(4, "network.shadow.common")
	var ab, aa, bb float64
	for range 50_000 {
		p := geo.XY{X: (rng.Float64() - 0.5) * 50_000, Y: (rng.Float64() - 0.5) * 50_000}
		shared := newShadow(common, urbanMacro.decorrelation()).mean(p, 50)
		var x [2]float64
		for k := range 2 {
			site := &net.antennas[k]
			heard := net.levels(nil, k, &model, p, newShadow(net.antennas[k].shadow, urbanMacro.decorrelation()).mean(p, 50), shared)
			loss, sigma := model.expected(site.pos.Dist(p))
			bearing := site.pos.Azimuth(p)
			for i, h := range heard {
				v := (h.dBm + antennaLoss(bearing-site.azimuth[i], site.beam[i]) - net.carrier.elementDBm - net.carrier.antennaDBi + loss) / sigma
				if site.spacing < streetCanyonM {
					v -= smallCellDB / sigma
				}
				if i > 0 && math.Abs(v-x[k]) > 1e-9 {
					t.Fatalf("sectors of site %d differ in shadowing: %g and %g", k, v, x[k])
				}
				x[k] = v
			}
		}
		ab, aa, bb = ab+x[0]*x[1], aa+x[0]*x[0], bb+x[1]*x[1]
	}
	if rho := ab / math.Sqrt(aa*bb); math.Abs(rho-0.5) > 0.03 {
		t.Errorf("correlation between sites %.3f, want 0.5", rho)
	}
}
