package dataset

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// Select is a view of in that holds only the given users, renumbered in the
// given order, and only records of r's time window. Its Meta counts these
// users, scales the persons and inhabitants along, and spans the local days
// that the window touches. Users given in ascending order are read in one pass.
func Select(in sigcity.Dataset, users []sigcity.UserID, r sigcity.Range) sigcity.Dataset {
	s := &selection{in: in, users: slices.Clone(users), info: *in.Meta()}
	all := sigcity.Range{From: r.From, To: r.To}.Clamp(0)
	s.from, s.to = all.From, all.To
	s.info.Records = -1
	s.info.Persons = scale(s.info.Persons, len(users), s.info.Users)
	s.info.Inhabitants = scale(s.info.Inhabitants, len(users), s.info.Users)
	s.info.Users = len(users)
	s.cutDays()
	return s
}

// scale is n·part/whole, rounded, and at least 1 where n is told.
func scale(n, part, whole int) int {
	if n == 0 || whole == 0 {
		return n
	}
	return max(1, int(math.Round(float64(n)*float64(part)/float64(whole))))
}

type selection struct {
	in       sigcity.Dataset
	users    []sigcity.UserID
	from, to uint32
	info     sigcity.Meta
}

// cutDays shortens the calendar and the linkage periods to the window.
func (s *selection) cutDays() {
	cal, err := s.info.Calendar()
	if err != nil { // a data set in memory need not have one
		return
	}
	last := cal.Days() - 1
	first := min(max(cal.Day(s.from), 0), last)
	end := last
	if s.to > 0 {
		end = min(max(cal.Day(s.to-1), first), last)
	}
	s.info.Start, s.info.Days = cal.Date(first), end-first+1
	s.info.Periods = nil
	for _, p := range s.in.Meta().Periods {
		if p.From < s.to && p.To > s.from {
			s.info.Periods = append(s.info.Periods, sigcity.Period{From: max(p.From, s.from), To: min(p.To, s.to)})
		}
	}
}

func (s *selection) Meta() *sigcity.Meta         { return &s.info }
func (s *selection) Areas() []sigcity.Area       { return s.in.Areas() }
func (s *selection) Key(u sigcity.UserID) uint64 { return s.in.Key(s.users[u]) }
func (s *selection) window(r sigcity.Range) (f, t uint32) {
	return max(r.From, s.from), min(r.To, s.to)
}

func (s *selection) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	r = r.Clamp(len(s.users))
	from, to := s.window(r)
	return func(yield func(sigcity.Trajectory, error) bool) {
		if to <= from { // To = 0 would mean no bound
			return
		}
		for i := int(r.First); i < int(r.Limit); {
			j := s.run(i, int(r.Limit))
			if !s.yieldRun(ctx, i, j, from, to, yield) {
				return
			}
			i = j
		}
	}
}

// maxSkip is how many unwanted users a pass may run over before a new one is
// cheaper: a row group.
const maxSkip = groupUsers

// run is the end of the run of ascending, close users that begins at i.
func (s *selection) run(i, limit int) int {
	for i++; i < limit && s.users[i] > s.users[i-1] && s.users[i]-s.users[i-1] <= maxSkip; i++ {
	}
	return i
}

// yieldRun reads users i … j−1, which are ascending, in one pass of the source.
func (s *selection) yieldRun(ctx context.Context, i, j int, from, to uint32, yield func(sigcity.Trajectory, error) bool) bool {
	r := sigcity.Range{First: s.users[i], Limit: s.users[j-1] + 1, From: from, To: to}
	for t, err := range s.in.Users(ctx, r) {
		if err != nil {
			yield(sigcity.Trajectory{}, err)
			return false
		}
		for i < j && s.users[i] < t.User {
			i++
		}
		if i < j && s.users[i] == t.User {
			t.User = sigcity.UserID(i)
			if !yield(t, nil) {
				return false
			}
		}
	}
	return true
}
