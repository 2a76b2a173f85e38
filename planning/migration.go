package planning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "population-migration", ID: "T24",
		Doc:      "who changes home between two periods, from which zone to which",
		Citation: "our definition, named after the patent's title; not the patented method. Dice index of home tiles as in Eurostat's multimno",
		Params: []plugin.Param{
			{Name: "period", Type: plugin.Duration, Default: "672h", Min: 86400, Max: 366 * 86400, Doc: "length of the two periods, at either end of the data; half of the data where these are shorter (assumed: four weeks)"},
			{Name: "dice", Type: plugin.Float, Default: 0.5, Min: 0.01, Max: 1, Doc: "who has less in common has moved (multimno)"},
			{Name: "tile_share", Type: plugin.Float, Default: 0.1, Min: 0.01, Max: 1, Doc: "share of the records of the nights from which on an area is a home tile (assumed)"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			return migrationTask{uint32(v.Duration("period").Seconds()), v.Float("dice"), v.Float("tile_share")}, nil
		},
	})
}

// Migration is the answer of T24.
type Migration struct {
	Zoning string       `json:"zoning"`
	Dice   float64      `json:"dice"`  // below this two homes are different
	Homes  []PeriodHome `json:"homes"` // by user, then period
	Flows  []Flow       `json:"flows"` // of those who moved, expanded, between different zones
}

// maxTiles is how many home tiles are kept, those with most records.
const maxTiles = 8

// PeriodHome is the home of one user in one of the two periods.
type PeriodHome struct {
	User   uint32           `json:"user"`
	From   uint32           `json:"from"` // Unix seconds: what is known of the period
	To     uint32           `json:"to"`
	Second bool             `json:"second"`      // of the two periods
	Zone   geo.ZoneID       `json:"zone,string"` // of the tile with most records
	Weight float64          `json:"weight"`      // records behind it
	Tiles  []sigcity.AreaID `json:"tiles"`       // in order of number
}

// migrationTask compares where phones are by night in two periods.
type migrationTask struct {
	periodS   uint32
	dice      float64
	tileShare float64
}

func (migrationTask) Needs() Need { return Need{Horizon: Months} }

// periods are the two, at either end of the calendar's days.
func (t migrationTask) periods(e *Env) [2]sigcity.Period {
	w := e.window()
	length := min(t.periodS, (w.To-w.From)/2)
	return [2]sigcity.Period{{From: w.From, To: w.From + length}, {From: w.To - length, To: w.To}}
}

type periodHomeRow struct {
	User, From, To uint32
	Second         bool
	Best           sigcity.AreaID
	Weight         float64
	N              uint8
	Tiles          [maxTiles]sigcity.AreaID
}

func (r periodHomeRow) compare(o periodHomeRow) int {
	return cmp.Or(cmp.Compare(r.User, o.User), compareBool(r.Second, o.Second), cmp.Compare(r.From, o.From))
}

func (r periodHomeRow) check(e *Env) error {
	if r.N < 1 || r.N > maxTiles {
		return fmt.Errorf("%d home tiles, want 1 … %d", r.N, maxTiles)
	}
	err := cmp.Or(e.checkArea(uint32(r.Best)), checkNumber(r.Weight))
	for _, a := range r.Tiles[:r.N] {
		err = cmp.Or(err, e.checkArea(uint32(a)))
	}
	return err
}

// Fold keeps up to two rows a user and linkage period.
func (t migrationTask) Fold(env *Env) Fold {
	var nights nightTally
	periods := t.periods(env)
	return &rowFold[periodHomeRow]{env: env, tag: "population-migration/1", take: func(dst []periodHomeRow, v *View) []periodHomeRow {
		for i, p := range periods {
			from, to := max(p.From, v.Period.From), min(p.To, v.Period.To)
			if from >= to {
				continue
			}
			if r, ok := nights.home(env, dataset.Window(v.Records, from, to), t.tileShare); ok {
				r.User, r.From, r.To, r.Second = v.User, from, to, i == 1
				dst = append(dst, r)
			}
		}
		return dst
	}, answer: func(rows []periodHomeRow) (Answer, error) { return t.migrationOf(env, rows), nil }}
}

// nightTally counts records of the nights by area; it reuses its memory.
type nightTally struct {
	areas []sigcity.AreaID
	count []areaCount
}

// home is the home tiles of records: areas with enough of those from 00:00 to 06:00. A
// record with a span counts by the moment in its middle.
func (n *nightTally) home(e *Env, rows []sigcity.Record, least float64) (periodHomeRow, bool) {
	n.areas, n.count = n.areas[:0], n.count[:0]
	for _, r := range rows {
		if _, second := e.Calendar.Clock(r.Time + r.Span/2); second >= 0 && second < 6*3600 {
			n.areas = append(n.areas, r.Area)
		}
	}
	if len(n.areas) == 0 {
		return periodHomeRow{}, false
	}
	slices.Sort(n.areas)
	for _, a := range n.areas {
		if k := len(n.count) - 1; k >= 0 && n.count[k].area == a {
			n.count[k].count++
		} else {
			n.count = append(n.count, areaCount{a, 1})
		}
	}
	slices.SortFunc(n.count, func(a, b areaCount) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.area, b.area)) })
	out := periodHomeRow{Best: n.count[0].area, Weight: float64(len(n.areas))}
	for i, c := range n.count[:min(len(n.count), maxTiles)] {
		if i > 0 && c.count < least*float64(len(n.areas)) {
			break
		}
		out.Tiles[i] = c.area
		out.N++
	}
	slices.Sort(out.Tiles[:out.N])
	return out, true
}

