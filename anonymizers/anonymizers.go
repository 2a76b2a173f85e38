// Package anonymizers holds one anonymizer per file. A method turns a data set
// into a release and says, through Env.Link, which token carries which user;
// renaming tokens, shuffling and writing are the harness's business.
//
// A method is added by one file that calls plugin.Add in its init function. A
// method that works on one user at a time is a function given to [PerUser] and
// streams; others implement [Anonymizer] themselves. docs/plugins.md shows a
// method in another language.
package anonymizers

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Anonymizer is one method with its parameters set. It is immutable: one value
// may anonymize several data sets, concurrently.
type Anonymizer interface {
	// Anonymize makes the release. Its data may be computed while it is read;
	// links are all reported before it returns. A cancelled ctx ends it, and any
	// reading of the release's data under a cancelled ctx, with an error.
	Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error)
}

// Subscriber is what an operator knows of the holder of a SIM.
type Subscriber struct {
	Consent   bool
	Sex       string // female, male, or empty
	BirthYear int    // 0 = not known
}

// SubscriberOf is what the operator knows of a person whose age is told for the
// date start, YYYY-MM-DD; false where that is no date.
func SubscriberOf(p dataset.Person, start string) (Subscriber, bool) {
	first, err := time.Parse(sigcity.DateLayout, start)
	if err != nil {
		return Subscriber{}, false
	}
	return Subscriber{Consent: p.Consent, Sex: p.Sex, BirthYear: first.Year() - int(p.Age)}, true
}

// Noise draws the noise of differential privacy: seeded for benchmarks (a
// reproducible result, no privacy), cryptographic when a release is meant for
// the world. Keys name the draw, so that order and workers do not matter. It is
// safe for concurrent use.
type Noise interface {
	Secure() bool
	// Laplace adds noise of scale l0·lInf/epsilon to x. All three must be positive.
	Laplace(x float64, l0 int64, lInf, epsilon float64, keys ...uint64) (float64, error)
}

// Env is what a method gets beside the data.
type Env struct {
	seed    uint64
	Workers int   // goroutines; below 1 = 1
	Noise   Noise // nil = seeded
	// Subscriber tells what the operator knows; nil where nothing is known.
	Subscriber func(sigcity.UserID) (Subscriber, bool)
	// Progress reports done of total users; nil = silent. Safe for concurrent use.
	Progress func(done, total int)
	// Link receives the links; nil = dropped. Calls come in order of token, then From.
	Link func(sigcity.Link)
}

// NewEnv makes an environment whose streams hang on seed.
func NewEnv(seed uint64) Env { return Env{seed: seed, Workers: 1, Noise: SeededNoise(seed)} }

// Rand names a random stream of this run of the method.
func (e Env) Rand(scope string, keys ...uint64) *rand.Rand {
	return sigcity.Rand(e.seed, "anonymizer."+scope, keys...)
}

// Hash is a keyed hash of this run of the method, for single draws and pseudonyms.
func (e Env) Hash(scope string, keys ...uint64) uint64 {
	return sigcity.Hash(e.seed, "anonymizer."+scope, keys...)
}

// Span is the half-open interval of all records of a data set: what a link
// that never changes covers.
func Span() (from, to uint32) { return 0, 1<<32 - 1 }

// LinkSame reports that every token carries the user of the same number.
func (e Env) LinkSame(n int) {
	from, to := Span()
	for u := range sigcity.UserID(n) {
		e.link(sigcity.Link{Token: u, Source: u, From: from, To: to})
	}
}

func (e Env) link(l sigcity.Link) {
	if e.Link != nil {
		e.Link(l)
	}
}

func (e Env) noise() Noise {
	if e.Noise == nil {
		return SeededNoise(e.seed)
	}
	return e.Noise
}

// tokenKey is what a release's data carries as the key of a token: stable for
// the same SIM, like the source key, but telling nothing of it.
func (e Env) tokenKey(source uint64) uint64 { return e.Hash("token", source) }

// noClaims is the claim of a method without a formal guarantee.
func noClaims() []sigcity.Guarantee { return []sigcity.Guarantee{{Kind: "none"}} }
