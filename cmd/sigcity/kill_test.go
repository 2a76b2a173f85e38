package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sigcity/sigcity/benchmarks"
)

// stop starts the program, sends the signal as soon as ready says so, and
// returns how it ended. The run must not have finished by then.
func stop(t *testing.T, sig os.Signal, ready func() bool, args ...string) result {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals on Windows")
	}
	cmd := exec.Command(program(t), args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Start(); e != nil {
		t.Fatal(e)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	deadline := time.After(time.Minute)
	for !ready() {
		select {
		case <-done:
			t.Fatalf("the run was over before it could be stopped: exit code %d\n%s", cmd.ProcessState.ExitCode(), err.String())
		case <-deadline:
			cmd.Process.Kill()
			t.Fatalf("nothing to stop after a minute\n%s", err.String())
		case <-time.After(time.Millisecond):
		}
	}
	if e := cmd.Process.Signal(sig); e != nil {
		t.Fatal(e)
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		t.Fatalf("still running 20 s after %v\n%s", sig, err.String())
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}

// finish runs the program to its end.
func finish(t *testing.T, codes []int, args ...string) result {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	for _, c := range codes {
		if r.code == c {
			return r
		}
	}
	t.Fatalf("sigcity %s: exit code %d, want one of %v\n%s", shellLine(args), r.code, codes, r.err)
	return r
}

// count is the number of complete files below dir with the suffix.
func count(dir, suffix string) int {
	n := 0
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // a folder being moved away is no error
		if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
			n++
		}
		return nil
	})
	return n
}

// TestStopGenerate: a run of generate that was killed, or stopped by Ctrl-C, is
// taken up by the same command and ends in the bytes of an undisturbed run.
func TestStopGenerate(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	args := func(out string) []string {
		return []string{"generate", "--osm", townFile(t), "--persons", "5000", "--days", "5", "--seed", "11", "--out", out}
	}
	whole := filepath.Join(dir, "whole")
	finish(t, []int{exitOK}, args(whole)...)
	want := tree(t, whole)
	for name, sig := range map[string]os.Signal{"kill": os.Kill, "interrupt": os.Interrupt, "terminate": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, name)
			partial := out + ".partial"
			r := stop(t, sig, func() bool { return count(filepath.Join(partial, "events"), ".parquet") >= 2 }, args(out)...)
			if _, err := os.Stat(out); err == nil {
				t.Error("a stopped run left a folder that looks finished")
			}
			kept := tree(t, partial)
			if name != "kill" {
				if r.code != exitFailed || r.out != "" {
					t.Errorf("exit code %d, stdout %q; want 1 and nothing", r.code, r.out)
				}
				if line := "sigcity " + shellLine(args(out)); !strings.Contains(r.err, "resume") || !strings.HasSuffix(r.err, "  "+line+"\n") {
					t.Errorf("want the command that resumes at the end of:\n%s", r.err)
				}
			}
			finish(t, []int{exitOK}, args(out)...)
			got := tree(t, out)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Error("the resumed run ends in other bytes than the undisturbed one")
			}
			if _, err := os.Stat(partial); err == nil {
				t.Errorf("%s is left", partial)
			}
			resumed := 0
			for path, sum := range kept {
				if got[path] == sum {
					resumed++
				}
			}
			if resumed < 2 {
				t.Errorf("%d of %d files were there before: nothing to resume from", resumed, len(kept))
			}
			finish(t, []int{exitOK}, "inspect", out, "--verify")
		})
	}
}

// TestFinished: a data set that is there already is not made again, unless it
// is another one or damaged.
func TestFinished(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	manifest := filepath.Join(out, "dataset.json")
	generate := func(seed string) time.Time {
		t.Helper()
		finish(t, []int{exitOK}, "generate", "--osm", townFile(t), "--persons", "100", "--days", "1", "--seed", seed, "--out", out)
		st, err := os.Stat(manifest)
		if err != nil {
			t.Fatal(err)
		}
		return st.ModTime()
	}
	first := generate("1")
	want := tree(t, out)
	if generate("1") != first {
		t.Error("the same data set was made again")
	}
	places := filepath.Join(out, "map", "places.parquet")
	b, err := os.ReadFile(places)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	write(t, places, string(b))
	if generate("1") == first {
		t.Error("a damaged data set was taken for a finished one")
	}
	if got := tree(t, out); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the damaged data set was not made anew")
	}
	generate("2")
	if got := tree(t, out); fmt.Sprint(got) == fmt.Sprint(want) {
		t.Error("a data set of another seed was taken for the one asked for")
	}
}

// TestStopBench: a killed benchmark goes on, and ends in the rows of an undisturbed one.
func TestStopBench(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	grid := write(t, filepath.Join(dir, "grid.yaml"), tinyGrid)
	data := townData(t)
	args := func(out string) []string { return []string{"bench", grid, "--dataset", data, "--out", out} }
	codes := []int{exitOK, exitPartial}
	whole := filepath.Join(dir, "whole")
	end := finish(t, codes, args(whole)...)
	want := figures(t, whole)
	for name, sig := range map[string]os.Signal{"kill": os.Kill, "interrupt": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, name)
			results := filepath.Join(out, benchmarks.ResultsName)
			r := stop(t, sig, func() bool {
				b, _ := os.ReadFile(results)
				return bytes.Count(b, []byte("\n")) >= 20
			}, args(out)...)
			if name == "interrupt" && (r.code != exitFailed || !strings.Contains(r.err, "resume")) {
				t.Errorf("exit code %d\n%s", r.code, r.err)
			}
			if b, err := os.ReadFile(results); err != nil || bytes.Count(b, []byte("\n")) >= len(want) {
				t.Fatalf("the run was over before it could be stopped (%v)", err)
			}
			if again := finish(t, codes, args(out)...); again.code != end.code {
				t.Errorf("exit code %d, undisturbed %d", again.code, end.code)
			}
			sameFigures(t, figures(t, out), want)
		})
	}
}

func sameFigures(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("row %d:\n%s\nwant\n%s", i+1, got[i], want[i])
		}
	}
}

// figures are the rows of a benchmark but for what depends on the machine.
func figures(t *testing.T, dir string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, benchmarks.ResultsName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"seconds", "peak_mib"} {
			if _, ok := row[key]; !ok {
				t.Fatalf("a row without %s: %s", key, lines.Text())
			}
			delete(row, key)
		}
		b, err := json.Marshal(row) // keys in order
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	if err := lines.Err(); err != nil || len(out) < 20 {
		t.Fatalf("%d rows, %v", len(out), err)
	}
	return out
}
