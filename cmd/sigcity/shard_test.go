package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestShards: shards made by processes of their own at the same time, one of
// them killed and taken up again, are merged into the bytes of one run; and so
// they are when the merge is told of folders that were copied together.
func TestShards(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	dir := t.TempDir()
	args := func(out string, more ...string) []string {
		return append([]string{"generate", "--osm", townFile(t), "--persons", "16500", "--days", "2", "--seed", "11", "--out", out}, more...)
	}
	whole := filepath.Join(dir, "whole")
	finish(t, []int{exitOK}, args(whole)...)
	want := tree(t, whole)

	out := filepath.Join(dir, "out")
	half := out + ".shard-1-of-3.partial"
	stop(t, os.Kill, func() bool { return count(filepath.Join(half, "events"), ".parquet") >= 1 }, args(out, "--shard", "1/3")...)
	kept := tree(t, half)
	bad(t, exitUsage, []string{"merge", out}, "no finished shard")
	var runs [3]*exec.Cmd
	var stdout, stderr [3]bytes.Buffer
	for i := range runs {
		runs[i] = exec.Command(program(t), args(out, "--shard", fmt.Sprintf("%d/3", i))...)
		runs[i].Stdout, runs[i].Stderr = &stdout[i], &stderr[i]
		if err := runs[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	said := ""
	for i := range runs {
		if err := runs[i].Wait(); err != nil || stdout[i].String() != fmt.Sprintf("%s.shard-%d-of-3\n", out, i) {
			t.Errorf("shard %d: %v, stdout %q\n%s", i, err, &stdout[i], &stderr[i])
		}
		said += stderr[i].String()
	}
	if !strings.Contains(said, "shard 2/3: 0 of 2 parts") || !strings.Contains(said, "this one has none") || !strings.Contains(said, "  sigcity merge "+out+"\n") {
		t.Errorf("shards of two parts say:\n%s", said)
	}
	resumed := 0
	for path, sum := range tree(t, out+".shard-1-of-3") {
		if kept[path] == sum {
			resumed++
		}
	}
	if resumed < 5 {
		t.Errorf("%d of %d files were there before: nothing to resume from", resumed, len(kept))
	}
	bad(t, exitUsage, []string{"inspect", out + ".shard-0-of-3"}, "shard 0/3 of a data set", "sigcity merge "+out)

	elsewhere := filepath.Join(dir, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o777); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(elsewhere, "out")
	merge := []string{"merge", copied, "--keep"}
	for i := range 3 {
		merge = append(merge, fmt.Sprintf("%s.shard-%d-of-3", out, i))
	}
	if r := ok(t, merge...); r.out != copied+"\n" {
		t.Errorf("stdout %q", r.out)
	}
	if got := tree(t, copied); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("merged by name: other bytes than of one run")
	}
	bad(t, exitUsage, []string{"merge", filepath.Join(dir, "x"), out + ".shard-0-of-3", out + ".shard-2-of-3"}, "2 of 3 shards", "missing: 1/3")
	ok(t, "merge", out)
	if got := tree(t, out); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("merged: other bytes than of one run")
	}
	ok(t, "merge", out) // it is done
	ok(t, "inspect", out, "--verify")
	if left, err := filepath.Glob(out + "*"); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestBadShardFlags(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for _, s := range []string{"4/4", "x/3", "-1/2", "0/0", "3", "", "1/3/5", "0/99999999"} {
		bad(t, exitUsage, []string{"generate", "--osm", townFile(t), "--persons", "100", "--out", out, "--shard=" + s}, "--shard: shard")
	}
	bad(t, exitUsage, []string{"merge"}, "want sigcity merge DIR [SHARD...]")
	bad(t, exitUsage, []string{"merge", out, out + ".shard-0-of-2"}, "not a finished shard")
	release := filepath.Join(t.TempDir(), "release")
	ok(t, "anonymize", "identity", "--in", townData(t), "--out", release)
	bad(t, exitUsage, []string{"merge", release}, "holds a release")
}

// The pace is that of late, and says nothing before there is one.
func TestPace(t *testing.T) {
	begin := time.Unix(1e9, 0)
	var p pace
	if got := p.text("rows", 100); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	for i, c := range []struct {
		ms, done int64
		want     string
	}{
		{0, 0, ""}, {500, 400, ""}, {1000, 500, ", 500 rows/s, 19s left"}, // 9500 to go
		{2000, 5000, ", 2500 rows/s, 2s left"},   // an earlier run's
		{30_000, 5028, ", 168 rows/s, 30s left"}, // still in the window
	} {
		p.add(begin.Add(time.Duration(c.ms)*time.Millisecond), c.done)
		if got := p.text("rows", 10_000); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
	for i := range int64(20) { // two a second for 20 s: what was before is forgotten
		p.add(begin.Add(time.Duration(31+i)*time.Second), 5030+2*i)
	}
	if got, want := p.text("rows", 10_000), ", 2.0 rows/s, 41m6s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
