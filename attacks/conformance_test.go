package attacks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

// conform runs f on every registered attack with its defaults.
func conform(t *testing.T, f func(t *testing.T, e plugin.Entry[Attack], a Attack)) {
	for _, e := range plugin.All[Attack]() {
		if e.Required {
			continue // cannot be made from defaults; its own tests see to it
		}
		t.Run(e.Name, func(t *testing.T) {
			a, _, err := plugin.Make[Attack](e.Name, nil)
			if err != nil {
				t.Fatal(err)
			}
			f(t, e, a)
		})
	}
}

func guess(t testing.TB, a Attack, s *scene, workers int) []Guess {
	t.Helper()
	s.know.Workers = workers
	g, err := a.Guess(context.Background(), s.rel, s.know, newRand())
	if err != nil {
		t.Fatal(err)
	}
	checkForm(t, a.Needs(), s, g)
	return g
}

// checkForm: every target and claim once, answers best first and few, finite
// scores, tokens of the release, nothing but the claims announced.
func checkForm(t testing.TB, need Need, s *scene, guesses []Guess) {
	t.Helper()
	seen := map[string]int{}
	for _, g := range guesses {
		seen[fmt.Sprint(g.Target, g.Claim)]++
		if len(g.Answers) > MaxAnswers {
			t.Errorf("target %d, %s: %d answers, at most %d allowed", g.Target, g.Claim, len(g.Answers), MaxAnswers)
		}
		if g.Rest < 0 || g.Rest > 0 && len(g.Answers) < MaxAnswers {
			t.Errorf("target %d, %s: rest %d beside %d answers", g.Target, g.Claim, g.Rest, len(g.Answers))
		}
		tokens := map[sigcity.UserID]bool{}
		sum := 0.0
		for i, a := range g.Answers {
			sum += a.Score
			if math.IsNaN(a.Score) || math.IsInf(a.Score, 0) || i > 0 && a.Score > g.Answers[i-1].Score {
				t.Errorf("target %d, %s: score %g at rank %d, want finite and falling", g.Target, g.Claim, a.Score, i+1)
			}
			if g.Claim == ClaimSameUser {
				if tokens[a.Token] || int(a.Token) >= s.rel.Data.Meta().Users {
					t.Errorf("target %d: token %d twice or not in the release", g.Target, a.Token)
				}
				tokens[a.Token] = true
			}
		}
		if strings.HasPrefix(g.Claim, ClaimAttribute) && len(g.Answers) > 0 && math.Abs(sum-1) > 1e-9 {
			t.Errorf("target %d, %s: probabilities add up to %.12f", g.Target, g.Claim, sum)
		}
	}
	for _, x := range s.know.Targets {
		for _, claim := range need.Claims {
			if n := seen[fmt.Sprint(x.ID, claim)]; n != 1 {
				t.Errorf("target %d, %s: %d guesses, want one", x.ID, claim, n)
			}
		}
	}
	if len(guesses) != len(s.know.Targets)*len(need.Claims) {
		t.Errorf("%d guesses, want %d targets × %d claims", len(guesses), len(s.know.Targets), len(need.Claims))
	}
}

func TestConformanceEntry(t *testing.T) {
	conform(t, func(t *testing.T, e plugin.Entry[Attack], a Attack) {
		need := a.Needs()
		if len(need.Kinds) == 0 || len(need.Claims) == 0 || e.Complexity == "" {
			t.Errorf("needs %+v, complexity %q: kinds, claims and complexity must be told", need, e.Complexity)
		}
	})
}

func TestConformanceSameForAnyWorkers(t *testing.T) {
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(1200, 3, 4, 150) // more tokens than one chunk, ties larger than one list
		want := guess(t, a, s, 1)
		for _, workers := range []int{0, 1, 2, 7} {
			if got := guess(t, a, s, workers); !reflect.DeepEqual(want, got) {
				t.Fatalf("%d workers guess otherwise than one", workers)
			}
		}
	})
}

