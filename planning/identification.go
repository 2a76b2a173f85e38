package planning

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "population-identification", ID: "T16",
		Doc:      "which SIMs are of one person, which are machines, and how many persons there are",
		Citation: "our definition, named after the patent's title; not the patented method",
		Params: []plugin.Param{
			{Name: "together", Type: plugin.Float, Default: 0.9, Min: 0.5, Max: 1, Doc: "share of the hours in which both are heard that two SIMs of a person are together (assumed)"},
			{Name: "away", Type: plugin.Float, Default: 0.5, Min: 0, Max: 1, Doc: "the same of the hours in which one is away from home, where neighbours and families are together too (chosen on the large procedural city)"},
			{Name: "anchors", Type: plugin.Int, Default: 3, Min: 2, Max: maxAnchors, Doc: "places that they have in common at least (assumed)"},
			{Name: "reach_m", Type: plugin.Float, Default: 700.0, Min: 0, Max: 20000, Doc: "how far apart their cells may be (chosen on the large procedural city)"},
			{Name: "min_hours", Type: plugin.Int, Default: 24, Min: 1, Max: identityHours, Doc: "hours in which both must be heard (assumed)"},
		},
		Complexity: "O(n) in records, O(N) in users by an index over home and second place",
		New: func(v plugin.Values) (Task, error) {
			return identityTask{v.Float("together"), v.Float("away"), v.Int("anchors"), v.Float("reach_m"), v.Int("min_hours")}, nil
		},
	})
}

// Identification is the answer of T16.
type Identification struct {
	Persons  float64   `json:"persons"`  // SIMs of one person as one, without machines; the mean over linkage periods
	Machines float64   `json:"machines"` // SIMs that never move, likewise
	Pairs    []SIMPair `json:"pairs"`    // by A, then B, then From
}

// SIMPair says that two SIMs are of one person. By person, A = B where it is right.
type SIMPair struct {
	A      uint32  `json:"a"` // the lower
	B      uint32  `json:"b"`
	From   uint32  `json:"from"` // Unix seconds: the linkage period that it holds in
	To     uint32  `json:"to"`
	Weight float64 `json:"weight"` // share of the whole time that the period is
}

func (p SIMPair) compare(o SIMPair) int {
	return cmp.Or(byUser(p.A, o.A, p.B, o.B), byUser(p.From, o.From, p.To, o.To))
}

// identityTask merges the SIMs that are together nearly always and have enough places in common.
type identityTask struct {
	together float64
	away     float64
	anchors  int
	reachM   float64
	minHours int
}

func (identityTask) Needs() Need { return Need{Horizon: Week} }

const (
	maxAnchors    = 8      // places kept of a SIM: home, then those with most days
	identityHours = 7 * 24 // hours looked at, spread over the linkage period where that is longer
	stillS        = 86400  // who is heard for a day and never moves is a machine
)

// identityRow is what is kept of a SIM in a linkage period.
type identityRow struct {
	User    uint32
	Period  sigcity.Period
	Still   bool
	N       uint8 // of Anchors
	Anchors [maxAnchors]sigcity.AreaID
	Hours   [identityHours]sigcity.AreaID // where it is in the middle of the hours looked at; nowhere = not heard
}

func (r identityRow) compare(o identityRow) int {
	return byUser(r.User, o.User, r.Period.From, o.Period.From)
}

func (r identityRow) check(e *Env) error {
	if r.N > maxAnchors {
		return fmt.Errorf("%d places, want %d at most", r.N, maxAnchors)
	}
	var err error
	for _, a := range r.Anchors[:r.N] {
		err = cmp.Or(err, e.checkArea(uint32(a)))
	}
	for _, a := range r.Hours {
		if a != nowhere {
			err = cmp.Or(err, e.checkArea(uint32(a)))
		}
	}
	return err
}

