package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/benchmarks"
)

func render(t *testing.T, in Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDeterminism(t *testing.T) {
	first := render(t, sample())
	for range 3 {
		if render(t, sample()) != first {
			t.Fatal("the same input gave other bytes")
		}
	}
}

// inputs are the whole sample and what may be missing from it.
func inputs() map[string]Input {
	whole := sample()
	failing := sample()
	failing.Summary.SelfTests[1].Pass = false
	failing.Summary.SelfTests[1].Text = "home-work beats chance: 0.12 against 0.01"
	noRun := sample()
	noRun.Summary.SelfTests = []benchmarks.SelfTest{{Name: "identity", Text: "not in the grid"}}
	bare := sample()
	bare.Map, bare.Cells, bare.Run, bare.Results = nil, nil, nil, nil
	allFailed := sample()
	for i := range allFailed.Summary.Marks {
		m := &allFailed.Summary.Marks[i]
		m.Status, m.Utility, m.Risk, m.Tasks, m.Attacks = "timeout", nil, nil, nil, nil
	}
	noCells := sample()
	noCells.Cells = nil
	oneStop := sample()
	oneStop.Example.Activities, oneStop.Example.Trips, oneStop.Example.Events = oneStop.Example.Activities[:1], nil, nil
	return map[string]Input{"whole": whole, "failing": failing, "not run": noRun, "bare": bare, "all failed": allFailed, "empty": {},
		"no cells": noCells, "one stop": oneStop}
}

// TestPages checks what must hold of every page, however little there is to show.
func TestPages(t *testing.T) {
	link := regexp.MustCompile(`href="([^"]*)"`)
	id := regexp.MustCompile(` id="([^"]*)"`)
	load := regexp.MustCompile(`(?i)(\bsrc\s*=|<script|<link|<iframe|<img|@import|url\(|\bonerror\s*=[^&]*>|xlink:href)`)
	broken := regexp.MustCompile(`\bNaN|\bInf\b|[-+]Inf|ZgotmplZ|%!`)
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			page := render(t, in)
			ids := map[string]int{}
			for _, m := range id.FindAllStringSubmatch(page, -1) {
				ids[m[1]]++
			}
			for k, n := range ids {
				if n != 1 {
					t.Errorf("id %q is there %d times", k, n)
				}
			}
			links := link.FindAllStringSubmatch(page, -1)
			if len(links) < 10 {
				t.Errorf("only %d links", len(links))
			}
			for _, m := range links {
				if !strings.HasPrefix(m[1], "#") || ids[m[1][1:]] == 0 {
					t.Errorf("link %q leads nowhere on the page", m[1])
				}
			}
			tags := stripText(page)
			if m := load.FindString(tags); m != "" {
				t.Errorf("the page would load something: %q", m)
			}
			if i := strings.Index(strings.NewReplacer("http://www.w3.org/2000/svg", "", "http-equiv", "").Replace(tags), "http"); i >= 0 {
				t.Error("a tag names an address")
			}
			if broken.MatchString(page) {
				t.Error("the page shows a broken value")
			}
			for _, s := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
				if err := wellFormed(s); err != nil {
					t.Errorf("%v in %.200s", err, s)
				}
			}
		})
	}
}

// stripText leaves the tags of a page only, with what stands in double quotes
// there intact: text on the page may speak of anything.
func stripText(page string) string {
	var b strings.Builder
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(page, -1) {
		// Values of title and aria-label are text too.
		b.WriteString(regexp.MustCompile(`(title|aria-label)="[^"]*"`).ReplaceAllString(tag, ""))
	}
	return b.String()
}