// A token's number must mean nothing: with the tokens renamed, each target gets
// the same scores, the same rest, and for every score that is listed in full
// the same tokens by their new names.
func TestConformanceRenamingTokens(t *testing.T) {
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(700, 5, 5, 150)
		before := guess(t, a, s, 2)
		perm := sigcity.NewPermutation(700, 42)
		s.rewrite(func(m *dataset.Mem) {
			rows := make([][]sigcity.Record, len(m.Rows))
			for u, r := range m.Rows {
				rows[perm.At(uint32(u))] = r
			}
			m.Rows, m.Keys = rows, nil
		})
		after := guess(t, a, s, 2)
		compared := 0
		for i := range before {
			b, c := before[i], after[i]
			if b.Target != c.Target || b.Claim != c.Claim || b.Rest != c.Rest || len(b.Answers) != len(c.Answers) {
				t.Fatalf("guess %d: %+v became %+v", i, b, c)
			}
			name := map[float64]map[string]bool{}
			for _, x := range b.Answers {
				if name[x.Score] == nil {
					name[x.Score] = map[string]bool{}
				}
				name[x.Score][fmt.Sprint(perm.At(uint32(x.Token)), x.Place, x.Value)] = true
			}
			for j, x := range c.Answers {
				if x.Score != b.Answers[j].Score {
					t.Fatalf("target %d, %s: score %v at rank %d became %v", b.Target, b.Claim, b.Answers[j].Score, j+1, x.Score)
				}
				if b.Rest > 0 && x.Score == b.Answers[len(b.Answers)-1].Score {
					continue // listed by lot
				}
				token := uint32(x.Token)
				if b.Claim != ClaimSameUser {
					token = perm.At(0) // answers of other claims carry no token
				}
				if !name[x.Score][fmt.Sprint(token, x.Place, x.Value)] {
					t.Fatalf("target %d, %s: %+v is new after renaming", b.Target, b.Claim, x)
				}
				compared++
			}
		}
		if compared < len(before)/2 {
			t.Errorf("only %d answers compared", compared)
		}
	})
}

func TestConformanceParameters(t *testing.T) {
	for _, e := range plugin.All[Attack]() {
		wrong := []plugin.Args{{"no_such_parameter": 1}}
		names := []string{"no_such_parameter"}
		for _, p := range e.Params {
			add := func(v any) {
				wrong, names = append(wrong, plugin.Args{p.Name: v}), append(names, p.Name)
			}
			switch p.Type {
			case plugin.Int, plugin.Float:
				add("many")
				if p.Min != 0 || p.Max != 0 {
					add(p.Min - 1)
					add(p.Max + 1)
				}
			case plugin.Duration:
				add("long")
				if p.Min != 0 || p.Max != 0 {
					add(fmt.Sprintf("%gs", p.Max+1))
				}
			case plugin.Bool:
				add("perhaps")
			}
		}
		for i, args := range wrong {
			_, _, err := plugin.Make[Attack](e.Name, args)
			if err == nil || !strings.Contains(err.Error(), names[i]) {
				t.Errorf("%s with %v: error %v, want one that names %s", e.Name, args, err, names[i])
			}
		}
	}
}

// cancelling cancels after some trajectories and counts how many are still read.
type cancelling struct {
	sigcity.Dataset
	after  int
	cancel context.CancelFunc
	late   int
}

func (c *cancelling) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		for t, err := range c.Dataset.Users(ctx, r) {
			switch c.after--; {
			case c.after == 0:
				c.cancel()
			case c.after < 0 && err == nil:
				c.late++
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

func TestConformanceCancel(t *testing.T) {
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(1200, 1, 6, 100)
		for _, after := range []int{1, 600} {
			ctx, cancel := context.WithCancel(context.Background())
			data := &cancelling{Dataset: s.city.Data, after: after, cancel: cancel}
			s.rel.Data = data
			g, err := a.Guess(ctx, s.rel, s.know, newRand())
			cancel()
			if !errors.Is(err, context.Canceled) || g != nil {
				t.Errorf("cancelled after %d trajectories: %d guesses, error %v; want none and context canceled", after, len(g), err)
			}
			if data.late > 1 {
				t.Errorf("%d trajectories read after the cancel", data.late)
			}
		}
	})
}

func TestConformanceReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(10, 1, 6, 0)
		s.rel.Data = failing{s.city.Data, broken}
		if g, err := a.Guess(context.Background(), s.rel, s.know, newRand()); !errors.Is(err, broken) || g != nil {
			t.Errorf("%d guesses, error %v; want none and %v", len(g), err, broken)
		}
	})
}

type failing struct {
	sigcity.Dataset
	err error
}

func (f failing) Users(context.Context, sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) { yield(sigcity.Trajectory{}, f.err) }
}

func TestConformanceEmptyReleases(t *testing.T) {
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(30, 3, 8, 100)
		s.rewrite(func(m *dataset.Mem) {
			for u := range m.Rows {
				m.Rows[u] = nil
			}
		})
		for _, areas := range [][]sigcity.Area{s.city.Data.Cells, nil} {
			for _, users := range []int{0, 30} {
				info := s.city.Data.Info
				info.Users = users
				s.rel.Data = &dataset.Mem{Info: info, Cells: areas, Rows: make([][]sigcity.Record, users)}
				for _, g := range guess(t, a, s, 2) {
					if len(g.Answers) > 0 {
						t.Errorf("%d tokens without records, %d areas: target %d is answered: %+v", users, len(areas), g.Target, g.Answers)
					}
				}
			}
		}
		s = identityScene(30, 3, 8, 0).rewrite(func(m *dataset.Mem) { m.Rows[3], m.Rows[7] = nil, nil })
		answered := 0
		for _, g := range guess(t, a, s, 2) {
			for _, x := range g.Answers {
				if g.Claim == ClaimSameUser && (x.Token == 3 || x.Token == 7) {
					t.Errorf("target %d is answered with the suppressed token %d", g.Target, x.Token)
				}
			}
			answered += min(1, len(g.Answers))
		}
		if answered < 20 {
			t.Errorf("%d targets answered, want most: two of 30 are suppressed", answered)
		}
	})
}

// A target of whom nothing is known gets nothing, and no panic.
func TestConformanceIgnorance(t *testing.T) {
	conform(t, func(t *testing.T, _ plugin.Entry[Attack], a Attack) {
		s := identityScene(30, 3, 8, 0)
		s.know = Knowledge{Targets: []Target{{ID: 0}, {ID: 1}}}
		for _, g := range guess(t, a, s, 1) {
			if len(g.Answers) > 0 {
				t.Errorf("target %d, %s: answers from nothing", g.Target, g.Claim)
			}
		}
	})
}

func TestConformanceKinds(t *testing.T) {
	conform(t, func(t *testing.T, e plugin.Entry[Attack], a Attack) {
		s := identityScene(5, 1, 8, 0)
		for _, kind := range []sigcity.Kind{sigcity.Trajectories, sigcity.Points, sigcity.Boxes, sigcity.Synthetic, sigcity.Aggregate} {
			rel := &Release{Kind: kind, Data: s.city.Data}
			if kind == sigcity.Aggregate {
				rel.Data = nil
			}
			_, err := a.Guess(context.Background(), rel, s.know, newRand())
			switch {
			case slices.Contains(a.Needs().Kinds, kind) && err != nil:
				t.Errorf("kind %s: %v", kind, err)
			case !slices.Contains(a.Needs().Kinds, kind) && (err == nil || !strings.Contains(err.Error(), kind.String()) || !strings.Contains(err.Error(), e.Name)):
				t.Errorf("kind %s: error %v, want one that names attack and kind", kind, err)
			}
		}
	})
}
