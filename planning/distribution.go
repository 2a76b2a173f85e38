package planning

import (
	"fmt"
	"math"
)

// Distribution is how often values of one measure are seen, in bins of equal
// width. Values beyond Hi are in the last bin.
type Distribution struct {
	Name  string    `json:"name"` // with the unit: length_km
	Width float64   `json:"width"`
	Hi    float64   `json:"hi"` // where the last bin begins; a uniform distribution up to it is the null predictor's
	Count []float64 `json:"count"`
}

// newDistribution is an empty distribution.
func newDistribution(name string, width, hi float64) Distribution {
	return Distribution{Name: name, Width: width, Hi: hi, Count: make([]float64, int(math.Round(hi/width))+1)}
}

// bin is the bin of a value.
func (d *Distribution) bin(x float64) int {
	return min(max(int(x/d.Width), 0), len(d.Count)-1)
}

// uniform is the distribution that knows nothing: every bin below Hi alike.
func (d Distribution) uniform() Distribution {
	out := newDistribution(d.Name, d.Width, d.Hi)
	for i := range len(out.Count) - 1 {
		out.Count[i] = 1
	}
	return out
}

// mean is that of the middles of the bins; 0 where nothing is counted.
func (d *Distribution) mean() float64 {
	sum, n := 0.0, 0.0
	for i, c := range d.Count {
		sum += float64(c * d.middle(i))
		n += c
	}
	return ratio(sum, n)
}

func (d *Distribution) middle(i int) float64 { return (float64(i) + 0.5) * d.Width }

func (d *Distribution) weighted() []weighted {
	out := make([]weighted, 0, len(d.Count))
	for i, c := range d.Count {
		if c > 0 {
			out = append(out, weighted{d.middle(i), c})
		}
	}
	return out
}

// score is 1 − W1(want, got)/W1(want, uniform), at least 0; 0 for an empty one
// where something is wanted.
func (d *Distribution) score(got *Distribution) float64 {
	if len(got.weighted()) == 0 && len(d.weighted()) > 0 {
		return 0
	}
	w1 := wasserstein(d.weighted(), got.weighted())
	if w1 == 0 {
		return 1
	}
	u := d.uniform()
	return max(0, 1-ratio(w1, max(wasserstein(d.weighted(), u.weighted()), 1e-9)))
}

// sheet lays out the distribution of shares.
func (d *Distribution) sheet(title string) Sheet {
	s := Sheet{Name: hyphened(d.Name), Title: title, Columns: []string{"from", "to", "share"}, Picture: Picture{Kind: Columns, Label: "from", Value: []string{"share"}}}
	sum := 0.0
	for _, c := range d.Count {
		sum += c
	}
	for i, c := range d.Count {
		lo := float64(i) * d.Width
		s.Rows = append(s.Rows, []any{lo, lo + d.Width, ratio(c, sum)})
	}
	return s
}

// hyphened is a column's name as that of a sheet.
func hyphened(name string) string {
	b := []byte(name)
	for i := range b {
		if b[i] == '_' {
			b[i] = '-'
		}
	}
	return string(b)
}

// binned counts a value of a distribution of a set.
type binned struct{ Measure, Bin int32 }

func (b binned) compare(o binned) int {
	return byUser(uint32(b.Measure), uint32(o.Measure), uint32(b.Bin), uint32(o.Bin))
}

func (b binned) check(*Env) error {
	if b.Measure < 0 || b.Bin < 0 {
		return fmt.Errorf("bin %d of measure %d, want 0 or more", b.Bin, b.Measure)
	}
	return nil
}
