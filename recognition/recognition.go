// Package recognition is what signaling gives away about people: stays,
// anchors, trips. Planning and attacks use it alike: the same knife.
//
// All primitives work on records that a release has blurred too: a record with
// a span or a large area spreads its weight over interval and footprint.
package recognition

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
)

// Visit is one area with its share of a trajectory's weight.
type Visit struct {
	Area  sigcity.AreaID
	Share float64
}

// Top lists the n areas with most records, most first, ties by area. A record
// counts as one whatever its span. It allocates once per call, not per record.
func Top(t sigcity.Trajectory, n int) []Visit {
	if n <= 0 || len(t.Records) == 0 {
		return nil
	}
	// Phones stay: runs of one area are far fewer than records.
	runs := make([]Visit, 0, 32)
	for i, r := range t.Records {
		if i > 0 && r.Area == t.Records[i-1].Area {
			runs[len(runs)-1].Share++
		} else {
			runs = append(runs, Visit{r.Area, 1})
		}
	}
	slices.SortFunc(runs, func(a, b Visit) int { return cmp.Compare(a.Area, b.Area) })
	out := runs[:1]
	for _, v := range runs[1:] {
		if last := &out[len(out)-1]; last.Area == v.Area {
			last.Share += v.Share
		} else {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Visit) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Area, b.Area))
	})
	out = out[:min(n, len(out))]
	for i := range out {
		out[i].Share /= float64(len(t.Records))
	}
	return out
}
