package realism

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
)

// Unicity (de Montjoye, Hidalgo, Verleysen & Blondel 2013): how many SIMs are
// the only one that was at a few of their cells at those hours.
const (
	crowdPoints  = 4
	crowdTargets = 1000
	thinPerDay   = 4.0 // records a day to which traces are thinned: call records

)

// crowd looks for everybody who shares the points of the targets.
type crowd struct {
	scope   uint64
	keep    float64 // records of a user to keep, in all
	key     func(sigcity.UserID) uint64
	points  [][]uint64       // per target: hour and cell
	user    []sigcity.UserID // per target
	index   map[sigcity.UserID]int
	asked   map[uint64][]question
	workers []*meeting
}

// question is one of a target's points.
type question struct {
	target int32
	bit    uint8
}

// meeting is one worker's tally.
type meeting struct {
	met     []uint8 // per target: points that the present user shares
	touched []int32
	all     []int64 // per target: users who share all points
	quarter []int64 // of those, in a quarter of the users
}

func newCrowd(users int, asked func(sigcity.UserID) bool, days int, key func(sigcity.UserID) uint64) *crowd {
	c := &crowd{scope: sigcity.Scope(1, "realism.crowd"), keep: thinPerDay * float64(days), key: key, index: map[sigcity.UserID]int{}}
	perm := sigcity.NewPermutation(uint32(users), c.scope)
	for i := 0; i < users && len(c.user) < crowdTargets; i++ {
		u := sigcity.UserID(perm.At(uint32(i)))
		if !asked(u) {
			continue
		}
		c.index[u] = len(c.user)
		c.user = append(c.user, u)
	}
	c.points = make([][]uint64, len(c.user))
	return c
}

// point is the cell and hour of a record.
func point(r *sigcity.Record) uint64 { return uint64(r.Time/3600)<<32 | uint64(r.Area) }

// thin calls f for the records that remain of a trace as sparse as call
// records: each by its own chance. The same records every time.
func (c *crowd) thin(t sigcity.Trajectory, f func(r *sigcity.Record, h uint64)) {
	h := sigcity.Mix(c.scope, c.key(t.User))
	share := c.keep / float64(len(t.Records))
	for i := range t.Records {
		x := sigcity.Mix(h, uint64(i))
		if sigcity.Unit(x) < share {
			f(&t.Records[i], x)
		}
	}
}

// choose draws the points of a user who is a target: of the different ones in
// the thinned trace, those of the least hashes.
func (c *crowd) choose(t sigcity.Trajectory) {
	i, ok := c.index[t.User]
	if !ok {
		return
	}
	type drawn struct{ point, h uint64 }
	var all []drawn
	c.thin(t, func(r *sigcity.Record, h uint64) {
		if p := point(r); !slices.ContainsFunc(all, func(d drawn) bool { return d.point == p }) {
			all = append(all, drawn{p, sigcity.Mix(h, 1)})
		}
	})
	slices.SortFunc(all, func(a, b drawn) int { return cmp.Compare(a.h, b.h) })
	if len(all) < crowdPoints {
		return // too rarely seen to be known by so many points
	}
	for _, d := range all[:crowdPoints] {
		c.points[i] = append(c.points[i], d.point)
	}
}

// seal ends the choice and prepares the search.
func (c *crowd) seal(workers int) {
	c.asked = map[uint64][]question{}
	for i, list := range c.points {
		for b, p := range list {
			c.asked[p] = append(c.asked[p], question{int32(i), uint8(b)})
		}
	}
	for range workers {
		c.workers = append(c.workers, &meeting{met: make([]uint8, len(c.user)), all: make([]int64, len(c.user)), quarter: make([]int64, len(c.user))})
	}
}

// meet holds a user against the targets' points.
func (c *crowd) meet(worker int, t sigcity.Trajectory) {
	m := c.workers[worker]
	c.thin(t, func(r *sigcity.Record, _ uint64) {
		for _, q := range c.asked[point(r)] {
			if m.met[q.target] == 0 {
				m.touched = append(m.touched, q.target)
			}
			m.met[q.target] |= 1 << q.bit
		}
	})
	inQuarter := sigcity.Unit(sigcity.Mix(c.scope^1, c.key(t.User))) < 0.25
	for _, i := range m.touched {
		if m.met[i] == 1<<crowdPoints-1 {
			m.all[i]++
			if inQuarter || c.user[i] == t.User {
				m.quarter[i]++
			}
		}
		m.met[i] = 0
	}
	m.touched = m.touched[:0]
}

// Kinds of targets.
const (
	tAsked = iota
	tUnique
	tUniqueInQuarter
	tKinds
)

// unique counts targets, and those whom nobody else resembles, by group.
func (c *crowd) unique(group []uint8) *counts {
	n := newCounts(tKinds)
	for i, u := range c.user {
		if len(c.points[i]) == 0 {
			continue
		}
		all, quarter := int64(0), int64(0)
		for _, m := range c.workers {
			all, quarter = all+m.all[i], quarter+m.quarter[i]
		}
		n.add(group[u], tAsked, 1)
		if all == 1 {
			n.add(group[u], tUnique, 1)
		}
		if quarter == 1 {
			n.add(group[u], tUniqueInQuarter, 1)
		}
	}
	return n
}
