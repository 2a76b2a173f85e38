// Package attacks holds one de-anonymization per file. An attack sees a
// release and what its adversary knows; it makes guesses and never learns
// whether they are right. A separate scorer in benchmarks does that.
//
// Nothing but the release's content may tell candidates apart: the number of a
// token means nothing, equal scores are ties, and the order inside a tie is
// drawn at random. docs/attacks.md describes each attack, docs/threat-model.md
// the adversaries.
package attacks

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Attack is one method with its parameters set.
type Attack interface {
	Needs() Need
	Guess(ctx context.Context, rel *Release, k Knowledge, rng *rand.Rand) ([]Guess, error)
}

// Need says what an attack can work on and what its adversary must know.
type Need struct {
	Kinds     []sigcity.Kind // releases it applies to; others are scored "n/a"
	Knowledge []Source       // what Targets must carry
	Claims    []string       // names of the claims it makes: "same-user", "home", "attribute:sex", …
	Whole     bool           // joint over all targets: cannot be sharded
}

// Source is a kind of knowledge about a target.
type Source string

const (
	Register   Source = "register"   // home and work, from an identified outside source
	SomePoints Source = "points"     // a few places and times where the target was
	TopPlaces  Source = "top-places" // the target's most visited places, in order
)

// Release is what an attack is given: the re-opened files and nothing else.
type Release struct {
	Kind   sigcity.Kind
	Data   sigcity.Dataset // nil for aggregates
	Tables []sigcity.Table
	Edges  iter.Seq[sigcity.Edge]
}

// TargetID numbers the targets of one attack: dense, in random order.
type TargetID uint32

// Target is what the adversary knows of one person, member of the release or
// not: members and controls are mixed and unlabelled.
type Target struct {
	ID      TargetID
	Home    orb.Point // if Has(Register)
	Work    orb.Point // if HasWork
	HasWork bool
	Points  []Point     // if Has(SomePoints)
	Places  []orb.Point // if Has(TopPlaces): most visited first
}

// Point is one observation of a target.
type Point struct {
	Time  uint32    // Unix seconds
	Place orb.Point // where the serving cell's centre is, or a noisy position
}

// Knowledge is all that the adversary brings.
type Knowledge struct {
	Targets   []Target
	Map       *dataset.Map   // the public city
	Cells     []sigcity.Area // the operator's cells, public (cell databases exist)
	Calendar  *sigcity.Calendar
	Mechanism *Mechanism      // adaptive adversaries only
	Reference sigcity.Dataset // a past period, if the adversary has one
	ErrorM    float64         // what the adversary knows of its own error in Points and Places: σ per axis in m, 0 = the very records
	ErrorS    float64         // largest error of the times in Points, s
	Workers   int             // goroutines to use, 0 = 1; never changes a guess
}

// Mechanism is what an adaptive adversary knows of the anonymizer.
type Mechanism struct {
	Method string
	Params map[string]any
}

// Guess is what an attack claims of one target: one guess per target and claim.
// No answers = it abstains.
type Guess struct {
	Target  TargetID
	Claim   string   // one of Need.Claims
	Answers []Answer // best first, at most MaxAnswers
	// Rest counts candidates that tie with the last answer and were left out.
	// Which of a tie are listed is drawn uniformly, so the share of right ones
	// among the listed estimates the share in the whole tie without bias.
	Rest int
}

// MaxAnswers bounds the answers of one guess.
const MaxAnswers = 50

// Claim names shared by attacks and scorer. "attribute:" is followed by the
// attribute's name.
const (
	ClaimSameUser  = "same-user" // answers carry tokens
	ClaimHome      = "home"      // answers carry places
	ClaimWork      = "work"
	ClaimAttribute = "attribute:"
)

// Answer is one candidate, best first. Equal scores are a tie, which the
// scorer resolves in expectation.
type Answer struct {
	Token sigcity.UserID
	Place orb.Point
	Value string
	Score float64
}
