package planning

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// table finds a table by name and its columns by theirs.
func table(tables []sigcity.Table, name string, columns ...string) ([][]float64, error) {
	i := slices.IndexFunc(tables, func(t sigcity.Table) bool { return t.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("the release has no table %q", name)
	}
	out := make([][]float64, len(columns))
	for k, c := range columns {
		if out[k] = tables[i].Column(c); out[k] == nil && tables[i].Rows() > 0 {
			return nil, fmt.Errorf("table %q has no column %q", name, c)
		}
		if len(out[k]) != len(out[0]) {
			return nil, fmt.Errorf("table %q: column %q has %d rows, want %d", name, c, len(out[k]), len(out[0]))
		}
	}
	return out, nil
}

// populationRow is one row of the table population.
type populationRow struct {
	area  sigcity.AreaID
	hour  uint32 // Unix seconds
	count float64
}

// population reads the table of present people by area and hour.
func population(tables []sigcity.Table, env *Env) ([]populationRow, error) {
	cols, err := table(tables, sigcity.TablePopulation, "area", "hour", "count")
	if err != nil {
		return nil, err
	}
	rows := make([]populationRow, len(cols[0]))
	for i := range rows {
		area, err := env.area(cols[0][i])
		if err != nil {
			return nil, fmt.Errorf("table %q, row %d: %w", sigcity.TablePopulation, i, err)
		}
		if h := cols[1][i]; !(h >= 0 && h < 1<<32) {
			return nil, fmt.Errorf("table %q, row %d: hour %g, want Unix seconds", sigcity.TablePopulation, i, h)
		}
		rows[i] = populationRow{area, uint32(cols[1][i]), cols[2][i]}
	}
	return rows, nil
}

// nonNegative makes noisy counts into counts: none below 0, and the same total
// (Norm-Sub, Wang et al. 2020: the nearest such vector, found by taking the same
// off all and dropping what falls below 0). Cutting at 0 alone would
// turn the noise of many empty areas into people. A total of 0 or less gives zeros.
func nonNegative(counts []float64) {
	sum := 0.0
	for _, c := range counts {
		sum += c
	}
	sorted := slices.Clone(counts)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	if sum <= 0 {
		clear(counts)
		return
	}
	// Keep the k largest: off is what each of them must give.
	off, run := 0.0, 0.0
	for k, c := range sorted {
		run += c
		if o := (run - sum) / float64(k+1); o < c {
			off = o
		} else {
			break
		}
	}
	for i, c := range counts {
		counts[i] = max(0, c-off)
	}
}

// spreadNoisy lays noisy counts per area on zones and makes them non-negative
// there: noise of the areas of one zone cancels in part before anything is cut.
func (e *Env) spreadNoisy(counts []areaCount) map[geo.ZoneID]float64 {
	m := e.spread(counts)
	zones := geo.SortedZones(m)
	xs := make([]float64, len(zones))
	for i, z := range zones {
		xs[i] = m[z]
	}
	nonNegative(xs)
	for i, z := range zones {
		m[z] = xs[i]
	}
	return m
}

// sumCounts is the total of counts.
func sumCounts(counts []areaCount) float64 {
	sum := 0.0
	for _, c := range counts {
		sum += c.count
	}
	return sum
}
