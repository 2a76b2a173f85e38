package report

import (
	"math"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/citymap"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{share(0.3149), "0.31"}, {share(1), "1.00"}, {share(0), "0"}, {share(-0.2), "−0.20"}, {share(0.0005), "0.0005"}, {share(0.00349), "0.0035"},
		{share(1e-7), "< 0.0001"}, {share(math.NaN()), "–"}, {share(math.Inf(1)), "–"},
		{quantity(1234567.8), "1\u202f234\u202f568"}, {quantity(812.4), "812"}, {quantity(12.54), "12.5"}, {quantity(3), "3.00"},
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1\u202f000"}, {count(-1000), "−1\u202f000"},
		{percent(0), "0 %"}, {percent(0.0812), "8.1 %"}, {percent(0.0999), "10 %"}, {percent(1), "100 %"},
		{interval{0.314, 0.27, 0.352, true}.String(), "0.31 [0.27, 0.35]"}, {interval{0.31, 0.31, 0.31, true}.String(), "0.31"}, {interval{}.String(), "n/a"},
		{interval{0.0066, 0.00038, 0.0126, true}.String(), "0.007 [0.000, 0.013]"}, {interval{0, -0.001, 0.02, true}.String(), "0.00 [0.00, 0.02]"},
		{figure(interval{812.4, 700, 1893, true}), "812 [700, 1\u202f893]"},
		{metres(0, 0), "0 m"},
		{strconv.Itoa(tint(-1)), "0"}, {strconv.Itoa(tint(2)), "9"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestScaleTicks(t *testing.T) {
	s := scale{0, 0.8, 500, 0}
	ticks := s.ticks(5)
	if len(ticks) != 5 || ticks[0] != 0 || math.Abs(ticks[4]-0.8) > 1e-12 {
		t.Errorf("ticks of 0 … 0.8: %v", ticks)
	}
	if s.at(0.4) != 250 || s.at(7) != 0 || s.at(-7) != 500 {
		t.Errorf("positions %g %g %g", s.at(0.4), s.at(7), s.at(-7))
	}
}

// TestLabelsKeepApart: a crowd of a dozen points gets labels that neither
// cover each other nor leave the frame.
func TestLabelsKeepApart(t *testing.T) {
	frame := box{0, 0, 900, 500}
	var labels []label
	var marks []box
	for i := range 12 {
		x, y := 300+20*float64(i%4), 200+18*float64(i/4)
		labels = append(labels, label{lines: []string{"generalize 3 km, 1 h", "300 persons × 1 day"}[:1+i%2], size: 13, x: x, y: y, gap: 9})
		marks = append(marks, box{x - 6, y - 6, 12, 12})
	}
	placed := placeLabels(labels, marks, frame)
	for i, b := range placed {
		if b.outside(frame) > 1e-9 {
			t.Errorf("label %d leaves the frame: %v", i, b)
		}
		for j := range i {
			if b.overlap(placed[j]) > 0 {
				t.Errorf("labels %d and %d overlap", j, i)
			}
		}
	}
	if again := placeLabels(labels, marks, frame); again[7] != placed[7] {
		t.Error("the same labels were placed elsewhere")
	}
}

func TestSpread(t *testing.T) {
	boxes := []box{{100, 100, 20, 20}, {100, 100, 20, 20}, {110, 105, 40, 20}, {0, 0, 20, 20}}
	spread(boxes, box{0, 0, 300, 300})
	for i := range boxes {
		for j := range i {
			if boxes[i].overlap(boxes[j]) > 0.02 {
				t.Errorf("boxes %d and %d still overlap: %v %v", j, i, boxes[j], boxes[i])
			}
		}
	}
	if boxes[3] != (box{0, 0, 20, 20}) {
		t.Errorf("a box that touched nothing moved to %v", boxes[3])
	}
}

func TestSitesOf(t *testing.T) {
	proj := geo.NewProjection(orb.Point{7, 43})
	at := func(x float64) orb.Point { return proj.LonLat(geo.XY{X: x, Y: -40}) }
	cell := func(operator string, x float64) dataset.Cell {
		return dataset.Cell{Area: sigcity.Area{Operator: operator}, Antenna: at(x)}
	}
	cells := []dataset.Cell{cell("999-01", 0), cell("999-01", 0), cell("999-01", 900), cell("999-02", 0)}
	sites := sitesOf(cells, proj)
	if len(sites) != 2 || sites[0].Dist(geo.XY{Y: -40}) > 0.01 || sites[1].Dist(geo.XY{X: 900, Y: -40}) > 0.01 {
		t.Errorf("sites %v, want two", sites)
	}
	if name, n := citymap.LargestOperator(cells); name != "999-01" || n != 2 {
		t.Errorf("largest of %d operators is %q", n, name)
	}
}
