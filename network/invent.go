package network

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// How bus lines are invented (Options.InventLines). The centres of work are
// joined by a shortest spanning tree; then routes along shortest ways grow out
// of them, greedily by the people newly served for their length: a constructive
// heuristic of transit route design, in the manner of Mandl 1980 and of Baaj and
// Mahmassani 1995, much simplified. All figures are this project's assumptions.
const (
	inventTileM     = 200.0    // side of the squares that people are counted in; a line serves those beside its own
	inventPerBranch = 4_000.0  // inhabitants a branch from a centre; two branches make a line
	inventPerCentre = 25_000.0 // inhabitants a centre of work
	centreM         = 500.0    // side of the squares that jobs are counted in, to find centres
	centresApartM   = 3_000.0
	centresNear     = 3      // of each end of a line: the centres that it may lead to, the first one besides
	endsM           = 800.0  // one possible end of a line in each square of this side
	leastAtEnd      = 100.0  // people in that square
	mainStreetM     = 400.0  // how far from people the end of a line may lie on a main street
	leastBranchM    = 1500.0 // length of a branch
	longestBranch   = 45 * 60.0
	mostDetour      = 3.0    // of a branch, against the straight line
	fixedM          = 3000.0 // what a branch costs beside its length: short ones are not worth a vehicle
	leastServed     = 100.0  // people newly served for each km
	drawOfStation   = 1000.0 // people that a station counts for
	drawOfAirport   = 3000.0
	mostThroughM    = 30_000.0 // length of a line through a centre
	throughCosine   = -0.3     // its branches lead away from the centre at 107° or more
	throughSharedM  = 600.0    // and have no more than this of their course in common
)

// busCost is how much longer than a car's a bus's way over a class of road
// counts: main streets are where stops are; on motorways there are none.
func busCost(c RoadClass) float64 {
	switch c {
	case Motorway, MotorwayLink:
		return 3
	case Trunk, TrunkLink, Unclassified:
		return 1.3
	case ResidentialStreet:
		return 3
	case LivingStreet:
		return 4
	case Primary, PrimaryLink, Secondary, SecondaryLink, Tertiary, TertiaryLink:
		return 1
	}
	return 6
}

// mainStreet reports whether bus lines run on a class of road by preference.
func mainStreet(c RoadClass) bool { return c >= Primary && c <= TertiaryLink }

// inventor lays out bus lines.
type inventor struct {
	*lineMaker
	g      *Graph
	times  []float32 // what each link costs a bus, s
	people *raster   // who lives and works there, and what hubs draw
	number map[tile]int32
	counts []float64 // people by number
	mapped *geo.Index
	named  []halt // the map's bus stops, by index
	ends   []Spot // where lines may end
	made   int    // lines so far, both directions one
}

// branch is a course between a centre and an end of a line, both ways.
type branch struct {
	centre      int
	joins       int     // the centre that it leads to, 0 = none: it ends elsewhere
	there, back Route   // from the centre, to it
	length      float64 // m, mean of both
	served      []int32 // numbers of tiles
	passed      []tile  // that it runs through
	towards     geo.XY  // from the centre to the end, as the crow flies, of length 1
}

// inventLines adds bus lines where the map has none.
func (m *lineMaker) inventLines() error {
	if slices.ContainsFunc(m.city.Lines, func(l Line) bool { return l.Mode == Bus }) {
		m.warn("public transport: the map has bus lines; none was invented")
		return nil
	}
	v := &inventor{lineMaker: m, g: m.city.graph, people: newRaster(inventTileM), number: map[tile]int32{}}
	if v.g.Edges() == 0 {
		return nil
	}
	v.costs()
	v.demand()
	v.mappedStops()
	centres := v.centres()
	v.findEnds()
	branches, err := v.branches(centres)
	if err != nil {
		return err
	}
	v.lines(v.choose(v.trunk(branches, len(centres)), branches))
	if v.made == 0 {
		m.warn("public transport: no bus line could be invented; streets lead from no centre of work to %g people and more", leastAtEnd)
		return nil
	}
	served, all := v.coverage()
	m.add("lines_invented", int64(2*v.made))
	m.warn("public transport: the map has no bus lines; %d were invented, each in both directions, with stops near %.0f %% of those who live and work there: their courses, stops and headways are no fact of the city",
		v.made, 100*served/all)
	return nil
}

