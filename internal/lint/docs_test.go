package lint

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// root is the top of the project, seen from this package.
const root = "../.."

// block is a fenced block of a document.
type block struct {
	doc  string // path below root
	line int    // of its fence, from 1
	lang string
	text string
}

// file is the path that the block's first line names in a comment, as in
// `// anonymizers/thin.go` or `# curfew.py`; empty = none.
func (b block) file() string {
	if m := regexp.MustCompile(`^(?://|#) (\S+\.(?:go|py))\n`).FindStringSubmatch(b.text); m != nil {
		return m[1]
	}
	return ""
}

// pages lists the documents whose commands must hold, by path below root.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := []string{"README.md"}
	for _, p := range found {
		out = append(out, "docs/"+filepath.Base(p))
	}
	if len(out) < 5 {
		t.Fatalf("documents %v: there must be more", out)
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// parse cuts a document into its fenced blocks and the prose between them.
func parse(t *testing.T, doc string) (blocks []block, prose []string) {
	t.Helper()
	open := false
	for i, line := range strings.Split(read(t, doc), "\n") {
		last := len(blocks) - 1
		switch fence := strings.HasPrefix(strings.TrimSpace(line), "```"); {
		case fence && !open:
			blocks = append(blocks, block{doc: doc, line: i + 1, lang: strings.TrimPrefix(strings.TrimSpace(line), "```")})
			open = true
		case fence:
			open = false
		case open:
			blocks[last].text += line + "\n"
		default:
			prose = append(prose, line)
		}
	}
	if open {
		t.Errorf("%s:%d: the block is never closed", doc, blocks[len(blocks)-1].line)
	}
	return blocks, prose
}

// TestBlocks: a block's language decides how it is checked, so it must be one
// that is, and a command must not hide in an indented block.
func TestBlocks(t *testing.T) {
	checked := []string{"sh", "go", "python", "sql"}
	inert := []string{"text", "json", "yaml", "csv"}
	hidden := regexp.MustCompile(`^(?: {4}|\t)\s*(?:\$ |(?:bin/)?sigcity |make\b)`)
	for _, doc := range pages(t) {
		blocks, prose := parse(t, doc)
		for _, b := range blocks {
			if !slices.Contains(checked, b.lang) && !slices.Contains(inert, b.lang) {
				t.Errorf("%s:%d: a block of %q: commands that run are sh, output is text, the rest one of %v or %v", doc, b.line, b.lang, checked, inert)
			}
			if b.lang == "go" && b.file() == "" {
				t.Errorf("%s:%d: a go block whose first line names no file: it cannot be compiled", doc, b.line)
			}
		}
		for _, line := range prose {
			if hidden.MatchString(line) {
				t.Errorf("%s: %q is indented and would not be run: use sh or text", doc, line)
			}
		}
	}
}

// TestDocs runs what the documents say: the files that blocks name are written
// to a copy of the tree, and all sh blocks of a document run there in order, as
// one script. `make` is left to the CI, which must call the same targets.
func TestDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command of the documentation")
	}
	bin := filepath.Join(t.TempDir(), "sigcity")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", bin, "./cmd/sigcity")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Run("registry", func(t *testing.T) { checkRegistry(t, bin) })
	for _, doc := range pages(t) {
		blocks, _ := parse(t, doc)
		blocks = slices.DeleteFunc(blocks, func(b block) bool { return b.file() == "" && !slices.Contains([]string{"sh", "python", "sql"}, b.lang) })
		if len(blocks) == 0 {
			continue
		}
		t.Run(doc, func(t *testing.T) {
			t.Parallel()
			runDocument(t, bin, blocks)
		})
	}
}

func runDocument(t *testing.T, bin string, blocks []block) {
	dir := t.TempDir()
	copyTree(t, dir)
	copyFile(t, bin, filepath.Join(dir, "bin", "sigcity"), 0o700)
	var script strings.Builder
	for _, b := range blocks {
		if name := b.file(); name != "" {
			writeNew(t, dir, b, name)
		}
		if b.lang == "sh" {
			script.WriteString(commands(t, b))
		}
	}
	if strings.TrimSpace(script.String()) != "" {
		shell(t, dir, "bash", "-xeuo", "pipefail", "-c", script.String())
	}
	for _, b := range blocks {
		switch {
		case b.lang == "python" && b.file() == "":
			runPython(t, dir, b, b.text, imports(b.text))
		case b.lang == "sql":
			runPython(t, dir, b, fmt.Sprintf("import duckdb\nfor s in %q.split(';'):\n    if s.strip(): print(duckdb.sql(s).fetchall()[:3])\n", b.text), []string{"duckdb"})
		}
	}
}

// commands is what of an sh block is run.
func commands(t *testing.T, b block) string {
	var out strings.Builder
	for line := range strings.Lines(b.text) {
		switch {
		case line == "make\n" || strings.HasPrefix(line, "make "):
			checkMake(t, b, line)
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "git clone "), strings.HasPrefix(line, "cd sigcity"):
		default:
			out.WriteString(line)
		}
	}
	return out.String()
}

