package sigcity

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
)

// Kind is the form that a release takes; it decides which attacks and tasks apply.
type Kind uint8

const (
	Trajectories Kind = iota // one token follows one user through a linkage period
	Points                   // unlinked records
	Boxes                    // trajectories of generalised boxes
	Synthetic                // trajectories of nobody
	Aggregate                // tables only
)

var kindNames = []string{"trajectories", "points", "boxes", "synthetic", "aggregate"}

func (k Kind) String() string { return kindNames[k] }

// MarshalJSON writes the kind's name.
func (k Kind) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// UnmarshalJSON reads the kind's name.
func (k *Kind) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	i := slices.Index(kindNames, s)
	if i < 0 {
		return fmt.Errorf("release kind %q: want one of %v", s, kindNames)
	}
	*k = Kind(i)
	return nil
}

// Linked reports whether records of one user can be told to belong together.
func (k Kind) Linked() bool { return k == Trajectories || k == Boxes }

// Link says which released token carries which user, and when: many to many.
// From ≤ t < To in Unix seconds.
type Link struct {
	Token    UserID `parquet:"token,delta" json:"token"`
	Source   UserID `parquet:"source,delta" json:"source"`
	From, To uint32
}

// Release is what an anonymizer gives to the world. The method fills it; the
// harness renames, re-sorts and spools it before anyone sees it.
type Release struct {
	Kind   Kind
	Data   Dataset        // nil for Aggregate
	Tables []Table        // counts, OD, …
	Edges  iter.Seq[Edge] // contact graph, if released
	Claims []Guarantee
	Losses Losses // counted by the harness, not by the method
}

// Table is a released aggregate: named columns of equal length.
type Table struct {
	Name    string      `json:"name"`
	Columns []string    `json:"columns"`
	Data    [][]float64 `json:"-"` // Data[c][row]
}

// Rows is the length of the table's columns.
func (t Table) Rows() int {
	if len(t.Data) == 0 {
		return 0
	}
	return len(t.Data[0])
}

// Column finds a column by name; nil where there is none.
func (t Table) Column(name string) []float64 {
	if i := slices.Index(t.Columns, name); i >= 0 {
		return t.Data[i]
	}
	return nil
}

// The tables that several rooms read.
const (
	TablePopulation = "population" // area, hour (Unix seconds of its start), count
	TableOD         = "od"         // from, to (area: home and work), count
)

// Edge is one contact between two users of a data set or tokens of a release.
type Edge struct {
	A, B   UserID
	Weight float64
}

// Guarantee is what a release claims.
type Guarantee struct {
	Kind    string  `json:"kind"`    // "k-anonymity", "differential-privacy", "none", …
	Unit    string  `json:"unit"`    // point, event, trajectory, user-day, SIM, person
	K       int     `json:"k"`       // for k-anonymity
	Epsilon float64 `json:"epsilon"` // for differential privacy
	Delta   float64 `json:"delta"`
	Bound   string  `json:"bound"` // contribution bound in words
}

// String is the claim in a few words, as reports print it.
func (g Guarantee) String() string {
	switch {
	case g.K > 0:
		return fmt.Sprintf("k=%d per %s", g.K, g.Unit)
	case g.Epsilon > 0:
		return fmt.Sprintf("ε=%g, δ=%g per %s", g.Epsilon, g.Delta, g.Unit)
	}
	return "none"
}

// Losses is what a release cost the data, against the same users' raw records.
type Losses struct {
	Users             int64   `json:"users"`   // in the input
	Records           int64   `json:"records"` // in the input
	SuppressedUsers   int64   `json:"suppressed_users"`
	SuppressedRecords int64   `json:"suppressed_records"`
	DisplacementM     float64 `json:"displacement_m"`     // mean distance of released from true cell centre, at raw record times
	DisplacementP90M  float64 `json:"displacement_p90_m"` // its 90th percentile
	TimeBlurMin       float64 `json:"time_blur_min"`      // mean Span of a released record
	Bytes             int64   `json:"bytes"`              // of the release on disk
}
