// Package gen makes the data set: what people do day by day, how they move, and
// what their phones signal, with the ground truth beside it.
//
// A part, a few thousand households and their SIMs, is generated on its own,
// day after day; the state of people and phones runs through midnight, and
// nothing that happens on a day depends on the days after it. The first D days
// of a longer run are therefore byte for byte the run of D days, and so is
// every part whatever the number of workers, and whether one run makes all parts
// or each of several runs its shard of them.
package gen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// Generate writes the data set folder dir; where a released version of the
// program finished the same one there already, it opens that. progress, which may be nil, is told
// how many person-days are done; calls never overlap.
//
// When ctx ends, what was written stays beside dir, and the same call resumes
// it; after any other error it is removed.
func Generate(ctx context.Context, city *network.City, cfg Config, dir string, progress func(done, total int64)) (*dataset.Folder, error) {
	if _, err := build(ctx, city, cfg, dir, nil, progress); err != nil {
		return nil, err
	}
	return dataset.Open(dir)
}

// GenerateShard is Generate of one shard of the data set dir, in a folder of its
// own beside it, for dataset.Merge; it returns what the folder says of itself.
func GenerateShard(ctx context.Context, city *network.City, cfg Config, dir string, shard dataset.Shard, progress func(done, total int64)) (*dataset.Manifest, error) {
	if err := shard.Validate(); err != nil {
		return nil, err
	}
	return build(ctx, city, cfg, dir, &shard, progress)
}

func build(ctx context.Context, city *network.City, cfg Config, dir string, shard *dataset.Shard, progress func(done, total int64)) (*dataset.Manifest, error) {
	if city == nil {
		return nil, errors.New("no city to generate people in")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Say == nil {
		cfg.Say = func(string, ...any) {}
	}
	if cfg.TimeZone == "" {
		cfg.TimeZone = city.TimeZone
	}
	drivers := cfg.Inhabitants // whose cars fill the roads
	if cfg.Inhabitants == 0 {
		cfg.Inhabitants = cfg.Persons
		drivers = max(int(city.Report.Counts["inhabitants"]), cfg.Persons)
	}
	if cfg.Holidays == nil {
		cfg.Holidays = []string{} // [] in the manifest, as in the default
	}
	pop, err := population.Build(ctx, city, cfg.Population, cfg.Persons, cfg.Inhabitants, cfg.Seed, cfg.Workers)
	if err != nil {
		return nil, err
	}
	cfg.Say("%d persons in %d households with %d SIMs, in %d parts", len(pop.Persons), len(pop.Households), len(pop.SIMs), len(pop.Parts))
	m, err := manifest(city, pop, cfg)
	if err != nil {
		return nil, err
	}
	final := dir
	if shard != nil {
		m.Shard, final = shard, shard.Dir(dir)
	}
	if old := finished(ctx, final, m); old != nil {
		return old, nil
	}
	cal, err := m.Meta.Calendar()
	if err != nil {
		return nil, err
	}
	imsi := func(u sigcity.UserID) int64 { return pop.SIMs[u].IMSI }
	w, err := dataset.Create(dir, m, imsi, cfg.Workers)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(done, total int64) {}
	}
	g := &generator{ctx: ctx, cfg: &cfg, city: city, pop: pop, cal: cal, out: w, drivers: drivers, progress: progress}
	err = g.run()
	switch {
	case err == nil:
		return dataset.ReadManifest(filepath.Join(final, dataset.ManifestName))
	case ctx.Err() != nil:
		return nil, errors.Join(err, w.Keep())
	}
	return nil, errors.Join(err, w.Abort())
}

// finished is the data set or shard in dir if it is the one that m begins, and sound.
func finished(ctx context.Context, dir string, m dataset.Manifest) *dataset.Manifest {
	if !dataset.OneState(m.Code) {
		return nil
	}
	old, err := dataset.Verify(ctx, dir)
	if err != nil {
		return nil // none, or a damaged one: it is made anew
	}
	if old.ConfigSHA256 != m.ConfigSHA256 || old.Code != m.Code || (old.Shard == nil) != (m.Shard == nil) {
		return nil
	}
	return old
}

func manifest(city *network.City, pop *population.Population, cfg Config) (dataset.Manifest, error) {
	config, err := json.Marshal(struct {
		City string `json:"city"`
		Config
		// Two cities of one name are two configurations.
		Map string `json:"map_sha256"`
	}{city.Name, cfg, fingerprint(city)})
	if err != nil {
		return dataset.Manifest{}, fmt.Errorf("configuration: %w", err)
	}
	sum := sha256.Sum256(config)
	warnings := append(append([]string{}, city.Report.Warnings...), pop.Warnings...)
	if MovementModel(city) == StraightModel {
		warnings = append(warnings, "roads: the map has none that hang together; all trips are straight lines")
	}
	if last := cfg.Population.ChurnHorizonDays; cfg.Days > last && cfg.Population.ChurnPerMonth+cfg.Population.SwapPerMonth > 0 {
		warnings = append(warnings, fmt.Sprintf("population.churn_horizon_days = %d: no SIM is changed on the last %d days", last, cfg.Days-last))
	}
	return dataset.Manifest{
		Meta: sigcity.Meta{Name: city.Name, Users: len(pop.SIMs), Records: -1, TimeZone: cfg.TimeZone, Start: cfg.Start, Days: cfg.Days,
			Holidays: cfg.Holidays, Persons: cfg.Persons, Inhabitants: cfg.Inhabitants},
		Config: config, ConfigSHA256: hex.EncodeToString(sum[:]), Seed: &cfg.Seed, Code: cfg.Code,
		Models:      dataset.Models{Radio: network.RadioModel, Movement: MovementModel(city)},
		Warnings:    warnings,
		Attribution: city.Map().Attribution,
		Parts:       pop.Parts,
	}, nil
}

