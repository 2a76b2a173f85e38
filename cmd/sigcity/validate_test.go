package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestValidate: the scorecard for people, for programs, and as a page; rows
// that fail are no errors.
func TestValidate(t *testing.T) {
	data, dir := andorra(t), t.TempDir()
	page := filepath.Join(dir, "realism.html")
	r := ok(t, "validate", data, "--html", page)
	for _, want := range []string{"andorra: ", "\nUntouched: ", "\nCalibrated: ", "\nNo verdict: ", "\nNot measured: ", "✓  R04", "needs 90 days"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the scorecard lacks %q:\n%s", want, r.out)
		}
	}
	if !strings.Contains(r.err, "records per second") {
		t.Errorf("on stderr: %s", r.err)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(html), "<figure>"); n < 15 {
		t.Errorf("%d pictures of one day, want at least 15", n)
	}
	var rows []struct {
		ID    string
		Value *float64
		Pass  *bool
	}
	a, b := ok(t, "validate", data, "--json", "--workers", "1"), ok(t, "-q", "validate", data, "--json", "--workers", "3")
	if err := json.Unmarshal([]byte(a.out), &rows); err != nil || len(rows) < 70 {
		t.Fatalf("%d rows, error %v, want 70 and more", len(rows), err)
	}
	if a.out != b.out || b.err != "" {
		t.Errorf("one and three workers differ, or --quiet said %q", b.err)
	}
	if rows[0].ID != "R01" || rows[0].Value == nil || rows[0].Pass == nil {
		t.Errorf("first row %+v, want R01 with value and verdict", rows[0])
	}
}

// TestValidateBadInput: mistakes of the caller's are exit code 2 and leave nothing.
func TestValidateBadInput(t *testing.T) {
	data, dir := andorra(t), t.TempDir()
	broken := filepath.Join(dir, "milan.csv")
	if err := os.WriteFile(broken, []byte("time,internet_traffic,sms_all,call_all\n2013-11-04 00:00:00,1,x,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(dir, "release")
	ok(t, "anonymize", "identity", "--in", data, "--out", release)
	for _, c := range []struct{ args, words []string }{
		{[]string{"validate"}, []string{"want sigcity validate DIR"}},
		{[]string{"validate", filepath.Join(dir, "nowhere")}, []string{"nowhere", "no such file"}},
		{[]string{"validate", release}, []string{"is a release, want a raw data set"}},
		{[]string{"validate", data, "--reference", filepath.Join(dir, "none.csv")}, []string{"none.csv", "no such file"}},
		{[]string{"validate", data, "--reference", broken}, []string{"milan.csv:2", `sms_all "x"`}},
		{[]string{"validate", data, "--html", filepath.Join(dir, "no", "x.html")}, []string{"no such file"}},
	} {
		bad(t, exitUsage, c.args, c.words...)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "x*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
