package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/geo"
)

// HitRadiusM is how near a guessed place must be to count as found, m.
const HitRadiusM = 500

// scorer knows who stands behind the targets and which tokens are theirs.
type scorer struct {
	a   *arena
	o   *opened
	who []uint32
	rng *rand.Rand // breaks ties for the integer counts
	own map[uint32][]sigcity.UserID
}

func (s *scorer) member(i int) bool { return s.a.isMember[s.who[i]] }

// tokensOf lists the right tokens of every target, by person.
func (s *scorer) tokensOf() map[uint32][]sigcity.UserID {
	if s.own != nil {
		return s.own
	}
	sims := map[uint32][]sigcity.UserID{}
	for _, p := range s.who {
		sims[p] = nil
	}
	for u, p := range s.a.person {
		if _, wanted := sims[p]; wanted {
			sims[p] = append(sims[p], sigcity.UserID(u))
		}
	}
	s.own = map[uint32][]sigcity.UserID{}
	for p, us := range sims {
		s.own[p] = s.o.rightTokens(us)
	}
	return s.own
}

// sameUser scores linkage. A target whose token is among the m best of a tie is
// a success of (right ones)/m. Abstentions and suppressed users are failures.
// The false-accept rate is the share of controls for whom the attack names a
// token at all. The baseline is a uniform guess among tokens with records,
// which is all that the same attacker can do without the release.
func (s *scorer) sameUser(guesses []*attacks.Guess) []Result {
	var hit1, hit5, hit10, unique, control, chance share
	var ranks, crowds []float64
	own, tokens := s.tokensOf(), s.o.scan.tokens
	for i, p := range s.who {
		g := guesses[i]
		answered := g != nil && len(g.Answers) > 0
		draw := s.rng.Float64()
		if !s.member(i) {
			control.add(btof(answered), draw, answered)
			continue
		}
		right := own[p]
		chance.add(float64(len(right))/float64(max(tokens, 1)), draw, true)
		if !answered {
			hit1.add(0, draw, false)
			hit5.add(0, draw, false)
			hit10.add(0, draw, false)
			unique.add(0, draw, false)
			if len(right) > 0 {
				ranks = append(ranks, float64(tokens+1)/2)
			}
			continue
		}
		t := newTies(g, right)
		hit1.add(t.within(1), draw, true)
		hit5.add(t.within(5), draw, true)
		hit10.add(t.within(10), draw, true)
		unique.add(btof(t.blocks[0].size == 1 && t.blocks[0].right == 1), draw, true)
		crowds = append(crowds, float64(t.blocks[0].size))
		if len(right) > 0 {
			ranks = append(ranks, t.rank(tokens))
		}
	}
	base := chance.rate()
	const unit = "share of member targets"
	falseAccept := control.row("false_accept", "share of controls for whom a token is named", control, 0)
	figure := func(metric, unit string, values []float64) Result {
		r := Result{Metric: metric, Unit: unit, N: len(values)}
		r.Value = median(values)
		r.Lo, r.Hi = Quantile(values, 0.25), Quantile(values, 0.75)
		r.Warnings = []string{"lo and hi are the quartiles"}
		return r
	}
	rows := []Result{
		hit10.row("hit_at_10", unit, share{}, math.Min(1, 10*base)),
		hit5.row("hit_at_5", unit, share{}, math.Min(1, 5*base)),
		falseAccept,
		unique.row(MetricUnique, "share of member targets matched by one token only, and rightly", share{}, base),
		figure("rank", "median expected rank of the right token", ranks),
		figure("anonymity_set", "median number of tokens in the best tie", crowds),
		hit1.row(MetricHit1, unit, control, base),
	}
	return rows
}

// tie is a run of equal scores: size counts the candidates left out too.
type tie struct{ listed, right, size int }

type ties struct{ blocks []tie }

func newTies(g *attacks.Guess, right []sigcity.UserID) ties {
	var t ties
	for i, a := range g.Answers {
		if i == 0 || a.Score != g.Answers[i-1].Score {
			t.blocks = append(t.blocks, tie{})
		}
		b := &t.blocks[len(t.blocks)-1]
		b.listed++
		b.size++
		if _, ok := slices.BinarySearch(right, a.Token); ok {
			b.right++
		}
	}
	t.blocks[len(t.blocks)-1].size += g.Rest
	return t
}

// within is the probability that a right token is among the first k when ties
// are broken at random. The listed part of a cut tie is a uniform draw from it,
// so its share of right ones stands for the whole tie's without bias.
func (t ties) within(k int) float64 {
	for _, b := range t.blocks {
		r := min(k, b.listed)
		if r == 0 {
			return 0
		}
		if b.right > 0 {
			miss := 1.0
			for j := range r {
				miss *= math.Max(0, float64(b.listed-b.right-j)) / float64(b.listed-j)
			}
			return 1 - miss
		}
		k -= min(k, b.size)
	}
	return 0
}

