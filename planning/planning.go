// Package planning holds the planning uses and recognition tasks that mobile
// signaling serves, one file each. The same code answers them on raw data, on
// a release and, through FromTruth, on the simulator's truth; the distance
// between the answers is the utility.
package planning

import (
	"context"
	"encoding"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Task is one planning use with its parameters set.
type Task interface {
	Needs() Need
	// Fold starts an empty fold over trajectories.
	Fold(env *Env) Fold
	// FromTruth answers the task on ground truth.
	FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error)
	// Null is the predictor that knows nothing of the records: the floor of the scale.
	Null(env *Env) Answer
	// Score compares an answer with the wanted one; Score(x, x) = 1.
	Score(want, got Answer) float64
	// Detail gives the task's other figures, by metric name.
	Detail(want, got Answer) map[string]float64
}

// FromTables is implemented by tasks that aggregate releases can answer.
type FromTables interface {
	FromTables(tables []sigcity.Table, env *Env) (Answer, error)
}

// Answer is a task's own result type; it marshals to JSON.
type Answer any

// Keyed answers speak of single users: by token on a release, by SIM on raw
// data, by person in truth. The harness re-keys them before scoring.
type Keyed interface {
	// Rekey gives the answer in terms of other users. who lists, for a key and
	// a time window, whom it stands for and how much of it (shares of a token
	// that carried several users add up to 1).
	Rekey(who func(key uint32, from, to uint32) []Share) Answer
}

// Share says that a key stands for User by Weight.
type Share struct {
	User   uint32
	Weight float64
}

// Horizon is the shortest time that a token must follow one user.
type Horizon string

const (
	Snapshot Horizon = "snapshot"
	Day      Horizon = "day"
	Week     Horizon = "week"
	Months   Horizon = "months"
)

// Need says what a task can be answered from.
type Need struct {
	Horizon    Horizon
	Aggregates bool // also from tables: implements FromTables
}

// Env is what a task knows beside the records: all of it public. It describes
// the data that is folded (a release has areas of its own); it is shared
// by all folds and must not be changed or copied after its first use.
type Env struct {
	Meta     *sigcity.Meta
	Areas    []sigcity.Area
	Calendar *sigcity.Calendar
	Map      *dataset.Map
	Taps     []dataset.CardTap // of transit cards, by time: a source that planners may be given
	Proj     geo.Projection
	Zoning   geo.Zoning
	// Population is the number of people the answer is expanded to (known from
	// the census), 0 = no expansion.
	Population float64
	// Kinds are those of the sites (dataset.Cell.Kind) by area, where the areas are an
	// operator's cells; nil where they are not: a planner is not told them then.
	Kinds []string
	// Links is the public road graph (table map/links); empty where the data set has none.
	Links []dataset.RoadEdge

	shared shared // built on first use
}

// Fold gathers a task's answer user by user; folds over disjoint users merge,
// in any order, into the fold over all of them.
type Fold interface {
	// Add takes in one user's records of one linkage period.
	Add(v *View) error
	// Merge adds what other has gathered; other is not changed.
	Merge(other Fold) error
	// Next says whether another pass over all users is wanted, and prepares it:
	// what the pass gathers starts empty, so that copies of the fold (through
	// its binary form) may pass over disjoint users and be merged.
	Next() (bool, error)
	Answer() (Answer, error)
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}
