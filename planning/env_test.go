package planning

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/recognition"
)

func testEnv(tb testing.TB) *Env {
	tb.Helper()
	c := fixture.New(20, 2, 1)
	proj := c.Map.Projection()
	return &Env{Meta: c.Data.Meta(), Areas: c.Data.Areas(), Calendar: c.Calendar, Map: c.Map, Proj: proj,
		Zoning: geo.Grid{Proj: proj, Size: 1000}, Population: 20}
}

func TestShares(t *testing.T) {
	env := testEnv(t)
	at := func(x, y float64) orb.Point { return env.Proj.LonLat(geo.XY{X: x, Y: y}) }
	square := func(x, y, side float64) orb.Ring {
		return env.Proj.Ring([]geo.XY{{X: x, Y: y}, {X: x + side, Y: y}, {X: x + side, Y: y + side}, {X: x, Y: y + side}})
	}
	for _, c := range []struct {
		name string
		area sigcity.Area
		want []float64 // shares in order of zone
	}{
		{"a zone's own footprint", sigcity.Area{Center: at(500, 500), Footprint: square(0, 0, 1000)}, []float64{1}},
		{"four quarters", sigcity.Area{Center: at(1000, 1000), Footprint: square(500, 500, 1000)}, []float64{0.25, 0.25, 0.25, 0.25}},
		{"a large box over nine zones", sigcity.Area{Center: at(1500, 1500), Footprint: square(0, 0, 3000)},
			[]float64{1. / 9, 1. / 9, 1. / 9, 1. / 9, 1. / 9, 1. / 9, 1. / 9, 1. / 9, 1. / 9}},
		{"a disc on the border", sigcity.Area{Center: at(1000, 500), Radius: 310}, []float64{0.5, 0.5}},
		{"a point", sigcity.Area{Center: at(1500, 500)}, []float64{1}},
	} {
		e := &Env{Areas: []sigcity.Area{c.area}, Proj: env.Proj, Zoning: env.Zoning}
		got := e.shares(0)
		sum := 0.0
		for i, s := range got {
			sum += s.share
			if i < len(c.want) && math.Abs(s.share-c.want[i]) > 0.02 {
				t.Errorf("%s: share %d = %v, want %v", c.name, i, s.share, c.want[i])
			}
		}
		if len(got) != len(c.want) || math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s: %v adds up to %v, want %d shares of 1", c.name, got, sum, len(c.want))
		}
	}
}

func TestMoments(t *testing.T) {
	cal, err := sigcity.NewCalendar("Europe/Berlin", "2026-10-23", 4, nil) // Friday; clocks change on Sunday
	if err != nil {
		t.Fatal(err)
	}
	moments := (&Env{Calendar: cal}).moments()
	if len(moments) != 97 {
		t.Errorf("%d moments in four days of 97 hours", len(moments))
	}
	days := slotDays(moments)
	if days[0] != 2 || days[24] != 2 || days[23] != 2 || days[47] != 3 {
		t.Errorf("moments per slot: %v", days)
	}
}

// twoPass wants the mean number of records first and then counts the users
// above it: a task whose second pass needs the first.
type twoPass struct{ residentsTask }

func (twoPass) Fold(*Env) Fold { return &twoPassFold{} }

type twoPassFold struct {
	second               bool
	users, records, mean uint64
	above                uint64
}

func (f *twoPassFold) Add(t *View) error {
	if !f.second {
		f.users, f.records = f.users+1, f.records+uint64(len(t.Records))
	} else if uint64(len(t.Records)) > f.mean {
		f.above++
	}
	return nil
}

func (f *twoPassFold) Merge(other Fold) error {
	o := other.(*twoPassFold)
	f.users, f.records, f.above = f.users+o.users, f.records+o.records, f.above+o.above
	return nil
}

func (f *twoPassFold) Next() (bool, error) {
	if f.second {
		return false, nil
	}
	*f = twoPassFold{second: true, mean: f.records / max(1, f.users)}
	return true, nil
}

func (f *twoPassFold) Answer() (Answer, error) { return f.above, nil }

func (f *twoPassFold) AppendBinary(b []byte) ([]byte, error) {
	return fmt.Appendf(b, "%t %d %d %d %d", f.second, f.users, f.records, f.mean, f.above), nil
}

func (f *twoPassFold) UnmarshalBinary(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%t %d %d %d %d", &f.second, &f.users, &f.records, &f.mean, &f.above)
	return err
}

