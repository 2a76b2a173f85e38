package lint

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFiles holds every Go file to the house's limits.
func TestFiles(t *testing.T) {
	clock := regexp.MustCompile(`\btime\.(Now|Since|Until)\b`)
	unfinished := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	seen := 0
	for _, p := range packages(t) {
		entries, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range entries {
			seen++
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := string(b)
			name := filepath.Join(short(p.ImportPath), filepath.Base(path))
			if n := strings.Count(text, "\n"); n > 600 {
				t.Errorf("%s has %d lines; 600 is the limit", name, n)
			}
			isTest := strings.HasSuffix(path, "_test.go")
			if !isTest && !strings.HasPrefix(name, "cmd/") && clock.MatchString(text) {
				t.Errorf("%s reads the clock; only cmd may", name)
			}
			if name != "internal/lint/files_test.go" && unfinished.MatchString(text) {
				t.Errorf("%s has an unfinished mark: %s", name, unfinished.FindString(text))
			}
		}
	}
	if seen < 20 {
		t.Errorf("looked at %d files only; go list must be wrong", seen)
	}
}

// TestPackageDocs: the package doc opens the file named after the package.
func TestPackageDocs(t *testing.T) {
	for _, p := range packages(t) {
		name := filepath.Base(p.ImportPath)
		file := filepath.Join(p.Dir, name+".go")
		if short(p.ImportPath) == "cmd/sigcity" {
			file = filepath.Join(p.Dir, "main.go")
		}
		if strings.HasPrefix(short(p.ImportPath), "examples") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s: %v", short(p.ImportPath), err)
			continue
		}
		if !strings.HasPrefix(string(b), "// Package ") && !strings.HasPrefix(string(b), "// Command ") {
			t.Errorf("%s does not open with the package's doc", file)
		}
	}
}
