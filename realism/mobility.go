package realism

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// mobilityRows are the laws of human mobility (R15–R19).
func mobilityRows() []row {
	const defaults = "defaults of scikit-mobility"
	return []row{
		{id: "R15", figure: "jumps", name: "exponent of the ways between records of use", unit: "β", reference: "1.75; Santiago 1.74; 1.59; log-normal by GPS",
			low: 1.5, high: 2, source: "leoferres.blog; Schneider et al. 2013; Alessandretti et al. 2017", measure: jumpLaw},
		{id: "R16", figure: "median", name: "radius of gyration, median", unit: "km", reference: "2–6 km in a city", low: 2, high: 6, days: 7, measure: gyrationMedian},
		{id: "R16", figure: "law", name: "exponent of the radius of gyration", unit: "β", reference: "1.65 (r0 = 5.8 km, κ = 350 km, a nation)", low: open, high: open,
			days: 7, measure: gyrationLaw},
		{id: "R17", figure: "zipf", name: "exponent of visits by rank of the place", unit: "ζ", reference: "1.2", low: 1, high: 1.4, days: 28, measure: zipf},
		{id: "R18", figure: "growth", name: "exponent of the number of places by time", unit: "μ", reference: "0.6", low: 0.5, high: 0.7, calibrated: true, days: 90, measure: growth},
		{id: "R19", figure: "rho", name: "chance ρ S^−γ that a move leads to a new place", unit: "ρ", reference: "0.6 (Ditras: 0.3)", low: 0.3, high: 0.8, calibrated: true,
			source: defaults, days: 28, measure: func(s *survey) value { return s.exploration(0) }},
		{id: "R19", figure: "gamma", name: "chance ρ S^−γ that a move leads to a new place", unit: "γ", reference: "0.21", low: 0.1, high: 0.35, calibrated: true,
			source: defaults, days: 28, measure: func(s *survey) value { return s.exploration(1) }},
		{id: "R19", figure: "wait", name: "exponent of the length of stays", unit: "β", reference: "0.8, cut-off 17 h", low: open, high: open, source: defaults, days: 2, measure: waiting},
	}
}

// jumpOffset is Δr0 of the truncated power law, m.
const jumpOffset = 1500

// maxKS is the largest Kolmogorov–Smirnov distance at which a law that wins
// may be said to hold (assumed).
const maxKS = 0.1

// jumpLaw fits (Δr + Δr0)^−β exp(−Δr/κ) below half the city's diameter, where
// the city does not end the ways, against the log-normal distribution there. The
// law begins between what neighbouring cells can tell and Δr0, which is there
// to bend it at short ways: farther out, exponent and cut-off cannot be told apart.
func jumpLaw(s *survey) value {
	hi := s.diameter() / 2
	if hi < 4000 {
		return missing("the network is only %.1f km across, want 8 km: half of it must hold a law", 2*hi/1000)
	}
	h := s.signals.jumps
	all := h.binned(whole())
	law := truncatedPower(jumpOffset)
	f, ok := tail(all, 750, jumpOffset, hi, 0.1, law)
	if !ok || f.n < 500 {
		return missing("%.0f ways between records of use, want 500", f.n)
	}
	v := s.estimate(int64(f.n), h.exponent(f))
	part, total := all.between(f.lo, f.hi), all.between(50, 1e6).total()
	c := single("Way between records of use", "m", "share of ways per m", density("ways", all.rebin(60)),
		curve("power law with cut-off", f, part, f.n/total)).logLog()
	kappa := "none"
	if f.theta[1] < 0 {
		kappa = fmt.Sprintf("%.1f km", -1/f.theta[1]/1000)
	}
	v.note = fmt.Sprintf("ways of %.1f to %.1f km, half the network's diameter; Δr0 %.1f km, cut-off %s, KS %.3f", f.lo/1000, f.hi/1000, jumpOffset/1000., kappa, f.ks)
	if g, ok := fit(part, logNormal()); ok {
		v.alternative = g.aic < f.aic && g.ks < maxKS
		better := "the power law is better"
		if v.alternative {
			better = "so the log-normal is better, which the table accepts"
		}
		v.note += fmt.Sprintf("; AIC of the log-normal %+.0f, %s", g.aic-f.aic, better)
		c.Series = append(c.Series, curve("log-normal", g, part, f.n/total))
	}
	v.charts = []Chart{c}
	return v
}

// diameter of the network: the largest distance between two antennas, m.
func (s *survey) diameter() float64 {
	pts := make([]geo.XY, len(s.cells))
	for i, c := range s.cells {
		pts[i] = s.proj.XY(c.Antenna)
	}
	return diameter(pts)
}

