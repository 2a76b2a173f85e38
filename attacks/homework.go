package attacks

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Attack]{
		Name: "home-work",
		Doc:  "joins the homes and work places recognised in the release with an identified register of them",
		Citation: "Lin, Shen & Teng, IRSPSD 2021, §5.1; Golle & Partridge, On the Anonymity of Home/Work Location Pairs, " +
			"Pervasive 2009",
		Params: append(linkageParams(), plugin.Param{Name: "min_posterior", Type: plugin.Float, Default: 0.0, Min: 0, Max: 1,
			Doc: "makes no guess of a target whose best token is less probable than this, strangers living and working like members; 0 = always guesses"}),
		Complexity: "O(n + T·c) in records n, targets T, distinct anchor pairs near a home c",
		New: func(v plugin.Values) (Attack, error) {
			return homeWork{newLinkage(v), v.Float("min_posterior")}, nil
		},
	})
}

// homeWork is the record linkage of the paper's §5.1.
type homeWork struct {
	p            linkage
	minPosterior float64
}

func (homeWork) Needs() Need {
	return Need{Kinds: []sigcity.Kind{sigcity.Trajectories, sigcity.Boxes}, Knowledge: []Source{Register}, Claims: []string{ClaimSameUser}}
}

func (a homeWork) Guess(ctx context.Context, rel *Release, k Knowledge, rng *rand.Rand) ([]Guess, error) {
	g, err := newGround(rel, k, "home-work")
	if err != nil {
		return nil, err
	}
	anchors := make([]recognition.Anchors, rel.Data.Meta().Users)
	err = sweep(ctx, rel.Data, k.Workers, func() func(sigcity.Trajectory) {
		finder := recognition.NewAnchorFinder(g.cal, g.areas)
		return func(t sigcity.Trajectory) { anchors[t.User] = finder.Find(t) }
	})
	if err != nil {
		return nil, err
	}
	link := newLinker(g, anchors, a.p.adapted(k.Mechanism))
	guesses := make([]Guess, len(k.Targets))
	seed := rng.Uint64()
	err = eachTarget(ctx, k, func() func(int) {
		scratch := link.scratch()
		return func(i int) {
			t := k.Targets[i]
			var list shortlist
			lots := newLots(seed, t.ID)
			best, sum := math.Inf(-1), 0.0 // sum of all densities, in units of the best
			link.candidates(t, scratch, func(g *anchorGroup, score float64) {
				if score > best {
					best, sum = score, float64(sum*math.Exp(best-score))
				}
				sum += float64(float64(len(g.tokens)) * math.Exp(score-best))
				for _, token := range g.tokens {
					list.add(lots.candidate(token, score))
				}
			})
			if sum > 0 && 1/sum < a.minPosterior {
				list = shortlist{}
			}
			guesses[i] = list.guess(t.ID)
		}
	})
	if err != nil {
		return nil, err
	}
	return guesses, nil
}
