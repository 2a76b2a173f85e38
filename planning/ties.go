package planning

import (
	"cmp"
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// tie is what binds the residents of an area to another: what the tasks of city
// regions count.
type tie struct {
	Kind     tieKind
	Home, At sigcity.AreaID
}

type tieKind uint32

const (
	livesAt    tieKind = iota // days that somebody was followed whose home it is; At = Home
	worksAt                   // days of somebody who works at At
	visits                    // a stay at At on a weekday, not at home
	onWeekends                // on a weekend day or holiday
	tieKinds
)

func (t tie) compare(o tie) int {
	return cmp.Or(cmp.Compare(t.Kind, o.Kind), cmp.Compare(t.Home, o.Home), cmp.Compare(t.At, o.At))
}

func (t tie) check(e *Env) error {
	if t.Kind >= tieKinds {
		return fmt.Errorf("tie of kind %d, there are %d", t.Kind, tieKinds)
	}
	return cmp.Or(e.checkArea(uint32(t.Home)), e.checkArea(uint32(t.At)))
}

// awayM is how far from home, in a straight line, a stay is one elsewhere: cells cannot
// tell shorter ways (assumed, 1 km as for trips in docs/methods.md).
const awayM = 1000

// tieFold counts the ties of everybody with a home by P6(a): work by the same rule,
// and the stays (P4) of at least minS seconds that are away from home: not at its stable point,
// and at least awayM off.
func (e *Env) tieFold(tag string, minS uint32, answer func([]tallied[tie]) (Answer, error)) Fold {
	return newTallyFold(e, tag, func(t tally[tie], v *View) {
		a := v.Anchors()
		if !a.HasHome {
			return
		}
		w := v.Window()
		days := int64(w.To-w.From+43200) / 86400
		t[tie{livesAt, a.Home, a.Home}] += days
		if a.HasWork {
			t[tie{worksAt, a.Home, a.Work}] += days
		}
		stays, _ := v.Stays(recognition.DefaultStayParams())
		for _, s := range stays {
			if s.End-s.Start >= minS && e.areas().Dist(a.Home, s.Area) >= awayM && !recognition.SameStablePoint(e.areas(), a.Home, s.Area) {
				t[tie{e.visitKind(s.Start), a.Home, s.Area}]++
			}
		}
	}, answer)
}

// visitKind is that of a stay that begins at some time.
func (e *Env) visitKind(start uint32) tieKind {
	if d, _ := e.Calendar.Clock(start); e.Calendar.Kind(d) != sigcity.Weekday {
		return onWeekends
	}
	return visits
}

// persons is a number of days as one of persons followed all the time.
func (e *Env) persons(days int64) float64 { return float64(days) / float64(e.Calendar.Days()) }

// trueTies calls f for the ties of every resident with a SIM, in order of person;
// n counts as tie's does: days, or stays.
func (e *Env) trueTies(ctx context.Context, t *dataset.Truth, minS uint32, f func(k tieKind, home, at orb.Point, n int64)) error {
	homes, works := anchorsOf(t, dataset.ActHome, e), anchorsOf(t, dataset.ActWork, e)
	days := int64(e.Calendar.Days())
	return e.lives(ctx, t, minS, func(l *life) error {
		home, ok := homes[l.person.ID]
		if !ok {
			return nil
		}
		f(livesAt, home.point(), home.point(), days)
		if work, ok := works[l.person.ID]; ok {
			f(worksAt, home.point(), work.point(), days)
		}
		from := e.Proj.XY(home.point())
		for _, s := range l.stays {
			if s.kind != dataset.ActHome && s.at.Dist(from) >= awayM {
				f(e.visitKind(s.start), home.point(), s.point, 1)
			}
		}
		return nil
	})
}
