package benchmarks

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/planning"
)

// AdultAge is the age in years from which a person may be a target.
const AdultAge = 18

// city is a data set with all that the scorer knows of it.
type city struct {
	data       sigcity.Dataset
	manifest   *dataset.Manifest
	truth      *dataset.Truth
	public     *dataset.Map
	links      []dataset.RoadEdge // the public road graph
	register   []dataset.RegisterEntry
	taps       []dataset.CardTap // of transit cards, by time
	kinds      []string          // of the sites, per cell
	standsAt   map[uint32]uint32 // entry of the register → person
	hash       string            // of the data set
	cells      *geo.Areas
	personOf   []uint32 // of each phone SIM that is valid in the data set; nobody of the others
	households map[uint32][]dataset.Person
	anchors    map[uint32][]dataset.Anchor // by person
}

// holders lists the residents with a phone SIM, ascending.
func (c *city) holders() []uint32 {
	out := slices.Compact(slices.Sorted(slices.Values(c.personOf)))
	return slices.DeleteFunc(out, func(p uint32) bool { return !c.resident(p) })
}

// resident tells residents from other people and from nobody.
func (c *city) resident(p uint32) bool { return p != nobody && c.truth.Persons[p].Resident() }

// phones counts the phone SIMs of residents.
func (c *city) phones() int {
	n := 0
	for _, p := range c.personOf {
		if c.resident(p) {
			n++
		}
	}
	return n
}

// nobody is the person of a machine's SIM.
const nobody = math.MaxUint32

// loadCity reads truth, map and register of a generated folder.
func loadCity(ctx context.Context, f *dataset.Folder) (*city, error) {
	c := &city{data: f, manifest: f.Manifest(), standsAt: map[uint32]uint32{}}
	if c.manifest.Release != nil {
		return nil, fmt.Errorf("%s: is a release, must be a generated data set", f.Dir())
	}
	var err error
	if c.truth, err = dataset.LoadTruth(ctx, f, nil, 0, 0); err != nil {
		return nil, fmt.Errorf("%s: truth is needed to score: %w", f.Dir(), err)
	}
	if err = c.truth.LoadTraces(ctx, f); err != nil {
		return nil, err
	}
	if f.HasTable(dataset.TableCards) {
		if c.taps, err = dataset.CardTaps(ctx, f); err != nil {
			return nil, err
		}
	}
	cells, err := f.Cells()
	if err != nil {
		return nil, err
	}
	for _, x := range cells {
		c.kinds = append(c.kinds, x.Kind)
	}
	if c.public, err = f.Map(); err != nil {
		return nil, err
	}
	if f.HasTable(dataset.TableLinks) {
		for e, err := range dataset.ReadTable[dataset.RoadEdge](ctx, f, dataset.TableLinks) {
			if err != nil {
				return nil, err
			}
			c.links = append(c.links, e)
		}
	}
	for e, err := range dataset.ReadTable[dataset.RegisterEntry](ctx, f, dataset.TableRegister) {
		if err != nil {
			return nil, err
		}
		c.register = append(c.register, e)
	}
	for i, err := range dataset.ReadTable[dataset.Identity](ctx, f, dataset.TableIdentities) {
		if err != nil {
			return nil, err
		}
		if i.Source == dataset.SourceRegister {
			c.standsAt[i.Entry] = i.Person
		}
	}
	if c.hash, err = manifestHash(c.manifest); err != nil {
		return nil, err
	}
	return c, c.index()
}

// index checks that truth fits the data and lays out what is looked up often.
func (c *city) index() error {
	cal, err := c.data.Meta().Calendar()
	if err != nil {
		return err
	}
	from, to := cal.Start(0), cal.Start(c.data.Meta().Days)
	n := c.data.Meta().Users
	c.personOf = make([]uint32, n)
	known := make([]bool, n)
	for _, s := range c.truth.SIMs {
		if int(s.User) < n && !s.Phone() {
			c.personOf[s.User], known[s.User] = nobody, true
			continue
		}
		if int(s.User) >= n || s.Person < 0 || int(s.Person) >= len(c.truth.Persons) {
			return fmt.Errorf("truth/sims: SIM %d of person %d, must be below %d and %d", s.User, s.Person, n, len(c.truth.Persons))
		}
		c.personOf[s.User], known[s.User] = uint32(s.Person), true
		if !s.Valid(from, to) {
			c.personOf[s.User] = nobody
		}
	}
	if i := slices.Index(known, false); i >= 0 {
		return fmt.Errorf("truth/sims: SIM %d has no person", i)
	}
	for i, p := range c.truth.Persons {
		if int(p.ID) != i {
			return fmt.Errorf("truth/persons: row %d holds person %d, must be dense and in order", i, p.ID)
		}
	}
	c.households, c.anchors = map[uint32][]dataset.Person{}, map[uint32][]dataset.Anchor{}
	for _, p := range c.truth.Persons {
		c.households[p.Household] = append(c.households[p.Household], p)
	}
	for _, x := range c.truth.Anchors {
		c.anchors[x.Person] = append(c.anchors[x.Person], x)
	}
	c.cells = geo.NewAreas(c.data.Areas(), c.public.Projection())
	return nil
}