// fingerprint tells cities apart that differ in what people and phones live on.
func fingerprint(city *network.City) string {
	h := sha256.New()
	for _, b := range city.Buildings {
		fmt.Fprintln(h, b.Pos, b.Dwellings, b.Jobs, b.Use, b.Community)
	}
	for _, p := range city.Places {
		fmt.Fprintln(h, p.Category, p.Pos, p.Capacity, p.Jobs)
	}
	g := city.Graph()
	for e := range g.Edges() {
		for _, l := range []network.Link{network.Link(2 * e), network.Link(2*e + 1)} {
			from, to := g.Ends(l)
			fmt.Fprintln(h, g.Pos[from], g.Pos[to], g.Length(l), g.FreeSpeed(l), g.Capacity(l), g.Open(l, network.Car), g.Open(l, network.Bike), g.Open(l, network.Walk))
		}
	}
	for i := range city.Lines {
		l := &city.Lines[i]
		fmt.Fprintln(h, l.Mode, l.Stops, l.Calls, l.Ride, l.Headway, l.Shape, l.Media)
	}
	for _, c := range city.Cells {
		fmt.Fprintln(h, c.CGI, c.Center, c.Azimuth, c.RangeM, c.TAC)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// generator writes one data set.
type generator struct {
	ctx  context.Context
	cfg  *Config
	city *network.City
	pop  *population.Population
	cal  *sigcity.Calendar
	out  *dataset.Writer

	timeline *population.Timeline // who moves home, changes jobs or schools

	drivers int // inhabitants whose cars fill the roads
	roads   *roads
	callers *callers
	absent  *absences
	distant [][]sigcity.AreaID // per site: where its phones may drift to
	tracks  *tracks
	faults  *faults // nil = none

	progress    func(done, total int64)
	done, total int64
}

// survey works out where phones may drift to, what goes wrong, and, where nothing
// does, what phones see on their ways.
func (g *generator) survey() error {
	m := newMasts(g.city)
	g.distant = m.distant(g.cfg.Seed)
	if g.cfg.Phone.Drifts == 0 {
		clear(g.distant)
	}
	g.tracks = newTracks(g.city)
	if g.cfg.Faults.Enabled {
		g.faults = newFaults(g, m)
		return nil
	}
	return g.tracks.explore(g.ctx, g.city, &g.cfg.Phone, g.cfg.Workers)
}

// cells writes the cell list, and what of it changes; it returns its length.
func (g *generator) cells() (int, error) {
	if g.faults == nil {
		return len(g.city.Cells), g.out.Cells(g.city.CellRows())
	}
	if err := g.out.Cells(g.faults.rows); err != nil {
		return 0, err
	}
	return len(g.faults.rows), dataset.WriteTable(g.out, dataset.TableCellChanges, dataset.Whole, g.faults.changes)
}

func (g *generator) run() error {
	var parts []int
	for part := range g.pop.Parts {
		if g.out.Wants(part) {
			parts = append(parts, part)
			g.total += g.members(part) * int64(g.cal.Days())
		}
	}
	if len(parts) == 0 && !g.out.Wants(-1) {
		return g.out.Close(nil) // more shards than parts
	}
	if err := g.prepare(); err != nil {
		return err
	}
	var counts map[string]int64
	if g.out.Wants(-1) {
		var err error
		if counts, err = g.common(); err != nil {
			return err
		}
	}
	g.progress(0, g.total)
	for _, part := range parts {
		if err := g.part(part); err != nil {
			return err
		}
	}
	return g.out.Close(counts)
}

// prepare makes what all parts live on.
func (g *generator) prepare() (err error) {
	if err := g.survey(); err != nil {
		return err
	}
	if g.roads, err = g.congested(); err != nil {
		return err
	}
	if g.timeline, err = g.pop.Timeline(g.ctx, g.cal, g.cfg.Population.Register.LagDays, g.cfg.Workers); err != nil {
		return err
	}
	g.absent = newAbsences(g.pop, &g.cfg.Life, g.cal, g.cfg.Holidays)
	g.callers, err = newCallers(g)
	return err
}

// common writes the files that belong to no part, and counts.
func (g *generator) common() (map[string]int64, error) {
	cells, err := g.cells()
	if err != nil {
		return nil, err
	}
	if err := g.out.Map(g.city.Map()); err != nil {
		return nil, err
	}
	if err := g.roads.write(g.out, g.city); err != nil {
		return nil, err
	}
	known, err := g.sources()
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{
		"sims": int64(len(g.pop.SIMs)), "persons": int64(g.pop.Residents), "households": int64(g.pop.Homes), "guests": int64(len(g.pop.Persons) - g.pop.Residents),
		"buildings": int64(len(g.city.Buildings)), "places": int64(len(g.city.Places)), "communities": int64(len(g.city.Communities)),
		"sites": int64(len(g.city.Sites)), "cells": int64(cells),
		"homes_off_road": g.roads.cutOff(g.pop),
	}
	counts["phone_sims"], counts["iot_sims"], counts["sim_changes"] = g.simCounts()
	maps.Copy(counts, known)
	for k, v := range g.city.Report.Counts {
		if _, taken := counts[k]; !taken {
			counts[k] = v
		}
	}
	return counts, nil
}