func (v *inventor) costs() {
	v.times = slices.Clone(v.g.Times(Car))
	for l := range v.times {
		v.times[l] = float32(float64(v.times[l]) * busCost(v.g.Class(Link(l))))
	}
}

// demand counts people in tiles.
func (v *inventor) demand() {
	c := v.city
	for i := range c.Buildings {
		b := &c.Buildings[i]
		v.people.add(b.Pos, float64(b.Dwellings*householdSize)+b.Jobs)
	}
	for i := range c.Places {
		p := &c.Places[i]
		v.people.add(p.Pos, p.Jobs)
		switch {
		case p.Estimated:
		case p.Category == dataset.Station:
			v.people.add(p.Pos, drawOfStation)
		case p.Category == dataset.Airport:
			v.people.add(p.Pos, drawOfAirport)
		}
	}
	for _, t := range v.people.tiles() {
		if n := v.people.sum[t]; n > 0 {
			v.number[t] = int32(len(v.counts))
			v.counts = append(v.counts, n)
		}
	}
}

// centres are where most jobs are, apart from each other; the first is that of
// the city.
func (v *inventor) centres() (out []Spot) {
	jobs := newRaster(centreM)
	for i := range v.city.Buildings {
		jobs.add(v.city.Buildings[i].Pos, v.city.Buildings[i].Jobs)
	}
	for i := range v.city.Places {
		jobs.add(v.city.Places[i].Pos, v.city.Places[i].Jobs)
	}
	tiles := jobs.tiles()
	around := map[tile]float64{}
	for _, t := range tiles {
		around[t] = jobs.around(jobs.center(t))
	}
	slices.SortStableFunc(tiles, func(a, b tile) int { return cmp.Compare(around[b], around[a]) })
	most := max(1, int(math.Round(v.inhabitants/inventPerCentre)))
	var pos []geo.XY
	for _, t := range tiles {
		p := jobs.center(t)
		if len(out) == most {
			break
		}
		if slices.ContainsFunc(pos, func(q geo.XY) bool { return q.Dist(p) < centresApartM }) {
			continue
		}
		if s, ok := v.street(p); ok {
			out, pos = append(out, s), append(pos, p)
		}
	}
	return out
}

// street is where a bus halts nearest to p: on a main street unless it is far.
func (v *inventor) street(p geo.XY) (Spot, bool) {
	for _, wanted := range []func(RoadClass) bool{mainStreet, func(c RoadClass) bool { return c >= Primary && c <= ResidentialStreet }} {
		s, ok := v.g.snap(p, func(r *road) bool { return (r.modes[0] | r.modes[1]).has(Car) && !r.tunnel && wanted(r.class) })
		if ok && s.Dist <= mainStreetM {
			return s, true
		}
	}
	return Spot{}, false
}

// findEnds finds where lines may end: beside the most people of each square,
// and at stations and airports.
func (v *inventor) findEnds() {
	best := map[tile]tile{}
	squares := newRaster(endsM)
	for _, t := range v.people.tiles() {
		p, n := v.people.center(t), v.people.sum[t]
		s := squares.tile(p)
		if squares.add(p, n); n > v.people.sum[best[s]] || squares.sum[s] == n {
			best[s] = t
		}
	}
	add := func(p geo.XY) {
		if s, ok := v.street(p); ok {
			v.ends = append(v.ends, s)
		}
	}
	for _, s := range squares.tiles() {
		if squares.sum[s] >= leastAtEnd {
			add(v.people.center(best[s]))
		}
	}
	for i := range v.city.Places {
		if p := &v.city.Places[i]; !p.Estimated && (p.Category == dataset.Station || p.Category == dataset.Airport) {
			add(p.Pos)
		}
	}
}