// Fold keeps a row a SIM and linkage period: its places and where it is at up to a week of hours.
func (t identityTask) Fold(env *Env) Fold {
	return &rowFold[identityRow]{env: env, tag: "population-identification/1", take: func(dst []identityRow, v *View) []identityRow {
		if len(v.Records) == 0 {
			return dst
		}
		p, places := v.Profile()
		r := identityRow{User: v.User, Period: v.Period}
		first, last := v.Records[0].Time, v.Records[len(v.Records)-1].End()
		r.Still = len(places) <= 1 && p.Moving == 0 && last-first >= stillS
		if p.Home >= 0 {
			r.Anchors[0], r.N = places[p.Home].Area, 1
		}
		for i := 0; i < len(places) && r.N < maxAnchors; i++ {
			if i != p.Home {
				r.Anchors[r.N] = places[i].Area
				r.N++
			}
		}
		hourAreas(&r.Hours, v.Records, v.Window())
		return append(dst, r)
	}, answer: func(rows []identityRow) (Answer, error) { return t.identify(env, rows), nil }}
}

// hourAreas finds the areas at the hours looked at, the same for all SIMs of a period: that of the
// record nearest to the middle of the hour, if it is of the hour.
func hourAreas(dst *[identityHours]sigcity.AreaID, rows []sigcity.Record, w sigcity.Period) {
	hours := int(w.To-w.From) / 3600
	n := min(hours, identityHours)
	i := 0
	for k := range dst {
		dst[k] = nowhere
		if k >= n {
			continue
		}
		from := w.From + uint32(k*hours/n)*3600
		least := uint32(1800)
		for i < len(rows) && rows[i].End() < from {
			i++
		}
		for j := i; j < len(rows) && rows[j].Time < from+3600; j++ {
			// From the middle of the hour to the nearest moment of the record.
			mid := from + 1800
			d := max(rows[j].Time, min(rows[j].End(), mid))
			if d = max(d, mid) - min(d, mid); d < least {
				least, dst[k] = d, rows[j].Area
			}
		}
	}
}

// near says whether two areas may serve the same place.
func (t identityTask) near(e *Env, a, b sigcity.AreaID) bool {
	return a == b || e.areas().Dist(a, b) <= t.reachM
}

// same says whether two SIMs are of one person.
func (t identityTask) same(e *Env, a, b *identityRow) bool {
	common, used := 0, [maxAnchors]bool{}
	for _, x := range a.Anchors[:a.N] {
		for k, y := range b.Anchors[:b.N] {
			if !used[k] && t.near(e, x, y) {
				used[k] = true
				common++
				break
			}
		}
	}
	if common < t.anchors {
		return false
	}
	var heard, together, away, awayTogether float64
	for i, x := range a.Hours {
		y := b.Hours[i]
		if x == nowhere || y == nowhere {
			continue
		}
		near := t.near(e, x, y)
		heard++
		if near {
			together++
		}
		if !t.near(e, x, a.Anchors[0]) || !t.near(e, y, b.Anchors[0]) {
			away++
			if near {
				awayTogether++
			}
		}
	}
	return heard >= float64(t.minHours) && together >= t.together*heard && awayTogether >= t.away*away
}

// identify merges SIMs period by period. rows are by user, then period.
func (t identityTask) identify(env *Env, rows []identityRow) *Identification {
	out := &Identification{}
	byPeriod := map[sigcity.Period][]*identityRow{}
	for i := range rows {
		byPeriod[rows[i].Period] = append(byPeriod[rows[i].Period], &rows[i])
	}
	var periods []sigcity.Period
	for p := range byPeriod {
		periods = append(periods, p)
	}
	slices.SortFunc(periods, func(a, b sigcity.Period) int { return byUser(a.From, b.From, a.To, b.To) })
	whole := env.window()
	for _, p := range periods {
		from, to := max(p.From, whole.From), min(p.To, whole.To)
		weight := float64(max(from, to)-from) / float64(whole.To-whole.From)
		var phones []*identityRow
		for _, r := range byPeriod[p] {
			if r.Still {
				out.Machines += weight
			} else {
				phones = append(phones, r)
			}
		}
		person := t.merge(env, phones)
		members := map[int][]uint32{}
		for i, r := range phones {
			members[person[i]] = append(members[person[i]], r.User)
			if person[i] == i {
				out.Persons += weight
			}
		}
		for i := range phones { // persons in the order of their first SIMs
			sims := members[i]
			for k, a := range sims {
				for _, b := range sims[k+1:] {
					out.Pairs = append(out.Pairs, SIMPair{min(a, b), max(a, b), p.From, p.To, weight})
				}
			}
		}
	}
	slices.SortFunc(out.Pairs, SIMPair.compare)
	return out
}

