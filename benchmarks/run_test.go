package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func testGrid(methods ...string) Grid {
	g := DefaultGrid()
	g.JackknifeGroups, g.Targets, g.ControlShare = 10, 100, 0.2
	g.Tasks = []string{"U09", "U12"}
	g.Attacks = []AttackGrid{{Attack: "unicity"}, {Attack: "home-work"}, {Attack: "top-n"}, {Attack: "portrait"}}
	g.Subset = Subset{Persons: 60, Days: 1}
	for _, m := range methods {
		g.Methods = append(g.Methods, MethodGrid{Method: m})
	}
	return g
}

func rowsOf(t *testing.T, out string) []Result {
	t.Helper()
	rows, _, err := ReadResults(filepath.Join(out, ResultsName))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// find is the one row of a method, probe and metric.
func find(t *testing.T, rows []Result, method, probe, metric, adversary string) Result {
	t.Helper()
	i := slices.IndexFunc(rows, func(r Result) bool {
		return r.Method == method && r.Probe == probe && r.Metric == metric && strings.HasPrefix(r.Adversary, adversary) && r.Subset == ""
	})
	if i < 0 {
		t.Fatalf("no row of %s %s %s %s", method, probe, metric, adversary)
	}
	return rows[i]
}

func TestRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bench")
	s, err := Run(context.Background(), testGrid("identity", "random", "test-slow"), folder(t, 150, 3, 1), out, Options{Workers: 2, Code: "test"})
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, out)
	for _, r := range rows {
		if r.Status != OK && r.Status != NA {
			t.Errorf("%s %s %s: %s %s: %s", r.Method, r.Probe, r.Metric, r.Status, r.Phase, r.Error)
		}
		if r.Status == OK && (r.Lo > r.Value || r.Hi < r.Value) && r.Probe != probeRelease {
			t.Errorf("%s %s %s: %g outside its interval %g … %g", r.Method, r.Probe, r.Metric, r.Value, r.Lo, r.Hi)
		}
	}
	for _, test := range s.SelfTests {
		if !test.Run || !test.Pass {
			t.Errorf("self-test %+v", test)
		}
	}
	for _, probe := range []string{"plan/U09", "plan/U12"} {
		if r := find(t, rows, "identity", probe, MetricUtility, ""); r.Value < 1-exactly || r.Value > 1+exactly {
			t.Errorf("identity scores %v on %s, want 1", r.Value, probe)
		}
		if r := find(t, rows, "random", probe, MetricUtility, ""); r.Value > 0.9 {
			t.Errorf("random scores %v on %s, want far less than identity", r.Value, probe)
		}
	}
	// 100 cells and 150 persons: home and work together are nearly unique.
	if r := find(t, rows, "identity", "attack/home-work", MetricHit1, "realistic"); r.Value < 0.7 || r.Coverage < 0.9 {
		t.Errorf("home-work on identity: %+v, want most targets found", r)
	}
	if r := find(t, rows, "identity", "attack/unicity", MetricHit1, SameRecord); r.Value < 0.7 {
		t.Errorf("unicity on identity: %+v, want most targets found", r)
	}
	if r := find(t, rows, "identity", probeRelease, "displacement_m", ""); r.Value != 0 {
		t.Errorf("identity displaces by %g m, want 0", r.Value)
	}
	if r := find(t, rows, "identity", probeRelease, "suppressed_users", ""); r.Value != 0 {
		t.Errorf("identity suppresses %g, want 0", r.Value)
	}
	// The superlinear method ran on the subset, and so did the ends of the scale.
	for _, m := range []string{"identity", "random", "test-slow"} {
		if !slices.ContainsFunc(rows, func(r Result) bool {
			return r.Method == m && r.Subset == "60 persons × 1 day" && r.Probe == "plan/U12"
		}) {
			t.Errorf("%s did not run on the subset", m)
		}
	}
	slow := rows[slices.IndexFunc(rows, func(r Result) bool { return r.Method == "test-slow" && r.Metric == "suppressed_users" })]
	if slow.Value < 0.2 || slow.Value > 0.3 || slow.Coverage > 0.8 {
		t.Errorf("every fourth user is suppressed: %+v", slow)
	}
	if len(s.Marks) != 5 || s.Marks[0].Risk == nil || s.Marks[0].Utility == nil || !strings.Contains(s.Verdict, "150 persons") {
		t.Errorf("summary %+v", s)
	}
	for _, name := range []string{RunName, SummaryName, ExampleName} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !json.Valid(text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(out, "releases")); err != nil || len(left) != 0 {
		t.Errorf("releases left: %v, %v", left, err)
	}
}