// arena is what all methods of one subset and seed compete in: the same
// members, controls and targets.
type arena struct {
	*city
	subset     Subset
	seed       uint64
	groups     int
	from, to   uint32 // window in Unix seconds
	meta       sigcity.Meta
	calendar   *sigcity.Calendar
	isMember   []bool           // by person
	members    []uint32         // persons who may be in a release, children too
	controls   []uint32         // persons who are in none
	source     []sigcity.UserID // raw user → SIM of the data set
	person     []uint32         // raw user → person, or nobody
	raw        sigcity.Dataset  // the members' records: what methods get
	active     []bool           // by person: has raw records
	records    int64            // of raw
	hasRecords []bool           // per raw user
	activeSIMs int              // raw users with records
	memTruth   *dataset.Truth   // of the people behind raw, in the window
	plan       *reference       // answers of the tasks on raw and truth
	targets    *targetPool
}

// newArena splits persons into members and controls by a hash that the seed
// keys: whole persons with all their SIMs. Methods get the members' phone SIMs;
// where whole is set, as for a release that somebody else made of the data set,
// every SIM in it.
func newArena(ctx context.Context, c *city, g Grid, subset Subset, seed uint64, whole bool) (*arena, error) {
	a := &arena{city: c, subset: subset, seed: seed, groups: g.JackknifeGroups, meta: *c.data.Meta(), isMember: make([]bool, len(c.truth.Persons))}
	if subset.Days > 0 {
		a.meta.Days = min(subset.Days, a.meta.Days)
	}
	var err error
	if a.calendar, err = a.meta.Calendar(); err != nil {
		return nil, err
	}
	a.from, a.to = a.calendar.Start(0), a.calendar.Start(a.meta.Days)
	inside := a.inside()
	for p := range c.truth.Persons {
		switch {
		case !inside[p]:
		case sigcity.Unit(sigcity.Hash(seed, "benchmarks.control", uint64(p))) < g.ControlShare:
			a.controls = append(a.controls, uint32(p))
		default:
			a.isMember[p] = true
			a.members = append(a.members, uint32(p))
		}
	}
	for _, s := range c.truth.SIMs {
		p := c.personOf[s.User]
		if whole || p != nobody && a.isMember[p] && s.Valid(a.from, a.to) {
			a.source, a.person = append(a.source, sigcity.UserID(s.User)), append(a.person, p)
		}
	}
	if len(a.source) == 0 || (len(a.controls) == 0 && g.ControlShare > 0) {
		return nil, fmt.Errorf("%d persons: no %s are left by control_share = %g; generate more persons", len(c.truth.Persons),
			map[bool]string{true: "members with a SIM", false: "controls"}[len(a.source) == 0], g.ControlShare)
	}
	weight := a.meta.Weight()
	a.meta.Users, a.meta.Persons, a.meta.Records = len(a.source), len(a.members), -1
	a.meta.Inhabitants = int(math.Round(weight * float64(len(a.members))))
	a.raw = &view{Dataset: dataset.Select(c.data, a.source, a.window()), meta: &a.meta}
	a.active, a.hasRecords = make([]bool, len(c.truth.Persons)), make([]bool, len(a.source))
	for t, err := range a.raw.Users(ctx, sigcity.Range{}) {
		if err != nil {
			return nil, err
		}
		if p := a.person[t.User]; p != nobody {
			a.active[p] = true
		}
		a.hasRecords[t.User] = true
		a.activeSIMs++
		a.records += int64(len(t.Records))
	}
	a.memTruth = cutTruth(c.truth, func(p uint32) bool { return a.isMember[p] || whole && !c.resident(p) }, a.from, a.to)
	a.memTruth.Meta = a.meta
	return a, nil
}

