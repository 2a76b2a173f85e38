package anonymizers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// required gives the parameters of methods that have no complete defaults.
var required = map[string]plugin.Args{"exec": {"command": "python3 " + coarsenPy}}

// neutral gives settings that change nothing where they hang on required ones.
var neutral = map[string]plugin.Args{"exec": {"command": "python3 " + coarsenPy, "params": `{"grid_m": 0, "bin_s": 1}`}}

// everyMethod runs f for every registered anonymizer, with arguments that it
// can be made with.
func everyMethod(t *testing.T, f func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args)) {
	all := plugin.All[Anonymizer]()
	if len(all) < 8 {
		t.Fatalf("%d methods are registered, want at least 8", len(all))
	}
	for _, e := range all {
		t.Run(e.Name, func(t *testing.T) {
			if e.Name == "exec" {
				needPython(t)
			}
			if e.Required && required[e.Name] == nil {
				t.Fatal("the method needs arguments: add them to required")
			}
			f(t, e, required[e.Name])
		})
	}
}

// city has users without records, in the middle and at the end.
func city() *fixture.City {
	c := fixture.New(33, 3, 7)
	c.Data.Rows[5], c.Data.Rows[32] = nil, nil
	for u, rows := range c.Data.Rows { // numbers of records that differ
		c.Data.Rows[u] = rows[:max(0, len(rows)-u)]
	}
	c.Data.Info.Records = 0
	for _, rows := range c.Data.Rows {
		c.Data.Info.Records += int64(len(rows))
	}
	return c
}

func diff(a, b *result) string { return cmp.Diff(a, b, cmp.AllowUnexported(result{})) }

func TestEntries(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], _ plugin.Args) {
		if e.Complexity == "" || e.Guarantee == "" {
			t.Error("complexity and guarantee must be told")
		}
		for _, p := range e.Params {
			if p.Doc == "" {
				t.Errorf("%s has no doc", p.Name)
			}
			if (p.Type == plugin.Int || p.Type == plugin.Float || p.Type == plugin.Duration) && p.Min == 0 && p.Max == 0 {
				t.Errorf("%s has no range", p.Name)
			}
		}
	})
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		m, in := made(t, e.Name, args), city().Data
		want := released(t, m, in, 1)
		for _, workers := range []int{1, 2, 7} {
			if d := diff(want, released(t, m, in, workers)); d != "" {
				t.Fatalf("with %d workers (-first run +this):\n%s", workers, d)
			}
		}
	})
}

// TestCommutesWithPermutation renumbers the users, whose keys travel with them:
// what is released of each must not change.
func TestCommutesWithPermutation(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		m, in := made(t, e.Name, args), city().Data
		perm := rand.New(rand.NewPCG(1, 2)).Perm(len(in.Rows))
		other := &dataset.Mem{Info: in.Info, Cells: in.Cells}
		for _, u := range perm {
			other.Rows, other.Keys = append(other.Rows, in.Rows[u]), append(other.Keys, in.Keys[u])
		}
		want, got := released(t, m, in, 2), released(t, m, other, 2)
		if d := cmp.Diff(want.tables, got.tables); d != "" {
			t.Errorf("tables (-before +after):\n%s", d)
		}
		if d := cmp.Diff(want.areas, got.areas); d != "" {
			t.Errorf("areas (-before +after):\n%s", d)
		}
		for i, u := range perm {
			if d := cmp.Diff(want.of(sigcity.UserID(u)), got.of(sigcity.UserID(i))); d != "" {
				t.Fatalf("user %d, now %d (-before +after):\n%s", u, i, d)
			}
		}
	})
}

