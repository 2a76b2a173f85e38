package anonymizers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

const coarsenPy = "../examples/anonymizers/coarsen.py"

// needPython skips a test, by name, where there is no Python 3.
func needPython(t testing.TB) {
	if out, err := exec.Command("python3", "--version").CombinedOutput(); err != nil {
		t.Skipf("no python3: %v %s", err, out)
	}
}

// script writes a shell script and makes the command that runs it.
func script(t testing.TB, body string) Anonymizer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a method.sh")
	if err := os.WriteFile(path, []byte("set -e\n"+body), 0o600); err != nil {
		t.Fatal(err)
	}
	return made(t, "exec", plugin.Args{"command": "sh '" + path + "'"})
}

func TestExecCoarsen(t *testing.T) {
	needPython(t)
	in := fixture.New(7, 2, 5).Data
	got := released(t, made(t, "exec", plugin.Args{"command": "python3 " + coarsenPy, "params": `{"grid_m": 2000, "bin_s": 900}`}), in, 1)
	if n := len(got.areas); n < 25 || n > 36 {
		t.Errorf("%d squares of 2 km for a city of 10 km, want 25 to 36", n)
	}
	proj := planeOf(in.Cells)
	for u, rows := range in.Rows {
		if len(got.rows[u]) != len(rows) {
			t.Fatalf("user %d: %d records of %d", u, len(got.rows[u]), len(rows))
		}
		for i, r := range got.rows[u] {
			if r.Time%900 != 0 || r.Span != 899 || r.Time > rows[i].Time || rows[i].Time > r.End() {
				t.Fatalf("user %d: record at %d became %d + %d", u, rows[i].Time, r.Time, r.Span)
			}
			if d := proj.XY(got.areas[r.Area].Center).Dist(proj.XY(in.Cells[rows[i].Area].Center)); d > 1001*1.4143 {
				t.Fatalf("user %d: moved by %.0f m, at most half a square's diagonal is right", u, d)
			}
		}
	}
}

func TestExecCoarsenRefusesParameters(t *testing.T) {
	needPython(t)
	in := fixture.New(2, 1, 5).Data
	for params, want := range map[string]string{
		`{"grid": 5}`:    "unknown parameter 'grid'",
		`{"grid_m": -1}`: "grid_m = -1, must be",
		`{"bin_s": 1.5}`: "bin_s = 1.5, must be",
	} {
		_, err := made(t, "exec", plugin.Args{"command": "python3 " + coarsenPy, "params": params}).Anonymize(t.Context(), in, NewEnv(1))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("params %s: %v, want %q in it", params, err, want)
		}
	}
}

