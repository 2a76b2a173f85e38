package main

import (
	"cmp"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

// commands are all commands of the program, the root first.
func commands() []*cobra.Command {
	root := (&app{stdout: io.Discard, stderr: io.Discard}).root()
	out := []*cobra.Command{root}
	for i := 0; i < len(out); i++ {
		out = append(out, out[i].Commands()...)
	}
	return out
}

// TestHelp: every command explains itself, with an example, and every example
// is a line that the program takes: commands, flags, presets, methods, parameters.
func TestHelp(t *testing.T) {
	all := commands()
	if len(all) < 14 {
		t.Fatalf("%d commands only", len(all))
	}
	for _, c := range all {
		t.Run(c.CommandPath(), func(t *testing.T) {
			args := append(strings.Fields(c.CommandPath())[1:], "--help")
			r := ok(t, args...)
			if c.Short == "" || c.Example == "" {
				t.Error("no short text, or no example")
			}
			for _, want := range []string{cmp.Or(c.Long, c.Short), "Usage:", "Examples:", c.Example} {
				if !strings.Contains(r.out, want) {
					t.Errorf("help lacks %q:\n%s", want, r.out)
				}
			}
			if r.err != "" {
				t.Errorf("on stderr: %s", r.err)
			}
			for line := range strings.Lines(c.Example) {
				checkExample(t, line)
			}
		})
	}
}

// checkExample reads a line of an example as the program would, without running it.
func checkExample(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(strings.TrimSpace(line), "   ") // what follows is a remark
	words := shellWords(line)
	for len(words) > 0 && strings.Contains(words[0], "=") {
		name, _, _ := strings.Cut(words[0], "=")
		key := strings.ToLower(strings.TrimPrefix(name, configs.EnvPrefix+"_"))
		if _, _, err := configs.Load(configs.DefaultGenerate(), configs.Source{}, map[string]any{key: "1"}); err != nil {
			t.Errorf("%s: %s sets no key: %v", line, name, err)
		}
		words = words[1:]
	}
	if len(words) == 0 || words[0] != "sigcity" {
		t.Errorf("%q: want a line that starts with sigcity", line)
		return
	}
	root := (&app{stdout: io.Discard, stderr: io.Discard}).root()
	c, rest, err := root.Find(words[1:])
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	args := c.Flags().Args()
	if help, _ := c.Flags().GetBool("help"); help {
		return
	}
	if err := c.ValidateArgs(args); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	var params plugin.Args
	if f := c.Flags().Lookup("param"); f != nil {
		given, err := c.Flags().GetStringArray("param")
		if err != nil {
			t.Fatal(err)
		}
		if params, err = parseParams(given); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	switch c.Name() {
	case "anonymize":
		_, _, err = plugin.Make[anonymizers.Anonymizer](args[0], params)
	case "attack":
		_, _, err = plugin.Make[attacks.Attack](args[0], params)
	case "plan":
		if args[0] != "all" {
			_, err = plugin.Find[planning.Task](args[0])
		}
	case "bench":
		if !strings.HasSuffix(args[0], ".yaml") && !slices.Contains(configs.Presets(), args[0]) {
			t.Errorf("%s: no preset %s", line, args[0])
		}
	case "list":
		if len(args) == 1 {
			ok(t, "list", args[0])
		}
	}
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
}

// shellWords splits at spaces outside of single quotes.
func shellWords(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		switch {
		case i%2 == 1: // quoted: it belongs to the word before
			out[len(out)-1] += part
		case i > 0 && strings.HasPrefix(part, " ") || i == 0:
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

func TestNoArguments(t *testing.T) {
	r := ok(t)
	if !strings.Contains(r.out, "generate") || r.err != "" {
		t.Errorf("want the help on stdout and nothing on stderr, got:\n%s\n%s", r.out, r.err)
	}
	if r := ok(t, "--version"); !strings.Contains(r.out, "sigcity version") {
		t.Errorf("--version printed %q", r.out)
	}
}

func TestList(t *testing.T) {
	var got map[string][]map[string]any
	if err := json.Unmarshal([]byte(ok(t, "list", "--json").out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 {
		t.Errorf("%d keys, want anonymizers, attacks, tasks", len(got))
	}
	text := ok(t, "list").out
	for kind, want := range map[string][]string{
		"anonymizers": {"dp-counts", "exec", "generalize", "glove", "identity", "noise", "random", "repseudonymize"},
		"attacks":     {"home-work", "portrait", "top-n", "unicity"},
		"tasks":       {"dynamic-population", "jobs-housing", "residential-population", "travel-stay"},
	} {
		var names []string
		for _, e := range got[kind] {
			name, _ := e["name"].(string)
			names = append(names, name)
			if doc, _ := e["doc"].(string); doc == "" {
				t.Errorf("%s %s has no doc", kind, name)
			}
			if id, _ := e["id"].(string); kind == "tasks" && id == "" {
				t.Errorf("task %s has no id", name)
			}
			if _, isList := e["params"].([]any); !isList {
				t.Errorf("%s %s: params is no list", kind, name)
			}
			if !strings.Contains(text, name) {
				t.Errorf("sigcity list lacks %s", name)
			}
			if r := ok(t, "list", name); !strings.Contains(r.out, name) || !strings.Contains(r.out, "source") {
				t.Errorf("sigcity list %s:\n%s", name, r.out)
			}
		}
		for _, w := range want {
			if !slices.Contains(names, w) {
				t.Errorf("%s lacks %s: %v", kind, w, names)
			}
		}
		if !slices.IsSorted(names) {
			t.Errorf("%s are in no order: %v", kind, names)
		}
	}
	if r := ok(t, "list", "u09"); !strings.Contains(r.out, "residential-population") {
		t.Errorf("sigcity list u09: %s", r.out)
	}
}

// TestConfigShow: each key with its value and where that is from.
func TestConfigShow(t *testing.T) {
	t.Setenv("SIGCITY_GENERATE_DAYS", "3")
	file := write(t, filepath.Join(t.TempDir(), "mine.yaml"), "generate: {days: 2, persons: 500}\ngrid: {tasks: [U09]}\n")
	lines := map[string]string{}
	for line := range strings.Lines(ok(t, "config", "show", "bench", "--config", file, "--origin").out) {
		words := strings.Fields(line)
		lines[words[0]] = strings.Join(words[1:], " ")
	}
	for key, want := range map[string]string{
		"generate.days":    "3 environment SIGCITY_GENERATE_DAYS",
		"generate.persons": "500 " + file,
		"grid.tasks":       "[U09] " + file,
		"generate.start":   configs.DefaultGenerate().Start + " default",
	} {
		if lines[key] != want {
			t.Errorf("%s is %q, want %q", key, lines[key], want)
		}
	}
	if plain := ok(t, "config", "show", "generate").out; strings.Contains(plain, "default") || !strings.Contains(plain, "persons") {
		t.Errorf("without --origin:\n%s", plain)
	}
	// What the environment says, a flag overrules.
	t.Setenv("SIGCITY_DAYS", "0")
	bad(t, exitUsage, []string{"generate", "--osm", townFile(t), "--out", filepath.Join(t.TempDir(), "x")}, "days = 0")
	out := filepath.Join(t.TempDir(), "data")
	ok(t, "generate", "--osm", townFile(t), "--persons", "20", "--days", "1", "--out", out)
	if m := manifest(t, out); m.Meta.Days != 1 || m.Meta.Persons != 20 {
		t.Errorf("%d persons, %d days", m.Meta.Persons, m.Meta.Days)
	}
}

func TestDoctor(t *testing.T) {
	if r := ok(t, "doctor"); strings.Contains(r.out, "missing") || !strings.Contains(r.out, "H3") {
		t.Errorf("doctor: %s", r.out)
	}
}
