package dataset

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
)

// eventCheck says whether trajectories can be written as one day of one part.
type eventCheck struct {
	part     int
	first    sigcity.UserID
	users    int
	day      func() string // the date
	from, to uint32        // of the records; to inclusive
	areas    uint32        // ids below it are known
	spans    uint32        // at most; 0 in raw data, whose records are instants
}

func (w *Writer) eventCheck(s Slot) *eventCheck {
	part := w.m.Parts[s.Part]
	c := &eventCheck{part: s.Part, first: part.First, users: part.Users, day: func() string { return w.cal.Date(s.Day) },
		from: w.cal.Start(s.Day), to: w.cal.Start(s.Day+1) - 1, areas: math.MaxInt32, spans: math.MaxInt32}
	if w.imsi != nil {
		c.spans = 0
	}
	if s.Day == 0 {
		c.from = 0
	}
	if s.Day == w.cal.Days()-1 {
		c.to = math.MaxUint32
	}
	if n := w.areas.Load(); n > 0 {
		c.areas = uint32(n)
	}
	return c
}

// order says whether the users are of the part, and ascend.
func (c *eventCheck) order(users []sigcity.Trajectory) error {
	for i := range users {
		u := users[i].User
		if u < c.first || int(u-c.first) >= c.users {
			return fmt.Errorf("user %d, want one of part %d: %d to %d", u, c.part, c.first, int(c.first)+c.users-1)
		}
		if i > 0 && u <= users[i-1].User {
			return fmt.Errorf("user %d after user %d, want ascending users", u, users[i-1].User)
		}
	}
	return nil
}

// wrong says whether a record cannot be written after one of the same user at a
// time before, in ms.
func (c *eventCheck) wrong(r *sigcity.Record, before int64) bool {
	return r.Time < c.from || r.Time > c.to || millis(r) < before || uint32(r.Area) >= c.areas || !r.Type.Valid() || r.Milli > 999 || r.Span > c.spans
}

// millis is the time of a record in ms.
func millis(r *sigcity.Record) int64 { return int64(r.Time)*1000 + int64(r.Milli) }

// explain says what is wrong with a record.
func (c *eventCheck) explain(t *sigcity.Trajectory, i int) error {
	r := &t.Records[i]
	switch {
	case r.Time < c.from || r.Time > c.to:
		return fmt.Errorf("user %d: record at %d, want a time of %s: %d to %d", t.User, r.Time, c.day(), c.from, c.to)
	case i > 0 && compareTime(t.Records[i-1], *r) > 0:
		return fmt.Errorf("user %d: record at %d.%03d after one at %d.%03d, want ascending time",
			t.User, r.Time, r.Milli, t.Records[i-1].Time, t.Records[i-1].Milli)
	case uint32(r.Area) >= c.areas:
		return fmt.Errorf("user %d: area %d, want one below %d", t.User, r.Area, c.areas)
	case c.spans == 0 && r.Span > 0 && r.Span <= math.MaxInt32 && r.Type.Valid() && r.Milli <= 999:
		return fmt.Errorf("user %d: record of span %d s, want instants in raw data", t.User, r.Span)
	}
	return fmt.Errorf("user %d: record %+v, want a known event, milli below 1000 and span below 2³¹", t.User, *r)
}