// TestExecDocs runs the program that docs/plugins.md prints.
func TestExecDocs(t *testing.T) {
	needPython(t)
	doc, err := os.ReadFile("../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(doc), "```python\n")
	code, _, closed := strings.Cut(code, "```\n")
	if !ok || !closed {
		t.Fatal("docs/plugins.md has no ```python block")
	}
	if !strings.Contains(string(doc), "python3 "+strings.TrimPrefix(coarsenPy, "../")) {
		t.Errorf("docs/plugins.md does not run %s", coarsenPy)
	}
	path := filepath.Join(t.TempDir(), "sample.py")
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	in := fixture.New(40, 1, 2).Data
	run := func(params string) int {
		got := released(t, made(t, "exec", plugin.Args{"command": "python3 " + path, "params": params}), in, 1)
		kept := 0
		for u, rows := range got.rows {
			if len(rows) > 0 {
				kept++
				if !slices.Equal(rows, in.Rows[u]) {
					t.Errorf("user %d changed", u)
				}
			}
		}
		return kept
	}
	if n := run(`{"share": 1}`); n != 40 {
		t.Errorf("share 1 keeps %d of 40", n)
	}
	if n := run(`{"share": 0.5}`); n < 4 || n > 36 { // fails falsely with probability below 1e-7
		t.Errorf("share 0.5 keeps %d of 40", n)
	}
	if n := run(`{"share": 0}`); n != 0 {
		t.Errorf("share 0 keeps %d of 40", n)
	}
}

func TestExecErrors(t *testing.T) {
	in := fixture.New(3, 1, 1).Data
	events := "printf 'user,time,area,event\\n" // the fixture's day begins at 1772409600
	for _, c := range []struct{ name, body, want string }{
		{"exit", "echo first >&2; echo boom >&2; exit 3", "exit status 3; its standard error ends:\nfirst\nboom"},
		{"silent exit", "exit 4", "exit status 4 (it wrote nothing to standard error)"},
		{"no events", "true", "no events.csv"},
		{"area", events + "0,1772409600,100,none\\n' > \"$2/events.csv\"", `events.csv:2: area "100"`},
		{"user", events + "3,1772409600,0,none\\n' > \"$2/events.csv\"", `events.csv:2: user "3"`},
		{"event", events + "0,1772409600,0,nap\\n' > \"$2/events.csv\"", `events.csv:2: event "nap"`},
		{"columns", "echo user,time > \"$2/events.csv\"", `events.csv:1: no column "area"`},
		{"before", events + "0,1772409599,0,none\\n' > \"$2/events.csv\"", "user 0: time 1772409599, must be from 1772409600 to 1772495999"},
		{"after", events + "0,1772496000,0,none\\n' > \"$2/events.csv\"", "time 1772496000, must be"},
		{"no link", "cp \"$1/events.csv\" \"$2\"; printf 'token,source,from,to\\n0,0,0,4294967295\\n' > \"$2/links.csv\"", "the record of token 1 at time"},
		{"link source", "cp \"$1/events.csv\" \"$2\"; printf 'token,source,from,to\\n0,3,0,9\\n' > \"$2/links.csv\"", "links.csv:2: source \"3\""},
		{"kind", "cp \"$1/events.csv\" \"$2\"; echo '{\"kind\": \"dots\"}' > \"$2/release.json\"", `release.json: release kind "dots"`},
		{"unknown field", "cp \"$1/events.csv\" \"$2\"; echo '{\"sort\": 1}' > \"$2/release.json\"", `release.json: json: unknown field "sort"`},
		{"no tables", "echo '{\"kind\": \"aggregate\"}' > \"$2/release.json\"", "no tables/*.csv"},
		{"table", "mkdir \"$2/tables\"; printf 'a,b\\n1,x\\n' > \"$2/tables/t.csv\"; echo '{\"kind\": \"aggregate\"}' > \"$2/release.json\"", `tables/t.csv:2: b "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			rel, err := script(t, c.body).Anonymize(t.Context(), in, NewEnv(1))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, %v, want an error with %q", rel, err, c.want)
			}
		})
	}
	_, err := made(t, "exec", plugin.Args{"command": "/no/such/program"}).Anonymize(t.Context(), in, NewEnv(1))
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestExecBadParameters(t *testing.T) {
	for _, c := range []struct {
		args plugin.Args
		want string
	}{
		{nil, `command = "", must name a program`},
		{plugin.Args{"command": "  "}, "must name a program"},
		{plugin.Args{"command": "sh 'x"}, "has a ' that is not closed"},
		{plugin.Args{"command": "sh", "params": "[]"}, `params = "[]", must be a JSON object`},
		{plugin.Args{"command": "sh", "params": "null"}, "must be a JSON object"},
		{plugin.Args{"command": "sh", "timeout": "0s"}, "timeout = 0s, must be at least"},
	} {
		if _, _, err := plugin.Make[Anonymizer]("exec", c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q in it", c.args, err, c.want)
		}
	}
}

// TestExecTimeout starts a child that outlives its parent's patience: both must
// be gone, and the call must not wait for them.
func TestExecTimeout(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "alive")
	body := "(sleep 1; echo x > '" + mark + "') & echo waiting >&2; sleep 30"
	m := script(t, body).(command)
	m.timeout = 600 * time.Millisecond
	began := time.Now()
	_, err := m.Anonymize(t.Context(), fixture.New(2, 1, 1).Data, NewEnv(1))
	if err == nil || !strings.Contains(err.Error(), "killed after timeout = 600ms") {
		t.Errorf("%v", err)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
	time.Sleep(900 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("the command's child was not killed")
	}
}

func TestExecCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	began := time.Now()
	_, err := script(t, "sleep 30").Anonymize(ctx, fixture.New(2, 1, 1).Data, NewEnv(1))
	if err == nil || !strings.Contains(err.Error(), "context canceled") || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

// TestExecInput looks at what a command gets: no IMSI, no source key, no seed,
// and an environment of three variables.
func TestExecInput(t *testing.T) {
	city := fixture.New(3, 1, 1)
	dir := t.TempDir()
	t.Setenv("SIGCITY_SECRET", "do not pass on")
	const seed = 987654321987
	m := script(t, "env > '"+dir+"/env'; cp -r \"$1\" '"+dir+"'; cp \"$1/events.csv\" \"$2\"")
	if _, err := m.Anonymize(t.Context(), city.Data, NewEnv(seed)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range []string{"env", "in/events.csv", "in/areas.csv", "in/params.json"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	if files, err := os.ReadDir(filepath.Join(dir, "in")); err != nil || len(files) != 3 {
		t.Errorf("%v, %v, want three files", files, err)
	}
	for _, secret := range append(secrets(city), "SIGCITY_SECRET", "987654321987") {
		if strings.Contains(all.String(), secret) {
			t.Errorf("the command was given %q", secret)
		}
	}
	if !strings.Contains(all.String(), `"protocol": 1`) || !strings.Contains(all.String(), `"from": 1772409600`) {
		t.Errorf("params.json lacks protocol or meta")
	}
}

func TestExecAggregateAndLinks(t *testing.T) {
	in := fixture.New(3, 1, 1).Data
	rel, err := script(t, `mkdir "$2/tables"; printf 'area,hour,count\n0,1772409600,2.5\n' > "$2/tables/population.csv"
echo '{"kind": "aggregate", "claims": [{"kind": "differential-privacy", "unit": "SIM", "epsilon": 1}]}' > "$2/release.json"`).
		Anonymize(t.Context(), in, NewEnv(1))
	if err != nil {
		t.Fatal(err)
	}
	want := &sigcity.Release{Kind: sigcity.Aggregate, Claims: []sigcity.Guarantee{{Kind: "differential-privacy", Unit: "SIM", Epsilon: 1}},
		Tables: []sigcity.Table{{Name: "population", Columns: []string{"area", "hour", "count"}, Data: [][]float64{{0}, {1772409600}, {2.5}}}}}
	if d := cmp.Diff(want, rel); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	var links []sigcity.Link
	env := NewEnv(1)
	env.Link = func(l sigcity.Link) { links = append(links, l) }
	_, err = script(t, `printf 'user,time,area,event\n1,1772409601,0,none\n0,1772409600,0,none\n' > "$2/events.csv"
printf 'token,source,from,to\n1,0,0,4294967295\n0,2,0,4294967295\n5,1,0,9\n' > "$2/links.csv"`).Anonymize(t.Context(), in, env)
	if err != nil {
		t.Fatal(err)
	}
	from, to := Span()
	if d := cmp.Diff([]sigcity.Link{{Token: 0, Source: 2, From: from, To: to}, {Token: 1, Source: 0, From: from, To: to}}, links); d != "" {
		t.Errorf("links -want +got:\n%s", d)
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string][]string{
		``:                          nil,
		`python3 a.py`:              {"python3", "a.py"},
		`  a   b  `:                 {"a", "b"},
		`a 'b c' "d \"e\" $f" g\ h`: {"a", "b c", `d "e" $f`, "g h"},
		`a "" ''`:                   {"a", "", ""},
		`"C:\dir\x"`:                {`C:\dir\x`},
		`x'y'"z"`:                   {"xyz"},
		`'a\'`:                      {`a\`},
	} {
		if got, err := splitWords(in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s → %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{`'a`, `"a`, `a\`} {
		if got, err := splitWords(in); err == nil {
			t.Errorf("%s → %q, want an error", in, got)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add("a,b\n1,2\n-3e5,0\n")
	f.Add("a,a\n1,2\n")
	f.Add("a\nNaN\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := readTable(strings.NewReader(text), "t.csv")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.csv:") {
				t.Fatalf("error %v does not name the file", err)
			}
			return
		}
		for _, col := range table.Data {
			if len(col) != table.Rows() || len(table.Data) != len(table.Columns) {
				t.Fatalf("ragged table %v", table)
			}
		}
	})
}

func FuzzReadReleaseFile(f *testing.F) {
	f.Add(`{"kind": "boxes", "claims": [{"kind": "k-anonymity", "unit": "SIM", "k": 2}], "periods": [{"from": 1, "to": 2}]}`)
	f.Add(`{"periods": [{"from": 3, "to": 2}]}`)
	f.Add(`{} {}`)
	f.Fuzz(func(t *testing.T, text string) {
		info, err := readReleaseFile(strings.NewReader(text), "release.json")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "release.json") {
				t.Fatalf("error %v does not name the file", err)
			}
			return
		}
		_ = info.Kind.String() // a kind of the list
		for _, p := range info.Periods {
			if p.From >= p.To {
				t.Fatalf("bad period %v", p)
			}
		}
	})
}
