package attacks

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

// naive is de Montjoye's definition word for word: the users with, for every
// point, a record in the same cell and the same hour (UTC is local here).
func naive(s *scene, t Target) (out []sigcity.UserID) {
	for u, rows := range s.city.Data.Rows {
		all := true
		for _, p := range t.Points {
			all = all && slices.ContainsFunc(rows, func(r sigcity.Record) bool {
				return s.city.Data.Cells[r.Area].Center == p.Place && r.Time/3600 == p.Time/3600
			})
		}
		if all {
			out = append(out, sigcity.UserID(u))
		}
	}
	return out
}

func TestUnicityIsTheDefinition(t *testing.T) {
	s := identityScene(400, 3, 11, 0)
	unique := 0
	for _, g := range run(t, "unicity", nil, s) {
		var got []sigcity.UserID
		for _, a := range g.Answers {
			got = append(got, a.Token)
			if a.Score != 4 {
				t.Errorf("target %d: score %g, want 4 points met", g.Target, a.Score)
			}
		}
		slices.Sort(got)
		want := naive(s, s.know.Targets[g.Target])
		if len(got)+g.Rest != len(want) || g.Rest == 0 && !slices.Equal(got, want) {
			t.Fatalf("target %d: tokens %v and %d more, want %v", g.Target, got, g.Rest, want)
		}
		if len(want) == 1 {
			unique++
		}
	}
	// Two records an hour among 100 cells: four points single out most.
	if unique < 200 {
		t.Errorf("%d of 400 users are unique by four points, want at least half", unique)
	}
}

// one makes a release of single tokens on the fixture's cells and a target with
// the given points.
func one(meta sigcity.Meta, rows [][]sigcity.Record, points ...Point) *scene {
	s := identityScene(1, 7, 1, 0)
	mem := &dataset.Mem{Info: s.city.Data.Info, Cells: s.city.Data.Cells, Rows: rows}
	mem.Info.Users, mem.Info.Periods = len(rows), meta.Periods
	s.rel.Data = mem
	s.know.Targets = []Target{{Points: points}}
	return s
}

func TestUnicityMatching(t *testing.T) {
	s := identityScene(1, 7, 1, 0)
	day := s.city.Calendar.Start(0)
	cell := func(i int) orb.Point { return s.city.Data.Cells[i].Center }
	at := func(h float64) uint32 { return day + uint32(h*3600) }
	rec := func(h float64, area sigcity.AreaID, span float64) sigcity.Record {
		return sigcity.Record{Time: at(h), Area: area, Span: uint32(span * 3600)}
	}
	here, next := Point{Time: at(10.5), Place: cell(0)}, Point{Time: at(20.5), Place: cell(5)}
	days := sigcity.Meta{Periods: []sigcity.Period{{From: day, To: day + 43200}, {From: day + 43200, To: day + 86400}}}
	for _, c := range []struct {
		name   string
		meta   sigcity.Meta
		rows   []sigcity.Record
		args   plugin.Args
		errorM float64
		want   float64 // score, 0 = no match
	}{
		{name: "same hour and cell", rows: []sigcity.Record{rec(10, 0, 0), rec(20.9, 5, 0)}, want: 2},
		{name: "one hour later", rows: []sigcity.Record{rec(10, 0, 0), rec(21, 5, 0)}},
		{name: "one hour later, tolerated", rows: []sigcity.Record{rec(10, 0, 0), rec(21, 5, 0)}, args: plugin.Args{"tolerance_time": "1m"}, want: 2},
		{name: "half-day slots", rows: []sigcity.Record{rec(1, 0, 0), rec(23, 5, 0)}, args: plugin.Args{"resolution": "12h"}, want: 2},
		{name: "other cell", rows: []sigcity.Record{rec(10, 1, 0), rec(20, 5, 0)}},
		{name: "other cell, tolerated", rows: []sigcity.Record{rec(10, 1, 0), rec(20, 5, 0)}, args: plugin.Args{"tolerance_m": 600}, want: 2},
		{name: "span reaches the hour", rows: []sigcity.Record{rec(7, 0, 3), rec(19, 5, 1)}, want: 2},
		{name: "span ends before", rows: []sigcity.Record{rec(7, 0, 2.9), rec(19, 5, 1)}},
		{name: "one point missed", rows: []sigcity.Record{rec(10, 0, 0)}},
		{name: "one point missed, allowed", rows: []sigcity.Record{rec(10, 0, 0)}, args: plugin.Args{"misses": 1}, want: 1},
		{name: "only one point used", rows: []sigcity.Record{rec(10, 0, 0)}, args: plugin.Args{"points": 1}, want: 1},
		{name: "silent in that hour", rows: []sigcity.Record{rec(9, 0, 0), rec(12, 0, 0), rec(20, 5, 0)}},
		{name: "silent, but the adversary saw the person and not the record", rows: []sigcity.Record{rec(9, 0, 0), rec(12, 0, 0), rec(20, 5, 0)}, errorM: 1, want: 2},
		{name: "token of the morning", meta: days, rows: []sigcity.Record{rec(10, 0, 0)}, want: 1},
		{name: "token of the morning elsewhere", meta: days, rows: []sigcity.Record{rec(10, 3, 0)}},
		{name: "token of the evening", meta: days, rows: []sigcity.Record{rec(20, 5, 0), rec(21, 6, 0)}, want: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := one(c.meta, [][]sigcity.Record{{rec(3, 99, 0)}, c.rows, nil}, here, next)
			s.know.ErrorM = c.errorM
			g := run(t, "unicity", c.args, s)
			got := 0.0
			for _, a := range g[0].Answers {
				if a.Token != 1 {
					t.Errorf("token %d matches, which was elsewhere", a.Token)
				}
				got = a.Score
			}
			if len(g) != 1 || got != c.want {
				t.Errorf("%+v, want score %g", g, c.want)
			}
		})
	}
}
