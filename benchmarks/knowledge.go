package benchmarks

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/dataset"
)

// targetPool is who may be attacked in an arena, with what is true of them. It
// is immutable once made.
type targetPool struct {
	a        *arena
	persons  []uint32                         // adults with records, members and controls, in random order
	listed   []uint32                         // the same, of the persons in the register
	entry    map[uint32]dataset.RegisterEntry // by person
	records  map[uint32][]sigcity.Record      // by person: of their busiest SIM, in the window
	activity map[uint32][]dataset.Activity    // by person, in the window
}

// newTargetPool draws at most n members and n controls for each kind of
// knowledge; the same persons serve every method and attack of the arena, so
// that methods are compared on equal targets.
func newTargetPool(ctx context.Context, a *arena, n int) (*targetPool, error) {
	p := &targetPool{a: a, entry: map[uint32]dataset.RegisterEntry{}, records: map[uint32][]sigcity.Record{}, activity: map[uint32][]dataset.Activity{}}
	for _, e := range a.register {
		if person, ok := a.standsAt[e.Entry]; ok {
			p.entry[person] = e
		}
	}
	seen, err := a.seen(ctx)
	if err != nil {
		return nil, err
	}
	registered := func(q uint32) bool { _, ok := p.entry[q]; return ok }
	anybody := func(uint32) bool { return true }
	p.persons = p.draw(n, seen, anybody)
	p.listed = p.draw(n, seen, registered)
	return p, p.load(ctx)
}

// seen marks the persons, members or controls, with records in the window.
func (a *arena) seen(ctx context.Context) ([]bool, error) {
	seen := slices.Clone(a.active)
	isControl := make([]bool, len(seen))
	for _, c := range a.controls {
		isControl[c] = true
	}
	var sims []sigcity.UserID
	for u, p := range a.personOf {
		if p != nobody && isControl[p] {
			sims = append(sims, sigcity.UserID(u))
		}
	}
	for t, err := range dataset.Select(a.data, sims, a.window()).Users(ctx, sigcity.Range{}) {
		if err != nil {
			return nil, err
		}
		seen[a.personOf[sims[t.User]]] = true
	}
	return seen, nil
}

func (p *targetPool) draw(n int, seen []bool, eligible func(uint32) bool) []uint32 {
	var out []uint32
	for _, group := range [][]uint32{p.a.members, p.a.controls} {
		var fit []uint32
		for _, q := range group {
			if seen[q] && p.a.truth.Persons[q].Age >= AdultAge && eligible(q) {
				fit = append(fit, q)
			}
		}
		byHash(fit, p.a.seed, "benchmarks.target")
		out = append(out, fit[:min(n, len(fit))]...)
	}
	byHash(out, p.a.seed, "benchmarks.target.order") // members and controls mixed
	return out
}

// load reads what realistic and same-record adversaries may have seen.
func (p *targetPool) load(ctx context.Context) error {
	wanted := map[uint32]bool{}
	for _, q := range slices.Concat(p.persons, p.listed) {
		wanted[q] = true
	}
	var sims []sigcity.UserID
	for u, q := range p.a.personOf {
		if wanted[q] {
			sims = append(sims, sigcity.UserID(u))
		}
	}
	for t, err := range dataset.Select(p.a.data, sims, p.a.window()).Users(ctx, sigcity.Range{}) {
		if err != nil {
			return err
		}
		q := p.a.personOf[sims[t.User]]
		if len(t.Records) > len(p.records[q]) {
			p.records[q] = slices.Clone(t.Records)
		}
	}
	for _, s := range p.a.truth.Activities {
		if wanted[s.Person] && s.Kind != dataset.ActAway && s.Start < p.a.to && s.End > p.a.from {
			s.Start, s.End = max(s.Start, p.a.from), min(s.End, p.a.to)
			p.activity[s.Person] = append(p.activity[s.Person], s)
		}
	}
	return nil
}

