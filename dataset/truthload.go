package dataset

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// Truth is the ground truth of a data set in memory.
type Truth struct {
	Meta       sigcity.Meta
	Persons    []Person
	Households []Household
	SIMs       []SIM
	Anchors    []Anchor
	Activities []Activity // by person, then start
	Trips      []Trip     // by person, then start
	Roads      *Roads     // that trips follow; nil where the data set has none

	// What LoadTraces reads.
	Purchases  []Purchase   // by person, then time
	Passages   []HubPassage // by person, then arrival
	Flags      []EventFlag  // by user, then record of the day
	Identities []Identity   // by source, then entry
}

// Residents counts the persons who live in the city.
func (t *Truth) Residents() int {
	n := 0
	for i := range t.Persons {
		if t.Persons[i].Resident() {
			n++
		}
	}
	return n
}

// LoadTraces reads what is told of single records and moments: purchases, passages
// of hubs, flags of records, and who stands behind the entries of outside sources.
// A table that the data set lacks is empty.
func (t *Truth) LoadTraces(ctx context.Context, f *Folder) error {
	var err error
	if t.Purchases, err = optional[Purchase](ctx, f, TablePurchases); err != nil {
		return err
	}
	if t.Passages, err = optional[HubPassage](ctx, f, TableHubPassages); err != nil {
		return err
	}
	if t.Flags, err = optional[EventFlag](ctx, f, TableEventFlags); err != nil {
		return err
	}
	if t.Identities, err = optional[Identity](ctx, f, TableIdentities); err != nil {
		return err
	}
	slices.SortStableFunc(t.Purchases, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Time, b.Time))
	})
	slices.SortStableFunc(t.Passages, func(a, b HubPassage) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Arrive, b.Arrive))
	})
	slices.SortStableFunc(t.Flags, func(a, b EventFlag) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Record, b.Record))
	})
	slices.SortStableFunc(t.Identities, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Entry, b.Entry))
	})
	return nil
}

// optional is all rows of a table, none where there is no such table.
func optional[T any](ctx context.Context, f *Folder, table string) ([]T, error) {
	if !f.HasTable(table) {
		return nil, nil
	}
	return gather(ReadTable[T](ctx, f, table), nil)
}

// LoadTruth reads the ground truth. keep limits it to some persons and their
// households (nil = all, SIMs of no person included); from and to cut activities and trips to the window
// from ≤ t < to and drop those outside it (0, 0 = all). Persons, households and
// SIMs come by id, anchors by person; activities and trips by person and start.
func LoadTruth(ctx context.Context, f *Folder, keep func(person uint32) bool, from, to uint32) (*Truth, error) {
	machines := keep == nil // SIMs of nobody are kept with everybody
	if keep == nil {
		keep = func(uint32) bool { return true }
	}
	if to == 0 {
		to = math.MaxUint32
	}
	t := &Truth{Meta: *f.Meta()}
	var err error
	if t.Persons, err = gather(ReadTable[Person](ctx, f, TablePersons), func(p *Person) bool { return keep(p.ID) }); err != nil {
		return nil, err
	}
	homes := map[uint32]bool{}
	for _, p := range t.Persons {
		homes[p.Household] = true
	}
	if t.Households, err = gather(ReadTable[Household](ctx, f, TableHouseholds), func(h *Household) bool { return homes[h.ID] }); err != nil {
		return nil, err
	}
	if t.SIMs, err = gather(ReadTable[SIM](ctx, f, TableSIMs), func(s *SIM) bool {
		if s.Person < 0 {
			return machines
		}
		return keep(uint32(s.Person))
	}); err != nil {
		return nil, err
	}
	if t.Anchors, err = gather(ReadTable[Anchor](ctx, f, TableAnchors), func(a *Anchor) bool { return keep(a.Person) }); err != nil {
		return nil, err
	}
	if t.Activities, err = gather(readUntil[Activity](ctx, f, TableActivities, to), func(a *Activity) bool {
		return keep(a.Person) && cut(&a.Start, &a.End, from, to)
	}); err != nil {
		return nil, err
	}
	if t.Trips, err = gather(readUntil[Trip](ctx, f, TableTrips, to), func(p *Trip) bool {
		return keep(p.Person) && cut(&p.Start, &p.End, from, to)
	}); err != nil {
		return nil, err
	}
	if t.Roads, err = LoadRoads(ctx, f); err != nil {
		return nil, err
	}
	slices.SortStableFunc(t.Persons, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(t.Households, func(a, b Household) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(t.SIMs, func(a, b SIM) int { return cmp.Compare(a.User, b.User) })
	slices.SortStableFunc(t.Anchors, func(a, b Anchor) int { return cmp.Compare(a.Person, b.Person) })
	slices.SortStableFunc(t.Activities, func(a, b Activity) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Start, b.Start))
	})
	slices.SortStableFunc(t.Trips, func(a, b Trip) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Start, b.Start))
	})
	return t, nil
}

// cut clips [start, end) to the window; false if nothing is left.
func cut(start, end *uint32, from, to uint32) bool {
	*start, *end = max(*start, from), min(*end, to)
	return *start < *end
}

// gather collects the rows that pass (nil = all).
func gather[T any](rows iter.Seq2[T, error], pass func(*T) bool) ([]T, error) {
	var out []T
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		if pass == nil || pass(&r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// readUntil is ReadTable without the files of days that begin at or after to.
// (Days before the window are read: a stay may last into it.)
func readUntil[T any](ctx context.Context, f *Folder, table string, to uint32) iter.Seq2[T, error] {
	return readFiles[T](ctx, f, table, func(day int) bool { return f.cal.Start(day) < to })
}
