package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestOutline compares the page's skeleton (headings, captions, columns, kinds
// of pictures) with a golden file; the pixels are free.
func TestOutline(t *testing.T) {
	var b strings.Builder
	item := regexp.MustCompile(`(?s)<section[^>]* id="[^"]*"|<(h[1-4])[ >].*?</h[1-4]>|<thead>.*?</thead>|<caption>.*?</caption>|<svg [^>]*class="(?:chart|map|map day|strip)"|<details id="[^"]*"|<dt>.*?</dt>`)
	cell := regexp.MustCompile(`</t[hd]>`)
	tag := regexp.MustCompile(`<[^>]*>`)
	for _, s := range item.FindAllString(render(t, sample()), -1) {
		switch {
		case strings.HasPrefix(s, "<section"):
			fmt.Fprintf(&b, "\nsection %s\n", s[strings.Index(s, "id="):])
		case strings.HasPrefix(s, "<svg"):
			fmt.Fprintf(&b, "  picture %s\n", regexp.MustCompile(`class="[^"]*"`).FindString(s))
		case strings.HasPrefix(s, "<details"):
			fmt.Fprintf(&b, "  fold %s\n", s[strings.Index(s, "id="):])
		default:
			text := tag.ReplaceAllString(cell.ReplaceAllString(s, " | "), " ")
			fmt.Fprintf(&b, "  %s %s\n", regexp.MustCompile(`^<\w+`).FindString(s)[1:], strings.Join(strings.Fields(html.UnescapeString(text)), " "))
		}
	}
	file := filepath.Join("testdata", "outline.golden")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("outline (-want +got, -update rewrites):\n%s", d)
	}
}

// TestRealCity draws a real city: every macro site of the largest operator and
// its 4G cells are there, and the page stays small.
func TestRealCity(t *testing.T) {
	file := fixture.SharedFile(t, "osm/monaco-tilemaker.osm.pbf")
	city, err := network.Load(t.Context(), file, network.Options{Workers: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	in := sample()
	in.Map, in.Cells = city.Map(), city.CellRows()
	m := drawCity(in.Map, in.Cells)
	sites, cells, others := 0, 0, 0
	for _, s := range city.Sites {
		if city.Operators[s.Operator].PLMN() != m.Operator {
			continue
		}
		if s.Kind == network.MacroSite {
			sites++
		}
		for _, id := range s.Cells {
			if s.Kind == network.MacroSite && city.Cells[id].Radio == "4G" {
				cells++
			} else {
				others++
			}
		}
	}
	if others == 0 {
		t.Error("the city has no other cells to leave out")
	}
	if m.Sites != sites || m.Cells != cells || m.Radio != "4G" || cells == 0 {
		t.Errorf("drawn %d cells on %d sites, the city has %d on %d", m.Cells, m.Sites, cells, sites)
	}
	if n := len(render(t, in)); n > 2_000_000 {
		t.Errorf("the page takes %d bytes, want at most 2 MB", n)
	}
}

// FuzzSummary: whatever a summary says, the page is written, and stays sound.
func FuzzSummary(f *testing.F) {
	whole, err := json.Marshal(sample().Summary)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"marks":[{"label":"x","utility":{"value":1e308,"lo":-1e308,"hi":1e308},"risk":{"value":-5}},{"utility":{"value":0},"risk":{"value":0}}]}`))
	f.Add([]byte(`{"marks":[{"kind":"aggregate","utility":{"value":0.5,"lo":0.6,"hi":0.4}}]}`))
	load := regexp.MustCompile(`(?i)<script|<img|<iframe|<link`)
	f.Fuzz(func(t *testing.T, text []byte) {
		var in Input
		if json.Unmarshal(text, &in.Summary) != nil {
			return
		}
		page := render(t, in)
		if load.MatchString(page) {
			t.Error("text became an element")
		}
		for _, s := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
			if err := wellFormed(s); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	in := sample()
	for b.Loop() {
		if err := Write(io.Discard, in); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleWrite() {
	in := Input{Summary: benchmarks.Summary{Synthetic: true, Verdict: "Nothing was measured.", Dataset: benchmarks.DatasetFacts{City: "Nowhere"}}}
	var page strings.Builder
	if err := Write(&page, in); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(regexp.MustCompile(`<title>.*</title>|Nothing was measured`).FindAllString(page.String(), -1))
	// Output: [<title>Anonymization against de‑anonymization: Nowhere</title> Nothing was measured]
}
