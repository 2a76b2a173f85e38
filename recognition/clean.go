package recognition

import (
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Mark is a set of what is odd about a record.
type Mark uint8

const (
	MarkDuplicate  Mark = 1 << iota // an exact copy of an earlier record of the same second
	MarkIncorrect                   // its place is unknown, or out of reach from the records on both sides
	MarkSuspicious                  // its place is out of reach from the record on one side
	MarkPingPong                    // in a cell that the phone only went to and came back from, or on the way back
	MarkDrift                       // in a distant cell between records of one place, or on the way back
)

// Speeds above which a change of place is an error, m/s.
const (
	MaxSpeedMS     = 55  // multimno's; it takes high-speed trains for errors
	MaxRailSpeedMS = 120 // for tasks that seek high-speed rail or air (assumed: 432 km/h)
)

// CleanParams are the parameters of P0, docs/methods.md. Zero values take the
// defaults of DefaultCleanParams.
type CleanParams struct {
	MaxSpeedMS float64 // fastest believable speed, m/s: MaxSpeedMS or MaxRailSpeedMS
	MinDistM   float64 // changes of place up to here are never errors, m
	Unknown    []bool  // per area: nobody knows where it is, see UnknownAreas; areas beyond its end are known
}

// DefaultCleanParams are multimno's semantic_min_speed_m_s and
// semantic_min_distance_m (event_semantic_cleaning).
func DefaultCleanParams() CleanParams {
	return CleanParams{MaxSpeedMS: MaxSpeedMS, MinDistM: 10_000}
}

// UnknownAreas tells of which cells the operator's list does not say where they
// are; nil if there are none.
func UnknownAreas(cells []dataset.Cell) []bool {
	var out []bool
	for i, c := range cells {
		if c.Kind == dataset.KindUnknown {
			if out == nil {
				out = make([]bool, len(cells))
			}
			out[i] = true
		}
	}
	return out
}

// Cleaner finds records that are errors (P0), by the semantic checks of
// multimno. Dropped are exact copies, records of areas that nobody knows, and
// records that are incorrect: out of reach from the nearest such known record
// before and from the one after. Out of reach means farther than MinDistM and
// faster than MaxSpeedMS. A record that is out of reach on one side only is
// suspicious and stays.
//
// A record says less than a point: distances are the least between the discs of
// two areas, times the longest between two intervals. Records with a span are
// never copies, for two of them that look alike may be two events.
//
// A cleaner only reads its fields: one serves any number of goroutines.
type Cleaner struct {
	areas *geo.Areas
	p     CleanParams
}

// NewCleaner works on the given areas.
func NewCleaner(areas *geo.Areas, p CleanParams) *Cleaner {
	def := DefaultCleanParams()
	if p.MaxSpeedMS == 0 {
		p.MaxSpeedMS = def.MaxSpeedMS
	}
	if p.MinDistM == 0 {
		p.MinDistM = def.MinDistM
	}
	return &Cleaner{areas: areas, p: p}
}

// Clean appends to dst the records of t that stay, in their order, and to marks
// one mark for each record of t.
func (c *Cleaner) Clean(dst []sigcity.Record, marks []Mark, t sigcity.Trajectory) ([]sigcity.Record, []Mark) {
	const dropped = MarkDuplicate | MarkIncorrect
	rows, first := t.Records, len(marks)
	before := -1 // the last record that is neither copy nor unknown
	fast := false
	for i, r := range rows {
		m := Mark(0)
		switch {
		case copied(rows, i):
			m = MarkDuplicate
		case int(r.Area) < len(c.p.Unknown) && c.p.Unknown[r.Area]:
			m = MarkIncorrect
		default:
			now := before >= 0 && c.outOfReach(rows[before], r)
			if now { // suspicious on this side, and so is the one before on that
				if fast {
					marks[first+before] = MarkIncorrect
				} else {
					marks[first+before] = MarkSuspicious
				}
				m = MarkSuspicious
			}
			before, fast = i, now
		}
		marks = append(marks, m)
	}
	for i, r := range rows {
		if marks[first+i]&dropped == 0 {
			dst = append(dst, r)
		}
	}
	return dst, marks
}

// copied reports whether an earlier record of the same second equals record i.
func copied(rows []sigcity.Record, i int) bool {
	r := rows[i]
	if r.Span != 0 {
		return false
	}
	for j := i - 1; j >= 0 && rows[j].Time == r.Time; j-- {
		if rows[j] == r {
			return true
		}
	}
	return false
}

func (c *Cleaner) outOfReach(a, b sigcity.Record) bool {
	if a.Area == b.Area {
		return false
	}
	// Centres first: most changes of cell are to a neighbour.
	if d := c.areas.Dist(a.Area, b.Area); d <= c.p.MinDistM {
		return false
	}
	d := apart(c.areas, a.Area, b.Area)
	return d > c.p.MinDistM && d > c.p.MaxSpeedMS*float64(longest(a, b))
}

// apart is the least distance in metres between two areas, taken as discs.
func apart(areas *geo.Areas, a, b sigcity.AreaID) float64 {
	return math.Max(0, areas.Dist(a, b)-areas.Radius(a)-areas.Radius(b))
}

// longest is the longest time in seconds that can lie between two records, a
// not beginning after b.
func longest(a, b sigcity.Record) uint32 {
	return max(b.End()-a.Time, a.End()-min(a.End(), b.Time))
}