func (s *survey) gyrations() *perUser {
	return newPerUser(s, func(u int) float64 { return float64(s.users[u].gyration) / 1000 })
}

func gyrationMedian(s *survey) value {
	v := s.quantileOf(s.gyrations(), 0.5)
	v.note = "SIMs"
	return v
}

// gyrationOffset is r0 of the law of radii, m.
const gyrationOffset = 5800

func gyrationLaw(s *survey) value {
	h := newHistogram(geometric(50, 1e6, 1.05))
	p := s.gyrations()
	for i, v := range p.v {
		h.put(p.group[i], 1000*v)
	}
	all, hi := h.binned(whole()), s.diameter()/2
	law := truncatedPower(gyrationOffset)
	f, ok := tail(all, 200, hi/4, hi, 0.5, law)
	if !ok || f.n < 100 {
		return missing("%.0f radii, want 100", f.n)
	}
	v := s.estimate(int64(f.n), h.exponent(f))
	v.note = fmt.Sprintf("SIMs of %.1f to %.1f km; KS %.3f", f.lo/1000, f.hi/1000, f.ks)
	v.charts = []Chart{single("Radius of gyration", "m", "share of SIMs per m", density("SIMs", all.rebin(40)),
		curve("power law with cut-off", f, all.between(f.lo, f.hi), f.n/all.total())).logLog().between(2000, 6000)}
	return v
}

// zipf is the ζ of most likelihood of f_k ∝ k^−ζ over each user's own number of
// places: the derivative Σ V_k ln k = Σ N_S E_S[ln k] is solved by bisection.
func zipf(s *survey) value {
	n := s.signals.visits.total(1, maxPlaces)
	if n < 1000 {
		return missing("%d visits, want 1000", n)
	}
	v := s.estimate(n, func(w weights) float64 { return zipfOf(s.signals.visits.weighted(w), s.signals.support.weighted(w)) })
	v.note = "visits; a place is a cluster of stays"
	all := s.signals.visits.weighted(whole())
	line := Series{Name: "visits", Mark: Points}
	law := Series{Name: fmt.Sprintf("rank^−%.2f", v.v)}
	for k := 1; k <= 40; k++ {
		line.X, line.Y = append(line.X, float64(k)), append(line.Y, all[k]/float64(n))
		law.X, law.Y = append(law.X, float64(k)), append(law.Y, all[1]/float64(n)*math.Pow(float64(k), -v.v))
	}
	v.charts = []Chart{single("Visits by rank of the place", "rank among the user's places", "share of visits", line, law).logLog()}
	return v
}

func zipfOf(visits, support []float64) float64 {
	have := 0.0
	for k := 1; k < len(visits); k++ {
		have += float64(visits[k] * math.Log(float64(k)))
	}
	lo, hi := -2.0, 8.0
	for range 60 {
		zeta := (lo + hi) / 2
		want, norm, moment := 0.0, 0.0, 0.0
		for size := 1; size < len(support); size++ {
			p := math.Pow(float64(size), -zeta)
			norm, moment = norm+p, moment+float64(p*math.Log(float64(size)))
			want += float64(support[size] * moment / norm)
		}
		if want > have {
			lo = zeta
		} else {
			hi = zeta
		}
	}
	return (lo + hi) / 2
}

// growth is the slope of log S(t) on log t from the seventh day on.
func growth(s *survey) value {
	const from = 7
	slope := func(w weights) float64 {
		var x, y []float64
		sum := 0.0
		for d, n := range s.signals.grown.weighted(w) {
			if sum += n; d+1 >= from && sum > 0 {
				x, y = append(x, math.Log(float64(d+1))), append(y, math.Log(sum))
			}
		}
		_, b := stat.LinearRegression(x, y, nil, false)
		return b
	}
	v := s.estimate(s.signals.seen, slope)
	v.note = fmt.Sprintf("SIMs; from day %d on", from)
	line := Series{Name: "places"}
	sum := 0.0
	for d, n := range s.signals.grown.weighted(whole()) {
		sum += n
		line.X, line.Y = append(line.X, float64(d+1)), append(line.Y, sum/float64(s.signals.seen))
	}
	v.charts = []Chart{single("Places seen so far", "days", "places of a SIM, mean", line).logLog()}
	return v
}

// maxGamma is the γ above which a law of exploration is none (assumed).
const maxGamma = 10

