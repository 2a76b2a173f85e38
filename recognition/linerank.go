package recognition

import (
	"cmp"
	"slices"
	"sort"

	"github.com/sigcity/sigcity"
)

// RankedLine is a line that a trip may have been on board of.
type RankedLine struct {
	Line  int     // position in dataset.Map.Lines
	Score float64 // cells that the line explains, in order of riding and at its pace: see RankLines
}

// RankLines appends to dst the lines of a mode that a trip may have ridden on, the
// likeliest first. The score of a line is the longest common subsequence of
// the trip's cells with its own, in order and as far apart in time as a vehicle is
// (the time window), less a hundredth of the stops that its ride passes: of two
// lines that explain as many cells, the shorter ride does. Lines of less than two
// cells are left out. Rides of dst are not divided from the rest of the trip: a line
// that explains a part of it is a candidate.
func (f *ModeFinder) RankLines(dst []RankedLine, trip Trip, t sigcity.Trajectory, mode string) []RankedLine {
	rows := t.Records
	i := sort.Search(len(rows), func(i int) bool { return moment(rows[i]) >= trip.Start })
	j := i + sort.Search(len(rows)-i, func(j int) bool { return moment(rows[i+j]) > trip.End })
	s := &f.search
	s.see(rows[i:j])
	s.weigh()
	s.candidates()
	begin := len(dst)
	for _, line := range s.cands {
		if s.lines.lines[line].mode != mode {
			continue
		}
		s.lay(line)
		best := 0.0
		for k := range s.served {
			s.chains(k)
			for _, j := range s.served[k:] {
				c := &s.chain[j]
				if !c.ok || c.weight < 2 {
					continue
				}
				h := s.chain[s.served[k]].hit
				passed := max(0, int(c.hit.Last)-int(min(h.First, c.hit.Last)))
				best = max(best, c.weight-float64(0.01*float64(passed)))
			}
		}
		if best > 0 {
			dst = append(dst, RankedLine{int(line), best})
		}
	}
	slices.SortFunc(dst[begin:], func(a, b RankedLine) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Line, b.Line))
	})
	return dst
}
