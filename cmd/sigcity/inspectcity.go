package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/network"
)

// cityFlags are the flags of inspect that say what city is meant and what is
// shown of it.
type cityFlags struct {
	preset, cells, name, timeZone, operator, picture string
	inhabitants                                      int
	seed                                             uint64
	testPLMN, congestion, inventLines                bool
}

func (f *cityFlags) add(fl *pflag.FlagSet) {
	d := configs.DefaultGenerate()
	fl.StringVar(&f.preset, "city", "", "procedural city: "+presetNames())
	fl.StringVar(&f.cells, "cells", "", "of a city: cell file, as generate takes it")
	fl.BoolVar(&f.testPLMN, "cells-test-plmn", false, "of a city: name the cells of --cells by test networks")
	fl.BoolVar(&f.inventLines, "invent-lines", false, "of a city: lay out bus lines where the map has none")
	fl.IntVar(&f.inhabitants, "inhabitants", d.Inhabitants, "of a city: inhabitants (0 = from the dwellings)")
	fl.Uint64Var(&f.seed, "seed", d.Seed, "of a city: seed")
	fl.StringVar(&f.name, "name", "", "of a city: its name (default: the file's or the preset's)")
	fl.StringVar(&f.timeZone, "time-zone", "", "of a city: IANA name")
	fl.BoolVar(&f.congestion, "congestion", false, "of a city: how slow arterial roads are, by hour")
	fl.StringVar(&f.picture, "map", "", "write a map: *.html (layers, tooltips, zoom) or *.svg; with --user of the day, or the days")
	fl.StringVar(&f.operator, "operator", "", "of a map: whose best-server areas are drawn (default: who has most cells)")
}

// ofCity are the flags that only a city takes.
var ofCity = []string{"cells", "cells-test-plmn", "invent-lines", "inhabitants", "seed", "name", "time-zone", "congestion"}

// ofFolder are those that only a data set takes.
var ofFolder = []string{"user", "day", "days", "from", "rows", "find", "verify"}

// none wants none of the flags to be given.
func none(fl *pflag.FlagSet, names []string, why string) error {
	for _, n := range names {
		if fl.Changed(n) {
			return fmt.Errorf("--%s: %s", n, why)
		}
	}
	return nil
}

// inspectedCity says whether inspect is to look at a city, and at which: an
// extract is told from a data set by its name.
func (f *cityFlags) inspectedCity(fl *pflag.FlagSet, args []string) (cfg configs.Generate, isCity bool, err error) {
	cfg = configs.DefaultGenerate()
	switch {
	case len(args) == 0 && f.preset == "":
		return cfg, false, errors.New("want a folder, an OpenStreetMap extract, or --city with one of " + presetNames())
	case len(args) == 1 && f.preset != "":
		return cfg, false, fmt.Errorf("%s and --city %s: want one of the two", args[0], f.preset)
	case f.preset == "" && !network.IsExtract(args[0]):
		if st, err := os.Stat(args[0]); err == nil && !st.IsDir() {
			return cfg, false, fmt.Errorf("%s: want the folder of a data set, or an OpenStreetMap extract named *.osm.pbf, *.osm, *.osm.gz or *.osm.bz2", args[0])
		}
		return cfg, false, none(fl, ofCity, "is for a city, an extract or --city; "+args[0]+" is a folder")
	case f.preset == "":
		cfg.OSM = args[0]
	}
	cfg.City, cfg.Cells, cfg.TestPLMN, cfg.TimeZone = f.preset, f.cells, f.testPLMN, f.timeZone
	cfg.Inhabitants, cfg.Seed, cfg.Name, cfg.InventLines = f.inhabitants, f.seed, f.name, f.inventLines
	if err := none(fl, ofFolder, "is for a data set, not for a city"); err != nil {
		return cfg, false, err
	}
	return cfg, true, checkCity(cfg)
}

