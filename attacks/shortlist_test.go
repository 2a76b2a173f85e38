package attacks

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// The list equals sorting everything and cutting, however the candidates are
// dealt out to workers.
func TestShortlistIsSortAndCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 4*MaxAnswers).Draw(t, "n")
		levels := rapid.IntRange(1, 6).Draw(t, "levels")
		all := make([]candidate, n)
		parts := make([]shortlist, rapid.IntRange(1, 4).Draw(t, "workers"))
		lots := newLots(rapid.Uint64().Draw(t, "seed"), 3)
		for i := range all {
			all[i] = lots.candidate(sigcity.UserID(i), float64(rapid.IntRange(1, levels).Draw(t, "score")))
			parts[rapid.IntRange(0, len(parts)-1).Draw(t, "worker")].add(all[i])
		}
		var got shortlist
		for i := range parts {
			got.merge(&parts[i])
		}
		slices.SortFunc(all, compareCandidates)
		want := all[:min(n, MaxAnswers)]
		rest := 0
		for _, c := range all[len(want):] {
			if c.score == want[len(want)-1].score {
				rest++
			}
		}
		if !slices.Equal(got.best, want) || got.rest != rest {
			t.Fatalf("list of %d with rest %d, want %d with rest %d", len(got.best), got.rest, len(want), rest)
		}
	})
}

// A tie of everybody: which tokens are listed, and which is first, is uniform.
// By Hoeffding's inequality the mean of 500 independent positions leaves
// 0.5 ± 0.15 with a probability below 2·exp(−2·500·0.15²) < 4e-10.
func TestTiesAreDrawnNotNumbered(t *testing.T) {
	const tokens, targets = 1000, 500
	first, listed := 0.0, 0.0
	for id := range TargetID(targets) {
		var s shortlist
		lots := newLots(99, id)
		for u := range sigcity.UserID(tokens) {
			s.add(lots.candidate(u, 1))
		}
		if len(s.best)+s.rest != tokens {
			t.Fatalf("%d listed + %d left out, want %d", len(s.best), s.rest, tokens)
		}
		first += float64(s.best[0].token) / tokens / targets
		for _, c := range s.best {
			listed += float64(c.token) / tokens / targets / MaxAnswers
		}
	}
	for what, mean := range map[string]float64{"first": first, "listed": listed} {
		if mean < 0.35 || mean > 0.65 {
			t.Errorf("mean position of the %s token of a tie %.3f, want about 0.5", what, mean)
		}
	}
}

func TestShortlistGuess(t *testing.T) {
	var s shortlist
	s.add(candidate{token: 4, score: 1})
	s.add(candidate{token: 9, score: 2})
	want := Guess{Target: 5, Claim: ClaimSameUser, Answers: []Answer{{Token: 9, Score: 2}, {Token: 4, Score: 1}}}
	if d := cmp.Diff(want, s.guess(5)); d != "" {
		t.Error(d)
	}
}
