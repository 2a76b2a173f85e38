package dataset

import (
	"context"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
)

// release is a release of the sample whose token u carries user users−1−u.
func release(m *Mem) (*sigcity.Release, []sigcity.Link) {
	var links []sigcity.Link
	for u := range m.Rows {
		links = append(links, sigcity.Link{Token: sigcity.UserID(u), Source: sigcity.UserID(len(m.Rows) - 1 - u), From: 100, To: 200},
			sigcity.Link{Token: sigcity.UserID(u), Source: sigcity.UserID(u), From: 50, To: 100})
	}
	edges := []sigcity.Edge{{A: 3, B: 1, Weight: 2.5}, {A: 0, B: 2, Weight: 1}}
	return &sigcity.Release{Kind: sigcity.Trajectories, Data: m, Edges: slices.Values(edges),
		Claims: []sigcity.Guarantee{{Kind: "k-anonymity", Unit: "SIM", K: 2}},
		Tables: []sigcity.Table{{Name: "od", Columns: []string{"to", "from", "count"}, Data: [][]float64{{1, 2, 3}, {4, 5, 6}, {1.0 / 3, math.Inf(1), -0.5}}},
			{Name: "population", Columns: []string{"area"}, Data: [][]float64{{}}}}}, links
}

func TestSpool(t *testing.T) {
	m := sample(PartUsers+300, 1, 2, 6)
	m.Rows[0] = append([]sigcity.Record{{Time: m.Rows[0][0].Time, Milli: 999}, {Time: m.Rows[0][0].Time}}, m.Rows[0][1:]...) // milliseconds out of order
	rel, links := release(m)
	info := ReleaseInfo{Method: "test", Params: map[string]any{"k": 2}}
	seed := uint64(7)
	f, renamed, err := Spool(context.Background(), filepath.Join(t.TempDir(), "r"), rel, info, Manifest{Code: "v0", Seed: &seed}, links, 42, 2)
	if err != nil {
		t.Fatal(err)
	}
	n := m.Info.Users
	p := sigcity.NewPermutation(uint32(n), 42)
	want := &Mem{Rows: make([][]sigcity.Record, n)}
	spans, records := 0.0, 0.0
	for u, rows := range m.Rows {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, compareTime)
		want.Rows[p.At(uint32(u))] = rows
		for _, r := range rows {
			spans, records = spans+float64(r.Span), records+1
		}
	}
	sameRecords(t, want, load(t, f, sigcity.Range{}))
	if len(renamed) != 2*n || !slices.IsSortedFunc(renamed, func(a, b sigcity.Link) int {
		return int(int64(a.Token)<<32+int64(a.From)-int64(b.Token)<<32) - int(b.From)
	}) {
		t.Errorf("%d links, not by token and start", len(renamed))
	}
	for _, l := range links {
		l.Token = sigcity.UserID(p.At(uint32(l.Token)))
		if !slices.Contains(renamed[2*l.Token:2*l.Token+2], l) {
			t.Fatalf("link %+v is lost", l)
		}
	}
	got, err := f.Release()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rel.Tables, got.Tables, opts); d != "" {
		t.Errorf("tables (-want +got):\n%s", d)
	}
	a, b := sigcity.UserID(p.At(3)), sigcity.UserID(p.At(1))
	if edges := slices.Collect(got.Edges); len(edges) != 2 || !slices.Contains(edges, sigcity.Edge{A: min(a, b), B: max(a, b), Weight: 2.5}) {
		t.Errorf("edges %v, want that of tokens %d and %d and one more", edges, a, b)
	}
	if d := cmp.Diff(rel.Claims, got.Claims); d != "" {
		t.Errorf("claims (-want +got):\n%s", d)
	}
	if math.Abs(got.Losses.TimeBlurMin-spans/60/records) > 1e-9 || got.Losses.Bytes <= 0 {
		t.Errorf("losses %+v, want a blur of %g min and the size", got.Losses, spans/60/records)
	}
	if f.Manifest().Seed != nil || f.Key(5) != 5 {
		t.Error("the release tells the seed or a source key")
	}
	if left, _ := filepath.Glob(filepath.Join(f.Dir(), ".*")); len(left) > 0 {
		t.Errorf("scratch space is left: %v", left)
	}
}

func TestSpoolSameBytes(t *testing.T) {
	m := sample(3000, 1, 2, 7)
	var want map[string]string
	for _, workers := range []int{1, 2, 7} {
		rel, links := release(m)
		f, _, err := Spool(context.Background(), filepath.Join(t.TempDir(), "r"), rel, ReleaseInfo{Method: "test"}, Manifest{}, links, 1, workers)
		if err != nil {
			t.Fatal(err)
		}
		if got := tree(t, f.Dir()); want == nil {
			want = got
		} else {
			sameTree(t, want, got)
		}
	}
}

func TestSpoolAggregate(t *testing.T) {
	m := sample(5, 1, 1, 7)
	rel := &sigcity.Release{Kind: sigcity.Aggregate, Tables: []sigcity.Table{{Name: "od", Columns: []string{"n"}, Data: [][]float64{{1, 2}}}}}
	f, _, err := Spool(context.Background(), filepath.Join(t.TempDir(), "r"), rel, ReleaseInfo{Method: "test"}, Manifest{Meta: m.Info}, nil, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Release()
	if err != nil || got.Data != nil || len(got.Tables) != 1 || got.Tables[0].Column("n")[1] != 2 {
		t.Errorf("release %+v, %v: want one table and no data", got, err)
	}
}

// broken yields trajectories that a correct data set never would.
type broken struct {
	*Mem
	yield []sigcity.Trajectory
}

func (b broken) Users(context.Context, sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		for _, t := range b.yield {
			if !yield(t, nil) {
				return
			}
		}
	}
}

