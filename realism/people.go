package realism

import (
	"context"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// householdSize is the mean of R35.
const householdSize = 2.62

// Kinds of persons that are counted, by group of households.
const (
	pPersons = iota
	pSIMs
	pHouseholds
	pMale
	pFemale
	pUnder15
	pFrom60
	pAge3to5
	pPreschool // of those
	pEmployed
	pKinds
)

// people is what the truth says of who is there: a few bytes a person.
type people struct {
	persons   int       // residents, who have the first ids
	guests    int       // other persons in truth/persons: no figure is about them
	group     []uint8   // per user; by household, so that members share one
	of        []uint32  // per user: the person; nil without truth
	valid     []float32 // per user: share of the time for which a resident's phone SIM is valid, 0 = never, or another's; nil without truth
	pgroup    []uint8   // per person
	home      []geo.XY  // per person
	worker    []bool    // per person: has an anchor of kind work
	nursery   []bool    // per person: a child in a kindergarten
	work      []geo.XY  // per person: where
	homeCell  []int32   // per person, −1 = none
	workCell  []int32
	n         *counts   // pKinds
	sizes     *counts   // households by number of members
	ages      *counts   // persons by age
	operators []string  // by falling number of SIMs
	byOp      *counts   // SIMs by position in operators
	commutes  histogram // home to work in a straight line, m
}

const (
	maxAge  = 120
	maxSize = 20
)

func groupOf(household uint32) uint8 {
	return uint8(sigcity.Hash(1, "realism.group", uint64(household)) % groups)
}

// readPeople reads persons, households, SIMs and anchors. Without truth/persons
// the users are grouped by their keys.
func readPeople(ctx context.Context, f *dataset.Folder, proj geo.Projection) (*people, error) {
	p := &people{group: make([]uint8, f.Meta().Users), n: newCounts(pKinds), sizes: newCounts(maxSize + 1), ages: newCounts(maxAge + 1),
		commutes: newHistogram(geometric(10, 1e6, 1.05))}
	for u := range p.group {
		p.group[u] = uint8(sigcity.Mix(f.Key(sigcity.UserID(u)), 1) % groups)
	}
	for _, table := range []string{dataset.TablePersons, dataset.TableHouseholds, dataset.TableSIMs, dataset.TableAnchors} {
		if !f.HasTable(table) {
			return p, nil
		}
	}
	at, err := p.readHouseholds(ctx, f, proj)
	if err != nil {
		return nil, err
	}
	if err := p.readPersons(ctx, f, at); err != nil {
		return nil, err
	}
	if err := p.readSIMs(ctx, f); err != nil {
		return nil, err
	}
	return p, p.readAnchors(ctx, f, proj)
}

// dwelling is where a household lives.
type dwelling struct {
	pos  geo.XY
	size int  // members
	seen bool // counted
}

func (p *people) readHouseholds(ctx context.Context, f *dataset.Folder, proj geo.Projection) (map[uint32]dwelling, error) {
	at := map[uint32]dwelling{}
	for h, err := range dataset.ReadTable[dataset.Household](ctx, f, dataset.TableHouseholds) {
		if err != nil {
			return nil, err
		}
		at[h.ID] = dwelling{proj.XY([2]float64{h.Lon, h.Lat}), min(max(int(h.Size), 0), maxSize), false}
	}
	return at, nil
}

func (p *people) readPersons(ctx context.Context, f *dataset.Folder, at map[uint32]dwelling) error {
	n := f.Meta().Persons
	p.pgroup, p.home, p.worker, p.work = make([]uint8, n), make([]geo.XY, n), make([]bool, n), make([]geo.XY, n)
	p.homeCell, p.workCell, p.nursery = make([]int32, n), make([]int32, n), make([]bool, n)
	seen := make([]bool, n)
	for r, err := range dataset.ReadTable[dataset.Person](ctx, f, dataset.TablePersons) {
		if err != nil {
			return err
		}
		if !r.Resident() {
			p.guests++
			continue
		}
		home, ok := at[r.Household]
		switch {
		case int(r.ID) >= n || seen[r.ID]:
			return fmt.Errorf("%s: %s: person %d, want each of 0 to %d once", f.Dir(), dataset.TablePersons, r.ID, n-1)
		case !ok:
			return fmt.Errorf("%s: %s: person %d: no household %d", f.Dir(), dataset.TablePersons, r.ID, r.Household)
		}
		g := groupOf(r.Household)
		if !home.seen {
			home.seen = true
			at[r.Household] = home
			p.n.add(g, pHouseholds, 1)
			p.sizes.add(g, home.size, 1)
		}
		p.persons++
		seen[r.ID], p.pgroup[r.ID], p.home[r.ID] = true, g, home.pos
		p.homeCell[r.ID], p.workCell[r.ID] = -1, -1
		p.nursery[r.ID] = r.Employment == dataset.Preschool
		p.count(g, &r)
	}
	if p.persons != n {
		return fmt.Errorf("%s: %s: %d persons, the manifest says %d", f.Dir(), dataset.TablePersons, p.persons, n)
	}
	return nil
}

// count adds a person to the kinds it is of.
func (p *people) count(g uint8, r *dataset.Person) {
	small := r.Age >= 3 && r.Age <= 5
	for kind, is := range [pKinds]bool{
		pPersons: true, pMale: r.Sex == dataset.SexMale, pFemale: r.Sex == dataset.SexFemale, pUnder15: r.Age < 15, pFrom60: r.Age >= 60,
		pAge3to5: small, pPreschool: small && r.Employment == dataset.Preschool, pEmployed: r.Employment == dataset.Employed,
	} {
		if is {
			p.n.add(g, kind, 1)
		}
	}
	p.ages.add(g, min(max(int(r.Age), 0), maxAge), 1)
}

// guest tells persons of truth/persons who do not live in the city.
func (p *people) guest(person uint32) bool {
	return int(person) >= p.persons && int(person) < p.persons+p.guests
}

// phone reports whether figures about phones are about a user: not a machine,
// nor a guest, nor a SIM that is valid at another time only.
func (p *people) phone(u sigcity.UserID) bool { return p.valid == nil || p.valid[u] > 0 }

// phones counts these.
func (p *people) phones() int {
	n := 0
	for u := range p.group {
		if p.phone(sigcity.UserID(u)) {
			n++
		}
	}
	return n
}

// days is for how many of the days of the data set a SIM is valid.
func (p *people) days(u, days int) float64 {
	if p.valid == nil {
		return float64(days)
	}
	return float64(p.valid[u]) * float64(days)
}

func (p *people) readSIMs(ctx context.Context, f *dataset.Folder) error {
	p.of = make([]uint32, len(p.group))
	p.valid = make([]float32, len(p.group))
	cal, err := f.Meta().Calendar()
	if err != nil {
		return err
	}
	begins, ends := cal.Start(0), cal.Start(f.Meta().Days)
	index := map[string]int{}
	var op []uint8 // per SIM row
	var groupsOf []uint8
	for r, err := range dataset.ReadTable[dataset.SIM](ctx, f, dataset.TableSIMs) {
		if err != nil {
			return err
		}
		if int(r.User) < len(p.group) && (!r.Phone() || r.Person >= 0 && p.guest(uint32(r.Person))) {
			continue
		}
		if int(r.User) >= len(p.group) || r.Person < 0 || int(r.Person) >= p.persons {
			return fmt.Errorf("%s: %s: user %d of person %d, want users below %d and persons below %d", f.Dir(), dataset.TableSIMs,
				r.User, r.Person, len(p.group), p.persons)
		}
		g := p.pgroup[r.Person]
		p.of[r.User], p.group[r.User] = uint32(r.Person), g
		until := ends
		if r.To != 0 {
			until = min(r.To, ends)
		}
		if from := max(r.From, begins); from < until {
			p.valid[r.User] = float32(until-from) / float32(ends-begins)
		}
		if !r.Valid(begins, begins+1) {
			continue // it takes another's place later
		}
		p.n.add(g, pSIMs, 1)
		i, ok := index[r.Operator]
		if !ok {
			if i = len(p.operators); i > 255 {
				return fmt.Errorf("%s: %s: more than 256 operators", f.Dir(), dataset.TableSIMs)
			}
			index[r.Operator], p.operators = i, append(p.operators, r.Operator)
		}
		op, groupsOf = append(op, uint8(i)), append(groupsOf, g)
	}
	p.byOp = newCounts(len(p.operators))
	for i, o := range op {
		p.byOp.add(groupsOf[i], int(o), 1)
	}
	p.rankOperators()
	return nil
}

// rankOperators puts the operators in order of their SIMs, ties by name.
func (p *people) rankOperators() {
	total := func(i int) int64 { return p.byOp.total(i, i+1) }
	for i := range p.operators {
		for j := i; j > 0 && (total(j) > total(j-1) || total(j) == total(j-1) && p.operators[j] < p.operators[j-1]); j-- {
			p.operators[j], p.operators[j-1] = p.operators[j-1], p.operators[j]
			for g := range groups {
				row := p.byOp.n[g*p.byOp.width:]
				row[j], row[j-1] = row[j-1], row[j]
			}
		}
	}
}

// readAnchors reads where people live and work: of several homes or work
// places, those that are valid longest, of equals the first.
func (p *people) readAnchors(ctx context.Context, f *dataset.Folder, proj geo.Projection) error {
	cells := uint32(len(f.Areas()))
	cal, err := f.Meta().Calendar()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Dir(), err)
	}
	from, to := cal.Start(0), cal.Start(cal.Days())
	home, work := make([]uint32, p.persons), make([]uint32, p.persons) // how long those found are valid
	for a, err := range dataset.ReadTable[dataset.Anchor](ctx, f, dataset.TableAnchors) {
		if err != nil {
			return err
		}
		if p.guest(a.Person) {
			continue
		}
		if int(a.Person) >= p.persons || a.Cell >= cells {
			return fmt.Errorf("%s: %s: person %d in cell %d, want persons below %d and cells below %d", f.Dir(), dataset.TableAnchors,
				a.Person, a.Cell, p.persons, cells)
		}
		at, valid := proj.XY([2]float64{a.Lon, a.Lat}), a.Within(from, to)
		switch {
		case a.Kind == dataset.ActHome && valid > home[a.Person]:
			home[a.Person], p.home[a.Person], p.homeCell[a.Person] = valid, at, int32(a.Cell)
		case a.Kind == dataset.ActWork && valid > work[a.Person]:
			work[a.Person], p.work[a.Person], p.workCell[a.Person], p.worker[a.Person] = valid, at, int32(a.Cell), true
		}
	}
	for i, is := range p.worker {
		if is {
			p.commutes.put(p.pgroup[i], p.work[i].Dist(p.home[i]))
		}
	}
	return nil
}
