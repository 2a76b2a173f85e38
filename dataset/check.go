package dataset

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
)

// checkEvents says whether trajectories can be written as one day of one part.
func (w *Writer) checkEvents(s Slot, users []sigcity.Trajectory) error {
	part := w.m.Parts[s.Part]
	from, to := w.cal.Start(s.Day), w.cal.Start(s.Day+1)-1 // to inclusive
	if s.Day == 0 {
		from = 0
	}
	if s.Day == w.cal.Days()-1 {
		to = math.MaxUint32
	}
	areas := uint32(math.MaxInt32)
	if n := w.areas.Load(); n > 0 {
		areas = uint32(n)
	}
	for i, t := range users {
		if t.User < part.First || int(t.User-part.First) >= part.Users {
			return fmt.Errorf("user %d, want one of part %d: %d to %d", t.User, s.Part, part.First, int(part.First)+part.Users-1)
		}
		if i > 0 && t.User <= users[i-1].User {
			return fmt.Errorf("user %d after user %d, want ascending users", t.User, users[i-1].User)
		}
		for k := range t.Records {
			r := &t.Records[k]
			switch {
			case r.Time < from || r.Time > to:
				return fmt.Errorf("user %d: record at %d, want a time of %s: %d to %d", t.User, r.Time, w.cal.Date(s.Day), from, to)
			case k > 0 && compareTime(t.Records[k-1], *r) > 0:
				return fmt.Errorf("user %d: record at %d.%03d after one at %d.%03d, want ascending time",
					t.User, r.Time, r.Milli, t.Records[k-1].Time, t.Records[k-1].Milli)
			case uint32(r.Area) >= areas:
				return fmt.Errorf("user %d: area %d, want one below %d", t.User, r.Area, areas)
			case !r.Type.Valid() || r.Milli > 999 || r.Span > math.MaxInt32:
				return fmt.Errorf("user %d: record %+v, want a known event, milli below 1000 and span below 2³¹", t.User, *r)
			case r.Span > 0 && w.imsi != nil:
				return fmt.Errorf("user %d: record of span %d s, want instants in raw data", t.User, r.Span)
			}
		}
	}
	return nil
}
