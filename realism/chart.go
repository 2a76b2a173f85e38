package realism

// Mark is how a series of a chart is drawn.
type Mark uint8

const (
	Line   Mark = iota
	Steps       // X are edges, one more than Y
	Bars        // one for each of Labels
	Points      // circles
)

// Chart is a picture of one distribution, free of any drawing.
type Chart struct {
	Title      string
	X, Y       string // axes, with units
	LogX, LogY bool
	Every      float64  // between ticks of a linear x axis; 0 = round numbers
	Labels     []string // of bars
	Low, High  float64  // reference range on the x axis; NaN = none
	Series     []Series
}

// Series is one set of values of a chart. In logarithmic charts what is not
// positive is left out.
type Series struct {
	Name string
	Mark Mark
	X, Y []float64
}

// density is a histogram as steps of equal area.
func density(name string, b binned) Series {
	total := b.total()
	y := make([]float64, len(b.n))
	for i, n := range b.n {
		y[i] = n / total / b.width(i)
	}
	return Series{Name: name, Mark: Steps, X: b.edges, Y: y}
}

// curve is the density of a fit, on the scale of the share of values that it was
// fitted to.
func curve(name string, f fitted, part binned, share float64) Series {
	s := Series{Name: name}
	for i, p := range f.p {
		s.X, s.Y = append(s.X, part.mid(i)), append(s.Y, share*p/part.width(i))
	}
	return s
}

// single makes a chart of one series without a reference range.
func single(title, x, y string, s ...Series) Chart {
	return Chart{Title: title, X: x, Y: y, Low: open, High: open, Series: s}
}

// bars makes a chart of named numbers.
func bars(title, y string, labels []string, s ...Series) Chart {
	c := single(title, "", y, s...)
	c.Labels = labels
	return c
}

// logLog makes both axes logarithmic.
func (c Chart) logLog() Chart {
	c.LogX, c.LogY = true, true
	return c
}

// logX makes the x axis logarithmic.
func (c Chart) logX() Chart {
	c.LogX = true
	return c
}

// between marks the reference range.
func (c Chart) between(low, high float64) Chart {
	c.Low, c.High = low, high
	return c
}