func TestReleaseIsSound(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		c := city()
		r := released(t, made(t, e.Name, args), c.Data, 2)
		if len(r.claims) == 0 {
			t.Error("no claim: a method without a guarantee says so")
		}
		if r.kind == sigcity.Aggregate {
			if len(r.tables) == 0 || r.tables[0].Rows() == 0 {
				t.Error("an aggregate release without a table")
			}
			return
		}
		from, to := c.Calendar.Start(0), c.Calendar.Start(c.Calendar.Days())
		total := int64(0)
		for token, rows := range r.rows {
			total += int64(len(rows))
			for i, rec := range rows {
				switch {
				case i > 0 && (rec.Time < rows[i-1].Time || rec.Time == rows[i-1].Time && rec.Milli < rows[i-1].Milli):
					t.Fatalf("token %d: record %d at %d after one at %d", token, i, rec.Time, rows[i-1].Time)
				case int(rec.Area) >= len(r.areas):
					t.Fatalf("token %d: area %d of %d", token, rec.Area, len(r.areas))
				case rec.Time < from || rec.End() >= to || rec.End() < rec.Time:
					t.Fatalf("token %d: a record from %d to %d, the days are %d to %d", token, rec.Time, rec.End(), from, to)
				case !rec.Type.Valid():
					t.Fatalf("token %d: event %d", token, rec.Type)
				}
			}
		}
		if total == 0 {
			t.Fatal("nothing is released")
		}
		if r.meta.Records >= 0 && r.meta.Records != total {
			t.Errorf("meta says %d records, there are %d", r.meta.Records, total)
		}
		for i, a := range r.areas {
			if int(a.ID) != i || a.Name == "" {
				t.Errorf("area %d: id %d, name %q", i, a.ID, a.Name)
			}
		}
		for _, claim := range r.claims {
			if claim.K > 0 {
				checkAnonymity(t, r, claim.K)
			}
		}
	})
}

// checkAnonymity recounts how many tokens share each full sequence.
func checkAnonymity(t *testing.T, r *result, k int) {
	count := map[string]int{}
	for _, rows := range r.rows {
		if len(rows) > 0 {
			count[fmt.Sprint(rows)]++
		}
	}
	for sequence, n := range count {
		if n < k {
			t.Errorf("%d tokens share %.60s…, %d is claimed", n, sequence, k)
		}
	}
}

func TestLinksAreValidAndComplete(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		in := city().Data
		r := released(t, made(t, e.Name, args), in, 2)
		if r.kind == sigcity.Aggregate {
			if len(r.links) > 0 {
				t.Error("links to tables")
			}
			return
		}
		byToken := make([][]sigcity.Link, len(r.rows))
		for i, l := range r.links {
			if int(l.Token) >= len(r.rows) || int(l.Source) >= in.Info.Users || l.From >= l.To {
				t.Fatalf("bad link %+v", l)
			}
			if i > 0 && (l.Token < r.links[i-1].Token || l.Token == r.links[i-1].Token && l.From < r.links[i-1].From) {
				t.Fatalf("links are out of order at %+v", l)
			}
			byToken[l.Token] = append(byToken[l.Token], l)
		}
		for token, rows := range r.rows {
			for _, rec := range rows {
				if !slices.ContainsFunc(byToken[token], func(l sigcity.Link) bool { return l.From <= rec.Time && rec.Time < l.To }) {
					t.Fatalf("token %d: no link at %d", token, rec.Time)
				}
			}
		}
	})
}

// TestNothingOfTheSource looks for IMSIs and source keys in all that a release holds.
func TestNothingOfTheSource(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		c := city()
		r := released(t, made(t, e.Name, args), c.Data, 2)
		for u, k := range r.keys {
			if slices.Contains(c.Data.Keys, k) {
				t.Errorf("token %d has a source key", u)
			}
		}
		text := fmt.Sprintf("%+v %+v %+v %v %v", r.meta, r.areas, r.claims, r.keys, r.tables)
		for _, s := range secrets(c) {
			if strings.Contains(text, s) {
				t.Errorf("the release holds %s", s)
			}
		}
	})
}

func TestWindowsAndRanges(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		c := city()
		m := made(t, e.Name, args)
		all := released(t, m, c.Data, 1)
		if all.kind == sigcity.Aggregate {
			return
		}
		rel, err := m.Anonymize(t.Context(), c.Data, NewEnv(42))
		if err != nil {
			t.Fatal(err)
		}
		limit := sigcity.UserID(len(all.rows) - 2)
		w := sigcity.Range{First: 3, Limit: limit, From: c.Calendar.Start(1) + 1800, To: c.Calendar.Start(2) - 7200}
		want, got := map[sigcity.UserID][]sigcity.Record{}, map[sigcity.UserID][]sigcity.Record{}
		for u := w.First; u < limit; u++ {
			if rows := dataset.Window(all.rows[u], w.From, w.To); len(rows) > 0 {
				want[u] = rows
			}
		}
		for range 2 { // re-iterable
			clear(got)
			last := -1
			for tr, err := range rel.Data.Users(t.Context(), w) {
				if err != nil {
					t.Fatal(err)
				}
				if int(tr.User) <= last {
					t.Fatalf("user %d after %d", tr.User, last)
				}
				last = int(tr.User)
				got[tr.User] = slices.Clone(tr.Records)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("a window of users and time (-cut from everything +read):\n%s", d)
			}
		}
		for range rel.Data.Users(t.Context(), sigcity.Range{}) {
			break // stopping early is no fault
		}
	})
}