// rank is the expected rank of the best right token; one that is not listed
// comes anywhere in what is left of all tokens.
func (t ties) rank(tokens int) float64 {
	before := 0
	for _, b := range t.blocks {
		if b.right > 0 {
			return float64(before) + float64(b.size+1)/float64(b.right+1)
		}
		before += b.size
	}
	return float64(before+max(tokens, before)+1) / 2
}

// place scores a guessed home or work place in metres.
func (s *scorer) place(claim string, guesses []*attacks.Guess) []Result {
	var found, control share
	var errors []float64
	for i, p := range s.who {
		truth, ok := s.anchor(p, claim)
		if !ok {
			continue // nobody can find what is not there
		}
		g, draw := guesses[i], s.rng.Float64()
		answered, score := g != nil && len(g.Answers) > 0, 0.0
		if answered {
			best := bestTie(g.Answers)
			sum := 0.0
			for _, b := range best {
				d := geo.Distance(b.Place, truth)
				sum += d / float64(len(best))
				score += btof(d <= HitRadiusM) / float64(len(best))
			}
			if s.member(i) {
				errors = append(errors, sum)
			}
		}
		if s.member(i) {
			found.add(score, draw, answered)
		} else {
			control.add(score, draw, answered)
		}
	}
	miss := Result{Metric: "error_m", Unit: "median error of the answered, m", N: len(errors), Coverage: found.coverage(),
		Warnings: []string{"lo and hi are the quartiles"}}
	miss.Value = median(errors)
	miss.Lo, miss.Hi = Quantile(errors, 0.25), Quantile(errors, 0.75)
	rate := found.row("within_500m", "share of member targets", control, control.rate())
	return []Result{miss, rate, residual(found, control, control.rate())}
}

// anchor is the longest-valid true anchor of a kind in the window.
func (s *scorer) anchor(person uint32, kind string) (at [2]float64, ok bool) {
	best := uint32(0)
	for _, x := range s.a.anchors[person] {
		if x.Kind != kind {
			continue
		}
		if valid := x.Within(s.a.from, s.a.to); valid > best {
			at, ok, best = [2]float64{x.Lon, x.Lat}, true, valid
		}
	}
	return at, ok
}

// attribute scores a guessed attribute against truth: accuracy among members,
// the same attack's accuracy on controls, and the majority value as prior.
func (s *scorer) attribute(name string, guesses []*attacks.Guess) []Result {
	truth := attributeOf(name)
	if truth == nil {
		return []Result{{Metric: MetricResidual, Status: Failed, Phase: "score", Error: fmt.Sprintf("attribute %q has no truth to score it by", name)}}
	}
	prior, precision := majority(s.a.city, truth), share{}
	var found, control share
	for i, p := range s.who {
		want := truth(s.a.city, p)
		g, draw := guesses[i], s.rng.Float64()
		answered, score := g != nil && len(g.Answers) > 0, 0.0
		if answered {
			best := bestTie(g.Answers)
			for _, b := range best {
				score += btof(b.Value == want) / float64(len(best))
			}
		}
		if !s.member(i) {
			control.add(score, draw, answered)
			continue
		}
		found.add(score, draw, answered)
		if answered {
			precision.add(score, draw, true)
		}
	}
	return []Result{
		precision.row("precision", "share of the answered member targets", share{}, prior),
		found.row("accuracy", "share of member targets", control, prior),
		residual(found, control, prior),
	}
}

// residual is (attack − control)/(1 − control): what the release adds to the
// same attack on people who are not in it. Its interval is Newcombe's for the
// difference (from the two Wilson intervals), scaled and bounded by 1.
func residual(found, control share, baseline float64) Result {
	p, lo, hi := found.rate(), 0.0, 0.0
	_, lo, hi = Wilson(found.expected, found.n)
	q := control.rate()
	_, qlo, qhi := Wilson(control.expected, control.n)
	r := Result{Metric: MetricResidual, Unit: "(attack − control) / (1 − control)", Goal: "min", N: found.n, Hits: found.expected, Drawn: found.drawn,
		Control: q, ControlN: control.n, CtlDrawn: control.drawn, Baseline: baseline, Coverage: found.coverage()}
	if found.n == 0 || control.n == 0 {
		r.Status, r.Error = NA, fmt.Sprintf("%d members and %d controls have the attribute: nothing to compare", found.n, control.n)
		return r
	}
	if q >= 1 {
		r.Status, r.Error = NA, "the attack is right about every control: nothing is left to risk"
		return r
	}
	d := p - q
	down := math.Sqrt(float64((p-lo)*(p-lo)) + float64((qhi-q)*(qhi-q)))
	up := math.Sqrt(float64((hi-p)*(hi-p)) + float64((q-qlo)*(q-qlo)))
	r.Value, r.Lo, r.Hi = d/(1-q), (d-down)/(1-q), math.Min(1, (d+up)/(1-q))
	return r
}

// bestTie is the answers with the best score.
func bestTie(answers []attacks.Answer) []attacks.Answer {
	n := 1
	for n < len(answers) && answers[n].Score == answers[0].Score {
		n++
	}
	return answers[:n]
}

func btof(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
