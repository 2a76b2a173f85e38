package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNamesAreDocumented: what files and rows are made of stands, in
// backticks, on the page that describes them.
func TestNamesAreDocumented(t *testing.T) {
	for _, c := range []struct {
		what, files, doc string
		name             *regexp.Regexp
		least            int
	}{
		{"column", "dataset/*.go", "docs/format.md", regexp.MustCompile("parquet:\"(\\w+)"), 60},
		{"event", "event.go", "docs/format.md", regexp.MustCompile(`"([a-z]+(?:-[a-z]+)*)",`), 10},
		{"field", "benchmarks/result.go", "docs/results.md", regexp.MustCompile("json:\"(\\w+)"), 30},
		{"metric", "benchmarks/*.go", "docs/results.md", regexp.MustCompile(`\bfigure\("(\w+)"`), 5},
	} {
		files, err := filepath.Glob(filepath.Join(root, c.files))
		if err != nil {
			t.Fatal(err)
		}
		page, seen := read(t, c.doc), map[string]bool{}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			path, err := filepath.Rel(root, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range c.name.FindAllStringSubmatch(read(t, path), -1) {
				if !seen[m[1]] && !strings.Contains(page, "`"+m[1]+"`") {
					t.Errorf("%s lacks the %s %s of %s", c.doc, c.what, m[1], path)
				}
				seen[m[1]] = true
			}
		}
		if len(seen) < c.least {
			t.Errorf("found %d names of kind %s in %s, want %d at least: the pattern must be wrong", len(seen), c.what, c.files, c.least)
		}
	}
}

// TestDependencies: docs/dependencies.md argues the modules that the project
// imports and no others, and the versions it names are those of go.mod.
func TestDependencies(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	var imported []string
	for _, p := range packages(t) {
		imported = append(imported, slices.Concat(p.Imports, p.TestImports, p.XTestImports)...)
	}
	seen := 0
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) (v\S+)`).FindAllStringSubmatch(read(t, "go.mod"), -1) {
		uses := func(imp string) bool { return imp == m[1] || strings.HasPrefix(imp, m[1]+"/") }
		if !slices.ContainsFunc(imported, uses) {
			continue
		}
		seen++
		name := regexp.MustCompile(`/v\d+$`).ReplaceAllString(strings.TrimPrefix(m[1], "github.com/"), "")
		at := strings.Index(page, name)
		if at < 0 {
			t.Errorf("docs/dependencies.md does not argue %s", name)
			continue
		}
		if v := regexp.MustCompile(`^(?:/v\d+)? (v\d+\.\d+\.\d+)\b`).FindStringSubmatch(page[at+len(name):]); v != nil && v[1] != m[2] {
			t.Errorf("docs/dependencies.md names %s %s, go.mod %s", name, v[1], m[2])
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+[./].*?) \|`).FindAllStringSubmatch(page, -1) {
		for _, name := range strings.Split(row[1], ", ") {
			name, _, _ = strings.Cut(name, " ")
			argued := func(imp string) bool {
				imp = strings.TrimPrefix(imp, "github.com/")
				return imp == name || strings.HasPrefix(imp, name+"/")
			}
			if !slices.ContainsFunc(imported, argued) {
				t.Errorf("docs/dependencies.md argues %s, which nothing imports", name)
			}
		}
	}
	if seen < 10 {
		t.Errorf("found %d modules that are imported, want 10 at least: the pattern must be wrong", seen)
	}
}
