package dataset

import (
	"context"
	"iter"
	"sort"

	"github.com/sigcity/sigcity"
)

// Mem is a data set in memory: for tests, subsets and methods that hold all
// users at once.
type Mem struct {
	Info  sigcity.Meta
	Cells []sigcity.Area
	Rows  [][]sigcity.Record // per user, ascending time
	Keys  []uint64           // per user; nil = the user's index
}

// NewMem reads the users and records of in that r selects into memory. Users
// keep their ids.
func NewMem(ctx context.Context, in sigcity.Dataset, r sigcity.Range) (*Mem, error) {
	m := &Mem{Info: *in.Meta(), Cells: in.Areas()}
	m.Rows = make([][]sigcity.Record, m.Info.Users)
	m.Keys = make([]uint64, m.Info.Users)
	for i := range m.Keys {
		m.Keys[i] = in.Key(sigcity.UserID(i))
	}
	m.Info.Records = 0
	for t, err := range in.Users(ctx, r) {
		if err != nil {
			return nil, err
		}
		m.Rows[t.User] = append([]sigcity.Record(nil), t.Records...)
		m.Info.Records += int64(len(t.Records))
	}
	return m, nil
}

func (m *Mem) Meta() *sigcity.Meta   { return &m.Info }
func (m *Mem) Areas() []sigcity.Area { return m.Cells }

func (m *Mem) Key(u sigcity.UserID) uint64 {
	if m.Keys == nil {
		return uint64(u)
	}
	return m.Keys[u]
}

func (m *Mem) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	r = r.Clamp(len(m.Rows))
	return func(yield func(sigcity.Trajectory, error) bool) {
		for u := r.First; u < r.Limit; u++ {
			if err := ctx.Err(); err != nil {
				yield(sigcity.Trajectory{}, err)
				return
			}
			rows := Window(m.Rows[u], r.From, r.To)
			if len(rows) > 0 && !yield(sigcity.Trajectory{User: u, Records: rows}, nil) {
				return
			}
		}
	}
}

// Window is the run of records with from ≤ Time < to.
func Window(rows []sigcity.Record, from, to uint32) []sigcity.Record {
	i := sort.Search(len(rows), func(i int) bool { return rows[i].Time >= from })
	j := sort.Search(len(rows), func(j int) bool { return rows[j].Time >= to })
	return rows[i:max(i, j)]
}
