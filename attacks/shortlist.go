package attacks

import (
	"cmp"
	"slices"
	"sort"

	"github.com/sigcity/sigcity"
)

// shortlist keeps the best MaxAnswers of any number of candidates for one
// target. Inside a tie the order is a keyed hash, so that which candidates a
// cut leaves out is chance and no token's number plays a part. The result does
// not depend on the order of adding. The zero value is empty.
type shortlist struct {
	best []candidate // by score downward, then hash
	rest int         // dropped candidates with the score of the last
}

type candidate struct {
	token sigcity.UserID
	score float64
	draw  uint64
}

func compareCandidates(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.draw, b.draw), cmp.Compare(a.token, b.token))
}

// lots draws the order inside the ties of one target; seed is drawn once for
// the attack.
type lots uint64

func newLots(seed uint64, target TargetID) lots { return lots(sigcity.Mix(seed, uint64(target))) }

func (l lots) candidate(token sigcity.UserID, score float64) candidate {
	return candidate{token, score, sigcity.Mix(uint64(l), uint64(token))}
}

func (s *shortlist) add(c candidate) {
	n := len(s.best)
	if n < MaxAnswers {
		s.insert(c)
		return
	}
	last := s.best[n-1]
	if compareCandidates(c, last) < 0 {
		s.best = s.best[:n-1]
		s.insert(c)
	} else if c.score < last.score {
		return
	}
	// One candidate of the old last score or below has been dropped. While the
	// last score stays, the count goes on; when it rises, it starts anew.
	if s.best[n-1].score == last.score {
		s.rest++
	} else {
		s.rest = 0
	}
}

func (s *shortlist) insert(c candidate) {
	i := sort.Search(len(s.best), func(i int) bool { return compareCandidates(s.best[i], c) > 0 })
	s.best = slices.Insert(s.best, i, c)
}

// merge adds what another list, over other candidates, has kept and counted.
func (s *shortlist) merge(o *shortlist) {
	for _, c := range o.best {
		s.add(c)
	}
	if o.rest > 0 && s.best[len(s.best)-1].score == o.best[len(o.best)-1].score {
		s.rest += o.rest
	}
}

// guess turns the list into a guess of whose token a target's is.
func (s *shortlist) guess(target TargetID) Guess {
	g := Guess{Target: target, Claim: ClaimSameUser, Rest: s.rest}
	for _, c := range s.best {
		g.Answers = append(g.Answers, Answer{Token: c.token, Score: c.score})
	}
	return g
}
