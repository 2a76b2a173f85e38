package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

// presetNames lists the procedural cities for help texts.
func presetNames() string {
	var names []string
	for _, p := range synthcity.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// checkCity wants an extract or a procedural city, and not both.
func checkCity(cfg configs.Generate) error {
	switch {
	case cfg.OSM == "" && cfg.City == "":
		return errors.New("--osm or --city is needed: an OpenStreetMap extract, or a procedural city (" + presetNames() + ")")
	case cfg.OSM != "" && cfg.City != "":
		return fmt.Errorf("--osm %s and --city %s: want one of the two", cfg.OSM, cfg.City)
	case cfg.City != "":
		_, err := synthcity.Find(cfg.City)
		return err
	}
	return nil
}

// loadCity reads the extract, or makes the procedural city, of a configuration.
func (a *app) loadCity(ctx context.Context, cfg configs.Generate) (*network.City, error) {
	opt := network.Options{Name: cityName(cfg), TimeZone: cfg.TimeZone, Seed: cfg.Seed, Cells: cfg.Cells, TestPLMN: cfg.TestPLMN, InventLines: cfg.InventLines, Workers: a.workers, Inhabitants: cfg.Inhabitants}
	if cfg.City == "" {
		return network.Load(ctx, cfg.OSM, opt)
	}
	preset, err := synthcity.Find(cfg.City)
	if err != nil {
		return nil, err
	}
	made, err := synthcity.Make(preset, cfg.Seed)
	if err != nil {
		return nil, err
	}
	opt.Attribution = synthcity.Attribution
	if opt.TimeZone == "" {
		opt.TimeZone = preset.TimeZone
	}
	return network.LoadObjects(ctx, made.Objects(), opt)
}

func (a *app) cityCmd() *cobra.Command {
	var name, out string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "city --preset NAME --out FILE.osm.gz",
		Short: "write a procedural city as OpenStreetMap XML",
		Long: `city makes a procedural city (` + presetNames() + `: about 10 thousand, 100 thousand, 1 million and
4 million inhabitants) and writes it as an OpenStreetMap file, which generate --osm and other tools read. generate --city and
bench --city take the same city without a file. docs/synthcity.md says what is in it and what is assumed.`,
		Example: `  sigcity city --preset small --out small.osm.gz
  sigcity city --preset large --seed 7 --out large.osm.gz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			preset, err := synthcity.Find(name)
			if err != nil {
				return usage(fmt.Errorf("--preset: %w", err))
			}
			if !strings.HasSuffix(out, ".osm.gz") && !strings.HasSuffix(out, ".osm") {
				return usage(fmt.Errorf("--out %q: want a file named *.osm.gz or *.osm", out))
			}
			begin := a.now()
			c, err := synthcity.Make(preset, seed)
			if err != nil {
				return err
			}
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if err := writeCity(out, c); err != nil {
				return badInput(err)
			}
			a.say("%s: %d nodes, %d ways, %d relations (%.1f s)", preset.Name, c.Nodes(), c.Ways(), c.Relations(), a.now().Sub(begin).Seconds())
			fmt.Fprintln(a.stdout, out)
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&name, "preset", "", presetNames())
	fl.Uint64Var(&seed, "seed", configs.DefaultGenerate().Seed, "seed: same seed, same bytes")
	fl.StringVar(&out, "out", "", "file to write: *.osm.gz or *.osm")
	return cmd
}

// writeCity writes the file, packed if its name ends so, as a whole or not at all.
func writeCity(path string, c *synthcity.City) error {
	f, err := dataset.CreateText(path)
	if err != nil {
		return err
	}
	if err := c.WriteXML(f); err != nil {
		f.Abort()
		return err
	}
	return f.Close()
}
