package planning_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

// env is what is public about a fixture.
func env(tb testing.TB, in sigcity.Dataset, c *fixture.City) *planning.Env {
	tb.Helper()
	proj := c.Map.Projection()
	zoning, err := geo.ParseZoning("grid-1km", proj)
	if err != nil {
		tb.Fatal(err)
	}
	return &planning.Env{Meta: in.Meta(), Areas: in.Areas(), Calendar: c.Calendar, Map: c.Map, Proj: proj,
		Zoning: zoning, Population: float64(in.Meta().Inhabitants)}
}

// city is a fixture whose people take time to move: the fixture itself has no
// trips, so each change of place gets one, around its moment, at 3.3 m/s.
func city(users, days int, seed uint64) *fixture.City {
	c := fixture.New(users, days, seed)
	acts := c.Truth.Activities
	for i := range acts[1:] {
		a, b := &acts[i], &acts[i+1]
		from, to := orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat}
		if a.Person != b.Person || from == to {
			continue
		}
		half := uint32(min(geo.Distance(from, to)/3.3, 1700) / 2)
		a.End, b.Start = a.End-half, b.Start+half
		c.Truth.Trips = append(c.Truth.Trips, dataset.Trip{Person: a.Person, Mode: "car", Purpose: b.Kind, Start: a.End, End: b.Start,
			FromLon: a.Lon, FromLat: a.Lat, ToLon: b.Lon, ToLat: b.Lat, DistanceM: geo.Distance(from, to)})
	}
	return c
}

// each runs f for every registered task with its defaults.
func each(t *testing.T, f func(t *testing.T, task planning.Task)) {
	entries := plugin.All[planning.Task]()
	if len(entries) < 29 {
		t.Fatalf("%d tasks are registered, want 29 at least", len(entries))
	}
	for _, e := range entries {
		t.Run(e.ID, func(t *testing.T) {
			task, _, err := plugin.Make[planning.Task](e.Name, nil)
			if err != nil {
				t.Fatal(err)
			}
			f(t, task)
		})
	}
}

