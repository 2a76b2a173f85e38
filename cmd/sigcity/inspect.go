package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/diary"
	"github.com/sigcity/sigcity/internal/plugin"
)

func (a *app) inspectCmd() *cobra.Command {
	var person personFlags
	var asJSON, verify bool
	var city cityFlags
	cmd := &cobra.Command{
		Use:   "inspect DIR|EXTRACT|--city PRESET",
		Short: "what is in a data set, a release or a city, with a map; one SIM's day beside its truth",
		Long: `inspect looks at a data set or release (a folder), or at the city that generate would make of an OpenStreetMap extract
(*.osm.pbf, *.osm, *.osm.gz, *.osm.bz2) or of a procedural one: counts by subject, what of them the map lacked and was estimated,
and notes. --map draws it. docs/inspect.md explains the figures and the map.

--user shows a day of one SIM's records beside what its person truly did, --days several days in a row each: docs/days.md. --map
draws them. --find lists whose SIMs to look at, with the records of the day. Its keys, of which several must all hold:
` + "  " + strings.Join(diary.Keys(), ", ") + `
(age, income and records take ranges: age=25-40; mode and visit ask for a trip and a stay of the day; preschool_child: an adult who
lives with a child that goes to a kindergarten).`,
		Example: `  sigcity inspect demo/data                                   counts, models, what was estimated
  sigcity inspect demo/data --user 17 --day 2026-03-02        that SIM's records, and where its person really was
  sigcity inspect demo/data --user 17 --from 07:30 --rows 10
  sigcity inspect demo/data --user 17 --map day.svg           the day on the map
  sigcity inspect demo/data --user 17 --days 7 --map w.svg    a week, a row a day
  sigcity inspect demo/data --find sex=female,white_collar=true,preschool_child=true,age=25-40
  sigcity inspect demo/data --find mode=bus,visit=shop --day 2026-03-03
  sigcity inspect demo/data --verify                          check every file against the manifest
  sigcity inspect demo/data --map map.html                    its city, cells and sites
  sigcity inspect andorra-latest.osm.bz2 --map andorra.html   the city, before any data are made
  sigcity inspect --city medium --congestion --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, isCity, err := city.inspectedCity(cmd.Flags(), args)
			if err == nil {
				err = checkMap(city.picture)
			}
			if err == nil {
				err = person.check(cmd.Flags())
			}
			if err != nil {
				return usage(err)
			}
			if isCity {
				return a.inspectCity(cmd.Context(), cfg, &city, asJSON)
			}
			f, err := dataset.Open(args[0])
			if err != nil {
				return usage(err)
			}
			switch {
			case cmd.Flags().Changed("find"):
				return a.findPersons(cmd.Context(), f, &person)
			case cmd.Flags().Changed("user"):
				return a.inspectUser(cmd.Context(), f, &person, city.picture)
			}
			if city.picture != "" {
				scene, err := mapOfFolder(f, city.operator)
				if err != nil {
					return badInput(err)
				}
				if err := a.drawMap(cmd.Context(), city.picture, scene); err != nil {
					return err
				}
			}
			switch {
			case verify:
				if err := f.Verify(cmd.Context()); err != nil {
					return err
				}
				a.say("%d files are what the manifest says", len(f.Manifest().Files))
				return nil
			case asJSON:
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(f.Manifest())
			}
			return a.inspectFolder(f)
		},
	}
	fl := cmd.Flags()
	person.add(fl)
	fl.BoolVar(&verify, "verify", false, "check file hashes")
	fl.BoolVar(&asJSON, "json", false, "print the manifest, or the figures of a city")
	city.add(fl)
	return cmd
}

func (a *app) inspectFolder(f *dataset.Folder) error {
	m := f.Manifest()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	kind := "data set"
	if m.Release != nil {
		kind = "release (" + m.Release.Kind.String() + ")"
	}
	fmt.Fprintf(w, "%s\t%s\n", kind, m.Meta.Name)
	fmt.Fprintf(w, "days\t%d from %s, %s\n", m.Meta.Days, m.Meta.Start, m.Meta.TimeZone)
	if m.Meta.Persons > 0 {
		fmt.Fprintf(w, "persons\t%d, standing for %d inhabitants\n", m.Meta.Persons, m.Meta.Inhabitants)
	}
	if m.Models != (dataset.Models{}) {
		fmt.Fprintf(w, "models\tradio %s, movement %s\n", m.Models.Radio, m.Models.Movement)
	}
	if r := m.Release; r != nil {
		fmt.Fprintf(w, "method\t%s %s\n", r.Method, plugin.Values(r.Params).Text())
		for _, c := range r.Claims {
			fmt.Fprintf(w, "claims\t%s\n", c)
		}
		if l := r.Losses; l.Users > 0 && r.Kind.Linked() {
			fmt.Fprintf(w, "suppressed users\t%d of %d\n", l.SuppressedUsers, l.Users)
		}
		if l := r.Losses; l.Records > 0 && r.Kind != sigcity.Aggregate {
			fmt.Fprintf(w, "dropped or merged records\t%d of %d\n", l.SuppressedRecords, l.Records)
		}
	}
	names := make([]string, 0, len(m.Counts))
	for n := range m.Counts {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(w, "%s\t%d\n", n, m.Counts[n])
	}
	for _, note := range m.Warnings {
		fmt.Fprintf(w, "note\t%s\n", note)
	}
	if m.Attribution != "" {
		fmt.Fprintf(w, "map data\t%s\n", m.Attribution)
	}
	return w.Flush()
}