func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestStructure pins what the whole sample shows.
func TestStructure(t *testing.T) {
	page := render(t, sample())
	for _, want := range []string{
		"<title>Anonymization against de\u2011anonymization: Fixture &lt;City&gt;</title>", "Synthetic data.", "Self-tests passed.", "halving the risk",
		"a sample of 12\u202f000 inhabitants", "100 per SIM and day", "0.66", `<td class="num">0.83 [0.79, 0.87]</td>`, "home-work, register", "812 m (1\u202f893)",
		"300 persons × 1 day", "dominated by generalize 1 km, 1 h", `class="audit-broken"`, "aggregates: linkage risk n/a, which is not 0",
		"department store", "kindergarten twice every weekday", "✓ right", "✗ wrong", "– abstained", "synthetic person", "ODbL",
		"sigcity bench quickstart --out &#39;demo &amp; more&#39;", "v0.1.0&#43;abc123", "few controls (glove, noise)", "612 buildings",
		"3.0 %", "8.1 %", "exec: command", "failed",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, c := range []struct {
		what, re string
		n        int
	}{
		{"charts", `class="chart"`, 2}, {"maps", `class="map( day)?"`, 2}, {"strips", `class="strip"`, 1}, {"marks of both charts", `class="mark"`, 22},
		{"folds of methods", `<details id="m-`, 12}, {"tracking areas", `class="cell tint-`, 2},
		{"land uses", `<path class="lu-`, 12}, {"alerts", `role="alert"`, 0}, {"scripts", `<script`, 0},
	} {
		if n := len(regexp.MustCompile(c.re).FindAllString(page, -1)); n != c.n {
			t.Errorf("%d %s, want %d", n, c.what, c.n)
		}
	}
	if strings.Index(page, `id="verdict"`) > strings.Index(page, `id="picture"`) || strings.Index(page, `id="picture"`) > strings.Index(page, `id="table"`) {
		t.Error("sections are out of order")
	}
	if n := strings.Count(page, "2 of 3 tasks"); n < 2 {
		t.Errorf("a mark over fewer tasks says so %d times", n)
	}
	if len(page) > 300_000 {
		t.Errorf("the small sample takes %d bytes", len(page))
	}
}

// TestMatrixColumns: an attack with several claims has a column for each, and
// where it does not apply at all every one of them says so.
func TestMatrixColumns(t *testing.T) {
	marks := sample().Summary.Marks
	m := attackMatrix(marks, nil)
	var names []string
	for _, c := range m.Columns {
		names = append(names, c.Name+"/"+c.Claim)
	}
	if got := strings.Join(names, " "); got != "home-work/ top-n/ portrait/sex portrait/preschool child unicity/" {
		t.Fatalf("columns %q", got)
	}
	for i, c := range m.Rows[10].Cells { // dp-counts
		if !c.Missing || c.Value != "n/a" || c.Why == "not run" {
			t.Errorf("column %d of an aggregate says %+v", i, c)
		}
	}
	for i, c := range m.Rows[11].Cells { // the release failed
		if !c.Missing || c.Value != "failed" {
			t.Errorf("column %d of a failed release says %+v", i, c)
		}
	}
	if m := attackMatrix(marks[10:11], nil); len(m.Columns) != 4 {
		t.Errorf("an aggregate alone has %d columns, want one an attack", len(m.Columns))
	}
	if m := taskMatrix(nil, nil); m != nil {
		t.Errorf("no marks make a table %+v", m)
	}
}

func TestFailedSelfTestIsOnTop(t *testing.T) {
	page := render(t, inputs()["failing"])
	alert := strings.Index(page, `role="alert"`)
	if alert < 0 || alert > strings.Index(page, `id="verdict"`) {
		t.Error("the failed self-test is not above the verdict")
	}
	if !strings.Contains(page, "home-work beats chance") || strings.Contains(page, "Self-tests passed") {
		t.Error("the page does not say what failed")
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir, nil); err == nil || !strings.Contains(err.Error(), "summary.json") {
		t.Fatalf("no summary: error %v, want one naming summary.json", err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("summary.json", `{"schema":"sigcity.summary/9"}`)
	if _, err := Load(dir, nil); err == nil || !strings.Contains(err.Error(), "sigcity.summary/9") {
		t.Fatalf("strange schema: error %v", err)
	}
	write("summary.json", `{"schema":"sigcity.summary/1","verdict":"so it is"}`)
	write("results.jsonl", `{"schema":"sigcity.result/1","key":"k","probe":"release","status":"ok","method":"a"}`+"\n{\"meth")
	in, err := Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Results) != 1 || in.Results[0].Method != "a" || in.Summary.Verdict != "so it is" || in.Example != nil {
		t.Errorf("loaded %+v", in)
	}
	write("results.jsonl", "{}\n{}\n")
	if _, err := Load(dir, nil); err == nil || !strings.Contains(err.Error(), "results.jsonl:1") {
		t.Errorf("bad row: error %v, want one naming line 1", err)
	}
	write("results.jsonl", "")
	write("example.json", "{")
	if _, err := Load(dir, nil); err == nil || !strings.Contains(err.Error(), "example.json") {
		t.Errorf("bad example: error %v", err)
	}
}