func answer(t *testing.T, task planning.Task, in sigcity.Dataset, e *planning.Env, workers int) planning.Answer {
	t.Helper()
	a, err := planning.Run(context.Background(), task, in, e, workers)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func truth(t *testing.T, task planning.Task, c *fixture.City) planning.Answer {
	t.Helper()
	a, err := task.FromTruth(context.Background(), c.Truth, env(t, c.Data, c))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func encode(t *testing.T, a planning.Answer) string {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEntries(t *testing.T) {
	for _, e := range plugin.All[planning.Task]() {
		if e.ID == "" || e.Complexity == "" {
			t.Errorf("%s: ID = %q, complexity = %q, want both", e.Name, e.ID, e.Complexity)
		}
	}
}

// leastRaw is what raw data must score. Records are half an hour apart and a
// trip takes 22 min in the mean: when it begins cannot be told better. People
// stand in the middle of cells a kilometre apart: each is a centre of U04, and the
// footprints, which fill the plane, show but those that stand out.
func leastRaw(id string) float64 {
	switch id {
	case "T06":
		return 0.7
	case "T20": // some are at home so much, or so irregularly at work, that they seem of another type, which no one is
		return 0.3
	case "U04":
		return 0.25
	}
	return 0.9
}

// alike are the tasks that the fixture gives nothing to tell apart or to find: its
// people are residents who commute, no record is odd, nobody moves, and its map has no
// hubs, lines or streets, no places that are named, and its land use is not where people
// live and work. The predictor that knows nothing is right there; tests of the tasks and the
// generated city judge them.
var alike = map[string]bool{"T08": true, "T20": true, "T22": true, "T24": true, "T13": true, "T14": true, "T18": true, "T19": true, "T04": true, "T10": true, "U05": true, "U06": true, "U08": true, "T15": true, "T01": true, "T03": true, "T12": true}

// absent are those of them that want nothing found, so that an empty answer is right.
var absent = map[string]bool{"T22": true, "T24": true, "T13": true, "T14": true, "T18": true, "T19": true, "T04": true, "T10": true, "U05": true, "U06": true, "U08": true, "T15": true, "T01": true, "T03": true, "T12": true}

// The fixture's truth is exact, so raw data must come close to it, and the
// predictor that knows nothing must not.
func TestScale(t *testing.T) {
	c := city(300, 7, 1)
	each(t, func(t *testing.T, task planning.Task) {
		e := env(t, c.Data, c)
		raw, want, null := answer(t, task, c.Data, e, 2), truth(t, task, c), task.Null(e)
		for name, a := range map[string]planning.Answer{"raw": raw, "truth": want, "null": null} {
			if s := task.Score(a, a); s < 1-1e-12 || s > 1 {
				t.Errorf("score of %s against itself = %v, want 1", name, s)
			}
		}
		s, n := task.Score(want, raw), task.Score(want, null)
		t.Logf("raw %.3f, null %.3f, detail %v", s, n, task.Detail(want, raw))
		if least := leastRaw(path.Base(t.Name())); s < least && !absent[path.Base(t.Name())] {
			t.Errorf("raw scores %.3f, want at least %.2f", s, least)
		}
		if !alike[path.Base(t.Name())] && n > s-0.05 {
			t.Errorf("null scores %.3f, want well below raw, %.3f", n, s)
		}
		if len(task.Detail(want, raw)) == 0 {
			t.Error("no detail")
		}
		if s := task.Score(want, nil); s != 0 {
			t.Errorf("no answer scores %v, want 0", s)
		}
	})
}

func TestWorkersAndMerging(t *testing.T) {
	c := city(150, 4, 2)
	each(t, func(t *testing.T, task planning.Task) {
		e := env(t, c.Data, c)
		want := encode(t, answer(t, task, c.Data, e, 1))
		for _, w := range []int{2, 7} {
			if got := encode(t, answer(t, task, c.Data, env(t, c.Data, c), w)); got != want {
				t.Errorf("%d workers answer otherwise than 1", w)
			}
		}
		for _, n := range []int{2, 40} {
			groups, err := planning.RunGroups(context.Background(), []planning.Task{task}, c.Data, e,
				func(u sigcity.UserID) int { return int(u*2654435761>>8) % n }, n, 3)
			if err != nil {
				t.Fatal(err)
			}
			all, err := groups[0].All()
			if err != nil {
				t.Fatal(err)
			}
			if encode(t, all) != want {
				t.Errorf("%d groups merge to another answer than one run", n)
			}
			again, err := groups[0].All()
			if err != nil || encode(t, again) != want {
				t.Errorf("merging twice changes the answer (%v)", err)
			}
		}
	})
}

// Leaving a group out answers as if its users had never been there.
func TestWithout(t *testing.T) {
	c := city(120, 3, 3)
	group := func(u sigcity.UserID) int { return int(u) % 3 }
	rest := *c.Data
	rest.Rows = slices.Clone(c.Data.Rows)
	for u := range rest.Rows {
		if group(sigcity.UserID(u)) == 1 {
			rest.Rows[u] = nil
		}
	}
	each(t, func(t *testing.T, task planning.Task) {
		e := env(t, c.Data, c)
		groups, err := planning.RunGroups(context.Background(), []planning.Task{task}, c.Data, e, group, 3, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, err := groups[0].Without(1)
		if err != nil {
			t.Fatal(err)
		}
		if encode(t, got) != encode(t, answer(t, task, &rest, e, 1)) {
			t.Error("leaving a group out is not the same as not having it")
		}
	})
}

// The order of users in the data means nothing.
func TestOrderOfUsers(t *testing.T) {
	c := city(130, 4, 4)
	n := uint32(len(c.Data.Rows))
	perm := sigcity.NewPermutation(n, 99)
	mixed := *c.Data
	mixed.Rows, mixed.Keys = make([][]sigcity.Record, n), make([]uint64, n)
	source := make([]uint32, n)
	for u := range n {
		mixed.Rows[perm.At(u)], mixed.Keys[perm.At(u)] = c.Data.Rows[u], c.Data.Keys[u]
		source[perm.At(u)] = u
	}
	each(t, func(t *testing.T, task planning.Task) {
		want, got := answer(t, task, c.Data, env(t, c.Data, c), 2), answer(t, task, &mixed, env(t, &mixed, c), 2)
		if k, ok := got.(planning.Keyed); ok {
			got = k.Rekey(func(key, _, _ uint32) []planning.Share { return []planning.Share{{User: source[key], Weight: 1}} })
			want = want.(planning.Keyed).Rekey(func(key, _, _ uint32) []planning.Share { return []planning.Share{{User: key, Weight: 1}} })
		}
		if encode(t, got) != encode(t, want) {
			t.Error("the answer depends on the order of users")
		}
	})
}

func TestState(t *testing.T) {
	c := city(60, 3, 5)
	each(t, func(t *testing.T, task planning.Task) {
		e := env(t, c.Data, c)
		groups, err := planning.RunGroups(context.Background(), []planning.Task{task}, c.Data, e, func(sigcity.UserID) int { return 0 }, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		f, err := groups[0].Fold()
		if err != nil {
			t.Fatal(err)
		}
		prefix := []byte("prefix")
		b, err := f.AppendBinary(slices.Clone(prefix))
		if err != nil {
			t.Fatal(err)
		}
		if string(b[:len(prefix)]) != string(prefix) {
			t.Fatal("AppendBinary does not append")
		}
		b = b[len(prefix):]
		back := task.Fold(e)
		if err := back.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		again, err := back.AppendBinary(nil)
		if err != nil || string(again) != string(b) {
			t.Errorf("state changes on the way through bytes (%v)", err)
		}
		want, err := f.Answer()
		if err != nil {
			t.Fatal(err)
		}
		got, err := back.Answer()
		if err != nil {
			t.Fatal(err)
		}
		if encode(t, got) != encode(t, want) {
			t.Error("the state answers otherwise")
		}
		for cut := range len(b) {
			if err := task.Fold(e).UnmarshalBinary(b[:cut]); err == nil {
				t.Fatalf("a state cut to %d of %d bytes is taken", cut, len(b))
			}
		}
		if err := task.Fold(e).UnmarshalBinary(append(b, 0)); err == nil {
			t.Error("a state with a byte too many is taken")
		}
	})
}

// Written to disk and read back, a data set answers the same.
func TestFromDisk(t *testing.T) {
	c := city(90, 3, 11)
	f, err := dataset.WriteDataset(context.Background(), filepath.Join(t.TempDir(), "data"), c.Data,
		dataset.Manifest{Code: "test"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, task planning.Task) {
		if encode(t, answer(t, task, f, env(t, f, c), 2)) != encode(t, answer(t, task, c.Data, env(t, c.Data, c), 2)) {
			t.Error("the answer changes on the way through the disk")
		}
	})
}

func TestMergeRefusesOthers(t *testing.T) {
	c := city(2, 1, 5)
	e := env(t, c.Data, c)
	entries := plugin.All[planning.Task]()
	for i, entry := range entries {
		task, _, err := plugin.Make[planning.Task](entry.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		other, _, err := plugin.Make[planning.Task](entries[(i+1)%len(entries)].Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := task.Fold(e).Merge(other.Fold(e)); err == nil {
			t.Errorf("%s merges a fold of another task", entry.ID)
		}
	}
}

func TestCancel(t *testing.T) {
	c := city(100, 2, 6)
	each(t, func(t *testing.T, task planning.Task) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := planning.Run(ctx, task, c.Data, env(t, c.Data, c), 2); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled run: %v, want context canceled", err)
		}
		if _, err := task.FromTruth(ctx, c.Truth, env(t, c.Data, c)); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled truth: %v, want context canceled", err)
		}
	})
}

// broken yields an error at one user.
type broken struct{ *dataset.Mem }

func (b broken) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		for t, err := range b.Mem.Users(ctx, r) {
			if t.User == 50 {
				err = errBroken
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

var errBroken = errors.New("page 7 is damaged")

func TestReadError(t *testing.T) {
	c := city(100, 2, 6)
	each(t, func(t *testing.T, task planning.Task) {
		if _, err := planning.Run(context.Background(), task, broken{c.Data}, env(t, c.Data, c), 3); !errors.Is(err, errBroken) {
			t.Errorf("error = %v, want %v", err, errBroken)
		}
	})
}

// A data set without records is answered, and scores no better than it should.
func TestNothing(t *testing.T) {
	c := city(40, 2, 7)
	empty := *c.Data
	empty.Rows = make([][]sigcity.Record, len(c.Data.Rows))
	each(t, func(t *testing.T, task planning.Task) {
		e := env(t, &empty, c)
		got := answer(t, task, &empty, e, 2)
		want := truth(t, task, c)
		if s := task.Score(want, got); s > 1e-9 && !absent[path.Base(t.Name())] {
			t.Errorf("no records score %v, want 0", s)
		}
		for name, v := range task.Detail(want, got) {
			if v != v {
				t.Errorf("%s is NaN", name)
			}
		}
		encode(t, got) // must be valid JSON
	})
}

// Pseudonyms that change daily, re-keyed through their links, must not lose a
// task that needs no more than a day.
func TestChangingPseudonyms(t *testing.T) {
	const users, days = 80, 4
	c := city(users, days, 8)
	daily := *c.Data
	daily.Info.Periods = nil
	daily.Rows = make([][]sigcity.Record, users)
	var perm []sigcity.Permutation
	for d := range days {
		from, to := c.Calendar.Start(d), c.Calendar.Start(d+1)
		daily.Info.Periods = append(daily.Info.Periods, sigcity.Period{From: from, To: to})
		p := sigcity.NewPermutation(users, uint64(d))
		perm = append(perm, p)
		for u := range uint32(users) {
			daily.Rows[p.At(u)] = append(daily.Rows[p.At(u)], dataset.Window(c.Data.Rows[u], from, to)...)
		}
	}
	who := func(key, from, to uint32) []planning.Share {
		d := c.Calendar.Day(from)
		for u := range uint32(users) {
			if perm[d].At(u) == key {
				return []planning.Share{{User: u, Weight: 1}}
			}
		}
		panic(fmt.Sprint("no user behind token ", key))
	}
	for _, id := range []string{"U09", "T06"} {
		t.Run(id, func(t *testing.T) {
			task, _, err := plugin.Make[planning.Task](id, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := answer(t, task, &daily, env(t, &daily, c), 2).(planning.Keyed).Rekey(who)
			want := truth(t, task, c)
			raw := task.Score(want, answer(t, task, c.Data, env(t, c.Data, c), 2))
			if s := task.Score(want, got); s < raw-0.02 {
				t.Errorf("score = %.3f, with constant pseudonyms %.3f", s, raw)
			}
			d := task.Detail(want, got)
			if id == "U09" && d["home_hit_rate"] < 0.97 {
				t.Errorf("home hit rate = %.3f, want 0.97 at least", d["home_hit_rate"])
			}
		})
	}
}

// A suppressed user stays in the denominator.
func TestSuppressedUsersCount(t *testing.T) {
	c := city(100, 5, 9)
	half := *c.Data
	half.Rows = slices.Clone(c.Data.Rows)
	for u := range half.Rows {
		if u%2 == 0 {
			half.Rows[u] = nil
		}
	}
	u09, _, err := plugin.Make[planning.Task]("U09", nil)
	if err != nil {
		t.Fatal(err)
	}
	d := u09.Detail(truth(t, u09, c), answer(t, u09, &half, env(t, &half, c), 1))
	if diff := cmp.Diff(0.5, d["home_hit_rate"], cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error("home hit rate with half of the users suppressed: ", diff)
	}
	t06, _, err := plugin.Make[planning.Task]("T06", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := truth(t, t06, c)
	full, part := t06.Score(want, answer(t, t06, c.Data, env(t, c.Data, c), 1)), t06.Score(want, answer(t, t06, &half, env(t, &half, c), 1))
	if part > full-0.2 {
		t.Errorf("minute F1 falls from %.3f to %.3f only when half of the users are gone", full, part)
	}
}

// tables makes the exact aggregates of a fixture.
func tables(t *testing.T, c *fixture.City) []sigcity.Table {
	t.Helper()
	pop := sigcity.Table{Name: sigcity.TablePopulation, Columns: []string{"area", "hour", "count"}, Data: make([][]float64, 3)}
	for d := range c.Calendar.Days() {
		for hour := c.Calendar.Start(d); hour < c.Calendar.Start(d+1); hour += 3600 {
			counts := make([]float64, len(c.Data.Cells))
			for _, rows := range c.Data.Rows {
				in := dataset.Window(rows, hour, hour+3600)
				for _, r := range in {
					counts[r.Area] += 1 / float64(len(in))
				}
			}
			for a, n := range counts {
				for i, v := range []float64{float64(a), float64(hour), n} {
					pop.Data[i] = append(pop.Data[i], v)
				}
			}
		}
	}
	od := sigcity.Table{Name: sigcity.TableOD, Columns: []string{"from", "to", "count"}, Data: make([][]float64, 3)}
	for u := range c.Truth.Persons {
		for i, v := range []float64{float64(c.Truth.Anchors[3*u].Cell), float64(c.Truth.Anchors[3*u+1].Cell), 1} {
			od.Data[i] = append(od.Data[i], v)
		}
	}
	return []sigcity.Table{pop, od}
}

// leastFromTables is what exact tables must score. Nobody of the fixture is
// without work, so the OD table, taken for 53 % of the people, is short of
// flows: 2 · 0.53 / 1.53 = 0.69. It lacks the visits to shops that U01 ranks by
// too. Of U04 see leastRaw. Where people work has nothing to do with where they live,
// so that U02 finds no edge in it (TestEdgeFromTables has a city where it does).
func leastFromTables(id string) float64 {
	switch id {
	case "U10":
		return 0.68
	case "U01":
		return 0.7
	case "U02":
		return 0
	case "U04":
		return 0.25
	}
	return 0.9
}

func TestFromTables(t *testing.T) {
	c := city(200, 7, 10)
	exact := tables(t, c)
	each(t, func(t *testing.T, task planning.Task) {
		ft, ok := task.(planning.FromTables)
		if ok != task.Needs().Aggregates {
			t.Fatalf("Needs().Aggregates = %v, but FromTables is there: %v", task.Needs().Aggregates, ok)
		}
		if !ok {
			return
		}
		e := env(t, c.Data, c)
		a, err := ft.FromTables(exact, e)
		if err != nil {
			t.Fatal(err)
		}
		want := truth(t, task, c)
		if s, least := task.Score(want, a), leastFromTables(path.Base(t.Name())); s < least && !alike[path.Base(t.Name())] {
			t.Errorf("exact tables score %.3f, want %.2f", s, least)
		}
		if _, err := ft.FromTables(nil, e); err == nil {
			t.Error("no tables are taken")
		}
		bad := []sigcity.Table{{Name: sigcity.TablePopulation, Columns: exact[0].Columns, Data: [][]float64{{1e6}, {0}, {1}}},
			{Name: sigcity.TableOD, Columns: exact[1].Columns, Data: [][]float64{{1e6}, {0}, {1}}}}
		if _, err := ft.FromTables(bad, e); err == nil {
			t.Error("an area that is not there is taken")
		}
	})
}

// Phones in cells drawn at random say no more than the network does: the null
// predictor must expect just them. 20,000 phones in 100 cells, of which some lie
// on top of others: the noise is 6 % of a count.
func TestNullExpectsRandomCells(t *testing.T) {
	const users = 20000
	c := city(1, 2, 8)
	mem := &dataset.Mem{Info: *c.Data.Meta(), Cells: slices.Clone(c.Data.Areas()), Rows: make([][]sigcity.Record, users)}
	mem.Info.Users, mem.Info.Inhabitants = users, users
	for i := range 30 { // a denser centre
		at := mem.Cells[44]
		at.ID = sigcity.AreaID(i)
		mem.Cells[i] = at
	}
	for u := range mem.Rows {
		cell := sigcity.AreaID(sigcity.Rand(8, "random", uint64(u)).IntN(len(mem.Cells)))
		for h := range uint32(8) {
			mem.Rows[u] = append(mem.Rows[u], sigcity.Record{Time: c.Calendar.Start(0) + h*6*3600 + 1800, Area: cell})
		}
	}
	e := env(t, mem, c)
	for name, least := range map[string]float64{"residential-population": 0.9, "dynamic-population": 0.99} {
		task, _, err := plugin.Make[planning.Task](name, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := task.Score(answer(t, task, mem, e, 2), task.Null(e))
		t.Logf("%s: %.4f", name, s)
		if s < least {
			t.Errorf("%s: the null predictor scores %.4f against random cells, want at least %.2f", name, s, least)
		}
	}
}
