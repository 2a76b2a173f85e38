package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// The flags of a day stand beside the records that they are about, also where
// the table begins in the middle of the day.
func TestInspectFlags(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	ok(t, "generate", "--osm", townFile(t), "--time-zone", "Europe/Berlin", "--persons", "60", "--days", "1", "--faults", "--out", data)
	f, err := dataset.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for u := range sigcity.UserID(f.Meta().Users) {
		flags, err := dataset.FlagsOf(t.Context(), f, u, 0)
		if err != nil {
			t.Fatal(err)
		}
		of := map[uint32]string{}
		for _, x := range flags {
			word := x.Flag
			if x.Flag == dataset.FlagLate {
				word = fmt.Sprintf("late by %d s", x.DelayS)
			}
			if of[x.Record] != "" {
				word = ", " + word
			}
			of[x.Record] += word
			shown[x.Flag] = true
		}
		lines := strings.Split(strings.TrimSpace(ok(t, "inspect", data, "--user", fmt.Sprint(u)).out), "\n")
		from, to := strings.Index(lines[0], "flags"), strings.Index(lines[0], "truth")
		for i, line := range lines[1:] {
			if got := strings.TrimSpace(line[from:to]); got != of[uint32(i)] {
				t.Errorf("user %d, record %d: flags %q, want %q", u, i, got, of[uint32(i)])
			}
		}
		late := strings.Split(strings.TrimSpace(ok(t, "inspect", data, "--user", fmt.Sprint(u), "--from", "12:00").out), "\n")
		if n := len(late) - 1; n > 0 {
			want := lines[len(lines)-n:]
			for i, line := range late[1:] {
				if strings.Join(strings.Fields(line), " ") != strings.Join(strings.Fields(want[i]), " ") {
					t.Errorf("user %d from 12:00: %q, want %q", u, line, want[i])
				}
			}
		}
	}
	for _, name := range []string{dataset.FlagPingPong, dataset.FlagDuplicate, dataset.FlagLate} {
		if !shown[name] {
			t.Errorf("no %s to show", name)
		}
	}
}
