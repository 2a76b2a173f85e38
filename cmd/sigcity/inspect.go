package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/paulmach/orb"
	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func (a *app) inspectCmd() *cobra.Command {
	var user int
	var day, from string
	var rows int
	var asJSON, verify bool
	var city cityFlags
	cmd := &cobra.Command{
		Use:   "inspect DIR|EXTRACT|--city PRESET",
		Short: "what is in a data set, a release or a city, with a map; one SIM's day beside its truth",
		Long: `inspect looks at a data set or release (a folder), or at the city that generate would make of an OpenStreetMap extract
(*.osm.pbf, *.osm, *.osm.gz, *.osm.bz2) or of a procedural one: counts by subject, what of them the map lacked and was estimated,
and notes. --map draws it. docs/inspect.md explains the figures and the map.`,
		Example: `  sigcity inspect demo/data                                   counts, models, what was estimated
  sigcity inspect demo/data --user 17 --day 2026-03-02        that SIM's records, and where its person really was
  sigcity inspect demo/data --user 17 --from 07:30 --rows 10
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
			case cmd.Flags().Changed("user"):
				if user < 0 || user >= f.Meta().Users {
					return usage(fmt.Errorf("--user = %d, must be from 0 to %d", user, f.Meta().Users-1))
				}
				return a.inspectDay(cmd.Context(), f, sigcity.UserID(user), day, from, rows)
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
	fl.IntVar(&user, "user", 0, "show this SIM's records")
	fl.StringVar(&day, "day", "", "local date, YYYY-MM-DD (default: the first)")
	fl.StringVar(&from, "from", "00:00", "local time to start from")
	fl.IntVar(&rows, "rows", 0, "at most so many records (0 = all)")
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

// inspectDay prints a day of records beside the truth at each moment.
func (a *app) inspectDay(ctx context.Context, f *dataset.Folder, user sigcity.UserID, day, from string, rows int) error {
	cal, err := f.Meta().Calendar()
	if err != nil {
		return err
	}
	d := 0
	if day != "" {
		if d = dayIndex(cal, day); d < 0 {
			return usage(fmt.Errorf("--day %s: not in the data set, whose days are %s to %s", day, cal.Date(0), cal.Date(cal.Days()-1)))
		}
	}
	clock, err := time.Parse("15:04", from)
	if err != nil {
		return usage(fmt.Errorf("--from %q: want HH:MM", from))
	}
	start := cal.Start(d) + uint32(clock.Hour()*3600+clock.Minute()*60)
	truth, err := a.truthOf(ctx, f, user, cal.Start(d), cal.Start(d+1))
	if err != nil {
		return err
	}
	flags, err := dataset.FlagsOf(ctx, f, user, d)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "time\tevent\tcell\ttracking area\tkm off\tflags\ttruth")
	areas := f.Areas()
	n := 0
	for t, err := range f.Users(ctx, sigcity.Range{First: user, Limit: user + 1, From: cal.Start(d), To: cal.Start(d + 1)}) {
		if err != nil {
			return err
		}
		for k, r := range t.Records {
			if rows > 0 && n == rows {
				break
			}
			var odd string
			odd, flags = flagsOf(flags, k)
			if r.Time < start {
				continue
			}
			n++
			area := areas[r.Area]
			off, what := truth.at(r.Time, area.Center)
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", localClock(cal, r.Time), r.Type, area.Name, area.TAC, off, odd, what)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if n == 0 {
		a.say("no records of user %d on %s from %s on", user, cal.Date(d), from)
	}
	return nil
}

// flagsOf takes the flags of a record, in words, from the front of those left.
func flagsOf(left []dataset.EventFlag, record int) (string, []dataset.EventFlag) {
	var words []string
	for ; len(left) > 0 && left[0].Record == uint32(record); left = left[1:] {
		word := left[0].Flag
		if left[0].Flag == dataset.FlagLate {
			word += fmt.Sprintf(" by %d s", left[0].DelayS)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", "), left
}

func dayIndex(cal *sigcity.Calendar, date string) int {
	for d := range cal.Days() {
		if cal.Date(d) == date {
			return d
		}
	}
	return -1
}

func localClock(cal *sigcity.Calendar, t uint32) string {
	return time.Unix(int64(t), 0).In(cal.Location()).Format("15:04:05")
}

// personDay is what one person truly did.
type personDay struct {
	cal        *sigcity.Calendar
	activities []dataset.Activity
	trips      []dataset.Trip
	roads      *dataset.Roads
	machine    string // where it is a machine's SIM instead
}

// truthOf reads the truth of a SIM's person; a release or an imported data set
// has none, and that is no error.
func (a *app) truthOf(ctx context.Context, f *dataset.Folder, user sigcity.UserID, from, to uint32) (personDay, error) {
	p := personDay{}
	var err error
	if p.cal, err = f.Meta().Calendar(); err != nil || !f.HasTable(dataset.TableSIMs) {
		return p, err
	}
	person := int64(-1)
	for s, err := range dataset.ReadTable[dataset.SIM](ctx, f, dataset.TableSIMs) {
		if err != nil {
			return p, err
		}
		if s.User == uint32(user) {
			if person = s.Person; person < 0 {
				p.machine = s.Use
				a.say("no person's SIM: %s", s.Use)
				return p, nil
			}
			break
		}
	}
	t, err := dataset.LoadTruth(ctx, f, func(id uint32) bool { return int64(id) == person }, from, to)
	if err != nil {
		return p, err
	}
	p.activities, p.trips, p.roads = t.Activities, t.Trips, t.Roads
	for _, who := range t.Persons {
		kind := ""
		if !who.Resident() {
			kind = " (" + who.Kind + ")"
		}
		a.say("person %d%s: %s, %d, %s, income class %d", who.ID, kind, who.Sex, who.Age, who.Employment, who.Income)
	}
	return p, nil
}

// at is the distance in km from the true position to p, and the truth in words.
func (d personDay) at(t uint32, p orb.Point) (string, string) {
	for _, s := range d.activities {
		if t >= s.Start && t < s.End {
			return fmt.Sprintf("%.2f", geo.Distance(p, orb.Point{s.Lon, s.Lat})/1000),
				fmt.Sprintf("%s %s–%s", s.Kind, localClock(d.cal, s.Start)[:5], localClock(d.cal, s.End)[:5])
		}
	}
	for i := range d.trips {
		m := &d.trips[i]
		if t < m.Start || t >= m.End {
			continue
		}
		what := fmt.Sprintf("%s to %s, %.1f km", m.Mode, m.Purpose, m.DistanceM/1000)
		at, err := d.roads.At(m, t)
		if err != nil {
			return "", what + " (" + err.Error() + ")"
		}
		return fmt.Sprintf("%.2f", geo.Distance(p, at)/1000), what
	}
	return "", d.machine
}
