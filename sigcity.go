// Package sigcity holds the nouns that every room of the project shares:
// records and trajectories of mobile-phone signaling, the areas they name, the
// data sets and releases they live in, the calendar, and named random streams.
//
// The unit of everything is one SIM's [Trajectory]: generation, privacy,
// randomness, parallelism and distribution all fold over users.
package sigcity

import (
	"context"
	"iter"
	"math"

	"github.com/paulmach/orb"
)

// UserID is the dense index of one SIM in a data set, or of one token (later
// one pseudonym) in a release: 0 ≤ id < Meta().Users.
type UserID uint32

// AreaID is the index into a data set's areas: a cell in raw data, and
// whatever a release generalises cells to later.
type AreaID uint32

// Record is one row of signaling: 16 bytes, no pointers.
type Record struct {
	Time  uint32 // Unix seconds UTC; start of the interval
	Span  uint32 // seconds; 0 = an instant, > 0 where a release blurs time
	Area  AreaID
	Milli uint16 // milliseconds of Time, for imported data
	Type  Event
}

// End is the last second the record covers: Time + Span.
func (r Record) End() uint32 { return r.Time + r.Span }

// Trajectory is everything one user leaves in a time window, in ascending time.
// It is valid until the next step of the iterator that yielded it; use
// [Trajectory.Clone] to keep it.
type Trajectory struct {
	User    UserID
	Records []Record
}

// Clone copies the trajectory so that it outlives the iterator's step.
func (t Trajectory) Clone() Trajectory {
	return Trajectory{User: t.User, Records: append([]Record(nil), t.Records...)}
}

// Range selects users First ≤ id < Limit and records From ≤ Time < To (Unix
// seconds). A zero Limit or To means no upper bound, so Range{} is everything.
type Range struct {
	First, Limit UserID
	From, To     uint32
}

// Clamp replaces the open bounds of r for a data set of n users.
func (r Range) Clamp(n int) Range {
	if r.Limit == 0 || int(r.Limit) > n {
		r.Limit = UserID(n)
	}
	if r.To == 0 {
		r.To = math.MaxUint32
	}
	return r
}

// Dataset is a set of trajectories over a set of areas, on disk or in memory.
type Dataset interface {
	Meta() *Meta
	Areas() []Area
	// Key is the stable source key that randomness hangs on, so that the same
	// SIM draws the same numbers in a subset or in another order. Never released.
	Key(UserID) uint64
	// Users yields the users of r that have records in it, in ascending UserID.
	// It may be called again and concurrently over disjoint ranges. After an
	// error it yields nothing more.
	Users(ctx context.Context, r Range) iter.Seq2[Trajectory, error]
}

// Area is a place that records name: a radio cell in raw data, a set of cells,
// a hexagon or a box in a release.
type Area struct {
	ID        AreaID
	Name      string    // CGI text of a cell, else a name unique in the data set
	Center    orb.Point // lon, lat in degrees (WGS 84)
	Footprint orb.Ring  // closed ring, lon/lat; empty = a disc of Radius
	Radius    float64   // m; of the disc with the footprint's area
	Spacing   float64   // m; mean distance to the neighbouring sites
	Operator  string    // PLMN as MCC-MNC, empty where the area is no cell
	TAC       uint32    // tracking area code, 0 where the area is no cell
	From, To  uint32    // validity in Unix seconds, To exclusive; 0, 0 = always
}
