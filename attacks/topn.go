package attacks

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

// maxTop bounds how many top places the attack can use.
const maxTop = 10

func init() {
	plugin.Add(plugin.Entry[Attack]{
		Name:     "top-n",
		Doc:      "finds the tokens whose most visited places are those of the target",
		Citation: "Zang & Bolot, Anonymization of Location Data Does Not Work: A Large-Scale Measurement Study, MobiCom 2011",
		Params: []plugin.Param{
			{Name: "n", Type: plugin.Int, Default: 0, Min: 0, Max: maxTop, Doc: "how many places to compare; 0 = all that are known, up to 10"},
			{Name: "level", Type: plugin.String, Default: "area", Doc: "area (sector), site, or a zoning: grid-500m, grid-1km, h3-7, …"},
			{Name: "ordered", Type: plugin.Bool, Default: true, Doc: "the order of the places is known and must agree"},
		},
		Complexity: "O(n + T·s) in records n, targets T, tokens sharing a top place s",
		New: func(v plugin.Values) (Attack, error) {
			a := topN{n: v.Int("n"), level: v.String("level"), ordered: v.Bool("ordered")}
			if a.level != levelArea && a.level != levelSite {
				if _, err := geo.ParseZoning(a.level, geo.Projection{}); err != nil {
					return nil, fmt.Errorf("level = %q, must be area, site or a zoning: %w", a.level, err)
				}
			}
			return a, nil
		},
	})
}

const (
	levelArea = "area"
	levelSite = "site"
)

// topN groups tokens by the tuple of their most visited zones; the answers are
// the tokens whose tuple fits the target's: the anonymity set.
type topN struct {
	n       int
	level   string
	ordered bool
}

func (topN) Needs() Need {
	return Need{Kinds: []sigcity.Kind{sigcity.Trajectories, sigcity.Boxes}, Knowledge: []Source{TopPlaces}, Claims: []string{ClaimSameUser}}
}

// tuple is a token's top zones, most visited first.
type tuple struct {
	n     int
	zones [maxTop]geo.ZoneID
}

func (a topN) Guess(ctx context.Context, rel *Release, k Knowledge, rng *rand.Rand) ([]Guess, error) {
	g, err := newGround(rel, k, "top-n")
	if err != nil {
		return nil, err
	}
	z, err := newZones(g, a.level)
	if err != nil {
		return nil, err
	}
	n := a.n
	if n == 0 {
		for _, t := range k.Targets {
			n = min(maxTop, max(n, len(t.Places)))
		}
	}
	tuples := make([]tuple, rel.Data.Meta().Users)
	err = sweep(ctx, rel.Data, k.Workers, func() func(sigcity.Trajectory) {
		return func(t sigcity.Trajectory) { tuples[t.User] = z.top(t, n) }
	})
	if err != nil {
		return nil, err
	}
	tolerance, _ := k.tolerance()
	sets := newTupleSets(tuples, a.ordered)
	guesses := make([]Guess, len(k.Targets))
	seed := rng.Uint64()
	err = eachTarget(ctx, k, func() func(int) {
		return func(i int) {
			t := k.Targets[i]
			var list shortlist
			lots := newLots(seed, t.ID)
			for _, token := range sets.matching(z.known(t.Places, n, tolerance)) {
				list.add(lots.candidate(token, 1))
			}
			guesses[i] = list.guess(t.ID)
		}
	})
	if err != nil {
		return nil, err
	}
	return guesses, nil
}

// zones maps areas and places to the zones of one level.
type zones struct {
	g      *ground
	ofArea []geo.ZoneID
	zoning geo.Zoning // nil at levels area and site
	where  *locator
}

func newZones(g *ground, level string) (*zones, error) {
	z := &zones{g: g, ofArea: make([]geo.ZoneID, g.areas.Len()), where: g.locateAll()}
	switch level {
	case levelArea, levelSite:
		sites := map[string]geo.ZoneID{}
		for i, area := range g.data.Areas() {
			z.ofArea[i] = geo.ZoneID(i)
			if site, ok := sigcity.SiteOf(area.Name); ok && level == levelSite {
				if _, seen := sites[site]; !seen {
					sites[site] = geo.ZoneID(i)
				}
				z.ofArea[i] = sites[site]
			}
		}
	default:
		zoning, err := geo.ParseZoning(level, g.proj)
		if err != nil {
			return nil, err
		}
		z.zoning = zoning
		for i, area := range g.data.Areas() {
			z.ofArea[i] = zoning.Zone(area.Center)
		}
	}
	return z, nil
}

