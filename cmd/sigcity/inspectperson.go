package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/diary"
)

// personFlags are the flags of inspect that say whose days are shown.
type personFlags struct {
	user, days, rows int
	day, from        string
	find             []string
}

func (p *personFlags) add(fl *pflag.FlagSet) {
	fl.IntVar(&p.user, "user", 0, "show this SIM's records")
	fl.StringVar(&p.day, "day", "", "local date, YYYY-MM-DD (default: the first)")
	fl.IntVar(&p.days, "days", 1, "so many days from --day on, a row each")
	fl.StringVar(&p.from, "from", "00:00", "local time to start from")
	fl.IntVar(&p.rows, "rows", 0, "at most so many records (0 = all)")
	fl.StringSliceVar(&p.find, "find", nil, "list the SIMs of persons with KEY=VALUE,…")
}

// check says what does not go together.
func (p *personFlags) check(fl *pflag.FlagSet) error {
	user, find := fl.Changed("user"), fl.Changed("find")
	switch {
	case user && find:
		return errors.New("--user and --find: want one of the two")
	case find && fl.Changed("map"):
		return errors.New("--map: is not for --find; draw one of the users that it lists")
	case p.days < 1:
		return fmt.Errorf("--days = %d, must be at least 1", p.days)
	case p.rows < 0:
		return fmt.Errorf("--rows = %d, must be at least 0", p.rows)
	}
	if !user {
		if err := none(fl, []string{"days", "from", "rows"}, "wants a --user"); err != nil {
			return err
		}
	}
	if !user && !find {
		return none(fl, []string{"day"}, "wants a --user or --find")
	}
	if p.days > 1 {
		return none(fl, []string{"from", "rows"}, "is for one day, without --days")
	}
	return nil
}

// first is the day that --day means.
func (p *personFlags) first(f *dataset.Folder) (int, error) {
	cal, err := f.Meta().Calendar()
	if err != nil || p.day == "" {
		return 0, err
	}
	for d := range cal.Days() {
		if cal.Date(d) == p.day {
			return d, nil
		}
	}
	return 0, usage(fmt.Errorf("--day %s: not in the data set, whose days are %s to %s", p.day, cal.Date(0), cal.Date(cal.Days()-1)))
}

// inspectUser prints a day of a SIM, or several, and draws them.
func (a *app) inspectUser(ctx context.Context, f *dataset.Folder, p *personFlags, path string) error {
	if p.user < 0 || p.user >= f.Meta().Users {
		return usage(fmt.Errorf("--user = %d, must be from 0 to %d", p.user, f.Meta().Users-1))
	}
	clock, err := time.Parse("15:04", p.from)
	if err != nil {
		return usage(fmt.Errorf("--from %q: want HH:MM", p.from))
	}
	first, err := p.first(f)
	if err != nil {
		return err
	}
	d, err := diary.Load(ctx, f, sigcity.UserID(p.user), first, p.days)
	if err != nil {
		return err
	}
	if d.HasTruth {
		a.say("person %d: %s", d.Person.ID, d.Who())
	}
	if path != "" {
		if err := a.drawPerson(ctx, f, d, p.days, path); err != nil {
			return err
		}
	}
	if p.days > 1 {
		if d.N < p.days {
			a.say("%d days: the data set ends on %s", d.N, d.Cal.Date(first+d.N-1))
		}
		return d.WriteText(a.stdout)
	}
	return a.printDay(ctx, f, d, uint32(clock.Hour()*3600+clock.Minute()*60), p)
}

// printDay prints a day of records beside the truth at each moment.
func (a *app) printDay(ctx context.Context, f *dataset.Folder, d *diary.Diary, after uint32, p *personFlags) error {
	flags, err := dataset.FlagsOf(ctx, f, d.User, d.First)
	if err != nil {
		return err
	}
	begin, _ := d.Span()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "time\tevent\tcell\ttracking area\tkm off\tflags\ttruth")
	n := 0
	for k, r := range d.Records {
		if p.rows > 0 && n == p.rows {
			break
		}
		var odd string
		odd, flags = flagsOf(flags, k)
		if r.Time < begin+after {
			continue
		}
		n++
		area := d.Areas[r.Area]
		off, what := truthAt(d, r.Time, area)
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", d.Clock(r.Time), r.Type, area.Name, area.TAC, off, odd, what)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if n == 0 {
		a.say("no records of user %d on %s from %s on", d.User, d.Cal.Date(d.First), p.from)
	}
	return nil
}

// truthAt is the distance in km from the true position to the area's centre,
// and the truth in words; both are empty where there is none.
func truthAt(d *diary.Diary, t uint32, area sigcity.Area) (off, what string) {
	at, what, err := d.Describe(t)
	switch {
	case err != nil:
		return "", what + " (" + err.Error() + ")"
	case what == "":
		return "", ""
	}
	return fmt.Sprintf("%.2f", geo.Distance(area.Center, at)/1000), what
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

// drawPerson draws a day on the map, or days as an actogram.
func (a *app) drawPerson(ctx context.Context, f *dataset.Folder, d *diary.Diary, days int, path string) error {
	if !d.HasTruth {
		return usage(fmt.Errorf("--map: %s has no ground truth of user %d, which the picture shows beside the records", f.Dir(), d.User))
	}
	if days > 1 {
		return a.drawMap(ctx, path, diary.Week{Diary: d})
	}
	m, err := f.Map()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage(fmt.Errorf("--map: %s has no map; data sets that sigcity generate made have one", f.Dir()))
	case err != nil:
		return badInput(err)
	}
	cells, err := f.Cells()
	if err != nil {
		return badInput(err)
	}
	return a.drawMap(ctx, path, diary.Day{Diary: d, Map: m, Cells: cells})
}

// findPersons lists whose SIMs fit --find.
func (a *app) findPersons(ctx context.Context, f *dataset.Folder, p *personFlags) error {
	conditions, err := diary.Parse(p.find)
	if err != nil {
		return usage(fmt.Errorf("--find: %w", err))
	}
	day, err := p.first(f)
	if err != nil {
		return err
	}
	found, err := diary.Find(ctx, f, day, conditions)
	if err != nil {
		return badInput(fmt.Errorf("--find: %w", err))
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "user\trecords\tperson\tsex\tage\temployment\tincome\tshift\tmodes of the day")
	for _, x := range found {
		fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%d\t%s\t%d\t%s\t%s\n", x.User, x.Records, x.Person.ID, x.Person.Sex, x.Person.Age, x.Person.Employment,
			x.Person.Income, x.Person.Shift, strings.Join(x.Modes, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	a.say("%d persons", len(found))
	return nil
}
