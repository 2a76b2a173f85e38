package benchmarks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// FalseFailure is the family-wise probability that a sound benchmark fails one
// of its self-tests by chance: Bonferroni over the comparisons of each test.
const FalseFailure = 1e-6

// exactly is how near to 1 the score of identity against raw must be: tokens
// are summed in another order than SIMs, so the last digits may differ.
const exactly = 1e-9

// SelfTests checks the rows by themselves. identity: the raw data under a
// pseudonym score 1 against raw on every task, and no method is easier to
// attack than they are, beyond corrected error. random: no attack beats chance
// on noise.
func SelfTests(rows []Result) []SelfTest {
	return []SelfTest{identityTest(rows), randomTest(rows)}
}

// selfTestRows are the self-tests as rows.
func selfTestRows(rows []Result, base Result) []Result {
	var out []Result
	for _, t := range SelfTests(rows) {
		r := base
		r.Probe, r.Method, r.Metric, r.Headline, r.Unit, r.Goal = "selftest/"+t.Name, t.Name, "pass", true, "0 or 1", "max"
		r.Audit, r.Warnings = NoClaim, []string{t.Text}
		r.Value = btof(t.Pass)
		r.Lo, r.Hi = r.Value, r.Value
		if !t.Run {
			r.Status, r.Error = NA, t.Text
		}
		// The digest cannot fail: strings only.
		r.Key, _ = digest("selftest", r.Dataset, t.Name, r.Code)
		out = append(out, r)
	}
	return out
}

// duel is one attack's result on one release, where a release can be told from
// others of the same arena only by method and parameters.
type duel struct{ subset, probe, adversary, metric, seed string }

func duelOf(r Result) duel {
	return duel{r.Subset, r.Probe, r.Adversary, r.Metric, fmt.Sprint(r.Seed)}
}

// headlineRisk reports whether a row is what an attack is summed up by: the
// first guess of a linkage, or an inference's residual risk.
func headlineRisk(r Result) bool {
	return strings.HasPrefix(r.Probe, "attack/") && r.Status == OK &&
		(r.Metric == MetricHit1 || r.Metric == MetricResidual || strings.HasSuffix(r.Metric, " "+MetricResidual))
}

func identityTest(rows []Result) SelfTest {
	t := SelfTest{Name: "identity", Pass: true}
	base := map[duel]Result{}
	var failures []string
	tasks := 0
	for _, r := range rows {
		if r.Method != "identity" {
			continue
		}
		if r.Metric == MetricUtility && r.Status == OK {
			tasks++
			if !(math.Abs(r.Value-1) <= exactly) {
				failures = append(failures, fmt.Sprintf("%s at %s scores %.9g against raw, must be 1", r.Probe, r.Zoning, r.Value))
			}
		}
		if (r.Probe == probeRelease || strings.HasPrefix(r.Probe, "plan/")) && r.Status != OK && r.Status != NA {
			failures = append(failures, fmt.Sprintf("%s is %s: %s", r.Probe, r.Status, r.Error))
		}
		if headlineRisk(r) {
			base[duelOf(r)] = r
		}
	}
	var rivals []Result
	for _, r := range rows {
		if _, ok := base[duelOf(r)]; ok && headlineRisk(r) && r.Method != "identity" {
			rivals = append(rivals, r)
		}
	}
	for _, r := range rivals {
		b := base[duelOf(r)]
		p := HypergeometricTail(r.Drawn, r.N, r.Drawn+b.Drawn, b.N)
		if p < FalseFailure/float64(len(rivals)) {
			failures = append(failures, fmt.Sprintf("%s (%s): %s is right about %d of %d, identity about %d of %d (p = %.1g)",
				r.Probe, r.Adversary, markText(r), r.Drawn, r.N, b.Drawn, b.N, p))
		}
	}
	t.Run = tasks+len(base)+len(failures) > 0
	return t.conclude(failures, fmt.Sprintf("identity scores 1 against raw on %d task answers, and none of %d attacks on other releases beats it", tasks, len(rivals)),
		"identity is not in the grid: nothing was checked")
}

func randomTest(rows []Result) SelfTest {
	t := SelfTest{Name: "random", Pass: true}
	var mine []Result
	for _, r := range rows {
		if r.Method == "random" && headlineRisk(r) {
			mine = append(mine, r)
		}
	}
	var failures []string
	for _, r := range mine {
		p, against := 0.0, ""
		if r.Metric == MetricHit1 {
			// Targets differ a little in chance (persons with two SIMs): a sum of
			// unequal Bernoulli draws has a lighter upper tail than the binomial
			// of their mean above mean + 1 (Hoeffding 1956), so the test is safe.
			p, against = BinomialTail(r.Drawn, r.N, r.Baseline), fmt.Sprintf("chance is %.3g", r.Baseline)
			if float64(r.Drawn) <= float64(r.N)*r.Baseline+1 {
				p = 1
			}
		} else {
			p = HypergeometricTail(r.Drawn, r.N, r.Drawn+r.CtlDrawn, r.ControlN)
			against = fmt.Sprintf("people outside the release: %d of %d", r.CtlDrawn, r.ControlN)
		}
		if p < FalseFailure/float64(len(mine)) {
			failures = append(failures, fmt.Sprintf("%s (%s) %s: right about %d of %d; %s (p = %.1g)", r.Probe, r.Adversary, r.Metric, r.Drawn, r.N, against, p))
		}
	}
	for _, r := range rows {
		if r.Method == "random" && r.Probe == probeRelease && r.Status != OK && r.Status != NA {
			failures = append(failures, fmt.Sprintf("the release is %s: %s", r.Status, r.Error))
		}
	}
	t.Run = len(mine)+len(failures) > 0
	return t.conclude(failures, fmt.Sprintf("random noise cannot be told from chance by any of %d attack figures", len(mine)),
		"random is not in the grid, or no attack ran on it: nothing was checked")
}

func (t SelfTest) conclude(failures []string, passed, idle string) SelfTest {
	t.Pass = t.Run && len(failures) == 0
	switch {
	case !t.Run:
		t.Text = idle
	case t.Pass:
		t.Text = fmt.Sprintf("%s (a sound benchmark fails this with probability below %.0e)", passed, FalseFailure)
	default:
		slices.SortFunc(failures, func(a, b string) int { return cmp.Compare(a, b) })
		t.Text = strings.Join(failures, "; ")
	}
	return t
}
