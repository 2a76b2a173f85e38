package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
)

// shared is a folder of inputs that tests read and never change: made once,
// when first asked for.
type shared struct {
	dir           string
	town, program func() (string, error)
	data          map[string]*sync.Once // data sets, by name
}

var inputs shared

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "sigcity-test-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		inputs.dir = dir
		inputs.data = map[string]*sync.Once{"andorra": {}, "town": {}}
		inputs.town = sync.OnceValues(func() (string, error) {
			path := filepath.Join(dir, "town.osm")
			return path, os.WriteFile(path, fixture.TownOSM(), 0o666)
		})
		inputs.program = sync.OnceValues(func() (string, error) {
			path := filepath.Join(dir, "sigcity")
			out, err := exec.Command("go", "build", "-ldflags", "-X main.version=v0.0.0-test", "-o", path, ".").CombinedOutput()
			if err != nil {
				err = fmt.Errorf("go build: %w\n%s", err, out)
			}
			return path, err
		})
		return m.Run()
	}())
}

// townFile is a small made-up town, which loads in a moment.
func townFile(t testing.TB) string {
	t.Helper()
	path, err := inputs.town()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// program is the built binary, for what needs a process of its own.
func program(t testing.TB) string {
	t.Helper()
	path, err := inputs.program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// andorra is a finished data set of 200 persons and one day in Andorra, a real
// city. Not to be changed: copyDir it.
func andorra(t testing.TB) string {
	t.Helper()
	return data(t, "andorra", func() []string {
		return []string{"--osm", fixture.ModuleFile(t, "andorra-latest.osm.bz2"), "--persons", "200", "--days", "1", "--time-zone", "Europe/Andorra"}
	})
}

// townData is one of 150 persons and two days in the made-up town.
func townData(t testing.TB) string {
	t.Helper()
	return data(t, "town", func() []string { return []string{"--osm", townFile(t), "--persons", "150", "--days", "2"} })
}

func data(t testing.TB, name string, args func() []string) string {
	t.Helper()
	dir := filepath.Join(inputs.dir, name)
	inputs.data[name].Do(func() { ok(t, append([]string{"generate", "--out", dir}, args()...)...) })
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the data set could not be made: %v", err)
	}
	return dir
}

// result is what a run of the program left.
type result struct {
	code     int
	out, err string
}

// run is the program in this process.
func run(args ...string) result {
	var out, err bytes.Buffer
	code := Run(context.Background(), args, strings.NewReader(""), &out, &err)
	return result{code, out.String(), err.String()}
}

// ok runs the program and wants it to succeed.
func ok(t testing.TB, args ...string) result {
	t.Helper()
	r := run(args...)
	if r.code != exitOK {
		t.Fatalf("sigcity %s: exit code %d\n%s", shellLine(args), r.code, r.err)
	}
	return r
}

// bad runs the program and wants it to fail with the code and a message on
// stderr, and nothing on stdout, that holds every one of words.
func bad(t testing.TB, code int, args []string, words ...string) {
	t.Helper()
	r := run(args...)
	line := "sigcity " + shellLine(args)
	if r.code != code {
		t.Errorf("%s: exit code %d, want %d\n%s", line, r.code, code, r.err)
	}
	if r.out != "" {
		t.Errorf("%s: on stdout: %s", line, r.out)
	}
	for _, w := range words {
		if !strings.Contains(r.err, w) {
			t.Errorf("%s: the message lacks %q:\n%s", line, w, r.err)
		}
	}
	if last := strings.TrimSuffix(r.err, "\n"); !strings.HasPrefix(last[strings.LastIndexByte(last, '\n')+1:], "sigcity: ") {
		t.Errorf("%s: the last line of stderr is no message of one line:\n%s", line, r.err)
	}
}

// tree is the SHA-256 of every file below dir, by path.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(b)
		out[filepath.ToSlash(rel)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("%s: no files", dir)
	}
	return out
}

// paths lists everything below dir, folders too, relative to it.
func paths(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != dir {
			out = append(out, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// copyDir copies a folder to a fresh place.
func copyDir(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