func (a *arena) window() sigcity.Range {
	if a.subset == (Subset{}) {
		return sigcity.Range{}
	}
	return sigcity.Range{From: a.from, To: a.to}
}

// inside marks the persons of the subset: residents, and of them those with the
// smallest hashes among the persons with a SIM, and with them nobody else. What is
// scored is about residents: other people are neither members nor controls.
func (a *arena) inside() []bool {
	in := make([]bool, len(a.truth.Persons))
	if a.subset.Persons == 0 || a.subset.Persons >= len(in) {
		for i := range in {
			in[i] = a.truth.Persons[i].Resident()
		}
		return in
	}
	holders := a.holders()
	byHash(holders, a.seed, "benchmarks.subset")
	for _, p := range holders[:min(a.subset.Persons, len(holders))] {
		in[p] = true
	}
	return in
}

// byHash orders persons by a hash that the seed keys: a random order.
func byHash(persons []uint32, seed uint64, scope string) {
	key := func(p uint32) uint64 { return sigcity.Hash(seed, scope, uint64(p)) }
	slices.SortFunc(persons, func(p, q uint32) int { return cmp.Or(cmp.Compare(key(p), key(q)), cmp.Compare(p, q)) })
}

// group is the jackknife group of a person.
func (a *arena) group(person uint32) int {
	return int(sigcity.Hash(0, "benchmarks.group", uint64(person)) % uint64(a.groups))
}

// env is what a task knows beside the records of data over some areas: the
// linkage periods are the data's own.
func (a *arena) env(data *sigcity.Meta, areas []sigcity.Area, zoning geo.Zoning) *planning.Env {
	meta := a.meta
	if data != nil {
		meta.Periods, meta.Users = data.Periods, data.Users
	}
	var kinds []string // of sites: known where the areas are the operator's cells
	if slices.EqualFunc(areas, a.raw.Areas(), func(x, y sigcity.Area) bool { return x.Name == y.Name && x.Center == y.Center }) {
		kinds = a.kinds
	}
	return &planning.Env{Meta: &meta, Areas: areas, Calendar: a.calendar, Map: a.public, Taps: a.taps, Kinds: kinds, Links: a.links,
		Proj: a.public.Projection(), Zoning: zoning, Population: float64(meta.Inhabitants)}
}

// view is a data set whose meta tells of the part that it shows.
type view struct {
	sigcity.Dataset
	meta *sigcity.Meta
}

func (v *view) Meta() *sigcity.Meta { return v.meta }

// cutTruth keeps some persons and clips activities and trips to a window.
func cutTruth(t *dataset.Truth, keep func(person uint32) bool, from, to uint32) *dataset.Truth {
	out := &dataset.Truth{Meta: t.Meta, Roads: t.Roads}
	user := map[uint32]bool{} // the SIMs kept
	homes := map[uint32]bool{}
	for _, p := range t.Persons {
		if keep(p.ID) {
			out.Persons = append(out.Persons, p)
			homes[p.Household] = true
		}
	}
	for _, h := range t.Households {
		if homes[h.ID] {
			out.Households = append(out.Households, h)
		}
	}
	for _, s := range t.SIMs {
		if s.Person >= 0 && keep(uint32(s.Person)) {
			out.SIMs = append(out.SIMs, s)
			user[s.User] = true
		}
	}
	for _, a := range t.Anchors {
		if keep(a.Person) && a.Within(from, to) > 0 {
			out.Anchors = append(out.Anchors, a)
		}
	}
	for _, a := range t.Activities {
		if keep(a.Person) && a.Start < to && a.End > from {
			a.Start, a.End = max(a.Start, from), min(a.End, to)
			out.Activities = append(out.Activities, a)
		}
	}
	for _, r := range t.Trips {
		// A trip cut short would have a false length: it counts where it starts.
		if keep(r.Person) && r.Start >= from && r.Start < to {
			out.Trips = append(out.Trips, r)
		}
	}
	for _, x := range t.Purchases {
		if keep(x.Person) && x.Time >= from && x.Time < to {
			out.Purchases = append(out.Purchases, x)
		}
	}
	for _, x := range t.Passages {
		if keep(x.Person) && x.Arrive >= from && x.Arrive < to {
			out.Passages = append(out.Passages, x)
		}
	}
	for _, x := range t.Flags {
		if user[x.User] && x.Time >= from && x.Time < to {
			out.Flags = append(out.Flags, x)
		}
	}
	for _, x := range t.Identities {
		if keep(x.Person) {
			out.Identities = append(out.Identities, x)
		}
	}
	return out
}