// merge gives every SIM the first one of its person: those that are the same are joined,
// and what is the same as one of them. Only SIMs whose homes are near, and of whose next two places
// one lies in the same square as one of the other's or in one within reach, are compared.
func (t identityTask) merge(env *Env, sims []*identityRow) []int {
	person := make([]int, len(sims))
	for i := range person {
		person[i] = i
	}
	root := func(i int) int {
		for person[i] != i {
			person[i] = person[person[i]]
			i = person[i]
		}
		return i
	}
	for _, c := range t.candidates(env, sims) {
		a, b := root(c[0]), root(c[1])
		if a != b && t.same(env, sims[c[0]], sims[c[1]]) {
			person[max(a, b)] = min(a, b)
		}
	}
	for i := range person {
		person[i] = root(i)
	}
	return person
}

// squareM is the side of the squares of the index of places, m.
const squareM = 2000

// placePair is the squares of two places.
type placePair struct{ homeX, homeY, otherX, otherY int32 }

// candidates are the pairs of SIMs that may be of one person, in order, each once.
func (t identityTask) candidates(env *Env, sims []*identityRow) [][2]int {
	areas := env.areas()
	// squares calls f with the squares within reach of an area.
	squares := func(a sigcity.AreaID, reach float64, f func(x, y int32)) {
		c := areas.Centers[a]
		square := func(v float64) int32 { return int32(math.Floor(v / squareM)) }
		for y := square(c.Y - reach); y <= square(c.Y+reach); y++ {
			for x := square(c.X - reach); x <= square(c.X+reach); x++ {
				f(x, y)
			}
		}
	}
	pairs := func(r *identityRow, reach float64, f func(placePair)) {
		for _, other := range r.Anchors[1:min(r.N, 3)] {
			squares(r.Anchors[0], reach, func(hx, hy int32) {
				squares(other, reach, func(x, y int32) { f(placePair{hx, hy, x, y}) })
			})
		}
	}
	index := map[placePair][]int{} // of the SIMs so far
	var out [][2]int
	for i, r := range sims {
		if r.N < 2 || int(r.N) < t.anchors {
			continue
		}
		pairs(r, t.reachM, func(p placePair) {
			for _, k := range index[p] {
				if t.near(env, r.Anchors[0], sims[k].Anchors[0]) {
					out = append(out, [2]int{k, i})
				}
			}
		})
		pairs(r, 0, func(p placePair) { index[p] = append(index[p], i) })
	}
	slices.SortFunc(out, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return slices.Compact(out)
}

// FromTruth lists the pairs of SIMs that one person carries at the same time, for a day at
// least: what takes the place of another is never together with it.
func (identityTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	out := &Identification{}
	carried := map[uint32][]*dataset.SIM{}
	span := env.window()
	for i := range t.SIMs {
		s := &t.SIMs[i]
		switch {
		case !s.Valid(span.From, span.To):
		case s.Person >= 0:
			carried[uint32(s.Person)] = append(carried[uint32(s.Person)], s)
		default:
			out.Machines++
		}
	}
	for i := range t.Persons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		id := t.Persons[i].ID
		sims := carried[id]
		if len(sims) == 0 {
			continue
		}
		out.Persons++
		n := 0.0
		for k, a := range sims {
			for _, b := range sims[k+1:] {
				from, to := max(span.From, a.From, b.From), min(span.To, openEnd(a.To), openEnd(b.To))
				if from < to && to-from >= stillS {
					n++
				}
			}
		}
		if n > 0 {
			out.Pairs = append(out.Pairs, SIMPair{id, id, span.From, span.To, n})
		}
	}
	slices.SortFunc(out.Pairs, SIMPair.compare)
	return out, nil
}

