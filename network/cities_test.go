package network

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network/synthcity"
)

// figureCities are what figures are taken of: extracts of real places, and
// procedural cities of the presets named synth-….
var figureCities = []string{
	"delaware-latest.osm.pbf", "andorra-latest.osm.bz2", "neubrandenburg.osm.pbf", "wilmington-de.osm.pbf", "columbus-otp.osm.pbf",
	"lyon-villeurbanne-magnana.osm.gz", "synth-small", "synth-medium", "synth-large",
}

// made keeps the cities of a run of tests by name: they are immutable.
var made sync.Map

// figureCity is a city of figureCities, of seed 1; where its file is absent the
// test is skipped by its name.
func figureCity(t testing.TB, name string) *City {
	t.Helper()
	switch name { // which other tests share
	case "andorra-latest.osm.bz2":
		return andorra(t)
	case "delaware-latest.osm.pbf":
		return delaware(t)
	}
	if c, ok := made.Load(name); ok {
		return c.(*City)
	}
	c := loadFigureCity(t, name, 2)
	made.Store(name, c)
	return c
}

func loadFigureCity(t testing.TB, name string, workers int) *City {
	t.Helper()
	opt := Options{Name: name, Seed: 1, Workers: workers}
	preset, ok := strings.CutPrefix(name, "synth-")
	if !ok {
		return load(t, fixture.SharedFile(t, "osm/"+name), opt)
	}
	x := synthObjects(t, preset)
	opt.TimeZone = x.Preset.TimeZone
	c, err := LoadObjects(context.Background(), x.Objects(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func synthObjects(t testing.TB, preset string) *synthcity.City {
	t.Helper()
	p, err := synthcity.Find(preset)
	if err != nil {
		t.Fatal(err)
	}
	x, err := synthcity.Make(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
