package lint

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks: relative links lead to files, and anchors to headings, that exist.
func TestLinks(t *testing.T) {
	seen := 0
	for _, doc := range append(pages(t), "CONTRIBUTING.md") {
		_, prose := parse(t, doc)
		for _, m := range link.FindAllStringSubmatch(strings.Join(prose, "\n"), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			seen++
			target, anchor, _ := strings.Cut(m[1], "#")
			to := doc
			if target != "" {
				to = path.Join(path.Dir(doc), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s links to %s, which is not there", doc, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(t, to), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading; there are %v", doc, m[1], to, anchors(t, to))
			}
		}
	}
	if seen < 10 {
		t.Errorf("found %d relative links, there must be more", seen)
	}
}

// anchors lists the names that a page's headings get on the web: lower case,
// letters, digits, hyphens and underscores only, blanks as hyphens.
func anchors(t *testing.T, doc string) []string {
	_, prose := parse(t, doc)
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	var out []string
	for _, line := range prose {
		if level, title, ok := strings.Cut(line, " "); ok && strings.Trim(level, "#") == "" && level != "" {
			out = append(out, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(title), ""), " ", "-"))
		}
	}
	return out
}

// TestIndex: docs/README.md lists every page of docs.
func TestIndex(t *testing.T) {
	index := read(t, "docs/README.md")
	for _, doc := range pages(t) {
		name := path.Base(doc)
		if name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// TestMentions: a page that the code sends readers to is there.
func TestMentions(t *testing.T) {
	page := regexp.MustCompile(`\bdocs/[\w-]+\.md\b`)
	seen := 0
	for _, p := range packages(t) {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range page.FindAllString(string(b), -1) {
				seen++
				if _, err := os.Stat(filepath.Join(root, name)); err != nil {
					t.Errorf("%s mentions %s, which is not there", f, name)
				}
			}
		}
	}
	if seen < 5 {
		t.Errorf("found %d mentions of pages, there must be more", seen)
	}
}
