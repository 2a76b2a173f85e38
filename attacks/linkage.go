package attacks

import (
	"cmp"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

// linkage are the parameters of the join of a release with a register of homes
// and work places.
type linkage struct {
	homeM    float64 // standard error of a home's coordinate in the register, per axis
	workM    float64 // and of a work place's
	servingM float64 // share of the site spacing by which the serving cell may miss
	reach    float64 // standard errors beyond which a home is not close
	outlier  float64 // probability that a work place tells nothing
	blurM    float64 // displacement that an adaptive adversary allows for
}

func linkageParams() []plugin.Param {
	return []plugin.Param{
		{Name: "home_error_m", Type: plugin.Float, Default: 50.0, Min: 1, Max: 1e5, Doc: "standard error of a home in the register, m per axis"},
		{Name: "work_error_m", Type: plugin.Float, Default: 100.0, Min: 1, Max: 1e5, Doc: "standard error of a work place in the register, m per axis"},
		{Name: "serving_error", Type: plugin.Float, Default: 0.1, Min: 0, Max: 10, Doc: "by what share of the site spacing a phone's place may lie outside the cell that serves it (assumed)"},
		{Name: "reach", Type: plugin.Float, Default: 3.0, Min: 0.1, Max: 100, Doc: "a home farther than this many standard errors from an area is no candidate there"},
		{Name: "outlier", Type: plugin.Float, Default: 0.05, Min: 0, Max: 0.99, Doc: "probability that register or release have the wrong work place (assumed); 0 = both places must fit"},
	}
}

func newLinkage(v plugin.Values) linkage {
	return linkage{homeM: v.Float("home_error_m"), workM: v.Float("work_error_m"), servingM: v.Float("serving_error"), reach: v.Float("reach"), outlier: v.Float("outlier")}
}

// linker joins targets with the anchors of a release's tokens. It is immutable
// once made.
//
// The score of a token whose home area is A and work area is B is the
// log-density of the register's coordinates given that its owner lives
// somewhere in A and works somewhere in B: flat inside an area, falling off
// outside as a Gaussian of the distance from its edge. So a large area explains
// much but each point poorly, and tokens with equal anchors tie.
type linker struct {
	g      *ground
	p      linkage
	home   []areaSpread // per area: the density of the register's homes
	work   []areaSpread // and of its work places
	homes  *locator
	reachM float64 // the largest reach of an area that is somebody's home
	groups []anchorGroup
	first  map[sigcity.AreaID]int // first group of a home area; the rest follow
	extent float64
}

// areaSpread is the density around one area.
type areaSpread struct {
	sigma float64 // m
	norm  float64 // ln of the integral over the plane, ln m²
}

// anchorGroup is all tokens with the same anchors: they cannot be told apart.
type anchorGroup struct {
	home, work sigcity.AreaID
	hasWork    bool
	tokens     []sigcity.UserID
	index      int // in linker.groups
}

// newLinker groups the tokens by anchors, given by token. Tokens without a home
// are nobody's candidates.
func newLinker(g *ground, anchors []recognition.Anchors, p linkage) *linker {
	l := &linker{g: g, p: p, extent: g.extent(), home: make([]areaSpread, g.areas.Len()), work: make([]areaSpread, g.areas.Len()), first: map[sigcity.AreaID]int{}}
	for i := range l.home {
		radius, spacing := g.areas.Radius(sigcity.AreaID(i)), g.areas.Spacing(sigcity.AreaID(i))
		l.home[i], l.work[i] = p.around(p.homeM, radius, spacing), p.around(p.workM, radius, spacing)
	}
	var tokens []sigcity.UserID
	for t, a := range anchors {
		if a.HasHome {
			tokens = append(tokens, sigcity.UserID(t))
		}
	}
	work := func(a recognition.Anchors) int64 {
		if a.HasWork {
			return int64(a.Work)
		}
		return -1
	}
	compare := func(s, t sigcity.UserID) int {
		a, b := anchors[s], anchors[t]
		return cmp.Or(cmp.Compare(a.Home, b.Home), cmp.Compare(work(a), work(b)))
	}
	slices.SortStableFunc(tokens, compare)
	var homes []sigcity.AreaID
	for i := 0; i < len(tokens); {
		j := i + 1
		for j < len(tokens) && compare(tokens[i], tokens[j]) == 0 {
			j++
		}
		a := anchors[tokens[i]]
		if _, seen := l.first[a.Home]; !seen {
			l.first[a.Home] = len(l.groups)
			homes = append(homes, a.Home)
			l.reachM = max(l.reachM, p.reach*l.home[a.Home].sigma)
		}
		l.groups = append(l.groups, anchorGroup{a.Home, a.Work, a.HasWork, tokens[i:j], len(l.groups)})
		i = j
	}
	l.homes = g.locate(homes)
	return l
}

// around gives the density around an area of the given radius, of coordinates
// with the given error in the register: the integral of
// exp(−gap²/2σ²) over the plane is, by Steiner's formula for the disc,
// πR² + 2πR·σ√(π/2) + 2πσ².
func (p linkage) around(errorM, radius, spacing float64) areaSpread {
	serving := p.servingM * spacing
	v := float64(errorM*errorM) + float64(serving*serving) + float64(p.blurM*p.blurM)
	sigma := math.Sqrt(v)
	mass := float64(math.Pi*radius*radius) + float64(2*math.Pi*radius*sigma*math.Sqrt(math.Pi/2)) + float64(2*math.Pi*v)
	return areaSpread{sigma: sigma, norm: math.Log(mass)}
}

func (s areaSpread) logDensity(gap float64) float64 {
	z := gap / s.sigma
	return -float64(z*z)/2 - s.norm
}

// linkScratch is one worker's memory: the work term of each area for one target.
type linkScratch struct {
	term  []float64
	stamp []uint32
	round uint32
}

func (l *linker) scratch() *linkScratch {
	return &linkScratch{term: make([]float64, len(l.work)), stamp: make([]uint32, len(l.work))}
}

// candidates calls f with every group whose home is close to the target's, and
// its score. Order means nothing.
func (l *linker) candidates(t Target, s *linkScratch, f func(g *anchorGroup, score float64)) {
	home, work := l.g.proj.XY(t.Home), l.g.proj.XY(t.Work)
	s.round++
	l.homes.near(home, l.reachM, func(id sigcity.AreaID, gap float64) {
		if gap > l.p.reach*l.home[id].sigma {
			return
		}
		atHome := l.home[id].logDensity(gap)
		for i := l.first[id]; i < len(l.groups) && l.groups[i].home == id; i++ {
			g, score := &l.groups[i], atHome
			if t.HasWork {
				score += l.workTerm(s, g, work)
			}
			if !math.IsInf(score, -1) {
				f(g, score)
			}
		}
	})
}

// workTerm is the log-density of the register's work place given a group's: a
// mixture of close to it and anywhere in the city. A token without a work place
// says anywhere.
func (l *linker) workTerm(s *linkScratch, g *anchorGroup, work geo.XY) float64 {
	if g.hasWork && s.stamp[g.work] == s.round {
		return s.term[g.work]
	}
	density := l.p.outlier / l.extent
	if !g.hasWork {
		return math.Log(density)
	}
	spread := l.work[g.work]
	reach := l.p.reach * spread.sigma
	if l.g.areas.Centers[g.work].Dist(work) <= l.g.bound[g.work]+reach {
		if gap := l.g.areas.Gap(g.work, work); gap <= reach {
			density += float64((1 - l.p.outlier) * math.Exp(spread.logDensity(gap)))
		}
	}
	s.term[g.work], s.stamp[g.work] = math.Log(density), s.round
	return s.term[g.work]
}

// adapted widens the join by what an adaptive adversary knows of the noise.
func (p linkage) adapted(m *Mechanism) linkage {
	p.blurM = m.number("sigma_m")
	return p
}
