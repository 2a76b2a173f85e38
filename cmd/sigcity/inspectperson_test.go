package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInspectPerson: somebody found by conditions has a day and a week, as text
// and as pictures, the same each time.
func TestInspectPerson(t *testing.T) {
	data, dir := townData(t), t.TempDir()
	lines := strings.Split(strings.TrimSpace(ok(t, "inspect", data, "--find", "employment=employed,visit=work", "--find", "age=18-99").out), "\n")
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "user ") {
		t.Fatalf("nobody is found: %q", lines)
	}
	user := strings.Fields(lines[1])[0]
	day := strings.Split(ok(t, "inspect", data, "--user", user).out, "\n")
	if records := strings.Fields(lines[1])[1]; len(day) < 3 || records == "0" {
		t.Errorf("%s records, %d lines of the day", records, len(day))
	}
	week := ok(t, "inspect", data, "--user", user, "--days", "7").out
	if !strings.Contains(week, "WWWW") || !strings.Contains(week, "\n1  999-") {
		t.Errorf("no work, or no cells:\n%s", week)
	}
	for name, args := range map[string][]string{"day": {}, "week": {"--days", "2"}} {
		for _, ext := range []string{".svg", ".html"} {
			path, again := filepath.Join(dir, name+ext), filepath.Join(dir, name+"-again"+ext)
			text := ok(t, append([]string{"inspect", data, "--user", user, "--map", path}, args...)...).out
			if text != ok(t, append([]string{"inspect", data, "--user", user, "--workers", "3", "--map", again}, args...)...).out {
				t.Errorf("%s: another text for 3 workers", name)
			}
			a, errA := os.ReadFile(path)
			b, errB := os.ReadFile(again)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if string(a) != string(b) || len(a) > 150_000 || !strings.Contains(string(a), "<svg") {
				t.Errorf("%s%s: %d bytes and %d bytes, want the same picture of at most 150,000", name, ext, len(a), len(b))
			}
		}
	}
	if left := paths(t, dir); len(left) != 8 {
		t.Errorf("left in the folder: %v", left)
	}
}

// TestInspectPersonMisuse: what is wrong is said, and nothing is written.
func TestInspectPersonMisuse(t *testing.T) {
	data, dir := townData(t), t.TempDir()
	target := filepath.Join(dir, "day.svg")
	release := filepath.Join(t.TempDir(), "release")
	ok(t, "anonymize", "identity", "--in", data, "--out", release)
	for name, c := range map[string]struct{ args, words []string }{
		"no such user":      {[]string{data, "--user", "99999", "--map", target}, []string{"--user = 99999", "must be from 0"}},
		"no such day":       {[]string{data, "--user", "0", "--day", "2031-01-01", "--map", target}, []string{"2031-01-01", "2026-03-02"}},
		"no such find day":  {[]string{data, "--find", "sex=male", "--day", "yesterday"}, []string{"yesterday", "2026-03-02"}},
		"no such key":       {[]string{data, "--find", "hair=red"}, []string{"--find", "hair", "preschool_child"}},
		"no such value":     {[]string{data, "--find", "sex=woman"}, []string{"sex=woman", "female, male"}},
		"no days":           {[]string{data, "--user", "0", "--days", "0"}, []string{"--days = 0", "at least 1"}},
		"rows of days":      {[]string{data, "--user", "0", "--days", "2", "--rows", "3"}, []string{"--rows", "one day"}},
		"negative rows":     {[]string{data, "--user", "0", "--rows", "-3"}, []string{"--rows = -3", "at least 0"}},
		"days of nobody":    {[]string{data, "--days", "2"}, []string{"--days", "--user"}},
		"day of nobody":     {[]string{data, "--day", "2026-03-02"}, []string{"--day", "--user or --find"}},
		"two at once":       {[]string{data, "--user", "0", "--find", "sex=male"}, []string{"one of the two"}},
		"map of many":       {[]string{data, "--find", "sex=male", "--map", target}, []string{"--map", "--find"}},
		"find in a release": {[]string{release, "--find", "sex=male"}, []string{"--find", release, "ground truth"}},
		"day of a release":  {[]string{release, "--user", "0", "--map", target}, []string{"--map", release, "ground truth"}},
		"find in a city":    {[]string{"--city", "small", "--find", "sex=male"}, []string{"--find", "is for a data set"}},
	} {
		t.Run(name, func(t *testing.T) { bad(t, exitUsage, append([]string{"inspect"}, c.args...), c.words...) })
	}
	if left := paths(t, dir); cmp.Diff([]string(nil), left) != "" {
		t.Errorf("written all the same: %v", left)
	}
}
