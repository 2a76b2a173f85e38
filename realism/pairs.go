package realism

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// callEnd is one end of an answered call between two SIMs of the data set: what
// both ends must agree on, and which of them it is.
type callEnd struct {
	time           uint32
	caller, callee uint32
	duration       int32
	in             bool
}

func (a callEnd) compare(b callEnd) int {
	in := func(e callEnd) int {
		if e.in {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.caller, b.caller), cmp.Compare(a.callee, b.callee),
		cmp.Compare(a.duration, b.duration), in(a)-in(b))
}

// paired says whether the other end of end i is among the sorted ends.
func paired(ends []callEnd, i int) bool {
	other := ends[i]
	if other.in = !other.in; other.in {
		return i+1 < len(ends) && ends[i+1] == other
	}
	return i > 0 && ends[i-1] == other
}

// readPairs counts the ends of answered calls between SIMs of the data set (of)
// and those whose other end is there at the same second (some). Tables are by
// day, and both ends have the time of the call: one day is held at a time.
func readPairs(ctx context.Context, f *dataset.Folder, users int, group []uint8) (*counts, error) {
	n := newCounts(pair)
	var ends []callEnd
	close := func() {
		slices.SortFunc(ends, callEnd.compare)
		for i := range ends {
			e := &ends[i]
			mine := e.caller
			if e.in {
				mine = e.callee
			}
			n.add(group[mine], of, 1)
			if paired(ends, i) {
				n.add(group[mine], some, 1)
			}
		}
		ends = ends[:0]
	}
	day := -1
	calendar, err := f.Meta().Calendar()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Dir(), err)
	}
	for c, err := range dataset.ReadTable[dataset.Contact](ctx, f, dataset.TableContacts) {
		if err != nil {
			return nil, err
		}
		e := sigcity.Event(c.Event)
		if c.Peer < 0 || c.DurationS <= 0 || e != sigcity.CallOut && e != sigcity.CallIn {
			continue
		}
		if int64(c.User) >= int64(users) || c.Peer >= int64(users) {
			return nil, fmt.Errorf("%s: %s: call of SIM %d with SIM %d, want SIMs below %d", f.Dir(), dataset.TableContacts, c.User, c.Peer, users)
		}
		if d := calendar.Day(c.Time); d != day {
			close()
			day = d
		}
		end := callEnd{c.Time, c.User, uint32(c.Peer), c.DurationS, false}
		if e == sigcity.CallIn {
			end = callEnd{c.Time, uint32(c.Peer), c.User, c.DurationS, true}
		}
		ends = append(ends, end)
	}
	close()
	return n, nil
}

// bothEnds is the share of ends of answered calls whose other end is there.
func bothEnds(s *survey) value {
	switch {
	case s.pairs == nil:
		return missing("not applicable: the data set has no table of calls")
	case s.faulty:
		return missing("not applicable: the feed has faults, which take records away")
	case s.pairs.total(of, of+1) == 0:
		return missing("no answered calls between SIMs of the data set")
	}
	v := s.ratio(s.pairs, some, of, 100)
	v.note = "ends of answered calls between SIMs of the data set"
	return v
}
