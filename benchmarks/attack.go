package benchmarks

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
)

// mount runs one attack on the opened release. The attack gets the files and
// the adversary's knowledge; the persons behind the targets stay here.
func (a *arena) mount(ctx context.Context, job attackJob, c Cell, o *opened, workers int) (guesses []attacks.Guess, who []uint32, err error) {
	err = guard("knowledge", func() error {
		if len(a.targets.persons) == 0 {
			return fmt.Errorf("no adult with records to attack")
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	k, who := a.targets.knowledge(job.who)
	k.Workers = workers
	if job.who.kind == Adaptive {
		k.Mechanism = &attacks.Mechanism{Method: c.Method, Params: c.Params}
	}
	rng := sigcity.Rand(c.seedOf("attack"), job.probe(), sigcity.Scope(0, job.who.name))
	err = guard("attack", func() (err error) {
		guesses, err = job.attack.Guess(ctx, &attacks.Release{Kind: o.kind, Data: o.data, Tables: o.tables, Edges: o.edges}, k, rng)
		return err
	})
	if err == nil {
		err = guard("attack", func() error { return checkGuesses(job, guesses, len(who)) })
	}
	return guesses, who, err
}

// checkGuesses holds an attack to its contract.
func checkGuesses(job attackJob, guesses []attacks.Guess, targets int) error {
	type slot struct {
		target attacks.TargetID
		claim  string
	}
	seen := map[slot]bool{}
	for i, g := range guesses {
		at := slot{g.Target, g.Claim}
		switch {
		case int(g.Target) >= targets:
			return fmt.Errorf("guess %d names target %d, must be below %d", i, g.Target, targets)
		case !slices.Contains(job.attack.Needs().Claims, g.Claim):
			return fmt.Errorf("guess %d claims %q, must be one of %s", i, g.Claim, strings.Join(job.attack.Needs().Claims, ", "))
		case seen[at]:
			return fmt.Errorf("guess %d is the second on target %d and %q", i, g.Target, g.Claim)
		case g.Rest < 0:
			return fmt.Errorf("guess %d has a rest of %d, must not be negative", i, g.Rest)
		}
		seen[at] = true
		for j, s := range g.Answers {
			if math.IsNaN(s.Score) || (j > 0 && s.Score > g.Answers[j-1].Score) {
				return fmt.Errorf("guess %d: answer %d scores %g, must be best first", i, j, s.Score)
			}
		}
	}
	return nil
}

// excluded says why a claim is no success: the adversary knew it before.
func excluded(job attackJob, claim string) string {
	if (claim == attacks.ClaimHome || claim == attacks.ClaimWork) && slices.Contains(job.attack.Needs().Knowledge, attacks.Register) {
		return "the adversary's register holds it already"
	}
	return ""
}

// scoreAttack turns guesses into rows, claim by claim; the first claim's
// headline is the attack's and comes last.
func (a *arena) scoreAttack(job attackJob, c Cell, o *opened, guesses []attacks.Guess, who []uint32) ([]Result, error) {
	byClaim := map[string][]*attacks.Guess{}
	claims := job.attack.Needs().Claims
	for _, claim := range claims {
		byClaim[claim] = make([]*attacks.Guess, len(who))
	}
	for i := range guesses {
		byClaim[guesses[i].Claim][guesses[i].Target] = &guesses[i]
	}
	s := &scorer{a: a, o: o, who: who, rng: sigcity.Rand(c.seedOf("ties"), job.probe(), sigcity.Scope(0, job.who.name))}
	var rows []Result
	err := guard("score", func() error {
		for i, claim := range slices.Backward(claims) {
			var of []Result
			switch {
			case excluded(job, claim) != "":
				of = []Result{{Metric: "excluded", Status: NA, Error: excluded(job, claim)}}
			case claim == attacks.ClaimSameUser:
				of = s.sameUser(byClaim[claim])
			case claim == attacks.ClaimHome || claim == attacks.ClaimWork:
				of = s.place(claim, byClaim[claim])
			case strings.HasPrefix(claim, attacks.ClaimAttribute):
				of = s.attribute(strings.TrimPrefix(claim, attacks.ClaimAttribute), byClaim[claim])
			default:
				return fmt.Errorf("claim %q has no scorer", claim)
			}
			for j := range of {
				of[j].Headline = i == 0 && j == len(of)-1
				if of[j].Metric != "" && claim != attacks.ClaimSameUser {
					of[j].Metric = claim + " " + of[j].Metric
				}
			}
			rows = append(rows, of...)
		}
		return nil
	})
	return rows, err
}

// share is a metric that is a share of persons: expected successes and, with
// ties broken by a draw, integer ones.
type share struct {
	n        int
	expected float64
	drawn    int
	answered int
}

func (s *share) add(p float64, draw float64, answered bool) {
	s.n++
	s.expected += p
	if draw < p {
		s.drawn++
	}
	if answered {
		s.answered++
	}
}

// rate is the plain share, 0 of nobody.
func (s share) rate() float64 { return s.expected / float64(max(s.n, 1)) }

func (s share) coverage() float64 { return float64(s.answered) / float64(max(s.n, 1)) }

// row is the Wilson row of a share.
func (s share) row(metric, unit string, control share, baseline float64) Result {
	if s.n == 0 {
		return Result{Metric: metric, Unit: unit, Goal: "min", Status: NA, Error: "there is nobody to count"}
	}
	r := Result{Metric: metric, Unit: unit, Goal: "min", N: s.n, Hits: s.expected, Drawn: s.drawn, Baseline: baseline,
		Control: control.rate(), ControlN: control.n, CtlDrawn: control.drawn, Coverage: s.coverage()}
	r.Value, r.Lo, r.Hi = Wilson(s.expected, s.n)
	return r
}
