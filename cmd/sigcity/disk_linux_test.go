package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a few KiB; where that is not permitted the
// test is skipped.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small tmpfs needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk: exit code 1, the file and the reason named, nothing left behind.
func TestFullDisk(t *testing.T) {
	data := townData(t)
	csv := filepath.Join(t.TempDir(), "csv")
	ok(t, "export", data, "--out", csv)
	for name, c := range map[string]struct {
		size string
		args func(out string) []string
	}{
		"generate": {"600k", func(out string) []string {
			return []string{"generate", "--osm", townFile(t), "--persons", "800", "--days", "3", "--out", out}
		}},
		"generate, at once": {"4k", func(out string) []string {
			return []string{"generate", "--osm", townFile(t), "--persons", "800", "--days", "3", "--out", out}
		}},
		"bench": {"600k", func(out string) []string {
			return []string{"bench", "quickstart", "--osm", townFile(t), "--persons", "800", "--days", "3", "--out", out}
		}},
		"anonymize":           {"200k", func(out string) []string { return []string{"anonymize", "noise", "--in", data, "--out", out} }},
		"anonymize to tables": {"16k", func(out string) []string { return []string{"anonymize", "dp-counts", "--in", data, "--out", out} }},
		"export":              {"100k", func(out string) []string { return []string{"export", data, "--out", out} }},
		"import": {"200k", func(out string) []string {
			return []string{"import", filepath.Join(csv, "events.csv"), "--areas", filepath.Join(csv, "areas.csv"), "--out", out}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t, c.size)
			bad(t, exitFailed, c.args(filepath.Join(disk, "deep", "out")), "no space left", disk)
			if left := paths(t, disk); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("key", func(t *testing.T) {
		disk := smallDisk(t, "4k")
		out := filepath.Join(t.TempDir(), "release")
		bad(t, exitFailed, []string{"anonymize", "repseudonymize", "--param", "period=1h", "--in", data, "--out", out, "--key-out", filepath.Join(disk, "key.csv")},
			"no space left", "key.csv", "removed")
		if left := append(paths(t, disk), paths(t, filepath.Dir(out))...); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestFullDiskBench: what was done is kept, and the same command goes on when
// there is space, to the rows of an undisturbed run.
func TestFullDiskBench(t *testing.T) {
	grid := write(t, filepath.Join(t.TempDir(), "grid.yaml"), tinyGrid)
	whole := filepath.Join(t.TempDir(), "whole")
	end := run("bench", grid, "--dataset", townData(t), "--out", whole)
	for name, size := range map[string]string{"no room for anything": "4k", "no room for releases": "300k"} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t, size)
			args := []string{"bench", grid, "--dataset", townData(t), "--out", filepath.Join(disk, "out")}
			r := run(args...)
			if r.code != exitFailed {
				t.Errorf("exit code %d, want %d", r.code, exitFailed)
			}
			if !strings.Contains(r.err, "no space left") || !strings.Contains(r.err, disk) {
				t.Errorf("the message names no file, or not the reason:\n%s", r.err)
			}
			for _, p := range paths(t, disk) {
				if strings.Contains(p, ".partial") || strings.Contains(p, ".tmp") {
					t.Errorf("left behind: %s", p)
				}
			}
			if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
				t.Fatal(err)
			}
			if r := run(args...); r.code != end.code {
				t.Fatalf("with space: exit code %d, want %d\n%s", r.code, end.code, r.err)
			}
			sameFigures(t, figures(t, filepath.Join(disk, "out")), figures(t, whole))
		})
	}
}
