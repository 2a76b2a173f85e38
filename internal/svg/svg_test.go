package svg

import (
	"math"
	"regexp"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{TickLabel(math.Copysign(0, -1)), "0"}, {TickLabel(0.30000000000000004), "0.3"}, {TickLabel(-2), "−2"},
		{Num(3), "3"}, {Num(0.54), ".5"}, {Num(-0.54), "-.5"}, {Num(0), "0"}, {Num(-0.04), "0"}, {Num(12.96), "13"},
		{TickLabel(NiceStep(0)), "1"}, {TickLabel(NiceStep(1.2)), "2"}, {TickLabel(NiceStep(200)), "200"}, {TickLabel(NiceStep(501)), "1000"},
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
		var p Path
		p.Add(pts, ring)
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