// top is the tuple of a trajectory.
func (z *zones) top(t sigcity.Trajectory, n int) tuple {
	type share struct {
		zone   geo.ZoneID
		weight float64
	}
	var shares []share
	at := map[geo.ZoneID]int{}
	for _, v := range recognition.Top(t, z.g.areas.Len()) {
		zone := z.ofArea[v.Area]
		i, ok := at[zone]
		if !ok {
			i = len(shares)
			at[zone] = i
			shares = append(shares, share{zone: zone})
		}
		shares[i].weight += v.Share
	}
	slices.SortStableFunc(shares, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.zone, b.zone))
	})
	var out tuple
	for _, s := range shares[:min(n, len(shares))] {
		out.zones[out.n] = s.zone
		out.n++
	}
	return out
}

// known is, for each of the first n places of a target, the zones that stand
// for it; a place in the same zones as an earlier one says nothing new.
func (z *zones) known(places []orb.Point, n int, tolerance float64) [][]geo.ZoneID {
	var out [][]geo.ZoneID
	for _, p := range places[:min(n, len(places))] {
		set := z.of(p, tolerance)
		if len(set) > 0 && !slices.ContainsFunc(out, func(s []geo.ZoneID) bool { return slices.Equal(s, set) }) {
			out = append(out, set)
		}
	}
	return out
}

// of is the zones of the areas that can record a phone at p; where the zones
// are the city's own, the zone of p itself.
func (z *zones) of(p orb.Point, tolerance float64) []geo.ZoneID {
	if z.g.areas.Len() == 0 {
		return nil
	}
	var set []geo.ZoneID
	if z.zoning != nil {
		set = append(set, z.zoning.Zone(p))
	}
	if z.zoning == nil || tolerance > 0 {
		areas := z.where.covering(p, tolerance)
		if len(areas) == 0 {
			id, _ := z.g.areas.Nearest(z.g.proj.XY(p))
			areas = []sigcity.AreaID{id}
		}
		for _, id := range areas {
			set = append(set, z.ofArea[id])
		}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// tupleSets is the tokens by tuple, found by their zones.
type tupleSets struct {
	ordered bool
	tuples  []tuple
	tokens  [][]sigcity.UserID
	byZone  map[geo.ZoneID][]int // tuples that hold the zone, in first place if ordered
}

func newTupleSets(tuples []tuple, ordered bool) *tupleSets {
	s := &tupleSets{ordered: ordered, byZone: map[geo.ZoneID][]int{}}
	at := map[tuple]int{}
	for token, t := range tuples {
		if t.n == 0 {
			continue
		}
		i, ok := at[t]
		if !ok {
			i = len(s.tuples)
			at[t] = i
			s.tuples, s.tokens = append(s.tuples, t), append(s.tokens, nil)
			for j, z := range t.zones[:t.n] {
				if j == 0 || !ordered {
					s.byZone[z] = append(s.byZone[z], i)
				}
			}
		}
		s.tokens[i] = append(s.tokens[i], sigcity.UserID(token))
	}
	return s
}

// matching lists the tokens whose first zones are in the given sets: one by one
// in order, or one to one in any order.
func (s *tupleSets) matching(sets [][]geo.ZoneID) []sigcity.UserID {
	if len(sets) == 0 {
		return nil
	}
	var found []int
	for _, z := range sets[0] {
		found = append(found, s.byZone[z]...)
	}
	slices.Sort(found)
	var out []sigcity.UserID
	for _, i := range slices.Compact(found) {
		t := s.tuples[i]
		if t.n < len(sets) {
			continue
		}
		top := t.zones[:len(sets)]
		if s.ordered && inOrder(top, sets) || !s.ordered && oneToOne(top, sets, 0) {
			out = append(out, s.tokens[i]...)
		}
	}
	return out
}

func inOrder(top []geo.ZoneID, sets [][]geo.ZoneID) bool {
	for i, set := range sets {
		if !slices.Contains(set, top[i]) {
			return false
		}
	}
	return true
}

// oneToOne reports whether the zones not yet used (a bit set) can be dealt out
// to the sets, one each.
func oneToOne(top []geo.ZoneID, sets [][]geo.ZoneID, used uint32) bool {
	if len(sets) == 0 {
		return true
	}
	for i, z := range top {
		if used&(1<<i) == 0 && slices.Contains(sets[0], z) && oneToOne(top, sets[1:], used|1<<i) {
			return true
		}
	}
	return false
}
