package gen

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
)

func town(t testing.TB) *network.City {
	t.Helper()
	city, err := network.Load(context.Background(), fixture.TownFile(t), network.Options{Name: "town", TimeZone: "Europe/Berlin", Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

func config(persons, days, workers int) Config {
	cfg := DefaultConfig()
	cfg.Population = cfg.Population.WithoutGuests() // they have tests of their own
	cfg.Persons, cfg.Days, cfg.Workers, cfg.Code = persons, days, workers, "test"
	return cfg
}

func generate(t testing.TB, city *network.City, cfg Config) *dataset.Folder {
	t.Helper()
	f, err := Generate(context.Background(), city, cfg, filepath.Join(t.TempDir(), "out"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// hashes of the files of a folder by path; the card and the counts tell the number of days.
func hashes(f *dataset.Folder, keep func(path string) bool) map[string]string {
	out := map[string]string{}
	for _, file := range f.Manifest().Files {
		if keep(file.Path) {
			out[file.Path] = file.SHA256
		}
	}
	return out
}

func all(string) bool { return true }

// ofDays tells the tables that the days after them do not change. The cell list
// has a format of its own; where anchors and moves differ, TestAnchorsOfALongerRun says.
func ofDays(path string) bool {
	return strings.HasSuffix(path, ".parquet") && !strings.HasPrefix(path, "cells") &&
		!strings.HasPrefix(path, dataset.TableAnchors) && !strings.HasPrefix(path, dataset.TableMoves)
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	city := town(t)
	want := generate(t, city, config(300, 2, 1))
	for _, workers := range []int{0, 2, 7} {
		got := generate(t, city, config(300, 2, workers))
		if d := cmp.Diff(hashes(want, all), hashes(got, all)); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
		if d := cmp.Diff(want.Manifest(), got.Manifest()); d != "" {
			t.Errorf("%d workers: manifest %s", workers, d)
		}
	}
	other := config(300, 2, 1)
	other.Seed++
	if got := generate(t, city, other); cmp.Equal(hashes(want, all), hashes(got, all)) {
		t.Error("another seed makes the same data")
	}
}

func TestFirstDaysOfALongerRun(t *testing.T) {
	city := town(t)
	short, long := generate(t, city, config(300, 2, 2)), generate(t, city, config(300, 4, 2))
	first := hashes(short, ofDays)
	got := hashes(long, func(path string) bool { _, ok := first[path]; return ok })
	if d := cmp.Diff(first, got); d != "" {
		t.Error(d)
	}
	if len(first) < 10 {
		t.Errorf("only %d files compared", len(first))
	}
}

func TestResume(t *testing.T) {
	city := town(t)
	cfg := config(16500, 2, 2) // two parts
	cfg.Phone.Bursts, cfg.Phone.Background = 1, 0
	want := generate(t, city, cfg)
	if n := len(want.Manifest().Parts); n != 2 {
		t.Fatalf("%d parts, want 2", n)
	}
	for _, share := range []float64{0.2, 0.7} { // within the first part, within the second
		dir := filepath.Join(t.TempDir(), "out")
		ctx, cancel := context.WithCancel(t.Context())
		f, err := Generate(ctx, city, cfg, dir, func(done, total int64) {
			if float64(done) >= share*float64(total) {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || f != nil {
			t.Fatalf("canceled run: folder %v, error %v", f, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("canceled run left %s: %v", dir, err)
		}
		got, err := Generate(t.Context(), city, cfg, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.Manifest(), got.Manifest()); d != "" {
			t.Errorf("resumed after %.1f: %s", share, d)
		}
	}
}

func TestBadInput(t *testing.T) {
	city := town(t)
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Persons = 0 }, "persons = 0"},
		{func(c *Config) { c.Inhabitants = 5 }, "inhabitants = 5"},
		{func(c *Config) { c.Days = 0 }, "days = 0"},
		{func(c *Config) { c.Start = "2.3.2026" }, "start date"},
		{func(c *Config) { c.TimeZone = "Mars/Olympus" }, "time zone"},
		{func(c *Config) { c.Holidays = []string{"1 May"} }, "holidays"},
		{func(c *Config) { c.Profile = "cooked" }, `profile "cooked": want curated or raw`},
		{func(c *Config) { c.Probe = "ss7" }, `probe "ss7": want core or ran`},
		{func(c *Config) { c.Phone.TAIList = 5 }, "phone.tai_list"},
		{func(c *Config) { c.Population.PreschoolEnrolment = 2 }, "population.preschool_enrolment"},
		{func(c *Config) { c.Life.WalkKmh = 0 }, "life.walk_kmh"},
		{func(c *Config) { c.Life.StoreByIncome = nil }, "life.store_by_income"},
		{func(c *Config) { c.Phone.T3412S = 0 }, "phone.t3412_s"},
		{func(c *Config) { c.Machines.MeterS = 0 }, "machines.meter_s"},
		{func(c *Config) { c.Machines.SMSWake = 1.1 }, "machines.sms_wake"},
		{func(c *Config) { c.Phone.GapMaxS = 1 }, "phone.gap_max_s"},
		{func(c *Config) { c.Purchases.Shop = 1.5 }, "purchases.shop"},
		{func(c *Config) { c.Purchases.Payers.Elder = -1 }, "purchases.payers.elder"},
		{func(c *Config) { c.Outside.Checkins.Coverage.Young = 2 }, "outside.checkins.coverage.young"},
		{func(c *Config) { c.Outside.Checkins.ErrorM = -1 }, "outside.checkins.error_m"},
		{func(c *Config) { c.Outside.Cards.Coverage.Child = 2 }, "outside.transit_cards.coverage.child"},
		{func(c *Config) { c.Outside.Cards.ClockS = math.NaN() }, "outside.transit_cards.clock_s"},
		{func(c *Config) { c.Outside.Contacts.Coverage.Middle = -0.1 }, "outside.contacts.coverage.middle"},
		{func(c *Config) { c.Outside.Contacts.False = 1 }, "outside.contacts.false"},
		{func(c *Config) { c.Outside.Attributes.Stale = 2 }, "outside.attributes.stale"},
	} {
		cfg := config(20, 1, 1)
		c.change(&cfg)
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := Generate(t.Context(), city, cfg, dir, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
		nothingLeft(t, filepath.Dir(dir))
	}
	if _, err := Generate(t.Context(), nil, config(20, 1, 1), t.TempDir(), nil); err == nil {
		t.Error("no city: no error")
	}
	taken := t.TempDir()
	if err := os.WriteFile(filepath.Join(taken, "thesis.tex"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(t.Context(), city, config(20, 1, 1), taken, nil); err == nil {
		t.Error("somebody's folder: no error")
	}
	if b, err := os.ReadFile(filepath.Join(taken, "thesis.tex")); err != nil || string(b) != "mine" {
		t.Errorf("somebody's file: %q, %v", b, err)
	}
}

func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left behind: %s", e.Name())
	}
}

func TestOnePerson(t *testing.T) {
	city := town(t)
	for seed := range uint64(5) {
		cfg := config(1, 2, 1)
		cfg.Seed, cfg.Inhabitants = seed, 1000
		f := generate(t, city, cfg)
		if m := f.Meta(); m.Users < 1 || m.Persons != 1 || m.Inhabitants != 1000 || m.Records == 0 {
			t.Errorf("seed %d: %+v", seed, m)
		}
	}
}

// The cells tell their antennas: sites, azimuths, and sectors off the mast.
func TestCellsTellAntennas(t *testing.T) {
	city := town(t)
	cells, err := generate(t, city, config(20, 1, 1)).Cells()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(city.CellRows(), cells); d != "" {
		t.Errorf("cells differ from the city's: %s", d)
	}
	if c := cells[4]; c.Site != 1 || c.Sector != 1 || c.Antenna == c.Center || c.Azimuth == cells[3].Azimuth {
		t.Errorf("cell 4: site %d, sector %d, antenna %v, centre %v, azimuth %g", c.Site, c.Sector, c.Antenna, c.Center, c.Azimuth)
	}
}

// Phones of stand-alone 5G are on it in a town, with its tracking areas, and no
// others are.
func TestStandAlonePhones(t *testing.T) {
	city := town(t)
	f := generate(t, city, config(400, 1, 1))
	sa := map[sigcity.UserID]bool{}
	for s, err := range dataset.ReadTable[dataset.SIM](t.Context(), f, dataset.TableSIMs) {
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(city.Operators, func(o network.Operator) bool { return o.PLMN() == s.Operator })
		sa[sigcity.UserID(s.User)] = s.Radio == dataset.RadioSA && city.Operators[i].SA
	}
	on, all := 0, 0
	for u, err := range f.Users(t.Context(), sigcity.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range u.Records {
			five := city.Cells[r.Area].Radio == "5G"
			if five && !sa[u.User] {
				t.Fatalf("user %d is on 5G cell %s", u.User, city.Cells[r.Area].CGI)
			}
			if sa[u.User] {
				all++
				if five {
					on++
				}
			}
		}
	}
	if all < 5000 || on < all/2 {
		t.Errorf("%d of %d records of stand-alone phones are in 5G cells, want most", on, all)
	}
}

func TestManifest(t *testing.T) {
	city := town(t)
	f := generate(t, city, config(50, 1, 1))
	m := f.Manifest()
	if m.Models.Radio != "tr38901-best-server" || m.Models.Movement != RoutesModel {
		t.Errorf("models %+v", m.Models)
	}
	for key, want := range map[string]int{"persons": 50, "sims": m.Meta.Users, "cells": len(city.Cells), "sites": len(city.Sites), "places": len(city.Places)} {
		if m.Counts[key] != int64(want) {
			t.Errorf("counts.%s = %d, want %d", key, m.Counts[key], want)
		}
	}
	if m.Counts["events"] == 0 || m.Counts["households"] == 0 || m.Seed == nil || *m.Seed != 1 || m.ConfigSHA256 == "" {
		t.Errorf("manifest lacks something: %+v", m)
	}
	for _, key := range []string{`"persons":50`, `"household_sizes":[`, `"t3412_s":3240`, `"work_start_h":`} {
		if !strings.Contains(string(m.Config), key) && !strings.Contains(strings.ReplaceAll(string(m.Config), ": ", ":"), key) {
			t.Errorf("config in the manifest lacks %s", key)
		}
	}
	if len(m.Warnings) < len(city.Report.Warnings) {
		t.Errorf("%d warnings, the city has %d", len(m.Warnings), len(city.Report.Warnings))
	}
	if err := f.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestProgress(t *testing.T) {
	city := town(t)
	var seen []int64
	total := int64(0)
	_, err := Generate(t.Context(), city, config(50, 3, 2), filepath.Join(t.TempDir(), "out"), func(done, all int64) {
		seen, total = append(seen, done), all
	})
	if err != nil || total != 150 || !slices.IsSorted(seen) || seen[len(seen)-1] != total {
		t.Errorf("progress %v of %d, error %v", seen, total, err)
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "gen")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	osm := filepath.Join(dir, "town.osm")
	if err := os.WriteFile(osm, fixture.TownOSM(), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	city, err := network.Load(ctx, osm, network.Options{Name: "town", TimeZone: "Europe/Berlin", Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := DefaultConfig()
	cfg.Persons, cfg.Days = 100, 1
	f, err := Generate(ctx, city, cfg, filepath.Join(dir, "data"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	m := f.Meta()
	fmt.Println(m.Persons, "persons,", m.Users > 80, m.Records > 1000, f.Manifest().Models.Movement)
	// Output: 100 persons, true true routes
}

// BenchmarkGenerate counts everything: planning, phones, truth and writing.
func BenchmarkGenerate(b *testing.B) {
	city := town(b)
	events := int64(0)
	for b.Loop() {
		events += generate(b, city, config(4000, 1, 1)).Meta().Records
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
