package planning

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// centreReachM is how far apart two centres may lie and be the same.
const centreReachM = 1000

func cmpXY(a, b geo.XY) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) }

// Null says that people are everywhere alike: there are no centres.
func (structureTask) Null(env *Env) Answer {
	out := newStructure(env)
	cells := env.cells()
	for z := range cells {
		cells[z] = 1
	}
	for k := range out.Times {
		out.Times[k].Density = env.zoneCounts(cells, 1)
	}
	return out
}

// each is the mean of a measure over the times at which anything is wanted; a time
// that g lacks is empty. 1 where nothing is wanted and nothing is got.
func (s *Structure) each(g *Structure, f func(want, got *StructureTime) float64) float64 {
	sum, n := 0.0, 0.0
	for k := range s.Times {
		var got StructureTime
		if k < len(g.Times) {
			got = g.Times[k]
		}
		if len(s.Times[k].Density) > 0 || len(got.Density) > 0 {
			sum += f(&s.Times[k], &got)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

// Score is the mean F1 of the centres.
func (structureTask) Score(want, got Answer) float64 {
	w, g, ok := both[Structure](want, got)
	if !ok {
		return 0
	}
	return w.each(g, centreF1)
}

func centreF1(w, g *StructureTime) float64 {
	return f1(float64(len(matchCentres(w.Centres, g.Centres))), float64(len(w.Centres)), float64(len(g.Centres)))
}

// matchCentres pairs centres no farther apart than centreReachM, each at most once, as
// many as can be (augmenting paths, Kuhn 1955). Pairs are by want.
func matchCentres(want, got []Centre) (pairs [][2]int) {
	taken := make([]int, len(got))
	for j := range taken {
		taken[j] = -1
	}
	var place func(i int, seen []bool) bool
	place = func(i int, seen []bool) bool {
		for j, g := range got {
			if seen[j] || geo.Distance(orb.Point{want[i].Lon, want[i].Lat}, orb.Point{g.Lon, g.Lat}) > centreReachM {
				continue
			}
			seen[j] = true
			if taken[j] < 0 || place(taken[j], seen) {
				taken[j] = i
				return true
			}
		}
		return false
	}
	for i := range want {
		place(i, make([]bool, len(got)))
	}
	for j, i := range taken {
		if i >= 0 {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	return pairs
}

// Detail: of each measure the mean over the times.
func (structureTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Structure](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{
		"centre_f1": w.each(g, centreF1),
		"spearman":  w.each(g, func(w, g *StructureTime) float64 { return spearman(sides(w.Density, g.Density)) }),
		"top5_jaccard": w.each(g, func(w, g *StructureTime) float64 {
			x, y := sides(w.Density, g.Density)
			return jaccardTop(x, y, 0.05)
		}),
	}
	matched, level := 0.0, 0.0
	for k := range min(len(w.Times), len(g.Times)) {
		for _, p := range matchCentres(w.Times[k].Centres, g.Times[k].Centres) {
			matched++
			if w.Times[k].Centres[p[0]].Level == g.Times[k].Centres[p[1]].Level {
				level++
			}
		}
	}
	if matched > 0 {
		out["level_accuracy"] = level / matched
	}
	return out
}

// sides are two ordered lists as one item each for all that either holds.
func sides[C counted[C]](want, got []C) (x, y []float64) {
	pairs(want, got, func(w, g float64) { x, y = append(x, w), append(y, g) })
	return x, y
}

// Sheets: for each time its centres and its density.
func (s *Structure) Sheets(e *Env) []Sheet {
	titles := map[string]string{"weekday-day": "weekdays from 9 to 17 h", "weekday-night": "weekdays from 0 to 6 h", "weekend": "weekends from 9 to 21 h"}
	var out []Sheet
	for _, t := range s.Times {
		centres := Sheet{Name: "centres-" + t.Name, Title: "Centres, " + titles[t.Name], Columns: []string{"lon", "lat", "persons_per_km2", "level"},
			Picture: Picture{Kind: Points, Value: []string{"persons_per_km2"}}}
		for _, c := range t.Centres {
			centres.Rows = append(centres.Rows, []any{c.Lon, c.Lat, c.Density, c.Level})
			centres.Shapes = append(centres.Shapes, orb.Point{c.Lon, c.Lat})
		}
		out = append(out, centres, e.zoneSheet("density-"+t.Name, "Persons per km², "+titles[t.Name], "persons_per_km2", t.Density))
	}
	return out
}