func TestInvalidRelease(t *testing.T) {
	m := sample(20, 1, 1, 7)
	rows := func(u sigcity.UserID, r ...sigcity.Record) sigcity.Trajectory {
		return sigcity.Trajectory{User: u, Records: r}
	}
	data := func(ts ...sigcity.Trajectory) func(*sigcity.Release) {
		return func(r *sigcity.Release) { r.Data = broken{m, ts} }
	}
	for _, c := range []struct {
		change func(*sigcity.Release)
		link   sigcity.Link
		want   string
	}{
		{data(rows(7, sigcity.Record{Time: 9}, sigcity.Record{Time: 8})), sigcity.Link{}, "token 7: record 1 at 8 after one at 9"},
		{data(rows(7, sigcity.Record{Area: 40})), sigcity.Link{}, "token 7: record 0 in area 40"},
		{data(rows(7, sigcity.Record{Type: 77})), sigcity.Link{}, "token 7: record 0 of event(77)"},
		{data(rows(7, sigcity.Record{Span: 1 << 31})), sigcity.Link{}, "token 7: record 0 of span"},
		{data(rows(20)), sigcity.Link{}, "token 20 after token -1"},
		{data(rows(3), rows(3)), sigcity.Link{}, "token 3 after token 3"},
		{func(r *sigcity.Release) { r.Data = nil }, sigcity.Link{}, "without data"},
		{func(r *sigcity.Release) { r.Kind = 9 }, sigcity.Link{}, "unknown kind"},
		{func(r *sigcity.Release) { r.Tables[0].Data[1] = nil }, sigcity.Link{}, `column "from" has 0 rows, want 3`},
		{func(r *sigcity.Release) { r.Tables[0].Name = "../x" }, sigcity.Link{}, "table name"},
		{func(r *sigcity.Release) { r.Tables[1].Name = "od" }, sigcity.Link{}, "two tables"},
		{func(r *sigcity.Release) { r.Edges = slices.Values([]sigcity.Edge{{A: 20}}) }, sigcity.Link{}, "edge 20"},
		{func(*sigcity.Release) {}, sigcity.Link{Token: 20, To: 1}, "token 20"},
		{func(*sigcity.Release) {}, sigcity.Link{Token: 2, From: 1, To: 1}, "link 40 of token 2"},
	} {
		rel, links := release(m)
		c.change(rel)
		if c.link != (sigcity.Link{}) {
			links = append(links, c.link)
		}
		base := t.TempDir()
		_, _, err := Spool(context.Background(), filepath.Join(base, "r"), rel, ReleaseInfo{}, Manifest{}, links, 1, 2)
		var inv *InvalidRelease
		if !errors.As(err, &inv) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want an invalid release: %s", err, c.want)
		}
		if left, _ := os.ReadDir(base); len(left) > 0 {
			t.Errorf("%s: left %v", c.want, left)
		}
	}
}

func TestSelect(t *testing.T) {
	m := sample(60, 4, 3, 8)
	m.Info.Periods = []sigcity.Period{{From: 0, To: math.MaxUint32}}
	f, err := WriteDataset(context.Background(), filepath.Join(t.TempDir(), "d"), m, Manifest{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := m.Info.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	users := []sigcity.UserID{7, 8, 50, 2, 2, 59, 0}
	day := sigcity.Range{From: cal.Start(1), To: cal.Start(2)}
	for _, in := range []sigcity.Dataset{m, f} {
		s := Select(in, users, day)
		got := load(t, s, sigcity.Range{})
		for i, u := range users {
			if d := cmp.Diff(Window(m.Rows[u], day.From, day.To), got.Rows[i], opts); d != "" {
				t.Errorf("user %d as %d (-want +got):\n%s", u, i, d)
			}
			if s.Key(sigcity.UserID(i)) != in.Key(u) {
				t.Errorf("user %d: another key", i)
			}
		}
		want := m.Info
		want.Users, want.Records, want.Persons, want.Inhabitants, want.Start, want.Days = 7, -1, 7, 70, "2026-03-29", 1
		want.Periods = []sigcity.Period{{From: day.From, To: day.To}}
		if d := cmp.Diff(want, *s.Meta()); d != "" {
			t.Errorf("meta (-want +got):\n%s", d)
		}
		n := 0
		for tr, err := range s.Users(context.Background(), sigcity.Range{First: 1, Limit: 3, From: day.From, To: day.From + 3600}) {
			if err != nil || tr.User < 1 || tr.User > 2 || tr.Records[len(tr.Records)-1].Time >= day.From+3600 {
				t.Errorf("user %d, %v: want users 1 and 2 in the first hour", tr.User, err)
			}
			n++
		}
		if empty := load(t, Select(in, users, sigcity.Range{From: 5, To: 6}), sigcity.Range{}); empty.Info.Records != 0 {
			t.Errorf("%d records in an empty window", empty.Info.Records)
		}
	}
}
