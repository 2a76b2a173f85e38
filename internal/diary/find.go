package diary

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// candidate is a person with what of him or her conditions ask for.
type candidate struct {
	dataset.Person
	preschool bool            // a household member goes to a kindergarten
	modes     map[string]bool // of the day's trips
	visits    map[string]bool // kinds of the day's stays
	user      sigcity.UserID  // the SIM with most records of the day
	records   int
	hasSIM    bool
}

// Condition is a wish that a person meets or not.
type Condition struct {
	meets func(*candidate) bool
}

// keys are what persons can be found by.
func keys() map[string]func(value string) (Condition, error) {
	text := func(get func(*candidate) string, values ...string) func(string) (Condition, error) {
		return func(v string) (Condition, error) {
			if !slices.Contains(values, v) {
				return Condition{}, fmt.Errorf("want one of %s", strings.Join(values, ", "))
			}
			return Condition{func(c *candidate) bool { return get(c) == v }}, nil
		}
	}
	yes := func(get func(*candidate) bool) func(string) (Condition, error) {
		return func(v string) (Condition, error) {
			if v != "true" && v != "false" {
				return Condition{}, fmt.Errorf("want true or false")
			}
			return Condition{func(c *candidate) bool { return get(c) == (v == "true") }}, nil
		}
	}
	number := func(get func(*candidate) int32) func(string) (Condition, error) {
		return func(v string) (Condition, error) {
			low, high, isRange := strings.Cut(v, "-")
			if !isRange {
				high = low
			}
			lo, err1 := strconv.ParseInt(low, 10, 32)
			hi, err2 := strconv.ParseInt(high, 10, 32)
			if err1 != nil || err2 != nil || lo > hi {
				return Condition{}, fmt.Errorf("want a number or a range such as 25-40")
			}
			return Condition{func(c *candidate) bool { return int64(get(c)) >= lo && int64(get(c)) <= hi }}, nil
		}
	}
	visit := func(v string) (Condition, error) {
		names := make([]string, 0, 20)
		for _, l := range looks() {
			names = append(names, l.kind)
		}
		for _, c := range dataset.Categories() {
			names = append(names, string(c))
		}
		if !slices.Contains(names, v) {
			slices.Sort(names)
			return Condition{}, fmt.Errorf("want one of %s", strings.Join(slices.Compact(names), ", "))
		}
		return Condition{func(c *candidate) bool { return c.visits[v] }}, nil
	}
	mode := func(v string) (Condition, error) {
		if names := []string{"walk", "bike", "car", "bus", "tram", "metro", "rail", "high_speed"}; !slices.Contains(names, v) {
			return Condition{}, fmt.Errorf("want one of %s", strings.Join(names, ", "))
		}
		return Condition{func(c *candidate) bool { return c.modes[v] }}, nil
	}
	return map[string]func(string) (Condition, error){
		"sex": text(func(c *candidate) string { return c.Sex }, dataset.SexFemale, dataset.SexMale),
		"employment": text(func(c *candidate) string { return c.Employment }, dataset.Employed, dataset.Unemployed, dataset.Homemaker,
			dataset.Retired, dataset.Student, dataset.Pupil, dataset.Preschool, dataset.Infant),
		"shift":           text(func(c *candidate) string { return c.Shift }, "day", "early", "late", "night"),
		"age":             number(func(c *candidate) int32 { return c.Age }),
		"records":         number(func(c *candidate) int32 { return int32(c.records) }),
		"income":          number(func(c *candidate) int32 { return c.Income }),
		"car":             yes(func(c *candidate) bool { return c.Car }),
		"white_collar":    yes(func(c *candidate) bool { return c.WhiteCollar }),
		"worships":        yes(func(c *candidate) bool { return c.Worships }),
		"consent":         yes(func(c *candidate) bool { return c.Consent }),
		"preschool_child": yes(func(c *candidate) bool { return c.preschool && c.Age >= 18 }),
		"mode":            mode,
		"visit":           visit,
	}
}

// Keys lists what Parse knows, in alphabetical order.
func Keys() []string { return slices.Sorted(maps.Keys(keys())) }

// Parse reads conditions KEY=VALUE; all are to be met, also several of one key.
func Parse(terms []string) ([]Condition, error) {
	known := keys()
	var out []Condition
	for _, term := range terms {
		key, value, ok := strings.Cut(strings.TrimSpace(term), "=")
		if !ok {
			return nil, fmt.Errorf("%q: want KEY=VALUE", term)
		}
		parse, ok := known[key]
		if !ok {
			return nil, fmt.Errorf("%s: no such key; there are %s", key, strings.Join(Keys(), ", "))
		}
		c, err := parse(value)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", key, value, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Found is a SIM of a person who meets the conditions.
type Found struct {
	User    sigcity.UserID
	Records int // on the day
	Person  dataset.Person
	Modes   []string // of the day's trips, sorted
}

// Find lists the residents who meet all conditions on a day, each with the SIM
// that left most records on it (of equals the lower one), by user. Who left no
// record on the day is not listed.
func Find(ctx context.Context, f *dataset.Folder, day int, conditions []Condition) ([]Found, error) {
	for _, table := range []string{dataset.TablePersons, dataset.TableSIMs} {
		if !f.HasTable(table) {
			return nil, fmt.Errorf("%s has no %s: persons are found by the ground truth, which only generated data have", f.Dir(), table)
		}
	}
	cal, err := f.Meta().Calendar()
	if err != nil {
		return nil, err
	}
	from, to := cal.Start(day), cal.Start(day+1)
	t, err := dataset.LoadTruth(ctx, f, nil, from, to)
	if err != nil {
		return nil, err
	}
	all, of := candidates(t)
	owner := make(map[sigcity.UserID]int64, len(t.SIMs))
	for _, x := range t.SIMs {
		owner[sigcity.UserID(x.User)] = x.Person
	}
	for tr, err := range f.Users(ctx, sigcity.Range{Limit: sigcity.UserID(f.Meta().Users), From: from, To: to}) {
		if err != nil {
			return nil, err
		}
		person, ok := owner[tr.User]
		if !ok || person < 0 {
			continue
		}
		if c := of[uint32(person)]; c != nil && (!c.hasSIM || len(tr.Records) > c.records) {
			c.user, c.records, c.hasSIM = tr.User, len(tr.Records), true
		}
	}
	var out []Found
	for _, c := range all {
		if c.hasSIM && c.Person.Resident() && !slices.ContainsFunc(conditions, func(x Condition) bool { return !x.meets(c) }) {
			out = append(out, Found{c.user, c.records, c.Person, slices.Sorted(maps.Keys(c.modes))})
		}
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Compare(a.User, b.User) })
	return out, nil
}

// candidates are all persons, in order and by id, with what they do on the day.
func candidates(t *dataset.Truth) (all []*candidate, of map[uint32]*candidate) {
	preschool := map[uint32]bool{} // households
	all = make([]*candidate, len(t.Persons))
	of = make(map[uint32]*candidate, len(t.Persons))
	for i, p := range t.Persons {
		all[i] = &candidate{Person: p, modes: map[string]bool{}, visits: map[string]bool{}}
		of[p.ID] = all[i]
		if p.Employment == dataset.Preschool {
			preschool[p.Household] = true
		}
	}
	for _, c := range all {
		c.preschool = preschool[c.Household]
	}
	for _, a := range t.Activities {
		if c := of[a.Person]; c != nil {
			c.visits[a.Kind] = true
		}
	}
	for _, m := range t.Trips {
		if c := of[m.Person]; c != nil {
			c.modes[m.Mode] = true
		}
	}
	return all, of
}