// openEnd is the end of a validity, 0 being none.
func openEnd(to uint32) uint32 {
	if to == 0 {
		return dataset.OpenEnd
	}
	return to
}

// Null knows neither persons nor pairs.
func (identityTask) Null(*Env) Answer { return &Identification{} }

// Rekey names the persons behind the two tokens of a pair. Where several share a token, every
// combination holds by the product of their shares.
func (d *Identification) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &Identification{Persons: d.Persons, Machines: d.Machines}
	for _, p := range d.Pairs {
		for _, a := range who(p.A, p.From, p.To) {
			for _, b := range who(p.B, p.From, p.To) {
				out.Pairs = append(out.Pairs, SIMPair{min(a.User, b.User), max(a.User, b.User), p.From, p.To, p.Weight * a.Weight * b.Weight})
			}
		}
	}
	slices.SortStableFunc(out.Pairs, SIMPair.compare)
	return out
}

// pairWeights sums the weights of pairs of the same two.
func (d *Identification) pairWeights() []SIMPair {
	var out []SIMPair
	for _, p := range d.Pairs {
		if k := len(out) - 1; k >= 0 && out[k].A == p.A && out[k].B == p.B {
			out[k].Weight += p.Weight
		} else {
			out = append(out, p)
		}
	}
	return out
}

// pairsF1 is the F1 of pairs, precision and recall, by weight.
func (d *Identification) pairsF1(got *Identification) (f, precision, recall float64) {
	w, g := d.pairWeights(), got.pairWeights()
	wanted, found, right := 0.0, 0.0, 0.0
	for _, p := range w {
		wanted += p.Weight
		if i, ok := slices.BinarySearchFunc(g, p, func(x, y SIMPair) int { return byUser(x.A, y.A, x.B, y.B) }); ok {
			right += min(p.Weight, g[i].Weight)
		}
	}
	for _, p := range g {
		found += p.Weight
	}
	return f1(right, wanted, found), ratio(right, found), ratio(right, wanted)
}

// Score is the F1 of pairs. Where nobody has two SIMs all that can be told is how many
// persons there are: 1 less the error of their number.
func (identityTask) Score(want, got Answer) float64 {
	w, g, ok := both[Identification](want, got)
	if !ok {
		return 0
	}
	if len(w.Pairs) == 0 {
		return max(0, 1-wapeOf([]float64{w.Persons}, []float64{g.Persons}))
	}
	f, _, _ := w.pairsF1(g)
	return f
}

// Detail: precision and recall of pairs, and the errors of the numbers of persons and machines.
func (identityTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Identification](want, got)
	if !ok {
		return nil
	}
	_, precision, recall := w.pairsF1(g)
	return map[string]float64{"pair_precision": precision, "pair_recall": recall,
		"persons_wape":  wapeOf([]float64{w.Persons}, []float64{g.Persons}),
		"machines_wape": wapeOf([]float64{w.Machines}, []float64{g.Machines})}
}

// Sheets: numbers, and the pairs.
func (d *Identification) Sheets(*Env) []Sheet {
	counts := Sheet{Name: "counts", Title: "Persons and machines", Columns: []string{"of", "number"}, Rows: [][]any{{"persons", d.Persons}, {"machines", d.Machines}},
		Picture: Picture{Kind: Columns, Label: "of", Value: []string{"number"}}}
	pairs := Sheet{Name: "pairs", Title: "SIMs of one person", Columns: []string{"a", "b", "from", "to", "weight"}}
	for _, p := range d.Pairs {
		pairs.Rows = append(pairs.Rows, []any{p.A, p.B, p.From, p.To, p.Weight})
	}
	return []Sheet{counts, pairs}
}