func TestNeutralSettingIsIdentity(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], _ plugin.Args) {
		args := e.Neutral
		if args == nil {
			args = neutral[e.Name]
		}
		if args == nil {
			t.Skipf("%s declares no neutral setting", e.Name)
		}
		in := city().Data
		r := released(t, made(t, e.Name, args), in, 2)
		if d := cmp.Diff(in.Cells, r.areas); d != "" {
			t.Errorf("areas (-raw +released):\n%s", d)
		}
		for u, rows := range in.Rows {
			if d := cmp.Diff(slices.Clone(rows[:len(rows):len(rows)]), r.of(sigcity.UserID(u)), equateEmpty); d != "" {
				t.Fatalf("user %d (-raw +released):\n%s", u, d)
			}
		}
	})
}

var equateEmpty = cmp.Transformer("empty", func(r []sigcity.Record) []string {
	var out []string
	for _, x := range r {
		out = append(out, fmt.Sprint(x))
	}
	return out
})

func TestBadParametersAreNamed(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		try := func(name string, value any) {
			bad := plugin.Args{name: value}
			for n, v := range args {
				if n != name {
					bad[n] = v
				}
			}
			_, _, err := plugin.Make[Anonymizer](e.Name, bad)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s = %v: %v, want an error that names it", name, value, err)
			}
		}
		try("no_such_parameter", 1)
		for _, p := range e.Params {
			switch p.Type {
			case plugin.Int, plugin.Float:
				try(p.Name, p.Min-1)
				try(p.Name, p.Max+1)
				try(p.Name, "many")
				try(p.Name, "NaN")
			case plugin.Duration:
				try(p.Name, time.Duration((p.Min-1)*float64(time.Second)))
				try(p.Name, time.Duration((p.Max+1)*float64(time.Second)))
				try(p.Name, "1 fortnight")
			case plugin.Bool:
				try(p.Name, "perhaps")
			case plugin.String:
				try(p.Name, "'no such value") // open quote, no zoning, no JSON
			}
		}
	})
}

func TestCancelStopsPromptly(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		m := made(t, e.Name, args)
		check := func(when string, ctx context.Context, in sigcity.Dataset) {
			began := time.Now()
			_, err := collect(ctx, m, in, 2)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want %v", when, err, context.Canceled)
			}
			if d := time.Since(began); d > 5*time.Second {
				t.Errorf("%s: stopped after %v", when, d)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		check("before", ctx, city().Data)
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		check("in the middle", ctx, &cancelling{Mem: city().Data, cancel: cancel})
	})
}

func TestProgressEndsAtTotal(t *testing.T) {
	everyMethod(t, func(t *testing.T, e plugin.Entry[Anonymizer], args plugin.Args) {
		if e.Name == "exec" {
			t.Skip("exec does not know how far its command is")
		}
		in, last, calls := city().Data, 0, 0
		env := NewEnv(1)
		env.Progress = func(done, total int) {
			if done < last || done > total || total != in.Info.Users {
				t.Errorf("%d of %d after %d", done, total, last)
			}
			last = done
			calls++
		}
		rel, err := made(t, e.Name, args).Anonymize(t.Context(), in, env)
		if err != nil {
			t.Fatal(err)
		}
		if rel.Data != nil {
			for range 2 { // a second pass stays at the end
				for _, err := range rel.Data.Users(t.Context(), sigcity.Range{}) {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if last != in.Info.Users || calls == 0 {
			t.Errorf("ended at %d of %d after %d calls", last, in.Info.Users, calls)
		}
	})
}
