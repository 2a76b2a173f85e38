// Package realism measures how close a data set comes to what is published
// about real cities: one row of the scorecard per figure of docs/realism.md,
// with its value, its reference, its tolerance and, where the reference has a
// source and describes such a data set, a verdict.
//
// It reads the folder only: records, cells, public map and ground truth. Users
// are read once or twice, side by side, and what is kept does not grow with
// their records: whole numbers by group of households, whose sums do not depend
// on the order of adding, and a few numbers per user. So the figures are the
// same for any number of workers.
package realism

import (
	"context"
	"fmt"

	"github.com/sigcity/sigcity/dataset"
)

// Result is one measured row. Pointers are nil where there is nothing to say:
// no value could be measured, no tolerance is given, no verdict is due.
type Result struct {
	ID         string   `json:"id"`     // row of the realism table: R01 …
	Figure     string   `json:"figure"` // which figure of the row; unique with ID
	Name       string   `json:"name"`
	Value      *float64 `json:"value"`
	Reference  string   `json:"reference"` // what is published
	Low        *float64 `json:"low"`       // tolerance, both ends inclusive; nil = no bound
	High       *float64 `json:"high"`
	Pass       *bool    `json:"pass"`       // nil = no verdict; Note says why
	Calibrated bool     `json:"calibrated"` // the generator was tuned to it or took it over: agreement proves nothing
	Source     string   `json:"source"`     // "" = general knowledge without a source: never a verdict
	Note       string   `json:"note"`
	Unit       string   `json:"unit"`
	N          int64    `json:"n"`  // how many of what Unit or Note names the value rests on
	Lo         *float64 `json:"lo"` // 95 % interval over households; nil where nothing was sampled
	Hi         *float64 `json:"hi"`
	DaysNeeded int      `json:"days_needed"` // shortest data set that the row can be measured on, days
	Charts     []Chart  `json:"-"`
}

// Scorecard is all rows of one data set, in the order of the table.
type Scorecard struct {
	Name        string // of the data set
	Records     int64
	Users       int
	Persons     int
	Days        int
	Inhabitants float64 // of the city
	Around      float64 // of those, within 40 km of its centre
	Metropolis  bool    // so many that figures of metropolises apply
	Profile     string
	Results     []Result
}

// Options of Measure.
type Options struct {
	Workers   int        // goroutines, at least 1; never shows in a figure
	Reference *Reference // activity of a real city to compare hours with; nil = none
	Progress  func(done, total int64)
}

// Measure judges a raw data set. Progress, which may be nil, is told how many
// users have been read of all passes together; calls may overlap.
func Measure(ctx context.Context, f *dataset.Folder, o Options) (*Scorecard, error) {
	if f.Manifest().Release != nil {
		return nil, fmt.Errorf("%s is a release, want a raw data set: a release is judged by its utility", f.Dir())
	}
	if f.Meta().Users == 0 {
		return nil, fmt.Errorf("%s: no SIMs, want at least one", f.Dir())
	}
	if o.Progress == nil {
		o.Progress = func(done, total int64) {}
	}
	o.Workers = max(o.Workers, 1)
	s, err := newSurvey(ctx, f, o)
	if err != nil {
		return nil, err
	}
	card := &Scorecard{Name: s.meta.Name, Records: s.records, Users: s.people.phones(), Persons: s.people.persons, Days: s.days,
		Inhabitants: s.place.inhabitants, Around: s.place.around, Metropolis: s.place.metropolis(), Profile: s.place.profile}
	for _, r := range rows(s.place) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		card.Results = append(card.Results, r.result(s))
	}
	return card, nil
}