func (t migrationTask) migrationOf(env *Env, rows []periodHomeRow) *Migration {
	out := &Migration{Zoning: env.Zoning.Name(), Dice: t.dice}
	for _, r := range rows {
		out.Homes = append(out.Homes, PeriodHome{User: r.User, From: r.From, To: r.To, Second: r.Second,
			Zone: env.Zoning.Zone(env.Areas[r.Best].Center), Weight: r.Weight, Tiles: slices.Clone(r.Tiles[:r.N])})
	}
	movers, known := out.movers()
	out.Flows = env.migrationFlows(movers, env.factor(float64(known)))
	return out
}

// mover is somebody whose home changed.
type mover struct {
	user     uint32
	from, to geo.ZoneID
}

// movers are those with a home in both periods whose tiles have too little in common and
// whose zone is another, in order of user; known counts all who have a home in both. Where several tokens speak
// of the same user and period, their tiles are joined, and the zone with most weight counts, of equals the lower.
func (m *Migration) movers() (out []mover, known int) {
	for homes := m.Homes; len(homes) > 0; {
		n := countWhile(homes, func(h PeriodHome) bool { return h.User == homes[0].User })
		first := countWhile(homes[:n], func(h PeriodHome) bool { return !h.Second })
		if first > 0 && first < n {
			known++
			from, tilesFrom := joinHomes(homes[:first])
			to, tilesTo := joinHomes(homes[first:n])
			if from != to && from != geo.NoZone && to != geo.NoZone && dice(tilesFrom, tilesTo) < m.Dice {
				out = append(out, mover{homes[0].User, from, to})
			}
		}
		homes = homes[n:]
	}
	return out, known
}

// joinHomes is the zone with most weight and all tiles, in order.
func joinHomes(homes []PeriodHome) (geo.ZoneID, []sigcity.AreaID) {
	if len(homes) == 1 {
		return homes[0].Zone, homes[0].Tiles
	}
	votes := map[geo.ZoneID]float64{}
	var tiles []sigcity.AreaID
	for _, h := range homes {
		votes[h.Zone] += h.Weight
		tiles = append(tiles, h.Tiles...)
	}
	zones := geo.SortedZones(votes)
	best := zones[0]
	for _, z := range zones[1:] {
		if votes[z] > votes[best] {
			best = z
		}
	}
	slices.Sort(tiles)
	return best, slices.Compact(tiles)
}

// dice is the index of Dice (1945) of two sets in order: twice what they share over the sum of
// their sizes.
func dice(a, b []sigcity.AreaID) float64 {
	common := 0
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); ok {
			common++
		}
	}
	return ratio(2*float64(common), float64(len(a)+len(b)))
}

// migrationFlows counts movers between zones, each times factor.
func (e *Env) migrationFlows(movers []mover, factor float64) []Flow {
	counts := map[zonePair]float64{}
	for _, m := range movers {
		counts[zonePair{m.from, m.to}]++
	}
	out := make([]Flow, 0, len(counts))
	for p, n := range counts {
		out = append(out, Flow{From: p.from, To: p.to, KM: geo.Distance(e.Zoning.Center(p.from), e.Zoning.Center(p.to)) / 1000, Persons: n * factor})
	}
	slices.SortFunc(out, Flow.order)
	return out
}

// FromTruth takes the homes of residents with a SIM in the two periods. Its tile is the area whose
// centre is nearest. Flows are of all residents.
func (t migrationTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	periods := t.periods(env)
	var homes [2]map[uint32]Place
	for i, p := range periods {
		homes[i] = anchorsWithin(truth, dataset.ActHome, env, p)
	}
	phone := withPhone(truth)
	all := &Migration{Zoning: env.Zoning.Name(), Dice: t.dice}
	var carried []PeriodHome
	for _, p := range truth.Persons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, period := range periods {
			at, ok := homes[i][p.ID]
			if !ok || len(env.Areas) == 0 {
				continue
			}
			tile, _ := env.areas().Nearest(env.Proj.XY(at.point()))
			h := PeriodHome{User: p.ID, From: period.From, To: period.To, Second: i == 1, Zone: env.Zoning.Zone(at.point()), Weight: 1, Tiles: []sigcity.AreaID{tile}}
			all.Homes = append(all.Homes, h)
			if phone[p.ID] {
				carried = append(carried, h)
			}
		}
	}
	movers, known := all.movers()
	return &Migration{Zoning: all.Zoning, Dice: t.dice, Homes: carried, Flows: env.migrationFlows(movers, env.factor(float64(known)))}, nil
}

