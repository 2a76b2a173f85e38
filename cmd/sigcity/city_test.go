package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network/synthcity"
	"github.com/sigcity/sigcity/population"
)

// TestCity: the file of a procedural city is the same for the same seed, and
// generate takes it.
func TestCity(t *testing.T) {
	dir := t.TempDir()
	one, two, other := filepath.Join(dir, "one.osm.gz"), filepath.Join(dir, "two.osm.gz"), filepath.Join(dir, "other.osm")
	if r := ok(t, "city", "--preset", "small", "--seed", "3", "--out", one); strings.TrimSpace(r.out) != one || !strings.Contains(r.err, "nodes") {
		t.Errorf("stdout %q, stderr %q", r.out, r.err)
	}
	ok(t, "city", "--preset", "small", "--seed", "3", "--out", two, "--workers", "7")
	ok(t, "city", "--preset", "small", "--seed", "4", "--out", other)
	var files [][]byte
	for _, path := range []string{one, two, other} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same preset and seed give other bytes")
	}
	if !bytes.HasPrefix(files[0], []byte{0x1f, 0x8b}) || !bytes.Contains(files[2], []byte("<osm version=\"0.6\"")) {
		t.Error("*.osm.gz is not gzip, or *.osm not XML")
	}
	ok(t, "generate", "--osm", one, "--seed", "3", "--time-zone", "Asia/Shanghai", "--persons", "100", "--days", "1", "--out", filepath.Join(dir, "file"))
}

// TestGenerateCity: a thousand persons live two days in the small city.
func TestGenerateCity(t *testing.T) {
	out := filepath.Join(t.TempDir(), "data")
	ok(t, "generate", "--city", "small", "--persons", "1000", "--days", "2", "--out", out)
	f, err := dataset.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	m := f.Manifest()
	if m.Meta.TimeZone != "Asia/Shanghai" || m.Meta.Persons != 1000 || m.Meta.Name != "small" || m.Attribution != synthcity.Attribution {
		t.Errorf("time zone %s, %d persons of %s, map by %q", m.Meta.TimeZone, m.Meta.Persons, m.Meta.Name, m.Attribution)
	}
	for _, c := range []dataset.Category{dataset.Kindergarten, dataset.University, dataset.DepartmentStore, dataset.Station, dataset.Airport} {
		if m.Counts["places_"+string(c)] == 0 || m.Counts["places_estimated_"+string(c)] > 0 {
			t.Errorf("%s: %d, %d of them estimated", c, m.Counts["places_"+string(c)], m.Counts["places_estimated_"+string(c)])
		}
	}
}

// TestGenerateProfile: the manifest of a data set tells whose people they are.
func TestGenerateProfile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "data")
	ok(t, "generate", "--city", "small", "--people", "car-city", "--persons", "300", "--days", "1", "--out", out)
	f, err := dataset.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Population population.Config }
	if err := json.Unmarshal(f.Manifest().Config, &got); err != nil {
		t.Fatal(err)
	}
	want, err := population.Preset("car-city")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Population, want) {
		t.Errorf("the manifest has %+v\nwant %+v", got.Population, want)
	}
	ties := 0
	for tie, err := range dataset.ReadTable[dataset.SocialTie](t.Context(), f, dataset.TableSocial) {
		if err != nil {
			t.Fatal(err)
		}
		if tie.Person >= tie.Peer || tie.Peer >= 300 || !(tie.Weight > 0) {
			t.Fatalf("tie %+v", tie)
		}
		ties++
	}
	if ties < 300 {
		t.Errorf("%d ties of 300 persons", ties)
	}
}

func TestBadCity(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"generate", "--city", "huge"}, []string{`"huge"`, "small, medium, large, fuzhou-like"}},
		{[]string{"generate", "--city", "small", "--osm", "x.osm"}, []string{"--osm x.osm", "--city small", "one of the two"}},
		{[]string{"generate"}, []string{"--osm", "--city"}},
		{[]string{"generate", "--city", "small", "--people", "metropolis"}, []string{"flag", `population.city = "metropolis"`, "metro, car-city, fuzhou-like"}},
		{[]string{"bench", "quickstart", "--city", "huge"}, []string{`"huge"`}},
		{[]string{"city"}, []string{"--preset"}},
		{[]string{"city", "--preset", "smal"}, []string{"--preset", `"smal"`, "small"}},
		{[]string{"city", "--preset", "small"}, []string{"--out", "*.osm.gz"}},
	} {
		leavesNothing(t, exitUsage, func(out string) []string { return append(c.args, "--out", out) }, c.words...)
	}
}