// A run cut off in the middle of a line goes on to the same rows, and so does
// one with another number of workers, line by line.
func TestResumeAndWorkers(t *testing.T) {
	data, grid := folder(t, 120, 2, 3), testGrid("identity", "random", "test-slow")
	grid.Zonings = []string{"grid-1km"}
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	if _, err := Run(context.Background(), grid, data, whole, Options{Workers: 1, Code: "test"}); err != nil {
		t.Fatal(err)
	}
	want := rowsOf(t, whole)
	same := cmpopts.IgnoreFields(Result{}, "Seconds", "PeakMiB")
	other := filepath.Join(dir, "workers")
	if _, err := Run(context.Background(), grid, data, other, Options{Workers: 3, Code: "test"}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, rowsOf(t, other), same, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("3 workers differ from 1 (-1 +3):\n%s", d)
	}
	text, err := os.ReadFile(filepath.Join(whole, ResultsName))
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0, 0.35, 0.8} {
		cut := int(share * float64(len(text)))
		if cut > 0 && text[cut-1] == '\n' {
			cut-- // in the middle of a line
		}
		out := filepath.Join(dir, "resumed")
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := errorsOf(os.WriteFile(filepath.Join(out, ResultsName), text[:cut], 0o644), os.WriteFile(filepath.Join(out, RunName), []byte("{}"), 0o644)); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), grid, data, out, Options{Workers: 2, Code: "test"}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, rowsOf(t, out), same, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("resumed after %d of %d bytes (-want +got):\n%s", cut, len(text), d)
		}
	}
	// Nothing is left to do: the rows stay as they are, byte by byte.
	if _, err := Run(context.Background(), grid, data, whole, Options{Workers: 2, Code: "test"}); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(filepath.Join(whole, ResultsName)); err != nil || !bytes.Equal(again, text) {
		t.Errorf("a finished run changed its rows: %v", err)
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestBrokenMethodsBecomeRows(t *testing.T) {
	want := map[string]struct{ status, phase, text string }{
		"test-panics":      {Failed, "anonymize", "out of luck"},
		"test-panics-late": {Failed, "spool", "out of luck, late"},
		"test-fails":       {Failed, "anonymize", "no such luck"},
		"test-nothing":     {Invalid, "check", "returned none"},
		"test-unsorted":    {Invalid, "spool", "ascending"},
		"test-wrong-area":  {Invalid, "spool", "area"},
		"test-unlinked":    {Invalid, "open", "no link"},
		"test-false-links": {Invalid, "check", "source 1048576"},
	}
	methods := []string{"identity", "test-false-claim"}
	for m := range want {
		methods = append(methods, m)
	}
	slices.Sort(methods)
	g := testGrid(methods...)
	g.Tasks, g.Attacks, g.Zonings = []string{"U09"}, nil, g.Zonings[:1]
	data, out := folder(t, 60, 1, 4), filepath.Join(t.TempDir(), "bench")
	s, err := Run(context.Background(), g, data, out, Options{Workers: 2, Code: "test"})
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, out)
	for m, w := range want {
		i := slices.IndexFunc(rows, func(r Result) bool { return r.Method == m })
		if i < 0 {
			t.Errorf("%s left no row", m)
			continue
		}
		if r := rows[i]; r.Status != w.status || r.Phase != w.phase || !strings.Contains(r.Error, w.text) {
			t.Errorf("%s: %s in %q: %q, want %s in %q: …%s…", m, r.Status, r.Phase, r.Error, w.status, w.phase, w.text)
		}
	}
	if r := find(t, rows, "test-false-claim", probeRelease, "released", ""); r.Audit != Broken || r.Claim != "k=2 per SIM" {
		t.Errorf("false claim: %q is %q, want broken", r.Claim, r.Audit)
	}
	if r := find(t, rows, "identity", "plan/U09", MetricUtility, ""); r.Status != OK {
		t.Errorf("identity beside broken methods: %+v", r)
	}
	if s.Failed() != len(want) || len(s.Problems) != len(want) {
		t.Errorf("%d failed, %d problems, want %d", s.Failed(), len(s.Problems), len(want))
	}
}

func TestTimeout(t *testing.T) {
	g := testGrid("test-stalls")
	g.Timeout = 50 * time.Millisecond
	data, out := folder(t, 60, 1, 6), filepath.Join(t.TempDir(), "bench")
	for range 2 { // the second time from the file
		if _, err := Run(context.Background(), g, data, out, Options{Code: "test"}); err != nil {
			t.Fatal(err)
		}
		rows := rowsOf(t, out)
		if i := slices.IndexFunc(rows, func(r Result) bool { return r.Method == "test-stalls" }); i < 0 || rows[i].Status != Timeout || rows[i].Phase != "anonymize" {
			t.Fatalf("rows %+v, want a timeout in anonymize", rows)
		}
	}
}

func TestForeignFolderAndMalformedRows(t *testing.T) {
	data, g := folder(t, 60, 1, 5), testGrid("identity")
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "letter.txt"), []byte("dear"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), g, data, foreign, Options{}); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("a foreign folder: %v", err)
	}
	out := t.TempDir()
	if err := errorsOf(os.WriteFile(filepath.Join(out, RunName), []byte("{}"), 0o644),
		os.WriteFile(filepath.Join(out, ResultsName), []byte("{\"schema\":\"sigcity.result/1\"}\n{}\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), g, data, out, Options{}); err == nil || !strings.Contains(err.Error(), ResultsName+":1") {
		t.Errorf("a malformed row: %v, want the line named", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, g, data, filepath.Join(t.TempDir(), "x"), Options{}); err == nil {
		t.Error("a cancelled run ended without an error")
	}
}