// knowledge draws what an adversary knows of the targets. who[i] is the person
// behind target i; it stays with the scorer.
func (p *targetPool) knowledge(w adversary) (k attacks.Knowledge, who []uint32) {
	who = p.persons
	if w.knows(attacks.Register) {
		who = p.listed
	}
	k = attacks.Knowledge{Map: p.a.public, Cells: p.a.data.Areas(), Calendar: p.a.calendar}
	if w.kind != SameRecord {
		k.ErrorM, k.ErrorS = w.noiseM, float64(w.timeErr)
	}
	for i, q := range who {
		t := attacks.Target{ID: attacks.TargetID(i)}
		if w.knows(attacks.Register) {
			e := p.entry[q]
			t.Home, t.HasWork = orb.Point{e.HomeLon, e.HomeLat}, e.HasWork
			if e.HasWork {
				t.Work = orb.Point{e.WorkLon, e.WorkLat}
			}
		}
		if w.knows(attacks.SomePoints) {
			t.Points = p.points(q, w)
		}
		if w.knows(attacks.TopPlaces) {
			t.Places = p.topPlaces(q, w)
		}
		k.Targets = append(k.Targets, t)
	}
	return k, who
}

// points draws distinct observations of a person, in ascending time.
func (p *targetPool) points(person uint32, w adversary) []attacks.Point {
	var out []attacks.Point
	if w.kind == SameRecord {
		rows := p.records[person]
		rng := sigcity.Rand(p.a.seed, "benchmarks.points", uint64(person))
		// Points are distinct hours × cells (de Montjoye et al. 2013): two rows
		// of one hour and cell would tell the adversary the same thing twice.
		type slot struct {
			hour uint32
			area sigcity.AreaID
		}
		seen := map[slot]bool{}
		for _, i := range rng.Perm(len(rows)) {
			at := slot{(rows[i].Time - p.a.from) / 3600, rows[i].Area}
			if len(out) == w.points || seen[at] {
				continue
			}
			seen[at] = true
			out = append(out, attacks.Point{Time: rows[i].Time, Place: p.a.data.Areas()[rows[i].Area].Center})
		}
	} else {
		out = p.sightings(person, w)
	}
	slices.SortFunc(out, func(a, b attacks.Point) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

// sightings draws moments uniformly from the person's stays: an observer meets
// people where they spend their time. Position and time carry errors of their
// own, independent of the phone's records.
func (p *targetPool) sightings(person uint32, w adversary) []attacks.Point {
	stays := p.activity[person]
	total := make([]float64, len(stays)+1)
	for i, s := range stays {
		total[i+1] = total[i] + float64(s.End-s.Start)
	}
	if total[len(stays)] == 0 {
		return nil
	}
	var out []attacks.Point
	for i := range w.points {
		rng := sigcity.Rand(p.a.seed, "benchmarks.sighting", uint64(person), uint64(i))
		at := rng.Float64() * total[len(stays)]
		j := sort.Search(len(stays), func(j int) bool { return total[j+1] > at })
		s := stays[min(j, len(stays)-1)]
		t := int64(s.Start) + int64(at-total[j]) + rng.Int64N(2*int64(w.timeErr)+1) - int64(w.timeErr)
		t = min(max(t, int64(p.a.from)), int64(p.a.to)-1)
		out = append(out, attacks.Point{Time: uint32(t), Place: p.blurred(orb.Point{s.Lon, s.Lat}, w, rng.NormFloat64(), rng.NormFloat64())})
	}
	return out
}

// blurred is the centre of the cell nearest to a noisy position.
func (p *targetPool) blurred(at orb.Point, w adversary, east, north float64) orb.Point {
	q := p.a.public.Projection().XY(at)
	q.X += float64(east * w.noiseM)
	q.Y += float64(north * w.noiseM)
	id, _ := p.a.cells.Nearest(q)
	return p.a.data.Areas()[id].Center
}

// topPlaces lists a person's places by time spent (realistic) or by records
// (same-record), most first, as centres of distinct cells.
func (p *targetPool) topPlaces(person uint32, w adversary) []orb.Point {
	weight := map[orb.Point]float64{}
	if w.kind == SameRecord {
		for _, r := range p.records[person] {
			weight[p.a.data.Areas()[r.Area].Center]++
		}
	} else {
		for _, s := range p.activity[person] {
			place := orb.Point{s.Lon, s.Lat}
			// One error per place, not per visit: who knows a place knows it.
			rng := sigcity.Rand(p.a.seed, "benchmarks.place", uint64(person), math.Float64bits(s.Lon), math.Float64bits(s.Lat))
			weight[p.blurred(place, w, rng.NormFloat64(), rng.NormFloat64())] += float64(s.End - s.Start)
		}
	}
	places := make([]orb.Point, 0, len(weight))
	for at := range weight {
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b orb.Point) int {
		return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	return places[:min(w.places, len(places))]
}