func (a *app) inspectCity(ctx context.Context, cfg configs.Generate, f *cityFlags, asJSON bool) error {
	begin := a.now()
	city, err := a.loadCity(ctx, cfg)
	if err != nil {
		return badInput(err)
	}
	if f.operator != "" && !slices.ContainsFunc(city.Operators, func(o network.Operator) bool { return o.PLMN() == f.operator }) {
		var names []string
		for _, o := range city.Operators {
			names = append(names, o.PLMN())
		}
		return usage(fmt.Errorf("--operator %s: no such operator; there are %s", f.operator, strings.Join(names, ", ")))
	}
	a.say("%s read (%.1f s)", city.Name, a.now().Sub(begin).Seconds())
	report := cityReport{Summary: city.Summary()}
	var slow *network.Congestion
	if f.congestion {
		begin := a.now()
		if slow, err = city.Congest(ctx, network.CongestionOptions{Workers: a.workers}); err != nil {
			return badInput(err)
		}
		a.say("roads loaded (%.1f s)", a.now().Sub(begin).Seconds())
		report.Congestion = slowHours(slow)
	}
	if f.picture != "" {
		scene := citymap.Scene{Map: city.Map(), Cells: city.CellRows(), Operator: cmp.Or(f.operator, city.Operators[0].PLMN()), City: city,
			Congestion: slow, Facts: cityFacts(report.Summary), Notes: city.Report.Warnings}
		if err := a.drawMap(ctx, f.picture, scene); err != nil {
			return err
		}
	}
	if asJSON {
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	return report.print(a.stdout)
}

// cityReport is what inspect says of a city.
type cityReport struct {
	network.Summary
	Congestion []slowHour `json:"congestion,omitempty"`
}

// slowHour is the share of the links of arterial roads that are slow in a local hour.
type slowHour struct {
	Hour    int     `json:"hour"`
	Below07 float64 `json:"below_0.7"` // of the free speed
	Below04 float64 `json:"below_0.4"`
}

func slowHours(x *network.Congestion) []slowHour {
	out := make([]slowHour, 24)
	for h := range out {
		out[h] = slowHour{h, x.SlowArterials(0.7, h, h+1), x.SlowArterials(0.4, h, h+1)}
	}
	return out
}

// checkMap says, before any work, what is wrong with a map to write.
func checkMap(path string) error {
	if path == "" {
		return nil
	}
	if ext := strings.ToLower(filepath.Ext(path)); ext != ".html" && ext != ".svg" {
		return fmt.Errorf("--map %s: want a file named *.html or *.svg", path)
	}
	switch st, err := os.Stat(path); {
	case err == nil && st.IsDir():
		return fmt.Errorf("--map %s: is a folder; want a file named *.html or *.svg", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--map: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("--map: the folder to write to: %w", err)
	}
	return nil
}

// picture is what can be drawn as a page or as a picture by itself.
type picture interface {
	WriteHTML(w io.Writer) error
	WriteSVG(w io.Writer) error
}

// drawMap writes the map as a whole or not at all.
func (a *app) drawMap(ctx context.Context, path string, scene picture) error {
	begin := a.now()
	f, err := dataset.CreateText(path)
	if err != nil {
		return badInput(fmt.Errorf("--map: %w", err))
	}
	defer f.Abort()
	size := &counter{w: f}
	if strings.EqualFold(filepath.Ext(path), ".svg") {
		err = scene.WriteSVG(size)
	} else {
		err = scene.WriteHTML(size)
	}
	if err != nil {
		return badInput(fmt.Errorf("--map %s: %w", path, err))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return badInput(fmt.Errorf("--map: %w", err))
	}
	a.say("%s: %.2f MB (%.1f s)", path, float64(size.n)/1e6, a.now().Sub(begin).Seconds())
	return nil
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// mapOfFolder is the map of a data set: what is public of its city.
func mapOfFolder(f *dataset.Folder, operator string) (citymap.Scene, error) {
	m, err := f.Map()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return citymap.Scene{}, fmt.Errorf("--map: %s has no map; data sets that sigcity generate made have one", f.Dir())
	case err != nil:
		return citymap.Scene{}, err
	}
	cells, err := f.Cells()
	if err != nil {
		return citymap.Scene{}, err
	}
	s := citymap.Scene{Map: m, Cells: cells, Operator: operator, Notes: f.Manifest().Warnings}
	meta := f.Meta()
	for _, x := range []struct {
		name string
		n    int64
	}{{"inhabitants", int64(meta.Inhabitants)}, {"persons", int64(meta.Persons)}, {"days", int64(meta.Days)}, {"cells", int64(len(cells))}} {
		if x.n > 0 {
			s.Facts = append(s.Facts, citymap.Fact{Name: x.name, Value: grouped(x.n)})
		}
	}
	return s, nil
}

func cityFacts(s network.Summary) []citymap.Fact {
	sites, cells, buildings, places := 0, 0, 0, 0
	for _, o := range s.Operators {
		sites, cells = sites+o.Sites, cells+o.Cells
	}
	for _, b := range s.Buildings {
		buildings += b.Buildings
	}
	for _, p := range s.Places {
		places += p.Places
	}
	return []citymap.Fact{
		{Name: "inhabitants", Value: grouped(s.Inhabitants)}, {Name: "homes", Value: grouped(s.Homes)}, {Name: "jobs", Value: grouped(s.Jobs)},
		{Name: "buildings and stand-ins", Value: grouped(int64(buildings))}, {Name: "places", Value: grouped(int64(places))},
		{Name: "sites", Value: grouped(int64(sites))}, {Name: "cells", Value: grouped(int64(cells))},
		{Name: "extent", Value: fmt.Sprintf("%.0f × %.0f km", s.WidthKm, s.HeightKm)},
	}
}