func TestTwoPasses(t *testing.T) {
	c := fixture.New(90, 2, 1)
	env := testEnv(t)
	want, sum := uint64(0), 0
	for u := range c.Data.Rows {
		c.Data.Rows[u] = c.Data.Rows[u][:1+u%7]
		sum += 1 + u%7
	}
	for _, rows := range c.Data.Rows {
		if len(rows) > sum/len(c.Data.Rows) {
			want++
		}
	}
	for _, workers := range []int{1, 3} {
		// Beside a task of one pass, which must be folded once only.
		groups, err := RunGroups(context.Background(), []Task{twoPass{}, residentsTask{recognition.RuleLin}}, c.Data, env,
			func(u sigcity.UserID) int { return int(u) % 4 }, 4, workers)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := groups[0].All(); err != nil || got != want {
			t.Errorf("%d workers: %v above the mean (%v), want %d", workers, got, err, want)
		}
		rest := uint64(0)
		for g := range 4 {
			a, err := groups[0].Without(g)
			if err != nil {
				t.Fatal(err)
			}
			rest += a.(uint64)
		}
		if rest != 3*want {
			t.Errorf("%d workers: leaving each of four groups out counts %d in all, want %d", workers, rest, 3*want)
		}
		once, err := Run(context.Background(), residentsTask{recognition.RuleLin}, c.Data, env, 1)
		if err != nil {
			t.Fatal(err)
		}
		all, err := groups[1].All()
		if err != nil {
			t.Fatal(err)
		}
		if a, b := len(all.(*Residents).Homes), len(once.(*Residents).Homes); a != b {
			t.Errorf("%d homes beside another task, %d alone", a, b)
		}
	}
}

func TestRunGroupsRefuses(t *testing.T) {
	c, env := fixture.New(5, 1, 1), testEnv(t)
	for want, run := range map[string]func() error{
		"groups = 0": func() error {
			_, err := RunGroups(context.Background(), []Task{residentsTask{recognition.RuleLin}}, c.Data, env, func(sigcity.UserID) int { return 0 }, 0, 1)
			return err
		},
		"in group 7": func() error {
			_, err := RunGroups(context.Background(), []Task{residentsTask{recognition.RuleLin}}, c.Data, env, func(sigcity.UserID) int { return 7 }, 2, 1)
			return err
		},
	} {
		if err := run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

func TestTablesRefuse(t *testing.T) {
	env := testEnv(t)
	table := func(columns []string, data ...[]float64) []sigcity.Table {
		return []sigcity.Table{{Name: sigcity.TablePopulation, Columns: columns, Data: data}}
	}
	names := []string{"area", "hour", "count"}
	for want, tables := range map[string][]sigcity.Table{
		`no table "population"`: nil,
		`no column "hour"`:      table([]string{"area", "time", "count"}, []float64{1}, []float64{1}, []float64{1}),
		"area 1.5":              table(names, []float64{1.5}, []float64{1}, []float64{1}),
		"area -1":               table(names, []float64{-1}, []float64{1}, []float64{1}),
		"hour NaN":              table(names, []float64{1}, []float64{math.NaN()}, []float64{1}),
		`"count" has 0 rows`:    table(names, []float64{1}, []float64{1}, []float64{}),
	} {
		if _, err := (presenceTask{}).FromTables(tables, env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}

// Whatever bytes a saved state holds, it is taken and can be answered, or
// refused: it never panics.
func FuzzState(f *testing.F) {
	c := fixture.New(6, 2, 1)
	env := testEnv(f)
	tasks := []Task{residentsTask{recognition.RuleLin}, commutingTask{recognition.RuleLin}, presenceTask{presenceRule{3600, 43200}}, travelStayTask{}}
	for _, task := range tasks {
		groups, err := RunGroups(context.Background(), []Task{task}, c.Data, env, func(sigcity.UserID) int { return 0 }, 1, 1)
		if err != nil {
			f.Fatal(err)
		}
		fold, err := groups[0].Fold()
		if err != nil {
			f.Fatal(err)
		}
		b, err := fold.AppendBinary(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, task := range tasks {
			fold := task.Fold(env)
			if fold.UnmarshalBinary(b) != nil {
				continue
			}
			if _, err := fold.Answer(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Noise of areas of one zone cancels before anything is cut: what a zone holds
// is the sum of its areas where that is positive, and totals stay.
func TestSpreadNoisy(t *testing.T) {
	env := testEnv(t)
	at := func(x float64) sigcity.Area {
		return sigcity.Area{Center: env.Proj.LonLat(geo.XY{X: x, Y: 500})}
	}
	e := &Env{Areas: []sigcity.Area{at(100), at(900), at(1500), at(2500)}, Proj: env.Proj, Zoning: env.Zoning}
	zone := func(x float64) geo.ZoneID { return env.Zoning.Zone(at(x).Center) }
	for _, c := range []struct {
		counts [4]float64
		want   [3]float64
	}{
		{[4]float64{10, -4, 2, 3}, [3]float64{6, 2, 3}},
		{[4]float64{10, -4, 4, -2}, [3]float64{5, 3, 0}}, // the two lost are taken off the others alike
		{[4]float64{1, -4, 2, 0}, [3]float64{0, 0, 0}},
	} {
		var counts []areaCount
		for i, n := range c.counts {
			counts = append(counts, areaCount{sigcity.AreaID(i), n})
		}
		got := e.spreadNoisy(counts)
		for i, x := range []float64{500, 1500, 2500} {
			if math.Abs(got[zone(x)]-c.want[i]) > 1e-12 {
				t.Errorf("%v: zone %d has %g, want %g", c.counts, i, got[zone(x)], c.want[i])
			}
		}
	}
}