// Null says that nobody moves.
func (t migrationTask) Null(env *Env) Answer {
	return &Migration{Zoning: env.Zoning.Name(), Dice: t.dice}
}

// Rekey gives every user the homes of the tokens that stood for him.
func (m *Migration) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &Migration{Zoning: m.Zoning, Dice: m.Dice, Flows: m.Flows}
	for _, h := range m.Homes {
		for _, s := range who(h.User, h.From, h.To) {
			mine := h
			mine.User, mine.Weight = s.User, h.Weight*s.Weight
			out.Homes = append(out.Homes, mine)
		}
	}
	slices.SortStableFunc(out.Homes, func(a, b PeriodHome) int {
		return cmp.Or(cmp.Compare(a.User, b.User), compareBool(a.Second, b.Second), cmp.Compare(a.From, b.From))
	})
	return out
}

// Score is the F1 of the users who moved.
func (migrationTask) Score(want, got Answer) float64 {
	w, g, ok := both[Migration](want, got)
	if !ok {
		return 0
	}
	return moverF1(w, g, func(mover, mover) bool { return true })
}

// moverF1 is the F1 of movers; those of both count if same holds of them.
func moverF1(w, g *Migration, same func(want, got mover) bool) float64 {
	want, _ := w.movers()
	got, _ := g.movers()
	right := 0.0
	for _, m := range want {
		if i, ok := slices.BinarySearchFunc(got, m.user, func(m mover, user uint32) int { return cmp.Compare(m.user, user) }); ok && same(m, got[i]) {
			right++
		}
	}
	return f1(right, float64(len(want)), float64(len(got)))
}

// Detail: F1 of movers with both zones right, common part of the flows, error of the net
// flow of the zones as a share of the wanted ones, numbers of movers, and how many of the
// wanted users have a home in both periods.
func (migrationTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Migration](want, got)
	if !ok {
		return nil
	}
	wanted, known := w.movers()
	found, covered := g.movers()
	netWant, netGot := netFlows(w.Flows, g.Flows)
	return map[string]float64{
		"movers_wanted":  float64(len(wanted)),
		"movers_found":   float64(len(found)),
		"zone_mover_f1":  moverF1(w, g, func(a, b mover) bool { return a.from == b.from && a.to == b.to }),
		"cpc":            cpc(w.Flows, g.Flows),
		"net_flow_wape":  netWAPE(netWant, netGot),
		"homes_of_users": ratio(float64(covered), float64(known)),
	}
}

// netFlows is how many come less how many leave, for every zone of either list.
func netFlows(want, got []Flow) (w, g []float64) {
	var nets [2]map[geo.ZoneID]float64
	zones := map[geo.ZoneID]bool{}
	for i, flows := range [][]Flow{want, got} {
		nets[i] = map[geo.ZoneID]float64{}
		for _, f := range flows {
			nets[i][f.To] += f.Persons
			nets[i][f.From] -= f.Persons
			zones[f.To], zones[f.From] = true, true
		}
	}
	for _, z := range geo.SortedZones(zones) {
		w, g = append(w, nets[0][z]), append(g, nets[1][z])
	}
	return w, g
}

// netWAPE is Σ|got − want| / Σ|want|.
func netWAPE(want, got []float64) float64 {
	diff, sum := 0.0, 0.0
	for i, w := range want {
		diff += max(got[i]-w, w-got[i])
		sum += max(w, -w)
	}
	return weightedError(diff, sum)
}

// Sheets: who moves from where to where, and what zones gain and lose.
func (m *Migration) Sheets(e *Env) []Sheet {
	net := map[geo.ZoneID][2]float64{}
	for _, f := range m.Flows {
		in, out := net[f.To], net[f.From]
		in[0] += f.Persons
		out[1] += f.Persons
		net[f.To], net[f.From] = in, out
	}
	zones := Sheet{Name: "balance", Title: "Net migration by zone", Columns: []string{"zone", "lon", "lat", "come", "leave", "net"}, Picture: Picture{Kind: Areas, Value: []string{"net"}}}
	for _, z := range geo.SortedZones(net) {
		c, n := e.Zoning.Center(z), net[z]
		zones.Rows = append(zones.Rows, []any{zoneName(z), c[0], c[1], n[0], n[1], n[0] - n[1]})
		zones.Shapes = append(zones.Shapes, e.zoneShape(z))
	}
	homes := Sheet{Name: "homes", Title: "Homes in two periods", Columns: []string{"user", "from", "to", "period", "zone", "weight"}}
	for _, h := range m.Homes {
		period := "first"
		if h.Second {
			period = "second"
		}
		homes.Rows = append(homes.Rows, []any{h.User, h.From, h.To, period, zoneName(h.Zone), h.Weight})
	}
	return []Sheet{e.desireSheet("moves", "Moves of home", "persons", m.Flows), zones, homes}
}
