package planning

import (
	"math"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

func same(key, _, _ uint32) []Share { return []Share{{User: key, Weight: 1}} }

// Two of three residents are right, the visitor is taken for one and a passer-by
// is unknown.
func TestTypesOfPeople(t *testing.T) {
	names := typeNames(recognition.PopulationTypes())
	answer := func(types ...int) *UserTypes {
		out := &UserTypes{Types: names, Share: make([]float64, len(names))}
		for u, k := range types {
			if k >= 0 {
				out.put(uint32(u), sigcity.Period{From: 0, To: 10}, uint8(k))
			}
		}
		out.share()
		return out
	}
	want, got := answer(3, 3, 3, 1, 0), answer(3, 3, 1, 3, -1)
	// Resident: 2 right of 3 and 3; visitor and passer-by: none.
	if s := scoreTypes(want, got); math.Abs(s-2./9) > 1e-12 {
		t.Errorf("macro-F1 = %v, want 2/9", s)
	}
	d := detailTypes(want, got)
	for name, v := range map[string]float64{"accuracy": 0.4, "f1_resident": 2. / 3, "wape_resident": 0.25, "wape_visitor": 0.25, "wape_passer_by": 1} {
		if math.Abs(d[name]-v) > 1e-12 {
			t.Errorf("%s = %v, want %v", name, d[name], v)
		}
	}
	// Two tokens of user 0: two days a visitor outweigh one a resident.
	two := &UserTypes{Types: names, Share: make([]float64, len(names)), Users: []TypedUser{{User: 7, Type: 3, Days: 1}, {User: 8, Type: 1, Days: 2}}}
	one := two.Rekey(func(uint32, uint32, uint32) []Share { return []Share{{User: 0, Weight: 1}} }).(*UserTypes).single()
	if len(one) != 1 || one[0].Type != 1 {
		t.Errorf("two tokens of one person: %+v, want a visitor", one)
	}
}

func TestTypesOfTruth(t *testing.T) {
	for kind, want := range map[string]recognition.PopulationType{"": recognition.Resident, dataset.KindResident: recognition.Resident,
		dataset.KindVisitor: recognition.Visitor, dataset.KindCommuter: recognition.Worker, dataset.KindPassing: recognition.PasserBy} {
		if got := populationOf(&dataset.Person{Kind: kind}); got != want {
			t.Errorf("%q is a %v, want %v", kind, got, want)
		}
	}
}

// A right pair, a wrong one and a missing one.
func TestPairsOfSIMs(t *testing.T) {
	want := &Identification{Persons: 4, Pairs: []SIMPair{{1, 1, 0, 9, 1}, {2, 2, 0, 9, 1}}}
	raw := &Identification{Persons: 3, Pairs: []SIMPair{{10, 11, 0, 9, 1}, {20, 30, 0, 9, 1}}}
	got := raw.Rekey(func(key, _, _ uint32) []Share { return []Share{{User: key / 10, Weight: 1}} })
	task := identityTask{}
	if s := task.Score(want, got); s != 0.5 {
		t.Errorf("F1 = %v, want 0.5", s)
	}
	if d := task.Detail(want, got); d["persons_wape"] != 0.25 || d["pair_precision"] != 0.5 || d["pair_recall"] != 0.5 {
		t.Errorf("detail %v", d)
	}
	if s := task.Score(&Identification{Persons: 4}, raw); s != 0.75 {
		t.Errorf("where nobody has two SIMs: %v, want 0.75", s)
	}
}

// One flag is found at its second, one at another, one as the other kind.
func TestDeviationScore(t *testing.T) {
	list := func(rows ...Deviation) *Deviations {
		return &Deviations{Users: []UserDeviations{{User: 5, To: 99, Records: rows}}}
	}
	want := list(Deviation{Time: 10}, Deviation{Time: 20}, Deviation{Time: 30, Drift: true})
	got := list(Deviation{Time: 10}, Deviation{Time: 21}, Deviation{Time: 30})
	if s := (deviationTask{}).Score(want, got.Rekey(same)); math.Abs(s-1./3) > 1e-12 {
		t.Errorf("F1 = %v, want 1/3", s)
	}
	if s := (deviationTask{}).Score(want, &Deviations{}); s != 0 {
		t.Errorf("nothing found scores %v, want 0", s)
	}
}

// A square of places of equal time, 2 km a side: the hull is 4 km², the standard
// deviations are 1 km each, so the ellipse is π km².
func TestSpaceExtent(t *testing.T) {
	proj := geo.NewProjection([2]float64{10, 50})
	var places []SpacePlace
	for _, p := range []geo.XY{{X: 0, Y: 0}, {X: 2000, Y: 0}, {X: 2000, Y: 2000}, {X: 0, Y: 2000}} {
		q := proj.LonLat(p)
		places = append(places, SpacePlace{Place: Place{Lon: q[0], Lat: q[1]}, Seconds: 60})
	}
	if hull, ellipse := spaceExtent(places); math.Abs(hull-4) > 0.01 || math.Abs(ellipse-math.Pi) > 0.01 {
		t.Errorf("hull %v km², ellipse %v km², want 4 and π", hull, ellipse)
	}
}

// Half of the time is unknown and the rest agrees: the score is a half.
func TestSpaceScore(t *testing.T) {
	space := func(stays ...SpaceStay) *ActivitySpaces {
		return &ActivitySpaces{Spaces: []ActivitySpace{{User: 1, Home: -1, Work: -1, Places: make([]SpacePlace, 2), Stays: stays}}}
	}
	want := space(SpaceStay{0, 7200, 0}, SpaceStay{7200, 14400, 1})
	got := space(SpaceStay{0, 3600, 1}, SpaceStay{7200, 10800, 0})
	if s := (spaceTask{}).Score(want, got); s != 0.5 {
		t.Errorf("score %v, want 0.5", s)
	}
}

// A phone that changes its nights from one cell to another in the second half has
// moved; one that stays has not; a neighbour in the same zone neither.
func TestMigration(t *testing.T) {
	c := fixture.New(1, 14, 1)
	proj := c.Map.Projection()
	zoning, err := geo.ParseZoning("grid-3km", proj)
	if err != nil {
		t.Fatal(err)
	}
	e := &Env{Meta: c.Data.Meta(), Areas: c.Data.Areas(), Calendar: c.Calendar, Map: c.Map, Proj: proj, Zoning: zoning}
	task := migrationTask{periodS: 28 * 86400, dice: 0.5, tileShare: 0.1}
	fold := task.Fold(e)
	for user, homes := range [][2]sigcity.AreaID{{0, 99}, {0, 0}, {0, 1}} {
		v := newView(e)
		var tr sigcity.Trajectory
		tr.User = sigcity.UserID(user)
		for d := range 14 {
			tr.Records = append(tr.Records, sigcity.Record{Time: c.Calendar.Start(d) + 7200, Area: homes[d/7]})
		}
		if err := v.each(tr, fold.Add); err != nil {
			t.Fatal(err)
		}
	}
	a, err := fold.Answer()
	if err != nil {
		t.Fatal(err)
	}
	m := a.(*Migration)
	moved, known := m.movers()
	if known != 3 || len(moved) != 1 || moved[0].user != 0 || len(m.Flows) != 1 || m.Flows[0].Persons != 1 {
		t.Errorf("%d known, movers %v, flows %v; want user 0 of three", known, moved, m.Flows)
	}
	if d := dice([]sigcity.AreaID{1, 2, 3}, []sigcity.AreaID{2}); d != 0.5 {
		t.Errorf("Dice = %v, want 0.5", d)
	}
	// Truth: the anchor changes in the middle.
	half := c.Calendar.Start(7)
	home := &c.Truth.Anchors[0]
	home.From, home.To = c.Calendar.Start(0), half
	at := e.Areas[99].Center
	if home.Cell == 99 {
		at = e.Areas[0].Center
	}
	c.Truth.Anchors = append(c.Truth.Anchors, dataset.Anchor{Person: 0, Kind: dataset.ActHome, Lon: at[0], Lat: at[1], From: half, To: dataset.OpenEnd})
	w, err := task.FromTruth(t.Context(), c.Truth, e)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := w.(*Migration).movers(); len(got) != 1 {
		t.Errorf("movers in truth: %v, want one", got)
	}
	if s := task.Score(w, task.Null(e)); s != 0 {
		t.Errorf("nobody moves scores %v, want 0", s)
	}
}
