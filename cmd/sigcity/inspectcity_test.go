package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestInspectCity: the tables of the made-up town are those of the golden
// file, the same for any number of workers, and --json has the same figures.
func TestInspectCity(t *testing.T) {
	args := []string{"inspect", townFile(t), "--congestion", "--name", "Town", "--time-zone", "Europe/Berlin"}
	got := ok(t, args...).out
	file := filepath.Join("testdata", "inspect-town.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("tables (-want +got, -update rewrites):\n%s", d)
	}
	if again := ok(t, append(args, "--workers", "3")...).out; again != got {
		t.Error("the tables depend on the number of workers")
	}
	var r cityReport
	if err := json.Unmarshal([]byte(ok(t, append(args, "--json")...).out), &r); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.print(&text); err != nil {
		t.Fatal(err)
	}
	if text.String() != got {
		t.Errorf("printed from the JSON:\n%s", cmp.Diff(got, text.String()))
	}
}

// TestInspectMap: a map of a city, of a procedural one and of a data set, as a
// page and as a picture; the same bytes for any number of workers.
func TestInspectMap(t *testing.T) {
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"extract": {townFile(t), "--operator", "999-02", "--congestion"},
		"preset":  {"--city", "small", "--seed", "7"},
		"data":    {townData(t)},
	} {
		page, again, picture := filepath.Join(dir, name+".html"), filepath.Join(dir, name+"-again.html"), filepath.Join(dir, name+".svg")
		ok(t, append([]string{"inspect", "--map", page}, args...)...)
		ok(t, append([]string{"inspect", "--workers", "3", "--map", again}, args...)...)
		ok(t, append([]string{"inspect", "--map", picture}, args...)...)
		var texts []string
		for _, path := range []string{page, again, picture} {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(b))
		}
		if !strings.HasPrefix(texts[0], "<!DOCTYPE html>") || !strings.HasSuffix(texts[0], "</html>\n") || texts[0] != texts[1] {
			t.Errorf("%s: no page, or another one for 3 workers", name)
		}
		if !strings.HasPrefix(texts[2], "<svg") || !strings.HasSuffix(texts[2], "</svg>") {
			t.Errorf("%s: no picture", name)
		}
	}
	if left := paths(t, dir); len(left) != 9 {
		t.Errorf("left in the folder: %v", left)
	}
}

// TestInspectMisuse: what is wrong is said before any work, and nothing is
// written.
func TestInspectMisuse(t *testing.T) {
	town, data, dir := townFile(t), townData(t), t.TempDir()
	other := write(t, filepath.Join(dir, "cells.csv"), "a,b\n")
	target := filepath.Join(dir, "map.html")
	if err := os.Mkdir(filepath.Join(dir, "folder.html"), 0o777); err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(t.TempDir(), "release")
	ok(t, "anonymize", "identity", "--in", data, "--out", release)
	before := paths(t, dir)
	for name, c := range map[string]struct{ args, words []string }{
		"nothing":           {[]string{}, []string{"want a folder", "--city", "small"}},
		"both":              {[]string{town, "--city", "small"}, []string{"one of the two"}},
		"no such preset":    {[]string{"--city", "smal"}, []string{"smal"}},
		"no such file":      {[]string{filepath.Join(dir, "gone.osm.pbf")}, []string{"gone.osm.pbf", "no such file"}},
		"other file":        {[]string{other}, []string{"cells.csv", "*.osm.pbf"}},
		"map of what":       {[]string{town, "--map", filepath.Join(dir, "map.png")}, []string{"map.png", "*.html or *.svg"}},
		"map on a folder":   {[]string{town, "--map", filepath.Join(dir, "folder.html")}, []string{"folder.html", "is a folder"}},
		"map to nowhere":    {[]string{town, "--map", filepath.Join(dir, "gone", "map.html")}, []string{"gone", "no such file"}},
		"no such operator":  {[]string{town, "--map", target, "--operator", "999-77"}, []string{"999-77", "999-03"}},
		"nor of a folder":   {[]string{data, "--map", target, "--operator", "999-77"}, []string{"999-77", "999-03"}},
		"no map":            {[]string{release, "--map", target}, []string{release, "has no map"}},
		"lines of a folder": {[]string{data, "--invent-lines"}, []string{"--invent-lines", "is for a city"}},
		"seed of a folder":  {[]string{data, "--seed", "3"}, []string{"--seed", "is for a city"}},
		"user of a city":    {[]string{town, "--user", "3"}, []string{"--user", "is for a data set"}},
		"cell file":         {[]string{town, "--cells", other}, []string{"cells.csv"}},
	} {
		t.Run(name, func(t *testing.T) { bad(t, exitUsage, append([]string{"inspect"}, c.args...), c.words...) })
	}
	if after := paths(t, dir); cmp.Diff(before, after) != "" {
		t.Errorf("written all the same: %s", cmp.Diff(before, after))
	}
}