// branches finds the courses from each centre to the ends that are near it, from
// the first one to all, and to the centres after it.
func (v *inventor) branches(centres []Spot) ([]branch, error) {
	ends := make([][]int32, len(centres))
	for i, e := range v.ends {
		p := v.g.SpotPos(e)
		order := make([]int, len(centres))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(v.g.SpotPos(centres[a]).Dist(p), v.g.SpotPos(centres[b]).Dist(p))
		})
		for n, k := range order {
			if n < centresNear || k == 0 {
				ends[k] = append(ends[k], int32(i))
			}
		}
	}
	byCentre := make([][]branch, len(centres))
	err := parallel.For(context.Background(), v.opt.Workers, len(centres), 1, func(_, k, _ int) error {
		there, back := NewSearch(v.g), NewSearch(v.g)
		there.Tree(v.times, centres[k], false)
		back.Tree(v.times, centres[k], true)
		add := func(end Spot, joins int) {
			if b, ok := v.branch(there, back, v.g.SpotPos(centres[k]), end); ok {
				b.centre, b.joins = k, joins
				byCentre[k] = append(byCentre[k], b)
			}
		}
		for _, e := range ends[k] {
			add(v.ends[e], 0)
		}
		for j := k + 1; j < len(centres); j++ {
			add(centres[j], j)
		}
		return nil
	})
	return slices.Concat(byCentre...), err
}

// branch is the course to an end; false where it is too short or goes astray.
func (v *inventor) branch(there, back *Search, centre geo.XY, end Spot) (branch, bool) {
	var b branch
	if !there.Route(&b.there, end) || !back.Route(&b.back, end) || max(b.there.Seconds, b.back.Seconds) > longestBranch {
		return b, false
	}
	p := v.g.SpotPos(end)
	direct := centre.Dist(p)
	b.length = (b.there.Length + b.back.Length) / 2
	if min(b.there.Length, b.back.Length) < leastBranchM || max(b.there.Length, b.back.Length) > mostDetour*direct {
		return b, false
	}
	b.towards = geo.XY{X: (p.X - centre.X) / direct, Y: (p.Y - centre.Y) / direct}
	b.passed, b.served = v.along(v.ridden(&b.there))
	return b, true
}

// along is the tiles that a course passes, and the numbers of those that it
// serves, where a bus may stop.
func (v *inventor) along(c course, stops []bool) (passed []tile, served []int32) {
	seen, near := map[tile]bool{}, map[int32]bool{}
	for i := 1; i < len(c.pts); i++ {
		n := int(c.pts[i-1].Dist(c.pts[i])/(inventTileM/4)) + 1
		for k := range n {
			t := v.people.tile(c.pts[i-1].Lerp(c.pts[i], float64(k+1)/float64(n)))
			if !seen[t] {
				seen[t] = true
				passed = append(passed, t)
			}
			if !stops[i] {
				continue
			}
			for dy := int32(-1); dy <= 1; dy++ {
				for dx := int32(-1); dx <= 1; dx++ {
					if x, ok := v.number[tile{t.x + dx, t.y + dy}]; ok && !near[x] {
						near[x] = true
						served = append(served, x)
					}
				}
			}
		}
	}
	return passed, served
}

// trunk is the branches of the shortest spanning tree of the centres (Kruskal
// 1956), or of as many trees as there must be.
func (v *inventor) trunk(all []branch, centres int) (out []branch) {
	var joins []int
	for i := range all {
		if all[i].joins > 0 {
			joins = append(joins, i)
		}
	}
	slices.SortStableFunc(joins, func(a, b int) int { return cmp.Compare(all[a].there.Seconds, all[b].there.Seconds) })
	tree := make([]int, centres)
	for k := range tree {
		tree[k] = k
	}
	for _, i := range joins {
		if from, to := tree[all[i].centre], tree[all[i].joins]; from != to {
			for k := range tree {
				if tree[k] == to {
					tree[k] = from
				}
			}
			out = append(out, all[i])
		}
	}
	return out
}

