package benchmarks

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
)

func guess(scores ...float64) *attacks.Guess {
	g := &attacks.Guess{Claim: attacks.ClaimSameUser}
	for i, s := range scores {
		g.Answers = append(g.Answers, attacks.Answer{Token: sigcity.UserID(i), Score: s})
	}
	return g
}

func TestTies(t *testing.T) {
	for _, c := range []struct {
		name        string
		g           *attacks.Guess
		rest        int
		right       []sigcity.UserID
		hit1, hit5  float64
		rank, of100 float64
	}{
		{"alone at the top", guess(3, 2, 1), 0, []sigcity.UserID{0}, 1, 1, 1, 0},
		{"one of a tie of three", guess(3, 3, 3), 0, []sigcity.UserID{1}, 1.0 / 3, 1, 2, 0},
		{"two right ones in a tie of four", guess(3, 3, 3, 3), 0, []sigcity.UserID{1, 2}, 0.5, 1, 5.0 / 3, 0},
		{"second", guess(3, 2, 1), 0, []sigcity.UserID{1}, 0, 1, 2, 0},
		{"not listed", guess(3, 2, 1), 0, []sigcity.UserID{9}, 0, 0, 52, 0},
		{"nobody is right", guess(3, 2, 1), 0, nil, 0, 0, 52, 0},
		{"a listed tenth of a tie of 60", guess(1, 1, 1, 1, 1, 1), 54, []sigcity.UserID{2}, 1.0 / 6, 5.0 / 6, 61.0 / 2, 0},
	} {
		c.g.Rest = c.rest
		ties := newTies(c.g, c.right)
		if got := ties.within(1); !near(got, c.hit1, 1e-12) {
			t.Errorf("%s: hit@1 = %g, want %g", c.name, got, c.hit1)
		}
		if got := ties.within(5); !near(got, c.hit5, 1e-12) {
			t.Errorf("%s: hit@5 = %g, want %g", c.name, got, c.hit5)
		}
		if got := ties.rank(100); !near(got, c.rank, 1e-12) {
			t.Errorf("%s: rank = %g, want %g", c.name, got, c.rank)
		}
	}
}

// within(k) is the share of all ways to break the ties in which a right token
// is among the first k.
func TestWithinEnumerates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		scores := rapid.SliceOfN(rapid.SampledFrom([]float64{1, 2, 3}), n, n).Draw(t, "scores")
		slices.Sort(scores)
		slices.Reverse(scores)
		var right []sigcity.UserID
		for i := range n {
			if rapid.Bool().Draw(t, "right") {
				right = append(right, sigcity.UserID(i))
			}
		}
		k := rapid.IntRange(1, 6).Draw(t, "k")
		orders, hits := 0, 0
		permute(n, func(order []int) {
			for i := 1; i < n; i++ {
				if scores[order[i]] > scores[order[i-1]] {
					return // not an order of these scores
				}
			}
			orders++
			if slices.ContainsFunc(order[:min(k, n)], func(i int) bool { return slices.Contains(right, sigcity.UserID(i)) }) {
				hits++
			}
		})
		if got, want := newTies(guess(scores...), right).within(k), float64(hits)/float64(orders); !near(got, want, 1e-9) {
			t.Fatalf("within(%d) of %v, right %v = %g, want %g", k, scores, right, got, want)
		}
	})
}

func permute(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var rec func(int)
	rec = func(i int) {
		if i == n {
			f(order)
			return
		}
		for j := i; j < n; j++ {
			order[i], order[j] = order[j], order[i]
			rec(i + 1)
			order[i], order[j] = order[j], order[i]
		}
	}
	rec(0)
}

type claims struct {
	attacks.Attack
	knows []attacks.Source
}

func (c claims) Needs() attacks.Need {
	return attacks.Need{Knowledge: c.knows, Claims: []string{attacks.ClaimSameUser, attacks.ClaimHome}}
}

func TestCheckGuesses(t *testing.T) {
	job := attackJob{attack: claims{}}
	good := attacks.Guess{Target: 1, Claim: attacks.ClaimSameUser, Answers: []attacks.Answer{{Score: 2}, {Score: 2}, {Score: 1}}}
	for _, c := range []struct {
		name string
		edit func(*attacks.Guess)
		ok   bool
	}{
		{"good", func(*attacks.Guess) {}, true},
		{"unknown target", func(g *attacks.Guess) { g.Target = 2 }, false},
		{"undeclared claim", func(g *attacks.Guess) { g.Claim = attacks.ClaimWork }, false},
		{"worst first", func(g *attacks.Guess) { g.Answers[2].Score = 3 }, false},
		{"negative rest", func(g *attacks.Guess) { g.Rest = -1 }, false},
	} {
		g := good
		g.Answers = slices.Clone(good.Answers)
		c.edit(&g)
		if err := checkGuesses(job, []attacks.Guess{g}, 2); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if checkGuesses(job, []attacks.Guess{good, good}, 2) == nil {
		t.Error("two guesses on one target and claim pass")
	}
	// What the adversary brought is no success.
	if excluded(attackJob{attack: claims{knows: []attacks.Source{attacks.Register}}}, attacks.ClaimHome) == "" || excluded(job, attacks.ClaimHome) != "" {
		t.Error("a home is excluded where the register holds it, and only there")
	}
}
