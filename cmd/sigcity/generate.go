package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/gen"
	"github.com/sigcity/sigcity/population"
)

// generateFlags are the flags that set keys of configs.Generate, by flag name.
var generateFlags = map[string]string{
	"osm": "osm", "city": "city", "cells": "cells", "cells-test-plmn": "cells_test_plmn", "invent-lines": "invent_lines", "name": "name", "persons": "persons", "inhabitants": "inhabitants", "days": "days", "seed": "seed",
	"start": "start", "time-zone": "time_zone", "profile": "profile", "probe": "probe", "people": "population.city", "faults": "faults.enabled",
}

func addGenerateFlags(fl *pflag.FlagSet) {
	d := configs.DefaultGenerate()
	fl.String("osm", "", "OpenStreetMap extract: .osm.pbf, .osm, .osm.gz or .osm.bz2")
	fl.String("city", "", "procedural city instead of an extract: "+presetNames())
	fl.String("cells", "", "cell file: sites and cells of an OpenCelliD CSV, or a list of sites (default: laid out by demand)")
	fl.Bool("cells-test-plmn", false, "name the cells of --cells by test networks, not by the real ones")
	fl.Bool("invent-lines", false, "lay out bus lines where the map has none (marked as invented)")
	fl.String("name", "", "name of the city (default: the file's or the preset's)")
	fl.Int("persons", d.Persons, "persons to simulate")
	fl.Int("inhabitants", d.Inhabitants, "inhabitants that they stand for (0 = as many)")
	fl.Int("days", d.Days, "days")
	fl.Uint64("seed", d.Seed, "seed: same seed, same bytes")
	fl.String("start", d.Start, "first local date, YYYY-MM-DD")
	fl.String("time-zone", "", "IANA name (default: guessed from the longitude; Asia/Shanghai with --city)")
	fl.String("people", d.Population.City, "make-up of the people: "+strings.Join(population.Presets(), ", "))
	fl.String("profile", d.Profile, "volume of the feed: curated, about 100 records per phone and day, or raw, 300 to 500")
	fl.String("probe", d.Probe, "where signaling is recorded: core (S1-MME, N2), or ran, which sees handovers within an eNB too")
	fl.Bool("faults", d.Faults.Enabled, "feed faults, flagged in the truth: duplicates, late rows, probe gaps, site outages, unknown and changing cells")
}

// setFlags collects the flags that the user gave, by configuration key.
func setFlags(fl *pflag.FlagSet, names map[string]string, prefix string) map[string]any {
	out := map[string]any{}
	fl.Visit(func(f *pflag.Flag) {
		if key, ok := names[f.Name]; ok {
			out[prefix+key] = f.Value.String()
		}
	})
	return out
}

func (a *app) generateCmd() *cobra.Command {
	var config, out string
	cmd := &cobra.Command{
		Use:   "generate --osm FILE|--city PRESET --out DIR",
		Short: "make synthetic signaling data of a city",
		Long: `generate reads an OpenStreetMap extract, or makes a procedural city, settles people in it, lets them live their days, and
writes what their phones signal, with the ground truth kept apart. docs/format.md describes the folder.
A run that was stopped goes on where it was when the same command is given again.`,
		Example: `  sigcity generate --osm andorra-latest.osm.bz2 --persons 2000 --days 7 --out data
  sigcity generate --osm delaware.osm.pbf --persons 10000 --inhabitants 950000 --days 2 --seed 7 --out data
  sigcity generate --osm neubrandenburg.osm.pbf --cells 262.csv.gz --persons 2000 --out data
  sigcity generate --city small --persons 1000 --days 2 --out data
  sigcity generate --city small --persons 1000 --days 2 --faults --out data
  sigcity generate --config city.yaml --out data      keys: sigcity config show generate`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := loadConfig(configs.DefaultGenerate(), config, setFlags(cmd.Flags(), generateFlags, ""))
			if err != nil {
				return err
			}
			if out == "" {
				return usage(errors.New("--out is needed: the folder to write to"))
			}
			a.resumes = true
			f, err := a.generate(cmd.Context(), cfg, out)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, f.Dir())
			return nil
		},
	}
	addGenerateFlags(cmd.Flags())
	cmd.Flags().StringVar(&config, "config", "", "YAML file with any of the keys of sigcity config show generate")
	cmd.Flags().StringVar(&out, "out", "", "folder of the data set")
	return cmd
}

// loadConfig reads the file, if one is named, below the flags.
func loadConfig[T any](defaults T, file string, flags map[string]any) (T, []configs.Setting, error) {
	src := configs.Source{Name: "configuration"}
	if file != "" {
		var err error
		if src, err = configs.Find(file); err != nil {
			return defaults, nil, err
		}
	}
	return configs.Load(defaults, src, flags)
}

// generate makes the data set in out, or opens it where it is finished already
// with the same configuration.
func (a *app) generate(ctx context.Context, cfg configs.Generate, out string) (*dataset.Folder, error) {
	if err := checkCity(cfg); err != nil {
		return nil, usage(err)
	}
	if err := cfg.Validate(); err != nil {
		return nil, usage(err)
	}
	if err := checkOut(out, false); err != nil {
		return nil, err
	}
	begin := a.now()
	city, err := a.loadCity(ctx, cfg)
	if err != nil {
		return nil, badInput(err)
	}
	a.say("%s: %d buildings, %d places, %d sites, %d cells (%.1f s)", city.Name, len(city.Buildings), len(city.Places),
		len(city.Sites), len(city.Cells), a.now().Sub(begin).Seconds())
	cfg.Workers, cfg.Code = a.workers, codeVersion()
	bar := a.progress("generating")
	f, err := gen.Generate(ctx, city, cfg.Config, out, bar.Set)
	took := bar.Stop()
	if err != nil {
		return nil, badInput(err)
	}
	for _, w := range f.Manifest().Warnings {
		a.say("note: %s", w)
	}
	n := f.Manifest().Counts
	a.say("%d records of %d SIMs over %d days in %s (%.1f s)", f.Meta().Records, n["phone_sims"]+n["iot_sims"]+n["sim_changes"], f.Meta().Days, out, took.Seconds())
	return f, nil
}

// checkOut says, before any work, what is wrong with a folder to write to. A
// data set takes no release's place, nor a release a data set's.
func checkOut(dir string, release bool) error {
	if err := dataset.CheckOutput(dir); err != nil {
		return badInput(fmt.Errorf("--out: %w", err))
	}
	m, err := dataset.ReadManifest(filepath.Join(dir, dataset.ManifestName))
	switch {
	case err != nil: // an empty folder or none: CheckOutput has looked
	case release && m.Release == nil:
		return usage(fmt.Errorf("--out %s: holds a data set, which a release must not replace; choose another folder", dir))
	case !release && m.Release != nil:
		return usage(fmt.Errorf("--out %s: holds a release, which a data set must not replace; choose another folder", dir))
	}
	return nil
}

func cityName(cfg configs.Generate) string {
	if cfg.Name != "" {
		return cfg.Name
	}
	if cfg.City != "" {
		return cfg.City
	}
	name := filepath.Base(cfg.OSM)
	for _, ext := range []string{".gz", ".bz2", ".pbf", ".osm", ".xml"} {
		name = strings.TrimSuffix(name, ext)
	}
	return strings.TrimSuffix(name, "-latest")
}