// choose adds branches to those of the trunk, always the one that newly serves
// most people for its cost, until there are enough or none serves many.
func (v *inventor) choose(out, all []branch) []branch {
	most := max(2, int(math.Round(v.inhabitants/inventPerBranch)))
	left := slices.Clone(v.counts)
	for i := range out {
		for _, t := range out[i].served {
			left[t] = 0
		}
	}
	for len(out) < most {
		best, bestScore := -1, 0.0
		for i := range all {
			gain := 0.0
			for _, t := range all[i].served {
				gain += left[t]
			}
			if gain*1000 < leastServed*all[i].length {
				continue
			}
			if score := gain / (all[i].length + fixedM); score > bestScore {
				best, bestScore = i, score
			}
		}
		if best < 0 {
			break
		}
		for _, t := range all[best].served {
			left[t] = 0
		}
		out = append(out, all[best])
	}
	return out
}

// through finds for a branch the one of the same centre that goes on most
// straight beyond it, −1 = none.
func through(all []branch, i int, used []bool) int {
	best, bestCosine := -1, throughCosine
	a := &all[i]
	for k := range all {
		b := &all[k]
		if k == i || used[k] || b.centre != a.centre || a.length+b.length > mostThroughM {
			continue
		}
		shared := 0
		for _, t := range b.passed {
			if slices.Contains(a.passed, t) {
				shared++
			}
		}
		if cosine := float64(a.towards.X*b.towards.X) + float64(a.towards.Y*b.towards.Y); cosine < bestCosine && float64(shared)*inventTileM <= throughSharedM {
			best, bestCosine = k, cosine
		}
	}
	return best
}

// lines makes lines of branches, two and two through a centre where they go on
// from each other.
func (v *inventor) lines(all []branch) {
	used := make([]bool, len(all))
	for i := range all {
		if used[i] {
			continue
		}
		used[i] = true
		out, home := []*Route{&all[i].there}, []*Route{&all[i].back}
		served, length := all[i].served, all[i].length
		if k := through(all, i, used); k >= 0 {
			used[k] = true
			out, home = []*Route{&all[k].back, &all[i].there}, []*Route{&all[i].back, &all[k].there}
			served, length = slices.Concat(served, all[k].served), length+all[k].length
		}
		slices.Sort(served)
		people := 0.0
		for _, t := range slices.Compact(served) {
			people += v.counts[t]
		}
		v.made++
		headway := inventedHeadway(people / length * 1000)
		v.invent(out, headway)
		v.invent(home, headway)
	}
}

// inventedHeadway is the seconds between buses of a line that so many people a
// kilometre live and work along: every 10 minutes in a dense town, every hour in the
// country (assumed).
func inventedHeadway(perKm float64) float64 {
	switch {
	case perKm >= 3000:
		return 10 * 60
	case perKm >= 1200:
		return 15 * 60
	case perKm >= 500:
		return 30 * 60
	}
	return 60 * 60
}

// coverage is how many people live and work within mainStreetM of a stop, and
// how many there are; what hubs draw does not count.
func (v *inventor) coverage() (served, all float64) {
	pos := make([]geo.XY, len(v.stops.stops))
	for i := range pos {
		pos[i] = v.stops.stops[i].Pos
	}
	index := geo.NewIndex(pos)
	add := func(p geo.XY, n float64) {
		all += n
		if n > 0 {
			found := false
			index.Within(p, mainStreetM, func(int, float64) { found = true })
			if found {
				served += n
			}
		}
	}
	for i := range v.city.Buildings {
		b := &v.city.Buildings[i]
		add(b.Pos, float64(b.Dwellings*householdSize)+b.Jobs)
	}
	for i := range v.city.Places {
		add(v.city.Places[i].Pos, v.city.Places[i].Jobs)
	}
	return served, all
}
