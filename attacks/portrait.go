package attacks

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Attack]{
		Name:       "portrait",
		Doc:        "links a target by home and work, then reads sex, preschool child, income and employment from the places visited",
		Citation:   "Lin, Shen & Teng, IRSPSD 2021, §5.2, Figures 2 and 3",
		Params:     slices.Concat(linkageParams(), portraitParams()),
		Complexity: "O(n log n + T·c) in records n, targets T, candidates c",
		New: func(v plugin.Values) (Attack, error) {
			p := newPortraitParams(v)
			if p.Employed+p.Student >= 1 {
				return nil, fmt.Errorf("prior_employed + prior_student = %g, must be below 1", p.Employed+p.Student)
			}
			return portrait{newLinkage(v), p}, nil
		},
	})
}

// portrait is a chain attack: linkage by home and work, then inference from the
// traces of all candidates, weighted by how probable each is. A k-anonymous
// group so gives the posterior of the group, which is sharp where its members
// are alike.
type portrait struct {
	link linkage
	p    PortraitParams
}

func (portrait) Needs() Need {
	n := Need{Kinds: []sigcity.Kind{sigcity.Trajectories, sigcity.Boxes}, Knowledge: []Source{Register}}
	for _, a := range attributes() {
		n.Claims = append(n.Claims, ClaimAttribute+a.name)
	}
	return n
}

func (a portrait) Guess(ctx context.Context, rel *Release, k Knowledge, rng *rand.Rand) ([]Guess, error) {
	g, err := newGround(rel, k, "portrait")
	if err != nil {
		return nil, err
	}
	anchors := make([]recognition.Anchors, rel.Data.Meta().Users)
	posteriors := make([]posterior, len(anchors))
	town := newTownscape(g, k.Map, k.Cells)
	err = sweep(ctx, rel.Data, k.Workers, func() func(sigcity.Trajectory) {
		portrayer := newPortrayer(town, a.p)
		return func(t sigcity.Trajectory) { anchors[t.User], posteriors[t.User], _ = portrayer.infer(t) }
	})
	if err != nil {
		return nil, err
	}
	link := newLinker(g, anchors, a.link.adapted(k.Mechanism))
	// All members of a group are equally probable: one mean serves all targets.
	means := make([]posterior, len(link.groups))
	for i := range link.groups {
		means[i] = mean(posteriors, link.groups[i].tokens)
	}
	per := len(attributes())
	guesses := make([]Guess, per*len(k.Targets))
	unlisted := a.p.unlisted(k.Targets)
	err = eachTarget(ctx, k, func() func(int) {
		m := mixer{link: link, scratch: link.scratch(), means: means, unlisted: unlisted}
		return func(i int) { m.mix(k.Targets[i], guesses[i*per:(i+1)*per]) }
	})
	if err != nil {
		return nil, err
	}
	return guesses, nil
}

// mean is the mean posterior of some tokens, summed in fixed point so that the
// order of the tokens cannot show in the last digit.
func mean(posteriors []posterior, tokens []sigcity.UserID) posterior {
	const unit = 1 << 40
	var sum [posteriorLen]int64
	for _, token := range tokens {
		for i, v := range posteriors[token] {
			sum[i] += int64(math.Round(v * unit))
		}
	}
	var out posterior
	for i, v := range sum {
		out[i] = float64(v) / (unit * float64(len(tokens)))
	}
	return out
}

// oddsListed is the factor on the odds of neither job nor studies where the
// register has a work place: it may be out of date (assumed).
const oddsListed = 0.02

// unlisted is the factor on the odds of a job where the register has no work
// place: the share of the employed of whom it lacks one. The register shows
// how many it has, the prior says how many there are. At least oddsListed.
func (p PortraitParams) unlisted(targets []Target) float64 {
	listed := 0
	for _, t := range targets {
		if t.HasWork {
			listed++
		}
	}
	return max(oddsListed, 1-float64(listed)/(p.Employed*float64(max(1, len(targets)))))
}

// mixer averages the candidates of a target; one per goroutine.
type mixer struct {
	link     *linker
	scratch  *linkScratch
	means    []posterior
	unlisted float64
	found    []scoredGroup
}

type scoredGroup struct {
	group *anchorGroup
	score float64
}

// mix writes one guess per attribute. No candidate: it abstains.
func (m *mixer) mix(t Target, out []Guess) {
	m.found = m.found[:0]
	best := math.Inf(-1)
	m.link.candidates(t, m.scratch, func(g *anchorGroup, score float64) {
		m.found = append(m.found, scoredGroup{g, score})
		best = max(best, score)
	})
	var sum posterior
	total := 0.0
	for _, c := range m.found {
		weight := float64(len(c.group.tokens)) * math.Exp(c.score-best)
		for i, v := range m.means[c.group.index] {
			sum[i] += float64(weight * v)
		}
		total += weight
	}
	if total > 0 {
		for i := range sum {
			sum[i] /= total
		}
		// The register itself tells of jobs. Weighing every candidate by how well
		// it fits that, then averaging, comes to the same as weighing the average.
		if t.HasWork {
			sum.multiply(AttrEmployment, OtherValue, oddsListed)
		} else {
			sum.multiply(AttrEmployment, EmployedValue, m.unlisted)
		}
	}
	for i, a := range attributes() {
		out[i] = Guess{Target: t.ID, Claim: ClaimAttribute + a.name}
		if total > 0 {
			out[i].Answers = sum.answers(a)
		}
	}
}