// exploration is parameter k of the chance ρ S^−γ (Song, Koren, Wang & Barabási
// 2010) that a move leads to a place not seen before, of most likelihood. Moves
// from the first place, which cannot return, do not count.
func (s *survey) exploration(k int) value {
	n := s.signals.chances.total(2, maxPlaces)
	if n < 1000 {
		return missing("%d moves, want 1000", n)
	}
	v := s.estimate(n, func(w weights) float64 {
		rho, gamma := explorationOf(s.signals.chances.weighted(w), s.signals.news.weighted(w))
		return [2]float64{rho, gamma}[k]
	})
	if _, gamma := explorationOf(s.signals.chances.weighted(whole()), s.signals.news.weighted(whole())); !(gamma < maxGamma) {
		return missing("no law: beyond the first places hardly any move leads to a new one (γ above %d)", maxGamma)
	}
	v.note = "moves between places, which are clusters of stays"
	if k == 0 {
		chances, news := s.signals.chances.weighted(whole()), s.signals.news.weighted(whole())
		rho, gamma := explorationOf(chances, news)
		got, law := Series{Name: "moves", Mark: Points}, Series{Name: fmt.Sprintf("%.2f S^−%.2f", rho, gamma)}
		for size := 2; size < maxPlaces; size++ {
			x := float64(size)
			law.X, law.Y = append(law.X, x), append(law.Y, rho*math.Pow(x, -gamma))
			if chances[size] >= 20 {
				got.X, got.Y = append(got.X, x), append(got.Y, news[size]/chances[size])
			}
		}
		v.charts = []Chart{single("Chance that a move leads to a new place", "places S seen so far", "chance", got, law).logLog()}
	}
	return v
}

// explorationOf maximises the likelihood of new and known places. With
// η = ln ρ − γ ln S < 0 it is concave in (ln ρ, γ): Newton's method with halved
// steps where one would leave η < 0.
func explorationOf(chances, news []float64) (rho, gamma float64) {
	at := func(a, gamma float64) (l float64, grad [2]float64, hess [2][2]float64) {
		for size := 2; size < len(chances); size++ {
			n, first := chances[size], news[size]
			if n == 0 {
				continue
			}
			x := [2]float64{1, -math.Log(float64(size))}
			eta := a + float64(gamma*x[1])
			if eta >= 0 {
				return math.Inf(-1), grad, hess
			}
			p := math.Exp(eta)
			l += float64(first*eta) + float64((n-first)*math.Log1p(-p))
			slope, bend := first-float64((n-first)*p/(1-p)), float64((n-first)*p/((1-p)*(1-p)))
			for i := range 2 {
				grad[i] += float64(slope * x[i])
				for j := range 2 {
					hess[i][j] += float64(bend * x[i] * x[j])
				}
			}
		}
		return l, grad, hess
	}
	a, gamma := math.Log(0.5), 0.1
	l, grad, hess := at(a, gamma)
	for range 100 {
		step, gain := newton(2, [2]float64{-grad[0], -grad[1]}, hess)
		if !(gain > 1e-10) {
			return math.Exp(a), gamma
		}
		scale := 1.0
		for ; scale > 1e-10; scale /= 2 {
			nl, ng, nh := at(a+float64(scale*step[0]), gamma+float64(scale*step[1]))
			if nl > l {
				a, gamma = a+float64(scale*step[0]), gamma+float64(scale*step[1])
				l, grad, hess = nl, ng, nh
				break
			}
		}
		if scale <= 1e-10 {
			return math.Exp(a), gamma
		}
	}
	return math.NaN(), math.NaN()
}

// waiting is β of the density Δt^−(1+β) exp(−Δt/τ) of stays in the truth.
func waiting(s *survey) value {
	if s.lives == nil {
		return missing(truthless)
	}
	h := s.lives.pauses
	all := h.binned(whole())
	law := truncatedPower(0)
	f, ok := tail(all, 60, 3600, 2*86400, 0.5, law)
	if !ok || f.n < 500 {
		return missing("%.0f stays, want 500", f.n)
	}
	exponent := h.exponent(f)
	v := s.estimate(int64(f.n), func(w weights) float64 { return exponent(w) - 1 })
	cut := "no cut-off"
	if f.theta[1] < 0 {
		cut = fmt.Sprintf("cut-off %.1f h", -1/f.theta[1]/3600)
	}
	v.note = fmt.Sprintf("true stays from %s on, %s, KS %.3f", seconds(f.lo), cut, f.ks)
	return v
}

// samePlace says whether two cells serve one place of a user: the second lies
// within the roam radius of the first.
func (s *survey) samePlace(a, b sigcity.AreaID) bool {
	return a == b || s.areas.Dist(a, b) <= min(max(0.7*s.areas.Spacing(a), 300), 2000)
}
