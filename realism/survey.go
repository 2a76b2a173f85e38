package realism

import (
	"context"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// survey is everything that the rows are measured on.
type survey struct {
	meta    *sigcity.Meta
	cal     *sigcity.Calendar
	days    int
	records int64
	place   place
	public  *dataset.Map // nil = the data set has none
	proj    geo.Projection
	areas   *geo.Areas
	cells   []dataset.Cell
	milan   *Reference
	draws   []weights

	people  *people
	lives   *lives  // nil = no truth of activities and trips
	pairs   *counts // ends of answered calls: some = with the other end, of = all; nil = no table of calls
	faulty  bool    // the feed has faults
	signals *signals
	users   []userFigures
	crowd   *crowd
}

// newSurvey reads the data set.
func newSurvey(ctx context.Context, f *dataset.Folder, o Options) (*survey, error) {
	s := &survey{meta: f.Meta(), days: f.Meta().Days, milan: o.Reference, draws: draws()}
	var err error
	if s.cal, err = s.meta.Calendar(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Dir(), err)
	}
	if s.cells, err = cellsOf(f); err != nil {
		return nil, err
	}
	if len(s.cells) == 0 {
		return nil, fmt.Errorf("%s: no cells, want at least one", f.Dir())
	}
	if f.HasTable(dataset.TableCommunities) {
		if s.public, err = f.Map(); err != nil {
			return nil, err
		}
		s.proj = s.public.Projection()
	} else {
		s.proj = geo.NewProjection(s.cells[0].Center)
	}
	s.areas = geo.NewAreas(f.Areas(), s.proj)
	var communities []dataset.Community
	if s.public != nil {
		communities = s.public.Communities
	}
	if s.place, err = newPlace(f.Manifest(), communities, s.proj); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Dir(), err)
	}
	if s.people, err = readPeople(ctx, f, s.proj); err != nil {
		return nil, err
	}
	if s.people.persons > 0 && f.HasTable(dataset.TableActivities) && f.HasTable(dataset.TableTrips) {
		if s.lives, err = readLives(ctx, f, s.cal, s.proj, s.people); err != nil {
			return nil, err
		}
	}
	if f.HasTable(dataset.TableContacts) && s.people.of != nil {
		if s.pairs, err = readPairs(ctx, f, s.meta.Users, s.people.group); err != nil {
			return nil, err
		}
		s.faulty = f.HasTable(dataset.TableFeedFaults)
	}
	return s, s.observe(ctx, f, o)
}

// cellsOf are the cells, or the areas of imported data as cells without antennas.
func cellsOf(f *dataset.Folder) ([]dataset.Cell, error) {
	if f.HasTable(dataset.TableCells) {
		return f.Cells()
	}
	var out []dataset.Cell
	for _, a := range f.Areas() {
		out = append(out, dataset.CellOf(a))
	}
	return out, nil
}

// largestOperator is the operator of most cells; of several, the first.
func (s *survey) largestOperator() string {
	n := map[string]int{}
	best := ""
	for _, c := range s.cells {
		n[c.Operator]++
	}
	for _, c := range s.cells {
		if best == "" || n[c.Operator] > n[best] {
			best = c.Operator
		}
	}
	return best
}

// truthless says why a row that needs the ground truth has no value.
const truthless = "not applicable: the data set has no ground truth"
