package report

import (
	"math"
	"regexp"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
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
		{tickLabel(math.Copysign(0, -1)), "0"}, {tickLabel(0.30000000000000004), "0.3"}, {tickLabel(-2), "−2"},
		{px(3), "3"}, {px(0.54), ".5"}, {px(-0.54), "-.5"}, {px(0), "0"}, {px(-0.04), "0"}, {px(12.96), "13"},
		{metres(0, 0), "0 m"},
		{strconv.Itoa(tint(-1)), "0"}, {strconv.Itoa(tint(2)), "9"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestPathKeepsPositions: whatever the polyline, every vertex is drawn at its
// place rounded to a tenth, however long the path (rounding never adds up).
func TestPathKeepsPositions(t *testing.T) {
	number := regexp.MustCompile(`[Mlz]|-?\d*\.?\d+`)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		ring := rapid.Bool().Draw(t, "ring")
		var pts []orb.Point
		for range n {
			pts = append(pts, orb.Point{rapid.Float64Range(-50, 1000).Draw(t, "x"), rapid.Float64Range(-50, 1000).Draw(t, "y")})
		}
		var p path
		p.add(pts, ring)
		var got []orb.Point
		var pair []float64
		relative := false
		for _, tok := range number.FindAllString(p.String(), -1) {
			switch tok {
			case "M":
				relative = false
				continue
			case "l":
				relative = true
				continue
			case "z":
				continue
			}
			v, err := strconv.ParseFloat(tok, 64)
			if err != nil {
				t.Fatal(err)
			}
			if pair = append(pair, v); len(pair) == 2 {
				q := orb.Point{pair[0], pair[1]}
				if relative {
					last := got[len(got)-1]
					q[0], q[1] = q[0]+last[0], q[1]+last[1]
				}
				got, pair = append(got, q), nil
			}
		}
		var want []orb.Point // rounded to tenths, the same place again left out
		for _, q := range pts {
			r := orb.Point{float64(tenths(q[0])) / 10, float64(tenths(q[1])) / 10}
			if math.Abs(r[0]-q[0]) > 0.0501 || math.Abs(r[1]-q[1]) > 0.0501 {
				t.Fatalf("%v is rounded to %v", q, r)
			}
			if len(want) == 0 || want[len(want)-1] != r {
				want = append(want, r)
			}
		}
		if len(want) < 2 || ring && len(want) < 3 {
			want = nil // a point, or a ring without an inside
		}
		if len(got) != len(want) {
			t.Fatalf("%d vertices in %s, want %d", len(got), p.String(), len(want))
		}
		for k := range want {
			if math.Abs(got[k][0]-want[k][0]) > 1e-6 || math.Abs(got[k][1]-want[k][1]) > 1e-6 {
				t.Fatalf("vertex %d is %v in %s, want %v", k, got[k], p.String(), want[k])
			}
		}
	})
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
	if name, n := largestOperator(cells); name != "999-01" || n != 2 {
		t.Errorf("largest of %d operators is %q", n, name)
	}
}