// checkMake demands that the CI calls the targets of a make line.
func checkMake(t *testing.T, b block, line string) {
	line, _, _ = strings.Cut(line, "#")
	targets := strings.Fields(line)[1:]
	if len(targets) == 0 {
		targets = []string{"build"} // the default goal, as the Makefile says
		if !strings.Contains(read(t, "Makefile"), "\n.DEFAULT_GOAL := build\n") {
			t.Errorf("%s:%d: plain make, but the default goal is not build", b.doc, b.line)
		}
	}
	for _, target := range targets {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(read(t, "Makefile")) {
			t.Errorf("%s:%d: make %s: the Makefile has no such target", b.doc, b.line, target)
		}
		if !regexp.MustCompile(`(?m)^make ` + regexp.QuoteMeta(target) + `$`).MatchString(read(t, ".ci/run")) {
			t.Errorf("%s:%d: make %s: .ci/run does not call it, so nobody knows that it works", b.doc, b.line, target)
		}
	}
}

// shell runs a program in dir. Without paths in objects, the build cache serves
// every copy of the tree.
func shell(t *testing.T, dir string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -trimpath"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v, after\n%s", err, out[max(0, len(out)-4000):])
	}
}

// imports lists the modules that a Python program imports.
func imports(code string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^(?:import|from) (\w+)`).FindAllStringSubmatch(code, -1) {
		out = append(out, m[1])
		if m[1] == "pandas" {
			out = append(out, "pyarrow") // what reads Parquet for it
		}
	}
	return out
}

// runPython runs a program where its modules are there.
func runPython(t *testing.T, dir string, b block, code string, modules []string) {
	t.Run(fmt.Sprintf("line_%d", b.line), func(t *testing.T) {
		for _, m := range modules {
			if err := exec.CommandContext(t.Context(), "python3", "-c", "import "+m).Run(); err != nil {
				t.Skipf("python3 has no module %s: the %s block at %s:%d is not run", m, b.lang, b.doc, b.line)
			}
		}
		shell(t, dir, "python3", "-c", code)
	})
}

// writeNew adds the file of a block to the copy of the tree.
func writeNew(t *testing.T, dir string, b block, name string) {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		t.Fatalf("%s:%d: %s is there already: the document would have readers overwrite it", b.doc, b.line, name)
	}
	if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) != ".go" {
		return
	}
	if out, err := exec.CommandContext(t.Context(), "gofmt", "-l", path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%s:%d: %s is not formatted (%v) %s", b.doc, b.line, name, err, out)
	}
}

// copyTree copies the project without what make and the documents' commands make.
func copyTree(t *testing.T, dst string) {
	t.Helper()
	made := []string{".git", "bin", "demo", "out"}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(made, rel):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		copyFile(t, path, filepath.Join(dst, rel), 0o600)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string, mode fs.FileMode) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		if os.IsNotExist(err) {
			return // an editor's temporary file, gone since the walk saw it
		}
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, mode); err != nil {
		t.Fatal(err)
	}
}

// checkRegistry: every registered method has a section on the page of its kind
// that tells its parameters; an anonymizer's is held to the defaults too.
func checkRegistry(t *testing.T, bin string) {
	out, err := exec.CommandContext(t.Context(), bin, "list", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Name   string
		Params []struct {
			Name    string
			Default any
		}
	}
	var all map[string][]entry
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	page := map[string]string{"anonymizers": "docs/anonymizers.md", "attacks": "docs/attacks.md", "tasks": "docs/methods.md"}
	for kind, doc := range page {
		if len(all[kind]) < 4 {
			t.Errorf("%d %s are listed, want 4 at least", len(all[kind]), kind)
		}
		for _, e := range all[kind] {
			text, ok := section(read(t, doc), e.Name)
			if !ok {
				t.Errorf("%s has no section on %s, which sigcity list shows", doc, e.Name)
				continue
			}
			for _, p := range e.Params {
				want := "`" + p.Name + "`"
				if kind == "anonymizers" { // the other pages have them in prose
					want = fmt.Sprintf("\n| `%s` | %s |", p.Name, code(p.Default))
				}
				if !strings.Contains(text, want) {
					t.Errorf("%s, section on %s: want its parameter as %q", doc, e.Name, strings.TrimSpace(want))
				}
			}
		}
	}
}

func code(value any) string {
	if value == "" {
		return "none"
	}
	return fmt.Sprintf("`%v`", value)
}

// section is the text below the heading that is name or ends in `name`, up to
// the next heading of its level.
func section(text, name string) (string, bool) {
	m := regexp.MustCompile("(?m)^(##+) (?:" + name + "|.* `" + name + "`)$").FindStringSubmatchIndex(text)
	if m == nil {
		return "", false
	}
	rest := text[m[1]:]
	if end := strings.Index(rest, "\n"+text[m[2]:m[3]]+" "); end >= 0 {
		rest = rest[:end]
	}
	return rest, true
}
